"""Single steps of components at their limits that drawn plants have found (``make soak``)."""

import pytest

from h2plant.components import liquid_separator, recuperator
from h2plant.core import bus as layout
from h2plant.core.properties import saturation_temperature
from h2plant.core.status import OK
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.testing.rig import Rig, tables

DRUM = {"nominal_flow_kg_per_s": 0.2, "pressure_drop_pa": 400.0, "efficiency_frac": 0.98}
PREHEATER = {
    "conductance_w_per_k": 6.0e3,
    "hot_flow_kg_per_s": 0.37,
    "cold_flow_kg_per_s": 1.2,
    "hot_pressure_drop_pa": 1.0e3,
}


def assert_at_equilibrium(stream):
    h2, o2, n2, vapour, liquid, enthalpy_w, T, pressure_pa = stream
    flashed_k, moist, _ = temperature_at_enthalpy(tables(), h2, o2, n2, vapour + liquid, enthalpy_w, pressure_pa, T)
    assert flashed_k == pytest.approx(T, abs=1.0e-4)
    assert vapour == pytest.approx(moist, rel=1.0e-6, abs=1.0e-12)


@pytest.mark.parametrize("is_plain", (False, True))
@pytest.mark.parametrize("gas", (0.0, 1.0e-9, 1.0e-4))
def test_a_drum_takes_wet_steam_with_hardly_any_gas(gas, is_plain):
    """Steam of resting stacks, at its boiling point: a drop of pressure makes drops evaporate, none is above boiling."""
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
    rig.put_slot("inlet", layout.PRESSURE, 1.02e5)
    assert rig.step(1, 60.0) == OK
    for port in ("gas", "drain"):
        assert_at_equilibrium(rig.stream(port))
    assert rig.stream("drain")[layout.LIQUID] < 0.98 * 0.05
    rig.assert_balanced(1.0e-12)


def test_a_trickle_of_steam_after_a_surge_is_cooled():
    """A hot side that the first guess would condense is searched down to a duty, not to none at all."""
    rig = Rig(recuperator.KIND, PREHEATER)
    for hot, cold, cold_k in ((0.55, 1.03, 387.0), (7.0e-5, 0.153, 387.35)):
        rig.set_stream("hot_inlet", 660.65, 1.1e5, h2=0.0142 * hot if hot > 0.1 else 0.0, vapour=hot)
        rig.set_stream("cold_inlet", cold_k, 6.0e5, liquid=cold)
        assert rig.step(1, 3600.0) == OK
    assert rig.stream("hot_outlet")[layout.TEMPERATURE] == pytest.approx(387.35, abs=0.1)
    assert rig.field("duty_w") == pytest.approx(38.3, abs=0.5)
    rig.assert_balanced(1.0e-11)
