"""The steps that a run keeps for its audit: bus, states before and after, and how a component finds its own in them."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from h2plant.core.bus import FIRST_FREE, ZERO, ZERO_STREAM
from h2plant.core.declare import Kind
from h2plant.core.law import Place, Seen
from h2plant.core.regular_file import LARGEST_TABLE_BYTES, FileError, read_regular
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
    counters
        What came in the run to the counters that no log holds, and other memory that roles name at its end, by
        ``component.field``.
    """

    step_s: float
    numbers: IntArray
    components: tuple[Audited, ...]
    fields: tuple[str, ...]
    slots_before: FloatArray
    slots: FloatArray
    before: FloatArray
    after: FloatArray
    missed: tuple[str, ...] = ()
    counters: Mapping[str, float] = field(default_factory=dict)

    def seen(self, kinds: Mapping[str, Kind]) -> Iterator[tuple[Kind, Seen]]:
        """Yield each component's kind and what was seen of it."""
        columns = self._columns()
        for one in self.components:
            yield kinds[one.kind], self._alone(kinds[one.kind], one, columns)

    def groups(self, kinds: Mapping[str, Kind]) -> Iterator[tuple[Kind, Seen, tuple[str, ...]]]:
        """Yield what was seen of components that are alike, by kind and links, their steps one after another.

        Their parameters are arrays where they differ. The third item are their ids: the first as many rows as there are
        steps are those of the first, and so on.
        """
        alike: dict[Any, list[Audited]] = {}
        for one in self.components:
            links = tuple((place.shape, place.slots[:1] < (FIRST_FREE,)) for place in one.places.values())
            alike.setdefault((one.kind, links), []).append(one)
        columns = self._columns()
        for group in alike.values():
            kind = kinds[group[0].kind]
            is_one = len(group) == 1
            seen = self._alone(kind, group[0], columns) if is_one else self._together(kind, group, columns)
            yield kind, seen, tuple(one.id for one in group)

    def _columns(self) -> dict[str, dict[str, int]]:
        """Return the columns of each component's fields."""
        columns: dict[str, dict[str, int]] = {}
        for column, name in enumerate(self.fields):
            id_, _, short = name.rpartition(".")
            columns.setdefault(id_, {})[short] = column
        return columns

    def _alone(self, kind: Kind, one: Audited, columns: Mapping[str, Mapping[str, int]]) -> Seen:
        """Return what was seen of a component."""
        own = columns.get(one.id, {})
        return Seen(
            component=one.id,
            kind=one.kind,
            role=kind.role,
            parameters=one.parameters,
            step_s=self.step_s,
            places=one.places,
            slots=self.slots,
            slots_before=self.slots_before,
            before_={name: self.before[:, k] for name, k in own.items()},
            after_={name: self.after[:, k] for name, k in own.items()},
        )

    def _together(self, kind: Kind, group: list[Audited], columns: Mapping[str, Mapping[str, int]]) -> Seen:
        """Return what was seen of components that are alike, on a bus of their own behind the slots of the engine."""
        width = {port.name: port.width for port in kind.ports}
        engine = list(range(FIRST_FREE))
        taken = [
            engine
            + [slot + k for name, place in one.places.items() for slot in place.slots for k in range(width[name])]
            for one in group
        ]
        places, first = {}, FIRST_FREE
        for name, place in group[0].places.items():
            own = tuple(first + k * width[name] for k in range(len(place.slots)))
            first += len(own) * width[name]
            new = {old: old if old < FIRST_FREE else slot for old, slot in zip(place.slots, own, strict=True)}
            places[name] = place._replace(
                slots=tuple(new[slot] for slot in place.slots), fresh=tuple(new[slot] for slot in place.fresh)
            )
        fields = list(columns.get(group[0].id, {}))
        at = [[columns[one.id][name] for name in fields] for one in group] if fields else [[] for _ in group]
        before, after = (_stacked(values, at) for values in (self.before, self.after))
        return Seen(
            component=group[0].id,
            kind=group[0].kind,
            role=kind.role,
            parameters=_parameters(group, len(self.numbers)),
            step_s=self.step_s,
            places=places,
            slots=_stacked(self.slots, taken),
            slots_before=_stacked(self.slots_before, taken),
            before_={name: before[:, k] for k, name in enumerate(fields)},
            after_={name: after[:, k] for k, name in enumerate(fields)},
        )


def _parameters(group: list[Audited], n: int) -> Mapping[str, Any]:
    """Return the parameters of several components: a number where they are the same, else one for each row."""
    found: dict[str, Any] = {}
    for name, value in group[0].parameters.items():
        values = [one.parameters[name] for one in group]
        found[name] = value if values.count(value) == len(values) else np.repeat(values, n)
    return found


def _stacked(values: FloatArray, columns: list[list[int]]) -> FloatArray:
    """Return some columns for each component, below one another; each column in one piece, as laws read it."""
    found: FloatArray = np.concatenate([values.T[own] for own in columns], axis=1).T
    return found


@functools.cache
def audited_fields(kind: Kind) -> tuple[str, ...]:
    """Return the fields of a kind that its laws may read: states, outputs, counters, and what its role names."""
    named = set() if kind.role is None else set(kind.role.fields())
    return tuple(
        f.name
        for f in kind.fields
        if f.role in ("state", "output") or f.is_counter or (f.role == "memory" and f.name in named)
    )


def audited_components(program: Program) -> tuple[Audited, ...]:
    """Return the components of a program as an audit needs them."""
    a = program.arrays
    origin = {int(to): int(of) for of, to in a.copies}
    order = _Order(program)
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
            fresh: tuple[int, ...] = ()
            if port.is_lagged or port.is_lagged_in_loops:
                emits = kind.emit is not None and not port.is_read_in_step
                fresh = tuple(slot for slot in found_slots if order.is_fresh(slot, i, emits))
            stream = port.direction if port.medium == "stream" else ""
            places[port.name] = Place(found_slots, n > 0 and not is_open, stream, fresh)
        found.append(Audited(id_, kind.name, parameters, places))
    return tuple(found)


class _Order:
    """When within a step signals are written: by series, by what emits, by what steps and when.

    A kind that emits reads its lagged signals there: before all that steps.
    """

    def __init__(self, program: Program) -> None:
        a = program.arrays
        self.series = {int(slot) for slot in a.series_slot}
        self.rank = {int(component): k for k, component in enumerate(a.schedule_component)}
        self.emitted: set[int] = set()
        self.writers: dict[int, int] = {}
        for i, id_ in enumerate(program.component_ids):
            for port in program.kind_of(i).ports:
                if port.medium in ("signal", "line") and port.direction == "out":
                    n = 1
                    if port.is_multi:
                        table = program.tables[program.component_kinds[i]]
                        n = int(table[f"n_{port.name}"][program.component_rows[i]])
                    first = program.slot_index[f"{id_}.{port.name}"]
                    slots = range(first, first + n * port.width)
                    self.writers.update(dict.fromkeys(slots, i))
                    if port.is_emitted:
                        self.emitted.update(slots)

    def is_fresh(self, slot: int, reader: int, emits: bool) -> bool:
        """Tell whether a signal is of the same step where a component reads it."""
        if slot in self.series:
            return True
        if emits or slot not in self.writers:
            return False
        return slot in self.emitted or self.rank[self.writers[slot]] < self.rank[reader]


def field_columns(program: Program) -> tuple[tuple[str, ...], IntArray]:
    """Return the names of all audited fields of a program, and where they are in its memory."""
    names = [
        f"{id_}.{name}" for i, id_ in enumerate(program.component_ids) for name in audited_fields(program.kind_of(i))
    ]
    return tuple(names), np.array([program.field_index[name] for name in names], dtype=np.int64)


def keep_steps(program: Program, n_steps: int, n_kept: int = N_KEPT, seed: int = 0) -> StepKeeper:
    """Return what keeps steps of a program for its audit (``Engine.keeper``)."""
    return StepKeeper(program, n_steps, field_columns(program)[1], n_kept, seed)


def steps_of(
    keeper: StepKeeper,
    memory_before: FloatArray | None = None,
    parameters: Mapping[str, Mapping[str, float]] | None = None,
) -> Steps:
    """Return the steps that were kept, in their order.

    Parameters
    ----------
    keeper
        What kept them.
    memory_before
        The program's memory at the start of the run; None: counters began at zero.
    parameters
        Parameters of each component as its plant has them; None: as the program's memory has them at the end.
    """
    program = keeper.program
    names, _ = field_columns(program)
    numbers, (slots_before, slots, before, after) = keeper.matrices()
    return Steps(
        step_s=program.step_s,
        numbers=numbers,
        components=tuple(
            one if parameters is None else one._replace(parameters=dict(parameters[one.id]))
            for one in audited_components(program)
        ),
        fields=names,
        slots_before=slots_before,
        slots=slots,
        before=before,
        after=after,
        missed=tuple(f"{program.component_ids[component]}: {mode}" for component, mode in keeper.missed),
        counters=_counters(program, memory_before),
    )


def _counters(program: Program, memory_before: FloatArray | None) -> dict[str, float]:
    """Return the memory that no log holds and that figures go by: of counters what came to them in the run."""
    found = {}
    for i, id_ in enumerate(program.component_ids):
        kind = program.kind_of(i)
        for name in audited_fields(kind):
            if kind.field(name).role == "memory":
                index = program.field_index[f"{id_}.{name}"]
                came_from = memory_before is not None and kind.field(name).is_counter
                value = float(program.arrays.memory[index])
                found[f"{id_}.{name}"] = value - float(memory_before[index]) if came_from else value  # type: ignore[index]
    return found


# The file ------------------------------------------------------------------------------------------------------------
_MATRICES = ("slots_before", "slots", "before", "after")


def to_bytes(steps: Steps) -> bytes:
    """Return steps as NumPy's ``npz``: numbers, bus and fields before and after, and the layout as text."""
    layout = {
        "format": 1,
        "step_s": steps.step_s,
        "fields": list(steps.fields),
        "missed": list(steps.missed),
        "counters": dict(steps.counters),
        "components": [
            {
                "id": one.id,
                "kind": one.kind,
                "parameters": dict(one.parameters),
                "places": {name: list(place) for name, place in one.places.items()},
            }
            for one in steps.components
        ],
    }
    out = io.BytesIO()
    text = np.frombuffer(json.dumps({**layout, "digest": _digest(steps)}).encode(), dtype=np.uint8)
    # streamed: Arrow's compression takes 20 MB for these 8
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, values in (
            ("layout", text),
            ("numbers", steps.numbers),
            *((n, getattr(steps, n)) for n in _MATRICES),
        ):
            with archive.open(f"{name}.npy", "w") as part:
                np.lib.format.write_array(part, values, allow_pickle=False)
    return out.getvalue()


def _digest(steps: Steps) -> str:
    """Return what tells a damaged file from a broken law: SHA-256 of numbers and layout."""
    found = hashlib.sha256(np.ascontiguousarray(steps.numbers).data)
    for name in _MATRICES:
        found.update(np.ascontiguousarray(getattr(steps, name).T).data)
    layout = (steps.step_s, steps.components, steps.fields, steps.missed, sorted(steps.counters.items()))
    found.update(json.dumps(layout).encode())
    return found.hexdigest()


def read_steps(file: Path) -> Steps:
    """Return the steps of a file that ``to_bytes`` made.

    Raises
    ------
    ValueError
        It is none, or of another version.
    """
    try:
        content = io.BytesIO(read_regular(file, LARGEST_TABLE_BYTES))
        with zipfile.ZipFile(content) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_TABLE_BYTES:
                raise ValueError("they unpack to more than a table may have")
        with np.load(content, allow_pickle=False) as parts:
            layout = json.loads(parts["layout"].tobytes())
            numbers = parts["numbers"]
            matrix = {name: parts[name] for name in _MATRICES}
        if layout["format"] != 1:
            raise ValueError("kept by another version of h2plant")
        components = tuple(
            Audited(
                one["id"],
                one["kind"],
                one["parameters"],
                {
                    name: Place(tuple(slots), linked, stream, tuple(fresh))
                    for name, (slots, linked, stream, fresh) in one["places"].items()
                },
            )
            for one in layout["components"]
        )
        fields, missed = tuple(layout["fields"]), tuple(layout["missed"])
        steps = Steps(
            layout["step_s"], numbers, components, fields, matrix["slots_before"], matrix["slots"], matrix["before"],
            matrix["after"], missed, layout["counters"],
        )  # fmt: skip
        if _digest(steps) != layout["digest"]:
            raise ValueError("they were changed")
        return steps
    except (
        ArithmeticError,
        AttributeError,
        EOFError,
        LookupError,
        OSError,
        TypeError,
        ValueError,
        FileError,
        SyntaxError,
        tokenize.TokenError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"{file}: these are no steps of a run ({reason}); run the scenario again") from None
