"""How the year scales with threads, as an ensemble of plants."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from h2plant.config.scenario import Scenario
from h2plant.measure.bench.figures import n_steps
from h2plant.measure.bench.machine import waited_s
from h2plant.measure.measured import Measured
from h2plant.session.ensemble import run_ensemble
from h2plant.session.session import prepare
from h2plant.simulation.engine import Event
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from h2plant.simulation.program import FloatArray, Program, copy_program
from h2plant.simulation.warm_up import available_cores

THREADS = (1, 2, 4, 8)
EFFICIENCY_TARGET = 0.75


@dataclass(frozen=True)
class Point:
    """One count of threads; times are medians over the rounds, ratios are taken within each round.

    Attributes
    ----------
    n_threads
        Threads, and members of the ensemble.
    wall_s
        From the start until the last member is done.
    own_s
        The same without the time that a member's thread waited for a core that another program had.
    processor_s
        Processor time of a member, mean.
    wall_efficiency_frac, own_efficiency_frac, processor_efficiency_frac
        Time of one member on one thread over that of n members on n threads.
    """

    n_threads: int
    wall_s: float
    own_s: float
    processor_s: float
    wall_efficiency_frac: float
    own_efficiency_frac: float
    processor_efficiency_frac: float

    @property
    def speed_up(self) -> float:
        return self.n_threads * self.own_efficiency_frac


@dataclass(frozen=True)
class Scaling:
    """Everything that the report says."""

    scenario: str
    hours: float
    n_steps: int
    n_components: int
    n_rounds: int
    n_cores: int
    lock_frac: float
    ensemble: list[Point]
    not_measured: list[int]

    @property
    def worst_efficiency_frac(self) -> float:
        """The least efficiency of the ensemble over the measured counts of threads."""
        return min(point.own_efficiency_frac for point in self.ensemble)

    @property
    def is_met(self) -> bool:
        """Whether the ensemble meets the bar on the cores there are."""
        return self.worst_efficiency_frac >= EFFICIENCY_TARGET

    def figures(self) -> Iterator[Measured]:
        """Yield what the checklist asks for."""
        most = self.ensemble[-1]
        yield Measured("least efficiency of the ensemble", self.worst_efficiency_frac, "1", EFFICIENCY_TARGET, ">=")
        yield Measured(f"wall time of {most.n_threads} plants on {most.n_threads} threads", most.wall_s, "s")


def measure_scaling(
    scenario: Scenario,
    threads: Sequence[int] = THREADS,
    n_rounds: int = 3,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Scaling:
    """Measure a scenario at several counts of threads.

    Parameters
    ----------
    scenario
        What each member runs.
    threads
        Counts of threads; those beyond the usable cores are not measured. One thread is always measured.
    n_rounds
        Rounds; each takes all counts in turn, so that what others do on the machine falls on all alike.
    on_progress
        Takes a line about what is done now.
    """
    n_cores = available_cores()
    counts = sorted({1, *threads})
    _, program = prepare(scenario)
    n = n_steps(scenario)
    lock_frac = outside_the_loop_frac(program, n)
    measured = [k for k in counts if k <= n_cores]
    time_ensemble(program, 1, min(n, 10))  # whatever is to be loaded
    rounds: list[dict[int, tuple[float, float, float]]] = []
    for k in range(n_rounds):
        on_progress(f"ensemble, round {k + 1} of {n_rounds}")
        rounds.append({count: time_ensemble(program, count, n) for count in measured})
    return Scaling(
        scenario.name,
        scenario.hours,
        n,
        program.n_components,
        n_rounds,
        n_cores,
        lock_frac,
        [_point(count, rounds) for count in measured],
        [count for count in counts if count > n_cores],
    )


def _point(count: int, rounds: list[dict[int, tuple[float, float, float]]]) -> Point:
    times = [statistics.median(r[count][i] for r in rounds) for i in range(3)]
    ratios = [statistics.median(r[1][i] / r[count][i] for r in rounds) for i in range(3)]
    return Point(count, *times, *ratios)


def time_ensemble(program: Program, n_threads: int, n: int) -> tuple[float, float, float]:
    """Run n_threads copies in as many threads; returns wall, own and processor time, s (as in ``Point``)."""
    began: dict[int, tuple[float, float]] = {}
    ended: dict[int, tuple[float, float]] = {}

    def factory(index: int) -> Callable[[], Program]:
        copy = copy_program(program)

        def given() -> Program:
            began[index] = time.perf_counter(), waited_s()
            return copy

        return given

    def on_log(index: int, _rows: FloatArray, _events: list[Event]) -> None:
        ended[index] = time.perf_counter(), waited_s()

    factories = [factory(index) for index in range(n_threads)]
    first = time.perf_counter()
    members = list(run_ensemble(factories, n_threads, n, on_log))
    wall = time.perf_counter() - first
    for member in members:
        if member.error is not None:
            raise member.error
    own = max(ended[i][0] - began[i][0] - (ended[i][1] - began[i][1]) for i in range(n_threads))
    return wall, own, statistics.fmean(member.loop_s for member in members)


def outside_the_loop_frac(program: Program, n: int) -> float:
    """Return the share of a run's processor time that is Python: buffers handed on, calls entered (lock held)."""
    engine = SimulationEngineOptimized(copy_program(program))
    engine.begin()
    engine.advance(0)
    in_loop, n_calls = 0.0, 0
    plain_advance = engine.advance

    def advance(n_here: int) -> int:
        nonlocal in_loop, n_calls
        before = time.thread_time()
        done = plain_advance(n_here)
        in_loop += time.thread_time() - before
        n_calls += 1
        return done

    before = time.thread_time()
    for _ in range(1000):
        plain_advance(0)
    call_s = (time.thread_time() - before) / 1000.0
    engine.advance = advance  # type: ignore[method-assign,assignment]
    before = time.thread_time()
    engine.run(n, lambda _rows, _events: None)
    whole = time.thread_time() - before
    return (whole - in_loop + n_calls * call_s) / whole
