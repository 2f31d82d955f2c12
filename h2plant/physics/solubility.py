"""Gases dissolved in water (Henry's law), as drains and water that protons drag carry them away.

Henry's constants of IAPWS G7-04 (Fernandez-Prini, Alvarez, Harvey 2003, 10.1063/1.1564818), 1/k_H as a polynomial of
T0/T - 1: within 0.03 % of the guideline from 0 to 180 degC. At 25 degC they are those of R. Sander 2015,
10.5194/acp-15-4399-2015; hydrogen dissolves least at 55 degC and better again above, which no single coefficient of
temperature shows. Without Poynting term and fugacity, which at 40 bar lower and raise it by 2 to 4 % each.
"""

from h2plant.core.jit import leaf

_ZERO_K = 333.15
_PER_PA = 1.0e-9


@leaf
def hydrogen_mole_ratio(partial_pa, temperature_k):
    """Return moles of hydrogen per mole of liquid water in equilibrium with its partial pressure, Pa; 273 to 453 K."""
    u = _ZERO_K / temperature_k - 1.0
    high = ((26.88669 * u - 6.260692) * u + 2.77893) * u - 0.414131
    return partial_pa * (_PER_PA * (((high * u + 0.9309335) * u + 0.007320565) * u + 0.127481))


@leaf
def oxygen_mole_ratio(partial_pa, temperature_k):
    """Return moles of oxygen per mole of liquid water in equilibrium with its partial pressure, Pa; 273 to 453 K."""
    u = _ZERO_K / temperature_k - 1.0
    high = ((50.04876 * u + 11.95594) * u + 9.883011) * u + 2.707731
    return partial_pa * (_PER_PA * (((high * u + 1.951155) * u + 0.3254583) * u + 0.1573944))


@leaf
def nitrogen_mole_ratio(partial_pa, temperature_k):
    """Return moles of nitrogen per mole of liquid water in equilibrium with its partial pressure, Pa; 273 to 453 K."""
    u = _ZERO_K / temperature_k - 1.0
    high = ((31.49527 * u + 1.521726) * u + 4.50777) * u + 0.8218131
    return partial_pa * (_PER_PA * (((high * u + 0.9986408) * u + 0.1180226) * u + 0.08692641))
