"""Every module has a place in the layers that import-linter keeps apart."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _modules(package: str) -> set[str]:
    folder = ROOT / package.replace(".", "/")
    names = {p.stem for p in folder.glob("*.py")} | {p.parent.name for p in folder.glob("*/__init__.py")}
    return {f"{package}.{name}" for name in names if not name.startswith("__")}


def test_every_module_has_its_layer() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    placed = {name for layer in layers for name in layer.split(" | ")}
    assert placed == _modules("h2plant") - {"h2plant.plant"} | _modules("h2plant.plant")
