"""Purification, drying, chilling and dissolved gas against published figures and exact solutions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h2plant.components.chiller import KIND as CHILLER
from h2plant.components.dryer import COOLING, HEATING, READY
from h2plant.components.dryer import KIND as DRYER
from h2plant.laws.water_properties import henry_constant
from h2plant.physics.pressure_drop import pressure_after_drop
from h2plant.physics.purification import (
    adsorbed_mass,
    catalyst_transfer_units,
    dilute_vapour_enthalpy,
    entrained_liquid_enthalpy,
    regenerated_bed,
)
from h2plant.physics.refrigeration import chiller_cop
from h2plant.physics.solubility import hydrogen_mole_ratio, nitrogen_mole_ratio, oxygen_mole_ratio
from h2plant.physics.stream import stream_enthalpy
from h2plant.testing.rig import Rig, tables

BTU_PER_LB = 2326.0  # J/kg


def test_chiller_has_the_least_cop_of_the_standard() -> None:
    """ASHRAE 90.1-2010, air-cooled: COP 2.80 (EER 9.562) at 44 F leaving water and air of 95 F."""
    fields = {f.name: f.default for f in CHILLER.parameters}
    evaporation_k = 279.82 - fields["evaporator_approach_k"]
    condensation_k = 308.15 + fields["condenser_approach_k"]
    assert chiller_cop(fields["carnot_frac"], evaporation_k, condensation_k) == pytest.approx(2.80, abs=0.01)


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


ATM_PA = 101325.0
RATIOS = {"h2": hydrogen_mole_ratio, "o2": oxygen_mole_ratio, "n2": nitrogen_mole_ratio}
# constants of ln x = A + B/T + C ln T, T in 100 K, at 1 atm, and largest deviation: Solubility Data Series 5/6 (Young
# 1981, hydrogen), 7 (Battino 1981, oxygen), 10 (Battino 1982, nitrogen), as the CRC Handbook has them
IUPAC = {
    "h2": (-48.1611, 55.2845, 16.8893, 0.04),
    "o2": (-66.73538, 87.47547, 24.45264, 0.017),
    "n2": (-67.38765, 86.32129, 24.79808, 0.026),
}
# 1e4 atm at 0, 25, 60, 80 and 100 C: International Critical Tables III, 255 to 257, from measurements of Winkler 1891
WINKLER = {
    "h2": ((5.79, 7.07, 7.65, 7.55, 7.45), 0.043),
    "o2": ((2.55, 4.38, 6.29, 6.87, 7.01), 0.017),
    "n2": ((5.29, 8.65, 12.0, 12.6, 12.6), 0.083),
}


@pytest.mark.parametrize("gas", ["h2", "o2", "n2"])
def test_dissolved_gas_is_that_of_iapws_and_near_what_was_measured(gas: str) -> None:
    """IAPWS G7-04, table 4: ln(k_H/1 GPa) at 300 and 400 K; 1 atm over a mole fraction by IUPAC and Winkler."""
    ratio, (a, b, c, near) = RATIOS[gas], IUPAC[gas]
    published = {"h2": (1.9702, 1.8464), "o2": (1.5024, 1.8832), "n2": (2.1716, 2.3509)}[gas]
    for temperature_k, logarithm in zip((300.0, 400.0), published, strict=True):
        assert -math.log(ratio(1.0e9, temperature_k)) == pytest.approx(logarithm, abs=4.0e-4)
        assert math.log(henry_constant(gas, temperature_k) / 1.0e9) == pytest.approx(logarithm, abs=5.0e-5)
    measured, within = WINKLER[gas]
    for degc, found in zip((0.0, 25.0, 60.0, 80.0, 100.0), measured, strict=True):
        temperature_k = 273.15 + degc
        assert 1.0 / ratio(ATM_PA, temperature_k) == pytest.approx(found * 1.0e4, rel=within)
        if degc <= 80.0:
            smoothed = math.exp(a + b * 100.0 / temperature_k + c * math.log(temperature_k / 100.0))
            assert ratio(ATM_PA, temperature_k) == pytest.approx(smoothed, rel=near)
    for temperature_k in range(253, 494, 4):  # the law's own way to the same guideline; beyond 0 and 180 C as there
        assert ratio(1.0, temperature_k) * henry_constant(gas, temperature_k) == pytest.approx(1.0, abs=3.0e-4)


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


BED = (1.1e5, 4.4e6)  # C, q
ISOBAR = (313.15, 503.15, 8.0)  # start, end, load
AIR = (2.0, 285.0)


def _advanced(T: float, load: float, inlet_k: float, start_k: float, zone: float, dt: float, *, air=AIR, gas=20.0):  # type: ignore[no-untyped-def]
    return regenerated_bed((T, load, *BED), (gas, inlet_k), air, ISOBAR, start_k, zone, dt)


@pytest.mark.parametrize("zone", [0.0, 0.25, 1.0])
def test_regeneration_is_exact_for_any_step(zone: float) -> None:
    once = _advanced(290.0, 4.4, 490.0, 290.0, zone, 12000.0)
    T, load, lost = 290.0, 4.4, 0.0
    for _ in range(600):
        T, load, part = _advanced(T, load, 490.0, 290.0, zone, 20.0)
        lost += part
    assert once == pytest.approx((T, load, lost), rel=1.0e-9)


@pytest.mark.parametrize("zone", [0.1, 0.25, 1.0])
def test_regeneration_solves_its_differential_equation(zone: float) -> None:
    """The front's zone is at the end of the bed from u = 1 - z on; until then gas leaves as cold as the bed began."""
    capacity = BED[0] + BED[1] * (4.4 - 8.0 * (503.15 - 490.0) / 190.0) / 200.0
    T, lost, dt = 290.0, 0.0, 1.0
    for _ in range(15000):
        u = (T - 290.0) / 200.0
        out_k = 290.0 + 200.0 * max(u - (1.0 - zone), 0.0) / zone
        lost += dt * AIR[0] * (T - AIR[1])
        T += dt * (20.0 * (490.0 - out_k) - AIR[0] * (T - AIR[1])) / capacity
    found = _advanced(290.0, 4.4, 490.0, 290.0, zone, 15000.0)
    assert found[0] == pytest.approx(T, abs=0.05) and found[2] == pytest.approx(lost, rel=1e-3)
    assert found[1] == pytest.approx(4.4 - (capacity - BED[0]) / BED[1] * (T - 290.0), abs=0.005)


@given(
    mean_u=st.floats(0.0, 1.0),
    load_frac=st.floats(0.05, 1.0),
    zone=st.floats(0.01, 1.0),
    gas=st.floats(1.0e-4, 100.0),
    dt=st.sampled_from([1.0, 60.0, 3600.0]),
)
def test_purge_gas_gives_what_it_can_and_takes_nothing(
    mean_u: float, load_frac: float, zone: float, gas: float, dt: float
) -> None:
    """A trickle cannot carry a bed's loss: the bed cools, and the gas leaves between its inlet and the bed's start."""
    start_k, inlet_k = 290.0, 490.0
    T = start_k + mean_u * (inlet_k - start_k)
    most = 8.0 * min(max((503.15 - T) / 190.0, 0.0), 1.0)
    end_k, load, lost = _advanced(T, load_frac * most, inlet_k, start_k, zone, dt, gas=gas)
    given_j = lost + BED[0] * (end_k - T) + BED[1] * (load_frac * most - load)
    most_j = gas * (inlet_k - start_k) * dt
    slack = 1.0e-9 * (BED[0] * 200.0 + most_j)
    assert -slack <= given_j <= most_j + slack
    assert load <= load_frac * most


def test_a_bed_heated_beyond_its_isobar_holds_no_more_than_that_allows() -> None:
    T, load, _ = _advanced(400.0, 4.34, 560.0, 290.0, 1.0, 5400.0)
    assert 420.0 < T < 503.15
    assert load <= 8.0 * (503.15 - T) / 190.0 * (1.0 + 1e-12)


def test_a_front_needs_no_more_than_the_bed_takes_up_and_a_mixed_bed_2_56_times_that() -> None:
    """To 90 % of its rise: a sharp front gives all of its heat, a mixed bed lets ln 10 / 0.9 = 2.56 of it go out."""
    heat_j = 0.9 * (BED[0] * 200.0 + BED[1] * (4.4 - 8.0 * (503.15 - 490.0) / 190.0))
    for zone, ratio in ((0.0, 1.0), (1.0, math.log(10.0) / 0.9)):
        span_s = ratio * heat_j / (20.0 * 200.0)
        T, _, _ = _advanced(290.0, 4.4, 490.0, 290.0, zone, span_s, air=(0.0, 290.0))
        assert pytest.approx(290.0 + 0.9 * 200.0, abs=0.02) == T


def test_cooling_keeps_the_load() -> None:
    T, load, lost = _advanced(460.0, 1.5, 290.0, 460.0, 1.0, 5500.0, air=(0.0, 290.0))
    assert pytest.approx(290.0 + 170.0 * math.exp(-1.0)) == T
    assert load == 1.5 and lost == 0.0
    T, load, _ = _advanced(460.0, 1.5, 290.0, 460.0, 0.0, 2750.0, air=(0.0, 290.0))
    assert pytest.approx(375.0) == T  # half of the bed is cold


@pytest.mark.parametrize(("temperature_k", "load_kg"), [(380.0, 5.2), (470.0, 3.0), (560.0, 0.1)])
def test_a_bed_above_the_isobar_gives_off_water_at_its_own_cost(temperature_k: float, load_kg: float) -> None:
    """With hardly any gas the heat of desorption comes out of the bed, which ends on the isobar or dry."""
    start, end, most = ISOBAR
    T, load, _ = _advanced(temperature_k, load_kg, 600.0, temperature_k, 0.25, 60.0, air=(0.0, 290.0), gas=1e-9)
    assert BED[0] * (temperature_k - T) == pytest.approx(BED[1] * (load_kg - load), rel=1e-6)
    assert load == pytest.approx(max(most * (end - T) / (end - start), 0.0), abs=1e-6)


@pytest.mark.parametrize(("zone", "ratio", "within"), [(1.0, 2.5, 0.2), (0.5, 1.31, 0.05), (0.25, 0.98, 0.05)])
def test_regeneration_heat_against_gas_processors_rule(zone: float, ratio: float, within: float) -> None:
    """GPSA Engineering Data Book, 12th ed., section 20: 1800 Btu/lb of water desorbed, sieve and steel heated to the
    regeneration temperature, 10 % for losses, 2.5 times that from the heater, where the gas leaves hot: a mixed bed.
    With a front it leaves hot at the end alone."""
    rig = Rig(DRYER, {"loss_w_per_k": 1.0e-3, "front_zone_frac": zone})
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
    assert heater_j == pytest.approx(ratio * 1.1 * (water_j + solid_j), rel=within)
    assert rig.field("mode") == COOLING
    rig.assert_balanced()
