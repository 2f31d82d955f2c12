"""Liquid separator: knock-out drum, cyclone or coalescer, by its parameters."""

from h2plant.core.bus import Stream
from h2plant.core.constants import (
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_N2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, memory, parameter
from h2plant.core.finite import is_number
from h2plant.core.jit import kernel
from h2plant.core.properties import FLUID_H2, FLUID_N2, FLUID_O2, gas_enthalpy
from h2plant.core.role import Process
from h2plant.core.status import OK
from h2plant.laws.gas import LIQUID_SEPARATOR_LAWS
from h2plant.physics.flash import AS_IT_CAME, boils, temperature_at_enthalpy, throttled
from h2plant.physics.held.water import (
    HELD_LIQUID_STATES,
    held_liquid_enthalpy,
    holds_liquid,
    keep_liquid,
    load_liquid,
    renewed_liquid,
)
from h2plant.physics.pressure_drop import drop_coefficient, pressure_after_drop
from h2plant.physics.solubility import hydrogen_mole_ratio, nitrogen_mole_ratio, oxygen_mole_ratio
from h2plant.physics.stream import bypassed, put_nothing, put_stream, read_stream

_GONE_FRAC = 1.0e-3
"""Dissolved gas, share of all, from which the vapour of what is left is found anew."""

FIELDS = (
    parameter("efficiency_frac", "1", "share of the liquid that is separated", 0.98, 0.0, 1.0),
    parameter(
        "gas_saturation_frac", "1", "dissolved gas in the drain, of what Henry's law allows at most", 1.0, 0.0, 1.0
    ),
    parameter("pressure_drop_pa", "Pa", "pressure lost at nominal flow", 1.0e3, 0.0, 1.0e6),
    parameter("nominal_flow_kg_per_s", "kg/s", "total mass flow at which that pressure is lost", 0.1, 1.0e-6, 1.0e3),
    memory("drop_pa_s2_per_kg2", "Pa s2/kg2", "coefficient of the pressure drop"),
    *HELD_LIQUID_STATES,
)

PORTS = (
    Port("inlet", "stream", "in", "gas with liquid water", is_required=True),
    Port("gas", "stream", "out", "gas with the liquid that slips through", border="vented", border_label="To the air"),
    Port("drain", "stream", "out", "separated water with the gas dissolved in it", border="drained"),
)


@kernel
def begin(c, props):
    """Derive the pressure drop's coefficient."""
    c.drop_pa_s2_per_kg2 = drop_coefficient(c.pressure_drop_pa, c.nominal_flow_kg_per_s)
    return OK


@kernel
def _dissolved_main_gas(props, h2, o2, n2, pressure_pa, temperature_k, drain_mol_per_s):
    """Return (h2, o2, n2 in kg/s, enthalpy in W) that leave with the drain: the main gas only, by Henry's law."""
    n_h2 = h2 * (1.0 / MOLAR_MASS_H2_KG_PER_MOL)
    n_o2 = o2 * (1.0 / MOLAR_MASS_O2_KG_PER_MOL)
    n_n2 = n2 * (1.0 / MOLAR_MASS_N2_KG_PER_MOL)
    partial_pa = pressure_pa / (n_h2 + n_o2 + n_n2)
    if (n_h2 >= n_o2) & (n_h2 >= n_n2):
        ratio = hydrogen_mole_ratio(partial_pa * n_h2, temperature_k)
        gas = min(ratio * drain_mol_per_s * MOLAR_MASS_H2_KG_PER_MOL, h2)
        return gas, 0.0, 0.0, gas * gas_enthalpy(props, FLUID_H2, pressure_pa, temperature_k)
    if n_o2 >= n_n2:
        ratio = oxygen_mole_ratio(partial_pa * n_o2, temperature_k)
        gas = min(ratio * drain_mol_per_s * MOLAR_MASS_O2_KG_PER_MOL, o2)
        return 0.0, gas, 0.0, gas * gas_enthalpy(props, FLUID_O2, pressure_pa, temperature_k)
    ratio = nitrogen_mole_ratio(partial_pa * n_n2, temperature_k)
    gas = min(ratio * drain_mol_per_s * MOLAR_MASS_N2_KG_PER_MOL, n2)
    return 0.0, 0.0, gas, gas * gas_enthalpy(props, FLUID_N2, pressure_pa, temperature_k)


@kernel
def step(c, bus, props, dt):
    """Take the drain off; the gas keeps the rest of mass and enthalpy."""
    feed = read_stream(bus, c.inlet)
    h2, o2, n2, vapour, liquid, enthalpy_w, inlet_k, inlet_pa = feed
    gas_flow = h2 + o2 + n2 + vapour
    flow = gas_flow + liquid
    pressure_pa = pressure_after_drop(inlet_pa, c.drop_pa_s2_per_kg2 * flow * flow)
    is_boiling = (liquid > 0.0) & boils(props, pressure_pa, inlet_k)
    if is_boiling and boils(props, inlet_pa, inlet_k):  # wet steam that was let down and kept its temperature
        T, moist, wet = temperature_at_enthalpy(props, h2, o2, n2, vapour + liquid, enthalpy_w, inlet_pa, inlet_k)
        if T > 0.0:
            inlet_k, vapour, liquid = T, moist, wet
            gas_flow = h2 + o2 + n2 + vapour
    drained = liquid * c.efficiency_frac
    if drained <= 0.0:
        feed = Stream(h2, o2, n2, vapour, liquid, enthalpy_w, inlet_k, inlet_pa)
        gas_k, vapour, liquid = throttled(props, feed, pressure_pa)
        put_stream(bus, c.gas, h2, o2, n2, vapour, liquid, enthalpy_w, gas_k, pressure_pa)
        put_nothing(bus, c.drain, inlet_k, pressure_pa)
        return OK
    # water leaves before a drop that would make it boil, or a drum that is far too small throttles
    drain_pa = pressure_pa if (pressure_pa >= AS_IT_CAME * inlet_pa) & (not is_boiling) else inlet_pa
    if gas_flow <= 0.0:  # water only: all of it runs off
        put_nothing(bus, c.gas, inlet_k, pressure_pa)
        put_stream(bus, c.drain, 0.0, 0.0, 0.0, 0.0, liquid, enthalpy_w, inlet_k, drain_pa)
        return OK
    held = load_liquid(c)
    if not holds_liquid(held, inlet_pa, inlet_k):
        held = renewed_liquid(props, inlet_pa, inlet_k)
        keep_liquid(c, held)
    drain_w = drained * held_liquid_enthalpy(held, inlet_pa, inlet_k)
    drain_h2 = 0.0
    drain_o2 = 0.0
    drain_n2 = 0.0
    if (c.gas_saturation_frac > 0.0) & (gas_flow > vapour):
        moles = drained * c.gas_saturation_frac * (1.0 / MOLAR_MASS_H2O_KG_PER_MOL)
        drain_h2, drain_o2, drain_n2, gas_w = _dissolved_main_gas(props, h2, o2, n2, inlet_pa, inlet_k, moles)
        drain_w += gas_w
    if not is_number(drain_w):
        put_nothing(bus, c.drain, inlet_k, pressure_pa)
        return bypassed(bus, c.inlet, c.gas)
    gas_k, drops = inlet_k, liquid - drained
    left_h2, left_o2, left_n2 = h2 - drain_h2, o2 - drain_o2, n2 - drain_n2
    gas_w = enthalpy_w - drain_w
    is_gone = drain_h2 + drain_o2 + drain_n2 > _GONE_FRAC * gas_flow
    if (is_gone | is_boiling | (pressure_pa < AS_IT_CAME * inlet_pa)) & (vapour > 0.0):
        # so much gas has dissolved that what is left holds noticeably less vapour, or it is let down
        water = vapour + drops
        T, moist, wet = temperature_at_enthalpy(props, left_h2, left_o2, left_n2, water, gas_w, pressure_pa, gas_k)
        if T > 0.0:
            gas_k, vapour, drops = T, moist, wet
    put_stream(bus, c.gas, left_h2, left_o2, left_n2, vapour, drops, gas_w, gas_k, pressure_pa)
    put_stream(bus, c.drain, drain_h2, drain_o2, drain_n2, 0.0, drained, drain_w, inlet_k, drain_pa)
    return OK


KIND = Kind(
    "liquid_separator",
    "Knock-out drum, cyclone or coalescer",
    FIELDS,
    PORTS,
    step,
    begin=begin,
    role=Process(),
    laws=LIQUID_SEPARATOR_LAWS,
    costs=(cost("drum", ("nominal_flow_kg_per_s",), 0.1, 25.0e3, 0.6, ESTIMATE, fixed_cost_frac=0.01),),
)
