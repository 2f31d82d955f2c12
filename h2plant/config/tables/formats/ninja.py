"""renewables.ninja: power of wind and PV of a site or a country.

Comment lines that begin with ``#`` (name, units, parameters of the calculation as JSON), then ``time,...``: UTC, "the
beginning of the time period", the mean over it, in kW of the capacity that was asked for; files of countries hold
capacity factors: www.renewables.ninja/documentation/datasets. Files that a spreadsheet saved again are read as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from h2plant.config.tables.clock import n_jumps
from h2plant.config.tables.formats.weather_rows import as_number, header_row, place_of, whole_rows
from h2plant.config.tables.sheet import Cell, Sheet, text
from h2plant.config.tables.stamps import looks_like_time, read_stamps
from h2plant.config.tables.table import Column, Flaws, Quantity, Seconds, Stamps, Table
from h2plant.config.tables.units import unit_of_text
from h2plant.config.tables.values import column_values
from h2plant.plant.series_spec import Description

_COUNTRY = ("national", "onshore", "offshore")
_PER_UNIT = "electricity per capacity"


def ninja(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Return the table of a file of renewables.ninja; see ``formats``."""
    header = header_row(sheet, _is_header, most=20)
    if header is None:
        return None
    comment = "\n".join(sheet.delimiter.join(sheet.texts(i)) for i in range(header)).replace('""', '"')
    names = sheet.texts(header)
    if "ninja" not in comment.lower() and names[:3] != ["time", "local_time", "electricity"]:
        return None
    while names and not names[-1]:
        names.pop()
    rows = whole_rows(sheet, header + 1, len(names), _is_row, flaws)
    if rows is None:
        return None
    lines, written = rows.lines, rows.column(0)
    local = _times(written, lines, flaws)
    if local is None:
        return None
    kind = "pv_power" if re.search(r"(?i)\bpv\b|_pv_", comment) else "wind_power" if "wind" in comment.lower() else ""
    table = Table(
        sheet.file,
        {name: rows.column(k) for k, name in enumerate(names) if k and name and name != "local_time"},
        lines,
        sheet.delimiter,
        taken_for="renewables.ninja",
        stamps=Stamps(written, local, zones=("UTC",), says="the format"),
        quantities=_quantities(names, comment, kind),
        place=place_of(_parameter(comment, "lat"), _parameter(comment, "lon"), ""),
        notes=(*sheet.notes, *rows.notes),
    )
    return _per_unit(table, comment, kind, flaws)


def _is_header(cells: list[str]) -> bool:
    return cells[:1] == ["time"] and any(name in cells for name in ("electricity", *_COUNTRY))


def _is_row(row: Sequence[Cell]) -> bool:
    return bool(row) and looks_like_time(text(row[0]))


def _times(written: Sequence[str], lines: Seconds, flaws: Flaws) -> Seconds | None:
    """Return times in UTC; where a spreadsheet wrote day and month, that order in which rows follow one another."""
    if re.match(r"\d{1,2}/\d{1,2}/\d{4} ", written[0]):
        even: list[Seconds] = []
        for order in ("%d/%m/%Y", "%m/%d/%Y"):
            clock = "%H:%M:%S" if written[0].count(":") == 2 else "%H:%M"
            shown = read_stamps(written, lines, Flaws(flaws.file, []), f"{order} {clock}")
            if shown is not None and n_jumps(shown.local_s) == 0:
                even.append(shown.local_s)
        if len(even) == 1:
            return even[0]
    shown = read_stamps(written, lines, flaws)
    return None if shown is None else shown.local_s


def _parameter(comment: str, name: str) -> str:
    """Return a parameter of the JSON in a comment; '' if it is not there."""
    found = re.search(rf'"{name}":\s*"?(-?[0-9.]+)"?', comment)
    return found[1] if found is not None else ""


def _unit_said(comment: str, name: str) -> str | None:
    found = re.search(rf"\b{name} in ([^,;\n]+)", comment)
    return unit_of_text(found[1]) if found is not None else None


def _quantities(names: Sequence[str], comment: str, kind: str) -> dict[str, Quantity]:
    found: dict[str, Quantity] = {}
    speed = _unit_said(comment, "wind_speed")
    if "wind_speed" in names and speed is not None:
        found["wind_speed"] = Quantity("wind_speed", speed, as_number(_parameter(comment, "height")))
    temperature = _unit_said(comment, "temperature")
    if "temperature" in names and temperature is not None:
        found["temperature"] = Quantity("temp_air", temperature)
    if kind:
        found |= {name: Quantity(kind, "pu", is_mean=True) for name in _COUNTRY if name in names}
    return found


def _per_unit(table: Table, comment: str, kind: str, flaws: Flaws) -> Table | None:
    """Return a table with the power by the capacity."""
    if "electricity" not in table.columns:
        return table
    if not kind:
        note = "its comment lines are missing: whether it is wind or PV, and of which capacity, is not known"
        return replace(table, notes=(*table.notes, note))
    capacity_kw = as_number(_parameter(comment, "capacity"))
    unit = (re.search(r"\belectricity in ([^,;\n]+)", comment) or ["", "kW"])[1].strip().lower()
    if not capacity_kw or unit not in ("kw", "mw", "w"):
        note = "its comment lines do not say the capacity (kW) that 'electricity' belongs to"
        return replace(table, notes=(*table.notes, note))
    if capacity_kw == 1.0 and unit == "kw":
        return replace(table, quantities={**table.quantities, "electricity": Quantity(kind, "pu", is_mean=True)})
    power = column_values(table, "electricity", "", flaws.findings)
    if power is None:
        return None
    power = power * {"w": 1e-3, "kw": 1.0, "mw": 1e3}[unit] / capacity_kw
    columns: dict[str, Column] = {**table.columns, _PER_UNIT: np.asarray(power)}
    note = f"'{_PER_UNIT}' is 'electricity' by the capacity of {capacity_kw:g} kW"
    quantities = {**table.quantities, _PER_UNIT: Quantity(kind, "pu", is_mean=True)}
    return replace(table, columns=columns, quantities=quantities, notes=(*table.notes, note))
