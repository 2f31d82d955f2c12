"""``h2plant audit``: the laws that a run keeps, checked in full."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from h2plant.cli.arguments import EXIT_NOT_VALID, AllowCode
from h2plant.core.real_path import real_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from h2plant.audit.examine import Verdict
    from h2plant.plant.graph import Plant
    from h2plant.results import Results


def audit(
    run: Annotated[Path, typer.Argument(help="folder of a run's results, or of a run over several years")],
    as_json: Annotated[bool, typer.Option("--json", help="print what was found as JSON and nothing else")] = False,
    every: Annotated[bool, typer.Option("--all", help="show every law with its equation and source")] = False,
    allow_code: AllowCode = False,
) -> None:
    """Check the single steps and the figures of a run by laws that share no code with the simulator.

    For example:

        h2plant audit results/test_full_year-1

        h2plant audit results/test_full_year-1 --all

    Every run is checked at its end by plain arithmetic. Here CoolProp's equations of state are asked as well, and every
    figure is worked out anew from the log; what is found is kept as audit.json in the folder. `h2plant run
    --audit-steps 1000` keeps more steps. Exit codes: 0 all laws hold; 2 something to mend in what was given; 3 a law
    is broken.
    """
    from h2plant.core.user_code import allow_code as allow
    from h2plant.report.page.life import is_life, years_of
    from h2plant.results import Results

    if allow_code:
        allow()
    if is_life(run):
        found = {**{str(one.folder): _audited(one) for one in years_of(run)}, str(run): _of_life(run)}
    else:
        found = {str(run): _audited(Results(run))}
    if as_json:
        typer.echo(json.dumps(found if len(found) > 1 else next(iter(found.values())), indent=1))
    else:
        from h2plant.core.terminal import Terminal
        from h2plant.report.console import print_audit

        console = Terminal()
        for folder, one in found.items():
            print_audit(console, one, folder, every)
    if any(one["n_broken"] for one in found.values()):
        raise typer.Exit(EXIT_NOT_VALID)


def _audited(results: Results) -> dict[str, Any]:
    """Audit a run in full, keep what was found beside its results, and return it."""
    from h2plant.audit.report import audit_steps, with_sums
    from h2plant.audit.steps import read_steps
    from h2plant.results.folder import AUDIT, STEPS, ResultsError, write_beside

    folder = results.folder
    plant = _plant_of(results)
    steps = None
    if (folder / STEPS).is_file():
        try:
            steps = read_steps(folder / STEPS)
        except ValueError as error:
            raise ResultsError(str(error)) from None
    kinds = {component.kind.name: component.kind for component in plant.components.values()}
    if steps is not None and [(one.id, one.kind) for one in steps.components] != [
        (one.id, one.kind.name) for one in plant.components.values()
    ]:
        raise ResultsError(f"{folder / STEPS}: of another plant than plant.yaml; run the scenario again")
    figures = _figures(results, plant, {} if steps is None else steps.counters)
    found = with_sums(audit_steps(steps, kinds, figures).to_dict(), results.summary.get("audit") or {})
    write_beside(folder, AUDIT, json.dumps(found, indent=1))
    return found


def _figures(results: Results, plant: Plant, counters: Mapping[str, float]) -> list[Verdict]:
    """Find the figures of a run anew; those of the later years of a life need the years before: see ``_of_life``."""
    from h2plant.audit.figures import examine_figures
    from h2plant.results.folder import YEARS_TABLE

    folder = real_path(results.folder)
    if (folder.parent / YEARS_TABLE).is_file() and folder.name != "year_01":
        return []
    with _explained(results.folder, results.summary):
        return examine_figures(
            results.summary, results.log_file, results.ledger, _cash_flow(folder), plant, _settings_of(plant), counters
        )


@contextlib.contextmanager
def _explained(folder: Path, summary: Mapping[str, Any]) -> Iterator[None]:
    """Say of results whose figures are not those of their plant, as this version reads it, that they cannot be read."""
    from pyarrow import ArrowException

    import h2plant
    from h2plant.core.error import reason_of
    from h2plant.results.folder import ResultsError
    from h2plant.results.version import version_of

    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, OSError, ArrowException) as error:
        by = version_of(summary)
        other = f", written by h2plant {by}, and the laws are those of {h2plant.__version__}"
        reason = reason_of(error) + (other if by != h2plant.__version__ else "")
        what = f"its figures cannot be read ({reason}); run it again"
        raise ResultsError(f"{folder}: {what}") from error


def _of_life(run: Path) -> dict[str, Any]:
    """Check the figures of a life against those of its years."""
    from h2plant.audit.figures import examine_life
    from h2plant.audit.report import AuditReport
    from h2plant.report.page.life import Life, years_of

    years = years_of(run)
    plant = _plant_of(years[0])
    of_years = ((one.summary, one.log_file, one.ledger) for one in years)
    life = Life(run)
    with _explained(run, life.summary):
        verdicts = examine_life(life.summary, of_years, _cash_flow(run), plant, _settings_of(plant))
    return AuditReport(tuple(verdicts), 0, is_full=True).to_dict()


def _plant_of(results: Results) -> Plant:
    from h2plant.report.page.run_data import MissingData, RunData
    from h2plant.results.folder import ResultsError

    try:
        return RunData(results).plant
    except MissingData as error:
        raise ResultsError(f"{results.folder}: {error}") from None


def _settings_of(plant: Plant) -> dict[str, Any]:
    from h2plant.economics.settings import read_settings

    return read_settings(plant).model_dump()


def _cash_flow(folder: Path) -> str | None:
    """Return the text of the cash flow that lies in a folder; a year of a life has none."""
    from h2plant.core.regular_file import LARGEST_TABLE_BYTES, read_regular

    file = folder / "cash_flow.csv"
    return read_regular(file, LARGEST_TABLE_BYTES).decode("utf-8") if file.is_file() else None
