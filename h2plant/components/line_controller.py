"""Line controller: shares a line's power among its units, decides how many run and which."""

import math

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, counter, memory, output, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Control
from h2plant.core.status import LIMITED, OK, OUT_OF_RANGE

_MOST_UNITS = 52  # the set of running units is kept in the bits of one float64
_MANY = 1.0e6  # above any number of units
_ROUNDING = 1.0e-9


@kernel
def unit_count(wanted_w, n_running, n_ready, unit_power_w, preferred_load_frac, min_load_frac, hysteresis_frac):
    """Return how many units should run for a wanted power, from how many do (all W on the units' side).

    A unit more when the running ones are loaded above the preferred load, one less when those left would be
    below it by the hysteresis; never so many that a unit is below its minimum load.
    """
    if not wanted_w > 0.0:  # also NaN
        return 0
    preferred = unit_power_w * preferred_load_frac
    n_low = math.ceil(min(wanted_w / preferred * (1.0 - _ROUNDING), _MANY))
    n_high = math.ceil(min(wanted_w / (preferred * (1.0 - hysteresis_frac)), _MANY))
    count = min(max(n_running, n_low), n_high)
    minimum = unit_power_w * min_load_frac
    if minimum > 0.0:
        n_most = math.floor(min(wanted_w / minimum * (1.0 + _ROUNDING), _MANY))
        n_most_to_start = math.floor(min(wanted_w / (minimum * (1.0 + hysteresis_frac)), _MANY))
        count = min(count, n_most)
        if count > n_running:
            count = max(n_running, min(count, n_most_to_start))
    return int(min(count, n_ready))


@leaf
def wear_h(bus, i, records, start_hours_h):
    """Return the wear of a unit in hours of running: those that it ran, and so many for each of its starts."""
    hours, starts, n_starts = records
    if start_hours_h > 0.0 and i < n_starts:
        return bus[hours + i] + start_hours_h * bus[starts + i]
    return bus[hours + i]


@kernel
def unit_to_start(bus, records, n_hours, start_hours_h, running, ready, n_units, next_unit):
    """Return the ready unit at rest with the least wear (without hours: next in turn); -1 if none."""
    best = -1
    for k in range(n_units):
        i = (next_unit + k) % n_units
        if (ready >> i) & 1 == 1 and (running >> i) & 1 == 0:
            if i >= n_hours:
                if best < 0:
                    best = i
            elif best < 0 or wear_h(bus, i, records, start_hours_h) < wear_h(bus, best, records, start_hours_h):
                best = i
    return best


@kernel
def unit_to_stop(bus, records, n_hours, start_hours_h, running, n_units, next_unit):
    """Return the running unit with the most wear (without hours: the one that has run longest); -1 if none."""
    best = -1
    for k in range(n_units):
        i = (next_unit + k) % n_units
        if (running >> i) & 1 == 1:
            if i >= n_hours:
                if best < 0:
                    best = i
            elif best < 0 or wear_h(bus, i, records, start_hours_h) > wear_h(bus, best, records, start_hours_h):
                best = i
    return best


@kernel
def begin(c, props):
    """Let the line start at once."""
    if c.n_unit_setpoints > _MOST_UNITS:
        return OUT_OF_RANGE
    c.since_start_s = c.min_up_s
    c.since_stop_s = c.min_down_s
    return OK


@kernel
def step(c, bus, props, dt):
    """Decide the number of running units and which, and give each the same share."""
    n_units = c.n_unit_setpoints
    wanted = bus[c.setpoint] * c.conversion_efficiency_frac
    running = int(c.running_units)
    n_ready = 0
    ready = 0
    n_running = 0
    for i in range(n_units):
        if i >= c.n_unit_ready or bus[c.unit_ready + i] > 0.5:
            ready |= 1 << i
            n_ready += 1
            n_running += (running >> i) & 1
    running &= ready  # a unit that tripped has stopped by itself
    count = unit_count(
        wanted, n_running, n_ready, c.unit_power_w, c.preferred_load_frac, c.min_load_frac, c.hysteresis_frac
    )
    records = (c.unit_hours, c.unit_starts, c.n_unit_starts)
    per_start = c.start_hours_h
    n_hours = c.n_unit_hours
    can_start = c.since_stop_s >= c.min_down_s
    can_stop = c.since_start_s >= c.min_up_s or wanted <= 0.0
    is_turned = False
    if count > n_running and can_start:
        while n_running < count:
            i = unit_to_start(bus, records, n_hours, per_start, running, ready, n_units, int(c.next_unit))
            running |= 1 << i
            c.next_unit = (i + 1) % n_units
            c.n_starts += 1.0
            n_running += 1
        c.since_start_s = 0.0
        is_turned = True
    elif count < n_running and can_stop:
        while n_running > count:
            running -= 1 << unit_to_stop(bus, records, n_hours, per_start, running, n_units, int(c.next_unit))
            n_running -= 1
        c.since_stop_s = 0.0
        is_turned = True
    elif c.since_turn_s >= c.rotation_period_s and 0 < n_running < n_ready and can_start and can_stop:
        i = unit_to_start(bus, records, n_hours, per_start, running, ready, n_units, int(c.next_unit))
        j = unit_to_stop(bus, records, n_hours, per_start, running, n_units, int(c.next_unit))
        is_turned = True
        is_known = i < n_hours and j < n_hours
        if not is_known or wear_h(bus, i, records, per_start) < wear_h(bus, j, records, per_start):
            running += (1 << i) - (1 << j)
            c.next_unit = (i + 1) % n_units
            c.n_starts += 1.0
            c.since_start_s = 0.0
            c.since_stop_s = 0.0
    if is_turned:
        c.since_turn_s = 0.0
    c.since_start_s += dt
    c.since_stop_s += dt
    c.since_turn_s += dt
    share = 0.0
    if n_running > 0:
        share = min(max(wanted / n_running, c.unit_power_w * c.min_load_frac), c.unit_power_w)
    for i in range(n_units):
        bus[c.unit_setpoints + i] = share if (running >> i) & 1 == 1 else 0.0
    c.running_units = float(running)
    c.n_running = float(n_running)
    c.unit_setpoint_w = share
    bus[c.is_running] = 1.0 if n_running > 0 else 0.0
    most = n_running * c.unit_power_w
    if wanted > most * (1.0 + _ROUNDING) and wanted >= c.unit_power_w * c.min_load_frac * (1.0 + c.hysteresis_frac):
        bus[EVENT_AMOUNT] = (wanted - most) / c.conversion_efficiency_frac
        return LIMITED
    return OK


KIND = Kind(
    name="line_controller",
    doc="Shares the power of a line among equal units: number, rotation, hold times.",
    fields=(
        parameter("unit_power_w", "W", "largest power of one unit, direct current", 1.92e6, 1.0),
        parameter("min_load_frac", "1", "smallest load of a running unit by its largest", 0.0625, 0.0, 1.0),
        parameter("preferred_load_frac", "1", "load above which one more unit is started", 1.0, 0.05, 1.0),
        parameter(
            "hysteresis_frac", "1", "band on the load before a unit is stopped or the first is started", 0.1, 0.0, 0.9
        ),
        parameter("conversion_efficiency_frac", "1", "direct power by alternating power of the line", 0.96, 0.1, 1.0),
        parameter("min_up_s", "s", "shortest run of a unit, unless the set point is zero", 1800.0, 0.0),
        parameter("min_down_s", "s", "shortest rest of a unit", 600.0, 0.0),
        parameter("rotation_period_s", "s", "time without a change after which one unit is exchanged", 604800.0, 60.0),
        parameter("start_hours_h", "h", "hours of running that a start wears as much as", 0.0, 0.0, 1.0e5),
        memory("running_units", "1", "bits of the running units"),
        memory("next_unit", "1", "unit whose turn is next where no hours are known"),
        state("since_start_s", "s", "time since a unit was last started"),
        state("since_stop_s", "s", "time since a unit was last stopped"),
        state("since_turn_s", "s", "time since the set of running units was last decided"),
        counter("n_starts", "1", "starts of all units"),
        output("n_running", "1", "units that run"),
        output("unit_setpoint_w", "W", "set point of each running unit"),
    ),
    ports=(
        Port("setpoint", "signal", "in", "power of the line, alternating current", is_required=True, unit="W"),
        Port("is_running", "signal", "out", "1 while any unit runs, for the line's pumps", unit="1"),
        Port("unit_setpoints", "signal", "out", "power of each unit, direct current", is_multi=True, unit="W"),
        Port("unit_hours", "signal", "in", "hours run by each unit", is_multi=True, is_lagged=True, unit="h"),
        Port("unit_starts", "signal", "in", "starts of each unit", is_multi=True, is_lagged=True, unit="1"),
        Port("unit_ready", "signal", "in", "1: the unit can run; 0: tripped", is_multi=True, is_lagged=True, unit="1"),
    ),
    step=step,
    begin=begin,
    group="dispatch",
    role=Control(),
    costs=(cost("control system", (), 1.0, 100.0e3, 1.0, ESTIMATE, life_years=10.0, fixed_cost_frac=0.05),),
)
