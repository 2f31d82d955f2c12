"""Price and demand of AEMO, the market of eastern Australia (https://aemo.com.au, ``PRICE_AND_DEMAND_*.csv``).

The columns are ``REGION``, ``SETTLEMENTDATE``, ``TOTALDEMAND`` (MW), ``RRP`` (AUD/MWh) and ``PERIODTYPE``; times are
``2026/03/01 00:05:00`` (``1/03/2026 0:05`` once a spreadsheet has saved them). Each stamp ends its interval of five
minutes (thirty before 1 October 2021), and the clock is market time: UTC+10 all year, without summer time.

Both are described in the vignette "NEM timestamps: AEST, period-ending, and the 5MS transition" of the R package
``aemo``, and in NEM-Review's notes on "NEM Time".
"""

from __future__ import annotations

from dataclasses import replace

from h2plant.config.tables.filter import filtered
from h2plant.config.tables.plain import known_header, table_below
from h2plant.config.tables.sheet import Sheet
from h2plant.config.tables.stamps import read_stamps
from h2plant.config.tables.table import Flaws, Quantity, Stamps, Table
from h2plant.config.tables.units import Foreign
from h2plant.plant.series_spec import Description

TAKEN_FOR = "price and demand of AEMO"

_COLUMNS = {"REGION", "SETTLEMENTDATE", "RRP"}


def aemo(sheet: Sheet, how: Description, flaws: Flaws) -> Table | None:
    """Return the table of a file; None where it is none."""
    header = known_header(sheet, lambda sheet, row: set(sheet.texts(row)) >= _COLUMNS)
    if header is None:
        return None
    table = table_below(sheet, header, flaws, how=how)
    if table is None or (table := filtered(table, how, flaws)) is None:
        return None
    written = table.text("SETTLEMENTDATE")
    shown = read_stamps(written, table.lines, flaws)
    if shown is None:
        return None
    says = "AEMO's description (market time, UTC+10)"
    stamps = Stamps(written, shown.local_s, shown.offset_s, ("Etc/GMT-10",), says, "end")
    return replace(
        table,
        taken_for=TAKEN_FOR,
        stamps=stamps,
        quantities={"RRP": Quantity("price", Foreign("AUD/MWh"))},
        units={"RRP": "AUD/MWh", **({"TOTALDEMAND": "MW"} if "TOTALDEMAND" in table.columns else {})},
    )
