"""Standard output and error: signs that an encoding lacks are written in plain ones, and a full disk is told."""

from __future__ import annotations

import codecs
import errno
import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from h2plant.core.error import UserError

EXIT_CLOSED = 141
"""Exit code where nobody reads on, as in ``h2plant kinds | head -1``: that of a program which SIGPIPE ends."""

_HANDLER = "h2plant.plain"
_BARS = "▁▂▃▄▅▆▇█"
_PLAIN = {
    "€": "EUR", "…": "...", "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "≈": "~", "±": "+-", "×": "x", "·": "*",
    "−": "-", "–": "-", "—": "-", "°": "deg", "µ": "u", "μ": "u", "η": "eta", "Δ": "d", "ß": "ss", "æ": "ae",
    "ø": "o", "ł": "l", "‘": "'", "’": "'", "“": '"', "”": '"', "✓": "yes", "✗": "no", "•": "*",
    **{bar: "_.-=#"[k * 4 // (len(_BARS) - 1)] for k, bar in enumerate(_BARS)},
}  # fmt: skip
_LOST = (errno.ENOSPC, errno.EIO, errno.EBADF, errno.EDQUOT, errno.EFBIG)


class OutputError(UserError):
    """Standard output takes nothing."""


def plain(text: str) -> str:
    """Return a text in ASCII: signs become those that they look like or are read as, others a question mark."""
    return "".join(_plain_sign(sign) for sign in text)


def _plain_sign(sign: str) -> str:
    if sign.isascii():
        return sign
    if sign in _PLAIN:
        return _PLAIN[sign]
    if "─" <= sign <= "╿":
        return _plain_line(sign)
    if "\u2400" <= sign <= "\u2421":  # pictures of control characters
        return "?"
    bare = "".join(part for part in unicodedata.normalize("NFKD", sign) if part.isascii())
    return bare or "?"


def _plain_line(sign: str) -> str:
    words = unicodedata.name(sign).split()
    has_across = any(word in words for word in ("HORIZONTAL", "LEFT", "RIGHT"))
    has_down = any(word in words for word in ("VERTICAL", "UP", "DOWN"))
    return "+" if has_across and has_down else "-" if has_across else "|"


def _plain_part(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return plain(error.object[error.start : error.end]), error.end


codecs.register_error(_HANDLER, _plain_part)


@contextmanager
def written_output() -> Iterator[None]:
    """Write what is printed within in signs that the streams have, and all of it.

    Raises
    ------
    SystemExit
        With ``EXIT_CLOSED`` where nobody reads the output any more.
    OutputError
        The disk under the output is full, or it takes nothing for another reason.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # none, closed, or a test's
            stream.reconfigure(errors=_HANDLER)  # type: ignore[union-attr]
    try:
        try:
            yield
        finally:
            with suppress(ValueError):  # closed
                if sys.stdout is not None:
                    sys.stdout.flush()
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            discard_output()
            raise SystemExit(EXIT_CLOSED) from None
        if not is_of_output(error):
            raise
        discard_output(is_closed=False)
        raise OutputError(lost_text(error)) from None


def is_of_output(error: BaseException) -> bool:
    """Whether an error is one of writing to standard output: no file is named in it."""
    return isinstance(error, OSError) and not error.filename and error.errno in _LOST


def lost_text(error: OSError) -> str:
    """Return what became of output that was not taken, and what to do."""
    return f"the output was not written: {error.strerror}; make room, or send it elsewhere"


def discard_output(is_closed: bool = True) -> None:
    """Send what is still to be written nowhere, so that nothing fails at the end; errors too where a pipe is closed."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr)[: 2 if is_closed else 1]:
            os.dup2(nowhere, stream.fileno())


__all__ = ["EXIT_CLOSED", "OutputError", "discard_output", "is_of_output", "lost_text", "plain", "written_output"]
