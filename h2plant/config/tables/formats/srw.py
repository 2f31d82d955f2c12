"""Wind resource files of SAM (.srw), as NREL's WIND Toolkit delivers them.

Five lines of header: the site, a description, names, units, and heights above ground of each column; then the hours
of a year, without times: SAM help, "Weather file format: SRW", and ``shared/lib_windfile.cpp`` of NREL's ``ssc``.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence

import numpy as np

from h2plant.config.tables.formats.weather_rows import as_number, fixed_clock, hours_ahead, place_of, whole_rows
from h2plant.config.tables.sheet import Cell, Sheet, is_number, text
from h2plant.config.tables.table import BEYOND_YEARS, FIRST_YEAR, LAST_YEAR, YEAR_REMEDY, Flaws, Quantity, Stamps, Table
from h2plant.config.tables.units import unit_of_text
from h2plant.plant.series_spec import Description

_NAMES = {
    "temperature": "temp_air", "temp": "temp_air",
    "pressure": "pressure_air", "pres": "pressure_air",
    "speed": "wind_speed", "velocity": "wind_speed",
    "direction": "", "dir": "",
}  # fmt: skip
_FIRST_OF_MARCH_H = (31 + 28) * 24
_ROWS_PER_HOUR = (1, 2, 4, 6, 12, 60)
_DEGREES_PER_HOUR = 15.0


def srw(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Return the table of a .srw file; see ``formats``."""
    if len(sheet.rows) < 6 or len(sheet.texts(0)) < 8:
        return None
    names = [name.lower() for name in sheet.texts(2)]
    while names and not names[-1]:
        names.pop()
    if len(names) < 2 or not all(name in _NAMES for name in names):
        return None
    site, units, heights = sheet.texts(0), sheet.texts(3), [as_number(cell) for cell in sheet.texts(4)]
    width = len(names)
    heights = heights[:width]
    if len(units) < width or len(heights) < width or None in heights:
        what = "a .srw file whose names, units and heights (lines 3 to 5) are not equally many"
        flaws.add("ragged-row", what, "download the file again", sheet.lines[4])
        return None
    rows = whole_rows(sheet, 5, width, _is_row, flaws)
    if rows is None:
        return None
    labels = [f"{name} {height:g}m" for name, height in zip(sheet.texts(2), heights, strict=False)]
    labels = [f"{label} ({k + 1})" if labels.count(label) > 1 else label for k, label in enumerate(labels[:width])]
    quantities = {
        label: Quantity(_NAMES[name], unit, height if height else None)
        for label, name, written, height in zip(labels, names, units, heights, strict=False)
        if _NAMES[name] and (unit := unit_of_text(written)) is not None
    }
    stamps, notes = _stamps(site, len(rows.places), how, flaws, sheet.lines[0])
    if stamps is None:
        return None
    return Table(
        sheet.file,
        {label: rows.column(k) for k, label in enumerate(labels)},
        rows.lines,
        sheet.delimiter,
        taken_for="SAM wind resource (.srw)",
        stamps=stamps,
        quantities=quantities,
        place=place_of(*site[5:8]),
        notes=(*sheet.notes, *rows.notes, *notes),
    )


def _is_row(row: Sequence[Cell]) -> bool:
    return bool(row) and bool(text(row[0])) and is_number(row[0])


def _stamps(site: list[str], n: int, how: Description, flaws: Flaws, line: int) -> tuple[Stamps | None, list[str]]:
    """Return the hours of the year that the first line names. They have no times of their own."""
    year = as_number(site[4])
    is_typical = year is None
    if year is None:
        year = 2001.0  # any that is no leap year
    if year % 1 or not FIRST_YEAR <= year <= LAST_YEAR:
        flaws.add("bad-time", f"the year '{site[4]}' of the first line {BEYOND_YEARS}", YEAR_REMEDY, line)
        return None, []
    is_leap = calendar.isleap(int(year))
    per_hour = next((k for k in _ROWS_PER_HOUR if n in (8760 * k, 8784 * k * is_leap)), 1)
    if n > 8784 * per_hour or (n > 8760 * per_hour and not is_leap):
        what = f"{n} rows are no whole year of {int(year)}: which time a row stands for cannot be told"
        flaws.add("ambiguous-time", what, "download the file again", line)
        return None, []
    first = np.datetime64(f"{int(year):04d}", "Y").astype("datetime64[s]").astype(np.int64)
    local = first + np.arange(n) * (3600 // per_hour)
    notes = [f"{n} hours from the begin of the year on, as the file has no times"]
    said = as_number(site[9]) if len(site) > 9 else None
    if said is not None and n > said:
        what = f"the first line says {said:g} rows, and there are {n}: which hour a row stands for cannot be told"
        flaws.add("ambiguous-time", what, "download the file again", line)
        return None, []
    if said is not None and n < said:
        notes.append(f"the first line says {said:g} rows: if one of the midst is missing, those behind it are shifted")
    rows = f"{n} hours" if per_hour == 1 else f"{n} rows of {60 // per_hour} minutes"
    notes[0] = f"{rows} from the begin of the year on, as the file has no times"
    if n == 8760 * per_hour and is_leap:
        local = local + np.where(np.arange(n) >= _FIRST_OF_MARCH_H * per_hour, 86400, 0)
        notes[0] = f"{rows} of a leap year without its 29 February, as the file has no times"
    written = np.datetime_as_string(local.astype("datetime64[s]"), unit="m").tolist()
    hours, longitude = hours_ahead(site[8]) if len(site) > 8 else None, as_number(site[6])
    # files of the WIND Toolkit have a 1 there that means something else; ssc does not read it
    is_zone = hours is not None and hours != 1.0 and longitude is not None
    if is_zone and hours is not None and longitude is not None and abs(hours - longitude / _DEGREES_PER_HOUR) <= 2.5:
        return fixed_clock(written, local, hours, "the first line", None, is_typical), notes
    notes.append("its first line says no time zone that fits the longitude")
    return Stamps(written, local, is_typical=is_typical), notes
