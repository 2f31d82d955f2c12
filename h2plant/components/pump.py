"""Feed pump with speed control: head curve, system curve, inertance, on-off duty below its minimum flow."""

import math

from h2plant.components.protection import UNPOWERED_PORT, is_unpowered
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import SHORT_FRAC
from h2plant.core.cost import TOWLER_2013, cost
from h2plant.core.declare import Kind, Order, Port, memory, output, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Process
from h2plant.core.served import Served
from h2plant.core.status import LIMITED, NO_POWER, OK, SOLVER_TRIP
from h2plant.laws.protection import no_power
from h2plant.laws.water import feed_pump_balance, feed_pump_demand, feed_pump_warming, feed_pump_work
from h2plant.physics.held.water import HELD_LIQUID_STATES
from h2plant.physics.liquid import held_heated_water
from h2plant.physics.pump import pipe_flow_step, pump_shaft_power, pump_speed
from h2plant.physics.stream import bypassed, hand_over, put_nothing, put_stream, read_stream

STANDSTILL_RATIO = 1.0e-9  # flow over rated flow that counts as standing still
HEAT_CAPACITY_J_PER_KG_K = 4181.0  # liquid water, for a first guess only
GUESS_M3_PER_KG = 0.94e-3
LOWEST_RISE_PA = 1.0e4  # smallest static rise that a pump is sized for


@kernel
def begin(c, props):
    """Size head curve, system curve and inertance from the rating."""
    rise_pa = max(c.discharge_pressure_pa - c.suction_pressure_pa, LOWEST_RISE_PA) / (1.0 - c.friction_frac)
    q = c.rated_flow_kg_per_s / c.density_kg_per_m3
    c.shut_off_pressure_pa = c.shut_off_ratio * rise_pa
    c.rated_flow_m3_per_s = q
    c.system_pa_s2_per_m6 = c.friction_frac * rise_pa / (q * q)
    c.resistance_pa_s2_per_m6 = (c.shut_off_ratio - 1.0 + c.friction_frac) * rise_pa / (q * q)
    c.inertance_kg_per_m4 = 2.0 * c.resistance_pa_s2_per_m6 * q * c.time_constant_s
    c.duty_frac = 1.0
    return OK


@leaf
def _put_rest(c, bus):
    """Write the power of a pump that does no work."""
    bus[c.power] = 0.0
    bus[c.heat_loss] = 0.0
    c.power_w = 0.0
    c.speed_ratio = 0.0


@kernel
def step(c, bus, props, dt):
    """Pass on what the tank gave, raised to the discharge pressure; order the mean flow of the next step."""
    h2, o2, n2, vapour, liquid, inlet_w, inlet_k, inlet_pa = read_stream(bus, c.inlet)
    water = vapour + liquid
    flow = h2 + o2 + n2 + water
    is_passed = False
    wanted = 0.0
    for i in range(c.n_demand):
        wanted += max(bus[c.demand + i], 0.0)
    q = c.flow_m3_per_s
    out_pa = c.discharge_pressure_pa
    static_pa = out_pa - (inlet_pa if flow > 0.0 else c.suction_pressure_pa)
    is_cut = is_unpowered(c, bus)

    if is_cut and water > 0.0:  # what is on its way runs through
        hand_over(bus, c.inlet, c.outlet)
        _put_rest(c, bus)
    elif water > 0.0:
        q_passed = flow / c.density_kg_per_m3
        q_run = max(q_passed, c.min_flow_frac * c.rated_flow_m3_per_s)
        speed = pump_speed(static_pa, c.resistance_pa_s2_per_m6, c.shut_off_pressure_pa, q_run)
        rise_pa = max(static_pa, 0.0) + c.system_pa_s2_per_m6 * q_run * q_run
        shaft_w = pump_shaft_power(rise_pa, q_run, c.rated_flow_m3_per_s, speed, c.best_efficiency_frac)
        shaft_w *= q_passed / q_run
        enthalpy_w = inlet_w + shaft_w
        # dT = (w - v dp (1 - beta T)) / cp, beta T = 0.06 at 20 C: the first guess
        guess_k = inlet_k + (shaft_w / flow - static_pa * GUESS_M3_PER_KG) / HEAT_CAPACITY_J_PER_KG_K
        T, vapour, liquid = held_heated_water(c, props, h2, o2, n2, water, enthalpy_w, out_pa, guess_k)
        is_passed = T != T
        if is_passed:  # steam, or water beyond the tables: passes without work
            shaft_w = 0.0
            bypassed(bus, c.inlet, c.outlet)
        else:
            put_stream(bus, c.outlet, h2, o2, n2, vapour, liquid, enthalpy_w, T, out_pa)
        power_w = shaft_w / c.motor_efficiency_frac
        bus[c.power] = power_w
        bus[c.heat_loss] = power_w - shaft_w
        c.power_w = power_w
        c.speed_ratio = speed
    else:  # no water: what gas there is goes through unchanged
        put_stream(bus, c.outlet, h2, o2, n2, 0.0, 0.0, inlet_w, inlet_k, inlet_pa)
        if flow <= 0.0:
            put_nothing(bus, c.outlet, inlet_k, out_pa)
        _put_rest(c, bus)
        if wanted <= 0.0 and q <= STANDSTILL_RATIO * c.rated_flow_m3_per_s:
            c.flow_m3_per_s = 0.0
            c.ordered_kg_per_s = 0.0
            c.flow_kg_per_s = 0.0
            bus[c.flow_demand] = 0.0
            return OK
    c.flow_kg_per_s = flow

    # the flow that speed control brings about in the next step, from where the water column is now
    is_short = False
    if flow < c.ordered_kg_per_s * (1.0 - 1.0e-9):
        q *= flow / c.ordered_kg_per_s
        c.short_kg += (c.ordered_kg_per_s - flow) * dt
        is_short = flow < c.ordered_kg_per_s * (1.0 - SHORT_FRAC)
    most_pa = c.max_speed_ratio * c.max_speed_ratio * c.shut_off_pressure_pa - static_pa
    q_most = math.sqrt(max(most_pa, 0.0) / c.resistance_pa_s2_per_m6)
    if is_cut:
        q_most = 0.0
    q_wanted = wanted / c.density_kg_per_m3
    status = OK
    if q_wanted > q_most * (1.0 + 1.0e-9):
        status = NO_POWER if is_cut else LIMITED
        bus[EVENT_AMOUNT] = (q_wanted - q_most) * c.density_kg_per_m3
        c.short_kg += bus[EVENT_AMOUNT] * dt
        is_short = is_short or q_wanted * (1.0 - SHORT_FRAC) > q_most
        q_wanted = q_most
    if is_short:
        c.short_s += dt
    friction = c.resistance_pa_s2_per_m6 / c.inertance_kg_per_m4
    if q_wanted > 0.0:
        q_run = min(max(q_wanted, c.min_flow_frac * c.rated_flow_m3_per_s), q_most)
        duty = q_wanted / q_run
        source = friction * q_run * q_run
    else:
        duty = c.duty_frac
        source = -max(static_pa, 0.0) / c.inertance_kg_per_m4
    q, q_mean = pipe_flow_step(q, source, friction, dt)
    c.flow_m3_per_s = q
    c.duty_frac = duty
    c.ordered_kg_per_s = q_mean * duty * c.density_kg_per_m3
    bus[c.flow_demand] = c.ordered_kg_per_s
    if is_passed:
        bus[EVENT_AMOUNT] = flow
        return SOLVER_TRIP
    return status


KIND = Kind(
    name="pump",
    doc="Speed-controlled centrifugal feed pump from a tank to a pressure; orders from the tank what it will pump.",
    fields=(
        parameter("rated_flow_kg_per_s", "kg/s", "flow of best efficiency at rated speed", 1.2, 1.0e-6, 1.0e4),
        parameter("discharge_pressure_pa", "Pa", "pressure delivered to the consumer", 41.0e5, 1.0e5, 4.0e7),
        parameter("suction_pressure_pa", "Pa", "suction pressure that it is sized for", 101325.0, 1.0e4, 1.0e7),
        parameter("shut_off_ratio", "1", "rise at zero flow over rated rise, at rated speed", 1.25, 1.01, 3.0),
        parameter("friction_frac", "1", "share of the rated rise lost in valves and pipes", 0.1, 0.0, 0.9),
        parameter("max_speed_ratio", "1", "greatest speed over rated speed", 1.05, 0.5, 2.0),
        parameter("min_flow_frac", "1", "share of rated flow below which it runs on and off", 0.3, 0.05, 1.0),
        parameter("best_efficiency_frac", "1", "best efficiency, flow work over shaft work", 0.65, 0.05, 0.95),
        parameter("motor_efficiency_frac", "1", "efficiency of motor and drive", 0.92, 0.3, 1.0),
        parameter("time_constant_s", "s", "time constant of the flow at its rating", 1.5, 0.01, 60.0),
        parameter("density_kg_per_m3", "kg/m3", "density of the water", 998.2, 900.0, 1100.0),
        state("flow_m3_per_s", "m3/s", "flow while it runs, at the end of the step ordered"),
        state("duty_frac", "1", "share of the time that it runs"),
        state("ordered_kg_per_s", "kg/s", "flow ordered for the next step"),
        *HELD_LIQUID_STATES,
        memory("shut_off_pressure_pa", "Pa", "rise at zero flow and rated speed"),
        memory("rated_flow_m3_per_s", "m3/s", "rated flow"),
        memory("system_pa_s2_per_m6", "Pa s2/m6", "resistance of the system"),
        memory("resistance_pa_s2_per_m6", "Pa s2/m6", "resistance of pump and system"),
        memory("inertance_kg_per_m4", "kg/m4", "inertance of water column and rotor"),
        memory("short_kg", "kg", "water asked of it and not given", is_counter=True),
        memory("short_s", "s", "time in which it gave less than 99.9 % of what was asked", is_counter=True),
        output("flow_kg_per_s", "kg/s", "flow pumped"),
        output("power_w", "W", "electric power"),
        output("speed_ratio", "1", "speed over rated speed while it runs"),
    ),
    ports=(
        Port("demand", "signal", "in", "flow wanted; several are summed", is_multi=True, is_lagged=True, unit="kg/s"),
        Port("flow_demand", "signal", "out", "flow that it draws in the next step", unit="kg/s"),
        Port("inlet", "stream", "in", "water from the tank", is_required=True),
        Port("outlet", "stream", "out", "water at the discharge pressure", border="drained"),
        Port("power", "power", "in", "motor", writes=True, unit="W"),
        UNPOWERED_PORT,
        Port("heat_loss", "heat", "out", "loss of motor and drive", unit="W", border="surroundings"),
    ),
    step=step,
    begin=begin,
    group="water",
    orders=(Order("suction_pressure_pa", "discharge_pressure_pa", "there would be nothing to pump against"),),
    role=Process(
        "Water supply",
        served=(Served("water", short=("short_kg",), given=("outlet",), time="short_s", asks="demand"),),
    ),
    laws=(
        feed_pump_balance(),
        feed_pump_work(),
        feed_pump_warming(),
        feed_pump_demand(),
        no_power(),
    ),
    costs=(
        cost("pump", ("rated_flow_kg_per_s",), 1.2, 10.0e3, 0.6, TOWLER_2013, 2010, 15.0, 0.04, installation_ratio=3.0),
    ),
)
