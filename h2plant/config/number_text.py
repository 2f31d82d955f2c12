"""Numbers as texts of series files write them: decimal sign, thousands sign, and when the two cannot be told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

DecimalSign = Literal[".", ","]
ThousandsSign = Literal[".", ",", " ", "'"]

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_WITH_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}([.,' \u00a0\u2019\u202f])[0-9]{3}(?:\1[0-9]{3})*(?:[.,][0-9]*)?")
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2019": "'"})


class Signs(NamedTuple):
    """The signs in a series' numbers as its entry states them; None where it does not."""

    decimal: DecimalSign | None = None
    thousands: ThousandsSign | None = None

    @property
    def decimals(self) -> str:
        """The signs that may stand before decimals, once any of the two is stated."""
        if self.decimal is not None:
            return self.decimal
        return {".": ",", ",": "."}.get(self.thousands or "", ".,")

    def plain(self, text: str) -> str | None:
        """Return a number with a point and without thousands signs; None if it is not written with these signs."""
        text = text.strip()
        if self.thousands in (" ", "'"):
            text = text.translate(_SPACES)
        sign, body = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
        decimals = self.decimals
        mark = next((c for c in body if c in decimals), "")
        whole, _, rest = body.partition(mark) if mark else (body, "", "")
        if self.thousands is not None and self.thousands in whole:
            first, *groups = whole.split(self.thousands)
            if not re.fullmatch("[0-9]{1,3}", first) or not all(re.fullmatch("[0-9]{3}", g) for g in groups):
                return None
            whole = first + "".join(groups)
        if "." in whole or "," in whole or "," in rest:
            return None
        number = f"{sign}{whole}.{rest}" if mark else sign + whole
        return number if _PLAIN.fullmatch(number) else None


def thousands_sign(text: str) -> str | None:
    """Return the sign that parts thousands in a text such as ``1.234,56``; None if none does."""
    match = _WITH_THOUSANDS.fullmatch(text.strip())
    return None if match is None else match[1].translate(_SPACES)


def ambiguous(cells: Sequence[str], others: Iterable[Sequence[str]], is_comma_parted: bool) -> int | None:
    """Return the first number whose sign may part decimals or thousands; None if the column can be read.

    ``1.012`` may be 1.012 or 1012: one to three digits before the sign, no leading zero, exactly three behind it.
    A point (and likewise a comma) is ambiguous if all numbers with it are such. One that is written otherwise settles
    it (``0.471``, ``12.5``), in this column or another; so does a whole number above 999 without any sign. In files
    parted by commas a point is the decimal sign, unless whole numbers stand beside (``987`` and ``12.040``): programs
    write all numbers of a column with their decimals.

    Parameters
    ----------
    cells
        The column's texts.
    others
        The file's other columns of text.
    is_comma_parted
        Whether commas part the file's cells.

    Returns
    -------
    int or None
        Its place in the column.
    """
    joined = "\n".join(cells)
    signs = [sign for sign in ".," if sign in joined]
    found = [_ambiguous_sign(sign, cells, is_comma_parted and sign == ".") for sign in signs]
    places = [
        place
        for sign, place in zip(signs, found, strict=True)
        if place is not None and not any(_has_plain(sign, column) for column in others)
    ]
    return min(places, default=None)


def _ambiguous_sign(sign: str, cells: Sequence[str], is_usual: bool) -> int | None:
    """Return the first number of which that sign may part thousands; None if it parts decimals."""
    first: int | None = None
    has_whole = False
    for i, cell in enumerate(cells):
        text = cell.strip()
        if sign in text:
            if _GROUPED.fullmatch(text):
                first = i if first is None else first
            elif _PLAIN.fullmatch(text):
                return None
        elif (digits := text.lstrip("+-")).isdecimal():
            n = len(digits.lstrip("0"))
            if n > 3:
                return None
            has_whole = has_whole or n > 0
    return None if is_usual and not has_whole else first


def _has_plain(sign: str, cells: Sequence[str]) -> bool:
    texts = (cell.strip() for cell in cells if sign in cell)
    return any(_PLAIN.fullmatch(text) and not _GROUPED.fullmatch(text) for text in texts)
