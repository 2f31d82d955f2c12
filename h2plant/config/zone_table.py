"""Which country a time zone lies in, and where: the file ``zone.tab`` of the tz database."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from functools import lru_cache
from math import acos, cos, degrees, radians, sin
from pathlib import Path
from typing import NamedTuple
from zoneinfo import TZPATH

_COORDINATES = re.compile(r"([+-]\d{4,6})([+-]\d{5,7})")
_KM_PER_DEGREE = 111.2  # of a great circle


class ZonePlace(NamedTuple):
    """The place after which a zone is named: its country (ISO 3166, two letters), latitude and longitude in degrees."""

    country_id: str
    latitude: float
    longitude: float


@lru_cache(maxsize=1)
def zone_places() -> Mapping[str, ZonePlace]:
    """Return the place of each zone by its IANA name; nothing where the system has no such table.

    Aliases such as ``US/Eastern``, and zones without a place such as ``UTC``, are not in it.
    """
    package = importlib.util.find_spec("tzdata")
    folders = [Path(p).parent / "zoneinfo" for p in [package.origin] if p] if package is not None else []
    for folder in (*map(Path, TZPATH), *folders):
        file = folder / "zone.tab"
        if file.is_file():
            rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if line[:1] not in "#")
            return {row[2]: ZonePlace(row[0], *_degrees(row[1])) for row in rows if len(row) > 2}
    return {}


def _degrees(text: str) -> tuple[float, float]:
    """Return latitude and longitude of ``+DDMM+DDDMM`` or ``+DDMMSS+DDDMMSS``."""
    match = _COORDINATES.fullmatch(text)
    assert match is not None, text
    return _angle(match[1], 2), _angle(match[2], 3)


def _angle(text: str, n_digits: int) -> float:
    digits = text[1:]
    parts = (digits[:n_digits], digits[n_digits : n_digits + 2], digits[n_digits + 2 :] or "0")
    angle = sum(int(part) / 60.0**i for i, part in enumerate(parts))
    return -angle if text[0] == "-" else angle


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two places, each latitude and longitude in degrees, along a great circle, km."""
    (a, b), (c, d) = ((radians(x) for x in place) for place in (one, other))
    cosine = sin(a) * sin(c) + cos(a) * cos(c) * cos(b - d)
    return degrees(acos(min(1.0, max(-1.0, cosine)))) * _KM_PER_DEGREE


def distance_to_country_km(place: tuple[float, float], country_id: str) -> float | None:
    """Return how far a place is from the nearest place of a country's zones, km; None where there is no table."""
    found = [
        distance_km(place, (one.latitude, one.longitude))
        for one in zone_places().values()
        if one.country_id == country_id
    ]
    return min(found, default=None)
