"""Operating points of the electrolysers beside what a new one does."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from h2plant.core.markup import NONE, Html
from h2plant.report.page import charts
from h2plant.report.page.design_curve import DesignCurve, pem_curve, soec_curve
from h2plant.report.page.parts import Charts, Section, attempt
from h2plant.report.page.run_data import MissingData, RunData
from h2plant.simulation.program import FloatArray

_MOST_POINTS = 2500
_FIELDS = {
    # current or its density, cell voltage, power of a heater, hydrogen made, highest power
    "pem_stack": ("current_a", "cell_voltage_v", "", "hydrogen.h2_kg_per_s", "rated_power_w"),
    "soec_module": (
        "current_density_a_per_m2",
        "voltage_v",
        "heater_power.power_w",
        "hydrogen_made_kg_per_s",
        "power_max_w",
    ),
}


def _picked(x: FloatArray, y: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the indices of a part of the points that keeps the least and the greatest y of each slice of x."""
    if x.size <= _MOST_POINTS:
        return np.arange(x.size)
    order = np.argsort(x, kind="stable")
    ends = order[charts.extremes(y[order], _MOST_POINTS // 2)]
    rest = np.random.default_rng(0).choice(x.size, _MOST_POINTS // 2, replace=False)
    return np.unique(np.concatenate([ends, rest]))


class Points(NamedTuple):
    """Intervals with current throughout, of all units of a kind.

    Current density, A/m2; cell voltage, V; power over the highest and energy per hydrogen, kWh/kg, heaters left out;
    what heaters add, kWh/kg; days since the start of the run.
    """

    density: FloatArray
    voltage: FloatArray
    load: FloatArray
    energy: FloatArray
    heater: FloatArray
    day: FloatArray


def _points(data: RunData, kind: str) -> Points:
    """Return the operating points of a kind."""
    current, voltage, heater, made, highest = _FIELDS[kind]
    day = (data.time - data.time[0]).astype(float) / 86400.0
    found = []
    for id_ in data.of_kind(kind):
        ran_h = np.diff(data.column(f"{id_}.running_h"), prepend=0.0)
        throughout = ran_h >= data.weights_s / 3600.0 * (1.0 - 1e-6)
        power = data.column(f"{id_}.power.power_w")
        heater_w = data.total([f"{id_}.{heater}"] if heater else [])
        if kind == "pem_stack":
            power = power - data.column(f"{id_}.heater_w")
        hydrogen = data.column(f"{id_}.{made}")
        throughout &= (hydrogen > 0.0) & (power > 0.0)
        if kind == "pem_stack":
            # the logged current density is the last of the interval; the current is a mean
            density = data.column(f"{id_}.{current}") / data.plant.components[id_].values["cell_area_m2"]
        else:
            density = data.column(f"{id_}.{current}")
        with np.errstate(divide="ignore", invalid="ignore"):
            energy = power / hydrogen / 3.6e6
            heating = heater_w / hydrogen / 3.6e6
        columns = (
            density,
            data.column(f"{id_}.{voltage}"),
            power / data.plant.components[id_].values[highest],
            energy,
            heating,
            day,
        )
        found.append([np.asarray(column[throughout]) for column in columns])
    joined = [np.concatenate(column) for column in zip(*found, strict=True)]
    return Points(*joined)


def _scatter(x: FloatArray, y: FloatArray, day: FloatArray, is_first: bool) -> charts.Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "intervals of the run",
        "x": charts.packed(x),
        "y": charts.packed(y),
        "marker": {
            "size": 3.5,
            "color": charts.packed(day),
            "colorscale": "@day-scale",
            "showscale": is_first,
            "opacity": 0.6,
            "colorbar": {"title": {"text": "day of the run", "side": "right"}, "thickness": 10, "outlinewidth": 0},
        },
        "showlegend": is_first,
    }


def operation(data: RunData, page: Charts) -> Section:
    """Return voltage over current density and energy per hydrogen over load, of each sort of electrolyser."""

    def one(kind: str, label: str, colour: str) -> Html:
        units = data.of_kind(kind)
        if not units:
            return NONE
        density, voltage, load, energy, heater, day = _points(data, kind)
        if not density.size:
            raise MissingData(f"no {label} unit ran through a whole interval of the log")
        values = data.plant.components[units[0]].values
        curve: DesignCurve = pem_curve(values) if kind == "pem_stack" else soec_curve(values)
        typical = np.median(energy)
        is_shown = energy < 3.0 * typical  # hours of mere standby would flatten all others
        density_kept, energy_kept = _picked(density, voltage), _picked(load[is_shown], energy[is_shown])
        rows = (
            (
                density[density_kept] * 1e-4,
                voltage[density_kept],
                day[density_kept],
                curve.current_density_a_per_m2 * 1e-4,
                curve.cell_voltage_v,
            ),
            (
                100.0 * load[is_shown][energy_kept],
                energy[is_shown][energy_kept],
                day[is_shown][energy_kept],
                100.0 * curve.load_frac,
                curve.specific_energy_kwh_per_kg,
            ),
        )
        traces = []
        for k, (x, y, when, curve_x, curve_y) in enumerate(rows):
            axes = {"xaxis": "x" if k == 0 else "x2", "yaxis": "y" if k == 0 else "y2"}
            is_fine = np.isfinite(curve_y) & (curve_y < 1.6 * typical if k else np.isfinite(curve_y))
            traces.append({**_scatter(x, y, when, k == 0), **axes})
            line = {"color": colour, "width": 2.2}
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": "new, at set points",
                    "x": charts.packed(curve_x[is_fine]),
                    "y": charts.packed(curve_y[is_fine]),
                    "line": line,
                    "showlegend": k == 0,
                    **axes,
                }
            )
        layout = {
            "height": 380,
            "xaxis": {"domain": [0.0, 0.44], "title": {"text": "current density, A/cm²"}, "rangemode": "tozero"},
            "yaxis": {"title": {"text": "cell voltage, V"}},
            "xaxis2": {"domain": [0.56, 1.0], "title": {"text": "load, %"}, "anchor": "y2", "rangemode": "tozero"},
            "yaxis2": {"title": {"text": "kWh/kg"}, "anchor": "x2"},
            "legend": {"orientation": "h", "y": -0.22},
        }
        note = "Intervals in which the unit ran throughout; the later in the run, the warmer the colour."
        if kind == "soec_module":
            note += f" Without the heaters, which add {np.mean(heater):.1f} kWh/kg on the mean."
        if not is_shown.all():
            note += f" {int((~is_shown).sum())} intervals above {3.0 * typical:.0f} kWh/kg are left out."
        alt = (
            f"{label}: {density.size} intervals; cell voltage {voltage.min():.3f} to {voltage.max():.3f} V at "
            f"{density.min() * 1e-4:.2f} to {density.max() * 1e-4:.2f} A/cm2; median energy {typical:.1f} kWh/kg."
        )
        return page.add({"data": traces, "layout": layout}, f"{label}: polarisation and specific energy", alt, note)

    tasks = (("pem_stack", "PEM", "@pem"), ("soec_module", "SOEC", "@soec"))
    html = NONE.join(attempt(lambda task=task: one(*task)) for task in tasks)  # type: ignore[misc]
    intro = "Points are the run; the line is a new unit at its design temperature and pressure."
    return Section(
        "operation",
        "How well the electrolysers ran",
        intro,
        html or Html('<p class="missing">The plant has no electrolyser.</p>'),
    )
