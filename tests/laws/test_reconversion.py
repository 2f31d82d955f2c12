"""Fuel cells and engines: published points, balances at all steps, and a day of the rule by hand."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.components import KIND_BY_NAME
from h2plant.core.constants import EUR_PER_MWH, LHV_H2_J_PER_KG
from h2plant.laws.reconversion import amphlett_voltage
from h2plant.physics.fuel_cell import AREA_CM2, cell_voltage
from h2plant.testing.watched_rig import WatchedRig

KINDS = ("fuel_cell", "hydrogen_engine")


@pytest.mark.parametrize(("current_a", "voltage_v"), [(5.0, 0.803), (10.0, 0.747), (20.0, 0.679), (30.0, 0.628)])
def test_curve_of_amphlett(current_a: float, voltage_v: float) -> None:
    """A cell of 50.6 cm2 at 70 degC on hydrogen and oxygen of 1 atm (Amphlett et al. 1995)."""
    density = current_a / AREA_CM2 * 1.0e4
    assert cell_voltage(density, 343.15, 101325.0, 101325.0) == pytest.approx(voltage_v, abs=1.0e-3)
    assert float(amphlett_voltage(density, 343.15, 101325.0, 101325.0)) == pytest.approx(voltage_v, abs=1.0e-3)


def driven(name: str, dt: float, flows: list[tuple[float, float, float]], is_plain: bool = True) -> WatchedRig:
    """Return a unit of 100 kW that is driven by (load, flow in g/s, temperature in K), three steps each."""
    rig = WatchedRig(KIND_BY_NAME[name], {"rated_power_w": 1.0e5, "min_up_s": 300.0}, is_plain=is_plain)
    for load, gram_per_s, temperature_k in flows:
        rig.set_signal("load", load)
        rig.set_signal("ambient_temperature", temperature_k - 10.0)
        flow = gram_per_s * 1.0e-3
        rig.set_stream("hydrogen", temperature_k, 50.0e5, h2=flow, o2=1e-6 * flow, n2=1e-4 * flow, vapour=1e-5 * flow)
        rig.step(3, dt)
    return rig


@pytest.mark.parametrize("dt", [1.0, 60.0, 900.0, 3600.0])
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("is_plain", [True, False])
def test_balances_and_laws_at_all_steps(name: str, dt: float, is_plain: bool) -> None:
    """At rest, from a start to rest again, with too little hydrogen and far too much, in frost."""
    flows = [
        (0.0, 0.0, 290.0),
        (0.5, 0.0, 290.0),
        (1.0, 1.0, 290.0),
        (0.7, 0.2, 265.0),
        (1.0, 50.0, 300.0),
        (0.0, 0.0, 280.0),
    ]
    rig = driven(name, dt, flows, is_plain)
    rig.assert_balanced(1.0e-9)
    assert rig.broken_laws() == {}
    assert rig.field("n_starts") == 1.0
    assert rig.field("running_h") == pytest.approx(9.0 * dt / 3600.0)


@settings(max_examples=30, deadline=None)
@given(
    flows=st.lists(
        st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 5.0), st.floats(265.0, 310.0)), min_size=1, max_size=6
    ),
    name=st.sampled_from(KINDS),
)
def test_balances_whatever_arrives(flows: list[tuple[float, float, float]], name: str) -> None:
    rig = driven(name, 60.0, flows)
    rig.assert_balanced(1.0e-9)
    assert rig.broken_laws() == {}


@pytest.mark.parametrize("name", KINDS)
def test_gives_what_it_is_asked_for(name: str) -> None:
    """With the hydrogen that it asked for, pure, a unit gives the power of its load."""
    rig = driven(name, 600.0, [(0.6, 0.0, 290.0)])
    rig.set_stream("hydrogen", 290.0, 50.0e5, h2=rig.signal("demand"))
    rig.step(1, 60.0)
    assert rig.signal("power") == pytest.approx(0.6e5, rel=1.0e-6)
    used = rig.field("burnt_kg") * LHV_H2_J_PER_KG
    assert rig.field("efficiency_frac") == pytest.approx(0.6e5 * 60.0 / used, rel=1.0e-6)
    assert math.isclose(rig.signal("power") + rig.signal("heat"), used / 60.0, rel_tol=0.1)


def test_cells_are_renewed() -> None:
    """10 % of 0.59 V at 1 mV a start: the 60th start ends the life of the cells."""
    parameters = {"start_degradation_v": 1.0e-3, "min_up_s": 0.0, "start_time_s": 0.0}
    rig = WatchedRig(KIND_BY_NAME["fuel_cell"], parameters, is_plain=True)
    for _ in range(61):
        for load in (1.0, 0.0):
            rig.set_signal("load", load)
            rig.step(1, 60.0)
    assert rig.field("n_replacements") == 1.0
    assert rig.field("degradation_v") < 2.5e-3
    assert rig.broken_laws() == {}


# hour: price, EUR/MWh; load of the step; stored at its start, kg
DAY = [
    (60, 0.0, 300.0),
    (155, 0.0, 300.0),  # within the band of 140 to 160
    (180, 1.0, 300.0),  # dear: 60 kg an hour
    (200, 1.0, 240.0),
    (145, 1.0, 180.0),  # within the band
    (130, 0.0, 120.0),
    (190, 1.0, 120.0),
    (190, 0.0, 60.0),  # 60 of 300 kg are below a level of 0.3
    (190, 0.0, 100.0),  # 40 kg an hour are made; 0.4 would do
    (190, 1.0, 140.0),
    (190, 0.0, 80.0),
]


def test_a_day_of_reconversion_by_hand() -> None:
    """A store of 300 kg from which 60 kg an hour become power; from hour 7 on 40 kg are made at rest."""
    rig = WatchedRig(KIND_BY_NAME["reconversion"], {}, {"owed_today": 0}, is_plain=True)
    stored = 300.0
    for hour, (price, load, at_start) in enumerate(DAY):
        assert stored == pytest.approx(at_start), hour
        rig.set_signal("price", price * EUR_PER_MWH)
        rig.set_signal("storage_level", stored / 300.0)
        rig.set_signal("storage_surplus", stored)
        rig.step(1, 3600.0)
        assert rig.signal("load") == load, hour
        stored -= 60.0 * load
        stored += 40.0 if hour >= 7 and load == 0.0 else 0.0
    assert rig.broken_laws() == {}
