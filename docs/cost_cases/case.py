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
        How far they may be apart; None: nothing is tested, and ``instead`` says why.
    instead
        What stands in the place of a tolerance.
    """

    tool: str
    name: str
    inputs: str
    published: float
    ours: float
    source: str
    tolerance_frac: float | None
    instead: str = ""

    def __post_init__(self) -> None:
        assert (self.tolerance_frac is None) == bool(self.instead), f"{self.name}: a tolerance, or why there is none"

    @property
    def difference_frac(self) -> float:
        """By how much ours is higher."""
        return self.ours / self.published - 1.0
