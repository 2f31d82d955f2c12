"""Laws of the hold-up of electrolysers: what is made comes out, at a flow that does not hang on the step."""

import math

import numpy as np
import pytest

from h2plant.components import pem_mode, pem_stack, soec_module
from h2plant.components.hold_up import LEAST_J, hand_out_heat, joined
from h2plant.core.bus import ENTHALPY, PRESSURE, TEMPERATURE
from h2plant.core.declare import Kind
from h2plant.physics.stream import stream_enthalpy
from h2plant.testing import Rig
from h2plant.testing.rig import tables

RESIDENCE_S = 60.0
PEM = {"degradation_v_per_s": 0.0, "initial_temperature_k": 343.15, "start_time_s": 0.0}
SOEC = {"growth_per_h": 0.0}
KINDS = [pytest.param(pem_stack.KIND, PEM, 0.8e6, id="pem"), pytest.param(soec_module.KIND, SOEC, 2.0e6, id="soec")]
SIDES = {"hydrogen": "fuel", "oxygen": "oxygen"}


def _rig(kind: Kind, parameters: dict[str, float], is_plain: bool = False) -> Rig:
    rig = Rig(kind, parameters, is_plain=is_plain)
    rig.set_signal("ambient_temperature", 288.15)
    if kind is pem_stack.KIND:
        rig.set_signal("coolant_temperature", 308.15)
        rig.set_signal("cooling_conductance", 15e3)
    return rig


def _feed(rig: Rig, share: float = 1.0) -> None:
    """Give the water that is asked for."""
    if rig.kind is pem_stack.KIND:
        rig.set_stream("water", 298.15, 4e5, liquid=share * rig.signal("water_demand"))
    else:
        rig.set_stream("steam", 430.0, 5e5, vapour=share * rig.signal("steam_demand"))


def _run(rig: Rig, setpoint_w: float, seconds: float, dt: float, share: float = 1.0) -> np.ndarray:
    """Run; returns the mass of the five species and the enthalpy that left by both gas ports, kg and J."""
    rig.set_signal("setpoint", setpoint_w)
    given = np.zeros((2, 6))
    for _ in range(round(seconds / dt)):
        _feed(rig, share)
        rig.step(1, dt)
        given += np.array([rig.stream(port)[:6] for port in SIDES]) * dt
    return given


def _held(rig: Rig, port: str) -> np.ndarray:
    """Return what is held for a port, as its stream's first six numbers: kg and J."""
    names = ("h2_kg", "o2_kg", "n2_kg", "vapour_kg", "liquid_kg", "energy_j")
    return np.array([rig.field(f"{SIDES[port]}_{name}") for name in names])


@pytest.mark.parametrize(("kind", "parameters", "power_w"), KINDS)
def test_steady_flow_is_the_same_at_every_step(kind: Kind, parameters: dict[str, float], power_w: float) -> None:
    streams = {}
    for dt in (1.0, 10.0, 60.0, 900.0):
        rig = _rig(kind, parameters)
        _run(rig, power_w, 7 * 3600.0, max(dt, 60.0))  # short steps are taken on the way and at the end alone
        _run(rig, power_w, 3600.0, dt)
        streams[dt] = np.concatenate([rig.stream("hydrogen"), rig.stream("oxygen")])
        if kind is pem_stack.KIND:
            streams[dt] = np.append(streams[dt], rig.signal("heat"))
        rig.assert_balanced()
    for dt in (10.0, 60.0, 900.0):
        assert streams[dt] == pytest.approx(streams[1.0], rel=1e-6, abs=1e-12), dt


@pytest.mark.parametrize("dt", [1.0, 10.0, 30.0, 60.0])
@pytest.mark.parametrize(("kind", "parameters", "power_w"), KINDS)
def test_flow_times_residence_time_is_held(kind: Kind, parameters: dict[str, float], power_w: float, dt: float) -> None:
    """Little's law: of a steady flow, what is on the way is the flow times the time that it takes."""
    rig = _rig(kind, parameters)
    _run(rig, power_w, 4 * 3600.0, dt)
    for port in SIDES:
        assert _held(rig, port) == pytest.approx(rig.stream(port)[:6] * RESIDENCE_S, rel=1e-6, abs=1e-12)
    if kind is pem_stack.KIND:
        assert rig.field("heat_in_transit_j") == pytest.approx(rig.signal("heat") * RESIDENCE_S, rel=1e-6)


@pytest.mark.parametrize("dt", [60.0, 900.0, 3600.0])
def test_at_long_steps_what_was_made_leaves_in_the_next(dt: float) -> None:
    rig = _rig(pem_stack.KIND, PEM)
    _run(rig, 0.8e6, 4 * dt, dt)
    made, held = rig.field("hydrogen_made_kg_per_s"), _held(rig, "hydrogen")
    assert held[0] == pytest.approx(made * dt, rel=1e-12) and made > 0.0
    _feed(rig)
    rig.step(1, dt)
    assert rig.stream("hydrogen")[:6] * dt == pytest.approx(held, rel=1e-12)


@pytest.mark.parametrize("is_plain", [False, True], ids=["compiled", "plain"])
def test_a_stop_is_smoothed_whatever_the_step(is_plain: bool) -> None:
    """After a stop the flow falls by exp(-t / residence time): by hand 0.1353 of it after two minutes.

    A step of dt takes 1 - dt/60 for exp(-dt/60): after 120 s within 1 % at steps of a second.
    """
    flows = {}
    for dt in (1.0, 5.0):
        rig = _rig(pem_stack.KIND, PEM, is_plain)
        _run(rig, 0.8e6, 600.0, 5.0)
        before = rig.field("hydrogen_made_kg_per_s")
        start = _held(rig, "hydrogen")[0] / RESIDENCE_S
        assert start == pytest.approx(before, rel=0.01)
        _run(rig, 0.0, 120.0, dt)
        flows[dt] = rig.stream("hydrogen")[0] / start
        assert flows[dt] == pytest.approx((1.0 - dt / RESIDENCE_S) ** (120.0 / dt - 1.0), rel=1e-9)
    assert flows[1.0] == pytest.approx(math.exp(-119.0 / 60.0), rel=0.02)
    assert flows[5.0] == pytest.approx(flows[1.0], rel=0.05)


@pytest.mark.parametrize("dt", [10.0, 60.0, 900.0])
@pytest.mark.parametrize(("kind", "parameters", "power_w"), KINDS)
def test_what_is_held_leaves_after_a_stop(kind: Kind, parameters: dict[str, float], power_w: float, dt: float) -> None:
    rig = _rig(kind, parameters)
    _run(rig, power_w, 3600.0, dt)
    held, cathode = _held(rig, "hydrogen"), _run(rig, 0.0, 7200.0, dt, 0.0)[0]
    assert held[0] > 0.1
    if kind is soec_module.KIND:  # what has come in no more goes out no more
        assert cathode == pytest.approx(held, rel=1e-9)
    assert cathode[0] == pytest.approx(held[0], rel=1e-9)
    assert (_held(rig, "hydrogen") == 0.0).all()
    assert (rig.stream("hydrogen")[:6] == 0.0).all()
    rig.assert_balanced()


@pytest.mark.parametrize("dt", [10.0, 60.0, 900.0])
def test_a_tripped_stack_hands_out_what_it_holds(dt: float) -> None:
    """Without cooling the stack trips on its temperature; all hydrogen that was made comes out, and all heat."""
    rig = _rig(pem_stack.KIND, {**PEM, "restart_delay_s": 86400.0})
    made_kg, given_kg, cooled_j = 0.0, 0.0, 0.0
    for i in range(round(4 * 3600.0 / dt)):
        if i * dt == 1800.0:
            rig.set_signal("cooling_conductance", 0.0)
        rig.set_signal("setpoint", 1e6)
        _feed(rig)
        rig.step(1, dt)
        made_kg += rig.field("hydrogen_made_kg_per_s") * dt
        given_kg += rig.stream("hydrogen")[0] * dt
        cooled_j += rig.signal("heat") * dt
    assert rig.field("mode") == pem_mode.TRIPPED
    assert made_kg > 5.0 and cooled_j > 1e8
    assert given_kg == pytest.approx(made_kg, rel=1e-12)
    assert rig.field("fuel_h2_kg") == rig.field("heat_in_transit_j") == rig.signal("heat") == 0.0
    rig.assert_balanced()


def test_a_stack_that_is_off_and_cold_hands_out_what_it_holds() -> None:
    """A small cathode is vented before the hold-up is empty: the step that does nothing else leaves it alone."""
    rig = _rig(pem_stack.KIND, {**PEM, "cathode_volume_m3": 1e-5, "standby_time_s": 0.0})
    _run(rig, 0.8e6, 1800.0, 10.0)
    rig.set_signal("shut_down", 1.0)
    held = rig.field("fuel_h2_kg")
    given = _run(rig, 0.0, 60.0, 10.0, 0.0)
    assert rig.field("mode") == pem_stack.OFF and rig.field("idle_step_s") != 0.0
    assert rig.field("fuel_h2_kg") > 0.01
    given += _run(rig, 0.0, 7200.0, 10.0, 0.0)
    assert given[0][0] == pytest.approx(held, rel=1e-9)
    assert rig.field("is_filled") == 0.0
    rig.assert_balanced()


@pytest.mark.parametrize("dt", [1.0, 10.0, 60.0, 900.0, 3600.0])
@pytest.mark.parametrize(("kind", "parameters", "power_w"), KINDS)
def test_balances_close_through_starts_trips_and_steps_of_other_lengths(
    kind: Kind, parameters: dict[str, float], power_w: float, dt: float
) -> None:
    rig = _rig(kind, {**parameters, "gas_residence_time_s": 90.0})
    rng = np.random.default_rng(14)
    for _ in range(40):
        rig.set_signal("setpoint", float(rng.choice([0.0, 0.3, 1.0, 1.3])) * power_w)
        if kind is soec_module.KIND:
            sweep = float(rng.choice([0.0, 0.1]))
            rig.set_stream("sweep", 600.0, 1.1e5, o2=0.21 * sweep, n2=0.79 * sweep)
        share = float(rng.choice([0.0, 1.0, 1.0]))
        for _ in range(8):
            _feed(rig, share)
            rig.step(1, float(rng.choice([dt, dt, 7.0])))
    rig.assert_balanced(1e-9)


def test_heat_by_hand() -> None:
    assert hand_out_heat(6.0e6, 60.0, 10.0) == pytest.approx((1.0e5, 5.0e6))
    assert hand_out_heat(6.0e6, 60.0, 600.0) == (1.0e4, 0.0)
    assert hand_out_heat(0.5 * LEAST_J, 60.0, 10.0) == (0.05 * LEAST_J, 0.0)


def test_gases_join_by_hand() -> None:
    """1 kg of water of 300 K and 1 kg of 340 K are at 320 K (cp within 0.2 %); what is alone stays as it is."""
    water = [
        (0.0, 0.0, 0.0, 0.0, 1.0, float(stream_enthalpy(tables(), 0.0, 0.0, 0.0, 0.0, 1.0, T, 2e5)), T, 2e5)
        for T in (300.0, 340.0)
    ]
    both = joined(tables(), *water)
    assert both[4:6] == pytest.approx((2.0, water[0][5] + water[1][5]), rel=1e-15)
    assert both[6:] == pytest.approx((320.0, 2e5), abs=0.05)
    nothing = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 300.0, 1e5)
    assert joined(tables(), nothing, water[1]) == water[1]
    assert joined(tables(), water[1], nothing) == water[1]
    assert joined(tables(), water[1], water[1])[4:] == (2.0, 2.0 * water[1][5], 340.0, 2e5)


@pytest.mark.parametrize("dt", [1.0, 10.0])
@pytest.mark.parametrize(("kind", "parameters", "power_w"), KINDS)
def test_temperature_and_phases_are_those_of_the_enthalpy(
    kind: Kind, parameters: dict[str, float], power_w: float, dt: float
) -> None:
    """While a stack warms up, gas of several temperatures is held, and saturated gases that mix make a fog."""
    cold = {"initial_temperature_k": 293.15} if kind is pem_stack.KIND else {"temperature_start_k": 1000.0}
    rig = _rig(kind, {**parameters, **cold})
    for power, seconds in ((power_w, 900.0), (0.4 * power_w, 120.0), (0.0, 60.0), (power_w, 300.0)):
        _run(rig, power, seconds, dt)
        for port in SIDES:
            stream = rig.stream(port)
            direct = stream_enthalpy(tables(), *stream[:5], stream[TEMPERATURE], stream[PRESSURE])
            assert stream[ENTHALPY] == pytest.approx(direct, rel=1e-7, abs=1e-3)
