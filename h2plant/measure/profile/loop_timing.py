"""Where the time of the compiled loop goes: ticks of the processor's counter for each call of the schedule.

The loop is compiled a second time, with a reading of the counter after every call, and only when somebody asks;
the kernels are the very same machine code. The cost of a reading is measured in the same process and taken off.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from h2plant.core.bus import EVENT_AMOUNT, TIME
from h2plant.core.jit import kernel
from h2plant.core.native_call import call_kernel
from h2plant.core.status import FATAL, OK
from h2plant.measure.profile.instructions import read_clock
from h2plant.simulation.event import note_status
from h2plant.simulation.loop import finish_step, put_series
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from h2plant.simulation.program import (
    COPY,
    FAILED_CODE,
    LOG_ROW,
    N_EVENTS,
    STEP,
    FloatArray,
    IntArray,
    Program,
)

# rows of the counts that belong to no entry of the schedule, before those that do
SERIES, LOG, EVENTS, FIRST_ENTRY = 0, 1, 2, 3
TICKS, CALLS = 0, 1


@kernel
def call_all_timed(kernels, records, kinds, components, is_step, a, dt, step_number, counts, first):
    """Call the entries of a schedule as ``step_all`` and ``emit_all`` do; ticks and calls go to ``counts``."""
    bus = a.bus
    before = read_clock()
    for i in range(kinds.size):
        record = records[i]
        code = OK
        if kinds[i] == COPY:
            bus[a.copies[record, 1]] = bus[a.copies[record, 0]]
        else:
            code = call_kernel(kernels[i], a.memory, record, bus, a.props, dt)
        now = read_clock()
        counts[first + i, TICKS] += now - before
        counts[first + i, CALLS] += 1
        before = now
        component = components[i]
        place = component if is_step else a.status.size - kinds.size + i
        if kinds[i] != COPY and (code != OK or a.status[place] != OK):
            note_status(a, place, code, bus[EVENT_AMOUNT], step_number, dt)
            now = read_clock()
            counts[EVENTS, TICKS] += now - before
            counts[EVENTS, CALLS] += 1
            before = now
        if code >= FATAL:
            a.counters[FAILED_CODE] = code
            return component
    return -1


@kernel
def advance_timed(calls, a, slot_columns, n_steps, dt, steps_per_log, counts):
    """Run n_steps as ``loop.advance`` does and add ticks and calls to ``counts``."""
    bus = a.bus
    room_for_events = a.event_marks.shape[0] - 2 * a.status.size
    first_step = FIRST_ENTRY + a.emit_kind.size
    for done in range(n_steps):
        if a.counters[LOG_ROW] >= a.log.shape[0] or a.counters[N_EVENTS] > room_for_events:
            return done
        step_number = a.counters[STEP]
        before = read_clock()
        bus[TIME] = step_number * dt
        put_series(a, step_number * dt, dt)
        counts[SERIES, TICKS] += read_clock() - before
        counts[SERIES, CALLS] += 1
        failed = call_all_timed(
            calls.emit_kernel, calls.emit_record, a.emit_kind, a.emit_component,
            False, a, dt, step_number, counts, FIRST_ENTRY,
        )  # fmt: skip
        if failed < 0:
            failed = call_all_timed(
                calls.step_kernel, calls.step_record, a.schedule_kind, a.schedule_component,
                True, a, dt, step_number, counts, first_step,
            )  # fmt: skip
        before = read_clock()
        if not finish_step(a, slot_columns, failed, step_number, dt, steps_per_log):
            return done
        counts[LOG, TICKS] += read_clock() - before
        counts[LOG, CALLS] += 1
    return n_steps


@kernel
def reading_cost(n, counts):
    """Read the counter n times and book it, as the timed loop does."""
    before = read_clock()
    for _ in range(n):
        now = read_clock()
        counts[0, TICKS] += now - before
        counts[0, CALLS] += 1
        before = now


@dataclass(frozen=True)
class Share:
    """Time of one kind's kernel, or of one part of the loop, over a run.

    Attributes
    ----------
    name
        Kind, kind with `` (emit)``, or a part of the loop in brackets.
    calls
        Number of calls.
    seconds
        Time in them, without the cost of reading the counter.
    frac
        Of the whole loop.
    """

    name: str
    calls: int
    seconds: float
    frac: float

    @property
    def ns_per_call(self) -> float:
        return 1.0e9 * self.seconds / max(1, self.calls)


class ProfilingEngine(SimulationEngineOptimized):
    """Runs a program compiled, counting the time of every call; same results as the optimised engine.

    Parameters
    ----------
    program
        A lowered plant.
    """

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        a = program.arrays
        n_rows = FIRST_ENTRY + a.emit_kind.size + a.schedule_kind.size
        self.counts: IntArray = np.zeros((n_rows, 2), dtype=np.int64)
        self._overhead_ticks = _overhead_ticks()
        self._ticks = 0
        self._seconds = 0.0

    def advance(self, n_steps: int) -> int:
        if len(self.batch) > 0:
            raise ValueError("a profile is of the plant alone: register no bodies of your own")
        program = self.program
        arguments: tuple[Any, ...] = (self._kernels()[0], program.arrays, program.slot_columns)
        last = (program.step_s, self.steps_per_log, self.counts)
        timed: Any = advance_timed
        timed(*arguments, 0, *last)  # compiles on the first call, outside the clock
        first_ticks, first_s = read_clock(), time.thread_time()
        done = int(timed(*arguments, n_steps, *last))
        self._ticks += read_clock() - first_ticks
        self._seconds += time.thread_time() - first_s  # CPU: other processes run in between
        return done

    def row_ticks(self) -> FloatArray:
        """Return the ticks of each row of ``counts`` without their reading: parts of the loop, then both schedules."""
        return np.maximum(self.counts[:, TICKS] - self._overhead_ticks * self.counts[:, CALLS], 0.0)

    def shares(self, second_per_tick: float | None = None) -> list[Share]:
        """Return what was counted by kind, the costliest first; without a rate of the counter, that of the runs."""
        a = self.program.arrays
        names = ["[series]", "[sums and log]", "[events]"]
        names += [self._name(kind, " (emit)") for kind in a.emit_kind.tolist()]
        names += [self._name(kind, "") for kind in a.schedule_kind.tolist()]
        if second_per_tick is None:
            second_per_tick = self._seconds / max(1, self._ticks)
        seconds = self.row_ticks() * second_per_tick
        whole = float(seconds.sum()) or 1.0
        by_name: dict[str, tuple[int, float]] = {}
        for name, n_calls, its_s in zip(names, self.counts[:, CALLS].tolist(), seconds.tolist(), strict=True):
            calls, sum_s = by_name.get(name, (0, 0.0))
            by_name[name] = (calls + n_calls, sum_s + its_s)
        rows = [Share(name, calls, s, s / whole) for name, (calls, s) in by_name.items() if calls]
        return sorted(rows, key=lambda row: -row.seconds)

    def _name(self, kind: int, mark: str) -> str:
        return "[signal copies]" if kind == COPY else self.program.kinds[kind].name + mark


def _overhead_ticks() -> float:
    """Return the ticks of one reading with its booking: the least of ten goes of 100,000."""
    best = math.inf
    for _ in range(10):
        counts = np.zeros((1, 2), dtype=np.int64)
        reading_cost(100_000, counts)
        best = min(best, float(counts[0, TICKS]) / 100_000.0)
    return best
