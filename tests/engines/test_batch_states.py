"""Own bodies beside the plant: exact, in step with it, and without a trace in its results."""

import math
import re

import numpy as np
import pytest

from h2plant.components import KINDS
from h2plant.measure.profile.loop_timing import ProfilingEngine
from h2plant.simulation.batch_states import LumpedComponent
from h2plant.simulation.engine import SimulationFailure
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from tests.engines.test_engines import Record, program_of

ROOM = LumpedComponent(
    "room",
    heat_capacity_j_per_k=2.0e6,
    temperature_k=293.15,
    heat_in_w="stack.heat_loss.heat_w",
    loss_w_per_k=300.0,
    ambient_temperature_k=283.15,
)
TANK = LumpedComponent(
    "test_tank", 5.0e5, temperature_k=300.0, volume_m3=2.0, pressure_pa=30.0e5, inflow_kg_per_s=1.0e-4
)
STACK = LumpedComponent("test_stack", 1.0e6, temperature_k=343.15, current_a=2000.0, stack_area_cm2=1000.0)


def engine_with(*components: LumpedComponent) -> SimulationEngineOptimized:
    engine = SimulationEngineOptimized(program_of(log_every_s=60.0))
    for component in components:
        engine.register_component(component)
    engine.begin()
    return engine


def test_every_component_of_the_plant_is_registered_with_its_temperatures_and_pressures() -> None:
    engine = engine_with()
    program = engine.program
    assert list(engine._T_indices) == list(engine._P_indices) == program.component_ids
    engine.step_simulation(59)
    for component_id, index in zip(program.component_ids, program.component_kinds, strict=True):
        fields = [f for f in KINDS[index].fields if f.role == "state"]
        for unit, found in (("K", engine.temperatures_k), ("Pa", engine.pressures_pa)):
            expected = [program.value(f"{component_id}.{f.name}") for f in fields if f.unit == unit]
            assert found(component_id).tolist() == expected
    # with those of the gas on its way out of the stack, and the rectifier's heat sink
    assert sum(len(places) for places in engine._T_indices.values()) == 10
    assert sum(len(places) for places in engine._P_indices.values()) == 3


@pytest.mark.slow
def test_a_body_follows_the_analytic_solution() -> None:
    body = LumpedComponent("body", 2.6e6, 353.15, heat_in_w=2.5e4, heat_out_w=5.0e3, loss_w_per_k=1.0e3)
    engine = engine_with(body)
    engine.run(120)
    settled = 298.15 + 20.0
    expected = settled + (353.15 - settled) * math.exp(-7200.0 / 2600.0)
    assert engine.temperatures_k("body")[0] == pytest.approx(expected, abs=1e-9)


def test_pressure_and_efficiency_follow_their_kernels() -> None:
    engine = engine_with(TANK, STACK)
    assert math.isnan(engine.efficiency_frac("test_stack"))
    engine.run(60)
    # 0.36 kg of ideal gas at 300 K into 2 m3, and 0.65 - 0.002 * 10 K - 0.05 * 1 A/cm2
    assert engine.pressures_pa("test_tank")[0] == pytest.approx(30.0e5 + 0.36 * 4124.5 * 300.0 / 2.0, rel=1e-12)
    assert engine.efficiency_frac("test_stack") == pytest.approx(0.58, rel=1e-12)
    assert math.isnan(engine.efficiency_frac("test_tank"))
    assert engine.pressures_pa("test_stack").size == 0


def test_a_body_takes_what_the_plant_gives_in_the_same_step() -> None:
    """Stepped again, one by one, from the log of every minute."""
    engine = engine_with(ROOM)
    record = Record(engine).run(360)
    names = [column.name for column in engine.program.columns]
    heat_w = record.log[:, names.index("stack.heat_loss.heat_w")]
    assert np.ptp(heat_w) > 100.0
    T = 293.15
    for heat in heat_w:
        settled = 283.15 + heat / 300.0
        T = settled + (T - settled) * math.exp(-60.0 * 300.0 / 2.0e6)
    assert engine.temperatures_k("room")[0] == pytest.approx(T, abs=1e-9)


def test_bodies_change_no_bit_of_the_plant_and_pieces_none_of_the_bodies() -> None:
    alone = Record(engine_with()).run(240)
    beside = Record(engine_with(ROOM, TANK, STACK)).run(240)
    assert beside.bits() == alone.bits()
    for size in (7 * len(alone.engine.program.columns) * 8, 32_000_000):  # a log buffer of seven rows, a large one
        pieces = Record(engine_with(ROOM, TANK, STACK), size)
        for n_steps in (1, 99, 140):
            pieces.run(n_steps)
        assert pieces.engine.batch.states.tobytes() == beside.engine.batch.states.tobytes()
    single = engine_with(ROOM, TANK, STACK)
    for t in range(240):
        assert single.step_simulation(t) == t + 1
    assert single.batch.states.tobytes() == beside.engine.batch.states.tobytes()


def test_begin_sets_bodies_back() -> None:
    engine = engine_with(ROOM, TANK, STACK)
    first = engine.batch.states.tobytes()
    engine.run(30)
    assert engine.batch.states.tobytes() != first
    engine.begin()
    assert engine.batch.states.tobytes() == first


def test_batch_updates_from_python_are_those_of_the_loop() -> None:
    looped, by_hand = engine_with(TANK, STACK), engine_with(TANK, STACK)
    looped.run(3)
    for _ in range(3):
        by_hand.batch_thermal(60.0)
        by_hand.batch_pressure(60.0)
        by_hand.batch_efficiency()
    assert by_hand.batch.states.tobytes() == looped.batch.states.tobytes()


def test_steps_go_on_from_python_by_number() -> None:
    engine = engine_with()
    assert engine.step_simulation() == 1
    assert engine.step_simulation(9) == 10
    with pytest.raises(ValueError, match="step 4 is done: 10 steps were"):
        engine.step_simulation(4)


def test_a_failure_in_a_single_step_is_said() -> None:
    engine = engine_with()
    engine.step_simulation(5)
    program = engine.program
    program.arrays.memory[program.field_index["tank.h2_kg"]] = math.nan
    with pytest.raises(SimulationFailure):
        engine.step_simulation(6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"component_id": "tank"}, "tank: there is a component of this name"),
        ({"component_id": "room"}, "room: there is a component of this name"),
        (
            {"heat_in_w": "stack.heat_loss.heat"},
            "other: the log has no column 'stack.heat_loss.heat'; did you mean stack.heat_loss.heat_w",
        ),
        ({"heat_capacity_j_per_k": 0.0}, "other: heat_capacity_j_per_k must be above 0, not 0.0"),
        ({"volume_m3": -1.0}, "other: volume_m3 must not be below 0, not -1.0"),
        ({"heat_in_w": math.inf}, "other: heat_in_w must be finite, not inf"),
    ],
)
def test_mistakes_are_named(changes: dict[str, float | str], message: str) -> None:
    engine = engine_with(ROOM)
    values = {"component_id": "other", "heat_capacity_j_per_k": 1.0e5, **changes}
    with pytest.raises(ValueError, match=re.escape(message)):
        engine.register_component(LumpedComponent(**values))  # type: ignore[arg-type]


def test_unknown_ids_are_named() -> None:
    engine = engine_with(ROOM)
    with pytest.raises(ValueError, match="the plant has no component 'stak'; did you mean stack"):
        engine.register_component("stak")
    with pytest.raises(ValueError, match="no component 'stak' is registered"):
        engine.temperatures_k("stak")
    with pytest.raises(ValueError, match="only bodies of one's own have an efficiency"):
        engine.efficiency_frac("stack")


def test_a_profile_refuses_bodies_instead_of_leaving_them_out() -> None:
    engine = ProfilingEngine(program_of())
    engine.register_component(TANK)
    engine.begin()
    with pytest.raises(ValueError, match="a profile is of the plant alone"):
        engine.run(1)
