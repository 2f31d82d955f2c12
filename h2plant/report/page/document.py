"""The page: sections, style, script and data put into one file."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Any

from h2plant.core.markup import NONE, Html, escaped
from h2plant.report.page import (
    audit_part,
    balances,
    detail,
    diagram,
    economics_part,
    events,
    faults_part,
    headline,
    operation,
    over_time,
    parts,
    provenance,
    served_part,
    tornado,
)
from h2plant.report.page.detail import Details
from h2plant.report.page.parts import Charts, Section, attempt, missing, safe_json
from h2plant.report.page.run_data import MissingData, RunData
from h2plant.report.sensitivity_file import Sensitivity, read_sensitivity, tried
from h2plant.results import Results
from h2plant.results.folder import SENSITIVITY, ResultsError, write_out

_ASSETS = files("h2plant.report.page") / "assets"


@cache
def plotly_script() -> str:
    """Return the script that draws the charts, from the installed package plotly.

    Raises
    ------
    ResultsError
        It is not installed.
    """
    if find_spec("plotly") is None:
        raise ResultsError("the report needs plotly: pip install 'h2plant[report]'")
    return (
        (files("plotly") / "package_data" / "plotly.min.js")
        .read_text(encoding="utf-8")
        .replace("</script", "<\\/script")
    )


def write_report(results: Results, out: Path, details: Details | None = None, sensitivity: Path | None = None) -> Path:
    """Write the page of a run; a file that is there is replaced in one move.

    Parameters
    ----------
    results
        The run.
    out
        File to write.
    details
        Windows at minute resolution; without them the log is shown as it is.
    sensitivity
        File of a study of sensitivity; by default the one in the folder of the run, if there is one.

    Raises
    ------
    ResultsError
        Damaged results, a file that is no study, no plotly, or a file that cannot be written.
    """
    plotly_script()
    return write_page(out, report_page(RunData(results), out, details, sensitivity))


LARGEST_BYTES = 7_900_000
"""Largest page; lines over a week are thinned, extremes kept, until it is met."""


def report_page(data: RunData, out: Path, details: Details | None = None, sensitivity: Path | None = None) -> str:
    """Return the page of a run as text; ``out`` is named in the command that makes it again."""
    beside = data.results.folder / SENSITIVITY
    study = tried(beside) if sensitivity is None else read_sensitivity(sensitivity)
    words = [] if sensitivity is None else ["--sensitivity", str(sensitivity)]
    if details is None:
        details = log_details(data)
    text = ""
    for n_points in (None, 4000, 1000):
        text = _page(data, out, details, n_points, study, words)
        if len(text.encode()) <= LARGEST_BYTES:
            break
    return text


def _page(
    data: RunData,
    out: Path,
    details: Details,
    n_points: int | None,
    study: Sensitivity | str | None,
    more_words: Sequence[str],
) -> str:
    page = Charts()
    diagram_section, links = _diagram(data)
    event_section, event_list = events.events(data)
    words = ["h2plant", "report", str(data.results.folder), "--out", str(out), *details.arguments, *more_words]
    words += ["--allow-code"] if data.names_code else []
    sections = [
        headline.headline(data.summary),
        served_part.served_section(data.summary),
        *faults_part.faults_section(data.summary),
        balances.flows(data, page),
        diagram_section,
        _tried("year", "Hour by hour", lambda: over_time.heat_maps(data, page)),
        _tried("durations", "How long at what load", lambda: over_time.durations(data, page)),
        _tried("minutes", "Minute by minute", lambda: detail.minutes(data, page, details, n_points)),
        _tried("starts", "Starts", lambda: detail.start_ups(data, page, details)),
        _tried("operation", "How well the electrolysers ran", lambda: operation.operation(data, page)),
        _tried("storage", "Storage and delivery", lambda: over_time.storage(data, page)),
        event_section,
        economics_part.economics_section(data.summary, data.results.folder, page),
        *economics_part.labels_section(data.summary),
        *tornado.sensitivity(study, page),
        balances.closure(data),
        audit_part.audit_section(data.summary, data.results.folder),
        provenance.provenance(data, shlex.join(words)),
    ]
    end = data.start + timedelta(hours=data.hours)
    span = f"{data.start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC, {data.hours:,.6g} hours"
    subtitle = f"Plant {data.summary['plant']}, {span}"
    warning = NONE
    if not data.summary.get("is_complete", True):
        warning = parts.warning(f"This run is not complete: {data.summary.get('stopped_by', '')}.")
    content = {"charts": page.figures, "links": links, "events": event_list}
    return compose(str(data.summary["scenario"]), subtitle, warning, sections, content)


def log_details(data: RunData) -> Details:
    """Return week and day as the log holds them."""
    note = f"As logged, every {data.interval_s:g} s."
    try:
        start_s, why = detail.eventful_day(data)
        hours = min(24.0, data.hours)
        day: detail.Window | str = detail.from_log(data, start_s, hours, note)
        week: detail.Window | str = detail.from_log(data, detail.typical_week(data), min(168.0, data.hours), note)
    except MissingData as missing_data:
        return Details(str(missing_data), str(missing_data))
    return Details(week, day, day_why=why)


def _tried(id_: str, title: str, build: Any) -> Section:
    """Return a section, or one that says why it cannot be shown."""
    try:
        section: Section = build()
    except MissingData as why:
        return Section(id_, title, "", missing(str(why)))
    return section


def _diagram(data: RunData) -> tuple[Section, list[dict[str, Any]]]:
    try:
        return diagram.diagrams(data)
    except MissingData as why:
        return Section("diagram", "The plant and its streams", "", missing(str(why))), []


def compose(title: str, subtitle: str, warning: Html, sections: Sequence[Section], content: dict[str, Any]) -> str:
    """Return a page of sections with their charts, as one text that needs nothing from anywhere else."""
    nav = NONE.join(Html('<li><a href="#{}">{}</a></li>', s.id, s.title) for s in sections)
    body = Html("\n").join(
        Html(
            '<section id="{id}" aria-labelledby="{id}-title"><h2 id="{id}-title">{title}</h2>{intro}{html}</section>',
            id=s.id,
            title=s.title,
            intro=Html('<p class="intro">{}</p>', s.intro) if s.intro else NONE,
            html=s.html,
        )
        for s in sections
    )
    plotly = plotly_script()
    script = "\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in ("figure.js", "page.js"))
    template = Template((_ASSETS / "page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=escaped(title),
        subtitle=escaped(subtitle),
        warning=escaped(warning),
        nav=nav,
        body=body,
        scripts=" ".join(script_source(text) for text in (script, plotly)),
        style=(_ASSETS / "page.css").read_text(encoding="utf-8"),
        script=script,
        data=safe_json(content),
        plotly=plotly,
    )


def script_source(text: str) -> str:
    """Return what lets a browser run a script of just this text, in a content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def write_page(out: Path, text: str) -> Path:
    """Write a page; a file that is there is replaced in one move.

    Raises
    ------
    ResultsError
        It cannot be written.
    """
    return write_out(out, lambda file: file.write_text(text, encoding="utf-8"))


__all__ = ["attempt", "compose", "log_details", "plotly_script", "report_page", "write_page", "write_report"]
