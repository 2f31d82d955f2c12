"""Capital, levelised cost and cash flow of a plant, worked out from its declarations and the sums of a year.

Written from Short, Packey and Holt 1995 (NREL/TP-462-5173, doi 10.2172/35391) and docs/economics.md; of
``h2plant.economics`` only tables of data are read: cost index, exchange rates, tax depreciation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from h2plant.audit import subsidy
from h2plant.audit import years as project_years
from h2plant.core.cost import CostFigure
from h2plant.economics.depreciation import MACRS
from h2plant.economics.price_level import COST_INDEX, USD_PER_EUR
from h2plant.plant.graph import Plant

FloatArray = npt.NDArray[np.float64]
LONGEST_STACK_LIFE_YEARS = 20.0
SHORTEST_LIFE_YEARS = 1.0 / 52.0
HOURS_PER_YEAR = 8760.0
PROJECT = "project"


@dataclass
class YearSums:
    """Sums of a year; mappings are by component, all money in EUR."""

    made_kg: dict[str, float]
    sold_kg: float
    hydrogen_eur: float
    certified_kg: float
    """Hydrogen sold that is certified."""
    asked_kg: float | None
    uncertified_eur: float
    """By how much less hydrogen earns that is not certified."""
    premium_left_eur: float
    """What customers would pay more who pay for the certified share, were all certified."""
    contract_eur: float
    contracted_eur: float
    """Paid by contracts that are settled against the market, and what their power is worth there."""
    contracted_worth_eur: float
    import_eur: float
    """Paid for imports, without fees and imbalance."""
    fees_eur: float
    imbalance_eur: float
    emergency_eur: float
    export_eur: float
    export_j: float
    own_used_j: float
    """Energy of own sources that was neither sold nor curtailed."""
    peak_kw: float
    month_peak_kw: float
    stock_eur: float
    drawn_j: dict[str, float]
    water_eur: dict[str, float] = field(default_factory=dict)
    oxygen_eur: dict[str, float] = field(default_factory=dict)
    nitrogen_eur: dict[str, float] = field(default_factory=dict)
    water_sold_eur: dict[str, float] = field(default_factory=dict)
    heat_eur: dict[str, float] = field(default_factory=dict)
    outage_eur: dict[str, float] = field(default_factory=dict)
    emitted_kg: float = 0.0
    """Greenhouse gas of imports and emergency supplies."""

    @property
    def total_made_kg(self) -> float:
        """Hydrogen made by all electrolysers."""
        return math.fsum(self.made_kg.values())

    def times(self, factor: float) -> YearSums:
        """Return all of it times a factor; the highest import stays what it is."""

        def scaled(value: Any) -> Any:
            if isinstance(value, dict):
                return {k: v * factor for k, v in value.items()}
            return None if value is None else value * factor

        values = {name: scaled(value) for name, value in vars(self).items()}
        return YearSums(**{**values, "peak_kw": self.peak_kw, "month_peak_kw": self.month_peak_kw})


def mean_of(years: Sequence[YearSums]) -> YearSums:
    """Return the mean of years."""
    values: dict[str, Any] = {}
    for name, first in vars(years[0]).items():
        each = [getattr(year, name) for year in years]
        if isinstance(first, dict):
            ids = dict.fromkeys(id_ for one in each for id_ in one)
            values[name] = {id_: math.fsum(one.get(id_, 0.0) for one in each) / len(years) for id_ in ids}
        else:
            values[name] = None if None in each else math.fsum(each) / len(years)
    return YearSums(**values)


# Capital -------------------------------------------------------------------------------------------------------------
class Part(NamedTuple):
    """A part of a component: installed cost, upkeep by the year, life, years of renewal, share left at the end."""

    component: str
    kind: str
    name: str
    capex_eur: float
    upkeep_eur: float
    life_years: float
    renewed: tuple[int, ...]
    left_frac: float
    loss_frac: float


def cost_figures(plant: Plant, settings: Mapping[str, Any]) -> dict[str, tuple[CostFigure, ...] | None]:
    """Return the cost figures of each component, with what the plant's economics change; None: nobody knows it."""
    found: dict[str, tuple[CostFigure, ...] | None] = {}
    for one in plant.components.values():
        changes = settings["costs"].get(one.id) or settings["costs"].get(one.kind.name) or {}
        figures = one.kind.costs
        if figures is not None:
            figures = tuple(
                replace(f, **{k: v for k, v in changes[f.part].items() if v is not None}) if f.part in changes else f
                for f in figures
            )
        found[one.id] = figures
    return found


def installed_eur(figure: CostFigure, sizes: Mapping[str, float], year: int) -> float:
    """Return the cost of a part: C0 (S / S0)^n, times installation, in EUR of its year, by the ratio of indices."""
    size = math.prod(sizes[name] for name in figure.size_parameters) / figure.reference_size
    eur = figure.reference_cost * figure.installation_ratio * (size**figure.exponent if figure.size_parameters else 1.0)
    if figure.currency == "USD":
        eur /= USD_PER_EUR[figure.price_year]
    return eur * COST_INDEX[year] / COST_INDEX[figure.price_year]


def parts_of(plant: Plant, settings: Mapping[str, Any], stack_lives: Mapping[str, float]) -> list[Part]:
    """Return all parts of a plant; ``stack_lives``: life of wearing parts by the wear of the run, years."""
    n, year = settings["project_life_years"], settings["price_year"]
    parts = []
    for id_, figures in cost_figures(plant, settings).items():
        one = plant.components[id_]
        sizes = {**one.values, **({} if one.kind.sizes is None else one.kind.sizes(one.values))}
        priced = [(f, installed_eur(f, sizes, year)) for f in figures or ()]
        offer = settings["capex_eur"].get(id_)
        if offer is not None:
            listed = math.fsum(eur for _, eur in priced)
            if listed > 0.0:
                priced = [(f, eur * offer / listed) for f, eur in priced]
            else:
                priced = [(CostFigure("offer", (), 1.0, offer, year, 1.0, 20.0, 0.02, "economics.capex_eur"), offer)]
        for f, eur in priced:
            life = f.life_years
            if math.isfinite(f.life_h) and settings["is_stack_life_from_run"] and id_ in stack_lives:
                life = min(stack_lives[id_], LONGEST_STACK_LIFE_YEARS)
            life = max(life, SHORTEST_LIFE_YEARS)
            years = renewals(life, n)
            left = settings["residual_value_frac"] * left_over(life, n, len(years))
            upkeep = eur * f.fixed_cost_frac
            parts.append(Part(id_, one.kind.name, f.part, eur, upkeep, life, years, left, f.end_of_life_loss_frac))
    return parts


def renewals(life_years: float, n: int) -> tuple[int, ...]:
    """Return the years at whose end a part is renewed: nearest to multiples of its life, before the last year."""
    if not life_years > 0.0:
        return ()
    ages = life_years * np.arange(1, math.ceil(n / life_years) + 1)
    years = np.maximum(np.floor(ages + 0.5), 1.0).astype(int)
    return tuple(years[(years < n) & (ages <= n - 1.0e-9)].tolist())


def left_over(life_years: float, n: int, n_renewals: int) -> float:
    """Return the share of a part's life that is left after n years."""
    return float(np.clip(1.0 - (n - n_renewals * life_years) / life_years, 0.0, 1.0))


def renewed_in_life(
    parts: Sequence[Part],
    settings: Mapping[str, Any],
    seen: Mapping[str, Sequence[int]],
    lives: Mapping[str, float],
    n_years: int,
) -> list[Part]:
    """Return parts with stacks renewed in the years in which a run renewed them, and after it by their life."""
    n = settings["project_life_years"]
    found = []
    for part in parts:
        if part.loss_frac <= 0.0 or part.component not in lives:
            found.append(part)
            continue
        life = max(lives[part.component], SHORTEST_LIFE_YEARS)
        years = [year for year in seen.get(part.component, ()) if year < n]
        age = float(years[-1]) if years else 0.0
        while age + life < n:
            age += life
            years.append(max(math.floor(age + 0.5), n_years + 1))
        years = [year for year in years if year < n]
        left = settings["residual_value_frac"] * left_over(life, n, len(years))
        found.append(part._replace(life_years=life, renewed=tuple(years), left_frac=left))
    return found


def recovery_factor(rate: float, n: int) -> float:
    """Return the capital recovery factor: the payment of n years that is worth 1 today."""
    return 1.0 / math.fsum((1.0 + rate) ** -year for year in range(1, n + 1))


def beside_frac(settings: Mapping[str, Any]) -> float:
    """Return indirect cost by installed cost, contingency apart."""
    whole = settings["indirect_cost_frac"]
    names = ("site_preparation_frac", "engineering_frac", "permitting_frac", "owner_cost_frac")
    return float(math.fsum(settings[name] for name in names) if whole is None else whole)


def mass_kg(settings: Mapping[str, Any], year: YearSums) -> float:
    """Return the hydrogen by which the cost of a year is divided."""
    return year.total_made_kg if settings["hydrogen_basis"] == "made" else year.sold_kg


# Levelised cost, every year alike ------------------------------------------------------------------------------------
def yearly_costs(parts: Sequence[Part], s: Mapping[str, Any], year: YearSums) -> dict[tuple[str, str], float]:
    """Return (component, kind of cost) -> EUR in each year, real and before tax; income is negative.

    Capital of any year is discounted to year 0 and comes back in equal payments by the capital recovery factor.
    """
    n, rate = s["project_life_years"], s["real_rate_frac"]
    annual = recovery_factor(rate, n)
    equipment = math.fsum(part.capex_eur for part in parts)
    project = equipment * (beside_frac(s) + s["contingency_frac"])
    whole = equipment + project
    cells: dict[tuple[str, str], float] = {}

    def worth(year: float) -> float:
        return float((1.0 + rate) ** -year)

    def book(component: str, kind: str, eur: float) -> None:
        if eur != 0.0:
            cells[component, kind] = cells.get((component, kind), 0.0) + eur

    for part in parts:
        book(part.component, "capital", annual * part.capex_eur * (1.0 - part.left_frac * worth(n)))
        book(part.component, "replacement", annual * part.capex_eur * math.fsum(map(worth, part.renewed)))
        book(part.component, "upkeep", part.upkeep_eur)
        book(part.component, "insurance", s["insurance_frac"] * part.capex_eur)
    shares = s["construction_frac"]
    built = math.fsum(share * worth(k - len(shares) + 1) for k, share in enumerate(shares))
    book(PROJECT, "capital", annual * (project + whole * (built - 1.0) + s["land_eur"] * worth(1 - len(shares))))
    book(PROJECT, "investment grant", -annual * built * subsidy.granted(s, whole))
    for kind, paid in subsidy.of_years(s, [year] * n, np.ones(n), project_years.factors(s, "hydrogen")).items():
        book(PROJECT, kind, -annual * math.fsum(paid * (1.0 + rate) ** -np.arange(1.0, n + 1.0)))
    book(PROJECT, "end of life", annual * whole * s["decommissioning_frac"] * worth(n))
    book(PROJECT, "insurance", s["insurance_frac"] * project)
    book(PROJECT, "staff", s["staff_eur_per_year"])
    book(PROJECT, "other", s["other_cost_eur_per_year"])
    book(PROJECT, "consumables", s["consumables_eur_per_kg"] * year.total_made_kg)
    book(PROJECT, "carbon", s["carbon_price_eur_per_t"] * year.emitted_kg / 1000.0)
    drawn = math.fsum(year.drawn_j.values())
    for kind, eur in power_costs(s, year).items():
        for component, j in year.drawn_j.items() if drawn > 0.0 else ((PROJECT, 1.0),):
            book(component, kind, eur * j / (drawn if drawn > 0.0 else 1.0))
    book(PROJECT, "power sold", -year.export_eur)
    paid_for = annual * math.fsum(map(worth, (np.flatnonzero(project_years.contracted(s)) + 1).tolist()))
    book(PROJECT, "contracted power", year.contracted_eur * paid_for)
    book(PROJECT, "contracted power at market", -year.contracted_worth_eur * paid_for)
    if s["hydrogen_basis"] == "sold":
        book(PROJECT, "stock change", -year.stock_eur)
    for component, eur in year.water_eur.items():
        book(component, "water", eur)
    for component, eur in year.outage_eur.items():
        book(component, "outages", eur)
    for kind, by_component in incomes(year).items():
        for component, eur in by_component.items():
            book(component, kind, -eur)
    return cells


def power_costs(s: Mapping[str, Any], year: YearSums) -> dict[str, float]:
    """Return what a year pays for electricity, by kind of cost."""
    return {
        "power contract": year.contract_eur,
        "grid import": year.import_eur,
        "grid fees": year.fees_eur + capacity_fee(s, year),
        "imbalance": year.imbalance_eur,
        "emergency supply": year.emergency_eur,
    }


def capacity_fee(s: Mapping[str, Any], year: YearSums) -> float:
    """Return what the highest import of a year costs."""
    by_month = 12.0 * s["grid_monthly_peak_fee_eur_per_kw_month"] * year.month_peak_kw
    return float(s["grid_capacity_fee_eur_per_kw_year"] * year.peak_kw + by_month)


def sold_in(year: YearSums, ramp: float) -> float:
    """Return what power earns in a year of ramp-up: own power that is not used goes to the market at its mean price."""
    price = year.export_eur / year.export_j if year.export_j > 0.0 else 0.0
    return year.export_eur + (1.0 - ramp) * year.own_used_j * price


def incomes(year: YearSums) -> dict[str, dict[str, float]]:
    """Return what a year earns with all but hydrogen and power, by component."""
    return {
        "oxygen sold": year.oxygen_eur,
        "nitrogen sold": year.nitrogen_eur,
        "water sold": year.water_sold_eur,
        "heat sold": year.heat_eur,
    }


# Cash flow -----------------------------------------------------------------------------------------------------------
@dataclass
class Project:
    """A project year by year in prices of year 0; arrays over the years of operation, shape (n,)."""

    settings: Mapping[str, Any]
    capex_eur: float
    kg: FloatArray
    costs: dict[str, FloatArray]
    incomes: dict[str, FloatArray]
    renewed_eur: FloatArray
    left_eur: float
    priced: FloatArray
    """Price of hydrogen in each year by that of year 0."""
    granted_eur: float = 0.0

    @property
    def present_kg(self) -> float:
        """Hydrogen of all years, discounted at the real rate."""
        years = np.arange(1, self.kg.size + 1)
        return float((self.kg * (1.0 + self.settings["real_rate_frac"]) ** -years).sum())

    @property
    def sold_along_its_path(self) -> Project:
        """The project with its hydrogen at the path of its price."""
        return replace(self, priced=project_years.factors(self.settings, "hydrogen"))


def project_of(
    parts: Sequence[Part], s: Mapping[str, Any], years: Sequence[YearSums], is_life: bool = False
) -> Project:
    """Return the project that repeats a year, or that has the years of a life and then their mean."""
    n = s["project_life_years"]
    each = ([*years, *[mean_of(years)] * n])[:n] if is_life else [years[0]] * n
    ramp = np.array([*s["ramp_up_frac"], *[1.0] * n][:n])
    made = ramp if is_life else ramp * ageing(parts, years[0], n)
    escalated = (1.0 + s["electricity_escalation_frac"]) ** np.arange(n)
    power, contracted = ramp * escalated, project_years.contracted(s) * escalated
    equipment = math.fsum(part.capex_eur for part in parts)
    capex = equipment * (1.0 + beside_frac(s) + s["contingency_frac"])
    renewed = np.zeros(n)
    for part in parts:
        np.add.at(renewed, np.array(part.renewed, dtype=int) - 1, part.capex_eur)

    def of_power(name: str) -> FloatArray:
        return np.asarray(np.array([power_costs(s, year)[name] for year in each]) * power)

    def of_made(values: Sequence[float]) -> FloatArray:
        return np.asarray(np.array(values) * made)

    costs = {
        "upkeep": np.full(n, math.fsum(part.upkeep_eur for part in parts)),
        "insurance": np.full(n, capex * s["insurance_frac"]),
        **{name: of_power(name) for name in power_costs(s, years[0])},
        "power contract": np.array([year.contract_eur for year in each]) * escalated,
        "contracted power": np.array([year.contracted_eur for year in each]) * contracted,
        "grid fees": np.array([year.fees_eur * r + capacity_fee(s, year) for year, r in zip(each, ramp, strict=True)])
        * escalated,
        "water": of_made([math.fsum(year.water_eur.values()) for year in each]),
        "consumables": of_made([s["consumables_eur_per_kg"] * year.total_made_kg for year in each]),
        "outages": np.array([math.fsum(year.outage_eur.values()) for year in each]),
        "staff": np.full(n, s["staff_eur_per_year"]),
        "other": np.full(n, s["other_cost_eur_per_year"]),
        "carbon": np.array([s["carbon_price_eur_per_t"] * year.emitted_kg / 1000.0 for year in each]) * ramp,
    }
    earned = {
        "power sold": np.array([sold_in(year, r) for year, r in zip(each, ramp, strict=True)]) * escalated,
        "contracted power at market": np.array([year.contracted_worth_eur for year in each]) * contracted,
        **{
            name: of_made([math.fsum(incomes(year)[name].values()) for year in each])
            for name in ("oxygen sold", "nitrogen sold", "water sold", "heat sold")
        },
        "stock change": of_made([year.stock_eur if s["hydrogen_basis"] == "sold" else 0.0 for year in each]),
        **subsidy.of_years(s, each, made, project_years.factors(s, "hydrogen")),
    }
    return Project(
        settings=s,
        capex_eur=capex,
        kg=of_made([mass_kg(s, year) for year in each]),
        costs=project_years.at_prices(s, {name: values for name, values in costs.items() if values.any()}),
        incomes=project_years.at_prices(s, {name: values for name, values in earned.items() if values.any()}),
        renewed_eur=renewed,
        left_eur=math.fsum(part.left_frac * part.capex_eur for part in parts),
        granted_eur=subsidy.granted(s, capex),
        priced=np.ones(n),
    )


def ageing(parts: Sequence[Part], year: YearSums, n: int) -> FloatArray:
    """Return the hydrogen of each year by that of the run, which is the first: stacks lose as they age, in a line."""
    total = np.zeros(n)
    middle = np.arange(n) + 0.5
    wearing = {part.component: part for part in parts if part.loss_frac > 0.0}
    for component, kg in year.made_kg.items():
        part = wearing.get(component)
        if part is None:
            total += kg
            continue
        newest = np.array([max((r for r in part.renewed if r <= y), default=0) for y in range(n)])
        age = np.minimum((middle - newest) / part.life_years, 1.0)
        first = min(0.5 / part.life_years, 1.0)
        total += kg * (1.0 - part.loss_frac * age) / (1.0 - part.loss_frac * first)
    return total / year.total_made_kg


def table_of(project: Project, price_eur_per_kg: float, is_relief_at_once: bool = False) -> dict[str, FloatArray]:
    """Return the cash flow at a price of hydrogen in prices of year 0, by column, in money of each year.

    The last year of construction is year 0; flows fall on the ends of years.
    """
    s, n, n_built = project.settings, project.kg.size, len(project.settings["construction_frac"])
    years = np.arange(1 - n_built, n + 1)
    level = (1.0 + s["inflation_frac"]) ** years.astype(float)

    def nominal(values: Any) -> FloatArray:
        return np.asarray(np.concatenate([np.zeros(n_built), np.asarray(values, dtype=float)]) * level)

    last = np.zeros(n)
    last[-1] = 1.0
    kg = np.concatenate([np.zeros(n_built), project.kg])
    columns: dict[str, FloatArray] = {"hydrogen_kg": kg}
    columns["hydrogen_revenue"] = price_eur_per_kg * nominal(project.kg * project.priced)
    columns |= {f"income_{name}": nominal(values) for name, values in project.incomes.items()}
    columns |= {f"cost_{name}": nominal(values) for name, values in project.costs.items()}
    columns["residual_value"] = nominal(last * project.left_eur)
    columns["decommissioning"] = nominal(last * s["decommissioning_frac"] * project.capex_eur)
    paid = sum((v for name, v in columns.items() if name.startswith("cost_")), np.zeros(years.size))
    earned = sum((v for name, v in columns.items() if name.startswith("income_")), np.zeros(years.size))
    gross = columns["hydrogen_revenue"] + earned + columns["residual_value"] - paid - columns["decommissioning"]
    columns["earnings_before_interest_tax_depreciation"] = gross

    capital = np.zeros(years.size)
    capital[:n_built] = project.capex_eur * np.array(s["construction_frac"]) * level[:n_built]
    land = np.zeros(years.size)
    land[0] = s["land_eur"] * level[0]
    renewed = nominal(project.renewed_eur)
    own = capital * (1.0 - project.granted_eur / project.capex_eur) if project.granted_eur else capital
    borrowed, interest, repaid = _loan(own * s["debt_frac"], years, s)
    written_off = _written_off(own, renewed, n_built, s)
    profit = gross - written_off - interest
    reserve = s["working_capital_frac"] * paid
    reserve[-1] = 0.0
    held = np.diff(reserve, prepend=0.0)
    is_at_once = is_relief_at_once or not s["is_loss_carried_forward"]
    tax = _tax(profit, s, is_at_once)
    flow = gross - own - land - renewed + borrowed - interest - repaid - held - tax
    factor = ((1.0 + s["real_rate_frac"]) * (1.0 + s["inflation_frac"])) ** -years.astype(float)
    columns |= {
        "depreciation": written_off,
        "interest": interest,
        "taxable_profit": profit,
        "tax": tax,
        "capital": capital,
        **({"grant": capital - own} if project.granted_eur else {}),
        "land": land,
        "replacements": renewed,
        "borrowed": borrowed,
        "principal": repaid,
        "working_capital": held,
        "cash_flow": flow,
        "discount_factor": factor,
        "discounted": flow * factor,
        "cumulative": np.cumsum(flow),
        "cumulative_discounted": np.cumsum(flow * factor),
    }
    if s["debt_frac"] > 0.0:
        of_operation = _tax(profit - columns["residual_value"] + columns["decommissioning"], s, is_at_once)
        columns |= project_years.cover(s, years, {**columns, "tax": of_operation})
    return columns


def _loan(
    drawn: FloatArray, years: npt.NDArray[Any], s: Mapping[str, Any]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what is borrowed, interest, and what is repaid in each year: an annuity, or all at its end."""
    rate, term = s["debt_rate_frac"], s["debt_years"]
    interest, repaid = np.zeros(drawn.size), np.zeros(drawn.size)
    annuity = drawn.sum() * recovery_factor(rate, term)
    owed = 0.0
    for k, year in enumerate(years):
        interest[k] = rate * owed
        if 1 <= year < term and not s["is_debt_bullet"]:
            repaid[k] = annuity - interest[k]
        elif year == term:
            repaid[k] = owed
        owed += drawn[k] - repaid[k]
    return drawn, interest, repaid


def _written_off(capital: FloatArray, renewed: FloatArray, n_built: int, s: Mapping[str, Any]) -> FloatArray:
    """Return the depreciation of each year; what is left in the last year goes then."""
    length = s["depreciation_years"]
    is_line = s["depreciation"] == "linear"
    shares = np.full(length, 1.0 / length) if is_line else np.array(MACRS[int(s["depreciation"].split("_")[1])])
    bought = renewed[n_built:].copy()
    bought[0] += capital.sum()
    n = bought.size
    whole = np.convolve(bought, shares)
    charge = whole[:n].copy()
    charge[-1] += whole[n:].sum()
    return np.concatenate([np.zeros(n_built), charge])


def _tax(profit: FloatArray, s: Mapping[str, Any], is_relief_at_once: bool) -> FloatArray:
    """Return the tax of each year: on profit, less losses of years before where they are carried forward."""
    if is_relief_at_once:
        return np.asarray(s["tax_frac"] * profit)
    # profits less losses before them: what has been taxed so far is the highest sum of profits so far
    taxed = np.maximum.accumulate(np.maximum(np.cumsum(profit), 0.0))
    return np.asarray(s["tax_frac"] * np.diff(taxed, prepend=0.0))


def present_value(project: Project, price_eur_per_kg: float, is_relief_at_once: bool = False) -> float:
    """Return the net present value at a price, EUR of year 0."""
    return math.fsum(table_of(project, price_eur_per_kg, is_relief_at_once)["discounted"])


def levelised(project: Project) -> float:
    """Return the present value of all costs after tax by that of the hydrogen, EUR/kg; losses relieve at once.

    LCOH = -NPV(no revenue) / ((1 - tax) sum of m_t / (1 + r)^t).
    """
    kept = (1.0 - project.settings["tax_frac"]) * project.present_kg
    return float(-present_value(project, 0.0, True) / kept)


def break_even(project: Project) -> float:
    """Return the price at which the net present value is zero, EUR/kg."""
    middle = levelised(project)
    width = max(abs(middle), 1.0)
    while present_value(project, middle - width) > 0.0 or present_value(project, middle + width) < 0.0:
        width *= 2.0
    found: float = brentq(lambda price: present_value(project, price), middle - width, middle + width, xtol=1.0e-12)
    return found


def by_kind_of_cost(project: Project, price: float) -> dict[str, float]:
    """Return the present value of each kind of cost by the present hydrogen, EUR/kg; income is negative."""
    t = table_of(project, price)

    def worth(values: FloatArray) -> float:
        return math.fsum(values * t["discount_factor"]) / project.present_kg

    found = {
        "capital": worth(t["capital"] + t["land"] - t["borrowed"]),
        **({"investment grant": -worth(t["grant"])} if "grant" in t else {}),
        "replacement": worth(t["replacements"]),
        **{name.removeprefix("cost_"): worth(v) for name, v in t.items() if name.startswith("cost_")},
        **{name.removeprefix("income_"): -worth(v) for name, v in t.items() if name.startswith("income_")},
        "debt": worth(t["interest"] + t["principal"]),
        "tax": worth(t["tax"]),
        "end of life": worth(t["decommissioning"] - t["residual_value"]),
        "working capital": worth(t["working_capital"]),
    }
    return found


def internal_rate(flows: FloatArray) -> float | None:
    """Return the rate at which flows are worth nothing; None where none is, or more than one."""
    years = np.arange(flows.size)

    def worth(rate: float) -> float:
        return float((flows * (1.0 + rate) ** -years).sum())

    if not (flows < 0.0).any() or not (flows > 0.0).any():
        return None
    rates = np.concatenate([np.linspace(-0.99, 1.0, 400), np.geomspace(1.01, 100.0, 200)])
    signs = np.array([worth(rate) > 0.0 for rate in rates])
    at = np.flatnonzero(signs[1:] != signs[:-1])
    if at.size != 1:
        return None
    found: float = brentq(worth, rates[at[0]], rates[at[0] + 1], xtol=1.0e-13)
    return found


def payback(flows: FloatArray, first_year: int) -> float | None:
    """Return the year from which on the sum of the flows stays at or above zero, even within a year; None: never."""
    total = np.cumsum(flows)
    if total[-1] < 0.0:
        return None
    below = np.flatnonzero(total < 0.0)
    if not below.size:
        return max(float(first_year - 1), 0.0)
    k = int(below[-1]) + 1
    return max(first_year + k - 1 + float(-total[k - 1] / flows[k]), 0.0)
