"""The laws that follow from what a kind is to the plant."""

from __future__ import annotations

from h2plant.core.battery_role import Battery
from h2plant.core.law import Law
from h2plant.core.origin_role import OriginMonitor
from h2plant.core.role import (
    Control,
    Dispatch,
    Grid,
    LineControl,
    Maker,
    Offtake,
    PowerBus,
    Role,
    Source,
    Store,
    Supply,
)
from h2plant.laws.battery import battery_role
from h2plant.laws.delivery import offtake_flow, offtake_short
from h2plant.laws.dispatch import dispatch_role
from h2plant.laws.electrolysis import maker_laws
from h2plant.laws.line import line_role
from h2plant.laws.money import import_price, source_cost
from h2plant.laws.origin import origin_role
from h2plant.laws.power import grid_role, power_bus_role, source_power
from h2plant.laws.storage import control_short, store_gives
from h2plant.laws.water import supply_law


def role_laws(role: Role | None) -> tuple[Law, ...]:
    """Return the laws that follow from a role."""
    if isinstance(role, Source):
        return source_power(role), source_cost(role)
    if isinstance(role, Grid):
        return *grid_role(role), import_price(role)
    if isinstance(role, PowerBus):
        return (power_bus_role(role),)
    if isinstance(role, Battery):
        return (battery_role(role),)
    if isinstance(role, Maker):
        return maker_laws(role)
    if isinstance(role, Store):
        return (store_gives(),) if role.demands else ()
    if isinstance(role, Supply):
        return (supply_law(role),)
    if isinstance(role, Offtake):
        return (offtake_flow(), offtake_short()) if role.due else (offtake_flow(),)
    if isinstance(role, OriginMonitor):
        return (origin_role(role),)
    if isinstance(role, LineControl):
        return line_role(role)
    if isinstance(role, Dispatch):
        return dispatch_role(role)
    if isinstance(role, Control) and role.demand and role.unserved:
        return (control_short(),)
    return ()
