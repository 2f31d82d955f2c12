"""Several plants in lockstep, component by component, against one plant after the other.

``python -m benchmarks.lockstep``. Lockstep steps the same component of all plants before it goes on to the next, so
that code and branch history are warm; it is the order that vectorising over scenarios would need.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numba

from h2plant.config.scenario import load_scenario
from h2plant.core.bus import EVENT_AMOUNT, TIME
from h2plant.core.native_call import call_kernel
from h2plant.core.status import OK
from h2plant.session.session import prepare
from h2plant.simulation.calls import calls_of, emit_all
from h2plant.simulation.event import note_status
from h2plant.simulation.loop import advance, finish_step, put_series
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from h2plant.simulation.program import COPY, LOG_ROW, N_EVENTS, STEP, copy_program

N_STEPS = 20_000
N_PLANTS = (2, 4, 8)
N_ROUNDS = 3
_compiled = numba.njit(error_model="numpy", fastmath={"nsz", "arcp", "contract", "afn"}, nogil=True, _nrt=False)


@_compiled
def in_lockstep(calls: Any, plants: Any, slot_columns: Any, n_steps: int, dt: float, steps_per_log: int) -> None:
    """Run n_steps of plants that have the same schedule, each component of all plants in turn."""
    first = plants[0]
    for _ in range(n_steps):
        for a in plants:
            if a.counters[LOG_ROW] >= a.log.shape[0]:
                a.counters[LOG_ROW] = 0
            a.counters[N_EVENTS] = 0
            time_s = a.counters[STEP] * dt
            a.bus[TIME] = time_s
            put_series(a, time_s, dt)
            emit_all(calls, a, dt)
        for i in range(first.schedule_kind.size):
            record = calls.step_record[i]
            component = first.schedule_component[i]
            for a in plants:
                if first.schedule_kind[i] == COPY:
                    a.bus[a.copies[record, 1]] = a.bus[a.copies[record, 0]]
                    continue
                code = call_kernel(calls.step_kernel[i], a.memory, record, a.bus, a.props, dt)
                if code != OK or a.status[component] != OK:
                    note_status(a, component, code, a.bus[EVENT_AMOUNT], a.counters[STEP], dt)
        for a in plants:
            finish_step(a, slot_columns, -1, a.counters[STEP], dt, steps_per_log)


@_compiled
def in_turn(calls: Any, plants: Any, slot_columns: Any, n_steps: int, dt: float, steps_per_log: int) -> None:
    """Run n_steps of plants one after the other."""
    for a in plants:
        left = n_steps
        while left > 0:
            a.counters[LOG_ROW] = 0
            a.counters[N_EVENTS] = 0
            left -= advance(calls, a, slot_columns, left, dt, steps_per_log)


def main() -> None:
    """Measure both orders in one run, and compare their end states bit for bit."""
    _, program = prepare(load_scenario("test_full_year"))
    engine = SimulationEngineOptimized(program)
    engine.begin()
    engine.advance(0)
    calls = calls_of(program)

    def run(order: Callable[..., None], n_plants: int) -> tuple[float, bytes]:
        copies = [copy_program(program) for _ in range(n_plants)]
        plants = tuple(copy.arrays for copy in copies)
        order(calls, plants, program.slot_columns, 1, 60.0, 60)
        began = time.thread_time()
        order(calls, plants, program.slot_columns, N_STEPS, 60.0, 60)
        spent = time.thread_time() - began
        return spent / N_STEPS / n_plants / program.n_components * 1e9, copies[-1].arrays.memory.tobytes()

    for n_plants in N_PLANTS:
        rounds = [(run(in_turn, n_plants), run(in_lockstep, n_plants)) for _ in range(N_ROUNDS)]
        turn, lock = (min(pair[k][0] for pair in rounds) for k in (0, 1))
        is_same = all(a[1] == b[1] for a, b in rounds)
        print(
            f"{n_plants} plants: in turn {turn:.1f}, in lockstep {lock:.1f} ns per component-step, "
            f"gain {turn / lock:.2f}; end states {'the same bit for bit' if is_same else 'DIFFER'}"
        )


if __name__ == "__main__":
    main()
