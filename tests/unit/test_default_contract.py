"""A source whose power is paid by the prices of its kind says so, until somebody gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.results.per_kg import component_names
from h2plant.session.session import load_run
from tests.unit.test_demand_first import plant_with_customer


@pytest.mark.parametrize(
    ("given", "is_noted"),
    [({}, True), ({"wind.block_price_eur_per_mwh": "80"}, False), ({"wind.excess_price_eur_per_mwh": "60"}, False)],
)
def test_prices_of_a_kind_are_told_until_they_are_given(tmp_path: Path, given: dict[str, str], is_noted: bool) -> None:
    scenario = load_scenario(plant_with_customer(tmp_path, "follow_wind"))
    notes = load_run(changed_scenario(scenario, 24.0, overrides=given)).plant.notes
    found = [note.what for note in notes if note.id == "default-contract"]
    assert len(found) == is_noted
    if is_noted:
        assert "the default contract of wind_farm: block_power_kw 10000 (" in found[0]
        assert "block_price_eur_per_mwh 80 (" in found[0] and "excess_price_eur_per_mwh 55 (" in found[0]


@pytest.mark.parametrize("name", ["dual_path", "pem_wind"])
def test_bundled_plants_give_their_contracts(name: str) -> None:
    notes = load_run(changed_scenario(load_scenario(name), 24.0)).plant.notes
    assert not [note for note in notes if note.id == "default-contract"]


def test_project_is_named_by_the_power_that_is_taken_off_it() -> None:
    sold = {"made": {"by_kind_of_cost_eur_per_kg": {"power sold": -1.2}}}
    assert component_names(sold) == {"project": "project − power sold"}
    assert component_names({"made": {"by_kind_of_cost_eur_per_kg": {"capital": 3.0}}}) == {}
    aided = {"made": {"by_kind_of_cost_eur_per_kg": {"power sold": -1.2, "investment grant": -0.3}}}
    assert component_names(aided) == {"project": "project − power sold − subsidies"}
    granted = {"made": {"by_kind_of_cost_eur_per_kg": {"contract for difference": -0.3}}}
    assert component_names(granted) == {"project": "project − subsidies"}
