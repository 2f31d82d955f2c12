"""A plant with a fuel cell and an engine: what they give counts once, in energy, origin and money."""

from pathlib import Path

import pytest

import h2plant
from tests.unit.test_demand_first import plant_with_customer

UNITS = """  cells: {kind: fuel_cell, rated_power_kw: 200}
  engine: {kind: hydrogen_engine, rated_power_kw: 100}
  peaks: {kind: reconversion, price_limit_eur_per_mwh: 100, min_level_frac: 0.1}
  origin: {kind: origin_monitor}
"""
LINKS = """  - tank.outlets -> [cells.hydrogen, engine.hydrogen]
  - [cells.demand, engine.demand] -> tank.demands
  - [cells.power, engine.power] -> bus.supplies
  - peaks.load -> [cells.load, engine.load]
  - wind.renewable_power -> origin.renewable
"""


@pytest.mark.long
def test_power_of_hydrogen_counts_once(tmp_path: Path) -> None:
    path = plant_with_customer(tmp_path, "demand_first")
    text = path.read_text(encoding="utf-8").replace("links:\n", f"{UNITS}\nlinks:\n") + LINKS
    path.write_text(text, encoding="utf-8")
    (tmp_path / "days.yaml").write_text(
        f"h2plant: 1\nname: days\nplant: {path.name}\nstart: 2023-09-11\nhours: 96\n", encoding="utf-8"
    )
    results = h2plant.run(tmp_path / "days.yaml", out=tmp_path / "run")
    assert results.summary["audit"]["n_broken"] == 0
    assert not results.summary["not_valid"]
    f = results.summary["key_figures"]
    given = results["cells.generated_j"][-1] + results["engine.generated_j"][-1]
    assert given > 1.0e9
    assert f["reconverted_mwh"] == pytest.approx(given / 3.6e9, rel=1e-9)
    # every consumer is served from wind, grid and hydrogen, each once
    supplied = f["wind_mwh"] + f["import_mwh"] + f["reconverted_mwh"] - f["export_mwh"] - f["curtailed_mwh"]
    assert f["electricity_used_mwh"] == pytest.approx(supplied, rel=1e-6)
    # and what is renewable is the wind alone
    assert results["origin.renewable_j"][-1] == pytest.approx(f["wind_mwh"] * 3.6e9, rel=1e-9)
    burnt = results["cells.burnt_kg"][-1] + results["engine.burnt_kg"][-1]
    gone = f["hydrogen_sold_kg"] + f["hydrogen_stored_change_kg"] + f["hydrogen_lost_kg"] + burnt
    assert f["hydrogen_made_kg"] == pytest.approx(gone, rel=1e-9)
    assert f["hydrogen_reconverted_kg"] == pytest.approx(burnt, rel=1e-9)
    assert f["hydrogen_served_frac"] == pytest.approx(1.0, abs=1e-4)  # less than a thousandth may be late at the end
