"""Faults, labels, and what money hangs on: the page of a run says what its summary on the terminal says."""

import io
from typing import Any

import pytest
from rich.console import Console

from h2plant.config.scenario import load_scenario, load_scenario_plant
from h2plant.economics.subsidy import Subsidies
from h2plant.report.console import print_faults, print_labels, print_span
from h2plant.report.page.economics_part import _sentences, labels_section
from h2plant.report.page.faults_part import faults_section
from h2plant.results.figures import figures_in
from h2plant.results.hydrogen_labels import label_notes
from h2plant.results.money_words import money_texts
from h2plant.studies.compare.steps import compared_figures
from tests.hostile import HOSTILE, Parsed

SUMMARY: dict[str, Any] = {
    "key_figures": {"hydrogen_cost_eur_per_kg": 6.5, "hydrogen_made_kg": 10.0, "net_present_value_eur": -1e6},
    "faults": {
        "declared": [{"component": "line", "way": "outage"}, {"component": "tank", "way": "bias"}],
        "spans": [
            {"component": "line", "way": "outage", "fault": "overhaul", "begin": "2023-08-01T00:00:00+02:00",
             "hours": 240.0, "cost_eur": 20000.0},
        ],
        "components": {"line": {"hours_out": 240.0, "availability_frac": 0.9726}},
        "cost_eur": 20000.0,
    },
    "economics": {
        "assumptions": {"project_life_years": 25, "real_rate_frac": 0.08, "tax_frac": 0.258, "debt_frac": 0.0,
                        "price_year": 2023, "hydrogen_basis": "sold"},
        "price_eur_per_kg": 9.0,
        "scaled": {"note": "scaled to a year", "figures": ["hydrogen_cost_eur_per_kg"]},
        "subsidies": {"terms": ["investment grant: 30 % of the capital"], "text": "levelised cost after subsidies 6.5"},
        "carbon": {"labels": {
            "eu_rfnbo": {"name": "EU renewable (RFNBO)", "boundary": "delivered", "kg_per_kg": 0.81, "g_per_mj": 6.7,
                         "limit_kg_per_kg": 3.38, "is_met": True, "share_frac": 1.0},
            "us_45v": {"name": "US 45V", "boundary": "at the gate", "kg_per_kg": 5.0, "g_per_mj": 42.0,
                       "limit_kg_per_kg": 4.0, "is_met": False, "share_frac": 1.0, "usd_per_kg": 3.0},
            "eu_low_carbon": {"name": "EU low-carbon", "boundary": "delivered", "kg_per_kg": 0.81, "g_per_mj": 6.7,
                              "limit_kg_per_kg": 3.38, "is_met": True, "share_frac": 0.0},
        }},
    },
}  # fmt: skip


def _printed() -> str:
    console = Console(file=io.StringIO(), width=400)
    for show in (print_faults, print_labels, print_span):
        show(console, SUMMARY)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_the_page_says_of_faults_labels_and_money_what_the_terminal_says() -> None:
    (faults,), (labels,) = faults_section(SUMMARY), labels_section(SUMMARY)
    page = Parsed(f"{faults.intro} {faults.html} {labels.html} {' '.join(_sentences(SUMMARY))}").text
    printed = _printed()
    for said in (
        "overhaul", "line", "outage", "240.0", "97.26%", "aid for outages: 20,000 EUR", "2023-08-01 00:00",
        "EU renewable (RFNBO)", "US 45V, 3.00 USD/kg", "0.81", "42.0", "4.00", "none", "100%", "at the gate",
        "EU low-carbon: is for hydrogen that is not renewable, and all of it is",
        "25 years at 8 % above inflation, tax 25.8 %, no debt, prices of 2023, hydrogen earns 9.00 EUR per kg sold",
        "ubsidies: investment grant: 30 % of the capital", "evelised cost after subsidies 6.5",
        "caled to a year: cost of hydrogen (levelised, per kg made) after subsidies",
    ):  # fmt: skip
        assert said in page, said
        assert said in printed or said in ("overhaul", "2023-08-01 00:00"), said


@pytest.mark.parametrize(
    ("carbon", "figures", "says"),
    [
        ({"renewable_ports": ["wind_farm.renewable_power"]}, {}, "the link 'wind_farm.renewable_power -> origin.re"),
        ({"renewable_ports": ["a.renewable_power", "b.p"]}, {}, "'[a.renewable_power, b.p] -> origin.renewable'"),
        ({"renewable_ports": []}, {}, "the plant has no source of renewable power of its own"),
        ({}, {}, "links from the 'renewable_power' of the sources to 'origin.renewable'"),  # results of before
        ({}, {"rfnbo_frac": 0.0, "rfnbo_hourly_frac": 0.0}, "none of the power was certified"),
        ({}, {"rfnbo_frac": 1.0, "rfnbo_hourly_frac": 0.869}, "100% matched by the month (EU until 2029), 87% by the"),
    ],
)
def test_what_makes_hydrogen_renewable_is_said_by_the_sources_of_the_plant(carbon, figures, says) -> None:
    share = figures.get("rfnbo_frac", 0.0)
    label = {**SUMMARY["economics"]["carbon"]["labels"]["eu_rfnbo"], "share_frac": share, "is_met": share > 0.0}
    economics = {"carbon": {"labels": {"eu_rfnbo": label}, **carbon}, "revenue_by_origin": {"certified_by": "month"}}
    summary = {"key_figures": figures, "economics": economics}
    (note,) = label_notes(summary)
    assert says in note
    (section,) = labels_section(summary)
    assert says.replace("'", "") in Parsed(section.html).text.replace("'", "")
    assert ("100%, month" in Parsed(section.html).text) == (share == 1.0)


def test_a_run_without_faults_or_labels_has_no_such_section() -> None:
    assert faults_section({}) == [] and labels_section({}) == [] and money_texts({}) == []
    assert faults_section({"faults": {}}) == [] and labels_section({"economics": {"carbon": {}}}) == []


def test_texts_of_faults_and_labels_are_text() -> None:
    spans = [{"component": HOSTILE, "way": "outage", "fault": HOSTILE, "begin": HOSTILE, "hours": 1.0, "cost_eur": 0.0}]
    faults = {"declared": [], "spans": spans, "components": {HOSTILE: {"availability_frac": 0.5}}}
    label = {**SUMMARY["economics"]["carbon"]["labels"]["us_45v"], "name": HOSTILE, "boundary": HOSTILE}
    sections = [
        *faults_section({"faults": faults}),
        *labels_section({"economics": {"carbon": {"labels": {"x": label}}}}),
    ]
    for section in sections:
        found = Parsed(section.html)
        assert HOSTILE in found.text and not found.elements & {"script", "img", "a", "b"}


def test_figures_of_cost_and_value_say_that_they_are_after_subsidies() -> None:
    plain = {**SUMMARY, "economics": {}}
    labels = {id_: figure.label for id_, figure in figures_in(SUMMARY).items()}
    assert labels["hydrogen_cost_eur_per_kg"] == "cost of hydrogen (levelised, per kg made) after subsidies"
    assert labels["net_present_value_eur"] == "net present value after subsidies"
    assert "subsid" not in labels["hydrogen_made_kg"]
    assert not any("subsid" in figure.label for figure in figures_in(plain).values())
    both = figures_in(SUMMARY, plain)["hydrogen_cost_eur_per_kg"].label
    assert both == "cost of hydrogen (levelised, per kg made) after subsidies if any"
    for overrides, after in (
        ({}, ""),
        ({"economics.subsidies.investment_grant.capital_frac": 0.3}, " after subsidies"),
    ):
        shown = compared_figures(load_scenario_plant(load_scenario("minimal_day"), overrides))
        assert shown["hydrogen_cost_eur_per_kg"].label == f"cost of hydrogen (per kg made){after}"


def test_terms_of_subsidies_are_said_in_words() -> None:
    agreed = Subsidies.model_validate(
        {
            "investment_grant": {"amount_eur": 2e6, "eligible_frac": 0.8},
            "hydrogen_premium": {"eur_per_kg": 0.45, "years": 10, "is_indexed": True, "is_certified_only": True},
            "hydrogen_cfd": {"strike_eur_per_kg": 8.0, "years": 1, "is_two_way": False, "max_kg_per_year": 1e6,
                             "reference_floor_eur_per_kg": 2.0},
        }
    )  # fmt: skip
    assert agreed.terms() == [
        "investment grant: 2,000,000 EUR, at most the eligible 80 % of the capital",
        "hydrogen premium: 0.45 EUR per kg sold, for 10 years, rising with inflation, for certified hydrogen alone",
        "contract for difference: strike 8 EUR/kg less what the hydrogen earns, at least 2 EUR/kg, nothing paid back, "
        "for 1 year, not rising with prices, at most 1,000,000 kg a year",
    ]
    assert Subsidies.model_validate({"investment_grant": {"capital_frac": 0.3}}).terms() == [
        "investment grant: 30 % of the capital"
    ]
