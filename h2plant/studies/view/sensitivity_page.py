"""The page of a sensitivity study: tornado, indices with their confidence, what failed, where it comes from."""

from __future__ import annotations

import math
from collections.abc import Sequence

from h2plant.core.markup import NONE, Html
from h2plant.report.page.charts import Figure
from h2plant.report.page.parts import Cell, Charts, Section, folded, missing, shown, table, warning
from h2plant.studies.sensitivity.indices import Index, Influence
from h2plant.studies.study.run import StudyRun
from h2plant.studies.study.statistics import columns_of
from h2plant.studies.view.console import number
from h2plant.studies.view.page import broken, composed, results
from h2plant.studies.view.sensitivity_console import ordered

_BAR_PX = 30
_AROUND_PX = 96
_LEAST_LABELLED = 0.03
"""Least share of the greatest effect with which a dot is named: those at zero lie upon each other."""


def sensitivity_page(run: StudyRun, found: Sequence[Influence], command: str) -> str:
    """Return the page as text; ``command`` makes it again."""
    page = Charts()
    sections = [results(run, columns_of(run))]
    for kind, title, intro, part in _PARTS:
        of = [one for one in found if one.method.kind == kind]
        if of:
            html = NONE.join(_block(run, one, part(one, page)) for one in of)
            sections.append(Section(kind, title, intro, html))
    return composed(run, command, f"{len(run.outcomes):,} scenarios", run.study.design.kind, sections, page)


def _block(run: StudyRun, one: Influence, html: Html) -> Html:
    unit = run.units.get(one.output, "")
    title = f"{one.output}, {unit}" if unit and unit != "1" else one.output
    note = warning(f"{one.note}.") if one.note else NONE
    return Html("<h3>{}</h3>{}{}", title, note, missing(one.reason) if one.reason else html)


def tornado_figure(one: Influence) -> Figure:
    """Return a tornado as a figure for the page: bars from the middle to both ends, the widest on top."""
    names = [broken(bar.parameter) for bar in reversed(one.bars)]
    traces = []
    for label, colour, values in (
        (f"parameter at its {one.method.low:g} quantile", "@pem", [bar.low for bar in reversed(one.bars)]),
        (f"at its {one.method.high:g} quantile", "@soec", [bar.high for bar in reversed(one.bars)]),
    ):
        there = [value if math.isfinite(value) else one.base for value in values]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": label,
                "y": names,
                "x": [value - one.base for value in there],
                "base": one.base,
                "marker": {"color": colour},
                "customdata": there,
                "hovertemplate": "%{y}: %{customdata:.4~g}<extra></extra>",
            }
        )
    layout = {
        "height": _AROUND_PX + _BAR_PX * len(names),
        "barmode": "overlay",
        "bargap": 0.3,
        "hovermode": "closest",
        "xaxis": {"title": {"text": one.output}, "nticks": 7},
        "yaxis": {"automargin": True, "ticklabelstandoff": 6},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "margin": {"t": 36, "b": 46, "l": 20, "r": 16},
    }
    return {"data": traces, "layout": layout}


def _tornado(one: Influence, page: Charts) -> Html:
    if one.reason:
        return NONE
    text = ", ".join(f"{bar.parameter} {shown(bar.low)} to {shown(bar.high)}" for bar in one.bars)
    chart = page.add(tornado_figure(one), "One at a time", f"Tornado around {shown(one.base)}: {text}.")
    rows = [[Cell(b.parameter), *(Cell(number(v), _key(v)) for v in (b.low, one.base, b.high))] for b in one.bars]
    headings = ["parameter", f"at {one.method.low:g}", "middle", f"at {one.method.high:g}"]
    return chart + folded("The same as a table", table(one.output, headings, rows, [True, False, False, False]))


def _key(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _sobol(one: Influence, page: Charts) -> Html:
    if one.reason:
        return NONE
    names = ordered(one)
    traces: list[Figure] = []
    for key, label, colour in (("S1", "alone (S1)", "@pem"), ("ST", "with interactions (ST)", "@soec")):
        of = {i.parameter: i for i in one.named(key)}
        error: Figure = {
            "type": "data",
            "color": "@text",
            "array": [of[n].half_width for n in names],
            "thickness": 1.2,
            "width": 3,
        }
        traces.append(
            {
                "type": "bar",
                "name": label,
                "x": [broken(n) for n in names],
                "y": [of[n].value for n in names],
                "error_y": error,
                "marker": {"color": colour},
                "hovertemplate": "%{x}: %{y:.3f}<extra></extra>",
            }
        )
    layout = {
        "height": 320,
        "barmode": "group",
        "yaxis": {"title": {"text": "share of the variance"}},
        "xaxis": {"tickangle": 0, "automargin": True},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }
    text = ", ".join(f"{i.parameter} {i.value:.2f}" for i in one.named("ST"))
    chart = page.add({"data": traces, "layout": layout}, "Sobol's indices", f"Total indices: {text}.")
    return chart + folded("The same as a table", _index_table(one))


def _morris(one: Influence, page: Charts) -> Html:
    if one.reason:
        return NONE
    star, sigma = ({i.parameter: i for i in one.named(key)} for key in ("mu_star", "sigma"))
    names = ordered(one)
    most = max(star[n].value + star[n].half_width for n in names)
    error = {"type": "data", "array": [star[n].half_width for n in names], "thickness": 1.0, "color": "@axis"}
    trace = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [star[n].value for n in names],
        "y": [sigma[n].value for n in names],
        "text": [n if star[n].value > _LEAST_LABELLED * most else "" for n in names],
        "customdata": names,
        "textposition": "top center",
        "error_x": error,
        "cliponaxis": False,
        "marker": {"color": "@pem", "size": 9},
        "hovertemplate": "%{customdata}: mean %{x:.4~g}, spread %{y:.4~g}<extra></extra>",
        "showlegend": False,
    }
    layout = {
        "height": 360,
        "hovermode": "closest",
        "xaxis": {"title": {"text": "mean absolute effect (mu*)"}, "range": [-0.08 * most, 1.22 * most]},
        "yaxis": {"title": {"text": "spread of the effects (sigma)"}, "rangemode": "tozero"},
    }
    text = ", ".join(f"{n} {shown(star[n].value)}" for n in names)
    chart = page.add({"data": [trace], "layout": layout}, "Morris' effects", f"Mean absolute effects: {text}.")
    return chart + folded("The same as a table", _index_table(one))


def _index_table(one: Influence) -> Html:
    rows = [
        [
            Cell(i.parameter),
            Cell(i.other or "–"),
            Cell(i.name),
            Cell(shown(i.value), i.value),
            _half_width(i),
        ]
        for i in one.indices
    ]
    headings = ["parameter", "with", "index", "value", f"half width at {one.method.confidence_frac:.0%}"]
    return table(one.output, headings, rows, [True, True, True, False, False])


def _half_width(index: Index) -> Cell:
    return Cell(shown(index.half_width), _key(index.half_width))


_PARTS = (
    (
        "tornado",
        "One at a time",
        "Each parameter goes to its low and its high quantile while the others stay in their middle.",
        _tornado,
    ),
    (
        "morris",
        "Elementary effects (Morris)",
        "Mean absolute change of an output over the whole span of a parameter, from many places. A spread as large as "
        "the mean tells of bends, or of interaction with other parameters.",
        _morris,
    ),
    (
        "sobol",
        "Shares of the variance (Sobol)",
        "What share of an output's variance a parameter makes by itself, and with all that it interacts in. Bars with "
        "their confidence intervals; where the second is well above the first, parameters act together.",
        _sobol,
    ),
)
