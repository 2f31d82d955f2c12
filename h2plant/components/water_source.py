"""Mains or well water: gives what is asked for up to its limit, at the temperature of the buried pipe."""

import math

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import SHORT_FRAC
from h2plant.core.declare import Kind, Port, memory, output, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.properties import water_enthalpy
from h2plant.core.role import Supply
from h2plant.core.served import Served
from h2plant.core.status import OK, SHORTAGE, UNDER_TEMPERATURE
from h2plant.laws.water import water_bill, water_delivery, water_temperature
from h2plant.physics.stream import put_nothing, put_stream

LOWEST_TEMPERATURE_K = 274.15  # water in the main does not freeze
BILLED_DENSITY_KG_PER_M3 = 1000.0  # a cubic metre on the water bill


@kernel
def begin(c, props):
    """Start at the yearly mean temperature."""
    c.temperature_k = c.mean_temperature_k
    c.cached_step_s = 0.0
    return OK


@kernel
def step(c, bus, props, dt):
    """Give the demand, up to the limit; the temperature follows the air slowly and damped."""
    if dt != c.cached_step_s:
        c.cached_step_s = dt
        tau = c.ambient_time_constant_s
        c.decay_frac = math.exp(-dt / tau) if tau > 0.0 else 0.0
    ambient_k = bus[c.ambient_temperature]
    target_k = c.mean_temperature_k + c.ambient_share_frac * (ambient_k - c.mean_temperature_k)
    status = OK
    if target_k < LOWEST_TEMPERATURE_K:
        status = UNDER_TEMPERATURE
        bus[EVENT_AMOUNT] = LOWEST_TEMPERATURE_K - target_k
        target_k = LOWEST_TEMPERATURE_K
    temperature_k = target_k + (c.temperature_k - target_k) * c.decay_frac
    c.temperature_k = temperature_k
    pressure_pa = c.pressure_pa
    wanted = max(bus[c.demand], 0.0)
    flow = min(wanted, c.max_flow_kg_per_s)
    c.flow_kg_per_s = flow
    if wanted > flow * (1.0 + 1.0e-9):
        status = SHORTAGE
        bus[EVENT_AMOUNT] = wanted - flow
        c.short_kg += (wanted - flow) * dt
        if flow < wanted * (1.0 - SHORT_FRAC):
            c.short_s += dt
    if flow <= 0.0:
        put_nothing(bus, c.outlet, temperature_k, pressure_pa)
        put_nothing(bus, c.supply, temperature_k, pressure_pa)
        bus[c.cost] = 0.0
        return status
    enthalpy_w = flow * water_enthalpy(props, pressure_pa, temperature_k)
    put_stream(bus, c.outlet, 0.0, 0.0, 0.0, 0.0, flow, enthalpy_w, temperature_k, pressure_pa)
    put_stream(bus, c.supply, 0.0, 0.0, 0.0, 0.0, flow, enthalpy_w, temperature_k, pressure_pa)
    bus[c.cost] = flow * c.price_eur_per_m3 / BILLED_DENSITY_KG_PER_M3
    c.drawn_kg += flow * dt
    return status


KIND = Kind(
    name="water_source",
    doc="Mains or well water at a pressure, up to a maximum flow, paid by the cubic metre.",
    fields=(
        parameter("max_flow_kg_per_s", "kg/s", "greatest flow that can be drawn", 12.0 / 3.6, 0.0, 1.0e4),
        parameter("pressure_pa", "Pa", "pressure at the connection", 5.0e5, 1.0e5, 2.0e6),
        parameter("mean_temperature_k", "K", "yearly mean temperature of the water", 285.15, 274.15, 313.15),
        parameter("ambient_share_frac", "1", "share of the air's deviation from that mean", 0.3, 0.0, 1.0),
        parameter("ambient_time_constant_s", "s", "time constant of the ground over the pipe", 1.728e6, 0.0, 3.2e7),
        parameter("price_eur_per_m3", "EUR/m3", "price of water", 1.2, 0.0, 100.0),
        state("temperature_k", "K", "temperature of the water"),
        state("drawn_kg", "kg", "water drawn so far"),
        memory("short_kg", "kg", "water asked of it and not given", is_counter=True),
        memory("short_s", "s", "time in which it gave less than 99.9 % of what was asked", is_counter=True),
        memory("cached_step_s", "s", "step for which the decay was computed"),
        memory("decay_frac", "1", "what a deviation of temperature decays to in a step"),
        output("flow_kg_per_s", "kg/s", "flow given"),
    ),
    ports=(
        Port("demand", "signal", "in", "flow wanted", is_lagged=True, unit="kg/s"),
        Port("ambient_temperature", "signal", "in", "air", default="series.temp_air_degc", unit="K"),
        Port(
            "supply",
            "stream",
            "in",
            "what is taken from the environment",
            writes=True,
            border="bought",
            border_label="Raw water",
        ),
        Port("outlet", "stream", "out", "water given", border="drained"),
        Port("cost", "money", "out", "water bill", unit="EUR/s"),
    ),
    step=step,
    begin=begin,
    group="water",
    role=Supply(
        medium="water",
        served=(Served("water", short=("short_kg",), given=("outlet",), time="short_s", asks="demand"),),
    ),
    laws=(
        water_bill(),
        water_temperature(),
        water_delivery(),
    ),
    costs=(),
)
