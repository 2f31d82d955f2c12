"""Sensitivity studies: which parameters move the outputs, and by how much; read from a study of kind 'sensitivity'.

Sobol's indices (Saltelli et al. 2010, doi 10.1016/j.cpc.2009.09.018) and Morris' elementary effects (Campolongo et al.
2007, doi 10.1016/j.envsoft.2006.10.004) are SALib's; a tornado sets one parameter at a time to a low and a high
quantile. All of them draw shares in [0, 1] of each parameter's distribution, so that what is not uniform counts with
its probability.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from h2plant.config.schema import validate
from h2plant.config.yaml_source import Node
from h2plant.core.expression import ExpressionError
from h2plant.plant.door import of_a_file
from h2plant.plant.finding import Finding, PlantError, raise_errors
from h2plant.simulation.program import FloatArray
from h2plant.studies.study import Study, open_study, read_common
from h2plant.studies.study.design import Design, Point, tie
from h2plant.studies.study.parameter import Parameter
from h2plant.studies.study.shape import Seed, StudyShape


class SensitivityShape(StudyShape):
    """The top level of a sensitivity study."""

    kind: Literal["sensitivity"]
    methods: Annotated[list[Any], Field(min_length=1, max_length=3)]


_Share = Annotated[FiniteFloat, Field(ge=0.0, le=1.0)]


class MethodShape(BaseModel):
    """One method; which keys it takes beside ``kind`` is told in ``KEYS``."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Literal["tornado", "morris", "sobol"]
    n: Annotated[int, Field(ge=2, le=1_000_000)] | None = None
    seed: Seed = 0
    second_order: bool = False
    levels: Annotated[int, Field(ge=2, le=100)] = 4
    low: _Share = 0.05
    high: _Share = 0.95
    confidence_frac: Annotated[FiniteFloat, Field(gt=0.0, lt=1.0)] = 0.95


KEYS = {
    "tornado": ("low", "high"),
    "morris": ("n", "seed", "levels", "low", "high", "confidence_frac"),
    "sobol": ("n", "seed", "second_order", "confidence_frac"),
}
"""Keys of each method."""


@dataclass(frozen=True)
class Method:
    """A method with its numbers: ``n`` trajectories (Morris) or base points (Sobol)."""

    kind: str
    n: int = 1
    seed: int = 0
    is_second_order: bool = False
    n_levels: int = 4
    low: float = 0.05
    high: float = 0.95
    confidence_frac: float = 0.95

    def n_rows(self, n_parameters: int) -> int:
        """Return the number of scenarios of one block: those that are only of use together."""
        if self.kind == "tornado":
            return 1 + 2 * n_parameters
        if self.kind == "morris":
            return n_parameters + 1
        return (2 if self.is_second_order else 1) * n_parameters + 2

    def n_scenarios(self, n_parameters: int) -> int:
        """Return the number of its scenarios."""
        return self.n * self.n_rows(n_parameters)

    def problem(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the problem as SALib has it."""
        return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}

    def shares(self, names: Sequence[str]) -> FloatArray:
        """Return shares in [0, 1] of each parameter, shape (n_scenarios, n_parameters), as the method wants them."""
        if self.kind == "tornado":
            u = np.full((self.n_rows(len(names)), len(names)), 0.5)
            for k in range(len(names)):
                u[1 + 2 * k, k], u[2 + 2 * k, k] = self.low, self.high
            return u
        require_salib()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SALib's own use of deprecated parts of numpy, pandas and scipy
            if self.kind == "morris":
                from SALib.sample import morris

                found = morris.sample(self.problem(names), self.n, num_levels=self.n_levels, seed=self.seed)
            else:
                from SALib.sample import sobol

                second = self.is_second_order
                found = sobol.sample(self.problem(names), self.n, calc_second_order=second, seed=self.seed)
        return np.asarray(found, dtype=float)

    def quantile(self, u: FloatArray) -> FloatArray:
        """Return the shares of the distributions that its shares stand for: Morris goes from ``low`` to ``high``."""
        return self.low + u * (self.high - self.low) if self.kind == "morris" else u


@dataclass(frozen=True)
class SensitivityStudy:
    """A sensitivity study: the study that all kinds have in common, and its methods."""

    study: Study
    methods: tuple[Method, ...]

    @property
    def free(self) -> list[Parameter]:
        """The parameters whose influence is asked for."""
        return [p for p in self.study.parameters if not p.is_tied]

    @property
    def names(self) -> list[str]:
        return [p.name for p in self.free]


def require_salib() -> None:
    """Raise a PlantError if SALib is not installed."""
    if find_spec("SALib") is None:
        what = "Sobol's and Morris' indices need SALib"
        remedy = "pip install 'h2plant[sensitivity]'; a tornado needs nothing"
        raise PlantError([Finding("missing-package", "", what, remedy)])


@of_a_file
def load_sensitivity(path_or_name: str | Path) -> SensitivityStudy:
    """Load a sensitivity study from a file, or a bundled one by name.

    Raises
    ------
    PlantError
        With everything that is wrong with it; SALib is missing.
    """
    file, node = open_study(path_or_name, "sensitivity")
    findings: list[Finding] = []
    base = read_common(SensitivityShape, node, file, findings)
    raise_errors(findings)
    assert base is not None
    items = (node.entries or {})["methods"].node.items or ()
    methods = [_method(item, f"methods.{k}", file, findings) for k, item in enumerate(items)]
    whole = [m for m in methods if m is not None]
    study = base[0]
    kinds = [m.kind for m in whole]
    for k, kind in enumerate(kinds):
        if kind in kinds[:k]:
            what = f"'{kind}' is asked for twice"
            findings.append(Finding("duplicate-name", f"methods.{k}", what, "name each once", file, items[k].line))
    _check_parameters(study, node, file, findings)
    raise_errors(findings)
    if any(kind != "tornado" for kind in kinds):
        require_salib()
    n_free = sum(not p.is_tied for p in study.parameters)
    n = sum(m.n_scenarios(n_free) for m in whole)
    design = Design(" and ".join(kinds), n, whole[0].seed)
    return SensitivityStudy(replace(study, design=design), tuple(whole))


def _method(node: Node, where: str, file: Path, findings: list[Finding]) -> Method | None:
    shape = validate(MethodShape, node, file, findings, where)
    if shape is None:
        return None
    ok = True

    def find(id: str, key: str, what: str, remedy: str) -> None:
        nonlocal ok
        ok = False
        findings.append(Finding(id, f"{where}.{key}", what, remedy, file, node.line_at((key,))))

    for key in shape.model_fields_set - {"kind", *KEYS[shape.kind]}:
        find("unused-key", key, f"'{key}' means nothing to '{shape.kind}'", f"remove '{key}'")
    if shape.kind != "tornado" and shape.n is None:
        example = "n: 20" if shape.kind == "morris" else "n: 256"
        find("missing-key", "n", "it is not said how much is run", f"add '{example}'")
    if not shape.low < shape.high:
        what = f"'low' is {shape.low:g} and 'high' is {shape.high:g}"
        find("out-of-bounds", "low", what, "let 'low' be below 'high': shares of the distribution")
    if shape.kind == "sobol" and shape.n is not None and shape.n & (shape.n - 1):
        above = 1 << shape.n.bit_length()
        what = f"'n' is {shape.n}, and the sequence is balanced for powers of two only"
        find("out-of-bounds", "n", what, f"write {above // 2} or {above}")
    if shape.kind == "morris" and shape.levels % 2:
        find("out-of-bounds", "levels", f"'levels' is {shape.levels}", "give an even number, such as 4")
    if not ok:
        return None
    return Method(
        *(shape.kind, shape.n or 1, shape.seed, shape.second_order, shape.levels, shape.low, shape.high),
        shape.confidence_frac,
    )


def _check_parameters(study: Study, node: Node, file: Path, findings: list[Finding]) -> None:
    free = [p for p in study.parameters if not p.is_tied]
    if len(free) < 2:
        what = f"{len(free) or 'no'} parameter is varied: there is nothing to compare"
        remedy = "give at least two a 'range', a 'distribution' or 'values'"
        findings.append(Finding("no-scenarios", "parameters", what, remedy, file, node.line_at(("parameters",))))
    for p in free:
        if p.n is not None:
            what = f"'{p.name}' has a number of points"
            findings.append(Finding("unused-key", p.where, what, "remove 'n': the methods choose", file, p.line))
        if p.values and len(set(map(repr, p.values))) < 2:
            what = f"'{p.name}' has one value only"
            findings.append(Finding("bad-parameter", p.where, what, "give it several, or 'set' it", file, p.line))
    if study.correlations:
        what = "the indices are those of independent parameters"
        remedy = "remove 'correlations', or tie what hangs together"
        line = node.line_at(("correlations",))
        findings.append(Finding("unused-key", "correlations", what, remedy, file, line))


def sensitivity_points(study: SensitivityStudy) -> list[Point]:
    """Return the scenarios of all methods, one after the other, numbered from 1.

    Raises
    ------
    PlantError
        A tied parameter has no value.
    """
    points: list[Point] = []
    try:
        for method in study.methods:
            u = method.quantile(method.shares(study.names))
            columns = [p.drawn(u[:, k]) for k, p in enumerate(study.free)]
            for row in zip(*columns, strict=True):
                points.append(tie(len(points) + 1, dict(zip(study.names, row, strict=True)), study.study.parameters))
    except ExpressionError as error:
        remedy = "mend the expression, or keep what it hangs on within where it has a value"
        raise PlantError([Finding("bad-expression", "parameters", str(error), remedy, study.study.file)]) from None
    return points
