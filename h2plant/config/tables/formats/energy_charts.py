"""Charts of energy-charts.info (Fraunhofer ISE), downloaded as CSV.

The head is ``"Datum (MEZ)","Day Ahead Auktion (DE-LU)"`` or ``"Date (GMT+1)","Day Ahead Auction (DE-LU)"``, the line
below holds kind and unit of each column (``"","Preis (EUR/MWh, EUR/tCO2)"``, ``"","Power (MW)"``), and times have
their offset (``2023-01-01T00:00+01:00``), whatever the head says.

The layout is that of published programs that read such downloads: they pass over the line below the head, and let the
offsets decide.
"""

from __future__ import annotations

import re
from dataclasses import replace

from h2plant.config.tables.clock import zones_said
from h2plant.config.tables.plain import known_header, table_below
from h2plant.config.tables.sheet import Sheet
from h2plant.config.tables.stamps import read_stamps
from h2plant.config.tables.table import Flaws, Quantity, Stamps, Table
from h2plant.plant.series_spec import Description

TAKEN_FOR = "a chart of energy-charts.info"

_DATE = re.compile(r"(?:Datum|Date) \((?:GMT\+\d|UTC(?:\+\d)?|MEZ|MESZ|CET|CEST|UTC)\)")
_KIND = re.compile(r"(?P<kind>[^()]+?) \((?P<units>[^()]+)\)")
_DAY_AHEAD = re.compile(r"Day Ahead Au(?:k|c)tion\b.*")
_ALLOWANCE = re.compile(r"CO2|Emission")


def energy_charts(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Return the table of a download; None where it is none."""
    header = known_header(sheet, _is_header)
    if header is None:
        return None
    kinds = sheet.texts(header + 1)
    table = table_below(sheet, header, flaws, first=header + 2)
    if table is None:
        return None
    date = next(iter(table.columns))
    shown = read_stamps(table.text(date), table.lines, flaws)
    if shown is None:
        return None
    units: dict[str, str] = {}
    for name, kind in zip(table.columns, kinds, strict=True):
        unit = _unit(name, kind)
        if unit is not None:
            units[name] = unit
    quantities = {
        name: Quantity("price", "eur_per_mwh")
        for name, unit in units.items()
        if unit == "EUR/MWh" and _DAY_AHEAD.fullmatch(name)
    }
    stamps = Stamps(table.text(date), shown.local_s, shown.offset_s, zones_said(date), f"the column '{date}'")
    return replace(table, taken_for=TAKEN_FOR, stamps=stamps, quantities=quantities, units=units)


def _is_header(sheet: Sheet, row: int) -> bool:
    cells, below = sheet.texts(row), sheet.texts(row + 1)
    if len(cells) < 2 or len(below) != len(cells) or _DATE.fullmatch(cells[0]) is None or below[0]:
        return False
    return all(_KIND.fullmatch(cell) for cell in below[1:] if cell) and any(below)


def _unit(name: str, kind: str) -> str | None:
    """Return the unit of a column; of prices, the head of all says that of energy and that of allowances."""
    found = _KIND.fullmatch(kind)
    if found is None:
        return None
    units = [unit.strip() for unit in found["units"].split(",")]
    if len(units) == 1:
        return units[0]
    is_allowance = _ALLOWANCE.search(name) is not None
    return next((unit for unit in units if ("CO2" in unit) == is_allowance), None)
