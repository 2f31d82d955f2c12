"""The command `optimize`: sizes and set points for the least cost of hydrogen, the highest value, or both."""

from __future__ import annotations

import functools
import shlex

import typer

from h2plant.cli.study import (
    BackendOption,
    OutOption,
    QuietOption,
    RestartOption,
    SchedulerOption,
    StudyOption,
    ThreadsOption,
    folder_of,
    run_on_backend,
    tell_where,
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
    from h2plant.core.terminal import Terminal
    from h2plant.studies.search.goal import load_optimize
    from h2plant.studies.search.optimize import run_optimize
    from h2plant.studies.search.sampler import require_optuna
    from h2plant.studies.study.files import write_files
    from h2plant.studies.study.store import held
    from h2plant.studies.view.optimize_console import print_optimum
    from h2plant.studies.view.optimize_page import write_optimize_page

    loaded = load_optimize(study)
    require_optuna(loaded.search.sampler)
    folder = folder_of(loaded.study, out)
    console = Terminal(quiet=quiet)
    make = functools.partial(run_optimize, loaded, folder, restart=restart)
    found = run_on_backend(make, loaded.study, threads, backend, scheduler, quiet)
    command = shlex.join(["h2plant", "optimize", study, "--out", str(folder)])
    with held(folder):
        write_files(found.run, command)
        page = write_optimize_page(found, command)
    print_optimum(console, found)
    tell_where(console, found.run.folder, page, quiet)
    if not found.best:
        raise typer.Exit(1)
