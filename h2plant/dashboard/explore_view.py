"""A run from year to minute: its columns over time, its figures, exports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
import numpy as np
from dash import Input, Output, State, html

from h2plant.dashboard import chart
from h2plant.dashboard.chart import Drawn, Row
from h2plant.dashboard.context import Context
from h2plant.dashboard.elements import chart_block, data_table, field, notes, picker, plain
from h2plant.dashboard.listing import Run
from h2plant.dashboard.log import Log
from h2plant.dashboard.pages import export_address
from h2plant.report.page import quantities
from h2plant.report.page.parts import shown
from h2plant.report.page.run_data import MissingData
from h2plant.results.folder import ResultsError

_FIRST_PANELS = 5
"""Panels that are shown of a run before anything is chosen."""


def first_columns(context: Context, run: Run, log: Log) -> list[str]:
    """Return columns to begin with: power, price, hydrogen, temperature, pressure, as far as the run has them."""
    found: list[str] = []
    units: set[str] = set()
    try:
        for panel in quantities.panels(context.data(run)):
            single = [q.names[0] for q in panel.quantities if len(q.names) == 1]
            names = (single or [panel.quantities[0].names[0]])[:2]
            if log.units.get(names[0], "") not in units and len(units) < _FIRST_PANELS:
                units.add(log.units.get(names[0], ""))
                found += names
    except (MissingData, ResultsError, KeyError):
        found = log.columns[:3]
    return [name for name in dict.fromkeys(found) if name in log.units]


def column_options(log: Log) -> list[dict[str, str]]:
    """Return the columns as a list of choice shows and searches them."""
    options = []
    for name in log.columns:
        about = log.descriptions[name].partition(";")[0]
        unit = log.units[name]
        label = f"{name}  [{unit}]" if unit not in ("", "1") else name
        options.append({"value": name, "label": label, "title": about, "search": f"{name} {about} {unit}"})
    return options


def layout(context: Context) -> html.Div:
    """Return the view, with the run written last chosen."""
    sound = context.sound()
    value = sound[0].id if sound else None
    options = [{"value": run.id, "label": run.label} for run in sound]
    exports = [
        html.A(text, id=f"export-{ending}", className="button", href="")
        for ending, text in (("csv", "CSV"), ("parquet", "Parquet"), ("png", "PNG"))
    ]
    return html.Div(
        [
            html.Div(
                [
                    field("Run", picker("explore-run", "run", "choose a run", options=options, value=value)),
                    field(
                        "Columns",
                        picker("explore-columns", "columns", "choose columns", is_multi=True, options=[], value=[]),
                        class_name="grow",
                    ),
                ],
                className="bar-row",
            ),
            chart_block("explore"),
            html.Div(
                [html.Span("Export what is shown:", className="soft"), *exports],
                className="buttons exports",
                id="exports",
            ),
            html.Div(id="explore-table"),
            html.Div(id="explore-figures"),
        ]
    )


def table(rows: Sequence[Row]) -> Any:
    """Return least, mean and greatest of each column over the range looked at."""
    if not rows:
        return None
    cells = [
        [row.name, row.unit, row.meaning.partition(";")[0], *(_number(v) for v in (row.least, row.mean, row.greatest))]
        for row in rows
    ]
    return data_table(
        ("column", "unit", "meaning", "least", "mean", "greatest"), cells, 3, "Over the range shown, from every value"
    )


def _number(value: float) -> str:
    return "–" if not np.isfinite(value) else shown(value, ",.5g")


def cards(run: Run) -> Any:
    """Return the figures that matter most, and what ended the run early."""
    reason = str(run.summary.get("stopped_by") or "")
    warned = [] if run.summary.get("is_complete", True) else [f"This run is not complete: {reason or 'stopped'}"]
    warned += [f"{what}: {why}" for what, why in run.warnings]
    warning = notes(warned) if warned else []
    items = [
        html.Li(
            [
                html.Span(card.label, className="label"),
                html.Span([card.value, " ", html.Small(card.unit)], className="value"),
                html.Span(card.meaning, className="soft"),
            ],
            className="card",
        )
        for card in run.cards
    ]
    return [*warning, html.H2("Key figures"), html.Ul(items, className="cards")] if items else warning


def result(drawn: Drawn) -> tuple[Any, ...]:
    """Return what a chart's callback gives: figure, span, note, problems, table."""
    problems = notes(drawn.problems)
    if drawn.figure is None:
        return None, None, drawn.note, problems, None
    return drawn.figure, drawn.figure["layout"]["meta"], drawn.note, problems, table(drawn.rows)


def add_callbacks(app: dash.Dash, context: Context) -> None:
    """Make the view answer."""

    @app.callback(
        Output("explore-run", "options"),
        Output("explore-run", "value", allow_duplicate=True),
        Input("runs-version", "data"),
        State("explore-run", "value"),
        prevent_initial_call=True,
    )
    def update_runs(_version: str, value: str | None) -> tuple[Any, Any]:
        sound = context.sound()
        options = [{"value": run.id, "label": run.label} for run in sound]
        if value is None and sound:
            return options, sound[0].id
        return options, dash.no_update

    @app.callback(
        Output("explore-columns", "options"),
        Output("explore-columns", "value"),
        Output("explore-figures", "children"),
        Input("explore-run", "value"),
        State("explore-columns", "value"),
    )
    def choose_run(id_: str | None, columns: list[str] | None) -> tuple[Any, Any, Any]:
        if not id_:
            return [], [], html.P("Choose a run, or make one first.", className="missing")
        try:
            run = context.catalogue.run(id_)
            log = context.logs.log(run.folder)
        except ResultsError as error:
            return [], [], notes([str(error)])
        kept = [name for name in columns or () if name in log.units]
        is_other = len(kept) < len(columns or ()) or not kept  # a plant with other columns begins anew
        first = context.kept("first columns", [run], lambda: first_columns(context, run, log)) if is_other else kept
        options = context.kept("columns", [run], lambda: column_options(log))
        return options, first, context.kept("cards", [run], lambda: plain(cards(run)))

    @app.callback(
        Output("explore-figure", "data"),
        Output("explore-span", "data"),
        Output("explore-note", "children"),
        Output("explore-problems", "children"),
        Output("explore-table", "children"),
        Input("explore-run", "value"),
        Input("explore-columns", "value"),
        Input("explore-window", "data"),
        Input("tab", "data"),
    )
    def draw(id_: str | None, columns: list[str] | None, window: list[float] | None, tab: str) -> tuple[Any, ...]:
        if tab != "explore":
            return (dash.no_update,) * 5
        if not id_ or not columns:
            text = "Choose columns to see them over time." if id_ else ""
            return None, None, text, [], None
        try:
            log = context.logs.log(context.catalogue.run(id_).folder)
            return result(chart.explore(log, columns, _range(window)))
        except ResultsError as error:
            return None, None, "", notes([str(error)]), None

    @app.callback(
        *(Output(f"export-{ending}", "href") for ending in ("csv", "parquet", "png")),
        Output("exports", "hidden"),
        Input("explore-run", "value"),
        Input("explore-columns", "value"),
        Input("explore-window", "data"),
    )
    def link(id_: str | None, columns: list[str] | None, window: list[float] | None) -> tuple[Any, ...]:
        if not id_ or not columns:
            return "", "", "", True
        addresses = [export_address(e, id_, columns, _range(window)) for e in ("csv", "parquet", "png")]
        return (*addresses, False)


def _range(window: list[float] | None) -> chart.Range:
    return (float(window[0]), float(window[1])) if window else None
