"""Comparison of the compiled engine with the baseline over sampled days or over a whole run."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

from h2plant.config.scenario import Scenario
from h2plant.core.cache_folder import cache_folder
from h2plant.core.constants import DAY_S
from h2plant.core.jit import PACKAGE_ROOT
from h2plant.measure.accuracy.deviation import SCALE_FRAC, Deviation, Sums, booked, column_scale
from h2plant.measure.accuracy.stretch import NAMES, Chain, Found, Store, Stretch, run_chain, survey
from h2plant.measure.accuracy.workers import run_chains
from h2plant.results.run_economics import appraise_run
from h2plant.results.summary import summarise, totals
from h2plant.session.session import prepare
from h2plant.simulation.program import Column, FloatArray, Program

SAMPLED, FULL = "sampled", "full"
SAMPLED_DAYS = 12
STRETCH_S = 5 * 86_400.0
_COMPUTING = ("core", "physics", "components", "dispatch", "simulation", "plant", "economics", "measure/accuracy")
_OF_THE_WHOLE_PAST = ("worst_h2o_ppm", "worst_o2_ppm")
"""Figures that are means since the start of the run: they cannot be added up over stretches with gaps."""


@dataclass(frozen=True)
class Comparison:
    """What the comparison found.

    Attributes
    ----------
    mode
        'sampled' or 'full'.
    jobs
        Number of chains that a full comparison was cut into.
    columns, scale, deviation
        The log's columns, what their deviations are divided by, and the deviations.
    figures, totals
        By engine ('optimized', 'baseline'): key figures, totals in SI.
    starts
        First instant and length in s of each chain.
    cpu_s
        Processor time of the loop by engine, s.
    n_steps, n_steps_of_run
        Steps that were compared, and steps of the run.
    folder
        Where the finished stretches are kept; see ``forget``.
    """

    mode: str
    jobs: int
    columns: list[Column]
    scale: FloatArray
    deviation: Deviation
    figures: dict[str, dict[str, float | None]]
    totals: dict[str, dict[str, float]]
    starts: list[tuple[datetime.datetime, float]]
    cpu_s: dict[str, float]
    n_steps: int
    n_steps_of_run: int
    folder: Path

    @property
    def relative(self) -> FloatArray:
        """Largest deviation of each column over its scale, shape (n_columns,)."""
        return np.asarray(self.deviation.worst / self.scale)

    def forget(self) -> None:
        """Remove what was kept for going on after an interruption."""
        Store(self.folder).remove()


def compare(
    scenario: Scenario,
    mode: str = SAMPLED,
    *,
    jobs: int | None = None,
    days: int = SAMPLED_DAYS,
    folder: Path | None = None,
    stretch_s: float = STRETCH_S,
    on_start: Callable[[int, int], None] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Comparison:
    """Compare the engines; what is found is kept stretch by stretch, and the same call goes on where it was stopped.

    Parameters
    ----------
    scenario
        What to run.
    mode
        'sampled': whole days evenly over the run, the baseline starting each from the optimised engine's state at that
        midnight. 'full': the whole run. Runs no longer than the days to sample are compared whole.
    jobs
        Worker processes (default: one per core for 'sampled', 1 for 'full'). With 'full' the run is cut into so many
        parallel parts, all but the first starting from the optimised engine's state; with 1 the baseline runs on its
        own from start to end. 0: one part, in this process.
    days
        Number of days to sample.
    folder
        Where finished stretches are kept meanwhile (default: the user's cache folder, by a digest of plant, series,
        code and cutting). ``Comparison.forget`` removes it.
    stretch_s
        Length of what is saved at once, s.
    on_start, on_progress
        Take the steps to be compared in all and those found done; the steps done since the last call.

    Raises
    ------
    PlantError
        Findings in plant, scenario or series.
    SimulationFailure
        A component stopped one of the engines.
    """
    plant, program = prepare(scenario)
    n_steps = round(scenario.hours * 3600.0 / scenario.step_s)
    n_jobs = jobs if jobs is not None else ((os.cpu_count() or 1) if mode == SAMPLED else 1)
    cuts = _cuts(program, mode, n_steps, n_jobs, days, stretch_s)
    store = Store(checkpoint_folder(program, cuts) if folder is None else folder)
    snapshots, low, high = survey(program, n_steps, {cut[0].first_step for cut in cuts})
    scale = column_scale(program.columns, low, high)
    chains = [Chain(cut, snapshots[cut[0].first_step] if cut[0].first_step else None) for cut in cuts]
    stretches = [stretch for cut in cuts for stretch in cut]
    missing = [s for s in stretches if store.load(s) is None]
    n_compared = sum(s.n_steps for s in stretches)
    if on_start is not None:
        on_start(n_compared, n_compared - sum(s.n_steps for s in missing))
    tell = on_progress or (lambda _n: None)
    left = [chain for chain in chains if any(s in missing for s in chain.stretches)]
    if n_jobs > 0 and left:
        run_chains(scenario, left, scale, store, n_jobs, tell)
    else:
        for chain in left:
            run_chain(scenario, chain, scale, store, tell)
    found = [_require(store, stretch) for stretch in stretches]
    sums = {name: Sums.merged([f.sums[name] for f in found]) for name in NAMES}
    figures, in_all = {}, {}
    for name in NAMES:
        ledger = booked(program, snapshots[0].memory, sums[name])
        hours = n_compared * program.step_s / 3600.0
        figures[name] = summarise(plant, program, ledger, hours, appraise_run(plant, program, ledger, hours))
        in_all[name] = totals(program, ledger)
        if len(chains) > 1:
            figures[name] = {k: v for k, v in figures[name].items() if k not in _OF_THE_WHOLE_PAST}
    return Comparison(
        mode=mode,
        jobs=n_jobs,
        columns=program.columns,
        scale=scale,
        deviation=Deviation.merged([f.deviation for f in found]),
        figures=figures,
        totals=in_all,
        starts=[_span(scenario, cut) for cut in cuts],
        cpu_s={name: sums[name].cpu_s for name in NAMES},
        n_steps=n_compared,
        n_steps_of_run=n_steps,
        folder=store.folder,
    )


def _require(store: Store, stretch: Stretch) -> Found:
    found = store.load(stretch)
    if found is None:
        raise OSError(0, "vanished or damaged while it was needed", str(store.path(stretch)))
    return found


def _span(scenario: Scenario, cut: tuple[Stretch, ...]) -> tuple[datetime.datetime, float]:
    first_s, n = cut[0].first_step * scenario.step_s, sum(s.n_steps for s in cut)
    return scenario.start + datetime.timedelta(seconds=first_s), float(n * scenario.step_s)


def _cuts(
    program: Program, mode: str, n_steps: int, jobs: int, days: int, stretch_s: float
) -> list[tuple[Stretch, ...]]:
    """Return the chains of stretches that a comparison is made of; all begin at the end of a log interval."""
    per_log = max(1, round(program.log_every_s / program.step_s))

    def in_steps(seconds: float) -> int:
        return per_log * max(1, round(seconds / program.log_every_s))

    day = in_steps(DAY_S)
    n_days = n_steps // day
    if mode == SAMPLED and n_days > days:
        chosen = [round((k + 0.5) * n_days / days) for k in range(days)]
        return [(Stretch(d * day, day),) for d in chosen]
    length = in_steps(stretch_s)
    firsts = range(0, n_steps, length)
    stretches = [Stretch(first, min(length, n_steps - first)) for first in firsts]
    n_chains = min(max(1, jobs), len(stretches)) if mode == FULL else 1
    ends = [round(k * len(stretches) / n_chains) for k in range(n_chains + 1)]
    return [tuple(stretches[a:b]) for a, b in itertools.pairwise(ends)]


def checkpoint_folder(program: Program, cuts: list[tuple[Stretch, ...]]) -> Path:
    """Return the folder of a comparison: the same for the same plant, series, code, CoolProp and cutting.

    Where the cache folder cannot be used it is a new one among the temporary files.
    """
    digest = hashlib.sha256()
    for values in program.arrays:
        digest.update(np.ascontiguousarray(values).tobytes() + b"|")
    for text in (program.columns, program.step_s, program.log_every_s, cuts, metadata.version("CoolProp"), SCALE_FRAC):
        digest.update(repr(text).encode())
    for package in _COMPUTING:
        for path in sorted((PACKAGE_ROOT / package).rglob("*.py")):
            digest.update(path.read_bytes())
    kept = cache_folder("accuracy")
    if kept is None:  # the workers hand over what they find through it all the same
        return Path(tempfile.mkdtemp(prefix="h2plant-accuracy-"))
    return kept / digest.hexdigest()[:16]
