"""What all views share: the runs, their logs, the runs on their way, and where files are looked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from h2plant.dashboard.jobs import Jobs
from h2plant.dashboard.limits import Made
from h2plant.dashboard.listing import Catalogue, Run
from h2plant.dashboard.log import Logs

_MOST_KEPT = 200
"""Most things made of runs that are kept: tables, columns to begin with."""


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
    _made: Made[Any] = field(default_factory=lambda: Made(_MOST_KEPT), repr=False)

    def kept(self, name: str, runs: Sequence[Run], make: Callable[[], Any]) -> Any:
        """Return what was made of runs under a name; made anew where one of them has changed since."""
        return self._made.get((name, *((run.id, run.stamp) for run in runs)), make)

    def sound(self) -> list[Run]:
        """Return the runs that can be read, those written last first."""
        return [run for run in self.catalogue.runs() if not run.reason]
