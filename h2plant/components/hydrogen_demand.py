"""A customer at the border: wants hydrogen by a weekly pattern or a series, and settles its contract by the period."""

import math
from types import SimpleNamespace

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import SHORT_FRAC
from h2plant.core.contract import Contract
from h2plant.core.declare import Kind, Port, choice, counter, memory, output, parameter, state
from h2plant.core.jit import kernel, leaf, plain
from h2plant.core.role import Offtake
from h2plant.core.served import Served
from h2plant.core.sizing import empty_window
from h2plant.core.status import MISSED_DELIVERY, OK, OUT_OF_RANGE
from h2plant.laws.demand import DEMAND_LAWS
from h2plant.physics.day_window import hours_within, window_length
from h2plant.physics.shortage import is_short
from h2plant.physics.stream import hand_over

_HOUR_S = 3600.0
_DAY_S = 86400.0
_DAY_H = 24.0
_WEEK_H = 168.0
_QUARTER_H = 0.25  # resolution of the calendar's series
_EDGE_H = 1.0e-7  # nearer to the end of a period is the end


@leaf
def series_flow(c, bus):
    """Return what all series together want, kg/s."""
    flow = 0.0
    for i in range(c.n_profile):
        flow += max(bus[c.profile + i], 0.0)
    return flow


@leaf
def period_h(c):
    """Return the length of a period of settlement, h, from its place among the words."""
    if c.settlement < 0.5:
        return _DAY_H
    return 1.0 if c.settlement < 1.5 else _WEEK_H


@leaf
def working_flow(c):
    """Return the flow of the hours of a working day, kg/s."""
    hours = window_length(c.day_start_h, c.day_end_h)
    return c.kg_per_day / (_HOUR_S * (hours + c.night_frac * (_DAY_H - hours)))


@leaf
def of_day(c, day):
    """Return the demand of a day (0: Monday) as a share of that of a working day."""
    if day > 5.5:
        return c.sunday_frac
    return c.saturday_frac if day > 4.5 else 1.0


@kernel
def wanted(c, start_h, length_h):
    """Return what the pattern wants in an interval, kg; start in hours of the week, length in hours."""
    flow = working_flow(c)
    at, left, kg = start_h % _WEEK_H, length_h, 0.0
    while left > 0.0:
        day = math.floor(at / _DAY_H)
        hour = at - _DAY_H * day
        piece = min(left, _DAY_H - hour)
        by_day = hours_within(c.day_start_h, c.day_end_h, hour, hour + piece)
        kg += of_day(c, day) * flow * _HOUR_S * (by_day + c.night_frac * (piece - by_day))
        left -= piece
        at = _DAY_H * (day + 1.0)
        if at >= _WEEK_H:
            at = 0.0
    return kg


@kernel
def begin(c, props):
    """Know the largest flow of the pattern; a pattern without an hour in which it wants anything is refused."""
    hours = window_length(c.day_start_h, c.day_end_h)
    if hours + c.night_frac * (_DAY_H - hours) <= 0.0:
        return OUT_OF_RANGE
    c.peak_kg_per_s = working_flow(c) * max(1.0 if hours > 0.0 else 0.0, c.night_frac if hours < _DAY_H else 0.0)
    c.peak_kg_per_s *= max(1.0, c.saturday_frac, c.sunday_frac)
    c.read_h = -1.0
    return OK


@leaf
def clock(c, read_h, length_h):
    """Go on from the start of a quarter hour, which is all that the calendar's series tells of shorter steps."""
    if read_h != c.read_h:
        c.read_h = read_h
        c.hour_h = read_h
    else:
        c.hour_h = min(c.hour_h + length_h, read_h + max(_QUARTER_H - length_h, 0.0))


@kernel
def emit(c, bus, props, dt):
    """Say what is still owed: until local midnight, within an hour, and on the day after."""
    clock(c, bus[c.hour_of_week], dt / _HOUR_S)
    hour = c.hour_h
    left_h = _DAY_H - hour % _DAY_H
    if c.n_profile > 0:
        flow = series_flow(c, bus)
        today, soon, tomorrow = flow * left_h * _HOUR_S, flow * _HOUR_S, flow * _DAY_S
    else:
        today = wanted(c, hour, left_h)
        soon = wanted(c, hour, 1.0)
        tomorrow = wanted(c, hour + left_h, _DAY_H)
    bus[c.owed_today] = max(c.owed_kg + today, 0.0)
    bus[c.owed_soon] = max(c.owed_kg + soon, 0.0)
    bus[c.owed_tomorrow] = tomorrow
    return OK


@leaf
def settled(c, price, dt):
    """Settle the period: returns (what the plant pays for what is missing, what the customer pays for not taking), EUR.

    Of what the customer asked for, the plant owes the contract at most; of the contract, the customer takes or pays a
    share, whatever the plant could give. Where less than 0.1 % is late, nothing is missing: it is late still.
    """
    missing, late = 0.0, 0.0
    if c.owed_kg > SHORT_FRAC * c.asked_kg:
        missing = c.owed_kg
    else:
        late = max(c.owed_kg, 0.0)
    contract = c.asked_kg
    untaken = 0.0
    if c.contract_kg_per_s > 0.0:
        contract = c.contract_kg_per_s * c.period_s
        untaken = max(c.take_or_pay_frac * contract - c.asked_kg, 0.0)
    penalised = max(min(missing, contract - (c.asked_kg - missing)), 0.0)
    c.missed_kg += missing
    c.untaken_kg += untaken
    c.owed_kg = late
    c.asked_kg = 0.0
    c.period_s = 0.0
    return penalised * c.penalty_eur_per_kg, untaken * price


@kernel
def step(c, bus, props, dt):
    """Take over what arrives, note what is owed, settle at the end of a period, and ask for the next interval."""
    h2, o2, n2, vapour, liquid = hand_over(bus, c.inlet, c.delivered)
    flow = h2 + o2 + n2 + vapour + liquid
    length_h = dt / _HOUR_S
    hour = c.hour_h
    due = wanted(c, hour, length_h) / dt
    if c.n_profile > 0:
        due = series_flow(c, bus)
        c.peak_kg_per_s = max(c.peak_kg_per_s, due)
    price = bus[c.price]
    if price == 0.0:
        price = c.price_eur_per_kg
    price += c.certified_premium_eur_per_kg * bus[c.certified_share]
    sold = h2 * price

    # asked for in the step before: a flow, and of hydrogen no less than what is wanted, late or not
    least = min(due, c.due_kg_per_s, c.demand_kg_per_s)
    if is_short(flow, c.demand_kg_per_s) or is_short(h2, least):
        c.short_s += dt
    waiting = max(c.owed_kg, 0.0)
    missed = c.missed_kg
    c.owed_kg += (due - h2) * dt
    c.asked_kg += due * dt
    c.period_s += dt
    c.delivered_kg += h2 * dt
    penalty, paid_untaken, lacking = 0.0, 0.0, 0.0
    length = period_h(c)
    at = hour + _EDGE_H
    if math.floor((at + length_h) / length) > math.floor(at / length):
        lacking = c.owed_kg / c.period_s
        penalty, paid_untaken = settled(c, price, dt)
    c.short_kg += max(c.owed_kg, 0.0) - waiting + (c.missed_kg - missed)
    c.sold_eur += sold * dt
    c.penalty_eur += penalty
    c.take_or_pay_eur += paid_untaken
    bus[c.revenue] = sold + (paid_untaken - penalty) / dt

    # what is asked for now flows in the next step
    base = due
    if c.n_profile == 0:
        base = wanted(c, hour + length_h, length_h) / dt
    demand = min(max(base + c.owed_kg / dt, 0.0), max(c.catch_up_ratio * c.peak_kg_per_s, base))
    bus[c.demand] = demand
    c.demand_kg_per_s = demand
    c.due_kg_per_s = due
    c.flow_kg_per_s = flow
    if c.missed_kg > missed:
        bus[EVENT_AMOUNT] = lacking
        return MISSED_DELIVERY
    return OK


def _contradictions(values):
    """Yield where its day has no hour."""
    yield from empty_window(values, "day_start_h", "day_end_h")


def largest_flow(values, start_h, length_h):
    """Return what the pattern wants on the mean of an interval, kg/s.

    ``start_h`` is the local hour of the week at its start, ``length_h`` its length, h.
    """
    return plain(wanted, {})(SimpleNamespace(**values), start_h, length_h) / (_HOUR_S * length_h)


def contract(values):
    """Return the terms under which it is served."""
    c = SimpleNamespace(**values)
    flow = c.contract_kg_per_s if c.contract_kg_per_s > 0.0 else math.inf
    return Contract(c.penalty_eur_per_kg, plain(period_h, {})(c), c.catch_up_ratio, flow)


KIND = Kind(
    name="hydrogen_demand",
    doc="Customer at the border: hydrogen by the day, by a weekly pattern or a series, with price, penalty, contract.",
    fields=(
        parameter("kg_per_day", "kg/day", "hydrogen that it wants on a working day", 500.0, 0.0, 1.0e7),
        parameter("price_eur_per_kg", "EUR/kg", "price of the hydrogen", 6.0, -100.0, 1000.0),
        parameter(
            "penalty_eur_per_kg", "EUR/kg", "paid for what is missing when the period is settled", 0.0, 0.0, 1000.0
        ),
        choice("settlement", "period, local time, at whose end what is missing is settled", ("day", "hour", "week")),
        parameter(
            "catch_up_ratio",
            "1",
            "flow at which what is late is taken, by the largest flow of pattern or series so far",
            2.0,
            1.0,
            1000.0,
        ),
        parameter("day_start_h", "h", "hour at which its day begins, local time", 0.0, 0.0, 24.0),
        parameter(
            "day_end_h",
            "h",
            "hour at which its day ends, local time; before the start: on the next day",
            24.0,
            0.0,
            24.0,
        ),
        parameter("night_frac", "1", "flow in the other hours by that of its day", 0.0, 0.0, 10.0),
        parameter("saturday_frac", "1", "demand on Saturdays by that of a working day", 1.0, 0.0, 10.0),
        parameter("sunday_frac", "1", "demand on Sundays by that of a working day", 1.0, 0.0, 10.0),
        parameter(
            "contract_kg_per_s",
            "kg/s",
            "flow of the contract on the mean of a period: no penalty beyond it (0: all that it asks for)",
            0.0,
            0.0,
            1000.0,
        ),
        parameter("take_or_pay_frac", "1", "share of the contract that it pays for, asked for or not", 0.0, 0.0, 1.0),
        parameter(
            "certified_premium_eur_per_kg",
            "EUR/kg",
            "paid on top of the price for the share that is certified ('certified_share')",
            0.0,
            -100.0,
            1000.0,
        ),
        state("hour_h", "h", "local hour of the week at the start of the step"),
        state("owed_kg", "kg", "late in this period; negative: taken ahead"),
        state("asked_kg", "kg", "asked for in this period so far"),
        state("period_s", "s", "time of this period so far"),
        counter("delivered_kg", "kg", "hydrogen delivered"),
        counter("missed_kg", "kg", "missing when a period was settled"),
        counter("untaken_kg", "kg", "paid for and not asked for (take or pay)"),
        counter("sold_eur", "EUR", "paid for what was delivered"),
        counter("penalty_eur", "EUR", "penalties for what was missing"),
        counter("take_or_pay_eur", "EUR", "paid for what was not asked for"),
        memory("read_h", "h", "hour of the week as it was last read"),
        memory("short_s", "s", "time in which it got less than 99.9 % of what it asked for", is_counter=True),
        memory("short_kg", "kg", "what is late now, and was missing when periods were settled", is_counter=True),
        state("peak_kg_per_s", "kg/s", "largest flow of the pattern, or of the series so far"),
        output("flow_kg_per_s", "kg/s", "flow delivered"),
        output("due_kg_per_s", "kg/s", "flow that it wants"),
        output("demand_kg_per_s", "kg/s", "flow asked for, with what is late"),
    ),
    ports=(
        Port("inlet", "stream", "in", "hydrogen", is_required=True),
        Port("delivered", "stream", "out", "hydrogen that the customer takes over", border="sold"),
        Port("demand", "signal", "out", "flow asked for", unit="kg/s"),
        Port(
            "profile",
            "signal",
            "in",
            "flow that it wants by a series, in place of the pattern; several add up",
            is_multi=True,
            unit="kg/s",
        ),
        Port(
            "hour_of_week",
            "signal",
            "in",
            "local hour of the week, Monday 0 h is 0",
            default="series.calendar_hour_of_week",
            unit="h",
        ),
        Port("price", "signal", "in", "price of hydrogen; 0: the parameter", unit="EUR/kg"),
        Port(
            "certified_share",
            "signal",
            "in",
            "share of the hydrogen that is certified",
            default="role.OriginMonitor.certified",
            unit="1",
        ),
        Port("owed_today", "signal", "out", "late, and wanted until local midnight", is_emitted=True, unit="kg"),
        Port("owed_soon", "signal", "out", "late, and wanted within an hour", is_emitted=True, unit="kg"),
        Port("owed_tomorrow", "signal", "out", "wanted on the day after", is_emitted=True, unit="kg"),
        Port("revenue", "money", "in", "earned, less penalties, EUR/s", writes=True),
    ),
    step=step,
    emit=emit,
    begin=begin,
    laws=DEMAND_LAWS,
    contradictions=_contradictions,
    role=Offtake(
        price="price_eur_per_kg",
        flow="flow_kg_per_s",
        demand="demand",
        unserved=("short_kg",),
        served=(Served("hydrogen", short=("short_kg",), given=("inlet",), time="short_s"),),
        largest_flow=largest_flow,
        owed_today="owed_today",
        owed_soon="owed_soon",
        owed_tomorrow="owed_tomorrow",
        penalty="penalty_eur",
        paid="sold_eur",
        premium="certified_premium_eur_per_kg",
        contract=contract,
        profile="profile",
        late="owed_kg",
    ),
    costs=(),
)
