"""Property kernels at the ends of their range: NaN outside, the ends belong to it, tables join."""

import math

import numpy as np
import pytest

from h2plant.core import properties
from h2plant.core.jit import plain, python_function
from h2plant.core.lut_manager import LUTManager
from h2plant.core.properties import (
    FLUID_H2,
    FLUID_N2,
    FLUID_O2,
    gas_density,
    gas_enthalpy_entropy,
    gas_pressure_from_density,
    gas_state_from_entropy,
    gas_temperature_from_enthalpy,
    layout,
    reference,
    saturation_temperature,
    steam_enthalpy,
    steam_heat_capacity,
    steam_state,
    steam_temperature_from_enthalpy,
    water_enthalpy,
    water_state,
    water_temperature_from_enthalpy,
)

PROPS = LUTManager().props
KERNELS = [name for name in properties.__all__ if not name.startswith("FLUID_")]
GASES = (FLUID_H2, FLUID_O2, FLUID_N2)


def _replacement(name):
    source = python_function(getattr(properties, name))
    return reference.REPLACEMENTS[f"{source.__module__}.{source.__qualname__}"]


_NAN = math.nan
OUTSIDE_GAS = [
    (4.9e4, 300.0),
    (1.001e8, 300.0),
    (1.0e5, 199.9),
    (1.0e5, 1250.1),
    (_NAN, 300.0),
    (1.0e5, _NAN),
    (0.0, 300.0),
]
OUTSIDE_STEAM = [
    (600.0, 300.0),
    (3.51e7, 700.0),
    (1.0e5, 372.6),
    (1.0e5, 1250.1),
    (1.1e7, 1150.1),
    (_NAN, 600.0),
    (1.0e5, _NAN),
]
OUTSIDE_WATER = [(600.0, 273.16), (3.51e7, 400.0), (1.0e5, 372.9), (1.0e5, 199.9), (_NAN, 300.0), (1.0e5, _NAN)]


def _everywhere(name):
    """Return the kernel compiled, as plain Python, and its stand-in."""
    return getattr(properties, name), plain(getattr(properties, name), {}), _replacement(name)


@pytest.mark.parametrize("name", [n for n in KERNELS if n.startswith("gas_") and "_from_" not in n])
def test_gas_is_nan_outside(name):
    for function in _everywhere(name):
        for state in OUTSIDE_GAS:
            assert np.isnan(function(PROPS, FLUID_H2, *state)).all(), (function, state)


@pytest.mark.parametrize("name", [n for n in KERNELS if n.startswith(("steam_", "water_")) and "_from_" not in n])
def test_water_is_nan_outside(name):
    for function in _everywhere(name):
        for state in OUTSIDE_STEAM if name.startswith("steam_") else OUTSIDE_WATER:
            if name in ("water_enthalpy", "water_enthalpy_heat_capacity") and state[0] > 3.5e7:
                continue  # goes on by dh/dp
            assert np.isnan(function(PROPS, *state)).all(), (function, state)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("gas_temperature_from_enthalpy", (FLUID_H2, 1.0e5, 1.6e7, 300.0)),
        ("gas_temperature_from_enthalpy", (FLUID_H2, 1.0e5, -2.0e6, 300.0)),
        ("gas_temperature_from_enthalpy", (FLUID_H2, 1.0e4, 1.0e6, 300.0)),
        ("gas_temperature_from_entropy", (FLUID_H2, 1.0e5, 1.0e5, 300.0)),
        ("gas_pressure_from_density", (FLUID_H2, 90.0, 300.0, 1.0e7)),
        ("gas_pressure_from_density", (FLUID_H2, 1.0e-3, 300.0, 1.0e7)),
        ("gas_pressure_from_density", (FLUID_H2, 1.0, 199.0, 1.0e7)),
        ("gas_temperature_from_internal_energy", (FLUID_H2, 0.0, 1.0e5, 300.0)),
        ("gas_temperature_from_internal_energy", (FLUID_H2, 10.0, 5.0e7, 300.0)),
        ("gas_temperature_from_internal_energy", (FLUID_H2, 10.0, _NAN, 300.0)),
        ("steam_temperature_from_enthalpy", (4.0e5, -1.4e7, 500.0)),
        ("steam_temperature_from_enthalpy", (4.0e5, -1.0e7, 500.0)),
        ("steam_temperature_from_entropy", (4.0e5, _NAN, 500.0)),
        ("water_temperature_from_enthalpy", (4.0e5, -1.5e7, 300.0)),
        ("water_temperature_from_enthalpy", (4.0e5, -1.65e7, 300.0)),
        ("water_temperature_from_entropy", (600.0, 4.0e3, 300.0)),
        ("saturation_temperature", (600.0,)),
        ("saturation_temperature", (2.3e7,)),
        ("saturation_pressure", (199.0,)),
        ("saturation_pressure", (648.0,)),
        ("saturated_steam_enthalpy", (647.05,)),
        ("phase_boundary_temperature", (3.6e7,)),
    ],
)
def test_inverses_and_lines_are_nan_outside(name, arguments):
    for function in _everywhere(name):
        assert np.isnan(function(PROPS, *arguments)).all(), function


def test_ends_of_the_range_belong_to_it():
    for fluid in GASES:
        for pressure_pa in (layout.GAS_PRESSURE_MIN_PA, layout.GAS_PRESSURE_MAX_PA):
            for temperature_k in (layout.GAS_TEMPERATURE_MIN_K, layout.GAS_TEMPERATURE_MAX_K):
                h, s = gas_enthalpy_entropy(PROPS, fluid, pressure_pa, temperature_k)
                found = gas_temperature_from_enthalpy(PROPS, fluid, pressure_pa, h, 600.0)
                assert found == pytest.approx(temperature_k, abs=1.0e-7)
                found, _ = gas_state_from_entropy(PROPS, fluid, pressure_pa, s, 600.0)
                assert found == pytest.approx(temperature_k, abs=1.0e-7)
                rho = gas_density(PROPS, fluid, pressure_pa, temperature_k)
                found_pa = gas_pressure_from_density(PROPS, fluid, rho, temperature_k, 1.0e6)
                assert found_pa == pytest.approx(pressure_pa, rel=1.0e-10)
    for pressure_pa in (layout.WATER_PRESSURE_MIN_PA, layout.WATER_PRESSURE_SPLIT_PA, layout.WATER_PRESSURE_MAX_PA):
        hottest_k = (
            layout.STEAM_AXIS_K if pressure_pa > layout.WATER_PRESSURE_SPLIT_PA else layout.WATER_TEMPERATURE_MAX_K
        )
        assert steam_enthalpy(PROPS, pressure_pa, hottest_k) < 0.0
        assert water_enthalpy(PROPS, pressure_pa, layout.WATER_TEMPERATURE_MIN_K) < 0.0
        assert water_enthalpy(PROPS, pressure_pa, layout.SUPERCOOLED_MIN_K) < 0.0


@pytest.mark.parametrize("pressure_pa", [611.657, 3.0e3, 1.0e5, 4.0e5, 9.0e6, 1.5e7])
def test_saturation_line_is_tolerant(pressure_pa):
    """Up to 0.05 K beyond the line a state is on the line; further it is none."""
    line_k = saturation_temperature(PROPS, pressure_pa)
    for stands in ((steam_enthalpy, water_enthalpy), (reference.steam_enthalpy, reference.water_enthalpy)):
        steam, water = stands
        line_k = saturation_temperature(PROPS, pressure_pa)
        assert steam(PROPS, pressure_pa, line_k - 0.04) == pytest.approx(steam(PROPS, pressure_pa, line_k), abs=1.0)
        assert water(PROPS, pressure_pa, line_k + 0.04) == pytest.approx(water(PROPS, pressure_pa, line_k), abs=1.0)
        assert math.isnan(steam(PROPS, pressure_pa, line_k - 0.06))
        assert math.isnan(water(PROPS, pressure_pa, line_k + 0.06))
    capacity = steam_heat_capacity(PROPS, pressure_pa, line_k)
    dry = steam_enthalpy(PROPS, pressure_pa, line_k)
    boiling = water_enthalpy(PROPS, pressure_pa, line_k)
    for inverses in (
        (steam_temperature_from_enthalpy, water_temperature_from_enthalpy),
        (reference.steam_temperature_from_enthalpy, reference.water_temperature_from_enthalpy),
    ):
        steam, water = inverses
        assert steam(PROPS, pressure_pa, dry - 0.02 * capacity, 500.0) == pytest.approx(line_k, abs=2.0e-3)
        assert math.isnan(steam(PROPS, pressure_pa, dry - 0.2 * capacity, 500.0))
        assert water(PROPS, pressure_pa, boiling + 0.02 * 4200.0, 300.0) == pytest.approx(line_k, abs=2.0e-3)
        assert math.isnan(water(PROPS, pressure_pa, boiling + 0.5 * 4200.0, 300.0))


def test_tables_join_at_the_split():
    """Below and above 100 bar different tables answer; they agree within their bars."""
    low, high = layout.WATER_PRESSURE_SPLIT_PA, layout.WATER_PRESSURE_SPLIT_PA * (1.0 + 1.0e-12)
    for state, temperatures in ((steam_state, (590.0, 700.0, 1100.0)), (water_state, (280.0, 400.0, 580.0))):
        for temperature_k in temperatures:
            a, b = state(PROPS, low, temperature_k), state(PROPS, high, temperature_k)
            assert a[0] == pytest.approx(b[0], rel=2.0e-5)
            assert a[1] == pytest.approx(b[1], abs=2.0e-5 * 4200.0 * temperature_k)
            assert a[2] == pytest.approx(b[2], abs=2.0e-5 * 4200.0)
            assert a[3] == pytest.approx(b[3], rel=2.0e-4)
