"""A run over the years of a plant's life: its state goes on, stacks age and are replaced, input years repeat."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from h2plant.config.fault_series import fault_series, outage_costs, rare_outages
from h2plant.config.scenario import Scenario
from h2plant.config.series import Series
from h2plant.config.series_reader import read_series
from h2plant.core.error import reason_of
from h2plant.core.role import Grid
from h2plant.economics.life import Life
from h2plant.economics.year import Year
from h2plant.planning.rolling import plan_ahead
from h2plant.plant.finding import Finding, PlantError, raise_errors
from h2plant.plant.graph import Plant
from h2plant.results.checkpoint_folder import CheckpointFolder
from h2plant.results.figures import own_figures
from h2plant.results.folder import YEARS_TABLE, LifeFolder, ResultsError
from h2plant.results.ledger import EMPTY_LEDGER
from h2plant.results.leftover import CHECKPOINT, has_checkpoint, resumable_of
from h2plant.results.run_economics import appraise_life, equipment_of
from h2plant.results.totals import Totals
from h2plant.results.weather_years import weather_years
from h2plant.session.checkpoint import (
    NEVER,
    Checkpoints,
    Given,
    Kept,
    Running,
    put_back,
    put_back_between_years,
    taken_between_years,
    write,
)
from h2plant.session.conclusion import Concluded, Missing, conclude, log_writer
from h2plant.session.execution import Told, given_of, stream_to
from h2plant.session.identity import identity_of
from h2plant.session.interrupt import Interrupts
from h2plant.session.machine import peak_memory_mb
from h2plant.session.session import Session
from h2plant.session.year_table import row_or_less, years_csv
from h2plant.simulation.lower import input_notes, series_arrays
from h2plant.simulation.program import IN_INTERVAL, LOG_ROW, N_EVENTS, STEP, Program
from h2plant.simulation.step_keeper import N_KEPT

HOURS_OF_A_YEAR = (8760.0, 8784.0)
_LEAST_LOG_S = 3600
_OF_A_SUMMARY = ("missing", "not_valid", "performance", "provenance")
"""What of the summary of a year that of all years takes."""


class _Money(NamedTuple):
    """What a year says of money: its totals, and why they say nothing."""

    year: Year
    not_valid: str


@dataclass
class _Years:
    """What the years leave: rows of the table, money of those that were whole, summaries; what ended them early."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    run_economics: list[_Money] = field(default_factory=list)
    summaries: list[dict[str, Any]] = field(default_factory=list)
    before: dict[str, float] = field(default_factory=dict)
    stopped: BaseException | None = None

    def snapshot(self) -> dict[str, Any]:
        """Return what the years before this one left, and the times when it began, for ``of``."""
        return {
            "rows": self.rows,
            "money": [tuple(one) for one in self.run_economics],
            "summaries": [{part: summary[part] for part in _OF_A_SUMMARY} for summary in self.summaries],
            "before": self.before,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> _Years:
        """Return what the years left that a checkpoint was made after."""
        return cls(kept["rows"], [_Money(*one) for one in kept["money"]], kept["summaries"], kept["before"])

    def performance(self, session: Session) -> dict[str, float]:
        """Return time and memory that all years took."""
        kept = [summary["performance"] for summary in self.summaries]
        return {
            "total_s": session.took()["total_s"],
            **{name: sum(one[name] for one in kept) for name in ("loop_cpu_s", "log_cpu_s", "n_steps")},
            "n_components": session.program.n_components,
            "peak_memory_mb": peak_memory_mb(),
        }


def execute_years(
    scenario: Scenario,
    n_years: int,
    input_years: Sequence[int] = (),
    out: Path | str | None = None,
    on_progress: Callable[[int], None] | None = None,
    on_ready: Callable[[Program], None] | None = None,
    audit_steps: int = N_KEPT,
    checkpoint_every_s: float | None = None,
) -> Path:
    """Run a scenario year after year and write the results of each year and of all.

    Parameters
    ----------
    scenario
        A year to be run.
    n_years
        How many years, > 0.
    input_years
        Calendar years whose series are taken in turn; none: the scenario's own year each time. Where the scenario
        lasts a year (8760 or 8784 h), each of them is run whole: leap years have 8784 h.
    out
        Results folder (default ``results/<scenario>-<n>``, n above all there are); it appears, whole, when the run
        ends, also when it was interrupted or failed: then with what was done so far, and the summary says so.
        No other run can write it meanwhile.
    on_progress, on_ready
        Take the number of steps done; the lowered program once, before the run.
    audit_steps
        Single steps of each year to keep for the audit; 0: none.
    checkpoint_every_s
        Time of the run between checkpoints within a year, s; None: one a minute of computing; ``math.inf``: none. One
        is kept after each year.

    Returns
    -------
    Path
        The folder: ``year_01``, ``year_02`` and so on, each results of its own; table of the years, cash flow, summary.

    Raises
    ------
    PlantError
        Findings in plant, scenario or series.
    ResultsError
        The folder cannot be written, or another run is writing it.
    SimulationFailure, KeyboardInterrupt
        The run ended early; what was done is in ``error.folder``.
    """
    loaded = _load_life(scenario, n_years, input_years)
    Told(on_progress, on_ready).ready(loaded.session.program)
    files = LifeFolder(out, scenario.name)
    given = given_of(scenario, "optimized", audit_steps, checkpoint_every_s, n_years, input_years)
    checkpoints = CheckpointFolder(files.partial / CHECKPOINT)
    life = _LifeRun(scenario, given, loaded, files, checkpoints, _Years(), loaded.identity())
    return _run_life(life, None, on_progress)


def resume_years(
    scenario: Scenario,
    folder: Path,
    partial: Path,
    checkpoints: CheckpointFolder,
    kept: Kept,
    notes: Sequence[str],
    require_same: Callable[[dict[str, Any]], None],
    told: Told,
) -> Path:
    """Go on with a life from a checkpoint; see ``resume.resume``.

    Parameters
    ----------
    scenario
        A year to be run.
    folder, partial
        The folder, whose name the caller holds, and what the life wrote so far.
    checkpoints, kept
        Where its checkpoints lie, and the one to go on from.
    notes
        What is worth knowing of it.
    require_same
        Takes what the life is now (``identity_of``); raises where it was another.
    told
        Who is told how it gets on.
    """
    given = kept.given
    loaded = _load_life(scenario, given.n_years, given.input_years)
    identity = loaded.identity()
    require_same(identity)
    loaded.session.program.notes += notes
    told.ready(loaded.session.program)
    files = LifeFolder(folder, scenario.name, partial)
    years = _Years.of(kept.years)
    files.take_years(len(years.rows))
    checkpoints.take_over(kept.name, kept.segments)
    return _run_life(_LifeRun(scenario, given, loaded, files, checkpoints, years, identity), kept, told.on_progress)


class _Loaded(NamedTuple):
    """A session at the start of a life, and the span and series of each of the years that it takes in turn."""

    session: Session
    spans: list[Scenario]
    inputs: list[Mapping[str, Series]]

    def identity(self) -> dict[str, Any]:
        """Return what must be the same for the life to go on."""
        session = self.session
        of_years = {str(span.start.year): series for span, series in zip(self.spans, self.inputs, strict=True)}
        return identity_of(session.loaded, session.program, session.engine_name, of_years)


class _LifeRun(NamedTuple):
    """A life on its way."""

    scenario: Scenario
    given: Given
    loaded: _Loaded
    files: LifeFolder
    checkpoints: CheckpointFolder
    years: _Years
    identity: dict[str, Any]

    @property
    def session(self) -> Session:
        return self.loaded.session

    def keep(self) -> None:
        """Keep where the life stands between two years."""
        carried = taken_between_years(self.session)
        notes = self.session.program.notes
        texts = self.session.plant.files()
        write(self.checkpoints, self.given, self.identity, carried, self.years.snapshot(), texts, notes.append)


def _load_life(scenario: Scenario, n_years: int, input_years: Sequence[int]) -> _Loaded:
    """Return what a life needs, read and checked."""
    _check(scenario, n_years)
    spans = input_spans(scenario, input_years)
    session = Session(spans[0])
    plant, program = session.plant, session.program
    inputs = [session.series, *_later_inputs(plant, spans[1:])]
    of_inputs = (note for series in inputs for note in input_notes(plant, series, scenario.step_s))
    rare = rare_outages(plant, n_years * scenario.n_seconds)
    program.notes = list(dict.fromkeys([*of_inputs, *_leap_years(spans), *rare]))
    return _Loaded(session, spans, inputs)


def _run_life(life: _LifeRun, kept: Kept | None, on_progress: Callable[[int], None] | None) -> Path:
    """Run the years that are left, from a checkpoint where there is one, and write the results of all."""
    session, years, files, given = life.session, life.years, life.files, life.given
    try:
        with Interrupts(session.engine) as interrupts:
            session.begin()
            interrupts.is_deferred = True
            if kept is not None and not kept.is_within:
                put_back_between_years(session, kept)
            for number in range(len(years.rows) + 1, given.n_years + 1):
                years.stopped = _add_year(life, number, kept, on_progress)
                kept = None
                if years.stopped is not None:
                    break
                if number < given.n_years and given.checkpoint_every_s != NEVER:
                    life.keep()
        summary, sources = _of_all_or_less(session, life.scenario, given.n_years, given.input_years, years)
        summary["performance"] = years.performance(session)
        summary["provenance"] = years.summaries[-1]["provenance"] | {
            "command": _command(life.scenario, given.n_years, given.input_years)
        }
        files.commit(summary, sources, isinstance(years.stopped, KeyboardInterrupt | ResultsError))
    except BaseException as error:
        files.abandon()
        if has_checkpoint(files.partial):
            error.resumable = files.folder  # type: ignore[attr-defined]
        raise
    if years.stopped is not None:
        years.stopped.folder = files.folder  # type: ignore[attr-defined]
        if resumable_of(files.folder) is not None:
            years.stopped.resumable = files.folder  # type: ignore[attr-defined]
        raise years.stopped
    return files.folder


def _check(scenario: Scenario, n_years: int) -> None:
    findings = []
    if not HOURS_OF_A_YEAR[0] <= scenario.hours <= HOURS_OF_A_YEAR[1]:
        what = f"a life is run by the year, and the scenario has {scenario.hours:g} h"
        findings.append(Finding("years", "hours", what, "let it run 8760 h: --hours 8760"))
    if n_years < 1:
        findings.append(Finding("years", "years", f"{n_years} years are no life", "give a number of years above 0"))
    if scenario.log_every_s < _LEAST_LOG_S:
        what = f"a life is logged by the hour at the finest, not every {scenario.log_every_s} s"
        findings.append(Finding("years", "log_every", what, "leave --log-every out, or give 1h or more"))
    raise_errors(findings)


def input_spans(scenario: Scenario, input_years: Sequence[int]) -> list[Scenario]:
    """Return the scenario over each input year; the scenario itself where there are none.

    Raises
    ------
    PlantError
        It begins on 29 February, which other years do not have.
    """
    if not input_years:
        return [scenario]
    if (scenario.start.month, scenario.start.day) == (2, 29):
        what = "a year that begins on 29 February has no counterpart in other years"
        raise PlantError([Finding("years", "start", what, "begin on another day: --start 2024-03-01")])
    is_whole = scenario.hours in HOURS_OF_A_YEAR
    starts = [scenario.start.replace(year=year) for year in input_years]
    return [replace(scenario, start=s, hours=_year_h(s) if is_whole else scenario.hours) for s in starts]


def _year_h(start: datetime) -> float:
    """Return the hours to the same day of the next year; from 29 February to 1 March."""
    begin = start + timedelta(days=1) if (start.month, start.day) == (2, 29) else start
    return (begin.replace(year=begin.year + 1) - start).total_seconds() / 3600.0


def _leap_years(spans: Sequence[Scenario]) -> list[str]:
    """Say which of the years are run with their 8784 h, and which not as long as they are."""
    notes = []
    for span in spans:
        begin, length = span.start.date().isoformat(), _year_h(span.start)
        if span.hours != length:
            what = f"the year from {begin} has {length:.0f} h, and {span.hours:.0f} h of it are run"
            remedy = f"nothing to do, or let it run whole: --hours {length:.0f}, or --input-years"
        elif length == HOURS_OF_A_YEAR[1]:
            what = f"the year from {begin} is a leap year and is run with its {length:.0f} h"
            remedy = "nothing to do"
        else:
            continue
        notes.append(Finding("leap-year", "hours", what, remedy, severity="note").in_a_line)
    return notes


def _later_inputs(plant: Plant, spans: Sequence[Scenario]) -> list[Mapping[str, Series]]:
    """Load the series of the other input years; PlantError with everything that is wrong with any of them."""
    inputs: list[Mapping[str, Series]] = []
    findings: list[Finding] = []
    for span in spans:
        series, found = read_series(plant, span.start, span.n_seconds, span.series, span.timezone)
        inputs.append(series)
        findings += [replace(f, what=f"in {span.start.year}: {f.what}") for f in found]
    raise_errors(findings)
    return inputs


def _start_anew(program: Program, plant: Plant, series: Mapping[str, Series]) -> None:
    """Let the clock, the sums and the series begin again; all states go on."""
    a = program.arrays._replace(**series_arrays(series))
    a.counters[[STEP, N_EVENTS, LOG_ROW, IN_INTERVAL]] = 0
    a.totals[:] = 0.0
    for component in program.component_ids:
        role = plant.components[component].kind.role
        for name in (role.peak_import, role.peak_export, *role.begun_anew) if isinstance(role, Grid) else ():
            a.memory[program.field_index[f"{component}.{name}"]] = 0.0
    program.arrays = a


def _next_year(session: Session, series: Mapping[str, Series], year: Scenario, number: int) -> BaseException | None:
    """Make ready for another year; returns what stands in the way of it: the years before it are kept."""
    program, engine = session.program, session.engine
    try:
        plant = replace(session.plant, faults=replace(session.plant.faults, life_year=number - 1))
        series = {**series, **fault_series(plant, round(year.start.timestamp()), year.n_seconds)}
        session.loaded = replace(session.loaded, scenario=year, plant=plant, series=series)
        _start_anew(program, session.plant, series)
        program.outage_costs = outage_costs(session.plant, year.start, year.n_seconds)
        plan_ahead(session.plant, series, program, year.start, year.hours)
        engine.before_step = None if program.planning is None else program.planning.attend(engine)
    except Exception as stop:
        return stop
    return None


def _add_year(
    life: _LifeRun, number: int, kept: Kept | None, on_progress: Callable[[int], None] | None
) -> BaseException | None:
    """Run a year and add what it leaves; returns what stopped it: the years before it are kept."""
    session, years, loaded = life.session, life.years, life.loaded
    which = (number - 1) % len(loaded.inputs)
    year = replace(loaded.spans[which], name=f"{life.scenario.name}, year {number}")
    if number > 1 and (stopped := _next_year(session, loaded.inputs[which], year, number)) is not None:
        return stopped
    done = round(math.fsum(row["hours"] for row in years.rows) * 3600.0 / year.step_s)
    report = None if on_progress is None else lambda steps: on_progress(done + steps)
    try:
        stopped, concluded = _run_year(life, year, number, kept if kept and kept.is_within else None, report)
    except ResultsError as error:  # the disk is full: what was written of this year is gone
        if number == 1:
            raise
        return error
    years.summaries.append(concluded.summary)
    if concluded.economics is not None and stopped is None:
        years.run_economics.append(_Money(concluded.economics.year, concluded.economics.not_valid))
    totals = Totals(session.program, concluded.ledger, session.plant)
    years.rows.append(row_or_less(number, year, concluded.summary, totals))
    return stopped


def _run_year(
    life: _LifeRun, year: Scenario, number: int, kept: Kept | None, on_progress: Callable[[int], None] | None
) -> tuple[BaseException | None, Concluded]:
    """Run one year and write its results; returns what stopped it, and what was concluded from it."""
    session, years = life.session, life.years
    session.open_balances()
    session.keep_steps(life.given.audit_steps)
    writer = log_writer(session, life.files.year(number), year, checkpoints=life.checkpoints)
    running = Running(session, writer)
    if kept is None:
        years.before = session.took_so_far()
    else:
        put_back(running, kept)
    session.engine.checkpoints = Checkpoints(running, life.given, lambda: life.identity, years.snapshot)
    missing, first = Missing(), session.step_number
    report = None if on_progress is None else lambda steps: on_progress(first + steps)

    def took() -> dict[str, float]:
        now = session.took_so_far()
        return {name: now[name] - years.before[name] for name in ("loop_cpu_s", "log_cpu_s")}

    try:
        stopped = stream_to(session, writer, session.n_steps - first, missing, report)
        return stopped, conclude(session, writer, year, stopped, missing, took, is_year=True)
    except BaseException:
        writer.abandon()
        raise


def _life(program: Program, plant: Plant, years: _Years) -> Life:
    """Return what the years say of production and renewals."""
    ids, rows = program.component_ids, years.rows
    renewals: dict[str, list[int]] = {}
    for row in rows:
        for component, n in row["replaced"].items():
            renewals.setdefault(component, []).extend([row["year"]] * n)
    lives = {}
    totals = Totals(program, EMPTY_LEDGER, plant)
    for i, worn in totals.quantity("worn_in_run_frac").items():
        used = worn + len(renewals.get(ids[i], ()))
        if used > 0.0:
            lives[ids[i]] = sum(row["hours"] for row in rows) / HOURS_OF_A_YEAR[0] / used
    return Life(tuple(one.year for one in years.run_economics), {k: tuple(v) for k, v in renewals.items()}, lives)


def _weather(session: Session, years: _Years, void: str) -> dict[str, Any]:
    """Return what the years of weather that were run whole say; empty where there are fewer than two."""
    life = _life(session.program, session.plant, years)
    input_years = [int(str(row["start"])[:4]) for row in years.rows[: len(life.years)]]
    return weather_years(input_years, life, equipment_of(session.plant), session.settings, void)


def _of_all_or_less(
    session: Session, scenario: Scenario, n_years: int, input_years: Sequence[int], years: _Years
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what ``_of_all`` does; where it fails, what is always known, and why: no year is thrown away for it."""
    try:
        return _of_all(session, scenario, n_years, input_years, years)
    except Exception as error:
        plant, stopped = session.plant, years.stopped
        summary = {
            "scenario": scenario.name,
            "plant": plant.name,
            "is_complete": stopped is None,
            "stopped_by": "" if stopped is None else reason_of(stopped),
            "missing": {"all years": reason_of(error)},
            "start": scenario.start.isoformat(),
            "n_years": n_years,
            "input_years": list(input_years),
            "step_s": scenario.step_s,
            "key_figures": {},
            "years": years.rows,
            "economics": {},
        }
        return summary, {**plant.files(), "scenario.json": scenario.to_json(plant)}


def _of_all(
    session: Session, scenario: Scenario, n_years: int, input_years: Sequence[int], years: _Years
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the summary of all years and the texts to be written beside it."""
    plant, program, settings = session.plant, session.program, session.settings
    rows, summaries, stopped = years.rows, years.summaries, years.stopped
    missing = Missing(
        {f"{part}, year {n}": why for n, one in enumerate(summaries, 1) for part, why in one["missing"].items()}
    )
    not_valid = [
        {**fault, "text": f"year {n}: {fault['text']}"}
        for n, one in enumerate(summaries, 1)
        for fault in one["not_valid"]
    ]
    voids = [one.not_valid for one in years.run_economics if one.not_valid]
    made, used = (
        sum(row[name] for row in rows if name in row) for name in ("hydrogen_made_kg", "electricity_used_mwh")
    )
    figures: dict[str, Any] = {
        "years": len(rows),
        "hydrogen_made_kg": made,
        "hydrogen_sold_kg": sum(row.get("hydrogen_sold_kg", 0.0) for row in rows),
        "specific_energy_kwh_per_kg": 1000.0 * used / made if made > 0.0 else None,
    }
    for key in Totals(program, EMPTY_LEDGER, plant).by_technology():
        for name in (f"starts_{key}", f"replacements_{key}"):
            if name in rows[0]:
                figures[name] = sum(row.get(name, 0) for row in rows)
    sources = {**plant.files(), "scenario.json": scenario.to_json(plant)}
    sources[YEARS_TABLE] = years_csv(rows)
    economics: dict[str, Any] = {}
    appraisal = None
    void = f"{voids[0]} in one of {len(voids)} such years" if voids else ""
    if years.run_economics and not any("economics" in one["missing"] for one in summaries):
        appraisal = missing.attempt(
            "economics", lambda: appraise_life(plant, settings, _life(program, plant, years), void)
        )
    if appraisal is not None:
        economics = appraisal.to_dict()
        sources["cash_flow.csv"] = missing.attempt("cash flow", appraisal.cash_flow_csv, "none\n")
        figures |= {
            "hydrogen_cost_eur_per_kg": appraisal.made.closed_form,
            "hydrogen_cost_after_tax_eur_per_kg": appraisal.made.break_even,
            "hydrogen_cost_sold_eur_per_kg": appraisal.sold.closed_form,
            "hydrogen_cost_after_tax_sold_eur_per_kg": appraisal.sold.break_even,
            "net_present_value_eur": appraisal.net_present_value_eur,
            "internal_rate_frac": appraisal.internal_rate_frac,
        }
        if appraisal.has_debt:
            debt = appraisal.debt
            figures["debt_service_cover_least_ratio"] = None if debt is None else debt.least_dscr_ratio
            figures["loan_life_cover_ratio"] = None if debt is None else debt.llcr_ratio
    weather = {}
    if appraisal is not None:
        weather = missing.attempt("weather years", lambda: _weather(session, years, void), {})
    summary = {
        "scenario": scenario.name,
        "plant": plant.name,
        "is_complete": stopped is None,
        "stopped_by": "" if stopped is None else reason_of(stopped),
        "not_valid": not_valid,
        "missing": missing,
        "start": scenario.start.isoformat(),
        "n_years": n_years,
        "input_years": list(input_years),
        "step_s": scenario.step_s,
        "key_figures": figures,
        "figures": own_figures(plant),
        "years": rows,
        "economics": {**economics, "not_valid": void} if economics else economics,
        "weather_years": weather,
        "site": plant.site.to_dict(),
    }
    return summary, sources


def _command(scenario: Scenario, n_years: int, input_years: Sequence[int]) -> str:
    years = f" --input-years {','.join(str(y) for y in input_years)}" if input_years else ""
    return f"{scenario.command()} --years {n_years}{years}"
