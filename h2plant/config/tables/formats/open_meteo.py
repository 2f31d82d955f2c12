"""Open-Meteo: the CSV of its forecast and archive pages.

A line of names (``latitude,longitude,elevation,utc_offset_seconds,...``), a line of values for each place, a blank
line, then ``time,temperature_2m (°C),...`` in a clock that is ``utc_offset_seconds`` ahead of UTC:
https://open-meteo.com/en/docs. Radiation is "the average of the preceding hour"; the other quantities are instants.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from h2plant.config.tables.formats.weather_rows import (
    as_number,
    clock_note,
    fixed_clock,
    header_row,
    hours_ahead,
    place_of,
    whole_rows,
)
from h2plant.config.tables.sheet import Sheet, text
from h2plant.config.tables.stamps import looks_like_time, read_stamps
from h2plant.config.tables.table import Column, Flaws, Quantity, Table
from h2plant.config.tables.units import unit_of_text
from h2plant.plant.series_spec import Description

_COLUMN = re.compile(r"(?P<name>[a-z0-9_]+)\s*\((?P<unit>[^()]*)\)(?:\s.*)?")
_QUANTITIES = (
    (re.compile(r"temperature_(\d+)m"), "temp_air"),
    (re.compile(r"dew_?point_(\d+)m"), "dew_point"),
    (re.compile(r"relative_?humidity_(\d+)m"), "relative_humidity"),
    (re.compile(r"surface_pressure()"), "pressure_air"),
    (re.compile(r"wind_?speed_(\d+)m"), "wind_speed"),
    (re.compile(r"shortwave_radiation()(_instant)?"), "ghi"),
    (re.compile(r"direct_normal_irradiance()(_instant)?"), "dni"),
    (re.compile(r"diffuse_radiation()(_instant)?"), "dhi"),
    (re.compile(r"global_tilted_irradiance()(_instant)?"), "poa"),
)
_RADIATION = ("ghi", "dni", "dhi", "poa")


def open_meteo(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Return the table of a file of Open-Meteo; see ``formats``."""
    top = header_row(sheet, lambda cells: "utc_offset_seconds" in cells and "latitude" in cells, most=3)
    if top is None:
        return None
    header = next((i for i in range(top + 1, len(sheet.rows)) if "time" in sheet.texts(i)[:2]), None)
    if header is None:
        flaws.add("empty-file", "a file of Open-Meteo without rows", "download the file again", sheet.lines[top])
        return None
    places = [i for i in range(top + 1, header) if not sheet.is_blank(i)]
    if len(places) != 1:
        what = f"a file of Open-Meteo for {len(places)} places"
        flaws.add("which-place", what, "download a file for the one place of the plant", sheet.lines[top])
        return None
    said = dict(zip(sheet.texts(top), sheet.texts(places[0]), strict=False))
    names = sheet.texts(header)
    rows = whole_rows(sheet, header + 1, len(names), lambda row: looks_like_time(text(row[0])), flaws)
    offset_s = as_number(said.get("utc_offset_seconds", ""))
    if rows is None or offset_s is None or hours_ahead(f"{offset_s / 3600.0}") is None:
        if rows is not None:
            flaws.add("bad-time", "'utc_offset_seconds' is no number", "download it again", sheet.lines[places[0]])
        return None
    lines, written = rows.lines, rows.column(0)
    shown = read_stamps(written, lines, flaws)
    if shown is None:
        return None
    stamps = fixed_clock(written, shown.local_s, offset_s / 3600.0, "'utc_offset_seconds'", is_instant=True)
    table = Table(
        sheet.file,
        {name: rows.column(k) for k, name in enumerate(names) if k},
        lines,
        sheet.delimiter,
        taken_for="Open-Meteo",
        stamps=stamps,
        quantities={name: q for name in names[1:] if (q := _quantity(name)) is not None},
        place=place_of(*(said.get(key, "") for key in ("latitude", "longitude", "elevation"))),
        notes=(*sheet.notes, *rows.notes, *clock_note(offset_s / 3600.0, "'utc_offset_seconds'")),
    )
    if lines.size > 1 and (np.diff(shown.local_s) < 0).all():
        table = replace(
            table.of_rows(np.arange(lines.size)[::-1]), notes=(*table.notes, "newest row first: turned round")
        )
    return _with_means_where_they_begin(table)


def _quantity(name: str) -> Quantity | None:
    match = _COLUMN.fullmatch(name)
    unit = unit_of_text(match["unit"]) if match is not None else None
    if match is None or unit is None:
        return None
    for pattern, quantity in _QUANTITIES:
        found = pattern.fullmatch(match["name"])
        if found is not None:
            return Quantity(quantity, unit, float(found[1]) if found[1] else None)
    return None


def _with_means_where_they_begin(table: Table) -> Table:
    """Return a table whose means of the hour before their stamp stand in the row with which that hour begins.

    Of a row without the next one, and of the last, that mean is not known; of the last it is 0 at night, where the
    hour before is 0 and that of the day before as well.
    """
    assert table.stamps is not None
    columns: dict[str, Column] = dict(table.columns)
    moved = [n for n, q in table.quantities.items() if q.name in _RADIATION and "_instant" not in n]
    steps = np.diff(table.stamps.local_s)
    step_s = int(steps.min()) if steps.size else 0
    n_day = 86400 // step_s if step_s > 0 else 0
    for name in moved:
        cells = columns[name]
        assert isinstance(cells, list)
        begins = [after if step == step_s else "" for after, step in zip(cells[1:], steps.tolist(), strict=True)]
        is_night = 0 < n_day < len(cells) and as_number(cells[-1]) == 0.0 and as_number(cells[-n_day]) == 0.0
        columns[name] = [*begins, "0" if is_night else ""]
    if not moved:
        return table
    what = f"means of the hour before their stamp moved to where it begins: {', '.join(moved)}"
    what += " (of the last row it is not known)"
    quantities = {n: q._replace(is_mean=True) if n in moved else q for n, q in table.quantities.items()}
    return replace(table, columns=columns, quantities=quantities, notes=(*table.notes, what))
