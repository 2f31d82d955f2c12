"""Questions that decide how a file is read: the answers there are, and what each would make of it."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Any, NamedTuple

from h2plant.config.tables.axis import show_time, telling_columns, time_axis
from h2plant.config.tables.clock import LOCAL_ZONES, is_zone
from h2plant.config.tables.entry_lines import stated, written
from h2plant.config.tables.filter import filtered
from h2plant.config.tables.read import read_table
from h2plant.config.tables.table import Flaws, Stamps, Table
from h2plant.config.tables.times import stamps_of
from h2plant.config.tables.values import column_values, numeric_columns
from h2plant.config.user_file import read_unpacked
from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import Description

_MOST_ANSWERS = 4
_SLASHED = re.compile(r"\s*\d{1,2}([/-])\d{1,2}\1\d{4}(T|,?\s+)?(?:(\d{1,2}:\d{2})(:\d{2})?)?(?:\s*([AaPp][Mm]))?.*")


class Answer(NamedTuple):
    """An answer to a question about a file.

    Attributes
    ----------
    key
        What an entry under ``series`` says then: ``timezone: UTC``.
    option
        What tries it at once on the command line: ``--timezone UTC``.
    consequence
        What it would make of the file.
    """

    key: str
    option: str
    consequence: str


class Question(NamedTuple):
    """What a file does not say.

    Attributes
    ----------
    id
        Of the finding that a run would end with.
    text
        The question.
    answers
        Those that can be given; none where the file has to be changed.
    """

    id: str
    text: str
    answers: tuple[Answer, ...]


def asked(findings: Sequence[Finding], table: Table | None, how: Description) -> tuple[list[Question], list[Finding]]:
    """Return the questions among findings, with their answers, and the findings that are none.

    Parameters
    ----------
    findings
        What reading the file gave.
    table
        The file; None if it could not be read.
    how
        What was said of it.
    """
    questions: list[Question] = []
    others: list[Finding] = []
    for finding in findings:
        answers = _answers(finding, table, how)
        if answers:
            questions.append(Question(finding.id, finding.what, answers))
        else:
            others.append(finding)
    return questions, others


def _answers(finding: Finding, table: Table | None, how: Description) -> tuple[Answer, ...]:
    if finding.id == "which-sheet" and finding.file is not None:
        return tuple(_of_sheet(finding, name, how) for name in _sheets(finding))
    if table is None:
        return ()
    if finding.id == "ambiguous-zone":
        zones = table.stamps.zones if table.stamps is not None else _zones_said(table, how)
        asked = [zone for zone in zones if is_zone(zone)] or [z for z in LOCAL_ZONES if _is_read(table, how, z)]
        return tuple(_tried(table, how, timezone=zone) for zone in asked[:_MOST_ANSWERS])
    if finding.id == "ambiguous-time":
        return tuple(_tried(table, how, time_format=one) for one in _formats(table, how))
    if finding.id == "several-rows":
        return _of_rows(table, how)
    return ()


def zone_question(table: Table, how: Description) -> Question:
    """Return the question for the clock of a file that says nothing of it.

    A zone is an answer if the rows can be read in it: none that its clock skips, none twice.
    """
    answers = [_tried(table, how, timezone="UTC")] if _is_read(table, how, "UTC") else []
    local = [zone for zone in LOCAL_ZONES if _is_read(table, how, zone)]
    if not answers and not local:
        return Question("ambiguous-zone", "", ())
    zones = local[: 1 if answers else 3] or ["Etc/GMT-1"]
    answers += [_tried(table, how, timezone=zone) for zone in zones]
    text = "nothing says which clock its times follow: UTC, or that of the place?"
    if len(answers) == len(zones):
        text = "its times jump with summer time, and nothing says where: which zone?"
    return Question("ambiguous-zone", text, tuple(answers))


def number_question(table: Table, column: str, finding: Finding, how: Description) -> Question:
    """Return the question for a column whose numbers can be read in two ways."""
    cells = table.text(column)
    first = next(cell.strip() for cell, line in zip(cells, table.lines.tolist(), strict=True) if line == finding.line)
    sign = "." if "." in first else ","
    bare = first.replace(sign, "")
    shown = first.replace(",", ".")
    answers = (
        Answer(f'decimal: "{sign}"', f"--decimal {sign}", f"'{first}' is {shown}"),
        Answer(f'thousands: "{sign}"', f"--thousands {sign}", f"'{first}' is {bare}"),
    )
    return Question(finding.id, f"in '{column}', may '{sign}' part decimals or thousands?", answers)


# Answers -------------------------------------------------------------------------------------------------------------
def _tried(table: Table, how: Description, **said: Any) -> Answer:
    """Return an answer with what it makes of the file: when its rows begin and end."""
    trial = replace(how, **said)
    (name, value), *_ = said.items()
    key = f"{name}: {written(stated(trial)[name])}"
    findings: list[Finding] = []
    chosen = filtered(table, trial, Flaws(table.file, findings)) if name == "filter" else table
    axis = None if chosen is None else time_axis(chosen, trial, "UTC", findings)
    if axis is None or chosen is None:
        what = findings[0].what if findings else "not read"
        return Answer(key, _option(name, value), f"not read: {what}")
    end_s = axis.first_s + axis.n * axis.resolution_s
    text = f"{show_time(axis.first_s)} to {show_time(end_s)}"
    if name == "filter":
        text = f"{chosen.n_rows:,} rows, one every {axis.resolution_s / 60:g} min{_first_value(chosen)}"
    return Answer(key, _option(name, value), text)


def _option(name: str, value: Any) -> str:
    flag = f"--{name.replace('_', '-')}"
    if name == "filter":
        return " ".join(f'{flag} "{column}={text}"' for column, text in value)
    return f"{flag} {_word(str(value))}"


def _word(text: str) -> str:
    return text if re.fullmatch(r"[\w./+-]+", text) else f'"{text}"'


def _first_value(table: Table) -> str:
    for column in numeric_columns(table):
        values = column_values(table, column, "", [])
        if values is not None and values.size:
            return f", '{column}' begins with {values[0]:g}"
    return ""


def _is_read(table: Table, how: Description, zone: str) -> bool:
    return time_axis(table, replace(how, timezone=zone), "UTC", []) is not None


def _zones_said(table: Table, how: Description) -> tuple[str, ...]:
    stamps: Stamps | None = stamps_of(table, how, Flaws(table.file, []))
    return () if stamps is None else stamps.zones


def _formats(table: Table, how: Description) -> list[str]:
    """Return how times are written if the day comes first, and if the month does."""
    if how.time_format is not None:
        return []
    candidates = [how.time_column] if how.time_column else list(table.columns)
    for name in candidates:
        cells = table.columns.get(name)
        match = _SLASHED.fullmatch(cells[0]) if isinstance(cells, list) else None
        if match is not None:
            sign, between, clock, seconds, half = match.groups()
            rest = (between or "") + ("%H:%M" if clock else "") + (":%S" if seconds else "")
            if half:
                rest = rest.replace("%H", "%I") + " %p"
            return [f"%d{sign}%m{sign}%Y{rest}", f"%m{sign}%d{sign}%Y{rest}"]
    return []


def _of_rows(table: Table, how: Description) -> tuple[Answer, ...]:
    """Return the choices of rows among several of one time."""
    telling = telling_columns(table, how)
    if not telling:  # what tells them apart is not named by the file's texts
        return ()
    chosen = product(*(((name, value) for value in values[:_MOST_ANSWERS]) for name, values in telling.items()))
    return tuple(_tried(table, how, filter=(*how.filter, *one)) for one in islice(chosen, _MOST_ANSWERS))


def _sheets(finding: Finding) -> list[str]:
    import openpyxl

    assert finding.file is not None
    book = openpyxl.load_workbook(io.BytesIO(read_unpacked(finding.file)), read_only=True)
    names = [sheet.title for sheet in book.worksheets if sheet.max_row and sheet.sheet_state == "visible"]
    book.close()
    return names[:_MOST_ANSWERS]


def _of_sheet(finding: Finding, name: str, how: Description) -> Answer:
    assert finding.file is not None
    findings: list[Finding] = []
    table = read_table(finding.file, findings, replace(how, sheet=name))
    if table is None:
        text = f"not read: {findings[0].what}" if findings else "not read"
    else:
        text = f"{table.n_rows:,} rows of {len(table.columns)} columns{_first_value(table)}"
    return Answer(f"sheet: {written(name)}", f"--sheet {_word(name)}", text)
