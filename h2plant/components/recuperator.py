"""Counter-flow heat exchanger between two streams, with condensation and evaporation."""

from h2plant.core.bus import ENTHALPY, H2, LIQUID, N2, O2, PRESSURE, TEMPERATURE, VAPOUR
from h2plant.core.declare import Kind, Port, memory, output, parameter
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import saturation_temperature
from h2plant.core.status import NOT_CONVERGED, OK, OUT_OF_RANGE
from h2plant.physics.flash import dew_temperature, enthalpy_at_temperature, temperature_at_enthalpy
from h2plant.physics.heat_exchange import counter_flow_duty, part_load_conductance
from h2plant.physics.stream import dry_molar_flow, mass_flow, put_stream

_BELOW_BOILING_K = 1.0e-3
_SMALLEST_CHANGE_K = 1.0e-9
_SMALLEST_SPAN_K = 1.0e-3  # inlets as near as this exchange nothing
_TOLERANCE_K = 1.0e-6  # of either outlet, where the duty itself is next to nothing
_TOLERANCE = 1.0e-5  # of the duty; both outlets take it up exactly whatever it is
_MOST_ITERATIONS = 60
_BISECTED_FROM = 10


@leaf
def _pass_on(bus, inlet, outlet):
    """Copy a stream unchanged."""
    put_stream(
        bus,
        outlet,
        bus[inlet + H2],
        bus[inlet + O2],
        bus[inlet + N2],
        bus[inlet + VAPOUR],
        bus[inlet + LIQUID],
        bus[inlet + ENTHALPY],
        bus[inlet + TEMPERATURE],
        bus[inlet + PRESSURE],
    )


@kernel
def _enthalpy_at(props, bus, inlet, temperature_k):
    """Return the enthalpy flow, W, that a stream would have at another temperature, water in equilibrium."""
    water = bus[inlet + VAPOUR] + bus[inlet + LIQUID]
    return enthalpy_at_temperature(
        props, bus[inlet + H2], bus[inlet + O2], bus[inlet + N2], water, temperature_k, bus[inlet + PRESSURE]
    )


@kernel
def _room(props, bus, hot, cold, temperature_k):
    """Return the heat, W, that could pass if hot and cold side met at this temperature without a gap."""
    given = bus[hot + ENTHALPY] - _enthalpy_at(props, bus, hot, temperature_k)
    return given + _enthalpy_at(props, bus, cold, temperature_k) - bus[cold + ENTHALPY]


@kernel
def _put_at(props, bus, inlet, outlet, enthalpy_w, pressure_pa, guess_k):
    """Write a stream with a new enthalpy; returns its temperature, K (not a number: out of range)."""
    water = bus[inlet + VAPOUR] + bus[inlet + LIQUID]
    h2, o2, n2 = bus[inlet + H2], bus[inlet + O2], bus[inlet + N2]
    temperature, vapour, liquid = temperature_at_enthalpy(props, h2, o2, n2, water, enthalpy_w, pressure_pa, guess_k)
    put_stream(bus, outlet, h2, o2, n2, vapour, liquid, enthalpy_w, temperature, pressure_pa)
    return temperature


@kernel
def _exchange(c, bus, props, duty_w):
    """Write both outlets for a duty; returns (hot, cold outlet temperature), K; not a number: out of range."""
    hot, cold = c.hot_inlet, c.cold_inlet
    hot_w = bus[hot + ENTHALPY] - duty_w
    cold_w = bus[cold + ENTHALPY] + duty_w * (1.0 - c.heat_loss_frac)
    hot_pa = bus[hot + PRESSURE] - c.hot_pressure_drop_pa
    cold_pa = bus[cold + PRESSURE] - c.cold_pressure_drop_pa
    T_hot = _put_at(props, bus, hot, c.hot_outlet, hot_w, hot_pa, c.hot_temperature_k)
    T_cold = _put_at(props, bus, cold, c.cold_outlet, cold_w, cold_pa, c.cold_temperature_k)
    if T_hot > 0.0 and T_cold > 0.0:
        c.hot_temperature_k = T_hot
        c.cold_temperature_k = T_cold
    return T_hot, T_cold


@kernel
def _pinch_limit(c, bus, props):
    """Return the largest duty, W, that crosses no phase change of the outlets just written, else 1e30."""
    hot, cold = c.hot_inlet, c.cold_inlet
    T_hot, T_cold = bus[hot + TEMPERATURE], bus[cold + TEMPERATURE]
    limit = 1.0e30
    if bus[c.hot_outlet + LIQUID] > bus[hot + LIQUID]:  # the hot side begins to condense in between
        dry = dry_molar_flow(bus[hot + H2], bus[hot + O2], bus[hot + N2])
        meeting = dew_temperature(props, dry, bus[hot + VAPOUR] + bus[hot + LIQUID], bus[hot + PRESSURE], T_cold)
        if T_cold < meeting < T_hot:
            limit = _room(props, bus, hot, cold, meeting)
    if bus[c.cold_outlet + VAPOUR] > bus[cold + VAPOUR] and bus[cold + H2] + bus[cold + O2] + bus[cold + N2] <= 0.0:
        # the cold side begins to boil: it has taken up heat to boiling, but none of evaporation
        meeting = saturation_temperature(props, bus[cold + PRESSURE]) - _BELOW_BOILING_K
        if T_cold < meeting < T_hot:
            limit = min(limit, _room(props, bus, hot, cold, meeting))
    return max(limit, 0.0)


@kernel
def step(c, bus, props, dt):
    """Exchange heat between the two streams."""
    hot, cold = c.hot_inlet, c.cold_inlet
    c.duty_w = 0.0
    c.effectiveness_frac = 0.0
    bus[c.heat_loss] = 0.0
    hot_flow = mass_flow(bus, hot)
    cold_flow = mass_flow(bus, cold)
    span = bus[hot + TEMPERATURE] - bus[cold + TEMPERATURE]
    if hot_flow <= 0.0 or cold_flow <= 0.0 or span <= _SMALLEST_SPAN_K or c.conductance_w_per_k <= 0.0:
        _pass_on(bus, hot, c.hot_outlet)
        _pass_on(bus, cold, c.cold_outlet)
        return OK
    conductance = part_load_conductance(
        c.conductance_w_per_k, hot_flow / c.hot_flow_kg_per_s, cold_flow / c.cold_flow_kg_per_s, c.flow_exponent
    )
    # the duty at which effectiveness-NTU, with the heat capacity rates between inlets and outlets, gives itself
    hot_rate = hot_flow * c.hot_capacity_j_per_kg_k
    cold_rate = cold_flow * c.cold_capacity_j_per_kg_k
    least, most = 0.0, 1.0e30
    duty, error = -1.0, 0.0
    following = counter_flow_duty(conductance, hot_rate, cold_rate, span)
    nothing = _TOLERANCE_K * min(hot_rate, cold_rate)
    for iteration in range(_MOST_ITERATIONS):
        last_duty, last_error = duty, error
        duty = following
        T_hot, T_cold = _exchange(c, bus, props, duty)
        hot_change = bus[hot + TEMPERATURE] - T_hot
        cold_change = T_cold - bus[cold + TEMPERATURE]
        if not (hot_change == hot_change and cold_change == cold_change):
            most = duty  # beyond the range of the tables: too much
            following = 0.5 * (least + most)
            duty = -1.0
            continue
        hot_rate = duty / max(hot_change, _SMALLEST_CHANGE_K)
        cold_rate = duty / max(cold_change, _SMALLEST_CHANGE_K)
        answer = counter_flow_duty(conductance, hot_rate, cold_rate, span)
        error = answer - duty
        if abs(error) <= _TOLERANCE * duty + nothing:
            break
        if error > 0.0:
            least = duty
        else:
            most = duty
        if most - least <= _TOLERANCE * most + nothing:
            break  # boiling or condensing sets in just here: the rates jump, the duty lies at the jump
        if iteration >= _BISECTED_FROM and most < 1.0e30:
            following = 0.5 * (least + most)
            continue
        following = answer
        if last_duty >= 0.0 and error != last_error:
            following = duty - error * (duty - last_duty) / (error - last_error)
        if not least < following < most:
            following = answer if least < answer < most else 0.5 * (least + min(most, 2.0 * duty + 1.0))
    if not (T_hot > 0.0 and T_cold > 0.0):
        return OUT_OF_RANGE
    if abs(error) > 1.0e-3 * duty + nothing and most - least > 1.0e-3 * most + nothing:
        return NOT_CONVERGED
    limit = _pinch_limit(c, bus, props)
    if duty > limit:
        duty = limit
        T_hot, T_cold = _exchange(c, bus, props, duty)
        if not (T_hot > 0.0 and T_cold > 0.0):
            return OUT_OF_RANGE
    c.hot_capacity_j_per_kg_k = hot_rate / hot_flow
    c.cold_capacity_j_per_kg_k = cold_rate / cold_flow
    c.duty_w = duty
    c.effectiveness_frac = duty / (min(hot_rate, cold_rate) * span)
    bus[c.heat_loss] = c.heat_loss_frac * duty
    return OK


@kernel
def begin(c, props):
    """Start the searches from a warm exchanger between gases."""
    c.hot_capacity_j_per_kg_k = 2000.0
    c.cold_capacity_j_per_kg_k = 2000.0
    c.hot_temperature_k = 400.0
    c.cold_temperature_k = 400.0
    return OK


KIND = Kind(
    name="recuperator",
    doc="Counter-flow heat exchanger of two streams by effectiveness-NTU on enthalpy, with phase change and pinch",
    fields=(
        parameter("conductance_w_per_k", "W/K", "UA at nominal flows", 2000.0, ge=0.0),
        parameter("hot_flow_kg_per_s", "kg/s", "nominal flow of the hot side", 0.1, ge=1.0e-9),
        parameter("cold_flow_kg_per_s", "kg/s", "nominal flow of the cold side", 0.1, ge=1.0e-9),
        parameter(
            "flow_exponent", "1", "film coefficients over flow (0.8 turbulent, 0: constant)", 0.8, ge=0.0, le=1.0
        ),
        parameter("hot_pressure_drop_pa", "Pa", "pressure drop, hot side", 0.0, ge=0.0, le=1.0e6),
        parameter("cold_pressure_drop_pa", "Pa", "pressure drop, cold side", 0.0, ge=0.0, le=1.0e6),
        parameter("heat_loss_frac", "1", "heat lost to the surroundings, share of the duty", 0.01, ge=0.0, le=0.5),
        memory("hot_temperature_k", "K", "hot outlet, last step", 400.0),
        memory("cold_temperature_k", "K", "cold outlet, last step", 400.0),
        memory("hot_capacity_j_per_kg_k", "J/(kg K)", "mean heat capacity of the hot side, last step", 2000.0),
        memory("cold_capacity_j_per_kg_k", "J/(kg K)", "mean heat capacity of the cold side, last step", 2000.0),
        output("duty_w", "W", "heat given by the hot side"),
        output("effectiveness_frac", "1", "duty over the most that the smaller side could exchange"),
    ),
    ports=(
        Port("hot_inlet", "stream", "in", "stream to be cooled", is_required=True),
        Port("hot_outlet", "stream", "out", "cooled stream, condensate included"),
        Port("cold_inlet", "stream", "in", "stream to be heated", is_required=True),
        Port("cold_outlet", "stream", "out", "heated stream"),
        Port("heat_loss", "heat", "out", "to the surroundings"),
    ),
    step=step,
    begin=begin,
)
