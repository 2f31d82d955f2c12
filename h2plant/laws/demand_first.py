"""Laws of the rule that serves customers first: what they need, what is bought for them, what is worth making."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from h2plant.core import bus
from h2plant.core.law import FloatArray, Law, Seen, equal
from h2plant.laws.dispatch import Asks, Line, has_decided, lines_of, price_band, rule_request, supply

_HOUR_S = 3600.0
_DEFINITION = "definition of the rule"


class _Need:
    """What customers need in each step, kg, and what it takes, kg/s."""

    def __init__(self, seen: Seen) -> None:
        self.today, self.soon, self.tomorrow = (seen.total(f"owed_{when}") for when in ("today", "soon", "tomorrow"))
        self.stored = np.maximum(seen.total("storage_surplus"), 0.0)
        left_s = np.maximum((24.0 - np.mod(seen.at("hour_of_week"), 24.0)) * _HOUR_S, seen.step_s)
        self.lacking = self.today + seen.parameter("reserve_ratio") * self.tomorrow - self.stored
        self.by_midnight = self.lacking / left_s
        self.by_hour = (2.0 * self.soon - self.stored) / _HOUR_S
        self.with_band = self.lacking + seen.parameter("band_h") / 24.0 * self.tomorrow
        self.digits = 1.0e-9 * (self.today + self.soon + self.tomorrow + self.stored)


def _reachable(seen: Seen, lines: list[Line], is_most: bool) -> FloatArray:
    """Return what lines could make, kg/s, of own power and what may be bought."""
    given = supply(seen, lines, is_most)
    own = np.minimum(given.own, given.matched)
    left = own + np.minimum(given.bought, np.maximum(given.matched - own, 0.0))
    flow = seen.nothing
    for line in lines:
        power = np.minimum(line.now(bus.MAXIMUM), left)
        power = np.where(power >= line.now(bus.MINIMUM), power, 0.0)
        flow, left = flow + power / line.now(bus.SPECIFIC_ENERGY), left - power
    return flow


def _flag(seen: Seen, name: str, starts: Any, ends: Any, is_clear: Any) -> FloatArray:
    """Return how far a flag is off one that is 1 from where it starts until it ends."""
    return equal(
        seen.after(name), np.where(starts, 1.0, np.where(ends, 0.0, seen.before(name))), abs_=1.0e-12, where=is_clear
    )


def demand_first_needs() -> Law:
    """Return: customers need what is owed, and a reserve, beyond what is stored: made of own power, or bought for."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        need, lines = seen.once(_Need), lines_of(seen)
        off, lacking, spare = need.digits, need.lacking, need.stored - need.soon
        twice = need.stored - 2.0 * need.soon
        yield equal(seen.after("lacking_kg"), lacking, abs_=off)
        clear_hour = (np.abs(spare) > off) & (np.abs(twice) > off)
        clear_day = (np.abs(lacking) > off) & (np.abs(need.with_band) > off)
        yield _flag(
            *(seen, "is_needed", (lacking > 0.0) | (spare < 0.0), (need.with_band <= 0.0) & (twice >= 0.0)),
            clear_hour & clear_day,
        )
        yield _flag(seen, "is_low", spare < 0.0, twice >= 0.0, clear_hour)
        if lines:
            # the least and the most that may have come before the lines
            some, most = (seen.parameter("urgency_frac") * _reachable(seen, lines, more) for more in (True, False))
            starts = [(flow > 0.0) & (need.by_midnight >= flow) for flow in (some, most)]
            near = np.minimum(np.abs(need.by_midnight - some), np.abs(need.by_midnight - most))
            is_clear = (starts[0] == starts[1]) & (near > 1.0e-9 * (some + most)) & (np.abs(lacking) > off)
            yield _flag(seen, "is_late", starts[0], lacking <= 0.0, is_clear)
        rate = np.maximum(need.with_band / np.maximum(seen.step_s, _HOUR_S), need.by_hour)
        yield equal(seen.after("needed_kg_per_s"), seen.after("is_needed") * np.maximum(rate, 0.0), abs_=off / _HOUR_S)
        late, low = seen.after("is_late"), seen.after("is_low")
        flow = np.maximum(np.maximum(late * need.by_midnight, low * need.by_hour), 0.0)
        yield equal(seen.after("bought_for_kg_per_s"), flow, abs_=off / _HOUR_S)

    return Law(
        "demand-first-need",
        "customers need what is owed and a reserve beyond what is stored; what cannot wait is bought for",
        "m_lack = m_today + r m_tomorrow - m_store; own power from m_lack > 0 until m_lack <= -b m_tomorrow, for "
        "(m_lack + b m_tomorrow)/h; bought from m_lack/t >= u m_most until m_lack <= 0, "
        "and from m_store < m_hour until m_store >= 2 m_hour",
        _DEFINITION,
        check,
    )


def demand_first_price() -> Law:
    """Return: beyond the demand a line takes own power below its price, or that of its hydrogen."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p = seen.parameter
        for line in lines_of(seen):
            limit = line.now(bus.PRICE_LIMIT)
            if p("hydrogen_value_eur_per_kg") > 0.0:
                limit = p("hydrogen_value_eur_per_kg") / line.now(bus.SPECIFIC_ENERGY)
            flags = line.before(bus.IS_MAKING), line.now(bus.IS_MAKING)
            where = has_decided(seen, lines_of(seen))
            yield price_band(*flags, seen.at("price"), limit, p("price_band_eur_per_j"), where)

    return Law(
        "rule-price",
        "beyond the demand a line takes own power below the price at which its hydrogen is worth it, with a band",
        "runs where p < v / e - b, until p > v / e + b",
        "break-even: worth of the hydrogen by its specific energy",
        check,
    )


def _shared(line: Line, flow: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the power that a line is asked for to make a flow, its smallest at least, and the flow left to others."""
    most, energy = line.now(bus.MAXIMUM), line.now(bus.SPECIFIC_ENERGY)
    asked = np.where(flow > 0.0, np.maximum(np.minimum(flow * energy, most), line.now(bus.MINIMUM)), 0.0)
    return asked, np.where(flow * energy <= most, 0.0, flow - most / energy)


def demand_first_flow() -> Law:
    """Return what the rule of that name asks for."""

    def of(seen: Seen) -> Callable[[int], Asks]:
        own_left, left = seen.after("needed_kg_per_s"), seen.after("bought_for_kg_per_s")

        def of_line(k: int) -> Asks:
            def asks(line: Line, own: FloatArray) -> tuple[Any, Any, Any]:
                nonlocal own_left, left
                power, own_left = _shared(line, own_left)
                top, left = _shared(line, left)
                return np.maximum(line.now(bus.MAXIMUM) * line.now(bus.IS_MAKING), power), top, False

            return asks

        return of_line

    return rule_request(
        "lines take own power where customers need hydrogen or it is worth its price, and buy what customers need",
        "P = P_own where p < v / e, else e m_own of it; up to e m_bought by buying",
        of,
        keeps_peak=False,
    )
