"""``h2plant audit``: the laws that a run keeps, checked in full."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from h2plant.cli.arguments import EXIT_NOT_VALID, AllowCode

if TYPE_CHECKING:
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
    from h2plant.report.page.life import is_life
    from h2plant.results import Results

    if allow_code:
        allow()
    folders = sorted(one for one in run.glob("year_*") if one.is_dir()) if is_life(run) else [run]
    found = {str(folder): _audited(Results(folder)) for folder in folders}
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
    from h2plant.audit.report import audit_steps
    from h2plant.audit.steps import read_steps
    from h2plant.report.page.run_data import MissingData, RunData
    from h2plant.results.folder import AUDIT, STEPS, ResultsError, write_beside

    file = results.folder / STEPS
    if not file.is_file():
        raise ResultsError(f"{results.folder}: the run kept no single steps; run it again with --audit-steps 200")
    try:
        plant = RunData(results).plant
        steps = read_steps(file)
    except (MissingData, ValueError) as error:
        raise ResultsError(f"{results.folder}: {error}") from None
    kinds = {component.kind.name: component.kind for component in plant.components.values()}
    unknown = [one.id for one in steps.components if one.kind not in kinds]
    if unknown:
        raise ResultsError(f"{file}: of other components than plant.yaml ({unknown[0]}); run the scenario again")
    found = audit_steps(steps, kinds).to_dict()
    write_beside(results.folder, AUDIT, json.dumps(found, indent=1))
    return found
