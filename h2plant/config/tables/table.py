"""What a file is, once read: columns, the clock that its times follow, and what is known of each column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from h2plant.plant.finding import Finding

Floats = NDArray[np.float64]
Instants = NDArray[np.datetime64]
Seconds = NDArray[np.int64]
Column = list[str] | Floats | Instants
"""Text as it stands, numbers, or instants in UTC."""

At = Literal["start", "end", "middle"]
"""Where in its interval a stamp lies."""

FIRST_YEAR, LAST_YEAR = 1800, 2200
"""First and last year of the times that are read."""
BEYOND_YEARS = f"lies beyond the years {FIRST_YEAR} to {LAST_YEAR} that are read"
YEAR_REMEDY = "correct the year; write numbers that count time as times (pandas: to_datetime(column, unit='s'))"

_MAX_ALIKE = 5
_LONGEST_WHAT = 600


class Quantity(NamedTuple):
    """What a column of a known format holds.

    Attributes
    ----------
    name
        Stem as series are named: ``temp_air``, ``wind_speed``, ``ghi``, ``dni``, ``dhi``, ``pressure_air``,
        ``relative_humidity``, ``dew_point``, ``poa``, ``wind_power``, ``pv_power``, ``price``.
    unit
        Suffix of the unit of its numbers, such as ``degc`` or ``eur_per_mwh``; '' where the file should say it, but
        does not.
    height_m
        Height above ground, where it has one.
    is_instant
        Whether it was read at its stamp, where stamps end the intervals of other columns, that are means.
    is_mean
        Whether it is the mean of the interval that its stamp begins.
    """

    name: str
    unit: str
    height_m: float | None = None
    is_instant: bool = False
    is_mean: bool = False


class Place(NamedTuple):
    """Where a weather file is from: degrees north and east, and metres above sea level."""

    latitude_deg: float
    longitude_deg: float
    elevation_m: float | None = None


@dataclass(frozen=True, eq=False)
class Stamps:
    """The times of a table's rows as they are written, before it is known which clock they follow.

    Parameters
    ----------
    written
        The text of each row's time, for findings.
    local_s
        Seconds since 1970 that the clock shows, shape (n,).
    offset_s
        By how much that clock is ahead of UTC, s, shape (n,), where each row says it.
    zones
        IANA zones that the file says its clock may follow: none where it says nothing; where it names several
        (``MEZ`` may be all year, or in winter only), the rows decide.
    says
        Where the file says so, for findings and notes: ``the column 'Datum (MEZ)'``.
    at
        Where in its interval a stamp lies, where the file says it.
    is_typical
        Whether the rows are those of a typical year, whose months come from several years: its stamps then lie in
        one year that means nothing.
    is_instant
        Whether the values are those of the instant of their stamp, which may lie minutes behind the hour.
    note
        How they were put together, in words, where that was found and is not plain to see.
    """

    written: Sequence[str]
    local_s: Seconds
    offset_s: Seconds | None = None
    zones: tuple[str, ...] = ()
    says: str = ""
    at: At | None = None
    is_typical: bool = False
    is_instant: bool = False
    note: str = ""
    is_mean: bool = False


@dataclass(frozen=True, eq=False)
class Table:
    """The columns of a file.

    Parameters
    ----------
    file
        The file.
    columns
        The columns by name, each of ``n_rows``.
    lines
        Line (Parquet: row) of each row.
    delimiter
        What parts the cells of a text file, '' in others.
    taken_for
        The format that the file was taken for, such as ``PVGIS hourly``; '' for a plain table.
    stamps
        The times, where the format says how they are written; else they are found from the columns.
    quantities
        What the columns of a known format hold, those that are known.
    units
        Text of the unit of columns whose unit stands in a row of its own or behind the name, as it is written.
    place
        Where it is from.
    zones, says_zone
        Time zones that the lines before the header of a plain table say (see ``Stamps``), and where.
    notes
        What was passed over or mended on reading, in words.
    series_keys
        Columns whose texts tell series of their own apart, such as auctions: a run reads the rows of one text.
    """

    file: Path
    columns: Mapping[str, Column]
    lines: NDArray[np.int64]
    delimiter: str = ""
    taken_for: str = ""
    stamps: Stamps | None = None
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    place: Place | None = None
    zones: tuple[str, ...] = ()
    says_zone: str = ""
    notes: tuple[str, ...] = ()
    series_keys: tuple[str, ...] = ()

    @property
    def has_decimal_comma(self) -> bool:
        """Whether the decimal sign may be a comma."""
        return self.delimiter != ","

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.lines)

    def of_rows(self, rows: NDArray[np.int64]) -> Table:
        """Return the table of some of its rows."""
        columns = {
            name: [cells[i] for i in rows.tolist()] if isinstance(cells, list) else cells[rows]
            for name, cells in self.columns.items()
        }
        stamps = self.stamps
        if stamps is not None:
            offset_s = None if stamps.offset_s is None else stamps.offset_s[rows]
            written = [stamps.written[i] for i in rows.tolist()]
            stamps = replace(stamps, written=written, local_s=stamps.local_s[rows], offset_s=offset_s)
        return replace(self, columns=columns, lines=self.lines[rows], stamps=stamps)

    def text(self, column: str) -> list[str]:
        """Return a column as text, whatever it holds."""
        cells = self.columns[column]
        if isinstance(cells, list):
            return cells
        if cells.dtype.kind == "M":
            return [f"{text}Z" for text in np.datetime_as_string(cells.astype("datetime64[s]")).tolist()]
        return ["" if math.isnan(value) else f"{value:.15g}" for value in cells.tolist()]


class Flaws:
    """Collects findings of one file, the first few of each kind with their lines and then how many more."""

    def __init__(self, file: Path, findings: list[Finding]) -> None:
        self.file = file
        self.findings = findings

    def add(self, id: str, what: str, remedy: str, line: int = 0, where: str = "") -> None:
        """Add one finding; of what is too long to be read, begin and end."""
        if len(what) > _LONGEST_WHAT:
            what = f"{what[: _LONGEST_WHAT // 2]} ... {what[-_LONGEST_WHAT // 2 :]}"
        self.findings.append(Finding(id, where, what, remedy, self.file, line))

    def add_many(self, id: str, flaws: Sequence[tuple[int, str]], remedy: str, where: str = "") -> None:
        """Add a finding for each of the first ``(line, what)``, and one for the number of the others."""
        for line, what in flaws[:_MAX_ALIKE]:
            self.add(id, what, remedy, line, where)
        if len(flaws) > _MAX_ALIKE:
            line, _ = flaws[_MAX_ALIKE]
            self.add(id, f"and {len(flaws) - _MAX_ALIKE} more of this kind, from here on", remedy, line, where)
