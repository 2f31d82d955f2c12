"""What the gallery keeps of a run as data, ``docs/gallery/NAME.yaml``: pages compare it with published figures.

``python -m docs.build NAME`` writes it with the plant's table; ``python -m docs.gallery_record NAME RUN`` does so from
the folder of a run that was made by the plant's command.
"""

from __future__ import annotations

import json
import math
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from h2plant.config.load import load_plant

FOLDER = Path(__file__).parent / "gallery"
_DIGITS = 6
_PROJECT = "project"


def file_of(name: str) -> Path:
    """Return where the record of a plant stands."""
    return FOLDER / f"{name}.yaml"


def recorded(name: str) -> dict[str, Any]:
    """Return the record of a plant."""
    found: dict[str, Any] = yaml.safe_load(file_of(name).read_text(encoding="utf-8"))
    return found


def record(name: str, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the key figures of a run, and its cost and capital by block of the plant and kind of cost.

    Parameters
    ----------
    name
        The bundled plant.
    summary
        That of the run.
    """
    block_of = groups_of(name)
    economics = summary["economics"]
    cost: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for component, parts in economics["by_component_eur_per_kg"].items():
        for kind, value in parts.items():
            cost[block_of.get(component, component)][kind] += value
    capital: dict[str, float] = defaultdict(float)
    for part in economics["capital"]["parts"]:
        capital[block_of.get(part["component"], part["component"])] += part["capex_eur"]
    capital[_PROJECT] = economics["capital"]["indirect_eur"] + economics["capital"]["contingency_eur"]
    figures = {id_: value for id_, value in summary["key_figures"].items() if value is not None}
    return {
        "key_figures": {id_: _short(value) for id_, value in figures.items()},
        "capital_eur": {block: _short(value) for block, value in capital.items() if value},
        "cost_eur_per_kg_made": {
            block: {kind: _short(value) for kind, value in parts.items() if value} for block, parts in cost.items()
        },
    }


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else value


def write(name: str, summary: Mapping[str, Any]) -> None:
    """Write the record of a plant."""
    head = "# Written by `python -m docs.build` from a run of the plant's year.\n"
    text = yaml.safe_dump(record(name, summary), sort_keys=False, width=160)
    file_of(name).write_text(head + text, encoding="utf-8")


def groups_of(name: str) -> dict[str, str]:
    """Return the block in which each component of a bundled plant stands; of one that is in none, its kind."""
    plant = load_plant(name)
    outer = [id_ for id_ in plant.blocks if "." not in id_]
    return {
        id_: next((block for block in outer if id_.startswith(f"{block}_")), component.kind.name)
        for id_, component in plant.components.items()
    }


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    write(sys.argv[1], json.loads((folder / "summary.json").read_text(encoding="utf-8")))
