"""Cost figures, scaling, and the cost of hydrogen of a plant."""

import math

import pytest

from h2plant.components import KINDS
from h2plant.economics.cost_figures import COSTS, FREE_KINDS, CostFigure, cost_figures
from h2plant.economics.levelised_cost import capital_recovery_factor, levelised_cost
from h2plant.economics.plant_cost import (
    component_capex,
    hydrogen_cost,
    plant_cost,
    stage_power,
    with_sizes,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
def test_every_kind_has_a_cost_or_is_free(kind) -> None:
    names = set(with_sizes(kind.name, {f.name: f.default or 1.0 for f in kind.parameters}))
    for figure in cost_figures(kind.name):
        missing = set(figure.size_parameters) - names
        assert not missing, f"{kind.name} has no parameter {missing}"
        assert figure.source


def test_no_kind_is_both() -> None:
    assert not FREE_KINDS & set(COSTS)


def test_known_costs() -> None:
    """Prices of the figures' own years: 900 EUR/kW PEM system in 2020, of which the stack 45 %."""
    pem = component_capex("pem_stack", {"rated_power_w": 1.0e6}, 2020)
    assert pem == pytest.approx(405e3 + 109e3)
    # HDSAM: 1962.2 USD2007 (P/kW)^0.8225, installed factor 2, 1.3705 USD/EUR (ECB mean of 2007)
    for power_kw in (50.0, 400.0):
        published = 1962.2 * power_kw**0.8225 * 2.0 / 1.3705
        assert component_capex("compressor_stage", {"rated_power_w": power_kw * 1e3}, 2007) == pytest.approx(
            published, rel=2e-3
        )


def test_tanks_agree_with_a_second_source() -> None:
    """Tietze, Luhr and Stolten 2016, figure 27.5: 110.18 EUR (V_stp)^0.9338 per high-pressure vessel."""
    tank = {"n_vessels": 1.0, "vessel_volume_m3": 1.0, "max_pressure_pa": 500.0e5}
    density_500_bar, density_stp = 30.81, 0.08988  # kg/m3, Lemmon 2008 at 25 C and the normal cubic metre
    published = 110.18 * (density_500_bar / density_stp) ** 0.9338
    assert component_capex("gas_tank", tank, 2014) == pytest.approx(published, rel=0.15)


def test_uniform_life_is_the_closed_form() -> None:
    figures = (CostFigure("plant", ("size",), 1.0, 1.0e6, 2023, 1.0, 20.0, 0.03, "test"),)
    cost = plant_cost(
        {"a": ("mixer", {"size": 60.0}), "b": ("splitter", {"size": 40.0})},
        hydrogen_kg_per_year=16.425e6,
        electricity_eur_per_year=2.775 * 16.425e6,
        real_rate_frac=0.08,
        indirect_cost_frac=0.0,
        overrides={"a": figures, "b": figures},
    )
    closed = levelised_cost(100.0e6, 20, 0.08, 16.425e6, 3.0e6, 2.775)
    assert cost.capex_eur == pytest.approx(100.0e6)
    assert cost.levelised.total_eur_per_kg == pytest.approx(closed.total_eur_per_kg, rel=1e-12)
    assert closed.total_eur_per_kg == pytest.approx(3.5777531739613435, rel=1e-9)  # lcoh_crf_cases


def test_parts_add_up_and_worn_stacks_cost_more() -> None:
    def cost(hours: float, revenue: float = 0.0):
        plant = {
            "stack": ("pem_stack", {"rated_power_w": 5.0e6, "running_h_per_year": hours}),
            "tank": ("gas_tank", {"n_vessels": 30.0, "vessel_volume_m3": 107.4, "max_pressure_pa": 70e5}),
            "wind": ("wind_farm", {}),
        }
        return plant_cost(plant, 4.0e5, 1.5e6, 1.0e5, revenue)

    light, heavy = cost(2000.0), cost(8000.0, 2.0e5)
    for result in (light, heavy):
        assert sum(result.per_kg.values()) == pytest.approx(result.levelised.total_eur_per_kg, rel=1e-12)
    stacks = [next(i for i in c.items if i.part == "stack") for c in (light, heavy)]
    assert [s.life_years for s in stacks] == pytest.approx([20.0, 10.0])  # age, then 80,000 h
    assert stacks[1].annuity_eur_per_year / stacks[1].capex_eur == pytest.approx(capital_recovery_factor(0.06, 10.0))
    assert heavy.per_kg["revenue"] == pytest.approx(-0.5)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(KeyError, match=r"component 'k1'.*rated_power_w"):
        plant_cost({"k1": ("compressor_stage", {})}, 1.0, 0.0)
    with pytest.raises(KeyError, match=r"component 'x'.*'unicorn'"):
        plant_cost({"x": ("unicorn", {})}, 1.0, 0.0)
    with pytest.raises(ValueError, match="economics has no key 'rate'"):
        hydrogen_cost({}, {"rate": 0.1}, hydrogen_kg=1.0, hours=1.0, electricity_eur=0.0)
    with pytest.raises(ValueError, match="no component 'y'"):
        hydrogen_cost({}, {"capex_eur": {"y": 1.0}}, hydrogen_kg=1.0, hours=1.0, electricity_eur=0.0)


def test_a_run_is_scaled_to_a_year_and_offers_count() -> None:
    plant = {"stack": ("pem_stack", {"rated_power_w": 1.0e6}), "x": ("mixer", {})}
    economics = {"real_rate_frac": 0.0, "indirect_cost_frac": 0.0, "capex_eur": {"stack": 1.0e6, "x": 2.0e5}}
    cost = hydrogen_cost(plant, economics, hydrogen_kg=1000.0, hours=87.6, electricity_eur=3000.0, water_eur=20.0)
    assert cost.hydrogen_kg_per_year == pytest.approx(1.0e5)
    assert cost.capex_eur == pytest.approx(1.2e6)
    stack, loop = 1.0e6 * 405 / 514, 1.0e6 * 109 / 514
    capital = stack / 10 + loop / 20 + 2.0e5 / 20
    expected = (capital + 0.02 * 1.2e6) / 1.0e5 + 3.0 + 0.02
    assert cost.hydrogen_cost_eur_per_kg == pytest.approx(expected, rel=1e-12)
    nothing = hydrogen_cost(plant, {}, hydrogen_kg=0.0, hours=1.0, electricity_eur=0.0)
    assert math.isnan(nothing.hydrogen_cost_eur_per_kg)
    assert nothing.capex_eur > 0.0


def test_power_of_a_stage_follows_from_its_parameters() -> None:
    """40 to 80 bar, 0.0125 m3/s (0.039 kg/s) at 0.67: 3.5 p V (2^(2/7) - 1) / 0.67 = 57.2 kW."""
    stage = {
        "outlet_pressure_pa": 80.0e5,
        "n_stages_left": 1.0,
        "rated_volume_m3_per_s": 0.0125,
        "efficiency_frac": 0.75,
        "mechanical_efficiency_frac": 0.96,
        "motor_efficiency_frac": 0.93,
    }
    assert stage_power(stage) == pytest.approx(57.24e3, rel=1e-4)
    assert component_capex("compressor_stage", stage) == pytest.approx(
        component_capex("compressor_stage", {"rated_power_w": stage_power(stage)})
    )
