"""Price levels: plant cost index and exchange rates, by which a cost of one year and currency is brought to another."""

from __future__ import annotations

from collections.abc import Mapping

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

USD_PER_EUR: Mapping[int, float] = {
    2001: 0.8956,
    2002: 0.9456,
    2003: 1.1312,
    2004: 1.2439,
    2005: 1.2441,
    2006: 1.2556,
    2007: 1.3705,
    2008: 1.4708,
    2009: 1.3948,
    2010: 1.3257,
    2011: 1.3920,
    2012: 1.2848,
    2013: 1.3281,
    2014: 1.3285,
    2015: 1.1095,
    2016: 1.1069,
    2017: 1.1297,
    2018: 1.1810,
    2019: 1.1195,
    2020: 1.1422,
    2021: 1.1827,
    2022: 1.0530,
    2023: 1.0813,
}
"""Euro reference rate of the US dollar, yearly means (European Central Bank)."""

CURRENCIES = ("EUR", "USD")


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
    raise ValueError(f"no exchange rate for '{currency}'; there are {', '.join(CURRENCIES)}")


def escalated(cost_eur: float, year: int, to_year: int) -> float:
    """Return a cost of one year at the price level of another: cost times the ratio of the cost indices."""
    return cost_eur * COST_INDEX[to_year] / COST_INDEX[year]
