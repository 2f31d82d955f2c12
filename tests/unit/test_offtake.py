"""Shortage is an event and a key figure; what is sold stands under its own name."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import h2plant
from h2plant import Results
from h2plant.config.load import load_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.status import LIMITED, OFF_SPEC, OK, SHORTAGE
from h2plant.session.session import prepare
from h2plant.simulation.manager import SimulationEngine
from h2plant.simulation.program import STEP
from tests.command import h2plant as command


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Results:
    return h2plant.run("minimal_day", out=tmp_path_factory.mktemp("served") / "r")


STORE = """
h2plant: 1
name: store
series:
  temp_air_degc: {constant: 15}
  wanted_kg_per_h: {constant: 100}
components:
  tank: {kind: gas_tank, n_vessels: 4, vessel_volume_m3: 10, diameter_m: 1.5, wall_thickness_mm: 60,
         min_pressure_bar: 42, max_pressure_bar: 100, relief_pressure_bar: 110, initial_pressure_bar: 100}
  customer: {kind: product_sink, h2_price_eur_per_kg: 5}
links:
  - series.wanted_kg_per_h -> tank.demands
  - tank.outlets -> customer.inlet
"""
STORE_DAY = "h2plant: 1\nname: day\nplant: store.yaml\nstart: 2023-07-03\nhours: 24\n"


@pytest.fixture
def store(tmp_path) -> Path:
    (tmp_path / "store.yaml").write_text(STORE, encoding="utf-8")
    (tmp_path / "day.yaml").write_text(STORE_DAY, encoding="utf-8")
    return tmp_path / "day.yaml"


@pytest.mark.parametrize("engine", ["optimized", "baseline"])
def test_tank_that_cannot_give_what_is_asked_says_so(store, tmp_path, engine):
    """On v0.1.0 a tank that gave 276 of 2,400 kg said nothing: what ``emit`` returned was dropped."""
    hours = 24.0 if engine == "optimized" else 4.0
    results = h2plant.run(store, engine=engine, hours=hours, out=tmp_path / "r", set={"tank.n_vessels": 1})
    figures = results.summary["key_figures"]
    (event,) = results.events.to_pylist()
    assert (event["component"], event["code"], event["what"]) == ("tank", SHORTAGE, "supply short")
    asked = 100.0 * hours
    assert figures["hydrogen_sold_kg"] + figures["hydrogen_unserved_kg"] == pytest.approx(asked, rel=1e-9)
    assert event["amount"] == pytest.approx(figures["hydrogen_unserved_kg"], rel=1e-9)
    assert event["peak"] == pytest.approx(100.0 / 3600.0, rel=1e-3)  # empty at the end
    # 10 m3 from 100 to 42 bar at 15 degC hold 45 kg (CoolProp: 7.945 and 3.457 kg/m3), what cools while it empties less
    assert 35.0 < figures["hydrogen_sold_kg"] < 45.0


def test_both_engines_report_the_same_events(store, tmp_path):
    found = [
        h2plant.run(store, engine=engine, hours=3, out=tmp_path / engine, set={"tank.n_vessels": 1}).events.to_pylist()
        for engine in ("optimized", "baseline")
    ]
    assert [(e["component"], e["code"], e["start"], e["end"]) for e in found[0]] == [
        (e["component"], e["code"], e["start"], e["end"]) for e in found[1]
    ]
    assert found[0][0]["amount"] == pytest.approx(found[1][0]["amount"], rel=1e-4)


def test_emit_and_step_of_a_component_have_events_of_their_own(served):
    """The tank is short in the evening while its gas is off specification: neither event cuts the other in pieces."""
    events = [e for e in served.events.to_pylist() if e["component"] == "tank"]
    short = [e for e in events if e["code"] == SHORTAGE]
    assert len(short) == 1
    overlapping = [
        e for e in events if e["code"] != SHORTAGE and e["start"] < short[0]["end"] and short[0]["start"] < e["end"]
    ]
    assert overlapping
    assert sum((e["end"] - e["start"]).total_seconds() for e in overlapping) > 3600.0


def test_every_status_of_emit_becomes_an_event(store):
    """Codes that change from step to step: each opens an event of its own, the last is closed by the end of the run."""
    _, program = prepare(changed_scenario(load_scenario(store), hours=0.1))
    codes = [SHORTAGE, SHORTAGE, OFF_SPEC, OK, LIMITED, SHORTAGE]

    def emit(_c: Any, bus: list[float], _props: object, _dt: float) -> int:
        step = int(program.arrays.counters[STEP])
        bus[EVENT_AMOUNT] = 1.0 + step
        return codes[step]

    engine = SimulationEngine(program)
    engine._emit[program.component_kinds[program.component_ids.index("tank")]] = emit
    engine.begin()
    taken: list[Any] = []
    engine.run(6, lambda rows, events: taken.extend(events))
    assert {event.component for event in taken} == {"tank"}
    assert [(e.code, e.first_step, e.last_step, e.amount / 60.0) for e in taken] == [
        (SHORTAGE, 0, 1, 1.0 + 2.0), (OFF_SPEC, 2, 2, 3.0), (LIMITED, 4, 4, 5.0), (SHORTAGE, 5, 5, 6.0)
    ]  # fmt: skip


def test_trailers_that_leave_or_wait_empty_count_as_unserved(served):
    """A day asks for two trailers of 280 kg, and one of them stands empty at the bay when it begins."""
    figures = served.summary["key_figures"]
    asked = 280.0 + 2 * 280.0
    assert figures["hydrogen_sold_kg"] + figures["hydrogen_unserved_kg"] == pytest.approx(
        asked,
        abs=3.0,  # trailers take the water and oxygen in the gas as well
    )


def test_series_that_asks_through_a_cascade_counts(tmp_path):
    text = STORE.replace("  customer:", "  draw: {kind: cascade_draw}\n  customer:")
    text = text.replace("series.wanted_kg_per_h -> tank.demands", "series.wanted_kg_per_h -> draw.demand")
    text += "  - draw.demands -> tank.demands\n  - tank.level -> draw.levels\n"
    (tmp_path / "store.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "day.yaml").write_text(STORE_DAY, encoding="utf-8")
    figures = h2plant.run(tmp_path / "day.yaml", out=tmp_path / "r").summary["key_figures"]
    # the demand of a step reaches the tank in the next: up to one step's 1.67 kg is under way at the end
    assert figures["hydrogen_sold_kg"] + figures["hydrogen_unserved_kg"] == pytest.approx(2400.0, abs=1.7)
    assert figures["hydrogen_unserved_kg"] > 2000.0


SHARED = (
    STORE.replace("{constant: 100}", "{values: [100, 100, 0, 0], resolution_h: 1, repeat: true}")
    .replace("n_vessels: 4", "n_vessels: 2")
    .replace("links:", "  trailers: {kind: truck_loading, n_bays: 1, n_trailers_per_day: 2}\nlinks:")
    + "  - trailers.demand -> tank.demands\n  - tank.outlets -> trailers.inlet\n"
)


def test_series_that_shares_a_tank_with_trailers_is_charged_with_what_it_missed(tmp_path):
    """By hand from the log of minutes: what the series asked, less what its outlet gave, in every minute."""
    (tmp_path / "store.yaml").write_text(SHARED, encoding="utf-8")
    (tmp_path / "day.yaml").write_text(STORE_DAY, encoding="utf-8")
    results = h2plant.run(tmp_path / "day.yaml", log_every_s=60, out=tmp_path / "r")
    asked = np.where(np.arange(1440) // 60 % 4 < 2, 100.0 / 60.0, 0.0)
    given = 60.0 * results["customer.flow_kg_per_s"]
    missed = float(np.maximum(asked - given, 0.0).sum())
    trailers = results["trailers.missed_kg"][-1] + results["trailers.room_kg"][-1]
    assert 100.0 < missed < asked.sum()
    found = results.summary["key_figures"]["hydrogen_unserved_kg"]
    assert found == pytest.approx(missed + trailers, abs=1.0)


def test_hydrogen_sold_through_a_sink_is_called_hydrogen(store, tmp_path):
    answer = command("run", store, "--out", tmp_path / "r")
    assert "oxygen" not in answer.text
    figures = Results(tmp_path / "r").summary["key_figures"]
    assert figures["hydrogen_revenue_eur"] == pytest.approx(5.0 * figures["hydrogen_sold_kg"], rel=1e-12)
    assert not [name for name in figures if name.startswith(("oxygen", "nitrogen", "water_revenue"))]


PRODUCTS = """
  extra: {kind: product_sink, h2_price_eur_per_kg: 3, o2_price_eur_per_kg: 0.5, water_price_eur_per_kg: -2}
"""


def test_each_product_earns_under_its_own_name(tmp_path):
    """Hydrogen in the drum's gas, water from its drain: sold and disposed of, each under its name, summed by hand."""
    text = load_plant("minimal").text.replace("\nlinks:\n", f"{PRODUCTS}\nlinks:\n  - drum.drain -> extra.inlet\n")
    file = tmp_path / "plant.yaml"
    file.write_text(text, encoding="utf-8")
    results = h2plant.run(file, hours=24, start="2023-07-03", out=tmp_path / "r")
    taken = next(row for row in results.ledger.to_pylist() if row["component"] == "extra")
    figures = results.summary["key_figures"]
    assert taken["inflow_h2o_kg"] > 1.0
    assert figures["water_revenue_eur"] == pytest.approx(-2.0 * taken["inflow_h2o_kg"], rel=1e-12)
    assert figures.get("oxygen_revenue_eur", 0.0) == pytest.approx(0.5 * taken["inflow_o2_kg"], abs=1e-9)
    by_cost = results.summary["economics"]["by_kind_of_cost_eur_per_kg"]
    made = figures["hydrogen_made_kg"]
    assert by_cost["water sold"] == pytest.approx(2.0 * taken["inflow_h2o_kg"] / made, rel=1e-9)
    assert "oxygen sold" not in by_cost or by_cost["oxygen sold"] == pytest.approx(-0.5 * taken["inflow_o2_kg"] / made)
