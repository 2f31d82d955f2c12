"""Gases dissolved in water (Henry's law), as drains and water that protons drag carry them away.

Henry's constants of IAPWS G7-04 (Fernandez-Prini, Alvarez, Harvey 2003, 10.1063/1.1564818), 1/k_H as a polynomial of
T0/T - 1: within 0.03 % of the guideline from 0 to 180 degC. At 25 degC they are those of R. Sander 2015,
10.5194/acp-15-4399-2015; hydrogen dissolves least at 61 degC and better again above, which no single coefficient of
temperature shows. Beyond 0 and 180 degC as there. Without Poynting term and fugacity: at 40 bar and 25 degC hydrogen is
1.7 % high, oxygen 7 % and nitrogen 5 %.
"""

from h2plant.core.jit import leaf

_ZERO_K = 333.15
_PER_PA = 1.0e-9
_COLDEST_K, _HOTTEST_K = 273.15, 453.15


@leaf
def _reduced(temperature_k):
    """Return T0/T - 1 of the temperature, or of the nearest that the polynomials serve."""
    return _ZERO_K / min(max(temperature_k, _COLDEST_K), _HOTTEST_K) - 1.0


@leaf
def hydrogen_mole_ratio(partial_pa, temperature_k):
    """Return moles of hydrogen per mole of liquid water in equilibrium with its partial pressure, Pa; 273 to 453 K."""
    u = _reduced(temperature_k)
    high = ((26.88669 * u - 6.260692) * u + 2.77893) * u - 0.414131
    return partial_pa * (_PER_PA * (((high * u + 0.9309335) * u + 0.007320565) * u + 0.127481))


@leaf
def oxygen_mole_ratio(partial_pa, temperature_k):
    """Return moles of oxygen per mole of liquid water in equilibrium with its partial pressure, Pa; 273 to 453 K."""
    u = _reduced(temperature_k)
    high = ((50.04876 * u + 11.95594) * u + 9.883011) * u + 2.707731
    return partial_pa * (_PER_PA * (((high * u + 1.951155) * u + 0.3254583) * u + 0.1573944))


@leaf
def nitrogen_mole_ratio(partial_pa, temperature_k):
    """Return moles of nitrogen per mole of liquid water in equilibrium with its partial pressure, Pa; 273 to 453 K."""
    u = _reduced(temperature_k)
    high = ((31.49527 * u + 1.521726) * u + 4.50777) * u + 0.8218131
    return partial_pa * (_PER_PA * (((high * u + 0.9986408) * u + 0.1180226) * u + 0.08692641))
