"""Elementary kernels: explicit steps of temperature, flow and pressure, a rule for efficiency, batch look-up.

One Euler step each, with the limits that their specification gives; each docstring says where that holds.
The components do not use them where a step may be long against the time constant: they take the exact steps
of ``physics.relaxation``, ``physics.thermal_store`` and ``physics.pump``. The batch forms take arrays of
equal length and give a new array.
"""

import math

import numpy as np

from h2plant.core.jit import batch_kernel, kernel, leaf

EFFICIENCY_PER_K = 0.002
EFFICIENCY_PER_A_PER_CM2 = 0.05
EFFICIENCY_MIN_FRAC = 0.40
EFFICIENCY_MAX_FRAC = 0.75


@leaf
def _limited(value, lower, upper):
    """Return the value, held between two limits."""
    return min(max(value, lower), upper)


@leaf
def _temperature(T, dt_s, Q_in_W, Q_out_W, Q_loss_W, C_thermal_J_K, T_min, T_max):
    """Return the temperature, K, after a step of constant heat flows, W, held between two limits."""
    return _limited(T + dt_s * (Q_in_W - Q_out_W - Q_loss_W) / C_thermal_J_K, T_min, T_max)


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


@batch_kernel
def batch_thermal_updates(T, dt_s, Q_in, Q_out, Q_loss, C, T_min, T_max):
    """Return the temperatures, K, of many lumped masses after dt_s; ``thermal_step_compiled`` of each."""
    result = np.empty(T.shape[0])
    for i in range(T.shape[0]):
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


@batch_kernel
def batch_pressure_updates(P, dt_s, m_dot_in, m_dot_out, R_gas, T_tank, V_tank):
    """Return the pressures, Pa, of many tanks after dt_s; all arguments but dt_s are arrays."""
    result = np.empty(P.shape[0])
    for i in range(P.shape[0]):
        result[i] = _pressure(P[i], dt_s, m_dot_in[i], m_dot_out[i], R_gas[i], T_tank[i], V_tank[i])
    return result


@batch_kernel
def batch_lookup_vectorized(lut, pressures, temperatures, pressure_grid, temperature_grid):
    """Return the bilinear interpolation of ``lut[i_pressure, i_temperature]`` at many states.

    The grids rise strictly and need not be uniform. Exact for functions that are linear in each coordinate;
    otherwise the error falls with the square of the spacing. NaN outside the grids, never extrapolated.
    """
    n_p = pressure_grid.shape[0]
    n_t = temperature_grid.shape[0]
    result = np.empty(pressures.shape[0])
    for k in range(pressures.shape[0]):
        p = pressures[k]
        t = temperatures[k]
        if not (
            (p >= pressure_grid[0])
            & (p <= pressure_grid[n_p - 1])
            & (t >= temperature_grid[0])
            & (t <= temperature_grid[n_t - 1])
        ):
            result[k] = math.nan
            continue
        i = min(max(np.searchsorted(pressure_grid, p), 1), n_p - 1) - 1
        j = min(max(np.searchsorted(temperature_grid, t), 1), n_t - 1) - 1
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


@batch_kernel
def batch_efficiency_updates(T, current_A, stack_area_cm2, T_nominal_K, eta_ref):
    """Return the rule-of-thumb efficiencies of many stacks; T and current are arrays, the rest is common."""
    result = np.empty(T.shape[0])
    for i in range(T.shape[0]):
        result[i] = _efficiency(T[i], current_A[i], stack_area_cm2, T_nominal_K, eta_ref)
    return result
