"""``h2plant report``: a run as one page."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from h2plant.cli.arguments import AllowCode
from h2plant.core.real_path import real_path

if TYPE_CHECKING:
    from h2plant.report.page.detail import Details
    from h2plant.report.page.run_data import RunData
    from h2plant.results import Results


def report(
    run: Annotated[Path, typer.Argument(help="folder of a run's results, or of a run over several years")],
    out: Annotated[Path | None, typer.Option(help="file to write; default: RUN-report.html beside the folder")] = None,
    week: Annotated[
        str | None, typer.Option(help="week to show: 2023-W08, or a day of it: 2023-02-21; default: the most typical")
    ] = None,
    minutes: Annotated[
        bool | None,
        typer.Option("--minutes/--no-minutes", help="repeat the run for data by the minute (default: if quick)"),
    ] = None,
    sensitivity: Annotated[
        Path | None, typer.Option(help="study of sensitivity to show; default: sensitivity.json in the folder, if any")
    ] = None,
    allow_code: AllowCode = False,
) -> None:
    """Write a run as one page of HTML that needs nothing else: figures, flows, charts, events, money, balances.

    For example:

        h2plant report results/test_full_year-1

        h2plant report results/test_full_year-1 --week 2023-W08 --out year.html

        h2plant report results/test_full_year-1 --sensitivity study.json

    Needs plotly: pip install 'h2plant[report]'. A week and the most eventful day are shown minute by minute; where the
    log is coarser, the run is repeated for them and compared with the log.
    """
    from h2plant.core.user_code import allow_code as allow
    from h2plant.report.page.life import is_life
    from h2plant.results import Results
    from h2plant.results.folder import ResultsError

    if allow_code:
        allow()
    if is_life(run):
        if week is not None or minutes is not None:
            first = run / "year_01"
            raise ResultsError(
                f"{run}: several years have no week to show; ask for one of them: h2plant report {first}"
            )
        typer.echo(f"wrote {make_life_report(run, out, sensitivity)}")
        return
    results = Results(run)
    typer.echo(f"wrote {make_report(results, out, week, minutes, sensitivity)}")
    _say_what_is_not_shown(results)


def _say_what_is_not_shown(results: Results) -> None:
    """Say so on the screen, too, where the page lacks what needs code that nobody has allowed."""
    from h2plant.core.user_code import is_code_allowed
    from h2plant.report.page.run_data import MissingData, RunData

    data = RunData(results)
    if not data.names_code or is_code_allowed():
        return
    try:
        _ = data.plant
    except MissingData as missing:
        typer.echo(f"not shown on it: flows, diagram, most charts: {missing}", err=True)


def make_report(
    results: Results,
    out: Path | None = None,
    week: str | None = None,
    minutes: bool | None = None,
    sensitivity: Path | None = None,
) -> Path:
    """Write the page of a run; returns the file."""
    from h2plant.report.page.document import plotly_script, write_report
    from h2plant.report.page.run_data import RunData
    from h2plant.report.sensitivity_file import read_sensitivity

    plotly_script()
    target = out if out is not None else results.folder.with_name(f"{real_path(results.folder).name}-report.html")
    if sensitivity is not None:
        read_sensitivity(sensitivity)  # said before the run is repeated, if it is none
    return write_report(results, target, details(RunData(results), week, minutes), sensitivity)


def make_life_report(folder: Path, out: Path | None = None, sensitivity: Path | None = None) -> Path:
    """Write the page of a run over several years; returns the file."""
    from h2plant.report.page.life import write_life_report

    target = out if out is not None else folder.with_name(f"{real_path(folder).name}-report.html")
    return write_life_report(folder, target, sensitivity)


def details(data: RunData, week: str | None, minutes: bool | None) -> Details:
    """Return the week and the day of the page, minute by minute where that can be had."""
    from h2plant.report.page.detail import Details, eventful_day, from_log, typical_week
    from h2plant.report.page.quantities import minute_columns
    from h2plant.report.page.run_data import MissingData

    week_s = None if week is None else _week_start(data, week)
    if data.time.size < 2:
        return Details("the run is too short", "the run is too short")
    try:
        columns = minute_columns(data)
        day_s, why = eventful_day(data)
        begin = typical_week(data) if week_s is None else week_s
    except MissingData as missing_data:
        return Details(str(missing_data), str(missing_data))
    spans = [(begin, min(168.0, data.hours - begin / 3600.0)), (day_s, min(24.0, data.hours - day_s / 3600.0))]
    title = "A week" if spans[0][1] >= 168.0 else "The run" if week is None else "A part of a week"
    if week_s is None and data.hours >= 336.0:
        title = "A typical week: its hydrogen is nearest to the median of all weeks"
    shown = None
    note = f"As logged, every {data.interval_s:g} s."
    if data.interval_s > 60.0:
        try:
            shown = _repeated(data, spans, columns, minutes)
        except MissingData as missing_data:
            note += f" {str(missing_data)[0].upper()}{str(missing_data)[1:]}."
    if shown is None:
        shown = [from_log(data, start, hours, note) for start, hours in spans]
    arguments = () if week is None else ("--week", week)
    day = shown[1] if spans[1] != spans[0] else shown[0]
    return Details(shown[0], day, title, "The most eventful day", why, arguments)


def _repeated(data: RunData, spans: list[tuple[float, float]], columns: tuple[str, ...], minutes: bool | None) -> list:  # type: ignore[type-arg]
    from h2plant.report.page.run_data import MissingData
    from h2plant.session.replay import LONGEST_S, windows

    if minutes is False:
        raise MissingData("data by the minute were not asked for")
    took_s = float((data.summary.get("performance") or {}).get("loop_s") or 0.0)
    if minutes is None and took_s > LONGEST_S:
        raise MissingData(f"data by the minute take {took_s:.0f} s of simulation: ask for them with --minutes")
    return windows(data, spans, columns)


def _week_start(data: RunData, text: str) -> float:
    """Return the start of a week that the user names, s since the start of the run."""
    from h2plant.plant.finding import Finding, PlantError

    def wrong(what: str, remedy: str) -> PlantError:
        return PlantError([Finding("bad-week", "--week", what, remedy)])

    match = re.fullmatch(r"(\d{4})-?W(\d{1,2})", text.strip(), re.I)
    try:
        if match is not None:
            monday = datetime.date.fromisocalendar(int(match[1]), int(match[2]), 1)
        else:
            day = datetime.date.fromisoformat(text.strip())
            monday = day - datetime.timedelta(days=day.weekday())
    except ValueError:
        raise wrong(f"'{text}' is no week", "write 2023-W08, or a day of it such as 2023-02-21") from None
    begin = datetime.datetime.combine(monday, datetime.time(), datetime.UTC)
    offset = (begin - data.start).total_seconds()
    last = data.hours * 3600.0
    if offset + 7 * 86400.0 <= 0.0 or offset >= last:
        end = data.start + datetime.timedelta(seconds=last)
        raise wrong(
            f"the week of {monday} is not in the run", f"choose one from {data.start:%Y-%m-%d} to {end:%Y-%m-%d}"
        )
    interval = data.interval_s
    return max(offset, 0.0) // interval * interval
