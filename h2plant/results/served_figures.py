"""The key figures of what was asked and given: of power, hydrogen, water, heat and cooling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from h2plant.core.constants import J_PER_MWH
from h2plant.core.served import Owed
from h2plant.results.figure_form import ABSENT, Expression, Figure
from h2plant.results.totals import total

SERVED_GROUP = "served"
"""Group of the figures of what was asked and given: the terminal shows them in a table of their own."""

SERVED_UNITS: dict[Owed, tuple[str, str, float]] = {
    "power": ("mwh", "MWh", 1.0 / J_PER_MWH),
    "hydrogen": ("kg", "kg", 1.0),
    "water": ("t", "t", 1e-3),
    "heat": ("mwh", "MWh", 1.0 / J_PER_MWH),
    "cooling": ("mwh", "MWh", 1.0 / J_PER_MWH),
}
"""What is owed -> suffix and unit in which figures count it, and the factor from kg or J."""

SHORT_OF_POWER = ("unserved_j", "emergency_j")
"""What a grid without a bus could not give, and what a bus had of its emergency supply."""

TIMES_OF_POWER = ("unserved_time_s", "blackout_s")
"""Times in which that was so; of a blackout until lines may run again."""

_WHO_IS_SERVED = {
    "power": "by all that draws electricity",
    "hydrogen": "by customers and by series",
    "water": "of tanks, pumps and mains by the process",
    "heat": "of steam generators and heaters",
    "cooling": "of coolers, chillers and loops",
}


def served_figures() -> Iterator[Figure]:
    """Yield what was asked and given of each medium, the share, and the hours in which it was short."""
    for medium, (suffix, unit, factor) in SERVED_UNITS.items():
        of = ("used_j", *SHORT_OF_POWER) if medium == "power" else (f"given_{medium}", f"short_{medium}")
        timed = TIMES_OF_POWER if medium == "power" else (f"time_{medium}",)

        def amounts(
            given: dict[int, float], *short: dict[int, float], is_power: bool = medium == "power"
        ) -> tuple[float, float] | None:
            """Return what was given and what was short of it; None where nobody owes it. Power used holds both."""
            if not any(short):
                return None
            lacked = sum(total(one) for one in short)
            return (total(given) - lacked if is_power else total(given)), lacked

        def asked(*of: Any, factor: float = factor, amounts: Any = amounts) -> Any:
            found = amounts(*of)
            return ABSENT if found is None else (found[0] + found[1]) * factor

        def gave(*of: Any, factor: float = factor, amounts: Any = amounts) -> Any:
            found = amounts(*of)
            return ABSENT if found is None else found[0] * factor

        def share(*of: Any, amounts: Any = amounts) -> Any:
            found = amounts(*of)
            return ABSENT if found is None else share_served(*found)

        who = _WHO_IS_SERVED[medium]
        for name, label, meaning, form in (
            ("asked", f"{medium} asked for", f"What was asked for {who}.", asked),
            ("given", f"{medium} given", "What of it was given.", gave),
        ):
            id_ = f"{medium}_{name}_{suffix}"
            yield Figure(id_, label, unit, SERVED_GROUP, meaning, Expression(of, form), ",.1f")
        id_, meaning = f"{medium}_served_frac", "Given over asked; 1: nobody went short, or nothing was asked."
        yield Figure(id_, f"{medium}, share served", "1", SERVED_GROUP, meaning, Expression(of, share), ".4f")
        id_ = f"{medium}_short_h"
        meaning = "Time in which the component that was short longest gave less than 99.9 % of what was asked."
        hours = Expression(timed, _longest_h)
        yield Figure(id_, f"{medium}, hours short", "h", SERVED_GROUP, meaning, hours, ",.1f")


def _longest_h(*times_s: dict[int, float]) -> Any:
    """Return the longest of the times, h; left out where none is counted."""
    return max(max(of.values()) for of in times_s if of) / 3600.0 if any(times_s) else ABSENT


def share_served(given: float, short: float) -> float:
    """Return given over asked; 1 where nothing was asked."""
    return given / (given + short) if given + short > 0.0 else 1.0
