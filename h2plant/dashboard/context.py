"""What all views share: the runs, their logs, the runs on their way, and where files are looked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from h2plant.dashboard.jobs import Jobs
from h2plant.dashboard.listing import Catalogue, Run
from h2plant.dashboard.log import Logs
from h2plant.results.warning import warnings_of


@dataclass(frozen=True)
class Context:
    """Shared by all pages that are open.

    Parameters
    ----------
    catalogue, logs, jobs
        The runs, their logs, and the runs on their way.
    folder
        Where plant and scenario files of the user's are looked for.
    """

    catalogue: Catalogue
    logs: Logs
    jobs: Jobs
    folder: Path

    def sound(self) -> list[Run]:
        """Return the runs that can be read, those written last first."""
        return [run for run in self.catalogue.runs() if not run.reason]


def run_label(run: Run) -> str:
    """Return a run as lists of choice name it."""
    summary = run.summary
    is_whole = summary.get("is_complete", True)
    label = f"{run.id} · {summary['scenario']}, {summary['hours']:,.4g} h" + ("" if is_whole else ", not complete")
    return label + "".join(f", {what}" for what, _ in warnings_of(summary)[:1])
