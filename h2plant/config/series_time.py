"""The time axis of a series file: stamps to UTC, resolution, order, gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from h2plant.config.series_file import Flaws, Table
from h2plant.plant.finding import Finding, nearest

TIME_COLUMNS = (
    *("time_utc", "time", "timestamp_utc", "timestamp", "datetime_utc", "datetime", "date_time_utc", "date_time"),
    *("time_local", "utc", "utc_time", "date", "__index_level_0__"),
)
FINEST_S = 60
COARSEST_S = 3600
_DAY_S = 86400

_EPOCH = datetime(1970, 1, 1)
_SECOND = timedelta(seconds=1)
_ALIKE = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.0+)?)?)(Z|[+-][0-9]{2}:[0-9]{2})?"
)

Seconds = NDArray[np.int64]


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
        Line after the gap and what is missing, for each gap.
    n_intervals
        How many intervals each row lasts; all 1 where the file has one resolution.
    """

    first_s: int
    resolution_s: int
    n: int
    index: Seconds
    gaps: tuple[tuple[int, str], ...]
    n_intervals: Seconds


def show_time(seconds: float) -> str:
    """Return seconds since 1970 UTC as ``2023-01-01T00:00Z``."""
    stamp = datetime.fromtimestamp(seconds, UTC)
    return stamp.strftime("%Y-%m-%dT%H:%MZ" if stamp.second == 0 else "%Y-%m-%dT%H:%M:%SZ")


def time_axis(
    table: Table,
    time_column: str | None,
    timezone: str | None,
    stamps: Literal["start", "end"],
    findings: list[Finding],
) -> Axis | None:
    """Find the time axis of a table.

    Parameters
    ----------
    table
        The file's columns.
    time_column
        Name of the column with the stamps; found by name if None.
    timezone
        IANA zone of stamps without offset; UTC if None or if the column's name ends in ``_utc``.
    stamps
        Whether a stamp is the start or the end of its interval.
    findings
        What is wrong is appended here.

    Returns
    -------
    Axis or None
        None where no axis could be made. In an hour that the clock shows twice, the first rows are summer time,
        and winter time begins where the clock jumps back.
    """
    flaws = Flaws(table.file, findings)
    name = _time_column(table, time_column, flaws)
    if name is None:
        return None
    zone = None if timezone is None or name.lower().endswith("utc") else ZoneInfo(timezone)
    cells = table.columns[name]
    if not isinstance(cells, list) and cells.dtype.kind != "M":
        flaws.add("bad-time", f"the column '{name}' holds numbers, not times", _TIME_REMEDY, 1)
        return None
    text = cells if isinstance(cells, list) else np.datetime_as_string(cells.astype("datetime64[us]")).tolist()
    times = _alike_to_utc(text) if zone is None else None
    if times is None:
        times = _to_utc(text, table, zone, flaws)
    if times is None or not _is_in_order(times, text, table, flaws):
        return None
    return _axis(times, table, stamps, flaws)


_TIME_REMEDY = "write times as ISO 8601: '2023-01-01T00:00Z', '2023-01-01 00:00+01:00' or '2023-01-01 00:00'"


def _time_column(table: Table, wanted: str | None, flaws: Flaws) -> str | None:
    if wanted is not None:
        if wanted in table.columns:
            return wanted
        flaws.add("no-such-column", f"there is no time column '{wanted}'", nearest(wanted, table.columns), 1)
        return None
    by_lower = {column.lower().replace(" ", "_"): column for column in table.columns}
    for candidate in TIME_COLUMNS:
        if candidate in by_lower:
            return by_lower[candidate]
    remedy = (
        f"name it 'time_utc' or 'time', or say which with 'time_column:'; the columns are {', '.join(table.columns)}"
    )
    flaws.add("no-time-column", "no column is named like a time", remedy, 1)
    return None


def _alike_to_utc(cells: Sequence[str]) -> Seconds | None:
    """Convert stamps that are all written alike, to the minute or second, with one offset or none; else None."""
    match = _ALIKE.fullmatch(cells[0])
    if match is None:
        return None
    n, suffix = len(cells[0]), match[2] or ""
    if not all(len(cell) == n and cell.endswith(suffix) for cell in cells):
        return None
    first = datetime.fromisoformat(cells[0])
    try:
        local_us = np.array([cell[: n - len(suffix)] for cell in cells], dtype="datetime64[us]").astype(np.int64)
    except ValueError:
        return None
    if (local_us % 1_000_000).any():
        return None
    return np.asarray(local_us // 1_000_000 - (first.utcoffset() or timedelta(0)) // _SECOND, dtype=np.int64)


def _to_utc(cells: Sequence[str], table: Table, zone: ZoneInfo | None, flaws: Flaws) -> Seconds | None:
    times = np.empty(len(cells), dtype=np.int64)
    bad: list[tuple[int, str]] = []
    skipped: list[tuple[int, str]] = []
    before = -(1 << 62)
    for i, cell in enumerate(cells):
        try:
            stamp = datetime.fromisoformat(cell.strip())
        except ValueError:
            bad.append((int(table.lines[i]), f"'{cell}' is not a time"))
            continue
        offset = stamp.utcoffset()
        if offset is None and zone is not None:
            # an hour that never was has the offset before the jump at fold 0, an hour shown twice that after it
            offset, later = (stamp.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
            assert offset is not None and later is not None
            if later > offset:
                skipped.append((int(table.lines[i]), f"'{cell}' does not exist in {zone.key}: the clock skips it"))
                continue
            if later < offset and (stamp - offset - _EPOCH) // _SECOND <= before:
                offset = later
        naive = stamp.replace(tzinfo=None) - _EPOCH
        if offset is not None:
            naive -= offset
        if naive.microseconds:
            bad.append((int(table.lines[i]), f"'{cell}' has a fraction of a second"))
            continue
        before = naive.days * 86400 + naive.seconds
        times[i] = before
    flaws.add_many("bad-time", bad, _TIME_REMEDY)
    remedy = "check 'timezone:'; a file without daylight saving is in UTC or has a fixed offset such as 'Etc/GMT-1'"
    flaws.add_many("nonexistent-time", skipped, remedy)
    return None if bad or skipped else times


def _is_in_order(times: Seconds, cells: Sequence[str], table: Table, flaws: Flaws) -> bool:
    if len(times) < 2:
        remedy = "write at least two rows, so that the resolution can be seen, or use 'constant:'"
        flaws.add("empty-file", "there is only one row", remedy, int(table.lines[0]))
        return False
    steps = np.diff(times)
    twice = [
        (int(table.lines[i + 1]), f"'{cells[i + 1]}' is the same time as in line {table.lines[i]}")
        for i in np.flatnonzero(steps == 0).tolist()
    ]
    back = [
        (int(table.lines[i + 1]), f"'{cells[i + 1]}' lies before '{cells[i]}' in line {table.lines[i]}")
        for i in np.flatnonzero(steps < 0).tolist()
    ]
    flaws.add_many(
        "duplicate-time", twice, "keep one row for each time; local times need 'timezone:' for the clock change"
    )
    flaws.add_many("unordered-time", back, "sort the rows by time; local times need 'timezone:' for the clock change")
    return not (twice or back)


def _axis(times: Seconds, table: Table, stamps: str, flaws: Flaws) -> Axis | None:
    steps = np.diff(times)
    lengths, counts = np.unique(steps, return_counts=True)
    usual = int(lengths[counts.argmax()])
    if not _is_resolution(usual):
        remedy = "bring the series to a resolution of 1 to 60 minutes that divides the hour"
        flaws.add("resolution", f"one row every {usual / 60:g} minutes", remedy, int(table.lines[1]))
        return None
    lasting = _lasting(steps, usual, stamps)
    uneven = np.flatnonzero(lasting == 0)
    if uneven.size:
        what = "{:g} minutes after the row before, where others are {:g}"
        found = [(int(table.lines[i + 1]), what.format(steps[i] / 60, usual / 60)) for i in uneven.tolist()]
        flaws.add_many("uneven-time", found, f"give one row every {usual / 60:g} minutes")
        return None
    gaps = tuple(
        (
            int(table.lines[i + 1]),
            f"{steps[i] // lasting[i] - 1} rows missing between {show_time(times[i])} and {show_time(times[i + 1])}",
        )
        for i in np.flatnonzero(steps > lasting).tolist()
    )
    resolution = int(np.gcd.reduce(lasting))
    # a step says how long the row before it lasts, or with stamps at the end the row behind it
    if stamps == "end":
        lasting = np.concatenate((lasting[:1], lasting))
        begins = times - lasting
    else:
        lasting = np.concatenate((lasting, lasting[-1:]))
        begins = times
    index = (begins - begins[0]) // resolution
    n_intervals = lasting // resolution
    return Axis(int(begins[0]), resolution, int(index[-1] + n_intervals[-1]), index, gaps, n_intervals)


def _is_resolution(step_s: int) -> bool:
    return FINEST_S <= step_s <= COARSEST_S and COARSEST_S % step_s == 0


def _lasting(steps: Seconds, usual: int, stamps: str) -> Seconds:
    """Return how long the row lasts that each step belongs to, s; 0 where that cannot be told.

    The most frequent step is the file's resolution. Steps of another length are a resolution of their own (hours that
    become quarter hours) where at least two begin or end the file, or where they last a day. Any other longer step is
    a gap behind a row (before it, with stamps at the end) as long as its neighbours.
    """
    first = np.flatnonzero(np.concatenate(([True], steps[1:] != steps[:-1])))
    count = np.diff(np.append(first, steps.size))
    length = steps[first]
    is_at_edge = (first == 0) | (first + count == steps.size)
    is_own = (count >= 2) & (is_at_edge | (count * length >= _DAY_S))
    allowed = np.array([_is_resolution(int(s)) for s in length.tolist()])
    is_resolution = (length == usual) | (allowed & is_own)
    known = np.repeat(is_resolution, count)
    if known.all():
        return steps
    places = np.flatnonzero(known)
    nearest_place = np.searchsorted(places, np.arange(steps.size))
    before = steps[places[np.maximum(nearest_place - 1, 0)]]
    behind = steps[places[np.minimum(nearest_place, places.size - 1)]]
    lasting = np.zeros_like(steps)
    for neighbour in (before, behind) if stamps == "end" else (behind, before):  # the later one wins
        lasting = np.where(steps % neighbour == 0, neighbour, lasting)
    return np.where(known, steps, lasting)
