"""A gas with water at equilibrium, with the water's properties held from step to step (``physics.held.water``).

The model is that of ``physics.stream`` (gases at the total pressure, vapour by Dalton: dry M_w p_sat / (p - p_sat)
at most, liquid at the total pressure). ``cooled_water`` gives the water's enthalpy and vapour at a temperature,
``held_flash`` the temperature of the whole stream from its enthalpy. ``held`` is the tuple of ``physics.held.water``;
both hand it back, renewed or not.
"""

from h2plant.core.constants import (
    GAS_CONSTANT_J_PER_MOL_K,
    MOLAR_MASS_H2O_KG_PER_MOL,
    TRIPLE_PRESSURE_H2O_PA,
)
from h2plant.core.jit import kernel, leaf, shared
from h2plant.core.properties import gases_enthalpy_heat_capacity
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.physics.frost import moisture_saturation_pressure
from h2plant.physics.held.gas import held_gases_capacity, held_gases_enthalpy, holds_gas
from h2plant.physics.held.water import (
    LIQUID_CP,
    RENEW_K,
    SATURATION_0,
    TEMPERATURE_0,
    VAPOUR_CP,
    held_liquid_enthalpy,
    held_saturation_pressure,
    held_vapour_enthalpy,
    holds_liquid,
    holds_water,
    keep_water,
    load_water,
    renewed_water,
)
from h2plant.physics.stream import dry_molar_flow, vapour_partial_pressure

_NEWTON_STEPS = 10
_LEFT_K = 1.0e-7
"""What may be left after the last Newton step (a step of 1e-3 K in liquid or dry gas, of 3e-6 K in hot wet gas)."""
_SLOPE_ERROR = 0.03  # of Clausius-Clapeyron with an ideal vapour
_KINK_STEP_K = 1.0e-5  # last step where it crosses the dew point
_SATURATION_PER_K = 0.15  # relative slope of the saturation pressure, at most (200 K)
_CURVATURE_PER_K = 0.05  # relative change of the slope per kelvin, at most: the vapour's pressure
_LOWEST_K = 201.0  # the tables end at 200 K
_HIGHEST_K = 600.0
_LIQUID_STEPS = 3
_LIQUID_BELOW_K = 370.0  # pure water boils above 0.9 bar
_LOWEST_PA = 1.0e5
_DRY_STEPS = 2
_DRY_FRAC = 0.5  # of its saturation, at most, where vapour counts as unsaturated without a look at its drops
_LOWEST_DRY_K = 300.0


@leaf
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


@leaf
def cooled_water(props, held, dry_mol_per_s, water, temperature_k, pressure_pa):
    """Return (enthalpy flow in W, vapour in kg/s, held) of water at equilibrium with a gas; the rest is liquid.

    Parameters
    ----------
    props : array
        All property tables.
    held : tuple
        Held water properties.
    dry_mol_per_s : float
        Permanent gases, mol/s.
    water : float
        Water, kg/s.
    temperature_k, pressure_pa : float
        State of the stream, K and Pa. Outside the tables (with water: 200 to 647 K) the result is NaN.
    """
    if water <= 0.0:
        return 0.0, 0.0, held
    _, partial_pa, vapour = _water_state(props, held, dry_mol_per_s, water, temperature_k, pressure_pa)
    if not holds_water(held, partial_pa, pressure_pa, temperature_k):
        held = renewed_water(props, partial_pa, pressure_pa, temperature_k)
    enthalpy_w = 0.0
    if vapour > 0.0:
        enthalpy_w += vapour * held_vapour_enthalpy(held, partial_pa, temperature_k)
    if water > vapour:
        enthalpy_w += (water - vapour) * held_liquid_enthalpy(held, pressure_pa, temperature_k)
    return enthalpy_w, vapour, held


@shared
def held_liquid_temperature(props, held, enthalpy_j_per_kg, pressure_pa, start_k, range_k):
    """Return (temperature of pure liquid water in K, held); 0: not below 370 K, or far from the start.

    Held properties serve within ``range_k`` (at most RENEW_K): wrong by 1e-4 K^-1 range_k^2 (6e-6 K, 3e-7 K at 0.05 K).
    """
    T = start_k
    for _ in range(_LIQUID_STEPS):
        if not (holds_liquid(held, pressure_pa, T) & (abs(T - held[TEMPERATURE_0]) <= range_k)):
            if not ((T >= _LOWEST_K) & (T <= _LIQUID_BELOW_K)):
                return 0.0, held
            held = renewed_water(props, moisture_saturation_pressure(props, T), pressure_pa, T)
        T += (enthalpy_j_per_kg - held_liquid_enthalpy(held, pressure_pa, T)) / held[LIQUID_CP]
        if abs(T - held[TEMPERATURE_0]) <= range_k:
            return T, held
    return 0.0, held


@shared
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
        if dry <= 0.0:
            T, held = held_liquid_temperature(props, held, enthalpy_w / water, pressure_pa, start_k, RENEW_K)
            if T > 0.0:
                return T, 0.0, water, held
        highest_k = _HIGHEST_K if dry > 0.0 else _LIQUID_BELOW_K
        T = start_k
        for _ in range(_NEWTON_STEPS):
            if not ((T >= _LOWEST_K) & (T <= highest_k)):
                break
            gases_w, capacity = gases_enthalpy_heat_capacity(props, h2, o2, n2, pressure_pa, T)
            missing = enthalpy_w - gases_w
            saturation_pa, partial_pa, vapour = _water_state(props, held, dry, water, T, pressure_pa)
            if not holds_water(held, partial_pa, pressure_pa, T):
                held = renewed_water(props, partial_pa, pressure_pa, T)
            h_vapour = held_vapour_enthalpy(held, partial_pa, T)
            missing -= vapour * h_vapour
            capacity += vapour * held[VAPOUR_CP]
            liquid = water - vapour
            slope = 0.0
            wet_capacity = 0.0
            if liquid > 0.0:
                # Clausius-Clapeyron with an ideal vapour: good to a percent, enough for the search
                h_liquid = held_liquid_enthalpy(held, pressure_pa, T)
                latent = h_vapour - h_liquid
                slope = vapour * latent * MOLAR_MASS_H2O_KG_PER_MOL / (GAS_CONSTANT_J_PER_MOL_K * T * T)
                missing -= liquid * h_liquid
                slope *= pressure_pa / (pressure_pa - saturation_pa)
                wet_capacity = slope * latent
                capacity += liquid * held[LIQUID_CP] + wet_capacity
            change = missing / capacity
            T += change
            # what is left: the error of the slope where water evaporates, and curvature
            left_k = abs(change) * (_SLOPE_ERROR * wet_capacity / capacity + _CURVATURE_PER_K * abs(change))
            if liquid > 0.0:
                is_kink = vapour + slope * change >= water
            else:
                is_kink = saturation_pa * (1.0 + _SATURATION_PER_K * change) <= partial_pa
            if (left_k < _LEFT_K) & ((not is_kink) | (abs(change) < _KINK_STEP_K)):
                vapour = min(max(vapour + slope * change, 0.0), water)
                return T, vapour, water - vapour, held
    T, vapour, liquid = temperature_at_enthalpy(props, h2, o2, n2, water, enthalpy_w, pressure_pa, start_k)
    return T, vapour, liquid, held


@kernel
def evaporated_temperature(c, props, h2, o2, n2, water, enthalpy_w, pressure_pa, start_k):
    """Return the temperature, K, of a gas in which all water is vapour, from what a record holds.

    Newton's method next to the last state, for gas that evaporates the drops that it brings. 0: the vapour is not well
    below its saturation, or the state far from the start; then ``physics.flash.temperature_at_enthalpy`` has the
    answer, to which this one comes within 1e-4 K in a fraction of its time.

    Parameters
    ----------
    c : record
        With ``HELD_GAS_STATES`` and ``HELD_WATER_STATES``; what is held is renewed where it does not serve.
    props, h2, o2, n2, water, enthalpy_w, pressure_pa, start_k
        As of ``held_flash``.
    """
    if start_k < _LOWEST_DRY_K:
        return 0.0
    partial_pa = vapour_partial_pressure(h2, o2, n2, water, pressure_pa)
    held = load_water(c)
    T = start_k
    for _ in range(_DRY_STEPS):
        if not holds_water(held, partial_pa, pressure_pa, T):
            held = renewed_water(props, partial_pa, pressure_pa, T)
            keep_water(c, held)
        missing = enthalpy_w - water * held_vapour_enthalpy(held, partial_pa, T)
        missing -= held_gases_enthalpy(c, props, h2, o2, n2, pressure_pa, T)
        T += missing / (held_gases_capacity(c, h2, o2, n2) + water * held[VAPOUR_CP])
        if holds_gas(c, pressure_pa, T) and holds_water(held, partial_pa, pressure_pa, T):
            return T if partial_pa < _DRY_FRAC * held[SATURATION_0] else 0.0
    return 0.0
