"""Chiller: cools a gas below the coolant's temperature with a vapour-compression machine."""

from h2plant.components.protection import UNPOWERED_PORT, is_unpowered
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import SHORT_FRAC
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, Published, memory, output, parameter
from h2plant.core.finite import is_number
from h2plant.core.jit import kernel
from h2plant.core.role import Process
from h2plant.core.served import Served
from h2plant.core.status import LIMITED, NO_POWER, OK
from h2plant.laws.gas import CHILLER_LAWS
from h2plant.laws.protection import no_power
from h2plant.physics.flash import throttled
from h2plant.physics.held.gas import HELD_GAS_STATES, held_gases_enthalpy
from h2plant.physics.held.water import HELD_WATER_STATES, keep_water, load_water
from h2plant.physics.pressure_drop import drop_coefficient, pressure_after_drop
from h2plant.physics.refrigeration import chiller_cop, cycling_power
from h2plant.physics.stream import bypassed, dry_molar_flow, put_nothing, put_stream, read_stream
from h2plant.physics.wet_gas import cooled_water, held_flash

FIELDS = (
    parameter("target_temperature_k", "K", "set point of the outlet; below 0 degC for dry gas", 277.15, 230.0, 400.0),
    parameter("capacity_w", "W", "heat that it can remove at most", 50.0e3, 0.0, 1.0e9),
    parameter(
        "carnot_frac",
        "1",
        "second-law efficiency of the machine, motor and fans",
        0.43,
        0.05,
        1.0,
        published=Published(
            0.43, 0.6, "ASHRAE 90.1-2010: COP 2.8 at 35 degC, air-cooled; Ng et al. 2000: large, 0.5 to 0.7"
        ),
    ),
    parameter("lowest_step_frac", "1", "share of the capacity below which the machine cycles", 0.25, 0.0, 1.0),
    parameter(
        "cycling_loss_frac", "1", "power at rest of a machine that cycles, by that at its lowest step", 0.1, 0.0, 1.0
    ),
    parameter("evaporator_approach_k", "K", "set point above evaporation temperature", 4.0, 0.0, 30.0),
    parameter("condenser_approach_k", "K", "condensation above coolant temperature", 10.0, 0.0, 40.0),
    parameter("condensation_min_k", "K", "lowest condensation temperature (head pressure)", 293.15, 280.0, 330.0),
    parameter("auxiliary_power_w", "W", "circulation pump and controls while there is flow", 0.0, 0.0, 1.0e6),
    parameter("pressure_drop_pa", "Pa", "pressure lost at nominal flow", 2.0e3, 0.0, 1.0e6),
    parameter(
        "nominal_flow_kg_per_s",
        "kg/s",
        "total mass flow at which that pressure is lost",
        0.1,
        1.0e-6,
        1.0e3,
        size_from="capacity_w",
    ),
    memory("drop_pa_s2_per_kg2", "Pa s2/kg2", "coefficient of the pressure drop"),
    *HELD_WATER_STATES,
    *HELD_GAS_STATES,
    memory("short_j", "J", "heat that should have been taken off and was not", is_counter=True),
    memory("short_s", "s", "time in which it took off less than 99.9 % of that", is_counter=True),
    output("duty_w", "W", "heat removed from the gas"),
    output("cop_ratio", "1", "heat removed per electricity of the machine"),
)

PORTS = (
    Port("inlet", "stream", "in", "gas, with or without water", is_required=True),
    Port("outlet", "stream", "out", "chilled gas with its condensate", border="vented"),
    Port(
        "coolant_temperature",
        "signal",
        "in",
        "coolant or air at the condenser's inlet",
        default="series.temp_air_degc",
        unit="K",
    ),
    Port("power", "power", "in", "compressor, circulation pump and controls", writes=True, unit="W"),
    UNPOWERED_PORT,
    Port(
        "heat",
        "heat",
        "out",
        "heat removed and all of the electricity, from the condenser",
        unit="W",
        border="surroundings",
    ),
)

_LIFT_MIN_K = 1.0


@kernel
def begin(c, props):
    """Derive the pressure drop's coefficient."""
    c.drop_pa_s2_per_kg2 = drop_coefficient(c.pressure_drop_pa, c.nominal_flow_kg_per_s)
    return OK


@kernel
def step(c, bus, props, dt):
    """Chill to the set point, or as far as the capacity goes."""
    feed = read_stream(bus, c.inlet)
    h2, o2, n2, vapour, liquid, inlet_w, inlet_k, inlet_pa = feed
    water = vapour + liquid
    flow = h2 + o2 + n2 + water
    if flow <= 0.0:
        put_nothing(bus, c.outlet, inlet_k, inlet_pa)
        bus[c.power] = 0.0
        bus[c.heat] = 0.0
        c.duty_w = 0.0
        c.cop_ratio = 0.0
        return OK
    pressure_pa = pressure_after_drop(inlet_pa, c.drop_pa_s2_per_kg2 * flow * flow)
    outlet_k = c.target_temperature_k
    capacity_w, auxiliary_w, beyond = c.capacity_w, c.auxiliary_power_w, LIMITED
    if is_unpowered(c, bus):
        capacity_w, auxiliary_w, beyond = 0.0, 0.0, NO_POWER
    status = OK
    if outlet_k >= inlet_k:
        passed_k, vapour, liquid = throttled(props, feed, pressure_pa)
        put_stream(bus, c.outlet, h2, o2, n2, vapour, liquid, inlet_w, passed_k, pressure_pa)
        duty_w = 0.0
    else:
        held = load_water(c)
        dry = dry_molar_flow(h2, o2, n2)
        outlet_w, vapour, held = cooled_water(props, held, dry, water, outlet_k, pressure_pa)
        if dry > 0.0:
            outlet_w += held_gases_enthalpy(c, props, h2, o2, n2, pressure_pa, outlet_k)
        duty_w = inlet_w - outlet_w
        if duty_w > capacity_w:
            bus[EVENT_AMOUNT] = duty_w - capacity_w if beyond == LIMITED else flow
            status = beyond
            c.short_j += (duty_w - capacity_w) * dt
            if capacity_w < duty_w * (1.0 - SHORT_FRAC):
                c.short_s += dt
            duty_w = capacity_w
            outlet_w = inlet_w - duty_w
            outlet_k, vapour, _, held = held_flash(props, held, h2, o2, n2, water, outlet_w, pressure_pa, inlet_k)
        keep_water(c, held)
        if not is_number(outlet_w + outlet_k):
            bus[c.power] = auxiliary_w
            bus[c.heat] = auxiliary_w
            c.duty_w = 0.0
            c.cop_ratio = 0.0
            return bypassed(bus, c.inlet, c.outlet)
        put_stream(bus, c.outlet, h2, o2, n2, vapour, water - vapour, outlet_w, outlet_k, pressure_pa)
    evaporation_k = c.target_temperature_k - c.evaporator_approach_k
    condensation_k = max(bus[c.coolant_temperature] + c.condenser_approach_k, c.condensation_min_k)
    cop = chiller_cop(c.carnot_frac, evaporation_k, max(condensation_k, evaporation_k + _LIFT_MIN_K))
    machine_w = max(duty_w, 0.0) / cop
    lowest_w = c.lowest_step_frac * c.capacity_w / cop
    if 0.0 < machine_w < lowest_w:
        machine_w = cycling_power(machine_w, lowest_w, c.cycling_loss_frac)
    if machine_w > 0.0:
        cop = duty_w / machine_w
    power_w = machine_w + auxiliary_w
    bus[c.power] = power_w
    bus[c.heat] = duty_w + power_w
    c.duty_w = duty_w
    c.cop_ratio = cop
    return status


KIND = Kind(
    "chiller",
    "Gas chiller with its refrigeration machine",
    FIELDS,
    PORTS,
    step,
    begin=begin,
    role=Process(
        served=(Served("cooling", short=("short_j",), given=("heat",), less=("power",), time="short_s"),),
    ),
    laws=(*CHILLER_LAWS, no_power()),
    costs=(cost("chiller", ("capacity_w",), 500.0e3, 200.0e3, 0.8, ESTIMATE, fixed_cost_frac=0.03),),
)
