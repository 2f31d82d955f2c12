# %% [markdown]
# # Example: a plant of your own
# A plant is a text file: components of a *kind*, and links between their ports. `h2plant init my_plant` writes
# one to start from, with comments. Here the same is done from Python, so that this page can be run from top to
# bottom; on the command line the steps are `h2plant init my_plant`, `h2plant check my_plant.yaml`, `h2plant run
# my_plant-day.yaml`.

# %%
from pathlib import Path

import matplotlib.pyplot as plt

import h2plant
from h2plant.config.starter import write_starter

folder = Path("example")
folder.mkdir(exist_ok=True)
for old in folder.glob("*.yaml"):
    old.unlink()
plant_file, day_file = write_starter("my_plant", folder)
plant_text = plant_file.read_text(encoding="utf-8")
lines = plant_text.splitlines()
first = lines.index("components:")
print("\n".join(lines[first : first + 8]))

# %% [markdown]
# ## Check it
# `load` reads and checks a plant without running it, as `h2plant check` does.

# %%
plant = h2plant.load(plant_file)
print(len(plant.components), "components,", len(plant.links), "links")

# %% [markdown]
# ## Break it
# Three mistakes: a misspelt parameter, a unit that does not fit, a port that does not exist. All are found at
# once, with their line and what to do. Nothing is run.

# %%
broken = folder / "broken.yaml"
wrong = plant_text.replace("rated_power_mw: 1}", "rated_power_kg: 1}")
wrong = wrong.replace("drum.gas -> cooler.inlet", "drum.gass -> cooler.inlet")
wrong = wrong.replace("import_limit_mw", "import_limt_mw")
broken.write_text(wrong, encoding="utf-8")
try:
    h2plant.load(broken)
except h2plant.PlantError as error:
    print(error)

# %% [markdown]
# ## Run it
# Two runs of July 2023: as it stands, with power bought below 60 EUR/MWh, and bought below 80. `set` changes
# parameters for a run and leaves the file alone; any unit of the same dimension may stand at the end of the name.

# %%
july = {"start": "2023-07-01", "hours": 31 * 24, "log_every_s": 3600}
runs = {
    "below 60": h2plant.run(plant_file, **july, out=folder / "results" / "below_60"),
    "below 80": h2plant.run(
        plant_file, **july, set={"line.price_limit_eur_per_mwh": 80}, out=folder / "results" / "below_80"
    ),
}
print(f"{'':28}" + "".join(f"{name:>12}" for name in runs))
for figure in (
    "hydrogen_made_kg",
    "capacity_factor_pem_frac",
    "specific_energy_kwh_per_kg",
    "hydrogen_cost_eur_per_kg",
):
    print(f"{figure:28}" + "".join(f"{run.summary['key_figures'][figure]:12,.2f}" for run in runs.values()))

# %% [markdown]
# ## What the hydrogen costs
# The month is scaled to a year. The same sum by kind of cost, EUR per kg: dearer power, but the plant is paid off
# by more kilograms.

# %%
parts = {name: run.summary["economics"]["by_kind_of_cost_eur_per_kg"] for name, run in runs.items()}
costs = list(parts["below 60"])
for kind in costs:
    print(f"{kind:18}" + "".join(f"{parts[name][kind]:10.3f}" for name in runs))
print(f"{'sum':18}" + "".join(f"{sum(parts[name].values()):10.3f}" for name in runs))

# %%
figure, (cost, load) = plt.subplots(1, 2, figsize=(9.2, 3.6), width_ratios=(1.2, 1))
shown = [kind for kind in costs if any(abs(parts[name][kind]) > 0.01 for name in runs)][::-1]
for k, (name, colour) in enumerate((("below 80", "#2f7fb8"), ("below 60", "#12355b"))):
    places = [i + 0.4 * k - 0.2 for i in range(len(shown))]
    cost.barh(places, [parts[name][kind] for kind in shown], height=0.36, color=colour, label=name)
cost.set(title="Cost of hydrogen", xlabel="EUR/kg", yticks=range(len(shown)), yticklabels=shown)
cost.grid(axis="y", visible=False)
handles, labels = cost.get_legend_handles_labels()
cost.legend(handles[::-1], labels[::-1], loc="lower right")

price = runs["below 80"]["series.price_eur_per_mwh"] * 3.6e9  # the log is in SI: EUR/J
load.scatter(price, runs["below 80"]["stack.power.power_w"] / 1e6, s=7, color="#12355b")
load.axvline(80, color="#b3322c", lw=1, ls="--")
load.set(
    title="Hours of July at -100 to 200 EUR/MWh",
    xlabel="day-ahead price, EUR/MWh",
    ylabel="stack, MW",
    xlim=(-100, 200),
)
plt.show()

# %% [markdown]
# ## How to go on
# * `h2plant kinds` lists what can stand in a plant; [every kind has its page](../components/index.md).
# * A [scenario file](../quick_start.md#a-scenario) keeps such changes; [own series](../my_data.md).
# * [What hydrogen costs](../economics.md) says where each figure comes from, and how to set your own.
# * [The start-up study](start_up_study.md) is the next example.
