"""Columns of a table as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from h2plant.config.number_text import Signs, ambiguous, thousands_sign
from h2plant.config.tables.sheet import is_number
from h2plant.config.tables.stamps import looks_like_time
from h2plant.config.tables.table import Flaws, Floats, Table
from h2plant.plant.finding import Finding, listing, nearest

_MISSING = frozenset({"", "nan", "na", "n/a", "n/e", "null", "none", "-", "--", "#n/a", "n.a.", "nat", "–", "—"})


def column_values(
    table: Table, column: str, where: str, findings: list[Finding], signs: Signs | None = None
) -> Floats | None:
    """Return a column as numbers.

    Parameters
    ----------
    table
        The table.
    column
        Name of the column.
    where
        The series that wants it, for findings.
    findings
        A missing column, cells that are no numbers, and numbers of which a sign may part decimals or thousands
        (``number_text.ambiguous``) are appended here.
    signs
        Decimal and thousands sign as an entry of a series states them; None where there is no such entry.

    Returns
    -------
    ndarray or None
        One number a row, shape ``(n_rows,)``, in the unit of the file, NaN where the cell is empty; None if there
        is no such column or a cell is no number.
    """
    flaws = Flaws(table.file, findings)
    if column not in table.columns:
        what, remedy = f"there is no column '{column}'", nearest(column, numeric_columns(table) or table.columns)
        flaws.add("no-such-column", what, remedy, 1 if not table.n_rows else max(int(table.lines[0]) - 1, 1), where)
        return None
    cells = table.columns[column]
    if signs is not None and signs.decimal == "," == table.delimiter and _are_digits_behind(table, column):
        what = "the entry says decimal ',', but commas part the cells, and digits alone stand in the cells behind"
        remedy = "part the cells by ';', or put the numbers in quotes; drop 'decimal:' if they are whole"
        flaws.add("ambiguous-number", what, remedy, int(table.lines[0]), where)
        return None
    if isinstance(cells, list):
        return _numbers(table, cells, f"{where}, column '{column}'", flaws, signs)
    if cells.dtype.kind == "M":
        remedy = _number_remedy(table, (), signs)
        flaws.add("not-a-number", "the column holds times", remedy, 1, f"{where}, column '{column}'")
        return None
    numbers: Floats = np.asarray(cells, dtype=np.float64)
    bad = [(int(table.lines[i]), f"{numbers[i]} is not a finite number") for i in np.flatnonzero(np.isinf(numbers))]
    flaws.add_many("not-a-number", bad, _number_remedy(table, (), signs), f"{where}, column '{column}'")
    return None if bad else numbers


def _are_digits_behind(table: Table, column: str) -> bool:
    """Whether the next column may hold the decimals of one."""
    names = list(table.columns)
    following = names[names.index(column) + 1 :][:1]
    return bool(following) and all(cell.strip().isdecimal() for cell in table.text(following[0]))


_MOSTLY_FRAC = 0.8
"""From which share of its first cells on a column is one of numbers, and the other cells are faults in it."""


def numeric_columns(table: Table) -> list[str]:
    """Return the columns whose first rows hold numbers."""
    found = []
    for name, cells in table.columns.items():
        if isinstance(cells, list):
            sample = [cell for cell in cells[:200] if cell.strip().lower() not in _MISSING]
            n_numbers = sum(is_number(cell) and not _is_date(cell) for cell in sample[:50])
            if sample and n_numbers >= _MOSTLY_FRAC * len(sample[:50]):
                found.append(name)
        elif cells.dtype.kind == "f":
            found.append(name)
    return found


def _plain_number(text: str) -> float:
    """Return a number as Python reads it, but for the underscores that it admits between digits."""
    if "_" in text:
        raise ValueError(text)
    return float(text)


def _is_date(cell: str) -> bool:
    return not cell.strip().isdecimal() and looks_like_time(cell)


def _numbers(table: Table, cells: list[str], where: str, flaws: Flaws, signs: Signs | None) -> Floats | None:
    stated = signs if signs is not None and any(signs) else None
    if stated is None:
        place = ambiguous(cells, table.delimiter == ",")
        if place is not None:
            first = cells[place].strip()
            sign = "." if "." in first else ","
            what = f"'{first}' may be {first.replace(',', '.')} or {first.replace(sign, '')}: "
            what += f"'{sign}' may part decimals or thousands"
            remedy = f"say which in the entry of the series: decimal: '{sign}' or thousands: '{sign}'"
            if signs is None:
                remedy = f"write numbers without thousands sign, the first with another count of decimals: '{first}0'"
            flaws.add("ambiguous-number", what, remedy, int(table.lines[place]), where)
            return None
        try:
            numbers: Floats = np.array([_plain_number(cell) for cell in cells])
        except ValueError:
            pass
        else:
            if np.isfinite(numbers).all():
                return numbers
    values = np.empty(len(cells))
    bad: list[tuple[int, str]] = []
    for i, cell in enumerate(cells):
        text = cell.strip().replace("\u2212", "-")  # the typographical minus sign
        is_missing = text.lower() in _MISSING
        if stated is not None:
            text = stated.plain(text) or "no number"
        elif table.has_decimal_comma and "." not in text:
            text = text.replace(",", ".")
        try:
            values[i] = np.nan if is_missing else _plain_number(text)
        except ValueError:
            values[i] = np.inf
        if np.isinf(values[i]):
            bad.append((int(table.lines[i]), f"'{_shortened(cell)}' is not a finite number"))
    wrong = [cells[i] for i in np.flatnonzero(np.isinf(values)).tolist()]
    remedy = _number_remedy(table, wrong, signs)
    numeric = numeric_columns(table)
    if len(bad) == len(cells) - int(np.isnan(values).sum()) and not any(ch.isdigit() for cell in wrong for ch in cell):
        remedy = f"the column holds words; numbers stand in {listing(numeric)}" if numeric else remedy
    flaws.add_many("not-a-number", bad, remedy, where)
    return None if bad else values


_AFFIXED = re.compile(
    r"(?P<before>[^\d\s.,+-]{1,4})?\s*(?P<number>[+-]?\s*[\d.,'\u00a0 ]*\d[.,]?)\s*(?P<behind>[^\d\s].*)?"
)


_LONGEST_AFFIXED = 200


def affix_of(cell: str) -> str:
    """Return what stands before or behind the number in a cell such as ``€ 12,50`` or ``12.5 MW``; '' if nothing."""
    match = _AFFIXED.fullmatch(cell.strip()) if len(cell) <= _LONGEST_AFFIXED else None
    if match is None or (match["before"] and match["behind"]):
        return ""
    return (match["before"] or match["behind"] or "").strip()


def without_affix(cells: Sequence[str]) -> tuple[list[str], str] | None:
    """Return numbers without the unit that stands beside each, and that unit; None where not all have the same."""
    first = next((cell for cell in cells if cell.strip().lower() not in _MISSING), "")
    affix = affix_of(first)
    if not affix or any(ch.isdigit() for ch in affix):
        return None
    plain: list[str] = []
    for cell in cells:
        is_missing = cell.strip().lower() in _MISSING
        if not is_missing and affix_of(cell) != affix:
            return None
        plain.append(cell if is_missing else cell.replace(affix, "", 1).replace("- ", "-").strip())
    return plain, affix


def _shortened(cell: str) -> str:
    first = cell.partition("\n")[0]
    return first if first == cell and len(cell) <= 40 else first[:40] + " ..."


def _number_remedy(table: Table, wrong: Iterable[str], signs: Signs | None) -> str:
    cells = [cell.strip() for cell in wrong]
    parting = next(filter(None, map(thousands_sign, cells)), None)
    if parting is not None and signs is not None:
        return f'if that is a thousands sign, say so in the entry of the series: thousands: "{parting}"'
    if any(map(looks_like_time, cells)):
        return "a spreadsheet took a number such as 1.5 for a date: format the column as numbers and enter it anew"
    affixes = sorted({affix for cell in cells if (affix := affix_of(cell))})
    if affixes:
        what = f"with {listing(affixes[:4])} beside the numbers" if len(affixes) > 1 else f"'{affixes[0]}'"
        return f"take the units out of the cells ({what}); where all have the same one, say it with 'unit:'"
    sign = "'12.5' or '12,5'" if table.has_decimal_comma else "'12.5'"
    return f"write plain numbers such as {sign}, without unit or thousands sign; leave the cell empty where unknown"
