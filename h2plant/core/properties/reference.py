"""CoolProp's equations of state behind the signatures of the property kernels: what the baseline engine asks.

Every function here stands in for the kernel of the same name in ``h2plant.core.properties``: same arguments
(``props`` is ignored), same units, zero points, ranges and tolerance at the saturation line, NaN outside.
``REPLACEMENTS`` maps the kernels' full names to them, for ``h2plant.core.jit.plain``.

CoolProp is imported on the first call. The objects behind the functions are shared: one thread only.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from h2plant.core import properties
from h2plant.core.jit import python_function
from h2plant.core.properties import layout
from h2plant.core.properties.equation_of_state import EquationOfState, State, WaterBoundary

GAS_NAMES = {layout.FLUID_H2: "H2", layout.FLUID_O2: "O2", layout.FLUID_N2: "N2"}

_NO_STATE = State(math.nan, math.nan, math.nan, math.nan)
_SOLVER_STEPS = 100


@functools.cache
def _equation(name: str) -> EquationOfState:
    return EquationOfState(name)


@functools.cache
def _boundary() -> WaterBoundary:
    return WaterBoundary(_equation("H2O"))


def _solved(
    state_at: Callable[[float], State],
    value_and_slope: Callable[[State, float], tuple[float, float]],
    target: float,
    low_k: float,
    high_k: float,
    guess_k: float,
) -> float:
    """Return the temperature, K, at which a rising function takes a value: Newton's method kept in a bracket."""
    temperature = guess_k if low_k <= guess_k <= high_k else 0.5 * (low_k + high_k)
    for _ in range(_SOLVER_STEPS):
        value, slope = value_and_slope(state_at(temperature), temperature)
        if value < target:
            low_k = temperature
        else:
            high_k = temperature
        following = temperature + (target - value) / slope
        if abs(following - temperature) <= 1.0e-8:
            return following
        if not low_k < following < high_k:
            following = 0.5 * (low_k + high_k)
        temperature = following
    return math.nan


def _of_enthalpy(state: State, temperature_k: float) -> tuple[float, float]:
    """Return (enthalpy, its slope with temperature)."""
    return state.enthalpy_j_per_kg, state.heat_capacity_j_per_kg_k


def _of_entropy(state: State, temperature_k: float) -> tuple[float, float]:
    """Return (entropy, its slope with temperature)."""
    return state.entropy_j_per_kg_k, state.heat_capacity_j_per_kg_k / temperature_k


# ---- gases -------------------------------------------------------------------------------------------------


def _is_gas_pressure(pressure_pa: float) -> bool:
    return layout.GAS_PRESSURE_MIN_PA <= pressure_pa <= layout.GAS_PRESSURE_MAX_PA


def _is_gas_temperature(temperature_k: float) -> bool:
    return layout.GAS_TEMPERATURE_MIN_K <= temperature_k <= layout.GAS_TEMPERATURE_MAX_K


def _gas(fluid: int, pressure_pa: float, temperature_k: float) -> State:
    if _is_gas_pressure(pressure_pa) and _is_gas_temperature(temperature_k):
        return _equation(GAS_NAMES[fluid]).gas(pressure_pa, temperature_k)
    return _NO_STATE


def gases_enthalpy(props: object, h2: float, o2: float, n2: float, pressure_pa: float, temperature_k: float) -> float:
    """Return the enthalpy flow, W, of permanent gases at one pressure and temperature; mass flows in kg/s."""
    return gases_enthalpy_heat_capacity(props, h2, o2, n2, pressure_pa, temperature_k)[0]


def gases_enthalpy_heat_capacity(
    props: object, h2: float, o2: float, n2: float, pressure_pa: float, temperature_k: float
) -> tuple[float, float]:
    """Return (enthalpy flow in W, heat capacity rate in W/K) of permanent gases."""
    enthalpy_w = capacity_w_per_k = 0.0
    for fluid, flow in ((layout.FLUID_H2, h2), (layout.FLUID_O2, o2), (layout.FLUID_N2, n2)):
        if flow > 0.0:
            state = _gas(fluid, pressure_pa, temperature_k)
            enthalpy_w += flow * state.enthalpy_j_per_kg
            capacity_w_per_k += flow * state.heat_capacity_j_per_kg_k
    return enthalpy_w, capacity_w_per_k


def each_gas_enthalpy_heat_capacity(
    props: object, pressure_pa: float, temperature_k: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the enthalpies, J/kg, of (H2, O2, N2) and their isobaric heat capacities, J/(kg K), at one state."""
    states = [_gas(fluid, pressure_pa, temperature_k) for fluid in (layout.FLUID_H2, layout.FLUID_O2, layout.FLUID_N2)]
    return tuple(s.enthalpy_j_per_kg for s in states), tuple(s.heat_capacity_j_per_kg_k for s in states)


def _quantities(state: Callable[..., State]) -> tuple[Callable[..., Any], ...]:
    """Return the look-ups of a phase that stand in for the kernels of the same names: of one quantity, of several."""

    def density(props: object, *where: float) -> float:
        return state(*where).density_kg_per_m3

    def enthalpy(props: object, *where: float) -> float:
        return state(*where).enthalpy_j_per_kg

    def entropy(props: object, *where: float) -> float:
        return state(*where).entropy_j_per_kg_k

    def heat_capacity(props: object, *where: float) -> float:
        return state(*where).heat_capacity_j_per_kg_k

    def enthalpy_heat_capacity(props: object, *where: float) -> tuple[float, float]:
        found = state(*where)
        return found.enthalpy_j_per_kg, found.heat_capacity_j_per_kg_k

    def enthalpy_entropy(props: object, *where: float) -> tuple[float, float]:
        found = state(*where)
        return found.enthalpy_j_per_kg, found.entropy_j_per_kg_k

    def whole(props: object, *where: float) -> tuple[float, float, float, float]:
        return (*state(*where),)

    return density, enthalpy, entropy, heat_capacity, enthalpy_heat_capacity, enthalpy_entropy, whole


def _temperatures(inverse: Callable[..., float]) -> tuple[Callable[..., float], Callable[..., float]]:
    """Return the temperature of a phase from (pressure, enthalpy, guess) and from (pressure, entropy, guess)."""

    def from_enthalpy(props: object, *where: float) -> float:
        return inverse(_of_enthalpy, *where)

    def from_entropy(props: object, *where: float) -> float:
        return inverse(_of_entropy, *where)

    return from_enthalpy, from_entropy


(gas_density, gas_enthalpy, gas_entropy, gas_heat_capacity,
 gas_enthalpy_heat_capacity, gas_enthalpy_entropy, gas_state) = _quantities(_gas)  # fmt: skip


def gas_density_enthalpy(props: object, fluid: int, pressure_pa: float, temperature_k: float) -> tuple[float, float]:
    """Return (density in kg/m3, enthalpy in J/kg) of a gas."""
    state = _gas(fluid, pressure_pa, temperature_k)
    return state.density_kg_per_m3, state.enthalpy_j_per_kg


def gas_internal_energy(props: object, fluid: int, pressure_pa: float, temperature_k: float) -> float:
    """Return the specific internal energy of a gas, J/kg."""
    state = _gas(fluid, pressure_pa, temperature_k)
    return state.enthalpy_j_per_kg - pressure_pa / state.density_kg_per_m3


def _gas_inverse(
    value_and_slope: Callable[[State, float], tuple[float, float]],
    fluid: int,
    pressure_pa: float,
    target: float,
    guess_k: float,
) -> float:
    """Return the temperature, K, of a gas at which a quantity takes a value; NaN outside the range."""
    if not (_is_gas_pressure(pressure_pa) and math.isfinite(target)):
        return math.nan

    def state_at(temperature_k: float) -> State:
        return _gas(fluid, pressure_pa, temperature_k)

    for end_k, sign in ((layout.GAS_TEMPERATURE_MIN_K, 1.0), (layout.GAS_TEMPERATURE_MAX_K, -1.0)):
        value, slope = value_and_slope(state_at(end_k), end_k)
        beyond_k = sign * (target - value) / slope
        if beyond_k <= 0.0:
            return end_k if beyond_k > -1.0e-6 else math.nan
    low_k, high_k = layout.GAS_TEMPERATURE_MIN_K, layout.GAS_TEMPERATURE_MAX_K
    return _solved(state_at, value_and_slope, target, low_k, high_k, guess_k)


gas_temperature_from_enthalpy, gas_temperature_from_entropy = _temperatures(_gas_inverse)


def gas_state_from_entropy(
    props: object, fluid: int, pressure_pa: float, entropy_j_per_kg_k: float, guess_k: float
) -> tuple[float, float]:
    """Return (temperature in K, enthalpy in J/kg) of a gas from pressure and specific entropy."""
    temperature_k = _gas_inverse(_of_entropy, fluid, pressure_pa, entropy_j_per_kg_k, guess_k)
    return temperature_k, gas_enthalpy(props, fluid, pressure_pa, temperature_k)


def _pressure_in_range(pressure_pa: float) -> float:
    """Return a pressure, rounding at the ends of the range forgiven; NaN outside."""
    low, high = layout.GAS_PRESSURE_MIN_PA, layout.GAS_PRESSURE_MAX_PA
    if low * (1.0 - 1.0e-8) <= pressure_pa <= high * (1.0 + 1.0e-8):
        return min(max(pressure_pa, low), high)
    return math.nan


def gas_pressure_from_density(
    props: object, fluid: int, density_kg_per_m3: float, temperature_k: float, guess_pa: float
) -> float:
    """Return the pressure, Pa, of a gas from density and temperature."""
    if not (_is_gas_temperature(temperature_k) and 0.0 < density_kg_per_m3 < 5000.0):
        return math.nan
    equation = _equation(GAS_NAMES[fluid])
    equation.update_density(density_kg_per_m3, temperature_k)
    return _pressure_in_range(equation.backend.p())


def gas_pressure_temperature_from_density_energy(
    props: object,
    fluid: int,
    density_kg_per_m3: float,
    internal_energy_j_per_kg: float,
    guess_pa: float,
    guess_k: float,
) -> tuple[float, float]:
    """Return (pressure in Pa, temperature in K) of a gas from density and specific internal energy.

    Newton's method in temperature at the given density, with the isochoric heat capacity as slope.
    """
    if not (0.0 < density_kg_per_m3 < 5000.0 and math.isfinite(internal_energy_j_per_kg)):
        return math.nan, math.nan
    equation = _equation(GAS_NAMES[fluid])
    low_k, high_k = layout.GAS_TEMPERATURE_MIN_K, layout.GAS_TEMPERATURE_MAX_K
    temperature_k = guess_k if low_k <= guess_k <= high_k else 300.0
    for _ in range(_SOLVER_STEPS):
        equation.update_density(density_kg_per_m3, temperature_k)
        energy = equation.backend.umass() + equation.enthalpy_offset_j_per_kg
        following = temperature_k + (internal_energy_j_per_kg - energy) / equation.backend.cvmass()
        if abs(following - temperature_k) <= 1.0e-8:
            if not low_k - 1.0e-6 <= following <= high_k + 1.0e-6:
                return math.nan, math.nan
            following = min(max(following, low_k), high_k)
            pressure_pa = gas_pressure_from_density(props, fluid, density_kg_per_m3, following, guess_pa)
            return pressure_pa, following if pressure_pa > 0.0 else math.nan
        temperature_k = min(max(following, 0.8 * low_k), 1.2 * high_k)
    return math.nan, math.nan


def gas_temperature_from_internal_energy(
    props: object, fluid: int, density_kg_per_m3: float, internal_energy_j_per_kg: float, guess_k: float
) -> float:
    """Return the temperature, K, of a gas from density and specific internal energy."""
    result = gas_pressure_temperature_from_density_energy(
        props, fluid, density_kg_per_m3, internal_energy_j_per_kg, math.nan, guess_k
    )
    return result[1]


# ---- water and steam ---------------------------------------------------------------------------------------


def _is_water_pressure(pressure_pa: float) -> bool:
    return layout.WATER_PRESSURE_MIN_PA <= pressure_pa <= layout.WATER_PRESSURE_MAX_PA


def _line(pressure_pa: float) -> float:
    """Return the temperature, K, that divides water from steam."""
    return _boundary()(pressure_pa)


def _hottest_steam(pressure_pa: float) -> float:
    return layout.WATER_TEMPERATURE_MAX_K if pressure_pa <= layout.WATER_PRESSURE_SPLIT_PA else layout.STEAM_AXIS_K


def _steam(pressure_pa: float, temperature_k: float) -> State:
    if _is_water_pressure(pressure_pa) and temperature_k <= _hottest_steam(pressure_pa):
        line_k = _line(pressure_pa)
        if temperature_k >= line_k - layout.SATURATION_TOLERANCE_K:
            return _equation("H2O").gas(pressure_pa, max(temperature_k, line_k))
    return _NO_STATE


def _water(pressure_pa: float, temperature_k: float) -> State:
    if _is_water_pressure(pressure_pa) and temperature_k >= layout.SUPERCOOLED_MIN_K:
        line_k = _line(pressure_pa)
        if temperature_k <= line_k + layout.SATURATION_TOLERANCE_K:
            return _equation("H2O").liquid(pressure_pa, min(temperature_k, line_k))
    return _NO_STATE


def _pressed_water(pressure_pa: float, temperature_k: float) -> State:
    """Return the state of water, also at the pressures of gas above those of the tables of water, below 600 K."""
    if layout.WATER_PRESSURE_MAX_PA < pressure_pa <= layout.GAS_PRESSURE_MAX_PA:
        if layout.SUPERCOOLED_MIN_K <= temperature_k <= 600.0:
            return _equation("H2O").liquid(pressure_pa, temperature_k)
        return _NO_STATE
    return _water(pressure_pa, temperature_k)


def saturation_temperature(props: object, pressure_pa: float) -> float:
    """Return the saturation temperature of water, K."""
    if layout.WATER_PRESSURE_MIN_PA <= pressure_pa <= layout.CRITICAL_PRESSURE_PA:
        return _line(pressure_pa)
    return math.nan


def phase_boundary_temperature(props: object, pressure_pa: float) -> float:
    """Return the temperature, K, that divides liquid from steam: the saturation line, continued to 350 bar."""
    return _line(pressure_pa) if _is_water_pressure(pressure_pa) else math.nan


def _saturation_pressure(temperature_k: float) -> float:
    if layout.WATER_TEMPERATURE_MIN_K <= temperature_k <= layout.CRITICAL_TEMPERATURE_K:
        return _equation("H2O").saturation_pressure(temperature_k)
    if layout.SUPERCOOLED_MIN_K <= temperature_k < layout.WATER_TEMPERATURE_MIN_K:
        return supercooled_saturation_pressure(None, temperature_k)
    return math.nan


def supercooled_saturation_pressure(props: object, temperature_k: float) -> float:
    """Return the pressure of vapour over supercooled water, Pa: a correlation, no equation of state."""
    return float(python_function(properties.supercooled_saturation_pressure)(props, temperature_k))


def saturation_pressure(props: object, temperature_k: float) -> float:
    """Return the saturation pressure of water, Pa."""
    return _saturation_pressure(temperature_k)


def _saturated(temperature_k: float, quality: float) -> tuple[float, float]:
    if layout.WATER_TEMPERATURE_MIN_K <= temperature_k <= layout.SATURATION_TEMPERATURE_MAX_K:
        return _equation("H2O").saturated(temperature_k, quality)
    return math.nan, math.nan


def saturated_steam_enthalpy(props: object, temperature_k: float) -> float:
    """Return the specific enthalpy of dry saturated steam, J/kg."""
    return _saturated(temperature_k, 1.0)[1]


def saturated_water_enthalpy(props: object, temperature_k: float) -> float:
    """Return the specific enthalpy of boiling water, J/kg."""
    return _saturated(temperature_k, 0.0)[1]


def saturated_steam_density(props: object, temperature_k: float) -> float:
    """Return the density of dry saturated steam, kg/m3."""
    return _saturated(temperature_k, 1.0)[0]


def saturated_water_density(props: object, temperature_k: float) -> float:
    """Return the density of boiling water, kg/m3."""
    return _saturated(temperature_k, 0.0)[0]


def _water_inverse(
    is_steam: bool,
    value_and_slope: Callable[[State, float], tuple[float, float]],
    pressure_pa: float,
    target: float,
    guess_k: float,
) -> float:
    """Return the temperature, K, of steam or water at which a quantity takes a value; NaN outside the range."""
    if not (_is_water_pressure(pressure_pa) and math.isfinite(target)):
        return math.nan
    line_k = _line(pressure_pa)
    far_k = _hottest_steam(pressure_pa) if is_steam else layout.SUPERCOOLED_MIN_K
    sign = 1.0 if is_steam else -1.0

    def state_at(temperature_k: float) -> State:
        return _steam(pressure_pa, temperature_k) if is_steam else _water(pressure_pa, temperature_k)

    value, slope = value_and_slope(state_at(line_k), line_k)
    beyond_k = sign * (target - value) / slope
    if beyond_k <= 0.0:
        return line_k if beyond_k >= -layout.SATURATION_TOLERANCE_K else math.nan
    value, slope = value_and_slope(state_at(far_k), far_k)
    short_k = sign * (value - target) / slope
    if short_k <= 0.0:
        return far_k if short_k > -1.0e-6 else math.nan
    return _solved(state_at, value_and_slope, target, min(line_k, far_k), max(line_k, far_k), guess_k)


(steam_density, steam_enthalpy, steam_entropy, steam_heat_capacity,
 steam_enthalpy_heat_capacity, steam_enthalpy_entropy, steam_state) = _quantities(_steam)  # fmt: skip
(water_density, _, water_entropy, water_heat_capacity, _, water_enthalpy_entropy, water_state) = _quantities(_water)
_, water_enthalpy, _, _, water_enthalpy_heat_capacity, _, _ = _quantities(_pressed_water)
_steam_inverse, _liquid_inverse = (functools.partial(_water_inverse, is_steam) for is_steam in (True, False))
steam_temperature_from_enthalpy, steam_temperature_from_entropy = _temperatures(_steam_inverse)
water_temperature_from_enthalpy, water_temperature_from_entropy = _temperatures(_liquid_inverse)


def _full_name(function: Callable[..., Any]) -> str:
    """Return where a kernel is defined: ``module.name``."""
    source = python_function(function)
    return f"{source.__module__}.{source.__qualname__}"


REPLACEMENTS: dict[str, Callable[..., Any]] = {
    _full_name(getattr(properties, name)): globals()[name]
    for name in properties.__all__
    if not name.startswith("FLUID_")
}
"""Full name of each property kernel -> the function here that stands in for it."""
