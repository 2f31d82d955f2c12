"""Solid oxide electrolyser module: stacks in a hot box with heater, internal recuperator and controls."""

import math

from h2plant.components.hold_up import (
    HELD_GAS_FIELDS,
    hand_out_gas,
    held_gas,
    hold_fuel,
    hold_oxygen,
    is_gas_held,
)
from h2plant.components.soec_limit import TEMPERATURES
from h2plant.components.soec_mode import COOLING, HEATING, HOT_STANDBY, OFF, RUNNING, TRIPPED, next_mode
from h2plant.components.soec_size import new_soec_curve, soec_contradictions
from h2plant.components.soec_start import ageing_by_cycle, cold_start, hot_start, no_ageing
from h2plant.components.soec_wear import WEAR_PARAMETERS
from h2plant.components.start_record import START_FIELDS, record_start
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import (
    MOL_PER_KG_H2,
    MOL_PER_KG_H2O,
    MOL_PER_KG_N2,
    MOL_PER_KG_O2,
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
    STANDARD_PRESSURE_PA,
    STANDARD_TEMPERATURE_K,
    WATER_SPLIT_MOL_PER_C,
)
from h2plant.core.cost import BOEHM_2019, JU_2020, cost
from h2plant.core.declare import Kind, Order, Port, counter, memory, output, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.numba_ops_enhanced import stored_heat_temperature
from h2plant.core.role import Maker, StartType, Wear
from h2plant.core.status import (
    LIMITED,
    NOT_CONVERGED,
    OK,
    OUT_OF_RANGE,
    OVER_TEMPERATURE,
    WORN_OUT,
)
from h2plant.laws.ageing import solid_oxide_life, solid_oxide_wear
from h2plant.laws.electrolysis import electrolysis_balance, hold_up
from h2plant.laws.solid_oxide import solid_oxide_laws
from h2plant.physics.flash import temperature_at_enthalpy, throttled
from h2plant.physics.held.same import same_mean_decay
from h2plant.physics.ramp import led_approach, limited_ramp
from h2plant.physics.soec_electrochemistry import oxygen_logarithm
from h2plant.physics.soec_heat_balance import (
    HELD_CELL_STATES,
    HELD_OUTLET_STATES,
    controlled_cell,
    held_inlet,
    outlet_gas,
    soec_operating_point,
    soec_outlet_state,
)
from h2plant.physics.stream import put_nothing, read_stream

_GAS_PATH_K = 673.15  # below this, gas bypasses the stacks
_LEAST_STEAM_MOL_PER_S = 1.0e-12  # per cell; less than that is none
_REAL_STEAM_PA = 5.0e5  # at more, the vapour's own pressure shifts the temperature of its enthalpy by a kelvin
_COLD_K = 323.15  # forced cooling ends here
_HIGHEST_K = 1150.0  # end of the property tables
_MARGINAL_VOLTAGE_V = 1.25  # current per power when the load changes: sizes the steam demand a step ahead


@leaf
def cell_of(c):
    """Return what ``cell_state`` takes of a cell as it has aged."""
    aged = (1.0 + c.asr_growth_frac) / c.cell_area_m2
    return c.asr_ohm_m2 * aged, c.asr_activation_k, c.asr_temperature_k, c.electrolyte_thickness_m * aged


@leaf
def _bypass(c, props, fuel, sweep, dt):
    """Add both inlet streams, let down to the outlet's pressure, to the gas held."""
    p = c.outlet_pressure_pa
    T, v, w = throttled(props, fuel, p)
    hold_fuel(c, props, fuel.h2 * dt, fuel.o2 * dt, fuel.n2 * dt, v * dt, w * dt, fuel.enthalpy_w * dt, T, p)
    T, v, w = throttled(props, sweep, p)
    hold_oxygen(c, props, sweep.h2 * dt, sweep.o2 * dt, sweep.n2 * dt, v * dt, w * dt, sweep.enthalpy_w * dt, T, p)


@leaf
def _set_ports(c, bus, power_w, heater_w, loss_w, demand_kg_per_s):
    """Write all scalar ports."""
    bus[c.power] = power_w
    bus[c.heater_power] = heater_w
    bus[c.heat_loss] = loss_w
    bus[c.steam_demand] = demand_kg_per_s
    bus[c.hours] = c.running_h
    bus[c.starts] = c.n_starts
    bus[c.ready] = 0.0 if c.mode == TRIPPED else 1.0


@leaf
def _set_point(c, current_a, voltage_v, utilisation_frac, h2_kg_per_s):
    """Set the outputs of the operating point."""
    c.current_a = current_a
    c.voltage_v = voltage_v
    c.current_density_a_per_m2 = current_a / c.cell_area_m2
    c.utilisation_frac = utilisation_frac
    c.stack_power_w = c.n_cells * voltage_v * current_a
    c.hydrogen_made_kg_per_s = h2_kg_per_s


@leaf
def _cool_freely(c, ambient_k, dt):
    """Let the hot box relax towards the surroundings; returns the mean heat given off, W."""
    if c.decay_step_s != dt:
        c.decay_step_s = dt
        c.decay_frac = -math.expm1(-dt * c.loss_conductance_w_per_k / c.heat_capacity_j_per_k)
    change = (ambient_k - c.temperature_k) * c.decay_frac
    c.temperature_k += change
    return -change * c.heat_capacity_j_per_k / dt


@kernel
def emit(c, bus, props, dt):
    """Hand out gas from what is held."""
    if c.is_filled == 0.0:
        put_nothing(bus, c.hydrogen, c.fuel_temperature_k, c.outlet_pressure_pa)
        put_nothing(bus, c.oxygen, c.oxygen_temperature_k, c.outlet_pressure_pa)
        return OK
    hand_out_gas(c, bus, dt)
    return OK


@leaf
def _step_unheated(c, bus, props, fuel, sweep, has_gas, ambient, dt):
    """Cold or cooling down: no current; gas, if any, bypasses the stacks."""
    if has_gas or c.is_filled != 0.0:
        _bypass(c, props, fuel, sweep, dt)
    c.is_filled = 1.0 if has_gas or is_gas_held(c) else 0.0
    c.load_w = 0.0
    _set_point(c, 0.0, 0.0, 0.0, 0.0)
    if c.mode == OFF:
        _set_ports(c, bus, 0.0, 0.0, _cool_freely(c, ambient, dt), 0.0)
        return
    # led down the ramp: purge air takes what the losses do not, the heater brakes
    T = c.temperature_k
    change = -c.heating_rate_k_per_s * dt
    if T + change <= _COLD_K:
        c.mode = OFF
        change = min(_COLD_K - T, 0.0)
    c.temperature_k = T + change
    given = (T - c.temperature_k) * c.heat_capacity_j_per_k / dt
    loss = max(c.loss_conductance_w_per_k * (T + 0.5 * change - ambient), given)
    _set_ports(c, bus, 0.0, loss - given, loss, 0.0)


@leaf
def _accepted(c, bus, setpoint_w):
    """Return (power that the module runs at, W, 0 for none; status)."""
    if setpoint_w > c.power_max_w:
        bus[EVENT_AMOUNT] = setpoint_w - c.power_max_w
        return c.power_max_w, LIMITED
    if setpoint_w < c.power_min_w:
        if setpoint_w > 0.0:
            bus[EVENT_AMOUNT] = setpoint_w
            return 0.0, LIMITED
        return 0.0, OK
    return setpoint_w, OK


@leaf
def _unreacted(c, props, fuel, sweep, is_open, box_k):
    """Return the inlet gas, brought unreacted to its outlet temperature, which the recuperator sets.

    Returns that temperature, K, and its slope over the box's; enthalpies of (H2, O2, N2, water), J/kg; heat capacities,
    J/(kg K); and what ``soec_operating_point`` takes as ``gas``.
    """
    water = fuel.vapour + fuel.liquid
    sweep_water = sweep.vapour + sweep.liquid
    T_out, passed, enthalpy_in = box_k, 1.0, 0.0
    h, cp = (0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0)
    if is_open:
        enthalpy_in = fuel.enthalpy_w + sweep.enthalpy_w
        T_out, passed, steam_pa = soec_outlet_state(
            (fuel.h2, fuel.n2, water, fuel.temperature_k),
            (sweep.h2, sweep.o2, sweep.n2, sweep_water, sweep.temperature_k),
            c.utilisation_frac,
            c.recuperation_frac,
            box_k,
            c.outlet_pressure_pa,
        )
        h, cp = outlet_gas(c, props, T_out, steam_pa, c.outlet_pressure_pa)
    h2, o2, n2, h2o = fuel.h2 + sweep.h2, fuel.o2 + sweep.o2, fuel.n2 + sweep.n2, water + sweep_water
    unreacted = h2 * h[0] + o2 * h[1] + n2 * h[2] + h2o * h[3]
    reaction = (
        MOLAR_MASS_H2_KG_PER_MOL * h[0] + 0.5 * MOLAR_MASS_O2_KG_PER_MOL * h[1] - MOLAR_MASS_H2O_KG_PER_MOL * h[3]
    )
    gas_w_per_k = passed * (h2 * cp[0] + o2 * cp[1] + n2 * cp[2] + h2o * cp[3])
    return T_out, passed, h, cp, (enthalpy_in - unreacted, gas_w_per_k, reaction)


@leaf
def _feed(c, fuel, sweep, has_sweep):
    """Return what ``soec_operating_point`` takes as ``feed`` of a module that runs."""
    n_water = (fuel.vapour + fuel.liquid) * MOL_PER_KG_H2O
    mol_per_a = c.n_cells * WATER_SPLIT_MOL_PER_C
    x_in, x_per_a, highest, oxygen_log = c.inlet_hydrogen_frac, 0.0, 0.0, c.oxygen_log
    if fuel.h2 > 0.0:
        x_in = max(x_in, fuel.h2 * MOL_PER_KG_H2 / (fuel.h2 * MOL_PER_KG_H2 + n_water))
    if n_water > _LEAST_STEAM_MOL_PER_S * c.n_cells:
        x_per_a = (1.0 - x_in) * mol_per_a / n_water
        highest = c.utilisation_max_frac * n_water / mol_per_a
    if has_sweep:
        n_o2 = sweep.o2 * MOL_PER_KG_O2
        oxygen_log += oxygen_logarithm(n_o2, n_o2 + sweep.n2 * MOL_PER_KG_N2, 0.5 * mol_per_a * c.current_a)
    return held_inlet(c, x_in), x_per_a, highest, oxygen_log


@leaf
def _hold_reacted(c, props, fuel, sweep, made, h, cp, T_out, warmer, dt):
    """Hold the outlet gas of both sides, ``made`` mol/s of water split; returns its enthalpy, W."""
    h_h2, h_o2 = h[0] + cp[0] * warmer, h[1] + cp[1] * warmer
    h_n2, h_water = h[2] + cp[2] * warmer, h[3] + cp[3] * warmer
    h2, o2, n2 = fuel.h2 + made * MOLAR_MASS_H2_KG_PER_MOL, fuel.o2, fuel.n2
    h2o = fuel.vapour + fuel.liquid - made * MOLAR_MASS_H2O_KG_PER_MOL
    fuel_w = h2 * h_h2 + o2 * h_o2 + n2 * h_n2 + h2o * h_water
    T, p = T_out + warmer, c.outlet_pressure_pa
    if p > _REAL_STEAM_PA and h2o > 0.0:  # its vapour is that of the share split in the step before
        real_k, _, _ = temperature_at_enthalpy(props, h2, o2, n2, h2o, fuel_w, p, T)
        T = real_k if real_k > 0.0 else T
    hold_fuel(c, props, h2 * dt, o2 * dt, n2 * dt, h2o * dt, 0.0, fuel_w * dt, T, p)
    h2, o2, n2 = sweep.h2, sweep.o2 + made * (0.5 * MOLAR_MASS_O2_KG_PER_MOL), sweep.n2
    h2o = sweep.vapour + sweep.liquid
    oxygen_w = h2 * h_h2 + o2 * h_o2 + n2 * h_n2 + h2o * h_water
    hold_oxygen(c, props, h2 * dt, o2 * dt, n2 * dt, h2o * dt, 0.0, oxygen_w * dt, T_out + warmer, p)
    return fuel_w + oxygen_w


@leaf
def _loaded(c, bus, total_w, power, made, status, dt):
    """Set the load at the end of the step, ``power`` (mean, end) being what the ramp allows; count the water split."""
    mean_w, end_w = power
    c.load_w = end_w
    if total_w < mean_w * (1.0 - 1.0e-6) and status == OK:
        c.load_w = min(end_w, total_w)
        status = LIMITED
        bus[EVENT_AMOUNT] = mean_w - total_w
    c.reacted_h2o_mol += made * dt
    return status


@leaf
def _worn(c, bus, start_k, current, status, dt):
    """Count hours and wear: under current, and hot without it; stacks worn out are replaced."""
    if current > 0.0:
        c.running_h += dt / 3600.0
        c.asr_growth_frac += c.growth_per_h * dt / 3600.0
    elif start_k >= c.temperature_run_min_k:
        c.idle_hot_h += dt / 3600.0
        c.asr_growth_frac += c.idle_growth_per_h * dt / 3600.0
    else:
        return status
    if c.asr_growth_frac >= c.end_of_life_growth_frac:
        c.asr_growth_frac = 0.0
        c.n_replacements += 1.0
        status = WORN_OUT
        bus[EVENT_AMOUNT] = c.running_h
    return status


@leaf
def _steam_demand(c, wanted_w, power, target_w, asked_a, dt):
    """Return the steam wanted in the next step, kg/s: for the current that the power will drive then."""
    if c.mode == RUNNING:
        mean_w, end_w = power
        if wanted_w <= 0.0 and end_w <= c.power_min_w:
            return 0.0
        _, next_w = limited_ramp(c.load_w, target_w, c.ramp_w_per_s * dt)
        next_a = asked_a + (next_w - mean_w) / (c.n_cells * _MARGINAL_VOLTAGE_V)
        per_a = c.n_cells * WATER_SPLIT_MOL_PER_C
        return max(next_a, 0.0) * per_a * MOLAR_MASS_H2O_KG_PER_MOL / c.target_utilisation_frac
    if c.mode == HOT_STANDBY and wanted_w > 0.0:  # the steam that the first minute will need
        next_w = min(wanted_w, c.power_min_w + c.ramp_w_per_s * dt)
        return (
            next_w * WATER_SPLIT_MOL_PER_C / _MARGINAL_VOLTAGE_V * MOLAR_MASS_H2O_KG_PER_MOL / c.target_utilisation_frac
        )
    return 0.0


@kernel
def step(c, bus, props, dt):
    """Advance the module by dt: mode, power, inlet gas, current and heat together, outlet gas, load and demand."""
    fuel, sweep = read_stream(bus, c.steam), read_stream(bus, c.sweep)
    setpoint = bus[c.setpoint]
    ambient = bus[c.ambient_temperature]
    water = fuel.vapour + fuel.liquid
    n_water = water * MOL_PER_KG_H2O
    has_sweep = sweep.o2 + sweep.n2 + (sweep.vapour + sweep.liquid) + sweep.h2 > 0.0
    has_gas = has_sweep or water + fuel.h2 + fuel.n2 + fuel.o2 > 0.0
    if c.mode == OFF and setpoint < c.power_min_w and not has_gas and c.is_filled == 0.0:
        status = _worn(c, bus, c.temperature_k, 0.0, OK, dt)
        _set_ports(c, bus, 0.0, 0.0, _cool_freely(c, ambient, dt), 0.0)
        return status

    wanted, status = _accepted(c, bus, setpoint)
    changed = next_mode(c, wanted, n_water > _LEAST_STEAM_MOL_PER_S * c.n_cells, bus[c.shut_down] > 0.5, dt)
    if changed != OK:
        status = changed
        bus[EVENT_AMOUNT] = c.temperature_k
    mode = c.mode
    T0 = c.temperature_k
    if mode == OFF or mode == COOLING:
        _step_unheated(c, bus, props, fuel, sweep, has_gas, ambient, dt)
        return _worn(c, bus, T0, 0.0, status, dt)

    target, power = 0.0, (0.0, 0.0)
    if mode == RUNNING:
        target = max(wanted, c.power_min_w)
        power = limited_ramp(max(c.load_w, c.power_min_w), target, c.ramp_w_per_s * dt)
    T_mean, change, heater_max = T0, 0.0, 0.0
    if mode != TRIPPED:
        c.control_x, c.control_mean = same_mean_decay(c.control_x, c.control_mean, dt / c.control_time_s)
        x, decay = (0.0, 1.0) if mode == HEATING else (c.control_x, c.control_mean)
        T_mean, change = led_approach(T0, c.temperature_set_k, x, decay, c.heating_rate_k_per_s * dt)
        heater_max = c.heater_power_max_w
    capacity = c.heat_capacity_j_per_k
    is_open = T0 >= _GAS_PATH_K and (has_gas or mode == RUNNING)
    T_out, passed, h, cp, gas = _unreacted(c, props, fuel, sweep, is_open, T_mean)

    cell, controlled = cell_of(c), (0.0, 0.0)
    feed = ((c.inlet_hydrogen_frac, 0.0), 0.0, 0.0, c.oxygen_log)
    available, stack_max = 0.0, 0.0
    if mode == RUNNING:
        feed = _feed(c, fuel, sweep, has_sweep)
        controlled = controlled_cell(c, cell, T_mean)
        available = power[0] * (1.0 - c.parasitic_frac) - c.parasitic_fixed_w
        stack_max = available
        if T0 > c.temperature_limit_k:
            span = c.temperature_trip_k - c.temperature_limit_k
            stack_max = available * max(0.0, (c.temperature_trip_k - T0) / span)
            status = OVER_TEMPERATURE
            bus[EVENT_AMOUNT] = T0 - c.temperature_limit_k
    box = (T0, T_mean, ambient, change * capacity / dt, c.loss_conductance_w_per_k, capacity)
    stacks = (c.n_cells, c.voltage_max_v, c.current_a)
    current, voltage, heater, T_box, asked, is_solved = soec_operating_point(
        (available, stack_max, heater_max), gas, box, cell, controlled, stacks, feed, dt
    )
    if not is_solved:
        return NOT_CONVERGED

    made = c.n_cells * WATER_SPLIT_MOL_PER_C * current
    enthalpy_in, enthalpy_out = 0.0, 0.0
    if is_open:
        enthalpy_in = fuel.enthalpy_w + sweep.enthalpy_w
    if is_open and has_gas:
        enthalpy_out = _hold_reacted(c, props, fuel, sweep, made, h, cp, T_out, passed * (T_box - T_mean), dt)
    elif has_gas or c.is_filled != 0.0:
        _bypass(c, props, fuel, sweep, dt)
    c.is_filled = 1.0 if has_gas or is_gas_held(c) else 0.0
    stack = c.n_cells * voltage * current
    loss = c.loss_conductance_w_per_k * (T_box - ambient)
    c.temperature_k = stored_heat_temperature(T0, dt, stack + heater + enthalpy_in, enthalpy_out, loss, capacity)
    if not c.temperature_k < _HIGHEST_K:
        bus[EVENT_AMOUNT] = c.temperature_k
        return OUT_OF_RANGE

    parasitic = c.parasitic_fixed_w
    if mode == RUNNING:
        total = (stack + heater + parasitic) / (1.0 - c.parasitic_frac)
        parasitic = total - stack - heater
        status = _loaded(c, bus, total, power, made, status, dt)
    else:
        c.load_w = 0.0
    demand = _steam_demand(c, wanted, power, target, asked, dt)
    if c.start_sort > 0.0:
        warming_j = (heater + parasitic) * dt if mode == HEATING else 0.0
        record_start(c, wanted, power[0], power[1], warming_j, dt)
    status = _worn(c, bus, T0, current, status, dt)
    _set_point(c, current, voltage, made / n_water if made > 0.0 else 0.0, made * MOLAR_MASS_H2_KG_PER_MOL)
    _set_ports(c, bus, stack + parasitic, heater, loss + parasitic, demand)
    return status


@kernel
def begin(c, props):
    """Start hot (ready to run) or cold, as the starting temperature says."""
    c.mode = HOT_STANDBY if c.temperature_start_k >= c.temperature_ready_k else OFF
    c.temperature_k = c.temperature_start_k
    c.fuel_temperature_k = max(c.temperature_start_k, STANDARD_TEMPERATURE_K)
    c.oxygen_temperature_k = c.fuel_temperature_k
    c.oxygen_log = math.log(c.outlet_pressure_pa / STANDARD_PRESSURE_PA)
    return OK


@kernel
def content(c, props):
    """Return what the module holds: outlet gas not yet handed out, and heat of the hot box."""
    h2, o2, n2, water, energy_j = held_gas(c)
    return h2, o2, n2, water, energy_j + c.heat_capacity_j_per_k * (c.temperature_k - STANDARD_TEMPERATURE_K)


KIND = Kind(
    name="soec_module",
    doc="Solid oxide electrolyser module: stacks in a heated box, with standby, ramps, wear and outlet gas hold-up",
    fields=(
        parameter("power_max_w", "W", "highest total power (stacks, heater, parasitic loads)", 2.4e6, ge=1.0),
        parameter(
            "power_min_w", "W", "lowest total power at which the module runs", 1.2e5, ge=1.0, size_from="power_max_w"
        ),
        parameter(
            "ramp_w_per_s",
            "W/s",
            "fastest change of total power; 4000 is 0.24 MW/min",
            4000.0,
            ge=1.0,
            size_from="power_max_w",
        ),
        parameter(
            "n_cells",
            "1",
            "cells, all at the same current",
            20400.0,
            ge=1.0,
            le=1.0e7,
            is_whole=True,
            size_from="power_max_w / cell_area_m2",
        ),
        parameter("cell_area_m2", "m2", "active area of a cell", 0.0128, ge=1.0e-4),
        parameter("asr_ohm_m2", "ohm m2", "area-specific resistance of a new cell", 5.0e-5, ge=1.0e-6, le=1.0e-3),
        parameter("asr_temperature_k", "K", "temperature at which it is given", 1073.15, ge=800.0, le=1300.0),
        parameter("asr_activation_k", "K", "its activation energy over R", 7237.0, ge=0.0, le=20000.0),
        parameter(
            "electrolyte_thickness_m", "m", "zirconia electrolyte on top of it (INL formula)", 0.0, ge=0.0, le=1.0e-3
        ),
        parameter("inlet_hydrogen_frac", "1", "hydrogen in the cell inlet, own gas recycled", 0.1, ge=0.01, le=0.5),
        parameter(
            "target_utilisation_frac",
            "1",
            "share of the steam to split",
            0.8,
            0.09,
            0.95,
            size_from="utilisation_max_frac",
        ),
        parameter(
            "utilisation_max_frac", "1", "share at which starving steam holds the current", 0.85, ge=0.1, le=0.97
        ),
        parameter("voltage_max_v", "V", "highest cell voltage", 1.45, ge=1.0, le=2.0),
        parameter("recuperation_frac", "1", "cooling of the outlet gas over (box - inlet)", 0.75, ge=0.0, le=1.0),
        parameter("outlet_pressure_pa", "Pa", "pressure of the stacks and their outlets", 1.05e5, ge=5.0e4, le=2.0e6),
        parameter(
            "gas_residence_time_s", "s", "outlet gas in the module; longer steps hand out all of the last", 60.0, ge=0.0
        ),
        parameter(
            "heat_capacity_j_per_k", "J/K", "heat capacity of the hot box", 6.0e6, ge=1.0, size_from="power_max_w"
        ),
        parameter("loss_conductance_w_per_k", "W/K", "hot box to surroundings", 64.0, ge=0.0, size_from="power_max_w"),
        parameter("heater_power_max_w", "W", "electric heater of the hot box", 3.0e5, ge=0.0, size_from="power_max_w"),
        parameter("heating_rate_k_per_s", "K/s", "fastest heating and cooling by control", 1.0 / 60.0, ge=1.0e-4),
        parameter("control_time_s", "s", "time constant of the temperature control", 1800.0, ge=1.0),
        parameter(
            "parasitic_fixed_w", "W", "blowers and controls while warm, DC", 12000.0, ge=0.0, size_from="power_max_w"
        ),
        parameter(
            "parasitic_frac", "1", "blowers, share of total power (conversion: rectifier)", 0.011, ge=0.0, le=0.5
        ),
        *TEMPERATURES,
        parameter("trip_hold_s", "s", "time until a tripped module may restart", 3600.0, ge=0.0),
        parameter("standby_limit_s", "s", "idle time in hot standby before it cools down", 1.0e9, ge=0.0),
        *WEAR_PARAMETERS,
        state("mode", "1", "0 off and cold, 1 heating, 2 hot standby, 3 running, 4 cooling, 5 tripped"),
        state("temperature_k", "K", "temperature of the hot box", 298.15),
        state("load_w", "W", "total power at the end of the step"),
        counter("running_h", "h", "hours with current"),
        counter("idle_hot_h", "h", "hours hot enough to run, without current"),
        counter("n_starts", "1", "starts from hot standby"),
        *START_FIELDS,
        state("n_thermal_cycles", "1", "starts from cold"),
        counter("n_replacements", "1", "stack replacements"),
        state("asr_growth_frac", "1", "growth of the resistance since new"),
        state("reacted_h2o_mol", "mol", "water split"),
        state("standby_s", "s", "idle time in hot standby"),
        state("trip_s", "s", "time since the trip"),
        memory("oxygen_log", "1", "ln of pressure over 1 bar"),
        memory("decay_step_s", "s", "step for which the next value holds"),
        memory("decay_frac", "1", "share of the distance to ambient that a cold module covers in a step"),
        memory("control_x", "1", "step over the time constant of the control"),
        memory("control_mean", "1", "mean over such a step of what is left of a deviation", default=1.0),
        memory("is_filled", "1", "1 if there is outlet gas to hand out"),
        *HELD_CELL_STATES,
        *HELD_OUTLET_STATES,
        *HELD_GAS_FIELDS,
        output("current_a", "A", "cell current"),
        output("voltage_v", "V", "cell voltage"),
        output("current_density_a_per_m2", "A/m2", "current density"),
        output("utilisation_frac", "1", "share of the steam that was split"),
        output("stack_power_w", "W", "power of the stacks alone"),
        output("hydrogen_made_kg_per_s", "kg/s", "hydrogen made"),
    ),
    ports=(
        Port("steam", "stream", "in", "steam, may contain hydrogen and nitrogen", pressure="outlet_pressure_pa"),
        Port("sweep", "stream", "in", "sweep gas of the oxygen side"),
        Port(
            "hydrogen",
            "stream",
            "out",
            "hydrogen and steam, from what is held",
            is_emitted=True,
            border="vented",
            pressure="outlet_pressure_pa",
        ),
        Port(
            "oxygen",
            "stream",
            "out",
            "oxygen, with the sweep gas, from what is held",
            is_emitted=True,
            border="vented",
            border_label="To the air",
            pressure="outlet_pressure_pa",
        ),
        Port("power", "power", "in", "stacks and parasitic loads, DC", writes=True),
        Port(
            "heater_power",
            "power",
            "in",
            "heater of the hot box",
            writes=True,
            idle_without=("heater_power_max_w",),
        ),
        Port("heat_loss", "heat", "out", "to the surroundings, parasitic loads included", border="surroundings"),
        Port("setpoint", "signal", "in", "total power wanted, heater included", unit="W"),
        Port("steam_demand", "signal", "out", "steam wanted in the next step", unit="kg/s"),
        Port("shut_down", "signal", "in", "1: to cool down when it is not to run", unit="1"),
        Port("hours", "signal", "out", "hours with current", unit="h"),
        Port("starts", "signal", "out", "starts", unit="1"),
        Port("ready", "signal", "out", "1 unless tripped", unit="1"),
        Port("ambient_temperature", "signal", "in", "surroundings", default="series.temp_air_degc", unit="K"),
    ),
    step=step,
    emit=emit,
    begin=begin,
    content=content,
    orders=(
        Order("target_utilisation_frac", "utilisation_max_frac", "it would be short of steam at its target"),
        Order("temperature_run_min_k", "temperature_ready_k", "it would be ready below where it may run"),
        Order("temperature_ready_k", "temperature_set_k", "it would never be ready"),
        Order("temperature_set_k", "temperature_limit_k", "its power would be cut at its set point"),
        Order("temperature_limit_k", "temperature_trip_k", "it would trip before its power is cut", is_strict=True),
        Order("temperature_start_k", "temperature_trip_k", "it would start above its trip", is_strict=True),
        Order("heater_power_max_w", "power_max_w", "its heater would draw more than the module is rated for"),
    ),
    role=Maker(
        technology="SOEC",
        unit="SOEC module",
        units="SOEC modules",
        power=("power",),
        rated_power="power_max_w",
        made="hydrogen_made_kg_per_s",
        heater_power=("heater_power",),
        minimum_power="power_min_w",
        ramp="ramp_w_per_s",
        current_density="current_density_a_per_m2",
        voltage="voltage_v",
        temperature="temperature_k",
        mode="mode",
        wear=Wear("asr_growth_frac", "end_of_life_growth_frac", cycles="n_thermal_cycles", idle="idle_hot_h"),
        starts=(
            StartType("hot", "a start of an SOEC module, hot", True, "hot", no_ageing, hot_start),
            StartType("cold", "a start of an SOEC module from cold", False, "cold", ageing_by_cycle, cold_start),
        ),
        curve=new_soec_curve,
    ),
    contradictions=soec_contradictions,
    laws=(
        *solid_oxide_laws(),
        solid_oxide_wear(),
        solid_oxide_life(),
        electrolysis_balance(("steam", "sweep")),
        hold_up(),
    ),
    # 2130 EUR/kW for a SOEC system: stack 30 %, hot balance of plant 34 %; cost, wear and life (20,000 h) are those of
    # 2020; worn-out stacks make 1 % less at full power, for then their heater rests
    costs=(
        cost(
            "stack",
            ("power_max_w",),
            2.4e6,
            1534.0e3,
            1.0,
            f"{JU_2020}, 2130 EUR/kW; {BOEHM_2019}",
            life_years=5.0,
            life_h=20.0e3,
            end_of_life_loss_frac=0.01,
            low_ratio=0.6,
            high_ratio=1.3,
        ),
        cost("hot balance of plant", ("power_max_w",), 2.4e6, 1738.0e3, 0.9, f"{JU_2020}; {BOEHM_2019}"),
    ),
)
