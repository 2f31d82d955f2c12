"""Laws of electrical kinds and dispatch: energy closes, limits hold, hold times do not depend on the step."""

import random
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.components import grid_connection, line_controller, power_bus, rectifier, transformer, wind_farm
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.status import CURTAILED, OK, SHED
from h2plant.dispatch import constant_load, follow_wind, hybrid_arbitrage, price_threshold
from h2plant.physics.electrical import converter_loss, transformer_load_loss, transformer_loss, transformer_no_load_loss
from h2plant.testing import Rig
from tests.lines import PEM, SOEC, rule_with, setpoints

STEPS_S = st.sampled_from([1.0, 60.0, 900.0, 3600.0])
POWER_W = st.floats(0.0, 40.0e6)
FRAC = st.floats(0.0, 1.0)
DISPATCH = (hybrid_arbitrage, price_threshold, follow_wind, constant_load)


@settings(max_examples=40, deadline=None)
@given(load=st.floats(-30.0e6, 30.0e6), other=POWER_W, ambient=st.floats(250.0, 310.0), dt=STEPS_S)
def test_transformer_closes_and_loses(load: float, other: float, ambient: float, dt: float) -> None:
    rig = Rig(transformer.KIND, {"rating_w": 40.0e6}, {"loads": 2})
    rig.set_signal("ambient_temperature", ambient)
    rig.set_signal("loads", load)
    rig.set_signal("loads", other, link=1)
    rig.step(7, dt)
    rig.assert_balanced()
    assert rig.signal("power") > load + other
    assert rig.field("loss_w") >= rig.field("no_load_loss_w")


@settings(max_examples=40, deadline=None)
@given(rating=st.floats(1e5, 1e8), pei=st.floats(0.98, 0.9995), k=st.floats(0.2, 0.9), factor=st.floats(0.3, 2.0))
def test_transformer_is_best_at_its_peak_load(rating: float, pei: float, k: float, factor: float) -> None:
    no_load, full = transformer_no_load_loss(rating, pei, k), transformer_load_loss(rating, pei, k)
    peak = transformer_loss(k * rating, 1.0, rating, no_load, full) / (k * rating)
    other = transformer_loss(factor * k * rating, 1.0, rating, no_load, full) / (factor * k * rating)
    assert peak == pytest.approx(1.0 - pei, rel=1e-9)
    assert other >= peak * (1.0 - 1e-12)


def test_transformer_temperature_does_not_depend_on_the_step() -> None:
    temperatures = []
    for dt in (1.0, 60.0, 900.0, 3600.0):
        rig = Rig(transformer.KIND, {})
        rig.set_signal("ambient_temperature", 283.15)
        rig.set_signal("loads", 20.0e6)
        rig.step(int(7200 / dt), dt)
        temperatures.append(rig.field("oil_temperature_k"))
    assert max(temperatures) - min(temperatures) < 1e-8


@settings(max_examples=40, deadline=None)
@given(a=POWER_W, b=POWER_W, dt=STEPS_S)
def test_rectifier_closes(a: float, b: float, dt: float) -> None:
    rig = Rig(rectifier.KIND, {"rating_w": 80.0e6}, {"loads": 2})
    rig.set_signal("loads", a)
    rig.set_signal("loads", b, link=1)
    assert rig.step(3, dt) == OK
    rig.assert_balanced()
    assert rig.signal("power") > a + b
    assert rig.field("efficiency_frac") < 0.97


@given(load=FRAC, more=FRAC)
def test_converter_loss_grows_with_load(load: float, more: float) -> None:
    low, high = sorted((load, more))
    assert converter_loss(low, 1.0, 0.006, 0.014, 0.017) <= converter_loss(high, 1.0, 0.006, 0.014, 0.017)


@settings(max_examples=40, deadline=None)
@given(wind=FRAC, firm=st.floats(0.0, 2.0e7), dt=STEPS_S)
def test_wind_farm_closes(wind: float, firm: float, dt: float) -> None:
    rig = Rig(wind_farm.KIND, {"firm_power_w": firm})
    rig.set_signal("availability", wind)
    assert rig.step(3, dt) == OK
    rig.assert_balanced()
    assert rig.signal("power") >= firm * (1 - 1e-12)
    assert rig.signal("cost") >= 0.0


@settings(max_examples=50, deadline=None)
@given(wanted=st.floats(-60.0e6, 60.0e6), price=st.floats(-500.0, 500.0), low=POWER_W, high=POWER_W, dt=STEPS_S)
def test_grid_takes_what_it_can_and_says_the_rest(
    wanted: float, price: float, low: float, high: float, dt: float
) -> None:
    rig = Rig(grid_connection.KIND, {"import_limit_w": low, "export_limit_w": high})
    rig.set_signal("bus", wanted)
    rig.set_signal("price", price * EUR_PER_MWH)
    rig.set_signal("planned_import", 40.0e6)
    status = rig.step(3, dt)
    rig.assert_balanced()
    assert rig.field("imbalance_j") <= max(rig.signal("source") - 40.0e6, 0.0) * 3 * dt
    assert -high <= rig.signal("source") <= low
    assert rig.signal("curtailed") >= 0.0 and rig.signal("unserved") >= 0.0
    assert status in (OK, CURTAILED if wanted < 0 else SHED)
    if status == OK:
        assert rig.signal("source") == pytest.approx(wanted, rel=2e-9)


@settings(max_examples=30, deadline=None)
@given(supplies=st.lists(POWER_W, min_size=2, max_size=2), consumers=st.lists(POWER_W, min_size=3, max_size=3))
def test_power_bus_closes(supplies: list[float], consumers: list[float]) -> None:
    rig = Rig(power_bus.KIND, {}, {"supplies": 2, "consumers": 3})
    for i, value in enumerate(supplies):
        rig.set_signal("supplies", value, i)
    for i, value in enumerate(consumers):
        rig.set_signal("consumers", value, i)
    rig.step(2)
    rig.assert_balanced()


@pytest.mark.parametrize("rule", DISPATCH, ids=lambda m: m.KIND.name)
@settings(max_examples=30, deadline=None)
@given(
    wind=st.floats(0.0, 30.0e6),
    auxiliary=st.floats(0.0, 2.0e6),
    price=st.floats(-500.0, 500.0),
    level=st.floats(0.0, 1.0),
    limit=st.floats(0.0, 20.0e6),
)
def test_dispatch_stays_within_wind_and_grid(
    rule: ModuleType, wind: float, auxiliary: float, price: float, level: float, limit: float
) -> None:
    rig = rule_with(rule.KIND, purchase_limit_w=limit)
    for port, value in (
        ("available_power", wind),
        ("auxiliary_load", auxiliary),
        ("price", price * EUR_PER_MWH),
        ("storage_level", level),
    ):
        rig.set_signal(port, value)
    assert rig.step(3) == OK
    soec, pem = setpoints(rig)
    throttle = rig.field("throttle_frac")
    assert soec == 0.0 or 0.12e6 <= soec <= 11.52e6 * throttle
    assert pem == 0.0 or 0.25e6 <= pem <= 5.0e6 * throttle
    assert soec + pem <= max(wind - auxiliary + limit, 0.0) * (1 + 1e-12) + 1e-6
    if level >= 1.0:
        assert soec == pem == 0.0
    plan = rig.field("planned_export_w") - rig.field("planned_import_w")
    assert plan == pytest.approx(wind - auxiliary - soec - pem, abs=1e-3)


@pytest.mark.parametrize("rule", DISPATCH, ids=lambda m: m.KIND.name)
def test_dispatch_hold_times_do_not_depend_on_the_step(rule: ModuleType) -> None:
    """A price and wind that change at half hours give the same set points with every step."""
    profiles = []
    for dt in (60.0, 300.0, 900.0):
        lines = {**SOEC, "min_up": 5400.0}, {**PEM, "min_down": 3600.0, "held": 3600.0}
        rig = rule_with(rule.KIND, *lines, purchase_limit_w=1.0e6)
        numbers = random.Random(7)
        profile = []
        for _ in range(24):
            rig.set_signal("available_power", numbers.choice([0.0, 0.05e6, 3.0e6, 14.0e6]))
            rig.set_signal("price", numbers.choice([-20.0, 60.0, 150.0, 400.0]) * EUR_PER_MWH)
            for _ in range(int(900 / dt)):
                rig.step(1, dt)
            profile.append(setpoints(rig))
        profiles.append(profile)
    assert profiles[0] == profiles[1] == profiles[2]


def _line(n: int = 6, n_hours: int = 6, **parameters: float) -> Rig:
    values = {"conversion_efficiency_frac": 1.0, **parameters}
    rig = Rig(line_controller.KIND, values, {"unit_setpoints": n, "unit_hours": n_hours, "unit_ready": 0})
    return rig


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 12), powers=st.lists(st.floats(0.0, 25.0e6), min_size=3, max_size=8), preferred=st.floats(0.3, 1.0)
)
def test_line_shares_what_it_is_given(n: int, powers: list[float], preferred: float) -> None:
    rig = _line(n, 0, min_up_s=0.0, min_down_s=0.0, preferred_load_frac=preferred)
    for power in powers:
        rig.set_signal("setpoint", power)
        rig.step(1)
        shares = [rig.signal("unit_setpoints", i) for i in range(n)]
        assert all(s == 0.0 or 0.12e6 * (1 - 1e-9) <= s <= 1.92e6 for s in shares)
        assert len({s for s in shares if s > 0.0}) <= 1
        if power >= 0.132e6:
            assert sum(shares) == pytest.approx(min(power, n * 1.92e6), rel=1e-8)
        elif power == 0.0:
            assert sum(shares) == 0.0


@pytest.mark.parametrize("dt", [60.0, 300.0])
def test_line_keeps_each_unit_up_and_down_long_enough_and_wears_them_alike(dt: float) -> None:
    n, min_up, min_down = 6, 1800.0, 1200.0
    rig = _line(n, n, min_up_s=min_up, min_down_s=min_down, rotation_period_s=43200.0)
    numbers = random.Random(3)
    hours = [0.0] * n
    since = [min_down] * n
    was = [False] * n
    for k in range(int(60 * 86400 / dt)):
        if k % int(3600 / dt) == 0:
            rig.set_signal("setpoint", numbers.choice([0.5e6, 2.0e6, 3.5e6, 6.0e6]))
        for i in range(n):
            rig.set_signal("unit_hours", hours[i], i)
        rig.step(1, dt)
        for i in range(n):
            runs = rig.signal("unit_setpoints", i) > 0.0
            if runs != was[i]:
                assert since[i] >= (min_up if was[i] else min_down), (k, i)
                since[i], was[i] = 0.0, runs
            since[i] += dt
            hours[i] += dt / 3600.0 if runs else 0.0
    assert max(hours) - min(hours) < 24.0, hours
    assert min(hours) > 100.0


def test_line_rotates_in_turn_where_no_hours_are_known() -> None:
    rig = _line(4, 0, min_up_s=0.0, min_down_s=0.0, rotation_period_s=3600.0)
    rig.set_signal("setpoint", 1.5e6)
    hours = [0.0] * 4
    for _ in range(40):
        rig.step(1, 1800.0)
        for i in range(4):
            hours[i] += rig.signal("unit_setpoints", i) > 0.0
    assert max(hours) - min(hours) <= 2.0


def test_line_stops_on_a_setpoint_that_is_no_number() -> None:
    rig = _line(4, 0, min_up_s=0.0, min_down_s=0.0)
    for setpoint in (5.0e6, float("nan")):
        rig.set_signal("setpoint", setpoint)
        rig.step(2)
    assert rig.field("n_running") == 0.0


def test_a_spare_replaces_a_tripped_unit() -> None:
    kind = line_controller.KIND
    rig = Rig(kind, {"min_down_s": 0.0}, {"unit_setpoints": 3, "unit_hours": 0, "unit_ready": 3})
    for i in range(3):
        rig.set_signal("unit_ready", 1.0, i)
    rig.set_signal("setpoint", 3.0e6)
    rig.step(2)
    assert rig.signal("unit_setpoints", 0) > 0.0 and rig.signal("unit_setpoints", 2) == 0.0
    rig.set_signal("unit_ready", 0.0, 0)
    assert rig.step(1) == OK
    assert rig.signal("unit_setpoints", 0) == 0.0
    assert rig.signal("unit_setpoints", 2) == pytest.approx(3.0e6 * 0.96 / 2)
