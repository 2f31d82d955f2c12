"""Laws of the alkaline stack: balances close for any input and step, and physics points the right way."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.components import alkaline_stack
from h2plant.core.status import FATAL
from h2plant.laws.reaction import MOLAR_MASSES, SPECIES, pressed_enthalpy_w
from h2plant.laws.state_equations import enthalpy
from h2plant.physics.alkaline_electrochemistry import (
    alkaline_current_at_power,
    alkaline_current_at_voltage,
    alkaline_voltage,
    least_splitting_current,
    mixed_space,
    vapour_pressure_balej_1985,
)
from h2plant.testing import Rig
from h2plant.testing.watched_rig import WatchedRig

STEPS_S = st.sampled_from([1.0, 60.0, 900.0, 3600.0])
POWERS_W = st.sampled_from([0.0, 1.0e5, 2.0e5, 2.5e5, 6.0e5, 1.0e6, 1.2e6])


@settings(max_examples=60, deadline=None)
@given(
    j=st.floats(1.0, 3e4), u=st.floats(1.0, 1.4), r=st.floats(0.0, 2e-4), s=st.floats(0.0, 0.5), t=st.floats(0.0, 10.0),
    start=st.floats(0.0, 5e4),
)  # fmt: skip
def test_current_from_power_and_from_voltage_invert_the_curve(j, u, r, s, t, start) -> None:
    terms = (u, r + 1e-6, s, t)
    voltage, slope = alkaline_voltage(j, *terms)
    assert slope > 0.0
    found, at = alkaline_current_at_power(j * voltage, start, *terms)
    assert found == pytest.approx(j, rel=1e-9) and at == pytest.approx(voltage, rel=1e-9)
    assert alkaline_current_at_voltage(voltage, max(start, 1.0), *terms) == pytest.approx(j, rel=1e-6)
    assert alkaline_current_at_voltage(u, max(start, 1.0), *terms) == 0.0


@settings(max_examples=80, deadline=None)
@given(
    a=st.floats(0.0, 300.0), b=st.floats(0.0, 300.0), a_in=st.floats(0.0, 3.0), b_in=st.floats(0.0, 3.0),
    full=st.floats(0.1, 500.0), dt=STEPS_S,
)  # fmt: skip
def test_a_mixed_space_gives_off_what_it_held_or_was_given(a, b, a_in, b_in, full, dt) -> None:
    a_end, b_end = mixed_space(a, b, a_in, b_in, full, dt)
    assert a_end + b_end <= max(full, 0.0) * (1.0 + 1e-9)
    out = a + a_in * dt - a_end, b + b_in * dt - b_end
    assert min(out) >= -1e-9 * (a + b + (a_in + b_in) * dt)
    half = mixed_space(*mixed_space(a, b, a_in, b_in, full, 0.5 * dt), a_in, b_in, full, 0.5 * dt)
    assert half == pytest.approx((a_end, b_end), rel=1e-8, abs=1e-9)  # exact whatever the step


@settings(max_examples=60, deadline=None)
@given(
    base=st.floats(1e-7, 1e-3), excess=st.floats(0.0, 1e-4), o2=st.floats(0.0, 1e-4), m=st.floats(0.0, 0.95),
    limit=st.floats(0.005, 0.04), start=st.floats(0.0, 1e4),
)  # fmt: skip
def test_the_least_current_meets_the_limit(base, excess, o2, m, limit, start) -> None:
    j = least_splitting_current(limit, base, excess, o2, 0.5 * excess, m, start)
    h2 = base + excess * (j / 1e3) ** m
    oxygen = j / (4.0 * 96485.33212) - o2 - 0.5 * excess * (j / 1e3) ** m
    assert h2 / (h2 + oxygen) == pytest.approx(limit, rel=2e-3)


def test_vapour_pressure_over_lye() -> None:
    """Balej 1985: 30 % KOH (7.64 mol/kg) at 80 C has 0.296 bar, as by hand from his equation; none: that of water."""
    assert vapour_pressure_balej_1985(0.4741e5, 7.638) == pytest.approx(0.2926e5, rel=5e-3)
    assert vapour_pressure_balej_1985(0.4741e5, 0.0) == pytest.approx(0.4741e5, rel=1e-12)
    assert vapour_pressure_balej_1985(0.0234e5, 7.638) < 0.0234e5


@settings(max_examples=40, deadline=None)
@given(
    powers=st.lists(st.tuples(POWERS_W, st.integers(1, 12)), min_size=1, max_size=6),
    step_s=STEPS_S,
    ambient_k=st.floats(258.0, 313.0),
    start_k=st.floats(276.0, 360.0),
    bar=st.floats(2.0, 40.0),
    conductance=st.sampled_from([0.0, 3.0e3, 15.0e3, 60.0e3]),
    shut=st.booleans(),
    feed=st.floats(0.0, 2.0),
)
def test_mass_and_energy_close_and_no_law_breaks(
    powers, step_s, ambient_k, start_k, bar, conductance, shut, feed
) -> None:
    from h2plant.testing.watched_rig import WatchedRig

    parameters = {"initial_temperature_k": start_k, "pressure_setpoint_pa": bar * 1e5, "start_time_s": 120.0}
    rig = WatchedRig(alkaline_stack.KIND, parameters)
    rig.set_signal("ambient_temperature", ambient_k)
    rig.set_signal("coolant_temperature", 303.15)
    rig.set_signal("cooling_conductance", conductance)
    rig.set_signal("shut_down", float(shut))
    for power, n in powers:
        rig.set_signal("setpoint", power)
        for _ in range(n):
            rig.set_stream("water", 298.15, 20e5, liquid=feed * rig.signal("water_demand"))
            assert rig.step(1, step_s) < FATAL
            assert rig.field("temperature_k") > 250.0 and rig.field("water_kg") > 0.0
            held = [rig.field(f"{side}_{gas}_kg") for side in ("cathode", "anode") for gas in ("h2", "o2")]
            assert min(held) >= 0.0 and math.isfinite(sum(held))
    rig.assert_balanced(1e-9)
    assert rig.broken_laws() == {}


@pytest.mark.parametrize("is_plain", [True, False], ids=["plain", "compiled"])
def test_an_empty_feed_lets_it_trip_and_never_run_dry(is_plain: bool) -> None:
    rig = Rig(alkaline_stack.KIND, {"initial_temperature_k": 353.15, "start_time_s": 0.0}, is_plain=is_plain)
    for port, value in {
        "coolant_temperature": 308.15,
        "cooling_conductance": 15e3,
        "ambient_temperature": 288.15,
    }.items():
        rig.set_signal(port, value)
    rig.set_signal("setpoint", 1e6)
    rig.step(60, 900)
    assert rig.field("mode") in (2.0, 4.0)
    assert rig.field("water_kg") >= rig.field("water_trip_kg") * 0.999
    rig.assert_balanced(1e-9)


@pytest.mark.parametrize("pressure_pa", [30.0e5, 60.0e5])
def test_no_law_breaks_at_high_pressure(pressure_pa: float) -> None:
    """Runs, stands by, trips on hydrogen in oxygen, is let off and filled again: heat of real gas and pressed water."""
    parameters = {"pressure_setpoint_pa": pressure_pa, "initial_temperature_k": 330.0}
    rig = WatchedRig(alkaline_stack.KIND, parameters)
    rig.set_signal("coolant_temperature", 293.15)
    rig.set_signal("ambient_temperature", 288.15)
    for power_w, n in ((1.0e6, 6), (0.0, 8), (2.5e5, 12), (0.0, 4), (6.0e5, 8), (0.0, 12)):
        rig.set_signal("setpoint", power_w)
        for _ in range(n):
            wanted = rig.signal("water_demand")
            rig.set_stream("water", liquid=wanted, temperature_k=293.15, pressure_pa=pressure_pa)
            rig.step(1, 900.0)
    assert rig.field("running_h") > 1.0
    assert rig.broken_laws() == {}
    rig.assert_balanced()


@pytest.mark.parametrize("temperature_k", [280.0, 353.15])
def test_pressure_adds_to_the_enthalpy_of_gases_and_water_what_equations_of_state_say(temperature_k: float) -> None:
    molar_masses = dict(zip(SPECIES, MOLAR_MASSES, strict=True))
    for place, species in ((0, "h2"), (1, "o2"), (2, "n2"), (4, "liquid")):
        flows = tuple(1.0 if k == place else 0.0 for k in range(5))
        added = float(
            pressed_enthalpy_w(flows, temperature_k, 60.0e5) - pressed_enthalpy_w(flows, temperature_k, 1.0e5)
        )
        high, low = (float(enthalpy(species, p, temperature_k)) for p in (60.0e5, 1.0e5))
        assert added * molar_masses[species] == pytest.approx((high - low) * molar_masses[species], abs=25.0)
