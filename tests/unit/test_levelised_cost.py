"""Closed-form cost of hydrogen against an independent discounted cash flow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h2plant.economics.levelised_cost import capital_recovery_factor
from tests.levelised_cost import levelised_cost

# Validation case "lcoh_crf_cases" (closed form that agrees with an independent discounted-cash-flow code to 1e-12;
# in USD there, the currency does not matter): 50 t/d used to 90 %, 55.5 kWh/kg at 0.05 per kWh.
CAPEX, LIFE_YEARS, RATE, FIXED = 100.0e6, 20, 0.08, 3.0e6
HYDROGEN_KG = 50000 * 365 * 0.9
VARIABLE = 55.5 * 0.05


@pytest.mark.parametrize(("is_before", "lcoh"), [(False, 3.5777531739613435), (True, 3.627361555732132)])
def test_published_case(is_before: bool, lcoh: float) -> None:
    cost = levelised_cost(CAPEX, LIFE_YEARS, RATE, HYDROGEN_KG, FIXED, VARIABLE, is_capex_one_year_before=is_before)
    assert cost.total_eur_per_kg == pytest.approx(lcoh, rel=1e-9)
    assert cost.variable_eur_per_kg == pytest.approx(2.775)
    assert cost.fixed_eur_per_kg == pytest.approx(3.0e6 / 16.425e6)


def test_agrees_with_the_sum_of_discounted_years() -> None:
    """The levelised cost is the price at which the sum of discounted yearly surpluses repays the capital."""
    price = levelised_cost(CAPEX, LIFE_YEARS, RATE, HYDROGEN_KG, FIXED, VARIABLE, 1.0e6).total_eur_per_kg
    yearly = (price - VARIABLE) * HYDROGEN_KG - FIXED + 1.0e6
    assert sum(yearly / (1 + RATE) ** y for y in range(1, LIFE_YEARS + 1)) == pytest.approx(CAPEX, rel=1e-12)


@given(rate=st.floats(-0.05, 0.3), life=st.integers(1, 60))
def test_recovery_repays_the_capital(rate: float, life: int) -> None:
    factor = capital_recovery_factor(rate, life)
    assert factor * sum((1 + rate) ** -y for y in range(1, life + 1)) == pytest.approx(1.0, rel=1e-9)


def test_no_interest_is_the_limit() -> None:
    assert capital_recovery_factor(0.0, 25) == pytest.approx(0.04)
    assert capital_recovery_factor(1e-12, 25) == pytest.approx(0.04, rel=1e-9)


@pytest.mark.parametrize(("rate", "life", "mass"), [(-1.0, 20, 1.0), (0.05, 0, 1.0), (0.05, 20, 0.0)])
def test_nonsense_is_refused(rate: float, life: float, mass: float) -> None:
    with pytest.raises(ValueError, match=r"must be above|needs hydrogen"):
        levelised_cost(1.0, life, rate, mass)
