"""The command line: run, check, init, kinds, tables, validate, monitor, report, plot."""

from __future__ import annotations

import functools
import json
import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperCommand, TyperGroup

import h2plant
from h2plant.cli.arguments import exit_if_not_valid, overrides_of
from h2plant.cli.audit import audit
from h2plant.cli.bench import bench_app
from h2plant.cli.blocks import blocks
from h2plant.cli.calibrate import CalibrateCommand, calibrate
from h2plant.cli.compare import compare
from h2plant.cli.costs import costs
from h2plant.cli.countries import countries
from h2plant.cli.dash import dash
from h2plant.cli.design import design
from h2plant.cli.ending import end_like_ctrl_c, how_to_go_on
from h2plant.cli.expand import expand
from h2plant.cli.export import export
from h2plant.cli.figures import figures
from h2plant.cli.fit import FitCommand, fit
from h2plant.cli.lifetime import parsed_years, run_years
from h2plant.cli.look import LookCommand, look
from h2plant.cli.migrate import migrate
from h2plant.cli.monitor import monitor
from h2plant.cli.optimize import optimize
from h2plant.cli.outcome import print_results
from h2plant.cli.plants import plants
from h2plant.cli.plot import plot
from h2plant.cli.report import make_report
from h2plant.cli.report import report as report_command
from h2plant.cli.resume import clean, note_unfinished, resume, undo
from h2plant.cli.sensitivity import sensitivity
from h2plant.cli.sweep import sweep
from h2plant.cli.verify import verify
from h2plant.core.environment import unread_variables
from h2plant.core.error import UserError, reason_of
from h2plant.core.markup import visible
from h2plant.core.output import EXIT_CLOSED, OutputError, discard_output, is_of_output, written_output
from h2plant.core.terminal import Terminal, hanging

if TYPE_CHECKING:
    from h2plant.config.scenario import Scenario
    from h2plant.results import Results


class _Commands(TyperGroup):
    """The commands; what a user can mend ends with a message and exit code 2, Ctrl-C with 130, a failed run with 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            folder = getattr(stop, "folder", None)
            what = f"; what was done so far is in {folder}" if folder else "; nothing was written"
            _say(f"interrupted{what}{how_to_go_on(stop)}")
            raise typer.Exit(130) from None
        except (typer.Exit, typer.Abort):  # --help ends so, and shall load nothing
            raise
        except Exception as error:
            code = _explain(error)
            if code is None:
                raise
            raise typer.Exit(code) from None


class _RunCommand(TyperCommand):
    """The command ``run``: ``--validate-accuracy`` may stand alone, which Typer knows no option for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        bare, values = "--validate-accuracy", [mode.value for mode in AccuracyMode]
        words: list[str] = []
        for k, word in enumerate(args):
            has_value = k + 1 < len(args) and args[k + 1] in values
            words.append(f"{bare}={AccuracyMode.sampled.value}" if word == bare and not has_value else word)
        return super().parse_args(ctx, words)


_HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="h2plant",
    cls=_Commands,
    context_settings=_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="""Simulate a hydrogen plant minute by minute over years.

    For example:

        h2plant run test_8hour          # a bundled scenario

        h2plant init my_plant           # a plant of your own to start from

        h2plant check my_plant.yaml     # is it in order?

        h2plant run my_plant-day.yaml
    """,
)
tables_app = typer.Typer(
    no_args_is_help=True, context_settings=_HELP, help="The property tables: look at them, build them anew."
)
app.add_typer(tables_app, name="tables")
app.add_typer(bench_app, name="bench")
app.command()(costs)
app.command()(countries)
app.command()(figures)
app.command()(compare)
app.command()(sweep)
app.command()(optimize)
app.command()(sensitivity)
app.command()(migrate)
app.command()(expand)
app.command()(blocks)
app.command()(plants)
app.command()(design)


class EngineName(StrEnum):
    """The two engines."""

    optimized = "optimized"
    baseline = "baseline"


class AccuracyMode(StrEnum):
    """How much of a run ``--validate-accuracy`` compares."""

    sampled = "sampled"
    full = "full"


class Check(StrEnum):
    """What `validate` can check."""

    tables = "tables"
    engines = "engines"
    balances = "balances"
    steps = "steps"
    all = "all"


def _console(stderr: bool = False) -> Console:
    return Terminal(stderr=stderr)


def _say(message: str) -> None:
    typer.echo(visible(message), err=True)


def _say_if_possible(message: str) -> None:
    """Say what the exit code tells too: standard error may be what takes nothing."""
    try:
        _say(message)
    except OSError:
        discard_output()


def _interval_seconds(text: str, option: str = "--log-every", examples: str = "1min, 15min or 1h") -> int:
    match = re.fullmatch(r"\s*(\d{1,9})\s*(s|min|h|d)?\s*", text)
    if match is None or int(match[1]) == 0:
        raise typer.BadParameter(f"{text!r}: give an interval such as {examples}", param_hint=option)
    return int(match[1]) * {"s": 1, "min": 60, "h": 3600, "d": 86400, None: 1}[match[2]]


def _checkpoint_seconds(text: str | None) -> float | None:
    if text is None or text.strip() == "never":
        return None if text is None else math.inf
    return _interval_seconds(text, "--checkpoint-every", "30d, 12h or never")


def _hours(value: float | None) -> float | None:
    if value is not None and not (math.isfinite(value) and value > 0.0):
        raise typer.BadParameter("give a number of hours above 0, such as 24 or 0.5")
    return value


def _scenario_names(incomplete: str) -> list[str]:
    """Complete bundled names and the YAML files in reach."""
    from h2plant.config.bundled import bundled_plants, bundled_scenarios

    folder = incomplete.rpartition("/")[0]
    files = [path.as_posix() for path in sorted(Path(folder or ".").glob("*")) if path.suffix in (".yaml", ".yml")]
    names = dict.fromkeys([*bundled_scenarios(), *bundled_plants(), *files])
    return [name for name in names if name.startswith(incomplete)]


def _kind_names(incomplete: str) -> list[str]:
    from h2plant.components.registry import Kinds

    return [name for name in sorted(Kinds()) if name.startswith(incomplete)]


@app.command(cls=_RunCommand)
def run(
    scenario: Annotated[
        str,
        typer.Argument(help="a bundled scenario or plant by name, or a YAML file", autocompletion=_scenario_names),
    ] = "test_full_year",
    hours: Annotated[float | None, typer.Option(callback=_hours, help="span to simulate, h")] = None,
    start: Annotated[str | None, typer.Option(help="first instant, ISO 8601, UTC unless it says otherwise")] = None,
    step_s: Annotated[int | None, typer.Option(min=1, help="length of a step, s: 1, 60, 900, 3600 ...")] = None,
    engine: Annotated[EngineName, typer.Option(help="compiled, or plain Python on CoolProp")] = EngineName.optimized,
    log_every: Annotated[
        str | None, typer.Option(help="log interval: 1min, 15min, 1h ... (default: the scenario's)")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="results folder; default: results/SCENARIO-N")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="a change, as tank.n_vessels=6; may be given again")
    ] = None,
    years: Annotated[int | None, typer.Option(min=1, max=100, help="run so many years one after another")] = None,
    input_years: Annotated[
        str | None, typer.Option(help="with --years: calendar years whose series are taken in turn, as 2021,2022")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the summary as JSON and nothing else")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="print the results folder and nothing else")] = False,
    report: Annotated[
        bool, typer.Option("--report", help="write the page of the run as well, beside the folder")
    ] = False,
    audit_steps: Annotated[
        int | None, typer.Option(min=0, max=100_000, help="single steps to keep for the audit (default 200; 0: none)")
    ] = None,
    checkpoint_every: Annotated[
        str | None,
        typer.Option(help="keep a checkpoint each 30d, 12h ..., or never (default: each minute of computing)"),
    ] = None,
    profile: Annotated[bool, typer.Option("--profile", help="also tell where time and memory go")] = False,
    validate_accuracy: Annotated[
        AccuracyMode | None,
        typer.Option(metavar="[=sampled|=full]", help="also compare with the baseline: on 12 days, or the whole run"),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="processes of --validate-accuracy (default: sampled all cores, full 1)")
    ] = None,
    allow_code: Annotated[
        bool,
        typer.Option(
            "--allow-code", help="run the Python code that a scenario of a results folder names too: read it before"
        ),
    ] = False,
) -> None:
    """Run a scenario and write its results.

    For example:

        h2plant run test_full_year

        h2plant run test_8hour --log-every 1min --out results/start-up

        h2plant run my_plant.yaml --hours 168 --start 2023-06-01 --set wind.capacity_mw=40

        h2plant run minimal --hours 24 --step-s 1 --json

        h2plant run test_full_year --profile

        h2plant run test_full_year --validate-accuracy=full --jobs 2

        h2plant run test_full_year --years 20 --checkpoint-every 30d

    Exit codes: 0 done; 1 the plant failed, or the engines differ by more than 0.1 %; 2 something to mend in what was
    given; 3 done, but the answer is not valid or not whole: power had no source, a balance does not close, a part
    could not be worked out; 130 Ctrl-C, SIGTERM or SIGHUP. Whatever a failed or stopped run did is kept in its folder;
    one that was killed, or stopped after a checkpoint, goes on by 'h2plant resume'.
    """
    if allow_code:  # for the scenario of a results folder; a plant that is named here may run what it names anyway
        from h2plant.core.user_code import allow_code as allow

        allow()
    from h2plant.config.scenario import changed_scenario, load_scenario

    if report:
        from h2plant.report.page.document import plotly_script

        plotly_script()  # said before the run, if it is missing
    interval = None if log_every is None else _interval_seconds(log_every)
    overrides = overrides_of(set_ or [])
    changed = changed_scenario(load_scenario(scenario), hours, start, step_s, interval, overrides)
    kept_every_s = _checkpoint_seconds(checkpoint_every)
    for option, given in (("--checkpoint-every", checkpoint_every), ("--audit-steps", audit_steps)):
        if profile and given is not None:
            raise typer.BadParameter("means nothing with --profile, which keeps none", param_hint=option)
    note_unfinished(out)
    if years is not None:
        if engine != EngineName.optimized or profile or validate_accuracy is not None:
            text = "years are run by the optimized engine, without --profile and --validate-accuracy"
            raise typer.BadParameter(text, param_hint="--years")
        taken = parsed_years(input_years) or list(changed.weather_years)
        run_years(changed, years, taken, out, as_json, quiet, report, audit_steps, kept_every_s)
        return
    _refuse_without(input_years, "--input-years", "--years", years)
    _refuse_without(jobs, "--jobs", "--validate-accuracy", validate_accuracy)
    _note_weather_years(changed, quiet)
    results = _executed(changed, engine.value, out, profile, as_json, quiet, audit_steps, kept_every_s)
    is_accurate = validate_accuracy is None or _is_accurate(
        changed, results, validate_accuracy, jobs, is_shown=not (as_json or quiet)
    )
    if report:
        _write_report(results, is_shown=not (as_json or quiet))
    if not is_accurate:
        raise typer.Exit(1)
    exit_if_not_valid(results.summary, as_json or quiet)


def _refuse_without(given: object, option: str, needed: str, other: object) -> None:
    if given is not None and other is None:
        raise typer.BadParameter(f"means nothing without {needed}", param_hint=option)


def _note_weather_years(scenario: Scenario, is_quiet: bool) -> None:
    if scenario.weather_years and not is_quiet:
        note = "'weather_years' means nothing without --years: this is one run, from the scenario's start"
        typer.echo(f"note: {note}", err=True)


def _is_accurate(scenario: Scenario, results: Results, mode: AccuracyMode, jobs: int | None, is_shown: bool) -> bool:
    """Compare a run with the baseline, print what differs, and return whether that is little enough."""
    from h2plant.measure.accuracy.report import validate_run

    return validate_run(Terminal(quiet=not is_shown), scenario, results.folder, mode.value, jobs)


def _write_report(results: Results, is_shown: bool) -> None:
    page = make_report(results)
    if is_shown:
        typer.echo(f"report: {page}")


def _executed(
    scenario: Scenario,
    engine: str,
    out: Path | None,
    is_profiled: bool,
    as_json: bool,
    is_quiet: bool,
    audit_steps: int | None,
    checkpoint_every_s: float | None,
) -> Results:
    """Run a scenario and print what it came to, and where time and memory went if that is asked."""
    from h2plant.session.execution import execute

    asked: dict[str, Any] = {} if audit_steps is None else {"audit_steps": audit_steps}
    runner: Callable[..., Results] = functools.partial(execute, checkpoint_every_s=checkpoint_every_s, **asked)
    if is_profiled:
        from h2plant.measure.profile.run import profiled as runner
    if as_json or is_quiet:
        results = runner(scenario, engine, out)
        summary = {**results.summary, "folder": str(results.folder)}
        typer.echo(json.dumps(summary, indent=1) if as_json else str(results.folder))
    else:
        results = _run_with_progress(runner, scenario, engine, out)
        print_results(results)
    if is_profiled:
        from h2plant.measure.profile.report import print_profile

        print_profile(Terminal(quiet=as_json or is_quiet), results.folder)
    return results


def _run_with_progress(runner: Callable[..., Results], scenario: Scenario, engine: str, out: Path | None) -> Results:
    from h2plant.report.progress import RunProgress

    is_compiled = engine == EngineName.optimized.value
    with RunProgress(_console(stderr=True), scenario.start, scenario.hours, scenario.step_s, is_compiled) as progress:
        return runner(scenario, engine, out, progress.update, progress.ready)


@app.command()
def profile(
    scenario: Annotated[
        str,
        typer.Argument(help="a bundled scenario or plant by name, or a YAML file", autocompletion=_scenario_names),
    ] = "test_full_year",
    hours: Annotated[float | None, typer.Option(callback=_hours, help="span to simulate, h")] = None,
) -> None:
    """Show where the time of a run goes, by kind of component; writes no results.

    For example:

        h2plant profile test_8hour
    """
    from h2plant.measure.profile.loop_timing import ProfilingEngine
    from h2plant.measure.profile.report import print_shares
    from h2plant.session.session import Session

    session = Session(scenario, hours=hours)
    engine = ProfilingEngine(session.program)
    engine.begin()
    engine.run(session.n_steps)
    print_shares(_console(), engine.shares(), engine.step_number, session.program.n_components)


@app.command()
def check(
    file: Annotated[
        str,
        typer.Argument(help="a plant or scenario file, or the name of a bundled one", autocompletion=_scenario_names),
    ],
) -> None:
    """Check a plant or scenario: prints all findings at once, with file and line, and runs nothing.

    For example:

        h2plant check my_plant.yaml
    """
    from h2plant.config.scenario import load_scenario
    from h2plant.config.series_notes import series_manner
    from h2plant.session.session import load_run

    loaded = load_run(load_scenario(file))
    for note in loaded.notes:
        typer.echo(hanging("note: ", note))
    plant = loaded.plant
    n_series = len(loaded.series)
    typer.echo(f"{file}: in order: {len(plant.components)} components, {len(plant.links)} links, {n_series} series")
    for line in series_manner(loaded.series):
        typer.echo(hanging("series: ", line))


@app.command()
def init(
    name: Annotated[str | None, typer.Argument(help="name of the new plant; makes NAME.yaml and NAME-day.yaml")] = None,
    kind: Annotated[
        str | None, typer.Option(help="name of a new kind of component; makes KIND.py, a case and a test of it")
    ] = None,
) -> None:
    """Write a commented starter plant, or a kind of your own, into this folder; existing files are left alone.

    For example:

        h2plant init my_plant

        h2plant init --kind my_stack
    """
    from h2plant.config.starter import write_kind, write_starter

    if (name is None) is (kind is None):
        raise typer.BadParameter("give the name of a plant, or --kind and the name of a kind")
    written = write_kind(kind, Path.cwd()) if kind is not None else write_starter(str(name), Path.cwd())
    for path in written:
        typer.echo(f"wrote {path.relative_to(Path.cwd())}")
    if kind is not None:
        typer.echo(f"next: pytest test_{kind}.py, then 'kinds: [{kind}.py]' in a plant file")
    else:
        typer.echo(f"next: h2plant check {name}.yaml, then h2plant run {name}-day.yaml")


@app.command()
def kinds(
    name: Annotated[
        str | None, typer.Argument(help="a kind; without it: the list of all", autocompletion=_kind_names)
    ] = None,
    plant: Annotated[str | None, typer.Option(help="a plant file, with the kinds that it brings")] = None,
) -> None:
    """Show the kinds of components, or one kind's parameters, states, outputs and ports.

    For example:

        h2plant kinds

        h2plant kinds pem_stack

        h2plant kinds --plant my_plant.yaml          # with those of the files that it names
    """
    from h2plant.components.registry import Kinds
    from h2plant.config.load import read_kinds
    from h2plant.report.kind_tables import print_kind, print_kinds

    known = Kinds() if plant is None else read_kinds(plant)
    if name is None:
        print_kinds(_console(), known)
    else:
        print_kind(_console(), name, known)


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
    """Check tables, engines, balances and step sizes; prints each figure beside its bar; exit code 1 on a miss.

    For example:

        h2plant validate tables

        h2plant validate engines --days 3
    """
    from h2plant.measure.validate import validate as run_checks

    if not run_checks(_console(), what.value, days):
        raise typer.Exit(1)


app.command()(monitor)
app.command(name="report")(report_command)
app.command()(plot)
app.command()(export)
app.command()(audit)
app.command()(verify)
app.command()(resume)
app.command()(undo)
app.command()(clean)
app.command(cls=LookCommand)(look)
app.command(cls=FitCommand)(fit)
app.command(cls=CalibrateCommand)(calibrate)
app.command()(dash)


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
    for note in unread_variables(os.environ):
        _say(f"note: {note}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; user errors end with a message and exit code 2, Ctrl-C with 130."""
    # Arrow's own allocator keeps tens of megabytes that a run frees
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    end_like_ctrl_c()
    try:
        with written_output():
            app(args=None if arguments is None else list(arguments), prog_name="h2plant")
    except KeyboardInterrupt:
        _say_if_possible("interrupted; nothing was written")
        sys.exit(130)
    except OutputError as error:
        _say_if_possible(str(error))
        sys.exit(2)


def _explain(error: Exception) -> int | None:
    """Say what a user can mend; returns the exit code, or None for an error that is not the user's."""
    from h2plant.simulation.engine import SimulationFailure

    folder = getattr(error, "folder", None)
    kept = (f"\nwhat was done so far is in {folder}" if folder else "") + how_to_go_on(error)
    if isinstance(error, SimulationFailure):
        _say(f"{error}{kept}")
        return 1
    if isinstance(error, UserError):
        _say(f"{error}{kept}")
        return 2
    if isinstance(error, BrokenPipeError):  # as in `h2plant kinds | head`
        discard_output()
        return EXIT_CLOSED
    if is_of_output(error):
        return None  # `main` says so
    if folder is not None:  # a fault of the program in the midst of a run
        _say(f"the run ended with {reason_of(error)}{kept}")
        return 1
    if isinstance(error, OSError) and error.filename:
        _say(f"{error.filename}: {error.strerror}; check the path, its permissions and the space on the disk")
        return 2
    return None
