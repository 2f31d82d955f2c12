"""Stretches of a run that both engines go through, and the files that keep what was found."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from h2plant.config.scenario import Scenario
from h2plant.core.cache_folder import read_kept, write_kept
from h2plant.measure.accuracy.deviation import Deviation, Sums
from h2plant.session.session import ProgramRun, prepare
from h2plant.simulation.engine import Engine, Snapshot, restore, snapshot
from h2plant.simulation.program import FloatArray, Program

FAST, SLOW = "optimized", "baseline"
NAMES = (FAST, SLOW)
_Kind = TypeVar("_Kind")


@dataclass(frozen=True)
class Stretch:
    """Steps of a run: the first, counted from the start of the run, and how many."""

    first_step: int
    n_steps: int


@dataclass(frozen=True)
class Chain:
    """Stretches that follow each other, each engine going on from its own state.

    Attributes
    ----------
    stretches
        In order, without gaps.
    start
        State from which both engines set out: the optimised engine's at that time. None: the start of the run, where
        each begins by itself.
    """

    stretches: tuple[Stretch, ...]
    start: Snapshot | None


@dataclass(frozen=True)
class Found:
    """What was found over a stretch: deviation of the logs, sums and end state by engine."""

    deviation: Deviation
    sums: dict[str, Sums]
    ends: dict[str, Snapshot]


class Store:
    """A folder with one file per stretch; a file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, stretch: Stretch) -> Path:
        """Return the file of a stretch."""
        return self.folder / f"{stretch.first_step:09d}-{stretch.n_steps}.npz"

    def save(self, stretch: Stretch, found: Found) -> None:
        """Write what was found over a stretch."""
        content = dict(_flat("deviation", found.deviation))
        for name in NAMES:
            content.update(_flat(f"{name}.sums", found.sums[name]))
            content.update(_flat(f"{name}.end", found.ends[name]))
        packed = io.BytesIO()
        np.savez_compressed(packed, **content)
        write_kept(self.path(stretch), packed.getvalue())

    def load(self, stretch: Stretch) -> Found | None:
        """Return what was found over a stretch, or None if it is still to be done (also if its file is damaged)."""
        packed = read_kept(self.path(stretch))
        if packed is None:
            return None
        with np.load(io.BytesIO(packed), allow_pickle=False) as content:
            return Found(
                _unflat(Deviation, "deviation", content),
                {name: _unflat(Sums, f"{name}.sums", content) for name in NAMES},
                {name: _unflat(Snapshot, f"{name}.end", content) for name in NAMES},
            )

    def remove(self) -> None:
        """Remove the folder with what this class wrote."""
        for path in (*self.folder.glob("*.npz"), *self.folder.glob(".*.partial")):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    for field in fields(value):
        yield f"{prefix}.{field.name}", getattr(value, field.name)


def _unflat(kind: type[_Kind], prefix: str, content: Any) -> _Kind:
    values = [content[f"{prefix}.{field.name}"] for field in fields(kind)]  # type: ignore[arg-type]
    return kind(*(v.item() if v.ndim == 0 else v for v in values))


class _Runner:
    """One engine on a program of its own, stretch by stretch."""

    def __init__(self, name: str, scenario: Scenario, start: Snapshot | None) -> None:
        _, self.program = prepare(scenario)
        if start is not None:
            restore(self.program, start)
        run = ProgramRun(self.program, name)
        self.engine: Engine = run.engine
        if start is None:
            run.begin()
        self.engine.advance(0)  # compiles

    def run(self, n_steps: int, on_progress: Callable[[int], None] | None = None) -> tuple[FloatArray, Sums]:
        """Run and return the log and the sums."""
        a = self.program.arrays
        a.totals[:] = 0.0
        content, memory = self.engine.content(), a.memory.copy()
        rows: list[FloatArray] = []
        began = time.thread_time()
        self.engine.run(n_steps, lambda log, _events: rows.append(log.copy()), on_progress)
        cpu_s = time.thread_time() - began
        after = self.engine.content()
        a = self.program.arrays
        return np.concatenate(rows), Sums(a.totals.copy(), after - content, after, a.memory - memory, n_steps, cpu_s)


def run_chain(
    scenario: Scenario, chain: Chain, scale: FloatArray, store: Store, on_progress: Callable[[int], None]
) -> None:
    """Run what is still to be done of a chain through both engines.

    Parameters
    ----------
    scenario
        What is run.
    chain
        The stretches.
    scale
        What deviations are divided by (``column_scale``), shape (n_columns,).
    store
        Where what is found goes, stretch by stretch; what lies there already is not done again.
    on_progress
        Takes the number of steps that the baseline did since the last call.

    Raises
    ------
    SimulationFailure
        A component stopped one of the engines.
    """
    runners: dict[str, _Runner] = {}
    kept: Found | None = None
    for stretch in chain.stretches:
        found = store.load(stretch) if not runners else None
        if found is not None:
            kept = found
            continue
        if not runners:
            runners = {
                name: _Runner(name, scenario, chain.start if kept is None else kept.ends[name]) for name in NAMES
            }
        reported = 0

        def tell(done: int) -> None:
            nonlocal reported
            on_progress(done - reported)
            reported = done

        fast_log, fast = runners[FAST].run(stretch.n_steps)
        slow_log, slow = runners[SLOW].run(stretch.n_steps, tell)
        first_row = stretch.first_step // runners[FAST].engine.steps_per_log
        deviation = Deviation.of(fast_log, slow_log, scale, first_row)
        ends = {name: snapshot(runner.program) for name, runner in runners.items()}
        store.save(stretch, Found(deviation, {FAST: fast, SLOW: slow}, ends))


def survey(program: Program, n_steps: int, wanted: set[int]) -> tuple[dict[int, Snapshot], FloatArray, FloatArray]:
    """Run compiled from the start; returns snapshots before the wanted steps, least and largest value of each column.

    Parameters
    ----------
    program
        A lowered plant.
    n_steps
        Length of the run.
    wanted
        Step numbers, each the end of a log interval. The state at the very start is always kept.
    """
    run = ProgramRun(program, FAST)
    run.begin()
    engine = run.engine
    kept = {0: snapshot(program)}
    low = np.full(len(program.columns), np.inf)
    high = np.full(len(program.columns), -np.inf)

    def watch(log: FloatArray, _events: object) -> None:
        if len(log):
            np.minimum(low, log.min(axis=0), out=low)
            np.maximum(high, log.max(axis=0), out=high)

    for end in sorted((wanted | {n_steps}) - {0}):
        engine.run(end - engine.step_number, watch)
        if end in wanted:
            kept[end] = snapshot(program)
    return kept, low, high
