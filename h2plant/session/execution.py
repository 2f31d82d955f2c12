"""A run from a scenario to results: the log goes to disk as it comes, and the folder appears when all is done."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from h2plant.config.bundled import PLANTS, SCENARIOS
from h2plant.config.load import load_plant
from h2plant.config.scenario import Scenario, changed_scenario, load_scenario
from h2plant.core.properties.equation_of_state import coolprop
from h2plant.core.real_path import real_path
from h2plant.economics.settings import read_settings
from h2plant.plant.graph import Plant
from h2plant.results import Results
from h2plant.results.folder import LogWriter, ResultsError, reserved
from h2plant.results.leftover import has_checkpoint, resumable_of
from h2plant.session.checkpoint import Checkpoints, Given, Running
from h2plant.session.conclusion import Missing, conclude, log_writer
from h2plant.session.history import record_run
from h2plant.session.identity import identity_of
from h2plant.session.interrupt import Interrupts, StopAtOnce
from h2plant.session.session import Session, make_engine, prepare
from h2plant.simulation.engine import Engine
from h2plant.simulation.program import Program
from h2plant.simulation.step_keeper import N_KEPT

__all__ = ["execute", "load", "prepare", "run", "stream_to"]
"""``prepare`` stands in the documentation of 0.1.0 under this module's old path."""


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


def execute(
    scenario: Scenario,
    engine: str = "optimized",
    out: Path | str | None = None,
    on_progress: Callable[[int], None] | None = None,
    on_ready: Callable[[Program], None] | None = None,
    make: Callable[[str, Program], Engine] | None = None,
    is_held: bool = False,
    audit_steps: int = N_KEPT,
    checkpoint_every_s: float | None = None,
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
    audit_steps
        Single steps to keep for the audit; 0: none, and the audit looks at sums alone.
    checkpoint_every_s
        Time of the run between checkpoints, from which ``resume`` goes on, s; None: one a minute of computing;
        ``math.inf``: none.

    Raises
    ------
    PlantError
        Findings in plant, scenario or series.
    ResultsError
        The folder cannot be written, or another run is writing it.
    SimulationFailure
        A component stopped the run; the results so far are in ``failure.folder``.
    """
    session = Session(scenario, engine=engine, make=make or make_engine)
    Told(on_progress, on_ready).ready(session.program)
    with reserved(out, scenario.name, is_held) as folder, Interrupts(session.engine) as interrupts:
        if engine == "baseline":
            interrupts.defer(coolprop)  # an exception in the midst of its import would abort the process
        session.begin()
        # an engine of its own measures its own steps
        session.keep_steps(audit_steps if make is None else 0)
        interrupts.is_deferred = True
        writer = log_writer(session, folder, scenario)
        if make is None:
            given = given_of(scenario, engine, audit_steps, checkpoint_every_s)
            keep_checkpoints(session, writer, given)
        return run_to_end(session, writer, scenario, on_progress, is_recorded=make is None)


class Told(NamedTuple):
    """Who is told how a run gets on.

    Attributes
    ----------
    on_progress
        Takes the number of steps done.
    on_ready
        Takes the program before its first step.
    """

    on_progress: Callable[[int], None] | None = None
    on_ready: Callable[[Program], None] | None = None

    def ready(self, program: Program) -> None:
        """Tell that a program is ready to run."""
        if self.on_ready is not None:
            self.on_ready(program)


def given_of(
    scenario: Scenario,
    engine: str,
    audit_steps: int,
    checkpoint_every_s: float | None,
    n_years: int = 0,
    input_years: Sequence[int] = (),
) -> Given:
    """Return what a run is asked for, as its checkpoints keep it."""
    source = str(real_path(scenario.plant)) if isinstance(scenario.plant, Path) else scenario.plant
    if scenario.file is not None:
        is_bundled = scenario.file.parent in (PLANTS, SCENARIOS)
        source = scenario.file.stem if is_bundled else str(real_path(scenario.file))
    return Given(
        source=source,
        name=scenario.name,
        start=scenario.start,
        hours=scenario.hours,
        step_s=scenario.step_s,
        log_every_s=scenario.log_every_s,
        overrides=dict(scenario.overrides),
        timezone=scenario.timezone,
        engine=engine,
        audit_steps=audit_steps,
        checkpoint_every_s=checkpoint_every_s,
        n_years=n_years,
        input_years=tuple(input_years),
        called=scenario.source,
        written=dict(scenario.written),
    )


def keep_checkpoints(session: Session, writer: LogWriter, given: Given) -> None:
    """Let a run keep checkpoints."""

    @functools.cache
    def identity() -> dict[str, Any]:
        return identity_of(session.loaded, session.program, session.engine_name, {"": session.series})

    session.engine.checkpoints = Checkpoints(Running(session, writer), given, identity)


def run_to_end(
    session: Session,
    writer: LogWriter,
    scenario: Scenario,
    on_progress: Callable[[int], None] | None,
    is_recorded: bool,
) -> Results:
    """Run what is left of a scenario and write its results; see ``execute``.

    Parameters
    ----------
    session, writer
        Where the run stands, and what has its log so far.
    scenario
        As it is named in the results.
    on_progress
        Takes the number of steps done in all.
    is_recorded
        Whether it is kept in the history of runs.
    """
    missing, first = Missing(), session.step_number
    try:
        if on_progress is not None:
            on_progress(first)
        report = None if on_progress is None else lambda done: on_progress(first + done)
        stopped = stream_to(session, writer, session.n_steps - first, missing, report)
        done = conclude(session, writer, scenario, stopped, missing, session.took)
    except BaseException as error:
        writer.abandon()
        if has_checkpoint(writer.partial):
            error.resumable = writer.folder  # type: ignore[attr-defined]
        elif isinstance(error, KeyboardInterrupt):
            error.resumable = None  # type: ignore[attr-defined]
        raise
    if is_recorded:
        record_run(done.summary, scenario)
    if stopped is not None:
        stopped.folder = done.folder  # type: ignore[attr-defined]
        if isinstance(stopped, KeyboardInterrupt):
            is_resumable = resumable_of(done.folder) is not None
            stopped.resumable = done.folder if is_resumable else None  # type: ignore[attr-defined]
        raise stopped
    return Results(done.folder, is_fresh=True)


def stream_to(
    session: Session,
    writer: LogWriter,
    n_steps: int,
    missing: Missing,
    on_progress: Callable[[int], None] | None = None,
) -> BaseException | None:
    """Run steps whose log goes to a writer; returns what ended them early: what was done is written all the same.

    Raises
    ------
    StopAtOnce, ResultsError
        Nothing is to be kept; or there is no place for it.
    """
    try:
        session.stream(n_steps, writer.write, on_progress)
    except (StopAtOnce, ResultsError):
        raise
    except (KeyboardInterrupt, Exception) as stop:
        missing.attempt("the last log interval", lambda: session.engine.finish(writer.write))
        return stop
    return None


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
    audit_steps: int = N_KEPT,
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
    audit_steps
        Single steps to keep for the audit.
    """
    changed = changed_scenario(load_scenario(scenario), hours, start, step_s, log_every_s, set)
    return execute(changed, engine, out, on_progress, audit_steps=audit_steps)
