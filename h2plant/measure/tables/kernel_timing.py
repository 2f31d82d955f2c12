"""Time the elementary kernels: one step and one batch inside compiled loops.

Benchmarks, tests and checks print what each function returns.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators, disable-error-code="call-arg"

from __future__ import annotations

import functools
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from h2plant.core.jit import batch_loop, kernel
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
from h2plant.measure.measured import Measured

Array = npt.NDArray[np.float64]

THERMAL_STEP_TARGET_NS = 200.0
BATCH_OF_50_TARGET_NS = 500.0
_REPEATS = 9


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
        "batch_pressure_updates": (pressure_pa, 60.0, *flows, np.full(n, 4124.5), temperature_k, between(1.0, 100.0)),
        "batch_efficiency_updates": (temperature_k, between(0.0, 4000.0), 1000.0, 333.15, 0.65),
        "batch_lookup_vectorized": (table, pressure_pa, temperature_k, pressure_grid, temperature_grid),
    }


BATCHES: dict[str, Any] = {
    "batch_thermal_updates": batch_thermal_updates,
    "batch_pressure_updates": batch_pressure_updates,
    "batch_efficiency_updates": batch_efficiency_updates,
    "batch_lookup_vectorized": batch_lookup_vectorized,
}


def step_times(n: int = 1_000_000) -> list[Measured]:
    """Return the times of single steps and of a batch of 50, inside compiled code and from Python, ns."""
    drive = np.random.default_rng(3).uniform(0.0, 1.0e6, 64)
    thermal_ns = median_ns(lambda: _thermal_loop(333.15, drive, n), n)
    rows = [
        Measured("thermal step in a compiled loop", thermal_ns, "ns", THERMAL_STEP_TARGET_NS),
        Measured("pump flow step in a compiled loop", median_ns(lambda: _pump_loop(0.01, drive, n), n), "ns"),
        Measured("pressure step in a compiled loop", median_ns(lambda: _pressure_loop(4.0e6, drive, n), n), "ns"),
        Measured("efficiency in a compiled loop", median_ns(lambda: _efficiency_loop(333.15, drive, n), n), "ns"),
    ]
    arguments = batch_arguments(50)["batch_thermal_updates"]
    arrays = (arguments[0], *arguments[2:6])
    few = max(1, n // 50)
    batch_ns = median_ns(lambda: thermal_batches(*arrays, few), few)
    rows.append(Measured("batch of 50 thermal steps in a compiled loop", batch_ns, "ns", BATCH_OF_50_TARGET_NS))
    n_calls = max(1, n // 500)

    def from_python() -> None:
        for _ in range(n_calls):
            batch_thermal_updates(*arguments)

    rows.append(Measured("the same batch called from Python", median_ns(from_python, n_calls), "ns"))

    def one_from_python() -> None:
        for _ in range(n_calls):
            thermal_step_compiled(333.15, 60.0, 7.0e5, 5.0e5, 0.0, 2.6e6)

    rows.append(Measured("a single thermal step called from Python", median_ns(one_from_python, n_calls), "ns"))
    return rows


def lookup_times(n: int = 1_000_000) -> list[Measured]:
    """Return the time of ``batch_lookup_vectorized`` per value on one thread, ns, at random states."""
    one_thread = getattr(batch_lookup_vectorized, "serial", batch_lookup_vectorized)
    rows = []
    for grid, arguments in (("uniform", batch_arguments(n)["batch_lookup_vectorized"]), ("geometric", _geometric(n))):
        per_value = median_ns(functools.partial(one_thread, *arguments), n)
        rows.append(Measured(f"batch_lookup_vectorized, {n:,} points, {grid} grid of 100 x 100", per_value, "ns"))
    return rows


def _geometric(n: int) -> tuple[Any, ...]:
    """Return the look-up's arguments with a geometric grid of pressures."""
    _, pressure_pa, temperature_k, _, temperature_grid = batch_arguments(n)["batch_lookup_vectorized"]
    pressure_grid = np.geomspace(1.0e5, 7.0e6, 100)
    table = pressure_grid[:, None] / (4124.5 * temperature_grid)
    return table, pressure_pa, temperature_k, pressure_grid, temperature_grid
