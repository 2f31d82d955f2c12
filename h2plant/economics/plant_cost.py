"""What a plant costs: capital per component from cost figures with a scale, and the cost of its hydrogen.

Every component is renewed at the end of its own life, so each has an
annuity of its own; what the whole project costs beside the equipment is a share of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from h2plant.economics.cost_figures import COST_INDEX, CostFigure, cost_figures
from h2plant.economics.levelised_cost import LevelisedCost, capital_recovery_factor

INDIRECT_COST_FRAC = 0.40
"""Site 5, engineering 10, contingency 10, permits 3 and owner's cost 12 % of installed cost (HDSAM 3.1, Argonne)."""

LONGEST_STACK_LIFE_YEARS = 20.0
"""Life of a stack that hardly runs."""

RUNNING_H_PER_YEAR = "running_h_per_year"
"""Parameter that a caller may add to a component's: hours that it runs per year, for lives given in hours."""


class Item(NamedTuple):
    """One part of one component in a plant's cost."""

    component: str
    kind: str
    part: str
    capex_eur: float
    annuity_eur_per_year: float
    fixed_cost_eur_per_year: float
    life_years: float
    source: str


@dataclass(frozen=True, slots=True)
class PlantCost:
    """Capital and yearly cost of a plant, and of its hydrogen."""

    items: tuple[Item, ...]
    indirect_cost_eur: float
    capital_eur_per_year: float
    fixed_cost_eur_per_year: float
    electricity_eur_per_year: float
    other_cost_eur_per_year: float
    revenue_eur_per_year: float
    hydrogen_kg_per_year: float
    levelised: LevelisedCost
    per_kg: dict[str, float] = field(default_factory=dict)
    """EUR/kg: capital by kind, indirect, fixed, electricity, other, revenue (negative); they add up to the total."""

    @property
    def hydrogen_cost_eur_per_kg(self) -> float:
        """Cost of hydrogen, all parts together."""
        return self.levelised.total_eur_per_kg

    @property
    def equipment_eur(self) -> float:
        """Installed cost of all components."""
        return sum(item.capex_eur for item in self.items)

    @property
    def capex_eur(self) -> float:
        """Installed cost of all components and the indirect cost of the project."""
        return self.equipment_eur + self.indirect_cost_eur


def stage_power(parameters: Mapping[str, float]) -> float:
    """Return the electric power, W, that a compressor stage is built for, from its parameters.

    Suction at rated volume V and the pressure p that leaves a ratio of 2 to each stage from this one to the
    outlet: P = p V k/(k - 1) (2^((k - 1)/k) - 1) / efficiencies, k = 1.4 (ideal gas).
    """
    suction_pa = parameters["outlet_pressure_pa"] * math.pow(2.0, -parameters["n_stages_left"])
    efficiency = parameters["efficiency_frac"]
    efficiency *= parameters["mechanical_efficiency_frac"] * parameters["motor_efficiency_frac"]
    return suction_pa * parameters["rated_volume_m3_per_s"] * 3.5 * (math.pow(2.0, 1.0 / 3.5) - 1.0) / efficiency


def with_sizes(kind: str, parameters: Mapping[str, float]) -> Mapping[str, float]:
    """Return the parameters with the sizes that a kind does not declare but its cost follows."""
    if kind == "compressor_stage" and "rated_power_w" not in parameters and "rated_volume_m3_per_s" in parameters:
        return {**parameters, "rated_power_w": stage_power(parameters)}
    return parameters


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
    """Return the installed cost, EUR of ``price_year``, of the part that a cost figure describes."""
    scale = (size(figure, parameters) / figure.reference_size) ** figure.exponent if figure.size_parameters else 1.0
    return figure.reference_cost_eur * scale * COST_INDEX[price_year] / COST_INDEX[figure.price_year]


def component_capex(kind: str, parameters: Mapping[str, float], price_year: int = 2023) -> float:
    """Return the installed cost of a component, EUR of ``price_year``.

    Parameters
    ----------
    kind
        Name of its kind.
    parameters
        Its parameters in SI (those that the cost figure names).
    price_year
        Year of the prices, one of ``COST_INDEX``.

    Raises
    ------
    KeyError
        If the kind has no cost figure, or a parameter that it needs is missing.
    """
    sizes = with_sizes(kind, parameters)
    return sum(installed_cost(figure, sizes, price_year) for figure in cost_figures(kind))


def part_life(figure: CostFigure, parameters: Mapping[str, float]) -> float:
    """Return the life of a part, years: by its running hours where it wears by them and they are known."""
    running = parameters.get(RUNNING_H_PER_YEAR, 0.0)
    if running > 0.0 and figure.life_h < math.inf:
        return min(figure.life_h / running, LONGEST_STACK_LIFE_YEARS)
    return figure.life_years


def _per_kg(cost_eur: float, hydrogen_kg: float) -> float:
    return cost_eur / hydrogen_kg if hydrogen_kg > 0.0 else math.nan


def plant_cost(
    components: Mapping[str, tuple[str, Mapping[str, float]]],
    hydrogen_kg_per_year: float,
    electricity_eur_per_year: float,
    other_cost_eur_per_year: float = 0.0,
    revenue_eur_per_year: float = 0.0,
    real_rate_frac: float = 0.06,
    project_life_years: float = 25.0,
    indirect_cost_frac: float = INDIRECT_COST_FRAC,
    price_year: int = 2023,
    overrides: Mapping[str, tuple[CostFigure, ...]] | None = None,
) -> PlantCost:
    """Return what a plant and its hydrogen cost.

    Yearly cost = sum of installed cost times CRF(rate, own life) + indirect cost times CRF(rate, project life)
    + fixed cost + electricity + other - revenue.

    Parameters
    ----------
    components
        Component -> (kind, parameters in SI). Add ``running_h_per_year`` to the parameters of stacks.
    hydrogen_kg_per_year
        Hydrogen made per year; without any, costs per kilogram are NaN.
    electricity_eur_per_year
        Paid for power, purchase contract included.
    other_cost_eur_per_year
        Water, staff, insurance and all else.
    revenue_eur_per_year
        Earned by all but hydrogen: power sold, oxygen, heat.
    real_rate_frac
        Real discount rate per year.
    project_life_years
        Life over which indirect cost is recovered.
    indirect_cost_frac
        Indirect cost by installed cost.
    price_year
        Year of the prices, one of ``COST_INDEX``.
    overrides
        Component -> its own cost figures, where an offer is known.

    Returns
    -------
    PlantCost

    Raises
    ------
    KeyError
        If a kind has no cost figure or a parameter is missing; the component is named.
    """
    items: list[Item] = []
    for name, (kind, parameters) in components.items():
        try:
            own = overrides.get(name) if overrides else None
            sizes = with_sizes(kind, parameters)
            for figure in cost_figures(kind) if own is None else own:
                capex = installed_cost(figure, sizes, price_year)
                life = part_life(figure, parameters)
                annuity = capex * capital_recovery_factor(real_rate_frac, life)
                fixed = capex * figure.fixed_cost_frac
                items.append(Item(name, kind, figure.part, capex, annuity, fixed, life, figure.source))
        except KeyError as error:
            raise KeyError(f"component '{name}': {error.args[0]}") from error
    indirect = indirect_cost_frac * sum(item.capex_eur for item in items)
    indirect_annuity = indirect * capital_recovery_factor(real_rate_frac, project_life_years)
    capital = sum(item.annuity_eur_per_year for item in items) + indirect_annuity
    fixed_cost = sum(item.fixed_cost_eur_per_year for item in items)
    per_kg: dict[str, float] = {}
    for item in items:
        key = f"capital {item.kind}"
        per_kg[key] = per_kg.get(key, 0.0) + _per_kg(item.annuity_eur_per_year, hydrogen_kg_per_year)
    per_kg["capital indirect"] = _per_kg(indirect_annuity, hydrogen_kg_per_year)
    per_kg["fixed"] = _per_kg(fixed_cost, hydrogen_kg_per_year)
    per_kg["electricity"] = _per_kg(electricity_eur_per_year, hydrogen_kg_per_year)
    per_kg["other"] = _per_kg(other_cost_eur_per_year, hydrogen_kg_per_year)
    per_kg["revenue"] = _per_kg(-revenue_eur_per_year, hydrogen_kg_per_year)
    return PlantCost(
        items=tuple(items),
        indirect_cost_eur=indirect,
        capital_eur_per_year=capital,
        fixed_cost_eur_per_year=fixed_cost,
        electricity_eur_per_year=electricity_eur_per_year,
        other_cost_eur_per_year=other_cost_eur_per_year,
        revenue_eur_per_year=revenue_eur_per_year,
        hydrogen_kg_per_year=hydrogen_kg_per_year,
        levelised=LevelisedCost(
            capital_eur_per_kg=_per_kg(capital, hydrogen_kg_per_year),
            fixed_eur_per_kg=_per_kg(fixed_cost, hydrogen_kg_per_year),
            variable_eur_per_kg=_per_kg(electricity_eur_per_year + other_cost_eur_per_year, hydrogen_kg_per_year),
            revenue_eur_per_kg=_per_kg(revenue_eur_per_year, hydrogen_kg_per_year),
        ),
        per_kg=per_kg,
    )


ECONOMICS_KEYS: Mapping[str, float] = {
    "real_rate_frac": 0.06,
    "project_life_years": 25.0,
    "indirect_cost_frac": INDIRECT_COST_FRAC,
    "price_year": 2023.0,
    "other_cost_eur_per_year": 0.0,
}
"""What a plant file may set under ``economics`` beside ``capex_eur``, with its defaults."""


def hydrogen_cost(
    components: Mapping[str, tuple[str, Mapping[str, float]]],
    economics: Mapping[str, Any],
    *,
    hydrogen_kg: float,
    hours: float,
    electricity_eur: float,
    water_eur: float = 0.0,
    other_revenue_eur: float = 0.0,
) -> PlantCost:
    """Return the cost of a plant and its hydrogen from the totals of a run, scaled to a year of 8760 hours.

    Parameters
    ----------
    components
        Component -> (kind, parameters in SI).
    economics
        The plant file's ``economics``: the keys of ``ECONOMICS_KEYS``, and ``capex_eur``, a mapping of component
        to its installed cost where an offer is known (its life and upkeep stay those of its kind).
    hydrogen_kg, hours
        Hydrogen made, and length of the run.
    electricity_eur
        Paid for power less earned by power in the run.
    water_eur
        Paid for water.
    other_revenue_eur
        Earned by oxygen and heat.

    Raises
    ------
    ValueError
        If ``economics`` has an unknown key or component.
    KeyError
        If a kind has no cost figure or a parameter is missing.
    """
    known = {**ECONOMICS_KEYS, "capex_eur": {}}
    for key in economics:
        if key not in known:
            raise ValueError(f"economics has no key '{key}'; there are {', '.join(sorted(known))}")
    settings = {key: float(economics.get(key, default)) for key, default in ECONOMICS_KEYS.items()}
    price_year = int(settings["price_year"])
    overrides = {
        name: _offered(name, components, float(offer), price_year)
        for name, offer in economics.get("capex_eur", {}).items()
    }
    years = hours / 8760.0
    return plant_cost(
        components,
        hydrogen_kg_per_year=hydrogen_kg / years,
        electricity_eur_per_year=electricity_eur / years,
        other_cost_eur_per_year=settings["other_cost_eur_per_year"] + water_eur / years,
        revenue_eur_per_year=other_revenue_eur / years,
        real_rate_frac=settings["real_rate_frac"],
        project_life_years=settings["project_life_years"],
        indirect_cost_frac=settings["indirect_cost_frac"],
        price_year=price_year,
        overrides=overrides,
    )


def _offered(
    name: str, components: Mapping[str, tuple[str, Mapping[str, float]]], offer_eur: float, price_year: int
) -> tuple[CostFigure, ...]:
    """Return the cost figures of a component's kind, scaled so that their sum is an offer."""
    if name not in components:
        raise ValueError(f"economics.capex_eur: there is no component '{name}'")
    kind, parameters = components[name]
    figures = cost_figures(kind)
    listed = component_capex(kind, parameters, price_year)
    if listed <= 0.0:
        return (CostFigure("offer", (), 1.0, offer_eur, price_year, 1.0, 20.0, 0.02, "economics.capex_eur"),)
    return tuple(
        replace(f, reference_cost_eur=f.reference_cost_eur * offer_eur / listed, source="economics.capex_eur")
        for f in figures
    )
