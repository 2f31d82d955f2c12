"""What all scenarios of a study share: the plant, read, checked and lowered once; a scenario is a patched copy.

A scenario of the reference plant takes 0.2 ms to make like this, where reading and lowering take 70 ms.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import h2plant
from h2plant.components import KIND_BY_NAME
from h2plant.config.bundled import PACKAGE
from h2plant.config.findings import Finding, PlantError, raise_errors
from h2plant.config.scenario import Scenario
from h2plant.config.series import Series
from h2plant.config.series_reader import read_series
from h2plant.economics.settings import read_settings
from h2plant.execution import load_run
from h2plant.planning.rolling import plan_ahead
from h2plant.plant.graph import Component, Plant, plant_digest
from h2plant.plant.lower import lower, series_arrays
from h2plant.simulation.program import Program, copy_program
from h2plant.studies.design import Point
from h2plant.studies.output import Output, Reduction, resolve_reductions
from h2plant.studies.study import Study
from h2plant.studies.target import Changes, Problem, Target, YearTarget, changed_economics, find_target

MOST_SHOWN = 8
"""Most findings of one sort that are printed one by one."""

_CODE = ("core", "physics", "components", "dispatch", "simulation", "plant", "config", "economics", "planning")


@dataclass(frozen=True)
class Variant:
    """A scenario within a job: its number, and what it changes in the economics."""

    number: int
    changes: Changes


@dataclass(frozen=True)
class Job:
    """One run of the plant and the scenarios that share it; ``is_logged``: its whole results are kept."""

    variants: tuple[Variant, ...]
    is_logged: bool = False

    @property
    def changes(self) -> Changes:
        """What the run sees: the same for all its scenarios."""
        return self.variants[0].changes


class Basis:
    """A study made ready to run: what its scenarios share.

    Parameters
    ----------
    study
        A study that was checked.

    Raises
    ------
    PlantError
        The plant is not in order, a path leads nowhere, a column is not in the log, a year has no series.
    """

    def __init__(self, study: Study) -> None:
        self.scenario: Scenario = study.scenario
        self.outputs: tuple[Output, ...] = study.outputs
        self.plant, own_series = load_run(study.scenario)
        self._paths = {p.name: (p.path, p.where, p.line) for p in study.parameters}
        self._file = study.file
        self.targets = self._find_targets(own_series)
        self.series: dict[int | None, dict[str, Series]] = {None: own_series}
        self._lower()
        findings: list[Finding] = []
        self.reductions: tuple[Reduction, ...] = resolve_reductions(
            study.outputs, self.program.columns, study.file or self.plant.file, findings
        )
        raise_errors(findings)

    @property
    def n_steps(self) -> int:
        return round(self.scenario.hours * 3600.0 / self.scenario.step_s)

    @property
    def plant_years(self) -> float:
        """Length of a scenario in years of 8760 hours."""
        return self.scenario.hours / 8760.0

    def _lower(self) -> None:
        scenario = self.scenario
        self.program = lower(self.plant, self.series[None], scenario.step_s, scenario.log_every_s)
        plan_ahead(self.plant, self.series[None], self.program, scenario.start, scenario.hours)
        self._year_arrays: dict[int, dict[str, Any]] = {}

    def _find_targets(self, series: Mapping[str, Series]) -> dict[str, Target]:
        targets: dict[str, Target] = {}
        findings = []
        for name, (path, where, line) in self._paths.items():
            found = find_target(path, self.plant, series, self.scenario.start.year)
            if isinstance(found, Problem):
                findings.append(Finding(found.id, f"{where}.path", found.what, found.remedy, self._file, line))
            else:
                targets[name] = found
        raise_errors(findings)
        return targets

    # --- scenarios

    def changes(self, point: Point) -> tuple[Changes, list[tuple[str, Problem]]]:
        """Return what a point changes, and what is wrong with its values by parameter."""
        changes, problems = Changes(), []
        for name, target in self.targets.items():
            problem = target.apply(point.values[name], changes)
            if problem is not None:
                problems.append((name, problem))
        return changes, problems

    def jobs(self, points: Iterable[Point], logged: Sequence[int] = ()) -> list[Job]:
        """Return the runs that points need, each with the scenarios that share it; logged ones have their own.

        Raises
        ------
        PlantError
            Values out of bounds, with the scenario; years without series.
        """
        variants: dict[tuple[str, int], list[Variant]] = {}
        wrong: dict[tuple[str, str], list[tuple[int, Problem]]] = {}
        wanted = set(logged)
        for point in points:
            changes, problems = self.changes(point)
            problems += self._economics_problems(changes)
            for name, problem in problems:
                wrong.setdefault((name, problem.id), []).append((point.number, problem))
            own = point.number if point.number in wanted else 0
            variants.setdefault((changes.physics_digest(), own), []).append(Variant(point.number, changes))
        raise_errors(self._findings(wrong))
        jobs = [Job(tuple(each), own > 0) for (_, own), each in variants.items()]
        self._load_years({job.changes.year for job in jobs})
        return jobs

    def _economics_problems(self, changes: Changes) -> list[tuple[str, Problem]]:
        if not changes.economics:
            return []
        keys = {path.removeprefix("economics."): name for name, (path, _, _) in self._paths.items()}
        try:
            plant = replace(self.plant, economics=changed_economics(self.plant.economics, changes))
            read_settings(plant, {f"economics.{key}": value for key, value in changes.economics.items()})
        except PlantError as error:
            found = []
            for f in error.findings:
                key = f.where.removeprefix("set ").removeprefix("economics.")
                name = next(
                    (n for k, n in keys.items() if key == k or key.startswith(f"{k}.")), next(iter(keys.values()))
                )
                found.append((name, Problem(f.id, f"'{key}' {f.what}", f.remedy)))
            return found
        except ValueError as error:
            return [(next(iter(keys.values())), Problem("bad-override", str(error), "name the key of a single value"))]
        return []

    def _findings(self, wrong: Mapping[tuple[str, str], list[tuple[int, Problem]]]) -> list[Finding]:
        findings = []
        for (name, id_), found in list(wrong.items())[:MOST_SHOWN]:
            _, where, line = self._paths[name]
            number, problem = found[0]
            what = f"in scenario {number}: {problem.what}"
            if len(found) > 1:
                others = ", ".join(str(n) for n, _ in found[1:6]) + (", ..." if len(found) > 6 else "")
                what += f"; {len(found)} scenarios in all ({number}, {others})"
            findings.append(Finding(id_, where, what, problem.remedy, self._file, line))
        return findings

    def _load_years(self, years: Iterable[int | None]) -> None:
        """Load the series of further input years, each once."""
        findings: list[Finding] = []
        name = next((n for n, target in self.targets.items() if isinstance(target, YearTarget)), "")
        for year in sorted(y for y in years if y is not None and y not in self.series):
            start = self.scenario.start.replace(year=year)
            scenario = self.scenario
            series, found = read_series(self.plant, start, scenario.n_seconds, scenario.series, scenario.timezone)
            for f in found:
                _, where, line = self._paths[name]
                findings.append(replace(f, where=where, what=f"in {year}: {f.what}", file=self._file, line=line))
            self.series[year] = series
        raise_errors(findings)

    def start(self, changes: Changes) -> datetime:
        """Return the first instant of a scenario."""
        start = self.scenario.start
        return start if changes.year is None else start.replace(year=changes.year)

    def series_of(self, changes: Changes) -> dict[str, Series]:
        """Return the series of a scenario."""
        series = self.series[changes.year]
        moved = {name: by for name, by in changes.series.items() if by != (1.0, 0.0)}
        changed = {
            n: replace(series[n], values=series[n].values * scale + shift) for n, (scale, shift) in moved.items()
        }
        return {name: changed.get(name, one) for name, one in series.items()}

    def plant_of(self, changes: Changes) -> Plant:
        """Return the plant of a scenario, its economics changed as well."""
        components = dict(self.plant.components)
        for (component, field), value in changes.fields.items():
            one = components[component]
            components[component] = replace(one, values={**one.values, field: value})
        economics = changed_economics(self.plant.economics, changes)
        return replace(self.plant, components=components, economics=economics)

    def program_of(self, changes: Changes) -> Program:
        """Return a program of a scenario, fresh and its own; a plant that is planned ahead is lowered anew.

        Raises
        ------
        PlantError
            It cannot be planned.
        """
        scenario = self.scenario
        if self.program.planning is not None:
            plant, series = self.plant_of(changes), self.series_of(changes)
            program = lower(plant, series, scenario.step_s, scenario.log_every_s)
            plan_ahead(plant, series, program, self.start(changes), scenario.hours)
            return program
        program = copy_program(self.program)
        memory, index = program.arrays.memory, program.field_index
        for (component, field), value in changes.fields.items():
            memory[index[f"{component}.{field}"]] = value
        if any(by != (1.0, 0.0) for by in changes.series.values()):
            program.arrays = program.arrays._replace(**series_arrays(self.series_of(changes)))
        elif changes.year is not None:
            if changes.year not in self._year_arrays:
                self._year_arrays[changes.year] = series_arrays(self.series[changes.year])
            program.arrays = program.arrays._replace(**self._year_arrays[changes.year])
        return program

    # --- what it is, and how it travels

    def digest(self) -> str:
        """Return the digest of plant, economics and series: everything that decides results but the study itself."""
        plant = self.plant
        of_plant = plant_digest(plant.components, plant.links, {}, plant.economics, plant.timezone)
        found = hashlib.sha256(of_plant.encode())
        for name, one in self.series[None].items():
            found.update(f"{name}{one.resolution_s}{one.offset_s}{one.is_linear}".encode() + one.values.tobytes())
        return found.hexdigest()

    def __getstate__(self) -> dict[str, Any]:
        """Return what travels to another process: values and numbers; kernels are there already."""
        state = self.__dict__.copy()
        for name in ("program", "targets", "_paths", "_file", "_year_arrays"):
            del state[name]
        packed = {id_: (c.kind.name, c.values, c.line, c.function) for id_, c in self.plant.components.items()}
        state["plant"] = replace(self.plant, components={}, lines={})
        state["_packed"] = packed
        state["_props"] = self.program.arrays.props
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        packed, props = state.pop("_packed"), state.pop("_props")
        self.__dict__.update(state)
        components = {id_: Component(id_, KIND_BY_NAME[kind], *rest) for id_, (kind, *rest) in packed.items()}
        self.plant = replace(self.plant, components=components)
        self._lower()
        self.program.arrays = self.program.arrays._replace(props=props)
        self.targets, self._paths, self._file = {}, {}, None


def code_digest() -> str:
    """Return the digest of the code that decides results: version, and the sources of physics and economics."""
    found = hashlib.sha256(h2plant.__version__.encode())
    files = [*PACKAGE.glob("*.py"), *(f for folder in _CODE for f in (PACKAGE / folder).glob("*.py"))]
    for file in sorted(files):
        found.update(file.relative_to(PACKAGE).as_posix().encode() + file.read_bytes())
    return found.hexdigest()
