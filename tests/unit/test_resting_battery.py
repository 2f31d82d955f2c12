"""A battery that holds less at the end: given to the plant it voids the answer, lost standing by it does not."""

from pathlib import Path

import pytest

import h2plant
from tests.block_plant import block_plant

pytestmark = pytest.mark.long

GONE = dict.fromkeys(("wind", "electrolysis", "compression", "storage", "customer", "trailers"))


def test_a_battery_at_rest_gives_nothing(tmp_path: Path) -> None:
    """Nothing but auxiliaries, which the grid carries: self-discharge and ageing took 0.1 % of what was used."""
    rule = "{kind: battery_smoothing}"
    results = h2plant.run(
        block_plant(tmp_path, **GONE, rule=rule), start="2023-01-02", hours=48, out=tmp_path / "rests"
    )
    figures = results.summary["key_figures"]
    assert figures["battery_discharged_mwh"] == 0.0
    assert figures["battery_change_mwh"] < -1.0e-3 * 48 / 240 * figures["import_mwh"]
    assert [fault["id"] for fault in results.summary["not_valid"]] == []
    assert results.summary["audit"]["n_broken"] == 0


def test_a_battery_that_carries_the_plant_gives_it(tmp_path: Path) -> None:
    """Without a grid the same auxiliaries live on what the battery held at the start."""
    battery = "{block: battery_park, power_mw: 1, energy_mwh: 2, battery: {initial_level_frac: 0.6}}"
    grid, rule = "{block: grid, import_mw: 0, export_mw: 0}", "{kind: battery_smoothing}"
    parts = {"battery": battery, "grid": grid, "rule": rule}
    path = block_plant(tmp_path, **{**GONE, **parts})
    results = h2plant.run(path, start="2023-01-02", hours=6, out=tmp_path / "gives")
    faults = [fault for fault in results.summary["not_valid"] if fault["component"] == "battery_battery"]
    figures = results.summary["key_figures"]
    given = min(figures["battery_discharged_mwh"], -figures["battery_change_mwh"])
    assert [fault["unsourced_mwh"] for fault in faults] == [pytest.approx(given)] and given > 0.0
