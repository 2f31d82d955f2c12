"""Laws of rules that command batteries: what is charged and given, by surplus, by smoothed power, by price."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from h2plant.core import bus
from h2plant.core.law import FloatArray, Law, Seen, equal, within
from h2plant.laws.dispatch import (
    Line,
    Supply,
    has_decided,
    line_requests,
    lines_of,
    price_band,
    prices_law,
    rule_request,
    supplies,
)

_ROUNDING = 1.0e-9


def _offered(seen: Seen) -> tuple[FloatArray, FloatArray]:
    """Return what batteries can take and give, W."""
    return seen.total("battery_charge"), seen.total("battery_discharge")


def _commanded(seen: Seen) -> FloatArray:
    """Return what batteries are told to take, W; below 0: to give."""
    charge, discharge = _offered(seen)
    share = seen.at("battery_share")
    return np.where(share > 0.0, share * charge, share * discharge)


def _surplus(seen: Seen, lines: list[Line], one: Supply) -> tuple[FloatArray, FloatArray]:
    """Return own power that auxiliaries and lines leave, W, and what is rounding beside it."""
    asked = sum((line.power for line in lines), seen.nothing)
    return one.available - one.before - asked, _ROUNDING * (one.available + np.abs(one.before) + asked + 1.0)


def battery_law(text: str, equation: str, wanted: Callable[[Seen, FloatArray, Supply], FloatArray]) -> Law:
    """Return: batteries are told to take, or give, what a rule wants of them, as far as they can.

    Parameters
    ----------
    text, equation
        What the rule says.
    wanted
        Takes what was seen, the surplus of own power, W, and what lines may be served from, both for the same power
        that came before them; returns what batteries are to take, W.
    """

    def check(seen: Seen) -> Iterator[FloatArray]:
        charge, discharge = _offered(seen)
        yield within(seen.at("battery_share"), -1.0, 1.0)
        if not seen.places["battery_charge"].slots:
            yield equal(seen.at("battery_share"), 0.0)
            return
        lines = lines_of(seen)
        where = has_decided(seen, lines) if lines else seen.slots[:, bus.TIME] > 0.0
        told = _commanded(seen)
        ends = []
        for is_most in (False, True):
            one = supplies(seen, lines)[is_most]
            surplus, off = _surplus(seen, lines, one)
            ends.append(np.clip(wanted(seen, surplus, one), -discharge, charge))
        yield within(told, ends[0], ends[1], abs_=off + _ROUNDING * (charge + discharge), where=where)
        yield equal(seen.after("battery_w"), told, abs_=_ROUNDING * (charge + discharge), where=where)

    return Law("rule-battery", text, equation, "definition of the rule; conservation of energy", check)


def surplus_power(seen: Seen, surplus: FloatArray) -> FloatArray:
    """Return what batteries take, W, where nothing else is said of them, of a surplus of own power, W."""
    return np.where(surplus > 0.0, np.maximum(surplus - seen.total("grid_accepts"), 0.0), surplus)


def surplus_battery() -> Law:
    """Return what batteries do under every rule that says nothing else of them."""
    return battery_law(
        "batteries take what would be curtailed, and give before anything is bought",
        "P = max(P_own - P_grid, 0) for P_own > 0, else P_own",
        lambda seen, surplus, one: surplus_power(seen, surplus),
    )


def battery_smoothing() -> Law:
    """Return what batteries do under the rule of that name: all that lines leave or lack."""
    return battery_law(
        "batteries take what lines leave of own power, and give what these lack",
        "P = P_own - P_aux - sum P_line",
        lambda seen, surplus, one: surplus,
    )


def battery_arbitrage() -> Law:
    """Return what batteries do under the rule of that name."""

    def wanted(seen: Seen, surplus: FloatArray, one: Supply) -> FloatArray:
        accepts, (charge, _) = seen.total("grid_accepts"), _offered(seen)
        spilled = np.maximum(surplus - accepts, 0.0)
        asked = sum((line.power for line in lines_of(seen)), seen.nothing)
        # own power less what is kept free, and what may be bought beside the lines
        free = np.minimum(one.own, one.matched)
        may_buy = np.minimum(one.bought, np.maximum(one.matched - free, 0.0))
        own_left = np.maximum(free - asked, 0.0)
        grid_left = np.maximum(may_buy - np.maximum(asked - free, 0.0) - one.beyond, 0.0)
        left = own_left + grid_left
        cheap = np.maximum(np.minimum(charge, left), spilled)
        limit = seen.at("grid_limit") if seen.is_linked("grid_limit") else np.inf
        neither = np.where(surplus < 0.0, np.minimum(surplus + limit, 0.0), 0.0)
        dear = seen.after("is_dear") > 0.5
        found = np.where(spilled > 0.0, spilled, np.where(dear, surplus - accepts, neither))
        return np.where(seen.after("is_cheap") > 0.5, cheap, found)

    return battery_law(
        "batteries charge while power is cheap, and give to lines and grid while it is dear",
        "P = P_can for p < p_low; P = P_own - P_lines - P_accepts for p > p_high",
        wanted,
    )


def smoothed_power() -> Law:
    """Return: own power is smoothed by one time constant, and lines are served with it as far as batteries can."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, lines = seen.parameter, lines_of(seen)
        both = supplies(seen, lines)
        own = [one.available - one.before for one in both]
        where = seen.slots[:, bus.TIME] > 0.0
        decay = np.exp(-seen.step_s / p("smoothing_time_s"))
        before = seen.before("smooth_w")
        ends = [before * decay + one * (1.0 - decay) for one in own]
        off = _ROUNDING * (both[1].available + np.abs(both[1].before) + np.abs(before))
        yield within(seen.after("smooth_w"), ends[0], ends[1], abs_=off, where=where)
        charge, discharge = _offered(seen)
        level = p("target_level_frac") + seen.nothing
        if slots := seen.places["battery_level"].slots:
            level = sum((seen.asked("battery_level", k) for k in range(len(slots))), seen.nothing) / len(slots)
        away = p("level_gain_ratio") * (level - p("target_level_frac"))
        course = seen.after("smooth_w") + away * np.where(away > 0.0, discharge, charge)
        held = sum((np.where(line.was_on, line.now(bus.MINIMUM), 0.0) for line in lines), seen.nothing)
        most = np.where(held > 0.0, discharge, 0.0)
        plans = [np.clip(one - np.maximum(course, held), -most, charge) for one in own]
        if lines:
            where = where & has_decided(seen, lines)
        yield within(seen.after("battery_plan_w"), plans[0], plans[1], abs_=off, where=where)

    return Law(
        "rule-smoothing",
        "lines are served with own power smoothed by batteries; those that run get their smallest powers at least",
        "dP_s/dt = (P - P_s) / tau; P_plan = P - max(P_s + g (L - L_0) P_can, sum P_min); >= 0 at rest",
        "definition of the rule",
        check,
    )


def starts_avoided() -> Law:
    """Return: a start is avoided where a running line comes through a lull that own power alone would not have."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        lines = lines_of(seen)
        came = seen.change("n_starts_avoided")
        yield equal(came, np.rint(came))
        yield within(came, 0.0, float(len(lines)))
        if not lines:
            return
        low, high = supplies(seen, lines)
        own = np.maximum(low.available - low.before, high.available - high.before)
        reached = seen.nothing
        for line in lines:
            start = line.now(bus.MINIMUM) * line.now(bus.START_MARGIN)
            reached = reached + np.where(line.is_on & (own >= start * (1.0 - _ROUNDING)), 1.0, 0.0)
        yield within(came, 0.0, reached)

    return Law(
        "rule-starts-avoided",
        "a start is avoided where a running line comes through a lull, once own power carries it again",
        "dn <= number of lines that run and that own power could start",
        "definition of the counter",
        check,
    )


def lines_by_worth() -> Law:
    """Return what the rule 'battery_arbitrage' asks of its lines."""

    def wanted(seen: Seen, k: int, line: Line, own: FloatArray) -> tuple[Any, Any, Any]:
        most = line.now(bus.MAXIMUM)
        return most * line.now(bus.IS_MAKING), most * line.now(bus.IS_BUYING), False

    return rule_request(
        "lines take own power, and what batteries give, where hydrogen is worth more than it; they buy where it pays",
        "P = P_own + P_battery where p < v / e; up to P_max where p < v_grid / e - f",
        line_requests(wanted),
    )


def worth_prices() -> Law:
    """Return: own power is made into hydrogen, and power bought for it, below prices by its worth."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, lines, price = seen.parameter, lines_of(seen), seen.at("price")
        where, half = has_decided(seen, lines), p("price_band_eur_per_j")
        for line in lines:
            energy = line.now(bus.SPECIFIC_ENERGY)
            sell = p("hydrogen_value_eur_per_kg") / energy
            buy = p("grid_hydrogen_value_eur_per_kg") / energy - p("purchase_fee_eur_per_j")
            for item, limit in ((bus.IS_MAKING, sell), (bus.IS_BUYING, buy)):
                yield price_band(line.before(item), line.now(item), price, limit, half, where)

    return prices_law("makes where p < v / e -+ b, buys where p < v_grid / e - f -+ b", check)


def battery_prices() -> Law:
    """Return: power is cheap below one price and dear above another, which follow those of the market if told to."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, price = seen.parameter, seen.at("price")
        low, high = seen.after("low_price_eur_per_j"), seen.after("high_price_eur_per_j")
        before = seen.before("low_price_eur_per_j"), seen.before("high_price_eur_per_j")
        width = max(p("discharge_price_eur_per_j") - p("charge_price_eur_per_j"), 0.0)
        gain = width * min(seen.step_s / p("price_memory_s"), 1.0) if p("price_memory_s") > 0.0 else 0.0
        wanted = []
        for was, share in zip(before, (p("cheap_share_frac"), 1.0 - p("dear_share_frac")), strict=True):
            wanted.append(was + gain * np.where(price < was, share - 1.0, share))
        off = 1.0e-12 * (np.abs(price) + width)
        yield equal(low, wanted[0], abs_=off)
        yield equal(high, np.maximum(wanted[1], low), abs_=off)
        half, cheap = p("price_band_eur_per_j"), seen.after("is_cheap")
        yield price_band(seen.before("is_cheap"), cheap, price, low, half, True)
        dear, was = 1.0 - seen.after("is_dear"), 1.0 - seen.before("is_dear")
        clear = cheap < 0.5
        yield np.where(clear, price_band(was, dear, price, high, half, clear), np.nan)
        yield equal(seen.after("is_dear"), 0.0, where=~clear)

    return Law(
        "battery-price",
        "power is cheap below one price and dear above another, with a band; both may follow quantiles of the market's",
        "p < p_low - b, p > p_high + b; dp_q = g (share - 1[p < p_q])",
        "definition of the rule; Robbins and Monro 1951, doi 10.1214/aoms/1177729586",
        check,
    )
