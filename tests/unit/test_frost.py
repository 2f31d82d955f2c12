"""Water below the triple point: supercooled liquid, the vapour over it, and streams that carry both."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h2plant.core.properties import (
    gas_density,
    gas_internal_energy,
    gas_pressure_from_density,
    gas_pressure_temperature_from_density_energy,
    layout,
    saturation_pressure,
    saturation_temperature,
    water_density,
    water_enthalpy,
    water_enthalpy_entropy,
    water_heat_capacity,
    water_temperature_from_enthalpy,
    water_temperature_from_entropy,
)
from h2plant.laws import state_equations
from h2plant.physics.flash import dew_temperature, enthalpy_at_temperature, temperature_at_enthalpy
from h2plant.physics.frost import (
    TRIPLE_K,
    condensation_temperature,
    moisture_saturation_pressure,
    vapour_enthalpy,
    vapour_enthalpy_heat_capacity,
)
from h2plant.physics.stream import dry_molar_flow, stream_enthalpy, water_split
from h2plant.physics.wet_gas import held_flash
from h2plant.testing.rig import tables

NOTHING_HELD = (0.0,) * 10


# density at 1 atm, kg/m3, molar heat capacity, J/(mol K), and vapour pressure, Pa, of supercooled water: the tables of
# M. Chaplin, Water Structure and Science (water data), which gather D. E. Hare and C. M. Sorensen 1987
# (doi:10.1063/1.453710) and C. A. Angell 1982; the heat capacities scatter by some percent below -20 C
@pytest.mark.parametrize(
    ("temperature_degc", "density", "heat_capacity", "heat_rel", "pressure_pa"),
    [
        (0.0, 999.8, 76.01, 1.0e-3, 611.0),
        (-10.0, 998.1, 77.2, 5.0e-3, 287.0),
        (-20.0, 993.6, 80.2, 1.5e-2, 126.0),
        (-30.0, 983.9, 90.0, 5.0e-2, 51.0),
    ],
)
def test_supercooled_water(temperature_degc, density, heat_capacity, heat_rel, pressure_pa):
    props, temperature_k = tables(), temperature_degc + 273.15
    assert water_density(props, 101325.0, temperature_k) == pytest.approx(density, abs=0.11)
    assert water_heat_capacity(props, 101325.0, temperature_k) * 0.018015 == pytest.approx(heat_capacity, rel=heat_rel)
    assert saturation_pressure(props, temperature_k) == pytest.approx(pressure_pa, rel=5.0e-3)


def test_heat_of_evaporation_follows_the_slope_of_the_vapour_pressure():
    """Clausius and Clapeyron: d(ln p)/d(1/T) = -L / R, with an ideal vapour; two correlations and a table agree."""
    props = tables()
    for temperature_k in (243.15, 253.15, 263.15, 272.15):
        above, below = (moisture_saturation_pressure(props, temperature_k + dt) for dt in (0.1, -0.1))
        slope = math.log(above / below) / (1.0 / (temperature_k + 0.1) - 1.0 / (temperature_k - 0.1))
        latent = vapour_enthalpy(props, 600.0, temperature_k) - water_enthalpy(props, 1.0e5, temperature_k)
        assert latent == pytest.approx(-slope * 461.52, rel=3.0e-3)


def test_properties_are_continuous_at_the_triple_point():
    props = tables()
    for pressure_pa in (layout.WATER_PRESSURE_MIN_PA, 1.0e5, 4.0e6, 2.0e7):
        below, above = (water_enthalpy_entropy(props, pressure_pa, TRIPLE_K + dt) for dt in (-1.0e-9, 0.0))
        assert below == pytest.approx(above, abs=2.0e-3)
    assert saturation_pressure(props, TRIPLE_K - 1.0e-9) == pytest.approx(611.657, rel=1.0e-5)
    below, cp = vapour_enthalpy_heat_capacity(props, 300.0, TRIPLE_K - 1e-6)
    above = vapour_enthalpy(props, 611.657, TRIPLE_K)
    assert below == pytest.approx(above, abs=0.01)
    assert cp == pytest.approx(1884.0, rel=2e-3)  # IAPWS-95, vapour at the triple point
    assert vapour_enthalpy(props, 300.0, 253.16) == pytest.approx(above - 20.0 * cp, rel=1e-12)


@given(st.floats(200.0, 273.15), st.floats(700.0, 3.4e7), st.floats(200.0, 300.0))
def test_inverses_of_supercooled_water(temperature_k, pressure_pa, guess_k):
    props = tables()
    h, s = water_enthalpy_entropy(props, pressure_pa, temperature_k)
    assert water_temperature_from_enthalpy(props, pressure_pa, h, guess_k) == pytest.approx(temperature_k, abs=1.0e-7)
    assert water_temperature_from_entropy(props, pressure_pa, s, guess_k) == pytest.approx(temperature_k, abs=1.0e-7)


@given(st.floats(201.0, 300.0))
def test_condensation_temperature_is_the_inverse_of_the_vapour_pressure(temperature_k):
    props = tables()
    partial_pa = moisture_saturation_pressure(props, temperature_k)
    assert condensation_temperature(props, partial_pa) == pytest.approx(
        temperature_k, abs=1.0e-4
    )  # ice and water meet to 6e-5 K


def test_laws_have_equations_of_their_own():
    """Sonntag 1990 beside Murphy and Koop 2005; supercooled water of CoolProp beside the tables."""
    props = tables()
    for temperature_k in (243.15, 255.0, 268.0, 273.1):
        found = moisture_saturation_pressure(props, temperature_k)
        assert state_equations.saturation_pressure(temperature_k) == pytest.approx(found, rel=2.5e-3)
        wanted = float(state_equations.enthalpy("liquid", 4.0e6, temperature_k))
        assert water_enthalpy(props, 4.0e6, temperature_k) == pytest.approx(wanted, abs=30.0)


@given(st.floats(205.0, 330.0), st.floats(-7.0, 1.0), st.floats(5.2, 7.5), st.floats(202.0, 350.0), st.booleans())
def test_flash_finds_the_temperature_again(temperature_k, log_water, log_pa, start_k, is_oxygen):
    """From far below freezing to above, traces to mostly water: the enthalpy flow says the temperature."""
    props, pressure_pa, water = tables(), 10.0**log_pa, 10.0**log_water
    h2, o2 = (0.0, 1.0) if is_oxygen else (1.0, 0.0)
    enthalpy_w = enthalpy_at_temperature(props, h2, o2, 0.0, water, temperature_k, pressure_pa)
    vapour, liquid = water_split(props, h2, o2, 0.0, water, temperature_k, pressure_pa)
    for found in (
        temperature_at_enthalpy(props, h2, o2, 0.0, water, enthalpy_w, pressure_pa, start_k),
        held_flash(props, NOTHING_HELD, h2, o2, 0.0, water, enthalpy_w, pressure_pa, start_k)[:3],
    ):
        assert found[0] == pytest.approx(temperature_k, abs=2.0e-4)
        assert found[1] == pytest.approx(vapour, rel=1.0e-3, abs=1.0e-9)
        assert found[2] == pytest.approx(liquid, rel=1.0e-3, abs=1.0e-5 * water + 1.0e-9)
        assert found[1] + found[2] == pytest.approx(water, rel=1.0e-12)


def test_first_gas_of_a_start_meets_a_frozen_bed():
    """The state in which a run over -1 C stopped: 40 C, with vapour, against 272.2 K, at 17 bar."""
    props, h2, water, pressure_pa = tables(), 0.0190689, 3.304965e-5, 1.68876e6
    vapour, liquid = water_split(props, h2, 0.0, 0.0, water, 272.2203696, pressure_pa)
    assert liquid == pytest.approx(0.0, abs=1.0e-12) and vapour == water
    vapour, liquid = water_split(props, h2, 0.0, 0.0, 5.0 * water, 272.2203696, 10.0 * pressure_pa)
    assert liquid > 0.5 * water
    enthalpy_w = stream_enthalpy(props, h2, 0.0, 0.0, vapour, liquid, 272.2203696, 10.0 * pressure_pa)
    found_k, found, _ = temperature_at_enthalpy(
        props, h2, 0.0, 0.0, 5.0 * water, enthalpy_w, 10.0 * pressure_pa, 313.15
    )
    assert found_k == pytest.approx(272.2203696, abs=1.0e-6) and found == pytest.approx(vapour, rel=1.0e-6)


def test_dew_point_below_freezing_only_where_it_is_asked():
    props, dry = tables(), dry_molar_flow(1.0, 0.0, 0.0)
    water = 1.0e-5 * dry * 0.018015  # 10 ppm at 40 bar: 40 Pa, frost-free dew point near -32 C
    assert dew_temperature(props, dry, water, 40.0e5, 280.0) == 0.0
    found_k = dew_temperature(props, dry, water, 40.0e5, 230.0)
    assert moisture_saturation_pressure(props, found_k) == pytest.approx(40.0, rel=1.0e-4)
    wet_k = saturation_temperature(props, 40.0e5 * 1.0e-2 / (1.0 + 1.0e-2))
    assert dew_temperature(props, dry, 1.0e3 * water, 40.0e5, 230.0) == pytest.approx(wet_k, abs=1.0e-3)


@given(
    st.integers(0, 2), st.floats(200.0, 1250.0), st.floats(4.7, 7.95), st.floats(4.7, 7.95), st.floats(200.0, 1250.0)
)
def test_pressure_and_temperature_are_found_from_any_start(fluid, temperature_k, log_pa, log_guess, guess_k):
    """Oxygen at 200 K and 600 bar, from a guess of a bar: Newton's method alone went in circles."""
    props, pressure_pa = tables(), 10.0**log_pa
    density = gas_density(props, fluid, pressure_pa, temperature_k)
    energy = gas_internal_energy(props, fluid, pressure_pa, temperature_k)
    found_pa = gas_pressure_from_density(props, fluid, density, temperature_k, 10.0**log_guess)
    assert found_pa == pytest.approx(pressure_pa, rel=1.0e-8)
    found_pa, found_k = gas_pressure_temperature_from_density_energy(
        props, fluid, density, energy, 10.0**log_guess, guess_k
    )
    assert found_k == pytest.approx(temperature_k, abs=1.0e-5)
    assert found_pa == pytest.approx(pressure_pa, rel=1.0e-6)


def test_states_beyond_the_tables_are_none():
    props = tables()
    for density, energy in (
        (500.0, 1.0e6),
        (1.0e-4, 1.0e6),
        (10.0, 5.0e7),
        (10.0, -9.0e6),
        (0.0, 1.0e6),
        (10.0, math.nan),
    ):
        assert all(
            math.isnan(v) for v in gas_pressure_temperature_from_density_energy(props, 0, density, energy, 1e6, 300)
        )
