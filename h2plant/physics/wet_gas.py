"""A gas with water at equilibrium, with the water's properties held from step to step (``physics.held_water``).

The model is that of ``physics.stream`` (gases at the total pressure, vapour by Dalton: dry M_w p_sat / (p - p_sat)
at most, liquid at the total pressure). ``cooled_stream`` gives enthalpy and vapour at a temperature, and
``held_flash`` the inverse. ``held`` is the tuple of ``physics.held_water``; both hand it back, renewed or not.
"""

from h2plant.core.constants import (
    GAS_CONSTANT_J_PER_MOL_K,
    MOLAR_MASS_H2O_KG_PER_MOL,
    TRIPLE_PRESSURE_H2O_PA,
)
from h2plant.core.jit import kernel
from h2plant.core.properties import FLUID_H2, FLUID_N2, FLUID_O2, gas_enthalpy, gas_enthalpy_heat_capacity
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.physics.held_water import (
    LIQUID_CP,
    VAPOUR_CP,
    held_liquid_enthalpy,
    held_saturation_pressure,
    held_vapour_enthalpy,
    holds_water,
    renewed_water,
)
from h2plant.physics.stream import dry_molar_flow

_NEWTON_STEPS = 10
_TOLERANCE_K = 1.0e-5
"""Last Newton step; it is still taken, and what is left after it is below a hundredth of it."""
_LOWEST_K = 273.66  # pure water
_LOWEST_GAS_K = 251.0  # gas with traces of vapour (the gas tables end at 250 K)
_HIGHEST_K = 600.0
_LIQUID_BELOW_K = 370.0  # pure water boils above 0.9 bar
_LOWEST_PA = 1.0e5


@kernel
def _water_state(props, held, dry_mol_per_s, water, temperature_k, pressure_pa):
    """Return (saturation pressure in Pa, partial pressure in Pa, vapour in kg/s) at equilibrium."""
    saturation_pa = held_saturation_pressure(held, props, temperature_k)
    vapour = water
    partial_pa = saturation_pa
    if saturation_pa < pressure_pa:
        vapour = dry_mol_per_s * saturation_pa / (pressure_pa - saturation_pa) * MOLAR_MASS_H2O_KG_PER_MOL
    if vapour >= water:
        vapour = water
        moles = water * (1.0 / MOLAR_MASS_H2O_KG_PER_MOL)
        partial_pa = pressure_pa * moles / (moles + dry_mol_per_s)
    return saturation_pa, max(partial_pa, TRIPLE_PRESSURE_H2O_PA), vapour


@kernel
def cooled_stream(props, held, h2, o2, n2, water, temperature_k, pressure_pa):
    """Return (enthalpy flow in W, vapour in kg/s, held) of a stream at equilibrium; the rest is liquid.

    Parameters
    ----------
    props : array
        All property tables.
    held : tuple
        Held water properties.
    h2, o2, n2, water : float
        Mass flows, kg/s.
    temperature_k, pressure_pa : float
        State of the stream, K and Pa. Outside the tables (with water: 273.16 to 647 K) the result is NaN.
    """
    enthalpy_w = 0.0
    if h2 > 0.0:
        enthalpy_w = h2 * gas_enthalpy(props, FLUID_H2, pressure_pa, temperature_k)
    if o2 > 0.0:
        enthalpy_w += o2 * gas_enthalpy(props, FLUID_O2, pressure_pa, temperature_k)
    if n2 > 0.0:
        enthalpy_w += n2 * gas_enthalpy(props, FLUID_N2, pressure_pa, temperature_k)
    if water <= 0.0:
        return enthalpy_w, 0.0, held
    dry = dry_molar_flow(h2, o2, n2)
    _, partial_pa, vapour = _water_state(props, held, dry, water, temperature_k, pressure_pa)
    if not holds_water(held, partial_pa, pressure_pa, temperature_k):
        held = renewed_water(props, partial_pa, pressure_pa, temperature_k)
    if vapour > 0.0:
        enthalpy_w += vapour * held_vapour_enthalpy(held, partial_pa, temperature_k)
    if water > vapour:
        enthalpy_w += (water - vapour) * held_liquid_enthalpy(held, pressure_pa, temperature_k)
    return enthalpy_w, vapour, held


@kernel
def held_flash(props, held, h2, o2, n2, water, enthalpy_w, pressure_pa, start_k):
    """Return (temperature in K, vapour, liquid in kg/s, held) from the enthalpy flow; NaN without solution.

    Same answer as ``physics.flash.temperature_at_enthalpy`` (to 1e-4 K: the tolerance of the held properties) in
    a third of its time next to the last state; falls back to it where Newton's method leaves its range.

    Parameters
    ----------
    props : array
        All property tables.
    held : tuple
        Held water properties.
    h2, o2, n2, water : float
        Mass flows, kg/s.
    enthalpy_w : float
        Enthalpy flow, formation enthalpies included, W.
    pressure_pa, start_k : float
        Pressure, Pa, and a guess of the temperature, K.
    """
    if (water > 0.0) & (pressure_pa >= _LOWEST_PA):
        dry = dry_molar_flow(h2, o2, n2)
        lowest_k = _LOWEST_GAS_K if dry > 0.0 else _LOWEST_K
        highest_k = _HIGHEST_K if dry > 0.0 else _LIQUID_BELOW_K
        T = start_k
        for _ in range(_NEWTON_STEPS):
            if not ((T >= lowest_k) & (T <= highest_k)):
                break
            missing = enthalpy_w
            capacity = 0.0
            if h2 > 0.0:
                h, cp = gas_enthalpy_heat_capacity(props, FLUID_H2, pressure_pa, T)
                missing -= h2 * h
                capacity += h2 * cp
            if o2 > 0.0:
                h, cp = gas_enthalpy_heat_capacity(props, FLUID_O2, pressure_pa, T)
                missing -= o2 * h
                capacity += o2 * cp
            if n2 > 0.0:
                h, cp = gas_enthalpy_heat_capacity(props, FLUID_N2, pressure_pa, T)
                missing -= n2 * h
                capacity += n2 * cp
            saturation_pa, partial_pa, vapour = _water_state(props, held, dry, water, T, pressure_pa)
            if not holds_water(held, partial_pa, pressure_pa, T):
                held = renewed_water(props, partial_pa, pressure_pa, T)
            h_vapour = held_vapour_enthalpy(held, partial_pa, T)
            missing -= vapour * h_vapour
            capacity += vapour * held[VAPOUR_CP]
            liquid = water - vapour
            if liquid > 0.0:
                # Clausius-Clapeyron with an ideal vapour: good to a percent, enough for the search
                h_liquid = held_liquid_enthalpy(held, pressure_pa, T)
                latent = h_vapour - h_liquid
                slope = vapour * latent * MOLAR_MASS_H2O_KG_PER_MOL / (GAS_CONSTANT_J_PER_MOL_K * T * T)
                missing -= liquid * h_liquid
                capacity += liquid * held[LIQUID_CP] + slope * latent * pressure_pa / (pressure_pa - saturation_pa)
            change = missing / capacity
            T += change
            if abs(change) < _TOLERANCE_K:
                return T, vapour, liquid, held
    T, vapour, liquid = temperature_at_enthalpy(props, h2, o2, n2, water, enthalpy_w, pressure_pa, start_k)
    return T, vapour, liquid, held
