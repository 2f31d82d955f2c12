"""Elementary kernels: explicit steps of temperature, flow and pressure, a rule for efficiency, batch look-up.

One Euler step each, with the limits that their specification gives; each docstring says where that holds.
Where a flow depends on the state that it changes, and a step may be long against the time constant, components take
the exact steps of ``physics.relaxation``, ``physics.thermal_store`` and ``physics.pump`` instead: docs/kernels.md
says which step stands where, and why.

The batch forms take arrays of equal length and give a new array. Called from Python they share long arrays among
threads; called from compiled code they never do.
"""

import math

import numpy as np

from h2plant.core.batch_form import batch_kernel
from h2plant.core.jit import kernel, leaf, prange

PARALLEL_FROM = 500_000
LOOKUP_PARALLEL_FROM = 30_000
"""Lengths from which the batch kernels share their work among threads, when called from Python.

``python -m benchmarks --only parallel_kernels`` on two cores, where both were free: 1.8 times as fast for
``batch_thermal_updates`` at 500,000 values, 1.6 times for ``batch_lookup_vectorized`` at 30,000; half as fast or worse
below a tenth of that. Where other processes use the cores, threads gain nothing at any length and may cost half.
"""

EFFICIENCY_PER_K = 0.002
EFFICIENCY_PER_A_PER_CM2 = 0.05
EFFICIENCY_MIN_FRAC = 0.40
EFFICIENCY_MAX_FRAC = 0.75


@leaf
def _limited(value, lower, upper):
    """Return the value, held between two limits."""
    return min(max(value, lower), upper)


@leaf
def stored_heat_temperature(T, dt_s, Q_in_W, Q_out_W, Q_loss_W, C_thermal_J_K):
    """Return the temperature, K, after dt_s of constant heat flows, W: T + dt (Q_in - Q_out - Q_loss) / C.

    The step without limits, for components: exact where the flows are the means over the step.
    """
    return T + dt_s * (Q_in_W - Q_out_W - Q_loss_W) / C_thermal_J_K


@leaf
def _temperature(T, dt_s, Q_in_W, Q_out_W, Q_loss_W, C_thermal_J_K, T_min, T_max):
    """Return the temperature, K, after a step of constant heat flows, W, held between two limits."""
    return _limited(stored_heat_temperature(T, dt_s, Q_in_W, Q_out_W, Q_loss_W, C_thermal_J_K), T_min, T_max)


@leaf
def _pressure(P, dt_s, m_dot_in, m_dot_out, R_gas, T_tank, V_tank):
    """Return the pressure, Pa, after a step of constant mass flows, kg/s, into a fixed volume; 0 without one."""
    if V_tank <= 0.0:
        return 0.0
    return max(P + dt_s * R_gas * T_tank / V_tank * (m_dot_in - m_dot_out), 0.0)


@leaf
def _efficiency(T, current_A, stack_area_cm2, T_nominal_K, eta_ref):
    """Return the efficiency, 0 to 1, at a temperature and a current: linear about the reference point."""
    density = current_A / stack_area_cm2
    eta = eta_ref - EFFICIENCY_PER_K * (T - T_nominal_K) - EFFICIENCY_PER_A_PER_CM2 * max(density - 1.0, 0.0)
    return _limited(eta, EFFICIENCY_MIN_FRAC, EFFICIENCY_MAX_FRAC)


@kernel
def thermal_step_compiled(T, dt_s, Q_in_W, Q_out_W, Q_loss_W, C_thermal_J_K, T_min=298.15, T_max=373.15):
    """Return the temperature, K, of a lumped mass after ``dt_s`` seconds of constant heat flows.

    T + dt (Q_in - Q_out - Q_loss) / C, limited to T_min..T_max. T in K, Q in W, C in J/K. Exact for heat
    flows that do not depend on T; where Q_loss = K (T - T_a), only for dt much shorter than C / K. What the
    limits cut off is lost to the energy balance; the components have valves and trips instead.
    """
    return _temperature(T, dt_s, Q_in_W, Q_out_W, Q_loss_W, C_thermal_J_K, T_min, T_max)


@batch_kernel(PARALLEL_FROM)
def batch_thermal_updates(T, dt_s, Q_in, Q_out, Q_loss, C, T_min, T_max):
    """Return the temperatures, K, of many lumped masses after dt_s; ``thermal_step_compiled`` of each.

    T, Q_in, Q_out, Q_loss (W) and C (J/K) are arrays of shape (n,); dt_s and the limits are common. Holds where
    that step holds: exact for flows that are means over the step, first order in dt where they depend on T.
    """
    n = T.shape[0]
    if Q_in.shape[0] != n or Q_out.shape[0] != n or Q_loss.shape[0] != n or C.shape[0] != n:
        raise ValueError("batch_thermal_updates: T, Q_in, Q_out, Q_loss and C must be of equal length")
    result = np.empty(n)
    for i in prange(n):
        result[i] = _temperature(T[i], dt_s, Q_in[i], Q_out[i], Q_loss[i], C[i], T_min, T_max)
    return result


@kernel
def pump_flow_step_compiled(Q, dt_s, p_pump_pa, p_system_pa, L_eq_kg_m4):
    """Return the volume flow, m3/s, of a pump and its water column after ``dt_s`` seconds, not below zero.

    Q + dt (p_pump - p_system) / L, with pressures in Pa and the inertance L = rho l / A in kg/m4. Both
    pressures are held over the step, though they depend on Q: holds for dt well below the time constant
    L / (2 (k + k_s) Q) (about a second); ``physics.pump.pipe_flow_step`` is exact for any dt.
    """
    return max(Q + dt_s * (p_pump_pa - p_system_pa) / L_eq_kg_m4, 0.0)


@kernel
def pressure_step_compiled(P, dt_s, m_dot_in, m_dot_out, R_gas, T_tank, V_tank):
    """Return the pressure, Pa, of a tank of ideal gas at constant temperature after ``dt_s``, not below zero.

    P + dt R T / V (m_in - m_out): flows in kg/s, R in J/(kg K), T in K, V in m3; 0 for a tank without
    volume. Exact for constant flows of an ideal gas; hydrogen is 22 % off at 350 bar (see ``gas_tank`` for
    the real gas). A negative pressure is cut off, and the mass drawn in excess with it.
    """
    return _pressure(P, dt_s, m_dot_in, m_dot_out, R_gas, T_tank, V_tank)


@batch_kernel(PARALLEL_FROM)
def batch_pressure_updates(P, dt_s, m_dot_in, m_dot_out, R_gas, T_tank, V_tank):
    """Return the pressures, Pa, of many tanks after dt_s; ``pressure_step_compiled`` of each.

    All arguments but dt_s are arrays of shape (n,). Holds for an ideal gas at constant temperature.
    """
    n = P.shape[0]
    if m_dot_in.shape[0] != n or m_dot_out.shape[0] != n or R_gas.shape[0] != n:
        raise ValueError("batch_pressure_updates: P, m_dot_in, m_dot_out and R_gas must be of equal length")
    if T_tank.shape[0] != n or V_tank.shape[0] != n:
        raise ValueError("batch_pressure_updates: P, T_tank and V_tank must be of equal length")
    result = np.empty(n)
    for i in prange(n):
        result[i] = _pressure(P[i], dt_s, m_dot_in[i], m_dot_out[i], R_gas[i], T_tank[i], V_tank[i])
    return result


@leaf
def _nodes_per_width(grid, n):
    """Return nodes per unit of a uniform grid; 0 for any other grid."""
    per_width = (n - 1) / (grid[n - 1] - grid[0])
    for i in range(n):
        if abs((grid[i] - grid[0]) * per_width - i) > 1.0e-6:
            return 0.0
    return per_width


@leaf
def _interval(grid, n, per_width, x):
    """Return i with grid[i] <= x <= grid[i + 1]: at once in a uniform grid, else by halving."""
    if per_width > 0.0:
        i = min(int((x - grid[0]) * per_width), n - 2)
        i = i - 1 if x < grid[i] else i
        return i + 1 if x > grid[i + 1] else i
    i = 0
    left = n - 1
    while left > 1:
        half = left >> 1
        i = i + half if grid[i + half] <= x else i
        left -= half
    return i


@batch_kernel(LOOKUP_PARALLEL_FROM, counted=1)
def batch_lookup_vectorized(lut, pressures, temperatures, pressure_grid, temperature_grid):
    """Return the bilinear interpolation of ``lut[i_pressure, i_temperature]`` at many states, arrays of shape (n,).

    The grids rise strictly and need not be uniform (a uniform one is quicker). Exact for functions that are
    linear in each coordinate; otherwise the error falls with the square of the spacing. NaN outside the grids,
    never extrapolated.
    """
    if temperatures.shape[0] != pressures.shape[0]:
        raise ValueError("batch_lookup_vectorized: as many temperatures as pressures are needed")
    if lut.shape[0] != pressure_grid.shape[0] or lut.shape[1] != temperature_grid.shape[0]:
        raise ValueError("batch_lookup_vectorized: lut needs a row per grid pressure, a column per grid temperature")
    n_p = pressure_grid.shape[0]
    n_t = temperature_grid.shape[0]
    p_first, p_last = pressure_grid[0], pressure_grid[n_p - 1]
    t_first, t_last = temperature_grid[0], temperature_grid[n_t - 1]
    per_p = _nodes_per_width(pressure_grid, n_p)
    per_t = _nodes_per_width(temperature_grid, n_t)
    result = np.empty(pressures.shape[0])
    for k in prange(pressures.shape[0]):
        p = pressures[k]
        t = temperatures[k]
        if not ((p >= p_first) & (p <= p_last) & (t >= t_first) & (t <= t_last)):
            result[k] = math.nan
            continue
        i = _interval(pressure_grid, n_p, per_p, p)
        j = _interval(temperature_grid, n_t, per_t, t)
        a = (p - pressure_grid[i]) / (pressure_grid[i + 1] - pressure_grid[i])
        b = (t - temperature_grid[j]) / (temperature_grid[j + 1] - temperature_grid[j])
        low = (1.0 - b) * lut[i, j] + b * lut[i, j + 1]
        high = (1.0 - b) * lut[i + 1, j] + b * lut[i + 1, j + 1]
        result[k] = (1.0 - a) * low + a * high
    return result


@kernel
def calculate_efficiency_compiled(T, current_A, stack_area_cm2=1000.0, T_nominal_K=333.15, eta_ref=0.65):
    """Return a rule-of-thumb efficiency of an electrolyser stack (0.40 to 0.75).

    eta_ref - 0.002 (T - T_nominal) - 0.05 max(0, j - 1), with j in A/cm2. A linear rule around its nominal
    point; its sign for temperature is its specification's, while real PEM cells gain with temperature: the
    electrolyser kinds solve their polarisation curve instead.
    """
    return _efficiency(T, current_A, stack_area_cm2, T_nominal_K, eta_ref)


@batch_kernel(PARALLEL_FROM)
def batch_efficiency_updates(T, current_A, stack_area_cm2, T_nominal_K, eta_ref):
    """Return the rule-of-thumb efficiencies of many stacks; ``calculate_efficiency_compiled`` of each.

    T, K, and current, A, are arrays of shape (n,), the rest is common. Holds near the nominal point only.
    """
    n = T.shape[0]
    if current_A.shape[0] != n:
        raise ValueError("batch_efficiency_updates: T and current_A must be of equal length")
    result = np.empty(n)
    for i in prange(n):
        result[i] = _efficiency(T[i], current_A[i], stack_area_cm2, T_nominal_K, eta_ref)
    return result
