"""The role of rules of dispatch (see ``h2plant.core.role``)."""

from __future__ import annotations

from dataclasses import dataclass

from h2plant.core.role_base import Role, of_counter, of_field, of_port


@dataclass(frozen=True)
class Dispatch(Role):
    """Decides the power of the electrolysers.

    Parameters
    ----------
    is_planned
        Whether it follows a plan that an optimiser makes ahead, from the series ``plan_...``.
    planned_import
        Signal of the power that it means to buy, W; '' if it does not say.
    lines, sources
        Multi ports of the lines that it serves, and of the own power of each source.
    throttle
        Output: share of the lines' largest power that the storage allows, 1; '' if it does not say.
    battery_share
        Signal by which it commands batteries; '' if it commands none.
    battery_use
        What it uses batteries for, behind its name: 'has it take what the grid would not'.
    starts_avoided
        Counter of starts of lines that batteries made needless; '' if it counts none.
    load
        Signal by which it commands fuel cells and engines, 0 to 1; '' if it commands none.
    """

    is_planned: bool = False
    planned_import: str = of_port()
    battery_share: str = of_port()
    battery_use: str = "has it take only what the grid would not, and give only what would have to be bought"
    starts_avoided: str = of_counter()
    load: str = of_port()
    lines: str = of_port("lines")
    sources: str = of_port("available_power")
    throttle: str = of_field()
