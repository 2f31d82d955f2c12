"""Follow the wind: own power to the SOEC, then to the PEM line, whatever the price."""

from h2plant.core.declare import Kind
from h2plant.core.jit import kernel
from h2plant.core.role import Dispatch
from h2plant.dispatch.declaration import PORTS, UNIT_FIELDS
from h2plant.dispatch.setpoints import begin_units, give_setpoints


@kernel
def step(c, bus, props, dt):
    """Give own power to the SOEC line, the rest to the PEM line, the rest of that to the grid."""
    return give_setpoints(c, bus, dt, 1.0, 0.0, 0.0, 1.0, 0.0)


KIND = Kind(
    name="follow_wind",
    doc="Own power first to the SOEC, then to the PEM line, the rest to the grid.",
    fields=UNIT_FIELDS,
    ports=PORTS,
    step=step,
    begin=begin_units,
    group="dispatch",
    role=Dispatch(),
    costs=(),
)
