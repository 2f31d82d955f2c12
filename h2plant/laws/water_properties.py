"""Water and steam for laws: saturation by IAPWS equations in plain arithmetic, single states by IAPWS-95 of CoolProp.

Saturation line: IAPWS SR1-86(1992), Revised Supplementary Release on Saturation Properties of Ordinary Water Substance;
W. Wagner and A. Pruss, J. Phys. Chem. Ref. Data 22 (1993) 783, DOI 10.1063/1.555926; 273.16 to 647 K.
Henry's constants: IAPWS G7-04; R. Fernandez-Prini, J. L. Alvarez, A. H. Harvey 2003, DOI 10.1063/1.1564818.
Enthalpies are those of formation: liquid water -285.830 kJ/mol at 298.15 K and 1 bar (CODATA key values 1989).
"""

from __future__ import annotations

import functools

import numpy as np

from h2plant.core.law import FloatArray, Numbers
from h2plant.core.law_constants import MOLAR_MASS_H2O_KG_PER_MOL, STANDARD_PRESSURE_PA, STANDARD_TEMPERATURE_K
from h2plant.laws.state_equations import TRIPLE_K, supercooled_saturation_pressure

_T_CRITICAL_K = 647.096
_P_CRITICAL_PA = 22.064e6
_RHO_CRITICAL_KG_PER_M3 = 322.0
_STANDARD_J_PER_KG = 104.92e3  # liquid water at 298.15 K, 1 bar over liquid at the triple point (IAPWS-95)
_HENRY = {
    "h2": (-4.73284, 6.08954, 6.06066),
    "o2": (-9.44833, 4.43822, 11.42005),
    "n2": (-9.67578, 4.72162, 11.70585),
}
_COLDEST_K, _COLDEST_J_PER_KG_K = 33.16, 5070.0  # below the triple point: 240 K, and the heat capacity there
_VAPOUR_J_PER_KG_K = 1884.0  # IAPWS-95 at the triple point
FORMATION_J_PER_KG = -285830.0 / MOLAR_MASS_H2O_KG_PER_MOL


def saturation_pressure(temperature_k: Numbers) -> FloatArray:
    """Return the saturation pressure, Pa, of shape (n,); within 0.03 %, over supercooled water 0.2 % (to 243 K)."""
    T = np.asarray(temperature_k, dtype=float)
    reduced = T / _T_CRITICAL_K
    boiling = _P_CRITICAL_PA * np.exp(_pressure_sum(1.0 - reduced) / reduced)
    return np.where(T < TRIPLE_K, supercooled_saturation_pressure(T), boiling)


def henry_constant(gas: str, temperature_k: Numbers) -> FloatArray:
    """Return partial pressure over mole fraction, Pa, of ``h2``, ``o2`` or ``n2`` in liquid water, of shape (n,).

    Beyond 0 and 180 degC, where nothing in a plant rests on it, as there.
    """
    a, b, c = _HENRY[gas]
    T = np.clip(np.asarray(temperature_k, dtype=float), 273.15, 453.15)
    reduced = T / _T_CRITICAL_K
    tau = 1.0 - reduced
    logarithm = (a + b * tau**0.355) / reduced + c * reduced**-0.41 * np.exp(tau)
    return np.asarray(saturation_pressure(T) * np.exp(logarithm))


@functools.lru_cache(maxsize=256)
def saturation_temperature(pressure_pa: float) -> float:
    """Return the saturation temperature, K, by Newton's method on the logarithm of the pressure over 1/T."""
    coldest, hottest = 1.0 / 273.16, 1.0 / 647.0
    inverse = 1.0 / 373.124 - float(np.log(pressure_pa / 101325.0)) / 4767.0
    for _ in range(8):
        inverse = min(max(inverse, hottest), coldest)
        reduced = 1.0 / (inverse * _T_CRITICAL_K)
        x = 1.0 - reduced
        slope = _T_CRITICAL_K * float(_pressure_sum(x) + reduced * _pressure_slope(x))
        inverse += float(np.log(pressure_pa / saturation_pressure(1.0 / inverse))) / slope
    return 1.0 / inverse


def _pressure_sum(x: Numbers) -> FloatArray:
    x = np.asarray(x)
    root, cube = np.sqrt(x), x * x * x
    total = -7.85951783 + 1.84408259 * root + x * x * (-11.7866497 + 22.6807411 * root - 15.9618719 * x)
    return np.asarray(x * (total + 1.80122502 * cube * cube * root))


def _pressure_slope(x: Numbers) -> FloatArray:
    """Return the derivative of the sum by x."""
    x = np.asarray(x)
    root, cube = np.sqrt(x), x * x * x
    total = -7.85951783 + 1.5 * 1.84408259 * root
    total = total + x * x * (-3.0 * 11.7866497 + 3.5 * 22.6807411 * root - 4.0 * 15.9618719 * x)
    return np.asarray(total + 7.5 * 1.80122502 * cube * cube * root)


def saturated_enthalpies(temperature_k: Numbers) -> tuple[FloatArray, FloatArray]:
    """Return the enthalpies of boiling water and of dry saturated steam, J/kg, formation included, shape (n,).

    h' = alpha + T/rho' dp/dT and h'' = alpha + T/rho'' dp/dT; both within 0.4 kJ/kg from 274 to 620 K. Below the triple
    point supercooled water, and vapour with the heat capacity there.
    """
    given = np.asarray(temperature_k, dtype=float)
    T = np.maximum(given, TRIPLE_K)
    reduced = T / _T_CRITICAL_K
    x = 1.0 - reduced
    total = _pressure_sum(x)
    pressure = _P_CRITICAL_PA * np.exp(total / reduced)
    rise = -pressure * (total / reduced + _pressure_slope(x))  # T dp/dT
    alpha = -1135.905627715 + 2690.66631 * reduced - 5.65134998e-8 * reduced**-19.0
    power = np.square(np.square(reduced))
    alpha = 1.0e3 * (alpha + power * (127.287297 * np.sqrt(reduced) - 135.003439 * reduced))
    third = np.cbrt(x)
    two_thirds, sixth = third * third, np.sqrt(third)
    cube = x * x * x
    six, five = cube * cube, cube * x * x
    eleven, twelve = six * five, six * six
    liquid = 1.0 + 1.99274064 * third + two_thirds * (1.09965342 - 0.510839303 * x) - 1.75493479 * five * third
    liquid = liquid - 45.5170352 * twelve * x * x * third - 6.74694450e5 * twelve * twelve * twelve * two_thirds
    vapour = third * (-2.03150240 - 2.68302940 * third - 5.38626492 * x) - 17.2991605 * cube
    vapour = np.exp(vapour - sixth * (44.7586581 * six + 63.9201063 * eleven * two_thirds))
    offset = alpha + (FORMATION_J_PER_KG - _STANDARD_J_PER_KG)
    colder = np.maximum(TRIPLE_K - given, 0.0)
    return (
        np.asarray(offset + rise / (_RHO_CRITICAL_KG_PER_M3 * liquid) - _supercooled_fall(colder)),
        np.asarray(offset + rise / (_RHO_CRITICAL_KG_PER_M3 * vapour) - _VAPOUR_J_PER_KG_K * colder),
    )


def _supercooled_fall(colder_k: FloatArray) -> FloatArray:
    """Return how far the enthalpy of supercooled water is below that at the triple point, J/kg, to 240 K.

    Fitted to IAPWS-95 below its range, within 1 J/kg; colder with the heat capacity there.
    """
    x = np.minimum(colder_k, _COLDEST_K) / _COLDEST_K
    fall = x * (139904.685 + x * (2402.2115 + x * (-1424.1795 + x * (9598.4791 + x * (-10828.7516 + x * 7248.1271)))))
    return np.asarray(fall + _COLDEST_J_PER_KG_K * np.maximum(colder_k - _COLDEST_K, 0.0))


def water_enthalpy(pressure_pa: Numbers, temperature_k: Numbers) -> FloatArray:
    """Return the enthalpy of liquid water or steam, J/kg, formation included, by IAPWS-95; shape (n,)."""
    from CoolProp.CoolProp import PropsSI

    pressure, temperature = np.broadcast_arrays(np.atleast_1d(pressure_pa), np.atleast_1d(temperature_k))
    standard = PropsSI("Hmass", "T", STANDARD_TEMPERATURE_K, "P", STANDARD_PRESSURE_PA, "Water")
    found = PropsSI("Hmass", "T", temperature.copy(), "P", pressure.copy(), "Water")
    return np.asarray(found) - standard + FORMATION_J_PER_KG


def liquid_density(temperature_k: Numbers) -> tuple[FloatArray, FloatArray]:
    """Return density, kg/m3, and cubic expansion, 1/K, of liquid water at 1 atm from 273 to 423 K, shape (n,).

    G. S. Kell, J. Chem. Eng. Data 20 (1975) 97, DOI 10.1021/je60064a005.
    """
    t = np.asarray(temperature_k, dtype=float) - 273.15
    c = (999.83952, 16.945176, -7.9870401e-3, -46.170461e-6, 105.56302e-9, -280.54253e-12)
    top = c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * (c[4] + t * c[5]))))
    slope = c[1] + t * (2.0 * c[2] + t * (3.0 * c[3] + t * (4.0 * c[4] + t * 5.0 * c[5])))
    under = 1.0 + 16.879850e-3 * t
    return np.asarray(top / under), np.asarray(16.879850e-3 / under - slope / top)


def liquid_enthalpy(pressure_pa: Numbers, temperature_k: Numbers) -> FloatArray:
    """Return the enthalpy of liquid water, J/kg, formation included: that of boiling water and dh = v (1 - b T) dp.

    Within 0.1 kJ/kg up to 80 bar from 274 to 420 K; shape (n,).
    """
    T = np.asarray(temperature_k, dtype=float)
    boiling, _ = saturated_enthalpies(T)
    density, expansion = liquid_density(T)
    return np.asarray(boiling + (pressure_pa - saturation_pressure(T)) * (1.0 - expansion * T) / density)
