"""Requests that somebody sends to the dashboard: callbacks with other values than its page sends, and addresses."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import typer

from benchmarks.fuzz.change import NUMBERS, TEXTS, as_json, changed_text, changed_tree, value
from benchmarks.fuzz.folders import COLUMN
from benchmarks.fuzz.sort import Read, Sort
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.session.execution import execute

_DAY_MS = [1672531200000.0, 1672542000000.0]
_KEYS = {"job": 1, "run": "a", "at": 0, "key": "stack.rated_power_mw"}
_VALUES: dict[str, Any] = {
    "explore-run": "a", "explore-columns": [COLUMN], "explore-window": _DAY_MS, "compare-runs": ["a", "b"],
    "compare-columns": [COLUMN], "compare-window": _DAY_MS, "edit-source": "minimal_day", "edit-target": "stack",
    "edit-filter": "power", "edit-changed": {"stack.rated_power_mw": "0.9"},
    "edit-problems": {"stack.rated_power_mw": "x"},
    "edit-other": "stack.rated_power_mw=0.8", "edit-start": "2023-01-01T00:00Z", "edit-hours": "24", "edit-step": "60",
    "edit-log": "900", "edit-name": "mine", "runs-filter": "a", "runs-sort": "new", "runs-version": "1",
    "jobs-version": 1, "theme": 1, "tick": 7,
}  # fmt: skip


class _Dashboard(NamedTuple):
    client: Any
    callbacks: list[dict[str, Any]]


def _dashboard(place: Path) -> _Dashboard:
    from h2plant.dashboard.application import make_application
    from h2plant.dashboard.guard import Guard
    from h2plant.dashboard.server import protect

    for name in ("a", "b"):
        execute(changed_scenario(load_scenario("minimal_day"), hours=3.0), out=place / "runs" / name)
    application, jobs = make_application(place / "runs", place)
    jobs._start_next = lambda: None  # type: ignore[method-assign]  # orders are taken, and nothing runs
    protect(application, Guard("127.0.0.1", 8050))
    application.server.config["PROPAGATE_EXCEPTIONS"] = True
    client = application.server.test_client()
    client.get("/")
    callbacks = client.get("/_dash-dependencies").get_json()
    return _Dashboard(client, [one for one in callbacks if not one["clientside_function"]])


def _sent(dependency: dict[str, str], draw: random.Random) -> Any:
    """Return a part of a request as the page sends it: an id, or those that a pattern stands for, with the values."""
    property_ = dependency["property"]
    if not dependency["id"].startswith("{"):
        id_ = dependency["id"]
        clicks = 1 if property_.startswith("n_") else None
        own = draw.choice(("explore", "compare", "edit", "runs")) if id_ == "tab" else _VALUES.get(id_, clicks)
        return {"id": id_, "property": property_, "value": own}
    id_ = {key: _KEYS[key] if isinstance(one, list) else one for key, one in json.loads(dependency["id"]).items()}
    own = id_ if property_ == "id" else 1 if property_.startswith("n_") else "0.9"
    return [{"id": id_, "property": property_, "value": own}]


def _request(callback: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    inputs = [_sent(one, draw) for one in callback["inputs"]]
    first = draw.choice(inputs)
    first = first[0] if isinstance(first, list) else first
    name = (
        first["id"] if isinstance(first["id"], str) else json.dumps(first["id"], sort_keys=True, separators=(",", ":"))
    )
    outputs = []
    for one in re.sub(r"^\.\.|\.\.$", "", callback["output"]).split("..."):
        id_, _, property_ = one.rpartition(".")
        outputs.append([] if id_.startswith("{") else {"id": id_, "property": property_})
    return {
        "output": callback["output"],
        "outputs": outputs if len(outputs) > 1 else outputs[0],
        "inputs": inputs,
        "state": [_sent(one, draw) for one in callback["state"]],
        "changedPropIds": [f"{name}.{first['property']}"],
    }


def _other_values(request: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """Return a request of the same form with other values in it."""
    made: dict[str, Any] = json.loads(json.dumps(request))
    items = [one for part in (*made["inputs"], *made["state"]) for one in (part if isinstance(part, list) else [part])]
    for one in draw.sample(items, draw.randrange(1, len(items) + 1)):
        one["value"] = value(draw) if draw.random() < 0.6 else changed_tree([one["value"]], draw)
    return made


def _callback(dashboard: _Dashboard, folder: Path, draw: random.Random) -> Read:
    request = _request(draw.choice(dashboard.callbacks), draw)
    what = draw.random()
    if what < 0.7:
        request = _other_values(request, draw)
    elif what < 0.9:
        request = changed_tree(request, draw)
    body = as_json(request) if what < 0.95 else changed_text(as_json(request), draw)
    (folder / "body.json").write_bytes(body)
    return _answered(
        lambda: dashboard.client.post("/_dash-update-component", data=body, content_type="application/json")
    )


def _address(dashboard: _Dashboard, folder: Path, draw: random.Random) -> Read:
    path = draw.choice(
        ("/export/csv", "/export/parquet", "/export/xlsx", "/export/png", "/report", "/comparison", "/shared/page.css")
    )
    words = [("run", "a"), ("run", "b"), ("column", COLUMN), ("from", "1672531200000"), ("to", "1672542000000")]
    words = draw.sample(words, draw.randrange(len(words) + 1))
    words = [(key, draw.choice((one, one, one, *TEXTS, *NUMBERS))) for key, one in words]
    if draw.random() < 0.2:
        path = f"/{quote(draw.choice(TEXTS), errors='replace')}{path}/{quote(draw.choice(TEXTS), errors='replace')}"
    address = f"{path}?{urlencode(words, errors='replace')}"
    (folder / "address.txt").write_text(address, encoding="utf-8")
    return _answered(lambda: dashboard.client.get(address))


def _answered(ask: Callable[[], Any]) -> Read:
    """Return what asks; an answer of 4xx is a refusal, one of 5xx an error."""

    def read() -> None:
        answer = ask()
        answer.get_data()
        if answer.status_code >= 500:
            raise AssertionError(f"status {answer.status_code}")
        if answer.status_code >= 400:
            raise typer.Exit(2)

    return read


REQUESTS = (
    Sort("callbacks", 16.0, _dashboard, _callback),
    Sort("addresses", 3.0, _dashboard, _address),
)
