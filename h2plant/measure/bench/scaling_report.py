"""The scaling report: tables and reasons as Markdown, with a plot of speed-up and efficiency."""

from __future__ import annotations

import datetime
from pathlib import Path

from h2plant.core.whole_file import whole_file
from h2plant.measure.bench.machine import describe
from h2plant.measure.bench.scaling import EFFICIENCY_TARGET, Scaling
from h2plant.measure.measured import markdown_rows
from h2plant.plant.finding import Finding, PlantError

NAME = "SCALING_REPORT.md"
PICTURE = "scaling.png"


def write_report(scaling: Scaling, folder: Path) -> Path:
    """Write ``SCALING_REPORT.md``, and its plot where matplotlib is installed, to a folder; returns the report.

    Raises
    ------
    PlantError
        The folder cannot be written.
    """
    report = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        has_picture = _draw(scaling, folder / PICTURE)
        with whole_file(report) as partial:
            partial.write_text(report_text(scaling, PICTURE if has_picture else None), encoding="utf-8")
    except OSError as error:
        what = f"cannot be written ({error.strerror or error})"
        raise PlantError([Finding("not-writable", str(folder), what, "choose another folder with --out")]) from None
    return report


def ensemble_rows(scaling: Scaling) -> list[list[str]]:
    """Return one row of text per count of threads, measured or not."""
    rows = [
        [
            str(p.n_threads),
            f"{p.wall_s:.3g}",
            f"{p.own_s:.3g}",
            f"{p.processor_s:.3g}",
            f"{p.speed_up:.2f}",
            f"{100 * p.own_efficiency_frac:.0f} %",
            f"{100 * p.wall_efficiency_frac:.0f} %",
        ]
        for p in scaling.ensemble
    ]
    return rows + [[str(n), _not_measured(scaling), "", "", "", "", ""] for n in scaling.not_measured]


def _not_measured(scaling: Scaling) -> str:
    return f"not measured: this machine has {scaling.n_cores} {'core' if scaling.n_cores == 1 else 'cores'}"


ENSEMBLE_HEADING = [
    "threads and plants", "wall, s", "without waiting for a core, s", "processor time of a plant, s",
    "speed-up", "efficiency", "efficiency by the wall",
]  # fmt: skip


def report_text(scaling: Scaling, picture: str | None) -> str:
    """Return the report as Markdown, with a picture's file name or a plot in characters."""
    verdict = "met" if scaling.is_met else "MISSED"
    efficiency, target = f"{100 * scaling.worst_efficiency_frac:.0f} %", f"{100 * EFFICIENCY_TARGET:.0f} %"
    plot = f"![speed-up and efficiency]({picture})" if picture else f"```text\n{text_plot(scaling)}\n```"
    return f"""# Scaling

`h2plant bench scaling`, {datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {describe()}.
{scaling.scenario}: {scaling.n_components} components x {scaling.n_steps:,} steps of {scaling.hours:g} h;
medians of {scaling.n_rounds} rounds that take all counts of threads in turn.

## Ensemble: as many plants as threads
{markdown_rows(ENSEMBLE_HEADING, ensemble_rows(scaling))}
Efficiency is the time of one plant on one thread over that of n on n threads; bar {target}: {efficiency}, {verdict}.
It is taken from the time without waiting for a core: what other programs on the machine took of it is not this
program's; the last column has it in, and on an idle machine both are the same.
Python's global lock is held for {100 * scaling.lock_frac:.2f} % of a run (buffers handed on, calls entered).

{plot}

"""


def text_plot(scaling: Scaling) -> str:
    """Return speed-up (#) against what is ideal (.) and efficiency in characters."""
    width = 40
    most = max(point.n_threads for point in scaling.ensemble)
    lines = []
    for p in scaling.ensemble:
        bar = "#" * round(width * min(p.speed_up / most, 1.0))
        ideal = round(width * p.n_threads / most)
        shown = bar.ljust(ideal, ".").ljust(width)
        lines.append(f"{p.n_threads:>3} threads |{shown}| {p.speed_up:5.2f} x, {100 * p.own_efficiency_frac:3.0f} %")
    return "\n".join(lines)


def _draw(scaling: Scaling, path: Path) -> bool:
    """Draw speed-up and efficiency; False without matplotlib."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Canvas
    except ImportError:
        return False
    figure = Canvas(figsize=(8.0, 3.2), layout="constrained")
    FigureCanvasAgg(figure)
    speed, efficiency = figure.subplots(1, 2)
    n = [p.n_threads for p in scaling.ensemble]
    speed.plot(n, n, ":", color="grey", label="ideal")
    speed.plot(n, [p.speed_up for p in scaling.ensemble], "o-", label="ensemble")
    speed.set(xlabel="threads", ylabel="speed-up", xticks=n, ylim=(0.0, None))
    speed.legend()
    efficiency.plot(n, [100 * p.own_efficiency_frac for p in scaling.ensemble], "o-")
    efficiency.axhline(100 * EFFICIENCY_TARGET, ls=":", color="grey")
    efficiency.set(xlabel="threads", ylabel="efficiency, %", xticks=n, ylim=(0.0, 110.0))
    with whole_file(path) as partial:
        figure.savefig(partial, dpi=120, format="png")
    return True
