"""Moist gas: dew points and condensate, and the held water properties against the tables."""

import pytest

from h2plant.components.compressor_stage import KIND as COMPRESSOR_STAGE
from h2plant.components.electric_heater import KIND as ELECTRIC_HEATER
from h2plant.components.gas_cooler import KIND as GAS_COOLER
from h2plant.core.properties import gases_enthalpy, steam_enthalpy, water_enthalpy
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.physics.held.gas import held_gases_enthalpy
from h2plant.physics.held.water import (
    held_liquid_enthalpy,
    held_vapour_enthalpy,
    holds_water,
    keep_water,
    load_water,
    renewed_water,
)
from h2plant.physics.stream import dry_molar_flow, stream_enthalpy, water_split
from h2plant.physics.wet_gas import cooled_water, evaporated_temperature, held_flash
from h2plant.testing.rig import Rig, tables

NOTHING_HELD = (0.0,) * 10
M_H2, M_H2O = 2.01588e-3, 18.01528e-3


def _cooled(props, held, h2, o2, n2, water, temperature_k, pressure_pa):
    """Return (enthalpy flow, vapour, held) of a stream at equilibrium."""
    dry = dry_molar_flow(h2, o2, n2)
    water_w, vapour, held = cooled_water(props, held, dry, water, temperature_k, pressure_pa)
    return water_w + gases_enthalpy(props, h2, o2, n2, pressure_pa, temperature_k), vapour, held


@pytest.mark.parametrize(
    ("temperature_k", "saturation_pa"),
    [(277.15, 813.5484), (313.15, 7384.938), (333.15, 19946.434)],  # IAPWS-95
)
def test_saturated_hydrogen_at_40_bar(temperature_k: float, saturation_pa: float) -> None:
    enthalpy_w, vapour, _ = _cooled(tables(), NOTHING_HELD, 1.0, 0.0, 0.0, 1.0, temperature_k, 40.0e5)
    moles = vapour / M_H2O
    assert moles / (moles + 1.0 / M_H2) == pytest.approx(saturation_pa / 40.0e5, rel=1.0e-5)
    expected = stream_enthalpy(tables(), 1.0, 0.0, 0.0, vapour, 1.0 - vapour, temperature_k, 40.0e5)
    assert enthalpy_w == pytest.approx(expected, rel=1.0e-9)


def test_moist_hydrogen_at_60_c_and_40_bar_holds_half_a_percent() -> None:
    _, vapour, _ = _cooled(tables(), NOTHING_HELD, 1.0, 0.0, 0.0, 1.0, 333.15, 40.0e5)
    moles = vapour / M_H2O
    assert moles / (moles + 1.0 / M_H2) == pytest.approx(0.005, rel=0.01)


@pytest.mark.parametrize("partial_pa", [700.0, 7000.0, 15000.0])
def test_held_water_agrees_with_the_tables_while_it_holds(partial_pa: float) -> None:
    props = tables()
    held = renewed_water(props, partial_pa, 40.0e5, 333.15)
    for dt in (-0.25, 0.0, 0.2):
        for factor in (0.92, 1.0, 1.09):
            for dp in (-4.0e5, 0.0, 5.0e5):
                state = (partial_pa * factor, 40.0e5 + dp, 333.15 + dt)
                assert holds_water(held, *state)
                liquid = held_liquid_enthalpy(held, state[1], state[2])
                vapour = held_vapour_enthalpy(held, state[0], state[2])
                assert liquid == pytest.approx(water_enthalpy(props, state[1], state[2]), abs=1.0)
                assert vapour == pytest.approx(steam_enthalpy(props, state[0], state[2]), abs=10.0)
    assert not holds_water(held, partial_pa, 40.0e5, 333.45)
    assert not holds_water(held, 1.2 * partial_pa, 40.0e5, 333.15)


@pytest.mark.parametrize("temperature_k", [275.0, 300.0, 331.7, 380.0, 420.0])
@pytest.mark.parametrize("water", [1.0e-6, 0.003, 0.05, 3.0])
@pytest.mark.parametrize("pressure_pa", [1.0e5, 40.0e5])
def test_held_flash_agrees_with_the_flash(temperature_k: float, water: float, pressure_pa: float) -> None:
    props = tables()
    gas = (0.1, 1.0e-4, 1.0e-3)
    enthalpy_w, _, held = _cooled(props, NOTHING_HELD, *gas, water, temperature_k, pressure_pa)
    for start_k in (temperature_k - 0.1, 290.0, 400.0):
        expected = temperature_at_enthalpy(props, *gas, water, enthalpy_w, pressure_pa, start_k)
        T, vapour, liquid, held = held_flash(props, held, *gas, water, enthalpy_w, pressure_pa, start_k)
        assert pytest.approx(expected[0], abs=1.0e-4) == T
        assert vapour == pytest.approx(expected[1], rel=1.0e-5)
        assert vapour + liquid == pytest.approx(water, rel=1.0e-14)


def test_held_flash_of_pure_water_and_dry_gas() -> None:
    props = tables()
    enthalpy_w = stream_enthalpy(props, 0.0, 0.0, 0.0, 0.0, 2.0, 310.0, 2.0e5)
    T, _, liquid, held = held_flash(props, NOTHING_HELD, 0.0, 0.0, 0.0, 2.0, enthalpy_w, 2.0e5, 290.0)
    assert pytest.approx(310.0, abs=1.0e-4) == T
    assert liquid == 2.0
    enthalpy_w = stream_enthalpy(props, 0.1, 0.0, 0.0, 0.0, 0.0, 600.0, 2.0e5)
    T, _, _, _ = held_flash(props, held, 0.1, 0.0, 0.0, 0.0, enthalpy_w, 2.0e5, 290.0)
    assert pytest.approx(600.0, abs=1.0e-6) == T


@pytest.mark.parametrize(("pressure_pa", "temperature_k"), [(1.01325e5, 298.0), (15.0e5, 313.15), (500.0e5, 313.15)])
def test_held_gases_agree_with_the_tables_while_they_hold(pressure_pa: float, temperature_k: float) -> None:
    """To 2 J/kg, 1e-4 K of hydrogen, as far as they are held; a cooler's record is what holds them."""
    rig = Rig(GAS_COOLER, {})
    flows = (0.1, 0.02, 0.03)
    held_gases_enthalpy(rig.c, rig.props, *flows, pressure_pa, temperature_k)
    for dt in (-0.25, 0.0, 0.2):
        for dp in (-0.05 * pressure_pa, 0.0, 0.05 * pressure_pa):
            state = (pressure_pa + min(max(dp, -1.0e5), 1.0e5), temperature_k + dt)
            found = held_gases_enthalpy(rig.c, rig.props, *flows, *state)
            assert rig.field("held_gas_k") == temperature_k
            assert found == pytest.approx(gases_enthalpy(rig.props, *flows, *state), abs=0.1 * 2.0 + 0.05 * 0.5)
    held_gases_enthalpy(rig.c, rig.props, *flows, pressure_pa, temperature_k + 0.3)
    assert rig.field("held_gas_k") == temperature_k + 0.3


@pytest.mark.parametrize("pressure_pa", [2.0e5, 41.0e5, 200.0e5])
def test_evaporated_drops_are_where_the_flash_finds_them(pressure_pa: float) -> None:
    """From state to state, as a compressor stage's discharge wanders; where drops could stay, no answer."""
    props, h2, water = tables(), 0.1, 0.003
    c = Rig(COMPRESSOR_STAGE, {}).c
    dry = stream_enthalpy(props, h2, 0.0, 0.0, water, 0.0, 400.0, pressure_pa)
    start_k, answered = 399.5, 0
    for k in range(40):
        enthalpy_w, pa = dry + 30.0 * k * (-1) ** k, pressure_pa * (1.0 + 2.0e-4 * k)
        expected, _, liquid = temperature_at_enthalpy(props, h2, 0.0, 0.0, water, enthalpy_w, pa, start_k)
        T = evaporated_temperature(c, props, h2, 0.0, 0.0, water, enthalpy_w, pa, start_k)
        assert liquid == 0.0
        if T > 0.0:
            assert T == pytest.approx(expected, abs=1.0e-4)
            answered += 1
        start_k = expected
    assert answered > 30
    misty = stream_enthalpy(props, h2, 0.0, 0.0, water, 9.0 * water, 310.0, pressure_pa)
    assert evaporated_temperature(c, props, h2, 0.0, 0.0, 10.0 * water, misty, pressure_pa, 310.0) == 0.0


@pytest.mark.parametrize("o2", [0.0, 2.0e-5])
def test_heater_asks_what_the_tables_say_of_moist_gas(o2: float) -> None:
    rig = Rig(ELECTRIC_HEATER, {"temperature_target_k": 333.15, "power_max_w": 1.0e6, "efficiency_frac": 1.0})
    for k in range(6):
        pressure_pa = 40.0e5 * (1.0 - 0.003 * k)
        rig.set_stream("inlet", 300.0, pressure_pa, h2=0.1, o2=o2, vapour=1.0e-4, liquid=0.008)
        rig.step()
        rig.assert_balanced(1.0e-12)
        h2, o2_out, _, vapour, liquid, enthalpy_w, temperature_k, _ = rig.stream("outlet")
        expected = stream_enthalpy(tables(), h2, o2_out, 0.0, vapour, liquid, temperature_k, pressure_pa)
        assert enthalpy_w == pytest.approx(expected, rel=1.0e-7)
        assert (vapour, liquid) == pytest.approx(water_split(tables(), h2, o2, 0.0, 0.0081, 333.15, pressure_pa))


def test_held_water_is_kept_where_it_was_renewed() -> None:
    props, c = tables(), Rig(GAS_COOLER, {}).c
    keep_water(c, renewed_water(props, 7000.0, 40.0e5, 333.15))
    first = load_water(c)
    keep_water(c, (*first[:2], 0.0, *first[3:]))  # of the same state: nothing to write
    assert load_water(c) == first
    for state in ((7100.0, 40.0e5, 333.15), (7100.0, 41.0e5, 333.15), (7100.0, 41.0e5, 333.25)):
        renewed = renewed_water(props, *state)
        keep_water(c, renewed)
        assert load_water(c) == renewed
