"""What was measured, beside what it should be: one type and one table for every check and benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table


class Measured(NamedTuple):
    """A measured figure beside its target.

    Attributes
    ----------
    name, measured, unit
        What it is, its value, and its unit; '1' or 'relative' for none.
    target
        What it should be; None: it is told only.
    sign
        On which side of the target it must be, '<=' or '>='.
    """

    name: str
    measured: float
    unit: str = "relative"
    target: float | None = None
    sign: str = "<="

    @property
    def is_met(self) -> bool:
        """Whether it is what it should be (or nothing says so); not a number never is."""
        if self.target is None:
            return True
        return bool(self.measured <= self.target if self.sign == "<=" else self.measured >= self.target)

    @property
    def target_text(self) -> str:
        """Return the target as tables show it; '' for none."""
        return "" if self.target is None else f"{self.sign} {self.target:g}"


def measured_table(title: str, figures: Sequence[Measured], is_judged: bool = True) -> Table:
    """Return figures beside their targets; not judged: without saying whether they are met."""
    table = Table("figure", "measured", "target", "unit", "", title=title, title_justify="left")
    for f in figures:
        mark = "" if f.target is None or not is_judged else ("met" if f.is_met else "[bold red]MISSED[/]")
        table.add_row(escape(f.name), f"{f.measured:,.4g}", f.target_text, f.unit, mark)
    return table


def print_measured(console: Console, title: str, figures: Sequence[Measured]) -> bool:
    """Print figures beside their targets; returns whether all are met."""
    console.print(measured_table(title, figures))
    return all(f.is_met for f in figures)


def print_verdict(console: Console, is_met: bool) -> bool:
    """Print whether all targets are met, after the tables; returns it."""
    console.print("all targets met" if is_met else "[bold red]some targets missed[/]")
    return is_met


def markdown_rows(heading: Sequence[str], rows: Sequence[Sequence[str]], has_numbers: bool = False) -> str:
    """Return rows of text as a Markdown table; with numbers: all columns but the first are aligned to the right."""
    rule = ["---", *["---:" if has_numbers else "---"] * (len(heading) - 1)]
    lines = [heading, rule, *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
