"""The page of a study: one file that needs nothing from anywhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from h2plant.core.markup import NONE, Html
from h2plant.report.page import charts
from h2plant.report.page.charts import Figure
from h2plant.report.page.document import compose, write_page
from h2plant.report.page.parts import Cell, Charts, Section, folded, missing, shown, table, warning
from h2plant.simulation.program import FloatArray
from h2plant.studies.study.files import provenance
from h2plant.studies.study.run import StudyRun
from h2plant.studies.study.statistics import Columns, columns_of, main_effect, quantiles, rank_correlation
from h2plant.studies.view.console import number

_MOST_DOTS = 500
"""Most scenarios that are drawn one by one; of more, evenly spaced ones are taken."""
_FIFTHS = ("#dba33c", "#cf7a48", "#ad5f7f", "#7d5fb0", "#4a74d0")
_MOST_ROWS = 300
_MOST_OUTPUTS = 8
_MOST_EFFECTS = 4
_MOST_AXES = 7
_LINE = 17
_GRID = (
    '<div style="display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,{}px),1fr));gap:0 1rem">{}</div>'
)
_CORRELATIONS = [[0.0, "rgba(196,84,56,0.6)"], [0.5, "rgba(128,128,128,0.06)"], [1.0, "rgba(47,111,176,0.6)"]]


def write_report(run: StudyRun, page: Callable[[], str]) -> Path | None:
    """Write a page as ``report.html`` into the folder of a study; None where plotly, which draws it, is missing.

    Raises
    ------
    ResultsError
        It cannot be written.
    """
    return write_page(run.folder / "report.html", page()) if find_spec("plotly") else None


def study_page(run: StudyRun, command: str) -> str:
    """Return the page as text; ``command`` makes it again."""
    columns = columns_of(run)
    page = Charts()
    sections = [results(run, columns)]
    if len(columns.numbers) > 1 and columns.parameters:
        sections += [
            _spread(run, columns, page),
            _effects(run, columns, page),
            _correlations(columns, page),
            _pairs(columns, page),
            _parallel(columns, page),
        ]
    sections.append(scenarios(run, columns))
    about = f"{len(run.outcomes):,} scenarios"
    return composed(run, command, about, run.study.design.kind.replace("_", " "), sections, page)


def composed(
    run: StudyRun, command: str, about: str, method: str, sections: list[Section], page: Charts, warning_text: str = ""
) -> str:
    """Return the page of a study of any kind as text: with its sections, then what failed and where it comes from.

    Parameters
    ----------
    run
        The study.
    command
        Makes the page again.
    about, method
        What was run of the scenario, and the design or the search: for the line below the name.
    sections, page
        What is shown, and the charts in it.
    warning_text
        A warning before that of the run, if there is one.
    """
    scenario = run.study.scenario
    span = f"{scenario.hours:,.6g} hours each from {scenario.start:%Y-%m-%d %H:%M} UTC"
    message = NONE.join(warning(text) for text in (warning_text, run.warning) if text)
    content = {"charts": page.figures, "links": [], "events": {}}
    sections = [*sections, _failures(run), _origin(run, command)]
    title, subtitle = run.study.name.replace("_", " "), f"{about} of {scenario.name}, {span}; {method}"
    return compose(title, subtitle, message, sections, content)


def grid(px: int, parts: Sequence[Html]) -> Html:
    """Return parts side by side, each at least so many pixels wide where there is room."""
    return Html(_GRID, px, NONE.join(parts))


def _label(run: StudyRun, name: str) -> str:
    unit = run.units.get(name, "")
    return f"{name}, {unit}" if unit and unit != "1" else name


def results(run: StudyRun, columns: Columns) -> Section:
    """Return the spread of the outputs."""
    intro = run.study.description
    if not columns.numbers:
        return Section("results", "Results", intro, missing("no scenario came to its end with a valid answer"))
    rows = []
    for name, values in columns.outputs.items():
        rows.append([Cell(name), *(Cell(number(v), v) for v in quantiles(values)), Cell(run.units.get(name, ""))])
    headings = ["output", "least", "5 %", "median", "95 %", "greatest", "unit"]
    html = table("Spread of the outputs over all scenarios", headings, rows, [True, *[False] * 5, True])
    first, values = next(iter(columns.outputs.items()))
    if np.isfinite(values).any():
        ends = []
        for what, k in (("Least", int(np.nanargmin(values))), ("Greatest", int(np.nanargmax(values)))):
            point = run.points[columns.numbers[k] - 1]
            text = f"{what} {first}: {number(float(values[k]))} in scenario {point.number} ({point.shown()})."
            ends.append(Html("<p>{}</p>", text))
        html = NONE.join(ends) + html
    return Section("results", "Results", intro, html)


def _spread(run: StudyRun, columns: Columns, page: Charts) -> Section:
    places = []
    for name, values in list(columns.outputs.items())[:_MOST_OUTPUTS]:
        finite = values[np.isfinite(values)]
        if not finite.size or np.ptp(finite) == 0.0:
            continue
        counts, edges = np.histogram(finite, bins=int(np.clip(np.sqrt(finite.size) * 1.5, 8, 40)))
        trace = {
            "type": "bar",
            "x": charts.packed(0.5 * (edges[1:] + edges[:-1])),
            "y": charts.packed(counts.astype(float)),
            "width": float(edges[1] - edges[0]) * 0.94,
            "marker": {"color": "@h2"},
            "hovertemplate": "%{x:.4~g}: %{y:.0f} scenarios<extra></extra>",
        }
        layout = {
            "height": 230,
            "yaxis": {"title": {"text": "scenarios"}, "nticks": 5},
            "xaxis": {"title": {"text": _label(run, name)}, "nticks": 6},
        }
        q = quantiles(values)
        text = f"Histogram: median {shown(q[2])}, 5 % {shown(q[1])}, 95 % {shown(q[3])}."
        places.append(page.add({"data": [trace], "layout": layout}, name, text))
    html = grid(330, places) if places else missing("no output varies")
    return Section("spread", "How the outputs spread", "", html)


def _effects(run: StudyRun, columns: Columns, page: Charts) -> Section:
    blocks = []
    for name, values in list(columns.outputs.items())[:_MOST_EFFECTS]:
        finite = values[np.isfinite(values)]
        if not finite.size or np.ptp(finite) == 0.0:
            continue
        margin = 0.04 * float(np.ptp(finite))
        ends = [float(finite.min()) - margin, float(finite.max()) + margin]
        places = [_effect(columns, parameter, name, ends, page) for parameter in columns.free[:_MOST_AXES]]
        blocks.append(Html("<h3>{}</h3>", _label(run, name)) + grid(200, places))
    intro = (
        "Mean of an output over the scenarios that are alike in one parameter; the band holds 90 % of them. "
        "A steep line under a narrow band: the parameter decides."
    )
    return Section("effects", "What each parameter does", intro, NONE.join(blocks) or missing("no output varies"))


def _effect(columns: Columns, parameter: str, output: str, ends: list[float], page: Charts) -> Html:
    effect = main_effect(columns, parameter, output)
    kept = [k for k in range(len(effect.mean)) if np.isfinite(effect.mean[k])]
    at = [effect.at[k] for k in kept]
    mean, low, high = ([float(values[k]) for k in kept] for values in (effect.mean, effect.low, effect.high))
    text = f"Mean of {output}: " + ", ".join(f"{shown(m)} at {a}" for a, m in zip(at, mean, strict=True))
    title = re.sub(r"([._])", "\\1\u200b", parameter)
    if any(isinstance(word, str) for word in at):  # nothing lies between words: no line
        reach = {"array": np.subtract(high, mean).tolist(), "arrayminus": np.subtract(mean, low).tolist()}
        dots = {
            "type": "scatter",
            "mode": "markers",
            "x": mean,
            "y": [str(word) for word in at],
            "error_x": {"type": "data", "symmetric": False, **reach, "color": "@pem~", "thickness": 8, "width": 0},
            "marker": {"color": "@pem", "size": 8},
            "showlegend": False,
            "hovertemplate": "%{y}: %{x:.4~g}<extra></extra>",
        }
        names = {"type": "category", "autorange": "reversed", "dtick": 1, "automargin": True}
        height = max(210, 70 + 26 * len(at))
        layout = {"height": height, "xaxis": {"range": ends, "nticks": 5}, "yaxis": names, "hovermode": "closest"}
        return page.add({"data": [dots], "layout": layout}, title, text)
    line = {"type": "scatter", "x": at, "showlegend": False, "hovertemplate": "%{x}: %{y:.4~g}<extra></extra>"}
    traces = [
        {**line, "y": low, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"},
        {**line, "y": high, "mode": "lines", "line": {"width": 0}, "fill": "tonexty", "fillcolor": "@pem~"},
        {**line, "y": mean, "mode": "lines+markers", "line": {"color": "@pem", "width": 2}},
    ]
    layout = {"height": 210, "yaxis": {"range": ends, "nticks": 5}, "xaxis": {"nticks": 5}, "hovermode": "x"}
    return page.add({"data": traces, "layout": layout}, title, text)


def _correlations(columns: Columns, page: Charts) -> Section:
    found = {name: columns.numeric(name) for name in columns.free}
    numeric = {name: values for name, values in found.items() if values is not None}
    outputs = list(columns.outputs)
    if len(columns.numbers) < 3 or not numeric:
        return Section("correlations", "Rank correlations", "", missing("there are fewer than three scenarios"))
    z = [[rank_correlation(x, columns.outputs[o]) for x in numeric.values()] for o in outputs]
    finite = [[v if np.isfinite(v) else None for v in row] for row in z]
    trace = {
        "type": "heatmap",
        "x": [broken(name) for name in numeric],
        "y": outputs,
        "z": finite,
        "text": [["" if v is None else f"{v:+.2f}" for v in row] for row in finite],
        "texttemplate": "%{text}",
        "textfont": {"color": "@text"},
        "zmin": -1,
        "zmax": 1,
        "colorscale": _CORRELATIONS,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hovertemplate": "%{y} and %{x}: %{z:+.2f}<extra></extra>",
    }
    layout = {
        "height": 90 + 34 * len(outputs),
        "yaxis": {"autorange": "reversed", "automargin": True, "showgrid": False},
        "xaxis": {"side": "top", "showgrid": False, "tickangle": 0, "automargin": True},
        "margin": {"t": 66, "b": 10},
    }
    pairs = [(o, n, v) for o, row in zip(outputs, z, strict=True) for n, v in zip(numeric, row, strict=True)]
    strongest = sorted((p for p in pairs if np.isfinite(p[2])), key=lambda p: -abs(p[2]))
    text = "; ".join(f"{o} with {n} {v:+.2f}" for o, n, v in strongest[:4])
    intro = (
        "Spearman's: +1 where an output always rises with a parameter, −1 where it always falls, near 0 where neither."
    )
    html = page.add({"data": [trace], "layout": layout}, "Outputs against parameters", f"Strongest: {text}.")
    return Section("correlations", "Rank correlations", intro, html)


def broken(name: str) -> str:
    """Return a name in lines of few characters, broken behind dots and underscores, for narrow places."""
    lines = [""]
    for word in re.split(r"(?<=[._])", name):
        if len(lines[-1]) + len(word) > _LINE and lines[-1]:
            lines.append("")
        lines[-1] += word
    return "\n".join(lines)


def _thinned(n: int, most: int) -> npt.NDArray[np.intp]:
    """Return the places of at most so many of n scenarios, evenly spaced."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.intp))


def _axes(columns: Columns) -> dict[str, FloatArray]:
    """Return the numbers that are drawn against each other: free parameters, then outputs."""
    found = {name: columns.numeric(name) for name in columns.free}
    axes = {name: values for name, values in found.items() if values is not None}
    axes = dict(list(axes.items())[: _MOST_AXES - 2])
    for name, values in columns.outputs.items():
        finite = values[np.isfinite(values)]
        if len(axes) < _MOST_AXES and name not in axes and finite.size and np.ptp(finite) > 0.0:
            axes[name] = values
    return axes


def _bands(values: FloatArray) -> list[tuple[str, FloatArray]]:
    """Return (colour, which scenarios) by fifths of a first output, the first least."""
    finite = np.where(np.isfinite(values), values, np.inf)
    place = np.empty(values.size)
    place[np.argsort(finite, kind="stable")] = np.arange(values.size) / max(values.size, 1)
    return [
        (colour, np.minimum((place * len(_FIFTHS)).astype(int), len(_FIFTHS) - 1) == k)
        for k, colour in enumerate(_FIFTHS)
    ]


def _pairs(columns: Columns, page: Charts) -> Section:
    """Return dots of each number over each other, as plain drawing: no browser is without it, and paper takes it."""
    axes = _axes(columns)
    names, kept = list(axes), _thinned(len(columns.numbers), _MOST_DOTS)
    bands = _bands(next(iter(columns.outputs.values()))[kept])
    n = len(names) - 1
    traces = []
    height = 60 + 118 * n
    layout: Figure = {"height": height, "margin": {"l": 74, "b": 56, "t": 6, "r": 8}, "hovermode": "closest"}
    number = 0
    for row in range(n):
        for column in range(row + 1):
            number += 1
            at = "" if number == 1 else str(number)
            x, y = axes[names[column]][kept], axes[names[row + 1]][kept]
            for colour, inside in bands:
                dots = {"type": "scatter", "mode": "markers", "marker": {"color": colour, "size": 4, "opacity": 0.85}}
                hover = [f"scenario {columns.numbers[k]}" for k in kept[inside]] if row == n - 1 else None
                places = {"xaxis": f"x{at}", "yaxis": f"y{at}", "showlegend": False, "text": hover}
                traces.append({**dots, **places, "x": charts.packed(x[inside]), "y": charts.packed(y[inside])})
            gap = 0.12 / n
            small = {"tickfont": {"size": 9}, "nticks": 4, "zeroline": False, "automargin": False, "tickangle": 0}
            domain = [column / n + gap * (column > 0), (column + 1) / n]
            layout[f"xaxis{at}"] = {**small, "domain": domain, "anchor": f"y{at}", "showticklabels": row == n - 1}
            low = 1.0 - (row + 1) / n
            layout[f"yaxis{at}"] = {**small, "domain": [low + gap, low + 1.0 / n], "anchor": f"x{at}"}
            layout[f"yaxis{at}"]["showticklabels"] = column == 0
            if row == n - 1:
                layout[f"xaxis{at}"]["title"] = {"text": broken(names[column]), "font": {"size": 10}}
            if column == 0:
                layout[f"yaxis{at}"]["title"] = {"text": broken(names[row + 1]), "font": {"size": 10}}
    note = (
        f"Each dot is a scenario; its colour is {next(iter(columns.outputs))}, from yellow (the least fifth) to blue."
    )
    text = f"Scatter plots of {', '.join(names)} against each other."
    html = page.add({"data": traces, "layout": layout}, "Pairs", text, note)
    return Section("pairs", "Each against each", "", html)


def _parallel(columns: Columns, page: Charts) -> Section:
    axes = _axes(columns)
    kept = _thinned(len(columns.numbers), _MOST_DOTS)
    parts: list[FloatArray] = []
    ends: list[tuple[float, float]] = []
    for values in axes.values():
        finite = values[np.isfinite(values)]
        low, high = float(finite.min()), float(finite.max())
        ends.append((low, high))
        parts.append((values[kept] - low) / (high - low))
    grid = np.stack([*parts, np.full(len(kept), np.nan)], axis=1)  # NaN: the pen is lifted between two scenarios
    traces: list[Figure] = []
    for colour, inside in _bands(next(iter(columns.outputs.values()))[kept]):
        x = np.tile(np.arange(grid.shape[1], dtype=float), int(inside.sum()))
        line = {"color": colour, "width": 1.1}
        drawn = {"type": "scatter", "mode": "lines", "line": line, "opacity": 0.75, "hoverinfo": "skip"}
        traces.append({**drawn, "x": charts.packed(x), "y": charts.packed(grid[inside].ravel()), "showlegend": False})
    for at, place in ((1, "top center"), (0, "bottom center")):
        words = [number(end[at]) for end in ends]
        text = {"type": "scatter", "mode": "text", "x": list(range(len(axes))), "y": [at] * len(axes), "text": words}
        traces.append({**text, "textposition": place, "showlegend": False, "hoverinfo": "skip", "cliponaxis": False})
    layout = {
        "height": 400,
        "margin": {"l": 60, "r": 60, "t": 74, "b": 34},
        "xaxis": {
            "tickvals": list(range(len(axes))),
            "ticktext": [broken(name) for name in axes],
            "side": "top",
            "tickangle": 0,
            "range": [-0.15, len(axes) - 0.85],
            "gridwidth": 2,
            "tickfont": {"size": 10},
            "ticklen": 14,
            "tickcolor": "rgba(0,0,0,0)",
        },
        "yaxis": {"visible": False, "range": [-0.09, 1.09]},
    }
    first = next(iter(columns.outputs))
    note = f"Each line is a scenario, each axis from least to greatest; colour: {first}, from yellow to blue."
    html = page.add(
        {"data": traces, "layout": layout}, "All at once", f"Parallel coordinates of {', '.join(axes)}.", note
    )
    return Section("parallel", "Parallel coordinates", "", html)


def scenarios(run: StudyRun, columns: Columns) -> Section:
    """Return the scenarios as a table."""
    if not columns.numbers:
        return Section("scenarios", "Scenarios", "", missing("none came to its end"))
    names = list(columns.parameters)
    is_word = {n: columns.numeric(n) is None for n in names}
    first = next(iter(columns.outputs.values()))
    order = np.argsort(np.where(np.isfinite(first), first, np.inf), kind="stable")[:_MOST_ROWS]
    rows = []
    for k in order:
        cells = [Cell(str(columns.numbers[k]), float(columns.numbers[k]))]
        for n in names:
            value = columns.parameters[n][k]
            cells.append(Cell(str(value)) if is_word[n] else Cell(shown(float(value)), float(value)))
        cells += [Cell(number(float(v[k])), float(v[k]) if v[k] == v[k] else None) for v in columns.outputs.values()]
        rows.append(cells)
    texts = [False, *(is_word[n] for n in names), *(False for _ in columns.outputs)]
    caption = f"Scenarios by {next(iter(columns.outputs))}, least first"
    html = table(caption, ["scenario", *names, *columns.outputs], rows, texts)
    rest = len(columns.numbers) - len(rows)
    more = Html("<p>{:,} more are in results.csv.</p>", rest) if rest else NONE
    return Section("scenarios", "Scenarios", "", folded(f"{len(rows)} scenarios as a table", html) + more)


def _failures(run: StudyRun) -> Section:
    """Return which scenarios failed, and why."""
    if not run.failed:
        return Section("failures", "Scenarios that failed", "", Html("<p>None.</p>"))
    shown_at = {point.number: point.shown() for point in run.points}
    rows = [
        [Cell(str(o.number), float(o.number)), Cell(shown_at[o.number]), Cell(o.reason)]
        for o in run.failed[:_MOST_ROWS]
    ]
    html = table("Scenarios that failed, and why", ["scenario", "parameters", "reason"], rows, [False, True, True])
    return Section("failures", "Scenarios that failed", "", html)


def _origin(run: StudyRun, command: str) -> Section:
    """Return where the results come from."""
    found = provenance(run, command)
    rows = [
        [key.replace("_", " "), value if isinstance(value, str) else json.dumps(value)]
        for key, value in found.items()
        if key not in ("scenario", "command")
    ]
    html = table("Provenance", ["what", "value"], rows, [True, True])
    html += Html('<p>The command again:</p><div class="command"><pre><code>{}</code></pre></div>', command)
    if run.study.text:
        html += folded("The study file", Html("<pre><code>{}</code></pre>", run.study.text))
    return Section("provenance", "Where this comes from", "", html)
