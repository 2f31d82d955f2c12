"""The plant of ten lines in the README: it runs, serves its customer, and nothing is wrong with it."""

import re
from pathlib import Path

import h2plant
from h2plant.config.load import load_plant


def test_the_plant_of_blocks_in_the_readme_runs_and_serves_its_customer(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    text = re.search(r"```yaml\n(# coast.yaml\n.*?)```", readme, re.S)
    assert text is not None
    (tmp_path / "coast.yaml").write_text(text[1], encoding="utf-8")
    plant = load_plant(tmp_path / "coast.yaml")
    kinds = {component.kind.name for component in plant.components.values()}
    assert {"pv_array", "wind_farm", "battery", "alkaline_stack", "hydrogen_demand", "demand_first"} <= kinds
    results = h2plant.run(tmp_path / "coast.yaml", start="2023-04-01", hours=48, out=tmp_path / "out")
    figures = results.summary["key_figures"]
    assert figures["hydrogen_served_frac"] > 0.999
    assert 50.0 < figures["specific_energy_kwh_per_kg"] < 60.0
    assert results.summary["audit"]["n_broken"] == 0 and results.summary["audit"]["n_checks"] > 10_000
    assert not results.summary["not_valid"]
    assert max(results.summary["residuals"]["plant_relative"].values()) < 1.0e-9
