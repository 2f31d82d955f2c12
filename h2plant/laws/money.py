"""Laws of money for power: amount by price in every step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import FloatArray, Law, Row, Seen, SumLaw, Term, equal, sum_law
from h2plant.core.role import Grid, Source

_CONTRACT = "definition of a price; parameters of the contract"


def _fee(seen: Seen) -> FloatArray:
    """Return all that imports cost beside the market, EUR/J: by local clock and season, and by the price itself."""
    p, hour, month = seen.parameter, seen.at("hour_of_week"), seen.at("month_of_year")
    of_day = hour % 24.0
    start, end = p("high_start_h"), p("high_end_h")
    first, last = p("high_first_month_number"), p("high_last_month_number")
    by_day = ((of_day >= start) & (of_day < end)) if start <= end else ((of_day >= start) | (of_day < end))
    by_month = ((month >= first) & (month <= last)) if first <= last else ((month >= first) | (month <= last))
    by_week = (hour < 120.0) | (p("is_high_on_weekends") > 0.5)
    fee = p("import_fee_eur_per_j") + p("high_fee_eur_per_j") * (by_day & by_month & by_week)
    market = seen.at("price") * p("import_market_ratio") * (1.0 + p("loss_frac"))
    with_margin = fee + p("margin_frac") * np.abs(market)
    return np.asarray(with_margin + p("power_tax_frac") * np.clip(market + with_margin, 0.0, None))


def grid_fees() -> Law:
    """Return: fees are counted by the energy and the tariff of the hour."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        fee = _fee(seen)
        for name, power in (("fee_eur", "import_w"), ("imbalance_fee_eur", "imbalance_w")):
            yield equal(seen.change(name), seen.after(power) * fee * seen.step_s, abs_=seen.rounding(name))

    return Law(
        "grid-fees",
        "fees are paid by the energy, at the tariff of the local hour, weekday and month, with margin and tax on it",
        "dF = P (g + tax max(market + g, 0)) dt; g = f + f_high [hour, day, month] + margin |market|",
        _CONTRACT,
        check,
    )


def grid_metered_peak() -> Law:
    """Return: the metered peak is the largest mean of a quarter of an hour, of the month and of all time."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        dt, before = seen.step_s, seen.before
        is_month = seen.at("month_of_year") != before("metered_month")
        is_new = is_month | (before("quarter_s") + dt > 900.0 * (1.0 + 1e-9))
        energy = np.where(is_new, 0.0, before("quarter_j")) + seen.after("import_w") * dt
        mean = energy / np.maximum(900.0, dt)
        yield equal(seen.after("quarter_j"), energy)
        yield equal(seen.after("metered_peak_w"), np.maximum(before("metered_peak_w"), mean))
        over = is_month & (before("metered_month") > 0.0)
        yield equal(seen.after("month_peak_w"), np.maximum(np.where(is_month, 0.0, before("month_peak_w")), mean))
        past = before("past_months_peak_w") + np.where(over, before("month_peak_w"), 0.0)
        yield equal(seen.after("past_months_peak_w"), past)
        yield equal(seen.after("n_past_months"), before("n_past_months") + over)

    return Law(
        "grid-metered-peak",
        "the metered peak is the largest mean import of a quarter of an hour, of the month and of the run",
        "P_peak = max(P_peak, E_quarter / 900 s)",
        "Dutch Tarievencode elektriciteit, article 3.7.5 (contracted kW, kW max per month)",
        check,
    )


def grid_cost() -> Law:
    """Return: imports cost market price and fee, and beyond the plan the imbalance as well."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, price = seen.parameter, seen.at("price")
        import_, beyond = seen.after("import_w"), seen.after("imbalance_w")
        market, fee = price * p("import_market_ratio") * (1.0 + p("loss_frac")), _fee(seen)
        extra = np.abs(price) * p("imbalance_market_ratio") + p("imbalance_surcharge_eur_per_j")
        # market price and fee may cancel
        scale = 1.0e-9 * (np.abs(market) + np.abs(fee))
        yield equal(seen.after("import_price_eur_per_j"), market + fee, abs_=scale)
        yield equal(seen.at("cost"), import_ * (market + fee) + beyond * extra, abs_=import_ * scale)
        paid = beyond * (market + fee + extra) * seen.step_s
        yield equal(
            seen.change("imbalance_eur"), paid, abs_=beyond * seen.step_s * scale + seen.rounding("imbalance_eur")
        )

    return Law(
        "grid-cost",
        "imports cost market price and fee, and beyond the plan the imbalance as well",
        "K = P (a p (1 + l) + f) + P_imbalance (b |p| + s)",
        f"{_CONTRACT}; Regulation (EU) 2017/2195, article 55 (imbalance price)",
        check,
    )


def grid_revenue() -> Law:
    """Return: exports earn the market price and its premium."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        market = seen.at("price") * seen.parameter("export_market_ratio")
        premium, export = seen.parameter("export_premium_eur_per_j"), seen.after("export_w")
        scale = 1.0e-9 * (np.abs(market) + abs(premium))
        yield equal(seen.after("export_price_eur_per_j"), market + premium, abs_=scale)
        yield equal(seen.at("revenue"), export * (market + premium), abs_=export * scale)

    return Law(
        "grid-revenue",
        "exports earn the market price and its premium",
        "R = P_export (a p + m)",
        _CONTRACT,
        check,
    )


def import_price(role: Grid) -> Law:
    """Return: what is paid for imports but for imbalance is their energy by their price."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        if not (role.cost and role.import_column and role.fixed_price):
            return
        power, price = seen.after(role.import_column), seen.after(role.fixed_price)
        beyond = seen.after(role.imbalance_column) if role.imbalance_column else seen.nothing
        paid, off = seen.total(role.cost) * seen.step_s, seen.nothing
        if role.imbalance_cost:
            paid, off = paid - seen.change(role.imbalance_cost), seen.rounding(role.imbalance_cost)
            scale = np.abs(seen.total(role.cost)) * seen.step_s + np.abs(seen.change(role.imbalance_cost))
            off = off + 1.0e-9 * scale
        yield equal(paid, (power - beyond) * price * seen.step_s, abs_=off)

    return Law(
        "import-price",
        "what is paid for planned imports is their energy by their price",
        "K dt - dK_imbalance = (P - P_imbalance) p dt",
        "definition of a price",
        check,
    )


def source_cost(role: Source) -> Law:
    """Return: the power of a source costs its price, taken or not."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        if role.cost and role.price:
            power = seen.total(role.power)
            # without power its price is that of the next watt
            yield equal(seen.total(role.cost), power * seen.at(role.price))

    return Law("source-cost", "own power costs its price, taken or not", "K = p P", "definition of a price", check)


def wind_contract() -> Law:
    """Return: power up to the block at one price, above it at another."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, power = seen.parameter, seen.at("power")
        above = np.maximum(power - p("block_power_w"), 0.0)
        block, excess = p("block_price_eur_per_j"), p("excess_price_eur_per_j")
        scale = 1.0e-9 * power * (abs(block) + abs(excess))
        yield equal(seen.at("cost"), (power - above) * block + above * excess, abs_=scale)

    return Law(
        "wind-contract",
        "power of a wind farm costs one price up to the block, another above it",
        "K = min(P, B) p_1 + max(P - B, 0) p_2",
        _CONTRACT,
        check,
    )


def emergency_cost() -> SumLaw:
    """Return: power of the emergency supply costs its price."""
    return sum_law(
        "emergency-cost",
        "power of the emergency supply costs its price",
        "K = p P",
        _CONTRACT,
        Row((Term("emergency_cost"), Term("emergency", -1.0, "emergency_price_eur_per_j"))),
    )


def own_price() -> Law:
    """Return: the price of own power is that of its contract, and it is paid for all of it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        price = seen.parameter("price_eur_per_j")
        yield equal(seen.at("price"), price + seen.nothing)
        yield equal(seen.at("cost"), price * seen.at("power"))

    return Law(
        "own-price",
        "own power costs the price of its contract, taken or not",
        "K = p P",
        _CONTRACT,
        check,
        takes_arrays=True,
    )
