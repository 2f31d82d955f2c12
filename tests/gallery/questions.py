"""Ten questions that whoever reads the summary of ``pem_wind`` answers from it alone, at 80 columns.

Each answer is found as a reader finds it, by the words beside it, and held to what ``summary.json`` says within 5 %.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from rich.console import Console

from h2plant.report.console import print_summary

TOLERANCE_FRAC = 0.05


def printed(summary: dict[str, Any]) -> str:
    """Return the summary as a terminal of 80 columns shows it."""
    console = Console(width=80, file=io.StringIO(), record=True)
    print_summary(console, summary)
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= 80
    return text


def _cell(text: str, label: str, column: int = 0) -> float:
    """Return the number in the row that begins with a label, in one of the columns after it."""
    found = [line for line in text.splitlines() if line.startswith("│") and line[1:].strip().startswith(label)]
    assert len(found) == 1, f"{label}: {found}"
    shown = found[0].split("│")[2 + column].strip()
    return math.nan if shown == "none" else float(shown.replace(",", ""))  # a short run has no value of a project


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _share(text: str, label: str) -> float:
    (line,) = (line for line in text.splitlines() if label in line)
    assert line.split("│")[3].strip() == "%", line
    return _cell(text, label) / 100.0


def _after(text: str, words: str) -> float:
    """Return the number after words that may go over the end of a line; 0 where they do not stand."""
    found = re.search(re.escape(words).replace(r"\ ", r"\s+") + r"\s+([\d,.]+)", text)
    return float(found[1].replace(",", "")) if found else 0.0


def _largest(text: str) -> list[tuple[str, float]]:
    """Return the two largest kinds of cost, each per kg sold."""
    rows = text.partition("by kind of cost")[2].splitlines()[2:4]
    return [(cells[1].strip(), float(cells[3])) for cells in (row.split("│") for row in rows)]


Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """A question, how its answers are found in the printed summary, and what they must be by the figures."""

    text: str
    found: Callable[[str], tuple[float, ...]]
    expected: Callable[[Figures], tuple[float, ...]]


QUESTIONS = (
    Question(
        "What does a kilogram sold cost, levelised? And a kilogram made?",
        lambda t: (
            _cell(t, "cost of hydrogen (levelised, per kg sold)"),
            _cell(t, "cost of hydrogen (levelised, per kg made)"),
        ),
        lambda f: (f["hydrogen_cost_sold_eur_per_kg"], f["hydrogen_cost_eur_per_kg"]),
    ),
    Question(
        "What is the project worth at the price assumed, and at which price per kg sold does it break even after tax?",
        lambda t: (_cell(t, "net present value"), _cell(t, "break-even price, after tax (per kg sold)")),
        lambda f: (_or_nan(f["net_present_value_eur"]), f["hydrogen_cost_after_tax_sold_eur_per_kg"]),
    ),
    Question(
        "Which share of the electricity used was bought from the grid?",
        lambda t: (_share(t, "as a share of electricity used"),),
        lambda f: (f["import_mwh"] / f["electricity_used_mwh"],),
    ),
    Question(
        "For how many hours was less hydrogen given than asked for?",
        lambda t: (_after(t, "hours short, in all but little, or made up for later: hydrogen"),),
        lambda f: (f["hydrogen_short_h"],),
    ),
    Question(
        "How much electricity does a kilogram made take, auxiliaries and losses included?",
        lambda t: (_cell(t, "specific energy, whole plant (per kg made)"),),
        lambda f: (f["electricity_used_mwh"] * 1e3 / f["hydrogen_made_kg"],),
    ),
    Question(
        "What is the capacity factor of the electrolysers?",
        lambda t: (_share(t, "capacity factor, PEM"),),
        lambda f: (f["capacity_factor_pem_frac"],),
    ),
    Question(
        "Which share of the hydrogen counts as renewable by the rules of the EU, by month and by hour?",
        lambda t: (
            _share(t, "share that counts as renewable (RFNBO, by month)"),
            _share(t, "by the hour, as from 2030"),
        ),
        lambda f: (f["rfnbo_frac"], f["rfnbo_hourly_frac"]),
    ),
    Question(
        "How much CO2 is emitted per kg delivered by the rules of the EU, and what is the limit?",
        lambda t: (_cell(t, "CO2 per kg delivered, EU rules (limit 3.38)"), _cell(t, "EU renewable (RFNBO)", 4 - 1)),
        lambda f: (f["carbon_delivered_kg_per_kg"], 3.384),
    ),
    Question(
        "How many times did a stack start, on average?",
        lambda t: (_cell(t, "mean starts, PEM stacks"), _cell(t, "starts, PEM stacks")),
        lambda f: (f["starts_pem"] / 6.0, f["starts_pem"]),
    ),
)


def ask(summary: dict[str, Any]) -> None:
    """Ask all ten: the nine above, and which kinds of cost are the largest."""
    text, figures = printed(summary), summary["key_figures"]
    for question in QUESTIONS:
        answers, wanted = question.found(text), question.expected(figures)
        assert answers == pytest.approx(wanted, rel=TOLERANCE_FRAC, abs=5e-6, nan_ok=True), (
            f"{question.text}: {answers}, {wanted}"
        )
    of_kind = summary["economics"]["per_kg"]["sold"]["by_kind_of_cost_eur_per_kg"]
    largest = sorted(of_kind.items(), key=lambda one: -one[1])[:2]
    assert [name for name, _ in _largest(text)] == [name for name, _ in largest]
    assert [value for _, value in _largest(text)] == pytest.approx([value for _, value in largest], rel=TOLERANCE_FRAC)
