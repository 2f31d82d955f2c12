"""The steps that a run keeps for its audit: bus, states before and after, and how a component finds its own in them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.feather

from h2plant.core.bus import ZERO, ZERO_STREAM
from h2plant.core.declare import Kind
from h2plant.core.law import Place, Seen
from h2plant.simulation.program import FloatArray, IntArray, Program
from h2plant.simulation.step_keeper import N_KEPT, StepKeeper


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


def asked_slots(program: Program) -> IntArray:
    """Return the slots of signals that a component may read as they were in the step before."""
    found = set()
    for i, one in enumerate(audited_components(program)):
        for port in program.kind_of(i).ports:
            if port.direction == "in" and (port.is_lagged or port.is_lagged_in_loops):
                found |= {slot + k for slot in one.places[port.name].slots for k in range(port.width)}
    return np.array(sorted(found), dtype=np.int64)


def keep_steps(program: Program, n_steps: int, n_kept: int = N_KEPT, seed: int = 0) -> StepKeeper:
    """Return what keeps steps of a program for its audit (``Engine.keeper``)."""
    return StepKeeper(program, n_steps, asked_slots(program), field_columns(program)[1], n_kept, seed)


def steps_of(keeper: StepKeeper) -> Steps:
    """Return the steps that were kept, in their order."""
    program = keeper.program
    names, _ = field_columns(program)
    rows = sorted(keeper.taken.values(), key=lambda one: one.number)

    def gathered(values: Iterable[FloatArray], width: int) -> FloatArray:
        return np.array(list(values), dtype=float).reshape(len(rows), width)

    slots = asked_slots(program)
    before = np.full((len(rows), program.n_slots), np.nan)
    before[:, slots] = gathered((one.slots_before for one in rows), slots.size)
    return Steps(
        step_s=program.step_s,
        numbers=np.array([one.number for one in rows], dtype=np.int64),
        components=audited_components(program),
        fields=names,
        slots_before=before,
        slots=gathered((one.bus for one in rows), program.n_slots),
        before=gathered((one.fields_before for one in rows), len(names)),
        after=gathered((one.fields for one in rows), len(names)),
        missed=tuple(f"{program.component_ids[component]}: {mode}" for component, mode in keeper.missed),
    )


# The file ------------------------------------------------------------------------------------------------------------
_MATRICES = ("slots_before", "slots", "before", "after")


def to_bytes(steps: Steps) -> bytes:
    """Return steps as an Arrow file: a row a step, a list of numbers for each of bus and fields, the layout as text."""
    columns = {"number": pa.array(steps.numbers)}
    for name in _MATRICES:
        matrix = getattr(steps, name)
        used = np.flatnonzero(~np.isnan(matrix).all(axis=0)) if matrix.size else np.arange(matrix.shape[1])
        columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(matrix[:, used].ravel()), max(used.size, 1))
        if not used.size:
            columns[name] = pa.array([[0.0]] * len(steps.numbers), pa.list_(pa.float64(), 1))
    is_kept = ~np.isnan(steps.slots_before).all(axis=0) if steps.slots_before.size else np.zeros(0, dtype=bool)
    layout = {
        "format": 1,
        "step_s": steps.step_s,
        "n_slots": steps.slots.shape[1],
        "asked": np.flatnonzero(is_kept).tolist(),
        "fields": list(steps.fields),
        "missed": list(steps.missed),
        "components": [
            {
                "id": one.id,
                "kind": one.kind,
                "parameters": dict(one.parameters),
                "places": {name: [list(place.slots), place.is_linked] for name, place in one.places.items()},
            }
            for one in steps.components
        ],
    }
    table = pa.table(columns).replace_schema_metadata({"layout": json.dumps(layout)})
    out = io.BytesIO()
    pyarrow.feather.write_feather(table, out, compression="zstd")
    return out.getvalue()


def read_steps(file: Path) -> Steps:
    """Return the steps of a file that ``to_bytes`` made.

    Raises
    ------
    ValueError
        It is none, or of another version.
    """
    try:
        table = pyarrow.feather.read_table(file, memory_map=False)
        layout = json.loads((table.schema.metadata or {})[b"layout"])
        if layout["format"] != 1:
            raise ValueError(f"{file}: kept by another version of h2plant; run the scenario again")
        n = table.num_rows
        matrix = {name: np.array(table.column(name).combine_chunks().flatten()).reshape(n, -1) for name in _MATRICES}
        components = tuple(
            Audited(
                one["id"],
                one["kind"],
                one["parameters"],
                {name: Place(tuple(slots), linked) for name, (slots, linked) in one["places"].items()},
            )
            for one in layout["components"]
        )
        before = np.full((n, layout["n_slots"]), np.nan)
        if layout["asked"]:
            before[:, layout["asked"]] = matrix["slots_before"]
        numbers = np.array(table.column("number"), dtype=np.int64)
        fields, missed = tuple(layout["fields"]), tuple(layout["missed"])
        return Steps(
            layout["step_s"], numbers, components, fields, before, matrix["slots"], matrix["before"], matrix["after"],
            missed,
        )  # fmt: skip
    except (KeyError, TypeError, pa.ArrowInvalid, json.JSONDecodeError) as error:
        raise ValueError(f"{file}: these are no steps of a run ({error}); run the scenario again") from None
