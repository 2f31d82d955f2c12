"""When the faults of a plant strike: before a run, all of them become spans of time."""

from __future__ import annotations

import calendar
import hashlib
import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from h2plant.plant.fault import Fault, Faults, Random, Span, Yearly

GRID_S = 60
"""Faults begin and end with whole minutes: all steps that a run may have see the same spans."""


class Outage(NamedTuple):
    """A span in which a fault strikes: whole minutes, seconds since 1970 UTC."""

    fault: Fault
    begin_s: int
    end_s: int

    @property
    def hours(self) -> float:
        """How long it is, h."""
        return (self.end_s - self.begin_s) / 3600.0


def outages(faults: Faults, start_s: int, n_s: int, timezone: str) -> list[Outage]:
    """Return when the faults of a plant strike in a run.

    Parameters
    ----------
    faults
        The faults, and the year of the plant's life.
    start_s, n_s
        Start of the run, seconds since 1970 UTC, and its length, s.
    timezone
        IANA zone of the plant's clock.

    Returns
    -------
    list of Outage
        Clipped to the run, by fault in the order of the file, then by time; those of one fault do not overlap.
    """
    found = []
    for fault in faults.of:
        spans = ((_minute(a), _minute(b)) for a, b in _spans(fault, faults.life_year, start_s, n_s, timezone))
        for begin, end in _merged(sorted((a, max(b, a + GRID_S)) for a, b in spans)):
            begin, end = max(begin, start_s), min(end, start_s + n_s)
            if begin < end:
                found.append(Outage(fault, begin, end))
    return found


def _minute(time_s: float) -> int:
    return round(time_s / GRID_S) * GRID_S


def _merged(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield spans, sorted by their begins, joined where they overlap."""
    last: tuple[int, int] | None = None
    for begin, end in spans:
        if last is not None and begin <= last[1]:
            last = last[0], max(last[1], end)
            continue
        if last is not None:
            yield last
        last = begin, end
    if last is not None:
        yield last


def _spans(fault: Fault, life_year: int, start_s: int, n_s: int, timezone: str) -> Iterator[tuple[float, float]]:
    when, end_s = fault.when, start_s + n_s
    if isinstance(when, Span):
        from_s = start_s if when.is_of_run else 0
        if life_year == 0 or not when.is_of_run:
            yield from_s + when.begin_s, from_s + when.end_s
        return
    zone = ZoneInfo(timezone)
    first, last = (datetime.fromtimestamp(t, UTC).astimezone(zone).year for t in (start_s, end_s))
    if isinstance(when, Yearly):
        for year in range(first - 1, last + 1):
            begin = _begin_of(when, year, zone)
            yield begin, begin + when.length_s
    else:
        for year in range(first, last + 1):
            yield from _drawn(fault, when, year, life_year, datetime(year, 1, 1, tzinfo=zone).timestamp(), end_s)


def _begin_of(when: Yearly, year: int, zone: ZoneInfo) -> float:
    day = min(when.day, calendar.monthrange(year, when.month)[1])
    local = datetime(year, when.month, day) + timedelta(hours=when.hour)
    return local.replace(tzinfo=zone).timestamp()


def _drawn(
    fault: Fault, when: Random, year: int, life_year: int, begin_s: float, end_s: float
) -> Iterator[tuple[float, float]]:
    """Yield the spans of a calendar year, which begins whole: each has a stream of numbers of its own.

    The stream follows from seed, name, component and year: another fault, or a run that begins later, changes nothing.
    """
    of_name = hashlib.sha256(f"{fault.name} {fault.component}".encode()).digest()
    words = [int.from_bytes(of_name[i : i + 4], "big") for i in range(0, 16, 4)]
    draws = np.random.default_rng(np.random.SeedSequence([fault.seed, year, life_year, *words]))
    over_s = min(end_s, begin_s + 366 * 86400.0)
    time_s = begin_s
    while True:
        time_s += draws.exponential(when.mtbf_s)
        if time_s >= over_s or datetime.fromtimestamp(time_s, UTC).year > year + 1:
            return
        end = time_s + draws.exponential(when.mttr_s)
        yield time_s, end
        time_s = end


def left_frac(found: Sequence[Outage], start_s: int, n_s: int) -> float:
    """Return the mean over a run of what faults leave of a component: each leaves its share of what others leave."""
    edges = sorted({start_s, start_s + n_s, *(t for one in found for t in (one.begin_s, one.end_s))})
    later = sorted(enumerate(found), key=lambda numbered: numbered[1].begin_s, reverse=True)
    lasting: dict[int, Outage] = {}
    total = 0.0
    for begin, end in itertools.pairwise(edges):
        lasting = {i: one for i, one in lasting.items() if one.end_s > begin}
        while later and later[-1][1].begin_s <= begin:
            i, one = later.pop()
            lasting[i] = one
        left = 1.0
        for i in sorted(lasting):
            left *= 1.0 - lasting[i].fault.share_frac
        total += left * (end - begin)
    return total / n_s
