"""Physical constants, SI, each with its source."""

FARADAY_C_PER_MOL = 96485.33212
"""Faraday constant (CODATA 2018, exact by definition of e and N_A)."""

GAS_CONSTANT_J_PER_MOL_K = 8.314462618
"""Molar gas constant (CODATA 2018, exact)."""

MOLAR_MASS_H2_KG_PER_MOL = 2.01588e-3
"""Hydrogen (IUPAC 2013 standard atomic weight, as in the Leachman 2009 equation of state)."""

MOLAR_MASS_O2_KG_PER_MOL = 31.9988e-3
"""Oxygen (as in the Schmidt and Wagner 1985 equation of state)."""

MOLAR_MASS_N2_KG_PER_MOL = 28.01348e-3
"""Nitrogen (as in the Span 2000 equation of state)."""

MOLAR_MASS_H2O_KG_PER_MOL = MOLAR_MASS_H2_KG_PER_MOL + 0.5 * MOLAR_MASS_O2_KG_PER_MOL
"""Water as the sum of what it is made of (18.01528e-3), so that reactions conserve mass to rounding."""

MOL_PER_KG_H2 = 1.0 / MOLAR_MASS_H2_KG_PER_MOL
MOL_PER_KG_O2 = 1.0 / MOLAR_MASS_O2_KG_PER_MOL
MOL_PER_KG_N2 = 1.0 / MOLAR_MASS_N2_KG_PER_MOL
MOL_PER_KG_H2O = 1.0 / MOLAR_MASS_H2O_KG_PER_MOL
"""The same the other way round: kernels multiply."""

WATER_SPLIT_MOL_PER_C = 0.5 / FARADAY_C_PER_MOL
"""Water split, and hydrogen made, per charge: two electrons a molecule (Faraday's law)."""

J_PER_KWH = 3.6e6
J_PER_MWH = 3.6e9
DAY_S = 86400.0
EUR_PER_MWH = 1.0 / J_PER_MWH
"""EUR/MWh in EUR/J."""

LHV_H2_J_PER_KG = 33.322 * 3.6e6
"""Lower heating value of hydrogen, 33.322 kWh/kg (25 C)."""

HHV_H2_J_PER_KG = 39.386 * 3.6e6
"""Higher heating value of hydrogen, 39.386 kWh/kg (25 C)."""

TEMPERATURE_OFFSET_K = 273.15
"""0 degrees Celsius in kelvin."""

STANDARD_TEMPERATURE_K = 298.15
STANDARD_AIR_K = 288.15  # ISO 2533, air at sea level
STANDARD_PRESSURE_PA = 1.0e5
"""Reference state of the enthalpies of formation (elements have zero enthalpy here)."""

TRIPLE_PRESSURE_H2O_PA = 611.657
"""Triple-point pressure of water (IAPWS-95)."""

ATMOSPHERE_PA = 101325.0
"""Standard atmosphere."""

SHORT_FRAC = 1.0e-3
"""Share of what was asked beyond which a step counts as short: less than 99.9 % was given."""

GRAVITY_M_PER_S2 = 9.80665
"""Standard acceleration of gravity."""
