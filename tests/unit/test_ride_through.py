"""Power by name in a whole plant: imbalance, the store on the bus, blackouts; each is counted, paid for and emits."""

import numpy as np
import pytest

import h2plant
from h2plant import Results
from h2plant.core.constants import J_PER_MWH
from h2plant.core.status import BLACKOUT, IMBALANCE
from tests.command import h2plant as command
from tests.unruled import write_day

pytestmark = pytest.mark.long


def parts_w(results: Results) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return what each named source gave in each step, W, and what was drawn from the bus."""
    given = {
        "import": results["grid.import_w"] - results["grid.imbalance_w"],
        "imbalance": results["grid.imbalance_w"],
        "export": -results["grid.export_w"],
        "curtailed": -results["grid.curtailed.power_w"],
        "ride-through": results["bus.ride_through_given_w"] - results["bus.ride_through_taken_w"],
        "emergency": results["bus.emergency.power_w"],
    }
    return given, results["bus.load_w"]


@pytest.fixture(scope="module")
def dark(tmp_path_factory) -> Results:
    """A day at 0.7 MW of the 1.2 that are drawn: the store carries two minutes, then it is dark."""
    folder = tmp_path_factory.mktemp("dark")
    return h2plant.run(write_day(folder), out=folder / "r", set={"grid.import_limit_mw": 0.7})


def test_draws_equal_named_sources_in_each_step(dark):
    given, load = parts_w(dark)
    assert np.abs(sum(given.values()) - load).max() <= 1e-9 * load.max()
    assert dark["grid.import_w"].max() <= 0.7e6
    assert dark["bus.stored_j"].min() >= 0.0 and dark["bus.stored_j"].max() <= 72.0e6
    assert not dark["grid.unserved.power_w"].any()
    assert dark.summary["residuals"]["worst_relative"] < 1e-9


def test_key_figures_of_supply_close_with_use(dark):
    k = dark.summary["key_figures"]
    supplied = (
        k["import_mwh"] + k["emergency_mwh"] - k["export_mwh"] - k["curtailed_mwh"] - k["ride_through_change_mwh"]
    )
    assert supplied == pytest.approx(k["electricity_used_mwh"], rel=1e-9)
    assert k["unserved_mwh"] == 0.0 and k["ride_through_change_mwh"] == pytest.approx(-0.02, abs=1e-9)
    parts = k["electrolysis_mwh"] + k["balance_of_plant_mwh"] + k["conversion_loss_mwh"]
    assert parts == pytest.approx(k["electricity_used_mwh"], rel=1e-12)


def test_blackout_is_one_event_and_what_it_costs_is_said(dark):
    (event,) = [e for e in dark.events.to_pylist() if e["code"] == BLACKOUT]
    k = dark.summary["key_figures"]
    assert event["component"] == "bus" and event["amount"] / J_PER_MWH == pytest.approx(k["emergency_mwh"], rel=1e-9)
    assert k["blackouts"] == 1
    assert k["emergency_cost_eur"] == pytest.approx(k["emergency_mwh"] * 460.0, rel=1e-9)
    bought = float(dark["grid.cost.eur_per_s"].sum() * 60.0)
    assert k["electricity_net_cost_eur"] == pytest.approx(bought + k["emergency_cost_eur"], rel=1e-9)
    (fault,) = dark.summary["not_valid"]
    hours = k["blackout_h"]
    assert (fault["id"], fault["component"]) == ("blackout", "bus")
    assert fault["emergency_mwh"] == pytest.approx(k["emergency_mwh"], rel=1e-12)
    assert fault["text"].startswith(f"blackout at 'bus': once, {hours:.1f} h, ")
    assert fault["text"].endswith("MWh from the emergency supply")
    assert k["hydrogen_cost_eur_per_kg"] is None  # far more than a thousandth


def test_small_blackout_leaves_the_cost_and_ends_with_3(tmp_path):
    """A minute at 0.8 of the MW that is drawn, and a store of 1 kWh; the cost has the generator's share."""
    day = write_day(tmp_path, "series.limit_mw -> bus.grid_limit", limit_mw=2.0)
    plain = h2plant.run(day, out=tmp_path / "plain").summary
    text = (tmp_path / "plant.yaml").read_text(encoding="utf-8")
    values = ", ".join(["2.0"] * 600 + ["0.8"] + ["2.0"] * 900)
    limit = f"limit_mw: {{values: [{values}], start: 2023-07-03, resolution_s: 60, mode: hold}}"
    (tmp_path / "plant.yaml").write_text(text.replace("limit_mw: {constant: 2.0}", limit), encoding="utf-8")
    answer = command("run", day, "--set", "bus.ride_through_kwh=1", "--out", tmp_path / "r")
    assert answer.exit_code == 3, answer
    assert answer.stdout.splitlines()[0].startswith("not valid: blackout at 'bus': once, 0.3 h, ")
    assert "kWh from the emergency supply" in answer.stdout.splitlines()[0]
    summary = Results(tmp_path / "r").summary
    k, before = summary["key_figures"], plain["key_figures"]
    assert 0.0 < k["emergency_mwh"] < 1e-3 * k["electricity_used_mwh"]
    assert k["hydrogen_cost_eur_per_kg"] > 0.0 and summary["economics"]["not_valid"] == ""
    kinds = summary["economics"]["by_kind_of_cost_eur_per_kg"]
    assert kinds["emergency supply"] == pytest.approx(k["emergency_cost_eur"] / k["hydrogen_made_kg"], rel=1e-9)
    of_diesel = k["emergency_mwh"] * 3600.0 * 0.0951 / 0.37  # t/TJ: 95.1 g/MJ of diesel
    more = (k["carbon_kg_per_kg"] - before["carbon_kg_per_kg"]) * k["hydrogen_made_kg"]
    refilled = (k["import_mwh"] - before["import_mwh"]) / before["import_mwh"]
    of_import = before["carbon_kg_per_kg"] * before["hydrogen_made_kg"] * refilled
    assert more == pytest.approx(of_diesel + of_import, rel=1e-6)
    assert "emergency supply" in answer.stdout and "imbalance" not in answer.stdout  # what is zero is not shown


def test_imbalance_has_its_own_price_and_the_carbon_of_the_grid(tmp_path):
    planned = h2plant.run(write_day(tmp_path), out=tmp_path / "planned").summary["key_figures"]
    results = h2plant.run(write_day(tmp_path, "series.plan_mw -> grid.planned_import", plan_mw=0.9), out=tmp_path / "r")
    k = results.summary["key_figures"]
    imported = results["grid.import_w"]
    beyond = np.maximum(imported - 0.9e6, 0.0)
    assert 0.0 < beyond.max() and k["imbalance_mwh"] == pytest.approx(beyond.sum() * 60.0 / J_PER_MWH, rel=1e-9)
    surcharge = k["imbalance_mwh"] * 75.0
    assert k["electricity_net_cost_eur"] == pytest.approx(planned["electricity_net_cost_eur"] + surcharge, rel=1e-9)
    paid = ((results["series.price_eur_per_mwh"] * J_PER_MWH + 10.0 + 75.0) * beyond).sum() * 60.0 / J_PER_MWH
    assert k["imbalance_cost_eur"] == pytest.approx(paid, rel=1e-9)
    assert k["carbon_kg_per_kg"] == pytest.approx(planned["carbon_kg_per_kg"], rel=1e-12)
    kinds = results.summary["economics"]["by_kind_of_cost_eur_per_kg"]
    of_energy = (k["imbalance_cost_eur"] - 10.0 * k["imbalance_mwh"]) / k["hydrogen_made_kg"]
    assert kinds["imbalance"] == pytest.approx(of_energy, rel=1e-9)  # the grid's fee on it stands with the fees
    band = 0.01 * 2.0e6
    n = int((np.diff(np.concatenate([[0], (beyond > band).astype(int)])) == 1).sum())
    assert len([e for e in results.events.to_pylist() if e["code"] == IMBALANCE]) == n > 0
    assert results.summary["not_valid"] == []


def test_store_of_a_plant_that_never_needs_it_changes_nothing_but_its_cost(tmp_path):
    day = write_day(tmp_path, hours=6)
    runs = [h2plant.run(day, out=tmp_path / str(i), set={"bus.ride_through_kwh": i}).summary for i in (0, 20)]
    without, with_store = (run["key_figures"] for run in runs)
    for name in ("hydrogen_made_kg", "electricity_used_mwh", "import_mwh", "electricity_net_cost_eur"):
        assert with_store[name] == without[name]
    # 1 MW at 339 and 83.3 kWh (five minutes of it) at 241 USD, before what is indirect
    more = with_store["capex_eur"] - without["capex_eur"]
    assert more > (339.0e3 + 83.33 * 241.0) / 1.0813


@pytest.mark.parametrize("engine", ["optimized", "baseline"])
def test_rest_is_shed_on_both_engines(tmp_path, engine):
    """The trailers of the smallest plant wait while it is dark, by the role of the bus."""
    day = write_day(tmp_path, hours=12)
    found = h2plant.run(day, engine=engine, hours=9, out=tmp_path / engine, set={"grid.import_limit_mw": 0.1})
    dark = found["bus.is_blackout"] > 0.0
    asked = found["trailers.demand_kg_per_s"]
    assert dark.any() and not asked[1:][dark[:-1]].any()
    lit = h2plant.run(day, engine=engine, hours=9, out=tmp_path / f"{engine}-lit")
    assert lit["trailers.demand_kg_per_s"].any() and not (lit["bus.is_blackout"] > 0.0).any()


def test_what_a_store_held_at_the_start_makes_no_free_hydrogen(tmp_path):
    """A day of 1 MW from a store of 40 MWh and no grid: nobody paid for the power, so there is no cost."""
    day = write_day(tmp_path)
    store = {"bus.ride_through_kwh": 40e3, "bus.ride_through_power_kw": 3e3, "grid.import_limit_mw": 0.0}
    summary = h2plant.run(day, out=tmp_path / "r", set=store).summary
    (fault,) = summary["not_valid"]
    k = summary["key_figures"]
    assert (fault["id"], fault["component"]) == ("store-drained", "bus")
    assert fault["unsourced_mwh"] == pytest.approx(-k["ride_through_change_mwh"]) and k["hydrogen_made_kg"] > 100.0
    assert k["hydrogen_cost_eur_per_kg"] is None and k["carbon_kg_per_kg"] is None
