"""Every solver inside a component answers, whatever state it is given within its range."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.components import chiller, compressor_stage, liquid_separator, recuperator, steam_generator
from h2plant.core import bus as layout
from h2plant.core.finite import is_number
from h2plant.core.jit import IS_JIT_DISABLED, kernel
from h2plant.core.properties import FLUID_H2, gas_density, gas_enthalpy, gas_entropy
from h2plant.core.status import FATAL, OK, SOLVER_TRIP
from h2plant.physics.compression import bracketed_isentropic_work
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.physics.pem_electrochemistry import cell_voltage, current_density_at_power
from h2plant.physics.soec_electrochemistry import CONVERGED, STARVED, channel_inlet, soec_current_at_power, soec_voltage
from h2plant.physics.stream import stream_enthalpy, water_split
from h2plant.physics.vessel import bracketed_vessel_state
from h2plant.testing.rig import Rig, tables

many = settings(max_examples=200, deadline=None)
some = settings(max_examples=50, deadline=None)


@many
@given(
    power=st.floats(1.0, 1.0e6),
    start=st.one_of(st.just(0.0), st.floats(1.0e-9, 1.0e9)),
    temperature=st.floats(275.0, 368.0),
    rest=st.floats(1.0, 1.6),
    tafel=st.floats(0.003, 0.3),
    exchange=st.floats(1.0e-8, 1.0e4),
    resistance=st.floats(0.0, 1.0e-3),
)
def test_a_pem_cell_takes_any_power(power, start, temperature, rest, tafel, exchange, resistance):
    cell = (temperature, rest, 40.0e5, 2.0e5, tafel, exchange, resistance)
    j, voltage = current_density_at_power(power, start, *cell)
    assert j > 0.0 and j * voltage == pytest.approx(power, rel=1e-8)
    assert voltage == pytest.approx(cell_voltage(j, *cell), rel=1e-8)


@many
@given(
    power=st.floats(1.0e-3, 1.0e5),
    start=st.one_of(st.just(0.0), st.floats(1.0e-9, 1.0e6)),
    temperature=st.floats(600.0, 1400.0),
    base=st.floats(0.6, 1.3),
    resistance=st.floats(1.0e-6, 1.0),
    hydrogen=st.floats(0.01, 0.5),
    highest=st.floats(1.0e-3, 1.0e3),
)
def test_a_solid_oxide_cell_takes_any_power_that_its_steam_allows(
    power, start, temperature, base, resistance, hydrogen, highest
):
    per_a, inlet = 0.97 * (1.0 - hydrogen) / highest, channel_inlet(hydrogen)
    current, voltage, _, code = soec_current_at_power(
        power, base, temperature, resistance, inlet, per_a, highest, start
    )
    assert code in (CONVERGED, STARVED)
    assert voltage == pytest.approx(soec_voltage(base, temperature, resistance, current, inlet, per_a)[0], rel=1e-7)
    if code == CONVERGED:
        assert current * voltage == pytest.approx(power, rel=1e-7)
    else:
        assert current == highest and current * voltage <= power


@many
@given(pressure=st.floats(0.6e5, 880e5), temperature=st.floats(205.0, 1200.0), volume=st.floats(1e-3, 1e4))
def test_the_state_in_a_vessel_is_found_from_nothing(pressure, temperature, volume):
    props = tables()
    kg = gas_density(props, FLUID_H2, pressure, temperature) * volume
    energy = kg * gas_enthalpy(props, FLUID_H2, pressure, temperature) - pressure * volume
    p, T = bracketed_vessel_state(props, kg, kg, volume, energy, 0.0, 0.0, 300.0)
    assert p == pytest.approx(pressure, rel=1e-7) and T == pytest.approx(temperature, rel=1e-7)


def test_a_vessel_beyond_the_tables_has_no_state():
    props = tables()
    kg = gas_density(props, FLUID_H2, 800e5, 300.0)
    hot = kg * gas_enthalpy(props, FLUID_H2, 800e5, 300.0) - 800e5 + kg * 1.0e4 * 900.0
    assert math.isnan(bracketed_vessel_state(props, kg, kg, 1.0, hot, 0.0, 0.0, 300.0)[0])
    assert math.isnan(bracketed_vessel_state(props, kg, kg, 1.0, -kg * 3.0e6, 0.0, 0.0, 300.0)[0])


@many
@given(pressure=st.floats(0.6e5, 300e5), ratio=st.floats(1.0001, 3.0), temperature=st.floats(220.0, 500.0))
def test_halving_finds_the_isentropic_work(pressure, ratio, temperature):
    props = tables()
    work = bracketed_isentropic_work(props, 1.0, 0.0, 0.0, 0.0, pressure, temperature, ratio * pressure)
    entropy = gas_entropy(props, FLUID_H2, pressure, temperature)
    enthalpy = gas_enthalpy(props, FLUID_H2, pressure, temperature)
    low, high = temperature, 1200.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        is_low = gas_entropy(props, FLUID_H2, ratio * pressure, middle) < entropy
        low, high = (middle, high) if is_low else (low, middle)
    assert work == pytest.approx(gas_enthalpy(props, FLUID_H2, ratio * pressure, low) - enthalpy, rel=1e-6, abs=0.1)


@many
@given(
    h2=st.one_of(st.just(0.0), st.floats(1e-9, 1.0)),
    o2=st.one_of(st.just(0.0), st.floats(1e-9, 1.0)),
    water=st.floats(1e-9, 1.0),
    temperature=st.floats(280.0, 600.0),
    pressure=st.floats(1.0e5, 100e5),
    guess=st.floats(200.0, 1200.0),
)
def test_the_temperature_of_an_enthalpy_is_found_from_any_guess(h2, o2, water, temperature, pressure, guess):
    props = tables()
    if h2 + o2 <= 0.0:
        h2 = 1e-6
    vapour, liquid = water_split(props, h2, o2, 0.0, water, temperature, pressure)
    enthalpy = stream_enthalpy(props, h2, o2, 0.0, vapour, liquid, temperature, pressure)
    if not math.isfinite(enthalpy):
        return  # water above its critical point, or vapour beyond the tables
    T, found_vapour, found_liquid = temperature_at_enthalpy(props, h2, o2, 0.0, water, enthalpy, pressure, guess)
    assert T == pytest.approx(temperature, abs=1e-4)
    assert found_vapour + found_liquid == pytest.approx(water)


@some
@given(
    h2=st.floats(1e-9, 1e-3),
    kept=st.floats(0.01, 1.0),
    drops=st.floats(0.0, 1e3),
    temperature=st.floats(278.0, 340.0),
    pressure=st.floats(1.0e5, 60e5),
    ratio=st.floats(1.0001, 2.5),
    is_plain=st.booleans(),
)
def test_a_compressor_takes_traces_over_their_saturation(h2, kept, drops, temperature, pressure, ratio, is_plain):
    """What a drum leaves of little gas among many drops in the first step after a start."""
    rig = Rig(compressor_stage.KIND, {"outlet_pressure_pa": ratio * pressure}, is_plain=is_plain)
    vapour, _ = water_split(tables(), h2, 0.0, 0.0, 1.0, temperature, pressure)
    rig.set_stream("inlet", temperature, pressure, h2=h2, vapour=vapour, liquid=drops * h2)
    rig.bus[rig.slot("inlet") + layout.H2] *= kept
    for _ in range(2):
        assert rig.step() < FATAL
    rig.assert_balanced(1e-11)
    assert math.isfinite(rig.field("discharge_temperature_k"))


def test_the_first_gas_after_a_start_is_compressed():
    """1.2e-6 kg/s of hydrogen with six times as much water, 90 % over saturation, from 40 to 42 bar."""
    rig = Rig(compressor_stage.KIND, {"outlet_pressure_pa": 42.2e5, "rated_volume_m3_per_s": 0.002})
    first = rig.slot("inlet")
    feed = [1.2409e-06, 0.0, 0.0, 1.8371e-08, 7.05598e-06, -112.06895, 299.856, 3999968.8]
    rig.bus[first : first + len(feed)] = feed
    assert rig.step() < SOLVER_TRIP
    assert rig.stream("outlet")[layout.PRESSURE] == pytest.approx(42.2e5)
    assert 300.0 < rig.stream("outlet")[layout.TEMPERATURE] < 303.0
    rig.assert_balanced(1e-12)


@some
@given(
    h2=st.floats(1e-8, 1e-2),
    drops=st.floats(1e-3, 1e4),
    temperature=st.floats(278.0, 350.0),
    pressure=st.floats(5e5, 80e5),
)
def test_gas_behind_a_drum_is_at_equilibrium(h2, drops, temperature, pressure):
    rig = Rig(liquid_separator.KIND, {})
    vapour, _ = water_split(tables(), h2, 0.0, 0.0, 1.0, temperature, pressure)
    rig.set_stream("inlet", temperature, pressure, h2=h2, vapour=vapour, liquid=drops * h2)
    assert rig.step() == OK
    rig.assert_balanced(1e-11)
    gas = rig.stream("gas")
    if gas[layout.H2] <= 0.0:
        return
    most, _ = water_split(tables(), gas[layout.H2], 0.0, 0.0, 1.0, gas[layout.TEMPERATURE], gas[layout.PRESSURE])
    assert gas[layout.VAPOUR] <= most * 1.005


@some
@given(
    hot=st.floats(300.0, 1150.0),
    cold=st.floats(274.0, 600.0),
    hot_flow=st.floats(1e-4, 10.0),
    cold_flow=st.floats(1e-4, 10.0),
    share=st.floats(0.0, 1.0),
    conductance=st.floats(1.0, 1e7),
    pressure=st.floats(1.0e5, 20e5),
)
def test_a_recuperator_finds_a_duty(hot, cold, hot_flow, cold_flow, share, conductance, pressure):
    rig = Rig(recuperator.KIND, {"conductance_w_per_k": conductance, "hot_pressure_drop_pa": 1.0e5})
    moist = min(share, 0.9)
    rig.set_stream("hot_inlet", max(hot, 460.0), pressure, h2=hot_flow * (1.0 - moist), vapour=hot_flow * moist)
    if not np.isfinite(rig.stream("hot_inlet")).all():
        return
    rig.set_stream("cold_inlet", min(cold, 370.0), pressure, liquid=cold_flow)
    if not np.isfinite(rig.stream("cold_inlet")).all():
        return
    for _ in range(2):
        assert rig.step() < FATAL
    rig.assert_balanced(1e-10)


@some
@given(
    water=st.floats(0.0, 5.0),
    asked=st.floats(0.0, 5.0),
    heat=st.floats(0.0, 5e6),
    air=st.floats(274.0, 318.0),
    start=st.floats(280.0, 500.0),
    dt=st.sampled_from([1.0, 60.0, 900.0, 3600.0]),
)
def test_a_steam_generator_finds_its_state(water, asked, heat, air, start, dt):
    rig = Rig(steam_generator.KIND, {"temperature_start_k": start})
    rig.set_signal("ambient_temperature", air)
    rig.set_signal("heat", heat)
    rig.set_signal("demands", asked)
    rig.set_stream("water", 300.0, 8e5, liquid=water)
    for _ in range(5):
        assert rig.step(1, dt) < FATAL
    rig.assert_balanced(1e-10)


@pytest.mark.parametrize("is_plain", [False, True])
def test_gas_without_a_state_passes_and_says_so(is_plain):
    """At 0.18 bar the tables of gases have no state: the chiller rests, and the gas goes on as it came."""
    rig = Rig(chiller.KIND, {}, is_plain=is_plain)
    rig.set_stream("inlet", 313.15, 0.6e5, h2=0.02, vapour=0.001)
    rig.bus[rig.slot("inlet") + layout.PRESSURE] = 17.9e3
    rig.set_signal("coolant_temperature", 290.0)
    assert rig.step() == SOLVER_TRIP
    assert rig.signal("power") == 0.0
    np.testing.assert_array_equal(rig.stream("outlet"), rig.stream("inlet"))
    rig.assert_balanced(1e-15)


@pytest.mark.skipif(IS_JIT_DISABLED, reason="nothing is compiled")
def test_what_is_no_number_is_seen_in_compiled_code():
    """With the kernels' flags math.isfinite of a sum is taken for true."""

    @kernel
    def is_sum_a_number(a, b):
        return is_number(a + b)

    assert is_sum_a_number(1.0, -2.0)
    assert not is_sum_a_number(math.nan, 1.0)
    assert not is_sum_a_number(math.inf, 1.0)
