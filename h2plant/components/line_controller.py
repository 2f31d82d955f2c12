"""Line controller: offers its line to the rule of dispatch, shares its power among its units, decides which run.

All that is true of a line stands here: its largest and smallest power, ramps, shortest run, standby, what a start
costs. The rule finds it in one bundle (``core.bus``), writes its decision there, and this step carries it out.
"""

import math

from h2plant.core.bus import (
    BEFORE,
    COLD_START,
    EVENT_AMOUNT,
    EXCESS,
    EXPECTED_REST,
    HELD,
    IDLE,
    IS_BOUGHT_FOR,
    IS_BUYING,
    IS_LOAD_KEPT,
    IS_MAKING,
    IS_ON,
    LOAD,
    MAXIMUM,
    MIN_DOWN,
    MIN_UP,
    MINIMUM,
    OVERHEAD,
    PRICE_LIMIT,
    RAMP_DOWN,
    RAMP_UP,
    REACH,
    RESERVE_LOAD,
    REST_COST,
    SETPOINT,
    SHUT_DOWN,
    SPECIFIC_ENERGY,
    STANDBY,
    START_MARGIN,
    ZERO,
)
from h2plant.core.constants import EUR_PER_MWH, J_PER_KWH
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Order, Port, counter, memory, output, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import LineControl
from h2plant.core.status import LIMITED, OK, OUT_OF_RANGE
from h2plant.laws.line import line_hold, line_offer, line_starts, line_units

_MOST_UNITS = 52  # the set of running units is kept in the bits of one float64
_MANY = 1.0e6  # above any number of units
_ROUNDING = 1.0e-9

FORESEEN_S = 60.0
"""Time constant, s, of a first-order lag (explicit Euler) between what a line draws above its set point and what is
foreseen. What is foreseen lowers the set point; units that come down draw above it by so much more. Without the lag, in
steps of a second, the set point fell to zero that way; at 60 s and more it is what was drawn in the last step."""


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
    """Let the line start at once; what is not said of its power follows from its units."""
    if c.n_unit_setpoints > _MOST_UNITS:
        return OUT_OF_RANGE
    c.since_start_s = c.min_up_s
    c.since_stop_s = c.min_down_s
    c.maximum_w, c.minimum_w = c.line_power_w, c.line_minimum_w
    unit_w = c.unit_power_w / c.conversion_efficiency_frac
    if c.maximum_w < 0.0:
        c.maximum_w = c.n_unit_setpoints * unit_w
    if c.minimum_w < 0.0:
        c.minimum_w = unit_w * c.min_load_frac
    c.held_s = c.line_min_down_s
    c.is_making = 1.0
    return OK


@kernel
def emit(c, bus, props, dt):
    """Offer the line to the rule of dispatch."""
    line = c.line
    if line == ZERO:
        return OK
    bus[line + MAXIMUM] = c.maximum_w
    bus[line + MINIMUM] = c.minimum_w
    bus[line + IDLE] = c.line_idle_w
    bus[line + RAMP_UP] = c.line_ramp_up_w_per_s
    bus[line + RAMP_DOWN] = c.line_ramp_down_w_per_s
    bus[line + MIN_UP] = c.line_min_up_s
    bus[line + MIN_DOWN] = c.line_min_down_s
    bus[line + START_MARGIN] = c.start_margin_ratio
    bus[line + STANDBY] = c.standby_w
    bus[line + COLD_START] = c.cold_start_eur
    bus[line + SPECIFIC_ENERGY] = c.specific_energy_j_per_kg
    bus[line + PRICE_LIMIT] = c.price_limit_eur_per_j
    bus[line + LOAD] = c.constant_load_frac
    bus[line + RESERVE_LOAD] = c.reserve_load_frac
    bus[line + IS_BOUGHT_FOR] = c.is_bought_for
    bus[line + IS_LOAD_KEPT] = c.is_load_kept
    bus[line + EXPECTED_REST] = bus[c.expected_rest]
    bus[line + REACH] = -1.0
    if c.forecast_power != ZERO:
        bus[line + REACH] = bus[c.forecast_power]
    drawn = 0.0
    for i in range(c.n_drawn):
        drawn += bus[c.drawn + i]
    c.excess_w += (max(drawn - c.setpoint_w, 0.0) - c.excess_w) * min(dt / FORESEEN_S, 1.0)
    bus[line + EXCESS] = c.excess_w
    bus[line + IS_ON] = c.is_on
    bus[line + HELD] = c.held_s
    bus[line + SETPOINT] = c.setpoint_w
    bus[line + REST_COST] = c.rest_cost_eur
    bus[line + IS_MAKING] = c.is_making
    bus[line + IS_BUYING] = c.is_buying
    bus[line + BEFORE] = c.before_w
    bus[line + OVERHEAD] = c.overhead_w
    bus[line + SHUT_DOWN] = 0.0
    return OK


@leaf
def decided(c, bus):
    """Keep what the rule decided of the line; returns the power that it is to take, W."""
    line = c.line
    if line == ZERO:
        bus[c.shut_down] = 0.0
        return bus[c.setpoint]
    c.is_on = bus[line + IS_ON]
    c.held_s = bus[line + HELD]
    c.setpoint_w = bus[line + SETPOINT]
    c.rest_cost_eur = bus[line + REST_COST]
    c.is_making = bus[line + IS_MAKING]
    c.is_buying = bus[line + IS_BUYING]
    c.before_w = bus[line + BEFORE]
    c.overhead_w = bus[line + OVERHEAD]
    bus[c.shut_down] = bus[line + SHUT_DOWN]
    return c.setpoint_w


@leaf
def is_fed(c, bus, i, line_trips):
    """Return whether none of the converters above a unit has tripped; each unit has as many of its own."""
    tripped = line_trips
    n_above = c.n_unit_trips // c.n_unit_setpoints
    for k in range(i * n_above, (i + 1) * n_above):
        tripped = max(tripped, bus[c.unit_trips + k])
    return tripped < 0.5


@kernel
def step(c, bus, props, dt):
    """Decide the number of running units and which, and give each the same share."""
    n_units = c.n_unit_setpoints
    wanted = decided(c, bus) * c.conversion_efficiency_frac
    running = int(c.running_units)
    n_ready = 0
    ready = 0
    n_running = 0
    line_trips = 0.0
    for k in range(c.n_line_trips):
        line_trips += bus[c.line_trips + k]
    unit_trips = 0.0
    for k in range(c.n_unit_trips):
        unit_trips += bus[c.unit_trips + k]
    for i in range(n_units):
        if i >= c.n_unit_ready or bus[c.unit_ready + i] > 0.5:
            if line_trips + unit_trips > 0.5 and not is_fed(c, bus, i, line_trips):
                continue
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
    doc="A line of equal units: what it can and costs, for the rule of dispatch; which of them run.",
    fields=(
        parameter("line_power_w", "W", "largest power of the line (below 0: what its units take)", -1.0, -1.0),
        parameter("line_minimum_w", "W", "smallest power of the running line (below 0: that of a unit)", -1.0, -1.0),
        parameter("line_idle_w", "W", "set point of the line when it is not to run", 0.0, 0.0),
        parameter("line_ramp_up_w_per_s", "W/s", "fastest rise of the line's set point (0: at once)", 0.0, 0.0),
        parameter("line_ramp_down_w_per_s", "W/s", "fastest fall of the line's set point (0: at once)", 0.0, 0.0),
        parameter("line_min_up_s", "s", "shortest run of the line", 1800.0, 0.0),
        parameter("line_min_down_s", "s", "shortest rest of the line", 600.0, 0.0),
        parameter("start_margin_ratio", "1", "power at which the line starts, by its smallest power", 1.5, 1.0, 100.0),
        parameter("standby_w", "W", "power that keeps the line hot at rest (0: free, never shut down)", 0.0, 0.0),
        parameter("cold_start_eur", "EUR", "cost of a cold start of the line instead of a hot one", 0.0, 0.0),
        parameter(
            "specific_energy_j_per_kg",
            "J/kg",
            "electricity of the plant for one kilogram of this line, all included",
            55.0 * J_PER_KWH,
            1.0e8,
            1.0e9,
        ),
        parameter("price_limit_eur_per_j", "EUR/J", "price up to which it runs", 60.0 * EUR_PER_MWH, -1e-5, 1e-5),
        parameter("constant_load_frac", "1", "load under the rule 'constant_load'", 1.0, 0.0, 1.0),
        parameter("reserve_load_frac", "1", "load while the storage is below its reserve", 1.0, 0.0, 1.0),
        parameter(
            "is_bought_for",
            "1",
            "1: power is bought for it, where the rule 'economic_spot' does",
            1.0,
            0.0,
            1.0,
            is_whole=True,
        ),
        parameter(
            "is_load_kept",
            "1",
            "1: above its threshold price it keeps its load, and only more is sold, under 'hybrid_arbitrage'",
            0.0,
            0.0,
            1.0,
            is_whole=True,
        ),
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
        memory("maximum_w", "W", "largest power of the line"),
        memory("minimum_w", "W", "smallest power of the running line"),
        state("is_on", "1", "1: the line is to run"),
        state("held_s", "s", "time since this was last decided otherwise"),
        state("setpoint_w", "W", "set point of the line, alternating current"),
        state("rest_cost_eur", "EUR", "cost of keeping the line hot since it last ran"),
        memory("before_w", "W", "power that came before the lines when it last was at rest"),
        memory("excess_w", "W", "power that it draws above its set point, as foreseen"),
        memory("overhead_w", "W", "by how much that rises while it runs near its smallest power"),
        memory("is_making", "1", "1: own power is worth more in the line than sold"),
        memory("is_buying", "1", "1: bought power pays in the line"),
        output("n_running", "1", "units that run"),
        output("unit_setpoint_w", "W", "set point of each running unit"),
    ),
    ports=(
        Port("line", "line", "out", "the line, for the rule of dispatch; its decision comes back", is_emitted=True),
        Port("setpoint", "signal", "in", "power of the line where no rule of dispatch serves it", unit="W"),
        Port("expected_rest", "signal", "in", "rest to come, where a plan knows it", is_lagged=True, unit="s"),
        Port(
            "forecast_power",
            "signal",
            "in",
            "own power at the end of the line's ramp; unlinked: not looked at",
            is_lagged=True,
            unit="W",
        ),
        Port(
            "drawn",
            "signal",
            "in",
            "power that its units drew from the bus",
            is_multi=True,
            is_lagged=True,
            default="power.own",
            unit="W",
        ),
        Port("shut_down", "signal", "out", "1: the line is to cool down rather than stay hot", unit="1"),
        Port("is_running", "signal", "out", "1 while any unit runs, for the line's pumps", unit="1"),
        Port(
            "unit_setpoints",
            "signal",
            "out",
            "power of each unit, direct current",
            is_multi=True,
            most_links=_MOST_UNITS,
            most_remedy="take fewer and larger units, or part them among several lines (blocks, line controllers)",
            unit="W",
        ),
        Port("unit_hours", "signal", "in", "hours run by each unit", is_multi=True, is_lagged=True, unit="h"),
        Port("unit_starts", "signal", "in", "starts of each unit", is_multi=True, is_lagged=True, unit="1"),
        Port("unit_ready", "signal", "in", "1: the unit can run; 0: tripped", is_multi=True, is_lagged=True, unit="1"),
        Port(
            "unit_trips",
            "signal",
            "in",
            "1: tripped; of the converters above each unit alone, as many for each, unit by unit",
            is_multi=True,
            is_lagged=True,
            default="power.unit_trips",
            unit="1",
        ),
        Port(
            "line_trips",
            "signal",
            "in",
            "1: tripped; of the converters above all units",
            is_multi=True,
            is_lagged=True,
            default="power.line_trips",
            unit="1",
            fault="outage",
        ),
    ),
    step=step,
    emit=emit,
    begin=begin,
    group="dispatch",
    orders=(Order("min_load_frac", "preferred_load_frac", "units would be asked for less than they can"),),
    role=LineControl(ready="unit_ready"),
    laws=(line_offer(), line_hold(), line_units(), line_starts()),
    costs=(cost("control system", (), 1.0, 100.0e3, 1.0, ESTIMATE, life_years=10.0, fixed_cost_frac=0.05),),
)
