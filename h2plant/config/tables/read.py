"""Reads a file of any known format into a table."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from h2plant.config.tables.filter import filtered
from h2plant.config.tables.formats import FORMATS
from h2plant.config.tables.plain import plain_table
from h2plant.config.tables.sheet import Sheet, read_sheet
from h2plant.config.tables.table import Flaws, Table
from h2plant.config.tables.times import stamps_of
from h2plant.plant.door import UnforeseenError, door
from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import Description

_AS_FOUND = Description()
_MOST_KEPT = 8
_FARTHEST_CLOCK_H = 4.0
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
        try:
            with door(file):
                kept = _Kept(key, _read(file, found, how), tuple(found))
        except UnforeseenError as error:
            findings.extend(error.findings)
            return None
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
    if how.sheet is not None and not (isinstance(found, Sheet) and found.sheet):
        flaws.add("unused-key", "'sheet' means nothing beside a file that is no workbook", "remove 'sheet'")
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
    if table is None or not _fits_its_place(table, flaws):
        return None
    return _oldest_first(table, how)


def _fits_its_place(table: Table, flaws: Flaws) -> bool:
    """Whether the clock of a file, unless it is UTC, is that of its longitude, four hours more or less."""
    stamps, place = table.stamps, table.place
    if stamps is None or place is None:
        return True
    if stamps.offset_s is not None:
        ahead_h = float(stamps.offset_s[0]) / 3600.0 if stamps.offset_s.size else 0.0
    else:
        fixed = stamps.zones[0] if len(stamps.zones) == 1 and stamps.zones[0].startswith("Etc/GMT") else "Etc/GMT0"
        ahead_h = -float(fixed.removeprefix("Etc/GMT") or 0)
    apart_h = abs(ahead_h - place.longitude_deg / 15.0) % 24.0
    if ahead_h == 0.0 or min(apart_h, 24.0 - apart_h) <= _FARTHEST_CLOCK_H:
        return True
    what = f"the file's clock is UTC{ahead_h:+g} h, and its place lies at {place.longitude_deg:g} degrees east"
    flaws.add("zone-conflict", what, "correct the zone or the longitude in its first lines", 1)
    return False


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
