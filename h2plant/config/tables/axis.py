"""The time axis of a table: resolution, order, gaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from h2plant.config.tables.clock import CALENDAR_S, is_zone, n_jumps, to_utc
from h2plant.config.tables.interval import ends_fit
from h2plant.config.tables.table import BEYOND_YEARS, YEAR_REMEDY, At, Flaws, Seconds, Stamps, Table
from h2plant.config.tables.times import stamps_of, time_columns
from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import Description

FINEST_S = 60
HOUR_S = 3600
_DAY_S = 86400
_FEWEST_DAYS_BETWEEN_CHANGES = 21
_SHORTEST_MONTH_S, _LONGEST_MONTH_S = 28 * _DAY_S - HOUR_S, 31 * _DAY_S + HOUR_S


_Unit = Literal["day", "month"]
_Beyond = Callable[[_Unit, int], Seconds]


@dataclass(frozen=True, eq=False)
class Axis:
    """A uniform time axis with the place of each row on it, and how much of it each row is.

    Parameters
    ----------
    first_s
        Start of the first interval, seconds since 1970 UTC.
    resolution_s
        Length of an interval: of the finest rows, where the file has several resolutions.
    n
        Number of intervals, gaps included.
    index
        The interval with which each row begins.
    gaps
        Line after the gap, first and last interval (one past it) that is missing, and what in words, for each gap.
    n_intervals
        How many intervals each row lasts; all 1 where the file has one resolution.
    zone
        The clock that its times follow.
    at
        Where in its interval a stamp lies.
    is_typical
        Whether the rows are those of a typical year.
    is_instant
        Whether the values are those of the instant of their stamp.
    notes
        How its times were read, in words.
    """

    first_s: int
    resolution_s: int
    n: int
    index: Seconds
    gaps: tuple[tuple[int, int, int, str], ...]
    n_intervals: Seconds
    zone: str = "UTC"
    at: At = "start"
    is_typical: bool = False
    is_instant: bool = False
    notes: tuple[str, ...] = ()


def show_time(seconds: float) -> str:
    """Return seconds since 1970 UTC as ``2023-01-01T00:00Z``."""
    stamp = datetime.fromtimestamp(seconds, UTC)
    return stamp.strftime("%Y-%m-%dT%H:%MZ" if stamp.second == 0 else "%Y-%m-%dT%H:%M:%SZ")


def time_axis(table: Table, how: Description, assumed_zone: str, findings: list[Finding]) -> Axis | None:
    """Find the time axis of a table.

    Parameters
    ----------
    table
        The file's columns.
    how
        What an entry says of its times.
    assumed_zone
        Zone of the plant: see ``clock.to_utc``.
    findings
        What is wrong is appended here.

    Returns
    -------
    Axis or None
        None where no axis could be made.
    """
    flaws = Flaws(table.file, findings)
    stamps = stamps_of(table, how, flaws)
    if stamps is None:
        return None
    if table.n_rows < 2:
        remedy = "write at least two rows, so that the resolution can be seen, or use 'constant:'"
        flaws.add("empty-file", "there is only one row", remedy, int(table.lines[0]))
        return None
    at: At = how.stamps or stamps.at or "start"
    if not _are_in_calendar(stamps, table, flaws):
        return None
    found = _in_utc(stamps, at, table, how, assumed_zone, flaws)
    if found is None:
        return None
    times, zone, note = found
    if not _is_in_order(times, stamps, table, how, flaws):
        return None
    unit = None if _wanders(stamps, times) else _calendar_unit(np.diff(times))
    axis = _axis(times, unit, _next_of(stamps, times, zone), table, at, flaws)
    if axis is None:
        return None
    lasting = axis.n_intervals * axis.resolution_s
    if at == "start" and not ends_fit(stamps, times, lasting, how.time_format, how.year is not None, table, flaws):
        return None
    notes = [one for one in (stamps.note, note) if one]
    if stamps.at is not None and how.stamps is None and stamps.at != "start":
        notes.append(f"stamps at the {stamps.at} of their interval")
    is_instant = stamps.is_instant and at == "start"
    return replace(axis, zone=zone, at=at, is_typical=stamps.is_typical, is_instant=is_instant, notes=tuple(notes))


def _are_in_calendar(stamps: Stamps, table: Table, flaws: Flaws) -> bool:
    """Check that each time lies in the years that are read."""
    first, last = CALENDAR_S
    beyond = np.flatnonzero((stamps.local_s < first) | (stamps.local_s > last))
    if beyond.size:
        i = int(beyond[0])
        flaws.add("bad-time", f"'{stamps.written[i]}' {BEYOND_YEARS}", YEAR_REMEDY, int(table.lines[i]))
    return not beyond.size


def _in_utc(
    stamps: Stamps, at: At, table: Table, how: Description, assumed: str, flaws: Flaws
) -> tuple[Seconds, str, str] | None:
    """Return the stamps in UTC.

    Where they end intervals, a file writes what the clock shows then, or the beginning's time and one step more; the
    two differ at clock changes, and that counts in which the rows follow one another more evenly.
    """
    usual = int(np.median(np.diff(stamps.local_s)))
    is_known = bool(table.taken_for)
    if at != "end" or stamps.offset_s is not None or usual >= _DAY_S:
        return to_utc(stamps, table.lines, how.timezone, assumed, flaws, is_known)
    begins = replace(stamps, local_s=stamps.local_s - usual)
    quiet = Flaws(table.file, [])
    counted, shown = (to_utc(one, table.lines, how.timezone, assumed, quiet, is_known) for one in (begins, stamps))
    if counted is None or shown is None:
        if shown is None:
            found = to_utc(begins, table.lines, how.timezone, assumed, flaws, is_known)
            return None if found is None else (found[0] + usual, *found[1:])
        return shown
    counted = (counted[0] + usual, *counted[1:])
    if np.array_equal(counted[0], shown[0]):
        return counted
    n_counted, n_shown = n_jumps(counted[0]), n_jumps(shown[0])
    if n_counted == n_shown:
        i = int((counted[0] != shown[0]).argmax())
        what = f"'{stamps.written[i]}' may be what the clock shows at the end, or the hour before it and one more"
        flaws.add(
            "ambiguous-time", what, "write times with their offset, or where intervals begin", int(table.lines[i])
        )
        return None
    return counted if n_counted < n_shown else shown


# Order ---------------------------------------------------------------------------------------------------------------
def _is_in_order(times: Seconds, stamps: Stamps, table: Table, how: Description, flaws: Flaws) -> bool:
    steps = np.diff(times)
    cells = stamps.written
    twice = [
        (int(table.lines[i + 1]), f"'{cells[i + 1]}' is the same time as in line {table.lines[i]}")
        for i in np.flatnonzero(steps == 0).tolist()
    ]
    back = [
        (int(table.lines[i + 1]), f"'{cells[i + 1]}' lies before '{cells[i]}' in line {table.lines[i]}")
        for i in np.flatnonzero(steps < 0).tolist()
    ]
    several = {name: found for name in table.series_keys if len(found := sorted(set(table.text(name)))) > 1}
    if several and not twice and not back:
        _find_several("rows of several series follow one another", several, int(table.lines[0]), flaws)
        return False
    if not twice and not back:
        return True
    telling = telling_columns(table, how) if len(twice) + len(back) > 1 else {}
    if telling:
        line = min(line for line, _ in [*twice, *back])
        _find_several("several rows stand for one time", telling, line, flaws)
        return False
    if len(back) == len(steps):
        flaws.add("unordered-time", "the newest row stands first", "sort the rows by time", int(table.lines[0]))
        return False
    if (overlap := _overlap(times, table)) is not None:
        flaws.add("overlap", *overlap)
        return False
    flaws.add_many(
        "duplicate-time", twice, "keep one row for each time; local times need 'timezone:' for the clock change"
    )
    flaws.add_many("unordered-time", back, "sort the rows by time; local times need 'timezone:' for the clock change")
    return False


def _overlap(times: Seconds, table: Table) -> tuple[str, str, int] | None:
    """Return what is wrong where the rows go back once, by more than a clock change, to times that they have had."""
    back = np.flatnonzero(np.diff(times) < 0)
    if back.size != 1:
        return None
    begin = int(back[0]) + 1
    place = np.searchsorted(times[:begin], times[begin:])
    is_again = times[np.minimum(place, begin - 1)] == times[begin:]
    n = int(is_again.sum())
    if not is_again[0] or times[begin - 1] - times[begin] < HOUR_S or n < 2:
        return None
    cells = [table.text(name) for name in table.columns]
    pairs = zip(np.flatnonzero(is_again).tolist(), place[is_again].tolist(), strict=True)
    differ = [i for i, k in pairs if any(column[begin + i] != column[k] for column in cells)]
    first, last = table.lines[begin], table.lines[begin + int(np.flatnonzero(is_again)[-1])]
    what = f"lines {first} to {last} are of times that lines before have already: two files overlap"
    if differ:
        what += f", and {len(differ)} of the {n} rows differ, as line {table.lines[begin + differ[0]]}"
        return what, "keep one row for each time: those of the newer file", int(first)
    return what, f"delete lines {first} to {last}: they are the same", int(first)


def _find_several(how_so: str, columns: Mapping[str, list[str]], line: int, flaws: Flaws) -> None:
    what = f"{how_so}; they differ in "
    what += " and ".join(f"'{name}' ({', '.join(values[:6])})" for name, values in columns.items())
    chosen = ", ".join(f'"{name}": "{values[0]}"' for name, values in columns.items())
    flaws.add("several-rows", what, f"say which rows to read, as 'filter: {{{chosen}}}'", line)


def telling_columns(table: Table, how: Description) -> Mapping[str, list[str]]:
    """Return the columns of few texts that tell rows of one time apart, with their texts."""
    times = time_columns(table, how)
    found: dict[str, list[str]] = {}
    for name, cells in table.columns.items():
        if name in times or not isinstance(cells, list):
            continue
        values = list(dict.fromkeys(cell.strip() for cell in cells))
        if 1 < len(values) <= max(table.n_rows // 4, 2) and len(values) <= 100 and not _are_numbers(values):
            found[name] = values
    return found


def _are_numbers(values: list[str]) -> bool:
    def is_one(value: str) -> bool:
        try:
            float(value.replace(",", ".") or "0")
        except ValueError:
            return False
        return True

    return all(map(is_one, values))


# Resolution ----------------------------------------------------------------------------------------------------------
def _axis(times: Seconds, unit: _Unit | None, beyond: _Beyond, table: Table, at: At, flaws: Flaws) -> Axis | None:
    steps = np.diff(times)
    lengths, counts = np.unique(steps, return_counts=True)
    usual = int(lengths[counts.argmax()])
    if table.taken_for and usual > HOUR_S:
        what = f"one row every {usual / 3600:g} hours, where a file of {table.taken_for} has one an hour or more"
        flaws.add("resolution", what, "complete the file, or take more of it", int(table.lines[1]))
        return None
    if unit is not None and at == "middle":
        what = f"rows of a {unit} each, with stamps in their middle: how long each lasts cannot be told"
        flaws.add("resolution", what, "give the beginning of each, and drop 'stamps:'", int(table.lines[0]))
        return None
    if unit is None:
        if not is_resolution(usual):
            remedy = "bring the series to a resolution of 1 to 60 minutes that divides the hour, or to whole hours"
            flaws.add("resolution", f"one row every {usual / 60:g} minutes", remedy, int(table.lines[1]))
            return None
        lasting = _lasting(steps, usual, at)
    else:
        lasting = steps
    uneven = np.flatnonzero(lasting == 0)
    if uneven.size:
        what = "{:g} minutes after the row before, where others are {:g}"
        found = [(int(table.lines[i + 1]), what.format(steps[i] / 60, usual / 60)) for i in uneven.tolist()]
        flaws.add_many("uneven-time", found, f"give one row every {usual / 60:g} minutes")
        return None
    is_gap = steps > lasting
    # a step says how long the row before it lasts, or with stamps at the end the row behind it
    if at == "end":
        first = lasting[:1] if unit is None else times[:1] - beyond(unit, -1)
        lasting = np.concatenate((first, lasting))
        begins = times - lasting
    else:
        last = lasting[-1:] if unit is None else beyond(unit, 1) - times[-1:]
        lasting = np.concatenate((lasting, last))
        begins = times - lasting // 2 if at == "middle" else times
    resolution = int(np.gcd.reduce(lasting))
    index = (begins - begins[0]) // resolution
    n_intervals = lasting // resolution
    gaps = tuple(
        (
            int(table.lines[i + 1]),
            int(index[i] + n_intervals[i]),
            int(index[i + 1]),
            f"{(index[i + 1] - index[i] - n_intervals[i]) * resolution // lasting[i]} rows missing between "
            f"{show_time(times[i])} and {show_time(times[i + 1])}",
        )
        for i in np.flatnonzero(is_gap).tolist()
    )
    return Axis(int(begins[0]), resolution, int(index[-1] + n_intervals[-1]), index, gaps, n_intervals)


def is_resolution(step_s: int) -> bool:
    """Whether rows may follow one another by so many seconds: minutes that divide the hour, or whole hours."""
    if step_s <= HOUR_S:
        return step_s >= FINEST_S and HOUR_S % step_s == 0
    return step_s % HOUR_S == 0


def _calendar_unit(steps: Seconds) -> _Unit | None:
    """Return whether rows last a day or a month of a clock each, which differ in length; None where they do not."""
    if ((np.abs(steps - _DAY_S) <= HOUR_S) & (steps % (HOUR_S // 2) == 0)).all() and (steps != _DAY_S).any():
        # of 23 or 25 hours; clocks change months apart
        return "day" if (np.diff(np.flatnonzero(steps != _DAY_S)) > _FEWEST_DAYS_BETWEEN_CHANGES).all() else None
    is_month = (steps >= _SHORTEST_MONTH_S) & (steps <= _LONGEST_MONTH_S) & (steps % (HOUR_S // 2) == 0)
    return "month" if len(steps) > 1 and is_month.all() else None


def _wanders(stamps: Stamps, times: Seconds) -> bool:
    """Whether a local clock shows another time of day in some rows: then they are no days or months of that clock."""
    shown = stamps.local_s % _DAY_S
    return stamps.offset_s is None and bool((stamps.local_s != times).any() and (shown != shown[0]).any())


def _next_of(stamps: Stamps, times: Seconds, zone: str) -> _Beyond:
    """Return what tells when the day or month before the first stamp began, and the one of the last stamp ends."""

    def beyond(unit: _Unit, side: int) -> Seconds:
        i = 0 if side < 0 else -1
        local = int(stamps.local_s[i])
        if unit == "day":
            local += side * _DAY_S
        else:
            month = np.datetime64(local // _DAY_S, "D").astype("datetime64[M]")
            rest = local - int(month.astype("datetime64[D]").astype(np.int64)) * _DAY_S
            local = int((month + side).astype("datetime64[D]").astype(np.int64)) * _DAY_S + rest
        offset = int(stamps.local_s[i] - times[i])
        if is_zone(zone):
            shown = datetime.fromtimestamp(local, UTC).replace(tzinfo=ZoneInfo(zone))
            offset = round((shown.utcoffset() or timedelta(0)).total_seconds())
        return np.array([local - offset], dtype=np.int64)

    return beyond


def _lasting(steps: Seconds, usual: int, at: At) -> Seconds:
    """Return how long the row lasts that each step belongs to, s; 0 where that cannot be told.

    The most frequent step is the file's resolution. Steps of another length are a resolution of their own (hours that
    become quarter hours) where at least two begin or end the file, or where they last a day. Any other longer step is
    a gap behind a row (before it, with stamps at the end) as long as its neighbours.
    """
    first = np.flatnonzero(np.concatenate(([True], steps[1:] != steps[:-1])))
    count = np.diff(np.append(first, steps.size))
    length = steps[first]
    is_at_edge = (first == 0) | (first + count == steps.size)
    is_own = (count >= 2) & (is_at_edge | (count * length >= _DAY_S)) & (length <= max(usual, HOUR_S))
    allowed = np.array([is_resolution(int(s)) for s in length.tolist()])
    is_known = (length == usual) | (allowed & is_own)
    known = np.repeat(is_known, count)
    if known.all():
        return steps
    places = np.flatnonzero(known)
    nearest_place = np.searchsorted(places, np.arange(steps.size))
    before = steps[places[np.maximum(nearest_place - 1, 0)]]
    behind = steps[places[np.minimum(nearest_place, places.size - 1)]]
    lasting = np.zeros_like(steps)
    for neighbour in (before, behind) if at == "end" else (behind, before):  # the later one wins
        lasting = np.where(steps % neighbour == 0, neighbour, lasting)
    return np.where(known, steps, lasting)
