"""Counter-flow heat exchanger that gives a conductance between two circuits; it holds no energy itself."""

from h2plant.components.protection import FOULING_PORT
from h2plant.core.bus import ZERO
from h2plant.core.cost import TOWLER_2013, cost
from h2plant.core.declare import Kind, Port, memory, output, parameter
from h2plant.core.jit import kernel
from h2plant.core.role import Process
from h2plant.core.status import OK
from h2plant.laws.heat import exchanger_conductance
from h2plant.physics.heat_exchange import effectiveness_counter_flow, part_load_conductance


@kernel
def begin(c, props):
    """Nothing computed yet."""
    c.cached_hot_kg_per_s = -1.0
    c.cached_cold_kg_per_s = -1.0
    return OK


@kernel
def step(c, bus, props, dt):
    """Conductance per kelvin between the two inlet temperatures; computed anew only when a flow changes."""
    hot = bus[c.flow_hot] if c.flow_hot != ZERO else c.rated_flow_hot_kg_per_s
    cold = bus[c.flow_cold] if c.flow_cold != ZERO else c.rated_flow_cold_kg_per_s
    fouled_frac = bus[c.fouling]
    if hot != c.cached_hot_kg_per_s or cold != c.cached_cold_kg_per_s or fouled_frac != c.cached_fouled_frac:
        c.cached_fouled_frac = fouled_frac
        c.cached_hot_kg_per_s = hot
        c.cached_cold_kg_per_s = cold
        if hot <= 0.0 or cold <= 0.0:
            c.effectiveness_frac = 0.0
            c.conductance_w_per_k = 0.0
        else:
            c_hot = hot * c.heat_capacity_hot_j_per_kg_k
            c_cold = cold * c.heat_capacity_cold_j_per_kg_k
            least = min(c_hot, c_cold)
            ua = (
                (1.0 - c.fouling_frac)
                * (1.0 - fouled_frac)
                * part_load_conductance(
                    c.rated_ua_w_per_k,
                    hot / c.rated_flow_hot_kg_per_s,
                    cold / c.rated_flow_cold_kg_per_s,
                    c.film_exponent,
                )
            )
            c.effectiveness_frac = effectiveness_counter_flow(ua / least, least / max(c_hot, c_cold))
            c.conductance_w_per_k = c.effectiveness_frac * least
    bus[c.conductance] = c.conductance_w_per_k
    return OK


KIND = Kind(
    name="heat_exchanger",
    doc="Counter-flow exchanger by effectiveness and transfer units: heat = conductance (T_hot,in - T_cold,in).",
    fields=(
        parameter(
            "rated_ua_w_per_k",
            "W/K",
            "conductance U A at rated flows, clean",
            4.0e5,
            0.0,
            1.0e9,
            size_from="rated_flow_hot_kg_per_s",
        ),
        parameter("rated_flow_hot_kg_per_s", "kg/s", "rated flow, hot side; used when unlinked", 36.0, 1.0e-6, 1.0e5),
        parameter(
            "rated_flow_cold_kg_per_s",
            "kg/s",
            "rated flow, cold side; used when unlinked",
            36.0,
            1.0e-6,
            1.0e5,
            size_from="rated_flow_hot_kg_per_s",
        ),
        parameter("heat_capacity_hot_j_per_kg_k", "J/(kg K)", "heat capacity, hot side", 4181.0, 500.0, 2.0e4),
        parameter("heat_capacity_cold_j_per_kg_k", "J/(kg K)", "heat capacity, cold side", 4181.0, 500.0, 2.0e4),
        parameter("film_exponent", "1", "exponent of the flow in both film coefficients", 0.7, 0.0, 1.0),
        parameter("fouling_frac", "1", "share of U A lost to fouling", 0.0, 0.0, 0.95),
        memory("cached_hot_kg_per_s", "kg/s", "hot flow of the conductance kept"),
        memory("cached_cold_kg_per_s", "kg/s", "cold flow of the conductance kept"),
        memory("cached_fouled_frac", "1", "fouling by a fault of the conductance kept"),
        memory("conductance_w_per_k", "W/K", "conductance between the inlet temperatures"),
        output("effectiveness_frac", "1", "effectiveness"),
    ),
    ports=(
        Port("flow_hot", "signal", "in", "flow, hot side; unlinked: rated", unit="kg/s"),
        Port("flow_cold", "signal", "in", "flow, cold side; unlinked: rated", unit="kg/s"),
        FOULING_PORT,
        Port("conductance", "signal", "out", "effectiveness times the smaller heat capacity rate", unit="W/K"),
    ),
    step=step,
    begin=begin,
    group="heat",
    role=Process("Cooling"),
    laws=(exchanger_conductance(),),
    costs=(cost("plates", ("rated_ua_w_per_k",), 4.0e5, 18.3e3, 0.95, TOWLER_2013, 2010, installation_ratio=3.0),),
)
