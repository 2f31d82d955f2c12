"""Inverse property kernels: back to where they came from, from any guess."""

import functools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.core.jit import plain
from h2plant.core.lut_manager import LUTManager
from h2plant.core.properties import (
    FLUID_H2,
    FLUID_N2,
    FLUID_O2,
    gas_density,
    gas_enthalpy_entropy,
    gas_internal_energy,
    gas_pressure_from_density,
    gas_pressure_temperature_from_density_energy,
    gas_state,
    gas_state_from_entropy,
    gas_temperature_from_enthalpy,
    gas_temperature_from_entropy,
    gas_temperature_from_internal_energy,
    layout,
    phase_boundary_temperature,
    steam_enthalpy,
    steam_enthalpy_entropy,
    steam_temperature_from_enthalpy,
    steam_temperature_from_entropy,
    water_enthalpy,
    water_enthalpy_entropy,
    water_temperature_from_enthalpy,
    water_temperature_from_entropy,
)

PROPS = LUTManager().props
GASES = (FLUID_H2, FLUID_O2, FLUID_N2)


gas_pressures = st.floats(math.log(layout.GAS_PRESSURE_MIN_PA) + 1e-9, math.log(layout.GAS_PRESSURE_MAX_PA) - 1e-9)
gas_temperatures = st.floats(layout.GAS_TEMPERATURE_MIN_K, layout.GAS_TEMPERATURE_MAX_K)
fluids = st.sampled_from(GASES)
many = functools.partial(settings, max_examples=150, deadline=None, derandomize=True)


@many()
@given(fluids, gas_pressures, gas_temperatures, gas_temperatures)
def test_gas_temperature_round_trips(fluid, log_p, temperature_k, guess_k):
    p = math.exp(log_p)
    _, h, s, _ = gas_state(PROPS, fluid, p, temperature_k)
    assert gas_temperature_from_enthalpy(PROPS, fluid, p, h, guess_k) == pytest.approx(temperature_k, abs=1.0e-7)
    assert gas_temperature_from_entropy(PROPS, fluid, p, s, guess_k) == pytest.approx(temperature_k, abs=1.0e-7)
    found, enthalpy = gas_state_from_entropy(PROPS, fluid, p, s, guess_k)
    assert found == pytest.approx(temperature_k, abs=1.0e-7)
    assert enthalpy == pytest.approx(h, rel=1.0e-9, abs=1.0e-3)


@many()
@given(fluids, gas_pressures, gas_temperatures, gas_pressures, gas_temperatures)
def test_gas_density_round_trips(fluid, log_p, temperature_k, log_guess, guess_k):
    p, guess_pa = math.exp(log_p), math.exp(log_guess)
    rho = gas_density(PROPS, fluid, p, temperature_k)
    u = gas_internal_energy(PROPS, fluid, p, temperature_k)
    assert gas_pressure_from_density(PROPS, fluid, rho, temperature_k, guess_pa) == pytest.approx(p, rel=1.0e-9)
    found = gas_temperature_from_internal_energy(PROPS, fluid, rho, u, guess_k)
    assert found == pytest.approx(temperature_k, abs=1.0e-7)
    found_pa, found_k = gas_pressure_temperature_from_density_energy(PROPS, fluid, rho, u, guess_pa, guess_k)
    assert found_k == pytest.approx(temperature_k, abs=1.0e-7)
    assert found_pa == pytest.approx(p, rel=1.0e-9)


water_pressures = st.floats(
    math.log(layout.WATER_PRESSURE_MIN_PA) + 1e-9, math.log(layout.WATER_PRESSURE_MAX_PA) - 1e-9
)
shares = st.floats(0.0, 1.0)


@many()
@given(water_pressures, shares, shares)
def test_steam_and_water_round_trips(log_p, share, guess_share):
    p = math.exp(log_p)
    line_k = phase_boundary_temperature(PROPS, p)
    for far_k, forward, of_enthalpy, of_entropy in (
        (1150.0, steam_enthalpy_entropy, steam_temperature_from_enthalpy, steam_temperature_from_entropy),
        (273.16, water_enthalpy_entropy, water_temperature_from_enthalpy, water_temperature_from_entropy),
    ):
        span = far_k - line_k
        t, guess_k = line_k + share * span, line_k + guess_share * span
        t = min(max(t, min(line_k, far_k)), max(line_k, far_k))
        h, s = forward(PROPS, p, t)
        assert of_enthalpy(PROPS, p, h, guess_k) == pytest.approx(t, abs=1.0e-7)
        assert of_entropy(PROPS, p, s, guess_k) == pytest.approx(t, abs=1.0e-7)


@pytest.mark.parametrize("guess", [math.nan, math.inf, -math.inf, 0.0, 1.0e30])
def test_inverses_stand_any_guess(guess):
    h, s = gas_enthalpy_entropy(PROPS, FLUID_H2, 3.0e6, 350.0)
    for wrap in (lambda f: f, lambda f: plain(f, {})):
        assert wrap(gas_temperature_from_enthalpy)(PROPS, FLUID_H2, 3.0e6, h, guess) == pytest.approx(350.0, abs=1e-7)
        assert wrap(gas_temperature_from_entropy)(PROPS, FLUID_H2, 3.0e6, s, guess) == pytest.approx(350.0, abs=1e-7)
        rho = gas_density(PROPS, FLUID_H2, 3.0e6, 350.0)
        assert wrap(gas_pressure_from_density)(PROPS, FLUID_H2, rho, 350.0, guess) == pytest.approx(3.0e6, rel=1e-10)
        u = gas_internal_energy(PROPS, FLUID_H2, 3.0e6, 350.0)
        found = wrap(gas_temperature_from_internal_energy)(PROPS, FLUID_H2, rho, u, guess)
        assert found == pytest.approx(350.0, abs=1e-7)
        h_steam = steam_enthalpy(PROPS, 4.0e5, 600.0)
        found = wrap(steam_temperature_from_enthalpy)(PROPS, 4.0e5, h_steam, guess)
        assert found == pytest.approx(600.0, abs=1e-7)
        h_water = water_enthalpy(PROPS, 4.0e5, 350.0)
        found = wrap(water_temperature_from_enthalpy)(PROPS, 4.0e5, h_water, guess)
        assert found == pytest.approx(350.0, abs=1e-7)
