"""The command `optimize`: sizes and set points for the least cost of hydrogen, the highest value, or both."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from h2plant.commands.sweep import BackendName, _study_names


def optimize(
    study: Annotated[
        str, typer.Argument(help="a bundled study by name, or a YAML file", autocompletion=_study_names)
    ] = "least_cost",
    out: Annotated[Path | None, typer.Option(help="folder of the study; default: results/NAME")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="runs at a time; default: one a core")] = None,
    backend: Annotated[BackendName | None, typer.Option(help="where it runs (default: the study's)")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="with dask: a scheduler that is there, as tcp://host:8786; else a local cluster")
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart/--resume", help="throw away what the folder holds, or go on with it (default)")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="print the folder and nothing else")] = False,
) -> None:
    """Find the sizes and set points of a plant for least cost, highest value, or both, within constraints.

    For example:

        h2plant optimize least_cost

        h2plant optimize my_study.yaml --threads 2 --out results/sizes

    Each trial is on disk as soon as it is finished: stopped by whatever, the same command goes on where it stopped,
    and finds what it would have found without the stop.

    Exit codes: 0 done; 1 no trial satisfies the constraints; 2 something to mend in what was given; 130 Ctrl-C.
    """
    from rich.console import Console

    from h2plant.studies.console import StudyProgress
    from h2plant.studies.files import write_files
    from h2plant.studies.goal import load_optimize
    from h2plant.studies.optimize import run_optimize
    from h2plant.studies.optimize_console import print_optimum
    from h2plant.studies.optimize_page import write_optimize_page
    from h2plant.studies.sampler import require_optuna
    from h2plant.studies.select import make_backend

    loaded = load_optimize(study)
    require_optuna(loaded.search.sampler)
    name = loaded.study.backend if backend is None else backend.value
    if scheduler is not None and backend is None:
        name = BackendName.dask.value
    folder = out if out is not None else Path("results") / loaded.name
    used = make_backend(name, threads or loaded.study.threads, scheduler)
    console = Console(highlight=False, quiet=quiet)
    try:
        with StudyProgress(Console(highlight=False, stderr=True, quiet=quiet)) as progress:
            found = run_optimize(
                loaded, folder, backend=used, restart=restart, on_progress=progress.update, on_ready=progress.ready
            )
    finally:
        used.close()
    command = shlex.join(["h2plant", "optimize", study, "--out", str(folder)])
    write_files(found.run, command)
    page = write_optimize_page(found, command)
    print_optimum(console, found)
    console.print(f"results: {found.run.folder}", markup=False, soft_wrap=True)
    console.print(
        f"report: {page}" if page else "no report: pip install 'h2plant[report]'", markup=False, soft_wrap=True
    )
    if quiet:
        typer.echo(str(found.run.folder))
    if not found.best:
        raise typer.Exit(1)
