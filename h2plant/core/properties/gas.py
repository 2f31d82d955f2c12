"""Real-gas properties of hydrogen, oxygen and nitrogen from spline tables, and their inverses.

All quantities are SI and specific to mass. Range: 0.5 to 1000 bar, 200 to 1250 K; NaN outside. Enthalpies are
zero and entropies are the absolute ones at 298.15 K and 1 bar (see ``docs/properties.md``). The axes are
sqrt(p) and T / (T + 200 K); stored are p / (rho T), h, s + R ln p and cp, which are smooth there.

In every kernel ``props`` is the flat array of all tables (``LUTManager().props``) and ``fluid`` is one of
``FLUID_H2``, ``FLUID_O2``, ``FLUID_N2``; ``pressure_pa`` in Pa, ``temperature_k`` in K.
"""

import math

from h2plant.core.jit import kernel, leaf, shared
from h2plant.core.properties.layout import (
    CAPACITY,
    DENSITY,
    ENTHALPY,
    ENTROPY,
    FLUID_H2,
    FLUID_N2,
    FLUID_O2,
    GAS_AXIS_K,
    GAS_CONSTANTS,
    GAS_PLANE,
    GAS_PRESSURE_CELLS,
    GAS_PRESSURE_MAX_PA,
    GAS_PRESSURE_MIN_PA,
    GAS_SIZE,
    GAS_START,
    GAS_STRIDE,
    GAS_TEMPERATURE_CELLS,
    GAS_TEMPERATURE_MAX_K,
    GAS_TEMPERATURE_MIN_K,
    GAS_X_FIRST,
    GAS_X_SCALE,
    GAS_Y_FIRST,
    GAS_Y_SCALE,
    N_GASES,
)
from h2plant.core.properties.spline import (
    NEWTON_STEPS,
    NEWTON_TOLERANCE_CELLS,
    clip_coordinate,
    log_pressure,
    patch_sum,
    row_sum,
    solve_along_row,
    weight_slopes,
    weights,
)

_TO_O2 = GAS_SIZE * (FLUID_O2 - FLUID_H2)  # from hydrogen's tables
_TO_N2 = GAS_SIZE * (FLUID_N2 - FLUID_H2)
_EDGE_CELLS = 1.0e-6  # an inverse may overshoot an end of the table by rounding
_EDGE_K = 1.0e-6
_HALVINGS = 60
_ENERGY_LEFT_J_PER_KG = 1.0e-3  # rounding of some 1e6 J/kg


@leaf
def _gas_start(fluid):
    """Return the offset of the tables of a gas."""
    return GAS_START + GAS_SIZE * min(max(fluid, 0), N_GASES - 1)


@leaf
def _gas_x(pressure_pa):
    """Return the pressure coordinate, cells."""
    return (math.sqrt(pressure_pa) - GAS_X_FIRST) * GAS_X_SCALE


@leaf
def _gas_y(temperature_k):
    """Return the temperature coordinate, cells."""
    return (temperature_k / (temperature_k + GAS_AXIS_K) - GAS_Y_FIRST) * GAS_Y_SCALE


@leaf
def _gas_temperature(y):
    """Return the temperature, K, at a temperature coordinate in cells."""
    ratio = y / GAS_Y_SCALE + GAS_Y_FIRST
    return GAS_AXIS_K * ratio / (1.0 - ratio)


@leaf
def _is_gas_pressure(pressure_pa):
    """Tell whether the tables of the gases cover a pressure (not so for NaN)."""
    return (pressure_pa >= GAS_PRESSURE_MIN_PA) & (pressure_pa <= GAS_PRESSURE_MAX_PA)


@leaf
def _is_gas_temperature(temperature_k):
    """Tell whether the tables of the gases cover a temperature (not so for NaN)."""
    return (temperature_k >= GAS_TEMPERATURE_MIN_K) & (temperature_k <= GAS_TEMPERATURE_MAX_K)


@leaf
def _gas_cell(fluid, pressure_pa, temperature_k):
    """Return (offset of the patch, fraction across, fraction along); fractions NaN outside the range."""
    start = _gas_start(fluid)
    if _is_gas_pressure(pressure_pa) & _is_gas_temperature(temperature_k):
        x = _gas_x(pressure_pa)
        y = _gas_y(temperature_k)
        i = min(max(int(x), 0), GAS_PRESSURE_CELLS - 1)
        j = min(max(int(y), 0), GAS_TEMPERATURE_CELLS - 1)
        return start + i * GAS_STRIDE + j, x - i, y - j
    return start, math.nan, math.nan


@leaf
def gases_enthalpy(props, h2, o2, n2, pressure_pa, temperature_k):
    """Return the enthalpy flow, W, of permanent gases at one pressure and temperature; mass flows in kg/s.

    All gases stand on one grid: the place in the tables is sought once for all.
    """
    enthalpy_w = 0.0
    if (h2 > 0.0) | (o2 > 0.0) | (n2 > 0.0):
        at, a, b = _gas_cell(FLUID_H2, pressure_pa, temperature_k)
        wa = weights(a)
        wb = weights(b)
        at += ENTHALPY * GAS_PLANE
        if h2 > 0.0:
            enthalpy_w = h2 * patch_sum(props, at, GAS_STRIDE, wa, wb)
        if o2 > 0.0:
            enthalpy_w += o2 * patch_sum(props, at + _TO_O2, GAS_STRIDE, wa, wb)
        if n2 > 0.0:
            enthalpy_w += n2 * patch_sum(props, at + _TO_N2, GAS_STRIDE, wa, wb)
    return enthalpy_w


@shared
def gases_enthalpy_heat_capacity(props, h2, o2, n2, pressure_pa, temperature_k):
    """Return (enthalpy flow in W, heat capacity rate in W/K) of permanent gases, as ``gases_enthalpy``."""
    enthalpy_w = 0.0
    capacity_w_per_k = 0.0
    if (h2 > 0.0) | (o2 > 0.0) | (n2 > 0.0):
        at, a, b = _gas_cell(FLUID_H2, pressure_pa, temperature_k)
        wa = weights(a)
        wb = weights(b)
        h = at + ENTHALPY * GAS_PLANE
        cp = at + CAPACITY * GAS_PLANE
        if h2 > 0.0:
            enthalpy_w = h2 * patch_sum(props, h, GAS_STRIDE, wa, wb)
            capacity_w_per_k = h2 * patch_sum(props, cp, GAS_STRIDE, wa, wb)
        if o2 > 0.0:
            enthalpy_w += o2 * patch_sum(props, h + _TO_O2, GAS_STRIDE, wa, wb)
            capacity_w_per_k += o2 * patch_sum(props, cp + _TO_O2, GAS_STRIDE, wa, wb)
        if n2 > 0.0:
            enthalpy_w += n2 * patch_sum(props, h + _TO_N2, GAS_STRIDE, wa, wb)
            capacity_w_per_k += n2 * patch_sum(props, cp + _TO_N2, GAS_STRIDE, wa, wb)
    return enthalpy_w, capacity_w_per_k


@shared
def each_gas_enthalpy_heat_capacity(props, pressure_pa, temperature_k):
    """Return the enthalpies, J/kg, of (H2, O2, N2) and their isobaric heat capacities, J/(kg K), at one state."""
    at, a, b = _gas_cell(FLUID_H2, pressure_pa, temperature_k)
    wa = weights(a)
    wb = weights(b)
    h = at + ENTHALPY * GAS_PLANE
    cp = at + CAPACITY * GAS_PLANE
    enthalpies = (
        patch_sum(props, h, GAS_STRIDE, wa, wb),
        patch_sum(props, h + _TO_O2, GAS_STRIDE, wa, wb),
        patch_sum(props, h + _TO_N2, GAS_STRIDE, wa, wb),
    )
    capacities = (
        patch_sum(props, cp, GAS_STRIDE, wa, wb),
        patch_sum(props, cp + _TO_O2, GAS_STRIDE, wa, wb),
        patch_sum(props, cp + _TO_N2, GAS_STRIDE, wa, wb),
    )
    return enthalpies, capacities


@kernel
def gas_density(props, fluid, pressure_pa, temperature_k):
    """Return the density of a gas, kg/m3."""
    at, a, b = _gas_cell(fluid, pressure_pa, temperature_k)
    return pressure_pa / (patch_sum(props, at, GAS_STRIDE, weights(a), weights(b)) * temperature_k)


@kernel
def gas_enthalpy(props, fluid, pressure_pa, temperature_k):
    """Return the specific enthalpy of a gas, J/kg (zero at 298.15 K, 1 bar)."""
    at, a, b = _gas_cell(fluid, pressure_pa, temperature_k)
    return patch_sum(props, at + ENTHALPY * GAS_PLANE, GAS_STRIDE, weights(a), weights(b))


@kernel
def gas_entropy(props, fluid, pressure_pa, temperature_k):
    """Return the absolute specific entropy of a gas, J/(kg K)."""
    at, a, b = _gas_cell(fluid, pressure_pa, temperature_k)
    regular = patch_sum(props, at + ENTROPY * GAS_PLANE, GAS_STRIDE, weights(a), weights(b))
    return regular - props[GAS_CONSTANTS + fluid] * log_pressure(pressure_pa)


@kernel
def gas_heat_capacity(props, fluid, pressure_pa, temperature_k):
    """Return the isobaric heat capacity of a gas, J/(kg K)."""
    at, a, b = _gas_cell(fluid, pressure_pa, temperature_k)
    return patch_sum(props, at + CAPACITY * GAS_PLANE, GAS_STRIDE, weights(a), weights(b))


@kernel
def gas_enthalpy_heat_capacity(props, fluid, pressure_pa, temperature_k):
    """Return (enthalpy in J/kg, isobaric heat capacity in J/(kg K)) of a gas."""
    at, a, b = _gas_cell(fluid, pressure_pa, temperature_k)
    wa = weights(a)
    wb = weights(b)
    return (
        patch_sum(props, at + ENTHALPY * GAS_PLANE, GAS_STRIDE, wa, wb),
        patch_sum(props, at + CAPACITY * GAS_PLANE, GAS_STRIDE, wa, wb),
    )


@kernel
def gas_enthalpy_entropy(props, fluid, pressure_pa, temperature_k):
    """Return (enthalpy in J/kg, entropy in J/(kg K)) of a gas."""
    at, a, b = _gas_cell(fluid, pressure_pa, temperature_k)
    wa = weights(a)
    wb = weights(b)
    regular = patch_sum(props, at + ENTROPY * GAS_PLANE, GAS_STRIDE, wa, wb)
    return (
        patch_sum(props, at + ENTHALPY * GAS_PLANE, GAS_STRIDE, wa, wb),
        regular - props[GAS_CONSTANTS + fluid] * log_pressure(pressure_pa),
    )


@kernel
def gas_internal_energy(props, fluid, pressure_pa, temperature_k):
    """Return the specific internal energy of a gas, J/kg: h - p / rho."""
    at, a, b = _gas_cell(fluid, pressure_pa, temperature_k)
    wa = weights(a)
    wb = weights(b)
    enthalpy = patch_sum(props, at + ENTHALPY * GAS_PLANE, GAS_STRIDE, wa, wb)
    return enthalpy - patch_sum(props, at, GAS_STRIDE, wa, wb) * temperature_k


@kernel
def gas_state(props, fluid, pressure_pa, temperature_k):
    """Return (density in kg/m3, enthalpy in J/kg, entropy and heat capacity in J/(kg K)) of a gas."""
    at, a, b = _gas_cell(fluid, pressure_pa, temperature_k)
    wa = weights(a)
    wb = weights(b)
    regular = patch_sum(props, at + ENTROPY * GAS_PLANE, GAS_STRIDE, wa, wb)
    return (
        pressure_pa / (patch_sum(props, at, GAS_STRIDE, wa, wb) * temperature_k),
        patch_sum(props, at + ENTHALPY * GAS_PLANE, GAS_STRIDE, wa, wb),
        regular - props[GAS_CONSTANTS + fluid] * log_pressure(pressure_pa),
        patch_sum(props, at + CAPACITY * GAS_PLANE, GAS_STRIDE, wa, wb),
    )


@kernel
def gas_density_enthalpy(props, fluid, pressure_pa, temperature_k):
    """Return (density in kg/m3, enthalpy in J/kg) of a gas."""
    at, a, b = _gas_cell(fluid, pressure_pa, temperature_k)
    wa = weights(a)
    wb = weights(b)
    return (
        pressure_pa / (patch_sum(props, at, GAS_STRIDE, wa, wb) * temperature_k),
        patch_sum(props, at + ENTHALPY * GAS_PLANE, GAS_STRIDE, wa, wb),
    )


@kernel
def gas_quantity(props, fluid, quantity, pressure_pa, temperature_k):
    """Return one property of a gas by code: ``DENSITY``, ``ENTHALPY``, ``ENTROPY`` or ``CAPACITY``."""
    at, a, b = _gas_cell(fluid, pressure_pa, temperature_k)
    value = patch_sum(props, at + quantity * GAS_PLANE, GAS_STRIDE, weights(a), weights(b))
    if quantity == DENSITY:
        return pressure_pa / (value * temperature_k)
    if quantity == ENTROPY:
        return value - props[GAS_CONSTANTS + fluid] * log_pressure(pressure_pa)
    return value


@leaf
def _gas_row(fluid, pressure_pa):
    """Return (offset of the first of four rows, fraction across them); NaN fraction outside the range."""
    start = _gas_start(fluid)
    if _is_gas_pressure(pressure_pa):
        x = _gas_x(pressure_pa)
        i = min(max(int(x), 0), GAS_PRESSURE_CELLS - 1)
        return start + i * GAS_STRIDE, x - i
    return start, math.nan


@leaf
def _gas_column(fluid, temperature_k):
    """Return (offset of the first of four columns, fraction across them); NaN fraction outside the range."""
    start = _gas_start(fluid)
    if _is_gas_temperature(temperature_k):
        y = _gas_y(temperature_k)
        j = min(max(int(y), 0), GAS_TEMPERATURE_CELLS - 1)
        return start + j, y - j
    return start, math.nan


@leaf
def _temperature_in_range(y):
    """Return the temperature, K, at a coordinate in cells; NaN outside the table."""
    if (y >= 0.0) & (y <= GAS_TEMPERATURE_CELLS):
        temperature_k = _gas_temperature(y)
        if (temperature_k >= GAS_TEMPERATURE_MIN_K - _EDGE_K) & (temperature_k <= GAS_TEMPERATURE_MAX_K + _EDGE_K):
            return min(max(temperature_k, GAS_TEMPERATURE_MIN_K), GAS_TEMPERATURE_MAX_K)
    return math.nan


@kernel
def gas_temperature_from_enthalpy(props, fluid, pressure_pa, enthalpy_j_per_kg, guess_k):
    """Return the temperature, K, of a gas from pressure and specific enthalpy; ``guess_k`` starts Newton's method."""
    row, a = _gas_row(fluid, pressure_pa)
    row += ENTHALPY * GAS_PLANE
    return _temperature_in_range(
        solve_along_row(props, row, GAS_TEMPERATURE_CELLS, GAS_STRIDE, a, enthalpy_j_per_kg, _gas_y(guess_k))
    )


@kernel
def gas_temperature_from_entropy(props, fluid, pressure_pa, entropy_j_per_kg_k, guess_k):
    """Return the temperature, K, of a gas from pressure and specific entropy; ``guess_k`` starts Newton's method."""
    row, a = _gas_row(fluid, pressure_pa)
    row += ENTROPY * GAS_PLANE
    regular = entropy_j_per_kg_k + props[GAS_CONSTANTS + fluid] * log_pressure(pressure_pa)
    return _temperature_in_range(
        solve_along_row(props, row, GAS_TEMPERATURE_CELLS, GAS_STRIDE, a, regular, _gas_y(guess_k))
    )


@kernel
def gas_state_from_entropy(props, fluid, pressure_pa, entropy_j_per_kg_k, guess_k):
    """Return (temperature in K, enthalpy in J/kg) of a gas from pressure and specific entropy."""
    temperature_k = gas_temperature_from_entropy(props, fluid, pressure_pa, entropy_j_per_kg_k, guess_k)
    return temperature_k, gas_enthalpy(props, fluid, pressure_pa, temperature_k)


@kernel
def gas_pressure_from_density(props, fluid, density_kg_per_m3, temperature_k, guess_pa):
    """Return the pressure, Pa, of a gas from density and temperature; ``guess_pa`` starts Newton's method.

    The density rises with the pressure, so the residual tells on which side the solution lies: steps that leave what
    is enclosed are halved (oxygen and nitrogen below 250 K, where z has a deep minimum).
    """
    start, b = _gas_column(fluid, temperature_k)
    wb = weights(b)
    factor = density_kg_per_m3 * temperature_k
    x = clip_coordinate(_gas_x(max(guess_pa, GAS_PRESSURE_MIN_PA)), 1.0 * GAS_PRESSURE_CELLS)
    low = -1.0
    high = GAS_PRESSURE_CELLS + 1.0
    for _ in range(NEWTON_STEPS):
        i = min(int(x), GAS_PRESSURE_CELLS - 1)
        at = start + i * GAS_STRIDE
        c0 = row_sum(props, at, wb)
        c1 = row_sum(props, at + GAS_STRIDE, wb)
        c2 = row_sum(props, at + 2 * GAS_STRIDE, wb)
        c3 = row_sum(props, at + 3 * GAS_STRIDE, wb)
        w = weights(x - i)
        d = weight_slopes(x - i)
        root = x / GAS_X_SCALE + GAS_X_FIRST
        residual = root * root - factor * (w[0] * c0 + w[1] * c1 + w[2] * c2 + w[3] * c3)
        slope = 2.0 * root / GAS_X_SCALE - factor * (d[0] * c0 + d[1] * c1 + d[2] * c2 + d[3] * c3)
        step = -residual / slope
        following = clip_coordinate(x + step, 1.0 * GAS_PRESSURE_CELLS)
        if residual < 0.0:
            low = max(low, x)
        else:
            high = min(high, x)
        is_end = ((residual > 0.0) & (x <= 0.0)) | ((residual < 0.0) & (x >= GAS_PRESSURE_CELLS))
        if (abs(step) >= NEWTON_TOLERANCE_CELLS) & ((following <= low) | (following >= high)) & (not is_end):
            following = 0.5 * (max(low, 0.0) + min(high, 1.0 * GAS_PRESSURE_CELLS))
        if (abs(step) < NEWTON_TOLERANCE_CELLS) | (following == x) | is_end:
            x += step
            if (x >= -_EDGE_CELLS) & (x <= GAS_PRESSURE_CELLS + _EDGE_CELLS):
                root = x / GAS_X_SCALE + GAS_X_FIRST
                return min(max(root * root, GAS_PRESSURE_MIN_PA), GAS_PRESSURE_MAX_PA)
            return math.nan
        x = following
    return math.nan


@kernel
def _enclosed_from_density_energy(props, fluid, density_kg_per_m3, internal_energy_j_per_kg):
    """Return (pressure in Pa, temperature in K) of a gas from density and internal energy by halving the temperatures.

    At constant density both energy and pressure rise with the temperature, so the solution is unique. (NaN, NaN)
    outside the range. Some thousand times the work of Newton's method, for where that fails.
    """
    density = density_kg_per_m3
    if not ((density > 0.0) & math.isfinite(internal_energy_j_per_kg)):
        return math.nan, math.nan
    low = GAS_TEMPERATURE_MIN_K
    high = GAS_TEMPERATURE_MAX_K
    pressure_pa = math.nan
    guess_pa = 1.0e6
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        pressure_pa = gas_pressure_from_density(props, fluid, density, middle, guess_pa)
        if pressure_pa > 0.0:
            guess_pa = pressure_pa
            if gas_internal_energy(props, fluid, pressure_pa, middle) < internal_energy_j_per_kg:
                low = middle
            else:
                high = middle
        elif gas_density(props, fluid, GAS_PRESSURE_MAX_PA, middle) < density:
            high = middle  # the pressure would be above the tables
        else:
            low = middle
    temperature_k = 0.5 * (low + high)
    pressure_pa = gas_pressure_from_density(props, fluid, density, temperature_k, guess_pa)
    if not pressure_pa > 0.0:
        return math.nan, math.nan
    left = gas_internal_energy(props, fluid, pressure_pa, temperature_k) - internal_energy_j_per_kg
    if abs(left) > _ENERGY_LEFT_J_PER_KG:
        return math.nan, math.nan
    return pressure_pa, temperature_k


@kernel
def gas_pressure_temperature_from_density_energy(
    props, fluid, density_kg_per_m3, internal_energy_j_per_kg, guess_pa, guess_k
):
    """Return (pressure in Pa, temperature in K) of a gas from density and specific internal energy.

    Newton's method in both coordinates on p = rho T z and u = h - z T, with z = p / (rho T) and h from the
    tables; where that fails, the temperature is enclosed. (NaN, NaN) outside the range.
    """
    density = density_kg_per_m3 if density_kg_per_m3 > 0.0 else math.nan
    x = clip_coordinate(_gas_x(max(guess_pa, GAS_PRESSURE_MIN_PA)), 1.0 * GAS_PRESSURE_CELLS)
    y = clip_coordinate(_gas_y(guess_k), 1.0 * GAS_TEMPERATURE_CELLS)
    start = _gas_start(fluid)
    for _ in range(NEWTON_STEPS):
        i = min(int(x), GAS_PRESSURE_CELLS - 1)
        j = min(int(y), GAS_TEMPERATURE_CELLS - 1)
        at = start + i * GAS_STRIDE + j
        wa = weights(x - i)
        wb = weights(y - j)
        da = weight_slopes(x - i)
        db = weight_slopes(y - j)
        z = patch_sum(props, at, GAS_STRIDE, wa, wb)
        z_x = patch_sum(props, at, GAS_STRIDE, da, wb)
        z_y = patch_sum(props, at, GAS_STRIDE, wa, db)
        at += ENTHALPY * GAS_PLANE
        h = patch_sum(props, at, GAS_STRIDE, wa, wb)
        h_x = patch_sum(props, at, GAS_STRIDE, da, wb)
        h_y = patch_sum(props, at, GAS_STRIDE, wa, db)
        root = x / GAS_X_SCALE + GAS_X_FIRST
        temperature_k = _gas_temperature(y)
        offset_k = temperature_k + GAS_AXIS_K
        slope_k = offset_k * offset_k / (GAS_AXIS_K * GAS_Y_SCALE)  # dT/dy
        volume_residual = root * root / density - z * temperature_k
        volume_x = 2.0 * root / (GAS_X_SCALE * density) - z_x * temperature_k
        volume_y = -z_y * temperature_k - z * slope_k
        energy_residual = h - z * temperature_k - internal_energy_j_per_kg
        energy_x = h_x - z_x * temperature_k
        energy_y = h_y + volume_y
        determinant = volume_x * energy_y - volume_y * energy_x
        step_x = (volume_y * energy_residual - energy_y * volume_residual) / determinant
        step_y = (energy_x * volume_residual - volume_x * energy_residual) / determinant
        next_x = clip_coordinate(x + step_x, 1.0 * GAS_PRESSURE_CELLS)
        next_y = clip_coordinate(y + step_y, 1.0 * GAS_TEMPERATURE_CELLS)
        is_small = (abs(step_x) < NEWTON_TOLERANCE_CELLS) & (abs(step_y) < NEWTON_TOLERANCE_CELLS)
        if is_small | ((next_x == x) & (next_y == y)):
            x += step_x
            y += step_y
            if (x >= -_EDGE_CELLS) & (x <= GAS_PRESSURE_CELLS + _EDGE_CELLS):
                root = x / GAS_X_SCALE + GAS_X_FIRST
                pressure_pa = min(max(root * root, GAS_PRESSURE_MIN_PA), GAS_PRESSURE_MAX_PA)
                temperature_k = _temperature_in_range(y)
                if temperature_k > 0.0:
                    return pressure_pa, temperature_k
            break
        x = next_x
        y = next_y
    return _enclosed_from_density_energy(props, fluid, density_kg_per_m3, internal_energy_j_per_kg)


@kernel
def gas_temperature_from_internal_energy(props, fluid, density_kg_per_m3, internal_energy_j_per_kg, guess_k):
    """Return the temperature, K, of a gas from density and specific internal energy.

    The pressure to start from is that of the density at ``guess_k``. Who knows a better one takes
    ``gas_pressure_temperature_from_density_energy`` and gets the pressure as well.
    """
    start_k = min(max(guess_k, GAS_TEMPERATURE_MIN_K), GAS_TEMPERATURE_MAX_K)
    ideal_pa = density_kg_per_m3 * props[GAS_CONSTANTS + fluid] * start_k
    guess_pa = gas_pressure_from_density(props, fluid, density_kg_per_m3, start_k, ideal_pa)
    if not guess_pa > 0.0:
        guess_pa = ideal_pa
    result = gas_pressure_temperature_from_density_energy(
        props, fluid, density_kg_per_m3, internal_energy_j_per_kg, guess_pa, start_k
    )
    return result[1]
