"""Runs side by side in the terminal: the figures that matter most, those that differ most, and what was put in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from h2plant.core.terminal import hanging
from h2plant.report.page.compare import change_frac, input_rows, run_names, written_rows
from h2plant.report.page.headline import is_of_head
from h2plant.report.page.parts import Cell
from h2plant.report.page.run_data import MissingData, RunData
from h2plant.results import Results
from h2plant.results.figure_form import Figure
from h2plant.results.figures import figures_in
from h2plant.results.warning import warnings_of

MOST_FIGURES = 8
"""How many of the figures beside those that matter most are shown."""
MOST_INPUTS = 8
_MOST_DERIVED = 4
"""How many are shown of what follows from what was written."""
_RUNS_BESIDE = 3
"""How many runs a table has beside the first."""
_LEAST_FRAC = 1e-3


def print_differences(console: Console, folders: Sequence[Path | str]) -> None:
    """Print key figures of runs with the first of them as the measure, and what differs in what was put in.

    Parameters
    ----------
    console
        Where to.
    folders
        Two folders of results or more.
    """
    runs = [RunData(Results(folder)) for folder in folders]
    names = run_names(runs)
    for name, run in zip(names, runs, strict=True):
        for what, why in warnings_of(run.summary):
            console.print(f"[bold red]{escape(name)}: {what}:[/] {escape(why)}")
    figures = [run.summary.get("key_figures") or {} for run in runs]
    shown = chosen_figures(figures)
    if not shown:
        console.print("the runs have no figures")
    for k in range(1, len(runs), _RUNS_BESIDE) if shown else ():
        beside = [0, *range(k, min(k + _RUNS_BESIDE, len(runs)))]
        console.print(_table(shown, [figures[i] for i in beside], [names[i] for i in beside]))
    _print_inputs(console, runs, names)


def chosen_figures(figures: Sequence[Mapping[str, float | None]]) -> list[Figure]:
    """Return the figures that matter most, and those of the others that differ most, in the order of tables."""
    declared = figures_in(*({"key_figures": one} for one in figures))
    values_of = {id: [one.get(id) for one in figures] for id in declared}
    given = {id: values for id, values in values_of.items() if any(value is not None for value in values)}
    others = {
        id: largest for id, values in given.items()
        if not is_of_head(declared[id]) and (largest := _largest_change(values)) > _LEAST_FRAC
    }  # fmt: skip
    most = sorted(others, key=lambda id: others[id], reverse=True)[:MOST_FIGURES]
    found: dict[str, Figure] = {}
    parent = ""
    for id in given:
        is_part = declared[id].label.startswith(" ")
        parent = parent if is_part else id
        if is_of_head(declared[id]) or id in most:
            found |= {one: declared[one] for one in ((parent, id) if is_part and parent else (id,))}
    return list(found.values())


def _share(first: float | None, value: float | None) -> float | None:
    """Return a difference as a share of the size of the first value; None where there is none to tell."""
    if first is None or value is None or not (math.isfinite(first) and math.isfinite(value)):
        return None
    return (value - first) / abs(first) if first else (0.0 if value == first else None)


def _largest_change(values: Sequence[float | None]) -> float:
    changes = [_share(values[0], value) for value in values[1:]]
    return max((abs(change) for change in changes if change is not None), default=0.0)


def _table(shown: Sequence[Figure], figures: Sequence[Mapping[str, float | None]], names: Sequence[str]) -> Table:
    """Return a table of runs side by side; of two also how far the second is off."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, collapse_padding=True)
    table.add_column("figure", overflow="fold")
    table.add_column("unit")
    for name in names:
        table.add_column(escape(name), justify="right", overflow="fold")
    if len(names) == 2:
        table.add_column("differs", justify="right", no_wrap=True)
    for figure in shown:
        values = [one.get(figure.id) for one in figures]
        cells = [_value_text(figure, value) for value in values]
        if len(values) == 2:
            cells.append(difference_text(figure, *values))
        table.add_row(figure.label, figure.texts(0.0)[1], *cells)
    return table


def difference_text(figure: Figure, first: float | None, value: float | None) -> str:
    """Return how far a figure is off: as a share of the first, in points of per cent, or in its unit."""
    if first is None or value is None or not (math.isfinite(first) and math.isfinite(value)):
        return "-"
    text, unit = figure.texts(value - first)
    if unit != "%" and (change := change_frac(figure, first, value)) is not None:
        return _signed(f"{100.0 * change:z,.1f}", "%")
    return _signed(text, " points" if unit == "%" else f" {unit}" if unit else "")


def _signed(number: str, unit: str) -> str:
    is_zero = not any(digit in number for digit in "123456789")
    return "0" if is_zero else f"{'' if number.startswith('-') else '+'}{number}{unit}"


def _value_text(figure: Figure, value: float | None) -> str:
    return "-" if value is None else figure.texts(value)[0]


def _print_inputs(console: Console, runs: Sequence[RunData], names: Sequence[str]) -> None:
    try:
        written, others = written_rows(runs), input_rows(runs)
    except MissingData as error:
        console.print(f"what was put in: {error}", markup=False)
        return
    if not written and not others:
        console.print("what was put in is the same: plant, series, scenario")
        return
    if written:
        console.print(f"what was put in differs in {_places(written)} ({', '.join(names)}):", markup=False)
        _print_rows(console, written, MOST_INPUTS)
    if others:
        what = "what follows from it differs" if written else f"what was put in differs ({', '.join(names)})"
        console.print(f"{what} in {_places(others)} (SI units):", markup=False)
        _print_rows(console, others, _MOST_DERIVED if written else MOST_INPUTS)


def _places(rows: Sequence[object]) -> str:
    return f"{len(rows)} place{'s' * (len(rows) > 1)}"


def _print_rows(console: Console, rows: Sequence[Sequence[Cell]], most: int) -> None:
    for what, *values in rows[:most]:
        text = "; ".join(value.text for value in values)
        console.print(hanging(f"  {what.text}: ", text, "    ", console.width), markup=False, soft_wrap=True)
    if len(rows) > most:
        console.print(f"  and {len(rows) - most} more, on the page")


__all__ = ["chosen_figures", "difference_text", "print_differences"]
