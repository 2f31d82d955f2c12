"""Economics and carbon of a run: its totals scaled to a year, appraised; what a start costs; the footprint."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from h2plant.core.constants import J_PER_MWH
from h2plant.core.role import Start
from h2plant.economics.appraisal import Appraisal, appraise
from h2plant.economics.life import Life
from h2plant.economics.plant_cost import Equipment
from h2plant.economics.settings import Settings, read_settings
from h2plant.economics.span import (
    HOURS_PER_YEAR,
    NO_STOCK_VALUE,
    Stock,
    no_return,
    scaled_note,
    stock_dominates,
)
from h2plant.economics.start_cost import StartCost, measured_start, start_cost
from h2plant.economics.year import Year
from h2plant.plant.graph import Plant
from h2plant.results.by_origin import ByOrigin, by_origin
from h2plant.results.footprint import FOOTPRINT_QUANTITIES, Carbon, carbon, imports_kg
from h2plant.results.ledger import Ledger
from h2plant.results.products import PRODUCTS
from h2plant.results.rfnbo import ORIGIN_QUANTITIES
from h2plant.results.totals import QUANTITIES, Totals
from h2plant.results.validity import no_source_text, power_faults
from h2plant.simulation.program import Program

ECONOMIC_QUANTITIES = (
    *("made_kg", "electrolyser_j", "running_h", "starts", "cold_starts", "cycles"),
    *("worn_in_run_frac", "end_of_life", "replacements"),
    *(name for name in QUANTITIES if name.startswith(("cold_", "hot_"))),
    *("source_cost_eur", "import_cost_eur", "export_revenue_eur", "import_fee_eur", "peak_import_w"),
    "month_peak_w",
    *("imbalance_eur", "imbalance_fee_eur", "emergency_eur"),
    *(
        "battery_change_j",
        "ride_through_change_j",
        "emergency_j",
        "n_blackouts",
        "blackout_s",
    ),  # what is used up, and whether that holds
    *("contract_paid_eur", "contract_worth_eur"),
    *("exported_j", "curtailed_j", "raw_water_cost_eur", "sold_hydrogen_kg", "used_j", "source_j"),
    *("stored_kg", "stored_before_kg", "given_hydrogen", "short_hydrogen"),
    *(f"{product}_income_eur" for product in PRODUCTS),
    *ORIGIN_QUANTITIES,
    *FOOTPRINT_QUANTITIES,
    *("paid_for_hydrogen_eur", "certified_premium", "certified_by"),
)
"""What the economics of a run are made of (``totals.QUANTITIES``), heat that is sold aside."""

_NO_INTENSITY = (
    "nobody says how much CO2 the grid emits: give site.country, or economics.grid_intensity_g_per_kwh, or link a "
    "series to the grid's carbon_intensity"
)

_NO_ORIGIN = "no hydrogen was made; what was sold from stock is paid as certified, whatever its origin"
_NOTHING_DELIVERED = "no hydrogen was made, or the store gave all that was delivered"


@dataclass(frozen=True)
class RunEconomics:
    """What a run says of its economics and carbon: its totals by the year, its appraisal, its starts, its footprint.

    Where power was drawn that no source gave, or much from an emergency supply, ``not_valid`` says so, and there is no
    cost, no return and no footprint per kilogram. Nor is there a footprint where power was imported and nobody says how
    much the grid emits. ``stock`` is the hydrogen held at the end against the start, ``assumptions`` what value, rate
    and price hang on most.
    """

    year: Year
    appraisal: Appraisal
    starts: dict[str, StartCost]
    carbon: Carbon | None
    hours: float
    stock: Stock
    not_valid: str = ""
    by_origin: ByOrigin = field(default_factory=ByOrigin)
    assumptions: Mapping[str, float | str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values, for JSON."""
        return {
            **self.appraisal.to_dict(),
            "reasons": self._reasons(),
            "assumptions": dict(self.assumptions),
            "scaled_from_hours": self.hours,
            "scaled": self._scaled(),
            "stock": {
                "change_kg": self.stock.change_kg,
                "price_eur_per_kg": self.stock.price_eur_per_kg,
                "value_eur": self.stock.value_eur,
                "text": self.stock.in_words(),
            },
            "start_cost": {
                name: {
                    "energy_eur": cost.energy_eur,
                    "lost_production_eur": cost.lost_production_eur,
                    "ageing_eur": cost.ageing_eur,
                    "total_eur": cost.total_eur,
                    "hydrogen_kg": cost.hydrogen_kg,
                    "time_s": cost.time_s,
                    "n_measured": cost.n_measured,
                }
                for name, cost in self.starts.items()
            },
            "revenue_by_origin": self.by_origin.to_dict() or None,
            "carbon": None if self.carbon is None else self.carbon.to_dict(),
            "not_valid": self.not_valid,
        }

    def _reasons(self) -> dict[str, str]:
        """Return why figures are none."""
        own = self._stock_reason() | self._carbon_reason() | self._origin_reason()
        return {**self.appraisal.reasons, **own}

    def _stock_reason(self) -> dict[str, str]:
        return {} if self.stock.value_eur is not None else {"stock_change_eur": self.not_valid or NO_STOCK_VALUE}

    def _carbon_reason(self) -> dict[str, str]:
        if self.carbon is None:
            return dict.fromkeys(("carbon_kg_per_kg", "carbon_delivered_kg_per_kg"), self.not_valid or _NO_INTENSITY)
        if self.carbon.delivered_kg_per_kg is None:
            return {"carbon_delivered_kg_per_kg": _NOTHING_DELIVERED}
        return {}

    def _origin_reason(self) -> dict[str, str]:
        is_none = not math.fsum(self.year.made_kg.values()) > 0.0
        return dict.fromkeys(("rfnbo_frac", "rfnbo_hourly_frac"), _NO_ORIGIN) if is_none else {}

    def _scaled(self) -> dict[str, Any]:
        """Return which figures stand for a year that the run was not, by which factor, and what is to be known."""
        note = scaled_note(self.hours)
        of = {
            "hydrogen_cost_eur_per_kg": self.appraisal.made.closed_form,
            "hydrogen_cost_sold_eur_per_kg": self.appraisal.sold.closed_form,
            "hydrogen_cost_after_tax_eur_per_kg": self.appraisal.made.break_even,
            "hydrogen_cost_after_tax_sold_eur_per_kg": self.appraisal.sold.break_even,
            "net_present_value_eur": self.appraisal.net_present_value_eur,
            "internal_rate_frac": self.appraisal.internal_rate_frac,
            "payback_years": self.appraisal.payback_years,
        }
        figures = [name for name, value in of.items() if value is not None]
        if not note or not figures:
            return {}
        return {"by_ratio": HOURS_PER_YEAR / self.hours, "figures": figures, "note": note}


def equipment_of(plant: Plant) -> dict[str, Equipment]:
    """Return the components of a plant as their cost sees them, by id."""
    found = {}
    for c in plant.components.values():
        sizes = {} if c.kind.sizes is None else c.kind.sizes(c.values)
        found[c.id] = Equipment(c.kind.name, {**c.values, **sizes}, c.kind.costs)
    return found


def appraise_run(
    plant: Plant, program: Program, ledger: Ledger, hours: float, settings: Settings | None = None
) -> RunEconomics:
    """Return what a run says of its economics and carbon.

    Parameters
    ----------
    plant, program, ledger
        The plant, its program after the run, and its ledger.
    hours
        Length of the run; money is scaled to a year of 8760 hours.
    settings
        The plant's economics, where they were read before.

    Raises
    ------
    PlantError
        If the plant's ``economics`` is not in order.
    """
    found = read_settings(plant) if settings is None else settings
    return appraise_totals(equipment_of(plant), Totals(program, ledger, plant), found, hours)


def appraise_totals(equipment: dict[str, Equipment], totals: Totals, settings: Settings, hours: float) -> RunEconomics:
    """Return what the totals of a run say of its economics and carbon; see ``appraise_run``."""
    stock = stock_of(totals, settings)
    earned = by_origin(totals, settings)
    year = scaled_year(totals, settings, hours, stock, earned)
    made = totals.sum("made_kg")
    dominates = stock_dominates(stock, made)
    appraisal = appraise(equipment, settings, year, no_return=no_return(hours, stock, made), no_cost_sold=dominates)
    starts = dict(_starts(equipment, totals, appraisal, year))
    emissions = carbon(totals, settings, earned)
    why = no_source_text(power_faults(totals))
    if why:
        void = Stock(stock.change_kg, settings.stock_value_eur_per_kg, stock.is_given)
        return RunEconomics(year, appraisal.voided(why), {}, None, hours, void, why, earned, _assumed(settings))
    return RunEconomics(year, appraisal, starts, emissions, hours, stock, "", earned, _assumed(settings))


_RATES = ("real_rate_frac", "inflation_frac", "tax_frac", "debt_frac")
_ASSUMED = ("project_life_years", "price_year", *_RATES, "hydrogen_basis")


def _assumed(settings: Settings) -> dict[str, float | str]:
    """Return what value, rate and price hang on most."""
    return {name: getattr(settings, name) for name in _ASSUMED}


def stock_of(totals: Totals, settings: Settings) -> Stock:
    """Return the hydrogen that all components hold at the end against the start, and what it is worth.

    By default a kilogram is worth what making it again costs: the run's electricity per kilogram made at the mean price
    of all power that the plant had, and its water.
    """
    change_kg = totals.sum("stored_kg") - totals.sum("stored_before_kg")
    if settings.stock_value_eur_per_kg is not None:
        return Stock(change_kg, settings.stock_value_eur_per_kg, is_given=True)
    made, supplied_j = totals.sum("made_kg"), totals.sum("source_j") + totals.sum("imported_j")
    if not made > 0.0 or not supplied_j > 0.0:
        return Stock(change_kg)
    eur_per_j = (totals.sum("source_cost_eur") + totals.sum("import_cost_eur")) / supplied_j
    cost_eur = totals.sum("used_j") * eur_per_j + totals.sum("raw_water_cost_eur")
    return Stock(change_kg, cost_eur / made)


def appraise_life(plant: Plant, settings: Settings, life: Life, not_valid: str = "") -> Appraisal:
    """Return what the hydrogen of years that were simulated one after another costs, and what the project earns.

    ``not_valid`` says why there is no such figure, where it is not empty.
    """
    appraisal = appraise(equipment_of(plant), settings, life.mean, life=life)
    return appraisal.voided(not_valid) if not_valid else appraisal


def scaled_year(
    totals: Totals, settings: Settings, hours: float, stock: Stock | None = None, earned: ByOrigin | None = None
) -> Year:
    """Return the totals of a run, scaled to 8760 hours; ``stock`` and ``earned`` where they are known already."""
    stock = stock_of(totals, settings) if stock is None else stock
    earned = by_origin(totals, settings) if earned is None else earned
    per_year = HOURS_PER_YEAR / hours
    fees = totals.sum("import_fee_eur")
    imbalance = totals.sum("imbalance_eur") - totals.sum("imbalance_fee_eur")
    heat: dict[str, float] = {}
    for name, price in settings.heat_sales_eur_per_mwh.items():
        component, _, port = name.partition(".")
        sold = totals.port(totals.program.component_ids.index(component), port) / J_PER_MWH * price * per_year
        heat[component] = heat.get(component, 0.0) + sold
    return Year(
        made_kg=totals.by_id("made_kg", per_year),
        sold_kg=totals.sum("sold_hydrogen_kg") * per_year,
        hydrogen_revenue_eur=totals.sum("hydrogen_income_eur") * per_year,
        certified_kg=(earned.certified_frac or 0.0) * totals.sum("sold_hydrogen_kg") * per_year,
        asked_kg=_asked_kg(totals, per_year),
        uncertified_eur=earned.taken_off_eur * per_year,
        certified_more_eur=earned.unpaid_premium_eur * per_year,
        power_contract_eur=totals.sum("source_cost_eur") * per_year,
        grid_import_eur=(totals.sum("import_cost_eur") - fees - imbalance) * per_year,
        imbalance_eur=imbalance * per_year,
        emergency_eur=totals.sum("emergency_eur") * per_year,
        grid_fee_eur=fees * per_year,
        power_sold_eur=totals.sum("export_revenue_eur") * per_year,
        contracted_eur=totals.sum("contract_paid_eur") * per_year,
        contracted_worth_eur=totals.sum("contract_worth_eur") * per_year,
        exported_j=totals.sum("exported_j") * per_year,
        own_used_j=_own_used_j(totals) * per_year,
        peak_import_kw=totals.sum("peak_import_w") / 1000.0,
        month_peak_kw=totals.sum("month_peak_w") / 1000.0,
        water_eur=totals.by_id("raw_water_cost_eur", per_year),
        oxygen_eur=totals.by_id("oxygen_income_eur", per_year),
        nitrogen_eur=totals.by_id("nitrogen_income_eur", per_year),
        water_sold_eur=totals.by_id("water_income_eur", per_year),
        heat_eur=heat,
        outage_eur=_outage_eur(totals.program, hours, per_year),
        drawn_j={totals.program.component_ids[i]: max(j, 0.0) * per_year for i, j in totals.drawn().items()},
        worn_lives_years=dict(_worn_lives(totals, hours)),
        stock_eur=(stock.value_eur or 0.0) * per_year,
        emitted_kg=((imports_kg(totals, settings) or 0.0) + totals.sum("emergency_emitted_kg")) * per_year,
    )


def _outage_eur(program: Program, hours: float, per_year: float) -> dict[str, float]:
    """Return what the outages of a run cost by component, EUR per year: each once it has begun, and for its time.

    What comes once in every year is paid once a year, whether the run has it, more than once, or not.
    """
    over_s, eur = hours * 3600.0, dict[str, float]()
    for id_, begin_s, end_s, each_eur, eur_per_s, is_yearly in program.outage_costs:
        if is_yearly:
            eur[id_] = eur.get(id_, 0.0) + each_eur + eur_per_s * (end_s - begin_s)
        elif begin_s < over_s:
            cost = each_eur + eur_per_s * (min(end_s, over_s) - begin_s)
            eur[id_] = eur.get(id_, 0.0) + cost * per_year
    return eur


def _asked_kg(totals: Totals, per_year: float) -> float | None:
    """Return what buyers of hydrogen asked for in a year; None where none is in the plant who asks."""
    has_asked = totals.quantity("given_hydrogen") or totals.quantity("short_hydrogen")
    return (totals.sum("given_hydrogen") + totals.sum("short_hydrogen")) * per_year if has_asked else None


def _own_used_j(totals: Totals) -> float:
    """Return what the plant used itself of the energy of its own sources: all but what was sold or went to nobody."""
    return max(totals.sum("source_j") - totals.sum("exported_j") - totals.sum("curtailed_j"), 0.0)


def _worn_lives(totals: Totals, hours: float) -> Iterator[tuple[str, float]]:
    """Yield the life of each stack, years: the time until its wear in the run reaches the end of its life."""
    renewed = totals.quantity("replacements")
    for i, worn in totals.quantity("worn_in_run_frac").items():
        lives = worn + renewed.get(i, 0.0)
        if lives > 0.0:
            yield totals.program.component_ids[i], hours / 8760.0 / lives


def _starts(
    equipment: dict[str, Equipment], totals: Totals, appraisal: Appraisal, year: Year
) -> Iterator[tuple[str, StartCost]]:
    """Yield the cost of a start of each sort of electrolyser that has run, the mean over its units."""
    sold_at = (year.hydrogen_revenue_eur - year.uncertified_eur) / year.sold_kg if year.sold_kg > 0.0 else None
    hydrogen = appraisal.price_eur_per_kg or sold_at or appraisal.closed_form_eur_per_kg
    drawn = sum(year.drawn_j.values())
    if hydrogen is None or drawn <= 0.0:
        return
    paid = year.power_contract_eur + year.grid_import_eur + year.grid_fee_eur - year.power_sold_eur
    paid += year.imbalance_eur + year.emergency_eur
    stacks = {item.component: item.capex_eur for item in appraisal.plant.items if item.end_of_life_loss_frac > 0.0}
    costs: dict[str, list[StartCost]] = {}
    for i in (i for units in totals.by_technology().values() for i in units):
        id_ = totals.program.component_ids[i]
        made, ran_h, energy_j = (
            totals.quantity(name).get(i, 0.0) for name in ("made_kg", "running_h", "electrolyser_j")
        )
        if made <= 0.0 or ran_h <= 0.0 or energy_j <= 0.0:
            continue
        for name, start in _unit_starts(equipment[id_], totals, i):
            cost = start_cost(
                start,
                hydrogen_kg_per_s=made / (ran_h * 3600.0),
                specific_energy_j_per_kg=energy_j / made,
                electricity_eur_per_mwh=paid / (drawn / J_PER_MWH),
                hydrogen_eur_per_kg=hydrogen,
                stack_eur=stacks.get(id_, 0.0),
            )
            costs.setdefault(name, []).append(cost)
    for name, units in costs.items():
        yield name, _mean_cost([c for c in units if c.n_measured > 0.0] or units)


def _mean_cost(costs: list[StartCost]) -> StartCost:
    """Return the mean of units, weighted by their starts where those were measured."""
    weights = [c.n_measured or 1.0 for c in costs]

    def mean(values: Iterable[float]) -> float:
        return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)

    return StartCost(
        energy_eur=mean(c.energy_eur for c in costs),
        lost_production_eur=mean(c.lost_production_eur for c in costs),
        ageing_eur=mean(c.ageing_eur for c in costs),
        hydrogen_kg=mean(c.hydrogen_kg for c in costs),
        time_s=mean(c.time_s for c in costs),
        n_measured=sum(c.n_measured for c in costs),
    )


def _unit_starts(unit: Equipment, totals: Totals, i: int) -> Iterator[tuple[str, Start]]:
    """Yield the ways in which a unit starts: as the run recorded them, else from its parameters."""
    role = totals.roles[i]

    def of(name: str) -> float:
        return totals.quantity(name).get(i, 0.0)

    n_cold = of("cold_starts")
    values = dict(unit.values)
    if role.wear is not None:
        values[role.wear.end] = of("end_of_life")
        values["cycles_per_start"] = of("cycles") / n_cold if n_cold > 0.0 else 0.0
    for start in role.starts:
        n = n_cold if start.recorded == "cold" else of("starts") - n_cold
        if n > 0.0:
            energy_j, lost_s, time_s = (of(f"{start.recorded}_{what}") for what in ("start_j", "lost_s", "start_s"))
            yield role.filed(start), measured_start(n, energy_j, lost_s, time_s, start.ageing_frac(values))
        elif start.estimate is not None:
            yield role.filed(start), start.estimate(values)
