"""What parameters and weather at the ends of their bounds lead to: found by drawn plants, each by itself."""

import math

import numpy as np
import pytest

from h2plant.components import (
    KINDS,
    alkaline_stack,
    compressor_stage,
    deoxidiser,
    gas_cooler,
    gas_tank,
    liquid_separator,
    pem_stack,
)
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core import bus as layout
from h2plant.core.constants import MOL_PER_KG_H2, MOL_PER_KG_H2O
from h2plant.core.properties import saturation_pressure, water_enthalpy, water_enthalpy_heat_capacity
from h2plant.core.role import Maker
from h2plant.core.sizing import with_sizes
from h2plant.core.status import FATAL, OFF_SPEC, OK, OVERFLOW, SOLVER_TRIP, TRIP
from h2plant.laws.pem_seen import Curve, rated_point
from h2plant.physics.stream import water_split
from h2plant.plant.finding import PlantError
from h2plant.session.session import load_run
from h2plant.testing.rig import Rig, tables

STEPS_S = (1.0, 60.0, 900.0, 3600.0)
both = pytest.mark.parametrize("is_plain", [True, False], ids=["plain", "compiled"])


def _saturation_ratio(rig: Rig) -> float:
    moles = rig.field("h2o_kg") * MOL_PER_KG_H2O
    vapour_pa = rig.field("pressure_pa") * moles / (moles + rig.field("h2_kg") * MOL_PER_KG_H2)
    return vapour_pa / saturation_pressure(tables(), rig.field("temperature_k"))


@both
@pytest.mark.parametrize("dt", STEPS_S)
@pytest.mark.parametrize("liquid", [0.0, 2.0])
def test_water_condenses_in_a_tank_and_is_drained(dt: float, liquid: float, is_plain: bool) -> None:
    """A tenth of vapour by mass, as gas behind a cooler that does not cool, and drops as without a drum."""
    size = {"n_vessels": 2, "vessel_volume_m3": 10.0}
    rig = Rig(gas_tank.KIND, size, {"inlets": 1, "outlets": 1, "demands": 1}, is_plain=is_plain)
    rig.set_signal("ambient_temperature", 288.15)
    flow = 1.6 / dt
    rig.set_stream("inlets", 370.0, 60e5, h2=flow, vapour=0.1 * flow)
    if liquid:
        rig.set_stream("inlets", 300.0, 60e5, h2=flow, vapour=1e-6, liquid=liquid * flow)
    rig.set_signal("demands", flow)
    rig.step(6, dt)
    for _ in range(8):
        assert rig.step(1, dt) == OFF_SPEC
        assert rig.stream("drain")[layout.LIQUID] > 0.0
        assert _saturation_ratio(rig) == pytest.approx(1.0, abs=1e-6)
    rig.assert_balanced(1e-11)
    assert 285.0 < rig.field("temperature_k") < 330.0


def test_a_dry_tank_drains_nothing() -> None:
    rig = Rig(gas_tank.KIND, {"n_vessels": 2}, {"inlets": 1, "outlets": 1, "demands": 1})
    rig.set_signal("ambient_temperature", 288.15)
    rig.set_stream("inlets", 300.0, 60e5, h2=0.004, vapour=4e-8)
    for _ in range(5):
        assert rig.step(1, 900.0) == OK
        assert rig.stream("drain")[layout.LIQUID] == 0.0
    assert _saturation_ratio(rig) < 1.0


def test_a_tank_that_drains_passes_on_no_more_than_stays() -> None:
    """At its lowest pressure a tank hands on what comes; water that leaves as such is no gas that it has."""
    rig = Rig(gas_tank.KIND, {"initial_pressure_pa": 40e5}, {"inlets": 1, "outlets": 1, "demands": 1})
    rig.set_signal("ambient_temperature", 288.15)
    rig.set_stream("inlets", 303.0, 60e5, h2=0.0046, vapour=2e-5, liquid=0.002)
    rig.set_signal("demands", 0.05)
    rig.step(2000, 60.0)
    assert rig.field("pressure_pa") > 35e5


@pytest.mark.parametrize("dt", [900.0, 3600.0])
def test_heat_to_the_wall_is_that_of_the_gas_as_it_mixes(dt: float) -> None:
    """Oxygen comes, hydrogen goes: what is passed to the wall fits the difference that the step ends with.

    Flows that are taken as enthalpy without their work RT/M would put the gas off by more than 1 K.
    """
    rig = Rig(gas_tank.KIND, {"initial_pressure_pa": 60e5}, {"inlets": 1, "outlets": 1, "demands": 1})
    rig.set_signal("ambient_temperature", 288.15)
    rig.set_stream("inlets", 288.15, 80e5, o2=0.01)
    rig.set_signal("demands", 0.01)
    for _ in range(8):
        rig.step(1, dt)
    area, film = rig.field("inner_area_m2"), rig.field("inner_film_w_per_m2_k")
    driving = rig.field("to_wall_w") / (area * film * rig.field("film_share"))
    apart = rig.field("temperature_k") - rig.field("wall_temperature_k")
    assert apart == pytest.approx(driving, abs=0.25)


@both
def test_a_compressor_near_the_end_of_the_tables_answers_or_trips(is_plain: bool) -> None:
    """From 6 to 10 bar to 500 bar in one stage: up to 1,250 K it runs, beyond it trips, and never stops the run."""
    rig = Rig(compressor_stage.KIND, {"outlet_pressure_pa": 500e5, "rated_volume_m3_per_s": 0.3}, is_plain=is_plain)
    statuses = set()
    for inlet_pa in np.linspace(10e5, 6e5, 40):
        rig.set_stream("inlet", 313.15, float(inlet_pa), h2=0.145, o2=4e-13, vapour=2e-10)
        statuses.add(rig.step())
        assert np.isfinite(rig.bus).all()
    assert TRIP in statuses and all(status < FATAL for status in statuses)
    rig.assert_balanced(1e-11)
    rig.set_stream("inlet", 313.15, 200e5, h2=0.145)
    assert rig.step() not in (TRIP, SOLVER_TRIP) and rig.field("is_running") == 1.0


@pytest.mark.parametrize("temperature_k", [285.0, 300.0, 340.0])
@pytest.mark.parametrize("pressure_pa", [500e5, 700e5, 900e5])
def test_water_has_an_enthalpy_where_tanks_reach(temperature_k: float, pressure_pa: float) -> None:
    from CoolProp.CoolProp import PropsSI

    props, at = tables(), ("T", temperature_k, "P")
    wanted = PropsSI("H", *at, pressure_pa, "Water") - PropsSI("H", *at, 350e5, "Water")
    found = water_enthalpy(props, pressure_pa, temperature_k) - water_enthalpy(props, 350e5, temperature_k)
    assert found == pytest.approx(wanted, rel=0.08)
    both_ways = water_enthalpy_heat_capacity(props, pressure_pa, temperature_k)[0]
    assert both_ways == water_enthalpy(props, pressure_pa, temperature_k)


@both
@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (pem_stack.KIND, with_sizes(pem_stack.KIND, {"rated_power_w": 30.0})),
        (alkaline_stack.KIND, {"rated_power_w": 30.0}),
    ],
    ids=["pem", "alkaline"],
)
def test_water_that_floods_a_small_loop_spills_as_it_came(kind, parameters, is_plain: bool) -> None:  # type: ignore[no-untyped-def]
    rig = Rig(kind, {**parameters, "initial_temperature_k": 315.0}, is_plain=is_plain)
    rig.set_signal("coolant_temperature", 290.0)
    rig.set_signal("ambient_temperature", 290.0)
    rig.set_stream("water", 285.0, 3e5, liquid=0.06)
    for _ in range(5):
        assert rig.step() in (OK, OVERFLOW)
        assert 280.0 < rig.field("temperature_k") < 316.0
    rig.assert_balanced(1e-10)


def test_the_law_of_wear_finds_the_rated_point_of_any_resistance() -> None:
    for resistance in (0.0, 6e-6, 1e-4, 1e-3):
        curve = Curve(2e5, 42e5, 343.15, 1.0, 1.0, 25.0, 178e-6, resistance)
        density, voltage = rated_point(curve, 3.8e4)
        assert density * voltage == pytest.approx(3.8e4, rel=1e-9)
        assert float(curve.voltage(density, np.asarray(343.15), 42e5)) == pytest.approx(voltage, rel=1e-6)


@both
def test_a_trace_passes_a_deoxidiser(is_plain: bool) -> None:
    rig = Rig(deoxidiser.KIND, {}, is_plain=is_plain)
    rig.set_signal("ambient_temperature", 281.0)
    for flow in (4.2e-17, 1e-14, 1e-11):
        rig.set_stream("inlet", 313.15, 35e5, liquid=flow)
        assert rig.step() == OK
        assert rig.stream("outlet")[layout.LIQUID] == pytest.approx(flow)


@pytest.mark.parametrize(
    ("kind", "outlet"), [(liquid_separator.KIND, "gas"), (gas_cooler.KIND, "outlet")], ids=["drum", "cooler"]
)
def test_gas_that_is_throttled_is_at_equilibrium(kind, outlet: str) -> None:  # type: ignore[no-untyped-def]
    """An apparatus built for a thousandth of its flow: 42 bar become less than 2."""
    rig = Rig(kind, {"nominal_flow_kg_per_s": 1e-4})
    if kind is gas_cooler.KIND:
        rig.set_signal("coolant_temperature", 320.0)
    vapour, liquid = water_split(tables(), 0.0192, 0.0, 0.0, 3e-4, 277.15, 42e5)
    rig.set_stream("inlet", 277.15, 42e5, h2=0.0192, vapour=vapour, liquid=liquid)
    rig.step()
    gas = rig.stream(outlet)
    assert gas[layout.PRESSURE] < 3e5
    most, _ = water_split(tables(), gas[layout.H2], 0.0, 0.0, 1.0, gas[layout.TEMPERATURE], gas[layout.PRESSURE])
    water = gas[layout.VAPOUR] + gas[layout.LIQUID]
    assert gas[layout.VAPOUR] == pytest.approx(min(water, most), rel=1e-3)
    rig.assert_balanced(1e-11)


# What check tells ----------------------------------------------------------------------------------------------------
def _refused(kind, values) -> bool:  # type: ignore[no-untyped-def]
    whole = with_sizes(kind, values)
    if any(not order.is_kept(whole) for order in kind.orders):
        return True
    return kind.contradictions is not None and bool(list(kind.contradictions(whole)))


MAKERS = [kind for kind in KINDS if isinstance(kind.role, Maker)]


@pytest.mark.parametrize("kind", MAKERS, ids=lambda kind: kind.name)
def test_no_maker_may_draw_more_at_rest_than_it_is_rated_for(kind) -> None:  # type: ignore[no-untyped-def]
    rated = kind.role.rated_power
    draws = [f.name for f in kind.parameters if f.unit == "W" and f.name != rated]
    draws += [f.name for f in kind.parameters if f.name == "heater_frac"]
    assert draws
    for name in draws:
        field = kind.field(name)
        most = 1.0 if name == "heater_frac" else 3.0 * kind.field(rated).default
        assert field.le is None or field.le >= most
        assert _refused(kind, {name: most}), name
    assert not _refused(kind, {})


@pytest.mark.parametrize(
    ("kind_name", "values"),
    [
        ("alkaline_stack", {"temperature_setpoint_k": 366.0, "max_temperature_k": 365.15}),
        ("alkaline_stack", {"initial_temperature_k": 367.0}),
        ("alkaline_stack", {"n_cells": 10.0}),
        ("alkaline_stack", {"rated_current_density_a_per_m2": 2.0e4}),
        ("alkaline_stack", {"keep_warm_temperature_k": 353.15, "temperature_setpoint_k": 340.0}),
        ("battery", {"min_level_frac": 0.5, "max_level_frac": 0.5}),
        ("battery", {"heated_to_k": 310.0}),
        ("battery", {"hot_k": 303.15}),
        ("battery", {"frost_k": 290.0}),
        ("wind_turbine", {"restart_m_per_s": 26.0}),
        ("hydrogen_demand", {"day_start_h": 8.0, "day_end_h": 8.0}),
        ("truck_loading", {"day_start_h": 22.0, "day_end_h": 22.0}),
        ("hydrogen_engine", {"efficiency_25_frac": 0.1, "efficiency_50_frac": 0.5, "min_load_frac": 0.05}),
        ("soec_module", {"parasitic_fixed_w": 9.0e6}),
    ],
)
def test_what_cannot_work_together_is_told(kind_name: str, values: dict[str, float]) -> None:
    kind = next(kind for kind in KINDS if kind.name == kind_name)
    assert not _refused(kind, {})
    assert _refused(kind, values)
    assert all(math.isfinite(value) for value in values.values())


RATES = {"n_film_units", "n_surface_units"}
"""Transfer units, which are no pieces."""


def test_whatever_counts_pieces_or_says_yes_or_no_is_whole() -> None:
    for kind in KINDS:
        for field in kind.parameters:
            is_counted = field.name.startswith(("n_", "is_", "has_")) or field.name.endswith("_number")
            if is_counted and "_per_" not in field.name and field.name not in RATES and not field.choices:
                assert field.is_whole, f"{kind.name}.{field.name}"


@pytest.mark.parametrize(
    ("plant", "place", "value"),
    [("iberia", "electrolysis_stack_1.n_cells", "570.5"), ("minimal", "line.is_bought_for", "0.5")],
)
def test_a_part_of_a_piece_is_refused(plant: str, place: str, value: str) -> None:
    with pytest.raises(PlantError) as error:
        load_run(changed_scenario(load_scenario(plant), 1.0, None, 60, 3600, {place: value}))
    assert {finding.id for finding in error.value.findings} == {"not-whole"}
