"""Values of a run as bytes and back, bit for bit: numbers, texts, arrays, and what is made of them.

The bytes are a line that says what they are, the length of a text and the text (JSON), and the numbers of all arrays
one after another. Nothing in them is run when they are read: classes are those that the reader names.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np

_FIRST_LINE = b"h2plant packed values 1\n"
_LENGTH_BYTES = 8
_KINDS_OF_ARRAYS = "biuf"


class PackingError(ValueError):
    """Bytes that hold no values of this kind."""


def pack(value: Any, classes: Iterable[type] = ()) -> list[bytes | memoryview]:
    """Return values as bytes, in pieces: those of arrays are the arrays themselves, which take no memory twice.

    Parameters
    ----------
    value
        None, flags, numbers, texts, times, arrays of numbers, and lists, tuples, sets, mappings and instances of
        ``classes`` that hold such.
    classes
        Data classes and named tuples that may occur.

    Raises
    ------
    TypeError
        There is something else in it.
    """
    packer = _Packer(classes)
    text = json.dumps(packer.form(value), ensure_ascii=False, separators=(",", ":")).encode()
    return [_FIRST_LINE, len(text).to_bytes(_LENGTH_BYTES, "little"), text, *packer.numbers]


def unpack(content: bytes, classes: Iterable[type] = ()) -> Any:
    """Return the values that ``pack`` made bytes of.

    Raises
    ------
    PackingError
        They are no such bytes, or hold a class that is not among ``classes``.
    """
    start = len(_FIRST_LINE) + _LENGTH_BYTES
    if not content.startswith(_FIRST_LINE) or len(content) < start:
        raise PackingError("of another version, or no packed values")
    end = start + int.from_bytes(content[len(_FIRST_LINE) : start], "little")
    try:
        form = json.loads(content[start:end])
        return _Unpacker(content[end:], classes).value(form)
    except PackingError:
        raise
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise PackingError(f"damaged ({error})") from None


class _Packer:
    def __init__(self, classes: Iterable[type]) -> None:
        self._classes = {one: one.__name__ for one in classes}
        self.numbers: list[bytes | memoryview] = []
        self._at = 0

    def form(self, value: Any) -> Any:
        """Return a value as JSON has it: what is no text or number as an object with one key, which says what it is."""
        if value is None or type(value) in (bool, int, float, str):
            return value
        if type(value) in self._classes:
            return {"c": [self._classes[type(value)], {k: self.form(v) for k, v in _fields(value).items()}]}
        if isinstance(value, np.generic) or type(value) is np.ndarray:
            return self._array(np.asarray(value), "n" if isinstance(value, np.generic) else "a")
        if isinstance(value, Mapping):
            return {"m": [[self.form(k), self.form(v)] for k, v in value.items()]}
        for kind, key in ((list, "l"), (tuple, "t"), (set, "s")):
            if type(value) is kind:
                return {key: [self.form(one) for one in (sorted(value) if key == "s" else value)]}
        if isinstance(value, datetime):
            return {"z": value.isoformat()}
        raise TypeError(f"{type(value).__name__} cannot be packed: {value!r:.80}")

    def _array(self, values: Any, key: str) -> Any:
        if values.dtype.kind not in _KINDS_OF_ARRAYS:
            raise TypeError(f"an array of {values.dtype} cannot be packed")
        if values.size:
            self.numbers.append(np.ascontiguousarray(values).data.cast("B"))
        at, self._at = self._at, self._at + values.nbytes
        return {key: [values.dtype.str, list(values.shape), at]}


def _fields(value: Any) -> dict[str, Any]:
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    named: dict[str, Any] = value._asdict()
    return named


class _Unpacker:
    def __init__(self, numbers: bytes, classes: Iterable[type]) -> None:
        self._classes = {one.__name__: one for one in classes}
        self._numbers = numbers

    def value(self, form: Any) -> Any:
        """Return the value that a form was made of."""
        if not isinstance(form, dict):
            return form
        ((key, content),) = form.items()
        if key in ("a", "n"):
            return self._array(key, *content)
        if key == "m":
            return {self.value(k): self.value(v) for k, v in content}
        if key in ("l", "t", "s"):
            return {"l": list, "t": tuple, "s": set}[key](self.value(one) for one in content)
        if key == "z":
            return datetime.fromisoformat(content)
        if key == "c" and content[0] in self._classes:
            return self._classes[content[0]](**{name: self.value(one) for name, one in content[1].items()})
        raise PackingError(f"there is {content!r:.60} in it, which nobody knows here")

    def _array(self, key: str, kind: str, shape: list[int], at: int) -> Any:
        dtype = np.dtype(kind)
        if dtype.kind not in _KINDS_OF_ARRAYS:
            raise PackingError(f"an array of {dtype}")
        n = int(np.prod(shape, dtype=np.int64))
        values = np.frombuffer(self._numbers, dtype, n, at).reshape(shape).copy()
        return values[()] if key == "n" else values
