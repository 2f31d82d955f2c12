"""Polarisation, current at a given power or voltage, Faraday efficiency and crossover of an alkaline (KOH) cell.

Cell voltage (Ulleberg 2003, 10.1016/S0360-3199(02)00033-2; with a resistance that follows the pressure Sanchez et al.
2018, 10.1016/j.ijhydene.2018.09.029; theta in degrees Celsius, j in A/m2):

    V = V_rev(T) + 3/2 RT/(2F) ln((p - p_w) / p0) + (r1 + r2 theta + d p) j + s log10(t j + 1)
    t = t1 + t2/theta + t3/theta^2

Against the digitised points: PHOEBUS 7 bar, 30 to 80 C, 400 to 2,000 A/m2; Sanchez 5 to 9 bar, 55 to 75 C, 1,500 to
5,000 A/m2; zero gap (de Groot et al. 2022, 10.1016/j.ijhydene.2022.08.075) 10 and 30 bar, 50 to 70 C, 200 to
7,200 A/m2. Below 10 C the activation is that of 10 C: its terms in 1/theta have no meaning near zero.
"""

import math

from h2plant.core.constants import (
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    STANDARD_PRESSURE_PA,
    TEMPERATURE_OFFSET_K,
)
from h2plant.core.exponential import exponential
from h2plant.core.jit import kernel, leaf

_PER_LN = 1.0 / math.log(10.0)
_NERNST_PER_K = 0.75 * GAS_CONSTANT_J_PER_MOL_K / FARADAY_C_PER_MOL  # 3/2 R / 2F
_O2_PER_C = 0.25 / FARADAY_C_PER_MOL
LEAST_DEGC = 10.0
_REFERENCE_A_PER_M2 = 1000.0  # current density at which the supersaturation is given
_NO_FLOW = 1.0e-30  # mol/s
_MAX_ITERATIONS = 40
_CONVERGED = 1.0e-6  # relative Newton step after which the remaining error is below 1e-11


@leaf
def correlation_temperature(temperature_k):
    """Return the temperature at which the activation is read, degrees Celsius: not below 10."""
    return max(temperature_k - TEMPERATURE_OFFSET_K, LEAST_DEGC)


@leaf
def pressure_voltage(temperature_k, pressure_pa, vapour_pa):
    """Return what gases above 1 bar add to the reversible voltage, V (Nernst): both at the pressure less vapour."""
    return _NERNST_PER_K * temperature_k * math.log((pressure_pa - vapour_pa) / STANDARD_PRESSURE_PA)


@leaf
def vapour_pressure_balej_1985(saturation_pa, molality_mol_per_kg):
    """Return the vapour pressure over potash lye, Pa, from that of water at the same temperature.

    log10 p = -0.01508 m - 0.0016788 m^2 + 2.25887e-5 m^3 + (1 - 0.0012062 m + 5.6024e-4 m^2 - 7.8228e-6 m^3) log10 p_0,
    p in bar, m in mol KOH per kg of water. J. Balej 1985, Int. J. Hydrogen Energy 10:233; 0 to 200 C, up to 18 mol/kg.
    """
    m = molality_mol_per_kg
    a = m * (-0.01508 + m * (-0.0016788 + m * 2.25887e-5))
    b = 1.0 + m * (-0.0012062 + m * (5.6024e-4 - m * 7.8228e-6))
    return STANDARD_PRESSURE_PA * exponential(a / _PER_LN + b * math.log(saturation_pa / STANDARD_PRESSURE_PA))


@kernel
def alkaline_voltage(current_density_a_per_m2, zero_current_v, resistance_ohm_m2, activation_v, activation_m2_per_a):
    """Return (cell voltage, V; its derivative by the current density, V m2/A).

    V = V_0 + r j + s log10(t j + 1); arguments: V_0, V; r, ohm m2; s, V; t, m2/A.
    """
    per_ln = activation_v * _PER_LN
    inside = activation_m2_per_a * current_density_a_per_m2 + 1.0
    voltage = zero_current_v + resistance_ohm_m2 * current_density_a_per_m2 + per_ln * math.log(inside)
    return voltage, resistance_ohm_m2 + per_ln * activation_m2_per_a / inside


@kernel
def alkaline_current_at_power(
    power_density_w_per_m2, start_a_per_m2, zero_current_v, resistance_ohm_m2, activation_v, activation_m2_per_a
):
    """Return (current density, A/m2; cell voltage, V) at a power per active area, W/m2; current -1 on failure.

    Newton's method on j V(j) from a start value; the other arguments are those of ``alkaline_voltage``.
    """
    if power_density_w_per_m2 <= 0.0:
        return 0.0, zero_current_v
    j = start_a_per_m2
    if j <= 0.0:
        j = 0.5 * power_density_w_per_m2
    for _ in range(_MAX_ITERATIONS):
        voltage, slope = alkaline_voltage(j, zero_current_v, resistance_ohm_m2, activation_v, activation_m2_per_a)
        following = max(j + (power_density_w_per_m2 - j * voltage) / (voltage + j * slope), 0.1 * j)
        if abs(following - j) <= _CONVERGED * following:
            return following, voltage + slope * (following - j)
        j = following
    return -1.0, 0.0


@kernel
def alkaline_current_at_voltage(
    voltage_v, start_a_per_m2, zero_current_v, resistance_ohm_m2, activation_v, activation_m2_per_a
):
    """Return the current density, A/m2, at a cell voltage, V; 0 below the voltage without current, -1 on failure.

    Newton's method; the voltage is concave in the current, so after one step it converges from below.
    """
    if voltage_v <= zero_current_v:
        return 0.0
    j = start_a_per_m2
    for _ in range(_MAX_ITERATIONS):
        voltage, slope = alkaline_voltage(j, zero_current_v, resistance_ohm_m2, activation_v, activation_m2_per_a)
        following = max(j + (voltage_v - voltage) / slope, 0.1 * j)
        if abs(following - j) <= _CONVERGED * following:
            return following
        j = following
    return -1.0


@leaf
def splitting_share(current_density_a_per_m2, half_a2_per_m4, limit_frac):
    """Return the share of the current that splits water; the rest passes the cells by through the lye.

    f2 j^2 / (f1 + j^2) (Ulleberg 2003), never above 1; arguments: j, A/m2; f1, A2/m4; f2, 1.
    """
    square = current_density_a_per_m2 * current_density_a_per_m2
    return min(limit_frac * square / (half_a2_per_m4 + square), 1.0)


@leaf
def dissolved_crossover(pressure_pa, permeability_mol_per_m2_s_pa, supersaturation_pa, load_factor, carry_mol_per_m2_s):
    """Return the gas that gets to the other side while current flows, mol/(m2 s).

    n = K/d (p + p_s (j/j0)^m) + v c(p): gas dissolved at the pressure p, and in excess at the electrode that makes it,
    permeates the diaphragm, and mixed lye carries gas dissolved at p over. Haug et al. 2017,
    10.1016/j.ijhydene.2016.12.111 (mixed lye) and 10.1016/j.ijhydene.2017.05.031 (model); Trinke et al. 2018,
    10.1149/2.0541807jes (supersaturation).

    Arguments: pressure of the gas, Pa; permeability over thickness; excess at j0 as a pressure, Pa; (j/j0)^m;
    what the lye carries.
    """
    permeated = permeability_mol_per_m2_s_pa * (pressure_pa + supersaturation_pa * load_factor)
    return permeated + carry_mol_per_m2_s


@leaf
def supersaturation_factor(splitting_a_per_m2, exponent):
    """Return (j/j0)^m of the excess of dissolved gas at an electrode, j0 = 1000 A/m2."""
    if splitting_a_per_m2 <= 0.0:
        return 0.0
    return (splitting_a_per_m2 / _REFERENCE_A_PER_M2) ** exponent


@kernel
def least_splitting_current(limit_frac, h2_base, h2_excess, o2_base, o2_excess, exponent, start_a_per_m2):
    """Return the current density that splits water, A/m2, at which hydrogen in the oxygen just meets a limit.

    n_H2 (1 - x) / x = j / 4F - n_O2 with n = base + excess (j/j0)^m, mol/(m2 s), for hydrogen and oxygen that cross:
    Newton's method from a start value, from above; what crosses grows slower than the current, so there is one answer.
    """
    odds = (1.0 - limit_frac) / limit_frac
    base, excess = h2_base * odds + o2_base, h2_excess * odds + o2_excess
    j = max(start_a_per_m2, (base + excess) / _O2_PER_C)
    for _ in range(_MAX_ITERATIONS):
        crossing = excess * supersaturation_factor(j, exponent)
        slope = _O2_PER_C - exponent * crossing / j
        value = _O2_PER_C * j - base - crossing
        following = j * 2.0 if slope <= 0.0 else max(j - value / slope, 0.1 * j)
        if abs(following - j) <= 1.0e-4 * j:
            return following
        j = following
    return j


@kernel
def mixed_space(first_mol, second_mol, first_mol_per_s, second_mol_per_s, full_mol, dt):
    """Return what an ideally mixed gas space holds of two gases after dt, mol.

    It fills up to ``full_mol``; what is more leaves with the composition of the time. Exact for constant flows.
    Arguments: held at the start, mol; flows into it, mol/s; moles at its pressure.
    """
    held, flow = first_mol + second_mol, first_mol_per_s + second_mol_per_s
    if full_mol <= 0.0:
        return 0.0, 0.0
    left_s = dt
    if held > full_mol:
        first_mol *= full_mol / held
        second_mol *= full_mol / held
    elif held + flow * dt <= full_mol:
        return first_mol + first_mol_per_s * dt, second_mol + second_mol_per_s * dt
    else:
        fill_s = (full_mol - held) / flow
        first_mol += first_mol_per_s * fill_s
        second_mol += second_mol_per_s * fill_s
        left_s = dt - fill_s
    if flow <= _NO_FLOW:
        return first_mol, second_mol
    decay = exponential(-flow * left_s / full_mol)
    first_end, second_end = full_mol * first_mol_per_s / flow, full_mol * second_mol_per_s / flow
    return first_end + (first_mol - first_end) * decay, second_end + (second_mol - second_end) * decay
