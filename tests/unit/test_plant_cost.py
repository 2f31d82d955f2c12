"""Cost figures, scaling, price levels, and the capital of a plant."""

import pytest

from h2plant.components import KIND_BY_NAME
from h2plant.core.cost import CostFigure
from h2plant.economics.plant_cost import Equipment, component_capex, plant_cost, replacement_years, residual_frac
from h2plant.economics.price_level import escalated, in_euros


def of(kind: str, values: dict[str, float]) -> Equipment:
    """Return a component of a built-in kind with some of its parameters."""
    return Equipment(kind, values, KIND_BY_NAME[kind].costs)


STAGE = {
    "outlet_pressure_pa": 80.0e5,
    "n_stages_left": 1.0,
    "rated_volume_m3_per_s": 0.0125,
    "efficiency_frac": 0.75,
    "mechanical_efficiency_frac": 0.96,
    "motor_efficiency_frac": 0.93,
    "n_machines": 2.0,
    "n_spares": 1.0,
}


def test_known_costs() -> None:
    """Prices of the figures' own years: 900 EUR/kW PEM system in 2020, of which the stack 45 %."""
    pem = component_capex(of("pem_stack", {"rated_power_w": 1.0e6}), 2020)
    assert pem == pytest.approx(405e3 + 109e3)


@pytest.mark.parametrize(("n_stages", "dearer"), [(1, 1.0), (2, 1.0), (3, 1.2), (4, 1.4), (7, 2.0)])
@pytest.mark.parametrize(("machines", "spares"), [(2.0, 1.0), (1.0, 0.0), (1.0, 1.0)])
def test_stages_of_a_compressor_add_up_to_the_published_machine(
    n_stages: int, dearer: float, machines: float, spares: float
) -> None:
    """HDSAM 3.1: 2 x 1962.2 USD2007 (P/kW)^0.8225 each to 100 bar, above it 1.3 (3758.2 P/kW + 107,562) USD2013.

    A fifth more for each stage beyond two; 1.3705 and 1.3281 USD/EUR (ECB means of 2007 and 2013). Stages of
    0.0125 m3/s at 40 to 80 bar draw 57.24 kW, and as much at half of the pressure and twice the volume.
    """
    sizes = KIND_BY_NAME["compressor_stage"].sizes
    for outlet_pa, year in ((99.0e5, 2007), (500.0e5, 2013)):
        total = 0.0
        for left in range(1, n_stages + 1):
            given = {**STAGE, "n_stages_left": left, "outlet_pressure_pa": outlet_pa, "n_machines": machines}
            given["rated_volume_m3_per_s"] = 0.0125 * 40.0e5 / (outlet_pa * 0.5**left)
            total += component_capex(of("compressor_stage", sizes({**given, "n_spares": spares})), year)
        each_kw = n_stages * 57.24 / machines
        published = 2.0 * 1962.2 * each_kw**0.8225 / 1.3705
        if year == 2013:
            published = 1.3 * (3758.2 * each_kw + 107562.0) / 1.3281
        assert total == pytest.approx((machines + spares) * published * dearer, rel=1e-4)


def test_tanks_agree_with_a_second_source() -> None:
    """Tietze, Luhr and Stolten 2016, figure 27.5: 110.18 EUR (V_stp)^0.9338 per high-pressure vessel."""
    tank = {"n_vessels": 1.0, "vessel_volume_m3": 1.0, "max_pressure_pa": 500.0e5}
    density_500_bar, density_stp = 30.81, 0.08988  # kg/m3, Lemmon 2008 at 25 C and the normal cubic metre
    published = 110.18 * (density_500_bar / density_stp) ** 0.9338
    assert component_capex(of("gas_tank", tank), 2014) == pytest.approx(published, rel=0.15)


def test_year_and_currency() -> None:
    """CEPCI 541.7 in 2016 and 797.9 in 2023; 1.1069 USD/EUR in 2016 (ECB)."""
    figure = CostFigure("x", (), 1.0, 1000.0, 2016, 1.0, 20.0, 0.0, "test", currency="USD", installation_ratio=1.5)
    cost = plant_cost({"a": of("mixer", {})}, 25, 0.3, 0.1, 2023, figures={"a": (figure,)})
    assert cost.equipment_eur == pytest.approx(1500.0 / 1.1069 * 797.9 / 541.7)
    assert cost.capex_eur == pytest.approx(1.4 * cost.equipment_eur)
    assert escalated(1.0, 2020, 2020) == 1.0
    with pytest.raises(ValueError, match="no exchange rate for 'GBP'"):
        in_euros(1.0, "GBP", 2020)


@pytest.mark.parametrize(
    ("life", "project", "years", "left"),
    [
        (25.0, 25, (), 0.0),
        (30.0, 25, (), 1.0 / 6.0),
        (10.0, 25, (10, 20), 0.5),
        (11.04, 25, (11, 22), 1.0 - (25 - 22.08) / 11.04),
        (12.5, 25, (13,), 0.0),
        (0.5, 2, (1, 1), 0.0),
    ],
)
def test_renewals_and_what_is_left(life: float, project: int, years: tuple[int, ...], left: float) -> None:
    assert replacement_years(life, project) == years
    assert residual_frac(life, project, len(years)) == pytest.approx(left, abs=1e-12)


def test_life_of_stacks() -> None:
    def life(hours: float, worn: float | None) -> float:
        plant = {"s": of("pem_stack", {"rated_power_w": 1.0e6, "running_h_per_year": hours})}
        cost = plant_cost(plant, worn_lives_years={} if worn is None else {"s": worn})
        by_part = {item.part: item.life_years for item in cost.items}
        assert by_part["water loop"] == 20.0
        return by_part["stack"]

    assert life(0.0, None) == 10.0  # by age
    assert life(8000.0, None) == 10.0 and life(2000.0, None) == 20.0  # 80,000 h, at most 20 years
    assert life(8000.0, 6.5) == 6.5 and life(8000.0, 60.0) == 20.0  # the run's degradation counts before both


def test_offers_count_and_what_is_missing_is_named() -> None:
    plant = {"stack": of("pem_stack", {"rated_power_w": 1.0e6}), "x": of("mixer", {})}
    cost = plant_cost(plant, indirect_frac=0.0, contingency_frac=0.0, offers_eur={"stack": 1.0e6, "x": 2.0e5})
    assert cost.capex_eur == pytest.approx(1.2e6)
    assert [item.capex_eur for item in cost.items] == pytest.approx([1.0e6 * 405 / 514, 1.0e6 * 109 / 514, 2.0e5])
    with pytest.raises(KeyError, match=r"component 'k1'.*pipeline_cost_power_w"):
        plant_cost({"k1": of("compressor_stage", {})})
    unknown = {"y": Equipment("unicorn", {}, None)}
    assert plant_cost({**plant, **unknown}).missing == ("y",)
    assert plant_cost(unknown, offers_eur={"y": 1.0}).missing == ()


def test_power_of_a_stage_follows_from_its_parameters() -> None:
    """40 to 80 bar, 0.0125 m3/s (0.039 kg/s) at 0.67: 3.5 p V (2^(2/7) - 1) / 0.67 = 57.2 kW."""
    assert KIND_BY_NAME["compressor_stage"].sizes(STAGE)["rated_power_w"] == pytest.approx(57.24e3, rel=1e-4)
