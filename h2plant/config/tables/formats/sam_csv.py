"""SAM CSV, as the NSRDB's API delivers it too (PSM3, PSM4), with its preamble or without; CSV of the WIND Toolkit.

A line of names (Source, Location ID, ..., Latitude, Longitude, Time Zone, Elevation ...), a line of their values, a
header ``Year,Month,Day,Hour,Minute,...`` and the rows, in the clock of ``Time Zone`` all year: SAM help, "Weather file
format: SAM CSV". With a column of minutes the values are those of the instant; without, hours 0 to 23 begin then.
Files of the WIND Toolkit have one line ``SiteID,...,Data Timezone,-6,Longitude,...`` and names with height and unit:
``shared/lib_windfile.cpp`` of NREL's ``ssc``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from h2plant.config.tables.formats.weather_rows import (
    Rows,
    as_number,
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
)
from h2plant.config.tables.sheet import Cell, Sheet, is_number, text
from h2plant.config.tables.table import (
    FIRST_YEAR,
    LAST_YEAR,
    At,
    Flaws,
    Place,
    Quantity,
    Seconds,
    Stamps,
    Table,
)
from h2plant.config.tables.units import unit_of_text
from h2plant.plant.series_spec import Description

_NAMES = {
    Quantity("temp_air", "degc"): ("temperature", "tdry", "dry bulb", "dry-bulb", "tamb", "air temperature", "temp"),
    Quantity("dew_point", "degc"): ("dew point", "tdew", "dew point temperature"),
    Quantity("relative_humidity", "percent"): ("relative humidity", "rh", "rhum", "humidity"),
    Quantity("pressure_air", "mbar"): ("pressure", "pres"),
    Quantity("wind_speed", "m_per_s"): ("wind speed", "wspd", "wspeed"),
    Quantity("ghi", "w_per_m2"): ("ghi", "gh"),
    Quantity("dni", "w_per_m2"): ("dni", "dn", "beam"),
    Quantity("dhi", "w_per_m2"): ("dhi", "df", "diffuse"),
    Quantity("poa", "w_per_m2"): ("poa",),
}
_QUANTITIES = {name: quantity for quantity, names in _NAMES.items() for name in names}
_AT_HEIGHT = re.compile(r"(?P<name>[a-z ]+?)(?: at (?P<height>\d+)m)? \((?P<unit>[^()]*)\)")
_TOOLKIT = {
    "air temperature": "temp_air",
    "surface air pressure": "pressure_air",
    "relative humidity": "relative_humidity",
    "wind speed": "wind_speed",
}
_CLOCK = ("year", "month", "day", "hour", "minute")
_ONLY_NSRDB = {"surface albedo", "dew point", "solar zenith angle", "precipitable water", "cloud type", "fill flag"}
_TYPICAL = ("tmy", "tgy", "tdy", "iwec", "cwec")


def sam_csv(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Return the table of a SAM CSV or of the NSRDB; see ``formats``."""
    header = header_row(sheet, _is_header, most=6)
    if header is None:
        return None
    said = _preamble(sheet, header)
    names = sheet.texts(header)
    lower = [name.lower() for name in names]
    if not said and not (len({"ghi", "dni", "dhi"} & set(lower)) > 1 and len(_ONLY_NSRDB & set(lower)) > 1):
        return None  # a table of anyone's
    if hours_ahead(said.get("time zone", "")) is None and any(not sheet.is_blank(i) for i in range(header)):
        what = "the lines before the header do not say the time zone"
        flaws.add("bad-time", what, "download the file again, or take them out and say 'timezone:'", sheet.lines[0])
        return None
    while names and not names[-1]:
        names.pop()
    first, units = _units_row(sheet, header, len(names))
    year_k = lower.index("year")
    rows = whole_rows(sheet, first, len(names), lambda row: _is_row(row, year_k), flaws)
    if rows is None:
        return None
    stamps = _stamps(sheet, rows, names, said, flaws)
    if stamps is None:
        return None
    named = [(k, name) for k, name in enumerate(names) if name and name.lower() not in _CLOCK]
    quantities = {
        name: quantity
        for k, name in named
        if (quantity := _quantity(name, units[k] if units else _unit_said(name, said))) is not None
    }
    notes = [*sheet.notes, *rows.notes]
    hours = hours_ahead(said.get("time zone", ""))
    if hours is not None:
        notes += clock_note(hours, "'Time Zone'")
    if not said:
        notes.append("its first two lines, which say place and time zone, are missing")
    return Table(
        sheet.file,
        {name: rows.column(k) for k, name in named},
        rows.lines,
        sheet.delimiter,
        taken_for=_taken_for(said),
        stamps=stamps,
        quantities=quantities,
        units={name: units[k] for k, name in named if units and units[k]},
        place=_place(said),
        notes=tuple(notes),
    )


# Header --------------------------------------------------------------------------------------------------------------
def _is_header(cells: list[str]) -> bool:
    lower = [cell.lower() for cell in cells]
    is_known = any(cell in _QUANTITIES or _AT_HEIGHT.fullmatch(cell) for cell in lower)
    return {"year", "month", "day", "hour"} <= set(lower) and is_known


def _preamble(sheet: Sheet, header: int) -> dict[str, str]:
    """Return the values of the first line's names, in lower case; none where there is no such line."""
    filled = [i for i in range(header) if not sheet.is_blank(i)]
    if len(filled) == 1:
        cells = [cell.lower() for cell in sheet.texts(filled[0])]
        pairs = dict(zip(cells[::2], cells[1::2], strict=False))
        return pairs | {"time zone": pairs["data timezone"]} if "data timezone" in pairs else {}
    if len(filled) < 2:
        return {}
    names = [cell.lower() for cell in sheet.texts(filled[0])]
    if not {"latitude", "lat"} & set(names) or not {"time zone", "timezone", "tz"} & set(names):
        return {}
    values = dict(zip(names, sheet.texts(filled[1]), strict=False))
    for short, name in (("lat", "latitude"), ("lon", "longitude"), ("elev", "elevation")):
        values.setdefault(name, values.get(short, ""))
    values.setdefault("time zone", values.get("timezone", values.get("tz", "")))
    return values


def _taken_for(said: Mapping[str, str]) -> str:
    source = said.get("source", "")
    if "siteid" in said:
        return "WIND Toolkit"
    if not said or "nsrdb" in source.lower() or "local time zone" in said:
        return "NSRDB"
    return f"SAM CSV ({source})" if source else "SAM CSV"


def _place(said: Mapping[str, str]) -> Place | None:
    return place_of(*(said.get(key, "") for key in ("latitude", "longitude", "elevation")))


def _units_row(sheet: Sheet, header: int, width: int) -> tuple[int, list[str]]:
    """Return the first row behind the header, and the units that a row of them has before it."""
    cells = sheet.texts(header + 1)
    if len(cells) < width or any(is_number(cell) for cell in cells if cell):
        return header + 1, []
    if not any(unit_of_text(cell) for cell in cells if cell):
        return header + 1, []
    return header + 2, cells


def _unit_said(name: str, said: Mapping[str, str]) -> str:
    return said.get(f"{name.lower()} units", said.get(name.lower(), ""))


def _quantity(name: str, unit_written: str) -> Quantity | None:
    match = _AT_HEIGHT.fullmatch(name.lower())
    if match is not None and match["name"] in _TOOLKIT:
        said = unit_of_text(match["unit"])
        height_m = float(match["height"]) if match["height"] else None
        return None if said is None else Quantity(_TOOLKIT[match["name"]], said, height_m)
    known = _QUANTITIES.get(name.lower())
    unit = unit_of_text(unit_written) if unit_written else None
    return known if known is None or unit is None else known._replace(unit=unit)


# Times ---------------------------------------------------------------------------------------------------------------
def _is_row(row: Sequence[Cell], year_k: int) -> bool:
    cell = text(row[year_k]) if len(row) > year_k else ""
    if len(cell) == 4 and cell.isdecimal():
        return True
    year = as_number(cell)
    return year is not None and FIRST_YEAR <= year <= LAST_YEAR


def _stamps(sheet: Sheet, rows: Rows, names: Sequence[str], said: Mapping[str, str], flaws: Flaws) -> Stamps | None:
    lower = [name.lower() for name in names]
    lines = rows.lines
    cells = {part: rows.column(lower.index(part)) for part in _CLOCK if part in lower}
    numbers = {part: whole_numbers(column, lines, part, flaws) for part, column in cells.items()}
    if any(column is None for column in numbers.values()):
        return None
    year, month, day, hour = (_known(numbers[part]) for part in _CLOCK[:4])
    minute = _known(numbers.get("minute", np.zeros_like(year)))
    minutes = cells.get("minute", ["00"] * len(year))
    written = list(map("{}-{}-{} {}:{}".format, *(cells[part] for part in _CLOCK[:4]), minutes))
    wrong = (hour < 0) | (hour > 24) | (minute < 0) | (minute > 59)
    bad = [(int(lines[i]), f"'{written[i]}' is no time") for i in np.flatnonzero(wrong).tolist()]
    flaws.add_many("bad-time", bad, "correct the line, or download the file again")
    if bad:
        return None
    is_ended = bool((hour == 24).any())
    if is_ended and (hour == 0).any():
        i = int((hour == 0).argmax())
        flaws.add("bad-time", "hours 0 and 24 both stand in 'Hour'", "count from 0 to 23, or 1 to 24", int(lines[i]))
        return None
    is_typical = mixes_years(year, month) or any(word in said.get("source", "").lower() for word in _TYPICAL)
    parts = (year, month, day, hour * 3600 + minute * 60)
    local = seconds_of(in_one_year(parts) if is_typical else parts, written, lines, flaws)
    if local is None:
        return None
    at: At | None = "end" if is_ended and not minute.any() else None
    is_instant = "minute" in lower and at is None
    hours = hours_ahead(said.get("time zone", ""))
    if hours is None:
        return Stamps(written, local, at=at, is_typical=is_typical, is_instant=is_instant)
    return fixed_clock(written, local, hours, "'Time Zone' in its preamble", at, is_typical, is_instant)


def _known(numbers: Seconds | None) -> Seconds:
    assert numbers is not None
    return numbers
