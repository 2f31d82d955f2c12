"""``h2plant monitor``: trend, table and verdicts of the history."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from h2plant.measure.trend.verdict import Group, Verdict


_WIDE = 110
"""Width of a terminal from which the line of a trend stands beside its quantity, not below it."""
_NARROW_RUNS = 20


class Export(StrEnum):
    """Forms for other programs."""

    prometheus = "prometheus"
    json = "json"


def monitor(
    scenario: Annotated[str | None, typer.Option(help="only this scenario or benchmark")] = None,
    last: Annotated[int, typer.Option(min=1, help="runs in the tables")] = 10,
    thresholds: Annotated[Path | None, typer.Option(help="TOML file with thresholds of your own")] = None,
    page: Annotated[Path | None, typer.Option(help="write a page of HTML to this file as well")] = None,
    export: Annotated[Export | None, typer.Option(help="print for another program, and nothing else")] = None,
) -> None:
    """Show what runs took on this machine, and flag what has become slower, larger or less exact.

    For example:

        h2plant monitor

        h2plant monitor --scenario test_full_year --last 30 --page history.html

        h2plant monitor --export prometheus > h2plant.prom

    Every run and benchmark is recorded in the folder H2PLANT_HOME (default: the user's data folder);
    H2PLANT_HISTORY=off switches that off. Exit codes: 0 nothing flagged; 1 something flagged; 2 something to mend.
    """
    from h2plant.core.terminal import Terminal
    from h2plant.measure.trend import export as exports
    from h2plant.measure.trend.page import write_page
    from h2plant.measure.trend.thresholds import load_thresholds
    from h2plant.measure.trend.verdict import groups
    from h2plant.session.history import read

    limits = load_thresholds(thresholds)
    records = read()
    found = _of_scenario(groups(records, limits), scenario)
    if page is not None:
        write_page(page, found, last)
    if export is not None:
        if export is Export.json:
            typer.echo(exports.as_json(found, last))
        else:
            typer.echo(exports.prometheus(found, len(records)), nl=False)
    else:
        console = Terminal()
        _print(console, found, last, len(records))
        if page is not None:
            console.print(f"wrote {page}", markup=False)
    if any(group.is_flagged for group in found):
        raise typer.Exit(1)


def _of_scenario(found: list[Group], scenario: str | None) -> list[Group]:
    from h2plant.plant.finding import Finding, PlantError, nearest

    if scenario is None:
        return found
    names = [group.latest.scenario for group in found]
    if scenario not in names:
        what = f"the history has no complete run of '{scenario}' on this machine"
        raise PlantError([Finding("unknown-scenario", "--scenario", what, nearest(scenario, names))])
    return [group for group in found if group.latest.scenario == scenario]


def _print(console: Console, found: Sequence[Group], last: int, n_records: int) -> None:
    from h2plant.session.history import history_file

    if not found:
        others = f" ({n_records} records of other machines or of runs that were stopped)" if n_records else ""
        console.print(f"no runs of this machine in {history_file()}{others}", markup=False)
        console.print("`h2plant run test_8hour` makes the first, unless H2PLANT_HISTORY or monitor.toml says off")
        return
    console.print(f"{n_records} records in {history_file()}", markup=False, soft_wrap=True)
    console.print(found[0].latest.machine, markup=False)
    for group in found:
        console.print()
        if any(verdict.state != "not measured" for verdict in group.verdicts):
            console.print(_trend(console, group))
        else:
            console.print(group.title, markup=False)
        console.print(_runs(group, last))
    flagged = [group for group in found if group.is_flagged]
    console.print()
    for group in flagged:
        for verdict in group.verdicts:
            if verdict.is_flagged:
                console.print(f"{group.title}: {_text_of(verdict)}", style="bold red", markup=False)
    if not flagged:
        console.print("nothing flagged")


def _trend(console: Console, group: Group) -> object:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    from h2plant.measure.trend.page import TREND_RUNS, labelled, shown

    is_narrow = console.width < _WIDE
    n_runs = _NARROW_RUNS if is_narrow else TREND_RUNS
    table = Table(title=escape(group.title), title_justify="left", box=SIMPLE_HEAD, padding=(0, 1))
    table.pad_edge, table.collapse_padding = False, True
    table.add_column(f"quantity,\nlast {n_runs} runs" if is_narrow else "quantity", overflow="fold")
    for heading in ("last", "now", "before", "change"):
        table.add_column(heading, justify="right", no_wrap=True)
    if not is_narrow:
        table.add_column(f"last {n_runs} runs", no_wrap=True)
    table.add_column("verdict")
    for v in group.verdicts:
        if v.state == "not measured":
            continue
        trend = [x for r in group.records if (x := getattr(r, v.metric)) is not None][-n_runs:]
        change = "-" if v.change_frac is None else f"{v.change_frac:+.1%}"
        state = f"[bold red]{v.state}[/]" if v.is_flagged else v.state
        values = [shown(x, v.metric) for x in (v.latest, v.recent, v.median)]
        label, line = labelled(v.metric), sparkline(trend, console.options.ascii_only)
        table.add_row(*(f"{label}\n{line}", *values, change) if is_narrow else (label, *values, change, line), state)
    return table


def _runs(group: Group, last: int) -> object:
    from rich.table import Table

    from h2plant.measure.trend.page import shown, utc_time

    columns = {
        "ns_per_component_step": "ns",
        "loop_s": "loop, s",
        "total_s": "in all, s",
        "peak_memory_mb": "MB",
        "lookup_hit_rate_frac": "hit rate",
        "accuracy_error_frac": "error",
        "residual_plant_frac": "residual",
    }
    runs = group.records[-last:]
    kept = {name: head for name, head in columns.items() if any(getattr(r, name) is not None for r in runs)}
    table = Table("end, UTC", title=f"last {len(runs)} of {len(group.records)} runs", title_justify="left")
    for head in kept.values():
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("version")
    for r in reversed(runs):
        table.add_row(utc_time(r), *(shown(getattr(r, name), name) for name in kept), r.h2plant)
    return table


def _text_of(verdict: Verdict) -> str:
    from h2plant.measure.trend.page import shown, with_unit
    from h2plant.measure.trend.thresholds import METRICS

    metric = METRICS[verdict.metric]
    if verdict.state == "beyond limit":
        return f"{metric.label} {shown(verdict.latest, verdict.metric)}, limit {verdict.limit:g}"
    now, before = with_unit(verdict.recent, verdict.metric), shown(verdict.median, verdict.metric)
    spread = shown(verdict.spread, verdict.metric)
    change = f" ({verdict.change_frac:+.1%})" if verdict.change_frac is not None else ""
    return f"{metric.label} {now}, before {before}{change}; spread {spread}"


def sparkline(values: Sequence[float], is_ascii: bool = False) -> str:
    """Return values as bars of text, from the lowest of them to the highest, which is at least a tenth more."""
    bars = "_.-=#" if is_ascii else "▁▂▃▄▅▆▇█"
    low, high = min(values, default=0.0), max(values, default=0.0)
    scale = (len(bars) - 1) / max(high - low, 0.1 * abs(low), 1e-300)
    return "".join(bars[round((value - low) * scale)] for value in values)
