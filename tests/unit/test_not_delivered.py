"""Hydrogen that was made and not delivered: the ways add up, are named, and are shown as they are."""

import dataclasses
import math

import pytest

import h2plant
from h2plant.results.not_delivered import not_delivered, not_delivered_rows
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
