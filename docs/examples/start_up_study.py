# %% [markdown]
# # Example: start-up study
# What does a start cost, in minutes, energy and money, and what is missed by a calculation with hours? The
# bundled scenario `test_8hour` begins in frost: the PEM stacks are cold, four SOEC modules wait hot, one is at
# 600 °C, one is cold. Wind is offered hour by hour.

# %%
import matplotlib.pyplot as plt
import numpy as np

import h2plant

minutes = h2plant.run("test_8hour", log_every_s=60, out="results/start_up")
hours = np.arange(len(minutes)) / 60

# %% [markdown]
# ## Cold start, hot standby
# When does each unit make its first hydrogen, and when was it asked to? A module or stack that is off or heats up
# is
# *requested* long before it gives anything.


# %%
def first(condition):
    """Return the first minute in which a condition holds, or nothing."""
    found = np.flatnonzero(condition)
    return int(found[0]) if found.size else None


units = {
    "pem_1": "PEM stack, cold",
    "soec_1": "SOEC module, hot standby",
    "soec_5": "SOEC module, from 600 °C",
    "soec_6": "SOEC module, from 10 °C",
}
begin = {"pem_1": 2.0, "soec_1": 3.0, "soec_5": 1.0, "soec_6": 1.0}  # mode in which a start begins
print(f"{'':27} starts at  first hydrogen  temperature then")
for unit, name in units.items():
    starts = first(minutes[f"{unit}.mode"] == begin[unit])
    makes = first(minutes[f"{unit}.hydrogen_made_kg_per_s"] > 0)
    celsius = minutes[f"{unit}.temperature_k"][-1 if makes is None else makes] - 273.15
    when = "not in 8 h" if makes is None else f"minute {makes}"
    print(f"{name:27} minute {starts:<3}  {when:14}  {celsius:4.0f} °C")

# %%
figure, axes = plt.subplots(3, 1, figsize=(8.6, 7.6), sharex=True)
power, hot, warm = axes
looks = (("#12355b", "-"), ("#2f7fb8", "--"), ("#f2a541", "-."))
for unit, (colour, dash) in zip(("soec_1", "soec_5", "soec_6"), looks, strict=True):
    power.plot(hours, minutes[f"{unit}.power.power_w"] / 1e6, color=colour, ls=dash, label=units[unit])
    hot.plot(hours, minutes[f"{unit}.temperature_k"] - 273.15, color=colour, ls=dash, label=units[unit])
power.set(title="Power of the stacks", ylabel="MW", ylim=(0, 3.4))
power.legend(loc="upper left")
hot.set(title="Temperature, SOEC", ylabel="°C", ylim=(0, 900))
warm.plot(hours, minutes["pem_1.temperature_k"] - 273.15, color="#b3322c", label="temperature")
warm.set(title="PEM stack", ylabel="°C", ylim=(0, 90), xlabel="hours since the start")
load = warm.twinx()
load.plot(hours, minutes["pem_1.power.power_w"] / 1e6, color="grey", ls=":", label="power (right)")
load.set(ylabel="MW", ylim=(0, 1.2))
load.grid(False)
warm.legend(handles=[*warm.lines, *load.lines], loc="upper left")
warm.set_xlim(0, 8)
plt.show()

# %% [markdown]
# ## Energy and money per start
# Every unit records its starts: how long they took, what was not made meanwhile, what warmed it up. A run gives
# the means of its own starts; where it had none of a sort (here: no SOEC module starts from cold in this week),
# they follow from the unit's parameters. *Ageing* is the share of a stack's life that a start uses up, at the
# price of a new stack.

# %%
week = h2plant.run("test_full_year", start="2023-04-16", hours=7 * 24, out="results/start_up_week")
kinds = {
    "pem": "PEM stack, cold",
    "pem_standby": "PEM stack, standby",
    "soec_hot": "SOEC module, hot",
    "soec_cold": "SOEC module, cold",
}
costs = week.summary["economics"]["start_cost"]
print(
    f"{'EUR per start':20} {'energy':>8} {'not made':>9} {'ageing':>8} {'all':>8} {'kg H2':>7} {'minutes':>8}  starts"
)
for kind, name in kinds.items():
    c = costs[kind]
    numbers = f"{c['energy_eur']:8.2f} {c['lost_production_eur']:9.2f} {c['ageing_eur']:8.2f} {c['total_eur']:8.2f}"
    measured = f"{c['n_measured']:.0f} in the week" if c["n_measured"] else "by parameters"
    print(f"{name:20} {numbers} {c['hydrogen_kg']:7.1f} {c['time_s'] / 60:8.0f}  {measured}")

# %%
figure, axis = plt.subplots(figsize=(8.2, 2.8))
left = np.zeros(len(kinds))
for part, colour in (("energy", "#f2a541"), ("lost_production", "#2f7fb8"), ("ageing", "#12355b")):
    shares = np.array([100 * costs[kind][f"{part}_eur"] / costs[kind]["total_eur"] for kind in kinds])
    axis.barh(list(kinds.values()), shares, left=left, color=colour, label=part.replace("_", " "))
    left += shares
for k, kind in enumerate(kinds):
    axis.annotate(f"{costs[kind]['total_eur']:,.0f} EUR", (101, k), va="center")
axis.set(title="What makes up the cost of a start", xlabel="%", xlim=(0, 118), xticks=range(0, 101, 20))
axis.invert_yaxis()
axis.grid(axis="y", visible=False)
axis.legend(loc="upper center", bbox_to_anchor=(0.45, -0.22), ncols=3)
plt.show()

# %% [markdown]
# ## Hot or cold at rest?
# A module at rest draws power to stay hot. How long may that go on before a start from cold would have been
# cheaper?

# %%
drawn_kw = (minutes["soec_1.power.power_w"] + minutes["soec_1.heater_power.power_w"]) / 1e3
standby_kw = np.median(drawn_kw[minutes["soec_1.mode"] == 2.0])
price = 60.0  # EUR/MWh
days = (costs["soec_cold"]["total_eur"] - costs["soec_hot"]["total_eur"]) / (standby_kw * 24e-3 * price)
print(f"hot standby: {standby_kw:.0f} kW, {standby_kw * 24e-3 * price:.0f} EUR a day at {price:.0f} EUR/MWh")
print(f"as dear as a start from cold after {days:.0f} days")

# %% [markdown]
# ## Minutes against hours
# The same eight hours in steps of a minute, a quarter of an hour and an hour. The equations are the same and the
# balances close in all three. But a start of six minutes is a whole hour in the last, and a start that waits for a
# lagged signal waits an hour.

# %%
print(f"{'step':>8} {'PEM, kg':>9} {'SOEC, kg':>9} {'kWh/kg':>8} {'sold, MWh':>10}  largest residual below 1e-9")
for step_s in (60, 900, 3600):
    run = h2plant.run("test_8hour", step_s=step_s, log_every_s=step_s, out=f"results/start_up_{step_s}")
    f = run.summary["key_figures"]
    made = f"{f['hydrogen_pem_kg']:9.0f} {f['hydrogen_soec_kg']:9.0f} {f['specific_energy_kwh_per_kg']:8.1f}"
    closes = run.summary["residuals"]["worst_relative"] < 1e-9
    print(f"{step_s:6} s {made} {f['export_mwh']:10.1f}  {closes}")

# %% [markdown]
# ## How to go on
# * [Dispatch](../dispatch.md) tells how rules decide between hot and cold at rest.
# * [Planning](../planning.md) shows what a coarser step hides over a whole year.
# * `h2plant report results/start_up` lays the starts over each other.
