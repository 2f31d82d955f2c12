"""Economics and carbon of a run: its totals scaled to a year, appraised; what a start costs; the footprint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from h2plant.economics.appraisal import Appraisal, appraise
from h2plant.economics.carbon import LIMIT_KG_PER_KG, Footprint, import_footprint
from h2plant.economics.life import Life
from h2plant.economics.settings import Settings, read_settings
from h2plant.economics.start_cost import (
    Start,
    StartCost,
    measured_start,
    pem_cold_start,
    soec_cold_start,
    soec_hot_start,
    start_cost,
)
from h2plant.economics.year import Year
from h2plant.plant.graph import Plant
from h2plant.results.ledger import Ledger
from h2plant.results.totals import ELECTROLYSERS, H2, J_PER_MWH, Totals
from h2plant.results.validity import no_source_text, unsourced_power
from h2plant.simulation.program import Program

STANDARD_AIR_K = 288.15
"""What a cold electrolyser starts from, for the cost of a start (ISO 2533)."""


@dataclass(frozen=True)
class RunEconomics:
    """What a run says of its economics and carbon: its totals by the year, its appraisal, its starts, its footprint.

    Where power was drawn that no source gave, ``not_valid`` says so, and there is no cost, no return and no footprint
    per kilogram.
    """

    year: Year
    appraisal: Appraisal
    starts: dict[str, StartCost]
    footprint: Footprint | None
    hours: float
    not_valid: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values, for JSON."""
        return {
            **self.appraisal.to_dict(),
            "scaled_from_hours": self.hours,
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
            "carbon": self._carbon(),
            "not_valid": self.not_valid,
        }

    def _carbon(self) -> dict[str, Any]:
        footprint = self.footprint
        return {
            "emitted_kg": None if footprint is None else footprint.emitted_kg,
            "kg_per_kg": None if footprint is None else footprint.kg_per_kg,
            "g_per_mj": None if footprint is None else footprint.g_per_mj,
            "limit_kg_per_kg": LIMIT_KG_PER_KG,
            "is_below_limit": None if footprint is None else footprint.is_below_limit,
        }


def appraise_run(plant: Plant, program: Program, ledger: Ledger, hours: float) -> RunEconomics:
    """Return what a run says of its economics and carbon.

    Parameters
    ----------
    plant, program, ledger
        The plant, its program after the run, and its ledger.
    hours
        Length of the run; money is scaled to a year of 8760 hours.

    Raises
    ------
    PlantError
        If the plant's ``economics`` is not in order.
    """
    totals = Totals(program, ledger)
    settings = read_settings(plant)
    year = scaled_year(totals, settings, hours)
    appraisal = appraise(_parameters(plant), settings, year)
    starts = dict(_starts(plant, totals, appraisal, year, settings))
    footprint = _footprint(plant, totals, settings)
    why = no_source_text(unsourced_power(totals))
    if why:
        return RunEconomics(year, appraisal.voided(why), {}, None, hours, why)
    return RunEconomics(year, appraisal, starts, footprint, hours)


def appraise_life(plant: Plant, life: Life, not_valid: str = "") -> Appraisal:
    """Return what the hydrogen of years that were simulated one after another costs, and what the project earns.

    ``not_valid`` says why there is no such figure, where it is not empty.

    Raises
    ------
    PlantError
        If the plant's ``economics`` is not in order.
    """
    appraisal = appraise(_parameters(plant), read_settings(plant), life.mean, life=life)
    return appraisal.voided(not_valid) if not_valid else appraisal


def _parameters(plant: Plant) -> dict[str, tuple[str, Mapping[str, float]]]:
    return {id_: (component.kind.name, component.values) for id_, component in plant.components.items()}


def scaled_year(totals: Totals, settings: Settings, hours: float) -> Year:
    """Return the totals of a run, scaled to 8760 hours."""
    per_year = 8760.0 / hours
    ids = totals.program.component_ids
    grids, farms = totals.of_kind("grid_connection"), totals.of_kind("wind_farm")

    def each(kind: str, port: str) -> dict[str, float]:
        return {ids[i]: totals.port(i, port) * per_year for i in totals.of_kind(kind)}

    def earned(product: str) -> dict[str, float]:
        return {ids[i]: totals.sink_income_eur(i)[product] * per_year for i in totals.sinks}

    fees = sum(totals.field(i, "imported_j") * totals.field(i, "import_fee_eur_per_j") for i in grids)
    heat: dict[str, float] = {}
    for name, price in settings.heat_sales_eur_per_mwh.items():
        component = name.partition(".")[0]
        slot = totals.program.slot_index[name]
        sold = float(totals.program.arrays.totals[slot]) / J_PER_MWH * price * per_year
        heat[component] = heat.get(component, 0.0) + sold
    return Year(
        made_kg={ids[i]: float(totals.ledger.reacted[i, H2]) * per_year for i in totals.of_kind(*ELECTROLYSERS)},
        sold_kg=totals.sold(H2) * per_year,
        hydrogen_revenue_eur=totals.hydrogen_revenue_eur() * per_year,
        power_contract_eur=sum(totals.port(i, "cost") for i in farms) * per_year,
        grid_import_eur=(sum(totals.port(i, "cost") for i in grids) - fees) * per_year,
        grid_fee_eur=fees * per_year,
        power_sold_eur=sum(totals.port(i, "revenue") for i in grids) * per_year,
        peak_import_kw=totals.sum_field(grids, "peak_import_w") / 1000.0,
        water_eur=each("water_source", "cost"),
        oxygen_eur=earned("oxygen"),
        nitrogen_eur=earned("nitrogen"),
        water_sold_eur=earned("water"),
        heat_eur=heat,
        drawn_j={ids[i]: max(j, 0.0) * per_year for i, j in totals.drawn().items()},
        worn_lives_years=dict(_worn_lives(totals, hours)),
    )


def _worn_lives(totals: Totals, hours: float) -> Iterator[tuple[str, float]]:
    """Yield the life of each stack, years: the time until its wear in the run reaches the end of its life."""
    for kind, wear, end in (
        ("pem_stack", "degradation_v", "end_of_life_v"),
        ("soec_module", "asr_growth_frac", "end_of_life_growth_frac"),
    ):
        for i in totals.of_kind(kind):
            id_ = totals.program.component_ids[i]
            lives = totals.change(i, wear) / totals.field(i, end) + totals.field(i, "n_replacements")
            if lives > 0.0:
                yield id_, hours / 8760.0 / lives


def _footprint(plant: Plant, totals: Totals, settings: Settings) -> Footprint:
    """Return the emissions of imports: with the intensity linked to the grid, else with the constant one."""
    made = sum(totals.made_kg(kind) for kind in ELECTROLYSERS)
    emitted = 0.0
    for i in totals.of_kind("grid_connection"):
        id_ = totals.program.component_ids[i]
        if plant.links_at(id_, "carbon_intensity"):
            emitted += totals.field(i, "emitted_kg")
        else:
            import_mwh = totals.field(i, "imported_j") / J_PER_MWH
            emitted += import_footprint(import_mwh, settings.grid_intensity_g_per_kwh, made).emitted_kg
    return Footprint(emitted, made)


def _starts(
    plant: Plant, totals: Totals, appraisal: Appraisal, year: Year, settings: Settings
) -> Iterator[tuple[str, StartCost]]:
    """Yield the cost of a start of each sort of electrolyser that has run, the mean over its units."""
    hydrogen = appraisal.price_eur_per_kg or appraisal.closed_form_eur_per_kg
    drawn = sum(year.drawn_j.values())
    if hydrogen is None or drawn <= 0.0:
        return
    paid = year.power_contract_eur + year.grid_import_eur + year.grid_fee_eur - year.power_sold_eur
    stacks = {item.component: item.capex_eur for item in appraisal.plant.items if item.end_of_life_loss_frac > 0.0}
    for name, kind, ports in (("pem", "pem_stack", ("power",)), ("soec", "soec_module", ("power", "heater_power"))):
        costs: dict[str, list[StartCost]] = {}
        for i in totals.of_kind(kind):
            id_ = totals.program.component_ids[i]
            values = plant.components[id_].values
            made, ran_h = float(totals.ledger.reacted[i, H2]), totals.field(i, "running_h")
            energy_j = sum(totals.port(i, port) for port in ports)
            if made <= 0.0 or ran_h <= 0.0 or energy_j <= 0.0:
                continue
            for suffix, start in _unit_starts(kind, values, totals, i):
                cost = start_cost(
                    start,
                    hydrogen_kg_per_s=made / (ran_h * 3600.0),
                    specific_energy_j_per_kg=energy_j / made,
                    electricity_eur_per_mwh=paid / (drawn / J_PER_MWH),
                    hydrogen_eur_per_kg=hydrogen,
                    stack_eur=stacks.get(id_, 0.0),
                )
                costs.setdefault(name + suffix, []).append(cost)
        for key, units in costs.items():
            yield key, _mean_cost([c for c in units if c.n_measured > 0.0] or units)


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


def _unit_starts(kind: str, values: Mapping[str, float], totals: Totals, i: int) -> Iterator[tuple[str, Start]]:
    """Yield the sorts of start of a unit: as the run recorded them, else from its parameters."""
    n_cold, n_all = totals.field(i, "n_cold_starts"), totals.field(i, "n_starts")

    def recorded(n: float, sort: str, ageing_frac: float) -> Start:
        energy_j, lost_s, time_s = (totals.field(i, f"{sort}_{name}") for name in ("start_j", "lost_s", "start_s"))
        return measured_start(n, energy_j, lost_s, time_s, ageing_frac)

    if kind == "pem_stack":
        ageing = values["degradation_per_start_v"] / totals.field(i, "end_of_life_v")
        if n_all > n_cold:
            yield "_standby", recorded(n_all - n_cold, "hot", ageing)
        if n_cold > 0.0:
            yield "", recorded(n_cold, "cold", ageing)
            return
        yield (
            "",
            pem_cold_start(
                heat_capacity_j_per_k=values["heat_capacity_j_per_k"],
                water_kg=values["water_setpoint_kg"],
                warming_k=values["temperature_setpoint_k"] - STANDARD_AIR_K,
                start_time_s=values["start_time_s"],
                rated_power_w=values["rated_power_w"],
                min_load_frac=values["min_load_frac"],
                ramp_w_per_s=values["ramp_w_per_s"],
                degradation_per_start_v=values["degradation_per_start_v"],
                end_of_life_v=totals.field(i, "end_of_life_v"),
            ),
        )
        return
    hot = soec_hot_start(
        power_max_w=values["power_max_w"], power_min_w=values["power_min_w"], ramp_w_per_s=values["ramp_w_per_s"]
    )
    yield "_hot", recorded(n_all - n_cold, "hot", 0.0) if n_all > n_cold else hot
    if n_cold > 0.0:
        cycle = values["growth_per_cycle_frac"] / values["end_of_life_growth_frac"]
        n_cycles = totals.change(i, "n_thermal_cycles")
        yield "_cold", recorded(n_cold, "cold", cycle * n_cycles / n_cold)
        return
    yield (
        "_cold",
        soec_cold_start(
            heat_capacity_j_per_k=values["heat_capacity_j_per_k"],
            warming_k=values["temperature_ready_k"] - STANDARD_AIR_K,
            heating_rate_k_per_s=values["heating_rate_k_per_s"],
            loss_conductance_w_per_k=values["loss_conductance_w_per_k"],
            growth_per_cycle_frac=values["growth_per_cycle_frac"],
            end_of_life_growth_frac=values["end_of_life_growth_frac"],
            hot_start=hot,
        ),
    )
