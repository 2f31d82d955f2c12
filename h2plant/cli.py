"""The command line: run, check, init, kinds, tables, validate."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

import h2plant

if TYPE_CHECKING:
    from h2plant.config.scenario import Scenario
    from h2plant.results import Results

app = typer.Typer(
    name="h2plant",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Simulate a hydrogen plant minute by minute over years.",
)
tables_app = typer.Typer(no_args_is_help=True, help="The property tables: look at them, build them anew.")
app.add_typer(tables_app, name="tables")


class EngineName(StrEnum):
    """The two engines."""

    optimized = "optimized"
    baseline = "baseline"


class Check(StrEnum):
    """What `validate` can check."""

    tables = "tables"
    engines = "engines"
    balances = "balances"
    steps = "steps"
    all = "all"


def _console() -> Console:
    return Console(highlight=False, stderr=False)


def _interval_seconds(text: str) -> int:
    match = re.fullmatch(r"\s*(\d+)\s*(s|min|h)?\s*", text)
    if match is None or int(match[1]) == 0:
        raise typer.BadParameter("give an interval such as 1min, 15min or 1h")
    return int(match[1]) * {"s": 1, "min": 60, "h": 3600, None: 1}[match[2]]


def _overrides(items: Sequence[str]) -> dict[str, str]:
    result = {}
    for item in items:
        name, sign, value = item.partition("=")
        if not sign or "." not in name:
            raise typer.BadParameter(f"{item!r}: write component.parameter=value, such as wind.capacity_mw=40")
        result[name.strip()] = value.strip()
    return result


@app.command()
def run(
    scenario: Annotated[
        str, typer.Argument(help="a bundled scenario or plant by name, or a YAML file")
    ] = "test_full_year",
    hours: Annotated[float | None, typer.Option(min=0.01, help="span to simulate, h")] = None,
    start: Annotated[str | None, typer.Option(help="first instant, ISO 8601, UTC unless it says otherwise")] = None,
    step_s: Annotated[int | None, typer.Option(min=1, help="length of a step, s; divides the hour")] = None,
    engine: Annotated[EngineName, typer.Option(help="compiled, or plain Python on CoolProp")] = EngineName.optimized,
    log_every: Annotated[str | None, typer.Option(help="log interval: 1min, 15min, 1h ...")] = None,
    out: Annotated[Path | None, typer.Option(help="results folder")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="component.parameter=value; may be given several times")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the summary as JSON and nothing else")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="no progress, no table")] = False,
) -> None:
    """Run a scenario and write its results.

    For example:

        h2plant run test_full_year

        h2plant run test_8hour --log-every 1min --out results/start-up

        h2plant run my_plant.yaml --hours 168 --start 2023-06-01 --set wind.capacity_mw=40
    """
    from h2plant.config.scenario import load_scenario
    from h2plant.execution import changed_scenario, execute

    interval = None if log_every is None else _interval_seconds(log_every)
    overrides = _overrides(set_ or [])
    try:
        changed = changed_scenario(load_scenario(scenario), hours, start, step_s, interval, overrides)
    except ValueError as error:
        if "isoformat" not in str(error):
            raise
        raise typer.BadParameter(f"--start: {error}; write 2023-06-01 or 2023-06-01T12:00:00Z") from None
    if as_json or quiet:
        results = execute(changed, engine.value, out)
        if as_json:
            typer.echo(json.dumps({**results.summary, "folder": str(results.folder)}, indent=1))
        return
    results = _run_with_progress(changed, engine.value, out)
    _print_results(results)


def _run_with_progress(scenario: Scenario, engine: str, out: Path | None) -> Results:
    from h2plant.execution import execute
    from h2plant.report.progress import RunProgress

    with RunProgress(_console(), scenario.start, scenario.hours, scenario.step_s) as progress:
        return execute(scenario, engine, out, progress.update, progress.ready)


def _print_results(results: Results) -> None:
    from h2plant.report.console import print_events, print_summary

    console = _console()
    print_summary(console, results.summary)
    print_events(console, results.event_counts())
    console.print(f"results: {results.folder}")


@app.command()
def check(
    file: Annotated[str, typer.Argument(help="a plant or scenario file, or the name of a bundled one")],
) -> None:
    """Check a plant or scenario: prints all findings at once, with file and line, and runs nothing."""
    from h2plant.config.scenario import load_scenario
    from h2plant.execution import load_run

    plant, series = load_run(load_scenario(file))
    typer.echo(f"{file}: in order: {len(plant.components)} components, {len(plant.links)} links, {len(series)} series")


@app.command()
def init(name: Annotated[str, typer.Argument(help="name of the new plant; makes NAME.yaml and NAME-day.yaml")]) -> None:
    """Write a commented starter plant and a scenario for it into this folder."""
    from h2plant.config.starter import write_starter

    for path in write_starter(name, Path.cwd()):
        typer.echo(f"wrote {path.name}")
    typer.echo(f"next: h2plant check {name}.yaml, then h2plant run {name}-day.yaml")


@app.command()
def kinds(name: Annotated[str | None, typer.Argument(help="a kind; without it: the list of all")] = None) -> None:
    """Show the kinds of components, or one kind's parameters, states, outputs and ports."""
    from h2plant.report.kind_tables import print_kind, print_kinds

    if name is None:
        print_kinds(_console())
    else:
        print_kind(_console(), name)


@tables_app.command("info")
def tables_info() -> None:
    """Show ranges, grids, version and checksum of the property tables."""
    from h2plant.core.lut_manager import LUTManager
    from h2plant.report.kind_tables import print_mapping

    print_mapping(_console(), LUTManager().info())


@tables_app.command("build")
def tables_build(
    out: Annotated[Path | None, typer.Option(help="file to write (default: the package's own)")] = None,
) -> None:
    """Build the property tables from CoolProp's reference equations of state."""
    from h2plant.core.lut_manager import LUTManager

    typer.echo(f"wrote {LUTManager.build(out)}")


@app.command()
def validate(
    what: Annotated[Check, typer.Argument(help="what to check")] = Check.all,
    days: Annotated[int, typer.Option(min=1, max=365, help="whole days to compare the engines on")] = 12,
) -> None:
    """Check tables, engines, balances and step sizes; prints each figure beside its bar; exit code 1 on a miss."""
    from h2plant.validation import validate as run_checks

    if not run_checks(_console(), what.value, days):
        raise typer.Exit(1)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"h2plant {h2plant.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version")
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; user errors end with a message and exit code 2, Ctrl-C with 130."""
    try:
        app(args=None if arguments is None else list(arguments), standalone_mode=True)
    except KeyboardInterrupt as stop:
        folder = getattr(stop, "folder", None)
        _fail("interrupted" + (f"; what was done so far is in {folder}" if folder else ""), 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        _explain(error)


def _explain(error: Exception) -> None:
    """Turn the errors that a user can mend into a message; re-raise all others."""
    from h2plant.config.findings import PlantError
    from h2plant.core.lut_manager import TableError
    from h2plant.results import ResultsError
    from h2plant.simulation.engine import SimulationFailure

    if isinstance(error, SimulationFailure):
        folder: Any = getattr(error, "folder", None)
        _fail(f"{error}" + (f"\nwhat was done so far is in {folder}" if folder else ""), 1)
    if isinstance(error, (PlantError, ResultsError, TableError)):
        _fail(str(error), 2)
    raise error


def _fail(message: str, code: int) -> None:
    typer.echo(message, err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
