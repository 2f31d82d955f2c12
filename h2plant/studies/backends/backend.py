"""Back ends: where the scenarios of a study run. All of them run the same jobs with the same code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from h2plant.simulation.warm_up import available_cores
from h2plant.studies.study.outcome import Outcome, run_jobs
from h2plant.studies.study.prepared import Job, PreparedStudy


class Backend(Protocol):
    """Runs jobs somewhere. Another back end needs these three and nothing else."""

    name: str

    @property
    def n_workers(self) -> int:
        """How many jobs run at a time."""

    def outcomes(self, prepared: PreparedStudy, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield the outcome of each scenario of the jobs as soon as it is there, in whatever order that is.

        A scenario that fails says so in its outcome. When the caller takes no more (an error, Ctrl-C), closing the
        iterator stops what is under way.
        """

    def close(self) -> None:
        """Give back what the back end holds."""


class ThreadBackend:
    """The threads of this process; the loop runs without Python's global lock."""

    name = "threads"

    def __init__(self, n_threads: int | None = None) -> None:
        self._n_threads = n_threads or available_cores()

    @property
    def n_workers(self) -> int:
        return self._n_threads

    def outcomes(self, prepared: PreparedStudy, jobs: Sequence[Job]) -> Iterator[Outcome]:
        return run_jobs(prepared, jobs, self._n_threads)

    def close(self) -> None:
        pass
