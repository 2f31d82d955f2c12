"""Runs an optimisation: batches of trials, each on disk as it finishes, until their number is reached.

The store is all that is kept. The search is led through it again from its seed: a trial whose outcome is there is told
and not run. So a search that was killed goes on as if it had not been, and neither the back end nor the number of
workers changes what is found.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from h2plant.core.expression import ExpressionError
from h2plant.economics.settings import read_settings
from h2plant.economics.span import RETURNS, why_left_out
from h2plant.plant.finding import Finding, PlantError
from h2plant.results.folder import ResultsError
from h2plant.studies.backends.backend import Backend, ThreadBackend
from h2plant.studies.search import confirm
from h2plant.studies.search.confirm import OWN
from h2plant.studies.search.front import Judged, front, judge, least_violated
from h2plant.studies.search.goal import OptimizeStudy, load_optimize
from h2plant.studies.search.own import own_values
from h2plant.studies.search.sampler import Proposer, axis_of, require_optuna
from h2plant.studies.study.design import Point, tie
from h2plant.studies.study.outcome import Outcome, run_folder, run_jobs
from h2plant.studies.study.prepared import Job, PreparedStudy, Variant, code_digest
from h2plant.studies.study.run import RUNS, OnProgress, Progress, StudyRun, clear, refuse_foreign, scenario_key
from h2plant.studies.study.store import Store
from h2plant.studies.study.target import Changes


@dataclass(frozen=True)
class OptimizeRun:
    """An optimisation with its trials.

    Attributes
    ----------
    study
        What was searched for.
    run
        All trials, the plant as it is first, as a study that was run.
    judged
        Those that came to their end.
    best
        Feasible trials that none other beats: one for a single objective, the Pareto front for several. Where the
        best were run again in steps of a minute, the one is the best of those.
    confirmed
        What the plant as it is and the best trials gave in steps of a minute; empty where the search has them.
    holds
        Whether one of those satisfies all constraints in such steps; True where none was run so.
    """

    study: OptimizeStudy
    run: StudyRun
    judged: list[Judged]
    best: list[Judged]
    confirmed: dict[int, Outcome] = field(default_factory=dict)
    holds: bool = True

    @property
    def least_violated(self) -> Judged | None:
        """The trial that misses the constraints by least."""
        return least_violated(self.judged)

    @property
    def n_trials(self) -> int:
        """Number of trials, the plant as it is not counted."""
        return len(self.run.outcomes) - 1

    def outcome(self, number: int) -> Outcome:
        """Return what a trial gave."""
        return self.run.outcomes[number]

    def confirmed_or_found(self, number: int) -> Outcome:
        """Return what a trial gave in steps of a minute, or, where it was not run so, in the search."""
        return self.confirmed.get(number, self.run.outcomes[number])

    def point(self, number: int) -> Point:
        """Return the parameters of a trial."""
        return self.run.points[number]

    def at_an_end(self, number: int) -> list[str]:
        """Return the free parameters of a trial that lie at an end of what was searched, in words."""
        found = []
        for p in self.run.study.parameters:
            value = self.point(number).values[p.name]
            axis = None if p.is_tied else axis_of(p)
            if axis is None or axis.is_words or isinstance(value, bool | str):
                continue
            ends = (
                (axis.low, axis.high) if not axis.levels else tuple(float(v) for v in (axis.levels[0], axis.levels[-1]))
            )
            if any(abs(value - end) <= _AT_AN_END * abs(ends[1] - ends[0]) for end in ends):
                found.append(f"{p.name} {value:.4g} (searched: {ends[0]:g} to {ends[1]:g})")
        return found

    @property
    def ends(self) -> list[int]:
        """Numbers of the best trial by each objective, each once."""
        of = range(len(self.study.objectives))
        return list(dict.fromkeys(min(self.best, key=lambda j: j.losses[k]).number for k in of if self.best))

    def folder_of(self, number: int) -> Path:
        """Return where the whole results of a trial lie, for the plant as it is and the ends."""
        return run_folder(self.run.folder / RUNS, number)


def run_optimize(
    study: OptimizeStudy | str | Path,
    out: Path | str | None = None,
    *,
    backend: Backend | None = None,
    restart: bool = False,
    on_progress: OnProgress | None = None,
    on_ready: Callable[[PreparedStudy], None] | None = None,
) -> OptimizeRun:
    """Run an optimisation, or what is left of it.

    Parameters
    ----------
    study
        An optimisation, a file, or the name of a bundled one.
    out
        Its folder (default ``results/<name of the study>``). Where it holds part of the same search, that goes on.
    backend
        Where to run (default: the threads of this process). It is left open.
    restart
        Throw away what the folder holds.
    on_progress, on_ready
        Take the progress after each trial; the basis before the first.

    Raises
    ------
    PlantError
        Something is wrong with study, scenario or plant, or optuna is missing.
    ResultsError
        The folder holds something else or another search, or cannot be written.
    KeyboardInterrupt
        Ctrl-C; finished trials are on disk, and ``folder`` of the exception tells where.
    """
    if not isinstance(study, OptimizeStudy):
        study = load_optimize(study)
    require_optuna(study.search.sampler)
    folder = Path(out) if out is not None else Path("results") / study.name
    prepared = PreparedStudy(study.study)
    check_corners(study, prepared)
    prepared.remarks += cost_notes(study, prepared)
    digests = study.digests() | {"plant": prepared.digest(), "code": code_digest()}
    refuse_foreign(folder)
    used: Backend = ThreadBackend(study.study.threads) if backend is None else backend
    began = time.perf_counter()
    with Store(folder, digests, clear if restart else None) as store:
        n_resumed = store.n_done
        if on_ready is not None:
            on_ready(prepared)
        trials = _Trials(study, prepared, used, store, digests, on_progress)
        try:
            trials.run()
            judged = judge(study, trials.outcomes)
            points, outcomes = trials.points, trials.outcomes
            units = {o.name: o.unit for o in study.study.outputs} | {r.name: r.unit for r in prepared.reductions}
            wall_s = time.perf_counter() - began
            run = StudyRun(
                study.study,
                folder,
                points,
                outcomes,
                trials.n_runs,
                n_resumed,
                wall_s,
                used.name,
                digests,
                units,
                prepared.notes,
            )
            found = OptimizeRun(study, run, judged, front([j for j in judged if j.number != OWN]))
            if confirm.is_wanted(study):
                found = _confirmed(found, digests)
            _keep_ends(found, prepared, trials)
        except KeyboardInterrupt as stop:
            stop.folder = folder  # type: ignore[attr-defined]
            raise
    return found


def check_corners(study: OptimizeStudy, prepared: PreparedStudy) -> None:
    """Raise a PlantError where a free parameter cannot take what it is searched between, or an objective is unknown."""
    findings = []
    for p in study.study.parameters:
        if p.is_tied:
            continue
        axis = axis_of(p)
        for value in axis.levels or (axis.low, axis.high):
            changes = Changes()
            problem = prepared.targets[p.name].apply(value, changes)
            prepared.plant_variant(changes)  # that a plant with this kind is in order
            if problem is None:
                problem = next((found for _, found in prepared.settle_blocks(changes)), None)
            if problem is not None:
                findings.append(Finding(problem.id, p.where, problem.what, problem.remedy, study.study.file, p.line))
                break
    if findings:
        raise PlantError(findings)


def cost_notes(study: OptimizeStudy, prepared: PreparedStudy) -> list[str]:
    """Return a note where the least cost is sought, and a contract for difference lowers it by what hydrogen earns."""
    cfd = read_settings(prepared.own.plant).agreed.hydrogen_cfd
    of = {output.name: output.of for output in prepared.outputs}
    sought = [x.output for x in study.objectives if not x.is_maximised]
    costs = [name for name in sought if "hydrogen_cost" in (of.get(name) or name)]
    if cfd is None or cfd.reference_eur_per_kg is not None or not costs:
        return []
    what = f"'{costs[0]}' is after a contract for difference that pays more the less the hydrogen earns"
    remedy = "give hydrogen_cfd.reference_eur_per_kg, or seek the highest net_present_value_eur"
    return [Finding("cost-after-difference", "objectives", what, remedy, study.study.file, 0, "note").in_a_line]


class _Trials:
    """The trials of a search, made in batches."""

    def __init__(
        self,
        study: OptimizeStudy,
        prepared: PreparedStudy,
        backend: Backend,
        store: Store,
        digests: Mapping[str, str],
        on_progress: OnProgress | None,
    ) -> None:
        self._study = study
        self._prepared = prepared
        self._backend = backend
        self._store = store
        self._digests = digests
        self._on_progress = on_progress
        self._done = {o.number: o for o in store.outcomes()}
        self._keys = store.done()
        self._n_before = self._n_done = len(self._done)
        self._n_failed = sum(o.is_failed for o in self._done.values())
        self._by_changes: dict[str, Outcome] = {}
        self._began = time.perf_counter()
        self.points: list[Point] = []
        self.outcomes: list[Outcome] = []
        self.n_runs = 0

    @property
    def n_trials(self) -> int:
        return self._study.search.n_trials

    def run(self) -> None:
        """Run what is not done, batch by batch.

        Raises
        ------
        ResultsError
            The store holds trials of another search, or cannot be written.
        """
        own = own_values(self._prepared)
        names = [p.name for p in self._study.study.parameters]
        begin = Point(OWN, {name: own.get(name, float("nan")) for name in names})
        proposer = Proposer(self._study, own)
        self._tell_progress(is_start=True)
        self._batch([begin], lambda point: Changes())
        while len(self.outcomes) <= self.n_trials:
            points = self._tied(proposer.ask())
            outcomes = self._batch(points, self._changes)
            proposer.tell([self._result_of(o) for o in outcomes])
            self._refuse_unknown()

    def _refuse_unknown(self) -> None:
        """Raise if no trial so far has a value of something that is sought or bounded: none ever will."""
        study = self._study
        whole = [o for o in self.outcomes if not o.is_failed]
        reasons = {o.reason for o in self.outcomes if o.reason.startswith("there is no 'economics.")}
        problems = [Finding("unknown-output", "outputs", reason, "", study.study.file) for reason in sorted(reasons)]
        wanted = [("objectives", x.output) for x in study.objectives]
        wanted += [("constraints", c.output) for c in study.constraints]
        for where, name in wanted if whole else ():
            if all(o.values.get(name) is None and not o.not_valid for o in whole):
                why = self._why_no_value(name) or "nothing of this plant gives one"
                what = f"none of {len(whole)} trials has a value of '{name}': {why}"
                remedy = "take another output, or fixed values ('set') with which it has one"
                problems.append(Finding("no-value", where, what, remedy, study.study.file))
        if problems:
            raise PlantError(problems)

    def _why_no_value(self, name: str) -> str:
        """Return why the span of the study gives no value of an output; '' where it is not for the span."""
        of = next((output.of for output in self._prepared.outputs if output.name == name), "")
        is_return = of in RETURNS or of.removeprefix("economics.") in RETURNS
        return why_left_out(self._prepared.scenario.hours) if is_return else ""

    def _tied(self, asked: Sequence[Mapping[str, object]]) -> list[Point]:
        first = len(self.outcomes)
        try:
            return [tie(first + k, free, self._study.study.parameters) for k, free in enumerate(asked)]  # type: ignore[arg-type]
        except ExpressionError as error:
            remedy = "mend the expression, or keep what it hangs on within where it has a value"
            finding = Finding("bad-expression", "parameters", str(error), remedy, self._study.study.file)
            raise PlantError([finding]) from None

    def _changes(self, point: Point) -> Changes:
        """Return what a trial changes; PlantError where it cannot be."""
        return self._prepared.jobs([point])[0].changes

    def _result_of(self, outcome: Outcome) -> tuple[list[float], list[float]] | None:
        study = self._study
        values = [outcome.values.get(x.output) for x in study.objectives]
        if outcome.not_valid:
            if study.search.sampler == "cma_es":  # it knows no constraints
                return None
            # a cost that is not valid has no value; the violation alone leads out of there
            values = [-_WORST if x.is_maximised else _WORST for x in study.objectives]
        if outcome.is_failed or any(v is None or math.isnan(v) for v in values):
            return None
        constraints = [c.violation(outcome.values) for c in study.constraints]
        return [float(v) for v in values if v is not None], [*constraints, outcome.violation]

    def _batch(self, points: Sequence[Point], changes_of: Callable[[Point], Changes]) -> list[Outcome]:
        """Return the outcomes of a batch in order: those on disk, those that equal an earlier trial, those run now."""
        found: dict[int, Outcome] = {}
        jobs: dict[str, list[Variant]] = {}
        keys = {}
        seen: dict[int, str] = {}
        for point in points:
            key = keys[point.number] = scenario_key(self._digests, point)
            if point.number in self._done:
                if self._keys[point.number] != key:
                    raise ResultsError(_OTHER.format(folder=self._store.folder, number=point.number))
                found[point.number] = self._done[point.number]
            try:
                changes = changes_of(point)
            except PlantError as error:
                if point.number not in found:
                    reason = "; ".join(f.what for f in error.findings)
                    found[point.number] = self._add(Outcome(point.number, {}, reason), key)
                continue
            seen[point.number] = same = changes.physics_digest() + json.dumps(sorted(changes.economics.items()))
            if point.number in found:
                continue
            if same in self._by_changes:
                before = self._by_changes[same]
                outcome = replace(before, number=point.number, loop_s=0.0)
                found[point.number] = self._add(outcome, key)
            else:
                jobs.setdefault(changes.physics_digest(), []).append(Variant(point.number, changes))
        if jobs:
            self.n_runs += len(jobs)
            for outcome in self._run([Job(tuple(variants)) for variants in jobs.values()]):
                found[outcome.number] = self._add(outcome, keys[outcome.number])
        for number, same in seen.items():
            if not found[number].is_failed:
                self._by_changes.setdefault(same, found[number])
        ordered = [found[point.number] for point in points]
        self.points += points
        self.outcomes += ordered
        return ordered

    def _run(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        outcomes = self._backend.outcomes(self._prepared, jobs)
        try:
            yield from outcomes
        finally:
            close = getattr(outcomes, "close", None)
            if close is not None:
                close()

    def _add(self, outcome: Outcome, key: str) -> Outcome:
        self._store.add(outcome, key)
        self._n_done += 1
        self._n_failed += outcome.is_failed
        self._tell_progress()
        return outcome

    def _tell_progress(self, is_start: bool = False) -> None:
        if self._on_progress is None:
            return
        n_all = max(self.n_trials + 1, self._n_done)
        passed = 0.0 if is_start else time.perf_counter() - self._began
        left = n_all - self._n_before
        self._on_progress(Progress(n_all, self._n_before, self._n_done, self._n_failed, left, passed))


_AT_AN_END = 0.01
"""Share of a range within which a value lies at its end."""

_WORST = 1e12
"""Objective of a trial that is not valid: worse than any that is."""

_OTHER = (
    "{folder}: trial {number} has other parameters than this search would give it (another version of optuna?); "
    "install the version of provenance.json, choose another folder with --out, or throw it away with --restart"
)


def _confirmed(found: OptimizeRun, digests: Mapping[str, str]) -> OptimizeRun:
    """Return the optimisation with its best trials in steps of a minute, the best of those chosen."""
    numbers = confirm.candidates(found.study, found.judged)
    if not numbers:
        return found
    outcomes = confirm.confirm(
        found.study,
        found.run.folder,
        found.run.points,
        numbers,
        lambda prepared, point: prepared.jobs([point])[0].changes,
        digests,
    )
    again = [j for j in judge(found.study, list(outcomes.values())) if j.number != OWN]
    best, holding = found.best, front(again)
    if len(found.study.objectives) == 1:
        chosen = {j.number for j in holding} or {numbers[0]}
        best = [j for j in found.judged if j.number in chosen]
    is_held = bool(holding) if len(found.study.objectives) == 1 else all(j.is_feasible for j in again)
    return replace(found, best=best, confirmed=outcomes, holds=is_held)


def _keep_ends(found: OptimizeRun, prepared: PreparedStudy, trials: _Trials) -> None:
    """Keep the whole results of the plant as it is and of the best trial by each objective."""
    numbers = [n for n in (OWN, *found.ends) if not found.outcome(n).is_failed and not found.folder_of(n).exists()]
    jobs = []
    for number in numbers:
        changes = Changes() if number == OWN else prepared.jobs([found.point(number)])[0].changes
        jobs.append(Job((Variant(number, changes),), is_logged=True))
    for outcome in run_jobs(prepared, jobs, min(2, len(jobs)) or 1, found.run.folder / RUNS):
        if outcome.is_failed:
            raise ResultsError(f"{found.folder_of(outcome.number)}: {outcome.reason}")
