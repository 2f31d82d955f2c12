"""Designs: which scenarios a study runs.

Correlated parameters are joined by a Gaussian copula. A rank correlation r (Spearman) of two parameters is that of
normal variables with the linear correlation 2 sin(pi r / 6) (Pearson 1907; Kruskal 1958, doi 10.2307/2281954). Draws
of a Latin hypercube keep their strata: its columns are put into the order of correlated normal draws (Iman and
Conover 1982, doi 10.1080/03610918208812265).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from h2plant.plant.finding import listing, nearest
from h2plant.simulation.program import FloatArray
from h2plant.studies.study.distribution import require_scipy
from h2plant.studies.study.parameter import Parameter, Value
from h2plant.studies.study.shape import MOST_SCENARIOS


@dataclass(frozen=True)
class Correlation:
    """A rank correlation of two parameters, with its line in the file."""

    first: str
    second: str
    rank: float
    line: int = 0


@dataclass(frozen=True)
class Design:
    """How scenarios are chosen: its kind, and for what is drawn their number and the seed."""

    kind: str
    n: int | None = None
    seed: int = 0

    @property
    def is_drawn(self) -> bool:
        return self.kind in ("latin_hypercube", "sobol", "monte_carlo")


@dataclass(frozen=True)
class Point:
    """A scenario of a study: its number, from 1, and the value of every parameter, tied ones included."""

    number: int
    values: Mapping[str, Value]

    def shown(self) -> str:
        """Return its values in words."""
        return ", ".join(f"{k} = {v:g}" if isinstance(v, float) else f"{k} = {v}" for k, v in self.values.items())


def check_design(
    design: Design, parameters: Sequence[Parameter], correlations: Sequence[Correlation]
) -> list[tuple[str, str, str, str, int]]:
    """Return what does not fit together: (id, place, what, remedy, line; 0 where the file's line is not known)."""
    problems: list[tuple[str, str, str, str, int]] = []
    free = [p for p in parameters if not p.is_tied]
    if not free:
        problems.append(("no-scenarios", "parameters", "nothing is varied", "give a parameter 'values' or 'range'", 0))
    if design.is_drawn:
        for p in free:
            if p.n is not None:
                what = f"'n' means nothing to a {design.kind}, whose scenarios 'n' of the design counts"
                problems.append(("unused-key", f"{p.where}.n", what, "remove it", p.line))
        if design.n is None:
            remedy = "give their number: 'design: {kind: " + design.kind + ", n: 200, seed: 1}'"
            problems.append(("no-scenarios", "design.n", "it is not said how many scenarios are drawn", remedy, 0))
    else:
        if design.n is not None:
            what = f"'n' means nothing to a {design.kind}, whose scenarios follow from the values"
            problems.append(("unused-key", "design.n", what, "remove it, or choose another kind of design", 0))
        for p in free:
            if not p.points():
                what = f"'{p.name}' has no number of points"
                problems.append(("missing-key", p.where, what, f"add 'n: 5', as a {design.kind} takes points", p.line))
        if correlations:
            what = f"a {design.kind} has no correlations: it runs the values as they stand"
            remedy = "choose latin_hypercube, sobol or monte_carlo, or remove 'correlations'"
            problems.append(("unused-key", "correlations", what, remedy, correlations[0].line))
        for p in free:
            if p.weights:
                what = f"'weights' mean nothing to a {design.kind}, which takes each value as it stands"
                remedy = "remove them, or choose latin_hypercube, sobol or monte_carlo"
                problems.append(("unused-key", f"{p.where}.weights", what, remedy, p.line))
        sizes = {p.name: len(p.points()) for p in free}
        if design.kind == "list" and len(set(sizes.values())) > 1:
            what = "the lists have " + ", ".join(f"{n} values ('{name}')" for name, n in sizes.items())
            problems.append(("unequal-lists", "design", what, "a list takes as many values of each parameter", 0))
        if design.kind == "grid" and math.prod(sizes.values()) > MOST_SCENARIOS:
            what = f"the grid has {math.prod(sizes.values()):,} scenarios, more than {MOST_SCENARIOS:,}"
            problems.append(
                ("too-many-scenarios", "design", what, "take fewer points, or draw them: latin_hypercube", 0)
            )
    return problems + _check_correlations(free, correlations)


def _check_correlations(
    free: Sequence[Parameter], correlations: Sequence[Correlation]
) -> list[tuple[str, str, str, str, int]]:
    problems = []
    names = [p.name for p in free]
    seen: dict[frozenset[str], int] = {}
    for c in correlations:
        for name in (c.first, c.second):
            if name not in names:
                what, remedy = f"there is no free parameter '{name}'", nearest(name, names)
                problems.append(("unknown-name", "correlations", what, remedy, c.line))
        if c.first == c.second or frozenset((c.first, c.second)) in seen:
            what = f"'{c.first}' and '{c.second}' are {'one' if c.first == c.second else 'correlated twice'}"
            problems.append(("bad-correlation", "correlations", what, "name two parameters, each pair once", c.line))
        if not -1.0 < c.rank < 1.0:
            remedy = "give a rank correlation between -1 and 1; what hangs on another wholly is 'tied_to' it"
            problems.append(("bad-correlation", "correlations", f"the rank correlation is {c.rank:g}", remedy, c.line))
        seen[frozenset((c.first, c.second))] = c.line
    if not problems and correlations:
        least = float(np.linalg.eigvalsh(_normal_correlation(names, correlations)).min())
        if least <= 1e-10:
            what = f"no parameters can be correlated like this: the matrix is not positive definite ({least:.2g})"
            of = listing(sorted({n for c in correlations for n in (c.first, c.second)}))
            remedy = f"bring the correlations of {of} nearer to 0, or give the pairs between them that are missing"
            problems.append(("not-positive-definite", "correlations", what, remedy, correlations[0].line))
    return problems


def _normal_correlation(names: Sequence[str], correlations: Sequence[Correlation]) -> FloatArray:
    """Return the linear correlations of the normal variables behind the ranks, shape (n, n)."""
    matrix = np.eye(len(names))
    for c in correlations:
        i, j = names.index(c.first), names.index(c.second)
        matrix[i, j] = matrix[j, i] = 2.0 * math.sin(math.pi / 6.0 * c.rank)
    return matrix


def make_points(
    design: Design, parameters: Sequence[Parameter], correlations: Sequence[Correlation] = ()
) -> list[Point]:
    """Return the scenarios of a design that was checked, numbered from 1.

    Raises
    ------
    PlantError
        scipy is missing for a design that needs it.
    ExpressionError
        A tied parameter has no value.
    """
    free = [p for p in parameters if not p.is_tied]
    if design.is_drawn:
        u = _shares(design, len(free))
        if correlations:
            u = _correlated(u, _normal_correlation([p.name for p in free], correlations), design)
        columns = [p.drawn(u[:, k]) for k, p in enumerate(free)]
        rows = list(zip(*columns, strict=True))
    elif design.kind == "grid":
        rows = list(itertools.product(*(p.points() for p in free)))
    else:
        rows = list(zip(*(p.points() for p in free), strict=True))
    return [tie(k, dict(zip((p.name for p in free), row, strict=True)), parameters) for k, row in enumerate(rows, 1)]


def tie(number: int, given: Mapping[str, Value], parameters: Sequence[Parameter]) -> Point:
    """Return a point with the values of the free parameters given and those of the tied ones computed.

    Raises
    ------
    ExpressionError
        A tied parameter has no value.
    """
    values: dict[str, Value] = {}
    for p in parameters:
        values[p.name] = given[p.name] if p.expression is None else p.expression.value(values)
    return Point(number, values)


def _shares(design: Design, n_parameters: int) -> FloatArray:
    """Return shares in [0, 1), shape (n, n_parameters)."""
    n = design.n or 0
    if design.kind == "monte_carlo":
        return np.random.default_rng(design.seed).random((n, n_parameters))
    require_scipy()
    from scipy.stats import qmc

    if design.kind == "latin_hypercube":
        return np.asarray(qmc.LatinHypercube(n_parameters, rng=design.seed).random(n))
    # whole powers of two, of which the first n: the sequence keeps its balance and says nothing of it
    sobol = qmc.Sobol(n_parameters, rng=design.seed)
    return np.asarray(sobol.random_base2(max(0, math.ceil(math.log2(n)))))[:n]


def _correlated(u: FloatArray, correlation: FloatArray, design: Design) -> FloatArray:
    """Return the shares joined by a Gaussian copula."""
    require_scipy()
    from scipy.special import ndtr, ndtri

    lower = np.linalg.cholesky(correlation)
    if design.kind != "latin_hypercube":
        return np.asarray(ndtr(ndtri(np.clip(u, 1e-16, 1.0 - 1e-16)) @ lower.T))
    normal = np.random.default_rng(design.seed + 1).standard_normal(u.shape) @ lower.T
    ranks = normal.argsort(axis=0).argsort(axis=0)
    return np.take_along_axis(np.sort(u, axis=0), ranks, axis=0)
