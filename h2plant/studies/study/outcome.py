"""Runs jobs: one run of the plant each, reduced while it goes, and appraised once for every scenario that shares it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from h2plant.config.scenario import Scenario
from h2plant.config.series import Series
from h2plant.core.error import reason_of
from h2plant.plant.graph import Plant
from h2plant.plant.series_spec import Mode, SeriesSpec
from h2plant.results.figures import ECONOMIC_FIGURES
from h2plant.results.folder import LogWriter, ResultsError
from h2plant.results.grid_use import rare_use
from h2plant.results.run_economics import appraise_run
from h2plant.results.summary import summarise
from h2plant.results.totals import Totals
from h2plant.results.validity import faults, in_words
from h2plant.session.conclusion import Missing, run_summary
from h2plant.session.ensemble import Member, run_ensemble
from h2plant.simulation.engine import Event
from h2plant.simulation.program import FloatArray, Program
from h2plant.studies.study.output import Reducer, Values, figure_values
from h2plant.studies.study.prepared import Job, PreparedStudy, Variant
from h2plant.studies.study.variant import PlantVariant


@dataclass(frozen=True)
class Outcome:
    """What a scenario gave.

    Attributes
    ----------
    number
        The scenario's.
    values
        Its outputs; empty where it failed.
    reason
        Why it failed; empty where it did not.
    loop_s
        Processor time of its run, s; 0 where it shared the run of another scenario.
    not_valid
        Why its outputs do not hold (power without a source, an open balance); empty where they do. Such a scenario is
        never compared with others.
    violation
        How far it is from a valid one (``h2plant.results.validity.Fault``), 0: it is one.
    note
        What its run says of the grid's tariff (``h2plant.results.grid_use``); empty where that fits.
    """

    number: int
    values: Values
    reason: str = ""
    loop_s: float = 0.0
    not_valid: str = ""
    violation: float = 0.0
    note: str = ""

    @property
    def is_failed(self) -> bool:
        return bool(self.reason)

    @property
    def is_counted(self) -> bool:
        """Whether it came to its end with outputs that hold."""
        return not self.reason and not self.not_valid


class NoEconomicsError(Exception):
    """A scenario has no economics, and an output of the study is a part of them; the text says why."""


class _Run:
    """A job under way."""

    def __init__(self, prepared: PreparedStudy, job: Job, folder: Path | None) -> None:
        self.prepared = prepared
        self.plant_variant = prepared.plant_variant(job.changes)
        self.job = job
        self.folder = folder if job.is_logged else None
        self._reducer: Reducer | None = None
        self._writer: LogWriter | None = None

    def program(self) -> Program:
        """Return the program to run; called in the thread that runs it."""
        program = self.plant_variant.program_of(self.job.changes)
        self._reducer = Reducer(self.plant_variant.reductions, program, self.prepared.n_steps)
        if self.folder is not None:
            n_rows = math.ceil(self.prepared.n_steps * program.step_s / program.log_every_s) + 1
            start = self.plant_variant.start(self.job.changes)
            self._writer = LogWriter(self.folder, program.columns, start, program.log_every_s, n_rows)
        return program

    def take(self, rows: FloatArray, events: list[Event]) -> None:
        if self._reducer is not None:
            self._reducer.take(rows)
        if self._writer is not None:
            self._writer.write(rows, events)

    def outcomes(self, member: Member) -> Iterator[Outcome]:
        """Yield the outcome of each scenario of the job.

        Raises
        ------
        ResultsError
            A full log cannot be written.
        """
        error: Exception | None = member.error
        if isinstance(error, ResultsError):
            raise error
        not_valid, violation, note = "", 0.0, ""
        try:
            if error is None:
                not_valid, violation, note = _judged(
                    member, self.plant_variant.plant_of(self.job.changes), self.prepared.scenario.hours
                )
            for k, variant in enumerate(self.job.variants):
                loop_s = member.loop_s if k == 0 else 0.0
                if error is not None:
                    yield Outcome(variant.number, {}, reason_of(error), loop_s)
                    continue
                try:
                    values = self._values(member, variant)
                except ResultsError:
                    raise
                except Exception as failure:
                    why = str(failure) if isinstance(failure, NoEconomicsError | LookupError) else reason_of(failure)
                    yield Outcome(variant.number, {}, why, loop_s)
                else:
                    yield Outcome(variant.number, values, "", loop_s, not_valid, violation, note)
        finally:
            if self._writer is not None:
                self._writer.abandon()  # nothing where it was committed

    def _values(self, member: Member, variant: Variant) -> Values:
        prepared, program, ledger = self.prepared, member.program, member.ledger
        assert program is not None and ledger is not None and self._reducer is not None
        plant = self.plant_variant.plant_of(variant.changes)
        hours = prepared.scenario.hours
        missing = Missing()
        settings_of = self.plant_variant.settings_of
        run_economics = missing.attempt(
            "economics", lambda: appraise_run(plant, program, ledger, hours, settings_of(variant.changes))
        )
        figures = summarise(plant, program, ledger, hours, run_economics)
        wants_economics = any(o.source == "economics" or o.of in ECONOMIC_FIGURES for o in prepared.outputs)
        if wants_economics and (run_economics is None or run_economics.appraisal.plant.missing):
            raise NoEconomicsError(
                missing["economics"] if run_economics is None else run_economics.appraisal.reasons["capex_eur"]
            )
        economics = dict if run_economics is None else run_economics.to_dict
        values = figure_values(prepared.outputs, figures, economics) | self._reducer.values()
        if self._writer is not None:
            scenario = _own_scenario(self.plant_variant, variant)
            took = {"loop_s": member.loop_s, "loop_cpu_s": member.loop_s, "total_s": member.loop_s}
            each = 1e9 * member.loop_s / max(1, member.n_steps * program.n_components)
            took |= {"n_steps": member.n_steps, "n_components": program.n_components}
            took |= {"ns_per_component_step": each, "peak_memory_mb": math.nan}
            summary = run_summary(
                plant, program, scenario, "optimized", ledger, hours, run_economics, None, took, missing
            )
            sources = {**plant.files(), "scenario.json": scenario.to_json(replace(plant, digested=None))}
            self._writer.commit(ledger, summary, sources, program.step_s)
        return {output.name: values[output.name] for output in prepared.outputs}


def _judged(member: Member, plant: Plant, hours: float) -> tuple[str, float, str]:
    """Return why a run is not valid, how far it is from a valid one, and what it says of the grid's tariff."""
    assert member.program is not None and member.ledger is not None
    totals = Totals(member.program, member.ledger, plant)
    found = faults(totals)
    far = max((fault.violation_frac for fault in found), default=0.0)
    return in_words(found), far, "; ".join(rare_use(plant, totals, hours))


def _own_scenario(plant_variant: PlantVariant, variant: Variant) -> Scenario:
    """Return the scenario that repeats one of the study by itself."""
    changes = variant.changes
    overrides: dict[str, str | float] = {
        f"{c}.{f}": _word(plant_variant, c, f, v) for (c, f), v in changes.fields.items()
    }
    overrides |= {f"economics.{key}": value for key, value in changes.economics.items()}
    series = plant_variant.series_of(changes)
    start = plant_variant.start(changes)
    moved = {n: _as_values(plant_variant, n, series[n], start) for n, by in changes.series.items() if by != (1.0, 0.0)}
    scenario = plant_variant.scenario
    return replace(
        scenario,
        name=f"{scenario.name}, scenario {variant.number}",
        start=start,
        overrides={**scenario.overrides, **overrides},
        series={**scenario.series, **moved},
    )


def _word(plant_variant: PlantVariant, component: str, field: str, value: float) -> str | float:
    choices = plant_variant.plant.components[component].kind.field(field).choices
    return choices[int(value)] if choices else value


def _as_values(plant_variant: PlantVariant, name: str, series: Series, start: datetime) -> SeriesSpec:
    """Return a changed series as the file of a scenario has it: its numbers, in the unit of its name."""
    spec = plant_variant.plant.series[name]
    values = (series.values - spec.si.offset) / spec.si.factor
    first = start - timedelta(seconds=series.offset_s)
    mode: Mode = "linear" if series.is_linear else "hold"
    return SeriesSpec(name, values=tuple(values.tolist()), mode=mode, resolution_s=series.resolution_s, start=first)


OnLog = Callable[[int, FloatArray, list[Event]], None]
Run = Callable[[Iterator[Callable[[], Program]], int, OnLog], Iterator[Member]]
"""Runs what factories make: (factories, steps of each, what takes log rows) to members, as ``run_ensemble`` does."""


def run_folder(runs_folder: Path, number: int) -> Path:
    """Return where the whole results of a scenario lie."""
    return runs_folder / f"scenario_{number:05}"


def run_jobs(
    prepared: PreparedStudy,
    jobs: Iterable[Job],
    n_threads: int,
    runs_folder: Path | None = None,
    run: Run | None = None,
) -> Iterator[Outcome]:
    """Run jobs in threads; yields the outcome of each scenario as it is there, in whatever order that is.

    Parameters
    ----------
    basis, jobs
        The study and the runs to make; may be endless.
    n_threads
        How many run at a time.
    runs_folder
        Where results that are kept whole appear, as ``scenario_00017``.
    run
        What runs them (default: ``run_ensemble``, in threads).

    Raises
    ------
    ResultsError
        A full log cannot be written.
    """
    under_way: dict[int, _Run] = {}

    def factories() -> Iterator[Callable[[], Program]]:
        for index, job in enumerate(jobs):
            folder = None if runs_folder is None else run_folder(runs_folder, job.variants[0].number)
            under_way[index] = job_run = _Run(prepared, job, folder)
            yield job_run.program

    def take(index: int, rows: FloatArray, events: list[Event]) -> None:
        under_way[index].take(rows, events)

    if run is None:
        members = run_ensemble(factories(), n_threads, prepared.n_steps, take)
    else:
        members = run(factories(), prepared.n_steps, take)
    for member in members:
        yield from under_way.pop(member.index).outcomes(member)
