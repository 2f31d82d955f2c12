"""Energy and heat capacity of what a PEM stack holds: metal, water and cathode gas."""

from h2plant.core.constants import GAS_CONSTANT_J_PER_MOL_K, MOLAR_MASS_H2_KG_PER_MOL, STANDARD_TEMPERATURE_K
from h2plant.core.jit import leaf

ENERGY_ZERO_K = STANDARD_TEMPERATURE_K  # stored energy counts from here
R_H2 = GAS_CONSTANT_J_PER_MOL_K / MOLAR_MASS_H2_KG_PER_MOL
CV_H2 = 14305.0 - R_H2  # J/(kg K), held hydrogen as ideal gas (NIST, 300 to 350 K)
C_WATER = 4186.0  # J/(kg K), held water, mean of 20 to 90 C (IAPWS-95)


@leaf
def stored_energy(c, temperature_k, water_kg, h2_kg):
    """Return the stored energy, J: metal, water (with its enthalpy of formation) and cathode gas."""
    rise = temperature_k - ENERGY_ZERO_K
    return (
        c.heat_capacity_j_per_k * rise
        + water_kg * (c.water_reference_j_per_kg + C_WATER * rise)
        + h2_kg * (CV_H2 * rise - R_H2 * ENERGY_ZERO_K)
    )


@leaf
def heat_capacity(c, water_kg, h2_kg):
    """Return the heat capacity of stack, water and gas, J/K."""
    return c.heat_capacity_j_per_k + water_kg * C_WATER + h2_kg * CV_H2
