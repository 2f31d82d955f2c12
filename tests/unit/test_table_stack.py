"""The electrolyser from a supplier's table: lists in plant files, bad tables, balances, steps, its place in a plant."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import h2plant
from h2plant.components.registry import Kinds
from h2plant.config.bundled import plant_file
from h2plant.config.load import load_plant, read_plant
from h2plant.core.status import LIMITED, OVER_TEMPERATURE
from h2plant.report.kind_tables import field_rows
from h2plant.testing.watched_rig import WatchedRig

KIND = Kinds()["table_stack"]
KWH_PER_KG = 3.6e6
TABLE = "table_load_frac: [0.1, 0.4, 1], table_energy_kwh_per_kg: [60, 52, 54]"


def _plant(folder: Path, text: str = TABLE) -> Path:
    """Write the plant ``minimal`` with the electrolyser of a table, in line 29."""
    own = plant_file("minimal", Path(), [])
    assert own is not None
    old = "{kind: pem_stack, rated_power_mw: 1}"
    plant = own.read_text(encoding="utf-8")
    assert plant.splitlines()[28].endswith(old)
    file = folder / "plant.yaml"
    new = f"{{kind: table_stack, rated_power_mw: 1, min_load_frac: 0.1, {text}}}"
    file.write_text(plant.replace(old, new), encoding="utf-8")
    return file


def test_a_list_sets_the_points_and_the_last_is_repeated(tmp_path: Path) -> None:
    stack = load_plant(_plant(tmp_path)).components["stack"]
    loads = [stack.values[f.name] for f in KIND.lists["table_load_frac"]]
    energies = [stack.values[f.name] / KWH_PER_KG for f in KIND.lists["table_energy_j_per_kg"]]
    assert loads == [0.1, 0.4, *[1.0] * 10]
    assert energies == pytest.approx([60.0, 52.0, *[54.0] * 10])
    assert stack.given["table_energy_2_j_per_kg"] == 29


def test_a_number_stands_for_all_points_and_each_point_can_be_changed(tmp_path: Path) -> None:
    file = _plant(tmp_path, "table_energy_kwh_per_kg: 54")
    loaded = load_plant(file, {"stack.table_energy_9_kwh_per_kg": 56, "stack.min_load_frac": 0.0625})
    stack = loaded.components["stack"]
    energies = [stack.values[f.name] / KWH_PER_KG for f in KIND.lists["table_energy_j_per_kg"]]
    assert energies == pytest.approx([*[54.0] * 8, 56.0, *[54.0] * 3])


def test_tables_of_the_kind_show_a_list_as_one_row() -> None:
    rows = {row[0]: row for row in field_rows(KIND)}
    assert rows["table_load_frac"][3].startswith("0.0625, 0.1, ") and rows["table_load_frac"][3].endswith(" 1")
    assert "list of up to 12" in rows["table_energy_j_per_kg"][5]
    assert not any(name.startswith("table_load_1") for name in rows)


@pytest.mark.parametrize(
    ("text", "id_", "what", "remedy"),
    [
        (
            TABLE.replace("52, 54", "52"),
            "unequal-lists",
            "'table_load_frac' has 3 numbers, 'table_energy_kwh_per_kg' has 2",
            "as many",
        ),
        (TABLE.replace("0.4", "0.1"), "contradiction", "point 2 of the table is at load 0.1", "rising load"),
        (TABLE.replace("0.4, 1", "0.4, 0.9"), "contradiction", "the table ends at load 0.9", "end it at 1"),
        (
            TABLE.replace("[0.1", "[0.2"),
            "contradiction",
            "the smallest load is 0.1, and the table begins at 0.2",
            "raise it",
        ),
        (TABLE.replace("52", "4.7"), "out-of-bounds", "number 2 of the list", "choose"),
        (
            TABLE.replace("52", "38"),
            "contradiction",
            "takes 38 kWh/kg, less than the heat of reaction, 39.39",
            "11.126",
        ),
        (TABLE.replace("52", "about"), "wrong-type", "number 2 of the list is", "numbers alone"),
        (TABLE.replace("kwh_per_kg", "kwh_per_furlong"), "unknown-unit", "furlong", "write"),
        (
            f"table_load_frac: {[round(0.07 * i, 2) for i in range(1, 15)]}",
            "wrong-length",
            "list of 14 numbers, wanted 1 to 12",
            "at most 12",
        ),
        ("table_load_frac: []", "wrong-length", "list of 0 numbers", "at most 12"),
        (f"{TABLE}, table_energy_j_per_kg: 2.0e8", "given-twice", "also given in line 29", "keep one"),
        (
            f"{TABLE}, table_hydrogen_kg_per_h: [2, 0, 18]",
            "contradiction",
            "point 2 of the table, load 0.4, has no hydrogen",
            "all points",
        ),
        (
            f"{TABLE}, table_hydrogen_kg_per_h: [2, 8, 30]",
            "contradiction",
            "load 1 (30 kg/h), takes 33.33 kWh/kg",
            "11.126",
        ),
        (f"{TABLE}, standby_power_mw: 2", "contradiction", "standby takes 2e+06 W", "lower it"),
        (f"{TABLE}, water_trip_kg: 500", "contradiction", "it never starts", "raise it"),
        (f"{TABLE}, water_capacity_kg: 300", "contradiction", "holds 300 kg", "raise it"),
    ],
)
def test_a_bad_table_is_a_finding_with_file_line_and_remedy(
    tmp_path: Path, text: str, id_: str, what: str, remedy: str
) -> None:
    file = _plant(tmp_path, text)
    _, findings = read_plant(file)
    found = [f for f in findings if f.id == id_]
    assert found, [str(f) for f in findings]
    assert what in found[0].what and remedy in found[0].remedy
    assert (found[0].file, found[0].line) == (file, 29)


def _rig(**parameters: float) -> WatchedRig:
    rig = WatchedRig(KIND, parameters)
    rig.set_signal("coolant_temperature", 298.15)
    rig.set_signal("cooling_conductance", 1.0e6)
    return rig


def _drive(rig: WatchedRig, setpoint_w: float, n: int, step_s: float) -> float:
    """Make n steps; returns the hydrogen made, kg."""
    rig.set_signal("setpoint", setpoint_w)
    made = 0.0
    for _ in range(n):
        rig.set_stream("water", 288.15, 3.0e5, liquid=rig.signal("water_demand"))
        rig.step(1, step_s)
        made += rig.field("hydrogen_made_kg_per_s") * step_s
    return made


def test_energy_and_hydrogen_of_a_table_are_two_ways_of_the_same() -> None:
    loads = {f"table_load_{i + 1}_frac": v for i, v in enumerate([0.1, 0.5, *[1.0] * 10])}
    energies = [56.0, 50.0, *[53.0] * 10]
    by_energy = {f"table_energy_{i + 1}_j_per_kg": v * KWH_PER_KG for i, v in enumerate(energies)}
    flows = {
        f"table_hydrogen_{i + 1}_kg_per_s": load * 2.0e6 / (energy * KWH_PER_KG)
        for i, (load, energy) in enumerate(zip(loads.values(), energies, strict=True))
    }
    one, other = (_rig(rated_power_w=2.0e6, min_load_frac=0.1, **loads, **more) for more in (by_energy, flows))
    for power_w in (2.0e6, 1.4e6, 0.7e6, 0.2e6):
        assert _drive(one, power_w, 15, 60.0) == pytest.approx(_drive(other, power_w, 15, 60.0), rel=1e-12)
    # by hand, 1.4 MW of 2: load 0.7, 50 + 0.4 * 3 kWh/kg
    _drive(one, 1.4e6, 3, 60.0)
    assert one.field("energy_j_per_kg") == pytest.approx(51.2 * KWH_PER_KG, rel=1e-5)  # and an hour's wear


def test_hours_make_as_much_at_steps_of_a_second_as_at_longer_ones() -> None:
    parts = ((6.0e6, 3600), (2.0e6, 1800), (0.0, 3600), (4.0e6, 3600))
    made, starts = {}, {}
    for step_s in (1.0, 60.0, 900.0):
        rig = _rig()
        made[step_s] = sum(_drive(rig, power_w, int(seconds / step_s), step_s) for power_w, seconds in parts)
        starts[step_s] = rig.field("n_starts")
        rig.assert_balanced()
        assert not rig.broken_laws()
    assert made[60.0] == pytest.approx(made[1.0], rel=1e-3)
    assert made[900.0] == pytest.approx(made[1.0], rel=1e-2)
    assert set(starts.values()) == {2.0}


@settings(max_examples=30, deadline=None)
@given(
    loads=st.lists(st.integers(1, 99), min_size=1, max_size=11, unique=True).map(sorted),
    energies=st.lists(st.floats(40.0, 90.0), min_size=12, max_size=12),
    powers=st.lists(st.floats(0.0, 1.2), min_size=1, max_size=6),
    step_s=st.sampled_from([1.0, 60.0, 900.0, 3600.0]),
    conductance=st.sampled_from([0.0, 1.0e4, 1.0e6]),
    saturation=st.floats(0.0, 1.0),
)
def test_mass_and_energy_close_and_laws_hold_for_any_table(
    loads: list[int],
    energies: list[float],
    powers: list[float],
    step_s: float,
    conductance: float,
    saturation: float,
) -> None:
    points = [0.01 * load for load in loads]
    points += [1.0] * (12 - len(points))
    parameters = {f"table_load_{i + 1}_frac": load for i, load in enumerate(points)}
    parameters |= {f"table_energy_{i + 1}_j_per_kg": energies[min(i, len(loads))] * KWH_PER_KG for i in range(12)}
    rig = _rig(
        rated_power_w=1.0e6,
        min_load_frac=points[0],
        hydrogen_saturation_frac=saturation,
        gas_residence_time_s=30.0,
        **parameters,
    )
    rig.set_signal("cooling_conductance", conductance)
    for power in powers:
        _drive(rig, power * 1.0e6, 5, step_s)
    rig.assert_balanced(1e-10)
    assert not rig.broken_laws()


def test_what_is_asked_beyond_the_limits_is_a_status_with_its_amount() -> None:
    rig = _rig(start_time_s=0.0)
    rig.set_stream("water", 288.15, 3.0e5, liquid=0.3)
    rig.set_signal("setpoint", 6.5e6)
    assert rig.step() == LIMITED
    rig.set_signal("setpoint", 6.0e6)
    rig.set_signal("cooling_conductance", 4.0e4)
    assert rig.step(3) == OVER_TEMPERATURE
    assert rig.signal("heat") == pytest.approx(4.0e4 * 25.0)  # U A (T - T_coolant)
    rig.assert_balanced()


def test_stacks_are_replaced_at_the_end_of_their_life_and_wear_costs_hydrogen() -> None:
    rig = _rig(start_time_s=0.0, growth_per_h=1.0e-4, end_of_life_growth_frac=0.02)
    new = _drive(rig, 6.0e6, 10, 3600.0)
    _drive(rig, 6.0e6, 170, 3600.0)
    old = _drive(rig, 6.0e6, 10, 3600.0)
    assert old / new == pytest.approx(1.0005 / 1.0185, rel=3e-4)  # mean growth of the ten hours
    _drive(rig, 6.0e6, 30, 3600.0)
    assert rig.field("n_replacements") == 1.0
    assert not rig.broken_laws()


@pytest.mark.parametrize("engine", ["optimized", "baseline"])
def test_it_takes_the_place_of_a_pem_stack_in_a_plant(tmp_path: Path, engine: str) -> None:
    run = h2plant.run(_plant(tmp_path), start="2023-07-03", hours=12, engine=engine, out=tmp_path / "out")
    figures = run.summary["key_figures"]
    # at full load after the start: 54 kWh/kg by the table
    assert figures["specific_energy_table_kwh_per_kg"] == pytest.approx(54.0, rel=0.02)
    assert figures["starts_table"] >= 1.0
    assert run.summary["audit"]["n_broken"] == 0 and run.summary["audit"]["n_laws"] > 90
    assert not run.summary["not_valid"]


def test_the_kind_of_a_plant_can_be_changed_to_it() -> None:
    plant = load_plant("minimal", {"stack.kind": "table_stack"})
    assert plant.components["stack"].kind is KIND
    assert plant.components["stack"].values["water_setpoint_kg"] == pytest.approx(400.0)  # of 1 MW
