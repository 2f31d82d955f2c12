"""The list of runs: what each came to, why some cannot be read, and what to do where there are none."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

import dash
from dash import Input, Output, State, dcc, html

from h2plant.dashboard.context import Context
from h2plant.dashboard.editing import Asked, order_for, wanted
from h2plant.dashboard.elements import aria_label, notes, picker, plain
from h2plant.dashboard.jobs import RefusedOrder
from h2plant.dashboard.listing import Run

FIRST_SCENARIO = "minimal_day"
"""What the button of an empty list runs."""

MOST_SHOWN = 200

_SORTS: dict[str, tuple[str, Callable[[Run], Any]]] = {
    "new": ("newest first", lambda run: -run.changed_s),
    "name": ("name", lambda run: run.id),
    "made": ("most hydrogen", lambda run: -(run.figures.get("hydrogen_made_kg") or 0.0)),
    "energy": ("least energy per kg", lambda run: run.figures.get("specific_energy_kwh_per_kg") or float("inf")),
    "cost": ("cheapest hydrogen", lambda run: run.figures.get("hydrogen_cost_eur_per_kg") or float("inf")),
}
_FIGURES = (
    "hydrogen_made_kg",
    "specific_energy_kwh_per_kg",
    "hydrogen_cost_eur_per_kg",
    "hydrogen_cost_sold_eur_per_kg",
)
_SHORT = ("hydrogen", "energy", "cost, made", "cost, sold")


def layout(context: Context) -> html.Div:
    """Return the view."""
    return html.Div(
        [
            html.Div(
                [
                    aria_label(
                        "Find a run",
                        dcc.Input(id="runs-filter", type="search", debounce=0.2,
                                  placeholder="Find a run: name, scenario or plant"),
                        "wide",
                    ),
                    picker("runs-sort", "order", "order", options=[
                        {"value": key, "label": label} for key, (label, _) in _SORTS.items()
                    ], value="new", searchable=False),
                ],
                className="bar-row", id="runs-bar",
            ),
            html.Div(listed(context, "", "new"), id="runs-list"),
        ]
    )  # fmt: skip


def listed(context: Context, text: str, sort: str) -> list[Any]:
    """Return the runs whose name, scenario or plant contains a text, then those that cannot be read."""
    runs = context.catalogue.runs()
    if not runs:
        return [_empty(context)]
    sound = [run for run in runs if not run.reason]
    damaged = [run for run in runs if run.reason]
    words = text.lower().split()
    found = [run for run in sound if all(word in _searched(run) for word in words)]
    found.sort(key=_SORTS.get(sort, _SORTS["new"])[1])
    parts: list[Any] = []
    if found:
        parts.append(html.Ul([context.row(run, partial(_shown, run)) for run in found[:MOST_SHOWN]], className="runs"))
    elif sound:
        parts.append(html.P(f"None of {len(sound)} runs contains “{text.strip()}”.", className="missing"))
    if len(found) > MOST_SHOWN:
        parts.append(html.P(f"{len(found) - MOST_SHOWN} more: say more of what you look for.", className="soft"))
    if damaged:
        many = "folder cannot" if len(damaged) == 1 else "folders cannot"
        rows = [html.Li([html.Strong(run.id), html.Span(run.reason)]) for run in damaged]
        parts.append(
            html.Details(
                [html.Summary(f"{len(damaged)} {many} be read"), html.Ul(rows, className="damaged")], open=True
            )
        )
    return parts


def _empty(context: Context) -> html.Div:
    return html.Div(
        [
            html.H2("No runs yet"),
            html.P(["Runs appear here when they lie in ", html.Code(str(context.catalogue.root)), "."]),
            html.P("Start with the smallest plant: one stack, one compressor, one tank, over a summer day."),
            html.Button("Run the minimal plant", id={"type": "first-run", "at": "runs"}, className="primary"),
            html.P(["Or on the command line: ", html.Code("h2plant run minimal_day")], className="soft"),
        ],
        className="empty",
    )


def _searched(run: Run) -> str:
    return f"{run.id} {run.summary['scenario']} {run.summary['plant']}".lower()


def _shown(run: Run) -> Any:
    return plain(_row(run))


def _row(run: Run) -> html.Li:
    summary = run.summary
    start = datetime.datetime.fromisoformat(summary["start"])
    written = datetime.datetime.fromtimestamp(run.changed_s).astimezone()
    shown = {card.id: card for card in run.cards}
    figures = [
        html.Div(
            [html.Span(short, className="soft"), html.Span([html.B(card.value), f" {card.unit}"])],
            className="figure",
            title=card.meaning,
        )
        for id_, short in zip(_FIGURES, _SHORT, strict=True)
        if (card := shown.get(id_)) is not None
    ]
    lines = [f"{summary['plant']}, {summary['hours']:,.6g} h from {start:%Y-%m-%d %H:%M}", f"{run.n_rows:,} rows"]
    badge = []
    if not summary.get("is_complete", True):
        badge = [html.Span("not complete", className="badge", title=str(summary.get("stopped_by") or ""))]
    for what, why in run.warnings[:1]:
        badge.append(html.Span(what, className="badge", title=why))
    for row in run.short:
        title = f"{row.given} of {row.asked} {row.unit} asked were given; hours short: {row.hours}"
        badge.append(html.Span(f"{row.medium} {row.share}", className="badge", title=title))
    return html.Li(
        [
            html.Div(
                [
                    html.Div([html.Strong(run.id), *badge], className="run-name"),
                    html.Span(" · ".join(lines), className="soft"),
                    html.Span(f"written {written:%Y-%m-%d %H:%M}", className="soft"),
                ],
                className="run-about",
            ),
            html.Div(figures, className="run-figures"),
            html.Div(
                [
                    html.Button("Explore", id={"type": "explore-run", "run": run.id}, className="primary"),
                    html.Button("Compare", id={"type": "compare-run", "run": run.id}),
                    html.Button("Change and run", id={"type": "again-run", "run": run.id}),
                    html.A("Report", href=f"/report?{urlencode({'run': run.id})}", target="_blank", className="button"),
                ],
                className="buttons",
            ),
        ]
    )


def first_run(context: Context) -> None:
    """Run the bundled minimal plant."""
    asked = Asked(f"bundled:{FIRST_SCENARIO}")
    scenario, findings = wanted(asked, {}, context.folder, context.catalogue)
    assert not findings, findings
    context.jobs.submit(order_for(scenario, ""))


def add_callbacks(app: dash.Dash, context: Context) -> None:
    """Make the view answer."""

    @app.callback(
        Output("runs-list", "children"),
        Input("runs-filter", "value"),
        Input("runs-sort", "value"),
        Input("runs-version", "data"),
        prevent_initial_call=True,
    )
    def show(text: str | None, sort: str | None, _version: str) -> list[Any]:
        try:
            return listed(context, text or "", sort or "new")
        except OSError as error:
            return notes([f"the folder of runs cannot be read: {error}"])

    @app.callback(
        Output("jobs-version", "data", allow_duplicate=True),
        Output("runs-list", "children", allow_duplicate=True),
        Input({"type": "first-run", "at": dash.ALL}, "n_clicks"),
        State("jobs-version", "data"),
        prevent_initial_call=True,
    )
    def begin(clicks: list[int | None], _version: int) -> Any:
        if not any(clicks):
            return dash.no_update, dash.no_update
        try:
            first_run(context)
        except RefusedOrder as why:
            return dash.no_update, notes([str(why)])
        return -1, dash.no_update
