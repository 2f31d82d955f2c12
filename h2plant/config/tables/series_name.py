"""The series that a column would feed: its name, from what the file or the header says that it holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from h2plant.config.tables.table import Table
from h2plant.config.tables.units import Foreign, known, unit_of_text
from h2plant.config.weather import UNITS
from h2plant.core.units import split_name

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_HEIGHT = re.compile(r"(?<![a-z0-9])(\d{1,3})\s*-?m(?![a-z0-9/])|[a-z](\d{1,3})m(?![a-z0-9])")

_WORDS: tuple[tuple[str, frozenset[str], str], ...] = (
    # SI unit, words of which one stands in the header (as a beginning of a word), stem of the series' name
    ("k", frozenset({"dew", "taupunkt"}), "dew_point"),
    ("k", frozenset({"soil", "ground", "sea", "river", "water", "coolant"}), ""),
    (
        "k",
        frozenset({"temp", "t2m", "tair", "air", "ambient", "dry", "lufttemp", "aussentemp", "außentemp"}),
        "temp_air",
    ),
    ("m_per_s", frozenset({"gust", "wind gust", "boe", "current"}), ""),
    ("m_per_s", frozenset({"wind", "ws", "wspd", "speed"}), "wind_speed"),
    ("w_per_m2", frozenset({"ghi", "global", "shortwave"}), "ghi"),
    ("w_per_m2", frozenset({"dni", "beam", "direct"}), "dni"),
    ("w_per_m2", frozenset({"dhi", "diffus"}), "dhi"),
    ("w_per_m2", frozenset({"poa", "gti", "tilted"}), "poa"),
    ("pa", frozenset({"pressure", "luftdruck", "druck", "air", "sp"}), "pressure_air"),
    ("frac", frozenset({"rh", "humidity", "feuchte"}), "relative_humidity"),
    ("eur_per_j", frozenset({""}), "price"),
    ("kg_per_j", frozenset({""}), "carbon_intensity"),
    ("pu", frozenset({"wind"}), "wind_power"),
    ("pu", frozenset({"pv", "solar"}), "pv_power"),
)
_CHANCE = frozenset({"min", "a", "t", "m", "s", "g", "l", "h", "k", "v", "w", "c", "day", "week", "year", "hour"})
_PRICE = re.compile(r"(?i)price|preis|precio|prix|prijs|pris|spot|rrp")


_UNITS = {**UNITS, "price": "eur_per_mwh"}
"""Units in which the names of series of known quantities end, whatever the unit of the file."""


class Feed(NamedTuple):
    """Name of the series that a column would feed, and whether that says what it holds, not its unit alone."""

    series: str
    is_known: bool


class _Held(NamedTuple):
    stem: str
    suffix: str
    height_m: float | None = None
    is_known: bool = False


def named_like_a_price(column: str) -> bool:
    """Whether a column is named like a price, whatever its unit."""
    return _PRICE.search(column) is not None


def unit_of(table: Table, column: str) -> str:
    """Return the unit of a column's numbers as the file has it; '' where it says none."""
    written = table.units.get(column, "")
    if written:
        return written
    if column in table.quantities:
        return table.quantities[column].unit
    return column[len(split_name(column)[0]) + 1 :] if _is_named_as_a_series(column.lower()) else ""


def suffix_of(table: Table, column: str) -> str | None:
    """Return the unit of a column's numbers as ``units.known`` takes it; None where it is not known."""
    if column in table.quantities:
        return table.quantities[column].unit or None
    if table.units.get(column):
        return unit_of_text(table.units[column])
    return unit_of(table, column).lower() or None


def feeds(table: Table, columns: list[str]) -> Mapping[str, Feed]:
    """Return the series that each column would feed, for those of which file or header say enough.

    A column that is named as series are keeps its name. Of several of one quantity each gets its height, else the
    words of its header.
    """
    found: dict[str, Feed] = {}
    stems: dict[str, _Held] = {}
    for column in columns:
        if _is_named_as_a_series(column) and column not in table.quantities:
            found[column] = Feed(column, True)
            continue
        held = _held(table, column)
        if held is not None:
            stems[column] = held
    n_alike: dict[tuple[str, str], int] = {}
    for stem, suffix, *_ in stems.values():
        n_alike[stem, suffix] = n_alike.get((stem, suffix), 0) + 1
    taken = {feed.series for feed in found.values()}
    for column, (stem, suffix, height, is_known) in stems.items():
        is_alone = n_alike[stem, suffix] == 1
        middle = "" if is_alone and stem != "wind_speed" else f"_{height:g}m" if height else ""
        if not middle and not is_alone and (own := _own_words(column, stem)):
            middle = f"_{own}"
        name = f"{stem}{middle.replace('.', '_')}_{suffix}"
        if name in taken:
            name = f"{stem}_{_slug(column)}_{suffix}"
        if name not in taken:
            taken.add(name)
            found[column] = Feed(name, is_known)
    return {column: found[column] for column in columns if column in found}


def _is_named_as_a_series(column: str) -> bool:
    """Whether a column's name ends in a unit, and not in a word that is a unit by chance (``price_min``)."""
    stem, unit = split_name(column)
    return _NAME.fullmatch(column) is not None and unit is not None and column[len(stem) + 1 :] not in _CHANCE


def _held(table: Table, column: str) -> _Held | None:
    """Return stem, unit suffix and height of the series that a column would feed."""
    quantity = table.quantities.get(column)
    written = suffix_of(table, column)
    if written is None or isinstance(written, Foreign):
        return None
    measured = known(written)
    if measured is None:
        return None
    suffix = {"percent": "frac", "ct_per_kwh": "eur_per_mwh"}.get(written, written)
    if quantity is not None:
        return _Held(quantity.name, _UNITS.get(quantity.name, suffix), quantity.height_m, True)
    bare = _plain(re.sub(r"[\[(][^\[\]()]*[\])]\s*$", "", column))
    for si, words, stem in _WORDS:
        if measured[0].si == si and any(re.search(rf"(?<![a-z]){word}", bare) for word in words):
            height = _HEIGHT.search(bare)
            at = float(next(filter(None, height.groups()))) if height is not None else None
            return _Held(stem or _slug(bare), _UNITS.get(stem, suffix), at, bool(stem))
    slug = _slug(bare)
    return _Held(slug, suffix) if slug else None


def _own_words(column: str, stem: str) -> str:
    """Return the words of a header besides its unit and what it measures."""
    bare = re.sub(r"[\[(][^\[\]()]*[\])]", " ", column)
    return _slug(split_name(_slug(bare))[0]).removeprefix(f"{stem}_")


def _plain(text: str) -> str:
    """Return a text in lower case without accents."""
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(ch for ch in parts if not unicodedata.combining(ch)).replace("_", " ")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", _plain(text)).strip("_").lstrip("0123456789_")
