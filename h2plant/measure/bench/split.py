"""One plant split over threads, to measure whether that pays (it does not: ``h2plant bench scaling``).

Every thread steps its share of the components in the order of the schedule and waits, where it reads what another
thread writes, for that thread to say how far it is. Each thread says so in a cache line of its own. The states and
totals are bit for bit those of the one loop; only the amounts of events may be mixed up, since all components
report them through one slot of the bus.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from h2plant.core.bus import EVENT_AMOUNT, TIME
from h2plant.core.jit import call_kernel, kernel, leaf
from h2plant.core.status import FATAL, OK
from h2plant.measure.profile.instructions import fence, read_clock
from h2plant.simulation.calls import calls_of, emit_all
from h2plant.simulation.engine import SimulationFailure
from h2plant.simulation.event import note_status
from h2plant.simulation.loop import finish_step, put_series
from h2plant.simulation.program import COPY, FAILED_CODE, LOG_ROW, N_EVENTS, STEP, IntArray, Program

APART = 16
"""Numbers between what two threads write: two cache lines, since processors fetch them in pairs."""


class Share(NamedTuple):
    """What one thread does of a step, in order.

    Attributes
    ----------
    entry
        Entries of the schedule, (n,).
    needs
        How far each thread must be before each of them, (n, n_threads); 0: no matter.
    is_awaited
        Whether another thread waits for it, (n,).
    period
        Positions of each thread in a step: entries, start and end, (n_threads,).
    """

    entry: IntArray
    needs: IntArray
    is_awaited: IntArray
    period: IntArray


@leaf
def wait_for(progress, thread, position):
    """Wait until a thread is as far as a position; spins, since sleeping takes longer than a step."""
    while progress[thread * APART] < position:
        read_clock()  # and whatever reads memory anew
    fence()


@leaf
def say(progress, thread, position):
    """Say how far a thread is; what it wrote before is there for those who wait."""
    fence()
    progress[thread * APART] = position


@kernel
def meet(progress, thread, n_threads, n_meetings, ticks):
    """Meet the other threads n times, and note the clock at each meeting."""
    for k in range(n_meetings):
        say(progress, thread, k + 1)
        for other in range(n_threads):
            wait_for(progress, other, k + 1)
        ticks[k] = read_clock()


@kernel
def advance_share(calls, a, slot_columns, n_steps, dt, steps_per_log, share, thread, progress, codes, ticks):
    """Run one thread's share of n_steps; the first thread does what comes before and after the components.

    A step of thread u ends at position ``(k + 1) * share.period[u]``; its start is one further than the last end.
    The last number of ``progress`` stops all. The first thread notes the clock in ``ticks``, (n_steps + 1,). Rows of
    the log and events are dropped when their buffer is full.
    """
    bus = a.bus
    stop = progress.size - 1
    n_threads = share.period.size
    room_for_events = a.event_marks.shape[0] - 2 * a.status.size
    if thread == 0:
        ticks[0] = read_clock()
    for k in range(n_steps):
        before = k * share.period[thread]
        step_number = a.counters[STEP] if thread == 0 else 0
        if thread == 0:
            if a.counters[LOG_ROW] >= a.log.shape[0] or a.counters[N_EVENTS] > room_for_events:
                a.counters[LOG_ROW] = 0
                a.counters[N_EVENTS] = 0
            bus[TIME] = step_number * dt
            put_series(a, step_number * dt, dt)
            failed = emit_all(calls, a, dt, step_number)
            if failed >= 0:
                progress[stop] = 1
            say(progress, 0, before + 1)
        else:
            wait_for(progress, 0, k * share.period[0] + 1)
        if progress[stop] != 0:
            return k
        for i in range(share.entry.size):
            for u in range(n_threads):
                if share.needs[i, u] > 0:
                    wait_for(progress, u, k * share.period[u] + share.needs[i, u])
            entry = share.entry[i]
            record = calls.step_record[entry]
            if a.schedule_kind[entry] == COPY:
                bus[a.copies[record, 1]] = bus[a.copies[record, 0]]
            else:
                code = call_kernel(calls.step_kernel[entry], a.memory, record, bus, a.props, dt)
                codes[a.schedule_component[entry]] = code
            if share.is_awaited[i]:
                say(progress, thread, before + i + 2)
        if thread != 0:
            say(progress, thread, before + share.period[thread])
            continue
        for u in range(1, n_threads):
            wait_for(progress, u, (k + 1) * share.period[u])
        failed = -1
        for component in range(codes.size):
            code = codes[component]
            if code != OK or a.status[component] != OK:
                note_status(a, component, code, bus[EVENT_AMOUNT], step_number, dt)
                if code >= FATAL:
                    a.counters[FAILED_CODE] = code
                    failed = component
        if not finish_step(a, slot_columns, failed, step_number, dt, steps_per_log):
            progress[stop] = 1
        progress[0] = before + share.period[0]
        ticks[k + 1] = read_clock()
    return n_steps


def share_out(
    program: Program, cost_ns: Sequence[float], before: Mapping[int, set[int]], n_threads: int, hop_ns: float
) -> list[Share]:
    """Give every component to a thread: list scheduling, the earliest start first, then the longest way to the end.

    Parameters
    ----------
    program
        What is split.
    cost_ns
        Time of a step of each component.
    before
        For each component, those that must have stepped before it.
    n_threads
        How many threads share it.
    hop_ns
        What it takes until one thread sees what another wrote.
    """
    order = list(dict.fromkeys(program.arrays.schedule_component.tolist()))
    after: dict[int, list[int]] = {c: [] for c in order}
    for component in order:
        for earlier in before[component]:
            after[earlier].append(component)
    to_end: dict[int, float] = {}
    for component in reversed(order):
        to_end[component] = cost_ns[component] + max((to_end[later] for later in after[component]), default=0.0)
    free = [0.0] * n_threads
    end: dict[int, float] = {}
    thread_of: dict[int, int] = {}
    taken: list[list[int]] = [[] for _ in range(n_threads)]
    waiting = set(order)

    def start(component: int, thread: int) -> float:
        seen = (end[c] + (hop_ns if thread_of[c] != thread else 0.0) for c in before[component])
        return max(free[thread], max(seen, default=0.0))

    while waiting:
        ready = [c for c in waiting if before[c] <= end.keys()]
        choices = ((start(c, thread), -to_end[c], c, thread) for c in ready for thread in range(n_threads))
        begins, _, component, thread = min(choices)
        end[component] = free[thread] = begins + cost_ns[component]
        thread_of[component] = thread
        taken[thread].append(component)
        waiting.discard(component)
    return _shares(program, before, thread_of, taken)


def _shares(
    program: Program, before: Mapping[int, set[int]], thread_of: Mapping[int, int], taken: list[list[int]]
) -> list[Share]:
    """Return the shares of components given to threads; no thread waits twice for the same."""
    entries_of: dict[int, list[int]] = {}
    for entry, component in enumerate(program.arrays.schedule_component.tolist()):
        entries_of.setdefault(component, []).append(entry)
    lists = [[entry for c in components for entry in entries_of[c]] for components in taken]
    place = {entry: i for entries in lists for i, entry in enumerate(entries)}
    awaited: set[int] = set()
    needs = [np.zeros((len(entries), len(taken)), dtype=np.int64) for entries in lists]
    for thread, components in enumerate(taken):
        furthest = [0] * len(taken)
        for component in components:
            for earlier in before[component]:
                other, last = thread_of[earlier], entries_of[earlier][-1]
                position = place[last] + 2
                if other != thread and position > furthest[other]:
                    furthest[other] = position
                    needs[thread][place[entries_of[component][0]], other] = position
    for per_thread in needs:
        for other, entries in enumerate(lists):
            awaited |= {entries[position - 2] for position in per_thread[:, other] if position}
    period = np.array([len(entries) + 2 for entries in lists], dtype=np.int64)
    return [
        Share(
            np.array(entries, dtype=np.int64),
            needs[thread],
            np.array([entry in awaited for entry in entries], dtype=np.int64),
            period,
        )
        for thread, entries in enumerate(lists)
    ]


def run_split(program: Program, shares: Sequence[Share], n_steps: int, steps_per_log: int) -> IntArray:
    """Run a program that has begun, split over as many threads as there are shares; returns the ticks of each step.

    Parameters
    ----------
    program
        Its log holds one row at least.
    shares
        What ``share_out`` returned.
    n_steps, steps_per_log
        Steps to run, and steps of a log interval.

    Raises
    ------
    SimulationFailure
        A component stopped the run.
    """
    calls = calls_of(program)
    progress = np.zeros(len(shares) * APART + 1, dtype=np.int64)
    codes = np.zeros(program.n_components, dtype=np.int64)
    ticks = np.zeros(n_steps + 1, dtype=np.int64)

    def run(thread: int, n: int) -> None:
        advance_share(
            calls, program.arrays, program.slot_columns, n, program.step_s, steps_per_log,
            shares[thread], thread, progress, codes, ticks,
        )  # fmt: skip

    run(0, 0)  # compiles
    _in_threads(len(shares), lambda thread: run(thread, n_steps))
    code = int(program.arrays.counters[FAILED_CODE])
    if code != OK:
        step = int(program.arrays.counters[STEP])
        raise SimulationFailure(program.name, step, step * program.step_s, code)
    return np.diff(ticks)


def meeting_ns(n_threads: int, ns_per_tick: float, n_meetings: int = 3000) -> float:
    """Return what it takes threads to meet once, ns: the median over stretches of a hundred meetings.

    Parameters
    ----------
    n_threads
        How many; each needs a core of its own.
    ns_per_tick
        Of the processor's counter (``tick_ns``).
    n_meetings
        How often they meet.
    """
    progress = np.zeros(n_threads * APART, dtype=np.int64)
    ticks = [np.zeros(n_meetings, dtype=np.int64) for _ in range(n_threads)]
    meet(progress, 0, 1, 0, ticks[0])  # compiles
    _in_threads(n_threads, lambda thread: meet(progress, thread, n_threads, n_meetings, ticks[thread]))
    stretches = np.diff(ticks[0][:: min(100, n_meetings // 2)])
    return float(np.median(stretches)) / min(100, n_meetings // 2) * ns_per_tick


def tick_ns() -> float:
    """Return the length of a tick of the processor's counter, ns."""
    begin, began = read_clock(), time.perf_counter_ns()
    time.sleep(0.05)
    return (time.perf_counter_ns() - began) / (read_clock() - begin)


def _in_threads(n_threads: int, work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(k,), name=f"h2plant-split-{k}") for k in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
