"""Which clock a table's times follow, and what they are in UTC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from h2plant.config.tables.table import Flaws, Seconds, Stamps
from h2plant.plant.finding import listing

_EPOCH = datetime(1970, 1, 1)
_DAY_S = 86400

_SAID = (
    # a name for winter and summer together is local time; a winter's alone may be kept all year
    (re.compile(r"(?i)\b(?:ce(?:s)?t|mez|hec)\s*[/|]\s*(?:ce(?:s)?t|mesz|hecv?)\b"), ("Europe/Brussels",)),
    (re.compile(r"(?i)\b(?:utc|gmt|z)\s*\+\s*0?1(?::?00)?\b"), ("Etc/GMT-1",)),
    (re.compile(r"(?i)(?:^|[^a-z])(?:cet|mez)(?:$|[^a-z])"), ("Etc/GMT-1", "Europe/Brussels")),
    (re.compile(r"(?i)(?:^|[^a-z])(?:cest|mesz)(?:$|[^a-z])"), ("Etc/GMT-2", "Europe/Brussels")),
    (re.compile(r"(?i)(?:^|[^a-z])(?:utc|gmt)(?:$|[^a-z+-])"), ("UTC",)),
)
_OFFSET = re.compile(r"(?i)\b(?:utc|gmt)\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?\b")

_NOWHERE = Path()
_FIXED_REMEDY = "check 'timezone:'; a file without daylight saving is in UTC or has a fixed offset such as 'Etc/GMT-1'"


def zones_said(text: str) -> tuple[str, ...]:
    """Return the zones that a text such as a column's name says its times are in; none if it says nothing.

    ``MEZ`` or ``CET`` may be kept all year or stand for the local time of winter and summer: then both are returned.
    """
    offset = _OFFSET.search(text)
    if offset is not None and int(offset[3] or 0) == 0:
        hours = int(offset[2]) * (1 if offset[1] == "+" else -1)
        return ("UTC",) if hours == 0 else (f"Etc/GMT{-hours:+d}",)
    return next((zones for pattern, zones in _SAID if pattern.search(text)), ())


def to_utc(
    stamps: Stamps, lines: NDArray[np.int64], stated: str | None, assumed: str, flaws: Flaws
) -> tuple[Seconds, str, str] | None:
    """Return a table's times in UTC.

    Parameters
    ----------
    stamps
        The times as written.
    lines
        The line of each.
    stated
        Zone that the entry states.
    assumed
        Zone of the plant. Times of which neither the file nor the entry says the zone are UTC where the plant's is.
    flaws
        What is wrong is appended here: an entry that contradicts the file, times that the clock skips, a clock that
        cannot be told.

    Returns
    -------
    times_s, zone, note
        Seconds since 1970 UTC, shape (n,); the zone that was taken; and in words where that is known from, '' where
        each time has its offset or the entry states the zone. None if anything was wrong.

    Notes
    -----
    In an hour that the clock shows twice, the first rows are summer time, and winter time begins where the clock
    jumps back.
    """
    if stamps.offset_s is not None:
        return _by_offset(stamps, stamps.offset_s, stated, lines, flaws)
    said = stamps.zones
    if stated is not None:
        times = _of_zone(stamps, lines, stated, flaws)
        if times is None:
            return None
        others = [_quietly(stamps, lines, zone) for zone in said]
        if said and not any(other is not None and np.array_equal(times, other) for other in others):
            what = f"the entry says timezone '{stated}', but {stamps.says} says {_shown(said)}"
            flaws.add("zone-conflict", what, "drop 'timezone:', or correct it or the file", int(lines[0]))
            return None
        return times, stated, ""
    if len(said) == 1:
        times = _of_zone(stamps, lines, said[0], flaws)
        note = "" if said[0] == "UTC" else f"times in {said[0]}, as {stamps.says} says"
        return None if times is None else (times, said[0], note)
    if said:
        return _decided(stamps, lines, said, flaws)
    return _unsaid(stamps, lines, assumed, flaws)


def _shown(zones: Sequence[str]) -> str:
    return listing(zones, "or")


def _by_offset(
    stamps: Stamps, offset_s: Seconds, stated: str | None, lines: NDArray[np.int64], flaws: Flaws
) -> tuple[Seconds, str, str] | None:
    times: Seconds = stamps.local_s - offset_s
    if stated is not None:
        other = np.flatnonzero(_offsets_at(times, stated) != offset_s)
        if other.size and (offset_s != 0).any():
            i = int(other[0])
            what = f"'{stamps.written[i]}' has another offset than the entry's timezone '{stated}' has then"
            remedy = "drop 'timezone:': each time of the file has its offset"
            flaws.add("zone-conflict", what, remedy, int(lines[i]))
            return None
    return times, "UTC" if not offset_s.any() else "offset", ""


def _offsets_at(times_s: Seconds, zone: str) -> Seconds:
    """Return by how much a zone's clock is ahead of UTC at instants, s."""
    info = ZoneInfo(zone)
    hours, place = np.unique(times_s // 3600, return_inverse=True)
    found = [
        int(info.utcoffset(datetime.fromtimestamp(h * 3600, UTC).astimezone(info)).total_seconds())  # type: ignore[union-attr]
        for h in hours.tolist()
    ]
    return np.array(found, dtype=np.int64)[place]


def _decided(
    stamps: Stamps, lines: NDArray[np.int64], zones: Sequence[str], flaws: Flaws
) -> tuple[Seconds, str, str] | None:
    """Return the times in the only zone of several in which all rows follow one another evenly."""
    found = {zone: times for zone in zones if (times := _quietly(stamps, lines, zone)) is not None}
    if not found:
        _of_zone(stamps, lines, zones[0], flaws)
        return None
    jumps = {zone: n_jumps(times) for zone, times in found.items()}
    fewest = min(jumps.values())
    best = [zone for zone in found if jumps[zone] == fewest]
    if all(np.array_equal(found[best[0]], found[zone]) for zone in best):
        return found[best[0]], best[0], f"times in {best[0]}, as {stamps.says} and the rows say"
    what = f"{stamps.says} says that times are in {_shown(best)}, and the rows do not decide"
    remedy = f"say which: 'timezone: {best[0]}' (the same clock all year) or 'timezone: {best[1]}' (summer time)"
    flaws.add("ambiguous-zone", what, remedy, int(lines[0]))
    return None


def _unsaid(stamps: Stamps, lines: NDArray[np.int64], assumed: str, flaws: Flaws) -> tuple[Seconds, str, str] | None:
    """Return times of which nothing says the zone: UTC, unless the plant has another clock."""
    local = _quietly(stamps, lines, assumed)
    if local is not None and np.array_equal(local, stamps.local_s):
        note = "times have no zone: taken as UTC"
        return stamps.local_s, "UTC", note
    shows_utc, shows_local = _shows_clock(stamps, assumed)
    if shows_utc and not shows_local:
        return stamps.local_s, "UTC", f"times in UTC: they pass a clock change of {assumed} without a jump"
    if shows_local and not shows_utc and local is not None:
        return local, assumed, f"times in {assumed}: they jump with its clock changes"
    what = f"nothing says whether its times are in UTC or in the plant's timezone {assumed}"
    flaws.add("ambiguous-zone", what, f"say 'timezone: UTC' or 'timezone: {assumed}' beside 'file:'", int(lines[0]))
    return None


def _shows_clock(stamps: Stamps, zone: str) -> tuple[bool, bool]:
    """Whether rows show that times pass clock changes of a zone without a jump, and whether they jump with them."""
    steps = np.diff(stamps.local_s)
    if not steps.size:
        return False, False
    usual = int(np.median(steps))
    if usual > 3600:
        return False, False
    passes = jumps = False
    for change_s, before_s, after_s in _changes(zone, int(stamps.local_s[0]), int(stamps.local_s[-1])):
        ahead = after_s - before_s
        begin, end = change_s + min(before_s, after_s), change_s + max(before_s, after_s)
        i = int(np.searchsorted(stamps.local_s, begin - usual))
        near = slice(max(i - 1, 0), i + 2 * max(abs(ahead) // max(usual, 1), 1) + 3)
        within = stamps.local_s[near]
        if ahead > 0:  # the clock skips begin to end
            is_inside = ((within >= begin) & (within < end)).any()
            passes |= bool(is_inside)
            jumps |= not is_inside and bool((np.diff(within) == usual + ahead).any())
        else:
            jumps |= bool((np.diff(within) < 0).any()) or bool((np.diff(within) == 0).any())
            passes |= bool((np.diff(within) == usual).all()) and within.size > 3
    return passes, jumps


def _changes(zone: str, first_local_s: int, last_local_s: int) -> list[tuple[int, int, int]]:
    """Return the clock changes of a zone: instant in UTC, and what the clock is ahead of UTC before and after, s."""
    days = np.arange(first_local_s // _DAY_S - 1, last_local_s // _DAY_S + 3) * _DAY_S
    offsets = _offsets_at(days, zone)
    found = []
    for i in np.flatnonzero(np.diff(offsets)).tolist():
        hours = np.arange(int(days[i]), int(days[i + 1]) + 1, 900)
        fine = _offsets_quarter(hours, zone)
        k = int(np.flatnonzero(np.diff(fine))[0]) + 1
        found.append((int(hours[k]), int(fine[k - 1]), int(fine[k])))
    return found


def _offsets_quarter(times_s: Seconds, zone: str) -> Seconds:
    info = ZoneInfo(zone)
    shown = (datetime.fromtimestamp(t, UTC).astimezone(info).utcoffset() for t in times_s.tolist())
    return np.array([int((offset or timedelta(0)).total_seconds()) for offset in shown], dtype=np.int64)


def n_jumps(times: Seconds) -> int:
    """Return how many rows do not follow the one before as the others do."""
    steps = np.diff(times)
    return int((steps != np.median(steps)).sum()) if steps.size else 0


def clock_offsets(local_s: Seconds, zone: str) -> tuple[Seconds, NDArray[np.bool_]]:
    """Return by how much a zone's clock is ahead of UTC where it shows certain times, and where that is unclear.

    Parameters
    ----------
    local_s
        Seconds since 1970 that the clock shows, shape (n,).
    zone
        IANA zone.

    Returns
    -------
    offset_s, is_unclear
        s, shape (n,); whether the clock shows that time twice or never, shape (n,): the offset is then that before
        the change.
    """
    changes = _changes(zone, int(local_s.min()), int(local_s.max()))
    start = _offsets_at(np.array([int(local_s.min()) - 2 * _DAY_S]), zone)[0]
    offset = np.full(local_s.shape, start, dtype=np.int64)
    is_unclear = np.zeros(local_s.shape, dtype=bool)
    for change_s, before_s, after_s in changes:
        offset[local_s >= change_s + max(before_s, after_s)] = after_s
        is_unclear |= (local_s >= change_s + min(before_s, after_s)) & (local_s < change_s + max(before_s, after_s))
    return offset, is_unclear


def _quietly(stamps: Stamps, lines: NDArray[np.int64], zone: str) -> Seconds | None:
    return _of_zone(stamps, lines, zone, Flaws(_NOWHERE, []))


def _of_zone(stamps: Stamps, lines: NDArray[np.int64], zone: str, flaws: Flaws) -> Seconds | None:
    """Return local times in UTC; those that the clock skips are found."""
    if zone in ("UTC", "Etc/UTC"):
        return stamps.local_s
    local = stamps.local_s
    offset, unclear = clock_offsets(local, zone)
    skipped: list[tuple[int, str]] = []
    info = ZoneInfo(zone)
    for i in np.flatnonzero(unclear).tolist():
        shown = _EPOCH + timedelta(seconds=int(local[i]))
        first, later = (shown.replace(tzinfo=info, fold=fold).utcoffset() for fold in (0, 1))
        assert first is not None and later is not None
        if later > first:  # an hour that never was has the offset before the jump at fold 0
            what = f"'{stamps.written[i]}' does not exist in {zone}: the clock skips it"
            skipped.append((int(lines[i]), what))
            continue
        offset[i] = int(first.total_seconds())
        if i and local[i] - offset[i] <= local[i - 1] - offset[i - 1]:
            offset[i] = int(later.total_seconds())
    flaws.add_many("nonexistent-time", skipped, _FIXED_REMEDY)
    return None if skipped else local - offset
