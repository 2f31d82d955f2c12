"""What units record of their starts, and what a start costs by it."""

from __future__ import annotations

import pytest

from h2plant.components import pem_stack, soec_mode
from h2plant.components.pem_stack import KIND as PEM
from h2plant.components.soec_module import KIND as SOEC
from h2plant.economics.start_cost import measured_start
from h2plant.testing import Rig


def _stack(**parameters: float) -> Rig:
    rig = Rig(PEM, {"keep_warm_temperature_k": 0.0, **parameters})
    for port, value in (("coolant_temperature", 300.0), ("cooling_conductance", 20e3), ("ambient_temperature", 288.15)):
        rig.set_signal(port, value)
    return rig


def test_pem_starts_from_cold_and_from_standby() -> None:
    """300 s of checks, then from 15 % at 20 kW/s: 42.5 s to full power; from standby 10 s instead of 300."""
    rig = _stack()
    rig.set_signal("setpoint", 1.0e6)
    rig.step(500, 1.0)
    assert rig.field("n_cold_starts") == rig.field("n_starts") == rig.signal("starts") == 1.0
    assert rig.field("cold_start_s") == pytest.approx(342.5, abs=1.0)
    assert rig.field("cold_lost_s") == pytest.approx(300.0 + 0.5 * 0.85 * 42.5, abs=1.0)
    # 343.15 - 288.15 K of 4 MJ/K and 400 kg of water
    assert rig.field("cold_start_j") == pytest.approx((4.0e6 + 400.0 * 4186.0) * 55.0, rel=0.01)
    assert rig.field("hot_start_s") == 0.0
    rig.set_signal("setpoint", 0.0)
    rig.step(60, 1.0)
    rig.set_signal("setpoint", 0.5e6)
    rig.step(100, 1.0)
    assert (rig.field("n_starts"), rig.field("n_cold_starts")) == (2.0, 1.0)
    assert rig.field("hot_start_s") == pytest.approx(10.0 + 0.35e6 / 2e4, abs=1.0)
    assert rig.field("hot_lost_s") == pytest.approx(10.0 + 0.5 * 0.7 * 17.5, abs=1.0)
    assert rig.field("cold_start_s") == pytest.approx(342.5, abs=1.0)
    rig.assert_balanced()


def test_pem_stack_that_is_shut_down_starts_from_cold() -> None:
    rig = _stack()
    rig.set_signal("setpoint", 1.0e6)
    rig.step(10)
    rig.set_signal("setpoint", 0.0)
    rig.step(2)
    assert rig.field("mode") == pem_stack.STANDBY
    rig.set_signal("shut_down", 1.0)
    rig.step(1)
    assert rig.field("mode") == pem_stack.OFF
    rig.set_signal("setpoint", 1.0e6)
    rig.set_signal("shut_down", 0.0)
    rig.step(10)
    assert rig.field("n_cold_starts") == 2.0


def test_a_request_that_goes_away_ends_the_start() -> None:
    rig = _stack()
    rig.set_signal("setpoint", 1.0e6)
    rig.step(2)
    rig.set_signal("setpoint", 0.0)
    rig.step(5)
    assert rig.field("cold_start_s") == 120.0
    assert rig.field("n_starts") == 0.0


def _module(temperature_k: float) -> Rig:
    rig = Rig(SOEC, {"temperature_start_k": temperature_k})
    rig.set_signal("ambient_temperature", 288.15)
    return rig


def _run_module(rig: Rig, wanted_w: float, n: int) -> None:
    rig.set_signal("setpoint", wanted_w)
    for _ in range(n):
        rig.set_stream("steam", 423.15, 1.1e5, vapour=max(rig.signal("steam_demand"), 1e-9))
        rig.step(1)


def test_soec_starts_hot_and_from_cold() -> None:
    """Cold: 288 to 1053 K at 1 K/min are 765 minutes, on average half as warm as in the end."""
    rig = _module(1073.15)
    _run_module(rig, 2.4e6, 15)
    assert (rig.field("n_starts"), rig.field("n_cold_starts")) == (1.0, 0.0)
    assert rig.field("hot_start_s") == pytest.approx(60.0 * (1.0 + 2.28 / 0.24), abs=61.0)
    assert rig.field("hot_start_j") == 0.0

    rig = _module(288.15)
    _run_module(rig, 2.4e6, 800)
    assert (rig.field("n_starts"), rig.field("n_cold_starts"), rig.field("n_thermal_cycles")) == (1.0, 1.0, 1.0)
    assert rig.field("cold_start_s") == pytest.approx(60.0 * (765.0 + 10.5), abs=180.0)
    heat_j = 6.0e6 * 765.0 + 64.0 * 0.5 * 765.0 * 765.0 * 60.0
    blowers_j = 12e3 * 765.0 * 60.0
    assert rig.field("cold_start_j") == pytest.approx(heat_j + blowers_j, rel=0.02)
    rig.assert_balanced()


def test_soec_module_cools_down_when_it_is_told_to() -> None:
    rig = _module(1073.15)
    _run_module(rig, 0.0, 5)
    assert rig.field("mode") == soec_mode.HOT_STANDBY
    rig.set_signal("shut_down", 1.0)
    _run_module(rig, 0.0, 1)
    assert rig.field("mode") == soec_mode.COOLING
    rig.set_signal("shut_down", 0.0)
    _run_module(rig, 1.0e6, 60)
    assert rig.field("mode") == soec_mode.RUNNING
    assert rig.field("n_cold_starts") == 1.0  # warmed up again, though not from cold
    assert rig.field("n_thermal_cycles") == 0.0


def test_measured_start_is_the_mean() -> None:
    start = measured_start(4.0, energy_j=8.0e6, lost_s=100.0, time_s=200.0, ageing_frac=1e-3)
    assert (start.energy_j, start.lost_s, start.time_s, start.ageing_frac) == (2.0e6, 25.0, 50.0, 1e-3)
    assert start.n_measured == 4.0
    with pytest.raises(ValueError, match="no start"):
        measured_start(0.0, 0.0, 0.0, 0.0, 0.0)
