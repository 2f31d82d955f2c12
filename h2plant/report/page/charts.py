"""Charts as plain Plotly figures: data packed, thinned without losing extremes, colours left to the page."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from h2plant.simulation.program import FloatArray

Figure = dict[str, Any]
Trace = dict[str, Any]

_HEAD, _FOOT = 26, 46
"""Room over each panel for title and legend, and under the last for the axis, px."""

POINTS = 2400
"""Most points of a line over a long time: two for each of 1,200 buckets, about one a pixel."""


def packed(values: npt.ArrayLike) -> dict[str, str]:
    """Return numbers as Plotly's packed array of 4-byte floats (8-byte where times need them)."""
    array = np.asarray(values)
    kind = "f8" if array.dtype == np.float64 and array.size and np.nanmax(np.abs(array), initial=0.0) > 1e9 else "f4"
    text = base64.b64encode(np.ascontiguousarray(array, dtype=f"<{kind}").tobytes()).decode()
    spec = {"dtype": kind, "bdata": text}
    if array.ndim == 2:
        spec["shape"] = f"{array.shape[0]},{array.shape[1]}"
    return spec


def as_text(figure: Figure) -> Figure:
    """Return a figure whose words are shown as they are.

    Plotly takes ``<b>``, ``<a href=...>`` and the like in any text for marks, and ``&lt;`` for ``<``. Lines are broken
    where the text is; only the end of a hover template, ``<extra></extra>``, stays a mark.
    """

    def of(value: Any) -> Any:
        if isinstance(value, str):
            words = value.removesuffix(_NO_BOX)
            text = escape(words, quote=False).replace("\n", "<br>")
            return text + value[len(words) :]
        if isinstance(value, dict):
            return {key: of(item) for key, item in value.items()}
        return [of(item) for item in value] if isinstance(value, list | tuple) else value

    return {key: of(item) for key, item in figure.items()}


_NO_BOX = "<extra></extra>"
"""End of a hover template: no box with the trace's name."""


def extremes(values: FloatArray, n_points: int = POINTS) -> npt.NDArray[np.intp]:
    """Return the indices of at most n_points values: least and greatest of each bucket, in order.

    The first and the last value stay as well. Values that are not finite count as neither.
    """
    n = values.size
    if n <= n_points:
        return np.arange(n)
    edges = np.linspace(0, n, max(1, (n_points - 2) // 2) + 1).astype(int)
    low = np.where(np.isfinite(values), values, np.inf)
    high = np.where(np.isfinite(values), values, -np.inf)
    ends = np.array([0, n - 1])
    return np.unique(np.concatenate([ends, _first(low, np.minimum, edges), _first(high, np.maximum, edges)]))


def _first(values: FloatArray, best: np.ufunc, edges: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the index of the best value of each bucket, the first where several are; no value is NaN."""
    of_bucket = np.repeat(best.reduceat(values, edges[:-1]), np.diff(edges))
    hits = np.flatnonzero(values == of_bucket)
    return np.asarray(hits[np.searchsorted(hits, edges[:-1])])


def milliseconds(time: np.ndarray[Any, np.dtype[np.datetime64]]) -> FloatArray:
    """Return times as Plotly counts them: milliseconds since 1970."""
    return np.asarray(time.astype("datetime64[ms]").astype(np.int64), dtype=np.float64)


def line(
    time: np.ndarray[Any, np.dtype[np.datetime64]],
    values: FloatArray,
    name: str,
    colour: str,
    n_points: int = POINTS,
    **more: Any,
) -> Trace:
    """Return a line over time, thinned; evenly spaced times are told by their start and step."""
    kept = extremes(values, n_points)
    at: dict[str, Any]
    if kept.size == time.size and time.size > 1:
        at = {"x0": f"{time[0]}Z", "dx": float((time[1] - time[0]) / np.timedelta64(1, "ms"))}
        at["x0"] = str(time[0]).replace("T", " ")
    else:
        at = {"x": packed(milliseconds(time[kept]))}
    style = {"color": colour, "width": 1.4, "shape": more.pop("shape", "hv"), **more.pop("line", {})}
    return {"type": "scatter", "mode": "lines", "name": name, "y": packed(values[kept]), "line": style, **at, **more}


def curve(name: str, x: FloatArray, y: FloatArray, **look: Any) -> Trace:
    """Return a line over numbers; ``look`` is its colour, width and dash."""
    return {"type": "scatter", "mode": "lines", "name": name, "x": packed(x), "y": packed(y), "line": look}


def duration_curve(name: str, values: FloatArray, n_points: int, **look: Any) -> Trace:
    """Return values, the greatest first, over the share of the time, %, in which they are reached or exceeded."""
    share = 100.0 * (np.arange(values.size) + 0.5) / values.size
    kept = np.unique(np.linspace(0, values.size - 1, n_points).astype(int))
    return curve(name, share[kept], np.sort(values)[::-1][kept], **look)


def stacked(
    rows: Sequence[tuple[str, Sequence[Trace]]], height: int = 150, is_dated: bool = True, x_title: str = ""
) -> Figure:
    """Return panels one above the other that share their horizontal axis, so that zooming one zooms all.

    Parameters
    ----------
    rows
        (title of the vertical axis, traces) from top to bottom.
    height
        Height of a panel, px.
    is_dated
        Whether the horizontal axis is time, UTC.
    x_title
        Its title where it is not.
    """
    n = len(rows)
    inner = n * (height + _HEAD)
    share = height / inner
    data: list[Trace] = []
    layout: dict[str, Any] = {
        "height": inner + 12 + _FOOT,
        "margin": {"t": 12, "b": _FOOT},
        "hovermode": "x unified",
        "annotations": [],
    }
    for k, (title, traces) in enumerate(rows):
        number = "" if k == 0 else str(k + 1)
        top = 1.0 - (k * (height + _HEAD) + _HEAD) / inner
        layout[f"yaxis{number}"] = {"domain": [max(top - share, 0.0), top], "zeroline": False, "nticks": 5}
        at = {
            "xref": "paper",
            "yref": "paper",
            "x": 0,
            "y": top,
            "xanchor": "left",
            "yanchor": "bottom",
            "showarrow": False,
        }
        layout["annotations"].append({**at, "text": title, "font": {"weight": "bold"}})
        layout[f"legend{number}"] = {
            "orientation": "h",
            "x": 1,
            "y": top,
            "xanchor": "right",
            "yanchor": "bottom",
            "bgcolor": "rgba(0,0,0,0)",
            "itemwidth": 30,
        }
        axis: dict[str, Any] = {"anchor": f"y{number}", "type": "date" if is_dated else "linear"}
        if k:
            axis["matches"] = "x"
        axis["showticklabels"] = k == n - 1
        if k == n - 1 and x_title:
            axis["title"] = {"text": x_title}
        layout[f"xaxis{number}"] = axis
        places = {"xaxis": f"x{number}", "yaxis": f"y{number}", "legend": f"legend{number}"}
        data += [{**trace, **places} for trace in traces]
    return {"data": data, "layout": layout}


def heat_map(values: FloatArray, first_day: np.datetime64, title: str, unit: str, scale: str) -> Figure | None:
    """Return hour of the day over days from hourly values (None below two days)."""
    n_days = values.size // 24
    if n_days < 2:
        return None
    grid = values[: n_days * 24].reshape(n_days, 24).T
    least, greatest = np.nanquantile(grid, (0.002, 0.998))  # a few hours of extreme prices would pale all others
    trace = {
        "type": "heatmap",
        "z": packed(grid),
        "x0": str(first_day.astype("datetime64[D]")),
        "dx": 86_400_000.0,
        "y0": 0.5,
        "dy": 1.0,
        "colorscale": scale,
        "zmin": float(f"{least:.4g}"),
        "zmax": float(f"{greatest:.4g}"),
        "colorbar": {"title": {"text": unit, "side": "right"}, "thickness": 10, "outlinewidth": 0, "nticks": 5},
        "hovertemplate": f"%{{x|%d %b}}, hour %{{y:.0f}}: %{{z:,.3~g}} {unit}<extra></extra>",
    }
    layout = {
        "height": 230,
        "xaxis": {"type": "date"},
        "yaxis": {"title": {"text": "hour"}, "range": [0, 24], "dtick": 6, "zeroline": False},
        "title": {"text": title},
    }
    return {"data": [trace], "layout": layout}


def sankey(flows: dict[tuple[str, str], float], unit: str, colour: Callable[[str], str]) -> Figure:
    """Return a Sankey diagram; the colour is that of a node by its name."""
    nodes = list(dict.fromkeys(name for pair in flows for name in pair))
    into = {n: sum(v for p, v in flows.items() if p[1] == n) for n in nodes}
    out = {n: sum(v for p, v in flows.items() if p[0] == n) for n in nodes}
    trace = {
        "type": "sankey",
        "arrangement": "fixed",
        "valueformat": ",.4~g",
        "valuesuffix": f" {unit}",
        "node": {
            "label": [f"{name}\n{_short(max(into[name], out[name]))}" for name in nodes],
            "color": [colour(name) for name in nodes],
            "pad": 16,
            "thickness": 14,
            "line": {"width": 0},
        },
        "link": {
            "source": [nodes.index(a) for a, _ in flows],
            "target": [nodes.index(b) for _, b in flows],
            "value": [float(f"{v:.6g}") for v in flows.values()],
            "color": [f"{colour(a)}~" for a, _ in flows],
        },
    }
    return {
        "data": [trace],
        "layout": {"height": max(260, 32 * len(nodes)), "margin": {"l": 8, "r": 8, "t": 8, "b": 8}},
    }


def _short(value: float) -> str:
    if value == 0.0 or not math.isfinite(value):
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"
