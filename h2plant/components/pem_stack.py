"""Proton exchange membrane electrolysis stack with its anode water loop and cathode gas space."""

from h2plant.components.hold_up import (
    HELD_GAS_FIELDS,
    hand_out,
    held_gas,
    hold_oxygen,
    passed_liquid,
)
from h2plant.components.pem_cell import polarisation, stack_products
from h2plant.components.pem_energy import ENERGY_ZERO_K, R_H2, heat_capacity, stored_energy
from h2plant.components.pem_gas import electrode_gases, hold_gas_and_heat
from h2plant.components.pem_held import HELD_STATES, electrode_enthalpies, held_permeability_ratio, saturated_vapour
from h2plant.components.pem_mode import (
    OFF,
    RESTART_LEVEL,
    RUNNING,
    STANDBY,
    STARTING,
    accepted,
    freeze,
    next_mode,
    put_scalars,
    ramped_power,
    trip,
)
from h2plant.components.pem_parameters import PEM_PARAMETERS
from h2plant.components.pem_size import pem_contradictions
from h2plant.components.pem_start import ageing_by_start, cold_start
from h2plant.components.start_record import START_FIELDS, record_start
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import (
    MOLAR_MASS_H2_KG_PER_MOL,
    WATER_SPLIT_MOL_PER_C,
)
from h2plant.core.cost import IRENA_2020, JU_2020, cost
from h2plant.core.declare import Kind, Order, Port, counter, memory, output, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import saturation_pressure, water_enthalpy
from h2plant.core.role import Maker, StartType, Wear
from h2plant.core.status import (
    LIMITED,
    NOT_CONVERGED,
    OK,
    OUT_OF_RANGE,
    OVERFLOW,
    SHORTAGE,
    UNDER_TEMPERATURE,
    WORN_OUT,
)
from h2plant.laws.electrolysis import electrolysis_balance, hold_up
from h2plant.laws.pem import pem_laws
from h2plant.physics.frost import FREEZING_K
from h2plant.physics.pem_electrochemistry import cell_voltage, current_density_at_power
from h2plant.physics.relaxation import approach, linear_step, mean_decay
from h2plant.physics.stream import mass_flow, put_nothing, put_stream, read_stream
from h2plant.physics.thermal_control import cooled_step

_SETTLED_PA = 5.0e4  # an idle cathode this little above the anode no longer leaks
_MAX_LEAD_K = 3.0  # how far the step's middle temperature may be foreseen from the last step's slope
_MAX_CUTS = 16  # how often trips may shorten one step
_FILLED = 0.999  # below this share of its pressure the closed cathode reduces the oxygen that crosses
_NOT_FOUND = -1.0  # factors of a stack at rest, cathode vented
_SMALL = 1.0e-9


@kernel
def emit(c, bus, props, dt):
    """Hand out gas, and the heat of the cooling, from what is held."""
    hand_out(c, bus, c.temperature_k, c.cathode_pressure_setpoint_pa, c.anode_pressure_pa, dt)
    return OK


@leaf
def _step_cold(c, bus, dt):
    """Let a cold, vented stack follow the ambient temperature; returns 1, or 0 if it needs water or heat booked.

    What it still holds of gas and heat leaves by ``emit``.
    """
    if mass_flow(bus, c.water) > 0.0:
        return 0
    if dt != c.idle_step_s:
        c.idle_step_s = dt
        capacity = heat_capacity(c, c.water_kg, c.cathode_h2_kg)
        c.idle_decay = approach(1.0, 0.0, capacity / max(c.loss_w_per_k, _SMALL), dt)
        c.idle_loss_w_per_k = c.loss_w_per_k * mean_decay(dt * c.loss_w_per_k / capacity)
    ambient = bus[c.ambient_temperature]
    T = ambient + (c.temperature_k - ambient) * c.idle_decay
    if c.frost_protection_temperature_k > T:
        return 0
    put_scalars(c, bus, 0.0, c.idle_loss_w_per_k * (c.temperature_k - ambient), 0.0)
    put_nothing(bus, c.vent, T, c.anode_pressure_pa)
    c.temperature_k = T
    c.heater_w = 0.0
    return 1


@leaf
def _draw(c, bus, wanted_w, on, T, p_sat, p_cathode, status, dt):
    """Return (power while current flows, W; current density, A/m2, NaN without solution; status)."""
    c.cell_voltage_v = 0.0
    c.h2_in_o2_frac = 0.0
    if on <= 0.0:
        return 0.0, 0.0, status
    if wanted_w > c.rated_power_w * (1.0 + _SMALL):
        status = LIMITED
        bus[EVENT_AMOUNT] = wanted_w - c.rated_power_w
    power_w = ramped_power(c, min(wanted_w, c.rated_power_w), on * dt)
    area = c.n_cells * c.cell_area_m2
    zero_current_v, p_h2, p_o2, b, j0, r = polarisation(c, T, p_sat, p_cathode, c.anode_pressure_pa)
    zero_current_v += c.degradation_v
    last = c.current_density_a_per_m2
    j, voltage = current_density_at_power(power_w / area, last, T, zero_current_v, p_h2, p_o2, b, j0, r)
    if not j >= 0.0:
        return power_w, j, status
    if j > c.max_current_density_a_per_m2:
        j = c.max_current_density_a_per_m2
        voltage = cell_voltage(j, T, zero_current_v, p_h2, p_o2, b, j0, r)
        status = LIMITED
        bus[EVENT_AMOUNT] = power_w - j * voltage * area
        power_w = j * voltage * area
        c.power_end_w = min(c.power_end_w, power_w)
    c.current_density_a_per_m2 = j
    c.cell_voltage_v = voltage
    return power_w, j, status


@leaf
def _react(c, bus, on, j, split, T, p_sat, p_cathode, status):
    """Return (molar rates while current flows, mol/s, as from ``stack_products``; share of the step with it; status).

    Too much hydrogen in the oxygen trips the stack.
    """
    if on <= 0.0:
        return (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), on, status
    p_anode = c.anode_pressure_pa
    area = c.n_cells * c.cell_area_m2
    reduction = c.cathode_recombination_frac if p_cathode >= c.cathode_pressure_setpoint_pa * _FILLED else 1.0
    rates = stack_products(c, area, j, T, p_sat, p_cathode, p_anode, reduction)
    h2_anode, o2_anode, with_water = rates[2], rates[3], rates[7]
    limit = c.h2_in_o2_trip_frac
    c.h2_in_o2_frac = h2_anode / max(h2_anode + o2_anode, _SMALL)
    # oxygen needed to stay at the limit, and the current that makes it; what comes with water goes with the current
    per_h2 = (1.0 - limit) / limit
    least = split + 2.0 * ((h2_anode - with_water) * per_h2 - o2_anode)
    gained = max(1.0 - 2.0 * with_water * per_h2 / split, _SMALL) if split > 0.0 else 1.0
    c.crossover_min_load_frac = least / (gained * area * WATER_SPLIT_MOL_PER_C * c.rated_current_density_a_per_m2)
    if c.h2_in_o2_frac > limit:
        return rates, 0.0, trip(c, bus, c.h2_in_o2_frac)
    return rates, on, status


@leaf
def _leak(c, on, T, p_cathode, p_per_kg, dt):
    """Return the hydrogen, kg/s, that a pressurised cathode without current loses to the anode."""
    p_anode = c.anode_pressure_pa
    off_s = (1.0 - on) * dt
    if off_s <= 0.0 or p_cathode - p_anode <= _SETTLED_PA:
        return 0.0
    permeability = c.h2_diffusion_mol_per_m_s_pa + c.h2_convection_mol_per_m_s_pa
    area = c.n_cells * c.cell_area_m2 * held_permeability_ratio(c, T)
    rate = permeability / c.membrane_thickness_m * area * p_per_kg * MOLAR_MASS_H2_KG_PER_MOL
    return (c.cathode_h2_kg - p_anode / p_per_kg) * rate * mean_decay(rate * off_s) * (off_s / dt)


@leaf
def _heated(c, start_k, T_end, T_mean, on, cooling, source, capacity, ambient, dt):
    """Return (heater, W; temperature at the end and mean, K): the heater keeps a stack at rest above its floor."""
    floor_k = c.frost_protection_temperature_k
    if STANDBY <= c.mode <= STARTING:
        floor_k = max(floor_k, c.keep_warm_temperature_k)
    if T_end >= floor_k or on > 0.0 or cooling > 0.0:
        return 0.0, T_end, T_mean
    rate = c.loss_w_per_k / capacity
    heater = min((floor_k - T_end) * capacity / (dt * mean_decay(rate * dt)), c.heater_power_w)
    T_end, T_mean = linear_step(start_k, source + heater / capacity + rate * ambient, rate, dt)
    return heater, T_end, T_mean


@leaf
def _keep(c, T_end, water_kg, h2_kg, p_cathode, on, power_on, j, split, rates, dt):
    """Keep the state at the end of the step, count water split, hours and wear, set the operating point's outputs."""
    c.slope_k_per_s = (T_end - c.temperature_k) / dt
    c.temperature_k = T_end
    c.water_kg = water_kg
    c.cathode_h2_kg = h2_kg
    c.cathode_pressure_pa = p_cathode
    c.idle_step_s = _NOT_FOUND if on <= 0.0 and p_cathode - c.anode_pressure_pa <= _SETTLED_PA else 0.0
    c.reacted_h2o_mol += rates[5] * on * dt
    c.running_h += on * dt / 3600.0
    c.degradation_v += c.degradation_v_per_s * (j / c.rated_current_density_a_per_m2) * on * dt
    c.current_a = j * c.cell_area_m2 * on
    c.load_frac = power_on * on / c.rated_power_w
    c.faraday_efficiency_frac = rates[0] / split if on > 0.0 else 0.0


@leaf
def _count_start(c, was, on, wanted_w, power_on, capacity, status, dt):
    """Book the step of a start under way; what the stack lacks in warmth when current first flows counts too."""
    lack_k = max(c.temperature_setpoint_k - c.temperature_k, 0.0)
    lack_j = lack_k * capacity if was != RUNNING and on > 0.0 else 0.0
    end_w = 0.0 if on <= 0.0 else wanted_w if status == LIMITED else c.power_end_w
    record_start(c, min(wanted_w, c.rated_power_w), power_on * on, end_w, c.heater_w * dt + lack_j, dt)


@leaf
def _last_status(c, bus, on, spilled, start_k, status):
    """Return the status with what is found out last: an overflow, a heater too weak, a stack replaced."""
    if status == OK and spilled > 0.0:
        status = OVERFLOW
        bus[EVENT_AMOUNT] = spilled
    is_cooling = c.heater_w >= c.heater_power_w and on <= 0.0 and c.temperature_k < start_k
    if c.temperature_k < (c.frost_protection_temperature_k if is_cooling else FREEZING_K):
        status = UNDER_TEMPERATURE  # the heater is too weak
        bus[EVENT_AMOUNT] = c.frost_protection_temperature_k - c.temperature_k
    if on > 0.0 and c.degradation_v >= c.end_of_life_v:
        c.degradation_v = 0.0
        c.n_replacements += 1.0
        status = WORN_OUT
        bus[EVENT_AMOUNT] = c.running_h
    return status


@kernel
def step(c, bus, props, dt):
    """Advance the stack by dt: mode, current at the given power, gases, water, heat, wear."""
    wanted = bus[c.setpoint]
    wants, status = accepted(c, bus, wanted)
    if c.mode == OFF and c.idle_step_s != 0.0 and not wants and _step_cold(c, bus, dt) == 1:
        return status
    if dt != c.step_s:
        c.step_s = dt
        c.control_decay = approach(1.0, 0.0, c.control_time_s, dt)
        c.control_mean = mean_decay(dt / c.control_time_s)
    was = c.mode
    if c.temperature_k < FREEZING_K:
        freeze(c, dt)
    on = next_mode(c, wants, bus[c.shut_down] > 0.5, dt)
    missing_kg = RESTART_LEVEL * c.water_trip_kg - c.water_kg
    if c.mode == STARTING and c.timer_s <= 0.0 and missing_kg > 0.0:  # ready but for water
        status = SHORTAGE
        bus[EVENT_AMOUNT] = missing_kg / dt

    # the temperature in the middle of the step, foreseen from the last step's slope
    start_k, start_kg, start_h2_kg = c.temperature_k, c.water_kg, c.cathode_h2_kg
    T = start_k + max(-_MAX_LEAD_K, min(_MAX_LEAD_K, 0.5 * dt * c.slope_k_per_s))
    p_sat, h_vapour = saturated_vapour(c, props, T)
    p_anode = c.anode_pressure_pa
    p_per_kg = R_H2 * T / c.cathode_volume_m3
    p_cathode = min(max(start_h2_kg * p_per_kg, p_anode), c.cathode_pressure_setpoint_pa)

    power_on, j, status = _draw(c, bus, wanted, on, T, p_sat, p_cathode, status, dt)
    if not j >= 0.0:
        return NOT_CONVERGED
    split = j * (c.n_cells * c.cell_area_m2) * WATER_SPLIT_MOL_PER_C
    rates, on, status = _react(c, bus, on, j, split, T, p_sat, p_cathode, status)
    leak = _leak(c, on, T, p_cathode, p_per_kg, dt)

    feed = read_stream(bus, c.water)
    water_in = feed.vapour + feed.liquid
    ambient, coolant = bus[c.ambient_temperature], bus[c.coolant_temperature]
    cooler = bus[c.cooling_conductance] * c.cooling_share_frac
    k_loss, set_k = c.loss_w_per_k, c.temperature_setpoint_k
    before = stored_energy(c, start_k, start_kg, start_h2_kg)
    n_cuts = 0
    while True:  # again only where a trip shortens the step
        cathode, anode, p_out, drops, made, used, vent = electrode_gases(
            c, feed, on, rates, leak, p_sat, p_cathode, p_per_kg, dt
        )
        water_kg = start_kg + (water_in - used) * dt
        if water_kg < c.water_trip_kg and on > 0.0 and n_cuts < _MAX_CUTS:
            n_cuts += 1
            status = trip(c, bus, water_kg)
            on *= 0.99 * max(start_kg + water_in * dt - c.water_trip_kg, 0.0) / (used * dt)
            continue
        spilled = max(water_kg - c.water_capacity_kg, 0.0) / dt
        water_kg -= spilled * dt
        passed = passed_liquid(feed, spilled, c.water_capacity_kg, dt)
        passed_w = passed * water_enthalpy(props, feed.pressure_pa, feed.temperature_k) if passed > 0.0 else 0.0
        h2_kg = start_h2_kg + (made - cathode[0]) * dt
        capacity = heat_capacity(c, water_kg, h2_kg)
        gain = power_on * on + feed.enthalpy_w
        liquid = (drops, spilled - passed)
        hydrogen_w, oxygen_w, vent_w = electrode_enthalpies(
            c, props, cathode, anode, liquid, vent, on, p_out, T, h_vapour
        )
        gain -= hydrogen_w + oxygen_w + passed_w + vent_w
        source = (before + gain * dt - stored_energy(c, start_k, water_kg, h2_kg)) / (capacity * dt)
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
    c.hydrogen_made_kg_per_s = cathode[0]
    put_stream(bus, c.vent, vent, 0.0, 0.0, 0.0, 0.0, vent_w, T, p_anode)
    hold_gas_and_heat(c, props, cathode, anode, liquid, p_out, (hydrogen_w, oxygen_w), cooling, T, dt)
    if passed > 0.0:
        hold_oxygen(c, props, 0.0, 0.0, 0.0, 0.0, passed * dt, passed_w * dt, feed.temperature_k, p_anode)
        c.is_filled = 1.0
    _keep(c, T_end, water_kg, h2_kg, p_cathode, on, power_on, j, split, rates, dt)
    if c.start_sort > 0.0:
        _count_start(c, was, on, wanted, power_on, capacity, status, dt)
    demand = 0.0
    if c.mode != OFF:
        demand = max(used + (c.water_setpoint_kg - water_kg) / max(c.level_time_s, 3.0 * dt), 0.0)
    put_scalars(c, bus, power_on * on + heater, k_loss * (T_mean - ambient), demand)
    return _last_status(c, bus, on, spilled, start_k, status)


@kernel
def begin(c, props):
    """Fill the loop, and find the rated current and the voltage gain at the end of life."""
    c.mode = OFF
    c.idle_step_s = _NOT_FOUND
    c.temperature_k = c.initial_temperature_k
    c.water_kg = c.water_setpoint_kg
    c.cathode_h2_kg = c.anode_pressure_pa * c.cathode_volume_m3 / (R_H2 * c.temperature_k)
    c.cathode_pressure_pa = c.anode_pressure_pa
    c.water_reference_j_per_kg = water_enthalpy(props, c.anode_pressure_pa, ENERGY_ZERO_K)
    T = c.temperature_setpoint_k
    zero_current_v, p_h2, p_o2, b, j0, r = polarisation(
        c, T, saturation_pressure(props, T), c.cathode_pressure_setpoint_pa, c.anode_pressure_pa
    )
    power_density = c.rated_power_w / (c.n_cells * c.cell_area_m2)
    j, voltage = current_density_at_power(power_density, 0.0, T, zero_current_v, p_h2, p_o2, b, j0, r)
    if not j > 0.0:
        return NOT_CONVERGED
    c.rated_current_density_a_per_m2 = j
    c.end_of_life_v = voltage * c.end_of_life_loss_frac / (1.0 - c.end_of_life_loss_frac)
    return OK


@kernel
def content(c, props):
    """Return what stack and loop hold, and gas and heat that are yet to be handed out: kg and J."""
    h2, o2, n2, water, energy_j = held_gas(c)
    stored_j = stored_energy(c, c.temperature_k, c.water_kg, c.cathode_h2_kg)
    return c.cathode_h2_kg + h2, o2, n2, c.water_kg + water, stored_j + (energy_j + c.heat_in_transit_j)


def _curve():
    """Return the curves of a new stack; loaded where something asks for them."""
    from h2plant.components.pem_curve import PemCurve

    return PemCurve()


KIND = Kind(
    name="pem_stack",
    doc="Proton exchange membrane electrolysis stack with water loop, thermal state, crossover and wear.",
    fields=(
        *PEM_PARAMETERS,
        state("mode", "1", "0 off, 1 standby, 2 starting, 3 running, 4 tripped"),
        state("timer_s", "s", "what is left of starting, standby or locking"),
        state("temperature_k", "K", "temperature of stack and loop", 288.15),
        state("water_kg", "kg", "water in the anode loop"),
        state("cathode_h2_kg", "kg", "hydrogen in the cathode's gas space"),
        state("power_end_w", "W", "power at the end of the step, where the ramp goes on"),
        state("current_density_a_per_m2", "A/m2", "last current density, from which the next is sought"),
        *HELD_STATES,
        memory("slope_k_per_s", "K/s", "change of temperature in the last step"),
        state("degradation_v", "V", "voltage gained per cell by wear"),
        counter("running_h", "h", "hours with current"),
        counter("n_starts", "1", "starts"),
        *START_FIELDS,
        counter("n_replacements", "1", "stack replacements"),
        state("reacted_h2o_mol", "mol", "water split less water recombined"),
        *HELD_GAS_FIELDS,
        state("heat_in_transit_j", "J", "heat taken by the cooling that is yet to be handed out"),
        memory("is_filled", "1", "1 if there is gas or heat to hand out"),
        memory("rated_current_density_a_per_m2", "A/m2", "current density at rated power, new"),
        memory("end_of_life_v", "V", "voltage gain at the end of life"),
        memory("water_reference_j_per_kg", "J/kg", "enthalpy of water at 298.15 K"),
        memory("step_s", "s", "step length of the control factors"),
        memory("control_decay", "1", "part of a deviation left after a step"),
        memory("control_mean", "1", "mean of it over the step"),
        memory(
            "idle_step_s", "s", "step length of the idle factors; 0 with current or pressure, -1 where yet to be found"
        ),
        memory("idle_decay", "1", "part of the warmth left after an idle step"),
        memory("idle_loss_w_per_k", "W/K", "mean loss over an idle step per kelvin at its start"),
        output("current_a", "A", "stack current, mean over the step"),
        output("cell_voltage_v", "V", "cell voltage while current flows"),
        output("load_frac", "1", "power over rated power"),
        output("faraday_efficiency_frac", "1", "hydrogen kept over hydrogen split"),
        output("hydrogen_made_kg_per_s", "kg/s", "hydrogen that left the cathode, before the hold-up"),
        output("h2_in_o2_frac", "1", "mole fraction of hydrogen in the dry oxygen"),
        output("crossover_min_load_frac", "1", "part of rated current at which hydrogen in oxygen would trip"),
        output("cathode_pressure_pa", "Pa", "pressure of the cathode"),
        output("heater_w", "W", "power of the electric heater"),
    ),
    ports=(
        Port("water", "stream", "in", "make-up water into the anode loop"),
        Port(
            "hydrogen",
            "stream",
            "out",
            "wet hydrogen with carried-over water and a trace of oxygen, from what is held",
            is_emitted=True,
            border="vented",
            pressure="cathode_pressure_setpoint_pa",
        ),
        Port(
            "oxygen",
            "stream",
            "out",
            "wet oxygen with a trace of hydrogen, from what is held",
            is_emitted=True,
            border="vented",
            border_label="To the air",
            pressure="anode_pressure_pa",
        ),
        Port(
            "vent", "stream", "out", "hydrogen let off by the water that comes back from the cathode", border="vented"
        ),
        Port("power", "power", "in", "direct current drawn, heater included", writes=True),
        Port(
            "heat",
            "heat",
            "out",
            "heat taken by the cooling, after its hold-up",
            is_emitted=True,
            border="surroundings",
        ),
        Port("heat_loss", "heat", "out", "heat lost to the surroundings", border="surroundings"),
        Port("setpoint", "signal", "in", "direct current power wanted", unit="W"),
        Port("coolant_temperature", "signal", "in", "temperature of the coolant", is_required=True, unit="K"),
        Port("cooling_conductance", "signal", "in", "conductance of the cooler with its valve open", unit="W/K"),
        Port("ambient_temperature", "signal", "in", "surroundings", default="series.temp_air_degc", unit="K"),
        Port("water_demand", "signal", "out", "make-up water wanted", unit="kg/s"),
        Port("shut_down", "signal", "in", "1: to go cold when it is not to run", unit="1"),
        Port("hours", "signal", "out", "hours run", unit="h"),
        Port("starts", "signal", "out", "starts", unit="1"),
        Port("ready", "signal", "out", "1 can run, 0 tripped", unit="1"),
    ),
    step=step,
    emit=emit,
    begin=begin,
    content=content,
    orders=(
        Order("temperature_setpoint_k", "max_temperature_k", "it would trip before it is warm", is_strict=True),
        Order("keep_warm_temperature_k", "temperature_setpoint_k", "it would be warmed above its set point"),
        Order("frost_protection_temperature_k", "temperature_setpoint_k", "it would be warmed above its set point"),
        Order("initial_temperature_k", "max_temperature_k", "it would start above its trip"),
        Order("heater_power_w", "rated_power_w", "its heater would draw more than the stack is rated for"),
        Order(
            "anode_pressure_pa",
            "cathode_pressure_setpoint_pa",
            "hydrogen is given off at no less than the oxygen's pressure",
        ),
    ),
    role=Maker(
        technology="PEM",
        unit="PEM stack",
        units="PEM stacks",
        power=("power",),
        rated_power="rated_power_w",
        made="hydrogen_made_kg_per_s",
        heater="heater_w",
        minimum_power="min_load_frac",
        ramp="ramp_w_per_s",
        current="current_a",
        cell_area="cell_area_m2",
        voltage="cell_voltage_v",
        load="load_frac",
        temperature="temperature_k",
        mode="mode",
        wear=Wear("degradation_v", "end_of_life_v"),
        starts=(
            StartType("standby", "a start of a PEM stack from standby", False, "hot", ageing_by_start),
            StartType("", "a start of a PEM stack from cold", True, "cold", ageing_by_start, cold_start),
        ),
        curve=_curve,
    ),
    contradictions=pem_contradictions,
    laws=(
        *pem_laws(),
        electrolysis_balance(("water",), ("cathode_h2_kg",), ("water_kg",), vents=("vent",)),
        hold_up("heat"),
    ),
    # 900 EUR/kW for a PEM system: stack 45 %, water loop 22 % of the other 55 %; supply and gas are other kinds
    costs=(
        cost(
            "stack",
            ("rated_power_w",),
            1.0e6,
            405.0e3,
            1.0,
            f"{JU_2020}, 900 EUR/kW; {IRENA_2020}",
            life_years=10.0,
            life_h=80.0e3,
            end_of_life_loss_frac=0.10,
            low_ratio=0.7,
            high_ratio=1.4,
        ),
        cost("water loop", ("rated_power_w",), 1.0e6, 109.0e3, 0.9, f"{JU_2020}; {IRENA_2020}"),
    ),
)
