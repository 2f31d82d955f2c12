"""Bank of dry coolers: conductance by effectiveness and transfer units, fans that run as fast as they must."""

import math

from h2plant.components.protection import FOULING_PORT
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import ATMOSPHERE_PA, SHORT_FRAC
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, Published, memory, output, parameter
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Process
from h2plant.core.served import Served
from h2plant.core.status import LIMITED, OK
from h2plant.laws.heat import bank_above_air, bank_balance, bank_reach, fan_power
from h2plant.physics.heat_exchange import effectiveness_counter_flow

AIR_HEAT_CAPACITY_J_PER_KG_K = 1006.0
AIR_GAS_CONSTANT_J_PER_KG_K = 287.05
AIR_SHARE = 0.7  # of the resistance to heat, on the finned side, at full fan speed
AIR_EXPONENT = 0.6  # of the air's film coefficient (finned tubes)
REFERENCE_TEMPERATURE_K = 288.15
AIR_W_S_PER_M3 = ATMOSPHERE_PA / AIR_GAS_CONSTANT_J_PER_KG_K * AIR_HEAT_CAPACITY_J_PER_KG_K
"""Heat capacity of a cubic metre of air times its temperature, J/m3."""
_AIR_MOVED = 0.9


@kernel
def bank_conductance(ua_w_per_k, air_m3_per_s, loop_w_per_k, ambient_k):
    """Return eps C_min, W/K, of the bank, per kelvin between the liquid's and the air's inlet temperatures.

    Arguments: U A (W/K), volume flow of air (m3/s), heat capacity rate of the liquid (W/K), air (K).
    Air at 1.01325 bar; counter flow, to which coils of four and more rows in cross-counter flow come
    within 2 % (Shah and Sekulic 2003, section 3.6, DOI 10.1002/9780470172605).
    """
    density = ATMOSPHERE_PA / (AIR_GAS_CONSTANT_J_PER_KG_K * ambient_k)
    air_w_per_k = air_m3_per_s * density * AIR_HEAT_CAPACITY_J_PER_KG_K
    least = min(air_w_per_k, loop_w_per_k)
    if least <= 0.0:
        return 0.0
    return effectiveness_counter_flow(ua_w_per_k / least, least / max(air_w_per_k, loop_w_per_k)) * least


@leaf
def _at_speed(c, speed):
    """Return the bank's conductance, W/K, at a fan speed over the full one, with rated flow and air of 15 C."""
    ua = c.heat_transfer_w_per_m2_k * c.area_m2 / (1.0 - AIR_SHARE + AIR_SHARE * speed**-AIR_EXPONENT)
    loop = c.rated_flow_kg_per_s * c.heat_capacity_j_per_kg_k
    return bank_conductance(ua, speed * c.air_flow_m3_per_s, loop, REFERENCE_TEMPERATURE_K)


@kernel
def begin(c, props):
    """Fan power, and the exponents with which the conductance follows the fan speed above and below half speed."""
    full = _at_speed(c, 1.0)
    half = _at_speed(c, 0.5)
    c.speed_exponent = math.log(full / half) / math.log(2.0)
    c.half_use_frac = half / full
    c.low_exponent = c.speed_exponent
    c.slow_use_frac = c.min_speed_frac**c.speed_exponent
    if c.min_speed_frac < 0.5:
        slow = _at_speed(c, c.min_speed_frac)
        c.low_exponent = math.log(half / slow) / math.log(0.5 / c.min_speed_frac)
        c.slow_use_frac = slow / full
    c.air_w = c.air_flow_m3_per_s * AIR_W_S_PER_M3
    c.full_power_w = c.air_flow_m3_per_s * c.fan_pressure_pa / c.fan_efficiency_frac
    return OK


@leaf
def _least_power(c, heat_w, loop_k, ambient_k):
    """Return the fan power, W, that moves nine tenths of the air which takes the heat at the loop's temperature.

    A flow far above the rated one gives off more at a speed than the curve of the rated flow says.
    """
    span_k = max(loop_k - ambient_k, 1.0e-9)
    share = min(heat_w * ambient_k / (c.air_w * span_k), 1.0)
    speed = max(share, c.min_speed_frac)
    return _AIR_MOVED * c.full_power_w * share * speed * speed


@kernel
def emit(c, bus, props, dt):
    """Tell the conductance at full fan speed."""
    flow = bus[c.loop_flow]
    if flow <= 0.0:  # unlinked, or before the first step
        flow = c.rated_flow_kg_per_s
    c.full_conductance_w_per_k = bank_conductance(
        c.heat_transfer_w_per_m2_k * c.area_m2 * (1.0 - bus[c.fouling]),
        c.air_flow_m3_per_s,
        flow * c.heat_capacity_j_per_kg_k,
        bus[c.ambient_temperature],
    )
    bus[c.conductance] = c.full_conductance_w_per_k
    return OK


@kernel
def step(c, bus, props, dt):
    """Fan speed and power that the heat of the step needs; all of it leaves with the air."""
    heat_w = bus[c.heat]
    status = OK
    power_w = 0.0
    use = 0.0
    if heat_w > 0.0:
        most_w = c.full_conductance_w_per_k * max(bus[c.loop_temperature] - bus[c.ambient_temperature], 0.0)
        if heat_w > most_w * (1.0 + 1.0e-6):
            status = LIMITED
            bus[EVENT_AMOUNT] = heat_w - most_w
            c.short_j += (heat_w - most_w) * dt
            if most_w < heat_w * (1.0 - SHORT_FRAC):
                c.short_s += dt
            use = 1.0
        else:
            use = min(heat_w / most_w, 1.0)
        if use > max(c.half_use_frac, c.slow_use_frac):
            power_w = c.full_power_w * use ** (3.0 / c.speed_exponent)
        elif use > c.slow_use_frac:
            power_w = c.full_power_w * 0.125 * (use / c.half_use_frac) ** (3.0 / c.low_exponent)
        else:  # fewer fans, all at their lowest speed
            power_w = c.full_power_w * c.min_speed_frac**3 * use / c.slow_use_frac
        power_w = max(power_w, _least_power(c, heat_w, bus[c.loop_temperature], bus[c.ambient_temperature]))
    c.use_frac = use
    c.power_w = power_w
    c.rejected_w = heat_w
    bus[c.power] = power_w
    bus[c.heat_loss] = heat_w + power_w
    return status


KIND = Kind(
    name="dry_cooler",
    doc="Bank of air coolers for a liquid loop, with speed-controlled fans.",
    fields=(
        parameter("area_m2", "m2", "outer surface of the coils", 1.0e4, 1.0e-3, 1.0e7),
        parameter("heat_transfer_w_per_m2_k", "W/(m2 K)", "overall coefficient at full fan speed", 35.0, 0.1, 1.0e3),
        parameter("air_flow_m3_per_s", "m3/s", "air at full fan speed", 250.0, 1.0e-3, 1.0e6, size_from="area_m2"),
        parameter(
            "fan_pressure_pa",
            "Pa",
            "pressure rise of the fans at full speed",
            150.0,
            0.0,
            5.0e3,
            published=Published(
                100.0, 200.0, "Kroeger 2004, Air-cooled Heat Exchangers and Cooling Towers: axial fans"
            ),
        ),
        parameter("fan_efficiency_frac", "1", "efficiency of fans and motors", 0.6, 0.05, 1.0),
        parameter("min_speed_frac", "1", "lowest speed of a running fan", 0.2, 0.05, 1.0),
        parameter("rated_flow_kg_per_s", "kg/s", "flow of the liquid when loop_flow is unlinked", 100.0, 1.0e-3, 1.0e5),
        parameter("heat_capacity_j_per_kg_k", "J/(kg K)", "heat capacity of the liquid", 3600.0, 1.0e3, 5.0e3),
        memory("full_power_w", "W", "fan power at full speed"),
        memory("air_w", "W", "heat capacity rate of the air at full speed times its temperature"),
        memory("speed_exponent", "1", "exponent of the conductance over fan speed, from half speed up"),
        memory("low_exponent", "1", "exponent of the conductance over fan speed, below half speed"),
        memory("half_use_frac", "1", "share of the full conductance at half speed"),
        memory("slow_use_frac", "1", "share of the full conductance at the lowest speed"),
        memory("full_conductance_w_per_k", "W/K", "conductance at full fan speed"),
        memory("short_j", "J", "heat beyond what the air could take at full fan speed", is_counter=True),
        memory("short_s", "s", "time in which it could take less than 99.9 % of the heat", is_counter=True),
        output("use_frac", "1", "share of the full conductance in use"),
        output("rejected_w", "W", "heat given to the air"),
        output("power_w", "W", "fan power"),
    ),
    ports=(
        Port("loop_temperature", "signal", "in", "liquid at the inlet, mean over the step", is_required=True, unit="K"),
        Port("ambient_temperature", "signal", "in", "air", default="series.temp_air_degc", unit="K"),
        Port("loop_flow", "signal", "in", "flow of the liquid; unlinked: rated", is_lagged=True, unit="kg/s"),
        FOULING_PORT,
        Port("heat", "heat", "in", "heat to reject", unit="W"),
        Port("conductance", "signal", "out", "at full fan speed, per kelvin liquid - air", is_emitted=True, unit="W/K"),
        Port("power", "power", "in", "fans", writes=True, unit="W", idle_without=("fan_pressure_pa",)),
        Port("heat_loss", "heat", "out", "to the air: heat and fan power", unit="W", border="surroundings"),
    ),
    step=step,
    emit=emit,
    begin=begin,
    group="heat",
    role=Process(
        "Cooling",
        served=(Served("cooling", short=("short_j",), asked=("heat",), time="short_s", asks="heat"),),
    ),
    laws=(
        bank_balance(),
        bank_reach(),
        bank_above_air(),
        fan_power(),
    ),
    costs=(cost("cooler bank", ("area_m2",), 1.0e4, 350.0e3, 0.9, ESTIMATE),),
)
