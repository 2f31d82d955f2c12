"""Water below the triple point: ideal vapour over supercooled liquid.

The steam tables end at 273.16 K, those of liquid water go on to 200 K (supercooled). In winter gas is colder than that
out of doors and still carries vapour: its enthalpy is continued with the heat capacity at the triple point
(1884 J/(kg K), constant within 0.5 % down to 230 K, IAPWS-95 ideal part). It condenses to supercooled liquid, as drops
in clean gas and pipes do down to 235 K; over ice its pressure would be lower by 9 % at -10 C and by 22 % at -25 C, and
its heat of condensation higher by 13 %. What freezes is a matter of the apparatus: see its protection against frost.
"""

import math

from h2plant.core.constants import TRIPLE_PRESSURE_H2O_PA
from h2plant.core.jit import kernel
from h2plant.core.properties import (
    saturated_steam_enthalpy,
    saturated_water_enthalpy,
    saturation_pressure,
    saturation_temperature,
    steam_enthalpy,
    steam_enthalpy_heat_capacity,
    supercooled_saturation_pressure,
    water_enthalpy,
)

TRIPLE_K = 273.16
FREEZING_K = 273.15
"""Apparatus that holds water is frozen below."""
LOWEST_WATER_K = 200.0
"""End of the tables of liquid water."""
_DEW_STEPS = 6
_KELVIN_PER_LOG = 5420.0  # latent heat over the gas constant of water: d(ln p) = 5420 K dT / T^2


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
    """Return the pressure at which vapour condenses, Pa: below the triple point to supercooled water; from 123 K up."""
    if temperature_k >= TRIPLE_K:
        return saturation_pressure(props, temperature_k)
    return supercooled_saturation_pressure(props, temperature_k)


@kernel
def condensation_temperature(props, partial_pa):
    """Return the temperature, K, at which vapour of a partial pressure condenses, below the triple point as well.

    Below it by Newton's method on the logarithm of the pressure over 1 / T, nearly a straight line; 200 K at least.
    """
    if partial_pa >= TRIPLE_PRESSURE_H2O_PA:
        return saturation_temperature(props, partial_pa)
    inverse = 1.0 / TRIPLE_K
    for _ in range(_DEW_STEPS):
        ratio = supercooled_saturation_pressure(props, 1.0 / inverse) / max(partial_pa, 1.0e-3)
        inverse = min(inverse + math.log(ratio) / _KELVIN_PER_LOG, 1.0 / LOWEST_WATER_K)
    return 1.0 / inverse


@kernel
def saturated_vapour_enthalpy(props, temperature_k):
    """Return the specific enthalpy of saturated vapour, J/kg: over supercooled water below the triple point."""
    if temperature_k >= TRIPLE_K:
        return saturated_steam_enthalpy(props, temperature_k)
    return vapour_enthalpy(props, TRIPLE_PRESSURE_H2O_PA, temperature_k)


@kernel
def saturated_liquid_enthalpy(props, temperature_k):
    """Return the specific enthalpy of water under its own vapour, J/kg; supercooled below 273.16 K, to 200 K."""
    if temperature_k >= TRIPLE_K:
        return saturated_water_enthalpy(props, temperature_k)
    return water_enthalpy(props, TRIPLE_PRESSURE_H2O_PA, temperature_k)
