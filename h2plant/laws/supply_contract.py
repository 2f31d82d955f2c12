"""Laws of contracts over power: what is bought by clock, calendar and series, its price, and its settlement."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import FloatArray, Law, Row, Seen, SumLaw, Term, equal, sum_law

_CONTRACT = "parameters of the contract"


def contract_volume() -> Law:
    """Return: the power bought is that of the hour, weekday and month, and of the series."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, hour, month = seen.parameter, seen.at("hour_of_week"), seen.at("month_of_year")
        of_day, start, end = np.mod(hour, 24.0), p("day_start_h"), p("day_end_h")
        first, last = p("first_month_number"), p("last_month_number")
        by_day = (of_day >= start) & (of_day < end) if start <= end else ~((of_day >= end) & (of_day < start))
        by_month = (month >= first) & (month <= last) if first <= last else ~((month > last) & (month < first))
        share = np.where(by_day, 1.0, p("night_frac")) * np.where(by_month, 1.0, p("off_season_frac"))
        share = share * np.where(hour >= 120.0, p("weekend_frac"), 1.0)
        yield equal(seen.after("power_bought_w"), p("power_w") * share + p("volume_frac") * seen.total("volume"))
        energy = seen.after("power_bought_w") * seen.step_s
        yield equal(seen.change("contracted_j"), energy, abs_=seen.rounding("contracted_j"))

    return Law(
        "contract-volume",
        "a contract over power buys what hour, weekday, month and series say, whatever the plant draws",
        "P = P_0 s_hour s_weekday s_month + f sum of volumes, E = int P dt",
        _CONTRACT,
        check,
    )


def contract_price() -> Law:
    """Return: the agreed price follows the market between floor and cap."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, market = seen.parameter, seen.at("price") * seen.parameter("market_ratio")
        fixed, low, high = p("price_eur_per_j"), p("price_floor_eur_per_j"), p("price_cap_eur_per_j")
        scale = 1.0e-12 * (np.abs(market) + abs(fixed))
        yield equal(seen.after("agreed_price_eur_per_j"), np.clip(fixed + market, low, high), abs_=scale)

    return Law(
        "contract-price",
        "the agreed price is fixed or follows the market, between floor and cap",
        "p_c = min(max(b + a p, floor), cap)",
        _CONTRACT,
        check,
    )


def contract_settlement() -> Law:
    """Return: the plant pays the agreed price and has the market's, for the same power."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        power = seen.after("power_bought_w")
        yield equal(seen.at("cost"), power * seen.after("agreed_price_eur_per_j"))
        yield equal(seen.at("revenue"), power * seen.at("price"))

    return Law(
        "contract-settlement",
        "a contract costs its power at the agreed price, and its power is worth the market price",
        "K = P p_c, R = P p",
        "definition of a price",
        check,
    )


def contract_sums() -> SumLaw:
    """Return: money of a contract is counted as it flows."""
    return sum_law(
        "contract-sums",
        "what a contract cost and was worth is counted as it flows",
        "paid = int K dt, worth = int R dt",
        "definition of a sum",
        Row((Term("paid_eur"), Term("cost", -1.0))),
        Row((Term("worth_eur"), Term("revenue", -1.0))),
    )
