"""Back ends by name."""

from __future__ import annotations

from h2plant.plant.finding import Finding, PlantError, nearest
from h2plant.studies.backends.backend import Backend, ThreadBackend

NAMES = ("threads", "dask", "cuda")


def make_backend(name: str, n_workers: int | None = None, scheduler: str | None = None) -> Backend:
    """Return a back end.

    Parameters
    ----------
    name
        'threads', 'dask' or 'cuda'.
    n_workers
        Runs at a time: threads, or workers of a local cluster (default: one a core).
    scheduler
        Address of a Dask scheduler, ``tcp://host:port``; None: a cluster on this machine.

    Raises
    ------
    PlantError
        No such back end, what it needs is missing, or the scheduler does not answer.
    """
    if name == "threads":
        if scheduler is not None:
            what, remedy = "threads know no scheduler", "leave --scheduler out, or say --backend dask"
            raise PlantError([Finding("unused-option", "scheduler", what, remedy)])
        return ThreadBackend(n_workers)
    if name == "cuda":
        from h2plant.studies.backends.cuda import CudaBackend

        return CudaBackend()
    if name == "dask":
        from h2plant.studies.backends.dask import DaskBackend

        return DaskBackend(n_workers, scheduler)
    raise PlantError([Finding("unknown-backend", "backend", f"there is no back end '{name}'", nearest(name, NAMES))])
