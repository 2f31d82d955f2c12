"""Summaries of the last release's plants, by today's h2plant and by that release: the same, or a change is explained.

The bundled plants go on; what is compared is the program, so it runs the plants that the release had.
"""

import json
import math
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

import h2plant
from h2plant.config.scenario import load_scenario

RELEASE = Path(__file__).parents[1] / "data" / "v0.1.0"
SHORT = ("minimal_day", "test_8hour", "minimal", "dual_path")
OF_THE_RUN = ("performance", "provenance", "residuals")
"""What belongs to one run: times, versions, rounding errors (the balances have tests of their own)."""
REL, ABS = 1e-6, 1e-9
"""Other processors round otherwise; the tables' iterations end within 1e-9 of a value."""


def changes() -> list[dict[str, Any]]:
    return tomllib.loads((RELEASE / "changes.toml").read_text(encoding="utf-8"))["change"]


def figures(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each number, word and nothing of a summary with the names above it; an item of a list by its number."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if not items:
        yield name, value
        return
    for key, item in items:
        if name or key not in OF_THE_RUN:
            yield from figures(item, f"{name}.{key}" if name else str(key))


def differences(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    """Return what became of each figure of the old summary that is not the same; new figures do not count."""
    found = dict(figures(new))
    changed = {}
    for name, was in figures(old):
        if name not in found:
            if was not in ({}, []):  # something may have come where there was nothing
                changed[name] = f"{was!r} is gone"
        elif not is_same(was, found[name]):
            changed[name] = f"{was!r} became {found[name]!r}"
    return changed


def is_same(was: Any, now: Any) -> bool:
    numbers = [isinstance(value, int | float) and not isinstance(value, bool) for value in (was, now)]
    return math.isclose(was, now, rel_tol=REL, abs_tol=ABS) if all(numbers) else bool(was == now)


def of_the_release(scenario: str, folder: Path) -> Path:
    """Return a bundled plant as the release had it, or a bundled scenario with that plant."""
    if (RELEASE / "plants" / f"{scenario}.yaml").is_file():
        return RELEASE / "plants" / f"{scenario}.yaml"
    bundled = load_scenario(scenario)
    plant = RELEASE / "plants" / f"{bundled.plant}.yaml"
    assert bundled.file is not None and plant.is_file()
    text = bundled.file.read_text(encoding="utf-8")
    file = folder / f"{scenario}.yaml"
    file.write_text(text.replace(f"plant: {bundled.plant}\n", f"plant: {plant.as_posix()}\n"), encoding="utf-8")
    assert load_scenario(file).plant == plant
    return file


def assert_explained(scenario: str, folder: Path) -> None:
    old = json.loads((RELEASE / scenario / "summary.json").read_text(encoding="utf-8"))
    h2plant.run(of_the_release(scenario, folder), out=folder / scenario)
    new = json.loads((folder / scenario / "summary.json").read_text(encoding="utf-8"))
    here = [entry for entry in changes() if scenario in entry["scenarios"]]
    changed = differences(old, new)
    unexplained = {
        name: what for name, what in changed.items() if not any(fnmatchcase(name, entry["figure"]) for entry in here)
    }
    assert not unexplained, f"explain in {RELEASE.name}/changes.toml what changed on purpose"
    idle = [entry for entry in here if not any(fnmatchcase(name, entry["figure"]) for name in changed)]
    assert not idle, f"nothing of {scenario} is explained by it: take the scenario or the entry out"


@pytest.mark.parametrize("scenario", SHORT)
def test_figures_are_those_of_the_release(scenario, tmp_path):
    assert_explained(scenario, tmp_path)


@pytest.mark.slow
def test_the_years_figures_are_those_of_the_release(tmp_path):
    assert_explained("test_full_year", tmp_path)


def test_every_change_has_a_reason():
    assert all(set(entry) == {"figure", "scenarios", "why"} and entry["why"] for entry in changes())
    assert all(set(entry["scenarios"]) <= {*SHORT, "test_full_year"} for entry in changes())


def test_a_figure_that_moved_vanished_or_changed_its_kind_is_found():
    old = {"a": {"b": 1.0, "c": [1.0, {"d": "x"}], "e": None, "f": True, "none": {}}, "performance": {"loop_s": 1.0}}
    assert differences(old, {**old, "performance": {}, "g": 1.0}) == {}
    new = {"a": {"b": 1.0 + 2 * REL, "c": [1.0, {"d": "y"}], "f": 1, "none": {"h": 1.0}}, "performance": {}}
    assert set(differences(old, new)) == {"a.b", "a.c.1.d", "a.e"}
    assert differences({"a": 1.0}, {"a": 1.0 + 0.5 * REL}) == {}
    assert set(differences({"a": 0.0}, {"a": None})) == {"a"}


@pytest.mark.parametrize("scenario", [*SHORT, "test_full_year"])
def test_what_is_kept_is_the_releases(scenario):
    kept = json.loads((RELEASE / scenario / "summary.json").read_text(encoding="utf-8"))
    assert kept["provenance"]["h2plant"] == "0.1.0" and kept["is_complete"] and kept["scenario"] == scenario
