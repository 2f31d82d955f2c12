"""Constants for laws and the audit, SI, from other sources than those of ``core.constants``, which kernels read.

Written once more so that a number that is wrong there is found; the import rules keep them apart.
"""

FARADAY_C_PER_MOL = 1.602176634e-19 * 6.02214076e23
"""Elementary charge by Avogadro's number, both exact by definition (BIPM, SI Brochure, 9th edition 2019)."""

GAS_CONSTANT_J_PER_MOL_K = 1.380649e-23 * 6.02214076e23
"""Boltzmann's constant by Avogadro's number, both exact by definition (as above)."""

MOLAR_MASS_H2_KG_PER_MOL = 2.0 * 1.00794e-3
MOLAR_MASS_O2_KG_PER_MOL = 2.0 * 15.9994e-3
MOLAR_MASS_N2_KG_PER_MOL = 2.0 * 14.00674e-3
MOLAR_MASS_H2O_KG_PER_MOL = (2.0 * 1.00794 + 15.9994) * 1.0e-3
"""Sums of standard atomic weights (IUPAC 1995, doi 10.1351/pac199668122339), which the equations of state go by."""

MOL_PER_KG_H2 = 1.0 / MOLAR_MASS_H2_KG_PER_MOL
MOL_PER_KG_O2 = 1.0 / MOLAR_MASS_O2_KG_PER_MOL
MOL_PER_KG_N2 = 1.0 / MOLAR_MASS_N2_KG_PER_MOL
MOL_PER_KG_H2O = 1.0 / MOLAR_MASS_H2O_KG_PER_MOL

HHV_H2_J_PER_KG = 141.7896e6
"""Higher heating value of hydrogen (39.386 kWh/kg, definition in docs/figures.md)."""

J_PER_KWH = 1000.0 * 3600.0
J_PER_MWH = 1.0e6 * 3600.0
DAY_S = 24.0 * 3600.0

STANDARD_TEMPERATURE_K = 298.15
STANDARD_PRESSURE_PA = 1.0e5
"""Reference state of the enthalpies of formation (CODATA key values, Cox et al. 1989)."""

SHORT_FRAC = 1.0e-3
"""Share of what was asked beyond which a step counts as short (docs/figures.md)."""

GRAVITY_M_PER_S2 = 9.80665
"""Standard acceleration of gravity (ISO 80000-3)."""
