"""Figures as tables: for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from h2plant.measure.bench.figures import Figure


def figure_table(title: str, figures: Sequence[Figure], is_judged: bool = True) -> Table:
    """Return figures beside their bars; not judged: without saying whether they are met."""
    table = Table("figure", "measured", "bar", "unit", "", title=title, title_justify="left")
    for f in figures:
        mark = "" if f.bar is None or not is_judged else ("met" if f.is_met else "[bold red]MISSED[/]")
        table.add_row(escape(f.name), f"{f.measured:,.4g}", _bar(f), f.unit, mark)
    return table


def markdown_table(figures: Sequence[Figure]) -> str:
    """Return figures as a Markdown table."""
    rows = [[f.name, f"{f.measured:,.4g}", _bar(f), f.unit] for f in figures]
    return markdown_rows(["figure", "measured", "bar", "unit"], rows)


def markdown_rows(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text as a Markdown table."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _bar(figure: Figure) -> str:
    return "" if figure.bar is None else f"{figure.sign} {figure.bar:g}"
