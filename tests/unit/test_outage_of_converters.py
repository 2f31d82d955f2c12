"""Outages of converters: whichever is out, no law is broken, and nothing is imported past one that is open."""

from pathlib import Path

import pytest

import h2plant
from h2plant.config.bundled import PLANTS
from h2plant.config.load import load_plant
from h2plant.core.role import Converter, PowerBus

CHEAP = (("dual_path", "auxiliary_transformer"), ("pem_wind", "electrolysis_auxiliary_transformer"))
"""Those that broke laws of circulation pumps in the first step of the outage."""
BUNDLED = ("dual_path", "iberia", "island", "minimal", "mobility", "pem_wind")


def converters() -> list[tuple[str, str]]:
    found = []
    for name in BUNDLED:
        for id_, c in load_plant(PLANTS / f"{name}.yaml").components.items():
            role = c.kind.role
            if isinstance(role, Converter) and not isinstance(role, PowerBus) and role.tripped:
                found.append((name, id_))
    return found


def out_of_service(folder: Path, plant: str, id_: str, hours: int, **keys: object) -> h2plant.Results:
    fault = f"{{component: {id_}, from_h: {keys.pop('from_h', 3)}, to_h: {keys.pop('to_h', 7)}}}"
    lines = {"h2plant": 1, "name": "out", "plant": plant, "start": "2023-07-03", "hours": hours, **keys}
    text = "".join(f"{key}: {value}\n" for key, value in lines.items())
    (folder / "out.yaml").write_text(f"{text}faults: {{gone: {fault}}}\n", encoding="utf-8")
    return h2plant.run(folder / "out.yaml", out=folder / "r")


@pytest.mark.parametrize(("plant", "id_"), CHEAP)
def test_no_law_is_broken_when_an_auxiliary_transformer_is_out(tmp_path: Path, plant: str, id_: str) -> None:
    results = out_of_service(tmp_path, plant, id_, 9)
    assert [one["law"] for one in results.summary["audit"]["laws"] if one["broken_at"]] == []


@pytest.mark.slow
@pytest.mark.parametrize(("plant", "id_"), converters())
def test_no_law_is_broken_whichever_converter_is_out(tmp_path: Path, plant: str, id_: str) -> None:
    results = out_of_service(tmp_path, plant, id_, 24, from_h=10, to_h=14)
    assert [one["law"] for one in results.summary["audit"]["laws"] if one["broken_at"]] == []


def behind_a_transformer(folder: Path) -> Path:
    """Return a plant like 'minimal' with a transformer between grid and bus."""
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    old = "grid.bus -> bus.grid"
    assert text.count(old) == 1
    text = text.replace(old, "grid.bus -> station.power\n  - station.loads -> bus.grid")
    text = text.replace("components:\n", "components:\n  station: {kind: transformer, rating_mw: 3}\n", 1)
    (folder / "plant.yaml").write_text(text, encoding="utf-8")
    return folder / "plant.yaml"


def test_nothing_is_imported_past_an_open_transformer(tmp_path: Path) -> None:
    """Half a day: no import, lines off, the rest from the emergency supply, and the advice says why."""
    path = behind_a_transformer(tmp_path)
    results = out_of_service(tmp_path, path.name, "station", 12, from_h=0, to_h=12)
    figures = results.summary["key_figures"]
    assert results.summary["audit"]["n_broken"] == 0
    assert figures["hydrogen_made_kg"] == 0.0
    assert figures["import_mwh"] == 0.0
    assert figures["emergency_mwh"] > 0.0
    faults = {one["id"]: one for one in results.summary["not_valid"]}
    assert faults["blackout"]["component"] == "bus"
    assert "'station' was out of service by a fault" in faults["blackout"]["remedy"]
    # and the other half of a day works as ever
    half = out_of_service(tmp_path, path.name, "station", 12, from_h=0, to_h=1)
    assert half.summary["key_figures"]["hydrogen_made_kg"] > 0.0
