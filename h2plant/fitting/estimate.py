"""Nonlinear least squares with confidence intervals, and with a word about what the data cannot tell.

The solution is that of ``scipy.optimize.least_squares`` within bounds. Intervals are those of the linearised problem
(Bates and Watts 1988, Nonlinear Regression Analysis, 10.1002/9780470316757): with the Jacobian J at the solution, n
residuals and p free parameters,

    s2 = sum r^2 / (n - p)      cov = s2 (J^T J)^-1      half width = t(1 - alpha/2, n - p) sqrt(cov_kk)

The search goes out from the parameters as they are and from the best of several points around them; the best end
counts. There it is judged what the data tell. A parameter that they do not is held at its start and the rest is fitted
again: one without influence, one that others can stand in for (columns of J that depend on each other), one whose
interval is wider than itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from h2plant.fitting.starts import spread
from h2plant.plant.finding import Finding, PlantError
from h2plant.results.folder import ResultsError
from h2plant.simulation.program import FloatArray

Residual = Callable[[FloatArray], FloatArray]
"""Takes the values of all candidates, shape (p,), returns residuals, shape (n,)."""

FITTED, ON_BOUND, HELD = "fitted", "on a bound", "held"

_NO_INFLUENCE = 1e-9
_LARGEST_CONDITION = 1e6
_WIDEST_LOG = math.log(10.0)
_ON_BOUND = 1e-5
_ALIKE_FROM = 0.95
_INSIDE = 1e-3
_PENALTY = 1e3
_BETTER = 1.0 - 1e-6
"""A search counts as better only where the sum of squares is less by more than rounding."""

_WITHOUT = "has no influence on these data"
_ALIKE = "cannot be told from these data: other parameters do the same to the curve"
_WIDE = "cannot be told from these data: its interval would be wider than the value itself"
_ASKED = "is what was taken as known right: areas, thicknesses, temperature, pressure, units?"
_RUNAWAY = "cannot be told from these data: free, it drives another parameter to its bound"


@dataclass(frozen=True)
class Candidate:
    """A parameter to be fitted.

    Parameters
    ----------
    name, unit
        As declared, SI.
    start
        Where the search starts, and where the parameter stays if the data cannot tell it.
    low, high
        Bounds.
    is_log
        Whether its logarithm is fitted: for parameters that are known to an order of magnitude only.
    """

    name: str
    unit: str
    start: float
    low: float = -math.inf
    high: float = math.inf
    is_log: bool = False

    @property
    def scale(self) -> float:
        """Return the size of a change of this parameter that matters."""
        if self.start != 0.0:
            return abs(self.start)
        ends = [abs(end) for end in (self.low, self.high) if math.isfinite(end) and end != 0.0]
        return 0.1 * max(ends) if ends else 1.0

    def inner(self, value: float) -> float:
        """Return the number that is searched for."""
        if self.is_log:
            return math.log(value) if value > 0.0 else -math.inf
        return value / self.scale

    def outer(self, inner: float) -> float:
        """Return the value that belongs to such a number."""
        return math.exp(inner) if self.is_log else inner * self.scale


@dataclass(frozen=True)
class Estimate:
    """What the data say of a candidate: its value and interval (NaN where it has none), and a remark."""

    candidate: Candidate
    value: float
    low: float
    high: float
    state: str
    note: str = ""


@dataclass(frozen=True)
class Fit:
    """A solution.

    Attributes
    ----------
    estimates
        One for each candidate, in their order.
    residuals
        At the solution, shape (n,).
    n_free
        Number of parameters that were fitted and are not on a bound.
    t_factor
        Half widths over standard errors.
    covariance
        Of the fitted parameters in inner numbers, shape (p, p) over all candidates, 0 for those that are not.
    """

    estimates: tuple[Estimate, ...]
    residuals: FloatArray
    n_free: int
    confidence: float
    t_factor: float
    covariance: FloatArray

    @property
    def values(self) -> FloatArray:
        """Return the values of all candidates, shape (p,)."""
        return np.array([e.value for e in self.estimates])

    @property
    def rms(self) -> float:
        """Return the root of the mean square of the residuals."""
        return float(np.sqrt(np.mean(self.residuals**2)))

    def band(self, model: Residual) -> FloatArray:
        """Return the half width of the confidence band of a model, shape (n,): that of its mean, not of new points."""
        candidates = [e.candidate for e in self.estimates]
        u = np.array([c.inner(e.value) for c, e in zip(candidates, self.estimates, strict=True)])
        free = [k for k, e in enumerate(self.estimates) if e.state == FITTED]
        if not free:
            return np.zeros_like(model(self.values))
        slopes = _jacobian(_of_inner(model, candidates, u, free), u[free], *_inner_bounds(candidates, free), 1e-4)
        inner = self.covariance[np.ix_(free, free)]
        half: FloatArray = self.t_factor * np.sqrt(np.einsum("ik,kl,il->i", slopes, inner, slopes))
        return half


def estimate(
    residual: Residual,
    candidates: Sequence[Candidate],
    confidence: float = 0.95,
    step: float = 1e-4,
    tries: tuple[int, int] = (24, 3),
    near: FloatArray | None = None,
) -> Fit:
    """Fit candidates.

    Parameters
    ----------
    residual
        The weighted residuals of their values; NaN where the model has no answer (which the search avoids).
    candidates
        What to fit, the most important first: of several that the data cannot tell apart the last is held.
    confidence
        Probability that an interval holds the true value.
    step
        Step of the differences that make the Jacobian, as a share of a parameter.
    tries
        How many points around the start are looked at, and from how many of them a search goes out besides the start.
    near
        Values of the candidates from which a search goes out in place of these.

    Raises
    ------
    PlantError
        No candidates, too few points, no answer at the start.
    ResultsError
        scipy is not installed.
    """
    least_squares, student = _scipy()
    start = np.array([c.inner(c.start) for c in candidates])
    first = residual(np.array([c.start for c in candidates]))
    n = first.size
    _require_enough(n, len(candidates))
    held: dict[int, str] = {}
    best = None if near is None else np.array([c.inner(v) for c, v in zip(candidates, near, strict=True)])
    while True:
        free = [k for k in range(len(candidates)) if k not in held]
        u = start.copy()
        low, high = _inner_bounds(candidates, free)
        model = _of_inner(residual, candidates, u, free)
        of_free = _penalised(model)
        bound: list[int] = []
        slopes = np.zeros((n, 0))
        if free:
            others = [best[free]] if best is not None else _others(model, candidates, start, low, high, tries)
            if best is None and not (np.isfinite(first).any() or others):
                remedy = "check the data against the parameters that the fit starts from; change those with --set"
                raise PlantError([Finding("no-answer", "", "the model has no answer at the start values", remedy)])
            u[free] = _search(least_squares, of_free, [start[free], *others], low, high, step)
            best = u.copy()
            slopes = _jacobian(of_free, u[free], low, high, step)
            bound = [i for i in range(len(free)) if _is_on_bound(u[free[i]], low[i], high[i])]
            weak = _without_influence(slopes)
            if weak:
                held.update({free[i]: _WITHOUT for i in weak})
                continue
            if any(candidates[free[i]].is_log and i + 1 < len(free) for i in bound):
                held[free[-1]] = _RUNAWAY  # decades away: another parameter drove it there
                continue
        loose = [i for i in range(len(free)) if i not in bound]
        fitted = [free[i] for i in loose]
        residuals = of_free(u[free]) if free else first
        dof = n - len(fitted)
        t_factor = float(student.ppf(0.5 + 0.5 * confidence, dof))
        worst = _dependent(slopes[:, loose])
        if worst is not None:
            held[fitted[worst]] = _ALIKE
            continue
        inner = slopes[:, loose]
        covariance = np.zeros((len(candidates), len(candidates)))
        if fitted:
            covariance[np.ix_(fitted, fitted)] = np.linalg.inv(inner.T @ inner) * float(residuals @ residuals) / dof
        half = t_factor * np.sqrt(np.diag(covariance))
        wide = [k for k in fitted if half[k] > _widest(candidates[k], u[k])]
        if wide:
            alike = [k for k in fitted if k > wide[-1] and _correlation(covariance, k, wide[-1]) > _ALIKE_FROM]
            held[max(alike, default=wide[-1])] = _ALIKE if alike else _WIDE
            continue
        estimates = tuple(
            _estimate(candidate, k, u[k], half[k], held, [free[i] for i in bound])
            for k, candidate in enumerate(candidates)
        )
        return Fit(estimates, residuals, len(fitted), confidence, t_factor, covariance)


def _require_enough(n: int, n_candidates: int) -> None:
    if n < n_candidates + 1:
        what = f"{n} points for {n_candidates} parameters"
        remedy = f"give at least {n_candidates + 1} points, or fewer parameters with --parameters"
        raise PlantError([Finding("too-few-points", "", what, remedy)])


def _others(
    model: Residual,
    candidates: Sequence[Candidate],
    start: FloatArray,
    low: FloatArray,
    high: FloatArray,
    tries: tuple[int, int],
) -> list[FloatArray]:
    """Return the best of the points around a start at which the model has an answer; inner numbers."""
    n_points, n_searches = tries
    points = spread(_inside(start, low, high), [c.is_log for c in candidates], low, high, n_points)
    with np.errstate(all="ignore"):
        squares = [float(np.sum(model(point) ** 2)) for point in points]
    ranked = sorted((value, i) for i, value in enumerate(squares) if math.isfinite(value))
    return [points[i] for _, i in ranked[:n_searches]]


def _search(
    least_squares: Callable[..., Any],
    of_free: Residual,
    starts: Sequence[FloatArray],
    low: FloatArray,
    high: FloatArray,
    step: float,
) -> FloatArray:
    """Return the best end of searches from several starts, the first where others are no better; inner numbers."""
    best: tuple[float, FloatArray] | None = None
    for start in starts:
        solution = least_squares(
            of_free,
            _inside(start, low, high),
            jac=lambda x: _jacobian(of_free, x, low, high, step),
            bounds=(low, high),
            xtol=1e-10,
            ftol=1e-12,
            gtol=1e-12,
            max_nfev=60,
        )
        if best is None or solution.cost < _BETTER * best[0]:
            best = float(solution.cost), solution.x
    assert best is not None
    return best[1]


def _scipy() -> tuple[Callable[..., Any], Any]:
    """Return scipy's least squares and its t distribution."""
    try:
        from scipy.optimize import least_squares
        from scipy.stats import t
    except ImportError:
        raise ResultsError("fitting needs scipy: pip install 'h2plant[fit]'") from None
    return least_squares, t


def _of_inner(model: Residual, candidates: Sequence[Candidate], u: FloatArray, free: Sequence[int]) -> Residual:
    """Return a model of all values as one of the inner numbers of those that are free."""

    def of_free(x: FloatArray) -> FloatArray:
        values = np.array([c.outer(v) for c, v in zip(candidates, u, strict=True)])
        for k, v in zip(free, x, strict=True):
            values[k] = min(max(candidates[k].outer(float(v)), candidates[k].low), candidates[k].high)
        return model(values)

    return of_free


def _penalised(model: Residual) -> Residual:
    """Return a model that answers a large number where it has no answer."""

    def finite(x: FloatArray) -> FloatArray:
        values = model(x)
        return np.where(np.isfinite(values), values, _PENALTY * max(1.0, float(np.nanmax(np.abs(values), initial=0.0))))

    return finite


def _inner_bounds(candidates: Sequence[Candidate], free: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    low = np.array([candidates[k].inner(candidates[k].low) for k in free])
    return low, np.array([candidates[k].inner(candidates[k].high) for k in free])


def _inside(u: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return a start that is not on a bound."""
    span = np.where(np.isfinite(high - low), high - low, 1.0)
    margin = _INSIDE * np.minimum(span, 1.0)
    return np.minimum(np.maximum(u, low + margin), high - margin)


def _jacobian(model: Residual, x: FloatArray, low: FloatArray, high: FloatArray, step: float) -> FloatArray:
    """Return the derivatives, shape (n, p), by central differences, within the bounds."""
    columns = []
    for k in range(x.size):
        h = step * max(1.0, abs(float(x[k])))
        ends = []
        for value in (max(x[k] - h, low[k]), min(x[k] + h, high[k])):
            moved = x.copy()
            moved[k] = value
            ends.append((float(value), model(moved)))
        (a, at_a), (b, at_b) = ends
        columns.append((at_b - at_a) / (b - a))
    return np.stack(columns, axis=1)


def _is_on_bound(value: float, low: float, high: float) -> bool:
    near = _ON_BOUND * max(1.0, abs(value))
    return value - low < near or high - value < near


def _without_influence(slopes: FloatArray) -> list[int]:
    largest = np.abs(slopes).max(axis=0)
    return [int(k) for k in np.flatnonzero(largest <= _NO_INFLUENCE * max(float(largest.max()), 1e-300))]


def _dependent(slopes: FloatArray) -> int | None:
    """Return which column is to go where columns depend on each other: of those that take part, the last."""
    if slopes.shape[1] < 2:
        return None
    scaled = slopes / np.linalg.norm(slopes, axis=0)
    _, sizes, directions = np.linalg.svd(scaled, full_matrices=False)
    if sizes[-1] * _LARGEST_CONDITION > sizes[0]:
        return None
    weight = np.abs(directions[-1])
    return int(np.flatnonzero(weight > 0.3 * weight.max())[-1])


def _correlation(covariance: FloatArray, k: int, m: int) -> float:
    return float(abs(covariance[k, m]) / np.sqrt(covariance[k, k] * covariance[m, m]))


def _widest(candidate: Candidate, inner: float) -> float:
    """Return the largest half width, in inner numbers, of an interval that still says something."""
    if candidate.is_log:
        return _WIDEST_LOG
    return max(abs(inner), abs(candidate.inner(candidate.start)), 1e-12)


def _estimate(
    candidate: Candidate, k: int, inner: float, half: float, held: dict[int, str], bound: list[int]
) -> Estimate:
    if k in held:
        return Estimate(candidate, candidate.start, math.nan, math.nan, HELD, held[k])
    value = min(max(candidate.outer(inner), candidate.low), candidate.high)
    if k in bound:
        near_low = value - candidate.low < candidate.high - value
        value = candidate.low if near_low else candidate.high
        end = "lower" if near_low else "upper"
        note = f"ends on its {end} bound: the data pull beyond what the model allows; {_ASKED}"
        return Estimate(candidate, value, math.nan, math.nan, ON_BOUND, note)
    low, high = (candidate.outer(inner + sign * half) for sign in (-1.0, 1.0))
    return Estimate(candidate, value, max(low, candidate.low), min(high, candidate.high), FITTED)
