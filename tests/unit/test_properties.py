"""Property kernels against CoolProp, each other, plain Python and their own slopes."""

import numpy as np
import pytest

from h2plant.core import properties
from h2plant.core.jit import plain, python_function
from h2plant.core.lut_manager import LUTManager
from h2plant.core.properties import (
    FLUID_H2,
    FLUID_N2,
    FLUID_O2,
    each_gas_enthalpy_heat_capacity,
    gas_density,
    gas_enthalpy,
    gas_enthalpy_entropy,
    gas_enthalpy_heat_capacity,
    gas_entropy,
    gas_heat_capacity,
    gas_internal_energy,
    gas_state,
    gases_enthalpy,
    gases_enthalpy_heat_capacity,
    layout,
    reference,
    saturated_steam_density,
    saturated_steam_enthalpy,
    saturated_water_density,
    saturated_water_enthalpy,
    saturation_pressure,
    saturation_temperature,
    steam_density,
    steam_enthalpy,
    steam_enthalpy_entropy,
    steam_enthalpy_heat_capacity,
    steam_entropy,
    steam_heat_capacity,
    steam_state,
    water_density,
    water_enthalpy,
    water_enthalpy_entropy,
    water_enthalpy_heat_capacity,
    water_entropy,
    water_heat_capacity,
    water_state,
)
from h2plant.measure.tables import validate as table_validate

pytestmark = pytest.mark.long

PROPS = LUTManager().props
KERNELS = [name for name in properties.__all__ if not name.startswith("FLUID_")]
GASES = (FLUID_H2, FLUID_O2, FLUID_N2)


@pytest.mark.parametrize(("name", "fluid"), [("H2", FLUID_H2), ("O2", FLUID_O2), ("N2", FLUID_N2)])
def test_gas_tables_meet_their_bar(name, fluid):
    points = table_validate.gas_points(300, 11)
    found = np.array([gas_state(PROPS, fluid, p, t) for p, t in zip(*points, strict=True)])
    expected = np.array([reference.gas_state(None, fluid, float(p), float(t)) for p, t in zip(*points, strict=True)])
    capacity = table_validate.TYPICAL_CAPACITY_J_PER_KG_K[name]
    assert table_validate.state_errors(found, expected, points[1], capacity).max() < table_validate.GAS_TARGET


@pytest.mark.parametrize("is_high", [False, True])
@pytest.mark.parametrize(("name", "state"), [("steam", steam_state), ("water", water_state)])
def test_water_tables_meet_their_bars(name, state, is_high):
    points = table_validate.water_points(300, 12, name == "steam", is_high)
    expected_state = getattr(reference, f"{name}_state")
    found = np.array([state(PROPS, p, t) for p, t in zip(*points, strict=True)])
    expected = np.array([expected_state(None, float(p), float(t)) for p, t in zip(*points, strict=True)])
    capacity = table_validate.TYPICAL_CAPACITY_J_PER_KG_K[name]
    errors = table_validate.state_errors(found, expected, points[1], capacity)
    target = table_validate.HIGH_PRESSURE_TARGET if is_high else table_validate.WATER_TARGET
    assert errors[:3].max() < target
    assert errors[3] < (table_validate.HIGH_PRESSURE_TARGET if is_high else table_validate.WATER_CAPACITY_TARGET)


def test_saturated_states_lie_on_the_line():
    for temperature_k in np.linspace(273.16, 580.0, 41).tolist():
        pressure_pa = max(saturation_pressure(PROPS, temperature_k), layout.WATER_PRESSURE_MIN_PA)
        assert saturation_temperature(PROPS, pressure_pa) == pytest.approx(temperature_k, abs=1.0e-4)
        scale = 2.0e-5 * 4200.0 * temperature_k
        steam = saturated_steam_enthalpy(PROPS, temperature_k)
        water = saturated_water_enthalpy(PROPS, temperature_k)
        assert steam == pytest.approx(steam_enthalpy(PROPS, pressure_pa, temperature_k), abs=scale)
        assert water == pytest.approx(water_enthalpy(PROPS, pressure_pa, temperature_k), abs=scale)
        dry = steam_density(PROPS, pressure_pa, temperature_k)
        assert saturated_steam_density(PROPS, temperature_k) == pytest.approx(dry, rel=4.0e-5)
        boiling = water_density(PROPS, pressure_pa, temperature_k)
        assert saturated_water_density(PROPS, temperature_k) == pytest.approx(boiling, rel=2.0e-5)


# arguments of each kernel after ``props``, in range; guesses off the answer
_RHO, _U = gas_density(PROPS, FLUID_H2, 3.5e7, 330.0), gas_internal_energy(PROPS, FLUID_H2, 3.5e7, 330.0)
ARGUMENTS = {
    "supercooled_saturation_pressure": (255.0,),
    **{name: (FLUID_N2, 2.0e7, 350.0) for name in KERNELS if name.startswith("gas_") and "_from_" not in name},
    "gases_enthalpy": (0.02, 3.0e-5, 0.01, 2.0e7, 350.0),
    "gases_enthalpy_heat_capacity": (0.02, 3.0e-5, 0.01, 2.0e7, 350.0),
    "each_gas_enthalpy_heat_capacity": (2.0e7, 350.0),
    "gas_temperature_from_enthalpy": (FLUID_H2, 3.0e6, 1.2e6, 310.0),
    "gas_temperature_from_entropy": (FLUID_O2, 8.5e7, 5.4e3, 400.0),
    "gas_state_from_entropy": (FLUID_H2, 3.0e6, 5.2e4, 310.0),
    "gas_pressure_from_density": (FLUID_H2, 23.3, 298.15, 3.0e7),
    "gas_temperature_from_internal_energy": (FLUID_H2, _RHO, _U, 300.0),
    "gas_pressure_temperature_from_density_energy": (FLUID_H2, _RHO, _U, 3.0e7, 300.0),
    **{name: (4.0e5, 600.0) for name in KERNELS if name.startswith("steam_") and "_from_" not in name},
    **{name: (4.0e5, 350.0) for name in KERNELS if name.startswith("water_") and "_from_" not in name},
    "steam_temperature_from_enthalpy": (4.0e5, -1.3e7, 700.0),
    "steam_temperature_from_entropy": (4.0e5, 1.1e4, 700.0),
    "water_temperature_from_enthalpy": (4.0e5, -1.57e7, 300.0),
    "water_temperature_from_entropy": (4.0e5, 4.4e3, 300.0),
    "phase_boundary_temperature": (3.0e7,),
    "saturation_temperature": (4.0e5,),
    "saturation_pressure": (420.0,),
    **{name: (420.0,) for name in KERNELS if name.startswith("saturated_")},
}


def _replacement(name):
    source = python_function(getattr(properties, name))
    return reference.REPLACEMENTS[f"{source.__module__}.{source.__qualname__}"]


@pytest.mark.parametrize("name", KERNELS)
def test_reference_stands_in_for_each_kernel(name):
    """Same arguments, same zero points: CoolProp's answer and the tables' agree to the tables' bar."""
    found = getattr(properties, name)(PROPS, *ARGUMENTS[name])
    expected = _replacement(name)(None, *ARGUMENTS[name])
    found, expected = np.atleast_1d(found), np.atleast_1d(expected)
    assert found.shape == expected.shape
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, expected, rtol=2.0e-5, atol=20.0 if "enthalpy" in name else 0.0)


@pytest.mark.parametrize("name", KERNELS)
def test_compiled_equals_plain_python(name):
    compiled = np.atleast_1d(getattr(properties, name)(PROPS, *ARGUMENTS[name]))
    interpreted = np.atleast_1d(plain(getattr(properties, name), {})(PROPS, *ARGUMENTS[name]))
    np.testing.assert_allclose(compiled, interpreted, rtol=1.0e-13, atol=1.0e-9)


def test_kernels_agree_on_one_state():
    for fluid in GASES:
        at = (PROPS, fluid, 4.3e6, 412.0)
        rho, h, s, c = gas_state(*at)
        assert (gas_density(*at), gas_enthalpy(*at), gas_entropy(*at), gas_heat_capacity(*at)) == pytest.approx(
            (rho, h, s, c), rel=1.0e-14
        )
        assert gas_enthalpy_heat_capacity(*at) == pytest.approx((h, c), rel=1.0e-14)
        assert gas_enthalpy_entropy(*at) == pytest.approx((h, s), rel=1.0e-14)
        assert gas_internal_energy(*at) == pytest.approx(h - 4.3e6 / rho, rel=1.0e-12)
    state, flows = (4.3e6, 412.0), (0.02, 3.0e-3, 0.01)
    each_h, each_cp = each_gas_enthalpy_heat_capacity(PROPS, *state)
    for fluid in GASES:
        alone = gas_enthalpy_heat_capacity(PROPS, fluid, *state)
        assert (each_h[fluid], each_cp[fluid]) == pytest.approx(alone, rel=1.0e-14)
    whole = (np.dot(flows, each_h), np.dot(flows, each_cp))
    assert gases_enthalpy_heat_capacity(PROPS, *flows, *state) == pytest.approx(whole, rel=1.0e-13)
    assert gases_enthalpy(PROPS, *flows, *state) == pytest.approx(whole[0], rel=1.0e-13)
    assert gases_enthalpy_heat_capacity(PROPS, 0.0, 0.0, 0.0, *state) == (0.0, 0.0)
    for state, single, pair, other, temperature_k in (
        (
            steam_state,
            (steam_density, steam_enthalpy, steam_entropy, steam_heat_capacity),
            steam_enthalpy_heat_capacity,
            steam_enthalpy_entropy,
            800.0,
        ),
        (
            water_state,
            (water_density, water_enthalpy, water_entropy, water_heat_capacity),
            water_enthalpy_heat_capacity,
            water_enthalpy_entropy,
            350.0,
        ),
    ):
        for pressure_pa in (4.0e5, 2.0e7):
            values = state(PROPS, pressure_pa, temperature_k)
            assert [f(PROPS, pressure_pa, temperature_k) for f in single] == pytest.approx(values, rel=1.0e-14)
            assert pair(PROPS, pressure_pa, temperature_k) == pytest.approx((values[1], values[3]), rel=1.0e-14)
            assert other(PROPS, pressure_pa, temperature_k) == pytest.approx(values[1:3], rel=1.0e-14)


def test_heat_capacity_is_the_slope_of_enthalpy():
    """dh/dT = cp and ds/dT = cp / T at constant pressure, by central differences of the tables."""
    for p, t in ((1.0e5, 300.0), (3.5e7, 300.0), (9.0e7, 420.0), (3.0e6, 1100.0)):
        for fluid in GASES:
            h1, s1 = gas_enthalpy_entropy(PROPS, fluid, p, t - 0.5)
            h2, s2 = gas_enthalpy_entropy(PROPS, fluid, p, t + 0.5)
            c = gas_heat_capacity(PROPS, fluid, p, t)
            assert h2 - h1 == pytest.approx(c, rel=1.0e-3)
            assert (s2 - s1) * t == pytest.approx(c, rel=1.0e-3)


def test_tables_are_data_not_compiled_code():
    """A changed table changes the answer of kernels that are already compiled."""
    before = gas_enthalpy(PROPS, FLUID_H2, 3.0e6, 350.0)
    changed = PROPS.copy()
    first = layout.GAS_START + layout.ENTHALPY * layout.GAS_PLANE
    changed[first : first + layout.GAS_PLANE] += 1000.0
    assert gas_enthalpy(changed, FLUID_H2, 3.0e6, 350.0) == pytest.approx(before + 1000.0, rel=1.0e-12)
    assert gas_enthalpy(PROPS, FLUID_H2, 3.0e6, 350.0) == before
