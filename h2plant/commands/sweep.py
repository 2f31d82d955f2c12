"""The command `sweep`: one plant in many scenarios."""

from __future__ import annotations

import shlex
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class BackendName(StrEnum):
    """Where scenarios run."""

    threads = "threads"
    dask = "dask"
    cuda = "cuda"


def _study_names(incomplete: str) -> list[str]:
    from h2plant.config.bundled import bundled_studies

    files = [p.as_posix() for p in sorted(Path(incomplete.rpartition("/")[0] or ".").glob("*.y*ml"))]
    return [name for name in dict.fromkeys([*bundled_studies(), *files]) if name.startswith(incomplete)]


def sweep(
    study: Annotated[
        str, typer.Argument(help="a bundled study by name, or a YAML file", autocompletion=_study_names)
    ] = "sizes_and_prices",
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
    """Run a plant in many scenarios: a grid, a list, or draws of parameters, economics, series and years.

    For example:

        h2plant sweep sizes_and_prices

        h2plant sweep my_study.yaml --threads 2 --out results/sizes

        h2plant sweep my_study.yaml --backend dask --scheduler tcp://10.0.0.5:8786

    Each scenario is on disk as soon as it is finished: stopped by whatever, the same command goes on where it stopped.

    Exit codes: 0 done; 1 scenarios failed; 2 something to mend in what was given; 130 Ctrl-C.
    """
    from rich.console import Console

    from h2plant.studies.console import StudyProgress, print_study
    from h2plant.studies.files import write_files
    from h2plant.studies.page import write_study_page
    from h2plant.studies.run import run_study
    from h2plant.studies.select import make_backend
    from h2plant.studies.study import load_study

    loaded = load_study(study)
    name = loaded.backend if backend is None else backend.value
    if scheduler is not None and backend is None:
        name = BackendName.dask.value
    folder = out if out is not None else Path("results") / loaded.name
    used = make_backend(name, threads or loaded.threads, scheduler)
    console = Console(highlight=False, quiet=quiet)
    words = ["h2plant", "sweep", study, "--out", str(folder)]
    try:
        with StudyProgress(Console(highlight=False, stderr=True, quiet=quiet)) as progress:
            run = run_study(
                loaded,
                folder,
                backend=used,
                restart=restart,
                retry_failed=retry_failed,
                on_progress=progress.update,
                on_ready=progress.ready,
            )
    except KeyboardInterrupt:
        typer.echo("the same command goes on where it stopped", err=True)
        raise
    finally:
        used.close()
    command = shlex.join(words)
    write_files(run, command)
    page = write_study_page(run, command)
    print_study(console, run)
    console.print(f"results: {run.folder}", markup=False, soft_wrap=True)
    console.print(
        f"report: {page}" if page else "no report: pip install 'h2plant[report]'", markup=False, soft_wrap=True
    )
    if quiet:
        typer.echo(str(run.folder))
    if run.failed:
        raise typer.Exit(1)
