"""Formulas for vessels against exact solutions and the equation of state."""

import math

import numpy as np
import pytest
from scipy.linalg import expm

from h2plant.components.gas_tank import KIND
from h2plant.laws.wall import conduction_of, two_layers
from h2plant.physics.vessel import (
    cube_root,
    hydrogen_conductivity,
    hydrogen_viscosity,
    wall_exchange,
)
from h2plant.physics.wall_conduction import layered_wall, wall_means
from h2plant.testing import Rig
from h2plant.testing.watched_rig import WatchedRig
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


FIRST_MODE_FRAC = 2.0 / math.pi**2


def slab(resistance, capacity, dt):
    """Return means over a step for a wall of one layer: decays, shares, own and cross resistance."""
    *found, own, own_out, cross = wall_means(*layered_wall((0.0, 0.0), (resistance, capacity)), dt)
    assert own_out == own
    return *found, own, cross


@pytest.mark.parametrize("dt", [2.0, 20.0, 100.0, 1e4])
def test_slab_with_constant_flux_is_carslaw_and_jaeger(dt):
    """Carslaw, Jaeger 1959, section 3.8: surfaces of a slab with a constant flux into one side."""
    resistance, capacity, flow = 0.1, 4e4, 50.0  # the slowest mode decays in 405 s
    skew, curvature, r = 0.0, 0.0, FIRST_MODE_FRAC * resistance
    skew_decay, curvature_decay, skew_share, curvature_share, own, cross = slab(resistance, capacity, dt)
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


LINED = {
    **{
        "n_vessels": 1,
        "vessel_volume_m3": 0.074,
        "diameter_m": 0.358,
        "nozzle_diameter_m": 0.005,
        "film_length_m": 0.0,
    },
    **{"liner_thickness_m": 0.004, "wall_thickness_m": 0.015, "outer_film_w_per_m2_k": 6.0},
    **{"wall_density_kg_per_m3": 1500.0, "wall_heat_capacity_j_per_kg_k": 1000.0, "wall_conductivity_w_per_m_k": 0.7},
    **{"initial_temperature_k": 293.0, "initial_pressure_pa": 50e5, "min_pressure_pa": 5e5},
    **{"max_pressure_pa": 700e5, "relief_pressure_pa": 800e5},
}
LAYERS = {
    "aluminium in carbon fibre": ((2.7e-5, 7.7e4), (0.02, 3.0e4)),  # 4 mm and 15 mm of a vessel of 74 l
    "polymer in carbon fibre": ((0.0125, 1.5e4), (0.03, 4.0e4)),
    "thin steel in thick steel": ((2.0e-4, 1.0e4), (8.0e-4, 4.0e4)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYERS)
def test_wall_of_two_layers_is_that_of_thin_slices(name):
    """The modes that cosines in each layer give against the eigenvalues of 400 slices, and the settled profile."""
    liner, wall = LAYERS[name]
    sliced = two_layers(*liner, *wall)
    first, second, settled = layered_wall(liner, wall)
    assert first[1:] == pytest.approx((sliced.first_k_per_w, sliced.first_outer), rel=2e-4)
    assert second[1:] == pytest.approx((sliced.second_k_per_w, sliced.second_outer), rel=1e-3)
    own = settled[0] - first[1] - second[1]
    own_out = settled[1] - first[2] ** 2 * first[1] - second[2] ** 2 * second[1]
    cross = settled[2] + first[2] * first[1] + second[2] * second[1]
    scale = settled[1]
    assert (own, own_out, cross) == pytest.approx(
        (sliced.own_k_per_w, sliced.own_outer_k_per_w, sliced.cross_k_per_w), abs=1e-4 * scale
    )


def test_two_layers_of_one_material_are_one():
    whole = layered_wall((0.0, 0.0), (0.1, 4.0e4))
    halves = layered_wall((0.03, 1.2e4), (0.07, 2.8e4))
    for one, other in zip(whole, halves, strict=True):
        assert one == pytest.approx(other, rel=1e-9)


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
    skew_decay, curvature_decay, skew_share, curvature_share, own, cross = slab(resistance, capacity, dt)
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


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("dt", [1.0, 60.0, 900.0])
def test_layered_wall_is_the_equation_of_heat_for_any_step(name, dt):
    """Hot gas in a wall of two layers: temperatures against 200 slices (matrix exponential)."""
    liner, wall = LAYERS[name]
    n, film, outer, gas = 100, 30.0, 5.0, 1e4
    c = np.concatenate(([gas], np.full(n, liner[1] / n), np.full(n, wall[1] / n)))
    half = np.concatenate((np.full(n, 0.5 * liner[0] / n), np.full(n, 0.5 * wall[0] / n)))
    g = np.concatenate(([1.0 / (1.0 / film + half[0])], 1.0 / (half[1:] + half[:-1])))
    m = np.diag(g, 1) + np.diag(g, -1)
    m -= np.diag(m.sum(axis=1))
    m[-1, -1] -= 1.0 / (1.0 / outer + half[-1])
    advance = expm(m / c[:, None] * dt)
    exact = np.zeros(2 * n + 1)
    exact[0] = 50.0
    first, second, settled = layered_wall(liner, wall)
    decay_1, decay_2, share_1, share_2, own, own_out, cross = wall_means(first, second, settled, dt)
    gas_k, wall_k, one, two, q_in, q_out, worst = 50.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    capacity = liner[1] + wall[1]
    for _ in range(round(max(3600.0 / dt, 4.0))):
        in_k = decay_1 * one + decay_2 * two + cross * q_out
        out_k = first[2] * decay_1 * one + second[2] * decay_2 * two - cross * q_in
        conductances = 1.0 / (1.0 / film + own), 1.0 / (1.0 / outer + own_out)
        q_in, q_out = wall_exchange(0.0, gas, capacity, *conductances, gas_k, wall_k, in_k, out_k, 0.0, dt)
        one += share_1 * (first[1] * (q_in - first[2] * q_out) - one)
        two += share_2 * (second[1] * (q_in - second[2] * q_out) - two)
        gas_k -= q_in * dt / gas
        wall_k += (q_in - q_out) * dt / capacity
        exact = advance @ exact
        worst = max(worst, abs(gas_k - exact[0]), abs(wall_k - exact[1:] @ c[1:] / capacity))
    assert worst < 1.5  # of the 50 K at the start; the film lets more through than the wall


@pytest.mark.parametrize("dt", [1.0, 60.0, 900.0])
def test_a_lined_tank_obeys_its_laws(dt):
    """A vessel of 74 l, 4 mm of aluminium in 15 mm of carbon fibre, filled and emptied: laws, balances."""
    rig = WatchedRig(KIND, LINED, is_plain=True)
    rig.set_signal("ambient_temperature", 293.0)
    for flow, seconds in ((2.0e-3, 600.0), (0.0, 1800.0)):
        rig.set_stream("inlets", 293.0, 400e5, h2=flow if dt < 900.0 else flow / 2.0)
        rig.step(max(round(seconds / dt), 1), dt)
    assert not rig.broken_laws()
    rig.assert_balanced(1e-12)


def _material(density, heat_capacity, conductivity):
    names = ("wall_density_kg_per_m3", "wall_heat_capacity_j_per_kg_k", "wall_conductivity_w_per_m_k")
    return dict(zip(names, (density, heat_capacity, conductivity), strict=True))


def test_a_liner_keeps_the_gas_cooler_than_the_means_of_the_layers_do():
    """350 bar in a minute: aluminium takes the heat at once, composite alone hardly any, the means too little."""
    unlined = {**LINED, "liner_thickness_m": 0.0}
    walls = {
        "layers": LINED,
        "liner alone": unlined | _material(2700.0, 896.0, 167.0) | {"wall_thickness_m": 0.004},
        "means": unlined | _material(1753.0, 966.0, 0.885) | {"wall_thickness_m": 0.019},
        "composite": unlined,
    }
    ends = []
    for values in walls.values():
        rig = Rig(KIND, values)
        rig.set_signal("ambient_temperature", 293.0)
        rig.set_stream("inlets", 293.0, 400e5, h2=1.2 / 60.0)
        rig.step(60, 1.0)
        ends.append(rig.field("temperature_k"))
    assert ends == sorted(ends)
    assert ends[2] - ends[0] > 5.0, ends


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


def test_walls_of_several_tanks_at_once_are_those_of_each():
    """Laws look at many tanks in one go, lined ones among them."""
    layers = [(0.0, 0.0, 0.1, 3.0e4), (0.02, 1.5e4, 0.08, 2.0e4)]
    together = conduction_of(
        (np.array([0.0, 0.02]), np.array([0.0, 1.5e4])), (np.array([0.1, 0.08]), np.array([3e4, 2e4]))
    )
    for k, (a, b, c, d) in enumerate(layers):
        alone = conduction_of((np.float64(a), np.float64(b)), (np.float64(c), np.float64(d)))
        assert [one[k] for one in together] == pytest.approx([float(one) for one in alone], rel=1e-12)
