"""Which clock a table's times follow, and what they are in UTC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from h2plant.config.tables.table import FIRST_YEAR, LAST_YEAR, Flaws, Seconds, Stamps
from h2plant.plant.finding import listing

_DAY_S = 86400
_HOUR_S = 3600
CALENDAR_S = (
    round(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp()) - 2 * _DAY_S,
    round(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp()) + 2 * _DAY_S,
)
"""First and last time that is read, s since 1970, with days to spare for zones and intervals that end with a year."""
_UTC = ("UTC", "Etc/UTC")
_LONGEST = 400
"""Characters of a text that may say a zone: patterns take long for endless ones."""

LOCAL = "local"
"""Among the zones that a text says: the local time of a place that it does not name."""
UNCLEAR = "?"
"""Among the zones that a text says: one that is not understood."""

_WINTER = {
    # hours ahead of UTC in winter, and in summer: the zone with that clock
    (0.0, 1.0): "Europe/London",
    (1.0, 2.0): "Europe/Brussels",
    (2.0, 3.0): "Europe/Helsinki",
    (-5.0, -4.0): "America/New_York",
    (-6.0, -5.0): "America/Chicago",
    (-7.0, -6.0): "America/Denver",
    (-8.0, -7.0): "America/Los_Angeles",
    (10.0, 11.0): "Australia/Sydney",
    (10.5, 11.0): "Australia/Lord_Howe",
}
_PARTS_OF_HOURS = {5.5: "Asia/Kolkata", 5.75: "Asia/Kathmandu", 9.5: "Australia/Darwin", 6.5: "Asia/Yangon"}

_SAID = (
    # a name for winter and summer together is local time; a winter's alone may be kept all year
    (r"(?i:cet|mez|hec)[\s/|_-]*(?:/|\||_|\s)[\s/|_-]*(?i:cest|mesz|hecv?)", ("Europe/Brussels",)),
    (r"(?i:gmt)\s*[/|]\s*(?i:bst)|BST|UK time", ("Europe/London",)),
    (r"(?i:wet)\s*[/|]\s*(?i:west)", ("Europe/Lisbon",)),
    (r"(?i:eet)\s*[/|]\s*(?i:eest)", ("Europe/Helsinki",)),
    (r"EST\s*[/|]\s*EDT|EPT|ET|(?i:eastern (?:prevailing )?time)", ("America/New_York",)),
    (r"CST\s*[/|]\s*CDT|CPT|(?i:central prevailing time)", ("America/Chicago",)),
    (r"MST\s*[/|]\s*MDT", ("America/Denver",)),
    (r"PST\s*[/|]\s*PDT|PPT|(?i:pacific (?:prevailing )?time)", ("America/Los_Angeles",)),
    (r"AEST\s*[/|]\s*AEDT", ("Australia/Sydney",)),
    (r"(?i:hora peninsular)", ("Europe/Madrid",)),
    (r"(?i:cet|mez|hec)", ("Etc/GMT-1", "Europe/Brussels")),
    (r"(?i:cest|mesz)", ("Etc/GMT-2", "Europe/Brussels")),
    (r"(?i:eet)", ("Etc/GMT-2", "Europe/Helsinki")),
    (r"EST", ("Etc/GMT+5", "America/New_York")),
    (r"EDT", ("Etc/GMT+4", "America/New_York")),
    (r"AEST", ("Etc/GMT-10", "Australia/Sydney")),
    (r"JST|KST", ("Etc/GMT-9",)),
    (r"(?i:utc|gmt|zulu)|Z", ("UTC",)),
    (r"(?i:local|lokal|ortszeit|lokalzeit|hora local|heure locale|lt)", (LOCAL,)),
)
_PATTERNS = tuple((re.compile(rf"(?<![^\W_])(?:{pattern})(?![^\W_])"), zones) for pattern, zones in _SAID)
_IANA = re.compile(
    r"\b(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)/[A-Za-z_/+-]+\d{0,2}"
)
_OFFSET = re.compile(r"(?i)(?:\b|_)(?:utc|gmt)\s*([+±-])\s*(\d{1,2}?)(?::?(\d{2}))?(?!\d)")
_TWO_OFFSETS = re.compile(
    r"(?i)\b(?:utc|gmt)\s*([+±-]\s*\d{1,2}(?::?\d{2})?)\s*(?:/|\||,|or|bzw\.?)\s*(?:utc|gmt)?\s*([+±-]\s*\d{1,2}(?::?\d{2})?)"
)
_ABBREVIATION = re.compile(r"(?<![^\W_])(?:[A-Z]{1,3}[SDP]?T|UTC\S+)(?![^\W_])")

_NOWHERE = Path()
_ONCE_REMEDY = (
    "write both hours, or times with their offset; a file without daylight saving is in UTC or has a fixed offset "
    "such as 'timezone: Etc/GMT-1'"
)
_FIXED_REMEDY = "check 'timezone:'; a file without daylight saving is in UTC or has a fixed offset such as 'Etc/GMT-1'"


LOCAL_ZONES = (
    *("Europe/Brussels", "Europe/London", "Europe/Athens", "America/New_York", "America/Chicago", "America/Denver"),
    *("America/Los_Angeles", "Australia/Sydney"),
)
"""One zone for each of the usual rules of summer time."""


def zones_said(text: str) -> tuple[str, ...]:
    """Return the zones that a text such as a column's name says its times are in; none if it says nothing.

    ``MEZ`` or ``CET`` may be kept all year or stand for the local time of winter and summer: then both are returned.
    ``LOCAL`` for the local time of a place that is not named, ``UNCLEAR`` for an abbreviation that is not known here
    or that several countries use (``IST``, ``CST``).
    """
    text = re.sub(r"(?<=[a-zä-ü])(?=[A-Z])", " ", text[:_LONGEST].replace("\u2212", "-").replace("\u2013", "-"))
    named = _IANA.search(text)
    if named is not None:
        return (named[0],) if is_zone(named[0]) else (UNCLEAR,)
    both = _TWO_OFFSETS.search(text)
    if both is not None:
        winter, summer = sorted((_hours(both[1]), _hours(both[2])))
        return (_WINTER.get((winter, summer), UNCLEAR),)
    offset = _OFFSET.search(text)
    if offset is not None:
        return (_fixed(_hours(offset[1] + offset[2] + (offset[3] or ""))),)
    found = next((zones for pattern, zones in _PATTERNS if pattern.search(text)), ())
    other = _ABBREVIATION.search(text) if found in ((), (LOCAL,)) else None
    return found if other is None or other[0] == text.strip() else (UNCLEAR,)


def is_zone(name: str) -> bool:
    """Whether there is a time zone of that IANA name."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True


def _hours(text: str) -> float:
    digits = re.sub(r"\D", "", text)
    hours = int(digits) if len(digits) < 3 else int(digits[:-2]) + int(digits[-2:]) / 60.0
    return -hours if "-" in text else float(hours)


def _fixed(hours: float) -> str:
    """Return the zone whose clock is so far ahead of UTC all year."""
    if hours == int(hours) and -12 <= hours <= 14:
        return "UTC" if hours == 0 else f"Etc/GMT{-int(hours):+d}"
    return _PARTS_OF_HOURS.get(hours, UNCLEAR)


def to_utc(
    stamps: Stamps,
    lines: NDArray[np.int64],
    stated: str | None,
    assumed: str,
    flaws: Flaws,
    must_be_said: bool = False,
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
        Zone of the plant. Times of which neither the file nor the entry says the zone are UTC, unless they jump with
        its clock changes.
    flaws
        What is wrong is appended here: an entry that contradicts the file, times that the clock skips, a clock that
        cannot be told.
    must_be_said
        Whether such times are asked for rather than taken as UTC: files of formats that are kept on local clocks.

    Returns
    -------
    times_s, zone, note
        Seconds since 1970 UTC, shape (n,); the zone that was taken; and in words where that is known from, '' where
        each time has its offset, the entry states the zone, or the file says UTC. None if anything was wrong.

    Notes
    -----
    In an hour that the clock shows twice, the first rows are summer time, and winter time begins where the clock
    jumps back.
    """
    if stamps.offset_s is not None:
        return _by_offset(stamps, stamps.offset_s, stated, lines, flaws)
    said = stamps.zones
    if stated is not None:
        said = tuple(zone for zone in said if zone not in (LOCAL, UNCLEAR))
        times = _of_zone(stamps, lines, stated, flaws)
        if times is None:
            return None
        others = [_quietly(stamps, lines, zone) for zone in said]
        if said and not any(other is not None and np.array_equal(times, other) for other in others):
            what = f"the entry says timezone '{stated}', but {stamps.says} says {_shown(said)}"
            flaws.add("zone-conflict", what, "drop 'timezone:', or correct it or the file", int(lines[0]))
            return None
        return times, stated, ""
    if UNCLEAR in said:
        what = f"{stamps.says} says a time zone that is not understood or has several meanings"
        flaws.add("ambiguous-zone", what, "say which: 'timezone: America/New_York' or like it", int(lines[0]))
        return None
    if said == (LOCAL,):
        return _of_the_place(stamps, lines, assumed, flaws)
    if len(said) == 1:
        times = _of_zone(stamps, lines, said[0], flaws)
        note = "" if said[0] == "UTC" else f"times in {said[0]}, as {stamps.says} says"
        return None if times is None else (times, said[0], note)
    if said:
        return _decided(stamps, lines, said, flaws)
    return _unsaid(stamps, lines, assumed, must_be_said, flaws)


def _shown(zones: Sequence[str]) -> str:
    return listing(zones, "or")


def _by_offset(
    stamps: Stamps, offset_s: Seconds, stated: str | None, lines: NDArray[np.int64], flaws: Flaws
) -> tuple[Seconds, str, str] | None:
    times: Seconds = stamps.local_s - offset_s
    if stated is not None:
        other = np.flatnonzero(_offsets_at(times, stated) != offset_s)
        if other.size:
            i = int(other[0])
            what = f"'{stamps.written[i]}' has another offset than the entry's timezone '{stated}' has then"
            remedy = "drop 'timezone:': each time of the file has its offset"
            flaws.add("zone-conflict", what, remedy, int(lines[i]))
            return None
    return times, "UTC" if not offset_s.any() else "offset", ""


def _offsets_at(times_s: Seconds, zone: str) -> Seconds:
    """Return by how much a zone's clock is ahead of UTC at instants, s; beyond the calendar as at its ends."""
    info = ZoneInfo(zone)
    hours, place = np.unique(np.clip(times_s, CALENDAR_S[0], CALENDAR_S[1]) // 3600, return_inverse=True)
    found = [
        int(info.utcoffset(datetime.fromtimestamp(h * 3600, UTC).astimezone(info)).total_seconds())  # type: ignore[union-attr]
        for h in hours.tolist()
    ]
    return np.array(found, dtype=np.int64)[place]


def _of_the_place(
    stamps: Stamps, lines: NDArray[np.int64], assumed: str, flaws: Flaws
) -> tuple[Seconds, str, str] | None:
    """Return times that the file calls local: those of the plant's clock, if that is one of a place."""
    if assumed not in _UTC:
        times = _of_zone(stamps, lines, assumed, flaws)
        return None if times is None else (times, assumed, f"times in {assumed}, as {stamps.says} says 'local'")
    what = f"{stamps.says} says that times are local, and the plant's timezone is UTC"
    flaws.add("ambiguous-zone", what, "say where: 'timezone: Europe/Berlin' or like it", int(lines[0]))
    return None


def _decided(
    stamps: Stamps, lines: NDArray[np.int64], zones: Sequence[str], flaws: Flaws
) -> tuple[Seconds, str, str] | None:
    """Return the times in the only zone of several in which all rows follow one another evenly.

    Only rows of an hour or less decide: days and months, and hours as they are counted, differ in length by the clock
    themselves. They decide only where all changes of the clock that they pass say the same: a row that is missing in
    just that hour leaves the question open.
    """
    found = {zone: times for zone in zones if (times := _quietly(stamps, lines, zone)) is not None}
    if not found:
        _of_zone(stamps, lines, zones[0], flaws)
        return None
    first = next(iter(found))
    if len(found) == len(zones) and all(np.array_equal(found[first], times) for times in found.values()):
        return found[first], first, f"times in {first}, as {stamps.says} says"
    best = [zone for zone in found if _is_even_at_changes(stamps, found[zone], zones)]
    if len(best) == 1:
        return found[best[0]], best[0], f"times in {best[0]}, as {stamps.says} and the rows say"
    open_ = [*best, *(zone for zone in zones if zone not in best)]
    what = f"{stamps.says} says that times are in {_shown(open_)}, and the rows do not decide"
    remedy = f"say which: 'timezone: {open_[0]}' or 'timezone: {open_[1]}' (one is the same clock all year)"
    flaws.add("ambiguous-zone", what, remedy, int(lines[0]))
    return None


def _is_even_at_changes(stamps: Stamps, times: Seconds, zones: Sequence[str]) -> bool:
    """Whether rows follow one another evenly around each change of a clock, in a zone's reading of them.

    True only if there is such a change, with rows of an hour or less on both sides.
    """
    local = stamps.local_s
    steps = np.diff(times)
    usual = int(np.median(steps)) if steps.size else 0
    if not 0 < usual <= _HOUR_S:
        return False
    n_passed = 0
    for zone in zones:
        for change_s, before_s, after_s in _changes(zone, int(local[0]), int(local[-1])):
            begin, end = change_s + min(before_s, after_s), change_s + max(before_s, after_s)
            within = np.flatnonzero((local >= begin - 2 * _HOUR_S) & (local < end + 2 * _HOUR_S))
            if not within.size:
                continue
            n_passed += bool(local[0] < begin and local[-1] >= end)
            if (steps[within[0] : within[-1]] != usual).any():
                return False
    return n_passed > 0


def _unsaid(
    stamps: Stamps, lines: NDArray[np.int64], assumed: str, must_be_said: bool, flaws: Flaws
) -> tuple[Seconds, str, str] | None:
    """Return times of which nothing says the zone: UTC, unless they jump with the clock changes of the plant's zone.

    Times that pass a change without a jump need not be in UTC: many write winter time all year. The note says so.
    """
    local = _quietly(stamps, lines, assumed)
    if local is not None and np.array_equal(local, stamps.local_s):
        return _utc_unless_it_jumps(stamps, lines, "taken as UTC", flaws)
    passes, jumps = _shows_clock(stamps, assumed)
    if jumps and not passes and local is not None:
        return local, assumed, f"times in {assumed}: they jump with its clock changes"
    winter = _winter_zone(assumed, int(stamps.local_s[0]))
    is_winter = passes and winter != UNCLEAR
    other = f"'timezone: {winter}' (winter time all year)" if is_winter else f"'timezone: {assumed}'"
    if must_be_said or jumps:
        what = f"nothing says whether its times are in UTC or in the plant's timezone {assumed}"
        flaws.add("ambiguous-zone", what, f"say 'timezone: UTC' or {other} beside 'file:'", int(lines[0]))
        return None
    return _utc_unless_it_jumps(stamps, lines, f"taken as UTC ({other} if they are local)", flaws)


def _utc_unless_it_jumps(
    stamps: Stamps, lines: NDArray[np.int64], taken: str, flaws: Flaws
) -> tuple[Seconds, str, str] | None:
    """Return times of which nothing says the zone as UTC, unless they jump as clocks of some zone do."""
    for zone in LOCAL_ZONES if n_jumps(stamps.local_s) else ():
        passes, jumps = _shows_clock(stamps, zone)
        if jumps and not passes:
            what = f"nothing says the zone of its times, and they jump with the clock changes of {zone}"
            flaws.add(
                "ambiguous-zone", what, f"say 'timezone: {zone}', or 'timezone: UTC' beside 'file:'", int(lines[0])
            )
            return None
    return stamps.local_s, "UTC", f"times have no zone: {taken}"


def _winter_zone(zone: str, near_s: int) -> str:
    year = np.arange(12) * 30 * _DAY_S + near_s
    return _fixed(float(_offsets_at(year, zone).min()) / _HOUR_S)


def _shows_clock(stamps: Stamps, zone: str) -> tuple[bool, bool]:
    """Whether rows show that times pass clock changes of a zone without a jump, and whether they jump with them."""
    steps = np.diff(stamps.local_s)
    if not steps.size:
        return False, False
    usual = int(np.median(steps))
    if usual > _HOUR_S:
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
    days = _days(first_local_s, last_local_s)
    offsets = _offsets_at(days, zone)
    found = []
    for i in np.flatnonzero(np.diff(offsets)).tolist():
        hours = np.arange(int(days[i]), int(days[i + 1]) + 1, 900)
        fine = _offsets_quarter(hours, zone)
        k = int(np.flatnonzero(np.diff(fine))[0]) + 1
        found.append((int(hours[k]), int(fine[k - 1]), int(fine[k])))
    return found


def _days(first_local_s: int, last_local_s: int) -> Seconds:
    """Return midnights UTC, the first before a clock in any zone shows the first second, the last after the last."""
    return np.arange(first_local_s // _DAY_S - 1, last_local_s // _DAY_S + 3) * _DAY_S


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
    start = _offsets_at(_days(int(local_s.min()), int(local_s.min()))[:1], zone)[0]
    offset = np.full(local_s.shape, start, dtype=np.int64)
    is_unclear = np.zeros(local_s.shape, dtype=bool)
    for change_s, before_s, after_s in changes:
        offset[local_s >= change_s + max(before_s, after_s)] = after_s
        is_unclear |= (local_s >= change_s + min(before_s, after_s)) & (local_s < change_s + max(before_s, after_s))
    return offset, is_unclear


def _quietly(stamps: Stamps, lines: NDArray[np.int64], zone: str) -> Seconds | None:
    return _of_zone(stamps, lines, zone, Flaws(_NOWHERE, []))


def _of_zone(stamps: Stamps, lines: NDArray[np.int64], zone: str, flaws: Flaws) -> Seconds | None:
    """Return local times in UTC; those that the clock skips, or shows twice and the file has once, are found."""
    if zone in _UTC:
        return stamps.local_s
    local = stamps.local_s
    changes = _changes(zone, int(local.min()), int(local.max()))
    start = _offsets_at(_days(int(local.min()), int(local.min()))[:1], zone)[0]
    offset = np.full(local.shape, start, dtype=np.int64)
    skipped: list[tuple[int, str]] = []
    once: list[tuple[int, str]] = []
    for change_s, before_s, after_s in changes:
        begin, end = change_s + min(before_s, after_s), change_s + max(before_s, after_s)
        offset[local >= end] = after_s
        within = np.flatnonzero((local >= begin) & (local < end))
        if not within.size:
            continue
        if after_s > before_s:
            what = "'{}' does not exist in {}: the clock skips it"
            skipped += [(int(lines[i]), what.format(stamps.written[i], zone)) for i in within.tolist()]
            continue
        is_later = _is_second_pass(local, offset, within, before_s, after_s)
        if is_later is None:
            what = f"'{stamps.written[within[0]]}' is once in the file, and the clock of {zone} shows it twice"
            once.append((int(lines[within[0]]), what))
            continue
        offset[within] = np.where(is_later, after_s, before_s)
    flaws.add_many("nonexistent-time", skipped, _FIXED_REMEDY)
    flaws.add_many("ambiguous-time", once, _ONCE_REMEDY)
    return None if skipped or once else local - offset


def _is_second_pass(
    local: Seconds, offset: Seconds, within: Seconds, before_s: int, after_s: int
) -> NDArray[np.bool_] | None:
    """Tell of rows in an hour that the clock shows twice whether it is the second time; None where that is open.

    The second pass begins where the clock jumps back. Where it does not, the rows are of the pass that joins evenly
    with the rows around it; open if both do, or neither.
    """
    is_later: NDArray[np.bool_]
    shown = local[within]
    back = np.flatnonzero(np.diff(shown) <= 0)
    if back.size:
        is_later = np.arange(within.size) > back[0]
        return is_later
    i, j = int(within[0]), int(within[-1])
    steps = np.diff(local)
    usual = int(np.median(steps)) if steps.size else 0
    fits = [0, 0]
    for k, own in enumerate((before_s, after_s)):
        times = local[i : j + 1] - own
        fits[k] += bool(i > 0 and times[0] - (local[i - 1] - offset[i - 1]) == usual)
        fits[k] += bool(j + 1 < local.size and local[j + 1] - offset[j + 1] - times[-1] == usual)
    is_later = np.full(within.size, fits[1] > fits[0])
    return None if fits[0] == fits[1] else is_later
