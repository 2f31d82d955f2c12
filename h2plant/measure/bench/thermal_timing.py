"""What the thermal states of a plant cost a step: as one batch, and within the kernels of their kinds."""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, disable-error-code="call-arg"

from __future__ import annotations

import time
from collections import Counter

import numpy as np

from h2plant.measure.measured import Measured
from h2plant.measure.profile.instructions import read_clock
from h2plant.measure.profile.loop_timing import ProfilingEngine
from h2plant.measure.tables.kernel_timing import median_ns, thermal_batches
from h2plant.simulation.engine import restore, snapshot
from h2plant.simulation.program import Program

THERMAL_WORK_TARGET_US = 10.0
_MOST_KINDS = 6
_RUNS = 25


def thermal_work(program: Program, n_steps: int) -> list[Measured]:
    """Return what thermal work costs a step of a plant, us.

    The first is all temperatures of the plant as one batch through ``batch_thermal_updates``, in a compiled loop. The
    others are measured within the plant's own loop: the whole kernels of the kinds that have a temperature, so an
    upper bound of their thermal steps, with all the electrochemistry, gas states and look-ups beside them.

    Parameters
    ----------
    program
        A lowered plant before its first step; it is run.
    n_steps
        Number of steps to take the mean of.
    """
    n_states: Counter[str] = Counter()
    for index in program.component_kinds:
        kind = program.kinds[index]
        n_states[kind.name] += sum(f.role == "state" and f.unit == "K" for f in kind.fields)
    n = n_states.total()
    random = np.random.default_rng(5)
    arrays = [random.uniform(290.0, 370.0, n), *random.uniform(0.0, 1.0e6, (3, n)), random.uniform(1e6, 3e6, n)]
    n_times = 20_000
    batch_ns = median_ns(lambda: thermal_batches(*arrays, n_times), n_times)
    rows = [Measured(f"all {n} temperatures as one batch", batch_ns * 1e-3, "us", THERMAL_WORK_TARGET_US)]

    by_kind = _undisturbed(program, n_steps, {name for name, count in n_states.items() if count > 0})
    total = sum(by_kind.values())
    rows.append(Measured("whole kernels of all kinds with a temperature", total, "us", THERMAL_WORK_TARGET_US))
    for name, us in sorted(by_kind.items(), key=lambda item: -item[1])[:_MOST_KINDS]:
        rows.append(Measured(f"of them {name}, {n_states[name]} temperatures", us, "us"))
    return rows


def _undisturbed(program: Program, n_steps: int, kinds: set[str]) -> dict[str, float]:
    """Return the time of kinds per step, us: for each call of the schedule the median of some runs.

    The processor's counter goes on while other processes have the core, which falls on other calls in every run.
    """
    engine = ProfilingEngine(program)
    engine.begin()
    start = snapshot(program)
    counts = []
    first_ticks, first_s = read_clock(), time.perf_counter()
    for _ in range(_RUNS):
        restore(program, start)
        engine.counts[:] = 0
        engine.run(n_steps)
        counts.append(engine.counts.copy())
    second_per_tick = (time.perf_counter() - first_s) / (read_clock() - first_ticks)
    engine.counts[:] = np.median(counts, axis=0)
    by_kind: dict[str, float] = {}
    for share in engine.shares(second_per_tick):
        name = share.name.removesuffix(" (emit)")
        if name in kinds:
            by_kind[name] = by_kind.get(name, 0.0) + share.seconds / n_steps * 1e6
    return by_kind
