"""Vessels against exact solutions and published experiments.

Experiments as collected in HydDown (Andreasen 2021, doi:10.21105/joss.03695, MIT licence, folder ``validation``).
"""

import math

import numpy as np
import pytest
from scipy.linalg import expm

import tests.rig
from h2plant.components.gas_tank import KIND
from h2plant.core import jit, reference, table_layout
from h2plant.core.constants import GAS_CONSTANT_J_PER_MOL_K, MOLAR_MASS_H2_KG_PER_MOL
from h2plant.core.properties import FLUID_H2, gas_heat_capacity
from h2plant.physics.vessel import hydrogen_conductivity, hydrogen_viscosity, wall_exchange
from tests.rig import Rig, tables


@pytest.mark.parametrize("dt", [1.0, 60.0, 3600.0])
@pytest.mark.parametrize("inner", [0.0, 5.0, 1e5])
@pytest.mark.parametrize("outer", [0.0, 50.0])
def test_wall_exchange_is_the_matrix_exponential(dt, inner, outer):
    gas, wall, heating, t_gas, t_wall, t_air = 2e4, 3e6, 700.0, 320.0, 300.0, 285.0
    # state: gas, wall, integral of both, constant
    m = np.zeros((5, 5))
    m[0, :2] = -inner / gas, inner / gas
    m[1, :2] = inner / wall, -(inner + outer) / wall
    m[0, 4], m[1, 4] = heating / gas, outer * t_air / wall
    m[2, 0] = m[3, 1] = 1.0
    mean = (expm(m * dt) @ [t_gas, t_wall, 0.0, 0.0, 1.0])[2:4] / dt
    got = wall_exchange(heating, gas, wall, inner, outer, t_gas, t_wall, t_air, dt)
    assert got[0] == pytest.approx(inner * (mean[0] - mean[1]), rel=1e-7, abs=1e-7 * max(inner, 1.0))
    assert got[1] == pytest.approx(outer * (mean[1] - t_air), rel=1e-8, abs=1e-6)


@pytest.mark.parametrize(
    ("density", "viscosity", "conductivity"),
    # CoolProp 8.0.0, 300 K, 1, 400, 700 bar: Muzny 2013 (doi:10.1021/je301273j), Assael 2011 (doi:10.1063/1.3606499)
    [(0.0808, 8.9385e-6, 0.18670), (25.68, 9.9168e-6, 0.21879), (39.0, 1.10725e-5, 0.24911)],
)
def test_transport_properties(density, viscosity, conductivity):
    assert hydrogen_viscosity(300.0, density) == pytest.approx(viscosity, rel=0.01)
    assert hydrogen_conductivity(300.0, density) == pytest.approx(conductivity, rel=0.03)


def orifice_flow(p_up, p_down, density, k, diameter_m):
    """Return the flow through a sharp orifice (coefficient 0.84), kg/s: Yellow Book, as in HydDown."""
    if p_up <= p_down:
        return 0.0
    factor = 1.0
    if p_up / p_down <= ((k + 1) / 2) ** (k / (k - 1)):
        ratio = p_down / p_up
        factor = 2 / (k - 1) * ((k + 1) / 2) ** ((k + 1) / (k - 1)) * ratio ** (2 / k) * (1 - ratio ** ((k - 1) / k))
    choked = math.sqrt(density * p_up * k * (2 / (k + 1)) ** ((k + 1) / (k - 1)))
    return math.sqrt(factor) * 0.84 * math.pi / 4 * diameter_m**2 * choked


def vessel(
    diameter,
    length,
    thickness,
    density,
    capacity,
    conductivity,
    outer,
    t0,
    p0,
    film_length=None,
    is_plain=False,
    **more,
):
    rig = Rig(
        KIND,
        {
            "n_vessels": 1,
            "vessel_volume_m3": math.pi / 4 * diameter**2 * length,
            "diameter_m": diameter,
            "film_length_m": film_length or diameter,
            "wall_thickness_m": thickness,
            "wall_density_kg_per_m3": density,
            "wall_heat_capacity_j_per_kg_k": capacity,
            "wall_conductivity_w_per_m_k": conductivity,
            "outer_film_w_per_m2_k": outer,
            "initial_temperature_k": t0,
            "initial_pressure_pa": p0,
            "min_pressure_pa": 0.6e5,
            "max_pressure_pa": 800e5,
            "relief_pressure_pa": 850e5,
            **more,
        },
        is_plain=is_plain,
    )
    rig.set_signal("ambient_temperature", t0)
    return rig


def test_byrnes_discharge():
    """Byrnes, Reid, Ruccia 1964 (doi:10.1021/i260011a004), run 8: 138 bar through 0.7 mm.

    Measured: s, K (gas), K (wall), bar.
    """
    times = [54, 106, 159, 212, 265, 318, 371, 424]
    gas = [278.6, 275.0, 273.5, 273.3, 273.5, 273.8, 274.3, 274.9]
    wall = [291.5, 290.0, 289.1, 288.6, 287.8, 286.9, 285.7, 284.4]
    pressure = [102.0, 75.5, 56.8, 44.0, 34.9, 28.0, 22.1, 17.4]
    rig = vessel(0.21742, 1.394, 0.0072, 7800, 500, 50, 10, 294.0, 138e5)
    rows = []
    for _ in range(424):
        cp0 = gas_heat_capacity(tables(), FLUID_H2, 0.6e5, rig.field("temperature_k"))
        k = cp0 / (cp0 - GAS_CONSTANT_J_PER_MOL_K / MOLAR_MASS_H2_KG_PER_MOL)
        density = rig.field("h2_kg") / rig.field("volume_m3")
        rig.set_signal("demands", orifice_flow(rig.field("pressure_pa"), 13.5e5, density, k, 0.0007))
        assert rig.step(1, 1.0) == 0
        rows.append([rig.field("temperature_k"), rig.field("wall_temperature_k"), rig.field("pressure_pa") / 1e5])
    got = np.array(rows)[np.array(times) - 1]
    assert np.abs(got[:, 0] - gas).max() < 4.0
    assert np.abs(got[:, 1] - wall).max() < 8.0
    assert np.abs(got[:, 2] / pressure - 1.0).max() < 0.05
    rig.assert_balanced(1e-11)


def test_woodfield_filling():
    """Woodfield et al. 2007 (doi:10.1299/jtst.2.180): 1 bar to 104 bar in 17 s, two thermocouples.

    The published flow adds up to 7.90 g, the gas measured after 46 s (103.9 bar, 313 K) weighs 7.28 g; the flow is
    therefore scaled by 0.921. From 0.5 to 7 s the model stays within 8 K; at the peak it is 15 K too cold, because the
    correlation for the 5 mm nozzle takes heat away too fast; then it lies near the upper thermocouple.
    """
    time = np.array(
        [0.0, 0.72194, 1.5811, 2.4124, 3.272, 4.1041, 4.9637, 5.7951, 6.654, 7.4852, 8.3439, 9.2023, 10.033]
    )
    time = np.concatenate([time, [10.891, 11.722, 12.58, 13.437, 14.268, 15.126, 15.956, 16.815]])
    flow = np.array(
        [0.21, 0.21708, 0.26841, 0.3094, 0.41251, 0.55705, 0.66015, 0.7115, 0.73176, 0.75204, 0.7516, 0.70973]
    )
    flow = np.concatenate([flow, [0.64717, 0.5846, 0.52204, 0.4284, 0.29334, 0.28255, 0.17856, 0.095289, 0.094844]])
    rig = vessel(0.076, 0.212, 0.005, 7800, 500, 50, 5, 304.0, 1e5, film_length=0.212, nozzle_diameter_m=0.005)
    rows = []
    dt = 0.1
    for i in range(460):
        m = 0.921e-3 * np.interp((i + 0.5) * dt, time, flow, right=0.0)
        rig.set_stream("inlets", 304.0, 100e5, h2=m)
        assert rig.step(1, dt) == 0
        rows.append([rig.field("temperature_k"), rig.field("pressure_pa") / 1e5])
    got = np.array(rows)

    def error(column, times, measured):
        return np.abs(got[(np.array(times) / dt).astype(int) - 1, column] - measured).max()

    assert error(0, [1.93, 2.73, 4.48, 5.56, 7.33], [322.7, 328.4, 332.9, 336.5, 329.3]) < 8.0
    assert error(0, [10.8, 12.2, 14.7, 15.7], [343.3, 342.9, 342.0, 339.9]) < 16.0
    assert error(0, [18.6, 22.5, 29.6, 36.6, 45.6], [322.0, 315.2, 312.2, 311.4, 310.8]) < 4.0
    assert error(0, [21.7, 27.5, 32.1, 39.2, 45.1], [329.1, 323.2, 320.1, 317.6, 315.9]) < 11.0
    for when, bar in [(15.57, 100.9), (20.64, 103.7), (30.71, 104.1), (45.91, 103.9)]:
        assert got[int(when / dt) - 1, 1] == pytest.approx(bar, rel=0.05)
    rig.assert_balanced(1e-11)


def test_de_miguel_discharge_on_the_equation_of_state(monkeypatch):
    """De Miguel et al. 2015 (HydDown, case demiguel): composite vessel from 700 bar, down to 218 K.

    Colder than the tables reach, so run as plain Python on CoolProp, without its lower limit. The lumped wall of poor
    conductivity gives its heat a little late: 10 K below the mean, within 8 K of the lower thermocouple.
    """
    tests.rig.tables()  # read before their range is widened
    monkeypatch.setattr(table_layout, "GAS_TEMPERATURE_MIN_K", 150.0)
    monkeypatch.setattr(tests.rig, "plain", lambda f, _, memo: jit.plain(f, reference.REPLACEMENTS, memo))
    rig = vessel(0.23, 0.697995, 0.0245, 1249, 1134, 0.385, 8, 298.15, 700e5, is_plain=True)
    times = [75, 150, 235, 310, 385, 460, 535, 605, 680]
    low = [284.1, 268.7, 253.6, 241.5, 229.0, 218.0, 220.1, 225.9, 232.9]
    mean = [284.1, 269.5, 254.8, 244.2, 233.0, 224.2, 226.0, 230.7, 236.4]
    got = []
    for i in range(136):
        rig.set_signal("demands", np.interp((i + 0.5) * 5.0, [0, 480, 520, 690], [1.8e-3, 1.8e-3, 0.8e-3, 0.55e-3]))
        assert rig.step(1, 5.0) == 0
        got.append(rig.field("temperature_k"))
    got = np.array(got)[np.array(times) // 5 - 1]
    assert np.abs(got - low).max() < 8.0
    assert np.abs(got - mean).max() < 10.0
    rig.assert_balanced(1e-11)
