"""Power bus: sums what is supplied and drawn; the grid takes up the difference in the same step."""

from h2plant.core.declare import Kind, Port, output
from h2plant.core.jit import kernel
from h2plant.core.role import Converter
from h2plant.core.status import OK


@kernel
def step(c, bus, props, dt):
    """Ask the grid for consumption minus supply."""
    load = 0.0
    for i in range(c.n_consumers):
        load += bus[c.consumers + i]
    supply = 0.0
    for i in range(c.n_supplies):
        supply += bus[c.supplies + i]
    bus[c.grid] = load - supply
    bus[c.load] = load
    c.load_w = load
    c.supply_w = supply
    return OK


KIND = Kind(
    name="power_bus",
    doc="Bus bar without losses: supplies and consumers meet, the grid balances.",
    fields=(
        output("load_w", "W", "power drawn by all consumers"),
        output("supply_w", "W", "power given by all supplies, the grid not counted"),
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
        Port("load", "signal", "out", "power drawn by all consumers", unit="W"),
    ),
    step=step,
    group="electrical",
    role=Converter(),
    costs=(),
)
