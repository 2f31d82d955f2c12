"""The command `sensitivity`: which parameters move the results of a plant, and by how much."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from h2plant.commands.sweep import BackendName, _study_names


def sensitivity(
    study: Annotated[
        str, typer.Argument(help="a bundled study by name, or a YAML file", autocompletion=_study_names)
    ] = "what_matters",
    out: Annotated[Path | None, typer.Option(help="folder of the study; default: results/NAME")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="runs at a time; default: one a core")] = None,
    backend: Annotated[BackendName | None, typer.Option(help="where it runs (default: the study's)")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="with dask: a scheduler that is there, as tcp://host:8786; else a local cluster")
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart/--resume", help="throw away what the folder holds, or go on with it (default)")
    ] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="run failed scenarios once more")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="print the folder and nothing else")] = False,
) -> None:
    """Find out which parameters matter: a tornado, Morris' elementary effects, Sobol's indices.

    For example:

        h2plant sensitivity what_matters

        h2plant sensitivity my_study.yaml --threads 2 --out results/influence

    Each scenario is on disk as soon as it is finished: stopped by whatever, the same command goes on where it stopped.

    Exit codes: 0 done; 1 scenarios failed; 2 something to mend in what was given; 130 Ctrl-C.
    """
    from rich.console import Console

    from h2plant.studies.console import StudyProgress
    from h2plant.studies.files import write_files
    from h2plant.studies.select import make_backend
    from h2plant.studies.sensitivity import load_sensitivity
    from h2plant.studies.sensitivity_console import print_sensitivity
    from h2plant.studies.sensitivity_page import write_sensitivity_page
    from h2plant.studies.sensitivity_run import run_sensitivity, write_indices

    loaded = load_sensitivity(study)
    name = loaded.study.backend if backend is None else backend.value
    if scheduler is not None and backend is None:
        name = BackendName.dask.value
    folder = out if out is not None else Path("results") / loaded.study.name
    used = make_backend(name, threads or loaded.study.threads, scheduler)
    console = Console(highlight=False, quiet=quiet)
    try:
        with StudyProgress(Console(highlight=False, stderr=True, quiet=quiet)) as progress:
            run, found = run_sensitivity(
                loaded,
                folder,
                backend=used,
                restart=restart,
                retry_failed=retry_failed,
                on_progress=progress.update,
                on_ready=progress.ready,
            )
    finally:
        used.close()
    command = shlex.join(["h2plant", "sensitivity", study, "--out", str(folder)])
    write_files(run, command)
    write_indices(run, found)
    page = write_sensitivity_page(run, found, command)
    print_sensitivity(console, run, found)
    console.print(f"results: {run.folder}", markup=False, soft_wrap=True)
    console.print(
        f"report: {page}" if page else "no report: pip install 'h2plant[report]'", markup=False, soft_wrap=True
    )
    if quiet:
        typer.echo(str(run.folder))
    if run.failed:
        raise typer.Exit(1)
