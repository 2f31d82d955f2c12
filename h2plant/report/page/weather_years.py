"""What a life says over the years of weather that it took in turn, as a section of its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from h2plant.core.markup import Html
from h2plant.report.page.parts import Cell, Section, shown, table
from h2plant.results.figures import figure_of
from h2plant.results.weather_years import DEFINITION, HEADINGS, rows_of


def weather_section(summary: Mapping[str, Any]) -> Iterator[Section]:
    """Yield a table of P50, P90, mean and its error; nothing where fewer than two years of weather were taken."""
    found = summary.get("weather_years")
    if not isinstance(found, Mapping) or not found.get("figures"):
        return
    rows = []
    for id_, values in rows_of(found):
        declared = figure_of(id_)
        if declared is not None:
            cells = (Cell(shown(value, declared.format), value) for value in values)
            rows.append((Cell(f"{declared.label.strip()}, {declared.unit}"), *cells))
    headings = ("figure", *HEADINGS)
    html = table("Years of weather", headings, rows, (True, *(False for _ in HEADINGS)))
    for text in (str(found.get("note") or ""), *(f"No {k}: {v}." for k, v in (found.get("reasons") or {}).items())):
        html += Html("<p>{}</p>\n", text) if text else Html("")
    intro = f"{found.get('n_years')} input years: {DEFINITION}."
    yield Section("weather-years", "Good and bad years", intro, html)
