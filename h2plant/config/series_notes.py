"""What was done to a series on the way from its file to the run, in words: notes that a run prints and keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from h2plant.config.series import Series
from h2plant.config.tables.axis import Axis
from h2plant.config.tables.choice import Choice
from h2plant.config.tables.table import Table
from h2plant.core.units import split_name
from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import BUILT_IN_SERIES, SeriesSpec, series_unit

_IF_SO = "nothing to do if that is so"


def reading_notes(spec: SeriesSpec, table: Table, axis: Axis, choice: Choice) -> list[Finding]:
    """Return what a file was taken for, which is the same for all its series, and what was done to one of them.

    Parameters
    ----------
    spec
        The series, with the column that it reads.
    table, axis, choice
        Its file, the times of that, and how its column and unit were found.

    Returns
    -------
    list of Finding
        A note of the file, without the name of a series; and notes of the series. None where all was as expected.
    """
    of_file = "; ".join([*_kind(table), *table.notes, *_times(spec, axis)])
    conversion = _conversion(spec, table, choice)
    found = f"column '{spec.column}'" if conversion else "" if choice.is_named else choice.note
    of_series = ", ".join([*([found] if found else []), *conversion])
    notes = []
    if of_file:
        notes.append(Finding("read-as", "", of_file, _IF_SO, spec.file, 0, "note"))
    if of_series:
        id = "converted" if conversion else "read-as"
        notes.append(Finding(id, f"series.{spec.name}", of_series, _IF_SO, spec.file, 0, "note"))
    quantity = table.quantities.get(spec.column)
    is_mean = axis.at != "start" if quantity is None or axis.at != "start" else quantity.is_mean
    if spec.mode == "linear" and is_mean and not (quantity is not None and quantity.is_instant):
        what = "means of intervals, joined by lines through the middle of each, which do not keep the means"
        where = f"series.{spec.name}, column '{spec.column}'"
        notes.append(Finding("joined-means", where, what, "'mode: hold' keeps it", spec.file, 0, "note"))
    return notes


def _kind(table: Table) -> list[str]:
    return [f"taken for {table.taken_for}"] if table.taken_for else []


def _times(spec: SeriesSpec, axis: Axis) -> list[str]:
    """Return how times were read: their zone, and by how much they were moved to the begin of their interval."""
    notes = [note for note in axis.notes if not note.startswith("stamps at")]
    stated = spec.how.timezone
    if stated is not None and stated != "UTC" and axis.zone == stated:
        notes.append(f"times in {stated}, as 'timezone:' says")
    if axis.at != "start":
        length_s = int(axis.n_intervals[0]) * axis.resolution_s
        before_min = length_s / 60 if axis.at == "end" else length_s / 120
        notes.append(f"stamps at the {axis.at} of their interval: it begins {before_min:g} min before")
    return notes


def _conversion(spec: SeriesSpec, table: Table, choice: Choice) -> list[str]:
    """Return from which unit to which the numbers were converted, and by which factor they were scaled."""
    notes = []
    wanted = series_unit(spec.name)
    assert wanted is not None, spec.name
    factor, offset = (
        (spec.conversion.factor, spec.conversion.offset)
        if choice.unit is None
        else (choice.unit.factor * choice.factor, choice.unit.offset)
    )
    if abs(factor / wanted.factor - 1.0) > 1e-9 or offset != wanted.offset:
        to = spec.name[len(split_name(spec.name)[0]) + 1 :]
        notes.append(f"converted from {_written_unit(spec, table)} to {to}")
    if spec.scale != 1.0:
        notes.append(f"multiplied by {spec.scale:.6g}, as 'scale:' says")
    return notes


def _written_unit(spec: SeriesSpec, table: Table) -> str:
    """Return the unit of the numbers as the entry or the file has it."""
    quantity = table.quantities.get(spec.column)
    suffix = spec.column[len(split_name(spec.column)[0]) + 1 :]
    return spec.unit or table.units.get(spec.column) or (quantity.unit if quantity is not None else suffix)


def step_notes(series: Mapping[str, Series], step_s: float) -> list[Finding]:
    """Return notes of the series that are finer than the steps of a run.

    Parameters
    ----------
    series
        The series of the run by name.
    step_s
        Length of a step, s.
    """
    what = "one value every {:g} min, of which a step of {:g} min takes the mean"
    return [
        Finding(
            "averaged",
            f"series.{name}",
            what.format(one.resolution_s / 60, step_s / 60),
            "a shorter 'step_s:' follows it",
            severity="note",
        )
        for name, one in series.items()
        if one.resolution_s < step_s and len(one.values) > 2 and name not in BUILT_IN_SERIES and not one.is_of_fault
    ]


def series_manner(series: Mapping[str, Series]) -> list[str]:
    """Return how a run takes the series, in words: how many values there are, and what lies between two of them."""
    groups: dict[str, list[str]] = {}
    for name, one in series.items():
        if name in BUILT_IN_SERIES or one.is_of_fault:
            continue
        is_constant = len(one.values) == 2 and one.values[0] == one.values[1]
        between = "joined by lines" if one.is_linear else "each held to the next"
        manner = "constant" if is_constant else f"one value every {one.resolution_s / 60:g} min, {between}"
        groups.setdefault(manner, []).append(name)
    return [f"{', '.join(names)}: {manner}" for manner, names in groups.items()]


def joined(notes: Iterable[Finding]) -> list[Finding]:
    """Return notes, each once; those that say the same of several series of one file as one."""
    places: dict[Finding, list[str]] = {}
    for note in notes:
        places.setdefault(replace(note, where=""), []).append(note.where)
    return [replace(note, where=_joined_places(list(dict.fromkeys(where)))) for note, where in places.items()]


def _joined_places(places: list[str]) -> str:
    """Return where several notes stand: of several series their names, without columns."""
    if len(places) == 1:
        return places[0]
    names = [place.partition(", column ")[0] for place in places]
    return f"{', '.join(names[:-1])} and {names[-1]}"
