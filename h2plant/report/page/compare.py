"""Runs side by side on one page: figures with differences, curves over each other, what differs in what was put in."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from h2plant.config.yaml_source import parse_yaml
from h2plant.core.markup import NONE, Html
from h2plant.core.real_path import real_path
from h2plant.report.page import charts, quantities
from h2plant.report.page.document import compose, plotly_script, write_page
from h2plant.report.page.parts import Cell, Charts, Section, attempt, shown, table, warning
from h2plant.report.page.quantities import Quantity
from h2plant.report.page.run_data import MissingData, RunData
from h2plant.results import Results
from h2plant.results.figure_form import Figure
from h2plant.results.figures import figures_in
from h2plant.results.folder import ResultsError
from h2plant.results.per_kg import MASSES, splits_of
from h2plant.results.warning import warnings_of
from h2plant.simulation.program import FloatArray

MOST_RUNS = 6
RUN_COLOURS = ("@pem", "@soec", "@h2", "@price", "@heat", "@grid")
RUN_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def compare_runs(folders: Sequence[Path | str], out: Path | str) -> Path:
    """Write a page that compares runs with the first of them; a file that is there is replaced in one move.

    Parameters
    ----------
    folders
        Two to six folders of results.
    out
        File to write.

    Raises
    ------
    ResultsError
        Too few or too many runs, damaged results, no plotly, or a file that cannot be written.
    """
    if not 2 <= len(folders) <= MOST_RUNS:
        raise ResultsError(f"give 2 to {MOST_RUNS} runs to compare; there are {len(folders)}")
    plotly_script()
    runs = [RunData(Results(folder)) for folder in folders]
    names = run_names(runs)
    page = Charts()
    sections = [
        Section("figures", "Key figures", "Differences are to the first run.", _figures(runs, names)),
        Section("inputs", "What differs in what was put in", "", attempt(lambda: _inputs(runs, names))),
        Section(
            "curves",
            "Over time",
            "Times are those of each run's own start.",
            attempt(lambda: _curves(runs, names, page)),
        ),
        Section("durations", "How long at what load", "", attempt(lambda: _durations(runs, names, page))),
        Section("money", "Cost of hydrogen", "", attempt(lambda: _cost(runs, names, page))),
        Section("provenance", "Where this comes from", "", _provenance(runs, names, Path(out))),
    ]
    title = " against ".join(dict.fromkeys(str(run.summary["scenario"]) for run in runs))
    incomplete = [name for name, run in zip(names, runs, strict=True) if not run.summary.get("is_complete", True)]
    message = warning(f"Not complete: {', '.join(incomplete)}.") if incomplete else NONE
    for name, run in zip(names, runs, strict=True):
        message += NONE.join(warning(f"{name}: {what}: {why}") for what, why in warnings_of(run.summary))
    subtitle = f"{len(runs)} runs: {', '.join(names)}"
    content = {"charts": page.figures, "links": [], "events": {}}
    return write_page(Path(out), compose(title, subtitle, message, sections, content))


def run_names(runs: Sequence[RunData]) -> list[str]:
    """Return the names of the folders, with what is above them where that is needed to tell them apart."""
    paths = [real_path(run.results.folder) for run in runs]
    names = [path.name for path in paths]
    if len(set(names)) < len(names):
        names = ["/".join(path.parts[-2:]) for path in paths]
    return [f"{name} ({k + 1})" if names.count(name) > 1 else name for k, name in enumerate(names)]


def figure_rows(summaries: Sequence[Mapping[str, Any]], names: Sequence[str]) -> tuple[list[str], list[list[Cell]]]:
    """Return headings and rows of the key figures of runs side by side, with differences to the first.

    Parameters
    ----------
    summaries
        Summary of each run.
    names
        What the runs are called.
    """
    rows = []
    figures: list[Mapping[str, float | None]] = [summary.get("key_figures") or {} for summary in summaries]
    for name, figure in figures_in(*summaries).items():
        values = [f.get(name) for f in figures]
        if all(value is None for value in values):
            continue
        cells = [Cell(figure.label.strip()), Cell(figure.unit)]
        cells += [Cell(shown(value, figure.format), value) for value in values]
        for value in values[1:]:
            first = values[0]
            if value is None or first is None:
                cells += [Cell("–"), Cell("–")]
                continue
            change = value - first
            share = change_frac(figure, first, value)
            cells.append(Cell(shown(change, f"+{figure.format}") if change else "0", change))
            cells.append(Cell("–" if share is None else shown(100.0 * share, "+,.2f"), share))
        rows.append(cells)
    headings = ["figure", "unit", *names]
    for name in names[1:]:
        headings += [f"{name}: difference", "%"]
    return headings, rows


_MOST_TIMES = 10.0


def change_frac(figure: Figure, first: float, value: float) -> float | None:
    """Return a difference as a share of the first value; None where a share says nothing.

    Of a rate in per cent that would be a per cent of per cents, of numbers below zero it would turn its sense, and
    beyond ten times the first it tells only that the first is next to nothing.
    """
    is_far = value - first > _MOST_TIMES * first
    if figure.texts(0.0)[1] == "%" or first <= 0.0 or value < 0.0 or is_far:
        return 0.0 if value == first else None
    return (value - first) / first


def _figures(runs: Sequence[RunData], names: Sequence[str]) -> Html:
    headings, rows = figure_rows([run.summary for run in runs], names)
    return table(
        "Key figures of all runs", headings, rows, [True, True, *(False for _ in headings[2:])], "figures-table"
    )


def _flat(value: Any, prefix: str = "") -> dict[str, str]:
    """Return nested values by dotted path."""
    if isinstance(value, dict):
        found: dict[str, str] = {}
        for key, item in value.items():
            found |= _flat(item, f"{prefix}.{key}" if prefix else str(key))
        return found
    return {prefix: value if isinstance(value, str) else json.dumps(value)}


def _put_in(run: RunData) -> dict[str, str]:
    """Return everything that decides a run: scenario, parameters of every component, links, series."""
    scenario = {key: value for key, value in run.scenario.items() if key not in ("h2plant", "name", "description")}
    given = _flat(scenario, "scenario")
    given["engine"] = str(run.summary.get("engine", ""))
    given["h2plant"] = str((run.summary.get("provenance") or {}).get("h2plant", ""))
    plant = run.plant
    for id_, component in plant.components.items():
        given[f"{id_}.kind"] = component.kind.name
        given |= {f"{id_}.{key}": f"{value:.10g}" for key, value in component.values.items()}
    given |= {f"link {link}": "there" for link in plant.links}
    given |= {f"series.{name}": json.dumps(spec.content(), default=str) for name, spec in plant.series.items()}
    return given | _flat(plant.economics, "economics") | _flat(plant.site.content(), "site")


_NOT_OF_THE_PLANT = ("h2plant", "name", "description")
_DERIVED = "scenario.plant_digest"


def _written(run: RunData) -> dict[str, str]:
    """Return what was written for a run, in the units in which it was: the plant's file, scenario and changes."""
    node = parse_yaml(run.plant.text, run.plant.file, [])
    data = None if node is None else node.data()
    found = _flat({k: v for k, v in data.items() if k not in _NOT_OF_THE_PLANT}) if isinstance(data, dict) else {}
    found = {key.removeprefix("components."): value for key, value in found.items()}
    return {key: value for key, value in _put_in(run).items() if _is_of_run(key)} | found


def _is_of_run(key: str) -> bool:
    return key in ("engine", "h2plant") or (key.startswith("scenario.") and key != _DERIVED)


def written_rows(runs: Sequence[RunData]) -> list[list[Cell]]:
    """Return what was written differently: its name, then its value in each run.

    Raises
    ------
    MissingData
        The plant of a run cannot be read.
    """
    return _differing([_written(run) for run in runs])


def input_rows(runs: Sequence[RunData]) -> list[list[Cell]]:
    """Return what else differs, sizes that follow from what was written among it: its name, then its value in each run.

    Raises
    ------
    MissingData
        The plant of a run cannot be read.
    """
    rows = _differing([{k: v for k, v in _put_in(run).items() if not _is_of_run(k)} for run in runs])
    return sorted(rows, key=lambda row: row[0].text == _DERIVED)


def _differing(given: Sequence[Mapping[str, str]]) -> list[list[Cell]]:
    keys = list(dict.fromkeys(key for one in given for key in one))
    return [
        [Cell(key), *(Cell(one.get(key, "–")) for one in given)]
        for key in keys
        if len({one.get(key) for one in given}) > 1
    ]


def _inputs(runs: Sequence[RunData], names: Sequence[str]) -> Html:
    tables = ("What was written differently", written_rows(runs)), ("What follows from it (SI units)", input_rows(runs))
    headings, is_text = ["what", *names], [True for _ in range(len(names) + 1)]
    found = NONE.join(table(title, headings, rows, is_text) for title, rows in tables if rows)
    return found or Html("<p>Nothing: plant, series and scenario are the same.</p>")


def _wanted(run: RunData) -> dict[str, Quantity]:
    """Return what is laid over each other, by title."""
    found: dict[str, Quantity] = {}
    hydrogen = quantities.made(run)
    if hydrogen is not None:
        found["hydrogen made, kg/h"] = hydrogen
    for quantity in quantities.power(run):
        found[f"{quantity.label}, MW"] = quantity
    for quantity in quantities.pressures(run)[:4]:
        found[f"{quantity.label}, bar"] = quantity
    return {title: q for title, q in found.items() if all(name in run for name in q.names)}


def _shared(runs: Sequence[RunData]) -> dict[str, list[tuple[int, FloatArray]]]:
    """Return the values of each quantity in the runs that have it."""
    if any(run.time.size == 0 for run in runs):
        raise MissingData("the log of a run is empty")
    wanted = [_wanted(run) for run in runs]
    found: dict[str, list[tuple[int, FloatArray]]] = {}
    for k, (run, of_run) in enumerate(zip(runs, wanted, strict=True)):
        for title, quantity in of_run.items():
            found.setdefault(title, []).append((k, quantities.values(run, quantity)))
    shared = {title: lines for title, lines in found.items() if len(lines) > 1}
    if not shared:
        raise MissingData("the runs have no quantity in common")
    return shared


def _look(k: int) -> dict[str, Any]:
    return {"color": RUN_COLOURS[k], "dash": RUN_DASHES[k], "width": 1.5}


def _curves(runs: Sequence[RunData], names: Sequence[str], page: Charts) -> Html:
    rows, texts = [], []
    for title, lines in _shared(runs).items():
        traces = []
        for k, values in lines:
            kept = charts.extremes(values, 1600)
            hours = (np.arange(values.size, dtype=np.float64) * runs[k].interval_s / 3600.0)[kept]
            traces.append(charts.curve(names[k], hours, values[kept], **_look(k)))
        rows.append((title, traces))
        texts.append(f"{title}: " + ", ".join(f"{names[k]} mean {values.mean():.4g}" for k, values in lines))
    figure = charts.stacked(rows, 140, is_dated=False, x_title="hours since the start")
    return page.add(figure, "The runs laid over each other", f"Curves. {'; '.join(texts)}.", "Drag to zoom all panels.")


def _durations(runs: Sequence[RunData], names: Sequence[str], page: Charts) -> Html:
    rows, texts = [], []
    for title, lines in _shared(runs).items():
        rows.append((title, [charts.duration_curve(names[k], values, 400, **_look(k)) for k, values in lines]))
        texts.append(f"{title}: " + ", ".join(f"{names[k]} median {np.median(values):.4g}" for k, values in lines))
    figure = charts.stacked(rows, 140, is_dated=False, x_title="share of the time, %")
    return page.add(figure, "Duration curves", f"Duration curves. {'; '.join(texts)}.")


def _cost(runs: Sequence[RunData], names: Sequence[str], page: Charts) -> Html:
    splits = [splits_of(run.summary.get("economics") or {}) for run in runs]
    parts = [next(iter(of.values()), {}).get("by_kind_of_cost_eur_per_kg") or {} for of in splits]
    if not all(parts):
        raise MissingData(f"{names[[bool(p) for p in parts].index(False)]} has no cost of hydrogen")
    kinds = list(dict.fromkeys(kind for one in parts for kind in one))
    traces = [
        {
            "type": "bar",
            "name": name,
            "x": kinds,
            "y": [one.get(kind, 0.0) for kind in kinds],
            "marker": {"color": RUN_COLOURS[k]},
        }
        for k, (name, one) in enumerate(zip(names, parts, strict=True))
    ]
    layout = {
        "height": 360,
        "barmode": "group",
        "yaxis": {"title": {"text": "EUR/kg"}},
        "legend": {"orientation": "h", "y": 1.12},
    }
    after = [" after subsidies" if (run.summary.get("economics") or {}).get("subsidies") else "" for run in runs]
    text = "; ".join(f"{name} {_sums(of)}{of_run}" for name, of, of_run in zip(names, splits, after, strict=True))
    made = {MASSES.get(next(iter(of)), "per kg") for of in splits}
    title = f"Cost of hydrogen by kind of cost, EUR {made.pop() if len(made) == 1 else 'per kg'}"
    return page.add({"data": traces, "layout": layout}, title, f"EUR/kg together: {text}.", f"Together: {text}.")


def _sums(splits: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what a kilogram made and one sold cost, in words."""
    costs = {mass: sum(of["by_kind_of_cost_eur_per_kg"].values()) for mass, of in splits.items()}
    return ", ".join(f"{value:.2f} {MASSES.get(mass, 'per kg')}" for mass, value in costs.items())


def _provenance(runs: Sequence[RunData], names: Sequence[str], out: Path) -> Html:
    rows = []
    for name, run in zip(names, runs, strict=True):
        given = run.summary.get("provenance") or {}
        texts = (name, run.summary["scenario"], given.get("h2plant"), given.get("plant_digest"), given.get("command"))
        rows.append([Cell(str(text if text is not None else "–")) for text in texts])
    headings = ("run", "scenario", "h2plant", "plant digest", "command")
    command = shlex.join(["h2plant", "compare", *(str(run.results.folder) for run in runs), "--out", str(out)])
    text = Html(
        '<p>This command makes the page again:</p><div class="command"><pre><code>{}</code></pre></div>', command
    )
    return table("Runs", headings, rows, [True] * len(headings)) + text
