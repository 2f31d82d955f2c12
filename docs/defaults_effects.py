"""What a changed default does: runs of a bundled plant as it is and with the change taken back, kept as data.

``python -m docs.defaults_effects [POINT ...]`` runs them and writes ``docs/defaults/effects.json``; a row of
``docs/defaults/*.yaml`` says with ``back`` what is taken back: ``kind.parameter`` or ``economics.key`` to the default
of release 0.1.0 (``tests/data/v0.1.0/defaults.json``), ``kind.parameter=value`` to a value that switches off what that
release did not have.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h2plant
from h2plant.config.bundled import bundled_scenarios
from h2plant.config.load import load_plant
from h2plant.config.scenario import load_scenario

ROOT = Path(__file__).parents[1]
FILE = Path(__file__).parent / "defaults" / "effects.json"
BEFORE: dict[str, Any] = json.loads((ROOT / "tests/data/v0.1.0/defaults.json").read_text(encoding="utf-8"))
PLANT = "test_full_year"
FIGURES = ("hydrogen_cost_eur_per_kg",)
ECONOMICS = "economics"


def split(word: str) -> tuple[str, str, str]:
    """Return the kind (or ``economics``), the parameter, and the value that stands after ``=``."""
    name, _, value = word.partition("=")
    kind, _, parameter = name.partition(".")
    return kind, parameter, value


def before(word: str) -> float | None:
    """Return the default that release 0.1.0 had; None where it did not have the parameter."""
    kind, parameter, _ = split(word)
    of = BEFORE[ECONOMICS] if kind == ECONOMICS else BEFORE["kinds"].get(kind, {})
    value = of.get(parameter)
    return None if value is None else float(value)


def taken_back(word: str) -> float:
    """Return the value that takes a change back."""
    value, was = split(word)[2], before(word)
    if bool(value) == (was is not None):
        raise ValueError(f"{word}: a value stands where release 0.1.0 has no default, and only there")
    return float(value) if was is None else was


def changes(plant: str, words: list[str]) -> dict[str, float]:
    """Return what is set in a plant or scenario to take changes back, ``component.parameter`` -> value."""
    name = load_scenario(plant).plant if plant in bundled_scenarios() else plant
    components = load_plant(name).components
    found: dict[str, float] = {}
    for word in words:
        kind, parameter, _ = split(word)
        of_kind = [id_ for id_, component in components.items() if component.kind.name == kind]
        found |= {f"{id_}.{parameter}": taken_back(word) for id_ in ([ECONOMICS] if kind == ECONOMICS else of_kind)}
    return found


def figures_of(plant: str, words: list[str], scratch: Path) -> dict[str, float]:
    """Run a plant over its year and return its key figures."""
    hours = None if plant in bundled_scenarios() else 8760.0
    run = h2plant.run(plant, hours=hours, log_every_s=3600, set=changes(plant, words), out=scratch)
    return {id_: float(f"{value:.6g}") for id_, value in run.summary["key_figures"].items() if value is not None}


def measured(rows: Sequence[Mapping[str, Any]], names: list[str]) -> dict[str, Any]:
    """Run what rows ask for and return their figures, with the change taken back and as it is, by point."""
    kept: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    today: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="h2plant-defaults-") as folder:
        for k, row in enumerate(rows):
            if names and row["point"] not in names:
                continue
            plant = row.get("plant", PLANT)
            if plant not in today:
                today[plant] = figures_of(plant, [], Path(folder) / plant)
            was = figures_of(plant, row["back"], Path(folder) / str(k))
            ids = row.get("figures", FIGURES)
            kept[row["point"]] = {id_: [was[id_], today[plant][id_]] for id_ in ids}
            print(f"{row['point']}: {kept[row['point']]}", flush=True)
            FILE.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return kept


def main(names: list[str]) -> None:
    """Run all rows that say what is taken back, or those of the points named."""
    from docs.defaults_page import PARTS, rows

    measured([row for part in PARTS for row in rows(part) if "back" in row], names)


if __name__ == "__main__":
    main(sys.argv[1:])
