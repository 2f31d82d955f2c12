"""What a component owes to those who ask it, as its role declares it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Owed = Literal["power", "hydrogen", "water", "heat", "cooling"]
"""What a component may owe to those who ask it."""

OWED: tuple[Owed, ...] = get_args(Owed)


@dataclass(frozen=True)
class Served:
    """What a component owes and how much of it it gave: asked = given + short, by construction.

    Hydrogen and water are counted in kg, the others in J. A port of a stream stands for its hydrogen alone (of
    water owed, for its water), one of heat, power or a signal for its value times the step, a field for what came to
    it in the run.

    Parameters
    ----------
    medium
        What is owed.
    short
        Fields or ports: what was asked and not given.
    given, less
        Ports or fields that add up to what was given, and those that are taken off.
    asked
        In place of ``given``: ports or fields that add up to what was asked.
    time
        Counter, s: time in which less than 99.9 % of what was asked was given (``SHORT_FRAC``); '' if none counts it.
    asks
        Port by which it is asked, a signal or heat; '' if it is asked by what flows through it.
    outlets
        Port whose i-th link gives what the i-th of ``asks`` asks for; '' if there is one outlet for all.
    counts
        When it counts for the plant as a whole. 'unless_passed_on': what a component asks that owes the same medium
        itself counts there; 'if_series': only what a series asks counts.
    is_passed_on
        Whether others give what it promises: of what is given nothing counts here for the plant as a whole.
    """

    medium: Owed
    short: tuple[str, ...]
    given: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    time: str = ""
    asks: str = ""
    outlets: str = ""
    counts: Literal["unless_passed_on", "if_series"] = "unless_passed_on"
    is_passed_on: bool = False

    def __post_init__(self) -> None:
        if self.medium not in OWED:
            raise ValueError(f"'{self.medium}' is nothing that is owed: one of {', '.join(OWED)}")
        if bool(self.given) == bool(self.asked):
            raise ValueError(f"of {self.medium}, either what was given or what was asked must be declared")

    @property
    def names(self) -> tuple[str, ...]:
        """Every port and field that it names."""
        listed = (*self.short, *self.given, *self.less, *self.asked, self.time, self.asks, self.outlets)
        return tuple(dict.fromkeys(name for name in listed if name))
