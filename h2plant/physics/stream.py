"""Process streams: mixture enthalpy, water equilibrium, temperature from enthalpy, writing to the bus.

Model: permanent gases at the total pressure (Amagat), water vapour at its partial pressure, liquid water at
the total pressure. Enthalpies carry formation offsets (h = 0 for H2, O2, N2 at 298.15 K; liquid water
-285.830 kJ/mol), so that mixing, evaporation and reaction need no further terms.
"""

from h2plant.core.bus import ENTHALPY, EVENT_AMOUNT, H2, LIQUID, N2, O2, PRESSURE, TEMPERATURE, VAPOUR, Stream
from h2plant.core.constants import (
    MOL_PER_KG_H2,
    MOL_PER_KG_H2O,
    MOL_PER_KG_N2,
    MOL_PER_KG_O2,
    MOLAR_MASS_H2O_KG_PER_MOL,
    TRIPLE_PRESSURE_H2O_PA,
)
from h2plant.core.jit import kernel, leaf, shared
from h2plant.core.properties import (
    gases_enthalpy,
    gases_enthalpy_heat_capacity,
    water_enthalpy,
    water_enthalpy_heat_capacity,
)
from h2plant.core.status import SOLVER_TRIP
from h2plant.physics.frost import moisture_saturation_pressure, vapour_enthalpy, vapour_enthalpy_heat_capacity


@leaf
def dry_molar_flow(h2, o2, n2):
    """Return the molar flow of the permanent gases, mol/s, from mass flows in kg/s."""
    return h2 * MOL_PER_KG_H2 + o2 * MOL_PER_KG_O2 + n2 * MOL_PER_KG_N2


@leaf
def vapour_partial_pressure(h2, o2, n2, vapour, pressure_pa):
    """Return the partial pressure of water vapour, Pa, not below the triple point's (ideal there)."""
    moles = vapour * MOL_PER_KG_H2O
    total = moles + dry_molar_flow(h2, o2, n2)
    if total <= 0.0:
        return pressure_pa
    return max(pressure_pa * moles / total, TRIPLE_PRESSURE_H2O_PA)


@shared
def stream_enthalpy(props, h2, o2, n2, vapour, liquid, temperature_k, pressure_pa):
    """Return the enthalpy flow, W, of a stream given its mass flows (kg/s), temperature and pressure."""
    enthalpy = gases_enthalpy(props, h2, o2, n2, pressure_pa, temperature_k)
    if vapour > 0.0:
        partial = vapour_partial_pressure(h2, o2, n2, vapour, pressure_pa)
        enthalpy += vapour * vapour_enthalpy(props, partial, temperature_k)
    if liquid > 0.0:
        enthalpy += liquid * water_enthalpy(props, pressure_pa, temperature_k)
    return enthalpy


@shared
def stream_enthalpy_capacity(props, h2, o2, n2, vapour, liquid, temperature_k, pressure_pa):
    """Return (enthalpy flow in W, heat capacity rate in W/K at fixed composition and phase)."""
    enthalpy, capacity = gases_enthalpy_heat_capacity(props, h2, o2, n2, pressure_pa, temperature_k)
    if vapour > 0.0:
        partial = vapour_partial_pressure(h2, o2, n2, vapour, pressure_pa)
        h, c = vapour_enthalpy_heat_capacity(props, partial, temperature_k)
        enthalpy += vapour * h
        capacity += vapour * c
    if liquid > 0.0:
        h, c = water_enthalpy_heat_capacity(props, pressure_pa, temperature_k)
        enthalpy += liquid * h
        capacity += liquid * c
    return enthalpy, capacity


@kernel
def vapour_at_saturation(props, dry_mol_per_s, temperature_k, pressure_pa):
    """Return the water vapour, kg/s, that saturates a flow of permanent gas (Dalton, no Poynting term)."""
    saturation = moisture_saturation_pressure(props, temperature_k)
    if saturation >= pressure_pa:
        return 1.0e30  # above the boiling point: any amount stays vapour
    return dry_mol_per_s * saturation / (pressure_pa - saturation) * MOLAR_MASS_H2O_KG_PER_MOL


@kernel
def water_split(props, h2, o2, n2, water, temperature_k, pressure_pa):
    """Split water, kg/s, into (vapour, liquid) at equilibrium with the gas at temperature and pressure."""
    if water <= 0.0:
        return 0.0, 0.0
    vapour = min(water, vapour_at_saturation(props, dry_molar_flow(h2, o2, n2), temperature_k, pressure_pa))
    return vapour, water - vapour


@leaf
def read_stream(bus, slot):
    """Return the stream at a slot: mass flows, enthalpy flow, temperature and pressure."""
    return Stream(
        bus[slot + H2],
        bus[slot + O2],
        bus[slot + N2],
        bus[slot + VAPOUR],
        bus[slot + LIQUID],
        bus[slot + ENTHALPY],
        bus[slot + TEMPERATURE],
        bus[slot + PRESSURE],
    )


@leaf
def put_stream(bus, slot, h2, o2, n2, vapour, liquid, enthalpy_w, temperature_k, pressure_pa):
    """Write a stream whose enthalpy is already known."""
    bus[slot + H2] = h2
    bus[slot + O2] = o2
    bus[slot + N2] = n2
    bus[slot + VAPOUR] = vapour
    bus[slot + LIQUID] = liquid
    bus[slot + ENTHALPY] = enthalpy_w
    bus[slot + TEMPERATURE] = temperature_k
    bus[slot + PRESSURE] = pressure_pa


@kernel
def hand_over(bus, slot, outlet):
    """Write a stream on as it is; returns its mass flows (h2, o2, n2, vapour, liquid), kg/s."""
    h2, o2, n2, vapour, liquid, enthalpy_w, temperature_k, pressure_pa = read_stream(bus, slot)
    put_stream(bus, outlet, h2, o2, n2, vapour, liquid, enthalpy_w, temperature_k, pressure_pa)
    return h2, o2, n2, vapour, liquid


@kernel
def put_state(bus, slot, props, h2, o2, n2, vapour, liquid, temperature_k, pressure_pa):
    """Write a stream from flows, temperature and pressure; returns its enthalpy flow, W."""
    enthalpy = stream_enthalpy(props, h2, o2, n2, vapour, liquid, temperature_k, pressure_pa)
    put_stream(bus, slot, h2, o2, n2, vapour, liquid, enthalpy, temperature_k, pressure_pa)
    return enthalpy


@leaf
def put_nothing(bus, slot, temperature_k, pressure_pa):
    """Write a stream without flow."""
    put_stream(bus, slot, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, temperature_k, pressure_pa)


@leaf
def mass_flow(bus, slot):
    """Return the total mass flow of a stream, kg/s."""
    return bus[slot + H2] + bus[slot + O2] + bus[slot + N2] + bus[slot + VAPOUR] + bus[slot + LIQUID]


@kernel
def bypassed(bus, inlet, outlet):
    """Lead a stream past a component that finds no state for it; returns the status, with the flow as its amount."""
    h2, o2, n2, vapour, liquid = hand_over(bus, inlet, outlet)
    bus[EVENT_AMOUNT] = h2 + o2 + n2 + vapour + liquid
    return SOLVER_TRIP
