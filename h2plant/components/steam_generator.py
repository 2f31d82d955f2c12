"""Steam generator: a drum of boiling water and metal, heated by recovered heat and electricity."""

from h2plant.components.protection import UNPOWERED_PORT, is_unpowered
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import SHORT_FRAC, STANDARD_TEMPERATURE_K, TRIPLE_PRESSURE_H2O_PA
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Order, Port, memory, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import (
    saturated_steam_enthalpy,
    saturated_water_enthalpy,
    saturation_pressure,
    saturation_temperature,
)
from h2plant.core.role import Process
from h2plant.core.served import Served
from h2plant.core.status import NO_POWER, NOT_CONVERGED, OK, OVERFLOW, RELIEF, SHORTAGE, UNDER_TEMPERATURE
from h2plant.laws.protection import no_power
from h2plant.laws.steam import (
    drum_balance,
    drum_control,
    drum_loss,
    drum_saturation,
    drum_water,
    steam_heat,
    steam_heat_exact,
    steam_served,
)
from h2plant.physics.frost import (
    FREEZING_K,
    LOWEST_WATER_K,
    saturated_liquid_enthalpy,
    saturated_vapour_enthalpy,
    vapour_enthalpy,
)
from h2plant.physics.relaxation import linear_step
from h2plant.physics.stream import put_nothing, put_stream, read_stream, stream_enthalpy

_WATER_CAPACITY_J_PER_KG_K = 4300.0  # of boiling water at 3 to 10 bar; sizes searches and mean losses only
_HIGHEST_K = 640.0
_HALVINGS = 50
_TOLERANCE_K = 1.0e-9


@kernel
def _set_temperature(c, props, temperature_k):
    """Set temperature, pressure and enthalpies of the drum."""
    c.temperature_k = temperature_k
    c.pressure_pa = saturation_pressure(props, temperature_k)
    c.water_enthalpy_j_per_kg = saturated_liquid_enthalpy(props, temperature_k)
    if c.superheat_k > 0.0:
        own_pa = max(c.pressure_pa, TRIPLE_PRESSURE_H2O_PA)
        c.steam_enthalpy_j_per_kg = vapour_enthalpy(props, own_pa, temperature_k + c.superheat_k)
    else:
        c.steam_enthalpy_j_per_kg = saturated_vapour_enthalpy(props, temperature_k)


@leaf
def _energy(c, water_kg, water_enthalpy_j_per_kg, temperature_k):
    """Return the energy of drum and water, J."""
    metal = c.metal_heat_capacity_j_per_k * (temperature_k - STANDARD_TEMPERATURE_K)
    return water_kg * water_enthalpy_j_per_kg + metal


@kernel
def _temperature_at_energy(c, props, water_kg, energy_j):
    """Return the temperature, K, at which drum and water hold an energy; 0 without convergence or range."""
    T = c.temperature_k
    h = c.water_enthalpy_j_per_kg
    slope = _WATER_CAPACITY_J_PER_KG_K
    for _ in range(40):
        change = (energy_j - _energy(c, water_kg, h, T)) / (water_kg * slope + c.metal_heat_capacity_j_per_k)
        if abs(change) < _TOLERANCE_K:
            return T
        T_new = T + change
        if not LOWEST_WATER_K <= T_new <= _HIGHEST_K:
            break
        h_new = saturated_liquid_enthalpy(props, T_new)
        if abs(change) > 1.0e-4:
            slope = (h_new - h) / change
        T = T_new
        h = h_new
    low_k, high_k = LOWEST_WATER_K, _HIGHEST_K
    for _ in range(_HALVINGS):
        T = 0.5 * (low_k + high_k)
        if _energy(c, water_kg, saturated_liquid_enthalpy(props, T), T) < energy_j:
            low_k = T
        else:
            high_k = T
    return T if low_k > LOWEST_WATER_K and high_k < _HIGHEST_K else 0.0


@kernel
def emit(c, bus, props, dt):
    """Hand out steam as asked, limited to the water above the low level and the energy above low pressure."""
    asked = 0.0
    for i in range(c.n_demands):
        asked += bus[c.demands + i]
    c.asked_kg_per_s = asked
    flow = 0.0
    if asked > 0.0 and c.pressure_pa > c.pressure_min_pa:
        valve = min((c.pressure_pa - c.pressure_min_pa) / (0.5 * (c.pressure_set_pa - c.pressure_min_pa)), 1.0)
        stored = _energy(c, c.water_kg, c.water_enthalpy_j_per_kg, c.temperature_k) - _energy(
            c, c.water_kg, c.low_enthalpy_j_per_kg, c.low_temperature_k
        )
        heat = stored / dt + c.heater_power_max_w * c.heater_efficiency_frac + c.recovered_w
        lift = c.steam_enthalpy_j_per_kg - min(c.feed_enthalpy_j_per_kg, c.water_enthalpy_j_per_kg)
        flow = min(asked, valve * heat / lift, (c.water_kg - c.water_min_kg) / dt)
    if flow <= 0.0:
        c.steam_kg_per_s = 0.0
        put_nothing(bus, c.steam, c.temperature_k, c.pressure_pa)
        return OK
    c.steam_kg_per_s = flow
    put_stream(
        bus,
        c.steam,
        0.0,
        0.0,
        0.0,
        flow,
        0.0,
        flow * c.steam_enthalpy_j_per_kg,
        c.temperature_k + c.superheat_k,
        c.pressure_pa,
    )
    return OK


@leaf
def _target(c, props, dt):
    """Return (temperature in K, enthalpy of its water in J/kg) that the heater goes for in this step."""
    rise_k = c.heating_rate_k_per_s * dt
    if c.set_temperature_k - c.temperature_k > rise_k:
        return c.temperature_k + rise_k, saturated_liquid_enthalpy(props, c.temperature_k + rise_k)
    return c.set_temperature_k, c.set_enthalpy_j_per_kg


@leaf
def _blow(c, bus, water_kg, energy_j, status, dt):
    """Return (kg blown off, W led past the drum, status) of a drum that holds an energy at the end of the step."""
    excess_j = energy_j - _energy(c, water_kg, c.relief_water_enthalpy_j_per_kg, c.relief_temperature_k)
    if not excess_j > 0.0:
        return 0.0, 0.0, status
    latent = c.relief_steam_enthalpy_j_per_kg - c.relief_water_enthalpy_j_per_kg
    wanted_kg = excess_j / latent
    blown_kg = min(wanted_kg, max(water_kg - 0.5 * c.water_min_kg, 0.0))
    if blown_kg < wanted_kg:  # too little water: heat is led past the drum
        bus[EVENT_AMOUNT] = (wanted_kg - blown_kg) / dt
        return blown_kg, (wanted_kg - blown_kg) * latent / dt, SHORTAGE
    bus[EVENT_AMOUNT] = blown_kg / dt
    return blown_kg, 0.0, RELIEF


@kernel
def step(c, bus, props, dt):
    """Balance water and energy over the step; the heater holds the pressure as far as it reaches."""
    gas_h2, gas_o2, gas_n2, vapour, liquid, feed_w, _, _ = read_stream(bus, c.water)
    feed_water = vapour + liquid
    ambient = bus[c.ambient_temperature]
    recovered = 0.0
    for i in range(c.n_heat):
        recovered += bus[c.heat + i]
    T0 = c.temperature_k
    steam = c.steam_kg_per_s
    status = OK
    lift = c.steam_enthalpy_j_per_kg - min(c.feed_enthalpy_j_per_kg, c.water_enthalpy_j_per_kg)
    c.given_j += steam * lift * dt
    if c.asked_kg_per_s - steam > 1.0e-9 * c.asked_kg_per_s:
        status = SHORTAGE
        bus[EVENT_AMOUNT] = c.asked_kg_per_s - steam
        c.short_j += bus[EVENT_AMOUNT] * lift * dt
        if bus[EVENT_AMOUNT] > SHORT_FRAC * c.asked_kg_per_s:
            c.short_s += dt
    gas_enthalpy = 0.0
    has_gas = gas_h2 + gas_o2 + gas_n2 > 0.0
    if has_gas:  # gas in the feed leaves with the relief stream
        gas_enthalpy = stream_enthalpy(props, gas_h2, gas_o2, gas_n2, 0.0, 0.0, T0, max(c.pressure_pa, 5.0e4))
    brought = recovered + feed_w - gas_enthalpy - steam * c.steam_enthalpy_j_per_kg
    water_kg = c.water_kg + (feed_water - steam) * dt

    # heater: what the target needs, within its limits
    k = c.loss_conductance_w_per_k
    most_w = c.heater_power_max_w * c.heater_efficiency_frac
    if water_kg < 0.5 * c.water_min_kg:
        most_w = 0.0  # dry-boiling protection
    is_cut = is_unpowered(c, bus)
    if is_cut:
        most_w = 0.0
    T_end, h_end = _target(c, props, dt)
    energy0 = _energy(c, c.water_kg, c.water_enthalpy_j_per_kg, T0)
    loss = k * (0.5 * (T0 + T_end) - ambient)
    heater = (_energy(c, water_kg, h_end, T_end) - energy0) / dt - brought + loss
    blown_kg, liquid_blown = 0.0, 0.0
    if heater < 0.0 or heater > most_w:
        heater = min(max(heater, 0.0), most_w)
        capacity = water_kg * _WATER_CAPACITY_J_PER_KG_K + c.metal_heat_capacity_j_per_k
        net = brought + heater - (feed_water - steam) * c.water_enthalpy_j_per_kg
        _, mean = linear_step(T0, (net + k * ambient) / capacity, k / capacity, dt)
        mean = min(max(mean, min(T0, ambient)), c.relief_temperature_k)
        loss = k * (mean - ambient)
        energy = energy0 + (brought + heater - loss) * dt
        blown_kg, past_w, status = _blow(c, bus, water_kg, energy, status, dt)
        T_end = c.relief_temperature_k
        if not blown_kg + past_w > 0.0:
            T_end = _temperature_at_energy(c, props, water_kg, energy)
            if T_end <= 0.0:
                return NOT_CONVERGED
        loss += past_w
        water_kg -= blown_kg
    if T_end != T0:
        _set_temperature(c, props, T_end)
    if T_end < FREEZING_K:
        status = UNDER_TEMPERATURE
        bus[EVENT_AMOUNT] = FREEZING_K - T_end
    if water_kg > c.water_max_kg:
        liquid_blown = (water_kg - c.water_max_kg) / dt
        water_kg = c.water_max_kg
        if status == OK:
            status = OVERFLOW
            bus[EVENT_AMOUNT] = liquid_blown
    c.water_kg = water_kg
    vapour_blown = blown_kg / dt
    blown_w = gas_enthalpy
    if vapour_blown + liquid_blown > 0.0:  # a relief pressure beyond the tables matters only when steam is blown off
        blown_w += vapour_blown * c.relief_steam_enthalpy_j_per_kg + liquid_blown * c.water_enthalpy_j_per_kg
    T, p = c.temperature_k, c.pressure_pa
    put_stream(bus, c.relief, gas_h2, gas_o2, gas_n2, vapour_blown, liquid_blown, blown_w, T, p)

    if feed_water > 0.0:
        c.feed_enthalpy_j_per_kg = (feed_w - gas_enthalpy) / feed_water
    c.recovered_w = recovered
    power = heater / c.heater_efficiency_frac
    bus[c.power] = power
    bus[c.heat_loss] = loss + (power - heater)
    refill = (c.water_set_kg - water_kg) / max(c.level_time_s, 4.0 * dt)
    bus[c.water_demand] = min(max(steam + refill, 0.0), c.feed_max_kg_per_s)
    if is_cut & (status == OK):
        bus[EVENT_AMOUNT] = c.asked_kg_per_s
        return NO_POWER
    return status


@kernel
def begin(c, props):
    """Fill the drum to its level; fixed states of set point, low pressure and relief."""
    c.water_kg = c.water_set_kg
    c.set_temperature_k = saturation_temperature(props, c.pressure_set_pa)
    c.set_enthalpy_j_per_kg = saturated_water_enthalpy(props, c.set_temperature_k)
    c.low_temperature_k = saturation_temperature(props, c.pressure_min_pa)
    c.low_enthalpy_j_per_kg = saturated_water_enthalpy(props, c.low_temperature_k)
    c.relief_temperature_k = saturation_temperature(props, c.pressure_relief_pa)
    c.relief_water_enthalpy_j_per_kg = saturated_water_enthalpy(props, c.relief_temperature_k)
    c.relief_steam_enthalpy_j_per_kg = saturated_steam_enthalpy(props, c.relief_temperature_k)
    _set_temperature(c, props, min(c.temperature_start_k, c.set_temperature_k))
    c.feed_enthalpy_j_per_kg = saturated_water_enthalpy(props, STANDARD_TEMPERATURE_K)
    return OK


@kernel
def content(c, props):
    """Return water and energy held."""
    return 0.0, 0.0, 0.0, c.water_kg, _energy(c, c.water_kg, c.water_enthalpy_j_per_kg, c.temperature_k)


KIND = Kind(
    name="steam_generator",
    doc="Steam drum with level control, recovered heat and an electric heater that holds the pressure",
    fields=(
        parameter("pressure_set_pa", "Pa", "pressure that the heater holds", 5.0e5, ge=1.2e5, le=1.0e7),
        parameter(
            "pressure_min_pa", "Pa", "no steam is given below", 4.0e5, ge=0.9e5, le=1.0e7, size_from="pressure_set_pa"
        ),
        parameter(
            "pressure_relief_pa", "Pa", "the relief valve opens", 6.5e5, ge=1.2e5, le=1.3e7, size_from="pressure_set_pa"
        ),
        parameter("superheat_k", "K", "superheat of the steam", 5.0, ge=0.0, le=300.0),
        parameter("water_set_kg", "kg", "water at normal level", 1500.0, ge=1.0, size_from="heater_power_max_w"),
        parameter("water_min_kg", "kg", "water at low level: no more steam", 500.0, ge=0.0, size_from="water_set_kg"),
        parameter("water_max_kg", "kg", "water at which the drum overflows", 2000.0, ge=1.0, size_from="water_set_kg"),
        parameter(
            "metal_heat_capacity_j_per_k", "J/K", "drum and pipes", 1.5e6, ge=1.0, size_from="heater_power_max_w"
        ),
        parameter("heater_power_max_w", "W", "electric power at most", 2.8e6, ge=0.0),
        parameter("heater_efficiency_frac", "1", "heat into the water per electric power", 0.99, ge=0.1, le=1.0),
        parameter("heating_rate_k_per_s", "K/s", "fastest heating (wall stress)", 0.05, ge=1.0e-4),
        parameter(
            "loss_conductance_w_per_k", "W/K", "drum to surroundings", 60.0, ge=0.0, size_from="heater_power_max_w"
        ),
        parameter("level_time_s", "s", "time constant of the level control", 600.0, ge=1.0),
        parameter("feed_max_kg_per_s", "kg/s", "feed flow at most", 2.0, ge=0.0, size_from="heater_power_max_w"),
        parameter(
            "temperature_start_k", "K", "at the start; not above boiling at set pressure", 450.0, ge=275.0, le=600.0
        ),
        state("water_kg", "kg", "water held"),
        state("temperature_k", "K", "temperature of water and metal", 298.15),
        state("pressure_pa", "Pa", "saturation pressure at that temperature"),
        memory("water_enthalpy_j_per_kg", "J/kg", "enthalpy of the boiling water"),
        memory("steam_enthalpy_j_per_kg", "J/kg", "enthalpy of the steam given"),
        memory("feed_enthalpy_j_per_kg", "J/kg", "enthalpy of the last feed"),
        state("steam_kg_per_s", "kg/s", "steam given in this step"),
        state("asked_kg_per_s", "kg/s", "steam asked for in this step"),
        state("recovered_w", "W", "recovered heat of the last step"),
        memory("given_j", "J", "heat given with the steam, above that of its feed water", is_counter=True),
        memory("short_j", "J", "heat asked of it and not given", is_counter=True),
        memory("short_s", "s", "time in which it gave less than 99.9 % of what was asked", is_counter=True),
        memory("set_temperature_k", "K", "boiling point at set pressure"),
        memory("set_enthalpy_j_per_kg", "J/kg", "water there"),
        memory("low_temperature_k", "K", "boiling point at the lowest pressure"),
        memory("low_enthalpy_j_per_kg", "J/kg", "water there"),
        memory("relief_temperature_k", "K", "boiling point at relief pressure"),
        memory("relief_water_enthalpy_j_per_kg", "J/kg", "water there"),
        memory("relief_steam_enthalpy_j_per_kg", "J/kg", "steam there"),
    ),
    ports=(
        Port("water", "stream", "in", "feed water"),
        Port(
            "steam",
            "stream",
            "out",
            "steam, slightly superheated",
            is_emitted=True,
            border="vented",
            pressure="pressure_set_pa",
        ),
        Port("demands", "signal", "in", "steam wanted, summed", is_multi=True, is_lagged=True, unit="kg/s"),
        Port("heat", "heat", "in", "recovered heat", is_multi=True),
        Port("power", "power", "in", "electric heater", writes=True, idle_without=("heater_power_max_w",)),
        UNPOWERED_PORT,
        Port("water_demand", "signal", "out", "feed water wanted", unit="kg/s"),
        Port("heat_loss", "heat", "out", "to the surroundings", border="surroundings"),
        Port("relief", "stream", "out", "steam blown off, water spilled, gas out of the feed", border="vented"),
        Port("ambient_temperature", "signal", "in", "surroundings", default="series.temp_air_degc", unit="K"),
    ),
    step=step,
    emit=emit,
    begin=begin,
    content=content,
    orders=(
        Order("pressure_min_pa", "pressure_set_pa", "the steam valve would never open", is_strict=True),
        Order("pressure_set_pa", "pressure_relief_pa", "the relief valve would blow at the set point", is_strict=True),
        Order("water_min_kg", "water_set_kg", "it would give no steam", is_strict=True),
        Order("water_set_kg", "water_max_kg", "it would be filled until it spills"),
    ),
    role=Process(
        "Steam",
        is_apart=True,
        served=(Served("heat", short=("short_j",), given=("given_j",), time="short_s", asks="demands"),),
    ),
    laws=(
        drum_saturation(),
        steam_heat(),
        steam_heat_exact(),
        drum_balance(),
        drum_loss(),
        drum_control(),
        no_power(),
        drum_water(),
        steam_served(),
    ),
    # electrode or element boiler, 150 EUR/kW installed
    costs=(cost("electric boiler", ("heater_power_max_w",), 2.6e6, 390.0e3, 0.7, ESTIMATE),),
)
