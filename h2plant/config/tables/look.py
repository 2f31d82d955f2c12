"""What a file holds, as far as it can be told: facts for the eye, questions, and the lines that a plant needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from h2plant.config.number_text import Signs
from h2plant.config.tables.axis import Axis, time_axis
from h2plant.config.tables.entry_lines import entry_lines
from h2plant.config.tables.question import Question, asked, number_question, zone_question
from h2plant.config.tables.read import read_table
from h2plant.config.tables.series_name import Feed, feeds, named_like_a_price, suffix_of, unit_of
from h2plant.config.tables.stamps import looks_like_time
from h2plant.config.tables.table import Flaws, Floats, Place, Stamps, Table
from h2plant.config.tables.times import stamps_of, time_columns
from h2plant.config.tables.units import known
from h2plant.config.tables.values import column_values, numeric_columns
from h2plant.plant.door import of_a_file
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.series_bounds import bounds_of, is_marker, question
from h2plant.plant.series_spec import Description

N_PARTS = 40
"""Into how many parts of equal length the course of a column is divided."""

_AS_FOUND = Description()


class Step(NamedTuple):
    """From when on, seconds since 1970 UTC, rows follow one another by how many seconds."""

    since_s: int
    step_s: int


class Gap(NamedTuple):
    """When rows are missing, seconds since 1970 UTC, and before which line."""

    begin_s: int
    end_s: int
    line: int


@dataclass(frozen=True)
class ColumnLook:
    """A column of numbers.

    Parameters
    ----------
    name
        Its name.
    series
        Name of the series that it would feed, '' where the file does not say what it holds.
    is_known
        Whether that name follows from what the column holds, not from its unit alone.
    unit
        Unit of its numbers as the file has it, '' where it says none.
    first, last, least, mean, largest
        Of its numbers as written; NaN where all are missing or none can be read.
    n_missing
        How many rows have none.
    course
        Means of equal parts of the span, shape (N_PARTS,), NaN where there is none.
    """

    name: str
    series: str
    is_known: bool
    unit: str
    first: float
    last: float
    least: float
    mean: float
    largest: float
    n_missing: int
    course: tuple[float, ...]


@dataclass(frozen=True)
class Look:
    """What is known of a file.

    Parameters
    ----------
    file
        The file.
    taken_for
        Format that it was taken for, '' for a table of no known format or a file that could not be read.
    n_rows
        Number of rows.
    first_s, end_s
        Begin of the first interval and end of the last, seconds since 1970 UTC; None where times are not known.
    first_shown, end_shown
        The same as the file's own clock shows it.
    first_written, last_written
        Times of the first and the last row as they are written.
    zone
        Clock of the times, '' where it is not known.
    zone_is_said
        Whether the file or what was said of it tells that clock.
    at
        Where in its interval a stamp lies.
    is_typical
        Whether the rows are those of a typical year.
    steps, gaps
        Steps from one row to the next, and where rows are missing.
    n_missing_rows
        How many rows are missing in all gaps.
    place
        Where the file is from.
    columns
        Columns of numbers.
    others
        Columns that hold neither numbers nor times.
    notes
        What was passed over and how times were read.
    questions
        What the file does not say, with answers.
    findings
        What is wrong with it besides.
    lines
        Lines to paste under ``series:``.
    """

    file: Path
    taken_for: str = ""
    n_rows: int = 0
    first_s: int | None = None
    end_s: int | None = None
    first_shown: str = ""
    end_shown: str = ""
    first_written: str = ""
    last_written: str = ""
    zone: str = ""
    zone_is_said: bool = False
    at: str = ""
    is_typical: bool = False
    steps: tuple[Step, ...] = ()
    gaps: tuple[Gap, ...] = ()
    n_missing_rows: int = 0
    place: Place | None = None
    columns: tuple[ColumnLook, ...] = ()
    others: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    findings: tuple[Finding, ...] = ()
    lines: tuple[str, ...] = ()


@of_a_file
def look_at(file: Path, how: Description = _AS_FOUND, named: str = "") -> Look:
    """Return what a file holds.

    Parameters
    ----------
    file
        The file.
    how
        What is said of it, as an entry of a series would.
    named
        How the lines to paste name the file; its path, if ''.

    Raises
    ------
    PlantError
        If it is a file of a plant.
    """
    _refuse_plants(file)
    found: list[Finding] = []
    table = read_table(file, found, how)
    if table is None:
        questions, others = asked(found, None, how)
        return Look(file, questions=tuple(questions), findings=tuple(others))
    quiet: list[Finding] = []
    stamps = stamps_of(table, how, Flaws(file, quiet))
    if stamps is not None and not _is_described(how):
        table = replace(table, stamps=stamps)  # the axis need not read them again
    axis = time_axis(table, how, "UTC", found)
    questions, found = _time_questions(found, table, stamps, axis, how)
    columns, of_columns, wrong = _columns(table, axis, how)
    series = _fed(columns)
    return Look(
        file,
        table.taken_for,
        table.n_rows,
        **_times(stamps, axis),  # type: ignore[arg-type]
        place=table.place,
        columns=tuple(columns),
        others=_others(table, columns, how),
        notes=(*table.notes, *(() if axis is None else _notes(axis, questions))),
        questions=(*questions, *of_columns),
        findings=(*found, *wrong),
        lines=tuple(entry_lines(table, named or str(file), series, how)),
    )


def _refuse_plants(file: Path) -> None:
    if file.suffix.lower() in (".yaml", ".yml"):
        what = "a plant, scenario or study, not a table of series"
        raise PlantError([Finding("not-a-table", "", what, f"h2plant check {file}", file)])


def _is_described(how: Description) -> bool:
    """Whether what is said of the times leads past the stamps of a table, or would be counted twice."""
    said = (how.time_column, how.date_column, how.hour_column, how.time_format, how.year)
    return any(one is not None for one in said)


# Time ----------------------------------------------------------------------------------------------------------------
def _time_questions(
    found: list[Finding], table: Table, stamps: Stamps | None, axis: Axis | None, how: Description
) -> tuple[list[Question], list[Finding]]:
    """Return what decides when the rows are, and the findings that remain."""
    questions, others = asked(found, table, how)
    if stamps is None or questions or stamps.offset_s is not None or stamps.zones or how.timezone is not None:
        return questions, others
    one = zone_question(table, how)
    if axis is not None:
        return [one], others
    if any(answer.key != "timezone: UTC" and "not read" not in answer.consequence for answer in one.answers):
        return [one], []  # what was found wrong is the clock change of a local time
    return questions, others


def _times(stamps: Stamps | None, axis: Axis | None) -> Mapping[str, object]:
    """Return the fields of ``Look`` that say when."""
    if stamps is None:
        return {}
    shown: dict[str, object] = {"first_written": stamps.written[0], "last_written": stamps.written[-1]}
    if axis is None:
        return shown
    end_s = axis.first_s + axis.n * axis.resolution_s
    zone = axis.zone
    return {
        **shown,
        "first_s": axis.first_s,
        "end_s": end_s,
        "first_shown": shown_in(axis.first_s, zone),
        "end_shown": shown_in(end_s, zone),
        "zone": zone,
        "zone_is_said": stamps.offset_s is not None or bool(stamps.zones),
        "at": axis.at,
        "is_typical": axis.is_typical,
        "steps": _steps(axis),
        "gaps": tuple(
            Gap(axis.first_s + begin * axis.resolution_s, axis.first_s + end * axis.resolution_s, line)
            for line, begin, end, _ in axis.gaps
        ),
        "n_missing_rows": _n_missing_rows(axis),
    }


def shown_in(time_s: int, zone: str) -> str:
    """Return what the clock of a zone shows at an instant."""
    info = UTC if zone in ("UTC", "offset") else ZoneInfo(zone)
    return datetime.fromtimestamp(time_s, info).strftime("%Y-%m-%d %H:%M")


def _steps(axis: Axis) -> tuple[Step, ...]:
    changes = [0, *(np.flatnonzero(np.diff(axis.n_intervals)) + 1).tolist()]
    return tuple(
        Step(axis.first_s + int(axis.index[i]) * axis.resolution_s, int(axis.n_intervals[i]) * axis.resolution_s)
        for i in changes
    )


def _n_missing_rows(axis: Axis) -> int:
    n = 0
    for _, begin, end, _ in axis.gaps:
        row = int(np.searchsorted(axis.index, begin)) - 1
        n += (end - begin) // int(axis.n_intervals[row])
    return n


def _notes(axis: Axis, questions: list[Question]) -> tuple[str, ...]:
    """Return how times were read, without what a question asks and what stands in the look anyway."""
    is_asked = any(one.id == "ambiguous-zone" for one in questions)
    return tuple(note for note in axis.notes if not note.startswith("stamps at") and not (is_asked and "zone" in note))


# Columns -------------------------------------------------------------------------------------------------------------
def _columns(
    table: Table, axis: Axis | None, how: Description
) -> tuple[list[ColumnLook], list[Question], list[Finding]]:
    """Return the columns of numbers, the question that one of them raises, and what is wrong with others."""
    times = _all_times(table, how)
    names = [name for name in numeric_columns(table) if name not in times and not looks_like_time(_first(table, name))]
    fed = feeds(table, names)
    looks: list[ColumnLook] = []
    questions: list[Question] = []
    wrong: list[Finding] = []
    for name in names:
        found: list[Finding] = []
        values = column_values(table, name, "", found, Signs(how.decimal, how.thousands))
        if values is None:
            ambiguous = next((one for one in found if one.id == "ambiguous-number"), None)
            if ambiguous is not None and not questions:
                questions.append(number_question(table, name, ambiguous, how))
            wrong += [replace(one, where=f"column '{name}'") for one in found if one.id != "ambiguous-number"]
            values = np.full(table.n_rows, np.nan)
        feed = fed.get(name, Feed("", False))
        looks.append(_look(table, axis, name, feed, values))
        beyond = _beyond(table, name, feed.series, values)
        wrong += [beyond] if beyond is not None else []
    return looks, questions, wrong


def _first(table: Table, name: str) -> str:
    cells = table.columns[name]
    return next((cell for cell in cells if cell.strip()), "") if isinstance(cells, list) else ""


def _all_times(table: Table, how: Description) -> set[str]:
    """Return the columns that say when, also where a format read them."""
    times = time_columns(table, how)
    if table.stamps is not None:
        times.add(table.stamps.says.removeprefix("the column '").removesuffix("'"))
    return times


def _look(table: Table, axis: Axis | None, name: str, feed: Feed, values: Floats) -> ColumnLook:
    true = values[~np.isnan(values)]
    with np.errstate(over="ignore"):
        least, mean, largest = (
            (float(true.min()), float(true.mean()), float(true.max())) if true.size else (math.nan, math.nan, math.nan)
        )
    return ColumnLook(
        name,
        feed.series,
        feed.is_known,
        unit_of(table, name),
        float(true[0]) if true.size else math.nan,
        float(true[-1]) if true.size else math.nan,
        least,
        mean,
        largest,
        len(values) - len(true),
        _course(values, axis),
    )


def _course(values: Floats, axis: Axis | None) -> tuple[float, ...]:
    """Return the means of equal parts of the span, or of the rows where times are not known."""
    place = np.arange(len(values)) / max(len(values), 1) if axis is None else axis.index / axis.n
    part = np.minimum((place * N_PARTS).astype(np.int64), N_PARTS - 1)
    is_true = ~np.isnan(values)
    count = np.bincount(part[is_true], minlength=N_PARTS)
    total = np.bincount(part[is_true], weights=values[is_true], minlength=N_PARTS)
    means = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    if len(values) < N_PARTS:  # each row fills the parts that it lasts
        rows = np.searchsorted(place, np.arange(N_PARTS) / N_PARTS, side="right") - 1
        means = values[rows]
    return tuple(means.tolist())


def _beyond(table: Table, name: str, series: str, values: Floats) -> Finding | None:
    """Return what values beyond the bounds of a column's quantity may be."""
    bounds = bounds_of(series) if series else None
    written = suffix_of(table, name)
    measured = None if written is None else known(written)
    if bounds is None or measured is None:
        return None
    unit, to_unit = measured
    factor = unit.factor * to_unit
    with np.errstate(over="ignore"):  # what is beyond all numbers is beyond the bounds
        si = values * factor + unit.offset
    is_wrong = bounds.is_beyond(si)
    if not is_wrong.any():
        return None
    i = int(is_wrong.argmax())
    true = si[~np.isnan(si) & np.array([not is_marker(v) for v in values.tolist()])]
    remedy = "a marker for missing values? leave those cells empty ('fill: interpolate' closes short gaps)"
    if not is_marker(float(values[i])) and true.size:
        remedy = question(bounds, float(true.min()), float(true.max()), unit.offset, factor, 1.0)
    what = f"{values[i]:g} is not within {bounds.text}; {int(is_wrong.sum())} of {len(values)} values like this"
    return Finding("out-of-bounds", f"column '{name}'", what, remedy, table.file, int(table.lines[i]))


def _fed(columns: list[ColumnLook]) -> dict[str, str]:
    """Return the columns that lines are given for: those of which it is known what they hold, else all with a unit."""
    told = {one.name: one.series for one in columns if one.is_known}
    return told or {one.name: one.series for one in columns if one.series}


def _others(table: Table, columns: list[ColumnLook], how: Description) -> tuple[str, ...]:
    taken = {one.name for one in columns} | _all_times(table, how)
    return tuple(name for name in table.columns if name not in taken)


def without_unit(look: Look) -> list[str]:
    """Return the columns named like prices that have no unit."""
    return [one.name for one in look.columns if not one.series and not one.unit and named_like_a_price(one.name)]
