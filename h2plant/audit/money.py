"""Checks of what a summary says of capital, cost, return, stock, starts and carbon, by ``audit.economy``."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from h2plant.audit import economy, origin, subsidy
from h2plant.audit import years as project_years
from h2plant.audit.carbon import check_carbon, emergency_kg, imports_kg
from h2plant.audit.check import NOT_THERE, Checks
from h2plant.audit.economy import HOURS_PER_YEAR, PROJECT, Part, YearSums
from h2plant.audit.quantities import Quantities
from h2plant.core.battery_role import Battery
from h2plant.core.law_constants import J_PER_MWH
from h2plant.core.role import Grid, Maker

LEAST_RETURN_H = 672.0
MOST_STOCK_FRAC = 0.1
_RETURNS = ("net_present_value_eur", "internal_rate_nominal_frac", "internal_rate_frac", "payback_years",
            "discounted_payback_years")  # fmt: skip
_ROOT = 1.0e-7
"""Share by which two searches of a root may differ."""


class Run:
    """The money of a run: its sums by the year, its stock, its parts."""

    def __init__(self, q: Quantities) -> None:
        self.q = q
        self.s = q.settings
        self.stock_price, self.stock_eur = self._stock()
        self.sums = self._sums().times(HOURS_PER_YEAR / q.run.hours)

    def _stock(self) -> tuple[float | None, float | None]:
        """Return what a kilogram held more at the end is worth, and all of it; None where nothing says so."""
        q = self.q
        price = self.s["stock_value_eur_per_kg"]
        had = math.fsum((*q.source_j.values(), *q.imported_j.values()))
        if price is None and q.total_made_kg > 0.0 and had > 0.0:
            paid = math.fsum((*q.contract_eur.values(), *q.import_eur.values()))
            price = (q.used_j * paid / had + math.fsum(q.water_eur.values())) / q.total_made_kg
        change = self.change_kg
        return price, 0.0 if change == 0.0 else None if price is None else change * price

    @property
    def change_kg(self) -> float:
        """Hydrogen held more at the end: by the ledger where there is one, else by what came and went."""
        q = self.q
        if q.ledger is None or not q.ledger.num_rows:
            return q.change_kg
        before, after = (math.fsum(q.ledger.column(f"stored_{when}_h2_kg").to_pylist()) for when in ("before", "after"))
        return after - before

    def _sums(self) -> YearSums:
        q, run = self.q, self.q.run
        grids = run.of(Grid)
        fee = math.fsum(_fees(q, "fees", q.imported_j).values())
        unplanned = math.fsum(q.imbalance_eur.values())
        unplanned -= math.fsum(_fees(q, "imbalance_fees", q.imbalance_j).values())
        peak = math.fsum(run.end(id_, name) for id_, r in grids.items() if (name := r.metered_peak or r.peak_import))
        monthly = math.fsum(
            (run.end(id_, r.month_peak) + run.end(id_, r.past_months_peak)) / (run.end(id_, r.n_past_months) + 1.0)
            for id_, r in grids.items()
            if r.month_peak
        )
        heat: dict[str, float] = {}
        for name, price in self.s["heat_sales_eur_per_mwh"].items():
            component, _, port = name.partition(".")
            heat[component] = heat.get(component, 0.0) + run.at(component, port) / J_PER_MWH * price
        income, owed = q.income_eur, q.owed_by_plant["hydrogen"]
        sold_j = math.fsum(run.grown(id_, role.exported) for id_, role in grids.items() if role.exported)
        spilt_j = math.fsum(run.at(id_, role.curtailed) for id_, role in grids.items() if role.curtailed)
        return YearSums(
            made_kg=q.made_kg,
            sold_kg=q.total_sold_kg,
            hydrogen_eur=math.fsum(income["hydrogen"].values()),
            certified_kg=origin.certified_kg(q),
            asked_kg=math.fsum(one.given + one.short for one in owed.values()) if owed else None,
            uncertified_eur=origin.uncertified_eur(q),
            premium_left_eur=origin.premium_left_eur(q),
            contract_eur=math.fsum(q.contract_eur.values()),
            contracted_eur=math.fsum(paid for paid, _ in q.agreed_eur.values()),
            contracted_worth_eur=math.fsum(worth for _, worth in q.agreed_eur.values()),
            import_eur=math.fsum(q.import_eur.values()) - fee - unplanned,
            fees_eur=fee,
            imbalance_eur=unplanned,
            emergency_eur=math.fsum(q.emergency_eur.values()),
            export_j=sold_j,
            own_used_j=max(math.fsum(q.source_j.values()) - sold_j - spilt_j, 0.0),
            export_eur=math.fsum(q.export_eur.values()),
            peak_kw=peak / 1000.0,
            month_peak_kw=monthly / 1000.0,
            stock_eur=self.stock_eur or 0.0,
            drawn_j={id_: max(j, 0.0) for id_, j in q.kept_j.items()},
            water_eur=q.water_eur,
            oxygen_eur=income["oxygen"],
            nitrogen_eur=income["nitrogen"],
            water_sold_eur=income["water"],
            heat_eur=heat,
            outage_eur=q.outage_eur,
            emitted_kg=(imports_kg(q) or 0.0) + emergency_kg(q),
        )

    def stack_lives(self, stated: Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """Return the life of each stack, years, by its wear in the run; as stated where the end of life is unknown."""
        run = self.q.run
        lives: dict[str, float] = {}
        for id_, role in {**run.of(Maker), **run.of(Battery)}.items():
            if role.wear is None:
                continue
            n = role.wear.exponent
            worn = run.end(id_, role.wear.state) ** n - run.start(id_, role.wear.state) ** n
            end = run.end(id_, role.wear.end)
            used = worn / end**n if end != 0.0 else 0.0
            if role.wear.replacements:
                used += run.grown(id_, role.wear.replacements)
            if math.isnan(used):
                lives |= stated_life(stated, id_)
            elif used > 0.0:
                lives[id_] = run.hours / HOURS_PER_YEAR / used
        return lives


def _fees(q: Quantities, counter: str, energy_j: Mapping[str, float]) -> dict[str, float]:
    """Return the fees that grids count, EUR, or else their energy by its fee."""
    run, found = q.run, {}
    for id_, role in run.of(Grid).items():
        if getattr(role, counter):
            found[id_] = run.grown(id_, getattr(role, counter))
        elif role.fee:
            found[id_] = energy_j.get(id_, 0.0) * run.end(id_, role.fee)
    return found


def stated_life(parts: Sequence[Mapping[str, Any]], component: str) -> dict[str, float]:
    """Return the life of a stack as a summary has it, by its component; empty where it has none."""
    for one in parts:
        if one["component"] == component and one["end_of_life_loss_frac"] > 0.0:
            return {component: float(one["life_years"])}
    return {}


def check_money(
    checks: Checks, q: Quantities, figures: Mapping[str, Any], summary: Mapping[str, Any], cash_flow: str | None
) -> None:
    """Check capital, cost, return, stock, starts and carbon of a run."""
    money = Run(q)
    stated = summary.get("economics") or {}
    _check_revenue(checks, q)
    _check_stock(checks, money, figures, stated)
    parts = economy.parts_of(
        q.run.plant, q.settings, money.stack_lives((stated.get("capital") or {}).get("parts") or ())
    )
    has_all = check_capital(checks, q, figures, stated, parts)
    made = q.total_made_kg
    void = q.void_reason()
    dominates = made > 0.0 and abs(money.change_kg) > MOST_STOCK_FRAC * made
    has_cost = has_all and not void and not (dominates and q.settings["hydrogen_basis"] == "sold")
    has_return = q.run.hours >= LEAST_RETURN_H - 1.0e-6 and not dominates
    check_cost(checks, figures, stated, q.settings, parts, [money.sums], cash_flow, has_cost, has_return)
    bases = {"made": has_all and not void, "sold": has_all and not void and not dominates}
    kinds = {id_: c.kind.name for id_, c in q.run.plant.components.items()}
    check_per_kg(checks, figures, stated, q.settings, parts, [money.sums], bases, kinds)
    check_carbon(checks, q, figures, stated, void, money.change_kg)
    origin.check_revenue(checks, q, figures, stated)
    _check_starts(checks, money, figures, stated, parts, void)
    factor = HOURS_PER_YEAR / q.run.hours
    checks.add("figure-levelised-cost", "economics.scaled_from_hours", stated.get("scaled_from_hours"), q.run.hours)
    if stated.get("scaled"):
        checks.add("figure-levelised-cost", "economics.scaled.by_ratio", stated["scaled"].get("by_ratio"), factor)


def _check_revenue(checks: Checks, q: Quantities) -> None:
    """Check that what offtakes pay for each product adds up to what they paid."""
    income = [eur for by_component in q.income_eur.values() for eur in by_component.values()]
    checks.add("figure-money", "hydrogen_revenue_eur", math.fsum(income), q.revenue_eur(), math.fsum(map(abs, income)))


def _check_stock(checks: Checks, money: Run, figures: Mapping[str, Any], stated: Mapping[str, Any]) -> None:
    law, stock = "figure-stock", stated.get("stock") or {}
    scale = money.q.through_kg
    is_void = bool(stated.get("not_valid"))
    price = money.s["stock_value_eur_per_kg"] if is_void else money.stock_price
    value: float | None = money.stock_eur
    if is_void:
        value = 0.0 if money.change_kg == 0.0 else None if price is None else money.change_kg * price
    worth = abs(price or 0.0) * scale
    checks.add(law, "economics.stock.change_kg", stock.get("change_kg"), money.change_kg, scale)
    if not money.q.is_cut:
        checks.add(law, "economics.stock.change_kg", stock.get("change_kg"), money.q.change_kg, scale)
    checks.add(law, "economics.stock.price_eur_per_kg", stock.get("price_eur_per_kg"), price)
    checks.add(law, "economics.stock.value_eur", stock.get("value_eur"), value, worth)
    checks.add(law, "stock_change_eur", figures.get("stock_change_eur", NOT_THERE), value, worth)


def check_capital(
    checks: Checks, q: Quantities, figures: Mapping[str, Any], stated: Mapping[str, Any], parts: Sequence[Part]
) -> bool:
    """Check the capital, part by part; returns whether the cost of every component is known."""
    law, s = "figure-capital", q.settings
    listed = economy.cost_figures(q.run.plant, s)
    has_all = all(of is not None or id_ in s["capex_eur"] for id_, of in listed.items())
    capital = stated.get("capital") or {}
    equipment = math.fsum(part.capex_eur for part in parts)
    beside, contingency = equipment * economy.beside_frac(s), equipment * s["contingency_frac"]
    checks.add(law, "economics.capital.equipment_eur", capital.get("equipment_eur"), equipment)
    checks.add(law, "economics.capital.indirect_eur", capital.get("indirect_eur"), beside)
    checks.add(law, "economics.capital.contingency_eur", capital.get("contingency_eur"), contingency)
    whole: Any = math.fsum((equipment, beside, contingency)) if has_all else None
    checks.add(law, "capex_eur", figures.get("capex_eur", NOT_THERE), whole)
    rows = capital.get("parts") or []
    checks.add(law, "economics.capital.parts", len(rows), len(parts))
    for row, part in zip(rows, parts, strict=False):
        where = f"economics.capital.parts.{part.component}"
        checks.add(law, where, [row["component"], row["part"]], [part.component, part.name])
        checks.add(law, where, list(row["replacement_years"]), list(part.renewed))
        for name, expected in (
            ("capex_eur", part.capex_eur),
            ("fixed_cost_eur_per_year", part.upkeep_eur),
            ("life_years", part.life_years),
            ("residual_frac", part.left_frac),
            ("end_of_life_loss_frac", part.loss_frac),
        ):
            checks.add(law, f"{where}.{name}", row[name], expected, abs_=1.0e-12)
    return has_all


def check_cost(
    checks: Checks,
    figures: Mapping[str, Any],
    stated: Mapping[str, Any],
    s: Mapping[str, Any],
    parts: Sequence[Part],
    years: Sequence[YearSums],
    cash_flow: str | None,
    has_cost: bool,
    has_return: bool,
    is_life: bool = False,
) -> None:
    """Check what hydrogen costs and what the project earns, of a year or of the years of a life.

    Parameters
    ----------
    figures, stated
        Key figures, and what the summary has under ``economics``.
    s
        The plant's economics.
    has_cost, has_return
        Whether there is a cost, and whether there is a return.
    """
    law, ways = "figure-levelised-cost", stated.get("hydrogen_cost_eur_per_kg") or {}
    year = economy.mean_of(years) if is_life else years[0]
    mass = economy.mass_kg(s, year)
    of_figures = ("net_present_value_eur", "internal_rate_frac", *(() if is_life else ("payback_years",)))
    if not (has_cost and mass > 0.0 and year.total_made_kg > 0.0):
        for name in of_figures:
            checks.add(law, name, figures.get(name, NOT_THERE), None)
        for name in ("closed_form", "discounted_cash_flow", "break_even"):
            checks.add(law, f"economics.hydrogen_cost_eur_per_kg.{name}", ways.get(name), None)
        for name in (*_RETURNS, "price_eur_per_kg", "start_price_eur_per_kg"):
            checks.add("figure-return", f"economics.{name}", stated.get(name), None)
        check_debt(checks, figures, stated, s, None, is_life)
        return
    cells = {key: eur / mass for key, eur in economy.yearly_costs(parts, s, year).items()}
    cost = math.fsum(cells.values())
    scale = math.fsum(map(abs, cells.values()))
    checks.add(law, "economics.hydrogen_cost_eur_per_kg.closed_form", ways.get("closed_form"), cost, scale)
    _check_cells(checks, stated, cells, parts, scale)

    project = economy.project_of(parts, s, years, is_life)
    subsidy.check_subsidies(checks, stated, s, project.granted_eur, project.incomes)
    law = "figure-return"
    price = price_of(s, year, mass) if has_return else None
    at_cost, in_one_step = economy.break_even(project), economy.levelised(project)
    root = _ROOT * max(abs(at_cost), 1.0)
    checks.add(law, "economics.hydrogen_cost_eur_per_kg.break_even", ways.get("break_even"), at_cost, abs_=root)
    one_step = ways.get("discounted_cash_flow")
    checks.add(law, "economics.hydrogen_cost_eur_per_kg.discounted_cash_flow", one_step, in_one_step, abs_=root)
    by_kind = economy.by_kind_of_cost(project, at_cost)
    kinds = stated.get("cash_flow_by_kind_of_cost_eur_per_kg") or {}
    for name in {*by_kind, *kinds}:
        where = f"economics.cash_flow_by_kind_of_cost_eur_per_kg.{name}"
        checks.add("figure-cash-flow", where, kinds.get(name, 0.0), by_kind.get(name, 0.0), abs_=root)
    checks.add(law, "economics.price_eur_per_kg", stated.get("price_eur_per_kg"), price)
    table = None
    along = project.sold_along_its_path
    has_path = bool((s.get("price_paths") or {}).get("hydrogen"))
    at_start = economy.break_even(along) if has_path else None
    checks.add(law, "economics.start_price_eur_per_kg", stated.get("start_price_eur_per_kg"), at_start, abs_=root)
    if has_return:
        table = economy.table_of(project, at_cost) if price is None else economy.table_of(along, price)
    check_debt(checks, figures, stated, s, table, is_life, root if price is None else 0.0)
    _check_returns(checks, figures, stated, s, None if price is None else table, is_life)
    if cash_flow is not None:
        _check_table(checks, cash_flow, table, root if price is None else 0.0, 1 - len(s["construction_frac"]))


def check_per_kg(
    checks: Checks,
    figures: Mapping[str, Any],
    stated: Mapping[str, Any],
    s: Mapping[str, Any],
    parts: Sequence[Part],
    years: Sequence[YearSums],
    has_cost: Mapping[str, bool],
    kinds: Mapping[str, str],
    is_life: bool = False,
) -> None:
    """Check what a kilogram made and one sold cost.

    ``has_cost``: whether there is a cost by the mass; ``kinds``: component -> its kind.
    """
    law = "figure-cost-per-kg"
    year = economy.mean_of(years) if is_life else years[0]
    for mass, suffix in (("made", ""), ("sold", "_sold")):
        own = {**s, "hydrogen_basis": mass}
        found = (stated.get("per_kg") or {}).get(mass) or {}
        kg = economy.mass_kg(own, year)
        names = (f"hydrogen_cost{suffix}_eur_per_kg", f"hydrogen_cost_after_tax{suffix}_eur_per_kg")
        cost: float | None = None
        after_tax: float | None = None
        in_one_step: float | None = None
        scale = root = 0.0
        by_kind: dict[str, float] = {}
        by_component: dict[str, float] = {}
        if has_cost[mass] and kg > 0.0 and year.total_made_kg > 0.0:
            cells = {key: eur / kg for key, eur in economy.yearly_costs(parts, own, year).items()}
            cost, scale = math.fsum(cells.values()), math.fsum(map(abs, cells.values()))
            project = economy.project_of(parts, own, years, is_life)
            after_tax, in_one_step = economy.break_even(project), economy.levelised(project)
            root = _ROOT * max(abs(after_tax), 1.0)
            for (component, kind), value in cells.items():
                by_kind[kind] = by_kind.get(kind, 0.0) + value
                component = kinds.get(component, component)
                by_component[component] = by_component.get(component, 0.0) + value
        subsidy.check_before(checks, stated, mass, None if cost is None else by_kind, scale)
        checks.add(law, names[0], figures.get(names[0], NOT_THERE), cost, scale)
        checks.add(law, names[1], figures.get(names[1], NOT_THERE), after_tax, abs_=root)
        where = f"economics.per_kg.{mass}"
        checks.add(law, f"{where}.closed_form_eur_per_kg", found.get("closed_form_eur_per_kg"), cost, scale)
        checks.add(law, f"{where}.break_even_eur_per_kg", found.get("break_even_eur_per_kg"), after_tax, abs_=root)
        one_step = found.get("discounted_cash_flow_eur_per_kg")
        checks.add(law, f"{where}.discounted_cash_flow_eur_per_kg", one_step, in_one_step, abs_=root)
        for name, expected in (("cost", by_kind), ("component", by_component)):
            listed = found.get(f"by_kind_of_{name}_eur_per_kg") or {}
            for kind in {*expected, *listed}:
                at = f"{where}.by_kind_of_{name}_eur_per_kg.{kind}"
                checks.add(law, at, listed.get(kind, 0.0), expected.get(kind, 0.0), scale)


def _check_cells(
    checks: Checks,
    stated: Mapping[str, Any],
    cells: Mapping[tuple[str, str], float],
    parts: Sequence[Part],
    scale: float,
) -> None:
    """Check the cost of hydrogen by kind of cost, by component, and by kind of component."""
    law = "figure-levelised-cost"
    by_component = stated.get("by_component_eur_per_kg") or {}
    of_cost: dict[str, float] = {}
    for (component, kind), value in cells.items():
        of_cost[kind] = of_cost.get(kind, 0.0) + value
        where = f"economics.by_component_eur_per_kg.{component}.{kind}"
        checks.add(law, where, (by_component.get(component) or {}).get(kind, 0.0), value, scale)
    costs = stated.get("by_kind_of_cost_eur_per_kg") or {}
    for kind in {*of_cost, *costs}:
        where = f"economics.by_kind_of_cost_eur_per_kg.{kind}"
        checks.add(law, where, costs.get(kind, 0.0), of_cost.get(kind, 0.0), scale)
    kinds = stated.get("by_kind_of_component_eur_per_kg") or {}
    for name, one in (("by_component_eur_per_kg", by_component), ("by_kind_of_component_eur_per_kg", kinds)):
        values = [v for item in one.values() for v in (item.values() if isinstance(item, Mapping) else [item])]
        checks.add(law, f"economics.{name}", math.fsum(values), math.fsum(cells.values()), scale)
    own_kind = {part.component: part.kind for part in parts}
    of_kind: dict[str, float] = {}
    for (component, _), value in cells.items():
        kind = own_kind.get(component, component)
        of_kind[kind] = of_kind.get(kind, 0.0) + value
    for kind in {part.kind for part in parts} | {PROJECT}:
        if kind in kinds and not any(kind == id_ for id_ in own_kind):
            # what has no parts of its own stands under its kind as well
            checks.add(law, f"economics.by_kind_of_component_eur_per_kg.{kind}", kinds[kind], of_kind[kind], scale)


def price_of(s: Mapping[str, Any], year: YearSums, mass: float) -> float | None:
    """Return what a kilogram by which the cost is divided earns; None if nothing is sold."""
    stock = year.stock_eur if s["hydrogen_basis"] == "made" else 0.0
    price = s["hydrogen_price_eur_per_kg"]
    if price is not None:
        return float((price * year.sold_kg - year.uncertified_eur + stock) / mass if year.sold_kg > 0.0 else price)
    return (year.hydrogen_eur - year.uncertified_eur + stock) / mass if year.hydrogen_eur > 0.0 else None


def _check_returns(
    checks: Checks,
    figures: Mapping[str, Any],
    stated: Mapping[str, Any],
    s: Mapping[str, Any],
    table: Mapping[str, Any] | None,
    is_life: bool,
) -> None:
    law = "figure-return"
    expected: dict[str, Any] = dict.fromkeys(_RETURNS)
    scale = 0.0
    if table is not None:
        first = 1 - len(s["construction_frac"])
        rate = economy.internal_rate(table["cash_flow"])
        scale = math.fsum(np.abs(table["discounted"]))
        expected = {
            "net_present_value_eur": math.fsum(table["discounted"]),
            "internal_rate_nominal_frac": rate,
            "internal_rate_frac": None if rate is None else (1.0 + rate) / (1.0 + s["inflation_frac"]) - 1.0,
            "payback_years": economy.payback(table["cash_flow"], first),
            "discounted_payback_years": economy.payback(table["discounted"], first),
        }
    for name, value in expected.items():
        abs_ = 1.0e-6 if name != "net_present_value_eur" else 0.0
        of_money = scale if name == "net_present_value_eur" else 0.0
        checks.add(law, f"economics.{name}", stated.get(name), value, of_money, abs_=abs_)
        is_key = name in ("net_present_value_eur", "internal_rate_frac", *(() if is_life else ("payback_years",)))
        if is_key:
            checks.add(law, name, figures.get(name, NOT_THERE), value, of_money, abs_=abs_)


def check_debt(
    checks: Checks,
    figures: Mapping[str, Any],
    stated: Mapping[str, Any],
    s: Mapping[str, Any],
    table: Mapping[str, Any] | None,
    is_life: bool,
    of_root: float = 0.0,
) -> None:
    """Check how the debt is covered: least and mean debt service cover, loan life cover."""
    law, found = "figure-debt-cover", stated.get("debt")
    first = 1 - len(s["construction_frac"])
    own = None if table is None else project_years.least_cover(first + np.arange(len(table["cash_flow"])), table)
    checks.add(law, "economics.debt", sorted(found or {}), sorted(own or {}))
    for name, value in (own or {}).items():
        checks.add(law, f"economics.debt.{name}", (found or {}).get(name), value, 100.0, abs_=10.0 * of_root)
    keys = {"debt_service_cover_least_ratio": "least_dscr_ratio", "loan_life_cover_ratio": "llcr_ratio"}
    for id_, name in keys.items():
        expected = NOT_THERE if not s["debt_frac"] > 0.0 else None if own is None else own[name]
        checks.add(law, id_, figures.get(id_, NOT_THERE), expected, 100.0, abs_=10.0 * of_root)


def _check_table(
    checks: Checks, cash_flow: str, table: Mapping[str, Any] | None, of_root: float, first_year: int
) -> None:
    """Check each column of the cash flow as written, which is rounded to 1e-6."""
    law = "figure-cash-flow"
    rows = list(csv.reader(cash_flow.splitlines()))
    if table is None:
        checks.add(law, "cash_flow.csv", bool(rows) and not rows[0][0].startswith("year"), True)
        return
    if not rows or rows[0][0] != "year":
        checks.add(law, "cash_flow.csv", None, 1.0)
        return
    units = {"hydrogen_kg": "hydrogen_kg", "discount_factor": "discount_factor_1"}
    units |= {name: name for name in project_years.RATIOS}
    names = {units.get(name, f"{name.replace(' ', '_')}_eur"): values for name, values in table.items()}
    checks.add(law, "cash_flow.csv", sorted(rows[0][1:]), sorted(names))
    for row, n in zip(rows[1:], range(len(rows)), strict=False):
        checks.add(law, "cash_flow.csv.year", int(row[0]), first_year + n)
    revenue = np.abs(np.asarray(table["hydrogen_kg"])).max() * of_root
    largest = max(float(np.abs(table[name]).max()) for name in ("capital", "earnings_before_interest_tax_depreciation"))
    for k, name in enumerate(rows[0][1:], 1):
        if name not in names:
            continue
        values = np.array([float(row[k] or "nan") for row in rows[1:]])
        expected = np.asarray(names[name], dtype=float)
        if values.shape != expected.shape or (np.isnan(values) != np.isnan(expected)).any():
            checks.add(law, f"cash_flow.csv.{name}", None, 1.0)
            continue
        values, expected = np.nan_to_num(values), np.nan_to_num(expected)
        at = int(np.abs(values - expected).argmax())
        scale = float(np.abs(expected).max())
        is_derived = (
            name.startswith(("cumul", "cash_flow", "disc", "tax", "earn", "avail")) and name != "discount_factor_1"
        )
        abs_ = 2.0e-6 + (1.0e-9 * largest + 100.0 * revenue if is_derived or name == "hydrogen_revenue_eur" else 0.0)
        checks.add(law, f"cash_flow.csv.{name}", float(values[at]), float(expected[at]), scale, abs_=abs_)


# Starts --------------------------------------------------------------------------------------------------------------
def _check_starts(
    checks: Checks,
    money: Run,
    figures: Mapping[str, Any],
    stated: Mapping[str, Any],
    parts: Sequence[Part],
    is_void: bool,
) -> None:
    """Check the cost of starts: its sum, how many they are the mean of, their wear; all where counters are known."""
    law, found = "figure-start-cost", stated.get("start_cost") or {}
    expected = {} if is_void else _starts(money, stated, parts)
    checks.add(law, "economics.start_cost", sorted(found), sorted(expected))
    for role in {role.key: role for role in money.q.run.of(Maker).values()}.values():
        for start in role.starts:
            filed = role.filed(start)
            name = role.key if start.is_usual else filed
            one, own = found.get(filed), expected.get(filed)
            summed = ("energy_eur", "lost_production_eur", "ageing_eur")
            for unit, names in (("eur", summed), ("kg", ("hydrogen_kg",))):
                value = NOT_THERE if one is None else math.fsum(one[attribute] for attribute in names)
                id_ = f"start_cost_{name}_{unit}"
                checks.add(law, id_, figures.get(id_, NOT_THERE), value)
            if one is None or own is None:
                continue
            where = f"economics.start_cost.{filed}"
            checks.add(law, f"{where}.total_eur", one["total_eur"], math.fsum(one[part] for part in summed))
            for attribute, value in own.items():
                checks.add(law, f"{where}.{attribute}", one[attribute], value)


def _starts(money: Run, stated: Mapping[str, Any], parts: Sequence[Part]) -> dict[str, dict[str, float]]:
    """Return the cost of a start of each way, the mean of all units weighted by their starts."""
    q, run, year = money.q, money.q.run, money.sums
    drawn = math.fsum(year.drawn_j.values())
    sold_at = (year.hydrogen_eur - year.uncertified_eur) / year.sold_kg if year.sold_kg > 0.0 else None
    costs = stated.get("hydrogen_cost_eur_per_kg") or {}
    price = stated.get("price_eur_per_kg") or sold_at or costs.get("closed_form")
    if price is None or drawn <= 0.0:
        return {}
    paid = (year.contract_eur, year.import_eur, year.fees_eur, year.imbalance_eur, year.emergency_eur, -year.export_eur)
    per_j = math.fsum(paid) / drawn
    stacks = {part.component: part.capex_eur for part in parts if part.loss_frac > 0.0}
    units: dict[str, list[tuple[float, dict[str, float]]]] = {}
    for id_, role in run.of(Maker).items():
        made, energy = q.made_kg[id_], q.electrolysers_j.get(id_, 0.0)
        ran_h = run.grown(id_, role.running) if role.running else 0.0
        if made <= 0.0 or ran_h <= 0.0 or energy <= 0.0:
            continue
        for filed, n, energy_j, lost_s, share, time_s in _unit_starts(q, id_, role):
            worth = max(price - energy / made * per_j, 0.0)
            lost = lost_s * made / (ran_h * 3600.0)
            of = {
                "energy_eur": energy_j * per_j,
                "lost_production_eur": lost * worth,
                "ageing_eur": share * stacks.get(id_, 0.0),
                "hydrogen_kg": lost + energy_j * made / energy,
                "time_s": time_s,
            }
            units.setdefault(filed, []).append((n, of))
    found = {}
    for filed, of_units in units.items():
        seen = [one for one in of_units if one[0] > 0.0] or of_units
        weights = [n or 1.0 for n, _ in seen]
        found[filed] = {
            name: math.fsum(w * of[name] for w, (_, of) in zip(weights, seen, strict=True)) / math.fsum(weights)
            for name in seen[0][1]
        } | {"n_measured": math.fsum(n for n, _ in seen)}
    return found


def _unit_starts(q: Quantities, id_: str, role: Maker) -> Iterator[tuple[str, float, float, float, float, float]]:
    """Yield, of each way in which a unit starts: how often it did, energy, J, time lost, s, share of life, time, s."""
    run, component = q.run, q.run.plant.components[id_]
    sizes = {} if component.kind.sizes is None else component.kind.sizes(component.values)
    values = {**component.values, **sizes}
    cold = run.grown(id_, role.n_cold_starts)
    if role.wear is not None:
        cycles = run.end(id_, role.wear.cycles) - run.start(id_, role.wear.cycles) if role.wear.cycles else 0.0
        values[role.wear.end] = run.end(id_, role.wear.end)
        values["cycles_per_start"] = cycles / cold if cold > 0.0 else 0.0
    for start in role.starts:
        n = cold if start.recorded == "cold" else run.grown(id_, role.n_starts) - cold
        filed = role.filed(start)
        if n > 0.0:
            energy, lost, time = (run.grown(id_, name) / n for name in start.fields)
            yield filed, n, energy, lost, start.ageing_frac(values), time
        elif start.estimate is not None:
            one = start.estimate(values)
            yield filed, 0.0, one.energy_j, one.lost_s, one.ageing_frac, one.time_s
