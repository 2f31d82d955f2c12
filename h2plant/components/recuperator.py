"""Counter-flow heat exchanger between two streams, with condensation and evaporation."""

from h2plant.core.bus import ENTHALPY, H2, LIQUID, N2, O2, PRESSURE, TEMPERATURE, VAPOUR
from h2plant.core.declare import Kind, Port, output, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import saturation_temperature
from h2plant.core.status import OK, OUT_OF_RANGE
from h2plant.physics.flash import dew_temperature, enthalpy_at_temperature, temperature_at_enthalpy
from h2plant.physics.heat_exchange import effectiveness_counter_flow, part_load_conductance
from h2plant.physics.stream import dry_molar_flow, mass_flow, put_stream

_BELOW_BOILING_K = 1.0e-3


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
def step(c, bus, props, dt):
    """Exchange heat between the two streams."""
    hot = c.hot_inlet
    cold = c.cold_inlet
    c.duty_w = 0.0
    c.effectiveness_frac = 0.0
    bus[c.heat_loss] = 0.0
    hot_flow = mass_flow(bus, hot)
    cold_flow = mass_flow(bus, cold)
    T_hot = bus[hot + TEMPERATURE]
    T_cold = bus[cold + TEMPERATURE]
    if hot_flow <= 0.0 or cold_flow <= 0.0 or T_hot <= T_cold:
        _pass_on(bus, hot, c.hot_outlet)
        _pass_on(bus, cold, c.cold_outlet)
        return OK
    # what either side could exchange, and the pinch in between where one changes phase
    hot_most = bus[hot + ENTHALPY] - _enthalpy_at(props, bus, hot, T_cold)
    cold_most = _enthalpy_at(props, bus, cold, T_hot) - bus[cold + ENTHALPY]
    smaller = min(hot_most, cold_most)
    larger = max(hot_most, cold_most)
    if not smaller > 0.0:
        if smaller == smaller:
            _pass_on(bus, hot, c.hot_outlet)
            _pass_on(bus, cold, c.cold_outlet)
            return OK
        return OUT_OF_RANGE
    possible = smaller
    water = bus[hot + VAPOUR] + bus[hot + LIQUID]
    if water > 0.0:
        dry = dry_molar_flow(bus[hot + H2], bus[hot + O2], bus[hot + N2])
        meeting = dew_temperature(props, dry, water, bus[hot + PRESSURE], T_cold)
        if T_cold < meeting < T_hot:  # the hot side begins to condense here
            possible = min(possible, _room(props, bus, hot, cold, meeting))
    if bus[cold + LIQUID] > 0.0 and bus[cold + H2] + bus[cold + O2] + bus[cold + N2] <= 0.0:
        meeting = saturation_temperature(props, bus[cold + PRESSURE])
        # the cold side begins to boil here: it has taken up heat to boiling, but none of evaporation
        boiling = meeting - _BELOW_BOILING_K
        if T_cold < boiling < T_hot:
            possible = min(possible, _room(props, bus, hot, cold, boiling))
    possible = max(possible, 0.0)
    conductance = part_load_conductance(
        c.conductance_w_per_k, hot_flow / c.hot_flow_kg_per_s, cold_flow / c.cold_flow_kg_per_s, c.flow_exponent
    )
    ratio = smaller / larger
    effectiveness = effectiveness_counter_flow(conductance * (T_hot - T_cold) / smaller, ratio)
    duty = effectiveness * possible
    loss = c.heat_loss_frac * duty
    c.duty_w = duty
    c.effectiveness_frac = duty / smaller
    T_hot = _put_at(
        props,
        bus,
        hot,
        c.hot_outlet,
        bus[hot + ENTHALPY] - duty,
        bus[hot + PRESSURE] - c.hot_pressure_drop_pa,
        c.hot_temperature_k,
    )
    T_cold = _put_at(
        props,
        bus,
        cold,
        c.cold_outlet,
        bus[cold + ENTHALPY] + (duty - loss),
        bus[cold + PRESSURE] - c.cold_pressure_drop_pa,
        c.cold_temperature_k,
    )
    bus[c.heat_loss] = loss
    if not (T_hot > 0.0 and T_cold > 0.0):
        return OUT_OF_RANGE
    c.hot_temperature_k = T_hot
    c.cold_temperature_k = T_cold
    return OK


@kernel
def begin(c, props):
    """Start both temperature searches from a warm exchanger."""
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
            "flow_exponent", "-", "film coefficients over flow (0.8 turbulent, 0: constant)", 0.8, ge=0.0, le=1.0
        ),
        parameter("hot_pressure_drop_pa", "Pa", "pressure drop, hot side", 0.0, ge=0.0, le=1.0e6),
        parameter("cold_pressure_drop_pa", "Pa", "pressure drop, cold side", 0.0, ge=0.0, le=1.0e6),
        parameter("heat_loss_frac", "-", "heat lost to the surroundings, share of the duty", 0.01, ge=0.0, le=0.5),
        state("hot_temperature_k", "K", "hot outlet, last step", 400.0),
        state("cold_temperature_k", "K", "cold outlet, last step", 400.0),
        output("duty_w", "W", "heat given by the hot side"),
        output("effectiveness_frac", "-", "duty over the most that the smaller side could exchange"),
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
