"""EnergyPlus weather files (EPW).

Eight lines of header (``LOCATION`` first), then 35 fields an hour, without names: see "EnergyPlus Weather File (EPW)
Data Dictionary" in EnergyPlus, Auxiliary Programs. Hours 1 to 24 end; the clock is the ``LOCATION`` line's, all year.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from h2plant.config.tables.formats.weather_rows import (
    clock_note,
    fixed_clock,
    header_row,
    hours_ahead,
    in_one_year,
    mixes_years,
    place_of,
    seconds_of,
    whole_numbers,
    whole_rows,
    without_markers,
)
from h2plant.config.tables.sheet import Cell, Sheet, is_number, text
from h2plant.config.tables.table import Flaws, Quantity, Seconds, Table
from h2plant.core.number import whole_number
from h2plant.plant.series_spec import Description

_FIELDS = (
    *("Year", "Month", "Day", "Hour", "Minute", "Data Source and Uncertainty Flags"),
    *("Dry Bulb Temperature", "Dew Point Temperature", "Relative Humidity", "Atmospheric Station Pressure"),
    *("Extraterrestrial Horizontal Radiation", "Extraterrestrial Direct Normal Radiation"),
    *("Horizontal Infrared Radiation Intensity", "Global Horizontal Radiation", "Direct Normal Radiation"),
    *("Diffuse Horizontal Radiation", "Global Horizontal Illuminance", "Direct Normal Illuminance"),
    *("Diffuse Horizontal Illuminance", "Zenith Luminance", "Wind Direction", "Wind Speed", "Total Sky Cover"),
    *("Opaque Sky Cover", "Visibility", "Ceiling Height", "Present Weather Observation", "Present Weather Codes"),
    *("Precipitable Water", "Aerosol Optical Depth", "Snow Depth", "Days Since Last Snowfall", "Albedo"),
    *("Liquid Precipitation Depth", "Liquid Precipitation Quantity"),
)
"""Fields of a row, with the wind speed among them: older files leave the last ones away."""

_QUANTITIES = {
    # the station's thermometer and vane stand at the usual 2 m and 10 m; the file does not say it of each
    "Dry Bulb Temperature": Quantity("temp_air", "degc", 2.0, True),
    "Dew Point Temperature": Quantity("dew_point", "degc", None, True),
    "Relative Humidity": Quantity("relative_humidity", "percent", None, True),
    "Atmospheric Station Pressure": Quantity("pressure_air", "pa", None, True),
    "Global Horizontal Radiation": Quantity("ghi", "w_per_m2"),  # Wh/m2 of the hour: its mean in W/m2
    "Direct Normal Radiation": Quantity("dni", "w_per_m2"),
    "Diffuse Horizontal Radiation": Quantity("dhi", "w_per_m2"),
    "Wind Speed": Quantity("wind_speed", "m_per_s", 10.0, True),
}
_MISSING: dict[str, Callable[[float], bool]] = {
    "Dry Bulb Temperature": lambda value: value >= 99.9,
    "Dew Point Temperature": lambda value: value >= 99.9,
    "Relative Humidity": lambda value: value >= 999,
    "Atmospheric Station Pressure": lambda value: value >= 999999,
    "Global Horizontal Radiation": lambda value: value >= 9999,
    "Direct Normal Radiation": lambda value: value >= 9999,
    "Diffuse Horizontal Radiation": lambda value: value >= 9999,
    "Wind Speed": lambda value: value >= 999,
}
"""What stands for a missing value in each field, as its dictionary says."""

_TYPICAL = re.compile(r"(?i)tmy|iwec|\btry|cwec|typical|ishrae|cityuhk|swec|\brmy|imgw|\bctz|wyec|\bdsy")


def epw(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Return the table of an EnergyPlus weather file; see ``formats``."""
    location = header_row(sheet, lambda cells: cells[:1] == ["LOCATION"] and len(cells) >= 9, most=3)
    if location is None:
        return None
    head = sheet.texts(location)
    first = next((i for i in range(location, min(len(sheet.rows), 40)) if _is_row(sheet.rows[i])), None)
    hours = hours_ahead(head[8])
    if hours is None or first is None:
        what = "the LOCATION line has no time zone" if hours is None else "there are no hours below the header"
        flaws.add("empty-file", f"an EPW file, but {what}", "download the file again", sheet.lines[location])
        return None
    width = len(sheet.rows[first])
    # fields have no names: which of them is missing cannot be told; the sixth holds flags
    if width != len(_FIELDS) or is_number(sheet.rows[first][5]):
        what = f"an EPW file with {width} fields a row, wanted {len(_FIELDS)}, the sixth with flags such as 'A7'"
        flaws.add("ragged-row", what, "download the file again", sheet.lines[first])
        return None
    rows = whole_rows(sheet, first, width, _is_row, flaws)
    if rows is None:
        return None
    lines = rows.lines
    names = _FIELDS[:width]
    columns = {name: rows.column(k) for k, name in enumerate(names) if k >= 6}
    columns, notes = without_markers(columns, _MISSING)
    written = ["-".join(text(cell) for cell in sheet.rows[i][:4]) + " h" for i in rows.places]
    parts = [whole_numbers(rows.column(k), lines, names[k], flaws) for k in range(5)]
    if any(part is None for part in parts):
        return None
    year, month, day, hour, minute = (part for part in parts if part is not None)
    second = _second_of_day(hour, minute, _per_hour(sheet, first), lines, flaws)
    if second is None:
        return None
    is_typical = bool(_TYPICAL.search(head[4])) or mixes_years(year, month)
    times = (year, month, day, second)
    local = seconds_of(in_one_year(times) if is_typical else times, written, lines, flaws)
    if local is None:
        return None
    stamps = fixed_clock(written, local, hours, "the LOCATION line", "end", is_typical)
    return Table(
        sheet.file,
        columns,
        lines,
        sheet.delimiter,
        taken_for=f"EPW ({head[1]}, {head[4]})" if head[4] else f"EPW ({head[1]})",
        stamps=stamps,
        quantities={name: q for name, q in _QUANTITIES.items() if name in columns},
        place=place_of(head[6], head[7], head[9] if len(head) > 9 else ""),
        notes=(*sheet.notes, *rows.notes, *notes, *clock_note(hours, "the LOCATION line")),
    )


def _is_row(row: Sequence[Cell]) -> bool:
    first = text(row[0]) if row else ""
    return len(first) == 4 and first.isdecimal() and len(row) > 4


def _per_hour(sheet: Sheet, first: int) -> int:
    """Return the number of records an hour, from the line DATA PERIODS."""
    for i in range(first):
        cells = sheet.texts(i)
        if cells[:1] == ["DATA PERIODS"] and len(cells) > 2 and (n := whole_number(cells[2])) is not None:
            return n
    return 1


def _second_of_day(hour: Seconds, minute: Seconds, per_hour: int, lines: Seconds, flaws: Flaws) -> Seconds | None:
    """Return the second with which each record ends. With one an hour the minute means nothing (0, 30 or 60)."""
    wrong = (hour < 1) | (hour > 24) | (minute < 0) | (minute > 60)
    bad = [(int(lines[i]), f"hour {hour[i]}, minute {minute[i]} is no time") for i in np.flatnonzero(wrong).tolist()]
    flaws.add_many("bad-time", bad, "hours of an EPW file go from 1 to 24")
    if bad:
        return None
    if per_hour == 1:
        return hour * 3600
    if (minute == 0).any():
        i = int((minute == 0).argmax())
        what = f"{per_hour} records an hour with a minute 0: whether they begin or end then is not said"
        flaws.add("ambiguous-time", what, "write minutes as they end, as 15, 30, 45 and 60", int(lines[i]))
        return None
    return (hour - 1) * 3600 + minute * 60
