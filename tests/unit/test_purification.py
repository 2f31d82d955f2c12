"""Purification, drying, chilling and dissolved gas against published figures and exact solutions."""

import math

import pytest

from h2plant.components.dryer import COOLING, HEATING, READY
from h2plant.components.dryer import KIND as DRYER
from h2plant.core.jit import python_function
from h2plant.physics.pressure_drop import pressure_after_drop
from h2plant.physics.purification import (
    adsorbed_mass,
    catalyst_transfer_units,
    dilute_vapour_enthalpy,
    entrained_liquid_enthalpy,
    regenerated_bed,
)
from h2plant.physics.refrigeration import chiller_cop
from h2plant.physics.solubility import (
    HENRY_H2_K,
    HENRY_H2_MOL_PER_M3_PA,
    HENRY_O2_K,
    HENRY_O2_MOL_PER_M3_PA,
    dissolved_mole_ratio,
)
from h2plant.physics.stream import stream_enthalpy
from h2plant.testing.rig import Rig, tables

BTU_PER_LB = 2326.0  # J/kg


def test_chiller_cop_is_4_to_6_and_falls_3_percent_per_kelvin() -> None:
    at_25 = chiller_cop(0.6, 273.15, 308.15)
    at_26 = chiller_cop(0.6, 273.15, 309.15)
    assert 4.0 < at_25 < 6.0
    assert 1.0 - at_26 / at_25 == pytest.approx(0.03, abs=0.005)


def test_dry_gas_leaves_a_bed_beyond_breakthrough_as_it_is() -> None:
    assert adsorbed_mass(6.0, 0.0, 5.0, 8.0, 60.0) == 0.0


def test_traces_of_water_have_the_tables_enthalpy() -> None:
    for temperature_k in (280.0, 300.0, 330.0):
        vapour = stream_enthalpy(tables(), 1.0, 0.0, 0.0, 1.0e-6, 0.0, temperature_k, 4.0e6)
        vapour -= stream_enthalpy(tables(), 1.0, 0.0, 0.0, 0.0, 0.0, temperature_k, 4.0e6)
        assert dilute_vapour_enthalpy(temperature_k) == pytest.approx(vapour / 1.0e-6, abs=1.0e3)
        liquid = stream_enthalpy(tables(), 0.0, 0.0, 0.0, 0.0, 1.0, temperature_k, 1.0e6)
        assert entrained_liquid_enthalpy(temperature_k) == pytest.approx(liquid, abs=1.0e3)


@pytest.mark.parametrize("temperature_k", [278.15, 298.15, 333.15, 363.15])
def test_dissolved_gas_follows_van_t_hoff(temperature_k: float) -> None:
    """Sander 2015, DOI 10.5194/acp-15-4399-2015; hydrogen at 25 C and 40 bar: 5.6e-4."""
    for henry, coefficient in ((HENRY_H2_MOL_PER_M3_PA, HENRY_H2_K), (HENRY_O2_MOL_PER_M3_PA, HENRY_O2_K)):
        exact = henry * math.exp(coefficient * (1.0 / temperature_k - 1.0 / 298.15)) * 40.0e5 * 18.01528e-3 / 997.05
        assert dissolved_mole_ratio(henry, coefficient, 40.0e5, temperature_k) == pytest.approx(exact, rel=2.0e-3)


def test_pressure_drop_is_smooth_and_never_total() -> None:
    assert pressure_after_drop(1.0e5, 2.0e3) == 98.0e3
    assert pressure_after_drop(1.0e5, 0.5e5) == pytest.approx(pressure_after_drop(1.0e5, 0.5e5 + 1.0), abs=1.1)
    assert pressure_after_drop(1.0e5, 1.0e6) == 0.6e5


def test_catalyst_needs_warmth_and_time() -> None:
    at_design = catalyst_transfer_units(1.0, 333.15, 12.0, 60.0, 333.15, 30.0e3)
    assert at_design == pytest.approx(10.0)  # 12 x 60 / 72
    assert catalyst_transfer_units(2.0, 333.15, 12.0, 1.0e9, 333.15, 30.0e3) == pytest.approx(12.0 * 2.0**-0.4)
    assert catalyst_transfer_units(1.0, 300.0, 12.0, 60.0, 333.15, 30.0e3) < at_design


def test_adsorption_is_exact_for_any_step() -> None:
    """Beyond breakthrough dW/dt = F (W_sat - W) / (W_sat - W_b): the sum of small steps is the big step."""
    once = adsorbed_mass(4.0, 1.0e-3, 5.0, 8.0, 3600.0)
    load = 4.0
    for _ in range(3600):
        load += adsorbed_mass(load, 1.0e-3, 5.0, 8.0, 1.0)
    assert once == pytest.approx(load - 4.0, rel=1.0e-12)
    assert once == pytest.approx(1.0 + 3.0 * (1.0 - math.exp(-2600.0 * 1.0e-3 / 3.0)), rel=1.0e-12)


BED = (20.0, 490.0, 1.1e5, 4.4e6, 313.15, 503.15, 8.0)  # K, T_limit, C, q, isobar: start, end, load


def test_regeneration_is_exact_for_any_step() -> None:
    once = regenerated_bed(290.0, 4.4, *BED, 36000.0)
    T, load, heat = 290.0, 4.4, 0.0
    for _ in range(600):
        T, load, part = regenerated_bed(T, load, *BED, 60.0)
        heat += part
    assert once == pytest.approx((T, load, heat), rel=1.0e-10)
    assert heat == pytest.approx(1.1e5 * (T - 290.0) + 4.4e6 * (4.4 - load), rel=1.0e-10)


def test_regeneration_solves_its_differential_equation() -> None:
    advance = python_function(regenerated_bed)
    exchange, limit, capacity, q, start, end, most = BED
    T, load, dt = 290.0, 4.4, 2.0
    for _ in range(9000):
        is_on_line = load >= most * (end - T) / (end - start) and load > 0.0
        slope = most / (end - start) if is_on_line else 0.0
        T += dt * exchange * (limit - T) / (capacity + q * slope)
        load = min(load, max(most * (end - T) / (end - start), 0.0))
    assert advance(290.0, 4.4, *BED, 18000.0)[:2] == pytest.approx((T, load), rel=1.0e-3)


def test_cooling_keeps_the_load() -> None:
    T, load, heat = regenerated_bed(460.0, 1.5, 20.0, 290.0, *BED[2:], 5500.0)
    assert pytest.approx(290.0 + 170.0 * math.exp(-1.0)) == T
    assert load == 1.5
    assert heat == pytest.approx(1.1e5 * (T - 460.0))


@pytest.mark.parametrize(("temperature_k", "load_kg"), [(380.0, 5.2), (470.0, 3.0), (560.0, 0.1)])
def test_a_bed_above_the_isobar_gives_off_water_at_its_own_cost(temperature_k: float, load_kg: float) -> None:
    """With hardly any gas the heat of desorption comes out of the bed, which ends on the isobar or dry."""
    _, _, capacity, q, start, end, most = BED
    T, load, heat = regenerated_bed(temperature_k, load_kg, 1e-9, 600.0, *BED[2:], 60.0)
    assert capacity * (temperature_k - T) == pytest.approx(q * (load_kg - load), rel=1e-9)
    assert load == pytest.approx(max(most * (end - T) / (end - start), 0.0), abs=1e-9)
    assert heat == pytest.approx(0.0, abs=1e-3)


def test_regeneration_heat_against_gas_processors_rule() -> None:
    """GPSA Engineering Data Book, 12th ed., section 20: 1800 Btu/lb of water desorbed, sieve and steel heated to the
    regeneration temperature, 10 % for losses, 2.5 times that from the heater, as the gas leaves hot."""
    rig = Rig(DRYER, {"loss_w_per_k": 1.0e-3})
    rig.set_signal("ambient_temperature", 290.0)
    rig.set_stream("inlet", temperature_k=277.15, pressure_pa=40.0e5, h2=0.0265, vapour=4.8176e-5)
    while rig.field("mode") == READY:
        rig.step(1, 60.0)
    loaded, start_k = rig.field("regenerating_load_kg"), rig.field("regenerating_temperature_k")
    heater_w, outlets, purges = [], [], []
    while rig.field("mode") == HEATING:
        rig.step(1, 60.0)
        heater_w.append(rig.signal("power"))
        outlets.append(rig.stream("outlet"))
        purges.append(rig.stream("purge"))
    desorbed = loaded - rig.field("regenerating_load_kg")
    end_k = rig.field("regenerating_temperature_k")
    rig.step(1, 60.0)
    purges.append(rig.stream("purge"))
    heater_j, into_bed_j = sum(heater_w) * 60.0, 0.0
    for power_w, outlet, purge in zip(heater_w, outlets, purges[1:], strict=True):  # purge leaves in the step after
        slip_w = outlet[5] * purge[0] / outlet[0]
        into_bed_j += (power_w + slip_w - purge[5]) * 60.0
    into_bed_j += desorbed * dilute_vapour_enthalpy(298.15)  # the water's own enthalpy left with the purge
    water_j, solid_j = desorbed * 1800.0 * BTU_PER_LB, 1.1e5 * (end_k - start_k)
    assert into_bed_j == pytest.approx(water_j + solid_j, rel=1.0e-3)
    assert heater_j == pytest.approx(2.5 * 1.1 * (water_j + solid_j), rel=0.2)
    assert rig.field("mode") == COOLING
    rig.assert_balanced()
