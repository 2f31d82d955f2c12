"""Which totals and fields the key figures and the economics of a plant read, and what tells of those not kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from h2plant.core.bus import ENTHALPY, H2, LIQUID, N2, O2, STREAM_WIDTH, VAPOUR
from h2plant.cuda.lanes import Dropped, unread_fields
from h2plant.economics.settings import read_settings
from h2plant.plant.graph import Plant
from h2plant.results.figures import Technologies, figures_of, quantities_of
from h2plant.results.ledger import EMPTY_LEDGER, ITEMS
from h2plant.results.power_flow import power_flows
from h2plant.results.totals import QUANTITIES, Totals
from h2plant.session.ensemble import Member
from h2plant.simulation.program import Flow, Program

_OF_ITEM = ((H2,), (O2,), (N2,), (VAPOUR, LIQUID), (ENTHALPY,), ())
"""Slots of a stream that the ledger books, by its columns (``ledger.ITEMS``)."""
_ITEM_OF_SCALAR = {"power": 4, "heat": 4, "money": 5}


@dataclass(frozen=True)
class Wanted:
    """What is to be kept of a run.

    Attributes
    ----------
    slots
        Slots of the bus whose totals are kept.
    dropped
        Fields by kind that are not kept: the kernels never read them, and the figures do not.
    """

    slots: frozenset[int]
    dropped: Dropped


def wanted_by_figures(plant: Plant, program: Program) -> Wanted:
    """Return what the key figures (``summarise``), the economics and the balance of the whole plant need.

    Parameters
    ----------
    plant, program
        A plant and its program, lowered from it, which has begun.

    Raises
    ------
    ValueError
        The program is not of this plant.
    """
    if program.component_ids != list(plant.components):
        raise ValueError(f"the program '{program.name}' is not of the plant '{plant.name}'")
    totals = Totals(program, EMPTY_LEDGER, plant)
    names = quantities_of(figures_of(Technologies.of_plant(plant)).values())
    slots, fields = {flow.slot for flow in power_flows(program)}, set()  # whether all power had a source
    booked: dict[str, set[tuple[int, int]]] = {"inflow": set(), "outflow": set()}
    for name in names:
        for i, readings, _ in QUANTITIES[name].of_components(totals):
            for source, of, index in readings:
                if source == "port":
                    slots.add(program.slot_index[f"{program.component_ids[i]}.{of}"] + index)
                elif source in booked:
                    booked[source].add((i, index))
                elif of:
                    fields.add((totals.kinds[i].name, of))
    slots.update(program.slot_index[port] for port in read_settings(plant).heat_sales_eur_per_mwh)
    for flow in program.flows:
        for item in range(len(ITEMS)):
            ends = (flow.target, item) in booked["inflow"], (flow.source, item) in booked["outflow"]
            if any(ends) or min(flow.source, flow.target) < 0:
                slots.update(_booked_slots(flow, item))
    kinds = dict.fromkeys(totals.kinds)
    unread = {(kind.name, field) for kind in kinds for field in unread_fields(kind)}
    return Wanted(frozenset(slots), frozenset(unread - fields))


def _booked_slots(flow: Flow, item: int) -> list[int]:
    if flow.medium == "stream":
        return [flow.slot + k for k in _OF_ITEM[item]]
    return [flow.slot] if _ITEM_OF_SCALAR.get(flow.medium) == item else []


class _Guarded(np.ndarray):
    """An array of which an element that was not kept, NaN, cannot be read one by one."""

    def __getitem__(self, key: Any) -> Any:
        found = np.asarray(self)[key]
        if np.isnan(found).any():
            raise LookupError("a total that was not kept on the device is needed: run with --backend threads")
        return found

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return getattr(ufunc, method)(*(np.asarray(x) if isinstance(x, _Guarded) else x for x in inputs), **options)


def guarded(member: Member) -> Member:
    """Return a member whose program and ledger raise ``LookupError`` where something is read that was not kept.

    Arithmetic with whole arrays gives NaN there, as it does without. Such a program is for reading, not for running on.
    """
    program, ledger = member.program, member.ledger
    if program is None or ledger is None:
        return member
    a = program.arrays
    arrays = a._replace(totals=a.totals.view(_Guarded), memory=a.memory.view(_Guarded))
    guarded_ledger = replace(ledger, inflow=ledger.inflow.view(_Guarded), outflow=ledger.outflow.view(_Guarded))
    return replace(member, program=replace(program, arrays=arrays), ledger=guarded_ledger)


def temperatures_and_pressures(program: Program) -> set[int]:
    """Return the slots of the bus with temperatures and pressures of streams, which nobody adds up."""
    streams = [flow.slot for flow in program.flows if flow.medium == "stream"]
    return {slot + k for slot in streams for k in range(ENTHALPY + 1, STREAM_WIDTH)}
