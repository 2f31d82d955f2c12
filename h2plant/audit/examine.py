"""Checks the laws of all components on steps that were kept, and says for each how near it came to being broken."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from h2plant.audit.steps import Steps
from h2plant.core.declare import Kind
from h2plant.core.law import Law, LawError, Seen, SumLaw, judged
from h2plant.laws.of_kind import laws_of
from h2plant.laws.streams import STREAM_LAWS, StreamLaw, Streams

NEGLIGIBLE = 1.0e-3
"""Share of what is allowed below which a deviation is rounding, and its place means nothing."""


def worst_text(worst: float | None) -> str:
    """Return the largest deviation of a law, as a share of what it allows."""
    return "inf" if worst is None else f"< {NEGLIGIBLE:g}" if worst < NEGLIGIBLE else f"{worst:.2g}"


class Checked(NamedTuple):
    """What a law says of a component: numbers compared, the largest deviation as a share of the allowed, its step."""

    law: Law
    component: str
    n_checks: int
    worst: float
    step: int
    error: str = ""


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
        Components where it is broken, or could not be worked out.
    error
        Why it could not be worked out: a law of a kind from outside that raised.
    """

    law: Law
    n_checks: int
    worst: float
    component: str
    step: int
    broken_at: tuple[str, ...] = ()
    error: str = ""

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
            **({"error": self.error} if self.error else {}),
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
    if not steps.numbers.size:
        return
    for kind, seen, ids in steps.groups(kinds):
        for law in laws_of(kind):
            # laws of sums are checked on the whole run, and laws of streams on all of them at once
            is_short = not (law.needs_equation_of_state or isinstance(law, SumLaw))
            if not isinstance(law, StreamLaw) and (is_full or is_short):
                try:
                    yield from _of_group(law, seen, ids, steps)
                except LawError as error:
                    yield from (Checked(law, id_, 1, math.inf, -1, str(error)) for id_ in ids)
    components = [seen for _, seen in steps.seen(kinds)]
    if components:
        streams = Streams(components)
        for stream_law in STREAM_LAWS:
            if is_full or not stream_law.needs_equation_of_state:
                yield from _of_streams(stream_law, streams, steps)


def _of_group(law: Law, seen: Seen, ids: Sequence[str], steps: Steps) -> Iterator[Checked]:
    """Yield what a law says of components that are alike: of each if it is broken, else of the worst."""
    n = len(steps.numbers)
    is_alike = not any(isinstance(value, np.ndarray) for value in seen.parameters.values())
    if law.takes_arrays or is_alike:
        n_checks, worst, row = judged(law, seen)
        if worst <= 1.0:
            step = int(steps.numbers[row % n]) if n_checks else -1
            yield Checked(law, ids[row // n if n_checks else 0], n_checks, worst, step)
            return
    for k, id_ in enumerate(ids):
        n_checks, worst, row = judged(law, seen.part(k * n, n))
        yield Checked(law, id_, n_checks, worst, int(steps.numbers[row]) if n_checks else -1)


def _of_streams(law: StreamLaw, streams: Streams, steps: Steps) -> Iterator[Checked]:
    """Yield what a law of streams says of each component that gives streams."""
    shares = law.shares(streams)
    silent = np.isnan(shares)
    filled = np.where(silent, -1.0, shares)
    n_checks, at = shares.shape[1] - silent.sum(axis=1), filled.argmax(axis=1)
    worst = filled[np.arange(len(at)), at]
    rows: dict[int, list[int]] = {}
    for row, owner in enumerate(streams.owners.tolist()):
        rows.setdefault(owner, []).append(row)
    for owner, own in rows.items():
        name, n = streams.components[owner].component, int(n_checks[own].sum())
        row = max(own, key=worst.__getitem__)
        yield Checked(law, name, n, float(worst[row]) if n else 0.0, int(steps.numbers[at[row]]) if n else -1)


def verdicts(checked: Iterable[Checked]) -> list[Verdict]:
    """Return a verdict for each law, those that are broken or nearest to it first."""
    by_law: dict[str, list[Checked]] = {}
    for one in checked:
        by_law.setdefault(one.law.id, []).append(one)
    return sorted((_verdict(rows) for rows in by_law.values()), key=nearness)


def nearness(verdict: Verdict) -> tuple[float, str]:
    """Return a key that puts broken laws first, then those nearest to it; what is rounding goes by the alphabet."""
    return -max(verdict.worst, NEGLIGIBLE), verdict.law.id


def _verdict(rows: Sequence[Checked]) -> Verdict:
    worst = max(rows, key=lambda row: row.worst if row.n_checks else -1.0)
    n_checks = sum(row.n_checks for row in rows)
    broken = dict.fromkeys(row.component for row in rows if row.n_checks and row.worst > 1.0)
    at = worst.component if n_checks else ""
    return Verdict(worst.law, n_checks, worst.worst, at, worst.step, tuple(broken), worst.error)
