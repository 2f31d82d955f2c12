"""Counter-flow heat exchanger between two streams, with condensation and evaporation."""

import math

from h2plant.core.bus import ENTHALPY, LIQUID, PRESSURE, TEMPERATURE, VAPOUR
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, memory, output, parameter
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import saturated_steam_enthalpy, saturated_water_enthalpy, saturation_temperature
from h2plant.core.role import Process
from h2plant.core.status import OK, SOLVER_TRIP
from h2plant.laws.heat import exchanger_balance, no_crossing, recuperator_duty
from h2plant.physics.flash import (
    dew_temperature,
    enthalpy_at_temperature,
    temperature_at_enthalpy,
)
from h2plant.physics.heat_exchange import counter_flow_duty
from h2plant.physics.held.known_stream import (
    KNOWN_H2_FRAC,
    KNOWN_J_PER_KG,
    KNOWN_J_PER_KG_K,
    KNOWN_K,
    KNOWN_O2_FRAC,
    KNOWN_PA,
    KNOWN_VAPOUR_FRAC,
    KNOWN_VAPOUR_PER_K,
    KNOWN_WATER_FRAC,
    allowed_step,
    is_known,
    known_states,
    known_stream,
)
from h2plant.physics.pressure_drop import pressure_after_drop
from h2plant.physics.stream import bypassed, dry_molar_flow, hand_over, mass_flow, put_stream, read_stream

_BELOW_BOILING_K = 1.0e-3
_SMALLEST_CHANGE_K = 1.0e-9
_TOLERANCE = 1.0e-8
_MOST_ITERATIONS = 60
_BISECTED_FROM = 10
_LEAST_SHARE = 0.1  # of a duty, to which the next one may fall
_TRICKLE = 1.0e-6  # share of the nominal flow below which a side counts as idle
_SMALLEST_SPAN_K = 1.0e-3  # inlets as near as this exchange nothing
_TOLERANCE_K = 1.0e-6  # of either outlet, where the duty itself is next to nothing
_LEAST_J_PER_KG_K = 1.0e3  # heat capacity of any stream, about or more (that of the last step may be one of boiling)
_MOST_ROUNDS = 4
_MOST_INNER = 6
_LEAST_SLOPE = 0.1
_SECANT_SHARE = 1.0e-3
_COLDEST_BOUND_K = 273.15
_FILM_RANGE_FRAC = 0.02
_BOILING_J_PER_KG_K = 1.0e30
"""Slope of the enthalpy that is known of boiling water: its temperature stays."""


@kernel
def _enthalpy_at(props, bus, inlet, temperature_k):
    """Return the enthalpy flow, W, that a stream would have at another temperature, water in equilibrium."""
    h2, o2, n2, vapour, liquid, _, _, pressure_pa = read_stream(bus, inlet)
    return enthalpy_at_temperature(props, h2, o2, n2, vapour + liquid, temperature_k, pressure_pa)


@kernel
def _room(props, bus, hot, cold, temperature_k):
    """Return the heat, W, that could pass if hot and cold side met at this temperature without a gap."""
    given = bus[hot + ENTHALPY] - _enthalpy_at(props, bus, hot, temperature_k)
    return given + _enthalpy_at(props, bus, cold, temperature_k) - bus[cold + ENTHALPY]


@kernel
def _put_at(props, bus, inlet, outlet, enthalpy_w, pressure_pa, guess_k):
    """Write a stream with a new enthalpy; returns its temperature, K (not a number: out of range)."""
    h2, o2, n2, vapour, liquid, _, _, _ = read_stream(bus, inlet)
    temperature, vapour, liquid = temperature_at_enthalpy(
        props, h2, o2, n2, vapour + liquid, enthalpy_w, pressure_pa, guess_k
    )
    put_stream(bus, outlet, h2, o2, n2, vapour, liquid, enthalpy_w, temperature, pressure_pa)
    return temperature


@kernel
def _exchange(c, bus, props, duty_w):
    """Write both outlets for a duty; returns (hot, cold outlet temperature), K; not a number: out of range."""
    hot, cold = c.hot_inlet, c.cold_inlet
    hot_w = bus[hot + ENTHALPY] - duty_w
    cold_w = bus[cold + ENTHALPY] + duty_w * (1.0 - c.heat_loss_frac)
    hot_pa = pressure_after_drop(bus[hot + PRESSURE], c.hot_pressure_drop_pa)
    cold_pa = pressure_after_drop(bus[cold + PRESSURE], c.cold_pressure_drop_pa)
    T_hot = _put_at(props, bus, hot, c.hot_outlet, hot_w, hot_pa, c.hot_temperature_k)
    T_cold = _put_at(props, bus, cold, c.cold_outlet, cold_w, cold_pa, c.cold_temperature_k)
    if T_hot > 0.0 and T_cold > 0.0:
        c.hot_temperature_k = T_hot
        c.cold_temperature_k = T_cold
    return T_hot, T_cold


@leaf
def _least_capacity(stream, water_j_per_kg_k):
    """Return a lower bound of a stream's heat capacity rate, W/K, from 273 K up (NIST: heat capacities at 273 K)."""
    gas = 14.1e3 * stream.h2 + 0.91e3 * stream.o2 + 1.03e3 * stream.n2
    return gas + water_j_per_kg_k * (stream.vapour + stream.liquid)


@leaf
def _surely_room(hot, cold, meeting_k):
    """Return a lower bound of ``_room``, W: mostly it shows that there is enough (it saves 120 ns)."""
    if cold.temperature_k < _COLDEST_BOUND_K:
        return 0.0
    given = _least_capacity(hot, 1.8e3) * (hot.temperature_k - meeting_k)
    return given + _least_capacity(cold, 1.8e3 if cold.vapour > 0.0 else 4.1e3) * (meeting_k - cold.temperature_k)


@kernel
def _pinch_limit(c, bus, props, duty_w):
    """Return the largest duty, W, that crosses no phase change of the outlets just written, else 1e30."""
    hot, cold = read_stream(bus, c.hot_inlet), read_stream(bus, c.cold_inlet)
    T_hot, T_cold = hot.temperature_k, cold.temperature_k
    limit = 1.0e30
    if bus[c.hot_outlet + LIQUID] > hot.liquid:  # the hot side begins to condense in between
        dry = dry_molar_flow(hot.h2, hot.o2, hot.n2)
        meeting = dew_temperature(props, dry, hot.vapour + hot.liquid, hot.pressure_pa, T_cold)
        if T_cold < meeting < T_hot and duty_w > _surely_room(hot, cold, meeting):
            limit = _room(props, bus, c.hot_inlet, c.cold_inlet, meeting)
    if bus[c.cold_outlet + VAPOUR] > cold.vapour and cold.h2 + cold.o2 + cold.n2 <= 0.0:
        # the cold side begins to boil: it has taken up heat to boiling, but none of evaporation
        meeting = saturation_temperature(props, cold.pressure_pa) - _BELOW_BOILING_K
        if T_cold < meeting < T_hot and duty_w > _surely_room(hot, cold, meeting):
            limit = min(limit, _room(props, bus, c.hot_inlet, c.cold_inlet, meeting))
    return max(limit, 0.0)


@leaf
def _put_outlet(bus, outlet, inlet, known, vapour, water, enthalpy_w, temperature_k, pressure_pa):
    """Write an outlet; water in one phase stays so to the last digit."""
    if known[KNOWN_VAPOUR_FRAC] <= 0.0:
        vapour = 0.0
    elif known[KNOWN_VAPOUR_FRAC] >= known[KNOWN_WATER_FRAC]:
        vapour = water
    vapour = min(vapour, water)
    put_stream(
        bus, outlet, inlet.h2, inlet.o2, inlet.n2, vapour, water - vapour, enthalpy_w, temperature_k, pressure_pa
    )


@leaf
def _load_hot(c):
    """Return what is known of the hot outlet."""
    return (
        c.hot_known_k,
        c.hot_known_pa,
        c.hot_known_h2_frac,
        c.hot_known_o2_frac,
        c.hot_known_water_frac,
        c.hot_known_j_per_kg,
        c.hot_known_j_per_kg_k,
        c.hot_known_vapour_frac,
        c.hot_known_vapour_per_k,
    )


@leaf
def _load_cold(c):
    """Return what is known of the cold outlet."""
    return (
        c.cold_known_k,
        c.cold_known_pa,
        c.cold_known_h2_frac,
        c.cold_known_o2_frac,
        c.cold_known_water_frac,
        c.cold_known_j_per_kg,
        c.cold_known_j_per_kg_k,
        c.cold_known_vapour_frac,
        c.cold_known_vapour_per_k,
    )


@leaf
def _keep(c, hot, cold):
    """Write both back to the record."""
    c.hot_known_k = hot[KNOWN_K]
    c.hot_known_pa = hot[KNOWN_PA]
    c.hot_known_h2_frac = hot[KNOWN_H2_FRAC]
    c.hot_known_o2_frac = hot[KNOWN_O2_FRAC]
    c.hot_known_water_frac = hot[KNOWN_WATER_FRAC]
    c.hot_known_j_per_kg = hot[KNOWN_J_PER_KG]
    c.hot_known_j_per_kg_k = hot[KNOWN_J_PER_KG_K]
    c.hot_known_vapour_frac = hot[KNOWN_VAPOUR_FRAC]
    c.hot_known_vapour_per_k = hot[KNOWN_VAPOUR_PER_K]
    c.cold_known_k = cold[KNOWN_K]
    c.cold_known_pa = cold[KNOWN_PA]
    c.cold_known_h2_frac = cold[KNOWN_H2_FRAC]
    c.cold_known_o2_frac = cold[KNOWN_O2_FRAC]
    c.cold_known_water_frac = cold[KNOWN_WATER_FRAC]
    c.cold_known_j_per_kg = cold[KNOWN_J_PER_KG]
    c.cold_known_j_per_kg_k = cold[KNOWN_J_PER_KG_K]
    c.cold_known_vapour_frac = cold[KNOWN_VAPOUR_FRAC]
    c.cold_known_vapour_per_k = cold[KNOWN_VAPOUR_PER_K]


@kernel
def _known_boiling(props, pressure_pa):
    """Return what is to be known of water that leaves boiling: as liquid, at a temperature that stays."""
    boiling_k = saturation_temperature(props, pressure_pa)
    liquid_j_per_kg = saturated_water_enthalpy(props, boiling_k)
    return boiling_k, pressure_pa, 0.0, 0.0, 1.0, liquid_j_per_kg, _BOILING_J_PER_KG_K, 0.5, 0.0


@leaf
def _boiled_frac(props, known, specific_j_per_kg):
    """Return the share of boiling water that has become steam, from its enthalpy; beyond 0 and 1 it boils no more."""
    steam_j_per_kg = saturated_steam_enthalpy(props, known[KNOWN_K])
    return (specific_j_per_kg - known[KNOWN_J_PER_KG]) / (steam_j_per_kg - known[KNOWN_J_PER_KG])


@kernel
def _note_boiling(c, bus, props):
    """After a search: where the cold side leaves boiling, its next step is matched as one (a third of the time)."""
    out = read_stream(bus, c.cold_outlet)
    is_boiling = (out.h2 + out.o2 + out.n2 <= 0.0) & (out.vapour > 0.0) & (out.liquid > 0.0)
    if is_boiling:
        _keep(c, _load_hot(c), _known_boiling(props, out.pressure_pa))


@kernel
def _matched_duty(conductance, span, hot_0, hot_per_w, cold_0, cold_per_w, start_w):
    """Return the duty, W, at which effectiveness-NTU gives itself; not a number: no convergence.

    Fall of the hot and rise of the cold side are linear in the duty: ``hot_0 + duty * hot_per_w`` and so on, K.
    """
    duty = start_w
    last_duty, last_error = 0.0, 0.0
    for k in range(_MOST_INNER):
        hot_change = hot_0 + duty * hot_per_w
        cold_change = cold_0 + duty * cold_per_w
        if not (hot_change > 0.0 and cold_change > 0.0):
            return math.nan
        error = counter_flow_duty(conductance, duty / hot_change, duty / cold_change, span) - duty
        if abs(error) <= _TOLERANCE * duty:
            return duty
        following = duty + error
        if k > 0:
            slope = (error - last_error) / (duty - last_duty)
            if not slope < -_LEAST_SLOPE:
                return math.nan
            following = duty - error / slope
            # what the secant leaves is below the product of the last two errors
            if abs(error * last_error) <= _TOLERANCE * duty * duty and abs(error) <= _SECANT_SHARE * duty:
                return following
        last_duty, last_error = duty, error
        duty = following
    return math.nan


@kernel
def _local_exchange(c, bus, props, conductance, hot_flow, cold_flow, fixed_w):
    """Write outlets that are predicted from the last step and corrected once; returns the duty, W.

    At most one look-up of each outlet in nearly every step. A positive ``fixed_w`` is the duty; else it is matched.
    A cold side of water that left boiling in the last step is taken to do so again: its temperature is known, and
    what becomes steam follows from the enthalpy. Not a number where that does not converge; nothing is written then.
    """
    hot, cold = read_stream(bus, c.hot_inlet), read_stream(bus, c.cold_inlet)
    T_hot, T_cold = hot.temperature_k, cold.temperature_k
    per_hot, per_cold = 1.0 / hot_flow, 1.0 / cold_flow
    hot_water, cold_water = hot.vapour + hot.liquid, cold.vapour + cold.liquid
    hot_h2, hot_o2, hot_w = hot.h2 * per_hot, hot.o2 * per_hot, hot_water * per_hot
    cold_h2, cold_o2, cold_w = cold.h2 * per_cold, cold.o2 * per_cold, cold_water * per_cold
    hot_pa = pressure_after_drop(hot.pressure_pa, c.hot_pressure_drop_pa)
    cold_pa = pressure_after_drop(cold.pressure_pa, c.cold_pressure_drop_pa)
    hot_inlet_w, cold_inlet_w = hot.enthalpy_w, cold.enthalpy_w
    kept_frac = 1.0 - c.heat_loss_frac
    duty = fixed_w
    T_hot_out, T_cold_out = c.hot_temperature_k, c.cold_temperature_k
    if fixed_w <= 0.0:
        hot_rate = hot_flow * c.hot_capacity_j_per_kg_k
        cold_rate = cold_flow * c.cold_capacity_j_per_kg_k
        duty = counter_flow_duty(conductance, hot_rate, cold_rate, T_hot - T_cold)
        T_hot_out = T_hot - duty / hot_rate
        T_cold_out = T_cold + duty / cold_rate
    hot_known, cold_known = _load_hot(c), _load_cold(c)
    has_boiled = cold_known[KNOWN_J_PER_KG_K] == _BOILING_J_PER_KG_K
    boils = has_boiled & (cold.h2 + cold.o2 + cold.n2 <= 0.0)
    if boils:
        T_cold_out = cold_known[KNOWN_K]
    is_stale = has_boiled & (not boils)
    for _ in range(_MOST_ROUNDS):
        if not is_known(hot_known, hot_h2, hot_o2, hot_w, T_hot_out, hot_pa):
            hot_known = known_stream(props, hot_h2, hot_o2, hot_w, T_hot_out, hot_pa)
        if is_stale or not is_known(cold_known, cold_h2, cold_o2, cold_w, T_cold_out, cold_pa):
            is_stale = False
            if boils:
                cold_known = _known_boiling(props, cold_pa)
            else:
                cold_known = known_stream(props, cold_h2, cold_o2, cold_w, T_cold_out, cold_pa)
        # temperature changes over the duty
        hot_per_w = per_hot / hot_known[KNOWN_J_PER_KG_K]
        cold_per_w = per_cold / cold_known[KNOWN_J_PER_KG_K]
        hot_0 = T_hot - hot_known[KNOWN_K] - (hot_inlet_w - hot_flow * hot_known[KNOWN_J_PER_KG]) * hot_per_w
        cold_0 = cold_known[KNOWN_K] - T_cold + (cold_inlet_w - cold_flow * cold_known[KNOWN_J_PER_KG]) * cold_per_w
        cold_per_w *= kept_frac
        if fixed_w <= 0.0:
            duty = _matched_duty(conductance, T_hot - T_cold, hot_0, hot_per_w, cold_0, cold_per_w, duty)
        T_hot_out = T_hot - (hot_0 + duty * hot_per_w)
        T_cold_out = T_cold + (cold_0 + duty * cold_per_w)
        if not (T_hot_out > 0.0 and T_cold_out > 0.0):
            return math.nan
        hot_step = T_hot_out - hot_known[KNOWN_K]
        cold_step = T_cold_out - cold_known[KNOWN_K]
        if abs(hot_step) <= allowed_step(hot_known) and abs(cold_step) <= allowed_step(cold_known):
            cold_outlet_w = cold_inlet_w + duty * kept_frac
            cold_vapour = cold_flow * (cold_known[KNOWN_VAPOUR_FRAC] + cold_known[KNOWN_VAPOUR_PER_K] * cold_step)
            if boils:
                boiled = _boiled_frac(props, cold_known, cold_outlet_w * per_cold)
                if not 0.0 < boiled < 1.0:
                    c.cold_known_k, c.cold_known_j_per_kg_k = 0.0, 0.0
                    return math.nan
                cold_vapour = cold_flow * boiled
            _keep(c, hot_known, cold_known)
            vapour = hot_flow * (hot_known[KNOWN_VAPOUR_FRAC] + hot_known[KNOWN_VAPOUR_PER_K] * hot_step)
            _put_outlet(bus, c.hot_outlet, hot, hot_known, vapour, hot_water, hot_inlet_w - duty, T_hot_out, hot_pa)
            _put_outlet(
                bus, c.cold_outlet, cold, cold_known, cold_vapour, cold_water, cold_outlet_w, T_cold_out, cold_pa
            )
            return duty
    return math.nan


@kernel
def _search(c, bus, props, conductance, hot_rate, cold_rate):
    """Return (duty, W, status) by a bracketed search over full flashes; writes both outlets."""
    hot, cold = c.hot_inlet, c.cold_inlet
    span = bus[hot + TEMPERATURE] - bus[cold + TEMPERATURE]
    least, most = 0.0, 1.0e30
    duty, error = -1.0, 0.0
    T_hot, T_cold = 0.0, 0.0
    following = counter_flow_duty(conductance, hot_rate, cold_rate, span)
    nothing = _TOLERANCE_K * _LEAST_J_PER_KG_K * min(mass_flow(bus, hot), mass_flow(bus, cold))
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
        if iteration >= _BISECTED_FROM:  # boiling: each answer is but a little more than the last
            following = 0.5 * (least + most) if most < 1.0e30 else 2.0 * duty
            continue
        following = answer
        if last_duty >= 0.0 and error != last_error:
            # where errors are in proportion to duties (one side keeps its temperature) the line leads to no duty at all
            following = max(duty - error * (duty - last_duty) / (error - last_error), _LEAST_SHARE * duty)
        if not least < following < most:
            following = answer if least < answer < most else 0.5 * (least + min(most, 2.0 * duty + 1.0))
    is_found = T_hot > 0.0 and T_cold > 0.0
    if not is_found and least > 0.0:  # as much as the tables have a state for
        duty = least
        T_hot, T_cold = _exchange(c, bus, props, duty)
        is_found = T_hot > 0.0 and T_cold > 0.0
    elif abs(error) > 1.0e-3 * duty + nothing and most - least > 1.0e-3 * most + nothing:
        is_found = False
    return duty, OK if is_found else SOLVER_TRIP


@leaf
def _near_power(ratio, exponent):
    """Return ratio^-exponent for a ratio of 0.98 to 1.02: its series to the fifth order, within 1e-10."""
    x = 1.0 - ratio
    tail = 1.0 + 0.25 * (exponent + 3.0) * x * (1.0 + 0.2 * (exponent + 4.0) * x)
    return 1.0 + exponent * x * (1.0 + 0.5 * (exponent + 1.0) * x * (1.0 + (exponent + 2.0) * x / 3.0 * tail))


@kernel
def _conductance(c, hot_flow, cold_flow):
    """Return ``physics.heat_exchange.part_load_conductance``, W/K; films are kept (saves 40 ns for the powers)."""
    hot_ratio = hot_flow / c.hot_film_kg_per_s
    cold_ratio = cold_flow / c.cold_film_kg_per_s
    if not (abs(hot_ratio - 1.0) <= _FILM_RANGE_FRAC):
        c.hot_film_kg_per_s = hot_flow
        c.hot_film_ratio = (hot_flow / c.hot_flow_kg_per_s) ** -c.flow_exponent
        hot_ratio = 1.0
    if not (abs(cold_ratio - 1.0) <= _FILM_RANGE_FRAC):
        c.cold_film_kg_per_s = cold_flow
        c.cold_film_ratio = (cold_flow / c.cold_flow_kg_per_s) ** -c.flow_exponent
        cold_ratio = 1.0
    hot_film = c.hot_film_ratio * _near_power(hot_ratio, c.flow_exponent)
    cold_film = c.cold_film_ratio * _near_power(cold_ratio, c.flow_exponent)
    return 2.0 * c.conductance_w_per_k / (hot_film + cold_film)


@kernel
def _bypass(c, bus):
    """Lead both streams past each other; returns the status."""
    bypassed(bus, c.cold_inlet, c.cold_outlet)
    return bypassed(bus, c.hot_inlet, c.hot_outlet)


@kernel
def step(c, bus, props, dt):
    """Exchange heat between the two streams."""
    hot, cold = c.hot_inlet, c.cold_inlet
    c.duty_w = 0.0
    c.effectiveness_frac = 0.0
    bus[c.heat_loss] = 0.0
    hot_flow = mass_flow(bus, hot)
    cold_flow = mass_flow(bus, cold)
    T_hot, T_cold = bus[hot + TEMPERATURE], bus[cold + TEMPERATURE]
    span = T_hot - T_cold
    is_idle = hot_flow <= _TRICKLE * c.hot_flow_kg_per_s or cold_flow <= _TRICKLE * c.cold_flow_kg_per_s
    if is_idle or span <= _SMALLEST_SPAN_K or c.conductance_w_per_k <= 0.0:
        hand_over(bus, hot, c.hot_outlet)
        hand_over(bus, cold, c.cold_outlet)
        return OK
    conductance = _conductance(c, hot_flow, cold_flow)
    # the duty at which effectiveness-NTU, with the heat capacity rates between inlets and outlets, gives itself
    duty = _local_exchange(c, bus, props, conductance, hot_flow, cold_flow, 0.0)
    if not duty > 0.0:
        hot_rate = hot_flow * c.hot_capacity_j_per_kg_k
        cold_rate = cold_flow * c.cold_capacity_j_per_kg_k
        duty, status = _search(c, bus, props, conductance, hot_rate, cold_rate)
        if status != OK:
            return _bypass(c, bus)
        _note_boiling(c, bus, props)
    hot_rate = duty / max(T_hot - bus[c.hot_outlet + TEMPERATURE], _SMALLEST_CHANGE_K)
    cold_rate = duty / max(bus[c.cold_outlet + TEMPERATURE] - T_cold, _SMALLEST_CHANGE_K)
    limit = _pinch_limit(c, bus, props, duty)
    if duty > limit:
        duty = limit
        if not _local_exchange(c, bus, props, conductance, hot_flow, cold_flow, duty) > 0.0:
            T_hot_out, T_cold_out = _exchange(c, bus, props, duty)
            if not (T_hot_out > 0.0 and T_cold_out > 0.0):
                return _bypass(c, bus)
        c.hot_temperature_k = bus[c.hot_outlet + TEMPERATURE]
        c.cold_temperature_k = bus[c.cold_outlet + TEMPERATURE]
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
    c.hot_film_kg_per_s = c.hot_flow_kg_per_s
    c.cold_film_kg_per_s = c.cold_flow_kg_per_s
    c.hot_film_ratio = 1.0
    c.cold_film_ratio = 1.0
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
        memory("hot_film_kg_per_s", "kg/s", "flow of the hot side at the last look-up of its film", 0.1),
        memory("cold_film_kg_per_s", "kg/s", "flow of the cold side at the last look-up of its film", 0.1),
        memory("hot_film_ratio", "1", "thermal resistance of the hot film over nominal", 1.0),
        memory("cold_film_ratio", "1", "thermal resistance of the cold film over nominal", 1.0),
        *known_states("hot_"),
        *known_states("cold_"),
        output("duty_w", "W", "heat given by the hot side"),
        output("effectiveness_frac", "1", "duty over the most that the smaller side could exchange"),
    ),
    ports=(
        Port("hot_inlet", "stream", "in", "stream to be cooled", is_required=True),
        Port("hot_outlet", "stream", "out", "cooled stream, condensate included", border="vented"),
        Port("cold_inlet", "stream", "in", "stream to be heated", is_required=True),
        Port("cold_outlet", "stream", "out", "heated stream", border="vented"),
        Port("heat_loss", "heat", "out", "to the surroundings", border="surroundings"),
    ),
    step=step,
    begin=begin,
    role=Process("Steam"),
    laws=(
        exchanger_balance(),
        no_crossing(),
        recuperator_duty(),
    ),
    costs=(cost("high-alloy exchanger", ("conductance_w_per_k",), 1.0e3, 30.0e3, 0.8, ESTIMATE),),
)
