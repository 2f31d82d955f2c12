"""Rectifier: standby, linear and quadratic losses, and a heat sink and a current limit that may trip it."""

from h2plant.components.protection import CARRIED_PORTS, OUTAGE_PORT, PROTECTION_FIELDS, TRIPPED_PORT, stand, trip
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import TEMPERATURE_OFFSET_K
from h2plant.core.cost import BOEHM_2019, JU_2020, cost
from h2plant.core.declare import Kind, Order, Port, counter, memory, output, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Converter, HeatLimit
from h2plant.core.status import OK, OVER_RATING, TRIP
from h2plant.laws.power import converter_balance
from h2plant.laws.protection import carried_by_emergency, trips_counted
from h2plant.laws.rectifier import rectifier_heat_sink, rectifier_hours, rectifier_loss, rectifier_protection
from h2plant.physics.electrical import converter_loss
from h2plant.physics.relaxation import mean_decay

_ROUNDING = 1.0 + 1.0e-9


@kernel
def begin(c, props):
    """Resistance and heat capacity of the heat sink from its rise and time constant; it starts at 15 C."""
    rated_w = converter_loss(c.rating_w, c.rating_w, c.standby_loss_frac, c.linear_loss_frac, c.quadratic_loss_frac)
    c.resistance_k_per_w = c.rated_sink_rise_k / max(rated_w, 1.0e-4 * c.rating_w)
    c.heat_capacity_j_per_k = c.sink_time_constant_s / c.resistance_k_per_w
    c.sink_temperature_k = 288.15
    c.sink_j = c.heat_capacity_j_per_k * (c.sink_temperature_k - TEMPERATURE_OFFSET_K)
    c.cached_step_s = 0.0
    return OK


@leaf
def _sink(c, loss, ambient_k):
    """Return (temperature in K, heat held in J) of the heat sink at a step's end: C dT/dt = P - G (T - T_air)."""
    final_k = ambient_k + loss * c.resistance_k_per_w
    end_k = c.sink_temperature_k + (final_k - c.sink_temperature_k) * c.sink_share_frac
    return end_k, c.heat_capacity_j_per_k * (end_k - TEMPERATURE_OFFSET_K)


@kernel
def step(c, bus, props, dt):
    """Draw the loads and the losses from the alternating-current side; stand where heat sink or current pass a limit.

    One that stands blocks. What still draws behind it is passed on without a loss, and told to the bus as ``carried``.
    """
    load = 0.0
    for i in range(c.n_loads):
        load += bus[c.loads + i]
    carried = 0.0
    for i in range(c.n_carried_behind):
        carried += bus[c.carried_behind + i]
    if dt != c.cached_step_s:
        c.cached_step_s = dt
        x = dt / c.sink_time_constant_s
        c.sink_share_frac = x * mean_decay(x)
    ambient_k = bus[c.ambient_temperature]
    is_open = c.standing_s > 0.0
    is_out = bus[c.outage] > 0.5
    if is_out and not is_open:
        trip(c, 0.0)
        is_open = True
    status = OK
    loss = 0.0
    end_k = 0.0
    held_j = 0.0
    if not is_open:
        loss = c.rating_w * c.blocked_loss_frac
        if load > 0.0:
            loss = converter_loss(load, c.rating_w, c.standby_loss_frac, c.linear_loss_frac, c.quadratic_loss_frac)
        end_k, held_j = _sink(c, loss, ambient_k)
        if load > c.rating_w * _ROUNDING:
            bus[EVENT_AMOUNT] = load - c.rating_w
            status = OVER_RATING
        if load > c.rating_w * c.current_limit_ratio * _ROUNDING or end_k > c.sink_limit_k:
            trip(c, max(end_k - c.sink_limit_k, 0.0))
            is_open = True
    c.load_frac = load / c.rating_w
    c.efficiency_frac = load / (load + loss) if load > 0.0 else 0.0
    if is_open:
        loss = 0.0
        end_k, held_j = _sink(c, 0.0, ambient_k)
        stand(c, end_k <= c.restart_sink_k and not is_out, c.restart_delay_s, dt)
        carried = load
        c.load_frac = 0.0
        c.efficiency_frac = 0.0
        bus[EVENT_AMOUNT] = c.trip_k
        status = TRIP
    elif load > 0.0:
        c.running_h += dt / 3600.0
    bus[c.power] = load + loss
    bus[c.heat_loss] = loss - (held_j - c.sink_j) / dt
    bus[c.carried] = carried
    bus[c.tripped] = 1.0 if c.standing_s > 0.0 else 0.0
    c.sink_temperature_k = end_k
    c.sink_j = held_j
    c.loss_w = loss
    return status


@kernel
def content(c, props):
    """Return the heat held by the heat sink above 0 C."""
    return 0.0, 0.0, 0.0, 0.0, c.sink_j


KIND = Kind(
    name="rectifier",
    doc="Rectifier with its own cooling: three-coefficient loss, stands at the limits of heat sink and current.",
    fields=(
        parameter("rating_w", "W", "rated direct-current power of all converters together", 12.0e6, 1.0e3, 1.0e10),
        parameter("standby_loss_frac", "1", "loss independent of load while running, by rating", 0.00627, 0.0, 0.1),
        parameter("linear_loss_frac", "1", "loss proportional to load, at rating", 0.01417, 0.0, 0.2),
        parameter("quadratic_loss_frac", "1", "loss growing with the square of the load, at rating", 0.01721, 0.0, 0.2),
        parameter("blocked_loss_frac", "1", "loss without load (controls), by rating", 0.0005, 0.0, 0.05),
        parameter("current_limit_ratio", "1", "load by rating at which it blocks (IEC 60146-1-1: 1.5)", 1.5, 1.0, 5.0),
        parameter("rated_sink_rise_k", "K", "heat sink above the air at rating", 35.0, 5.0, 80.0),
        parameter("sink_time_constant_s", "s", "thermal time constant of the heat sink", 180.0, 1.0, 7200.0),
        parameter("sink_limit_k", "K", "heat sink at which it trips (its thermostat)", 358.15, 320.0, 400.0),
        parameter(
            "restart_sink_k",
            "K",
            "heat sink below which it may start again",
            333.15,
            295.0,
            390.0,
            size_from="sink_limit_k - 25",
        ),
        parameter("restart_delay_s", "s", "shortest time from a trip until it starts again", 600.0, 0.0, 8.64e5),
        state("sink_temperature_k", "K", "temperature of the heat sink"),
        state("sink_j", "J", "heat held by it above 0 C"),
        memory("resistance_k_per_w", "K/W", "of the heat sink against heat to the air"),
        memory("heat_capacity_j_per_k", "J/K", "heat capacity of the heat sink"),
        memory("cached_step_s", "s", "step for which the share was worked out"),
        memory("sink_share_frac", "1", "share of the way to its final temperature that it goes in a step"),
        *PROTECTION_FIELDS,
        counter("running_h", "h", "hours with load"),
        output("loss_w", "W", "loss"),
        output("load_frac", "1", "direct-current power by the rating"),
        output("efficiency_frac", "1", "direct by alternating power"),
    ),
    ports=(
        Port("loads", "power", "out", "direct-current power drawn by each load", writes=False, is_multi=True),
        Port("power", "power", "in", "alternating-current power drawn", writes=True),
        Port("heat_loss", "heat", "out", "losses, into the cooling of the converter", border="surroundings"),
        Port("ambient_temperature", "signal", "in", "air temperature", default="series.temp_air_degc", unit="K"),
        TRIPPED_PORT,
        OUTAGE_PORT,
        *CARRIED_PORTS,
    ),
    step=step,
    begin=begin,
    content=content,
    group="electrical",
    orders=(Order("restart_sink_k", "sink_limit_k", "it would trip as soon as it starts again"),),
    role=Converter(
        tripped="tripped",
        carried="carried",
        load="load_frac",
        limits=(HeatLimit("its heat sink came to", "sink_temperature_k", "sink_limit_k"),),
        over="it carries what it can cool, up to 'current_limit_ratio'",
    ),
    laws=(
        converter_balance(stored="sink_j"),
        rectifier_loss(),
        rectifier_heat_sink(),
        rectifier_protection(),
        trips_counted(),
        carried_by_emergency(),
        rectifier_hours(),
    ),
    costs=(cost("converters", ("rating_w",), 5.0e6, 560.0e3, 0.9, f"{JU_2020}; {BOEHM_2019}, 15 % less transformer"),),
)
