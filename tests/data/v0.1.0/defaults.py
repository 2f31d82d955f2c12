"""Prints the defaults of a release as JSON, ``defaults.json`` here: run it with that release's ``h2plant`` on the path.

Parameters of every kind, SI, its cost figures, and the economics. Written for 0.1.0, where cost figures stood by kind
in the economics.
"""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import h2plant
from h2plant.components import KINDS
from h2plant.economics.settings import Settings


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and math.isinf(value) else value


def _rows(of: dict[str, Any]) -> str:
    return "{\n" + ",\n".join(f" {json.dumps(name)}: {json.dumps(value)}" for name, value in of.items()) + "\n}"


if __name__ == "__main__":
    from h2plant.economics.cost_figures import COSTS

    kinds = {
        kind.name: {f.name: _plain(f.default) for f in kind.fields if f.role == "parameter" and f.default is not None}
        for kind in KINDS
    }
    costs = {
        kind.name: [
            {part.name: _plain(getattr(figure, part.name)) for part in dataclasses.fields(figure)}
            for figure in COSTS[kind.name]
        ]
        for kind in KINDS
        if kind.name in COSTS
    }
    economics = {
        name: field.default
        for name, field in Settings.model_fields.items()
        if isinstance(field.default, int | float | str)
    }
    print("{")
    print(f'"version": {json.dumps(h2plant.__version__)},')
    print(f'"kinds": {_rows(kinds)},')
    print(f'"costs": {_rows(costs)},')
    print(f'"economics": {json.dumps(economics)}')
    print("}")
