"""The page of an optimisation."""

from pathlib import Path

from h2plant.studies.optimize import OptimizeRun


def write_optimize_page(found: OptimizeRun, command: str) -> Path | None:
    """Not drawn yet."""
    return None
