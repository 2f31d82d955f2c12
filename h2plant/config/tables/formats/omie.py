"""Day-ahead prices of OMIE, the market of Spain and Portugal (https://www.omie.es, files ``marginalpdbc``).

The first line is ``MARGINALPDBC;``, each row ``2025;10;01;1;105.1;105.1;`` (year, month, day, period, price in
Portugal, price in Spain, EUR/MWh), the last line ``*``. Periods are counted from midnight of the Spanish peninsula
and follow one another in real time: hours (23, 24 or 25 a day) until 30 September 2025, quarter hours (92, 96 or 100)
since then.

The layout is that of OMIE's "Modelo de ficheros para la distribución pública de información" (version 1.36, 6.18), as
published programs cite it; which of the two prices is whose, one of them has checked against OMIE's own reports. Files
of several days that were joined are read too.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from h2plant.config.tables.clock import clock_offsets
from h2plant.config.tables.plain import known_header, table_of
from h2plant.config.tables.sheet import Sheet
from h2plant.config.tables.table import (
    BEYOND_YEARS,
    FIRST_YEAR,
    LAST_YEAR,
    YEAR_REMEDY,
    Flaws,
    Quantity,
    Seconds,
    Stamps,
    Table,
)
from h2plant.plant.series_spec import Description

TAKEN_FOR = "day-ahead prices of OMIE"
PORTUGAL, SPAIN = "price_portugal_eur_per_mwh", "price_spain_eur_per_mwh"

_ZONE = "Europe/Madrid"
_NAMES = ("year", "month", "day", "period", PORTUGAL, SPAIN)
_MARK = "MARGINALPDBC"
_DAY_S = 86400
_QUARTERS_FROM_DAY = 20362  # 2025-10-01


def omie(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Return the table of a file; None where it is none."""
    header = known_header(sheet, lambda sheet, row: sheet.texts(row)[0] == _MARK)
    if header is None:
        return None
    ends = (_MARK, "*")
    body = [i for i in sheet.filled(header + 1) if sheet.rows[i][0] not in ends]
    n_empty = max(len(sheet.rows[body[0]]) - len(_NAMES), 0) if body else 0
    table = table_of(sheet, header, body, (*_NAMES, *[""] * n_empty), flaws)
    if table is None:
        return None
    stamps = _stamps(table, flaws)
    if stamps is None:
        return None
    columns = {name: table.columns[name] for name in _NAMES}
    quantities = {name: Quantity("price", "eur_per_mwh") for name in (PORTUGAL, SPAIN)}
    notes = (*table.notes, f"periods counted from midnight in {_ZONE}")
    return replace(
        table, columns=columns, taken_for=TAKEN_FOR, stamps=stamps, quantities=quantities, notes=notes
    )  # fmt: skip


def _stamps(table: Table, flaws: Flaws) -> Stamps | None:
    """Return when the periods begin: so many after midnight in real time."""
    parts = [[cell.strip() for cell in table.text(name)] for name in _NAMES[:4]]
    written = [f"{y}-{m}-{d} period {p}" for y, m, d, p in zip(*parts, strict=True)]
    if not all(cell.isdecimal() and len(cell) <= 4 for cell in set().union(*parts)):
        bad = [
            (int(table.lines[i]), f"'{written[i]}' is no day and period")
            for i, row in enumerate(zip(*parts, strict=True))
            if not all(cell.isdecimal() and len(cell) <= 4 for cell in row)
        ]
        flaws.add_many("bad-time", bad, "give year, month, day and period as whole numbers")
        return None
    year, month, day, period = (np.array(part, dtype=np.int64) for part in parts)
    beyond = (year < FIRST_YEAR) | (year > LAST_YEAR)
    if beyond.any():
        i = int(beyond.argmax())
        flaws.add("bad-time", f"'{written[i]}' {BEYOND_YEARS}", YEAR_REMEDY, int(table.lines[i]))
        return None
    months = (year - 1970) * 12 + month - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    wrong = (month < 1) | (month > 12) | (day < 1) | (day > following - first) | (period < 1) | (period > 100)
    if wrong.any():
        i = int(wrong.argmax())
        what = f"'{written[i]}' is a day or period that there is not"
        flaws.add("bad-time", what, "correct the line", int(table.lines[i]))
        return None
    return _counted(written, first + day - 1, period, table.lines, flaws)


def _counted(
    written: list[str], day: Seconds, period: Seconds, lines: NDArray[np.int64], flaws: Flaws
) -> Stamps | None:
    days, place = np.unique(day, return_inverse=True)
    midnight = days * _DAY_S - clock_offsets(days * _DAY_S, _ZONE)[0]
    hours = ((days + 1) * _DAY_S - clock_offsets((days + 1) * _DAY_S, _ZONE)[0] - midnight) // 3600
    a_day = hours * np.where(days < _QUARTERS_FROM_DAY, 1, 4)
    most = np.zeros_like(days)
    np.maximum.at(most, place, period)
    wrong = most > a_day
    wrong |= (most < a_day) & ((np.arange(len(days)) < len(days) - 1) | (most == hours))  # the last may be cut short
    if wrong.any():
        i = int(np.flatnonzero(wrong[place])[0])
        what = f"the day of '{written[i]}' has {most[place[i]]} periods, where OMIE has {a_day[place[i]]}"
        flaws.add("bad-time", what, "give whole days: hours until 2025-09-30, then quarter hours", int(lines[i]))
        return None
    length = np.where(days < _QUARTERS_FROM_DAY, 3600, 900)
    times: Seconds = midnight[place] + (period - 1) * length[place]
    return Stamps(written, times, np.zeros_like(times), says=f"OMIE's description ({_ZONE})")
