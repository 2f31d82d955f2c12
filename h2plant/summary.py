"""Key figures of a run, from the ledger and the end states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from h2plant.components import KINDS
from h2plant.core.bus import ENTHALPY
from h2plant.core.constants import HHV_H2_J_PER_KG
from h2plant.economics.appraisal import Appraisal, Year, appraise
from h2plant.economics.carbon import LIMIT_KG_PER_KG, Footprint, import_footprint
from h2plant.economics.settings import Settings, read_settings
from h2plant.economics.start_cost import (
    Start,
    StartCost,
    pem_cold_start,
    soec_cold_start,
    soec_hot_start,
    start_cost,
)
from h2plant.ledger import Ledger
from h2plant.plant.graph import Plant
from h2plant.simulation.program import Program

_J_PER_KWH = 3.6e6
_J_PER_MWH = 3.6e9
_H2, _O2, _H2O, _ENERGY, _MONEY = 0, 1, 3, 4, 5
_DELIVERY_KINDS = ("truck_loading", "product_sink")
_ELECTROLYSERS = ("pem_stack", "soec_module")
STANDARD_AIR_K = 288.15
"""What a cold electrolyser starts from, for the cost of a start (ISO 2533)."""


class Figure(NamedTuple):
    """How a key figure is shown."""

    label: str
    unit: str
    group: str
    format: str = ",.1f"


FIGURES: dict[str, Figure] = {
    "hydrogen_made_kg": Figure("hydrogen made", "kg", "hydrogen", ",.0f"),
    "hydrogen_pem_kg": Figure("  of which PEM", "kg", "hydrogen", ",.0f"),
    "hydrogen_soec_kg": Figure("  of which SOEC", "kg", "hydrogen", ",.0f"),
    "hydrogen_sold_kg": Figure("hydrogen sold", "kg", "hydrogen", ",.0f"),
    "hydrogen_stored_kg": Figure("hydrogen in store at the end", "kg", "hydrogen", ",.0f"),
    "hydrogen_stored_change_kg": Figure("  change over the run", "kg", "hydrogen", ",.0f"),
    "hydrogen_lost_kg": Figure("hydrogen vented and lost", "kg", "hydrogen", ",.0f"),
    "oxygen_sold_kg": Figure("oxygen sold", "kg", "hydrogen", ",.0f"),
    "electricity_used_mwh": Figure("electricity used", "MWh", "energy"),
    "wind_mwh": Figure("wind energy", "MWh", "energy"),
    "import_mwh": Figure("import from the grid", "MWh", "energy"),
    "export_mwh": Figure("export to the grid", "MWh", "energy"),
    "curtailed_mwh": Figure("curtailed", "MWh", "energy"),
    "unserved_mwh": Figure("demand not served", "MWh", "energy"),
    "specific_energy_kwh_per_kg": Figure("specific energy, whole plant", "kWh/kg", "energy", ",.2f"),
    "specific_energy_pem_kwh_per_kg": Figure(
        "specific energy, PEM stacks (direct current)", "kWh/kg", "energy", ",.2f"
    ),
    "specific_energy_soec_kwh_per_kg": Figure(
        "specific energy, SOEC modules (with heaters)", "kWh/kg", "energy", ",.2f"
    ),
    "efficiency_hhv_frac": Figure("efficiency, whole plant (HHV)", "1", "energy", ".3f"),
    "heat_recovered_mwh": Figure("heat recovered into feed water", "MWh", "energy"),
    "capacity_factor_pem_frac": Figure("capacity factor, PEM", "1", "operation", ".3f"),
    "capacity_factor_soec_frac": Figure("capacity factor, SOEC", "1", "operation", ".3f"),
    "starts_pem": Figure("starts, PEM stacks", "", "operation", ",.0f"),
    "starts_soec": Figure("starts, SOEC modules", "", "operation", ",.0f"),
    "water_t": Figure("raw water", "t", "operation"),
    "water_kg_per_kg": Figure("raw water per hydrogen made", "kg/kg", "operation", ".2f"),
    "worst_h2o_ppm": Figure("water in hydrogen, mean at the worst monitor", "ppm", "purity", ".3f"),
    "worst_o2_ppm": Figure("oxygen in hydrogen, mean at the worst monitor", "ppm", "purity", ".3f"),
    "electricity_net_cost_eur": Figure("electricity, net of export", "EUR", "money", ",.0f"),
    "oxygen_revenue_eur": Figure("revenue from oxygen", "EUR", "money", ",.0f"),
    "hydrogen_revenue_eur": Figure("revenue from hydrogen", "EUR", "money", ",.0f"),
    "capex_eur": Figure("capital cost of the plant", "EUR", "money", ",.0f"),
    "hydrogen_cost_eur_per_kg": Figure("cost of hydrogen (levelised, per kg made)", "EUR/kg", "money", ".3f"),
    "hydrogen_cost_after_tax_eur_per_kg": Figure("  over the life, after tax (break-even)", "EUR/kg", "money", ".3f"),
    "net_present_value_eur": Figure("net present value", "EUR", "money", ",.0f"),
    "internal_rate_frac": Figure("internal rate of return, real, after tax", "1", "money", ".4f"),
    "payback_years": Figure("payback", "years", "money"),
    "start_cost_pem_eur": Figure("a start of a PEM stack from cold", "EUR", "money", ",.2f"),
    "start_cost_pem_kg": Figure("  in hydrogen", "kg", "money", ",.2f"),
    "start_cost_soec_eur": Figure("a start of a SOEC module, hot", "EUR", "money", ",.2f"),
    "start_cost_soec_kg": Figure("  in hydrogen", "kg", "money", ",.2f"),
    "start_cost_soec_cold_eur": Figure("a start of a SOEC module from cold", "EUR", "money", ",.2f"),
    "start_cost_soec_cold_kg": Figure("  in hydrogen", "kg", "money", ",.2f"),
    "carbon_kg_per_kg": Figure(
        f"CO2 of imports per hydrogen (EU limit {LIMIT_KG_PER_KG:.2f})", "kg/kg", "carbon", ".3f"
    ),
}


class _Books:
    """Looks sums up by kind of component."""

    def __init__(self, program: Program, ledger: Ledger) -> None:
        self.program = program
        self.ledger = ledger
        self.kind_of = [KINDS[k].name for k in program.component_kinds]

    def of_kind(self, *names: str) -> list[int]:
        return [i for i, kind in enumerate(self.kind_of) if kind in names]

    def field(self, component: int, name: str) -> float:
        return self.program.value(f"{self.program.component_ids[component]}.{name}")

    def sum_field(self, components: Iterable[int], name: str) -> float:
        return sum(self.field(i, name) for i in components)

    def port(self, component: int, port: str, offset: int = 0) -> float:
        """Return the sum over the run of a port's slot times the step: J, kg or EUR."""
        slot = self.program.slot_index[f"{self.program.component_ids[component]}.{port}"]
        return float(self.program.arrays.totals[slot + offset])

    def sum_port(self, kind: str, port: str) -> float:
        return sum(self.port(i, port) for i in self.of_kind(kind))

    def heating_j(self, manager: int) -> float:
        """Return the enthalpy that feed water gained in a thermal manager."""
        return self.port(manager, "water_outlet", ENTHALPY) - self.port(manager, "water_inlet", ENTHALPY)

    @property
    def sinks(self) -> list[int]:
        return self.of_kind("product_sink")

    def drawn(self) -> dict[int, float]:
        """Return the electric energy that each component kept to itself, J; suppliers of the plant left out."""
        suppliers = set(self.of_kind("wind_farm", "grid_connection"))
        drawn: dict[int, float] = {}
        for flow in self.program.flows:
            if flow.medium != "power":
                continue
            energy = float(self.program.arrays.totals[flow.slot])
            for component, sign in ((flow.target, 1.0), (flow.source, -1.0)):
                if component >= 0 and component not in suppliers:
                    drawn[component] = drawn.get(component, 0.0) + sign * energy
        return drawn

    def made_kg(self, kind: str) -> float:
        return float(self.ledger.reacted[self.of_kind(kind), _H2].sum())

    def sold(self, item: int) -> float:
        return float(self.ledger.inflow[self.of_kind(*_DELIVERY_KINDS), item].sum())

    def used_j(self) -> float:
        """Return the electricity drawn from the buses, or without a bus all that components draw."""
        buses = self.of_kind("power_bus")
        if buses:
            slots = [f for f in self.program.flows if f.medium == "power" and f.source in buses]
        else:
            slots = [f for f in self.program.flows if f.medium == "power" and f.source < 0]
        return float(sum(self.program.arrays.totals[f.slot] for f in slots))


def totals(program: Program, ledger: Ledger) -> dict[str, float]:
    """Return the totals by which runs are compared: hydrogen, energy, water in SI, money in EUR."""
    books = _Books(program, ledger)
    money = ledger.boundary_out[_MONEY] - ledger.boundary_in[_MONEY]
    # drawn by the process: raw water comes in lots of several tonnes, when a tank is refilled
    water_from = books.of_kind("water_tank") or books.of_kind("water_source")
    return {
        "hydrogen_made_kg": sum(books.made_kg(kind) for kind in _ELECTROLYSERS),
        "hydrogen_sold_kg": books.sold(_H2),
        "oxygen_sold_kg": books.sold(_O2),
        "electricity_used_j": books.used_j(),
        "water_kg": float(ledger.outflow[water_from, _H2O].sum()),
        "net_cost_eur": float(money),
    }


def summarise(
    plant: Plant, program: Program, ledger: Ledger, hours: float, money: RunMoney | None = None
) -> dict[str, Any]:
    """Return the key figures by name (see ``FIGURES``); those that the plant has nothing to do with are left out.

    ``money`` saves computing it again where it is known.
    """
    books = _Books(program, ledger)
    pem, soec = books.of_kind("pem_stack"), books.of_kind("soec_module")
    made = {"pem": books.made_kg("pem_stack"), "soec": books.made_kg("soec_module")}
    total = made["pem"] + made["soec"]
    used = books.used_j()
    stored = ledger.stored_after[:, _H2].sum()
    change = stored - ledger.stored_before[:, _H2].sum()
    sold = books.sold(_H2)
    burnt = -ledger.reacted[books.of_kind("deoxidiser"), _H2].sum()
    figures: dict[str, Any] = {
        "hydrogen_made_kg": total,
        "hydrogen_sold_kg": sold,
        "hydrogen_stored_kg": stored,
        "hydrogen_stored_change_kg": change,
        "hydrogen_lost_kg": total - sold - change - burnt,
        "electricity_used_mwh": used / _J_PER_MWH,
    }
    if pem and soec:
        figures |= {"hydrogen_pem_kg": made["pem"], "hydrogen_soec_kg": made["soec"]}
    if books.of_kind("product_sink"):
        figures["oxygen_sold_kg"] = books.sold(_O2)
    if books.of_kind("wind_farm"):
        figures["wind_mwh"] = books.sum_port("wind_farm", "power") / _J_PER_MWH
    grids = books.of_kind("grid_connection")
    if grids:
        for name, state in (("import", "imported_j"), ("export", "exported_j")):
            figures[f"{name}_mwh"] = books.sum_field(grids, state) / _J_PER_MWH
        figures["curtailed_mwh"] = books.sum_port("grid_connection", "curtailed") / _J_PER_MWH
        figures["unserved_mwh"] = books.sum_port("grid_connection", "unserved") / _J_PER_MWH
    if total > 0.0:
        figures["specific_energy_kwh_per_kg"] = used / total / _J_PER_KWH
        figures["efficiency_hhv_frac"] = total * HHV_H2_J_PER_KG / used if used > 0.0 else None
    lines = (
        ("pem", pem, ("power",), "rated_power_w"),
        ("soec", soec, ("power", "heater_power"), "power_max_w"),
    )
    for name, units, ports, rating in lines:
        if not units:
            continue
        drawn = sum(books.port(i, port) for i in units for port in ports)
        rated = books.sum_field(units, rating)
        figures[f"capacity_factor_{name}_frac"] = sum(books.port(i, "power") for i in units) / (rated * hours * 3600.0)
        figures[f"starts_{name}"] = books.sum_field(units, "n_starts")
        if made[name] > 0.0:
            figures[f"specific_energy_{name}_kwh_per_kg"] = drawn / made[name] / _J_PER_KWH
    managers = books.of_kind("thermal_manager")
    if managers:
        figures["heat_recovered_mwh"] = sum(books.heating_j(i) for i in managers) / _J_PER_MWH
    water = ledger.outflow[books.of_kind("water_source"), _H2O].sum()
    figures["water_t"] = water / 1000.0
    if total > 0.0:
        figures["water_kg_per_kg"] = water / total
    figures |= _purity(books) | _money_figures(books, money or appraise_run(plant, program, ledger, hours))
    return {name: _plain(figures[name]) for name in FIGURES if name in figures}


def _plain(value: Any) -> float | None:
    return None if value is None else float(value)


def _purity(books: _Books) -> dict[str, float]:
    monitors = [i for i in books.of_kind("purity_monitor") if books.ledger.inflow[i, _H2] > 0.0]
    if not monitors:
        return {}
    return {
        "worst_h2o_ppm": 1e6 * max(books.field(i, "mean_water_frac") for i in monitors),
        "worst_o2_ppm": 1e6 * max(books.field(i, "mean_oxygen_frac") for i in monitors),
    }


@dataclass(frozen=True)
class RunMoney:
    """What a run says about money and carbon: its appraisal, its starts, its footprint."""

    appraisal: Appraisal
    starts: dict[str, StartCost]
    footprint: Footprint
    hours: float

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
                }
                for name, cost in self.starts.items()
            },
            "carbon": {
                "emitted_kg": self.footprint.emitted_kg,
                "kg_per_kg": self.footprint.kg_per_kg,
                "g_per_mj": self.footprint.g_per_mj,
                "limit_kg_per_kg": LIMIT_KG_PER_KG,
                "is_below_limit": self.footprint.is_below_limit,
            },
        }


def appraise_run(plant: Plant, program: Program, ledger: Ledger, hours: float) -> RunMoney:
    """Return what a run says about money and carbon.

    Parameters
    ----------
    plant, program, ledger
        The plant, its program after the run, and its books.
    hours
        Length of the run; money is scaled to a year of 8760 hours.

    Raises
    ------
    PlantError
        If the plant's ``economics`` is not in order.
    """
    books = _Books(program, ledger)
    settings = read_settings(plant)
    parameters = {id_: (component.kind.name, component.values) for id_, component in plant.components.items()}
    year = _year(books, settings, hours)
    appraisal = appraise(parameters, settings, year)
    return RunMoney(
        appraisal=appraisal,
        starts=dict(_starts(plant, books, appraisal, year, settings)),
        footprint=_footprint(plant, books, settings),
        hours=hours,
    )


def _year(books: _Books, settings: Settings, hours: float) -> Year:
    """Return the totals of a run, scaled to 8760 hours."""
    per_year = 8760.0 / hours
    ids = books.program.component_ids
    grids, farms = books.of_kind("grid_connection"), books.of_kind("wind_farm")

    def each(kind: str, port: str) -> dict[str, float]:
        return {ids[i]: books.port(i, port) * per_year for i in books.of_kind(kind)}

    fees = sum(books.field(i, "imported_j") * books.field(i, "import_fee_eur_per_j") for i in grids)
    heat: dict[str, float] = {}
    for name, price in settings.heat_sales_eur_per_mwh.items():
        component = name.partition(".")[0]
        slot = books.program.slot_index[name]
        sold = float(books.program.arrays.totals[slot]) / _J_PER_MWH * price * per_year
        heat[component] = heat.get(component, 0.0) + sold
    return Year(
        made_kg={ids[i]: float(books.ledger.reacted[i, _H2]) * per_year for i in books.of_kind(*_ELECTROLYSERS)},
        sold_kg=books.sold(_H2) * per_year,
        hydrogen_revenue_eur=books.sum_port("truck_loading", "revenue") * per_year
        + sum(books.field(i, "delivered_h2_kg") * books.field(i, "h2_price_eur_per_kg") for i in books.sinks)
        * per_year,
        power_contract_eur=sum(books.port(i, "cost") for i in farms) * per_year,
        grid_import_eur=(sum(books.port(i, "cost") for i in grids) - fees) * per_year,
        grid_fee_eur=fees * per_year,
        power_sold_eur=sum(books.port(i, "revenue") for i in grids) * per_year,
        peak_import_kw=books.sum_field(grids, "peak_import_w") / 1000.0,
        water_eur=each("water_source", "cost"),
        oxygen_eur={
            ids[i]: (
                books.port(i, "revenue") - books.field(i, "delivered_h2_kg") * books.field(i, "h2_price_eur_per_kg")
            )
            * per_year
            for i in books.sinks
        },
        heat_eur=heat,
        drawn_j={ids[i]: max(j, 0.0) * per_year for i, j in books.drawn().items()},
        worn_lives_years=dict(_worn_lives(books, hours)),
    )


def _worn_lives(books: _Books, hours: float) -> Iterator[tuple[str, float]]:
    """Yield the life of each stack, years: the time until its wear in the run reaches the end of its life."""
    for kind, wear, end in (
        ("pem_stack", "degradation_v", "end_of_life_v"),
        ("soec_module", "asr_growth_frac", "end_of_life_growth_frac"),
    ):
        for i in books.of_kind(kind):
            id_ = books.program.component_ids[i]
            renewed = f"{id_}.n_replacements" in books.program.field_index
            lives = books.field(i, wear) / books.field(i, end) + (books.field(i, "n_replacements") if renewed else 0.0)
            if lives > 0.0:
                yield id_, hours / 8760.0 / lives


def _footprint(plant: Plant, books: _Books, settings: Settings) -> Footprint:
    """Return the emissions of imports: with the intensity linked to the grid, else with the constant one."""
    made = sum(books.made_kg(kind) for kind in _ELECTROLYSERS)
    emitted = 0.0
    for i in books.of_kind("grid_connection"):
        id_ = books.program.component_ids[i]
        if plant.links_at(id_, "carbon_intensity"):
            emitted += books.field(i, "emitted_kg")
        else:
            import_mwh = books.field(i, "imported_j") / _J_PER_MWH
            emitted += import_footprint(import_mwh, settings.grid_intensity_g_per_kwh, made).emitted_kg
    return Footprint(emitted, made)


def _starts(
    plant: Plant, books: _Books, appraisal: Appraisal, year: Year, settings: Settings
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
        for i in books.of_kind(kind):
            id_ = books.program.component_ids[i]
            values = plant.components[id_].values
            made, ran_h = float(books.ledger.reacted[i, _H2]), books.field(i, "running_h")
            if made <= 0.0 or ran_h <= 0.0:
                continue
            for suffix, start in _unit_starts(kind, values, books, i):
                cost = start_cost(
                    start,
                    hydrogen_kg_per_s=made / (ran_h * 3600.0),
                    specific_energy_j_per_kg=sum(books.port(i, port) for port in ports) / made,
                    electricity_eur_per_mwh=paid / (drawn / _J_PER_MWH),
                    hydrogen_eur_per_kg=hydrogen,
                    stack_eur=stacks.get(id_, 0.0),
                )
                costs.setdefault(name + suffix, []).append(cost)
        for key, units in costs.items():
            columns = zip(
                *((c.energy_eur, c.lost_production_eur, c.ageing_eur, c.hydrogen_kg) for c in units), strict=True
            )
            yield key, StartCost(*(sum(column) / len(units) for column in columns))


def _unit_starts(kind: str, values: Mapping[str, float], books: _Books, i: int) -> Iterator[tuple[str, Start]]:
    """Yield the sorts of start of a unit, from its parameters."""
    if kind == "pem_stack":
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
                end_of_life_v=books.field(i, "end_of_life_v"),
            ),
        )
        return
    hot = soec_hot_start(
        power_max_w=values["power_max_w"], power_min_w=values["power_min_w"], ramp_w_per_s=values["ramp_w_per_s"]
    )
    yield "_hot", hot
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


def _money_figures(books: _Books, money: RunMoney) -> dict[str, Any]:
    electricity = books.sum_port("grid_connection", "cost") - books.sum_port("grid_connection", "revenue")
    electricity += books.sum_port("wind_farm", "cost")
    figures: dict[str, Any] = {"electricity_net_cost_eur": electricity}
    if books.of_kind("product_sink"):
        figures["oxygen_revenue_eur"] = books.sum_port("product_sink", "revenue")
    if books.of_kind("truck_loading"):
        figures["hydrogen_revenue_eur"] = books.sum_port("truck_loading", "revenue")
    appraisal = money.appraisal
    figures |= {
        "capex_eur": appraisal.plant.capex_eur,
        "hydrogen_cost_eur_per_kg": appraisal.closed_form_eur_per_kg,
        "hydrogen_cost_after_tax_eur_per_kg": appraisal.break_even_eur_per_kg,
    }
    figures |= {
        "net_present_value_eur": appraisal.net_present_value_eur,
        "internal_rate_frac": appraisal.internal_rate_frac,
        "payback_years": appraisal.payback_years,
    }
    for name, cost in money.starts.items():
        key = name.removesuffix("_hot")
        figures |= {f"start_cost_{key}_eur": cost.total_eur, f"start_cost_{key}_kg": cost.hydrogen_kg}
    if books.of_kind("grid_connection"):
        figures["carbon_kg_per_kg"] = money.footprint.kg_per_kg
    return figures
