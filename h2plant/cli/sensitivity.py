"""The command `sensitivity`: which parameters move the results of a plant, and by how much."""

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


def sensitivity(
    study: StudyOption = "what_matters",
    out: OutOption = None,
    threads: ThreadsOption = None,
    backend: BackendOption = None,
    scheduler: SchedulerOption = None,
    restart: RestartOption = False,
    retry_failed: RetryOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find out which parameters matter: a tornado, Morris' elementary effects, Sobol's indices.

    For example:

        h2plant sensitivity what_matters

        h2plant sensitivity my_study.yaml --threads 2 --out results/influence

    Each scenario is on disk as soon as it is finished: stopped by whatever, the same command goes on where it stopped.

    Exit codes: 0 done; 1 scenarios failed; 2 something to mend in what was given; 3 some are not valid; 130 Ctrl-C.
    """
    from h2plant.core.terminal import Terminal
    from h2plant.studies.sensitivity import load_sensitivity
    from h2plant.studies.sensitivity.run import run_sensitivity, write_indices
    from h2plant.studies.study.files import write_files
    from h2plant.studies.study.store import held
    from h2plant.studies.view.sensitivity_console import print_sensitivity
    from h2plant.studies.view.sensitivity_page import write_sensitivity_page

    loaded = load_sensitivity(study)
    folder = folder_of(loaded.study, out)
    console = Terminal(quiet=quiet)
    make = functools.partial(run_sensitivity, loaded, folder, restart=restart, retry_failed=retry_failed)
    run, found = run_on_backend(make, loaded.study, threads, backend, scheduler, quiet)
    command = shlex.join(["h2plant", "sensitivity", study, "--out", str(folder)])
    with held(folder):
        write_files(run, command)
        write_indices(run, found)
        page = write_sensitivity_page(run, found, command)
    print_sensitivity(console, run, found)
    tell_where(console, run.folder, page, quiet)
    if run.failed:
        raise typer.Exit(1)
    if run.not_valid:
        raise typer.Exit(EXIT_NOT_VALID)
