"""Look-ups over arrays of states: the compiled side of ``LUTManager.lookup_batch``.

States are taken in blocks of ``BLOCK``. Within a block one pass after another computes coordinates, cells and values:
short loops without branches, which the compiler turns into vector instructions. That takes less than half the time of
a look-up of one state after another. Values differ from those by rounding (1e-13), as sums are in another order.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

import math

from h2plant.core.jit import kernel, leaf
from h2plant.core.properties.gas import _gas_start, _gas_x, _gas_y, _is_gas_pressure, _is_gas_temperature
from h2plant.core.properties.layout import (
    BOUNDARY_CELLS,
    BOUNDARY_SCALE,
    BOUNDARY_START,
    DENSITY,
    ENTROPY,
    GAS_CONSTANTS,
    GAS_PLANE,
    GAS_PRESSURE_CELLS,
    GAS_PRESSURE_MAX_PA,
    GAS_STRIDE,
    GAS_TEMPERATURE_CELLS,
    ROOT_FIRST,
    STEAM_AXIS_K,
    STEAM_CONSTANT,
    STEAM_HIGH_PLANE,
    STEAM_HIGH_PRESSURE_CELLS,
    STEAM_HIGH_SCALE,
    STEAM_HIGH_START,
    STEAM_HIGH_STRETCH,
    STEAM_HIGH_TEMPERATURE_CELLS,
    STEAM_LOW_AXIS_CELLS,
    STEAM_LOW_PLANE,
    STEAM_LOW_PRESSURE_CELLS,
    STEAM_LOW_SCALE,
    STEAM_LOW_START,
    STEAM_LOW_STRETCH,
    STEAM_LOW_TEMPERATURE_CELLS,
    SUPERCOOLED_MIN_K,
    SUPERCOOLED_PLANE,
    SUPERCOOLED_PRESSURE_CELLS,
    SUPERCOOLED_START,
    SUPERCOOLED_TEMPERATURE_CELLS,
    SUPERCOOLED_X_SCALE,
    SUPERCOOLED_Y_SCALE,
    WATER_HIGH_PLANE,
    WATER_HIGH_PRESSURE_CELLS,
    WATER_HIGH_SCALE,
    WATER_HIGH_START,
    WATER_HIGH_STRETCH,
    WATER_HIGH_TEMPERATURE_CELLS,
    WATER_LOW_MARGIN_K,
    WATER_LOW_PLANE,
    WATER_LOW_PRESSURE_CELLS,
    WATER_LOW_SCALE,
    WATER_LOW_START,
    WATER_LOW_STRETCH,
    WATER_LOW_TEMPERATURE_CELLS,
    WATER_PRESSURE_MIN_PA,
    WATER_PRESSURE_SPLIT_PA,
    WATER_TEMPERATURE_MAX_K,
    WATER_TEMPERATURE_MIN_K,
)
from h2plant.core.properties.spline import clip_coordinate, line_value, weights
from h2plant.core.properties.water import LINE_ROUNDING_K, _eighth_root, _held_pressure, _is_water_pressure, _stretched

BLOCK = 256
"""States in a block; the work arrays are (4, BLOCK) of float64 and (2, BLOCK) of int64."""

_LOG_ROOT_MIDDLE = (math.log(WATER_PRESSURE_MIN_PA) + math.log(GAS_PRESSURE_MAX_PA)) / 16.0
_ROOT_MIDDLE = math.exp(_LOG_ROOT_MIDDLE)


@leaf
def _patch_sum(props, at, stride, wa, wb):
    """Return the two-dimensional spline as ``spline.patch_sum``, summed across rows first: four columns at once."""
    second = at + stride
    third = second + stride
    fourth = third + stride
    v0 = wa[0] * props[at] + wa[1] * props[second] + wa[2] * props[third] + wa[3] * props[fourth]
    v1 = wa[0] * props[at + 1] + wa[1] * props[second + 1] + wa[2] * props[third + 1] + wa[3] * props[fourth + 1]
    v2 = wa[0] * props[at + 2] + wa[1] * props[second + 2] + wa[2] * props[third + 2] + wa[3] * props[fourth + 2]
    v3 = wa[0] * props[at + 3] + wa[1] * props[second + 3] + wa[2] * props[third + 3] + wa[3] * props[fourth + 3]
    return wb[0] * v0 + wb[1] * v1 + wb[2] * v2 + wb[3] * v3


@leaf
def _log_of_eighth_root(root):
    """Return ln p, p in Pa, from p^(1/8) within any table: 8 (ln c + 2 artanh z), z = (root - c) / (root + c).

    The series of artanh to z^31 leaves 1e-16, as abs(z) < 0.36; unlike a logarithm it becomes vector instructions.
    """
    z = (root - _ROOT_MIDDLE) / (root + _ROOT_MIDDLE)
    q = z * z
    total = 1.0 / 31.0
    total = total * q + 1.0 / 29.0
    total = total * q + 1.0 / 27.0
    total = total * q + 1.0 / 25.0
    total = total * q + 1.0 / 23.0
    total = total * q + 1.0 / 21.0
    total = total * q + 1.0 / 19.0
    total = total * q + 1.0 / 17.0
    total = total * q + 1.0 / 15.0
    total = total * q + 1.0 / 13.0
    total = total * q + 1.0 / 11.0
    total = total * q + 1.0 / 9.0
    total = total * q + 1.0 / 7.0
    total = total * q + 1.0 / 5.0
    total = total * q + 1.0 / 3.0
    total = total * q + 1.0
    return 8.0 * _LOG_ROOT_MIDDLE + 16.0 * z * total


@kernel
def fill_gas_quantity(props, fluid, quantity, pressures_pa, temperatures_k, results, work, place):
    """Write a quantity of a gas for each pair of pressure and temperature; returns how many are NaN."""
    start = _gas_start(fluid) + quantity * GAS_PLANE
    n_missing = 0
    for first in range(0, len(results), BLOCK):
        n = min(BLOCK, len(results) - first)
        for k in range(n):
            p = pressures_pa[first + k]
            t = temperatures_k[first + k]
            x = clip_coordinate(_gas_x(max(p, 0.0)), GAS_PRESSURE_CELLS)
            y = clip_coordinate(_gas_y(t), GAS_TEMPERATURE_CELLS)
            i = min(int(x), GAS_PRESSURE_CELLS - 1)
            j = min(int(y), GAS_TEMPERATURE_CELLS - 1)
            work[0, k] = x - i if _is_gas_pressure(p) & _is_gas_temperature(t) else math.nan
            work[1, k] = y - j
            place[0, k] = start + i * GAS_STRIDE + j
        for k in range(n):
            value = _patch_sum(props, place[0, k], GAS_STRIDE, weights(work[0, k]), weights(work[1, k]))
            work[0, k] = value
            if value != value:
                n_missing += 1
        if quantity == DENSITY:
            for k in range(n):
                work[0, k] = pressures_pa[first + k] / (work[0, k] * temperatures_k[first + k])
        if quantity == ENTROPY:
            for k in range(n):
                work[0, k] -= props[GAS_CONSTANTS + fluid] * _log_of_eighth_root(
                    _eighth_root(max(pressures_pa[first + k], 1.0))
                )
        for k in range(n):
            results[first + k] = work[0, k]
    return n_missing


@kernel
def fill_h2o_quantity(props, quantity, pressures_pa, temperatures_k, results, work, place):
    """Write a quantity of water for each pair of pressure and temperature; returns how many are NaN."""
    n_missing = 0
    for first in range(0, len(results), BLOCK):
        n = min(BLOCK, len(results) - first)
        for k in range(n):
            work[3, k] = _eighth_root(_held_pressure(pressures_pa[first + k]))
        for k in range(n):
            work[2, k] = line_value(props, BOUNDARY_START, BOUNDARY_CELLS, (work[3, k] - ROOT_FIRST) * BOUNDARY_SCALE)
        for k in range(n):
            p = pressures_pa[first + k]
            t = temperatures_k[first + k]
            line_k = work[2, k]
            is_steam = t >= line_k - LINE_ROUNDING_K
            is_low = p <= WATER_PRESSURE_SPLIT_PA
            from_low = work[3, k] - ROOT_FIRST
            from_split = p - WATER_PRESSURE_SPLIT_PA
            if is_steam:
                far_k = STEAM_AXIS_K
                n_axis = STEAM_LOW_AXIS_CELLS if is_low else STEAM_HIGH_TEMPERATURE_CELLS
                near_k = line_k
                stretch = STEAM_LOW_STRETCH if is_low else STEAM_HIGH_STRETCH
                n_along = STEAM_LOW_TEMPERATURE_CELLS if is_low else STEAM_HIGH_TEMPERATURE_CELLS
                n_across = STEAM_LOW_PRESSURE_CELLS if is_low else STEAM_HIGH_PRESSURE_CELLS
                x = from_low * STEAM_LOW_SCALE if is_low else from_split * STEAM_HIGH_SCALE
                table = STEAM_LOW_START if is_low else STEAM_HIGH_START
                plane = STEAM_LOW_PLANE if is_low else STEAM_HIGH_PLANE
            else:
                far_k = WATER_TEMPERATURE_MIN_K
                near_k = line_k + (WATER_LOW_MARGIN_K if is_low else 0.0)
                stretch = WATER_LOW_STRETCH if is_low else WATER_HIGH_STRETCH
                n_along = WATER_LOW_TEMPERATURE_CELLS if is_low else WATER_HIGH_TEMPERATURE_CELLS
                n_axis = n_along
                n_across = WATER_LOW_PRESSURE_CELLS if is_low else WATER_HIGH_PRESSURE_CELLS
                x = from_low * WATER_LOW_SCALE if is_low else from_split * WATER_HIGH_SCALE
                table = WATER_LOW_START if is_low else WATER_HIGH_START
                plane = WATER_LOW_PLANE if is_low else WATER_HIGH_PLANE
            highest_k = WATER_TEMPERATURE_MAX_K if is_low else STEAM_AXIS_K
            is_inside = _is_water_pressure(p) & (t >= SUPERCOOLED_MIN_K) & (t <= highest_k)
            y = _stretched(clip_coordinate((near_k - t) / (near_k - far_k), 2.0), stretch) * n_axis
            if t < WATER_TEMPERATURE_MIN_K:
                x = (p - WATER_PRESSURE_MIN_PA) * SUPERCOOLED_X_SCALE
                y = clip_coordinate((t - SUPERCOOLED_MIN_K) * SUPERCOOLED_Y_SCALE, SUPERCOOLED_TEMPERATURE_CELLS)
                n_across = SUPERCOOLED_PRESSURE_CELLS
                n_along = SUPERCOOLED_TEMPERATURE_CELLS
                table = SUPERCOOLED_START
                plane = SUPERCOOLED_PLANE
            x = clip_coordinate(x, n_across)
            i = min(int(x), n_across - 1)
            j = min(int(y), n_along - 1)
            work[0, k] = x - i if is_inside else math.nan
            work[1, k] = y - j
            place[0, k] = table + quantity * plane + i * (n_along + 3) + j
            place[1, k] = n_along + 3
        for k in range(n):
            value = _patch_sum(props, place[0, k], place[1, k], weights(work[0, k]), weights(work[1, k]))
            work[0, k] = value
            if value != value:
                n_missing += 1
        if quantity == DENSITY:
            for k in range(n):
                t = temperatures_k[first + k]
                value = work[0, k]
                is_steam = t >= work[2, k] - LINE_ROUNDING_K
                above = pressures_pa[first + k] if is_steam else value
                work[0, k] = above / (value * t if is_steam else 1.0)
        if quantity == ENTROPY:
            for k in range(n):
                is_steam = temperatures_k[first + k] >= work[2, k] - LINE_ROUNDING_K
                constant = props[STEAM_CONSTANT] if is_steam else 0.0
                work[0, k] -= constant * _log_of_eighth_root(work[3, k])
        for k in range(n):
            results[first + k] = work[0, k]
    return n_missing
