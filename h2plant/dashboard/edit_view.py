"""A scenario to change and run: its times, the numbers of its components, what is wrong, and the button."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import dash
from dash import Input, Output, State, dcc, html

from h2plant.config.scenario import Scenario, load_scenario_plant
from h2plant.core.role import Maker
from h2plant.dashboard.context import Context
from h2plant.dashboard.editing import (
    AGAIN,
    BUNDLED,
    Asked,
    Entry,
    by_field,
    entries,
    order_for,
    parsed_change,
    scenario_from,
    sources,
    targets,
    wanted,
)
from h2plant.dashboard.elements import aria, aria_label, field, notes, picker, plain
from h2plant.dashboard.jobs import RefusedOrder
from h2plant.plant.finding import PlantError
from h2plant.plant.graph import Plant
from h2plant.results.folder import ResultsError

_STEPS_S = (1, 10, 60, 300, 900, 3600)
_LOGS_S = (60, 300, 900, 3600)
_MANY_ROWS = 200_000
_TIMES = ("edit-start", "edit-hours", "edit-step", "edit-log", "edit-name")


def source_options(context: Context, more: str = "") -> list[dict[str, str]]:
    """Return what can be run as a list of choice shows it; ``more`` is a run to be repeated."""
    options = [
        {"value": s.key, "label": f"{s.label} ({s.group})", "search": f"{s.label} {s.group}"}
        for s in sources(context.folder)
    ]
    if more.startswith(AGAIN):
        id_ = more.removeprefix(AGAIN)
        options.insert(0, {"value": more, "label": f"{id_} (run, again)", "search": id_})
    return options


def _seconds_text(seconds: int) -> str:
    for unit, factor in (("h", 3600), ("min", 60)):
        if seconds % factor == 0:
            return f"{seconds // factor} {unit}"
    return f"{seconds} s"


def _seconds_options(known: tuple[int, ...], own: int) -> list[dict[str, str]]:
    return [{"value": str(s), "label": _seconds_text(s)} for s in sorted({*known, own})]


def _text_input(id_: str, **more: Any) -> dcc.Input:
    return dcc.Input(id=id_, type="text", value="", autoComplete="off", **more)


def layout(context: Context) -> html.Div:
    """Return the view."""
    times = [
        field("Start, UTC", _text_input("edit-start", debounce=True), "as 2023-06-01 or 2023-06-01T06:00Z"),
        field("Length, h", _text_input("edit-hours", debounce=True), "a year has 8760"),
        field("Step", picker("edit-step", "step", "step", options=[], searchable=False)),
        field("Log every", picker("edit-log", "log interval", "log interval", options=[], searchable=False)),
        field("Name of the run", _text_input("edit-name", debounce=True), "its folder: NAME-1"),
    ]
    return html.Div(
        [
            html.Div(
                [
                    field(
                        "Scenario",
                        picker("edit-source", "scenario", "choose a scenario", options=source_options(context),
                               value=f"{BUNDLED}minimal_day"),
                        class_name="grow",
                    ),
                ],
                className="bar-row",
            ),
            html.P(id="edit-about", className="soft"),
            html.Div(times, className="fields"),
            html.Div(
                [
                    html.Div(
                        [
                            html.H2("Parameters"),
                            html.Div(
                                [
                                    field(
                                        "Component",
                                        picker("edit-target", "component", "choose a component", options=[]),
                                        class_name="grow",
                                    ),
                                    field(
                                        "Find a parameter",
                                        dcc.Input(id="edit-filter", type="search", debounce=0.2, placeholder="all"),
                                    ),
                                ],
                                className="bar-row",
                            ),
                            html.P(id="edit-target-about", className="soft"),
                            html.Div(id="edit-fields", className="parameters"),
                        ],
                        className="edit-main",
                    ),
                    html.Div(
                        [
                            html.H2("Changes"),
                            html.Div(id="edit-changes"),
                            field(
                                "Any other change",
                                html.Div(
                                    [
                                        aria_label(
                                            "Any other change",
                                            _text_input("edit-other", placeholder="economics.real_rate_frac=0.05"),
                                        ),
                                        html.Button("Add", id="edit-add"),
                                    ],
                                    className="joined",
                                ),
                                "component.parameter=value, as with --set",
                            ),
                            html.Div(id="edit-findings", **aria(live="polite")),
                            html.Button("Run", id="edit-run", className="primary wide"),
                            html.P(id="edit-note", className="soft"),
                        ],
                        className="edit-side",
                    ),
                ],
                className="edit-frame",
            ),
            dcc.Store(id="edit-changed", data={}),
            dcc.Store(id="edit-problems", data={}),
        ]
    )  # fmt: skip


def parameter(entry: Entry, value: str | None, problem: str) -> html.Div:
    """Return a parameter's field: name, meaning, number with unit, slider, bounds, what is wrong with it."""
    shown = entry.value if value is None else value
    key = entry.key
    name = f"{entry.label}{f', {entry.unit}' if entry.unit else ''}"
    if entry.choices:
        control: Any = dcc.Dropdown(
            id={"type": "parameter", "key": key}, options=list(entry.choices), value=shown, clearable=False,
            searchable=False,
        )  # fmt: skip
        controls = [control]
    else:
        control = dcc.Input(
            id={"type": "parameter", "key": key}, type="text", value=shown, debounce=True,
            autoComplete="off",
        )  # fmt: skip
        live = html.Span(id={"type": "live", "key": key}, className="live", **aria(hidden="true"))
        controls = [
            html.Div([aria_label(name, control), html.Span(entry.unit, className="unit"), live], className="joined")
        ]
        if entry.slider is not None:
            low, high, step = entry.slider
            at = _clipped(shown, entry.value, low, high)
            controls.append(
                dcc.Slider(
                    id={"type": "slider", "key": key}, min=low, max=high, step=step, value=at, marks=None,
                    updatemode="mouseup", allow_direct_input=False, className="slider",
                )
            )  # fmt: skip
    facts = [f"default {entry.default}"] if entry.default != "required" else ["required"]
    if entry.bounds:
        facts.append(entry.bounds)
    if entry.differs:
        facts.append("differs between them; the first is shown")
    return html.Div(
        [
            html.Div([html.Strong(entry.label), html.Code(key.rpartition(".")[2], className="key")], className="name"),
            html.P(entry.doc, className="soft"),
            *controls,
            html.Span(" · ".join(facts), className="hint"),
            html.Div(problem, className="wrong", id={"type": "wrong", "key": key}, role="alert"),
        ],
        className=f"parameter{'' if value is None else ' changed'}",
    )


def _clipped(text: str, default: str, low: float, high: float) -> float:
    for candidate in (text, default):
        try:
            return min(max(float(candidate), low), high)
        except ValueError:
            continue
    return low


def _plant(context: Context, source: str) -> tuple[Scenario, Plant]:
    scenario = scenario_from(source, context.folder, context.catalogue)
    return scenario, load_scenario_plant(scenario)


def _kept(context: Context, what: str, source: str, key: str, make: Callable[[], Any]) -> Any:
    """Return what is made of a source; what is bundled is kept, and a file of the user's is read each time."""
    return context.of_bundled((what, source, key), make) if source.startswith(BUNDLED) else make()


def _parameters(context: Context, source: str, key: str) -> tuple[str, list[tuple[Entry, Any]]] | None:
    """Return what is said of a component, and its parameters with what the page shows of each; None: there is none.

    Raises
    ------
    PlantError, ResultsError
        The plant cannot be read.
    """
    _, plant = _plant(context, source)
    target = next((t for t in targets(plant) if t.key == key), None)
    if target is None:
        return None
    about = target.doc if len(target.members) == 1 else f"{target.doc} A change is made to all {len(target.members)}."
    return about, [(entry, plain(parameter(entry, None, ""))) for entry in entries(plant, target)]


def changes_list(changes: Mapping[str, str]) -> Any:
    """Return the changes, each with a button that takes it back."""
    if not changes:
        return html.P("None yet: the scenario runs as it is.", className="soft")
    items = [
        html.Li(
            [
                html.Code(f"{key} = {value}"),
                html.Button("×", id={"type": "take-back", "key": key}, **aria(label=f"Take back {key}")),
            ]
        )
        for key, value in changes.items()
    ]
    return html.Ul(items, className="changes")


def add_callbacks(app: dash.Dash, context: Context) -> None:
    """Make the view answer."""
    _add_choice(app, context)
    _add_parameters(app, context)
    _add_changes(app)
    _add_check(app, context)
    _add_run(app, context)


def _add_choice(app: dash.Dash, context: Context) -> None:
    """Choose a scenario from the list, or a run to be repeated."""

    @app.callback(
        Output("edit-source", "options"),
        Output("edit-source", "value"),
        Output("tab", "data", allow_duplicate=True),
        Input({"type": "again-run", "run": dash.ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def again(_clicks: list[int | None]) -> tuple[Any, Any, Any]:
        clicked = dash.ctx.triggered_id
        if not dash.ctx.triggered or not dash.ctx.triggered[0]["value"] or clicked is None:
            return (dash.no_update,) * 3
        key = f"{AGAIN}{clicked['run']}"
        return source_options(context, key), key, "edit"

    @app.callback(
        Output("edit-about", "children"),
        Output("edit-start", "value"),
        Output("edit-hours", "value"),
        Output("edit-step", "options"),
        Output("edit-step", "value"),
        Output("edit-log", "options"),
        Output("edit-log", "value"),
        Output("edit-name", "value"),
        Output("edit-target", "options"),
        Output("edit-target", "value"),
        Output("edit-changed", "data"),
        Input("edit-source", "value"),
    )
    def choose(source: str | None) -> tuple[Any, ...]:
        found: tuple[Any, ...] = _kept(context, "chosen", source or "", "", lambda: _chosen(context, source or ""))
        return found


def _chosen(context: Context, source: str) -> tuple[Any, ...]:
    """Return what the view shows of a scenario that was just chosen, in the order of the outputs of ``choose``."""
    try:
        scenario, plant = _plant(context, source)
    except (PlantError, ResultsError) as error:
        return (notes([str(error)]), "", "", [], None, [], None, "", [], None, {})
    options = [
        {
            "value": target.key,
            "label": f"{target.key} ({target.kind.replace('_', ' ')}"
            + (f", all {len(target.members)})" if len(target.members) > 1 else ")"),
            "search": f"{target.key} {target.kind} {target.doc}",
            "title": target.doc,
        }
        for target in targets(plant)
    ]
    about = scenario.description or plant.description
    given = ", ".join(f"{key} = {value}" for key, value in scenario.overrides.items())
    description = [about, *([f" Changed already: {given}."] if given else [])]
    start = f"{scenario.start:%Y-%m-%dT%H:%MZ}"
    electrolysers = [t.key for t in targets(plant) if isinstance(plant.components[t.members[0]].kind.role, Maker)]
    first = electrolysers[0] if electrolysers else options[0]["value"] if options else None
    return (
        description, start, f"{scenario.hours:g}", _seconds_options(_STEPS_S, scenario.step_s), str(scenario.step_s),
        _seconds_options(_LOGS_S, scenario.log_every_s), str(scenario.log_every_s), scenario.name,
        options, first, {},
    )  # fmt: skip


def _add_parameters(app: dash.Dash, context: Context) -> None:
    """Show the parameters of a component, and take what is typed into them."""

    @app.callback(
        Output("edit-fields", "children"),
        Output("edit-target-about", "children"),
        Input("edit-target", "value"),
        Input("edit-filter", "value"),
        State("edit-source", "value"),
        State("edit-changed", "data"),
        State("edit-problems", "data"),
    )
    def fields(
        key: str | None, text: str | None, source: str | None, changes: dict[str, str], problems: dict[str, str]
    ) -> tuple[Any, Any]:
        if not key or not source:
            return [], ""
        try:
            known = _kept(context, "parameters", source, key, lambda: _parameters(context, source, key))
        except (PlantError, ResultsError) as error:
            return notes([str(error)]), ""
        if known is None:
            return [], ""
        about, every = known
        words = (text or "").lower().split()
        found = [(e, as_is) for e, as_is in every if all(w in f"{e.key} {e.label} {e.doc}".lower() for w in words)]
        touched = {*changes, *problems}
        shown = [
            parameter(e, changes.get(e.key), problems.get(e.key, "")) if e.key in touched else as_is
            for e, as_is in found
        ]
        return shown or html.P("No parameter contains this.", className="missing"), about

    @app.callback(
        Output("edit-changed", "data", allow_duplicate=True),
        Input({"type": "parameter", "key": dash.ALL}, "value"),
        State({"type": "parameter", "key": dash.ALL}, "id"),
        State("edit-source", "value"),
        State("edit-target", "value"),
        State("edit-changed", "data"),
        prevent_initial_call=True,
    )
    def change(
        values: list[str | None],
        ids: list[dict[str, str]],
        source: str | None,
        key: str | None,
        changes: dict[str, str],
    ) -> Any:
        now = _merged(context, source or "", key or "", changes, values, ids)
        return now if now != changes else dash.no_update


def _add_changes(app: dash.Dash) -> None:
    """Take changes back, and take those that are written as component.parameter=value."""

    @app.callback(
        Output("edit-changed", "data", allow_duplicate=True),
        Output("edit-target", "value", allow_duplicate=True),
        Input({"type": "take-back", "key": dash.ALL}, "n_clicks"),
        State("edit-changed", "data"),
        State("edit-target", "value"),
        prevent_initial_call=True,
    )
    def take_back(_clicks: list[int | None], changes: dict[str, str], target: str | None) -> tuple[Any, Any]:
        clicked = dash.ctx.triggered_id
        if not dash.ctx.triggered or not dash.ctx.triggered[0]["value"] or clicked is None:
            return dash.no_update, dash.no_update
        return {key: value for key, value in changes.items() if key != clicked["key"]}, target

    @app.callback(
        Output("edit-changed", "data", allow_duplicate=True),
        Output("edit-other", "value"),
        Output("edit-findings", "children", allow_duplicate=True),
        Input("edit-add", "n_clicks"),
        Input("edit-other", "n_submit"),
        State("edit-other", "value"),
        State("edit-changed", "data"),
        prevent_initial_call=True,
    )
    def add(_clicks: int | None, _submit: int | None, text: str, changes: dict[str, str]) -> tuple[Any, Any, Any]:
        try:
            key, value = parsed_change(text or "")
        except PlantError as error:
            return dash.no_update, dash.no_update, notes([str(error)])
        return {**changes, key: value}, "", dash.no_update


def _add_check(app: dash.Dash, context: Context) -> None:
    """Check what would run, and say what is wrong where it was typed."""

    @app.callback(
        Output("edit-findings", "children"),
        Output("edit-problems", "data"),
        Output("edit-changes", "children"),
        Output("edit-run", "disabled"),
        Output("edit-note", "children"),
        Output({"type": "wrong", "key": dash.ALL}, "children"),
        Input("edit-source", "value"),
        Input("edit-changed", "data"),
        *(Input(id_, "value") for id_ in _TIMES),
        State({"type": "wrong", "key": dash.ALL}, "id"),
    )
    def check(source: str | None, changes: dict[str, str], *given: Any) -> tuple[Any, ...]:
        *texts, ids = given
        try:
            scenario, findings = wanted(_asked(source, texts), changes, context.folder, context.catalogue)
        except (PlantError, ResultsError) as error:
            return notes([str(error)]), {}, changes_list(changes), True, "", ["" for _ in ids]
        of_field, others = by_field(findings)
        shown = {id_["key"] for id_ in ids}
        others += [f"{key}: {text}" for key, text in of_field.items() if key not in shown]
        n_rows = scenario.n_seconds // scenario.log_every_s
        order = order_for(scenario, texts[-1] or "")
        note = f"{n_rows:,} rows of log, in {context.catalogue.root / order.name}-N."
        if n_rows > _MANY_ROWS:
            note += " So many rows take room: some hundred megabytes for a small plant, gigabytes for a large one."
        wrong = [of_field.get(id_["key"], "") for id_ in ids]
        return notes(others), of_field, changes_list(changes), bool(findings), "" if findings else note, wrong


def _add_run(app: dash.Dash, context: Context) -> None:
    """Submit what was checked."""

    @app.callback(
        Output("jobs-version", "data", allow_duplicate=True),
        Output("edit-findings", "children", allow_duplicate=True),
        Input("edit-run", "n_clicks"),
        State("edit-source", "value"),
        State("edit-target", "value"),
        State("edit-changed", "data"),
        State({"type": "parameter", "key": dash.ALL}, "value"),
        State({"type": "parameter", "key": dash.ALL}, "id"),
        *(State(id_, "value") for id_ in _TIMES),
        prevent_initial_call=True,
    )
    def run(
        clicks: int | None,
        source: str | None,
        target: str | None,
        changes: dict[str, str],
        values: list[str | None],
        ids: list[dict[str, str]],
        *texts: Any,
    ) -> tuple[Any, Any]:
        if not clicks:
            return dash.no_update, dash.no_update
        # what was typed last may not have become a change yet
        changes = _merged(context, source or "", target or "", changes, values, ids)
        try:
            scenario, findings = wanted(_asked(source, texts), changes, context.folder, context.catalogue)
        except (PlantError, ResultsError) as error:
            return dash.no_update, notes([str(error)])
        if findings:
            return dash.no_update, notes([str(finding) for finding in findings])
        try:
            context.jobs.submit(order_for(scenario, str(texts[-1] or "")))
        except RefusedOrder as why:
            return dash.no_update, notes([str(why)])
        return -1, dash.no_update


def _merged(
    context: Context,
    source: str,
    key: str,
    changes: Mapping[str, str],
    values: list[str | None],
    ids: list[dict[str, str]],
) -> dict[str, str]:
    """Return the changes with what stands in the fields of the component that is shown."""
    now = dict(changes)
    try:
        _, plant = _plant(context, source)
    except (PlantError, ResultsError):
        return now
    target = next((t for t in targets(plant) if t.key == key), None)
    own = {e.key: e.value for e in entries(plant, target)} if target is not None else {}
    for id_, value in zip(ids, values, strict=True):
        text = "" if value is None else str(value).strip()
        if id_["key"] not in own:
            continue
        if text in ("", own[id_["key"]]):
            now.pop(id_["key"], None)
        else:
            now[id_["key"]] = text
    return now


def _asked(source: str | None, texts: Any) -> Asked:
    start, hours, step_s, log_every_s, name = ("" if text is None else str(text) for text in texts)
    return Asked(source or "", start, hours, step_s, log_every_s, name)
