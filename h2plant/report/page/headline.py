"""The figures at the head of the page, each with what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from h2plant.core.constants import HHV_H2_J_PER_KG
from h2plant.core.markup import NONE, Html
from h2plant.economics.carbon import LIMIT_KG_PER_KG
from h2plant.report.page.parts import Cell, Section, folded, missing, shown, table, warning
from h2plant.results.figures import FIGURES
from h2plant.results.warning import warnings_of

_HHV_KWH_PER_KG = HHV_H2_J_PER_KG / 3.6e6

MEANING: dict[str, str] = {
    "hydrogen_made_kg": "What the electrolysers made, before anything was lost on the way to the customer.",
    "hydrogen_pem_kg": "The part that the PEM stacks made.",
    "hydrogen_soec_kg": "The part that the SOEC modules made.",
    "hydrogen_sold_kg": "What left in trailers or through a pipeline.",
    "hydrogen_stored_kg": "What tanks and pipes held at the end.",
    "hydrogen_stored_change_kg": "What they held more at the end than at the start.",
    "hydrogen_lost_kg": "Purge gas, vents and leaks: made, but neither sold nor stored.",
    "hydrogen_unserved_kg": "Room of trailers that left empty or still wait at the end, and what a series asked of a "
    "store in vain.",
    "oxygen_sold_kg": "By-product that earns a little.",
    "electricity_used_mwh": "All that the plant drew: electrolysis, steam, compression, cooling.",
    "electrolysis_mwh": "Direct current into stacks and modules.",
    "balance_of_plant_mwh": "Everything else: steam, compression, cooling, drying, water.",
    "conversion_loss_mwh": "Lost between the bus and the direct current.",
    "wind_mwh": "What the wind farm delivered to the plant.",
    "import_mwh": "Bought from the public grid.",
    "export_mwh": "Sold to the public grid.",
    "curtailed_mwh": "Wind energy that neither plant nor grid could take.",
    "unserved_mwh": "Used all the same, though no source gave it: what was made of it does not count.",
    "specific_energy_kwh_per_kg": "Electricity per kilogram, everything counted; the hydrogen holds "
    f"{_HHV_KWH_PER_KG:.1f} kWh/kg (HHV).",
    "specific_energy_pem_kwh_per_kg": "Direct current into the PEM stacks per kilogram that they made.",
    "specific_energy_soec_kwh_per_kg": "Power of the SOEC modules and their heaters per kilogram; the steam "
    "comes on top.",
    "efficiency_hhv_frac": "Higher heating value of the hydrogen over all electricity used.",
    "heat_recovered_mwh": "Waste heat that warmed feed water instead of going to the air.",
    "capacity_factor_pem_frac": "Mean power of the PEM stacks over their rated power.",
    "capacity_factor_soec_frac": "Mean power of the SOEC modules over their rated power.",
    "starts_pem": "Starts of all PEM stacks; each costs time and wears a little.",
    "starts_soec": "Starts of all SOEC modules from hot standby.",
    "water_t": "Taken from the mains, before purification.",
    "water_kg_per_kg": "Chemistry alone needs 8.9 kg per kg; the rest is brine and moisture.",
    "worst_h2o_ppm": "ISO 14687 grade D allows 5 ppm of water.",
    "worst_o2_ppm": "ISO 14687 grade D allows 5 ppm of oxygen.",
    "electricity_net_cost_eur": "Contract and imports less what exports earned.",
    "oxygen_revenue_eur": "Earned with oxygen.",
    "hydrogen_revenue_eur": "Earned with hydrogen, by trailers and pipelines.",
    "nitrogen_revenue_eur": "Earned with nitrogen.",
    "water_revenue_eur": "Earned with water; below nothing what its disposal costs.",
    "capex_eur": "Equipment with installation, indirect cost and contingency.",
    "hydrogen_cost_eur_per_kg": "Levelised: capital recovery and running cost of a year like this one, before tax.",
    "hydrogen_cost_after_tax_eur_per_kg": "The price at which the project earns exactly its cost of capital over "
    "its life.",
    "net_present_value_eur": "What the project is worth today at the price assumed; below nothing it loses money.",
    "internal_rate_frac": "Real return after tax at the price assumed.",
    "payback_years": "Years of operation until the cash flow has repaid the capital.",
    "start_cost_pem_eur": "Energy, production lost and wear of one start.",
    "start_cost_pem_kg": "The same, as hydrogen at its price.",
    "start_cost_pem_standby_eur": "The same from standby, with the stack still warm.",
    "start_cost_pem_standby_kg": "The same, as hydrogen at its price.",
    "start_cost_soec_eur": "Energy, production lost and wear of one start from hot standby.",
    "start_cost_soec_kg": "The same, as hydrogen at its price.",
    "start_cost_soec_cold_eur": "Hours of heating, production lost and wear of one start from cold.",
    "start_cost_soec_cold_kg": "The same, as hydrogen at its price.",
    "rfnbo_frac": "Share made with renewable electricity of the same month, as the EU counts until 2029.",
    "rfnbo_hourly_frac": "Share made with renewable electricity of the same hour, as the EU counts from 2030.",
    "carbon_kg_per_kg": f"Emissions of imported electricity; below {LIMIT_KG_PER_KG:.2f} kg/kg "
    "hydrogen counts as low-carbon in the EU.",
}
"""What each key figure means, in a sentence."""

_HEAD: tuple[tuple[str, float, str, str], ...] = (
    ("hydrogen_made_kg", 1e-3, "t", ",.0f"),
    ("specific_energy_kwh_per_kg", 1.0, "kWh/kg", ",.1f"),
    ("efficiency_hhv_frac", 100.0, "%", ",.1f"),
    ("hydrogen_cost_eur_per_kg", 1.0, "EUR/kg", ",.2f"),
    ("net_present_value_eur", 1e-6, "million EUR", ",.1f"),
    ("carbon_kg_per_kg", 1.0, "kg CO2e/kg", ",.2f"),
    ("capacity_factor_pem_frac", 100.0, "%", ",.0f"),
    ("capacity_factor_soec_frac", 100.0, "%", ",.0f"),
    ("electricity_used_mwh", 1e-3, "GWh", ",.1f"),
    ("water_kg_per_kg", 1.0, "kg/kg", ",.1f"),
    ("hydrogen_sold_kg", 1e-3, "t", ",.0f"),
    ("hydrogen_lost_kg", 1e-3, "t", ",.1f"),
)


class Card(NamedTuple):
    """A figure that matters most: its name, its value as shown, its unit, and what it means."""

    label: str
    value: str
    unit: str
    meaning: str


def head_cards(figures: Mapping[str, float | None]) -> list[Card]:
    """Return the figures that matter most; those that the run does not have are left out."""
    cards = []
    for name, factor, unit, form in _HEAD:
        value = figures.get(name)
        if value is None or name not in FIGURES:
            continue
        scaled = value * factor
        if unit == "t" and abs(scaled) < 10.0:
            scaled, unit, form = value, "kg", ",.1f"
        if unit == "GWh" and abs(scaled) < 1.0:
            scaled, unit, form = value, "MWh", ",.1f"
        cards.append(Card(FIGURES[name].label.strip(), shown(scaled, form), unit, MEANING[name]))
    return cards


def headline(summary: dict[str, Any]) -> Section:
    """Return the figures that matter most as cards, and all of them as a table."""
    figures: dict[str, float | None] = summary.get("key_figures") or {}
    cards = [
        Html(
            '<li class="card"><span class="label">{}</span><span class="value">{} <small>{}</small></span>'
            '<span class="soft">{}</span></li>',
            *(card.label, card.value, card.unit, card.meaning),
        )
        for card in head_cards(figures)
    ]
    warned = NONE.join(warning(f"{what}: {why}") for what, why in warnings_of(summary))
    if not figures:
        why = "they could not be worked out" if summary.get("missing") else "the run ended before anything was counted"
        return Section("figures", "Key figures", "", warned + missing(why))
    made = figures.get("hydrogen_made_kg") or 0.0
    said = NONE if made > 0.0 else warning("No hydrogen was made in this run.")
    rows = [
        (
            Cell(figure.label.strip()),
            Cell(shown(figures[name], figure.format), figures[name]),
            Cell(figure.unit),
            Cell(figure.group),
            Cell(MEANING.get(name, "")),
        )
        for name, figure in FIGURES.items()
        if name in figures
    ]
    rows += [
        (Cell(name), Cell(shown(value), value), Cell(""), Cell("other"), Cell(""))
        for name, value in figures.items()
        if name not in FIGURES and isinstance(value, int | float)
    ]
    every = table(
        "All key figures",
        ("figure", "value", "unit", "group", "meaning"),
        rows,
        (True, False, True, True, True),
        "figures-table",
    )
    html = warned + said + Html('<ul class="cards">{}</ul>\n', NONE.join(cards)) + folded("All key figures", every)
    return Section("figures", "Key figures", "What the run comes to.", html)
