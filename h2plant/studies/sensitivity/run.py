"""Runs a sensitivity study, and leaves its indices beside its scenarios."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from h2plant.core.markup import cell, csv_text
from h2plant.results.folder import write_out
from h2plant.studies.backends.backend import Backend
from h2plant.studies.sensitivity import SensitivityStudy, load_sensitivity, sensitivity_points
from h2plant.studies.sensitivity.indices import HEADINGS, Influence, influence_table, influences
from h2plant.studies.study.prepared import PreparedStudy
from h2plant.studies.study.run import OnProgress, StudyRun, run_study

INDICES = "indices.csv"


def run_sensitivity(
    study: SensitivityStudy | str | Path,
    out: Path | str | None = None,
    *,
    backend: Backend | None = None,
    restart: bool = False,
    retry_failed: bool = False,
    on_progress: OnProgress | None = None,
    on_ready: Callable[[PreparedStudy], None] | None = None,
) -> tuple[StudyRun, list[Influence]]:
    """Run a sensitivity study, or what is left of it; parameters and errors as ``run_study`` has them.

    Returns
    -------
    run, influences
        Its scenarios, and what each method says of each output.
    """
    if not isinstance(study, SensitivityStudy):
        study = load_sensitivity(study)
    run = run_study(
        study.study,
        out,
        backend=backend,
        restart=restart,
        retry_failed=retry_failed,
        on_progress=on_progress,
        on_ready=on_ready,
        points=sensitivity_points(study),
    )
    return run, influences(study, run.outcomes)


def write_indices(run: StudyRun, found: Sequence[Influence]) -> Path:
    """Write ``indices.csv`` into the folder of the study, whole or not at all.

    Raises
    ------
    ResultsError
        It cannot be written.
    """
    rows = [
        [None if isinstance(v, float) and math.isnan(v) else cell(v) for v in row] for row in influence_table(found)
    ]
    text = csv_text([HEADINGS, *rows])
    return write_out(run.folder / INDICES, lambda path: path.write_text(text, encoding="utf-8"))
