"""Reverse osmosis and electro-deionisation: raw water into ultrapure water and brine."""

from dataclasses import replace

from h2plant.components.protection import UNPOWERED_PORT, is_unpowered
from h2plant.core.bus import EVENT_AMOUNT, SHED_ABOVE
from h2plant.core.constants import SHORT_FRAC
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, memory, output, parameter
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import water_enthalpy
from h2plant.core.role import Process
from h2plant.core.served import Served
from h2plant.core.status import LIMITED, NO_POWER, OK
from h2plant.laws.protection import no_power
from h2plant.laws.water import purifier_balance, purifier_demand, purifier_work
from h2plant.physics.liquid import heated_water
from h2plant.physics.stream import bypassed, hand_over, put_nothing, put_stream, read_stream

HEAT_CAPACITY_J_PER_KG_K = 4181.0  # liquid water, for a first guess only
GUESS_M3_PER_KG = 0.95e-3  # v (1 - beta T), so that throttling warms by it
REFERENCE_DENSITY_KG_PER_M3 = 998.2  # of the cubic metre in the specific energy (20 C)


@kernel
def emit(c, bus, props, dt):
    """Ask the source for the feed that makes the permeate wanted; for none while the bus sheds what can wait."""
    wanted = bus[c.demand] if bus[c.shed] <= SHED_ABOVE and not is_unpowered(c, bus) else 0.0
    bus[c.feed_demand] = min(max(wanted, 0.0), c.capacity_kg_per_s) / c.recovery_frac
    return OK


@leaf
def _note_short(c, wanted, permeate, dt):
    """Count what was asked for and not made."""
    if wanted > permeate * (1.0 + 1.0e-9):
        c.short_kg += (wanted - permeate) * dt
        if permeate < wanted * (1.0 - SHORT_FRAC):
            c.short_s += dt


@leaf
def _rest(c, bus, feed_k, dt):
    """Stand without power: what still comes runs off as brine."""
    put_nothing(bus, c.outlet, feed_k, c.outlet_pressure_pa)
    hand_over(bus, c.inlet, c.brine)
    bus[c.power] = 0.0
    bus[c.heat_loss] = 0.0
    c.permeate_kg_per_s = 0.0
    c.power_w = 0.0
    _note_short(c, bus[c.demand], 0.0, dt)
    bus[EVENT_AMOUNT] = max(bus[c.demand], 0.0)
    return NO_POWER


@kernel
def step(c, bus, props, dt):
    """Split the feed by recovery; pump work goes into both waters, motor losses to the room."""
    h2, o2, n2, vapour, liquid, feed_w, feed_k, feed_pa = read_stream(bus, c.inlet)
    water = vapour + liquid
    pressure_pa = c.outlet_pressure_pa
    if is_unpowered(c, bus):
        return _rest(c, bus, feed_k, dt)
    if water <= 0.0:
        put_nothing(bus, c.outlet, feed_k, pressure_pa)
        put_stream(bus, c.brine, h2, o2, n2, 0.0, 0.0, feed_w, feed_k, feed_pa)
        bus[c.power] = c.standby_power_w
        bus[c.heat_loss] = c.standby_power_w
        c.permeate_kg_per_s = 0.0
        c.power_w = c.standby_power_w
        _note_short(c, bus[c.demand], 0.0, dt)
        return OK
    permeate = c.recovery_frac * water
    status = OK
    if permeate > c.capacity_kg_per_s * (1.0 + 1.0e-9):
        status = LIMITED
        bus[EVENT_AMOUNT] = permeate - c.capacity_kg_per_s
        permeate = c.capacity_kg_per_s
    drive_w = permeate * c.energy_j_per_m3 / REFERENCE_DENSITY_KG_PER_M3
    lost_w = c.heat_loss_frac * drive_w
    total_w = feed_w + (drive_w - lost_w)
    gain = (drive_w - lost_w) / water + (feed_pa - pressure_pa) * GUESS_M3_PER_KG
    guess_k = feed_k + gain / HEAT_CAPACITY_J_PER_KG_K
    T, vapour, liquid = heated_water(props, h2, o2, n2, water, total_w, pressure_pa, guess_k)
    if T != T:
        put_nothing(bus, c.outlet, feed_k, pressure_pa)
        bus[c.power] = c.standby_power_w
        bus[c.heat_loss] = c.standby_power_w
        c.permeate_kg_per_s = 0.0
        c.power_w = c.standby_power_w
        _note_short(c, bus[c.demand], 0.0, dt)
        return bypassed(bus, c.inlet, c.brine)
    if h2 + o2 + n2 <= 0.0:
        permeate_w = total_w * (permeate / water)
    else:
        permeate = min(permeate, liquid)
        permeate_w = permeate * water_enthalpy(props, pressure_pa, T)
    put_stream(bus, c.outlet, 0.0, 0.0, 0.0, 0.0, permeate, permeate_w, T, pressure_pa)
    put_stream(bus, c.brine, h2, o2, n2, vapour, liquid - permeate, total_w - permeate_w, T, pressure_pa)
    bus[c.power] = drive_w + c.standby_power_w
    bus[c.heat_loss] = lost_w + c.standby_power_w
    c.permeate_kg_per_s = permeate
    _note_short(c, bus[c.demand], permeate, dt)
    c.power_w = drive_w + c.standby_power_w
    return status


KIND = Kind(
    name="water_purifier",
    doc="Purification of raw water by recovery and specific energy; gases in the feed leave with the brine.",
    fields=(
        parameter("recovery_frac", "1", "ultrapure water per feed", 0.75, 0.05, 1.0),
        parameter("energy_j_per_m3", "J/m3", "electric energy per cubic metre of ultrapure water", 14.4e6, 0.0, 2.0e8),
        parameter("capacity_kg_per_s", "kg/s", "greatest flow of ultrapure water", 9.0 / 3.6, 1.0e-6, 1.0e4),
        parameter("outlet_pressure_pa", "Pa", "pressure of both waters at the outlet", 2.0e5, 1.0e5, 2.0e6),
        parameter("heat_loss_frac", "1", "share of the drive power that heats the room (motors)", 0.1, 0.0, 1.0),
        parameter(
            "standby_power_w",
            "W",
            "controls and instruments, always drawn",
            300.0,
            0.0,
            1.0e5,
            size_from="capacity_kg_per_s",
        ),
        memory("short_kg", "kg", "water asked of it and not given", is_counter=True),
        memory("short_s", "s", "time in which it gave less than 99.9 % of what was asked", is_counter=True),
        output("permeate_kg_per_s", "kg/s", "ultrapure water made"),
        output("power_w", "W", "electric power"),
    ),
    ports=(
        Port("demand", "signal", "in", "ultrapure water wanted", is_lagged=True, unit="kg/s"),
        Port(
            "shed",
            "signal",
            "in",
            "1: the bus sheds what can wait, and it rests",
            is_lagged=True,
            default="role.PowerBus.shed",
            unit="1",
        ),
        Port("feed_demand", "signal", "out", "feed wanted from the source", is_emitted=True, unit="kg/s"),
        Port("inlet", "stream", "in", "feed"),
        Port("outlet", "stream", "out", "ultrapure water", border="drained"),
        Port(
            "brine", "stream", "out", "concentrate, with the gases of the feed", border="drained", border_label="Brine"
        ),
        Port(
            "power",
            "power",
            "in",
            "pumps, deionisation, controls",
            writes=True,
            unit="W",
            idle_without=("energy_j_per_m3", "standby_power_w"),
        ),
        replace(UNPOWERED_PORT, is_read_in_step=False),  # its draw is decided in emit
        Port("heat_loss", "heat", "out", "motor losses and controls", unit="W", border="surroundings"),
    ),
    step=step,
    emit=emit,
    group="water",
    role=Process(
        "Water supply",
        served=(Served("water", short=("short_kg",), given=("outlet",), time="short_s", asks="demand"),),
    ),
    laws=(
        purifier_balance(),
        purifier_work(),
        purifier_demand(),
        no_power(),
    ),
    costs=(cost("reverse osmosis, EDI", ("capacity_kg_per_s",), 2.5, 350.0e3, 0.7, ESTIMATE, fixed_cost_frac=0.05),),
)
