"""A published cost of hydrogen, its inputs, and what our economics make of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A cost of hydrogen that somebody else worked out.

    Attributes
    ----------
    tool, name, inputs, source
        Whose it is, what plant, what goes in, and where it stands.
    published, ours
        Cost, in money per kg, as published and by ``h2plant.economics`` from the same inputs.
    tolerance_frac
        How far they may be apart.
    """

    tool: str
    name: str
    inputs: str
    published: float
    ours: float
    source: str
    tolerance_frac: float

    @property
    def difference_frac(self) -> float:
        """By how much ours is higher."""
        return self.ours / self.published - 1.0
