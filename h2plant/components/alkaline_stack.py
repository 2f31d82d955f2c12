"""Alkaline (KOH) electrolysis stack with its lye loop: separators, pump, cooler, crossover, wear."""

import math

from h2plant.components.alkaline_cell import (
    alkaline_polarisation,
    cell_count,
    crossing,
    faraday_terms,
    pump_frac,
)
from h2plant.components.alkaline_gas import (
    full_moles,
    held_moles,
    hold_gases,
    hydrogen_share,
    rest_crossing,
    separators,
    spilled_water,
    stack_pressure,
)
from h2plant.components.alkaline_parameters import PARAMETERS, PORTS, STATES
from h2plant.components.alkaline_size import alkaline_contradictions
from h2plant.components.hold_up import hand_out, held_gas
from h2plant.components.pem_mode import (
    OFF,
    RESTART_LEVEL,
    RUNNING,
    STANDBY,
    STARTING,
    TRIPPED,
    accepted,
    next_mode,
    put_scalars,
    ramped_power,
    trip,
)
from h2plant.components.start_record import COLD, record_start
from h2plant.core.bus import EVENT_AMOUNT, ZERO
from h2plant.core.constants import (
    GAS_CONSTANT_J_PER_MOL_K,
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
    STANDARD_AIR_K,
    STANDARD_TEMPERATURE_K,
    WATER_SPLIT_MOL_PER_C,
)
from h2plant.core.cost import JU_2020, cost
from h2plant.core.declare import Kind, Order
from h2plant.core.exponential import exponential
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import saturation_pressure, water_enthalpy
from h2plant.core.role import Maker, Start, StartType, Wear
from h2plant.core.status import LIMITED, NOT_CONVERGED, OK, OUT_OF_RANGE, OVERFLOW, SHORTAGE, WORN_OUT
from h2plant.laws.alkaline import alkaline_laws
from h2plant.laws.electrolysis import electrolysis_balance, hold_up
from h2plant.physics.alkaline_electrochemistry import (
    alkaline_current_at_power,
    alkaline_current_at_voltage,
    alkaline_voltage,
    least_splitting_current,
    splitting_share,
    vapour_pressure_balej_1985,
)
from h2plant.physics.relaxation import approach, linear_step, mean_decay
from h2plant.physics.stream import mass_flow, put_nothing, put_stream, read_stream, stream_enthalpy
from h2plant.physics.thermal_control import cooled_step

_T0 = STANDARD_TEMPERATURE_K  # stored energy counts from here
_R_H2 = GAS_CONSTANT_J_PER_MOL_K / MOLAR_MASS_H2_KG_PER_MOL
_R_O2 = GAS_CONSTANT_J_PER_MOL_K / MOLAR_MASS_O2_KG_PER_MOL
_CV_H2 = 14305.0 - _R_H2  # J/(kg K), held gas as ideal gas (NIST, 300 to 350 K)
_CV_O2 = 922.0 - _R_O2
_C_WATER = 4186.0  # J/(kg K), mean of 20 to 90 C (IAPWS-95)
_C_KOH = 630.0  # J/(kg K): lye of 30 % has 3.12 kJ/(kg K) at 80 C (Le Bideau 2019, 10.1016/j.ijhydene.2018.12.222)
_KOH_KG_PER_MOL = 56.1056e-3
_LYE_KG_PER_M3 = 1260.0  # 30 % KOH at 70 to 80 C
_MAX_LEAD_K = 3.0  # how far the step's middle temperature may be foreseen from the last step's slope
_MAX_CUTS = 16  # how often trips may shorten one step
_FLUSHED = 0.5  # gas of the oxygen separator is judged once it holds this share of its full moles
_RESTED = 1.0 - 1.0e-9  # an electrode is as good as depolarised
_SMALL = 1.0e-9


@leaf
def _energy(c, temperature_k, water_kg, h2_kg, o2_kg):
    """Return the stored energy, J: metal, lye (water with its enthalpy of formation) and gas of both separators."""
    rise = temperature_k - _T0
    return (
        (c.heat_capacity_j_per_k + c.koh_kg * _C_KOH) * rise
        + water_kg * (c.water_reference_j_per_kg + _C_WATER * rise)
        + h2_kg * (_CV_H2 * rise - _R_H2 * _T0)
        + o2_kg * (_CV_O2 * rise - _R_O2 * _T0)
    )


@leaf
def _capacity(c, water_kg, h2_kg, o2_kg):
    """Return the heat capacity of stack, lye and gas, J/K."""
    return c.heat_capacity_j_per_k + c.koh_kg * _C_KOH + water_kg * _C_WATER + h2_kg * _CV_H2 + o2_kg * _CV_O2


@kernel
def emit(c, bus, props, dt):
    """Hand out gas, and the heat of the cooling, from what is held."""
    hand_out(c, bus, c.temperature_k, c.pressure_setpoint_pa, c.pressure_setpoint_pa, dt)
    return OK


@leaf
def _rest(c, off_s):
    """Let the electrodes lose their polarisation by reverse current for off_s seconds."""
    if c.depolarised_frac < 1.0 and off_s > 0.0:
        c.depolarised_frac = approach(c.depolarised_frac, 1.0, c.reverse_current_time_s, off_s)
        if c.depolarised_frac > _RESTED:
            c.depolarised_frac = 1.0


@leaf
def _step_cold(c, bus, dt):
    """Let a cold stack that was let off follow the ambient temperature; returns 1.

    Returns 0 if it needs water or heat booked. What it still holds of gas and heat leaves by ``emit``.
    """
    if mass_flow(bus, c.water) > 0.0:
        return 0
    if dt != c.idle_step_s:
        c.idle_step_s = dt
        capacity = _capacity(c, c.water_kg, 0.0, 0.0)
        c.idle_decay = approach(1.0, 0.0, capacity / max(c.loss_w_per_k, _SMALL), dt)
        c.idle_loss_w_per_k = c.loss_w_per_k * mean_decay(dt * c.loss_w_per_k / capacity)
    ambient = bus[c.ambient_temperature]
    T = ambient + (c.temperature_k - ambient) * c.idle_decay
    if c.frost_protection_temperature_k > T:
        return 0
    put_scalars(c, bus, 0.0, c.idle_loss_w_per_k * (c.temperature_k - ambient), 0.0)
    put_nothing(bus, c.vent, T, c.pressure_pa)
    put_nothing(bus, c.drain, T, c.pressure_pa)
    _rest(c, dt)
    c.temperature_k = T
    c.lye_inlet_temperature_k = T
    c.heater_w = 0.0
    c.pump_w = 0.0
    return 1


@leaf
def _draw(c, bus, wanted_w, on, T, p_vapour, pressure, status, dt):
    """Return (power with the pump while current flows, W; current density, A/m2, NaN without solution; status)."""
    c.cell_voltage_v = 0.0
    if on <= 0.0:
        return 0.0, 0.0, status
    if wanted_w > c.rated_power_w * (1.0 + _SMALL):
        status = LIMITED
        bus[EVENT_AMOUNT] = wanted_w - c.rated_power_w
    power_w = ramped_power(c, min(wanted_w, c.rated_power_w), on * dt)
    zero_current_v, r, s, t = alkaline_polarisation(c, T, pressure, p_vapour)
    zero_current_v += c.degradation_v
    density = max(power_w - c.rated_pump_w, 0.0) / c.area_m2
    j, voltage = alkaline_current_at_power(density, c.current_density_a_per_m2, zero_current_v, r, s, t)
    if not j >= 0.0:
        return power_w, j, status
    highest = c.max_current_density_a_per_m2
    if voltage > c.max_cell_voltage_v:
        highest = min(alkaline_current_at_voltage(c.max_cell_voltage_v, j, zero_current_v, r, s, t), highest)
        if highest < 0.0:
            return power_w, highest, status
    if j > highest:
        j = highest
        voltage, _ = alkaline_voltage(j, zero_current_v, r, s, t)
        status = LIMITED
        bus[EVENT_AMOUNT] = power_w - c.rated_pump_w - j * voltage * c.area_m2
        power_w = j * voltage * c.area_m2 + c.rated_pump_w
        c.power_end_w = min(c.power_end_w, power_w)
    c.current_density_a_per_m2 = j
    c.cell_voltage_v = voltage
    return power_w, j, status


@leaf
def _least_load(c, j, share, h2_over, o2_over, gas_pa):
    """Return the part of the rated current at which the hydrogen in the oxygen would settle at its limit."""
    h2_base, o2_base = crossing(c, 0.0, c.area_m2, gas_pa)
    splitting = j * share
    factor = (splitting / 1000.0) ** c.supersaturation_exponent * c.area_m2
    h2_excess = (h2_over - h2_base) / factor
    o2_excess = (o2_over - o2_base) / factor
    h2_base, o2_base = h2_base / c.area_m2, o2_base / c.area_m2
    least = least_splitting_current(
        c.h2_in_o2_trip_frac, h2_base, h2_excess, o2_base, o2_excess, c.supersaturation_exponent, splitting
    )
    return least / (share * c.full_current_density_a_per_m2)


@leaf
def _react(c, bus, on, j, T, gas_pa, full_mol, status, dt):
    """Return ((water split, hydrogen and oxygen that cross), mol/s; share of the step with current; status).

    Too much hydrogen in the oxygen separator trips the stack, at the time at which it gets there.
    """
    if on <= 0.0 or j <= 0.0:
        return (0.0, 0.0, 0.0), on, status
    half, limit = faraday_terms(c, T)
    share = splitting_share(j, half, limit)
    split = j * share * c.area_m2 * WATER_SPLIT_MOL_PER_C
    h2_over, o2_over = crossing(c, j * share, c.area_m2, gas_pa)
    c.crossover_min_load_frac = _least_load(c, j, share, h2_over, o2_over, gas_pa)
    h2_over, o2_over = min(h2_over, split), min(o2_over, 0.5 * split)
    c.faraday_efficiency_frac = share * (1.0 - h2_over / split)
    highest = c.h2_in_o2_trip_frac
    flow = h2_over + 0.5 * split - o2_over
    made = h2_over / flow
    _, held = held_moles(c)
    full_a = 0.5 * full_mol
    if held >= _FLUSHED * full_a:
        now = hydrogen_share(c.anode_h2_kg, c.anode_o2_kg)
        rate = flow / full_a
        then = made + (now - made) * exponential(-rate * on * dt)
        if then > highest:
            status = trip(c, bus, then)
            if now >= highest:
                on = 0.0
            else:
                on = min(on, math.log((made - now) / (made - highest)) / (rate * dt))
    return (split, h2_over, o2_over), on, status


@leaf
def _heated(c, start_k, T_end, T_mean, on, cooling, source, capacity, ambient, dt):
    """Return (heater, W; temperature at the end and mean, K): the heater keeps a stack at rest above its floor."""
    floor_k = c.frost_protection_temperature_k
    if STANDBY <= c.mode <= STARTING:
        floor_k = max(floor_k, c.keep_warm_temperature_k)
    if T_end >= floor_k or on > 0.0 or cooling > 0.0:
        return 0.0, T_end, T_mean
    rate = c.loss_w_per_k / capacity
    heater = min((floor_k - T_end) * capacity / (dt * mean_decay(rate * dt)), c.heater_frac * c.rated_power_w)
    T_end, T_mean = linear_step(start_k, source + heater / capacity + rate * ambient, rate, dt)
    return heater, T_end, T_mean


@leaf
def _keep(c, T_end, water_kg, held, on, power_on, j, split, dt):
    """Keep the state at the end of the step, count water split, hours and wear, set the operating point's outputs."""
    c.slope_k_per_s = (T_end - c.temperature_k) / dt
    c.temperature_k = T_end
    c.water_kg = water_kg
    c.cathode_h2_kg, c.cathode_o2_kg, c.anode_h2_kg, c.anode_o2_kg = held
    c.h2_in_o2_frac = hydrogen_share(c.anode_h2_kg, c.anode_o2_kg)
    c.koh_frac = c.koh_kg / (c.koh_kg + water_kg)
    c.idle_step_s = 0.0
    cathode, anode = held_moles(c)
    c.is_settled = 1.0 if on <= 0.0 and cathode + anode <= 0.0 else 0.0
    c.reacted_h2o_mol += split * on * dt
    c.running_h += on * dt / 3600.0
    c.degradation_v += c.degradation_v_per_s * (j / c.full_current_density_a_per_m2) * on * dt
    c.current_a = j * c.cell_area_m2 * on
    c.load_frac = power_on * on / c.rated_power_w
    if on <= 0.0:
        c.faraday_efficiency_frac = 0.0


@leaf
def _count_start(c, was, on, wanted_w, power_on, capacity, status, dt):
    """Book the step of a start under way; what the stack lacks in warmth when current first flows counts too.

    A stack that its highest voltage holds back while it is cold is still starting.
    """
    lack_k = max(c.temperature_setpoint_k - c.temperature_k, 0.0)
    lack_j = lack_k * capacity if was != RUNNING and on > 0.0 else 0.0
    is_full = status == LIMITED and c.cell_voltage_v < c.max_cell_voltage_v * (1.0 - 1.0e-6)
    end_w = 0.0 if on <= 0.0 else wanted_w if is_full else c.power_end_w
    record_start(c, min(wanted_w, c.rated_power_w), power_on * on, end_w, c.heater_w * dt + lack_j, dt)


@leaf
def _last_status(c, bus, on, full_mol, spilled, status):
    """Return the status with what is found out last: a trip, an overflow, a stack at the end of its life, replaced."""
    _, anode = held_moles(c)
    if c.mode == RUNNING and anode >= 0.5 * _FLUSHED * full_mol and c.h2_in_o2_frac > c.h2_in_o2_trip_frac:
        status = trip(c, bus, c.h2_in_o2_frac)
        bus[c.ready] = 0.0
    if status == OK and spilled > 0.0:
        status = OVERFLOW
        bus[EVENT_AMOUNT] = spilled
    if on > 0.0 and c.degradation_v >= c.end_of_life_v:
        c.degradation_v = 0.0
        c.n_replacements += 1.0
        status = WORN_OUT
        bus[EVENT_AMOUNT] = c.running_h
    return status


@leaf
def _polarise(c, was, on, dt):
    """Count the time at rest against the electrodes, and book its wear when current flows again."""
    if c.mode == RUNNING and was != RUNNING:
        _rest(c, (1.0 - on) * dt)
        c.degradation_v += c.degradation_per_stop_v * c.depolarised_frac
        c.depolarised_frac = 0.0
    elif on > 0.0:
        c.depolarised_frac = 0.0
        _rest(c, (1.0 - on) * dt)
    else:
        _rest(c, dt)


@kernel
def step(c, bus, props, dt):
    """Advance the stack by dt: mode, current at the given power, gases, lye, heat, wear."""
    wanted = bus[c.setpoint]
    wants, status = accepted(c, bus, wanted)
    if c.mode == OFF and c.is_settled > 0.0 and not wants and _step_cold(c, bus, dt) == 1:
        return status
    if dt != c.step_s:
        c.step_s = dt
        c.control_decay = approach(1.0, 0.0, c.control_time_s, dt)
        c.control_mean = mean_decay(dt / c.control_time_s)
    if c.mode == STANDBY and c.h2_in_o2_frac > c.h2_in_o2_trip_frac:
        c.mode = OFF  # its oxygen is not to be kept any longer
    was = c.mode
    on = next_mode(c, wants, bus[c.shut_down] > 0.5, dt)
    missing_kg = RESTART_LEVEL * c.water_trip_kg - c.water_kg
    if c.mode == STARTING and c.timer_s <= 0.0 and missing_kg > 0.0:  # ready but for water
        status = SHORTAGE
        bus[EVENT_AMOUNT] = missing_kg / dt
    _polarise(c, was, on, dt)
    is_starting = c.mode == STARTING or (c.mode == RUNNING and was != RUNNING)
    is_let_off = 1.0 if c.mode == OFF or c.mode == TRIPPED or (c.mode == STARTING and c.start_sort == COLD) else 0.0

    # the temperature in the middle of the step, foreseen from the last step's slope
    start_k, start_kg = c.temperature_k, c.water_kg
    T = start_k + max(-_MAX_LEAD_K, min(_MAX_LEAD_K, 0.5 * dt * c.slope_k_per_s))
    p_vapour = vapour_pressure_balej_1985(saturation_pressure(props, T), c.molality_mol_per_kg)
    pressure = stack_pressure(c, T, p_vapour)
    c.pressure_pa = pressure
    p_out = pressure if is_let_off > 0.0 else c.pressure_setpoint_pa  # else gas leaves a full separator only
    full_mol = full_moles(c, T, c.pressure_setpoint_pa - p_vapour)

    power_on, j, status = _draw(c, bus, wanted, on, T, p_vapour, pressure, status, dt)
    if not j >= 0.0:
        return NOT_CONVERGED
    rates, on, status = _react(c, bus, on, j, T, pressure - p_vapour, full_mol, status, dt)
    rest = (0.0, 0.0)
    if on <= 0.0 and is_let_off <= 0.0:
        rest = rest_crossing(c, T, c.area_m2, dt)

    feed = read_stream(bus, c.water)
    water_in = feed.vapour + feed.liquid
    ambient, coolant = bus[c.ambient_temperature], bus[c.coolant_temperature]
    cooler = c.own_cooler_w_per_k
    if cooler <= 0.0:
        cooler = bus[c.cooling_conductance] * c.cooling_share_frac
    k_loss, set_k = c.loss_w_per_k, c.temperature_setpoint_k
    before = _energy(c, start_k, start_kg, c.cathode_h2_kg + c.anode_h2_kg, c.cathode_o2_kg + c.anode_o2_kg)
    n_cuts = 0
    while True:  # again only where a trip shortens the step
        cathode, anode, held, used = separators(c, feed, on, rates, rest, full_mol, is_let_off, p_vapour, p_out, dt)
        water_kg = start_kg + (water_in - used) * dt
        if water_kg < c.water_trip_kg and on > 0.0 and n_cuts < _MAX_CUTS:
            n_cuts += 1
            status = trip(c, bus, water_kg)
            on *= 0.99 * max(start_kg + water_in * dt - c.water_trip_kg, 0.0) / (used * dt)
            continue
        spilled = max(water_kg - c.water_capacity_kg, 0.0) / dt
        water_kg -= spilled * dt
        capacity = _capacity(c, water_kg, held[0] + held[2], held[1] + held[3])
        pumped = c.rated_pump_w * (1.0 - on) if is_starting else 0.0
        gain = power_on * on + pumped + feed.enthalpy_w
        hydrogen_w = stream_enthalpy(props, *cathode, 0.0, T, p_out)
        oxygen_w = stream_enthalpy(props, *anode, 0.0, T, p_out)
        spilled_w, spilled_k = spilled_water(c, props, feed, spilled, T, dt)
        gain -= hydrogen_w + oxygen_w + spilled_w
        end_j = _energy(c, start_k, water_kg, held[0] + held[2], held[1] + held[3])
        source = (before + gain * dt - end_j) / (capacity * dt)
        T_end, T_mean, cooling = cooled_step(
            start_k, source, capacity, k_loss, ambient, cooler, coolant, set_k, c.control_decay, c.control_mean, dt
        )
        if T_end <= c.max_temperature_k or on <= 0.0 or n_cuts >= _MAX_CUTS:
            break
        n_cuts += 1
        status = trip(c, bus, T_end)
        on *= 0.999 * max(c.max_temperature_k - start_k, 0.0) / (T_end - start_k)

    heater, T_end, T_mean = _heated(c, start_k, T_end, T_mean, on, cooling, source, capacity, ambient, dt)
    if not T_end > 0.0:
        return OUT_OF_RANGE
    c.heater_w = heater
    c.pump_w = c.rated_pump_w * on + pumped
    c.hydrogen_made_kg_per_s = cathode[0] if is_let_off <= 0.0 else 0.0
    if is_let_off > 0.0:
        h2, o2, n2, vapour = cathode
        put_stream(bus, c.vent, h2, o2, n2, vapour, 0.0, hydrogen_w, T, p_out)
    else:
        put_nothing(bus, c.vent, T, pressure)
    put_stream(bus, c.drain, 0.0, 0.0, 0.0, 0.0, spilled, spilled_w, spilled_k, c.pressure_setpoint_pa)
    hold_gases(c, props, cathode, anode, is_let_off, p_out, (hydrogen_w, oxygen_w), cooling, T, dt)
    _keep(c, T_end, water_kg, held, on, power_on, j, rates[0], dt)
    c.lye_inlet_temperature_k = T_end - cooling / c.lye_w_per_k if c.pump_w > 0.0 else T_end
    if c.start_sort > 0.0:
        _count_start(c, was, on, wanted, power_on, capacity, status, dt)
    demand = 0.0
    if c.mode != OFF:
        demand = max(used + (c.water_setpoint_kg - water_kg) / max(c.level_time_s, 3.0 * dt), 0.0)
    put_scalars(c, bus, power_on * on + pumped + heater, k_loss * (T_mean - ambient), demand)
    return _last_status(c, bus, on, full_mol, spilled, status)


@kernel
def begin(c, props):
    """Size the stack by its rated power, fill the loop, and find the voltage gain at the end of life."""
    c.mode = OFF
    c.is_settled = 1.0
    c.depolarised_frac = 1.0
    c.temperature_k = c.initial_temperature_k
    c.lye_inlet_temperature_k = c.temperature_k
    c.pressure_pa = 1.01325e5
    rated_w, T = c.rated_power_w, c.temperature_setpoint_k
    c.molality_mol_per_kg = c.koh_setpoint_frac / (_KOH_KG_PER_MOL * (1.0 - c.koh_setpoint_frac))
    c.koh_kg = c.lye_kg_per_w * rated_w * c.koh_setpoint_frac
    c.water_setpoint_kg = c.lye_kg_per_w * rated_w - c.koh_kg
    c.water_kg = c.water_setpoint_kg
    c.koh_frac = c.koh_setpoint_frac
    c.water_trip_kg = c.lye_trip_frac * c.water_setpoint_kg
    c.water_capacity_kg = c.lye_full_frac * c.water_setpoint_kg
    c.water_reference_j_per_kg = water_enthalpy(props, c.pressure_setpoint_pa, _T0)
    c.heat_capacity_j_per_k = c.heat_capacity_j_per_k_w * rated_w
    c.loss_w_per_k = c.loss_w_per_k_w * rated_w
    c.separator_m3 = c.separator_m3_per_w * rated_w
    c.ramp_w_per_s = c.ramp_per_s * rated_w
    c.rated_pump_w = pump_frac(c) * rated_w
    c.own_cooler_w_per_k = c.cooler_w_per_k_w * rated_w if c.cooling_conductance == ZERO else 0.0
    heat_j_per_kg_k = c.koh_setpoint_frac * _C_KOH + (1.0 - c.koh_setpoint_frac) * _C_WATER
    c.lye_w_per_k = c.lye_flow_m3_per_s_w * rated_w * _LYE_KG_PER_M3 * heat_j_per_kg_k
    p_vapour = vapour_pressure_balej_1985(saturation_pressure(props, T), c.molality_mol_per_kg)
    zero_current_v, r, s, t = alkaline_polarisation(c, T, c.pressure_setpoint_pa, p_vapour)
    j = c.rated_current_density_a_per_m2
    voltage, _ = alkaline_voltage(j, zero_current_v, r, s, t)
    c.cells = cell_count(c, j * voltage)
    c.area_m2 = c.cells * c.cell_area_m2
    power_density = (rated_w - c.rated_pump_w) / c.area_m2
    j, voltage = alkaline_current_at_power(power_density, j, zero_current_v, r, s, t)
    if not j > 0.0:
        return NOT_CONVERGED
    c.full_current_density_a_per_m2 = j
    c.end_of_life_v = voltage * c.end_of_life_loss_frac / (1.0 - c.end_of_life_loss_frac)
    return OK


@kernel
def content(c, props):
    """Return what stack, lye and separators hold, and gas and heat that are yet to be handed out: kg and J."""
    h2, o2, n2, water, energy_j = held_gas(c)
    held_h2, held_o2 = c.cathode_h2_kg + c.anode_h2_kg, c.cathode_o2_kg + c.anode_o2_kg
    stored_j = _energy(c, c.temperature_k, c.water_kg, held_h2, held_o2)
    return held_h2 + h2, held_o2 + o2, n2, c.water_kg + water, stored_j + (energy_j + c.heat_in_transit_j)


def _ageing_by_start(values):
    """Return the share of the stack's life that a start from cold uses up, with the stop before it."""
    return (values["degradation_per_start_v"] + values["degradation_per_stop_v"]) / values["end_of_life_v"]


def _ageing_by_hot_start(values):
    """Return the same for a start from standby, at most: reverse current flowed for the whole of it."""
    rested = 1.0 - math.exp(-values["standby_time_s"] / values["reverse_current_time_s"])
    return (values["degradation_per_start_v"] + rested * values["degradation_per_stop_v"]) / values["end_of_life_v"]


def _cold_start(values):
    """Return a start from cold, from the parameters.

    The heat is that of stack and lye; the stack makes it from its own losses, at a higher voltage while it is cold,
    so taken as bought it is an upper bound. The time is that of sweeping and checks, and half of the ramp from the
    smallest load to the rated one.
    """
    ramp_s = (1.0 - values["min_load_frac"]) / values["ramp_per_s"]
    koh = values["koh_setpoint_frac"]
    lye_j_per_k_w = values["lye_kg_per_w"] * (koh * _C_KOH + (1.0 - koh) * _C_WATER)
    capacity_j_per_k = (values["heat_capacity_j_per_k_w"] + lye_j_per_k_w) * values["rated_power_w"]
    return Start(
        energy_j=capacity_j_per_k * max(values["temperature_setpoint_k"] - STANDARD_AIR_K, 0.0),
        lost_s=values["start_time_s"] + 0.5 * ramp_s,
        ageing_frac=_ageing_by_start(values),
        time_s=values["start_time_s"] + ramp_s,
    )


def _curve():
    """Return the curves of a new stack; loaded where something asks for them."""
    from h2plant.components.alkaline_curve import AlkalineCurve

    return AlkalineCurve()


_IRENA_2020 = "IRENA 2020, Green Hydrogen Cost Reduction, ISBN 978-92-9260-295-6, shares of an alkaline system"
_KRISHNAN_2023 = "Krishnan et al. 2023, 10.1016/j.ijhydene.2023.05.031, stacks 242 to 388 EUR/kW in 2020"

KIND = Kind(
    name="alkaline_stack",
    doc="Alkaline (KOH) electrolysis stack with lye loop: separators, pump, cooler, crossover, reverse current, wear.",
    fields=(*PARAMETERS, *STATES),
    ports=PORTS,
    step=step,
    emit=emit,
    begin=begin,
    content=content,
    orders=(
        Order("temperature_setpoint_k", "max_temperature_k", "it would trip before it is warm", is_strict=True),
        Order("keep_warm_temperature_k", "temperature_setpoint_k", "it would be warmed above its set point"),
        Order("frost_protection_temperature_k", "temperature_setpoint_k", "it would be warmed above its set point"),
        Order("initial_temperature_k", "max_temperature_k", "it would start above its trip"),
    ),
    contradictions=alkaline_contradictions,
    role=Maker(
        technology="ALK",
        unit="alkaline stack",
        units="alkaline stacks",
        power=("power",),
        rated_power="rated_power_w",
        made="hydrogen_made_kg_per_s",
        heater="heater_w",
        minimum_power="min_load_frac",
        ramp="ramp_per_s",
        current="current_a",
        cell_area="cell_area_m2",
        voltage="cell_voltage_v",
        load="load_frac",
        temperature="temperature_k",
        mode="mode",
        wear=Wear("degradation_v", "end_of_life_v"),
        starts=(
            StartType("standby", "a start of an alkaline stack from standby", False, "hot", _ageing_by_hot_start),
            StartType("", "a start of an alkaline stack from cold", True, "cold", _ageing_by_start, _cold_start),
        ),
        curve=_curve,
    ),
    laws=(
        *alkaline_laws(),
        electrolysis_balance(
            ("water",),
            ("cathode_h2_kg", "anode_h2_kg"),
            ("water_kg",),
            ("cathode_o2_kg", "anode_o2_kg"),
            ("vent", "drain"),
        ),
        hold_up("heat"),
    ),
    # 600 EUR/kW for an alkaline system: stack 45 %, lye loop 22 % of the other 55 %; supply and gas are other kinds
    costs=(
        cost(
            "stack",
            ("rated_power_w",),
            1.0e6,
            270.0e3,
            1.0,
            f"{JU_2020}, 600 EUR/kW; {_IRENA_2020}; {_KRISHNAN_2023}",
            life_years=10.0,
            life_h=80.0e3,
            end_of_life_loss_frac=0.10,
            low_ratio=0.7,
            high_ratio=1.45,
        ),
        cost("lye loop", ("rated_power_w",), 1.0e6, 73.0e3, 0.9, f"{JU_2020}, 600 EUR/kW; {_IRENA_2020}"),
    ),
)
