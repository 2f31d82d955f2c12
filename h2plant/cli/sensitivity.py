"""The command `sensitivity`: which parameters move the results of a plant, and by how much."""

from __future__ import annotations

import functools

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
    from h2plant.studies.sensitivity import load_sensitivity
    from h2plant.studies.sensitivity.run import run_sensitivity, write_indices
    from h2plant.studies.view.sensitivity_console import print_sensitivity
    from h2plant.studies.view.sensitivity_page import sensitivity_page

    loaded = load_sensitivity(study)
    make = functools.partial(run_sensitivity, loaded, out, restart=restart, retry_failed=retry_failed)
    run, found = run_on_backend(make, loaded.study, threads, backend, scheduler, quiet)
    page = functools.partial(sensitivity_page, run, found)
    write = functools.partial(write_indices, run, found)
    conclude("sensitivity", study, run, page, lambda to: print_sensitivity(to, run, found), quiet, write)
    end(run)
