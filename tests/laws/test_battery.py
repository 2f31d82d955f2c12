"""Laws of the battery: its energy closes at any step and set point, and its ageing hangs on no step."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.components import KIND_BY_NAME
from h2plant.core.bus import ZERO
from h2plant.core.jit import plain
from h2plant.core.status import LIMITED, OK, WORN_OUT
from h2plant.physics import battery as formulas
from h2plant.testing import Rig
from h2plant.testing.watched_rig import WatchedRig
from tests import battery_ageing

BATTERY = KIND_BY_NAME["battery"]
STILL = {"self_discharge_per_s": 0.0, "heated_to_k": 298.15, "cooled_to_k": 298.15}
calendar_rate, cycle_rate, root_growth, converter_input, converter_output = (
    plain(getattr(formulas, name), {}, {})
    for name in ("calendar_rate", "cycle_rate", "root_growth", "converter_input", "converter_output")
)


@pytest.mark.parametrize("is_plain", [False, True], ids=["compiled", "plain"])
@settings(max_examples=40, deadline=None)
@given(
    setpoints=st.lists(st.floats(-3.0e6, 3.0e6), min_size=1, max_size=12),
    dt=st.sampled_from([1.0, 60.0, 900.0, 3600.0]),
    ambient_k=st.floats(233.15, 318.15),
    level=st.floats(0.0, 1.0),
    hours=st.floats(0.05, 8.0),
)
def test_energy_closes_and_no_law_is_broken(setpoints, dt, ambient_k, level, hours, is_plain) -> None:
    parameters = {"power_w": 1.0e6, "energy_j": 3.6e9 * hours, "initial_level_frac": level}
    rig = WatchedRig(BATTERY, parameters, is_plain=is_plain)
    rig.set_signal("ambient_temperature", ambient_k)
    for wanted in setpoints:
        rig.set_signal("setpoint", wanted)
        assert rig.step(2, dt) in (OK, LIMITED)
    rig.assert_balanced(1e-9)
    assert rig.broken_laws() == {}


@given(power=st.floats(0.0, 2.0e6), b=st.floats(0.0, 0.2), c=st.floats(0.0, 0.2))
def test_converter_output_is_the_inverse_of_its_input(power: float, b: float, c: float) -> None:
    taken = converter_input(power, 1.0e6, b, c)
    assert converter_output(taken, 1.0e6, b, c) == pytest.approx(power, rel=1e-12, abs=1e-9)
    assert taken >= power


def test_loss_by_virtual_time_hangs_on_no_step_and_adds_up_over_rates() -> None:
    """Half a year at 25 C and half a year at 40 C: q^2 = k1^2 t + k2^2 t, in any order, whatever the step."""
    cool, warm = calendar_rate(298.15, 0.5), calendar_rate(313.15, 0.9)
    half_s = 182.5 * 86400.0
    expected = math.sqrt((cool**2 + warm**2) * half_s)
    for rates in ((cool, warm), (warm, cool)):
        for n in (1, 5000):
            lost = 0.0
            for rate in rates:
                for _ in range(n):
                    lost = root_growth(lost, rate, half_s / n)
            assert lost == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    # by the equations of Naumann 2018 and 2020, worked out apart
    ("rate", "expected"),
    [
        (calendar_rate(298.15, 0.5) * math.sqrt(365 * 86400.0), 0.042515),
        (calendar_rate(298.15, 1.0) * math.sqrt(885 * 86400.0), 0.1054666),
        (calendar_rate(333.15, 0.5) * math.sqrt(885 * 86400.0), 0.1367996),
        (calendar_rate(313.15, 0.0) * math.sqrt(885 * 86400.0), 0.0375053),
        (cycle_rate(1.0, 0.8) * math.sqrt(4000.0), 0.1138628),
        (cycle_rate(0.5, 0.2) * math.sqrt(4000.0), 0.0678877),
    ],
)
def test_ageing_of_the_papers(rate: float, expected: float) -> None:
    assert rate == pytest.approx(expected, rel=2e-5)


def test_cells_are_renewed_at_the_end_of_their_life_and_keep_their_energy() -> None:
    rig = WatchedRig(BATTERY, {"initial_level_frac": 0.5, "end_of_life_loss_frac": 0.02, **STILL}, is_plain=True)
    rig.set_signal("ambient_temperature", 298.15)
    rig.set_signal("setpoint", 0.0)
    days = 0
    while rig.step(24, 3600.0) != WORN_OUT:
        days += 1
        assert days < 100
        if rig.field("n_replacements") > 0.0:
            break
    assert days == pytest.approx((0.02 / 0.0425) ** 2 * 365.0, abs=2.0)
    rig.step(1, 3600.0)
    assert rig.field("n_replacements") == 1.0 and rig.field("lost_frac") < 0.002
    assert rig.field("stored_j") == pytest.approx(1.8e10 * 0.98, rel=2e-3) and rig.field("level_frac") == pytest.approx(
        0.49, rel=2e-3
    )
    rig.assert_balanced()
    assert rig.broken_laws() == {}


def test_ageing_hardly_hangs_on_the_step() -> None:
    """A day of two full cycles, in steps of a minute and of a quarter of an hour."""
    lost = []
    for dt in (60.0, 900.0):
        rig = Rig(BATTERY, {"power_w": 1.0e6, "energy_j": 7.2e9, "initial_level_frac": 0.1, **STILL}, is_plain=True)
        rig.set_signal("ambient_temperature", 298.15)
        for wanted in (0.9e6, 0.0, -0.9e6, 0.0) * 4:
            rig.set_signal("setpoint", wanted)
            rig.step(round(5400.0 / dt), dt)
        lost.append((rig.field("calendar_loss_frac"), rig.field("cycle_loss_frac")))
    assert lost[0][0] == pytest.approx(lost[1][0], rel=0.02)
    assert lost[0][1] == pytest.approx(lost[1][1], rel=0.05)


@pytest.mark.parametrize("is_plain", [False, True], ids=["compiled", "plain"])
def test_two_batteries_share_what_a_rule_asks_by_what_they_can(is_plain: bool) -> None:
    rigs = [
        Rig(BATTERY, {"power_w": power, "energy_j": 3.6e9, "initial_level_frac": level}, is_plain=is_plain)
        for power, level in ((1.0e6, 0.5), (0.3e6, 0.93))
    ]
    can, taken = 0.0, 0.0
    for rig in rigs:
        rig.put("setpoint", ZERO)
        rig.set_signal("ambient_temperature", 288.15)
        rig.set_signal("share", 0.25)
        rig.step()
        can += rig.signal("can_charge")
        taken += rig.signal("charge")
    assert 0.0 < can < 1.3e6 and taken == pytest.approx(0.25 * can, rel=1e-12)
    for rig in rigs:
        rig.set_signal("share", -1.0)
        rig.step()
        assert rig.signal("discharge") == rig.signal("can_discharge") > 0.0
        rig.assert_balanced()


def test_frost_heaters_warm_the_cells_before_they_charge() -> None:
    """Cells at -10 C in air of -15 C: heaters of 2 % bring them above 0 C in some hours; then they charge."""
    rig = WatchedRig(BATTERY, {"power_w": 1.0e6, "energy_j": 7.2e9, "initial_level_frac": 0.5, "heated_to_k": 263.15})
    rig.put("heated_to_k", 288.15)
    rig.set_signal("ambient_temperature", 258.15)
    rig.set_signal("setpoint", 0.5e6)
    assert rig.step() == LIMITED and rig.signal("charge") == 0.0
    assert rig.signal("auxiliaries") == pytest.approx(20.0e3 + 2.5e3)
    hours = 0
    while rig.signal("charge") == 0.0:
        rig.step(60)
        hours += 1
        assert hours < 24
    assert 1 <= hours and rig.field("temperature_k") >= 273.15
    rig.assert_balanced()
    assert rig.broken_laws() == {}


@pytest.mark.parametrize(("depth", "rate_per_h"), [(0.8, 1.0), (0.2, 0.5)])
def test_battery_that_is_cycled_ages_as_the_paper_says(depth: float, rate_per_h: float) -> None:
    rig = battery_ageing.cycling(depth, rate_per_h)
    battery_ageing.run_cycles(rig, depth, rate_per_h, 60)
    expected = battery_ageing.cycled_pct(depth, rate_per_h, rig.field("full_cycles"))
    assert 100.0 * rig.field("cycle_loss_frac") == pytest.approx(expected, rel=0.02)
