"""Tables of no known format: where the header stands, what lies before it and behind the rows, the row of units."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from h2plant.config.tables.clock import UNCLEAR, zones_said
from h2plant.config.tables.sheet import Cell, Sheet, delimiter_name, is_number, text
from h2plant.config.tables.stamps import looks_like_time
from h2plant.config.tables.table import Column, Flaws, Table
from h2plant.config.tables.units import unit_of_text, units_behind
from h2plant.config.tables.values import without_affix
from h2plant.plant.finding import listing
from h2plant.plant.series_spec import Description

_MOST_PREAMBLE = 200
_MOST_FOOTER = 60
_OF_ZONE = re.compile(
    r"(?i)time[ _-]?zone|zeitzone|zona horaria|fuseau|\btz\b|"
    r"\b(?:times?|zeiten|horas|heures)\b(?: \w+)? (?:in|en|are)\b"
)
_OF_TIME = re.compile(r"(?i)time|zeit|hora|heure|hour|stunde|zone|fuseau|\b(?:utc|gmt|tz|cet|mez)\b")
_OFFSET_TEXT = re.compile(r"(?i)(?:utc|gmt|/)?\s*[+±\u2212-]\s*\d{1,2}:\d{2}")
_A_TIME = re.compile(r"\d{1,2}:\d{2}(?!\d)|\b\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4}")
_MOST_BEFORE_KNOWN = 30


def plain_table(sheet: Sheet, skip_rows: int | None, flaws: Flaws) -> Table | None:
    """Return the table of a sheet whose format is not known.

    Parameters
    ----------
    sheet
        The rows of the file.
    skip_rows
        How many lines lie before the header; found where None.
    flaws
        What is wrong is appended here: no header, rows with more or fewer cells than it.

    Returns
    -------
    Table or None
        None if anything was wrong.
    """
    header = _header(sheet, skip_rows, flaws)
    if header is None:
        return None
    names = _names(sheet, header, flaws)
    if names is None:
        return None
    notes = [*sheet.notes]
    before = [i for i in range(header) if not sheet.is_blank(i) and not sheet.texts(i)[0].startswith("#")]
    if before and skip_rows is None:
        notes.append(f"{_lines(sheet, before)} before the header in line {sheet.lines[header]} passed over")
    first = header + 1
    units: dict[str, str] = {}
    if first < len(sheet.rows) and _is_units_row(sheet, header, first):
        units = {name: unit for name, unit in zip(names, sheet.texts(first), strict=False) if unit}
        notes.append(f"line {sheet.lines[first]} taken for the units: {', '.join(sorted(set(units.values())))}")
        first += 1
    units = {**units_behind(names), **units}
    body, footer = _body(sheet, first, len(names))
    if footer:
        notes.append(f"{_lines(sheet, footer)} behind the rows passed over: '{_shortened(sheet.rows[footer[0]])}'")
    body = _without_repeats(sheet, header, body, notes)
    table = table_of(sheet, header, body, names, flaws)
    if table is None:
        return None
    zones, says = _zone_before(sheet, header)
    return _without_affixes(replace(table, units=units, zones=zones, says_zone=says, notes=tuple(notes)))


_LONGEST_LINE = 1000
"""Characters of a line before the header that may say a zone: patterns take long for endless ones."""


def _zone_before(sheet: Sheet, header: int) -> tuple[tuple[str, ...], str]:
    """Return the time zones that the lines before the header say, and where; a time of that zone is another matter."""
    found: dict[tuple[str, ...], str] = {}
    for i in range(header):
        line = " ".join(sheet.texts(i))[:_LONGEST_LINE]
        if not _OF_TIME.search(line) or _A_TIME.search(_OFFSET_TEXT.sub("", line)):
            continue
        zones = zones_said(line)
        if zones and (zones != (UNCLEAR,) or _OF_ZONE.search(line)):
            found[zones] = f"line {sheet.lines[i]}"
    if len(found) > 1:
        return (UNCLEAR,), " and ".join(found.values())
    return next(iter(found.items()), ((), ""))


def _without_repeats(sheet: Sheet, header: int, body: Sequence[int], notes: list[str]) -> list[int]:
    """Return the rows without headers that come again, where files were joined, and without remarks behind ``#``."""
    first = sheet.rows[header][0] if sheet.rows[header] else ""
    names = sheet.texts(header)
    again = [i for i in body if sheet.rows[i][0] == first and sheet.texts(i) == names]
    remarks = [i for i in body if str(sheet.rows[i][0])[:1] == "#"]
    if again:
        notes.append(f"the header again in {_lines_of(sheet, again)}, where files were joined: passed over")
    if remarks:
        notes.append(f"remarks in {_lines_of(sheet, remarks)} passed over")
    out = {*again, *remarks}
    return [i for i in body if i not in out] if out else list(body)


def _lines_of(sheet: Sheet, rows: Sequence[int]) -> str:
    shown = ", ".join(str(sheet.lines[i]) for i in rows[:5])
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return f"line{'s' * (len(rows) > 1)} {shown}{more}"


_BARE_MONEY = frozenset({"€", "EUR", "Euro"})


def _without_affixes(table: Table) -> Table:
    """Return a table whose cells hold no units: one that is the same in all cells is that of the column."""
    columns, units, notes = dict(table.columns), dict(table.units), [*table.notes]
    for name, cells in table.columns.items():
        found = without_affix(cells) if isinstance(cells, list) else None
        if found is None:
            continue
        unit = unit_of_text(found[1])
        if found[1] not in _BARE_MONEY and (unit is None or unit_of_text(units.get(name, found[1])) != unit):
            continue
        columns[name] = found[0]
        if found[1] not in _BARE_MONEY:
            units[name] = found[1]
        notes.append(f"'{found[1]}' in each cell of '{name}'")
    return replace(table, columns=columns, units=units, notes=tuple(notes))


def known_header(sheet: Sheet, is_it: Callable[[Sheet, int], bool]) -> int | None:
    """Return the row that holds the header of a known format, among the first of a file; None if none does."""
    rows = range(min(len(sheet.rows), _MOST_BEFORE_KNOWN))
    return next((i for i in rows if not sheet.is_blank(i) and is_it(sheet, i)), None)


def table_below(
    sheet: Sheet, header: int, flaws: Flaws, first: int | None = None, how: Description | None = None
) -> Table | None:
    """Return the table below the header of a known format.

    Parameters
    ----------
    sheet
        The rows of the file.
    header, first
        The row of the header, and of the first of the table, the next one if None.
    flaws
        See ``table_of``; a name that the header has twice is appended too.
    how
        What an entry says: of the rows only those are taken that its ``filter`` wants, as far as any are.
    """
    names = _names(sheet, header, flaws)
    if names is None:
        return None
    body, footer = _body(sheet, header + 1 if first is None else first, len(names))
    for name, wanted in how.filter if how is not None else ():
        place = names.index(name) if name in names else len(names)
        chosen = [i for i in body if len(cells := sheet.rows[i]) > place and text(cells[place]) == wanted]
        body = chosen or body
    table = table_of(sheet, header, body, names, flaws)
    if table is None:
        return None
    notes = [*table.notes]
    before = [i for i in range(header) if not sheet.is_blank(i)]
    if before:
        notes.append(f"{_lines(sheet, before)} before the header in line {sheet.lines[header]} passed over")
    if footer:
        notes.append(f"{_lines(sheet, footer)} behind the rows passed over: '{_shortened(sheet.rows[footer[0]])}'")
    return replace(table, notes=tuple(notes))


def table_of(sheet: Sheet, header: int, body: Sequence[int], names: Sequence[str], flaws: Flaws) -> Table | None:
    """Return the table of rows that all have a cell for each name.

    Parameters
    ----------
    sheet
        The rows of the file.
    header, body
        The row of the header and those of the table.
    names
        Names of the columns, left to right.
    flaws
        Rows with more or fewer cells are appended here, and that there are none.
    """
    if not _is_even(sheet, body, names, flaws):
        return None
    if not body:
        line = sheet.lines[header]
        flaws.add("empty-file", "there are no rows below the header", "write at least two rows", line)
        return None
    rows = [sheet.rows[i] for i in body]
    if sheet.delimiter == "," and _are_decimals_parted(rows, names):
        what = (
            f"the header '{_shortened(sheet.rows[header])}' has a unit as a cell of its own, and whole numbers below it"
        )
        remedy = "if they are the decimals of the cell before: part the cells by ';', or put the numbers in quotes"
        flaws.add("ambiguous-number", what, remedy, sheet.lines[header])
        return None
    is_text = bool(sheet.delimiter)
    columns: dict[str, Column] = {}
    for k, name in enumerate(names):
        cells = [row[k] for row in rows]
        columns[name] = cast(list[str], cells) if is_text else _column(cells)
    lines = np.array(sheet.lines, dtype=np.int64)[body]
    return Table(sheet.file, columns, lines, sheet.delimiter, notes=sheet.notes)


def _lines(sheet: Sheet, rows: Sequence[int]) -> str:
    first, last = sheet.lines[rows[0]], sheet.lines[rows[-1]]
    return f"line {first}" if first == last else f"lines {first} to {last}"


def _shortened(row: Sequence[Cell]) -> str:
    joined = " ".join(filter(None, map(text, row)))
    return joined if len(joined) <= 40 else joined[:40] + " ..."


def _column(cells: list[Cell]) -> Column:
    """Return a column: numbers where the file says that they are, else text."""
    if all(not isinstance(cell, str) or not cell.strip() for cell in cells):
        return np.array([np.nan if isinstance(cell, str) else cell for cell in cells])
    return [cell if isinstance(cell, str) else text(cell) for cell in cells]


# Header --------------------------------------------------------------------------------------------------------------
def _header(sheet: Sheet, skip_rows: int | None, flaws: Flaws) -> int | None:
    """Return the row of the header."""
    if skip_rows is not None:
        found = next((i for i, line in enumerate(sheet.lines) if line > skip_rows and not sheet.is_blank(i)), None)
        if found is None:
            what = f"'skip_rows: {skip_rows}' passes over the whole file"
            flaws.add("empty-file", what, "give the number of lines before the header", 1)
        return found
    candidates = []
    for i in range(min(len(sheet.rows), _MOST_PREAMBLE)):
        if sheet.is_blank(i) or sheet.texts(i)[0].startswith("#"):
            continue
        if _is_header(sheet, i):
            candidates.append(i)
        elif _is_data(sheet, i) and candidates and _are_alike(sheet, i):
            break  # rows begin here: the header is the last before them, or the one before if that holds units
    if not candidates:
        _no_header(sheet, flaws)
        return None
    last = candidates[-1]
    before = candidates[-2] if len(candidates) > 1 else None
    return before if before is not None and before == last - 1 and _is_units_row(sheet, before, last) else last


def _is_header(sheet: Sheet, row: int) -> bool:
    """Whether a row may be a header: names, no numbers or times; one name may be missing."""
    cells = sheet.texts(row)
    given = [cell for cell in cells if cell]
    if not given or any(looks_like_time(cell) or is_number(cell) for cell in given):
        return False
    return len(cells) > 1 or len(sheet.rows) < 3


def _is_data(sheet: Sheet, row: int) -> bool:
    return len(sheet.rows[row]) > 1 and any(looks_like_time(text(c)) or is_number(c) for c in sheet.rows[row])


def _are_alike(sheet: Sheet, row: int) -> bool:
    """Whether the row and the next ones that are not blank look like the rows of one table."""
    widths = [len(sheet.rows[i]) for i in range(row, min(row + 3, len(sheet.rows)))]
    return len(widths) < 2 or widths[1] == widths[0] or len(sheet.rows) - row < 3


def _no_header(sheet: Sheet, flaws: Flaws) -> None:
    rows = [i for i in range(len(sheet.rows)) if not sheet.is_blank(i)]
    line = sheet.lines[rows[0]] if rows else 1
    what = "there is no header line" if not rows else f"no line names the columns: '{_shortened(sheet.rows[rows[0]])}'"
    remedy = "write a header with a time column and rows below it"
    if rows and all(len(sheet.rows[i]) == 1 for i in rows):
        what = f"each line is one cell: '{_shortened(sheet.rows[rows[0]])}'"
        remedy = "part the cells by ',', ';' or a tab, and name the columns in the first line"
    flaws.add("empty-file", what, remedy, line)


def _names(sheet: Sheet, header: int, flaws: Flaws) -> list[str] | None:
    names = [re.sub(r"\s+", " ", name) for name in sheet.texts(header)]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled and doubled != [""]:
        what = f"the header has {listing([d for d in doubled if d])} more than once"
        flaws.add("duplicate-column", what, "rename one", sheet.lines[header])
        return None
    return [name or f"column {i + 1}" for i, name in enumerate(names)]


def _is_units_row(sheet: Sheet, header: int, row: int) -> bool:
    """Whether a row below the names holds units: no times, no numbers, at least one unit that is known."""
    cells = sheet.texts(row)
    given = [cell for cell in cells if cell]
    if not given or len(cells) != len(sheet.rows[header]) or any(is_number(c) or looks_like_time(c) for c in given):
        return False
    return any(unit_of_text(cell) is not None for cell in given)


# Rows ----------------------------------------------------------------------------------------------------------------
def _body(sheet: Sheet, first: int, width: int) -> tuple[list[int], list[int]]:
    """Return the rows, and what stands behind the last of them that is like the others."""
    filled = sheet.filled(first)
    n_footer = 0
    while n_footer < min(len(filled), _MOST_FOOTER) and not _is_row(sheet, filled[-1 - n_footer], width):
        n_footer += 1
    if n_footer in (len(filled), _MOST_FOOTER):
        return filled, []
    return filled[: len(filled) - n_footer], filled[len(filled) - n_footer :]


def _is_row(sheet: Sheet, row: int, width: int) -> bool:
    """Whether a row may be one of a table of so many columns: digits in a cell of the right number of them."""
    cells = sheet.rows[row]
    if len(cells) != width:
        return any(looks_like_time(text(cell)) for cell in cells)
    return any(looks_like_time(text(cell)) or is_number(cell) for cell in cells) and not _is_total(text(cells[0]))


def _is_total(first: str) -> bool:
    return bool(first) and not any(ch.isdigit() for ch in first) and not is_number(first)


def _has_digits(sheet: Sheet, row: int) -> bool:
    return any(ch.isdigit() for cell in sheet.texts(row) for ch in cell)


def _are_decimals_parted(rows: Sequence[Sequence[Cell]], names: Sequence[str]) -> bool:
    """Whether a column may hold the decimals of the one before: named by a unit, such as EUR/MWh, with digits alone."""
    return any(
        k and "/" in name and unit_of_text(name) is not None and all(text(row[k]).isdecimal() for row in rows)
        for k, name in enumerate(names)
    )


def _is_even(sheet: Sheet, body: Sequence[int], names: Sequence[str], flaws: Flaws) -> bool:
    if set(map(len, map(sheet.rows.__getitem__, body))) <= {len(names)}:
        return True
    ragged = [
        (sheet.lines[i], f"{len(sheet.rows[i])} cells where the header has {len(names)}")
        for i in body
        if len(sheet.rows[i]) != len(names)
    ]
    words = [
        (line, f"words among the rows: '{_shortened(sheet.rows[i])}'")
        for i in body
        if len(sheet.rows[i]) != len(names) and not _has_digits(sheet, i) and (line := sheet.lines[i])
    ]
    if len(words) == len(ragged):
        flaws.add_many("words-among-rows", words, "take the line out, or put '#' before it")
        return False
    remedy = f"give each row the {len(names)} cells of the header, parted by {delimiter_name(sheet.delimiter)}"
    if len(ragged) > len(body) / 2:
        line = sheet.lines[body[0]] - 1
        remedy += f"; if line {line} is not the header, say how many lines lie before it: 'skip_rows: N'"
    if sheet.delimiter == ",":
        remedy += "; where the comma is the decimal sign, part the cells by ';'"
    flaws.add_many("ragged-row", ragged, remedy)
    return False
