"""What an optimisation is after: objectives, constraints, and how it searches; read from a study of kind 'optimize'."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from h2plant.config.schema import validate
from h2plant.config.yaml_source import Node
from h2plant.plant.door import of_a_file
from h2plant.plant.finding import Finding, and_then, listing, nearest, raise_errors
from h2plant.results.figures import FIGURES, figure_of
from h2plant.studies.study import Study, open_study, read_common
from h2plant.studies.study.design import Design
from h2plant.studies.study.output import Output, Values
from h2plant.studies.study.parameter import Parameter
from h2plant.studies.study.shape import Count, Seed, StudyShape

MOST_TRIALS = 100_000
_Text = Annotated[str, Field(min_length=1)]


class OptimizeShape(StudyShape):
    """The top level of an optimisation."""

    kind: Literal["optimize"]
    objectives: Annotated[list[Any], Field(min_length=1, max_length=4)]
    constraints: Annotated[list[Any], Field(default_factory=list)]
    search: dict[str, Any]
    outputs: Annotated[list[Any], Field(default_factory=list)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ObjectiveShape(_Shape):
    """One objective: exactly one of the two."""

    minimize: _Text | None = None
    maximize: _Text | None = None


class ConstraintShape(_Shape):
    """Bounds of an output: at least one of ``min`` and ``max``."""

    output: _Text
    min: FiniteFloat | None = None
    max: FiniteFloat | None = None


class SearchShape(_Shape):
    """How it is searched."""

    sampler: Literal["tpe", "nsga_ii", "cma_es"] = "tpe"
    trials: Annotated[Count, Field(le=MOST_TRIALS)]
    batch: Annotated[int, Field(ge=1, le=1000)] = 4
    seed: Seed = 0
    confirm: Annotated[int, Field(ge=0, le=100)] = 3


@dataclass(frozen=True)
class Objective:
    """An output that is to be as small, or as large, as can be."""

    output: str
    is_maximised: bool = False

    @property
    def text(self) -> str:
        return f"{'highest' if self.is_maximised else 'least'} {self.output}"

    def loss(self, values: Values) -> float:
        """Return the value with the sign by which less is better; NaN where the output has none."""
        value = values.get(self.output)
        if value is None:
            return math.nan
        return -value if self.is_maximised else value


@dataclass(frozen=True)
class Constraint:
    """An output with a lower bound, an upper one, or both."""

    output: str
    low: float = -math.inf
    high: float = math.inf

    @property
    def text(self) -> str:
        low = f">= {self.low:g}" if self.low > -math.inf else ""
        high = f"<= {self.high:g}" if self.high < math.inf else ""
        return f"{self.output} {' and '.join(b for b in (low, high) if b)}"

    def violation(self, values: Values) -> float:
        """Return by how much it is missed, as a share of the bound (of 1 for a bound of 0); 0 and below: it holds.

        An output without a value misses it wholly: 1.
        """
        value = values.get(self.output)
        if value is None or math.isnan(value):
            return 1.0
        below = (self.low - value) / _scale(self.low) if self.low > -math.inf else -math.inf
        above = (value - self.high) / _scale(self.high) if self.high < math.inf else -math.inf
        return max(below, above)


def _scale(bound: float) -> float:
    return abs(bound) if bound != 0.0 else 1.0


@dataclass(frozen=True)
class Search:
    """How it is searched: the sampler, the number of trials, how many are proposed at a time, and the seed.

    ``n_confirmed`` of the best are run again in steps of a minute, where the search takes coarser ones.
    """

    sampler: str
    n_trials: int
    n_batch: int
    seed: int
    n_confirmed: int = 3


@dataclass(frozen=True)
class OptimizeStudy:
    """An optimisation: the study that all kinds have in common, and what it is after."""

    study: Study
    objectives: tuple[Objective, ...]
    constraints: tuple[Constraint, ...]
    search: Search

    @property
    def name(self) -> str:
        return self.study.name

    def digests(self) -> dict[str, str]:
        """Return the digest of each part that decides the results; the number of trials may grow."""
        s = self.search
        parts: dict[str, Any] = {
            "objectives": [[o.output, o.is_maximised] for o in self.objectives],
            "constraints": [[c.output, repr(c.low), repr(c.high)] for c in self.constraints],
            "search": [s.sampler, s.n_batch, s.seed],
        }
        own = {k: hashlib.sha256(json.dumps(v).encode()).hexdigest() for k, v in parts.items()}
        return {k: v for k, v in self.study.digests().items() if k not in ("design", "full_logs")} | own

    def violation(self, values: Values) -> float:
        """Return the sum of what the constraints are missed by; 0: all hold."""
        return math.fsum(max(c.violation(values), 0.0) for c in self.constraints)


@of_a_file
def load_optimize(path_or_name: str | Path) -> OptimizeStudy:
    """Load an optimisation from a file, or a bundled one by name.

    Raises
    ------
    PlantError
        With everything that is wrong with it.
    """
    file, node = open_study(path_or_name, "optimize")
    findings: list[Finding] = []
    base = read_common(OptimizeShape, node, file, findings)
    entries = node.entries or {}
    search = validate(SearchShape, entries["search"].node, file, findings, "search") if "search" in entries else None
    raise_errors(findings)
    assert base is not None and search is not None
    study = base[0]
    reader = _Reader(file, list(study.outputs), findings)
    objectives = [reader.objective(item, k) for k, item in enumerate(entries["objectives"].node.items or ())]
    given = entries["constraints"].node.items if "constraints" in entries else ()
    constraints = [reader.constraint(item, k) for k, item in enumerate(given or ())]
    reader.objectives_differ([o for o in objectives if o is not None])
    found = Search(search.sampler, search.trials, search.batch, search.seed, search.confirm)
    _check_search(found, study, len(constraints), len(objectives), node, file, findings)
    raise_errors(findings)
    return OptimizeStudy(
        replace(study, outputs=tuple(reader.outputs), design=Design(found.sampler, found.n_trials, found.seed)),
        tuple(o for o in objectives if o is not None),
        tuple(c for c in constraints if c is not None),
        found,
    )


class _Reader:
    """Reads objectives and constraints; figures that they name become outputs."""

    def __init__(self, file: Path, outputs: list[Output], findings: list[Finding]) -> None:
        self.outputs = outputs
        self._file = file
        self._findings = findings
        self._lines: list[int] = []

    def _find(self, id: str, where: str, what: str, remedy: str, line: int) -> None:
        self._findings.append(Finding(id, where, what, remedy, self._file, line))

    def _take(self, name: str, where: str, line: int) -> None:
        names = [o.name for o in self.outputs]
        if name in names:
            return
        if figure_of(name) is not None:
            self.outputs.append(Output(name, "figure", name, where=where, line=line))
            return
        remedy = and_then(nearest(name, [*names, *FIGURES]), "A column of the log is first named under 'outputs'")
        self._find("unknown-output", where, f"there is no output or key figure '{name}'", remedy, line)

    def objective(self, node: Node, k: int) -> Objective | None:
        where = f"objectives.{k}"
        self._lines.append(node.line)
        shape = validate(ObjectiveShape, node, self._file, self._findings, where)
        if shape is None:
            return None
        given = [name for name in (shape.minimize, shape.maximize) if name is not None]
        if len(given) != 1:
            what = "both directions are given" if given else "no direction is given"
            self._find("bad-objective", where, what, "write '{minimize: name}' or '{maximize: name}'", node.line)
            return None
        key = "minimize" if shape.minimize is not None else "maximize"
        self._take(given[0], f"{where}.{key}", node.line_at((key,)))
        return Objective(given[0], shape.maximize is not None)

    def objectives_differ(self, objectives: Sequence[Objective]) -> None:
        """Find an output that is asked for twice."""
        names = [o.output for o in objectives]
        for k, name in enumerate(names):
            if name in names[:k]:
                remedy = "name each output once"
                self._find("bad-objective", f"objectives.{k}", f"'{name}' is asked for twice", remedy, self._lines[k])

    def constraint(self, node: Node, k: int) -> Constraint | None:
        where = f"constraints.{k}"
        shape = validate(ConstraintShape, node, self._file, self._findings, where)
        if shape is None:
            return None
        self._take(shape.output, f"{where}.output", node.line_at(("output",)))
        low = -math.inf if shape.min is None else shape.min
        high = math.inf if shape.max is None else shape.max
        if shape.min is None and shape.max is None:
            self._find("bad-constraint", where, "no bound is given", "add 'min: ...' or 'max: ...'", node.line)
        elif low > high:
            what = f"'min' is {low:g} and 'max' is {high:g}: nothing satisfies both"
            self._find("bad-constraint", where, what, "let 'min' be below 'max'", node.line)
        return Constraint(shape.output, low, high)


def _check_search(
    search: Search, study: Study, n_constraints: int, n_objectives: int, node: Node, file: Path, findings: list[Finding]
) -> None:
    """Find what the search cannot do with the parameters, the constraints and its own numbers."""

    def find(id: str, where: str, what: str, remedy: str, line: int = 0) -> None:
        at = line or node.line_at(tuple(where.split(".")))
        findings.append(Finding(id, where, what, remedy, file, at))

    free = [p for p in study.parameters if not p.is_tied]
    if not free:
        find("nothing-to-search", "parameters", "nothing is varied", "give a parameter a 'range' or 'values'")
    for p in free:
        for what, remedy in _unsearchable(p):
            find("bad-parameter", p.where, f"'{p.name}' {what}", remedy, p.line)
    if study.correlations:
        what = "an optimisation draws nothing: correlations mean nothing to it"
        find("unused-key", "correlations", what, "remove 'correlations'")
    if search.n_trials % search.n_batch:
        whole = math.ceil(search.n_trials / search.n_batch) * search.n_batch
        what = f"{search.n_trials} trials are no whole number of batches of {search.n_batch}"
        find("bad-search", "search.trials", what, f"write 'trials: {whole}'")
    least = {"nsga_ii": 4, "cma_es": 4}.get(search.sampler, 1)
    if search.n_batch < least:
        what = f"'{search.sampler}' needs a population, and 'batch' is {search.n_batch}"
        find("bad-search", "search.batch", what, f"write 'batch: {4 * max(len(free), 3)}' or the like")
    if search.sampler != "cma_es":
        return
    if n_objectives > 1:
        find("bad-search", "search.sampler", "'cma_es' knows one objective only", "choose 'nsga_ii' or 'tpe'")
    if n_constraints:
        find("bad-search", "search.sampler", "'cma_es' knows no constraints", "choose 'tpe' or 'nsga_ii'")
    if len(free) == 1:
        find("bad-search", "search.sampler", "'cma_es' needs two free parameters", "choose 'tpe' or 'nsga_ii'")
    words = [p.name for p in free if any(isinstance(v, bool | str) for v in p.values)]
    if words:
        what = f"'cma_es' takes numbers, and {listing(words)} is none"
        find("bad-search", "search.sampler", what, "choose 'tpe' or 'nsga_ii'")


def _unsearchable(p: Parameter) -> list[tuple[str, str]]:
    """Return why a parameter cannot be searched, with remedies."""
    if p.weights:
        return [("has weights", "remove them: an optimisation chooses, it does not draw")]
    if p.values:
        if len(set(map(repr, p.values))) < 2:
            return [("has one value only", "give it a 'range' or several 'values', or set it under 'set'")]
        return []
    assert p.distribution is not None
    if p.distribution.kind not in ("uniform", "loguniform"):
        return [("has a distribution", "give it a 'range: [low, high]', between which is searched")]
    if p.n == 1:
        return [("has one point only", "leave 'n' out, or let it be above 1")]
    return []
