"""The elementary kernels: single steps and batches, thermal work of the plant, the length from which threads pay."""

from __future__ import annotations

from collections.abc import Iterator

from h2plant.config.scenario import load_scenario
from h2plant.measure.bench.thermal_timing import thermal_work
from h2plant.measure.measured import Measured
from h2plant.measure.tables.kernel_timing import lookup_times, parallel_gains, step_times
from h2plant.session.session import prepare


def elementary_kernels() -> Iterator[Measured]:
    """Time the elementary kernels, in compiled loops and from Python."""
    for row in (*step_times(), *lookup_times()):
        yield Measured(*row)


def thermal_steps() -> Iterator[Measured]:
    """Time the thermal work of the reference plant, per step of test_8hour."""
    scenario = load_scenario("test_8hour")
    n_steps = round(scenario.hours * 3600.0 / scenario.step_s)
    for row in thermal_work(prepare(scenario)[1], n_steps):
        yield Measured(*row)


def parallel_kernels() -> Iterator[Measured]:
    """Compare the batch kernels on one thread and on all, by length (wall time: run it on an idle machine)."""
    for row in parallel_gains():
        yield Measured(*row)
