"""Formulas for vessels against exact solutions and the equation of state."""

import math

import numpy as np
import pytest
from scipy.linalg import expm

from h2plant.physics.vessel import (
    FIRST_MODE_FRAC,
    cube_root,
    hydrogen_conductivity,
    hydrogen_viscosity,
    slab_modes,
    wall_exchange,
)
from tests.tank_experiments import vessel


@pytest.mark.parametrize("dt", [1.0, 60.0, 3600.0])
@pytest.mark.parametrize("inner", [0.0, 5.0, 1e5])
@pytest.mark.parametrize("outer", [0.0, 50.0])
@pytest.mark.parametrize(("in_k", "out_k"), [(0.0, 0.0), (4.0, -3.0)])
def test_wall_exchange_is_the_matrix_exponential(dt, inner, outer, in_k, out_k):
    gas, wall, heating, t_gas, t_wall, t_air = 2e4, 3e6, 700.0, 320.0, 300.0, 285.0
    # state: gas, wall, integral of both, constant
    m = np.zeros((5, 5))
    m[0, :2] = -inner / gas, inner / gas
    m[1, :2] = inner / wall, -(inner + outer) / wall
    m[0, 4] = (heating + inner * in_k) / gas
    m[1, 4] = (outer * (t_air - out_k) - inner * in_k) / wall
    m[2, 0] = m[3, 1] = 1.0
    mean = (expm(m * dt) @ [t_gas, t_wall, 0.0, 0.0, 1.0])[2:4] / dt
    got = wall_exchange(heating, gas, wall, inner, outer, t_gas, t_wall, in_k, out_k, t_air, dt)
    assert got[0] == pytest.approx(inner * (mean[0] - mean[1] - in_k), rel=1e-7, abs=1e-7 * max(inner, 1.0))
    assert got[1] == pytest.approx(outer * (mean[1] + out_k - t_air), rel=1e-8, abs=1e-6)


@pytest.mark.parametrize(
    ("density", "viscosity", "conductivity"),
    # CoolProp 8.0.0, 300 K, 1, 400, 700 bar: Muzny 2013 (doi:10.1021/je301273j), Assael 2011 (doi:10.1063/1.3606499)
    [(0.0808, 8.9385e-6, 0.18670), (25.68, 9.9168e-6, 0.21879), (39.0, 1.10725e-5, 0.24911)],
)
def test_transport_properties(density, viscosity, conductivity):
    assert hydrogen_viscosity(300.0, density) == pytest.approx(viscosity, rel=0.01)
    assert hydrogen_conductivity(300.0, density) == pytest.approx(conductivity, rel=0.03)


@pytest.mark.parametrize("dt", [2.0, 20.0, 100.0, 1e4])
def test_slab_with_constant_flux_is_carslaw_and_jaeger(dt):
    """Carslaw, Jaeger 1959, section 3.8: surfaces of a slab with a constant flux into one side."""
    resistance, capacity, flow = 0.1, 4e4, 50.0  # the slowest mode decays in 405 s
    skew, curvature, r = 0.0, 0.0, FIRST_MODE_FRAC * resistance
    skew_decay, curvature_decay, skew_share, curvature_share, own, cross = slab_modes(resistance, capacity, dt)
    n = np.arange(1, 4000)
    for step in range(round(max(400.0 / dt, 1.0))):
        inner = (
            skew * skew_decay + curvature * curvature_decay + own * flow
        )  # means over the step, above the mean of the wall
        outer = -skew * skew_decay + curvature * curvature_decay - cross * flow
        skew += skew_share * (r * flow - skew)
        curvature += curvature_share * (0.25 * r * flow - curvature)
        rate = (n * math.pi) ** 2 / (resistance * capacity)
        mean = (np.exp(-rate * step * dt) - np.exp(-rate * (step + 1) * dt)) / (rate * dt)
        settled = 2.0 * resistance * flow / (n * math.pi) ** 2
        taken = np.where(n < 3, settled * (1.0 - mean), settled)  # from the third mode on: settled at once
        assert inner == pytest.approx(taken.sum(), abs=3e-4)  # the series is cut off at 2.5e-4
        assert outer == pytest.approx((taken * (-1.0) ** n).sum(), abs=3e-4)


@pytest.mark.parametrize("film_w_per_k", [3.0, 300.0, 1e7])
@pytest.mark.parametrize("dt", [1.0, 10.0, 60.0, 900.0, 3600.0])
def test_wall_is_the_equation_of_heat_for_any_step(film_w_per_k, dt):
    """Hot gas in a poorly conducting wall: temperatures against 100 layers (matrix exponential), no ringing."""
    resistance, capacity, outer, gas = 0.1, 3e4, 5.0, 1e4
    n = 100
    c, g = capacity / n, n / resistance
    inner_g = 1.0 / (1.0 / film_w_per_k + 0.5 / g)
    outer_g = 1.0 / (1.0 / outer + 0.5 / g)
    m = np.zeros((n + 1, n + 1))  # gas, layers; temperatures above ambient
    for i, j, conductance in [(0, 1, inner_g)] + [(i, i + 1, g) for i in range(1, n)]:
        for a, b in ((i, j), (j, i)):
            m[a, a] -= conductance / (gas if a == 0 else c)
            m[a, b] += conductance / (gas if a == 0 else c)
    m[n, n] -= outer_g / c
    advance = expm(m * dt)
    exact = np.zeros(n + 1)
    exact[0] = 50.0
    gas_k, wall_k, skew, curvature, r = 50.0, 0.0, 0.0, 0.0, FIRST_MODE_FRAC * resistance
    skew_decay, curvature_decay, skew_share, curvature_share, own, cross = slab_modes(resistance, capacity, dt)
    inner_w_per_k, outer_w_per_k = 1.0 / (1.0 / film_w_per_k + own), 1.0 / (1.0 / outer + own)
    q_in = q_out = 0.0
    worst = 0.0
    for _ in range(round(max(7200.0 / dt, 4.0))):
        in_k = skew_decay * skew + curvature_decay * curvature + cross * q_out
        out_k = -skew_decay * skew + curvature_decay * curvature - cross * q_in
        q_in, q_out = wall_exchange(
            0.0, gas, capacity, inner_w_per_k, outer_w_per_k, gas_k, wall_k, in_k, out_k, 0.0, dt
        )
        skew += skew_share * (r * (q_in + q_out) - skew)
        curvature += curvature_share * (0.25 * r * (q_in - q_out) - curvature)
        gas_k -= q_in * dt / gas
        wall_k += (q_in - q_out) * dt / capacity
        exact = advance @ exact
        worst = max(worst, abs(gas_k - exact[0]), abs(wall_k - exact[1:].mean()))
        assert -0.5 < gas_k < 50.0
    # of the 50 K at the start; the worst is the beginning, against a wall with next to no film
    assert worst < (0.5 if film_w_per_k < 100.0 else 3.5)


def test_cube_root():
    for x in (0.0, 1e-12, 3.0, 5e8):
        exact = x ** (1.0 / 3.0)
        for guess in (0.0, exact, 0.992 * exact, 1.009 * exact, 0.85 * exact, 1.14 * exact, 7.0, 1e6):
            assert cube_root(x, guess) == pytest.approx(exact, rel=2e-6, abs=1e-300)


@pytest.mark.parametrize("is_composite", [False, True])
def test_two_hours_of_filling_for_any_step(is_composite):
    """State after two hours of filling from 100 bar, steps of 60 s to an hour against 10 s."""
    ends = []
    for dt in (10.0, 60.0, 900.0, 3600.0):
        if is_composite:
            rig = vessel(0.4, 1.6, 0.035, 1450, 1000, 0.5, 6, 288.0, 100e5, nozzle_diameter_m=0.01)
        else:
            rig = vessel(0.6, 8.84, 0.045, 7850, 470, 45, 10, 288.0, 100e5, nozzle_diameter_m=0.05)
        rig.set_stream("inlets", 305.0, 400e5, h2=1.2 / 3600.0 * rig.field("volume_m3"))
        rig.step(round(7200 / dt), dt)
        rig.assert_balanced(1e-12)
        ends.append([rig.field("temperature_k"), rig.field("wall_temperature_k"), rig.field("pressure_pa")])
    deviation = np.abs(np.array(ends[1:]) / ends[0] - 1.0).max(axis=1)
    assert deviation[0] < 1e-5
    assert deviation[1] < 3e-4
    assert deviation[2] < 1e-3
