"""Years that were simulated one after another: their totals and renewals in place of those that one year leads to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from h2plant.economics.plant_cost import SHORTEST_LIFE_YEARS, PlantCost, residual_frac
from h2plant.economics.year import Year


@dataclass(frozen=True)
class Life:
    """What a run over several years says.

    Attributes
    ----------
    years
        Totals of each year.
    renewals
        Component -> years of operation (1 is the first) in which its stack was renewed, one entry for each renewal.
    lives_years
        Component -> life of its stack by the wear of all years.
    """

    years: tuple[Year, ...]
    renewals: Mapping[str, tuple[int, ...]]
    lives_years: Mapping[str, float]

    @property
    def mean(self) -> Year:
        """Mean of the years."""
        return mean_year(self.years)

    def over(self, n: int) -> tuple[Year, ...]:
        """Return n years: those of the run, then their mean."""
        return (*self.years, *[self.mean] * (n - len(self.years)))[:n]


def mean_year(years: Sequence[Year]) -> Year:
    """Return the mean of the totals of years; ValueError without any."""
    if not years:
        raise ValueError("there is no year to take the mean of")
    n = len(years)
    values: dict[str, object] = {}
    for field in fields(Year):
        of_each = [getattr(year, field.name) for year in years]
        if any(value is None for value in of_each):
            values[field.name] = None  # what nobody says in one of the years
        elif isinstance(of_each[0], Mapping):
            names = {name for totals in of_each for name in totals}
            values[field.name] = {name: math.fsum(t.get(name, 0.0) for t in of_each) / n for name in sorted(names)}
        else:
            values[field.name] = math.fsum(of_each) / n
    return Year(**values)  # type: ignore[arg-type]


def renewed_as_run(plant: PlantCost, life: Life, project_years: int, residual_value_frac: float) -> PlantCost:
    """Return the cost of a plant with its stacks renewed in the years of the run, and after them by their life.

    Parameters
    ----------
    plant
        The plant, with the renewals that its figures lead to.
    life
        The run.
    project_years
        Years of operation; nothing is renewed in the last one.
    residual_value_frac
        How much of what stacks are worth at the end counts.
    """
    n_run = len(life.years)
    items = []
    for item in plant.items:
        if not (item.end_of_life_loss_frac > 0.0 and item.component in life.lives_years):
            items.append(item)
            continue
        seen = [year for year in life.renewals.get(item.component, ()) if year < project_years]
        lasts = max(life.lives_years[item.component], SHORTEST_LIFE_YEARS)
        newest = float(seen[-1]) if seen else 0.0
        while newest + lasts < project_years:
            newest += lasts
            seen.append(max(math.floor(newest + 0.5), n_run + 1))
        seen = [year for year in seen if year < project_years]
        left = residual_value_frac * residual_frac(lasts, project_years, len(seen))
        items.append(item._replace(life_years=lasts, replacement_years=tuple(seen), residual_frac=left))
    return replace(plant, items=tuple(items))
