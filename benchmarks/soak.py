"""Draw plants and weathers at random and see what a run makes of them: ``make soak``.

Each draw takes a bundled plant, changes some of its parameters (from one to all of them, as many drawn log-uniformly),
either by up to 30 % of their value (``near``) or anywhere within their declared bounds (``wide``), a start within the
bundled year, 48 h to 30 days, a step, and series of its own: air between -25 and 45 C, prices between -500 and 4,000
EUR/MWh, calm weeks, spikes, gaps of wind. ``check`` may refuse it; what it accepts is run, and nothing may go wrong
with it but what a plant can do: trip, run short, spill.

``python -m benchmarks.soak --draws 1000 --seed 0`` prints the counts; ``--list`` a line for each draw that stopped,
failed, hung or left something that is not a number. ``--force`` runs the draws that were refused, and says how many of
them run without any fault. ``--plant`` takes a bundled plant or a file. A draw is repeated by its number:
``python -m benchmarks.soak --plant dual_path --sort near --only 17``.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import math
import multiprocessing
import signal
import sys
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from h2plant.audit.report import audit_run
from h2plant.config.bundled import bundled_plants
from h2plant.config.scenario import changed_scenario, load_scenario, load_scenario_plant
from h2plant.config.series import Series
from h2plant.core.declare import Field
from h2plant.core.status import (
    LIMITED,
    OFF_SPEC,
    OVER_TEMPERATURE,
    OVERFLOW,
    RELIEF,
    SOLVER_TRIP,
    STATUS_TEXT,
    TRIP,
    UNDER_TEMPERATURE,
    UPHILL,
)
from h2plant.plant.finding import PlantError
from h2plant.plant.graph import Plant
from h2plant.results.validity import faults
from h2plant.session.session import Loaded, Session, load_run
from h2plant.simulation.engine import Event, SimulationFailure

PLANTS = tuple(sorted(bundled_plants(), key=lambda name: (name != "minimal", name)))
"""All bundled plants, the smallest first."""
SORTS = ("near", "wide")
NEAR_FRAC = 0.3
LONGEST_S = 60.0
AT_LIMITS = (LIMITED, OVER_TEMPERATURE, UNDER_TEMPERATURE, RELIEF, OVERFLOW, OFF_SPEC, UPHILL)
MOST_RESIDUAL = 1.0e-9
YEAR_START = datetime(2023, 1, 1, tzinfo=UTC)
HOURS = (48.0, 720.0)
STEPS_S = (60, 60, 60, 300, 900, 3600)
_UNBOUNDED = 1.0e3
_FREEZING_K = 273.15
_KEPT_STEPS = 40

FloatArray = NDArray[np.float64]


class Outcome(NamedTuple):
    """What came of a draw.

    Attributes
    ----------
    end
        ``refused``, ``ran``, ``stopped`` (a component ended the run), ``failed`` (an error that is none of the plant's)
        or ``hung`` (longer than a minute).
    text
        What was said.
    findings
        Ids of what ``check`` found.
    """

    plant: str
    sort: str
    number: int
    end: str
    text: str = ""
    findings: tuple[str, ...] = ()
    seconds: float = 0.0
    component_steps: int = 0
    solver_trips: int = 0
    trips: int = 0
    residual: float = 0.0
    is_number: bool = True
    made_kg: float = 0.0
    broken: tuple[str, ...] = ()
    not_valid: tuple[str, ...] = ()
    reported: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong with what the run left."""
        return self.is_number and self.residual <= MOST_RESIDUAL and not self.broken

    @property
    def misbehaves(self) -> str:
        """What first went wrong with a run that anybody would notice; empty where it went well.

        It stopped, left what is not right or not valid, a machine tripped, a solver found no state, no hydrogen was
        made in at least two days, or what ``check`` refused reports just that: blown off, spilled, too warm, limited.
        """
        if self.end != "ran":
            return self.end
        if not self.is_right or self.not_valid:
            return "not right"
        if self.trips or self.solver_trips:
            return "trips"
        if not self.made_kg > 0.0:
            return "no hydrogen"
        return "at its limits" if set(self.reported) & set(self.named) else ""


def drawn_value(field: Field, value: float, sort: str, random: np.random.Generator) -> float:
    """Return a value of a parameter, in SI: near its own or anywhere within its bounds."""
    low = -math.inf if field.ge is None else field.ge
    high = math.inf if field.le is None else field.le
    if sort == "near":
        zero = _FREEZING_K if field.unit == "K" and value > 100.0 else 0.0
        drawn = zero + (value - zero) * (1.0 + random.uniform(-NEAR_FRAC, NEAR_FRAC))
    else:
        low = max(low, -_UNBOUNDED) if not math.isfinite(low) else low
        if not math.isfinite(high):
            high = max(abs(value), 1.0) * _UNBOUNDED
        if low > 0.0 and high > 100.0 * low:
            drawn = math.exp(random.uniform(math.log(low), math.log(high)))
        else:
            drawn = random.uniform(low, high)
    if field.is_whole or field.name.startswith("n_"):
        drawn = float(round(drawn))
    return min(max(drawn, low), high)


def drawn_parameters(plant: Plant, sort: str, random: np.random.Generator) -> dict[str, float]:
    """Return new values of some parameters of a plant, ``component.parameter`` in SI.

    Near its own a plant changes as its file does: components that are written alike change alike.
    """
    groups: dict[Any, list[str]] = {}
    for c in plant.components.values():
        alike = (c.kind.name, tuple(sorted(c.values.items()))) if sort == "near" else c.id
        groups.setdefault(alike, []).append(c.id)
    places = [
        (ids, field, plant.components[ids[0]].values[field.name])
        for ids in groups.values()
        for field in plant.components[ids[0]].kind.parameters
        if not field.choices
    ]
    how_many = max(1, round(math.exp(random.uniform(0.0, math.log(len(places))))))
    drawn: dict[str, float] = {}
    for k in sorted(random.choice(len(places), how_many, replace=False).tolist()):
        ids, field, own = places[k]
        value = drawn_value(field, own, sort, random)
        drawn |= {f"{id_}.{field.name}": value for id_ in ids}
    return drawn


def drawn_series(series: Mapping[str, Series], random: np.random.Generator) -> dict[str, Series]:
    """Return series of a rougher kind in place of those of a plant."""
    made = dict(series)
    for name, one in series.items():
        if name == "temp_air_k":
            made[name] = replace(one, values=_air(one, random))
        elif name.startswith("price"):
            made[name] = replace(one, values=_prices(one, random))
        elif name.startswith("wind"):
            made[name] = replace(one, values=_wind(one, random))
    return made


def _air(one: Series, random: np.random.Generator) -> FloatArray:
    day = 2.0 * np.pi * np.arange(one.values.size) * one.resolution_s / 86400.0
    sort = random.integers(3)
    if sort == 0:  # the bundled year, colder or warmer
        values = one.values + random.uniform(-25.0, 20.0)
    elif sort == 1:
        values = np.full(one.values.size, _FREEZING_K + random.uniform(-25.0, 45.0))
    else:
        values = _FREEZING_K + random.uniform(-15.0, 35.0) + random.uniform(0.0, 12.0) * np.sin(day)
    return np.asarray(np.clip(values, _FREEZING_K - 25.0, _FREEZING_K + 45.0))


def _prices(one: Series, random: np.random.Generator) -> FloatArray:
    per_mwh = 1.0 / 3.6e9
    values = one.values.copy()
    if random.random() < 0.5:
        values = values * random.uniform(0.0, 4.0) + random.uniform(-100.0, 100.0) * per_mwh
    at = random.random(values.size) < random.choice((0.0, 0.01, 0.2))
    values[at] = random.uniform(-500.0, 4000.0, int(at.sum())) * per_mwh
    return np.asarray(np.clip(values, -500.0 * per_mwh, 4000.0 * per_mwh))


def _wind(one: Series, random: np.random.Generator) -> FloatArray:
    values = one.values.copy()
    sort = random.integers(4)
    if sort == 1:  # a calm
        first = int(random.integers(values.size))
        values[first : first + int(7 * 86400 / one.resolution_s)] = 0.0
    elif sort == 2:  # nothing or everything
        values = (random.random(values.size) < 0.5).astype(float)
    elif sort == 3:  # single calm hours
        values[random.random(values.size) < 0.1] = 0.0
    return np.asarray(np.clip(values, 0.0, 1.0))


@contextlib.contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    def late(_number: int, _frame: Any) -> None:
        raise TimeoutError(f"longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


@functools.cache
def _whole_plant(name: str) -> Plant:
    return load_scenario_plant(load_scenario(name))


def _seed_of(plant: str) -> int:
    """Return a number of the plant that other plants change nothing of."""
    return {"minimal": 0, "dual_path": 1}.get(plant, zlib.crc32(Path(plant).stem.encode()))


def draw(plant: str, sort: str, number: int, seed: int = 0, is_forced: bool = False, hours: float = 0.0) -> Outcome:
    """Make a draw, run it if ``check`` accepts it, and return what came of it; if forced, those that it refuses."""
    random = np.random.default_rng((seed, _seed_of(plant), SORTS.index(sort), number))
    given = drawn_parameters(_whole_plant(plant), sort, random)
    drawn_hours = float(round(math.exp(random.uniform(*np.log(HOURS)))))
    start = YEAR_START + timedelta(hours=int(random.integers(0, 8760 - int(HOURS[1]))))
    step_s = int(random.choice(STEPS_S))
    tag = (plant, sort, number)
    began = time.perf_counter()
    findings: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    try:
        with _no_longer_than(LONGEST_S):
            text = {name: repr(value) for name, value in given.items()}
            scenario = changed_scenario(load_scenario(plant), hours or drawn_hours, start, step_s, 3600, text)
            try:
                loaded = load_run(scenario)
            except PlantError as error:
                if not is_forced:
                    raise
                findings = _ids(error)
                named = tuple(sorted({finding.where.partition(".")[0] for finding in error.findings}))
                loaded = _forced(scenario, given)
            else:
                if is_forced:
                    return Outcome(*tag, "accepted")
            session = Session(replace(loaded, series=drawn_series(loaded.series, random)))
            return _run(tag, session, began)._replace(findings=findings, named=named)
    except PlantError as error:
        return Outcome(*tag, "refused", str(error)[:300], _ids(error))
    except SimulationFailure as error:
        text = f"{error.component}: {STATUS_TEXT.get(error.code, error.code)} at the start"
        return Outcome(*tag, "stopped", text, findings)
    except TimeoutError as error:
        return Outcome(*tag, "hung", str(error), findings, time.perf_counter() - began)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})"
        return Outcome(*tag, "failed", text, findings)


def _ids(error: PlantError) -> tuple[str, ...]:
    return tuple(sorted({finding.id for finding in error.findings}))


def _forced(scenario: Any, given: Mapping[str, float]) -> Loaded:
    """Return a scenario of which ``check`` was not asked."""
    plain = replace(scenario, overrides={})
    loaded = load_run(plain)
    components = dict(loaded.plant.components)
    for place, value in given.items():
        id_, _, field = place.partition(".")
        component = components[id_]
        components[id_] = replace(component, values={**component.values, field: value})
    return replace(loaded, plant=replace(loaded.plant, components=components))


def _run(tag: tuple[str, str, int], session: Session, began: float) -> Outcome:
    session.keep_steps(_KEPT_STEPS)
    end, text = "ran", ""
    try:
        session.run()
    except SimulationFailure as failure:
        end, text = "stopped", str(failure).partition(";")[0]
    events: list[Event] = list(session._events)
    found: list[str] = []
    broken: list[str] = []
    residual, made_kg = 0.0, 0.0
    is_number = all(bool(np.isfinite(rows).all()) for rows in session._rows)
    if session.is_begun:
        with session.closed():
            totals = session.totals()
            ledger = totals.ledger
            residual = float(np.max(np.abs(ledger.relative_residual), initial=0.0))
            residual = max(residual, float(np.max(np.abs(ledger.plant_residual))))
            is_number &= math.isfinite(residual)
            audit = audit_run(session.program, ledger.memory_before, session.kept_steps(ledger))
            broken = sorted({f"{one.law.id}@{id_}" for one in audit.broken for id_ in one.broken_at})
            found = sorted({f"{one.id}@{one.component}" for one in faults(totals)})
            made_kg = float(totals.sum("made_kg"))
    return Outcome(
        *tag,
        end,
        text,
        (),
        time.perf_counter() - began,
        session.step_number * session.program.n_components,
        sum(event.last_step - event.first_step + 1 for event in events if event.code == SOLVER_TRIP),
        sum(event.code == TRIP for event in events),
        residual,
        is_number,
        made_kg,
        tuple(broken),
        tuple(found),
        tuple(sorted({event.component for event in events if event.code in AT_LIMITS})),
    )


def warm_up(plant: str) -> None:
    """Compile what the plant needs, so that no draw waits for it."""
    session = Session(plant, hours=1, step_s=60)
    session.keep_steps(1)
    session.run()


def _drawn(job: tuple[str, str, int, int, bool, float]) -> Outcome:
    return draw(*job)


def counts(outcomes: list[Outcome]) -> dict[str, Any]:
    """Return the counts of draws of one plant and sort."""
    accepted = [one for one in outcomes if one.end != "refused"]
    ran = [one for one in accepted if one.end == "ran"]
    component_steps = sum(one.component_steps for one in accepted)
    times = sorted(one.seconds for one in accepted) or [0.0]
    return {
        "draws": len(outcomes),
        "accepted": len(accepted),
        "ran": len(ran),
        "stopped": sum(one.end == "stopped" for one in accepted),
        "failed": sum(one.end == "failed" for one in accepted),
        "hung": sum(one.end == "hung" for one in accepted),
        "not a number": sum(not one.is_number for one in accepted),
        "residual above 1e-9": sum(not one.residual <= MOST_RESIDUAL for one in accepted),
        "law broken": sum(bool(one.broken) for one in accepted),
        "with trips": sum(one.trips > 0 for one in accepted),
        "with solver trips": sum(one.solver_trips > 0 for one in accepted),
        "solver trips per component-step": sum(o.solver_trips for o in accepted) / max(1, component_steps),
        "without any fault": sum(not one.misbehaves for one in accepted),
        "worst residual": max((one.residual for one in accepted), default=0.0),
        "median s": times[len(times) // 2],
        "longest s": times[-1],
    }


def print_forced(plant: str, sort: str, refused: list[Outcome]) -> None:
    """Print what became of refused draws that were run all the same: of all, and by what they were refused for."""
    print(f"{plant}, {sort}: {len(refused)} refused draws, forced:")
    for what, times in Counter(one.misbehaves or "without any fault" for one in refused).most_common():
        print(f"  {what:34} {times}")
    for finding in sorted({id_ for one in refused for id_ in one.findings}):
        alone = [one for one in refused if one.findings == (finding,)]
        well = sum(not one.misbehaves for one in alone)
        print(f"  refused for {finding} alone: {len(alone)}, of which without any fault: {well}")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Draw, run, print; exit code 1 where something came out wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--plant", help="a bundled plant, or a file; all bundled ones without it")
    parser.add_argument("--sort", choices=SORTS)
    parser.add_argument("--draws", type=int, default=1000, help="of each plant and sort")
    parser.add_argument("--only", type=int, help="one draw, by its number")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--list", action="store_true", help="a line for each draw that went wrong")
    parser.add_argument("--force", action="store_true", help="run the draws that check refuses, and only those")
    given = parser.parse_args(arguments)
    is_wrong = False
    for plant in (given.plant,) if given.plant else PLANTS:
        warm_up(plant)
        for sort in (given.sort,) if given.sort else SORTS:
            first = given.first if given.only is None else given.only
            n = given.draws if given.only is None else 1
            jobs = [(plant, sort, k, given.seed, given.force, 0.0) for k in range(first, first + n)]
            if given.processes > 1 and n > 1:
                with multiprocessing.get_context("fork").Pool(given.processes) as pool:
                    outcomes = pool.map(_drawn, jobs, chunksize=4)
            else:
                outcomes = [_drawn(job) for job in jobs]
            if given.force:
                print_forced(plant, sort, [one for one in outcomes if one.findings])
                continue
            print(f"{plant}, {sort}:")
            for name, value in counts(outcomes).items():
                print(f"  {name:34} {value:.3g}" if isinstance(value, float) else f"  {name:34} {value}")
            for findings, times in Counter(f for one in outcomes for f in one.findings).most_common(12):
                print(f"  refused for {findings:30} {times}")
            for text, times in Counter(_sort_of(one) for one in outcomes if one.end in ("stopped", "failed")).items():
                print(f"  {text:34} {times}")
            wrong = [o for o in outcomes if o.end in ("failed", "hung") or not o.is_right]
            is_wrong |= bool(wrong)
            for one in outcomes if given.list else ():
                if one.end in ("stopped", "failed", "hung") or not one.is_right or one.solver_trips:
                    print(
                        f"    {one.number}: {one.end} {one.text} {one.residual:.2g} {one.broken[:4]} {one.solver_trips}"
                    )
            sys.stdout.flush()
    return int(is_wrong)


def _sort_of(one: Outcome) -> str:
    return one.text.partition(" in step")[0]


if __name__ == "__main__":
    sys.exit(main())
