"""The figures at the head of the page, each with what it means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from h2plant.core.markup import NONE, Html
from h2plant.report.page.parts import Cell, Section, folded, missing, shown, table, warning
from h2plant.results.figure_form import Figure
from h2plant.results.figures import figures_in
from h2plant.results.warning import warnings_of

_HEAD: tuple[tuple[str, float, str, str], ...] = (
    ("hydrogen_made_kg", 1e-3, "t", ",.0f"),
    ("specific_energy_kwh_per_kg", 1.0, "kWh/kg", ",.1f"),
    ("efficiency_hhv_frac", 100.0, "%", ",.1f"),
    ("hydrogen_cost_eur_per_kg", 1.0, "EUR/kg", ",.2f"),
    ("hydrogen_cost_sold_eur_per_kg", 1.0, "EUR/kg", ",.2f"),
    ("net_present_value_eur", 1e-6, "million EUR", ",.1f"),
    ("carbon_delivered_kg_per_kg", 1.0, "kg CO2e/kg", ",.2f"),
    ("capacity_factor_{}_frac", 100.0, "%", ",.0f"),
    ("electricity_used_mwh", 1e-3, "GWh", ",.1f"),
    ("water_kg_per_kg", 1.0, "kg/kg", ",.1f"),
    ("hydrogen_sold_kg", 1e-3, "t", ",.0f"),
    ("hydrogen_lost_kg", 1e-3, "t", ",.1f"),
)


class Card(NamedTuple):
    """A figure that matters most: its name, its value as shown, its unit, what it means, and its id."""

    label: str
    value: str
    unit: str
    meaning: str
    id: str


def is_of_head(figure: Figure) -> bool:
    """Whether a figure is one of those that matter most."""
    return any(name in (figure.id, figure.family) for name, *_ in _HEAD)


def head_cards(summary: Mapping[str, Any]) -> list[Card]:
    """Return the figures of a run that matter most; those that it does not have are left out."""
    cards = []
    figures, declared = summary.get("key_figures") or {}, figures_in(summary)
    of_year = (summary.get("economics") or {}).get("scaled") or {}
    for name, factor, unit, form in _HEAD:
        for figure in declared.values():
            value = figures[figure.id]
            if value is None or name not in (figure.id, figure.family):
                continue
            shown_in, shown_as, scaled = unit, form, value * factor
            if unit == "t" and abs(scaled) < 10.0:
                scaled, shown_in, shown_as = value, "kg", ",.1f"
            if unit == "GWh" and abs(scaled) < 1.0:
                scaled, shown_in, shown_as = value, "MWh", ",.1f"
            meaning = figure.meaning
            if figure.id in (of_year.get("figures") or ()):
                meaning += f" Here {of_year.get('note', '')}."
            cards.append(Card(figure.label.strip(), shown(scaled, shown_as), shown_in, meaning, figure.id))
    return cards


def figure_cells(figure: Figure, value: float | None) -> tuple[Cell, Cell]:
    """Return the cells of a value and its unit; a share is in per cent, and sorts as it is."""
    if value is None or math.isnan(value):
        return Cell(shown(None), value), Cell(figure.unit)
    text, unit = figure.texts(value)
    return Cell(text.replace("-", "−"), value), Cell(unit)


def headline(summary: dict[str, Any]) -> Section:
    """Return the figures that matter most as cards, and all of them as a table."""
    figures: dict[str, float | None] = summary.get("key_figures") or {}
    declared = figures_in(summary)
    cards = [
        Html(
            '<li class="card"><span class="label">{}</span><span class="value">{} <small>{}</small></span>'
            '<span class="soft">{}</span></li>',
            *(card.label, card.value, card.unit, card.meaning),
        )
        for card in head_cards(summary)
    ]
    warned = NONE.join(warning(f"{what}: {why}") for what, why in warnings_of(summary))
    if not figures:
        why = "they could not be worked out" if summary.get("missing") else "the run ended before anything was counted"
        return Section("figures", "Key figures", "", warned + missing(why))
    made = figures.get("hydrogen_made_kg") or 0.0
    text = NONE if made > 0.0 else warning("No hydrogen was made in this run.")
    rows = [
        (
            Cell(figure.label.strip()),
            *figure_cells(figure, figures[name]),
            Cell(figure.group),
            Cell(figure.meaning),
        )
        for name, figure in declared.items()
    ]
    rows += [
        (Cell(name), Cell(shown(value), value), Cell(""), Cell("other"), Cell(""))
        for name, value in figures.items()
        if name not in declared and isinstance(value, int | float)
    ]
    every = table(
        "All key figures",
        ("figure", "value", "unit", "group", "meaning"),
        rows,
        (True, False, True, True, True),
        "figures-table",
    )
    html = warned + text + Html('<ul class="cards">{}</ul>\n', NONE.join(cards)) + folded("All key figures", every)
    return Section("figures", "Key figures", "What the run comes to.", html)
