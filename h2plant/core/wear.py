"""How a unit starts, and how its stack ages, as its role declares it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

Values = Mapping[str, float]
"""Parameters of a component, SI, with the fields that a run has left it with."""


class Start(NamedTuple):
    """A start of one unit, before prices.

    Attributes
    ----------
    energy_j
        Energy to warm up.
    lost_s
        Time of production at the usual rate that the start takes.
    ageing_frac
        Share of the stack's life that it uses up.
    time_s
        Time from the request for power to the power requested.
    n_measured
        Starts of a run that the figures are the mean of; 0: they come from parameters.
    """

    energy_j: float
    lost_s: float
    ageing_frac: float
    time_s: float = 0.0
    n_measured: float = 0.0


@dataclass(frozen=True)
class StartType:
    """A way in which a unit starts, for the cost of a start.

    Parameters
    ----------
    name
        What its cost is filed under, after the technology: 'hot'; '' for none.
    label
        What it is, as the summary says it: 'a start of a PEM stack from cold'.
    is_usual
        Whether its figures carry no name: ``start_cost_soec_eur``.
    recorded
        Prefix of the fields in which the unit adds up such starts: ``<recorded>_start_j``, ``_lost_s``, ``_start_s``.
    ageing_frac
        Share of the stack's life that one recorded start uses up, from the unit's parameters with the end of its life
        (``Wear.end``) and the thermal cycles of the run for each start from cold (``cycles_per_start``).
    estimate
        Start from the same without a record, for a run that saw none; None: such a start has no cost then.
    """

    name: str
    label: str
    is_usual: bool
    recorded: Literal["cold", "hot"]
    ageing_frac: Callable[[Values], float]
    estimate: Callable[[Values], Start] | None = None

    @property
    def fields(self) -> tuple[str, str, str]:
        """Fields in which the unit adds up such starts: energy, J, production lost, s, and time, s."""
        return f"{self.recorded}_start_j", f"{self.recorded}_lost_s", f"{self.recorded}_start_s"


@dataclass(frozen=True)
class Wear:
    """How a stack, or the cells of a battery, age.

    Parameters
    ----------
    state, end
        State that grows with wear; parameter or memory: its value at the end of the stack's life.
    replacements
        Counter of stacks renewed in the run.
    cycles
        Counter of thermal, or of full, cycles; '' if none.
    idle
        Counter of the hours that wear without running; '' if none.
    exponent
        That of ``state`` which grows evenly with use: 2 where wear goes with the square root of time.
    """

    state: str
    end: str
    replacements: str = "n_replacements"
    cycles: str = ""
    idle: str = ""
    exponent: float = 1.0

    def used(self, before: float, now: float, end: float) -> float:
        """Return the share of a life by which wear has come from one state to another."""
        if self.exponent == 1.0:
            return (now - before) / end
        return float((now**self.exponent - before**self.exponent) / end**self.exponent)
