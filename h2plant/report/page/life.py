"""The page of a run over several years: the years side by side, wear and replacements, money over the life."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from h2plant.core.error import first_line
from h2plant.core.markup import NONE, Html
from h2plant.core.regular_file import LARGEST_TABLE_BYTES, FileError, read_regular
from h2plant.report.page import charts, economics_part, headline, provenance, tornado
from h2plant.report.page.charts import Trace
from h2plant.report.page.document import compose, plotly_script, write_page
from h2plant.report.page.parts import Cell, Charts, Section, attempt, folded, missing, shown, table, warning
from h2plant.report.page.quantities import electrolysers
from h2plant.report.page.run_data import MissingData, RunData
from h2plant.report.page.weather_years import weather_section
from h2plant.report.sensitivity_file import read_sensitivity, tried
from h2plant.results import Results
from h2plant.results.checksums import lost_sums
from h2plant.results.figures import figures_in
from h2plant.results.folder import SENSITIVITY, YEARS_TABLE, ResultsError, require_whole
from h2plant.results.shape import SUMMARY, YEAR, problem_of
from h2plant.results.version import FormatError, in_todays_form, require_readable
from h2plant.results.warning import LOST
from h2plant.simulation.program import FloatArray

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_MOST_STACKS = 12
"""Stacks drawn of each technology; a plant with more shows the first ones."""
_POINTS = 800
"""Most points of a stack's line over all years."""

_TABLE: tuple[tuple[str, str, str], ...] = (
    ("input", "start", ""),
    ("hydrogen, t", "hydrogen_made_kg", ",.1f"),
    ("sold, t", "hydrogen_sold_kg", ",.1f"),
    ("kWh/kg", "specific_energy_kwh_per_kg", ",.2f"),
    ("{technology}, kWh/kg", "specific_energy_{key}_kwh_per_kg", ",.2f"),
    ("used, GWh", "electricity_used_mwh", ",.2f"),
    ("net power cost, thousand EUR", "electricity_net_cost_eur", ",.0f"),
    ("{technology} starts", "starts_{key}", ",.0f"),
    ("{technology} wear", "wear_{key}_frac", ".2f"),
)
"""Columns of the table of years: heading, name in its row, format; kg, MWh and EUR are shown in thousands."""


class Technology(NamedTuple):
    """A technology of electrolysis: its key in the names of figures, its name, what units are called, its colour."""

    key: str
    technology: str
    units: str
    colour: str


def is_life(folder: Path) -> bool:
    """Whether a folder holds a run over several years."""
    return (folder / YEARS_TABLE).is_file()


def years_of(folder: Path) -> list[Results]:
    """Return the results of the years of a life, in their order.

    Raises
    ------
    ResultsError
        One of them cannot be read, or there is none.
    """
    years = sorted(one for one in folder.glob("year_*") if one.is_dir())
    if not years:
        raise ResultsError(f"{folder}: there are no years in it; run them again")
    return [Results(year) for year in years]


class Life:
    """A run over several years, read from its folder.

    Raises
    ------
    ResultsError
        The summary is not there, damaged, or of another version.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        require_whole(folder)
        try:
            self.summary: dict[str, Any] = json.loads(read_regular(folder / "summary.json", LARGEST_TABLE_BYTES))
            require_readable(self.summary)
            self.years: list[dict[str, Any]] = self.summary["years"]
            complete = all({"year", "start", "hours", "replaced"} <= set(year) for year in self.years)
            if not self.years or not complete:
                raise ValueError("summary.json does not tell its years")
            problem = problem_of(self.summary, SUMMARY, "summary.json") or next(
                filter(None, (problem_of(year, YEAR, "summary.json: years") for year in self.years)), ""
            )
            if problem:
                raise ValueError(problem)
            self.summary = in_todays_form(self.summary)
            _ = self.summary["scenario"]
            if lost := lost_sums(folder, self.summary):
                self.summary[LOST] = lost
        except FormatError as error:
            raise ResultsError(f"{folder}: {error}") from None
        except (FileError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise ResultsError(f"{folder}: no years that can be read ({first_line(error)}); run them again") from None

    @cached_property
    def results(self) -> dict[int, Results | str]:
        """Results of each year, or why they cannot be read."""
        found: dict[int, Results | str] = {}
        for row in self.years:
            try:
                found[row["year"]] = Results(self.year_folder(row["year"]))
            except ResultsError as error:
                found[row["year"]] = str(error)
        return found

    @cached_property
    def technologies(self) -> list[Technology]:
        """Technologies of the plant's electrolysers; where it cannot be read, as far as the years tell their wear."""
        read = [results for results in self.results.values() if not isinstance(results, str)]
        try:
            if not read:
                raise MissingData("no year can be read")
            groups = electrolysers(RunData(read[0]))
            return [Technology(g.key, g.technology, g.name, g.colour) for g in groups]
        except MissingData:
            keys = dict.fromkeys(wear["sort"] for wear in self.years[0].get("wear", {}).values() if wear["sort"])
            return [Technology(key, key.upper(), f"{key.upper()} units", "@other") for key in keys]

    def year_folder(self, number: int) -> Path:
        """Return the folder of a year."""
        return self.folder / f"year_{number:02}"

    def stacks(self, key: str) -> dict[str, str]:
        """Return the stacks of a technology, by its key, each with the column that tells its wear."""
        if "wear" not in self.years[0]:
            raise MissingData("the years are of an older version and do not tell the wear of each stack")
        return {id_: wear["column"] for id_, wear in self.years[0]["wear"].items() if wear["sort"] == key}

    def wear(self, stack: str, column: str) -> tuple[FloatArray, FloatArray]:
        """Return the time since the start, years, and how much of its life a stack has used up by then (0 to 1)."""
        times, values, whole = [], [], math.nan
        most = 0.0
        for row in self.years:
            results = self.results[row["year"]]
            if isinstance(results, str) or column not in results or not len(results):
                continue
            of_year = results[column]
            n = of_year.size
            times.append(row["year"] - 1 + np.arange(1, n + 1) / n * row["hours"] / 8760.0)
            values.append(of_year)
            share = float(row["wear"][stack]["at_end_frac"])
            if share > most:  # what a whole life is, in the column's unit, from where it is told most exactly
                most, whole = share, float(of_year[-1]) / share
        if not math.isfinite(whole):
            raise MissingData(f"the log has no wear of {stack}")
        return np.concatenate(times), np.concatenate(values) / whole


def write_life_report(folder: Path | str, out: Path | str, sensitivity: Path | None = None) -> Path:
    """Write the page of a run over several years; a file that is there is replaced in one move.

    Parameters
    ----------
    folder
        Folder of the years.
    out
        File to write.
    sensitivity
        File of a study of sensitivity; by default the one in the folder, if there is one.

    Raises
    ------
    ResultsError
        Damaged results, a file that is no study, no plotly, or a file that cannot be written.
    """
    plotly_script()
    life = Life(Path(folder))
    study = tried(life.folder / SENSITIVITY) if sensitivity is None else read_sensitivity(sensitivity)
    words = ["h2plant", "report", str(folder), "--out", str(out)]
    words += [] if sensitivity is None else ["--sensitivity", str(sensitivity)]
    page = Charts()
    summary = life.summary
    sections = [
        headline.headline(summary),
        _side_by_side(life, page),
        _wear(life, page),
        economics_part.economics_section(summary, life.folder, page),
        *weather_section(summary),
        *tornado.sensitivity(study, page),
        _each(life),
        _provenance(life, shlex.join(words)),
    ]
    n = len(life.years)
    inputs = ", ".join(dict.fromkeys(str(row["start"])[:4] for row in life.years))
    subtitle = f"Plant {summary.get('plant', '?')}, {n} years one after another, input of {inputs}"
    message = NONE
    if not summary.get("is_complete", True):
        message = warning(f"This run is not complete: {summary.get('stopped_by', '')}.")
    content = {"charts": page.figures, "links": [], "events": {}}
    return write_page(Path(out), compose(str(summary["scenario"]), subtitle, message, sections, content))


def _numbers(life: Life) -> list[int]:
    return [int(row["year"]) for row in life.years]


def _side_by_side(life: Life, page: Charts) -> Section:
    """Return the years as bars and lines, and as a table that leads to each of them."""
    x = _numbers(life)

    def of(name: str, factor: float = 1.0) -> list[float | None]:
        return [None if row.get(name) is None else factor * float(row[name]) for row in life.years]

    def bars(name: str, label: str, colour: str, factor: float) -> Trace:
        return {"type": "bar", "name": label, "x": x, "y": of(name, factor), "marker": {"color": colour}}

    def line(name: str, label: str, colour: str, dash: str) -> Trace:
        style = {"color": colour, "width": 2, "dash": dash}
        marker = {"color": colour, "size": 6}
        return {"type": "scatter", "mode": "lines+markers", "name": label, "x": x, "y": of(name), "line": style,
                "marker": marker}  # fmt: skip

    energies = (
        ("specific_energy_kwh_per_kg", "whole plant", "@other", "solid"),
        *(
            (f"specific_energy_{t.key}_kwh_per_kg", t.units, t.colour, _DASHES[(k + 1) % len(_DASHES)])
            for k, t in enumerate(life.technologies)
        ),
    )
    rows: list[tuple[str, list[Trace]]] = [("hydrogen made, t", [bars("hydrogen_made_kg", "hydrogen", "@h2", 1e-3)])]
    lines = [line(*energy) for energy in energies if any(value is not None for value in of(energy[0]))]
    if lines:
        rows.append(("specific energy, kWh/kg", lines))
    replaced = [
        bars(f"replacements_{t.key}", t.units, t.colour, 1.0)
        for t in life.technologies
        if any(of(f"replacements_{t.key}"))
    ]
    if replaced:
        rows.append(("replaced", replaced))
    figure = charts.stacked(rows, 130, is_dated=False, x_title="year")
    for name, axis in figure["layout"].items():
        if name.startswith("xaxis"):
            axis["dtick"] = max(1, math.ceil(len(x) / 20))
    made = [value or 0.0 for value in of("hydrogen_made_kg", 1e-3)]
    alt = f"Years 1 to {x[-1]}: hydrogen made {made[0]:,.0f} t in the first, {made[-1]:,.0f} t in the last."
    html = page.add(figure, "The years", alt) + _years_table(life)
    worst = max((float(row.get("worst_relative_residual") or 0.0) for row in life.years), default=0.0)
    html += Html("<p>The balances of every component close to {:.1e} of what passed, in the worst year.</p>", worst)
    return Section("years", "Year by year", "Each year begins with the state that the one before left.", html)


def _years_table(life: Life) -> Html:
    named = (
        (heading.format(**t), name.format(**t), form)
        for heading, name, form in _TABLE
        for t in ([one._asdict() for one in life.technologies] if "{" in name else [{}])
    )
    columns = [column for column in named if any(row.get(column[1]) is not None for row in life.years)]
    rows = []
    for row in life.years:
        number = int(row["year"])
        cells = [Cell(str(number), float(number), f"year-{number}")]
        for _, name, form in columns:
            value = row.get(name)
            if not form:
                cells.append(Cell(str(value)[:4]))
                continue
            factor = 1e-3 if name.endswith(("_kg", "_mwh", "_eur")) and "_per_" not in name else 1.0
            number_shown = None if value is None else factor * float(value)
            cells.append(Cell(shown(number_shown, form), number_shown))
        replaced = _replaced(row)
        more = f" and {len(replaced) - 1} more" if len(replaced) > 1 else ""
        cells.append(Cell(replaced[0] + more if replaced else "–", float(len(replaced))))
        rows.append(cells)
    headings = ("year", *(heading for heading, _, _ in columns), "replaced")
    is_text = (False, *(not form for _, _, form in columns), True)
    return table("All years", headings, rows, is_text, "years-table")


def _replaced(row: dict[str, Any]) -> list[str]:
    return [id_ if n == 1 else f"{id_} × {n}" for id_, n in row["replaced"].items()]


def _wear(life: Life, page: Charts) -> Section:
    """Return how much of its life each stack has used up, over all years, and what was replaced."""
    return Section(
        "wear",
        "Wear and replacements",
        "At 1 a stack is worn out and replaced in that step; the new one begins at 0.",
        attempt(lambda: _wear_chart(life, page)) + _replacements(life),
    )


def _wear_chart(life: Life, page: Charts) -> Html:
    rows, texts, left_out = [], [], 0
    for technology in life.technologies:
        stacks = life.stacks(technology.key)
        traces = []
        for k, (stack, column) in enumerate(list(stacks.items())[:_MOST_STACKS]):
            time, share = life.wear(stack, column)
            kept = charts.extremes(share, _POINTS)
            style = {"color": technology.colour, "width": 1.5, "dash": _DASHES[k % len(_DASHES)]}
            traces.append(charts.curve(stack, time[kept], share[kept], **style))
            texts.append(f"{stack} {share[-1]:.2f}")
        left_out += max(0, len(stacks) - _MOST_STACKS)
        if traces:
            rows.append((f"{technology.units}: share of the life", traces))
    if not rows:
        raise MissingData("the plant has no stack that wears")
    notes = [f"{left_out} stacks more are not drawn."] if left_out else []
    lost = [str(number) for number, results in life.results.items() if isinstance(results, str)]
    if lost:
        notes.append(f"Year{'s' * (len(lost) > 1)} {', '.join(lost)} cannot be read and are left out.")
    figure = charts.stacked(rows, 190, is_dated=False, x_title="years since the start")
    return page.add(
        figure, "Wear of each stack", f"Share of the life used up at the end: {', '.join(texts)}.", " ".join(notes)
    )


def _replacements(life: Life) -> Html:
    rows = [
        (Cell(str(row["year"]), float(row["year"]), f"year-{row['year']}"), Cell(", ".join(_replaced(row))))
        for row in life.years
        if row["replaced"]
    ]
    if not rows:
        return Html("<p>Nothing was replaced in these years.</p>")
    return table("Replacements", ("year", "replaced"), rows, (False, True))


def _each(life: Life) -> Section:
    """Return key figures and events of each year, folded, and the command for its own page."""
    html = NONE.join(
        folded(f"Year {row['year']}, input of {str(row['start'])[:4]}", _year(life, row), f"year-{row['year']}")
        for row in life.years
    )
    first = shlex.quote(str(life.year_folder(1)))
    intro = f"Each year is a run of its own: `h2plant report {first}` writes its page.".replace("`", "")
    return Section("each", "Each year", intro, html)


def _year(life: Life, row: dict[str, Any]) -> Html:
    results = life.results[row["year"]]
    if isinstance(results, str):
        return missing(results)
    figures: dict[str, float | None] = results.summary.get("key_figures") or {}
    rows = [
        (Cell(figure.label.strip()), *headline.figure_cells(figure, figures[name]))
        for name, figure in figures_in(results.summary).items()
    ]
    html = table(f"Key figures of year {row['year']}", ("figure", "value", "unit"), rows, (True, False, True))
    counts = results.event_counts()[:8]
    if counts:
        events = [
            (Cell(who), Cell(what), Cell(f"{times:,}", float(times)), Cell(f"{hours:,.1f}", hours))
            for who, what, times, hours in counts
        ]
        caption = f"Events of year {row['year']} with the most hours"
        html += table(caption, ("component", "what", "times", "hours"), events, (True, True, False, False))
    return html


def _provenance(life: Life, page_command: str) -> Section:
    summary = life.summary
    given: dict[str, Any] = summary.get("provenance") or {}
    took: dict[str, Any] = summary.get("performance") or {}
    rows = [
        ("scenario", str(summary.get("scenario", "–"))),
        ("plant", str(summary.get("plant", "–"))),
        ("h2plant", str(given.get("h2plant", "–"))),
        ("plant digest (SHA-256)", str(given.get("plant_digest", "–"))),
        ("steps", f"{took.get('n_steps', 0):,} of {summary.get('step_s', 0)} s"),
        ("components", f"{took.get('n_components', 0):,}"),
        ("Python, NumPy", f"{given.get('python', '–')}, {given.get('numpy', '–')}"),
        ("machine", str(given.get("machine", "–"))),
        ("time", f"{took.get('loop_cpu_s', 0.0):.1f} s of processor time for the steps, "
                 f"{took.get('total_s', 0.0):.1f} s in all"),
    ]  # fmt: skip
    command = str(given.get("command", ""))
    commands: Sequence[str] = [f"{command} --out {shlex.quote(str(life.folder))}"] if command else []
    return provenance.facts(rows, [*commands, page_command])
