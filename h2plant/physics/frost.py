"""Traces of water vapour in gas below the triple point: ideal vapour over ice.

The steam tables end at 273.16 K. Dry hydrogen in tanks out of doors is colder than that in winter and still
carries parts per million of vapour: its enthalpy is continued with the heat capacity at the triple point
(1884 J/(kg K), constant within 0.5 % down to 230 K, IAPWS-95 ideal part), its saturation pressure is that over
ice. Liquid or ice in streams below the triple point is not modelled.
"""

import math

from h2plant.core.constants import TRIPLE_PRESSURE_H2O_PA
from h2plant.core.jit import kernel
from h2plant.core.properties import saturation_pressure, steam_enthalpy, steam_enthalpy_heat_capacity

TRIPLE_K = 273.16

# Murphy and Koop 2005, doi 10.1256/qj.04.94, equation 7: ln p = A - B / T + C ln T - D T, 111 K to the triple point
_B, _C, _D = 5723.265, 3.53068, 0.00728332
_AT_TRIPLE = -_B / TRIPLE_K + _C * math.log(TRIPLE_K) - _D * TRIPLE_K


@kernel
def vapour_enthalpy(props, partial_pa, temperature_k):
    """Return the specific enthalpy of water vapour, J/kg, in a gas at its partial pressure; from 111 K up."""
    if temperature_k >= TRIPLE_K:
        return steam_enthalpy(props, partial_pa, temperature_k)
    h, cp = steam_enthalpy_heat_capacity(props, TRIPLE_PRESSURE_H2O_PA, TRIPLE_K)
    return h + cp * (temperature_k - TRIPLE_K)


@kernel
def vapour_enthalpy_heat_capacity(props, partial_pa, temperature_k):
    """Return (enthalpy in J/kg, heat capacity in J/(kg K)) of water vapour in a gas; from 111 K up."""
    if temperature_k >= TRIPLE_K:
        return steam_enthalpy_heat_capacity(props, partial_pa, temperature_k)
    h, cp = steam_enthalpy_heat_capacity(props, TRIPLE_PRESSURE_H2O_PA, TRIPLE_K)
    return h + cp * (temperature_k - TRIPLE_K), cp


@kernel
def moisture_saturation_pressure(props, temperature_k):
    """Return the pressure at which vapour condenses or, below the triple point, freezes, Pa; from 111 K up."""
    if temperature_k >= TRIPLE_K:
        return saturation_pressure(props, temperature_k)
    exponent = -_B / temperature_k + _C * math.log(temperature_k) - _D * temperature_k - _AT_TRIPLE
    return TRIPLE_PRESSURE_H2O_PA * math.exp(exponent)
