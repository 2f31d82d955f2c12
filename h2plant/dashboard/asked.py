"""What a page may ask of the server: each request for an update has the form that its page gives it, or is refused.

The page sends which outputs it wants and the values that they follow from. Dash takes them as they come, so that
anything of another form would end in a fault deep inside; here it ends in a sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from h2plant.core.number import is_finite

MOST_TEXT = 20_000
"""Most characters of one text that a page sends."""
MOST_ITEMS = 2000
"""Most items of one list or mapping that a page sends."""
_LAST_MS = 8.64e15
"""The last instant that a browser knows, ms since 1970."""

_DEPTH = 40
"""Deepest nesting of a request; a page sends eight."""


class BadRequest(ValueError):
    """A request that no page of the dashboard sends; the text says why."""


Test = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MOST_TEXT


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LAST_MS


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_ITEMS and all(_is_text(item) for item in value)


def _is_window(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(item) for item in value)


def _is_changes(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= MOST_ITEMS
        and all(_is_text(key) and _is_text(item) for key, item in value.items())
    )


def _is_typed(value: Any) -> bool:
    return _is_text(value) or (isinstance(value, int | float) and is_finite(value))


_TEXT, _COUNT = ("a text", _is_text), ("a whole number", _is_count)
_TEXTS, _WINDOW = ("a list of texts", _is_texts), ("two instants", _is_window)
_CHANGES, _TYPED = ("texts by name", _is_changes), ("a text or a number", _is_typed)

_VALUES: tuple[tuple[str, tuple[str, Test]], ...] = (
    (r".*\.(n_clicks|n_submit|n_intervals)", _COUNT),
    (r"jobs-version\.data", _COUNT),
    (r"(runs-version|tab)\.data", _TEXT),
    (r"(explore|compare)-window\.data", _WINDOW),
    (r"(explore-columns|compare-columns|compare-runs)\.value", _TEXTS),
    (r"(edit-changed|edit-problems)\.data", _CHANGES),
    (r"parameter\.value", _TYPED),
    (r"(runs|explore|edit)-[a-z]+\.value", _TEXT),
)
"""What each value may be, by ``id.property``, the id of numbered elements being their type; nothing is always allowed
but where a mapping is wanted."""

_NUMBERED = {"job": _COUNT}
"""What tells elements of one type apart, where it is no text."""


class Shapes:
    """The forms of all requests that an application answers.

    Parameters
    ----------
    callbacks
        What Dash tells the page of each callback: ``output``, ``inputs``, ``state``.

    Raises
    ------
    KeyError
        A callback takes a value of which nothing is said here.
    """

    def __init__(self, callbacks: Sequence[Mapping[str, Any]]) -> None:
        self._known = {one["output"]: one for one in callbacks if not one.get("clientside_function")}
        for one in self._known.values():
            for place in (*one["inputs"], *one["state"]):
                if place["property"] != "id":
                    _value_of(place)

    def require(self, content: bytes) -> None:
        """Raise a BadRequest if the content of a request is not what a page sends."""
        body = _parsed(content)
        output = body.get("output")
        known = self._known.get(output) if isinstance(output, str) else None
        if known is None:
            raise BadRequest("it asks for what this dashboard does not have; load the page again")
        numbered: dict[str, list[Any]] = {}
        values = _places(body, "inputs", known["inputs"], numbered)
        _places(body, "state", known["state"], numbered)
        _require_outputs(body.get("outputs"), known["output"], numbered)
        changed = body.get("changedPropIds", [])
        if not isinstance(changed, list) or any(not isinstance(one, str) or one not in values for one in changed):
            raise BadRequest("what changed is none of its inputs")


def _places(
    body: Mapping[str, Any], part: str, wanted: Sequence[Mapping[str, Any]], numbered: dict[str, list[Any]]
) -> set[str]:
    """Check the values of a part of a request, and note elements that are numbered; returns their ``id.property``."""
    given = body.get(part, [])
    if not isinstance(given, list) or len(given) != len(wanted):
        raise BadRequest(f"its {part} are not {len(wanted)} values")
    found = set()
    for place, want in zip(given, wanted, strict=True):
        pattern = _pattern(want["id"])
        if pattern is None:
            _require_value(place, want, {"id": want["id"]})
            found.add(f"{want['id']}.{want['property']}")
            continue
        for one in _several(place, pattern):
            _require_value(one, want, pattern)
            found.add(f"{_written(one['id'])}.{want['property']}")
        _require_same(place, pattern, numbered)
    return found


def _several(places: Any, pattern: Mapping[str, Any]) -> list[Any]:
    if not isinstance(places, list) or len(places) > MOST_ITEMS:
        raise BadRequest(f"there is no list of '{pattern['type']}'")
    return places


def _require_same(places: Sequence[Any], pattern: Mapping[str, Any], numbered: dict[str, list[Any]]) -> None:
    """Raise a BadRequest if elements of a type are others than those that the request named of it before."""
    ids = [one["id"] for one in places]
    if numbered.setdefault(pattern["type"], ids) != ids:
        raise BadRequest(f"it names some '{pattern['type']}' at one place and others at another")


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise BadRequest("it is no JSON") from None
    if not isinstance(body, dict):
        raise BadRequest("it is no JSON object")
    if _depth(body) > _DEPTH:
        raise BadRequest("it is nested too deeply")
    return body


def _depth(value: Any) -> int:
    """Return how deep lists and mappings lie in each other, counted no further than is allowed."""
    level, depth = [value], 0
    while level and depth <= _DEPTH:
        depth += 1
        level = [
            item
            for one in level
            if isinstance(one, dict | list)
            for item in (one.values() if isinstance(one, dict) else one)
        ]
    return depth


def _pattern(id_: str) -> dict[str, Any] | None:
    """Return the id of elements that are numbered, as a mapping; None for that of a single element."""
    return json.loads(id_) if id_.startswith("{") else None


def _written(id_: Mapping[str, Any]) -> str:
    return json.dumps(id_, sort_keys=True, separators=(",", ":"))


def _value_of(want: Mapping[str, Any]) -> tuple[str, Test]:
    pattern = _pattern(want["id"])
    key = f"{want['id'] if pattern is None else pattern['type']}.{want['property']}"
    for known, shape in _VALUES:
        if re.fullmatch(known, key):
            return shape
    raise KeyError(f"nothing is said of what '{key}' may be")


def _require_value(place: Any, want: Mapping[str, Any], pattern: Mapping[str, Any]) -> None:
    """Raise a BadRequest if a value is not at the place that is wanted, or not of its form."""
    _require_place(place, want["property"], pattern)
    value = place.get("value")
    if want["property"] == "id":
        if value != place["id"]:
            raise BadRequest("an element has two ids")
        return
    words, test = _value_of(want)
    if value is None and test is not _is_changes:
        return
    if not test(value):
        name = pattern.get("type", pattern.get("id"))
        raise BadRequest(f"'{name}' is not {words}")


def _require_place(place: Any, prop: str, pattern: Mapping[str, Any]) -> None:
    """Raise a BadRequest if something is not the place of a value: id and property."""
    if not isinstance(place, dict) or place.get("property") != prop:
        raise BadRequest("a value stands at a place that the page does not have")
    if not _is_id(place.get("id"), pattern):
        raise BadRequest("a value stands at a place that the page does not have")


def _is_id(id_: Any, pattern: Mapping[str, Any]) -> bool:
    if "id" in pattern:
        return bool(id_ == pattern["id"])
    if not isinstance(id_, dict) or id_.keys() != pattern.keys() or id_["type"] != pattern["type"]:
        return False
    return all(_NUMBERED.get(key, _TEXT)[1](item) for key, item in id_.items())


def _require_outputs(given: Any, output: str, numbered: dict[str, list[Any]]) -> None:
    """Raise a BadRequest if the places of outputs are not those of a callback."""
    names = output.removeprefix("..").removesuffix("..").split("...") if output.startswith("..") else [output]
    places = given if output.startswith("..") else [given]
    if not isinstance(places, list) or len(places) != len(names):
        raise BadRequest(f"its outputs are not {len(names)} places")
    for place, name in zip(places, names, strict=True):
        id_, _, prop = name.rpartition(".")
        pattern = _pattern(id_)
        if pattern is None:
            _require_place(place, prop, {"id": id_})
            continue
        for one in _several(place, pattern):
            _require_place(one, prop, pattern)
        _require_same(place, pattern, numbered)
