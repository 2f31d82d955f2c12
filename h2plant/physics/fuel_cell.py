"""Polarisation curve of a PEM fuel cell on hydrogen (Amphlett et al. 1995)."""

import math

from h2plant.core.constants import ATMOSPHERE_PA
from h2plant.core.exponential import exponential
from h2plant.core.jit import kernel, leaf

AREA_CM2 = 50.6
"""Active area of the cell that the curve was fitted to (Ballard Mark IV); larger cells have its curve by the area."""

_THICKNESS_CM = 0.0178
_HUMIDITY = 23.0
_CONCENTRATION_V = 0.016
LIMIT_A_PER_CM2 = 1.5
_M2_PER_CM2 = 1.0e-4
_LEAST_A_PER_CM2 = 1.0e-3
"""Below, the voltage is held: a logarithm of the current has no open circuit."""


@leaf
def membrane_resistivity(density_a_per_cm2, temperature_k):
    """Return the resistivity of the membrane, ohm cm (Mann et al. 2000, doi 10.1016/S0378-7753(99)00484-X)."""
    j, T = density_a_per_cm2, temperature_k
    dry = 181.6 * (1.0 + 0.03 * j + 0.062 * (T / 303.0) ** 2 * j**2.5)
    return dry / ((_HUMIDITY - 0.634 - 3.0 * j) * exponential(4.18 * (T - 303.0) / T))


@kernel
def cell_voltage(current_density_a_per_m2, temperature_k, hydrogen_pa, oxygen_pa):
    """Return the voltage of a cell, V, at a current density, A/m2, below 15,000; below 10 it is held.

    V = E - eta_act - i rho l / A + B ln(1 - j/J), E = 1.229 - 8.5e-4 (T - 298.15) + 4.308e-5 T (ln p_H2 + ln p_O2 / 2),
    eta_act = 0.948 - xi T - 7.6e-5 T ln c_O2 + 1.93e-4 T ln i, pressures at the electrodes in atm.

    J. C. Amphlett et al. 1995, J. Electrochem. Soc. 142:1 and 142:9, doi 10.1149/1.2043866 and 10.1149/1.2043959; for
    330 to 360 K, 1 to 5 atm. Concentration: J. Larminie and A. Dicks, Fuel Cell Systems Explained, 2003, chapter 3.
    """
    j = max(current_density_a_per_m2 * _M2_PER_CM2, _LEAST_A_PER_CM2)
    T = temperature_k
    hydrogen, oxygen = hydrogen_pa / ATMOSPHERE_PA, oxygen_pa / ATMOSPHERE_PA
    current = j * AREA_CM2
    reversible = 1.229 - 8.5e-4 * (T - 298.15) + 4.308e-5 * T * (math.log(hydrogen) + 0.5 * math.log(oxygen))
    dissolved_oxygen = oxygen / (5.08e6 * exponential(-498.0 / T))
    dissolved_hydrogen = hydrogen / (1.09e6 * exponential(77.0 / T))
    xi = 0.00286 + 0.0002 * math.log(AREA_CM2) + 4.3e-5 * math.log(dissolved_hydrogen)
    activation = 0.948 - xi * T - 7.6e-5 * T * math.log(dissolved_oxygen) + 1.93e-4 * T * math.log(current)
    ohmic = j * membrane_resistivity(j, T) * _THICKNESS_CM
    return reversible - activation - ohmic + _CONCENTRATION_V * math.log(1.0 - j / LIMIT_A_PER_CM2)
