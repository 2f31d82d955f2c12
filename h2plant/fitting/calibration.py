"""Parameters of a plant from its own minute data: least squares over runs of the compiled plant."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from h2plant.config.scenario import Scenario, changed_scenario, load_scenario, load_scenario_plant
from h2plant.config.series_derived import stale
from h2plant.config.series_reader import read_series
from h2plant.config.two_lines import path_note, path_today
from h2plant.core.declare import Field, Kind
from h2plant.core.role import Dispatch
from h2plant.core.units import UnitError, match_parameter, split_name
from h2plant.economics.settings import read_settings
from h2plant.fitting.candidates import candidate
from h2plant.fitting.estimate import Candidate, Fit, estimate
from h2plant.fitting.measured import Data, Measured, StatesAt, compared, driven, read_data, require_sampling
from h2plant.plant.check import bound_finding
from h2plant.plant.finding import Finding, PlantError, nearest, raise_errors
from h2plant.plant.graph import Plant
from h2plant.session.session import Loaded, ProgramRun
from h2plant.simulation.engine import SimulationFailure
from h2plant.simulation.program import FloatArray, Program, copy_program

_STEP = 1e-3
"""Share by which a parameter is moved for the Jacobian: far above what a run's own iterations leave open."""
_TRIES = 12, 1
"""Points around the start that are looked at, and from how many of them a search goes out: each is a run, or many."""
_FOLLOWING = 0.3
"""Correlation of a residual with the next from which the intervals are said to be too narrow."""


@dataclass(frozen=True)
class Task:
    """What is to be calibrated, as a command or a file says it.

    Attributes
    ----------
    plant
        A plant or scenario.
    data
        The measurements.
    parameters
        ``component.parameter``, ``*`` in the id for several components that share it.
    columns
        Name of a quantity with its unit to the column of the file.
    ignored
        Columns that are not read.
    noise
        Standard deviation of a sensor by the name of its column.
    overrides
        Other parameters of the plant, units by suffix.
    start
        Instant of the plant's series at which the data begin (default: the instant of the data).
    step_s
        Step of the runs (default: the scenario's).
    skip_min
        Minutes at the beginning that are not compared.
    states_at
        Whether a temperature, pressure or level was read at the stamp of its row, or at the end of the interval that
        begins there, as in the log of a run.
    timezone
        IANA zone of times without offset.
    confidence
        Of the intervals.
    """

    plant: str | Path
    data: Path
    parameters: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    noise: Mapping[str, float] = field(default_factory=dict)
    overrides: Mapping[str, str | float] = field(default_factory=dict)
    start: str | None = None
    step_s: int | None = None
    skip_min: float = 0.0
    states_at: StatesAt = "stamp"
    timezone: str | None = None
    confidence: float = 0.95


@dataclass(frozen=True, eq=False)
class Calibration:
    """A calibrated plant.

    Attributes
    ----------
    fit
        Of the parameters that were asked for and of start states.
    n_asked
        How many of its estimates were asked for; the others are start states.
    measured
        The columns compared.
    time
        Of each sample, numpy datetimes in UTC, shape (n,).
    before, after
        What the plant gives with its own parameters and with the fitted ones, shape (n, n_measured), SI.
    is_compared
        Which samples count, shape (n, n_measured).
    notes
        What is to be said.
    """

    task: Task
    scenario: Scenario
    plant: Plant
    fit: Fit
    n_asked: int
    measured: list[Measured]
    time: np.ndarray[tuple[int], np.dtype[np.datetime64]]
    before: FloatArray
    after: FloatArray
    is_compared: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    notes: tuple[str, ...]

    def rms(self, k: int, values: FloatArray) -> float:
        """Return the root mean square deviation of a measured column from what was computed, SI."""
        rows = self.is_compared[:, k]
        return float(np.sqrt(np.mean((self.measured[k].values[rows] - values[rows, k]) ** 2)))


@dataclass(frozen=True)
class _Target:
    """A candidate and the fields that it sets."""

    candidate: Candidate
    fields: tuple[str, ...]


def calibrate(task: Task, on_run: Callable[[int], None] | None = None) -> Calibration:
    """Fit parameters of a plant to measurements.

    Parameters
    ----------
    task
        What is to be done.
    on_run
        Takes the number of runs done.

    Raises
    ------
    PlantError
        Everything that is wrong with plant, data or parameters.
    SimulationFailure
        The plant as it stands does not get through the data.
    """
    loaded = load_scenario(task.plant)
    data = read_data(task.data, task.columns, task.ignored, task.timezone)
    step_s = task.step_s if task.step_s is not None else loaded.step_s
    require_sampling(data, step_s)
    first = datetime.fromtimestamp(data.axis.first_s, UTC)
    hours = data.axis.n * data.axis.resolution_s / 3600.0
    scenario = changed_scenario(
        loaded, hours, task.start or first, step_s, data.axis.resolution_s, dict(task.overrides) or None
    )
    plant = load_scenario_plant(scenario)
    targets, findings = _targets(plant, task.parameters)
    raise_errors(findings)
    shift_s = round((scenario.start - first) / timedelta(seconds=1))
    plant, used, notes = driven(plant, data, shift_s, findings)
    raise_errors(findings)
    series, findings = read_series(plant, scenario.start, scenario.n_seconds, None, scenario.timezone)
    raise_errors(_with_start(f) if f.id == "series-too-short" else f for f in findings)
    program = Loaded(scenario, plant, series, read_settings(plant), is_planned=False).program()
    if any(role.is_planned for role in plant.of_role(Dispatch).values()):
        what = "a plant that is planned ahead cannot be calibrated"
        remedy = "take another rule, or let the data drive the units through their 'setpoint'"
        raise PlantError([Finding("planned-ahead", "", what, remedy, plant.file)])
    measured = compared(data, used, program.columns, plant, task.noise)
    starts = _start_states(plant, measured, scenario, targets)
    runner = _Runner(program, [*targets, *starts], measured, data, task, on_run)
    fit, before, after = runner.fit()
    notes += [
        f"{t.candidate.name} is the start state, found with the rest: it belongs to these data, not to the plant"
        for t in starts
    ]
    if loaded.series:
        notes.append(f"the series of {loaded.name} are not repeated in the scenario that is written")
    notes += program.notes
    today = {name: path_today(name, plant) for name in task.parameters}
    notes += [path_note(name, path) for name, path in today.items() if path != name]
    notes += _following(measured, after, runner.is_compared)
    time = np.datetime64(data.axis.first_s, "s") + np.arange(data.axis.n) * np.timedelta64(data.axis.resolution_s, "s")
    is_compared = runner.is_compared
    return Calibration(
        task, scenario, plant, fit, len(targets), measured, time, before, after, is_compared, tuple(notes)
    )


def _with_start(finding: Finding) -> Finding:
    hint = "let a column of the data drive this series, or place the data where it has numbers with --start"
    return replace(finding, remedy=f"{hint}; else {finding.remedy}")


def _targets(plant: Plant, names: Sequence[str]) -> tuple[list[_Target], list[Finding]]:
    """Return what is to be fitted, and what is wrong with how it is named."""
    findings: list[Finding] = []
    targets: list[_Target] = []
    known = [f"{c.id}.{f.name}" for c in plant.components.values() for f in c.kind.parameters]

    def find(name: str, what: str, remedy: str, id: str = "unknown-parameter") -> None:
        findings.append(Finding(id, f"--parameters {name}", what, remedy))

    for name in dict.fromkeys(path_today(name, plant) for name in names):
        pattern, dot, key = name.partition(".")
        ids = fnmatch.filter(plant.components, pattern)
        if not dot or not ids:
            if dot:
                find(
                    name, f"there is no component '{pattern}'", nearest(pattern, plant.components), "unknown-component"
                )
            else:
                find(name, "is not 'component.parameter'", nearest(name, known))
            continue
        matched: list[tuple[str, Field]] = []
        for id_ in ids:
            try:
                match = match_parameter(key, plant.components[id_].kind.parameters)
            except UnitError as error:
                find(name, str(error), f"write '{pattern}.{error.allowed[0]}'" if error.allowed else "", "unknown-unit")
                break
            if match is None:
                if id_ == pattern:
                    what = f"the kind '{plant.components[id_].kind.name}' has no parameter '{key}'"
                    find(name, what, nearest(f"{id_}.{key}", [k for k in known if k.startswith(f"{id_}.")]))
                continue
            matched.append((id_, match[0]))
        else:
            if not matched and pattern not in ids:
                find(name, f"no component '{pattern}' has a parameter '{key}'", nearest(name, known))
            elif matched and matched[0][1].choices:
                find(name, "is a choice of words, which cannot be fitted", "name a number", "wrong-type")
            elif matched and _is_before_the_run(plant, matched):
                what = "decides a series that is made before the run, and stays as it is while others are fitted"
                find(name, what, "fit other parameters, and this one by a study", "unknown-parameter")
            elif matched:
                targets.append(_target(plant, f"{pattern}.{matched[0][1].name}", matched))
    if not names:
        remedy = "name what to fit, as --parameters stack.heat_capacity_j_per_k stack.loss_w_per_k"
        findings.append(Finding("missing-parameter", "--parameters", "no parameter is named", remedy))
    return targets, findings


def _is_before_the_run(plant: Plant, matched: Sequence[tuple[str, Field]]) -> bool:
    """Whether a derived series hangs on one of the parameters (component, field)."""
    return bool(stale(plant, ((id_, field.name) for id_, field in matched), ()))


def _target(plant: Plant, name: str, matched: Sequence[tuple[str, Field]]) -> _Target:
    id_, declared = matched[0]
    component = plant.components[id_]
    start = component.values[declared.name]
    return _Target(candidate(name, declared, component.kind, start), tuple(f"{i}.{f.name}" for i, f in matched))


def _start_states(
    plant: Plant, measured: Sequence[Measured], scenario: Scenario, targets: Sequence[_Target]
) -> list[_Target]:
    """Return the parameters that set the start of measured states, unless they are given or asked for."""
    taken = {name for target in targets for name in target.fields}
    found = []
    for one in measured:
        id_, _, name = one.column.name.partition(".")
        component = plant.components.get(id_)
        if component is None or one.column.timing != "end" or math.isnan(one.values[0]):
            continue
        stem, unit = split_name(name, one.column.unit)
        spellings = (f"initial_{name}", f"{stem}_start_{unit.si if unit else ''}")
        for declared in component.kind.parameters:
            path = f"{id_}.{declared.name}"
            if declared.name not in spellings or path in taken or _is_set(scenario, id_, component.kind, declared):
                continue
            value = float(one.values[0])
            if bound_finding(declared, value) is None:
                found.append(_Target(candidate(path, declared, component.kind, value), (path,)))
    return found


def _is_set(scenario: Scenario, id_: str, kind: Kind, declared: Field) -> bool:
    """Whether the scenario gives a parameter, in whatever unit."""
    keys = [key.partition(".")[2] for key in scenario.overrides if fnmatch.fnmatchcase(id_, key.partition(".")[0])]
    for key in keys:
        try:
            match = match_parameter(key, kind.parameters)
        except UnitError:
            continue
        if match is not None and match[0].name == declared.name:
            return True
    return False


class _Runner:
    """Runs the plant with trial values and compares it with the measurements."""

    def __init__(
        self,
        program: Program,
        targets: Sequence[_Target],
        measured: Sequence[Measured],
        data: Data,
        task: Task,
        on_run: Callable[[int], None] | None,
    ) -> None:
        self.program = program
        self.targets = targets
        self.task = task
        self._on_run = on_run
        self._n_runs = 0
        self._n_steps = round(data.axis.n * data.axis.resolution_s / program.step_s)
        place = {column.name: k for k, column in enumerate(program.columns)}
        self._index = np.array([place[m.column.name] for m in measured])
        self._is_read_late = np.array([m.column.timing == "end" and task.states_at == "stamp" for m in measured])
        self._fields = [program.field_index.get(m.column.name, -1) for m in measured]
        self.values = np.stack([m.values for m in measured], axis=1)
        self._noise = np.array([m.noise for m in measured])
        skipped = math.ceil(task.skip_min * 60.0 / data.axis.resolution_s)
        self.is_compared = ~np.isnan(self.values)
        self.is_compared[:skipped] = False
        if not self.is_compared.any():
            what = f"nothing is left to compare after {task.skip_min:g} minutes"
            raise PlantError([Finding("too-few-points", "", what, "skip less with --skip-min", data.file)])

    def run(self, values: FloatArray) -> FloatArray:
        """Return what the plant gives at the samples, shape (n, n_measured)."""
        program = copy_program(self.program)
        for target, value in zip(self.targets, values, strict=True):
            for name in target.fields:
                program.arrays.memory[program.field_index[name]] = value
        run = ProgramRun(program)
        run.begin()
        initial = [program.arrays.memory[k] if k >= 0 else math.nan for k in self._fields]
        kept: list[FloatArray] = []
        run.engine.run(self._n_steps, lambda rows, _: kept.append(rows[:, self._index].copy()))
        found = np.concatenate(kept)
        late = self._is_read_late
        found[1:, late] = found[:-1, late]
        found[0, late] = np.array(initial)[late]
        self._n_runs += 1
        if self._on_run is not None:
            self._on_run(self._n_runs)
        return found

    def _residual(self, weights: FloatArray) -> Callable[[FloatArray], FloatArray]:
        def residual(values: FloatArray) -> FloatArray:
            try:
                found = self.run(values)
            except SimulationFailure:
                return np.full(int(self.is_compared.sum()), np.nan)
            return ((found - self.values) * weights)[self.is_compared]

        return residual

    def fit(self) -> tuple[Fit, FloatArray, FloatArray]:
        """Return the fit, what the plant gave before, and what it gives after."""
        candidates = [target.candidate for target in self.targets]
        before = self.run(np.array([c.start for c in candidates]))
        noise = self._noise.copy()
        is_open = np.isnan(noise)
        spread = np.array([np.std(self.values[rows, k]) for k, rows in enumerate(self.is_compared.T)])
        noise[is_open] = np.where(spread > 0.0, spread, 1.0)[is_open]
        fit = estimate(self._residual(1.0 / noise), candidates, self.task.confidence, _STEP, _TRIES)
        after = self.run(fit.values)
        if is_open.any() and noise.size > 1:  # once more, each column weighted by what it deviates
            left = np.array([np.std((after - self.values)[rows, k]) for k, rows in enumerate(self.is_compared.T)])
            noise[is_open] = np.maximum(left, 1e-9 * noise)[is_open]
            fit = estimate(self._residual(1.0 / noise), candidates, self.task.confidence, _STEP, near=fit.values)
            after = self.run(fit.values)
        return fit, before, after


def _following(measured: Sequence[Measured], after: FloatArray, is_compared: FloatArray) -> list[str]:
    """Say which residuals follow one another, so that intervals are too narrow."""
    notes = []
    for k, one in enumerate(measured):
        left = np.where(is_compared[:, k], after[:, k] - one.values, np.nan)
        pairs = np.stack([left[:-1], left[1:]])
        pairs = pairs[:, ~np.isnan(pairs).any(axis=0)]
        if pairs.shape[1] < 10 or (pairs.std(axis=1) == 0.0).any():
            continue
        r = float(np.corrcoef(pairs)[0, 1])
        if r > _FOLLOWING:
            factor = math.sqrt((1.0 + r) / (1.0 - min(r, 0.999)))
            notes.append(
                f"{one.column.name}: deviations follow one another (correlation {r:.2f} from sample to sample): the "
                f"model misses something, and the intervals are too narrow by a factor of about {factor:.1f}"
            )
    return notes
