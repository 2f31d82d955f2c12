"""Loads the series of a run: reads, checks, converts to SI and cuts out the span."""

from __future__ import annotations

import calendar
import contextlib
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from h2plant.config.calendar import CALENDAR_RESOLUTION_S, hour_of_week, month_left, month_of_year
from h2plant.config.fault_series import fault_series
from h2plant.config.number_text import Signs
from h2plant.config.series import Series
from h2plant.config.series_currency import rates_of
from h2plant.config.series_derived import derive
from h2plant.config.series_grid import (
    Flags,
    Grid,
    Ints,
    is_year_by_its_ends,
    on_grid,
    repeated_places,
    runs,
    whole_years,
    with_first_behind,
)
from h2plant.config.series_notes import reading_notes
from h2plant.config.series_variability import Intervals, vary
from h2plant.config.tables.axis import HOUR_S, Axis, show_time, time_axis
from h2plant.config.tables.choice import Choice, choose
from h2plant.config.tables.clock import is_zone
from h2plant.config.tables.read import read_table
from h2plant.config.tables.table import Flaws, Floats, Seconds, Stamps, Table
from h2plant.config.tables.values import column_values
from h2plant.core.units import Conversion, UnitError, unit_text
from h2plant.plant.door import UnforeseenError, door
from h2plant.plant.finding import Finding, and_then, nearest, raise_errors
from h2plant.plant.graph import Plant
from h2plant.plant.series_bounds import MARKERS, bounds_of, is_marker, question
from h2plant.plant.series_spec import (
    BUILT_IN_SERIES,
    CALENDAR_SERIES,
    PLAN_RESOLUTION_S,
    PLAN_SERIES,
    UNPLANNED,
    YEAR,
    Description,
    SeriesSpec,
    file_of,
    files_of,
)


def load_series(
    source: Plant | Mapping[str, SeriesSpec],
    start: datetime,
    n_seconds: float,
    overrides: Mapping[str, SeriesSpec] | None = None,
    timezone: str | None = None,
    *,
    names: Iterable[str] | None = None,
) -> dict[str, Series]:
    """Load series for the span of a run.

    Parameters
    ----------
    source
        A plant, of which all series that something reads are loaded; or specifications by name.
    start
        First instant (UTC if it has no offset).
    n_seconds
        Length of the span, s.
    overrides
        Series of a scenario, which win over the source's.
    timezone
        IANA zone of the calendar series; the plant's, else UTC, if None.
    names
        Which to load.

    Returns
    -------
    dict
        Series by the name that links use, in SI.

    Raises
    ------
    PlantError
        With everything that is wrong with any of them.
    """
    series, findings = read_series(source, start, n_seconds, overrides, timezone, names=names)
    raise_errors(findings)
    return series


def load_series_as_digested(
    plant: Plant,
    start: datetime,
    n_seconds: float,
    overrides: Mapping[str, SeriesSpec] | None = None,
    timezone: str | None = None,
) -> dict[str, Series]:
    """Load the series of a plant like ``load_series``; its digest is that of the files that were read.

    Raises
    ------
    PlantError
        With everything that is wrong; or a file was written meanwhile.
    """
    specs = {**plant.series, **(overrides or {})}
    before = _stamps(specs)
    if plant.digested is not None:
        _ = plant.digested.digest  # of the files as they are now; later they may be others
    series = load_series(plant, start, n_seconds, overrides, timezone)
    changed = [name for name, stamps in _stamps(specs).items() if stamps != before[name]]
    what = "a file of it was written while it was read"
    remedy = "run again once nobody writes it"
    raise_errors([Finding("file-changed", f"series.{name}", what, remedy, specs[name].file) for name in changed])
    return series


def _stamps(specs: Mapping[str, SeriesSpec]) -> dict[str, list[tuple[int, int, int]]]:
    """Return by the name of a series what tells whether one of its files was written."""
    found: dict[str, list[tuple[int, int, int]]] = {}
    for name, spec in specs.items():
        found[name] = []
        for file in () if spec.file is None else files_of(spec.file):
            with contextlib.suppress(OSError):
                stat = file.stat()
                found[name].append((stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return found


def read_series(
    source: Plant | Mapping[str, SeriesSpec],
    start: datetime,
    n_seconds: float,
    overrides: Mapping[str, SeriesSpec] | None = None,
    timezone: str | None = None,
    *,
    names: Iterable[str] | None = None,
) -> tuple[dict[str, Series], list[Finding]]:
    """Load series like ``load_series``, but return the findings (notes among them) instead of raising."""
    ports: Mapping[str, frozenset[str]] = {}
    if isinstance(source, Plant):
        ports = source.series_readers()
        specs = {**source.series, **(overrides or {})}
        wanted = source.used_series() if names is None else tuple(names)
        zone = timezone or source.timezone
        declared_in: Path | None = source.file
    else:
        specs = {**source, **(overrides or {})}
        wanted = tuple(specs) if names is None else tuple(names)
        zone = timezone or "UTC"
        declared_in = None
    instant = start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)
    span = _Span(round(instant.timestamp()), math.ceil(n_seconds - 1e-6))
    reader = _Reader(span, zone, ports)
    loaded: dict[str, Series] = {}
    derived = source.derived_series if isinstance(source, Plant) else {}
    made = [name for name in dict.fromkeys(wanted) if name in derived and name not in specs]
    if isinstance(source, Plant) and source.faults.of:
        loaded |= fault_series(source, span.start_s, span.n_s, zone)
    for name in dict.fromkeys((*wanted, *(source for one in made for source in derived[one].sources))):
        if name in made or name in loaded:
            continue
        if name not in specs and name not in BUILT_IN_SERIES:
            remedy = and_then(nearest(name, [*specs, *BUILT_IN_SERIES]), "Declare it under 'series:'")
            what = "there is no such series"
            reader.findings.append(Finding("unknown-series", f"series.{name}", what, remedy, declared_in))
            continue
        one = reader.built_in(name) if name in BUILT_IN_SERIES else reader.one(specs[name])
        if one is not None:
            loaded[name] = one
    ready = [name for name in made if all(one in loaded for one in derived[name].sources)]
    if isinstance(source, Plant) and ready:
        found = derive(source, loaded, span.start_s, ready)
        reader.findings += [note for one in found.values() for note in one.notes]
        loaded |= found
    return {name: loaded[name] for name in dict.fromkeys(wanted) if name in loaded}, reader.findings


_SHORTEST_YEAR_S = 8759 * HOUR_S
"""A typical year with less is a part of one, and does not start over by itself; some files lack an hour."""


class _Span(NamedTuple):
    """The run's span: first second since 1970 UTC, and length in s."""

    start_s: int
    n_s: int

    @property
    def end_s(self) -> int:
        return self.start_s + self.n_s


class _Reader:
    """Reads the series of one run, each file once."""

    def __init__(self, span: _Span, timezone: str, ports: Mapping[str, Collection[str]]) -> None:
        self.span = span
        self.timezone = timezone
        self.ports = ports
        self.findings: list[Finding] = []
        self._tables: dict[tuple[Path, Description], Table | None] = {}
        self._axes: dict[tuple[Path, Description], Axis | None] = {}

    def built_in(self, name: str) -> Series:
        if name in PLAN_SERIES:
            n = -(-self.span.n_s // PLAN_RESOLUTION_S) + 1
            return Series(name, np.full(n, UNPLANNED[name]), PLAN_RESOLUTION_S, 0, False, PLAN_SERIES[name])
        first = self.span.start_s // CALENDAR_RESOLUTION_S * CALENDAR_RESOLUTION_S
        n = -(-(self.span.end_s - first) // CALENDAR_RESOLUTION_S) + 1
        shown = {
            "calendar_hour_of_week": hour_of_week,
            "calendar_month": month_of_year,
            "calendar_month_left_h": month_left,
        }[name]
        values = shown(first, n, self.timezone)
        offset = self.span.start_s - first
        return Series(name, values, CALENDAR_RESOLUTION_S, offset, False, CALENDAR_SERIES[name])

    def one(self, spec: SeriesSpec) -> Series | None:
        if spec.file is not None and YEAR in spec.file.name:
            year = datetime.fromtimestamp(self.span.start_s, _zone(self.timezone)).year
            spec = replace(spec, file=file_of(spec.file, year))
        choice = Choice("", None, 1.0, "")
        notes: list[Finding] = []
        is_stated = spec.is_repeated
        if spec.constant is not None:
            grid: Grid | None = Grid(self.span.start_s, max(self.span.n_s, 1), np.full(2, spec.constant))
        elif spec.values is not None:
            first = self.span.start_s if spec.start is None else round(spec.start.timestamp())
            grid = Grid(first, spec.resolution_s or 3600, np.array(spec.values))
        else:
            found = self._from_file(spec)
            if found is None:
                return None
            grid, choice, notes, is_repeated = found
            spec = replace(spec, column=choice.column, is_repeated=is_repeated)
        if grid is None:
            return None
        offset_s = (self.span.start_s - grid.first_s) % grid.resolution_s
        # what stands behind the begin of the run's first interval is joined to the value of the interval before
        n_before = int(offset_s < grid.point_s)
        index = self._cut(spec, grid, n_before)
        currency = choice.currency or spec.currency
        if index is not None and currency:
            grid = self._in_euros(spec, grid, currency, index, notes)
        if index is None or grid is None:
            return None
        try:
            conversion = _conversion(spec, choice)
        except UnitError as error:
            self._find(spec, "unknown-unit", str(error), "give 'unit:' with a unit of the quantity in the series' name")
            return None
        first_s = self.span.start_s - offset_s - n_before * grid.resolution_s
        used = _Used(grid, first_s, index if spec.mode == "linear" else index[:-1])
        if not self._is_within_bounds(spec, used, conversion):
            return None
        repeated = self._repeated(spec, grid) if is_stated or not spec.is_repeated else []
        notes += [*repeated, *_filled(spec, used), *_resolutions(spec, used)]
        if not spec.is_repeated and self.span.start_s < grid.first_s and grid.lead_s:
            what = (
                f"the first value, of {show_time(grid.first_s)}, holds from {show_time(self.span.start_s)} on as well"
            )
            notes.append(_file_note("first-value", spec, what, "nothing to do"))
        self.findings += notes
        series = Series(
            conversion.name,
            grid.values[index] * spec.scale * conversion.factor + conversion.offset,
            grid.resolution_s,
            self.span.start_s - first_s - grid.point_s,
            spec.mode == "linear",
            unit_text(spec.si_unit.si),
            tuple(notes),
        )
        if spec.variability is None:
            return series
        whole = grid.values * spec.scale * conversion.factor + conversion.offset
        return vary(spec, series, Intervals(first_s, whole, index), self.findings)

    def _in_euros(self, spec: SeriesSpec, grid: Grid, currency: str, index: Ints, notes: list[Finding]) -> Grid | None:
        """Return a grid with the samples that a run uses in euros; None, with a finding, where a year has no rate."""
        places = np.unique(index)
        # held values need none behind the span, which may be of a year that has no rate yet
        is_behind = ~np.isin(places, index[:-1]) & (spec.mode == "hold")
        times_s = grid.first_s + (places - is_behind) * grid.resolution_s
        rates, finding = rates_of(spec, currency, times_s)
        if rates is None:
            self.findings.append(finding)
            return None
        notes.append(finding)
        values = grid.values.copy()
        values[places] /= rates
        return grid._replace(values=values)

    def _find(self, spec: SeriesSpec, id: str, what: str, remedy: str) -> None:
        self.findings.append(Finding(id, f"series.{spec.name}", what, remedy, spec.declared_in, spec.line))

    def _from_file(self, spec: SeriesSpec) -> tuple[Grid, Choice, list[Finding], bool] | None:
        """Return a series of a file, its column, notes, and whether it starts over, as those of typical years do."""
        try:
            with door(spec.file or ""):
                return self._of_table(spec)
        except UnforeseenError as error:
            self.findings += error.findings
            return None

    def _of_table(self, spec: SeriesSpec) -> tuple[Grid, Choice, list[Finding], bool] | None:
        assert spec.file is not None
        key = (spec.file, spec.how)
        if key not in self._tables:
            self._tables[key] = table = read_table(spec.file, self.findings, spec.how)
            self._axes[key] = None if table is None else self._axis(table, spec.how)
        table, axis = self._tables[key], self._axes[key]
        if table is None:
            return None
        choice = choose(table, spec, Flaws(table.file, self.findings))
        if choice is None:
            return None
        signs = Signs(spec.how.decimal, spec.how.thousands)
        column = column_values(table, choice.column, f"series.{spec.name}", self.findings, signs)
        if axis is None or column is None:
            return None
        if choice.is_of_hours and (axis.n_intervals * axis.resolution_s != HOUR_S).any():
            what = (
                f"the column '{choice.column}' holds energies, {choice.note.rpartition(' in ')[2]}, of rows not an hour"
            )
            self._find(spec, "unknown-unit", what, "say 'unit: w_per_m2' and the factor to it as 'scale:'")
            return None
        is_repeated = spec.is_repeated or (axis.is_typical and _is_whole_year(axis))
        spec = replace(spec, column=choice.column)
        if choice.unit is None:
            try:
                _ = spec.conversion
            except UnitError as error:
                remedy = f"give 'unit:', and 'currency:' or 'scale:', or head the column with a unit of '{spec.name}'"
                self._find(spec, "unknown-unit", str(error), remedy)
                return None
        end_s = axis.first_s + axis.n * axis.resolution_s
        is_inside = axis.first_s <= self.span.start_s and self.span.end_s <= end_s
        within = None if is_repeated and not is_inside else (self.span.start_s, self.span.end_s)
        grid = on_grid(spec, table, axis, column, self.findings, within)
        if grid is None:
            return None
        if axis.is_instant:
            grid = grid._replace(lead_s=axis.first_s % axis.resolution_s)
        grid = grid._replace(point_s=_point_s(spec, table, axis))
        notes = reading_notes(spec, table, axis, choice)
        if not is_repeated and end_s < self.span.end_s <= end_s + axis.resolution_s and is_year_by_its_ends(axis):
            grid = with_first_behind(grid)
            what = (
                f"stamps of a calendar year at the ends of their intervals: the last interval, from {show_time(end_s)} "
                "on, is of no row and takes the value of the first"
            )
            notes.append(
                _file_note("year-end", spec, what, "nothing to do; a row more at the file's end takes its place")
            )
        return grid, choice, notes, is_repeated

    def _axis(self, table: Table, how: Description) -> Axis | None:
        """Return the time axis of a table; a typical year, of which no entry says the year, is that of the run."""
        stamps = table.stamps
        if stamps is None or not stamps.is_typical or how.year is not None:
            return time_axis(table, how, self.timezone, self.findings)
        year = _year_of(stamps.local_s, _local_year(stamps, self.span.start_s))
        axis = time_axis(table, replace(how, year=year), self.timezone, self.findings)
        if axis is None:
            return None
        how_long = "and started over" if _is_whole_year(axis) else "of which the file holds a part"
        what = f"a typical year, taken for {year} {how_long} ('year:' sets another)"
        return replace(axis, is_typical=True, notes=(*axis.notes, what))

    def _cut(self, spec: SeriesSpec, grid: Grid, n_before: int) -> Ints | None:
        """Return the samples that cover the span, so many before it, and one more at the end.

        The first of those that cover it begins with it or before.
        """
        if not spec.is_repeated and spec.constant is None and self._leaves(grid):
            what = f"covers {_span_text(grid)}, wanted {self._wanted()}: {self._missing(grid)}"
            remedy = "choose a start and a length inside, give a longer series, or say 'repeat: true' to start it over"
            self._find(spec, "series-too-short", what, remedy)
            return None
        n = len(grid.values)
        begin = (self.span.start_s - grid.first_s) // grid.resolution_s
        end = -(-(self.span.end_s - grid.first_s) // grid.resolution_s)
        index = np.arange(begin - n_before, max(end, begin + 1) + 1)
        if spec.is_repeated:
            return repeated_places(grid, index)
        return np.clip(index, 0, n - 1)

    def _leaves(self, grid: Grid) -> bool:
        last_s = grid.first_s + len(grid.values) * grid.resolution_s
        return self.span.start_s < grid.first_s - grid.lead_s or self.span.end_s > last_s

    def _missing(self, grid: Grid) -> str:
        """Return how many hours of the span are missing, and the first instant of them."""
        last_s = grid.first_s + len(grid.values) * grid.resolution_s
        before_s = max(0, min(grid.first_s, self.span.end_s) - self.span.start_s)
        behind_s = max(0, self.span.end_s - max(last_s, self.span.start_s))
        first_s = self.span.start_s if before_s else max(last_s, self.span.start_s)
        return f"{(before_s + behind_s) / 3600.0:g} h are missing, from {show_time(first_s)} on"

    def _wanted(self) -> str:
        return f"{show_time(self.span.start_s)} to {show_time(self.span.end_s)}"

    def _repeated(self, spec: SeriesSpec, grid: Grid) -> list[Finding]:
        if not spec.is_repeated or not self._leaves(grid):
            return []
        hours = len(grid.values) * grid.resolution_s / 3600.0
        n_years = whole_years(grid)
        if n_years:
            every = "year after year" if n_years == 1 else f"every {n_years} years"
            how = f"is repeated {every} by the calendar (where it has no 29 February, the 28th stands for it)"
        else:
            how = f"starts over every {hours:g} h"
        what = f"covers {_span_text(grid)}, and {how} for {self._wanted()}"
        remedy = "nothing to do; drop 'repeat:' to have a short series refused"
        return [Finding("repeated", f"series.{spec.name}", what, remedy, spec.declared_in, spec.line, "note")]

    def _is_within_bounds(self, spec: SeriesSpec, used: _Used, conversion: Conversion) -> bool:
        written = used.grid.values[used.places]
        values = written * spec.scale * conversion.factor + conversion.offset
        bounds = bounds_of(spec.name, self.ports.get(spec.name, ()))
        is_wrong = np.zeros(len(values), dtype=bool)
        if bounds is not None:
            is_wrong = bounds.is_beyond(values)
        if spec.constant is None:
            is_wrong |= _stand_for_missing(written, used.filled | used.is_between(spec.mode))
        if not is_wrong.any():
            return True
        is_of_file = used.grid.lines is not None
        stands = np.array([is_marker(v) for v in written[is_wrong].tolist()])
        remedies = []
        if stands.any():
            how = (
                "leave those cells empty ('fill: interpolate' closes short gaps)"
                if is_of_file
                else "give a number for each interval"
            )
            remedies.append(f"a marker for missing values? {how}")
        if bounds is not None and not stands.all():
            true = values[[not is_marker(v) for v in written.tolist()]]
            low, high = float(true.min()), float(true.max())
            remedies.append(question(bounds, low, high, conversion.offset, conversion.factor, spec.scale))
        i = int(is_wrong.argmax())
        shown = f"{written[i]:g}" if bounds is None else f"{bounds.shown(float(values[i])):.6g} {bounds.unit}"
        what = shown if spec.constant is not None else f"{shown} at {show_time(used.time_s(i))}"
        what += " is no value" if bounds is None else f" is not within {bounds.text}"
        if spec.constant is None:
            what += f"; {int(is_wrong.sum())} of {len(values)} values like this"
        where, file, line = f"series.{spec.name}", spec.declared_in, spec.line
        if used.grid.lines is not None:
            where += f", column '{spec.column or spec.name}'"
            file, line = spec.file, int(used.grid.lines[used.places[i]])
        elif spec.constant is None:
            where += f".values.{used.places[i]}"
        self.findings.append(Finding("out-of-bounds", where, what, "; ".join(remedies), file, line))
        return False


def _zone(timezone: str) -> tzinfo:
    return ZoneInfo(timezone) if is_zone(timezone) else UTC


def _is_whole_year(axis: Axis) -> bool:
    return axis.n * axis.resolution_s >= _SHORTEST_YEAR_S


def _local_year(stamps: Stamps, time_s: int) -> int:
    """Return the year that the clock of a file shows at an instant."""
    if stamps.offset_s is not None:
        return datetime.fromtimestamp(time_s + int(stamps.offset_s[0]), UTC).year
    zone = ZoneInfo(stamps.zones[0]) if len(stamps.zones) == 1 and is_zone(stamps.zones[0]) else UTC
    return datetime.fromtimestamp(time_s, zone).year


def _year_of(local_s: Seconds, year: int) -> int:
    """Return a year for a typical year: that one, or the nearest before it that has 29 February if the file has it.

    Or has not, if the file goes from 28 February to 1 March.
    """
    days = local_s // 86400
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    n_february = len(np.unique(days[months == 1]))
    has_29 = n_february == 29
    crosses = bool((months == 1).any() and (months == 2).any())
    if not (has_29 or crosses):
        return year
    while calendar.isleap(year) != has_29:
        year -= 1
    return year


def _point_s(spec: SeriesSpec, table: Table, axis: Axis) -> int:
    """Return where in its interval a value stands by which lines go: see ``Grid.point_s``."""
    if spec.mode != "linear" or spec.variability is not None or (axis.n_intervals > 1).any():
        return 0
    quantity = table.quantities.get(spec.column)
    if axis.at == "start":
        return axis.resolution_s // 2 if quantity is not None and quantity.is_mean else 0
    is_read_at_its_end = axis.at == "end" and quantity is not None and quantity.is_instant
    return axis.resolution_s if is_read_at_its_end else axis.resolution_s // 2


def _conversion(spec: SeriesSpec, choice: Choice) -> Conversion:
    if choice.unit is None:
        return spec.conversion
    return Conversion(spec.si.name, choice.unit.factor * choice.factor, choice.unit.offset)


class _Used(NamedTuple):
    """The samples of a grid that a run uses: the first begins at ``first_s``, each is one of the grid's intervals."""

    grid: Grid
    first_s: int
    places: Ints

    def time_s(self, i: int) -> int:
        """Return when a sample begins, seconds since 1970 UTC."""
        return self.first_s + i * self.grid.resolution_s

    def is_between(self, mode: str) -> Flags:
        """Return which samples are of no row, but of the line from one to the next."""
        if self.grid.lines is None or mode == "hold":
            return np.zeros(len(self.places), dtype=bool)
        lines = self.grid.lines[self.places]
        is_between: Flags = np.diff(lines, prepend=lines[:1] - 1) == 0
        return is_between

    @property
    def filled(self) -> Flags:
        if self.grid.is_filled is None:
            return np.zeros(len(self.places), dtype=bool)
        return self.grid.is_filled[self.places]


def _stand_for_missing(written: Floats, is_made: Flags) -> Flags:
    """Return which values are a marker such as -999 with no true value within a third of it; made ones are not true."""
    is_found: Flags = np.zeros(len(written), dtype=bool)
    true = written[~np.isin(written, MARKERS) & ~is_made]
    for marker in MARKERS:
        is_it = written == marker
        if is_it.any() and (true.size == 0 or np.abs(true - marker).min() > abs(marker) / 3.0):
            is_found |= is_it
    return is_found


def _span_text(grid: Grid) -> str:
    return f"{show_time(grid.first_s)} to {show_time(grid.first_s + len(grid.values) * grid.resolution_s)}"


def _filled(spec: SeriesSpec, used: _Used) -> list[Finding]:
    """Return a note of what was filled within the span: how many values, when, and how."""
    found = runs(used.filled)
    if not found:
        return []
    n, longest = int(used.filled.sum()), max(end - begin for begin, end in found)
    spans = [f"{show_time(used.time_s(begin))} to {show_time(used.time_s(end))}" for begin, end in found[:3]]
    listed = ", ".join(spans)
    if len(found) > 3:
        listed += f" and {len(found) - 3} more, the last to {show_time(used.time_s(found[-1][1]))}"
    how = "filled with the value before" if spec.mode == "hold" else "interpolated"
    what = (
        f"{n} missing value{'s' * (n > 1)} in {len(found)} gap{'s' * (len(found) > 1)} of at most "
        f"{longest * used.grid.resolution_s / 3600.0:g} h, {how} (mode: {spec.mode}): {listed}"
    )
    return [_file_note("filled-gap", spec, what, "nothing to do; drop 'fill:' to have gaps refused")]


def _resolutions(spec: SeriesSpec, used: _Used) -> list[Finding]:
    """Return a note of the resolutions that change within the span."""
    if used.grid.lasts is None:
        return []
    lasts = used.grid.lasts[used.places]
    changes = [0, *(np.flatnonzero(np.diff(lasts)) + 1).tolist()]
    if len(changes) == 1:
        return []
    minutes = [f"{lasts[i] * used.grid.resolution_s / 60:g} min" for i in changes]
    rest = [f"{m} from {show_time(used.time_s(i))} on" for m, i in zip(minutes[1:], changes[1:], strict=True)]
    listed = ", ".join(rest[:3]) + (f" and {len(rest) - 3} changes more" if len(rest) > 3 else "")
    what = f"the file's rows last {minutes[0]}, then {listed}"
    return [
        _file_note("resolution-change", spec, what, "nothing to do if the file is meant so; else complete its rows")
    ]


def _file_note(id: str, spec: SeriesSpec, what: str, remedy: str) -> Finding:
    where = f"series.{spec.name}, column '{spec.column or spec.name}'"
    return Finding(id, where, what, remedy, spec.file, 0, "note")
