"""PVGIS of the European Commission's Joint Research Centre: hourly series and typical years.

A preamble of ``name: value`` lines, a header ``time,...``, rows with stamps such as ``20160101:0010`` in UTC, and a
footer that explains the columns: PVGIS user manual, "Hourly radiation data" and "Typical meteorological year".
Stamps are instants: those of satellite images lie minutes behind the hour.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from h2plant.config.tables.formats.weather_rows import (
    Rows,
    as_number,
    fixed_clock,
    header_row,
    in_one_year,
    place_of,
    seconds_of,
    whole_rows,
)
from h2plant.config.tables.sheet import Sheet, text
from h2plant.config.tables.table import Column, Flaws, Quantity, Seconds, Table
from h2plant.config.tables.units import unit_of_text
from h2plant.config.tables.values import column_values
from h2plant.plant.series_spec import Description

_STAMP = re.compile(r"\d{8}:\d{4}")
_HOURLY = {
    "T2m": Quantity("temp_air", "degc", 2.0),
    "WS10m": Quantity("wind_speed", "m_per_s", 10.0),
    "Tamb": Quantity("temp_air", "degc", 2.0),
    "W10": Quantity("wind_speed", "m_per_s", 10.0),
    "G(i)": Quantity("poa", "w_per_m2"),
}
_TYPICAL = {
    "T2m": Quantity("temp_air", "degc", 2.0),
    "RH": Quantity("relative_humidity", "percent"),
    "G(h)": Quantity("ghi", "w_per_m2"),
    "Gb(n)": Quantity("dni", "w_per_m2"),
    "Gd(h)": Quantity("dhi", "w_per_m2"),
    "WS10m": Quantity("wind_speed", "m_per_s", 10.0),
    "SP": Quantity("pressure_air", "pa"),
}
_PARTS = ("Gb(i)", "Gd(i)", "Gr(i)")
_PER_UNIT = "P per nominal power"


def pvgis(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Return the table of a file of PVGIS; see ``formats``."""
    header = header_row(sheet, _is_header)
    if header is None:
        return None
    names = sheet.texts(header)
    is_typical = names[0] == "time(UTC)" and "G(h)" in names
    said = _preamble(sheet, header)
    rows = whole_rows(sheet, header + 1, len(names), lambda row: bool(_STAMP.fullmatch(text(row[0]))), flaws)
    if rows is None:
        return None
    lines, written = rows.lines, rows.column(0)
    parts = _parts(written)
    local = seconds_of(in_one_year(parts) if is_typical else parts, written, lines, flaws)
    if local is None:
        return None
    quantities, notes = _quantities(sheet, rows, names, _TYPICAL if is_typical else _HOURLY)
    columns: dict[str, Column] = {name: rows.column(k) for k, name in enumerate(names) if k}
    table = Table(
        sheet.file,
        columns,
        lines,
        sheet.delimiter,
        taken_for="PVGIS typical year" if is_typical else "PVGIS hourly",
        stamps=fixed_clock(written, local, 0.0, "the format", None, is_typical, is_instant=True),
        quantities=quantities,
        place=place_of(*(said.get(key, "") for key in ("latitude", "longitude", "elevation"))),
        notes=(*sheet.notes, *rows.notes, *notes),
    )
    return table if is_typical else _with_sums(table, said, flaws)


def _is_header(cells: list[str]) -> bool:
    is_known = any(name in cells for name in ("G(i)", "Gb(i)", "P", "G(h)", "Gb(n)"))
    return len(cells) > 1 and cells[0] in ("time", "time(UTC)") and ("T2m" in cells or "Tamb" in cells or is_known)


def _preamble(sheet: Sheet, header: int) -> dict[str, str]:
    """Return the values of the lines above the header by the first word of their names, in lower case."""
    said: dict[str, str] = {}
    for i in range(header):
        name, _, value = "".join(sheet.texts(i)).partition(":")
        said.setdefault(name.split("(")[0].strip().lower(), value.strip())
    return said


def _parts(written: Sequence[str]) -> tuple[Seconds, Seconds, Seconds, Seconds]:
    day = np.array([int(one[:8]) for one in written], dtype=np.int64)
    clock = np.array([int(one[9:]) for one in written], dtype=np.int64)
    minute = np.where(clock % 100 < 60, clock % 100, -(10**6))  # found as no time
    hour = np.where(clock // 100 < 24, clock // 100, -(10**6))
    return day // 10000, day // 100 % 100, day % 100, hour * 3600 + minute * 60


def _quantities(
    sheet: Sheet, rows: Rows, names: Sequence[str], known: dict[str, Quantity]
) -> tuple[dict[str, Quantity], list[str]]:
    """Return what the columns hold, in the units of the footer where it explains them."""
    explained: dict[str, str] = {}
    for i in range(rows.places[-1] + 1, len(sheet.rows)):
        name, colon, rest = ",".join(sheet.texts(i)).partition(":")
        unit = re.search(r"\(([^()]*)\)\s*$", rest.strip(" ,;"))
        if colon and unit is not None and name.strip() in known:
            explained[name.strip()] = unit[1]
    found: dict[str, Quantity] = {}
    notes: list[str] = []
    for name, quantity in known.items():
        if name not in names:
            continue
        unit_of = unit_of_text(explained[name]) if name in explained else None
        if unit_of is not None and unit_of != quantity.unit:
            quantity = quantity._replace(unit=unit_of)
            notes.append(f"'{name}' in {explained[name]}, as the footer says")
        found[name] = quantity
    return found, notes


def _with_sums(table: Table, said: dict[str, str], flaws: Flaws) -> Table | None:
    """Return a table with the irradiance on the plane where its parts are given, and the power by that installed."""
    columns = dict(table.columns)
    quantities = dict(table.quantities)
    notes = list(table.notes)
    if all(name in columns for name in _PARTS) and "G(i)" not in columns:
        parts = [column_values(table, name, "", flaws.findings) for name in _PARTS]
        if any(part is None for part in parts):
            return None
        columns["G(i)"] = np.sum([part for part in parts if part is not None], axis=0)
        quantities["G(i)"] = _HOURLY["G(i)"]
        notes.append("'G(i)' is the sum of Gb(i), Gd(i) and Gr(i)")
    if as_number(said.get("slope", "").split("deg")[0]) == 0.0 and "G(i)" in columns:
        quantities["G(i)"] = Quantity("ghi", "w_per_m2")
        if "Gd(i)" in columns:
            quantities["Gd(i)"] = Quantity("dhi", "w_per_m2")
        notes.append("the plane is horizontal (slope 0)")
    if "P" in columns:
        installed_kw = as_number(said.get("nominal power of the pv system", ""))
        if not installed_kw:
            notes.append("the preamble does not say the nominal power that 'P' (W) belongs to")
        else:
            power = column_values(table, "P", "", flaws.findings)
            if power is None:
                return None
            columns[_PER_UNIT] = power / (installed_kw * 1000.0)
            quantities[_PER_UNIT] = Quantity("pv_power", "pu")
            notes.append(f"'{_PER_UNIT}' is 'P' in W by the nominal power of {installed_kw:g} kW")
    return replace(table, columns=columns, quantities=quantities, notes=tuple(notes))
