"""Constant load: each line at a fixed share of its rating, from own power and, for the rest, the grid."""

from h2plant.core.declare import Kind, parameter
from h2plant.core.jit import kernel
from h2plant.core.role import Dispatch
from h2plant.dispatch.declaration import PORTS, UNIT_FIELDS
from h2plant.dispatch.setpoints import begin_units, give_setpoints


@kernel
def step(c, bus, props, dt):
    """Hold both lines at their load, as far as storage and import limit allow."""
    return give_setpoints(c, bus, dt, c.soec_load_frac, c.soec_load_frac, 0.0, c.pem_load_frac, c.pem_load_frac)


KIND = Kind(
    name="constant_load",
    doc="Both lines at a fixed load from wind and grid.",
    fields=(
        parameter("soec_load_frac", "1", "load of the SOEC line", 1.0, 0.0, 1.0),
        parameter("pem_load_frac", "1", "load of the PEM line", 1.0, 0.0, 1.0),
        *UNIT_FIELDS,
    ),
    ports=PORTS,
    step=step,
    begin=begin_units,
    group="dispatch",
    role=Dispatch(),
    costs=(),
)
