"""Rectifier: alternating to direct current with standby, linear and quadratic losses."""

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.cost import BOEHM_2019, JU_2020, cost
from h2plant.core.declare import Kind, Port, counter, output, parameter
from h2plant.core.jit import kernel
from h2plant.core.role import Converter
from h2plant.core.status import LIMITED, OK
from h2plant.laws.power import converter_balance
from h2plant.laws.rectifier import rectifier_hours, rectifier_loss
from h2plant.physics.electrical import converter_loss

_ROUNDING = 1.0 + 1.0e-9


@kernel
def step(c, bus, props, dt):
    """Draw the loads and the losses from the alternating-current side."""
    load = 0.0
    for i in range(c.n_loads):
        load += bus[c.loads + i]
    if load > 0.0:
        loss = converter_loss(load, c.rating_w, c.standby_loss_frac, c.linear_loss_frac, c.quadratic_loss_frac)
        c.running_h += dt / 3600.0
    else:
        loss = c.rating_w * c.blocked_loss_frac
    power = load + loss
    bus[c.power] = power
    bus[c.heat_loss] = loss
    c.loss_w = loss
    c.load_frac = load / c.rating_w
    c.efficiency_frac = load / power if power > 0.0 else 0.0
    if load > c.rating_w * _ROUNDING:
        bus[EVENT_AMOUNT] = load - c.rating_w
        return LIMITED
    return OK


KIND = Kind(
    name="rectifier",
    doc="Rectifier with its own cooling: three-coefficient loss.",
    fields=(
        parameter("rating_w", "W", "rated direct-current power of all converters together", 12.0e6, 1.0e3, 1.0e10),
        parameter("standby_loss_frac", "1", "loss independent of load while running, by rating", 0.00627, 0.0, 0.1),
        parameter("linear_loss_frac", "1", "loss proportional to load, at rating", 0.01417, 0.0, 0.2),
        parameter("quadratic_loss_frac", "1", "loss growing with the square of the load, at rating", 0.01721, 0.0, 0.2),
        parameter("blocked_loss_frac", "1", "loss without load (controls), by rating", 0.0005, 0.0, 0.05),
        counter("running_h", "h", "hours with load"),
        output("loss_w", "W", "loss"),
        output("load_frac", "1", "direct-current power by the rating"),
        output("efficiency_frac", "1", "direct by alternating power"),
    ),
    ports=(
        Port("loads", "power", "out", "direct-current power drawn by each load", writes=False, is_multi=True),
        Port("power", "power", "in", "alternating-current power drawn", writes=True),
        Port("heat_loss", "heat", "out", "losses, into the cooling of the converter", border="surroundings"),
    ),
    step=step,
    group="electrical",
    role=Converter(),
    laws=(converter_balance(), rectifier_loss(), rectifier_hours()),
    costs=(cost("converters", ("rating_w",), 5.0e6, 560.0e3, 0.9, f"{JU_2020}; {BOEHM_2019}, 15 % less transformer"),),
)
