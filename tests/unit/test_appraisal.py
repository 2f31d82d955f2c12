"""What hydrogen costs, by component and kind of cost; three ways; carbon; what a start costs."""

import csv
import io
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import h2plant
from h2plant.components import KIND_BY_NAME
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.cost import CostFigure
from h2plant.core.role import Start
from h2plant.economics.appraisal import COVERS, NO_HYDROGEN, NO_PRICE, NONE_SOLD, Appraisal, appraise
from h2plant.economics.carbon import LIMIT_KG_PER_KG, import_footprint
from h2plant.economics.debt_cover import NO_DEBT
from h2plant.economics.plant_cost import Equipment
from h2plant.economics.settings import Settings
from h2plant.economics.start_cost import start_cost
from h2plant.economics.year import Year
from h2plant.plant.finding import PlantError
from h2plant.report.console import print_hydrogen_cost
from h2plant.session.session import prepare
from tests.levelised_cost import levelised_cost

pytestmark = pytest.mark.long

PLAIN = {
    "inflation_frac": 0.0,
    "tax_frac": 0.0,
    "insurance_frac": 0.0,
    "indirect_cost_frac": 0.0,
    "contingency_frac": 0.0,
}


def _of(kind: str, values: dict[str, float]) -> Equipment:
    return Equipment(kind, values, KIND_BY_NAME[kind].costs)


PLANT = {
    "stack": _of("pem_stack", {"rated_power_w": 5.0e6}),
    "tank": _of("gas_tank", {"n_vessels": 30.0, "vessel_volume_m3": 107.4, "max_pressure_pa": 70e5}),
    "wind": _of("wind_farm", {}),
    "sink": _of("product_sink", {}),
    "water": _of("water_source", {}),
}
YEAR = Year(
    made_kg={"stack": 4.0e5},
    sold_kg=3.9e5,
    hydrogen_revenue_eur=3.9e6,
    power_contract_eur=1.5e6,
    grid_import_eur=2.0e5,
    grid_fee_eur=3.0e4,
    power_sold_eur=1.0e5,
    imbalance_eur=2.5e4,
    emergency_eur=5.0e3,
    peak_import_kw=5000.0,
    water_eur={"water": 8.0e3},
    oxygen_eur={"sink": 6.0e4},
    heat_eur={"stack": 1.0e4},
    drawn_j={"stack": 7.5e13, "tank": 2.5e12},
)


def settings(**given: object) -> Settings:
    return Settings.model_validate(given)


def test_cells_add_up_both_ways() -> None:
    cost = appraise(PLANT, settings(grid_capacity_fee_eur_per_kw_year=40.0, staff_eur_per_year=1e5), YEAR)
    total = cost.closed_form_eur_per_kg
    assert total == math.fsum(cost.cells.values())
    for split in (cost.by_kind_of_cost(), cost.by_component(), cost.by_kind_of_component()):
        assert math.fsum(split.values()) == pytest.approx(total, rel=1e-14)
    by_cost = cost.by_kind_of_cost()
    assert by_cost["grid fees"] == pytest.approx((3.0e4 + 5000.0 * 40.0) / 4.0e5)
    assert by_cost["oxygen sold"] == pytest.approx(-0.15) and by_cost["heat sold"] == pytest.approx(-0.025)
    assert by_cost["power sold"] == pytest.approx(-0.25) and by_cost["water"] == pytest.approx(0.02)
    # electricity goes to those who draw it: 7.5e13 of 7.75e13 J
    assert cost.cells["stack", "power contract"] == pytest.approx(1.5e6 / 4.0e5 * 75.0 / 77.5)
    assert math.fsum(cost.cash_flow_parts.values()) == pytest.approx(cost.break_even_eur_per_kg, rel=1e-12)


def test_uniform_life_is_the_published_closed_form() -> None:
    """lcoh_crf_cases: capital 100 M, 20 years at 8 %, 16.425 kt a year, 3 % upkeep, 2.775 per kg: 3.57775."""
    figures = (CostFigure("plant", ("size",), 1.0, 1.0e6, 2023, 1.0, 20.0, 0.03, "test"),)
    plant = {"a": _of("mixer", {"size": 60.0}), "b": _of("splitter", {"size": 40.0})}
    year = Year({"a": 16.425e6}, power_contract_eur=2.775 * 16.425e6)
    s = settings(**PLAIN, real_rate_frac=0.08, project_life_years=20)
    cost = appraise(plant, s, year, {"a": figures, "b": figures})
    for way in (cost.closed_form_eur_per_kg, cost.cash_flow_eur_per_kg, cost.break_even_eur_per_kg):
        assert way == pytest.approx(3.5777531739613435, rel=1e-9)
    assert cost.closed_form_eur_per_kg == pytest.approx(
        levelised_cost(100.0e6, 20, 0.08, 16.425e6, 3.0e6, 2.775).total_eur_per_kg, rel=1e-12
    )


@given(
    rate=st.floats(-0.05, 0.25),
    n=st.integers(1, 40),
    life=st.floats(0.5, 60.0),
    residual=st.floats(0.0, 1.0),
    construction=st.sampled_from([[1.0], [0.3, 0.7], [0.08, 0.6, 0.32]]),
    prepared=st.sampled_from(["made", "sold"]),
)
def test_three_ways_agree_without_tax_and_inflation(
    rate: float, n: int, life: float, residual: float, construction: list[float], prepared: str
) -> None:
    """Renewals, residual value, land, construction and decommissioning included; stacks that do not lose."""
    figures = (
        CostFigure("stack", (), 1.0, 3.0e6, 2023, 1.0, life, 0.02, "test"),
        CostFigure("rest", (), 1.0, 5.0e6, 2020, 1.0, 27.0, 0.03, "test"),
    )
    given = {
        **{"inflation_frac": 0.0, "tax_frac": 0.0, "real_rate_frac": rate, "project_life_years": n},
        **{"residual_value_frac": residual, "construction_frac": construction, "land_eur": 1e5},
        **{"decommissioning_frac": 0.1, "hydrogen_basis": prepared, "consumables_eur_per_kg": 0.05},
    }
    cost = appraise(PLANT, settings(**given), YEAR, {"stack": figures})
    assert cost.cash_flow_eur_per_kg == pytest.approx(cost.closed_form_eur_per_kg, rel=1e-9)
    assert cost.break_even_eur_per_kg == pytest.approx(cost.closed_form_eur_per_kg, rel=1e-9)


def test_wear_ramp_up_tax_and_debt_move_the_cost_the_right_way() -> None:
    def cost(**given: object) -> Appraisal:
        return appraise(PLANT, settings(**{"inflation_frac": 0.0, "tax_frac": 0.0, **given}), YEAR)

    plain = cost()
    assert plain.break_even_eur_per_kg > plain.closed_form_eur_per_kg  # the stack loses 10 % over its life
    assert cost(ramp_up_frac=[0.5]).break_even_eur_per_kg > plain.break_even_eur_per_kg
    assert cost(tax_frac=0.25).break_even_eur_per_kg > plain.break_even_eur_per_kg
    assert cost(debt_frac=0.6, debt_rate_frac=0.03).break_even_eur_per_kg < plain.break_even_eur_per_kg
    assert cost(hydrogen_basis="sold").closed_form_eur_per_kg == pytest.approx(plain.closed_form_eur_per_kg * 4.0 / 3.9)
    made = plain.table.columns["hydrogen_kg"]
    # stack life 10 years by age: 1 - 0.1 x 0.95 in year 10 over 1 - 0.1 x 0.05 in year 1, and new again in year 11
    assert made[10] / made[1] == pytest.approx(0.905 / 0.995) and made[11] == pytest.approx(made[1])


def test_earnings_are_there_or_say_why_not() -> None:
    earned = appraise(PLANT, settings(), replace(YEAR, hydrogen_revenue_eur=6.0e6))
    assert earned.price_eur_per_kg == pytest.approx(15.0)
    assert earned.net_present_value_eur > 0.0 and 0.06 < earned.internal_rate_frac < earned.internal_rate_nominal_frac
    assert earned.payback_years < earned.discounted_payback_years
    assert earned.reasons == dict.fromkeys(COVERS, NO_DEBT)
    # at the price that breaks even the rate is the discount rate
    even = appraise(PLANT, settings(hydrogen_price_eur_per_kg=earned.break_even_eur_per_kg * 4.0 / 3.9), YEAR)
    assert even.internal_rate_frac == pytest.approx(0.06, abs=1e-9)
    assert even.net_present_value_eur == pytest.approx(0.0, abs=1.0)
    unsold = appraise(PLANT, settings(), replace(YEAR, sold_kg=0.0, hydrogen_revenue_eur=0.0))
    assert unsold.internal_rate_frac is None and unsold.reasons["internal_rate_frac"] == NO_PRICE
    poor = appraise(PLANT, settings(hydrogen_price_eur_per_kg=0.0, residual_value_frac=0.0), YEAR)
    assert poor.internal_rate_frac is None and poor.reasons["internal_rate_frac"] == "no year brings money in"
    assert poor.reasons["payback_years"] == "not within the project's life"


def test_without_hydrogen_there_is_a_reason_and_no_number() -> None:
    nothing = appraise(PLANT, settings(), Year({"stack": 0.0}, power_contract_eur=1.0))
    assert nothing.closed_form_eur_per_kg is None and nothing.table is None
    assert nothing.reasons["hydrogen_cost_eur_per_kg"] == NO_HYDROGEN
    assert nothing.plant.capex_eur > 0.0
    text = json.dumps(nothing.to_dict(), allow_nan=False)
    assert NO_HYDROGEN in text and NO_HYDROGEN in nothing.cash_flow_csv()


def test_table_is_csv_that_adds_up() -> None:
    cost = appraise(PLANT, settings(), YEAR)
    rows = list(csv.DictReader(io.StringIO(cost.cash_flow_csv())))
    assert [int(row["year"]) for row in rows] == list(range(26))
    total = sum(float(row["discounted_eur"]) for row in rows)
    assert total == pytest.approx(cost.net_present_value_eur, abs=1e-3)
    assert float(rows[-1]["cumulative_discounted_eur"]) == pytest.approx(total, abs=1e-3)
    for row in rows:
        earnings = float(row["earnings_before_interest_tax_depreciation_eur"])
        income = sum(float(v) for k, v in row.items() if k.startswith("income_"))
        costs = sum(float(v) for k, v in row.items() if k.startswith("cost_"))
        ends = float(row["residual_value_eur"]) - float(row["decommissioning_eur"])
        assert earnings == pytest.approx(float(row["hydrogen_revenue_eur"]) + income - costs + ends, abs=1e-4)


def test_carbon() -> None:
    """28.2 g/MJ of hydrogen at 120 MJ/kg: 3.384 kg/kg; 9 kWh/kg from a grid of 374 g/kWh are 3.366."""
    assert pytest.approx(3.384) == LIMIT_KG_PER_KG
    foot = import_footprint(9.0, 374.0, 1000.0)
    assert foot.kg_per_kg == pytest.approx(3.366) and foot.g_per_mj == pytest.approx(28.05)
    assert import_footprint(1.0, 1.0, 0.0).kg_per_kg is None


def test_starts_by_hand() -> None:
    def start(kind: str, name: str, **values: float) -> Start:
        starts = {start.name: start for start in KIND_BY_NAME[kind].role.starts}
        return starts[name].estimate(values)

    pem = start(
        *("pem_stack", ""),
        **{"heat_capacity_j_per_k": 4.0e6, "water_setpoint_kg": 400.0, "temperature_setpoint_k": 288.15 + 55.0},
        **{"start_time_s": 300.0, "rated_power_w": 1.0e6, "min_load_frac": 0.15, "ramp_w_per_s": 2.0e4},
        **{"degradation_per_start_v": 5e-6, "end_of_life_v": 0.2},
    )
    assert pem.energy_j == pytest.approx((4.0e6 + 400.0 * 4186.0) * 55.0)
    assert pem.lost_s == pytest.approx(300.0 + 42.5 / 2.0) and pem.ageing_frac == pytest.approx(2.5e-5)
    of_module = {"power_max_w": 2.4e6, "power_min_w": 1.2e5, "ramp_w_per_s": 4000.0}
    hot = start("soec_module", "hot", **of_module)
    assert hot.lost_s == pytest.approx(285.0) and hot.energy_j == hot.ageing_frac == 0.0
    cold = start(
        *("soec_module", "cold"),
        **of_module,
        **{"heat_capacity_j_per_k": 6.0e6, "temperature_ready_k": 288.15 + 765.0, "heating_rate_k_per_s": 1.0 / 60.0},
        **{"loss_conductance_w_per_k": 64.0, "growth_per_cycle_frac": 1e-3, "end_of_life_growth_frac": 0.6},
    )
    assert cold.energy_j == pytest.approx(6.0e6 * 765.0 + 64.0 * 382.5 * 45900.0)  # 12.75 h, on average half as warm
    assert cold.lost_s == pytest.approx(45900.0 + 285.0) and cold.ageing_frac == pytest.approx(1.0 / 600.0)
    cost = start_cost(
        cold,
        **{"hydrogen_kg_per_s": 0.01, "specific_energy_j_per_kg": 40.0 * 3.6e6, "electricity_eur_per_mwh": 50.0},
        **{"hydrogen_eur_per_kg": 5.0, "stack_eur": 6.0e5},
    )
    assert cost.energy_eur == pytest.approx(cold.energy_j / 3.6e9 * 50.0)
    assert cost.lost_production_eur == pytest.approx(461.85 * (5.0 - 2.0)) and cost.ageing_eur == pytest.approx(1000.0)
    assert cost.total_eur == pytest.approx(cost.energy_eur + cost.lost_production_eur + cost.ageing_eur)
    with pytest.raises(ValueError, match="must be above 0"):
        start_cost(
            cold,
            **{"hydrogen_kg_per_s": 0.01, "specific_energy_j_per_kg": 0.0, "electricity_eur_per_mwh": 50.0},
            **{"hydrogen_eur_per_kg": 5.0, "stack_eur": 6.0e5},
        )


ECONOMICS = """
economics:
  project_life_years: -5
  real_rate_frac: -1
  rate: 0.1
  capex_eur: {stack: -3}
  costs: {pem_stack: {stack: {currency: GBP, exponent: .nan}}}
  depreciation: macrs_6
  hydrogen_price_eur_per_kg: -1
"""
MISFITS = """
economics:
  capex_eur: {stck: 5}
  costs: {pem_stack: {stak: {currency: USD}}}
  construction_frac: [0.5, 0.6]
  heat_sales_eur_per_mwh: {stack.power: 3}
  debt_frac: 0.5
  debt_years: 40
"""


@pytest.mark.parametrize(
    ("economics", "wanted"),
    [
        (
            ECONOMICS,
            [
                ("out-of-bounds", "economics.project_life_years", 2, "-5"),
                ("out-of-bounds", "economics.real_rate_frac", 3, "greater than or equal to -0.2"),
                ("unknown-key", "economics.rate", 4, "no key 'rate'"),
                ("out-of-bounds", "economics.capex_eur.stack", 5, "greater than or equal to 0"),
                ("out-of-bounds", "economics.costs.pem_stack.stack.currency", 6, "'EUR' or 'USD'"),
                ("out-of-bounds", "economics.costs.pem_stack.stack.exponent", 6, "finite"),
                ("out-of-bounds", "economics.depreciation", 7, "'macrs_7'"),
                ("out-of-bounds", "economics.hydrogen_price_eur_per_kg", 8, "greater than or equal to 0"),
            ],
        ),
        (
            MISFITS,
            [
                ("unknown-component", "economics.capex_eur.stck", 2, "no component 'stck'"),
                ("unknown-key", "economics.costs.pem_stack.stak", 3, "no part 'stak'"),
                ("out-of-bounds", "economics.construction_frac", 4, "add up to 1.1"),
                ("unknown-port", "economics.heat_sales_eur_per_mwh.stack.power", 5, "no heat port"),
                ("out-of-bounds", "economics.debt_years", 7, "the project 25"),
            ],
        ),
    ],
)
def test_findings_have_file_and_line(tmp_path: Path, economics: str, wanted: list[tuple[str, str, int, str]]) -> None:
    text = (Path(h2plant.__file__).parent / "plants" / "minimal.yaml").read_text(encoding="utf-8")
    text = "\n".join(line for line in text.split("\n") if not line.startswith("economics:"))
    file = tmp_path / "plant.yaml"
    file.write_text(text + economics, encoding="utf-8")
    first = text.count("\n") + 1
    with pytest.raises(PlantError) as caught:
        h2plant.load(file)
    found = [(f.id, f.where, f.line - first, f.file) for f in caught.value.findings]
    assert found == [(id_, where, line, file) for id_, where, line, _ in wanted]
    for finding, (*_, part) in zip(caught.value.findings, wanted, strict=True):
        assert part in finding.what and finding.remedy


def test_findings_of_changes_name_the_change() -> None:
    scenario = changed_scenario(load_scenario("minimal_day"), overrides={"economics.real_rate_frac": "-2"})
    with pytest.raises(PlantError, match=r"set economics\.real_rate_frac: should be greater than or equal to -0\.2"):
        prepare(scenario)


def test_a_run_tells_it_all(tmp_path: Path) -> None:
    """Intensity by a series and as a constant say the same; the CSV is there; a cold plant tells why it has no cost."""
    text = (Path(h2plant.__file__).parent / "plants" / "minimal.yaml").read_text(encoding="utf-8")
    file = tmp_path / "plant.yaml"
    links = "links:\n  - series.grid_intensity_g_per_kwh -> grid.carbon_intensity\n"
    text = text.replace("links:\n", links, 1).replace(
        "series:\n", "series:\n  grid_intensity_g_per_kwh: {constant: 100}\n", 1
    )
    file.write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    results = h2plant.run(file, hours=6, out=out)
    summary = results.summary
    figures, economics = summary["key_figures"], summary["economics"]
    assert figures["carbon_kg_per_kg"] == pytest.approx(figures["import_mwh"] * 100.0 / figures["hydrogen_made_kg"])
    assert figures["start_cost_pem_eur"] > 0.0 and figures["start_cost_pem_kg"] > 0.0
    assert math.fsum(economics["by_kind_of_cost_eur_per_kg"].values()) == pytest.approx(
        figures["hydrogen_cost_eur_per_kg"], rel=1e-12
    )
    why = "a run of 6 hours does not tell what a year earns: take at least 28 days"
    assert (out / "cash_flow.csv").read_text(encoding="utf-8") == f"none: {why}\n"
    month = h2plant.run(file, hours=672, out=tmp_path / "month")
    assert (month.folder / "cash_flow.csv").read_text(encoding="utf-8").startswith("year,hydrogen_kg,")
    assert month.summary["key_figures"]["net_present_value_eur"] is not None
    constant = h2plant.run(
        "minimal", hours=6, out=tmp_path / "two", set={"economics.grid_intensity_g_per_kwh": 100.0}
    ).summary["key_figures"]
    assert constant["carbon_kg_per_kg"] == pytest.approx(figures["carbon_kg_per_kg"], rel=1e-9)
    cold = h2plant.run("minimal", hours=0.05, out=tmp_path / "cold").summary  # before the stack has started
    assert cold["key_figures"]["hydrogen_cost_eur_per_kg"] is None
    assert cold["economics"]["reasons"]["hydrogen_cost_eur_per_kg"] == NO_HYDROGEN
    assert (tmp_path / "cold" / "cash_flow.csv").read_text(encoding="utf-8") == f"none: {NO_HYDROGEN}\n"


def test_every_key_stands_on_its_page_with_its_default() -> None:
    page = (Path(__file__).parents[2] / "docs" / "economics.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        default = "not set" if field.default is None else field.default
        assert f"| `{name}` | {default} |" in page, name


def test_a_kilogram_made_and_one_sold_stand_side_by_side() -> None:
    """4e5 kg made, 3.9e5 sold, 2e4 EUR of stock added: the same money by two masses."""
    year = replace(YEAR, stock_eur=2.0e4)
    cost = appraise(PLANT, settings(), year)
    made, sold = cost.made.closed_form, cost.sold.closed_form
    assert made == cost.closed_form_eur_per_kg and made == math.fsum(cost.made.cells.values())
    assert sold == pytest.approx((made * 4.0e5 - 2.0e4) / 3.9e5, rel=1e-12)
    assert cost.sold.break_even > sold and cost.sold.cells["project", "stock change"] == pytest.approx(-2.0e4 / 3.9e5)
    by_sold = appraise(PLANT, settings(hydrogen_basis="sold"), year)
    assert by_sold.closed_form_eur_per_kg == by_sold.sold.closed_form == sold and by_sold.made.closed_form == made
    # where the stock says too much, a kilogram made has its cost all the same
    for basis in ("made", "sold"):
        half = appraise(PLANT, settings(hydrogen_basis=basis), year, no_cost_sold="the stock grew")
        assert half.made.closed_form == made and half.sold.closed_form is None
        assert half.reasons["hydrogen_cost_sold_eur_per_kg"] == "the stock grew"
        assert "hydrogen_cost_eur_per_kg" not in half.reasons
    unsold = appraise(PLANT, settings(), replace(YEAR, sold_kg=0.0))
    assert unsold.made.closed_form and unsold.reasons["hydrogen_cost_after_tax_sold_eur_per_kg"] == NONE_SOLD


def test_both_costs_fit_into_eighty_columns() -> None:
    cost = appraise(PLANT, settings(), replace(YEAR, stock_eur=2.0e4)).to_dict()
    text = io.StringIO()
    print_hydrogen_cost(Console(file=text, width=80), cost)
    lines = text.getvalue().splitlines()
    assert max(map(len, lines)) <= 80 and "..." not in text.getvalue() and "…" not in text.getvalue()
    heading = next(line for line in lines if "by kind of cost" in line)
    assert heading.count("made") == heading.count("sold") == 2
    sums = next(line for line in lines if line.startswith("│ sum"))
    of = cost["per_kg"]
    assert all(sums.count(f"{of[m]['closed_form_eur_per_kg']:.3f}") == 2 for m in ("made", "sold"))
    # a summary of an older version has one cost, under the heading of its unit
    del cost["per_kg"]
    old = io.StringIO()
    print_hydrogen_cost(Console(file=old, width=80), cost)
    heading = next(line for line in old.getvalue().splitlines() if "by kind of cost" in line)
    assert "EUR/kg" in heading
    assert f"{cost['hydrogen_cost_eur_per_kg']['closed_form']:.3f}" in old.getvalue()


def test_a_power_contract_is_paid_in_full_while_production_ramps_up() -> None:
    """Half of the hydrogen in year 1: the contract's 1.5e6 EUR and 40 EUR/kW on 5,000 kW are due all the same.

    Of 20 GWh of own power used half goes to the market at 50 EUR/MWh (1e5 EUR for 2 GWh): 6e5 EUR in place of 1e5.
    """
    year = replace(YEAR, exported_j=2000 * 3.6e9, own_used_j=20000 * 3.6e9)
    given = {"inflation_frac": 0.0, "electricity_escalation_frac": 0.02, "grid_capacity_fee_eur_per_kw_year": 40.0}
    columns = appraise(PLANT, settings(**given, ramp_up_frac=[0.5]), year).table.columns
    assert columns["hydrogen_kg"][1] == pytest.approx(0.5 * 4.0e5, rel=1e-9)
    assert columns["cost_power contract"][1] == pytest.approx(1.5e6)
    assert columns["cost_grid fees"][1] == pytest.approx(0.5 * 3.0e4 + 40.0 * 5000.0)
    assert columns["cost_grid import"][1] == pytest.approx(0.5 * 2.0e5)
    assert columns["income_power sold"][1] == pytest.approx(1.0e5 + 0.5 * 20000.0 * 50.0)
    assert columns["income_power sold"][2] == pytest.approx(1.02 * 1.0e5)
    unsold = replace(year, exported_j=0.0, power_sold_eur=0.0)
    assert "income_power sold" not in appraise(PLANT, settings(**given, ramp_up_frac=[0.5]), unsold).table.columns
