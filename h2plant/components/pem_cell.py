"""The cells of a PEM stack: from its parameters to the terms of the cell voltage and to the gases."""

from h2plant.core.jit import leaf
from h2plant.physics.pem_electrochemistry import (
    cell_products,
    cell_resistance,
    exchange_current_density_tjarks_2017,
    hydrogen_crossover,
    oxygen_crossover,
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
def stack_products(c, area_m2, split, p_h2, p_o2, overpressure_pa, cathode_recombination_frac):
    """Return where the gases end, mol/s (see ``cell_products``).

    Arguments: active area of all cells, m2; water split by the current, mol/s; partial pressures of hydrogen and
    oxygen, and cathode over anode pressure, Pa; part of the crossing oxygen that the cathode reduces.
    """
    diffusion, convection = c.h2_diffusion_mol_per_m_s_pa, c.h2_convection_mol_per_m_s_pa
    return cell_products(
        split,
        area_m2 * hydrogen_crossover(p_h2, overpressure_pa, diffusion, convection, c.membrane_thickness_m),
        area_m2 * oxygen_crossover(p_o2, c.o2_diffusion_mol_per_m_s_pa, c.membrane_thickness_m),
        c.recombination_frac,
        cathode_recombination_frac,
    )
