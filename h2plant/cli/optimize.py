"""The command `optimize`: sizes and set points for the least cost of hydrogen, the highest value, or both."""

from __future__ import annotations

import functools

import typer

from h2plant.cli.study import (
    BackendOption,
    OutOption,
    QuietOption,
    RestartOption,
    SchedulerOption,
    StudyOption,
    ThreadsOption,
    conclude,
    run_on_backend,
)


def optimize(
    study: StudyOption = "least_cost",
    out: OutOption = None,
    threads: ThreadsOption = None,
    backend: BackendOption = None,
    scheduler: SchedulerOption = None,
    restart: RestartOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find the sizes and set points of a plant for least cost, highest value, or both, within constraints.

    For example:

        h2plant optimize least_cost

        h2plant optimize my_study.yaml --threads 2 --out results/sizes

    Each trial is on disk as soon as it is finished: stopped by whatever, the same command goes on where it stopped,
    and finds what it would have found without the stop.

    Exit codes: 0 done; 1 no trial satisfies the constraints; 2 something to mend in what was given; 130 Ctrl-C.
    """
    from h2plant.studies.search.goal import load_optimize
    from h2plant.studies.search.optimize import run_optimize
    from h2plant.studies.search.sampler import require_optuna
    from h2plant.studies.view.optimize_console import print_optimum
    from h2plant.studies.view.optimize_page import optimize_page

    loaded = load_optimize(study)
    require_optuna(loaded.search.sampler)
    make = functools.partial(run_optimize, loaded, out, restart=restart)
    found = run_on_backend(make, loaded.study, threads, backend, scheduler, quiet)
    page = functools.partial(optimize_page, found)
    conclude("optimize", study, found.run, page, lambda to: print_optimum(to, found), quiet)
    if not found.best:
        raise typer.Exit(1)
