"""What a life says over the years of weather and prices that it took in turn: P50, P90, and how sure the mean is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from h2plant.economics.appraisal import Appraisal, appraise
from h2plant.economics.life import Life, mean_year
from h2plant.economics.plant_cost import Equipment
from h2plant.economics.settings import Settings
from h2plant.economics.year import Year

DEFINITION = (
    "each input year counts once, with the mean of the years of the life that took it; P50 is the median, P90 what is "
    "reached or bettered in 90 % of the years: hydrogen and value above it, cost below it (straight lines between the "
    "years in order); cost and value are those of a project in which every year is like that one; the standard error "
    "of the mean is s / sqrt(n), as if years were independent"
)
"""How the figures are defined, as summaries say it."""

FIGURES: Mapping[str, bool] = {
    "hydrogen_made_kg": True,
    "hydrogen_sold_kg": True,
    "hydrogen_cost_eur_per_kg": False,
    "hydrogen_cost_after_tax_eur_per_kg": False,
    "net_present_value_eur": True,
}
"""Figures of a weather year, and whether more of it is better."""

_LATE = 0.9
FEW_YEARS = 10
"""Below so many years a P90 lies between the worst of them and the next."""


@dataclass(frozen=True)
class Spread:
    """A figure over weather years.

    Attributes
    ----------
    p50, p90
        Median, and what is reached or bettered in 90 % of the years.
    mean, standard_deviation, standard_error
        Mean of the years, their standard deviation (n - 1), and that of the mean of n independent years.
    """

    p50: float
    p90: float
    mean: float
    standard_deviation: float
    standard_error: float

    @classmethod
    def of(cls, values: Sequence[float], is_more_better: bool) -> Spread:
        """Return the spread of the values of two years or more."""
        p50, p90 = np.quantile(values, [0.5, 1.0 - _LATE if is_more_better else _LATE])
        deviation = float(np.std(values, ddof=1))
        error = deviation / math.sqrt(len(values))
        return cls(float(p50), float(p90), math.fsum(values) / len(values), deviation, error)


def weather_years(
    input_years: Sequence[int], life: Life, equipment: Mapping[str, Equipment], settings: Settings, not_valid: str = ""
) -> dict[str, Any]:
    """Return what the years of weather say, for the summary; empty where there are fewer than two.

    Parameters
    ----------
    input_years
        The calendar year whose series each year of the life took.
    life
        The years, in the same order, their renewals and lives.
    equipment, settings
        The plant's components and economics.
    not_valid
        Why there is no cost and no value, where it is not empty.
    """
    taken: dict[int, list[Year]] = {}
    for which, year in zip(input_years, life.years, strict=True):
        taken.setdefault(which, []).append(year)
    if len(taken) < 2:
        return {}
    by_year = {}
    for which, years in sorted(taken.items()):
        one = mean_year(years)
        alike = Life((one,), life.renewals, life.lives_years)
        appraisal = appraise(equipment, settings, one, life=alike)
        by_year[which] = _figures(one, appraisal.voided(not_valid) if not_valid else appraisal)
    spreads: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for name, is_more_better in FIGURES.items():
        values = [figures[name] for figures in by_year.values()]
        missing = [which for which, figures in by_year.items() if figures[name] is None]
        if missing:
            reasons[name] = not_valid or f"there is none in {', '.join(map(str, missing))}"
        else:
            spreads[name] = vars(Spread.of([value for value in values if value is not None], is_more_better))
    return {
        "n_years": len(by_year),
        "definition": DEFINITION,
        "figures": {name: spreads.get(name) for name in FIGURES},
        "by_year": {str(which): figures for which, figures in by_year.items()},
        "reasons": reasons,
        "note": ""
        if len(by_year) >= FEW_YEARS
        else f"{len(by_year)} years: P90 lies between the worst of them and the next, and says little of rarer ones",
    }


def _figures(year: Year, appraisal: Appraisal) -> dict[str, float | None]:
    return {
        "hydrogen_made_kg": year.total_made_kg,
        "hydrogen_sold_kg": year.sold_kg,
        "hydrogen_cost_eur_per_kg": appraisal.made.closed_form,
        "hydrogen_cost_after_tax_eur_per_kg": appraisal.made.break_even,
        "net_present_value_eur": appraisal.net_present_value_eur,
    }


def rows_of(found: Mapping[str, Any]) -> list[tuple[str, list[float]]]:
    """Return id and P50, P90, mean, standard deviation and standard error of each figure that has them, for tables."""
    figures = found.get("figures") or {}
    names = ("p50", "p90", "mean", "standard_deviation", "standard_error")
    return [(id_, [float(one[name]) for name in names]) for id_, one in figures.items() if one]


HEADINGS = ("P50", "P90", "mean", "s", "s of the mean")
"""Headings of ``rows_of``."""
