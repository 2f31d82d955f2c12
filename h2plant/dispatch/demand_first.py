"""Demand first: customers get what they are owed, bought for if need be; more is made where it is worth its power."""

from dataclasses import replace

from h2plant.core.bus import IS_MAKING, LINE_WIDTH, MAXIMUM, MINIMUM, PRICE_LIMIT, SPECIFIC_ENERGY
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import Kind, Port, output, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.dispatch.declaration import PORTS, ROLE, RULE_FIELDS
from h2plant.dispatch.rule import below_band, break_even_price
from h2plant.dispatch.serve import begin_serving, end_serving, serve_line, whatever_the_peak
from h2plant.laws.battery_dispatch import surplus_battery
from h2plant.laws.demand_first import demand_first_flow, demand_first_needs, demand_first_price
from h2plant.laws.dispatch import rule_laws

_HOUR_S = 3600.0
_DAY_H = 24.0
_CATCH_UP_S = 3600.0
"""Time in which own power is to make what is needed: what is needed little is made slowly, rather than now and then."""


@leaf
def total(bus, first, n):
    """Return the sum of the links of a port."""
    found = 0.0
    for i in range(n):
        found += bus[first + i]
    return found


@leaf
def held(is_on, starts, ends):
    """Return 1.0 from where something starts until it ends."""
    if starts:
        return 1.0
    return 0.0 if ends else is_on


@kernel
def reachable_flow(c, bus, power_w):
    """Return the hydrogen that the lines could make of a power, kg/s, in their order."""
    flow, left = 0.0, power_w
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        power = min(bus[line + MAXIMUM], left)
        if power >= bus[line + MINIMUM]:
            flow += power / bus[line + SPECIFIC_ENERGY]
            left -= power
    return flow


@kernel
def needed_flow(c, bus, dt, power_w):
    """Find out what customers need; returns the flow for which own power is taken, and that which is bought for, kg/s.

    Lacking is what is owed until midnight, with a share of tomorrow's demand in reserve, less what stores can give.
    From then on own power makes it, and a band beyond it, at the rate that would take an hour. Power is bought for it
    once it takes a share of all that the lines could make until then; and, whatever the day, when the stores hold less
    than what is owed within the hour, until they hold twice as much.
    """
    today = total(bus, c.owed_today, c.n_owed_today)
    soon = total(bus, c.owed_soon, c.n_owed_soon)
    tomorrow = total(bus, c.owed_tomorrow, c.n_owed_tomorrow)
    stored = max(total(bus, c.storage_surplus, c.n_storage_surplus), 0.0)
    left_s = max((_DAY_H - bus[c.hour_of_week] % _DAY_H) * _HOUR_S, dt)
    lacking = today + c.reserve_ratio * tomorrow - stored
    by_midnight = lacking / left_s
    by_hour = (2.0 * soon - stored) / _HOUR_S
    with_band = lacking + c.band_h / _DAY_H * tomorrow
    c.lacking_kg = lacking
    c.is_needed = held(c.is_needed, lacking > 0.0 or stored < soon, with_band <= 0.0 and by_hour <= 0.0)
    most = reachable_flow(c, bus, power_w)
    c.is_late = held(c.is_late, 0.0 < c.urgency_frac * most <= by_midnight, lacking <= 0.0)
    c.is_low = held(c.is_low, stored < soon, by_hour <= 0.0)
    own = c.is_needed * max(with_band / max(_CATCH_UP_S, dt), by_hour)
    return own, max(c.is_late * by_midnight, c.is_low * by_hour)


@leaf
def asked_power(flow, energy, least, most):
    """Return the power, W, that a line is asked for to make a flow, kg/s, and the flow that is left to others."""
    if not flow > 0.0:
        return 0.0, 0.0
    return max(min(flow * energy, most), least), max(flow - most / energy, 0.0)


@kernel
def step(c, bus, props, dt):
    """Make what is needed of own power, buy what cannot wait, and make more while its price is low."""
    left = whatever_the_peak(begin_serving(c, bus, dt))
    own_flow, bought_flow = needed_flow(c, bus, dt, left[0] + left[1])
    c.needed_kg_per_s = max(own_flow, 0.0)
    c.bought_for_kg_per_s = max(bought_flow, 0.0)
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        most = bus[line + MAXIMUM]
        energy = bus[line + SPECIFIC_ENERGY]
        limit = bus[line + PRICE_LIMIT]
        if c.hydrogen_value_eur_per_kg > 0.0:
            limit = break_even_price(c.hydrogen_value_eur_per_kg, energy)
        is_worth = below_band(bus[line + IS_MAKING], bus[c.price], limit, c.price_band_eur_per_j)
        bus[line + IS_MAKING] = is_worth
        own_w, own_flow = asked_power(own_flow, energy, bus[line + MINIMUM], most)
        bought_w, bought_flow = asked_power(bought_flow, energy, bus[line + MINIMUM], most)
        own_w = max(own_w, most * is_worth)
        left = serve_line(c, bus, dt, line, left, own_w, bought_w, 0.0)
    return end_serving(c, bus, left)


def _rule_port(port):
    """Return a port of all rules; the level of the one hydrogen store is read without a link."""
    return replace(port, default="role.Store.hydrogen_level") if port.name == "storage_level" else port


def _sum_port(name, doc, default):
    """Return a port that adds up what all components of a role say, kg."""
    return Port(name, "signal", "in", doc, is_multi=True, default=default, unit="kg")


KIND = Kind(
    name="demand_first",
    doc="Customers first, bought for if need be; more hydrogen of own power below a price, else it is sold.",
    fields=(
        parameter(
            "reserve_ratio", "1", "hydrogen in store at midnight, by the demand of the day after", 0.25, 0.0, 100.0
        ),
        parameter(
            "urgency_frac",
            "1",
            "share of what the lines can make until midnight from which on power is bought (0: as soon as any lacks)",
            0.5,
            0.0,
            1.0,
        ),
        parameter(
            "hydrogen_value_eur_per_kg",
            "EUR/kg",
            "worth of hydrogen beyond the demand; 0: each line's own 'price_limit' holds",
            0.0,
            0.0,
            100.0,
        ),
        parameter(
            "band_h",
            "h",
            "hours of the next day's demand that are made beyond need before need is over",
            6.0,
            0.0,
            8760.0,
        ),
        parameter("price_band_eur_per_j", "EUR/J", "half of the hysteresis band", 5.0 * EUR_PER_MWH, 0.0, 1.0e-6),
        *RULE_FIELDS,
        state("is_needed", "1", "1: customers need more than is stored, and own power is theirs"),
        state("is_late", "1", "1: what lacks until midnight cannot wait, and power is bought for it"),
        state("is_low", "1", "1: stores hold too little for the hour, and power is bought for it"),
        output("lacking_kg", "kg", "owed until midnight, with the reserve, less what stores can give"),
        output("needed_kg_per_s", "kg/s", "hydrogen for which own power is taken, whatever it would sell for"),
        output("bought_for_kg_per_s", "kg/s", "hydrogen for which power is bought"),
    ),
    ports=(
        *(_rule_port(port) for port in PORTS),
        _sum_port("owed_today", "late, and wanted by customers until local midnight", "role.Offtake.owed_today"),
        _sum_port("owed_soon", "late, and wanted by customers within an hour", "role.Offtake.owed_soon"),
        _sum_port("owed_tomorrow", "wanted by customers on the day after", "role.Offtake.owed_tomorrow"),
        _sum_port("storage_surplus", "what stores can give", "role.Store.surplus"),
        Port(
            "hour_of_week",
            "signal",
            "in",
            "local hour of the week, Monday 0 h is 0",
            default="series.calendar_hour_of_week",
            unit="h",
        ),
    ),
    step=step,
    group="dispatch",
    role=ROLE,
    laws=(*rule_laws(), surplus_battery(), demand_first_needs(), demand_first_price(), demand_first_flow()),
    costs=(),
)
