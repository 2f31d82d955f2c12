"""The page of an optimisation: what it changed, how it went, the Pareto front, where it looked."""

from __future__ import annotations

import math

import numpy as np

from h2plant.core.markup import NONE, Html
from h2plant.report.page.charts import Figure
from h2plant.report.page.parts import Cell, Charts, Section, folded, missing, shown, table
from h2plant.simulation.program import FloatArray
from h2plant.studies.search.confirm import OWN
from h2plant.studies.search.front import Judged
from h2plant.studies.search.goal import Objective
from h2plant.studies.search.optimize import OptimizeRun
from h2plant.studies.study.parameter import Parameter
from h2plant.studies.view.console import number
from h2plant.studies.view.optimize_console import comparison, miss_text, remarks, value_text
from h2plant.studies.view.page import composed, grid

_MOST_ROWS = 300
_MOST_PANELS = 12
_DOT: Figure = {"type": "scatter", "mode": "markers"}


def optimize_page(found: OptimizeRun, command: str) -> str:
    """Return the page as text; ``command`` makes it again."""
    page = Charts()
    sections = [_results(found)]
    if len(found.study.objectives) > 1:
        sections.append(_front(found, page))
    sections += [_progress(found, page), _where(found, page), _trials(found)]
    about = f"{' and '.join(x.text for x in found.study.objectives)}: {found.n_trials:,} trials"
    sampler = found.study.search.sampler.replace("_", "-").upper()
    return composed(found.run, command, about, sampler, sections, page, miss_text(found))


def _results(found: OptimizeRun) -> Section:
    intro = found.run.study.description
    if not found.best:
        return Section("results", "What it changed", intro, missing("no trial satisfies all constraints"))
    headings, rows = comparison(found)
    blocks = []
    for group in dict.fromkeys(row.group for row in rows):
        cells = [[row.name, *row.cells, row.unit] for row in rows if row.group == group]
        flags = [True, *[False] * len(headings), True]
        blocks.append(table(group.capitalize(), ["", *headings, "unit"], cells, flags))
    blocks += [Html("<p>{}</p>", line.strip()) for line in remarks(found)]
    return Section("results", "What it changed", intro, NONE.join(blocks))


def _values(found: OptimizeRun, objective: Objective, of: list[Judged]) -> list[float]:
    values = (found.outcome(j.number).values[objective.output] for j in of)
    return [math.nan if value is None else value for value in values]


def _kept(found: OptimizeRun, objective: Objective) -> list[float]:
    """Return the values that an axis is to show: those of the trials that miss no constraint, and of the plant."""
    groups = _groups(found)
    return [v for name in groups if name != "misses a constraint" for v in _values(found, objective, groups[name])]


def _groups(found: OptimizeRun) -> dict[str, list[Judged]]:
    """Return the trials by how they count: best, feasible, infeasible, the plant as it is."""
    best = {j.number for j in found.best}
    valid = [j for j in found.judged if j.is_valid]
    return {
        "misses a constraint": [j for j in valid if j.number != OWN and not j.is_feasible],
        "feasible": [j for j in valid if j.number != OWN and j.is_feasible and j.number not in best],
        "best": found.best,  # along the front
        "plant as it is": [j for j in valid if j.number == OWN],
    }


_STYLES: dict[str, Figure] = {
    "misses a constraint": {"color": "@axis", "size": 5, "opacity": 0.5, "symbol": "circle-open"},
    "feasible": {"color": "@pem", "size": 6, "opacity": 0.75},
    "best": {"color": "@soec", "size": 9},
    "plant as it is": {"color": "@text", "size": 11, "symbol": "diamond-open", "line": {"width": 2}},
}


def _front(found: OptimizeRun, page: Charts) -> Section:
    first, second = found.study.objectives[:2]
    traces: list[Figure] = []
    ends: list[list[float]] = [[], []]
    for name, trials in _groups(found).items():
        x, y = _values(found, first, trials), _values(found, second, trials)
        if name != "misses a constraint":
            ends[0] += x
            ends[1] += y
        line: Figure = {"mode": "lines+markers", "line": {"width": 1.2, "shape": "linear"}} if name == "best" else {}
        label = f"Pareto front ({len(trials)})" if name == "best" else f"{name} ({len(trials)})"
        text = [f"trial {j.number}" for j in trials]
        hover = "%{text}: %{x:.4~g}, %{y:.4~g}<extra></extra>"
        traces.append(
            {
                **_DOT,
                **line,
                "x": x,
                "y": y,
                "text": text,
                "name": label,
                "marker": _STYLES[name],
                "hovertemplate": hover,
            }
        )
    layout = {
        "height": 460,
        "hovermode": "closest",
        "xaxis": {"title": {"text": _title(found, first)}, "range": _range(ends[0])},
        "yaxis": {"title": {"text": _title(found, second)}, "range": _range(ends[1])},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }
    points = "; ".join(
        f"{shown(x)} with {shown(y)}"
        for x, y in zip(_values(found, first, found.best), _values(found, second, found.best), strict=True)
    )
    chart = page.add({"data": traces, "layout": layout}, "Pareto front", f"Pareto front: {points}.")
    names = [x.output for x in found.study.objectives]
    free = [p for p in found.run.study.parameters if not p.is_tied]
    rows = [_row(found, j, names, free) for j in found.best]
    headings = ["trial", *names, *(p.name for p in free)]
    flags = [False] * (1 + len(names)) + [_is_words(p) for p in free]
    intro = "Trials that no other beats in every objective, and all others. Beyond the front one is had for the other."
    return Section(
        "front", "Pareto front", intro, chart + folded("The front as a table", table("", headings, rows, flags))
    )


def _title(found: OptimizeRun, objective: Objective) -> str:
    unit = found.run.units.get(objective.output, "")
    return objective.text + (f", {unit}" if unit and unit != "1" else "")


def _range(values: list[float]) -> list[float] | None:
    finite = [v for v in values if math.isfinite(v)]
    if not finite or min(finite) == max(finite):
        return None
    margin = 0.06 * (max(finite) - min(finite))
    return [min(finite) - margin, max(finite) + margin]


def _is_words(p: Parameter) -> bool:
    return any(isinstance(value, bool | str) for value in p.values)


def _progress(found: OptimizeRun, page: Charts) -> Section:
    places = []
    for k, objective in enumerate(found.study.objectives):
        traces: list[Figure] = []
        for name, trials in _groups(found).items():
            x, y = [j.number for j in trials], _values(found, objective, trials)
            hover = "trial %{x}: %{y:.4~g}<extra></extra>"
            dots = {**_DOT, "x": x, "y": y, "name": name, "marker": _STYLES[name], "hovertemplate": hover}
            traces.append({**dots, "showlegend": bool(trials)})
        at, so_far = _best_so_far(found, k)
        if at:
            line = {"color": "@soec", "width": 1.6, "shape": "hv"}
            best: Figure = {
                "type": "scatter",
                "mode": "lines",
                "name": "best so far",
                "line": line,
                "hoverinfo": "skip",
            }
            traces.append({**best, "x": at, "y": so_far})
        feasible = _kept(found, objective)
        layout = {
            "height": 340,
            "hovermode": "closest",
            "xaxis": {"title": {"text": "trial"}},
            "yaxis": {"title": {"text": _title(found, objective)}, "range": _range(feasible)},
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        }
        message = f"The best so far ends at {shown(so_far[-1])}." if so_far else "No trial is feasible."
        places.append(page.add({"data": traces, "layout": layout}, objective.text, message))
    return Section("progress", "How the search went", "", grid(420, places))


def _best_so_far(found: OptimizeRun, k: int) -> tuple[list[float], list[float]]:
    sign = -1.0 if found.study.objectives[k].is_maximised else 1.0
    trials = [j for j in found.judged if j.is_feasible and j.number != OWN]
    if not trials:
        return [], []
    least: FloatArray = np.minimum.accumulate([j.losses[k] for j in trials])
    return [float(j.number) for j in trials] + [float(found.n_trials)], [
        *(sign * least).tolist(),
        sign * float(least[-1]),
    ]


def _where(found: OptimizeRun, page: Charts) -> Section:
    """Return the first objective over each parameter: whether the optimum lies inside, and how sharp it is."""
    objective = found.study.objectives[0]
    groups = _groups(found)
    kept = _kept(found, objective)
    places = []
    for p in [p for p in found.run.study.parameters if not p.is_tied][:_MOST_PANELS]:
        traces: list[Figure] = []
        for name, trials in groups.items():
            x = [found.point(j.number).values[p.name] for j in trials]
            x = [None if isinstance(v, float) and math.isnan(v) else v for v in x]  # type: ignore[misc]
            hover = "%{x:.4~g}: %{y:.4~g}<extra></extra>" if not _is_words(p) else "%{x}: %{y:.4~g}<extra></extra>"
            dots = {**_DOT, "x": x, "y": _values(found, objective, trials), "marker": _STYLES[name]}
            traces.append({**dots, "name": name, "showlegend": False, "hovertemplate": hover})
        axis: Figure = {"title": {"text": p.name}, "nticks": 6}
        if _is_words(p):
            axis["type"] = "category"
        layout = {
            "height": 250,
            "hovermode": "closest",
            "xaxis": axis,
            "yaxis": {"range": _range(kept), "nticks": 5},
        }
        at = ", ".join(value_text(found.point(n).values[p.name]) for n in found.ends) or "nowhere"
        places.append(
            page.add({"data": traces, "layout": layout}, "", f"{objective.output} over {p.name}: best at {at}.")
        )
    intro = (
        f"{_title(found, objective)} of each trial over each parameter; marks as above. A best trial at the edge of a "
        "range asks for a wider one, if the plant allows it."
    )
    return Section("where", "Where it looked", intro, grid(300, places))


def _row(found: OptimizeRun, j: Judged, names: list[str], free: list[Parameter]) -> list[str | Cell]:
    values, point = found.outcome(j.number).values, found.point(j.number).values
    cells: list[str | Cell] = [Cell(str(j.number), float(j.number))]
    for name in names:
        value = values.get(name)
        cells.append(Cell("–" if value is None else number(value), value))
    for p in free:
        own = point[p.name]
        is_number = isinstance(own, int | float) and not math.isnan(own)
        cells.append(Cell(value_text(own), float(own) if is_number else None))
    return cells


def _trials(found: OptimizeRun) -> Section:
    trials = sorted((j for j in found.judged if j.is_valid), key=lambda j: (j.violation, j.losses))[:_MOST_ROWS]
    if not trials:
        return Section("trials", "Trials", "", missing("none came to its end"))
    names = [output.name for output in found.run.study.outputs]
    free = [p for p in found.run.study.parameters if not p.is_tied]
    rows = [[*_row(found, j, names, free), Cell(f"{j.violation:.3g}", j.violation)] for j in trials]
    headings = ["trial", *names, *(p.name for p in free), "missed by"]
    flags = [False] * (1 + len(names)) + [_is_words(p) for p in free] + [False]
    html = table("Trials, those that satisfy the constraints first", headings, rows, flags)
    return Section("trials", "Trials", "", folded(f"{len(rows)} trials as a table", html))
