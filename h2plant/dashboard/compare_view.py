"""Runs side by side: curves over each other, key figures with differences, what differs in what was put in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import dash
from dash import Input, Output, State, html

from h2plant.dashboard import chart
from h2plant.dashboard.context import Context
from h2plant.dashboard.elements import chart_block, data_table, field, notes, picker, plain
from h2plant.dashboard.explore_view import column_options, first_columns, result
from h2plant.dashboard.listing import Run
from h2plant.dashboard.log import Log
from h2plant.report.page.compare import MOST_RUNS, figure_rows, input_rows
from h2plant.report.page.run_data import MissingData
from h2plant.results.folder import ResultsError

MOST_INPUTS = 200
"""Most lines of what differs in what was put in."""

_FIRST_COLUMNS = 4


def layout(context: Context) -> html.Div:
    """Return the view."""
    options = [{"value": run.id, "label": run.label} for run in context.sound()]
    return html.Div(
        [
            html.Div(
                [
                    field(
                        f"Runs, 2 to {MOST_RUNS}; differences are to the first",
                        picker("compare-runs", "runs", "choose runs", is_multi=True, options=options, value=[]),
                        class_name="grow",
                    ),
                    field(
                        "Columns",
                        picker("compare-columns", "columns", "choose columns", is_multi=True, options=[], value=[]),
                        class_name="grow",
                    ),
                ],
                className="bar-row",
            ),
            html.Div(id="compare-notes"),
            html.Div(
                [
                    chart_block("compare"),
                    html.Div(
                        html.A("Full comparison page", id="compare-page", className="button", target="_blank", href=""),
                        className="buttons",
                    ),
                    html.Details([html.Summary("Ranges of the columns"), html.Div(id="compare-table")]),
                    html.Div(id="compare-figures"),
                ],
                id="compare-body",
            ),
        ]
    )


def _chosen(context: Context, ids: list[str]) -> tuple[list[Run], list[Log], list[str]]:
    """Return the runs that can be read with their logs, and what is wrong with the others."""
    runs, logs, problems = [], [], []
    for id_ in ids[:MOST_RUNS]:
        try:
            run = context.catalogue.run(id_)
            log = context.logs.log(run.folder)
        except ResultsError as error:
            problems.append(str(error))
            continue
        runs.append(run)
        logs.append(log)
    if len(ids) > MOST_RUNS:
        problems.append(f"{len(ids)} runs are chosen; the first {MOST_RUNS} are compared")
    return runs, logs, problems


def tables(context: Context, runs: list[Run]) -> list[Any]:
    """Return the key figures with differences, and what differs in what was put in."""
    names = [run.id for run in runs]
    headings, rows = figure_rows([run.summary for run in runs], names)
    parts: list[Any] = [html.H2("Key figures"), data_table(headings, rows, 2, "Differences are to the first run")]
    parts.append(html.H2("What differs in what was put in"))
    try:
        differing = input_rows([context.data(run) for run in runs])
    except (MissingData, ResultsError) as why:
        return [*parts, html.P(f"Not shown: {why}.", className="missing")]
    if not differing:
        return [*parts, html.P("Nothing: plant, series and scenario are the same.", className="missing")]
    if len(differing) > MOST_INPUTS:
        text = f"{len(differing):,} things differ; the first {MOST_INPUTS} are shown, all of them on the full page."
        parts.append(html.P(text, className="soft"))
    shown = differing[:MOST_INPUTS]
    return [*parts, data_table(["what", *names], shown, len(names) + 1, "SI units", is_tall=True)]


def add_callbacks(app: dash.Dash, context: Context) -> None:
    """Make the view answer."""

    @app.callback(
        Output("compare-runs", "options"),
        Input("runs-version", "data"),
        prevent_initial_call=True,
    )
    def update_runs(_version: str) -> Any:
        return [{"value": run.id, "label": run.label} for run in context.sound()]

    @app.callback(
        Output("compare-columns", "options"),
        Output("compare-columns", "value"),
        Output("compare-figures", "children"),
        Output("compare-notes", "children"),
        Output("compare-body", "hidden"),
        Output("compare-page", "href"),
        Input("compare-runs", "value"),
        State("compare-columns", "value"),
    )
    def choose_runs(ids: list[str] | None, columns: list[str] | None) -> tuple[Any, ...]:
        runs, logs, problems = _chosen(context, ids or [])
        shown: list[Any] = notes(problems)
        if len(runs) < 2:
            text = "Choose two runs or more." if not runs else "Choose another run to compare it with."
            shown.append(html.P(text, className="missing"))
            return dash.no_update, dash.no_update, None, shown, True, ""
        known = dict.fromkeys(name for log in logs for name in log.columns)
        shared = {name for name in known if sum(name in log.units for log in logs) > 1}
        of_first = context.kept("columns", runs[:1], lambda: column_options(logs[0]))
        options = [option for option in of_first if option["value"] in shared]
        kept = [name for name in columns or () if name in shared]
        if not kept:
            first = context.kept("first columns", runs[:1], lambda: first_columns(context, runs[0], logs[0]))
            kept = [name for name in first if name in shared][:_FIRST_COLUMNS]
        address = f"/comparison?{urlencode([('run', run.id) for run in runs])}"
        return options, kept, context.kept("tables", runs, lambda: plain(tables(context, runs))), shown, False, address

    @app.callback(
        Output("compare-figure", "data"),
        Output("compare-span", "data"),
        Output("compare-note", "children"),
        Output("compare-problems", "children"),
        Output("compare-table", "children"),
        Input("compare-runs", "value"),
        Input("compare-columns", "value"),
        Input("compare-window", "data"),
        Input("tab", "data"),
    )
    def draw(ids: list[str] | None, columns: list[str] | None, window: list[float] | None, tab: str) -> tuple[Any, ...]:
        if tab != "compare":
            return (dash.no_update,) * 5
        runs, logs, _ = _chosen(context, ids or [])
        if len(runs) < 2 or not columns:
            return None, None, "", [], None
        range_ms = (float(window[0]), float(window[1])) if window else None
        return result(chart.compare(logs, [run.id for run in runs], columns, range_ms))
