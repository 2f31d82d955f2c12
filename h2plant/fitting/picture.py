"""Pictures of fits: points, curve and band; measured and computed columns over time."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from h2plant.fitting.calibration import Calibration
from h2plant.fitting.curve import CurveFit
from h2plant.report.plot import paper_style, shown_unit, time_panels, write_figure

_MOST_SHADED = 4
MOST_COLUMNS = 6
_MARKS = "osD^vP*X<>"


def draw_curve(fit: CurveFit, out: Path) -> Path:
    """Draw points, fitted curve and confidence band, and below it the residuals; returns the file.

    Raises
    ------
    ResultsError
        The file cannot be written.
    """
    whose = "system" if fit.is_system else "stack"
    x_factor, x_label = (1e-3, f"power of the {whose}, kW") if fit.is_energy else (1e-4, "current density, A/cm²")
    y_factor, y_label = (1.0 / 3.6e6, "kWh/kg") if fit.is_energy else (1.0, "cell voltage, V")
    r_factor, r_label = (1.0 / 3.6e6, "residual, kWh/kg") if fit.is_energy else (1e3, "residual, mV")
    with paper_style() as plt:
        figure, (curve, rest) = plt.subplots(2, 1, figsize=(6.3, 4.4), sharex=True, height_ratios=(3, 1.1))
        try:
            colours = plt.get_cmap("cividis")(np.linspace(0.0, 0.85, len(fit.lines)))
            for k, (line, colour) in enumerate(zip(fit.lines, colours, strict=True)):
                index, mark = list(line.index), _MARKS[k % len(_MARKS)]
                look = {"color": colour, "marker": mark, "ls": "", "ms": 4.5, "mec": "black", "mew": 0.5}
                label = line.label or "points"
                curve.plot(fit.x[index] * x_factor, fit.y[index] * y_factor, label=label, zorder=3, **look)
                curve.plot(line.x * x_factor, line.y * y_factor, color=colour, ls="-")
                low, high = ((line.y + sign * line.band) * y_factor for sign in (-1.0, 1.0))
                shade = {"color": colour, "alpha": 0.25, "lw": 0}
                curve.fill_between(line.x * x_factor, low, high, **shade)
                if len(fit.lines) <= _MOST_SHADED:
                    rest.fill_between(line.x * x_factor, -line.band * r_factor, line.band * r_factor, **shade)
                rest.plot(fit.x[index] * x_factor, fit.residuals[index] * r_factor, **look)
            curve.plot([], [], color="grey", ls="-", label="fitted curve")
            curve.fill_between([], [], [], color="grey", alpha=0.3, lw=0, label=f"{fit.fit.confidence * 100:g} % band")
            curve.set_ylabel(y_label)
            is_crowded = len(fit.lines) > _MOST_SHADED
            place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)} if is_crowded else {"loc": "best"}
            curve.legend(**place)
            rest.axhline(0.0, color="black", lw=0.7, ls="-")
            rest.set(xlabel=x_label, ylabel=r_label)
            figure.align_ylabels()
            write_figure(figure, out)
        finally:
            plt.close(figure)
    return out


def draw_calibration(found: Calibration, out: Path) -> Path:
    """Draw each measured column with what the plant gave before and gives after; returns the file.

    Raises
    ------
    ResultsError
        The file cannot be written.
    """
    shown = found.measured[:MOST_COLUMNS]
    units = [shown_unit(one.column.unit, float(np.nanmax(np.abs(one.values)))) for one in shown]
    with time_panels([unit for unit, _, _ in units], out, 0.5, 2.0) as axes:
        for k, (axis, one, (unit, factor, offset)) in enumerate(zip(axes, shown, units, strict=True)):
            rows = found.is_compared[:, k]
            values = one.values * factor + offset
            style = {"ls": "", "marker": ".", "color": "#9aa3ab"}
            axis.plot(found.time[rows], values[rows], ms=2.5, label="measured", rasterized=True, **style)
            for label, computed, look in (
                ("before", found.before, {"color": "#c0602a", "ls": "--"}),
                ("after", found.after, {"color": "#12355b", "ls": "-"}),
            ):
                rms = found.rms(k, computed) * factor
                text = f"{label}, rms {rms:.3g} {'K' if unit == '°C' else unit}"
                axis.plot(found.time, computed[:, k] * factor + offset, label=text, **look)
            axis.set_title(one.column.name, loc="left", fontsize=8)
            axis.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, borderaxespad=0.1, markerscale=3)
    return out
