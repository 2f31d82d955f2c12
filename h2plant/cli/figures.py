"""The command that tells what the key figures are."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def figures(
    name: Annotated[str | None, typer.Argument(help="figures whose id has this in it; without it: all")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="print the JSON schema of a run's summary instead")] = False,
) -> None:
    """Show the key figures of a run: id, unit and meaning, as summary.json, --json and studies have them.

    For example:

        h2plant figures

        h2plant figures cost

        h2plant figures --schema > summary.schema.json
    """
    from rich.table import Table

    from h2plant.core.terminal import Terminal
    from h2plant.plant.finding import Finding, PlantError, nearest
    from h2plant.results.figures import FIGURES
    from h2plant.results.schema import summary_schema

    if schema:
        typer.echo(json.dumps(summary_schema(), indent=1))
        return
    shown = [figure for figure in FIGURES.values() if name is None or name in figure.id]
    if not shown:
        remedy = f"{nearest(name or '', FIGURES)} (those of a kind or label of your own: 'figures' in summary.json)"
        raise PlantError([Finding("unknown-figure", "figures", f"there is no figure '{name}'", remedy)])
    table = Table(title="key figures", title_justify="left")
    for heading in ("id", "unit", "meaning"):
        table.add_column(heading, overflow="fold")
    group = shown[0].group
    for figure in shown:
        if figure.group != group:
            table.add_section()
            group = figure.group
        table.add_row(figure.id, figure.unit, f"{figure.label.strip()}: {figure.meaning}")
    Terminal().print(table)
