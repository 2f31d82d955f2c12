"""Figures over the scenarios of a study: columns, quantiles, rank correlations, main effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from h2plant.simulation.program import FloatArray
from h2plant.studies.study.design import Point
from h2plant.studies.study.outcome import Outcome
from h2plant.studies.study.parameter import Value
from h2plant.studies.study.run import StudyRun

QUANTILES = (0.0, 0.05, 0.5, 0.95, 1.0)
_MOST_BINS = 8


@dataclass(frozen=True)
class Columns:
    """Scenarios that did not fail, as columns of the same length.

    Attributes
    ----------
    numbers
        Of the scenarios.
    parameters
        Free and tied ones that differ between scenarios; numbers as float64, words as they are.
    outputs
        Float64; NaN where a figure has no value.
    tied
        Names of the parameters that follow from others.
    """

    numbers: list[int]
    parameters: dict[str, list[Value]]
    outputs: dict[str, FloatArray]
    tied: frozenset[str]

    def numeric(self, name: str) -> FloatArray | None:
        """Return a parameter as numbers; None where it is words."""
        values = self.parameters[name]
        if any(isinstance(v, str) for v in values):
            return None
        return np.array([float(v) for v in values])

    @property
    def free(self) -> list[str]:
        """Names of the parameters that are varied by themselves."""
        return [name for name in self.parameters if name not in self.tied]


def columns_of(run: StudyRun) -> Columns:
    """Return the scenarios of a study that came to their end with a valid answer, as columns."""
    values: dict[int, Mapping[str, Value]] = {point.number: point.values for point in run.points}
    whole = [outcome for outcome in run.outcomes if outcome.is_counted]
    points = [Point(o.number, values[o.number]) for o in whole]
    names = [p.name for p in run.study.parameters]
    return Columns(
        [o.number for o in whole],
        {n: [p.values[n] for p in points] for n in names if len({repr(p.values[n]) for p in points}) > 1},
        {output.name: _output(whole, output.name) for output in run.study.outputs},
        frozenset(p.name for p in run.study.parameters if p.is_tied),
    )


def _output(outcomes: Sequence[Outcome], name: str) -> FloatArray:
    found = [outcome.values.get(name) for outcome in outcomes]
    return np.array([np.nan if value is None else value for value in found], dtype=float)


def quantiles(values: FloatArray) -> list[float]:
    """Return the ``QUANTILES`` of what is finite; NaN where nothing is."""
    finite = values[np.isfinite(values)]
    return [float(v) for v in np.quantile(finite, QUANTILES)] if finite.size else [float("nan")] * len(QUANTILES)


def ranks(values: FloatArray) -> FloatArray:
    """Return ranks from 1, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2.0)[inverse], dtype=float)


def rank_correlation(x: FloatArray, y: FloatArray) -> float:
    """Return Spearman's rank correlation of the pairs that are finite; NaN where either does not vary.

    Source: Spearman 1904 (doi 10.2307/1412159), with mean ranks of equal values.
    """
    finite = np.isfinite(x) & np.isfinite(y)
    if finite.sum() < 3 or np.ptp(x[finite]) == 0.0 or np.ptp(y[finite]) == 0.0:
        return float("nan")
    return float(np.corrcoef(ranks(x[finite]), ranks(y[finite]))[0, 1])


class Effect(NamedTuple):
    """Mean of an output over scenarios that are alike in one parameter: by value, or by group of equal size."""

    at: list[float] | list[str]
    mean: list[float]
    low: list[float]
    high: list[float]


def main_effect(columns: Columns, parameter: str, output: str) -> Effect:
    """Return how the mean of an output, and its 5 % and 95 % quantiles, follow a parameter."""
    y = columns.outputs[output]
    x = columns.numeric(parameter)
    keys: list[float] | list[str]
    if x is None:
        words = [str(v) for v in columns.parameters[parameter]]
        keys = sorted(set(words))
        groups = [np.array([w == key for w in words]) for key in keys]
    else:
        levels = np.unique(x)
        if levels.size <= _MOST_BINS:
            groups = [x == level for level in levels]
        else:
            edges = np.quantile(x, np.linspace(0.0, 1.0, _MOST_BINS + 1))
            bins = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, _MOST_BINS - 1)
            groups = [bins == k for k in range(_MOST_BINS)]
        keys = [float(x[g].mean()) if g.any() else float("nan") for g in groups]
    found: list[tuple[float, float, float]] = []
    for group in groups:
        inside = y[group & np.isfinite(y)]
        if inside.size:
            found.append((float(inside.mean()), float(np.quantile(inside, 0.05)), float(np.quantile(inside, 0.95))))
        else:
            found.append((float("nan"),) * 3)
    return Effect(keys, [f[0] for f in found], [f[1] for f in found], [f[2] for f in found])
