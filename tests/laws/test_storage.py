"""Laws of compression, storage and delivery: balances close, and what more of something does."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.components import (
    cascade_draw,
    cascade_fill,
    compressor_stage,
    gas_tank,
    transfer_controller,
    truck_loading,
)
from h2plant.core.properties import FLUID_H2, gas_density, gas_enthalpy
from h2plant.core.status import LIMITED, OK, OVER_TEMPERATURE, RELIEF, SHORTAGE, TRIP
from h2plant.physics.stream import stream_enthalpy
from h2plant.testing.rig import Rig, tables
from h2plant.testing.watched_rig import WatchedRig

STEPS_S = st.sampled_from([1.0, 60.0, 900.0, 3600.0])
few = settings(max_examples=25, deadline=None)


def stage(**parameters):
    return Rig(compressor_stage.KIND, {"outlet_pressure_pa": 41e5, "rated_volume_m3_per_s": 0.1, **parameters})


@few
@given(
    inlet_pa=st.floats(0.95e5, 30e5),
    temperature_k=st.floats(280.0, 330.0),
    h2=st.floats(1e-6, 0.5),
    o2=st.floats(0.0, 0.01),
    vapour=st.floats(0.0, 3e-4),
    liquid=st.floats(0.0, 1e-4),
    ratio=st.floats(1.05, 3.0),
    dt=STEPS_S,
)
def test_compressor_books(inlet_pa, temperature_k, h2, o2, vapour, liquid, ratio, dt):
    rig = stage(outlet_pressure_pa=ratio * inlet_pa)
    rig.set_stream("inlet", temperature_k, inlet_pa, h2=h2, o2=o2 * h2, vapour=vapour * h2, liquid=liquid * h2)
    assert rig.step(3, dt) in (OK, LIMITED, OVER_TEMPERATURE, TRIP)
    rig.assert_balanced(1e-11)
    s = rig.stream("outlet")
    assert s[6] > temperature_k
    assert s[7] == pytest.approx(ratio * inlet_pa)
    # the stream's temperature belongs to its enthalpy
    assert stream_enthalpy(tables(), s[0], s[1], s[2], s[3], s[4], s[6], s[7]) == pytest.approx(
        s[5], abs=1e-6 * abs(s[5]) + 0.01 * h2
    )


@few
@given(ratio=st.floats(1.1, 2.5), more=st.floats(1.01, 1.3), efficiency=st.floats(0.5, 0.95))
def test_more_pressure_and_less_efficiency_take_more_work(ratio, more, efficiency):
    def work(r, eta):
        rig = stage(outlet_pressure_pa=r * 20e5, efficiency_frac=eta)
        rig.set_stream("inlet", 300.0, 20e5, h2=0.1)
        rig.step(2)
        return rig.field("specific_work_j_per_kg"), rig.field("discharge_temperature_k")

    base, harder, worse = work(ratio, efficiency), work(ratio * more, efficiency), work(ratio, efficiency / more)
    assert harder[0] > base[0] and harder[1] > base[1]
    assert worse[0] > base[0] and worse[1] > base[1]


def test_compressor_result_does_not_depend_on_its_past():
    results = []
    for first in (280.0, 313.15, 330.0):
        rig = stage()
        rig.set_stream("inlet", first, 20e5, h2=0.1, vapour=1e-4)
        rig.step()
        rig.set_stream("inlet", 313.15, 22e5, h2=0.08, vapour=2e-4)
        rig.step()
        results.append([rig.signal("power"), rig.stream("outlet")[6]])
    assert np.ptp(np.array(results), axis=0) / results[0] == pytest.approx(0.0, abs=1e-8)


def test_compressor_lets_gas_pass_that_needs_no_work():
    rig = stage(outlet_pressure_pa=30e5)
    rig.set_stream("inlet", 300.0, 35e5, h2=0.1)
    assert rig.step() == OK
    assert rig.signal("power") == 0.0 and rig.stream("outlet")[7] == 35e5
    rig.set_signal("discharge_pressure", 60e5)  # a signal, but above the machine's own limit
    rig.step()
    assert rig.stream("outlet")[7] == 35e5


@pytest.mark.parametrize("flow", [1e-4, 1e-3, 1e-2])
def test_power_rises_steadily_with_flow(flow):
    def power(m):
        rig = stage()
        rig.set_stream("inlet", 300.0, 20e5, h2=m)
        rig.step(2)
        rig.assert_balanced(1e-12)
        return rig.signal("power")

    low, middle, high = power(flow), power(1.01 * flow), power(2.0 * flow)
    assert 0.0 < low <= middle * (1 + 1e-9)
    assert middle <= high * (1 + 1e-9)


def tank(n_links=1, **parameters):
    rig = Rig(gas_tank.KIND, {"n_vessels": 2, **parameters}, {"inlets": n_links, "outlets": 2, "demands": 2})
    rig.set_signal("ambient_temperature", 285.0)
    return rig


def assert_state(rig):
    """Assert that density and energy are those of pressure and temperature (pure hydrogen)."""
    p, t, m, v = (rig.field(k) for k in ("pressure_pa", "temperature_k", "h2_kg", "volume_m3"))
    assert gas_density(tables(), FLUID_H2, p, t) * v == pytest.approx(m, rel=1e-8)
    assert m * gas_enthalpy(tables(), FLUID_H2, p, t) - p * v == pytest.approx(
        rig.field("energy_j"), abs=1e-4 * m * 1e4
    )


@few
@given(
    dt=STEPS_S,
    p0=st.floats(41e5, 69e5),
    t0=st.floats(260.0, 320.0),
    air=st.floats(255.0, 315.0),
    flows=st.lists(st.tuples(st.floats(0, 0.02), st.floats(0, 0.05), st.floats(260, 340)), min_size=1, max_size=12),
    trace=st.floats(0.0, 1e-4),
)
def test_tank_books_and_state(dt, p0, t0, air, flows, trace):
    rig = tank(initial_pressure_pa=p0, initial_temperature_k=t0)
    rig.set_signal("ambient_temperature", air)
    for i, (come, go, t) in enumerate(flows):
        rig.set_stream("inlets", t, 75e5, h2=come, o2=trace * come, vapour=trace * come if t > 274 else 0.0)
        rig.set_signal("demands", go, i % 2)
        assert rig.step(3, dt) in (OK, RELIEF)
        if trace == 0.0:
            assert_state(rig)
    rig.assert_balanced(1e-11)
    s = rig.stream("outlets", 0)
    assert s[7] > 0.0


@few
@given(p0=st.floats(91e5, 150e5), ask=st.floats(0.001, 5.0), dt=STEPS_S)
def test_tank_hands_out_what_it_has_and_at_its_own_state(p0, ask, dt):
    rig = tank(initial_pressure_pa=p0, min_pressure_pa=90e5, max_pressure_pa=500e5, relief_pressure_pa=550e5)
    rig.set_signal("demands", ask)
    t0 = rig.field("temperature_k")
    status = rig._emit(rig.c, rig.bus, rig.props, dt)
    s = rig.stream("outlets")
    assert s[0] * dt <= rig.signal("surplus") * (1 + 1e-12)
    assert (status == SHORTAGE) == (ask * dt > rig.signal("surplus") * (1 + 1e-9))
    assert s[5] == pytest.approx(s[0] * gas_enthalpy(tables(), FLUID_H2, p0, t0), abs=1e-3 * s[0])
    rig.step(1, dt)
    rig.assert_balanced(1e-12)
    assert_state(rig)


def test_tank_end_hardly_depends_on_the_step():
    ends = []
    for dt in (1.0, 60.0, 900.0, 3600.0):
        rig = tank(initial_pressure_pa=45e5)
        rig.set_stream("inlets", 313.0, 75e5, h2=0.02)
        rig.set_signal("demands", 0.005)
        rig.step(round(7200 / dt), dt)
        ends.append([rig.field("pressure_pa"), rig.field("temperature_k"), rig.field("wall_temperature_k")])
    assert np.array(ends) / ends[0] == pytest.approx(1.0, abs=5e-4)


def test_traces_are_carried_along_and_leave_in_proportion():
    rig = tank(initial_pressure_pa=45e5)
    rig.set_stream("inlets", 300.0, 75e5, h2=0.02, o2=2e-6, n2=1e-6, vapour=1e-6)
    rig.set_signal("demands", 0.005)
    rig.step(50, 60.0)
    rig.assert_balanced(1e-12)
    rig._emit(rig.c, rig.bus, rig.props, 60.0)
    s = rig.stream("outlets")
    assert s[1] / s[0] == pytest.approx(rig.field("o2_kg") / rig.field("h2_kg"), rel=1e-12)
    assert stream_enthalpy(tables(), s[0], s[1], s[2], s[3], s[4], s[6], s[7]) == pytest.approx(s[5], rel=1e-5)


def test_cold_tank_with_vapour_stays_in_the_tables():
    rig = tank(initial_pressure_pa=45e5, initial_temperature_k=275.0)
    rig.set_signal("ambient_temperature", 258.0)
    rig.set_stream("inlets", 300.0, 75e5, h2=0.001, vapour=1e-8)
    assert rig.step(400, 3600.0) in (OK, RELIEF)
    assert rig.field("temperature_k") < 270.0
    rig.assert_balanced(1e-10)


@pytest.mark.parametrize("dt", [1.0, 60.0, 900.0])
def test_relief_valve_holds_the_pressure(dt):
    rig = tank(initial_pressure_pa=76e5)
    rig.set_stream("inlets", 300.0, 90e5, h2=0.1)
    rig.step(round(28800 / max(dt, 60.0)), max(dt, 60.0))
    assert rig.step(round(7200 / dt), dt) == RELIEF
    assert 77e5 < rig.field("pressure_pa") < 1.1 * 77e5
    assert rig.stream("relief")[0] == pytest.approx(0.1, rel=0.02)
    rig.assert_balanced(1e-11)


@pytest.mark.parametrize("vapour_kg_per_s", [0.0, 1e-9, 1e-5, 1e-4, 1.8e-4, 3e-4, 5e-4])
def test_laws_hold_for_gas_that_is_nearly_dry(vapour_kg_per_s):
    """Vapour below the pressure of its triple point at suction and above it at the discharge."""
    rig = WatchedRig(compressor_stage.KIND, {"outlet_pressure_pa": 2.0e5, "rated_volume_m3_per_s": 0.1})
    rig.set_stream("inlet", 288.15, 1.07e5, h2=6.3e-3, vapour=vapour_kg_per_s)
    rig.step()
    assert not rig.broken_laws()


@few
@given(levels=st.lists(st.floats(-0.1, 1.2), min_size=3, max_size=3), flow=st.floats(1e-9, 1.0))
def test_cascade_fill_places_all(levels, flow):
    rig = Rig(cascade_fill.KIND, {}, {"outlets": 3, "levels": 3})
    for i, level in enumerate(levels):
        rig.set_signal("levels", level, i)
    rig.set_stream("inlet", 300.0, 400e5, h2=flow, vapour=1e-6 * flow)
    rig.step()
    rig.assert_balanced(1e-12)
    parts = [rig.stream("outlets", i)[0] for i in range(3)]
    assert sum(parts) == pytest.approx(flow)
    if min(levels) < 0.94:
        first = next(i for i, level in enumerate(levels) if level < 0.94)
        assert sum(parts[first + 1 :]) <= 1e-5 * flow


@few
@given(levels=st.lists(st.floats(-0.1, 1.2), min_size=4, max_size=4), flow=st.floats(1e-9, 1.0), i=st.integers(0, 3))
def test_cascade_draw_shares_all_and_without_jumps(levels, flow, i):
    def draw(at):
        rig = Rig(cascade_draw.KIND, {}, {"demands": 4, "levels": 4})
        for k, level in enumerate(at):
            rig.set_signal("levels", level, k)
        rig.set_signal("demand", flow)
        rig.step()
        parts = np.array([rig.signal("demands", k) for k in range(4)])
        assert parts.sum() + rig.field("unserved_kg_per_s") == pytest.approx(flow)
        assert (parts >= 0.0).all() and not parts[np.array(at) <= 0.0].any()
        return parts

    moved = list(levels)
    moved[i] += 1e-7
    assert np.abs(draw(moved) - draw(levels)).max() <= 1e-4 * flow + 1e-12


@few
@given(source=st.floats(-0.5, 1.5), destination=st.floats(-0.5, 1.5), surplus=st.floats(0.0, 1e4), dt=STEPS_S)
def test_transfer_stays_within_its_limits(source, destination, surplus, dt):
    def ask(s, d):
        rig = Rig(transfer_controller.KIND, {"max_flow_kg_per_s": 0.2})
        rig.set_signal("source_level", s)
        rig.set_signal("destination_level", d)
        rig.set_signal("source_surplus", surplus)
        rig.step(1, dt)
        return rig.signal("demand")

    flow = ask(source, destination)
    assert 0.0 <= flow <= 0.2
    assert surplus == 0.0 or flow * dt <= 0.5 * surplus * (1 + 1e-12)
    assert ask(source + 0.1, destination) >= flow
    assert ask(source, destination + 0.1) <= flow


@pytest.mark.parametrize("dt", [60.0, 900.0, 3600.0])
def test_week_of_trucks(dt):
    """Five bays, 1.5 kg/min, 16 h a day, half on Sunday: 46.8 t asked for in a week, whatever the step."""
    rig = Rig(truck_loading.KIND, {"n_trailers_per_day": 60.0})
    asked = loaded = 0.0
    for i in range(round(168 * 3600 / dt)):
        rig.set_signal("hour_of_week", i * dt / 3600)
        rig.set_stream("inlet", 290.0, 500e5, h2=asked)
        rig.step(1, dt)
        loaded += asked * dt
        asked = rig.signal("demand")
    rig.assert_balanced(1e-12)
    assert loaded == pytest.approx(5 * 1.5 * 60 * 16 * 6.5, rel=2e-3)
    assert rig.field("delivered_kg") == pytest.approx(loaded, rel=1e-12)
    came = 60 * 280 * 6.5
    assert rig.field("missed_kg") == pytest.approx(came + 5 * 280 - loaded - rig.field("room_kg"), rel=1e-6)
    assert math.isclose(rig.field("earned_eur"), 9.6 * loaded, rel_tol=1e-9)


@few
@given(
    pressures=st.lists(st.floats(150e5, 500e5), min_size=3, max_size=3),
    levels=st.lists(st.floats(0.0, 1.0).map(lambda level: round(level, 12)), min_size=3, max_size=3),
    flow=st.floats(1e-6, 1.0),
    i=st.integers(0, 2),
)
def test_cascade_draw_steps_up_without_jumps(pressures, levels, flow, i):
    """All is shared out that some bank reaches, no bank is passed over in jumps, and laws hold."""

    def draw(at):
        rig = WatchedRig(cascade_draw.KIND, {}, {"demands": 3, "levels": 3, "pressures": 3})
        for k in range(3):
            rig.set_signal("levels", levels[k], k)
            rig.set_signal("pressures", at[k], k)
        rig.set_signal("trailer_empty_pressure", 20e5)
        rig.set_signal("trailer_full_pressure", 350e5)
        rig.set_signal("demand", flow)
        rig.step()
        assert not rig.broken_laws()
        parts = np.array([rig.signal("demands", k) for k in range(3)])
        assert parts.sum() + rig.field("unserved_kg_per_s") == pytest.approx(flow)
        assert (parts >= 0.0).all() and not parts[np.array(levels) <= 0.0].any()
        if max(at) >= 360e5 and levels[int(np.argmax(at))] >= 0.05:
            assert parts.sum() == pytest.approx(flow)
        return parts

    moved = list(pressures)
    moved[i] += 10.0
    assert np.abs(draw(moved) - draw(pressures)).max() <= 1e-4 * flow + 1e-12
