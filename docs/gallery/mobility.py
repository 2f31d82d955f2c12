"""A filling station with its own hydrogen: a week with a peak of the price."""

from typing import Any

import h2plant
from docs.gallery_pictures import DARK, LIGHT, MIDDLE, PALE, RED, GalleryPlant, finish, span_of


def draw(results: h2plant.Results) -> Any:
    """Draw a week: power and price, hydrogen, pressures of the store and of the banks."""
    import matplotlib.pyplot as plt

    span = span_of(results, "2023-09-07", 7)
    time = results.time[span]
    figure, axes = plt.subplots(4, 1, figsize=(8.6, 8.0), sharex=True, height_ratios=(2.4, 1.8, 2, 2.2))
    power, price, hydrogen, pressure = axes
    stacks_kw = sum(results[f"electrolysis_stack_{k}.power.power_w"][span] for k in (1, 2)) / 1e3
    power.fill_between(time, stacks_kw, step="post", color=PALE, lw=0, label="PEM stacks")
    imported = results["grid_connection.import_w"][span] / 1e3
    power.step(time, imported, where="post", color=DARK, label="import")
    power.fill_between(time, results["cells.power_w"][span] / 1e3, step="post", color=RED, lw=0, label="fuel cells")
    power.set(ylabel="kW", title="Power", ylim=(0, None))
    price.step(time, results["series.price_eur_per_mwh"][span] * 3.6e9, where="post", color="black", lw=1.0)
    price.axhline(105.0, color="grey", lw=0.7, ls="--")
    price.axhline(250.0, color=RED, lw=0.7, ls="--")
    price.set(ylabel="EUR/MWh", title="Day-ahead price; hydrogen is made below 105, burnt above 250")
    made = sum(results[f"electrolysis_stack_{k}.hydrogen_made_kg_per_s"][span] for k in (1, 2)) * 3600.0
    hydrogen.fill_between(time, made, step="post", color=PALE, lw=0, label="made")
    for name, colour in (("buses", MIDDLE), ("cars", LIGHT)):
        given = results[f"{name}.flow_kg_per_s"][span] * 3600.0
        hydrogen.step(time, given, where="post", color=colour, label=name)
    hydrogen.set(ylabel="kg/h", title="Hydrogen", ylim=(0, None))
    pressure.plot(time, results["storage_tanks.pressure_pa"][span] / 1e5, color=DARK, label="store")
    for name, colour in (("bus", MIDDLE), ("car", LIGHT)):
        for k, style in ((1, "-"), (2, "--"), (3, ":")):
            bank = results[f"{name}_station_bank_{k}.pressure_pa"][span] / 1e5
            label = f"banks for {'buses' if name == 'bus' else 'cars'}" if k == 1 else None
            pressure.plot(time, bank, color=colour, ls=style, lw=1.1, label=label)
    pressure.set(ylabel="bar", title="Pressure", ylim=(0, 960))
    finish(axes, (power, hydrogen, pressure), pressure, "%a %d %b")
    pressure.set_xlim(time[0], time[-1])
    return figure


PLANT = GalleryPlant(
    figures=(
        "hydrogen_made_kg", "hydrogen_sold_kg", "hydrogen_served_frac", "electricity_used_mwh", "balance_of_plant_mwh",
        "import_mwh", "reconverted_mwh", "specific_energy_kwh_per_kg", "specific_energy_pem_kwh_per_kg",
        "capacity_factor_pem_frac", "starts_pem", "hydrogen_lost_kg", "worst_h2o_ppm", "carbon_kg_per_kg",
        "electricity_net_cost_eur", "hydrogen_revenue_eur", "capex_eur", "hydrogen_cost_eur_per_kg",
        "hydrogen_cost_sold_eur_per_kg",
        "hydrogen_cost_after_tax_eur_per_kg", "net_present_value_eur",
    ),
    draw=draw,
)  # fmt: skip
