"""Loads the series of a run: reads, checks, converts to SI and cuts out the span."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from h2plant.config.calendar import CALENDAR_RESOLUTION_S, hour_of_week, month_of_year
from h2plant.config.series import Series
from h2plant.config.series_file import Flaws, Floats, Table, column_values, read_table
from h2plant.config.series_time import Axis, show_time, time_axis
from h2plant.core.units import UnitError, unit_text
from h2plant.plant.finding import Finding, nearest, raise_errors
from h2plant.plant.graph import Plant
from h2plant.plant.series_spec import BUILT_IN_SERIES, CALENDAR_SERIES, PLAN_RESOLUTION_S, PLAN_SERIES, SeriesSpec


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
    if isinstance(source, Plant):
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
    reader = _Reader(span, zone)
    loaded: dict[str, Series] = {}
    for name in dict.fromkeys(wanted):
        if name not in specs and name not in BUILT_IN_SERIES:
            remedy = f"{nearest(name, [*specs, *BUILT_IN_SERIES])} Declare it under 'series:'"
            what = "there is no such series"
            reader.findings.append(Finding("unknown-series", f"series.{name}", what, remedy, declared_in))
            continue
        one = reader.built_in(name) if name in BUILT_IN_SERIES else reader.one(specs[name])
        if one is not None:
            loaded[name] = one
    return loaded, reader.findings


class _Span(NamedTuple):
    """The run's span: first second since 1970 UTC, and length in s."""

    start_s: int
    n_s: int

    @property
    def end_s(self) -> int:
        return self.start_s + self.n_s


class _Grid(NamedTuple):
    """Values in the unit of the file on a uniform grid; rows gives the line after each interval."""

    first_s: int
    resolution_s: int
    values: Floats


class _Reader:
    """Reads the series of one run, each file once."""

    def __init__(self, span: _Span, timezone: str) -> None:
        self.span = span
        self.timezone = timezone
        self.findings: list[Finding] = []
        self._tables: dict[Path, Table | None] = {}
        self._axes: dict[tuple[Path, str | None, str | None, str], Axis | None] = {}

    def built_in(self, name: str) -> Series:
        if name in PLAN_SERIES:
            n = -(-self.span.n_s // PLAN_RESOLUTION_S) + 1
            return Series(name, np.full(n, -1.0), PLAN_RESOLUTION_S, 0, False, PLAN_SERIES[name])
        first = self.span.start_s // CALENDAR_RESOLUTION_S * CALENDAR_RESOLUTION_S
        n = -(-(self.span.end_s - first) // CALENDAR_RESOLUTION_S) + 1
        shown = {"calendar_hour_of_week": hour_of_week, "calendar_month": month_of_year}[name]
        values = shown(first, n, self.timezone)
        offset = self.span.start_s - first
        return Series(name, values, CALENDAR_RESOLUTION_S, offset, False, CALENDAR_SERIES[name])

    def one(self, spec: SeriesSpec) -> Series | None:
        notes: list[Finding] = []
        if spec.constant is not None:
            grid: _Grid | None = _Grid(self.span.start_s, max(self.span.n_s, 1), np.full(2, spec.constant))
        elif spec.values is not None:
            first = self.span.start_s if spec.start is None else round(spec.start.timestamp())
            grid = _Grid(first, spec.resolution_s or 3600, np.array(spec.values))
        else:
            grid = self._from_file(spec, notes)
        cut = None if grid is None else self._cut(spec, grid)
        if grid is None or cut is None:
            return None
        try:
            conversion = spec.conversion
        except UnitError as error:
            self._find(spec, "unknown-unit", str(error), "give 'unit:' with a unit of the quantity in the series' name")
            return None
        first_s, values = cut
        return Series(
            conversion.name,
            values * spec.scale * conversion.factor + conversion.offset,
            grid.resolution_s,
            self.span.start_s - first_s,
            spec.mode == "linear",
            unit_text(spec.si_unit.si),
            tuple(notes),
        )

    def _find(self, spec: SeriesSpec, id: str, what: str, remedy: str) -> None:
        self.findings.append(Finding(id, f"series.{spec.name}", what, remedy, spec.declared_in, spec.line))

    def _from_file(self, spec: SeriesSpec, notes: list[Finding]) -> _Grid | None:
        assert spec.file is not None
        if spec.file not in self._tables:
            self._tables[spec.file] = read_table(spec.file, self.findings)
        table = self._tables[spec.file]
        if table is None:
            return None
        key = (spec.file, spec.time_column, spec.timezone, spec.stamps)
        if key not in self._axes:
            self._axes[key] = time_axis(table, spec.time_column, spec.timezone, spec.stamps, self.findings)
        axis = self._axes[key]
        column = column_values(table, spec.column or spec.name, f"series.{spec.name}", self.findings)
        if axis is None or column is None:
            return None
        values = np.full(axis.n, np.nan)
        values[axis.index] = column
        is_whole = not axis.gaps and not np.isnan(values).any()
        if not is_whole and not self._mend(spec, table, axis, values, notes):
            return None
        return _Grid(axis.first_s, axis.resolution_s, values)

    def _mend(self, spec: SeriesSpec, table: Table, axis: Axis, values: Floats, notes: list[Finding]) -> bool:
        """Fill short gaps where that is wished, in place; say of all others where they are."""
        flaws = Flaws(table.file, self.findings)
        where = f"series.{spec.name}"
        column = f"{where}, column '{spec.column or spec.name}'"
        if not spec.is_filled:
            is_empty = np.isnan(values[axis.index])
            empty = [(int(table.lines[i]), "the cell is empty or not a number") for i in np.flatnonzero(is_empty)]
            remedy = "complete the file, or say 'fill: interpolate' to close short gaps by lines"
            flaws.add_many("gap", axis.gaps, remedy)
            flaws.add_many("missing-value", empty, remedy, column)
            return False
        is_missing = np.isnan(values)
        edges = np.flatnonzero(np.diff(np.concatenate(([False], is_missing, [False]))))
        runs = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
        most = spec.max_gap_h * 3600.0 / axis.resolution_s
        too_long: list[tuple[int, str]] = []
        for begin, end in runs:
            line = int(table.lines[np.searchsorted(axis.index, min(begin, axis.n - 1))])
            hours = (end - begin) * axis.resolution_s / 3600.0
            if begin == 0 or end == axis.n:
                too_long.append((line, f"{hours:g} h are missing at the {'end' if begin else 'begin'} of the file"))
            elif end - begin > most:
                since = show_time(axis.first_s + begin * axis.resolution_s)
                too_long.append((line, f"{hours:g} h are missing from {since} on, 'max_gap_h' is {spec.max_gap_h:g}"))
        if too_long:
            flaws.add_many("gap", too_long, "complete the file, or raise 'max_gap_h' if lines may fill so much", column)
            return False
        known = np.flatnonzero(~is_missing)
        values[is_missing] = np.interp(np.flatnonzero(is_missing), known, values[known])
        longest = max(end - begin for begin, end in runs) * axis.resolution_s / 3600.0
        what = f"{int(is_missing.sum())} missing values in {len(runs)} gaps of at most {longest:g} h were interpolated"
        note = Finding(
            "filled-gap", column, what, "nothing to do; drop 'fill:' to have gaps refused", table.file, 0, "note"
        )
        notes.append(note)
        self.findings.append(note)
        return True

    def _cut(self, spec: SeriesSpec, grid: _Grid) -> tuple[int, Floats] | None:
        """Return the start of the first sample and the samples that cover the span, with one more at the end."""
        n = len(grid.values)
        last_s = grid.first_s + n * grid.resolution_s
        begin = (self.span.start_s - grid.first_s) // grid.resolution_s
        end = -(-(self.span.end_s - grid.first_s) // grid.resolution_s)
        index = np.arange(begin, max(end, begin + 1) + 1)
        if spec.is_repeated:
            index %= n
        elif spec.constant is None and (self.span.start_s < grid.first_s or self.span.end_s > last_s):
            available = f"{show_time(grid.first_s)} to {show_time(last_s)}"
            what = f"covers {available}, wanted {show_time(self.span.start_s)} to {show_time(self.span.end_s)}"
            remedy = "choose a start and a length inside, give a longer series, or say 'repeat: true' to start it over"
            self._find(spec, "series-too-short", what, remedy)
            return None
        else:
            index = np.minimum(index, n - 1)
        return grid.first_s + int(begin) * grid.resolution_s, grid.values[index]
