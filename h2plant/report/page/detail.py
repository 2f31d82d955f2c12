"""Minute by minute: a week, the most eventful day, and starts laid over each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from h2plant.core.constants import DAY_S
from h2plant.core.markup import NONE, Html
from h2plant.core.role import Maker
from h2plant.core.status import LIMITED, OVER_RATING
from h2plant.report.page import charts, quantities
from h2plant.report.page.parts import Charts, Section, attempt
from h2plant.report.page.quantities import Electrolysers
from h2plant.report.page.run_data import MissingData, RunData
from h2plant.simulation.program import FloatArray

_QUIET = 0.1
"""What an event of a limited machine counts beside any other: these are daily business."""


@dataclass(frozen=True)
class Window:
    """Some columns over a part of the run, minute by minute or as logged.

    Attributes
    ----------
    start_s, hours
        Since the start of the run; length.
    interval_s
        Between values.
    columns
        By name; each of shape (n,).
    note
        Where the values come from.
    """

    start_s: float
    hours: float
    interval_s: float
    time: np.ndarray[Any, np.dtype[np.datetime64]]
    columns: Mapping[str, FloatArray]
    note: str = ""

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def total(self, names: tuple[str, ...]) -> FloatArray:
        """Return a sum of columns; MissingData if one is missing."""
        missing = next((name for name in names if name not in self.columns), None)
        if missing is not None:
            raise MissingData(f"there is no column {missing} here")
        return np.asarray(sum((self.columns[name] for name in names), np.zeros(self.time.size)))


@dataclass(frozen=True)
class Details:
    """The windows of a page; a text instead of a window says why it is not there.

    ``arguments`` are those of the command that asked for them.
    """

    week: Window | str = "not asked for"
    day: Window | str = "not asked for"
    week_title: str = "A week"
    day_title: str = "The most eventful day"
    day_why: str = ""
    arguments: tuple[str, ...] = ()


def eventful_day(data: RunData) -> tuple[float, str]:
    """Return the start of the most eventful day, s since the start of the run, and what makes it so.

    Days are those of the calendar (UTC) that lie wholly in the run, or the run itself if it is shorter. An event counts
    on the day on which it begins: one, or a tenth where a machine's limit held something back.
    """
    starts = data.results.events.column("start").to_numpy().astype("datetime64[s]")
    codes = data.results.events.column("code").to_numpy()
    first = np.datetime64(data.start.replace(tzinfo=None), "s")
    midnight = (
        first if first == first.astype("datetime64[D]") else (first.astype("datetime64[D]") + 1).astype("datetime64[s]")
    )
    offset = float((midnight - first).astype(float))
    n_days = int((data.hours * 3600.0 - offset) // DAY_S)
    if n_days < 1:
        return 0.0, f"{starts.size} events in the run"
    is_quiet = np.isin(codes, (LIMITED, OVER_RATING))
    weights = np.where(is_quiet, _QUIET, 1.0)
    day = ((starts - midnight).astype(float) // DAY_S).astype(int)
    inside = (day >= 0) & (day < n_days)
    score = np.bincount(day[inside], weights=weights[inside], minlength=n_days)
    best = int(score.argmax())
    n_limited = int(((day == best) & is_quiet).sum())
    n_other = int(((day == best) & ~is_quiet).sum())
    return offset + best * DAY_S, f"events: {n_other}; times that a machine was at its limit: {n_limited}"


def typical_week(data: RunData) -> float:
    """Return the start of the week, s, whose hydrogen is nearest to the median of all whole weeks (from the start)."""
    quantity = quantities.made(data)
    per_week = round(7.0 * DAY_S / data.interval_s)
    if quantity is None or per_week < 1 or data.time.size < 2 * per_week:
        return 0.0
    values = quantities.values(data, quantity)
    weeks = values[: values.size // per_week * per_week].reshape(-1, per_week).mean(axis=1)
    return float(np.abs(weeks - np.median(weeks)).argmin()) * 7.0 * DAY_S


def from_log(data: RunData, start_s: float, hours: float, note: str) -> Window:
    """Return a window from the log as it is."""
    begin = int(start_s // data.interval_s)
    end = min(int(np.ceil((start_s + hours * 3600.0) / data.interval_s)), data.time.size)
    columns = {name: data.column(name)[begin:end] for name in quantities.minute_columns(data)}
    return Window(start_s, hours, data.interval_s, data.time[begin:end], columns, note)


def _drawn(data: RunData, page: Charts, window: Window | str, title: str, why: str, n_points: int | None) -> Html:
    if isinstance(window, str):
        raise MissingData(window)
    rows = []
    texts = []
    for panel in quantities.panels(data):
        traces = []
        for quantity in panel.quantities:
            if all(name in window for name in quantity.names):
                values = window.total(quantity.names) * quantity.factor + quantity.offset
                shape = "hv" if panel.title.startswith("EUR") else "linear"
                traces.append(
                    charts.line(
                        window.time, values, quantity.label, quantity.colour, n_points or values.size, shape=shape
                    )
                )
                if values.size:
                    texts.append(f"{quantity.label} ({panel.title}) {values.min():.3g} to {values.max():.3g}")
        if traces:
            rows.append((panel.title, traces))
    if not rows or window.time.size < 2:
        raise MissingData("the run is too short")
    first, last = window.time[0], window.time[-1]
    alt = f"From {first} to {last} UTC: {'; '.join(texts)}."
    return page.add(charts.stacked(rows, 130), title, alt, f"{why}{window.note}".strip())


def minutes(data: RunData, page: Charts, details: Details, n_points: int | None = None) -> Section:
    """Return week and day, panels with a common axis; lines of more than n_points are thinned."""
    html = attempt(lambda: _drawn(data, page, details.week, details.week_title, "", n_points))
    why = f"{details.day_why}. " if details.day_why else ""
    if details.day is not details.week:
        html += attempt(lambda: _drawn(data, page, details.day, details.day_title, why, n_points))
    intro = "Drag over any panel to zoom all of them; a double click shows everything again. Times are UTC."
    return Section("minutes", "Minute by minute", intro, html)


_BEFORE_MIN, _AFTER_MIN = 10, 50
_MOST_STARTS = 25


def start_ups(data: RunData, page: Charts, details: Details) -> Section:
    """Return the starts of electrolysers in week and day, laid over each other."""

    def drawn(group: Electrolysers) -> Html:
        label = group.technology
        windows = [w for w in (details.week, details.day) if isinstance(w, Window)]
        if not windows:
            raise MissingData(str(details.week))
        if windows[0].interval_s > 300.0:
            raise MissingData("starts take minutes, and there are no data at minute resolution")
        starts = list(_starts(windows, group.units))
        if not starts:
            return Html('<p class="missing">No {} unit started in the week and the day shown.</p>\n', label)
        chosen = starts[:: max(1, len(starts) // _MOST_STARTS)][:_MOST_STARTS]
        rows = []
        for title, factor, offset in (("power, kW", 1e-3, 0.0), ("°C", 1.0, -273.15), ("hydrogen, kg/h", 3600.0, 0.0)):
            traces = []
            for number, (window, unit, k) in enumerate(chosen):
                role = group.units[unit]
                name = {"power, kW": f"{role.power[0]}.power_w", "°C": role.temperature}.get(title, role.made)
                if f"{unit}.{name}" not in window:
                    continue
                step = window.interval_s / 60.0
                begin, end = max(0, k - int(_BEFORE_MIN / step)), min(window.time.size, k + int(_AFTER_MIN / step))
                values = window.columns[f"{unit}.{name}"][begin:end] * factor + offset
                traces.append(
                    {
                        "type": "scatter",
                        "mode": "lines",
                        "name": f"{unit}, {window.time[k]}".replace("T", " "),
                        "x0": (begin - k) * step,
                        "dx": step,
                        "y": charts.packed(values),
                        "line": {"color": group.colour, "width": 1.2},
                        "opacity": 0.45,
                        "showlegend": False,
                        "legendgroup": str(number),
                    }
                )
            if traces:
                rows.append((title, traces))
        figure = charts.stacked(rows, 150, is_dated=False, x_title="minutes since the start")
        figure["layout"]["hovermode"] = "closest"
        alt = f"{len(chosen)} of {len(starts)} starts of {label} units laid over each other: power, °C, hydrogen."
        note = f"{len(chosen)} of {len(starts)} starts in the week and the day above."
        return page.add(figure, f"Starts of {label} units", alt, note)

    html = NONE.join(attempt(partial(drawn, group)) for group in quantities.electrolysers(data))
    return Section(
        "starts",
        "Starts",
        "How units come to load.",
        html or Html('<p class="missing">The plant has no electrolyser.</p>'),
    )


def _starts(windows: list[Window], units: Mapping[str, Maker]) -> Iterator[tuple[Window, str, int]]:
    """Yield (window, unit, index) where the count of starts goes up; a start in two windows once."""
    seen = set()
    for window in windows:
        for unit, role in units.items():
            count = f"{unit}.{role.n_starts}"
            if count not in window:
                continue
            for k in np.flatnonzero(np.diff(window.columns[count]) > 0.5) + 1:
                key = (unit, str(window.time[k]))
                if key not in seen:
                    seen.add(key)
                    yield window, unit, int(k)
