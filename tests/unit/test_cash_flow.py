"""Cash flow of a project: by hand and against the closed form; published cases stand in ``docs/cost_cases``."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h2plant.economics.cash_flow import (
    Financing,
    Project,
    break_even_price,
    cash_flow,
    internal_rate,
    levelised_price,
    payback_years,
    present_value,
)
from h2plant.economics.debt_cover import DebtCover
from h2plant.economics.depreciation import MACRS, depreciation_by_year, depreciation_shares
from h2plant.economics.root import root
from tests.levelised_cost import levelised_cost

pytestmark = pytest.mark.long


def test_annuity_debt_tax_and_straight_line_by_hand() -> None:
    """Capital 1000, half of it borrowed at 10 % over 2 years; 100 kg a year at 8, costs 100; tax 25 %, line of 2 years.

    Payment 500 x 0.1 / (1 - 1.1^-2) = 288.0952: interest 50, principal 238.0952, then 26.1905 and 261.9048.
    Year 1: 800 - 100 - 500 - 50 = 150 taxed 37.5; flow 700 - 288.0952 - 37.5 = 374.4048.
    Year 2: 700 - 500 - 26.1905 = 173.8095 taxed 43.4524; flow 700 - 288.0952 - 43.4524 = 368.4524.
    Value at 8 %: -500 + 374.4048 / 1.08 + 368.4524 / 1.1664 = 162.5594.
    """
    project = Project(1000.0, (100.0, 100.0), {"power": (100.0, 100.0)})
    finance = Financing(0.08, tax_frac=0.25, debt_frac=0.5, debt_rate_frac=0.1, debt_years=2, depreciation_years=2)
    flow = cash_flow(project, finance, 8.0)
    assert flow.columns["interest"] == pytest.approx((0.0, 50.0, 26.190476))
    assert flow.columns["principal"] == pytest.approx((0.0, 238.095238, 261.904762))
    assert flow.columns["tax"] == pytest.approx((0.0, 37.5, 43.452381))
    assert flow.flows == pytest.approx((-500.0, 374.404762, 368.452381))
    assert flow.net_present_value_eur == pytest.approx(162.5595, abs=1e-3)
    # cash for debt service 700 - tax: 662.5 and 656.5476, by 288.0952; (662.5 / 1.1 + 656.5476 / 1.21) / 500
    assert flow.columns["available_for_debt_service"] == pytest.approx((0.0, 662.5, 656.547619))
    assert flow.columns["debt_service_cover_ratio"][1:] == pytest.approx((2.299587, 2.278926), abs=1e-6)
    assert flow.columns["loan_life_cover_ratio"][1:] == pytest.approx((2.289748, 2.278926), abs=1e-6)
    cover = DebtCover.of(flow.years, flow.columns)
    assert cover is not None and (cover.least_dscr_year, cover.llcr_ratio) == (2, pytest.approx(2.289748, abs=1e-6))
    # revenue per euro of price is 100 (1 - 0.25) (1 / 1.08 + 1 / 1.1664) = 133.7449, so 8 - 162.5595 / 133.7449
    assert break_even_price(project, finance) == pytest.approx(8.0 - 162.5595 / 133.7449, abs=1e-4)


@pytest.mark.parametrize(
    ("is_carried", "tax"), [(True, (0.0, 0.0, 54.75, 69.615)), (False, (0.0, -42.9, 97.65, 69.615))]
)
def test_macrs_inflation_bullet_debt_and_losses_by_hand(is_carried: bool, tax: tuple[float, ...]) -> None:
    """Capital 1000, 400 borrowed at 5 %, all due in year 3; 2, 10, 10 kg at 60, costs 50; inflation 10 %, tax 30 %.

    MACRS of 5 years: 200, 320, and what is left, 480, in the last year. Earnings 77, 665.5, 732.05 (levels 1.1, 1.21,
    1.331). Profit after 20 of interest: -143, 325.5, 232.05. Carried forward: (325.5 - 143) x 0.3 = 54.75. At the rate
    1.05 x 1.1 - 1 = 15.5 %.
    """
    project = Project(1000.0, (2.0, 10.0, 10.0), {"power": (50.0,) * 3})
    finance = Financing(
        *(0.05, 0.10, 0.30, is_carried, 0.4, 0.05),
        debt_years=3,
        is_debt_bullet=True,
        depreciation="macrs_5",
    )
    flow = cash_flow(project, finance, 60.0)
    assert flow.columns["depreciation"] == pytest.approx((0.0, 200.0, 320.0, 480.0))
    assert flow.columns["taxable_profit"] == pytest.approx((0.0, -143.0, 325.5, 232.05))
    assert flow.columns["tax"] == pytest.approx(tax)
    assert flow.flows == pytest.approx((-600.0, 57.0 - tax[1], 645.5 - tax[2], 312.05 - tax[3]))
    assert finance.nominal_rate_frac == pytest.approx(0.155)
    price = break_even_price(project, finance)
    parts = cash_flow(project, finance, price).per_kg
    assert math.fsum(parts.values()) == pytest.approx(price, rel=1e-12)
    if is_carried:
        assert price > levelised_price(project, finance)  # relief that comes late is worth less
    else:
        assert price == pytest.approx(levelised_price(project, finance), rel=1e-12)


@given(
    capex=st.floats(0.0, 1e9),
    rate=st.floats(-0.2, 0.5),
    life=st.integers(1, 50),
    kg=st.floats(1.0, 1e8),
    fixed=st.floats(0.0, 1e8),
    per_kg=st.floats(-5.0, 50.0),
    income=st.floats(0.0, 1e7),
)
def test_three_ways_agree_without_tax_and_inflation(
    capex: float, rate: float, life: int, kg: float, fixed: float, per_kg: float, income: float
) -> None:
    closed = levelised_cost(capex, life, rate, kg, fixed, per_kg, income).total_eur_per_kg
    costs = {"fixed": (fixed,) * life, "variable": (per_kg * kg,) * life}
    project = Project(capex, (kg,) * life, costs, {"oxygen": (income,) * life})
    scale = (capex + fixed + income) / kg + abs(per_kg) + 1.0
    assert levelised_price(project, Financing(rate)) == pytest.approx(closed, rel=1e-9, abs=1e-9 * scale)
    assert break_even_price(project, Financing(rate)) == pytest.approx(closed, rel=1e-9, abs=1e-9 * scale)


@given(
    tax=st.floats(0.0, 0.6),
    inflation=st.floats(-0.02, 0.1),
    debt=st.floats(0.0, 0.9),
    method=st.sampled_from(["linear", "macrs_5", "macrs_7", "macrs_15", "macrs_20"]),
    is_carried=st.booleans(),
)
def test_parts_add_up_to_the_break_even_price(
    tax: float, inflation: float, debt: float, method: str, is_carried: bool
) -> None:
    project = Project(
        *(
            1e6,
            (0.0, 5e4, *(1e5,) * 8),
            {"power": (2e5,) * 10},
            {"oxygen": (1e4,) * 10},
            (0.0,) * 6 + (3e5,) + (0.0,) * 3,
        ),
        *((0.4, 0.6), 5e4, 2e5, 1e5),
    )
    finance = Financing(0.07, inflation, tax, is_carried, debt, 0.04, 8, False, method, 12, 0.15)
    price = break_even_price(project, finance)
    flow = cash_flow(project, finance, price)
    assert math.fsum(flow.per_kg.values()) == pytest.approx(price, rel=1e-9)
    assert flow.net_present_value_eur == pytest.approx(0.0, abs=1e-5)
    assert math.fsum(flow.columns["working_capital"]) == pytest.approx(0.0, abs=1e-6)
    assert math.fsum(flow.columns["principal"]) == pytest.approx(math.fsum(flow.columns["borrowed"]), abs=1e-6)
    assert math.fsum(flow.columns["depreciation"]) == pytest.approx(
        math.fsum((*flow.columns["capital"], *flow.columns["replacements"])), rel=1e-9
    )


def test_depreciation_tables_are_those_of_the_irs() -> None:
    """IRS Publication 946, table A-1: first and last years, and the sums."""
    assert {n: (len(t), t[0], t[1], t[-1]) for n, t in MACRS.items()} == {
        5: (6, 0.2, 0.32, 0.0576),
        7: (8, 0.1429, 0.2449, 0.0446),
        15: (16, 0.05, 0.095, 0.0295),
        20: (21, 0.0375, 0.07219, 0.02231),
    }
    for shares in MACRS.values():
        assert math.fsum(shares) == pytest.approx(1.0, abs=1e-12)
    assert depreciation_shares("linear", 4) == (0.25,) * 4
    assert depreciation_by_year([100.0, 0.0, 40.0], (0.5, 0.5)) == [50.0, 50.0, 40.0]
    with pytest.raises(ValueError, match="no depreciation 'macrs_6'"):
        depreciation_shares("macrs_6", 6)


def test_internal_rate_and_payback() -> None:
    rate, reason = internal_rate([-1000.0, 300.0, 420.0, 680.0])  # 16.34 %, a textbook example
    assert rate == pytest.approx(0.16340, abs=1e-5) and reason == ""
    assert present_value(rate, [-1000.0, 300.0, 420.0, 680.0]) == pytest.approx(0.0, abs=1e-9)
    assert internal_rate([-100.0, 10.0, 10.0])[0] == pytest.approx(-0.6298, abs=1e-4)  # loses money, and still has one
    for flows, why in (
        ([100.0, 10.0], "nothing is paid in"),
        ([-100.0, -1.0], "no year brings money in"),
        ([-1000.0, 2500.0, -1540.0], "2 rates fit|never pays back"),
        ([-100.0, 250.0, -160.0], "never pays back"),
        ([-1000.0, 3600.0, -4310.0, 1716.0], "3 rates fit"),  # 10, 20 and 30 %
    ):
        rate, reason = internal_rate(flows)
        assert rate is None
        assert any(part in reason for part in why.split("|")), reason
    assert payback_years([-100.0, 40.0, 40.0, 40.0]) == (2.5, "")
    assert payback_years([-50.0, -50.0, 40.0, 80.0], first_year=-1) == (1.75, "")
    assert payback_years([-100.0, 200.0, -150.0]) == (None, "not within the project's life")


def test_root_refuses_what_has_none() -> None:
    assert root(lambda x: x**3 - 2.0, 0.0, 2.0) == pytest.approx(2.0 ** (1 / 3), rel=1e-13)
    with pytest.raises(ValueError, match="no change of sign"):
        root(lambda x: x * x + 1.0, -1.0, 1.0)


@pytest.mark.parametrize(
    ("project", "finance", "why"),
    [
        (Project(1.0, ()), Financing(), "at least one year"),
        (Project(1.0, (0.0,)), Financing(), "makes none"),
        (Project(1.0, (1.0,)), Financing(-1.0), "above -1"),
        (Project(1.0, (1.0,)), Financing(tax_frac=1.0), "below 1"),
        (Project(1.0, (1.0,)), Financing(debt_frac=0.5, debt_years=2), "within the life"),
        (Project(1.0, (1.0,), {"power": (1.0, 2.0)}), Financing(), "'power' has 2 years"),
        (Project(1.0, (1.0,), replacements_eur=(1.0, 2.0)), Financing(), "replacements of 2 years"),
        (Project(1.0, (1.0,), construction=(0.5,)), Financing(), "add up to 1"),
    ],
)
def test_nonsense_is_refused(project: Project, finance: Financing, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        cash_flow(project, finance, 1.0)


@pytest.mark.parametrize("is_carried", [False, True])
def test_the_end_of_the_plant_covers_no_debt_and_takes_no_tax_of_it(is_carried: bool) -> None:
    """Capital 1000 borrowed without interest over all 20 years, written off in as many: 50 a year each; tax 24 %.

    Earnings of 88 / 0.76 = 115.79 less tax of 0.24 (115.79 - 50) are 100: cover 2.00. In year 20 the tax on what is
    left, 0.24 x 200 = 48, is in the tax and not in the cover (1.04 with it); nor is that on dismantling for 60.
    """
    finance = Financing(0.08, 0.0, 0.24, is_carried, 1.0, 0.0, 20, depreciation_years=20)
    plain = Project(1000.0, (1.0,) * 20)
    for ends in ({"residual_eur": 200.0}, {"decommissioning_eur": 60.0}):
        flow = cash_flow(replace(plain, **ends), finance, 88.0 / 0.76)
        end = ends.get("residual_eur", 0.0) - ends.get("decommissioning_eur", 0.0)
        assert flow.columns["tax"][-1] == pytest.approx(0.24 * (88.0 / 0.76 - 50.0 + end))
        assert flow.columns["debt_service_cover_ratio"][1:] == pytest.approx([2.0] * 20, rel=1e-12)
        assert flow.columns["loan_life_cover_ratio"][1:] == pytest.approx([2.0] * 20, rel=1e-12)
