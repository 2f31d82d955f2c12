"""Fuel cells and engines that a rule commands, as one: a signal moves them alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from h2plant.planning.hull import Pieces, convex_hull
from h2plant.simulation.program import FloatArray

LOADS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
"""Loads at which they are measured."""


@dataclass(frozen=True)
class ReconversionModel:
    """Power made of stored hydrogen.

    Attributes
    ----------
    loads, powers_mw, flows_kg_per_h
        Measured: loads at which they run, net power then, and hydrogen that the plant has less by it.
    """

    loads: tuple[float, ...]
    powers_mw: tuple[float, ...]
    flows_kg_per_h: tuple[float, ...]

    @property
    def pieces(self) -> Pieces:
        """Hydrogen by power while they run, kg/h: at least slope * power + intercept of each piece."""
        return convex_hull(zip(self.powers_mw, self.flows_kg_per_h, strict=True))

    def load(self, power_mw: FloatArray) -> FloatArray:
        """Return the loads at which they give some powers; 0 below the smallest."""
        found = np.interp(power_mw, self.powers_mw, self.loads)
        return np.where(power_mw >= 0.999 * self.powers_mw[0], found, 0.0)


def reconversion_of(measured: Sequence[Sequence[float]]) -> ReconversionModel | None:
    """Return what was measured, (load, net power in MW, hydrogen in kg/h) each, as a model; None where nothing ran.

    Below the smallest load of one of them it rests; from there on power must grow with load.
    """
    points: list[Sequence[float]] = []
    for one in measured:
        if one[1] > (points[-1][1] if points else 0.0) and one[2] > 0.0:
            points.append(one)
    if not points:
        return None
    loads, powers, flows = (tuple(column) for column in zip(*points, strict=True))
    return ReconversionModel(loads, powers, flows)
