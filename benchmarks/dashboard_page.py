"""A page of the dashboard without a browser: the requests that it sends, made from what the server says of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Values = Mapping[str, Any]
"""Value of each ``id.property``; of elements that are numbered, by their type: a list of (rest of the id, value)."""


class Page:
    """Makes the body of a request for an update.

    Parameters
    ----------
    dependencies
        What ``/_dash-dependencies`` answers.
    """

    def __init__(self, dependencies: Sequence[Mapping[str, Any]]) -> None:
        self.callbacks = [one for one in dependencies if not one.get("clientside_function")]

    def callback(self, output: str, given: str = "") -> Mapping[str, Any]:
        """Return the callback whose outputs begin with an ``id.property``, and that takes another one."""
        return next(
            one
            for one in self.callbacks
            if one["output"].removeprefix("..").startswith(output)
            and (not given or any(_key(place) == given for place in one["inputs"]))
        )

    def body(self, callback: Mapping[str, Any], values: Values, changed: str = "") -> dict[str, Any]:
        """Return the body for a callback; what has no value is null, as an element that was not touched."""
        inputs = [self._place(place, values) for place in callback["inputs"]]
        first = inputs[0][0] if isinstance(inputs[0], list) and inputs[0] else inputs[0]
        if not changed and isinstance(first, dict):
            id_ = first["id"]
            changed = f"{id_ if isinstance(id_, str) else _written(id_)}.{first['property']}"
        output = callback["output"]
        body: dict[str, Any] = {
            "output": output,
            "outputs": self._outputs(output, values),
            "inputs": inputs,
            "changedPropIds": [changed] if changed else [],
        }
        if callback["state"]:
            body["state"] = [self._place(place, values) for place in callback["state"]]
        return body

    def _place(self, place: Mapping[str, Any], values: Values) -> Any:
        if not place["id"].startswith("{"):
            return {"id": place["id"], "property": place["property"], "value": values.get(_key(place))}
        pattern = json.loads(place["id"])
        found = []
        for rest, value in values.get(_key(place), []):
            id_ = {**pattern, **rest}
            found.append(
                {"id": id_, "property": place["property"], "value": id_ if place["property"] == "id" else value}
            )
        return found

    def _outputs(self, output: str, values: Values) -> Any:
        if not output.startswith(".."):
            id_, _, prop = output.rpartition(".")
            return {"id": id_, "property": prop}
        places: list[Any] = []
        for name in output.removeprefix("..").removesuffix("..").split("..."):
            id_, _, prop = name.rpartition(".")
            if id_.startswith("{"):
                pattern = json.loads(id_)
                rests = values.get(f"{pattern['type']}.id", [])
                places.append([{"id": {**pattern, **rest}, "property": prop} for rest, _ in rests])
            else:
                places.append({"id": id_, "property": prop})
        return places


def _key(place: Mapping[str, Any]) -> str:
    id_ = place["id"]
    return f"{json.loads(id_)['type'] if id_.startswith('{') else id_}.{place['property']}"


def _written(id_: Mapping[str, Any]) -> str:
    return json.dumps(id_, sort_keys=True, separators=(",", ":"))
