"""What a battery is to the plant: the role by which rules, figures, costs and the audit find it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from h2plant.core.role import Role, named_fields, named_ports
from h2plant.core.wear import Wear


@dataclass(frozen=True)
class Battery(Role):
    """Takes electricity from a bus and gives it back later.

    Parameters
    ----------
    charge, discharge, auxiliaries
        Ports of the power that it takes to store it, that it gives, and that it draws for itself.
    can_charge, can_discharge
        Signals: what it can take and give in this step, W, as far as a rule of dispatch may ask for it.
    share
        Signal by which a rule commands it: share of what it can take; below 0 of what it can give.
    direct_setpoint
        Signal of its power, W (below 0: given), where no rule commands it.
    level, content
        Signals: state of charge, 0 to 1, and energy that it holds, J, at the end of the step.
    stored
        State: energy that it holds, J.
    rated_power, capacity, initial
        Parameters: highest power, W; energy that it holds when new and full, J; share of it at the start; '' if none.
    wear
        How it ages; None: it does not.
    """

    charge: str = named_ports("charge")
    discharge: str = named_ports("discharge")
    auxiliaries: str = named_ports()
    can_charge: str = named_ports("can_charge")
    can_discharge: str = named_ports("can_discharge")
    share: str = named_ports("share")
    direct_setpoint: str = named_ports()
    level: str = named_ports("level")
    content: str = named_ports("stored")
    stored: str = named_fields("stored_j")
    rated_power: str = named_fields("power_w")
    capacity: str = named_fields("energy_j")
    initial: str = named_fields()
    wear: Wear | None = None

    @property
    def place(self) -> str:
        return "Battery"

    @property
    def stands_alone(self) -> bool:
        return True

    def fields(self) -> Iterator[str]:
        yield from super().fields()
        if self.wear is not None:
            yield from (name for name in (self.wear.state, self.wear.end, self.wear.cycles) if name)

    def counters(self) -> Iterator[str]:
        yield from super().counters()
        if self.wear is not None:
            yield from (name for name in (self.wear.replacements, self.wear.cycles) if name)
