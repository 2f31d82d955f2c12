"""Wind turbines: what of the wind arrives at the rotor, and what the rotor takes of it."""

import math

from h2plant.core.jit import leaf

STANDARD_DENSITY_KG_PER_M3 = 1.225
AIR_J_PER_KG_K = 287.05287
"""Gas constant of dry air (ISO 2533)."""
BETZ_FRAC = 16.0 / 27.0


@leaf
def air_density(pressure_pa, temperature_k):
    """Return the density of dry air, kg/m3: rho = p / (R T). Source: IEC 61400-12-1:2017, equation 12.

    Moist air at 30 degC is up to 1.6 % lighter, at 10 degC 0.5 %.
    """
    return pressure_pa / (AIR_J_PER_KG_K * temperature_k)


@leaf
def density_speed(speed_m_per_s, density_kg_per_m3):
    """Return the speed, m/s, at standard density that has as much power: v (rho / 1.225)^(1/3).

    Source: IEC 61400-12-1:2017, equation 15, for turbines that pitch. Range: 0.9 to 1.35 kg/m3.
    """
    return speed_m_per_s * (density_kg_per_m3 / STANDARD_DENSITY_KG_PER_M3) ** (1.0 / 3.0)


@leaf
def induction(power_coefficient_frac):
    """Return by what share a rotor slows the wind (axial induction factor, 1), from its power coefficient.

    C_p = 4 a (1 - a)^2 solved for a <= 1/3: a = 2/3 (1 - cos(phi/3)), cos phi = 1 - 27/8 C_p. Source: momentum theory,
    Hansen 2015, Aerodynamics of Wind Turbines, 3rd ed., chapter 4 (the solution is the trigonometric one of a cubic).
    Range: 0 to the limit of Betz, 16/27; what is beyond counts as that.
    """
    cosine = 1.0 - 3.375 * min(max(power_coefficient_frac, 0.0), BETZ_FRAC)
    return 2.0 / 3.0 * (1.0 - math.cos(math.acos(max(cosine, -1.0)) / 3.0))


@leaf
def wake_speed(speed_m_per_s, output_frac, specific_rating_w_per_m2, deficit_frac):
    """Return the mean speed, m/s, that turbines in a park meet where others stand before them.

    v (1 - d 3 a(C_p)), C_p = p P_r/A / (rho_0 v^3 / 2): the deficit behind a rotor is in proportion to its induction
    (2 a v in the near wake: Jensen 1983, Risoe-M-2411), so it is the whole ``d`` where the rotor takes the most and
    fades above the rated speed, where the rotor lets ever more wind pass. ``output_frac`` is the output at ``speed``.
    Range: 0 <= d <= 0.3.
    """
    if output_frac <= 0.0:
        return speed_m_per_s
    flux = 0.5 * STANDARD_DENSITY_KG_PER_M3 * speed_m_per_s * speed_m_per_s * speed_m_per_s
    return speed_m_per_s * (1.0 - deficit_frac * 3.0 * induction(output_frac * specific_rating_w_per_m2 / flux))
