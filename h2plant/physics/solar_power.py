"""Electric side of a photovoltaic array: cell temperature, power of modules, inverter."""

from h2plant.core.constants import STANDARD_TEMPERATURE_K
from h2plant.core.jit import leaf

STANDARD_IRRADIANCE_W_PER_M2 = 1000.0
_CURVE_AT_RATED = 0.9637
"""Efficiency of the curve below at the rated input: 0.9858 - 0.0162 - 0.0059."""


@leaf
def faiman_cell_temperature(irradiance_w_per_m2, air_k, wind_m_per_s, constant_w_per_m2_k, wind_j_per_m3_k):
    """Return the temperature of the cells, K, of a module in the wind.

    T_c = T_a + G / (U_0 + U_1 v): all irradiance leaves as heat by a coefficient that grows with the wind.
    Source: Faiman 2008, Progress in Photovoltaics 16:307-315, doi 10.1002/pip.813 (U_0 = 25 W/(m2 K), U_1 = 6.84
    W s/(m3 K) as the mean of seven makes on open racks). Range: measured at 400 to 1000 W/m2 and 0 to 15 m/s.
    """
    return air_k + irradiance_w_per_m2 / (constant_w_per_m2_k + wind_j_per_m3_k * wind_m_per_s)


@leaf
def module_power(capacity_w, irradiance_w_per_m2, cell_k, coefficient_per_k):
    """Return the direct-current power of modules, W, at their point of maximum power.

    P = P_0 G / G_0 (1 + gamma (T_c - 25 degC)). Source: Dobos 2014, PVWatts Version 5 Manual, NREL/TP-6A20-62641,
    equation 8. Range: crystalline silicon above some 125 W/m2; below, real modules lose up to a tenth more.
    """
    warm = 1.0 + coefficient_per_k * (cell_k - STANDARD_TEMPERATURE_K)
    return max(capacity_w * irradiance_w_per_m2 / STANDARD_IRRADIANCE_W_PER_M2 * warm, 0.0)


@leaf
def inverter_output(input_w, rated_input_w, nominal_efficiency_frac):
    """Return the alternating-current power, W, that an inverter makes of a direct-current power; negative: it is off.

    P_ac = eta_nom / 0.9637 (0.9858 z - 0.0162 z^2 - 0.0059) P_dc0, z = P_dc / P_dc0, with eta_nom the efficiency at
    the rated input. Source: Dobos 2014, NREL/TP-6A20-62641, equations 11 and 12 (fit to inverters of 2010 and after).
    Range: 0 <= z <= 1; what the modules could give beyond is not taken.
    """
    z = input_w / rated_input_w
    share = nominal_efficiency_frac / _CURVE_AT_RATED * (z * (0.9858 - 0.0162 * z) - 0.0059)
    return share * rated_input_w
