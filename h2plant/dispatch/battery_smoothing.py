"""Battery smoothing: lines follow own power without its lulls, which batteries carry them through."""

from dataclasses import replace

from h2plant.core.bus import HELD, IS_ON, LINE_WIDTH, MAXIMUM, MIN_UP, MINIMUM, START_MARGIN, TIME
from h2plant.core.declare import Kind, Port, counter, memory, parameter, state
from h2plant.core.exponential import exponential_less_one
from h2plant.core.jit import kernel, leaf
from h2plant.dispatch.declaration import PORTS, ROLE, RULE_FIELDS
from h2plant.dispatch.serve import (
    battery_limits,
    begin_serving_with,
    end_serving_with,
    own_power,
    own_surplus,
    power_before_lines,
    serve_line,
)
from h2plant.laws.battery_dispatch import battery_smoothing, smoothed_power, starts_avoided
from h2plant.laws.dispatch import follows_wind, rule_laws


@leaf
def mean_level(c, bus):
    """Return the mean state of charge of the batteries; that which they are to have where there are none."""
    if c.n_battery_level == 0:
        return c.target_level_frac
    level = 0.0
    for i in range(c.n_battery_level):
        level += bus[c.battery_level + i]
    return level / c.n_battery_level


@kernel
def smoothing_power(c, bus, own_w, charge_w, discharge_w):
    """Return the power, W, that batteries take before the lines; below 0: that they give to them.

    They make up the difference of own power to its smoothed course, raised where they are fuller than they are to be
    and lowered where they are emptier. Lines that run get their smallest powers whatever the course; where none runs,
    nothing is given, for a line starts on own power.
    """
    off = c.level_gain_ratio * (mean_level(c, bus) - c.target_level_frac)
    course = c.smooth_w + off * (discharge_w if off > 0.0 else charge_w)
    running = 0.0
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        if bus[line + IS_ON] > 0.5:
            running += bus[line + MINIMUM]
    power = min(max(own_w - max(course, running), -discharge_w), charge_w)
    return power if running > 0.0 else max(power, 0.0)


@kernel
def count_starts_avoided(c, bus, own_w):
    """Count the lulls that a running line came through: own power alone would have stopped it, and started it anew."""
    left = own_w
    carried = int(c.carried_lines)
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        bit = 1 << i
        if bus[line + IS_ON] < 0.5:
            carried &= ~bit
        elif left < bus[line + MINIMUM] and bus[line + HELD] > bus[line + MIN_UP]:
            carried |= bit
        elif left >= bus[line + MINIMUM] * bus[line + START_MARGIN] and (carried >> i) & 1 == 1:
            carried &= ~bit
            c.n_starts_avoided += 1.0
        left = max(left - bus[line + MAXIMUM], 0.0)
    c.carried_lines = float(carried)


@kernel
def step(c, bus, props, dt):
    """Serve the lines with smoothed own power, the first one first; batteries take what they leave."""
    own = own_power(c, bus) - power_before_lines(c, bus)
    if bus[TIME] > 0.0:
        c.smooth_w += (own - c.smooth_w) * -exponential_less_one(-dt / c.smoothing_time_s)
    else:
        c.smooth_w = own
    charge, discharge = battery_limits(c, bus)
    left = begin_serving_with(c, bus, dt, smoothing_power(c, bus, own, charge, discharge))
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        left = serve_line(c, bus, dt, line, left, bus[line + MAXIMUM], 0.0, 0.0)
    count_starts_avoided(c, bus, own)
    return end_serving_with(c, bus, own_surplus(c, bus))


KIND = Kind(
    name="battery_smoothing",
    doc="Own power to the lines in their order, smoothed by batteries, which carry running lines through lulls.",
    fields=(
        parameter("smoothing_time_s", "s", "time constant over which own power is smoothed", 1800.0, 1.0, 8.64e5),
        parameter("target_level_frac", "1", "state of charge that batteries come back to", 0.5, 0.0, 1.0),
        parameter(
            "level_gain_ratio",
            "1",
            "share of what they can give, or take, by how far they are above it, or below",
            1.0,
            0.0,
            100.0,
        ),
        *RULE_FIELDS,
        state("smooth_w", "W", "smoothed own power, auxiliaries taken off"),
        counter("n_starts_avoided", "1", "lulls through which batteries carried a running line"),
        memory("carried_lines", "1", "bits of the lines that batteries carry through a lull"),
    ),
    ports=(
        *PORTS,
        Port(
            "battery_level",
            "signal",
            "in",
            "state of charge of each battery",
            is_multi=True,
            is_lagged=True,
            default="role.Battery.level",
            unit="1",
        ),
    ),
    step=step,
    group="dispatch",
    role=replace(
        ROLE,
        starts_avoided="n_starts_avoided",
        battery_use="has it take what lines leave of own power and give what they lack",
    ),
    laws=(*rule_laws(), battery_smoothing(), follows_wind(), smoothed_power(), starts_avoided()),
    costs=(),
)
