"""Key figures of a run, from the ledger and the end states."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from h2plant.components import KINDS
from h2plant.core.bus import ENTHALPY
from h2plant.core.constants import HHV_H2_J_PER_KG
from h2plant.economics.plant_cost import hydrogen_cost
from h2plant.ledger import Ledger
from h2plant.plant.graph import Plant
from h2plant.simulation.program import Program

_J_PER_KWH = 3.6e6
_J_PER_MWH = 3.6e9
_H2, _O2, _H2O, _ENERGY, _MONEY = 0, 1, 3, 4, 5
_DELIVERY_KINDS = ("truck_loading", "product_sink")
_ELECTROLYSERS = ("pem_stack", "soec_module")


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


def summarise(plant: Plant, program: Program, ledger: Ledger, hours: float) -> dict[str, Any]:
    """Return the key figures by name (see ``FIGURES``); those that the plant has nothing to do with are left out."""
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
    figures |= _purity(books) | _money(plant, program, books, total, hours)
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


def _money(plant: Plant, program: Program, books: _Books, made_kg: float, hours: float) -> dict[str, Any]:
    electricity = books.sum_port("grid_connection", "cost") - books.sum_port("grid_connection", "revenue")
    electricity += books.sum_port("wind_farm", "cost")
    water = books.sum_port("water_source", "cost")
    figures: dict[str, Any] = {"electricity_net_cost_eur": electricity}
    if books.of_kind("product_sink"):
        figures["oxygen_revenue_eur"] = books.sum_port("product_sink", "revenue")
    if books.of_kind("truck_loading"):
        figures["hydrogen_revenue_eur"] = books.sum_port("truck_loading", "revenue")
    parameters = {id_: (component.kind.name, component.values) for id_, component in plant.components.items()}
    cost = hydrogen_cost(
        parameters,
        plant.economics,
        hydrogen_kg=made_kg,
        hours=hours,
        electricity_eur=electricity,
        water_eur=water,
        other_revenue_eur=figures.get("oxygen_revenue_eur", 0.0),
    )
    figures["capex_eur"] = cost.capex_eur
    figures["hydrogen_cost_eur_per_kg"] = cost.hydrogen_cost_eur_per_kg if made_kg > 0.0 else None
    return figures
