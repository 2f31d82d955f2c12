"""Operating points of the electrolysers beside what a new one does."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from h2plant.core.markup import NONE, Html
from h2plant.core.stack_curve import DesignCurve, new_stack
from h2plant.report.page import charts, quantities
from h2plant.report.page.parts import Charts, Section, attempt
from h2plant.report.page.quantities import Electrolysers
from h2plant.report.page.run_data import MissingData, RunData
from h2plant.simulation.program import FloatArray

_MOST_POINTS = 2500


def _picked(x: FloatArray, y: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the indices of a part of the points that keeps the least and the greatest y of each slice of x."""
    if x.size <= _MOST_POINTS:
        return np.arange(x.size)
    order = np.argsort(x, kind="stable")
    ends = order[charts.extremes(y[order], _MOST_POINTS // 2)]
    rest = np.random.default_rng(0).choice(x.size, _MOST_POINTS // 2, replace=False)
    return np.unique(np.concatenate([ends, rest]))


class Points(NamedTuple):
    """Intervals with current throughout, of all units of a technology.

    Current density, A/m2; cell voltage, V; power over the highest and energy per hydrogen, kWh/kg, heaters left out;
    what heaters add, kWh/kg; days since the start of the run.
    """

    density: FloatArray
    voltage: FloatArray
    load: FloatArray
    energy: FloatArray
    heater: FloatArray
    day: FloatArray


def _points(data: RunData, group: Electrolysers) -> Points:
    """Return the operating points of a technology."""
    day = (data.time - data.first).astype(float) / 86400.0
    found = []
    for id_, role in group.units.items():
        if not role.voltage or not (role.current or role.current_density):
            raise MissingData(f"{id_} tells neither voltage nor current of its cells")
        values = data.plant.components[id_].values
        ran_h = np.diff(data.column(f"{id_}.{role.running}"), prepend=0.0)
        throughout = ran_h >= data.weights_s / 3600.0 * (1.0 - 1e-6)
        heating = data.total([f"{id_}.{role.heater}"] if role.heater else [])
        power = data.total(f"{id_}.{port}.power_w" for port in role.power) - heating
        heater_w = data.total(f"{id_}.{port}.power_w" for port in role.heater_power)
        hydrogen = data.column(f"{id_}.{role.made}")
        throughout &= (hydrogen > 0.0) & (power > 0.0)
        if role.current:
            density = data.column(f"{id_}.{role.current}") / values[role.cell_area]
        else:
            density = data.column(f"{id_}.{role.current_density}")
        with np.errstate(divide="ignore", invalid="ignore"):
            energy = power / hydrogen / 3.6e6
            heater = heater_w / hydrogen / 3.6e6
        voltage = data.column(f"{id_}.{role.voltage}")
        columns = (density, voltage, power / values[role.rated_power], energy, heater, day)
        found.append([np.asarray(column[throughout]) for column in columns])
    joined = [np.concatenate(column) for column in zip(*found, strict=True)]
    return Points(*joined)


def _curve_of(data: RunData, group: Electrolysers) -> DesignCurve | None:
    """Return the curve of the first unit when new; None if its kind has none."""
    id_, role = next(iter(group.units.items()))
    unit = data.plant.components[id_]
    return None if role.curve is None else role.curve().design(new_stack(unit.kind, unit.values))


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
    """Return voltage over current density and energy per hydrogen over load, of each technology."""

    def one(group: Electrolysers) -> Html:
        label = group.technology
        density, voltage, load, energy, heater, day = _points(data, group)
        if not density.size:
            raise MissingData(f"no {label} unit ran through a whole interval of the log")
        curve = _curve_of(data, group)
        typical = np.median(energy)
        is_shown = energy < 3.0 * typical  # hours of mere standby would flatten all others
        density_kept, energy_kept = _picked(density, voltage), _picked(load[is_shown], energy[is_shown])
        rows = (
            (density[density_kept] * 1e-4, voltage[density_kept], day[density_kept]),
            (100.0 * load[is_shown][energy_kept], energy[is_shown][energy_kept], day[is_shown][energy_kept]),
        )
        traces = []
        for k, (x, y, when) in enumerate(rows):
            axes = {"xaxis": "x" if k == 0 else "x2", "yaxis": "y" if k == 0 else "y2"}
            traces.append({**_scatter(x, y, when, k == 0), **axes})
            if curve is None:
                continue
            curve_x = 100.0 * curve.load_frac if k else curve.current_density_a_per_m2 * 1e-4
            curve_y = curve.specific_energy_j_per_kg / 3.6e6 if k else curve.cell_voltage_v
            is_fine = np.isfinite(curve_y) & (curve_y < 1.6 * typical if k else np.isfinite(curve_y))
            look = {"color": group.colour, "width": 2.2}
            line = charts.curve("new, at set points", curve_x[is_fine], curve_y[is_fine], **look)
            traces.append({**line, "showlegend": k == 0, **axes})
        layout = {
            "height": 380,
            "xaxis": {"domain": [0.0, 0.44], "title": {"text": "current density, A/cm²"}, "rangemode": "tozero"},
            "yaxis": {"title": {"text": "cell voltage, V"}},
            "xaxis2": {"domain": [0.56, 1.0], "title": {"text": "load, %"}, "anchor": "y2", "rangemode": "tozero"},
            "yaxis2": {"title": {"text": "kWh/kg"}, "anchor": "x2"},
            "legend": {"orientation": "h", "y": -0.22},
        }
        note = "Intervals in which the unit ran throughout; the later in the run, the warmer the colour."
        if any(role.heater_power for role in group.units.values()):
            note += f" Without the heaters, which add {np.mean(heater):.1f} kWh/kg on the mean."
        if not is_shown.all():
            note += f" {int((~is_shown).sum())} intervals above {3.0 * typical:.0f} kWh/kg are left out."
        alt = (
            f"{label}: {density.size} intervals; cell voltage {voltage.min():.3f} to {voltage.max():.3f} V at "
            f"{density.min() * 1e-4:.2f} to {density.max() * 1e-4:.2f} A/cm2; median energy {typical:.1f} kWh/kg."
        )
        return page.add({"data": traces, "layout": layout}, f"{label}: polarisation and specific energy", alt, note)

    html = NONE.join(attempt(partial(one, group)) for group in quantities.electrolysers(data))
    intro = "Points are the run; the line is a new unit at its design temperature and pressure."
    return Section(
        "operation",
        "How well the electrolysers ran",
        intro,
        html or Html('<p class="missing">The plant has no electrolyser.</p>'),
    )
