"""Filling and discharge experiments with hydrogen vessels, and the tank in their place.

Measured points as collected in HydDown (Andreasen 2021, doi:10.21105/joss.03695, MIT licence, folder ``validation``);
times in s, temperatures in K, pressures in bar. Used by the tests and by the pictures of the documentation.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np

from h2plant.components.gas_tank import KIND
from h2plant.core import jit
from h2plant.core.constants import GAS_CONSTANT_J_PER_MOL_K, MOLAR_MASS_H2_KG_PER_MOL
from h2plant.core.properties import FLUID_H2, gas_heat_capacity, reference
from h2plant.core.properties import layout as table_layout
from h2plant.testing import rig
from h2plant.testing.rig import Rig, tables

Run = dict[str, np.ndarray]

STRIEDNIG_5_S = np.array(
    [
        0.7226,
        6.394,
        12.8,
        15.76,
        25.4,
        41.47,
        57.05,
        76.85,
        103.8,
        130.5,
        147.1,
        168.4,
        181.3,
        193.9,
        212.2,
        224.1,
        239.7,
    ]
)
STRIEDNIG_5_K = np.array(
    [
        298.7,
        304.3,
        310.9,
        313.2,
        317.4,
        320.8,
        321.7,
        321.7,
        322.0,
        322.3,
        322.9,
        322.7,
        323.2,
        319.2,
        315.9,
        314.6,
        313.4,
    ]
)
STRIEDNIG_30_S = np.array(
    [0.2257, 3.148, 4.847, 9.494, 12.2, 13.44, 17.13, 18.36, 18.86, 22.82, 24.8, 27.51, 28.49, 32.21, 34.45]
    + [37.18, 41.41, 45.87, 50.84, 57.78, 70.17, 82.8, 96.41, 117.2, 132.8, 149.6, 184.3, 226.8, 239.4]
)
STRIEDNIG_30_K = np.array(
    [299.3, 312.6, 321.8, 337.0, 341.4, 341.5, 345.4, 347.5, 347.1, 347.6, 347.2, 349.7, 351.5, 350.4, 345.7]
    + [343.8, 338.9, 334.5, 329.7, 325.2, 320.5, 317.9, 315.8, 314.0, 313.1, 312.5, 311.3, 310.5, 310.4]
)
BYRNES_S = np.array([54.3, 106.0, 159.0, 213.0, 266.0, 319.0, 372.0, 425.0, 478.0])
BYRNES_BAR = np.array([102.0, 75.5, 56.8, 44.0, 34.9, 28.0, 22.1, 17.4, 13.3])
BYRNES_GAS_S = np.array([52.1, 105.0, 158.0, 211.0, 263.0, 317.0, 370.0, 423.0, 476.0])
BYRNES_GAS_K = np.array([278.6, 275.0, 273.5, 273.3, 273.5, 273.8, 274.3, 274.9, 275.6])
BYRNES_WALL_K = np.array([291.5, 290.0, 289.1, 288.6, 287.8, 286.9, 285.7, 284.4, 283.0])
MIGUEL_S = np.array([85.5, 160.0, 234.0, 311.0, 385.0, 462.0, 537.0, 612.0, 687.0])
MIGUEL_MEAN_K = np.array([282.0, 267.0, 255.0, 244.0, 233.0, 224.0, 226.0, 231.0, 237.0])
MIGUEL_LOW_S = np.array([90.6, 165.0, 239.0, 313.0, 385.0, 459.0, 534.0, 606.0, 681.0])
MIGUEL_LOW_K = np.array([281.0, 266.0, 253.0, 241.0, 229.0, 218.0, 220.0, 226.0, 233.0])
MIGUEL_WALL_S = np.array([86.2, 161.0, 238.0, 313.0, 388.0, 462.0, 539.0, 614.0, 689.0])
MIGUEL_WALL_K = np.array([300.0, 299.0, 299.0, 297.0, 294.0, 291.0, 287.0, 284.0, 281.0])
WOODFIELD_UPPER_S = np.array(
    [0.389, 0.518, 0.783, 1.18, 2.73, 4.48, 5.56, 6.84, 9.07, 10.8, 12.2, 13.4, 14.7, 15.7, 16.9, 18.6, 20.1]
    + [22.5, 25.6, 29.6, 33.2, 36.6, 40.9, 45.6]
)
WOODFIELD_UPPER_K = np.array(
    [311.6, 316.6, 320.8, 323.7, 328.4, 332.9, 336.5, 339.0, 342.1, 343.3, 342.9, 341.2, 342.0, 339.9, 331.4, 322.0]
    + [317.7, 315.2, 313.4, 312.2, 312.0, 311.4, 310.9, 310.8]
)
WOODFIELD_LOWER_S = np.array(
    [
        0.453,
        1.06,
        1.93,
        5.03,
        7.33,
        9.42,
        10.9,
        13.3,
        14.2,
        16.5,
        19.3,
        21.7,
        23.6,
        27.5,
        32.1,
        35.3,
        39.2,
        42.3,
        45.1,
        48.6,
    ]
)
WOODFIELD_LOWER_K = np.array(
    [314.7, 318.9, 322.7, 326.6, 329.3, 329.8, 334.4, 337.7, 340.4, 339.4, 333.4, 329.1, 326.7, 323.2, 320.1, 318.5]
    + [317.6, 317.0, 315.9, 315.6]
)
WOODFIELD_PRESSURE_S = np.array(
    [0.4048, 2.902, 5.463, 7.956, 10.51, 13.01, 15.57, 18.07, 20.64, 23.14, 25.64, 28.21, 30.71, 33.28, 35.78, 38.28]
    + [40.84, 43.34, 45.91, 48.41]
)
WOODFIELD_BAR = np.array(
    [1.655, 11.31, 28.95, 51.53, 75.77, 92.03, 100.9, 103.6, 103.7, 103.4, 103.7, 104.0, 104.1, 104.1, 104.1, 103.9]
    + [103.9, 103.9, 103.9, 104.2]
)
WOODFIELD_FLOW_S = np.array(
    [0.0, 0.72194, 1.5811, 2.4124, 3.272, 4.1041, 4.9637, 5.7951, 6.654, 7.4852, 8.3439, 9.2023, 10.033, 10.891]
    + [11.722, 12.58, 13.437, 14.268, 15.126, 15.956, 16.815]
)
WOODFIELD_FLOW_G_PER_S = np.array(
    [0.21, 0.21708, 0.26841, 0.3094, 0.41251, 0.55705, 0.66015, 0.7115, 0.73176, 0.75204, 0.7516, 0.70973, 0.64717]
    + [0.5846, 0.52204, 0.4284, 0.29334, 0.28255, 0.17856, 0.095289, 0.094844]
)


def vessel(
    diameter_m: float,
    length_m: float,
    thickness_m: float,
    density_kg_per_m3: float,
    heat_capacity_j_per_kg_k: float,
    conductivity_w_per_m_k: float,
    outer_film_w_per_m2_k: float,
    start_k: float,
    start_pa: float,
    is_plain: bool = False,
    **more: float,
) -> Rig:
    """Return a rig with one vessel, at rest at the temperature of its surroundings."""
    values = {
        "n_vessels": 1,
        "vessel_volume_m3": math.pi / 4.0 * diameter_m**2 * length_m,
        "diameter_m": diameter_m,
        "wall_thickness_m": thickness_m,
        "wall_density_kg_per_m3": density_kg_per_m3,
        "wall_heat_capacity_j_per_kg_k": heat_capacity_j_per_kg_k,
        "wall_conductivity_w_per_m_k": conductivity_w_per_m_k,
        "outer_film_w_per_m2_k": outer_film_w_per_m2_k,
        "initial_temperature_k": start_k,
        "initial_pressure_pa": start_pa,
        "min_pressure_pa": 0.6e5,
        "max_pressure_pa": 800e5,
        "relief_pressure_pa": 850e5,
    }
    rig = Rig(KIND, values | more, is_plain=is_plain)
    rig.set_signal("ambient_temperature", start_k)
    return rig


def fill_by_pressure(
    rig: Rig, pressure_pa: Callable[[float], float], until_s: float, inlet_k: float, inlet_pa: float, dt: float
) -> Run:
    """Fill so that the pressure follows a given course, by the flow that this takes (never backwards)."""
    flow = 0.0
    before_pa = now_pa = rig.field("pressure_pa")
    slope = GAS_CONSTANT_J_PER_MOL_K / MOLAR_MASS_H2_KG_PER_MOL * 1.4 * inlet_k / rig.field("volume_m3") * dt
    rows = []
    while rig.time_s < until_s - 0.5 * dt:
        wanted_pa = pressure_pa(rig.time_s + dt)
        flow = max(flow + ((wanted_pa - now_pa) - (now_pa - before_pa)) / slope, 0.0)
        rig.set_stream("inlets", inlet_k, inlet_pa, h2=flow)
        assert rig.step(1, dt) == 0
        before_pa, now_pa = now_pa, rig.field("pressure_pa")
        rows.append(state(rig, flow))
    return columns(rows)


def state(rig: Rig, flow_kg_per_s: float = 0.0) -> dict[str, float]:
    """Return what is compared: time, temperatures, pressure, flow."""
    outer_w_per_k = 1.0 / rig.field("outer_film_k_per_w")
    return {
        "time_s": rig.time_s,
        "gas_k": rig.field("temperature_k"),
        "wall_k": rig.field("wall_temperature_k"),
        "outer_k": rig.signal("ambient_temperature") + rig.signal("heat_loss") / outer_w_per_k,
        "pressure_bar": rig.field("pressure_pa") / 1e5,
        "flow_kg_per_s": flow_kg_per_s,
    }


def columns(rows: list[dict[str, float]]) -> Run:
    """Turn rows into one array per quantity."""
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def at(run: Run, name: str, when_s: np.ndarray) -> np.ndarray:
    """Return a quantity at given times."""
    return np.interp(when_s, run["time_s"], run[name])


def lagging(run: Run, time_constant_s: float) -> Run:
    """Return the run as a sensor of first order sees the gas: exact for gas that warms linearly in each step."""
    seen = [run["gas_k"][0]]
    for dt, before, after in zip(np.diff(run["time_s"]), run["gas_k"][:-1], run["gas_k"][1:], strict=True):
        behind = (after - before) / dt * time_constant_s
        seen.append(after - behind + (seen[-1] - before + behind) * math.exp(-dt / time_constant_s))
    return run | {"gas_k": np.array(seen)}


def orifice_flow(p_up: float, p_down: float, density: float, k: float, diameter_m: float) -> float:
    """Return the flow through a sharp orifice (coefficient 0.84), kg/s: Yellow Book, as in HydDown."""
    if p_up <= p_down:
        return 0.0
    factor = 1.0
    if p_up / p_down <= ((k + 1) / 2) ** (k / (k - 1)):
        ratio = p_down / p_up
        factor = 2 / (k - 1) * ((k + 1) / 2) ** ((k + 1) / (k - 1)) * ratio ** (2 / k) * (1 - ratio ** ((k - 1) / k))
    choked = math.sqrt(density * p_up * k * (2 / (k + 1)) ** ((k + 1) / (k - 1)))
    return math.sqrt(factor) * 0.84 * math.pi / 4 * diameter_m**2 * choked


def byrnes(back_pressure_pa: float) -> tuple[Rig, Run]:
    """Byrnes, Reid, Ruccia 1964 (doi:10.1021/i260011a004), run 8: a steel cylinder emptied through 0.7 mm."""
    rig = vessel(0.21742, 1.394, 0.0072, 7800, 500, 50, 10, 294.0, 138e5)
    rows = []
    for _ in range(480):
        cp0 = gas_heat_capacity(tables(), FLUID_H2, 0.6e5, rig.field("temperature_k"))
        k = cp0 / (cp0 - GAS_CONSTANT_J_PER_MOL_K / MOLAR_MASS_H2_KG_PER_MOL)
        density = rig.field("h2_kg") / rig.field("volume_m3")
        rig.set_signal("demands", orifice_flow(rig.field("pressure_pa"), back_pressure_pa, density, k, 0.0007))
        assert rig.step(1, 1.0) == 0
        rows.append(state(rig))
    return rig, columns(rows)


@contextmanager
def equation_of_state() -> Iterator[None]:
    """Let plain kernels use CoolProp below the lower limit of the tables, 250 K."""

    def plain(f: Any, _: Any, memo: Any) -> Any:
        return jit.plain(f, reference.REPLACEMENTS, memo)

    tables()
    with (
        mock.patch.object(table_layout, "GAS_TEMPERATURE_MIN_K", 150.0),
        mock.patch.object(rig, "plain", plain),
    ):
        yield


def de_miguel(dt: float = 10.0) -> tuple[Rig, Run]:
    """De Miguel et al. 2015 (HydDown, case demiguel): composite vessel of 29 litres emptied from 700 bar, to 218 K."""
    rows = []
    with equation_of_state():
        rig = vessel(0.23, 0.697995, 0.0245, 1249, 1134, 0.385, 8, 298.15, 700e5, is_plain=True)
        for i in range(round(690 / dt)):
            rig.set_signal("demands", np.interp((i + 0.5) * dt, [0, 480, 520, 690], [1.8e-3, 1.8e-3, 0.8e-3, 0.55e-3]))
            assert rig.step(1, dt) == 0
            rows.append(state(rig))
    return rig, columns(rows)


def woodfield_vessel() -> Rig:
    """Woodfield, Monde, Mitsutake 2007 (doi:10.1299/jtst.2.180): an upright steel vessel of one litre, 5 mm inlet."""
    return vessel(0.076, 0.212, 0.005, 7800, 500, 50, 5, 304.0, 1e5, film_length_m=0.212, nozzle_diameter_m=0.005)


def woodfield_by_pressure() -> tuple[Rig, Run]:
    """Fill it so that its pressure follows the measured one."""
    rig = woodfield_vessel()
    times = np.concatenate([[0.0], WOODFIELD_PRESSURE_S])
    bar = np.concatenate([[1.0], WOODFIELD_BAR])
    return rig, fill_by_pressure(rig, lambda t: 1e5 * float(np.interp(t, times, bar)), 48.0, 304.0, 100e5, 0.1)


def woodfield_by_flow() -> tuple[Rig, Run]:
    """Fill it with the published flow."""
    rig = woodfield_vessel()
    rows = []
    for i in range(480):
        flow = 1e-3 * float(np.interp((i + 0.5) * 0.1, WOODFIELD_FLOW_S, WOODFIELD_FLOW_G_PER_S, right=0.0))
        rig.set_stream("inlets", 304.0, 115e5, h2=flow)  # above the vessel, which the flow fills further
        assert rig.step(1, 0.1) == 0
        rows.append(state(rig, flow))
    return rig, columns(rows)


def woodfield_mean_k(when_s: np.ndarray) -> np.ndarray:
    """Return the mean of the two thermocouples, K."""
    upper = np.interp(when_s, WOODFIELD_UPPER_S, WOODFIELD_UPPER_K)
    return 0.5 * (upper + np.interp(when_s, WOODFIELD_LOWER_S, WOODFIELD_LOWER_K))


STRIEDNIG_NOZZLE_M = 0.08


def striednig(end_s: float, end_bar: float = 240.0, nozzle_m: float = STRIEDNIG_NOZZLE_M) -> tuple[Rig, Run]:
    """Striednig et al. 2014 (doi:10.1016/j.ijhydene.2014.03.028): a steel vessel filled at constant pressure ramp."""
    rig = vessel(0.254, 0.463, 0.016, 7740, 470, 50, 5, 298.0, 50e5, nozzle_diameter_m=nozzle_m)
    ramp = (end_bar - 50.0) * 1e5 / end_s
    filling = fill_by_pressure(rig, lambda t: 50e5 + ramp * t, end_s, 298.0, 350e5, 0.1)
    rig.set_stream("inlets", 298.0, 350e5)
    rows = []
    while rig.time_s < 241.0:
        assert rig.step(1, 0.5) == 0
        rows.append(state(rig))
    rest = columns(rows)
    return rig, {name: np.concatenate([filling[name], rest[name]]) for name in rest}
