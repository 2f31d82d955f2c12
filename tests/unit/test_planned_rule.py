"""The rule that follows a plan: what batteries and fuel cells are told, by hand; plants that plan and run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import h2plant
from h2plant.components import KIND_BY_NAME
from h2plant.config.load import load_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.bus import UNPLANNED_W
from h2plant.core.status import NO_PLAN
from h2plant.planning.layout import layout_of, with_dispatch
from h2plant.planning.rolling import Planner
from h2plant.plant.finding import PlantError
from h2plant.session.session import load_run, prepare
from h2plant.studies.compare.outcome import outcome_of
from h2plant.testing.watched_rig import WatchedRig
from tests.unit.test_demand_first import plant_with_customer

MW = 1.0e6
LINE = {"maximum": MW, "minimum": 0.2 * MW, "reach": -1.0, "start_margin": 1.0, "held": 7200.0}
# own power, planned: line, purchase, battery; accepted, grid's limit -> line, battery, bought, sold; MW
STEPS = {
    "charged of own power beside the line": ((2.0, 1.0, 0.0, 0.4, 9.0, 9.0), (1.0, 0.4, 0.0, 0.6)),
    "the line's smallest power comes before": ((0.5, 1.0, 0.0, 0.5, 9.0, 9.0), (0.2, 0.3, 0.0, 0.0)),
    "charged of what is bought": ((0.0, 0.0, 4.0, 0.5, 9.0, 9.0), (0.0, 0.5, 0.5, 0.0)),
    "not of what is not bought": ((0.1, 0.0, 0.0, 0.5, 9.0, 9.0), (0.0, 0.1, 0.0, 0.0)),
    "no more than the grid can give": ((0.0, 0.0, 4.0, 0.5, 9.0, 0.2), (0.0, 0.2, 0.2, 0.0)),
    "given to the line": ((0.4, 0.8, 0.0, -0.4, 9.0, 9.0), (0.8, -0.4, 0.0, 0.0)),
    "given to the grid": ((0.0, 0.0, 0.0, -0.5, 9.0, 9.0), (0.0, -0.5, 0.0, 0.5)),
    "no more than the grid takes": ((0.0, 0.0, 0.0, -0.5, 0.3, 9.0), (0.0, -0.3, 0.0, 0.3)),
    "what nobody takes is stored": ((1.0, 0.0, 0.0, 0.0, 0.7, 9.0), (0.0, 0.3, 0.0, 0.7)),
    "no plan for it: as under other rules": ((0.2, 0.5, 4.0, UNPLANNED_W / MW, 9.0, 9.0), (0.5, -0.3, 0.0, 0.0)),
}


@pytest.mark.parametrize("is_plain", [True, False])
def test_batteries_follow_their_plan_by_hand(is_plain: bool) -> None:
    """A line of 0.2 to 1 MW; a battery that can take and give 0.5 MW. Every step adds up, and no law is broken."""
    for name, (given, wanted) in STEPS.items():
        n_links = {"lines": 1, "plans": 1, "available_power": 1, "grid_accepts": 1}
        n_links |= {"battery_charge": 1, "battery_discharge": 1}
        rig = WatchedRig(KIND_BY_NAME["planned"], {}, n_links, is_plain)
        rig.set_line("lines", 0, **LINE)
        own, line, purchase, battery, accepts, limit = (value * MW for value in given)
        for port, value in (
            *(("available_power", own), ("plans", line), ("purchase_plan", purchase), ("battery_plan", battery)),
            *(("grid_accepts", accepts), ("grid_limit", limit)),
            *(("battery_charge", 0.5 * MW), ("battery_discharge", 0.5 * MW)),
        ):
            rig.set_signal(port, value)
        rig.step(2, 60.0)
        found = (rig.line("setpoint"), rig.field("battery_w"), rig.field("planned_import_w"))
        assert [*found, rig.field("planned_export_w")] == pytest.approx([w * MW for w in wanted], abs=1e-3), name
        assert own + found[2] == pytest.approx(found[0] + found[1] + rig.field("planned_export_w"), abs=1e-3)
        assert rig.broken_laws() == {}, name


def test_fuel_cells_follow_their_plan_until_the_store_is_empty() -> None:
    rig = WatchedRig(KIND_BY_NAME["planned"], {}, {"lines": 1, "plans": 1})
    rig.set_line("lines", 0, **LINE)
    for level, plan, load in ((0.5, 0.7, 0.7), (0.0, 0.7, 0.0), (0.2, 1.5, 1.0), (0.2, 0.0, 0.0)):
        rig.set_signal("storage_level", level)
        rig.set_signal("load_plan", plan)
        rig.step(1, 60.0)
        assert rig.signal("load") == load
    assert rig.broken_laws() == {}
    rig.set_signal("plans", -1.0)
    assert rig.step(1, 60.0) == NO_PLAN


PARTS = """  store: {kind: battery, power_mw: 0.5, energy_mwh: 1}
  cells: {kind: fuel_cell, rated_power_kw: 200}
  peaks: {kind: reconversion, price_limit_eur_per_mwh: 100, min_level_frac: 0.1}
"""
LINKS = """  - bus.consumers -> [store.charge, store.auxiliaries]
  - [store.discharge, cells.power] -> bus.supplies
  - tank.outlets -> cells.hydrogen
  - cells.demand -> tank.demands
  - {load} -> cells.load
"""
WORTH = "planned, hydrogen_value_eur_per_kg: 6, grid_hydrogen_value_eur_per_kg: 6"


def _plant(folder: Path, rule: str, load: str) -> Path:
    """Write a plant with wind, a battery, a fuel cell and a customer under a contract."""
    path = plant_with_customer(folder, "demand_first")
    text = path.read_text(encoding="utf-8").replace("kind: demand_first", f"kind: {rule}")
    text = text.replace("links:\n", f"{PARTS}\nlinks:\n", 1) + LINKS.replace("{load}", load)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plan_takes_over_the_fuel_cells_of_a_rule_beside(tmp_path: Path) -> None:
    plant = load_plant(_plant(tmp_path, "demand_first", "peaks.load"))
    assert layout_of(plant).reconverters == ()
    layout = layout_of(with_dispatch(plant, "planned"))
    assert layout.reconverters == ("cells",) and layout.batteries == ("store",)
    assert layout.contracts == ("customer",) and layout.storage == "tank"
    back = with_dispatch(with_dispatch(plant, "planned"), "follow_wind")
    assert back.links == plant.links


def test_a_battery_with_a_set_point_of_its_own_is_not_planned(tmp_path: Path) -> None:
    path = _plant(tmp_path, WORTH, "rule.load")
    text = path.read_text(encoding="utf-8") + "  - series.own_mw -> store.setpoint\n"
    path.write_text(text.replace("series:\n", "series:\n  own_mw: {constant: 0}\n", 1), encoding="utf-8")
    assert layout_of(load_plant(path)).batteries == ()


@pytest.mark.long
def test_a_plan_with_battery_customer_and_fuel_cell_comes_true(tmp_path: Path) -> None:
    """Four days in September: the plan's expectation is met within 5 %, and it beats a rule."""
    scenario = changed_scenario(load_scenario(_plant(tmp_path, WORTH, "rule.load")), 96.0, "2023-09-11")
    _, program = prepare(scenario)
    planner = program.planning
    assert isinstance(planner, Planner)
    battery, cells = planner.reduced.battery, planner.reduced.reconversion
    assert battery is not None and cells is not None
    assert battery.window_mwh == pytest.approx(0.9, rel=0.01)  # from 0.05 to 0.95 of 1 MWh
    into, out = battery.taken[-1], battery.given[-1]
    efficiency = (into[0] * 0.5 + into[1]) / (out[0] * 0.5 + out[1])
    assert 0.85 < efficiency < 0.9  # 0.97 * 0.97, and the converter's loss of 3.1 % twice
    assert cells.loads[-1] == 1.0 and cells.powers_mw[-1] == pytest.approx(0.2, rel=0.02)
    per_mwh = cells.flows_kg_per_h[-1] / cells.powers_mw[-1]
    assert 50.0 < per_mwh < 75.0  # 40 to 60 % of 33.3 kWh/kg
    outcome = outcome_of(load_run(scenario))
    assert not outcome.not_valid
    profit = outcome.profit_eur(6.0, 6.0)
    earned = profit + planner.inputs.contract_eur + planner.rest_eur  # wind is paid for, taken or not
    expected = float(outcome.planning["expected_value_eur"])
    assert expected > 1000.0
    assert earned == pytest.approx(expected, rel=0.05)
    assert outcome.totals.sum("battery_discharged_j") > 0.5 * 3.6e9
    other = with_dispatch(load_run(scenario).plant, "battery_arbitrage")
    rule = outcome_of(replace(load_run(scenario), plant=other))
    assert profit > rule.profit_eur(6.0, 6.0)


@pytest.mark.long
def test_a_plan_that_is_run_breaks_no_law(tmp_path: Path) -> None:
    path = _plant(tmp_path, WORTH, "rule.load")
    results = h2plant.run(path, start="2023-09-11", hours=30, out=tmp_path / "run")
    assert results.summary["audit"]["n_broken"] == 0 and not results.summary["not_valid"]
    assert max(results.summary["residuals"]["plant_relative"].values()) < 1.0e-9
    assert results.summary["planning"]["n_plans"] == 2


@pytest.mark.long
def test_a_contract_that_cannot_be_met_is_told(tmp_path: Path) -> None:
    path = _plant(tmp_path, f"{WORTH}, firm_demand_frac: 1", "rule.load")
    scenario = changed_scenario(load_scenario(path), 48.0, "2023-09-11", None, None, {"customer.kg_per_day": 2000.0})
    with pytest.raises(PlantError, match=r"cannot be met on 2023-09-1\d: .* kg are missing; the lines are too small"):
        prepare(scenario)


def test_a_customer_whose_wants_are_no_series_cannot_be_planned(tmp_path: Path) -> None:
    path = _plant(tmp_path, WORTH, "rule.load")
    text = path.read_text(encoding="utf-8") + "  - cells.demand -> customer.profile\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlantError, match="no series: nobody can plan by it"):
        prepare(changed_scenario(load_scenario(path), 24.0, "2023-09-11"))
