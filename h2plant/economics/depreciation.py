"""Depreciation for tax: the tables of the United States (MACRS) and straight lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MACRS: Mapping[int, tuple[float, ...]] = {
    5: (0.2, 0.32, 0.192, 0.1152, 0.1152, 0.0576),
    7: (0.1429, 0.2449, 0.1749, 0.1249, 0.0893, 0.0892, 0.0893, 0.0446),
    15: (0.05, 0.095, 0.0855, 0.077, 0.0693, 0.0623, 0.059, *(0.059, 0.0591) * 4, 0.0295),
    20: (
        *(0.0375, 0.07219, 0.06677, 0.06177, 0.05713, 0.05285, 0.04888, 0.04522),
        *(0.04462, 0.04461) * 6,
        0.02231,
    ),
}
"""Share of the basis by year, half-year convention, by recovery period (IRS Publication 946, table A-1)."""

METHODS = ("linear", *(f"macrs_{years}" for years in MACRS))


def depreciation_shares(method: str, years: int) -> tuple[float, ...]:
    """Return the share of the basis that is depreciated in each year, from the first year of use.

    Parameters
    ----------
    method
        ``linear``, or ``macrs_5``, ``macrs_7``, ``macrs_15``, ``macrs_20``.
    years
        Length of the straight line; MACRS has its own.

    Returns
    -------
    tuple of float
        Shares that add up to one.

    Raises
    ------
    ValueError
        If the method is unknown or the length is below one year.

    Notes
    -----
    Source: IRS Publication 946, How To Depreciate Property, appendix A, table A-1.
    """
    if method == "linear":
        if years < 1:
            raise ValueError(f"a straight line needs at least one year, not {years}")
        return (1.0 / years,) * years
    if method not in METHODS:
        raise ValueError(f"no depreciation '{method}'; there are {', '.join(METHODS)}")
    return MACRS[int(method.removeprefix("macrs_"))]


def depreciation_by_year(bought: Sequence[float], shares: Sequence[float]) -> list[float]:
    """Return the depreciation of each year; what is left at the end is written off in the last year.

    Parameters
    ----------
    bought
        What was put into use in each year, EUR, shape (n_years,).
    shares
        From ``depreciation_shares``.

    Returns
    -------
    list of float
        EUR, shape (n_years,); adds up to what was bought.
    """
    n = len(bought)
    charge = [0.0] * n
    for first, cost in enumerate(bought):
        for k, share in enumerate(shares):
            charge[min(first + k, n - 1)] += cost * share
    return charge
