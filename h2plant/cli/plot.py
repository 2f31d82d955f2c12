"""``h2plant plot``: columns of a run as a picture."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

import typer


def plot(
    run: Annotated[Path, typer.Argument(help="folder of a run's results")],
    columns: Annotated[
        list[str], typer.Argument(help="names of columns, such as tank.pressure_pa; several may be given")
    ],
    out: Annotated[
        Path | None, typer.Option(help="file to write: .png, .svg or .pdf; default: FIRST_COLUMN.png")
    ] = None,
    begin: Annotated[
        str | None, typer.Option("--from", help="first instant, ISO 8601, UTC unless it says otherwise")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="last instant")] = None,
) -> None:
    """Draw columns of a run over time, for a paper: one panel for each unit, in a style that prints well in grey.

    For example:

        h2plant plot results/minimal_day-1 stack.power.power_w tank.pressure_pa --out day.svg

        h2plant plot results/test_full_year-1 lp_tanks.pressure_pa --from 2023-02-19 --to 2023-02-26

    Needs matplotlib: pip install 'h2plant[plot]'. Units are shown as reports show them: kW, bar, °C, kg/h. The names of
    all columns, with unit and meaning: Results(folder).describe().
    """
    from h2plant.report.plot import plot_columns
    from h2plant.results import Results
    from h2plant.results.folder import ResultsError

    results = Results(run)
    target = out if out is not None else Path(f"{columns[0]}.png")
    try:
        file = plot_columns(results, columns, target, _instant(begin, "--from"), _instant(end, "--to"))
    except KeyError as error:
        raise ResultsError(f"{run}: {error.args[0]}") from None
    typer.echo(f"wrote {file}")


def _instant(text: str | None, option: str) -> datetime.datetime | None:
    from h2plant.config.series_entry import parse_time
    from h2plant.plant.finding import Finding, PlantError

    if text is None:
        return None
    instant = parse_time(text)
    if instant is None:
        remedy = "write ISO 8601, as 2023-06-01 or 2023-06-01T12:00:00Z"
        raise PlantError([Finding("bad-time", option, f"'{text}' is not a time", remedy)])
    return instant
