"""Series made from the calendar: what the clock on the plant's wall shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

CALENDAR_RESOLUTION_S = 900
"""Every offset from UTC in use is a multiple of a quarter of an hour."""

_WEEK_H = 168.0
_DAY_S = 86400


def hour_of_week(first_s: int, n: int, timezone: str) -> NDArray[np.float64]:
    """Return the local hours since Monday 00:00 by the wall clock.

    Parameters
    ----------
    first_s
        Start of the first quarter hour, seconds since 1970 UTC, a multiple of 900.
    n
        Number of quarter hours.
    timezone
        IANA name of the zone.

    Returns
    -------
    ndarray
        Shape ``(n,)``, hours from 0 (Monday 00:00) to below 168, at the start of each quarter hour. Where the clock
        changes, an hour is skipped or comes twice.
    """
    times = first_s + CALENDAR_RESOLUTION_S * np.arange(n, dtype=np.int64)
    local = times + _offsets_s(times, ZoneInfo(timezone))
    # 1 January 1970 was a Thursday, 72 hours after Monday 00:00
    return np.asarray((local / 3600.0 + 72.0) % _WEEK_H, dtype=np.float64)


def month_of_year(first_s: int, n: int, timezone: str) -> NDArray[np.float64]:
    """Return the local month, 1 to 12; arguments and shape as of ``hour_of_week``."""
    times = first_s + CALENDAR_RESOLUTION_S * np.arange(n, dtype=np.int64)
    local = (times + _offsets_s(times, ZoneInfo(timezone))).astype("datetime64[s]")
    return np.asarray(local.astype("datetime64[M]").astype(np.int64) % 12 + 1, dtype=np.float64)


def month_left(first_s: int, n: int, timezone: str) -> NDArray[np.float64]:
    """Return the hours to the end of the local month by the wall clock; arguments and shape as of ``hour_of_week``."""
    times = first_s + CALENDAR_RESOLUTION_S * np.arange(n, dtype=np.int64)
    local = (times + _offsets_s(times, ZoneInfo(timezone))).astype("datetime64[s]")
    end = (local.astype("datetime64[M]") + 1).astype("datetime64[s]")
    return np.asarray((end - local).astype(np.int64) / 3600.0, dtype=np.float64)


def _offsets_s(times: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    """Return the offset from UTC at each time; asks the zone once a day, and every time on days of change."""
    offsets = np.empty(len(times), dtype=np.int64)
    starts = np.arange(times[0], times[-1] + 1, _DAY_S) if len(times) else np.empty(0, dtype=np.int64)
    for start in starts:
        day = slice(int(np.searchsorted(times, start)), int(np.searchsorted(times, start + _DAY_S)))
        if _offset_s(int(start), zone) == _offset_s(int(start) + _DAY_S, zone):
            offsets[day] = _offset_s(int(start), zone)
        else:
            offsets[day] = [_offset_s(int(t), zone) for t in times[day]]
    return offsets


def _offset_s(time_s: int, zone: ZoneInfo) -> int:
    offset = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time_s)).astimezone(zone).utcoffset()
    assert offset is not None
    return offset // timedelta(seconds=1)
