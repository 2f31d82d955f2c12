"""The optimisations: what the cache does, how exact thermal steps are, that runs repeat bit for bit, memory.

``python tests/test_optimization.py --test-lut-cache`` and ``--test-thermal`` measure on this machine and print each
figure beside its bar; the exit code is 1 where one is missed. The tests assert what does not depend on the machine.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks.elementary import parallel_gains
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.lut_manager import LUTManager
from h2plant.core.numba_ops_enhanced import batch_thermal_updates, thermal_step_compiled
from h2plant.measure.bench.thermal_timing import thermal_work
from h2plant.measure.measured import Measured, print_measured
from h2plant.measure.tables.kernel_timing import lookup_times, step_times
from h2plant.physics.relaxation import linear_step
from h2plant.session.session import make_engine, prepare
from h2plant.simulation.engine import Event
from h2plant.simulation.program import FloatArray, Program

PEAK_MEMORY_TARGET_MB = 300.0
CAPACITY_J_PER_K, LOSS_W_PER_K, AMBIENT_K, HOT_K, HEAT_W = 2.6e6, 1.0e3, 288.15, 353.15, 2.0e4
"""A stack of 5 MW that cools: time constant 2,600 s, settles at 308.15 K."""


# ---- measured, for the command and for whoever prints figures beside bars ------------------------------------


def lut_cache_figures() -> list[Measured]:
    """Return hit rates and times of look-ups with and without cache and quantisation, on the 8-hour scenario."""
    from h2plant.measure.tables.lookup_statistics import test_lut_cache_report as report

    return [(*row,) for row in report()]


def analytic_temperature(time_s: float) -> float:
    """Return T of C dT/dt = Q - K (T - T_a), K."""
    settled_k = AMBIENT_K + HEAT_W / LOSS_W_PER_K
    return settled_k + (HOT_K - settled_k) * math.exp(-time_s * LOSS_W_PER_K / CAPACITY_J_PER_K)


def _temperature_after(step: Callable[[float, float], float], dt_s: float, time_s: float) -> float:
    T = HOT_K
    for _ in range(round(time_s / dt_s)):
        T = step(T, dt_s)
    return T


def exact_step(T: float, dt_s: float) -> float:
    """Advance the cooling stack exactly."""
    source = (HEAT_W + LOSS_W_PER_K * AMBIENT_K) / CAPACITY_J_PER_K
    return linear_step(T, source, LOSS_W_PER_K / CAPACITY_J_PER_K, dt_s)[0]


def euler_step(T: float, dt_s: float) -> float:
    """Advance the cooling stack with the loss at the start of the step."""
    return thermal_step_compiled(T, dt_s, HEAT_W, 0.0, LOSS_W_PER_K * (T - AMBIENT_K), CAPACITY_J_PER_K)


def thermal_error_k(step: Callable[[float, float], float], dt_s: float, time_s: float = 3600.0) -> float:
    """Return the error of a stepped temperature against the analytic one, K."""
    return abs(_temperature_after(step, dt_s, time_s) - analytic_temperature(time_s))


def thermal_figures() -> list[Measured]:
    """Return accuracy and times of thermal steps, and the thermal work of the reference plant."""
    worst_k = max(thermal_error_k(exact_step, dt_s) for dt_s in (1.0, 60.0, 900.0, 3600.0))
    accuracy = [
        Measured("exact step against the analytic solution, dt 1 s to 1 h", worst_k, "K", 1e-9),
        Measured("Euler step, dt 60 s (time constant 2,600 s)", thermal_error_k(euler_step, 60.0), "K"),
        Measured("Euler step, dt 900 s", thermal_error_k(euler_step, 900.0), "K"),
    ]
    scenario = load_scenario("test_8hour")
    work = thermal_work(prepare(scenario)[1], round(scenario.hours * 3600.0 / scenario.step_s))
    return [*accuracy, *step_times(), *lookup_times(), *work]


def print_figures(rows: Sequence[Measured]) -> int:
    """Print figures beside their targets; returns 1 if one is missed."""
    from rich.console import Console

    return 0 if print_measured(Console(highlight=False, width=120), "", rows) else 1


def main(words: Sequence[str] | None = None) -> int:
    """Print what is asked for; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test-lut-cache", action="store_true", help="hit rates and look-up times")
    parser.add_argument("--test-thermal", action="store_true", help="accuracy and times of thermal steps")
    asked = parser.parse_args(words)
    if not (asked.test_lut_cache or asked.test_thermal):
        parser.error("give --test-lut-cache, --test-thermal or both; `python -m pytest` runs the tests")
    codes = [0]
    if asked.test_lut_cache:
        codes.append(print_figures(lut_cache_figures()))
    if asked.test_thermal:
        codes.append(print_figures(thermal_figures()))
    return max(codes)


# ---- cache behaviour -----------------------------------------------------------------------------------------


def test_a_look_up_asked_again_is_a_hit_with_the_same_bits() -> None:
    from h2plant.core.lut_manager_optimized import LUTManagerOptimized

    tables = LUTManagerOptimized()
    first = tables.lookup("H2", "D", 30.1e5, 351.7)
    before = tables.get_cache_stats()
    assert tables.lookup("H2", "D", 30.1e5, 351.7) == first
    after = tables.get_cache_stats()
    assert (after["hits"], after["misses"]) == (before["hits"] + 1, before["misses"])


def test_without_quantisation_the_cache_changes_no_bit() -> None:
    from h2plant.core.lut_manager_optimized import LUTManagerOptimized

    cached, plain = LUTManagerOptimized(), LUTManager()
    random = np.random.default_rng(3)
    for _ in range(2):
        for fluid in ("H2", "O2", "N2", "H2O"):
            for quantity in "DHSC":
                state = float(random.uniform(1.0e5, 40.0e5)), float(random.uniform(290.0, 350.0))
                assert cached.lookup(fluid, quantity, *state) == plain.lookup(fluid, quantity, *state)


def test_the_cache_keeps_to_its_bound_and_drops_the_least_recently_used() -> None:
    from h2plant.core.lut_manager_optimized import LUTManagerOptimized

    tables = LUTManagerOptimized()
    tables._lookup_cache_size = 100
    states = [(30.0e5, 300.0 + 0.25 * k) for k in range(150)]
    for state in states:
        tables.lookup("O2", "D", *state)
    assert tables.get_cache_stats()["entries"] == 100
    tables.reset_cache_stats()
    tables.lookup("O2", "D", *states[-1])
    tables.lookup("O2", "D", *states[0])
    stats = tables.get_cache_stats()
    assert (stats["hits"], stats["misses"]) == (1, 1)


# ---- thermal accuracy ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dt_s", [1.0, 60.0, 900.0, 3600.0])
def test_the_exact_step_is_the_analytic_solution(dt_s: float) -> None:
    assert thermal_error_k(exact_step, dt_s) < 1e-9


def test_the_kernel_is_exact_with_the_mean_loss() -> None:
    """As components use it: the loss is its mean over the step."""

    def step(T: float, dt_s: float) -> float:
        source = (HEAT_W + LOSS_W_PER_K * AMBIENT_K) / CAPACITY_J_PER_K
        mean_k = linear_step(T, source, LOSS_W_PER_K / CAPACITY_J_PER_K, dt_s)[1]
        return thermal_step_compiled(T, dt_s, HEAT_W, 0.0, LOSS_W_PER_K * (mean_k - AMBIENT_K), CAPACITY_J_PER_K)

    for dt_s in (1.0, 60.0, 900.0, 3600.0):
        assert thermal_error_k(step, dt_s) < 1e-9


def test_the_euler_step_is_first_order_as_its_docstring_says() -> None:
    errors = [thermal_error_k(euler_step, dt_s) for dt_s in (60.0, 30.0, 15.0)]
    # error of n steps of length dt: (T0 - T_settled) exp(-t/tau) t dt / (2 tau^2), to first order in dt
    tau, settled_k = CAPACITY_J_PER_K / LOSS_W_PER_K, AMBIENT_K + HEAT_W / LOSS_W_PER_K
    expected = (HOT_K - settled_k) * math.exp(-3600.0 / tau) * 3600.0 * 15.0 / (2.0 * tau * tau)
    assert errors[2] == pytest.approx(expected, rel=0.02)
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.03)
    assert errors[1] / errors[2] == pytest.approx(2.0, rel=0.02)


def test_a_batch_holds_the_limits_of_its_specification() -> None:
    heat = np.array([1.0e9, 0.0, 0.0])
    out = np.array([0.0, 1.0e9, 0.0])
    nothing, capacity = np.zeros(3), np.full(3, CAPACITY_J_PER_K)
    found = batch_thermal_updates(np.full(3, 333.15), 60.0, heat, out, nothing, capacity, 298.15, 373.15)
    assert found.tolist() == [373.15, 298.15, 333.15]


# ---- the year: bit for bit, and its memory -------------------------------------------------------------------


YEAR_H = 8760
QUARTER_H = 2190
"""Long enough that a bit that changes would: the loop runs 130,000 steps."""


@dataclass(frozen=True)
class Ran:
    """What a run leaves: a digest of everything, and the log."""

    digest: str
    log: FloatArray
    program: Program


def _ran(hours: int, barrier: threading.Barrier | None = None) -> Ran:
    """Run the year, or the first hours of it, in this process; several wait for each other before they start."""
    scenario = changed_scenario(load_scenario("test_full_year"), hours)
    _, program = prepare(scenario)
    engine = make_engine("optimized", program)
    engine.begin()
    rows: list[FloatArray] = []
    events: list[Event] = []

    def keep(log: FloatArray, happened: list[Event]) -> None:
        rows.append(log.copy())
        events.extend(happened)

    if barrier is not None:
        barrier.wait(60.0)
    engine.run(round(scenario.hours * 3600.0 / scenario.step_s), keep)
    log = np.concatenate(rows)
    a = program.arrays
    found = hashlib.blake2b(repr(events).encode())
    for array in (log, a.memory, a.bus, a.totals, a.status):
        found.update(array.tobytes())
    return Ran(found.hexdigest(), log, program)


@dataclass(frozen=True)
class Command:
    """What ``h2plant run test_full_year`` gave, in a process of its own."""

    peak_mb: float
    folder: Path


def _command(folder: Path) -> Command:
    from h2plant.measure.bench.figures import WITH_PEAK

    command = [sys.executable, "-m", "h2plant.cli", "run", "test_full_year", "--quiet", "--out", str(folder)]
    started = [sys.executable, "-S", "-c", WITH_PEAK, *command]
    printed = subprocess.run(started, check=True, stdout=subprocess.PIPE, text=True, timeout=600).stdout
    peak = printed.split()[0]
    return Command(float(peak) * (1e-6 if sys.platform == "darwin" else 1.024e-3), folder)


@pytest.fixture(scope="module")
def alone_and_command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ran, Command]]:
    """A quarter in one thread here, and meanwhile the command with the year in a process of its own.

    What is not compiled yet is compiled first: the bar of memory is that of a run, not of the compiler.
    """
    folder = tmp_path_factory.mktemp("year") / "run"
    engine = make_engine("optimized", prepare(load_scenario("test_full_year"))[1])
    engine.begin()
    engine.advance(0)
    with ThreadPoolExecutor(1) as pool:
        command = pool.submit(_command, folder)
        quarter = _ran(QUARTER_H)
        yield quarter, command.result()


def _side_by_side(hours: int) -> list[str]:
    """Return the digests of two runs; the loop releases the interpreter's lock: both run at the same time."""
    barrier = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda _: _ran(hours, barrier).digest, range(2)))


def test_two_runs_side_by_side_in_threads_change_no_bit(alone_and_command: tuple[Ran, Command]) -> None:
    assert _side_by_side(QUARTER_H) == [alone_and_command[0].digest] * 2


@pytest.mark.slow
def test_two_years_side_by_side_in_threads_change_no_bit() -> None:
    assert _side_by_side(YEAR_H) == [_ran(YEAR_H).digest] * 2


def test_the_command_gives_the_same(alone_and_command: tuple[Ran, Command]) -> None:
    """To 1e-6 of each column's largest value: code compiled here and code from the cache folder may round differently.

    The same code gives the same bits: the test above.
    """
    from h2plant.results import Results

    quarter, command = alone_and_command
    table = Results(command.folder).to_arrow()
    for k, column in enumerate(quarter.program.columns):
        written = table.column(column.name).to_numpy()[:QUARTER_H]
        here = quarter.log[:, k]
        assert np.abs(written - here).max() <= 1.0e-6 * np.abs(here).max(), column.name


def test_the_year_is_a_plant_at_work(alone_and_command: tuple[Ran, Command]) -> None:
    """What is compared is no plant at rest."""
    from h2plant.results import Results

    quarter, command = alone_and_command
    table = Results(command.folder).to_arrow()
    year = np.column_stack([table.column(column.name).to_numpy() for column in quarter.program.columns])
    for log, n_hours in ((quarter.log, QUARTER_H), (year, YEAR_H)):
        assert log.shape[0] == n_hours
        assert np.isfinite(log).all()
        assert np.ptp(log, axis=0).astype(bool).mean() > 0.5


def test_peak_memory_of_the_year(alone_and_command: tuple[Ran, Command]) -> None:
    assert 50.0 < alone_and_command[1].peak_mb < PEAK_MEMORY_TARGET_MB


# ---- benchmark hooks -----------------------------------------------------------------------------------------


def _assert_rows(rows: Sequence[Measured]) -> None:
    assert rows
    for name, measured, unit, target, sign in rows:
        assert name and unit and sign in ("<=", ">=")
        assert measured > 0.0, name
        assert target is None or target > 0.0


def test_hooks_measure() -> None:
    _assert_rows(step_times(2_000))
    _assert_rows(lookup_times(2_000))
    scenario = changed_scenario(load_scenario("minimal_day"), hours=1.0)
    rows = thermal_work(prepare(scenario)[1], 60)
    _assert_rows(rows)
    upper = dict((row[0], row[1]) for row in rows)
    whole = upper["whole kernels of all kinds with a temperature"]
    assert whole >= sum(us for name, us in upper.items() if name.startswith("of them")) * (1.0 - 1e-9)


def test_the_gain_of_threads_is_measured_for_each_batch_kernel() -> None:
    rows = parallel_gains((1_000,), 1)
    gains = [row for row in rows if row[2] == "times"]
    assert len(gains) == 8
    _assert_rows(gains)


def test_benchmarks_list_the_hooks() -> None:
    from benchmarks.__main__ import BENCHMARKS

    assert {"elementary_kernels", "thermal_steps", "parallel_kernels"} <= BENCHMARKS.keys()


def test_a_missed_bar_ends_in_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    met = Measured("a", 1.0, "us", 2.0, "<=")
    assert print_figures([met, Measured("b", 1.0, "us")]) == 0
    assert print_figures([met, Measured("hit rate", 69.0, "%", 70.0, ">=")]) == 1
    assert "MISSED" in capsys.readouterr().out


if __name__ == "__main__":
    sys.exit(main())
