"""Market data of SMARD (https://www.smard.de, Bundesnetzagentur).

Downloads have the columns ``Datum von``, ``Datum bis`` and one for each series, as ``Deutschland/Luxemburg [€/MWh]
Originalauflösungen``, with times ``26.12.2025 00:00`` and numbers ``-1.234,50``; in English ``Start date``, ``End
date`` and ``Germany/Luxembourg [€/MWh] Original resolutions``, with ``Jan 1, 2023 12:00 AM`` and ``1,234.50``. Older
ones have ``Datum``, ``Anfang`` and ``Ende`` (``Uhrzeit`` before that). Missing numbers are ``-``. Times are those of
Germany's clock: 02:00 comes twice in October, the first time as summer time. ``[MWh]`` is the energy of the interval.

The layouts are those of published programs that read such downloads, with their tests: of German ones with either
head, and of English ones.

Tables made of such downloads with the zone beside each time (``zone_start``, ``zone_end``) do not say the unit of
their ``price``.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from h2plant.config.tables.plain import known_header, table_below
from h2plant.config.tables.sheet import Sheet
from h2plant.config.tables.stamps import read_stamps
from h2plant.config.tables.table import Column, Flaws, Quantity, Stamps, Table
from h2plant.config.tables.times import zone_offsets
from h2plant.plant.series_spec import Description

TAKEN_FOR = "a download of SMARD"

_ZONE = "Europe/Berlin"
_BEGINS = {"Datum von": "Datum bis", "Start date": "End date", "Datum": "", "Date": ""}
_CLOCKS = ("Anfang", "Uhrzeit", "Start", "Time of day")
_SERIES = re.compile(r".+?\s*\[([^\]]+)\](?:\s+\S.*)?")
_PRICE_UNITS = ("€/MWh", "Euro/MWh", "EUR/MWh")
_MISSING = ("", "-")
_GERMAN = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?")
_ENGLISH = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


def smard(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Return the table of a download; None where it is none."""
    header = known_header(sheet, _is_header)
    if header is None:
        return None
    table = table_below(sheet, header, flaws)
    if table is None:
        return None
    date, second = list(table.columns)[:2]
    written = table.text(date)
    if second in _CLOCKS:
        written = [f"{d.strip()} {c.strip()}" for d, c in zip(written, table.text(second), strict=True)]
    shown = read_stamps(written, table.lines, flaws)
    if shown is None:
        return None
    series = {name: match[1].strip() for name in table.columns if (match := _SERIES.fullmatch(name)) is not None}
    is_english = date in ("Start date", "Date")
    columns = {**table.columns}
    if how.decimal is None and how.thousands is None:
        columns |= {name: _numbers(table.text(name), is_english) for name in series}
    prices = [name for name, unit in series.items() if unit in _PRICE_UNITS]
    stamps = Stamps(written, shown.local_s, None, (_ZONE,), "SMARD's description")
    units = {name: "EUR/MWh" if name in prices else unit for name, unit in series.items()}
    quantities = {name: Quantity("price", "eur_per_mwh") for name in prices}
    return replace(
        table, columns=columns, taken_for=TAKEN_FOR, stamps=stamps, quantities=quantities, units=units
    )  # fmt: skip


def _is_header(sheet: Sheet, row: int) -> bool:
    cells = sheet.texts(row)
    if len(cells) < 3 or cells[0] not in _BEGINS:
        return False
    second = _BEGINS[cells[0]]
    if cells[1] != second and not (not second and cells[1] in _CLOCKS):
        return False
    return any(_SERIES.fullmatch(cell) for cell in cells[2:])


def _numbers(cells: list[str], is_english: bool) -> Column:
    """Return numbers with the signs of the download's language; the texts where they have others."""
    pattern, thousands, decimal = (_ENGLISH, ",", ".") if is_english else (_GERMAN, ".", ",")
    texts = [cell.strip() for cell in cells]
    given = [text for text in texts if text not in _MISSING]
    if any(pattern.fullmatch(text) is None for text in given):
        return cells
    if any(thousands in text for text in given) and not any(decimal in text for text in given):
        return cells  # 4.188 may have been saved anew with a decimal point
    plain = (text.replace(thousands, "").replace(decimal, ".") for text in texts)
    return np.array([np.nan if text in _MISSING else float(text) for text in plain])


def smard_with_zones(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Return a table with ``time``, ``zone_start``, ``zone_end`` and ``price``; None where it is none."""
    header = known_header(sheet, _has_zones)
    if header is None:
        return None
    table = table_below(sheet, header, flaws)
    if table is None:
        return None
    written = table.text("time")
    shown = read_stamps(written, table.lines, flaws)
    if shown is None:
        return None
    offset_s = shown.offset_s if shown.offset_s is not None else zone_offsets(table, "zone_start", flaws)
    if offset_s is None:
        return None
    return replace(
        table,
        taken_for="a table of SMARD's prices with the zone beside each time",
        stamps=Stamps(written, shown.local_s, offset_s),
        quantities={"price": Quantity("price", "")},
    )


def _has_zones(sheet: Sheet, row: int) -> bool:
    return {"time", "zone_start", "zone_end", "price"} <= set(sheet.texts(row))
