"""SOEC only: own power to the SOEC line alone, the rest to the grid."""

from h2plant.core.declare import Kind
from h2plant.core.jit import kernel
from h2plant.core.role import Dispatch
from h2plant.dispatch.declaration import PORTS, UNIT_FIELDS
from h2plant.dispatch.setpoints import begin_units, give_setpoints


@kernel
def step(c, bus, props, dt):
    """Give own power to the SOEC line and what it cannot take to the grid."""
    return give_setpoints(c, bus, dt, 1.0, 0.0, 0.0, 0.0, 0.0)


KIND = Kind(
    name="soec_only",
    doc="Own power to the SOEC line alone, the rest to the grid.",
    fields=UNIT_FIELDS,
    ports=PORTS,
    step=step,
    begin=begin_units,
    group="dispatch",
    role=Dispatch(),
    costs=(),
)
