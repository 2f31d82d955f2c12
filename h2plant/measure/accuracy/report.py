"""What a comparison of the engines found, as Markdown, as JSON and for the terminal."""

from __future__ import annotations

import datetime
import json
import math
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

import h2plant
from h2plant.config.scenario import Scenario
from h2plant.core.terminal import Terminal
from h2plant.measure.accuracy.comparison import SAMPLED, Comparison, compare
from h2plant.measure.accuracy.deviation import NOISE_FRAC, SCALE_FRAC, TARGET_FRAC
from h2plant.measure.accuracy.stretch import FAST, SLOW
from h2plant.report.progress import ComparisonProgress
from h2plant.results.figures import figures_in
from h2plant.results.folder import ACCURACY_DATA, ACCURACY_REPORT, write_beside
from h2plant.session.machine import this_machine

N_WORST = 10
QUANTITIES = {
    "temperatures": ("K",),
    "pressures": ("Pa",),
    "powers, heat and enthalpy flows": ("W",),
    "mass flows": ("kg/s",),
    "masses, amounts and energies held or counted": ("kg", "mol", "J"),
    "money": ("EUR/s", "EUR", "EUR/J"),
}
"""Name of each group of columns and their units; the rest stands under 'others'."""


class FigureRow(NamedTuple):
    """A key figure by engine, and their difference over its scale."""

    name: str
    label: str
    unit: str
    optimised: float
    baseline: float
    relative: float
    format: str = ",.1f"


class GroupRow(NamedTuple):
    """A group of columns: how many, how many beyond the bar, the worst one's index (-1: none)."""

    name: str
    n_columns: int
    n_beyond: int
    worst: int


def figure_rows(comparison: Comparison) -> list[FigureRow]:
    """Return the key figures of both engines.

    The difference is relative to the baseline's value, and to at least 1 % of the largest value of the same unit:
    what is a small remainder of large figures is as exact as they are.
    """
    fast, slow = comparison.figures[FAST], comparison.figures[SLOW]
    largest: dict[str, float] = {}
    figures = figures_in({"key_figures": slow}, {"key_figures": fast})
    for name, value in slow.items():
        unit = figures[name].unit
        largest[unit] = max(largest.get(unit, 0.0), abs(value or 0.0))
    rows = []
    whole = ""
    for name, declared in figures.items():
        is_part = declared.label.startswith(" ")
        label = f"{whole}: {declared.label.strip()}" if is_part else declared.label
        whole = whole if is_part else declared.label
        a, b = fast.get(name), slow.get(name)
        if a is None and b is None:
            continue
        if a is None or b is None:  # one engine makes hydrogen, the other none
            rows.append(FigureRow(name, label, declared.unit, a or 0.0, b or 0.0, math.inf, declared.format))
            continue
        scale = max(abs(b), SCALE_FRAC * largest[declared.unit])
        relative = 0.0 if a == b else abs(a - b) / scale if scale > 0.0 else math.inf
        rows.append(FigureRow(name, label, declared.unit, a, b, relative, declared.format))
    return rows


def group_rows(comparison: Comparison) -> list[GroupRow]:
    """Return one row per group of columns."""
    units = [column.unit for column in comparison.columns]
    named = {unit for group in QUANTITIES.values() for unit in group}
    groups: list[tuple[str, Sequence[int]]] = [
        (name, [k for k, unit in enumerate(units) if unit in members]) for name, members in QUANTITIES.items()
    ]
    groups.append(("others", [k for k, unit in enumerate(units) if unit not in named]))
    return [_group(comparison, name, members) for name, members in groups if members]


def component_rows(comparison: Comparison, unit: str) -> list[GroupRow]:
    """Return one row per component with columns of a unit, the worst first."""
    members: dict[str, list[int]] = {}
    for k, column in enumerate(comparison.columns):
        if column.unit == unit:
            members.setdefault(column.name.partition(".")[0], []).append(k)
    rows = [_group(comparison, name, columns) for name, columns in members.items()]
    return sorted(rows, key=lambda row: -float(comparison.relative[row.worst]))


def _group(comparison: Comparison, name: str, members: Sequence[int]) -> GroupRow:
    relative = comparison.relative[list(members)]
    return GroupRow(name, len(members), int((relative > TARGET_FRAC).sum()), members[int(relative.argmax())])


def is_met(comparison: Comparison) -> bool:
    """Tell whether all key figures and all columns are within the bar."""
    figures_met = all(row.relative <= TARGET_FRAC for row in figure_rows(comparison))
    return figures_met and bool((comparison.relative <= TARGET_FRAC).all())


def validate_run(console: Console, scenario: Scenario, folder: Path, mode: str, jobs: int | None) -> bool:
    """Compare the engines on the scenario of a run, print the outcome and write the report into the run's folder.

    Parameters
    ----------
    console
        Where the tables go; progress goes to standard error.
    scenario
        What was run.
    folder
        Folder of the run's results.
    mode, jobs
        As for ``compare``.

    Returns
    -------
    bool
        Whether everything is within the bar.
    """
    progress = ComparisonProgress(Terminal(stderr=True), scenario.step_s)
    try:
        with progress:
            found = compare(scenario, mode, jobs=jobs, on_start=progress.start, on_progress=progress.advance)
    except KeyboardInterrupt as stop:
        progress.say("the comparison goes on where it stopped when the same command is given again")
        stop.folder = folder  # type: ignore[attr-defined]
        raise
    command = command_of(scenario, found.mode, jobs)
    write_beside(folder, ACCURACY_REPORT, markdown(found, scenario, command))
    write_beside(folder, ACCURACY_DATA, json.dumps(as_json(found, command), indent=1, allow_nan=False) + "\n")
    found.forget()
    print_outcome(console, found)
    console.print(f"report: {folder / ACCURACY_REPORT}", soft_wrap=True)
    return is_met(found)


def command_of(scenario: Scenario, mode: str, jobs: int | None) -> str:
    """Return the command line that repeats the comparison."""
    words = [scenario.command(), "--validate-accuracy" + ("" if mode == SAMPLED else f"={mode}")]
    return " ".join([*words, *([] if jobs is None else [f"--jobs {jobs}"])])


def print_outcome(console: Console, comparison: Comparison) -> None:
    """Print figures and groups of columns beside the bar."""
    title = f"engines over {_span_text(comparison)}; bar {100.0 * TARGET_FRAC:g} %"
    table = Table(title=title, title_justify="left")
    table.add_column("figure")
    for heading in ("optimised", "baseline", "deviation"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in figure_rows(comparison):
        shown = row.format
        values = f"{row.optimised:{shown}} {row.unit}", f"{row.baseline:{shown}}"
        table.add_row(row.label, *values, _percent(row.relative), _mark(row.relative, rich=True))
    table.add_section()
    for group in group_rows(comparison):
        error = float(comparison.relative[group.worst])
        table.add_row(f"{group.name}: columns", str(group.n_columns), "", _percent(error), _mark(error, rich=True))
    console.print(table)
    verdict = "all within the bar" if is_met(comparison) else "[bold red]beyond the bar[/]"
    console.print(f"accuracy: {verdict}; {_beyond_text(comparison)}")


def as_json(comparison: Comparison, command: str) -> dict[str, Any]:
    """Return the whole outcome as plain data."""
    relative = comparison.relative
    return {
        "format": 1,
        "mode": comparison.mode,
        "jobs": comparison.jobs,
        "command": command,
        "bar_frac": TARGET_FRAC,
        "is_met": is_met(comparison),
        "n_steps": comparison.n_steps,
        "n_steps_of_run": comparison.n_steps_of_run,
        "loop_cpu_s": comparison.cpu_s,
        "versions": _versions(),
        "machine": _machine(),
        "figures": {
            row.name: {"optimized": row.optimised, "baseline": row.baseline, "relative": _finite(row.relative)}
            for row in figure_rows(comparison)
        },
        "groups": {
            row.name: {"n_columns": row.n_columns, "n_beyond": row.n_beyond, **_column_data(comparison, row.worst)}
            for row in group_rows(comparison)
        },
        "worst_columns": [_column_data(comparison, k) for k in relative.argsort()[::-1][:N_WORST].tolist()],
        "worst_relative": _finite(float(relative.max())),
        "n_columns_beyond": int((relative > TARGET_FRAC).sum()),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _column_data(comparison: Comparison, k: int) -> dict[str, Any]:
    return {
        "column": comparison.columns[k].name,
        "unit": comparison.columns[k].unit,
        "relative": _finite(float(comparison.relative[k])),
        "worst": _finite(float(comparison.deviation.worst[k])),
        "n_rows_beyond": int(comparison.deviation.n_beyond[k]),
    }


def markdown(comparison: Comparison, scenario: Scenario, command: str) -> str:
    """Return the report."""
    name = scenario.name.replace("`", "'")  # it stands between such marks
    n_beyond = sum(row.relative > TARGET_FRAC for row in figure_rows(comparison))
    parts = [
        "# Accuracy of the compiled engine against the baseline",
        "",
        f"Scenario `{name}`, plant `{Path(scenario.plant).stem}`, {_span_text(comparison)}.",
        "",
        "| | |",
        "|---|---|",
        f"| bar | {100.0 * TARGET_FRAC:g} % |",
        f"| key figures beyond it | {n_beyond} of {len(figure_rows(comparison))} |",
        f"| logged columns beyond it | {_beyond_text(comparison)} |",
        f"| **verdict** | **{'met' if is_met(comparison) else 'MISSED'}** |",
        "",
        "## Key figures",
        "| figure | unit | optimised | baseline | deviation | |",
        "|---|---|---|---|---|---|",
    ]
    for row in figure_rows(comparison):
        values = f"{row.optimised:,.7g} | {row.baseline:,.7g}"
        parts.append(f"| {row.label} | {row.unit} | {values} | {_percent(row.relative)} | {_mark(row.relative)} |")
    parts += ["", "## Columns of the log, by quantity", *_group_table(comparison, group_rows(comparison), "quantity")]
    for title, unit in (("Temperatures", "K"), ("Pressures", "Pa")):
        rows = component_rows(comparison, unit)
        if rows:
            parts += ["", f"## {title}, by component", *_group_table(comparison, rows, "component")]
    parts += ["", f"## The {N_WORST} worst columns", *_worst_table(comparison, scenario)]
    parts += ["", "## Method", *_method(comparison, scenario)]
    parts += ["", "## Made with", "| | |", "|---|---|"]
    parts += [f"| {name} | {value} |" for name, value in {**_versions(), **_machine()}.items()]
    parts.append(f"| date | {datetime.datetime.now(datetime.UTC):%Y-%m-%d} |")
    parts += ["", "```sh", command, "```", ""]
    return "\n".join(parts)


def _group_table(comparison: Comparison, rows: Sequence[GroupRow], heading: str) -> list[str]:
    lines = [
        f"| {heading} | columns | worst column | largest deviation | of its range | mean deviation | beyond the bar |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        column = comparison.columns[row.worst]
        mean = comparison.deviation.total[row.worst] / comparison.deviation.n_rows
        worst = comparison.deviation.worst[row.worst]
        lines.append(
            f"| {row.name} | {row.n_columns} | `{column.name}` | {worst:.3g} {column.unit} "
            f"| {_percent(float(comparison.relative[row.worst]))} | {mean:.1g} {column.unit} | {row.n_beyond} |"
        )
    return lines


def _worst_table(comparison: Comparison, scenario: Scenario) -> list[str]:
    lines = [
        "| column | of its range | largest deviation | compared with | when | intervals beyond the bar |",
        "|---|---|---|---|---|---|",
    ]
    for k in comparison.relative.argsort()[::-1][:N_WORST].tolist():
        column = comparison.columns[k]
        seconds = int(comparison.deviation.worst_row[k]) * scenario.log_every_s
        when = scenario.start + datetime.timedelta(seconds=seconds)
        lines.append(
            f"| `{column.name}` | {_percent(float(comparison.relative[k]))} "
            f"| {comparison.deviation.worst[k]:.3g} {column.unit} | {comparison.scale[k]:.3g} {column.unit} "
            f"| {when:%Y-%m-%d %H:%M} | {comparison.deviation.n_beyond[k]} of {comparison.deviation.n_rows} |"
        )
    return lines


def _method(comparison: Comparison, scenario: Scenario) -> list[str]:
    n_chains = len(comparison.starts)
    lines = [
        "* Baseline: the kernels as plain Python, each property from CoolProp's reference equations of state. "
        "Optimised: the compiled loop on spline tables. Same plant, same series, same step.",
    ]
    dates = ", ".join(f"{start:%Y-%m-%d}" for start, _ in comparison.starts)
    if comparison.n_steps == comparison.n_steps_of_run and n_chains == 1:
        lines.append("* The whole run: both engines go from its start to its end, each on its own.")
    elif comparison.n_steps == comparison.n_steps_of_run:
        lines.append(
            f"* The whole run in {n_chains} parallel parts, from {dates}. At the start of each part but the first the "
            "baseline takes over the state of the optimised engine; within a part each engine goes on from its own."
        )
    else:
        lines.append(
            f"* {n_chains} days sampled evenly over the run: {dates}. The baseline starts each from the state of the "
            "optimised engine at that midnight. Key figures are sums over these days."
        )
    per_step = {name: comparison.cpu_s[name] / max(1, comparison.n_steps) for name in comparison.cpu_s}
    lines += [
        f"* All {len(comparison.columns)} columns of the log are compared at every log interval "
        f"({scenario.log_every_s:g} s: means over it, states at its end).",
        "* A deviation is relative to the column's range over the run (optimised engine), and to at least "
        f"{100.0 * SCALE_FRAC:g} % of its largest magnitude, so that a column that stands still is compared as well, "
        f"and to at least {NOISE_FRAC:g} of the largest magnitude among the columns of its unit.",
        f"* A key figure's deviation is relative to its value, and to at least {100.0 * SCALE_FRAC:g} % of the largest "
        "key figure of its unit (remainders of large figures).",
        f"* Processor time of the loop per step: optimised {1e6 * per_step[FAST]:.1f} us, baseline "
        f"{1e3 * per_step[SLOW]:.2f} ms, {per_step[SLOW] / max(1e-12, per_step[FAST]):,.0f} times as much.",
    ]
    return lines


def _span_text(comparison: Comparison) -> str:
    n = comparison.n_steps
    whole = f"{comparison.n_steps_of_run:,} steps"
    return f"the whole run of {whole}" if n == comparison.n_steps_of_run else f"{n:,} sampled of {whole}"


def _beyond_text(comparison: Comparison) -> str:
    relative = comparison.relative
    n_beyond = int((relative > TARGET_FRAC).sum())
    return f"{n_beyond} of {relative.size}; largest deviation {_percent(float(relative.max()))}"


def _percent(value: float) -> str:
    return f"{100.0 * value:.2g} %"


def _mark(relative: float, rich: bool = False) -> str:
    if relative <= TARGET_FRAC:
        return "met"
    return "[bold red]MISSED[/]" if rich else "**MISSED**"


def _versions() -> dict[str, str]:
    packages = {name: metadata.version(name) for name in ("numpy", "numba", "CoolProp")}
    return {"h2plant": h2plant.__version__, "Python": platform.python_version(), **packages}


def _machine() -> dict[str, str]:
    machine = this_machine()
    return {"processor": machine.cpu, "cores": str(machine.n_cores), "system": platform.system()}
