"""``h2plant bench``: what the program costs on this machine, beside the bars."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from h2plant.config.scenario import Scenario
    from h2plant.measure.measured import Measured

bench_app = typer.Typer(
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Measure speed, memory and scaling on this machine, each figure beside its bar.",
)


def _hours(value: float | None) -> float | None:
    if value is not None and not (math.isfinite(value) and value > 0.0):
        raise typer.BadParameter("give a number of hours above 0, such as 24 or 0.5")
    return value


_Scenario = Annotated[str, typer.Argument(help="a bundled scenario or plant by name, or a YAML file")]
_Hours = Annotated[
    float | None, typer.Option(callback=_hours, help="span to simulate, h; bars are not judged then (default: all)")
]


def _console(stderr: bool = False) -> Console:
    from h2plant.core.terminal import Terminal

    console = Terminal(stderr=stderr)
    return console if console.is_terminal else Terminal(stderr=stderr, width=160)


def _loaded(scenario: str, hours: float | None) -> Scenario:
    """Load a scenario, and refuse to time what is not compiled."""
    from h2plant.config.scenario import changed_scenario, load_scenario
    from h2plant.measure.bench.machine import require_compiler

    require_compiler()
    return changed_scenario(load_scenario(scenario), hours)


def _progress() -> Callable[[str], None]:
    console = _console(stderr=True)
    return lambda line: console.print(f"... {line}", style="dim")


def _print_rows(console: Console, title: str, heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(*heading, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)


def _record(name: str, scenario: Scenario, figures: Iterable[Measured], began: float) -> None:
    """Write a record of a benchmark to the history of this machine."""
    from h2plant import __version__
    from h2plant.session.history import record_bench

    record_bench(f"{name}, {scenario.name}, {scenario.hours:g} h", figures, time.perf_counter() - began, __version__)


def _end(is_met: bool) -> None:
    if not is_met:
        raise typer.Exit(1)


@bench_app.command()
def scaling(
    scenario: _Scenario = "test_full_year",
    hours: _Hours = None,
    threads: Annotated[
        list[int] | None, typer.Option(min=1, max=1024, help="count of threads; may be given several times")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="rounds of which medians are taken")] = 3,
    out: Annotated[Path, typer.Option(help="folder for SCALING_REPORT.md and its plot")] = Path("."),
) -> None:
    """Run the year at 1, 2, 4 and 8 threads, as an ensemble and as one plant; writes SCALING_REPORT.md with a plot.

    For example:

        h2plant bench scaling

        h2plant bench scaling --hours 720 --threads 1 --threads 2 --out reports

    Exit codes: 0 done; 1 an efficiency below 75 %; 2 something to mend in what was given.
    """
    loaded = _loaded(scenario, hours)
    from h2plant.measure.bench import scaling_report as report
    from h2plant.measure.bench.scaling import THREADS, measure_scaling

    began = time.perf_counter()
    measured = measure_scaling(loaded, tuple(threads or THREADS), rounds, _progress())
    path = report.write_report(measured, out)
    console = _console()
    title = f"{measured.scenario}, {measured.hours:g} h: as many plants as threads (bar: 75 % efficiency)"
    _print_rows(console, title, report.ENSEMBLE_HEADING, report.ensemble_rows(measured))
    console.print(f"wrote {path}")
    _record("scaling", loaded, measured.figures(), began)
    _end(measured.is_met or hours is not None)


@bench_app.command()
def year(scenario: _Scenario = "test_full_year", hours: _Hours = None) -> None:
    """Time the year in the compiled loop: processor time, per component-step, beside one exponential.

    For example:

        h2plant bench year

    Exit codes: 0 done; 1 a target missed; 2 something to mend in what was given.
    """
    loaded = _loaded(scenario, hours)
    from h2plant.measure.bench import figures
    from h2plant.measure.measured import measured_table

    began = time.perf_counter()
    measured = list(figures.year(loaded))
    _record("year", loaded, measured, began)
    _console().print(measured_table(f"{loaded.name}, {loaded.hours:g} h", measured, hours is None))
    _end(hours is not None or all(figure.is_met for figure in measured))


@bench_app.command("speed-up")
def speed_up(
    scenario: _Scenario = "test_full_year",
    hours: _Hours = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="days over the year that the baseline runs")] = 12,
) -> None:
    """Compare the compiled year with the baseline's, and with 24 h, 4 h, 2.5 h and 1 h.

    The baseline runs days sampled evenly over the year, each from the state of the compiled year at its midnight;
    its year is extrapolated from them.

    For example:

        h2plant bench speed-up

        h2plant bench speed-up --days 3

    Exit codes: 0 done; 1 a target missed; 2 something to mend in what was given.
    """
    loaded = _loaded(scenario, hours)
    from h2plant.measure.bench import comparison
    from h2plant.measure.measured import measured_table

    span = [] if hours is None else ["--hours", str(hours)]
    began = time.perf_counter()
    measured = comparison.compare(loaded, [scenario, *span], days, _progress())
    console = _console()
    error = measured.baseline_error_s / measured.baseline_s
    spread = f" (standard error of the baseline's year {100 * error:.1f} %)" if measured.n_days > 1 else ""
    _print_rows(console, f"{loaded.name}{spread}", comparison.HEADING, measured.rows())
    figures = measured.figures()
    _record("speed-up", loaded, figures, began)
    console.print(measured_table("beside the targets", figures, hours is None))
    _end(hours is not None or all(figure.is_met for figure in figures))


@bench_app.command()
def lookups() -> None:
    """Measure property look-ups: caches on the queries of a real run, and shared searches of the year.

    For example:

        h2plant bench lookups

    Exit codes: 0 done; 1 a target missed; 2 something to mend in what was given.
    """
    from h2plant.measure.bench.machine import require_compiler

    require_compiler()
    from h2plant.measure.tables.lookup_statistics import lookup_report

    _end(lookup_report(_console()))


@bench_app.command()
def checklist(
    only: Annotated[
        list[str] | None, typer.Option("--only", help="number of a point, such as 9; may be given several times")
    ] = None,
    with_tests: Annotated[bool, typer.Option("--with-tests", help="run the test suite as well (minutes)")] = False,
    hours: _Hours = None,
    write: Annotated[
        Path | None, typer.Option(help="file for the table as Markdown, such as docs/checklist.md")
    ] = None,
) -> None:
    """Print the optimisation checklist and the success metrics, measured now on this machine.

    For example:

        h2plant bench checklist

        h2plant bench checklist --only 9 --only 10

        h2plant bench checklist --with-tests --write docs/checklist.md

    Exit codes: 0 done; 1 something falls short without a stated cause; 2 something to mend in what was given.
    """
    from h2plant.measure.bench.machine import require_compiler

    require_compiler()
    from h2plant.measure.bench import checklist as rows
    from h2plant.measure.bench.checklist_report import HEADING, METRICS_HEADING, measure_all, write_markdown

    console = _console()
    answer = measure_all(rows.chosen(only), hours, with_tests, only is None, _progress())
    _print_rows(console, "the checklist", HEADING, answer.rows())
    if answer.metrics:
        _print_rows(console, "success metrics", METRICS_HEADING, answer.metric_rows())
    if write is not None:
        write_markdown(answer, write)
        console.print(f"wrote {write}")
    _end(hours is not None or not answer.unexplained)
