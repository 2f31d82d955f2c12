"""Draws every picture of the documentation and runs its examples: ``python -m docs.build [NAME ...]``.

Pictures go to ``docs/pictures``; the examples' pages and pictures lie beside their scripts in ``docs/examples``. Each
picture is a run of a bundled scenario or of a test's own model beside the published figures that the tests carry;
nothing is drawn from stored results.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from shutil import which
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import h2plant
from docs import example_pages, gallery_pictures, gallery_record, records, sun_and_wind
from h2plant.components import KIND_BY_NAME
from h2plant.config.bundled import series_file
from h2plant.config.series_reader import load_series
from h2plant.core.constants import J_PER_KWH
from h2plant.core.properties import FLUID_H2
from h2plant.physics.compression import isothermal_work
from h2plant.physics.pem_electrochemistry import cell_voltage
from h2plant.plant.series_spec import SeriesSpec
from h2plant.plant.variability import Variability
from h2plant.testing.rig import Rig, tables
from tests import battery_ageing as aged
from tests import tank_experiments as tank
from tests.unit import test_alkaline_stack as alkaline
from tests.unit import test_compression as compression
from tests.unit import test_pem_stack as pem

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
WEEK = np.datetime64("2023-04-16")

# told apart by lightness alone, so that they print in grey
DARK, MIDDLE, LIGHT, PALE, RED = "#12355b", "#2f7fb8", "#f2a541", "#d5dbe1", "#b3322c"
STYLE = {
    "figure.dpi": 100,
    "savefig.dpi": 120,
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "lines.linewidth": 1.3,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "figure.constrained_layout.use": True,
}


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="h2plant-docs-")


@cache
def run(scenario: str, log_every_s: int) -> h2plant.Results:
    """Run a bundled scenario once, into a folder that goes away with the process."""
    return h2plant.run(scenario, log_every_s=log_every_s, out=Path(_scratch().name) / f"{scenario}-{log_every_s}")


def total(results: h2plant.Results, pattern: str, n: int) -> Any:
    """Return the sum of a column over numbered units, such as ``pem_{}.power.power_w`` over five stacks."""
    return sum(results[pattern.format(k)] for k in range(1, n + 1))


def line_power_mw(results: h2plant.Results) -> tuple[Any, Any]:
    """Return the direct-current power of the PEM line and that of the SOEC line with its heaters, MW."""
    soec = total(results, "soec_{}.power.power_w", 6) + total(results, "soec_{}.heater_power.power_w", 6)
    return total(results, "pem_{}.power.power_w", 5) / 1e6, soec / 1e6


def line_hydrogen_kg_per_h(results: h2plant.Results) -> tuple[Any, Any]:
    """Return what the PEM and the SOEC line make, kg/h."""
    made = total(results, "soec_{}.hydrogen_made_kg_per_s", 6)
    return total(results, "pem_{}.hydrogen_made_kg_per_s", 5) * 3600.0, made * 3600.0


def price_eur_per_mwh(results: h2plant.Results) -> Any:
    """Return the day-ahead price, EUR/MWh."""
    return results["series.price_eur_per_mwh"] * 3.6e9


def save(figure: Any, name: str) -> Path:
    """Write a figure without a date or version in it, so that the same run gives the same file."""
    path = PICTURES / f"{name}.png"
    _write(figure, path)
    return path


def _write(figure: Any, path: Path) -> None:
    figure.savefig(path, metadata={"Software": None})
    plt.close(figure)


def example(name: str) -> Path:
    """Run an example; returns its page."""
    return example_pages.write(name, _write)


def week() -> Path:
    """Draw a week of the reference year: power, price, hydrogen, storage."""
    year = run("test_full_year", 3600)
    first = int(np.searchsorted(year.time, WEEK))
    span = slice(first, first + 7 * 24)
    time = year.time[span]
    pem_mw, soec_mw = (values[span] for values in line_power_mw(year))
    pem_kg_per_h, soec_kg_per_h = (values[span] for values in line_hydrogen_kg_per_h(year))

    figure, axes = plt.subplots(4, 1, figsize=(8.6, 7.6), sharex=True, height_ratios=(3, 1.7, 2, 1.7))
    power, price, hydrogen, pressure = axes
    power.fill_between(
        time, year["wind.power.power_w"][span] / 1e6, step="post", color=PALE, lw=0, label="wind, available"
    )
    power.fill_between(time, soec_mw, step="post", color=MIDDLE, lw=0, label="SOEC")
    power.fill_between(time, soec_mw, soec_mw + pem_mw, step="post", color=DARK, lw=0, label="PEM")
    power.step(time, year["grid.export_w"][span] / 1e6, where="post", color=LIGHT, label="export")
    power.step(time, year["grid.import_w"][span] / 1e6, where="post", color=RED, ls=":", label="import")
    power.set(ylabel="MW", title="Power", ylim=(0, None))
    price.step(time, price_eur_per_mwh(year)[span], where="post", color="black", lw=1.0)
    price.axhline(0.0, color="grey", lw=0.7)
    price.set(ylabel="EUR/MWh", title="Day-ahead price")
    hydrogen.fill_between(time, soec_kg_per_h, step="post", color=MIDDLE, lw=0, label="SOEC")
    hydrogen.fill_between(time, soec_kg_per_h, soec_kg_per_h + pem_kg_per_h, step="post", color=DARK, lw=0, label="PEM")
    loaded = year["trucks.flow_kg_per_s"][span] * 3600.0
    hydrogen.step(time, loaded, where="post", color=LIGHT, label="loaded on trucks")
    hydrogen.set(ylabel="kg/h", title="Hydrogen", ylim=(0, None))
    pressure.plot(time, year["lp_tanks.pressure_pa"][span] / 1e5, color=DARK)
    pressure.set(ylabel="bar", title="Pressure of the tank array", ylim=(38, 72))
    for axis in (power, hydrogen):
        axis.legend(ncols=5, loc="upper right", bbox_to_anchor=(1.0, 1.22 if axis is hydrogen else 1.15))
    pressure.xaxis.set_major_locator(mdates.DayLocator())
    pressure.xaxis.set_major_formatter(mdates.DateFormatter("%a %d %b"))
    pressure.set_xlim(time[0], time[-1])
    return save(figure, "week")


def supplier_table() -> Path:
    """Draw the electrolyser by table against the plant whose table it has, and what else it makes of the power."""
    rig = Rig(KIND_BY_NAME["table_stack"], {"start_time_s": 0.0, "ramp_w_per_s": 1.0e9})
    rig.set_signal("coolant_temperature", 298.15)
    rig.set_signal("cooling_conductance", 5.0e5)
    powers_mw = np.linspace(0.375, 6.0, 120)
    rows = []
    for power_mw in powers_mw:
        rig.set_signal("setpoint", power_mw * 1e6)
        for _ in range(3):
            rig.set_stream("water", 298.15, 3.0e5, liquid=rig.signal("water_demand"))
            rig.step()
        made = rig.field("hydrogen_made_kg_per_s")
        heat_mw = (rig.signal("heat") + rig.signal("heat_loss")) / 1e6
        rows.append((rig.field("energy_j_per_kg") / J_PER_KWH, made * 3600.0, heat_mw))
    energy, made_kg_per_h, heat = np.array(rows).T
    measured_mw, efficiency = np.array(pem.MAINZ).T

    figure, (curve, products) = plt.subplots(1, 2, figsize=(9.0, 3.4))
    curve.plot(powers_mw, energy, color=DARK, label="table_stack")
    curve.plot(measured_mw, 39.41 / efficiency, "o", color=RED, ms=5, label="Energiepark Mainz, measured (Kopp 2017)")
    curve.set(xlabel="alternating current, MW", ylabel="kWh/kg", title="Energy per hydrogen", ylim=(50, 85))
    curve.legend(loc="upper right")
    products.plot(powers_mw, made_kg_per_h, color=DARK, label="hydrogen")
    products.plot(measured_mw, measured_mw * 1e3 * efficiency / 39.41, "o", color=RED, ms=5, label="measured")
    products.plot([], [], color=LIGHT, ls="--", label="heat (right)")
    products.set(xlabel="alternating current, MW", ylabel="kg/h", title="What it makes of the power", ylim=(0, 100))
    products.legend(loc="upper left")
    right = products.twinx()
    right.plot(powers_mw, heat, color=LIGHT, ls="--")
    right.set(ylabel="MW", ylim=(0, 3))
    right.grid(False)
    right.spines.right.set_visible(True)
    return save(figure, "supplier_table")


def start_up() -> Path:
    """Draw the eight hours from a cold start, minute by minute."""
    results = run("test_8hour", 60)
    hours = np.arange(results.time.size) / 60.0
    pem_mw, soec_mw = line_power_mw(results)
    pem_kg_per_h, soec_kg_per_h = line_hydrogen_kg_per_h(results)

    figure, axes = plt.subplots(3, 2, figsize=(9.6, 8.2), sharex=True)
    (power, price), (warm, hot), (flows, pressures) = axes
    power.plot(hours, results["wind.power.power_w"] / 1e6, color="grey", ls="--", label="wind, available")
    power.plot(hours, soec_mw, color=MIDDLE, label="SOEC")
    power.plot(hours, pem_mw, color=DARK, label="PEM")
    power.plot(hours, results["grid.export_w"] / 1e6, color=LIGHT, label="export")
    power.set(ylabel="MW", title="Power", ylim=(0, 21))
    price.step(hours, price_eur_per_mwh(results), where="post", color="black")
    price.set(ylabel="EUR/MWh", title="Price of the scenario", ylim=(0, None))

    warm.plot(hours, results["pem_1.temperature_k"] - 273.15, color=DARK, label="PEM stack 1")
    warm.plot(hours, results["pem_5.temperature_k"] - 273.15, color=MIDDLE, ls="--", label="PEM stack 5")
    warm.plot(hours, results["thermal_manager.temperature_k"] - 273.15, color=LIGHT, label="hot-water buffer")
    warm.plot(hours, results["cooling_loop.temperature_k"] - 273.15, color="grey", ls=":", label="cooling loop")
    warm.set(ylabel="°C", title="Temperatures, warm side")
    hot.plot(hours, results["soec_1.temperature_k"] - 273.15, color=DARK, label="module 1, hot from the start")
    hot.plot(hours, results["soec_5.temperature_k"] - 273.15, color=MIDDLE, ls="--", label="module 5, at 600 °C")
    hot.plot(hours, results["soec_6.temperature_k"] - 273.15, color=LIGHT, label="module 6, cold")
    hot.plot(hours, results["steam_generator.temperature_k"] - 273.15, color="grey", ls=":", label="steam drum")
    hot.set(ylabel="°C", title="Temperatures, hot side")

    flows.plot(hours, soec_kg_per_h, color=MIDDLE, label="hydrogen, SOEC")
    flows.plot(hours, pem_kg_per_h, color=DARK, label="hydrogen, PEM")
    circulation = results["pem_circulation.flow_kg_per_s"]
    flows.plot([], [], color=LIGHT, ls="--", label="PEM circulation pump (right)")
    flows.set(ylabel="hydrogen, kg/h", title="Flows", ylim=(0, 400), xlabel="hours since the start")
    pump = flows.twinx()
    pump.plot(hours, circulation, color=LIGHT, ls="--")
    pump.set(ylabel="pump, kg/s", ylim=(0, 40))
    pump.grid(False)
    pump.spines.right.set_visible(True)
    pressures.plot(hours, results["pem_1.cathode_pressure_pa"] / 1e5, color=DARK, label="PEM cathode, stack 1")
    pressures.plot(hours, results["header.pressure_pa"] / 1e5, color=MIDDLE, ls="--", label="hydrogen header")
    pressures.plot(hours, results["lp_tanks.pressure_pa"] / 1e5, color=LIGHT, label="tank array")
    pressures.plot(hours, results["steam_generator.pressure_pa"] / 1e5, color="grey", ls=":", label="steam drum")
    pressures.set(ylabel="bar", title="Pressures", ylim=(0, 68), xlabel="hours since the start")
    for axis, place in ((power, "upper left"), (warm, "center right"), (hot, "center left"), (flows, "upper left")):
        axis.legend(loc=place)
    pressures.legend(loc="upper left", ncols=2)
    flows.set_xlim(0, 8)
    return save(figure, "start_up")


def electrolysis() -> Path:
    """Draw the PEM cell against Tjarks 2017 and the system efficiency against Energiepark Mainz."""
    figure, (voltage, efficiency) = plt.subplots(1, 2, figsize=(9.2, 3.9))
    current = np.linspace(0.02, 3.0, 120)  # A/cm2
    looks = {
        (40, 1): (MIDDLE, "-", "o"),
        (60, 1): (DARK, "-", "s"),
        (80, 1): (LIGHT, "-", "^"),
        (80, 30): (RED, "--", "v"),
    }
    for celsius, bar, measured in pem.POLARISATION:
        if (celsius, bar) not in looks:
            continue
        colour, dash, mark = looks[celsius, bar]
        terms = pem._terms(celsius + 273.15, bar * 1e5, 1e5)
        voltage.plot(current, [cell_voltage(j * 1e4, *terms) for j in current], color=colour, ls=dash)
        label = f"{celsius} °C, {bar} bar"
        voltage.plot(pem.CURRENTS_A_PER_CM2, measured, mark, color=colour, mec="black", ms=5, label=label)
    voltage.set(
        xlabel="current density, A/cm²",
        ylabel="cell voltage, V",
        title="Polarisation; points: Tjarks 2017",
        xlim=(0, 3.1),
    )
    voltage.legend()

    power_mw = np.linspace(0.36, 6.0, 60)
    loss = [pem._system_efficiency(p, lambda load, _: 6e6 * (0.02 + 0.045 * load**2)) for p in power_mw]
    efficiency.plot(power_mw, loss, color=DARK, label="model")
    efficiency.plot(
        *zip(*pem.MAINZ, strict=True), "o", color=LIGHT, mec="black", ms=5, label="Energiepark Mainz, Kopp 2017"
    )
    efficiency.set(
        xlabel="alternating-current power, MW", ylabel="system efficiency (HHV)", title="6 MW system", ylim=(0.45, 0.72)
    )
    efficiency.legend(loc="lower right")
    return save(figure, "electrolysis")


def alkaline_cells() -> Path:
    """Draw three alkaline cells against their measured points, gas in gas and the least load by pressure."""
    figure, axes = plt.subplots(1, 3, figsize=(11.4, 3.8))
    published = (
        ("PHOEBUS, Ulleberg 2003", alkaline.PHOEBUS, {"cell": 1.0}, (40, 60, 80), MIDDLE, "o"),
        ("Sánchez 2018", alkaline.SANCHEZ, {"cell": 3.0}, (55, 75), LIGHT, "^"),
        ("zero gap, de Groot 2022", alkaline.ZERO_GAP, {}, ((50, 30), (70, 30)), DARK, "s"),
    )
    for label, points, cell, shown, colour, mark in published:
        for at, dash in zip(shown, ("--", "-", ":"), strict=False):
            celsius, bar = at if isinstance(at, tuple) else (at, 7.0)
            j, v = zip(*points[at], strict=True)
            current = list(np.linspace(0.02, max(j), 80))
            name = f"{label}, {celsius} °C, {bar:g} bar"
            axes[0].plot(current, alkaline.voltages(current, celsius, bar, **cell), color=colour, ls=dash, label=name)
            axes[0].plot(j, v, mark, color=colour, mec="black", ms=4)
    axes[0].set(
        xlabel="current density, A/cm²", ylabel="cell voltage, V", title="Voltage; points: measured", ylim=(1.1, 2.3)
    )
    axes[0].legend(fontsize=6.5, loc="lower right")
    current, size = (
        np.linspace(400, 5000, 60),
        {"cell": 3.0, "n_cells": 12.0, "cell_area_m2": 0.1, "rated_power_w": 15e3},
    )
    model = [100.0 * alkaline.gas_in_gas(j, 75.0, 7.0, **size, **alkaline.SANCHEZ_GAS) for j in current]
    axes[1].plot(current / 1e4, model, color=DARK, label="model, as in the case")
    measured = [100.0 * x for x in alkaline.SANCHEZ_HTO.values()]
    axes[1].plot(
        np.array(list(alkaline.SANCHEZ_HTO)) / 1e4, measured, "^", color=LIGHT, mec="black", label="Sánchez 2018"
    )
    axes[1].axhline(2.0, color=RED, ls="--", lw=1.0)
    axes[1].set(
        xlabel="current density, A/cm²",
        ylabel="hydrogen in oxygen, %",
        title="75 °C, 7 bar; dashed: trip",
        ylim=(0, 2.6),
    )
    axes[1].legend()
    current = np.geomspace(300, 6000, 60)
    for bar, dash in ((4, ":"), (8, "-."), (16, "-"), (30, "--")):
        shares = [100.0 * alkaline.gas_in_gas(j, 80.0, bar, pressure_setpoint_pa=bar * 1e5) for j in current]
        axes[2].plot(current / 6e3, shares, color=DARK, ls=dash, label=f"{bar} bar")
    axes[2].axhline(2.0, color=RED, ls="--", lw=1.0)
    axes[2].set(
        xlabel="current over rated current", ylabel="hydrogen in oxygen, %", title="Default stack, 80 °C", ylim=(0, 5)
    )
    axes[2].legend()
    return save(figure, "alkaline")


def compression_work() -> Path:
    """Draw specific work against the published and independently computed trains."""
    figure, axis = plt.subplots(figsize=(6.6, 4.0))
    for n, colour, dash in ((1, LIGHT, "-"), (3, MIDDLE, "--"), (5, DARK, "-.")):
        pressures = np.geomspace(60, 900, 14)
        work = [compression.train(30e5, p * 1e5, n, 0.75)[0] / J_PER_KWH for p in pressures]
        axis.plot(pressures, work, color=colour, ls=dash, label=f"model, 30 bar, {n} stage{'s' * (n > 1)}, 0.75")
        points = [(t[1], t[4]) for t in compression.TRAINS if t[0] == 30 and t[2:4] == (n, 0.75)]
        axis.plot(*zip(*points, strict=True), "s", color=colour, mec="black", ms=6)
    pressures = np.geomspace(60, 900, 40)
    isothermal = [isothermal_work(tables(), FLUID_H2, 20e5, p * 1e5, 298.15) / J_PER_KWH for p in pressures]
    axis.plot(pressures, isothermal, color="grey", ls=":", label="model, 20 bar, isothermal")
    axis.plot([350, 700], [1.05, 1.36], "o", color="white", mec="black", ms=6, label="DOE Record 9013")
    axis.plot([], [], "s", color="white", mec="black", ms=6, label="equation of state (Leachman 2009)")
    axis.set(
        xlabel="final pressure, bar", ylabel="work, kWh/kg", title="Compression of hydrogen at 25 °C, intercooled",
        xlim=(0, 930), ylim=(0, 3.1),
    )  # fmt: skip
    axis.legend(loc="upper left", fontsize=7.5)
    return save(figure, "compression")


def battery() -> Path:
    """Draw how a battery ages, by its kernels step by step, beside the equations of the papers."""
    figure, (rest, cycles) = plt.subplots(1, 2, figsize=(8.6, 3.6), sharey=True)
    still = {"self_discharge_per_s": 0.0, "end_of_life_loss_frac": 0.9, "initial_level_frac": 0.5}
    for celsius, colour, dash in ((25.0, DARK, "-"), (40.0, MIDDLE, "--"), (60.0, RED, "-.")):
        kelvin = celsius + 273.15
        held = {"heated_to_k": min(kelvin, 323.15), "cooled_to_k": min(kelvin, 333.15), "hot_k": 353.15}
        rig = Rig(KIND_BY_NAME["battery"], {**still, **held, "heater_frac": 0.0, "cooling_frac": 0.0})
        rig.put("temperature_k", kelvin)
        rig.set_signal("ambient_temperature", kelvin)
        days, lost = [], []
        while not days or days[-1] < 885:
            rig.step(120, 3600.0)
            days.append(rig.time_s / 86400.0)
            lost.append(100.0 * rig.field("calendar_loss_frac"))
        rest.plot(days, lost, color=colour, ls=dash, label=f"model, {celsius:.0f} °C")
        when = np.array([90.0, 180.0, 365.0, 600.0, 885.0])
        rest.plot(when, aged.at_rest_pct(kelvin, 0.5, when), "o", color=colour, mec="black", ms=5)
    rest.plot([], [], "o", color="white", mec="black", ms=5, label="Naumann 2018")
    rest.set(xlabel="days, half full", ylabel="capacity lost, %", title="At rest", xlim=(0, 930), ylim=(0, 15))
    for depth, rate, colour, dash in ((0.8, 1.0, DARK, "-"), (0.8, 0.5, MIDDLE, "--"), (0.2, 0.5, LIGHT, "-.")):
        rig = aged.cycling(depth, rate)
        n, lost = [], []
        while not n or n[-1] < 2000.0:
            aged.run_cycles(rig, depth, rate, 50)
            n.append(rig.field("full_cycles"))
            lost.append(100.0 * rig.field("cycle_loss_frac"))
        cycles.plot(n, lost, color=colour, ls=dash, label=f"model, {depth:.0%} at {rate} C")
        when = np.array([200.0, 600.0, 1200.0, 2000.0])
        cycles.plot(when, aged.cycled_pct(depth, rate, when), "o", color=colour, mec="black", ms=5)
    cycles.plot([], [], "o", color="white", mec="black", ms=5, label="Naumann 2020")
    cycles.set(xlabel="equivalent full cycles", title="By cycles alone", xlim=(0, 2100))
    for axis in (rest, cycles):
        axis.legend(loc="upper left", fontsize=7.5)
    return save(figure, "battery")


def tank_experiments() -> Path:
    """Draw the tank beside five published fillings and discharges: gas temperatures, and the pressure of one."""
    figure, axes = plt.subplots(2, 3, figsize=(11.0, 6.4))
    (slow, fast, small), (steel, pressure, composite) = axes

    def points(axis: Any, when: Any, kelvin: Any, label: str, colour: str = LIGHT, mark: str = "o") -> None:
        axis.plot(when, np.asarray(kelvin) - 273.15, mark, color=colour, mec="black", mew=0.6, ms=4.5, label=label)

    def model(axis: Any, run: Any, name: str = "gas_k", **look: Any) -> None:
        axis.plot(run["time_s"], run[name] - 273.15, **look)

    for axis, rate, end_s, when, kelvin in (
        (slow, 5, 182.0, tank.STRIEDNIG_5_S, tank.STRIEDNIG_5_K),
        (fast, 30, 32.0, tank.STRIEDNIG_30_S, tank.STRIEDNIG_30_K),
    ):
        _, run = tank.striednig(end_s)
        model(axis, run, color=DARK, label="gas")
        model(axis, tank.lagging(run, 2.0), color=DARK, ls=":", label="the same, seen by a sensor of 2 s")
        model(axis, run, "wall_k", color=MIDDLE, ls="--", label="wall")
        points(axis, when, kelvin, "measured, gas")
        axis.set(title=f"Filling, 23 l steel, {rate} MPa/min", xlim=(0, 245), ylim=(22, 88))
    fast.legend()

    _, run = tank.woodfield_by_pressure()
    model(small, run, color=DARK, label="gas, measured pressure given")
    model(small, tank.woodfield_by_flow()[1], color=DARK, ls=":", label="gas, published flow given")
    model(small, run, "wall_k", color=MIDDLE, ls="--", label="wall")
    points(small, tank.WOODFIELD_UPPER_S, tank.WOODFIELD_UPPER_K, "measured, upper sensor")
    points(small, tank.WOODFIELD_LOWER_S, tank.WOODFIELD_LOWER_K, "measured, lower sensor", PALE, "s")
    small.set(title="Filling, 1 l steel, to 10 MPa in 17 s", xlim=(0, 48), ylim=(28, 100))
    small.legend(loc="upper right")

    _, run = tank.byrnes(13.5e5)
    _, choked = tank.byrnes(1e5)
    model(steel, run, color=DARK, label="gas")
    model(steel, run, "wall_k", color=MIDDLE, ls="--", label="wall, mean")
    points(steel, tank.BYRNES_GAS_S, tank.BYRNES_GAS_K, "measured, gas")
    points(steel, tank.BYRNES_GAS_S, tank.BYRNES_WALL_K, "measured, wall", PALE, "s")
    steel.set(title="Discharge, 52 l steel, 0.7 mm", xlim=(0, 480), ylim=(-8, 32))
    steel.legend(ncols=2, loc="upper right")
    pressure.semilogy(run["time_s"], run["pressure_bar"], color=DARK, label="to 13.5 bar, as collected")
    pressure.semilogy(choked["time_s"], choked["pressure_bar"], color=DARK, ls=":", label="to ambient")
    pressure.semilogy(tank.BYRNES_S, tank.BYRNES_BAR, "o", color=LIGHT, mec="black", mew=0.6, ms=4.5, label="measured")
    pressure.set(title="The same, pressure in bar", xlim=(0, 480), ylim=(10, 140), yticks=(10, 20, 50, 100))
    pressure.yaxis.set_major_formatter("{x:.0f}")
    pressure.minorticks_off()
    pressure.legend()

    _, run = tank.de_miguel()
    model(composite, run, color=DARK, label="gas")
    model(composite, run, "outer_k", color=MIDDLE, ls="--", label="wall, outside")
    points(composite, tank.MIGUEL_S, tank.MIGUEL_MEAN_K, "measured, gas, mean")
    points(composite, tank.MIGUEL_LOW_S, tank.MIGUEL_LOW_K, "measured, gas, lower", RED, "v")
    points(composite, tank.MIGUEL_WALL_S, tank.MIGUEL_WALL_K, "measured, wall, outside", PALE, "s")
    composite.set(title="Discharge, 29 l composite, from 70 MPa", xlim=(0, 700), ylim=(-60, 75))
    composite.legend(loc="upper right")
    for axis in (slow, small, steel, composite):
        axis.set(ylabel="°C")
    for axis in axes[1]:
        axis.set(xlabel="seconds")
    return save(figure, "tank_experiments")


def year() -> Path:
    """Draw the year as a map of hours and days: production and price."""
    results = run("test_full_year", 3600)
    gallery_record.write("dual_path", results.summary)
    records.compare()
    pem_kg_per_h, soec_kg_per_h = line_hydrogen_kg_per_h(results)
    fields = (
        ("Hydrogen made, kg/h", pem_kg_per_h + soec_kg_per_h, "cividis", {"vmin": 0.0}),
        ("Day-ahead price, EUR/MWh", price_eur_per_mwh(results), "magma", {"vmin": -100.0, "vmax": 300.0}),
    )
    figure, axes = plt.subplots(2, 1, figsize=(9.2, 5.0), sharex=True)
    days = results.time.size // 24
    first = mdates.date2num(results.time[0])
    for axis, (title, values, colours, limits) in zip(axes, fields, strict=True):
        image = axis.imshow(
            values[: days * 24].reshape(days, 24).T, aspect="auto", origin="lower", cmap=colours,
            interpolation="nearest", extent=(first, first + days, 0, 24), **limits,
        )  # fmt: skip
        axis.set(ylabel="hour of the day, UTC", title=title, yticks=range(0, 25, 6))
        axis.grid(False)
        figure.colorbar(image, ax=axis, pad=0.01, extend="both" if "vmax" in limits else "neither")
    axes[1].xaxis_date()
    axes[1].xaxis.set_major_locator(mdates.MonthLocator())
    axes[1].xaxis.set_major_formatter(mdates.DateFormatter("%b"))
    return save(figure, "year")


def fit() -> Path:
    """Draw what ``h2plant fit`` makes of the published points of Tjarks 2017."""
    from h2plant.fitting.curve import fit_curve
    from h2plant.fitting.picture import draw_curve

    found = fit_curve(Path("tjarks_2017_pem.csv"), given={"membrane_thickness_um": 200})
    return in_few_colours("fit", draw_curve(found, Path(_scratch().name) / "fit.png"))


def calibration() -> Path:
    """Draw what ``h2plant calibrate`` makes of the synthetic temperature step."""
    from h2plant.fitting.calibration import Task, calibrate
    from h2plant.fitting.picture import draw_calibration

    parameters = ("stack.heat_capacity_j_per_k", "stack.loss_w_per_k")
    found = calibrate(Task("minimal", Path("example_step.csv"), parameters))
    return in_few_colours("calibration", draw_calibration(found, Path(_scratch().name) / "calibration.png"))


def in_few_colours(name: str, picture: Path) -> Path:
    """Put a picture into the documentation, half as large and in few colours."""
    path = PICTURES / f"{name}.png"
    with Image.open(picture) as image:
        small = image.convert("RGB").resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)
        small.quantize(128).save(path, optimize=True)
    return path


def chromium() -> str:
    """Return the browser that takes pictures of pages; ends the process where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := which(name))), None)
    if found is None:
        sys.exit("pictures of pages need Chromium (Debian: apt-get install chromium)")
    return found


def report() -> Path:
    """Take a picture of the head of the report of the reference year, in Chromium."""
    from h2plant.cli.report import make_report

    page = make_report(run("test_full_year", 3600), Path(_scratch().name) / "report.html")
    return screenshot("report", chromium(), page.as_uri() + "#?draw=all", (1360, 1560))


def dash() -> Path:
    """Take a picture of the dashboard over a day of the smallest plant, in Chromium."""
    from h2plant.dashboard.server import Server

    runs = Path(_scratch().name) / "results"
    h2plant.run("minimal_day", out=runs / "minimal_day-1")
    server = Server(runs, runs, port=0)
    answering = threading.Thread(target=server.serve)
    answering.start()
    try:
        return screenshot("dashboard", chromium(), f"{server.address}#tab=explore&theme=light", (1360, 1180))
    finally:
        server.stop()
        answering.join()


def screenshot(name: str, browser: str, address: str, size: tuple[int, int]) -> Path:
    """Take a picture of a page of a given width and height, px, in few colours."""
    raw, path = Path(_scratch().name) / f"{name}.png", PICTURES / f"{name}.png"
    options = ["--headless", "--no-sandbox", "--hide-scrollbars", "--virtual-time-budget=8000"]
    window = f"--window-size={size[0]},{size[1]}"
    subprocess.run([browser, *options, window, f"--screenshot={raw}", address], check=True, capture_output=True)
    with Image.open(raw) as image:
        image.convert("RGB").quantize(128).save(path, optimize=True)
    return path


def variability() -> Path:
    """Draw a day of hourly wind and sun with the minutes added to them, and what the electrolysers make of it."""
    start, end = datetime(2023, 5, 16, tzinfo=UTC), 24 * 60

    def minutes(name: str, of: Variability | None) -> Any:
        spec = SeriesSpec(name, file=bundled, column=name, mode="linear", variability=of)
        series = load_series({name: spec}, start, end * 60)[name]
        return np.array([series.at(60.0 * i + 30.0) for i in range(end)])

    bundled = series_file("nl_2023", ROOT)
    hours = np.arange(end) / 60.0
    figure, axes = plt.subplots(3, 1, figsize=(8.6, 7.4), sharex=True)
    wind, drawn, sun = axes
    for n, colour in ((3, LIGHT), (30, MIDDLE)):
        values = minutes("wind_power_pu", Variability("turbulence", 1, n))
        wind.plot(hours, values, color=colour, lw=0.8, label=f"with turbulence, {n} turbines")
    wind.plot(hours, minutes("wind_power_pu", None), color=DARK, label="hourly series")
    wind.set(ylabel="power / rated power", title="Wind", ylim=(0, 1))
    for how, colour, width, label in (
        ("", DARK, 1.3, "hourly series"),
        (", variability: {kind: turbulence, seed: 1, n_turbines: 3}", LIGHT, 0.8, "with turbulence, 3 turbines"),
    ):
        scenario = Path(_scratch().name) / "gusty.yaml"
        series = f"series: {{wind_power_pu: {{file: nl_2023, mode: linear{how}}}}}"
        text = f"h2plant: 1\nname: gusty\nplant: dual_path\nstart: 2023-05-16\nhours: 24\nlog_every_s: 60\n{series}\n"
        scenario.write_text(text, encoding="utf-8")
        results = h2plant.run(scenario, out=Path(_scratch().name) / f"gusty-{colour}")
        drawn.plot(hours, line_power_mw(results)[0], color=colour, lw=width, label=label)
    drawn.set(ylabel="MW", title="PEM line", ylim=(0, 6))
    sun.plot(hours, minutes("ghi_w_per_m2", Variability("clouds", 1)), color=LIGHT, lw=0.8, label="with clouds")
    sun.plot(hours, minutes("ghi_w_per_m2", None), color=DARK, label="hourly series")
    sun.set(ylabel="W/m²", title="Global irradiance", ylim=(0, None), xlabel="hours, UTC", xlim=(0, 24))
    for axis in axes:
        axis.legend(ncols=3, loc="upper right", bbox_to_anchor=(1.0, 1.2))
    return save(figure, "variability")


def pv_array() -> Path:
    """Draw the curves of a photovoltaic array beside PVWatts and PVGIS."""
    figure = sun_and_wind.array_figure()
    return save(figure, "pv_array")


def wind_turbine() -> Path:
    """Draw the curve of wind turbines beside the published points."""
    figure = sun_and_wind.turbine_figure()
    return save(figure, "wind_turbine")


def gallery_plant(name: str) -> Path:
    """Run a plant of the gallery over its year, print its figures into the page and draw its picture."""
    figure = gallery_pictures.made(name, Path(_scratch().name))
    records.compare()
    return save(figure, name)


DRAWINGS: dict[str, Callable[[], Path]] = {
    "week": week,
    "start_up": start_up,
    "electrolysis": electrolysis,
    "supplier_table": supplier_table,
    "alkaline": alkaline_cells,
    "compression": compression_work,
    "battery": battery,
    "tank_experiments": tank_experiments,
    "year": year,
    "fit": fit,
    "calibration": calibration,
    "report": report,
    "variability": variability,
    "pv_array": pv_array,
    "wind_turbine": wind_turbine,
    **{name: partial(example, name) for name in example_pages.SCRIPTS},
    **{name: partial(gallery_plant, name) for name in gallery_pictures.PLANTS},
    "dashboard": dash,
}


def main(names: list[str]) -> int:
    """Draw the pictures and run the examples named, or all of them; returns the exit code."""
    unknown = sorted(set(names) - set(DRAWINGS))
    if unknown:
        print(f"no picture or example {', '.join(unknown)}; there are {', '.join(DRAWINGS)}", file=sys.stderr)
        return 2
    PICTURES.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(STYLE):
        for name in names or DRAWINGS:
            path = DRAWINGS[name]()
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
