"""Power bus: supplies and consumers meet; beyond the grid's limit a store gives, and in the end an emergency supply."""

import math

from h2plant.core.bus import EVENT_AMOUNT, LINES_OFF_W, ZERO
from h2plant.core.constants import DAY_S, EUR_PER_MWH
from h2plant.core.cost import cost
from h2plant.core.declare import Kind, Port, counter, memory, output, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import PowerBus
from h2plant.core.status import BLACKOUT, OK
from h2plant.laws.money import emergency_cost
from h2plant.laws.power import (
    blackout_hours,
    bus_balance,
    bus_columns,
    bus_limit,
    bus_reserve,
    emergency_energy,
    emergency_last,
    ride_through,
    same_load,
)

_ROUNDING = 1.0e-9  # share of the load below which a lack is rounding, not a blackout
NO_LIMIT_W = 1.0e12  # limit of a grid that says none
SHORTEST_DISCHARGE_S = 300.0  # a battery gives what it holds in five minutes, not faster
NREL_2025 = "Cole, Ramasamy and Turan 2025, NREL/TP-6A40-93281, lithium-ion, energy and power parts"


@kernel
def begin(c, props):
    """Start with a full store."""
    c.stored_j = c.ride_through_j
    c.cached_step_s = 0.0
    return OK


@leaf
def refill_power(c):
    """Return the power at which the store is refilled from the grid, W."""
    return min(c.ride_through_power_w, c.ride_through_j / (c.ride_through_efficiency_frac * c.ride_through_refill_s))


@kernel
def emit(c, bus, props, dt):
    """Say what the lines must leave, and whether what can wait is to rest.

    The reserve is the power that refills the store. The margin is the largest draw beyond the plan of late, as far as
    the store could not carry it for a step: it must be there, of the grid or of sources, but is not drawn.
    """
    shed = c.is_shedding
    margin = 0.0
    if c.is_blackout + c.is_halted > 0.0:
        reserve = LINES_OFF_W
        shed = 1.0
    else:
        reserve = 0.0
        missing_j = c.ride_through_j - c.stored_j
        if missing_j > 0.0:
            reserve = min(missing_j / (c.ride_through_efficiency_frac * dt), refill_power(c))
        if c.largest_lack_w > 0.0:
            margin = max(c.largest_lack_w - min(c.ride_through_power_w, c.stored_j / dt), 0.0)
    bus[c.reserve] = reserve
    bus[c.margin] = margin
    bus[c.shed] = shed
    return OK


@leaf
def watch_lack(c, lack_w, dt):
    """Keep the largest draw beyond the plan; it fades over a day."""
    if dt != c.cached_step_s:
        c.cached_step_s = dt
        c.fade_frac = math.exp(-dt / DAY_S)
    c.largest_lack_w = max(c.largest_lack_w * c.fade_frac, lack_w)


@leaf
def give(c, lack_w, dt):
    """Return the power that the store gives against a lack, W."""
    given_j = min(min(lack_w, c.ride_through_power_w) * dt, c.stored_j)
    c.stored_j -= given_j
    return given_j / dt


@leaf
def take(c, surplus_w, room_w, dt):
    """Return the power that the store takes and what it loses of it, W: a surplus up to its power, else its refill."""
    missing_j = c.ride_through_j - c.stored_j
    if missing_j <= 0.0:
        return 0.0, 0.0
    taken_w = max(surplus_w, min(refill_power(c), surplus_w + room_w))
    taken_j = min(taken_w, c.ride_through_power_w) * dt
    before_j = c.stored_j
    if taken_j * c.ride_through_efficiency_frac >= missing_j:
        taken_j = missing_j / c.ride_through_efficiency_frac
        c.stored_j = c.ride_through_j
    else:
        c.stored_j += taken_j * c.ride_through_efficiency_frac
    return taken_j / dt, (taken_j - (c.stored_j - before_j)) / dt


@leaf
def note_blackout(c, emergency_w, is_dark, dt):
    """Keep the account of blackouts; one is over when the restart is, and the store half full."""
    c.emergency_j += emergency_w * dt
    c.emergency_emitted_kg += emergency_w * dt * c.emergency_carbon_kg_per_j
    if is_dark:
        if c.is_blackout == 0.0:
            c.n_blackouts += 1.0
        c.is_blackout = 1.0
        c.restart_left_s = c.restart_s
        c.blackout_s += dt
    elif c.is_blackout > 0.0:
        c.blackout_s += dt
        c.restart_left_s = max(c.restart_left_s - dt, 0.0)
        if c.restart_left_s <= 0.0 and c.stored_j >= 0.5 * c.ride_through_j:
            c.is_blackout = 0.0


@kernel
def step(c, bus, props, dt):
    """Ask the grid for consumption minus supply within its limit; store and emergency supply give the rest.

    What draws behind an open converter comes from the emergency supply in any case; while what serves all lines has
    tripped, they are off, as in a blackout.
    """
    load = 0.0
    for i in range(c.n_consumers):
        load += bus[c.consumers + i]
    supply = 0.0
    for i in range(c.n_supplies):
        supply += bus[c.supplies + i]
    carried = 0.0
    for i in range(c.n_carried_behind):
        carried += bus[c.carried_behind + i]
    tripped = 0.0
    for i in range(c.n_trips):
        tripped += bus[c.trips + i]
    other = load - carried
    for i in range(c.n_line_load):
        other -= bus[c.line_load + i]
    limit = bus[c.grid_limit] if c.grid_limit != ZERO else NO_LIMIT_W
    for i in range(c.n_cut):
        if bus[c.cut + i] > 0.5:  # a converter between it and the grid is open
            limit = 0.0
            tripped = 1.0

    wanted = load - carried - supply
    if c.planned_import != ZERO and c.is_blackout + c.is_halted == 0.0:
        watch_lack(c, max(wanted, 0.0) - max(bus[c.planned_import] - bus[c.reserve], 0.0), dt)
    given = 0.0
    taken = 0.0
    lost = 0.0
    emergency = 0.0
    if wanted > limit:
        lack = wanted - limit
        given = give(c, lack, dt)
        emergency = max(lack - given, 0.0)
        wanted = limit
    else:
        surplus = max(-wanted, 0.0)
        taken, lost = take(c, surplus, limit - max(wanted, 0.0), dt)
        wanted = min(wanted + taken, limit)
    is_dark = emergency > _ROUNDING * load
    emergency += carried
    c.is_halted = 1.0 if tripped > 0.5 else 0.0
    if emergency + c.is_blackout > 0.0:
        note_blackout(c, emergency, is_dark, dt)
    if given > 0.0:
        if c.stored_j < 0.5 * c.ride_through_j and other > supply + limit:
            c.is_shedding = 1.0
    elif c.is_shedding > 0.0 and c.stored_j >= 0.5 * c.ride_through_j:
        c.is_shedding = 0.0

    bus[c.grid] = wanted
    bus[c.emergency] = emergency
    bus[c.emergency_cost] = emergency * c.emergency_price_eur_per_j
    bus[c.heat_loss] = lost
    bus[c.load] = load
    c.load_w = load
    c.supply_w = supply
    c.ride_through_given_w = given
    c.ride_through_taken_w = taken
    if is_dark or c.is_blackout > 0.0:
        bus[EVENT_AMOUNT] = emergency
        return BLACKOUT
    return OK


@kernel
def content(c, props):
    """Return the energy in the store."""
    return 0.0, 0.0, 0.0, 0.0, c.stored_j


def sizes(values):
    """Return what the store's cost goes by: battery, J, and converter, W; none where it holds nothing."""
    power_w = values["ride_through_power_w"] if values["ride_through_j"] > 0.0 else 0.0
    battery_j = max(values["ride_through_j"], power_w * SHORTEST_DISCHARGE_S)
    return {"ride_through_battery_j": battery_j, "ride_through_converter_w": power_w}


KIND = Kind(
    name="power_bus",
    doc="Bus bar without losses: supplies, consumers and the grid within its limit; a store carries what is beyond.",
    fields=(
        parameter(
            "ride_through_j",
            "J",
            "energy that the store on the bus holds; 0: there is none (5 kWh: 100 kW of auxiliaries for three minutes)",
            1.8e7,
            0.0,
            1.0e13,
        ),
        parameter("ride_through_power_w", "W", "power that it gives and takes at most", 1.0e5, 0.0, 1.0e10),
        parameter(
            "ride_through_efficiency_frac",
            "1",
            "share that it keeps of what it takes (its way out included)",
            0.9,
            0.1,
            1.0,
        ),
        parameter("ride_through_refill_s", "s", "time in which the grid refills an empty one", 900.0, 1.0, 8.64e5),
        parameter("restart_s", "s", "time from the end of a blackout until the lines may run", 900.0, 0.0, 8.64e5),
        parameter(
            "emergency_price_eur_per_j",
            "EUR/J",
            "price of the emergency supply (a generator on diesel at 1.7 EUR/l, 0.37 of 9.97 kWh/l)",
            460.0 * EUR_PER_MWH,
            0.0,
            1.0e-4,
        ),
        parameter(
            "emergency_carbon_kg_per_j",
            "kg/J",
            "its CO2 equivalent (diesel 95.1 g/MJ, Regulation (EU) 2023/1185, at 0.37)",
            95.1e-9 / 0.37,
            0.0,
            1.0e-5,
        ),
        state("stored_j", "J", "energy in the store"),
        state("is_blackout", "1", "1 from a lack that nothing could cover until lines may run again"),
        state("is_halted", "1", "1 while what serves all lines has tripped: they are off, transfers rest"),
        state("is_shedding", "1", "1 while transfers and purification rest to spare the store"),
        state("restart_left_s", "s", "time of the restart that is left"),
        state("largest_lack_w", "W", "largest draw beyond the plan in a step, fading over a day"),
        memory("cached_step_s", "s", "step for which the fading was computed"),
        memory("fade_frac", "1", "what the largest rise fades to in a step"),
        counter("emergency_j", "J", "energy of the emergency supply"),
        counter("emergency_emitted_kg", "kg", "its CO2 equivalent"),
        counter("n_blackouts", "1", "blackouts"),
        counter("blackout_s", "s", "time that they lasted, restarts included"),
        output("load_w", "W", "power drawn by all consumers"),
        output("supply_w", "W", "power given by all supplies, the grid not counted"),
        output("ride_through_given_w", "W", "power that the store gives"),
        output("ride_through_taken_w", "W", "power that it takes"),
    ),
    ports=(
        Port("supplies", "power", "in", "power of generators", is_multi=True),
        Port("consumers", "power", "out", "power drawn by each consumer", writes=False, is_multi=True),
        Port(
            "grid",
            "power",
            "in",
            "power asked of a grid_connection, on an island of one with import_limit_mw: 0; negative: fed back",
            writes=True,
        ),
        Port(
            "emergency",
            "power",
            "in",
            "power of the emergency supply, where grid and store give too little",
            writes=True,
            border="source",
            border_label="Emergency supply",
        ),
        Port("emergency_cost", "money", "out", "paid for it"),
        Port("heat_loss", "heat", "out", "loss of the store", unit="W", border="surroundings"),
        Port(
            "grid_limit",
            "signal",
            "in",
            "power that the grid can give now; unlinked: no limit",
            default="role.Grid.available",
            unit="W",
        ),
        Port(
            "planned_import",
            "signal",
            "in",
            "import that the rule of dispatch plans, the reserve in it",
            default="role.Dispatch.planned_import",
            unit="W",
        ),
        Port(
            "line_load",
            "signal",
            "in",
            "what of the load the electrolysers draw",
            is_multi=True,
            default="power.lines",
            unit="W",
        ),
        Port(
            "carried_behind",
            "signal",
            "in",
            "what draws behind converters that have opened, for the emergency supply",
            is_multi=True,
            default="power.carried",
            unit="W",
        ),
        Port(
            "trips",
            "signal",
            "in",
            "1: tripped; of converters that serve others than electrolysers, and of what all lines need",
            is_multi=True,
            is_lagged_in_loops=True,
            default="power.trips",
            unit="1",
            fault="outage",
        ),
        Port(
            "cut",
            "signal",
            "in",
            "1: tripped; of converters between it and the grid: the grid gives it nothing",
            is_multi=True,
            is_lagged=True,
            default="power.above",
            unit="1",
            is_read_in_step=True,
        ),
        Port("load", "signal", "out", "power drawn by all consumers", unit="W"),
        Port(
            "reserve",
            "signal",
            "out",
            "power that the lines must leave: refill of the store",
            is_emitted=True,
            unit="W",
        ),
        Port(
            "margin",
            "signal",
            "out",
            "power that must be left at the grid or of sources, not drawn: for what the store could not carry",
            is_emitted=True,
            unit="W",
        ),
        Port("shed", "signal", "out", "1 where transfers and purification are to rest", is_emitted=True, unit="1"),
    ),
    step=step,
    emit=emit,
    begin=begin,
    content=content,
    group="electrical",
    role=PowerBus(
        reserve="reserve",
        margin="margin",
        shed="shed",
        stored="stored_j",
        given_column="ride_through_given_w",
        taken_column="ride_through_taken_w",
        emergency="emergency",
        emergency_cost="emergency_cost",
        emergency_emitted="emergency_emitted_kg",
        n_blackouts="n_blackouts",
        blackout_time="blackout_s",
    ),
    laws=(
        bus_balance(),
        same_load("load", "consumers"),
        bus_columns(),
        bus_limit(),
        ride_through(),
        emergency_last(),
        emergency_energy(),
        emergency_cost(),
        blackout_hours(),
        bus_reserve(),
    ),
    sizes=sizes,
    costs=(
        cost(
            *("ride-through battery", ("ride_through_battery_j",), 3.6e9, 241.0e3, 1.0, NREL_2025, 2023, 15.0, 0.025),
            currency="USD",
        ),
        cost(
            *(
                "ride-through converter",
                ("ride_through_converter_w",),
                1.0e6,
                339.0e3,
                1.0,
                NREL_2025,
                2023,
                15.0,
                0.025,
            ),
            currency="USD",
        ),
    ),
)
