"""The cells of an alkaline stack: coefficients of published stacks, terms of the cell voltage, gas that crosses."""

from h2plant.core.jit import leaf
from h2plant.physics.activation import activated
from h2plant.physics.alkaline_electrochemistry import (
    correlation_temperature,
    dissolved_crossover,
    pressure_voltage,
    supersaturation_factor,
)
from h2plant.physics.reversible_voltage import reversible_voltage_liquid

GIVEN = 0.0
PHOEBUS = 1.0
HYSOLAR = 2.0
SANCHEZ_2018 = 3.0
CELLS = ("given", "phoebus", "hysolar", "sanchez_2018")
"""Words of the parameter ``cell``; the codes above are their places."""

_SANCHEZ_REVERSIBLE_V = 1.229


@leaf
def ohmic_terms(c):
    """Return r1, ohm m2; r2, ohm m2/K; d, ohm m2/Pa of the cell's resistance r1 + r2 theta + d p."""
    if c.cell == PHOEBUS:
        return 8.05e-5, -2.5e-7, 0.0
    if c.cell == HYSOLAR:
        return 7.331e-5, -1.107e-7, 0.0
    if c.cell == SANCHEZ_2018:
        return 4.45153e-5 - 3.12996e-6, 6.88874e-9, 4.47137e-12
    return c.ohmic_ohm_m2, c.ohmic_slope_ohm_m2_per_k, c.ohmic_pressure_ohm_m2_per_pa


@leaf
def activation_terms(c):
    """Return s0, V; s1, V/K; s2, V/K2; t1, m2/A; t2, m2 K/A; t3, m2 K2/A of s log10(t j + 1).

    t = t1 + t2/theta + t3/theta^2. t1 of PHOEBUS meets its measured curve; 1.002, as it is copied, misses it by 0.18 V.
    """
    if c.cell == PHOEBUS:
        return 0.185, 0.0, 0.0, -0.1002, 8.424, 247.3
    if c.cell == HYSOLAR:
        return 0.1586, 1.378e-3, -1.606e-5, 0.01559, -1.302, 421.3
    if c.cell == SANCHEZ_2018:
        return 0.33824, 0.0, 0.0, -0.01539, 2.00181, 15.24178
    return (
        c.activation_v,
        0.0,
        0.0,
        c.activation_first_m2_per_a,
        c.activation_second_m2_k_per_a,
        c.activation_third_m2_k2_per_a,
    )


@leaf
def faraday_terms(c, temperature_k):
    """Return f1, A2/m4, and f2 of the share of the current that splits water (``splitting_share``)."""
    theta = correlation_temperature(temperature_k)
    if c.cell == SANCHEZ_2018:
        return 478645.74 - 2953.15 * theta, 1.0396 - 0.00104 * theta
    if c.cell == PHOEBUS or c.cell == HYSOLAR:
        return 5.0e3 + 250.0 * theta, 1.0 - 2.5e-4 * theta
    return (
        c.faraday_half_a2_per_m4 + c.faraday_half_slope_a2_per_m4_k * theta,
        c.faraday_limit_frac + c.faraday_limit_slope_per_k * theta,
    )


@leaf
def alkaline_polarisation(c, temperature_k, pressure_pa, vapour_pa):
    """Return what the voltage of a new cell follows from, in the order in which ``alkaline_voltage`` takes it.

    Arguments: temperature, K; pressure of both sides and vapour pressure over the lye, Pa. Returns (voltage without
    current, V; resistance, ohm m2; activation voltage a decade, V; its factor of the current density, m2/A).
    """
    theta = correlation_temperature(temperature_k)
    ohmic_ratio = activated(c.ohmic_ratio, c.ohmic_ratio_activation_k, temperature_k)
    activation_ratio = activated(c.activation_ratio, c.activation_ratio_activation_k, temperature_k)
    r1, r2, d = ohmic_terms(c)
    s0, s1, s2, t1, t2, t3 = activation_terms(c)
    if c.cell == SANCHEZ_2018:
        zero_current_v = _SANCHEZ_REVERSIBLE_V
    else:
        zero_current_v = reversible_voltage_liquid(temperature_k) + pressure_voltage(
            temperature_k, pressure_pa, vapour_pa
        )
    return (
        zero_current_v,
        ohmic_ratio * (r1 + r2 * theta + d * pressure_pa),
        activation_ratio * (s0 + theta * (s1 + theta * s2)),
        t1 + (t2 + t3 / theta) / theta,
    )


@leaf
def lye_carry(c, area_m2):
    """Return the lye that changes sides, m3 per s and m2 of active area: of fully mixed loops half of each flow."""
    return 0.5 * c.lye_mixed_frac * c.lye_flow_m3_per_s_w * c.rated_power_w / area_m2


@leaf
def crossing(c, splitting_a_per_m2, area_m2, pressure_pa):
    """Return hydrogen and oxygen that get to the other side while current flows, mol/s.

    Arguments: current density that splits water, A/m2; active area of all cells, m2; pressure of the gases, Pa.
    Nothing crosses that was not made: the caller sees to it.
    """
    factor = supersaturation_factor(splitting_a_per_m2, c.supersaturation_exponent)
    carry, per_m = lye_carry(c, area_m2), 1.0 / c.diaphragm_thickness_m
    h2 = dissolved_crossover(
        pressure_pa,
        c.h2_permeability_mol_per_m_s_pa * per_m,
        c.supersaturation_pa,
        factor,
        carry * c.h2_solubility_mol_per_m3_pa * pressure_pa,
    )
    o2 = dissolved_crossover(
        pressure_pa,
        c.o2_permeability_mol_per_m_s_pa * per_m,
        c.supersaturation_pa,
        factor,
        carry * c.o2_solubility_mol_per_m3_pa * pressure_pa,
    )
    return area_m2 * h2, area_m2 * o2


@leaf
def cell_count(c, power_density_w_per_m2):
    """Return the cells in series: those given, or as many as carry the rated power at the rated current density."""
    if c.n_cells > 0.0:
        return c.n_cells
    return c.rated_power_w * (1.0 - pump_frac(c)) / (power_density_w_per_m2 * c.cell_area_m2)


@leaf
def pump_frac(c):
    """Return the power of the lye pump over the rated power: flow times pressure over efficiency."""
    return c.lye_flow_m3_per_s_w * c.pump_pressure_pa / c.pump_efficiency_frac
