"""A plant on its way through a scenario: one object that loads, lowers, plans, runs, counts, and can go back.

Everything that runs a plant does it by a ``Session``, or by a ``ProgramRun`` where there is a lowered program and no
scenario; nothing else lowers plants, makes engines and opens balances.
"""

from __future__ import annotations

import contextlib
import copy
import difflib
import functools
import operator
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from h2plant.audit.steps import Steps, keep_steps, steps_of
from h2plant.config.fault_series import outage_costs, rare_outages
from h2plant.config.scenario import Scenario, changed_scenario, load_scenario, load_scenario_plant
from h2plant.config.series import Series
from h2plant.config.series_reader import load_series_as_digested
from h2plant.core.compiler_pages import release_compiler
from h2plant.economics.settings import (
    Settings,
    contract_notes,
    path_notes,
    rate_notes,
    read_settings,
    unread_notes,
)
from h2plant.planning.rolling import plan_ahead
from h2plant.plant.graph import Plant
from h2plant.results.ledger import Bookkeeper, Ledger
from h2plant.results.results import Results
from h2plant.results.run_economics import RunEconomics, appraise_run
from h2plant.results.totals import Totals
from h2plant.session.conclusion import write_kept
from h2plant.session.interrupt import Interrupts
from h2plant.session.machine import peak_memory_mb
from h2plant.session.snapshot import SessionSnapshot
from h2plant.simulation.engine import Engine, Event, SimulationFailure
from h2plant.simulation.lower import input_notes, lower
from h2plant.simulation.program import IN_INTERVAL, STEP, WRITTEN, FloatArray, Program
from h2plant.simulation.step_keeper import N_KEPT

ENGINES = ("optimized", "baseline")

_BUFFERS = ("log", "event_marks", "event_sizes")
_STATE = tuple(name for name in WRITTEN if name not in _BUFFERS)
_CLOSING = ("totals", "interval_sum", "output_sum", "counters", "status")
"""What closing a log interval and the events under way writes, besides the buffers."""


def make_engine(name: str, program: Program) -> Engine:
    """Return the engine of that name ('optimized' or 'baseline') for a program."""
    if name == "optimized":
        from h2plant.simulation.manager_optimized import SimulationEngineOptimized

        return SimulationEngineOptimized(program)
    if name == "baseline":
        from h2plant.simulation.manager import SimulationEngine

        return SimulationEngine(program)
    raise ValueError(f"no engine {name!r}; there are {', '.join(ENGINES)}")


@dataclass(frozen=True)
class Loaded:
    """What a scenario needs, read and checked, before it is lowered; with ``replace``, variants of it.

    Attributes
    ----------
    scenario
        What is run.
    plant, series
        Its plant, and the plant's series over its span.
    settings
        The plant's economics.
    is_planned
        Whether a plant that is planned ahead gets its planner; else its plan is written by somebody else.
    """

    scenario: Scenario
    plant: Plant
    series: Mapping[str, Series]
    settings: Settings
    is_planned: bool = True

    @property
    def n_steps(self) -> int:
        """Steps of the whole scenario."""
        return round(self.scenario.hours * 3600.0 / self.scenario.step_s)

    @property
    def notes(self) -> list[str]:
        """What is worth knowing of plant and series, such as gaps that were filled, each in a line."""
        of_input = input_notes(self.plant, self.series, self.scenario.step_s)
        return [*of_input, *rare_outages(self.plant, self.scenario.n_seconds)]

    def program(self) -> Program:
        """Return the plant lowered, at its start; one that is planned ahead has its planner.

        Raises
        ------
        PlantError
            It cannot be planned.
        """
        scenario = self.scenario
        program = lower(self.plant, self.series, scenario.step_s, scenario.log_every_s)
        program.outage_costs = outage_costs(self.plant, scenario.start, scenario.n_seconds)
        program.notes = self.notes
        if self.is_planned:
            plan_ahead(self.plant, self.series, program, scenario.start, scenario.hours)
        return program


def load_run(scenario: Scenario) -> Loaded:
    """Load and check what a scenario needs.

    Raises
    ------
    PlantError
        All findings at once.
    """
    plant = load_scenario_plant(scenario)
    settings = read_settings(plant, scenario.overrides, scenario.file, scenario.lines)
    given = scenario.start, scenario.n_seconds, scenario.series, scenario.timezone
    series = load_series_as_digested(plant, *given)
    own_notes = (
        *unread_notes(plant),
        *rate_notes(plant, settings),
        *path_notes(plant, settings),
        *contract_notes(plant),
    )
    plant = replace(plant, notes=(*plant.notes, *own_notes))
    return Loaded(scenario, plant, series, settings)


def prepare(scenario: Scenario) -> tuple[Plant, Program]:
    """Load, check and lower a scenario; a plant that is planned ahead gets its planner."""
    loaded = load_run(scenario)
    return loaded.plant, loaded.program()


class ProgramRun:
    """A program on its way: with the engine that runs it, and what its balances started from.

    Parameters
    ----------
    program
        A lowered plant: at its start, or wherever it stands.
    engine
        'optimized', 'baseline', or what makes an engine for a program.
    """

    def __init__(self, program: Program, engine: str | Callable[[Program], Engine] = "optimized") -> None:
        self.program = program
        self.engine = make_engine(engine, program) if isinstance(engine, str) else engine(program)
        self._keeper: Bookkeeper | None = None

    @property
    def is_begun(self) -> bool:
        """Whether balances are open."""
        return self._keeper is not None

    def begin(self) -> None:
        """Set the initial states, where no step was done yet, compile, and open the balances.

        Raises
        ------
        SimulationFailure
            A component has no state at its parameters.
        """
        if self.program.arrays.counters[STEP] == 0:
            self.engine.begin()
        self.engine.advance(0)  # compiles, so that the loop's time is its own
        release_compiler()
        self.open_balances()

    def open_balances(self) -> None:
        """Let the balances start from here."""
        self._keeper = Bookkeeper(self.program, self.engine.content())

    def opened(self) -> dict[str, FloatArray]:
        """Return what the balances started from, for ``open_again``."""
        assert self._keeper is not None
        return self._keeper.opened()

    def open_again(self, opened: Mapping[str, FloatArray]) -> None:
        """Let the balances start from where those of another run of the same program did."""
        self.open_balances()
        assert self._keeper is not None
        self._keeper.open_again(opened)

    def ledger(self) -> Ledger:
        """Return the balances from where they were opened to now."""
        if self._keeper is None:
            self.open_balances()
        assert self._keeper is not None
        if self.program.arrays.counters[IN_INTERVAL] == 0:
            return self._keeper.close(self.engine.content())
        with self.closed():
            return self._keeper.close(self.engine.content())

    @contextlib.contextmanager
    def closed(self) -> Iterator[tuple[list[FloatArray], list[Event]]]:
        """Close the log interval and the events under way for as long as the block lasts; gives their rows and events.

        Totals count finished intervals only: what is made of them in the midst of one is made in this block.
        """
        kept = {name: getattr(self.program.arrays, name).copy() for name in _CLOSING}
        rows: list[FloatArray] = []
        events: list[Event] = []

        def take(log: FloatArray, found: list[Event]) -> None:
            rows.append(log.copy())
            events.extend(found)

        self.engine.finish(take)
        try:
            yield rows, events
        finally:
            for name, values in kept.items():
                getattr(self.program.arrays, name)[:] = values


class Session(ProgramRun):
    """A run of a scenario, in your hands: load, step, look, keep, go back, go on, write.

    Steps taken one by one, in pieces or all at once leave the same results, bit for bit.

    Parameters
    ----------
    scenario
        Name of a bundled scenario or plant, path of a scenario or plant file, or what ``load_run`` gave.
    hours, start, step_s, log_every_s, set
        Replace what the scenario says: span in h, first instant (UTC), step in s, log interval in s, parameters as
        ``{"component.parameter": value}``, units by suffix as in YAML.
    engine
        'optimized' (compiled) or 'baseline' (plain Python on CoolProp's equations of state).
    make
        Makes the engine of that name.

    Attributes
    ----------
    scenario, plant, series, settings
        What is run: see ``Loaded``.
    program, engine
        The plant lowered, and what runs it.

    Raises
    ------
    PlantError
        All findings in scenario, plant and series at once; or the plant cannot be planned.

    Examples
    --------
    >>> session = h2plant.Session("minimal_day")        # doctest: +SKIP
    >>> session.step(60)                                # doctest: +SKIP
    >>> session.value("tank.pressure_pa")               # doctest: +SKIP
    >>> kept = session.snapshot()                       # doctest: +SKIP
    >>> session.run()                                   # doctest: +SKIP
    >>> session.results()                               # doctest: +SKIP
    """

    def __init__(
        self,
        scenario: str | Path | Scenario | Loaded,
        *,
        hours: float | None = None,
        start: datetime | str | None = None,
        step_s: int | None = None,
        log_every_s: int | None = None,
        set: Mapping[str, float | str] | None = None,
        engine: str = "optimized",
        make: Callable[[str, Program], Engine] = make_engine,
    ) -> None:
        self._since_s = time.perf_counter()
        if isinstance(scenario, Loaded):
            self.loaded = scenario
        else:
            given = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
            self.loaded = load_run(changed_scenario(given, hours, start, step_s, log_every_s, set))
        self.engine_name = engine
        super().__init__(self.loaded.program(), functools.partial(make, engine))
        self._rows: list[FloatArray] = []
        self._events: list[Event] = []
        self._failure: SimulationFailure | None = None
        self._took = {"compile_s": 0.0, "loop_s": 0.0, "loop_cpu_s": 0.0, "log_cpu_s": 0.0}

    @property
    def scenario(self) -> Scenario:
        return self.loaded.scenario

    @property
    def plant(self) -> Plant:
        return self.loaded.plant

    @property
    def series(self) -> Mapping[str, Series]:
        return self.loaded.series

    @property
    def settings(self) -> Settings:
        return self.loaded.settings

    @property
    def n_steps(self) -> int:
        """Steps of the whole scenario."""
        return self.loaded.n_steps

    @property
    def step_number(self) -> int:
        """Steps done."""
        return self.engine.step_number

    @property
    def hours_done(self) -> float:
        """Time run, h."""
        return self.step_number * self.scenario.step_s / 3600.0

    def __repr__(self) -> str:
        done = f"{self.step_number:,} of {self.n_steps:,} steps of {self.scenario.step_s} s"
        return f"Session({self.scenario.name!r}, plant {self.plant.name!r}, {done}, {self.engine_name})"

    def begin(self) -> None:
        """Set the initial states and compile; the first step does so as well.

        Raises
        ------
        SimulationFailure
            A component has no state at its parameters.
        """
        before = time.perf_counter()
        super().begin()
        self._took["compile_s"] += time.perf_counter() - before

    def keep_steps(self, n_kept: int = N_KEPT) -> None:
        """Keep about so many single steps of those to come, for the audit; 0: none."""
        if operator.index(n_kept) < 0:
            raise ValueError(f"{n_kept} steps to keep: give 0 or more")
        left = self.n_steps - self.step_number
        self.engine.keeper = keep_steps(self.program, left, n_kept) if n_kept > 0 and left > 0 else None

    def kept_steps(self, ledger: Ledger | None = None) -> Steps | None:
        """Return the single steps that were kept, counters counting from where a ledger was opened; None: none were."""
        before = None if ledger is None else ledger.memory_before
        given = {id_: component.values for id_, component in self.plant.components.items()}
        keeper = self.engine.keeper
        return None if keeper is None else steps_of(keeper, before, given)

    def step(self, n_steps: int = 1) -> None:
        """Go on by steps of ``scenario.step_s`` seconds, 1 by default; else as ``run``."""
        self.run(operator.index(n_steps))

    def run(self, n_steps: int | None = None, on_progress: Callable[[int], None] | None = None) -> None:
        """Go on by a number of steps; by default to the end of the scenario.

        Log and events are kept in memory: 160 MB for the reference plant's year logged by the hour.

        Parameters
        ----------
        n_steps
            Number of steps.
        on_progress
            Takes the number of them that are done, about 100 times.

        Raises
        ------
        ValueError
            Less than 0, or more than the scenario has left.
        TypeError
            No whole number.
        SimulationFailure
            A component stopped the run; what came before is kept, and ``restore`` leads back.
        KeyboardInterrupt
            Ctrl-C; the session stands whole where it stopped, and can go on.
        """
        left = self.n_steps - self.step_number
        n_steps = left if n_steps is None else operator.index(n_steps)
        if not 0 <= n_steps <= left:
            raise ValueError(f"{n_steps} steps: the scenario has {left} left; give the session more hours")
        if self._failure is not None:
            raise self._failure
        if not self.is_begun:
            self.begin()
        try:
            with Interrupts(self.engine) as interrupts:
                interrupts.is_deferred = True
                self.stream(n_steps, self._keep, on_progress, is_end=n_steps == left)
        except SimulationFailure as failure:
            self._failure = failure
            raise
        finally:
            self.engine.is_stop_requested = False

    def _keep(self, rows: FloatArray, events: list[Event]) -> None:
        if len(rows):
            self._rows.append(rows.copy())
        self._events += events

    def stream(
        self,
        n_steps: int,
        on_log: Callable[[FloatArray, list[Event]], None],
        on_progress: Callable[[int], None] | None = None,
        is_end: bool = True,
    ) -> None:
        """Go on by steps whose log rows and events go to ``on_log`` and are not kept; see ``Engine.run``."""
        took, log_before = self._took, self._took["log_cpu_s"]
        began, cpu_began = time.perf_counter(), time.process_time()

        def take(rows: FloatArray, events: list[Event]) -> None:
            before = time.process_time()
            on_log(rows, events)
            took["log_cpu_s"] += time.process_time() - before

        try:
            self.engine.run(n_steps, take, on_progress, is_end=is_end)
        finally:
            took["loop_s"] += time.perf_counter() - began
            took["loop_cpu_s"] += time.process_time() - cpu_began - (took["log_cpu_s"] - log_before)

    def value(self, name: str) -> float:
        """Return a number of the plant as it is now.

        Parameters
        ----------
        name
            A column of the log, such as ``tank.pressure_pa`` or ``stack.hydrogen.h2_kg_per_s`` (``program.columns``
            tells units and meanings), or any field of a component.

        Returns
        -------
        float
            Of flows and outputs: over the last step; of states: at its end.

        Raises
        ------
        KeyError
            There is no such number; says which have a like name.
        """
        if not self.is_begun:
            self.begin()
        place = self._places.get(name)
        if place is None:
            near = difflib.get_close_matches(name, self._places, 4)
            raise KeyError(f"no value {name!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))
        array, index = place
        return float(getattr(self.program.arrays, array)[index])

    @functools.cached_property
    def _places(self) -> dict[str, tuple[str, int]]:
        """Array and index of each number by its name."""
        a, program = self.program.arrays, self.program
        ports = {end for name in program.slot_index for end in (name, name.replace(".", ".n_"))}  # where, not how much
        places = {name: ("memory", index) for name, index in program.field_index.items() if name not in ports}
        at = [("bus", slot) for slot in program.slot_columns.tolist()]
        at += [("memory", index) for index in (*a.output_index.tolist(), *a.state_index.tolist())]
        return places | dict(zip((column.name for column in program.columns), at, strict=True))

    def snapshot(self) -> SessionSnapshot:
        """Keep where the session stands: states, totals, log, events, position in the series, plan.

        Going on after ``restore`` gives, bit for bit, what going on without it gives. What a rule of your own keeps
        outside its ``memory`` is not kept.
        """
        if not self.is_begun:
            self.begin()
        assert self._keeper is not None
        state = {name: getattr(self.program.arrays, name).copy() for name in _STATE}
        planning = None if self.program.planning is None else self.program.planning.snapshot()
        given = self._run, self.step_number, state, planning
        return SessionSnapshot(*given, self._keeper, tuple(self._rows), tuple(self._events))

    @property
    def _run(self) -> tuple[str, datetime, int]:
        return self.plant.digest, self.scenario.start, self.scenario.step_s

    def restore(self, kept: SessionSnapshot) -> None:
        """Go back to where a session stood.

        Parameters
        ----------
        kept
            Of this session, or of another of the same plant, start and step; where it logs by another interval, of the
            end of one.

        Raises
        ------
        ValueError
            It is of another run, or from beyond the end of this one.
        """
        own = self.program.arrays
        if not isinstance(kept, SessionSnapshot):
            raise ValueError(f"is no snapshot, but {kept!r:.60}; take what 'snapshot()' returned")
        if kept.run != self._run or any(kept.state[name].shape != getattr(own, name).shape for name in _STATE):
            raise ValueError("the snapshot is of another run: plant, start and step must be the same")
        if kept.step_number > self.n_steps:
            what = f"the snapshot is from step {kept.step_number}, and this run ends after {self.n_steps}"
            raise ValueError(f"{what}; give the session more hours")
        per_log = round(self.scenario.log_every_s / self.scenario.step_s)
        if kept.state["counters"][IN_INTERVAL] != kept.step_number % per_log and kept.step_number < self.n_steps:
            raise ValueError("the snapshot was taken in the midst of a log interval of another length")
        for name in _STATE:
            getattr(own, name)[:] = kept.state[name]
        self._keeper = copy.copy(kept._keeper)
        self._keeper.program = self.program
        if self.program.planning is not None:
            self.program.planning.restore(kept.planning)
        self.engine.take_over()
        if self.engine.keeper is not None:
            self.engine.keeper.forget(kept.step_number)
        self._rows, self._events = list(kept._rows), list(kept._events)
        self._failure = None

    def took_so_far(self) -> dict[str, float]:
        """Return the times that the run took so far, s, for ``add_time``."""
        return self._took | {"total_s": time.perf_counter() - self._since_s}

    def add_time(self, taken: Mapping[str, float]) -> None:
        """Count the times that the run took before in another session."""
        self._took = {name: s + taken[name] for name, s in self._took.items()}
        self._since_s -= taken["total_s"]

    def took(self) -> dict[str, float]:
        """Return what the run took so far: wall and processor times, s, of its parts; peak memory, MB."""
        component_steps = self.step_number * self.program.n_components
        return self.took_so_far() | {
            "ns_per_component_step": 1e9 * self._took["loop_cpu_s"] / max(1, component_steps),
            "peak_memory_mb": peak_memory_mb(),
        }

    def totals(self) -> Totals:
        """Return the totals from the start, or from ``open_balances``, to now; they stay when the session goes on."""
        with self.closed():
            a = self.program.arrays
            now = replace(self.program, arrays=a._replace(totals=a.totals.copy(), memory=a.memory.copy()))
            return Totals(now, self.ledger(), self.plant)

    def economics(self, ledger: Ledger | None = None) -> RunEconomics:
        """Return what the run so far says of its economics and carbon, scaled to a year.

        Parameters
        ----------
        ledger
            Its balances, where they are at hand.

        Raises
        ------
        ValueError
            No time has passed.
        """
        if self.step_number == 0:
            raise ValueError("no time has passed, so nothing can be appraised")
        with self.closed():
            balances = self.ledger() if ledger is None else ledger
            return appraise_run(self.plant, self.program, balances, self.hours_done, self.settings)

    def results(self, out: Path | str | None = None) -> Results:
        """Write what was run so far and open it, as ``h2plant.run`` does at its end; the session can go on.

        Parameters
        ----------
        out
            Results folder (default ``results/<scenario>-<n>``).

        Returns
        -------
        Results
            Whole as to what was run: a log interval that is under way is logged as a shorter one.

        Raises
        ------
        ResultsError
            The folder cannot be written, or holds something else.
        """
        if not self.is_begun:
            self.begin()
        stopped: BaseException | None = self._failure
        if stopped is None and self.step_number < self.n_steps:
            stopped = KeyboardInterrupt(f"written after {self.hours_done:g} of {self.scenario.hours:g} h")
        with self.closed() as (rows, events):
            return write_kept(self, out, [*self._rows, *rows], [*self._events, *events], stopped, self.took)
