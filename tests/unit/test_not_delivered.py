"""Hydrogen that was made and not delivered: the ways add up, are named, and are shown as they are."""

import copy
import dataclasses
import math

import pyarrow.parquet as pq
import pytest

import h2plant
from h2plant.audit.figures import check_run
from h2plant.components import KIND_BY_NAME
from h2plant.config.load import load_plant
from h2plant.config.scenario import load_scenario, load_scenario_plant
from h2plant.economics.settings import read_settings
from h2plant.results.not_delivered import not_delivered, not_delivered_rows
from h2plant.results.products import sold
from h2plant.results.totals import H2, Totals
from h2plant.session.session import Session
from tests.command import h2plant as command


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    return h2plant.run("minimal", hours=12, out=tmp_path_factory.mktemp("ways") / "r")


def _one(component, port, what, kg):
    return {"component": component, "port": port, "what": what, "kg": kg}


def test_ways_add_up_to_made_less_sold_and_are_those_of_the_ledger(day):
    figures, found = day.summary["key_figures"], day.summary["not_delivered"]
    made, sold = figures["hydrogen_made_kg"], figures["hydrogen_sold_kg"]
    assert (found["made_kg"], found["delivered_kg"]) == (made, sold)
    ways = {(way["component"], way["port"]): way for way in found["ways"]}
    assert math.fsum(way["kg"] for way in ways.values()) == pytest.approx(made - sold, rel=1e-9, abs=1e-9 * made)
    held = {row["component"]: row["stored_after_h2_kg"] - row["stored_before_h2_kg"] for row in day.ledger.to_pylist()}
    assert ways["tank", ""]["kg"] == pytest.approx(held["tank"], rel=1e-9)
    kept = sum(way["kg"] for way in ways.values() if not way["port"])
    assert kept == pytest.approx(figures["hydrogen_stored_change_kg"], rel=1e-9)
    lost = sum(way["kg"] for way in ways.values() if way["port"])
    assert lost == pytest.approx(figures["hydrogen_lost_kg"], rel=1e-6)
    assert ways["stack", "oxygen"]["what"] == "crossed over, with oxygen"
    assert ways["stack", "vent"]["what"] == "vented"


def test_what_a_balance_leaves_open_is_said():
    """A kilogram that a tank is said to hold more than it does: the ways no longer add up, and the table says so."""
    session = Session("minimal", hours=2)
    session.run()
    ledger = session.ledger()
    after = ledger.stored_after.copy()
    after[list(ledger.component_ids).index("tank"), H2] += 1.0
    found = not_delivered(Totals(session.program, dataclasses.replace(ledger, stored_after=after), session.plant))
    assert found["ways"][-1]["what"] == "not accounted for" or any(
        way["what"] == "not accounted for" and way["kg"] == pytest.approx(-1.0, rel=1e-6) for way in found["ways"]
    )


def test_rows_join_what_differs_by_a_number_and_sum_the_rest(capsys):
    ways = [_one(f"stack_{k}", "vent", "vented", 2.0) for k in (2, 1, 3)]
    ways += [_one("tank", "", "stored less at the end", -7.5), _one("dryer", "purge", "purge gas", 0.3)]
    ways += [_one("drum", "drain", "drained, in water", 0.01)]
    found = {"not_delivered": {"made_kg": 100.0, "delivered_kg": 101.19, "ways": ways}}
    assert not_delivered_rows(found, 2) == [
        ("tank", "stored less at the end", -7.5),
        ("stack_1.vent and 2 alike", "vented", 6.0),
        ("and 2 more: see 'not_delivered' in summary.json", "", pytest.approx(0.31)),
        ("made 100.0 less delivered 101.2: more, from stores", "", pytest.approx(-1.19)),
    ]
    assert not_delivered_rows({}, 2) == []
    tiny = {"made_kg": 1.0, "delivered_kg": 1.0, "ways": [_one("drum", "drain", "drained", 0.01)]}
    assert not_delivered_rows({"not_delivered": tiny}, 2) == []


def test_a_run_prints_them_within_its_columns(tmp_path):
    answer = command("run", "minimal", "--hours", 12, "--out", tmp_path / "r")
    assert "hydrogen that was not delivered" in answer.text and "stack.vent" in answer.text
    assert max(map(len, answer.stdout.splitlines())) <= 80


OXYGEN_SOLD = """
  oxygen_drum: {kind: liquid_separator}
  oxygen_sale: {kind: product_sink, o2_price_eur_per_kg: 0.05}
  left_out: {kind: product_sink}
  pipeline: {kind: product_sink, h2_price_eur_per_kg: 4}
"""
OXYGEN_LINKS = """
  - stack.oxygen -> oxygen_drum.inlet
  - oxygen_drum.gas -> oxygen_sale.inlet
  - drum.drain -> left_out.inlet
  - stack.vent -> pipeline.inlet
"""


@pytest.fixture(scope="module")
def oxygen_sold(tmp_path_factory):
    folder = tmp_path_factory.mktemp("oxygen")
    text = load_plant("minimal").text.replace("\nlinks:\n", f"{OXYGEN_SOLD}\nlinks:{OXYGEN_LINKS}")
    (folder / "plant.yaml").write_text(text, encoding="utf-8")
    return h2plant.run(folder / "plant.yaml", hours=12, out=folder / "r")


def test_hydrogen_in_oxygen_and_water_that_is_taken_is_not_sold(oxygen_sold):
    """By the ledger: trailers and the pipeline buy hydrogen; who buys oxygen, or takes water, gets some with it."""
    taken = {row["component"]: row for row in oxygen_sold.ledger.to_pylist()}
    figures, found = oxygen_sold.summary["key_figures"], oxygen_sold.summary["not_delivered"]
    crossed, dissolved = taken["oxygen_sale"]["inflow_h2_kg"], taken["left_out"]["inflow_h2_kg"]
    sold = taken["trailers"]["inflow_h2_kg"] + taken["pipeline"]["inflow_h2_kg"]
    assert crossed > 1e-3 * figures["hydrogen_made_kg"] and dissolved > 0.0 and taken["pipeline"]["inflow_h2_kg"] > 0.0
    assert figures["hydrogen_sold_kg"] == found["delivered_kg"] == pytest.approx(sold, rel=1e-12)
    assert figures["oxygen_sold_kg"] == pytest.approx(taken["oxygen_sale"]["inflow_o2_kg"], rel=1e-12)
    ways = {(way["component"], way["port"]): way for way in found["ways"]}
    assert ways["oxygen_sale", "delivered"]["what"] == "crossed over, with oxygen"
    assert ways["oxygen_sale", "delivered"]["kg"] == pytest.approx(crossed, rel=1e-9)
    assert ways["left_out", "delivered"]["what"] == "handed over, not sold, in water"
    assert ("pipeline", "delivered") not in ways and "plant" not in {way["component"] for way in found["ways"]}
    lost = math.fsum(way["kg"] for way in ways.values() if way["port"])
    assert figures["hydrogen_lost_kg"] == pytest.approx(lost, rel=1e-6)


def test_the_audit_counts_hydrogen_that_is_sold_by_itself(oxygen_sold):
    """No false alarm; and were all hydrogen that goes out through a sink called sold, each figure of it is named."""
    assert _broken(oxygen_sold, oxygen_sold.summary) == set()
    summary = copy.deepcopy(oxygen_sold.summary)
    taken = {row["component"]: row for row in oxygen_sold.ledger.to_pylist()}
    more, found = taken["oxygen_sale"]["inflow_h2_kg"], summary["not_delivered"]
    summary["key_figures"]["hydrogen_sold_kg"] += more
    summary["key_figures"]["hydrogen_lost_kg"] -= more
    found["delivered_kg"] += more
    found["ways"] = [way for way in found["ways"] if way["component"] != "oxygen_sale"]
    named = {"hydrogen_sold_kg", "hydrogen_lost_kg", "not_delivered.delivered_kg", "not_delivered.ways.oxygen_sale"}
    assert named <= _broken(oxygen_sold, summary)


def _broken(results, summary):
    scenario = load_scenario(results.folder / "scenario.json")
    plant = load_scenario_plant(scenario)
    ledger, log = results.ledger, pq.ParquetFile(results.folder / "log.parquet")
    text = (results.folder / "cash_flow.csv").read_text(encoding="utf-8")
    checks, _ = check_run(summary, log, ledger, text, plant, read_settings(plant).model_dump())
    return {check.figure for check in checks if check.share > 1.0}


@pytest.mark.parametrize(
    ("price", "oxygen_kg", "hydrogen_kg"),
    [(0.0, 0.1, 1.0), (0.0, 17.0, 0.0), (4.0, 17.0, 1.0), (-0.1, 0.1, 0.0), (0.0, 0.0, 1.0)],
)
def test_what_is_bought_has_a_price_or_is_most_of_the_stream(price, oxygen_kg, hydrogen_kg):
    """A kilogram of hydrogen, 496 mol, with oxygen (16 kg are 500 mol): bought if paid for, or most and for nothing."""
    (reading,) = [reading for reading in sold("hydrogen").readings(KIND_BY_NAME["product_sink"].role) if reading.name]
    assert reading.name == "h2_price_eur_per_kg"
    assert sold("hydrogen").combine([price, 1.0, oxygen_kg, 0.0, 0.0]) == hydrogen_kg
    wet = [price, 1.0, oxygen_kg, 0.0, 51.0]  # 5.7 mol of water for each of hydrogen, as protons drag it
    assert sold("hydrogen").combine(wet) == hydrogen_kg
    assert sold("hydrogen").combine([0.0, 1.0e-3, 0.0, 0.0, 100.0]) == 0.0  # dissolved in water
    assert sold("oxygen").combine([0.0, oxygen_kg, 1.0, 0.0, 0.0]) == (oxygen_kg if oxygen_kg > 16.0 else 0.0)
