"""Every package has a place in the layers that import-linter keeps apart; old import paths lead to what moved."""

import importlib
import re
import sys
import tomllib
from pathlib import Path

import pytest

import h2plant
from docs.site_pages import layers
from h2plant.core.moved import MOVED
from h2plant.studies.study import prepared

ROOT = Path(__file__).parents[2]


def test_every_package_has_its_layer_and_no_module_lies_beside_them() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    listed = next(c["layers"] for c in contracts if c["name"] == "layers")
    placed = {name for layer in listed for name in layer.split(" | ")}
    folder = ROOT / "h2plant"
    assert placed == {f"h2plant.{file.parent.name}" for file in folder.glob("*/__init__.py")}
    assert [file.name for file in folder.glob("*.py")] == ["__init__.py"]
    shown = re.findall(r"`(\w+)`", layers())
    assert shown == [name.removeprefix("h2plant.") for layer in listed for name in layer.split(" | ")]


def test_no_package_is_called_like_a_public_function() -> None:
    packages = {file.parent.name for file in (ROOT / "h2plant").glob("*/__init__.py")}
    assert packages.isdisjoint(h2plant.__all__)


@pytest.mark.parametrize("old", sorted(MOVED))
def test_an_old_path_warns_and_gives_the_module_itself(old: str) -> None:
    module = importlib.import_module(MOVED[old])
    specification = module.__spec__
    sys.modules.pop(old, None)
    parent = old.rpartition(".")[0]
    if parent in MOVED and parent not in sys.modules:
        with pytest.warns(DeprecationWarning):
            importlib.import_module(parent)
    with pytest.warns(DeprecationWarning, match=f"^{old} is now {MOVED[old]}; ") as warned:
        assert importlib.import_module(old) is module
    assert len(warned) == 1
    assert module.__spec__ is specification and module.__name__ == MOVED[old]


@pytest.mark.parametrize(
    ("old", "name", "new"),
    [
        ("h2plant.control", "PlantEnv", "h2plant.session.gym_env"),
        ("h2plant.ensemble", "run_ensemble", "h2plant.session.ensemble"),
        ("h2plant.studies.backend", "Backend", "h2plant.studies.backends.backend"),
        ("h2plant.studies.run", "run_study", "h2plant.studies.study.run"),
        ("h2plant.config.findings", "PlantError", "h2plant.plant.finding"),
    ],
)
def test_a_documented_name_is_the_same_by_its_old_path(old: str, name: str, new: str) -> None:
    sys.modules.pop(old, None)
    with pytest.warns(DeprecationWarning):
        namespace: dict[str, object] = {}
        exec(f"from {old} import {name}", namespace)
    assert namespace[name] is getattr(importlib.import_module(new), name)


def test_the_documented_name_of_a_prepared_study_is_an_alias() -> None:
    with pytest.warns(DeprecationWarning, match="^Basis is now PreparedStudy; "):
        assert prepared.Basis is prepared.PreparedStudy


def test_a_path_that_never_was_is_still_not_found() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("h2plant.core.no_such_module")
