"""Pictures of the kinds that make power of sun and wind: their curves beside published points, and days of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np

from h2plant.components import KIND_BY_NAME
from h2plant.components.plane_of_array import make
from h2plant.config.bundled import DATA
from h2plant.config.series_reader import load_series
from h2plant.core.derived import Samples, Where
from h2plant.plant.series_spec import Description, SeriesSpec
from h2plant.testing import Rig
from tests.unit.test_sun_and_wind_plants import PVGIS

DARK, MIDDLE, LIGHT, RED = "#12355b", "#2f7fb8", "#f2a541", "#b3322c"
PUBLISHED: dict[str, Any] = {"ls": "", "marker": "o", "mfc": "white", "mec": "black", "ms": 4.5}
SITE = Where(52.70, 4.29)
YEAR = datetime(2023, 1, 1, tzinfo=UTC)
V164 = (0.027, 0.066, 0.131, 0.219, 0.336, 0.475, 0.630, 0.778, 0.911, 0.978, 1.0)


def _irradiance() -> Samples:
    how = Description(stamps="end")
    spec = SeriesSpec("ghi_w_per_m2", file=DATA / "nl_2023.csv.gz", column="ghi_w_per_m2", how=how, is_repeated=True)
    series = load_series({spec.name: spec}, YEAR, 8760 * 3600.0)[spec.name]
    return Samples(series.values, series.resolution_s, round(YEAR.timestamp()) - series.offset_s, False)


def _plane(ghi: Samples, **parameters: float) -> Samples:
    own = {f.name: f.default or 0.0 for f in KIND_BY_NAME["pv_array"].parameters}
    return make({"ghi_w_per_m2": ghi}, own | parameters, SITE)[0]


def array_figure() -> Any:
    """Draw the inverter's curve, power against sun and air, two days in the plane, and PVGIS beside the year."""
    figure, axes = plt.subplots(2, 2, figsize=(8.6, 6.2))
    (inverter, power), (days, year) = axes
    rig = Rig(
        KIND_BY_NAME["pv_array"],
        {"capacity_w": 1e6, "dc_ac_ratio": 1.0, "loss_frac": 0.0, "degradation_per_s": 0.0,
         "temperature_coefficient_per_k": 0.0},
        is_plain=True,
    )  # fmt: skip
    load = np.linspace(0.01, 1.0, 100)
    rig.set_signal("ambient_temperature", 298.15)
    found = []
    for z in load:
        rig.set_signal("irradiance", 1000.0 * z / 0.96)
        rig.step(1)
        found.append(rig.signal("power") / max(rig.signal("generation"), 1e-9))
    inverter.plot(load, found, color=DARK, label="here, 96 % at the rating")
    inverter.plot([0.5, 1.0], [0.962191, 0.96], label="PVWatts, published", **PUBLISHED)
    inverter.set(xlabel="input / rated input", ylabel="efficiency", title="Inverter", ylim=(0.7, 1.0), xlim=(0, 1))
    rig = Rig(KIND_BY_NAME["pv_array"], {"capacity_w": 1e6, "degradation_per_s": 0.0}, is_plain=True)
    sun = np.linspace(0.0, 1100.0, 80)
    rig.set_signal("wind_speed", 3.0)
    for air, colour in ((0.0, MIDDLE), (20.0, DARK), (40.0, RED)):
        rig.set_signal("ambient_temperature", 273.15 + air)
        out = []
        for g in sun:
            rig.set_signal("irradiance", float(g))
            rig.step(1)
            out.append(rig.signal("power") / 1e6)
        power.plot(sun, out, color=colour, label=f"air {air:.0f} °C, wind 3 m/s")
    power.set(xlabel="sun in the plane, W/m²", ylabel="MW per MW of modules", title="Alternating current", ylim=(0, 1))
    ghi = _irradiance()
    first = int((datetime(2023, 6, 12, tzinfo=UTC) - YEAR).total_seconds())
    at = np.arange(2 * 288) * 300.0 + 150.0 + first
    clock = np.datetime64(YEAR.replace(tzinfo=None)) + (at * 1000).astype("timedelta64[ms]")
    flat = ghi.mean_at(YEAR.timestamp() + at - 150.0, 300.0)
    days.step(clock, flat, where="mid", color="black", lw=0.8, ls=":", label="horizontal, data")
    for label, colour, more in (("35° south", DARK, {}), ("single axis", LIGHT, {"tracking": 1.0})):
        days.plot(clock, _plane(ghi, **more).mean_at(YEAR.timestamp() + at - 150.0, 300.0), color=colour, label=label)
    days.set(ylabel="W/m²", title="Two days in June", ylim=(0, 1250))
    days.xaxis.set_major_locator(mdates.HourLocator((0, 12)))
    days.xaxis.set_major_formatter(mdates.DateFormatter("%H h"))
    year.plot(*zip(*((p.in_plane, p.per_kwp) for p in PVGIS), strict=True), label="PVGIS 5.2, 35° south", **PUBLISHED)
    tilts = np.radians(np.arange(0.0, 91.0, 15.0))
    air, wind = 285.0, 6.0
    rig = Rig(KIND_BY_NAME["pv_array"], {"capacity_w": 1e3, "degradation_per_s": 0.0})
    rig.set_signal("ambient_temperature", air)
    rig.set_signal("wind_speed", wind)
    seen, made = [], []
    for tilt in tilts:
        cells = _plane(ghi, tilt_rad=float(tilt)).means.reshape(-1, 12).mean(axis=1)
        seen.append(float(_plane(ghi, tilt_rad=float(tilt), angular_ratio=0.0).means.mean()) * 8.76)
        total = 0.0
        for g in cells[cells > 0.0]:
            rig.set_signal("irradiance", float(g))
            rig.step(1, 3600.0)
            total += rig.signal("power") / 1e3
        made.append(total)
    year.plot(seen, made, color=DARK, marker=".", label="here, tilts of 0 to 90°")
    for tilt, x, y in zip((0, 45, 90), seen[::3], made[::3], strict=True):
        year.annotate(f"{tilt}°", (x, y), xytext=(4, -11), textcoords="offset points", fontsize=8)
    year.set(xlabel="in the plane, kWh/m² a year", ylabel="kWh/kW a year", title="A year", xlim=(700, 1650))
    for axis in axes.flat:
        axis.legend(loc="best")
    return figure


def turbine_figure() -> Any:
    """Draw the curve with published points and the year's hours, and what wakes take at each wind speed."""
    figure, (curve, wakes) = plt.subplots(1, 2, figsize=(8.6, 3.4))
    specs = {
        name: SeriesSpec(name, file=DATA / "nl_2023.csv.gz", column=name)
        for name in ("wind_speed_100m_m_per_s", "wind_power_pu")
    }
    hours = load_series(specs, YEAR, 8760 * 3600.0)
    speed, output = (hours[name].values[:-1] for name in specs)
    curve.plot(speed, output, ls="", marker=".", ms=3, color=LIGHT, label="hours of 2023, bundled series")
    v = np.arange(0.0, 28.0, 0.1)

    def made(**parameters: float) -> Any:
        whole = {"capacity_w": 1.0, "availability_frac": 1.0, "electrical_loss_frac": 0.0, "ramp_per_s": 10.0}
        rig = Rig(KIND_BY_NAME["wind_turbine"], {**whole, **parameters}, is_plain=True)
        rig.set_signal("air_pressure", 1.225 * 287.05287 * 288.15)
        rig.set_signal("ambient_temperature", 288.15)
        found = []
        for one in v:
            rig.set_signal("wind_speed", float(one))
            rig.step(2)
            found.append(rig.signal("power"))
        return np.array(found)

    alone = made()
    curve.plot(v, alone, color=DARK, label="here")
    curve.plot(np.arange(4, 15), V164, label="V164/9.5 MW, published", **PUBLISHED)
    curve.set(xlabel="wind at the hub, m/s", ylabel="output / rated power", title="Curve", ylim=(0, 1.15), xlim=(0, 28))
    for deficit, colour in ((0.03, MIDDLE), (0.06, DARK), (0.1, RED)):
        share = np.divide(made(wake_deficit_frac=deficit), alone, out=np.full_like(alone, np.nan), where=alone > 0.0)
        wakes.plot(v, share, color=colour, label=f"wind {deficit:.0%} slower behind others")
    wakes.set(
        xlabel="wind at the hub, m/s", ylabel="output / output alone", title="Wakes", xlim=(3, 25), ylim=(0.5, 1.02)
    )
    for axis in (curve, wakes):
        axis.legend(loc="lower right")
    return figure
