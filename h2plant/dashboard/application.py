"""The page: its frame, its views, and what a browser needs to draw them."""

from __future__ import annotations

from pathlib import Path

import dash
from dash import ClientsideFunction, Input, Output, State, dcc, html

from h2plant.core.real_path import real_path
from h2plant.dashboard import compare_view, edit_view, explore_view, job_view, runs_view
from h2plant.dashboard.context import Context
from h2plant.dashboard.elements import aria
from h2plant.dashboard.jobs import Jobs
from h2plant.dashboard.listing import FRESH_S, Catalogue
from h2plant.dashboard.log import Logs
from h2plant.dashboard.pages import SCRIPT_PATH, STYLE_PATH, add_pages

VIEWS = (("runs", "Runs"), ("explore", "Explore"), ("compare", "Compare"), ("edit", "New run"))
_TICK_MS = 1000

_INDEX = """<!doctype html>
<html lang="en">
<head>{%metas%}<title>{%title%}</title>{%favicon%}{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""


def make_application(runs_dir: Path, folder: Path) -> tuple[dash.Dash, Jobs]:
    """Return the application over a folder of runs, and its runs on their way.

    Parameters
    ----------
    runs_dir
        Folder of runs; it need not exist yet.
    folder
        Where plant and scenario files of the user's are looked for.
    """
    context = Context(Catalogue(runs_dir, FRESH_S), Logs(), Jobs(runs_dir), folder)
    app = dash.Dash(
        "h2plant.dashboard",
        title="h2plant",
        update_title="",
        assets_folder=str(Path(__file__).parent / "assets"),
        external_stylesheets=[STYLE_PATH],
        external_scripts=[SCRIPT_PATH],
        meta_tags=[
            {"name": "viewport", "content": "width=device-width, initial-scale=1"},
            {"name": "color-scheme", "content": "light dark"},
        ],
        index_string=_INDEX,
        suppress_callback_exceptions=True,
        add_log_handler=False,
        enable_mcp=False,
    )
    app.layout = lambda: layout(context)
    for view in (job_view, runs_view, explore_view, compare_view, edit_view):
        view.add_callbacks(app, context)
    _add_browser_callbacks(app)
    add_pages(app.server, context.catalogue)
    return app, context.jobs


def layout(context: Context) -> html.Div:
    """Return the page as it is first loaded."""
    views = {"runs": runs_view, "explore": explore_view, "compare": compare_view, "edit": edit_view}
    tabs = [
        html.Button(title, id=f"tab-{name}", role="tab", n_clicks=0, **aria(controls=f"panel-{name}"))
        for name, title in VIEWS
    ]
    panels = [
        html.Div(
            views[name].layout(context),
            id=f"panel-{name}",
            role="tabpanel",
            hidden=name != "runs",
            **aria(labelledby=f"tab-{name}"),
        )
        for name, _ in VIEWS
    ]
    return html.Div(
        [
            html.Header(
                [
                    html.Div([html.P("h2plant", className="brand"), html.H1("Dashboard")]),
                    html.Div(tabs, className="tabs", role="tablist", id="tabs", **aria(label="Views")),
                    html.Div(html.Button("Dark", id="theme", n_clicks=0), className="tools"),
                ],
                className="top",
            ),
            html.Main([_gone(), html.Div(id="jobs"), *panels], className="dashboard"),
            html.P(f"Runs in {real_path(context.catalogue.root)}", className="dashboard soft foot"),
            dcc.Interval(id="tick", interval=_TICK_MS),
            dcc.Store(id="tab", data="runs"),
            dcc.Store(id="dark"),
            dcc.Store(id="jobs-version"),
            dcc.Store(id="runs-version"),
            dcc.Store(id="restored"),
        ]
    )


def _gone() -> html.Div:
    """Return what is shown when the dashboard itself does not answer any more."""
    text = "The dashboard does not answer: it was stopped. Start it again with h2plant dash; this page then goes on."
    return html.Div(text, id="gone", className="warning", role="alert", hidden=True)


def _browser(name: str) -> ClientsideFunction:
    """Return a function of ``assets/dashboard.js``."""
    return ClientsideFunction("h2plant", name)


def _add_browser_callbacks(app: dash.Dash) -> None:
    """Add what the browser does alone."""
    _add_tabs(app)
    _add_memory(app)
    for view in ("explore", "compare"):
        _add_chart(app, view)
    app.clientside_callback(
        _browser("theme"), Output("dark", "data"), Output("theme", "children"), Input("theme", "n_clicks")
    )
    app.clientside_callback(
        _browser("slide"),
        Output({"type": "parameter", "key": dash.MATCH}, "value"),
        Output({"type": "live", "key": dash.MATCH}, "children"),
        Input({"type": "slider", "key": dash.MATCH}, "value"),
        Input({"type": "slider", "key": dash.MATCH}, "drag_value"),
        State({"type": "slider", "key": dash.MATCH}, "step"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        _browser("add_run"),
        Output("compare-runs", "value", allow_duplicate=True),
        Output("tab", "data", allow_duplicate=True),
        Input({"type": "compare-run", "run": dash.ALL}, "n_clicks"),
        State("compare-runs", "value"),
        prevent_initial_call=True,
    )


def _add_tabs(app: dash.Dash) -> None:
    """Show one view at a time."""
    names = [name for name, _ in VIEWS]
    app.clientside_callback(
        _browser("choose_tab"),
        Output("tab", "data", allow_duplicate=True),
        *(Input(f"tab-{name}", "n_clicks") for name in names),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        _browser("show_tab"),
        *(Output(f"panel-{name}", "hidden") for name in names),
        *(Output(f"tab-{name}", "aria-selected") for name in names),
        Input("tab", "data"),
    )


def _add_memory(app: dash.Dash) -> None:
    """Keep what is chosen in the browser, and choose it again when the page is loaded anew."""
    kept = (
        ("tab", "data"),
        ("explore-run", "value"),
        ("explore-columns", "value"),
        ("explore-window", "data"),
        ("compare-runs", "value"),
        ("compare-columns", "value"),
        ("compare-window", "data"),
    )
    app.clientside_callback(
        _browser("restore"),
        Output("restored", "data"),
        *(Output(id_, prop, allow_duplicate=True) for id_, prop in kept),
        Input("tick", "id"),
        prevent_initial_call="initial_duplicate",
    )
    app.clientside_callback(
        _browser("keep"),
        Output("restored", "data", allow_duplicate=True),
        *(Input(id_, prop) for id_, prop in kept),
        State("restored", "data"),
        prevent_initial_call=True,
    )


def _add_chart(app: dash.Dash, view: str) -> None:
    """Draw the chart of a view, and let it be zoomed by hand or by steps."""
    app.clientside_callback(
        _browser("draw"),
        Output(f"{view}-chart", "figure"),
        Output(f"{view}-place", "aria-label"),
        Input(f"{view}-figure", "data"),
        Input("dark", "data"),
        Input("tab", "data"),
        State(f"{view}-window", "data"),
        State(f"{view}-place", "id"),
    )
    app.clientside_callback(
        _browser("zoomed"),
        Output(f"{view}-window", "data", allow_duplicate=True),
        Input(f"{view}-chart", "relayoutData"),
        State(f"{view}-span", "data"),
        State(f"{view}-window", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        _browser("step"),
        Output(f"{view}-window", "data", allow_duplicate=True),
        Input({"type": f"{view}-range", "step": dash.ALL}, "n_clicks"),
        State(f"{view}-span", "data"),
        State(f"{view}-window", "data"),
        prevent_initial_call=True,
    )
