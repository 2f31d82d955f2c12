"""Laws of heat: exchangers and coolers, heaters, loops and buffers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import (
    FloatArray,
    Law,
    Numbers,
    Row,
    Seen,
    SumLaw,
    Term,
    at_least,
    at_most,
    equal,
    sum_law,
    within,
)
from h2plant.laws.protection import unpowered

_SHAH = "R. K. Shah and D. P. Sekulic, Fundamentals of Heat Exchanger Design, 2003, DOI 10.1002/9780470172605"
_CLAUSIUS = "second law of thermodynamics (Clausius)"
_SAME = 1.0e-9
"""Shares of a conductance nearer to each other than that are the same."""
_FIRST = "first law of thermodynamics"
_AFFINITY = "affinity laws of fans and pumps; J. F. Guelich, Centrifugal Pumps, 2014, DOI 10.1007/978-3-642-40114-5"

_AIR_GAS_CONSTANT_J_PER_KG_K = 287.05  # ISO 2533, dry air
_AIR_CAPACITY_J_PER_KG_K = 1006.0
_AIR_PRESSURE_PA = 101325.0
_WATER_CAPACITY_J_PER_KG_K = 4181.0  # at 25 C and 1 bar (IAPWS-95: 4181.3)
_FEED_CAPACITY_J_PER_KG_K = (
    4160.0  # of a preheater's feed, 0.5 % below that of water: its outlet stays below the buffer
)


_NONE = 1.0e-200  # stands in a divisor for a flow of nothing; a pump that runs down leaves 1e-12 kg/s and less


# Exchangers ----------------------------------------------------------------------------------------------------------
def counter_flow(conductance: Numbers, one: Numbers, other: Numbers) -> FloatArray:
    """Return heat per kelvin between the inlets, W/K, of a counter-flow exchanger of UA and two capacity rates, W/K."""
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    least, most = np.maximum(np.minimum(one, other), _NONE), np.maximum(np.maximum(one, other), _NONE)
    ratio = least / most
    x = conductance / least * (1.0 - ratio)
    decay = np.exp(-np.minimum(x, 700.0))
    balanced = conductance / (1.0 + conductance / least)
    free = least * (1.0 - decay) / np.maximum(1.0 - ratio * decay, 1.0e-12)
    return np.asarray(np.where(x > 1.0e-7, free, balanced))


def film_conductance(rated: Numbers, hot_ratio: Numbers, cold_ratio: Numbers, exponent: float) -> FloatArray:
    """Return UA, W/K, of two equal film resistances in series at flows over the rated ones."""
    hot, cold = np.maximum(hot_ratio, _NONE), np.maximum(cold_ratio, _NONE)
    return np.asarray(2.0 * rated / (hot**-exponent + cold**-exponent))


def exchanger_conductance() -> Law:
    """Return: an exchanger between two circuits takes what its UA and flows let, never more than the smaller flow."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, given = seen.parameter, seen.at("conductance")
        hot = seen.at("flow_hot") if seen.is_linked("flow_hot") else p("rated_flow_hot_kg_per_s") + seen.nothing
        cold = seen.at("flow_cold") if seen.is_linked("flow_cold") else p("rated_flow_cold_kg_per_s") + seen.nothing
        runs = (hot > 0.0) & (cold > 0.0)
        one, other = hot * p("heat_capacity_hot_j_per_kg_k"), cold * p("heat_capacity_cold_j_per_kg_k")
        clean = film_conductance(
            p("rated_ua_w_per_k"),
            hot / p("rated_flow_hot_kg_per_s"),
            cold / p("rated_flow_cold_kg_per_s"),
            p("film_exponent"),
        )
        clean = (1.0 - p("fouling_frac")) * (1.0 - seen.at("fouling")) * clean
        wanted = np.where(runs, counter_flow(clean, one, other), 0.0)
        yield at_most(given, np.where(runs, np.minimum(one, other), 0.0))
        yield equal(given, wanted, rel=1.0e-6)
        yield equal(seen.after("effectiveness_frac") * np.minimum(one, other), given, rel=1.0e-9, where=runs)

    return Law(
        "exchanger-conductance",
        "an exchanger takes the heat that its UA and flows let, at most that of the smaller flow",
        "G = eps C_min; eps = (1 - e) / (1 - Cr e), e = exp(-NTU (1 - Cr)); eps <= 1",
        f"{_SHAH}, table 3.4; {_CLAUSIUS}",
        check,
    )


def exchanger_balance() -> SumLaw:
    """Return: what the hot side gives, the cold side takes and the surroundings; these take the declared share."""
    return sum_law(
        "exchanger-balance",
        "what the hot side gives is what the cold side takes and what is lost, by the declared share",
        "H_hot,in - H_hot,out = H_cold,out - H_cold,in + Q_loss; Q_loss = f (H_hot,in - H_hot,out)",
        f"{_FIRST}; parameter of the component",
        Row(
            (
                Term("hot_inlet.enthalpy"),
                Term("hot_outlet.enthalpy", -1.0),
                Term("cold_inlet.enthalpy"),
                Term("cold_outlet.enthalpy", -1.0),
                Term("heat_loss", -1.0),
            )
        ),
        Row(
            (
                Term("heat_loss"),
                Term("hot_inlet.enthalpy", -1.0, "heat_loss_frac"),
                Term("hot_outlet.enthalpy", 1.0, "heat_loss_frac"),
            )
        ),
    )


def no_crossing() -> Law:
    """Return: temperatures of an exchanger do not cross, heat flows from hot to cold."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        hot_in, hot_out = seen.stream("hot_inlet"), seen.stream("hot_outlet")
        cold_in, cold_out = seen.stream("cold_inlet"), seen.stream("cold_outlet")
        works = seen.after("duty_w") > 0.0
        yield at_least(hot_out.temperature_k, cold_in.temperature_k, rel=0.0, abs_=0.02, where=works)
        yield at_most(cold_out.temperature_k, hot_in.temperature_k, rel=0.0, abs_=0.02, where=works)
        yield at_least(seen.after("duty_w"), 0.0)

    return Law(
        "no-crossing",
        "in an exchanger neither side passes the inlet temperature of the other",
        "T_hot,out >= T_cold,in; T_cold,out <= T_hot,in",
        _CLAUSIUS,
        check,
        takes_arrays=True,
    )


def recuperator_duty() -> Law:
    """Return: an exchanger's duty is what its UA and mean heat capacity rates let; at a pinch inside less."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p = seen.parameter
        hot_in, hot_out = seen.stream("hot_inlet"), seen.stream("hot_outlet")
        cold_in, cold_out = seen.stream("cold_inlet"), seen.stream("cold_outlet")
        duty, span = hot_in.enthalpy_w - hot_out.enthalpy_w, hot_in.temperature_k - cold_in.temperature_k
        hot_share, cold_share = hot_in.mass / p("hot_flow_kg_per_s"), cold_in.mass / p("cold_flow_kg_per_s")
        conductance = film_conductance(p("conductance_w_per_k"), hot_share, cold_share, p("flow_exponent"))
        works = (duty > 0.0) & (span > 0.05)
        # mean rates between inlets and outlets; a side that boils or condenses keeps its temperature
        fall = np.maximum(hot_in.temperature_k - hot_out.temperature_k, 1.0e-9)
        rise = np.maximum(cold_out.temperature_k - cold_in.temperature_k, 1.0e-9)
        given = np.where(works, duty, 1.0)
        most = counter_flow(conductance, given / fall, given / rise) * span
        yield at_most(duty, most, rel=5.0e-4, where=works)
        # condensing or boiling that sets in between may pinch inside: then it is less
        is_plain = (hot_out.liquid <= hot_in.liquid) & (cold_out.vapour <= cold_in.vapour)
        yield at_least(duty, most, rel=5.0e-4, where=works & is_plain)
        yield equal(seen.after("duty_w"), duty, rel=1.0e-6, abs_=1.0e-9 * np.abs(hot_in.enthalpy_w))
        # warmer on the hot side and flow on both: it exchanges
        must = (span > 1.0) & (hot_share > 1.0e-5) & (cold_share > 1.0e-5) & (conductance > 0.0)
        yield np.where(must, np.where(duty > 0.0, 0.0, np.inf), np.nan)

    return Law(
        "exchanger-duty",
        "an exchanger's duty is what its UA and the heat capacity rates let, less at a pinch inside",
        "Q = eps(UA / C_min, C_min / C_max) C_min (T_hot,in - T_cold,in), C = Q / dT; UA = 2 UA_r / (r_h^-m + r_c^-m)",
        f"{_SHAH}, table 3.4 and section 3.2",
        check,
        takes_arrays=True,
    )


# Dry cooler ----------------------------------------------------------------------------------------------------------
def _air_rate(seen: Seen, ambient_k: Numbers) -> FloatArray:
    """Return the heat capacity rate of the air of a bank at full speed, W/K."""
    density = _AIR_PRESSURE_PA / (_AIR_GAS_CONSTANT_J_PER_KG_K * np.asarray(ambient_k, dtype=float))
    return np.asarray(seen.parameter("air_flow_m3_per_s") * density * _AIR_CAPACITY_J_PER_KG_K)


def _bank_at(seen: Seen, ambient_k: Numbers) -> FloatArray:
    p = seen.parameter
    flow = seen.asked("loop_flow") if seen.is_linked("loop_flow") else seen.nothing
    flow = np.where(flow > 0.0, flow, p("rated_flow_kg_per_s"))
    loop = flow * p("heat_capacity_j_per_kg_k")
    clean = p("heat_transfer_w_per_m2_k") * p("area_m2")
    return counter_flow(clean * (1.0 - seen.at("fouling")), _air_rate(seen, ambient_k), loop)


def bank_reach() -> Law:
    """Return: the conductance of a bank of air coolers is what its surface, its air and its liquid let."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        ambient = seen.at("ambient_temperature")
        yield at_most(seen.at("conductance"), _air_rate(seen, ambient), rel=1.0e-6)
        yield equal(seen.at("conductance"), _bank_at(seen, ambient), rel=1.0e-3)

    return Law(
        "bank-conductance",
        "a bank of coolers takes what its surface, air and liquid let, at most what warms its air to the liquid",
        "G = eps C_min by counter flow; C_air = V p cp / (R T)",
        f"{_SHAH}, table 3.4; {_CLAUSIUS}; ideal gas",
        check,
    )


def bank_above_air() -> Law:
    """Return: a bank gives no more heat to the air than its conductance and the temperatures let."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        span = seen.at("loop_temperature") - seen.at("ambient_temperature")
        most = seen.at("conductance") * np.maximum(span, 0.0)
        heat, rounding = seen.at("heat"), 1.0e-12 * seen.after("short_j") / seen.step_s
        # what it is given beyond that is counted
        counted = seen.change("short_j") / seen.step_s
        yield at_most(heat - counted, most, rel=2.0e-6, abs_=1.0e-6 + rounding)
        yield equal(counted, np.maximum(heat - most, 0.0), rel=1.0e-6, abs_=2.0e-6 * np.abs(heat) + rounding + 1.0e-9)
        lack = heat - most > 1.0e-3 * heat
        clear = np.abs(heat - most - 1.0e-3 * heat) > 1.0e-6 * heat
        time = np.where(lack & (heat > 0.0), seen.step_s, 0.0)
        yield equal(seen.change("short_s"), time, rel=1.0e-6, abs_=1.0e-12 * seen.after("short_s"), where=clear)

    return Law(
        "bank-above-air",
        "heat goes to the air only from a warmer liquid, by conductance times difference; what is beyond is counted",
        "Q - short <= G (T_liquid - T_air); short = max(Q - G dT, 0)",
        _CLAUSIUS,
        check,
    )


def fan_power() -> Law:
    """Return: fans draw by the cube of the speed that the heat needs, and at least the work of moving that air."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, power, heat = seen.parameter, seen.at("power"), seen.at("heat")
        full = p("air_flow_m3_per_s") * p("fan_pressure_pa") / p("fan_efficiency_frac")
        span = np.maximum(seen.at("loop_temperature") - seen.at("ambient_temperature"), 1.0e-9)
        use = np.clip(heat / np.maximum(seen.at("conductance") * span, _NONE), 0.0, 1.0)
        # power laws through the conductance at full, half and lowest speed, 70 % of the resistance on the air's side
        slow = p("min_speed_frac")
        speeds = np.array((1.0, 0.5, slow))
        ua = p("heat_transfer_w_per_m2_k") * p("area_m2") / (0.3 + 0.7 * speeds**-0.6)
        loop = p("rated_flow_kg_per_s") * p("heat_capacity_j_per_kg_k")
        at_speed = counter_flow(ua, speeds * _air_rate(seen, 288.15), loop)
        half, slow_use = at_speed[1] / at_speed[0], at_speed[2] / at_speed[0]
        upper = np.log(half) / np.log(0.5)
        lower = np.log(half / slow_use) / np.log(0.5 / slow) if slow < 0.5 else upper
        slow_use = slow_use if slow < 0.5 else slow**upper

        def drawn(use: FloatArray) -> FloatArray:
            with np.errstate(divide="ignore", invalid="ignore"):  # so near that one power law is steep beyond bounds
                fast = np.where(use > half, np.maximum(use, half) ** (1.0 / upper), 0.5 * (use / half) ** (1.0 / lower))
            return np.asarray(full * np.where(use > slow_use, np.minimum(fast, 1.0) ** 3, slow**3 * use / slow_use))

        # the air must take up the heat, fans at their speed or some at the lowest; the power laws are for air of 15 C
        share = np.clip(heat / (_air_rate(seen, seen.at("ambient_temperature")) * span), 0.0, 1.0)
        moved = np.where(heat > 0.0, share * full * np.maximum(share, slow) ** 2, 0.0)
        # where the flow of the loop rules, all speeds give the same conductance but for its last digits
        low, high = (np.maximum(drawn(use * (1.0 + way * _SAME)), 0.9 * moved) for way in (-1.0, 1.0))
        yield within(power, low, high, rel=1.0e-5)
        yield at_least(power, moved, rel=0.1 + 1.0e-6)
        yield at_most(power, full)

    return Law(
        "fan-power",
        "fans draw the cube of the speed that the heat needs, and at least the work of moving that air",
        "P = V dp n^3 / eta, Q / (G dT) = n^m by G at full, half, lowest speed; P eta >= V dp x^3, x = Q / (C_air dT)",
        f"{_AFFINITY}; finned tubes, film by n^0.6: {_SHAH}",
        check,
    )


def bank_balance() -> SumLaw:
    """Return: all heat and all fan power leave with the air."""
    return sum_law(
        "bank-balance",
        "heat and fan power of a bank of coolers leave with the air",
        "Q_air = Q + P",
        _FIRST,
        Row((Term("heat"), Term("power"), Term("heat_loss", -1.0))),
    )


# Loops and buffers ---------------------------------------------------------------------------------------------------
def loss_within(seen: Seen, given: FloatArray, slack: Numbers = 0.0) -> FloatArray:
    """Return how far a loss to the surroundings lies outside K (T - T_ambient) at both ends of the step."""
    ambient, k = seen.at("ambient_temperature"), seen.parameter("loss_conductance_w_per_k")
    one, other = k * (seen.before("temperature_k") - ambient), k * (seen.after("temperature_k") - ambient)
    return within(given, one, other, rel=1.0e-6, abs_=1.0e-6 * k + 1.0e-9 + slack)


def _heat_capacity(seen: Seen) -> float:
    p = seen.parameter
    if "glycol_kg" in seen.parameters:
        return p("glycol_kg") * p("heat_capacity_j_per_kg_k")
    return p("water_kg") * _WATER_CAPACITY_J_PER_KG_K


def _stored_law(capacity: float, seen: Seen, net_w: FloatArray, throughput_w: FloatArray) -> FloatArray:
    stored = capacity * seen.change("temperature_k") / seen.step_s
    rounding = 1.0e-12 * capacity * seen.after("temperature_k") / seen.step_s
    return equal(stored, net_w, rel=2.0e-3, abs_=rounding + 1.0e-9 * throughput_w)


def _controlled(seen: Seen, taken: FloatArray, open_w: FloatArray, allowed: Numbers) -> Iterator[FloatArray]:
    """Yield: a cooler takes nothing below the setpoint, and all that it can while it is above its way back to it."""
    T0, T1, setpoint = seen.before("temperature_k"), seen.after("temperature_k"), seen.parameter("setpoint_k")
    yield at_least(T1, np.minimum(T0, setpoint), rel=0.0, abs_=1.0e-6, where=taken > 0.0)
    yield at_least(T1, setpoint, rel=0.0, abs_=1.0e-6, where=(taken > 0.0) & (setpoint <= T0))
    time = seen.parameter("control_time_s")
    goal = setpoint + np.maximum(T0 - setpoint, 0.0) * (np.exp(-seen.step_s / time) if time > 0.0 else 0.0)
    is_open = (setpoint <= T0) & (goal + 1.0e-6 < T1)
    yield at_least(taken, open_w, rel=1.0e-6, abs_=allowed, where=is_open)


def loop_balance() -> Law:
    """Return: what a loop takes up and does not give warms its liquid."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        gain, loss = seen.total("heat") + seen.at("power"), seen.at("rejected") + seen.at("heat_loss")
        yield _stored_law(_heat_capacity(seen), seen, gain - loss, np.abs(gain) + np.abs(loss))
        motor = seen.at("power") * (1.0 - seen.parameter("motor_efficiency_frac"))
        yield loss_within(seen, seen.at("heat_loss") - motor)

    return Law(
        "loop-balance",
        "what a loop takes up and does not give warms its liquid; it loses by its difference to the air",
        "m cp dT/dt = Q + P - Q_rejected - Q_loss; Q_loss = K (T - T_air) + (1 - eta_motor) P",
        _FIRST,
        check,
    )


def loop_rejection() -> Law:
    """Return: a loop gives heat only above the air's temperature, and down to its setpoint."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, rejected, back = seen.parameter, seen.at("rejected"), seen.at("return_temperature")
        span = np.maximum(back - seen.at("ambient_temperature"), 0.0)
        most = seen.at("rejection_conductance") * span
        yield at_most(rejected, most, rel=1.0e-6, abs_=1.0e-6)
        shaft = seen.at("power") * p("motor_efficiency_frac")
        rate = seen.before("flow_kg_per_s") * p("heat_capacity_j_per_kg_k")
        rise = (seen.total("heat") + shaft) / rate
        T0, T1 = seen.before("temperature_k"), seen.after("temperature_k")
        setpoint = p("setpoint_k")
        # a loop that passes its setpoint within the step cools from there on
        highest = np.where((T0 < setpoint) & (rejected > 0.0), np.maximum(T1, setpoint), np.maximum(T0, T1))
        yield within(back - rise, np.minimum(T0, T1), highest, rel=0.0, abs_=1.0e-6)
        yield from _controlled(seen, rejected, most, 1.0e-6)

    return Law(
        "loop-rejection",
        "a loop gives heat only to colder air, by conductance times difference, and not below its setpoint",
        "Q <= G (T_return - T_air), equal with the bypass shut; T_return = T_supply + (Q + P_shaft) / (m cp)",
        f"{_CLAUSIUS}; {_FIRST}",
        check,
    )


def loop_pumps() -> Law:
    """Return: pumps of a loop draw by the cube of their speed, which follows the heat."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, rated = seen.parameter, seen.parameter("rated_flow_kg_per_s")
        speed = seen.before("flow_kg_per_s") / rated
        hydraulic = rated / p("density_kg_per_m3") * p("pressure_rise_pa") * speed**3
        yield equal(seen.at("power"), hydraulic / (p("pump_efficiency_frac") * p("motor_efficiency_frac")), rel=1.0e-9)
        wanted = np.clip(seen.total("heat") / p("rated_heat_w"), p("min_speed_frac"), 1.0) * rated
        yield equal(seen.after("flow_kg_per_s"), wanted, rel=1.0e-9)
        yield equal(seen.at("flow"), wanted, rel=1.0e-9)

    return Law(
        "loop-pumps",
        "pumps of a loop draw flow times pressure rise by the cube of their speed, which follows the heat",
        "P = V dp n^3 / (eta_pump eta_motor); n = Q / Q_rated of the step before",
        _AFFINITY,
        check,
    )


def loop_shortfall() -> Law:
    """Return: heat by which a loop warms beyond its highest temperature is counted, and the time above it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        T0, T1, highest = seen.before("temperature_k"), seen.after("temperature_k"), seen.parameter("max_temperature_k")
        capacity = _heat_capacity(seen)
        beyond = capacity * np.maximum(T1 - np.maximum(T0, highest), 0.0)
        yield equal(seen.change("short_j"), beyond, rel=1.0e-6, abs_=1.0e-12 * (capacity * T1 + seen.after("short_j")))
        time = np.where(T1 > highest, seen.step_s, 0.0)
        yield equal(seen.change("short_s"), time, rel=1.0e-6, where=T1 != highest)

    return Law(
        "loop-shortfall",
        "heat by which a loop warms beyond its highest temperature counts as cooling not given",
        "d short = m cp (T_end - max(T_start, T_max))",
        "definition",
        check,
    )


def buffer_balance() -> Law:
    """Return: what a buffer collects and does not give warms its water, after its way through the pipes."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        heat, dt, delay = seen.total("heat"), seen.step_s, seen.parameter("delay_s")
        feed = seen.stream("water_outlet").enthalpy_w - seen.stream("water_inlet").enthalpy_w
        loss = seen.at("heat_loss")
        given = feed + seen.at("surplus") + loss
        arriving = heat - seen.change("in_transit_j") / dt + seen.at("frost_power")
        throughput = np.abs(arriving) + np.abs(given) + np.abs(seen.stream("water_inlet").enthalpy_w)
        yield _stored_law(_heat_capacity(seen), seen, arriving - given, throughput)
        decay = np.exp(-dt / delay) if delay > 0.0 else 1.0
        under_way = heat * delay + (seen.before("in_transit_j") - heat * delay) * decay
        yield equal(seen.after("in_transit_j"), under_way, rel=1.0e-9, abs_=1.0e-6)
        yield loss_within(seen, loss)

    return Law(
        "buffer-balance",
        "what a buffer collects and does not give warms its water; it loses by its difference to the air",
        "m cp dT/dt = Q_arriving + P - Q_feed - Q_surplus - K (T - T_air); heat under way: dE/dt = Q - E / tau",
        f"{_FIRST}; first-order lag",
        check,
    )


def buffer_feed() -> Law:
    """Return: a preheater gives what its UA lets, and warms the feed at most to the buffer."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet = seen.stream("water_inlet"), seen.stream("water_outlet")
        T0, T1 = seen.before("temperature_k"), seen.after("temperature_k")
        duty = outlet.enthalpy_w - inlet.enthalpy_w
        rounding = 1.0e-9 * np.abs(inlet.enthalpy_w)
        works = (inlet.water > 0.0) & (inlet.temperature_k < T0)
        most = np.maximum(np.maximum(T0, T1), inlet.temperature_k)
        yield at_most(outlet.temperature_k, most, rel=0.0, abs_=0.02, where=inlet.water > 0.0)
        rate = inlet.water * _FEED_CAPACITY_J_PER_KG_K
        conductance = rate * -np.expm1(-seen.parameter("feed_ua_w_per_k") / np.maximum(rate, _NONE))
        one, other = conductance * (T0 - inlet.temperature_k), conductance * (T1 - inlet.temperature_k)
        yield within(duty, one, other, rel=1.0e-4, abs_=rounding, where=works)
        yield equal(duty, 0.0, abs_=rounding + 1.0e-9, where=~works)
        yield equal(seen.after("recovered_w"), duty, rel=1.0e-6, abs_=rounding)

    return Law(
        "buffer-feed",
        "a preheater gives what its UA lets and warms the feed at most to the buffer's temperature",
        "Q = m cp (1 - exp(-UA / (m cp))) (T_buffer - T_in); T_out <= T_buffer",
        f"{_SHAH}, table 3.4; {_CLAUSIUS}",
        check,
    )


def buffer_surplus() -> Law:
    """Return: a buffer gives its surplus only to a colder loop, and only above its setpoint."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        surplus, k = seen.at("surplus"), seen.parameter("surplus_conductance_w_per_k")
        T0, T1 = seen.before("temperature_k"), seen.after("temperature_k")
        if not seen.is_linked("coolant_temperature"):
            yield equal(surplus, 0.0)
            return
        # the loop's temperature may be that of this step or of the last
        one, other = seen.at("coolant_temperature"), seen.asked("coolant_temperature")
        coldest, warmest = np.minimum(one, other), np.maximum(one, other)
        most = k * np.maximum(np.maximum(T0, np.maximum(T1, seen.parameter("setpoint_k"))) - coldest, 0.0)
        yield at_most(surplus, most, rel=1.0e-6)
        # where it starts below its coolant it waits for the next step
        is_warm = (warmest < T0) & (one > 0.0) & (other > 0.0)
        open_w = np.where(is_warm, k * np.maximum(np.minimum(T0, T1) - warmest, 0.0), 0.0)
        yield from _controlled(seen, surplus, open_w, 1.0e-6)

    return Law(
        "buffer-surplus",
        "a buffer gives its surplus only to a colder loop, by conductance times difference, above its setpoint",
        "0 <= Q <= G (T_buffer - T_coolant), equal with the valve open",
        _CLAUSIUS,
        check,
    )


# Electric heater -----------------------------------------------------------------------------------------------------
def heater_balance() -> SumLaw:
    """Return: a heater's power warms the stream and is lost, by its efficiency."""
    return sum_law(
        "heater-balance",
        "what a heater draws warms the stream and is lost, by its efficiency",
        "H_out - H_in + Q_loss = P; Q_loss = (1 - eta) P",
        f"{_FIRST}; parameter of the component",
        Row((Term("inlet.enthalpy"), Term("power"), Term("outlet.enthalpy", -1.0), Term("heat_loss", -1.0))),
        Row((Term("heat_loss"), Term("power", -1.0), Term("power", 1.0, "efficiency_frac"))),
    )


def heater_target() -> Law:
    """Return: a heater brings its stream to the target, as far as its power reaches, and not beyond."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, power = seen.parameter, seen.at("power")
        inlet, outlet = seen.stream("inlet"), seen.stream("outlet")
        most, target = np.where(unpowered(seen), 0.0, p("power_max_w")), p("temperature_target_k")
        flows, is_cold = inlet.mass > 0.0, inlet.temperature_k < target
        has_power = power < most * (1.0 - 1.0e-9)
        yield at_most(power, most)
        yield equal(power, 0.0, where=~(flows & is_cold))
        yield at_least(outlet.temperature_k, target, rel=0.0, abs_=0.01, where=flows & is_cold & has_power)
        yield at_most(outlet.temperature_k, target, rel=0.0, abs_=0.01, where=power > 0.0)
        yield equal(seen.after("heat_w"), power * p("efficiency_frac"))
        yield equal(seen.change("short_j"), 0.0, where=has_power)
        is_short = flows & (power > 0.0) & (outlet.temperature_k < target - 0.01)
        counted = seen.change("short_j") / seen.step_s
        yield np.where(is_short, np.where(counted > 0.0, 0.0, np.inf), np.nan)
        # of dry gas near ambient the heat capacity is nearly constant
        warmed = outlet.temperature_k - inlet.temperature_k
        is_dry = is_short & (inlet.water <= 0.0) & (warmed > 1.0) & (inlet.temperature_k > 250.0) & (target < 400.0)
        lack = seen.after("heat_w") * (target - outlet.temperature_k) / np.where(is_dry, warmed, 1.0)
        yield equal(counted, lack, rel=0.05, abs_=1.0e-12 * seen.after("short_j") / seen.step_s, where=is_dry)

    return Law(
        "heater-target",
        "a heater brings its stream to the target as far as its power reaches, not beyond, and counts what lacks",
        "T_out = T_target where P < P_max; P <= P_max; P = 0 for a stream that is warm enough",
        "control of the component, by its parameters",
        check,
        takes_arrays=True,
    )


# Trace heating --------------------------------------------------------------------------------------------------------
def trace_heat() -> Law:
    """Return: trace heating gives what the insulation loses at the temperature held, as far as it reaches."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, power = seen.parameter, seen.at("power")
        wanted = np.maximum(p("loss_w_per_k") * (p("temperature_set_k") - seen.at("ambient_temperature")), 0.0)
        yield equal(power, np.minimum(wanted, p("power_max_w")), rel=1.0e-9, abs_=1.0e-9)
        yield equal(seen.at("heat_loss"), power, rel=1.0e-12)

    return Law(
        "trace-heat",
        "trace heating gives what the insulation loses at the temperature held, as far as its cables reach",
        "P = min(K (T_set - T_air), P_max), none where the air is warmer; Q = P",
        f"{_FIRST}; control of the component, by its parameters",
        check,
    )


def trace_loss() -> Law:
    """Return: what is traced is as warm as its loss says."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        k, ambient = seen.parameter("loss_w_per_k"), seen.at("ambient_temperature")
        yield equal(k * (seen.after("held_temperature_k") - ambient), seen.at("power"), rel=1.0e-9, abs_=1.0e-9 * k)
        heats = np.where(seen.at("power") > 0.0, seen.step_s / 3600.0, 0.0)
        yield equal(seen.change("heating_h"), heats, rel=1.0e-9, abs_=1.0e-12 * seen.after("heating_h"))

    return Law(
        "trace-loss",
        "what is traced is above the air by its heating over its loss",
        "Q = K (T - T_air)",
        "Newton's law of cooling",
        check,
    )
