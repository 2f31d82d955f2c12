"""Grants, premiums, contracts for difference: by hand, in each way to the cost, as the audit has them, bad input."""

import io
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st
from rich.console import Console

import h2plant
from h2plant.audit import economy
from h2plant.economics.appraisal import Appraisal, appraise
from h2plant.economics.cash_flow import Financing, Project, cash_flow
from h2plant.economics.settings import Settings
from h2plant.economics.subsidy import DIFFERENCE, GRANT, PREMIUM, Sold, Span, Subsidies, subsidies_by_year
from h2plant.economics.year import Year
from h2plant.plant.finding import Finding, PlantError
from h2plant.report.console import print_hydrogen_cost
from tests.audit.test_figures_recomputed import checked
from tests.unit.test_appraisal import PLANT, YEAR, settings

PLAIN = {"inflation_frac": 0.0, "tax_frac": 0.0}
KEPT = replace(YEAR, certified_kg=3.0e5)


def cost(year=KEPT, **given: Any) -> Appraisal:
    return appraise(PLANT, settings(**given), year)


def test_a_grant_lowers_outlay_debt_and_depreciation_by_hand() -> None:
    """Capital 1000, 300 granted; 100 kg a year at 8, costs 100, two years, 8 %, tax 25 %, straight line of two years.

    Year 0: -700. Profit 700 - 350 = 350, tax 87.5, flow 612.5. Value -700 + 612.5 (1 / 1.08 + 1 / 1.1664) = 392.2497.
    Half of it borrowed: 350, not 500.
    """
    project = Project(1000.0, (100.0, 100.0), {"power": (100.0, 100.0)}, grant_eur=300.0)
    finance = Financing(0.08, tax_frac=0.25, depreciation_years=2)
    flow = cash_flow(project, finance, 8.0)
    assert flow.columns["capital"] == (1000.0, 0.0, 0.0) and flow.columns["grant"] == (300.0, 0.0, 0.0)
    assert flow.columns["depreciation"] == pytest.approx((0.0, 350.0, 350.0))
    assert flow.flows == pytest.approx((-700.0, 612.5, 612.5))
    assert flow.net_present_value_eur == pytest.approx(392.2497, abs=1e-4)
    half = cash_flow(project, replace(finance, debt_frac=0.5, debt_rate_frac=0.1, debt_years=2), 8.0)
    assert half.columns["borrowed"] == (350.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="grant must be 0 to the capital"):
        cash_flow(replace(project, grant_eur=1000.1), finance, 8.0)


def test_premium_and_difference_by_hand() -> None:
    """Three years at 10 % inflation, 100 kg sold of which 60 certified, earning 5, then 7, then 7 (prices of year 0).

    Premium 1.1 EUR/kg in money of the day for two years: 100 x 1.1 / 1.1 = 100, 100 x 1.1 / 1.21 = 90.909. Indexed and
    for 50 kg at most: 55. Strike 6 indexed: 100, -100, 0 in two ways over two years, 100, 0, 0 in one. For certified
    hydrogen, against 4 EUR/kg that rise by 50 % a year: 60 x (6 - 6) = 0, 60 x (6 - 9) = -180.
    """
    sold = [Sold(100.0, 60.0, price) for price in (5.0, 7.0, 7.0)]

    def paid(**terms: Any) -> dict[str, tuple[float, ...]]:
        return subsidies_by_year(Subsidies.model_validate(terms), Span(3, 0.1), sold)

    premium = {"eur_per_kg": 1.1, "years": 2}
    assert paid(hydrogen_premium=premium)[PREMIUM] == pytest.approx((100.0, 90.909091, 0.0))
    capped = {**premium, "is_indexed": True, "max_kg_per_year": 50.0}
    assert paid(hydrogen_premium=capped)[PREMIUM] == pytest.approx((55.0, 55.0, 0.0))
    rising = {**premium, "indexation": {"money": "real", "rate_frac": 0.5}}
    assert paid(hydrogen_premium=rising)[PREMIUM] == pytest.approx((165.0, 247.5, 0.0))
    strike = {"strike_eur_per_kg": 6.0, "years": 2, "is_indexed": True}
    assert paid(hydrogen_cfd=strike)[DIFFERENCE] == pytest.approx((100.0, -100.0, 0.0))
    assert paid(hydrogen_cfd={**strike, "is_two_way": False})[DIFFERENCE] == pytest.approx((100.0, 0.0, 0.0))
    floor = {**strike, "reference_floor_eur_per_kg": 5.5}
    assert paid(hydrogen_cfd=floor)[DIFFERENCE] == pytest.approx((50.0, -100.0, 0.0))
    path = {"reference_eur_per_kg": 4.0, "reference_path": {"money": "real", "rate_frac": 0.5}}
    of_path = {**strike, **path, "is_certified_only": True}
    assert paid(hydrogen_cfd=of_path)[DIFFERENCE] == pytest.approx((0.0, -180.0, 0.0))
    assert paid() == {}


def test_nothing_agreed_and_nothing_paid_leave_every_figure_as_it_is() -> None:
    """Terms that come to nothing: no column, no kind of cost, and no last digit moves."""
    off = cost()
    nil = cost(
        subsidies={
            "investment_grant": {"capital_frac": 0.0},
            "hydrogen_premium": {"eur_per_kg": 0.0, "years": 5},
            "hydrogen_cfd": {"strike_eur_per_kg": 0.0, "years": 5, "is_two_way": False},
        }
    )
    assert off.cash_flow_csv() == nil.cash_flow_csv()
    one, other = off.to_dict(), nil.to_dict()
    agreed = other.pop("subsidies")
    assert "subsidies" not in one and agreed.pop("text") and agreed.pop("grant_eur") == 0.0
    assert len(agreed.pop("terms")) == 3
    assert agreed == {"cost_before_eur_per_kg": {"made": off.made.closed_form, "sold": off.sold.closed_form}}
    assert json.dumps(one) == json.dumps(other)


AGREED = st.fixed_dictionaries(
    {},
    optional={
        "investment_grant": st.one_of(
            st.fixed_dictionaries({"capital_frac": st.floats(0.0, 1.0), "eligible_frac": st.floats(0.0, 1.0)}),
            st.fixed_dictionaries({"amount_eur": st.floats(0.0, 1e8)}),
        ),
        "hydrogen_premium": st.fixed_dictionaries(
            {"eur_per_kg": st.floats(0.0, 6.0), "years": st.integers(1, 12), "is_indexed": st.booleans()},
            optional={"max_kg_per_year": st.floats(1.0, 1e6), "is_certified_only": st.booleans()},
        ),
        "hydrogen_cfd": st.fixed_dictionaries(
            {"strike_eur_per_kg": st.floats(0.0, 20.0), "years": st.integers(1, 12), "is_two_way": st.just(False)},
            optional={
                "is_indexed": st.booleans(),
                "reference_eur_per_kg": st.floats(0.0, 20.0),
                "max_kg_per_year": st.floats(1.0, 1e6),
            },
        ),
    },
)
MONEY = st.fixed_dictionaries(
    {
        "project_life_years": st.integers(12, 30),
        "real_rate_frac": st.floats(0.0, 0.2),
        "inflation_frac": st.floats(0.0, 0.08),
        "tax_frac": st.floats(0.0, 0.6),
        "debt_frac": st.floats(0.0, 0.9),
        "debt_rate_frac": st.floats(0.0, 0.15),
        "debt_years": st.integers(1, 12),
        "is_loss_carried_forward": st.booleans(),
        "depreciation": st.sampled_from(["linear", "macrs_7"]),
        "construction_frac": st.sampled_from([[1.0], [0.3, 0.7]]),
        "hydrogen_basis": st.sampled_from(["made", "sold"]),
    }
)


@tries(max_examples=8)
@given(agreed=AGREED, money=MONEY)
def test_a_subsidy_never_raises_the_cost(agreed: dict[str, Any], money: dict[str, Any]) -> None:
    """Grants, premiums and one-way contracts, whatever the money; a two-way one may pay back, and does not count."""
    without, with_it = cost(**money), cost(**money, subsidies=agreed)
    for one, other in ((without.made, with_it.made), (without.sold, with_it.sold)):
        scale = 1e-9 * (1.0 + abs(one.break_even))
        assert other.closed_form <= one.closed_form + scale
        assert other.cash_flow <= one.cash_flow + scale
        assert other.break_even <= one.break_even + scale
    assert with_it.net_present_value_eur >= without.net_present_value_eur - 1e-3


@tries(max_examples=10)
@given(agreed=AGREED, rate=st.floats(-0.05, 0.25), basis=st.sampled_from(["made", "sold"]))
def test_three_ways_agree_with_subsidies(agreed: dict[str, Any], rate: float, basis: str) -> None:
    """Without tax, inflation and ageing: what is paid in some years is spread by its present value."""
    given = {**PLAIN, "real_rate_frac": rate, "hydrogen_basis": basis, "subsidies": agreed}
    given["costs"] = {"pem_stack": {"stack": {"end_of_life_loss_frac": 0.0}}}
    found = cost(**given)
    scale = 1e-9 * (1.0 + math.fsum(abs(v) for v in found.cells.values()))
    assert found.cash_flow_eur_per_kg == pytest.approx(found.closed_form_eur_per_kg, rel=1e-9, abs=scale)
    assert found.break_even_eur_per_kg == pytest.approx(found.closed_form_eur_per_kg, rel=1e-9, abs=scale)
    assert math.fsum(found.cash_flow_parts.values()) == pytest.approx(found.break_even_eur_per_kg, rel=1e-9, abs=scale)


def test_value_is_linear_in_what_is_paid() -> None:
    """With losses relieved at once: of grant, premium and strike alike; and all three together are their sum."""
    money = {"is_loss_carried_forward": False, "debt_frac": 0.4, "hydrogen_price_eur_per_kg": 6.0}

    def value(grant: float, premium: float, strike: float) -> float:
        agreed = {
            "investment_grant": {"capital_frac": grant},
            "hydrogen_premium": {"eur_per_kg": premium, "years": 10},
            "hydrogen_cfd": {"strike_eur_per_kg": strike, "years": 15},
        }
        return cost(**money, subsidies=agreed).net_present_value_eur

    base = value(0.0, 0.0, 5.0)
    single = [value(*by) - base for by in ((0.3, 0.0, 5.0), (0.0, 0.4, 5.0), (0.0, 0.0, 7.0))]
    double = [value(*by) - base for by in ((0.6, 0.0, 5.0), (0.0, 0.8, 5.0), (0.0, 0.0, 9.0))]
    assert all(one > 1e4 for one in single)
    assert double == pytest.approx([2.0 * one for one in single], rel=1e-9)
    assert value(0.3, 0.4, 7.0) - base == pytest.approx(math.fsum(single), rel=1e-9)


def test_a_full_two_way_contract_earns_its_strike_whatever_the_price() -> None:
    """Indexed, of the whole life, for all hydrogen: the value is that of selling at the strike."""
    agreed = {"hydrogen_cfd": {"strike_eur_per_kg": 9.0, "years": 25, "is_indexed": True}}
    at = [cost(hydrogen_price_eur_per_kg=p, subsidies=agreed).net_present_value_eur for p in (3.0, 14.0)]
    assert at == pytest.approx([cost(hydrogen_price_eur_per_kg=9.0).net_present_value_eur] * 2, rel=1e-9)


def test_a_grant_of_more_than_the_capital_counts_up_to_it() -> None:
    found = cost(subsidies={"investment_grant": {"amount_eur": 1e12, "eligible_frac": 0.5}})
    assert found.subsidies["grant_eur"] == pytest.approx(0.5 * found.plant.capex_eur)
    assert "1,000,000,000,000 EUR is more than the eligible capital" in found.subsidies["text"]
    assert found.cash_flow_parts[GRANT] < 0.0 and found.by_kind_of_cost()[GRANT] < 0.0


@tries(max_examples=8)
@given(agreed=AGREED, money=MONEY, ramp=st.sampled_from([[], [0.5, 0.8]]))
def test_the_audit_finds_the_same(agreed: dict[str, Any], money: dict[str, Any], ramp: list[float]) -> None:
    """Cells, cash flow and break-even price, from the terms alone."""
    assert_audited(settings(**money, ramp_up_frac=ramp, subsidies=agreed), KEPT)


_NAMES = {
    **{"hydrogen_eur": "hydrogen_revenue_eur", "contract_eur": "power_contract_eur", "import_eur": "grid_import_eur"},
    **{"fees_eur": "grid_fee_eur", "export_eur": "power_sold_eur", "export_j": "exported_j"},
    **{"peak_kw": "peak_import_kw", "month_peak_kw": "month_peak_kw", "premium_left_eur": "certified_more_eur"},
}
"""Names of the audit's sums of a year -> those of the economics, where they differ."""


def assert_audited(given: Settings, year: Year) -> Appraisal:
    """Compare an appraisal with what the audit makes of the same year: cells, cash flow, break-even price."""
    found, s = appraise(PLANT, given, year), given.model_dump()
    parts = [
        economy.Part(
            *(item.component, "", item.part, item.capex_eur, item.fixed_cost_eur_per_year, item.life_years),
            *(item.replacement_years, item.residual_frac, item.end_of_life_loss_frac),
        )
        for item in found.plant.items
    ]
    names = {name: _NAMES.get(name, name) for name in economy.YearSums.__dataclass_fields__}
    sums = economy.YearSums(**{name: getattr(year, own) for name, own in names.items()})
    cells, kg = economy.yearly_costs(parts, s, sums), economy.mass_kg(s, sums)
    assert {key: eur / kg for key, eur in cells.items()} == pytest.approx(found.cells, rel=1e-9, abs=1e-9)
    project = economy.project_of(parts, s, [sums])
    assert economy.break_even(project) == pytest.approx(found.break_even_eur_per_kg, rel=1e-7, abs=1e-7)
    table = economy.table_of(project.sold_along_its_path, found.price_eur_per_kg)
    assert sorted(table) == sorted(found.table.columns)
    for name, values in found.table.columns.items():
        scale = 1e-9 * max(1.0, found.plant.capex_eur)
        np.testing.assert_allclose(table[name], values, rtol=1e-9, atol=scale, err_msg=name)
    return found


BAD = """
economics:
  subsidies:
    investment_grant: {capital_frac: 0.3, amount_eur: 5e6}
    hydrogen_premium: {eur_per_kg: 0.5, years: 30, is_indexed: true, indexation: {money: real}}
    hydrogen_cfd: {strike_eur_per_kg: 6, years: 5, is_certified_only: true, reference_path: {money: real, rate_frac: 0}}
"""
WRONG = """
economics:
  subsidies:
    investment_grant: {capital_frac: 1.3}
    hydrogen_premium:
      eur_per_kg: -1
    hydrogen_cdf: {strike_eur_per_kg: 6}
    hydrogen_cfd: {strike_eur_per_kg: 6, years: 5, indexaton: {money: real, rate_frac: 0.1}}
"""


@pytest.mark.parametrize(
    ("economics", "wanted"),
    [
        (
            BAD,
            [
                ("contradiction", "investment_grant", 3, "both"),
                ("out-of-bounds", "hydrogen_premium.years", 4, "30 years, the project has 25"),
                ("contradiction", "hydrogen_premium.is_indexed", 4, "means nothing"),
                ("bad-path", "hydrogen_premium.indexation", 4, "a path has one of"),
                ("contradiction", "hydrogen_cfd.is_certified_only", 5, "nothing in the plant certifies"),
                ("contradiction", "hydrogen_cfd.reference_path", 5, "means nothing"),
            ],
        ),
        (
            WRONG,
            [
                ("out-of-bounds", "investment_grant.capital_frac", 3, "less than or equal to 1"),
                ("missing-key", "hydrogen_premium.years", 4, "is missing"),
                ("out-of-bounds", "hydrogen_premium.eur_per_kg", 5, "greater than or equal to 0"),
                ("unknown-key", "hydrogen_cfd.indexaton", 7, "no key 'indexaton'"),
                ("unknown-key", "hydrogen_cdf", 6, "no key 'hydrogen_cdf'"),
            ],
        ),
    ],
)
def test_bad_terms_are_found_with_file_and_line(
    tmp_path: Path, economics: str, wanted: list[tuple[str, str, int, str]]
) -> None:
    found = assert_found(tmp_path, economics, [(id_, f"subsidies.{where}", *rest) for id_, where, *rest in wanted])
    assert all("indexation" in f.remedy for f in found if "indexaton" in f.where)
    assert not any("Undefined" in f.remedy for f in found)  # what must be given has no default


def assert_found(tmp_path: Path, economics: str, wanted: list[Any]) -> list[Finding]:
    """Load the smallest plant with some economics; compare findings (id, key, line after its own, part of the text)."""
    text = (Path(h2plant.__file__).parent / "plants" / "minimal.yaml").read_text(encoding="utf-8")
    text = "\n".join(line for line in text.split("\n") if not line.startswith("economics:"))
    file = tmp_path / "plant.yaml"
    file.write_text(text + economics, encoding="utf-8")
    first = text.count("\n") + 1
    with pytest.raises(PlantError) as caught:
        h2plant.load(file)
    found = {(f.id, f.where, f.line - first, f.file): f for f in caught.value.findings}
    expected = {(id_, f"economics.{where}", line, file): part for id_, where, line, part in wanted}
    assert set(found) == set(expected)
    for key, part in expected.items():
        assert part in found[key].what and found[key].remedy
    return list(caught.value.findings)


def test_a_run_with_all_of_it_is_audited(tmp_path: Path) -> None:
    """Summary, table and cash flow of a run; every figure found anew."""
    terms = {"investment_grant.capital_frac": 0.3, "hydrogen_premium.eur_per_kg": 0.45, "hydrogen_premium.years": 10}
    terms |= {"hydrogen_cfd.strike_eur_per_kg": 8.0, "hydrogen_cfd.years": 15, "hydrogen_cfd.is_indexed": True}
    out = tmp_path / "out"
    given = {f"economics.subsidies.{key}": value for key, value in terms.items()}
    h2plant.run("minimal", hours=672, step_s=3600, out=out, set=given)
    found = checked(out)
    assert not found.broken
    assert "grant_eur" in (out / "cash_flow.csv").read_text(encoding="utf-8").splitlines()[0]
    agreed = found.summary["economics"]["subsidies"]
    assert agreed["grant_eur"] > 0.0 and len(agreed["by_year_eur"][DIFFERENCE]) == 25
    kinds = found.summary["economics"]["by_kind_of_cost_eur_per_kg"]
    assert kinds[PREMIUM] < 0.0 and kinds[GRANT] < 0.0
    costs = found.summary["economics"]["per_kg"]["made"]["by_kind_of_cost_eur_per_kg"]
    before = math.fsum(v for kind, v in costs.items() if kind not in (GRANT, PREMIUM, DIFFERENCE))
    assert agreed["cost_before_eur_per_kg"]["made"] == pytest.approx(before, rel=1e-12)
    after = found.summary["key_figures"]["hydrogen_cost_eur_per_kg"]
    assert f"after subsidies {after:.3f} EUR per kg made" in agreed["text"]
    assert f"before them {before:.3f} EUR per kg made" in agreed["text"]
    text = io.StringIO()
    print_hydrogen_cost(Console(file=text, width=100), found.summary["economics"])
    assert "levelised cost of hydrogen after subsidies" in text.getvalue()
    agreed["by_year_eur"][PREMIUM][3] *= 1.01
    agreed["cost_before_eur_per_kg"]["sold"] *= 1.01
    (out / "summary.json").write_text(json.dumps(found.summary), encoding="utf-8")
    wrong = ("cost_before_eur_per_kg.sold", f"by_year_eur.{PREMIUM}")
    assert checked(out).broken == {f"economics.subsidies.{name}" for name in wrong}


def test_the_reference_follows_the_path_of_the_price() -> None:
    """Hydrogen earns 10 EUR/kg in the run and 5 % more each year: a strike of 10 indexed pays back from year 1 on."""
    agreed = {"hydrogen_cfd": {"strike_eur_per_kg": 10.0, "years": 25, "is_indexed": True}}
    path = {"hydrogen": {"money": "real", "rate_frac": 0.05}}
    found = assert_audited(settings(subsidies=agreed, price_paths=path), KEPT)
    paid, kg = found.subsidies["by_year_eur"][DIFFERENCE], found.table.columns["hydrogen_kg"]
    assert paid[1] == pytest.approx((10.0 - 10.0 * 1.05**2) * 3.9 / 4.0 * kg[2], rel=1e-9)
    # of the whole life and all that is sold: what is earned along the path and what is paid back leave the strike
    along = found.table.columns["hydrogen_revenue"][2] + found.table.columns[f"income_{DIFFERENCE}"][2]
    assert along == pytest.approx(10.0 * 3.9 / 4.0 * kg[2] * 1.02**2, rel=1e-9)


@pytest.mark.parametrize(
    ("year", "given", "by_year"),
    [
        # half of 1,000 kg certified at 8, the rest at 3: the mean is 5.50, and the certified half earns 8
        ({"hydrogen_revenue_eur": 8000.0, "uncertified_eur": 2500.0}, {}, 500.0 * 1.0),
        ({"hydrogen_revenue_eur": 0.0, "uncertified_eur": 2500.0}, {"hydrogen_price_eur_per_kg": 8.0}, 500.0 * 1.0),
        # 6 and 4 more for the certified half, that is 8 on the mean: certified hydrogen earns 10
        ({"hydrogen_revenue_eur": 8000.0, "certified_more_eur": 2000.0}, {}, 500.0 * -1.0),
    ],
)
def test_certified_hydrogen_alone_is_paid_by_what_it_earns(
    year: dict[str, float], given: dict[str, Any], by_year: float
) -> None:
    cfd = {"strike_eur_per_kg": 9.0, "years": 25, "is_indexed": True}
    half = replace(YEAR, made_kg={"stack": 1000.0}, sold_kg=1000.0, certified_kg=500.0, **year)

    def paid(**terms: Any) -> float:
        found = assert_audited(settings(**given, subsidies={"hydrogen_cfd": {**cfd, **terms}}), half)
        return found.subsidies["by_year_eur"][DIFFERENCE][0]

    assert paid(is_certified_only=True) == pytest.approx(by_year, rel=1e-9)
    mean = (8000.0 - year.get("uncertified_eur", 0.0)) / 1000.0
    assert paid() == pytest.approx(1000.0 * (9.0 - mean), rel=1e-9)


def test_each_way_takes_what_a_contract_pays_along_the_path() -> None:
    """Strike 8 for 15 of 25 years, 5 EUR/kg rising 3 % a year in real terms, 6 %, as much sold as made.

    Sum of (8 - 5 x 1.03^y) / 1.06^y for 15 years by the sum of 1 / 1.06^y for 25 = 1.38 EUR/kg; at 5 for ever 2.28.
    """
    given = {**PLAIN, "hydrogen_price_eur_per_kg": 5.0, "costs": {"pem_stack": {"stack": {"end_of_life_loss_frac": 0}}}}
    given["subsidies"] = {"hydrogen_cfd": {"strike_eur_per_kg": 8.0, "years": 15, "is_indexed": True}}
    year = replace(YEAR, sold_kg=4.0e5)
    path = {"hydrogen": {"money": "real", "rate_frac": 0.03}}
    expected = sum((8.0 - 5.0 * 1.03**y) / 1.06**y for y in range(1, 16)) / sum(1.06**-y for y in range(1, 26))
    assert round(expected, 2) == 1.38
    for paths, worth in ((path, expected), ({}, 3.0 * sum(1.06**-y for y in range(1, 16)) / 12.783356)):
        found = assert_audited(settings(**given, price_paths=paths), year)
        assert found.by_kind_of_cost()[DIFFERENCE] == pytest.approx(-worth, rel=1e-6)
        assert found.cash_flow_parts[DIFFERENCE] == pytest.approx(-worth, rel=1e-6)
        assert found.closed_form_eur_per_kg == pytest.approx(found.break_even_eur_per_kg, rel=1e-9)
