"""What a plant's equipment costs: capital per part from cost figures, its renewals, and its yearly upkeep."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from h2plant.core.cost import CostFigure
from h2plant.economics.price_level import escalated, in_euros

LONGEST_STACK_LIFE_YEARS = 20.0
SHORTEST_LIFE_YEARS = 1.0 / 52.0
"""Nothing is renewed more often than weekly, so that the list of renewals has at most 52 a year."""
"""Life of a stack that hardly runs."""

RUNNING_H_PER_YEAR = "running_h_per_year"
"""Parameter that a caller may add to a component's: hours that it runs per year, for lives given in hours."""

_WHOLE = 1e-9


class Item(NamedTuple):
    """One part of one component in a plant's cost."""

    component: str
    kind: str
    part: str
    capex_eur: float
    fixed_cost_eur_per_year: float
    life_years: float
    replacement_years: tuple[int, ...]
    """Years of operation at whose end the part is renewed, at its first cost."""
    residual_frac: float
    """Share of its cost that the part is still worth at the end of the project."""
    end_of_life_loss_frac: float
    """Share of its hydrogen that it has lost when it is worn out."""
    source: str
    low_ratio: float
    high_ratio: float


class Equipment(NamedTuple):
    """A component, as its cost sees it.

    Attributes
    ----------
    kind
        What kind it is, for tables.
    values
        Parameters and sizes that its cost figures name, SI.
    costs
        Cost figures of its parts; none: it has no capital of its own; None: nobody knows what it costs.
    """

    kind: str
    values: Mapping[str, float]
    costs: tuple[CostFigure, ...] | None


@dataclass(frozen=True, slots=True)
class PlantCost:
    """Capital of a plant and what it takes to keep it; ``missing`` are components of which nobody knows the cost."""

    items: tuple[Item, ...]
    indirect_cost_eur: float
    contingency_eur: float
    missing: tuple[str, ...] = ()

    @property
    def equipment_eur(self) -> float:
        """Installed cost of all components."""
        return math.fsum(item.capex_eur for item in self.items)

    @property
    def capex_eur(self) -> float:
        """Installed cost of all components, and the indirect cost and contingency of the project."""
        return math.fsum((self.equipment_eur, self.indirect_cost_eur, self.contingency_eur))


def size(figure: CostFigure, parameters: Mapping[str, float]) -> float:
    """Return the size of a component, SI, as its cost figure measures it.

    Raises
    ------
    KeyError
        If a parameter is missing.
    ValueError
        If the size is negative.
    """
    product = 1.0
    for name in figure.size_parameters:
        if name not in parameters:
            raise KeyError(f"the cost of '{figure.part}' needs the parameter '{name}'")
        product *= parameters[name]
    if not product >= 0.0:
        raise ValueError(f"the size of '{figure.part}' is {product}")
    return product


def installed_cost(figure: CostFigure, parameters: Mapping[str, float], price_year: int = 2023) -> float:
    """Return the installed cost, EUR of ``price_year``, of the part that a cost figure describes.

    C = C_0 (S / S_0)^n, times the installation ratio, in EUR of its year, times the ratio of the cost indices.
    """
    scale = (size(figure, parameters) / figure.reference_size) ** figure.exponent if figure.size_parameters else 1.0
    cost = figure.reference_cost * figure.installation_ratio * scale
    return escalated(in_euros(cost, figure.currency, figure.price_year), figure.price_year, price_year)


def component_capex(equipment: Equipment, price_year: int = 2023) -> float:
    """Return the installed cost of a component, EUR of ``price_year``, one of ``COST_INDEX``.

    Raises
    ------
    KeyError
        If a parameter that a cost figure needs is missing.
    """
    return math.fsum(installed_cost(figure, equipment.values, price_year) for figure in equipment.costs or ())


def part_life(figure: CostFigure, parameters: Mapping[str, float], worn_life_years: float | None = None) -> float:
    """Return the life of a part, years.

    Parameters
    ----------
    figure
        Its cost figure.
    parameters
        Those of the component; with ``running_h_per_year`` a life in hours counts.
    worn_life_years
        Life of the component's wearing part by the degradation of a run, if there is one.
    """
    life = figure.life_years
    running = parameters.get(RUNNING_H_PER_YEAR, 0.0)
    if figure.life_h < math.inf and worn_life_years is not None:
        life = min(worn_life_years, LONGEST_STACK_LIFE_YEARS)
    elif figure.life_h < math.inf and running > 0.0:
        life = min(figure.life_h / running, LONGEST_STACK_LIFE_YEARS)
    return max(life, SHORTEST_LIFE_YEARS)


def replacement_years(life_years: float, project_years: int) -> tuple[int, ...]:
    """Return the years at whose end a part is renewed: the whole years nearest to the multiples of its life.

    Not in the last year of the project or after it. A life below a year gives several renewals in a year.
    """
    years = []
    for k in range(1, math.ceil(project_years / life_years) + 1):
        year = max(math.floor(k * life_years + 0.5), 1)
        if year >= project_years or k * life_years > project_years - _WHOLE:
            break
        years.append(year)
    return tuple(years)


def residual_frac(life_years: float, project_years: int, n_renewals: int) -> float:
    """Return the share of a part's cost that is left at the end of the project, in a straight line by its age."""
    age = project_years - n_renewals * life_years
    return min(max(1.0 - age / life_years, 0.0), 1.0)


def offered(
    figures: tuple[CostFigure, ...], listed_eur: float, offer_eur: float, price_year: int
) -> tuple[CostFigure, ...]:
    """Return the cost figures of a component scaled so that their sum is an offer; one figure where they are none."""
    source = "economics.capex_eur"
    if listed_eur <= 0.0:
        return (CostFigure("offer", (), 1.0, offer_eur, price_year, 1.0, 20.0, 0.02, source),)
    ratio = offer_eur / listed_eur
    return tuple(replace(f, reference_cost=f.reference_cost * ratio, source=source) for f in figures)


def plant_cost(
    components: Mapping[str, Equipment],
    project_years: int = 25,
    indirect_frac: float = 0.30,
    contingency_frac: float = 0.10,
    price_year: int = 2023,
    residual_value_frac: float = 1.0,
    figures: Mapping[str, tuple[CostFigure, ...]] | None = None,
    offers_eur: Mapping[str, float] | None = None,
    worn_lives_years: Mapping[str, float] | None = None,
) -> PlantCost:
    """Return what a plant costs, part by part.

    Parameters
    ----------
    components
        Component -> its kind, parameters and cost figures.
    project_years
        Years of operation.
    indirect_frac, contingency_frac
        Indirect cost of the project and contingency, by installed cost.
    price_year
        Year of the prices, one of ``COST_INDEX``.
    residual_value_frac
        How much of what parts are worth at the end of the project counts.
    figures
        Component or kind -> its own cost figures.
    offers_eur
        Component -> its installed cost, where an offer is known; life and upkeep stay those of its kind.
    worn_lives_years
        Component -> life of its wearing part by the degradation of a run.

    Raises
    ------
    KeyError
        If a parameter is missing; the component is named.
    """
    own, offers, lives = figures or {}, offers_eur or {}, worn_lives_years or {}
    items: list[Item] = []
    missing = []
    for name, (kind, values, listed_costs) in components.items():
        try:
            parts = own.get(name) or own.get(kind) or listed_costs
            if parts is None and name not in offers:
                missing.append(name)
            if name in offers:
                listed = math.fsum(installed_cost(f, values, price_year) for f in parts or ())
                parts = offered(parts or (), listed, offers[name], price_year)
            for f in parts or ():
                capex = installed_cost(f, values, price_year)
                life = part_life(f, values, lives.get(name))
                years = replacement_years(life, project_years)
                left = residual_value_frac * residual_frac(life, project_years, len(years))
                items.append(
                    Item(
                        *(name, kind, f.part, capex, capex * f.fixed_cost_frac, life, years, left),
                        *(f.end_of_life_loss_frac, f.source, f.low_ratio, f.high_ratio),
                    )
                )
        except KeyError as error:
            raise KeyError(f"component '{name}': {error.args[0]}") from error
    equipment = math.fsum(item.capex_eur for item in items)
    return PlantCost(tuple(items), indirect_frac * equipment, contingency_frac * equipment, tuple(missing))
