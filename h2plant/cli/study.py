"""What the commands of studies share: their options, the run on a back end with its progress, the last lines."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from h2plant.cli.arguments import EXIT_NOT_VALID

if TYPE_CHECKING:
    from rich.console import Console

    from h2plant.studies.study import Study
    from h2plant.studies.study.run import StudyRun

_Found = TypeVar("_Found")


class BackendName(StrEnum):
    """Where scenarios run."""

    threads = "threads"
    dask = "dask"
    cuda = "cuda"


def _study_names(incomplete: str) -> list[str]:
    from h2plant.config.bundled import bundled_studies

    files = [p.as_posix() for p in sorted(Path(incomplete.rpartition("/")[0] or ".").glob("*.y*ml"))]
    return [name for name in dict.fromkeys([*bundled_studies(), *files]) if name.startswith(incomplete)]


StudyOption = Annotated[
    str, typer.Argument(help="a bundled study by name, or a YAML file", autocompletion=_study_names)
]
OutOption = Annotated[Path | None, typer.Option(help="folder of the study; default: results/NAME")]
ThreadsOption = Annotated[int | None, typer.Option(min=1, help="runs at a time; default: one a core")]
BackendOption = Annotated[BackendName | None, typer.Option(help="where it runs (default: the study's)")]
SchedulerOption = Annotated[
    str | None, typer.Option(help="with dask: a scheduler that is there, as tcp://host:8786; else a local cluster")
]
RestartOption = Annotated[
    bool, typer.Option("--restart/--resume", help="throw away what the folder holds, or go on with it (default)")
]
RetryOption = Annotated[bool, typer.Option("--retry-failed", help="run failed scenarios once more")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="print the folder and nothing else")]


def run_on_backend(
    run: Callable[..., _Found],
    study: Study,
    threads: int | None,
    backend: BackendName | None,
    scheduler: str | None,
    quiet: bool,
) -> _Found:
    """Return what ``run(backend=, on_progress=, on_ready=)`` gives on the back end asked for, else the study's."""
    from h2plant.core.terminal import Terminal
    from h2plant.studies.backends.select import make_backend
    from h2plant.studies.view.console import StudyProgress

    name = study.backend if backend is None else backend.value
    if scheduler is not None and backend is None:
        name = BackendName.dask.value
    used = make_backend(name, threads or study.threads, scheduler)
    try:
        with StudyProgress(Terminal(stderr=True, quiet=quiet)) as progress:
            return run(backend=used, on_progress=progress.update, on_ready=progress.ready)
    finally:
        used.close()


def conclude(
    name: str,
    study: str,
    run: StudyRun,
    page: Callable[[str], str],
    show: Callable[[Console], None],
    quiet: bool,
    write: Callable[[], object] | None = None,
) -> None:
    """Write files and page of a study that has run, then print what it found and where that lies.

    Parameters
    ----------
    name, study
        The command and the study that it was given.
    run
        The study's runs.
    page
        Gives the page, with the command that makes it again.
    show
        Prints what was found.
    quiet
        Whether the folder alone is printed.
    write
        Writes what a kind of study has beside the files of all.
    """
    from h2plant.core.terminal import Terminal
    from h2plant.studies.study.files import write_files, write_study_sums
    from h2plant.studies.study.store import held
    from h2plant.studies.view.page import write_report

    console = Terminal(quiet=quiet)
    command = shlex.join(["h2plant", name, study, "--out", str(run.folder)])
    with held(run.folder):
        write_files(run, command)
        if write is not None:
            write()
        file = write_report(run, lambda: page(command))
        write_study_sums(run.folder)
    show(console)
    for note in run.after_notes:
        console.print(f"note: {note}", markup=False, soft_wrap=True)
    _tell_where(console, run.folder, file, quiet)


def end(run: StudyRun) -> None:
    """Exit with the code of a study some of whose scenarios failed (1) or are not valid (3)."""
    if run.failed:
        raise typer.Exit(1)
    if run.not_valid:
        raise typer.Exit(EXIT_NOT_VALID)


def _tell_where(console: Console, folder: Path, page: Path | None, quiet: bool) -> None:
    """Print where results and page are."""
    lines: dict[str, Any] = {"markup": False, "soft_wrap": True}
    console.print(f"results: {folder}", **lines)
    console.print(f"report: {page}" if page else "no report: pip install 'h2plant[report]'", **lines)
    if quiet:
        typer.echo(str(folder))
