"""Enthalpy and vapour of a stream in equilibrium as last looked up, with their slopes, kept by components.

A look-up of a mixture costs 30 ns for each gas and 60 ns for each phase of water; streams in steady operation hardly
change from minute to minute. What is known of a stream, ``known``, is the state of its last look-up, and per kg its
enthalpy and vapour with their slopes over the temperature. It serves while mixture and pressure are the same and the
temperature is within 0.1 K (with condensation or near it 1 mK). What is left out, half the slope of the heat capacity
(below 5 J/(kg K2)) times the square of the distance, stays below 0.03 J/kg.
"""

from h2plant.core.declare import Field, memory
from h2plant.core.jit import kernel, leaf
from h2plant.physics.flash import equilibrium_enthalpy_capacity

_STEP_K = 0.1
_WET_STEP_K = 1.0e-3  # there the slope is good to a percent only
_SAME_FRAC = 1.0e-8
_SAME_PRESSURE_FRAC = 1.0e-7

# places in the tuple
KNOWN_K, KNOWN_PA = 0, 1
KNOWN_H2_FRAC, KNOWN_O2_FRAC, KNOWN_WATER_FRAC = 2, 3, 4
KNOWN_J_PER_KG, KNOWN_J_PER_KG_K = 5, 6
KNOWN_VAPOUR_FRAC, KNOWN_VAPOUR_PER_K = 7, 8


def known_states(prefix: str = "") -> tuple[Field, ...]:
    """Declare what is known of a stream, in the order of the tuple; ``prefix`` tells several streams apart."""
    return (
        memory(f"{prefix}known_k", "K", "temperature of the last look-up of the stream"),
        memory(f"{prefix}known_pa", "Pa", "its pressure"),
        memory(f"{prefix}known_h2_frac", "1", "its mass fraction of hydrogen"),
        memory(f"{prefix}known_o2_frac", "1", "its mass fraction of oxygen"),
        memory(f"{prefix}known_water_frac", "1", "its mass fraction of water"),
        memory(f"{prefix}known_j_per_kg", "J/kg", "its enthalpy"),
        memory(f"{prefix}known_j_per_kg_k", "J/(kg K)", "slope of its enthalpy"),
        memory(f"{prefix}known_vapour_frac", "1", "its mass fraction of vapour"),
        memory(f"{prefix}known_vapour_per_k", "1/K", "slope of its vapour"),
    )


@leaf
def allowed_step(known):
    """Return how far from the temperature looked up the outlet may be, K: less where water condenses."""
    return _STEP_K if known[KNOWN_VAPOUR_PER_K] == 0.0 else _WET_STEP_K


@leaf
def is_known(known, h2_frac, o2_frac, water_frac, temperature_k, pressure_pa):
    """Tell whether what is known serves at a state: same mixture and pressure, near temperature."""
    is_same = abs(h2_frac - known[KNOWN_H2_FRAC]) <= _SAME_FRAC
    is_same &= abs(o2_frac - known[KNOWN_O2_FRAC]) <= _SAME_FRAC
    is_same &= abs(water_frac - known[KNOWN_WATER_FRAC]) <= _SAME_FRAC
    is_same &= abs(pressure_pa - known[KNOWN_PA]) <= _SAME_PRESSURE_FRAC * pressure_pa
    return is_same & (abs(temperature_k - known[KNOWN_K]) <= allowed_step(known))


@kernel
def known_stream(props, h2_frac, o2_frac, water_frac, temperature_k, pressure_pa):
    """Return what is to be known of an outlet: state, and per kg enthalpy and vapour with their slopes."""
    n2_frac = max(1.0 - h2_frac - o2_frac - water_frac, 0.0)
    if n2_frac < _SAME_FRAC:
        n2_frac = 0.0
    h, slope, vapour, vapour_per_k = equilibrium_enthalpy_capacity(
        props, h2_frac, o2_frac, n2_frac, water_frac, temperature_k, pressure_pa
    )
    return temperature_k, pressure_pa, h2_frac, o2_frac, water_frac, h, slope, vapour, vapour_per_k
