"""Years that differ: factors of prices by year, and how a debt is covered, worked out from what docs/economics.md says.

Cover ratios after Yescombe 2014, Principles of Project Finance, 2nd edition, chapter 12.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

RATIOS = ("debt_service_cover_ratio", "loan_life_cover_ratio")

WEATHER_FIGURES = ("hydrogen_made_kg", "hydrogen_sold_kg", "hydrogen_cost_eur_per_kg",
                   "hydrogen_cost_after_tax_eur_per_kg", "net_present_value_eur")  # fmt: skip

_ROWS = {
    "power": ("grid import", "imbalance", "emergency supply", "power sold", "contracted power at market"),
    "power_contract": ("power contract", "contracted power"),
    "grid_fees": ("grid fees",),
    "carbon": ("carbon",),
    "water": ("water",),
    "products": ("oxygen sold", "nitrogen sold", "water sold", "heat sold"),
    "upkeep": ("upkeep", "insurance", "staff", "other", "consumables"),
}
"""Rows that each path moves."""


def factors(s: Mapping[str, Any], name: str) -> FloatArray:
    """Return what a price is in each year of operation by what it is in the run, above inflation; ones without path."""
    return factors_of(s, (s.get("price_paths") or {}).get(name))


def factors_of(s: Mapping[str, Any], path: Mapping[str, Any] | None) -> FloatArray:
    """Return the factors of a path of prices in the years of operation, above inflation; ones without path."""
    n = s["project_life_years"]
    years = np.arange(1.0, n + 1.0)
    if not path:
        return np.ones(n)
    if path.get("rate_frac") is not None:
        found = np.exp(years * np.log1p(path["rate_frac"]))
    elif path.get("factors") is not None:
        given = np.array(path["factors"], dtype=float)
        found = given[np.minimum(np.arange(n), given.size - 1)] / (path.get("reference") or 1.0)
    else:
        known = sorted((int(year), value) for year, value in path["by_year"].items())
        at = s["first_year"] + years - 1.0
        found = np.interp(at, [y for y, _ in known], [v for _, v in known]) / (path.get("reference") or 1.0)
    if path["money"] == "nominal":
        found = found / np.exp(years * np.log1p(s["inflation_frac"]))
    return np.asarray(found)


def contracted(s: Mapping[str, Any]) -> FloatArray:
    """Return 1 for each year of operation in which contracts over power are in force, 0 for the others."""
    n = s["project_life_years"]
    return np.where(np.arange(n) < (s.get("power_contract_years") or n), 1.0, 0.0)


def at_prices(s: Mapping[str, Any], rows: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return rows of costs or incomes at the prices of each year."""
    paths = s.get("price_paths") or {}
    own = {row: name for name, moved in _ROWS.items() if paths.get(name) for row in moved}
    return {row: values * factors(s, own[row]) if row in own else values for row, values in rows.items()}


def cover(s: Mapping[str, Any], years: npt.NDArray[Any], columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return cash available for debt service, DSCR and LLCR of each year; NaN where there is nothing to cover.

    ``columns`` has as ``tax`` that without what the end of the plant brings and costs.
    """
    operating = years >= 1
    worth = columns["earnings_before_interest_tax_depreciation"] - columns["residual_value"]
    worth = worth + columns["decommissioning"] - columns["tax"] - columns["replacements"] - columns["working_capital"]
    available = np.where(operating, worth, 0.0)
    due = columns["interest"] + columns["principal"]
    owed = np.cumsum(columns["borrowed"] - columns["principal"])
    before = np.concatenate([[0.0], owed[:-1]])
    in_debt = operating & (years <= s["debt_years"])
    grown = (1.0 + s["debt_rate_frac"]) ** -np.arange(1.0, years.size + 1.0)
    value = np.array([(available[k:] * in_debt[k:] * grown[: years.size - k]).sum() for k in range(years.size)])
    has_owed = in_debt & (before > 0.0)
    return {
        "available_for_debt_service": available,
        RATIOS[0]: np.where(in_debt & (due > 0.0), available / np.where(due > 0.0, due, 1.0), np.nan),
        RATIOS[1]: np.where(has_owed, value / np.where(has_owed, before, 1.0), np.nan),
    }


def least_cover(years: npt.NDArray[Any], columns: Mapping[str, FloatArray]) -> dict[str, Any] | None:
    """Return what a summary says of the cover of a debt; None where there is none."""
    service, life = (columns.get(name, np.array([np.nan])) for name in RATIOS)
    if np.isnan(service).all() or np.isnan(life).all():
        return None
    return {
        "least_dscr_ratio": float(np.nanmin(service)),
        "least_dscr_year": int(years[int(np.nanargmin(service))]),
        "mean_dscr_ratio": float(np.nanmean(service)),
        "llcr_ratio": float(life[~np.isnan(life)][0]),
        "least_llcr_ratio": float(np.nanmin(life)),
    }


def spread(values: FloatArray, is_cost: bool) -> dict[str, float]:
    """Return what a summary says of a figure over weather years, found by its place among them in order."""
    ordered = np.sort(values)[::-1] if is_cost else np.sort(values)
    n = ordered.size

    def at(share: float) -> float:
        place = share * (n - 1)
        k = min(int(place), n - 2)
        return float(ordered[k] + (place - k) * (ordered[k + 1] - ordered[k]))

    mean = float(ordered.sum() / n)
    deviation = float(np.sqrt(((ordered - mean) ** 2).sum() / (n - 1)))
    found = {"p50": at(0.5), "p90": at(0.1), "mean": mean, "standard_deviation": deviation}
    return found | {"standard_error": deviation / float(np.sqrt(n))}
