"""Purification of hydrogen: catalytic oxygen removal, temperature-swing drying, purity limits."""

import math

from h2plant.core.constants import GAS_CONSTANT_J_PER_MOL_K, MOLAR_MASS_H2O_KG_PER_MOL, STANDARD_TEMPERATURE_K
from h2plant.core.jit import kernel, leaf

# Hydrogen for fuel-cell vehicles, grade D: highest mole fractions (ISO 14687:2019, table 2)
GRADE_D_WATER_FRAC = 5.0e-6
GRADE_D_O2_FRAC = 5.0e-6
GRADE_D_N2_FRAC = 300.0e-6

VAPOUR_FORMATION_J_PER_KG = -241826.0 / MOLAR_MASS_H2O_KG_PER_MOL
"""Enthalpy of formation of water vapour at 298.15 K (CODATA key values, Cox et al. 1989: -241.826 kJ/mol)."""

VAPOUR_CAPACITY_J_PER_KG_K = 1868.0
"""Heat capacity of dilute water vapour, ideal gas at 300 K (33.6 J/(mol K), NIST-JANAF)."""

LIQUID_FORMATION_J_PER_KG = -285830.0 / MOLAR_MASS_H2O_KG_PER_MOL
LIQUID_CAPACITY_J_PER_KG_K = 4184.0
"""Liquid water at 298.15 K (CODATA key values: -285.830 kJ/mol; IAPWS-95)."""

HEAT_OF_DESORPTION_J_PER_KG = 4.187e6
"""Water off molecular sieve, 1800 Btu/lb (GPSA Engineering Data Book, 12th ed., section 20, eq. 20-21)."""

HYDROGEN_COMBUSTION_J_PER_MOL_O2 = 2.0 * 241826.0
"""Heat of 2 H2 + O2 -> 2 H2O (vapour) at 298.15 K."""


@leaf
def dilute_vapour_enthalpy(temperature_k):
    """Return the specific enthalpy of dilute water vapour, J/kg, formation included.

    h = h_f + cp (T - 298.15 K). Within 0.3 kJ/kg from 273 to 360 K: for traces (ppm) of vapour in dried gas.
    """
    return VAPOUR_FORMATION_J_PER_KG + VAPOUR_CAPACITY_J_PER_KG_K * (temperature_k - STANDARD_TEMPERATURE_K)


@leaf
def entrained_liquid_enthalpy(temperature_k):
    """Return the specific enthalpy of liquid water, J/kg, formation included: h = h_f + cp (T - 298.15 K).

    Within 0.5 kJ/kg from 274 to 340 K up to 10 bar, 4 kJ/kg at 40 bar: for liquid where none should be.
    """
    return LIQUID_FORMATION_J_PER_KG + LIQUID_CAPACITY_J_PER_KG_K * (temperature_k - STANDARD_TEMPERATURE_K)


@leaf
def catalyst_transfer_units(
    flow_ratio, temperature_k, film_units, surface_units, reference_temperature_k, activation_j_per_mol
):
    """Return the number of transfer units of a catalyst bed for oxygen in excess hydrogen, (-).

    Film and surface reaction in series, both first order in oxygen:
    1 / N = 1 / (N_film r^-0.4) + 1 / (N_surface r^-1 exp(-E/R (1/T - 1/T_ref))), with r the flow over the
    nominal one. The exponent is that of packed beds, Sh ~ Re^0.6 (N. Wakao, T. Funazkri 1978,
    DOI 10.1016/0009-2509(78)85120-3; range Re 3 to 3000). The outlet fraction is exp(-N).
    """
    film = film_units * flow_ratio**-0.4
    exponent = activation_j_per_mol / GAS_CONSTANT_J_PER_MOL_K * (1.0 / reference_temperature_k - 1.0 / temperature_k)
    surface = surface_units / flow_ratio * math.exp(exponent)
    return film * surface / (film + surface)


@leaf
def adsorbed_mass(load_kg, arriving_kg_per_s, breakthrough_kg, saturation_kg, dt):
    """Return the water, kg, that a bed takes up in ``dt`` seconds, exactly.

    Below the breakthrough load everything that arrives stays. Beyond it the share that slips through rises
    linearly with the load, to all of it at saturation: dW/dt = F (W_sat - W) / (W_sat - W_b).
    """
    if arriving_kg_per_s <= 0.0:
        return 0.0
    if load_kg + arriving_kg_per_s * dt <= breakthrough_kg:
        return arriving_kg_per_s * dt
    clean = max(breakthrough_kg - load_kg, 0.0)
    remaining_s = dt - clean / arriving_kg_per_s
    room = saturation_kg - max(load_kg, breakthrough_kg)
    if room <= 0.0:
        return clean
    return clean - room * math.expm1(-arriving_kg_per_s * remaining_s / (saturation_kg - breakthrough_kg))


@kernel
def regenerated_bed(
    temperature_k,
    load_kg,
    exchange_w_per_k,
    limit_k,
    bed_j_per_k,
    desorption_j_per_kg,
    line_start_k,
    line_end_k,
    line_load_kg,
    dt,
):
    """Advance a bed in a stream of purge gas by ``dt``; exact, also across the limits of its range of desorption.

    The bed is one lump, (C + q |dW/dT|) dT/dt = K (T_limit - T). Its load follows the isobar of the adsorbent
    when it gets too hot for what it holds: W <= W_line(T) = W_start (T_end - T) / (T_end - T_start). Cooled in
    dry gas it keeps its load. A bed that starts above the isobar (heated by what it adsorbed) first gives off
    water at its own cost of heat, C (T - T') = q (W - W_line(T')). A linear isobar is a fair picture of water on
    4A sieve at low pressure (20 % at 40 C, 2 to 4 % at 230 C; D. W. Breck, Zeolite Molecular Sieves, Wiley 1974).

    Parameters
    ----------
    temperature_k, load_kg : float
        State of the bed.
    exchange_w_per_k, limit_k : float
        K: capacity rate of the gas and loss to the surroundings; T_limit: their mean temperature by weight.
    bed_j_per_k, desorption_j_per_kg : float
        C of adsorbent and vessel; q.
    line_start_k, line_end_k, line_load_kg : float
        T_start, T_end, W_start of the isobar.
    dt : float
        Time, s.

    Returns
    -------
    (temperature_k, load_kg, heat_j)
        State at the end; heat K * integral of (T_limit - T).
    """
    slope = line_load_kg / (line_end_k - line_start_k)  # kg/K
    T = temperature_k
    load = load_kg
    onset_k = line_end_k - load / slope  # here the isobar meets the load
    if (exchange_w_per_k > 0.0) & (load > 0.0) & (onset_k < T):
        desorption_j_per_k = desorption_j_per_kg * slope
        T = (bed_j_per_k * T + desorption_j_per_k * onset_k) / (bed_j_per_k + desorption_j_per_k)
        if T >= line_end_k:
            T = temperature_k - desorption_j_per_kg * load / bed_j_per_k
        load = max(slope * (line_end_k - T), 0.0)
        onset_k = T
    if (exchange_w_per_k <= 0.0) | (limit_k <= T) | (load <= 0.0):
        end_k = limit_k + (T - limit_k) * math.exp(-exchange_w_per_k * dt / bed_j_per_k)
        return end_k, load, bed_j_per_k * (end_k - T)
    heat_j = 0.0
    remaining_s = dt
    for piece in range(3):  # warming up, desorbing, dry
        capacity = bed_j_per_k
        upper_k = 1.0e9
        if piece == 0:
            upper_k = onset_k
        elif piece == 1:
            capacity = bed_j_per_k + desorption_j_per_kg * slope
            upper_k = line_end_k
        if T < upper_k:
            end_k = limit_k + (T - limit_k) * math.exp(-exchange_w_per_k * remaining_s / capacity)
            if end_k > upper_k:
                end_k = upper_k
                remaining_s -= capacity / exchange_w_per_k * math.log((limit_k - T) / (limit_k - upper_k))
            else:
                remaining_s = 0.0
            if piece == 1:
                end_load = max(slope * (line_end_k - end_k), 0.0)
                heat_j += desorption_j_per_kg * (load - end_load) + bed_j_per_k * (end_k - T)
                load = end_load
            else:
                heat_j += bed_j_per_k * (end_k - T)
            T = end_k
            if remaining_s <= 0.0:
                return T, load, heat_j
    return T, load, heat_j
