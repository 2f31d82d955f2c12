"""What a PEM stack needs at its temperature, kept from step to step and found anew where that is another number.

A stack that runs holds its set point for hours, bit for bit. Nothing is expanded: what comes out follows from the
temperature (and pressures) alone. It saves three exponentials, a logarithm and six look-ups a step.
"""

from h2plant.core.declare import memory
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import (
    FLUID_H2,
    FLUID_O2,
    gas_enthalpy,
    gases_enthalpy,
    saturation_pressure,
    water_enthalpy,
)
from h2plant.physics.frost import saturated_vapour_enthalpy
from h2plant.physics.held.same import same_exponential
from h2plant.physics.pem_electrochemistry import (
    exchange_current_density_tjarks_2017,
    membrane_conductivity_ratio,
    permeability_exponent,
)
from h2plant.physics.reversible_voltage import reversible_voltage_liquid
from h2plant.physics.solubility import hydrogen_mole_ratio, oxygen_mole_ratio

HELD_STATES = (
    memory("vapour_k", "K", "temperature at which the vapour was looked up; 0: none yet"),
    memory("held_saturation_pa", "Pa", "pressure of saturated vapour there"),
    memory("held_vapour_j_per_kg", "J/kg", "its enthalpy"),
    memory("cell_k", "K", "temperature at which the cell's terms were found; 0: none yet"),
    memory("held_reversible_v", "V", "reversible voltage there"),
    memory("held_exchange_a_per_m2", "A/m2", "exchange current density there"),
    memory("held_conductivity_ratio", "1", "conductivity of the membrane there over that at 303 K"),
    memory("held_h2_per_pa", "1/Pa", "moles of hydrogen that a mole of water there dissolves"),
    memory("held_o2_per_pa", "1/Pa", "moles of oxygen that a mole of water there dissolves"),
    memory("permeability_x", "1", "exponent for which the next was found"),
    memory("permeability_ratio", "1", "permeability of the membrane over that at 80 C", default=1.0),
    memory("gas_k", "K", "temperature at which the gases were looked up; 0: none yet"),
    memory("gas_cathode_pa", "Pa", "pressure behind the cathode there"),
    memory("gas_anode_pa", "Pa", "pressure of the anode there"),
    memory("cathode_h2_j_per_kg", "J/kg", "enthalpy of hydrogen behind the cathode"),
    memory("cathode_o2_j_per_kg", "J/kg", "enthalpy of oxygen behind the cathode"),
    memory("cathode_water_j_per_kg", "J/kg", "enthalpy of water behind the cathode"),
    memory("anode_h2_j_per_kg", "J/kg", "enthalpy of hydrogen at the anode"),
    memory("anode_o2_j_per_kg", "J/kg", "enthalpy of oxygen at the anode"),
)


@leaf
def saturated_vapour(c, props, temperature_k):
    """Return (pressure in Pa, enthalpy in J/kg) of saturated vapour."""
    if temperature_k != c.vapour_k:
        c.vapour_k = temperature_k
        c.held_saturation_pa = saturation_pressure(props, temperature_k)
        c.held_vapour_j_per_kg = saturated_vapour_enthalpy(props, temperature_k)
    return c.held_saturation_pa, c.held_vapour_j_per_kg


@leaf
def find_cell(c, temperature_k):
    """Keep what voltage and products of a cell ask of its temperature."""
    if temperature_k != c.cell_k:
        c.cell_k = temperature_k
        c.held_reversible_v = reversible_voltage_liquid(temperature_k)
        c.held_exchange_a_per_m2 = exchange_current_density_tjarks_2017(temperature_k)
        c.held_conductivity_ratio = membrane_conductivity_ratio(temperature_k)
        c.held_h2_per_pa = hydrogen_mole_ratio(1.0, temperature_k)
        c.held_o2_per_pa = oxygen_mole_ratio(1.0, temperature_k)


@leaf
def held_permeability_ratio(c, temperature_k):
    """Return ``permeability_ratio``."""
    x = permeability_exponent(temperature_k, c.permeation_activation_k)
    c.permeability_x, c.permeability_ratio = same_exponential(c.permeability_x, c.permeability_ratio, x)
    return c.permeability_ratio


@kernel
def find_gases(c, props, temperature_k, cathode_pa, anode_pa):
    """Look up gases and water of the electrodes and keep them."""
    c.gas_k, c.gas_cathode_pa, c.gas_anode_pa = temperature_k, cathode_pa, anode_pa
    c.cathode_h2_j_per_kg = gas_enthalpy(props, FLUID_H2, cathode_pa, temperature_k)
    c.cathode_o2_j_per_kg = gas_enthalpy(props, FLUID_O2, cathode_pa, temperature_k)
    c.cathode_water_j_per_kg = water_enthalpy(props, cathode_pa, temperature_k)
    c.anode_h2_j_per_kg = gas_enthalpy(props, FLUID_H2, anode_pa, temperature_k)
    c.anode_o2_j_per_kg = gas_enthalpy(props, FLUID_O2, anode_pa, temperature_k)


@leaf
def _saturated(props, gas, liquid, pressure_pa, temperature_k, vapour_j_per_kg):
    """Return the enthalpy, W, of a gas whose vapour is saturated, and its water."""
    h2, o2, n2, vapour = gas
    enthalpy_w = vapour * vapour_j_per_kg + gases_enthalpy(props, h2, o2, n2, pressure_pa, temperature_k)
    if liquid > 0.0:
        enthalpy_w += liquid * water_enthalpy(props, pressure_pa, temperature_k)
    return enthalpy_w


@leaf
def electrode_enthalpies(c, props, cathode, anode, liquid, vent, on, cathode_pa, temperature_k, vapour_j_per_kg):
    """Return the enthalpies, W, of the gas of cathode and anode, saturated, and of the hydrogen let off.

    Gases as from ``electrode_gases``; ``liquid``: the water with either; ``vent``: hydrogen let off, kg/s;
    ``vapour_j_per_kg``: enthalpy of saturated vapour, which serves both. A stack at rest has another temperature each
    step: nothing of it is kept.
    """
    T, anode_pa = temperature_k, c.anode_pressure_pa
    if (on > 0.0) & (anode[2] <= 0.0) & (liquid[1] <= 0.0):
        if (T != c.gas_k) | (cathode_pa != c.gas_cathode_pa) | (anode_pa != c.gas_anode_pa):
            find_gases(c, props, T, cathode_pa, anode_pa)
        hydrogen_w = cathode[3] * vapour_j_per_kg + (
            cathode[0] * c.cathode_h2_j_per_kg + cathode[1] * c.cathode_o2_j_per_kg
        )
        oxygen_w = anode[3] * vapour_j_per_kg + (anode[0] * c.anode_h2_j_per_kg + anode[1] * c.anode_o2_j_per_kg)
        return hydrogen_w + liquid[0] * c.cathode_water_j_per_kg, oxygen_w, vent * c.anode_h2_j_per_kg
    hydrogen_w = _saturated(props, cathode, liquid[0], cathode_pa, T, vapour_j_per_kg)
    oxygen_w = _saturated(props, anode, liquid[1], anode_pa, T, vapour_j_per_kg)
    return hydrogen_w, oxygen_w, vent * gas_enthalpy(props, FLUID_H2, anode_pa, T) if vent > 0.0 else 0.0
