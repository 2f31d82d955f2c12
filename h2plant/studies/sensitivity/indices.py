"""Indices of a sensitivity study, from its scenarios, with confidence intervals.

A scenario that failed, or gave no value, spoils the block of scenarios that are only of use together. Blocks are left
out whole, and counted. Where more than ``MOST_LEFT_OUT_FRAC`` of them are lost there are no indices: what fails is
seldom what is average, and the rest would tell of another space than the one that was asked for.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from h2plant.simulation.program import FloatArray
from h2plant.studies.sensitivity import Method, SensitivityStudy
from h2plant.studies.study.outcome import Outcome

MOST_LEFT_OUT_FRAC = 0.05
"""Largest share of blocks that may be left out."""

_LEAST_BLOCKS = 4
_RESAMPLES = 500
_ROUNDING = 1e-12


class Index(NamedTuple):
    """An index of a parameter (of a pair of them, where ``other`` is named) and half of its confidence interval."""

    parameter: str
    other: str
    name: str
    value: float
    half_width: float


class Bar(NamedTuple):
    """An output with one parameter at its low and at its high share, the others in their middle."""

    parameter: str
    low: float
    high: float


@dataclass(frozen=True)
class Influence:
    """What a method says of one output.

    Attributes
    ----------
    method, output
        Which.
    indices
        Empty where there are none; ``reason`` tells why.
    n_blocks, n_left_out
        Blocks of scenarios, and how many of them were left out as one of theirs failed.
    base, bars
        Of a tornado: the output with all parameters in their middle, and by parameter, widest first.
    """

    method: Method
    output: str
    indices: tuple[Index, ...] = ()
    reason: str = ""
    n_blocks: int = 1
    n_left_out: int = 0
    base: float = math.nan
    bars: tuple[Bar, ...] = field(default=())

    def named(self, name: str) -> list[Index]:
        """Return the indices of a name, in the order of the parameters."""
        return [index for index in self.indices if index.name == name]

    @property
    def note(self) -> str:
        """What was left out, in words; empty where nothing was."""
        if not self.n_left_out or self.reason:
            return ""
        if self.bars:
            return f"{self.n_left_out} of {self.n_blocks} bars lack an end: scenarios failed or are not valid"
        return f"{self.n_left_out} of {self.n_blocks} blocks left out: scenarios in them failed or are not valid"


def influences(study: SensitivityStudy, outcomes: Sequence[Outcome]) -> list[Influence]:
    """Return what each method says of each output.

    Parameters
    ----------
    study
        The study.
    outcomes
        Those of all its scenarios, in the order of their numbers.
    """
    found = []
    first = 0
    for method in study.methods:
        n = method.n_scenarios(len(study.names))
        part = outcomes[first : first + n]
        first += n
        for output in study.study.outputs:
            given = [o.values.get(output.name) if o.is_counted else None for o in part]
            values = np.array([math.nan if value is None else value for value in given])
            found.append(_influence(study, method, output.name, values))
    return found


def _influence(study: SensitivityStudy, method: Method, output: str, values: FloatArray) -> Influence:
    if method.kind == "tornado":
        return _tornado(study, method, output, values)
    names = study.names
    n_rows = method.n_rows(len(names))
    blocks = values.reshape(-1, n_rows)
    whole = np.isfinite(blocks).all(axis=1)
    n_blocks, n_lost = len(blocks), int((~whole).sum())

    def without(reason: str) -> Influence:
        return Influence(method, output, (), reason, n_blocks, n_lost)

    if not np.isfinite(values).any():
        return without("no scenario has a value")
    if n_lost > MOST_LEFT_OUT_FRAC * n_blocks or n_blocks - n_lost < min(_LEAST_BLOCKS, n_blocks):
        n_failed = int((~np.isfinite(values)).sum())
        reason = (
            f"{n_failed} of {values.size} scenarios failed, are not valid or have no value and spoil {n_lost} of "
            f"{n_blocks} blocks; "
            f"with more than {MOST_LEFT_OUT_FRAC:.0%} left out the indices would be biased: narrow the ranges"
        )
        return without(reason)
    y = blocks[whole].ravel()
    if np.ptp(y) <= _ROUNDING * max(float(np.abs(y).max()), 1e-300):
        return without("it does not vary")
    u = method.shares(names).reshape(n_blocks, n_rows, -1)[whole].reshape(y.size, -1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SALib's own use of deprecated parts of numpy, pandas and scipy
        indices = _sobol(method, names, y) if method.kind == "sobol" else _morris(method, names, u, y)
    return Influence(method, output, tuple(indices), "", n_blocks, n_lost)


def _sobol(method: Method, names: Sequence[str], y: FloatArray) -> list[Index]:
    from SALib.analyze import sobol

    result: dict[str, Any] = sobol.analyze(
        method.problem(names),
        y,
        calc_second_order=method.is_second_order,
        num_resamples=_RESAMPLES,
        conf_level=method.confidence_frac,
        seed=method.seed,
    )
    found = [
        Index(name, "", key, float(result[key][k]), float(result[f"{key}_conf"][k]))
        for key in ("S1", "ST")
        for k, name in enumerate(names)
    ]
    if method.is_second_order:
        for j, name in enumerate(names):
            for k in range(j + 1, len(names)):
                found.append(Index(name, names[k], "S2", float(result["S2"][j][k]), float(result["S2_conf"][j][k])))
    return found


def _morris(method: Method, names: Sequence[str], u: FloatArray, y: FloatArray) -> list[Index]:
    from SALib.analyze import morris

    result: dict[str, Any] = morris.analyze(
        method.problem(names),
        u,
        y,
        num_resamples=_RESAMPLES,
        conf_level=method.confidence_frac,
        num_levels=method.n_levels,
        seed=method.seed,
    )
    found = [
        Index(name, "", "mu_star", float(result["mu_star"][k]), float(result["mu_star_conf"][k]))
        for k, name in enumerate(names)
    ]
    for key in ("mu", "sigma"):
        found += [Index(name, "", key, float(result[key][k]), math.nan) for k, name in enumerate(names)]
    return found


def _tornado(study: SensitivityStudy, method: Method, output: str, values: FloatArray) -> Influence:
    base = float(values[0])
    if not math.isfinite(base):
        return Influence(
            method, output, reason="the scenario with all parameters in their middle failed or is not valid"
        )
    ends = values[1:].reshape(-1, 2)
    bars = [Bar(name, float(low), float(high)) for name, (low, high) in zip(study.names, ends, strict=True)]
    bars.sort(key=lambda bar: -swing(bar, base))
    lost = [bar.parameter for bar in bars if not (math.isfinite(bar.low) and math.isfinite(bar.high))]
    n = len(bars)
    return Influence(method, output, n_blocks=n, n_left_out=len(lost), base=base, bars=tuple(bars))


def swing(bar: Bar, base: float) -> float:
    """Return the width of a bar: between the least and the greatest of low, high and base that are there."""
    there = [v for v in (bar.low, bar.high, base) if math.isfinite(v)]
    return max(there) - min(there)


def influence_table(found: Sequence[Influence]) -> list[list[str | float]]:
    """Return the rows of ``indices.csv``: method, output, index, parameter, other parameter, value, half width."""
    rows: list[list[str | float]] = []
    for one in found:
        for i in one.indices:
            rows.append([one.method.kind, one.output, i.name, i.parameter, i.other, i.value, i.half_width])
        for bar in one.bars:
            for name, value in (("low", bar.low), ("base", one.base), ("high", bar.high)):
                rows.append([one.method.kind, one.output, name, bar.parameter, "", value, math.nan])
    return rows


HEADINGS = ["method", "output", "index", "parameter", "other", "value", "half_width"]
"""Headings of ``indices.csv``."""
