# %% [markdown]
# # Example: first run
# The bundled plant: 28.5 MW of wind, a PEM line of 5 MW, a SOEC line of 14.4 MW, compressors, tanks, trailers. We
# run it for a week of April 2023 with the Dutch prices, wind and temperatures of that week, and look at what
# happened.
#
# The very first run on a machine compiles for one to two minutes; later ones start at once.

# %%
import matplotlib.dates as mdates
import matplotlib.pyplot as plt

import h2plant

results = h2plant.run("test_full_year", start="2023-04-16", hours=7 * 24, log_every_s=900, out="results/first_run")
print(results)

# %% [markdown]
# ## Key figures
# `results.summary` holds what the table on the screen shows. A name ends in its unit, so nothing has to be looked
# up: `_kg`, `_mwh`, `_kwh_per_kg`; `_frac` is a share between 0 and 1. In a notebook, `results` alone on a line
# shows all of them as a table, with the columns of the log by component.

# %%
figures = results.summary["key_figures"]
for name in (
    "hydrogen_made_kg",
    "hydrogen_sold_kg",
    "electricity_used_mwh",
    "specific_energy_kwh_per_kg",
    "capacity_factor_pem_frac",
    "capacity_factor_soec_frac",
):
    print(f"{name:28} {figures[name]:10,.2f}")

# %% [markdown]
# ## Columns
# The log has a column for each state and output of each component, and for what every port passes: all in SI,
# each with its unit and meaning. `describe` lists those whose name holds a word.

# %%
print(len(results.columns), "columns,", len(results), "rows of 15 minutes")
for row in results.describe("lp_tanks.").select(["column", "unit", "min", "max"]).to_pylist()[:4]:
    print(f"{row['column']:28} {row['unit']:3} from {row['min']:12,.2f} to {row['max']:12,.2f}")
print(results.descriptions["lp_tanks.pressure_pa"])

# %% [markdown]
# A column is a numpy array. Flows and powers are means over their interval, so a sum over time is exact: here the
# hydrogen that passed the PEM stacks' outlets, beside the figure of the summary.

# %%
pem_kg_per_s = sum(results[f"pem_{k}.hydrogen.h2_kg_per_s"] for k in range(1, 6))
soec_kg_per_s = sum(results[f"soec_{k}.hydrogen_made_kg_per_s"] for k in range(1, 7))
print(f"PEM line: {pem_kg_per_s.sum() * 900:,.0f} kg by the log")
print(
    f"SOEC line: {soec_kg_per_s.sum() * 900:,.0f} kg by the log, {figures['hydrogen_soec_kg']:,.0f} kg by the summary"
)

# %% [markdown]
# ## The week
# The wind goes to the SOEC line first, then to the PEM line. At a high price it is sold instead.

# %%
time = results.time
pem_mw = sum(results[f"pem_{k}.power.power_w"] for k in range(1, 6)) / 1e6
soec_mw = sum(results[f"soec_{k}.power.power_w"] + results[f"soec_{k}.heater_power.power_w"] for k in range(1, 7)) / 1e6

figure, (power, warm, made) = plt.subplots(3, 1, figsize=(8.6, 7.2), sharex=True)
power.fill_between(time, results["wind.power.power_w"] / 1e6, color="#d5dbe1", label="wind, available")
power.stackplot(time, soec_mw, pem_mw, colors=("#2f7fb8", "#12355b"), labels=("SOEC with heaters", "PEM"))
power.set(title="Power", ylabel="MW", ylim=(0, 32))
power.legend(ncols=3, loc="upper left")

for column, name, colour, dash in (
    ("pem_1.temperature_k", "PEM stack 1", "#12355b", "-"),
    ("thermal_manager.temperature_k", "hot-water buffer", "#f2a541", "--"),
    ("cooling_loop.temperature_k", "cooling loop", "#2f7fb8", ":"),
):
    warm.plot(time, results[column] - 273.15, color=colour, ls=dash, label=name)
warm.set(title="Temperatures", ylabel="°C", ylim=(0, 95))
warm.legend(ncols=3, loc="upper left")

made.stackplot(time, soec_kg_per_s * 3600, pem_kg_per_s * 3600, colors=("#2f7fb8", "#12355b"), labels=("SOEC", "PEM"))
made.step(time, results["trucks.flow_kg_per_s"] * 3600, where="post", color="#f2a541", label="loaded on trailers")
made.set(title="Hydrogen", ylabel="kg/h", ylim=(0, 580))
made.legend(ncols=3, loc="upper left")
made.xaxis.set_major_formatter(mdates.DateFormatter("%a %d %b"))
made.set_xlim(time[0], time[-1])
plt.show()

# %% [markdown]
# ## What happened
# Limits that were met, trips, shortages and stops are events, with the minutes at which they began and ended.
# Those with the most hours:

# %%
for component, what, times, hours in results.event_counts()[:5]:
    print(f"{component}: {what}, {times} times, {hours:.1f} h")

# %% [markdown]
# ## Do the balances close?
# For every component: what went in, less what came out, less what it holds more at the end. The largest
# difference, of what passed:

# %%
worst = results.summary["residuals"]["worst_relative"]
print("below 1e-9:", worst < 1e-9)

# %% [markdown]
# ## How to go on
# * `h2plant report results/first_run` writes the week as [one page](../report.md).
# * `results.to_pandas()` gives a table for pandas (`pip install h2plant[pandas]`), `results.to_arrow()` one for Arrow.
# * [A plant of your own](own_plant.md) is the next example.
