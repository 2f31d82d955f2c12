"""Purification of hydrogen: catalytic oxygen removal, temperature-swing drying, purity limits."""

import math

from h2plant.core.constants import GAS_CONSTANT_J_PER_MOL_K, MOLAR_MASS_H2O_KG_PER_MOL, STANDARD_TEMPERATURE_K
from h2plant.core.exponential import exponential, exponential_less_one
from h2plant.core.jit import kernel, leaf
from h2plant.physics.relaxation import linear_step

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

_SHARPEST_FRAC = 1.0e-3
"""No zone of a front is shorter."""

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
    surface = surface_units / flow_ratio * exponential(exponent)
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
    return clean - room * exponential_less_one(-arriving_kg_per_s * remaining_s / (saturation_kg - breakthrough_kg))


@leaf
def _time_to(temperature_k, edge_k, rate_k_per_s, decay_per_s):
    """Return the time, s, until dT/dt = rate - decay (T - T_0), T_0 the temperature now, has come to ``edge_k``."""
    distance = edge_k - temperature_k
    x = decay_per_s * distance / rate_k_per_s
    if abs(x) < 1.0e-8:
        return distance / rate_k_per_s * (1.0 + 0.5 * x)
    return -math.log1p(-x) / decay_per_s


@leaf
def on_isobar(temperature_k, load_kg, bed_j_per_k, desorption_j_per_kg, line_start_k, line_end_k, line_load_kg):
    """Return (temperature, K; load, kg) of a bed in purge gas that may be too hot for what it holds.

    It gives off water at its own cost of heat, C (T - T') = q (W - W_line(T')), down to the sieve's isobar
    W_line(T) = W_start (T_end - T) / (T_end - T_start). A linear isobar is a fair picture of water on 4A sieve at low
    pressure (20 % at 40 C, 2 to 4 % at 230 C; D. W. Breck, Zeolite Molecular Sieves, Wiley 1974).
    """
    slope = line_load_kg / (line_end_k - line_start_k)  # kg/K
    onset_k = line_end_k - load_kg / slope  # here the isobar meets the load
    if load_kg <= 0.0 or onset_k >= temperature_k:
        return temperature_k, load_kg
    desorption_j_per_k = desorption_j_per_kg * slope
    T = (bed_j_per_k * temperature_k + desorption_j_per_k * onset_k) / (bed_j_per_k + desorption_j_per_k)
    if T >= line_end_k:
        T = temperature_k - desorption_j_per_kg * load_kg / bed_j_per_k
    return T, max(slope * (line_end_k - T), 0.0)


@kernel
def regenerated_bed(bed, gas, surroundings, isobar, start_k, zone_frac, dt):
    """Advance a bed through which a front of hot or cold purge gas moves, by ``dt``; exact for any step.

    Behind the front the bed has the inlet's temperature and the load of the isobar there, before it those with which
    the stage began; the front is a zone of the share z of the bed. With u = (T - T_0) / (T_in - T_0) of the mean
    temperature, gas leaves at T_0 up to u = 1 - z; then its temperature rises with u to that of the inlet:

        C' dT/dt = K (T_in - T_out) - k (T - T_amb),    C' = C + q (W - W_line(T_in)) / (T_in - T)

    so that heat goes into warmth and desorption alike while the front passes. z = 1 is a mixed bed, 0 a sharp front.
    Cooled in dry gas a bed keeps its load. One too hot for its load gives water off first (``on_isobar``). Zone of mass
    transfer: GPSA Engineering Data Book, 12th ed., section 20.

    Parameters
    ----------
    bed
        (temperature, K; load, kg; heat capacity of sorbent and vessel, J/K; heat of desorption, J/kg).
    gas
        (heat capacity rate of the purge gas, W/K; its inlet temperature, K).
    surroundings
        (loss to them, W/K; their temperature, K).
    isobar
        (start, K; end, K; load at the start, kg).
    start_k
        T_0, temperature of the bed when the stage began.
    zone_frac
        z.
    dt
        Time, s.

    Returns
    -------
    (temperature_k, load_kg, loss_j)
        State at the end; heat lost to the surroundings.
    """
    temperature_k, load_kg, bed_j_per_k, desorption_j_per_kg = bed
    gas_w_per_k, inlet_k = gas
    loss_w_per_k, ambient_k = surroundings
    line_start_k, line_end_k, line_load_kg = isobar
    if gas_w_per_k <= 0.0:
        change = (ambient_k - temperature_k) * -exponential_less_one(-loss_w_per_k * dt / bed_j_per_k)
        return temperature_k + change, load_kg, -bed_j_per_k * change
    T, load = on_isobar(
        temperature_k, load_kg, bed_j_per_k, desorption_j_per_kg, line_start_k, line_end_k, line_load_kg
    )
    begun_k, begun_kg, per_k = T, load, 0.0
    if inlet_k > T:
        left = max(line_load_kg * (line_end_k - inlet_k) / (line_end_k - line_start_k), 0.0)
        per_k = max(load - left, 0.0) / (inlet_k - T)
    wet_j_per_k = bed_j_per_k + desorption_j_per_kg * per_k
    span = inlet_k - start_k
    zone = max(zone_frac, _SHARPEST_FRAC)
    edge_k = inlet_k - zone * span
    remaining_s, loss_j = dt, 0.0
    if (edge_k - T) * span > 0.0:  # the front is yet to arrive at the end of the bed
        heating_w = gas_w_per_k * span
        capacity = (
            wet_j_per_k if heating_w > loss_w_per_k * (T - ambient_k) else bed_j_per_k
        )  # cooling it keeps its load
        decay = loss_w_per_k / capacity
        rate = heating_w / capacity - decay * (T - ambient_k)
        end_k, _ = linear_step(T, (heating_w + loss_w_per_k * ambient_k) / capacity, decay, dt)
        passed_s = dt
        if (edge_k - end_k) * span < 0.0:
            passed_s = min(_time_to(T, edge_k, rate, decay), dt)
            end_k = edge_k
        loss_j = heating_w * passed_s - capacity * (end_k - T)
        T = end_k
        remaining_s = dt - passed_s
    if remaining_s > 0.0:
        exchange = gas_w_per_k / zone
        total = exchange + loss_w_per_k
        limit_k = (exchange * inlet_k + loss_w_per_k * ambient_k) / total
        capacity = wet_j_per_k if limit_k > T else bed_j_per_k
        change = (limit_k - T) * -exponential_less_one(-total * remaining_s / capacity)
        # the mean below the limit follows from what the bed took up
        loss_j += loss_w_per_k * ((limit_k - ambient_k) * remaining_s - change * capacity / total)
        T += change
    load = begun_kg - per_k * max(T - begun_k, 0.0)
    if inlet_k > line_end_k:  # the way to the inlet's state lies above the isobar
        T, load = on_isobar(T, load, bed_j_per_k, desorption_j_per_kg, line_start_k, line_end_k, line_load_kg)
    return T, load, loss_j
