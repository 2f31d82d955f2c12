"""Levelised cost of hydrogen in closed form, against which cash flows are checked."""

from __future__ import annotations

from dataclasses import dataclass

from h2plant.economics.levelised_cost import capital_recovery_factor


@dataclass(frozen=True, slots=True)
class LevelisedCost:
    """Cost of one kilogram of hydrogen and its parts, EUR/kg."""

    capital_eur_per_kg: float
    fixed_eur_per_kg: float
    variable_eur_per_kg: float
    revenue_eur_per_kg: float
    """Income from all else that is sold, positive; it lowers the total."""

    @property
    def total_eur_per_kg(self) -> float:
        """Cost of hydrogen, all parts together."""
        return self.capital_eur_per_kg + self.fixed_eur_per_kg + self.variable_eur_per_kg - self.revenue_eur_per_kg


def levelised_cost(
    capex_eur: float,
    life_years: float,
    real_rate_frac: float,
    hydrogen_kg_per_year: float,
    fixed_cost_eur_per_year: float = 0.0,
    variable_cost_eur_per_kg: float = 0.0,
    revenue_eur_per_year: float = 0.0,
    is_capex_one_year_before: bool = False,
) -> LevelisedCost:
    """Return the levelised cost of hydrogen of a plant that is the same every year.

    LCOH = (CAPEX CRF + fixed cost - revenue) / yearly mass + variable cost.

    Parameters
    ----------
    capex_eur
        Capital, EUR, in prices of the first year.
    life_years
        Life over which it is recovered.
    real_rate_frac
        Real discount rate per year.
    hydrogen_kg_per_year
        Hydrogen delivered per year, > 0.
    fixed_cost_eur_per_year
        Operation and maintenance that does not depend on the hydrogen made.
    variable_cost_eur_per_kg
        Electricity, water and all else that does.
    revenue_eur_per_year
        Income from power, oxygen and heat.
    is_capex_one_year_before
        Convention of payment. False: capital at the start of the first year, all else at the end of each year.
        True: capital one year before that, so that it bears interest for one more year (CAPEX (1 + r)).

    Returns
    -------
    LevelisedCost

    Raises
    ------
    ValueError
        If no hydrogen is made, or the rate or the life is out of range.
    """
    if not hydrogen_kg_per_year > 0.0:
        raise ValueError(f"a cost per kilogram needs hydrogen, not {hydrogen_kg_per_year} kg per year")
    annuity = capex_eur * capital_recovery_factor(real_rate_frac, life_years)
    if is_capex_one_year_before:
        annuity *= 1.0 + real_rate_frac
    return LevelisedCost(
        capital_eur_per_kg=annuity / hydrogen_kg_per_year,
        fixed_eur_per_kg=fixed_cost_eur_per_year / hydrogen_kg_per_year,
        variable_eur_per_kg=variable_cost_eur_per_kg,
        revenue_eur_per_kg=revenue_eur_per_year / hydrogen_kg_per_year,
    )
