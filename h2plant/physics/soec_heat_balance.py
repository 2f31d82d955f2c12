"""Operating point of a solid oxide stack in a heated box: current, heater power and temperature together.

The hot box has one temperature. Its heat balance over a step is

    C dT/dt = P_stack + P_heater + H_in - H_out(I, T) - k (T - T_ambient)

with stream enthalpies that contain the enthalpies of formation, so that the heat of reaction needs no term
of its own (it equals (V - V_tn) I at equal inlet and outlet temperatures). While the heater can hold the
temperature, electric power and heat balance together are linear in the current. With the heater at an end,
the temperature drifts, solved with the exact exponential about the mean of the step. That mean only
says where voltage and enthalpies are taken; the temperature at the end follows from what is booked.
"""

from h2plant.core.constants import (
    MOL_PER_KG_H2,
    MOL_PER_KG_H2O,
    MOL_PER_KG_N2,
    MOL_PER_KG_O2,
    WATER_SPLIT_MOL_PER_C,
)
from h2plant.core.declare import memory
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import (
    each_gas_enthalpy_heat_capacity,
    steam_enthalpy_heat_capacity,
)
from h2plant.physics.held.same import same_exponential
from h2plant.physics.relaxation import linear_step
from h2plant.physics.reversible_voltage import reversible_voltage_steam
from h2plant.physics.soec_electrochemistry import (
    NO_SOLUTION,
    STARVED,
    arrhenius_exponent,
    arrhenius_resistance,
    electrolyte_resistivity,
    mixing_potential,
    oxygen_voltage,
    soec_current_at_power,
    soec_current_at_voltage,
    soec_voltage,
)

LOWEST_OUTLET_K = 423.15
"""The outlet gas stays above its dew point."""

HELD_OUTLET_STATES = (
    memory("held_outlet_k", "K", "outlet temperature at which the held enthalpies were looked up"),
    memory("held_steam_pa", "Pa", "partial pressure of steam there; 0: none yet"),
    memory("held_outlet_pa", "Pa", "total pressure there"),
    memory("held_h2_j_per_kg", "J/kg", "enthalpy of hydrogen there"),
    memory("held_o2_j_per_kg", "J/kg", "enthalpy of oxygen there"),
    memory("held_n2_j_per_kg", "J/kg", "enthalpy of nitrogen there"),
    memory("held_water_j_per_kg", "J/kg", "enthalpy of steam there"),
    memory("held_h2_j_per_kg_k", "J/(kg K)", "heat capacity of hydrogen there"),
    memory("held_o2_j_per_kg_k", "J/(kg K)", "heat capacity of oxygen there"),
    memory("held_n2_j_per_kg_k", "J/(kg K)", "heat capacity of nitrogen there"),
    memory("held_water_j_per_kg_k", "J/(kg K)", "heat capacity of steam there"),
)
"""What ``outlet_gas`` keeps of its last look-up."""

HELD_CELL_STATES = (
    memory("held_inlet_frac", "1", "hydrogen share at the inlet for which the next was found"),
    memory("held_mixing", "1", "mixing potential there"),
    memory("held_cell_k", "K", "temperature at which the next was found; 0: none yet"),
    memory("held_reversible_v", "V", "reversible voltage there"),
    memory("held_resistance_x", "1", "exponent of the resistance for which the next was found"),
    memory("held_resistance_ratio", "1", "resistance over that at its reference temperature", default=1.0),
)
"""What ``held_inlet`` and ``controlled_cell`` keep."""


# mean molar heat capacities, J/(mol K), between 430 and 1070 K (NIST-JANAF); they only bound the duty of the
# recuperator, energies come from the property tables
_CP_H2 = 29.6
_CP_H2O = 38.7
_CP_AIR = 32.0
_CP_REACTION = _CP_H2 + 0.5 * 33.7 - _CP_H2O
_HELD_K = 0.5
"""Farthest that outlet enthalpies are continued with the heat capacity: to 0.2 J/kg (cp changes by 1 J/kg K per K)."""
_HELD_PARTIAL_FRAC = 0.01  # of steam, whose enthalpy changes by less than 10 J/kg with its whole pressure
_LEAST_SHARE = 0.05  # steam enthalpy is taken at least at this share of the pressure: ideal below
_REVERSIBLE_SLOPE_V_PER_K = -2.9e-4  # of the reversible voltage at 950 to 1150 K; steers the iteration only
_MEAN_TOLERANCE_K = 0.1
_MOST_ITERATIONS = 15
_LOWEST_BOX_K = 600.0
_HIGHEST_BOX_K = 1400.0


@leaf
def cell_state(cell, oxygen_log, temperature_k):
    """Return (reversible voltage with oxygen term in V, resistance in ohm) of a cell.

    ``cell`` = (resistance in ohm at the reference temperature, activation temperature in K, reference
    temperature in K, electrolyte thickness over area in 1/m; zero: no separate electrolyte).
    """
    resistance = arrhenius_resistance(cell[0], cell[1], cell[2], temperature_k)
    if cell[3] > 0.0:
        resistance += cell[3] * electrolyte_resistivity(temperature_k)
    return reversible_voltage_steam(temperature_k) + oxygen_voltage(temperature_k, oxygen_log), resistance


@leaf
def held_inlet(c, x):
    """Return ``channel_inlet``."""
    if x != c.held_inlet_frac:
        c.held_inlet_frac = x
        c.held_mixing = mixing_potential(x)
    return x, c.held_mixing


@leaf
def controlled_cell(c, cell, temperature_k):
    """Return ``cell_state`` without its oxygen term, held where the temperature is the very same.

    A module spends its life at its set point: saves an exponential and a logarithm.
    """
    if temperature_k != c.held_cell_k:
        c.held_cell_k = temperature_k
        c.held_reversible_v = reversible_voltage_steam(temperature_k)
    x = arrhenius_exponent(cell[1], cell[2], temperature_k)
    c.held_resistance_x, c.held_resistance_ratio = same_exponential(c.held_resistance_x, c.held_resistance_ratio, x)
    resistance = cell[0] * c.held_resistance_ratio
    if cell[3] > 0.0:
        resistance += cell[3] * electrolyte_resistivity(temperature_k)
    return c.held_reversible_v, resistance


@kernel
def soec_operating_point(electric, gas, box, cell, controlled, stacks, feed, dt):
    """Return (cell current A, cell voltage V, heater W, mean temperature K, current asked A, is solved).

    The current asked is what the power would drive if steam were no limit.

    Parameters
    ----------
    electric
        Power for stacks and heater together, W (zero: no current, the heater free); most power of the
        stacks, W; most power of the heater, W.
    gas
        Enthalpy that the gas brings less what it takes away unreacted, W; its rate with temperature, W/K;
        enthalpy per mole of water split, J/mol; all at the temperature under control (see ``box``).
    box
        Temperature at the start, mean over the step under control, and of the surroundings, K; heat that
        the control wants stored over the step, W; conductance to the surroundings, W/K; heat capacity, J/K.
    cell
        See ``cell_state``.
    controlled
        What ``cell_state`` gives at the mean temperature under control, without oxygen term; read where there is power.
    stacks
        Number of cells; highest cell voltage, V; last current, A, where the iteration starts.
    feed
        Hydrogen share at the inlet, from ``channel_inlet``; its rise per ampere, 1/A; highest current, A;
        ln(p_O2 / p0).
    dt
        Step, s.
    """
    power_w, stack_max_w, heater_max_w = electric
    gas_heat_w, gas_w_per_k, reaction_j_per_mol = gas
    start_k, control_k, ambient_k, gain_w, loss_w_per_k, capacity_j_per_k = box
    n_cells, voltage_max_v, start_a = stacks
    inlet, x_per_a, highest, oxygen_log = feed
    per_a = reaction_j_per_mol * n_cells * WATER_SPLIT_MOL_PER_C  # heat of reaction per ampere, V times cells
    balance = gas_heat_w - loss_w_per_k * (control_k - ambient_k)
    current = 0.0
    voltage = 0.0
    asked = 0.0
    if power_w > 0.0:
        asked = (power_w + balance - gain_w) / per_a
        if asked > 0.0:
            current = min(asked, highest)
            base_v, resistance = controlled
            base_v += oxygen_voltage(control_k, oxygen_log)
            voltage, slope = soec_voltage(base_v, control_k, resistance, current, inlet, x_per_a)
            if voltage > voltage_max_v:
                current = soec_current_at_voltage(
                    voltage_max_v, base_v, control_k, resistance, inlet, x_per_a, highest, current
                )
                voltage = voltage_max_v
        else:
            asked = 0.0
            heater_max_w = min(heater_max_w, power_w)
    heater = gain_w - balance + (per_a - n_cells * voltage) * current
    is_short = n_cells * voltage * current > stack_max_w
    if 0.0 <= heater <= heater_max_w and not is_short:
        return current, voltage, heater, control_k, asked, True

    heater = min(max(heater, 0.0), heater_max_w)
    stack = max(min(power_w - heater, stack_max_w), 0.0) / n_cells
    T = start_k
    rate = loss_w_per_k + gas_w_per_k
    if stack <= 0.0:
        source = heater + gas_heat_w + gas_w_per_k * control_k + loss_w_per_k * ambient_k
        _, T = linear_step(start_k, source / capacity_j_per_k, rate / capacity_j_per_k, dt)
        return 0.0, 0.0, heater, T, asked, True
    guess = start_a
    low = _LOWEST_BOX_K
    high = _HIGHEST_BOX_K
    for _ in range(_MOST_ITERATIONS):
        base_v, resistance = cell_state(cell, oxygen_log, T)
        current, voltage, slope, code = soec_current_at_power(
            stack, base_v, T, resistance, inlet, x_per_a, highest, guess
        )
        if code == NO_SOLUTION:
            return current, voltage, heater, T, asked, False
        is_starved = code == STARVED
        is_voltage_held = voltage > voltage_max_v and current > 0.0
        if is_voltage_held:
            current = soec_current_at_voltage(voltage_max_v, base_v, T, resistance, inlet, x_per_a, highest, current)
            voltage = voltage_max_v
        asked = stack / voltage if is_starved or is_voltage_held else current
        guess = current
        # how the heat balance answers to the temperature: losses, gas, and the current
        warming = _REVERSIBLE_SLOPE_V_PER_K - cell[1] * resistance * current / (T * T)  # dV/dT at this current
        answer = rate
        if is_voltage_held:
            answer += (n_cells * voltage - per_a) * warming / slope
        elif is_starved:
            answer -= n_cells * current * warming
        else:
            answer -= per_a * current * warming / (voltage + slope * current)
        answer = max(answer, 0.0)
        heat = (
            heater
            + (n_cells * voltage - per_a) * current
            + gas_heat_w
            - gas_w_per_k * (T - control_k)
            - loss_w_per_k * (T - ambient_k)
        )
        _, mean = linear_step(start_k, (heat + answer * T) / capacity_j_per_k, answer / capacity_j_per_k, dt)
        if abs(mean - T) < _MEAN_TOLERANCE_K:
            return current, voltage, heater, mean, asked, True
        if mean > T:  # the heat mostly falls with the temperature, so the solution lies between these two
            low = T
        else:
            high = T
        T = mean if low < mean < high else 0.5 * (low + high)
    return current, voltage, heater, T, asked, True


@leaf
def holds_outlet(c, temperature_k, steam_pa, pressure_pa):
    """Tell whether the held outlet gas serves at a state."""
    return (
        (abs(temperature_k - c.held_outlet_k) <= _HELD_K)
        & (abs(steam_pa - c.held_steam_pa) <= _HELD_PARTIAL_FRAC * c.held_steam_pa)
        & (pressure_pa == c.held_outlet_pa)
    )


@kernel
def renew_outlet(c, props, temperature_k, steam_pa, pressure_pa):
    """Look up the outlet gas at a state and keep it."""
    h, cp = each_gas_enthalpy_heat_capacity(props, pressure_pa, temperature_k)
    c.held_h2_j_per_kg, c.held_o2_j_per_kg, c.held_n2_j_per_kg = h
    c.held_h2_j_per_kg_k, c.held_o2_j_per_kg_k, c.held_n2_j_per_kg_k = cp
    c.held_water_j_per_kg, c.held_water_j_per_kg_k = steam_enthalpy_heat_capacity(props, steam_pa, temperature_k)
    c.held_outlet_k = temperature_k
    c.held_steam_pa = steam_pa
    c.held_outlet_pa = pressure_pa


@leaf
def outlet_gas(c, props, temperature_k, steam_pa, pressure_pa):
    """Return enthalpies of (H2, O2, N2, water) in J/kg and their heat capacities in J/(kg K), held where they serve.

    Half of all running minutes end within 1e-5 K of the last one: saves 60 ns in three of four.
    """
    if not holds_outlet(c, temperature_k, steam_pa, pressure_pa):
        renew_outlet(c, props, temperature_k, steam_pa, pressure_pa)
    change = temperature_k - c.held_outlet_k
    cp = (c.held_h2_j_per_kg_k, c.held_o2_j_per_kg_k, c.held_n2_j_per_kg_k, c.held_water_j_per_kg_k)
    h = (
        c.held_h2_j_per_kg + cp[0] * change,
        c.held_o2_j_per_kg + cp[1] * change,
        c.held_n2_j_per_kg + cp[2] * change,
        c.held_water_j_per_kg + cp[3] * change,
    )
    return h, cp


@leaf
def soec_outlet_state(inlet, inlet_sweep, utilisation, recuperation, box_k, pressure_pa):
    """Return the state of the outlet gas behind an internal recuperator.

    Outlet temperature T_out = T - eta (T - T_in), with T_in the mean of the inlets weighted by heat capacity;
    eta is ``recuperation``, bounded by the second law: not more heat than the inlets can take up on their
    way to T. Never below 423 K.

    Parameters: inlet of the steam side (H2, N2, water in kg/s, temperature in K), of the sweep gas (H2, O2,
    N2, water, temperature); share of the steam that was split, -; recuperation, -; temperature of the hot
    box, K; outlet pressure, Pa.
    Returns: T_out in K; dT_out/dT; partial pressure of steam in Pa.
    """
    h2, n2, water, fuel_k = inlet
    sweep_h2, sweep_o2, sweep_n2, sweep_water, sweep_k = inlet_sweep
    n_water = water * MOL_PER_KG_H2O
    n_dry = h2 * MOL_PER_KG_H2 + n2 * MOL_PER_KG_N2
    inlet = n_dry * _CP_H2 + n_water * _CP_H2O
    weighted = inlet * fuel_k
    sweep = (
        sweep_o2 * MOL_PER_KG_O2 + sweep_n2 * MOL_PER_KG_N2 + sweep_h2 * MOL_PER_KG_H2
    ) * _CP_AIR + sweep_water * MOL_PER_KG_H2O * _CP_H2O
    inlet += sweep
    weighted += sweep * sweep_k
    T_out = box_k
    slope = 1.0
    if inlet > 0.0:
        eta = min(recuperation, inlet / (inlet + utilisation * n_water * _CP_REACTION))
        T_out = box_k - eta * (box_k - weighted / inlet)
        slope = 1.0 - eta
        if T_out < LOWEST_OUTLET_K:
            T_out = LOWEST_OUTLET_K
            slope = 0.0
    share = (1.0 - utilisation) * n_water / (n_water + n_dry) if n_water > 0.0 else 0.0
    return T_out, slope, pressure_pa * max(share, _LEAST_SHARE)
