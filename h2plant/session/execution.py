"""A run from a scenario to results: load, check, lower, run, book, write."""

from __future__ import annotations

import contextlib
import datetime
import math
import platform
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from h2plant.config.load import load_plant
from h2plant.config.scenario import Scenario, check_scenario, load_scenario, load_scenario_plant
from h2plant.config.series import Series
from h2plant.config.series_entry import parse_time
from h2plant.config.series_reader import load_series
from h2plant.core.properties.equation_of_state import coolprop
from h2plant.economics.settings import read_settings
from h2plant.planning.rolling import plan_ahead
from h2plant.plant.finding import Finding, PlantError, raise_errors
from h2plant.plant.graph import Plant
from h2plant.results import Results
from h2plant.results.figures import ECONOMIC_FIGURES, own_figures
from h2plant.results.folder import LogWriter, ResultsError, reserved
from h2plant.results.ledger import Bookkeeper, Ledger, no_ledger
from h2plant.results.run_economics import RunEconomics, appraise_run
from h2plant.results.summary import summarise
from h2plant.results.totals import Totals
from h2plant.results.validity import Fault, as_dicts, faults, unsourced_power
from h2plant.session.history import record_run
from h2plant.session.record import new_run_id
from h2plant.simulation.engine import Engine, Event, SimulationFailure
from h2plant.simulation.lower import lower
from h2plant.simulation.program import FloatArray, Program

ENGINES = ("optimized", "baseline")


def make_engine(name: str, program: Program) -> Engine:
    """Return the engine of that name ('optimized' or 'baseline') for a program."""
    if name == "optimized":
        from h2plant.simulation.manager_optimized import SimulationEngineOptimized

        return SimulationEngineOptimized(program)
    if name == "baseline":
        from h2plant.simulation.manager import SimulationEngine

        return SimulationEngine(program)
    raise ValueError(f"no engine {name!r}; there are {', '.join(ENGINES)}")


def load(plant: str | Path, set: Mapping[str, float | str] | None = None) -> Plant:
    """Load and check a plant: a bundled one by name, or a YAML file.

    Raises
    ------
    PlantError
        All findings at once, each with file, line, what is wrong and how to mend it.
    """
    loaded = load_plant(plant, set)
    read_settings(loaded, {key: value for key, value in (set or {}).items()})
    return loaded


def load_run(scenario: Scenario) -> tuple[Plant, dict[str, Series]]:
    """Load and check what a scenario needs.

    Raises
    ------
    PlantError
        All findings at once.
    """
    plant = load_scenario_plant(scenario)
    read_settings(plant, scenario.overrides, scenario.file, scenario.lines)
    series = load_series(plant, scenario.start, scenario.n_seconds, scenario.series, scenario.timezone)
    return plant, series


def prepare(scenario: Scenario) -> tuple[Plant, Program]:
    """Load, check and lower a scenario; a plant that is planned ahead gets its planner."""
    plant, series = load_run(scenario)
    program = lower(plant, series, scenario.step_s, scenario.log_every_s)
    plan_ahead(plant, series, program, scenario.start, scenario.hours)
    return plant, program


def execute(
    scenario: Scenario,
    engine: str = "optimized",
    out: Path | str | None = None,
    on_progress: Callable[[int], None] | None = None,
    on_ready: Callable[[Program], None] | None = None,
    make: Callable[[str, Program], Engine] | None = None,
    is_held: bool = False,
) -> Results:
    """Run a scenario and write its results.

    Parameters
    ----------
    scenario
        What to run.
    engine
        'optimized' or 'baseline'.
    out
        Results folder (default ``results/<scenario>-<n>``, n above all there are); it appears, whole, when the run
        ends, also when the run was interrupted or failed: then with what was done so far, and the summary says so.
        No other run can write it meanwhile.
    on_progress, on_ready
        Take the number of steps done; the lowered program once, before the run.
    make
        Makes the engine of that name (default ``make_engine``); such a run is not like others and stays out of the
        history.
    is_held
        Whether the caller holds the name of the folder (``core.reservation``).

    Raises
    ------
    PlantError
        Findings in plant, scenario or series.
    ResultsError
        The folder cannot be written, or another run is writing it.
    SimulationFailure
        A component stopped the run; the results so far are in ``failure.folder``.
    """
    started = time.perf_counter()
    plant, program = prepare(scenario)
    if on_ready is not None:
        on_ready(program)
    running = (make or make_engine)(engine, program)
    sources = {"plant.yaml": plant.text, "scenario.json": scenario.to_json()}
    n_steps = round(scenario.hours * 3600.0 / scenario.step_s)
    with reserved(out, scenario.name, is_held) as folder, Interrupts(running) as interrupts:
        if engine == "baseline":
            interrupts.defer(coolprop)  # an exception in the midst of its import would abort the process
        compile_started = time.perf_counter()
        running.begin()
        running.advance(0)  # compiles, so that the loop's time is its own
        bookkeeper = Bookkeeper(program, running.content())
        compile_s = time.perf_counter() - compile_started
        interrupts.is_deferred = True
        n_rows = math.ceil(n_steps * scenario.step_s / program.log_every_s) + 1
        writer = LogWriter(folder, program.columns, scenario.start, program.log_every_s, n_rows)
        try:
            if on_progress is not None:
                on_progress(0)
            loop_started, loop_cpu = time.perf_counter(), time.process_time()
            log_cpu_s = 0.0

            def write(rows: FloatArray, events: list[Event]) -> None:
                nonlocal log_cpu_s
                before = time.process_time()
                writer.write(rows, events)
                log_cpu_s += time.process_time() - before

            stopped: BaseException | None = None
            missing = Missing()
            try:
                running.run(n_steps, write, on_progress)
            except (StopAtOnce, ResultsError):  # the latter: there is no place for results
                raise
            except (KeyboardInterrupt, Exception) as stop:
                stopped = stop
                missing.attempt("the last log interval", lambda: running.finish(write))
            loop_s, loop_cpu_s = time.perf_counter() - loop_started, time.process_time() - loop_cpu - log_cpu_s
            ledger = missing.attempt("balances", lambda: bookkeeper.close(running.content()), no_ledger(program))
            hours_done = running.step_number * scenario.step_s / 3600.0
            run_economics = None
            if hours_done > 0.0:
                run_economics = missing.attempt("economics", lambda: appraise_run(plant, program, ledger, hours_done))
            performance = {
                "compile_s": compile_s,
                "loop_s": loop_s,
                "loop_cpu_s": loop_cpu_s,
                "log_cpu_s": log_cpu_s,
                "total_s": time.perf_counter() - started,
                "n_components": program.n_components,
                "n_steps": running.step_number,
                "ns_per_component_step": 1e9 * loop_cpu_s / max(1, running.step_number * program.n_components),
                "peak_memory_mb": peak_memory_mb(),
            }
            if run_economics is not None:
                sources["cash_flow.csv"] = missing.attempt("cash flow", run_economics.appraisal.cash_flow_csv, "none\n")
            summary = run_summary(
                plant, program, scenario, engine, ledger, hours_done, run_economics, stopped, performance, missing
            )
            folder = writer.commit(ledger, summary, sources, scenario.step_s)
        except BaseException:
            writer.abandon()
            raise
        if make is None:
            record_run(summary, scenario)
    if stopped is not None:
        stopped.folder = folder  # type: ignore[attr-defined]
        raise stopped
    return Results(folder, is_fresh=True)


def run_summary(
    plant: Plant,
    program: Program,
    scenario: Scenario,
    engine: str,
    ledger: Ledger,
    hours: float,
    run_economics: RunEconomics | None,
    stopped: BaseException | None,
    performance: Mapping[str, Any],
    missing: Missing | None = None,
) -> dict[str, Any]:
    """Return the summary of a run: what ran, whether its answer holds, key figures, money, residuals, provenance.

    Parameters
    ----------
    run_economics
        None if no time has passed, or if it could not be worked out.
    stopped
        What ended the run early.
    missing
        What could not be worked out so far; what fails here is added. None: a failure is raised.
    """
    attempt = _make if missing is None else missing.attempt
    figures: dict[str, Any] = {}
    if hours > 0.0:
        figures = attempt("key figures", lambda: summarise(plant, program, ledger, hours, run_economics), {})
    if run_economics is not None:
        economics = attempt("economics", run_economics.to_dict, {})
    else:
        economics = {"reasons": dict.fromkeys(ECONOMIC_FIGURES, _why_no_economics(missing))}
    return {
        "scenario": scenario.name,
        "plant": plant.name,
        "engine": engine,
        "is_complete": stopped is None,
        "stopped_by": "" if stopped is None else stopped_by(stopped),
        "not_valid": as_dicts(attempt("validity", lambda: _faults(Totals(program, ledger), stopped, missing), [])),
        "missing": {} if missing is None else missing,
        "start": scenario.start.isoformat(),
        "hours": hours,
        "step_s": scenario.step_s,
        "key_figures": figures,
        "figures": own_figures(plant),
        "economics": economics,
        "planning": {} if program.planning is None else attempt("planning", program.planning.report, {}),
        "residuals": attempt("residuals", lambda: residual_figures(ledger), _NO_RESIDUALS),
        "provenance": attempt("provenance", lambda: _provenance(plant, scenario, program), {}),
        "performance": dict(performance),
    }


def _faults(totals: Totals, stopped: BaseException | None, missing: Missing | None) -> list[Fault]:
    """Return what makes the answer void; balances are judged where they are there and no failure cut a step in two."""
    is_cut = stopped is not None and not isinstance(stopped, KeyboardInterrupt)
    return unsourced_power(totals) if is_cut or "balances" in (missing or ()) else faults(totals)


def _why_no_economics(missing: Missing | None) -> str:
    return "no time has passed" if missing is None else missing.get("economics", "no time has passed")


def _make(_part: str, make: Callable[[], Any], _instead: Any = None) -> Any:
    return make()


class Missing(dict[str, str]):
    """What of a finished run could not be worked out, and why: no run is thrown away for it."""

    def attempt(self, part: str, make: Callable[[], Any], instead: Any = None) -> Any:
        """Return what ``make`` returns; where it fails, ``instead``, and the part is noted with the reason."""
        try:
            return make()
        except Exception as error:
            self[part] = reason_of(error)
            return instead


def reason_of(error: BaseException) -> str:
    """Return why something failed, in a line; with the type of the error where its text is not made for users."""
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    text = " ".join(text.split())
    is_for_users = isinstance(error, PlantError | ResultsError | SimulationFailure)
    return text if is_for_users else f"{type(error).__name__}: {text}"


def stopped_by(stopped: BaseException) -> str:
    """Return what ended a run early, in words."""
    if isinstance(stopped, KeyboardInterrupt):
        return str(stopped) or "interrupted"
    return str(stopped) if isinstance(stopped, PlantError | SimulationFailure) else reason_of(stopped)


class StopAtOnce(KeyboardInterrupt):
    """Ctrl-C while compiling, or for the second time: nothing is kept."""


class Interrupts:
    """Lets Ctrl-C (or a polite kill) end the run between two slices and keep what was done, whole.

    Once ``is_deferred``, the first one is only noted; before that, and the second time, it acts at once.
    """

    def __init__(self, engine: Engine) -> None:
        self.is_deferred = False
        self._engine = engine
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def defer(self, work: Callable[[], object]) -> None:
        """Do a piece of work that must not be interrupted; Ctrl-C acts after it."""
        self.is_deferred = True
        work()
        self.is_deferred = False
        if self._engine.is_stop_requested:
            raise StopAtOnce

    def _stop(self, _signal: int, _frame: object) -> None:
        if not self.is_deferred or self._engine.is_stop_requested:
            raise StopAtOnce
        self._engine.is_stop_requested = True


def run(
    scenario: str | Path = "test_full_year",
    *,
    hours: float | None = None,
    start: datetime.datetime | str | None = None,
    step_s: int | None = None,
    log_every_s: int | None = None,
    engine: str = "optimized",
    out: Path | str | None = None,
    set: Mapping[str, float | str] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Results:
    """Run a scenario or a plant and return its results.

    Parameters
    ----------
    scenario
        Name of a bundled scenario or plant, or path of a scenario or plant file.
    hours, start, step_s, log_every_s
        Replace what the scenario says: span in h, first instant (UTC), step in s, log interval in s.
    engine
        'optimized' (compiled) or 'baseline' (plain Python on CoolProp's equations of state).
    out
        Results folder.
    set
        Parameter changes, ``{"component.parameter": value}``, units by suffix as in YAML.
    on_progress
        Takes the number of steps done.
    """
    changed = changed_scenario(load_scenario(scenario), hours, start, step_s, log_every_s, set)
    return execute(changed, engine, out, on_progress)


def changed_scenario(
    scenario: Scenario,
    hours: float | None = None,
    start: datetime.datetime | str | None = None,
    step_s: int | None = None,
    log_every_s: int | None = None,
    overrides: Mapping[str, float | str] | None = None,
) -> Scenario:
    """Return the scenario with what is given replaced.

    Where the step is given and the log interval is not, the latter becomes the next whole number of steps.

    Raises
    ------
    PlantError
        Times that do not fit together.
    """
    changes: dict[str, Any] = {}
    if hours is not None:
        changes["hours"] = float(hours)
    if start is not None:
        changes["start"] = _instant(start)
    if step_s is not None:
        changes["step_s"] = int(step_s)
    if log_every_s is not None:
        changes["log_every_s"] = int(log_every_s)
    elif step_s is not None and 0 < step_s and scenario.log_every_s % step_s:
        changes["log_every_s"] = int(step_s) * math.ceil(scenario.log_every_s / step_s)
    if overrides:
        changes["overrides"] = {**scenario.overrides, **overrides}
    if changes:
        given = tuple({"log_every_s": "log_every"}.get(key, key) for key in changes)
        lines = {key: line for key, line in scenario.lines.items() if not key.startswith(given)}
        changed = replace(scenario, **changes, lines=lines)
    else:
        changed = scenario
    raise_errors(check_scenario(changed))
    return changed


def _instant(start: datetime.datetime | str) -> datetime.datetime:
    if isinstance(start, str):
        instant = parse_time(start)
        if instant is None:
            remedy = "write ISO 8601, as 2023-06-01 or 2023-06-01T12:00:00Z"
            raise PlantError([Finding("bad-time", "start", f"'{start}' is not a time", remedy)])
        return instant
    return start.replace(tzinfo=datetime.UTC) if start.tzinfo is None else start.astimezone(datetime.UTC)


_NO_RESIDUALS: dict[str, Any] = {"worst_component": "", "worst_relative": None, "plant_relative": {}}


def residual_figures(ledger: Ledger) -> dict[str, Any]:
    """Return the largest relative residual of a component, and those of the plant."""
    relative = np.abs(ledger.relative_residual)
    worst = int(relative.max(axis=1).argmax()) if relative.size else 0
    items = ("h2", "o2", "n2", "h2o", "energy")
    return {
        "worst_component": ledger.component_ids[worst] if ledger.component_ids else "",
        "worst_relative": float(relative.max(initial=0.0)),
        "plant_relative": dict(zip(items, (float(v) for v in ledger.plant_residual), strict=True)),
    }


def _provenance(plant: Plant, scenario: Scenario, program: Program) -> dict[str, Any]:
    import h2plant

    return {
        "run_id": new_run_id(),
        "h2plant": h2plant.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": f"{platform.machine()} {platform.system()}",
        "plant_digest": plant.digest,
        "overrides": {k: str(v) for k, v in scenario.overrides.items()},
        "command": scenario.command(),
        "notes": program.notes,
    }


def peak_memory_mb() -> float:
    """Return the peak resident memory of this process, MB (NaN where the system does not tell)."""
    with contextlib.suppress(
        OSError, StopIteration, ValueError
    ):  # Linux; getrusage counts the starting process as well
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1.024e-3
    try:
        import resource
    except ImportError:
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1e-6 if sys.platform == "darwin" else 1.024e-3)
