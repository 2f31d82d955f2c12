"""Runs a study: makes its scenarios, leaves out those that are done, and puts each on disk as it finishes."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from h2plant.core.expression import ExpressionError
from h2plant.plant.finding import Finding, PlantError
from h2plant.results.checksums import SUMS
from h2plant.results.folder import ResultsError
from h2plant.studies.backends.backend import Backend, ThreadBackend
from h2plant.studies.study import Study, load_study
from h2plant.studies.study.design import Point, make_points
from h2plant.studies.study.effect import without_effect
from h2plant.studies.study.outcome import Outcome, run_jobs
from h2plant.studies.study.prepared import Job, PreparedStudy, code_digest
from h2plant.studies.study.store import LOCK, STORE, Store, has_store, remove_store

RUNS = "runs"
CONFIRMED = "confirmed.json"
"""What the best trials of a search gave in steps of a minute."""
PARTS = frozenset(
    (
        *(STORE, f"{STORE}-wal", f"{STORE}-shm", LOCK, f"{LOCK}-journal", RUNS),
        *("results.parquet", "results.csv", "indices.csv", "study.yaml", "provenance.json", "summary.txt"),
        "report.html",
        CONFIRMED,
        SUMS,
    )
)
"""What the folder of a study holds; a folder with anything else in it is left alone."""


@dataclass(frozen=True)
class Progress:
    """How far a study is.

    Attributes
    ----------
    n_scenarios, n_before, n_done, n_failed
        Scenarios in all, found finished at the start, finished now (those included), failed (those included).
    n_runs
        Runs of the plant that were to be made from the start on; scenarios may share one.
    elapsed_s
        Since the first run was started.
    """

    n_scenarios: int
    n_before: int
    n_done: int
    n_failed: int
    n_runs: int
    elapsed_s: float

    @property
    def left_s(self) -> float | None:
        """Time left at the pace so far, s; None before the first scenario."""
        now = self.n_done - self.n_before
        return self.elapsed_s / now * (self.n_scenarios - self.n_done) if now else None


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class StudyRun:
    """A study with its scenarios and what they gave, in the order of their numbers."""

    study: Study
    folder: Path
    points: list[Point]
    outcomes: list[Outcome]
    n_runs: int
    n_resumed: int
    wall_s: float
    backend: str
    digests: dict[str, str]
    units: dict[str, str]
    notes: Sequence[str] = ()
    """What was done to the plant's input, such as gaps that were filled."""

    @functools.cached_property
    def without_effect(self) -> list[str]:
        """Return notes of parameters that change no output."""
        return without_effect(self.study.parameters, self.points, self.outcomes, self.study.file)

    @property
    def after_notes(self) -> list[str]:
        """Return what the runs tell of the plant, once: of the grid's tariff, and of parameters without effect."""
        rare = [f"{outcome.note} (scenario {outcome.number})" for outcome in self.outcomes if outcome.note]
        return [*rare[:1], *self.without_effect]

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.is_failed]

    @property
    def not_valid(self) -> list[Outcome]:
        """Those that came to their end with an answer that does not hold."""
        return [outcome for outcome in self.outcomes if outcome.not_valid]

    @property
    def warning(self) -> str:
        """What of the scenarios does not count, in a sentence or two; empty where all do."""
        failed = f"{len(self.failed)} of {len(self.outcomes)} scenarios failed." if self.failed else ""
        return f"{failed} {self.not_valid_warning}".strip()

    @property
    def not_valid_warning(self) -> str:
        """How many scenarios are left out because their answer does not hold, and why the first; empty without any."""
        void = self.not_valid
        if not void:
            return ""
        text = f"{len(void)} of {len(self.outcomes)} scenarios are not valid and left out"
        return f"{text} (column 'not_valid' of results.csv); the first is {void[0].number}: {void[0].not_valid}."


def run_study(
    study: Study | str | Path,
    out: Path | str | None = None,
    *,
    backend: Backend | None = None,
    restart: bool = False,
    retry_failed: bool = False,
    on_progress: OnProgress | None = None,
    on_ready: Callable[[PreparedStudy], None] | None = None,
    points: list[Point] | None = None,
) -> StudyRun:
    """Run a study, or what is left of it.

    Parameters
    ----------
    study
        A study, a file, or the name of a bundled one.
    out
        Folder of the study (default ``results/<name of the study>``). Where it holds part of the same study, the
        rest is run.
    backend
        Where to run (default: the threads of this process, as many as the study says, else one a core). It is left
        open.
    restart
        Throw away what the folder holds.
    retry_failed
        Run scenarios that failed once more.
    on_progress, on_ready
        Take the progress after each scenario; the basis before the first.
    points
        The scenarios, numbered from 1 (default: those of the study's design).

    Raises
    ------
    PlantError
        Something is wrong with study, scenario or plant.
    ResultsError
        The folder holds something else or another study, or cannot be written.
    KeyboardInterrupt
        Ctrl-C; finished scenarios are on disk, and ``folder`` of the exception tells where.
    """
    if not isinstance(study, Study):
        study = load_study(study)
    folder = Path(out) if out is not None else Path("results") / study.name
    prepared = PreparedStudy(study)
    points = points_of(study) if points is None else points
    digests = study.digests() | {
        "plant": prepared.digest(),
        "points": _points_digest(points),
        "code": code_digest(),
    }
    refuse_foreign(folder)
    used: Backend = ThreadBackend(study.threads) if backend is None else backend
    began = time.perf_counter()
    with Store(folder, digests, clear if restart else None) as store:
        if retry_failed:
            store.forget(o.number for o in store.outcomes() if o.is_failed)
        n_resumed = store.n_done
        keys = {point.number: scenario_key(digests, point) for point in points}
        done = {number for number, key in store.done().items() if keys.get(number) == key}
        jobs = prepared.jobs((p for p in points if p.number not in done), study.full_logs)
        if on_ready is not None:
            on_ready(prepared)
        try:
            _run(store, prepared, used, jobs, keys, folder / RUNS, len(points), on_progress)
        except KeyboardInterrupt as stop:
            stop.folder = folder  # type: ignore[attr-defined]
            raise
        outcomes = list(store.outcomes())
    units = {o.name: o.unit for o in study.outputs} | {r.name: r.unit for r in prepared.reductions}
    wall_s = time.perf_counter() - began
    notes = prepared.notes
    return StudyRun(study, folder, points, outcomes, len(jobs), n_resumed, wall_s, used.name, digests, units, notes)


def points_of(study: Study) -> list[Point]:
    """Return the scenarios of a study.

    Raises
    ------
    PlantError
        There are none, a full log is asked of one that is not there, or a tied parameter has no value.
    """
    try:
        points = make_points(study.design, study.parameters, study.correlations)
    except ExpressionError as error:
        remedy = "mend the expression, or keep what it hangs on within where it has a value"
        raise PlantError([Finding("bad-expression", "parameters", str(error), remedy, study.file)]) from None
    if not points:
        remedy = "give a parameter values, or the design a number 'n'"
        raise PlantError([Finding("no-scenarios", "design", "the study has no scenarios", remedy, study.file)])
    beyond = [n for n in study.full_logs if n > len(points)]
    if beyond:
        what = f"there is no scenario {beyond[0]}: the study has {len(points)}"
        raise PlantError([Finding("no-such-scenario", "full_logs", what, "name others", study.file)])
    return points


def _run(
    store: Store,
    prepared: PreparedStudy,
    backend: Backend,
    jobs: Sequence[Job],
    keys: dict[int, str],
    runs: Path,
    n_scenarios: int,
    on_progress: OnProgress | None,
) -> None:
    """Run jobs; those whose whole results are kept run in this process, which writes them."""
    logged = [job for job in jobs if job.is_logged]
    others = [job for job in jobs if not job.is_logged]
    n_before = n_done = store.n_done
    n_failed = sum(outcome.is_failed for outcome in store.outcomes())
    began = time.perf_counter()
    if on_progress is not None:
        on_progress(Progress(n_scenarios, n_before, n_done, n_failed, len(jobs), 0.0))
    with contextlib.ExitStack() as stack:
        parts: list[Iterator[Outcome]] = []
        if logged:
            parts.append(run_jobs(prepared, logged, backend.n_workers if backend.name == "threads" else 1, runs))
        if others:
            parts.append(backend.outcomes(prepared, others))
        for part in parts:
            close = getattr(part, "close", None)
            if close is not None:
                stack.callback(close)
            for outcome in part:
                store.add(outcome, keys[outcome.number])
                n_done += 1
                n_failed += outcome.is_failed
                if on_progress is not None:
                    passed = time.perf_counter() - began
                    on_progress(Progress(n_scenarios, n_before, n_done, n_failed, len(jobs), passed))


def _points_digest(points: Sequence[Point]) -> str:
    found = hashlib.sha256()
    for point in points:
        found.update(json.dumps([point.number, dict(point.values)]).encode())
    return found.hexdigest()


def scenario_key(digests: Mapping[str, str], point: Point) -> str:
    """Return the digest of a scenario: its study, number and values."""
    content = json.dumps([sorted(digests.items()), point.number, dict(point.values)])
    return hashlib.sha256(content.encode()).hexdigest()


def refuse_foreign(folder: Path) -> None:
    """Raise if a folder holds anything but a study: it would be mixed with it."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ResultsError(f"{folder}: a file stands where a folder is needed; choose another folder with --out")
    others = sorted(p.name for p in folder.iterdir() if p.name not in PARTS and not p.name.startswith("."))
    if others and not has_store(folder):
        raise ResultsError(
            f"{folder}: the folder holds other things than a study ('{others[0]}') and is left as it is; "
            "choose a new folder with --out"
        )


def clear(folder: Path) -> None:
    """Remove what a study left in a folder, and nothing else; the lock, which the caller holds, stays."""
    if not has_store(folder):
        return
    try:
        remove_store(folder)
        for name in PARTS - {LOCK, f"{LOCK}-journal"}:
            path = folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise ResultsError(f"{folder}: cannot be cleared ({error.strerror or error})") from None
