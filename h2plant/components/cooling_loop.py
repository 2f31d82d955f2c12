"""Glycol loop that takes up heat and rejects it through dry coolers, its supply held by a bypass."""

from h2plant.components.protection import TRIPPED_PORT, protected, protection_fields
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Order, Port, memory, output, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import Process
from h2plant.core.served import Served
from h2plant.core.status import OK, OVER_TEMPERATURE, UNDER_TEMPERATURE
from h2plant.laws.heat import loop_balance, loop_pumps, loop_rejection, loop_shortfall
from h2plant.laws.protection import loop_temperature, machine_protection, trips_counted
from h2plant.physics.held.same import same_exponential, same_mean_decay
from h2plant.physics.thermal_store import decayed_store_step


@kernel
def begin(c, props):
    """Constants of the loop; starts at its initial temperature."""
    c.temperature_k = c.initial_temperature_k
    c.capacity_j_per_k = c.glycol_kg * c.heat_capacity_j_per_kg_k
    c.flow_kg_per_s = c.rated_flow_kg_per_s
    c.rated_shaft_w = c.rated_flow_kg_per_s / c.density_kg_per_m3 * c.pressure_rise_pa / c.pump_efficiency_frac
    return OK


@kernel
def content(c, props):
    """Return the heat held (zero at 0 K), J."""
    return 0.0, 0.0, 0.0, 0.0, c.capacity_j_per_k * c.temperature_k


@kernel
def emit(c, bus, props, dt):
    """Tell the supply temperature at the start of the step."""
    bus[c.supply_temperature] = c.temperature_k
    return OK


@kernel
def _advanced(c, bus, props, dt):
    """Advance the loop exactly; the bypass lets the coolers take just what holds the setpoint."""
    heat_w = 0.0
    for i in range(c.n_heat):
        heat_w += bus[c.heat + i]
    # shaft work by the cube of the speed (affinity laws)
    flow = c.flow_kg_per_s
    speed = flow / c.rated_flow_kg_per_s
    shaft_w = c.rated_shaft_w * speed * speed * speed
    power_w = shaft_w / c.motor_efficiency_frac
    total_w = heat_w + shaft_w
    # the coolers see the return, warmer than the supply by the heat over the heat capacity rate
    spread_k = total_w / (flow * c.heat_capacity_j_per_kg_k)

    ambient_k = bus[c.ambient_temperature]
    loss_w_per_k = c.loss_conductance_w_per_k
    c.loss_x, c.loss_decay = same_mean_decay(c.loss_x, c.loss_decay, loss_w_per_k * dt / c.capacity_j_per_k)
    control_frac = 0.0
    if c.control_time_s > 0.0:
        c.control_x, c.control_decay = same_exponential(c.control_x, c.control_decay, -dt / c.control_time_s)
        control_frac = c.control_decay
    end_k, mean_k, rejected_w, cooled_k = decayed_store_step(
        c.temperature_k,
        c.setpoint_k,
        control_frac,
        c.capacity_j_per_k,
        total_w + loss_w_per_k * ambient_k,
        loss_w_per_k,
        c.loss_decay,
        bus[c.rejection_conductance],
        ambient_k - spread_k,
        dt,
    )
    start_k = c.temperature_k
    c.temperature_k = end_k
    c.heat_w = heat_w
    c.rejected_w = rejected_w
    c.power_w = power_w
    bus[c.rejected] = rejected_w
    bus[c.return_temperature] = cooled_k + spread_k
    # the pumps follow the heat from the next step on, and the dry cooler is told so
    flow = min(max(heat_w / c.rated_heat_w, c.min_speed_frac), 1.0) * c.rated_flow_kg_per_s
    c.flow_kg_per_s = flow
    bus[c.flow] = flow
    bus[c.power] = power_w
    bus[c.heat_loss] = loss_w_per_k * (mean_k - ambient_k) + (power_w - shaft_w)
    if end_k > c.max_temperature_k:
        bus[EVENT_AMOUNT] = end_k - c.max_temperature_k
        c.short_j += max(end_k - max(start_k, c.max_temperature_k), 0.0) * c.capacity_j_per_k
        c.short_s += dt
        return OVER_TEMPERATURE
    if end_k < c.freezing_temperature_k:
        bus[EVENT_AMOUNT] = c.freezing_temperature_k - end_k
        return UNDER_TEMPERATURE
    return OK


@kernel
def step(c, bus, props, dt):
    """Advance the loop exactly; the bypass lets the coolers take just what holds the setpoint."""
    status = _advanced(c, bus, props, dt)
    return protected(c, bus, status, status == UNDER_TEMPERATURE, dt)


KIND = Kind(
    name="cooling_loop",
    doc="Closed glycol loop as one thermal mass, cooled by dry coolers as far as its setpoint asks.",
    fields=(
        parameter("glycol_kg", "kg", "water-glycol in the loop", 5.0e4, 1.0, 1.0e8, size_from="rated_heat_w"),
        parameter("heat_capacity_j_per_kg_k", "J/(kg K)", "heat capacity (35 % ethylene glycol)", 3600.0, 1.0e3, 5.0e3),
        parameter("density_kg_per_m3", "kg/m3", "density (35 % ethylene glycol)", 1045.0, 700.0, 1500.0),
        parameter("setpoint_k", "K", "supply temperature held by the bypass", 293.15, 243.15, 353.15),
        parameter("control_time_s", "s", "time constant of the control above the setpoint", 300.0, 0.0, 1.0e5),
        parameter("rated_flow_kg_per_s", "kg/s", "flow at rated heat", 100.0, 1.0e-3, 1.0e5, size_from="rated_heat_w"),
        parameter("rated_heat_w", "W", "heat at which the pumps run at full speed", 3.0e6, 1.0, 1.0e9),
        parameter("min_speed_frac", "1", "lowest speed of the pumps", 0.3, 0.01, 1.0),
        parameter("pressure_rise_pa", "Pa", "pressure rise of the pumps at rated flow", 2.5e5, 0.0, 2.0e6),
        parameter("pump_efficiency_frac", "1", "efficiency of the pumps", 0.7, 0.05, 1.0),
        parameter("motor_efficiency_frac", "1", "efficiency of motors and drives", 0.93, 0.3, 1.0),
        parameter("loss_conductance_w_per_k", "W/K", "loss of pipes to the surroundings", 500.0, 0.0, 1.0e6),
        parameter("max_temperature_k", "K", "supply above which an event is reported", 323.15, 263.15, 373.15),
        parameter("initial_temperature_k", "K", "temperature at the start", 293.15, 243.15, 353.15),
        parameter("freezing_temperature_k", "K", "where its glycol freezes (35 %: -18 C)", 255.15, 203.15, 273.15),
        *protection_fields(10.0, 600.0),
        state("temperature_k", "K", "supply temperature"),
        memory("capacity_j_per_k", "J/K", "heat capacity of the loop"),
        state("flow_kg_per_s", "kg/s", "flow of the next step"),
        memory("rated_shaft_w", "W", "shaft power of the pumps at rated flow"),
        memory("loss_x", "1", "step over the time constant of the loss for which the next was found"),
        memory("loss_decay", "1", "mean over such a step of what the loss leaves of a deviation", default=1.0),
        memory("control_x", "1", "exponent of the control for which the next was found"),
        memory("control_decay", "1", "what the control leaves of a deviation after a step", default=1.0),
        memory("short_j", "J", "heat by which it warmed beyond its highest temperature", is_counter=True),
        memory("short_s", "s", "time above its highest temperature", is_counter=True),
        output("heat_w", "W", "heat taken up"),
        output("rejected_w", "W", "heat given to the dry coolers"),
        output("power_w", "W", "electric power of the pumps"),
    ),
    ports=(
        Port("heat", "heat", "in", "heat taken up", is_multi=True, unit="W"),
        Port(
            "rejection_conductance", "signal", "in", "dry cooler, full fan speed, per kelvin return - air", unit="W/K"
        ),
        Port("ambient_temperature", "signal", "in", "air", default="series.temp_air_degc", unit="K"),
        Port("supply_temperature", "signal", "out", "supply at the start of the step", is_emitted=True, unit="K"),
        Port("return_temperature", "signal", "out", "at the dry cooler's inlet, mean while it cools", unit="K"),
        Port("flow", "signal", "out", "flow of the next step", unit="kg/s"),
        Port("rejected", "heat", "out", "to the dry cooler", unit="W", border="surroundings"),
        Port("power", "power", "in", "circulation pumps", writes=True, unit="W", idle_without=("pressure_rise_pa",)),
        Port("heat_loss", "heat", "out", "loss to the surroundings and of the motors", unit="W", border="surroundings"),
        TRIPPED_PORT,
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
    role=Process(
        "Cooling",
        tripped="tripped",
        served=(Served("cooling", short=("short_j",), asked=("heat",), time="short_s", asks="heat"),),
    ),
    laws=(
        loop_balance(),
        loop_rejection(),
        loop_pumps(),
        loop_shortfall(),
        machine_protection(loop_temperature, "max_temperature_k", "freezing_temperature_k"),
        trips_counted(),
    ),
    costs=(cost("pipes, pumps", ("rated_flow_kg_per_s",), 100.0, 250.0e3, 0.7, ESTIMATE),),
)
