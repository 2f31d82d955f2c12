"""Planned: all lines follow a plan made ahead, interval by interval, within the limits of all kinds of dispatch."""

from dataclasses import replace

from h2plant.core.bus import LINE_WIDTH, MINIMUM, UNPLANNED_W, ZERO
from h2plant.core.declare import Kind, Port, output, parameter
from h2plant.core.jit import kernel, leaf
from h2plant.core.status import NO_PLAN
from h2plant.dispatch.declaration import PORTS, ROLE, RULE_FIELDS
from h2plant.dispatch.serve import (
    accepted_power,
    battery_limits,
    begin_serving_with,
    end_serving,
    end_serving_with,
    own_power,
    own_surplus,
    power_before_lines,
    serve_request,
)
from h2plant.laws.dispatch import planned, rule_laws
from h2plant.laws.plan import plan_battery, plan_battery_first, plan_load


@kernel
def battery_before_lines(c, bus):
    """Return the power, W, that batteries take before the lines by the plan; below 0: that they give to them.

    They take no more than own power, and what the plan buys, leave beside the smallest powers of the planned lines.
    """
    plan = bus[c.battery_plan]
    if plan >= UNPLANNED_W:
        return 0.0
    charge, discharge = battery_limits(c, bus)
    if plan <= 0.0:
        return max(plan, -discharge)
    free = own_power(c, bus) - power_before_lines(c, bus) + max(bus[c.purchase_plan], 0.0)
    for i in range(c.n_lines):
        if bus[c.plans + i] > 0.0:
            free -= bus[c.lines + i * LINE_WIDTH + MINIMUM]
    return min(plan, charge, max(free, 0.0))


@leaf
def battery_within_grid(c, bus, battery_w):
    """Return the power, W, that batteries take in the end: what the grid would not, and no more than it can give."""
    surplus = own_surplus(c, bus)
    if c.grid_limit != ZERO:
        battery_w = min(battery_w, surplus + bus[c.grid_limit])
    return max(battery_w, surplus - accepted_power(c, bus))


@kernel
def step(c, bus, props, dt):
    """Follow the plan of this interval; a plan below 0 is none."""
    for i in range(c.n_lines):
        if bus[c.plans + i] < 0.0:
            return NO_PLAN
    c.load_frac = min(max(bus[c.load_plan], 0.0), 1.0)
    if c.storage_level != ZERO and bus[c.storage_level] <= 0.0:
        c.load_frac = 0.0
    bus[c.load] = c.load_frac
    battery_w = battery_before_lines(c, bus)
    left, purchase = begin_serving_with(c, bus, dt, battery_w), max(bus[c.purchase_plan], 0.0)
    for i in range(c.n_lines):
        left, purchase = serve_request(c, bus, dt, c.lines + i * LINE_WIDTH, left, purchase, bus[c.plans + i])
    if bus[c.battery_plan] >= UNPLANNED_W:
        return end_serving(c, bus, left)
    return end_serving_with(c, bus, battery_within_grid(c, bus, battery_w))


def _rule_port(port):
    """Return a port of all rules; the level of the one hydrogen store is read without a link."""
    return replace(port, default="role.Store.hydrogen_level") if port.name == "storage_level" else port


KIND = Kind(
    name="planned",
    doc="All lines follow a plan for the day ahead, found by an optimiser on a reduced model of the plant.",
    fields=(
        parameter(
            "hydrogen_value_eur_per_kg",
            "EUR/kg",
            "worth of hydrogen from own power; 0: the price of the customers that take what there is",
            9.6,
            0.0,
            100.0,
        ),
        parameter(
            "grid_hydrogen_value_eur_per_kg", "EUR/kg", "worth of hydrogen from bought power", 2.0, -100.0, 100.0
        ),
        parameter(
            "plan_interval_s", "s", "length of an interval of the plan: 900, 1800 or 3600", 3600.0, 900.0, 3600.0
        ),
        parameter("horizon_s", "s", "how far each plan looks ahead", 129600.0, 86400.0, 604800.0),
        parameter(
            "wind_forecast_error_frac",
            "1",
            "standard deviation of the forecast of own power, by its largest value; 0: known",
            0.0,
            0.0,
            1.0,
        ),
        parameter("forecast_persistence_frac", "1", "correlation of that error from hour to hour", 0.9, 0.0, 0.999),
        parameter("n_forecast_seed", "1", "seed of that error", 1.0, 0.0, 4294967295.0, is_whole=True),
        parameter("firm_demand_frac", "1", "share of timetables and contracts that the plan must serve", 0.0, 0.0, 1.0),
        parameter("optimality_gap_frac", "1", "gap to the best plan at which the search ends", 0.005, 0.0, 0.2),
        parameter(
            "is_relaxed",
            "1",
            "1: lines may run in part: a linear program, quicker, less exact",
            0.0,
            0.0,
            1.0,
            is_whole=True,
        ),
        *RULE_FIELDS,
        output("load_frac", "1", "load asked of fuel cells and engines"),
    ),
    ports=(
        *(_rule_port(port) for port in PORTS),
        Port(
            "plans",
            "signal",
            "in",
            "planned power of each line",
            is_multi=True,
            paired_with="lines",
            default="plan.lines",
            unit="W",
        ),
        Port(
            "purchase_plan",
            "signal",
            "in",
            "power that may be bought for the lines",
            default="series.plan_purchase_w",
            unit="W",
        ),
        Port(
            "battery_plan",
            "signal",
            "in",
            "planned power that batteries take; below 0: that they give",
            default="series.plan_battery_w",
            unit="W",
        ),
        Port(
            "load_plan",
            "signal",
            "in",
            "planned load of fuel cells and engines, 0 to 1",
            default="series.plan_load_frac",
            unit="1",
        ),
        Port("load", "signal", "out", "load asked of fuel cells and engines, 0 to 1", unit="1"),
    ),
    step=step,
    group="dispatch",
    role=replace(ROLE, is_planned=True, load="load"),
    laws=(*rule_laws(), plan_battery(), plan_battery_first(), plan_load(), planned()),
    costs=(),
)
