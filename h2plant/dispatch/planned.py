"""Planned: all lines follow a plan made ahead, interval by interval, within the limits of all kinds of dispatch."""

from dataclasses import replace

from h2plant.core.bus import LINE_WIDTH
from h2plant.core.declare import Kind, Port, parameter
from h2plant.core.jit import kernel
from h2plant.core.status import NO_PLAN
from h2plant.dispatch.declaration import PORTS, ROLE, RULE_FIELDS
from h2plant.dispatch.serve import begin_serving, end_serving, serve_request
from h2plant.laws.battery_dispatch import surplus_battery
from h2plant.laws.dispatch import planned, rule_laws


@kernel
def step(c, bus, props, dt):
    """Follow the plan of this interval; a plan below 0 is none."""
    for i in range(c.n_lines):
        if bus[c.plans + i] < 0.0:
            return NO_PLAN
    left, purchase = begin_serving(c, bus, dt), max(bus[c.purchase_plan], 0.0)
    for i in range(c.n_lines):
        left, purchase = serve_request(c, bus, dt, c.lines + i * LINE_WIDTH, left, purchase, bus[c.plans + i])
    return end_serving(c, bus, left)


KIND = Kind(
    name="planned",
    doc="All lines follow a plan for the day ahead, found by an optimiser on a reduced model of the plant.",
    fields=(
        parameter("hydrogen_value_eur_per_kg", "EUR/kg", "worth of hydrogen from own power", 9.6, 0.0, 100.0),
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
        parameter("n_forecast_seed", "1", "seed of that error", 1.0, 0.0, 4294967295.0),
        parameter("firm_demand_frac", "1", "share of the trailers' timetable that the plan must serve", 0.0, 0.0, 1.0),
        parameter("optimality_gap_frac", "1", "gap to the best plan at which the search ends", 0.005, 0.0, 0.2),
        parameter("is_relaxed", "1", "1: lines may run in part: a linear program, quicker, less exact", 0.0, 0.0, 1.0),
        *RULE_FIELDS,
    ),
    ports=(
        *PORTS,
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
    ),
    step=step,
    group="dispatch",
    role=replace(ROLE, is_planned=True),
    laws=(*rule_laws(), surplus_battery(), planned()),
    costs=(),
)
