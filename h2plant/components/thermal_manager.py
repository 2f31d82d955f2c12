"""Hot-water buffer: collects waste heat, preheats feed water, hands its surplus to the cooling loop."""

import math

from h2plant.components.frost_heater import FROST_FIELDS, FROST_PORT, frost_heat
from h2plant.components.protection import TRIPPED_PORT, guarded, protection_fields
from h2plant.core.bus import (
    EVENT_AMOUNT,
    ZERO,
)
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Order, Port, memory, output, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import Process
from h2plant.core.status import OK, OVER_TEMPERATURE, SOLVER_TRIP, UNDER_TEMPERATURE
from h2plant.laws.heat import buffer_balance, buffer_feed, buffer_surplus
from h2plant.laws.protection import loop_temperature, machine_protection, trips_counted
from h2plant.physics.frost import FREEZING_K
from h2plant.physics.heat_exchange import effectiveness_condensing
from h2plant.physics.liquid import heated_water
from h2plant.physics.relaxation import linear_step
from h2plant.physics.stream import put_stream, read_stream
from h2plant.physics.thermal_store import cooled_store_step

HEAT_CAPACITY_J_PER_KG_K = 4181.0  # water of the buffer, within 0.4 % from 280 to 365 K
# of the feed in its exchanger: just below the least of water up to 60 bar, so that its outlet stays below the buffer
FEED_HEAT_CAPACITY_J_PER_KG_K = 4160.0


@kernel
def begin(c, props):
    """Start at the initial temperature with nothing under way in the collecting pipes."""
    c.temperature_k = c.initial_temperature_k
    c.capacity_j_per_k = c.water_kg * HEAT_CAPACITY_J_PER_KG_K
    c.in_transit_j = 0.0
    c.cached_step_s = 0.0
    c.last_heat_capacity_j_per_kg_k = HEAT_CAPACITY_J_PER_KG_K
    return OK


@kernel
def content(c, props):
    """Return the heat in the buffer (zero at 0 K) and under way to it, J; its own water never leaves."""
    return 0.0, 0.0, 0.0, 0.0, c.capacity_j_per_k * c.temperature_k + c.in_transit_j


@kernel
def emit(c, bus, props, dt):
    """Tell the temperature at the start of the step."""
    bus[c.buffer_temperature] = c.temperature_k
    return OK


@kernel
def _advanced(c, bus, props, dt):
    """Advance the buffer exactly with all heat flows that depend on its temperature; book their means."""
    heat_w = 0.0
    for i in range(c.n_heat):
        heat_w += bus[c.heat + i]
    arriving_w = heat_w
    if c.delay_s > 0.0:
        if dt != c.cached_step_s:
            c.cached_step_s = dt
            c.decay_frac = math.exp(-dt / c.delay_s)
        transit_j = c.in_transit_j
        steady_j = heat_w * c.delay_s
        c.in_transit_j = steady_j + (transit_j - steady_j) * c.decay_frac
        arriving_w = heat_w - (c.in_transit_j - transit_j) / dt

    T = c.temperature_k
    h2, o2, n2, vapour, liquid, inlet_w, inlet_k, pressure_pa = read_stream(bus, c.water_inlet)
    water = vapour + liquid
    feed_w_per_k = 0.0
    if water > 0.0 and T > inlet_k:
        rate = water * FEED_HEAT_CAPACITY_J_PER_KG_K
        feed_w_per_k = effectiveness_condensing(c.feed_ua_w_per_k / rate) * rate

    ambient_k = bus[c.ambient_temperature]
    loss_w_per_k = c.loss_conductance_w_per_k
    coolant_k = 0.0
    cooler_w_per_k = 0.0
    if c.coolant_temperature != ZERO:
        coolant_k = bus[c.coolant_temperature]
        if T > coolant_k > 0.0:
            cooler_w_per_k = c.surplus_conductance_w_per_k
    end_k, mean_k, surplus_w, _ = cooled_store_step(
        T,
        c.setpoint_k,
        c.control_time_s,
        c.capacity_j_per_k,
        arriving_w + loss_w_per_k * ambient_k + feed_w_per_k * inlet_k,
        loss_w_per_k + feed_w_per_k,
        cooler_w_per_k,
        coolant_k,
        dt,
    )
    heater_w = 0.0
    if surplus_w <= 0.0:
        heater_w = frost_heat(c, end_k, c.capacity_j_per_k, loss_w_per_k + feed_w_per_k, dt)
    if heater_w > 0.0:
        source_w = arriving_w + heater_w + loss_w_per_k * ambient_k + feed_w_per_k * inlet_k
        per_c = 1.0 / c.capacity_j_per_k
        end_k, mean_k = linear_step(T, source_w * per_c, (loss_w_per_k + feed_w_per_k) * per_c, dt)
    bus[c.frost_power] = heater_w
    c.frost_heat_w = heater_w
    feed_w = feed_w_per_k * (mean_k - inlet_k)
    c.temperature_k = end_k
    c.recovered_w = feed_w
    c.collected_w = heat_w
    c.surplus_w = surplus_w
    bus[c.surplus] = surplus_w
    bus[c.heat_loss] = loss_w_per_k * (mean_k - ambient_k)

    enthalpy_w = inlet_w + feed_w
    outlet_k = inlet_k
    status = OK
    phases = (vapour, liquid)
    if feed_w_per_k > 0.0:
        guess_k = inlet_k + feed_w / (water * c.last_heat_capacity_j_per_kg_k)
        outlet_k, vapour, liquid = heated_water(props, h2, o2, n2, water, enthalpy_w, pressure_pa, guess_k)
        if outlet_k != outlet_k:  # beyond the tables: phases and temperature as they came
            outlet_k, vapour, liquid = inlet_k, phases[0], phases[1]
            status = SOLVER_TRIP
            bus[EVENT_AMOUNT] = water
        if outlet_k > inlet_k + 1.0:
            c.last_heat_capacity_j_per_kg_k = feed_w / (water * (outlet_k - inlet_k))
    put_stream(bus, c.water_outlet, h2, o2, n2, vapour, liquid, enthalpy_w, outlet_k, pressure_pa)
    if end_k > c.max_temperature_k:
        bus[EVENT_AMOUNT] = end_k - c.max_temperature_k
        return OVER_TEMPERATURE
    if end_k < FREEZING_K:
        bus[EVENT_AMOUNT] = FREEZING_K - end_k
        return UNDER_TEMPERATURE
    return status


@kernel
def step(c, bus, props, dt):
    """Advance the buffer exactly with all heat flows that depend on its temperature; book their means."""
    status = _advanced(c, bus, props, dt)
    return guarded(c, bus, status, dt)


KIND = Kind(
    name="thermal_manager",
    doc="Hot-water buffer between waste heat, feed-water preheating and the cooling loop.",
    fields=(
        parameter("water_kg", "kg", "water in the buffer (heat capacity only)", 2.0e4, 1.0, 1.0e8),
        parameter("setpoint_k", "K", "temperature above which surplus heat is given away", 330.15, 274.15, 370.0),
        parameter("control_time_s", "s", "time constant of the control above the setpoint", 300.0, 0.0, 1.0e5),
        parameter("delay_s", "s", "time constant of the collecting pipes", 60.0, 0.0, 1.0e4),
        parameter("feed_ua_w_per_k", "W/K", "U A of the feed-water preheater", 1.2e4, 0.0, 1.0e8),
        parameter("surplus_conductance_w_per_k", "W/K", "surplus exchanger, valve open", 1.0e5, 0.0, 1.0e9),
        parameter(
            "loss_conductance_w_per_k",
            "W/K",
            "loss to the surroundings",
            100.0,
            0.0,
            1.0e6,
            size_from="water_kg ** (2 / 3)",
        ),
        parameter("max_temperature_k", "K", "temperature above which an event is reported", 363.15, 280.0, 400.0),
        parameter("initial_temperature_k", "K", "temperature at the start", 318.15, 274.15, 370.0),
        *FROST_FIELDS,
        *protection_fields(10.0, 600.0),
        state("temperature_k", "K", "temperature of the buffer"),
        state("in_transit_j", "J", "heat under way in the collecting pipes"),
        memory("capacity_j_per_k", "J/K", "heat capacity of the buffer"),
        memory("last_heat_capacity_j_per_kg_k", "J/(kg K)", "of the feed in the last step, for a first guess"),
        memory("cached_step_s", "s", "step for which the decay was computed"),
        memory("decay_frac", "1", "what heat under way decays to in a step"),
        output("collected_w", "W", "heat collected"),
        output("recovered_w", "W", "heat given to the feed water"),
        output("surplus_w", "W", "heat given to the cooling loop"),
    ),
    ports=(
        Port("heat", "heat", "in", "waste heat", is_multi=True, unit="W"),
        TRIPPED_PORT,
        Port("water_inlet", "stream", "in", "feed water"),
        Port("water_outlet", "stream", "out", "feed water, preheated", border="drained"),
        Port("coolant_temperature", "signal", "in", "supply of the cooling loop", is_lagged=True, unit="K"),
        Port("ambient_temperature", "signal", "in", "air", default="series.temp_air_degc", unit="K"),
        Port("buffer_temperature", "signal", "out", "buffer at the start of the step", is_emitted=True, unit="K"),
        Port("surplus", "heat", "out", "to the cooling loop", unit="W", border="surroundings"),
        FROST_PORT,
        Port("heat_loss", "heat", "out", "loss to the surroundings", unit="W", border="surroundings"),
    ),
    step=step,
    emit=emit,
    begin=begin,
    content=content,
    group="heat",
    orders=(
        Order("setpoint_k", "max_temperature_k", "its set point is too warm"),
        Order("initial_temperature_k", "max_temperature_k", "it would start too warm"),
    ),
    role=Process("Cooling", recovered=("water_inlet", "water_outlet"), tripped="tripped"),
    laws=(
        buffer_balance(),
        buffer_feed(),
        buffer_surplus(),
        machine_protection(loop_temperature, "max_temperature_k"),
        trips_counted(),
    ),
    costs=(cost("buffer, exchangers", ("water_kg",), 20.0e3, 90.0e3, 0.7, ESTIMATE),),
)
