"""Key figures of a run, from the ledger and the end states."""

from __future__ import annotations

from typing import Any

from h2plant.core.constants import HHV_H2_J_PER_KG
from h2plant.plant.graph import Plant
from h2plant.results.figures import FIGURES
from h2plant.results.ledger import Ledger
from h2plant.results.offtake import unserved_hydrogen_kg
from h2plant.results.rfnbo import origin
from h2plant.results.run_economics import RunEconomics
from h2plant.results.totals import ELECTROLYSERS, H2, H2O, J_PER_KWH, J_PER_MWH, MONEY, O2, PRODUCTS, Totals
from h2plant.simulation.program import Program

CONVERSION_KINDS = ("transformer", "rectifier", "power_bus")


ECONOMIC_FIGURES = (
    *("capex_eur", "hydrogen_cost_eur_per_kg", "hydrogen_cost_after_tax_eur_per_kg"),
    *("net_present_value_eur", "internal_rate_frac", "payback_years", "carbon_kg_per_kg"),
)
"""Key figures that stand or fall with the economics of a run."""


def totals(program: Program, ledger: Ledger) -> dict[str, float]:
    """Return the totals by which runs are compared: hydrogen, energy, water in SI, money in EUR."""
    totals = Totals(program, ledger)
    net_cost_eur = ledger.boundary_out[MONEY] - ledger.boundary_in[MONEY]
    # drawn by the process: raw water comes in lots of several tonnes, when a tank is refilled
    water_from = totals.of_kind("water_tank") or totals.of_kind("water_source")
    return {
        "hydrogen_made_kg": sum(totals.made_kg(kind) for kind in ELECTROLYSERS),
        "hydrogen_sold_kg": totals.sold(H2),
        "oxygen_sold_kg": totals.sold(O2),
        "electricity_used_j": totals.used_j(),
        "water_kg": float(ledger.outflow[water_from, H2O].sum()),
        "net_cost_eur": float(net_cost_eur),
    }


def summarise(
    plant: Plant, program: Program, ledger: Ledger, hours: float, run_economics: RunEconomics | None
) -> dict[str, Any]:
    """Return the key figures by name (see ``FIGURES``); those that the plant has nothing to do with are left out.

    Without ``run_economics`` those of cost, return and carbon are None.
    """
    totals = Totals(program, ledger)
    pem, soec = totals.of_kind("pem_stack"), totals.of_kind("soec_module")
    made = {"pem": totals.made_kg("pem_stack"), "soec": totals.made_kg("soec_module")}
    total = made["pem"] + made["soec"]
    used = totals.used_j()
    stored = ledger.stored_after[:, H2].sum()
    change = stored - ledger.stored_before[:, H2].sum()
    sold = totals.sold(H2)
    burnt = -ledger.reacted[totals.of_kind("deoxidiser"), H2].sum()
    figures: dict[str, Any] = {
        "hydrogen_made_kg": total,
        "hydrogen_sold_kg": sold,
        "hydrogen_stored_kg": stored,
        "hydrogen_stored_change_kg": change,
        "hydrogen_lost_kg": total - sold - change - burnt,
        "electricity_used_mwh": used / J_PER_MWH,
    }
    kept = totals.drawn()
    figures["electrolysis_mwh"] = sum(kept.get(i, 0.0) for i in pem + soec) / J_PER_MWH
    figures["conversion_loss_mwh"] = sum(kept.get(i, 0.0) for i in totals.of_kind(*CONVERSION_KINDS)) / J_PER_MWH
    rest = used / J_PER_MWH - figures["electrolysis_mwh"] - figures["conversion_loss_mwh"]
    figures["balance_of_plant_mwh"] = rest
    if pem and soec:
        figures |= {"hydrogen_pem_kg": made["pem"], "hydrogen_soec_kg": made["soec"]}
    unserved = unserved_hydrogen_kg(plant, totals)
    if unserved is not None:
        figures["hydrogen_unserved_kg"] = unserved
    oxygen = totals.sold(O2)
    if _sells_oxygen(totals):
        figures["oxygen_sold_kg"] = oxygen
    if totals.of_kind("wind_farm"):
        figures["wind_mwh"] = totals.sum_port("wind_farm", "power") / J_PER_MWH
    grids = totals.of_kind("grid_connection")
    if grids:
        for name, state in (("import", "imported_j"), ("export", "exported_j")):
            figures[f"{name}_mwh"] = totals.sum_field(grids, state) / J_PER_MWH
        figures["curtailed_mwh"] = totals.sum_port("grid_connection", "curtailed") / J_PER_MWH
        figures["unserved_mwh"] = totals.sum_port("grid_connection", "unserved") / J_PER_MWH
    if total > 0.0:
        figures["specific_energy_kwh_per_kg"] = used / total / J_PER_KWH
        figures["efficiency_hhv_frac"] = total * HHV_H2_J_PER_KG / used if used > 0.0 else None
    lines = (
        ("pem", pem, ("power",), "rated_power_w"),
        ("soec", soec, ("power", "heater_power"), "power_max_w"),
    )
    for name, units, ports, rating in lines:
        if not units:
            continue
        drawn = sum(totals.port(i, port) for i in units for port in ports)
        rated = totals.sum_field(units, rating)
        figures[f"capacity_factor_{name}_frac"] = sum(totals.port(i, "power") for i in units) / (rated * hours * 3600.0)
        figures[f"starts_{name}"] = totals.sum_field(units, "n_starts")
        if made[name] > 0.0:
            figures[f"specific_energy_{name}_kwh_per_kg"] = drawn / made[name] / J_PER_KWH
    managers = totals.of_kind("thermal_manager")
    if managers:
        figures["heat_recovered_mwh"] = sum(totals.heating_j(i) for i in managers) / J_PER_MWH
    water = ledger.outflow[totals.of_kind("water_source"), H2O].sum()
    figures["water_t"] = water / 1000.0
    if total > 0.0:
        figures["water_kg_per_kg"] = water / total
    figures |= _purity(totals) | _economic_figures(totals, run_economics)
    figures |= _origin_figures(totals)
    return {name: _plain(figures[name]) for name in FIGURES if name in figures}


def _sells_oxygen(totals: Totals) -> bool:
    """Tell whether oxygen is what a sink mostly takes, or earned anything there: traces in hydrogen do not count."""
    for i in totals.sinks:
        took = totals.ledger.inflow[i, : len(PRODUCTS)]
        if totals.sink_income_eur(i)["oxygen"] or float(took[O2]) > 0.5 * float(took.sum()):
            return True
    return False


def _plain(value: Any) -> float | None:
    return None if value is None else float(value)


def _origin_figures(totals: Totals) -> dict[str, Any]:
    found = origin(totals)
    if found is None:
        return {}
    return {"rfnbo_frac": found.monthly_frac, "rfnbo_hourly_frac": found.hourly_frac}


def _purity(totals: Totals) -> dict[str, float]:
    monitors = [i for i in totals.of_kind("purity_monitor") if totals.ledger.inflow[i, H2] > 0.0]
    if not monitors:
        return {}
    return {
        "worst_h2o_ppm": 1e6 * max(totals.field(i, "mean_water_frac") for i in monitors),
        "worst_o2_ppm": 1e6 * max(totals.field(i, "mean_oxygen_frac") for i in monitors),
    }


def _economic_figures(totals: Totals, run_economics: RunEconomics | None) -> dict[str, Any]:
    electricity = totals.sum_port("grid_connection", "cost") - totals.sum_port("grid_connection", "revenue")
    electricity += totals.sum_port("wind_farm", "cost")
    figures: dict[str, Any] = {"electricity_net_cost_eur": electricity} | _revenues(totals)
    has_grid = bool(totals.of_kind("grid_connection"))
    figures |= {name: None for name in ECONOMIC_FIGURES if has_grid or name != "carbon_kg_per_kg"}
    if run_economics is None:
        return figures
    appraisal = run_economics.appraisal
    figures |= {
        "capex_eur": appraisal.plant.capex_eur,
        "hydrogen_cost_eur_per_kg": appraisal.closed_form_eur_per_kg,
        "hydrogen_cost_after_tax_eur_per_kg": appraisal.break_even_eur_per_kg,
        "net_present_value_eur": appraisal.net_present_value_eur,
        "internal_rate_frac": appraisal.internal_rate_frac,
        "payback_years": appraisal.payback_years,
    }
    for name, cost in run_economics.starts.items():
        key = name.removesuffix("_hot")
        figures |= {f"start_cost_{key}_eur": cost.total_eur, f"start_cost_{key}_kg": cost.hydrogen_kg}
    if has_grid and run_economics.footprint is not None:
        figures["carbon_kg_per_kg"] = run_economics.footprint.kg_per_kg
    return figures


def _revenues(totals: Totals) -> dict[str, float]:
    """Return what was earned with each product, by what flowed."""
    income = [totals.sink_income_eur(i) for i in totals.sinks]
    of_sinks = {product: sum(one[product] for one in income) for product in PRODUCTS}
    revenues: dict[str, float] = {}
    if _sells_oxygen(totals):
        revenues["oxygen_revenue_eur"] = of_sinks["oxygen"]
    if of_sinks["hydrogen"] or totals.of_kind("truck_loading"):
        revenues["hydrogen_revenue_eur"] = totals.hydrogen_revenue_eur()
    return revenues | {f"{p}_revenue_eur": of_sinks[p] for p in ("nitrogen", "water") if of_sinks[p]}
