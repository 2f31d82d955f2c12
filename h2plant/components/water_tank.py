"""Open, insulated tank of ultrapure water with several outlets, refill by hysteresis, overflow and vent."""

from h2plant.core.bus import ENTHALPY, EVENT_AMOUNT, LIQUID, STREAM_WIDTH
from h2plant.core.constants import SHORT_FRAC
from h2plant.core.cost import TOWLER_2013, cost
from h2plant.core.declare import Kind, Order, Port, memory, output, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import (
    saturated_steam_enthalpy,
    saturated_water_enthalpy,
    saturation_temperature,
    water_enthalpy,
)
from h2plant.core.role import Store
from h2plant.core.status import OK, OVER_TEMPERATURE, OVERFLOW, SHORTAGE, SOLVER_TRIP, UNDER_TEMPERATURE
from h2plant.laws.water import tank_delivery, tank_heat, tank_level, tank_water
from h2plant.physics.frost import FREEZING_K
from h2plant.physics.held.water import (
    HELD_WATER_STATES,
    held_vapour_enthalpy,
    holds_water,
    keep_water,
    load_water,
    renewed_water,
)
from h2plant.physics.liquid import liquid_temperature
from h2plant.physics.relaxation import mean_decay
from h2plant.physics.stream import (
    dry_molar_flow,
    put_nothing,
    put_stream,
    read_stream,
    stream_enthalpy,
    vapour_at_saturation,
    vapour_partial_pressure,
)
from h2plant.physics.wet_gas import held_liquid_temperature

_HELD_RANGE_K = 0.05
_COOLED_K = 5.0  # by which gas may cool the water as it takes up vapour, and still count as at its temperature
_LATENT_J_PER_KG = 2.4e6  # of water at 310 K, about
_HALVINGS = 40

IDLE = 0.0
REFILLING = 1.0
HEAT_CAPACITY_J_PER_KG_K = 4181.0  # for the time constant of the loss to the surroundings only


@kernel
def begin(c, props):
    """Fill the tank as its parameters say; constants of frost and boiling."""
    p = c.pressure_pa
    c.water_kg = c.initial_fill_frac * c.capacity_kg
    c.energy_j = c.water_kg * water_enthalpy(props, p, c.initial_temperature_k)
    c.temperature_k = c.initial_temperature_k
    c.frost_enthalpy_j_per_kg = water_enthalpy(props, p, c.frost_temperature_k)
    c.boiling_temperature_k = saturation_temperature(props, p)
    c.boiling_enthalpy_j_per_kg = saturated_water_enthalpy(props, c.boiling_temperature_k)
    c.steam_enthalpy_j_per_kg = saturated_steam_enthalpy(props, c.boiling_temperature_k)
    c.refill_mode = REFILLING if c.initial_fill_frac < c.refill_start_frac else IDLE
    return OK


@kernel
def content(c, props):
    """Return the water held, kg, and its enthalpy, J (the tank is open: constant pressure)."""
    return 0.0, 0.0, 0.0, c.water_kg, c.energy_j


@kernel
def emit(c, bus, props, dt):
    """Give each outlet its demand; all get the same share when the water above the heel does not suffice."""
    n = min(c.n_outlets, c.n_demands)
    wanted = 0.0
    for i in range(n):
        wanted += max(bus[c.demands + i], 0.0)
    available = max(c.water_kg - c.heel_frac * c.capacity_kg, 0.0) / dt
    if c.temperature_k < FREEZING_K:  # frozen: nothing flows until it has thawed
        available = 0.0
    share = 1.0
    c.short_kg_per_s = 0.0
    if wanted > available:
        share = available / wanted
        c.short_kg_per_s = wanted - available
    h = c.energy_j / c.water_kg
    out = 0.0
    for i in range(c.n_outlets):
        slot = c.outlets + i * STREAM_WIDTH
        flow = max(bus[c.demands + i], 0.0) * share if i < n else 0.0
        put_stream(bus, slot, 0.0, 0.0, 0.0, 0.0, flow, flow * h, c.temperature_k, c.pressure_pa)
        out += flow
    c.outflow_kg_per_s = out
    bus[c.level] = c.water_kg / c.capacity_kg
    return OK


@leaf
def _saturated_gas(c, props, held, h2, o2, n2, gain, dt):
    """Return (vapour in kg/s, enthalpy in W, water held, temperature in K) of gas that leaves saturated."""
    T, p = c.temperature_k, c.pressure_pa
    dry = dry_molar_flow(h2, o2, n2)
    vapour = vapour_at_saturation(props, dry, T, p)
    # a nearly empty tank cannot wet much gas: half of the heel stays
    most = max((c.water_kg - 0.5 * c.heel_frac * c.capacity_kg) / dt + gain, 0.0)
    per_k = (c.water_kg + max(gain, 0.0) * dt) * HEAT_CAPACITY_J_PER_KG_K / (_LATENT_J_PER_KG * dt)
    if vapour > per_k * _COOLED_K:  # it cools the water as it evaporates: the vapour is that of where this ends
        low_k, high_k = FREEZING_K, T
        for _ in range(_HALVINGS):
            T = 0.5 * (low_k + high_k)
            if min(vapour_at_saturation(props, dry, T, p), most) > per_k * (c.temperature_k - T):
                high_k = T
            else:
                low_k = T
        vapour = vapour_at_saturation(props, dry, T, p)
    vapour = min(vapour, most)
    gas_w = stream_enthalpy(props, h2, o2, n2, 0.0, 0.0, T, p)
    partial_pa = vapour_partial_pressure(h2, o2, n2, vapour, p)
    if not holds_water(held, partial_pa, p, T):
        held = renewed_water(props, partial_pa, p, T)
    return vapour, gas_w + vapour * held_vapour_enthalpy(held, partial_pa, T), held, T


@leaf
def _frost_heat(c, bus, water_kg, energy_j, dt):
    """Return (power of the frost heater, W; status)."""
    short_j = c.frost_enthalpy_j_per_kg * water_kg - energy_j
    power_w = min(short_j / dt, c.heater_power_w) if short_j > 0.0 else 0.0
    if short_j > power_w * dt * (1.0 + 1.0e-9):
        bus[EVENT_AMOUNT] = (short_j - power_w * dt) / (water_kg * HEAT_CAPACITY_J_PER_KG_K)
        return power_w, UNDER_TEMPERATURE
    return power_w, OK


@leaf
def _refill(c, water_kg, dt):
    """Return the refill, kg/s: on below the lower mark, off at the upper one; its last step takes what is missing."""
    if c.refill_mode == IDLE and water_kg < c.refill_start_frac * c.capacity_kg:
        c.refill_mode = REFILLING
    if c.refill_mode == IDLE:
        return 0.0
    missing = (c.refill_stop_frac * c.capacity_kg - water_kg) / dt
    if missing > c.refill_flow_kg_per_s:
        return c.refill_flow_kg_per_s
    c.refill_mode = IDLE
    return max(missing, 0.0)


@kernel
def step(c, bus, props, dt):
    """Mass and enthalpy balance over the step, loss to the surroundings, frost heater, overflow, refill."""
    T = c.temperature_k
    p = c.pressure_pa
    h2 = 0.0
    o2 = 0.0
    n2 = 0.0
    gain = 0.0
    gain_w = 0.0
    for i in range(c.n_inlets):
        feed = read_stream(bus, c.inlets + i * STREAM_WIDTH)
        h2 += feed.h2
        o2 += feed.o2
        n2 += feed.n2
        gain += feed.vapour + feed.liquid
        gain_w += feed.enthalpy_w
    c.inflow_kg_per_s = gain
    for i in range(c.n_outlets):
        s = c.outlets + i * STREAM_WIDTH
        gain -= bus[s + LIQUID]
        gain_w -= bus[s + ENTHALPY]
    held = load_water(c)
    vapour, vent_w, vent_k = 0.0, 0.0, T
    if h2 + o2 + n2 > 0.0:
        vapour, vent_w, held, vent_k = _saturated_gas(c, props, held, h2, o2, n2, gain, dt)
    put_stream(bus, c.vent, h2, o2, n2, vapour, 0.0, vent_w, vent_k, p)

    water_kg = c.water_kg + (gain - vapour) * dt
    x = c.loss_conductance_w_per_k * dt / (water_kg * HEAT_CAPACITY_J_PER_KG_K)
    loss_w = c.loss_conductance_w_per_k * (T - bus[c.ambient_temperature]) * mean_decay(x)
    energy_j = c.energy_j + (gain_w - vent_w - loss_w) * dt
    power_w, status = _frost_heat(c, bus, water_kg, energy_j, dt)
    energy_j += power_w * dt
    bus[c.heat_loss] = loss_w
    bus[c.power] = power_w
    c.power_w = power_w

    excess_j = energy_j - c.boiling_enthalpy_j_per_kg * water_kg
    if excess_j > 0.0:
        boiled_kg = excess_j / (c.steam_enthalpy_j_per_kg - c.boiling_enthalpy_j_per_kg)
        boiled = boiled_kg / dt
        boiled_w = boiled * c.steam_enthalpy_j_per_kg
        water_kg -= boiled_kg
        energy_j -= boiled_w * dt
        T = c.boiling_temperature_k
        put_stream(bus, c.vent, h2, o2, n2, vapour + boiled, 0.0, vent_w + boiled_w, T, p)
        status = OVER_TEMPERATURE
        bus[EVENT_AMOUNT] = excess_j / (water_kg * HEAT_CAPACITY_J_PER_KG_K)
    else:
        near_k, held = held_liquid_temperature(props, held, energy_j / water_kg, p, T, _HELD_RANGE_K)
        T = near_k if near_k > 0.0 else liquid_temperature(props, p, energy_j / water_kg, T)
        if T != T:  # beyond the tables: the temperature stays until there is one again
            T = c.temperature_k
            status = SOLVER_TRIP
            bus[EVENT_AMOUNT] = water_kg / dt
    keep_water(c, held)

    spilled_kg = water_kg - c.capacity_kg
    put_nothing(bus, c.overflow, T, p)
    if spilled_kg > 0.0:
        spilled_w = spilled_kg * energy_j / water_kg / dt
        put_stream(bus, c.overflow, 0.0, 0.0, 0.0, 0.0, spilled_kg / dt, spilled_w, T, p)
        water_kg = c.capacity_kg
        energy_j -= spilled_w * dt
        status = OVERFLOW
        bus[EVENT_AMOUNT] = spilled_kg / dt
    c.temperature_k = T
    c.water_kg = water_kg
    c.energy_j = energy_j
    c.level_frac = water_kg / c.capacity_kg
    bus[c.refill_demand] = _refill(c, water_kg, dt)
    if c.short_kg_per_s > 0.0:
        if status != UNDER_TEMPERATURE:
            status = SHORTAGE
            bus[EVENT_AMOUNT] = c.short_kg_per_s
        c.short_kg += c.short_kg_per_s * dt
        if c.short_kg_per_s > SHORT_FRAC * (c.outflow_kg_per_s + c.short_kg_per_s):
            c.short_s += dt
    return status


KIND = Kind(
    name="water_tank",
    doc="Open tank of water with several outlets, each with its own demand, and refill between two levels.",
    fields=(
        parameter("capacity_kg", "kg", "water that it holds when full", 2.0e4, 1.0, 1.0e8),
        parameter("initial_fill_frac", "1", "level at the start", 0.70, 0.01, 1.0),
        parameter("refill_start_frac", "1", "level below which refill starts", 0.60, 0.0, 1.0),
        parameter("refill_stop_frac", "1", "level at which refill stops", 0.90, 0.0, 1.0),
        parameter(
            "refill_flow_kg_per_s",
            "kg/s",
            "flow asked for while refilling",
            9.0 / 3.6,
            0.0,
            1.0e4,
            size_from="capacity_kg",
        ),
        parameter("heel_frac", "1", "level below which the outlets are shut", 0.02, 0.001, 0.5),
        parameter("pressure_pa", "Pa", "pressure of the tank, open to the air", 101325.0, 8.0e4, 2.0e5),
        parameter("initial_temperature_k", "K", "temperature at the start", 288.15, 274.15, 370.0),
        parameter(
            "loss_conductance_w_per_k",
            "W/K",
            "conductance of walls and insulation",
            40.0,
            0.0,
            1.0e5,
            size_from="capacity_kg ** (2 / 3)",
        ),
        parameter("frost_temperature_k", "K", "temperature that the frost heater holds", 278.15, 273.65, 300.0),
        parameter(
            "heater_power_w", "W", "power of the frost heater", 6000.0, 0.0, 1.0e6, size_from="capacity_kg ** (2 / 3)"
        ),
        state("water_kg", "kg", "water held"),
        state("energy_j", "J", "enthalpy of the water held, formation included"),
        state("temperature_k", "K", "temperature"),
        state("refill_mode", "1", "0 idle, 1 refilling"),
        memory("short_kg", "kg", "water asked of it and not given", is_counter=True),
        memory("short_s", "s", "time in which it gave less than 99.9 % of what was asked", is_counter=True),
        memory("frost_enthalpy_j_per_kg", "J/kg", "enthalpy at the heater's setpoint"),
        memory("boiling_temperature_k", "K", "boiling temperature"),
        memory("boiling_enthalpy_j_per_kg", "J/kg", "enthalpy of boiling water"),
        memory("steam_enthalpy_j_per_kg", "J/kg", "enthalpy of its steam"),
        *HELD_WATER_STATES,
        output("level_frac", "1", "level"),
        output("inflow_kg_per_s", "kg/s", "water that came in"),
        output("outflow_kg_per_s", "kg/s", "water given"),
        output("short_kg_per_s", "kg/s", "demand that could not be met"),
        output("power_w", "W", "power of the frost heater"),
    ),
    ports=(
        Port("inlets", "stream", "in", "water in: refill, condensate, returns", is_multi=True),
        Port("demands", "signal", "in", "flow wanted at each outlet", is_multi=True, is_lagged=True, unit="kg/s"),
        Port("outlets", "stream", "out", "water out, one for each demand", is_multi=True, is_emitted=True),
        Port("ambient_temperature", "signal", "in", "air", default="series.temp_air_degc", unit="K"),
        Port("level", "signal", "out", "level, 0 to 1", is_emitted=True, unit="1"),
        Port("refill_demand", "signal", "out", "flow wanted for refill", unit="kg/s"),
        Port("overflow", "stream", "out", "what a full tank spills", border="drained", border_label="Overflow"),
        Port("vent", "stream", "out", "gas that came with the water, with vapour", border="vented"),
        Port("power", "power", "in", "frost heater", writes=True, unit="W", idle_without=("heater_power_w",)),
        Port("heat_loss", "heat", "out", "loss to the surroundings", unit="W", border="surroundings"),
    ),
    step=step,
    emit=emit,
    begin=begin,
    content=content,
    group="water",
    orders=(
        Order("refill_start_frac", "refill_stop_frac", "the refill would go on and off without end"),
        Order("heel_frac", "refill_start_frac", "it would be empty before it is filled"),
    ),
    role=Store(medium="water", demands="demands", unserved="short_kg", unserved_time="short_s"),
    laws=(
        tank_water(),
        tank_level(),
        tank_delivery(),
        tank_heat(),
    ),
    costs=(
        cost(
            "steel tank", ("capacity_kg",), 20.0e3, 16.7e3, 0.7, TOWLER_2013, 2010, 25.0, 0.01, installation_ratio=3.0
        ),
    ),
)
