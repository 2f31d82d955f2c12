"""Installed costs by kind of component: each kind declares its own (``core.cost``)."""

from h2plant.components import KINDS
from h2plant.core.cost import CostFigure

__all__ = ["COSTS", "FREE_KINDS", "CostFigure", "cost_figures"]

COSTS = {kind.name: kind.costs for kind in KINDS if kind.costs}
"""Installed cost of each kind that costs anything."""

FREE_KINDS = frozenset(kind.name for kind in KINDS if kind.costs == ())
"""Kinds without capital of their own: bought as energy or water, pipes, rules."""


def cost_figures(kind: str) -> tuple[CostFigure, ...]:
    """Return the cost figures of a kind (none for those of ``FREE_KINDS``); KeyError for an unknown kind."""
    if kind in FREE_KINDS:
        return ()
    if kind not in COSTS:
        raise KeyError(f"no cost figure for the kind '{kind}'")
    return COSTS[kind]
