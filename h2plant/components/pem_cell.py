"""The cells of a PEM stack: from its parameters to the terms of the cell voltage and to the gases."""

from h2plant.core.constants import WATER_SPLIT_MOL_PER_C
from h2plant.core.jit import leaf
from h2plant.physics.pem_electrochemistry import (
    ANODE_OVERPRESSURE,
    CATHODE_OVERPRESSURE,
    cell_products,
    cell_resistance,
    exchange_current_density_tjarks_2017,
    hydrogen_crossover,
    oxygen_crossover,
    permeability_ratio,
    tafel_slope_tjarks_2017,
)
from h2plant.physics.reversible_voltage import reversible_voltage_liquid


@leaf
def polarisation(c, temperature_k, saturation_pa, cathode_pa, anode_pa):
    """Return what the cell voltage of a new stack follows from, in the order in which ``cell_voltage`` takes it.

    Arguments: temperature, K; saturation pressure of water there, pressure of cathode and anode, Pa. Returns
    (reversible voltage at 1 bar, V; hydrogen and oxygen partial pressure, Pa; slope of the activation voltage, V;
    exchange current density, A/m2; resistance, ohm m2).
    """
    return (
        reversible_voltage_liquid(temperature_k),
        cathode_pa - saturation_pa,
        anode_pa - saturation_pa,
        c.tafel_slope_ratio * tafel_slope_tjarks_2017(temperature_k),
        c.exchange_current_ratio * exchange_current_density_tjarks_2017(temperature_k),
        cell_resistance(temperature_k, c.membrane_thickness_m, c.membrane_water_ratio, c.electrode_resistance_ohm_m2),
    )


@leaf
def stack_products(c, area_m2, j, temperature_k, p_h2, p_o2, overpressure_pa, cathode_recombination_frac):
    """Return where the gases end, mol/s (see ``cell_products``).

    Gas crosses from where it is made, where it stands as far above the channel's pressure as the cell voltage has it.
    Arguments: active area of all cells, m2; current density, A/m2; temperature, K; partial pressures of hydrogen and
    oxygen in the channels, and cathode over anode pressure, Pa; part of the crossing oxygen that the cathode reduces.
    """
    diffusion, convection = c.h2_diffusion_mol_per_m_s_pa, c.h2_convection_mol_per_m_s_pa
    made_h2, made_o2 = p_h2 + CATHODE_OVERPRESSURE * j, p_o2 + ANODE_OVERPRESSURE * j
    area = area_m2 * permeability_ratio(temperature_k, c.permeation_activation_k)
    return cell_products(
        j * area_m2 * WATER_SPLIT_MOL_PER_C,
        area * hydrogen_crossover(made_h2, overpressure_pa, diffusion, convection, c.membrane_thickness_m),
        area * oxygen_crossover(made_o2, c.o2_diffusion_mol_per_m_s_pa, c.membrane_thickness_m),
        c.recombination_frac,
        cathode_recombination_frac,
    )
