"""Parameters of a study: what is varied, between what, and what hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from h2plant.config.schema import validate
from h2plant.config.yaml_source import Node
from h2plant.core.expression import Expression, ExpressionError, read_expression
from h2plant.plant.finding import Finding, listing, nearest
from h2plant.simulation.program import FloatArray
from h2plant.studies.study.distribution import Distribution, read_distribution
from h2plant.studies.study.shape import SOURCES, DistributionShape, ParameterShape

Value = float | bool | str


@dataclass(frozen=True)
class Parameter:
    """A parameter.

    Attributes
    ----------
    name
        How tables, expressions and correlations call it; its path unless the study says otherwise.
    path
        What it sets: ``component.parameter`` (with ``*`` in the id for several), ``component.kind``,
        ``economics.<key>``, ``series.<name>.scale`` or ``.shift``, ``input_year``; empty for a number that only others
        hang on.
    values, weights
        What it may be, and how likely each is.
    distribution
        What it is drawn from.
    n
        Number of points in a grid.
    expression
        What it follows from, where it is tied.
    where, line
        Its place in the file.
    """

    name: str
    path: str
    values: tuple[Value, ...] = ()
    weights: tuple[float, ...] = ()
    distribution: Distribution | None = None
    n: int | None = None
    expression: Expression | None = None
    where: str = ""
    line: int = 0

    @property
    def is_tied(self) -> bool:
        return self.expression is not None

    def points(self) -> tuple[Value, ...]:
        """Return the points of a grid: the values, or n points of a range or a distribution (0 points without n)."""
        if self.values:
            return self.values
        assert self.distribution is not None
        n = self.n or 0
        if self.distribution.kind in ("uniform", "loguniform"):  # ends included
            shares = np.linspace(0.0, 1.0, n) if n > 1 else np.array([0.5])
        else:
            shares = (np.arange(n) + 0.5) / max(n, 1)  # the middles of n equally likely parts
        # twelve digits: 0.9 and not 0.8999999999999999
        return tuple(float(f"{v:.12g}") for v in self.distribution.quantiles(shares)) if n else ()

    def drawn(self, u: FloatArray) -> list[Value]:
        """Return the values at shares u in [0, 1), shape (n,)."""
        if self.distribution is not None:
            return [float(v) for v in self.distribution.quantiles(u)]
        weights = np.array(self.weights or [1.0] * len(self.values))
        edges = np.cumsum(weights) / weights.sum()
        index = np.minimum(np.searchsorted(edges, u, side="right"), len(self.values) - 1)
        return [self.values[int(i)] for i in index]

    def content(self) -> list[object]:
        """Return everything that decides its values, for digests."""
        spread = None if self.distribution is None else [self.distribution.kind, dict(self.distribution.figures)]
        tied = None if self.expression is None else self.expression.text
        return [self.name, self.path, list(self.values), list(self.weights), spread, self.n, tied]


def read_parameters(node: Node | None, file: Path, findings: list[Finding]) -> tuple[Parameter, ...]:
    """Read the list under ``parameters``; what is wrong is appended to the findings."""
    found: list[Parameter] = []
    for k, item in enumerate((node.items or ()) if node else ()):
        for parameter in _read(item, f"parameters.{k}", file, findings):
            before = next((p for p in found if p.name == parameter.name), None)
            if before is not None:
                what = f"the name '{parameter.name}' stands in line {before.line} already"
                remedy = "give each its own with 'name:'"
                findings.append(Finding("duplicate-name", parameter.where, what, remedy, file, parameter.line))
            found.append(parameter)
    _check_ties(found, file, findings)
    return tuple(found)


def _read(node: Node, where: str, file: Path, findings: list[Finding]) -> list[Parameter]:
    """Return the parameters of an entry: one for each of its paths; none where it is wrong."""
    shape = validate(ParameterShape, node, file, findings, where)
    if shape is None:
        return []
    ok = True

    def find(id: str, key: str, what: str, remedy: str) -> None:
        nonlocal ok
        ok = False
        place = f"{where}.{key}" if key else where
        findings.append(Finding(id, place, what, remedy, file, node.line_at(tuple(key.split(".")) if key else ())))

    given_paths = shape.path if isinstance(shape.path, list) else [shape.path or ""]
    paths = [path.removeprefix("components.") for path in given_paths]
    if isinstance(shape.path, list) and shape.tied_to is None and shape.expression is None:
        remedy = "give one path and a name, and add '{tied_to: <name>, path: [...]}' for the others"
        find("several-paths", "path", "a list of paths stands with 'tied_to' or 'expression' alone", remedy)
    if len(paths) > 1 and shape.name is not None:
        find("unused-key", "name", "one name cannot stand for several paths", "remove 'name'")
    name = shape.name or paths[0]
    if not name:
        find("missing-key", "", "has neither 'path' nor 'name'", "give 'path: component.parameter'")
    given = [source for source in SOURCES if getattr(shape, source) is not None]
    if len(given) != 1:
        what = f"{listing(given)} are given" if given else "nothing says what its values are"
        find("parameter-source", given[-1] if given else "", what, f"give exactly one of {listing(SOURCES, 'or')}")
        return []
    if shape.weights is not None:
        if shape.values is None or len(shape.weights) != len(shape.values):
            find("bad-weights", "weights", "there is not one weight for each value", "give as many as 'values'")
        elif min(shape.weights) < 0.0 or not sum(shape.weights) > 0.0:
            find("bad-weights", "weights", "weights are shares", "give numbers of 0 and above, not all 0")
    if shape.n is not None and shape.values is not None:
        find("unused-key", "n", "'n' means nothing beside 'values'", "remove 'n'")
    if shape.n is not None and given[0] in ("tied_to", "expression"):
        find("unused-key", "n", f"'n' means nothing beside '{given[0]}'", "remove 'n'")
    if "spacing" in shape.model_fields_set and shape.range is None:
        find("unused-key", "spacing", "'spacing' means nothing without 'range'", "remove 'spacing'")
    distribution = None
    if shape.range is not None:
        low, high = shape.range
        kind = "uniform" if shape.spacing == "linear" else "loguniform"
        distribution = read_distribution(
            {"kind": kind, "low": low, "high": high}, lambda i, _, w, r: find(i, "range", w, r)
        )
    elif shape.distribution is not None:
        entry = (node.entries or {})["distribution"]
        inner = validate(DistributionShape, entry.node, file, findings, f"{where}.distribution")
        if inner is None:
            return []
        distribution = read_distribution(
            inner.model_dump(), lambda i, k, w, r: find(i, f"distribution.{k}" if k else "distribution", w, r)
        )
    expression = None
    if shape.tied_to is not None or shape.expression is not None:
        text = shape.expression if shape.expression is not None else f"{shape.factor!r} * {shape.tied_to}"
        try:
            expression = read_expression(text)
        except ExpressionError as error:
            key = "expression" if shape.expression is not None else "tied_to"
            find("bad-expression", key, str(error), "write arithmetic over names of parameters: '1.1 * size_mw + 0.5'")
    if "factor" in shape.model_fields_set and shape.tied_to is None:
        find("unused-key", "factor", "'factor' means nothing without 'tied_to'", "add 'tied_to: <name>'")
    if not ok:
        return []
    values, weights = tuple(shape.values or ()), tuple(shape.weights or ())
    first = Parameter(name, paths[0], values, weights, distribution, shape.n, expression, where, node.line)
    return [first, *(replace(first, name=path, path=path) for path in paths[1:])]


def _check_ties(parameters: Sequence[Parameter], file: Path, findings: list[Finding]) -> None:
    """Find ties to what is not there or comes later, and free numbers that nothing hangs on."""
    before: list[str] = []
    used = {name for p in parameters if p.expression is not None for name in p.expression.names}
    for p in parameters:
        for name in sorted(p.expression.names if p.expression is not None else ()):
            if name not in before:
                later = any(other.name == name for other in parameters)
                what = f"'{name}' comes later in the file" if later else f"there is no parameter '{name}'"
                remedy = "put what it hangs on above it" if later else nearest(name, before)
                findings.append(Finding("unknown-name", p.where, what, remedy, file, p.line))
        if not p.path and p.name not in used:
            what = f"'{p.name}' sets nothing: it has no path, and no other parameter hangs on it"
            findings.append(Finding("unused-parameter", p.where, what, "give it a 'path'", file, p.line))
        before.append(p.name)
