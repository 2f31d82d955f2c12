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
    """A span in which a fault strikes: whole minutes, seconds since 1970 UTC; whether it begins in the run."""

    fault: Fault
    begin_s: int
    end_s: int
    is_begun: bool = True

    @property
    def hours(self) -> float:
        """How long it is, h."""
        return (self.end_s - self.begin_s) / 3600.0

    @property
    def each_eur(self) -> float:
        """What is paid once for it: in the run in which it begins."""
        return self.fault.cost_eur if self.is_begun else 0.0

    @property
    def eur(self) -> float:
        """What it costs in all."""
        return self.each_eur + self.fault.cost_eur_per_s * (self.end_s - self.begin_s)


class _Stretch(NamedTuple):
    """A span that is not clipped to a run yet: begin and end, s; whether the fault was there before it."""

    begin_s: float
    end_s: float
    is_from_before: bool = False


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
        spans = (_in_minutes(one) for one in _spans(fault, faults.life_year, start_s, n_s, timezone))
        for one in _merged(sorted(spans)):
            begin, end = max(one.begin_s, start_s), min(one.end_s, start_s + n_s)
            if begin < end:
                is_begun = one.begin_s >= start_s and not one.is_from_before
                found.append(Outage(fault, round(begin), round(end), is_begun))
    return found


def _in_minutes(one: _Stretch) -> _Stretch:
    begin = _minute(one.begin_s)
    return one._replace(begin_s=begin, end_s=max(_minute(one.end_s), begin + GRID_S))


def _minute(time_s: float) -> int:
    return round(time_s / GRID_S) * GRID_S


def _merged(spans: Sequence[_Stretch]) -> Iterator[_Stretch]:
    """Yield spans, sorted by their begins, joined where they overlap."""
    last: _Stretch | None = None
    for one in spans:
        if last is not None and one.begin_s <= last.end_s:
            last = last._replace(end_s=max(last.end_s, one.end_s))
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _spans(fault: Fault, life_year: int, start_s: int, n_s: int, timezone: str) -> Iterator[_Stretch]:
    when, end_s = fault.when, start_s + n_s
    if isinstance(when, Span):
        from_s = start_s if when.is_of_run else 0
        if life_year == 0 or not when.is_of_run:
            yield _Stretch(from_s + when.begin_s, from_s + when.end_s)
        return
    zone = ZoneInfo(timezone)
    first, last = (datetime.fromtimestamp(t, UTC).astimezone(zone).year for t in (start_s, end_s))
    if isinstance(when, Yearly):
        for year in range(first - 1, last + 1):
            begin = _begin_of(when, year, zone)
            yield _Stretch(begin, begin + when.length_s)
    else:
        for year in range(first, last + 1):
            begin, end = (datetime(one, 1, 1, tzinfo=zone).timestamp() for one in (year, year + 1))
            yield from _drawn(_stream(fault, year, life_year), when, begin, end)


def _begin_of(when: Yearly, year: int, zone: ZoneInfo) -> float:
    day = min(when.day, calendar.monthrange(year, when.month)[1])
    local = datetime(year, when.month, day) + timedelta(hours=when.hour)
    return local.replace(tzinfo=zone).timestamp()


def _stream(fault: Fault, year: int, life_year: int) -> np.random.SeedSequence:
    """Return the stream of numbers of a calendar year.

    It follows from seed, name, component and year: another fault, or a run that begins later, changes nothing.
    """
    of_name = hashlib.sha256(f"{fault.name} {fault.component}".encode()).digest()
    words = [int.from_bytes(of_name[i : i + 4], "big") for i in range(0, 16, 4)]
    return np.random.SeedSequence([fault.seed, year, life_year, *words])


def _drawn(stream: np.random.SeedSequence, when: Random, begin_s: float, end_s: float) -> Iterator[_Stretch]:
    """Yield the spans of a calendar year, clipped to it.

    It begins as any moment of a long life would: out with the share of time that is out then. What is left of the
    repair is exponential as the whole is. So no year needs to know of the one before, and none is better than others.
    """
    draws, at_begin = np.random.default_rng(stream), np.random.default_rng(stream.spawn(1)[0])
    time_s = begin_s
    if at_begin.random() < when.out_frac:
        time_s += at_begin.exponential(when.mttr_s)
        yield _Stretch(begin_s, min(time_s, end_s), is_from_before=True)
    while (time_s := time_s + draws.exponential(when.mtbf_s)) < end_s:
        begin, time_s = time_s, time_s + draws.exponential(when.mttr_s)
        yield _Stretch(begin, min(time_s, end_s))


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
