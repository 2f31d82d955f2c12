"""Time property look-ups inside compiled loops, as a simulation does them (see ``validate``)."""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from h2plant.core.jit import kernel
from h2plant.core.lut_manager import LUTManager
from h2plant.core.properties import (
    FLUID_H2,
    gas_density,
    gas_enthalpy,
    gas_entropy,
    gas_internal_energy,
    gas_pressure_from_density,
    gas_pressure_temperature_from_density_energy,
    gas_state,
    gas_temperature_from_enthalpy,
    gas_temperature_from_entropy,
    layout,
    phase_boundary_temperature,
    saturation_pressure,
    saturation_temperature,
    steam_density,
    steam_enthalpy,
    steam_temperature_from_enthalpy,
    water_enthalpy,
    water_entropy,
    water_temperature_from_entropy,
)
from h2plant.measure.profile.lookups import look_up_loop

Array = npt.NDArray[np.float64]

_REPEATS = 7
_WARM_START_K = 1.0
"""A warm start lies so far from the answer: what a minute changes."""


@kernel
def _gas_mix_loop(props, pressures, temperatures, guesses):
    """Return the sum over forward and inverse look-ups in turn: half of them are Newton solutions."""
    total = 0.0
    for k in range(len(pressures)):
        enthalpy = gas_enthalpy(props, FLUID_H2, pressures[k], temperatures[k])
        total += gas_temperature_from_enthalpy(props, FLUID_H2, pressures[k], enthalpy, guesses[k])
    return total


def _nanoseconds(function: Callable[..., Any], *arguments: Any, n_items: int) -> float:
    """Return the shortest time per item, ns, over a few repeats (the first run compiles)."""
    function(*arguments)
    best = float("inf")
    for _ in range(_REPEATS):
        start = time.perf_counter()
        function(*arguments)
        best = min(best, time.perf_counter() - start)
    return 1.0e9 * best / n_items


def _all(function: Callable[..., float], *columns: Array) -> Array:
    return np.array([function(*values) for values in zip(*(c.tolist() for c in columns), strict=True)])


def _scalar_calls(manager: LUTManager, n_calls: int) -> None:
    for _ in range(n_calls):
        manager.lookup("H2O", "H", 4.0e5, 500.0)


def timings(n_points: int, seed: int) -> list[tuple[str, float, float, str]]:
    """Return (name, figure, bar, unit) of each timing, on random states over the tables.

    Parameters
    ----------
    n_points : int
        States per loop.
    seed : int
        Seed of the states.
    """
    manager = LUTManager()
    props = manager.props
    rng = np.random.default_rng(seed)
    n = n_points
    p = np.exp(rng.uniform(np.log(layout.GAS_PRESSURE_MIN_PA), np.log(layout.GAS_PRESSURE_MAX_PA), n))
    t = rng.uniform(layout.GAS_TEMPERATURE_MIN_K, layout.GAS_TEMPERATURE_MAX_K, n)
    p = np.clip(p, layout.GAS_PRESSURE_MIN_PA, layout.GAS_PRESSURE_MAX_PA)
    warm = np.clip(t + rng.normal(0.0, _WARM_START_K, n), layout.GAS_TEMPERATURE_MIN_K, layout.GAS_TEMPERATURE_MAX_K)
    density = _all(lambda a, b: gas_density(props, FLUID_H2, a, b), p, t)
    enthalpy = _all(lambda a, b: gas_enthalpy(props, FLUID_H2, a, b), p, t)
    entropy = _all(lambda a, b: gas_entropy(props, FLUID_H2, a, b), p, t)
    energy = _all(lambda a, b: gas_internal_energy(props, FLUID_H2, a, b), p, t)

    def timed(name: str, target: float, function: Callable[..., Any], *columns: Array) -> tuple[str, float, float, str]:
        has_fluid = name.startswith("gas")
        arguments = np.column_stack([np.full(n, float(FLUID_H2)), *columns] if has_fluid else columns)
        first = (FLUID_H2, *arguments[0, 1:].tolist()) if has_fluid else arguments[0].tolist()
        return name, _nanoseconds(look_up_loop(function, props, first), props, arguments, n_items=n), target, "ns"

    from_density_energy = gas_pressure_temperature_from_density_energy
    rows = [
        timed("gas D, in a kernel", 40.0, gas_density, p, t),
        timed("gas H, in a kernel", 40.0, gas_enthalpy, p, t),
        ("gas D, lookup_batch", _nanoseconds(manager.lookup_batch, "H2", "D", p, t, n_items=n), 40.0, "ns"),
        timed("gas D, H, S, C together", 100.0, gas_state, p, t),
        ("gas mix of forward and inverse", _nanoseconds(_gas_mix_loop, props, p, t, warm, n_items=2 * n), 100.0, "ns"),
        timed("gas T(p,h), warm", 250.0, gas_temperature_from_enthalpy, p, enthalpy, warm),
        timed("gas T(p,s), warm", 250.0, gas_temperature_from_entropy, p, entropy, warm),
        timed("gas p(rho,T), warm", 250.0, gas_pressure_from_density, density, t, p * 1.005),
        timed("gas p, T(rho,u), warm", 400.0, from_density_energy, density, energy, p * 1.005, warm),
    ]
    p = np.exp(rng.uniform(np.log(layout.WATER_PRESSURE_MIN_PA), np.log(layout.WATER_PRESSURE_MAX_PA), n))
    p = np.clip(p, layout.WATER_PRESSURE_MIN_PA, layout.WATER_PRESSURE_MAX_PA)
    line = _all(lambda a: phase_boundary_temperature(props, a), p)
    steam = line + (layout.STEAM_AXIS_K - line) * rng.random(n)
    water = line - (line - layout.WATER_TEMPERATURE_MIN_K) * rng.random(n)
    steam_h = _all(lambda a, b: steam_enthalpy(props, a, b), p, steam)
    water_s = _all(lambda a, b: water_entropy(props, a, b), p, water)
    rows += [
        timed("steam D, in a kernel", 80.0, steam_density, p, steam),
        timed("steam H, in a kernel", 80.0, steam_enthalpy, p, steam),
        timed("water H, in a kernel", 80.0, water_enthalpy, p, water),
        ("H2O H, lookup_batch", _nanoseconds(manager.lookup_batch, "H2O", "H", p, steam, n_items=n), 80.0, "ns"),
        timed("saturation temperature", 80.0, saturation_temperature, p),
        timed("saturation pressure", 80.0, saturation_pressure, np.minimum(line, layout.CRITICAL_TEMPERATURE_K)),
        timed("steam T(p,h), warm", 250.0, steam_temperature_from_enthalpy, p, steam_h, steam + _WARM_START_K),
        timed("water T(p,s), warm", 250.0, water_temperature_from_entropy, p, water_s, water - _WARM_START_K),
        ("lookup from Python", 1.0e-3 * _nanoseconds(_scalar_calls, manager, 5000, n_items=5000), 3.0, "us"),
    ]
    return rows
