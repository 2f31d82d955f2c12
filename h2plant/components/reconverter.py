"""What fuel cells and engines share: start, stop and request, air and exhaust, fields and ports."""

from h2plant.core.constants import (
    ATMOSPHERE_PA,
    MOL_PER_KG_H2,
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_N2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)
from h2plant.core.declare import Field, Port, counter, output, parameter, state
from h2plant.core.jit import kernel
from h2plant.physics.stream import put_nothing, put_state, read_stream, water_split

REST = 0.0
STARTING = 1.0
RUNNING = 2.0

NITROGEN_PER_OXYGEN = 0.7905 / 0.2095
"""Mole ratio of dry air, argon counted with the nitrogen."""


@kernel
def next_load(c, wanted_frac, dt):
    """Decide the mode at the end of a step; returns the load of the next step, 1."""
    wants = wanted_frac > 0.0 and wanted_frac >= c.min_load_frac
    c.since_s += dt
    if c.mode == RUNNING:
        if not wants and c.since_s >= c.min_up_s:
            c.mode = REST
            c.since_s = 0.0
    elif not wants:
        c.mode = REST
    else:
        if c.mode == REST:
            c.mode = STARTING
            c.since_s = 0.0
            c.n_starts += 1.0
        if c.since_s >= c.start_time_s:
            c.mode = RUNNING
            c.since_s = 0.0
    return min(max(wanted_frac, c.min_load_frac), 1.0) if c.mode == RUNNING else 0.0


@kernel
def burn(c, bus, props, dt, used_mol_per_s):
    """Take air, let exhaust and water go; returns what power and heat are together, W."""
    feed = read_stream(bus, c.hydrogen)
    ambient_k, outlet_k = bus[c.ambient_temperature], c.exhaust_temperature_k
    c.reacted_h2o_mol -= used_mol_per_s * dt
    if feed.h2 + feed.o2 + feed.n2 + feed.vapour + feed.liquid <= 0.0:
        put_nothing(bus, c.air, ambient_k, ATMOSPHERE_PA)
        put_nothing(bus, c.exhaust, outlet_k, ATMOSPHERE_PA)
        put_nothing(bus, c.water, outlet_k, ATMOSPHERE_PA)
        return 0.0
    oxygen_mol = 0.5 * c.air_ratio * used_mol_per_s
    oxygen = oxygen_mol * MOLAR_MASS_O2_KG_PER_MOL
    nitrogen = oxygen_mol * NITROGEN_PER_OXYGEN * MOLAR_MASS_N2_KG_PER_MOL
    air_w = put_state(bus, c.air, props, 0.0, oxygen, nitrogen, 0.0, 0.0, ambient_k, ATMOSPHERE_PA)
    h2 = max(feed.h2 - used_mol_per_s * MOLAR_MASS_H2_KG_PER_MOL, 0.0)
    o2 = max(feed.o2 + oxygen - 0.5 * used_mol_per_s * MOLAR_MASS_O2_KG_PER_MOL, 0.0)
    n2 = feed.n2 + nitrogen
    total = feed.vapour + feed.liquid + used_mol_per_s * MOLAR_MASS_H2O_KG_PER_MOL
    vapour, liquid = water_split(props, h2, o2, n2, total, outlet_k, ATMOSPHERE_PA)
    exhaust_w = put_state(bus, c.exhaust, props, h2, o2, n2, vapour, 0.0, outlet_k, ATMOSPHERE_PA)
    water_w = put_state(bus, c.water, props, 0.0, 0.0, 0.0, 0.0, liquid, outlet_k, ATMOSPHERE_PA)
    return feed.enthalpy_w + air_w - exhaust_w - water_w


@kernel
def usable_mol(bus, slot):
    """Return the hydrogen of a stream, mol/s."""
    return read_stream(bus, slot).h2 * MOL_PER_KG_H2


def fields(start_time_s: float, min_load_frac: float, air_ratio: float, exhaust_k: float) -> tuple[Field, ...]:
    """Return the fields that both have, with the defaults of one."""
    return (
        parameter("rated_power_w", "W", "largest power given, auxiliaries taken off", 1.0e6, 1.0, 1.0e10),
        parameter("min_load_frac", "1", "smallest load while it runs", min_load_frac, 0.0, 1.0),
        parameter("start_time_s", "s", "time of a start, in which it gives nothing", start_time_s, 0.0, 86400.0),
        parameter("min_up_s", "s", "shortest run, at the smallest load", 900.0, 0.0, 86400.0),
        parameter("air_ratio", "1", "air by what burns the hydrogen", air_ratio, 1.0, 10.0),
        parameter("exhaust_temperature_k", "K", "temperature of exhaust and water", exhaust_k, 280.0, 800.0),
        state("mode", "1", "0 at rest, 1 starting, 2 running"),
        state("since_s", "s", "time since the mode changed"),
        state("reacted_h2o_mol", "mol", "water split, net; negative: formed"),
        counter("running_h", "h", "time with hydrogen"),
        counter("n_starts", "1", "starts"),
        counter("generated_j", "J", "energy given"),
        counter("burnt_kg", "kg", "hydrogen used"),
        output("power_w", "W", "power given"),
        output("efficiency_frac", "1", "power by the lower heating value of the hydrogen used"),
        output("demand_kg_per_s", "kg/s", "hydrogen asked for"),
    )


PORTS: tuple[Port, ...] = (
    Port("hydrogen", "stream", "in", "hydrogen of the plant's store", is_required=True),
    Port(
        "air",
        "stream",
        "in",
        "dry air from the surroundings",
        writes=True,
        border="bought",
        border_label="Air",
    ),
    Port("exhaust", "stream", "out", "air that is left, vapour, hydrogen that was not used", border="vented"),
    Port("water", "stream", "out", "water that condenses", border="drained"),
    Port("power", "power", "out", "power given"),
    Port("heat", "heat", "out", "heat of coolant and auxiliaries", unit="W", border="surroundings"),
    Port("load", "signal", "in", "load wanted, 0 to 1", is_required=True, rests_below="min_load_frac", unit="1"),
    Port("demand", "signal", "out", "hydrogen asked for", unit="kg/s"),
    Port("ambient_temperature", "signal", "in", "air", default="series.temp_air_degc", unit="K"),
)
