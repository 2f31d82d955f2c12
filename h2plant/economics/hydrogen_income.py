"""What hydrogen earns in the years of a project by contracts and subsidies, from the totals of each year."""

from __future__ import annotations

from collections.abc import Sequence

from h2plant.economics.hydrogen_contract import contract_by_year
from h2plant.economics.settings import Settings
from h2plant.economics.subsidy import Sold, subsidies_by_year
from h2plant.economics.year import Year


def income_by_contract(
    s: Settings, years: Sequence[Year], produced: Sequence[float], priced: Sequence[float]
) -> dict[str, tuple[float, ...]]:
    """Return what subsidies and contracts pay for the hydrogen of each year, by kind, EUR in prices of year 0.

    ``produced``, ``priced``: its mass and its price by those of the run.
    """
    sold = [
        Sold(
            one.sold_kg * share,
            one.certified_kg * share,
            earned_eur_per_kg(s, one) * up,
            certified_eur_per_kg(s, one) * up,
        )
        for one, share, up in zip(years, produced, priced, strict=True)
    ]
    contract = contract_by_year(s.hydrogen_contract, sold, [one.asked_kg for one in years])
    return contract | subsidies_by_year(s.agreed, s.span, sold)


def earned_eur_per_kg(s: Settings, year: Year) -> float:
    """Return what a kilogram sold earns, that which is not certified at its own price; without any, what it would."""
    price = s.hydrogen_price_eur_per_kg
    if not year.sold_kg > 0.0:
        return price or 0.0
    earned_eur = year.hydrogen_revenue_eur if price is None else price * year.sold_kg
    return (earned_eur - year.uncertified_eur) / year.sold_kg


def certified_eur_per_kg(s: Settings, year: Year) -> float:
    """Return what a kilogram sold earns that is certified; 0 where none is sold."""
    if s.hydrogen_price_eur_per_kg is not None:
        return s.hydrogen_price_eur_per_kg
    return (year.hydrogen_revenue_eur + year.certified_more_eur) / year.sold_kg if year.sold_kg > 0.0 else 0.0
