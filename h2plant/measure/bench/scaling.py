"""How the year scales with threads: as an ensemble of plants, and as one plant split over threads."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from h2plant.config.scenario import Scenario
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.measure.bench.figures import Figure, n_steps
from h2plant.measure.bench.machine import waited_s
from h2plant.measure.bench.split import meeting_ns, run_split, share_out, tick_ns
from h2plant.measure.profile.loop_timing import FIRST_ENTRY, ProfilingEngine
from h2plant.plant.check import step_edges
from h2plant.plant.graph import Plant
from h2plant.session.ensemble import run_ensemble
from h2plant.session.execution import prepare
from h2plant.simulation.engine import Event
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from h2plant.simulation.program import FloatArray, IntArray, Program, copy_program
from h2plant.simulation.warm_up import available_cores

THREADS = (1, 2, 4, 8)
EFFICIENCY_BAR = 0.75
SPLIT_STEPS = 1440
SPLIT_GOES = 3
"""Goes of the split plant in a round."""
_PROFILES = 5


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
class SplitPoint:
    """One plant split over threads.

    Attributes
    ----------
    n_threads
        Threads that share each step.
    step_us
        Time of a step: the least over the rounds of each step, so that other programs do not count; mean over steps.
    speed_up
        Time of a step in the plain loop over it.
    bound_speed_up
        At most, if what one thread writes were seen by the others at once.
    n_handed
        Times within a step that a thread waits for another's component.
    is_measured
        Whether the machine has the cores; else step_us and speed_up are NaN.
    """

    n_threads: int
    step_us: float
    speed_up: float
    bound_speed_up: float
    n_handed: int
    is_measured: bool


@dataclass(frozen=True)
class OnePlant:
    """Why one plant does not scale: what its step is made of, and what meeting costs."""

    loop_step_us: float
    critical_path_us: float
    alone_us: float
    n_levels: int
    meeting_ns: float
    points: list[SplitPoint]


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
    one_plant: OnePlant

    @property
    def worst_efficiency_frac(self) -> float:
        """The least efficiency of the ensemble over the measured counts of threads."""
        return min(point.own_efficiency_frac for point in self.ensemble)

    @property
    def is_met(self) -> bool:
        """Whether the ensemble meets the bar on the cores there are."""
        return self.worst_efficiency_frac >= EFFICIENCY_BAR

    def figures(self) -> Iterator[Figure]:
        """Yield what the checklist asks for."""
        most = self.ensemble[-1]
        yield Figure("least efficiency of the ensemble", self.worst_efficiency_frac, "1", EFFICIENCY_BAR, ">=")
        yield Figure(f"wall time of {most.n_threads} plants on {most.n_threads} threads", most.wall_s, "s")
        split = [point.speed_up for point in self.one_plant.points if point.is_measured]
        if split:
            yield Figure("one plant, best split", max(split), "times")


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
    plant, program = prepare(scenario)
    n = n_steps(scenario)
    lock_frac = outside_the_loop_frac(program, n)
    measured = [k for k in counts if k <= n_cores]
    time_ensemble(program, 1, min(n, 10))  # whatever is to be loaded
    rounds: list[dict[int, tuple[float, float, float]]] = []
    for k in range(n_rounds):
        on_progress(f"ensemble, round {k + 1} of {n_rounds}")
        rounds.append({count: time_ensemble(program, count, n) for count in measured})
    on_progress("one plant split over threads")
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
        measure_one_plant(plant, program, counts, n_cores, min(n, SPLIT_STEPS), SPLIT_GOES * n_rounds),
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


def measure_one_plant(
    plant: Plant, program: Program, counts: Sequence[int], n_cores: int, n: int, n_goes: int
) -> OnePlant:
    """Split one plant over threads and time its step.

    Parameters
    ----------
    plant, program
        What is split; its states and totals are compared bit for bit with those of the one loop.
    counts
        Counts of threads.
    n_cores
        Cores that can be used.
    n
        Steps of each go.
    n_goes
        Goes, of which each step's least time counts.
    """
    before = steps_before(plant, program)
    ns_per_tick = tick_ns()
    cost_ns, alone_ns = component_costs(program, n, ns_per_tick)
    order = list(dict.fromkeys(program.arrays.schedule_component.tolist()))
    to_end: dict[int, float] = {}
    level: dict[int, int] = {}
    for component in order:
        earlier = before[component]
        to_end[component] = cost_ns[component] + max((to_end[c] for c in earlier), default=0.0)
        level[component] = 1 + max((level[c] for c in earlier), default=0)
    critical_ns = max(to_end.values())
    meeting = min(meeting_ns(2, ns_per_tick) for _ in range(3)) if n_cores > 1 else float("nan")
    hop_ns = meeting if n_cores > 1 else 100.0

    several = [count for count in counts if count > 1]
    shares = {count: share_out(program, cost_ns, before, count, hop_ns) for count in several}
    least: dict[int, IntArray] = {}
    loop_s = np.inf
    for _ in range(n_goes):
        reference = _begun(program)
        began = time.thread_time()
        reference.run(n)
        loop_s = min(loop_s, time.thread_time() - began)
        for count in (c for c in several if c <= n_cores):
            engine = _begun(program)
            engine.size_log(1 + n // engine.steps_per_log)
            ticks = run_split(engine.program, shares[count], n, engine.steps_per_log)
            _require_same(engine.program, reference.program, n % engine.steps_per_log == 0)
            least[count] = np.minimum(least[count], ticks) if count in least else ticks
    loop_us = loop_s / n * 1e6
    points = []
    whole_ns = sum(cost_ns) + alone_ns
    for count in several:
        bound = whole_ns / (alone_ns + max(critical_ns, sum(cost_ns) / count))
        step_us = float(least[count].mean()) * ns_per_tick * 1e-3 if count in least else float("nan")
        n_handed = sum(int(np.count_nonzero(share.needs)) for share in shares[count])
        points.append(SplitPoint(count, step_us, loop_us / step_us, bound, n_handed, count in least))
    return OnePlant(loop_us, critical_ns * 1e-3, alone_ns * 1e-3, max(level.values()), meeting, points)


def _begun(program: Program) -> SimulationEngineOptimized:
    engine = SimulationEngineOptimized(copy_program(program))
    engine.begin()
    engine.advance(0)
    return engine


def _require_same(split: Program, reference: Program, is_closed: bool) -> None:
    """Raise if the split plant differs in a bit (but for the slot by which events report their amounts)."""
    names = ("memory", "bus", *(("totals",) if is_closed else ()))
    for name in names:
        one, other = (np.delete(getattr(p.arrays, name), EVENT_AMOUNT) for p in (split, reference))
        if name == "memory":
            one, other = split.arrays.memory, reference.arrays.memory
        if one.tobytes() != other.tobytes():
            raise AssertionError(f"{split.name}: split over threads, '{name}' differs from the one loop")


def steps_before(plant: Plant, program: Program) -> dict[int, set[int]]:
    """Return, for each component, those that must step before it for the same result.

    Those whose values it reads within the step; and of two with a lagged link between them the one that stands
    first in the schedule, so that the other does not write what is still to be read.
    """
    index = {id_: i for i, id_ in enumerate(program.component_ids)}
    place = {c: k for k, c in enumerate(program.arrays.schedule_component.tolist())}
    before: dict[int, set[int]] = {i: set() for i in index.values()}
    for writer, readers in step_edges(plant.components, plant.links).items():
        for reader in readers:
            before[index[reader]].add(index[writer])
    for link in plant.links:
        if not link.is_series and (plant.port(link.source).is_lagged or plant.port(link.target).is_lagged):
            ends = index[link.source.component], index[link.target.component]
            first, second = sorted(ends, key=place.__getitem__)
            if first != second:
                before[second].add(first)
    return before


def component_costs(program: Program, n: int, ns_per_tick: float) -> tuple[list[float], float]:
    """Return the time of a step of each component, and of what belongs to none (series, emits, sums, log), ns.

    The least of some goes for each: the processor's counter goes on while another program has the core.
    """
    per_row = np.full(0, np.inf)
    for k in range(_PROFILES):
        engine = ProfilingEngine(copy_program(program))
        engine.begin()
        engine.run(max(n, 1))
        found = engine.row_ticks() / engine.step_number * ns_per_tick
        per_row = found if k == 0 else np.minimum(per_row, found)
    a = program.arrays
    first = FIRST_ENTRY + a.emit_kind.size
    cost = [0.0] * program.n_components
    for component, ns in zip(a.schedule_component.tolist(), per_row[first:].tolist(), strict=True):
        cost[component] += ns
    return cost, float(per_row[:first].sum())
