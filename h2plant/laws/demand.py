"""Laws of a customer with a contract: what it wants, what is late, what is settled and paid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import FloatArray, Law, Row, Seen, SumLaw, Term, at_least, at_most, equal, sum_law, within
from h2plant.core.law_constants import SHORT_FRAC
from h2plant.laws.delivery import delivery_balance, open_since_midnight
from h2plant.laws.storage import either_short

_CONTRACT = "contract: parameters of the component"
_WEEK_H = 168.0


def pattern_kg(seen: Seen, start_h: FloatArray, length_h: FloatArray | float) -> FloatArray:
    """Return what the weekly pattern wants from an hour of the week on, kg: a difference of sums from Monday on."""
    p = seen.parameter
    first, last, of_night = p("day_start_h"), p("day_end_h"), p("night_frac")
    of_day = float(open_since_midnight(np.array(24.0), first, last))
    per_hour = p("kg_per_day") / (of_day + of_night * (24.0 - of_day))
    weights = np.array([1.0] * 5 + [p("saturday_frac"), p("sunday_frac")])
    of_week = p("kg_per_day") * weights.sum()

    def since_monday(hour: FloatArray) -> FloatArray:
        weeks, rest = np.divmod(hour, _WEEK_H)
        total = weeks * of_week
        for day in range(7):
            inside = np.clip(rest - 24.0 * day, 0.0, 24.0)
            open_h = open_since_midnight(inside, first, last)
            total = total + weights[day] * per_hour * (open_h + of_night * (inside - open_h))
        return np.asarray(total)

    return np.asarray(since_monday(start_h + length_h) - since_monday(start_h))


def _rounding_kg(seen: Seen) -> float:
    """Return what rounding of hours makes of a week's demand, kg."""
    return 1.0e-11 * 7.0 * seen.parameter("kg_per_day")


def _due(seen: Seen, later_h: float = 0.0) -> FloatArray:
    """Return the flow that the customer wants in a step, or so many hours later, kg/s."""
    if seen.is_linked("profile"):
        return sum((np.maximum(one, 0.0) for one in seen.each("profile")), seen.nothing)
    length_h = seen.step_s / 3600.0
    return pattern_kg(seen, seen.after("hour_h") + later_h, length_h) / seen.step_s


def demand_clock() -> Law:
    """Return: a customer's clock shows what it reads, and goes on within a quarter of an hour."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        read, hour, length_h = seen.at("hour_of_week"), seen.after("hour_h"), seen.step_s / 3600.0
        most = read + max(0.25 - length_h, 0.0)
        goes_on = np.minimum(seen.before("hour_h") + length_h, most)
        yield np.fmin(equal(hour, read, abs_=1.0e-9), equal(hour, goes_on, abs_=1.0e-9))
        yield within(hour, read, most, abs_=1.0e-9)

    return Law(
        "demand-clock",
        "the hour of the week is that of the calendar, whose quarter hours are parted into steps",
        "h = h_read, then dh = dt within a quarter of an hour",
        "the calendar's series: quarter hours",
        check,
    )


def demand_profile() -> Law:
    """Return: the customer wants what its pattern or its series says, and says what is to come."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        dt, off = seen.step_s, _rounding_kg(seen)
        due = _due(seen)
        yield equal(seen.after("due_kg_per_s"), due, abs_=off / dt)
        hour, late = seen.after("hour_h"), seen.before("owed_kg")
        left_h = 24.0 - np.mod(hour, 24.0)
        if seen.is_linked("profile"):
            today, soon, tomorrow = due * left_h * 3600.0, due * 3600.0, due * 86400.0
        else:
            today, soon = pattern_kg(seen, hour, left_h), pattern_kg(seen, hour, 1.0)
            tomorrow = pattern_kg(seen, hour + left_h, 24.0)
        digits = off + 1.0e-9 * np.abs(late)
        yield equal(seen.at("owed_today"), np.maximum(late + today, 0.0), abs_=digits)
        yield equal(seen.at("owed_soon"), np.maximum(late + soon, 0.0), abs_=digits)
        yield equal(seen.at("owed_tomorrow"), tomorrow, abs_=digits)

    return Law(
        "demand-profile",
        "a customer wants what its pattern of the week, or its series, says",
        "m_due = m_day / (t_day + f_night t_night) by day, f_night of it by night, f_Saturday and f_Sunday at weekends",
        _CONTRACT,
        check,
    )


def demand_asked() -> Law:
    """Return: what is asked for next is what will be wanted and what is late, within the flow that it can take."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        dt, off = seen.step_s, _rounding_kg(seen)
        base, late = _due(seen, dt / 3600.0), seen.after("owed_kg")
        peak = seen.after("peak_kg_per_s")
        most = np.maximum(seen.parameter("catch_up_ratio") * peak, base)
        digits = (off + 1.0e-9 * np.abs(late)) / dt + 1.0e-9 * peak
        yield equal(seen.at("demand"), np.clip(base + late / dt, 0.0, most), abs_=digits)
        yield equal(seen.at("demand"), seen.after("demand_kg_per_s"))
        yield at_least(peak, _due(seen), abs_=off / dt)
        inlet, asked = seen.stream("inlet"), seen.before("demand_kg_per_s")
        due = np.minimum(seen.after("due_kg_per_s"), seen.before("due_kg_per_s"))
        yield from either_short(seen, (inlet.mass, asked), (inlet.h2, np.minimum(due, asked)))

    return Law(
        "demand-asked",
        "a customer asks for what it wants next and what is late, and the time in which it gets too little is counted",
        "m_asked = min(m_due + m_late/dt, r m_peak); dt_short = dt where m_in < 0.999 m_asked or m_H2 < 0.999 m_due",
        "definition of asked, given and short (Served); " + _CONTRACT,
        check,
    )


def _is_settled(seen: Seen) -> np.ndarray:
    """Return whether a period ends with a step."""
    length = (24.0, 1.0, _WEEK_H)[round(seen.parameter("settlement"))]
    hour = seen.after("hour_h") + 1.0e-7
    return np.asarray(np.floor((hour + seen.step_s / 3600.0) / length) > np.floor(hour / length))


def demand_settlement() -> Law:
    """Return: what is late is carried to the end of the period, and settled there by the contract."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, dt = seen.parameter, seen.step_s
        ends = _is_settled(seen)
        due, flow = seen.after("due_kg_per_s") * dt, seen.stream("inlet").h2 * dt
        late, asked = seen.before("owed_kg") + due - flow, seen.before("asked_kg") + due
        time = seen.before("period_s") + dt
        digits = 1.0e-9 * (np.abs(late) + asked + flow)
        for name, value in (("asked_kg", asked), ("period_s", time)):
            yield equal(seen.after(name), np.where(ends, 0.0, value), abs_=digits)
        missing = np.where(late > SHORT_FRAC * asked, late, 0.0)
        ends_clear = np.abs(late - SHORT_FRAC * asked) > digits
        left = np.where(ends, np.maximum(late, 0.0) - missing, late)
        yield equal(seen.after("owed_kg"), left, abs_=digits, where=~ends | ends_clear)
        missed = np.where(ends, missing, 0.0)
        rounding = digits + seen.rounding("missed_kg")
        yield equal(seen.change("missed_kg"), missed, abs_=rounding, where=~ends | ends_clear)
        # what it is short of: late now, and missing at the ends of periods
        more = np.maximum(seen.after("owed_kg"), 0.0) - np.maximum(seen.before("owed_kg"), 0.0)
        short = more + seen.change("missed_kg")
        yield equal(seen.change("short_kg"), short, abs_=digits + 2.0 * seen.rounding("short_kg"))

        contract = np.full(seen.n, p("contract_kg_per_s")) * time
        has_contract = p("contract_kg_per_s") > 0.0
        owed = np.minimum(asked, contract) if has_contract else asked
        penalised = np.where(ends, np.maximum(owed - (asked - missing), 0.0), 0.0)
        untaken = np.where(ends, np.maximum(p("take_or_pay_frac") * contract - asked, 0.0), 0.0)
        untaken = untaken if has_contract else seen.nothing
        price = _price(seen)
        for name, value, per_kg in (
            ("penalty_eur", penalised, p("penalty_eur_per_kg")),
            ("untaken_kg", untaken, 1.0),
            ("take_or_pay_eur", untaken, price),
        ):
            yield equal(seen.change(name), value * per_kg, abs_=digits * np.abs(per_kg) + seen.rounding(name))
        yield at_most(seen.change("penalty_eur"), seen.change("missed_kg") * p("penalty_eur_per_kg"), abs_=1.0e-6)

    return Law(
        "demand-settlement",
        "what is late is carried to the end of the period; there it is missing, and paid for up to the contract",
        "dm_late/dt = m_due - m_in; K = p_penalty max(min(m_asked, m_contract) - m_delivered, 0); "
        "m_untaken = max(f m_contract - m_asked, 0)",
        _CONTRACT,
        check,
    )


def _price(seen: Seen) -> FloatArray:
    p = seen.parameter
    price = np.where(seen.at("price") == 0.0, p("price_eur_per_kg"), seen.at("price"))
    return np.asarray(price + p("certified_premium_eur_per_kg") * seen.at("certified_share"))


def demand_price() -> Law:
    """Return: hydrogen is paid at the price of the moment, with the premium for its certified share."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        sold = seen.stream("inlet").h2 * _price(seen) * seen.step_s
        yield equal(seen.change("sold_eur"), sold, abs_=seen.rounding("sold_eur"))

    return Law(
        "demand-price",
        "hydrogen is paid at the price of the moment, and the share that is certified at its premium",
        "R = m_H2 (p + p_certified x)",
        _CONTRACT,
        check,
    )


def demand_counters() -> SumLaw:
    """Return: what was delivered is counted; what is earned is what was sold and not taken, less penalties."""
    return sum_law(
        "demand-counters",
        "what was delivered is counted, and what is earned is what was sold or not taken, less penalties",
        "dm_delivered/dt = m_H2; E = E_sold + E_untaken - K",
        "conservation of mass; " + _CONTRACT,
        Row((Term("delivered_kg"), Term("inlet.h2", -1.0))),
        Row((Term("revenue"), Term("sold_eur", -1.0), Term("take_or_pay_eur", -1.0), Term("penalty_eur"))),
    )


DEMAND_LAWS: tuple[Law, ...] = (
    delivery_balance(),
    demand_counters(),
    demand_price(),
    demand_clock(),
    demand_profile(),
    demand_asked(),
    demand_settlement(),
)
