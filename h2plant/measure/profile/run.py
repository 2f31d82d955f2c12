"""A run that is profiled: the compiled loop call by call, its look-ups by sampling, Python by cProfile."""

from __future__ import annotations

import cProfile
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from h2plant.config.scenario import Scenario
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.core.kernel_cache import missing_from_cache
from h2plant.measure.profile.lookups import STEPS_EACH, LookUps, count_and_time
from h2plant.measure.profile.loop_timing import ProfilingEngine, Share, advance_timed
from h2plant.measure.profile.python_side import PythonShare, PythonSide, as_data
from h2plant.measure.profile.report import markdown
from h2plant.results import Results
from h2plant.results.folder import PROFILE_CALLS, PROFILE_DATA, PROFILE_REPORT, write_beside
from h2plant.session.execution import execute
from h2plant.session.session import make_engine
from h2plant.simulation.engine import Engine, SimulationFailure, Snapshot, snapshot
from h2plant.simulation.program import IN_INTERVAL, Program

_ONE_IN = 4
"""Of the states at which the run tells its progress, one in so many is kept to count look-ups from: 25 in all."""

MEMORY_TARGET_MB = 300.0
N_FUNCTIONS = 15


class _Watch:
    """Makes the engine, and keeps states spread over the run."""

    def __init__(
        self,
        n_steps: int,
        on_progress: Callable[[int], None] | None,
        on_ready: Callable[[Program], None] | None,
    ) -> None:
        self._n_steps = n_steps
        self.engine: Engine | None = None
        self.program: Program | None = None
        self.snapshots: list[Snapshot] = []
        self.is_first = False
        self._n_reported = 0
        self._on_progress = on_progress
        self._on_ready = on_ready

    def make(self, name: str, program: Program) -> Engine:
        self.engine = ProfilingEngine(program) if name == "optimized" else make_engine(name, program)
        return self.engine

    def ready(self, program: Program) -> None:
        self.program = program
        if self._on_ready is not None:
            self._on_ready(program)

    def progress(self, done: int) -> None:
        """Keep one state in so many: a run tells its progress about a hundred times."""
        assert self.program is not None
        is_fit = self.program.arrays.counters[IN_INTERVAL] == 0 and done + STEPS_EACH <= self._n_steps
        if isinstance(self.engine, ProfilingEngine) and self._n_reported % _ONE_IN == 0 and is_fit:
            self.snapshots.append(snapshot(self.program))
        self._n_reported += 1
        if self._on_progress is not None:
            self._on_progress(done)


def profiled(
    scenario: Scenario,
    engine: str = "optimized",
    out: Path | str | None = None,
    on_progress: Callable[[int], None] | None = None,
    on_ready: Callable[[Program], None] | None = None,
) -> Results:
    """Run a scenario as ``execute`` does and write ``profile.md``, ``profile.json``, ``profile.prof`` with its results.

    Raises
    ------
    PlantError, ResultsError, SimulationFailure
        As ``execute``; a run that failed or was interrupted has its profile as well.
    """
    before_s = time.process_time()  # the interpreter and what it imported
    n_steps = round(scenario.hours * 3600.0 / scenario.step_s)
    watch = _Watch(n_steps, on_progress, on_ready)
    watch.is_first = engine == "optimized" and not IS_JIT_DISABLED and missing_from_cache([advance_timed])[0]
    calls = cProfile.Profile()
    try:
        results = calls.runcall(execute, scenario, engine, out, watch.progress, watch.ready, watch.make)
    except (KeyboardInterrupt, SimulationFailure) as stop:
        folder = getattr(stop, "folder", None)
        if folder is not None:
            _write(Results(folder, is_fresh=True), watch, calls, (before_s, time.process_time()))
        raise
    _write(results, watch, calls, (before_s, time.process_time()))
    return results


def _write(results: Results, watch: _Watch, calls: cProfile.Profile, cpu_s: tuple[float, float]) -> None:
    """Write the profile; cpu_s is the processor time before and after the run."""
    python = PythonSide(calls)
    data = _data(results, watch, python, cpu_s)
    write_beside(results.folder, PROFILE_CALLS, python.dump())
    write_beside(results.folder, PROFILE_DATA, json.dumps(data, indent=1) + "\n")
    write_beside(results.folder, PROFILE_REPORT, markdown(data))


def _data(results: Results, watch: _Watch, python: PythonSide, cpu_s: tuple[float, float]) -> dict[str, Any]:
    summary = results.summary
    took = summary["performance"]
    program, engine = watch.program, watch.engine
    assert program is not None
    n_steps = int(took["n_steps"])
    if isinstance(engine, ProfilingEngine):
        shares = engine.shares()
        look_ups = _estimated(count_and_time(program, watch.snapshots), n_steps)
    else:
        shares = _python_shares(python.kinds(), took["loop_cpu_s"])
        look_ups = _measured(python.reference_look_ups(), n_steps)
    loop_s = sum(share.seconds for share in shares)
    return {
        "format": 1,
        "scenario": summary["scenario"],
        "engine": summary["engine"],
        "hours": summary["hours"],
        "n_components": took["n_components"],
        "n_steps": n_steps,
        "loop_s": loop_s,
        "ns_per_component_step": 1e9 * loop_s / max(1, n_steps * took["n_components"]),
        "peak_memory_mb": took["peak_memory_mb"],
        "memory_bar_mb": MEMORY_TARGET_MB,
        "is_first": watch.is_first,
        "log_interval_steps": max(1, round(program.log_every_s / program.step_s)),
        "n_columns": len(program.columns),
        "phases": _phases(took, python, cpu_s, loop_s),
        "groups": _groups(shares, loop_s, program),
        "kinds": [
            {
                "name": share.name,
                "calls_per_step": share.calls / max(1, n_steps),
                "ns_per_call": share.ns_per_call,
                "frac": share.frac,
            }
            for share in shares
        ],
        "look_ups": {
            "is_estimated": isinstance(engine, ProfilingEngine),
            "per_step": sum(row["per_step"] for row in look_ups),
            "frac": sum(row["seconds"] for row in look_ups) / loop_s if loop_s > 0.0 else 0.0,
            "functions": look_ups,
        },
        "python": as_data(python.functions(N_FUNCTIONS)),
        "python_version": platform.python_version(),
    }


def _phases(
    took: dict[str, Any], python: PythonSide, cpu_s: tuple[float, float], loop_s: float
) -> list[dict[str, Any]]:
    """Return the parts of the whole command in order of time: name, processor time in s."""
    profiling_s = python.cumulative_s("measure/profile/loop_timing.py", "_overhead_ticks")
    profiling_s += max(0.0, took["loop_cpu_s"] - loop_s)
    named = {
        "interpreter and imports": cpu_s[0],
        "read, check and lower the plant": (
            python.cumulative_s("session/session.py", "load_run") + python.cumulative_s("session/session.py", "program")
        ),
        "import CoolProp": python.cumulative_s("core/properties/equation_of_state.py", "coolprop"),
        "compile, or load compiled code": took["compile_s"],
        "loop": loop_s,
        "clocks of the profile": profiling_s,
        "write the log": took["log_cpu_s"],
        "ledger, key figures, end of the files": (
            python.cumulative_s("results/folder.py", "commit") + python.cumulative_s("results/summary.py", "summarise")
        ),
    }
    named["the rest"] = max(0.0, cpu_s[1] - sum(named.values()))
    return [{"name": name, "seconds": seconds} for name, seconds in named.items()]


def _groups(shares: list[Share], loop_s: float, program: Program) -> list[dict[str, Any]]:
    """Return the loop's time by group: components, dispatch, log, series, signals, events."""
    seconds: dict[str, float] = {}
    kinds = {kind.name: kind for kind in program.kinds}
    for share in shares:
        group = share.name.strip("[]")
        if not share.name.startswith("["):
            kind = kinds[share.name.removesuffix(" (emit)")]
            is_dispatch = kind.step.__module__.startswith("h2plant.dispatch")
            group = "dispatch" if is_dispatch else "components"
        seconds[group] = seconds.get(group, 0.0) + share.seconds
    ordered = sorted(seconds.items(), key=lambda item: -item[1])
    return [{"name": name, "seconds": s, "frac": s / loop_s if loop_s > 0.0 else 0.0} for name, s in ordered]


def _python_shares(kinds: list[PythonShare], loop_s: float) -> list[Share]:
    """Return the kinds as cProfile saw them, and what is left of the loop's time."""
    rows = [Share(row.name, row.calls, row.cumulative_s, row.cumulative_s / loop_s) for row in kinds]
    rest_s = max(0.0, loop_s - sum(row.seconds for row in rows))
    rows.append(Share("[series, sums, log, calls]", 0, rest_s, rest_s / loop_s))
    return sorted(rows, key=lambda row: -row.seconds)


def _estimated(rows: list[LookUps], n_steps: int) -> list[dict[str, Any]]:
    return [
        {"name": r.name, "per_step": r.per_step, "ns": r.ns, "seconds": 1e-9 * r.ns * r.per_step * n_steps}
        for r in rows
    ]


def _measured(rows: list[PythonShare], n_steps: int) -> list[dict[str, Any]]:
    return [
        {
            "name": r.name,
            "per_step": r.calls / max(1, n_steps),
            "ns": 1e9 * r.cumulative_s / max(1, r.calls),
            "seconds": r.cumulative_s,
        }
        for r in rows
    ]
