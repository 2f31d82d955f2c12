"""Columns of a run as a picture for a paper: units on the axes, a style that prints well in grey."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from h2plant.core.units import parse_unit_text, to_reporting_unit
from h2plant.results import Results
from h2plant.results.folder import ResultsError, write_out
from h2plant.simulation.program import FloatArray

FORMATS = (".png", ".svg", ".pdf")
"""Endings of files that can be written."""

MOST_PANELS = 6

_TEXT = {
    "kw": "kW",
    "degc": "°C",
    "kg_per_h": "kg/h",
    "m3_per_h": "m³/h",
    "kwh": "kWh",
    "kwh_per_kg": "kWh/kg",
    "eur_per_mwh": "EUR/MWh",
    "eur_per_h": "EUR/h",
    "kw_per_k": "kW/K",
    "uv_per_h": "µV/h",
    "mw_per_min": "MW/min",
    "k_per_min": "K/min",
    "per_h": "1/h",
    "ohm_cm2": "Ω cm²",
    "a_per_cm2": "A/cm²",
}
_LARGER = {"kW": "MW", "kWh": "MWh"}


class _Line(NamedTuple):
    name: str
    values: FloatArray
    is_end: bool
    """Whether values stand at the end of their interval, else they are means over it."""


def shown_unit(unit: str, largest: float = 0.0) -> tuple[str, float, float]:
    """Return (unit, factor, offset) in which a column is shown.

    Parameters
    ----------
    unit
        As the log has it, SI.
    largest
        Largest magnitude, SI: 10,000 kW and more become MW.

    Returns
    -------
    tuple
        ``value_shown = value * factor + offset``.
    """
    parsed = parse_unit_text(unit) if unit else None
    if parsed is None or not parsed.si:
        return unit or "1", 1.0, 0.0
    shown = to_reporting_unit(f"x_{parsed.si}", unit)
    suffix = shown.name.removeprefix("x_")
    text = _TEXT.get(suffix, suffix if suffix != parsed.si else unit)
    if text in _LARGER and largest * shown.factor >= 1e4:
        return _LARGER[text], shown.factor * 1e-3, 0.0
    return text, shown.factor, shown.offset


def require_picture(out: Path) -> None:
    """Raise a ResultsError unless a picture can be drawn into a file of this name."""
    if find_spec("matplotlib") is None:
        raise ResultsError("pictures need matplotlib: pip install 'h2plant[plot]'")
    if out.suffix.lower() not in FORMATS:
        raise ResultsError(f"{out}: give a file that ends in {', '.join(FORMATS)} with --out")


@contextmanager
def paper_style() -> Iterator[Any]:
    """Draw in the style for papers, without a screen; gives ``matplotlib.pyplot``."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    with as_file(files("h2plant.report") / "paper.mplstyle") as style, plt.style.context(str(style)):
        yield plt


def plot_columns(
    results: Results,
    columns: Sequence[str],
    out: Path,
    begin: datetime.datetime | None = None,
    end: datetime.datetime | None = None,
) -> Path:
    """Draw columns over time, those of one unit in one panel; a file that is there is replaced in one move.

    Parameters
    ----------
    results
        The run.
    columns
        Their names.
    out
        File; its ending (.png, .svg, .pdf) says the format.
    begin, end
        What is shown, UTC; all of the run if None.

    Raises
    ------
    ResultsError
        matplotlib is not installed, a wrong ending, nothing to show, too many units, or a file that cannot be written.
    KeyError
        No such column.
    """
    require_picture(out)
    for name in columns:  # all of them before the first is drawn
        results[name]
    time = results.time
    step = np.timedelta64(1, "h") if time.size < 2 else time[1] - time[0]
    is_shown = np.ones(time.size, dtype=bool)
    if begin is not None:
        is_shown &= time >= _instant(begin)
    if end is not None:
        is_shown &= time < _instant(end)
    if not is_shown.any():
        last = f"{time[-1]}" if time.size else "its start"
        raise ResultsError(f"{results.folder}: nothing lies between --from and --to; the run ends at {last}")
    panels: dict[str, list[_Line]] = {}
    for name in columns:
        values = results[name][is_shown]
        unit, factor, offset = shown_unit(results.units[name], float(np.abs(values).max(initial=0.0)))
        is_end = results.timing[name] == "end"
        panels.setdefault(unit, []).append(_Line(name, values * factor + offset, is_end))
    if len(panels) > MOST_PANELS:
        raise ResultsError(f"{len(panels)} different units in one picture: give columns of at most {MOST_PANELS}")
    _save(panels, time[is_shown], step, out)
    return out


def _instant(time: datetime.datetime) -> np.datetime64:
    return np.datetime64(time.astimezone(datetime.UTC).replace(tzinfo=None), "s")


def _save(panels: dict[str, list[_Line]], time: Any, step: Any, out: Path) -> None:
    edges = np.append(time, time[-1] + step)
    with time_panels(list(panels), out, 0.35, 1.75) as axes:
        for axis, lines in zip(axes, panels.values(), strict=True):
            for name, values, is_end in lines:
                if is_end:
                    axis.plot(edges[1:], values, label=name)
                else:
                    axis.step(edges, np.append(values, values[-1]), where="post", label=name)
            axis.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=min(len(lines), 3), borderaxespad=0.1)


@contextmanager
def time_panels(units: Sequence[str], out: Path, around_in: float, panel_in: float) -> Iterator[Any]:
    """Give panels over time, one for each unit; what is drawn in them is written when the block ends.

    Several are ``panel_in`` inches high each, and ``around_in`` in all besides; one alone is as the style has it.
    """
    from matplotlib import dates

    with paper_style() as plt:
        width, height = plt.rcParams["figure.figsize"]
        n = len(units)
        size = (width, height if n == 1 else around_in + panel_in * n)
        figure, axes = plt.subplots(n, 1, figsize=size, sharex=True, squeeze=False)
        try:
            yield axes[:, 0]
            for axis, unit in zip(axes[:, 0], units, strict=True):
                axis.set_ylabel("–" if unit == "1" else unit)
                axis.margins(x=0.0)
            locator = dates.AutoDateLocator()  # type: ignore[no-untyped-call]
            axes[-1, 0].xaxis.set_major_locator(locator)
            axes[-1, 0].xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
            axes[-1, 0].set_xlabel("time, UTC")
            write_figure(figure, out)
        finally:
            plt.close(figure)


def write_figure(figure: Any, out: Path) -> None:
    """Write a figure, whole or not at all, without a date or a version in it."""
    metadata = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}[out.suffix.lower()]
    kind = out.suffix.lower()[1:]
    write_out(out, lambda file: figure.savefig(file, format=kind, metadata=metadata))
