"""Which columns of a table hold its times, and what their clock shows in each row."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np

from h2plant.config.tables.clock import zones_said
from h2plant.config.tables.stamps import looks_like_time, read_stamps
from h2plant.config.tables.table import (
    BEYOND_YEARS,
    FIRST_YEAR,
    LAST_YEAR,
    YEAR_REMEDY,
    At,
    Flaws,
    Seconds,
    Stamps,
    Table,
)
from h2plant.core.number import whole_number
from h2plant.plant.finding import listing, nearest
from h2plant.plant.series_spec import Description

_DAY_S = 86400
_MOST_WHOLE = 1e15

TIME_COLUMNS = (
    *("time_utc", "time", "timestamp_utc", "timestamp", "datetime_utc", "datetime", "date_time_utc", "date_time"),
    *("time_local", "utc", "utc_time", "date", "__index_level_0__"),
)
"""Names that a column of times has, the most telling first; other names are found by what the column holds."""

_END = re.compile(
    r"(?i)(?:^|[\W_])(?:period_?end|interval_?end|hour_?ending|ending|end|ende|bis|fin|to|hasta|he)(?:$|[\W_])"
)
_STATES_OFFSET = re.compile(r".*\d:\d{2}\S*\s*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)")
_CLOCK = re.compile(r"(?i)\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]m)?(?:\s*[-–]\s*\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]m)?)?")
_MIDNIGHT = re.compile(r"[ T]0?0:00(?::00(?:\.0+)?)?$")
_PARTS = {
    "year": ("year", "jahr", "año", "ano", "annee", "année", "yyyy", "yr"),
    "month": ("month", "monat", "mes", "mois", "mm", "mo"),
    "day": ("day", "tag", "día", "dia", "jour", "dd"),
    "hour": ("hour", "stunde", "hora", "heure", "hh", "hr"),
    "minute": ("minute", "min", "minuto"),
}


def stamps_of(table: Table, how: Description, flaws: Flaws) -> Stamps | None:
    """Return the times of a table's rows.

    Parameters
    ----------
    table
        The table; where its format says how times are written, that counts.
    how
        What an entry says of them.
    flaws
        What is wrong is appended here.
    """
    described = any((how.time_column, how.date_column, how.hour_column, how.time_format))
    if table.stamps is not None and not described:
        stamps: Stamps | None = table.stamps
    elif how.date_column is not None or how.hour_column is not None:
        stamps = _date_and_hour(table, how, flaws)
    else:
        stamps = _one_column(table, how, flaws)
    if stamps is None:
        return None
    if how.stamps is not None and stamps.at is not None and how.stamps != stamps.at:
        what = (
            f"the entry says that stamps lie at the {how.stamps} of their interval, but the file shows the {stamps.at}"
        )
        flaws.add("stamps-conflict", what, "drop 'stamps:', or correct the file", int(table.lines[0]))
        return None
    if how.year is not None:
        stamps = in_year(stamps, how.year, table, flaws)
    return stamps


def time_columns(table: Table, how: Description) -> set[str]:
    """Return the names of the columns that say when, as far as they are known without reading them."""
    named = {name for name in (how.time_column, how.date_column, how.hour_column) if name}
    parts = _parts(table)
    found = _by_name(table) if not named else None
    others = [] if named or found or parts else _starts(table)
    return named | set(parts.values()) | ({found} if found else set()) | set(others)


# One column ----------------------------------------------------------------------------------------------------------
def _one_column(table: Table, how: Description, flaws: Flaws) -> Stamps | None:
    name = how.time_column
    line = _header_line(table)
    if name is not None and name not in table.columns:
        flaws.add("no-such-column", f"there is no time column '{name}'", nearest(name, table.columns), line)
        return None
    if name is None:
        parts = _parts(table)
        if {"year", "month", "day"} <= parts.keys():
            return _of_parts(table, parts, flaws)
        candidates = _starts(table)
        if candidates and not any(_has_clock(table, one) for one in candidates):
            beside = [parts["hour"]] if "hour" in parts else _clock_columns(table)
            if len(beside) > 1:
                what = f"times of the day stand in several columns: {listing(beside)}"
                flaws.add("which-column", what, f"say which: 'hour_column: {beside[0]}'", line)
                return None
            date = candidates[0]
            if beside:
                joined = _date_and_hour(table, replace(how, date_column=date, hour_column=beside[0]), flaws)
                note = f"date and hour from the columns '{date}' and '{beside[0]}'"
                return None if joined is None else replace(joined, note=note)
        name = _best(table, candidates, flaws) if candidates else _by_name(table)
        if candidates and name is None:
            return None
    if name is None:
        flaws.add("no-time-column", "no column is named like a time or holds times", _column_remedy(table), line)
        return None
    cells = table.columns[name]
    if not isinstance(cells, list) and cells.dtype.kind != "M" and not _are_compact(table.text(name)):
        flaws.add("bad-time", f"the column '{name}' holds numbers, not times", _column_remedy(table), line)
        return None
    if not isinstance(cells, list) and cells.dtype.kind == "M":
        instants = np.asarray(cells.astype("datetime64[s]").astype(np.int64))
        if (cells.astype("datetime64[us]").astype(np.int64) % 1_000_000).any():
            i = int((cells.astype("datetime64[us]").astype(np.int64) % 1_000_000).astype(bool).argmax())
            what = f"'{np.datetime_as_string(cells[i])}' has a fraction of a second"
            flaws.add("bad-time", what, "round the times to seconds", int(table.lines[i]))
            return None
        return Stamps(table.text(name), instants, np.zeros_like(instants))
    shown = read_stamps(table.text(name), table.lines, flaws, how.time_format)
    if shown is None:
        return None
    if _are_days_repeated(shown.local_s) and (hours := _hour_columns(table)):
        what = f"the column '{name}' holds days, several rows each: their hours stand in another column"
        remedy = f"say which: 'date_column: {name}' and 'hour_column: {hours[0]}'"
        flaws.add("no-time-column", what, remedy, line)
        return None
    at: At | None = shown.at or ("end" if is_end(name) else None)
    zones, says = _zones(table, name)
    offset_s, column = shown.offset_s, _zone_column(table, name)
    if offset_s is None and column is not None:
        names = {cell.strip() for cell in table.text(column)}
        if len(names) == 1:  # such as CET also in summer: as a name of the column says it
            zones, says = zones or zones_said(names.pop()), f"the column '{column}'"
        elif (offset_s := zone_offsets(table, column, flaws)) is None:
            return None
    return Stamps(table.text(name), shown.local_s, offset_s, zones, says, at)


def is_end(column: str) -> bool:
    """Whether the name of a column says that its times end intervals."""
    return _END.search(_parted(column)) is not None


def _parted(name: str) -> str:
    """Return a name with its words apart: ``PeriodEnd`` becomes ``Period End``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def _zones(table: Table, *columns: str) -> tuple[tuple[str, ...], str]:
    """Return the zones that the names of columns say, else those that the lines before the header say; and where."""
    for column in columns:
        zones = zones_said(column)
        if zones:
            return zones, f"the column '{column}'"
    return (table.zones, table.says_zone) if table.zones else ((), f"the column '{columns[0]}'")


_ZONE_NAMES = {"CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1,
               "EET": 2, "EEST": 3, "AEST": 10, "AEDT": 11}  # fmt: skip
"""Hours by which a clock is ahead of UTC; names that other zones share (CST, EST, IST) are left out."""


def zone_offsets(table: Table, column: str, flaws: Flaws) -> Seconds | None:
    """Return by how much each row's clock is ahead of UTC, s, where a column says its zone (``CET``, ``CEST``)."""
    cells = [cell.strip().upper() for cell in table.text(column)]
    bad = [
        (int(table.lines[i]), f"'{cell}' in the column '{column}' is no zone that is known here")
        for i, cell in enumerate(cells)
        if cell not in _ZONE_NAMES
    ]
    flaws.add_many("bad-time", bad, f"write {listing(list(_ZONE_NAMES), 'or')}, or an offset behind the times")
    return None if bad else np.array([_ZONE_NAMES[cell] for cell in cells], dtype=np.int64) * 3600


def _zone_column(table: Table, times: str) -> str | None:
    """Return the column that says the zone of each row's time; that of an interval's end only if no other does."""
    found = [
        name
        for name, cells in table.columns.items()
        if name != times and isinstance(cells, list) and all(cell.strip().upper() in _ZONE_NAMES for cell in cells)
    ]
    return next((name for name in found if not is_end(name)), found[0] if found else None)


def _are_days_repeated(local_s: Seconds) -> bool:
    return not (local_s % _DAY_S).any() and bool((np.diff(local_s) == 0).any())


def _header_line(table: Table) -> int:
    return max(int(table.lines[0]) - 1, 1) if table.n_rows else 1


def _column_remedy(table: Table) -> str:
    return f"name it 'time_utc' or 'time', or say which with 'time_column:'; the columns are {', '.join(table.columns)}"


def _by_name(table: Table) -> str | None:
    by_lower = {
        re.sub(r"\s*[\[(].*", "", c).strip().lower().replace(" ", "_"): c for c in reversed(list(table.columns))
    }
    return next((by_lower[candidate] for candidate in TIME_COLUMNS if candidate in by_lower), None)


def _starts(table: Table) -> list[str]:
    """Return the columns that hold dates or times, one for each row: those that end intervals only if no other does.

    A column that has the same time in most rows (when the file was made) is none.
    """
    found = []
    for name, cells in table.columns.items():
        if isinstance(cells, list):
            sample = cells[:50]
            is_one = len(sample) > 1 and len(set(sample)) == 1 and _has_clock(table, name)
            if not is_one and all(map(looks_like_time, sample)):
                found.append(name)
        elif cells.dtype.kind == "M":
            found.append(name)
    found = [name for name in found if not is_end(name)] or found
    # days beside times of the day say less, unless the rows are days
    if any(_has_clock(table, name) for name in found):
        found = [name for name in found if _has_clock(table, name) or _are_different(table, name)]
    return found


def _are_different(table: Table, name: str) -> bool:
    sample = table.text(name)[:50]
    return len(set(sample)) == len(sample)


def _best(table: Table, candidates: list[str], flaws: Flaws) -> str | None:
    """Return which of several columns of times counts.

    The one whose times are sure: with an offset in each cell, or a name that says the zone, UTC before others; else
    the one that is named like a time (``TIME_COLUMNS``); else the first if all say the same; else that is asked.
    """
    if len(candidates) == 1:
        return candidates[0]
    by_name = _by_name(table)
    order = [by_name, *candidates] if by_name in candidates else candidates
    assert all(name is not None for name in order)
    names = [str(name) for name in order]

    def surety(name: str) -> int:
        cells = table.columns[name]
        if not isinstance(cells, list) or _STATES_OFFSET.fullmatch(cells[0].strip()):
            return 3
        zones = zones_said(name)
        return 2 if zones == ("UTC",) else 1 if zones and "local" not in zones and "?" not in zones else 0

    best = max(names, key=surety)  # the first of the surest
    if surety(best) or by_name in candidates:
        return best
    if all(table.columns[name] == table.columns[names[0]] for name in names[1:]):
        return names[0]
    what = f"several columns hold times: {listing(names)}"
    flaws.add("which-column", what, f"say which: 'time_column: {names[0]}'", _header_line(table))
    return None


def _clock_columns(table: Table) -> list[str]:
    """Return the columns that hold times of the day without a date; those that end intervals only if no other does."""
    found = [
        name
        for name, cells in table.columns.items()
        if isinstance(cells, list) and all(_CLOCK.fullmatch(cell.strip()) for cell in cells[:50])
    ]
    return [name for name in found if not is_end(name)] or found


def _are_compact(cells: list[str]) -> bool:
    return all(map(looks_like_time, cells[:50]))


def _has_clock(table: Table, name: str) -> bool:
    """Whether the times of a column say more than the day; midnight alone is how spreadsheets write days."""
    cells = (_MIDNIGHT.sub("", cell.strip()) for cell in table.text(name)[:50])
    return any(":" in cell or len(cell) > 11 for cell in cells)


def _hour_columns(table: Table) -> list[str]:
    """Return the columns that may hold the hours of the day: whole numbers from 0 or 1 to at most 25 in each day."""
    found = []
    for name in table.columns:
        cells = [cell.strip() for cell in table.text(name)]
        numbers = {whole_number(cell) for cell in cells}
        if len(numbers) > 1 and all(number is not None and number <= 25 for number in numbers):
            found.append(name)
    return found


# Several columns -----------------------------------------------------------------------------------------------------
def _parts(table: Table) -> dict[str, str]:
    """Return the columns of year, month, day, hour and minute, those there are."""
    by_lower = {_without_zone(column).lower(): column for column in table.columns}
    return {
        part: by_lower[name] for part, names in _PARTS.items() for name in reversed(names) if name in by_lower
    }  # fmt: skip


def _without_zone(column: str) -> str:
    """Return a column's name without what stands in brackets, and without a zone behind it (``Hour in EST``)."""
    name = re.sub(r"\s*[\[(].*", "", column).strip()
    first, _, rest = name.partition(" ")
    return first if rest and zones_said(rest) else name


def _of_parts(table: Table, parts: dict[str, str], flaws: Flaws) -> Stamps | None:
    """Return times whose year, month, day and hour stand in columns of their own."""
    numbers: dict[str, Seconds] = {}
    for part, column in parts.items():
        found = _whole_numbers(table, column, flaws)
        if found is None:
            return None
        numbers[part] = found
    year, month, day = numbers["year"], numbers["month"], numbers["day"]
    zero = np.zeros_like(year)
    hour, minute = numbers.get("hour", zero), numbers.get("minute", zero)
    wrong = (
        (month < 1) | (month > 12) | (day < 1) | (day > 31) | (hour < 0) | (hour > 25) | (minute < 0) | (minute > 59)
    )
    beyond = (year < FIRST_YEAR) | (year > LAST_YEAR)
    months = ((np.clip(year, FIRST_YEAR, LAST_YEAR) - 1970) * 12 + month - 1).astype("datetime64[M]")
    n_days = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    wrong |= beyond | (day > n_days)
    if wrong.any():
        i = int(wrong.argmax())
        what = f"year {year[i]}, month {month[i]}, day {day[i]}, hour {hour[i]}, minute {minute[i]} "
        if beyond[i]:
            flaws.add("bad-time", what + BEYOND_YEARS, YEAR_REMEDY, int(table.lines[i]))
        else:
            flaws.add("bad-time", f"{what}is no time", "correct the line", int(table.lines[i]))
        return None
    days = months.astype("datetime64[D]").astype(np.int64) + day - 1
    written = [
        f"{y:04d}-{m:02d}-{d:02d} {h:02d}:{n:02d}"
        for y, m, d, h, n in zip(*(a.tolist() for a in (year, month, day, hour, minute)), strict=True)
    ]
    zones, named = _zones(table, *(parts[part] for part in ("hour", "day", "minute", "month", "year") if part in parts))
    if "hour" not in parts:
        return Stamps(written, days * _DAY_S, None, zones, named)
    return _counted(written, days, hour, minute * 60, parts["hour"], (zones, named), table, flaws)


def _whole_numbers(table: Table, column: str, flaws: Flaws) -> Seconds | None:
    cells = table.text(column)
    values = [_number(cell) for cell in cells]
    bad = [
        (int(table.lines[i]), f"'{cell}' in the column '{column}' is not a whole number")
        for i, (cell, value) in enumerate(zip(cells, values, strict=True))
        if not abs(value) < _MOST_WHOLE or value % 1
    ]
    flaws.add_many("bad-time", bad, "write whole numbers")
    return None if bad else np.array(values).astype(np.int64)


def _number(cell: str) -> float:
    try:
        return math.nan if "_" in cell else float(cell.replace(",", "."))
    except ValueError:
        return math.nan


def _date_and_hour(table: Table, how: Description, flaws: Flaws) -> Stamps | None:
    """Return times whose date and hour stand in two columns."""
    for key, name in (("date_column", how.date_column), ("hour_column", how.hour_column)):
        if name is None:
            flaws.add("no-time-column", f"'{key}' is missing", "give 'date_column' and 'hour_column' together", 1)
            return None
        if name not in table.columns:
            what = f"there is no column '{name}' ({key})"
            flaws.add("no-such-column", what, nearest(name, table.columns), _header_line(table))
            return None
    date, hour = str(how.date_column), str(how.hour_column)
    shown = read_stamps(table.text(date), table.lines, flaws, how.time_format)
    if shown is None:
        return None
    if (shown.local_s % _DAY_S).any():
        what = f"the column '{date}' holds times of the day beside the hours of '{hour}'"
        flaws.add("bad-time", what, f"say 'time_column: {date}' if it holds the whole time", int(table.lines[0]))
        return None
    written = [f"{d.strip()} {h.strip()}" for d, h in zip(table.text(date), table.text(hour), strict=True)]
    zones, says = _zones(table, hour, date)
    hours = _hours(table, hour, flaws)
    if hours is None:
        return None
    clock_s, is_clock = hours
    days = shown.local_s // _DAY_S
    if is_clock:
        at: At | None = "end" if (clock_s == _DAY_S).any() else None
        return Stamps(
            written, days * _DAY_S + clock_s, shown.offset_s, zones, says, at or ("end" if is_end(hour) else None)
        )
    return _counted(written, days, clock_s // 3600, np.zeros_like(days), hour, (zones, says), table, flaws)


def _hours(table: Table, column: str, flaws: Flaws) -> tuple[Seconds, bool] | None:
    """Return the seconds of the day in a column, and whether they are written as a clock shows them (13:00)."""
    cells = [cell.strip() for cell in table.text(column)]
    if all(":" in cell for cell in cells):
        # an hour 0:00 to 24:00, or an interval 00:00 - 01:00
        begins = [re.split(r"\s*[-–]\s*", cell)[0] for cell in cells]
        shown = read_stamps([f"2000-01-01 {begin}" for begin in begins], table.lines, flaws)
        return None if shown is None else (shown.local_s - 10957 * _DAY_S, True)
    plain = [re.sub(r"(?i)^(?:h|he|hour|stunde|hora)\s*(?=\d)", "", re.sub(r"\.0+$", "", cell)) for cell in cells]
    bad = [
        (int(table.lines[i]), f"'{cells[i]}' in the column '{column}' is no hour")
        for i, cell in enumerate(plain)
        if not (cell.isdecimal() and len(cell) <= 2 and int(cell) <= 25)
    ]
    flaws.add_many("bad-time", bad, "write hours as 0 to 23, 1 to 24 or 13:00")
    return None if bad else (np.array([int(cell) for cell in plain], dtype=np.int64) * 3600, False)


def _counted(
    written: list[str], days: Seconds, hour: Seconds, second: Seconds, column: str,
    said: tuple[tuple[str, ...], str], table: Table, flaws: Flaws,
) -> Stamps | None:  # fmt: skip
    """Return times of hours 0 to 23 (they begin then) or 1 to 24 (they end then)."""
    says = f"the column '{column}'"
    if (hour > 24).any():
        i = int((hour > 24).argmax())
        what = f"an hour {hour[i]} in {says}: hours counted through the clock change"
        remedy = "write the times out with their offset, as '2023-10-29T02:00+01:00'"
        flaws.add("bad-time", what, remedy, int(table.lines[i]))
        return None
    has_first, has_last = bool((hour == 0).any()), bool((hour == 24).any())
    local = days * _DAY_S + hour * 3600 + second
    if has_last and not has_first and not second.any():
        return Stamps(written, local, None, *said, "end")
    if has_first and not has_last:
        return Stamps(written, local, None, *said, "end" if is_end(column) else None)
    if has_last:
        what = f"{says} holds hours 0 and 24" if has_first else f"{says} holds hours to 24 beside minutes"
        flaws.add("bad-time", what, "count hours from 0 to 23, or from 1 to 24", int(table.lines[0]))
        return None
    what = f"{says} holds neither hour 0 nor hour 24: the hour 5 may begin or end at five"
    remedy = "write the times out, or give a whole day"
    flaws.add("ambiguous-time", what, remedy, int(table.lines[0]))
    return None


# A year that means nothing -------------------------------------------------------------------------------------------
def in_year(stamps: Stamps, year: int, table: Table, flaws: Flaws) -> Stamps | None:
    """Return times moved into a year, each to the same month, day and hour.

    29 February is found where that year has none.
    """
    months = (stamps.local_s // _DAY_S).astype("datetime64[D]").astype("datetime64[M]")
    rest = stamps.local_s - months.astype("datetime64[D]").astype(np.int64) * _DAY_S
    number = months.astype(np.int64)
    years, of_year = number // 12, number % 12
    # an interval that ends with the year begins in it: its stamp lies in the next one
    following = years - years[0]
    if stamps.is_typical:
        following = following + (np.diff(number, prepend=number[0]) < -6).cumsum()
    moved = ((year - 1970 + following) * 12 + of_year).astype("datetime64[M]")
    days_of = (moved + 1).astype("datetime64[D]").astype(np.int64) - moved.astype("datetime64[D]").astype(np.int64)
    wrong = rest // _DAY_S >= days_of
    if wrong.any():
        i = int(wrong.argmax())
        what = f"'{stamps.written[i]}' is not in the year {year}"
        flaws.add("bad-time", what, "choose a leap year, or take the day out", int(table.lines[i]))
        return None
    local = moved.astype("datetime64[D]").astype(np.int64) * _DAY_S + rest
    return replace(stamps, local_s=local, is_typical=False)
