"""Columns of runs as Plotly figures: panels by unit or by column, finely where one looks, coarsely around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from h2plant.dashboard.log import WINDOW_POINTS, Log, View
from h2plant.report.page import charts
from h2plant.report.page.charts import Figure, Trace
from h2plant.report.page.compare import RUN_COLOURS, RUN_DASHES
from h2plant.report.plot import shown_unit
from h2plant.results.folder import ResultsError

MOST_COLUMNS = 24
MOST_PANELS = 8

_COLOURS = ("@pem", "@soec", "@h2", "@price", "@heat", "@water", "@wind", "@o2")
_DASHES = ("solid", "dash", "dot")
_PANEL_PX = 150
_MOST_DASHED = 400
"""Most values of a line that is dashed: in a denser one the dashes say nothing."""

Range = tuple[float, float] | None
"""What is looked at, ms since 1970; all if None."""


@dataclass(frozen=True)
class Row:
    """A line of the table under a chart: a column over the range looked at, in the unit shown."""

    name: str
    unit: str
    least: float
    mean: float
    greatest: float
    meaning: str


@dataclass(frozen=True)
class Drawn:
    """A chart, its table, what it shows in words, and what could not be drawn."""

    figure: Figure | None
    rows: list[Row]
    note: str
    problems: list[str]


@dataclass(frozen=True)
class _Line:
    """A column to be drawn, with its name in the legend and its look."""

    log: Log
    column: str
    view: View
    name: str
    look: dict[str, Any]
    shift_ms: float = 0.0


def explore(log: Log, columns: Sequence[str], range_ms: Range) -> Drawn:
    """Return columns of a run over time, those of one unit in one panel.

    Parameters
    ----------
    log
        The run's log.
    columns
        Their names; what cannot be read is said, and the others are drawn.
    range_ms
        What is looked at.
    """
    problems: list[str] = []
    panels: dict[str, list[_Line]] = {}
    chosen = list(dict.fromkeys(columns))
    if len(chosen) > MOST_COLUMNS:
        problems.append(f"{len(chosen)} columns are chosen; the first {MOST_COLUMNS} are drawn")
    for name in chosen[:MOST_COLUMNS]:
        try:
            view = log.view(name, *(range_ms or (None, None)))
        except ResultsError as error:
            problems.append(str(error))
            continue
        unit = shown_unit(log.units[name], _largest(view))[0]
        if unit not in panels and len(panels) == MOST_PANELS:
            problems.append(f"{name} [{unit}]: a chart has at most {MOST_PANELS} panels, one for each unit")
            continue
        lines = panels.setdefault(unit, [])
        k = len(lines)
        look = {"color": _COLOURS[k % len(_COLOURS)], "dash": _DASHES[k // len(_COLOURS) % len(_DASHES)]}
        lines.append(_Line(log, name, view, name, look))
    titled = [("–" if unit == "1" else unit, lines) for unit, lines in panels.items()]
    return _drawn(titled, range_ms, log, problems)


def compare(logs: Sequence[Log], names: Sequence[str], columns: Sequence[str], range_ms: Range) -> Drawn:
    """Return columns of several runs over each other, a panel for each column, on the calendar of the first run.

    Parameters
    ----------
    logs, names
        The runs and what they are called.
    columns
        Their names; a run that does not have one is left out of its panel, and it is said.
    range_ms
        What is looked at, on the calendar of the first run.
    """
    problems: list[str] = []
    titled: list[tuple[str, list[_Line]]] = []
    chosen = list(dict.fromkeys(columns))
    if len(chosen) > MOST_PANELS:
        problems.append(f"{len(chosen)} columns are chosen; the first {MOST_PANELS} are drawn")
    for column in chosen[:MOST_PANELS]:
        lines: list[_Line] = []
        for k, (log, name) in enumerate(zip(logs, names, strict=True)):
            shift_ms = (logs[0].start_s - log.start_s) * 1000.0
            within = (None, None) if range_ms is None else (range_ms[0] - shift_ms, range_ms[1] - shift_ms)
            try:
                view = log.view(column, *within)
            except ResultsError as error:
                problems.append(str(error))
                continue
            dash = RUN_DASHES[k % len(RUN_DASHES)] if view.n_shown <= _MOST_DASHED else "solid"
            look = {"color": RUN_COLOURS[k % len(RUN_COLOURS)], "dash": dash}
            lines.append(_Line(log, column, view, name, look, shift_ms))
        if lines:
            titled.append((column, lines))
    longest = max(logs, key=lambda log: log.n_rows * log.interval_s)
    drawn = _drawn(titled, range_ms, longest, problems, is_compared=True)
    if len({log.start_s for log in logs}) > 1:
        text = f"The runs start at different times; each is drawn from its start, on the calendar of {names[0]}."
        drawn = Drawn(drawn.figure, drawn.rows, f"{text} {drawn.note}", drawn.problems)
    return drawn


def _drawn(
    titled: Sequence[tuple[str, list[_Line]]],
    range_ms: Range,
    longest: Log,
    problems: list[str],
    is_compared: bool = False,
) -> Drawn:
    rows: list[tuple[str, list[Trace]]] = []
    limits: list[tuple[float, float] | None] = []
    table: list[Row] = []
    for title, lines in titled:
        unit, factor, offset = shown_unit(
            lines[0].log.units[lines[0].column], max(_largest(line.view) for line in lines)
        )
        traces, least, greatest = [], np.inf, -np.inf
        for line in lines:
            view = line.view
            low, mean, high = (value * factor + offset for value in (view.least, view.mean, view.greatest))
            if np.isfinite(low):
                least, greatest = min(least, low), max(greatest, high)
            traces.append(_trace(line, unit, factor, offset))
            name = f"{line.name}: {line.column}" if is_compared else line.column
            shown = "–" if unit == "1" else unit
            table.append(Row(name, shown, low, mean, high, line.log.descriptions[line.column]))
        rows.append((f"{title}, {unit}" if is_compared and unit != "1" else title, traces))
        limits.append((least, greatest) if least <= greatest else None)
    if not rows:
        return Drawn(None, [], "", problems)
    figure = charts.as_text(charts.stacked(rows, _PANEL_PX))
    shifted = titled[0][1][0].shift_ms if longest is titled[0][1][0].log else 0.0
    span = tuple(edge + shifted for edge in longest.span())
    layout = figure["layout"]
    layout["meta"] = {"span": span, "interval": longest.interval_s * 1000.0}
    layout["margin"]["t"] = 8
    for k, limit in enumerate(limits):
        axis = layout[f"yaxis{'' if k == 0 else k + 1}"]
        axis["fixedrange"] = True
        if limit is not None:
            axis["range"] = _padded(*limit)
        layout[f"xaxis{'' if k == 0 else k + 1}"]["range"] = list(range_ms or span)
    return Drawn(figure, table, _note([line.view for _, lines in titled for line in lines], longest), problems)


def _largest(view: View) -> float:
    finite = np.abs(view.values[np.isfinite(view.values)])
    return float(finite.max(initial=0.0))


def _trace(line: _Line, unit: str, factor: float, offset: float) -> Trace:
    shape = "linear" if line.log.is_end(line.column) else "hv"
    times = line.log.milliseconds(line.column, line.view.rows) + line.shift_ms
    suffix = "" if unit == "1" else f" {unit}"
    return {
        "type": "scatter",
        "mode": "lines",
        "name": line.name,
        "x": charts.packed(times),
        "y": charts.packed(line.view.values * factor + offset),
        "line": {"width": 1.4, "shape": shape, **line.look},
        "hovertemplate": f"%{{y:,.5~g}}{suffix}",
    }


def _padded(least: float, greatest: float) -> list[float]:
    """Return the range of an axis with a little room; nothing below zero where all values are above it."""
    room = 0.06 * (greatest - least) or 0.06 * abs(greatest) or 1.0
    low = least - room
    return [0.0 if least >= 0.0 > low else low, greatest + room]


def _note(views: Sequence[View], log: Log) -> str:
    """Return what is shown of how much."""
    most = max(views, key=lambda view: view.end - view.begin)
    n = most.end - most.begin
    every = _interval_text(log.interval_s)
    if n == 0:
        return "Nothing was logged in this range."
    if most.n_shown >= n:
        return f"Every value of the range is shown: {n:,}, one every {every}."
    return (
        f"{most.n_shown:,} of {n:,} values are shown, the least and the greatest of each piece of the range; "
        f"zoom in to see one every {every}."
    )


def _interval_text(seconds: int) -> str:
    for unit, factor in (("h", 3600), ("min", 60)):
        if seconds % factor == 0:
            return f"{seconds // factor} {unit}" if seconds > factor else {"h": "hour", "min": "minute"}[unit]
    return f"{seconds} s"


__all__ = ["MOST_COLUMNS", "MOST_PANELS", "WINDOW_POINTS", "Drawn", "Range", "Row", "compare", "explore"]
