"""Sources of sun and wind: energy closes, limits hold, whatever the weather and the step."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.components import pv_array, wind_turbine
from h2plant.core.declare import Kind
from h2plant.core.status import LIMITED, OK, TRIP
from h2plant.testing.watched_rig import WatchedRig

STEPS_S = st.sampled_from([1.0, 60.0, 900.0, 3600.0])
FRAC = st.floats(0.0, 1.0)


@settings(max_examples=60, deadline=None)
@given(
    sun=st.floats(-5.0, 1400.0),
    air=st.floats(230.0, 325.0),
    wind=st.floats(0.0, 40.0),
    ratio=st.floats(0.5, 2.0),
    loss=st.floats(0.0, 0.5),
    dt=STEPS_S,
)
def test_an_array_closes_and_keeps_its_rating(
    sun: float, air: float, wind: float, ratio: float, loss: float, dt: float
) -> None:
    rig = WatchedRig(pv_array.KIND, {"capacity_w": 1.0e6, "dc_ac_ratio": ratio, "loss_frac": loss})
    for port, value in (("irradiance", sun), ("ambient_temperature", air), ("wind_speed", wind)):
        rig.set_signal(port, value)
    status = rig.step(3, dt)
    rig.assert_balanced()
    assert rig.broken_laws() == {}
    assert status == (LIMITED if rig.field("clipped_w") > 1e-3 else OK)
    assert 0.0 <= rig.signal("power") <= 1.0e6 / ratio * (1.0 + 1e-12)
    assert rig.field("cell_temperature_k") >= air


@settings(max_examples=60, deadline=None)
@given(
    winds=st.lists(st.floats(0.0, 35.0), min_size=3, max_size=8),
    air=st.floats(240.0, 320.0),
    pressure=st.floats(6.0e4, 1.05e5),
    deficit=st.floats(0.0, 0.2),
    ramp=st.sampled_from([1e-4, 1.0 / 60.0, 1.0]),
    dt=STEPS_S,
)
def test_turbines_close_and_keep_to_betz_storm_and_ramp(
    winds: list[float], air: float, pressure: float, deficit: float, ramp: float, dt: float
) -> None:
    rig = WatchedRig(wind_turbine.KIND, {"wake_deficit_frac": deficit, "ramp_per_s": ramp})
    rig.set_signal("ambient_temperature", air)
    rig.set_signal("air_pressure", pressure)
    for wind in winds:
        rig.set_signal("wind_speed", wind)
        status = rig.step(2, dt)
        assert status in (OK, LIMITED, TRIP)
        assert (status == TRIP) == (rig.field("is_stopped") > 0.5)
        assert 0.0 <= rig.signal("power") <= 9.5e6
    rig.assert_balanced()
    assert rig.broken_laws() == {}


@pytest.mark.parametrize("dt", [1.0, 60.0, 600.0])
def test_a_start_gives_the_same_energy_whatever_the_step(dt: float) -> None:
    """From a lull to full wind at a tenth of the rating a minute: ten minutes of rise, then all of it."""
    rig = WatchedRig(
        wind_turbine.KIND,
        {"capacity_w": 1.0e6, "availability_frac": 1.0, "electrical_loss_frac": 0.0, "ramp_per_s": 1.0 / 600.0},
    )
    rig.set_signal("ambient_temperature", 288.15)
    rig.set_signal("air_pressure", 101325.0)
    rig.set_signal("wind_speed", 0.0)
    rig.step(1, dt)
    rig.set_signal("wind_speed", 16.0)
    rig.step(round(1200.0 / dt), dt)
    assert rig.field("generated_j") == pytest.approx(1.0e6 * (0.5 * 600.0 + 600.0), rel=1e-9)


def test_less_wind_never_gives_more() -> None:
    """Density and wakes keep the order of wind speeds up to the rated one: no kink turns the curve round."""
    rig = WatchedRig(wind_turbine.KIND, {"wake_deficit_frac": 0.1, "ramp_per_s": 10.0})
    rig.set_signal("ambient_temperature", 300.0)
    rig.set_signal("air_pressure", 95000.0)
    found = []
    for k in range(240):
        rig.set_signal("wind_speed", 0.1 * k)
        rig.step(2)
        found.append(rig.signal("power"))
    assert all(b >= a - 1e-6 for a, b in itertools.pairwise(found))


@pytest.mark.parametrize("is_plain", [False, True])
@pytest.mark.parametrize("kind", [pv_array.KIND, wind_turbine.KIND], ids=lambda kind: kind.name)
def test_a_source_of_no_size_gives_nothing(kind: Kind, is_plain: bool) -> None:
    """A search for sizes starts at 0."""
    rig = WatchedRig(kind, {"capacity_w": 0.0}, is_plain=is_plain)
    for port, value in (("ambient_temperature", 290.0), ("wind_speed", 9.0)):
        rig.set_signal(port, value)
    rig.set_signal("irradiance" if kind is pv_array.KIND else "air_pressure", 900.0)
    assert rig.step(3) == OK
    assert rig.signal("power") == rig.signal("generation") == rig.signal("heat_loss") == 0.0
    assert rig.broken_laws() == {}
