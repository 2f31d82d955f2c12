"""Time the elementary kernels: one step and one batch inside compiled loops, and from which length threads pay.

Each function returns rows of (name, measured, unit, bar or None, sign of the comparison), as benchmarks, tests and
checks print them.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, disable-error-code="call-arg"

from __future__ import annotations

import functools
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from h2plant.core.jit import IS_JIT_DISABLED, batch_loop, has_threads, kernel
from h2plant.core.numba_ops_enhanced import (
    batch_efficiency_updates,
    batch_lookup_vectorized,
    batch_pressure_updates,
    batch_thermal_updates,
    calculate_efficiency_compiled,
    pressure_step_compiled,
    pump_flow_step_compiled,
    thermal_step_compiled,
)

Row = tuple[str, float, str, float | None, str]
Array = npt.NDArray[np.float64]

THERMAL_STEP_BAR_NS = 200.0
BATCH_OF_50_BAR_NS = 500.0
LENGTHS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
WORTH = 1.2
"""Threads pay where they are this much faster, at this length and all longer ones: on a busy machine they gain less."""
_REPEATS = 9
_CALLS_A_TURN = 4


@kernel
def _thermal_loop(T, heat_w, n):
    """Step a temperature n times, each step from the last one's end."""
    for i in range(n):
        T = thermal_step_compiled(T, 60.0, heat_w[i & 63], 5.0e5, 0.0, 2.6e6, 298.15, 373.15)
    return T


@kernel
def _pump_loop(Q, drive_pa, n):
    """Step a flow n times."""
    for i in range(n):
        Q = pump_flow_step_compiled(Q, 0.1, drive_pa[i & 63], 5.0e5, 2.5e7)
    return Q


@kernel
def _pressure_loop(P, flow, n):
    """Step a pressure n times."""
    for i in range(n):
        P = pressure_step_compiled(P, 60.0, flow[i & 63] * 1.0e-6, 0.5, 4124.5, 298.15, 107.4)
    return P


@kernel
def _efficiency_loop(T, current_a, n):
    """Add up n efficiencies."""
    total = 0.0
    for i in range(n):
        total += calculate_efficiency_compiled(T, current_a[i & 63] * 1.0e-3, 1000.0, 333.15, 0.65)
    return total


@batch_loop
def thermal_batches(T, heat_in_w, heat_out_w, loss_w, capacity, n):
    """Step a batch n times, each step from the last one's end."""
    for _ in range(n):
        T = batch_thermal_updates(T, 60.0, heat_in_w, heat_out_w, loss_w, capacity, 298.15, 373.15)
    return T


def median_ns(action: Callable[[], object], n: int) -> float:
    """Return the processor time of one of n calls within an action, ns: median."""
    action()
    taken = []
    for _ in range(_REPEATS):
        began = time.thread_time()
        action()
        taken.append(time.thread_time() - began)
    return statistics.median(taken) / n * 1e9


def batch_arguments(n: int) -> dict[str, Any]:
    """Return arguments of each batch kernel for n states, of the sizes that plants have."""
    random = np.random.default_rng(7)

    def between(low: float, high: float) -> Array:
        return random.uniform(low, high, n)

    temperature_k, pressure_pa = between(290.0, 370.0), between(1.0e5, 7.0e6)
    pressure_grid, temperature_grid = np.linspace(1.0e5, 7.0e6, 100), np.linspace(290.0, 370.0, 100)
    table = pressure_grid[:, None] / (4124.5 * temperature_grid)
    heat = between(0.0, 1.0e6), between(0.0, 1.0e6), between(0.0, 1.0e4)
    flows = between(0.0, 1.0), between(0.0, 1.0)
    return {
        "batch_thermal_updates": (temperature_k, 60.0, *heat, between(1.0e6, 3.0e6), 298.15, 373.15),
        "batch_pressure_updates": (
            pressure_pa,
            60.0,
            *flows,
            np.full(n, 4124.5),
            temperature_k,
            between(1.0, 100.0),
        ),
        "batch_efficiency_updates": (temperature_k, between(0.0, 4000.0), 1000.0, 333.15, 0.65),
        "batch_lookup_vectorized": (table, pressure_pa, temperature_k, pressure_grid, temperature_grid),
    }


BATCHES: dict[str, Any] = {
    "batch_thermal_updates": batch_thermal_updates,
    "batch_pressure_updates": batch_pressure_updates,
    "batch_efficiency_updates": batch_efficiency_updates,
    "batch_lookup_vectorized": batch_lookup_vectorized,
}


def step_times(n: int = 1_000_000) -> list[Row]:
    """Return the times of single steps and of a batch of 50, inside compiled code and from Python, ns."""
    drive = np.random.default_rng(3).uniform(0.0, 1.0e6, 64)
    rows: list[Row] = [
        (
            "thermal step in a compiled loop",
            median_ns(lambda: _thermal_loop(333.15, drive, n), n),
            "ns",
            THERMAL_STEP_BAR_NS,
            "<=",
        ),
        ("pump flow step in a compiled loop", median_ns(lambda: _pump_loop(0.01, drive, n), n), "ns", None, "<="),
        ("pressure step in a compiled loop", median_ns(lambda: _pressure_loop(4.0e6, drive, n), n), "ns", None, "<="),
        ("efficiency in a compiled loop", median_ns(lambda: _efficiency_loop(333.15, drive, n), n), "ns", None, "<="),
    ]
    arguments = batch_arguments(50)["batch_thermal_updates"]
    arrays = (arguments[0], *arguments[2:6])
    few = max(1, n // 50)
    rows.append(
        (
            "batch of 50 thermal steps in a compiled loop",
            median_ns(lambda: thermal_batches(*arrays, few), few),
            "ns",
            BATCH_OF_50_BAR_NS,
            "<=",
        )
    )
    n_calls = max(1, n // 500)

    def from_python() -> None:
        for _ in range(n_calls):
            batch_thermal_updates(*arguments)

    rows.append(("the same batch called from Python", median_ns(from_python, n_calls), "ns", None, "<="))

    def one_from_python() -> None:
        for _ in range(n_calls):
            thermal_step_compiled(333.15, 60.0, 7.0e5, 5.0e5, 0.0, 2.6e6)

    rows.append(("a single thermal step called from Python", median_ns(one_from_python, n_calls), "ns", None, "<="))
    return rows


def lookup_times(n: int = 1_000_000) -> list[Row]:
    """Return the time of ``batch_lookup_vectorized`` per value on one thread, ns, at random states."""
    one_thread = getattr(batch_lookup_vectorized, "serial", batch_lookup_vectorized)
    rows: list[Row] = []
    for grid, arguments in (("uniform", batch_arguments(n)["batch_lookup_vectorized"]), ("geometric", _geometric(n))):
        per_value = median_ns(functools.partial(one_thread, *arguments), n)
        rows.append((f"batch_lookup_vectorized, {n:,} points, {grid} grid of 100 x 100", per_value, "ns", None, "<="))
    return rows


def _geometric(n: int) -> tuple[Any, ...]:
    """Return the look-up's arguments with a geometric grid of pressures."""
    _, pressure_pa, temperature_k, _, temperature_grid = batch_arguments(n)["batch_lookup_vectorized"]
    pressure_grid = np.geomspace(1.0e5, 7.0e6, 100)
    return (
        pressure_grid[:, None] / (4124.5 * temperature_grid),
        pressure_pa,
        temperature_k,
        pressure_grid,
        temperature_grid,
    )


def parallel_gains(lengths: tuple[int, ...] = LENGTHS, n_turns: int = 25) -> list[Row]:
    """Return serial over parallel wall time of each batch kernel by length, and the length from which threads pay.

    Forms and lengths are called in turn, over and over. The gain is that of the least times: what it is when the
    cores are free. Threads wait for each other, so other work on the machine costs the parallel form more; the
    gain of the medians, beside it, is what it was with all that ran meanwhile.
    """
    if IS_JIT_DISABLED:
        raise RuntimeError("without the compiler there are no parallel forms; unset H2PLANT_DISABLE_JIT")
    has_threads()  # starts them
    rows: list[Row] = []
    for name, batch in BATCHES.items():
        arguments = {n: batch_arguments(n)[name] for n in lengths}
        taken: dict[tuple[int, str], list[float]] = {}
        for turn in range(n_turns + 1):
            for n in lengths:
                for form in ("serial", "parallel"):
                    function = getattr(batch, form)
                    for _ in range(_CALLS_A_TURN):
                        began = time.perf_counter()
                        function(*arguments[n])
                        if turn:  # the first compiles
                            taken.setdefault((n, form), []).append(time.perf_counter() - began)
        gains = []
        for n in lengths:
            serial, parallel = taken[n, "serial"], taken[n, "parallel"]
            gains.append(min(serial) / min(parallel))
            label = f"{name}, {n:,} values ({min(serial) * 1e6:,.0f} us on one thread)"
            rows.append((f"{label}: threads gain", gains[-1], "times", None, ">="))
            median = statistics.median(serial) / statistics.median(parallel)
            rows.append(("beside all that ran meanwhile", median, "times", None, ">="))
        pays = [n for i, n in enumerate(lengths) if min(gains[i:]) >= WORTH]
        rows.append((f"{name}: threads pay from", float(pays[0]) if pays else math.inf, "values", None, "<="))
        rows.append((f"{name}: they are used from", float(batch.parallel_from), "values", None, "<="))
    return rows
