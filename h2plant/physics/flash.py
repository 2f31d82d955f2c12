"""Temperature and phases of a stream from its enthalpy (isenthalpic flash): gas, water, or both.

Model of ``physics/stream.py``: permanent gases at the total pressure, vapour at its partial pressure, liquid
water at the total pressure; vapour over liquid is saturated (Dalton, no Poynting term, no dissolved gas).
The enthalpy flow rises with the temperature in every case, so the solution is unique.
"""

from h2plant.core.constants import (
    GAS_CONSTANT_J_PER_MOL_K,
    MOLAR_MASS_H2O_KG_PER_MOL,
    TRIPLE_PRESSURE_H2O_PA,
)
from h2plant.core.jit import kernel, leaf, shared
from h2plant.core.properties import (
    saturated_steam_enthalpy,
    saturated_water_enthalpy,
    saturation_temperature,
    steam_temperature_from_enthalpy,
    water_enthalpy_heat_capacity,
    water_temperature_from_enthalpy,
)
from h2plant.physics.frost import (
    TRIPLE_K,
    condensation_temperature,
    moisture_saturation_pressure,
    vapour_enthalpy_heat_capacity,
)
from h2plant.physics.stream import dry_molar_flow, stream_enthalpy, stream_enthalpy_capacity, water_split

_LOWEST_K = 200.0
_HIGHEST_K = 1250.0
_NEAR_BOILING_K = 0.15
_NEAR_DEW_KG_PER_S_K = 1.0e-30
_NOTHING = float("nan")
AS_IT_CAME = 0.9
"""Share of its pressure down to which a stream that passes an apparatus keeps temperature and phases."""
_STEP_TOLERANCE_K = 1.0e-3
"""Last Newton step; what is left after it is its square times the relative change of the heat capacity per kelvin
(3e-3 at most): below 3e-9 K."""
_TWO_PHASE_TOLERANCE_K = 1.0e-9
"""The two-phase iteration uses a slope good to about a percent, so its last step must be smaller."""


@leaf
def is_surely_gas(partial_pa, temperature_k):
    """Tell without a look-up whether steam is above its saturation; False says nothing.

    Saturation temperatures at 1.01325 and 10 bar: 373.13 and 453.04 K (IAPWS-95).
    """
    return (temperature_k > 453.1 and partial_pa < 1.0e6) or (temperature_k > 373.2 and partial_pa < 1.01325e5)


@kernel
def _single_phase_temperature(props, h2, o2, n2, vapour, enthalpy_w, pressure_pa, lowest_k, start_k):
    """Return the temperature, K, of a gas with a fixed amount of vapour, from its enthalpy flow.

    Below ``lowest_k`` there is no solution as gas: returns 0. Not a number above the range of the tables.
    """
    T = min(max(start_k, lowest_k), _HIGHEST_K)
    was_lowest = False
    for _ in range(30):
        enthalpy, capacity = stream_enthalpy_capacity(props, h2, o2, n2, vapour, 0.0, T, pressure_pa)
        change = (enthalpy_w - enthalpy) / capacity
        if abs(change) < _STEP_TOLERANCE_K:
            return T + change
        if T <= lowest_k and change < 0.0:
            return 0.0
        if T >= _HIGHEST_K and change > 0.0:
            return _NOTHING
        T += change
        if T < lowest_k:
            if was_lowest:
                return 0.0
            T = lowest_k
            was_lowest = True
        elif T > _HIGHEST_K:
            T = _HIGHEST_K
    return _NOTHING


@kernel
def _two_phase_temperature(props, h2, o2, n2, water, enthalpy_w, pressure_pa, highest_k, start_k):
    """Return (temperature, vapour, liquid) of gas over liquid water, from 200 K to the dew point."""
    dry = dry_molar_flow(h2, o2, n2)
    low = _LOWEST_K
    high = highest_k
    T = min(max(start_k, low), high)
    for _ in range(60):
        saturation = moisture_saturation_pressure(props, T)
        vapour = water
        slope = 0.0  # change of the vapour with temperature
        h_vapour, c_vapour = vapour_enthalpy_heat_capacity(props, max(saturation, TRIPLE_PRESSURE_H2O_PA), T)
        h_liquid, c_liquid = water_enthalpy_heat_capacity(props, pressure_pa, T)
        latent = h_vapour - h_liquid
        if saturation < pressure_pa:
            vapour = dry * saturation / (pressure_pa - saturation) * MOLAR_MASS_H2O_KG_PER_MOL
            # Clausius-Clapeyron with an ideal vapour: good to a percent or two, enough for the search
            slope = (
                vapour
                * pressure_pa
                / (pressure_pa - saturation)
                * latent
                * MOLAR_MASS_H2O_KG_PER_MOL
                / (GAS_CONSTANT_J_PER_MOL_K * T * T)
            )
            if vapour > water:
                vapour = water
        enthalpy, capacity = stream_enthalpy_capacity(props, h2, o2, n2, 0.0, 0.0, T, pressure_pa)
        liquid = water - vapour
        enthalpy += vapour * h_vapour + liquid * h_liquid
        capacity += vapour * c_vapour + liquid * c_liquid + slope * latent
        missing = enthalpy_w - enthalpy
        if missing > 0.0:
            low = T
        else:
            high = T
        change = missing / capacity
        if abs(change) < _TWO_PHASE_TOLERANCE_K or high - low < _TWO_PHASE_TOLERANCE_K:
            if change < -1.0e-6 and high < _LOWEST_K + 1.0e-6:
                return _NOTHING, vapour, liquid  # below the tables
            return T, vapour, liquid
        T += change
        if T < low or T > high:
            T = 0.5 * (low + high)
    return _NOTHING, water, 0.0


@shared
def temperature_at_enthalpy(props, h2, o2, n2, water, enthalpy_w, pressure_pa, start_k):
    """Return (temperature in K, vapour in kg/s, liquid in kg/s) of a stream with a given enthalpy flow.

    Parameters: mass flows of the gases and of all water, kg/s; enthalpy flow, W (formation enthalpies
    included); pressure, Pa; a guess of the temperature, K (any; a near one saves time).
    A stream without flow keeps the guess. The temperature is not a number outside the range of the
    tables (200 to 1250 K) or without convergence:
    test it with ``T == T``.
    """
    gas = h2 + o2 + n2
    if water <= 0.0:
        if gas <= 0.0:
            return start_k, 0.0, 0.0
        T = _single_phase_temperature(props, h2, o2, n2, 0.0, enthalpy_w, pressure_pa, _LOWEST_K, start_k)
        return (T if T > 0.0 else _NOTHING), 0.0, 0.0
    if gas <= 0.0:
        boiling = saturation_temperature(props, pressure_pa)
        if start_k >= boiling:
            T = _single_phase_temperature(props, 0.0, 0.0, 0.0, water, enthalpy_w, pressure_pa, boiling, start_k)
            if T != 0.0:
                return T, water, 0.0
        specific = enthalpy_w / water
        h_liquid = saturated_water_enthalpy(props, boiling)
        if specific <= h_liquid:
            return water_temperature_from_enthalpy(props, pressure_pa, specific, min(start_k, boiling)), 0.0, water
        h_vapour = saturated_steam_enthalpy(props, boiling)
        if specific >= h_vapour:
            return steam_temperature_from_enthalpy(props, pressure_pa, specific, boiling), water, 0.0
        vapour = water * (specific - h_liquid) / (h_vapour - h_liquid)
        return boiling, vapour, water - vapour
    moles = water / MOLAR_MASS_H2O_KG_PER_MOL
    partial = pressure_pa * moles / (moles + dry_molar_flow(h2, o2, n2))
    if partial <= TRIPLE_PRESSURE_H2O_PA:  # too dry to condense above freezing
        T = _single_phase_temperature(props, h2, o2, n2, water, enthalpy_w, pressure_pa, _LOWEST_K, start_k)
        if T < TRIPLE_K and moisture_saturation_pressure(props, max(T, _LOWEST_K)) < partial:
            return _two_phase_temperature(props, h2, o2, n2, water, enthalpy_w, pressure_pa, TRIPLE_K, TRIPLE_K)
        return (T if T > 0.0 else _NOTHING), water, 0.0
    if is_surely_gas(partial, start_k):
        surely = 453.1 if start_k > 453.1 and partial < 1.0e6 else 373.2
        T = _single_phase_temperature(props, h2, o2, n2, water, enthalpy_w, pressure_pa, surely, start_k)
        if T != 0.0:
            return T, water, 0.0
    dew = saturation_temperature(props, partial)
    if start_k >= dew:
        T = _single_phase_temperature(props, h2, o2, n2, water, enthalpy_w, pressure_pa, dew, start_k)
        if T != 0.0:
            return T, water, 0.0
        return _two_phase_temperature(props, h2, o2, n2, water, enthalpy_w, pressure_pa, dew, dew)
    if enthalpy_w >= stream_enthalpy(props, h2, o2, n2, water, 0.0, dew, pressure_pa):
        T = _single_phase_temperature(props, h2, o2, n2, water, enthalpy_w, pressure_pa, dew, dew)
        if T == 0.0:
            T = dew
        return T, water, 0.0
    return _two_phase_temperature(props, h2, o2, n2, water, enthalpy_w, pressure_pa, dew, start_k)


@leaf
def is_surely_liquid(pressure_pa, temperature_k):
    """Tell without a look-up whether pure water is below its boiling point; False says nothing.

    Saturation temperatures at 0.3, 1.01325 and 5 bar: 342.25, 373.13 and 424.98 K (IAPWS-95).
    """
    if temperature_k < 342.2 and pressure_pa >= 0.3e5:
        return True
    return (temperature_k < 373.0 and pressure_pa >= 1.01325e5) or (temperature_k < 424.8 and pressure_pa >= 5.0e5)


@leaf
def boils(props, pressure_pa, temperature_k):
    """Tell whether water is above its boiling point: as liquid it has no state there, whatever gas is above it."""
    return not is_surely_liquid(pressure_pa, temperature_k) and temperature_k > saturation_temperature(
        props, pressure_pa
    )


@leaf
def throttled(props, feed, pressure_pa):
    """Return (temperature in K, vapour, liquid in kg/s) of a stream behind an apparatus that passes it without heat.

    Within a tenth of its pressure it is as it came: hydrogen changes by 0.1 K there, and water hardly evaporates. A
    drop beyond that (an apparatus far too small throttles) is isenthalpic, and so is any that takes water to its
    boiling point, as wet steam is; where there is no state, it is as it came.
    """
    is_wet = feed.liquid > 0.0
    if pressure_pa >= AS_IT_CAME * feed.pressure_pa and not (is_wet and boils(props, pressure_pa, feed.temperature_k)):
        return feed.temperature_k, feed.vapour, feed.liquid
    T, vapour, liquid = temperature_at_enthalpy(
        props, feed.h2, feed.o2, feed.n2, feed.vapour + feed.liquid, feed.enthalpy_w, pressure_pa, feed.temperature_k
    )
    if T > 0.0:
        return T, vapour, liquid
    return feed.temperature_k, feed.vapour, feed.liquid


@kernel
def enthalpy_at_temperature(props, h2, o2, n2, water, temperature_k, pressure_pa):
    """Return the enthalpy flow, W, of gas and water (kg/s) in equilibrium at a temperature and pressure.

    Pure water is liquid below its boiling point and steam at and above it.
    """
    dry = dry_molar_flow(h2, o2, n2)
    moles = water / MOLAR_MASS_H2O_KG_PER_MOL
    if water <= 0.0 or is_surely_gas(pressure_pa * moles / (moles + dry), temperature_k):
        return stream_enthalpy(props, h2, o2, n2, water, 0.0, temperature_k, pressure_pa)
    if dry <= 0.0:
        if temperature_k >= saturation_temperature(props, pressure_pa):
            return stream_enthalpy(props, 0.0, 0.0, 0.0, water, 0.0, temperature_k, pressure_pa)
        return stream_enthalpy(props, 0.0, 0.0, 0.0, 0.0, water, temperature_k, pressure_pa)
    vapour, liquid = water_split(props, h2, o2, n2, water, temperature_k, pressure_pa)
    return stream_enthalpy(props, h2, o2, n2, vapour, liquid, temperature_k, pressure_pa)


@kernel
def dew_temperature(props, dry_mol_per_s, water, pressure_pa, coldest_k):
    """Return the temperature, K, at which a cooling gas begins to condense (pure water: boils).

    0 if it stays dry down to ``coldest_k`` or, where that is above it, to freezing. ``water`` > 0: all water, kg/s.
    """
    moles = water / MOLAR_MASS_H2O_KG_PER_MOL
    partial = pressure_pa * moles / (moles + dry_mol_per_s)
    if is_surely_gas(partial, coldest_k):
        return 0.0
    if partial <= TRIPLE_PRESSURE_H2O_PA:
        return 0.0 if coldest_k >= TRIPLE_K else condensation_temperature(props, partial)
    return saturation_temperature(props, partial)


@shared
def equilibrium_enthalpy_capacity(props, h2, o2, n2, water, temperature_k, pressure_pa):
    """Return (enthalpy, W, its slope, W/K, vapour, kg/s, its slope, kg/(s K)) of gas and water at equilibrium.

    The slope is exact in one phase and good to a percent where water condenses (ideal vapour). Pure water within
    0.15 K of its boiling point has no slope: not a number. The vapour's slope is above zero where the gas is wet or
    less than about half a kelvin above its dew point, so that a caller may take smaller steps there.
    """
    T = temperature_k
    vapour = water
    liquid = 0.0
    vapour_slope = 0.0
    saturation_pa = 0.0
    partial_pa = 0.0
    if water > 0.0:
        dry = dry_molar_flow(h2, o2, n2)
        moles = water * (1.0 / MOLAR_MASS_H2O_KG_PER_MOL)
        partial_pa = pressure_pa * moles / (moles + dry)
        if not (is_surely_gas(partial_pa, T) or (partial_pa < 3.0e4 and T > 342.3)):  # 342.25 K at 0.3 bar
            if dry > 0.0:
                saturation_pa = moisture_saturation_pressure(props, T)
                if saturation_pa < partial_pa:
                    vapour = dry * saturation_pa / (pressure_pa - saturation_pa) * MOLAR_MASS_H2O_KG_PER_MOL
                elif saturation_pa < 1.02 * partial_pa:
                    vapour_slope = _NEAR_DEW_KG_PER_S_K
            elif is_surely_liquid(pressure_pa, T):
                vapour = 0.0
            else:
                boiling_k = saturation_temperature(props, pressure_pa)
                if abs(T - boiling_k) < _NEAR_BOILING_K:
                    return _NOTHING, _NOTHING, water, 0.0
                if boiling_k > T:
                    vapour = 0.0
        liquid = water - vapour
    enthalpy, capacity = stream_enthalpy_capacity(props, h2, o2, n2, 0.0, 0.0, T, pressure_pa)
    h_vapour = 0.0
    if vapour > 0.0:
        own_pa = saturation_pa if liquid > 0.0 else partial_pa
        h_vapour, c_vapour = vapour_enthalpy_heat_capacity(props, max(own_pa, TRIPLE_PRESSURE_H2O_PA), T)
        enthalpy += vapour * h_vapour
        capacity += vapour * c_vapour
    if liquid > 0.0:
        h_liquid, c_liquid = water_enthalpy_heat_capacity(props, pressure_pa, T)
        enthalpy += liquid * h_liquid
        capacity += liquid * c_liquid
        if vapour > 0.0:
            latent = h_vapour - h_liquid
            vapour_slope = vapour * pressure_pa / (pressure_pa - saturation_pa) * latent
            vapour_slope *= MOLAR_MASS_H2O_KG_PER_MOL / (GAS_CONSTANT_J_PER_MOL_K * T * T)
            capacity += vapour_slope * latent
    return enthalpy, capacity, vapour, vapour_slope
