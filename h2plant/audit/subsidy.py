"""What the public and a contract by the year pay for capital and hydrogen, from the terms alone: docs/economics.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from h2plant.audit import years
from h2plant.audit.check import NOT_THERE, Checks

FloatArray = npt.NDArray[np.float64]
Terms = Mapping[str, Any]
_BY_YEAR = ("hydrogen premium", "contract for difference")


def granted(s: Mapping[str, Any], capex_eur: float) -> float:
    """Return the grant on a capital, EUR."""
    terms = _agreed(s, "investment_grant")
    if terms is None:
        return 0.0
    most = terms["eligible_frac"] * capex_eur
    return float(most * terms["capital_frac"] if terms["amount_eur"] is None else min(terms["amount_eur"], most))


def of_years(s: Mapping[str, Any], each: Sequence[Any], made: FloatArray, priced: FloatArray) -> dict[str, FloatArray]:
    """Return what the hydrogen of each year is paid, by kind, where such a share of that year's is made.

    ``each``: the sums of each year (``economy.YearSums``); ``priced``: factors of its price.
    """
    sold, certified = np.array([y.sold_kg for y in each]) * made, np.array([y.certified_kg for y in each]) * made
    earned = np.array([earned_eur_per_kg(s, year) for year in each]) * priced
    green = np.array([green_eur_per_kg(s, year) for year in each]) * priced
    asked = np.array([np.inf if y.asked_kg is None else y.asked_kg for y in each])
    return by_contract(s, sold, asked, earned) | paid(s, sold, certified, earned, green)


def by_contract(
    s: Mapping[str, Any], sold_kg: FloatArray, asked_kg: FloatArray, earned: FloatArray
) -> dict[str, FloatArray]:
    """Return what a contract over hydrogen brings by the year: for what was not taken, less for what was missing.

    ``asked_kg`` is without end where nobody asks: all is taken.
    """
    terms = s["hydrogen_contract"]
    if terms is None:
        return {}
    due, n = terms["kg_per_year"], sold_kg.size
    lasts = np.arange(n) < (terms["years"] or n)
    untaken = np.clip(terms["take_or_pay_frac"] * due - np.maximum(asked_kg, sold_kg), 0.0, None)
    missing = np.clip(np.minimum(terms["delivery_frac"] * due, asked_kg) - sold_kg, 0.0, None)
    price = earned if terms["price_eur_per_kg"] is None else np.full(n, terms["price_eur_per_kg"])
    return {
        "take or pay": np.where(lasts, untaken * price, 0.0),
        "delivery shortfall": np.where(lasts, -terms["penalty_eur_per_kg"] * missing, 0.0),
    }


def earned_eur_per_kg(s: Mapping[str, Any], year: Any) -> float:
    """Return what a kilogram sold earns in a year (``economy.YearSums``)."""
    price = s["hydrogen_price_eur_per_kg"]
    if year.sold_kg <= 0.0:
        return float(price or 0.0)
    per_kg = year.hydrogen_eur / year.sold_kg if price is None else price
    return float(per_kg - year.uncertified_eur / year.sold_kg)


def green_eur_per_kg(s: Mapping[str, Any], year: Any) -> float:
    """Return what a certified kilogram earns in a year (``economy.YearSums``): what all would, were all certified."""
    price = s["hydrogen_price_eur_per_kg"]
    if price is None:
        price = (year.hydrogen_eur + year.premium_left_eur) / year.sold_kg if year.sold_kg > 0.0 else 0.0
    return float(price)


def check_subsidies(
    checks: Checks,
    stated: Mapping[str, Any],
    s: Mapping[str, Any],
    granted_eur: float,
    incomes: Mapping[str, FloatArray],
) -> None:
    """Check what a summary says is paid towards capital and hydrogen; ``incomes``: those of the project, by kind."""
    law, found, where = "figure-subsidies", stated.get("subsidies") or {}, "economics.subsidies"
    has_grant = _agreed(s, "investment_grant") is not None
    checks.add(law, f"{where}.grant_eur", found.get("grant_eur", NOT_THERE), granted_eur if has_grant else NOT_THERE)
    has_any = any(terms is not None for terms in (s["subsidies"] or {}).values())
    before = found.get("cost_before_eur_per_kg") or {}
    checks.add(law, f"{where}.cost_before_eur_per_kg", sorted(before), ["made", "sold"] if has_any else [])
    checks.add(law, f"{where}.text", bool(found.get("text")), has_any)
    names = _BY_YEAR
    expected = {name: incomes[name] for name in names if name in incomes}
    by_year, present = found.get("by_year_eur") or {}, found.get("present_value_eur") or {}
    checks.add(law, f"{where}.by_year_eur", sorted(by_year), sorted(expected))
    for name, values in expected.items():
        listed, scale = np.asarray(by_year.get(name, ()), dtype=float), float(np.abs(values).sum())
        checks.add(law, f"{where}.by_year_eur.{name}", listed.size, values.size)
        if listed.size == values.size:
            at = int(np.abs(listed - values).argmax())
            checks.add(law, f"{where}.by_year_eur.{name}", float(listed[at]), float(values[at]), scale)
        worth = float((values * (1.0 + s["real_rate_frac"]) ** -np.arange(1.0, values.size + 1.0)).sum())
        checks.add(law, f"{where}.present_value_eur.{name}", present.get(name), worth, scale)


def check_before(
    checks: Checks, stated: Mapping[str, Any], mass: str, by_kind: Mapping[str, float] | None, scale: float
) -> None:
    """Check the cost before subsidies where a summary has it; ``by_kind``: the cost by its kinds, None: none."""
    before = (stated.get("subsidies") or {}).get("cost_before_eur_per_kg")
    if before is not None:
        paid_for = ("investment grant", *_BY_YEAR)
        own = None if by_kind is None else sum(eur for kind, eur in by_kind.items() if kind not in paid_for)
        checks.add(
            "figure-subsidies", f"economics.subsidies.cost_before_eur_per_kg.{mass}", before.get(mass), own, scale
        )


def paid(
    s: Mapping[str, Any],
    sold_kg: npt.ArrayLike,
    certified_kg: npt.ArrayLike,
    earned: npt.ArrayLike,
    green: npt.ArrayLike | None = None,
) -> dict[str, FloatArray]:
    """Return what hydrogen is paid in each year of operation, by kind, EUR in prices of year 0.

    ``earned`` is what a kilogram sold earns in each year, ``green`` a certified one; None: the same.
    """
    found: dict[str, FloatArray] = {}
    sold, certified = np.asarray(sold_kg, dtype=float), np.asarray(certified_kg, dtype=float)
    premium, cfd = _agreed(s, "hydrogen_premium"), _agreed(s, "hydrogen_cfd")
    if premium is not None:
        found["hydrogen premium"] = _counted(premium, sold, certified) * premium["eur_per_kg"] * _worth(premium, s)
    if cfd is not None:
        own = green if cfd["is_certified_only"] and green is not None else earned
        market = np.maximum(np.asarray(own, dtype=float), cfd["reference_floor_eur_per_kg"])
        if cfd["reference_eur_per_kg"] is not None:
            market = cfd["reference_eur_per_kg"] * years.factors_of(s, cfd["reference_path"])
        gap = cfd["strike_eur_per_kg"] * _worth(cfd, s) - market
        gap = gap if cfd["is_two_way"] else np.where(gap > 0.0, gap, 0.0)
        found["contract for difference"] = _counted(cfd, sold, certified) * gap
    return found


def _agreed(s: Mapping[str, Any], name: str) -> Terms | None:
    return (s["subsidies"] or {}).get(name)


def _counted(terms: Terms, sold: FloatArray, certified: FloatArray) -> FloatArray:
    """Return the hydrogen that is paid for in each year, kg."""
    kg = certified if terms["is_certified_only"] else sold
    most = np.inf if terms["max_kg_per_year"] is None else terms["max_kg_per_year"]
    return np.where(np.arange(kg.size) < terms["years"], np.clip(kg, None, most), 0.0)


def _worth(terms: Terms, s: Mapping[str, Any]) -> FloatArray:
    """Return what an amount of the terms is worth in each year, by what it is in prices of year 0."""
    n = s["project_life_years"]
    if terms["indexation"] is not None:
        return years.factors_of(s, terms["indexation"])
    return np.ones(n) if terms["is_indexed"] else _deflated(np.ones(n), s)


def _deflated(values: FloatArray, s: Mapping[str, Any]) -> FloatArray:
    return np.asarray(values / (1.0 + s["inflation_frac"]) ** np.arange(1.0, values.size + 1.0))
