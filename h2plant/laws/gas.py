"""Laws of what treats gas: coolers, chillers, drums, mixers, splitters, valves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core import bus
from h2plant.core.law import (
    BoolArray,
    FloatArray,
    Flow,
    Law,
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
from h2plant.core.law_constants import (
    MOL_PER_KG_H2,
    MOL_PER_KG_H2O,
    MOL_PER_KG_N2,
    MOL_PER_KG_O2,
    MOLAR_MASS_H2O_KG_PER_MOL,
    SHORT_FRAC,
)
from h2plant.laws import state_equations
from h2plant.laws.protection import led_past, unpowered
from h2plant.laws.water_properties import henry_constant, saturation_pressure

_DRY_SPECIES = ("h2", "o2", "n2")
_BOILING_FRAC = 1.0e-3  # of a pressure: water as near to boiling may boil, for tables and equations differ by less
_MOL_PER_KG = np.array([MOL_PER_KG_H2, MOL_PER_KG_O2, MOL_PER_KG_N2, MOL_PER_KG_H2O, MOL_PER_KG_H2O])


# Of many kinds --------------------------------------------------------------------------------------------------------
def pressure_loss(outlet: str = "outlet", is_led_past: bool = False) -> Law:
    """Return: an apparatus takes its pressure drop, which grows with the square of the flow.

    ``is_led_past``: gas is led past it while it stands after a trip.
    """

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, behind = seen.stream("inlet"), seen.stream(outlet)
        ratio = inlet.mass / seen.parameter("nominal_flow_kg_per_s")
        drop_pa = seen.parameter("pressure_drop_pa") * ratio * ratio
        flows = behind.mass > 0.0
        if is_led_past:
            flows &= ~led_past(seen)
        # beyond half of the inlet's pressure it throttles, and what is left is no figure of its parameters
        is_small = (drop_pa <= 0.5 * inlet.pressure_pa) & (inlet.pressure_pa - drop_pa > 0.6e5)
        half = 0.5 * inlet.pressure_pa
        wanted = np.where(is_small, inlet.pressure_pa - drop_pa, half)
        yield equal(behind.pressure_pa, wanted, abs_=np.where(is_small, 0.0, half), where=flows)

    return Law(
        "pressure-loss",
        "an apparatus takes its pressure drop from the gas",
        "p_out = p_in - dp_nominal (m / m_nominal)^2",
        "turbulent flow of constant density: drop by the square of the flow (Darcy and Weisbach)",
        check,
        takes_arrays=True,
    )


def hours_with_flow(is_led_past: bool = False) -> Law:
    """Return: hours are counted while gas flows; ``is_led_past`` as in ``pressure_loss``."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        mass = seen.stream("inlet").mass
        if is_led_past:
            mass = np.where(led_past(seen), 0.0, mass)
        is_known = (mass <= 0.0) | (mass > 2.0e-9 * seen.parameter("nominal_flow_kg_per_s"))  # a trace may not count
        counted = np.where(mass > 0.0, seen.step_s / 3600.0, 0.0)
        yield equal(seen.change("running_h"), counted, abs_=1.0e-8, where=is_known)

    return Law(
        "hours-with-flow",
        "hours are those with flow",
        "dh = dt where m > 0",
        "definition of the counter",
        check,
        takes_arrays=True,
    )


def species_rows(inlets: str, *outlets: str) -> tuple[Row, ...]:
    """Return the rows of a balance of each species."""
    return tuple(
        Row((Term(f"{inlets}.{item}"), *(Term(f"{port}.{item}", -1.0) for port in outlets)))
        for item in ("h2", "o2", "water", "mass")
    )


def passes_all(inlets: str, *outlets: str) -> SumLaw:
    """Return: every species that comes in goes out, with all of its enthalpy."""
    energy = Row((Term(f"{inlets}.enthalpy"), *(Term(f"{port}.enthalpy", -1.0) for port in outlets)))
    return sum_law(
        "passes-all",
        "species and enthalpy that come in go out",
        "sum m_i,in = sum m_i,out; sum H_in = sum H_out",
        "conservation of mass; first law of thermodynamics, no heat, no work",
        *species_rows(inlets, *outlets),
        energy,
    )


# Coolers and chillers -------------------------------------------------------------------------------------------------
def cooler_balance() -> SumLaw:
    """Return: what a cooler takes off the gas, and its electricity, leave as heat; every species goes on."""
    terms = (Term("inlet.enthalpy"), Term("outlet.enthalpy", -1.0), Term("power"), Term("heat", -1.0))
    return sum_law(
        "cooler-balance",
        "what a cooler takes off the gas, and its electricity, leave as heat",
        "H_in - H_out + P = Q; m_i,in = m_i,out",
        "first law of thermodynamics; conservation of mass",
        Row(terms),
        *species_rows("inlet", "outlet"),
    )


def no_colder_than_coolant() -> Law:
    """Return: a cooler's outlet is not colder than its coolant."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet, coolant_k = seen.stream("inlet"), seen.stream("outlet"), seen.at("coolant_temperature")
        yield at_least(
            outlet.temperature_k,
            np.minimum(inlet.temperature_k, coolant_k),
            0.0,
            0.01,
            where=(inlet.mass > 0.0) & ~_is_throttled(inlet, outlet),
        )

    return Law(
        "no-colder-than-coolant",
        "a cooler's outlet is not colder than its coolant, but where gas is let down without heat",
        "T_out >= min(T_in, T_coolant)",
        "second law of thermodynamics (Clausius)",
        check,
        takes_arrays=True,
    )


def _is_throttled(inlet: Flow, outlet: Flow) -> BoolArray:
    """Tell where an apparatus far too small lets a stream down without heat: it warms or cools by that alone."""
    is_as_it_came = np.abs(inlet.enthalpy_w - outlet.enthalpy_w) <= 1.0e-9 * np.abs(inlet.enthalpy_w)
    return np.asarray(is_as_it_came & (outlet.pressure_pa < 0.9 * inlet.pressure_pa))


def cooler_effectiveness() -> Law:
    """Return: a cooler reaches its set point, or what its effectiveness allows; fans take their share of the heat."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet, coolant_k = seen.stream("inlet"), seen.stream("outlet"), seen.at("coolant_temperature")
        flows = inlet.mass > 0.0
        effectiveness = seen.parameter("effectiveness_frac") * (1.0 - seen.at("fouling"))
        reach_k = coolant_k + (1.0 - effectiveness) * (inlet.temperature_k - coolant_k)
        wanted_k = np.minimum(np.maximum(seen.parameter("target_temperature_k"), reach_k), inlet.temperature_k)
        yield equal(outlet.temperature_k, wanted_k, rel=0.0, abs_=0.01, where=flows & ~_is_throttled(inlet, outlet))
        duty_w = np.where(flows, np.maximum(inlet.enthalpy_w - outlet.enthalpy_w, 0.0), 0.0)
        allowed_w = 1.0e-9 * np.abs(inlet.enthalpy_w) + 1.0e-9
        yield equal(seen.at("power"), seen.parameter("fan_power_ratio") * duty_w, abs_=allowed_w)

    return Law(
        "cooler-effectiveness",
        "a cooler reaches its set point, or as far as its effectiveness allows; its fans take their share of the heat",
        "T_out = max(T_set, T_c + (1 - eps) (T_in - T_c)) at most T_in; P = k Q",
        "Shah and Sekulic 2003, doi 10.1002/9780470172605, definition of effectiveness; parameters of the component",
        check,
        takes_arrays=True,
    )


def _wanted_enthalpy(seen: Seen, inlet: Flow, pressure_pa: FloatArray, rows: BoolArray) -> FloatArray:
    """Return the enthalpy flow, W, that a stream has at the set point of its cooler, where asked for, else 0."""
    found = np.zeros(seen.n)
    if not rows.any():
        return found
    values = inlet.values[rows].copy()
    flow = Flow(values)
    target_k = seen.parameter("target_temperature_k")
    saturation_pa = state_equations.saturation_pressure(target_k)
    room = pressure_pa[rows] - saturation_pa
    most = np.where(
        room > 0.0,
        flow.dry_mol_per_s * saturation_pa / np.where(room > 0.0, room, 1.0) * MOLAR_MASS_H2O_KG_PER_MOL,
        np.inf,
    )
    water = flow.water.copy()
    values[:, bus.VAPOUR] = np.minimum(water, most)
    values[:, bus.LIQUID] = water - values[:, bus.VAPOUR]
    found[rows] = state_equations.stream_states(flow, target_k, pressure_pa[rows])[0]
    return found


def cooler_shortfall() -> Law:
    """Return: a cooler that misses its set point by more than its alarm counts time and heat that it lacks."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet = seen.stream("inlet"), seen.stream("outlet")
        excess_k = outlet.temperature_k - seen.parameter("target_temperature_k") - seen.parameter("alarm_above_k")
        short = (inlet.mass > 0.0) & (excess_k > 0.0)
        clear = np.abs(excess_k) > 1.0e-6
        yield equal(seen.change("short_s"), np.where(short, seen.step_s, 0.0), abs_=1.0e-6, where=clear)
        wanted_w = _wanted_enthalpy(seen, inlet, outlet.pressure_pa, short)
        lacking_j = np.where(short, outlet.enthalpy_w - wanted_w, 0.0) * seen.step_s
        yield equal(seen.change("short_j"), np.maximum(lacking_j, 0.0), 2.0e-3, 1.0e-6 * seen.step_s, where=clear)

    return Law(
        "cooler-shortfall",
        "a cooler that misses its set point counts the time and the heat that it lacks",
        "dE = (H_out - H(T_set)) dt, where T_out > T_set + alarm",
        "definition of the counters; equations of state in CoolProp",
        check,
        needs_equation_of_state=True,
    )


def chiller_second_law() -> Law:
    """Return: a chiller's power is at least Carnot's, and what its share of Carnot's efficiency says."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet = seen.stream("inlet"), seen.stream("outlet")
        flows = inlet.mass > 0.0
        duty_w = np.where(flows, np.maximum(inlet.enthalpy_w - outlet.enthalpy_w, 0.0), 0.0)
        machine_w = seen.at("power") - np.where(flows & ~unpowered(seen), seen.parameter("auxiliary_power_w"), 0.0)
        coolant_k, target_k = seen.at("coolant_temperature"), seen.parameter("target_temperature_k")
        allowed_w = 1.0e-9 * np.abs(inlet.enthalpy_w) + 1.0e-6
        yield at_least(machine_w, duty_w * np.maximum(coolant_k - target_k, 0.0) / target_k, 1.0e-6, allowed_w)
        cold_k = target_k - seen.parameter("evaporator_approach_k")
        hot_k = np.maximum(coolant_k + seen.parameter("condenser_approach_k"), seen.parameter("condensation_min_k"))
        lift_k = np.maximum(hot_k - cold_k, 1.0)  # no machine works with less
        cop = seen.parameter("carnot_frac") * cold_k / lift_k
        steady_w, lowest_w = duty_w / cop, seen.parameter("lowest_step_frac") * seen.parameter("capacity_w") / cop
        lost_w = seen.parameter("cycling_loss_frac") * np.maximum(lowest_w - steady_w, 0.0)
        runs = duty_w > allowed_w  # a trace of heat may be rounding
        yield equal(machine_w, steady_w + lost_w, rel=1.0e-9, abs_=allowed_w, where=runs)
        yield at_most(machine_w, steady_w + lost_w, rel=1.0e-9, abs_=allowed_w)

    return Law(
        "chiller-second-law",
        "a chiller needs at least Carnot's power, and as much more as its efficiency says",
        "P >= Q (T_coolant - T_set) / T_set; P = P_s + d max(P_low - P_s, 0), P_s = Q (T_cond - T_evap) / (g T_evap)",
        "Carnot; K. C. Ng, H. T. Chua, J. M. Gordon, Cool Thermodynamics, 2000; EN 14825, part load",
        check,
        takes_arrays=True,
    )


def chiller_reach() -> Law:
    """Return: a chiller reaches its set point unless its capacity is short; it never takes off more."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet = seen.stream("inlet"), seen.stream("outlet")
        capacity_w = np.where(unpowered(seen), 0.0, seen.parameter("capacity_w"))
        flows = inlet.mass > 0.0
        duty_w = inlet.enthalpy_w - outlet.enthalpy_w
        wanted_k = np.minimum(seen.parameter("target_temperature_k"), inlet.temperature_k)
        allowed_w = 1.0e-9 * np.abs(inlet.enthalpy_w) + 1.0e-9 * capacity_w
        yield at_most(duty_w, capacity_w, 0.0, allowed_w, where=flows)
        yield at_least(outlet.temperature_k, wanted_k, 0.0, 0.01, where=flows)
        is_at_limit = duty_w > capacity_w - 2.0 * allowed_w
        yield equal(
            outlet.temperature_k, wanted_k, 0.0, 0.01, where=flows & ~is_at_limit & ~_is_throttled(inlet, outlet)
        )

    return Law(
        "chiller-reach",
        "a chiller cools to its set point, or takes off all that its capacity allows",
        "T_out = min(T_set, T_in) or Q = Q_max; Q <= Q_max",
        "first law of thermodynamics; parameters of the component",
        check,
        takes_arrays=True,
    )


def chiller_shortfall() -> Law:
    """Return: a chiller that is too small counts the heat and the time that it lacks."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet = seen.stream("inlet"), seen.stream("outlet")
        capacity_w = np.where(unpowered(seen), 0.0, seen.parameter("capacity_w"))
        warm = (inlet.mass > 0.0) & (inlet.temperature_k > seen.parameter("target_temperature_k"))
        asked_w = np.where(warm, inlet.enthalpy_w - _wanted_enthalpy(seen, inlet, outlet.pressure_pa, warm), 0.0)
        short_w = np.maximum(asked_w - capacity_w, 0.0)
        allowed_w = 1.0e-3 * np.abs(asked_w) + 1.0e-6
        yield equal(seen.change("short_j"), short_w * seen.step_s, 0.0, allowed_w * seen.step_s)
        is_clear = np.abs(asked_w * (1.0 - SHORT_FRAC) - capacity_w) > allowed_w
        lacks = capacity_w < asked_w * (1.0 - SHORT_FRAC)
        yield equal(seen.change("short_s"), np.where(lacks, seen.step_s, 0.0), abs_=1.0e-6, where=is_clear)

    return Law(
        "chiller-shortfall",
        "a chiller that is too small counts the time and the heat that it lacks",
        "dE = (H_in - H(T_set) - Q_max) dt, where positive",
        "definition of the counters; equations of state in CoolProp",
        check,
        needs_equation_of_state=True,
    )


# Drums ----------------------------------------------------------------------------------------------------------------
def separated_liquid() -> SumLaw:
    """Return: a drum drains at least its share of the liquid, and no vapour."""
    return sum_law(
        "separated-liquid",
        "a drum drains its share of the liquid, and no vapour",
        "m_drain >= eta m_liquid,in; m_i,in = m_i,gas + m_i,drain; H likewise",
        "conservation of mass; first law of thermodynamics; definition of separation efficiency",
        Row((Term("inlet.liquid", 1.0, "efficiency_frac"), Term("drain.liquid", -1.0)), is_equal=False),
        Row((Term("drain.vapour"),)),
        Row((Term("inlet.enthalpy"), Term("gas.enthalpy", -1.0), Term("drain.enthalpy", -1.0))),
        *species_rows("inlet", "gas", "drain"),
    )


def drum_state() -> Law:
    """Return: gas and drain of a drum have its temperature; the gas keeps the drops that slip through."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, gas, drain = seen.stream("inlet"), seen.stream("gas"), seen.stream("drain")
        has_gas = inlet.mass - inlet.liquid > 0.0
        share = seen.parameter("efficiency_frac")
        yield equal(drain.liquid, share * inlet.liquid, where=has_gas)
        # where much of the gas dissolves, vapour of what is left condenses and warms it
        dissolved = drain.mass - drain.liquid
        calm = dissolved <= 1.0e-3 * (inlet.mass - inlet.liquid)
        # one that is far too small throttles, and drops that its pressure drop takes to their boiling point evaporate
        calm &= gas.pressure_pa >= 0.9 * inlet.pressure_pa
        boiling_pa = saturation_pressure(np.minimum(inlet.temperature_k, 647.0))
        calm &= (inlet.liquid <= 0.0) | (boiling_pa < (1.0 - _BOILING_FRAC) * gas.pressure_pa)
        yield equal(gas.vapour, inlet.vapour, where=has_gas & calm)
        apart_k = np.fmax(
            np.where((gas.mass > 0.0) & calm, np.abs(gas.temperature_k - inlet.temperature_k), 0.0),
            np.where(drain.mass > 0.0, np.abs(drain.temperature_k - inlet.temperature_k), 0.0),
        )
        yield equal(apart_k, 0.0, 0.0, 0.01)

    return Law(
        "drum-state",
        "gas and drain of a drum have the temperature of what comes in, and the liquid divides by its efficiency",
        "T_gas = T_drain = T_in; m_drain = eta m_liquid,in",
        "equilibrium of phases without heat; definition of separation efficiency",
        check,
        takes_arrays=True,
    )


def dissolved_gas() -> Law:
    """Return: a drain carries as much of the main gas as Henry's law says, and of others at most that."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, drain = seen.stream("inlet"), seen.stream("drain")
        moles = inlet.values[:, :3] * _MOL_PER_KG[:3]
        dry = moles.sum(axis=1)
        where = (drain.liquid > 0.0) & (dry > 0.0)
        water = drain.liquid * seen.parameter("gas_saturation_frac") / MOLAR_MASS_H2O_KG_PER_MOL
        main = moles.argmax(axis=1)
        for column, gas in enumerate(("h2", "o2", "n2")):
            if not inlet.values[:, column].any():
                continue
            partial_pa = inlet.pressure_pa * np.divide(moles[:, column], dry, out=np.zeros_like(dry), where=dry > 0.0)
            most = partial_pa / henry_constant(gas, inlet.temperature_k) * water / _MOL_PER_KG[column]
            most = np.minimum(most, inlet.values[:, column])
            # the kernels' polynomial is within 0.03 % of the guideline up to 180 C
            yield at_most(drain.values[:, column], most, rel=1.0e-3, where=where)
            yield equal(drain.values[:, column], most, rel=1.0e-3, where=where & (main == column))

    return Law(
        "dissolved-gas",
        "a drain carries as much gas as dissolves in it",
        "x = f p_i / k_H(T)",
        "Henry's law; IAPWS G7-04 (Fernandez-Prini et al. 2003, 10.1063/1.1564818)",
        check,
    )


# Mixers, splitters, valves --------------------------------------------------------------------------------------------
def mixer_pressure() -> Law:
    """Return: a joint stream has the lowest pressure of those that flow into it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        outlet = seen.stream("outlet")
        lowest = np.full(seen.n, np.inf)
        for inlet in seen.streams("inlets"):
            lowest = np.where(inlet.mass > 0.0, np.minimum(lowest, inlet.pressure_pa), lowest)
        where = np.isfinite(lowest)
        yield equal(outlet.pressure_pa, np.where(where, lowest, 0.0), where=where)

    return Law(
        "mixer-pressure",
        "a joint stream has the lowest pressure of those that flow into it",
        "p_out = min p_in",
        "no gas flows from low to high pressure by itself",
        check,
        takes_arrays=True,
    )


def splitter_shares() -> Law:
    """Return: every share of a stream has its composition and state, and its weight's part of it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, shares = seen.stream("inlet").values, seen.streams("outlets")
        weights = [np.maximum(np.fmax(seen.at("weights", k), 0.0), 0.0) for k in range(len(seen.each("weights")))]
        lagged = [np.maximum(seen.asked("weights", k), 0.0) for k in range(len(weights))]
        is_weighted = len(weights) == len(shares)
        yield equal(sum((one.mass for one in shares), seen.nothing), inlet[:, :5].sum(axis=1))
        for k, one in enumerate(shares):
            parts = []
            for given in (weights, lagged) if is_weighted else ([], []):
                total = sum(given, seen.nothing)
                equal_part = np.full(seen.n, 1.0 / len(shares))
                parts.append(np.divide(given[k], total, out=equal_part, where=total > 0.0) if given else equal_part)
            low, high = np.minimum(*parts)[:, None], np.maximum(*parts)[:, None]
            flows = inlet[:, : bus.ENTHALPY + 1]
            # rows of the stream: the worst counts
            found = within(one.values[:, : bus.ENTHALPY + 1], low * flows, high * flows, 1.0e-9, 1.0e-15)
            yield found.max(axis=1)
            state = equal(one.values[:, bus.TEMPERATURE :], inlet[:, bus.TEMPERATURE :])
            yield np.where(one.mass > 0.0, state.max(axis=1), np.nan)

    return Law(
        "splitter-shares",
        "every share of a stream has its composition and state, and its weight's part of it",
        "m_i,k = w_k / sum w m_i; T_k = T; p_k = p",
        "conservation of mass; parts of a stream are alike",
        check,
        takes_arrays=True,
    )


def valve_pressure() -> Law:
    """Return: a valve lets down to its set pressure, and never raises it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet = seen.stream("inlet"), seen.stream("outlet")
        flows = outlet.mass > 0.0
        wanted = np.minimum(inlet.pressure_pa, seen.parameter("outlet_pressure_pa"))
        yield equal(outlet.pressure_pa, wanted, where=flows)

    return Law(
        "valve-pressure",
        "a valve lets down to its set pressure, and never raises it",
        "p_out = min(p_in, p_set)",
        "second law of thermodynamics: throttling; parameters of the component",
        check,
    )


def uphill_kg_per_s(seen: Seen, least_frac: float) -> FloatArray:
    """Return what comes to a store at less than a share of its pressure, kg/s."""
    found = seen.nothing
    for feed in seen.streams("inlets"):
        is_uphill = (feed.h2 > 0.0) & (feed.pressure_pa < least_frac * seen.before("pressure_pa"))
        found = found + np.where(is_uphill, feed.mass, 0.0)
    return found


def downhill() -> Law:
    """Return: gas that comes at less than 0.9 of the pressure of a store is turned away: it cannot flow in."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        away = seen.stream("turned_away")
        yield at_least(away.mass, uphill_kg_per_s(seen, 0.9 * (1.0 - 1.0e-9)))
        is_full = seen.after("pressure_pa") > seen.parameter("max_pressure_pa")
        yield at_most(away.mass, uphill_kg_per_s(seen, 0.9 * (1.0 + 1.0e-9)), where=~is_full)

    return Law(
        "downhill",
        "gas flows into a store from no lower pressure; what comes at less than 0.9 of it is turned away",
        "m_turned_away >= sum of m_in with p_in < 0.9 p",
        "second law of thermodynamics: a fluid flows towards the lower pressure",
        check,
        takes_arrays=True,
    )


GAS_COOLER_LAWS = (
    cooler_balance(),
    no_colder_than_coolant(),
    cooler_effectiveness(),
    pressure_loss(),
    cooler_shortfall(),
)
CHILLER_LAWS = (cooler_balance(), chiller_second_law(), chiller_reach(), pressure_loss(), chiller_shortfall())
LIQUID_SEPARATOR_LAWS = (separated_liquid(), drum_state(), dissolved_gas(), pressure_loss("gas"))
MIXER_LAWS = (passes_all("inlets", "outlet"), mixer_pressure())
SPLITTER_LAWS = (passes_all("inlet", "outlets"), splitter_shares())
PRESSURE_VALVE_LAWS = (passes_all("inlet", "outlet"), valve_pressure())
