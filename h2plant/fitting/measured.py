"""Measured minute data: which column is compared with which of the log, and which drives the plant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np

from h2plant.config.series_entry import timezone_remedy
from h2plant.config.tables.axis import Axis, time_axis
from h2plant.config.tables.clock import is_zone
from h2plant.config.tables.read import read_table
from h2plant.config.tables.times import time_columns
from h2plant.config.tables.values import column_values
from h2plant.core.units import Unit, parse_unit, parse_unit_text, split_name
from h2plant.fitting.points import data_file
from h2plant.plant.check import check_plant
from h2plant.plant.door import of_a_file
from h2plant.plant.finding import Finding, PlantError, and_then, nearest, raise_errors
from h2plant.plant.graph import SERIES, Link, Plant, PortRef
from h2plant.plant.series_spec import Description, Mode, SeriesSpec, series_unit
from h2plant.simulation.program import Column, FloatArray

StatesAt = Literal["stamp", "end"]
"""Whether a state was read at the stamp of its row, or at the end of the interval that begins there."""

_LONGEST_HOLD = 180 * 60
_TIMES = ("time", "time_utc")


@dataclass(frozen=True, eq=False)
class Data:
    """A table of measurements on a uniform grid of time.

    Attributes
    ----------
    axis
        First instant, resolution, number of samples.
    columns
        What a column is, as named or as ``renamed`` says, to its values in the unit of that name, NaN where missing.
    sources
        The same to the names in the file.
    """

    file: Path
    axis: Axis
    columns: dict[str, FloatArray]
    sources: dict[str, str]


@dataclass(frozen=True, eq=False)
class Measured:
    """A column of the log that was measured: its values in SI, shape (n,), NaN where missing; noise, else NaN."""

    column: Column
    source: str
    values: FloatArray
    noise: float


@of_a_file
def read_data(path: Path, renamed: Mapping[str, str], ignored: Sequence[str], timezone: str | None = None) -> Data:
    """Read measurements.

    Parameters
    ----------
    path
        A table with a column of times, or the name of a bundled one.
    renamed
        Name of a quantity with its unit, or ``time``, to the name of its column in the file.
    ignored
        Columns that are not read.
    timezone
        IANA zone of times without offset.

    Raises
    ------
    PlantError
        Everything that is wrong with the file.
    """
    file = data_file(path)
    findings: list[Finding] = []
    table = read_table(file, findings)
    raise_errors(findings)
    assert table is not None
    for column in [*renamed.values(), *ignored]:
        if column not in table.columns:
            what = f"there is no column '{column}'"
            findings.append(Finding("no-such-column", "", what, nearest(column, table.columns), file, 1))
    if timezone is not None and not is_zone(timezone):
        what = f"there is no time zone '{timezone}'"
        raise PlantError([Finding("unknown-timezone", "timezone", what, timezone_remedy(timezone))])
    stamps = next((renamed[name] for name in _TIMES if name in renamed), None)
    how = Description(time_column=stamps, timezone=timezone)
    axis = time_axis(table, how, "UTC", findings)
    hint = f"name it 'time' or say which with --columns time=COLUMN; the columns are {', '.join(table.columns)}"
    raise_errors(replace(f, remedy=hint) if f.id == "no-time-column" else f for f in findings)
    assert axis is not None
    by_column = {column: name for name, column in renamed.items()}
    times = time_columns(table, how)
    columns: dict[str, FloatArray] = {}
    sources: dict[str, str] = {}
    for column in table.columns:
        if column in times or column in ignored:
            continue
        found = column_values(table, column, column, findings)
        if found is not None:
            name = by_column.get(column, column)
            columns[name] = np.full(axis.n, np.nan)
            columns[name][axis.index] = found
            sources[name] = column
    raise_errors(findings)
    return Data(file, axis, columns, sources)


def driven(plant: Plant, data: Data, shift_s: int, findings: list[Finding]) -> tuple[Plant, set[str], list[str]]:
    """Let columns that are signals or series of a plant drive it.

    Parameters
    ----------
    plant
        A plant without findings.
    data
        The measurements.
    shift_s
        Start of the run less the first instant of the data, s.
    findings
        What is wrong is appended here.

    Returns
    -------
    plant, names, notes
        The plant with series of the measured values in the place of links; the columns that were used for it; what
        was filled.
    """
    used: set[str] = set()
    notes: list[str] = []
    for name, values in data.columns.items():
        series = _series_of(plant, name)
        port = None if series is not None else _port_of(plant, name)
        if series is None and port is None:
            continue
        used.add(name)
        filled = _filled(name, values, data, findings, notes)
        if filled is None:
            continue
        if series is not None:
            key, unit = series
            own = series_unit(key)
            assert own is not None
            filled = (filled * unit.factor + unit.offset - own.offset) / own.factor
            plant = _with_series(plant, _spec(key, filled, data, shift_s, "linear" if own.si == "k" else "hold"))
        elif port is not None:
            ref, unit = port
            key = f"measured_{len(used)}_{unit.si or 'ratio'}"
            mode: Mode = "linear" if unit.si == "k" else "hold"
            spec = _spec(key, filled * unit.factor + unit.offset, data, shift_s, mode)
            plant = _with_series(plant, spec)
            kept = tuple(link for link in plant.links if link.target != ref)
            cut = {link.source for link in plant.links if link.target == ref}
            plant = replace(plant, links=(*kept, Link(PortRef(SERIES, key), ref)))
            findings += [f for f in check_plant(plant) if not (f.id == "port-unlinked" and _is_at(f, cut))]
    return plant, used, notes


def _is_at(finding: Finding, refs: set[PortRef]) -> bool:
    return finding.where in {str(ref) for ref in refs}


def _with_series(plant: Plant, spec: SeriesSpec) -> Plant:
    return replace(plant, series={**plant.series, spec.name: spec})


def _spec(name: str, values: FloatArray, data: Data, shift_s: int, mode: Mode) -> SeriesSpec:
    start = datetime.fromtimestamp(data.axis.first_s + shift_s, UTC)
    numbers = tuple(float(v) for v in values)
    return SeriesSpec(name, values=numbers, mode=mode, resolution_s=data.axis.resolution_s, start=start)


def _series_of(plant: Plant, name: str) -> tuple[str, Unit] | None:
    """Return the series of a plant that a column is, with the unit of the column."""
    stem, unit = split_name(name.removeprefix(f"{SERIES}."))
    for key in plant.series:
        own_stem, own = split_name(key)
        if unit is not None and own is not None and stem == own_stem and unit.is_convertible_to(own):
            return key, unit
    return None


def _port_of(plant: Plant, name: str) -> tuple[PortRef, Unit] | None:
    """Return the signal that a column is, with the unit of the column."""
    id_, _, rest = name.partition(".")
    component = plant.components.get(id_)
    if component is None:
        return None
    for port in component.kind.ports:
        if port.medium != "signal" or port.direction != "in" or port.is_multi:
            continue
        wanted = parse_unit_text(port.unit) if port.unit else None
        if wanted is None:
            continue
        if rest == port.name and not wanted.si:
            return PortRef(id_, port.name), wanted
        unit = parse_unit(rest[len(port.name) + 1 :]) if rest.startswith(f"{port.name}_") else None
        if unit is not None and unit.is_convertible_to(wanted):
            return PortRef(id_, port.name), unit._replace(si=wanted.si)
    return None


def _filled(name: str, values: FloatArray, data: Data, findings: list[Finding], notes: list[str]) -> FloatArray | None:
    """Return what drives the plant without gaps: the value before a short gap holds."""
    missing = np.isnan(values)
    if not missing.any():
        return values
    where = f"column '{data.sources[name]}'"
    if missing[0]:
        what = "the first value is missing, and this column drives the plant"
        findings.append(Finding("missing-value", where, what, "give it, or begin the data later", data.file))
        return None
    last = np.maximum.accumulate(np.where(missing, 0, np.arange(values.size)))
    longest_s = int((np.arange(values.size) - last).max()) * data.axis.resolution_s
    if longest_s > _LONGEST_HOLD:
        what = f"{longest_s / 3600.0:.3g} h are missing in one piece, and this column drives the plant"
        findings.append(Finding("gap", where, what, "fill the gap, or use the part before or after it", data.file))
        return None
    n = int(missing.sum())
    notes.append(f"{data.sources[name]}: {n} missing values: the value before holds (longest {longest_s / 60:g} min)")
    return values[last]


def compared(
    data: Data, used: set[str], columns: Sequence[Column], plant: Plant, noise: Mapping[str, float]
) -> list[Measured]:
    """Return the measured columns of the log.

    Parameters
    ----------
    data, used
        The measurements, and those of them that drive the plant.
    columns
        Of the log.
    plant
        For its names.
    noise
        Standard deviation of a sensor by the name of the column, in the unit of that name.

    Raises
    ------
    PlantError
        Columns that are neither, units that do not fit, columns without a number, nothing to compare.
    """
    findings: list[Finding] = []
    by_name = {column.name: column for column in columns}
    found: list[Measured] = []
    noises = dict(noise)
    for name, values in data.columns.items():
        if name in used:
            continue
        match = _log_column(name, by_name)
        if match is None:
            findings.append(_unknown(name, data, by_name, plant))
            continue
        column, unit = match
        if isinstance(unit, str):
            remedy = f"write the column as '{column.name}' or in another unit of the same quantity"
            findings.append(Finding("unknown-unit", f"column '{name}'", unit, remedy, data.file, 1))
            continue
        if np.isnan(values).all():
            findings.append(
                Finding("missing-value", f"column '{name}'", "has no numbers", "leave it out with --ignore", data.file)
            )
            continue
        sigma = _noise(name, column, noises, findings)
        found.append(Measured(column, data.sources[name], values * unit.factor + unit.offset, sigma))
    for name in noises:
        what = f"no measured column is '{name}'"
        findings.append(Finding("unknown-column", "--noise", what, nearest(name, [m.column.name for m in found])))
    if not found and not findings:
        what = "no column is one of the plant's log, so there is nothing to compare"
        remedy = "give a measured column, such as 'stack.temperature_degc'; `h2plant kinds` lists what components log"
        findings.append(Finding("no-measurement", "", what, remedy, data.file, 1))
    raise_errors(findings)
    return found


def _log_column(name: str, by_name: Mapping[str, Column]) -> tuple[Column, Unit | str] | None:
    """Return a column of the log and the unit in which a name gives it, or what is wrong with that."""
    if name in by_name:
        column = by_name[name]
        return column, Unit("", 1.0, 0.0, (0, 0, 0, 0, 0, 0, 0))
    best: tuple[Column, Unit | str] | None = None
    for column in by_name.values():
        stem, own = split_name(column.name, column.unit)
        if own is None or not (name == stem or name.startswith(f"{stem}_")):
            continue
        suffix = name[len(stem) + 1 :]
        unit = parse_unit(suffix) if suffix else None
        if unit is not None and unit.is_convertible_to(own):
            return column, unit
        if not suffix or unit is not None:
            best = column, f"'{suffix}' does not measure what '{column.name}' is" if suffix else "has no unit"
    return best


def _unknown(name: str, data: Data, by_name: Mapping[str, Column], plant: Plant) -> Finding:
    inputs = [f"{c.id}.{p.name}" for c in plant.components.values() for p in c.kind.ports if p.medium == "signal"]
    other = f"Say what it is with --columns NAME={data.sources[name]}, or leave it out with --ignore"
    remedy = and_then(nearest(name, [*by_name, *inputs]), other)
    what = f"the column '{data.sources[name]}' is neither in the plant's log nor one of its inputs"
    return Finding("unknown-column", "", what, remedy, data.file, 1)


def _noise(name: str, column: Column, noises: dict[str, float], findings: list[Finding]) -> float:
    """Return the standard deviation of a sensor in SI, NaN if it is not given; takes it out of the mapping."""
    stem, own = split_name(column.name, column.unit)
    for key in list(noises):
        key_stem, unit = split_name(key)
        is_same = key in (name, column.name) or (key_stem == stem and unit is not None)
        if not is_same:
            continue
        value = noises.pop(key)
        if unit is not None and own is not None and unit.is_convertible_to(own):
            value *= unit.factor
        if not value > 0.0:
            what = "a sensor's noise is a standard deviation above 0"
            findings.append(Finding("out-of-bounds", f"--noise {key}", what, "give it in the unit of the name"))
        return value
    return float("nan")


def require_sampling(data: Data, step_s: int) -> None:
    """Raise unless a sample is a whole number of steps and the data are longer than one.

    Raises
    ------
    PlantError
        With what to change.
    """
    resolution, length = data.axis.resolution_s, data.axis.n * data.axis.resolution_s
    if length < step_s:
        what = f"the data last {length} s, less than a step of {step_s} s"
        raise PlantError([Finding("too-short", "", what, f"take a shorter step with --step-s {resolution}", data.file)])
    if resolution % step_s:
        what = f"a sample every {resolution} s is no whole number of steps of {step_s} s"
        remedy = f"take a step that divides it, with --step-s {resolution}"
        raise PlantError([Finding("sampling", "", what, remedy, data.file)])
