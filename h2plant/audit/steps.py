"""The steps that a run keeps for its audit: bus, states before and after, and how a component finds its own in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from h2plant.core.bus import ZERO, ZERO_STREAM
from h2plant.core.declare import Kind
from h2plant.core.law import Place, Seen
from h2plant.simulation.program import FloatArray, IntArray, Program
from h2plant.simulation.step_keeper import Taken


class Audited(NamedTuple):
    """A component as an audit needs it: id, name of its kind, parameters in SI, and where its ports lie on the bus."""

    id: str
    kind: str
    parameters: Mapping[str, float]
    places: Mapping[str, Place]


@dataclass(frozen=True)
class Steps:
    """Steps of a run, each as it was.

    Attributes
    ----------
    step_s
        Length of a step, s.
    numbers
        Which steps, shape (n,), in their order.
    components
        The components.
    fields
        ``component.field`` of the columns of ``before`` and ``after``: states, counters, outputs, what roles name.
    slots_before, slots
        The bus before and after each step, shape (n, n_slots).
    before, after
        The fields before and after each step, shape (n, n_fields).
    missed
        Modes that components were in and of which no step was kept, as ``component: mode``.
    """

    step_s: float
    numbers: IntArray
    components: tuple[Audited, ...]
    fields: tuple[str, ...]
    slots_before: FloatArray
    slots: FloatArray
    before: FloatArray
    after: FloatArray
    missed: tuple[str, ...] = field(default=())

    def seen(self, kinds: Mapping[str, Kind]) -> Iterator[tuple[Kind, Seen]]:
        """Yield each component's kind and what was seen of it."""
        columns: dict[str, dict[str, int]] = {}
        for column, name in enumerate(self.fields):
            id_, _, short = name.rpartition(".")
            columns.setdefault(id_, {})[short] = column
        for one in self.components:
            own = columns.get(one.id, {})
            yield (
                kinds[one.kind],
                Seen(
                    component=one.id,
                    kind=one.kind,
                    role=kinds[one.kind].role,
                    parameters=one.parameters,
                    step_s=self.step_s,
                    places=one.places,
                    slots=self.slots,
                    slots_before=self.slots_before,
                    before_={name: self.before[:, k] for name, k in own.items()},
                    after_={name: self.after[:, k] for name, k in own.items()},
                ),
            )


def audited_fields(kind: Kind) -> list[str]:
    """Return the fields of a kind that its laws may read: states, outputs, counters, and what its role names."""
    named = set() if kind.role is None else set(kind.role.fields())
    return [
        f.name
        for f in kind.fields
        if f.role in ("state", "output") or f.is_counter or (f.role == "memory" and f.name in named)
    ]


def audited_components(program: Program) -> tuple[Audited, ...]:
    """Return the components of a program as an audit needs them."""
    a = program.arrays
    origin = {int(to): int(of) for of, to in a.copies}
    open_ends = {(flow.slot, end) for flow in program.flows for end in flow[3:] if -1 in flow[3:] and end >= 0}
    found = []
    for i, id_ in enumerate(program.component_ids):
        kind = program.kind_of(i)
        parameters = {f.name: program.value(f"{id_}.{f.name}") for f in kind.parameters}
        places: dict[str, Place] = {}
        for port in kind.ports:
            first = program.slot_index[f"{id_}.{port.name}"]
            n = 1
            if port.is_multi:
                n = int(program.tables[program.component_kinds[i]][f"n_{port.name}"][program.component_rows[i]])
            slots = (first + k * port.width for k in range(n))
            found_slots = tuple(origin.get(slot, slot) for slot in slots)
            is_open = not port.is_multi and (first in (ZERO, ZERO_STREAM) or (first, i) in open_ends)
            places[port.name] = Place(found_slots, n > 0 and not is_open)
        found.append(Audited(id_, kind.name, parameters, places))
    return tuple(found)


def field_columns(program: Program) -> tuple[tuple[str, ...], IntArray]:
    """Return the names of all audited fields of a program, and where they are in its memory."""
    names = [
        f"{id_}.{name}" for i, id_ in enumerate(program.component_ids) for name in audited_fields(program.kind_of(i))
    ]
    return tuple(names), np.array([program.field_index[name] for name in names], dtype=np.int64)


def steps_of(program: Program, taken: Sequence[Taken], missed: Sequence[str] = ()) -> Steps:
    """Return the steps of a program that were kept, in their order."""
    names, at = field_columns(program)
    rows = sorted(taken, key=lambda one: one.number)

    def gathered(values: Iterable[FloatArray], width: int) -> FloatArray:
        return np.array(list(values), dtype=float).reshape(len(rows), width)

    return Steps(
        step_s=program.step_s,
        numbers=np.array([one.number for one in rows], dtype=np.int64),
        components=audited_components(program),
        fields=names,
        slots_before=gathered((one.bus_before for one in rows), program.n_slots),
        slots=gathered((one.bus for one in rows), program.n_slots),
        before=gathered((one.memory_before[at] for one in rows), len(names)),
        after=gathered((one.memory[at] for one in rows), len(names)),
        missed=tuple(missed),
    )
