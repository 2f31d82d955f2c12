"""Laws of the PEM stack: balances close for any input and step, and physics points the right way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.components import pem_stack
from h2plant.core.constants import FARADAY_C_PER_MOL
from h2plant.core.status import FATAL, SHORTAGE
from h2plant.physics.pem_electrochemistry import (
    cell_products,
    cell_resistance,
    cell_voltage,
    current_density_at_power,
    exchange_current_density_tjarks_2017,
    hydrogen_crossover,
    tafel_slope_tjarks_2017,
)
from h2plant.physics.reversible_voltage import (
    reversible_voltage_liquid,
    reversible_voltage_steam,
    thermoneutral_voltage_liquid,
    thermoneutral_voltage_steam,
)
from h2plant.physics.thermal_control import cooled_step
from h2plant.testing import Rig

TEMPERATURES_K = st.floats(278.0, 365.0)
CURRENTS = st.floats(1.0, 3.0e4)
STEPS_S = st.sampled_from([1.0, 60.0, 900.0, 3600.0])


def _voltage(j: float, T: float, p_h2: float, p_o2: float, aged_v: float = 0.0) -> float:
    return cell_voltage(j, *_terms(T, p_h2, p_o2, aged_v))


def _terms(T: float, p_h2: float, p_o2: float, aged_v: float = 0.0) -> tuple[float, ...]:
    return (
        T,
        reversible_voltage_liquid(T) + aged_v,
        p_h2,
        p_o2,
        tafel_slope_tjarks_2017(T),
        exchange_current_density_tjarks_2017(T),
        cell_resistance(T, 200e-6, 25.0, 9.6e-6),
    )


@settings(max_examples=50, deadline=None)
@given(j=CURRENTS, T=TEMPERATURES_K, p_h2=st.floats(5e4, 1e7), p_o2=st.floats(5e4, 5e6), start=st.floats(0.0, 1e5))
def test_current_from_power_inverts_the_polarisation_curve(
    j: float, T: float, p_h2: float, p_o2: float, start: float
) -> None:
    voltage = _voltage(j, T, p_h2, p_o2)
    found, at = current_density_at_power(j * voltage, start, *_terms(T, p_h2, p_o2))
    assert found == pytest.approx(j, rel=1e-9)
    assert at == pytest.approx(voltage, rel=1e-9)


@settings(max_examples=50, deadline=None)
@given(j=CURRENTS, T=st.floats(278.0, 355.0), p_h2=st.floats(5e4, 1e7), p_o2=st.floats(5e4, 5e6))
def test_voltage_rises_with_current_pressure_age_and_cold(j: float, T: float, p_h2: float, p_o2: float) -> None:
    voltage = _voltage(j, T, p_h2, p_o2)
    assert voltage > _voltage(0.9 * j, T, p_h2, p_o2) > _voltage(0.0, T, p_h2, p_o2) - 1e-12
    assert _voltage(j, T, 1.1 * p_h2, p_o2) > voltage
    assert _voltage(j, T, p_h2, 1.1 * p_o2) > voltage
    assert _voltage(j, T, p_h2, p_o2, 0.01) == pytest.approx(voltage + 0.01, abs=1e-12)
    if j > 100.0:
        assert _voltage(j, T + 10.0, p_h2, p_o2) < voltage


@settings(max_examples=50, deadline=None)
@given(T=st.floats(300.0, 1250.0))
def test_voltages_obey_gibbs_helmholtz(T: float) -> None:
    # V_tn = V_rev - T dV_rev/dT
    pairs = [(reversible_voltage_steam, thermoneutral_voltage_steam)]
    if T < 372.0:
        pairs.append((reversible_voltage_liquid, thermoneutral_voltage_liquid))
    for reversible, thermoneutral in pairs:
        slope = (reversible(T + 0.5) - reversible(T - 0.5)) / 1.0
        assert thermoneutral(T) == pytest.approx(reversible(T) - T * slope, abs=2e-6)


@settings(max_examples=50, deadline=None)
@given(
    split=st.floats(0.0, 10.0),
    h2=st.floats(0.0, 1.0),
    o2=st.floats(0.0, 0.1),
    burnt=st.floats(0.0, 1.0),
    reduced=st.floats(0.0, 1.0),
)
def test_cell_gases_conserve_atoms(split: float, h2: float, o2: float, burnt: float, reduced: float) -> None:
    h2_c, o2_c, h2_a, o2_a, made, reacted = cell_products(split, h2, o2, burnt, reduced)
    assert min(h2_c, o2_c, h2_a, o2_a, made, reacted) >= -1e-12
    assert h2_c + h2_a == pytest.approx(reacted, abs=1e-12)
    assert o2_c + o2_a == pytest.approx(0.5 * reacted, abs=1e-12)


@given(p=st.floats(1e4, 1e7), dp=st.floats(-1e5, 1e7), d=st.floats(2e-5, 5e-4))
def test_crossover_grows_with_pressure_and_thinness(p: float, dp: float, d: float) -> None:
    crossing = hydrogen_crossover(p, dp, 4.65e-14, 2e-14, d)
    assert crossing > 0.0
    assert hydrogen_crossover(1.1 * p, dp, 4.65e-14, 2e-14, d) > crossing
    assert hydrogen_crossover(p, dp, 4.65e-14, 2e-14, 2.0 * d) == pytest.approx(0.5 * crossing)


@settings(max_examples=50, deadline=None)
@given(
    T=st.floats(280.0, 360.0),
    heat=st.floats(-1e4, 5e5),
    cooler=st.floats(0.0, 3e4),
    coolant=st.floats(280.0, 350.0),
    ambient=st.floats(255.0, 310.0),
    dt=STEPS_S,
)
def test_cooling_closes_the_balance_within_its_limits(
    T: float, heat: float, cooler: float, coolant: float, ambient: float, dt: float
) -> None:
    capacity, loss, setpoint = 5e6, 20.0, 343.15
    from_control = 2.718281828459045 ** (-dt / 300.0)
    mean_control = (1.0 - from_control) / (dt / 300.0)
    end, mean, cooling = cooled_step(
        T, heat / capacity, capacity, loss, ambient, cooler, coolant, setpoint, from_control, mean_control, dt
    )
    balance = capacity * (end - T) / dt - (heat - loss * (mean - ambient) - cooling)
    assert abs(balance) < 1e-6 * (1.0 + abs(heat) + capacity / dt)
    assert 0.0 <= cooling <= max(cooler * (mean - coolant), 0.0) + 1e-6


@settings(max_examples=40, deadline=None)
@given(
    data=st.data(),
    dt=STEPS_S,
    catalyst=st.sampled_from([0.0, 0.9, 1.0]),
    start_s=st.sampled_from([0.0, 100.0, 300.0]),
    warm_k=st.sampled_from([0.0, 323.15]),
)
def test_stack_balances_close(data: st.DataObject, dt: float, catalyst: float, start_s: float, warm_k: float) -> None:
    rig = Rig(
        pem_stack.KIND,
        {
            "recombination_frac": catalyst,
            "start_time_s": start_s,
            "keep_warm_temperature_k": warm_k,
            "restart_delay_s": 1800.0,
            "standby_time_s": 7200.0,
        },
    )
    for _ in range(6):
        setpoint = data.draw(st.sampled_from([0.0, 5e4, 2e5, 6e5, 1e6, 1.5e6]))
        rig.set_signal("setpoint", setpoint)
        rig.set_signal("ambient_temperature", data.draw(st.floats(255.0, 310.0)))
        rig.set_signal("coolant_temperature", data.draw(st.floats(283.0, 340.0)))
        rig.set_signal("cooling_conductance", data.draw(st.sampled_from([0.0, 5e3, 15e3])))
        fed = data.draw(st.sampled_from([0.0, 1.0, 1.0, 3.0]))
        for _ in range(4):
            rig.set_stream("water", 293.15, 4e5, liquid=fed * rig.signal("water_demand"))
            assert rig.step(1, dt) < FATAL
            assert rig.signal("power") <= max(setpoint, 0.0) + rig.field("heater_w") + 1e-6
            # a trip within the step is found in a few cuts: over an hour they may leave some millikelvins
            assert rig.field("temperature_k") <= rig.field("max_temperature_k") + (1e-6 if dt <= 60.0 else 0.05)
            assert rig.field("water_kg") > 0.0
            assert rig.field("cathode_h2_kg") >= 0.0
            # never more hydrogen than the current makes
            made = rig.field("current_a") * rig.field("n_cells") / (2.0 * FARADAY_C_PER_MOL)
            assert rig.field("faraday_efficiency_frac") * made <= made + 1e-12
    rig.assert_balanced()


@pytest.mark.parametrize("start_s", [30.0, 60.0, 120.0])
def test_a_start_is_short_of_water_only_without_water(start_s: float) -> None:
    """Whether the start ends within a step or with it; a stack that never gets water says so."""
    codes = {}
    for is_fed in (True, False):
        rig = Rig(pem_stack.KIND, {"start_time_s": start_s})
        if not is_fed:
            rig.put("water_kg", 0.0)
        rig.set_signal("setpoint", 0.5e6)
        codes[is_fed] = []
        for _ in range(4):
            rig.set_stream("water", 293.15, 4e5, liquid=rig.signal("water_demand") if is_fed else 0.0)
            codes[is_fed].append(rig.step())
    assert SHORTAGE not in codes[True]
    assert SHORTAGE in codes[False]
