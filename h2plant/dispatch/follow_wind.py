"""Follow the wind: own power to the lines in their order, whatever the price."""

from h2plant.core.bus import LINE_WIDTH, MAXIMUM
from h2plant.core.declare import Kind
from h2plant.core.jit import kernel
from h2plant.dispatch.declaration import PORTS, ROLE, RULE_FIELDS
from h2plant.dispatch.serve import begin_serving, end_serving, serve_line
from h2plant.laws.battery_dispatch import surplus_battery
from h2plant.laws.dispatch import follows_wind, rule_laws


@kernel
def step(c, bus, props, dt):
    """Give own power to the first line, the rest to the next, the rest of that to the grid."""
    left = begin_serving(c, bus, dt)
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        left = serve_line(c, bus, dt, line, left, bus[line + MAXIMUM], 0.0, 0.0)
    return end_serving(c, bus, left)


KIND = Kind(
    name="follow_wind",
    doc="Own power to the lines in their order, the rest to the grid.",
    fields=RULE_FIELDS,
    ports=PORTS,
    step=step,
    group="dispatch",
    role=ROLE,
    laws=(*rule_laws(), surplus_battery(), follows_wind()),
    costs=(),
)
