"""Numbers as texts of series files write them: decimal sign, thousands sign, and when the two cannot be told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

DecimalSign = Literal[".", ","]
ThousandsSign = Literal[".", ",", " ", "'"]

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_WHOLE = re.compile(r"[+-]?[1-9][0-9]*")
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
        if _pattern(self.decimals, self.thousands or "").fullmatch(text) is None:
            return None
        return text.replace(self.thousands or " ", "").replace(",", ".")


@lru_cache(maxsize=16)
def _pattern(decimals: str, thousands: str) -> re.Pattern[str]:
    grouped = rf"[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+|" if thousands else ""
    return re.compile(rf"[+-]?(?:(?:{grouped}[0-9]+)(?:[{decimals}][0-9]*)?|[{decimals}][0-9]+)(?:[eE][+-]?[0-9]+)?")


def thousands_sign(text: str) -> str | None:
    """Return the sign that parts thousands in a text such as ``1.234,56``; None if none does."""
    match = _WITH_THOUSANDS.fullmatch(text.strip())
    return None if match is None else match[1].translate(_SPACES)


def ambiguous(cells: Sequence[str], is_comma_parted: bool) -> int | None:
    """Return the first number whose sign may part decimals or thousands; None if the column can be read.

    ``1.012`` may be 1.012 or 1012: one to three digits before the sign, no leading zero, exactly three behind it.
    A point (and likewise a comma) is ambiguous if all numbers of the column with it are such; one that is written
    otherwise settles it (``0.471``, ``12.5``, ``1012.345``). In files parted by commas a point is the decimal sign,
    unless whole numbers stand beside (``987`` and ``12.040``): programs write all numbers of a column with their
    decimals.

    Parameters
    ----------
    cells
        The column's texts.
    is_comma_parted
        Whether commas part the file's cells.

    Returns
    -------
    int or None
        Its place in the column.
    """
    joined = "\n".join(cells)
    places = [_ambiguous_sign(sign, cells, is_comma_parted and sign == ".") for sign in ".," if sign in joined]
    return min((place for place in places if place is not None), default=None)


def _ambiguous_sign(sign: str, cells: Sequence[str], is_usual: bool) -> int | None:
    """Return the first number of which that sign may part thousands; None if it parts decimals."""
    first: int | None = None
    has_whole = False
    for i, cell in enumerate(cells):
        text = cell.strip()
        if sign not in text:
            has_whole = has_whole or bool(_WHOLE.fullmatch(text))
        elif _GROUPED.fullmatch(text):
            first = i if first is None else first
        elif _PLAIN.fullmatch(text):
            return None
    return None if is_usual and not has_whole else first
