"""The command `sweep`: one plant in many scenarios."""

from __future__ import annotations

import functools

import typer

from h2plant.cli.study import (
    BackendOption,
    OutOption,
    QuietOption,
    RestartOption,
    RetryOption,
    SchedulerOption,
    StudyOption,
    ThreadsOption,
    conclude,
    end,
    run_on_backend,
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
    from h2plant.studies.study import load_study
    from h2plant.studies.study.run import run_study
    from h2plant.studies.view.console import print_study
    from h2plant.studies.view.page import study_page

    loaded = load_study(study)
    make = functools.partial(run_study, loaded, out, restart=restart, retry_failed=retry_failed)
    try:
        run = run_on_backend(make, loaded, threads, backend, scheduler, quiet)
    except KeyboardInterrupt:
        typer.echo("the same command goes on where it stopped", err=True)
        raise
    conclude("sweep", study, run, functools.partial(study_page, run), lambda to: print_study(to, run), quiet)
    end(run)
