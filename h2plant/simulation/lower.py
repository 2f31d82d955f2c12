"""Lowering: from a checked plant (ids, ports, links) to a ``Program`` (rows, slots, plain arrays)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from h2plant.components.registry import table_of
from h2plant.config.own_rule import own_step
from h2plant.config.series import Series
from h2plant.config.series_notes import joined, step_notes
from h2plant.core import bus as layout
from h2plant.core.collector import paused_collection
from h2plant.core.declare import Port
from h2plant.plant.graph import Link, Plant, PortRef
from h2plant.plant.order import execution_order
from h2plant.simulation.program import (
    COPY,
    FAILED_COMPONENT,
    N_COUNTERS,
    Arrays,
    Column,
    FloatArray,
    Flow,
    IntArray,
    Program,
    as_table,
    line_zeros,
)

_SIGNALS = ("signal", "line")
"""Media of links that carry no flow."""
_COPY = "copy"
"""In place of a medium: slots that are no link's own."""
_SCALAR_DOC = {"power": "electric power", "heat": "heat flow", "money": "money flow"}
_SCALAR_UNIT = {"power": "W", "heat": "W", "money": "EUR/s"}
_SCALAR_SUFFIX = {"power": ".power_w", "heat": ".heat_w", "money": ".eur_per_s"}


class _Wiring:
    """Gives every link and every open port its slots on the bus."""

    def __init__(self, plant: Plant, series: Mapping[str, Series]) -> None:
        self.plant = plant
        self.n_slots = layout.FIRST_FREE
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
        if width == layout.STREAM_WIDTH and slot % layout.STREAM_WIDTH:
            slot += layout.STREAM_WIDTH - slot % layout.STREAM_WIDTH  # one cache line a stream
        self.n_slots = slot + width
        if medium == _COPY:
            return slot
        if width == 1:
            self.columns[slot] = Column(name, unit, _SCALAR_DOC.get(medium, "signal"), "mean")
        elif width == layout.STREAM_WIDTH:
            for k, (suffix, column_unit, doc) in enumerate(layout.STREAM_COLUMNS, slot):
                self.columns[k] = Column(f"{name}.{suffix}", column_unit, doc, "mean")
        return slot

    def _ports(self) -> list[tuple[str, Port]]:
        return [(id_, port) for id_, c in self.plant.components.items() for port in c.kind.ports]

    def _set(self, component: str, port: Port, slots: list[int]) -> None:
        self.first[component, port.name] = slots[0] if slots else layout.ZERO
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
        return layout.ZERO_STREAM if port.medium == "stream" else layout.ZERO


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
    wiring = _Wiring(plant, series)
    records = _Records(plant, wiring)
    ids, kinds, rows = list(plant.components), records.kinds, records.rows
    logged, columns = _log_columns(wiring, records)
    schedule = _schedule(plant, wiring, ids, kinds, rows)
    emits = _emits(plant, wiring, ids, kinds, rows)
    return Program(
        name=plant.name,
        step_s=float(step_s),
        log_every_s=float(log_every_s),
        component_ids=ids,
        component_kinds=kinds,
        component_rows=rows,
        kinds=records.table,
        tables=records.tables,
        arrays=_arrays(wiring, records, series, schedule, emits, len(ids), len(columns)),
        columns=columns,
        flows=wiring.flows,
        field_index=records.field_index,
        slot_index=records.slot_index,
        n_slots=wiring.n_slots,
        slot_columns=_ints(logged),
        own_steps={
            k: own_step(rule)
            for id_, k in zip(ids, kinds, strict=True)
            if (rule := plant.components[id_].function) is not None
        },
        notes=input_notes(plant, series, step_s),
    )


class _Records:
    """Gives every component its record in one flat memory, filled with parameters and slots."""

    def __init__(self, plant: Plant, wiring: _Wiring) -> None:
        self.table = table_of(component.kind for component in plant.components.values())
        place = {kind: k for k, kind in enumerate(self.table)}
        self.kinds = [place[component.kind] for component in plant.components.values()]
        n_of_kind = [self.kinds.count(k) for k in range(len(self.table))]
        self._widths = [kind.dtype.itemsize // 8 for kind in self.table]
        self._firsts = np.concatenate([[0], np.cumsum([n * w for n, w in zip(n_of_kind, self._widths, strict=True)])])
        self.memory = line_zeros(int(self._firsts[-1]) + 1)
        self.tables = tuple(
            as_table(self.memory, kind.dtype, int(self._firsts[k]), n_of_kind[k]) for k, kind in enumerate(self.table)
        )
        self.rows: list[int] = []
        self.field_index: dict[str, int] = {}
        self.slot_index: dict[str, int] = {}
        self.outputs: list[tuple[int, Column]] = []
        self.states: list[tuple[int, Column]] = []
        used = {k: self.table[k].fields for k in set(self.kinds)}
        self._defaults = {k: {f.name: f.default or 0.0 for f in fields} for k, fields in used.items()}
        self._of_role = {
            (k, role): [(i, f) for i, f in enumerate(fields) if f.role == role]
            for k, fields in used.items()
            for role in ("output", "state")
        }
        seen = [0] * len(self.table)
        for (id_, component), k in zip(plant.components.items(), self.kinds, strict=True):
            self.rows.append(seen[k])
            self._add_fields(id_, k, seen[k], component.values)
            self._add_ports(id_, k, seen[k], wiring)
            seen[k] += 1

    def _add_fields(self, id_: str, k: int, row: int, values: Mapping[str, float]) -> None:
        kind = self.table[k]
        first = int(self._firsts[k]) + row * self._widths[k]
        names = kind.dtype.names or ()
        self.field_index.update(zip([f"{id_}.{name}" for name in names], range(first, first + len(names)), strict=True))
        numbers = {**self._defaults[k], **values}  # parameters stand among the fields, which stand first in the record
        self.memory[first : first + len(numbers)] = list(numbers.values())
        for into, role, kept in ((self.outputs, "output", "mean"), (self.states, "state", "end")):
            into += [(first + i, Column(f"{id_}.{f.name}", f.unit, f.doc, kept)) for i, f in self._of_role[k, role]]

    def _add_ports(self, id_: str, k: int, row: int, wiring: _Wiring) -> None:
        for port in self.table[k].ports:
            self.slot_index[f"{id_}.{port.name}"] = wiring.first[id_, port.name]
            self.tables[k][port.name][row] = wiring.first[id_, port.name]
            if port.is_multi:
                self.tables[k][f"n_{port.name}"][row] = wiring.count[id_, port.name]


def _log_columns(wiring: _Wiring, records: _Records) -> tuple[list[int], list[Column]]:
    """Return the slots that are logged, and all columns of the log: slots, outputs, states."""
    columns = [*wiring.columns.values()]
    columns += [column for _, column in records.outputs] + [column for _, column in records.states]
    return list(wiring.columns), _distinct(columns)


def _emits(
    plant: Plant, wiring: _Wiring, ids: list[str], kinds: list[int], rows: list[int]
) -> list[tuple[int, int, int]]:
    """Return what is emitted before the first component steps: (kind or copy, row, component)."""
    return [
        entry
        for i, id_ in enumerate(ids)
        if plant.components[id_].kind.emit is not None
        for entry in [*((COPY, c, i) for c in wiring.copies_before.get(id_, [])), (kinds[i], rows[i], i)]
    ]


def _arrays(
    wiring: _Wiring,
    records: _Records,
    series: Mapping[str, Series],
    schedule: list[tuple[int, int, int]],
    emits: list[tuple[int, int, int]],
    n_components: int,
    n_columns: int,
) -> Arrays:
    """Return the arrays of the loop, as before the first step."""
    bus = line_zeros(wiring.n_slots)
    bus[layout.N_SLOTS] = wiring.n_slots
    bus[layout.ZERO_STREAM + layout.TEMPERATURE] = 298.15
    bus[layout.ZERO_STREAM + layout.PRESSURE] = 101325.0
    n_places = n_components + len(emits)  # of events: see ``simulation.event``
    arrays = Arrays(
        bus=bus,
        memory=records.memory,
        props=_properties(),
        schedule_kind=_ints(e[0] for e in schedule),
        schedule_row=_ints(e[1] for e in schedule),
        schedule_component=_ints(e[2] for e in schedule),
        emit_kind=_ints(e[0] for e in emits),
        emit_row=_ints(e[1] for e in emits),
        emit_component=_ints(e[2] for e in emits),
        copies=np.array(wiring.copies or np.zeros((0, 2)), dtype=np.int64).reshape(-1, 2),
        **series_arrays(series),
        series_slot=_ints(wiring.series_slot[n] for n in series),
        status=np.zeros(n_places, dtype=np.int64),
        event_first_step=np.zeros(n_places, dtype=np.int64),
        event_amount=np.zeros(n_places),
        event_peak=np.zeros(n_places),
        event_marks=np.zeros((4096 + 4 * n_places, 4), dtype=np.int64),
        event_sizes=np.zeros((4096 + 4 * n_places, 2)),
        counters=np.zeros(N_COUNTERS, dtype=np.int64),
        interval_sum=line_zeros(wiring.n_slots),
        totals=np.zeros(wiring.n_slots),
        output_index=_ints(i for i, _ in records.outputs).astype(np.uint64),
        output_sum=np.zeros(len(records.outputs)),
        state_index=_ints(i for i, _ in records.states),
        log=np.zeros((1, n_columns)),
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
    return "" if unit in ("", "1", "-") else "_" + unit.lower().replace("/", "_per_").replace(" ", "_").replace("^", "")


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


def _schedule(
    plant: Plant, wiring: _Wiring, ids: list[str], kinds: list[int], rows: list[int]
) -> list[tuple[int, int, int]]:
    """Return (kind, row, component) in the order of calculation, signal copies before their readers."""
    index = {id_: i for i, id_ in enumerate(ids)}
    entries: list[tuple[int, int, int]] = []
    for id_ in execution_order(plant):
        i = index[id_]
        entries += [(COPY, copy, i) for copy in wiring.copies_before.get(id_, [])]
        entries.append((kinds[i], rows[i], i))
    return entries
