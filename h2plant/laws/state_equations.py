"""Properties of hydrogen, oxygen, nitrogen and water by CoolProp's equations of state, for laws.

Hydrogen: Leachman 2009, doi 10.1063/1.3160306; oxygen: Schmidt and Wagner 1985, doi 10.1016/0378-3812(85)87016-3;
nitrogen: Span 2000, doi 10.1063/1.1349047; water: IAPWS-95, doi 10.1063/1.1461829. Enthalpies carry heats of
formation: gases have 0 at 298.15 K and 1 bar, liquid water has -285.830 kJ/mol there. CoolProp is imported on the first
call. Nothing here is shared with the properties that kernels read.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any, NamedTuple

import numpy as np

from h2plant.core.law import FloatArray, Flow, Numbers
from h2plant.core.law_constants import (
    GAS_CONSTANT_J_PER_MOL_K,
    MOLAR_MASS_H2O_KG_PER_MOL,
    STANDARD_PRESSURE_PA,
    STANDARD_TEMPERATURE_K,
)

NAMES = {"h2": "Hydrogen", "o2": "Oxygen", "n2": "Nitrogen", "vapour": "Water", "liquid": "Water"}
"""Species of a stream, and CoolProp's name of each."""

LIQUID_FORMATION_J_PER_KG = -285830.0 / MOLAR_MASS_H2O_KG_PER_MOL
TRIPLE_K, TRIPLE_PA = 273.16, 611.657
CRITICAL_K = 647.096
_SUPERCOOLED_K = 240.0
_KEPT = 200_000


class State(NamedTuple):
    """A state of a species.

    Attributes
    ----------
    density, enthalpy, entropy, heat_capacity
        kg/m3, J/kg, J/(kg K), J/(kg K) at constant pressure; shape of the pressures and temperatures asked for.
    """

    density: Any
    enthalpy: Any
    entropy: Any
    heat_capacity: Any


_NO_STATE = State(np.nan, np.nan, np.nan, np.nan)


@functools.cache
def _coolprop() -> Any:
    return importlib.import_module("CoolProp")


@functools.cache
def _equation(name: str) -> tuple[Any, float, float]:
    """Return CoolProp's state of a fluid, its critical pressure, Pa, and what its enthalpies are lowered by, J/kg."""
    state = _coolprop().AbstractState("HEOS", name)
    state.update(_coolprop().PT_INPUTS, STANDARD_PRESSURE_PA, STANDARD_TEMPERATURE_K)
    zero = state.hmass() - (LIQUID_FORMATION_J_PER_KG if name == "Water" else 0.0)
    return state, state.p_critical(), zero


def _read(state: Any, zero: float) -> State:
    return State(state.rhomass(), state.hmass() - zero, state.smass(), state.cpmass())


def _supercooled(pressure_pa: float, temperature_k: float) -> State:
    """Return the state of supercooled water: IAPWS-95 below its range, where CoolProp has to be told to go on."""
    coolprop = _coolprop()
    state, _, zero = _equation("Water")
    configuration = coolprop.CoolProp
    configuration.set_config_bool(coolprop.DONT_CHECK_PROPERTY_LIMITS, True)
    try:
        state.specify_phase(coolprop.iphase_liquid)
        state.update(coolprop.PT_INPUTS, max(pressure_pa, TRIPLE_PA), temperature_k)
        return _read(state, zero)
    finally:
        state.unspecify_phase()
        configuration.set_config_bool(coolprop.DONT_CHECK_PROPERTY_LIMITS, False)


@functools.lru_cache(maxsize=_KEPT)
def _state(species: str, pressure_pa: float, temperature_k: float) -> State:
    """Return the state of a species; ``vapour`` and ``liquid`` at most at saturation, continued below 273.16 K.

    Vapour goes on with its heat capacity there, liquid as supercooled water to 240 K, colder with that heat capacity.
    """
    if not (pressure_pa > 0.0 and temperature_k > 0.0):
        return _NO_STATE
    if species in ("vapour", "liquid") and temperature_k < TRIPLE_K:
        base_k = TRIPLE_K if species == "vapour" else max(temperature_k, _SUPERCOOLED_K)
        at = _state(species, TRIPLE_PA, TRIPLE_K) if species == "vapour" else _supercooled(pressure_pa, base_k)
        density, enthalpy, entropy, capacity = at
        if species == "vapour":
            density *= pressure_pa / TRIPLE_PA * TRIPLE_K / temperature_k
        return State(
            density,
            enthalpy + capacity * (temperature_k - base_k),
            entropy + capacity * np.log(temperature_k / base_k),
            capacity,
        )
    coolprop = _coolprop()
    state, critical_pa, zero = _equation(NAMES[species])
    try:
        if species in ("vapour", "liquid"):
            gap = _saturation_pressure(temperature_k) - pressure_pa
            if temperature_k < CRITICAL_K and (gap <= 0.0 if species == "vapour" else gap >= 0.0):
                state.unspecify_phase()
                state.update(coolprop.QT_INPUTS, 1.0 if species == "vapour" else 0.0, temperature_k)
                return _read(state, zero)
        if species == "liquid" and temperature_k < CRITICAL_K:
            state.specify_phase(coolprop.iphase_liquid)
        elif pressure_pa < critical_pa:
            state.specify_phase(coolprop.iphase_gas)
        else:
            state.specify_phase(coolprop.iphase_supercritical)
        state.update(coolprop.PT_INPUTS, pressure_pa, temperature_k)
        return _read(state, zero)
    except ValueError:
        return _NO_STATE
    finally:
        state.unspecify_phase()


@functools.lru_cache(maxsize=_KEPT)
def _saturation_pressure(temperature_k: float) -> float:
    if not temperature_k > 0.0:
        return float("nan")
    if temperature_k >= CRITICAL_K:
        return float("inf")
    if temperature_k < TRIPLE_K:
        return float(supercooled_saturation_pressure(temperature_k))
    state = _equation("Water")[0]
    state.unspecify_phase()
    state.update(_coolprop().QT_INPUTS, 0.0, temperature_k)
    return float(state.p())


def supercooled_saturation_pressure(temperature_k: Numbers) -> FloatArray:
    """Return the pressure of vapour over supercooled water, Pa; 173 to 273.16 K.

    D. Sonntag 1990, Z. Meteorol. 70 (5) 340, equation over water; meets 611.657 Pa at the triple point.
    """
    t = np.asarray(temperature_k, dtype=float)
    exponent = -6096.9385 / t + 16.635794 - 2.711193e-2 * t + 1.673952e-5 * t * t + 2.433502 * np.log(t)
    return np.asarray(100.0 * np.exp(exponent))


def states(species: str, pressure_pa: Numbers, temperature_k: Numbers) -> State:
    """Return the states of a species, arrays of the common shape of pressures, Pa, and temperatures, K."""
    pressures, temperatures = np.broadcast_arrays(np.asarray(pressure_pa, dtype=float), temperature_k)
    rows = [_state(species, float(p), float(T)) for p, T in zip(pressures.ravel(), temperatures.ravel(), strict=True)]
    return State(*np.array(rows, dtype=float).reshape(-1, 4).T.reshape(4, *pressures.shape))


def density(species: str, pressure_pa: Numbers, temperature_k: Numbers) -> FloatArray:
    """Return the density of a species, kg/m3."""
    found: FloatArray = states(species, pressure_pa, temperature_k).density
    return found


def enthalpy(species: str, pressure_pa: Numbers, temperature_k: Numbers) -> FloatArray:
    """Return the specific enthalpy of a species, heat of formation included, J/kg."""
    found: FloatArray = states(species, pressure_pa, temperature_k).enthalpy
    return found


def entropy(species: str, pressure_pa: Numbers, temperature_k: Numbers) -> FloatArray:
    """Return the specific entropy of a species, J/(kg K), from CoolProp's own zero: only differences say anything."""
    found: FloatArray = states(species, pressure_pa, temperature_k).entropy
    return found


def saturation_pressure(temperature_k: Numbers) -> FloatArray:
    """Return the pressure at which water boils, below 273.16 K over supercooled water, Pa; above 647 K infinite."""
    temperatures = np.asarray(temperature_k, dtype=float)
    return np.array([_saturation_pressure(float(T)) for T in temperatures.ravel()]).reshape(temperatures.shape)


def vapour_partial_pressure(flow: Flow, pressure_pa: Numbers) -> FloatArray:
    """Return the partial pressure of water vapour in a stream, Pa; the pressure itself where nothing flows."""
    vapour = flow.vapour_mol_per_s
    moles = vapour + flow.dry_mol_per_s
    return np.where(moles > 0.0, pressure_pa * vapour / np.where(moles > 0.0, moles, 1.0), pressure_pa)


def stream_states(
    flow: Flow, temperature_k: Numbers | None = None, pressure_pa: Numbers | None = None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return (enthalpy flow in W, entropy flow in W/K, heat capacity rate in W/K) of a stream with its phases as given.

    Permanent gases at the total pressure (Amagat), vapour at its partial pressure, below the triple point's as an ideal
    gas, liquid at the total pressure; the entropy leaves out that of mixing, which cancels where the composition stays.
    Its own temperature, K, and pressure, Pa, serve where none is given. Shapes (n,).
    """
    at_k = np.broadcast_to(flow.temperature_k if temperature_k is None else temperature_k, flow.h2.shape)
    at_pa = np.broadcast_to(flow.pressure_pa if pressure_pa is None else pressure_pa, flow.h2.shape)
    sums = [np.zeros(flow.h2.shape) for _ in range(3)]
    for species in NAMES:
        amount = getattr(flow, species)
        there = np.flatnonzero(amount > 0.0)
        if not there.size:
            continue
        at, thinned = at_pa[there], np.zeros(there.size)
        if species == "vapour":
            partial = vapour_partial_pressure(flow, at_pa)[there]
            at = np.maximum(partial, TRIPLE_PA)
            thinned = GAS_CONSTANT_J_PER_MOL_K / MOLAR_MASS_H2O_KG_PER_MOL * np.log(at / partial)
        found = states(species, at, at_k[there])
        for total, value in zip(sums, (found.enthalpy, found.entropy + thinned, found.heat_capacity), strict=True):
            total[there] += amount[there] * value
    return sums[0], sums[1], sums[2]
