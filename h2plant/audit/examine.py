"""Checks the laws of all components on steps that were kept, and says for each how near it came to being broken."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from h2plant.audit.steps import Steps
from h2plant.core.declare import Kind
from h2plant.core.law import Law, judged
from h2plant.laws.of_kind import laws_of


class Checked(NamedTuple):
    """What a law says of a component: numbers compared, the largest deviation as a share of the allowed, its step."""

    law: Law
    component: str
    n_checks: int
    worst: float
    step: int


@dataclass(frozen=True)
class Verdict:
    """What an audit found of a law at all components that have it.

    Attributes
    ----------
    law
        The law.
    n_checks
        Numbers compared.
    worst
        Largest deviation as a share of what is allowed: above 1 the law is broken.
    component, step
        Where that was; ``component`` is empty if nothing was compared, ``step`` -1 for sums over the run.
    broken_at
        Components where it is broken.
    """

    law: Law
    n_checks: int
    worst: float
    component: str
    step: int
    broken_at: tuple[str, ...] = ()

    @property
    def is_broken(self) -> bool:
        """Whether it is broken anywhere."""
        return bool(self.broken_at)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "law": self.law.id,
            "text": self.law.text,
            "equation": self.law.equation,
            "source": self.law.source,
            "n_checks": self.n_checks,
            "worst_share": self.worst if math.isfinite(self.worst) else None,
            "component": self.component,
            "step": self.step,
            "broken_at": list(self.broken_at),
        }


def examine(steps: Steps, kinds: Mapping[str, Kind], is_full: bool = True) -> Iterator[Checked]:
    """Yield what each law of a plant's components says of steps that were kept.

    Parameters
    ----------
    steps
        The steps.
    kinds
        The plant's kinds by name.
    is_full
        Whether laws that ask the equations of state are checked as well.
    """
    for kind, seen in steps.seen(kinds):
        for law in laws_of(kind):
            if is_full or not law.needs_equation_of_state:
                n_checks, worst, row = judged(law, seen)
                yield Checked(law, seen.component, n_checks, worst, int(steps.numbers[row]) if n_checks else -1)


def verdicts(checked: Iterable[Checked]) -> list[Verdict]:
    """Return a verdict for each law, those that are broken or nearest to it first."""
    by_law: dict[str, list[Checked]] = {}
    for one in checked:
        by_law.setdefault(one.law.id, []).append(one)
    return sorted((_verdict(rows) for rows in by_law.values()), key=lambda one: -one.worst)


def _verdict(rows: Sequence[Checked]) -> Verdict:
    worst = max(rows, key=lambda row: row.worst if row.n_checks else -1.0)
    n_checks = sum(row.n_checks for row in rows)
    broken = dict.fromkeys(row.component for row in rows if row.n_checks and row.worst > 1.0)
    return Verdict(worst.law, n_checks, worst.worst, worst.component if n_checks else "", worst.step, tuple(broken))
