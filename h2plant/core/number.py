"""Numbers as people and programs give them: a whole number may have more digits than any float."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_MOST_DIGITS = 18


def is_finite(value: float) -> bool:
    """Return whether a number is one that can be calculated with."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def whole_number(text: str) -> int | None:
    """Return the number that a text of decimal digits alone is; None for any other, or one of more than 18 digits."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def within_floats(value: Any) -> Any:
    """Return a value with each whole number beyond all floats as an infinite one, which is found to be none.

    Mappings and lists are looked through; all else stays what it is.
    """
    if isinstance(value, float | str):  # most values: asked first
        return value
    if isinstance(value, int):
        return value if is_finite(value) else math.inf if value > 0 else -math.inf
    if isinstance(value, Mapping):
        return {key: within_floats(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(within_floats(item) for item in value) if type(value) in (list, tuple) else value
    return value
