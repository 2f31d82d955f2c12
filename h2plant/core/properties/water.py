"""Steam, liquid water and the saturation line from spline tables, and their inverses.

All quantities are SI and specific to mass. The caller names the phase: ``steam_*`` and ``water_*`` each have
tables fitted to the saturation line, because one table across it is wrong by more than 10 % next to it. Range:
611.657 Pa to 350 bar, 273.16 to 1250 K (above 100 bar 1150 K); NaN outside. A state up to 0.05 K beyond the line is
taken as being on it. Above the critical pressure the line is continued smoothly and divides "water" from "steam".
Liquid water goes on below 273.16 K, supercooled, to 200 K, and so does the pressure of its vapour.

Enthalpies are those of formation (liquid water at 298.15 K, 1 bar: -285.830 kJ/mol), entropies absolute
(69.95 J/(mol K) there); see ``docs/properties.md``.

In every kernel ``props`` is the flat array of all tables (``LUTManager().props``).
"""

import math

from h2plant.core.exponential import exponential
from h2plant.core.jit import kernel, leaf, shared
from h2plant.core.properties.layout import (
    BOUNDARY_CELLS,
    BOUNDARY_SCALE,
    BOUNDARY_START,
    CAPACITY,
    CRITICAL_PRESSURE_PA,
    CRITICAL_TEMPERATURE_K,
    DENSITY,
    ENTHALPY,
    ENTROPY,
    INVERSE_T_FIRST,
    INVERSE_T_SCALE,
    ROOT_FIRST,
    SATURATED_CELLS,
    SATURATED_FIRST,
    SATURATED_SCALE,
    SATURATED_STEAM_ENTHALPY,
    SATURATED_STEAM_LOG_DENSITY,
    SATURATED_WATER_ENTHALPY,
    SATURATED_WATER_LOG_DENSITY,
    SATURATION_TEMPERATURE_MAX_K,
    SATURATION_TOLERANCE_K,
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
    SUPERCOOLED_STRIDE,
    SUPERCOOLED_TEMPERATURE_CELLS,
    SUPERCOOLED_X_SCALE,
    SUPERCOOLED_Y_SCALE,
    VAPOUR_PRESSURE_CELLS,
    VAPOUR_PRESSURE_START,
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
    WATER_PRESSURE_MAX_PA,
    WATER_PRESSURE_MIN_PA,
    WATER_PRESSURE_SPLIT_PA,
    WATER_TEMPERATURE_MAX_K,
    WATER_TEMPERATURE_MIN_K,
)
from h2plant.core.properties.spline import line_value, log_pressure, patch_sum, solve_along_row, weights

_EDGE_K = 1.0e-6  # rounding allowed at the far end of a table
_SQUEEZED_M3_PER_KG = 8.8e-4
"""dh/dp = v (1 - T beta) of liquid water at 300 to 340 K, 350 to 900 bar, within 11 % (IAPWS-95; 285 to 340 K: 7 %)."""
_TO_TRIPLE_POINT = -7.1354249620e-08  # ln of 611.657 Pa over what Murphy and Koop have there
LINE_ROUNDING_K = 1.0e-9
"""A state so little below the saturation line is on it, whatever the rounding of the line: look-ups say steam."""


@leaf
def _is_water_pressure(pressure_pa):
    """Tell whether the tables of water cover a pressure (not so for NaN)."""
    return (pressure_pa >= WATER_PRESSURE_MIN_PA) & (pressure_pa <= WATER_PRESSURE_MAX_PA)


@leaf
def _held_temperature(temperature_k, end_k):
    """Return a temperature limited to the triple point's .. ``end_k``; the triple point's for NaN."""
    if temperature_k >= WATER_TEMPERATURE_MIN_K:
        return min(temperature_k, end_k)
    return WATER_TEMPERATURE_MIN_K


@leaf
def _eighth_root(pressure_pa):
    """Return p^(1/8)."""
    return math.sqrt(math.sqrt(math.sqrt(pressure_pa)))


@leaf
def _held_pressure(pressure_pa):
    """Return a pressure limited to the range of the tables; the lower end for NaN."""
    if pressure_pa >= WATER_PRESSURE_MIN_PA:
        return min(pressure_pa, WATER_PRESSURE_MAX_PA)
    return WATER_PRESSURE_MIN_PA


@shared
def supercooled_saturation_pressure(props, temperature_k):
    """Return the pressure of vapour over supercooled water, Pa; 123 K to the triple point, whose 611.657 Pa it meets.

    D. M. Murphy and T. Koop 2005, doi:10.1256/qj.04.94, equation 10.
    """
    T = temperature_k
    log_k = math.log(T)
    bend = 53.878 - 1331.22 / T - 9.44523 * log_k + 0.014025 * T
    exponent = 54.842763 - 6763.22 / T - 4.210 * log_k + 0.000367 * T + math.tanh(0.0415 * (T - 218.8)) * bend
    return exponential(exponent + _TO_TRIPLE_POINT)


@leaf
def _boundary(props, root):
    """Return the temperature, K, that divides water from steam at p^(1/8): the saturation line, continued."""
    return line_value(props, BOUNDARY_START, BOUNDARY_CELLS, (root - ROOT_FIRST) * BOUNDARY_SCALE)


@leaf
def _stretched(distance, stretch):
    """Return e in 0..1 from distance = stretch e + (1 - stretch) e^2."""
    return (math.sqrt(stretch * stretch + 4.0 * (1.0 - stretch) * distance) - stretch) / (2.0 * (1.0 - stretch))


@kernel
def saturation_temperature(props, pressure_pa):
    """Return the saturation temperature of water, K; 611.657 Pa to the critical 220.64 bar."""
    line_k = _boundary(props, _eighth_root(_held_pressure(pressure_pa)))
    if (pressure_pa >= WATER_PRESSURE_MIN_PA) & (pressure_pa <= CRITICAL_PRESSURE_PA):
        return line_k
    return math.nan


@kernel
def phase_boundary_temperature(props, pressure_pa):
    """Return the temperature, K, that divides liquid from steam: ``saturation_temperature``, continued to 350 bar."""
    line_k = _boundary(props, _eighth_root(_held_pressure(pressure_pa)))
    return line_k if _is_water_pressure(pressure_pa) else math.nan


@shared
def saturation_pressure(props, temperature_k):
    """Return the saturation pressure of water, Pa; 200 K (over supercooled liquid) to the critical 647.096 K."""
    if (temperature_k < WATER_TEMPERATURE_MIN_K) & (temperature_k >= SUPERCOOLED_MIN_K):
        return supercooled_saturation_pressure(props, temperature_k)
    held_k = _held_temperature(temperature_k, CRITICAL_TEMPERATURE_K)
    u = (1.0 / held_k - INVERSE_T_FIRST) * INVERSE_T_SCALE
    pressure_pa = exponential(line_value(props, VAPOUR_PRESSURE_START, VAPOUR_PRESSURE_CELLS, u))
    return pressure_pa if held_k == temperature_k else math.nan


@leaf
def _saturated(props, start, temperature_k):
    """Return a quantity of the saturation line, tabulated over (1 - T / Tc)^(1/4)."""
    held_k = _held_temperature(temperature_k, SATURATION_TEMPERATURE_MAX_K)
    root = math.sqrt(math.sqrt(1.0 - held_k / CRITICAL_TEMPERATURE_K))
    value = line_value(props, start, SATURATED_CELLS, (root - SATURATED_FIRST) * SATURATED_SCALE)
    return value if held_k == temperature_k else math.nan


@kernel
def saturated_steam_enthalpy(props, temperature_k):
    """Return the specific enthalpy of dry saturated steam, J/kg; 273.16 to 647 K."""
    return _saturated(props, SATURATED_STEAM_ENTHALPY, temperature_k)


@kernel
def saturated_water_enthalpy(props, temperature_k):
    """Return the specific enthalpy of boiling water, J/kg; 273.16 to 647 K."""
    return _saturated(props, SATURATED_WATER_ENTHALPY, temperature_k)


@kernel
def saturated_steam_density(props, temperature_k):
    """Return the density of dry saturated steam, kg/m3; 273.16 to 647 K."""
    return exponential(_saturated(props, SATURATED_STEAM_LOG_DENSITY, temperature_k))


@kernel
def saturated_water_density(props, temperature_k):
    """Return the density of boiling water, kg/m3; 273.16 to 647 K."""
    return exponential(_saturated(props, SATURATED_WATER_LOG_DENSITY, temperature_k))


@leaf
def _steam_row(root, pressure_pa):
    """Return (first of four rows, plane, stride, fraction across, stretch, cells to the axis' 1, cells, highest K)."""
    if pressure_pa <= WATER_PRESSURE_SPLIT_PA:
        x = (root - ROOT_FIRST) * STEAM_LOW_SCALE
        i = min(max(int(x), 0), STEAM_LOW_PRESSURE_CELLS - 1)
        stride = STEAM_LOW_TEMPERATURE_CELLS + 3
        start = STEAM_LOW_START + i * stride
        n_axis, n_cells = STEAM_LOW_AXIS_CELLS, STEAM_LOW_TEMPERATURE_CELLS
        return start, STEAM_LOW_PLANE, stride, x - i, STEAM_LOW_STRETCH, n_axis, n_cells, WATER_TEMPERATURE_MAX_K
    x = (pressure_pa - WATER_PRESSURE_SPLIT_PA) * STEAM_HIGH_SCALE
    i = min(max(int(x), 0), STEAM_HIGH_PRESSURE_CELLS - 1)
    stride = STEAM_HIGH_TEMPERATURE_CELLS + 3
    start = STEAM_HIGH_START + i * stride
    n_cells = STEAM_HIGH_TEMPERATURE_CELLS
    return start, STEAM_HIGH_PLANE, stride, x - i, STEAM_HIGH_STRETCH, n_cells, n_cells, STEAM_AXIS_K


@leaf
def _water_row(root, pressure_pa):
    """Return (first of four rows, plane, stride, fraction across, stretch, cells, margin in K) for liquid water."""
    if pressure_pa <= WATER_PRESSURE_SPLIT_PA:
        x = (root - ROOT_FIRST) * WATER_LOW_SCALE
        i = min(max(int(x), 0), WATER_LOW_PRESSURE_CELLS - 1)
        stride = WATER_LOW_TEMPERATURE_CELLS + 3
        at = WATER_LOW_START + i * stride
        return at, WATER_LOW_PLANE, stride, x - i, WATER_LOW_STRETCH, WATER_LOW_TEMPERATURE_CELLS, WATER_LOW_MARGIN_K
    x = (pressure_pa - WATER_PRESSURE_SPLIT_PA) * WATER_HIGH_SCALE
    i = min(max(int(x), 0), WATER_HIGH_PRESSURE_CELLS - 1)
    stride = WATER_HIGH_TEMPERATURE_CELLS + 3
    at = WATER_HIGH_START + i * stride
    return at, WATER_HIGH_PLANE, stride, x - i, WATER_HIGH_STRETCH, WATER_HIGH_TEMPERATURE_CELLS, 0.0


@leaf
def _steam_place(pressure_pa, temperature_k, root, line_k):
    """Return (offset of the patch, plane, stride, fractions across and along, K); NaN fractions out of range."""
    if (
        _is_water_pressure(pressure_pa)
        & (temperature_k >= line_k - SATURATION_TOLERANCE_K)
        & (temperature_k <= WATER_TEMPERATURE_MAX_K)
    ):
        start, plane, stride, a, stretch, n_axis, n_cells, highest_k = _steam_row(root, pressure_pa)
        held_k = max(temperature_k, line_k)
        y = _stretched((held_k - line_k) / (STEAM_AXIS_K - line_k), stretch) * n_axis
        j = min(max(int(y), 0), n_cells - 1)
        return start + j, plane, stride, a, y - j if temperature_k <= highest_k else math.nan, held_k
    return STEAM_LOW_START, STEAM_LOW_PLANE, STEAM_LOW_TEMPERATURE_CELLS + 3, math.nan, math.nan, temperature_k


@leaf
def _water_place(pressure_pa, temperature_k, root, line_k):
    """Return (offset of the patch, plane, stride, fractions across and along); NaN fractions out of range."""
    if (
        _is_water_pressure(pressure_pa)
        & (temperature_k <= line_k + SATURATION_TOLERANCE_K)
        & (temperature_k >= WATER_TEMPERATURE_MIN_K)
    ):
        start, plane, stride, a, stretch, n_cells, margin_k = _water_row(root, pressure_pa)
        end_k = line_k + margin_k
        held_k = min(temperature_k, line_k)
        y = _stretched((end_k - held_k) / (end_k - WATER_TEMPERATURE_MIN_K), stretch) * n_cells
        j = min(max(int(y), 0), n_cells - 1)
        return start + j, plane, stride, a, y - j
    if (
        _is_water_pressure(pressure_pa)
        & (temperature_k < WATER_TEMPERATURE_MIN_K)
        & (temperature_k >= SUPERCOOLED_MIN_K)
    ):
        x = (pressure_pa - WATER_PRESSURE_MIN_PA) * SUPERCOOLED_X_SCALE
        y = (temperature_k - SUPERCOOLED_MIN_K) * SUPERCOOLED_Y_SCALE
        i = min(int(x), SUPERCOOLED_PRESSURE_CELLS - 1)
        j = min(int(y), SUPERCOOLED_TEMPERATURE_CELLS - 1)
        return SUPERCOOLED_START + i * SUPERCOOLED_STRIDE + j, SUPERCOOLED_PLANE, SUPERCOOLED_STRIDE, x - i, y - j
    return WATER_LOW_START, WATER_LOW_PLANE, WATER_LOW_TEMPERATURE_CELLS + 3, math.nan, math.nan


@leaf
def _steam_cell(props, pressure_pa, temperature_k):
    """Return what ``_steam_place`` says of a state."""
    root = _eighth_root(_held_pressure(pressure_pa))
    return _steam_place(pressure_pa, temperature_k, root, _boundary(props, root))


@leaf
def _water_cell(props, pressure_pa, temperature_k):
    """Return what ``_water_place`` says of a state."""
    root = _eighth_root(_held_pressure(pressure_pa))
    return _water_place(pressure_pa, temperature_k, root, _boundary(props, root))


@kernel
def steam_density(props, pressure_pa, temperature_k):
    """Return the density of steam, kg/m3."""
    at, _plane, stride, a, b, held_k = _steam_cell(props, pressure_pa, temperature_k)
    return pressure_pa / (patch_sum(props, at, stride, weights(a), weights(b)) * held_k)


@shared
def steam_enthalpy(props, pressure_pa, temperature_k):
    """Return the specific enthalpy of steam, J/kg."""
    at, plane, stride, a, b, _held_k = _steam_cell(props, pressure_pa, temperature_k)
    return patch_sum(props, at + ENTHALPY * plane, stride, weights(a), weights(b))


@kernel
def steam_entropy(props, pressure_pa, temperature_k):
    """Return the absolute specific entropy of steam, J/(kg K)."""
    at, plane, stride, a, b, _held_k = _steam_cell(props, pressure_pa, temperature_k)
    regular = patch_sum(props, at + ENTROPY * plane, stride, weights(a), weights(b))
    return regular - props[STEAM_CONSTANT] * log_pressure(pressure_pa)


@kernel
def steam_heat_capacity(props, pressure_pa, temperature_k):
    """Return the isobaric heat capacity of steam, J/(kg K)."""
    at, plane, stride, a, b, _held_k = _steam_cell(props, pressure_pa, temperature_k)
    return patch_sum(props, at + CAPACITY * plane, stride, weights(a), weights(b))


@shared
def steam_enthalpy_heat_capacity(props, pressure_pa, temperature_k):
    """Return (enthalpy in J/kg, isobaric heat capacity in J/(kg K)) of steam."""
    at, plane, stride, a, b, _held_k = _steam_cell(props, pressure_pa, temperature_k)
    wa = weights(a)
    wb = weights(b)
    return (
        patch_sum(props, at + ENTHALPY * plane, stride, wa, wb),
        patch_sum(props, at + CAPACITY * plane, stride, wa, wb),
    )


@kernel
def steam_enthalpy_entropy(props, pressure_pa, temperature_k):
    """Return (enthalpy in J/kg, entropy in J/(kg K)) of steam."""
    at, plane, stride, a, b, _held_k = _steam_cell(props, pressure_pa, temperature_k)
    wa = weights(a)
    wb = weights(b)
    regular = patch_sum(props, at + ENTROPY * plane, stride, wa, wb)
    return (
        patch_sum(props, at + ENTHALPY * plane, stride, wa, wb),
        regular - props[STEAM_CONSTANT] * log_pressure(pressure_pa),
    )


@kernel
def steam_state(props, pressure_pa, temperature_k):
    """Return (density in kg/m3, enthalpy in J/kg, entropy and heat capacity in J/(kg K)) of steam."""
    at, plane, stride, a, b, held_k = _steam_cell(props, pressure_pa, temperature_k)
    wa = weights(a)
    wb = weights(b)
    regular = patch_sum(props, at + ENTROPY * plane, stride, wa, wb)
    return (
        pressure_pa / (patch_sum(props, at, stride, wa, wb) * held_k),
        patch_sum(props, at + ENTHALPY * plane, stride, wa, wb),
        regular - props[STEAM_CONSTANT] * log_pressure(pressure_pa),
        patch_sum(props, at + CAPACITY * plane, stride, wa, wb),
    )


@kernel
def water_density(props, pressure_pa, temperature_k):
    """Return the density of liquid water, kg/m3."""
    at, _plane, stride, a, b = _water_cell(props, pressure_pa, temperature_k)
    return patch_sum(props, at, stride, weights(a), weights(b))


@shared
def water_enthalpy(props, pressure_pa, temperature_k):
    """Return the specific enthalpy of liquid water, J/kg; above 350 bar by (dh/dp) at constant temperature."""
    at, plane, stride, a, b = _water_cell(props, min(pressure_pa, WATER_PRESSURE_MAX_PA), temperature_k)
    squeezed = max(pressure_pa - WATER_PRESSURE_MAX_PA, 0.0) * _SQUEEZED_M3_PER_KG
    return patch_sum(props, at + ENTHALPY * plane, stride, weights(a), weights(b)) + squeezed


@kernel
def water_entropy(props, pressure_pa, temperature_k):
    """Return the absolute specific entropy of liquid water, J/(kg K)."""
    at, plane, stride, a, b = _water_cell(props, pressure_pa, temperature_k)
    return patch_sum(props, at + ENTROPY * plane, stride, weights(a), weights(b))


@kernel
def water_heat_capacity(props, pressure_pa, temperature_k):
    """Return the isobaric heat capacity of liquid water, J/(kg K)."""
    at, plane, stride, a, b = _water_cell(props, pressure_pa, temperature_k)
    return patch_sum(props, at + CAPACITY * plane, stride, weights(a), weights(b))


@shared
def water_enthalpy_heat_capacity(props, pressure_pa, temperature_k):
    """Return (enthalpy in J/kg, isobaric heat capacity in J/(kg K)) of liquid water; above 350 bar as its enthalpy."""
    at, plane, stride, a, b = _water_cell(props, min(pressure_pa, WATER_PRESSURE_MAX_PA), temperature_k)
    wa = weights(a)
    wb = weights(b)
    squeezed = max(pressure_pa - WATER_PRESSURE_MAX_PA, 0.0) * _SQUEEZED_M3_PER_KG
    return (
        patch_sum(props, at + ENTHALPY * plane, stride, wa, wb) + squeezed,
        patch_sum(props, at + CAPACITY * plane, stride, wa, wb),
    )


@kernel
def water_enthalpy_entropy(props, pressure_pa, temperature_k):
    """Return (enthalpy in J/kg, entropy in J/(kg K)) of liquid water."""
    at, plane, stride, a, b = _water_cell(props, pressure_pa, temperature_k)
    wa = weights(a)
    wb = weights(b)
    return (
        patch_sum(props, at + ENTHALPY * plane, stride, wa, wb),
        patch_sum(props, at + ENTROPY * plane, stride, wa, wb),
    )


@kernel
def water_state(props, pressure_pa, temperature_k):
    """Return (density in kg/m3, enthalpy in J/kg, entropy and heat capacity in J/(kg K)) of liquid water."""
    at, plane, stride, a, b = _water_cell(props, pressure_pa, temperature_k)
    wa = weights(a)
    wb = weights(b)
    return (
        patch_sum(props, at, stride, wa, wb),
        patch_sum(props, at + ENTHALPY * plane, stride, wa, wb),
        patch_sum(props, at + ENTROPY * plane, stride, wa, wb),
        patch_sum(props, at + CAPACITY * plane, stride, wa, wb),
    )


@kernel
def h2o_quantity(props, quantity, pressure_pa, temperature_k):
    """Return one property by code (``DENSITY`` ..), of steam at or above the dividing temperature, else of liquid."""
    root = _eighth_root(_held_pressure(pressure_pa))
    line_k = _boundary(props, root)
    is_steam = temperature_k >= line_k - LINE_ROUNDING_K
    if is_steam:
        at, plane, stride, a, b, held_k = _steam_place(pressure_pa, temperature_k, root, line_k)
    else:
        at, plane, stride, a, b = _water_place(pressure_pa, temperature_k, root, line_k)
        held_k = temperature_k
    value = patch_sum(props, at + quantity * plane, stride, weights(a), weights(b))
    if is_steam & (quantity == DENSITY):
        return pressure_pa / (value * held_k)
    if is_steam & (quantity == ENTROPY):
        return value - props[STEAM_CONSTANT] * log_pressure(pressure_pa)
    return value


@leaf
def _solved_steam(props, quantity, target, pressure_pa, guess_k):
    """Return the temperature, K, of steam at which a tabulated quantity takes a value; NaN out of range."""
    held_pa = _held_pressure(pressure_pa)
    root = _eighth_root(held_pa)
    line_k = _boundary(props, root)
    start, plane, stride, a, stretch, n_axis, n_cells, highest_k = _steam_row(root, held_pa)
    span_k = STEAM_AXIS_K - line_k
    y = _stretched(max(guess_k - line_k, 0.0) / span_k, stretch) * n_axis
    e = solve_along_row(props, start + quantity * plane, n_cells, stride, a, target, y) / n_axis
    temperature_k = line_k + span_k * e * (stretch + (1.0 - stretch) * max(e, 0.0))
    if (
        (held_pa == pressure_pa)
        & (temperature_k >= line_k - SATURATION_TOLERANCE_K)
        & (temperature_k <= highest_k + _EDGE_K)
    ):
        return min(max(temperature_k, line_k), highest_k)
    return math.nan


@kernel
def _solved_supercooled(props, quantity, target, pressure_pa, guess_k):
    """Return the temperature, K, of supercooled water at which a tabulated quantity takes a value; NaN out of range."""
    held_pa = _held_pressure(pressure_pa)
    x = (held_pa - WATER_PRESSURE_MIN_PA) * SUPERCOOLED_X_SCALE
    i = min(int(x), SUPERCOOLED_PRESSURE_CELLS - 1)
    row = SUPERCOOLED_START + quantity * SUPERCOOLED_PLANE + i * SUPERCOOLED_STRIDE
    y = (guess_k - SUPERCOOLED_MIN_K) * SUPERCOOLED_Y_SCALE
    y = solve_along_row(props, row, SUPERCOOLED_TEMPERATURE_CELLS, SUPERCOOLED_STRIDE, x - i, target, y)
    temperature_k = SUPERCOOLED_MIN_K + y / SUPERCOOLED_Y_SCALE
    if (
        (held_pa == pressure_pa)
        & (temperature_k >= SUPERCOOLED_MIN_K - _EDGE_K)
        & (temperature_k <= WATER_TEMPERATURE_MIN_K + SATURATION_TOLERANCE_K)
    ):
        return min(max(temperature_k, SUPERCOOLED_MIN_K), WATER_TEMPERATURE_MIN_K)
    return math.nan


@leaf
def _solved_water(props, quantity, target, pressure_pa, guess_k):
    """Return the temperature, K, of liquid water at which a tabulated quantity takes a value; NaN out of range."""
    held_pa = _held_pressure(pressure_pa)
    root = _eighth_root(held_pa)
    line_k = _boundary(props, root)
    start, plane, stride, a, stretch, n_cells, margin_k = _water_row(root, held_pa)
    end_k = line_k + margin_k
    span_k = end_k - WATER_TEMPERATURE_MIN_K
    y = _stretched(max(end_k - guess_k, 0.0) / span_k, stretch) * n_cells
    e = solve_along_row(props, start + quantity * plane, n_cells, stride, a, target, y) / n_cells
    temperature_k = end_k - span_k * e * (stretch + (1.0 - stretch) * max(e, 0.0))
    if (
        (held_pa == pressure_pa)
        & (temperature_k <= line_k + SATURATION_TOLERANCE_K)
        & (temperature_k >= WATER_TEMPERATURE_MIN_K - _EDGE_K)
    ):
        return min(max(temperature_k, WATER_TEMPERATURE_MIN_K), line_k)
    return _solved_supercooled(props, quantity, target, pressure_pa, guess_k)


@shared
def steam_temperature_from_enthalpy(props, pressure_pa, enthalpy_j_per_kg, guess_k):
    """Return the temperature, K, of steam from pressure and specific enthalpy; ``guess_k`` starts the solver."""
    return _solved_steam(props, ENTHALPY, enthalpy_j_per_kg, pressure_pa, guess_k)


@kernel
def steam_temperature_from_entropy(props, pressure_pa, entropy_j_per_kg_k, guess_k):
    """Return the temperature, K, of steam from pressure and specific entropy; ``guess_k`` starts the solver."""
    regular = entropy_j_per_kg_k + props[STEAM_CONSTANT] * log_pressure(pressure_pa)
    return _solved_steam(props, ENTROPY, regular, pressure_pa, guess_k)


@shared
def water_temperature_from_enthalpy(props, pressure_pa, enthalpy_j_per_kg, guess_k):
    """Return the temperature, K, of liquid water from pressure and enthalpy; ``guess_k`` starts the solver."""
    return _solved_water(props, ENTHALPY, enthalpy_j_per_kg, pressure_pa, guess_k)


@kernel
def water_temperature_from_entropy(props, pressure_pa, entropy_j_per_kg_k, guess_k):
    """Return the temperature, K, of liquid water from pressure and entropy; ``guess_k`` starts the solver."""
    return _solved_water(props, ENTROPY, entropy_j_per_kg_k, pressure_pa, guess_k)
