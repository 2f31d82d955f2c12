"""What the formats of weather have in common: rows below a known header, markers for missing values, clock, year."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter

import numpy as np

from h2plant.config.tables.sheet import Cell, Sheet, is_number, text
from h2plant.config.tables.table import (
    BEYOND_YEARS,
    FIRST_YEAR,
    LAST_YEAR,
    YEAR_REMEDY,
    At,
    Flaws,
    Place,
    Seconds,
    Stamps,
)

_DAY_S = 86400
_MOST_LEAD = 60
_MOST_WHOLE = 1e15  # of years, hours, minutes and stamps

Parts = tuple[Seconds, Seconds, Seconds, Seconds]
"""Year, month, day and second of the day of each row."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a table, as places in its sheet.

    Parameters
    ----------
    sheet
        The file.
    places
        Which of its rows they are.
    notes
        What was passed over, in words.
    """

    sheet: Sheet
    places: list[int]
    notes: list[str]

    @cached_property
    def lines(self) -> Seconds:
        """The line of each row, shape (n,)."""
        return np.array([self.sheet.lines[i] for i in self.places], dtype=np.int64)

    @cached_property
    def _rows(self) -> list[Sequence[Cell]]:
        return [self.sheet.rows[i] for i in self.places]

    def column(self, k: int) -> list[str]:
        """Return the cells of a column as text without spaces around it."""
        cells = list(map(itemgetter(k), self._rows))
        try:
            joined = "".join(cells)
        except TypeError:  # numbers among them, as in Excel
            joined = " "
        if joined.isascii() and not any(sign in joined for sign in " \t\r\n"):
            return cells
        return [text(cell) for cell in cells]


def header_row(sheet: Sheet, is_header: Callable[[list[str]], bool], most: int = _MOST_LEAD) -> int | None:
    """Return the first row that is a format's header, of those near the begin of a file."""
    return next((i for i in range(min(len(sheet.rows), most)) if is_header(sheet.texts(i))), None)


def as_number(written: str) -> float | None:
    """Return a number of a preamble, whose decimal sign may be a comma; None if it is none, or has no bound."""
    try:
        number = float(written.strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def hours_ahead(written: str) -> float | None:
    """Return the hours that a preamble says its clock is ahead of UTC; None if it does not say such a number."""
    hours = as_number(written)
    return hours if hours is not None and -12.0 <= hours <= 14.0 else None


def place_of(latitude: str, longitude: str, elevation: str) -> Place | None:
    """Return where a file is from; None where its preamble does not say it in numbers."""
    north, east = as_number(latitude), as_number(longitude)
    if north is None or east is None or not (-90.0 <= north <= 90.0 and -180.0 <= east <= 360.0):
        return None
    return Place(north, east, as_number(elevation))


# Rows ----------------------------------------------------------------------------------------------------------------
def whole_rows(
    sheet: Sheet, first: int, width: int, is_stamp: Callable[[Sequence[Cell]], bool], flaws: Flaws
) -> Rows | None:
    """Return the rows of a table up to its end or its footer.

    Parameters
    ----------
    sheet
        The file.
    first, width
        Row behind the header, and how many cells that has.
    is_stamp
        Whether a row begins with a time, as those of the table do.
    flaws
        Rows of too few or too many cells, and rows of numbers without a time, are appended here.

    Returns
    -------
    Rows or None
        A last line that is cut off, and rows behind a footer, are passed over with a note. None if anything was wrong.
    """
    places: list[int] = []
    uneven: list[int] = []
    bad: list[tuple[int, str]] = []
    behind: list[int] = []
    footer: int | None = None
    last = first
    for i in range(first, len(sheet.rows)):
        row = sheet.rows[i]
        is_timed = bool(row) and is_stamp(row)
        if not is_timed and sheet.is_blank(i):
            continue
        last = i
        is_of_numbers = is_timed or (len(row) >= width and sum(map(is_number, row)) > width / 2)
        if footer is not None:
            if is_of_numbers:
                behind.append(i)
        elif is_timed:
            if len(row) == width or (len(row) > width and not any(map(text, row[width:]))):
                places.append(i)
            else:
                uneven.append(i)
        elif is_of_numbers:
            bad.append((sheet.lines[i], f"'{text(row[0])}' is no time of this format"))
        else:
            footer = i
    notes: list[str] = []
    if uneven == [last] and footer is None and places:
        notes.append(f"line {sheet.lines[last]} is cut off and was passed over")
        uneven = []
    if sheet.ends_within_line and footer is None and places and places[-1] == last:
        notes += _open_end(sheet, places, width)
    if behind:
        assert footer is not None
        n = len(behind)
        what = f"{n} row{'s' * (n > 1)} behind the footer (line {sheet.lines[footer]}) passed over"
        notes.append(f"{what}, the first in line {sheet.lines[behind[0]]}")
    ragged = [(sheet.lines[i], f"{len(sheet.rows[i])} cells where the header has {width}") for i in uneven]
    flaws.add_many("ragged-row", ragged, f"give each row the {width} cells of the header")
    flaws.add_many("bad-time", bad, "correct the time, or download the file again")
    if not places and not ragged and not bad:
        flaws.add("empty-file", "there are no rows below the header", "download the file again", sheet.lines[first - 1])
    return None if ragged or bad or not places else Rows(sheet, places, notes)


def _open_end(sheet: Sheet, places: list[int], width: int) -> list[str]:
    """Take the last row out if its last cell is cut short, as the others show, where no line break ends it."""
    line = sheet.lines[places[-1]]
    cells = [text(sheet.rows[i][width - 1]) for i in places]
    n_decimals = {len(cell.replace(",", ".").partition(".")[2]) for cell in cells[:-1]}
    if len(n_decimals) == 1 and len(cells[-1].replace(",", ".").partition(".")[2]) not in n_decimals:
        places.pop()
        return [f"line {line} is cut off and was passed over"]
    return [f"no line break ends line {line}: if the file is cut off there, so may be its last cell, '{cells[-1]}'"]


def whole_numbers(cells: Sequence[str], lines: Seconds, column: str, flaws: Flaws) -> Seconds | None:
    """Return a column of whole numbers such as years and hours; None, with findings, if a cell is none."""
    try:
        return np.array([int(cell) for cell in cells], dtype=np.int64)
    except (ValueError, OverflowError):
        pass
    values = [as_number(cell) for cell in cells]
    bad = [
        (int(lines[i]), f"'{cells[i]}' in the column '{column}' is not a whole number")
        for i, value in enumerate(values)
        if value is None or not abs(value) < _MOST_WHOLE or value % 1
    ]
    flaws.add_many("bad-time", bad, "correct the line, or download the file again")
    return None if bad else np.array(values).astype(np.int64)


def without_markers(
    columns: dict[str, list[str]], missing: Mapping[str, Callable[[float], bool]]
) -> tuple[dict[str, list[str]], list[str]]:
    """Return columns with empty cells where a format's marker for a missing value stands, and a note of how many."""
    cleaned = dict(columns)
    found: list[str] = []
    for name, is_missing in missing.items():
        cells = columns.get(name)
        if cells is None:
            continue
        hits = {cell for cell in set(cells) if (value := as_number(cell)) is not None and is_missing(value)}
        if hits:
            cleaned[name] = ["" if cell in hits else cell for cell in cells]
            n = sum(cell in hits for cell in cells)
            found.append(f"{n} in '{name}' ({', '.join(sorted(hits))})")
    return cleaned, [f"markers for missing values taken as empty: {', '.join(found)}"] if found else []


# Times ---------------------------------------------------------------------------------------------------------------
def seconds_of(parts: Parts, written: Sequence[str], lines: Seconds, flaws: Flaws) -> Seconds | None:
    """Return seconds since 1970 of a clock; None, with findings, where there is no such day or time."""
    year, month, day, second = parts
    month_0 = np.clip(month, 1, 12)
    beyond = (year < FIRST_YEAR) | (year > LAST_YEAR)
    months = ((np.clip(year, FIRST_YEAR, LAST_YEAR) - 1970) * 12 + month_0 - 1).astype("datetime64[M]")
    begins = months.astype("datetime64[D]").astype(np.int64)
    n_days = (months + 1).astype("datetime64[D]").astype(np.int64) - begins
    wrong = (month != month_0) | (day < 1) | (day > n_days) | (second < 0) | (second > _DAY_S)
    out = [(int(lines[i]), f"'{written[i]}' {BEYOND_YEARS}") for i in np.flatnonzero(beyond).tolist()]
    flaws.add_many("bad-time", out, YEAR_REMEDY)
    bad = [(int(lines[i]), f"'{written[i]}' is no time") for i in np.flatnonzero(wrong & ~beyond).tolist()]
    flaws.add_many("bad-time", bad, "correct the line, or download the file again")
    return None if bad or out else (begins + day - 1) * _DAY_S + second


def mixes_years(year: Seconds, month: Seconds) -> bool:
    """Whether months come from several years, as in a typical year."""
    goes_on = np.isin(np.diff(month), (0, 1))  # where the years of a record change, December and January meet
    return bool(((np.diff(year) != 0) & goes_on).any())


def in_one_year(parts: Parts) -> Parts:
    """Return the times of a typical year in one year: that of the first row, or the one beside it that has 29 February.

    Or has not, where the rows go from 28 February to 1 March.
    """
    year, month, day, second = parts
    # an hour 0:00 of 1 January that ends a year lies in the next one
    following = (np.diff(month, prepend=month[0]) < -6).cumsum()
    base = int(year[0])
    has_29 = bool(((month == 2) & (day == 29)).any())
    crosses = bool((month <= 2).any() and (month > 2).any())
    if has_29:
        base += -base % 4
    elif crosses and _is_leap(base):
        base -= 1
    return base + following, month, day, second


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def fixed_clock(
    written: Sequence[str],
    local_s: Seconds,
    hours: float,
    says: str,
    at: At | None = None,
    is_typical: bool = False,
    is_instant: bool = False,
) -> Stamps:
    """Return stamps of a clock that is as many hours ahead of UTC all year; a fraction of hours has no zone's name."""
    zones: tuple[str, ...] = ()
    offset_s: Seconds | None = None
    if hours % 1 == 0 and -12 <= hours <= 14:
        zones = ("UTC",) if hours == 0 else (f"Etc/GMT{-int(hours):+d}",)
    else:
        offset_s = np.full(len(local_s), round(hours * 3600), dtype=np.int64)
    return Stamps(written, local_s, offset_s, zones, says, at, is_typical, is_instant)


def clock_note(hours: float, says: str) -> list[str]:
    """Return a note of a clock that has no zone's name."""
    return [f"times {hours:+g} h from UTC, as {says} says"] if hours % 1 else []
