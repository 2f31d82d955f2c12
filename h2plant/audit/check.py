"""Checks of figures against numbers found another way, and the verdicts that they add up to."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from h2plant.audit.examine import Verdict
from h2plant.core.law import Law

REL = 1.0e-8
"""Share of a figure, or of what it is a difference of, by which two ways to it may differ: both add up float64."""
NOT_THERE: Any = object()
"""A figure that a plant has nothing to do with, and that stands nowhere."""


class Check(NamedTuple):
    """A figure as it is stated, as it was found another way, and by how much they may differ."""

    law: str
    figure: str
    stated: Any
    expected: Any
    allowed: float = 0.0

    @property
    def share(self) -> float:
        """Deviation as a share of what is allowed; infinite where one of them is a number and the other is not."""
        stated, expected = self.stated, self.expected
        if stated is expected:  # both left out, or both without a value
            return 0.0
        if not (_is_number(stated) and _is_number(expected)):
            return 0.0 if stated == expected and type(stated) is type(expected) else math.inf
        off = abs(float(stated) - float(expected))
        if not math.isfinite(off):
            return math.inf
        return 0.0 if off == 0.0 else off / self.allowed if self.allowed > 0.0 else math.inf


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class Checks(list[Check]):
    """Checks as they are made."""

    def add(
        self, law: str, figure: str, stated: Any, expected: Any, scale: float = 0.0, rel: float = REL, abs_: float = 0.0
    ) -> None:
        """Add one; where what is expected is NaN nobody knows it, and nothing is checked.

        ``scale`` is the size of what a difference was made of.
        """
        if isinstance(expected, float) and math.isnan(expected):
            return
        values = [abs(float(v)) for v in (stated, expected) if _is_number(v)]
        self.append(Check(law, figure, stated, expected, rel * max([scale, *values]) + abs_))


def verdicts(laws: Iterable[Law], checks: Iterable[Check]) -> list[Verdict]:
    """Return what checks say of each law that they belong to; the worst figure stands in the place of a component."""
    by_law: dict[str, list[Check]] = {}
    for check in checks:
        by_law.setdefault(check.law, []).append(check)
    found = []
    for law in laws:
        own = by_law.get(law.id, [])
        if not own:
            continue
        worst = max(own, key=lambda check: check.share)
        broken = dict.fromkeys(check.figure for check in own if check.share > 1.0)
        found.append(Verdict(law, len(own), worst.share, worst.figure, -1, tuple(broken)))
    return found
