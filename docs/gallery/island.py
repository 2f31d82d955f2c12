"""A distillery without a grid: the calmest weeks of winter, and those of September, which are worse."""

from typing import Any

import numpy as np

import h2plant
from docs.gallery_pictures import DARK, LIGHT, MIDDLE, PALE, RED, GalleryPlant, span_of

SPANS = (("2023-01-14", "Calm weeks of January"), ("2023-08-31", "September, the emptiest of the year"))
DAYS = 21


def draw(results: h2plant.Results) -> Any:
    """Draw both spans: power, battery, store, what the boiler gets."""
    import matplotlib.dates as mdates
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(4, 2, figsize=(7.6, 7.4), sharex="col", sharey="row", height_ratios=(8, 5, 5, 6))
    missed_kg = np.diff(results["customer.missed_kg"], prepend=0.0)
    for column, (first, title) in zip(axes.T, SPANS, strict=True):
        span = span_of(results, first, DAYS)
        time = results.time[span]
        power, battery, store, boiler = column
        own_kw = (results["wind_turbines.power.power_w"] + results["pv_array.power.power_w"])[span] / 1e3
        stack_kw = results["electrolysis_stack_1.power.power_w"][span] / 1e3
        power.fill_between(time, own_kw, step="post", color=PALE, lw=0, label="wind and sun")
        power.fill_between(time, stack_kw, step="post", color=DARK, lw=0, label="stack")
        power.set(title=title, ylim=(0, 1400))
        battery.plot(time, 100.0 * results["battery_battery.level_frac"][span], color=MIDDLE)
        battery.set(ylim=(0, 100))
        store.plot(time, results["storage_tanks.surplus_kg"][span], color=DARK)
        store.set(ylim=(0, 1100))
        given = results["customer.flow_kg_per_s"][span] * 3600.0
        boiler.fill_between(time, given, step="post", color=LIGHT, lw=0, label="given")
        missed = missed_kg[span]
        days = missed > 0.0
        boiler.vlines(time[days], 0.0, missed[days] / 24.0, color=RED, lw=3, label="missed, mean of the day")
        boiler.set(ylim=(0, 16))
        boiler.xaxis.set_major_locator(mdates.DayLocator(interval=7))
        boiler.xaxis.set_minor_locator(mdates.DayLocator())
        boiler.xaxis.set_major_formatter(mdates.DateFormatter("%d %b"))
        boiler.set_xlim(time[0], time[-1])
    for axis, label in zip(axes[:, 0], ("kW", "battery, %", "store, kg", "boiler, kg/h"), strict=True):
        axis.set(ylabel=label)
    axes[0, 1].legend(ncols=2, loc="upper right")
    axes[3, 1].legend(ncols=2, loc="upper right")
    return figure


PLANT = GalleryPlant(
    figures=(
        "hydrogen_made_kg", "hydrogen_asked_kg", "hydrogen_given_kg", "hydrogen_served_frac", "hydrogen_short_h",
        "electricity_used_mwh", "balance_of_plant_mwh", "wind_mwh", "pv_mwh", "curtailed_mwh", "battery_discharged_mwh",
        "emergency_mwh", "blackouts", "specific_energy_kwh_per_kg", "capacity_factor_pem_frac", "starts_pem",
        "starts_avoided", "capex_eur", "hydrogen_cost_eur_per_kg", "hydrogen_cost_sold_eur_per_kg",
        "hydrogen_cost_after_tax_eur_per_kg",
        "net_present_value_eur",
    ),
    draw=draw,
)  # fmt: skip
