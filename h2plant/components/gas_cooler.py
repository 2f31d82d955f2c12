"""Gas cooler: brings a gas to its set temperature against a coolant or the air; condensate stays in the stream."""

from h2plant.components.protection import FOULING_PORT, TRIPPED_PORT, guarded, protection_fields
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, memory, parameter
from h2plant.core.finite import is_number
from h2plant.core.jit import kernel
from h2plant.core.role import Process
from h2plant.core.served import Served
from h2plant.core.status import OK, OVER_TEMPERATURE
from h2plant.laws.gas import GAS_COOLER_LAWS
from h2plant.laws.protection import gas_cooler_protection, trips_counted
from h2plant.physics.flash import throttled
from h2plant.physics.held.gas import HELD_GAS_STATES, held_gases_enthalpy
from h2plant.physics.held.water import HELD_WATER_STATES, keep_water, load_water
from h2plant.physics.pressure_drop import drop_coefficient, pressure_after_drop
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

FIELDS = (
    parameter("target_temperature_k", "K", "set point of the outlet", 313.15, 273.65, 600.0),
    parameter(
        "effectiveness_frac", "1", "share of (inlet - coolant) that the cooler can take off at most", 0.92, 0.0, 1.0
    ),
    parameter("pressure_drop_pa", "Pa", "pressure lost at nominal flow", 2.0e3, 0.0, 1.0e6),
    parameter("nominal_flow_kg_per_s", "kg/s", "total mass flow at which that pressure is lost", 0.1, 1.0e-6, 1.0e3),
    parameter(
        "fan_power_ratio", "1", "fan electricity per heat removed; zero for a liquid-cooled cooler", 0.0, 0.0, 1.0
    ),
    parameter("alarm_above_k", "K", "outlet this much above the set point opens an event", 20.0, 0.0, 500.0),
    *protection_fields(100.0, 900.0),
    memory("drop_pa_s2_per_kg2", "Pa s2/kg2", "coefficient of the pressure drop"),
    *HELD_WATER_STATES,
    *HELD_GAS_STATES,
    memory("short_j", "J", "heat that should have been taken off and was not", is_counter=True),
    memory("short_s", "s", "time in which the outlet was too warm", is_counter=True),
)

PORTS = (
    Port("inlet", "stream", "in", "gas, with or without water", is_required=True),
    TRIPPED_PORT,
    FOULING_PORT,
    Port("outlet", "stream", "out", "cooled gas with its condensate", border="vented"),
    Port(
        "coolant_temperature", "signal", "in", "coolant or air at its inlet", default="series.temp_air_degc", unit="K"
    ),
    Port(
        "heat", "heat", "out", "heat removed and fan power, to the coolant or the air", unit="W", border="surroundings"
    ),
    Port("power", "power", "in", "fans", writes=True, unit="W", idle_without=("fan_power_ratio",)),
)


@kernel
def begin(c, props):
    """Derive the pressure drop's coefficient."""
    c.drop_pa_s2_per_kg2 = drop_coefficient(c.pressure_drop_pa, c.nominal_flow_kg_per_s)
    return OK


@kernel
def _note_short(c, bus, props, pressure_pa, dt):
    """Count the heat that the set point would have taken, beyond what was taken off."""
    h2, o2, n2, vapour, liquid, outlet_w, _, _ = read_stream(bus, c.outlet)
    target_k = c.target_temperature_k
    vapour, liquid = water_split(props, h2, o2, n2, vapour + liquid, target_k, pressure_pa)
    c.short_j += max(outlet_w - stream_enthalpy(props, h2, o2, n2, vapour, liquid, target_k, pressure_pa), 0.0) * dt
    c.short_s += dt


@kernel
def step(c, bus, props, dt):
    """Cool to the set point or as far as the effectiveness allows: T = T_coolant + (1 - eff) (T_in - T_coolant)."""
    feed = read_stream(bus, c.inlet)
    h2, o2, n2, vapour, liquid, inlet_w, inlet_k, inlet_pa = feed
    water = vapour + liquid
    flow = h2 + o2 + n2 + water
    if flow <= 0.0:
        put_nothing(bus, c.outlet, inlet_k, inlet_pa)
        bus[c.heat] = 0.0
        bus[c.power] = 0.0
        return guarded(c, bus, OK, dt)
    pressure_pa = pressure_after_drop(inlet_pa, c.drop_pa_s2_per_kg2 * flow * flow)
    coolant_k = bus[c.coolant_temperature]
    reached_frac = c.effectiveness_frac * (1.0 - bus[c.fouling])
    outlet_k = max(c.target_temperature_k, coolant_k + (1.0 - reached_frac) * (inlet_k - coolant_k))
    if outlet_k >= inlet_k:  # nothing to take off: the bypass is open
        outlet_k, vapour, liquid = throttled(props, feed, pressure_pa)
        put_stream(bus, c.outlet, h2, o2, n2, vapour, liquid, inlet_w, outlet_k, pressure_pa)
        bus[c.heat] = 0.0
        bus[c.power] = 0.0
    else:
        held = load_water(c)
        dry = dry_molar_flow(h2, o2, n2)
        outlet_w, vapour, held = cooled_water(props, held, dry, water, outlet_k, pressure_pa)
        if dry > 0.0:
            outlet_w += held_gases_enthalpy(c, props, h2, o2, n2, pressure_pa, outlet_k)
        keep_water(c, held)
        if not is_number(outlet_w):
            bus[c.heat] = 0.0
            bus[c.power] = 0.0
            return guarded(c, bus, bypassed(bus, c.inlet, c.outlet), dt)
        put_stream(bus, c.outlet, h2, o2, n2, vapour, water - vapour, outlet_w, outlet_k, pressure_pa)
        duty_w = inlet_w - outlet_w
        power_w = c.fan_power_ratio * max(duty_w, 0.0)
        bus[c.heat] = duty_w + power_w
        bus[c.power] = power_w
    if outlet_k > c.target_temperature_k + c.alarm_above_k:
        bus[EVENT_AMOUNT] = outlet_k - c.target_temperature_k
        _note_short(c, bus, props, pressure_pa, dt)
        return guarded(c, bus, OVER_TEMPERATURE, dt)
    return guarded(c, bus, OK, dt)


KIND = Kind(
    "gas_cooler",
    "Gas cooler with condensation",
    FIELDS,
    PORTS,
    step,
    begin=begin,
    role=Process(
        tripped="tripped",
        served=(Served("cooling", short=("short_j",), given=("heat",), less=("power",), time="short_s"),),
    ),
    laws=(*GAS_COOLER_LAWS, gas_cooler_protection(), trips_counted()),
    costs=(cost("cooler", ("nominal_flow_kg_per_s",), 0.1, 40.0e3, 0.6, ESTIMATE),),
)
