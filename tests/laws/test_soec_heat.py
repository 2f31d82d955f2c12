"""Laws of the solid oxide group: balances for any input, second law, monotonic answers, exchanger formulas."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.components.electric_heater import KIND as HEATER
from h2plant.components.recuperator import KIND as RECUPERATOR
from h2plant.components.soec_module import KIND as SOEC
from h2plant.components.steam_generator import KIND as GENERATOR
from h2plant.core.bus import LIQUID, TEMPERATURE
from h2plant.physics.flash import enthalpy_at_temperature, temperature_at_enthalpy
from h2plant.physics.heat_exchange import (
    effectiveness_condensing,
    effectiveness_counter_flow,
    part_load_conductance,
)
from h2plant.physics.soec_electrochemistry import (
    CONVERGED,
    STARVED,
    channel_inlet,
    soec_current_at_power,
    soec_current_at_voltage,
    soec_voltage,
)
from h2plant.physics.stream import water_split
from h2plant.testing.rig import Rig, tables

STEPS = st.sampled_from([1.0, 60.0, 900.0, 3600.0])
FEW = settings(max_examples=30, deadline=None)
FLOW = st.one_of(st.just(0.0), st.floats(1e-3, 2.0))


@FEW
@given(st.floats(0.0, 50.0), st.floats(0.0, 1.0))
def test_effectiveness_is_ordered(ntu: float, ratio: float) -> None:
    """Nothing <= counter flow <= condensing <= all."""
    counter = effectiveness_counter_flow(ntu, ratio)
    assert 0.0 <= counter <= effectiveness_condensing(ntu) + 1e-12 <= 1.0 + 1e-11


def test_counter_flow_limits() -> None:
    """Shah and Sekulic 2003, table 3.4: Cr = 1 gives NTU / (1 + NTU), smoothly reached."""
    for ntu in (0.1, 1.0, 5.0):
        assert effectiveness_counter_flow(ntu, 1.0) == pytest.approx(ntu / (1.0 + ntu), rel=1e-14)
        for gap in (1e-9, 9e-7 / ntu, 1.1e-6 / ntu):
            exact = ntu / (1.0 + ntu) + gap * 0.5 * (ntu / (1.0 + ntu)) ** 2
            assert effectiveness_counter_flow(ntu, 1.0 - gap) == pytest.approx(exact, rel=1e-11)
    assert part_load_conductance(1000.0, 1.0, 1.0, 0.8) == pytest.approx(1000.0)
    assert part_load_conductance(1000.0, 0.5, 0.5, 0.8) == pytest.approx(1000.0 * 0.5**0.8)


@FEW
@given(
    st.sampled_from([(0.02, 0.0, 0.0), (0.0, 0.2, 0.7), (0.1, 0.001, 0.0), (0.0, 0.0, 0.0)]),
    st.sampled_from([0.0, 1e-7, 1e-3, 0.1, 1.0]),
    st.floats(274.0, 1149.0),
    st.sampled_from([0.95e5, 5.0e5, 30.0e5]),
    st.floats(260.0, 1150.0),
)
def test_flash_finds_the_temperature_again(
    gases: tuple[float, float, float], water: float, temperature: float, pressure: float, guess: float
) -> None:
    if sum(gases) + water == 0.0:
        return
    enthalpy = enthalpy_at_temperature(tables(), *gases, water, temperature, pressure)
    found, vapour, liquid = temperature_at_enthalpy(tables(), *gases, water, enthalpy, pressure, guess)
    assert found == pytest.approx(temperature, abs=2e-6)
    assert vapour >= 0.0 and liquid >= 0.0
    assert vapour + liquid == pytest.approx(water, rel=1e-15)


def test_flash_of_wet_steam_follows_the_lever() -> None:
    """IAPWS-IF97 at 5 bar: h' 640.185, h'' 2748.108 kJ/kg; half the way is half steam at 151.836 degC."""
    dry = enthalpy_at_temperature(tables(), 0.0, 0.0, 0.0, 1.0, 424.99, 5.0e5)
    wet = enthalpy_at_temperature(tables(), 0.0, 0.0, 0.0, 1.0, 424.98, 5.0e5)
    assert dry - wet == pytest.approx(2107.9e3, rel=1e-3)
    T, vapour, liquid = temperature_at_enthalpy(tables(), 0.0, 0.0, 0.0, 1.0, 0.5 * (dry + wet), 5.0e5, 300.0)
    assert T == pytest.approx(424.986, abs=0.01)
    assert vapour == pytest.approx(0.5, abs=1e-3)
    assert vapour + liquid == 1.0


def test_flash_tells_when_out_of_range() -> None:
    assert math.isnan(temperature_at_enthalpy(tables(), 1.0, 0.0, 0.0, 0.0, 1.0e9, 1.0e5, 400.0)[0])
    assert math.isnan(temperature_at_enthalpy(tables(), 0.01, 0.0, 0.0, 0.1, -2.0e6, 1.0e5, 300.0)[0])


@FEW
@given(
    st.floats(0.5, 150.0), st.floats(1073.0, 1140.0), st.floats(0.001, 0.02), st.floats(0.2, 0.9), st.floats(0.0, 90.0)
)
def test_current_at_power_and_voltage(power: float, T: float, resistance: float, rise: float, start: float) -> None:
    """The current draws the power, or the steam limit holds it; more power never means less current."""
    per_a, inlet = rise / 100.0, channel_inlet(0.1)
    highest = 0.85 / per_a * 0.9
    got = []
    for p in (power, 1.1 * power):
        current, voltage, slope, code = soec_current_at_power(p, 0.97, T, resistance, inlet, per_a, highest, start)
        assert code in (CONVERGED, STARVED)
        if code == CONVERGED:
            assert current * voltage == pytest.approx(p, rel=1e-9)
        else:
            assert current == pytest.approx(highest) and current * voltage <= p
        numeric = soec_voltage(0.97, T, resistance, current * (1 + 1e-5), inlet, per_a)[0] - voltage
        assert slope == pytest.approx(numeric / (current * 1e-5), rel=1e-3)
        assert soec_current_at_voltage(
            voltage, 0.97, T, resistance, inlet, per_a, 1.01 * highest, start
        ) == pytest.approx(current, rel=1e-6)
        got.append(current)
    assert got[1] >= got[0]


@FEW
@given(
    STEPS,
    st.lists(
        st.tuples(
            st.floats(0.0, 2.6e6), st.floats(0.0, 0.3), st.floats(400.0, 1050.0), st.floats(0.0, 0.5), st.booleans()
        ),
        min_size=3,
        max_size=12,
    ),
    st.sampled_from([288.15, 700.0, 1000.0, 1073.15, 1130.0]),
    st.floats(0.0, 0.4),
)
def test_module_balances(
    dt: float, program: list[tuple[float, float, float, float, bool]], start_k: float, growth: float
) -> None:
    """Any power, steam, sweep air and step, from cold or hot, new or old."""
    rig = Rig(SOEC, {"temperature_start_k": start_k, "asr_ohm_m2": 5.0e-5 * (1.0 + growth), "standby_limit_s": 3600.0})
    rig.set_signal("ambient_temperature", 278.15)
    for setpoint, steam, steam_k, air, has_hydrogen in program:
        rig.set_signal("setpoint", setpoint)
        rig.set_stream("steam", steam_k, 1.2e5, vapour=steam, h2=0.01 * steam if has_hydrogen else 0.0)
        rig.set_stream("sweep", 300.0, 1.1e5, o2=0.23 * air, n2=0.77 * air)
        status = rig.step(2, dt)
        assert status < 100
        assert 270.0 < rig.field("temperature_k") < 1150.0
        assert rig.field("utilisation_frac") <= 0.85 + 1e-12
        drawn = rig.signal("power") + rig.signal("heater_power")
        if rig.field("mode") == 3.0 and rig.field("current_a") > 0.0:
            assert drawn <= max(setpoint, 2.6e6) * (1.0 + 1e-9)
    rig.assert_balanced()


@FEW
@given(STEPS, st.lists(st.tuples(FLOW, st.floats(0.0, 6e5), st.floats(280.0, 400.0)), min_size=2, max_size=10))
def test_steam_generator_balances(dt: float, program: list[tuple[float, float, float]]) -> None:
    rig = Rig(GENERATOR, {"temperature_start_k": 400.0}, {"demands": 2})
    rig.set_signal("ambient_temperature", 278.15)
    for demand, recovered, feed_k in program:
        rig.set_signal("demands", 0.4 * demand)
        rig.set_signal("demands", 0.6 * demand, 1)
        rig.set_signal("heat", min(recovered, 2.0e6 * demand))
        for _ in range(3):
            rig.set_stream("water", feed_k, 6.0e5, liquid=rig.signal("water_demand"))
            assert rig.step(1, dt) < 100
        assert rig.stream("steam")[3] <= demand * (1.0 + 1e-12)
        assert rig.signal("power") <= 2.8e6 * (1.0 + 1e-9)
        assert rig.field("pressure_pa") <= 6.5e5 * (1.0 + 1e-6)
        assert rig.field("water_kg") > 0.0
    rig.assert_balanced()


@FEW
@given(
    st.sampled_from(["steam", "wet", "water", "gas"]),
    st.sampled_from(["water", "steam", "gas"]),
    st.floats(0.01, 2.0),
    st.floats(0.01, 2.0),
    st.floats(420.0, 1100.0),
    st.floats(280.0, 415.0),
    st.floats(1.0, 1.0e5),
)
def test_recuperator_keeps_both_laws(
    hot: str, cold: str, hot_flow: float, cold_flow: float, hot_k: float, cold_k: float, conductance: float
) -> None:
    """Balances close; outlets stay between the inlets; hotter never than the hot, colder never than the cold side."""
    rig = Rig(RECUPERATOR, {"conductance_w_per_k": conductance, "hot_flow_kg_per_s": 0.5, "cold_flow_kg_per_s": 0.5})
    kinds = {
        "steam": ({"vapour": 1.0}, 1.0e5),
        "wet": ({"h2": 0.3, "vapour": 0.7}, 1.05e5),
        "water": ({"liquid": 1.0}, 40.0e5),
        "gas": ({"o2": 0.3, "n2": 0.7}, 2.0e5),
    }
    parts, pressure = kinds[hot]
    hot_k = min(hot_k, 510.0) if hot == "water" else hot_k
    rig.set_stream("hot_inlet", hot_k, pressure, **{k: v * hot_flow for k, v in parts.items()})
    parts, pressure = kinds[cold]
    cold_k = max(cold_k, 380.0) if cold == "steam" else cold_k
    pressure = 6.0e5 if cold == "water" else pressure
    rig.set_stream("cold_inlet", cold_k, pressure, **{k: v * cold_flow for k, v in parts.items()})
    near = 1e-4 + 1.1e-5 * (hot_k - cold_k)  # the duty is found to 1e-5
    for _ in range(2):
        assert rig.step() == 0
        hot_out, cold_out = rig.stream("hot_outlet"), rig.stream("cold_outlet")
        assert cold_k - near <= hot_out[TEMPERATURE] <= hot_k + 1e-6
        assert cold_k - 1e-6 <= cold_out[TEMPERATURE] <= hot_k + near
    rig.assert_balanced()


@FEW
@given(st.floats(280.0, 500.0), st.floats(300.0, 1100.0), st.floats(0.0, 1.0e6), FLOW, FLOW)
def test_electric_heater_balances(inlet_k: float, target_k: float, power_w: float, gas: float, water: float) -> None:
    rig = Rig(HEATER, {"temperature_target_k": target_k, "power_max_w": power_w, "pressure_drop_pa": 2000.0})
    vapour, liquid = water_split(tables(), gas, 0.0, 0.0, water, inlet_k, 1.0e5)
    rig.set_stream("inlet", inlet_k, 1.0e5, h2=gas, vapour=vapour, liquid=liquid)
    status = rig.step(2)
    assert status < 100
    out = rig.stream("outlet")
    if gas + water > 0.0:
        assert rig.signal("power") <= power_w * (1 + 1e-12)
        if status == 0 and target_k > inlet_k and rig.signal("power") > 0.0:
            assert out[TEMPERATURE] == pytest.approx(target_k, abs=1e-6)
        if target_k > 380.0 and status == 0 and inlet_k >= 360.0:
            assert out[LIQUID] == pytest.approx(0.0, abs=1e-9)
    rig.assert_balanced()
