"""Gas of a PEM stack: what leaves its electrodes in a step, and how it is held until it is handed out."""

from h2plant.components.hold_up import hold_fuel, hold_oxygen, is_gas_held
from h2plant.core.constants import (
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)
from h2plant.core.jit import leaf
from h2plant.physics.stream import dry_molar_flow


@leaf
def _vapour(dry_mol_per_s, saturation_pa, pressure_pa):
    """Return the vapour, kg/s, that saturates a gas (Dalton); the stack trips well below boiling."""
    return dry_mol_per_s * saturation_pa / (pressure_pa - saturation_pa) * MOLAR_MASS_H2O_KG_PER_MOL


@leaf
def electrode_gases(c, feed, on, rates, leak, p_sat, p_cathode, p_per_kg, dt):
    """Return the gases that leave the electrodes, saturated, and what they take.

    Returns the cathode's and the anode's gas as mass flows (h2, o2, n2, vapour), kg/s; pressure behind the cathode, Pa;
    liquid water with its gas, hydrogen made less leaked, water used, and hydrogen let off by the water that comes back
    from the cathode, kg/s.
    """
    h2_kept, o2_cathode, h2_anode, o2_anode, water, reacted, let_off, _ = rates
    made = h2_kept * MOLAR_MASS_H2_KG_PER_MOL * on - leak
    full_kg = c.cathode_pressure_setpoint_pa / p_per_kg
    h2 = max(made + (c.cathode_h2_kg - full_kg) / dt, 0.0) if on > 0.0 else 0.0
    # water and the trace of oxygen that leave a filling cathode join a header that stands at the set point: at the
    # cathode's own pressure they would pull down that of all who share a mixer
    p_out = c.cathode_pressure_setpoint_pa if on > 0.0 else p_cathode
    o2_trace = o2_cathode * MOLAR_MASS_O2_KG_PER_MOL * on
    carried = water * MOLAR_MASS_H2O_KG_PER_MOL * on
    moist = min(carried, _vapour(dry_molar_flow(h2, o2_trace, 0.0), p_sat, p_out))
    h2_trace = h2_anode * MOLAR_MASS_H2_KG_PER_MOL * on + leak + feed.h2
    o2 = o2_anode * MOLAR_MASS_O2_KG_PER_MOL * on + feed.o2
    evaporated = _vapour(dry_molar_flow(h2_trace, o2, feed.n2), p_sat, c.anode_pressure_pa)
    vent = let_off * MOLAR_MASS_H2_KG_PER_MOL * on
    used = carried + evaporated + reacted * MOLAR_MASS_H2O_KG_PER_MOL * on
    return (h2, o2_trace, 0.0, moist), (h2_trace, o2, feed.n2, evaporated), p_out, carried - moist, made, used, vent


@leaf
def hold_gas_and_heat(c, props, cathode, anode, liquid, pressure_pa, enthalpies_w, heat_w, temperature_k, dt):
    """Hold what left the electrodes in this step, as from ``electrode_gases``, and the heat of the cooling.

    ``liquid`` is the water with either gas, kg/s, ``pressure_pa`` that behind the cathode.
    """
    T = temperature_k
    drops, spilled = liquid
    hydrogen_w, oxygen_w = enthalpies_w
    h2, o2, n2, vapour = cathode
    masses = (h2 * dt, o2 * dt, n2 * dt, vapour * dt, drops * dt)
    hold_fuel(c, props, *masses, hydrogen_w * dt, T, pressure_pa)
    h2, o2, n2, vapour = anode
    masses = (h2 * dt, o2 * dt, n2 * dt, vapour * dt, spilled * dt)
    hold_oxygen(c, props, *masses, oxygen_w * dt, T, c.anode_pressure_pa)
    c.heat_in_transit_j += heat_w * dt
    c.is_filled = 1.0 if c.heat_in_transit_j > 0.0 or is_gas_held(c) else 0.0
