"""Batteries that a run hardly used: what they cost is in the answer, and what they did is next to nothing."""

from __future__ import annotations

from h2plant.core.role import Dispatch
from h2plant.economics.span import HOURS_PER_YEAR
from h2plant.results.totals import Totals
from h2plant.simulation.program import Program

FEWEST_CYCLES_A_YEAR = 12.0
"""Full cycles in a year, one a month, below which a battery is hardly used; as cells age they last for thousands."""
LEAST_HOURS = 28 * 24.0
"""Length of a run, h, below which it says nothing of a year."""


def idle_batteries(totals: Totals, hours: float) -> list[str]:
    """Return a note of each battery that made few full cycles, with what its rule uses it for."""
    if hours < LEAST_HOURS:
        return []
    program = totals.program
    uses = [_use(program, i) for i in totals.of_role(Dispatch)]
    notes = []
    for i, cycles in totals.quantity("cell_cycles").items():
        if cycles * HOURS_PER_YEAR / hours >= FEWEST_CYCLES_A_YEAR:
            continue
        what = ": ".join((f"made {cycles:.1f} full cycles in {hours / 24.0:.0f} days", *uses))
        remedy = (
            "'h2plant compare' of the plant shows what other rules make of it; without it, or smaller, it costs less"
        )
        notes.append(f"[hardly-used] {program.component_ids[i]}: {what}; {remedy}")
    return notes


def _use(program: Program, rule: int) -> str:
    kind, role = program.kind_of(rule), program.kind_of(rule).role
    assert isinstance(role, Dispatch)
    return f"'{program.component_ids[rule]}', of the kind '{kind.name}', {role.battery_use}"
