"""What text becomes where it would be taken for something else: HTML, a formula, a terminal's command."""

from __future__ import annotations

import csv
import io
import string
from collections.abc import Iterable
from html import escape
from typing import Any


class Html(str):
    """HTML, as against text: ``Html('<p>{}</p>', text)``.

    The template is the program's own and a literal; a test sees to that. Whatever is put into it, by ``str.format``'s
    rules, is text and is escaped, for elements and for quoted attributes, unless it is ``Html``. Text that is added to
    or joined with HTML is escaped as well.

    Parameters
    ----------
    template
        HTML; with values, their places in braces.
    values, named
        What goes there.
    """

    __slots__ = ()

    def __new__(cls, template: str = "", *values: object, **named: object) -> Html:
        """Return the template with the values in their places."""
        text = _FORMATTER.vformat(template, values, named) if values or named else template
        return super().__new__(cls, text)

    def __add__(self, other: str) -> Html:
        """Return both, one after the other."""
        return Html(str.__add__(self, escaped(other)))

    def __radd__(self, other: str) -> Html:
        """Return both, one after the other."""
        return Html(str.__add__(escaped(other), self))

    def join(self, parts: Iterable[str]) -> Html:
        """Return the parts, this between them."""
        return Html(str.join(self, [escaped(part) for part in parts]))


def escaped(value: object) -> Html:
    """Return a value as HTML: text escaped, HTML as it is."""
    return value if isinstance(value, Html) else Html(escape(str(value)))


def visible(text: str) -> str:
    """Return a text with pictures of its control characters: none of them moves a cursor or changes a colour."""
    return text.translate(_CONTROLS)


_CONTROLS = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"} | {0x7F: 0x2421}
_CONTROLS |= dict.fromkeys((*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD)


def cell(value: object) -> object:
    """Return a value for a table that a spreadsheet may open: text that it would take for a formula gets a quote."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV whose lines end with one character; None is an empty cell."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


class _Formatter(string.Formatter):
    """Formats as ``str.format`` and escapes what is not HTML."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return value if isinstance(value, Html) else escape(format(value, format_spec))


_FORMATTER = _Formatter()
NONE = Html()

__all__ = ["NONE", "Html", "cell", "escaped", "visible"]
