"""The step that all kinds of dispatch share: lines are served one after the other from what sources and grid leave."""

from h2plant.core.bus import (
    BEFORE,
    COLD_START,
    EXCESS,
    EXPECTED_REST,
    HELD,
    IDLE,
    IS_ON,
    LINE_WIDTH,
    LINES_OFF_W,
    MAXIMUM,
    MIN_DOWN,
    MIN_UP,
    MINIMUM,
    OVERHEAD,
    RAMP_DOWN,
    RAMP_UP,
    REACH,
    RESERVE_LOAD,
    REST_COST,
    SETPOINT,
    SHUT_DOWN,
    STANDBY,
    START_MARGIN,
    TIME,
    ZERO,
)
from h2plant.core.constants import DAY_S
from h2plant.core.jit import kernel, leaf
from h2plant.core.status import OK
from h2plant.dispatch.rule import (
    after_draw,
    cools_down,
    filled_up,
    idle_cost,
    is_below_reserve,
    line_setpoint,
    power_budget,
    storage_throttle,
)

TREND_TIME_S = 600.0
"""Time over which the trend of own power is averaged."""
SETTLING_TIME_S = 600.0
"""Time over which it is learned what comes with a line that runs: heating, steam, compressors."""
MOST_OVERHEAD = 2.0
"""By how many times its smallest power what comes with a line may raise the power at which it starts."""


@kernel
def own_power(c, bus):
    """Return the power, W, of all own sources."""
    power = 0.0
    for i in range(c.n_available_power):
        power += bus[c.available_power + i]
    return power


@kernel
def auxiliary_power(c, bus):
    """Return the power, W, of all auxiliaries."""
    power = 0.0
    for i in range(c.n_auxiliary_load):
        power += bus[c.auxiliary_load + i]
    return power


@kernel
def power_before_lines(c, bus):
    """Return the power, W, that is spoken for: auxiliaries, the store of the bus, what lines draw above set points.

    A line draws above its set point while its cells are heated or come down their ramp; what it drew so in the last
    step is foreseen for this one.
    """
    power = auxiliary_power(c, bus)
    if bus[c.reserve] < LINES_OFF_W:
        power += bus[c.reserve]
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        power += bus[line + EXCESS]
    return power


@kernel
def begin_serving(c, bus, dt):
    """Look at storage, sources and grid; returns what the lines are served from, W (``begin_serving_with``)."""
    return begin_serving_with(c, bus, dt, 0.0)


@kernel
def begin_serving_with(c, bus, dt, battery_w):
    """Look at storage, sources and grid; returns what the lines are served from, W.

    ``battery_w`` is the power that batteries take before the lines; below 0: that they give to them.

    Returns
    -------
    own
        Own power.
    grid
        Power that may be bought.
    kept
        Power that may be bought so that a line goes on for its shortest run: matching does not stop it in the midst.
    beyond
        Power of ``grid`` that would raise the import beyond its peak: bought where it must be, not where it pays.
    """
    level = bus[c.storage_level]
    c.throttle_frac = storage_throttle(level, c.throttle_level_frac, c.full_level_frac)
    c.is_below_reserve = is_below_reserve(c.is_below_reserve, level, c.reserve_level_frac, c.reserve_band_frac)
    limit, kept_free = c.purchase_limit_w, bus[c.margin]
    if c.grid_limit != ZERO:
        limit = min(limit, max(bus[c.grid_limit] - kept_free, 0.0))
        kept_free = max(kept_free - bus[c.grid_limit], 0.0)
    c.is_dark = 1.0 if bus[c.reserve] >= LINES_OFF_W else 0.0
    available, before = own_power(c, bus), power_before_lines(c, bus)
    ahead = before + kept_free + battery_w
    own, grid = power_budget(available, ahead, limit)
    _, below_peak = power_budget(available, ahead, min(limit, c.import_peak_w))
    c.battery_plan_w = battery_w
    if c.is_dark > 0.5:
        own, grid = 0.0, 0.0
    c.planned_import_w = max(before - available, 0.0)
    if bus[TIME] > 0.0:
        c.trend_w_per_s += ((available - c.available_w) / dt - c.trend_w_per_s) * min(dt / TREND_TIME_S, 1.0)
    c.available_w = available
    c.before_w = before
    kept = grid
    if c.rfnbo > 0.5:
        allowed = bus[c.monthly_allowance] if c.rfnbo < 1.5 else bus[c.hourly_allowance]
        own, grid, kept = min(own, allowed), min(grid, max(allowed - own, 0.0)), kept + max(own - allowed, 0.0)
    return own, grid, kept, max(grid - below_peak, 0.0)


@leaf
def whatever_the_peak(left):
    """Return what lines are served from, where all that may be bought is, beyond the peak as well."""
    return left[0], left[1], left[2], 0.0


@kernel
def held_minimum(c, bus, line):
    """Return the power, W, of the lines after one that run and must go on for their shortest run."""
    power = 0.0
    for i in range(c.n_lines):
        other = c.lines + i * LINE_WIDTH
        if other > line and bus[other + IS_ON] > 0.5 and bus[other + HELD] < bus[other + MIN_UP]:
            power += bus[other + MINIMUM]
    return power


@kernel
def serve_line(c, bus, dt, line, left, own_w, bought_w, is_kept):
    """Serve a line and write its set point; returns what is left, as ``begin_serving`` does.

    Parameters
    ----------
    line
        Its first slot.
    left
        (own, grid, kept, beyond), W.
    own_w, bought_w
        Power that it takes from own power (0: sold), and up to which it fills up by buying, below the peak. Below the
        reserve of the storage it buys, whatever the rule says, beyond the peak as well.
    is_kept
        > 0.5: a line that takes nothing keeps its power of the step before, as far as own power carries it.
    """
    all_own, all_grid, all_kept, beyond = left
    aside = held_minimum(c, bus, line)
    own = max(all_own - aside, 0.0)
    bought_aside = max(aside - all_own, 0.0)
    grid, kept = max(all_grid - bought_aside, 0.0), max(all_kept - bought_aside, 0.0)
    maximum, minimum = bus[line + MAXIMUM], bus[line + MINIMUM]
    cap = maximum * c.throttle_frac
    ceiling = own
    if bus[line + REACH] >= 0.0:
        ceiling = min(own, bus[line + REACH])
    target = min(own_w, cap, ceiling)
    # what is there for it over its shortest run, whatever it asks for
    expected = ceiling + min(c.trend_w_per_s, 0.0) * 0.5 * bus[line + MIN_UP]
    if is_kept > 0.5:
        target = max(target, min(bus[line + SETPOINT], cap, ceiling))
    reach = own + max(grid - beyond, 0.0)
    bought_w = min(bought_w, reach)
    if c.is_below_reserve > 0.5:
        bought_w = max(bought_w, maximum * bus[line + RESERVE_LOAD])
        reach = own + grid
    if bought_w > 0.0:
        target = max(target, min(bought_w, cap, own + grid))
        expected = max(expected, reach)
    overhead = min(max(bus[line + OVERHEAD], 0.0), MOST_OVERHEAD * minimum)
    start = min(minimum * bus[line + START_MARGIN] + overhead, maximum)
    is_on, held, power = line_setpoint(
        bus[line + IS_ON],
        bus[line + HELD],
        bus[line + SETPOINT],
        target,
        expected,
        (minimum, cap, own + grid, own + kept, bus[line + IDLE], start),
        (bus[line + RAMP_UP], bus[line + RAMP_DOWN]),
        (bus[line + MIN_UP], bus[line + MIN_DOWN]),
        dt,
    )
    price = bus[c.price]
    standby = bus[line + STANDBY]
    cost = idle_cost(is_on, bus[line + REST_COST], standby, price, dt)
    if is_on < 0.5:
        bus[line + BEFORE] = c.before_w
        bus[line + OVERHEAD] *= max(1.0 - dt / DAY_S, 0.0)  # what others draw may have been taken for the line's
    elif power <= 2.0 * minimum:
        rise = c.before_w - bus[line + BEFORE]
        bus[line + OVERHEAD] += (rise - bus[line + OVERHEAD]) * min(dt / SETTLING_TIME_S, 1.0)
    bus[line + IS_ON] = is_on
    bus[line + HELD] = held
    bus[line + SETPOINT] = power
    bus[line + REST_COST] = cost
    bus[line + SHUT_DOWN] = c.is_dark
    if is_on < 0.5 and c.is_dark < 0.5:
        bus[line + SHUT_DOWN] = cools_down(cost, bus[line + EXPECTED_REST], standby, price, bus[line + COLD_START])
    bought = max(power - all_own, 0.0)
    c.planned_import_w += bought
    own, grid = after_draw(all_own, all_grid, power)
    return own, grid, max(all_kept - bought, 0.0), beyond


@kernel
def battery_limits(c, bus):
    """Return (power that batteries can take, power that they can give) in this step, W."""
    charge = 0.0
    discharge = 0.0
    for i in range(c.n_battery_charge):
        charge += bus[c.battery_charge + i]
    for i in range(c.n_battery_discharge):
        discharge += bus[c.battery_discharge + i]
    return charge, discharge


@kernel
def accepted_power(c, bus):
    """Return the power, W, that the grid would take."""
    power = 0.0
    for i in range(c.n_grid_accepts):
        power += bus[c.grid_accepts + i]
    return power


@kernel
def own_surplus(c, bus):
    """Return the own power, W, that auxiliaries and lines leave, as they were served; below 0: what is lacking."""
    surplus = c.available_w - c.before_w
    for i in range(c.n_lines):
        surplus -= bus[c.lines + i * LINE_WIDTH + SETPOINT]
    return surplus


@kernel
def end_serving(c, bus, left):
    """Say what is left of own power, and what is to be bought.

    Batteries take what the grid would not, and give before anything is bought.
    """
    if c.n_battery_charge == 0:
        bus[c.battery_share] = 0.0
        c.planned_export_w = left[0]
        return _end(c, bus)
    surplus = own_surplus(c, bus)
    return end_serving_with(c, bus, max(surplus - accepted_power(c, bus), 0.0) if surplus > 0.0 else surplus)


@kernel
def end_serving_with(c, bus, battery_w):
    """Have batteries take a power, W, below 0: give it, as far as they can; say what is to be bought and sold then."""
    charge, discharge = battery_limits(c, bus)
    power = min(max(battery_w, -discharge), charge)
    share = 0.0
    if power > 0.0:
        share = power / charge
    elif power < 0.0:
        share = power / discharge
    bus[c.battery_share] = share
    c.battery_w = power
    left = own_surplus(c, bus) - power
    c.planned_export_w = max(left, 0.0)
    c.planned_import_w = max(-left, 0.0)
    return _end(c, bus)


@leaf
def _end(c, bus):
    """Say what is to be bought, as far as the grid gives it."""
    if c.grid_limit != ZERO:
        c.planned_import_w = min(c.planned_import_w, bus[c.grid_limit])
    bus[c.planned_import] = c.planned_import_w
    return OK


@kernel
def serve_request(c, bus, dt, line, left, purchase, requested_w):
    """Serve a line up to a requested power, W; returns what is left, and what is left of ``purchase``, W.

    It takes own power up to its request and buys what is missing, all lines together up to ``purchase``. Beyond that,
    power is bought for the minimum of a line that is requested to run, so that a lull does not stop it.
    """
    requested = min(max(requested_w, 0.0), bus[line + MAXIMUM])
    top = filled_up(requested, bus[line + MINIMUM], left[0] + purchase)
    _, purchase = after_draw(left[0], purchase, top)
    return serve_line(c, bus, dt, line, left, requested, top, 0.0), purchase
