"""Sizes that follow from the rating: what they are, what goes before them, and that nothing but the size changes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import h2plant
from h2plant.components import KINDS
from h2plant.components.declaration import declaration_faults
from h2plant.components.registry import Kinds
from h2plant.config.load import load_plant, read_plant
from h2plant.core.declare import Field, Kind, parameter
from h2plant.core.sizing import SizeError, size_of, with_sizes
from h2plant.report.kind_tables import field_rows
from h2plant.studies.backends.backend import ThreadBackend
from h2plant.studies.study.run import run_study
from h2plant.testing.rig import Rig

SIZED = [kind for kind in KINDS if kind.size_rules]
RATINGS_MW = (0.05, 0.2, 2.0, 7.3, 50.0)

# a stack of few cells has them whole: 7 in place of 6.75 at 0.05 MW, 3.7 % more area, 0.5 % less energy
OF_WHOLE_CELLS = 0.006


def _kind(name: str) -> Kind:
    return Kinds()[name]


@pytest.mark.parametrize("kind", SIZED, ids=lambda kind: kind.name)
def test_at_the_default_rating_each_size_is_its_default_to_the_last_bit(kind: Kind) -> None:
    defaults = {f.name: f.default for f in kind.parameters if f.default is not None}
    assert with_sizes(kind, {}) == defaults
    named = {name for rule, _ in kind.size_rules.values() for name in rule.names}
    assert with_sizes(kind, {name: defaults[name] for name in named - set(kind.size_rules)}) == defaults


@pytest.mark.parametrize("kind", SIZED, ids=lambda kind: kind.name)
def test_sizes_of_twice_the_rating_stay_within_their_bounds(kind: Kind) -> None:
    for f in kind.parameters:
        if f.size_from:
            by = {name: _grown(kind.field(name)) for name in _roots(kind, f.name)}
            found = with_sizes(kind, by)
            assert (f.ge is None or found[f.name] >= f.ge) and (f.le is None or found[f.name] <= f.le)
            assert found[f.name] != f.default


def _grown(field: Field) -> float:
    """Return twice the default of a rating; of a limit that others follow a little more, within its bounds."""
    default = field.default or 0.0
    if field.unit == "K" or field.name.endswith(("_frac", "_ratio")):
        return min(1.01 * default, math.inf if field.le is None else field.le)
    return 2.0 * default


def _roots(kind: Kind, name: str) -> set[str]:
    """Return the parameter that a size goes by in the end, without those that the same product holds."""
    first = next(iter(kind.size_rules[name][0].names & set(kind.size_rules)), None)
    if first is not None:
        return _roots(kind, first)
    names = [f.name for f in kind.parameters if f.name in kind.size_rules[name][0].names]
    return {next((n for n in names if "power" in n or "pressure" in n), names[0])}


def test_cells_are_whole_and_a_given_size_goes_before_what_would_follow() -> None:
    stack = _kind("pem_stack")
    assert with_sizes(stack, {"rated_power_w": 20e6})["n_cells"] == 2700.0
    assert isinstance(with_sizes(stack, {"rated_power_w": 20e6})["n_cells"], float)
    assert with_sizes(stack, {"rated_power_w": 0.05e6})["n_cells"] == 7.0  # 6.75
    assert with_sizes(stack, {"rated_power_w": 0.3e6})["n_cells"] == 41.0  # 40.5
    assert with_sizes(stack, {"cell_area_m2": 2 * 0.1949})["n_cells"] == 68.0  # 67.5
    found = with_sizes(stack, {"rated_power_w": 20e6, "n_cells": 2000.0, "water_setpoint_kg": 1000.0})
    assert found["n_cells"] == 2000.0
    assert found["ramp_w_per_s"] == 0.4e6
    assert (found["water_trip_kg"], found["water_capacity_kg"]) == (
        250.0,
        2000.0,
    )  # they follow the water, not the power
    module = with_sizes(_kind("soec_module"), {"power_max_w": 24e6})
    assert module["n_cells"] == 204000.0 and module["power_min_w"] == pytest.approx(1.2e6)


def test_a_file_that_gives_the_rating_alone_has_sizes_and_their_reasons() -> None:
    plant = load_plant("minimal", {"stack.rated_power_mw": 20})
    stack = plant.components["stack"]
    assert stack.values["n_cells"] == 2700.0 and stack.values["heat_capacity_j_per_k"] == 80e6
    assert stack.given.keys() == {"rated_power_w"}
    reasons = stack.size_reasons()
    assert reasons.keys() == _kind("pem_stack").size_rules.keys()
    assert reasons["ramp_w_per_s"].startswith("in proportion to rated_power_w: rated_power_kw 20000, and ramp_")
    assert reasons["n_cells"] == (
        "in proportion to rated_power_w / cell_area_m2: cell_area_m2 0.1949 and rated_power_kw 20000, and n_cells 135 "
        "at 0.1949 and 1000"
    )
    given = load_plant("minimal", {"stack.rated_power_mw": 20, "stack.n_cells": 3000}).components["stack"]
    assert given.values["n_cells"] == 3000.0 and "n_cells" not in given.size_reasons()


def test_the_tables_of_kinds_say_from_what_a_size_follows() -> None:
    rows = {row[0]: row[3] for row in field_rows(_kind("pem_stack"))}
    assert rows["n_cells"] == "135, in proportion to rated_power_w / cell_area_m2"
    assert rows["rated_power_w"] == "1e+06"


# --- contradictions


def _check(changes: Mapping[str, str | float], plant: str = "minimal") -> list[tuple[str, str, str]]:
    found, findings = read_plant(plant, changes)
    notes = [] if found is None else [note for note in found.notes if note.id == "far-off-size"]
    return [(f.id, f.where, f.what) for f in dict.fromkeys([*findings, *notes])]


def test_cells_that_cannot_carry_the_rated_power_are_a_finding_with_the_numbers() -> None:
    (id_, where, what), *others = _check({"stack.rated_power_mw": 20, "stack.n_cells": 135})
    assert not others
    assert (id_, where) == ("contradiction", "stack.n_cells")
    # by hand: 26000 A/m2 at 2.04 V on 26.31 m2
    assert "135 cells of 0.1949 m2 carry 1.396 MW at most (26000 A/m2 at 2.040 V), and 'rated_power_mw' is 20" in what
    assert not _check({"stack.rated_power_mw": 1.39, "stack.n_cells": 135})
    assert _check({"stack.rated_power_mw": 1.40, "stack.n_cells": 135})


def test_the_least_number_of_cells_that_the_remedy_names_is_in_order_and_one_less_is_not() -> None:
    _, findings = read_plant("minimal", {"stack.rated_power_mw": 20, "stack.n_cells": 135})
    least = int(findings[0].remedy.partition("at least ")[2].partition(",")[0])
    assert not _check({"stack.rated_power_mw": 20, "stack.n_cells": least})
    assert _check({"stack.rated_power_mw": 20, "stack.n_cells": least - 1})[0][0] == "contradiction"


def test_solid_oxide_cells_that_cannot_carry_the_power_are_a_finding() -> None:
    found = _check({"soec_*.n_cells": 10000}, "dual_path")
    assert {where for _, where, _ in found} == {f"soec_{i}.n_cells" for i in range(1, 7)}
    assert found[0][0] == "contradiction" and "10000 cells of 0.0128 m2 carry" in found[0][2]
    assert not _check({"soec_*.n_cells": 18000}, "dual_path")


def test_water_that_no_start_is_made_on_is_a_finding() -> None:
    assert _check({"stack.water_setpoint_kg": 90, "stack.water_trip_kg": 100})[0][:2] == (
        "contradiction",
        "stack.water_setpoint_kg",
    )
    assert _check({"stack.water_capacity_kg": 300})[0][:2] == ("contradiction", "stack.water_capacity_kg")


def test_a_given_size_far_from_what_would_follow_is_noted_and_stops_nothing() -> None:
    (id_, where, what), *others = _check({"stack.rated_power_mw": 20, "stack.heat_capacity_j_per_k": 4e6})
    assert not others
    assert (id_, where) == ("far-off-size", "stack.heat_capacity_j_per_k")
    assert what.startswith("is 0.05 of the size that would follow")
    assert not _check({"stack.rated_power_mw": 20, "stack.heat_capacity_j_per_k": 20e6})
    assert not _check({"stack.loss_w_per_k": 0})  # switched off


def test_a_size_out_of_its_bounds_says_what_it_follows_from() -> None:
    stack = _kind("pem_stack")
    assert size_of(stack, stack.field("water_setpoint_kg"), {"rated_power_w": 1.0}) == pytest.approx(4e-4)
    (id_, where, what), *_ = _check({"stack.rated_power_w": 1})
    assert (id_, where) == ("out-of-bounds", "stack.cathode_volume_m3") and "in proportion to rated_power_w" in what


# --- declarations


def _with(*fields: Field) -> list[str]:
    stack = _kind("pem_stack")
    return [
        fault
        for fault in declaration_faults(dataclasses.replace(stack, fields=(*stack.fields, *fields)))
        if "size_from" in fault
    ]


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        (parameter("a_kg", "kg", "x", 1.0, 0.0, size_from="rated_power"), "names rated_power: no parameters"),
        (parameter("a_kg", "kg", "x", 1.0, 0.0, size_from="a_kg"), "which follow as well: declare them before"),
        (parameter("a_kg", "kg", "x", None, 0.0, size_from="rated_power_w"), "needs a default"),
        (parameter("a_kg", "kg", "x", 1.0, 0.0, size_from="rated_power_w +"), "cannot be read"),
        (parameter("a_kg", "kg", "x", 1.0, 0.0, size_from="cathode_recombination_frac"), "is not above 0"),
        (parameter("a_kg", "kg", "x", 1.0, 0.0, size_from="1 / cathode_recombination_frac"), "has no value"),
        (parameter("a_kg", "kg", "x", 1.0, 0.0, size_from="n_cells * cell_area_m2"), ""),
    ],
)
def test_a_rule_that_leads_nowhere_is_a_fault_of_the_declaration(field: Field, wanted: str) -> None:
    faults = _with(field)
    assert (len(faults) == 1 and wanted in faults[0]) if wanted else not faults


def test_a_rule_without_a_value_is_a_finding() -> None:
    pump = _kind("circulation_pump")
    with pytest.raises(SizeError, match="has no value"):
        with_sizes(pump, {"rated_flow_kg_per_s": 0.0})


# --- the same plant, larger


def _scaled(ratio: float) -> dict[str, float]:
    """Return what the plant ``minimal`` needs around a stack of another power; of the stack the power alone."""
    scaled = {
        "stack.rated_power_mw": 1.0,
        "rectifier.rating_mw": 1.1,
        "grid.import_limit_mw": 2.0,
        "line.unit_power_mw": 1.0,
        "line.line_power_mw": 1.1,
        "exchanger.rated_flow_hot_kg_per_s": 7.2,
        "exchanger.rated_flow_cold_kg_per_s": 7.2,
        "exchanger.rated_ua_kw_per_k": 80.0,
        "cooling.rated_heat_kw": 400.0,
        "cooling.rated_flow_kg_per_s": 15.0,
        "cooling.glycol_t": 3.0,
        "cooling.loss_conductance_w_per_k": 500.0,
        "dry_cooler.area_m2": 800.0,
        "dry_cooler.air_flow_m3_per_s": 250.0,
        "compressor.rated_volume_m3_per_s": 0.002,
        "water.max_flow_kg_per_s": 12.0 / 3.6,
        "drum.nominal_flow_kg_per_s": 0.1,
        "drum_2.nominal_flow_kg_per_s": 0.1,
        "cooler.nominal_flow_kg_per_s": 0.1,
    }
    whole, part = max(math.ceil(ratio), 1), ratio / max(math.ceil(ratio), 1)
    parts = {
        "tank.n_vessels": 4.0 * whole,
        "tank.vessel_volume_m3": 10.0 * part,
        "trailers.n_bays": 1.0 * whole,
        "trailers.n_waiting": 5.0 * whole,
        "trailers.n_trailers_per_day": 2.0 * whole,
        "trailers.trailer_kg": 280.0 * part,
        "trailers.day_flow_kg_per_s": 0.025 * part,
    }
    return {name: value * ratio for name, value in scaled.items()} | parts


@pytest.fixture(scope="module")
def one_mw(tmp_path_factory: pytest.TempPathFactory) -> h2plant.Results:
    out = tmp_path_factory.mktemp("one_mw") / "out"
    return h2plant.run("minimal_day", hours=48, set=_scaled(1.0), audit_steps=0, out=out)


@pytest.mark.parametrize("rated_mw", RATINGS_MW)
def test_a_plant_of_another_rating_makes_hydrogen_as_that_of_the_default(
    rated_mw: float, one_mw: h2plant.Results, tmp_path: Path
) -> None:
    run = h2plant.run("minimal_day", hours=48, set=_scaled(rated_mw), audit_steps=0, out=tmp_path / "out")
    found, wanted = run.summary["key_figures"], one_mw.summary["key_figures"]
    tolerance = OF_WHOLE_CELLS if rated_mw == 0.05 else 2.0e-4
    of_plant = max(tolerance, 5.0e-3)  # trailers are whole, and many come more evenly than one
    for name in ("specific_energy_pem_kwh_per_kg", "efficiency_hhv_frac", "capacity_factor_pem_frac", "starts_pem"):
        assert found[name] == pytest.approx(
            wanted[name], rel=of_plant if name == "efficiency_hhv_frac" else tolerance
        ), name
    assert found["hydrogen_made_kg"] == pytest.approx(wanted["hydrogen_made_kg"] * rated_mw, rel=tolerance)
    log, at_one = run.to_pandas(), one_mw.to_pandas()
    lacking_k = np.abs(log["stack.temperature_k"] - at_one["stack.temperature_k"]).max()
    assert lacking_k < (0.5 if rated_mw == 0.05 else 0.02)
    assert not run.warnings


def _soec(rated_mw: float) -> tuple[float, float, float, float]:
    """Return (energy per hydrogen, J/kg; temperature, K; voltage, V; heater by rated power) after 4 h at 0.8 of it."""
    ratio = rated_mw / 2.4
    rig = Rig(_kind("soec_module"), {"power_max_w": rated_mw * 1e6})
    rig.set_signal("ambient_temperature", 288.15)
    rig.set_signal("setpoint", 0.8 * rated_mw * 1e6)
    drawn_j = made_kg = 0.0
    for minute in range(240):
        rig.set_stream("steam", 900.0, 1.2e5, vapour=max(rig.signal("steam_demand"), 0.02 * ratio))
        rig.step()
        if minute >= 180:
            drawn_j += 60.0 * (rig.signal("power") + rig.signal("heater_power"))
            made_kg += 60.0 * rig.field("hydrogen_made_kg_per_s")
    rig.assert_balanced()
    heater = rig.signal("heater_power") / (rated_mw * 1e6)
    return drawn_j / made_kg, rig.field("temperature_k"), rig.field("voltage_v"), heater


@pytest.mark.parametrize("rated_mw", [0.05, 0.6, 10.0, 50.0])
def test_a_solid_oxide_module_of_another_rating_works_as_that_of_the_default(rated_mw: float) -> None:
    energy, temperature_k, voltage_v, heater = _soec(rated_mw)
    wanted = _soec(2.4)
    assert energy == pytest.approx(wanted[0], rel=1e-3)
    assert temperature_k == pytest.approx(wanted[1], abs=0.1)
    assert voltage_v == pytest.approx(wanted[2], abs=1e-3)
    assert heater == pytest.approx(wanted[3], abs=1e-3)


STUDY = """h2plant: 1
study: ratings
kind: sweep
scenario: minimal_day
hours: 12
parameters:
  - {name: size_mw, path: stack.rated_power_mw, values: [0.5, 0.9]}
  - {path: line.unit_power_mw, tied_to: size_mw}
design: {kind: grid}
outputs:
  - specific_energy_pem_kwh_per_kg
  - {name: water_kg, column: stack.water_kg, reduce: max}
"""


@pytest.mark.long
def test_a_study_that_varies_the_rating_moves_all_that_follows(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    run = run_study(tmp_path / "study.yaml", tmp_path / "out", backend=ThreadBackend(1))
    small, large = (outcome.values for outcome in run.outcomes)
    assert large["water_kg"] / small["water_kg"] == pytest.approx(0.9 / 0.5, rel=1e-3)
    energies = [one["specific_energy_pem_kwh_per_kg"] for one in (small, large)]
    assert energies[0] == pytest.approx(energies[1], rel=3e-3)  # 68 cells for 67.5, 122 for 121.5
