"""The command that shows the cost figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from h2plant.core.declare import Field

_WIDE = 140
"""Width of a terminal from which each property has a column of its own."""


def costs(
    kind: Annotated[str | None, typer.Argument(help="a kind; without it: all that cost anything")] = None,
    plant: Annotated[str | None, typer.Option(help="a plant file, with the kinds that it brings")] = None,
) -> None:
    """Show what components cost before a plant says otherwise: size, price, exponent, life, upkeep, range, source.

    Below: the parameters that decide how soon stacks are renewed, with the range published for them.

    For example:

        h2plant costs

        h2plant costs pem_stack

        h2plant costs my_stack --plant my_plant.yaml
    """
    from rich.table import Table

    from h2plant.components.registry import Kinds
    from h2plant.config.load import read_kinds
    from h2plant.core.terminal import Terminal
    from h2plant.plant.finding import Finding, PlantError, nearest

    known = Kinds() if plant is None else read_kinds(plant)
    costs_of = {name: one.costs for name, one in known.items()}
    if kind is not None and not costs_of.get(kind):
        if kind in costs_of:
            typer.echo(f"{kind} has no capital of its own")
            return
        remedy = f"{nearest(kind, costs_of)} (for a kind of your own add '--plant my_plant.yaml')"
        raise PlantError([Finding("unknown-kind", "costs", f"there is no kind '{kind}'", remedy)])
    table = Table(
        title="cost figures: cost = reference (size / reference size)^exponent, SI units", title_justify="left"
    )
    headings = ("kind: part", "size", "reference", "exponent", "life", "upkeep", "range", "source")
    console = Terminal()
    is_wide = console.width >= _WIDE
    for heading in headings if is_wide else (headings[0], "cost, life, upkeep, range, source"):
        table.add_column(heading, overflow="fold")
    for name, figures in sorted(costs_of.items()):
        for f in figures or () if kind in (None, name) else ():
            installed = "" if f.installation_ratio == 1.0 else f", installed x {f.installation_ratio:g}"
            life = f"{f.life_years:g} years" + ("" if math.isinf(f.life_h) else f", {f.life_h:g} h")
            cells = (
                f"{name}: {f.part}",
                " x ".join(f.size_parameters) or "-",
                f"{f.reference_cost:,.0f} {f.currency} {f.price_year} at {f.reference_size:,.4g}{installed}",
                f"{f.exponent:g}",
                life,
                f"{f.fixed_cost_frac:.3f} per year",
                f"x {f.low_ratio:g} to {f.high_ratio:g}",
                f.source,
            )
            if is_wide:
                table.add_row(*cells)
                continue
            part, size, reference, exponent, *others, source = cells
            size = "" if size == "-" else f", size: {size}, exponent {exponent}"
            table.add_row(part, f"{reference}{size}\n  {', '.join(others)}\n  {source}")
    console.print(table)
    ranges = [
        (name, field)
        for name, one in sorted(known.items())
        if kind in (None, name)
        for field in one.parameters
        if field.published is not None
    ]
    if ranges:
        console.print(_published(ranges))


def _published(ranges: list[tuple[str, Field]]) -> Table:
    """Return a table of the parameters that decide what is renewed and when, with the range that is published."""
    from rich.table import Table

    table = Table(title="parameters behind cost, with the range published for them, SI units", title_justify="left")
    for heading in ("kind: parameter", "default", "published", "source"):
        table.add_column(heading, overflow="fold")
    for name, field in ranges:
        assert field.published is not None and field.default is not None
        low, high, source = field.published
        table.add_row(f"{name}: {field.name}", f"{field.default:.3g} {field.unit}", f"{low:.3g} to {high:.3g}", source)
    return table
