"""Pressure valve: lets a stream down to a set pressure at constant enthalpy (Joule-Thomson)."""

from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, memory, parameter
from h2plant.core.jit import kernel
from h2plant.core.role import Process
from h2plant.core.status import OK
from h2plant.laws.gas import PRESSURE_VALVE_LAWS
from h2plant.physics.held.water import HELD_WATER_STATES, keep_water, load_water
from h2plant.physics.stream import bypassed, put_nothing, put_stream, read_stream
from h2plant.physics.wet_gas import held_flash

FIELDS = (
    parameter("outlet_pressure_pa", "Pa", "set pressure behind the valve", 1.5e5, 0.5e5, 900.0e5),
    memory("offset_k", "K", "outlet above inlet in the last step: start of the search"),
    *HELD_WATER_STATES,
)

PORTS = (
    Port("inlet", "stream", "in", "gas, water or both", is_required=True),
    Port(
        "outlet",
        "stream",
        "out",
        "the same at the set pressure, or at its own where that is lower",
        border="vented",
        pressure="outlet_pressure_pa",
    ),
)


@kernel
def step(c, bus, props, dt):
    """Pass mass and enthalpy; temperature and phases follow from the enthalpy at the lower pressure."""
    h2, o2, n2, vapour, liquid, enthalpy_w, inlet_k, inlet_pa = read_stream(bus, c.inlet)
    temperature_k = inlet_k
    pressure_pa = min(inlet_pa, c.outlet_pressure_pa)
    water = vapour + liquid
    if h2 + o2 + n2 + water <= 0.0:
        put_nothing(bus, c.outlet, temperature_k, pressure_pa)
        return OK
    if inlet_pa > pressure_pa:
        held = load_water(c)
        temperature_k, vapour, liquid, held = held_flash(
            props, held, h2, o2, n2, water, enthalpy_w, pressure_pa, inlet_k + c.offset_k
        )
        keep_water(c, held)
        if not temperature_k > 0.0:
            return bypassed(bus, c.inlet, c.outlet)
        c.offset_k = temperature_k - inlet_k
    put_stream(bus, c.outlet, h2, o2, n2, vapour, liquid, enthalpy_w, temperature_k, pressure_pa)
    return OK


KIND = Kind(
    "pressure_valve",
    "Isenthalpic let-down to a set pressure",
    FIELDS,
    PORTS,
    step,
    role=Process(),
    laws=PRESSURE_VALVE_LAWS,
    costs=(cost("control valve", (), 1.0, 15.0e3, 1.0, ESTIMATE, fixed_cost_frac=0.03),),
)
