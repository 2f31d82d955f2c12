"""``run_on_device``: an ensemble of plants on a CUDA device, as ``run_ensemble`` runs it on the processor's cores."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from h2plant.cuda import lanes
from h2plant.cuda.batch import Batch, can_run
from h2plant.cuda.lanes import TILE
from h2plant.cuda.presence import require
from h2plant.cuda.wanted import wanted_by_figures
from h2plant.plant.graph import Plant
from h2plant.results.ledger import Bookkeeper
from h2plant.session.ensemble import Member
from h2plant.session.session import ProgramRun
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from h2plant.simulation.program import N_EVENTS, STEP, IntArray, Program

if TYPE_CHECKING:
    from h2plant.cuda.launch import Launcher

Given = Program | Callable[[], Program]

LAUNCH_S = 0.5
"""Time that a launch should take: short enough for a watchdog that guards a display, long enough to cost nothing."""
FIRST_LAUNCH_STEPS = 15
TILES_AT_A_TIME = 32
"""Tiles that go to the device or come back in one piece."""
LANES_PER_PROCESSOR = 512
"""Lanes of a batch for each multiprocessor: two waves of the 256 that its registers hold at once."""
MEMORY_SHARE = 0.8
"""Share of the device's free memory that a batch may take."""


def run_on_device(
    programs_or_factories: Iterable[Given],
    n_steps: int,
    n_lanes: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    figures_of: Plant | None = None,
) -> Iterator[Member]:
    """Run programs on a CUDA device, one thread each; yields each when its batch is done.

    Programs of one structure run together, whatever their parameters and series; one of another structure starts the
    next batch. They begin on the processor. A plant that fails on the device runs once more on the processor, which
    says when and why. Events and log are not kept; totals hold what the ledger needs, which is everything but
    temperatures and pressures.

    Parameters
    ----------
    programs_or_factories
        As ``h2plant.session.ensemble.run_ensemble`` takes them. What a factory makes is kept without its event buffers:
        some 0.15 MB for the reference plant.
    n_steps
        Steps of each.
    n_lanes
        Most plants in a batch (default: what the device holds; 128 in the simulator).
    on_progress
        Takes (steps done by the batch, plants in it) after each launch.
    figures_of
        The plant whose programs these are, where key figures, economics and the balance of the whole plant are all
        that is wanted. Then other totals and outputs are not kept, and the ledger has NaN for what crossed other
        links: it balances the plant, not each component. Less to transfer, so faster.

    Yields
    ------
    Member
        One for each program, in the order given, but for failures of a factory or a first state, which come at once,
        and plants with species in streams where the first of the batch has none: they run anew, at its end.
        ``loop_s`` is the time of the launches over the number of plants.

    Raises
    ------
    PlantError
        No device, no driver, or numba-cuda is not installed; says what to do.
    ValueError
        A count below 1, or a program that cannot run on the device.
    """
    if n_steps < 0 or (n_lanes is not None and n_lanes < 1):
        raise ValueError(f"n_lanes ({n_lanes}) must be 1 or more, n_steps ({n_steps}) 0 or more")
    require()
    return _members(enumerate(programs_or_factories), n_steps, n_lanes, on_progress, figures_of)


def _members(
    jobs: Iterator[tuple[int, Given]],
    n_steps: int,
    n_lanes: int | None,
    on_progress: Callable[[int, int], None] | None,
    figures_of: Plant | None,
) -> Iterator[Member]:
    batch: Batch | None = None
    indices: list[int] = []
    most = n_lanes or 0
    for index, given in jobs:
        program: Program | None = None
        try:
            program = given if isinstance(given, Program) else _slim(given())
            reason = can_run(program)
            if reason:
                raise ValueError(f"{program.name}: {reason}; {_INSTEAD}")
            is_first = batch is None or len(indices) >= most or not batch.fits(program)
            if program.arrays.counters[STEP] == 0:
                if is_first or batch is None:
                    SimulationEngineOptimized(program).begin()
                else:
                    batch.begin(program)
        except Exception as error:
            yield Member(index, program, None, error, 0, 0.0)
            continue
        if is_first or batch is None:
            if batch is not None:
                yield from _run_batch(batch, indices, n_steps, on_progress)
            wanted = None if figures_of is None else wanted_by_figures(figures_of, program)
            batch, indices = Batch(program, wanted), []
            most = n_lanes or _most_lanes(batch)
        batch.add(program)
        indices.append(index)
    if batch is not None:
        yield from _run_batch(batch, indices, n_steps, on_progress)


_INSTEAD = "run it with --backend threads"


def _slim(program: Program) -> Program:
    """Return a program with fresh event buffers, which take no memory until they are written to."""
    a = program.arrays
    if a.counters[N_EVENTS] == 0:
        fresh = {name: np.zeros(getattr(a, name).shape, dtype=getattr(a, name).dtype) for name in _BUFFERS}
        return replace(program, arrays=a._replace(**fresh))
    return program


_BUFFERS = ("event_marks", "event_sizes", "log")


def _most_lanes(batch: Batch) -> int:
    from h2plant.cuda import jit, launch

    if jit.IS_SIMULATED:
        return 4 * TILE
    by_memory = int(MEMORY_SHARE * launch.free_bytes()) // (8 * batch.shape.n_words)
    return max(1, min(launch.n_processors() * LANES_PER_PROCESSOR, by_memory))


def _run_batch(
    batch: Batch,
    indices: list[int],
    n_steps: int,
    on_progress: Callable[[int, int], None] | None,
    has_all_words: bool = False,
) -> Iterator[Member]:
    from h2plant.cuda.launch import Launcher

    shared = batch.shared(() if has_all_words else batch.empty_slots(n_steps))
    launcher = Launcher(batch.kinds, batch.dropped, shared, batch.series_base(), batch.shape)
    for first in range(0, batch.n_tiles, TILES_AT_A_TIME):
        launcher.put_tiles(first, batch.tiles(first, min(TILES_AT_A_TIME, batch.n_tiles - first)))
    loop_s = _advance(launcher, batch, n_steps, on_progress)
    outcome = launcher.outcome()
    is_whole: IntArray = outcome[:, lanes.CODE] == 0
    again: Batch | None = None
    indices_again: list[int] = []
    bookkeeper: Bookkeeper | None = None
    for first in range(0, batch.n_tiles, TILES_AT_A_TIME):
        words = launcher.get_tiles(first, min(TILES_AT_A_TIME, batch.n_tiles - first))
        for lane, program in batch.take_back(first, words, is_whole, n_steps):
            if outcome[lane, lanes.CODE] == lanes.MISJUDGED:
                again = again or Batch(program, batch.wanted)
                again.add(program)
                indices_again.append(indices[lane])
            elif not is_whole[lane]:
                yield _on_processor(indices[lane], program, n_steps)
            elif bookkeeper is None:
                bookkeeper = Bookkeeper(program, batch.content(program))
            else:
                ledger = bookkeeper.close(batch.content(program))
                bookkeeper = None
                steps_done = int(program.arrays.counters[STEP])
                yield Member(indices[lane], program, ledger, None, steps_done, loop_s / len(indices))
    if again is not None:
        del launcher  # and with it the memory of the device
        yield from _run_batch(again, indices_again, n_steps, on_progress, True)


def _advance(launcher: Launcher, batch: Batch, n_steps: int, on_progress: Callable[[int, int], None] | None) -> float:
    """Run the batch in launches of about ``LAUNCH_S``; returns the time they took, s."""
    launcher.advance(batch.first_step, 0, batch.step_s, batch.steps_per_log)  # compiles
    done, steps, total_s = 0, FIRST_LAUNCH_STEPS, 0.0
    while done < n_steps:
        steps = min(steps, n_steps - done)
        began = time.perf_counter()
        launcher.advance(batch.first_step + done, steps, batch.step_s, batch.steps_per_log)
        took_s = time.perf_counter() - began
        total_s += took_s
        done += steps
        steps = max(1, min(4 * steps, int(steps * LAUNCH_S / max(took_s, 1.0e-6))))
        if on_progress is not None:
            on_progress(done, len(batch.programs))
        if (launcher.outcome()[:, lanes.CODE] != 0).all():
            break
    return total_s


def _on_processor(index: int, program: Program, n_steps: int) -> Member:
    """Run a plant that failed on the device from where it began."""
    run = ProgramRun(program)
    run.open_balances()
    error: Exception | None = None
    began = time.thread_time()
    try:
        run.engine.run(n_steps)
    except Exception as stop:
        error = stop
    return Member(index, program, run.ledger(), error, run.engine.step_number, time.thread_time() - began)
