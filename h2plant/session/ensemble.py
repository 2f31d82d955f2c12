"""Many programs side by side in the threads of one process, bit for bit as one after the other.

The compiled loop works without Python's global lock, and no program shares what it writes with another: threads
neither wait for each other nor change a result. A plant is lowered once and copied for each member
(``h2plant.simulation.program.copy_program``); what is only read, property tables and series, is there once.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from h2plant.results.ledger import Ledger
from h2plant.session.session import ProgramRun
from h2plant.simulation.engine import Engine, Event
from h2plant.simulation.program import FloatArray, Program

OnLog = Callable[[int, FloatArray, list[Event]], None]

_loading = threading.Lock()
"""Compiling and loading kernels, one thread at a time: a first run would else compile the same twice."""


@dataclass(frozen=True)
class Member:
    """What one program of an ensemble gave.

    Attributes
    ----------
    index
        Its place among what was given, from 0.
    program
        As it stands at the end; None where the factory failed.
    ledger
        Of the steps done; None where the factory or the first state failed.
    error
        What stopped it (``SimulationFailure``, or whatever a factory or ``on_log`` raised), or None.
    n_steps
        Steps done.
    loop_s
        Processor time of its thread in the run, s.
    """

    index: int
    program: Program | None
    ledger: Ledger | None
    error: Exception | None
    n_steps: int
    loop_s: float


def run_ensemble(
    programs_or_factories: Iterable[Program | Callable[[], Program]],
    n_threads: int,
    n_steps: int,
    on_log: OnLog | None = None,
    n_held: int | None = None,
) -> Iterator[Member]:
    """Run programs in threads; yields each as it finishes, in whatever order that is.

    Parameters
    ----------
    programs_or_factories
        Lowered programs, which are run as they are, or functions that make them, which are called in the threads;
        may be endless. A program at step 0 begins from its parameters, any other goes on from where it stands.
    n_threads
        How many run at a time.
    n_steps
        Steps of each.
    on_log
        Takes (index, log rows, events), as ``Engine.run`` hands them on, in the member's thread: rows are a view,
        valid during the call. Without it the log is dropped, and totals and end states are what there is.
    n_held
        Most members that run or wait to be taken at a time, which bounds the memory (default: 2 x n_threads).

    Yields
    ------
    Member
        One for each program. A member that failed says so in ``error``; the others go on.

    Raises
    ------
    ValueError
        A count below 1.
    """
    n_held = 2 * n_threads if n_held is None else n_held
    if min(n_threads, n_held) < 1 or n_steps < 0:
        raise ValueError(
            f"n_threads ({n_threads}) and n_held ({n_held}) must be 1 or more, n_steps ({n_steps}) 0 or more"
        )
    return _Ensemble(n_steps, on_log).members(enumerate(programs_or_factories), n_threads, n_held)


class _Ensemble:
    """The state of one call of ``run_ensemble``."""

    def __init__(self, n_steps: int, on_log: OnLog | None) -> None:
        self._n_steps = n_steps
        self._on_log = on_log
        self._lock = threading.Lock()
        self._is_stopped = False
        self._running: set[Engine] = set()
        self._given: weakref.WeakValueDictionary[int, FloatArray] = weakref.WeakValueDictionary()

    def members(
        self, jobs: Iterator[tuple[int, Program | Callable[[], Program]]], n_threads: int, n_held: int
    ) -> Iterator[Member]:
        pending: set[Future[Member]] = set()
        pool = ThreadPoolExecutor(n_threads, thread_name_prefix="h2plant-member")
        try:
            while True:
                while len(pending) < n_held and (job := next(jobs, None)) is not None:
                    pending.add(pool.submit(self._member, *job))
                if not pending:
                    return
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                while done:
                    yield done.pop().result()
        finally:  # also when the caller takes no more, or Ctrl-C comes
            with self._lock:
                self._is_stopped = True
                for engine in self._running:
                    engine.is_stop_requested = True
            pool.shutdown(wait=True, cancel_futures=True)

    def _member(self, index: int, given: Program | Callable[[], Program]) -> Member:
        program, run = None, None
        began = time.thread_time()
        error: Exception | None = None
        try:
            program = given if isinstance(given, Program) else given()
            self._take(program)
            run = ProgramRun(program)
            with _loading:
                run.begin()
            began = time.thread_time()
            self._run(index, run.engine)
        except Exception as stop:
            error = stop
        loop_s = time.thread_time() - began
        ledger = run.ledger() if run is not None and run.is_begun else None
        return Member(index, program, ledger, error, 0 if run is None else run.engine.step_number, loop_s)

    def _take(self, program: Program) -> None:
        """Note a program, and refuse one that was given before: two runs would write over each other."""
        memory = program.arrays.memory
        with self._lock:
            if self._given.get(id(memory)) is memory:
                raise ValueError(f"the program '{program.name}' is given twice; give copies (copy_program)")
            self._given[id(memory)] = memory

    def _run(self, index: int, engine: Engine) -> None:
        on_log = self._on_log
        with self._lock:
            if self._is_stopped:
                raise KeyboardInterrupt
            self._running.add(engine)
        try:
            engine.run(self._n_steps, None if on_log is None else lambda rows, events: on_log(index, rows, events))
        finally:
            with self._lock:
                self._running.discard(engine)
