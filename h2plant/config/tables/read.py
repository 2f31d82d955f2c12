"""Reads a file of any known format into a table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from h2plant.config.tables.filter import filtered
from h2plant.config.tables.formats import FORMATS
from h2plant.config.tables.plain import plain_table
from h2plant.config.tables.sheet import read_sheet
from h2plant.config.tables.table import Flaws, Table
from h2plant.config.tables.times import stamps_of
from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import Description

_AS_FOUND = Description()


def read_table(file: Path, findings: list[Finding], how: Description = _AS_FOUND) -> Table | None:
    """Read a file.

    Parameters
    ----------
    file
        See ``sheet.read_sheet``. A known format (``formats``) is recognised by what is in it, unless the entry
        describes the file.
    findings
        What is wrong is appended here.
    how
        What an entry says of the file.

    Returns
    -------
    Table or None
        None if the file could not be read.
    """
    flaws = Flaws(file, findings)
    found = read_sheet(file, flaws, how.sheet)
    if found is None:
        return None
    if isinstance(found, Table):
        table: Table | None = found
    elif how.is_of_a_plain_table:
        table = plain_table(found, how.skip_rows, flaws)
    else:
        n_before = len(findings)
        table = next((t for read in FORMATS if (t := read(found, how, flaws)) is not None), None)
        if table is None and len(findings) == n_before:
            table = plain_table(found, how.skip_rows, flaws)
    table = None if table is None else filtered(table, how, flaws)
    return None if table is None else _oldest_first(table, how)


def _oldest_first(table: Table, how: Description) -> Table:
    """Return a table whose rows stand newest first turned round; any other as it is.

    Some forty rows decide, which must all be older than the one before; whether all others are is seen later.
    """
    if table.n_rows < 3:
        return table
    rows = np.unique(np.linspace(0, table.n_rows - 1, 40).astype(np.int64))
    quiet = Flaws(table.file, [])
    stamps = stamps_of(table.of_rows(rows), how, quiet)
    if stamps is None:  # few dates may leave open what all decide
        rows = np.arange(table.n_rows)
        stamps = stamps_of(table, how, quiet)
    if stamps is None:
        return table
    times = stamps.local_s if stamps.offset_s is None else stamps.local_s - stamps.offset_s
    back = int((np.diff(times) < 0).sum())
    if back < rows.size - 1 - (stamps.offset_s is None) or back < 2:  # one change of the clock may lie between
        return table
    turned = table.of_rows(np.arange(table.n_rows)[::-1])
    return replace(turned, notes=(*table.notes, "rows turned round, as the newest stands first"))
