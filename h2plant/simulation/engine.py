"""What both engines share: buffers, snapshots, events, contents."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from h2plant.core.error import UserError
from h2plant.core.hang import may_hang
from h2plant.core.status import KERNEL_RAISED, STATUS_TEXT
from h2plant.simulation.event import (
    Start,
    Watch,
    close_event,
    copy_start,
    is_of_new_mode,
    keep_after,
    keep_before,
)
from h2plant.simulation.program import (
    AMOUNT,
    CODE,
    COMPONENT,
    FAILED_CODE,
    FAILED_COMPONENT,
    FIRST_STEP,
    IN_INTERVAL,
    LAST_STEP,
    LOG_ROW,
    N_EVENTS,
    PEAK,
    STEP,
    FloatArray,
    IntArray,
    Program,
)
from h2plant.simulation.step_keeper import StepKeeper


class SimulationFailure(UserError):
    """A component stopped the run: says which, when and why."""

    def __init__(self, component: str, step: int, time_s: float, code: int, reported: str = "") -> None:
        self.component = component
        self.step = step
        self.time_s = time_s
        self.code = code
        what = STATUS_TEXT.get(code, f"its kind returned {code}, which is no status of h2plant.core.status,")
        super().__init__(
            f"{component}: {what} in step {step} ({time_s / 3600.0:.2f} h after the start)"
            f"{f': {reported}' if reported else ''}; "
            "look at this component's inputs shortly before with --log-every 1min and --hours, "
            "or compare with --engine baseline"
        )


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a component reported: code, first and last step (a fault: parts of steps too), amount, peak."""

    component: str
    code: int
    first_step: float
    last_step: float
    amount: float
    peak: float


@dataclass
class Snapshot:
    """Everything that the future depends on; restores bit for bit."""

    memory: FloatArray
    bus: FloatArray
    counters: IntArray
    status: IntArray
    event_first_step: IntArray
    event_amount: FloatArray
    event_peak: FloatArray


_KEPT = ("memory", "bus", "counters", "status", "event_first_step", "event_amount", "event_peak")


def snapshot(program: Program) -> Snapshot:
    """Copy the state of a program (at the end of a log interval)."""
    return Snapshot(*(getattr(program.arrays, name).copy() for name in _KEPT))


def restore(program: Program, kept: Snapshot) -> None:
    """Put a program back to a snapshot; sums and buffers start anew."""
    for name in _KEPT:
        getattr(program.arrays, name)[:] = getattr(kept, name)
    program.arrays.interval_sum[:] = 0.0
    program.arrays.output_sum[:] = 0.0
    program.arrays.totals[:] = 0.0
    program.arrays.counters[N_EVENTS] = 0
    program.arrays.counters[LOG_ROW] = 0
    program.arrays.counters[IN_INTERVAL] = 0


class Checkpoints(Protocol):
    """Who keeps where a run stands, between two slices of it."""

    def steps_left(self, step_number: int) -> int:
        """Return how many steps may be done before it is asked again."""

    def is_due(self, step_number: int, is_stopped: bool) -> bool:
        """Tell whether to keep where the run stands after so many steps, where it may stop."""

    def keep(self) -> None:
        """Keep where the run stands; all rows and events that are over were handed on."""


class Engine(ABC):
    """Runs a program in chunks; a chunk's log rows and events are handed on before the next."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.steps_per_log = max(1, round(program.log_every_s / program.step_s))
        planning = program.planning
        self.before_step: Callable[[int], int] | None = None if planning is None else planning.attend(self)
        """Called with the number of steps done; returns how many may be done until it is called again."""
        self.keeper: StepKeeper | None = None
        """Makes the steps of ``run`` and keeps some of them for the audit; None: nothing is kept."""
        self.checkpoints: Checkpoints | None = None
        """Keeps where ``run`` stands from time to time, and where it stops; None: nothing is kept."""
        self.is_stop_requested = False
        """Set from a signal handler or another thread: the run ends after the current slice, results whole."""
        self._own_code = program.own_code
        for one in program.own_steps.values():
            one.errors.clear()  # of an earlier run of the same rule

    longest_slice = 1_000_000_000
    """Most steps between two looks at ``is_stop_requested``."""

    @abstractmethod
    def begin(self) -> None:
        """Set the initial states from the parameters."""

    @abstractmethod
    def advance(self, n_steps: int) -> int:
        """Run up to n_steps; returns the number done."""

    def advance_watched(self, n_steps: int, watch: Watch) -> int:
        """Do what ``advance`` does and keep drawn steps, but end with the first step of a mode that was never seen."""
        a = self.program.arrays
        for done in range(n_steps):
            copy_start(a, watch.start)
            is_drawn = keep_before(a, watch)
            if self.advance(1) == 0:
                return done
            if is_drawn:
                keep_after(a, watch)
            if is_of_new_mode(a, watch):
                return done + 1
        return n_steps

    @abstractmethod
    def content(self) -> FloatArray:
        """Return what each component holds now: (n_components, 5) H2, O2, N2, H2O in kg, energy in J."""

    @abstractmethod
    def close_interval(self) -> None:
        """Finish a log interval early (end of the run)."""

    def take_over(self) -> None:  # noqa: B027  nothing to do where the program's memory is all there is
        """Go on from the program's memory as it is now, after somebody else wrote to it."""

    def may_hang(self) -> AbstractContextManager[None]:
        """Return what surrounds kernels that may be code of a user's own."""
        return may_hang(self._own_code, lambda: self.step_number)

    @property
    def step_number(self) -> int:
        """Number of steps done."""
        return int(self.program.arrays.counters[STEP])

    def run(
        self,
        n_steps: int,
        on_log: Callable[[FloatArray, list[Event]], None] | None = None,
        on_progress: Callable[[int], None] | None = None,
        buffer_bytes: int = 500_000,
        is_end: bool = True,
    ) -> None:
        """Run n_steps.

        Parameters
        ----------
        n_steps
            Number of steps.
        on_log
            Takes the log rows (a view, valid during the call) and events whenever the buffer is full and at the end.
        on_progress
            Takes the number of steps done, about 100 times over the run.
        buffer_bytes
            Upper bound of the log buffer; who takes the rows may gather more.
        is_end
            Whether the log ends with these steps: then the log interval and the events under way are closed. Else they
            stay open, and a run in pieces leaves the same log as a run in one.

        Raises
        ------
        SimulationFailure
            A component reported a fatal status or a value was not finite. The program then stands at the end of the
            last whole step, made again from the start of its slice, and what came before is handed on.
        KeyboardInterrupt
            ``is_stop_requested`` was set; what was logged is handed on, and the run can go on, or ``finish``.
        """
        rows_in_all = -(-n_steps // self.steps_per_log) + 1
        row_bytes = 8 * max(1, len(self.program.columns))
        self.size_log(max(1, min(rows_in_all, buffer_bytes // row_bytes)))
        a = self.program.arrays
        start = Start(*(np.empty_like(getattr(a, name)) for name in Start._fields))
        slice_steps = min(max(self.steps_per_log, n_steps // 100), self.longest_slice)
        left = n_steps
        while left > 0:
            pause = slice_steps if self.before_step is None else self.before_step(self.step_number)
            wanted = min(left, slice_steps, pause)
            if self.checkpoints is not None:
                wanted = min(wanted, self.checkpoints.steps_left(self.step_number))
            copy_start(a, start)
            with self.may_hang():
                done = self.advance(wanted) if self.keeper is None else self.keeper.advance(self, wanted)
            left -= done
            is_failed = a.counters[FAILED_CODE] != 0
            is_stopped = self.is_stop_requested  # once: what is asked for from here on holds for the next slice
            is_last = left == 0 or is_failed or is_stopped
            failure = self._step_back(start) if is_failed else None
            if is_failed or (left == 0 and is_end):
                self.finish(on_log)
            elif is_last or done == 0 or a.counters[LOG_ROW] >= a.log.shape[0]:
                self._hand_on(on_log)
            if self.checkpoints is not None and not is_failed and left > 0:
                self._keep(self.checkpoints, is_stopped, on_log)
            if on_progress is not None:
                on_progress(n_steps - left)
            if failure is not None:
                if on_log is not None:
                    on_log(a.log[:0], [Event(failure.component, failure.code, failure.step, failure.step, 0.0, 0.0)])
                raise failure
            if is_stopped and left > 0:
                raise KeyboardInterrupt

    def _keep(
        self, to: Checkpoints, is_stopped: bool, on_log: Callable[[FloatArray, list[Event]], None] | None
    ) -> None:
        """Keep where the run stands if that is due, or if it stops here."""
        if to.is_due(self.step_number, is_stopped):
            self._hand_on(on_log)
            to.keep()

    def _step_back(self, start: Start) -> SimulationFailure:
        """Leave the program at the end of the last whole step, made again from ``start``; returns what failed then."""
        a = self.program.arrays
        component, code, bus = self._failed_component(), int(a.counters[FAILED_CODE]), a.bus.copy()
        failure = self._failure(component, code)
        for name, values in zip(Start._fields, start, strict=True):
            getattr(a, name)[:] = values
        self.take_over()
        self.advance(failure.step - self.step_number)
        with self.may_hang():
            self._ask_rule(component, bus)
        return self._failure(component, code)

    def _ask_rule(self, component: str, bus: FloatArray) -> None:  # noqa: B027  plain Python has told by itself
        """Let a rule of the user's own that failed as compiled code tell what it raises, and in which line.

        Parameters
        ----------
        component, bus
            What failed, and what it read; the program stands at the end of the step before.
        """

    def finish(self, on_log: Callable[[FloatArray, list[Event]], None] | None) -> None:
        """Close the log interval and the events that are under way, and hand on what was not yet handed on."""
        a = self.program.arrays
        if a.counters[IN_INTERVAL] > 0:
            if a.counters[LOG_ROW] >= a.log.shape[0]:
                self._hand_on(on_log)
            self.close_interval()
        self._close_events()
        self._hand_on(on_log)

    def size_log(self, rows: int) -> None:
        """Give the log's buffer a number of rows; what is in it is lost."""
        arrays = self.program.arrays
        if arrays.log.shape[0] != rows:
            self.program.arrays = arrays._replace(log=np.zeros((rows, len(self.program.columns))))

    def _failure(self, component: str, code: int) -> SimulationFailure:
        """Return the failure of a component in the present step, with what a user's code raised, if it did."""
        own = (one.errors for one in self.program.own_steps.values())
        reported = "".join(line for lines in (*own, self.program.raised) for line in lines[-1:])
        return SimulationFailure(component, self.step_number, self.step_number * self.program.step_s, code, reported)

    def _require_content(self, held: FloatArray) -> FloatArray:
        """Return what components hold; raises ``SimulationFailure`` where a kind from outside could not say it."""
        for component in np.flatnonzero(~np.isfinite(held).all(axis=1)).tolist():
            if self.program.kind_of(component).source is not None:
                raise self._failure(self.program.component_ids[component], KERNEL_RAISED)
        return held

    def _close_events(self) -> None:
        a = self.program.arrays
        for component in np.flatnonzero(a.status):
            close_event(a, int(component), int(a.counters[STEP]) - 1)

    def _hand_on(self, on_chunk: Callable[[FloatArray, list[Event]], None] | None) -> None:
        a = self.program.arrays
        if on_chunk is not None:
            on_chunk(a.log[: a.counters[LOG_ROW]], self._events())
        a.counters[LOG_ROW] = 0
        a.counters[N_EVENTS] = 0

    def _events(self) -> list[Event]:
        a = self.program.arrays
        ids = self.program.component_ids
        return [
            Event(
                ids[int(mark[COMPONENT])],
                int(mark[CODE]),
                int(mark[FIRST_STEP]),
                int(mark[LAST_STEP]),
                float(size[AMOUNT]),
                float(size[PEAK]),
            )
            for mark, size in zip(
                a.event_marks[: a.counters[N_EVENTS]], a.event_sizes[: a.counters[N_EVENTS]], strict=True
            )
        ]

    def _failed_component(self) -> str:
        """Return the component that failed, found from the first value that is not finite if none said so."""
        program = self.program
        failed = int(program.arrays.counters[FAILED_COMPONENT])
        if failed >= 0:
            return program.component_ids[failed]
        bad = np.flatnonzero(~np.isfinite(program.arrays.bus))
        order = {int(c): n for n, c in enumerate(program.arrays.schedule_component)}
        writers = []
        for flow in program.flows:
            width = 8 if flow.medium == "stream" else 1
            if any(flow.slot <= s < flow.slot + width for s in bad):
                writers += [end for end in (flow.source, flow.target) if end >= 0]
        if not writers:
            return "series" if bad.size else program.name
        return program.component_ids[min(writers, key=lambda c: order.get(c, 0))]
