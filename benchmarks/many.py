"""Many plant-years of the reference plant: threads, cores and workers against one, as ratios taken in one run.

``python -m benchmarks.many`` (``make bench-many``) prints each figure beside its bar and exits with 1 on a miss. Other
work on a machine takes time from both sides of a ratio, so each side is taken several times in turn, and bars stand
beside figures from which the time is taken out that a thread was ready to run and another program had its core.

``--plant-years 200`` runs the Dask measurement at full length (some seven minutes on two cores).
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from h2plant.config.scenario import load_scenario
from h2plant.measure.bench.machine import describe
from h2plant.measure.measured import Measured, measured_table
from h2plant.session.execution import execute
from h2plant.session.session import load_run
from h2plant.studies.backends.backend import Backend, ThreadBackend
from h2plant.studies.study import Study
from h2plant.studies.study.design import Design
from h2plant.studies.study.distribution import Distribution
from h2plant.studies.study.output import Output
from h2plant.studies.study.parameter import Parameter
from h2plant.studies.study.prepared import Job, PreparedStudy
from h2plant.studies.study.run import points_of, run_study

ROUNDS = 3


def study_of(n: int, hours: float) -> Study:
    """Return a study of the reference plant: n sizes of the wind farm, each a run of its own."""
    scenario = replace(load_scenario("test_full_year"), hours=hours)
    size = Parameter("size", "wind.capacity_mw", distribution=Distribution("uniform", {"low": 20.0, "high": 40.0}), n=n)
    outputs = (
        Output("hydrogen_made_kg", "figure", "hydrogen_made_kg"),
        Output("hydrogen_cost_eur_per_kg", "figure", "hydrogen_cost_eur_per_kg"),
        Output("low_pa", "column", "lp_tanks.pressure_pa", "quantile", 0.05),
        Output("mean_w", "column", "grid.import_w", "mean"),
    )
    return Study("bench", scenario, (size,), outputs, Design("grid"))


class Times(NamedTuple):
    """Of a number of jobs: wall time, the same without what other programs took, time of the loops; all s."""

    wall_s: float
    own_s: float
    loop_s: float


def go(backend: Backend, prepared: PreparedStudy, jobs: Sequence[Job]) -> Times:
    """Return the times of jobs; what others took is known of threads on Linux alone."""
    began = time.perf_counter()
    found = []
    waits: dict[int, float] = {}
    for outcome in backend.outcomes(prepared, jobs):
        found.append(outcome)
        for thread in threading.enumerate():  # those that run jobs end with the last of them
            if thread.name.startswith("h2plant-member") and thread.native_id is not None:
                waits[thread.native_id] = waited_of_s(thread.native_id)
    wall_s = time.perf_counter() - began
    own_s = wall_s - (sum(waits.values()) / len(waits) if waits else 0.0)
    failed = [o.reason for o in found if o.is_failed]
    if failed:
        raise SystemExit(failed[0])
    return Times(wall_s, own_s, sum(o.loop_s for o in found))


def waited_of_s(native_id: int) -> float:
    """Return how long a thread has been ready to run while other programs had its core, s (0 if untold)."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        text = Path(f"/proc/self/task/{native_id}/schedstat").read_text(encoding="ascii")
        return int(text.split()[1]) * 1e-9
    return 0.0


def threads(hours: float) -> Iterator[Measured]:
    """Yield what two threads do over one."""
    study = study_of(4, hours)
    prepared = PreparedStudy(study)
    jobs = prepared.jobs(points_of(study))
    go(ThreadBackend(1), prepared, jobs[:1])  # loads the kernels
    goes = [(go(ThreadBackend(1), prepared, jobs), go(ThreadBackend(2), prepared, jobs)) for _ in range(ROUNDS)]
    own = statistics.median(one.own_s / two.own_s for one, two in goes)
    yield Measured("two threads over one, without what other programs took of the cores", own, "times", 1.8, ">=")
    wall = min(one.wall_s for one, _ in goes) / min(two.wall_s for _, two in goes)
    yield Measured("the same by wall time, fastest goes", wall, "times")
    loop = statistics.median(one.loop_s / two.loop_s for one, two in goes)
    yield Measured("loop on one thread over loop on two, processor time", loop, "times")


def overhead(hours: float) -> Iterator[Measured]:
    """Yield what a scenario costs beside its loop, and against a run by itself."""
    study = study_of(3, hours)
    with tempfile.TemporaryDirectory() as folder:
        scenario = study.scenario
        execute(scenario, out=Path(folder) / "warm")
        ratios, rests = [], []
        for k in range(ROUNDS):
            began = time.process_time()
            results = execute(scenario, out=Path(folder) / f"single{k}")
            single_s, took = time.process_time() - began, results.summary["performance"]
            began = time.process_time()
            run = run_study(study, Path(folder) / f"sweep{k}", backend=ThreadBackend(1))
            each_s = (time.process_time() - began) / len(run.outcomes)
            ratios.append((single_s / each_s, (took["loop_cpu_s"] + took["log_cpu_s"]) / each_s))
            rests.append(each_s - sum(o.loop_s for o in run.outcomes) / len(run.outcomes))
    prepared = PreparedStudy(study)
    changes = prepared.jobs(points_of(study))[0].changes
    began = time.thread_time()
    for _ in range(100):
        prepared.program_of(changes)
    made_s = (time.thread_time() - began) / 100
    began = time.thread_time()
    load_run(scenario).program()
    lowered_s = time.thread_time() - began
    whole, loops = (statistics.median(r[k] for r in ratios) for k in (0, 1))
    yield Measured("throughput per core over that of `h2plant run`, all its work", whole, "times", 1.0, ">=")
    yield Measured("throughput per core over that of its loop and log alone", loops, "times", 0.95, ">=")
    yield Measured("processor time of a scenario beside its loop", 1e3 * statistics.median(rests), "ms")
    yield Measured("program of a scenario, patched", 1e3 * made_s, "ms")
    yield Measured("the same read, checked and lowered anew", 1e3 * lowered_s, "ms")


def dask(hours: float, n: int) -> Iterator[Measured]:
    """Yield what Dask costs over threads, and over the loops alone, with two workers on this machine."""
    import psutil

    from h2plant.studies.backends.dask import DaskBackend

    study = study_of(n, hours)
    prepared = PreparedStudy(study)
    jobs = prepared.jobs(points_of(study))
    backend = DaskBackend(2)
    try:
        go(backend, prepared, jobs[:4])  # loads the kernels in the workers
        here = psutil.Process()
        everyone = [here, *here.children(recursive=True)]
        before = sum(sum(p.cpu_times()[:2]) for p in everyone)
        wall_s, _, loop_s = go(backend, prepared, jobs)
        spent_s = sum(sum(p.cpu_times()[:2]) for p in everyone) - before
    finally:
        backend.close()
    m = max(4, min(n, 40))
    began = time.process_time()
    threads_s, _, threads_loop_s = go(ThreadBackend(2), prepared, jobs[:m])
    threads_spent_s = (time.process_time() - began) * n / m
    overhead = 100.0 * (spent_s / threads_spent_s - 1.0)
    yield Measured(f"Dask over threads, processor time of all processes, {n} runs", overhead, "%", 5.0)
    yield Measured("the same by wall time", 100.0 * (wall_s * m / n / threads_s - 1.0), "%")
    yield Measured("Dask over the loops alone, processor time", 100.0 * (spent_s / loop_s - 1.0), "%")
    yield Measured("loop in a worker over that in a thread", loop_s * m / n / threads_loop_s, "times")
    yield Measured("plant-years per hour and core, by processor time", n * hours / 8760.0 * 3600.0 / spent_s, "1/h")


def main() -> None:
    """Measure, print, and tell by the exit code whether all bars are met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many", description=__doc__)
    parser.add_argument("--plant-years", type=int, default=12, help="length of the Dask measurement (default: 12)")
    parser.add_argument("--hours", type=float, default=8760.0, help="length of a run (default: a year)")
    given = parser.parse_args()
    console = Console(highlight=False, width=110)
    console.print(describe())
    is_met = True
    for title, figures in (
        ("threads", threads(given.hours)),
        ("a scenario", overhead(given.hours)),
        ("Dask, a cluster of two workers on this machine", dask(given.hours, given.plant_years)),
    ):
        found = list(figures)
        is_met = is_met and all(figure.is_met for figure in found)
        console.print(measured_table(title, found))
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
