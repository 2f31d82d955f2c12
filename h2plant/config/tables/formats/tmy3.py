"""TMY3: typical years of the NSRDB.

A line of the station, a line of 71 names with units, then the hours 01:00 to 24:00 that end, of local standard time:
S. Wilcox and W. Marion, "Users Manual for TMY3 Data Sets", NREL/TP-581-43156 (2008), tables 1-1 and 1-2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from h2plant.config.tables.formats.weather_rows import (
    fixed_clock,
    header_row,
    hours_ahead,
    in_one_year,
    place_of,
    seconds_of,
    whole_numbers,
    whole_rows,
    without_markers,
)
from h2plant.config.tables.sheet import Cell, Sheet, text
from h2plant.config.tables.table import Flaws, Quantity, Seconds, Table
from h2plant.config.tables.units import unit_of_text
from h2plant.plant.series_spec import Description

_QUANTITIES = {
    "ghi": ("ghi", None),
    "dni": ("dni", None),
    "dhi": ("dhi", None),
    "dry-bulb": ("temp_air", 2.0),
    "dew-point": ("dew_point", None),
    "rhum": ("relative_humidity", None),
    "pressure": ("pressure_air", None),
    "wspd": ("wind_speed", 10.0),
}
_COLUMN = re.compile(r"(?P<name>.*\S)\s*\((?P<unit>[^()]*)\)")
_MISSING = -9900.0


def tmy3(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Return the table of a TMY3 file; see ``formats``."""
    header = header_row(sheet, _is_header, most=4)
    if header is None or header < 1:
        return None
    station = sheet.texts(header - 1)
    hours = hours_ahead(station[3]) if 6 < len(station) < 12 else None
    if hours is None:
        what = "a TMY3 file, but the line above the header does not say the time zone"
        flaws.add("bad-time", what, "download the file again", sheet.lines[header - 1])
        return None
    names = sheet.texts(header)
    while names and not names[-1]:
        names.pop()
    rows = whole_rows(sheet, header + 1, len(names), _is_row, flaws)
    if rows is None:
        return None
    lines = rows.lines
    dates, clocks = rows.column(0), rows.column(1)
    written = [f"{date} {clock}" for date, clock in zip(dates, clocks, strict=True)]
    local = _times(names[0], dates, clocks, written, lines, flaws)
    if local is None:
        return None
    columns = {name: rows.column(k) for k, name in enumerate(names) if k > 1}
    quantities = {name: q for name in columns if (q := _quantity(name)) is not None}
    columns, notes = without_markers(columns, dict.fromkeys(quantities, lambda value: value <= _MISSING))
    return Table(
        sheet.file,
        columns,
        lines,
        sheet.delimiter,
        taken_for=f"TMY3 ({station[1]})",
        stamps=fixed_clock(written, local, hours, "the first line", "end", is_typical=True),
        quantities=quantities,
        place=place_of(*(station[4:7] + [""] * 3)[:3]),
        notes=(*sheet.notes, *rows.notes, *notes),
    )


def _is_header(cells: list[str]) -> bool:
    return len(cells) > 5 and cells[0].startswith("Date (") and cells[1].startswith("Time (HH:MM")


def _is_row(row: Sequence[Cell]) -> bool:
    return len(row) > 1 and bool(re.fullmatch(r"\d+[-/.]\d+[-/.]\d+", text(row[0])))


def _quantity(name: str) -> Quantity | None:
    """Return what a column such as ``Dry-bulb (C)`` holds, in the unit that its name says."""
    match = _COLUMN.fullmatch(name)
    known = _QUANTITIES.get(match["name"].lower()) if match is not None else None
    unit = unit_of_text(match["unit"]) if match is not None else None
    return (
        None
        if known is None or unit is None
        else Quantity(known[0], unit, known[1], known[0] not in ("ghi", "dni", "dhi"))
    )


def _times(
    header: str, dates: list[str], clocks: list[str], written: list[str], lines: Seconds, flaws: Flaws
) -> Seconds | None:
    """Return what the clock shows, in one year: dates as the header says (MM/DD/YYYY), or year first."""
    parts = [re.split(r"[-/.]", date) for date in dates]
    order = (0, 1, 2) if len(parts[0][0]) == 4 else (2, 1, 0) if "(DD" in header.upper() else (2, 0, 1)
    numbers = [whole_numbers([part[k] for part in parts], lines, header, flaws) for k in order]
    clock = [re.fullmatch(r"(\d{1,2}):(\d{2})(?::00)?", one) for one in clocks]
    bad = [(int(lines[i]), f"'{clocks[i]}' is no time") for i, one in enumerate(clock) if one is None]
    flaws.add_many("bad-time", bad, "hours of a TMY3 file go from 01:00 to 24:00")
    if bad or any(part is None for part in numbers):
        return None
    year, month, day = (part for part in numbers if part is not None)
    second = np.array([int(one[1]) * 3600 + int(one[2]) * 60 for one in clock if one is not None], dtype=np.int64)
    return seconds_of(in_one_year((year, month, day, second)), written, lines, flaws)
