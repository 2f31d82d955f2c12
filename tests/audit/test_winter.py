"""No winter ends a run: bundled plants in lasting frost, protected or not, and over colder and warmer years."""

import numpy as np
import pytest

from h2plant.audit.report import audit_run
from h2plant.components import KIND_BY_NAME
from h2plant.components.pem_mode import RUNNING, TRIPPED
from h2plant.config.bundled import bundled_plants
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.role import Maker
from h2plant.core.status import FATAL, SOLVER_TRIP, UNDER_TEMPERATURE
from h2plant.results.totals import Totals
from h2plant.results.validity import faults
from h2plant.session.session import Session, load_run
from h2plant.testing.rig import Rig
from tests.weather import hold_air, move_air

UNPROTECTED = {
    "dual_path": {
        **{f"pem_{k}.heater_power_w": 0.0 for k in range(1, 6)},
        "ultrapure_tank.heater_power_w": 0.0,
        "steam_generator.heater_power_max_w": 0.0,
        "thermal_manager.frost_heater_w": 0.0,
        "pem_deoxidiser.frost_heater_w": 0.0,
        "soec_deoxidiser.frost_heater_w": 0.0,
    },
    "minimal": {"stack.heater_power_w": 0.0},
}
NO_POWER = {
    "dual_path": {"wind.capacity_mw": 0.01, "dispatch.hydrogen_value_eur_per_kg": 0.0},
    "minimal": {"line.price_limit_eur_per_mwh": -400.0},
}
FREEZES = {"dual_path": {"pem_1", "ultrapure_tank", "steam_generator", "thermal_manager"}, "minimal": {"stack"}}


def wintry(
    plant: str, hours: float, step_s: int, change, set_=None, start: str | None = None, may_be_dark: bool = False
) -> Session:
    """Return a session in other weather, run to its end, audited in full: no law broken, books closed, no NaN."""
    scenario = changed_scenario(load_scenario(plant), hours, start, step_s, None, set_)
    session = Session(load_run(scenario), engine="optimized")
    change(session)
    session.begin()
    session.keep_steps()
    session.run()
    assert session.step_number == session.n_steps
    ledger = session.ledger()
    with session.closed():
        report = audit_run(session.program, ledger.memory_before, session.kept_steps(), is_full=True)
    assert {one.law.id: one.broken_at for one in report.verdicts if one.is_broken} == {}
    found = {one.id for one in faults(Totals(session.program, ledger, session.plant))}
    assert found <= ({"blackout"} if may_be_dark else set())
    assert np.isfinite(session.program.arrays.bus).all()
    return session


def events(session: Session) -> list:
    with session.closed() as (_, open_events):
        return [*session._events, *open_events]


@pytest.mark.parametrize("step_s", [60, 900])
@pytest.mark.parametrize("temperature_degc", [-1.0, -25.0])
@pytest.mark.parametrize("plant", ["dual_path", "minimal"])
def test_lasting_frost(plant, temperature_degc, step_s):
    session = wintry(plant, 96.0, step_s, lambda one: hold_air(one, 273.15 + temperature_degc))
    found = events(session)
    assert all(one.code < FATAL for one in found)
    # heaters are strong enough: nothing that holds water freezes (glycol and the main at the border of the plant may)
    assert not {one.component for one in found if one.code == UNDER_TEMPERATURE} & FREEZES[plant]


@pytest.mark.parametrize("plant", ["dual_path", "minimal"])
def test_without_protection_plants_freeze_trip_and_come_back(plant):
    """Three weeks at -25 C without heaters and power: all that holds water freezes, and the run goes on."""

    def change(session: Session) -> None:
        hold_air(session, 248.15)

    hours = 21.0 * 24.0
    session = wintry(plant, hours, 900, change, {**UNPROTECTED[plant], **NO_POWER[plant]})
    assert {one.component for one in events(session) if one.code == UNDER_TEMPERATURE} >= FREEZES[plant]
    for component in FREEZES[plant]:
        assert session.value(f"{component}.temperature_k") < 273.15


@pytest.mark.slow
def test_a_frozen_stack_starts_again_when_it_has_thawed():
    """It is locked while it is frozen and for its restart delay after that; then it runs; balances close throughout."""
    rig = Rig(
        KIND_BY_NAME["pem_stack"],
        {"heater_power_w": 0.0, "initial_temperature_k": 276.15, "restart_delay_s": 3600.0},
    )
    rig.set_signal("coolant_temperature", 283.15)
    rig.set_signal("cooling_conductance", 1.0e4)
    rig.set_signal("ambient_temperature", 233.15)
    rig.set_signal("setpoint", 0.0)
    seen = {rig.step(1, 3600.0) for _ in range(14 * 24)}
    assert UNDER_TEMPERATURE in seen and rig.field("temperature_k") < 270.0
    rig.set_signal("setpoint", 0.8e6)
    assert rig.step(1, 60.0) == UNDER_TEMPERATURE
    assert rig.field("mode") == TRIPPED and rig.signal("ready") == 0.0 and rig.signal("power") == 0.0
    rig.set_signal("ambient_temperature", 293.15)
    hours = 0
    while rig.field("mode") == TRIPPED:
        rig.step(60, 60.0)
        hours += 1
        assert hours < 24 * 60
    assert rig.field("temperature_k") > 273.15
    rig.step(30, 60.0)  # the rig gives it no water: it lasts for 80 minutes
    assert rig.field("mode") == RUNNING and rig.signal("power") == pytest.approx(0.8e6, rel=1.0e-6)
    rig.assert_balanced()


def test_a_frozen_tank_gives_nothing_until_it_has_thawed():
    rig = Rig(
        KIND_BY_NAME["water_tank"], {"capacity_kg": 1000.0, "heater_power_w": 0.0, "initial_temperature_k": 274.15}
    )
    rig.set_signal("ambient_temperature", 248.15)
    rig.set_signal("demands", 0.05)
    while rig.field("temperature_k") >= 273.15:
        rig.step(1, 60.0)
    assert rig.step(1, 60.0) == UNDER_TEMPERATURE
    assert rig.stream("outlets")[:5].sum() == 0.0 and rig.field("short_kg_per_s") == pytest.approx(0.05)
    rig.set_signal("ambient_temperature", 288.15)
    while rig.field("temperature_k") < 273.15:
        rig.step(1, 60.0)
    rig.step(1, 60.0)
    assert rig.stream("outlets")[:5].sum() == pytest.approx(0.05)
    rig.assert_balanced()


@pytest.mark.slow
@pytest.mark.parametrize("shift_k", [-15.0, -10.0, -5.0, 10.0])
@pytest.mark.parametrize("plant", bundled_plants())
def test_year_colder_and_warmer(plant, shift_k):
    """All bundled plants get through the year; the island may be short of power in a hot one."""
    session = wintry(plant, 8760.0, 60, lambda one: move_air(one, shift_k), may_be_dark=plant == "island")
    found = events(session)
    assert all(one.code < FATAL for one in found)
    assert not [one for one in found if one.code == SOLVER_TRIP]
    stacks = {i for i, role in session.plant.of_role(Maker).items()}
    frozen = {one.component for one in found if one.code == UNDER_TEMPERATURE}
    assert not frozen & (stacks | FREEZES.get(plant, set()))
