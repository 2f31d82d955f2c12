"""Circulation pump of a closed loop: the flow follows head curve, pipes and inertance; its work heats the loop."""

from dataclasses import replace

from h2plant.components.protection import UNPOWERED_PORT, is_unpowered
from h2plant.core.bus import EVENT_AMOUNT, ZERO
from h2plant.core.cost import TOWLER_2013, cost
from h2plant.core.declare import Kind, Order, Port, memory, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import Process
from h2plant.core.status import NO_POWER, OK
from h2plant.laws.water import circulation_flow, circulation_motor, circulation_power
from h2plant.physics.pump import pipe_flow_step, pump_pressure_rise, pump_shaft_power

STANDSTILL_RATIO = 1.0e-6  # of rated flow or speed, below which the loop stands still
STEADY_RATIO = 1.0e-13


@kernel
def begin(c, props):
    """Head curve and pipes from the rating; starts at rest or, if so wanted, already running."""
    q = c.rated_flow_kg_per_s / c.density_kg_per_m3
    c.rated_flow_m3_per_s = q
    c.curve_pa_s2_per_m6 = max(c.shut_off_pressure_pa - c.rated_pressure_rise_pa, 0.0) / (q * q)
    c.resistance_pa_s2_per_m6 = c.curve_pa_s2_per_m6 + c.rated_pressure_rise_pa / (q * q)
    c.flow_m3_per_s = 0.0
    c.cached_speed_ratio = -1.0
    return OK


@kernel
def emit(c, bus, props, dt):
    """Draw the power of the last step's flow, and give off its heat: known before the line that the pump serves."""
    bus[c.power] = c.power_w
    bus[c.heat] = c.shaft_w
    bus[c.heat_loss] = c.power_w - c.shaft_w
    c.has_no_power = 1.0 if is_unpowered(c, bus) else 0.0
    return OK


@kernel
def step(c, bus, props, dt):
    """Advance the flow exactly over the step; all shaft work becomes heat in the loop, in the next step."""
    speed = c.speed_frac
    if c.setpoint != ZERO:
        speed = min(max(bus[c.setpoint], 0.0), 1.0)
    if speed < STANDSTILL_RATIO or (c.run_signal != ZERO and bus[c.run_signal] < 0.5):
        speed = 0.0
    status = OK
    if speed > 0.0 and c.has_no_power > 0.5:
        bus[EVENT_AMOUNT] = c.rated_flow_kg_per_s * speed
        status = NO_POWER
        speed = 0.0
    q = c.flow_m3_per_s
    if speed != c.cached_speed_ratio:
        source = speed * speed * c.shut_off_pressure_pa / c.inertance_kg_per_m4
        friction = c.resistance_pa_s2_per_m6 / c.inertance_kg_per_m4
        end, mean = pipe_flow_step(q, source, friction, dt)
        if speed <= 0.0 and end < STANDSTILL_RATIO * c.rated_flow_m3_per_s:
            end = 0.0
        rise_pa = max(pump_pressure_rise(c.shut_off_pressure_pa, c.curve_pa_s2_per_m6, speed, mean), 0.0)
        shaft_w = pump_shaft_power(rise_pa, mean, c.rated_flow_m3_per_s, speed, c.best_efficiency_frac)
        c.flow_m3_per_s = end
        c.flow_kg_per_s = mean * c.density_kg_per_m3
        c.shaft_w = shaft_w
        c.power_w = shaft_w / c.motor_efficiency_frac
        # once start, mean and end agree, nothing changes until the speed does
        if abs(end - q) <= STEADY_RATIO * q and abs(mean - q) <= STEADY_RATIO * q:
            c.cached_speed_ratio = speed
        else:
            c.cached_speed_ratio = -1.0
    bus[c.flow] = c.flow_kg_per_s
    return status


KIND = Kind(
    name="circulation_pump",
    doc="Centrifugal pump of a closed loop with head curve, affinity laws and inertance.",
    fields=(
        parameter("rated_flow_kg_per_s", "kg/s", "flow in its loop at rated speed", 36.0, 1.0e-6, 1.0e5),
        parameter(
            "shut_off_pressure_pa",
            "Pa",
            "rise at zero flow and rated speed",
            3.5e5,
            1.0e3,
            1.0e7,
            size_from="rated_pressure_rise_pa",
        ),
        parameter("rated_pressure_rise_pa", "Pa", "rise at rated flow, all lost in the loop", 2.5e5, 1.0e3, 1.0e7),
        parameter(
            "inertance_kg_per_m4",
            "kg/m4",
            "inertance rho l / A of the loop, rotor included",
            2.5e7,
            1.0,
            1.0e12,
            size_from="1 / rated_flow_kg_per_s",
        ),
        parameter("speed_frac", "1", "speed over rated speed when no setpoint is linked", 1.0, 0.0, 1.0),
        parameter("density_kg_per_m3", "kg/m3", "density of the liquid", 985.0, 500.0, 1500.0),
        parameter("best_efficiency_frac", "1", "best efficiency, flow work over shaft work", 0.75, 0.05, 0.95),
        parameter("motor_efficiency_frac", "1", "efficiency of motor and drive", 0.93, 0.3, 1.0),
        state("flow_m3_per_s", "m3/s", "flow"),
        memory("rated_flow_m3_per_s", "m3/s", "rated flow"),
        memory("curve_pa_s2_per_m6", "Pa s2/m6", "slope of the head curve"),
        memory("resistance_pa_s2_per_m6", "Pa s2/m6", "resistance of pump and loop"),
        memory("has_no_power", "1", "1: a converter that feeds it was open at the end of the last step"),
        memory("cached_speed_ratio", "1", "speed at which the flow is steady, -1 when it is not"),
        state("flow_kg_per_s", "kg/s", "mean flow in the step"),
        state("shaft_w", "W", "shaft power"),
        state("power_w", "W", "electric power"),
    ),
    ports=(
        Port("setpoint", "signal", "in", "speed over rated speed, 0 to 1; unlinked: speed_frac", unit="1"),
        Port("run_signal", "signal", "in", "above 0.5 it runs; unlinked: it runs", unit="1"),
        Port("flow", "signal", "out", "mean flow in the step", unit="kg/s"),
        Port("power", "power", "in", "motor, for the flow of the last step", writes=True, is_emitted=True, unit="W"),
        replace(UNPOWERED_PORT, is_read_in_step=False),  # read in emit
        Port("heat", "heat", "out", "shaft work, into the loop", is_emitted=True, unit="W", border="surroundings"),
        Port("heat_loss", "heat", "out", "of motor and drive", is_emitted=True, unit="W", border="surroundings"),
    ),
    step=step,
    emit=emit,
    begin=begin,
    group="heat",
    orders=(
        Order(
            "rated_pressure_rise_pa", "shut_off_pressure_pa", "the curve of a pump falls with the flow", is_strict=True
        ),
    ),
    role=Process("Cooling"),
    laws=(
        circulation_motor(),
        circulation_flow(),
        circulation_power(),
    ),
    costs=(
        cost(
            "pump", ("rated_flow_kg_per_s",), 36.0, 11.7e3, 0.6, TOWLER_2013, 2010, 15.0, 0.04, installation_ratio=3.0
        ),
    ),
)
