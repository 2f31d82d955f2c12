"""What a plant says of a series: where its numbers come from and how they are read."""

from __future__ import annotations

import glob
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from h2plant.core.bus import MOST_LINES, UNPLANNED_W
from h2plant.core.regular_file import LARGEST_TABLE_BYTES, FileError, read_regular
from h2plant.core.units import Conversion, Unit, UnitError, parse_unit, split_name, to_si
from h2plant.plant.exchange import PER_EUR
from h2plant.plant.variability import Variability

CALENDAR_SERIES = {"calendar_hour_of_week": "h", "calendar_month": "1", "calendar_month_left_h": "h"}
"""Built-in series, available without declaration, with their units."""


def plan_series(k: int) -> str:
    """Return the name of the series of the planned power of a rule's k-th line, from 0."""
    return f"plan_line_{k + 1}_power_w"


PURCHASE_PLAN, BATTERY_PLAN, LOAD_PLAN = "plan_purchase_w", "plan_battery_w", "plan_load_frac"
PLAN_SERIES = {
    **{plan_series(k): "W" for k in range(MOST_LINES)},
    **{PURCHASE_PLAN: "W", BATTERY_PLAN: "W", LOAD_PLAN: "1"},
}
"""Built-in series that the planner fills while a plant with the dispatch kind ``planned`` runs."""
UNPLANNED = {**dict.fromkeys(PLAN_SERIES, -1.0), BATTERY_PLAN: UNPLANNED_W, LOAD_PLAN: 0.0}
"""What they hold until then."""

PLAN_RESOLUTION_S = 900
"""Length of an interval of the plan's series, s; they begin with the run."""

BUILT_IN_SERIES = {**CALENDAR_SERIES, **PLAN_SERIES}

_IS_OF_MONEY = re.compile(rf"(?i)(?:^|_)(?:{'|'.join(PER_EUR)})_per_[a-z0-9]+$")
"""A column in another currency, which is converted when the file is read."""

Mode = Literal["hold", "linear"]


@dataclass(frozen=True)
class Description:
    """How a file is written, as far as an entry of a series says it; what it leaves open is found from the file.

    Parameters
    ----------
    skip_rows
        How many lines lie before the header.
    sheet
        The sheet of a workbook.
    time_column
        Column of the times.
    date_column, hour_column
        Columns of date and hour where each has its own.
    time_format
        How times are written, in the notation of ``strptime``.
    timezone
        IANA zone of times without offset.
    stamps
        Whether a stamp is the start, the middle or the end of its interval.
    year
        The year that the rows are taken for (of a typical year, whose own years mean nothing).
    decimal, thousands
        Signs before the decimals and between thousands.
    filter
        Column and text that rows have in it, for each column by which rows are chosen.
    """

    skip_rows: int | None = None
    sheet: str | None = None
    time_column: str | None = None
    date_column: str | None = None
    hour_column: str | None = None
    time_format: str | None = None
    timezone: str | None = None
    stamps: Literal["start", "end", "middle"] | None = None
    year: int | None = None
    decimal: Literal[".", ","] | None = None
    thousands: Literal[".", ",", " ", "'"] | None = None
    filter: tuple[tuple[str, str], ...] = ()

    @property
    def is_of_a_plain_table(self) -> bool:
        """Whether the entry says where header or times stand, so that no known format is looked for."""
        stated = (self.skip_rows, self.time_column, self.date_column, self.hour_column, self.time_format)
        return any(one is not None for one in stated)


@dataclass(frozen=True)
class SeriesSpec:
    """A declared series; its name ends in the unit of its numbers.

    Parameters
    ----------
    name
        As referred to in links: ``series.<name>``.
    file, constant, values
        Where the numbers come from; exactly one is given. ``{year}`` in a file's name stands for the year, by the
        clock of the plant, in which the run begins.
    column
        Column of the file.
    mode
        ``hold`` keeps a value until the next, ``linear`` joins them by lines.
    scale
        Factor on the numbers as written.
    unit
        Unit suffix of the numbers where it is not that of the column's or the series' name.
    how
        How the file is written.
    resolution_s, start
        For ``values``: length of an interval, and the first instant (start of the run if None).
    is_repeated
        Whether the series starts over when it ends (and goes back before it begins).
    is_filled, max_gap_h
        Whether gaps of at most so many hours are filled: with the value before in the mode ``hold``, by a line in the
        mode ``linear``.
    variability
        What is added minute by minute within its intervals.
    currency, per_eur
        Money of the numbers where it is not euros, as ``GBP``; how many of it a euro is, by default the mean of the
        price's year (``plant.exchange``).
    is_of_weather
        Whether it is one of those that an entry ``weather`` feeds.
    declared_in, line
        Where it stands.
    """

    name: str
    file: Path | None = None
    constant: float | None = None
    values: tuple[float, ...] | None = None
    column: str = ""
    mode: Mode = "hold"
    scale: float = 1.0
    unit: str = ""
    how: Description = Description()
    resolution_s: int | None = None
    start: datetime | None = None
    is_repeated: bool = False
    is_filled: bool = False
    max_gap_h: float = 3.0
    variability: Variability | None = None
    currency: str = ""
    per_eur: float | None = None
    is_of_weather: bool = False
    declared_in: Path | None = None
    line: int = 0

    @cached_property
    def si(self) -> Conversion:
        """SI name of the series, with factor and offset from the unit of its name."""
        return to_si(self.name)

    @property
    def si_unit(self) -> Unit:
        """Unit of the values once converted."""
        unit = series_unit(self.name)
        assert unit is not None, self.name
        return unit._replace(factor=1.0, offset=0.0)

    @property
    def conversion(self) -> Conversion:
        """From the numbers as written (times ``scale``) to SI.

        The unit is that of ``unit``, else of the column's name where it ends in one, else of the series' name.

        Raises
        ------
        UnitError
            If that unit is unknown or measures something else than the series' name says.
        """
        wanted = series_unit(self.name)
        if wanted is None:
            raise UnitError(f"'{self.name}' does not end in a unit")
        given = wanted
        if self.unit:
            stated = parse_unit(self.unit)
            if stated is None:
                raise UnitError(f"'{self.unit}' is not a unit that is known here")
            if not stated.is_convertible_to(wanted):
                raise UnitError(f"'{self.unit}' does not measure what '{self.name}' is")
            given = stated
        elif self.column and self.column != self.name and not _IS_OF_MONEY.search(self.column):
            found = split_name(self.column)[1]
            suffix = self.column[len(split_name(self.column)[0]) + 1 :]
            if found is not None and found.is_convertible_to(wanted):
                given = found
            elif found is not None and not self.currency and ("per" in suffix.split("_") or "_" not in suffix):
                raise UnitError(f"the column '{self.column}' is in '{suffix}', not what '{self.name}' measures")
        return Conversion(self.si.name, given.factor, given.offset)

    def file_digests(self) -> dict[Path, str]:
        """Return the SHA-256 of its files as they are now; of none where one cannot be read."""
        files = [] if self.file is None else files_of(self.file)
        try:
            return {one: hashlib.sha256(read_regular(one, LARGEST_TABLE_BYTES)).hexdigest() for one in files}
        except FileError:  # found when the series is read
            return {}

    def content(self, read: Mapping[Path, str] | None = None) -> list[Any]:
        """Return everything that decides the values, for digests; a file counts by what is in it.

        Parameters
        ----------
        read
            The SHA-256 of its files as they were read (default: as they are now).
        """
        data = " ".join((self.file_digests() if read is None else read).values())
        how = self.how
        column = self.column or (self.name if self.file is not None else "")
        taken = [column, self.mode, self.scale, self.unit, how.timezone, how.time_column, how.stamps or "start"]
        rest = [self.resolution_s, str(self.start), self.is_repeated, self.is_filled, self.max_gap_h]
        signs = [how.decimal, how.thousands]
        more = [how.skip_rows, how.sheet, how.date_column, how.hour_column, how.time_format, how.year, how.filter]
        stated = [*(signs if any(signs) else []), *(more if any(more) else [])]
        added: list[Any] = [] if self.variability is None else [self.variability.content()]
        if self.currency or self.per_eur is not None:
            added.append([self.currency, self.per_eur])
        return [self.name, data, self.constant, self.values, *taken, *rest, *stated, *added]


YEAR = "{year}"
"""What stands in the name of a file for the year of the run."""


def file_of(file: Path, year: int) -> Path:
    """Return the file of a year, where there is one for each."""
    return file.with_name(file.name.replace(YEAR, str(year)))


def files_of(file: Path) -> list[Path]:
    """Return the file; where there is one for each year, those that there are."""
    if YEAR not in file.name:
        return [file]
    digits = glob.escape(file.name).replace(glob.escape(YEAR), "[0-9][0-9][0-9][0-9]")
    return sorted(file.parent.glob(digits))


def series_unit(name: str) -> Unit | None:
    """Return the unit that a series' name ends in; None if it carries none."""
    return split_name(name)[1]
