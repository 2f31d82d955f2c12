"""Laws of what leaves the plant: deliveries, what they earn, trucks and their timetable."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.bus import SHED_ABOVE
from h2plant.core.law import (
    ROUNDING,
    FloatArray,
    Law,
    Row,
    Seen,
    SumLaw,
    Term,
    Wired,
    at_least,
    at_most,
    equal,
    sum_law,
    sum_law_of,
)
from h2plant.laws.storage import either_short

_ITEMS = ("h2", "mass", "enthalpy")


# Any offtake ---------------------------------------------------------------------------------------------------------
def offtake_flow() -> Law:
    """Return: an offtake shows the flow that it takes, and what it delivered does not come back."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        role = seen.role
        if role.flow:
            yield equal(seen.after(role.flow), seen.stream(role.inlet).mass)
        if role.deliveries:
            yield at_least(seen.change(role.deliveries), 0.0)

    return Law(
        "offtake-flow",
        "a customer's flow is that of its inlet, and what was delivered does not come back",
        "m = sum m_i,in; dn_deliveries/dt >= 0",
        "conservation of mass",
        check,
    )


def offtake_short() -> Law:
    """Return: what a customer would have got and did not is counted."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        role, dt = seen.role, seen.step_s
        due, flow = seen.before(role.due), seen.stream(role.inlet).h2
        for one in (one for one in role.owes if one.medium == "hydrogen" and one.given == (role.inlet,)):
            short = sum((seen.change(name) for name in one.short), seen.nothing)
            digits = ROUNDING * sum((np.abs(seen.after(name)) for name in one.short), seen.nothing)
            yield equal(short, (due - flow) * dt, abs_=digits + 1e-9 * (due + flow) * dt)

    return Law(
        "offtake-short",
        "what a customer gets less than it would have asked for, had it always got that, is counted",
        "d m_short/dt = m_due - m_H2,in",
        "definition of asked, given and short (Served)",
        check,
    )


# What leaves ---------------------------------------------------------------------------------------------------------
def delivery_balance() -> SumLaw:
    """Return: what comes in is handed over."""
    return sum_law(
        "delivery-balance",
        "what comes in is handed over, in mass and energy",
        "m_out = m_in; H_out = H_in",
        "conservation of mass and energy",
        *(Row((Term(f"inlet.{item}"), Term(f"delivered.{item}", -1.0))) for item in _ITEMS),
    )


def sink_counters() -> SumLaw:
    """Return: what was delivered is counted, each product."""
    pairs = (("h2", "delivered_h2_kg"), ("o2", "delivered_o2_kg"), ("water", "delivered_water_kg"))
    return sum_law(
        "delivery-counters",
        "what was delivered is counted, product by product",
        "dm_delivered/dt = m_in",
        "conservation of mass",
        *(Row((Term(name), Term(f"inlet.{item}", -1.0))) for item, name in pairs),
    )


_PRICES = {
    "h2": "h2_price_eur_per_kg",
    "o2": "o2_price_eur_per_kg",
    "n2": "n2_price_eur_per_kg",
    "water": "water_price_eur_per_kg",
}


def sink_revenue() -> SumLaw:
    """Return: a product sink pays mass × price of each product, and counts it."""
    worth = tuple(Term(f"inlet.{item}", -1.0, price) for item, price in _PRICES.items())
    return sum_law(
        "delivery-revenue",
        "what is paid is mass times price, product by product, and is counted",
        "R = sum m_i p_i; E = sum R dt",
        "price of the contract: parameters of the component",
        Row((Term("revenue"), *worth)),
        Row((Term("earned_eur"), Term("revenue", -1.0))),
    )


SINK_LAWS: tuple[Law, ...] = (delivery_balance(), sink_counters(), sink_revenue())


# Trucks --------------------------------------------------------------------------------------------------------------
def truck_counters() -> SumLaw:
    """Return: hydrogen loaded is counted, in mass and in trailers of their size."""
    return sum_law(
        "truck-counters",
        "hydrogen loaded is counted, in mass and in trailers of their size",
        "dm_delivered/dt = m_H2; n_trailers m_trailer = m_delivered",
        "conservation of mass",
        Row((Term("delivered_kg"), Term("inlet.h2", -1.0))),
        Row((Term("delivered_kg"), Term("n_trailers", -1.0, "trailer_kg"))),
    )


def truck_revenue() -> SumLaw:
    """Return: what trucks earn is counted; at a constant price it is mass × price."""

    def rows(wired: Wired) -> Iterator[Row]:
        yield Row((Term("earned_eur"), Term("revenue", -1.0)))
        if not wired.places["price"].is_linked:
            yield Row((Term("revenue"), Term("inlet.h2", -1.0, "price_eur_per_kg")))

    return sum_law_of(
        "truck-revenue",
        "what trucks earn is counted; at a constant price it is mass times price",
        "R = m_H2 p; E = sum R dt",
        "price of the contract: parameter of the component",
        rows,
    )


def truck_price() -> Law:
    """Return: trucks pay the hydrogen that they get at the price of the moment."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        price = seen.at("price")
        price = np.where(price == 0.0, seen.parameter("price_eur_per_kg"), price)
        yield equal(seen.at("revenue"), seen.stream("inlet").h2 * price)

    return Law(
        "truck-price",
        "trucks pay the hydrogen loaded at the price of the moment, or at that of the contract",
        "R = m_H2 p",
        "price of the contract: series or parameter of the component",
        check,
    )


def open_since_midnight(hour: FloatArray, first: float, last: float) -> FloatArray:
    """Return how many hours of a day up to one of them lie between two, over midnight where the second is less."""
    shut_or_open = np.clip(hour - min(first, last), 0.0, abs(last - first))
    return shut_or_open if last >= first else hour - shut_or_open


def _spare(seen: Seen) -> FloatArray:
    """Return what trailers may take of the stores, kg: all but what is left for customers; inf where nothing is."""
    p = seen.parameter
    kept = p("kept_ratio") * (seen.total("owed_today") + p("kept_tomorrow_ratio") * seen.total("owed_tomorrow"))
    stored = sum((np.maximum(one, 0.0) for one in seen.each("storage_surplus")), seen.nothing)
    level = seen.asked("storage_level")
    full = np.divide(stored, level, out=np.full(seen.n, np.inf), where=level > 0.0)
    least = np.minimum(kept, np.where(level > 0.0, p("most_kept_frac") * np.where(level > 0.0, full, 0.0), np.inf))
    return np.where(kept > 0.0, np.maximum(stored - least, 0.0), np.inf)


class _Timetable:
    """What the timetable of a week allows in an interval after each step: shares of loading time, flows, trailers."""

    def __init__(self, seen: Seen) -> None:
        p, dt = seen.parameter, seen.step_s
        length_h = dt / 3600.0
        start = np.mod(seen.at("hour_of_week") + length_h, 168.0)
        first, last = p("day_start_h"), p("day_end_h")
        of_day = float(open_since_midnight(np.array(24.0), first, last))

        def open_hours(hour: FloatArray) -> FloatArray:
            """Return the hours of loading from hour 0 of the week."""
            days = np.floor(hour / 24.0)
            return days * of_day + open_since_midnight(hour - 24.0 * days, first, last)

        self.by_day = (open_hours(start + length_h) - open_hours(start)) / length_h
        self.of_week = np.where(start >= 144.0, p("sunday_frac"), 1.0)
        self.bay_flow = self.of_week * (
            self.by_day * p("day_flow_kg_per_s") + (1.0 - self.by_day) * p("night_flow_kg_per_s")
        )
        called = np.ones(seen.n)
        if p("call_band_frac") > 0.0:
            called = np.clip(seen.asked("storage_level") / p("call_band_frac"), 0.0, 1.0)
            called = np.where(_spare(seen) > 0.0, called, 0.0)
        per_day = p("n_trailers_per_day") * p("trailer_kg") / (of_day * 3600.0) if of_day > 0.0 else 0.0
        self.coming = self.of_week * self.by_day * called * per_day
        self.digits_kg = ROUNDING * 168.0 * 3600.0 * per_day  # trailers come by differences of hours of the week
        # where a day begins or ends at the edge of the interval, digits decide
        self.rounding = 1e-9 * (p("day_flow_kg_per_s") + p("night_flow_kg_per_s"))


def truck_hours() -> Law:
    """Return: trucks ask for no more than bays load in their hours, and the room in their trailers."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, dt = seen.parameter, seen.step_s
        table, room, demand = _Timetable(seen), seen.after("room_kg"), seen.at("demand")
        bays = np.minimum(p("n_bays"), 2.0 * np.maximum(room, 0.0) / p("trailer_kg"))
        wanted = np.where(room > 0.0, np.minimum(bays * table.bay_flow, room / dt), 0.0)
        wanted = np.where(seen.asked("shed") > SHED_ABOVE, 0.0, wanted)
        spare = _spare(seen)
        wanted = np.minimum(wanted, np.maximum(spare / dt - seen.stream("inlet").mass, 0.0))
        stored = np.where(np.isfinite(spare), seen.total("storage_surplus"), 0.0)
        digits = p("n_bays") * table.rounding + 1e-9 * np.maximum(stored, 0.0) / dt
        yield equal(demand, wanted, rel=1e-7, abs_=digits)
        yield equal(demand, seen.after("demand_kg_per_s"))
        yield at_most(seen.after("n_busy_bays"), p("n_bays"))
        # as if always served, trailers have no more room than they have
        most = np.minimum(p("n_bays") * table.bay_flow, np.maximum(room, 0.0) / dt)
        yield at_most(seen.after("due_kg_per_s"), most, rel=1e-7, abs_=p("n_bays") * table.rounding)

    return Law(
        "truck-hours",
        "trucks ask for what their bays load in the hours of the timetable and their trailers have room for",
        "m = min(n_busy f(hour) m_bay, room/dt, m_spare/dt - m_in), n_busy = min(n_bays, 2 room/m_trailer), m_spare = "
        "m_store - min(r (m_today + r_t m_tomorrow), x m_full); none while the bus sheds",
        "timetable: parameters of the component",
        check,
    )


def truck_rate() -> Law:
    """Return: trucks are loaded no faster than all bays can, and no more than was asked for."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, inlet = seen.parameter, seen.stream("inlet")
        fastest = p("n_bays") * max(p("day_flow_kg_per_s"), p("night_flow_kg_per_s"))
        yield at_most(inlet.mass, fastest, rel=1e-6)
        pairs = (inlet.mass, seen.before("demand_kg_per_s")), (inlet.h2, seen.before("due_kg_per_s"))
        yield from either_short(seen, *pairs)

    return Law(
        "truck-rate",
        "trucks are loaded no faster than all bays can, and the time in which they get too little is counted",
        "m_in <= n_bays m_bay; dt_short = dt where m_in < 0.999 m_asked or m_H2 < 0.999 m_due",
        "rates: parameters of the component; definition of asked, given and short (Served)",
        check,
    )


def truck_room() -> Law:
    """Return: room in trailers comes by the timetable, goes by what is loaded, and what finds no place is counted."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, dt = seen.parameter, seen.step_s
        table, loaded = _Timetable(seen), seen.stream("inlet").h2 * dt
        coming = table.coming * dt
        room, missed = seen.after("room_kg"), seen.change("missed_kg")
        digits = 4.0 * ROUNDING * (np.maximum(room, seen.before("room_kg")) + seen.after("missed_kg"))
        digits += table.digits_kg
        yield equal(seen.change("room_kg") + missed, coming - loaded, abs_=digits + 1e-9 * (coming + loaded))
        most = (p("n_bays") + p("n_waiting")) * p("trailer_kg")
        yield at_most(room, most)
        yield at_least(missed, 0.0)
        yield at_least(room, most, where=missed > 1e-9 * most)

    return Law(
        "truck-room",
        "trailers come by the timetable, go when full, and those that find no place are counted as missed",
        "dR/dt = n_day m_trailer/t_day - m_H2 - m_missed; R <= (n_bays + n_waiting) m_trailer, missed only there",
        "conservation of mass; timetable: parameters of the component",
        check,
    )


TRUCK_LAWS: tuple[Law, ...] = (
    delivery_balance(),
    truck_counters(),
    truck_revenue(),
    truck_price(),
    truck_hours(),
    truck_rate(),
    truck_room(),
)
