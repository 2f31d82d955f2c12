"""Check the property tables: errors against CoolProp, inverses, speed, size.

Errors are |dD| / D, |dH| / (c T), |dS| / c and |dC| / C with a typical heat capacity c of the fluid, because
enthalpy and entropy cross zero and a plain relative error would say nothing there.
"""

# mypy: allow-untyped-calls

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from h2plant.core import properties
from h2plant.core.lut_manager import SHIPPED_TABLES, LUTManager
from h2plant.core.properties import layout, reference
from h2plant.core.terminal import Terminal
from h2plant.measure.measured import Measured, print_measured
from h2plant.measure.tables import timing as table_timing

Array = npt.NDArray[np.float64]

TYPICAL_CAPACITY_J_PER_KG_K = {"H2": 14300.0, "O2": 920.0, "N2": 1040.0, "water": 4200.0, "steam": 2000.0}
GAS_TARGET = 2.0e-5
COLD_GAS_TARGET = 5.0e-5
COLD_GAS_CAPACITY_TARGET = 1.0e-3
SUPERCOOLED_TARGET = 5.0e-5
SUPERCOOLED_CAPACITY_TARGET = 1.0e-3
COLD_GAS_K = 250.0
"""Below, oxygen and nitrogen near their critical pressures curve more than the grid follows."""
WATER_TARGET = 2.0e-5
WATER_CAPACITY_TARGET = 2.0e-4
HIGH_PRESSURE_TARGET = 1.0e-4
INVERSE_TARGET_K = 1.0e-7
CROWDED_SHARE = 1.0 / 3.0

_GASES = (("H2", layout.FLUID_H2), ("O2", layout.FLUID_O2), ("N2", layout.FLUID_N2))
_QUANTITIES = ("D", "H", "S", "C")


def _mixed(rng: np.random.Generator, low: float, high: float, n_points: int) -> Array:
    """Return values, half of them even over the range and half even over its logarithm."""
    share = rng.random(n_points)
    even = low + (high - low) * share
    logarithmic = low * (high / low) ** share
    return np.clip(np.where(rng.random(n_points) < 0.5, even, logarithmic), low, high)


def gas_points(
    n_points: int, seed: int, lowest_k: float = COLD_GAS_K, highest_k: float = layout.GAS_TEMPERATURE_MAX_K
) -> tuple[Array, Array]:
    """Return random (pressures in Pa, temperatures in K) over the tables of the gases."""
    rng = np.random.default_rng(seed)
    pressures = _mixed(rng, layout.GAS_PRESSURE_MIN_PA, layout.GAS_PRESSURE_MAX_PA, n_points)
    return pressures, rng.uniform(lowest_k, highest_k, n_points)


def water_points(n_points: int, seed: int, is_steam: bool, is_high: bool) -> tuple[Array, Array]:
    """Return random (pressures in Pa, temperatures in K) of one phase, a third crowded against saturation.

    The crowded ones lie within 20 K of the line, most of them within one kelvin. In the table above 100 bar the
    surroundings of the critical point (0.95 to 1.05 Tc and 0.85 to 1.35 pc) are left out.
    """
    rng = np.random.default_rng(seed)
    low, high = layout.WATER_PRESSURE_MIN_PA, layout.WATER_PRESSURE_SPLIT_PA
    if is_high:
        low, high = layout.WATER_PRESSURE_SPLIT_PA * (1.0 + 1.0e-9), layout.WATER_PRESSURE_MAX_PA
    pressures = _mixed(rng, low, high, n_points)
    line = np.array([reference.phase_boundary_temperature(None, p) for p in pressures.tolist()])
    hottest = layout.STEAM_AXIS_K if is_high else layout.WATER_TEMPERATURE_MAX_K
    far = hottest if is_steam else layout.WATER_TEMPERATURE_MIN_K
    distance = (far - line) * rng.random(n_points)
    crowded = np.sign(far - line) * np.minimum(20.0 * rng.random(n_points) ** 4, np.abs(far - line))
    temperatures = line + np.where(rng.random(n_points) < CROWDED_SHARE, crowded, distance)
    if is_high:
        t_ratio = temperatures / layout.CRITICAL_TEMPERATURE_K
        p_ratio = pressures / layout.CRITICAL_PRESSURE_PA
        is_critical = (t_ratio > 0.95) & (t_ratio < 1.05) & (p_ratio > 0.85) & (p_ratio < 1.35)
        pressures, temperatures = pressures[~is_critical], temperatures[~is_critical]
    return pressures, temperatures


def state_errors(found: Array, expected: Array, temperatures_k: Array, capacity: float) -> Array:
    """Return the largest errors of (D, H, S, C); states as rows of four properties."""
    errors = np.abs(found - expected)
    errors[:, 0] /= expected[:, 0]
    errors[:, 1] /= capacity * temperatures_k
    errors[:, 2] /= capacity
    errors[:, 3] /= expected[:, 3]
    if not np.isfinite(errors).all():
        return np.full(4, np.inf)
    return np.asarray(errors.max(axis=0))


def _states(function: Callable[..., Any], *leading: object, points: tuple[Array, Array]) -> Array:
    return np.array([function(*leading, p, t) for p, t in zip(points[0].tolist(), points[1].tolist(), strict=True)])


def _gas_rows(props: Array, n_points: int, seed: int) -> list[Measured]:
    rows = []
    for name, fluid in _GASES:
        points = gas_points(n_points, seed + fluid)
        found = _states(properties.gas_state, props, fluid, points=points)
        expected = _states(reference.gas_state, None, fluid, points=points)
        errors = state_errors(found, expected, points[1], TYPICAL_CAPACITY_J_PER_KG_K[name])
        rows += [Measured(f"error {name} {q}", e, "1", GAS_TARGET) for q, e in zip(_QUANTITIES, errors, strict=True)]
        points = gas_points(n_points // 4, seed + fluid, layout.GAS_TEMPERATURE_MIN_K, COLD_GAS_K)
        found = _states(properties.gas_state, props, fluid, points=points)
        expected = _states(reference.gas_state, None, fluid, points=points)
        errors = state_errors(found, expected, points[1], TYPICAL_CAPACITY_J_PER_KG_K[name])
        for quantity, error in zip(_QUANTITIES, errors, strict=True):
            target = COLD_GAS_CAPACITY_TARGET if quantity == "C" else COLD_GAS_TARGET
            rows.append(Measured(f"error {name} 200 to 250 K {quantity}", error, "1", target))
    return rows


def supercooled_points(n_points: int, seed: int) -> tuple[Array, Array]:
    """Return random (pressures in Pa, temperatures in K) of supercooled water, from 244 K: below 240 K it is held."""
    rng = np.random.default_rng(seed)
    pressures = _mixed(rng, layout.WATER_PRESSURE_MIN_PA, layout.WATER_PRESSURE_MAX_PA, n_points)
    return pressures, rng.uniform(layout.SUPERCOOLED_STRAIGHT_K + 4.0, layout.WATER_TEMPERATURE_MIN_K, n_points)


def _supercooled_rows(props: Array, n_points: int, seed: int) -> list[Measured]:
    points = supercooled_points(n_points // 4, seed)
    found = _states(properties.water_state, props, points=points)
    expected = _states(reference.water_state, None, points=points)
    errors = state_errors(found, expected, points[1], TYPICAL_CAPACITY_J_PER_KG_K["water"])
    return [
        Measured(
            f"error supercooled water {q}", e, "1", SUPERCOOLED_CAPACITY_TARGET if q == "C" else SUPERCOOLED_TARGET
        )
        for q, e in zip(_QUANTITIES, errors, strict=True)
    ]


def _water_rows(props: Array, n_points: int, seed: int) -> list[Measured]:
    rows = []
    for is_high in (False, True):
        for is_steam in (True, False):
            name = "steam" if is_steam else "water"
            points = water_points(n_points, seed, is_steam, is_high)
            found = _states(getattr(properties, f"{name}_state"), props, points=points)
            expected = _states(getattr(reference, f"{name}_state"), None, points=points)
            errors = state_errors(found, expected, points[1], TYPICAL_CAPACITY_J_PER_KG_K[name])
            span = "100 to 350 bar" if is_high else "to 100 bar"
            for quantity, error in zip(_QUANTITIES, errors, strict=True):
                near = WATER_CAPACITY_TARGET if quantity == "C" else WATER_TARGET
                target = HIGH_PRESSURE_TARGET if is_high else near
                rows.append(Measured(f"error {name} {span} {quantity}", error, "1", target))
    return rows


def _line_rows(props: Array, n_points: int, seed: int) -> list[Measured]:
    """Check the saturation line; up to 640 K for the saturated states (they turn vertical at the critical point)."""
    rng = np.random.default_rng(seed)
    pressures = _mixed(rng, layout.WATER_PRESSURE_MIN_PA, 0.999 * layout.CRITICAL_PRESSURE_PA, n_points).tolist()
    temperatures = rng.uniform(layout.WATER_TEMPERATURE_MIN_K, layout.CRITICAL_TEMPERATURE_K, n_points).tolist()
    differences = [
        (p, abs(properties.saturation_temperature(props, p) - reference.saturation_temperature(None, p)))
        for p in pressures
    ]
    pressure = max(
        abs(properties.saturation_pressure(props, t) / reference.saturation_pressure(None, t) - 1.0)
        for t in temperatures
    )
    rows = [
        Measured("error saturation temperature to 200 bar", max(d for p, d in differences if p <= 2.0e7), "K", 1.0e-4),
        Measured("error saturation temperature to the critical point", max(d for _, d in differences), "K", 2.0e-3),
        Measured("error saturation pressure", pressure, "1", 2.0e-5),
    ]
    below = [t for t in temperatures if t <= 640.0]
    for phase in ("steam", "water"):
        found = getattr(properties, f"saturated_{phase}_density")
        expected = getattr(reference, f"saturated_{phase}_density")
        error = max(abs(found(props, t) / expected(None, t) - 1.0) for t in below)
        rows.append(Measured(f"error saturated {phase} D", error, "1", WATER_TARGET))
        found = getattr(properties, f"saturated_{phase}_enthalpy")
        expected = getattr(reference, f"saturated_{phase}_enthalpy")
        scale = TYPICAL_CAPACITY_J_PER_KG_K[phase]
        error = max(abs(found(props, t) - expected(None, t)) / (scale * t) for t in below)
        rows.append(Measured(f"error saturated {phase} H", error, "1", WATER_TARGET))
    return rows


def _largest(differences: list[float]) -> float:
    """Return the largest difference; infinity where one is not a number."""
    values = np.abs(np.array(differences))
    return float(values.max()) if np.isfinite(values).all() else float("inf")


def _inverse_rows(props: Array, n_points: int, seed: int) -> list[Measured]:
    """Check inverse against forward look-ups from random start values."""
    rows = []
    rng = np.random.default_rng(seed + 1)
    for name, fluid in _GASES:
        points = gas_points(n_points, seed)
        guesses = rng.uniform(layout.GAS_TEMPERATURE_MIN_K, layout.GAS_TEMPERATURE_MAX_K, n_points).tolist()
        differences: dict[str, list[float]] = {"T(p,h)": [], "T(p,s)": [], "T(rho,u)": [], "p(rho,T)": []}
        for p, t, guess in zip(points[0].tolist(), points[1].tolist(), guesses, strict=True):
            rho, h, s, _ = properties.gas_state(props, fluid, p, t)
            u = properties.gas_internal_energy(props, fluid, p, t)
            differences["T(p,h)"].append(properties.gas_temperature_from_enthalpy(props, fluid, p, h, guess) - t)
            differences["T(p,s)"].append(properties.gas_temperature_from_entropy(props, fluid, p, s, guess) - t)
            differences["T(rho,u)"].append(
                properties.gas_temperature_from_internal_energy(props, fluid, rho, u, guess) - t
            )
            found_pa = properties.gas_pressure_from_density(props, fluid, rho, t, 1.0e5)
            differences["p(rho,T)"].append(t * (found_pa / p - 1.0))  # as the temperature that has this effect
        rows += [Measured(f"inverse {name} {k}", _largest(d), "K", INVERSE_TARGET_K) for k, d in differences.items()]
    for is_steam in (True, False):
        name = "steam" if is_steam else "water"
        for is_high in (False, True):
            points = water_points(n_points, seed, is_steam, is_high)
            line = [properties.phase_boundary_temperature(props, p) for p in points[0].tolist()]
            held = np.maximum(points[1], line) if is_steam else np.minimum(points[1], line)
            hottest = layout.STEAM_AXIS_K if is_high else layout.WATER_TEMPERATURE_MAX_K
            far = hottest if is_steam else layout.WATER_TEMPERATURE_MIN_K
            differences = {"T(p,h)": [], "T(p,s)": []}
            for p, t, line_k, share in zip(points[0].tolist(), held.tolist(), line, rng.random(held.size), strict=True):
                guess = line_k + (far - line_k) * float(share)
                h, s = getattr(properties, f"{name}_enthalpy_entropy")(props, p, t)
                found = getattr(properties, f"{name}_temperature_from_enthalpy")(props, p, h, guess)
                differences["T(p,h)"].append(found - t)
                found = getattr(properties, f"{name}_temperature_from_entropy")(props, p, s, guess)
                differences["T(p,s)"].append(found - t)
            span = "100 to 350 bar" if is_high else "to 100 bar"
            of = f"inverse {name} {span}"
            rows += [Measured(f"{of} {key}", _largest(d), "K", INVERSE_TARGET_K) for key, d in differences.items()]
    return rows


def _file_rows() -> list[Measured]:
    """Time building and loading; weigh the tables."""
    reference.gas_density(None, layout.FLUID_H2, 1.0e5, 300.0)  # importing CoolProp does not count
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        LUTManager.build(Path(folder) / "tables.npz")
        build_s = time.perf_counter() - start
    load_s = min(_seconds(LUTManager) for _ in range(5))
    return [
        Measured("build all tables", build_s, "s", 5.0),
        Measured("load", 1.0e3 * load_s, "ms", 20.0),
        Measured("size in memory", LUTManager().props.nbytes / 1.0e6, "MB", 1.0),
        Measured("size on disk", SHIPPED_TABLES.stat().st_size / 1.0e6, "MB", 1.0),
    ]


def _seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def validate_tables(n_points: int = 20_000, seed: int = 0) -> list[Measured]:
    """Check the shipped tables on random points.

    Parameters
    ----------
    n_points : int
        Points per table.
    seed : int
        Seed of the points.

    Returns
    -------
    list of Measured
        Errors, inverses, timings (taken in compiled loops) and sizes.
    """
    props = LUTManager().props
    return [
        *_gas_rows(props, n_points, seed),
        *_water_rows(props, n_points, seed),
        *_supercooled_rows(props, n_points, seed),
        *_line_rows(props, max(n_points // 4, 1), seed),
        *_inverse_rows(props, max(n_points // 4, 1), seed),
        *(Measured(name, found, unit, target) for name, found, target, unit in table_timing.timings(n_points, seed)),
        *_file_rows(),
    ]


def main() -> int:
    """Print the check as a table; returns 1 where a target is missed."""
    return 0 if print_measured(Terminal(), "property tables", validate_tables()) else 1


if __name__ == "__main__":
    sys.exit(main())
