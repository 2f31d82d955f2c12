"""Errors that their user can mend, and what any error is in a line."""

from __future__ import annotations


class UserError(Exception):
    """Something that the user can mend; the text says what and how."""


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text; its type where it has none."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def reason_of(error: BaseException) -> str:
    """Return why something failed or ended early, in a line; with the type of an error whose text is not for users."""
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    text = " ".join(text.split())
    if isinstance(error, KeyboardInterrupt):
        return text or "interrupted"
    return text if isinstance(error, UserError | OSError) else f"{type(error).__name__}: {text}"
