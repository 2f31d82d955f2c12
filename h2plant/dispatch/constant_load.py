"""Constant load: each line at a fixed share of its largest power, from own power and, for the rest, the grid."""

from h2plant.core.bus import LINE_WIDTH, LOAD, MAXIMUM
from h2plant.core.declare import Kind
from h2plant.core.jit import kernel
from h2plant.dispatch.declaration import PORTS, ROLE, RULE_FIELDS
from h2plant.dispatch.serve import begin_serving, end_serving, serve_line
from h2plant.laws.battery_dispatch import surplus_battery
from h2plant.laws.dispatch import constant_load, rule_laws


@kernel
def step(c, bus, props, dt):
    """Hold each line at its load, as far as storage and supply allow."""
    left = begin_serving(c, bus, dt)
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        load = bus[line + MAXIMUM] * bus[line + LOAD]
        left = serve_line(c, bus, dt, line, left, load, load, 0.0)
    return end_serving(c, bus, left)


KIND = Kind(
    name="constant_load",
    doc="Each line at a fixed load, its 'constant_load_frac', from own power and grid.",
    fields=RULE_FIELDS,
    ports=PORTS,
    step=step,
    group="dispatch",
    role=ROLE,
    laws=(*rule_laws(), surplus_battery(), constant_load()),
    costs=(),
)
