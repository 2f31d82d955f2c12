"""The exact step of pump and water column against an ODE solver, and the settling of a circulation pump."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from h2plant.components.pump import KIND as PUMP
from h2plant.core.jit import python_function
from h2plant.core.properties import water_enthalpy
from h2plant.physics.liquid import heated_water, held_heated_water
from h2plant.physics.pump import pipe_flow_step, pump_efficiency, pump_pressure_rise, pump_shaft_power, pump_speed
from h2plant.testing.rig import Rig, tables

RATED_FLOW = 0.036
SHUT_OFF_PA = 3.5e5
RESISTANCE = SHUT_OFF_PA / RATED_FLOW**2
INERTANCE = 2.5e7


def test_circulation_pump_with_3_5_bar_settles_within_5_to_10_s() -> None:
    source, friction = SHUT_OFF_PA / INERTANCE, RESISTANCE / INERTANCE
    at_5_s, _ = pipe_flow_step(0.0, source, friction, 5.0)
    at_10_s, _ = pipe_flow_step(0.0, source, friction, 10.0)
    assert 0.90 < at_5_s / RATED_FLOW < 0.995
    assert at_10_s / RATED_FLOW > 0.995
    # analytic: q = q_s tanh(t / (q_s L / p0))
    assert at_5_s == pytest.approx(RATED_FLOW * math.tanh(5.0 * SHUT_OFF_PA / (RATED_FLOW * INERTANCE)), rel=1e-12)


@pytest.mark.parametrize("dt", [0.5, 3.0, 60.0])
@pytest.mark.parametrize("source_share", [1.0, 0.3, 0.0, -0.02, -0.5])
@pytest.mark.parametrize("start_share", [0.0, 0.4, 1.0, 1.3])
def test_flow_step_agrees_with_an_ode_solver(source_share: float, start_share: float, dt: float) -> None:
    source, friction = source_share * SHUT_OFF_PA / INERTANCE, RESISTANCE / INERTANCE
    flow = start_share * RATED_FLOW

    def rate(_t: float, y: np.ndarray) -> list[float]:
        q = max(y[0], 0.0)
        slope = source - friction * q * q
        return [slope if q > 0.0 or slope > 0.0 else 0.0, q]

    def rest(_t: float, y: np.ndarray) -> float:
        return float(y[0])

    rest.terminal, rest.direction = True, -1  # type: ignore[attr-defined]
    solution = solve_ivp(rate, (0.0, dt), [flow, 0.0], rtol=1e-10, atol=1e-13, events=rest, method="DOP853")
    end, mean = pipe_flow_step(flow, source, friction, dt)
    end_expected = 0.0 if solution.t_events[0].size and source < 0.0 else solution.y[0, -1]
    assert end == pytest.approx(end_expected, abs=1e-8 * RATED_FLOW)
    assert mean == pytest.approx(solution.y[1, -1] / dt, abs=1e-8 * RATED_FLOW)


@settings(max_examples=50, deadline=None)
@given(
    st.floats(0.0, 2.0, allow_subnormal=False),
    st.floats(-1.0, 1.0, allow_subnormal=False),  # 1 / source must be finite
    st.floats(0.0, 10.0, allow_subnormal=False),
    st.floats(0.1, 3600.0),
    st.floats(0.05, 0.95),
)
def test_two_steps_are_one_longer_step(flow: float, source: float, friction: float, dt: float, share: float) -> None:
    step = python_function(pipe_flow_step)
    half, mean_a = step(flow, source, friction, share * dt)
    end, mean_b = step(half, source, friction, (1.0 - share) * dt)
    end_once, mean_once = step(flow, source, friction, dt)
    scale = max(flow, abs(source) * dt, 1e-12)
    assert end == pytest.approx(end_once, rel=1e-7, abs=1e-9 * scale)
    assert share * mean_a + (1.0 - share) * mean_b == pytest.approx(mean_once, rel=1e-7, abs=1e-9 * scale)


def test_affinity_laws() -> None:
    # at half speed: half the flow, a quarter of the rise, an eighth of the shaft power, the same efficiency
    full = pump_pressure_rise(SHUT_OFF_PA, 1.0e8, 1.0, 0.03)
    half = pump_pressure_rise(SHUT_OFF_PA, 1.0e8, 0.5, 0.015)
    assert half == pytest.approx(full / 4.0, rel=1e-12)
    power = pump_shaft_power(full, 0.03, RATED_FLOW, 1.0, 0.75)
    assert pump_shaft_power(half, 0.015, RATED_FLOW, 0.5, 0.75) == pytest.approx(power / 8.0, rel=1e-12)
    assert full * 0.03 / power == pytest.approx(pump_efficiency(0.75, 0.03 / RATED_FLOW), rel=1e-12)
    speed = pump_speed(1.0e5, RESISTANCE, SHUT_OFF_PA, 0.02)
    assert pump_pressure_rise(SHUT_OFF_PA, RESISTANCE, speed, 0.02) == pytest.approx(1.0e5, rel=1e-12)


@pytest.mark.parametrize("pressure_pa", [3.0e5, 41.0e5])
def test_pumped_water_from_what_is_held_is_that_of_the_tables(pressure_pa: float) -> None:
    """Over a slow drift and over jumps, from a record that holds nothing at first."""
    props, c = tables(), Rig(PUMP, {}).c
    for k in range(60):
        water, temperature_k = 0.5 + 0.01 * k, 285.0 + 0.03 * k + (20.0 if 30 <= k < 40 else 0.0)
        enthalpy_w = water * water_enthalpy(props, pressure_pa, temperature_k)
        flow = (0.0, 0.0, 0.0, water, enthalpy_w, pressure_pa, temperature_k + 0.02)
        T, vapour, liquid = held_heated_water(c, props, *flow)
        assert temperature_k == pytest.approx(heated_water(props, *flow)[0], abs=1.0e-5)
        assert temperature_k == pytest.approx(T, abs=3.0e-5)
        assert (vapour, liquid) == (0.0, water)
    gassy = (1.0e-5, 0.0, 0.0, 0.5, 0.5 * water_enthalpy(props, pressure_pa, 300.0), pressure_pa, 300.0)
    assert held_heated_water(c, props, *gassy) == heated_water(props, *gassy)
