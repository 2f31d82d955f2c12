"""Gases dissolved in water (Henry's law), as drains carry them away."""

from h2plant.core.constants import MOLAR_MASS_H2O_KG_PER_MOL, STANDARD_TEMPERATURE_K
from h2plant.core.jit import leaf

# solubility at 298.15 K, mol/(m3 Pa), and its temperature coefficient d ln H / d (1/T), K
HENRY_H2_MOL_PER_M3_PA = 7.8e-6
HENRY_H2_K = 500.0
HENRY_O2_MOL_PER_M3_PA = 1.3e-5
HENRY_O2_K = 1500.0
HENRY_N2_MOL_PER_M3_PA = 6.4e-6
HENRY_N2_K = 1300.0

_WATER_KG_PER_M3 = 997.05  # at the 298.15 K of the data


@leaf
def dissolved_mole_ratio(henry_mol_per_m3_pa, coefficient_k, partial_pa, temperature_k):
    """Return moles of gas per mole of liquid water in equilibrium with its partial pressure.

    x = H(T) p M_w / rho_w, H(T) = H0 exp(B (1/T - 1/298.15 K)); the exponential as the Pade fraction (2, 2),
    which errs by less than 0.2 % for abs(B (1/T - 1/298.15)) < 1. Source: R. Sander 2015,
    DOI 10.5194/acp-15-4399-2015. Range: 273 to 370 K, up to some 100 bar (Henry's law without Poynting term;
    the data themselves scatter by 5 %).
    """
    x = coefficient_k * (1.0 / temperature_k - 1.0 / STANDARD_TEMPERATURE_K)
    square = x * x * (1.0 / 12.0)
    factor = (1.0 + 0.5 * x + square) / (1.0 - 0.5 * x + square)
    return henry_mol_per_m3_pa * factor * partial_pa * (MOLAR_MASS_H2O_KG_PER_MOL / _WATER_KG_PER_M3)
