"""The key figures of a run: what each is called, its unit, its group, and how it is shown."""

from __future__ import annotations

from typing import NamedTuple

from h2plant.economics.carbon import LIMIT_KG_PER_KG


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
    "hydrogen_unserved_kg": Figure("hydrogen asked for and not given", "kg", "hydrogen", ",.0f"),
    "oxygen_sold_kg": Figure("oxygen sold", "kg", "hydrogen", ",.0f"),
    "electricity_used_mwh": Figure("electricity used", "MWh", "energy"),
    "electrolysis_mwh": Figure("  of which electrolysis, direct current", "MWh", "energy"),
    "balance_of_plant_mwh": Figure("  of which balance of plant", "MWh", "energy"),
    "conversion_loss_mwh": Figure("  of which lost in transformers and rectifiers", "MWh", "energy"),
    "wind_mwh": Figure("wind energy", "MWh", "energy"),
    "import_mwh": Figure("import from the grid", "MWh", "energy"),
    "export_mwh": Figure("export to the grid", "MWh", "energy"),
    "curtailed_mwh": Figure("curtailed", "MWh", "energy"),
    "unserved_mwh": Figure("drawn without a source", "MWh", "energy"),
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
    "nitrogen_revenue_eur": Figure("revenue from nitrogen", "EUR", "money", ",.0f"),
    "water_revenue_eur": Figure("revenue from water (negative: disposal)", "EUR", "money", ",.0f"),
    "capex_eur": Figure("capital cost of the plant", "EUR", "money", ",.0f"),
    "hydrogen_cost_eur_per_kg": Figure("cost of hydrogen (levelised, per kg made)", "EUR/kg", "money", ".3f"),
    "hydrogen_cost_after_tax_eur_per_kg": Figure("  over the life, after tax (break-even)", "EUR/kg", "money", ".3f"),
    "net_present_value_eur": Figure("net present value", "EUR", "money", ",.0f"),
    "internal_rate_frac": Figure("internal rate of return, real, after tax", "1", "money", ".4f"),
    "payback_years": Figure("payback", "years", "money"),
    "start_cost_pem_eur": Figure("a start of a PEM stack from cold", "EUR", "money", ",.2f"),
    "start_cost_pem_kg": Figure("  in hydrogen", "kg", "money", ",.2f"),
    "start_cost_soec_eur": Figure("a start of an SOEC module, hot", "EUR", "money", ",.2f"),
    "start_cost_soec_kg": Figure("  in hydrogen", "kg", "money", ",.2f"),
    "start_cost_soec_cold_eur": Figure("a start of an SOEC module from cold", "EUR", "money", ",.2f"),
    "start_cost_soec_cold_kg": Figure("  in hydrogen", "kg", "money", ",.2f"),
    "start_cost_pem_standby_eur": Figure("a start of a PEM stack from standby", "EUR", "money", ",.2f"),
    "start_cost_pem_standby_kg": Figure("  in hydrogen", "kg", "money", ",.2f"),
    "carbon_kg_per_kg": Figure(
        f"CO2 of imports per hydrogen (EU limit {LIMIT_KG_PER_KG:.2f})", "kg/kg", "carbon", ".3f"
    ),
    "rfnbo_frac": Figure("hydrogen that counts as renewable (RFNBO, by month)", "1", "carbon", ".4f"),
    "rfnbo_hourly_frac": Figure("  by the hour, as from 2030", "1", "carbon", ".4f"),
}
