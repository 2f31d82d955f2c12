"""Trace heating: keeps pipes, drums and valves out of doors from freezing."""

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, counter, output, parameter
from h2plant.core.jit import kernel
from h2plant.core.role import Process
from h2plant.core.status import OK, UNDER_TEMPERATURE
from h2plant.laws.heat import trace_heat, trace_loss
from h2plant.physics.frost import FREEZING_K


@kernel
def step(c, bus, props, dt):
    """Heat with what the insulation loses at the temperature held, as far as the cable reaches."""
    ambient_k = bus[c.ambient_temperature]
    wanted_w = c.loss_w_per_k * (c.temperature_set_k - ambient_k)
    power_w = min(max(wanted_w, 0.0), c.power_max_w)
    held_k = ambient_k
    if c.loss_w_per_k > 0.0:
        held_k += power_w / c.loss_w_per_k
    bus[c.power] = power_w
    bus[c.heat_loss] = power_w
    c.held_temperature_k = held_k
    if power_w > 0.0:
        c.heating_h += dt / 3600.0
    if (c.loss_w_per_k > 0.0) & (held_k < FREEZING_K):
        bus[EVENT_AMOUNT] = FREEZING_K - held_k
        return UNDER_TEMPERATURE
    return OK


KIND = Kind(
    name="trace_heating",
    doc="Trace heating of pipes, drums and valves out of doors, switched by the temperature of the air",
    fields=(
        parameter(
            "loss_w_per_k", "W/K", "what is heated, to the air: insulated pipes, drums, valves", 100.0, 0.0, 1.0e6
        ),
        parameter("temperature_set_k", "K", "temperature held", 278.15, 273.65, 350.0),
        parameter("power_max_w", "W", "power of all heating cables", 4.0e3, 0.0, 1.0e7),
        counter("heating_h", "h", "time with heating"),
        output("held_temperature_k", "K", "temperature that is held; that of the air where it is warmer"),
    ),
    ports=(
        Port("power", "power", "in", "heating cables", writes=True, unit="W", idle_without=("power_max_w",)),
        Port("heat_loss", "heat", "out", "through the insulation to the air", unit="W", border="surroundings"),
        Port("ambient_temperature", "signal", "in", "air", default="series.temp_air_degc", unit="K"),
    ),
    step=step,
    group="heat",
    role=Process("Frost protection"),
    laws=(trace_heat(), trace_loss()),
    # cable, thermostats, cabinets and insulation of pipes of an inch or two: 20 W/m at some 60 EUR/m
    costs=(cost("cables, insulation", ("power_max_w",), 20.0e3, 60.0e3, 0.9, ESTIMATE),),
)
