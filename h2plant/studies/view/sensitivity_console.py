"""A sensitivity study on the terminal: its indices as tables, and its tornado drawn in characters."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from h2plant.studies.sensitivity.indices import Index, Influence
from h2plant.studies.study.run import StudyRun
from h2plant.studies.view.console import number, print_failures

_WIDTH = 32
TITLES = {
    "tornado": "one parameter at a time",
    "morris": "Morris: mean absolute effect of the whole span, its mean, its spread",
    "sobol": "Sobol: share of the variance, alone (S1) and with all that it interacts in (ST)",
}


def print_sensitivity(console: Console, run: StudyRun, found: Sequence[Influence]) -> None:
    """Print what a sensitivity study gave: for each output the tables of all methods, then failures."""
    for output in dict.fromkeys(one.output for one in found):
        unit = run.units.get(output, "")
        console.print(f"\n[bold]{escape(output)}[/]" + (f", {unit}" if unit and unit != "1" else ""))
        for one in (o for o in found if o.output == output):
            _print_one(console, one)
    if run.failed:
        console.print(f"[bold red]{len(run.failed)} of {len(run.outcomes)} scenarios failed[/]")
    print_failures(console, run)


def _print_one(console: Console, one: Influence) -> None:
    if one.reason:
        console.print(f"{one.method.kind}: no indices: {one.reason}", markup=False)
        return
    table = Table(title=TITLES[one.method.kind], title_justify="left")
    table.add_column("parameter", overflow="fold")
    if one.bars:
        _fill_tornado(table, one)
    else:
        _fill_indices(table, one)
    console.print(table)
    if one.note:
        console.print(f"[bold yellow]{one.note}[/]")


def _fill_tornado(table: Table, one: Influence) -> None:
    for heading in (f"at {one.method.low:g}", "middle", f"at {one.method.high:g}"):
        table.add_column(heading, justify="right")
    table.add_column("", no_wrap=True)
    ends = [v for bar in one.bars for v in (bar.low, bar.high) if math.isfinite(v)] + [one.base]
    low, high = min(ends), max(ends)
    for bar in one.bars:
        drawn = _drawn(bar.low, bar.high, one.base, low, high)
        table.add_row(escape(bar.parameter), number(bar.low), number(one.base), number(bar.high), drawn)


def _drawn(at_low: float, at_high: float, base: float, low: float, high: float) -> str:
    """Return a bar in characters: '-' towards the low share of the parameter, '=' towards the high one."""
    if high <= low:
        return ""

    def place(value: float) -> int:
        return round((value - low) / (high - low) * _WIDTH)

    cells = [" "] * (_WIDTH + 1)
    for value, sign in ((at_low, "-"), (at_high, "=")):
        if math.isfinite(value):
            first, last = sorted((place(base), place(value)))
            for k in range(first, last + 1):
                cells[k] = sign
    cells[place(base)] = "|"
    return "".join(cells)


def _fill_indices(table: Table, one: Influence) -> None:
    names = list(dict.fromkeys(i.name for i in one.indices if not i.other))
    confidence = f"± ({one.method.confidence_frac:.0%})"
    for name in names:
        table.add_column(name, justify="right")
        if any(math.isfinite(i.half_width) for i in one.named(name)):
            table.add_column(confidence, justify="right")
    of = {name: {i.parameter: i for i in one.named(name)} for name in names}
    for parameter in ordered(one):
        cells = [cell for name in names for cell in _cells(of[name][parameter])]
        table.add_row(escape(parameter), *cells)
    pairs = sorted(one.named("S2"), key=lambda i: -i.value)
    if pairs:
        table.add_section()
        for i in pairs:
            table.add_row(escape(f"{i.parameter} with {i.other}, S2"), *_cells(i), *[""] * (2 * len(names) - 2))


def ordered(one: Influence) -> list[str]:
    """Return the parameters of indices, the one of most influence first."""
    key = "ST" if one.method.kind == "sobol" else "mu_star"
    return [i.parameter for i in sorted(one.named(key), key=lambda i: -i.value)]


def _cells(index: Index) -> list[str]:
    if index.name in ("S1", "ST", "S2"):
        return [f"{index.value:.3f}", f"{index.half_width:.3f}"]
    if math.isfinite(index.half_width):
        return [number(index.value), number(index.half_width)]
    return [number(index.value)]
