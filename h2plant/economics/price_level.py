"""Price levels: plant cost index and exchange rates, by which a cost of one year and currency is brought to another."""

from __future__ import annotations

from collections.abc import Mapping

from h2plant.plant.exchange import PER_EUR

COST_INDEX: Mapping[int, float] = {
    2001: 394.3,
    2002: 395.6,
    2003: 402.0,
    2004: 444.2,
    2005: 468.2,
    2006: 499.6,
    2007: 525.4,
    2008: 575.4,
    2009: 521.9,
    2010: 550.8,
    2011: 585.7,
    2012: 584.6,
    2013: 567.3,
    2014: 576.1,
    2015: 556.8,
    2016: 541.7,
    2017: 567.5,
    2018: 603.1,
    2019: 607.5,
    2020: 596.2,
    2021: 708.8,
    2022: 816.0,
    2023: 797.9,
}
"""Chemical Engineering Plant Cost Index (CEPCI), yearly means, 1957-59 = 100 (Chemical Engineering magazine)."""

USD_PER_EUR: Mapping[int, float] = PER_EUR["USD"]
"""Euro reference rate of the US dollar, yearly means (European Central Bank)."""

COST_CURRENCIES = ("EUR", "USD")


def in_euros(cost: float, currency: str, year: int) -> float:
    """Return a cost in EUR of the same year.

    Parameters
    ----------
    cost
        In ``currency`` of ``year``.
    currency
        One of ``CURRENCIES``.
    year
        Year of the price, one of ``USD_PER_EUR``.

    Raises
    ------
    ValueError
        If the currency is unknown.
    """
    if currency == "EUR":
        return cost
    if currency == "USD":
        return cost / USD_PER_EUR[year]
    raise ValueError(f"no exchange rate for '{currency}'; there are {', '.join(COST_CURRENCIES)}")


def escalated(cost_eur: float, year: int, to_year: int) -> float:
    """Return a cost of one year at the price level of another: cost times the ratio of the cost indices."""
    return cost_eur * COST_INDEX[to_year] / COST_INDEX[year]
