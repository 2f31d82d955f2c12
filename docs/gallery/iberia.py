"""Sun, wind and a battery in Spain: two weeks of summer."""

from typing import Any

import h2plant
from docs.gallery_pictures import DARK, LIGHT, MIDDLE, PALE, RED, GalleryPlant, finish, span_of


def draw(results: h2plant.Results) -> Any:
    """Draw ten days: power, price, hydrogen, stores."""
    import matplotlib.pyplot as plt

    span = span_of(results, "2023-05-12", 10)
    time = results.time[span]
    figure, axes = plt.subplots(4, 1, figsize=(8.6, 7.8), sharex=True, height_ratios=(3, 1.6, 2, 1.8))
    power, price, hydrogen, stores = axes
    wind_mw = results["wind_turbines.power.power_w"][span] / 1e6
    sun_mw = results["pv_array.power.power_w"][span] / 1e6
    stacks_mw = sum(results[f"electrolysis_stack_{k}.power.power_w"][span] for k in range(1, 5)) / 1e6
    power.fill_between(time, wind_mw, step="post", color=PALE, lw=0, label="wind")
    power.fill_between(time, wind_mw, wind_mw + sun_mw, step="post", color=LIGHT, alpha=0.55, lw=0, label="sun")
    power.step(time, stacks_mw, where="post", color=DARK, label="alkaline stacks")
    power.step(time, results["grid_connection.export_w"][span] / 1e6, where="post", color=RED, ls=":", label="export")
    power.set(ylabel="MW", title="Power", ylim=(0, None))
    price.step(time, results["series.price_eur_per_mwh"][span] * 3.6e9, where="post", color="black", lw=1.0)
    price.axhline(100.0, color="grey", lw=0.7, ls="--")
    price.set(ylabel="EUR/MWh", title="Day-ahead price of Spain; hydrogen is made below 100", ylim=(0, None))
    made = sum(results[f"electrolysis_stack_{k}.hydrogen_made_kg_per_s"][span] for k in range(1, 5)) * 3600.0
    hydrogen.fill_between(time, made, step="post", color=PALE, lw=0, label="made")
    loaded = results["trailers_trailers.flow_kg_per_s"][span] * 3600.0
    hydrogen.step(time, loaded, where="post", color=MIDDLE, label="on trailers")
    given = results["customer.flow_kg_per_s"][span] * 3600.0
    hydrogen.step(time, given, where="post", color=RED, label="to the customer")
    hydrogen.set(ylabel="kg/h", title="Hydrogen", ylim=(0, None))
    stores.plot(time, results["storage_tanks.pressure_pa"][span] / 1e5, color=DARK, label="tanks, bar")
    stores.plot(time, results["battery_battery.level"][span] * 100.0, color=LIGHT, label="battery, % of its charge")
    stores.set(title="Stores", ylim=(0, 110))
    finish(axes, (power, hydrogen, stores), stores, "%d %b")
    stores.set_xlim(time[0], time[-1])
    return figure


PLANT = GalleryPlant(
    figures=(
        "hydrogen_made_kg", "hydrogen_sold_kg", "hydrogen_served_frac", "electricity_used_mwh", "wind_mwh", "pv_mwh",
        "import_mwh", "export_mwh", "curtailed_mwh", "battery_discharged_mwh", "battery_cycles",
        "specific_energy_kwh_per_kg", "specific_energy_alk_kwh_per_kg", "capacity_factor_alk_frac", "starts_alk",
        "hydrogen_lost_kg", "capex_eur", "hydrogen_cost_eur_per_kg", "hydrogen_cost_sold_eur_per_kg",
        "hydrogen_cost_after_tax_eur_per_kg",
        "net_present_value_eur",
    ),
    draw=draw,
)  # fmt: skip
