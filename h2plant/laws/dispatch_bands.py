"""Laws of prices and levels with hysteresis: what a rule decides anew only beyond a band."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from h2plant.core import bus
from h2plant.core.law import FloatArray, Law, Seen, equal
from h2plant.laws.dispatch import has_decided, lines_of

_PRICE_ROUNDING = 1.0e-12  # of a price: nearer to an edge of a band, rounding decides


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


def storage_zone() -> Law:
    """Return: the zone follows from the level of the storage, down again a band below its limit."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        limits = [seen.parameter(f"{name}_level_frac") for name in ("low", "high", "stop")]
        level, zone, band = seen.at("storage_level"), seen.after("zone"), seen.parameter("level_band_frac")
        if limits == sorted(limits):
            up = np.searchsorted(limits, level, side="right")
            down = np.searchsorted([limit - band for limit in limits], level, side="right")
            yield equal(zone, np.clip(seen.before("zone"), up, down))

    return Law(
        "rule-zone",
        "the zone of a storage band follows from the level, down again a band below its limit",
        "n(L) <= zone <= n(L + b)",
        "definition of the rule",
        check,
    )
