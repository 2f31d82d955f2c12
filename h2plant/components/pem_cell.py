"""The cells of a PEM stack: from its parameters to the terms of the cell voltage, to the gases and the water."""

from h2plant.components.pem_held import find_cell, held_permeability_ratio
from h2plant.core.constants import WATER_SPLIT_MOL_PER_C
from h2plant.core.jit import leaf
from h2plant.physics.activation import activated
from h2plant.physics.pem_electrochemistry import (
    ANODE_OVERPRESSURE,
    CATHODE_OVERPRESSURE,
    cell_products,
    dragged_crossover,
    hydrogen_crossover,
    membrane_resistance,
    oxygen_crossover,
    tafel_slope_tjarks_2017,
)


@leaf
def polarisation(c, temperature_k, saturation_pa, cathode_pa, anode_pa):
    """Return what the cell voltage of a new stack follows from, in the order in which ``cell_voltage`` takes it.

    Arguments: temperature, K; saturation pressure of water there, pressure of cathode and anode, Pa. Returns
    (reversible voltage at 1 bar, V; hydrogen and oxygen partial pressure, Pa; slope of the activation voltage, V;
    exchange current density, A/m2; resistance, ohm m2).
    """
    find_cell(c, temperature_k)
    slope_ratio = activated(c.tafel_slope_ratio, c.tafel_slope_ratio_activation_k, temperature_k)
    exchange_ratio = activated(c.exchange_current_ratio, c.exchange_current_ratio_activation_k, temperature_k)
    electrodes = activated(c.electrode_resistance_ohm_m2, c.electrode_resistance_ohm_m2_activation_k, temperature_k)
    return (
        c.held_reversible_v,
        cathode_pa - saturation_pa,
        anode_pa - saturation_pa,
        slope_ratio * tafel_slope_tjarks_2017(temperature_k),
        exchange_ratio * c.held_exchange_a_per_m2,
        membrane_resistance(c.held_conductivity_ratio, c.membrane_thickness_m, c.membrane_water_ratio) + electrodes,
    )


@leaf
def _cathode_water(c, split, h2, reduced, saturation_pa, cathode_pa, anode_pa):
    """Return the water that leaves with the hydrogen, and the hydrogen in what comes back to the loop, mol/s.

    Protons drag ``drag_ratio`` molecules each. Of what does not saturate the hydrogen the separator takes its share,
    with hydrogen dissolved at the cathode's pressure. A drum at the loop's pressure lets off what that no longer
    dissolves; the rest gets into the oxygen. Returns (water; hydrogen let off; hydrogen into the loop), mol/s.
    """
    p_h2 = cathode_pa - saturation_pa
    water = 2.0 * split * c.drag_ratio + reduced
    back = max(water - h2 * saturation_pa / p_h2, 0.0) * c.separator_frac
    per_pa = back * c.held_h2_per_pa
    dissolved = min(per_pa * p_h2, h2)
    kept = min(per_pa * max(anode_pa - saturation_pa, 0.0), dissolved)
    return water - back, dissolved - kept, kept


@leaf
def stack_products(c, area_m2, j, temperature_k, saturation_pa, cathode_pa, anode_pa, cathode_recombination_frac):
    """Return where gases and water end, mol/s.

    Gas crosses from where it is made, where it stands as far above the channel's pressure as the cell voltage has it.
    The water that protons drag takes oxygen along.
    Arguments: active area of all cells, m2; current density, A/m2; temperature, K; saturation pressure of water,
    pressure of cathode and anode, Pa; part of the crossing oxygen that the cathode reduces.

    Returns
    -------
    (hydrogen at the cathode, oxygen at the cathode, hydrogen at the anode, oxygen at the anode, water with the
    hydrogen, water split less water made again, hydrogen that water lets off, hydrogen that it brings into the loop)
    """
    diffusion, convection = c.h2_diffusion_mol_per_m_s_pa, c.h2_convection_mol_per_m_s_pa
    made_h2 = cathode_pa - saturation_pa + CATHODE_OVERPRESSURE * j
    made_o2 = anode_pa - saturation_pa + ANODE_OVERPRESSURE * j
    find_cell(c, temperature_k)
    area = area_m2 * held_permeability_ratio(c, temperature_k)
    split = j * area_m2 * WATER_SPLIT_MOL_PER_C
    dragged = c.drag_ratio * (made_o2 * c.held_o2_per_pa) * 2.0 * split
    h2, o2_cathode, h2_anode, o2_anode, reduced, reacted = cell_products(
        split,
        area * hydrogen_crossover(made_h2, cathode_pa - anode_pa, diffusion, convection, c.membrane_thickness_m),
        dragged_crossover(
            area * oxygen_crossover(made_o2, c.o2_diffusion_mol_per_m_s_pa, c.membrane_thickness_m), dragged
        ),
        c.recombination_frac,
        cathode_recombination_frac,
    )
    water, let_off, kept = _cathode_water(c, split, h2, reduced, saturation_pa, cathode_pa, anode_pa)
    return h2 - kept - let_off, o2_cathode, h2_anode + kept, o2_anode, water, reacted, let_off, kept
