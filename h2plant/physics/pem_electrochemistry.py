"""Polarisation, current at a given power, and gas crossover of a proton exchange membrane electrolysis cell.

Cell voltage (Tjarks 2017, dissertation RWTH Aachen, PEM-Elektrolyse-Systeme zur Anwendung in
Power-to-Gas-Anlagen; coded in SimSES, Moeller et al. 2022, 10.1016/j.est.2021.103743):

    V = V_rev(T) + RT/(2F) ln(p_H2 sqrt(p_O2) / p0^1.5) + b(T) ln(1 + j/j0(T)) + (delta/sigma(T) + R_el) j
    p_H2 = p_cathode - p_sat(T) + 24 Pa m2/A j        p_O2 = p_anode - p_sat(T) + 28 Pa m2/A j

The terms in j raise the pressure at the catalyst over that of the channel. ``1 + j/j0`` instead of the
paper's ``j/j0`` makes the activation voltage zero without current (differs below 1e-4 A/cm2 only).
Against 27 operating points of the published model (40, 60, 80 C; 1, 15, 30 bar; 0.05 to 3 A/cm2): within
2.6 mV. Range: 273 to 368 K, 0 to 3.5 A/cm2; below 313 K the temperature terms are extrapolated.
"""

import math

from h2plant.core.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K, STANDARD_PRESSURE_PA
from h2plant.core.exponential import exponential, exponential_less_one
from h2plant.core.jit import kernel, leaf

ANODE_OVERPRESSURE = 28.0  # Pa m2/A, Tjarks 2017: 2.8 bar cm2/A
CATHODE_OVERPRESSURE = 24.0  # Pa m2/A, Tjarks 2017: 2.4 bar cm2/A
_PERMEABILITY_K = 353.15  # at which permeabilities are given
_R_PER_4F = GAS_CONSTANT_J_PER_MOL_K / (4.0 * FARADAY_C_PER_MOL)
_LN_P0_CUBED = 3.0 * math.log(STANDARD_PRESSURE_PA)

# Activation, fitted to the published model's values at 40, 60 and 80 C (which carry a Tafel slope that falls
# and an exchange current that hardly changes with temperature): straight line and Arrhenius form.
_T_ACTIVATION = 333.15
_TAFEL_SLOPE = 2.25525787e-2  # V
_TAFEL_SLOPE_CHANGE = -7.61052021e-5  # V/K
_LN_EXCHANGE_CURRENT = math.log(1.0e4) - 17.1314681  # ln of A/m2
_EXCHANGE_CURRENT_TEMPERATURE = -260.063785  # K, activation energy over R, negative sign

_MAX_ITERATIONS = 30
_MOST_DOUBLINGS = 40
_HALVINGS = 100
_HALVED_FRAC = 1.0e-9
_CONVERGED = 1.0e-5  # relative Newton step after which the remaining error is below 2e-11


@leaf
def tafel_slope_tjarks_2017(temperature_k):
    """Return the slope b, V, of the activation voltage per unit of ln(j); 273 to 368 K."""
    return _TAFEL_SLOPE + _TAFEL_SLOPE_CHANGE * (temperature_k - _T_ACTIVATION)


@leaf
def exchange_current_density_tjarks_2017(temperature_k):
    """Return the apparent exchange current density j0, A/m2; 273 to 368 K."""
    return exponential(
        _LN_EXCHANGE_CURRENT + _EXCHANGE_CURRENT_TEMPERATURE * (1.0 / temperature_k - 1.0 / _T_ACTIVATION)
    )


@leaf
def membrane_conductivity_ratio(temperature_k):
    """Return the proton conductivity of Nafion over that at 303 K, as in ``membrane_resistance``."""
    return exponential(1268.0 * (1.0 / 303.0 - 1.0 / temperature_k))


@leaf
def membrane_resistance(conductivity_ratio, membrane_thickness_m, water_content_ratio):
    """Return the area-specific resistance of a membrane of Nafion, ohm m2: its thickness over its conductivity.

    sigma = 100 (0.005139 lambda - 0.00326) exp(1268 (1/303 - 1/T)); lambda: mol water per mol sulphonic
    group (14 in saturated vapour, 20 to 25 in liquid water). Springer, Zawodzinski, Gottesfeld 1991,
    10.1149/1.2085971; 303 to 363 K, lambda above 1.
    """
    return membrane_thickness_m / (100.0 * (0.005139 * water_content_ratio - 0.00326) * conductivity_ratio)


@leaf
def cell_resistance(temperature_k, membrane_thickness_m, water_content_ratio, electrode_resistance_ohm_m2):
    """Return the area-specific resistance of membrane, electrodes and contacts, ohm m2."""
    ratio = membrane_conductivity_ratio(temperature_k)
    return electrode_resistance_ohm_m2 + membrane_resistance(ratio, membrane_thickness_m, water_content_ratio)


@leaf
def _voltage_and_slope(j, u0, g, p_h2, p_o2, b, j0, r):
    """Return cell voltage, V, and its derivative, V m2/A (symbols as in ``cell_voltage``)."""
    h = p_h2 + CATHODE_OVERPRESSURE * j
    o = p_o2 + ANODE_OVERPRESSURE * j
    voltage = u0 + g * (math.log(h * h * o) - _LN_P0_CUBED) + b * math.log((j + j0) / j0) + r * j
    return voltage, g * (2.0 * CATHODE_OVERPRESSURE / h + ANODE_OVERPRESSURE / o) + b / (j + j0) + r


@kernel
def cell_voltage(
    current_density_a_per_m2,
    temperature_k,
    zero_current_voltage_v,
    h2_pressure_pa,
    o2_pressure_pa,
    tafel_slope_v,
    exchange_a_per_m2,
    resistance_ohm_m2,
):
    """Return the cell voltage, V.

    voltage_at_rest_v: reversible voltage at 1 bar plus what ageing added; h2_pressure_pa, o2_pressure_pa:
    partial pressures in the channels; resistance_ohm_m2: membrane, contacts and electrodes.
    """
    voltage, _ = _voltage_and_slope(
        current_density_a_per_m2,
        zero_current_voltage_v,
        _R_PER_4F * temperature_k,
        h2_pressure_pa,
        o2_pressure_pa,
        tafel_slope_v,
        exchange_a_per_m2,
        resistance_ohm_m2,
    )
    return voltage


@kernel
def current_density_at_power(
    power_density_w_per_m2,
    start_a_per_m2,
    temperature_k,
    zero_current_voltage_v,
    h2_pressure_pa,
    o2_pressure_pa,
    tafel_slope_v,
    exchange_a_per_m2,
    resistance_ohm_m2,
):
    """Return (current density in A/m2, cell voltage in V) at a power per active area; current -1 on failure.

    Newton's method on j V(j) = power density from a start value; the function rises and is convex over the
    range where it matters, so that after the first step it converges from above. Where it does not (a start far off, a
    flat curve), the range is halved. -1 where no current takes that power: a state that is no number.
    """
    j = start_a_per_m2
    if j <= 0.0:
        j = 0.5 * power_density_w_per_m2
    g = _R_PER_4F * temperature_k
    for _ in range(_MAX_ITERATIONS):
        voltage, slope = _voltage_and_slope(
            j,
            zero_current_voltage_v,
            g,
            h2_pressure_pa,
            o2_pressure_pa,
            tafel_slope_v,
            exchange_a_per_m2,
            resistance_ohm_m2,
        )
        change = (power_density_w_per_m2 - j * voltage) / (voltage + j * slope)
        following = max(j + change, 0.1 * j)
        if abs(following - j) <= _CONVERGED * following:
            return following, voltage + slope * (following - j)
        j = following
    low, high = 0.0, power_density_w_per_m2
    for _ in range(_MOST_DOUBLINGS):
        voltage, _ = _voltage_and_slope(
            high,
            zero_current_voltage_v,
            g,
            h2_pressure_pa,
            o2_pressure_pa,
            tafel_slope_v,
            exchange_a_per_m2,
            resistance_ohm_m2,
        )
        if high * voltage >= power_density_w_per_m2:
            break
        high *= 2.0
    voltage = 0.0
    for _ in range(_HALVINGS):
        j = 0.5 * (low + high)
        voltage, _ = _voltage_and_slope(
            j,
            zero_current_voltage_v,
            g,
            h2_pressure_pa,
            o2_pressure_pa,
            tafel_slope_v,
            exchange_a_per_m2,
            resistance_ohm_m2,
        )
        if j * voltage < power_density_w_per_m2:
            low = j
        else:
            high = j
    is_met = abs(j * voltage - power_density_w_per_m2) <= _HALVED_FRAC * power_density_w_per_m2
    return (j, voltage) if is_met else (-1.0, 0.0)


@leaf
def permeability_exponent(temperature_k, activation_k):
    """Return the exponent of ``permeability_ratio``, -."""
    return activation_k * (1.0 / _PERMEABILITY_K - 1.0 / temperature_k)


@leaf
def permeability_ratio(temperature_k, activation_k):
    """Return the permeability of the membrane over that at 80 C, (-): exp(-E/R (1/T - 1/353.15 K)).

    E/R = 2680 K goes through the permeabilities to hydrogen of Trinke et al. 2016 (10.1149/07514.1081ecst, 2.95e-14
    mol/(m s Pa) at 60 C) and of Schalenbach et al. 2013 (4.65e-14 at 80 C).
    """
    return exponential(permeability_exponent(temperature_k, activation_k))


@leaf
def hydrogen_crossover(
    h2_pressure_pa, overpressure_pa, diffusion_mol_per_m_s_pa, convection_mol_per_m_s_pa, thickness_m
):
    """Return the hydrogen that crosses to the anode, mol/(m2 s).

    n = (K_diffusion p_H2 + K_pressure (p_cathode - p_anode)) / thickness. Schalenbach et al. 2013,
    10.1016/j.ijhydene.2013.09.013 (permeabilities at 80 C: 4.65e-14 and 2e-14 mol/(m s Pa)); SimSES.
    """
    return (
        diffusion_mol_per_m_s_pa * h2_pressure_pa + convection_mol_per_m_s_pa * max(overpressure_pa, 0.0)
    ) / thickness_m


@leaf
def oxygen_crossover(o2_pressure_pa, diffusion_mol_per_m_s_pa, thickness_m):
    """Return the oxygen that crosses to the cathode by diffusion, mol/(m2 s); Schalenbach et al. 2013."""
    return diffusion_mol_per_m_s_pa * o2_pressure_pa / thickness_m


@leaf
def dragged_crossover(diffused, dragged):
    """Return the gas that crosses by diffusion in water that flows the same way, in the unit of the two.

    n = n_w / (1 - exp(-n_w / n_d)), the steady solution of n = -D dc/dx + v c over a layer with nothing behind it;
    n_d: by diffusion alone, n_w: dissolved in dragged water. Half of the latter comes on top while it is small
    (R. B. Bird, W. E. Stewart, E. N. Lightfoot, Transport Phenomena, 2nd ed., chapter 18; of drag as a way of gases
    through membranes of electrolysers Trinke et al. 2018, 10.1149/2.0541807jes).
    """
    if dragged <= 0.0:
        return diffused
    if diffused <= 0.0:
        return dragged
    return dragged / -exponential_less_one(-dragged / diffused)


@kernel
def cell_products(split, h2_crossing, o2_crossing, recombination_frac, cathode_recombination_frac):
    """Return where the gases of an electrolysis cell end, mol/s.

    Arguments: water split by the current and gas crossing the membrane, mol/s; the part of the crossing
    hydrogen that a recombination catalyst burns on the anode side; the part of the crossing oxygen that the
    cathode reduces. Nothing crosses that was not made.

    Returns
    -------
    (hydrogen at the cathode, oxygen at the cathode, hydrogen at the anode, oxygen at the anode,
    water made at the cathode, water split less water made again)
    """
    crossed = min(h2_crossing, split)
    o2_crossed = min(o2_crossing, 0.5 * split)
    burnt = recombination_frac * min(crossed, split - 2.0 * o2_crossed)
    reduced = min(2.0 * o2_crossed * cathode_recombination_frac, split - crossed)
    return (
        split - crossed - reduced,
        o2_crossed - 0.5 * reduced,
        crossed - burnt,
        0.5 * (split - burnt) - o2_crossed,
        reduced,
        split - burnt - reduced,
    )
