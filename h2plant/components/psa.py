"""Pressure-swing adsorber: purified hydrogen at a recovery, the rest and the impurities in the tail gas."""

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import MOLAR_MASS_H2O_KG_PER_MOL
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, counter, memory, output, parameter, state
from h2plant.core.finite import is_number
from h2plant.core.jit import kernel
from h2plant.core.properties import gases_enthalpy
from h2plant.core.role import Process
from h2plant.core.status import LIMITED, OK
from h2plant.laws.purification import PSA_LAWS
from h2plant.physics.held.water import HELD_WATER_STATES, keep_water, load_water
from h2plant.physics.pressure_drop import drop_coefficient, pressure_after_drop
from h2plant.physics.purification import dilute_vapour_enthalpy
from h2plant.physics.stream import bypassed, dry_molar_flow, put_nothing, put_stream, read_stream
from h2plant.physics.wet_gas import held_flash

FIELDS = (
    parameter("recovery_frac", "1", "share of the hydrogen that becomes product", 0.90, 0.0, 1.0),
    parameter("water_slip_frac", "1", "share of the water that reaches the product", 1.0e-3, 0.0, 1.0),
    parameter("oxygen_slip_frac", "1", "share of the oxygen that reaches the product", 1.0e-2, 0.0, 1.0),
    parameter("nitrogen_slip_frac", "1", "share of the nitrogen that reaches the product", 1.0e-2, 0.0, 1.0),
    parameter("pressure_drop_pa", "Pa", "pressure lost by the product at nominal flow", 2.0e4, 0.0, 1.0e6),
    parameter("nominal_flow_kg_per_s", "kg/s", "total mass flow it is built for", 0.1, 1.0e-6, 1.0e3),
    parameter("tail_pressure_pa", "Pa", "pressure of the tail gas", 1.3e5, 0.6e5, 100.0e5),
    parameter("cycle_s", "s", "time of one cycle of a vessel at nominal flow", 600.0, 10.0, 1.0e5),
    counter("running_h", "h", "time with flow"),
    state("n_cycles", "1", "cycles of each vessel: valve and sieve wear"),
    memory("drop_pa_s2_per_kg2", "Pa s2/kg2", "coefficient of the pressure drop"),
    memory("offset_k", "K", "tail gas above inlet in the last step: start of the search"),
    *HELD_WATER_STATES,
    output("outlet_water_frac", "1", "mole fraction of water in the product"),
)

PORTS = (
    Port("inlet", "stream", "in", "hydrogen with impurities, free of liquid", is_required=True),
    Port("outlet", "stream", "out", "product", border="vented"),
    Port(
        "tail_gas",
        "stream",
        "out",
        "blow-down and purge gas: the rest",
        border="vented",
        border_label="Tail gas",
        pressure="tail_pressure_pa",
    ),
)


@kernel
def begin(c, props):
    """Derive the pressure drop's coefficient."""
    c.drop_pa_s2_per_kg2 = drop_coefficient(c.pressure_drop_pa, c.nominal_flow_kg_per_s)
    return OK


@kernel
def step(c, bus, props, dt):
    """Share out species by recovery and slip; product at the inlet's temperature, the tail keeps the rest."""
    h2, o2, n2, vapour, liquid, inlet_w, inlet_k, inlet_pa = read_stream(bus, c.inlet)
    water = vapour + liquid
    flow = h2 + o2 + n2 + water
    tail_pa = min(inlet_pa, c.tail_pressure_pa)
    if flow <= 0.0:
        put_nothing(bus, c.outlet, inlet_k, inlet_pa)
        put_nothing(bus, c.tail_gas, inlet_k, tail_pa)
        c.outlet_water_frac = 0.0
        return OK
    ratio = flow / c.nominal_flow_kg_per_s
    c.running_h += dt / 3600.0
    c.n_cycles += dt / c.cycle_s * ratio  # a bed switches when it has taken up its share of impurities
    pressure_pa = pressure_after_drop(inlet_pa, c.drop_pa_s2_per_kg2 * flow * flow)
    product_h2 = c.recovery_frac * h2
    product_o2 = c.oxygen_slip_frac * o2
    product_n2 = c.nitrogen_slip_frac * n2
    product_water = c.water_slip_frac * water
    product_w = product_water * dilute_vapour_enthalpy(inlet_k)
    product_w += gases_enthalpy(props, product_h2, product_o2, product_n2, pressure_pa, inlet_k)
    tail_h2 = h2 - product_h2
    tail_o2 = o2 - product_o2
    tail_n2 = n2 - product_n2
    tail_water = water - product_water
    if tail_h2 + tail_o2 + tail_n2 + tail_water > 0.0:
        tail_w = inlet_w - product_w
        held = load_water(c)
        tail_k, vapour, liquid, held = held_flash(
            props, held, tail_h2, tail_o2, tail_n2, tail_water, tail_w, tail_pa, inlet_k + c.offset_k
        )
        keep_water(c, held)
        if not (is_number(product_w) & (tail_k > 0.0)):
            put_nothing(bus, c.tail_gas, inlet_k, tail_pa)
            c.outlet_water_frac = 0.0
            return bypassed(bus, c.inlet, c.outlet)
        c.offset_k = tail_k - inlet_k
        put_stream(bus, c.tail_gas, tail_h2, tail_o2, tail_n2, vapour, liquid, tail_w, tail_k, tail_pa)
    else:
        product_w = inlet_w
        put_nothing(bus, c.tail_gas, inlet_k, tail_pa)
    put_stream(bus, c.outlet, product_h2, product_o2, product_n2, product_water, 0.0, product_w, inlet_k, pressure_pa)
    water_mol_per_s = product_water / MOLAR_MASS_H2O_KG_PER_MOL
    total = water_mol_per_s + dry_molar_flow(product_h2, product_o2, product_n2)
    c.outlet_water_frac = water_mol_per_s / total if total > 0.0 else 0.0
    if ratio > 1.2:
        bus[EVENT_AMOUNT] = flow - 1.2 * c.nominal_flow_kg_per_s
        return LIMITED
    return OK


KIND = Kind(
    "psa",
    "Pressure-swing adsorber",
    FIELDS,
    PORTS,
    step,
    begin=begin,
    role=Process(),
    laws=PSA_LAWS,
    costs=(cost("vessels, valves", ("nominal_flow_kg_per_s",), 0.1, 900.0e3, 0.6, ESTIMATE, fixed_cost_frac=0.03),),
)
