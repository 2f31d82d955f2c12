"""Commands for runs that did not end, and for what lies beside results: go on, bring back, clear away."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from h2plant.cli.arguments import AllowCode, exit_if_not_valid
from h2plant.core.markup import visible
from h2plant.core.real_path import real_path
from h2plant.core.terminal import hanging

if TYPE_CHECKING:
    from h2plant.results.leftover import Leftover
    from h2plant.session.checkpoint import Given
    from h2plant.simulation.program import Program

_RESULTS = Path("results")
_MB = 1.0e6


def resume(
    run: Annotated[
        Path | None, typer.Argument(help="the results folder of the run; without it: list the runs that can go on")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the summary as JSON and nothing else")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="print the results folder and nothing else")] = False,
    allow_code: AllowCode = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="go on although newer results lie there; 'undo' brings those back")
    ] = False,
) -> None:
    """Go on with a run that was killed or stopped, from its last checkpoint, to the results that it would have had.

    States, totals, ledger, events and columns are those of a run that was never stopped, bit for bit (but for plans
    that the solver's limit of time cut short). If plant, series, rules or the version of h2plant have changed since,
    the run is refused, and what has changed is said.

    For example:

        h2plant resume                      # what can go on

        h2plant resume results/year-1

    Exit codes: as those of 'h2plant run'.
    """
    from h2plant.session.resume import resume as go_on

    if allow_code:
        from h2plant.core.user_code import allow_code as allow

        allow()
    if run is None:
        _list(
            [one for one in _found([_RESULTS, Path()]) if one.command.startswith("h2plant resume")],
            "no run that can go on",
        )
        return
    folder = go_on(run, replaces_newer=replace) if as_json or quiet else _gone_on(run, replace)
    _tell(folder, as_json, quiet)


def _gone_on(run: Path, replaces_newer: bool) -> Path:
    """Go on with a run, and show how far it is."""
    from h2plant.core.terminal import Terminal
    from h2plant.report.progress import RunProgress
    from h2plant.session.resume import resume as go_on

    shown: list[RunProgress] = []
    with contextlib.ExitStack() as stack:

        def begin(given: Given, hours: float) -> None:
            console = Terminal(stderr=True)
            hours_in_all = given.hours * max(1, given.n_years)
            console.print(f"going on after {hours:,.4g} h of {given.name}", markup=False)
            progress = RunProgress(console, given.start, hours_in_all, given.step_s, given.engine == "optimized")
            shown.append(stack.enter_context(progress))

        def update(done: int) -> None:
            shown[0].update(done)

        def ready(program: Program) -> None:
            shown[0].ready(program)

        return go_on(run, update, ready, begin, replaces_newer)


def _tell(folder: Path, as_json: bool, quiet: bool) -> None:
    """Print what a run or a life came to."""
    from h2plant.results import Results
    from h2plant.results.folder import YEARS_TABLE

    if (folder / YEARS_TABLE).is_file():
        from h2plant.cli.lifetime import tell_life

        tell_life(folder, as_json, quiet)
        return
    results = Results(folder)
    if as_json or quiet:
        summary = {**results.summary, "folder": str(folder)}
        typer.echo(json.dumps(summary, indent=1) if as_json else str(folder))
    else:
        from h2plant.cli.outcome import print_results

        print_results(results)
    exit_if_not_valid(results.summary, as_json or quiet)


def undo(run: Annotated[Path, typer.Argument(help="results that replaced others")]) -> None:
    """Bring back the results that the last run of this name replaced; the newer ones are kept in their place.

    Doing it twice leaves everything as it was.

    For example:

        h2plant undo results/year-1
    """
    from h2plant.core.reservation import reserve
    from h2plant.results.folder import ResultsError
    from h2plant.results.leftover import bring_back, finish_move, has_replaced

    if not real_path(run).parent.is_dir():
        raise ResultsError(f"{run}: there is no such folder")
    held = reserve(run)
    if held is None:
        raise ResultsError(f"{run}: a run is writing this folder; wait until it ends")
    with held:
        if not finish_move(run):
            if not has_replaced(run):
                raise ResultsError(f"{run}: nothing is kept of results that these replaced")
            bring_back(run)
    typer.echo(visible(f"brought back: {run}"))


def clean(
    paths: Annotated[list[Path] | None, typer.Argument(help="folders that hold results; default: results")] = None,
    delete: Annotated[bool, typer.Option("--delete", help="remove what is listed")] = False,
) -> None:
    """List what lies hidden beside results: runs that were killed or stopped, and results that were replaced.

    Nothing that a run under way holds is listed. '--delete' removes it all.

    For example:

        h2plant clean

        h2plant clean results studies --delete
    """
    for path in paths or ():
        if not path.is_dir():
            raise typer.BadParameter(f"{path}: there is no such folder; give a folder that holds results")
    found = _found(paths or [_RESULTS])
    _list(found, "nothing lies beside results")
    for one in found if delete else ():
        _remove(one)
    if delete and found:
        typer.echo(f"removed: {sum(not one.place.exists() for one in found)}")


def _remove(one: Leftover) -> None:
    """Remove something that lies beside results, unless a run has taken the name meanwhile."""
    from h2plant.core.reservation import reserve

    with contextlib.suppress(OSError):
        held = reserve(one.folder)
        if held is not None:
            with held:
                shutil.rmtree(one.place, ignore_errors=True)


def _found(paths: list[Path]) -> list[Leftover]:
    from h2plant.results.leftover import leftovers

    return [one for path in paths for one in leftovers(path)]


def _list(found: list[Leftover], nothing: str) -> None:
    for one in found:
        typer.echo(hanging(f"{one.folder}: ", f"{one.what}, {one.n_bytes / _MB:,.1f} MB in {one.place.name}"))
        if one.command:
            typer.echo(visible(f"  '{one.command}'"))  # whole, to be copied
    if not found:
        typer.echo(nothing)


def note_unfinished(out: Path | None) -> None:
    """Say it where a run is to be written over one of the same name that could go on."""
    from h2plant.results.leftover import resumable_of

    if out is not None and real_path(out).parent.is_dir() and resumable_of(out) is not None:
        note = f"note: an unfinished run of {out} is there; 'h2plant resume {out}' goes on with it instead"
        typer.echo(visible(note), err=True)
