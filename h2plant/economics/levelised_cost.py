"""Levelised cost of hydrogen in closed form, with the capital recovery factor."""

from __future__ import annotations

import math
from dataclasses import dataclass


def capital_recovery_factor(real_rate_frac: float, life_years: float) -> float:
    """Return the yearly payment per capital that repays it with interest over its life, at the end of each year.

    CRF = r (1 + r)^n / ((1 + r)^n - 1) = r / (1 - (1 + r)^-n); 1 / n without interest.

    Parameters
    ----------
    real_rate_frac
        Real discount rate r per year, > -1.
    life_years
        Years n over which the capital is recovered, > 0, not necessarily whole.

    Returns
    -------
    float
        Payment per year and unit of capital.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Source: Short, Packey and Holt 1995, A Manual for the Economic Evaluation of Energy Efficiency and Renewable
    Energy Technologies, NREL/TP-462-5173, section 4 (doi 10.2172/35391).
    """
    if not real_rate_frac > -1.0:
        raise ValueError(f"the real rate must be above -1, not {real_rate_frac}")
    if not life_years > 0.0:
        raise ValueError(f"the life must be above 0 years, not {life_years}")
    if real_rate_frac == 0.0:
        return 1.0 / life_years
    return real_rate_frac / -math.expm1(-life_years * math.log1p(real_rate_frac))


def present_value_factor(real_rate_frac: float, life_years: float) -> float:
    """Return the value today of one paid at the end of each year of a life: 1 / CRF."""
    return 1.0 / capital_recovery_factor(real_rate_frac, life_years)


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
