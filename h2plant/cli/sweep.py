"""The command `sweep`: one plant in many scenarios."""

from __future__ import annotations

import functools
import shlex

import typer

from h2plant.cli.arguments import EXIT_NOT_VALID
from h2plant.cli.study import (
    BackendOption,
    OutOption,
    QuietOption,
    RestartOption,
    RetryOption,
    SchedulerOption,
    StudyOption,
    ThreadsOption,
    folder_of,
    run_on_backend,
    tell_where,
)


def sweep(
    study: StudyOption = "sizes_and_prices",
    out: OutOption = None,
    threads: ThreadsOption = None,
    backend: BackendOption = None,
    scheduler: SchedulerOption = None,
    restart: RestartOption = False,
    retry_failed: RetryOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run a plant in many scenarios: a grid, a list, or draws of parameters, economics, series and years.

    For example:

        h2plant sweep sizes_and_prices

        h2plant sweep my_study.yaml --threads 2 --out results/sizes

        h2plant sweep my_study.yaml --backend dask --scheduler tcp://10.0.0.5:8786

    Each scenario is on disk as soon as it is finished: stopped by whatever, the same command goes on where it stopped.

    Exit codes: 0 done; 1 scenarios failed; 2 something to mend in what was given; 3 some are not valid; 130 Ctrl-C.
    """
    from h2plant.core.terminal import Terminal
    from h2plant.studies.study import load_study
    from h2plant.studies.study.files import write_files
    from h2plant.studies.study.run import run_study
    from h2plant.studies.study.store import held
    from h2plant.studies.view.console import print_study
    from h2plant.studies.view.page import write_study_page

    loaded = load_study(study)
    folder = folder_of(loaded, out)
    console = Terminal(quiet=quiet)
    make = functools.partial(run_study, loaded, folder, restart=restart, retry_failed=retry_failed)
    try:
        run = run_on_backend(make, loaded, threads, backend, scheduler, quiet)
    except KeyboardInterrupt:
        typer.echo("the same command goes on where it stopped", err=True)
        raise
    command = shlex.join(["h2plant", "sweep", study, "--out", str(folder)])
    with held(folder):
        write_files(run, command)
        page = write_study_page(run, command)
    print_study(console, run)
    tell_where(console, run.folder, page, quiet)
    if run.failed:
        raise typer.Exit(1)
    if run.not_valid:
        raise typer.Exit(EXIT_NOT_VALID)
