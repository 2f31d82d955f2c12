"""Laws far from where parameters usually are: what drawn plants broke, each by itself."""

import math
from collections.abc import Iterable

import numpy as np
import pytest

from h2plant.components import alkaline_stack, circulation_pump, dry_cooler, dryer, heat_exchanger, pem_stack
from h2plant.components.alkaline_cell import CELLS, alkaline_polarisation
from h2plant.components.pem_cell import polarisation
from h2plant.core.declare import Kind
from h2plant.core.jit import plain
from h2plant.core.properties import saturation_pressure
from h2plant.core.status import OK, SOLVER_TRIP
from h2plant.laws.alkaline import _VOLTAGE_V
from h2plant.laws.alkaline_cell import Cell
from h2plant.laws.pem_seen import Curve
from h2plant.physics.alkaline_electrochemistry import alkaline_voltage, vapour_pressure_balej_1985
from h2plant.physics.pem_electrochemistry import cell_voltage
from h2plant.testing.rig import Rig, tables
from h2plant.testing.watched_rig import WatchedRig

both = pytest.mark.parametrize("is_plain", [True, False], ids=["plain", "compiled"])
_MEMO: dict = {}  # type: ignore[type-arg]
of_pem, pem_voltage, of_alkaline, of_lye, at_current, saturation = (
    plain(f, {}, _MEMO)
    for f in (
        polarisation, cell_voltage, alkaline_polarisation, vapour_pressure_balej_1985, alkaline_voltage,
        saturation_pressure,
    )
)  # fmt: skip


def _drawn(kind: Kind, names: Iterable[str], random: np.random.Generator) -> dict[str, float]:
    """Return parameters anywhere within their bounds, of wide ones the logarithm."""
    found = {}
    for name in names:
        low, high = kind.field(name).ge, kind.field(name).le
        assert low is not None and high is not None
        is_wide = low > 0.0 and high > 100.0 * low
        found[name] = math.exp(random.uniform(math.log(low), math.log(high))) if is_wide else random.uniform(low, high)
    return found


@pytest.mark.parametrize("temperature_k", [274.0, 287.0, 300.0, 313.15, 333.15, 353.15, 367.0])
def test_two_fits_of_the_pem_curve_agree_for_any_electrodes(temperature_k: float) -> None:
    """Kernel and law have fits of their own to the published curves: they agree as the law says they do."""
    fit = ("tafel_slope_ratio", "exchange_current_ratio")
    names = (*fit, *(f"{name}_activation_k" for name in fit), "electrode_resistance_ohm_m2")
    random, saturation_pa = np.random.default_rng(3), saturation(tables(), temperature_k)
    for n in range(60):
        drawn = _drawn(pem_stack.KIND, names, random) if n else {}
        rig = Rig(pem_stack.KIND, {}, is_plain=True)
        for name, value in drawn.items():
            rig.put(name, value)
        cathode, anode = rig.field("cathode_pressure_setpoint_pa"), rig.field("anode_pressure_pa")
        curve = Curve(*(rig.field(name) for name in Curve._fields))
        terms = of_pem(rig.c, temperature_k, saturation_pa, cathode, anode)
        doubt = float(curve.doubt_v(np.asarray(temperature_k)))
        for density in (300.0, 3.0e3, 1.2e4, 2.6e4):
            found = pem_voltage(density, temperature_k, *terms)
            wanted = float(curve.voltage(density, np.asarray(temperature_k), cathode))
            assert abs(found - wanted) <= doubt, (drawn, density, found, wanted, doubt)
        if not n and 313.0 < temperature_k < 354.0:
            assert doubt <= 4.6e-3  # new cells as published: no wider than the fit


@pytest.mark.parametrize("temperature_k", [274.0, 300.0, 353.15, 380.0])
def test_two_forms_of_the_alkaline_curve_agree_for_any_coefficients(temperature_k: float) -> None:
    random, saturation_pa = np.random.default_rng(4), saturation(tables(), temperature_k)
    names = [name for name in Cell._fields if name not in ("cell", "temperature_setpoint_k")]
    for n in range(40):
        rig = Rig(alkaline_stack.KIND, {}, is_plain=True)
        for name, value in {**_drawn(alkaline_stack.KIND, names, random), "cell": float(n % len(CELLS))}.items():
            rig.put(name, value)
        cell = Cell(*(rig.field(name) for name in Cell._fields))
        molality = cell.koh_setpoint_frac / (56.1056e-3 * (1.0 - cell.koh_setpoint_frac))
        vapour_pa = of_lye(saturation_pa, molality)
        for pressure in (4.0e5, 40.0e5):
            terms = of_alkaline(rig.c, temperature_k, pressure, vapour_pa)
            found, _ = at_current(4.0e3, *terms)
            wanted = float(cell.voltage(4.0e3, temperature_k, pressure))
            if math.isfinite(found):
                assert found == pytest.approx(wanted, abs=_VOLTAGE_V, rel=1e-6)


@both
def test_a_stack_that_its_voltage_held_back_ramps_from_its_smallest_load(is_plain: bool) -> None:
    """Cold cells take an eighth of the rating at their highest voltage; warmer, the smallest load at once."""
    values = {"activation_v": 0.381, "ramp_per_s": 1.6e-6, "start_time_s": 0.0, "initial_temperature_k": 308.0}
    values["h2_in_o2_trip_frac"] = 0.04
    rig = WatchedRig(alkaline_stack.KIND, values, is_plain=is_plain)
    for port, value in (("coolant_temperature", 293.15), ("ambient_temperature", 281.9), ("setpoint", 0.84e6)):
        rig.set_signal(port, value)
    held, least_w = [], 0.2e6
    for _ in range(24):
        rig.set_stream("water", liquid=rig.signal("water_demand"), temperature_k=288.15, pressure_pa=8e5)
        rig.step(1, 300.0)
        held.append(rig.field("cell_voltage_v") > 2.4 - 1e-6)
        assert held[-1] or rig.field("load_frac") * 1e6 >= least_w * (1.0 - 1e-9)
    assert held[0] and not held[-1]
    assert rig.field("power_end_w") == pytest.approx(least_w, rel=0.05)  # from there on at the ramp, 1.6 W/s
    assert rig.broken_laws() == {}


@both
@pytest.mark.parametrize("dt", [60.0, 900.0])
def test_separators_that_are_slowly_let_off_hold_no_more_than_their_pressure_allows(dt: float, is_plain: bool) -> None:
    """A stack that warms fast is shut down: its gas has expanded, and a vent of 22 h does not let it off."""
    values = {"vent_time_s": 7.8e4, "start_time_s": 0.0, "initial_temperature_k": 325.0, "heat_capacity_j_per_k_w": 1.0}
    rig = WatchedRig(alkaline_stack.KIND, values, is_plain=is_plain)
    for port, value in (("coolant_temperature", 320.0), ("ambient_temperature", 281.9), ("setpoint", 1.0e6)):
        rig.set_signal(port, value)
    for _ in range(max(int(2700.0 / dt), 3) + 4):
        if rig.field("temperature_k") > 345.0:
            rig.set_signal("setpoint", 0.0)
            rig.set_signal("shut_down", 1.0)
        rig.set_stream("water", liquid=rig.signal("water_demand"), temperature_k=288.15, pressure_pa=8e5)
        rig.step(1, dt)
    assert rig.field("mode") == 0.0 and rig.field("anode_o2_kg") > 0.1
    assert rig.stream("vent")[0] > 0.0
    assert rig.broken_laws() == {}
    rig.assert_balanced()


@pytest.mark.parametrize("flow", [5.4, 1e-9, 1.3e-12, 1e-18, 1e-60, 0.0])
def test_an_exchanger_follows_a_flow_that_runs_down_to_nothing(flow: float) -> None:
    rig = WatchedRig(heat_exchanger.KIND, {"rated_ua_w_per_k": 6e4, "rated_flow_hot_kg_per_s": 5.4})
    for hot, cold in ((flow, flow), (flow, 5.4), (5.4, flow)):
        rig.set_signal("flow_hot", hot)
        rig.set_signal("flow_cold", cold)
        rig.step()
        least = min(hot, cold) * 4181.0
        assert (least > 0.0) == (rig.signal("conductance") > 0.0) and rig.signal("conductance") <= least
    assert rig.broken_laws() == {}


@pytest.mark.parametrize("flow", [1e-3, 1e-13, 1e-18])
def test_coolers_and_pumps_follow_a_flow_of_nearly_nothing(flow: float) -> None:
    bank = WatchedRig(dry_cooler.KIND, {})
    for port, value in (("loop_flow", flow), ("ambient_temperature", 288.15), ("loop_temperature", 298.15)):
        bank.set_signal(port, value)
    bank.set_signal("heat", 0.3 * flow * 4181.0 * 10.0)
    bank.step(2)
    assert 0.0 < bank.field("use_frac") < 1.0
    assert bank.broken_laws() == {}
    pump = WatchedRig(circulation_pump.KIND, {"rated_flow_kg_per_s": 1e-6})
    pump.set_signal("run_signal", 1.0)
    pump.set_signal("setpoint", max(flow, 1e-6))
    pump.step(3)
    assert pump.broken_laws() == {}


@both
def test_a_trace_of_gas_in_water_that_a_bed_takes_up_is_no_purge_gas(is_plain: bool) -> None:
    rig = WatchedRig(dryer.KIND, {}, is_plain=is_plain)
    rig.set_signal("ambient_temperature", 295.7)
    rig.put("mode", dryer.COOLING)
    for bed, kelvin in (("adsorbing", 280.4), ("regenerating", 322.8)):
        rig.put(f"{bed}_temperature_k", kelvin)
    rig.put("front_start_k", 323.0)
    rig._before = rig.content()
    for h2 in (3.5e-21, 1e-15):
        rig.set_stream("inlet", 277.35, 53e5, h2=h2, liquid=4.3e-6)
        status = rig.step(1, 60.0)
        assert status != SOLVER_TRIP
        assert rig.field("purged_h2_kg") == 0.0 and rig.stream("outlet")[0] == h2
    rig.set_stream("inlet", 303.15, 53e5, h2=0.02, vapour=1e-5)
    assert rig.step(1, 60.0) == OK and rig.field("purged_h2_kg") > 0.0
    rig.assert_balanced()
    assert rig.broken_laws() == {}


@pytest.mark.parametrize("loss_w_per_k", [2.0, 9.2e4])
def test_water_that_comes_through_a_drowned_bed_may_condense(loss_w_per_k: float) -> None:
    """Wet gas of 110 C on a full bed: vapour comes through, and behind a vessel that loses much heat it is water."""
    rig = WatchedRig(dryer.KIND, {"loss_w_per_k": loss_w_per_k, "initial_load_ratio": 0.2})
    rig.set_signal("ambient_temperature", 281.8)
    rig.set_stream("inlet", 384.5, 41e5, h2=0.02, vapour=0.006)
    rig.step(4, 900.0)
    assert (rig.stream("outlet")[4] > 0.0) == (loss_w_per_k > 100.0)
    assert rig.broken_laws() == {}
    rig.assert_balanced()


@pytest.mark.parametrize("inlet_k", [480.0, 502.6, 520.0, 560.0])
def test_dried_gas_that_is_hotter_than_its_heater_regenerates_as_it_comes(inlet_k: float) -> None:
    rig = WatchedRig(dryer.KIND, {"initial_load_ratio": 0.1, "initial_temperature_k": 300.0})
    rig.set_signal("ambient_temperature", 297.1)
    rig.put("mode", dryer.HEATING)
    rig.put("adsorbing_temperature_k", inlet_k)
    rig.put("adsorbing_load_kg", 0.5)
    rig._before = rig.content()
    rig.set_stream("inlet", inlet_k, 53e5, h2=0.02, vapour=1e-6)
    rig.step(20, 300.0)
    assert (rig.signal("power") == 0.0) == (inlet_k > 503.15)
    assert rig.field("regenerating_temperature_k") > 310.0
    assert rig.broken_laws() == {}
    rig.assert_balanced()
