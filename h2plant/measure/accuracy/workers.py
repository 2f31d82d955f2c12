"""Worker processes that go through chains of stretches side by side."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from h2plant.config.scenario import Scenario
from h2plant.measure.accuracy.stretch import Chain, Store, run_chain
from h2plant.simulation.engine import SimulationFailure
from h2plant.simulation.program import FloatArray

_PATIENCE_S = 2.0
"""How long the news of a worker may stay away until it is looked whether it still lives."""


class WorkerLost(Exception):
    """A worker process ended before its work did; what it had finished is kept."""


def _work(scenario: Scenario, scale: FloatArray, store: Store, tasks: Any, news: Any) -> None:
    """Go through chains until there are none left; runs in a process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent ends its workers
    parent = os.getppid()

    def tell(n_steps: int) -> None:
        if os.getppid() != parent:
            os._exit(1)  # nobody waits for this any more
        news.put(("steps", n_steps))

    try:
        while (chain := tasks.get()) is not None:
            run_chain(scenario, chain, scale, store, tell)
            news.put(("chain", None))
    except SimulationFailure as failure:
        news.put(("failure", (failure.component, failure.step, failure.time_s, failure.code)))
    except BaseException:
        news.put(("error", traceback.format_exc()))


def run_chains(
    scenario: Scenario,
    chains: Sequence[Chain],
    scale: FloatArray,
    store: Store,
    jobs: int,
    on_progress: Callable[[int], None],
) -> None:
    """Run chains in worker processes; see ``run_chain``.

    Parameters
    ----------
    scenario, scale, store, on_progress
        As there.
    chains
        With something left to do.
    jobs
        Number of processes.

    Raises
    ------
    SimulationFailure
        A component stopped one of the engines.
    WorkerLost
        A worker was killed.
    """
    context = multiprocessing.get_context("spawn")
    tasks, news = context.Queue(), context.Queue()
    n_workers = min(jobs, len(chains))
    for chain in [*chains, *[None] * n_workers]:
        tasks.put(chain)
    arguments = (scenario, scale, store, tasks, news)
    workers = [context.Process(target=_work, args=arguments, daemon=True) for _ in range(n_workers)]
    try:
        for worker in workers:
            worker.start()
        left = len(chains)
        while left:
            try:
                what, value = news.get(timeout=_PATIENCE_S)
            except queue.Empty:
                dead = [worker.exitcode for worker in workers if worker.exitcode]
                if dead or all(worker.exitcode is not None for worker in workers):
                    how = f"exit code {dead[0]}" if dead else "no word"
                    raise WorkerLost(
                        f"a worker process of the comparison ended with {how}, perhaps for want of memory; what was "
                        "compared is kept: give the same command again, with fewer --jobs"
                    ) from None
                continue
            if what == "steps":
                on_progress(value)
            elif what == "chain":
                left -= 1
            elif what == "failure":
                raise SimulationFailure(*value)
            else:
                raise RuntimeError(f"a worker process of the comparison failed:\n{value}")
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()
        for channel in (tasks, news):
            channel.cancel_join_thread()
            channel.close()
