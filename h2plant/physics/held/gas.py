"""Enthalpies of the permanent gases held from step to step and renewed from the tables when the state moves.

A cooler that keeps its set point asks for the same enthalpies every minute. Its record holds a first-order expansion
of each gas about the last state that was looked up: h = h0 + cp (T - T0) + (dh/dp)_T (p - p0). It is renewed when T is
more than ``RENEW_K`` from T0 or the pressure more than ``RENEW_PA`` or ``RENEW_FRAC`` of itself away. What is left
out stays below 0.5 J/kg for oxygen and nitrogen and 2 J/kg for hydrogen (1e-4 K) to 500 bar.
"""

from h2plant.core.declare import memory
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import each_gas_enthalpy_heat_capacity

RENEW_K = 0.25
RENEW_PA = 1.0e5
RENEW_FRAC = 0.05
_SLOPE_FRAC = 0.02

HELD_GAS_STATES = (
    memory("held_gas_k", "K", "temperature at which the held enthalpies of the gases were looked up"),
    memory("held_gas_pa", "Pa", "pressure there; 0: none yet"),
    memory("held_h2_j_per_kg", "J/kg", "enthalpy of hydrogen there"),
    memory("held_o2_j_per_kg", "J/kg", "enthalpy of oxygen there"),
    memory("held_n2_j_per_kg", "J/kg", "enthalpy of nitrogen there"),
    memory("held_h2_j_per_kg_k", "J/(kg K)", "heat capacity of hydrogen there"),
    memory("held_o2_j_per_kg_k", "J/(kg K)", "heat capacity of oxygen there"),
    memory("held_n2_j_per_kg_k", "J/(kg K)", "heat capacity of nitrogen there"),
    memory("held_h2_j_per_kg_pa", "J/(kg Pa)", "change of the enthalpy of hydrogen with pressure"),
    memory("held_o2_j_per_kg_pa", "J/(kg Pa)", "change of the enthalpy of oxygen with pressure"),
    memory("held_n2_j_per_kg_pa", "J/(kg Pa)", "change of the enthalpy of nitrogen with pressure"),
)


@leaf
def holds_gas(c, pressure_pa, temperature_k):
    """Tell whether the held enthalpies serve at a state."""
    moved_pa = abs(pressure_pa - c.held_gas_pa)
    return (
        (abs(temperature_k - c.held_gas_k) <= RENEW_K)
        & (moved_pa <= RENEW_PA)
        & (moved_pa <= RENEW_FRAC * c.held_gas_pa)
    )


@kernel
def gas_slopes(props, pressure_pa, temperature_k, enthalpies_j_per_kg):
    """Return the changes of the enthalpies with pressure, J/(kg Pa), given the enthalpies at the state itself."""
    # towards lower pressures but at the lower end of the tables
    change_pa = -_SLOPE_FRAC * pressure_pa
    lower, _ = each_gas_enthalpy_heat_capacity(props, pressure_pa + change_pa, temperature_k)
    if lower[0] != lower[0]:
        change_pa = -change_pa
        lower, _ = each_gas_enthalpy_heat_capacity(props, pressure_pa + change_pa, temperature_k)
    return (
        (lower[0] - enthalpies_j_per_kg[0]) / change_pa,
        (lower[1] - enthalpies_j_per_kg[1]) / change_pa,
        (lower[2] - enthalpies_j_per_kg[2]) / change_pa,
    )


@kernel
def renew_gas(c, props, pressure_pa, temperature_k):
    """Look up the enthalpies at a state and keep them."""
    h, cp = each_gas_enthalpy_heat_capacity(props, pressure_pa, temperature_k)
    c.held_h2_j_per_kg, c.held_o2_j_per_kg, c.held_n2_j_per_kg = h
    c.held_h2_j_per_kg_k, c.held_o2_j_per_kg_k, c.held_n2_j_per_kg_k = cp
    slopes = gas_slopes(props, pressure_pa, temperature_k, h)
    c.held_h2_j_per_kg_pa, c.held_o2_j_per_kg_pa, c.held_n2_j_per_kg_pa = slopes
    c.held_gas_k = temperature_k
    c.held_gas_pa = pressure_pa


@leaf
def held_gases_enthalpy(c, props, h2, o2, n2, pressure_pa, temperature_k):
    """Return the enthalpy flow, W, of permanent gases (kg/s) at one state, from what a record holds where it serves."""
    if not holds_gas(c, pressure_pa, temperature_k):
        renew_gas(c, props, pressure_pa, temperature_k)
    dt = temperature_k - c.held_gas_k
    dp = pressure_pa - c.held_gas_pa
    return (
        h2 * (c.held_h2_j_per_kg + c.held_h2_j_per_kg_k * dt + c.held_h2_j_per_kg_pa * dp)
        + o2 * (c.held_o2_j_per_kg + c.held_o2_j_per_kg_k * dt + c.held_o2_j_per_kg_pa * dp)
        + n2 * (c.held_n2_j_per_kg + c.held_n2_j_per_kg_k * dt + c.held_n2_j_per_kg_pa * dp)
    )


@leaf
def held_gases_capacity(c, h2, o2, n2):
    """Return the heat capacity rate, W/K, of permanent gases (kg/s) where what is held was looked up."""
    return h2 * c.held_h2_j_per_kg_k + o2 * c.held_o2_j_per_kg_k + n2 * c.held_n2_j_per_kg_k
