"""Hold-up of electrolysers: gas of both electrodes, and heat, that was made and is handed out in the next steps.

What leaves in a step is what is held at its start over the residence time, or over the step where that is longer:

    flow = held / max(dt, residence time)

So at steps of the residence time and more, what was made in a step leaves in the next. At shorter ones the flow follows
what is made with a lag of first order, whatever the step, and at a steady state flow times residence time is held.
"""

from h2plant.core.declare import Field, state
from h2plant.core.jit import kernel, leaf
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.physics.stream import put_nothing, put_stream

LEAST_KG = 1.0e-9
"""Less gas than this leaves within the step: a store that is emptied by shares would never be empty."""

LEAST_J = 1.0
"""Less heat than this leaves within the step."""

_MIXED_FRAC = 0.5
_ALIKE_K = 1.0e-6  # gases this near each other in temperature join without a flash

HELD_GAS_FIELDS: tuple[Field, ...] = (
    state("fuel_h2_kg", "kg", "gas held on the hydrogen (fuel) side: hydrogen"),
    state("fuel_o2_kg", "kg", "oxygen"),
    state("fuel_n2_kg", "kg", "nitrogen"),
    state("fuel_vapour_kg", "kg", "vapour"),
    state("fuel_liquid_kg", "kg", "liquid water"),
    state("fuel_energy_j", "J", "its enthalpy"),
    state("fuel_temperature_k", "K", "its temperature"),
    state("fuel_pressure_pa", "Pa", "its pressure"),
    state("oxygen_h2_kg", "kg", "gas held on the oxygen side: hydrogen"),
    state("oxygen_o2_kg", "kg", "oxygen"),
    state("oxygen_n2_kg", "kg", "nitrogen"),
    state("oxygen_vapour_kg", "kg", "vapour"),
    state("oxygen_liquid_kg", "kg", "liquid water"),
    state("oxygen_energy_j", "J", "its enthalpy"),
    state("oxygen_temperature_k", "K", "its temperature"),
    state("oxygen_pressure_pa", "Pa", "its pressure"),
)


@leaf
def total_mass(gas):
    """Return the mass, kg, of (H2, O2, N2, vapour, liquid), kg, whatever follows them."""
    return gas[0] + gas[1] + gas[2] + gas[3] + gas[4]


@kernel
def _mixed(props, held, added):
    """Return held gas to which gas of another temperature or pressure is added, as in ``joined``."""
    h2, o2, n2 = held[0] + added[0], held[1] + added[1], held[2] + added[2]
    vapour, liquid, energy_j = held[3] + added[3], held[4] + added[4], held[5] + added[5]
    share = total_mass(added) / (total_mass(held) + total_mass(added))
    guess_k, pressure_pa = held[6] + share * (added[6] - held[6]), added[7]
    T, gaseous, drops = temperature_at_enthalpy(props, h2, o2, n2, vapour + liquid, energy_j, pressure_pa, guess_k)
    if not T > 0.0:  # beyond the tables: phases as they came, and only the temperature is a mean
        return h2, o2, n2, vapour, liquid, energy_j, guess_k, pressure_pa
    return h2, o2, n2, gaseous, drops, energy_j, T, pressure_pa


@leaf
def joined(props, held, added):
    """Return held gas to which gas is added.

    Each is (H2, O2, N2, vapour, liquid, kg; enthalpy, J; temperature, K; pressure, Pa). Masses and enthalpies add up;
    temperature and phases are those of the enthalpy (``temperature_at_enthalpy``), for two saturated gases that mix
    make a fog. The pressure is that of what was added last.
    """
    if total_mass(held) <= 0.0:
        return added
    if total_mass(added) <= 0.0:
        return held
    if abs(held[6] - added[6]) > _ALIKE_K or held[7] != added[7]:
        return _mixed(props, held, added)
    return (
        held[0] + added[0],
        held[1] + added[1],
        held[2] + added[2],
        held[3] + added[3],
        held[4] + added[4],
        held[5] + added[5],
        added[6],
        added[7],
    )


@leaf
def hold_fuel(c, props, h2_kg, o2_kg, n2_kg, vapour_kg, liquid_kg, energy_j, temperature_k, pressure_pa):
    """Add gas to what is held on the hydrogen side."""
    masses = (c.fuel_h2_kg, c.fuel_o2_kg, c.fuel_n2_kg, c.fuel_vapour_kg, c.fuel_liquid_kg)
    held = (*masses, c.fuel_energy_j, c.fuel_temperature_k, c.fuel_pressure_pa)
    added = (h2_kg, o2_kg, n2_kg, vapour_kg, liquid_kg, energy_j, temperature_k, pressure_pa)
    gas = joined(props, held, added)
    c.fuel_h2_kg, c.fuel_o2_kg, c.fuel_n2_kg, c.fuel_vapour_kg, c.fuel_liquid_kg = gas[:5]
    c.fuel_energy_j, c.fuel_temperature_k, c.fuel_pressure_pa = gas[5:]


@leaf
def hold_oxygen(c, props, h2_kg, o2_kg, n2_kg, vapour_kg, liquid_kg, energy_j, temperature_k, pressure_pa):
    """Add gas to what is held on the oxygen side."""
    masses = (c.oxygen_h2_kg, c.oxygen_o2_kg, c.oxygen_n2_kg, c.oxygen_vapour_kg, c.oxygen_liquid_kg)
    held = (*masses, c.oxygen_energy_j, c.oxygen_temperature_k, c.oxygen_pressure_pa)
    added = (h2_kg, o2_kg, n2_kg, vapour_kg, liquid_kg, energy_j, temperature_k, pressure_pa)
    gas = joined(props, held, added)
    c.oxygen_h2_kg, c.oxygen_o2_kg, c.oxygen_n2_kg, c.oxygen_vapour_kg, c.oxygen_liquid_kg = gas[:5]
    c.oxygen_energy_j, c.oxygen_temperature_k, c.oxygen_pressure_pa = gas[5:]


@leaf
def _put_share(bus, slot, gas, energy_j, temperature_k, pressure_pa, residence_time_s, dt):
    """Write the stream that leaves a gas that is held; returns masses and enthalpy that stay, less what was written."""
    h2_kg, o2_kg, n2_kg, vapour_kg, liquid_kg = gas
    is_all = dt >= residence_time_s or total_mass(gas) < LEAST_KG
    share = 1.0 / dt if is_all else 1.0 / residence_time_s
    h2, o2, n2, vapour, liquid = h2_kg * share, o2_kg * share, n2_kg * share, vapour_kg * share, liquid_kg * share
    enthalpy_w = energy_j * share
    put_stream(bus, slot, h2, o2, n2, vapour, liquid, enthalpy_w, temperature_k, pressure_pa)
    if is_all:
        return (0.0, 0.0, 0.0, 0.0, 0.0), 0.0
    left = (h2_kg - h2 * dt, o2_kg - o2 * dt, n2_kg - n2 * dt, vapour_kg - vapour * dt, liquid_kg - liquid * dt)
    return left, energy_j - enthalpy_w * dt


@leaf
def hand_out_gas(c, bus, dt):
    """Write the ports ``hydrogen`` and ``oxygen`` from what is held, and take it out; in ``emit``."""
    held_s = c.gas_residence_time_s
    gas = (c.fuel_h2_kg, c.fuel_o2_kg, c.fuel_n2_kg, c.fuel_vapour_kg, c.fuel_liquid_kg)
    left, c.fuel_energy_j = _put_share(
        bus, c.hydrogen, gas, c.fuel_energy_j, c.fuel_temperature_k, c.fuel_pressure_pa, held_s, dt
    )
    c.fuel_h2_kg, c.fuel_o2_kg, c.fuel_n2_kg, c.fuel_vapour_kg, c.fuel_liquid_kg = left
    gas = (c.oxygen_h2_kg, c.oxygen_o2_kg, c.oxygen_n2_kg, c.oxygen_vapour_kg, c.oxygen_liquid_kg)
    left, c.oxygen_energy_j = _put_share(
        bus, c.oxygen, gas, c.oxygen_energy_j, c.oxygen_temperature_k, c.oxygen_pressure_pa, held_s, dt
    )
    c.oxygen_h2_kg, c.oxygen_o2_kg, c.oxygen_n2_kg, c.oxygen_vapour_kg, c.oxygen_liquid_kg = left


@leaf
def hand_out_heat(held_j, residence_time_s, dt):
    """Return (heat that leaves a hold-up, W; heat that stays, J)."""
    if dt >= residence_time_s or held_j < LEAST_J:
        return held_j / dt, 0.0
    heat_w = held_j / residence_time_s
    return heat_w, held_j - heat_w * dt


@leaf
def held_gas(c):
    """Return what is held on both sides: hydrogen, oxygen, nitrogen, water, kg, and their enthalpy, J."""
    return (
        c.fuel_h2_kg + c.oxygen_h2_kg,
        c.fuel_o2_kg + c.oxygen_o2_kg,
        c.fuel_n2_kg + c.oxygen_n2_kg,
        c.fuel_vapour_kg + c.fuel_liquid_kg + c.oxygen_vapour_kg + c.oxygen_liquid_kg,
        c.fuel_energy_j + c.oxygen_energy_j,
    )


@leaf
def passed_liquid(feed, spilled, capacity_kg, dt):
    """Return the water, kg/s, that comes to a full loop and spills over as it came, of all that spills.

    A loop mixes with half of what it holds in a step; more would chill it within the step beyond any state.
    """
    return min(max(spilled - _MIXED_FRAC * capacity_kg / dt, 0.0), feed.liquid)


@leaf
def is_gas_held(c):
    """Tell whether there is gas to hand out."""
    h2, o2, n2, water, _ = held_gas(c)
    return h2 + o2 + n2 + water > 0.0


@leaf
def is_held(c):
    """Return 1 if there is gas or heat to hand out, else 0."""
    return 1.0 if c.heat_in_transit_j > 0.0 or is_gas_held(c) else 0.0


@leaf
def hand_out(c, bus, temperature_k, hydrogen_pa, oxygen_pa, dt):
    """Write the ports ``hydrogen``, ``oxygen`` and ``heat`` from what is held; all that ``emit`` of a stack does.

    Where nothing is held, the streams are empty, at the temperature and pressures given.
    """
    if c.is_filled == 0.0:
        put_nothing(bus, c.hydrogen, temperature_k, hydrogen_pa)
        put_nothing(bus, c.oxygen, temperature_k, oxygen_pa)
        bus[c.heat] = 0.0
        return
    hand_out_gas(c, bus, dt)
    bus[c.heat], c.heat_in_transit_j = hand_out_heat(c.heat_in_transit_j, c.gas_residence_time_s, dt)
    c.is_filled = is_held(c)
