"""Real hydrogen for laws, in plain arithmetic.

Density by Lemmon, Huber, Leachman 2008 (220 to 1000 K, below 200 MPa), enthalpy by the same equation from the ideal gas
of Leachman et al. 2009: within 0.02 % and 0.06 K of the latter's real gas at 230 to 450 K, 0.1 to 90 MPa.
"""

from __future__ import annotations

import functools

import numpy as np

from h2plant.core.law import FloatArray
from h2plant.core.law_constants import (
    GAS_CONSTANT_J_PER_MOL_K,
    MOLAR_MASS_H2_KG_PER_MOL,
    STANDARD_PRESSURE_PA,
    STANDARD_TEMPERATURE_K,
)

LEMMON_2008 = "E. W. Lemmon, M. L. Huber, J. W. Leachman 2008, J. Res. NIST 113, 341, doi:10.6028/jres.113.028"
LEACHMAN_2009 = "J. W. Leachman et al. 2009, doi:10.1063/1.3160306"
_R = GAS_CONSTANT_J_PER_MOL_K / MOLAR_MASS_H2_KG_PER_MOL

# Z = 1 + sum of a (100 K/T)^b (p/1 MPa)^c
_A = np.array([0.05888460, -0.06136111, -0.002650473, 0.002731125, 0.001802374, -0.001150707, 0.9588528e-4,
               -0.1109040e-6, 0.1264403e-9])[:, None]  # fmt: skip
_B = np.array([1.325, 1.87, 2.5, 2.8, 2.938, 3.14, 3.37, 3.75, 4.0])[:, None]
_C = np.array([1.0, 1.0, 2.0, 2.0, 2.42, 2.63, 3.0, 4.0, 5.0])[:, None]

# cp/R = 2.5 + sum of u (v/T)^2 exp(v/T)/(exp(v/T) - 1)^2, normal hydrogen
_U = np.array([1.616, -0.4117, -0.792, 0.758, 1.217])[:, None]
_V = np.array([531.0, 751.0, 1989.0, 2484.0, 6859.0])[:, None]


def real_terms(pressure_pa: FloatArray, temperature_k: FloatArray) -> FloatArray:
    """Return the terms a (100 K/T)^b (p/1 MPa)^c of Z - 1, shape (9, n)."""
    p = np.maximum(pressure_pa, 1.0) * 1.0e-6
    return np.asarray(_A * np.exp(_C * np.log(p) - _B * np.log(0.01 * temperature_k)))


def hydrogen_density(pressure_pa: FloatArray, temperature_k: FloatArray) -> FloatArray:
    """Return the density of hydrogen, kg/m3, from pressure in Pa and temperature in K, shape (n,)."""
    z = 1.0 + real_terms(pressure_pa, temperature_k).sum(axis=0)
    return np.asarray(pressure_pa / (z * _R * temperature_k))


def hydrogen_enthalpy(pressure_pa: FloatArray, temperature_k: FloatArray) -> FloatArray:
    """Return the enthalpy of normal hydrogen, J/kg, 0 at 298.15 K and 1 bar; shape (n,).

    That of the ideal gas, and R T sum of (b/c) a (100 K/T)^b (p/1 MPa)^c, by dh/dp = v - T dv/dT.
    """
    real = ((_B / _C) * real_terms(pressure_pa, temperature_k)).sum(axis=0)
    return np.asarray(_ideal_enthalpy(temperature_k) + _R * temperature_k * real - _standard_enthalpy())


def _ideal_enthalpy(temperature_k: FloatArray) -> FloatArray:
    return np.asarray(_R * (2.5 * temperature_k + (_U * _V / np.expm1(_V / temperature_k)).sum(axis=0)))


@functools.cache
def _standard_enthalpy() -> float:
    T, p = np.array([STANDARD_TEMPERATURE_K]), np.array([STANDARD_PRESSURE_PA])
    real = ((_B / _C) * real_terms(p, T)).sum(axis=0)
    return float((_ideal_enthalpy(T) + _R * T * real)[0])
