"""Lowering: every link's ends meet in one slot, multi ports are contiguous, writers come before readers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from h2plant.components import KINDS
from h2plant.config.load import load_plant
from h2plant.config.scenario import load_scenario
from h2plant.config.series_reader import load_series
from h2plant.core import bus as layout
from h2plant.plant.graph import Link, Plant, PortRef
from h2plant.results.ledger import Bookkeeper
from h2plant.session.session import load_run
from h2plant.simulation.lower import lower
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from h2plant.simulation.program import COPY, Program, line_zeros

CROSSED = """\
h2plant: 1
name: crossed
series:
  temp_air_degc: {constant: 15}
  first_kg_per_s: {constant: 1}
  second_kg_per_s: {constant: 2}
components:
  source_1: {kind: water_source}
  source_2: {kind: water_source}
  shares_1: {kind: splitter}
  shares_2: {kind: splitter}
  left: {kind: mixer}
  right: {kind: mixer}
  alone: {kind: splitter}
  end: {kind: product_sink}
links:
  - series.first_kg_per_s -> source_1.demand
  - series.second_kg_per_s -> source_2.demand
  - source_1.outlet -> shares_1.inlet
  - source_2.outlet -> shares_2.inlet
  - shares_1.outlets -> [left.inlets, right.inlets]
  - shares_2.outlets -> [left.inlets, right.inlets]
  - left.outlet -> alone.inlet
  - alone.outlets -> end.inlet
  - [series.first_kg_per_s, series.second_kg_per_s] -> shares_1.weights
"""


def crossed(tmp_path: Path) -> tuple[Plant, Program]:
    """Two splitters that feed two mixers crosswise: no numbering makes all four multi ports contiguous."""
    file = tmp_path / "crossed.yaml"
    file.write_text(CROSSED, encoding="utf-8")
    plant = load_plant(file)
    return plant, lower(plant, load_series(plant, datetime(2023, 1, 1, tzinfo=UTC), 3600), 60.0, 60.0)


def bundled(scenario: str) -> tuple[Plant, Program]:
    loaded = load_run(load_scenario(scenario))
    plant, series = loaded.plant, loaded.series
    return plant, lower(plant, series, 60.0)


@pytest.fixture(params=["crossed", "minimal_day", "test_8hour"])
def lowered(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Plant, Program]:
    return crossed(tmp_path) if request.param == "crossed" else bundled(request.param)


def first_slot(program: Program, component: str, port: str) -> tuple[int, int]:
    """Return the first slot and the number of links of a port, as the component's record has them."""
    index = program.component_ids.index(component)
    kind, row = program.component_kinds[index], program.component_rows[index]
    table = program.tables[kind]
    is_multi = KINDS[kind].port(port).is_multi
    return int(table[port][row]), int(table[f"n_{port}"][row]) if is_multi else 1


def end_slots(plant: Plant, program: Program, ref: PortRef) -> list[tuple[Link, int]]:
    """Return, for each link at a port, the slot that the component itself reads or writes."""
    port = plant.port(ref)
    first, n = first_slot(program, ref.component, ref.port)
    links = [link for link in all_links(plant) if ref in link.ends]
    if port.is_writer or port.direction == "out":  # what others read of it by default has no slot of its own
        links = list(plant.links_at(ref.component, ref.port)) or links[:1]
    if not port.is_multi:
        return [(link, first) for link in links]
    assert n == len(links)
    return [(link, first + k * port.width) for k, link in enumerate(links)]


def all_links(plant: Plant) -> list[Link]:
    """Return the links of the file, and those that open ports have by role and by the wiring."""
    return [*plant.links, *(link for link in plant.default_links() if not link.is_series)]


def all_ends(plant: Plant) -> Iterator[PortRef]:
    for id_, component in plant.components.items():
        for port in component.kind.ports:
            yield PortRef(id_, port.name)


def test_both_ends_of_every_link_meet(lowered: tuple[Plant, Program]) -> None:
    plant, program = lowered
    origin = {int(to): int(source) for source, to in program.arrays.copies}
    slot_at = {(link, ref): slot for ref in all_ends(plant) for link, slot in end_slots(plant, program, ref)}
    for link in all_links(plant):
        if link.is_series:
            given = int(program.arrays.series_slot[plant.used_series().index(link.source.port)])
            width, writer_is_source = 1, True
        else:
            given = slot_at.get((link, link.source), first_slot(program, link.source.component, link.source.port)[0])
            width, writer_is_source = plant.port(link.source).width, plant.port(link.source).is_writer
        taken = slot_at[link, link.target]
        written, read = (given, taken) if writer_is_source else (taken, given)
        assert written not in origin, f"{link}: writes to a copy"
        assert [origin.get(read + k, read + k) for k in range(width)] == [written + k for k in range(width)], str(link)


def test_slots_belong_to_one_writer(lowered: tuple[Plant, Program]) -> None:
    plant, program = lowered
    writers: dict[int, str] = {}

    def claim(first: int, width: int, name: str) -> None:
        for slot in range(first, first + width):
            assert layout.FIRST_FREE <= slot < program.n_slots, name
            assert writers.setdefault(slot, name) == name, f"{name} and {writers[slot]} share slot {slot}"

    for ref in all_ends(plant):
        port = plant.port(ref)
        if port.is_writer:
            first, n = first_slot(program, ref.component, ref.port)
            claim(first, n * port.width if n else 0, str(ref))
            if port.medium == "stream" and n:
                assert first % layout.STREAM_WIDTH == 0, f"{ref}: not on a cache line"
    for k, slot in enumerate(program.arrays.series_slot):
        claim(int(slot), 1, f"series {k}")
    for k, (_, slot) in enumerate(program.arrays.copies):
        claim(int(slot), 1, f"copy {k}")


def test_the_schedule_respects_every_link(lowered: tuple[Plant, Program]) -> None:
    plant, program = lowered
    a = program.arrays
    schedule = list(zip(a.schedule_kind.tolist(), a.schedule_row.tolist(), a.schedule_component.tolist(), strict=True))
    order = [component for kind, _, component in schedule if kind != COPY]
    assert sorted(order) == list(range(program.n_components))
    place = {program.component_ids[c]: n for n, c in enumerate(order)}
    for link in plant.links:
        if link.is_series:
            continue
        ends = [(ref, plant.port(ref)) for ref in (link.source, link.target)]
        (writer, written), (reader, read) = sorted(ends, key=lambda end: not end[1].is_writer)
        if not written.is_emitted and not read.is_lagged:
            assert place[writer.component] < place[reader.component], str(link)
    for kind, row, component in schedule:
        if kind != COPY:
            assert (kind, row) == (program.component_kinds[component], program.component_rows[component])
    # copies stand directly before the component that reads them, all of them, in the schedule
    pending = 0
    for kind, row, component in schedule:
        if kind == COPY:
            pending += 1
            reader_kind, reader_row = program.component_kinds[component], program.component_rows[component]
            names = KINDS[reader_kind].dtype.names or ()
            record = program.tables[reader_kind][reader_row]
            firsts = [
                (int(record[p.name]), int(record[f"n_{p.name}"]) * p.width)
                for p in KINDS[reader_kind].ports
                if f"n_{p.name}" in names
            ]
            assert any(first <= a.copies[row, 1] < first + width for first, width in firsts)
    assert pending == len(a.copies)


def test_streams_lie_in_one_line_of_the_cache(lowered: tuple[Plant, Program]) -> None:
    a = lowered[1].arrays
    assert all(array.ctypes.data % 64 == 0 for array in (a.bus, a.interval_sum))
    assert line_zeros(9).tolist() == [0.0] * 9


def test_emitters_are_scheduled_before_all(lowered: tuple[Plant, Program]) -> None:
    _, program = lowered
    a = program.arrays
    emitted = [int(c) for c, k in zip(a.emit_component, a.emit_kind, strict=True) if k != COPY]
    assert emitted == [i for i, k in enumerate(program.component_kinds) if KINDS[k].emit is not None]


def test_unlinked_ports_read_nothing_and_write_to_the_outside(lowered: tuple[Plant, Program]) -> None:
    plant, program = lowered
    defaults: dict[PortRef, list[Link]] = {}
    for link in plant.default_links():
        defaults.setdefault(link.target, []).append(link)
    used = list(plant.used_series())
    outside = {flow.slot for flow in program.flows if -1 in (flow.source, flow.target)}
    for ref in all_ends(plant):
        port = plant.port(ref)
        if plant.links_at(ref.component, ref.port):
            continue
        first, n = first_slot(program, ref.component, ref.port)
        if port.is_multi:
            assert n == len(defaults.get(ref, [])), str(ref)
        elif ref in defaults:
            (link,) = defaults[ref]
            if link.is_series:
                assert first == program.arrays.series_slot[used.index(link.source.port)], str(ref)
            else:
                assert first == first_slot(program, link.source.component, link.source.port)[0], str(ref)
        elif port.is_writer:
            assert port.medium == "signal" or first in outside, str(ref)
        else:
            assert first == (layout.ZERO_STREAM if port.medium == "stream" else layout.ZERO), str(ref)
    assert program.arrays.bus[layout.ZERO] == 0.0
    nothing = program.arrays.bus[layout.ZERO_STREAM : layout.ZERO_STREAM + layout.STREAM_WIDTH]
    assert nothing.tolist() == [0.0] * 6 + [298.15, 101325.0]


def test_streams_lie_on_the_bus_without_gaps(lowered: tuple[Plant, Program]) -> None:
    """Every slot is summed in every step: none but those that end the line of the cache before the streams is free."""
    plant, program = lowered
    ends = [plant.components[link.target.component].kind.port(link.target.port) for link in plant.links]
    n_lines = sum(port.medium == "line" for port in ends)
    used = layout.FIRST_FREE + program.slot_columns.size + len(program.arrays.copies) + layout.LINE_WIDTH * n_lines
    assert 0 <= program.n_slots - used < layout.STREAM_WIDTH


def test_parameters_and_columns(lowered: tuple[Plant, Program]) -> None:
    plant, program = lowered
    for id_, component in plant.components.items():
        for name, value in component.values.items():
            assert program.value(f"{id_}.{name}") == value
    names = [column.name for column in program.columns]
    assert len(set(names)) == len(names) == program.arrays.log.shape[1]
    a = program.arrays
    assert len(names) == program.slot_columns.size + a.output_index.size + a.state_index.size
    copied = set(a.copies[:, 1].tolist())
    assert copied.isdisjoint(program.slot_columns.tolist()), "copies are logged once, where they come from"
    assert {column.timing for column in program.columns} <= {"mean", "end"}
    assert all(column.doc and column.unit for column in program.columns)


def test_crossed_multi_ports_carry_what_was_sent(tmp_path: Path) -> None:
    """By hand: 1 kg/s shared by the weights 1:2 and 2 kg/s in halves give 1/3 + 1 and 2/3 + 1 kg/s."""
    _, program = crossed(tmp_path)
    engine = SimulationEngineOptimized(program)
    engine.begin()
    bookkeeper = Bookkeeper(program, engine.content())
    engine.run(5)
    slots = {id_: program.slot_index[f"{id_}.outlet"] + layout.LIQUID for id_ in ("left", "right")}
    flow = {id_: program.arrays.bus[slot] for id_, slot in slots.items()}
    assert flow["left"] == pytest.approx(1.0 / 3.0 + 1.0, rel=1e-12)
    assert flow["right"] == pytest.approx(2.0 / 3.0 + 1.0, rel=1e-12)
    ledger = bookkeeper.close(engine.content())
    assert ledger.worst_relative_residual < 1e-12
    assert program.arrays.bus[layout.ZERO] == 0.0
