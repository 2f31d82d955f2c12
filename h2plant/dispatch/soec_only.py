"""SOEC only: own power to the first line alone, the SOEC line of the reference plant, the rest to the grid."""

from h2plant.core.bus import LINE_WIDTH, MAXIMUM
from h2plant.core.declare import Kind
from h2plant.core.jit import kernel
from h2plant.dispatch.declaration import PORTS, ROLE, RULE_FIELDS
from h2plant.dispatch.serve import begin_serving, end_serving, serve_line
from h2plant.laws.battery_dispatch import surplus_battery
from h2plant.laws.dispatch import first_line_only, rule_laws


@kernel
def step(c, bus, props, dt):
    """Give own power to the first line and what it cannot take to the grid."""
    left = begin_serving(c, bus, dt)
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        left = serve_line(c, bus, dt, line, left, bus[line + MAXIMUM] if i == 0 else 0.0, 0.0, 0.0)
    return end_serving(c, bus, left)


KIND = Kind(
    name="soec_only",
    doc="Own power to the first line alone, the rest to the grid.",
    fields=RULE_FIELDS,
    ports=PORTS,
    step=step,
    group="dispatch",
    role=ROLE,
    laws=(*rule_laws(), surplus_battery(), first_line_only()),
    costs=(),
)
