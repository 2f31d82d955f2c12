"""The scaling report: tables and reasons as Markdown, with a plot of speed-up and efficiency."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from h2plant.core.whole_file import whole_file
from h2plant.measure.bench.machine import describe
from h2plant.measure.bench.scaling import EFFICIENCY_BAR, Scaling
from h2plant.measure.bench.tables import markdown_rows
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


def split_rows(scaling: Scaling) -> list[list[str]]:
    """Return one row of text per count of threads that share one plant."""
    one = scaling.one_plant
    rows = [["1", f"{one.loop_step_us:.2f}", "1.00", "100 %", "1.00", "0"]]
    for p in one.points:
        measured = (
            [f"{p.step_us:.2f}", f"{p.speed_up:.2f}", f"{100 * p.speed_up / p.n_threads:.0f} %"]
            if p.is_measured
            else [_not_measured(scaling), "", ""]
        )
        rows.append([str(p.n_threads), *measured, f"{p.bound_speed_up:.2f}", str(p.n_handed)])
    return rows


def _not_measured(scaling: Scaling) -> str:
    return f"not measured: this machine has {scaling.n_cores} {'core' if scaling.n_cores == 1 else 'cores'}"


ENSEMBLE_HEADING = [
    "threads and plants", "wall, s", "without waiting for a core, s", "processor time of a plant, s",
    "speed-up", "efficiency", "efficiency by the wall",
]  # fmt: skip
SPLIT_HEADING = ["threads", "step, us", "speed-up", "efficiency", "at most", "waits in a step"]


def report_text(scaling: Scaling, picture: str | None) -> str:
    """Return the report as Markdown, with a picture's file name or a plot in characters."""
    one = scaling.one_plant
    verdict = "met" if scaling.is_met else "MISSED"
    efficiency, bar = f"{100 * scaling.worst_efficiency_frac:.0f} %", f"{100 * EFFICIENCY_BAR:.0f} %"
    plot = f"![speed-up and efficiency]({picture})" if picture else f"```text\n{text_plot(scaling)}\n```"
    best = max((p.speed_up for p in one.points if p.is_measured), default=float("nan"))
    bound = max((p.bound_speed_up for p in one.points), default=1.0)
    if any(p.is_measured for p in one.points):
        told = (
            f"Measured, the best split is {best:.2f} times as fast as the loop on one thread. "
            f"Two threads need {one.meeting_ns:.0f} ns to meet once; meeting after each of the {one.n_levels} levels "
            f"would take {one.n_levels * one.meeting_ns * 1e-3:.1f} us of a step of {one.loop_step_us:.1f} us."
        )
    else:
        told = "Splitting was not measured: it takes two cores."
    return f"""# Scaling

`h2plant bench scaling`, {datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {describe()}.
{scaling.scenario}: {scaling.n_components} components x {scaling.n_steps:,} steps of {scaling.hours:g} h;
medians of {scaling.n_rounds} rounds that take all counts of threads in turn.

## Ensemble: as many plants as threads
{markdown_rows(ENSEMBLE_HEADING, ensemble_rows(scaling))}
Efficiency is the time of one plant on one thread over that of n on n threads; bar {bar}: {efficiency}, {verdict}.
It is taken from the time without waiting for a core: what other programs on the machine took of it is not this
program's; the last column has it in, and on an idle machine both are the same.
Python's global lock is held for {100 * scaling.lock_frac:.2f} % of a run (buffers handed on, calls entered).

{plot}

## One plant split over threads
{markdown_rows(SPLIT_HEADING, split_rows(scaling))}
Times of a step are the least of several goes of each step. States and totals are bit for bit those of the one loop.
"At most" holds for threads that see at once what others write.

Why one plant does not scale: of a step of {one.loop_step_us:.1f} us, components that wait for each other in a row take
{one.critical_path_us:.1f} us ({one.n_levels} levels), and series, stores and the log {one.alone_us:.1f} us:
however many threads there are, {bound:.1f} times is the end. {told}
So one plant runs on one thread, and threads run plants.
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
    measured = [p for p in scaling.one_plant.points if p.is_measured]
    split_n: Sequence[int] = [1, *(p.n_threads for p in measured)]
    split: Sequence[float] = [1.0, *(p.speed_up for p in measured)]
    speed.plot(n, n, ":", color="grey", label="ideal")
    speed.plot(n, [p.speed_up for p in scaling.ensemble], "o-", label="ensemble")
    speed.plot(split_n, split, "s--", label="one plant")
    speed.set(xlabel="threads", ylabel="speed-up", xticks=n, ylim=(0.0, None))
    speed.legend()
    efficiency.plot(n, [100 * p.own_efficiency_frac for p in scaling.ensemble], "o-")
    efficiency.plot(split_n, [100 * s / k for s, k in zip(split, split_n, strict=True)], "s--")
    efficiency.axhline(100 * EFFICIENCY_BAR, ls=":", color="grey")
    efficiency.set(xlabel="threads", ylabel="efficiency, %", xticks=n, ylim=(0.0, 110.0))
    with whole_file(path) as partial:
        figure.savefig(partial, dpi=120, format="png")
    return True
