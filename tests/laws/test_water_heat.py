"""Laws of the water and heat kinds: balances at any step, limits, monotone behaviour, calm chains."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.components import (
    circulation_pump,
    cooling_loop,
    dry_cooler,
    heat_exchanger,
    pump,
    thermal_manager,
    water_purifier,
    water_source,
    water_tank,
)
from h2plant.core.bus import ENTHALPY, LIQUID, PRESSURE, STREAM_WIDTH, TEMPERATURE, ZERO
from h2plant.core.status import LIMITED, OK, OVERFLOW, SHORTAGE
from h2plant.testing import Rig

STEPS_S = [1.0, 60.0, 900.0, 3600.0]
steps_s = st.sampled_from(STEPS_S)
feeds = st.just(0.0) | st.floats(0.01, 5.0)
some = settings(max_examples=30, deadline=None)


def pass_stream(giver: Rig, port: str, taker: Rig, inlet: str, link: int = 0, to_link: int = 0) -> None:
    a, b = giver.slot(port, link), taker.slot(inlet, to_link)
    taker.bus[b : b + STREAM_WIDTH] = giver.bus[a : a + STREAM_WIDTH]


def emit(rig: Rig, dt: float) -> None:
    assert rig._emit(rig.c, rig.bus, rig.props, dt) == 0


def advance(rig: Rig, dt: float) -> int:
    """Step without emitting, for chains put together by hand."""
    status = int(rig._step(rig.c, rig.bus, rig.props, dt))
    rig._book(dt)
    rig.time_s += dt
    return status


def unlink(rig: Rig, port: str) -> None:
    rig.put(port, ZERO)


@some
@given(
    steps_s,
    st.lists(st.tuples(*[st.floats(0.0, 4.0)] * 4, st.just(0.0) | st.floats(1e-9, 1e-3)), min_size=1, max_size=12),
    st.floats(275.0, 350.0),
    st.floats(250.0, 310.0),
    st.floats(0.05, 1.0),
)
def test_tank_balances_and_keeps_its_heel(
    dt: float, flows: list[tuple[float, ...]], inlet_k: float, ambient_k: float, fill: float
) -> None:
    links = {"inlets": 2, "outlets": 2, "demands": 2}
    rig = Rig(water_tank.KIND, {"initial_fill_frac": fill}, links)
    rig.set_signal("ambient_temperature", ambient_k)
    for inlet, condensate, first, second, gas in flows:
        rig.set_stream("inlets", inlet_k, 2.0e5, liquid=inlet)
        rig.set_stream("inlets", 298.15, 4.0e6, liquid=condensate, h2=gas, o2=0.1 * gas, link=1)
        rig.set_signal("demands", first, link=0)
        rig.set_signal("demands", second, link=1)
        rig.step(1, dt)
        out = rig.stream("outlets", 0)[LIQUID], rig.stream("outlets", 1)[LIQUID]
        assert out[0] * second == pytest.approx(out[1] * first, rel=1e-9, abs=1e-12)
        assert 0.5 * rig.field("heel_frac") * 2.0e4 * (1.0 - 1e-9) <= rig.field("water_kg") <= 2.0e4 * (1 + 1e-12)
        assert 273.16 <= rig.field("temperature_k") <= 373.2
    rig.assert_balanced()


def test_tank_says_when_it_is_short_or_spills() -> None:
    rig = Rig(water_tank.KIND, {"initial_fill_frac": 0.05})
    rig.set_signal("ambient_temperature", 288.15)
    rig.set_signal("demands", 10.0)
    rig.set_stream("inlets")
    assert rig.step(1, 3600.0) == SHORTAGE
    assert rig.field("water_kg") == pytest.approx(0.02 * 2.0e4, rel=1e-12)
    rig.set_signal("demands", 0.0)
    rig.set_stream("inlets", liquid=10.0)
    assert rig.step(1, 3600.0) == OVERFLOW
    assert rig.stream("overflow")[LIQUID] == pytest.approx(10.0 - 0.98 * 2.0e4 / 3600.0, rel=1e-9)
    rig.assert_balanced()


def test_frost_heater_holds_the_tank_above_freezing() -> None:
    rig = Rig(water_tank.KIND, {"loss_conductance_w_per_k": 100.0})
    rig.set_signal("ambient_temperature", 253.15)
    rig.set_stream("inlets")
    assert rig.step(500, 3600.0) == OK
    assert rig.field("temperature_k") == pytest.approx(278.15, abs=1e-6)
    assert rig.signal("power") == pytest.approx(100.0 * 25.0, rel=5e-3)
    rig.assert_balanced()


def test_boiling_tank_vents_its_excess() -> None:
    rig = Rig(water_tank.KIND, {"initial_fill_frac": 0.3})
    rig.set_signal("ambient_temperature", 288.15)
    rig.set_stream("inlets", 450.0, 5.0e5, vapour=2.0)
    rig.step(5, 900.0)
    assert rig.field("temperature_k") == pytest.approx(373.124, abs=0.01)
    rig.assert_balanced()


@some
@given(steps_s, feeds, st.floats(275.0, 330.0), st.floats(0.1, 1.0), st.sampled_from([0.0, 1e-5]))
def test_purifier_balances(dt: float, feed: float, inlet_k: float, recovery: float, gas: float) -> None:
    rig = Rig(water_purifier.KIND, {"recovery_frac": recovery, "capacity_kg_per_s": 2.0})
    rig.set_stream("inlet", inlet_k, 5.0e5, liquid=feed, n2=gas)
    status = rig.step(3, dt)
    made = rig.stream("outlet")[LIQUID]
    assert made <= min(recovery * feed, 2.0) * (1.0 + 1e-9)
    if gas == 0.0 or recovery < 0.9:  # otherwise the gas that leaves takes some vapour along
        assert made == pytest.approx(min(recovery * feed, 2.0), rel=1e-9)
    assert (status == LIMITED) == (recovery * feed > 2.0 * (1 + 1e-9))
    if feed > 0.0:
        drive = made * 14.4e6 / 998.2
        assert rig.signal("power") == pytest.approx(drive + 240.0, rel=1e-6)  # controls: 300 W at 2.5 kg/s
    rig.assert_balanced()


@pytest.mark.parametrize("dt", STEPS_S)
def test_source_purifier_tank_cycle_between_the_levels(dt: float) -> None:
    source = Rig(water_source.KIND, {})
    purifier = Rig(water_purifier.KIND, {})
    tank = Rig(water_tank.KIND, {})
    for rig in (source, tank):
        rig.set_signal("ambient_temperature", 285.15)
    tank.set_signal("demands", 4000.0 / 3600.0)
    levels, flows, statuses = [], [], set()
    for _ in range(int(min(48 * 3600.0 / dt, 4000))):
        purifier.set_signal("demand", tank.signal("refill_demand"))
        emit(tank, dt)
        emit(purifier, dt)
        source.set_signal("demand", purifier.signal("feed_demand"))
        statuses.add(advance(source, dt))
        pass_stream(source, "outlet", purifier, "inlet")
        statuses.add(advance(purifier, dt))
        pass_stream(purifier, "outlet", tank, "inlets")
        statuses.add(advance(tank, dt))
        levels.append(tank.field("level_frac"))
        flows.append(tank.field("inflow_kg_per_s"))
    assert statuses == {OK}
    out_per_step = 4000.0 / 3600.0 * dt / 2.0e4
    assert min(levels) > 0.6 - 2.0 * out_per_step
    assert max(levels) < 0.9 + 1e-9
    if dt > 60.0:
        assert max(levels[len(levels) // 4 :]) > 0.9 - 1.5 * out_per_step
        full = 9.0 / 3.6
        mean_in, expected = np.mean(flows), 4000.0 / 3600.0
        assert mean_in == pytest.approx(expected, abs=0.3 * 2.0e4 / (48 * 3600.0))
        assert sum(1 for f in flows if 0.0 < f < full * (1 - 1e-9)) <= 0.5 * len(flows)
    for rig in (source, purifier, tank):
        rig.assert_balanced()


@some
@given(steps_s, st.lists(st.tuples(st.floats(0.0, 2.0), st.just(0.0) | st.floats(1e-3, 1.0)), min_size=1, max_size=10))
def test_pump_balances_and_heats_within_reason(dt: float, orders: list[tuple[float, float]]) -> None:
    rig = Rig(pump.KIND, {})
    for demand, share in orders:
        rig.set_signal("demand", demand)
        given_flow = rig.field("ordered_kg_per_s") * share
        rig.set_stream("inlet", 293.15, 101325.0, liquid=given_flow)
        status = rig.step(1, dt)
        assert status in (OK, LIMITED)
        assert 0.0 <= rig.signal("flow_demand")
        if given_flow > 1e-9:
            warmer = rig.stream("outlet")[TEMPERATURE] - 293.15
            assert 0.0 < warmer < 4.0
            assert rig.stream("outlet")[PRESSURE] == 41.0e5
            flow_work = (41.0e5 - 101325.0) * given_flow / 998.2
            assert rig.signal("power") > flow_work / 0.65 / 0.92 * 0.999
    rig.assert_balanced()


@pytest.mark.parametrize("dt", STEPS_S)
def test_tank_and_pump_follow_demand_without_oscillation(dt: float) -> None:
    tank, feed = Rig(water_tank.KIND, {"initial_fill_frac": 1.0}), Rig(pump.KIND, {})
    tank.set_signal("ambient_temperature", 288.15)
    n = 25
    for demand in (0.8, 1.1, 0.02, 0.0, 0.4):
        tank.put("energy_j", 2.0e4 * tank.field("energy_j") / tank.field("water_kg"))
        tank.put("water_kg", 2.0e4)
        tank._before, tank.in_minus_out[:] = tank.content(), 0.0
        flows = []
        for _ in range(n):
            if tank.field("water_kg") < 8000.0:
                break
            feed.set_signal("demand", demand)
            tank.set_signal("demands", feed.signal("flow_demand"))
            emit(tank, dt)
            pass_stream(tank, "outlets", feed, "inlet")
            assert advance(feed, dt) == OK
            assert advance(tank, dt) == OK
            flows.append(feed.stream("outlet")[LIQUID])
        # from one value to the next without overshoot, and there within 20 s (two steps for longer ones)
        low, high = min(flows[0], demand) - 1e-9, max(flows[0], demand) + 1e-9
        assert all(low <= f <= high for f in flows)
        settled = flows[min(n - 3, int(20.0 / dt) + 3) :]
        assert all(f == pytest.approx(demand, abs=0.01 if dt < 60.0 else 2e-3) for f in settled)
        tank.assert_balanced()
    feed.assert_balanced()


@pytest.mark.parametrize("dt", STEPS_S)
def test_level_control_behind_the_pump_chain_is_calm(dt: float) -> None:
    """A consumer that asks for its consumption plus its missing level over 3 steps gets a steady level."""
    tank, feed = Rig(water_tank.KIND, {"capacity_kg": 1.0e6}), Rig(pump.KIND, {})
    tank.set_signal("ambient_temperature", 288.15)
    target, use = 2000.0, 0.3
    level, demand, levels = target, use, []
    for i in range(200):
        if i == 100:
            use = 0.15
        tank.set_signal("demands", feed.signal("flow_demand"))
        emit(tank, dt)
        feed.set_signal("demand", demand)
        pass_stream(tank, "outlets", feed, "inlet")
        advance(feed, dt)
        advance(tank, dt)
        level += (feed.stream("outlet")[LIQUID] - use) * dt
        demand = max(use + (target - level) / max(600.0, 8.0 * dt), 0.0)
        levels.append(level)
    end = np.array(levels[-20:])
    if dt > 1.0:
        assert np.abs(end - target).max() < 0.005 * target + 0.02 * use * dt
    assert np.abs(np.array(levels) - target).max() < 2.5 * 0.3 * dt + 12.0


@some
@given(steps_s, st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8))
def test_circulation_pump_balances_and_never_overshoots(dt: float, speeds: list[float]) -> None:
    rig = Rig(circulation_pump.KIND, {})
    rig.set_signal("run_signal", 1.0)
    for speed in speeds:
        before = rig.field("flow_m3_per_s")
        rig.set_signal("setpoint", speed)
        rig.step(1, dt)
        steady = speed * rig.field("rated_flow_m3_per_s")
        after = rig.field("flow_m3_per_s")
        assert min(before, steady) * (1 - 1e-9) - 1e-9 <= after <= max(before, steady) * (1 + 1e-9)
        assert rig.signal("heat") + rig.signal("heat_loss") == pytest.approx(rig.signal("power"), rel=1e-12)
    rig.assert_balanced()


def test_unlinked_circulation_pump_runs_at_its_own_speed() -> None:
    rig = Rig(circulation_pump.KIND, {"speed_frac": 0.5})
    unlink(rig, "setpoint")
    unlink(rig, "run_signal")
    rig.step(50, 60.0)
    assert rig.signal("flow") == pytest.approx(18.0, rel=1e-9)
    assert rig.field("cached_speed_ratio") == 0.5
    power = rig.signal("power")
    rig.step(1, 60.0)
    assert rig.signal("power") == power


@some
@given(st.floats(0.1, 200.0), st.floats(0.1, 200.0), st.floats(1.0, 1e6), st.floats(1.01, 3.0))
def test_conductance_is_limited_and_rises_with_flow(hot: float, cold: float, ua: float, more: float) -> None:
    rig = Rig(heat_exchanger.KIND, {"rated_ua_w_per_k": ua})

    def conductance(a: float, b: float) -> float:
        rig.set_signal("flow_hot", a)
        rig.set_signal("flow_cold", b)
        rig.step(1)
        return rig.signal("conductance")

    base = conductance(hot, cold)
    assert 0.0 < base <= 4181.0 * min(hot, cold) * (1 + 1e-12)
    assert conductance(more * hot, cold) >= base * (1 - 1e-9)
    assert conductance(hot, more * cold) >= base * (1 - 1e-9)
    assert conductance(0.0, cold) == 0.0


@some
@given(
    steps_s,
    st.floats(275.0, 368.0),
    st.lists(
        st.tuples(st.floats(0.0, 3.0e6), st.floats(0.0, 2.0), st.floats(278.0, 340.0), st.floats(270.0, 330.0)),
        min_size=1,
        max_size=10,
    ),
)
def test_thermal_manager_balances_and_crosses_nothing(
    dt: float, start_k: float, inputs: list[tuple[float, float, float, float]]
) -> None:
    rig = Rig(thermal_manager.KIND, {"initial_temperature_k": start_k}, {"heat": 2})
    for heat, feed, feed_k, coolant_k in inputs:
        before, transit_before = rig.field("temperature_k"), rig.field("in_transit_j")
        rig.set_signal("heat", 0.7 * heat, link=0)
        rig.set_signal("heat", 0.3 * heat, link=1)
        rig.set_stream("water_inlet", feed_k, 5.0e5, liquid=feed)
        rig.set_signal("coolant_temperature", coolant_k)
        rig.set_signal("ambient_temperature", 283.15)
        rig.step(1, dt)
        after = rig.field("temperature_k")
        transit = rig.field("in_transit_j")
        assert transit >= -1e-9
        assert rig.signal("surplus") >= 0.0
        outlet_k = rig.stream("water_outlet")[TEMPERATURE]
        assert min(feed_k, before, after) - 1e-6 <= outlet_k <= max(feed_k, before, after) + 1e-6
        if heat == 0.0 and transit_before <= 0.0:
            assert after <= max(before, feed_k, 283.15) + 1e-9
        # the feed and the surplus never pull the buffer below what they are at
        assert after >= min(before, feed_k, 283.15, rig.field("setpoint_k")) - 1e-6
        if rig.signal("surplus") > 0.0:
            assert after >= min(before, rig.field("setpoint_k")) - 1e-6
    rig.assert_balanced()


@pytest.mark.parametrize("dt", STEPS_S)
def test_thermal_manager_holds_its_setpoint(dt: float) -> None:
    rig = Rig(thermal_manager.KIND, {"initial_temperature_k": 340.15})
    rig.set_signal("heat", 1.3e6)
    rig.set_stream("water_inlet", 288.15, 5.0e5, liquid=1.1)
    rig.set_signal("coolant_temperature", 293.15)
    rig.set_signal("ambient_temperature", 283.15)
    rig.step(int(max(4 * 3600.0 / dt, 5)), dt)
    assert rig.field("temperature_k") == pytest.approx(330.15, abs=1e-3)
    recovered, surplus = rig.field("recovered_w"), rig.field("surplus_w")
    assert recovered == pytest.approx(0.9264 * 1.1 * 4181.0 * 42.0, rel=0.006)  # 1 - exp(-12000 / 4599)
    assert recovered + surplus + 100.0 * 47.0 == pytest.approx(1.3e6, rel=1e-4)
    rig.assert_balanced()


@some
@given(
    steps_s,
    st.floats(250.0, 340.0),
    st.lists(st.tuples(st.floats(0.0, 6.0e6), st.floats(0.0, 4e5), st.floats(253.0, 313.0)), min_size=1, max_size=10),
)
def test_cooling_loop_balances_and_crosses_nothing(
    dt: float, start_k: float, inputs: list[tuple[float, float, float]]
) -> None:
    rig = Rig(cooling_loop.KIND, {"initial_temperature_k": start_k}, {"heat": 3})
    for heat, conductance, ambient_k in inputs:
        before = rig.field("temperature_k")
        for i in range(3):
            rig.set_signal("heat", heat / 3.0, link=i)
        rig.set_signal("rejection_conductance", conductance)
        rig.set_signal("ambient_temperature", ambient_k)
        rig.step(1, dt)
        rejected = rig.signal("rejected")
        assert rejected >= 0.0
        most = conductance * max(rig.signal("return_temperature") - ambient_k, 0.0)
        assert rejected <= most * (1.0 + 1e-9) + 1e-6
        if rejected > 0.0:
            assert rig.field("temperature_k") >= rig.field("setpoint_k") - 1e-9
        assert rig.field("temperature_k") >= min(before, ambient_k, rig.field("setpoint_k")) - 1e-9
    rig.assert_balanced()


@some
@given(st.floats(0.0, 5.0e6), st.floats(1.0, 2.0), st.floats(256.0, 308.0), st.floats(1.0, 40.0))
def test_dry_cooler_passes_all_heat_and_fans_work_more_for_more(
    heat: float, more: float, ambient_k: float, warmer_k: float
) -> None:
    rig = Rig(dry_cooler.KIND, {})
    rig.set_signal("ambient_temperature", ambient_k)
    rig.set_signal("loop_temperature", ambient_k + warmer_k)
    rig.set_signal("loop_flow", 100.0)

    def fans(q: float) -> float:
        rig.set_signal("heat", q)
        status = rig.step(1)
        most = rig.signal("conductance") * warmer_k
        assert (status == LIMITED) == (q > most * (1 + 1e-6))
        assert rig.signal("heat_loss") == pytest.approx(q + rig.signal("power"), rel=1e-12)
        return rig.signal("power")

    assert fans(heat) <= fans(more * heat) <= rig.field("full_power_w")
    assert rig.signal("conductance") < 35.0 * 1.0e4
    rig.assert_balanced()


def hot_day(dt: float, hours: int = 24) -> tuple[list[float], float, set[int]]:
    """Run loop and dry cooler through a day with heat and air temperature in waves."""
    loop, cooler = Rig(cooling_loop.KIND, {}), Rig(dry_cooler.KIND, {"area_m2": 1.5e4})
    temperatures, statuses, fan_j = [], set(), 0.0
    for i in range(int(hours * 3600 / dt)):
        hour = (i + 0.5) * dt / 3600.0
        ambient_k = 283.15 + 8.0 * np.sin(2.0 * np.pi * hour / 24.0)
        for rig in (loop, cooler):
            rig.set_signal("ambient_temperature", ambient_k)
        cooler.set_signal("loop_flow", loop.signal("flow"))
        emit(loop, dt)
        emit(cooler, dt)
        loop.set_signal("rejection_conductance", cooler.signal("conductance"))
        loop.set_signal("heat", 1.2e6 * (1.0 + 0.5 * np.sin(2.0 * np.pi * hour / 12.0)))
        advance(loop, dt)
        cooler.set_signal("heat", loop.signal("rejected"))
        cooler.set_signal("loop_temperature", loop.signal("return_temperature"))
        statuses.add(advance(cooler, dt))
        temperatures.append(loop.field("temperature_k"))
        fan_j += cooler.signal("power") * dt
        assert cooler.field("use_frac") <= 1.0
    loop.assert_balanced()
    cooler.assert_balanced()
    return temperatures, fan_j, statuses


def test_loop_and_dry_cooler_hold_the_supply_and_agree_between_steps() -> None:
    minute, fan_minute, statuses = hot_day(60.0)
    quarter, fan_quarter, _ = hot_day(900.0)
    hour, fan_hour, _ = hot_day(3600.0)
    assert statuses == {OK}
    assert max(minute) < 300.0
    assert np.abs(np.array(minute[59::60]) - np.array(hour)).max() < 0.5
    assert np.abs(np.array(minute[14::15]) - np.array(quarter)).max() < 0.2
    assert fan_quarter == pytest.approx(fan_minute, rel=0.02)
    assert fan_hour == pytest.approx(fan_minute, rel=0.08)


def test_enthalpy_of_what_leaves_the_tank_is_its_own() -> None:
    rig = Rig(water_tank.KIND, {})
    rig.set_signal("ambient_temperature", 288.15)
    rig.set_signal("demands", 1.0)
    rig.set_stream("inlets")
    rig.step(1, 60.0)
    expected = rig.set_stream("inlets", 288.15, 101325.0, liquid=1.0)
    assert rig.stream("outlets")[ENTHALPY] == pytest.approx(expected, rel=1e-9)
