"""The back end ``cuda``: scenarios on a CUDA device, one thread each (docs/cuda.md)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

from h2plant.cuda.presence import require
from h2plant.cuda.run import run_on_device
from h2plant.cuda.wanted import guarded
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import Plant
from h2plant.session.ensemble import Member
from h2plant.simulation.program import Program
from h2plant.studies.study.outcome import Outcome, run_jobs
from h2plant.studies.study.prepared import Job, PreparedStudy


class CudaBackend:
    """One device. It keeps what figures of the summary and the economics need, and no log: outputs are such figures.

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

    def outcomes(self, prepared: PreparedStudy, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield the outcome of each scenario.

        Raises
        ------
        PlantError
            An output needs the log.
        """
        if prepared.reductions:
            what = "a device keeps no log, and the study reads columns of it"
            remedy = "ask for figures of the summary only, or say --backend threads"
            raise PlantError([Finding("no-log", "backend", what, remedy)])
        return self._outcomes(prepared, jobs)

    def _outcomes(self, prepared: PreparedStudy, jobs: Sequence[Job]) -> Iterator[Outcome]:
        for _, alike in itertools.groupby(jobs, key=lambda job: job.changes.plant_variant):
            of_plant_variant = list(alike)
            plant = prepared.plant_variant(of_plant_variant[0].changes).plant

            def run(
                factories: Iterator[Callable[[], Program]], n_steps: int, _on_log: object, plant: Plant = plant
            ) -> Iterator[Member]:
                return map(guarded, run_on_device(factories, n_steps, figures_of=plant))

            yield from run_jobs(prepared, of_plant_variant, 1, run=run)

    def close(self) -> None:
        pass
