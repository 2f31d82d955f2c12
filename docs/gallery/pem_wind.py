"""Wind that becomes hydrogen for trailers, renewable by the hour."""

from typing import Any

import h2plant
from docs.gallery_pictures import DARK, LIGHT, MIDDLE, PALE, GalleryPlant, span_of


def draw(results: h2plant.Results) -> Any:
    """Draw two weeks in April: power, price, hydrogen, storage."""
    import matplotlib.dates as mdates
    import matplotlib.pyplot as plt

    span = span_of(results, "2023-04-10", 14)
    time = results.time[span]
    n_stacks = 6
    stacks_mw = sum(results[f"electrolysis_stack_{k}.power.power_w"][span] for k in range(1, n_stacks + 1)) / 1e6
    figure, axes = plt.subplots(4, 1, figsize=(7.4, 7.4), sharex=True, height_ratios=(3, 1.7, 2, 1.7))
    power, price, hydrogen, pressure = axes
    wind_mw = results["wind_farm.power.power_w"][span] / 1e6
    power.fill_between(time, wind_mw, step="post", color=PALE, lw=0, label="wind, available")
    power.fill_between(time, stacks_mw, step="post", color=DARK, lw=0, label="PEM stacks")
    power.step(time, results["grid_connection.export_w"][span] / 1e6, where="post", color=LIGHT, label="export")
    power.set(ylabel="MW", title="Power", ylim=(0, None))
    price.step(time, results["series.price_eur_per_mwh"][span] * 3.6e9, where="post", color="black", lw=1.0)
    price.axhline(0.0, color="grey", lw=0.7)
    price.set(ylabel="EUR/MWh", title="Day-ahead price")
    made = sum(results[f"electrolysis_stack_{k}.hydrogen_made_kg_per_s"][span] for k in range(1, n_stacks + 1)) * 3600.0
    hydrogen.fill_between(time, made, step="post", color=DARK, lw=0, label="made")
    loaded = results["trailers_trailers.flow_kg_per_s"][span] * 3600.0
    hydrogen.step(time, loaded, where="post", color=LIGHT, label="loaded on trailers")
    hydrogen.set(ylabel="kg/h", title="Hydrogen", ylim=(0, None))
    pressure.plot(time, results["storage_tanks.pressure_pa"][span] / 1e5, color=MIDDLE)
    pressure.set(ylabel="bar", title="Pressure of the store")
    for axis in (power, hydrogen):
        axis.legend(ncols=4, loc="upper right", bbox_to_anchor=(1.0, 1.22 if axis is hydrogen else 1.15))
    pressure.xaxis.set_major_locator(mdates.DayLocator(interval=2))
    pressure.xaxis.set_major_formatter(mdates.DateFormatter("%a %d %b"))
    pressure.set_xlim(time[0], time[-1])
    return figure


PLANT = GalleryPlant(
    figures=(
        "hydrogen_made_kg", "hydrogen_sold_kg", "electricity_used_mwh", "wind_mwh", "import_mwh", "export_mwh",
        "curtailed_mwh", "specific_energy_kwh_per_kg", "capacity_factor_pem_frac", "starts_pem", "rfnbo_hourly_frac",
        "capex_eur", "hydrogen_cost_eur_per_kg", "hydrogen_cost_sold_eur_per_kg",
        "hydrogen_cost_after_tax_eur_per_kg", "net_present_value_eur",
        "internal_rate_frac",
    ),
    draw=draw,
)  # fmt: skip
