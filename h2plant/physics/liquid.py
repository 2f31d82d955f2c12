"""Temperature of streams that are mostly liquid water, from their enthalpy: the cheap way first."""

from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import water_enthalpy_heat_capacity, water_temperature_from_enthalpy
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.physics.held.water import (
    LIQUID_CP,
    held_liquid_enthalpy,
    holds_liquid,
    keep_liquid,
    load_liquid,
    renewed_liquid,
)

_CLOSE_K = 0.02
_STEPS = 4


@kernel
def liquid_temperature(props, pressure_pa, enthalpy_j_per_kg, guess_k):
    """Return the temperature, K, of liquid water from pressure (Pa) and enthalpy (J/kg), from a near guess (K).

    Newton's method on the forward look-up, for callers that know the temperature to some hundredths of a
    kelvin: one look-up then. After a last step below 0.02 K it is right to 2e-6 K, for the tabulated heat
    capacity is the slope to 1e-4. Falls back on the inverse look-up; NaN where that has no answer.
    """
    temperature_k = guess_k
    for _ in range(_STEPS):
        h, cp = water_enthalpy_heat_capacity(props, pressure_pa, temperature_k)
        change_k = (enthalpy_j_per_kg - h) / cp
        temperature_k += change_k
        if abs(change_k) < _CLOSE_K:
            return temperature_k
    return water_temperature_from_enthalpy(props, pressure_pa, enthalpy_j_per_kg, min(guess_k, 370.0))


@kernel
def heated_water(props, h2, o2, n2, water, enthalpy_w, pressure_pa, guess_k):
    """Return (temperature in K, vapour in kg/s, liquid in kg/s) of water that may carry some gas.

    Mass flows in kg/s (water > 0), enthalpy flow in W, pressure in Pa; ``guess_k`` starts the solver. Pure
    water below its boiling point is ``liquid_temperature``; everything else is the flash of ``physics.flash``.
    Range: that of the tables of water; NaN outside.
    """
    if h2 + o2 + n2 <= 0.0:
        temperature_k = liquid_temperature(props, pressure_pa, enthalpy_w / water, guess_k)
        if temperature_k == temperature_k:
            return temperature_k, 0.0, water
    return temperature_at_enthalpy(props, h2, o2, n2, water, enthalpy_w, pressure_pa, guess_k)


@leaf
def held_heated_water(c, props, h2, o2, n2, water, enthalpy_w, pressure_pa, guess_k):
    """Return what ``heated_water`` does, of pure water from the liquid that a record with ``HELD_LIQUID_STATES`` holds.

    Within 1e-5 K of it next to the last state (1 % of the loop of the reference plant for its two pumps).
    """
    if h2 + o2 + n2 <= 0.0:
        held = load_liquid(c)
        if not holds_liquid(held, pressure_pa, guess_k):
            held = renewed_liquid(props, pressure_pa, guess_k)
            keep_liquid(c, held)
        T = guess_k + (enthalpy_w / water - held_liquid_enthalpy(held, pressure_pa, guess_k)) / held[LIQUID_CP]
        if holds_liquid(held, pressure_pa, T):
            return T, 0.0, water
    return heated_water(props, h2, o2, n2, water, enthalpy_w, pressure_pa, guess_k)
