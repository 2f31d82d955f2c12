"""How far an output moves with each parameter: a tornado chart, and the same as a table."""

from __future__ import annotations

from h2plant.core.markup import NONE, Html
from h2plant.report.page.charts import Figure, Trace
from h2plant.report.page.parts import Cell, Charts, Section, missing, shown, table
from h2plant.report.sensitivity_file import Sensitivity, Swing

MOST_BARS = 15
_ROOM = 0.22
"""Room left and right of the bars for their values, of the whole span."""


def sensitivity(study: Sensitivity | str | None, page: Charts) -> list[Section]:
    """Return the section of a study; none where there is no study.

    Parameters
    ----------
    study
        The study, or why it cannot be read.
    page
        Takes the chart.
    """
    if study is None:
        return []
    if isinstance(study, str):
        return [Section("sensitivity", "Sensitivity", "", missing(study))]
    name = study.label or study.output
    drawn = _drawn(study)
    html = NONE
    if drawn:
        amounts = "; ".join(f"{s.path} {shown(s.output_at_low)} to {shown(s.output_at_high)}" for s in drawn)
        alt = f"Tornado chart of {name}, {study.unit}, around {study.base:.4g}: {amounts}."
        note = (
            "Each parameter alone at its low and at its high value (at the ends of the bars), the widest span on top."
        )
        if len(study.parameters) > len(drawn):
            note += f" {len(drawn)} of {len(study.parameters)} parameters; the table has all."
        html = page.add(tornado(study), f"{name[:1].upper()}{name[1:]}, {study.unit}", alt, note)
    html += _table(study)
    intro = f"With everything as in the run {name} is {shown(study.base)} {study.unit}."
    if study.note:
        intro += f" {study.note}"
    return [Section("sensitivity", "Sensitivity", intro, html)]


def tornado(study: Sensitivity) -> Figure:
    """Return the chart: bars from the base to the output at the low and at the high value, the widest on top.

    Only parameters with both outputs are drawn, at most ``MOST_BARS``.
    """
    drawn = _drawn(study)
    reached = [study.base, *(v for s in drawn for v in (s.output_at_low, s.output_at_high) if v is not None)]
    least, greatest = min(reached), max(reached)
    room = _ROOM * ((greatest - least) or abs(study.base) or 1.0)
    traces = [
        _bars(study, drawn, "at the low value", "@pem", 0.74, False),
        _bars(study, drawn, "at the high value", "@soec", 0.44, True),
    ]
    layout = {
        "height": 110 + 30 * len(drawn),
        "barmode": "overlay",
        "xaxis": {"title": {"text": study.unit}, "range": [least - room, greatest + room], "zeroline": False},
        "yaxis": {"autorange": "reversed", "automargin": True, "type": "category"},
        "shapes": [
            {"type": "line", "xref": "x", "yref": "paper", "x0": study.base, "x1": study.base, "y0": 0, "y1": 1,
             "line": {"color": "@soft", "width": 1}}
        ],
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        "margin": {"t": 36, "b": 46},
    }  # fmt: skip
    return {"data": traces, "layout": layout}


def _bars(study: Sensitivity, drawn: list[Swing], name: str, colour: str, width: float, is_high: bool) -> Trace:
    """Return the bars of one end; the thinner ones lie on top, so that both show where they point one way."""
    outputs = [swing.output_at_high if is_high else swing.output_at_low for swing in drawn]
    values = [f"{swing.high if is_high else swing.low:.4g}" for swing in drawn]
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": [_name(swing) for swing in drawn],
        "x": [0.0 if output is None else output - study.base for output in outputs],
        "base": study.base,
        "width": width,
        "text": [_ends(swing, study.base, is_high) for swing in drawn],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": colour},
        "customdata": [f"{value}: {shown(output)}" for value, output in zip(values, outputs, strict=True)],
        "hovertemplate": f"%{{y}} %{{customdata}} {study.unit}<extra></extra>",
    }


def _ends(swing: Swing, base: float, is_high: bool) -> str:
    """Return the value at the end of a bar; where both bars point one way, both values at the end of the longer one."""
    low, high = (swing.output_at_low or 0.0) - base, (swing.output_at_high or 0.0) - base
    if low * high < 0.0:
        return f"{swing.high if is_high else swing.low:.4g}"
    is_longer = (abs(high) > abs(low)) if is_high else (abs(low) >= abs(high))
    return f"{swing.low:.4g}, {swing.high:.4g}" if is_longer else ""


def _name(swing: Swing) -> str:
    """Return the parameter as an axis shows it: component above field."""
    component, _, field = swing.path.rpartition(".")
    return f"{component}\n{field}" if component else field


def _span(swing: Swing) -> float | None:
    if swing.output_at_low is None or swing.output_at_high is None:
        return None
    return abs(swing.output_at_high - swing.output_at_low)


def _drawn(study: Sensitivity) -> list[Swing]:
    return [swing for swing in _by_span(study) if _span(swing) is not None][:MOST_BARS]


def _by_span(study: Sensitivity) -> list[Swing]:
    """Return the parameters with the widest span, the base counted in, first; those without both outputs last."""

    def width(swing: Swing) -> float:
        reached = [v for v in (swing.output_at_low, swing.output_at_high, study.base) if v is not None]
        return max(reached) - min(reached) if len(reached) == 3 else -1.0

    return sorted(study.parameters, key=lambda swing: -width(swing))


def _table(study: Sensitivity) -> Html:
    rows = [
        (
            Cell(swing.path),
            Cell("" if swing.unit == "1" else swing.unit),
            Cell(shown(swing.low), swing.low),
            Cell(shown(swing.base), swing.base),
            Cell(shown(swing.high), swing.high),
            Cell(shown(swing.output_at_low), swing.output_at_low),
            Cell(shown(swing.output_at_high), swing.output_at_high),
            Cell(shown(_span(swing)), _span(swing)),
        )
        for swing in _by_span(study)
    ]
    headings = (
        *("parameter", "unit", "low", "run", "high"),
        *(f"{study.unit} at low", f"{study.unit} at high", "span"),
    )
    caption = f"{study.label or study.output}, {study.unit}: parameters one at a time"
    return table(caption, headings, rows, (True, True, *(False for _ in headings[2:])), "sensitivity-table")
