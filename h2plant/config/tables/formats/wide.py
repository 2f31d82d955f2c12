"""Tables with a column for each hour of the day, or for each year: found, so that the remedy names the cause.

They are not read: which of 24 columns is which hour on the days when the clock changes, and what a year's own column
is a year of, is not in them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from h2plant.config.tables.sheet import Sheet
from h2plant.config.tables.table import Flaws, Table
from h2plant.plant.series_spec import Description

_CLOCK = r"(\d{1,2})(?::00|\.00|h)?"
_HOUR = re.compile(rf"(?i)(?:h|he|hr|hours?|stunde|hora|uur)?[ _.]*{_CLOCK}(?:\s*(?:-|–|to|bis)\s*{_CLOCK})?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MOST_BEFORE = 30
_FEWEST_HOURS = 23


def wide(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Find a table of which each row is a day or an hour of several years; nothing is read."""
    for i in range(min(len(sheet.rows), _MOST_BEFORE)):
        cells = sheet.texts(i)
        if _are_hours(cells):
            what = f"a column for each hour of the day ('{cells[1]}' ...), a row for each day"
            remedy = "write one row for each hour, with its time and its value (in pandas: DataFrame.melt)"
            flaws.add("wide-table", what, remedy, sheet.lines[i])
            return None
        years = _years(cells)
        if years and not any(_is_year_cell(sheet, i + 1, k) for k in range(len(cells))):
            what = f"a column for each year ({years[0]} to {years[-1]})"
            remedy = "write one row for each time of all years, with its time and its value, or the years in files"
            flaws.add("wide-table", what, remedy, sheet.lines[i])
            return None
    return None


def _are_hours(cells: Sequence[str]) -> bool:
    """Whether the names of at least 23 neighbouring columns count the hours of the day."""
    numbers = [int(match[1]) if (match := _HOUR.fullmatch(cell)) is not None else -1 for cell in cells]
    run = 0
    for before, number in zip([-1, *numbers], numbers, strict=False):
        run = run + 1 if run and number == before + 1 else int(number in (0, 1))
        if run >= _FEWEST_HOURS:
            return True
    return False


def _years(cells: Sequence[str]) -> list[int]:
    """Return the years that name at least two columns and nothing else, beside a first one of times; else none."""
    found = [int(cell) for cell in cells[1:] if _YEAR.fullmatch(cell) is not None]
    is_all = len(found) >= 2 and len(found) == sum(1 for cell in cells[1:] if cell)
    first = cells[0] if cells else ""
    in_turn = all(later - year == 1 for year, later in pairwise(found))
    return found if is_all and in_turn and not any(ch.isdigit() for ch in first) else []


def _is_year_cell(sheet: Sheet, row: int, column: int) -> bool:
    cells = sheet.texts(row)
    return 0 < column < len(cells) and _YEAR.fullmatch(cells[column]) is not None
