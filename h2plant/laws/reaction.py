"""Water and what it is split into: enthalpies with heats of formation, voltages that nature asks for.

Molar enthalpies are zero for the elements at 298.15 K, as on the streams. Gases are ideal: within 40 J/mol of real
hydrogen at 40 bar, where a mole of water split takes 286 kJ.
"""

from __future__ import annotations

import functools

import numpy as np

from h2plant.core.law import FloatArray, Numbers
from h2plant.core.law_constants import (
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_N2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
    STANDARD_TEMPERATURE_K,
)

SPECIES = ("h2", "o2", "n2", "vapour", "liquid")
MOLAR_MASSES = (
    *(MOLAR_MASS_H2_KG_PER_MOL, MOLAR_MASS_O2_KG_PER_MOL, MOLAR_MASS_N2_KG_PER_MOL),
    *(MOLAR_MASS_H2O_KG_PER_MOL, MOLAR_MASS_H2O_KG_PER_MOL),
)

WATER_FORMATION_J_PER_MOL = -285830.0
"""Liquid water at 298.15 K (CODATA: Cox, Wagman, Medvedev 1989)."""

# entropies at 298.15 K, J/(mol K) (the same), and heat capacities of 25 to 90 C, J/(mol K) (NIST)
_S_WATER, _S_H2, _S_O2 = 69.95, 130.680, 205.152
_CP_WATER, _CP_H2, _CP_O2, _CP_N2, _CP_VAPOUR = 75.35, 28.84, 29.38, 29.13, 33.7
_VAPOUR_FORMATION_J_PER_MOL = -241826.0
_CP_REACTION = _CP_H2 + 0.5 * _CP_O2 - _CP_WATER

# Shomate equations (Chase 1998, NIST-JANAF Thermochemical Tables; NIST Chemistry WebBook): h in kJ/mol, s in J/(mol K),
# t = T / 1000 K: h = A t + B t2/2 + C t3/3 + D t4/4 - E/t + F,  s = A ln t + B t + C t2/2 + D t3/3 - E/(2 t2) + G
_SHOMATE: dict[str, tuple[tuple[float, tuple[float, ...]], ...]] = {
    "h2": (
        (0.0, (33.066178, -11.363417, 11.432816, -2.772874, -0.158558, -9.980797, 172.707974)),
        (1000.0, (18.563083, 12.257357, -2.859786, 0.268238, 1.977990, -1.147438, 156.288133)),
    ),
    "o2": (
        (0.0, (31.32234, -20.23531, 57.86644, -36.50624, -0.007374, -8.903471, 246.7945)),
        (700.0, (30.03235, 8.772972, -3.988133, 0.788313, -0.741599, -11.32468, 236.1663)),
    ),
    "n2": (
        (0.0, (28.98641, 1.853978, -9.647459, 16.63537, 0.000117, -8.671914, 226.4168)),
        (500.0, (19.50583, 19.88705, -8.598535, 1.369784, 0.527601, -4.935202, 212.3900)),
    ),
    "vapour": ((0.0, (30.09200, 6.832514, 6.793435, -2.534480, 0.082139, -250.8810, 223.3967)),),
}
_STEP_K = 5.0
_GRID_K = np.arange(250.0, 1250.0 + 0.5 * _STEP_K, _STEP_K)


def _shomate(name: str, temperature_k: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return enthalpy, J/mol, and entropy at 1 bar, J/(mol K), of a gas."""
    t = temperature_k / 1000.0
    h, s = np.zeros_like(t), np.zeros_like(t)
    for first, (a, b, c, d, e, f, g) in _SHOMATE[name]:
        here = temperature_k >= first
        h = np.where(here, a * t + b * t**2 / 2 + c * t**3 / 3 + d * t**4 / 4 - e / t + f, h)
        s = np.where(here, a * np.log(t) + b * t + c * t**2 / 2 + d * t**3 / 3 - e / (2 * t**2) + g, s)
    return 1000.0 * h, s


@functools.cache
def _of_gas(name: str) -> FloatArray:
    """Return the enthalpies of a gas, J/mol, at the temperatures of a grid that is read in straight lines."""
    return _shomate(name, _GRID_K)[0]


@functools.cache
def _of_steam() -> FloatArray:
    """Return the voltage that splitting steam takes at 1 bar at the temperatures of the grid, V."""
    (h_h2, s_h2), (h_o2, s_o2), (h_w, s_w) = (_shomate(name, _GRID_K) for name in ("h2", "o2", "vapour"))
    free = h_h2 + 0.5 * h_o2 - h_w - _GRID_K * (s_h2 + 0.5 * s_o2 - s_w)
    return np.asarray(free / (2.0 * FARADAY_C_PER_MOL))


def cold_enthalpy_w(flows: tuple[Numbers, ...], temperature_k: Numbers) -> Numbers:
    """Return the enthalpy of h2, o2, n2, vapour and liquid, kg (or kg/s), at 273 to 373 K, J (or W)."""
    h2, o2, n2, vapour, liquid = (flow / mass for flow, mass in zip(flows, MOLAR_MASSES, strict=True))
    rise = temperature_k - STANDARD_TEMPERATURE_K
    formed = vapour * _VAPOUR_FORMATION_J_PER_MOL + liquid * WATER_FORMATION_J_PER_MOL
    return formed + rise * (h2 * _CP_H2 + o2 * _CP_O2 + n2 * _CP_N2 + vapour * _CP_VAPOUR + liquid * _CP_WATER)


# critical temperature, K, pressure, Pa, acentric factor (Smith, Van Ness, Abbott 2005, table B.1)
_CRITICAL = {"o2": (154.6, 50.43e5, 0.022), "n2": (126.2, 34.0e5, 0.038)}


PRESSED_M3_PER_KG = 0.926e-3
"""Rise of the enthalpy of liquid water with pressure at 25 C: v (1 - beta T) (IAPWS-95)."""


def _critical(name: str, temperature_k: Numbers) -> tuple[Numbers, Numbers, float]:
    """Return the critical temperature and pressure and the acentric factor; of hydrogen those of a quantum gas."""
    if name != "h2":
        return _CRITICAL[name]
    per_k = 1.0 / (1e3 * MOLAR_MASS_H2_KG_PER_MOL * temperature_k)
    return 43.6 / (1.0 + 21.8 * per_k), 20.5e5 / (1.0 + 44.2 * per_k), 0.0


def pressed_enthalpy_w(flows: tuple[Numbers, ...], temperature_k: Numbers, pressure_pa: Numbers) -> Numbers:
    """Return what pressure adds to the enthalpy of h2, o2, n2, vapour and liquid, kg (or kg/s), J (or W).

    Liquid: v (1 - beta T) p, 1.003 dm3/kg and 2.57e-4/K at 25 C (IAPWS-95); vapour is taken as it is. Gases:
    h - h_ideal = (B - T dB/dT) p with the second virial coefficient of Abbott 1975 (Smith, Van Ness, Abbott 2005,
    equations 3.65, 3.66 and 6.68), hydrogen with the effective constants of Prausnitz (Prausnitz, Lichtenthaler, de
    Azevedo 1999, table 5-5). Within 25 J/mol of the equations of state at 250 to 373 K and up to 70 bar.
    """
    found: Numbers = flows[4] * PRESSED_M3_PER_KG * pressure_pa
    known_k = np.maximum(temperature_k, 200.0)  # 0 K stands where nothing is held yet
    for name, flow, mass in zip(("h2", "o2", "n2"), flows, MOLAR_MASSES, strict=False):
        critical_k, critical_pa, omega = _critical(name, known_k)
        reduced = known_k / critical_k
        simple = 0.083 - 0.422 * 2.6 / reduced**1.6
        correction = 0.139 - 0.172 * 5.2 / reduced**4.2
        per_mol = GAS_CONSTANT_J_PER_MOL_K * critical_k * pressure_pa / critical_pa * (simple + omega * correction)
        found = found + flow / mass * per_mol
    return found


def hot_enthalpy_w(flows: tuple[Numbers, ...], temperature_k: Numbers) -> Numbers:
    """Return the enthalpy of h2, o2, n2, vapour and liquid, kg (or kg/s), at 298 to 1200 K, J (or W)."""
    *gases, liquid = (flow / mass for flow, mass in zip(flows, MOLAR_MASSES, strict=True))
    h = sum(
        flow * np.interp(temperature_k, _GRID_K, _of_gas(name)) for flow, name in zip(gases, SPECIES[:4], strict=True)
    )
    return np.asarray(h + liquid * (WATER_FORMATION_J_PER_MOL + _CP_WATER * (temperature_k - STANDARD_TEMPERATURE_K)))


def mean_heat_capacity(name: str, low_k: float = 430.0, high_k: float = 1070.0) -> float:
    """Return the mean molar heat capacity of a gas between two temperatures, J/(mol K)."""
    low, high = np.interp([low_k, high_k], _GRID_K, _of_gas(name))
    return float(high - low) / (high_k - low_k)


def reversible_voltage_of_water(temperature_k: Numbers) -> Numbers:
    """Return the least voltage that splits liquid water into gases, all at 1 bar, V; 273 to 373 K."""
    rise = temperature_k - STANDARD_TEMPERATURE_K
    enthalpy = -WATER_FORMATION_J_PER_MOL + _CP_REACTION * rise
    entropy = _S_H2 + 0.5 * _S_O2 - _S_WATER + _CP_REACTION * np.log(temperature_k / STANDARD_TEMPERATURE_K)
    return np.asarray((enthalpy - temperature_k * entropy) / (2.0 * FARADAY_C_PER_MOL))


def reversible_voltage_of_steam(temperature_k: Numbers) -> Numbers:
    """Return the least voltage that splits steam into gases, all at 1 bar, V; 298 to 1200 K."""
    return np.asarray(np.interp(temperature_k, _GRID_K, _of_steam()))


def nernst_slope_v(temperature_k: Numbers) -> Numbers:
    """Return RT/2F, V."""
    return temperature_k * (GAS_CONSTANT_J_PER_MOL_K / (2.0 * FARADAY_C_PER_MOL))
