"""Texts of times to what the clock shows: the formats that tables use, and formats that an entry describes."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from h2plant.config.tables.table import BEYOND_YEARS, FIRST_YEAR, LAST_YEAR, YEAR_REMEDY, At, Flaws, Seconds

_DAY_S = 86400
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MONTHS = {
    name: i + 1
    for i, names in enumerate(
        (
            *(("jan",), ("feb",), ("mar", "mär", "mrz"), ("apr",), ("may", "mai"), ("jun",), ("jul",), ("aug",)),
            *(("sep",), ("oct", "okt"), ("nov",), ("dec", "dez")),
        )
    )
    for name in names
}
_MONTH = r"(?P<mon>[A-Za-zäÄ]{3,9})\.?"
_CLOCK = r"(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d+))?)?(?:\s*(?P<p>[AaPp])\.?[Mm]\.?)?"
_OFFSET = r"\s*(?P<z>Z|UTC|GMT|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)"  # no clock is 15 hours off
_TIME = rf"(?:(?:T|\s+|,\s*){_CLOCK}(?:{_OFFSET})?)?"

_YEAR_FIRST = re.compile(rf"(?P<Y>\d{{4}})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}}){_TIME}")
_DOTS = re.compile(rf"(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.(?P<Y>\d{{4}}){_TIME}")
_NAMED = re.compile(rf"(?P<d>\d{{1,2}})[-/. ]{_MONTH}[-/. ](?P<Y>\d{{4}}){_TIME}")
_NAMED_FIRST = re.compile(rf"{_MONTH} (?P<d>\d{{1,2}}),? (?P<Y>\d{{4}}){_TIME}")
_COMPACT = re.compile(
    r"(?P<Y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[:T ]?(?P<H>\d{2}):?(?P<M>\d{2})(?::?(?P<S>\d{2}))?)?" rf"(?:{_OFFSET})?"
)
_DAY_OR_MONTH = re.compile(rf"(?P<a>\d{{1,2}})(?P<s>[/-])(?P<b>\d{{1,2}})(?P=s)(?P<Y>\d{{4}}){_TIME}")
_KNOWN = (_YEAR_FIRST, _DOTS, _DAY_OR_MONTH, _COMPACT, _NAMED, _NAMED_FIRST)
_MARK = re.compile(r"\s*\((?:CES?T|MES?Z|UTC)(?:/(?:CES?T|MES?Z))?\)$")
_NOWHERE = Path()
_LONGEST = 200
"""Characters of a cell that may be a time: patterns take long for endless ones."""
_CLOCK_ALONE = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]0+)?)?")
_ISO_INTERVAL = re.compile(r"(?P<from>\d{4}-?\d{2}-?\d{2}T[^\s/]+)/(?P<to>[^\s/]+)")
_INTERVAL = re.compile(r"(?P<from>.*\S)\s+(?:-|–|to|bis)\s+(?P<to>\S.*)")

REMEDY = (
    "write times as ISO 8601: '2023-01-01T00:00Z', '2023-01-01 00:00+01:00' or '2023-01-01 00:00', or say how they "
    "are written: \"time_format: '%d/%m/%Y %H:%M'\""
)

DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "j": r"(?P<j>\d{1,3})",
    "b": _MONTH,
    "B": _MONTH,
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<H>\d{1,2})",
    "M": r"(?P<M>\d{2})",
    "S": r"(?P<S>\d{2})",
    "f": r"(?P<f>\d+)",
    "p": r"(?P<p>[AaPp])\.?[Mm]\.?",
    "z": _OFFSET.removeprefix(r"\s*"),
    "%": "%",
}
"""What ``time_format`` may hold behind a ``%``, as in Python's ``strptime``, as regular expressions."""


class Shown(NamedTuple):
    """What the clock shows in each row, seconds since 1970; its offset, where each row states it; and where it lies.

    ``at`` is ``end`` where an hour 24:00 shows that stamps end their intervals, ``start`` where the beginnings of
    intervals were read, else None.
    """

    local_s: Seconds
    offset_s: Seconds | None
    at: At | None


@lru_cache(maxsize=4096)  # the same cells are looked at for each delimiter, as header, rows and columns
def looks_like_time(cell: str) -> bool:
    """Whether a cell is a date, a time with a date, or an interval of such."""
    if len(cell) > _LONGEST:
        return False
    if is_one_time(cell):
        return True
    interval = of_interval(cell)
    return interval is not None and is_one_time(interval[0]) and _ends(interval[1])


def of_interval(cell: str) -> tuple[str, str] | None:
    """Return begin and end of an interval such as ``A - B``, as they are written; None where a text is none."""
    text = _MARK.sub("", cell.strip()) if len(cell) <= _LONGEST else ""
    match = _INTERVAL.fullmatch(text) or _ISO_INTERVAL.fullmatch(text)
    return None if match is None else (_MARK.sub("", match["from"]), match["to"])


def clock_s(text: str) -> int | None:
    """Return the second of the day of a time without a date (``1:00``, ``24:00``); None where a text is none."""
    match = _CLOCK_ALONE.fullmatch(text.strip())
    return None if match is None else int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)


def read_alike(
    begins: Sequence[str],
    ends: Sequence[str],
    lines: NDArray[np.int64],
    time_format: str | None,
    flaws: Flaws,
) -> tuple[tuple[Seconds, Seconds | None], tuple[Seconds, Seconds | None]] | None:
    """Return what the clock shows at begins and ends of intervals, and their offsets.

    None where the begins cannot be read by themselves, or do not tell whether day or month stands first; ends that are
    no times are found.
    """
    quiet = Flaws(_NOWHERE, [])
    order = ""
    if time_format is None and begins and _DAY_OR_MONTH.fullmatch(begins[0].strip()):
        order = _order(begins, quiet, 0) or _order([*begins, *ends], quiet, 0) or ""
        if not order:
            return None
    first = _read(begins, begins, lines, quiet, time_format, order)
    last = None if first is None else _read(ends, ends, lines, flaws, time_format, order)
    return None if first is None or last is None else (first[:2], last[:2])


def is_one_time(cell: str) -> bool:
    """Whether a text is a date or a time with a date, by its form."""
    text = _MARK.sub("", cell.strip())
    if len(text) < 8 or not any(ch.isdigit() for ch in text):
        return False
    if any(pattern.fullmatch(text) for pattern in (_YEAR_FIRST, _DOTS, _DAY_OR_MONTH, _NAMED, _NAMED_FIRST)):
        return True
    if _COMPACT.fullmatch(text):  # else a number: 20160101, 201601011230, 20160101:1230
        return "1900" <= text[:4] <= "2199" and 1 <= int(text[4:6]) <= 12 and 1 <= int(text[6:8]) <= 31
    return False


def _ends(text: str) -> bool:
    """Whether a text may end an interval: a time, or its clock alone."""
    return clock_s(text) is not None or is_one_time(text)


def pattern_of(time_format: str) -> re.Pattern[str] | str:
    """Return the pattern of a ``time_format`` in the notation of ``strptime``; else what is wrong with it."""
    parts: list[str] = []
    seen: set[str] = set()
    i = 0
    while i < len(time_format):
        sign = time_format[i]
        if sign != "%":
            parts.append(r"\s+" if sign == " " else re.escape(sign))
            i += 1
            continue
        directive = time_format[i + 1 : i + 2]
        if directive not in DIRECTIVES:
            return f"'%{directive}' is not known here; known are {', '.join('%' + d for d in DIRECTIVES)}"
        group = {"I": "H", "b": "m", "B": "m", "y": "Y"}.get(directive, directive)
        if group in seen and group != "%":
            return f"'%{directive}' says again what stands before"
        seen.add(group)
        parts.append(DIRECTIVES[directive])
        i += 2
    if "Y" not in seen or not ({"m", "d"} <= seen or "j" in seen):
        return "it has no year, month and day ('%Y', '%m', '%d')"
    if ("p" in seen) != ("%I" in time_format):
        return "'%I' (1 to 12) and '%p' (AM, PM) belong together"
    return re.compile("".join(parts))


def read_stamps(
    written: Sequence[str], lines: Sequence[int] | NDArray[np.int64], flaws: Flaws, time_format: str | None = None
) -> Shown | None:
    """Read times, all written alike.

    Parameters
    ----------
    written
        The text of each row's time. ``A - B`` counts as A.
    lines
        The line of each.
    flaws
        What is wrong is appended here: cells that are no times, or that can be read in two ways.
    time_format
        How they are written, in the notation of ``strptime``; found from them where None.

    Returns
    -------
    Shown or None
        None if anything was wrong.
    """
    cells = _begins(written)
    shown = _read(cells, written, lines, flaws, time_format)
    return shown if shown is None or cells is written else shown._replace(at="start")


def _read(
    cells: Sequence[str],
    written: Sequence[str],
    lines: Sequence[int] | NDArray[np.int64],
    flaws: Flaws,
    time_format: str | None,
    order: str | None = "",
) -> Shown | None:
    """Read times; ``order`` is that of day and month where it is known already."""
    if time_format is not None:
        pattern = pattern_of(time_format)
        if isinstance(pattern, str):
            flaws.add("bad-time-format", f"time_format '{time_format}': {pattern}", "write it as '%d/%m/%Y %H:%M'")
            return None
        return _all(cells, written, lines, (pattern,), flaws, f"'{time_format}'")
    if cells and _DAY_OR_MONTH.fullmatch(cells[0].strip()):
        order = order or _order(cells, flaws, int(lines[0]))
        if order is None:
            return None
        fast = _fixed_width(cells, order)
        if fast is not None:
            return fast
        text = _DAY_OR_MONTH.pattern.replace("<a>", f"<{order[0]}>").replace("<b>", f"<{order[1]}>")
        return _all(cells, written, lines, (re.compile(text),), flaws, "a time")
    fast = _fixed_width(cells)
    return fast if fast is not None else _all(cells, written, lines, _KNOWN, flaws, "a time")


def _begins(written: Sequence[str]) -> Sequence[str]:
    """Return the beginnings of intervals; other texts as they are."""
    cell = written[0].strip() if written and len(written[0]) <= _LONGEST else ""
    pattern = next((one for one in (_INTERVAL, _ISO_INTERVAL) if one.fullmatch(cell)), None)
    first = None if pattern is None else pattern.fullmatch(cell)
    if pattern is None or first is None:
        return written
    between = first.string[first.end("from") : first.start("to")]
    parted = [text.rpartition(between) for text in written]
    if all(begin and end for begin, _, end in parted):
        return [begin.strip() for begin, _, _ in parted]
    found = (pattern.fullmatch(text.strip()) for text in written)
    return [text if match is None else match["from"] for text, match in zip(written, found, strict=True)]


# Fixed width ---------------------------------------------------------------------------------------------------------
_LAYOUT = re.compile(
    r"(?:(?P<Y>0000)(?P<s>[-/.])00(?P=s)00|00\.00\.(?P<D>0000)|00(?P<t>[-/])00(?P=t)(?P<E>0000))"
    r"(?:(?:[T ])00:00(?P<S>:00(?:\.0+)?)?)?(?P<z>Z|[+-]00:?00)?"
)


def _digits(cells: Sequence[str]) -> tuple[re.Match[str], Seconds, NDArray[np.uint32]] | None:
    """Return the layout, the digits and all signs of stamps that are all as wide and alike; None where they are not."""
    first = cells[0]
    layout = re.sub(r"[0-9]", "0", first)
    match = _LAYOUT.fullmatch(layout)
    if match is None or not first.isascii():
        return None
    n = len(first)
    codes = np.array(cells, dtype=f"U{n + 1}").view(np.uint32).reshape(len(cells), n + 1)
    is_digit = np.array([sign == "0" for sign in layout])
    if codes[:, n].any() or (codes[:, :n][:, ~is_digit] != codes[0, :n][~is_digit]).any():
        return None
    digits = codes[:, :n][:, is_digit].astype(np.int64) - ord("0")
    return None if ((digits < 0) | (digits > 9)).any() else (match, digits, codes)


def _fixed_width(cells: Sequence[str], order: str = "") -> Shown | None:
    """Read stamps that are all as wide and alike, as programs write them; None where they are not, or one is wrong.

    ``order`` is ``dm`` or ``md`` where dates such as 02/03/2023 may have day or month first.
    """
    found = _digits(cells)
    if found is None or (found[0]["E"] is not None) != bool(order):
        return None
    match, digits, codes = found
    layout, n = match.string, len(match.string)

    def number(begin: int, end: int) -> Seconds:
        value = np.zeros(len(cells), dtype=np.int64)
        for k in range(begin, end):
            value = value * 10 + digits[:, k]
        return value

    if match["Y"]:
        year, month, day = number(0, 4), number(4, 6), number(6, 8)
    else:
        day, month, year = number(0, 2), number(2, 4), number(4, 8)
        if order == "md":
            day, month = month, day
    has_clock = ":" in layout[10:16]
    hour, minute = (number(8, 10), number(10, 12)) if has_clock else (np.zeros_like(day), np.zeros_like(day))
    second = number(12, 14) if match["S"] else np.zeros_like(day)
    offset: Seconds | None = None
    if match["z"]:
        offset = np.zeros_like(day)
        if match["z"] != "Z":
            n_digits = digits.shape[1]
            hours, minutes = number(n_digits - 4, n_digits - 2), number(n_digits - 2, n_digits)
            if (hours > 14).any() or (minutes > 59).any():
                return None
            offset = hours * 3600 + minutes * 60
            offset = np.where(codes[:, n - len(match["z"])] == ord("+"), offset, -offset)
    fraction = (match["S"] or "").partition(".")[2]
    if fraction and number(14, 14 + len(fraction)).any():
        return None
    is_24 = hour == 24
    wrong = (month < 1) | (month > 12) | (day < 1) | (hour > 24) | (minute > 59) | (second > 59)
    wrong |= is_24 & ((minute > 0) | (second > 0))
    if wrong.any() or (year < FIRST_YEAR).any() or (year > LAST_YEAR).any() or (day > _days_in(year, month)).any():
        return None
    return Shown(
        _seconds(year, month, day) + hour * 3600 + minute * 60 + second, offset, "end" if is_24.any() else None
    )


def _days_in(year: Seconds, month: Seconds) -> Seconds:
    months = (year - 1970) * 12 + month - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.asarray(following - first, dtype=np.int64)


def _seconds(year: Seconds, month: Seconds, day: Seconds) -> Seconds:
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    return np.asarray((months.astype("datetime64[D]").astype(np.int64) + day - 1) * _DAY_S, dtype=np.int64)


# Any width -----------------------------------------------------------------------------------------------------------
def _all(
    cells: Sequence[str],
    written: Sequence[str],
    lines: Sequence[int] | NDArray[np.int64],
    patterns: Iterable[re.Pattern[str]],
    flaws: Flaws,
    wanted: str,
) -> Shown | None:
    """Read each row by the pattern that fits most of the first."""
    pattern = _usual(cells, tuple(patterns))
    local = np.zeros(len(cells), dtype=np.int64)
    offset = np.zeros(len(cells), dtype=np.int64)
    n_offsets = 0
    at: At | None = None
    bad: list[tuple[int, str]] = []
    flawed: dict[str, list[tuple[int, str]]] = {}  # what is wrong with a time, by what to do about it
    wrong: list[int] = []
    days: list[int] = []
    n_midnights = 0
    for i, cell in enumerate(cells):
        match = pattern.fullmatch(cell.strip())
        one = None if match is None else _one(match.groupdict())
        if one is None:
            wrong.append(i)
            bad.append((int(lines[i]), f"'{written[i]}' is not {wanted}"))
            continue
        if isinstance(one, _Flaw):
            flawed.setdefault(one.remedy, []).append((int(lines[i]), f"'{written[i]}' {one.what}"))
            continue
        local[i], stated, is_24 = one
        assert match is not None
        if match.groupdict().get("H") is None:
            days.append(i)
        elif local[i] % _DAY_S == 0 and not is_24:
            n_midnights += 1
        if stated is not None:
            offset[i] = stated
            n_offsets += 1
        if is_24:
            at = "end"
    for remedy, alike in flawed.items():
        flaws.add_many("bad-time", alike, remedy)
    if not bad and not flawed and 0 < len(days) < len(cells) and n_midnights:
        # some programs leave the time of midnight out, but then of each
        bad = [(int(lines[i]), f"'{written[i]}' has no time of the day, as others have") for i in days]
    if not bad and not flawed and 0 < n_offsets < len(cells):
        what = f"{n_offsets} of {len(cells)} times have an offset such as '+01:00', the others none"
        bad.append((int(lines[0]), what))
    flaws.add_many("bad-time", bad, _remedy([written[i] for i in wrong]))
    return None if bad or flawed else Shown(local, offset if n_offsets else None, at)


def _remedy(wrong: Sequence[str]) -> str:
    """Return what to do about cells that are no times, by what they look like."""
    texts = [cell.strip() for cell in wrong]
    if not texts:
        return REMEDY
    if all(re.fullmatch(r"1\d{9}(?:\.\d*)?|1\d{12}", text) for text in texts):
        unit = "milliseconds" if len(texts[0].partition(".")[0]) == 13 else "seconds"
        return f"these look like {unit} since 1970: write times instead (pandas: to_datetime(column, unit=...))"
    if all(re.fullmatch(r"[34]\d{4}(?:[.,]\d*)?", text) for text in texts):
        return "these look like days since 1900, as spreadsheets count: format the column as date and time, save anew"
    if not any(ch.isdigit() for text in texts for ch in text):
        return "words among the rows: take the line out, or put '#' before it"
    return REMEDY


def _usual(cells: Sequence[str], patterns: tuple[re.Pattern[str], ...]) -> re.Pattern[str]:
    sample = [cell.strip() for cell in cells[:30]]
    return max(patterns, key=lambda pattern: sum(1 for cell in sample if pattern.fullmatch(cell)))


class _Flaw(NamedTuple):
    """What is wrong with a time, behind its text, and what to do about it."""

    what: str
    remedy: str


def _one(part: dict[str, str | None]) -> tuple[int, int | None, bool] | _Flaw | None:
    """Return the seconds that a clock shows, its offset if stated, and whether it shows 24:00; or what is wrong."""

    def number(key: str, default: int = 0) -> int:
        text = part.get(key)
        return default if text is None else int(text)

    year = number("Y")
    if part.get("y") is not None:
        year = 2000 + number("y") if number("y") < 69 else 1900 + number("y")  # as POSIX has it
    month = number("m", 1)
    if part.get("mon"):
        found = _MONTHS.get(str(part["mon"]).lower()[:3])
        if found is None:
            return None
        month = found
    day = number("d", 1)
    hour, minute, second = number("H"), number("M"), number("S")
    if part.get("p"):
        if not 1 <= hour <= 12:
            return _Flaw(f"has an hour {hour} beside AM or PM", "count hours from 1 to 12, or leave AM and PM out")
        hour = hour % 12 + (12 if str(part["p"]).lower() == "p" else 0)
    if part.get("f") and float(str(part["f"])):
        return _Flaw("has a fraction of a second", "round the times to seconds")
    if second == 60:
        remedy = "take the row out, or write the first second of the next minute"
        return _Flaw("has a second 60, a leap second, which the clock of a run has not", remedy)
    if not 1 <= month <= 12 or hour > 24 or minute > 59 or second > 59:
        return None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return _Flaw(BEYOND_YEARS, YEAR_REMEDY)
    if hour == 24 and (minute or second):
        return None
    n_days = monthrange(year, month)[1]
    if part.get("j"):
        day = number("j")
        n_days = 365 + isleap(year)
    if not 1 <= day <= n_days:
        return _Flaw("is a day that there is not", "correct the date") if day else None
    first = date(year, month, 1).toordinal() - _EPOCH_DAY
    return (first + day - 1) * _DAY_S + hour * 3600 + minute * 60 + second, _offset(part.get("z")), hour == 24


def _offset(text: str | None) -> int | None:
    if text is None:
        return None
    if text in ("Z", "UTC", "GMT"):
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return seconds if text[0] == "+" else -seconds


# Day or month first --------------------------------------------------------------------------------------------------
def _order(cells: Sequence[str], flaws: Flaws, line: int) -> str | None:
    """Return ``dm`` or ``md``, whichever the dates show to be written; None, with a finding, where both may be.

    A number above 12 shows it; else three dates or more, of several rows each, that follow one another day by day in
    one order and not in the other.
    """
    fixed = _digits(cells)
    if fixed is not None:
        # rows of one date stand together: only the first of each is looked at
        numbers = fixed[1][:, :8] @ 10 ** np.arange(7, -1, -1)
        firsts = numbers[np.flatnonzero(np.diff(numbers, prepend=-1))].tolist()
        n_rows = len(cells)
        dates = list(dict.fromkeys((n // 1_000_000, n // 10_000 % 100, n % 10_000) for n in firsts))
    else:
        found = [match for cell in cells if (match := _DAY_OR_MONTH.fullmatch(cell.strip()))]
        n_rows = len(found)
        dates = list(dict.fromkeys((int(m["a"]), int(m["b"]), int(m["Y"])) for m in found))
    is_day_first = any(a > 12 for a, _, _ in dates)
    is_month_first = any(b > 12 for _, b, _ in dates)
    if is_day_first != is_month_first:
        return "dm" if is_day_first else "md"
    if not is_day_first:
        if all(a == b for a, b, _ in dates):
            return "dm"
        regular = [order for order in ("dm", "md") if _are_consecutive(dates, order)]
        # 1/1, 2/1, 3/1 are days, or the first of three months: one row a date leaves that open
        if len(regular) == 1 and len(dates) > 2 and n_rows > len(dates):
            return regular[0]
    shown = cells[0].strip()
    sign = "/" if "/" in shown else "-"
    what = f"'{shown}' may be day or month first, and no date of the file decides"
    if is_day_first:
        what = "some dates have the day first, others the month"
    remedy = (
        f"say which: \"time_format: '%d{sign}%m{sign}%Y ...'\" or '%m{sign}%d{sign}%Y ...', with the rest as written"
    )
    flaws.add("ambiguous-time", what, remedy, line)
    return None


def _are_consecutive(dates: Sequence[tuple[int, int, int]], order: str) -> bool:
    """Whether each date is the day after the one before, or each the day before it."""
    if not all(1 <= (b if order == "dm" else a) <= 12 for a, b, _ in dates):
        return False
    days = [
        int(np.datetime64(f"{year:04d}-{b if order == 'dm' else a:02d}", "M").astype("datetime64[D]").astype(int))
        + (a if order == "dm" else b)
        for a, b, year in dates
    ]
    return {later - day for day, later in pairwise(days)} in ({1}, {-1})
