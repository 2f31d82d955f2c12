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
from h2plant.report.page.run_data import RunData
from h2plant.results import Results

_MOST_KEPT = 200
"""Most things made of runs that are kept: tables, columns to begin with."""
_MOST_ROWS = 1000
"""Most rows of the list of runs that are kept."""
_MOST_BUNDLED = 200
"""Most things made of bundled plants that are kept: their parameters, what is said of them."""
_MOST_DATA = 16
"""Most runs of which what was put in is kept."""


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
    _rows: Made[Any] = field(default_factory=lambda: Made(_MOST_ROWS), repr=False)
    _bundled: Made[Any] = field(default_factory=lambda: Made(_MOST_BUNDLED), repr=False)
    _data: Made[RunData] = field(default_factory=lambda: Made(_MOST_DATA), repr=False)

    def kept(self, name: str, runs: Sequence[Run], make: Callable[[], Any]) -> Any:
        """Return what was made of runs under a name; made anew where one of them has changed since."""
        return self._made.get((name, *((run.id, run.stamp) for run in runs)), make)

    def row(self, run: Run, make: Callable[[], Any]) -> Any:
        """Return the row of a run in the list; made anew where it has changed since."""
        return self._rows.get((run.id, run.stamp), make)

    def of_bundled(self, key: tuple[str, ...], make: Callable[[], Any]) -> Any:
        """Return what was made of a bundled plant or scenario, which stays what it is while the program runs."""
        return self._bundled.get(key, make)

    def data(self, run: Run) -> RunData:
        """Return what was put into a run, read anew where it has changed since.

        Raises
        ------
        ResultsError
            It cannot be read.
        """
        return self._data.get((run.id, run.stamp), lambda: RunData(Results(run.folder)))

    def sound(self) -> list[Run]:
        """Return the runs that can be read, those written last first."""
        return [run for run in self.catalogue.runs() if not run.reason]
