"""Build the flat array of all property tables from CoolProp's reference equations (under a second)."""

# mypy: allow-untyped-calls

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from h2plant.core.properties import layout
from h2plant.core.properties.equation_of_state import EquationOfState, WaterBoundary
from h2plant.core.properties.spline import line_value

Array = npt.NDArray[np.float64]


def _spline_matrix(n_nodes: int) -> Array:
    """Return the matrix that maps spline coefficients to node values, with not-a-knot ends."""
    matrix = np.zeros((n_nodes + 2, n_nodes + 2))
    for k in range(n_nodes):
        matrix[k + 1, k : k + 3] = (1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0)
    matrix[0, :5] = matrix[-1, -5:] = (1.0, -4.0, 6.0, -4.0, 1.0)
    return matrix


def _along_first(values: Array) -> Array:
    """Return spline coefficients along the first axis of node values."""
    n_nodes = values.shape[0]
    right = np.zeros((n_nodes + 2, *values.shape[1:]))
    right[1:-1] = values
    return np.asarray(np.linalg.solve(_spline_matrix(n_nodes), right), dtype=np.float64)


def spline_coefficients(values: Array) -> Array:
    """Return the coefficients of the interpolating cubic spline, (n,) -> (n+2,) or (n, m) -> (n+2, m+2)."""
    if values.ndim == 1:
        return _along_first(values[:, None])[:, 0]
    return np.ascontiguousarray(_along_first(_along_first(values).T).T)


def _put_line(props: Array, start: int, axis: Array, function: Callable[[float], float]) -> None:
    coefficients = spline_coefficients(np.array([function(x) for x in axis.tolist()]))
    props[start : start + coefficients.size] = coefficients


def _put_planes(props: Array, start: int, values: Array) -> None:
    """Write the four planes of a table; values (n_pressures, n_temperatures, 4)."""
    if not np.isfinite(values).all():
        raise ValueError("a table has nodes without a value")
    for k in range(layout.N_PROPERTIES):
        coefficients = spline_coefficients(values[:, :, k])
        props[start : start + coefficients.size] = coefficients.ravel()
        start += coefficients.size


def _regular(state: tuple[float, ...], pressure_pa: float, temperature_k: float, gas_constant: float) -> Array:
    """Return what is stored of a gas: p/(rho T), h, s + R ln p, cp."""
    density, enthalpy, entropy, capacity = state
    return np.array(
        [
            pressure_pa / (density * temperature_k),
            enthalpy,
            entropy + gas_constant * math.log(pressure_pa),
            capacity,
        ]
    )


def _pinned(axis: Array, first: float, last: float) -> Array:
    """Return axis values with exact ends (powers and roots leave rounding)."""
    axis[0], axis[-1] = first, last
    return axis


def _build_gas(props: Array, fluid: int, name: str) -> None:
    substance = EquationOfState(name)
    gas_constant = substance.gas_constant_j_per_kg_k
    props[layout.GAS_CONSTANTS + fluid] = gas_constant
    x = layout.GAS_X_FIRST + np.arange(layout.GAS_PRESSURE_CELLS + 1) / layout.GAS_X_SCALE
    y = layout.GAS_Y_FIRST + np.arange(layout.GAS_TEMPERATURE_CELLS + 1) / layout.GAS_Y_SCALE
    pressures = _pinned(x * x, layout.GAS_PRESSURE_MIN_PA, layout.GAS_PRESSURE_MAX_PA)
    temperatures = layout.GAS_AXIS_K * y / (1.0 - y)
    values = np.array(
        [[_regular(substance.gas(p, t), p, t, gas_constant) for t in temperatures.tolist()] for p in pressures.tolist()]
    )
    _put_planes(props, layout.GAS_START + fluid * layout.GAS_SIZE, values)


def _build_lines(props: Array, water: EquationOfState) -> None:
    """Build the dividing temperature, the vapour pressure and the saturated states."""
    root = layout.ROOT_FIRST + np.arange(layout.BOUNDARY_CELLS + 1) / layout.BOUNDARY_SCALE
    pressures = _pinned(root**8, layout.WATER_PRESSURE_MIN_PA, layout.WATER_PRESSURE_MAX_PA)
    _put_line(props, layout.BOUNDARY_START, pressures, WaterBoundary(water))

    inverse = layout.INVERSE_T_FIRST + np.arange(layout.VAPOUR_PRESSURE_CELLS + 1) / layout.INVERSE_T_SCALE
    temperatures = _pinned(1.0 / inverse, layout.CRITICAL_TEMPERATURE_K, layout.WATER_TEMPERATURE_MIN_K)
    _put_line(props, layout.VAPOUR_PRESSURE_START, temperatures, lambda t: math.log(water.saturation_pressure(t)))

    z = layout.SATURATED_FIRST + np.arange(layout.SATURATED_CELLS + 1) / layout.SATURATED_SCALE
    temperatures = _pinned(
        layout.CRITICAL_TEMPERATURE_K * (1.0 - z**4),
        layout.SATURATION_TEMPERATURE_MAX_K,
        layout.WATER_TEMPERATURE_MIN_K,
    )
    _put_line(props, layout.SATURATED_STEAM_ENTHALPY, temperatures, lambda t: water.saturated(t, 1.0)[1])
    _put_line(props, layout.SATURATED_WATER_ENTHALPY, temperatures, lambda t: water.saturated(t, 0.0)[1])
    _put_line(props, layout.SATURATED_STEAM_LOG_DENSITY, temperatures, lambda t: math.log(water.saturated(t, 1.0)[0]))
    _put_line(props, layout.SATURATED_WATER_LOG_DENSITY, temperatures, lambda t: math.log(water.saturated(t, 0.0)[0]))


def _low_pressures(n_cells: int, scale: float) -> Array:
    root = layout.ROOT_FIRST + np.arange(n_cells + 1) / scale
    return _pinned(root**8, layout.WATER_PRESSURE_MIN_PA, layout.WATER_PRESSURE_SPLIT_PA)


def _high_pressures(n_cells: int, scale: float) -> Array:
    pressures = layout.WATER_PRESSURE_SPLIT_PA + np.arange(n_cells + 1) / scale
    return _pinned(pressures, layout.WATER_PRESSURE_SPLIT_PA, layout.WATER_PRESSURE_MAX_PA)


def _boundary_temperature(props: Array, pressure_pa: float) -> float:
    """Return the dividing temperature exactly as the look-ups take it."""
    u = (math.sqrt(math.sqrt(math.sqrt(pressure_pa))) - layout.ROOT_FIRST) * layout.BOUNDARY_SCALE
    return float(line_value(props, layout.BOUNDARY_START, layout.BOUNDARY_CELLS, u))


class _PhaseTable(NamedTuple):
    """Where a table of one phase of water lies and how its axes run."""

    start: int
    pressures_pa: Array
    n_cells: int
    n_axis_cells: int
    stretch: float
    margin_k: float


def _phase_tables() -> tuple[list[_PhaseTable], list[_PhaseTable]]:
    """Return (steam tables, liquid tables), each below and above the split."""
    steam = [
        _PhaseTable(
            layout.STEAM_LOW_START,
            _low_pressures(layout.STEAM_LOW_PRESSURE_CELLS, layout.STEAM_LOW_SCALE),
            layout.STEAM_LOW_TEMPERATURE_CELLS,
            layout.STEAM_LOW_AXIS_CELLS,
            layout.STEAM_LOW_STRETCH,
            0.0,
        ),
        _PhaseTable(
            layout.STEAM_HIGH_START,
            _high_pressures(layout.STEAM_HIGH_PRESSURE_CELLS, layout.STEAM_HIGH_SCALE),
            layout.STEAM_HIGH_TEMPERATURE_CELLS,
            layout.STEAM_HIGH_TEMPERATURE_CELLS,
            layout.STEAM_HIGH_STRETCH,
            0.0,
        ),
    ]
    liquid = [
        _PhaseTable(
            layout.WATER_LOW_START,
            _low_pressures(layout.WATER_LOW_PRESSURE_CELLS, layout.WATER_LOW_SCALE),
            layout.WATER_LOW_TEMPERATURE_CELLS,
            layout.WATER_LOW_TEMPERATURE_CELLS,
            layout.WATER_LOW_STRETCH,
            layout.WATER_LOW_MARGIN_K,
        ),
        _PhaseTable(
            layout.WATER_HIGH_START,
            _high_pressures(layout.WATER_HIGH_PRESSURE_CELLS, layout.WATER_HIGH_SCALE),
            layout.WATER_HIGH_TEMPERATURE_CELLS,
            layout.WATER_HIGH_TEMPERATURE_CELLS,
            layout.WATER_HIGH_STRETCH,
            0.0,
        ),
    ]
    return steam, liquid


def _distances(table: _PhaseTable) -> Array:
    """Return how far each node is from the dividing temperature, as a share of the span (steam: beyond 1 as well)."""
    e = np.arange(table.n_cells + 1) / table.n_axis_cells
    return np.asarray(e * (table.stretch + (1.0 - table.stretch) * e))


def _build_steam(props: Array, water: EquationOfState, table: _PhaseTable) -> None:
    distance = _distances(table)
    values = np.empty((table.pressures_pa.size, table.n_cells + 1, layout.N_PROPERTIES))
    for i, p in enumerate(table.pressures_pa.tolist()):
        line = _boundary_temperature(props, p)
        for j, t in enumerate((line + (layout.STEAM_AXIS_K - line) * distance).tolist()):
            values[i, j] = _regular(water.gas(p, t), p, t, water.gas_constant_j_per_kg_k)
    _put_planes(props, table.start, values)


def _build_liquid(props: Array, water: EquationOfState, table: _PhaseTable) -> None:
    distance = _distances(table)
    values = np.empty((table.pressures_pa.size, table.n_cells + 1, layout.N_PROPERTIES))
    for i, p in enumerate(table.pressures_pa.tolist()):
        end = _boundary_temperature(props, p) + table.margin_k
        temperatures = end - (end - layout.WATER_TEMPERATURE_MIN_K) * distance
        temperatures[-1] = layout.WATER_TEMPERATURE_MIN_K
        for j, t in enumerate(temperatures.tolist()):
            values[i, j] = water.liquid(p, t)
    _put_planes(props, table.start, values)


def _build_supercooled(props: Array, water: EquationOfState) -> None:
    x = np.arange(layout.SUPERCOOLED_PRESSURE_CELLS + 1) / layout.SUPERCOOLED_X_SCALE
    y = np.arange(layout.SUPERCOOLED_TEMPERATURE_CELLS + 1) / layout.SUPERCOOLED_Y_SCALE
    pressures = _pinned(layout.WATER_PRESSURE_MIN_PA + x, layout.WATER_PRESSURE_MIN_PA, layout.WATER_PRESSURE_MAX_PA)
    temperatures = _pinned(layout.SUPERCOOLED_MIN_K + y, layout.SUPERCOOLED_MIN_K, layout.WATER_TEMPERATURE_MIN_K)
    values = np.array([[water.liquid(p, t) for t in temperatures.tolist()] for p in pressures.tolist()])
    _put_planes(props, layout.SUPERCOOLED_START, values)


def build_tables() -> Array:
    """Return the flat array of all property tables, built from CoolProp.

    Returns
    -------
    array of float64, shape (PROPS_SIZE,)
        In the order of ``table_layout``.
    """
    props = np.zeros(layout.PROPS_SIZE)
    props[0] = layout.LAYOUT_VERSION
    for fluid, name in ((layout.FLUID_H2, "H2"), (layout.FLUID_O2, "O2"), (layout.FLUID_N2, "N2")):
        _build_gas(props, fluid, name)
    water = EquationOfState("H2O")
    props[layout.STEAM_CONSTANT] = water.gas_constant_j_per_kg_k
    _build_lines(props, water)
    steam, liquid = _phase_tables()
    for table in steam:
        _build_steam(props, water, table)
    for table in liquid:
        _build_liquid(props, water, table)
    _build_supercooled(props, water)
    if not np.isfinite(props).all():
        raise ValueError("the tables hold values that are not finite")
    return props
