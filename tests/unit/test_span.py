"""What a run of some days can say of a year, and what its stock is worth: by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

import h2plant
from h2plant import Results
from h2plant.economics.span import (
    LEAST_RETURN_H,
    MOST_STOCK_FRAC,
    RETURNS,
    Stock,
    no_return,
    scaled_note,
    span_in_words,
    stock_dominates,
)
from tests.command import h2plant as command

EMPTIED = {"tank.initial_pressure_bar": 100, "tank.n_vessels": 8}
"""A full store in which trailers find their hydrogen, while the stack makes less than they take."""
OF_RETURN = ("net_present_value_eur", "internal_rate_frac", "payback_years")


@pytest.fixture(scope="module")
def emptied(tmp_path_factory) -> Results:
    out = tmp_path_factory.mktemp("emptied") / "r"
    return h2plant.run("minimal_day", out=out, set=EMPTIED, log_every_s=60)


def test_emptied_tank_pays_for_its_refilling_to_the_euro(emptied):
    """By hand from the log: mass in the tank at the end against 100 bar, at power and water per kilogram made."""
    figures, stock = emptied.summary["key_figures"], emptied.summary["economics"]["stock"]
    left_stack = float(emptied["stack.hydrogen.h2_kg_per_s"].sum()) * 60.0
    made = figures["hydrogen_made_kg"]
    assert left_stack == pytest.approx(made, rel=0.01)  # less what crosses the membrane
    paid = float(emptied["grid.cost.eur_per_s"].sum() + emptied["water.cost.eur_per_s"].sum()) * 60.0
    change = figures["hydrogen_stored_change_kg"]
    # 80 m3 from 100 bar and 15 degC (CoolProp: 7.945 kg/m3) to where the evening left them
    held = emptied["tank.h2_kg"]
    assert change == pytest.approx(float(held[-1]) - 80.0 * 7.945, abs=8.0)
    assert change < -0.5 * made
    assert stock["value_eur"] == pytest.approx(change * paid / made, abs=0.5)
    assert figures["stock_change_eur"] == stock["value_eur"] < 0.0
    assert stock["price_eur_per_kg"] == pytest.approx(paid / made, rel=1e-3)


def test_day_with_an_emptied_tank_has_no_return(emptied):
    """On v0.1.0 such a day had a net present value of millions and a rate of return of 18 %."""
    figures, economics = emptied.summary["key_figures"], emptied.summary["economics"]
    assert [figures[name] for name in OF_RETURN] == [None, None, None]
    why = "a run of 1 day does not tell what a year earns: take at least 28 days"
    assert {economics["reasons"][name] for name in RETURNS} == {why}
    assert economics["price_eur_per_kg"] is None
    assert (emptied.folder / "cash_flow.csv").read_text() == f"none: {why}\n"
    assert figures["hydrogen_cost_eur_per_kg"] > 0.0
    assert economics["scaled"] == {
        "by_ratio": 365.0,
        "figures": ["hydrogen_cost_eur_per_kg", "hydrogen_cost_after_tax_eur_per_kg"],
        "note": "scaled to a year, 1 day times 365, so of that time alone",
    }


def test_terminal_page_and_json_say_so(emptied, tmp_path):
    answer = command("run", "minimal_day", *[w for k, v in EMPTIED.items() for w in ("--set", f"{k}={v}")],
                     "--out", tmp_path / "r")  # fmt: skip
    stock = emptied.summary["economics"]["stock"]
    text = " ".join(answer.stdout.split())
    assert f"stock at the end against the start: {stock['change_kg']:+,.0f} kg, {stock['value_eur']:+,.0f} EUR" in text
    assert "a run of 1 day does not tell what a year earns" in text
    assert "scaled to a year, 1 day times 365, so of that time alone: cost of hydrogen" in text
    from h2plant.cli.report import make_report

    page = make_report(emptied).read_text(encoding="utf-8")
    assert (
        "No net present value, no internal rate of return, real, after tax, no payback, not discounted: a run of 1 day"
        in page
    )
    assert "Stock at the end against the start" in page and "1 day times 365" in page
    assert json.loads((emptied.folder / "summary.json").read_text())["key_figures"]["payback_years"] is None


def test_price_of_the_stock_can_be_given():
    given = h2plant.run("minimal_day", hours=24, set={**EMPTIED, "economics.stock_value_eur_per_kg": 2.5})
    change = given.summary["key_figures"]["hydrogen_stored_change_kg"]
    assert given.summary["key_figures"]["stock_change_eur"] == pytest.approx(2.5 * change, rel=1e-12)
    assert "economics.stock_value_eur_per_kg" in given.summary["economics"]["stock"]["text"]
    answer = command("run", "minimal_day", "--hours", 1, "--set", "economics.stock_value_eur_per_kg=-1")
    assert answer.exit_code == 2 and "stock_value_eur_per_kg" in answer.text


def test_nothing_made_gives_the_stock_no_value():
    run = h2plant.run("minimal_day", hours=1, set={"rule.pem_price_limit_eur_per_mwh": -1000})
    figures, economics = run.summary["key_figures"], run.summary["economics"]
    assert figures["hydrogen_made_kg"] == 0.0
    if figures["hydrogen_stored_change_kg"] != 0.0:
        assert figures["stock_change_eur"] is None and "without a value" in economics["reasons"]["stock_change_eur"]


def test_four_weeks_have_a_return_unless_the_stock_says_too_much():
    assert no_return(LEAST_RETURN_H, Stock(), 1000.0) == ""
    assert "27 days" in no_return(27 * 24.0, Stock(), 1000.0)
    edge = Stock(MOST_STOCK_FRAC * 1000.0, 4.0)
    assert no_return(8760.0, edge, 1000.0) == ""
    why = no_return(8760.0, Stock(-101.0, 4.0), 1000.0)
    assert why.startswith("the stock shrank by 101 kg, 10% of the hydrogen made")
    assert stock_dominates(Stock(200.0), 1000.0).startswith("the stock grew by 200 kg, 20%")
    assert stock_dominates(Stock(200.0), 0.0) == ""  # without hydrogen there is no cost either


@pytest.mark.parametrize(
    ("hours", "text"),
    [(24.0, "1 day"), (48.0, "2 days"), (1.0, "1 hour"), (8.0, "8 hours"), (36.0, "36 hours"), (672.0, "28 days")],
)
def test_span_in_words(hours, text):
    assert span_in_words(hours) == text


def test_a_year_is_scaled_by_nothing():
    assert scaled_note(8760.0) == "" and scaled_note(8784.0) != ""


def test_stock_adds_to_what_a_kilogram_made_has_earned():
    """1,000 kg made, 900 sold at 5 EUR, 100 added at 2 EUR: 4.70 EUR per kg made; by kg sold it lowers the cost."""
    from dataclasses import replace

    from h2plant.economics.appraisal import appraise
    from tests.unit.test_appraisal import PLANT, YEAR, settings

    made = YEAR.total_made_kg
    year = replace(YEAR, sold_kg=0.9 * made, hydrogen_revenue_eur=5.0 * 0.9 * made, stock_eur=2.0 * 0.1 * made)
    assert appraise(PLANT, settings(), year).price_eur_per_kg == pytest.approx(4.7, rel=1e-12)
    with_price = appraise(PLANT, settings(hydrogen_price_eur_per_kg=5.0), year)
    assert with_price.price_eur_per_kg == pytest.approx(4.7, rel=1e-12)
    without = replace(year, stock_eur=0.0)
    by_sold = settings(hydrogen_basis="sold")
    costs = [appraise(PLANT, by_sold, one) for one in (year, without)]
    assert costs[1].closed_form_eur_per_kg - costs[0].closed_form_eur_per_kg == pytest.approx(0.2 / 0.9, rel=1e-9)
    assert costs[0].price_eur_per_kg == pytest.approx(5.0, rel=1e-12)
    assert costs[0].by_kind_of_cost()["stock change"] == pytest.approx(-0.2 / 0.9, rel=1e-9)
    refused = appraise(PLANT, settings(), year, no_return="why")
    assert refused.table is None and refused.reasons["net_present_value_eur"] == "why"
    assert refused.closed_form_eur_per_kg == appraise(PLANT, settings(), without).closed_form_eur_per_kg


def test_search_for_a_return_in_too_short_a_span_says_why(tmp_path: Path):
    study = """
h2plant: 1
study: short
kind: optimize
scenario: minimal_day
hours: 2
parameters: [{name: size, path: stack.rated_power_mw, range: [0.8, 1.0]}]
objectives: [{maximize: net_present_value_eur}]
search: {sampler: tpe, trials: 4, seed: 1}
outputs: [net_present_value_eur]
"""
    (tmp_path / "short.yaml").write_text(study, encoding="utf-8")
    answer = command("optimize", tmp_path / "short.yaml", "--out", tmp_path / "o")
    assert answer.exit_code == 2 and "does not tell what a year earns" in " ".join(answer.text.split()), answer


def test_sweep_says_how_many_scenarios_have_no_return(tmp_path: Path):
    study = """
h2plant: 1
study: short
kind: sweep
scenario: minimal_day
hours: 2
parameters: [{name: size, path: stack.rated_power_mw, values: [0.8, 1.0]}]
design: {kind: grid}
outputs: [net_present_value_eur, stock_change_eur, hydrogen_served_frac]
"""
    (tmp_path / "short.yaml").write_text(study, encoding="utf-8")
    answer = command("sweep", tmp_path / "short.yaml", "--out", tmp_path / "o")
    text = " ".join(answer.text.split())
    assert answer.exit_code == 0, answer
    assert "no net_present_value_eur in 2 of 2 scenarios: a run of 2 hours does not tell what a year earns" in text
    assert "least net_present_value_eur" not in text
    row = (tmp_path / "o" / "results.csv").read_text(encoding="utf-8").splitlines()[1].split(",")
    assert row[2] == "" and float(row[3]) != 0.0 and 0.0 <= float(row[4]) <= 1.0


def test_log_and_ledger_agree_on_the_stock(emptied):
    held = np.asarray(emptied["tank.h2_kg"])
    assert emptied.summary["key_figures"]["hydrogen_stored_kg"] == pytest.approx(float(held[-1]), rel=0.01)
