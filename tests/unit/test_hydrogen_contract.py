"""Contracts over hydrogen by the year: by hand, who pays for what, in each way to the cost, as the audit has them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from h2plant.economics.appraisal import appraise
from h2plant.economics.hydrogen_contract import SHORTFALL, TAKE_OR_PAY, HydrogenContract, contract_by_year
from h2plant.economics.life import mean_year
from h2plant.economics.subsidy import Sold
from tests.unit.test_appraisal import PLANT, YEAR, settings
from tests.unit.test_subsidies import PLAIN, assert_audited, assert_found

pytestmark = pytest.mark.long

TERMS = {"kg_per_year": 1000.0, "take_or_pay_frac": 0.8, "delivery_frac": 0.9, "penalty_eur_per_kg": 2.0}


def test_take_or_pay_and_shortfall_by_hand() -> None:
    """1,000 kg a year at 6 EUR, 80 % taken or paid, 900 kg owed, 2 EUR/kg for what is missing.

    Asked for 700, all delivered: 100 kg paid for and not taken, 600 EUR. Asked for 950, 600 delivered: 300 kg missing,
    -600 EUR. Asked for 700, 500 delivered: both, each for what it caused. Nobody says: 850 delivered, 50 kg missing.
    The fourth year is beyond the contract.
    """
    contract = HydrogenContract.model_validate({**TERMS, "years": 3})
    sold = [Sold(kg, 0.0, 6.0) for kg in (700.0, 600.0, 500.0, 100.0)]
    found = contract_by_year(contract, sold, [700.0, 950.0, 700.0, 700.0])
    assert found == {TAKE_OR_PAY: (600.0, 0.0, 600.0, 0.0), SHORTFALL: (0.0, -600.0, -400.0, 0.0)}
    takes_all = contract_by_year(contract, [Sold(850.0, 0.0, 6.0)], [None])
    assert takes_all == {TAKE_OR_PAY: (0.0,), SHORTFALL: (-100.0,)}
    priced = contract.model_copy(update={"price_eur_per_kg": 5.0})
    assert contract_by_year(priced, sold[:1], [700.0])[TAKE_OR_PAY] == (500.0,)
    assert contract_by_year(None, sold, [0.0] * 4) == {}


@pytest.mark.parametrize(("asked", "due"), [(0.0, 4800.0), (1.0, 4794.0), (None, 0.0)])
def test_a_buyer_who_asks_for_nothing_pays_and_is_not_nobody(asked: float | None, due: float) -> None:
    """Nothing is sold: 800 kg at 6 EUR are due, and no penalty but for the kilogram that was asked for.

    Where nobody asks, 900 kg are missing at 2 EUR.
    """
    penalty = -1800.0 if asked is None else -2.0 * asked
    contract = HydrogenContract.model_validate(TERMS)
    found = contract_by_year(contract, [Sold(0.0, 0.0, 6.0)], [asked])
    assert found == {TAKE_OR_PAY: (due,), SHORTFALL: (penalty,)}
    # in the appraisal a kilogram is worth the given price where none is sold
    year = replace(YEAR, sold_kg=0.0, hydrogen_revenue_eur=0.0, asked_kg=asked)
    table = assert_audited(settings(hydrogen_contract=TERMS, hydrogen_price_eur_per_kg=6.0, **PLAIN), year).table
    assert table.columns.get(f"income_{TAKE_OR_PAY}", [0.0] * 2)[1] == pytest.approx(due)
    assert table.columns.get(f"income_{SHORTFALL}", [0.0] * 2)[1] == pytest.approx(penalty)


def test_years_of_a_life_in_which_nobody_asks_have_no_asker() -> None:
    assert mean_year([replace(YEAR, asked_kg=1.0), replace(YEAR, asked_kg=3.0)]).asked_kg == 2.0
    assert mean_year([YEAR, YEAR]).asked_kg is None


@given(kg=st.floats(0.0, 2000.0), asked=st.floats(0.0, 2000.0), terms=st.fixed_dictionaries({
    "kg_per_year": st.floats(1.0, 2000.0), "take_or_pay_frac": st.floats(0.0, 1.0),
    "delivery_frac": st.floats(0.0, 1.0), "penalty_eur_per_kg": st.floats(0.0, 10.0)}))  # fmt: skip
def test_nobody_pays_for_what_the_other_caused(kg: float, asked: float, terms: dict[str, float]) -> None:
    """The buyer pays nothing where he asks for his share, the plant nothing where it gives all that is asked for.

    What the buyer pays in all is the hydrogen taken and his share at most; more delivered never brings less.
    """
    contract = HydrogenContract.model_validate(terms)
    due = contract.kg_per_year

    def paid(sold_kg: float) -> tuple[float, float]:
        found = contract_by_year(contract, [Sold(sold_kg, 0.0, 6.0)], [asked])
        return found[TAKE_OR_PAY][0], found[SHORTFALL][0]

    untaken, missing = paid(kg)
    assert untaken >= 0.0 >= missing
    assert untaken == 0.0 or asked < contract.take_or_pay_frac * due
    assert missing == 0.0 or kg < min(asked, contract.delivery_frac * due)
    assert untaken <= max(contract.take_or_pay_frac * due - kg, 0.0) * 6.0 * (1.0 + 1e-12)
    more = paid(kg + 1.0)
    assert 6.0 * (kg + 1.0) + sum(more) >= 6.0 * kg + untaken + missing - 1e-9


def test_first_years_owe_what_they_do_not_deliver() -> None:
    """390 t sold of 400 t asked for, 95 % owed, half in the first year: 185 t missing, 370,000 EUR in it alone."""
    year = replace(YEAR, asked_kg=4.0e5)
    terms = {"kg_per_year": 4.0e5, "delivery_frac": 0.95, "penalty_eur_per_kg": 2.0}
    plain = {**PLAIN, "costs": {"pem_stack": {"stack": {"end_of_life_loss_frac": 0.0}}}}
    found = appraise(PLANT, settings(**plain, ramp_up_frac=[0.5], hydrogen_contract=terms), year)
    column = found.table.columns[f"income_{SHORTFALL}"]
    assert column[1] == pytest.approx(-2.0 * (0.95 * 4.0e5 - 0.5 * 3.9e5)) and not any(column[2:])
    # in the closed form every year is like the run, in which nothing is missing
    assert SHORTFALL not in found.by_kind_of_cost()
    free = appraise(PLANT, settings(**plain, ramp_up_frac=[0.5]), year)
    assert found.break_even_eur_per_kg > free.break_even_eur_per_kg


def test_without_a_contract_or_by_one_that_is_kept_no_figure_moves() -> None:
    year = replace(YEAR, asked_kg=3.9e5)
    kept = {"kg_per_year": 3.0e5, "take_or_pay_frac": 1.0, "penalty_eur_per_kg": 5.0}
    one, other = (appraise(PLANT, settings(hydrogen_contract=of), year) for of in (None, kept))
    assert json.dumps(one.to_dict()) == json.dumps(other.to_dict())
    assert one.cash_flow_csv() == other.cash_flow_csv()


@tries(max_examples=8)
@given(
    due=st.floats(1e5, 8e5),
    asked=st.sampled_from([None, 0.0, 3.9e5, 5e5]),
    share=st.floats(0.1, 1.0),
    money=st.sampled_from([{}, {"hydrogen_basis": "sold", "ramp_up_frac": [0.4]}, PLAIN]),
)
def test_three_ways_agree_and_the_audit_finds_the_same(due: float, asked: float, share: float, money: Any) -> None:
    terms = {"kg_per_year": due, "take_or_pay_frac": share, "delivery_frac": share, "penalty_eur_per_kg": 1.5}
    given = settings(**money, hydrogen_contract=terms, costs={"pem_stack": {"stack": {"end_of_life_loss_frac": 0.0}}})
    found = assert_audited(given, replace(YEAR, asked_kg=asked))
    if money is PLAIN:
        assert found.break_even_eur_per_kg == pytest.approx(found.closed_form_eur_per_kg, rel=1e-9)


def test_bad_terms_are_found_with_file_and_line(tmp_path: Path) -> None:
    bad = "\neconomics:\n  hydrogen_contract:\n    kg_per_year: 1e5\n    price_eur_per_kg: 5\n    years: 40\n"
    wanted = [
        ("out-of-bounds", "hydrogen_contract.years", 5, "40 years, the project 25"),
        ("contradiction", "hydrogen_contract", 2, "nobody pays"),
        ("contradiction", "hydrogen_contract.price_eur_per_kg", 4, "means nothing"),
    ]
    assert_found(tmp_path, bad, wanted)
    wrong = "\neconomics:\n  hydrogen_contract: {take_or_pay_frac: 2}\n"
    wanted = [
        ("missing-key", "hydrogen_contract.kg_per_year", 2, "is missing"),
        ("out-of-bounds", "hydrogen_contract.take_or_pay_frac", 2, "less than or equal to 1"),
    ]
    assert_found(tmp_path, wrong, wanted)
