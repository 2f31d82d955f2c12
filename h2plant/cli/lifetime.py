"""The part of `h2plant run` that runs the years of a plant's life."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from h2plant.cli.arguments import exit_if_not_valid

if TYPE_CHECKING:
    from rich.console import Console

    from h2plant.config.scenario import Scenario

_SHOWN = (
    ("year", "year", "d"),
    ("input", "start", ".4"),
    ("hydrogen, kg", "hydrogen_made_kg", ",.0f"),
    ("kWh/kg", "specific_energy_kwh_per_kg", ".2f"),
    ("starts", "starts_{}", ".0f"),
    ("replaced", "replacements_{}", "d"),
    ("wear", "wear_{}_frac", ".2f"),
)
"""Columns of the table: heading, what is shown (of each technology in turn), format."""


def parsed_years(text: str | None) -> list[int]:
    """Return the calendar years of a list such as ``2019,2020``; a bad one is a BadParameter."""
    if text is None:
        return []
    if not re.fullmatch(r"\s*\d{4}(\s*,\s*\d{4})*\s*", text):
        raise typer.BadParameter(f"{text!r}: give calendar years such as 2021,2022,2023", param_hint="--input-years")
    return [int(word) for word in text.split(",")]


def run_years(
    scenario: Scenario,
    n_years: int,
    input_years: list[int],
    out: Path | None,
    as_json: bool,
    quiet: bool,
    with_report: bool = False,
    audit_steps: int | None = None,
    checkpoint_every_s: float | None = None,
) -> None:
    """Run the years of a life, print their table, and write their page if it is asked for."""
    from h2plant.core.terminal import Terminal
    from h2plant.report.progress import RunProgress
    from h2plant.session.years import execute_years, input_spans

    kept: dict[str, Any] = {} if audit_steps is None else {"audit_steps": audit_steps}
    kept["checkpoint_every_s"] = checkpoint_every_s
    if as_json or quiet:
        folder = execute_years(scenario, n_years, input_years, out, **kept)
    else:
        console = Terminal(stderr=True)
        spans = input_spans(scenario, input_years)
        hours = sum(spans[k % len(spans)].hours for k in range(n_years))
        with RunProgress(console, scenario.start, hours, scenario.step_s) as progress:
            folder = execute_years(scenario, n_years, input_years, out, progress.update, progress.ready, **kept)
    tell_life(folder, as_json, quiet, with_report)


def tell_life(folder: Path, as_json: bool, quiet: bool, with_report: bool = False) -> None:
    """Print what the years of a life came to, and write their page if it is asked for."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    if as_json:
        typer.echo(json.dumps({**summary, "folder": str(folder)}, indent=1))
    elif quiet:
        typer.echo(str(folder))
    else:
        _print(summary)
        typer.echo(f"results: {folder}")
    if with_report:
        from h2plant.cli.report import make_life_report

        page = make_life_report(folder)
        if not (as_json or quiet):
            typer.echo(f"report: {page}")
    exit_if_not_valid(summary, as_json or quiet)


def _print(summary: dict[str, Any]) -> None:
    from rich.table import Table

    from h2plant.core.terminal import Terminal
    from h2plant.report.console import print_hydrogen_cost, print_notes, print_warnings
    from h2plant.results.figures import figures_in

    console = Terminal()
    print_warnings(console, summary)
    rows = summary["years"]
    replaced = (re.fullmatch("replacements_(.*)", name) for name in (rows[0] if rows else ()))
    keys = [found[1] for found in replaced if found] or [""]
    of = f"; {', '.join(key.upper() for key in keys)}" if any(keys) else ""
    table = Table(title=f"{summary['scenario']}: {len(rows)} years{of}", title_justify="left")
    shown = [
        (heading, names, form)
        for heading, column, form in _SHOWN
        if (names := [n for n in dict.fromkeys(column.format(key) for key in keys) if any(n in row for row in rows)])
    ]
    for heading, _, _ in shown:
        table.add_column(heading, justify="right")
    for row in rows:
        cells = ([row[name] for name in names if row.get(name) is not None] for _, names, _ in shown)
        forms = (form for _, _, form in shown)
        table.add_row(*(", ".join(format(v, form) for v in cell) for cell, form in zip(cells, forms, strict=True)))
    console.print(table)
    figures = Table(title="all years", title_justify="left")
    for heading, justify in (("figure", "left"), ("value", "right"), ("unit", "left")):
        figures.add_column(heading, justify=justify)  # type: ignore[arg-type]
    known = figures_in(summary)
    for name, value in summary["key_figures"].items():
        if name in known:
            declared = known[name]
            none = "not valid" if summary["economics"].get("not_valid") else "none", declared.unit
            figures.add_row(declared.label, *(none if value is None else declared.texts(value)))
        elif name.startswith("replacements"):
            figures.add_row(f"replacements, {name.rpartition('_')[2].upper()}", f"{value:,.0f}", "")
    console.print(figures)
    _print_weather(console, summary)
    print_hydrogen_cost(console, summary["economics"])
    print_notes(console, summary)


def _print_weather(console: Console, summary: dict[str, Any]) -> None:
    """Print P50, P90, mean and its error over the years of weather that were taken in turn."""
    from rich.table import Table

    from h2plant.results.figures import figure_of
    from h2plant.results.weather_years import HEADINGS, rows_of

    found = summary.get("weather_years") or {}
    rows = rows_of(found)
    if not rows:
        return
    table = Table(title=f"{found['n_years']} years of weather, each for itself", title_justify="left")
    table.add_column("figure")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    table.add_column("unit")
    for id_, values in rows:
        declared = figure_of(id_)
        assert declared is not None, id_
        table.add_row(declared.label.strip(), *(format(v, declared.format) for v in values), declared.unit)
    console.print(table)
    for text in (found["note"], *(f"none of {name}: {why}" for name, why in found["reasons"].items())):
        if text:
            console.print(text, markup=False)
