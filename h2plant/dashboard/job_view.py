"""Runs on their way, above all views: a bar each, what went wrong, and what to do next."""

from __future__ import annotations

import datetime
import time
from typing import Any

import dash
from dash import Input, Output, State, html

from h2plant.dashboard.context import Context
from h2plant.dashboard.elements import aria
from h2plant.dashboard.jobs import Job
from h2plant.results.folder import ResultsError

_STATES = {
    "waiting": "waits for the run before it",
    "loading": "reads the plant and its series",
    "compiling": "prepares the plant",
    "running": "runs",
    "done": "done",
    "failed": "failed",
    "stopped": "stopped",
}


def shown(job: Job, now_s: float) -> html.Li:
    """Return a run on its way as the page shows it; ``now_s`` is the time on the clock of the jobs."""
    name = job.folder.name
    buttons: list[Any] = []
    if job.is_kept and job.has_ended:
        buttons.append(html.Button("Explore", id={"type": "explore-job", "job": job.number}, className="primary"))
    if job.has_ended:
        buttons.append(html.Button("Dismiss", id={"type": "dismiss-job", "job": job.number}))
    else:
        text = "Stop at once" if job.is_stopping else "Cancel"
        title = "Keeps nothing" if job.is_stopping else "What was done so far is kept"
        buttons.append(html.Button(text, id={"type": "cancel-job", "job": job.number}, title=title))
    parts: list[Any] = [
        html.Div(
            [html.Strong(name), html.Span(status(job, now_s), className="soft", **aria(live="polite"))],
            className="job-head",
        )
    ]
    if not job.has_ended:
        value: dict[str, Any] = {} if job.state in ("loading", "compiling") else {"value": f"{job.share:.3f}"}
        parts.append(html.Progress(max="1", **value, **aria(label=f"Progress of {name}")))
    if job.message:
        parts.append(html.Div(job.message, className="warning lines", role="alert"))
    if job.state == "failed" and job.is_kept:
        parts.append(html.Span(f"What was done so far is in {job.folder}.", className="soft"))
    return html.Li(
        [html.Div(parts, className="job-about"), html.Div(buttons, className="buttons")], className=job.state
    )


def status(job: Job, now_s: float) -> str:
    """Return in words how far a run is."""
    if job.state == "running":
        until = job.order.start + datetime.timedelta(seconds=job.done * job.order.step_s)
        took_s = now_s - job.began_s
        parts = [f"{100.0 * job.share:.0f} %", f"{until:%Y-%m-%d}"]
        if job.is_stopping:
            return f"stops at {parts[0]}"
        if 0.01 < job.share < 1.0 and took_s > 1.0:
            parts.append(f"{_span(took_s * (1.0 / job.share - 1.0))} left")
        return " · ".join(parts)
    if job.state == "compiling" and job.n_kernels:
        return f"compiles {job.n_kernels} kernels, once per version: takes up to minutes"
    if job.is_stopping and not job.has_ended:
        return "stops"
    if job.state == "done" and job.began_s:
        return f"done in {_span(job.ended_s - job.began_s)}"
    if job.state == "stopped":
        return "stopped; what was done so far is kept" if job.is_kept else "stopped; nothing was kept"
    return _STATES[job.state]


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90.0 else f"{seconds / 60.0:.0f} min"


def listed(context: Context) -> list[Any]:
    """Return all runs that are remembered, the latest first."""
    now_s = time.monotonic()
    jobs = context.jobs.list()
    return [html.Ul([shown(job, now_s) for job in jobs], className="jobs")] if jobs else []


def runs_version(context: Context) -> str:
    """Return what changes when the list of runs does."""
    runs = context.catalogue.runs()
    return str(hash(tuple((run.id, run.changed_s, run.reason) for run in runs)))


def add_callbacks(app: dash.Dash, context: Context) -> None:
    """Make the strip answer."""

    @app.callback(
        Output("jobs", "children"),
        Output("jobs-version", "data"),
        Output("runs-version", "data"),
        Input("tick", "n_intervals"),
        Input("jobs-version", "data"),
        State("runs-version", "data"),
    )
    def tick(_n: int | None, seen: int | None, seen_runs: str | None) -> tuple[Any, ...]:
        version = context.jobs.version
        runs = runs_version(context)
        is_running = any(job.state == "running" for job in context.jobs.list())
        if seen == version and seen_runs == runs and not is_running:
            raise dash.exceptions.PreventUpdate
        changed = dash.no_update if seen == version else version
        changed_runs = dash.no_update if seen_runs == runs else runs
        return listed(context), changed, changed_runs

    @app.callback(
        Output("jobs-version", "data", allow_duplicate=True),
        Input({"type": "cancel-job", "job": dash.ALL}, "n_clicks"),
        Input({"type": "dismiss-job", "job": dash.ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def act(_cancel: list[int | None], _dismiss: list[int | None]) -> Any:
        clicked = dash.ctx.triggered_id
        if not dash.ctx.triggered or not dash.ctx.triggered[0]["value"] or clicked is None:
            return dash.no_update
        number = int(clicked["job"])
        if clicked["type"] == "cancel-job":
            context.jobs.cancel(number)
        else:
            context.jobs.forget(number)
        return -1

    @app.callback(
        Output("tab", "data", allow_duplicate=True),
        Output("explore-run", "value", allow_duplicate=True),
        Output("explore-window", "data", allow_duplicate=True),
        Input({"type": "explore-job", "job": dash.ALL}, "n_clicks"),
        Input({"type": "explore-run", "run": dash.ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def explore(_jobs: list[int | None], _runs: list[int | None]) -> tuple[Any, ...]:
        clicked = dash.ctx.triggered_id
        nothing = (dash.no_update,) * 3
        if not dash.ctx.triggered or not dash.ctx.triggered[0]["value"] or clicked is None:
            return nothing
        if clicked["type"] == "explore-run":
            return "explore", clicked["run"], None
        job = context.jobs.job(int(clicked["job"]))
        if job is None:
            return nothing
        id_ = job.folder.relative_to(context.catalogue.root).as_posix()
        try:
            context.catalogue.run(id_)
        except ResultsError:
            return nothing
        return "explore", id_, None
