"""Single steps of components at their limits that drawn plants have found (``make soak``)."""

import pytest

from h2plant.components import alkaline_stack, deoxidiser, liquid_separator, recuperator, water_tank
from h2plant.core import bus as layout
from h2plant.core.properties import saturation_temperature
from h2plant.core.status import OK, TRIP
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.testing.rig import Rig, tables

GIVEN = {"cell": 0.0}
DRUM = {"nominal_flow_kg_per_s": 0.2, "pressure_drop_pa": 400.0, "efficiency_frac": 0.98}
EVAPORATOR = {
    "conductance_w_per_k": 4.0e3,
    "hot_flow_kg_per_s": 0.85,
    "cold_flow_kg_per_s": 1.2,
    "flow_exponent": 0.3,
    "hot_pressure_drop_pa": 2.0e3,
}
PREHEATER = {
    "conductance_w_per_k": 6.0e3,
    "hot_flow_kg_per_s": 0.37,
    "cold_flow_kg_per_s": 1.2,
    "hot_pressure_drop_pa": 1.0e3,
}


def contradictions(**values):
    of_kind = {f.name: f.default for f in alkaline_stack.KIND.parameters}
    return [one.name for one in alkaline_stack.KIND.contradictions({**of_kind, **GIVEN, **values})]


def test_cells_that_would_split_less_water_than_none_are_refused():
    """A pole in the share of the current that splits water made a stack run on with what is no number."""
    assert contradictions() == []
    slope = "faraday_half_slope_a2_per_m4_k"
    assert contradictions(**{slope: -5.0e4}) == [slope, slope]
    assert contradictions(faraday_limit_slope_per_k=-1.0e-2, faraday_limit_frac=0.8) == ["faraday_limit_slope_per_k"]


def assert_at_equilibrium(stream):
    h2, o2, n2, vapour, liquid, enthalpy_w, T, pressure_pa = stream
    flashed_k, moist, _ = temperature_at_enthalpy(tables(), h2, o2, n2, vapour + liquid, enthalpy_w, pressure_pa, T)
    assert flashed_k == pytest.approx(T, abs=1.0e-4)
    assert vapour == pytest.approx(moist, rel=1.0e-6, abs=1.0e-12)


@pytest.mark.parametrize("is_plain", (False, True))
@pytest.mark.parametrize("gas", (0.0, 1.0e-9, 1.0e-4))
def test_a_drum_takes_wet_steam_with_hardly_any_gas(gas, is_plain):
    """Steam of resting stacks, at its boiling point: a drop of pressure makes drops evaporate."""
    pressure_pa = 1.1e5
    boiling_k = saturation_temperature(tables(), pressure_pa)
    rig = Rig(liquid_separator.KIND, DRUM, is_plain=is_plain)
    rig.set_stream("inlet", boiling_k - 0.02 * (gas > 1.0e-6), pressure_pa, h2=gas, vapour=0.7, liquid=0.05)
    assert rig.step(1, 3600.0) == OK
    out = rig.stream("gas")
    assert out[layout.PRESSURE] == pytest.approx(pressure_pa - 400.0 * (0.75 + gas) ** 2 / 0.2**2)
    assert out[layout.TEMPERATURE] <= saturation_temperature(tables(), out[layout.PRESSURE]) + 1.0e-6
    assert_at_equilibrium(out)
    assert rig.stream("drain")[layout.LIQUID] == pytest.approx(0.98 * 0.05, rel=1.0e-9)
    rig.assert_balanced(1.0e-12)


def test_a_drum_mends_water_that_comes_above_its_boiling_point():
    rig = Rig(liquid_separator.KIND, DRUM)
    rig.set_stream("inlet", saturation_temperature(tables(), 1.1e5), 1.1e5, vapour=0.7, liquid=0.05)
    rig.bus[rig.slot("inlet") + layout.PRESSURE] = 1.02e5
    assert rig.step(1, 60.0) == OK
    for port in ("gas", "drain"):
        assert_at_equilibrium(rig.stream(port))
    assert rig.stream("drain")[layout.LIQUID] < 0.98 * 0.05
    rig.assert_balanced(1.0e-12)


def test_a_trickle_of_steam_after_a_surge_is_cooled():
    """A hot side that the first guess would condense is searched down to a duty, not to none at all."""
    rig = Rig(recuperator.KIND, PREHEATER)
    # of a step before, in which the hot side condensed and the cold one boiled
    rig.put("hot_capacity_j_per_kg_k", 4332.0)
    rig.put("cold_capacity_j_per_kg_k", 8141.0)
    rig.put("cold_known_j_per_kg_k", 1.0e30)
    rig.put("cold_known_k", 431.976)
    rig.set_stream("hot_inlet", 660.65, 1.1e5, vapour=6.98e-5)
    rig.set_stream("cold_inlet", 387.35, 6.0e5, liquid=0.153)
    assert rig.step(1, 3600.0) == OK
    assert rig.stream("hot_outlet")[layout.TEMPERATURE] == pytest.approx(387.35, abs=0.1)
    assert rig.field("duty_w") == pytest.approx(38.3, abs=0.5)
    rig.assert_balanced(1.0e-11)


@pytest.mark.parametrize("is_plain", (False, True))
def test_boiling_is_no_reason_for_a_small_duty(is_plain):
    """What was matched to boiling in the last step says nothing of how near a search must come for a trickle."""
    rig = Rig(recuperator.KIND, EVAPORATOR, is_plain=is_plain)
    rig.put("cold_capacity_j_per_kg_k", 1.0e12)
    rig.set_stream("hot_inlet", 660.64, 1.1e5, o2=0.76)
    rig.set_stream("cold_inlet", 652.4, 6.0e5, vapour=1.35e-6)
    assert rig.step(1, 3600.0) == OK
    assert rig.stream("cold_outlet")[layout.TEMPERATURE] == pytest.approx(660.64, abs=0.01)


def test_gas_hotter_than_the_tables_has_no_state():
    """Burnt gas that starts the search below its dew point is not handed out at its dew point."""
    T, *_ = temperature_at_enthalpy(tables(), 0.0106, 0.0, 0.0, 0.0934, -2.0e5, 63.0e5, 298.0)
    assert not T > 0.0


@pytest.mark.parametrize("dt", (1.0, 60.0, 300.0, 3600.0))
def test_a_bed_that_burns_a_fifth_of_oxygen_shuts_before_it_leaves_the_tables(dt):
    rig = Rig(deoxidiser.KIND, {"nominal_flow_kg_per_s": 0.1, "bed_j_per_k": 2.9e5})
    rig.set_signal("ambient_temperature", 290.0)
    rig.set_stream("inlet", 300.0, 63.0e5, h2=0.021, o2=0.083)
    hottest, codes = 0.0, set()
    for _ in range(min(int(7200.0 / dt), 400)):
        codes.add(rig.step(1, dt))
        hottest = max(hottest, rig.field("bed_temperature_k"))
    assert TRIP in codes and codes <= {OK, TRIP, 9}
    assert hottest < rig.field("temperature_limit_k") + 2.0 * rig.field("trip_above_k") + 1.0e-6
    assert rig.field("n_trips") >= 1.0
    rig.assert_balanced(1.0e-9)


def test_gas_cools_hot_water_that_it_evaporates_and_no_further():
    """A nearly empty tank close to boiling: vapour is that of the water that remains, not of its start."""
    rig = Rig(water_tank.KIND, {"capacity_kg": 1000.0, "initial_fill_frac": 0.03, "initial_temperature_k": 369.0})
    rig.set_signal("ambient_temperature", 290.0)
    rig.set_stream("inlets", 300.0, 2.0e5, h2=0.02)
    rig.step(1, 60.0)
    vent = rig.stream("vent")
    assert rig.field("temperature_k") > 280.0
    assert vent[layout.TEMPERATURE] == pytest.approx(rig.field("temperature_k"), abs=5.0)
    assert 0.0 < vent[layout.VAPOUR] * 60.0 < 5.0
    rig.assert_balanced(1.0e-9)
