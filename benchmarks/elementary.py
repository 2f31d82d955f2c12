"""The elementary kernels: single steps and batches, thermal work of the plant, the length from which threads pay."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator

from h2plant.config.scenario import load_scenario
from h2plant.core.jit import IS_JIT_DISABLED, has_threads
from h2plant.measure.bench.thermal_timing import thermal_work
from h2plant.measure.measured import Measured
from h2plant.measure.tables.kernel_timing import BATCHES, batch_arguments, lookup_times, step_times
from h2plant.session.session import prepare

LENGTHS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
WORTH = 1.2
"""Threads pay where they are this much faster, at this length and all longer ones: on a busy machine they gain less."""
CALLS_A_TURN = 4


def elementary_kernels() -> Iterator[Measured]:
    """Time the elementary kernels, in compiled loops and from Python."""
    yield from step_times()
    yield from lookup_times()


def thermal_steps() -> Iterator[Measured]:
    """Time the thermal work of the reference plant, per step of test_8hour."""
    scenario = load_scenario("test_8hour")
    yield from thermal_work(prepare(scenario)[1], round(scenario.hours * 3600.0 / scenario.step_s))


def parallel_kernels() -> Iterator[Measured]:
    """Compare the batch kernels on one thread and on all, by length (wall time: run it on an idle machine)."""
    yield from parallel_gains()


def parallel_gains(lengths: tuple[int, ...] = LENGTHS, n_turns: int = 25) -> list[Measured]:
    """Return serial over parallel wall time of each batch kernel by length, and the length from which threads pay.

    Forms and lengths are called in turn, over and over. The gain is that of the least times: what it is when the
    cores are free. Threads wait for each other, so other work on the machine costs the parallel form more; the
    gain of the medians, beside it, is what it was with all that ran meanwhile.
    """
    if IS_JIT_DISABLED:
        raise RuntimeError("without the compiler there are no parallel forms; unset H2PLANT_DISABLE_JIT")
    has_threads()  # starts them
    rows: list[Measured] = []
    for name, batch in BATCHES.items():
        arguments = {n: batch_arguments(n)[name] for n in lengths}
        taken: dict[tuple[int, str], list[float]] = {}
        for turn in range(n_turns + 1):
            for n in lengths:
                for form in ("serial", "parallel"):
                    function = getattr(batch, form)
                    for _ in range(CALLS_A_TURN):
                        began = time.perf_counter()
                        function(*arguments[n])
                        if turn:  # the first compiles
                            taken.setdefault((n, form), []).append(time.perf_counter() - began)
        gains = []
        for n in lengths:
            serial, parallel = taken[n, "serial"], taken[n, "parallel"]
            gains.append(min(serial) / min(parallel))
            label = f"{name}, {n:,} values ({min(serial) * 1e6:,.0f} us on one thread)"
            rows.append(Measured(f"{label}: threads gain", gains[-1], "times", sign=">="))
            median = statistics.median(serial) / statistics.median(parallel)
            rows.append(Measured("beside all that ran meanwhile", median, "times", sign=">="))
        pays = [n for i, n in enumerate(lengths) if min(gains[i:]) >= WORTH]
        rows.append(Measured(f"{name}: threads pay from", float(pays[0]) if pays else math.inf, "values"))
        rows.append(Measured(f"{name}: they are used from", float(batch.parallel_from), "values"))
    return rows
