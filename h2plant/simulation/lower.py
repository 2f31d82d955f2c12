"""Lowering: from a checked plant (ids, ports, links) to a ``Program`` (rows, slots, plain arrays)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from h2plant.components.registry import table_of
from h2plant.config.own_rule import own_step
from h2plant.config.series import Series
from h2plant.config.series_notes import joined, step_notes
from h2plant.core import bus as on_bus
from h2plant.core.block_sum import BLOCK
from h2plant.core.collector import paused_collection
from h2plant.core.declare import Port
from h2plant.plant.graph import Link, Plant, PortRef
from h2plant.plant.order import execution_order
from h2plant.plant.structure import Structure
from h2plant.simulation.program import (
    COPY,
    FAILED_COMPONENT,
    N_COUNTERS,
    Arrays,
    Column,
    FloatArray,
    Flow,
    IntArray,
    PlaceArray,
    Program,
    as_table,
    line_zeros,
)

_SIGNALS = ("signal", "line")
"""Media of links that carry no flow."""
_COPY = "copy"
"""In place of a medium: slots that are no link's own."""
_MOST_LAYOUTS = 4
"""Layouts that are kept of a structure, each with other series."""
_SCALAR_DOC = {"power": "electric power", "heat": "heat flow", "money": "money flow"}
_SCALAR_UNIT = {"power": "W", "heat": "W", "money": "EUR/s"}
_SCALAR_SUFFIX = {"power": ".power_w", "heat": ".heat_w", "money": ".eur_per_s"}


class _Wiring:
    """Gives every link and every open port its slots on the bus."""

    def __init__(self, plant: Plant, series: Mapping[str, Series]) -> None:
        self.plant = plant
        self.n_slots = on_bus.FIRST_FREE
        self.flows: list[Flow] = []
        self.copies: list[tuple[int, int]] = []
        self.copies_before: dict[str, list[int]] = {}  # component -> copies to make before it reads
        self.columns: dict[int, Column] = {}  # of the log, by slot, in order
        self.series_slot: dict[str, int] = {}
        self.first: dict[tuple[str, str], int] = {}
        self.count: dict[tuple[str, str], int] = {}
        self._index = {id_: i for i, id_ in enumerate(plant.components)}
        self._defaults: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for link in plant.default_links():
            self._defaults.setdefault((link.target.component, link.target.port), []).append(
                (link.source.component, link.source.port)
            )
        for name in series:
            self.series_slot[name] = self._take(1, f"series.{name}", "signal", series[name].unit)
        self._ends: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for link in plant.links:
            self._ends.setdefault((link.source.component, link.source.port), []).append(
                (link.target.component, link.target.port)
            )
            self._ends.setdefault((link.target.component, link.target.port), []).append(
                (link.source.component, link.source.port)
            )
        self._wire_out_signals()
        self._wire_flows()
        self._wire_in_signals()

    def _take(self, width: int, name: str, medium: str, unit: str) -> int:
        slot = self.n_slots
        if width == on_bus.STREAM_WIDTH and slot % on_bus.STREAM_WIDTH:
            slot += on_bus.STREAM_WIDTH - slot % on_bus.STREAM_WIDTH  # one cache line a stream
        self.n_slots = slot + width
        if medium == _COPY:
            return slot
        if width == 1:
            self.columns[slot] = Column(name, unit, _SCALAR_DOC.get(medium, "signal"), "mean")
        elif width == on_bus.STREAM_WIDTH:
            for k, (suffix, column_unit, doc) in enumerate(on_bus.STREAM_COLUMNS, slot):
                self.columns[k] = Column(f"{name}.{suffix}", column_unit, doc, "mean")
        return slot

    def _ports(self) -> list[tuple[str, Port]]:
        return [(id_, port) for id_, c in self.plant.components.items() for port in c.kind.ports]

    def _set(self, component: str, port: Port, slots: list[int]) -> None:
        self.first[component, port.name] = slots[0] if slots else on_bus.ZERO
        self.count[component, port.name] = len(slots)

    def _wire_out_signals(self) -> None:
        together = self._read_together()
        for component, port in self._ports():
            if port.medium not in _SIGNALS or port.direction != "out":
                continue
            if (component, port.name) in together:
                self._set(component, port, [together[component, port.name]])
                continue
            n = len(self._ends.get((component, port.name), [])) if port.is_multi or port.medium == "line" else 1
            suffix = unit_suffix(port.unit)
            names = [f"{component}.{port.name}{f'.{k}' if port.is_multi else ''}{suffix}" for k in range(n)]
            self._set(component, port, [self._take(port.width, name, "signal", port.unit) for name in names])

    def _read_together(self) -> dict[tuple[str, str], int]:
        """Give signals that one multi port reads consecutive slots, so that it needs no copies (4 % of the loop)."""
        slots: dict[tuple[str, str], int] = {}
        for component, port in self._ports():
            key = (component, port.name)
            sources = self._ends.get(key) or self._defaults.get(key, [])
            if port.medium not in _SIGNALS or port.direction != "in" or not port.is_multi or len(sources) < 2:
                continue
            if len(set(sources)) < len(sources) or any(source in slots for source in sources):
                continue
            if any(c == "series" or not self._is_single_signal(c, p) for c, p in sources):
                continue
            for c, p in sources:
                unit = self.plant.components[c].kind.port(p).unit
                slots[c, p] = self._take(port.width, f"{c}.{p}{unit_suffix(unit)}", "signal", unit)
        return slots

    def _is_single_signal(self, component: str, name: str) -> bool:
        port = self.plant.components[component].kind.port(name)
        return port.medium in _SIGNALS and not port.is_multi

    def _signal_source(self, component: str, port: str, reader: tuple[str, str]) -> int:
        if component == "series":
            return self.series_slot[port]
        first = self.first[component, port]
        if not self.plant.components[component].kind.port(port).is_multi:
            return first
        # the k-th link of a multi signal output carries the k-th value
        return (
            first + self._ends[component, port].index(reader) * self.plant.components[component].kind.port(port).width
        )

    def _wire_in_signals(self) -> None:
        for component, port in self._ports():
            if port.medium not in _SIGNALS or port.direction != "in":
                continue
            key = (component, port.name)
            ends = self._ends.get(key) or self._defaults.get(key, [])
            sources = [self._signal_source(c, p, key) for c, p in ends]
            if port.is_multi and any(slot != sources[0] + k * port.width for k, slot in enumerate(sources)):
                self._set(component, port, self._copied(component, port, sources))
            elif port.is_multi:
                self._set(component, port, sources)
            else:
                self._set(component, port, sources[:1])

    def _wire_flows(self) -> None:
        """Streams, power, heat and money: one slot group a link, contiguous at a multi end.

        Where both ends are multi, the writing one has the link's own slots; the reading one gets copies unless
        the slots happen to be contiguous there too. Streams come first: one that follows a scalar begins with the next
        line of the cache, and what lies between is summed for nothing (a fifth of the bus, where the two alternate).
        """
        taken: dict[tuple[tuple[str, str], tuple[str, str]], int] = {}

        def rank(entry: tuple[str, Port]) -> tuple[bool, bool, bool]:
            port = entry[1]
            return port.medium != "stream", not port.is_multi, not port.is_writer

        for component, port in sorted(self._ports(), key=rank):
            if port.medium in _SIGNALS:
                continue
            key = (component, port.name)
            slots = []
            others = self._ends.get(key, [])
            for other in others:
                link = (key, other) if port.direction == "out" else (other, key)
                if link not in taken:
                    source, target = link
                    name = self.plant.link_name(Link(PortRef(*source), PortRef(*target)))
                    taken[link] = self._take_flow(name, port, self._index[source[0]], self._index[target[0]])
                slots.append(taken[link])
            if not others and not port.is_multi:
                slots = [self._open_end(component, port)]
            if any(slot != slots[0] + k * port.width for k, slot in enumerate(slots)):
                slots = self._copied(component, port, slots)
            self._set(component, port, slots)

    def _copied(self, component: str, port: Port, sources: list[int]) -> list[int]:
        """Return contiguous slots to which the sources are copied before the component reads them."""
        slots = [self._take(port.width, f"{component}.{port.name}.{k}", _COPY, "") for k in range(len(sources))]
        for source, slot in zip(sources, slots, strict=True):
            for offset in range(port.width):
                self.copies_before.setdefault(component, []).append(len(self.copies))
                self.copies.append((source + offset, slot + offset))
        return slots

    def _take_flow(self, name: str, port: Port, source: int, target: int) -> int:
        full_name = name + _SCALAR_SUFFIX.get(port.medium, "")
        slot = self._take(port.width, full_name, port.medium, _SCALAR_UNIT.get(port.medium, ""))
        self.flows.append(Flow(name, port.medium, slot, source, target))
        return slot

    def _open_end(self, component: str, port: Port) -> int:
        """Give an unlinked port a slot: what it writes goes to or comes from outside; what it reads is nothing."""
        if port.is_writer:
            index = self._index[component]
            ends = (index, -1) if port.direction == "out" else (-1, index)
            return self._take_flow(f"{component}.{port.name}", port, *ends)
        return on_bus.ZERO_STREAM if port.medium == "stream" else on_bus.ZERO


@paused_collection()
def lower(plant: Plant, series: Mapping[str, Series], step_s: float, log_every_s: float = 3600.0) -> Program:
    """Lower a checked plant.

    Parameters
    ----------
    plant
        A plant without findings.
    series
        Every series that the plant uses, covering the run.
    step_s, log_every_s
        Length of a step and of a log interval, s.
    """
    layout = _layout_of(plant, series)
    memory = layout.memory(plant)
    return Program(
        name=plant.name,
        step_s=float(step_s),
        log_every_s=float(log_every_s),
        component_ids=list(plant.components),
        component_kinds=list(layout.kinds),
        component_rows=list(layout.rows),
        kinds=layout.table,
        tables=layout.tables(memory),
        arrays=_arrays(layout, memory, series),
        columns=list(layout.columns),
        flows=list(layout.flows),
        field_index=layout.field_index,
        slot_index=layout.slot_index,
        n_slots=layout.n_slots,
        slot_columns=layout.slot_columns,
        own_steps={
            k: own_step(rule)
            for c, k in zip(plant.components.values(), layout.kinds, strict=True)
            if (rule := c.function) is not None
        },
        notes=input_notes(plant, series, step_s),
    )


_layouts: WeakKeyDictionary[Structure, dict[tuple[tuple[str, str], ...], _Layout]] = WeakKeyDictionary()


def _layout_of(plant: Plant, series: Mapping[str, Series]) -> _Layout:
    """Return where everything of a plant stands; plants of one structure, with the same series, share it."""
    of_structure = _layouts.setdefault(plant.structure, {})
    key = tuple((name, one.unit) for name, one in series.items())
    found = of_structure.get(key)
    if found is None:
        if len(of_structure) >= _MOST_LAYOUTS:
            of_structure.clear()
        found = of_structure[key] = _Layout(plant, series)
    return found


class _Layout:
    """Where everything of a plant stands: slots on the bus, records in one flat memory, the order of calculation.

    It follows of the plant's structure, and the names and units of its series; no number is in it, and programs
    only read it.
    """

    def __init__(self, plant: Plant, series: Mapping[str, Series]) -> None:
        wiring = _Wiring(plant, series)
        self._lay_out_records(plant, wiring)
        columns = [*wiring.columns.values()]
        columns += [column for _, column in self._outputs] + [column for _, column in self._states]
        self.columns = _distinct(columns)
        self.slot_columns = _ints(wiring.columns)
        self.n_slots, self.flows = wiring.n_slots, wiring.flows
        schedule, emits = self._schedule(plant, wiring), self._emits(plant, wiring)
        self.n_places = len(plant.components) + len(emits)  # of events: see ``simulation.event``
        self.arrays: dict[str, Any] = {  # those that are only read
            "schedule_kind": _ints(e[0] for e in schedule),
            "schedule_row": _ints(e[1] for e in schedule),
            "schedule_component": _ints(e[2] for e in schedule),
            "emit_kind": _ints(e[0] for e in emits),
            "emit_row": _ints(e[1] for e in emits),
            "emit_component": _ints(e[2] for e in emits),
            "copies": np.array(wiring.copies or np.zeros((0, 2)), dtype=np.int64).reshape(-1, 2),
            "series_slot": _ints(wiring.series_slot[n] for n in series),
            **_output_places(_ints(i for i, _ in self._outputs)),
            "state_index": _ints(i for i, _ in self._states),
        }

    def _lay_out_records(self, plant: Plant, wiring: _Wiring) -> None:
        """Give every component its record, with the slots of its ports."""
        self.table = table_of(component.kind for component in plant.components.values())
        place = {kind: k for k, kind in enumerate(self.table)}
        self.kinds = [place[component.kind] for component in plant.components.values()]
        self._n_of_kind = [self.kinds.count(k) for k in range(len(self.table))]
        self._widths = [kind.dtype.itemsize // 8 for kind in self.table]
        sizes = [n * w for n, w in zip(self._n_of_kind, self._widths, strict=True)]
        self._firsts = [0, *itertools.accumulate(sizes)]
        self._slots = line_zeros(self._firsts[-1] + BLOCK)  # a block of outputs may reach beyond the last record
        tables = self.tables(self._slots)
        self.rows: list[int] = []
        self.field_index: dict[str, int] = {}
        self.slot_index: dict[str, int] = {}
        self._outputs: list[tuple[int, Column]] = []
        self._states: list[tuple[int, Column]] = []
        self._records: list[tuple[int, dict[str, float]]] = []  # of each component: its first number, and defaults
        used = {k: self.table[k].fields for k in set(self.kinds)}
        defaults = {k: {f.name: f.default or 0.0 for f in fields} for k, fields in used.items()}
        self._of_role = {
            (k, role): [(i, f) for i, f in enumerate(fields) if f.role == role]
            for k, fields in used.items()
            for role in ("output", "state")
        }
        seen = [0] * len(self.table)
        for id_, k in zip(plant.components, self.kinds, strict=True):
            self.rows.append(seen[k])
            first = self._firsts[k] + seen[k] * self._widths[k]
            self._records.append((first, defaults[k]))
            self._add_fields(id_, k, first)
            self._add_ports(id_, k, tables[k][seen[k]], wiring)
            seen[k] += 1

    def _add_fields(self, id_: str, k: int, first: int) -> None:
        names = self.table[k].dtype.names or ()
        self.field_index.update(zip([f"{id_}.{name}" for name in names], range(first, first + len(names)), strict=True))
        for into, role, kept in ((self._outputs, "output", "mean"), (self._states, "state", "end")):
            into += [(first + i, Column(f"{id_}.{f.name}", f.unit, f.doc, kept)) for i, f in self._of_role[k, role]]

    def _add_ports(self, id_: str, k: int, record: Any, wiring: _Wiring) -> None:
        for port in self.table[k].ports:
            self.slot_index[f"{id_}.{port.name}"] = wiring.first[id_, port.name]
            record[port.name] = wiring.first[id_, port.name]
            if port.is_multi:
                record[f"n_{port.name}"] = wiring.count[id_, port.name]

    def _emits(self, plant: Plant, wiring: _Wiring) -> list[tuple[int, int, int]]:
        """Return what is emitted before the first component steps: (kind or copy, row, component)."""
        return [
            entry
            for i, (id_, c) in enumerate(plant.components.items())
            if c.kind.emit is not None
            for entry in [*((COPY, n, i) for n in wiring.copies_before.get(id_, [])), (self.kinds[i], self.rows[i], i)]
        ]

    def _schedule(self, plant: Plant, wiring: _Wiring) -> list[tuple[int, int, int]]:
        """Return (kind, row, component) in the order of calculation, signal copies before their readers."""
        index = {id_: i for i, id_ in enumerate(plant.components)}
        entries: list[tuple[int, int, int]] = []
        for id_ in execution_order(plant):
            i = index[id_]
            entries += [(COPY, copy, i) for copy in wiring.copies_before.get(id_, [])]
            entries.append((self.kinds[i], self.rows[i], i))
        return entries

    def memory(self, plant: Plant) -> FloatArray:
        """Return the records of a plant that is laid out so, filled with its parameters and slots."""
        memory = line_zeros(self._slots.size)
        memory[:] = self._slots
        for (first, defaults), component in zip(self._records, plant.components.values(), strict=True):
            # parameters stand among the fields, which stand first in the record
            numbers = {**defaults, **component.values}
            memory[first : first + len(numbers)] = list(numbers.values())
        return memory

    def tables(self, memory: FloatArray) -> tuple[npt.NDArray[Any], ...]:
        """Return the table of each kind, as views into such a memory."""
        return tuple(
            as_table(memory, kind.dtype, self._firsts[k], self._n_of_kind[k]) for k, kind in enumerate(self.table)
        )


def _output_places(index: IntArray) -> dict[str, PlaceArray]:
    """Return where in memory the outputs lie, and the fewest blocks that hold them all (outputs of a record adjoin)."""
    blocks: list[int] = []
    for word in sorted(index.tolist()):
        if not blocks or word >= blocks[-1] + BLOCK:
            blocks.append(word)
    of = np.searchsorted(blocks, index, side="right") - 1
    places = {
        "output_index": index,
        "output_block": np.array(blocks, dtype=np.int64),
        "output_place": BLOCK * of + index - np.array(blocks, dtype=np.int64)[of],
    }
    return {name: values.astype(np.uint64) for name, values in places.items()}


def _arrays(layout: _Layout, memory: FloatArray, series: Mapping[str, Series]) -> Arrays:
    """Return the arrays of the loop, as before the first step."""
    bus = line_zeros(layout.n_slots)
    bus[on_bus.N_SLOTS] = layout.n_slots
    bus[on_bus.ZERO_STREAM + on_bus.TEMPERATURE] = 298.15
    bus[on_bus.ZERO_STREAM + on_bus.PRESSURE] = 101325.0
    n_places = layout.n_places
    arrays = Arrays(
        bus=bus,
        memory=memory,
        props=_properties(),
        **layout.arrays,
        **series_arrays(series),
        status=np.zeros(n_places, dtype=np.int64),
        event_first_step=np.zeros(n_places, dtype=np.int64),
        event_amount=np.zeros(n_places),
        event_peak=np.zeros(n_places),
        event_marks=np.zeros((4096 + 4 * n_places, 4), dtype=np.int64),
        event_sizes=np.zeros((4096 + 4 * n_places, 2)),
        counters=np.zeros(N_COUNTERS, dtype=np.int64),
        interval_sum=line_zeros(layout.n_slots),
        totals=np.zeros(layout.n_slots),
        output_sum=np.zeros(BLOCK * layout.arrays["output_block"].size),
        log=np.zeros((1, len(layout.columns))),
    )
    arrays.counters[FAILED_COMPONENT] = -1
    return arrays


def input_notes(plant: Plant, series: Mapping[str, Series], step_s: float) -> list[str]:
    """Return what is worth knowing of a plant and its series, such as what was filled, each in a line.

    Parameters
    ----------
    plant, series
        The plant and its series.
    step_s
        Length of the steps that take the series, s.
    """
    of_series = (note for one in series.values() for note in one.notes)
    return [note.in_a_line for note in joined((*plant.notes, *of_series, *step_notes(series, step_s)))]


def series_arrays(series: Mapping[str, Series]) -> dict[str, Any]:
    """Return the fields of ``Arrays`` that hold the numbers of the series, in the order of the mapping."""
    all_of = list(series.values())
    counts = [one.values.size for one in all_of]
    return {
        "series_values": np.concatenate([one.values for one in all_of]) if all_of else np.zeros(0),
        "series_first": _ints(np.concatenate([[0], np.cumsum(counts)])[:-1]),
        "series_count": _ints(counts),
        "series_resolution_s": np.array([float(one.resolution_s) for one in all_of]),
        "series_offset_s": np.array([float(one.offset_s) for one in all_of]),
        "series_is_linear": _ints(int(one.is_linear) for one in all_of),
    }


def _distinct(columns: list[Column]) -> list[Column]:
    """Rename the first of two columns of one name (a signal beside an output field): '.signal' is added."""
    last = {column.name: i for i, column in enumerate(columns)}
    return [
        column if last[column.name] == i else column._replace(name=f"{column.name}.signal")
        for i, column in enumerate(columns)
    ]


@lru_cache(maxsize=1024)
def unit_suffix(unit: str) -> str:
    """Return the suffix that names a unit: '' for none, '_kg_per_s' for 'kg/s'."""
    return (
        ""
        if unit in ("", "1", "-", "any")
        else "_" + unit.lower().replace("/", "_per_").replace(" ", "_").replace("^", "")
    )


def _ints(values: Iterable[int]) -> IntArray:
    return np.array(list(values), dtype=np.int64)


def _properties() -> FloatArray:
    from h2plant.core.lut_manager import SHIPPED_TABLES

    mark = SHIPPED_TABLES.stat() if SHIPPED_TABLES.is_file() else None
    return _tables(0 if mark is None else mark.st_mtime_ns)


@lru_cache(maxsize=1)
def _tables(changed_ns: int) -> FloatArray:
    """Return the property tables, read and checked once as long as their file stays the same: nothing writes them."""
    from h2plant.core.lut_manager import LUTManager

    return LUTManager().props
