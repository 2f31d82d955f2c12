"""Whether the intervals that a table writes out, ``00:00 - 01:00``, are as long as its rows last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from h2plant.config.tables.stamps import clock_s, of_interval, read_alike
from h2plant.config.tables.table import Flaws, Seconds, Stamps, Table

_DAY_S = 86400
_INCLUSIVE_S = (1, 60)
"""By how much an interval may end early: ``00:00 - 00:59`` is an hour."""


def ends_fit(
    stamps: Stamps,
    times: Seconds,
    lasting: Seconds,
    time_format: str | None,
    is_moved: bool,
    table: Table,
    flaws: Flaws,
) -> bool:
    """Compare the ends of written intervals with how long the rows last; what differs is found.

    Parameters
    ----------
    stamps
        The times as written.
    times
        The same in UTC, s since 1970, shape (n,).
    lasting
        How long each row lasts as the table is read, s, shape (n,).
    time_format
        How times are written, where the entry says it.
    is_moved
        Whether the entry moved the times to another year than what is written.
    table, flaws
        The table, and where what differs is appended.

    Returns
    -------
    bool
        Whether all fit; so where no intervals are written.
    """
    if of_interval(stamps.written[0]) is None:
        return True
    parts = [of_interval(text) for text in stamps.written]
    rows = np.array([i for i, part in enumerate(parts) if part is not None], dtype=np.int64)
    begins, ends = zip(*(part for part in parts if part is not None), strict=True)
    n_before = len(flaws.findings)
    lasts = _lasts(begins, ends, stamps.local_s[rows], table.lines[rows], time_format, flaws)
    if lasts is None:
        return len(flaws.findings) == n_before
    length, is_clock = lasts
    ahead = stamps.local_s - times  # a clock that is changed meanwhile shows an hour more or less
    changed = np.append(np.diff(ahead), 0)
    row_lasts = lasting[rows]
    fits = np.zeros(rows.size, dtype=bool)
    for whole in (row_lasts, row_lasts + changed[rows]):
        early = whole - length
        if is_clock or is_moved:
            early = early % _DAY_S
        fits |= (early == 0) | np.isin(early, _INCLUSIVE_S) | ((early == _DAY_S) & _are_days(ends))
    found = [
        (int(table.lines[i]), f"'{stamps.written[i]}' {_says(int(one), int(last), is_clock or is_moved)}")
        for i, one, last in zip(rows[~fits].tolist(), length[~fits], row_lasts[~fits], strict=True)
    ]
    remedy = "correct where these intervals begin or end, or add the rows that are missing between them"
    flaws.add_many("uneven-time", found, remedy)
    return not found


def _lasts(
    begins: Sequence[str],
    ends: Sequence[str],
    local: Seconds,
    lines: Seconds,
    time_format: str | None,
    flaws: Flaws,
) -> tuple[Seconds, bool] | None:
    """Return how long written intervals last, and whether their ends are times of a day alone; None if unreadable."""
    clocks = [clock_s(end) for end in ends]
    if all(one is not None for one in clocks):
        return (np.array(clocks, dtype=np.int64) - local) % _DAY_S, True
    read = read_alike(begins, ends, lines, time_format, flaws)
    if read is None:
        return None
    (begin_s, begin_ahead), (end_s, end_ahead) = read
    if begin_ahead is not None and end_ahead is not None:
        return end_s - end_ahead - (begin_s - begin_ahead), False
    return end_s - begin_s, False


def _are_days(ends: Sequence[str]) -> bool:
    return not any(":" in end for end in ends)


def _says(length_s: int, row_s: int, is_of_clock: bool) -> str:
    if not is_of_clock and length_s <= 0:
        return "ends before it begins" if length_s < 0 else "ends when it begins"
    return f"lasts {length_s / 60:g} min, and the row {row_s / 60:g} min, up to the next one"
