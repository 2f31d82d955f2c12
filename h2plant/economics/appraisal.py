"""From the totals of a year to what hydrogen costs, what the project earns, and where every euro comes from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from h2plant.core.cost import CostFigure
from h2plant.core.markup import csv_text
from h2plant.economics.cash_flow import (
    CashFlow,
    Project,
    break_even_price,
    cash_flow,
    internal_rate,
    levelised_price,
    payback_years,
)
from h2plant.economics.debt_cover import DSCR, LLCR, NO_DEBT, DebtCover
from h2plant.economics.hydrogen_income import income_by_contract
from h2plant.economics.levelised_cost import capital_recovery_factor
from h2plant.economics.life import Life, renewed_as_run
from h2plant.economics.plant_cost import Equipment, PlantCost, plant_cost
from h2plant.economics.settings import Settings
from h2plant.economics.span import RETURNS
from h2plant.economics.subsidy import DIFFERENCE, GRANT, PAID_BY_OTHERS, PREMIUM, spread, summary_of
from h2plant.economics.year import Year

PROJECT = "project"
"""Row of the breakdown for what belongs to no component: indirect cost, contingency, land, staff."""

CONTRACTED, WORTH_OF_CONTRACTS = "contracted power", "contracted power at market"
"""What contracts over power cost, and what their power is worth at the market."""

PER_KG_MADE = ("hydrogen_cost_eur_per_kg", "hydrogen_cost_after_tax_eur_per_kg")
PER_KG_SOLD = ("hydrogen_cost_sold_eur_per_kg", "hydrogen_cost_after_tax_sold_eur_per_kg")
"""Key figures of what a kilogram costs."""

COVERS = ("debt_service_cover_least_ratio", "loan_life_cover_ratio")
"""Key figures of how the debt is covered."""

NO_HYDROGEN = "no hydrogen was made"
NONE_SOLD = "no hydrogen was sold"
NO_PRICE = "no hydrogen is sold; give economics.hydrogen_price_eur_per_kg"


@dataclass(frozen=True)
class PerKg:
    """What a kilogram costs by one of the two masses, hydrogen made or hydrogen sold.

    Attributes
    ----------
    cells
        (component, kind of cost) -> EUR/kg of the closed form; their sum is ``closed_form``.
    closed_form, cash_flow, break_even
        The three ways to the cost of a kilogram, EUR/kg; None where there is no cost.
    why
        Why there is none.
    """

    cells: dict[tuple[str, str], float] = field(default_factory=dict)
    closed_form: float | None = None
    cash_flow: float | None = None
    break_even: float | None = None
    why: str = ""

    @property
    def before_subsidies(self) -> float | None:
        """The closed form without what the public pays; None where there is no cost."""
        if self.closed_form is None:
            return None
        return math.fsum(value for (_, kind), value in self.cells.items() if kind not in PAID_BY_OTHERS)

    def to_dict(self, kinds: Mapping[str, str]) -> dict[str, Any]:
        """Return it as plain values, for JSON; ``kinds``: component -> kind."""
        ways: dict[str, Any] = {
            "closed_form_eur_per_kg": self.closed_form,
            "discounted_cash_flow_eur_per_kg": self.cash_flow,
            "break_even_eur_per_kg": self.break_even,
        }
        if not self.cells:
            return ways
        by_cost = _grouped((cost, value) for (_, cost), value in self.cells.items())
        by_kind = ((kinds.get(name, name), value) for (name, _), value in self.cells.items())
        return ways | {
            "by_kind_of_cost_eur_per_kg": by_cost,
            "by_kind_of_component_eur_per_kg": _grouped(by_kind, is_sorted=True),
        }


@dataclass(frozen=True)
class Appraisal:
    """What a plant's hydrogen costs and what the project earns; None where there is no such figure, with the reason.

    Attributes
    ----------
    plant
        Capital, part by part.
    cells
        (component, kind of cost) -> EUR/kg of the closed form; their sum is ``closed_form_eur_per_kg``.
    closed_form_eur_per_kg
        Levelised cost with the capital recovery factor: real, before tax, every year like the run.
    cash_flow_eur_per_kg, break_even_eur_per_kg
        Levelised cost of the discounted cash flow over the life, in one step and by root finding.
    cash_flow_parts
        EUR/kg by kind of cost at the break-even price; they add up to it.
    price_eur_per_kg
        What a kilogram earns, by which value, rate and payback are found; None: nothing is sold.
    table
        The cash flow at that price, or at the break-even price; None without hydrogen, and where the run is too short.
    net_present_value_eur, payback_years, discounted_payback_years
        At that price, after tax; years from the start of operation less those of construction.
    internal_rate_nominal_frac, internal_rate_frac
        Internal rate of return in money of the day, and above inflation.
    reasons
        Name of a figure that is None -> why.
    kinds
        Component -> kind.
    made, sold
        Cost by the hydrogen made, and by that sold; the fields above are by the one that ``hydrogen_basis`` names.
    subsidies
        What is paid towards capital and hydrogen; empty where nothing was agreed.
    start_price_eur_per_kg
        Where the price of hydrogen has a path of its own: what it must be in year 0 so that along the path the project
        earns its rate.
    debt
        How its debt is covered in ``table``.
    has_debt
        Whether there is any.
    """

    plant: PlantCost
    cells: dict[tuple[str, str], float]
    closed_form_eur_per_kg: float | None
    cash_flow_eur_per_kg: float | None
    break_even_eur_per_kg: float | None
    cash_flow_parts: dict[str, float]
    price_eur_per_kg: float | None
    table: CashFlow | None
    net_present_value_eur: float | None
    internal_rate_nominal_frac: float | None
    internal_rate_frac: float | None
    payback_years: float | None
    discounted_payback_years: float | None
    reasons: dict[str, str]
    kinds: dict[str, str]
    made: PerKg = field(default_factory=PerKg)
    sold: PerKg = field(default_factory=PerKg)
    subsidies: dict[str, Any] = field(default_factory=dict)
    start_price_eur_per_kg: float | None = None
    debt: DebtCover | None = None
    has_debt: bool = False

    @property
    def capex_eur(self) -> float | None:
        """Capital of the plant; None where the cost of a component is missing."""
        return None if self.plant.missing else self.plant.capex_eur

    def cover(self, name: str, without: Any) -> Any:
        """Return a figure of the cover of the debt, None where it has none; ``without`` where there is no debt."""
        return getattr(self.debt, name, None) if self.has_debt else without

    def voided(self, why: str) -> Appraisal:
        """Return the appraisal without all that follows from what the run drew, made and paid: only its capital."""
        return _without(self.plant, self.kinds, why, has_debt=self.has_debt)

    def by_kind_of_cost(self) -> dict[str, float]:
        """Return EUR/kg by kind of cost, those that are nothing left out."""
        return _grouped((cost, value) for (_, cost), value in self.cells.items())

    def by_component(self) -> dict[str, float]:
        """Return EUR/kg by component, the dearest first."""
        return _grouped(((name, value) for (name, _), value in self.cells.items()), is_sorted=True)

    def by_kind_of_component(self) -> dict[str, float]:
        """Return EUR/kg by kind of component, the dearest first."""
        pairs = ((self.kinds.get(name, name), value) for (name, _), value in self.cells.items())
        return _grouped(pairs, is_sorted=True)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values, for JSON."""
        return {
            "hydrogen_cost_eur_per_kg": {
                "closed_form": self.closed_form_eur_per_kg,
                "discounted_cash_flow": self.cash_flow_eur_per_kg,
                "break_even": self.break_even_eur_per_kg,
            },
            "by_kind_of_cost_eur_per_kg": self.by_kind_of_cost(),
            "by_kind_of_component_eur_per_kg": self.by_kind_of_component(),
            "by_component_eur_per_kg": {
                name: {cost: v for (n, cost), v in self.cells.items() if n == name} for name in self.by_component()
            },
            "cash_flow_by_kind_of_cost_eur_per_kg": self.cash_flow_parts,
            "per_kg": {"made": self.made.to_dict(self.kinds), "sold": self.sold.to_dict(self.kinds)},
            "price_eur_per_kg": self.price_eur_per_kg,
            "start_price_eur_per_kg": self.start_price_eur_per_kg,
            "debt": None if self.debt is None else self.debt.to_dict(),
            "net_present_value_eur": self.net_present_value_eur,
            "internal_rate_nominal_frac": self.internal_rate_nominal_frac,
            "internal_rate_frac": self.internal_rate_frac,
            "payback_years": self.payback_years,
            "discounted_payback_years": self.discounted_payback_years,
            "reasons": self.reasons,
            "capital": {
                "equipment_eur": self.plant.equipment_eur,
                "indirect_eur": self.plant.indirect_cost_eur,
                "contingency_eur": self.plant.contingency_eur,
                "parts": [item._asdict() for item in self.plant.items],
            },
            **({"subsidies": self.subsidies} if self.subsidies else {}),
        }

    def cash_flow_csv(self) -> str:
        """Return the cash-flow table as CSV: a row for each year, EUR of that year but where the heading says so."""
        if self.table is None:
            return f"none: {next(iter(self.reasons.values()), NO_HYDROGEN)}\n"
        units = {"hydrogen_kg": "hydrogen_kg", "discount_factor": "discount_factor_1", DSCR: DSCR, LLCR: LLCR}
        rows = [["year", *(units.get(name, f"{name.replace(' ', '_')}_eur") for name in self.table.columns)]]
        for year, *values in zip(self.table.years, *self.table.columns.values(), strict=True):
            rows.append([str(year), *("" if math.isnan(value) else repr(round(value, 6)) for value in values)])
        return csv_text(rows)


def _grouped(pairs: Any, is_sorted: bool = False) -> dict[str, float]:
    groups: dict[str, list[float]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    sums = {name: math.fsum(values) for name, values in groups.items() if any(values)}
    return dict(sorted(sums.items(), key=lambda item: -item[1])) if is_sorted else sums


def appraise(
    components: Mapping[str, Equipment],
    settings: Settings,
    year: Year,
    cost_figures: Mapping[str, tuple[CostFigure, ...]] | None = None,
    life: Life | None = None,
    no_return: str = "",
    no_cost_sold: str = "",
) -> Appraisal:
    """Return what hydrogen costs and what the project earns.

    Parameters
    ----------
    components
        Component -> its kind, parameters and cost figures.
    settings
        The plant's economics.
    year
        Totals of a year.
    cost_figures
        Component or kind -> cost figures in place of their own; by default those that the settings change.
    life
        Years that were simulated, ``year`` being their mean: the cash flow takes each year as it was, and the years
        after them like the mean.
    no_return
        Why the year tells no value, rate of return and payback; '' where it does.
    no_cost_sold
        Why it tells no cost per kilogram sold; '' where it does.

    Raises
    ------
    KeyError
        If a parameter is missing; the component is named.
    """
    kinds = {name: one.kind for name, one in components.items()}
    figures = settings.figures(components) if cost_figures is None else cost_figures
    has_debt = settings.debt_frac > 0.0
    plant = plant_cost(
        components,
        project_years=settings.project_life_years,
        indirect_frac=settings.indirect_frac,
        contingency_frac=settings.contingency_frac,
        price_year=settings.price_year,
        residual_value_frac=settings.residual_value_frac,
        figures=figures,
        offers_eur=settings.capex_eur,
        worn_lives_years=year.worn_lives_years if settings.is_stack_life_from_run else None,
    )
    if life is not None and settings.is_stack_life_from_run:
        plant = renewed_as_run(plant, life, settings.project_life_years, settings.residual_value_frac)
    if plant.missing:
        return _without(plant, kinds, missing_text(plant.missing, kinds), has_debt=has_debt)
    mass = _mass(settings, year)
    reasons: dict[str, str] = {}
    if not year.total_made_kg > 0.0:
        return _without(plant, kinds, NO_HYDROGEN, has_debt=has_debt)
    made = _cost_by("made", plant, settings, year, life)
    sold = PerKg(why=no_cost_sold) if no_cost_sold else _cost_by("sold", plant, settings, year, life)
    if settings.hydrogen_basis == "sold" and sold.why:
        return _without(plant, kinds, sold.why, made, has_debt)
    by_basis = made if settings.hydrogen_basis == "made" else sold
    project = _project(plant, settings, year, life)
    finance = settings.financing
    break_even = by_basis.break_even
    assert break_even is not None  # the mass is above zero
    at_cost = cash_flow(project, finance, break_even)
    price = None if no_return else _price(settings, year, mass)
    along = _along_path(project, settings)
    table = None if no_return else at_cost if price is None else cash_flow(along, finance, price)
    debt = None if table is None else DebtCover.of(table.years, table.columns)
    earned: dict[str, float | None] = dict.fromkeys(RETURNS)
    if no_return:
        reasons |= dict.fromkeys(RETURNS, no_return)
    elif price is None or table is None:
        reasons |= dict.fromkeys(RETURNS, NO_PRICE)
    else:
        rate, no_rate = internal_rate(table.flows)
        simple, no_simple = payback_years(table.flows, table.years[0])
        discounted, no_discounted = payback_years(table.columns["discounted"], table.years[0])
        real = None if rate is None else (1.0 + rate) / (1.0 + finance.inflation_frac) - 1.0
        earned = dict(zip(RETURNS, (table.net_present_value_eur, rate, real, simple, discounted), strict=True))
        reasons_of = dict(zip(RETURNS, ("", no_rate, no_rate, no_simple, no_discounted), strict=True))
        reasons |= {name: why for name, why in reasons_of.items() if why}
    reasons |= dict.fromkeys(PER_KG_SOLD, sold.why) if sold.why else {}
    if debt is None:
        reasons |= dict.fromkeys(COVERS, no_return if has_debt else NO_DEBT)
    return Appraisal(
        plant=plant,
        cells=by_basis.cells,
        closed_form_eur_per_kg=by_basis.closed_form,
        cash_flow_eur_per_kg=by_basis.cash_flow,
        break_even_eur_per_kg=break_even,
        cash_flow_parts={name: value for name, value in at_cost.per_kg.items() if value != 0.0},
        price_eur_per_kg=price,
        table=table,
        **earned,
        reasons=reasons,
        kinds=kinds,
        made=made,
        sold=sold,
        subsidies=summary_of(
            settings.agreed,
            plant.capex_eur,
            {name: project.incomes_eur[name] for name in (PREMIUM, DIFFERENCE) if name in project.incomes_eur},
            settings.real_rate_frac,
            {mass: (one.closed_form, one.before_subsidies) for mass, one in (("made", made), ("sold", sold))},
        ),
        start_price_eur_per_kg=break_even_price(along, finance) if along.hydrogen_path else None,
        debt=debt,
        has_debt=has_debt,
    )


def _along_path(project: Project, settings: Settings) -> Project:
    """Return a project whose hydrogen is sold along its path of prices, where it has one."""
    shape = settings.price_paths.hydrogen
    return project if shape is None else replace(project, hydrogen_path=settings.path_of(shape).factors)


def _cost_by(basis: str, plant: PlantCost, settings: Settings, year: Year, life: Life | None) -> PerKg:
    """Return what a kilogram costs, each way, by the hydrogen made or by that sold."""
    s = settings.model_copy(update={"hydrogen_basis": basis})
    mass = _mass(s, year)
    if not mass > 0.0:
        return PerKg(why=NONE_SOLD)
    cells = {key: value / mass for key, value in _yearly_costs(plant, s, year).items()}
    project = _project(plant, s, year, life)
    return PerKg(
        cells=cells,
        closed_form=math.fsum(cells.values()),
        cash_flow=levelised_price(project, s.financing),
        break_even=break_even_price(project, s.financing),
    )


def missing_text(missing: tuple[str, ...], kinds: Mapping[str, str]) -> str:
    """Return why there is no cost: of which components it is not known."""
    named = ", ".join(f"'{name}' (kind {kinds[name]})" for name in missing)
    return f"the cost of {named} is missing: give 'costs' in its kind, or an offer under economics.capex_eur"


def _without(
    plant: PlantCost, kinds: dict[str, str], why: str, made: PerKg | None = None, has_debt: bool = False
) -> Appraisal:
    """Return an appraisal that knows the capital alone, and the cost per kilogram made where given, and why."""
    carbon = ("carbon_kg_per_kg", "carbon_delivered_kg_per_kg")
    names = [*carbon, *PER_KG_SOLD, *RETURNS, *(COVERS if has_debt else ()), *(PER_KG_MADE if made is None else ())]
    names += ["capex_eur"] if plant.missing else []
    nothing = (None,) * 3
    reasons, empty = dict.fromkeys(names, why), PerKg(why=why)
    of = (empty if made is None else made, empty)
    return Appraisal(plant, {}, *nothing, {}, None, None, *(None,) * 5, reasons, kinds, *of, has_debt=has_debt)


def _price(settings: Settings, year: Year, mass: float) -> float | None:
    """Return what a kilogram of the mass that the cost is by earns; None if nothing is known to be sold."""
    price = settings.hydrogen_price_eur_per_kg
    # by mass made, what was sold out of the stock is not earned: it must be made again
    stock_eur = year.stock_eur if settings.hydrogen_basis == "made" else 0.0
    if price is None:
        earned_eur = year.hydrogen_revenue_eur - year.uncertified_eur + stock_eur
        return earned_eur / mass if year.hydrogen_revenue_eur > 0.0 else None
    earned_eur = price * year.sold_kg - year.uncertified_eur + stock_eur
    return earned_eur / mass if year.sold_kg > 0.0 else price


def _yearly_costs(plant: PlantCost, s: Settings, year: Year) -> dict[tuple[str, str], float]:
    """Return the cost of every year alike, EUR per year, by component and kind of cost; income is negative."""
    n, rate = s.project_life_years, s.real_rate_frac
    recovery = capital_recovery_factor(rate, n)
    at_end = recovery * (1.0 + rate) ** -n
    costs: dict[tuple[str, str], float] = {}

    def add(component: str, kind: str, eur: float) -> None:
        if eur != 0.0:
            costs[component, kind] = costs.get((component, kind), 0.0) + eur

    for item in plant.items:
        renewals = math.fsum((1.0 + rate) ** -y for y in item.replacement_years)
        add(item.component, "capital", item.capex_eur * (recovery - item.residual_frac * at_end))
        add(item.component, "replacement", item.capex_eur * renewals * recovery)
        add(item.component, "upkeep", item.fixed_cost_eur_per_year)
        add(item.component, "insurance", item.capex_eur * s.insurance_frac)
    beside = plant.indirect_cost_eur + plant.contingency_eur
    construction = math.fsum(
        share * (1.0 + rate) ** (len(s.construction_frac) - 1 - i) for i, share in enumerate(s.construction_frac)
    )
    add(PROJECT, "capital", beside * recovery + plant.capex_eur * (construction - 1.0) * recovery)
    add(PROJECT, "capital", s.land_eur * (1.0 + rate) ** (len(s.construction_frac) - 1) * recovery)
    add(PROJECT, "end of life", plant.capex_eur * s.decommissioning_frac * at_end)
    add(PROJECT, "insurance", beside * s.insurance_frac)
    add(PROJECT, "staff", s.staff_eur_per_year)
    add(PROJECT, "other", s.other_cost_eur_per_year)
    add(PROJECT, "consumables", s.consumables_eur_per_kg * year.total_made_kg)
    add(PROJECT, "carbon", carbon_eur(s, year))
    drawn = math.fsum(year.drawn_j.values())
    for kind, eur in _electricity(s, year).items():
        shares = {name: j / drawn for name, j in year.drawn_j.items()} if drawn > 0.0 else {PROJECT: 1.0}
        for name, share in shares.items():
            add(name, kind, eur * share)
    add(PROJECT, "power sold", -year.power_sold_eur)
    in_force = 1.0
    if s.power_contract_years is not None:
        in_force = recovery * math.fsum((1.0 + rate) ** -y for y in range(1, s.power_contract_years + 1))
    add(PROJECT, CONTRACTED, year.contracted_eur * in_force)
    add(PROJECT, WORTH_OF_CONTRACTS, -year.contracted_worth_eur * in_force)
    add(PROJECT, GRANT, -s.agreed.granted_eur(plant.capex_eur) * construction * recovery)
    by_contract = income_by_contract(s, (year,) * n, [1.0] * n, s.path_of(s.price_paths.hydrogen).factors)
    for kind, eur in spread(by_contract, rate, recovery).items():
        add(PROJECT, kind, -eur)
    if s.hydrogen_basis == "sold":  # what was made of it has cost; what was made and is not yet sold is worth something
        add(PROJECT, "stock change", -year.stock_eur)
    for kind, sign, by_component in (
        ("water", 1.0, year.water_eur),
        ("outages", 1.0, year.outage_eur),
        ("oxygen sold", -1.0, year.oxygen_eur),
        ("nitrogen sold", -1.0, year.nitrogen_eur),
        ("water sold", -1.0, year.water_sold_eur),
        ("heat sold", -1.0, year.heat_eur),
    ):
        for name, eur in by_component.items():
            add(name, kind, sign * eur)
    return costs


def _electricity(s: Settings, year: Year) -> dict[str, float]:
    """Return what is paid for electricity, EUR per year."""
    return {
        "power contract": year.power_contract_eur,
        "grid import": year.grid_import_eur,
        "grid fees": year.grid_fee_eur + capacity_fee(s, year),
        "imbalance": year.imbalance_eur,
        "emergency supply": year.emergency_eur,
    }


def capacity_fee(s: Settings, year: Year) -> float:
    """Return what the highest imports of a year cost: that of the year, and those of its months, EUR."""
    monthly = 12.0 * year.month_peak_kw * s.grid_monthly_peak_fee_eur_per_kw_month
    return year.peak_import_kw * s.grid_capacity_fee_eur_per_kw_year + monthly


def carbon_eur(s: Settings, year: Year) -> float:
    """Return what a year pays for the greenhouse gas of its imports and emergency supplies, EUR."""
    return s.carbon_price_eur_per_t * year.emitted_kg / 1000.0


def _paid_for_power(s: Settings, kind: str, year: Year) -> float:
    return _electricity(s, year)[kind]


def _production(plant: PlantCost, s: Settings, year: Year) -> list[float]:
    """Return the hydrogen of each year by that of the run: stacks lose, are renewed, and start well again.

    The loss grows in a straight line with the age of the stack and is taken in the middle of each year. The run is the
    first year.
    """
    wearing = {item.component: item for item in plant.items if item.end_of_life_loss_frac > 0.0}
    total = year.total_made_kg
    factors = []
    for y in range(1, s.project_life_years + 1):
        made = []
        for name, kg in year.made_kg.items():
            item = wearing.get(name)
            if item is None:
                made.append(kg)
                continue
            newest = max((r for r in item.replacement_years if r < y), default=0)
            age, first = (min(a / item.life_years, 1.0) for a in (y - 0.5 - newest, 0.5))
            loss = item.end_of_life_loss_frac
            made.append(kg * (1.0 - loss * age) / (1.0 - loss * first))
        factors.append(math.fsum(made) / total)
    return factors


def _mass(s: Settings, year: Year) -> float:
    """Return the hydrogen of a year by which its cost is divided, kg."""
    return year.total_made_kg if s.hydrogen_basis == "made" else year.sold_kg


def _sums(*rows: tuple[float, ...]) -> tuple[float, ...]:
    """Return the sums of rows, year by year."""
    return tuple(math.fsum(of) for of in zip(*rows, strict=True))


def _project(plant: PlantCost, s: Settings, year: Year, life: Life | None) -> Project:
    """Return the project over its life, in prices of its first year."""
    n = s.project_life_years
    years = (year,) * n if life is None else life.over(n)
    ramp = [*s.ramp_up_frac, *[1.0] * (n - len(s.ramp_up_frac))]
    ageing = _production(plant, s, year) if life is None else [1.0] * n  # simulated years have aged already
    produced = [r * f for r, f in zip(ramp, ageing, strict=True)]
    level = [(1.0 + s.electricity_escalation_frac) ** y for y in range(n)]
    dearer = [r * up for r, up in zip(ramp, level, strict=True)]
    idle = [(1.0 - r) * up for r, up in zip(ramp, level, strict=True)]
    lasts = n if s.power_contract_years is None else s.power_contract_years
    contracted = [up if y < lasts else 0.0 for y, up in enumerate(level)]
    renewed = [0.0] * n
    for item in plant.items:
        for y in item.replacement_years:
            renewed[y - 1] += item.capex_eur

    def same(eur: float) -> tuple[float, ...]:
        return (eur,) * n

    def each(eur_of: Callable[[Year], float], by: list[float]) -> tuple[float, ...]:
        return tuple(eur_of(one) * factor for one, factor in zip(years, by, strict=True))

    costs = {
        "upkeep": same(math.fsum(item.fixed_cost_eur_per_year for item in plant.items)),
        "insurance": same(plant.capex_eur * s.insurance_frac),
        **{name: each(partial(_paid_for_power, s, name), dearer) for name in _electricity(s, year)},
        # paid whether taken or not, in the first years too
        "power contract": each(lambda one: one.power_contract_eur, level),
        CONTRACTED: each(lambda one: one.contracted_eur, contracted),
        "grid fees": _sums(each(lambda one: one.grid_fee_eur, dearer), each(partial(capacity_fee, s), level)),
        "water": each(lambda one: math.fsum(one.water_eur.values()), produced),
        "consumables": each(lambda one: s.consumables_eur_per_kg * one.total_made_kg, produced),
        "outages": each(lambda one: math.fsum(one.outage_eur.values()), [1.0] * n),
        "staff": same(s.staff_eur_per_year),
        "other": same(s.other_cost_eur_per_year),
        "carbon": each(partial(carbon_eur, s), ramp),
    }
    incomes = {
        # what the plant does not use while it ramps up goes to the market
        "power sold": _sums(
            each(lambda one: one.power_sold_eur, level),
            each(lambda one: one.own_used_j * one.market_eur_per_j, idle),
        ),
        WORTH_OF_CONTRACTS: each(lambda one: one.contracted_worth_eur, contracted),
        "oxygen sold": each(lambda one: math.fsum(one.oxygen_eur.values()), produced),
        "nitrogen sold": each(lambda one: math.fsum(one.nitrogen_eur.values()), produced),
        "water sold": each(lambda one: math.fsum(one.water_sold_eur.values()), produced),
        "heat sold": each(lambda one: math.fsum(one.heat_eur.values()), produced),
        "stock change": each(lambda one: one.stock_eur if s.hydrogen_basis == "sold" else 0.0, produced),
        **income_by_contract(s, years, produced, s.path_of(s.price_paths.hydrogen).factors),
    }
    return Project(
        capex_eur=plant.capex_eur,
        hydrogen_kg=each(lambda one: _mass(s, one), produced),
        costs_eur=_along_paths(s, costs),
        incomes_eur=_along_paths(s, incomes),
        replacements_eur=tuple(renewed),
        construction=tuple(s.construction_frac),
        land_eur=s.land_eur,
        grant_eur=s.agreed.granted_eur(plant.capex_eur),
        residual_eur=math.fsum(item.residual_frac * item.capex_eur for item in plant.items),
        decommissioning_eur=s.decommissioning_frac * plant.capex_eur,
    )


def _along_paths(s: Settings, rows: Mapping[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
    """Return the rows that are not nothing, each at the prices of its path."""
    return {name: s.path_of(s.price_paths.of_row(name)).times(row) for name, row in rows.items() if any(row)}
