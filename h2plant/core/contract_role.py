"""What a contract over power is to the plant: the role by which figures, economics and the audit find it."""

from __future__ import annotations

from dataclasses import dataclass

from h2plant.core.role import Role, named_fields, named_ports


@dataclass(frozen=True)
class PowerContract(Role):
    """Buys an agreed power at an agreed price, whatever the plant draws; its power is worth the market price.

    Parameters
    ----------
    cost, revenue
        Ports of what the plant pays the seller, and of what that power is worth at the market, EUR.
    volume
        Counter of the energy bought, J.
    """

    cost: str = named_ports()
    revenue: str = named_ports()
    volume: str = named_fields()

    @property
    def place(self) -> str:
        return "Grid"
