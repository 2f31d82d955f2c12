"""Which totals and fields the key figures and the economics of a plant read, and what tells of those not kept.

They are found by working the figures out once, from arrays that note what is read of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from h2plant.components import KINDS
from h2plant.core.bus import ENTHALPY, H2, LIQUID, N2, O2, STREAM_WIDTH, VAPOUR
from h2plant.cuda.lanes import Dropped, unread_fields
from h2plant.plant.graph import Plant
from h2plant.results.ledger import ITEMS, Ledger
from h2plant.results.run_economics import appraise_run
from h2plant.results.summary import summarise
from h2plant.results.totals import SUMS
from h2plant.session.ensemble import Member
from h2plant.simulation.program import FloatArray, Flow, Program

_OF_ITEM = ((H2,), (O2,), (N2,), (VAPOUR, LIQUID), (ENTHALPY,), ())
"""Slots of a stream that the ledger books, by its columns (``ledger.ITEMS``)."""
_ITEM_OF_SCALAR = {"power": 4, "heat": 4, "money": 5}
_SOME = 1.0e6
"""Whatever is read while it is noted: more than nothing, so that no figure is passed over."""


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


class _Noted(np.ndarray):
    """An array that notes which of its elements are read."""

    seen: set[int]

    def __getitem__(self, key: Any) -> Any:
        self.seen.update(np.arange(self.size).reshape(self.shape)[key].ravel().tolist())
        return np.asarray(self)[key]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        for x in inputs:
            if isinstance(x, _Noted):
                x.seen.update(range(x.size))
        return getattr(ufunc, method)(*(np.asarray(x) if isinstance(x, _Noted) else x for x in inputs), **options)


def _noted(values: FloatArray) -> _Noted:
    made = values.copy().view(_Noted)
    made.seen = set()
    return made


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
    a, n = program.arrays, program.n_components
    sums = [index for name, index in program.field_index.items() if name.rpartition(".")[2] in SUMS]
    after = a.memory.copy()
    after[sums] += 1.0
    memory, totals = _noted(after), _noted(np.full(a.totals.size, _SOME))
    inflow, outflow = (_noted(np.full((n, len(ITEMS)), _SOME)) for _ in range(2))
    held, crossed = np.ones((n, len(ITEMS))), np.ones(len(ITEMS))
    reacted = np.full((n, len(ITEMS)), _SOME)
    ids = tuple(program.component_ids)
    ledger = Ledger(ids, inflow, outflow, reacted, held, held, crossed, crossed, a.memory.copy())
    noting = replace(program, arrays=a._replace(memory=memory, totals=totals))
    hours = 8760.0
    summarise(plant, noting, ledger, hours, appraise_run(plant, noting, ledger, hours))
    slots = set(totals.seen)
    for flow in program.flows:
        for item in range(len(ITEMS)):
            of_ends = (
                flow.target >= 0 and flow.target * len(ITEMS) + item in inflow.seen,
                flow.source >= 0 and flow.source * len(ITEMS) + item in outflow.seen,
                min(flow.source, flow.target) < 0,
            )
            if any(of_ends):
                slots.update(_booked_slots(flow, item))
    names = {index: name.rpartition(".")[2] for name, index in program.field_index.items()}
    read = {names[index] for index in memory.seen if index in names}
    kinds = [KINDS[k] for k in sorted(set(program.component_kinds))]
    return Wanted(
        frozenset(slots), frozenset((kind.name, field) for kind in kinds for field in unread_fields(kind) - read)
    )


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
