"""Whether the intervals that a table writes out, ``00:00 - 01:00``, are as long as its rows last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from h2plant.config.tables.stamps import clock_s, is_one_time, of_interval, pattern_of, read_alike
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
    clocks = [clock_s(end) for end in ends]
    of_clocks = [k for k, clock in enumerate(clocks) if clock is not None]
    whole = [k for k, end in enumerate(ends) if clocks[k] is None and _is_time(end, time_format)]
    n_before = len(flaws.findings)
    lasts: list[tuple[list[int], Seconds, bool]] = []
    if of_clocks:
        shown = np.array([clocks[k] for k in of_clocks], dtype=np.int64)
        lasts.append((of_clocks, (shown - stamps.local_s[rows[of_clocks]]) % _DAY_S, True))
    if whole:
        length = _lasts(
            [begins[k] for k in whole], [ends[k] for k in whole], table.lines[rows[whole]], time_format, flaws
        )
        lasts += [] if length is None else [(whole, length, False)]
    ahead = stamps.local_s - times  # a clock that is changed meanwhile shows an hour more or less
    changed = np.append(np.diff(ahead), 0)
    found = []
    for which, length, is_clock in lasts:
        own = rows[which]
        fits = np.zeros(own.size, dtype=bool)
        for row_lasts in (lasting[own], lasting[own] + changed[own]):
            early = row_lasts - length
            if is_clock or is_moved:
                early = early % _DAY_S
            fits |= (early == 0) | np.isin(early, _INCLUSIVE_S) | ((early == _DAY_S) & _are_days(ends))
        found += [
            (int(table.lines[i]), f"'{stamps.written[i]}' {_says(int(one), int(last), is_clock or is_moved)}")
            for i, one, last in zip(own[~fits].tolist(), length[~fits], lasting[own][~fits], strict=True)
        ]
    remedy = "correct where these intervals begin or end, or add the rows that are missing between them"
    flaws.add_many("uneven-time", sorted(found), remedy)
    return len(flaws.findings) == n_before


def _is_time(end: str, time_format: str | None) -> bool:
    """Tell whether an end is a whole time; what is neither that nor a clock (``1:00 AM``) is not compared."""
    if time_format is None:
        return is_one_time(end)
    pattern = pattern_of(time_format)
    return not isinstance(pattern, str) and pattern.fullmatch(end.strip()) is not None


def _lasts(
    begins: Sequence[str], ends: Sequence[str], lines: Seconds, time_format: str | None, flaws: Flaws
) -> Seconds | None:
    """Return how long intervals last whose ends are whole times; None if unreadable."""
    read = read_alike(begins, ends, lines, time_format, flaws)
    if read is None:
        return None
    (begin_s, begin_ahead), (end_s, end_ahead) = read
    if begin_ahead is not None and end_ahead is not None:
        return end_s - end_ahead - (begin_s - begin_ahead)
    return end_s - begin_s


def _are_days(ends: Sequence[str]) -> bool:
    return not any(":" in end for end in ends)


def _says(length_s: int, row_s: int, is_of_clock: bool) -> str:
    if not is_of_clock and length_s <= 0:
        return "ends before it begins" if length_s < 0 else "ends when it begins"
    return f"lasts {length_s / 60:g} min, and the row {row_s / 60:g} min, up to the next one"
