"""The back end on Dask: a cluster on this machine, or a scheduler that is there already.

The basis of the study (plant, property tables, series) is sent once to each worker, by a plugin that also reaches
workers that join or are restarted later. Jobs travel in batches of about a second. A batch whose worker was lost is
given to another; a scenario whose workers were lost again and again is reported as failed, and the rest go on.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import logging
import pickle
import signal
import socket
import warnings
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import h2plant
from h2plant.plant.finding import Finding, PlantError
from h2plant.simulation.warm_up import available_cores
from h2plant.studies.study.outcome import Outcome, run_jobs
from h2plant.studies.study.prepared import Job, PreparedStudy, code_digest

_ANSWER_S = 5.0
"""Longest wait for a scheduler to answer."""
_LONGEST_GREETING = 1_000_000
_BATCH_S = 1.0
"""What a batch should take, s: long against the milliseconds that Dask takes for each."""
_MOST_IN_BATCH = 32
_AHEAD = 3
"""Batches that are submitted for each worker: one runs, the others wait beside it."""
_MOST_LOSSES = 3
"""Workers that may be lost over a batch before it is taken apart, and over a scenario before it has failed."""

_HERE: dict[str, PreparedStudy] = {}
"""In a worker: the studies that it was sent, by digest."""
_sent: dict[str, bytes] = {}


class DaskBackend:
    """Workers of a Dask cluster.

    Parameters
    ----------
    n_workers
        Processes of a local cluster (default: one a core), each with one thread. It listens on this machine alone, and
        only to whoever has the certificate that was made for it.
    scheduler
        Address of a scheduler, ``tcp://host:port``; None: a local cluster of its own.

    Raises
    ------
    PlantError
        Dask is missing, the scheduler does not answer or has no workers, or its workers have another version.
    """

    name = "dask"

    def __init__(self, n_workers: int | None = None, scheduler: str | None = None) -> None:
        if find_spec("distributed") is None:
            raise _refused("missing-package", "the back end 'dask' needs distributed", "pip install 'h2plant[dask]'")
        if scheduler is None and find_spec("cryptography") is None:
            what = "a Dask cluster on this machine needs cryptography, for a certificate of its own"
            raise _refused("missing-package", what, "pip install 'h2plant[dask]'")
        self._stack = contextlib.ExitStack()
        self._cluster: Any = None
        try:
            if scheduler is None:
                self._start_local(n_workers or available_cores())
            else:
                self._connect(scheduler)
            self._check_workers(scheduler)
        except BaseException:
            self._stack.close()
            raise

    def _start_local(self, n_workers: int) -> None:
        import dask
        from distributed import Client

        from h2plant.studies.backends.private_cluster import private_cluster

        for name in ("distributed.nanny", "distributed.worker", "distributed.scheduler", "distributed.core"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        # several batches wait at a worker for years; what it is lost over is counted here
        settings = {
            "distributed.scheduler.allowed-failures": _MOST_LOSSES,
            # what a cluster does to watch itself took 3 % of two cores
            "distributed.worker.profile.enabled": False,
            "distributed.admin.tick.interval": "1s",
            "distributed.admin.tick.limit": "60s",
            "distributed.admin.system-monitor.interval": "10s",
            "distributed.admin.system-monitor.disk": False,
            "distributed.scheduler.work-stealing-interval": "1s",
        }
        self._stack.enter_context(dask.config.set(settings))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._cluster = self._stack.enter_context(private_cluster(n_workers))
            self._client = self._stack.enter_context(Client(self._cluster, set_as_default=False))

    def _connect(self, scheduler: str) -> None:
        from distributed import Client

        address = urlsplit(scheduler if "://" in scheduler else f"tcp://{scheduler}")
        remedy = "start one there with 'dask scheduler', or leave --scheduler out for a cluster on this machine"
        try:
            port = address.port
        except ValueError:
            port = None
        if not address.hostname or port is None:
            raise _refused("bad-address", f"'{scheduler}' is no address", "write it as tcp://host:8786")
        if address.scheme == "tcp":
            try:
                with socket.create_connection((address.hostname, port), timeout=_ANSWER_S) as connection:
                    is_dask = _is_greeting(connection)
            except OSError as error:
                what = f"the scheduler {scheduler} cannot be reached ({error.strerror or error})"
                raise _refused("unreachable-scheduler", what, remedy) from None
            if not is_dask:
                what = f"what answers at {scheduler} is no Dask scheduler"
                raise _refused("unreachable-scheduler", what, remedy)
        if address.scheme == "tls" and not _has_certificate():
            what = f"the scheduler {scheduler} asks for a certificate, and Dask's configuration names none here"
            raise _refused("unreachable-scheduler", what, "name it under distributed.comm.tls in Dask's configuration")
        try:
            client = Client(address.geturl(), timeout=_ANSWER_S, set_as_default=False)
        except Exception as error:  # whatever is made of the words of another protocol
            what = f"what answers at {scheduler} is no Dask scheduler ({type(error).__name__})"
            raise _refused("unreachable-scheduler", what, remedy) from None
        self._client = self._stack.enter_context(client)

    def _check_workers(self, scheduler: str | None) -> None:
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            what = f"the scheduler {scheduler} has no workers"
            remedy = "start some, each with one thread: 'dask worker ADDRESS --nworkers -1 --nthreads 1'"
            raise _refused("no-workers", what, remedy)
        own = (h2plant.__version__, code_digest())
        try:
            theirs = self._client.run(_version_there)
        except Exception as error:
            remedy = "install the same h2plant on all workers"
            raise _refused("no-h2plant", f"the workers cannot run h2plant ({error})", remedy) from None
        different = sorted(address for address, found in theirs.items() if found != own)
        if different:
            what = f"{len(different)} of {len(theirs)} workers have another h2plant, such as {different[0]}"
            raise _refused("other-version", what, f"install h2plant {own[0]} there, the same as here")

    @property
    def n_workers(self) -> int:
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        return max(1, sum(int(worker["nthreads"]) for worker in workers.values()))

    def outcomes(self, prepared: PreparedStudy, jobs: Sequence[Job]) -> Iterator[Outcome]:
        from distributed import as_completed

        packed = pickle.dumps(prepared, protocol=5)
        digest = hashlib.sha256(packed).hexdigest()
        plugin = _plugin(digest, packed, self._cluster is not None)
        self._client.register_plugin(plugin)
        waiting = iter(jobs)
        size = 1
        losses: dict[int, int] = {}
        batches: dict[Any, list[Job]] = {}
        done = as_completed(loop=self._client.loop)

        def submit(batch: list[Job]) -> None:
            future = self._client.submit(_run_batch, digest, batch, pure=False, retries=0)
            batches[future] = batch
            done.add(future)

        try:
            for _ in range(_AHEAD * self.n_workers):
                if batch := list(itertools.islice(waiting, size)):
                    submit(batch)
            for future in done:
                batch = batches.pop(future)
                found, error = _result(future)
                if found is not None:
                    yield from found
                    seconds = sum(outcome.loop_s for outcome in found) / len(batch)
                    size = max(1, min(_MOST_IN_BATCH, round(_BATCH_S / max(seconds, 1e-3))))
                elif len(batch) > 1:
                    for job in batch:
                        submit([job])
                else:
                    number = batch[0].variants[0].number
                    losses[number] = losses.get(number, 0) + 1
                    if _is_loss(error) and losses[number] < 2:
                        submit(batch)
                    else:
                        yield from _failed(batch[0], error)
                del future
                if batch := list(itertools.islice(waiting, _fair(size, jobs, self.n_workers))):
                    submit(batch)
        finally:
            for future in batches:
                with contextlib.suppress(Exception):
                    future.cancel()
            with contextlib.suppress(Exception):
                self._client.unregister_worker_plugin(plugin.name)

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._stack.close()


def _has_certificate() -> bool:
    """Whether Dask's configuration names a certificate to show to a scheduler."""
    from distributed import Security

    return Security().get_connection_args("client").get("ssl_context") is not None


def _is_greeting(connection: socket.socket) -> bool:
    """Whether what is connected speaks first, as a Dask scheduler does: eight bytes that count those that follow."""
    try:
        greeting = connection.recv(8, socket.MSG_WAITALL)
    except TimeoutError:
        return False
    return len(greeting) == 8 and 0 < int.from_bytes(greeting, "little") < _LONGEST_GREETING


def _fair(size: int, jobs: Sequence[Job], n_workers: int) -> int:
    """Return a size of batch that leaves each worker several, so that none waits long for the last."""
    return max(1, min(size, len(jobs) // (4 * n_workers)))


def _result(future: Any) -> tuple[list[Outcome] | None, BaseException | None]:
    try:
        return future.result(), None
    except Exception as error:
        return None, error


def _is_loss(error: BaseException | None) -> bool:
    return type(error).__name__ in ("KilledWorker", "CancelledError", "FutureCancelledError", "CommClosedError")


def _failed(job: Job, error: BaseException | None) -> Iterator[Outcome]:
    reason = str(error) or type(error).__name__
    if _is_loss(error):
        reason = "the worker that ran it was lost, again and again: out of memory, or killed"
    for variant in job.variants:
        yield Outcome(variant.number, {}, reason)


def _refused(id: str, what: str, remedy: str) -> PlantError:
    return PlantError([Finding(id, "scheduler" if "schedul" in what else "backend", what, remedy)])


# --- in the workers


def _plugin(digest: str, packed: bytes, is_own: bool) -> Any:
    """Return the plugin that gives a study to each worker, also to later ones; ``is_own``: the cluster is ours."""
    from distributed.diagnostics.plugin import WorkerPlugin

    class StudyPlugin(WorkerPlugin):
        name = f"h2plant-{digest[:16]}"

        def setup(self, worker: Any) -> None:
            from h2plant.studies.backends.dask import take

            if is_own:  # Ctrl-C is for the process that leads, which then ends them
                with contextlib.suppress(ValueError):
                    signal.signal(signal.SIGINT, signal.SIG_IGN)
            take(digest, packed)

        def teardown(self, worker: Any) -> None:
            from h2plant.studies.backends.dask import drop

            drop(digest)

    return StudyPlugin()


def take(digest: str, packed: bytes) -> None:
    """Keep a study in this process; it is unpacked when the first batch asks for it."""
    _sent[digest] = packed


def drop(digest: str) -> None:
    """Forget a study."""
    _sent.pop(digest, None)
    _HERE.pop(digest, None)


def _version_there() -> tuple[str, str]:
    return h2plant.__version__, code_digest()


def _run_batch(digest: str, jobs: list[Job]) -> list[Outcome]:
    """Run jobs in a worker, one after the other."""
    if digest not in _HERE:
        _HERE[digest] = pickle.loads(_sent[digest])
    return list(run_jobs(_HERE[digest], jobs, 1))
