"""Transformer with no-load and load losses and the thermal state of its oil."""

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import TEMPERATURE_OFFSET_K
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, memory, output, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import Converter
from h2plant.core.status import OK, OVER_TEMPERATURE
from h2plant.laws.power import same_load
from h2plant.laws.transformer import transformer_losses, transformer_oil, transformer_peak_efficiency
from h2plant.physics.electrical import transformer_load_loss, transformer_loss, transformer_no_load_loss
from h2plant.physics.relaxation import linear_step


@kernel
def begin(c, props):
    """Derive losses, conductance and heat capacity from the ratings; oil at its no-load temperature at 15 C."""
    c.no_load_loss_w = transformer_no_load_loss(c.rating_w, c.peak_efficiency_frac, c.peak_load_frac)
    c.load_loss_w = transformer_load_loss(c.rating_w, c.peak_efficiency_frac, c.peak_load_frac)
    c.conductance_w_per_k = (c.no_load_loss_w + c.load_loss_w) / c.rated_oil_rise_k
    c.heat_capacity_j_per_k = c.conductance_w_per_k * c.oil_time_constant_s
    c.oil_temperature_k = 288.15 + c.no_load_loss_w / c.conductance_w_per_k
    return OK


@kernel
def step(c, bus, props, dt):
    """Draw the loads and the losses; heat the oil, exactly over the step."""
    load = 0.0
    for i in range(c.n_loads):
        load += bus[c.loads + i]
    loss = transformer_loss(load, c.power_factor_ratio, c.rating_w, c.no_load_loss_w, c.load_loss_w)
    rate = 1.0 / c.oil_time_constant_s
    ambient = bus[c.ambient_temperature]
    before = c.oil_temperature_k
    source = loss / c.heat_capacity_j_per_k + rate * ambient
    c.oil_temperature_k, mean = linear_step(before, source, rate, dt)
    bus[c.power] = load + loss
    bus[c.load] = load + loss
    bus[c.heat_loss] = c.conductance_w_per_k * (mean - ambient)
    c.loss_w = loss
    c.load_frac = abs(load) / (c.power_factor_ratio * c.rating_w)
    if c.oil_temperature_k > c.oil_limit_k:
        bus[EVENT_AMOUNT] = c.oil_temperature_k - c.oil_limit_k
        return OVER_TEMPERATURE
    return OK


@kernel
def content(c, props):
    """Return the heat held by oil, core and tank above 0 C."""
    return 0.0, 0.0, 0.0, 0.0, c.heat_capacity_j_per_k * (c.oil_temperature_k - TEMPERATURE_OFFSET_K)


KIND = Kind(
    name="transformer",
    doc="Transformer: no-load and load losses, oil temperature.",
    fields=(
        parameter("rating_w", "W", "rated apparent power (W for VA)", 25.0e6, 1.0e3, 1.0e10),
        parameter("peak_efficiency_frac", "1", "peak efficiency index (EU 548/2014)", 0.997, 0.9, 0.99999),
        parameter("peak_load_frac", "1", "load fraction of the peak efficiency", 0.4, 0.1, 1.0),
        parameter("power_factor_ratio", "1", "active by apparent power of the load", 0.95, 0.3, 1.0),
        parameter(
            "rated_oil_rise_k", "K", "top-oil temperature above ambient at rating (IEC 60076-2)", 60.0, 10.0, 100.0
        ),
        parameter(
            "oil_time_constant_s", "s", "thermal time constant of the oil (IEC 60076-7)", 10800.0, 600.0, 36000.0
        ),
        parameter("oil_limit_k", "K", "top-oil temperature limit (IEC 60076-7: 105 C)", 378.15, 320.0, 420.0),
        state("oil_temperature_k", "K", "temperature of the oil", 288.15),
        memory("no_load_loss_w", "W", "iron loss"),
        memory("load_loss_w", "W", "copper loss at the rating"),
        memory("conductance_w_per_k", "W/K", "heat conductance oil to air"),
        memory("heat_capacity_j_per_k", "J/K", "heat capacity of oil, core and tank"),
        output("loss_w", "W", "loss"),
        output("load_frac", "1", "apparent power by the rating"),
    ),
    ports=(
        Port("loads", "power", "out", "power drawn by each load; negative: fed back", writes=False, is_multi=True),
        Port("power", "power", "in", "power drawn on the other side, losses included", writes=True),
        Port("load", "signal", "out", "power drawn, losses included, for the dispatch", unit="W"),
        Port("heat_loss", "heat", "out", "heat given off by the tank's radiators", border="surroundings"),
        Port("ambient_temperature", "signal", "in", "air temperature", default="series.temp_air_degc", unit="K"),
    ),
    step=step,
    begin=begin,
    content=content,
    group="electrical",
    role=Converter(),
    laws=(transformer_losses(), transformer_peak_efficiency(), transformer_oil(), same_load()),
    costs=(cost("transformer", ("rating_w",), 25.0e6, 550.0e3, 0.75, ESTIMATE, life_years=30.0, fixed_cost_frac=0.01),),
)
