"""Which trials of an optimisation are best: feasible ones that none other beats in every objective."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from h2plant.studies.search.goal import OptimizeStudy
from h2plant.studies.study.outcome import Outcome


@dataclass(frozen=True)
class Judged:
    """A trial as the search sees it.

    Attributes
    ----------
    number
        The trial's; 0 is the plant as it is.
    losses
        Objectives, less is better; NaN where one has no value.
    violation
        Sum of what the constraints are missed by, as shares of their bounds, and of what is not valid; 0: all hold.
    """

    number: int
    losses: tuple[float, ...]
    violation: float

    @property
    def is_valid(self) -> bool:
        """Whether it has all objectives."""
        return all(math.isfinite(loss) for loss in self.losses)

    @property
    def is_feasible(self) -> bool:
        return self.is_valid and self.violation <= 0.0


def judge(study: OptimizeStudy, outcomes: Sequence[Outcome]) -> list[Judged]:
    """Return the trials that came to their end, judged."""
    return [
        Judged(o.number, tuple(x.loss(o.values) for x in study.objectives), study.violation(o.values) + o.violation)
        for o in outcomes
        if not o.is_failed
    ]


def dominates(a: Sequence[float], b: Sequence[float]) -> bool:
    """Whether losses ``a`` are nowhere above ``b`` and somewhere below (Pareto)."""
    pairs = list(zip(a, b, strict=True))
    return all(x <= y for x, y in pairs) and any(x < y for x, y in pairs)


def front(judged: Sequence[Judged]) -> list[Judged]:
    """Return the feasible trials that no other dominates, by the first objective; of equal ones the first."""
    kept: list[Judged] = []
    for one in sorted((j for j in judged if j.is_feasible), key=lambda j: (j.losses, j.number)):
        if not any(dominates(other.losses, one.losses) or other.losses == one.losses for other in kept):
            kept.append(one)
    return kept


def least_violated(judged: Sequence[Judged]) -> Judged | None:
    """Return the trial that misses the constraints by least; None where none that misses any has its objectives."""
    valid = [j for j in judged if j.is_valid and j.violation > 0.0]
    return min(valid, key=lambda j: (j.violation, j.losses), default=None)
