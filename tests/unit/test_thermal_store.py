"""The exact step of a cooled store against an ODE solver with the same valve."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from h2plant.physics.thermal_store import cooled_store_step

CAPACITY = 8.4e7


@settings(max_examples=60, deadline=None)
@given(
    st.floats(280.0, 370.0),
    st.floats(0.0, 3.0e6),
    st.sampled_from([0.0, 100.0, 1.0e4]),
    st.floats(1.0, 3.0e5),
    st.floats(270.0, 330.0),
    st.sampled_from([1.0, 60.0, 900.0, 3600.0]),
)
def test_store_balances_and_heat_flows_only_towards_the_sink(
    start_k: float, heat: float, loss: float, cooler: float, sink_k: float, dt: float
) -> None:
    source = heat + loss * 288.15
    end, mean, removed, cooled = cooled_store_step(start_k, 330.15, 300.0, CAPACITY, source, loss, cooler, sink_k, dt)
    assert CAPACITY * (end - start_k) / dt == pytest.approx(source - loss * mean - removed, abs=1e-6 * (1e6 + source))
    assert 0.0 <= removed <= cooler * max(cooled - sink_k, 0.0) * (1.0 + 1e-9)
    if end < 330.15 - 1e-6:
        assert removed == 0.0 or end >= start_k - 1e-9 or sink_k > 330.0 or start_k > 330.15
    if removed > 0.0:
        assert end >= 330.15 - 1e-9


@pytest.mark.parametrize(("cooler", "dt"), [(1.0e5, 3600.0), (2.0e4, 3600.0), (2.0e4, 20000.0)])
def test_store_that_reaches_its_setpoint_agrees_with_an_ode_solver(cooler: float, dt: float) -> None:
    start_k, heat, loss, sink_k, set_k = 318.15, 1.5e6, 500.0, 293.15, 330.15
    source = heat + loss * 283.15
    end, mean, removed, _ = cooled_store_step(start_k, set_k, 300.0, CAPACITY, source, loss, cooler, sink_k, dt)

    def valve(temperature_k: float) -> float:
        most = cooler * (temperature_k - sink_k)
        return most * min(max((temperature_k - set_k) / 1e-3, 0.0), 1.0)  # nearly a switch

    def rate(_t: float, y: np.ndarray) -> list[float]:
        s = valve(y[0])
        return [(source - loss * y[0] - s) / CAPACITY, y[0], s]

    solution = solve_ivp(rate, (0.0, dt), [start_k, 0.0, 0.0], method="LSODA", rtol=1e-8, atol=1e-6, max_step=60.0)
    assert end == pytest.approx(solution.y[0, -1], abs=2e-3)
    assert mean == pytest.approx(solution.y[1, -1] / dt, abs=2e-3)
    assert removed == pytest.approx(solution.y[2, -1] / dt, rel=1e-3)
