"""Checks of plants, and the order of calculation."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h2plant.config.bundled import PLANTS
from h2plant.config.load import load_plant, read_plant
from h2plant.config.series import SeriesSpec
from h2plant.core.declare import Kind, Port
from h2plant.plant.check import check_plant
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import Component, Link, Plant, PortRef
from h2plant.plant.order import execution_order, step_edges
from tests.declared import BUS, KINDS, PIPE, SOURCE, TANK, WIND, still

PLANT = """\
h2plant: 1
name: toy
series:
  temp_air_degc: {constant: 15}
  price_eur_per_mwh: {constant: 50}
components:
  a: {kind: source, pressure_bar: 30}
  mix: {kind: pipe}
  store: {kind: tank}
  wind: {kind: wind}
  bus: {kind: bus}
links:
  - a.gas -> mix.inlets
  - mix.outlet -> store.inlet
  - bus.consumers -> a.power
  - wind.power -> bus.supplies
  - wind.available -> a.setpoint
"""


def findings_of(tmp_path: Path, more: str = "", old: str = "", new: str = "") -> list[Finding]:
    assert old in PLANT
    file = tmp_path / "plant.yaml"
    file.write_text(PLANT.replace(old, new, 1) + more, encoding="utf-8")
    return read_plant(file, kinds=KINDS)[1]


def test_sound_plant_has_no_findings(tmp_path):
    assert findings_of(tmp_path) == []


@pytest.mark.parametrize(
    ("link", "id", "what", "remedy"),
    [
        ("aa.rate -> mix.hint", "unknown-component", "no component 'aa'", "'a'"),
        ("a.rat -> mix.hint", "unknown-port", "no port 'rat'", "'rate'"),
        ("a.rate -> mix.hnt", "unknown-port", "no port 'hnt'", "'hint'"),
        ("mix.hint -> a.rate", "wrong-direction", "'mix.hint' is an 'in' port", "turn it round: 'a.rate -> mix.hint'"),
        ("a.rate -> mix.flow", "wrong-direction", "'mix.flow' an 'out'", "from an 'out' port to an 'in' port"),
        ("a.rate -> series.price_eur_per_mwh", "wrong-direction", "cannot end at a series", "read only"),
        ("bus.consumers -> mix.inlets", "wrong-medium", "carries power", "such as 'store.outlets'"),
        ("series.temp_air_degc -> mix.inlets", "wrong-medium", "carries signal", "'mix.inlets'"),
        ("bus.consumers -> bus.supplies", "no-single-writer", "neither end sets", "consumer"),
        ("wind.power -> bus.grid", "no-single-writer", "both ends set", "power_bus"),
        ("a.gas -> mix.inlets", "link-twice", "stands twice", "the first is in line 13"),
        ("a.gas -> mix.side", "linked-twice", "'a.gas' takes one link and has another in line 13", "splitter"),
        ("store.outlets -> store.inlet", "linked-twice", "'store.inlet' takes one link", "mixer"),
        ("wind.power -> bus.supplies\n  - bus.consumers -> a.power", "link-twice", "stands twice", "remove one"),
        ("bus.load -> mix.hint", "wrong-unit", "'bus.load' is in W, 'mix.hint' wants kg/s", "signal in kg/s"),
        ("series.temp_air_degc -> wind.price", "wrong-unit", "is in K, 'wind.price' wants EUR/J", "EUR/J"),
        ("series.calendar_hour_of_week -> wind.price", "wrong-unit", "is in h", "EUR/J"),
        ("series.price_eur_per_mw -> wind.price", "unknown-series", "'price_eur_per_mw'", "'price_eur_per_mwh'"),
        ("mix.flow -> mix.hint", "loop-without-storage", "mix -> mix (links in lines 18)", "lagged"),
    ],
)
def test_bad_link(tmp_path, link, id, what, remedy):
    findings = findings_of(tmp_path, f"  - {link}\n")
    assert id in {f.id for f in findings}, [str(f) for f in findings]
    found = next(f for f in findings if f.id == id)
    assert (found.file, found.line) == (tmp_path / "plant.yaml", 18)
    assert what in found.what and remedy in found.remedy, str(found)


def test_required_port_must_be_linked(tmp_path):
    (found,) = findings_of(tmp_path, old="  - wind.available -> a.setpoint\n", new="")
    assert (found.id, found.file, found.line) == ("port-unlinked", tmp_path / "plant.yaml", 7)
    assert "'setpoint' must be linked (power wanted)" in found.what
    assert "'X -> a.setpoint' with X such as 'wind.available' or 'bus.load'" in found.remedy


def test_default_series_must_be_declared(tmp_path):
    (found,) = findings_of(tmp_path, old="  temp_air_degc: {constant: 15}\n", new="")
    assert (found.id, found.where, found.line) == ("unknown-series", "series.temp_air_degc", 6)
    assert "'a.ambient_temperature' read the series" in found.what
    assert "temp_air_degc: {file: nl_2023}" in found.remedy


def test_link_to_a_component_that_could_not_be_read_is_not_held_against_it(tmp_path):
    findings = findings_of(tmp_path, old="kind: pipe", new="kind: pype")
    assert [f.id for f in findings] == ["unknown-kind"]


def test_signal_may_go_to_many_readers_and_multi_meet_multi(tmp_path):
    more = "  - a.rate -> [mix.hint, store.demands]\n  - store.outlets -> mix.inlets\n"
    assert findings_of(tmp_path, more) == []


def test_storage_and_lag_break_loops(tmp_path):
    loop = "  - mix.flow -> mix.late_hint\n  - store.outlets -> mix.inlets\n  - mix.flow -> store.demands\n"
    assert findings_of(tmp_path, loop) == []


def plant_of(
    kinds: dict[str, Kind], links: list[tuple[str, str]], series: dict[str, SeriesSpec] | None = None
) -> Plant:
    components = {
        id_: Component(id_, kind, {f.name: 1e5 if f.default is None else f.default for f in kind.parameters}, i + 1)
        for i, (id_, kind) in enumerate(kinds.items())
    }
    made = [Link(PortRef(*a.split(".")), PortRef(*b.split(".")), 100 + i) for i, (a, b) in enumerate(links)]
    return Plant("p", components, tuple(made), series or {}, {}, Path("p.yaml"), "")


def test_loop_is_reported_in_its_order():
    kinds = dict.fromkeys(("first", "second", "third", "aside"), PIPE)
    plant = plant_of(
        kinds,
        [
            ("first.outlet", "second.inlets"),
            ("second.outlet", "third.inlets"),
            ("third.outlet", "first.inlets"),
            ("aside.outlet", "first.inlets"),
        ],
    )
    (found,) = check_plant(plant)
    assert (found.id, found.file, found.line) == ("loop-without-storage", Path("p.yaml"), 100)
    assert "first -> second -> third -> first (links in lines 100, 101, 102)" in found.what
    assert "storage" in found.remedy
    with pytest.raises(PlantError, match="first -> second -> third -> first"):
        execution_order(plant)


def test_each_knot_of_loops_is_one_finding():
    kinds = dict.fromkeys("abcde", PIPE)
    links = [("a.outlet", "b.inlets"), ("b.outlet", "a.inlets"), ("b.flow", "c.hint"), ("c.flow", "a.hint")]
    links += [("d.outlet", "e.inlets"), ("e.outlet", "d.inlets")]
    found = check_plant(plant_of(kinds, links))
    assert [f.where for f in found] == ["a", "d"]
    assert "a -> b -> a" in found[0].what and "3 components hang together" in found[0].what


def test_values_of_plants_built_in_code_are_checked_too():
    plant = plant_of(
        {"a": SOURCE, "w": WIND, "b": BUS},
        [("w.available", "a.setpoint"), ("w.power", "b.supplies"), ("b.consumers", "a.power")],
        {
            "temp_air_degc": SeriesSpec("temp_air_degc", constant=1.0),
            "price_eur_per_mwh": SeriesSpec("price_eur_per_mwh", constant=1.0),
        },
    )
    assert check_plant(plant) == []
    values = plant.components["a"].values
    values["power_w"], values["temperature_k"], values["powr_w"] = -1.0, float("nan"), 1.0
    del values["pressure_pa"]
    found = {f.id: f for f in check_plant(plant)}
    assert set(found) == {"out-of-bounds", "unknown-parameter", "missing-parameter"}
    assert "'power_w'" in found["unknown-parameter"].remedy
    assert "outlet pressure" in found["missing-parameter"].remedy


def test_consumer_of_power_steps_before_what_supplies_it():
    plant = plant_of(
        {"grid": WIND, "bus": BUS, "a": SOURCE, "mix": PIPE},
        [("a.gas", "mix.inlets"), ("bus.consumers", "a.power"), ("grid.power", "bus.supplies")],
    )
    assert execution_order(plant) == ["grid", "a", "bus", "mix"]


def test_order_keeps_kinds_together_and_else_follows_the_file():
    kinds = {"p1": PIPE, "t1": TANK, "p2": PIPE, "t2": TANK, "p3": PIPE}
    assert execution_order(plant_of(kinds, [])) == ["p1", "p2", "p3", "t1", "t2"]
    assert execution_order(plant_of(kinds, [("p3.outlet", "t1.inlet")])) == ["p1", "p2", "p3", "t1", "t2"]
    assert execution_order(plant_of(kinds, [("t1.outlets", "p1.inlets")])) == ["p1", "p2", "p3", "t1", "t2"]


CHAIN = Kind(
    "chain",
    "any to any",
    (),
    (Port("ins", "signal", "in", "", is_multi=True), Port("out", "signal", "out", "")),
    still,
)


@given(st.integers(2, 9).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_order_respects_links_or_a_loop_is_found(drawn):
    n, pairs = drawn
    links = [(f"c{a}.out", f"c{b}.ins") for a, b in sorted(pairs)]
    plant = plant_of({f"c{i}": CHAIN for i in range(n)}, links)
    findings = check_plant(plant)
    if findings:
        assert {f.id for f in findings} == {"loop-without-storage"}
        for finding in findings:
            loop = finding.what.partition(": ")[2].partition(" (")[0].split(" -> ")
            edges = {(int(a[1:]), int(b[1:])) for a, b in pairwise(loop)}
            assert loop[0] == loop[-1] and edges <= pairs
        with pytest.raises(PlantError):
            execution_order(plant)
    else:
        order = execution_order(plant)
        assert sorted(order) == sorted(plant.components)
        assert all(order.index(f"c{a}") < order.index(f"c{b}") for a, b in pairs)


YIELDING = Kind(
    "yielding",
    "any to any, in the step or else from the last one",
    (),
    (
        Port("ins", "signal", "in", "", is_multi=True),
        Port("soft", "signal", "in", "", is_multi=True, is_lagged_in_loops=True),
        Port("out", "signal", "out", ""),
    ),
    still,
)


def test_a_port_that_is_lagged_in_loops_is_read_in_the_step_where_there_is_none():
    plant = plant_of(dict.fromkeys("abc", YIELDING), [("c.out", "a.soft"), ("b.out", "c.soft")])
    assert check_plant(plant) == []
    assert execution_order(plant) == ["b", "c", "a"]


def test_in_a_loop_it_is_lagged_and_links_beside_the_loop_are_not():
    """b waits for a, so a reads b from the last step; what d tells a is outside that loop."""
    links = [("a.out", "b.ins"), ("b.out", "a.soft"), ("d.out", "a.soft"), ("b.out", "c.soft")]
    plant = plant_of(dict.fromkeys("acbd", YIELDING), links)
    assert check_plant(plant) == []
    assert execution_order(plant) == ["d", "a", "b", "c"]
    edges = step_edges(plant.components, plant.links)
    assert {(a, b) for a, readers in edges.items() for b in readers} == {("a", "b"), ("d", "a"), ("b", "c")}


def test_a_link_of_its_own_beside_one_that_yields_still_counts():
    links = [("b.out", "a.soft"), ("b.out", "a.ins"), ("a.out", "b.soft")]
    plant = plant_of(dict.fromkeys("ab", YIELDING), links)
    assert execution_order(plant) == ["b", "a"]
    (found,) = check_plant(plant_of(dict.fromkeys("ab", YIELDING), [*links, ("a.out", "b.ins")]))
    assert found.id == "loop-without-storage" and "(links in lines 103, 101)" in found.what


_PAIRS = st.integers(2, 8).flatmap(
    lambda n: st.tuples(st.just(n), *[st.sets(st.tuples(*[st.integers(0, n - 1)] * 2)) for _ in range(2)])
)


@given(_PAIRS)
def test_links_that_yield_never_make_a_loop_and_count_where_they_are_in_none(drawn):
    """Against reachability by hand: a link from a to b is in a loop if a can be reached from b."""
    n, firm, soft = drawn
    links = [(f"c{a}.out", f"c{b}.ins") for a, b in sorted(firm)]
    plain = plant_of(dict.fromkeys([f"c{i}" for i in range(n)], YIELDING), links)
    plant = plant_of(
        dict.fromkeys([f"c{i}" for i in range(n)], YIELDING),
        [*links, *((f"c{a}.out", f"c{b}.soft") for a, b in sorted(soft))],
    )
    assert [f.what for f in check_plant(plant)] == [f.what for f in check_plant(plain)]
    if check_plant(plant):
        return
    reaches = {(a, b) for a, b in firm | soft}
    for k in range(n):
        reaches |= {(a, b) for a in range(n) for b in range(n) if (a, k) in reaches and (k, b) in reaches}
    order = execution_order(plant)
    assert order == execution_order(plant)
    for a, b in firm | {(a, b) for a, b in soft if (b, a) not in reaches}:
        assert order.index(f"c{a}") < order.index(f"c{b}")


@pytest.mark.parametrize("name", ["dual_path", "minimal", "templates/starter"])
def test_all_power_but_that_of_the_lines_is_known_before_the_rule(name):
    """Nothing that draws power waits for the rule but what feeds the lines, and the bus and the grid behind all."""
    plant = load_plant(PLANTS / f"{name}.yaml")
    links = (*plant.links, *plant.default_links())
    edges = step_edges(plant.components, links)
    (rule,) = (id_ for id_, c in plant.components.items() if any(p.name == "auxiliary_load" for p in c.kind.ports))
    waiting, front = set(), [rule]
    while front:
        for reader in edges[front.pop()]:
            if reader not in waiting:
                waiting.add(reader)
                front.append(reader)
    drawing = {
        id_
        for id_, c in plant.components.items()
        if any(p.medium == "power" and p.direction == "in" and p.is_writer and not p.is_emitted for p in c.kind.ports)
    }
    allowed = {"pem_stack", "soec_module", "rectifier", "transformer", "power_bus", "grid_connection"}
    assert {plant.components[id_].kind.name for id_ in drawing & waiting} <= allowed
    assert {id_ for id_ in drawing & waiting if plant.components[id_].kind.name == "transformer"} <= {
        "pem_transformer",
        "soec_transformer",
    }
    order = execution_order(plant)
    assert order == execution_order(load_plant(PLANTS / f"{name}.yaml"))
    read = {link.source.component for link in links if str(link.target) == f"{rule}.auxiliary_load"}
    assert all(order.index(id_) < order.index(rule) for id_ in read)
    drives = {"cooling", "dry_cooler", "compressor"}
    assert read == ({"auxiliary_transformer", "compressor_transformer"} if name == "dual_path" else drives)
