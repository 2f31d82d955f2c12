"""Rows of a series file onto a uniform grid: coarser rows spread out, gaps filled where that is asked for."""

from __future__ import annotations

from calendar import isleap
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from h2plant.config.tables.axis import Axis, show_time
from h2plant.config.tables.clock import is_zone
from h2plant.config.tables.table import Flaws, Floats, Table
from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import SeriesSpec

_DAY_S = 86400

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Grid(NamedTuple):
    """Values as written, on a uniform grid; arrays of shape (n,).

    Attributes
    ----------
    first_s, resolution_s
        Start of the first interval, seconds since 1970 UTC, and length of an interval.
    values
        As written.
    lines
        Line of the row (Parquet: the row) that each interval lies in; None where there is no file.
    lasts
        How many intervals the row lasts that each interval lies in; None where all last one.
    is_filled
        Whether the value is of no row, but fills a gap; None where none is.
    lead_s
        For how long before its begin the first value holds as well: values of an instant some minutes behind the
        hour stand for that hour.
    point_s
        How far behind the begin of its interval a value stands where values are joined by lines: half of it for the
        mean of an interval that its stamp ends or halves, all of it for what was read when the interval ended.
    """

    first_s: int
    resolution_s: int
    values: Floats
    lines: Ints | None = None
    lasts: Ints | None = None
    is_filled: Flags | None = None
    lead_s: int = 0
    point_s: int = 0


def on_grid(
    spec: SeriesSpec,
    table: Table,
    axis: Axis,
    column: Floats,
    findings: list[Finding],
    within: tuple[int, int] | None = None,
) -> Grid | None:
    """Return a column on the grid of its time axis.

    In the mode ``hold`` a value holds to the end of its row, and through a gap that is filled; in the mode ``linear``
    it is joined to the next by a line, over coarser rows and filled gaps alike. Gaps that are not to be filled, and
    those that are too long or at either end of the file, are appended to the findings; then None.

    Parameters
    ----------
    spec, table, axis, column
        The series, its file, the time axis of that and the column's numbers, NaN where missing.
    findings
        See above.
    within
        First second since 1970 UTC that is wanted, and one past the last: gaps beyond do not matter. All, if None.
    """
    if axis.n == len(column) and not np.isnan(column).any():
        return Grid(axis.first_s, axis.resolution_s, column, table.lines)
    cells = np.arange(axis.n)
    row = np.searchsorted(axis.index, cells, side="right") - 1
    is_missing = (cells - axis.index[row] >= axis.n_intervals[row]) | np.isnan(column[row])
    matters = np.ones(axis.n, dtype=bool)
    if within is not None:
        # a line leads on to the interval that begins with the end of the run
        begin, end = ((second - axis.first_s) // axis.resolution_s for second in (within[0], within[1] - 1))
        matters = (cells >= begin) & (cells <= end + (spec.mode == "linear"))
    if (is_missing & matters).any() and not _may_fill(spec, table, axis, column, is_missing, matters, findings):
        return None
    known = np.flatnonzero(~np.isnan(column))
    if not known.size:
        return None
    if spec.mode == "linear":
        values = np.interp(cells, axis.index[known], column[known])
    else:
        values = column[known][np.maximum(np.searchsorted(axis.index[known], cells, side="right") - 1, 0)]
    lasts = axis.n_intervals[row] if (axis.n_intervals > 1).any() else None
    is_filled = is_missing if is_missing.any() else None
    return Grid(axis.first_s, axis.resolution_s, values, table.lines[row], lasts, is_filled)


def _may_fill(
    spec: SeriesSpec,
    table: Table,
    axis: Axis,
    column: Floats,
    is_missing: Flags,
    matters: Flags,
    findings: list[Finding],
) -> bool:
    flaws = Flaws(table.file, findings)
    where = f"series.{spec.name}, column '{spec.column or spec.name}'"
    if not spec.is_filled:
        empty = [
            (int(table.lines[i]), "the cell is empty or not a number")
            for i in np.flatnonzero(np.isnan(column))
            if matters[axis.index[i] : axis.index[i] + axis.n_intervals[i]].any()
        ]
        how = "holding the value before" if spec.mode == "hold" else "lines"
        remedy = f"complete the file, or say 'fill: interpolate' to close short gaps by {how}"
        gaps = [(line, what) for line, begin, end, what in axis.gaps if matters[begin:end].any()]
        flaws.add_many("gap", gaps, remedy)
        flaws.add_many("missing-value", empty, remedy, where)
        return False
    too_long: list[tuple[int, str]] = []
    for begin, end in runs(is_missing):
        if not matters[begin:end].any():
            continue
        line = int(table.lines[np.searchsorted(axis.index, min(begin, int(axis.index[-1])))])
        hours = (end - begin) * axis.resolution_s / 3600.0
        if begin == 0 or end == axis.n:
            too_long.append((line, f"{hours:g} h are missing at the {'end' if begin else 'begin'} of the file"))
        elif hours > spec.max_gap_h:
            since = show_time(axis.first_s + begin * axis.resolution_s)
            too_long.append((line, f"{hours:g} h are missing from {since} on, 'max_gap_h' is {spec.max_gap_h:g}"))
    flaws.add_many("gap", too_long, "complete the file, or raise 'max_gap_h' if so much may be filled", where)
    return not too_long


def runs(flags: Flags) -> list[tuple[int, int]]:
    """Return where each run of true flags begins and ends (one past its last)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def whole_years(grid: Grid) -> int:
    """Return how many calendar years a grid covers from a day to the same day; 0 where they are not whole."""
    if _DAY_S % grid.resolution_s:
        return 0
    end_s = grid.first_s + len(grid.values) * grid.resolution_s
    first, end = _utc(grid.first_s), _utc(end_s)
    n = end.year - first.year
    return n if n > 0 and _anniversary_s(first, n) == end_s else 0


def is_year_by_its_ends(axis: Axis) -> bool:
    """Whether stamps that end intervals run from the begin of a year to its last interval, by UTC or by their clock.

    Such a file holds the last interval of the year before and lacks the last of its own, as hours from 0 to 23 o'clock
    do that are means of the hour before.
    """
    if axis.at != "end" or (axis.n_intervals != 1).any():
        return False
    zones = (UTC, ZoneInfo(axis.zone)) if is_zone(axis.zone) else (UTC,)
    return any(_is_year(axis, zone) for zone in zones)


def _is_year(axis: Axis, zone: tzinfo) -> bool:
    first_s = axis.first_s + axis.resolution_s
    begin, end = (datetime.fromtimestamp(second, zone) for second in (first_s, first_s + axis.n * axis.resolution_s))
    return all(at.timetuple()[1:6] == (1, 1, 0, 0, 0) for at in (begin, end)) and begin.year < end.year


def with_first_behind(grid: Grid) -> Grid:
    """Return a grid with its first interval once more behind its last."""

    def closed(array: Any) -> Any:
        return None if array is None else np.append(array, array[:1])

    arrays = {name: closed(getattr(grid, name)) for name in ("values", "lines", "lasts", "is_filled")}
    return grid._replace(**arrays)


def repeated_places(grid: Grid, index: Ints) -> Ints:
    """Return the places of samples in a grid that starts over when it ends.

    A grid of whole years is repeated by the calendar: each instant takes the value of its own day and hour (UTC) in a
    year of the grid. Where that has no 29 February, the 28th stands for it; where it alone has one, it is left out. So
    hours stay at their time of day and seasons in their month over any number of years. Any other grid starts over
    after its last sample.

    Parameters
    ----------
    grid
        The series.
    index
        Samples counted from the grid's first, also negative, ascending; shape (n,).

    Returns
    -------
    ndarray
        Places in ``grid.values``, shape (n,).
    """
    n_years = whole_years(grid)
    if n_years == 0:
        return index % len(grid.values)
    first = _utc(grid.first_s)
    times = grid.first_s + index * grid.resolution_s
    source_s = np.empty_like(times)
    begin_year, end_year = (_utc(int(t)).year - first.year for t in (times[0], times[-1]))
    for k in range(begin_year - 1, end_year + 1):
        begin_s, end_s = _anniversary_s(first, k), _anniversary_s(first, k + 1)
        here = slice(*np.searchsorted(times, (begin_s, end_s)).tolist())
        source = k % n_years
        own_s = _anniversary_s(first, source)
        surplus_s = (end_s - begin_s) - (_anniversary_s(first, source + 1) - own_s)
        since_s = times[here] - begin_s
        leap_s = _leap_day_s(first, k if surplus_s > 0 else source) if surplus_s else 0
        source_s[here] = own_s + since_s - np.where(since_s >= leap_s, surplus_s, 0)
    return (source_s - grid.first_s) // grid.resolution_s


def _utc(time_s: int) -> datetime:
    return datetime.fromtimestamp(time_s, UTC)


def _anniversary_s(first: datetime, n_years: int) -> int:
    """Return the instant n years after another, seconds since 1970; of 29 February 1 March where there is none."""
    year = first.year + n_years
    if (first.month, first.day) == (2, 29) and not isleap(year):
        first = first + timedelta(days=1)
    return round(first.replace(year=year).timestamp())


def _leap_day_s(first: datetime, n_years: int) -> int:
    """Return when 29 February begins within the year that begins n years after another, s since its begin."""
    begin_s = _anniversary_s(first, n_years)
    years = (first.year + n_years, first.year + n_years + 1)
    days = (round(datetime(year, 2, 29, tzinfo=UTC).timestamp()) for year in years if isleap(year))
    return next(day for day in days if day + _DAY_S > begin_s) - begin_s
