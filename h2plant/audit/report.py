"""What the audit of a run came to: a verdict for each law, on the steps that were kept and on the sums of the run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from h2plant.audit.examine import NEGLIGIBLE, Verdict, examine, nearness, verdicts
from h2plant.audit.steps import Steps
from h2plant.audit.sums import examine_sums
from h2plant.core.declare import Kind
from h2plant.simulation.program import FloatArray, Program


@dataclass(frozen=True)
class AuditReport:
    """What an audit found.

    Attributes
    ----------
    verdicts
        One for each law, those that are broken or nearest to it first.
    n_steps
        Single steps that were looked at.
    is_full
        Whether the laws that ask the equations of state were checked as well.
    missed
        Modes of components of which no step was kept, as ``component: mode``.
    """

    verdicts: tuple[Verdict, ...]
    n_steps: int
    is_full: bool
    missed: tuple[str, ...] = ()

    @property
    def broken(self) -> list[Verdict]:
        """Verdicts of the laws that are broken."""
        return [one for one in self.verdicts if one.is_broken]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "is_full": self.is_full,
            "n_steps": self.n_steps,
            "n_laws": len(self.verdicts),
            "n_checks": sum(one.n_checks for one in self.verdicts),
            "n_broken": len(self.broken),
            "missed": list(self.missed),
            "laws": [one.to_dict() for one in self.verdicts],
        }


def audit_run(
    program: Program, memory_before: FloatArray | None, steps: Steps | None, is_full: bool = False
) -> AuditReport:
    """Return the audit of a run that has just ended: on its sums, and on the steps that it kept.

    Parameters
    ----------
    program
        After the run, its log interval closed.
    memory_before
        Its memory when the totals were opened; None: counters began at zero.
    steps
        The steps kept; None: none were.
    is_full
        Whether the laws that ask the equations of state are checked as well: seconds instead of milliseconds.
    """
    kinds = {kind.name: kind for kind in program.kinds}
    kinds |= {program.kind_of(i).name: program.kind_of(i) for i in range(program.n_components)}
    of_steps = () if steps is None else examine(steps, kinds, is_full)
    return _report(
        verdicts(chain(of_steps, examine_sums(program, memory_before, None if steps is None else steps.components))),
        steps,
        is_full,
    )


def audit_steps(steps: Steps | None, kinds: Mapping[str, Kind], further: Sequence[Verdict] = ()) -> AuditReport:
    """Return the full audit of steps that were read from a folder, with what was found elsewhere.

    Parameters
    ----------
    steps
        The steps; None: none were kept.
    kinds
        The plant's kinds by name.
    further
        Verdicts on figures, say.
    """
    found = [*(() if steps is None else verdicts(examine(steps, kinds))), *further]
    return _report(sorted(found, key=nearness), steps, True)


def with_sums(full: dict[str, Any], short: Mapping[str, Any]) -> dict[str, Any]:
    """Return a full audit with what the audit at the end of the run found on its sums, which no folder keeps.

    Parameters
    ----------
    full
        Of a folder, as ``to_dict`` makes it.
    short
        As it stands in the summary.
    """
    laws = {law["law"]: dict(law) for law in full["laws"]}
    for law in short.get("laws") or ():
        if law.get("step", 0) >= 0 or law.get("error"):
            continue
        own = laws.setdefault(law["law"], {**law, "n_checks": 0, "broken_at": []})
        own["n_checks"] += law["n_checks"]
        own["broken_at"] = list(dict.fromkeys([*own["broken_at"], *law["broken_at"]]))
        if _share(law) > _share(own):
            own |= {key: law[key] for key in ("worst_share", "component", "step")}
    found = sorted(laws.values(), key=lambda law: (-max(_share(law), NEGLIGIBLE), law["law"]))
    return {
        **full,
        "n_laws": len(found),
        "n_checks": sum(law["n_checks"] for law in found),
        "n_broken": sum(bool(law["broken_at"]) for law in found),
        "laws": found,
    }


def _share(law: Mapping[str, Any]) -> float:
    share = law["worst_share"]
    return math.inf if share is None else float(share)


def _report(found: Sequence[Verdict], steps: Steps | None, is_full: bool) -> AuditReport:
    n_steps, missed = (0, ()) if steps is None else (len(steps.numbers), steps.missed)
    return AuditReport(tuple(found), n_steps, is_full, missed)
