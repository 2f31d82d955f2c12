"""Value and rate of return, loans and cover of debt against pyxirr on random projects; whose money goes where."""

import math
from typing import Any

import numpy as np
import pytest
import pyxirr
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from h2plant.audit import economy
from h2plant.economics.appraisal import appraise
from h2plant.economics.cash_flow import (
    CashFlow,
    Financing,
    Project,
    break_even_price,
    cash_flow,
    internal_rate,
    levelised_price,
    present_value,
)
from h2plant.economics.debt_cover import AVAILABLE, DSCR, LLCR
from h2plant.economics.path import PATHS_OF_ROW, PricePaths
from h2plant.economics.settings import Settings
from tests.unit.test_appraisal import PLANT, YEAR

pytestmark = pytest.mark.long
FEW = settings(max_examples=20, deadline=None)
APPRAISED = settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.generate])
"""An appraisal takes a twentieth of a second: few, and none to make a fault smaller."""


@st.composite
def projects(draw: Any) -> tuple[Project, Financing]:
    """Draw a project and how it is paid for."""
    n = draw(st.integers(2, 30))
    amounts = st.floats(0.0, 1e6)
    years = st.lists(amounts, min_size=n, max_size=n).map(tuple)
    path = st.lists(st.floats(0.2, 3.0), min_size=n, max_size=n).map(tuple)
    project = Project(
        capex_eur=draw(st.floats(1e5, 1e8)),
        hydrogen_kg=draw(st.lists(st.floats(1e3, 1e6), min_size=n, max_size=n).map(tuple)),
        costs_eur={"power": draw(years)},
        incomes_eur={"oxygen": draw(years)},
        replacements_eur=draw(years),
        construction=draw(st.sampled_from([(1.0,), (0.4, 0.6), (0.2, 0.5, 0.3)])),
        land_eur=draw(amounts),
        residual_eur=draw(amounts),
        decommissioning_eur=draw(amounts),
        hydrogen_path=draw(st.one_of(st.just(()), path)),
    )
    finance = Financing(
        real_rate_frac=draw(st.floats(-0.02, 0.2)),
        inflation_frac=draw(st.floats(-0.01, 0.08)),
        tax_frac=draw(st.floats(0.0, 0.5)),
        is_loss_carried_forward=draw(st.booleans()),
        debt_frac=draw(st.just(0.0) | st.floats(1e-6, 0.9)),  # a loan of 1e-300 EUR has no ratio of cover
        debt_rate_frac=draw(st.just(0.0) | st.floats(0.001, 0.12)),
        debt_years=draw(st.integers(1, n)),
        is_debt_bullet=draw(st.booleans()),
        depreciation_years=draw(st.integers(1, 30)),
        working_capital_frac=draw(st.floats(0.0, 0.2)),
    )
    return project, finance


def valued(flow: CashFlow, rate: float) -> float:
    """Return the value of a cash flow in year 0 by pyxirr, which takes its first year for it."""
    found = pyxirr.npv(rate, list(flow.flows))
    assert found is not None
    return found * (1.0 + rate) ** -flow.years[0]


def scale_of(flow: CashFlow) -> float:
    return math.fsum(map(abs, flow.columns["discounted"])) + 1.0


@FEW
@given(drawn=projects(), price=st.floats(0.0, 60.0))
def test_value_and_rate_are_those_of_pyxirr(drawn: tuple[Project, Financing], price: float) -> None:
    project, finance = drawn
    flow = cash_flow(project, finance, price)
    assert flow.net_present_value_eur == pytest.approx(
        valued(flow, finance.nominal_rate_frac), abs=1e-9 * scale_of(flow)
    )
    check_rate(flow.flows)


def check_rate(flows: tuple[float, ...]) -> None:
    """Check the rate of return: by both ways of this program, by pyxirr, and by the value at it."""
    rate, why = internal_rate(flows)
    again = economy.internal_rate(np.array(flows))
    n_turns = len(pyxirr.zero_crossing_points(list(flows)))
    if rate is None:
        assert why
        if n_turns == 1 and flows[0] < 0.0 < math.fsum(flows):
            assert pyxirr.npv(100.0, list(flows)) > 0.0 and "above 10,000 %" in why
        return
    assert again == pytest.approx(rate, rel=1e-7, abs=1e-7)
    worth, scale = pyxirr.npv(rate, list(flows)), pyxirr.npv(rate, [abs(x) for x in flows])
    assert worth is not None and scale is not None and abs(worth) <= 1e-9 * scale
    if n_turns == 1 and rate > 0.0:  # else there may be others, of which pyxirr gives any, or none below zero
        assert pyxirr.irr(list(flows)) == pytest.approx(rate, rel=1e-6, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    outlay=st.floats(1.0, 1e9),
    paid=st.lists(st.floats(0.0, 1e9), min_size=1, max_size=40),
    delay=st.integers(0, 3),
)
def test_rates_of_outlay_and_return_are_those_of_pyxirr(outlay: float, paid: list[float], delay: int) -> None:
    check_rate((-outlay, *[0.0] * delay, *paid))


@FEW
@given(drawn=projects())
def test_break_even_is_worth_nothing_and_the_step_agrees(drawn: tuple[Project, Financing]) -> None:
    project, finance = drawn
    price = break_even_price(project, finance)
    flow = cash_flow(project, finance, price)
    assert abs(valued(flow, finance.nominal_rate_frac)) <= 1e-8 * scale_of(flow)
    if not finance.is_loss_carried_forward:
        assert levelised_price(project, finance) == pytest.approx(price, rel=1e-7, abs=1e-7)


@FEW
@given(drawn=projects(), price=st.floats(0.0, 60.0))
def test_loans_and_cover_are_those_of_pyxirr(drawn: tuple[Project, Financing], price: float) -> None:
    project, finance = drawn
    flow = cash_flow(project, finance, price)
    columns, n_built = flow.columns, len(project.construction)
    if finance.debt_frac == 0.0:
        assert not {AVAILABLE, DSCR, LLCR} & set(columns)
        return
    lender = [i + p - b for b, i, p in zip(*(columns[n] for n in ("borrowed", "interest", "principal")), strict=True)]
    borrowed = math.fsum(columns["borrowed"])
    rate = finance.debt_rate_frac
    # at its own rate a loan is worth nothing to either side
    assert pyxirr.npv(rate, lender) == pytest.approx(0.0, abs=1e-9 * borrowed)
    if not finance.is_debt_bullet:
        due = columns["interest"][n_built] + columns["principal"][n_built]
        assert due == pytest.approx(-pyxirr.pmt(rate, finance.debt_years, borrowed), rel=1e-9)
    served = slice(n_built, n_built + finance.debt_years)
    cash = [0.0, *columns[AVAILABLE][served]]
    size = math.fsum(map(abs, cash)) / borrowed + 1.0
    assert columns[LLCR][n_built] == pytest.approx(pyxirr.npv(rate, cash) / borrowed, rel=1e-9, abs=1e-9 * size)
    for i, ratio in enumerate(columns[DSCR]):
        service = columns["interest"][i] + columns["principal"][i]
        if served.start <= i < served.stop and service > 0.0:
            assert ratio * service == pytest.approx(columns[AVAILABLE][i], rel=1e-9, abs=1e-6)
        else:
            assert math.isnan(ratio)


@FEW
@given(drawn=projects(), price=st.floats(0.0, 60.0))
def test_what_one_pays_another_gets(drawn: tuple[Project, Financing], price: float) -> None:
    """Each year: customers pay suppliers, lender, state, the till and the owner; over the life the till is empty."""
    flow = cash_flow(*drawn, price)
    c = flow.columns
    for i in range(len(flow.years)):
        customers = [c["hydrogen_revenue"][i], c["income_oxygen"][i], c["residual_value"][i]]
        suppliers = [c[n][i] for n in ("cost_power", "capital", "land", "replacements", "decommissioning")]
        lender = [c["interest"][i], c["principal"][i], -c["borrowed"][i]]
        rest = [c[n][i] for n in ("tax", "working_capital", "cash_flow")]
        left = math.fsum([*customers, *(-x for x in (*suppliers, *lender, *rest))])
        assert abs(left) <= 1e-9 * math.fsum(map(abs, (*customers, *suppliers, *lender, *rest, 1.0)))
    assert math.fsum(c["working_capital"]) == pytest.approx(0.0, abs=1e-6)
    assert math.fsum(c["principal"]) == pytest.approx(math.fsum(c["borrowed"]), rel=1e-9, abs=1e-6)


def of(**given: object) -> Any:
    return appraise(PLANT, Settings.model_validate({"hydrogen_price_eur_per_kg": 9.0, **given}), YEAR)


@APPRAISED
@given(
    price=st.floats(1.0, 40.0),
    rate=st.floats(0.0, 0.15),
    debt=st.floats(0.0, 0.8),
    growth=st.floats(-0.05, 0.05),
    money=st.sampled_from(["real", "nominal"]),
    tax=st.floats(0.0, 0.4),
)
def test_what_the_appraisal_gives_is_that_of_pyxirr(
    price: float, rate: float, debt: float, growth: float, money: str, tax: float
) -> None:
    path = {"rate_frac": growth, "money": money}
    inflation = 0.02
    found = of(
        hydrogen_price_eur_per_kg=price,
        real_rate_frac=rate,
        debt_frac=debt,
        tax_frac=tax,
        price_paths={"hydrogen": path, "power": path, "upkeep": path},
        construction_frac=[0.5, 0.5],
    )
    nominal = (1.0 + rate) * (1.0 + inflation) - 1.0
    assert found.net_present_value_eur == pytest.approx(valued(found.table, nominal), abs=1e-9 * scale_of(found.table))
    irr = found.internal_rate_nominal_frac
    check_rate(found.table.flows)
    assert irr == internal_rate(found.table.flows)[0]
    if irr is not None:
        assert found.internal_rate_frac == pytest.approx((1.0 + irr) / (1.0 + inflation) - 1.0, abs=1e-12)


PATHS = [name for name in PricePaths.model_fields if name != "carbon"]


@APPRAISED
@given(
    name=st.sampled_from(PATHS),
    one=st.lists(st.floats(0.0, 3.0), min_size=25, max_size=25),
    other=st.lists(st.floats(0.0, 3.0), min_size=25, max_size=25),
    share=st.floats(0.0, 1.0),
)
def test_value_is_linear_in_the_path_of_a_price(name: str, one: list[float], other: list[float], share: float) -> None:
    """Where losses relieve at once; carried forward they make a fall of a price cost more than a rise brings."""

    def worth(factors: list[float]) -> float:
        path = {"factors": factors, "money": "real"}
        found = of(is_loss_carried_forward=False, price_paths={name: path}, working_capital_frac=0.1)
        return float(found.net_present_value_eur)

    mixed = [share * a + (1.0 - share) * b for a, b in zip(one, other, strict=True)]
    expected = share * worth(one) + (1.0 - share) * worth(other)
    assert worth(mixed) == pytest.approx(expected, rel=1e-9, abs=1e-2)


def test_a_path_that_is_none_leaves_every_digit() -> None:
    plain = of()
    for path in (
        {"rate_frac": 0.0, "money": "real"},
        {"rate_frac": 0.02, "money": "nominal"},
        {"factors": [1.0], "money": "real"},
        {"by_year": {2030: 74.0}, "reference": 74.0, "money": "real"},
    ):
        paths = dict.fromkeys(PricePaths.model_fields, path)
        same = of(price_paths=paths, first_year=2030)
        assert same.cash_flow_csv() == plain.cash_flow_csv()
        assert {**same.to_dict(), "start_price_eur_per_kg": None} == plain.to_dict()
        assert same.start_price_eur_per_kg == same.break_even_eur_per_kg


def test_each_path_moves_its_rows_alone() -> None:
    plain, twice = of(carbon_price_eur_per_t=80.0), {"factors": [2.0], "money": "real"}
    rows = {
        name.partition("_")[2].replace("_", " "): name for name in plain.table.columns if name[:4] in ("cost", "inco")
    }
    for name in PATHS:
        moved = of(carbon_price_eur_per_t=80.0, price_paths={name: twice}).table.columns
        for row, column in rows.items():
            by = 2.0 if name in PATHS_OF_ROW.get(row, ()) else 1.0
            assert moved[column] == pytest.approx([by * x for x in plain.table.columns[column]], rel=1e-12), (name, row)
        by = 2.0 if name == "hydrogen" else 1.0
        assert moved["hydrogen_revenue"][1] == pytest.approx(by * plain.table.columns["hydrogen_revenue"][1])


def test_the_cost_of_hydrogen_does_not_hang_on_what_it_earns() -> None:
    plain, rising = of(), of(price_paths={"hydrogen": {"rate_frac": 0.03, "money": "real"}})
    assert rising.break_even_eur_per_kg == plain.break_even_eur_per_kg
    assert rising.net_present_value_eur > plain.net_present_value_eur
    assert rising.start_price_eur_per_kg < plain.break_even_eur_per_kg
    even = of(
        hydrogen_price_eur_per_kg=rising.start_price_eur_per_kg * 4.0 / 3.9,
        price_paths={"hydrogen": {"rate_frac": 0.03, "money": "real"}},
    )
    assert even.net_present_value_eur == pytest.approx(0.0, abs=1e-3)


def test_present_value_is_that_of_pyxirr() -> None:
    flows = [-1000.0, 300.0, 420.0, 680.0]
    assert present_value(0.08, flows) == pytest.approx(pyxirr.npv(0.08, flows), rel=1e-14)


def test_the_market_moves_neither_contracts_nor_fees() -> None:
    """Power at the market doubles: contract 1.5e6 EUR, fees of 3e4 and 53.06 x 5,000 EUR stay, imports double."""
    columns = of(price_paths={"power": {"factors": [2.0], "money": "real"}}, inflation_frac=0.0).table.columns
    assert columns["cost_power contract"][1] == pytest.approx(1.5e6)
    assert columns["cost_grid fees"][1] == pytest.approx(3.0e4 + 53.06 * 5000.0)
    assert columns["cost_grid import"][1] == pytest.approx(4.0e5)
