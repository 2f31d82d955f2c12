"""Transformer with no-load and load losses, the thermal state of its oil, and a protection that opens it."""

from h2plant.components.protection import CARRIED_PORTS, OUTAGE_PORT, PROTECTION_FIELDS, TRIPPED_PORT, stand, trip
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import TEMPERATURE_OFFSET_K
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Order, Port, memory, output, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Converter, HeatLimit
from h2plant.core.status import OK, OVER_RATING, TRIP
from h2plant.laws.power import same_load
from h2plant.laws.protection import carried_by_emergency, trips_counted
from h2plant.laws.transformer import (
    transformer_losses,
    transformer_oil,
    transformer_peak_efficiency,
    transformer_protection,
)
from h2plant.physics.electrical import transformer_load_loss, transformer_loss, transformer_no_load_loss
from h2plant.physics.held.same import same_mean_decay
from h2plant.physics.relaxation import decayed_step

_ROUNDING = 1.0 + 1.0e-9


@kernel
def begin(c, props):
    """Derive losses, conductance and heat capacity from the ratings; oil at its no-load temperature at 15 C."""
    c.no_load_loss_w = transformer_no_load_loss(c.rating_w, c.peak_efficiency_frac, c.peak_load_frac)
    c.load_loss_w = transformer_load_loss(c.rating_w, c.peak_efficiency_frac, c.peak_load_frac)
    c.conductance_w_per_k = (c.no_load_loss_w + c.load_loss_w) / c.rated_oil_rise_k
    c.heat_capacity_j_per_k = c.conductance_w_per_k * c.oil_time_constant_s
    c.oil_temperature_k = 288.15 + c.no_load_loss_w / c.conductance_w_per_k
    return OK


@leaf
def _beyond(c, load_frac, end_k):
    """Return by how many kelvin oil or winding would be beyond its limit at the end of the step; 0: by none.

    Hot spot = top oil + g K^1.6, K the apparent power by the rating (IEC 60076-7, ONAN); the winding follows its
    current within minutes and is taken to follow at once.
    """
    beyond_k = end_k - c.oil_limit_k
    if load_frac > 1.0:
        beyond_k = max(beyond_k, end_k + c.winding_rise_k * load_frac**1.6 - c.hot_spot_limit_k)
    return max(beyond_k, 0.0)


@kernel
def step(c, bus, props, dt):
    """Draw the loads and the losses; heat the oil, exactly over the step; open where a limit would be passed.

    Above its rating it goes on until a limit is passed, and says so. An open transformer carries nothing and cools.
    What still draws behind it is passed on to the bus without a loss, and told to it as ``carried``: its emergency
    supply gives that.
    """
    load = 0.0
    for i in range(c.n_loads):
        load += bus[c.loads + i]
    carried = 0.0
    for i in range(c.n_carried_behind):
        carried += bus[c.carried_behind + i]
    loss = 0.0
    load_frac = 0.0
    rate = 1.0 / c.oil_time_constant_s
    c.oil_x, c.oil_decay = same_mean_decay(c.oil_x, c.oil_decay, rate * dt)
    ambient = bus[c.ambient_temperature]
    before = c.oil_temperature_k
    is_open = c.standing_s > 0.0
    if not is_open:
        load_frac = abs(load) / (c.power_factor_ratio * c.rating_w)
        loss = transformer_loss(load, c.power_factor_ratio, c.rating_w, c.no_load_loss_w, c.load_loss_w)
        source = loss / c.heat_capacity_j_per_k + rate * ambient
        c.oil_temperature_k, mean = decayed_step(before, source, rate, c.oil_decay, dt)
        beyond_k = _beyond(c, load_frac, c.oil_temperature_k)
        if beyond_k > 0.0 or bus[c.outage] > 0.5:
            trip(c, beyond_k)
            is_open = True
    if is_open:
        loss = 0.0
        load_frac = 0.0
        c.oil_temperature_k, mean = decayed_step(before, rate * ambient, rate, c.oil_decay, dt)
        stand(c, c.oil_temperature_k <= c.restart_oil_k and bus[c.outage] < 0.5, c.restart_delay_s, dt)
        carried = max(load, 0.0)
    given = load + loss
    lost = 0.0
    if is_open and load < 0.0:  # what is fed back finds no way
        lost = -load
        given = 0.0
    bus[c.power] = given
    bus[c.load] = given
    bus[c.fed_back] = lost
    bus[c.carried] = carried
    bus[c.tripped] = 1.0 if c.standing_s > 0.0 else 0.0
    bus[c.heat_loss] = c.conductance_w_per_k * (mean - ambient)
    c.loss_w = loss
    c.load_frac = load_frac
    if is_open:
        bus[EVENT_AMOUNT] = c.trip_k
        return TRIP
    if load_frac > _ROUNDING:
        bus[EVENT_AMOUNT] = abs(load) - c.rating_w * c.power_factor_ratio
        return OVER_RATING
    return OK


@kernel
def content(c, props):
    """Return the heat held by oil, core and tank above 0 C."""
    return 0.0, 0.0, 0.0, 0.0, c.heat_capacity_j_per_k * (c.oil_temperature_k - TEMPERATURE_OFFSET_K)


KIND = Kind(
    name="transformer",
    doc="Transformer: no-load and load losses, oil temperature, opens at its limits.",
    fields=(
        parameter("rating_w", "W", "rated apparent power (W for VA)", 25.0e6, 1.0e3, 1.0e10),
        parameter("peak_efficiency_frac", "1", "peak efficiency index (EU 548/2014)", 0.997, 0.9, 0.99999),
        parameter("peak_load_frac", "1", "load fraction of the peak efficiency", 0.4, 0.1, 1.0),
        parameter("power_factor_ratio", "1", "active by apparent power of the load", 0.95, 0.3, 1.0),
        parameter(
            "rated_oil_rise_k", "K", "top-oil temperature above ambient at rating (IEC 60076-2)", 60.0, 10.0, 100.0
        ),
        parameter(
            "oil_time_constant_s", "s", "thermal time constant of the oil (IEC 60076-7)", 10800.0, 600.0, 36000.0
        ),
        parameter(
            "oil_limit_k",
            "K",
            "top oil at which it trips (IEC 60076-7: 105 C)",
            378.15,
            320.0,
            420.0,
            size_from="hot_spot_limit_k - 35",
        ),
        parameter(
            "winding_rise_k", "K", "hot spot of the winding above top oil at rating (IEC 60076-7)", 23.0, 0.0, 60.0
        ),
        parameter(
            "hot_spot_limit_k",
            "K",
            "hot spot at which it trips (IEC 60076-7: 140 C, bubbles)",
            413.15,
            350.0,
            433.15,
        ),
        parameter(
            "restart_oil_k",
            "K",
            "top oil below which it may carry load again",
            358.15,
            300.0,
            400.0,
            size_from="oil_limit_k - 20",
        ),
        parameter("restart_delay_s", "s", "shortest time from a trip until it carries load again", 1800.0, 0.0, 8.64e5),
        state("oil_temperature_k", "K", "temperature of the oil", 288.15),
        memory("no_load_loss_w", "W", "iron loss"),
        memory("load_loss_w", "W", "copper loss at the rating"),
        memory("conductance_w_per_k", "W/K", "heat conductance oil to air"),
        memory("heat_capacity_j_per_k", "J/K", "heat capacity of oil, core and tank"),
        memory("oil_x", "1", "step over the time constant of the oil for which the next was found"),
        memory("oil_decay", "1", "part of a deviation of the oil that is left, mean over the step", default=1.0),
        output("loss_w", "W", "loss"),
        output("load_frac", "1", "apparent power by the rating"),
        *PROTECTION_FIELDS,
    ),
    ports=(
        Port("loads", "power", "out", "power drawn by each load; negative: fed back", writes=False, is_multi=True),
        Port("power", "power", "in", "power drawn on the other side, losses included", writes=True),
        Port("load", "signal", "out", "power drawn, losses included, for the dispatch", unit="W"),
        Port("heat_loss", "heat", "out", "heat given off by the tank's radiators", border="surroundings"),
        Port("ambient_temperature", "signal", "in", "air temperature", default="series.temp_air_degc", unit="K"),
        TRIPPED_PORT,
        OUTAGE_PORT,
        *CARRIED_PORTS,
        Port("fed_back", "power", "out", "fed back from behind it while it is open", unit="W", border="surplus"),
    ),
    step=step,
    begin=begin,
    content=content,
    group="electrical",
    orders=(
        Order("restart_oil_k", "oil_limit_k", "it would trip as soon as it carries load again"),
        Order("oil_limit_k", "hot_spot_limit_k", "the winding is never colder than the oil"),
    ),
    role=Converter(
        tripped="tripped",
        carried="carried",
        load="load_frac",
        limits=(
            HeatLimit("its oil came to", "oil_temperature_k", "oil_limit_k"),
            HeatLimit("the hot spot to", "oil_temperature_k", "hot_spot_limit_k", "winding_rise_k", 1.6),
        ),
        over="within these IEC 60076-7 allows it for a time, at a cost in life above 98 degC of the hot spot",
    ),
    laws=(
        transformer_losses(),
        transformer_peak_efficiency(),
        transformer_oil(),
        transformer_protection(),
        trips_counted(),
        carried_by_emergency(),
        same_load(),
    ),
    costs=(cost("transformer", ("rating_w",), 25.0e6, 550.0e3, 0.75, ESTIMATE, life_years=30.0, fixed_cost_frac=0.01),),
)
