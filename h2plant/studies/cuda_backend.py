"""The back end ``cuda``: scenarios on a CUDA device, one thread each (docs/cuda.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from h2plant.config.findings import Finding, PlantError
from h2plant.cuda.presence import require
from h2plant.cuda.run import run_on_device
from h2plant.studies.basis import Basis, Job
from h2plant.studies.outcome import Outcome, run_jobs


class CudaBackend:
    """One device. It keeps totals and end states, no log: outputs are figures of the summary.

    Raises
    ------
    PlantError
        There is no device, or numba-cuda is missing.
    """

    name = "cuda"

    def __init__(self) -> None:
        require()

    @property
    def n_workers(self) -> int:
        return 1

    def outcomes(self, basis: Basis, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield the outcome of each scenario.

        Raises
        ------
        PlantError
            An output needs the log.
        """
        if basis.reductions:
            what = "a device keeps no log, and the study reads columns of it"
            remedy = "ask for figures of the summary only, or say --backend threads"
            raise PlantError([Finding("no-log", "backend", what, remedy)])
        return run_jobs(basis, jobs, 1, run=lambda programs, n_steps, _: run_on_device(programs, n_steps))

    def close(self) -> None:
        pass
