"""Electric heater of a gas, steam or water stream to a set temperature."""

from h2plant.components.protection import UNPOWERED_PORT, is_unpowered
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import SHORT_FRAC
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, memory, output, parameter
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Process
from h2plant.core.served import Served
from h2plant.core.status import LIMITED, NO_POWER, OK
from h2plant.laws.heat import heater_balance, heater_target
from h2plant.laws.protection import no_power
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.physics.held.gas import HELD_GAS_STATES, held_gases_enthalpy
from h2plant.physics.held.water import HELD_WATER_STATES, keep_water, load_water
from h2plant.physics.pressure_drop import pressure_after_drop
from h2plant.physics.stream import (
    bypassed,
    dry_molar_flow,
    put_nothing,
    put_stream,
    read_stream,
    stream_enthalpy,
    water_split,
)
from h2plant.physics.wet_gas import cooled_water


@leaf
def _heated(c, props, h2, o2, n2, water, temperature_k, pressure_pa):
    """Return (enthalpy flow in W, vapour in kg/s) of the stream at a temperature; gas from what is held."""
    dry = dry_molar_flow(h2, o2, n2)
    if dry > 0.0:
        water_w, vapour, held = cooled_water(props, load_water(c), dry, water, temperature_k, pressure_pa)
        keep_water(c, held)
        return water_w + held_gases_enthalpy(c, props, h2, o2, n2, pressure_pa, temperature_k), vapour
    vapour, liquid = water_split(props, h2, o2, n2, water, temperature_k, pressure_pa)
    return stream_enthalpy(props, h2, o2, n2, vapour, liquid, temperature_k, pressure_pa), vapour


@kernel
def step(c, bus, props, dt):
    """Heat the stream to its target, as far as the power reaches."""
    h2, o2, n2, vapour, liquid, enthalpy_in, temperature, pressure_in = read_stream(bus, c.inlet)
    water = vapour + liquid
    pressure = pressure_after_drop(pressure_in, c.pressure_drop_pa)
    c.heat_w = 0.0
    if h2 + o2 + n2 + water <= 0.0:
        put_nothing(bus, c.outlet, temperature, pressure_in)
        bus[c.power] = 0.0
        bus[c.heat_loss] = 0.0
        return OK
    status = OK
    heat = 0.0
    if temperature < c.temperature_target_k:
        target = c.temperature_target_k
        outlet_w, vapour = _heated(c, props, h2, o2, n2, water, target, pressure)
        liquid = water - vapour
        wanted = outlet_w - enthalpy_in
        most = c.power_max_w * c.efficiency_frac
        heat = max(wanted, 0.0)
        temperature = target
        if is_unpowered(c, bus):
            most = 0.0
        if heat > most:
            heat = most
            status = LIMITED
            bus[EVENT_AMOUNT] = (wanted - most) / c.efficiency_frac
            c.short_j += (wanted - most) * dt
            if most < wanted * (1.0 - SHORT_FRAC):
                c.short_s += dt
    if status == LIMITED or (heat <= 0.0 and c.pressure_drop_pa > 0.0):
        temperature, vapour, liquid = temperature_at_enthalpy(
            props, h2, o2, n2, water, enthalpy_in + heat, pressure, c.outlet_temperature_k
        )
        if not temperature > 0.0:
            c.heat_w = 0.0
            bus[c.power] = 0.0
            bus[c.heat_loss] = 0.0
            return bypassed(bus, c.inlet, c.outlet)
        c.outlet_temperature_k = temperature
    if status == LIMITED and heat <= 0.0 and is_unpowered(c, bus):
        bus[EVENT_AMOUNT] = h2 + o2 + n2 + water
        status = NO_POWER
    put_stream(bus, c.outlet, h2, o2, n2, vapour, liquid, enthalpy_in + heat, temperature, pressure)
    power = heat / c.efficiency_frac
    c.heat_w = heat
    bus[c.power] = power
    bus[c.heat_loss] = power - heat
    return status


@kernel
def begin(c, props):
    """Start the search for the outlet temperature at the target."""
    c.outlet_temperature_k = c.temperature_target_k
    return OK


KIND = Kind(
    name="electric_heater",
    doc="Electric heater of a stream to a set temperature, limited in power; evaporates what the target lets",
    fields=(
        parameter("temperature_target_k", "K", "outlet temperature aimed at", 313.15, ge=274.0, le=1140.0),
        parameter("power_max_w", "W", "electric power at most", 5.0e5, ge=0.0),
        parameter("efficiency_frac", "1", "heat into the stream per electric power", 0.98, ge=0.1, le=1.0),
        parameter("pressure_drop_pa", "Pa", "pressure drop", 0.0, ge=0.0, le=1.0e6),
        *HELD_WATER_STATES,
        *HELD_GAS_STATES,
        memory("outlet_temperature_k", "K", "last outlet temperature that had to be searched", 298.15),
        memory("short_j", "J", "heat asked of it and not given", is_counter=True),
        memory("short_s", "s", "time in which it gave less than 99.9 % of what was asked", is_counter=True),
        output("heat_w", "W", "heat into the stream"),
    ),
    ports=(
        Port("inlet", "stream", "in", "stream to be heated", is_required=True),
        Port("outlet", "stream", "out", "heated stream", border="vented"),
        Port("power", "power", "in", "electric power", writes=True, idle_without=("power_max_w",)),
        UNPOWERED_PORT,
        Port("heat_loss", "heat", "out", "to the surroundings", border="surroundings"),
    ),
    step=step,
    begin=begin,
    role=Process(
        served=(Served("heat", short=("short_j",), given=("power",), less=("heat_loss",), time="short_s"),),
    ),
    laws=(
        heater_balance(),
        heater_target(),
        no_power(),
    ),
    costs=(cost("heater", ("power_max_w",), 100.0e3, 25.0e3, 0.7, ESTIMATE),),
)
