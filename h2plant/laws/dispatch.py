"""Laws of dispatch: what a rule asks of lines, within limits, ramps, runs, storage and supply."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from h2plant.core import bus
from h2plant.core.law import BoolArray, FloatArray, Law, Seen, at_least, at_most, equal, within
from h2plant.core.role import Dispatch

_AGREED = "limits of the line as its controller offers them"
_PRICE_ROUNDING = 1.0e-12  # of a price: nearer to an edge of a band, rounding decides


class Line:
    """A line as a rule sees it: what it offers in a step, and what was and is decided of it; arrays of shape (n,)."""

    def __init__(self, seen: Seen, port: str, link: int) -> None:
        self._seen, self._slot = seen, seen.places[port].slots[link]

    def now(self, item: int) -> FloatArray:
        """Return an item of the line, one of ``core.bus``, after a step."""
        found: FloatArray = self._seen.slots[:, self._slot + item]
        return found

    def before(self, item: int) -> FloatArray:
        """Return what was decided of the line in the step before."""
        found: FloatArray = self._seen.slots_before[:, self._slot + item]
        return found

    @property
    def power(self) -> FloatArray:
        """Its set point, W."""
        return self.now(bus.SETPOINT)

    @property
    def is_on(self) -> BoolArray:
        """Whether it is to run."""
        found: BoolArray = self.now(bus.IS_ON) > 0.5
        return found

    @property
    def was_on(self) -> BoolArray:
        """Whether it was to run in the step before."""
        found: BoolArray = self.before(bus.IS_ON) > 0.5
        return found


def lines_of(seen: Seen, port: str = "lines") -> list[Line]:
    """Return the lines at a port of a rule."""
    return [Line(seen, port, k) for k in range(len(seen.places[port].slots))] if seen.is_linked(port) else []


def has_decided(seen: Seen, lines: list[Line]) -> BoolArray:
    """Return where a rule has decided anything: in the step in which it fails, or has no plan, it decides nothing.

    What was decided before is not on the bus in the first step.
    """
    moved = np.zeros(seen.n, dtype=bool)
    for line in lines:
        moved |= (line.now(bus.HELD) != line.before(bus.HELD)) | (line.is_on != line.was_on)
    return np.asarray(moved & (seen.slots[:, bus.TIME] > 0.0))


# Lines, as any rule decides of them -------------------------------------------------------------------------------
def dispatch_role(role: Dispatch) -> tuple[Law, ...]:
    """Return what holds of what any rule asks of its lines."""

    def limits(seen: Seen) -> Iterator[FloatArray]:
        for line in lines_of(seen, role.lines):
            low = np.where(line.is_on, line.now(bus.MINIMUM), 0.0)
            high = np.where(line.is_on, line.now(bus.MAXIMUM), line.now(bus.IDLE))
            yield within(line.power, low, high)

    def rise(seen: Seen) -> Iterator[FloatArray]:
        lines = lines_of(seen, role.lines)
        for line in lines:
            yield rise_beyond(
                seen,
                line.power,
                np.where(line.was_on, line.before(bus.SETPOINT), line.now(bus.MINIMUM)),
                line.now(bus.MINIMUM),
                line.now(bus.RAMP_UP),
                line.is_on & has_decided(seen, lines),
            )

    def rest(seen: Seen) -> Iterator[FloatArray]:
        lines = lines_of(seen, role.lines)
        where = has_decided(seen, lines)
        for line in lines:
            held = line.before(bus.HELD)
            turned = line.is_on != line.was_on
            yield equal(line.now(bus.HELD), np.where(turned, 0.0, held) + seen.step_s, where=where)
            yield at_least(held, line.now(bus.MIN_DOWN), where=where & turned & line.is_on)

    return (
        Law(
            "rule-limits",
            "a rule asks of a line no more than its maximum, and while it runs no less than its minimum",
            "P_min <= P <= P_max; at rest P <= P_idle",
            _AGREED,
            limits,
        ),
        Law("rule-ramp", "a line's set point rises no faster than its ramp", "dP <= r_up dt", _AGREED, rise),
        Law(
            "rule-rest",
            "a line starts after its shortest rest, and the time since it last turned is kept",
            "t_held >= t_down at a start; dt_held = dt",
            _AGREED,
            rest,
        ),
    )


def rise_beyond(
    seen: Seen, power: FloatArray, start: FloatArray, least: FloatArray, ramp: FloatArray | float, where: Any
) -> FloatArray:
    """Return how far a set point rises faster than its ramp; a ramp of 0 is none."""
    most = np.maximum(start + ramp * seen.step_s, least)
    return at_most(power, most, where=where & (np.asarray(ramp) > 0.0))


# Rules of this package ----------------------------------------------------------------------------------------------
class Supply(NamedTuple):
    """What lines may be served from, for the least and for the most that may have come before them.

    An auxiliary's power is that of this step or of the step before, by where the plant closes a loop.

    Attributes
    ----------
    available, before
        Own power, and what comes before the lines, W.
    own, bought
        Own power that is left for lines, and what may be bought for them, W.
    matched
        Power that matching allows, W.
    beyond
        Power of ``bought`` that would raise the import beyond the peak of the rule, W.
    """

    available: FloatArray
    before: FloatArray
    own: FloatArray
    bought: FloatArray
    matched: FloatArray
    beyond: FloatArray


def supply(seen: Seen, lines: list[Line], is_most: bool) -> Supply:
    """Return what lines may be served from."""
    choose = np.maximum if is_most else np.minimum
    before = seen.nothing
    for k in range(len(seen.places["auxiliary_load"].slots)):
        before = before + choose(seen.at("auxiliary_load", k), seen.asked("auxiliary_load", k))
    is_dark = seen.at("reserve") >= bus.LINES_OFF_W
    before = before + np.where(is_dark, 0.0, seen.at("reserve"))
    before = sum((line.now(bus.EXCESS) for line in lines), before)
    limit = np.full(seen.n, seen.parameter("purchase_limit_w"))
    aside = seen.at("margin")
    if seen.is_linked("grid_limit"):
        grid = seen.at("grid_limit")
        limit, aside = np.minimum(limit, np.maximum(grid - aside, 0.0)), np.maximum(aside - grid, 0.0)
    available = seen.total("available_power")
    left = available - before - aside - seen.after("battery_plan_w")
    own, bought = np.maximum(left, 0.0), np.maximum(limit + np.minimum(left, 0.0), 0.0)
    below = np.maximum(np.minimum(limit, seen.parameter("import_peak_w")) + np.minimum(left, 0.0), 0.0)
    own, bought = np.where(is_dark, 0.0, own), np.where(is_dark, 0.0, bought)
    matching = seen.parameter("rfnbo")
    matched = np.full(seen.n, np.inf)
    if matching > 0.5:
        matched = seen.at("monthly_allowance" if matching < 1.5 else "hourly_allowance")
    for_lines = np.minimum(bought, np.maximum(matched - np.minimum(own, matched), 0.0))
    return Supply(available, before, own, bought, matched, np.maximum(for_lines - below, 0.0))


def _throttle(seen: Seen) -> FloatArray:
    """Return the share of a line's largest power that the storage allows."""
    start, full = seen.parameter("throttle_level_frac"), seen.parameter("full_level_frac")
    level = seen.at("storage_level")
    share = np.clip((full - level) / (full - start), 0.0, 1.0) if full > start else np.ones(seen.n)
    return np.where(level >= full, 0.0, share)


def supplies(seen: Seen, lines: list[Line]) -> tuple[Supply, Supply]:
    """Return what lines may be served from, for the least and for the most that may have come before them."""
    return supply(seen, lines, False), supply(seen, lines, True)


def _rounding(least: Supply, most: Supply, lines: list[Line]) -> FloatArray:
    """Return a power, W, that is rounding beside those that are compared."""
    return 1.0e-9 * (most.available + np.abs(most.before) + np.minimum(least.bought, sum(line.power for line in lines)))


def rule_supply() -> Law:
    """Return: lines are asked for no more than own power and what may be bought leave them."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        if lines := lines_of(seen):
            least, most = supplies(seen, lines)
            asked = sum((line.power for line in lines), seen.nothing)
            yield at_most(
                asked,
                least.own + least.bought,
                abs_=_rounding(least, most, lines),
                where=has_decided(seen, lines),
            )

    return Law(
        "rule-supply",
        "lines are asked for no more than own power and what may be bought leave them; in a blackout for nothing",
        "sum P_line <= P_own + P_buy - P_aux - P_reserve",
        "conservation of energy; limits of the rule",
        check,
    )


def rule_plan() -> Law:
    """Return: what is planned to be bought is what lines and auxiliaries need beyond own power, the rest is sold."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        if not (lines := lines_of(seen)):
            return
        bought, sold = [], []
        most_w = seen.at("grid_limit") if seen.is_linked("grid_limit") else np.inf
        both = supplies(seen, lines)
        for one in both:
            left = np.minimum(one.own, one.matched)
            buy = np.maximum(one.before - one.available, 0.0)
            for line in lines:
                buy = buy + np.maximum(line.power - left, 0.0)
                left = np.maximum(left - line.power, 0.0)
            bought.append(np.minimum(buy, most_w))
            sold.append(left)
        where, off = has_decided(seen, lines), _rounding(*both, lines)
        if seen.places["battery_charge"].slots:  # what batteries take and give is planned as well
            taken = seen.after("battery_w")
            lacking = [sum((line.power for line in lines), one.before + taken - one.available) for one in both]
            bought = [np.minimum(np.maximum(one, 0.0), most_w) for one in lacking]
            sold, off = [np.maximum(-one, 0.0) for one in lacking], off + 1.0e-9 * np.abs(taken)
        yield within(seen.at("planned_import"), bought[0], bought[1], abs_=off, where=where)
        yield within(seen.after("planned_export_w"), sold[0], sold[1], abs_=off, where=where)
        yield equal(seen.after("planned_import_w"), seen.at("planned_import"), where=where)

    return Law(
        "rule-plan",
        "what is planned to be bought is what lines, auxiliaries and batteries need beyond own power; the rest is sold",
        "P_import = max(P_aux - P_own, 0) + sum of max(P_line - P_own left, 0), less what batteries give",
        "conservation of energy",
        check,
    )


def rule_storage() -> Law:
    """Return: lines are throttled towards a full storage, whatever their ramps."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        lines = lines_of(seen)
        where, throttle = has_decided(seen, lines), _throttle(seen)
        yield equal(seen.after("throttle_frac"), throttle, abs_=1.0e-12, where=where)
        for line in lines:
            yield at_most(line.power, throttle * line.now(bus.MAXIMUM), where=where & line.is_on)

    return Law(
        "rule-storage",
        "lines are throttled towards a full storage",
        "P <= P_max (L_full - L) / (L_full - L_start)",
        "parameters of the rule",
        check,
    )


def rule_run() -> Law:
    """Return: a line goes on for its shortest run, and down its ramp, where storage and supply let it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        lines = lines_of(seen)
        if not lines:
            return
        most, decided, throttle = supply(seen, lines, True), has_decided(seen, lines), _throttle(seen)
        left = most.own + most.bought
        for k, line in enumerate(lines):
            least, cap = line.now(bus.MINIMUM), throttle * line.now(bus.MAXIMUM)
            reach = np.maximum(left - _aside(lines[k + 1 :], seen), 0.0)
            down = line.before(bus.SETPOINT) - line.now(bus.RAMP_DOWN) * seen.step_s
            has_ramp = line.now(bus.RAMP_DOWN) > 0.0
            goes_on = (line.before(bus.HELD) < line.now(bus.MIN_UP)) | (has_ramp & (down > least * (1.0 + 1.0e-9)))
            can = (cap > 0.0) & (np.minimum(cap, reach) > least * (1.0 + 1.0e-9))
            yield equal(line.is_on, True, where=decided & line.was_on & goes_on & can)
            if seen.parameter("rfnbo") < 0.5:
                where = decided & line.was_on & line.is_on & has_ramp
                yield at_least(line.power, np.minimum(np.minimum(down, cap), reach), where=where)
            left = left - line.power

    return Law(
        "rule-run",
        "a line goes on for its shortest run, and comes down its ramp, where storage and supply let it",
        "is_on = 1 while t_held < t_up and P_min <= P_reach; dP >= -r_down dt",
        _AGREED,
        check,
    )


def rule_standby() -> Law:
    """Return: standby is paid for at the price of the step, and given up where a cold start is cheaper."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        lines = lines_of(seen)
        decided, is_dark = has_decided(seen, lines), seen.at("reserve") >= bus.LINES_OFF_W
        price = np.maximum(seen.at("price"), 0.0)
        for line in lines:
            standby, cold = line.now(bus.STANDBY), line.now(bus.COLD_START)
            paid = np.where(line.is_on, 0.0, line.before(bus.REST_COST) + standby * price * seen.step_s)
            yield equal(line.now(bus.REST_COST), paid, where=decided)
            # where the rest to come is known, what standby will cost in it, else what it has cost
            rest = line.now(bus.EXPECTED_REST)
            cost = np.where(rest > 0.0, standby * price * rest, paid)
            cools = np.where(is_dark, 1.0, (cost >= cold) & (standby > 0.0) & ~line.is_on)
            is_clear = is_dark | (np.abs(cost - cold) > 1.0e-9 * cold)
            yield equal(line.now(bus.SHUT_DOWN), cools, where=decided & is_clear)

    return Law(
        "rule-standby",
        "standby is paid for at the price of the step, and given up where a cold start is cheaper",
        "dK = P_standby p dt; off where K >= K_start, or P_standby p t_rest >= K_start",
        "ski rental: Karlin, Manasse, Rudolph and Sleator 1988, Algorithmica 3:79-119",
        check,
    )


def _aside(later: list[Line], seen: Seen) -> FloatArray:
    """Return the power, W, that is left to later lines which must go on."""
    kept = [
        np.where(line.was_on & (line.before(bus.HELD) < line.now(bus.MIN_UP)), line.now(bus.MINIMUM), 0.0)
        for line in later
    ]
    return sum(kept, seen.nothing)


Asks = Callable[[Line, FloatArray], tuple[Any, Any, Any]]
"""Takes a line and the own power that is left, W, and returns own power and power up to which it buys, W, that a rule
asks for the line, and whether the line keeps what it has."""


def rule_request(
    text: str, equation: str, asks_of: Callable[[Seen], Callable[[int], Asks]], keeps_peak: bool = True
) -> Law:
    """Return: a line that runs is asked for what its rule says, within storage, supply, limits and ramps.

    Parameters
    ----------
    text, equation
        What the rule says.
    asks_of
        Takes what was seen and returns what takes the number of a line and returns what the rule asks for it.
    keeps_peak
        Whether what it buys stays below the peak that the rule keeps, but for the reserve of the storage.
    """

    def check(seen: Seen) -> Iterator[FloatArray]:
        lines = lines_of(seen)
        if not lines:
            return
        both = supplies(seen, lines)
        if not keeps_peak:
            both = both[0]._replace(beyond=seen.nothing), both[1]._replace(beyond=seen.nothing)
        wanted = [list(_wanted(seen, lines, one, asks_of(seen))) for one in both]
        where, off = has_decided(seen, lines), _rounding(*both, lines)
        for line, low, high in zip(lines, *wanted, strict=True):
            yield within(line.power, low, high, abs_=off, where=where & line.is_on)

    return Law("rule-request", text, equation, "definition of the rule", check)


def _wanted(seen: Seen, lines: list[Line], given: Supply, asks_of: Callable[[int], Asks]) -> Iterator[FloatArray]:
    """Yield the set point of each line, W, if it runs."""
    own, throttle = np.minimum(given.own, given.matched), _throttle(seen)
    bought = np.minimum(given.bought, np.maximum(given.matched - own, 0.0))
    is_low = seen.after("is_below_reserve") > 0.5
    for k, line in enumerate(lines):
        most, least = line.now(bus.MAXIMUM), line.now(bus.MINIMUM)
        aside = _aside(lines[k + 1 :], seen)
        mine = np.maximum(own - aside, 0.0)
        buys = np.maximum(bought - np.maximum(aside - own, 0.0), 0.0)
        of_own, of_bought, is_kept = asks_of(k)(line, own)
        of_bought = np.minimum(of_bought, mine + np.maximum(buys - given.beyond, 0.0))
        of_bought = np.where(is_low, np.maximum(of_bought, most * line.now(bus.RESERVE_LOAD)), of_bought)
        cap = most * throttle
        ceiling = np.where(line.now(bus.REACH) >= 0.0, np.minimum(mine, line.now(bus.REACH)), mine)
        target = np.minimum(np.minimum(of_own, cap), ceiling)
        kept = np.minimum(np.minimum(line.before(bus.SETPOINT), cap), ceiling)
        target = np.where(is_kept, np.maximum(target, kept), target)
        up_to = np.minimum(np.minimum(of_bought, cap), mine + buys)
        target = np.maximum(np.where(np.asarray(of_bought) > 0.0, np.maximum(target, up_to), target), least)
        target = np.minimum(target, np.maximum(cap, least))
        start = np.where(line.was_on, line.before(bus.SETPOINT), least)
        up, down = line.now(bus.RAMP_UP) * seen.step_s, line.now(bus.RAMP_DOWN) * seen.step_s
        on_ramp = np.clip(target, np.where(down > 0.0, start - down, 0.0), np.where(up > 0.0, start + up, np.inf))
        on_ramp = np.maximum(np.minimum(np.minimum(on_ramp, cap), mine + buys), least)
        yield np.where((up > 0.0) | (down > 0.0), on_ramp, target)
        buy = np.maximum(line.power - own, 0.0)
        own, bought = np.maximum(own - line.power, 0.0), np.maximum(bought - buy, 0.0)


def rule_laws() -> tuple[Law, ...]:
    """Return the laws of all rules that serve lines one after the other."""
    return (rule_supply(), rule_plan(), rule_storage(), rule_run(), rule_standby())


def line_requests(
    asks: Callable[[Seen, int, Line, FloatArray], tuple[Any, Any, Any]],
) -> Callable[[Seen], Callable[[int], Asks]]:
    """Return what ``rule_request`` takes, of a function of what was seen, a line's number, the line and own power."""
    return lambda seen: lambda k: lambda line, own: asks(seen, k, line, own)


def follows_wind() -> Law:
    """Return what the rule of that name asks for."""
    return rule_request(
        "lines in their order take own power and buy none",
        "P = min(P_max, P_own left)",
        line_requests(lambda seen, k, line, own: (line.now(bus.MAXIMUM), 0.0, False)),
    )


def first_line_only() -> Law:
    """Return what the rule 'soec_only' asks for."""
    return rule_request(
        "the first line takes own power, the others nothing",
        "P_1 = min(P_max, P_own), P_k = 0",
        line_requests(lambda seen, k, line, own: (line.now(bus.MAXIMUM) if k == 0 else 0.0, 0.0, False)),
    )


def constant_load() -> Law:
    """Return what the rule of that name asks for."""

    def asks(seen: Seen, k: int, line: Line, own: FloatArray) -> tuple[Any, Any, Any]:
        load = line.now(bus.MAXIMUM) * line.now(bus.LOAD)
        return load, load, False

    return rule_request("each line runs at its constant load", "P = x P_max", line_requests(asks))


def economic_spot() -> Law:
    """Return what the rule of that name asks for."""

    def asks(seen: Seen, k: int, line: Line, own: FloatArray) -> tuple[Any, Any, Any]:
        most = line.now(bus.MAXIMUM)
        return most, most * seen.after("is_cheap") * line.now(bus.IS_BOUGHT_FOR), False

    return rule_request(
        "lines take own power, and buy at a low price", "P = P_own, up to P_max where p < p_limit", line_requests(asks)
    )


def price_threshold() -> Law:
    """Return what the rule of that name asks for."""

    def asks(seen: Seen, k: int, line: Line, own: FloatArray) -> tuple[Any, Any, Any]:
        power = line.now(bus.MAXIMUM) * line.now(bus.IS_MAKING)
        return power, power, False

    return rule_request(
        "a line runs fully below its price, not at all above it", "P = P_max where p < p_limit", line_requests(asks)
    )


def hybrid_arbitrage() -> Law:
    """Return what the rule of that name asks for."""

    def asks(seen: Seen, k: int, line: Line, own: FloatArray) -> tuple[Any, Any, Any]:
        most, making = line.now(bus.MAXIMUM), line.now(bus.IS_MAKING)
        return most * making, most * line.now(bus.IS_BUYING), line.now(bus.IS_LOAD_KEPT) * (1.0 - making) > 0.5

    return rule_request(
        "lines take own power where hydrogen is worth more than it, and buy where it is worth more than that",
        "P = P_own where p < c + v / e; up to P_max where p < v_grid / e - f",
        line_requests(asks),
    )


def planned() -> Law:
    """Return what the rule of that name asks for."""

    def of(seen: Seen) -> Callable[[int], Asks]:
        purchase = np.maximum(seen.at("purchase_plan"), 0.0)

        def of_line(k: int) -> Asks:
            def asks(line: Line, own: FloatArray) -> tuple[Any, Any, Any]:
                nonlocal purchase
                plan = np.minimum(np.maximum(seen.at("plans", k), 0.0), line.now(bus.MAXIMUM))
                least = line.now(bus.MINIMUM)
                top = np.minimum(plan, np.maximum(least, own + purchase))
                top = np.where((plan < least) | (plan <= 0.0), 0.0, top)
                purchase = np.maximum(purchase - np.maximum(top - own, 0.0), 0.0)
                return plan, top, False

            return asks

        return of_line

    return rule_request(
        "lines take own power up to their plan, and buy what is planned to be bought",
        "P = min(P_plan, P_own + P_purchase)",
        of,
    )


# Prices and levels with hysteresis ------------------------------------------------------------------------------------
def price_band(was: Any, is_: Any, price: FloatArray, limit: Any, half: float, where: Any) -> FloatArray:
    """Return whether a flag is 1 below a band about a limit, 0 above it, and as it was within."""
    off = _PRICE_ROUNDING * (np.abs(price) + np.abs(limit) + half)
    is_below, is_above = price < limit - half - off, price > limit + half + off
    is_within = (price > limit - half + off) & (price < limit + half - off)
    wanted = np.where(is_below, 1.0, np.where(is_above, 0.0, was))
    return equal(is_, wanted, where=is_below | is_above | (is_within & where))


def prices_law(equation: str, check: Callable[[Seen], Iterator[FloatArray]]) -> Law:
    """Return a law of the prices below which lines run, or buy."""
    return Law(
        "rule-price",
        "a line runs, or buys, below the price at which its hydrogen is worth the power, with a band",
        equation,
        "break-even: worth of the hydrogen by its specific energy",
        check,
    )


def spot_price() -> Law:
    """Return: power is bought below the limit of the rule 'economic_spot'."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p = seen.parameter
        yield price_band(
            *(seen.before("is_cheap"), seen.after("is_cheap"), seen.at("price")),
            *(p("spot_limit_eur_per_j"), p("price_band_eur_per_j"), True),
        )

    return prices_law("buys where p < p_limit - b, until p > p_limit + b", check)


def threshold_price() -> Law:
    """Return: a line runs below its price, or that of its hydrogen, under the rule 'price_threshold'."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, lines = seen.parameter, lines_of(seen)
        where = has_decided(seen, lines)
        for line in lines:
            limit = line.now(bus.PRICE_LIMIT)
            if p("hydrogen_value_eur_per_kg") > 0.0:
                limit = p("hydrogen_value_eur_per_kg") / line.now(bus.SPECIFIC_ENERGY) - p("purchase_fee_eur_per_j")
            was, is_ = line.before(bus.IS_MAKING), line.now(bus.IS_MAKING)
            yield price_band(was, is_, seen.at("price"), limit, p("price_band_eur_per_j"), where)

    return prices_law("runs where p < v / e - f - b, until p > v / e - f + b", check)


def arbitrage_price() -> Law:
    """Return: own power is made into hydrogen, and power bought for it, below the prices of 'hybrid_arbitrage'."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, lines, price = seen.parameter, lines_of(seen), seen.at("price")
        where, half = has_decided(seen, lines), p("price_band_eur_per_j")
        for line in lines:
            energy = line.now(bus.SPECIFIC_ENERGY)
            sell = p("contract_price_eur_per_j") + p("hydrogen_value_eur_per_kg") / energy
            buy = p("grid_hydrogen_value_eur_per_kg") / energy - p("purchase_fee_eur_per_j")
            for item, limit in ((bus.IS_MAKING, sell), (bus.IS_BUYING, buy)):
                yield price_band(line.before(item), line.now(item), price, limit, half, where)

    return prices_law("makes where p < c + v / e -+ b, buys where p < v_grid / e - f -+ b", check)
