"""Enthalpies of water held from step to step and renewed from the tables when the state moves.

A cooler that keeps its set point asks for the same water properties every minute, and the tables of water are
the slowest look-ups (about 60 ns each). Its record therefore holds a first-order expansion of both phases about
the last state that was looked up:

    h_vapour = h0 + cp (T - T0) + (dh/dp)_T (p_vapour - p_vapour0)
    h_liquid = h0 + cp (T - T0) + (dh/dp)_T (p - p0)

It is renewed when T is more than ``RENEW_K`` from T0, the vapour's partial pressure more than
``RENEW_PARTIAL_FRAC`` or the total pressure more than ``RENEW_PA`` away. What is left out, cp' (dT)^2 / 2 with
cp' below 2 J/(kg K^2), stays below 0.1 J/kg; the tables themselves are good for 10 J/kg.

The held values travel as a tuple, ``held``, in the order of ``HELD_WATER_STATES`` (or only its first five, the
liquid's, ``HELD_LIQUID_STATES``): read from the record by ``load_water``, kept by ``keep_water``.
"""

from h2plant.core.constants import TRIPLE_PRESSURE_H2O_PA
from h2plant.core.declare import memory
from h2plant.core.jit import kernel, leaf, shared
from h2plant.core.properties import (
    water_enthalpy,
    water_enthalpy_heat_capacity,
)
from h2plant.physics.frost import (
    LOWEST_WATER_K,
    moisture_saturation_pressure,
    vapour_enthalpy,
    vapour_enthalpy_heat_capacity,
)

RENEW_K = 0.25
RENEW_PARTIAL_FRAC = 0.1
RENEW_PA = 5.0e5
_LIQUID_MAX_PA = 3.4e7
_SLOPE_PA = 2.0e5

HELD_LIQUID_STATES = (
    memory("held_temperature_k", "K", "temperature at which the held water properties were looked up"),
    memory("held_pressure_pa", "Pa", "total pressure of the held water properties"),
    memory("held_liquid_j_per_kg", "J/kg", "held enthalpy of liquid water"),
    memory("held_liquid_j_per_kg_k", "J/(kg K)", "held heat capacity of liquid water"),
    memory("held_liquid_j_per_kg_pa", "J/(kg Pa)", "held change of the liquid's enthalpy with pressure"),
)
HELD_WATER_STATES = (
    *HELD_LIQUID_STATES,
    memory("held_saturation_pa", "Pa", "saturation pressure at the held temperature"),
    memory("held_partial_pa", "Pa", "partial pressure of vapour of the held water properties"),
    memory("held_vapour_j_per_kg", "J/kg", "held enthalpy of water vapour"),
    memory("held_vapour_j_per_kg_k", "J/(kg K)", "held heat capacity of water vapour"),
    memory("held_vapour_j_per_kg_pa", "J/(kg Pa)", "held change of the vapour's enthalpy with its partial pressure"),
)
# places in the tuple
TEMPERATURE_0 = 0
PRESSURE_0 = 1
LIQUID_H = 2
LIQUID_CP = 3
LIQUID_SLOPE = 4
SATURATION_0 = 5
PARTIAL_0 = 6
VAPOUR_H = 7
VAPOUR_CP = 8
VAPOUR_SLOPE = 9


@leaf
def load_liquid(c):
    """Return the held liquid of a record with ``HELD_LIQUID_STATES``."""
    return (
        c.held_temperature_k,
        c.held_pressure_pa,
        c.held_liquid_j_per_kg,
        c.held_liquid_j_per_kg_k,
        c.held_liquid_j_per_kg_pa,
    )


@leaf
def keep_liquid(c, held):
    """Write the held liquid back to its record."""
    c.held_temperature_k = held[TEMPERATURE_0]
    c.held_pressure_pa = held[PRESSURE_0]
    c.held_liquid_j_per_kg = held[LIQUID_H]
    c.held_liquid_j_per_kg_k = held[LIQUID_CP]
    c.held_liquid_j_per_kg_pa = held[LIQUID_SLOPE]


@leaf
def load_water(c):
    """Return the held water of a record with ``HELD_WATER_STATES``."""
    return (
        c.held_temperature_k,
        c.held_pressure_pa,
        c.held_liquid_j_per_kg,
        c.held_liquid_j_per_kg_k,
        c.held_liquid_j_per_kg_pa,
        c.held_saturation_pa,
        c.held_partial_pa,
        c.held_vapour_j_per_kg,
        c.held_vapour_j_per_kg_k,
        c.held_vapour_j_per_kg_pa,
    )


@leaf
def keep_water(c, held):
    """Write the held water back to its record, if it was renewed (most steps: ten words that need not be written)."""
    is_same = (held[TEMPERATURE_0] == c.held_temperature_k) & (held[PRESSURE_0] == c.held_pressure_pa)
    if is_same & (held[PARTIAL_0] == c.held_partial_pa):
        return
    c.held_temperature_k = held[TEMPERATURE_0]
    c.held_pressure_pa = held[PRESSURE_0]
    c.held_liquid_j_per_kg = held[LIQUID_H]
    c.held_liquid_j_per_kg_k = held[LIQUID_CP]
    c.held_liquid_j_per_kg_pa = held[LIQUID_SLOPE]
    c.held_saturation_pa = held[SATURATION_0]
    c.held_partial_pa = held[PARTIAL_0]
    c.held_vapour_j_per_kg = held[VAPOUR_H]
    c.held_vapour_j_per_kg_k = held[VAPOUR_CP]
    c.held_vapour_j_per_kg_pa = held[VAPOUR_SLOPE]


@leaf
def holds_liquid(held, pressure_pa, temperature_k):
    """Tell whether the held liquid serves at a state."""
    return (abs(temperature_k - held[TEMPERATURE_0]) <= RENEW_K) & (abs(pressure_pa - held[PRESSURE_0]) <= RENEW_PA)


@leaf
def holds_water(held, partial_pa, pressure_pa, temperature_k):
    """Tell whether the held water serves at a state; ``partial_pa`` is that of the vapour."""
    is_near = abs(partial_pa - held[PARTIAL_0]) <= RENEW_PARTIAL_FRAC * held[PARTIAL_0]
    return holds_liquid(held, pressure_pa, temperature_k) & is_near


@kernel
def liquid_slope(props, pressure_pa, temperature_k, enthalpy_j_per_kg):
    """Return the change of the liquid's enthalpy with pressure, J/(kg Pa), given the enthalpy at the state itself."""
    return (water_enthalpy(props, pressure_pa + _SLOPE_PA, temperature_k) - enthalpy_j_per_kg) / _SLOPE_PA


@kernel
def vapour_slope(props, partial_pa, temperature_k, enthalpy_j_per_kg):
    """Return the change of the vapour's enthalpy with its pressure, J/(kg Pa), given the enthalpy at the state."""
    lower_pa = max(0.8 * partial_pa, TRIPLE_PRESSURE_H2O_PA)
    if lower_pa >= partial_pa:
        return 0.0
    return (enthalpy_j_per_kg - vapour_enthalpy(props, lower_pa, temperature_k)) / (partial_pa - lower_pa)


@kernel
def renewed_liquid(props, pressure_pa, temperature_k):
    """Return the held liquid at a new state; not a number outside the tables (to 348 bar, below boiling)."""
    h, cp = water_enthalpy_heat_capacity(props, pressure_pa, temperature_k)
    return temperature_k, pressure_pa, h, cp, liquid_slope(props, pressure_pa, temperature_k, h)


@shared
def renewed_water(props, partial_pa, pressure_pa, temperature_k):
    """Return the held water at a new state; above the boiling point the liquid's values are not numbers."""
    # liquid beyond its tables (traces in high-pressure gas) is continued in a straight line
    liquid_k = max(temperature_k, LOWEST_WATER_K)
    liquid_pa = min(pressure_pa, _LIQUID_MAX_PA)
    h_liquid, cp_liquid = water_enthalpy_heat_capacity(props, liquid_pa, liquid_k)
    slope_liquid = liquid_slope(props, liquid_pa, liquid_k, h_liquid)
    if pressure_pa > liquid_pa:
        h_top = water_enthalpy(props, liquid_pa + _SLOPE_PA, liquid_k)
        h_liquid += (h_top - h_liquid) / _SLOPE_PA * (pressure_pa - liquid_pa)
    h_liquid += cp_liquid * (temperature_k - liquid_k)
    h, cp = vapour_enthalpy_heat_capacity(props, partial_pa, temperature_k)
    slope = vapour_slope(props, partial_pa, temperature_k, h)
    saturation_pa = moisture_saturation_pressure(props, temperature_k)
    return temperature_k, pressure_pa, h_liquid, cp_liquid, slope_liquid, saturation_pa, partial_pa, h, cp, slope


@leaf
def held_liquid_enthalpy(held, pressure_pa, temperature_k):
    """Return the specific enthalpy of liquid water, J/kg."""
    dt = temperature_k - held[TEMPERATURE_0]
    return held[LIQUID_H] + held[LIQUID_CP] * dt + held[LIQUID_SLOPE] * (pressure_pa - held[PRESSURE_0])


@leaf
def held_vapour_enthalpy(held, partial_pa, temperature_k):
    """Return the specific enthalpy of water vapour at its partial pressure, J/kg."""
    dt = temperature_k - held[TEMPERATURE_0]
    return held[VAPOUR_H] + held[VAPOUR_CP] * dt + held[VAPOUR_SLOPE] * (partial_pa - held[PARTIAL_0])


@leaf
def held_saturation_pressure(held, props, temperature_k):
    """Return the saturation pressure, Pa: held when the temperature is exactly the held one, else looked up."""
    if temperature_k == held[TEMPERATURE_0]:
        return held[SATURATION_0]
    return moisture_saturation_pressure(props, temperature_k)
