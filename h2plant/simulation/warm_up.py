"""The first run of a version: kernels are compiled side by side, in processes of their own.

Numba compiles on one core, and a plant's kernels take most of a minute. Here every worker process takes one kernel
after another, compiles it into the cache folder and says so; the run then loads them. A worker that fails costs
nothing but time: what is not in the cache folder is compiled by the run itself.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from h2plant.components.registry import FUNCTIONS
from h2plant.core.cache_folder import can_keep
from h2plant.core.declare import Kind
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.core.kernel_cache import code_folder, kernel_size, missing_from_cache, near_environment, prune_cache
from h2plant.core.native_call import compile_kernel, entry_of
from h2plant.core.user_code import UserCodeError
from h2plant.simulation.loop_forms import ArrayType, compile_loop
from h2plant.simulation.program import Program

FEWEST_FOR_WORKERS = 4
"""With fewer kernels to compile, starting workers (a second each) does not pay."""
MOST_WORKERS = 8
_found: set[tuple[Kind, str]] = set()
"""Kernels once found in the cache folder: a folder of many files takes milliseconds to search for each."""
_START = [sys.executable, "-P", "-m", "h2plant.simulation.warm_up"]  # -P: imports nothing from the present folder

Job = tuple[Kind, str]
"""A kind, and which of its kernels."""


def missing_kernels(program: Program) -> list[Job]:
    """Return (kind, function) of the plant's kernels that are not in the cache folder, the largest first."""
    return missing_of([program.kinds[index] for index in sorted(set(program.component_kinds))])


def missing_of(kinds: Iterable[Kind]) -> list[Job]:
    """Return the same of the kernels of some kinds."""
    if IS_JIT_DISABLED:
        return []
    wanted = [(kind, f) for kind in kinds for f in FUNCTIONS if getattr(kind, f) is not None]
    wanted = [job for job in wanted if job not in _found]
    kernels = [entry_of(getattr(kind, f), f) for kind, f in wanted]
    is_missing = missing_from_cache(kernels) if kernels else []
    _found.update(job for job, missed in zip(wanted, is_missing, strict=True) if not missed)
    missing = [(kernel_size(k), job) for k, job, missed in zip(kernels, wanted, is_missing, strict=True) if missed]
    return [job for _, job in sorted(missing, key=lambda one: -one[0])]


def compile_missing(missing: list[Job], loop: tuple[ArrayType, ...]) -> None:
    """Compile kernels and the loop into the cache folder in worker processes.

    The run itself compiles nothing then, and takes no more memory than any later one (100 MB more otherwise).

    Parameters
    ----------
    missing
        What ``missing_kernels`` returned.
    loop
        Types of the loop's arrays.
    """
    n_workers = min(available_cores(), len(missing) // 2, MOST_WORKERS)
    if n_workers < 2 or len(missing) < FEWEST_FOR_WORKERS or not sys.executable or not can_keep(code_folder()):
        return
    jobs: queue.SimpleQueue[str] = queue.SimpleQueue()
    jobs.put(pickle.dumps(loop).hex())
    for kind, function in missing:
        with contextlib.suppress(UserCodeError):  # known to this process alone, which then compiles it
            jobs.put(pickle.dumps((kind, function)).hex())
    with contextlib.ExitStack() as stack:
        workers = [stack.enter_context(_worker()) for _ in range(n_workers)]
        threads = [threading.Thread(target=_feed, args=(worker, jobs), daemon=True) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    prune_cache()


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def _worker() -> Iterator[subprocess.Popen[str]]:
    """Start a worker; it ends with the block, whatever happens."""
    worker = subprocess.Popen(
        _START,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=child_environment(),
        text=True,
    )
    try:
        yield worker
    finally:
        worker.kill()
        worker.communicate()


def child_environment() -> dict[str, str]:
    """Return the environment of a process of this package's own, started with ``-P``: it imports what this one does."""
    path = [str(Path(__file__).resolve().parents[2]), *sys.path]
    return {**os.environ, **near_environment(), "PYTHONPATH": os.pathsep.join(filter(None, path))}


def _feed(worker: subprocess.Popen[str], jobs: queue.SimpleQueue[str]) -> None:
    """Give a worker one job after another, until there are none left or it is gone."""
    assert worker.stdin is not None and worker.stdout is not None
    with contextlib.suppress(OSError, ValueError, queue.Empty):
        while True:
            worker.stdin.write(f"{jobs.get_nowait()}\n")
            worker.stdin.flush()
            if not worker.stdout.readline():
                return


def work() -> None:
    """Compile what standard input brings a line, and answer each line with another.

    A line is a pickled (kind, function), or the types of the loop's arrays.
    """
    gc.disable()  # compiling makes much garbage, and this process does not live long
    for line in sys.stdin:
        job = pickle.loads(bytes.fromhex(line))
        if isinstance(job[0], Kind):
            kind, function = job
            compile_kernel(getattr(kind, function), function, kind.dtype)
        else:
            compile_loop(job)
        print("done", flush=True)


if __name__ == "__main__":
    work()
