"""Exports of the ENTSO-E transparency platform (https://transparency.entsoe.eu).

Today's have the columns ``MTU (CET/CEST)`` or ``MTU (UTC)``, ``Area``, ``Sequence``, ``Day-ahead Price (EUR/MWh)``,
``Intraday Period (CET/CEST)`` and ``Intraday Price (EUR/MWh)``, and intervals ``01/01/2025 00:00:00 - 01/01/2025
00:15:00``; those of before the platform was renewed have ``Day-ahead Price [EUR/MWh]``, ``Currency``, the area as the
name of an empty column (``BZN|NL``), and intervals ``01.01.2022 00:00 - 01.01.2022 01:00``. The day stands first in
both. Where the clock changes, ``(CET)`` or ``(CEST)`` stands behind the stamps of today's exports, on these rows or
on all; older ones have 02:00 twice in October without a mark. Missing prices are empty, ``n/e`` or ``-``.

The layouts are those of the platform's own exports, and of published programs that read them: the conversions of
``BZN|CZ`` (a mark "only where the local label alone is ambiguous, but not always omitted where it is redundant") and
of ``BZN|FR`` prices.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from h2plant.config.tables.clock import clock_offsets, zones_said
from h2plant.config.tables.filter import filtered
from h2plant.config.tables.plain import known_header, table_below
from h2plant.config.tables.sheet import Sheet
from h2plant.config.tables.stamps import read_stamps
from h2plant.config.tables.table import Flaws, Quantity, Seconds, Stamps, Table
from h2plant.config.tables.units import unit_of_text, units_behind
from h2plant.plant.finding import listing
from h2plant.plant.series_spec import Description

TAKEN_FOR = "an export of the ENTSO-E transparency platform"

_TIMES = re.compile(r"(?:MTU|Time)(?: \(.+\))?")
_INTERVAL = re.compile(r"\d\d[./]\d\d[./]\d{4} \d\d:\d\d(?::\d\d)?(?: \(CES?T\))? - \d\d[./]\d\d[./]\d{4} \d\d:\d\d.*")
_MARK = re.compile(r"\((CES?T)\)")
_MARKED = "(CE"
_AHEAD_S = {"CET": 3600, "CEST": 7200}
_PRICE = re.compile(r"Day-ahead Price\b.*")
_CURRENCY_OF = re.compile(r".*[(\[]([A-Z]{3})/MWh[)\]]")


def entsoe(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Return the table of an export; None where it is none."""
    header = known_header(sheet, _is_header)
    if header is None:
        return None
    table = table_below(sheet, header, flaws, how=how)
    if table is None or (table := filtered(table, how, flaws)) is None:
        return None
    column = next(name for name in table.columns if _TIMES.fullmatch(name))
    stamps = _stamps(table, column, flaws)
    prices = [name for name in table.columns if _PRICE.fullmatch(name)]
    if stamps is None or not _has_one_currency(table, prices, flaws):
        return None
    table = _without_other_periods(table, column)
    units = units_behind(table.columns)
    quantities = {
        name: Quantity("price", suffix)
        for name in prices
        if name in units and (suffix := unit_of_text(units[name])) is not None
    }
    keys = tuple(name for name in ("Area", "Sequence") if name in table.columns)
    return replace(table, taken_for=TAKEN_FOR, stamps=stamps, quantities=quantities, units=units, series_keys=keys)


def _is_header(sheet: Sheet, row: int) -> bool:
    cells = sheet.texts(row)
    places = [k for k, cell in enumerate(cells) if _TIMES.fullmatch(cell)]
    if len(places) != 1 or len(cells) < 2:
        return False
    below = next((sheet.texts(i) for i in range(row + 1, len(sheet.rows)) if not sheet.is_blank(i)), [])
    return len(below) > places[0] and _INTERVAL.fullmatch(below[places[0]]) is not None


def _stamps(table: Table, column: str, flaws: Flaws) -> Stamps | None:
    """Return the beginnings of the intervals, with the offset of each row where marks and the clock leave no doubt."""
    written = table.text(column)
    width = 19 if written[0].strip()[16:17] == ":" else 16
    begins = [cell.strip()[:width].replace("/", ".") for cell in written]  # a cell may hold a line break
    shown = read_stamps(begins, table.lines, flaws)
    if shown is None:
        return None
    stamps = Stamps(written, shown.local_s, None, zones_said(column), f"the column '{column}'", "start")
    marks = [(i, cell) for i, cell in enumerate(written) if _MARKED in cell.partition(" - ")[0]]
    return stamps if not marks else _marked(stamps, marks, table.lines, flaws)


def _marked(stamps: Stamps, marks: list[tuple[int, str]], lines: NDArray[np.int64], flaws: Flaws) -> Stamps | None:
    local: Seconds = stamps.local_s
    offset, is_unclear = clock_offsets(local, "Europe/Brussels")
    wrong: list[tuple[int, str]] = []
    for i, cell in marks:
        found = _MARK.search(cell.partition(" - ")[0])
        ahead = _AHEAD_S[found[1]] if found is not None else int(offset[i])
        if not is_unclear[i] and ahead != offset[i]:
            wrong.append((int(lines[i]), f"'{cell}' is marked with a clock that is not kept then"))
        offset[i], is_unclear[i] = ahead, False
    flaws.add_many("bad-time", wrong, "load the file anew from the platform, or drop the marks")
    if wrong:
        return None
    # an hour that comes twice, without marks, is told by the order of the rows
    return stamps if is_unclear.any() else replace(stamps, offset_s=offset)


def _has_one_currency(table: Table, prices: list[str], flaws: Flaws) -> bool:
    """Whether the column of currencies, in exports that have one, says what the header of the prices says."""
    if "Currency" not in table.columns or not prices:
        return True
    used = {cell.strip() for cell in table.text("Currency")} - {"", "-", "n/e"}
    header = _CURRENCY_OF.fullmatch(prices[0])
    if header is None or used <= {header[1]}:
        return True
    what = f"the header says that prices are in {header[1]}, the column 'Currency' says {listing(sorted(used))}"
    flaws.add("unit-conflict", what, "say which rows to read: 'filter: {Currency: EUR}'", int(table.lines[0]))
    return False


def _without_other_periods(table: Table, column: str) -> Table:
    """Return the table without intraday prices that stand for other periods than the row's."""
    period = next((name for name in table.columns if name.startswith("Intraday Period")), None)
    price = next((name for name in table.columns if name.startswith("Intraday Price")), None)
    if period is None or price is None:
        return table
    if not any(table.text(period)) or table.text(period) == table.text(column):
        return table
    note = f"'{price}' left out: it is of the periods in '{period}', not of the row's"
    columns = {name: cells for name, cells in table.columns.items() if name not in (period, price)}
    return replace(table, columns=columns, notes=(*table.notes, note))
