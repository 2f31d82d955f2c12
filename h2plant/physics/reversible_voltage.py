"""Reversible and thermoneutral voltage of water and steam electrolysis at 1 bar.

The reaction's free enthalpy is written with a heat-capacity difference that is a polynomial of temperature,
and its enthalpy follows from it by the Gibbs-Helmholtz relation, so that the two voltages agree with each
other exactly:

    delta_g(T) = a + b T + c T ln T + d T^2 + e T^3
    delta_h(T) = delta_g - T d(delta_g)/dT = a - c T - d T^2 - 2 e T^3

Coefficients (J/mol of water split) are least-squares fits over both quantities. Liquid: IAPWS-95 water
(Wagner and Pruss 2002, 10.1063/1.1461829) with CODATA values at 298.15 K (-285.830 kJ/mol,
69.95 J/(mol K); Cox, Wagman and Medvedev 1989); steam and gases: NASA polynomials (McBride, Zehe and Gordon
2002, NASA/TP-2002-211556), which agree with NIST-JANAF (Chase 1998) to 0.03 kJ/mol. Largest deviation from
the data: liquid 0.005 mV (25 to 90 C), steam 0.05 mV (25 to 1000 C).
"""

import math

from h2plant.core.constants import WATER_SPLIT_MOL_PER_C
from h2plant.core.jit import kernel

_LIQUID_A = 295246.58107 * WATER_SPLIT_MOL_PER_C
_LIQUID_B = -374.8537824626 * WATER_SPLIT_MOL_PER_C
_LIQUID_C = 31.5863545482 * WATER_SPLIT_MOL_PER_C

_STEAM_A = 238510.63532934 * WATER_SPLIT_MOL_PER_C
_STEAM_B = 32.3659332588 * WATER_SPLIT_MOL_PER_C
_STEAM_C = -11.6146080244 * WATER_SPLIT_MOL_PER_C
_STEAM_D = 1.5791795287e-3 * WATER_SPLIT_MOL_PER_C
_STEAM_E = 3.43448966e-7 * WATER_SPLIT_MOL_PER_C


@kernel
def reversible_voltage_liquid(temperature_k):
    """Return the reversible voltage, V, of splitting liquid water into gases, all at 1 bar (273 to 373 K)."""
    return _LIQUID_A + temperature_k * (_LIQUID_B + _LIQUID_C * math.log(temperature_k))


@kernel
def thermoneutral_voltage_liquid(temperature_k):
    """Return the thermoneutral voltage, V, of splitting liquid water into gases at 1 bar (273 to 373 K)."""
    return _LIQUID_A - _LIQUID_C * temperature_k


@kernel
def reversible_voltage_steam(temperature_k):
    """Return the reversible voltage, V, of splitting steam into gases, all at 1 bar (298 to 1273 K)."""
    T = temperature_k
    return _STEAM_A + T * (_STEAM_B + _STEAM_C * math.log(T) + T * (_STEAM_D + T * _STEAM_E))


@kernel
def thermoneutral_voltage_steam(temperature_k):
    """Return the thermoneutral voltage, V, of splitting steam into gases at 1 bar (298 to 1273 K)."""
    T = temperature_k
    return _STEAM_A - T * (_STEAM_C + T * (_STEAM_D + 2.0 * T * _STEAM_E))
