"""The page of a study."""

from __future__ import annotations

from pathlib import Path

from h2plant.studies.run import StudyRun


def write_study_page(run: StudyRun, command: str) -> Path | None:
    """Write it."""
    return None
