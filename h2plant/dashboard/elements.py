"""Pieces of the page that several views use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from h2plant.report.page.parts import Cell


def plain(tree: Any) -> Any:
    """Return elements as the page gets them: mappings, which are written much faster, and kept for others that ask."""
    if isinstance(tree, Component):
        names = tree._prop_names
        props = {key: plain(value) for key, value in vars(tree).items() if key in names or key.startswith(_WILD)}
        return {"props": props, "type": tree._type, "namespace": tree._namespace}
    if isinstance(tree, list | tuple):
        return [plain(one) for one in tree]
    return {key: plain(value) for key, value in tree.items()} if isinstance(tree, dict) else tree


_WILD = ("data-", "aria-")


def _element(name: str, children: Any, **props: Any) -> dict[str, Any]:
    """Return an element of HTML, plain: for what occurs by the hundred."""
    return {"props": {"children": children, **props}, "type": name, "namespace": "dash_html_components"}


def aria(**texts: str) -> dict[str, Any]:
    """Return what is said to who cannot see, as ``label="..."``, for an element's ``aria-`` attributes."""
    return {f"aria-{name}": text for name, text in texts.items()}


def field(label: str, control: Any, hint: str = "", class_name: str = "") -> Any:
    """Return a control with its label above and, if any, a hint below."""
    below = [html.Span(hint, className="hint")] if hint else []
    parts = [html.Span(label, className="label"), control, *below]
    element = html.Label if isinstance(control, dcc.Input) else html.Div
    return element(parts, className=f"field {class_name}".strip())


def aria_label(label: str, control: Any, class_name: str = "") -> html.Label:
    """Return an input whose label is read out and not shown."""
    return html.Label([html.Span(label, className="unseen"), control], className=class_name)


def picker(id_: str, label: str, placeholder: str, is_multi: bool = False, **more: Any) -> dcc.Dropdown:
    """Return a list of choice that can be searched."""
    labels: Any = {
        "search": f"Search: {label}",
        "select_all": "Select all",
        "deselect_all": "Deselect all",
        "selected_count": "{num_selected} chosen",
        "no_options_found": "nothing found",
        "clear_selection": "Clear",
    }
    return dcc.Dropdown(
        id=id_, multi=is_multi, placeholder=placeholder, clearable=is_multi, labels=labels, optionHeight="auto", **more
    )


def notes(texts: Sequence[str], class_name: str = "warning") -> list[Any]:
    """Return one box for each text, its lines kept apart."""
    return [html.Div(text, className=f"{class_name} lines", role="alert") for text in texts]


def data_table(
    headings: Sequence[str], rows: Sequence[Sequence[Cell | str]], n_text: int, caption: str, is_tall: bool = False
) -> html.Div:
    """Return a table whose first ``n_text`` columns are text and whose others are numbers; a tall one scrolls."""

    def cell(k: int, value: Cell | str) -> Any:
        text = value.text if isinstance(value, Cell) else value
        if k == 0:
            return _element("Th", text, scope="row")
        return _element("Td", text, className="num" if k >= n_text else "")

    head = [html.Th(text, scope="col", className="num" if k >= n_text else "") for k, text in enumerate(headings)]
    body: list[Any] = [_element("Tr", [cell(k, value) for k, value in enumerate(row)]) for row in rows]
    return html.Div(
        html.Table([html.Caption(caption), html.Thead(html.Tr(head)), html.Tbody(body)]),
        className="scroll tall" if is_tall else "scroll",
        tabIndex="0",
        role="region",
        **aria(label=caption),
    )


RANGES = (("All", 0), ("Month", 30 * 24), ("Week", 7 * 24), ("Day", 24), ("Hour", 1))
"""Buttons of a chart: what they say, and how many hours they show."""


def chart_block(id_: str) -> html.Div:
    """Return a chart with its buttons: the figure comes from a store, and the page gives it its colours."""
    buttons: list[Any] = [
        html.Button("◀", id={"type": f"{id_}-range", "step": -1}, title="Earlier", **aria(label="Earlier")),
        *(html.Button(text, id={"type": f"{id_}-range", "step": hours}) for text, hours in RANGES),
        html.Button("▶", id={"type": f"{id_}-range", "step": -2}, title="Later", **aria(label="Later")),
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.Span("Drag over a chart to look closer, twice click to see all.", className="soft how"),
                    html.Div(buttons, className="buttons", role="group", **aria(label="Range of time")),
                ],
                className="chart-head",
            ),
            html.Div(id=f"{id_}-problems"),
            html.Div(
                dcc.Graph(
                    id=f"{id_}-chart",
                    config={
                        "displayModeBar": False,
                        "responsive": True,
                        "doubleClick": "autosize",
                    },
                    figure={
                        "data": [],
                        "layout": {"height": 10, "xaxis": {"visible": False}, "yaxis": {"visible": False}},
                    },
                ),
                className="chart",
                role="img",
                id=f"{id_}-place",
            ),
            html.P(id=f"{id_}-note", className="soft", **aria(live="polite")),
            dcc.Store(id=f"{id_}-figure"),
            dcc.Store(id=f"{id_}-span"),
            dcc.Store(id=f"{id_}-window"),
        ],
        className="chart-block",
    )
