"""A study on the terminal: progress with the time left, and the tables of its results."""

from __future__ import annotations

import math

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from h2plant.core.terminal import hanging
from h2plant.economics.span import RETURNS, why_left_out
from h2plant.report.progress import ProgressBar, compiling
from h2plant.simulation.warm_up import missing_kernels
from h2plant.studies.study import run as runs
from h2plant.studies.study.prepared import PreparedStudy
from h2plant.studies.study.run import StudyRun
from h2plant.studies.study.statistics import Columns, columns_of, quantiles, rank_correlation

_QUIET_S = 10.0
"""Least time between two plain lines."""
SURE_STEP_S = 60
"""Longest step of which a study says nothing: what longer ones hide is in docs/performance.md."""
_MOST_FAILURES = 5


class StudyProgress(ProgressBar):
    """Shows how far a study is; its ``ready`` and ``update`` go to the run."""

    def __init__(self, console: Console) -> None:
        super().__init__(console, "loading", is_estimated=False)
        self._plant_years = 0.0

    def ready(self, prepared: PreparedStudy) -> None:
        """Tell that the plant is lowered; the first run of a version compiles now."""
        self._plant_years = prepared.plant_years
        for note in prepared.notes:
            self._console.print(hanging("note: ", note, width=self._console.width), markup=False, soft_wrap=True)
        n_missing = len({kernel for each in prepared.plant_variants for kernel in missing_kernels(each.program)})
        if n_missing:
            self.show(description=compiling(n_missing))
            self.print_without_terminal(compiling(n_missing))

    def update(self, now: runs.Progress) -> None:
        """Show how many scenarios are done."""
        if now.elapsed_s == 0.0:
            n_left = now.n_scenarios - now.n_before
            text = f"{now.n_scenarios} scenarios"
            if now.n_before:
                text += f", {now.n_before} of them done before"
            if n_left:
                text += f"; {now.n_runs} runs of the plant for {n_left} scenarios"
            self._console.print(text)
        failed = f", {now.n_failed} failed" if now.n_failed else ""
        done = f"{now.n_done} of {now.n_scenarios}{failed}"
        left = "" if now.left_s is None else f"{duration(now.left_s)} left"
        self.show(total=now.n_scenarios, completed=now.n_done, description=done, beside=left)
        if now.elapsed_s > 0.0:
            pace = (now.n_done - now.n_before) / now.elapsed_s
            self.print_without_terminal(f"{done}, {pace:.3g} scenarios/s, {left}", _QUIET_S)


def duration(seconds: float) -> str:
    """Return a time as people say it: ``40 s``, ``12 min``, ``3 h 20 min``."""
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60.0)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"


def print_study(console: Console, run: StudyRun) -> None:
    """Print what a study gave: spread of the outputs, best and worst scenario, rank correlations, failures."""
    columns = columns_of(run)
    title = f"{run.study.name}: {len(run.outcomes)} scenarios"
    if columns.numbers:
        _print_spread(console, run, columns, title)
        _print_left_out(console, run, columns)
        _print_ends(console, run, columns)
        _print_correlations(console, columns)
    print_failures(console, run)


def _print_spread(console: Console, run: StudyRun, columns: Columns, title: str) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column("output", overflow="fold")
    for heading in ("least", "5 %", "median", "95 %", "greatest"):
        table.add_column(heading, justify="right")
    table.add_column("unit")
    for name, values in columns.outputs.items():
        table.add_row(escape(name), *(number(v) for v in quantiles(values)), run.units.get(name, ""))
    console.print(table)


def _print_left_out(console: Console, run: StudyRun, columns: Columns) -> None:
    """Print of which outputs some scenarios have no value because their run cannot tell a return, and why."""
    why = why_left_out(run.study.scenario.hours)
    for output in run.study.outputs:
        n = sum(not math.isfinite(v) for v in columns.outputs.get(output.name, ()))
        if n and output.of.removeprefix("economics.") in RETURNS:
            console.print(f"no {output.name} in {n} of {len(columns.numbers)} scenarios: {why}", markup=False)


def _print_ends(console: Console, run: StudyRun, columns: Columns) -> None:
    for name, values in list(columns.outputs.items())[:1]:
        if not any(math.isfinite(v) for v in values):
            continue
        order = sorted((k for k in range(len(values)) if math.isfinite(values[k])), key=lambda k: float(values[k]))
        for what, k in (("least", order[0]), ("greatest", order[-1])):
            point = run.points[columns.numbers[k] - 1]
            text = f"{what} {name}: {number(float(values[k]))} in scenario {point.number} ({point.shown()})"
            console.print(text, markup=False)
        if (step_s := run.study.scenario.step_s) > SURE_STEP_S:
            text = f"in steps of {step_s} s, for a first look: run what you choose again in steps of {SURE_STEP_S} s"
            console.print(text, markup=False)


def _print_correlations(console: Console, columns: Columns) -> None:
    found = {name: columns.numeric(name) for name in columns.free}
    numeric = {name: values for name, values in found.items() if values is not None}
    if len(columns.numbers) < 3 or not numeric:
        return
    table = Table(title="rank correlations (Spearman)", title_justify="left")
    table.add_column("output", overflow="fold")
    for name in numeric:
        table.add_column(escape(name), justify="right", overflow="fold")
    for output, values in columns.outputs.items():
        cells = [rank_correlation(x, values) for x in numeric.values()]
        table.add_row(escape(output), *("-" if math.isnan(c) else f"{c:+.2f}" for c in cells))
    console.print(table)


def print_failures(console: Console, run: StudyRun, what: str = "scenario") -> None:
    """Print how many scenarios are left out because their answer does not hold, and which failed; why the first."""
    if run.not_valid_warning:
        console.print(f"[bold red]{escape(run.not_valid_warning)}[/]")
    shown = {point.number: point.shown() for point in run.points}
    for outcome in run.failed[:_MOST_FAILURES]:
        failed = f"[bold red]{what} {outcome.number} failed[/] ({escape(shown[outcome.number])})"
        console.print(f"{failed}: {escape(outcome.reason)}")
    if len(run.failed) > _MOST_FAILURES:
        more = len(run.failed) - _MOST_FAILURES
        console.print(f"{more} more failed: see the column 'reason' in results.csv", markup=False)


def number(value: float) -> str:
    """Return a figure with four digits, without exponents where it can be helped."""
    if math.isnan(value):
        return "-"
    if value == 0.0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.4g}"
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e12 else f"{value:.3e}"
