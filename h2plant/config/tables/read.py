"""Reads a file of any known format into a table."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from h2plant.config.tables.formats import FORMATS
from h2plant.config.tables.plain import plain_table
from h2plant.config.tables.sheet import read_sheet
from h2plant.config.tables.table import Flaws, Table
from h2plant.plant.finding import Finding, listing, nearest
from h2plant.plant.series_spec import Description

_AS_FOUND = Description()
_MOST_KEPT = 8
_SETTLED_NS = 2_000_000_000


class _Kept(NamedTuple):
    """A table as it was read from a file that was then of that state, with what was wrong with it."""

    key: tuple[int, int, int] | None
    table: Table | None
    findings: tuple[Finding, ...]


_KEPT: dict[tuple[Path, Description], _Kept] = {}


def read_table(file: Path, findings: list[Finding], how: Description = _AS_FOUND) -> Table | None:
    """Read a file; one that was read before and has not changed since is not read again.

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
    key = _state(file)
    kept = None if key is None else _KEPT.get((file, how))
    if kept is None or kept.key != key:
        found: list[Finding] = []
        kept = _Kept(key, _read(file, found, how), tuple(found))
        if key is not None:
            _KEPT.pop((file, how), None)
            _KEPT[file, how] = kept
            while len(_KEPT) > _MOST_KEPT:
                del _KEPT[next(iter(_KEPT))]
    findings.extend(kept.findings)
    return kept.table


def _state(file: Path) -> tuple[int, int, int] | None:
    """Return what changes when a file is written again; None where there is none, or it was written a moment ago.

    File systems count time in steps of some ms, in which a file may be written twice.
    """
    try:
        state = file.stat()
    except OSError:
        return None
    if abs(time.time_ns() - state.st_mtime_ns) < _SETTLED_NS:
        return None
    return state.st_size, state.st_mtime_ns, state.st_ino


def _read(file: Path, findings: list[Finding], how: Description) -> Table | None:
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
    return None if table is None else filtered(table, how, flaws)


def filtered(table: Table, how: Description, flaws: Flaws) -> Table | None:
    """Return the rows of a table that have what an entry wants in certain columns."""
    if not how.filter:
        return table
    keep = np.ones(table.n_rows, dtype=bool)
    for name, wanted in how.filter:
        if name not in table.columns:
            what = f"there is no column '{name}' (filter)"
            flaws.add("no-such-column", what, nearest(name, table.columns), 1)
            return None
        cells = [cell.strip() for cell in table.text(name)]
        is_it = np.array([cell == wanted for cell in cells])
        if not is_it.any():
            what = f"no row has '{wanted}' in the column '{name}'"
            values = sorted(set(cells))
            remedy = nearest(wanted, values) if len(values) > 6 else f"the column holds {listing(values)}"
            flaws.add("no-such-row", what, remedy, 1)
            return None
        keep &= is_it
    if not keep.any():
        flaws.add("no-such-row", "no row has all that 'filter:' wants", "see which rows the file has", 1)
        return None
    return table.of_rows(np.flatnonzero(keep))
