"""The command that shows the cost figures."""

from __future__ import annotations

import math
from typing import Annotated

import typer


def costs(
    kind: Annotated[str | None, typer.Argument(help="a kind; without it: all that cost anything")] = None,
) -> None:
    """Show what components cost before a plant says otherwise: size, price, exponent, life, upkeep, range, source.

    For example:

        h2plant costs

        h2plant costs pem_stack
    """
    from rich.table import Table

    from h2plant.components import KINDS
    from h2plant.core.terminal import Terminal
    from h2plant.plant.finding import Finding, PlantError, nearest

    costs_of = {one.name: one.costs for one in KINDS}
    if kind is not None and not costs_of.get(kind):
        if kind in costs_of:
            typer.echo(f"{kind} has no capital of its own")
            return
        raise PlantError([Finding("unknown-kind", "costs", f"there is no kind '{kind}'", nearest(kind, costs_of))])
    table = Table(
        title="cost figures: cost = reference (size / reference size)^exponent, SI units", title_justify="left"
    )
    for heading in ("kind: part", "size", "reference", "exponent", "life", "upkeep", "range", "source"):
        table.add_column(heading, overflow="fold")
    for name, figures in sorted(costs_of.items()):
        for f in figures or () if kind in (None, name) else ():
            installed = "" if f.installation_ratio == 1.0 else f", installed x {f.installation_ratio:g}"
            life = f"{f.life_years:g} years" + ("" if math.isinf(f.life_h) else f", {f.life_h:g} h")
            table.add_row(
                f"{name}: {f.part}",
                " x ".join(f.size_parameters) or "-",
                f"{f.reference_cost:,.0f} {f.currency} {f.price_year} at {f.reference_size:,.4g}{installed}",
                f"{f.exponent:g}",
                life,
                f"{f.fixed_cost_frac:.3f} per year",
                f"x {f.low_ratio:g} to {f.high_ratio:g}",
                f.source,
            )
    Terminal().print(table)
