"""Gas of an alkaline stack: what its two separators hold and give off, saturated over the lye; crossing at rest.

The separators are ideally mixed gas spaces at one pressure, the oxygen's half as large as the hydrogen's, so that both
fill alike. A stack that goes cold is let off: both are swept with nitrogen, whose mass is left out, until empty.
"""

from h2plant.components.hold_up import hold_fuel, hold_oxygen, is_gas_held, passed_liquid
from h2plant.core.constants import (
    ATMOSPHERE_PA,
    GAS_CONSTANT_J_PER_MOL_K,
    MOL_PER_KG_H2,
    MOL_PER_KG_O2,
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)
from h2plant.core.exponential import exponential
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import water_enthalpy, water_temperature_from_enthalpy
from h2plant.physics.alkaline_electrochemistry import mixed_space
from h2plant.physics.relaxation import mean_decay
from h2plant.physics.stream import dry_molar_flow

_HYDROGEN_SHARE = 2.0 / 3.0  # of the gas space of both separators
_ROUNDING = 1.0e-12  # a share of what is held this small does not leave
_EMPTY = 1.0e-6  # a space with this share of its gas left is empty


@leaf
def full_moles(c, temperature_k, gas_pa):
    """Return the gas, mol, that the hydrogen's space holds at a pressure less vapour, Pa; the oxygen's holds half."""
    return gas_pa * c.separator_m3 * _HYDROGEN_SHARE / (GAS_CONSTANT_J_PER_MOL_K * temperature_k)


@leaf
def held_moles(c):
    """Return the gas in the hydrogen's and in the oxygen's space, mol."""
    cathode = c.cathode_h2_kg * MOL_PER_KG_H2 + c.cathode_o2_kg * MOL_PER_KG_O2
    return cathode, c.anode_h2_kg * MOL_PER_KG_H2 + c.anode_o2_kg * MOL_PER_KG_O2


@leaf
def stack_pressure(c, temperature_k, vapour_pa):
    """Return the pressure of both sides, Pa: that of the gas held over the lye, from the air's to the set one."""
    cathode, _ = held_moles(c)
    p = cathode / full_moles(c, temperature_k, 1.0) + vapour_pa
    return min(max(p, ATMOSPHERE_PA), c.pressure_setpoint_pa)


@leaf
def rest_crossing(c, temperature_k, area_m2, dt):
    """Return hydrogen and oxygen, mol, that permeate the diaphragm in a step in which no current flows."""
    rate = area_m2 / c.diaphragm_thickness_m / full_moles(c, temperature_k, 1.0)
    h2_rate, o2_rate = rate * c.h2_permeability_mol_per_m_s_pa, 2.0 * rate * c.o2_permeability_mol_per_m_s_pa
    h2 = c.cathode_h2_kg * MOL_PER_KG_H2 * h2_rate * dt * mean_decay(h2_rate * dt)
    return h2, c.anode_o2_kg * MOL_PER_KG_O2 * o2_rate * dt * mean_decay(o2_rate * dt)


@leaf
def _left(held_kg, in_kg_per_s, end_mol, kg_per_mol, dt):
    """Return (gas that leaves a space, kg/s; gas that stays, kg) from what the mixed space holds at the end, mol."""
    if end_mol <= 0.0:
        return held_kg / dt + in_kg_per_s, 0.0
    out = (held_kg - end_mol * kg_per_mol) / dt + in_kg_per_s
    if out <= _ROUNDING * (held_kg / dt + in_kg_per_s):
        out = 0.0
    return out, held_kg + (in_kg_per_s - out) * dt


@leaf
def _vapour(dry_mol_per_s, vapour_pa, pressure_pa):
    """Return the vapour, kg/s, of a gas that is saturated over the lye (Dalton)."""
    return dry_mol_per_s * vapour_pa / (pressure_pa - vapour_pa) * MOLAR_MASS_H2O_KG_PER_MOL


@leaf
def separators(c, feed, on, rates, rest, full_mol, is_let_off, vapour_pa, pressure_pa, dt):
    """Return what leaves both separators in a step, what they hold at its end, and the water that is used.

    Arguments: make-up stream; share of the step with current; (water split, hydrogen to the anode, oxygen to the
    cathode), mol/s while current flows; the same gases that cross at rest, mol; moles of the full hydrogen's space;
    1 where the stack is let off; vapour pressure over the lye and pressure, Pa. Returns two gases (h2, o2, n2, vapour),
    kg/s; held hydrogen and oxygen of the cathode, hydrogen and oxygen of the anode, kg; water used, kg/s.
    """
    split, h2_over, o2_over = rates[0] * on, rates[1] * on, rates[2] * on
    h2_rest, o2_rest = rest[0] * MOLAR_MASS_H2_KG_PER_MOL, rest[1] * MOLAR_MASS_O2_KG_PER_MOL
    cathode_h2, cathode_o2 = c.cathode_h2_kg - h2_rest, c.cathode_o2_kg + o2_rest
    anode_h2, anode_o2 = c.anode_h2_kg + h2_rest, c.anode_o2_kg - o2_rest
    full_c, full_a = full_mol, 0.5 * full_mol
    if is_let_off > 0.0:
        held_c, held_a = held_moles(c)
        left = exponential(-dt / c.vent_time_s)
        # valves that hold the set pressure open as well: warm gas in a separator that is slowly let off
        full_c = min(held_c * left, full_c) if held_c > _EMPTY * full_mol else 0.0
        full_a = min(held_a * left, full_a) if held_a > _EMPTY * full_mol else 0.0
    in_h2, in_o2 = split - h2_over, o2_over
    end_h2, end_o2 = mixed_space(cathode_h2 * MOL_PER_KG_H2, cathode_o2 * MOL_PER_KG_O2, in_h2, in_o2, full_c, dt)
    h2, cathode_h2 = _left(cathode_h2, in_h2 * MOLAR_MASS_H2_KG_PER_MOL, end_h2, MOLAR_MASS_H2_KG_PER_MOL, dt)
    o2, cathode_o2 = _left(cathode_o2, in_o2 * MOLAR_MASS_O2_KG_PER_MOL, end_o2, MOLAR_MASS_O2_KG_PER_MOL, dt)
    vapour = _vapour(dry_molar_flow(h2, o2, 0.0), vapour_pa, pressure_pa)
    in_h2, in_o2 = h2_over + feed.h2 * MOL_PER_KG_H2, 0.5 * split - o2_over + feed.o2 * MOL_PER_KG_O2
    end_h2, end_o2 = mixed_space(anode_h2 * MOL_PER_KG_H2, anode_o2 * MOL_PER_KG_O2, in_h2, in_o2, full_a, dt)
    h2_a, anode_h2 = _left(anode_h2, in_h2 * MOLAR_MASS_H2_KG_PER_MOL, end_h2, MOLAR_MASS_H2_KG_PER_MOL, dt)
    o2_a, anode_o2 = _left(anode_o2, in_o2 * MOLAR_MASS_O2_KG_PER_MOL, end_o2, MOLAR_MASS_O2_KG_PER_MOL, dt)
    vapour_a = _vapour(dry_molar_flow(h2_a, o2_a, feed.n2), vapour_pa, pressure_pa)
    used = split * MOLAR_MASS_H2O_KG_PER_MOL + vapour + vapour_a
    held = (cathode_h2, cathode_o2, anode_h2, anode_o2)
    return (h2, o2, 0.0, vapour), (h2_a, o2_a, feed.n2, vapour_a), held, used


@leaf
def hydrogen_share(h2_kg, o2_kg):
    """Return the mole fraction of hydrogen in a dry mixture with oxygen; 0 where there is none."""
    h2, o2 = h2_kg * MOL_PER_KG_H2, o2_kg * MOL_PER_KG_O2
    return h2 / (h2 + o2) if h2 > 0.0 else 0.0


@leaf
def hold_gases(c, props, cathode, anode, is_let_off, pressure_pa, enthalpies_w, heat_w, temperature_k, dt):
    """Hold what left the separators in this step, and the heat of the cooling, until it is handed out.

    What is let off from the hydrogen separator does not pass here.
    """
    if is_let_off <= 0.0:
        h2, o2, n2, vapour = cathode
        masses = (h2 * dt, o2 * dt, n2 * dt, vapour * dt, 0.0)
        hold_fuel(c, props, *masses, enthalpies_w[0] * dt, temperature_k, pressure_pa)
    h2, o2, n2, vapour = anode
    masses = (h2 * dt, o2 * dt, n2 * dt, vapour * dt, 0.0)
    hold_oxygen(c, props, *masses, enthalpies_w[1] * dt, temperature_k, pressure_pa)
    c.heat_in_transit_j += heat_w * dt
    c.is_filled = 1.0 if c.heat_in_transit_j > 0.0 or is_gas_held(c) else 0.0


@kernel
def spilled_water(c, props, feed, spilled, temperature_k, dt):
    """Return (enthalpy, W; temperature, K) of water that spills, kg/s: of the loop, and as it came."""
    if spilled <= 0.0:
        return 0.0, temperature_k
    p = c.pressure_setpoint_pa
    passed = passed_liquid(feed, spilled, c.water_capacity_kg, dt)
    enthalpy_w = (spilled - passed) * water_enthalpy(props, p, temperature_k)
    if passed <= 0.0:
        return enthalpy_w, temperature_k
    enthalpy_w += passed * water_enthalpy(props, feed.pressure_pa, feed.temperature_k)
    return enthalpy_w, water_temperature_from_enthalpy(props, p, enthalpy_w / spilled, feed.temperature_k)
