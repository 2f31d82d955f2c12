"""What all scenarios of a study share: variants of the plant, what parameters set, and which scenarios share a run.

A scenario of the reference plant takes 0.2 ms to make like this, where reading and lowering take 70 ms.
"""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import h2plant
from h2plant.config.bundled import PACKAGE
from h2plant.config.scenario import Scenario, load_scenario_plant
from h2plant.config.two_lines import path_note, path_today
from h2plant.core.units import UnitError, match_parameter
from h2plant.economics.settings import read_settings
from h2plant.plant.digest import is_same_structure, plant_digest, structure_digest
from h2plant.plant.finding import Finding, PlantError, raise_errors
from h2plant.plant.graph import Plant
from h2plant.simulation.program import Program
from h2plant.studies.study import Study
from h2plant.studies.study.design import Point
from h2plant.studies.study.effect import unread_parameters
from h2plant.studies.study.output import Output, Reduction
from h2plant.studies.study.target import (
    BlockTarget,
    Changes,
    FaultTarget,
    FieldTarget,
    KindTarget,
    NoTarget,
    Problem,
    Target,
    YearTarget,
    changed_economics,
    find_target,
    follow,
)
from h2plant.studies.study.variant import PlantVariant, make_plant_variant

MOST_SHOWN = 8
"""Most findings of one sort that are printed one by one."""

_Kinds = tuple[tuple[str, str], ...]
"""(component, kind) of those that a variant of the plant has of other kinds, in order."""
_CODE = (
    *("core", "physics", "components", "dispatch", "simulation", "plant", "config", "economics", "planning"),
    *("results", "session"),
)


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


class PreparedStudy:
    """A study made ready to run: what its scenarios share.

    Parameters
    ----------
    study
        A study that was checked.

    Attributes
    ----------
    own
        The plant as it stands; other variants are made when scenarios ask for them.
    remarks
        What else is worth knowing of what is asked of it.

    Raises
    ------
    PlantError
        The plant is not in order, a path leads nowhere, a column is not in the log, a year has no series.
    """

    def __init__(self, study: Study) -> None:
        self.scenario: Scenario = study.scenario
        self.outputs: tuple[Output, ...] = study.outputs
        self.remarks: list[str] = []
        self._parameters = {p.name: p for p in study.parameters}
        self._file = study.file
        self.own = make_plant_variant(study.scenario, {}, study.outputs, study.file)
        self._plant_variants: dict[_Kinds, PlantVariant] = {(): self.own}
        self._renamed: dict[str, str] = {}
        self._targets: dict[_Kinds, dict[str, Target]] = {(): self._find_targets(self.own)}
        raise_errors(unread_parameters(study.parameters, self.targets, study.outputs, self.own.plant, study.file))

    @property
    def notes(self) -> list[str]:
        """What is worth knowing of the plant, and of paths that are written as they were before."""
        of_paths = [path_note(old, new) for old, new in self._renamed.items()]
        return [*self.own.program.notes, *of_paths, *self.remarks]

    @property
    def targets(self) -> dict[str, Target]:
        """What each parameter sets in the plant as it stands."""
        return self._targets[()]

    @property
    def plant_variants(self) -> list[PlantVariant]:
        """The variants that scenarios have asked for so far; that of the plant as it stands is the first."""
        return list(self._plant_variants.values())

    @property
    def reductions(self) -> tuple[Reduction, ...]:
        """The outputs that are made from the log."""
        return self.own.reductions

    @property
    def n_steps(self) -> int:
        return round(self.scenario.hours * 3600.0 / self.scenario.step_s)

    @property
    def plant_years(self) -> float:
        """Length of a scenario in years of 8760 hours."""
        return self.scenario.hours / 8760.0

    def plant_variant(self, changes: Changes) -> PlantVariant:
        """Return the variant of the plant that a scenario runs on.

        Raises
        ------
        PlantError
            The plant is not in order with these kinds.
        """
        kinds = changes.plant_variant
        if kinds not in self._plant_variants:
            blocks = changes.blocks if changes.structure else {}
            self._plant_variants[kinds] = plant_variant = make_plant_variant(
                self.scenario, changes.kinds, self.outputs, self._file, blocks
            )
            self._targets[kinds] = self._find_targets(plant_variant)
        return self._plant_variants[kinds]

    def settle_blocks(self, changes: Changes) -> list[tuple[str, Problem]]:
        """Read the plant with its blocks as a scenario has them, and take over what moved; returns what is wrong.

        Where other components or links follow, the scenario runs on a variant of the plant of its own; all that have
        the same share one.
        """
        if not changes.blocks:
            return []
        overrides = {**changes.blocks, **{f"{id_}.kind": kind for id_, kind in changes.kinds.items()}}
        try:
            plant = load_scenario_plant(self.scenario, overrides)
        except PlantError as error:
            paths = {t.path: name for name, t in self.targets.items() if isinstance(t, BlockTarget | FaultTarget)}
            found = []
            for f in error.findings:
                name = paths.get(f.where.removeprefix("set "), next(paths[path] for path in changes.blocks))
                what = f"with {', '.join(f'{k} = {v}' for k, v in changes.blocks.items())}: {f.where}: {f.what}"
                found.append((name, Problem(f.id, what, f.remedy)))
            return found
        own = self.plant_variant(changes).plant
        if not is_same_structure(plant, own) or plant.faults != own.faults:
            changes.structure = structure_digest(plant)
            own = self.plant_variant(changes).plant
        for id_, one in plant.components.items():
            before = own.components[id_].values
            for name, value in one.values.items():
                if value != before[name]:
                    changes.fields[id_, name] = value
        return []

    def plant_of(self, changes: Changes) -> Plant:
        """Return the plant of a scenario, its economics changed as well."""
        return self.plant_variant(changes).plant_of(changes)

    def program_of(self, changes: Changes) -> Program:
        """Return a program of a scenario, fresh and its own; PlantError if it cannot be planned."""
        return self.plant_variant(changes).program_of(changes)

    def _find_targets(self, plant_variant: PlantVariant) -> dict[str, Target]:
        """Return what each parameter sets in a variant; nothing where a kind that is varied has no such parameter."""
        targets: dict[str, Target] = {}
        findings = []
        for name, p in self._parameters.items():
            path = path_today(p.path, plant_variant.plant)
            if path != p.path:
                self._renamed[p.path] = path
            found = find_target(path, plant_variant.plant, plant_variant.series[None], self.scenario.start.year)
            if isinstance(found, Problem) and found.id == "unknown-parameter" and self._has_a_kind(path):
                targets[name] = NoTarget()
            elif isinstance(found, Problem):
                where = f"{p.where}.path"
                findings.append(Finding(found.id, where, found.what, found.remedy, self._file, p.line))
            else:
                targets[name] = found
        raise_errors(findings)
        return targets

    def _has_a_kind(self, path: str) -> bool:
        """Whether one of the kinds that the study gives a path's components has the parameter."""
        head, _, key = path.partition(".")
        varied = [p for p in self._parameters.values() if p.path.endswith(".kind")]
        names = [v for p in varied if fnmatch.fnmatch(p.path.removesuffix(".kind"), head) for v in p.values]
        known = self.own.plant.kinds
        kinds = [known[v] for v in names if isinstance(v, str) and v in known]
        with contextlib.suppress(UnitError):
            return any(match_parameter(key.removesuffix(".scale"), kind.parameters) for kind in kinds)
        return False

    # --- scenarios

    def changes(self, point: Point) -> tuple[Changes, list[tuple[str, Problem]]]:
        """Return what a point changes, and what is wrong with its values by parameter.

        Raises
        ------
        PlantError
            The plant is not in order with the kinds that the point asks for.
        """
        changes, problems = Changes(), []
        for is_first in (True, False):  # what the others set hangs on kinds and blocks
            targets = self._targets[()] if is_first else self._targets[changes.plant_variant]
            for name, target in targets.items():
                if isinstance(target, KindTarget | BlockTarget | FaultTarget) is is_first:
                    problem = target.apply(point.values[name], changes)
                    if problem is not None:
                        problems.append((name, problem))
            if is_first:
                self.plant_variant(changes)
                problems += self.settle_blocks(changes) if not problems else []
        found = None if problems else follow(changes, self.plant_variant(changes).plant)
        if found is not None:
            of_it = [n for n, t in targets.items() if isinstance(t, FieldTarget) and found[0] in t.components]
            problems.append((of_it[0], found[1]))
        return changes, problems

    def jobs(self, points: Iterable[Point], logged: Sequence[int] = ()) -> list[Job]:
        """Return the runs that points need, each with the scenarios that share it; logged ones have their own.

        Raises
        ------
        PlantError
            Values out of bounds, also of series, with the scenario; years without series.
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
        self._load_years(jobs)
        raise_errors(self._findings(self._series_beyond(jobs)))
        # those of one variant of the plant stand together: a device runs them at once
        return sorted(jobs, key=lambda job: job.changes.plant_variant)

    def _economics_problems(self, changes: Changes) -> list[tuple[str, Problem]]:
        if not changes.economics:
            return []
        keys = {p.path.removeprefix("economics."): name for name, p in self._parameters.items()}
        try:
            plant = replace(self.own.plant, economics=changed_economics(self.own.plant.economics, changes))
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

    def _series_beyond(self, jobs: Iterable[Job]) -> dict[tuple[str, str], list[tuple[int, Problem]]]:
        """Return what is wrong with the series of scenarios, by parameter."""
        wrong: dict[tuple[str, str], list[tuple[int, Problem]]] = {}
        for job in jobs:
            for name, what in self._plant_variants[job.changes.plant_variant].beyond_bounds(job.changes).items():
                parameter = next(n for n, p in self._parameters.items() if p.path.startswith(f"series.{name}."))
                problem = Problem("out-of-bounds", what, "narrow the values of the parameter")
                wrong.setdefault((parameter, problem.id), []).append((job.variants[0].number, problem))
        return wrong

    def _findings(self, wrong: Mapping[tuple[str, str], list[tuple[int, Problem]]]) -> list[Finding]:
        findings = []
        for (name, id_), found in list(wrong.items())[:MOST_SHOWN]:
            p = self._parameters[name]
            number, problem = found[0]
            what = f"in scenario {number}: {problem.what}"
            if len(found) > 1:
                others = ", ".join(str(n) for n, _ in found[1:6]) + (", ..." if len(found) > 6 else "")
                what += f"; {len(found)} scenarios in all ({number}, {others})"
            findings.append(Finding(id_, p.where, what, problem.remedy, self._file, p.line))
        return findings

    def _load_years(self, jobs: Iterable[Job]) -> None:
        """Load the series of further input years, each once for each variant of the plant."""
        years: dict[_Kinds, set[int | None]] = {}
        for job in jobs:
            years.setdefault(job.changes.plant_variant, set()).add(job.changes.year)
        found = [
            finding for kinds, wanted in years.items() for finding in self._plant_variants[kinds].load_years(wanted)
        ]
        p = next((self._parameters[n] for n, target in self.targets.items() if isinstance(target, YearTarget)), None)
        if found and p is not None:
            raise PlantError([replace(f, where=p.where, file=self._file, line=p.line) for f in found])

    def digest(self) -> str:
        """Return the digest of plant, economics and series: everything that decides results but the study itself."""
        plant = self.own.plant
        site, faults = plant.site, plant.faults
        of_plant = plant_digest(plant.components, plant.links, {}, plant.economics, plant.timezone, site, faults)
        found = hashlib.sha256(of_plant.encode())
        for name, one in self.own.series[None].items():
            found.update(f"{name}{one.resolution_s}{one.offset_s}{one.is_linear}".encode() + one.values.tobytes())
        return found.hexdigest()

    def __getstate__(self) -> dict[str, Any]:
        """Return what travels to another process: the variants, without what only finds and checks scenarios."""
        return {**self.__dict__, "_targets": {}, "_parameters": {}, "_file": None}


def code_digest() -> str:
    """Return the digest of the code that decides results: version, and the sources of physics and economics."""
    found = hashlib.sha256(h2plant.__version__.encode())
    files = [*PACKAGE.glob("*.py"), *(f for folder in _CODE for f in (PACKAGE / folder).rglob("*.py"))]
    for file in sorted(files):
        found.update(file.relative_to(PACKAGE).as_posix().encode() + file.read_bytes())
    return found.hexdigest()


def __getattr__(name: str) -> Any:
    if name == "Basis":
        warnings.warn("Basis is now PreparedStudy; the old name goes with the next release", DeprecationWarning, 2)
        return PreparedStudy
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
