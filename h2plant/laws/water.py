"""Laws of water: pumps, purification, what is bought, tanks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from h2plant.core.law import (
    ROUNDING,
    FloatArray,
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
from h2plant.core.role import Supply
from h2plant.laws.protection import unpowered
from h2plant.laws.water_properties import liquid_density, liquid_enthalpy

_FIRST = "first law of thermodynamics"
_MASS = "conservation of mass"
_GUELICH = "J. F. Guelich, Centrifugal Pumps, 2014, DOI 10.1007/978-3-642-40114-5, chapters 2 to 4"
_KELL = "G. S. Kell, J. Chem. Eng. Data 20 (1975) 97, DOI 10.1021/je60064a005"
_ULANICKI = "Ulanicki et al. 2008, DOI 10.1061/(ASCE)0733-9496(2008)134:1(88)"
_CONTROL = "control of the component, by its parameters"

_CAPACITY_J_PER_KG_K = 4181.0  # liquid water at 25 C (IAPWS-95: 4181.3)
_BILLED_KG_PER_M3 = 1000.0
_WATER_KG_PER_M3 = 998.2  # at 20 C (IAPWS-95: 998.21)
_FROST_FREE_K = 274.15
_FREEZING_K = 273.15
_TRICKLE = 1.0e-6  # of a state of tonnes, a trickle is but its last digits
_NONE = 1.0e-200  # stands in a divisor for a flow of nothing
_SHORT_SHARE = 1.0e-3  # a step in which less than 99.9 % of what was asked is given counts as short

Reader = Callable[..., FloatArray]


def _either(seen: Seen, share: Callable[[Reader], FloatArray]) -> FloatArray:
    """Return the smaller deviation of a lagged signal read at the end of the last step, and in this step."""
    return np.asarray(np.fmin(share(seen.asked), share(seen.at)))


def _total(seen: Seen, read: Reader, port: str) -> FloatArray:
    """Return the sum of what the links of a multi port ask, each at least zero."""
    links = range(len(seen.places[port].slots))
    return sum((np.maximum(read(port, k), 0.0) for k in links), seen.nothing)


def _short_law(seen: Seen, lack: FloatArray, wanted: FloatArray) -> FloatArray:
    """Return how far the counter of what was not given lies from what lacked, kg/s."""
    counted = seen.change("short_kg")
    rounding = 1.0e-12 * seen.after("short_kg") + 2.0e-9 * wanted * seen.step_s
    return equal(counted, np.maximum(lack, 0.0) * seen.step_s, rel=1.0e-6, abs_=rounding)


def _short_time(seen: Seen, lack: FloatArray, wanted: FloatArray) -> FloatArray:
    is_short = lack > _SHORT_SHARE * wanted
    clear = np.abs(lack - _SHORT_SHARE * wanted) > 1.0e-8 * wanted
    time = np.where(is_short, seen.step_s, 0.0)
    rounding = 1.0e-12 * seen.after("short_s")
    return equal(seen.change("short_s"), time, rel=1.0e-6, abs_=rounding, where=clear | (wanted <= 0.0))


# Pumps ---------------------------------------------------------------------------------------------------------------
def circulation_motor() -> SumLaw:
    """Return: a motor's power is shaft work, which heats the loop, and its loss."""
    return sum_law(
        "motor-loss",
        "a motor's power is its shaft work, which heats the loop, and its loss",
        "P = P_shaft + Q_loss; P_shaft = eta P",
        f"{_FIRST}; parameter of the component",
        Row((Term("power"), Term("heat", -1.0), Term("heat_loss", -1.0))),
        Row((Term("heat"), Term("power", -1.0, "motor_efficiency_frac"))),
    )


def circulation_flow() -> Law:
    """Return: the water of a loop is driven by the pump's pressure and braked by friction."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p = seen.parameter
        speed = _speed(seen)
        rated = p("rated_flow_kg_per_s") / p("density_kg_per_m3")
        shut_off = max(p("shut_off_pressure_pa"), p("rated_pressure_rise_pa"))
        q0, q1 = seen.before("flow_m3_per_s"), seen.after("flow_m3_per_s")
        resistance = shut_off / rated**2
        driven = p("shut_off_pressure_pa") * speed**2
        inert = p("inertance_kg_per_m4") * (q1 - q0) / seen.step_s
        # the water stops at its valve; below a millionth of the rated flow it counts as standing
        stops = (q1 <= 0.0) & (speed <= 0.0)
        rounding = 1.0e-6 * driven + 1.0e-9 * shut_off
        yield within(inert, driven - resistance * q0**2, driven - resistance * q1**2, 1e-6, rounding, where=~stops)
        mean = seen.after("flow_kg_per_s")
        scale = 1.0e-9 * p("rated_flow_kg_per_s")
        yield within(mean / p("density_kg_per_m3"), q0, q1, rel=1.0e-9, abs_=1.0e-9 * rated)
        yield equal(seen.at("flow"), mean, rel=1.0e-9, abs_=scale)
        # settled: flow by speed
        settled = (np.abs(q1 - q0) <= 1.0e-9 * rated) & (speed > 0.0) & (p("inertance_kg_per_m4") / seen.step_s < 1e9)
        wanted = speed * rated * np.sqrt(p("shut_off_pressure_pa") / shut_off)
        yield equal(q1, wanted, rel=1.0e-3, where=settled & (np.abs(driven - resistance * q1**2) < 1.0e-3 * driven))

    return Law(
        "pump-flow",
        "water of a loop is driven by the pump's pressure and braked by friction; settled, it follows the speed",
        "L dq/dt = n^2 p0 - R q^2; q = n q_rated",
        f"{_GUELICH} (affinity laws, rigid water column)",
        check,
    )


def _speed(seen: Seen) -> FloatArray:
    """Return the speed of a circulation pump over its rated speed."""
    speed = np.clip(seen.at("setpoint"), 0.0, 1.0) if seen.is_linked("setpoint") else seen.nothing
    if not seen.is_linked("setpoint"):
        speed = speed + seen.parameter("speed_frac")
    runs = seen.at("run_signal") >= 0.5 if seen.is_linked("run_signal") else np.ones(seen.n, dtype=bool)
    return np.where(runs & (speed >= 1.0e-6) & ~unpowered(seen), speed, 0.0)


def circulation_power() -> Law:
    """Return: a pump's shaft work is flow times pressure rise over its efficiency, in the next step drawn."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, speed = seen.parameter, _speed(seen)
        rated = p("rated_flow_kg_per_s") / p("density_kg_per_m3")
        q = seen.after("flow_kg_per_s") / p("density_kg_per_m3")
        curve = max(p("shut_off_pressure_pa") - p("rated_pressure_rise_pa"), 0.0) / rated**2
        rise = np.maximum(speed**2 * p("shut_off_pressure_pa") - curve * q * q, 0.0)
        shaft, best = seen.after("shaft_w"), p("best_efficiency_frac")
        yield at_least(shaft * best, rise * q, rel=1.0e-6)
        load = np.minimum(q / np.maximum(speed * rated, _NONE), 1.8)
        yield equal(shaft, rise * speed * rated / (best * (2.0 - load)), rel=1.0e-6, abs_=1.0e-9)
        yield equal(seen.after("power_w") * p("motor_efficiency_frac"), shaft, rel=1.0e-9)
        # drawn in the step after
        yield equal(seen.at("power"), seen.before("power_w"))
        yield equal(seen.at("heat"), seen.before("shaft_w"))

    return Law(
        "pump-work",
        "a circulation pump's shaft work is flow times pressure rise over its efficiency, at least over the best one",
        "P = dp q / eta; dp = n^2 p0 - k q^2; eta = eta_best r (2 - r), r = q / (n q_rated)",
        f"{_GUELICH}; {_ULANICKI}",
        check,
    )


def feed_pump_balance() -> SumLaw:
    """Return: a pump's shaft work goes into the water, its motor loses by its efficiency."""
    return sum_law(
        "pump-balance",
        "a pump's shaft work goes into the water, its motor loses by its efficiency",
        "H_out - H_in = P - Q_loss; Q_loss = (1 - eta_motor) P",
        f"{_FIRST}; parameter of the component",
        Row((Term("inlet.enthalpy"), Term("power"), Term("heat_loss", -1.0), Term("outlet.enthalpy", -1.0))),
        Row((Term("heat_loss"), Term("power", -1.0), Term("power", 1.0, "motor_efficiency_frac"))),
        Row((Term("inlet.mass"), Term("outlet.mass", -1.0))),
    )


def feed_pump_work() -> Law:
    """Return: a feed pump's work is flow times pressure rise over its efficiency."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, inlet, outlet = seen.parameter, seen.stream("inlet"), seen.stream("outlet")
        runs = (inlet.water > 0.0) & ~unpowered(seen)
        q, density = inlet.mass / p("density_kg_per_m3"), p("density_kg_per_m3")
        static = p("discharge_pressure_pa") - inlet.pressure_pa
        friction = p("friction_frac")
        rise = max(p("discharge_pressure_pa") - p("suction_pressure_pa"), 1.0e4) / (1.0 - friction)
        rated = p("rated_flow_kg_per_s") / density
        q_run = np.maximum(q, p("min_flow_frac") * rated)
        ratio = (q_run / rated) ** 2
        needed = np.maximum(static + (p("shut_off_ratio") - 1.0 + friction) * rise * ratio, 0.0)
        speed = np.sqrt(needed / (p("shut_off_ratio") * rise))
        yield equal(seen.after("speed_ratio"), np.where(runs, speed, 0.0), rel=1.0e-6)
        power, best = seen.at("power"), p("best_efficiency_frac")
        hydraulic = q * np.maximum(outlet.pressure_pa - inlet.pressure_pa, 0.0)
        yield at_least(power * p("motor_efficiency_frac") * best, hydraulic, rel=1.0e-6, where=runs)
        load = np.minimum(q_run / np.maximum(speed * rated, _NONE), 1.8)
        given = (np.maximum(static, 0.0) + friction * rise * ratio) * speed * rated / (best * (2.0 - load))
        wanted = given * q / q_run / p("motor_efficiency_frac")
        yield equal(power, np.where(runs, wanted, 0.0), rel=1.0e-6)
        yield equal(outlet.pressure_pa, p("discharge_pressure_pa"), where=runs)

    return Law(
        "feed-pump-work",
        "a feed pump draws flow times pressure rise over its efficiency, at least over the best one",
        "P = (dp_static + k_s q^2) q / (eta eta_motor); n^2 p0 = dp_static + (k + k_s) q^2; eta = eta_b r (2 - r)",
        f"{_GUELICH} (affinity laws); {_ULANICKI}",
        check,
        takes_arrays=True,
    )


def feed_pump_warming() -> Law:
    """Return: water warms in a pump by its work less that of compressing it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet = seen.stream("inlet"), seen.stream("outlet")
        runs = (inlet.liquid > 0.0) & (inlet.mass <= inlet.liquid) & (outlet.mass <= outlet.liquid)
        runs &= inlet.temperature_k < 420.0
        work = (outlet.enthalpy_w - inlet.enthalpy_w) / np.where(runs, inlet.mass, 1.0)
        rise = outlet.pressure_pa - inlet.pressure_pa
        density, expansion = liquid_density(np.where(runs, inlet.temperature_k, 300.0))
        warming = (work - rise * (1.0 - expansion * inlet.temperature_k) / density) / _CAPACITY_J_PER_KG_K
        found = outlet.temperature_k - inlet.temperature_k
        # at 40 MPa water has 2.7 % less heat capacity, and expands twice as much as at 1 bar (IAPWS-95)
        pressed = 1.0e-9 * np.maximum(rise, 0.0) * np.abs(found)
        yield equal(found, warming, rel=0.02, abs_=0.03 + pressed, where=runs)

    return Law(
        "pump-warming",
        "water warms in a pump by its work less that of compressing it",
        "dT = (w - v (1 - b T) dp) / cp",
        f"{_FIRST}; {_KELL}",
        check,
        takes_arrays=True,
    )


def feed_pump_demand() -> Law:
    """Return: a pump orders what is asked of it, up to what its highest speed gives, and counts what lacks."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, inlet = seen.parameter, seen.stream("inlet")
        friction, density = p("friction_frac"), p("density_kg_per_m3")
        rise = max(p("discharge_pressure_pa") - p("suction_pressure_pa"), 1.0e4) / (1.0 - friction)
        suction = np.where(inlet.mass > 0.0, inlet.pressure_pa, p("suction_pressure_pa"))
        spare = p("max_speed_ratio") ** 2 * p("shut_off_ratio") * rise - (p("discharge_pressure_pa") - suction)
        resistance = (p("shut_off_ratio") - 1.0 + friction) * rise
        most = p("rated_flow_kg_per_s") * np.sqrt(np.maximum(spare, 0.0) / resistance)
        most = np.where(unpowered(seen), 0.0, most)
        ordered = seen.at("flow_demand")
        yield equal(ordered, seen.after("ordered_kg_per_s"))
        least = p("min_flow_frac") * p("rated_flow_kg_per_s")
        q0, q1 = seen.before("flow_m3_per_s") * density, seen.after("flow_m3_per_s") * density
        lacked = seen.before("ordered_kg_per_s") - inlet.mass

        def flow(read: Reader) -> FloatArray:
            wanted = np.minimum(_total(seen, read, "demand"), most)
            run = np.maximum(wanted, np.minimum(least, most))
            duty = np.where(wanted > 0.0, wanted / np.maximum(run, _NONE), 1.0)
            # from where the water column is, slowed by what did not come, to what is asked
            came = np.minimum(inlet.mass / np.maximum(seen.before("ordered_kg_per_s"), _NONE), 1.0)
            start = np.where(lacked > 0.0, came, 1.0) * q0
            slack = 1.0e-9 * p("rated_flow_kg_per_s")
            # where nothing is asked the water comes to rest, within the step or later
            ends, goal = np.where(wanted > 0.0, q1 * duty, 0.0), np.where(wanted > 0.0, run, 0.0)
            return np.fmax(
                within(ordered, start * duty, ends, rel=1.0e-6, abs_=slack),
                within(q1, start, goal, rel=1.0e-6, abs_=slack),
            )

        def short(read: Reader) -> FloatArray:
            asked = _total(seen, read, "demand")
            lack = np.where(lacked > 2.0e-9 * inlet.mass, lacked, 0.0) + np.maximum(asked - most, 0.0)
            return _short_law(seen, lack, asked + inlet.mass)

        yield _either(seen, flow)
        yield _either(seen, short)
        yield equal(seen.after("flow_kg_per_s"), inlet.mass)

    return Law(
        "pump-order",
        "a feed pump orders what is asked of it up to what its highest speed gives, and counts what lacks",
        "q_most = sqrt((n_max^2 p0 - dp_static) / (k + k_s)); the flow approaches min(asked, q_most)",
        _GUELICH,
        check,
        takes_arrays=True,
    )


# Purification --------------------------------------------------------------------------------------------------------
def purifier_balance() -> SumLaw:
    """Return: feed is ultrapure water and brine, gases and salts leave with the brine, work warms both."""
    return sum_law(
        "purifier-balance",
        "feed is ultrapure water and brine, at most by the recovery; gases leave with the brine; work warms both",
        "m_feed = m_pure + m_brine; m_pure <= R m_feed; H_pure + H_brine + Q = H_feed + P; P >= e V_pure",
        f"{_MASS}; {_FIRST}; parameters of the component",
        Row((Term("inlet.water"), Term("outlet.water", -1.0), Term("brine.water", -1.0))),
        Row((Term("inlet.mass"), Term("outlet.mass", -1.0), Term("brine.mass", -1.0))),
        Row((Term("outlet.mass"), Term("outlet.liquid", -1.0))),
        Row((Term("outlet.liquid"), Term("inlet.water", -1.0, "recovery_frac")), is_equal=False),
        Row((Term("outlet.liquid", 1.0 / _WATER_KG_PER_M3, "energy_j_per_m3"), Term("power", -1.0)), is_equal=False),
        Row(
            (
                Term("inlet.enthalpy"),
                Term("power"),
                Term("outlet.enthalpy", -1.0),
                Term("brine.enthalpy", -1.0),
                Term("heat_loss", -1.0),
            )
        ),
    )


def purifier_work() -> Law:
    """Return: a purifier recovers its share of the feed and draws its energy by the cubic metre."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, inlet, outlet, brine = seen.parameter, seen.stream("inlet"), seen.stream("outlet"), seen.stream("brine")
        has_power = ~unpowered(seen)
        pure = inlet.mass <= inlet.water
        wanted = np.where(has_power, np.minimum(p("recovery_frac") * inlet.water, p("capacity_kg_per_s")), 0.0)
        standby = np.where(has_power, p("standby_power_w"), 0.0)
        yield equal(outlet.liquid, wanted, rel=2.0e-9, where=pure)
        yield at_most(outlet.liquid, wanted, rel=2.0e-9)
        drive = outlet.liquid * p("energy_j_per_m3") / _WATER_KG_PER_M3
        # of a feed with gas, some of the water pumped may leave as vapour
        yield equal(seen.at("power"), drive + standby, rel=1.0e-9, where=pure)
        drawn = seen.at("power") - standby
        lost = p("heat_loss_frac") * drawn + standby
        yield equal(seen.at("heat_loss"), lost, rel=1.0e-9)
        runs = outlet.liquid > 0.0
        for one in (outlet, brine):
            yield equal(one.pressure_pa, p("outlet_pressure_pa"), where=runs)
            yield equal(one.temperature_k, outlet.temperature_k, where=runs)
        # work and what throttling frees warm both waters
        work = (drive * (1.0 - p("heat_loss_frac"))) / np.where(runs, inlet.mass, 1.0)
        density, expansion = liquid_density(np.where(runs, inlet.temperature_k, 300.0))
        freed = (inlet.pressure_pa - p("outlet_pressure_pa")) * (1.0 - expansion * inlet.temperature_k) / density
        warming = (work + freed) / _CAPACITY_J_PER_KG_K
        found = outlet.temperature_k - inlet.temperature_k
        is_liquid = runs & pure & (inlet.vapour <= 0.0) & (outlet.vapour <= 0.0) & (inlet.temperature_k < 360.0)
        yield equal(found, warming, rel=0.02, abs_=0.03, where=is_liquid)

    return Law(
        "purifier-work",
        "a purifier recovers its share of the feed and draws its energy by the cubic metre of ultrapure water",
        "m_pure = min(R m_feed, m_max); P = e V_pure + P_standby; dT = (w + v (1 - b T) dp) / cp",
        f"parameters of the component; {_FIRST}; {_KELL}",
        check,
    )


def purifier_demand() -> Law:
    """Return: a purifier asks for the feed of the water asked of it, and counts what it does not make."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, made = seen.parameter, seen.stream("outlet").liquid

        def feed(read: Reader) -> FloatArray:
            wanted = np.where(unpowered(seen), 0.0, np.clip(read("demand"), 0.0, p("capacity_kg_per_s")))
            if not seen.is_linked("shed"):
                return equal(seen.at("feed_demand"), wanted / p("recovery_frac"))
            # the bus tells in this step what the demand of the last one is worth, if it does so before the purifier
            rests = [np.where(shed > 0.5, 0.0, wanted) for shed in (seen.asked("shed"), seen.at("shed"))]
            return np.fmin(*(equal(seen.at("feed_demand"), one / p("recovery_frac")) for one in rests))

        def short(read: Reader) -> FloatArray:
            wanted = np.maximum(read("demand"), 0.0)
            return np.fmax(_short_law(seen, wanted - made, wanted), _short_time(seen, wanted - made, wanted))

        yield _either(seen, feed)
        yield _either(seen, short)

    return Law(
        "purifier-demand",
        "a purifier asks for the feed of what is asked of it, rests when the bus sheds, and counts what lacks",
        "m_feed = min(m_asked, m_max) / R; d short = m_asked - m_pure",
        f"{_MASS}; {_CONTROL}",
        check,
    )


# Supply --------------------------------------------------------------------------------------------------------------
def supply_law(role: Supply) -> Law:
    """Return: a supply gives its medium and nothing else, and is paid for what it gives alone."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        streams, cost = seen.streams(role.outlet), seen.total(role.cost)
        given = sum((one.mass for one in streams), seen.nothing)
        water = sum((one.water for one in streams), seen.nothing)
        yield equal(given, water)
        yield equal(cost, 0.0, where=water <= 0.0)
        yield at_least(water, 0.0)

    return Law(
        "supply",
        "a supply gives its medium alone, and costs nothing without it",
        "m = m_water; cost = 0 where m = 0",
        "definition",
        check,
    )


def water_bill() -> SumLaw:
    """Return: water is paid by the cubic metre, all that is given is counted and taken from the environment."""
    return sum_law(
        "water-bill",
        "water is paid by the cubic metre; what is given is what is taken from the environment and counted",
        "cost = price V; dm = m_outlet = m_supply",
        "price times amount; conservation of mass",
        Row((Term("cost"), Term("outlet.water", -1.0 / _BILLED_KG_PER_M3, "price_eur_per_m3"))),
        Row((Term("supply.water"), Term("outlet.water", -1.0))),
        Row((Term("supply.enthalpy"), Term("outlet.enthalpy", -1.0))),
        Row((Term("drawn_kg"), Term("outlet.water", -1.0)), rel=_TRICKLE),
    )


def water_temperature() -> Law:
    """Return: water of the mains follows the air, damped and delayed by the ground, and does not freeze."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, outlet = seen.parameter, seen.stream("outlet")
        mean, time = p("mean_temperature_k"), p("ambient_time_constant_s")
        goal = mean + p("ambient_share_frac") * (seen.at("ambient_temperature") - mean)
        goal = np.maximum(goal, _FROST_FREE_K)
        decay = np.exp(-seen.step_s / time) if time > 0.0 else 0.0
        yield equal(seen.after("temperature_k"), goal + (seen.before("temperature_k") - goal) * decay, rel=1.0e-9)
        yield equal(outlet.temperature_k, seen.after("temperature_k"))
        yield equal(outlet.pressure_pa, p("pressure_pa"))
        runs = outlet.liquid > 0.0
        found = outlet.enthalpy_w / np.where(runs, outlet.liquid, 1.0)
        yield equal(found, liquid_enthalpy(outlet.pressure_pa, outlet.temperature_k), rel=0.0, abs_=300.0, where=runs)

    return Law(
        "mains-temperature",
        "water of the mains follows the air, damped and delayed by the ground; it carries its enthalpy",
        "dT/dt = (T_goal - T) / tau; T_goal = T_mean + share (T_air - T_mean), at least 274.15 K; h = h(p, T)",
        f"first-order lag; IAPWS SR1-86(1992) and {_KELL}",
        check,
    )


def water_delivery() -> Law:
    """Return: a source gives what is asked, up to its limit, and counts what lacks."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        given, most = seen.stream("outlet").liquid, seen.parameter("max_flow_kg_per_s")

        def flow(read: Reader) -> FloatArray:
            wanted = np.maximum(read("demand"), 0.0)
            lack = np.maximum(wanted - most, 0.0)
            shares = equal(given, np.minimum(wanted, most)), _short_law(seen, lack, wanted)
            return np.fmax(np.fmax(*shares), _short_time(seen, lack, wanted))

        yield _either(seen, flow)
        yield equal(seen.after("flow_kg_per_s"), given)

    return Law(
        "water-delivery",
        "a source gives what is asked of it, up to its limit, and counts what lacks",
        "m = min(m_asked, m_max); d short = m_asked - m",
        _CONTROL,
        check,
    )


# Tank ----------------------------------------------------------------------------------------------------------------
def tank_water() -> SumLaw:
    """Return: water of a tank changes by what comes and goes; gas that came with it leaves."""
    return sum_law(
        "tank-water",
        "water in a tank changes by what comes and goes; gas that comes with it leaves by the vent",
        "dm = in - out - overflow - vent",
        _MASS,
        Row(
            (
                Term("water_kg"),
                Term("inlets.water", -1.0),
                Term("outlets.water"),
                Term("overflow.water"),
                Term("vent.water"),
            ),
            rel=_TRICKLE,
        ),
        Row(
            (
                Term("water_kg"),
                Term("inlets.mass", -1.0),
                Term("outlets.mass"),
                Term("overflow.mass"),
                Term("vent.mass"),
            ),
            rel=_TRICKLE,
        ),
    )


def tank_level() -> Law:
    """Return: level by mass, overflow only when full, refill between two marks."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, water, dt, capacity = seen.parameter, seen.after("water_kg"), seen.step_s, seen.parameter("capacity_kg")
        yield equal(seen.at("level"), seen.before("water_kg") / capacity)
        yield equal(seen.after("level_frac"), water / capacity)
        yield at_most(water, capacity)
        yield at_least(water, capacity, where=seen.stream("overflow").mass > 0.0)
        fills = (seen.before("refill_mode") > 0.5) | (water < p("refill_start_frac") * capacity)
        missing = (p("refill_stop_frac") * capacity - water) / dt
        wanted = np.where(fills, np.clip(missing, 0.0, p("refill_flow_kg_per_s")), 0.0)
        yield equal(seen.at("refill_demand"), wanted, abs_=1.0e-12 * capacity / dt)
        stays = fills & (missing > p("refill_flow_kg_per_s"))
        clear = np.abs(missing - p("refill_flow_kg_per_s")) > 1.0e-12 * capacity / dt
        yield equal(seen.after("refill_mode"), np.where(stays, 1.0, 0.0), where=clear)

    return Law(
        "tank-level",
        "a tank's level follows its mass, it spills only when full, and is refilled between two marks",
        "level = m / m_full; refill from m < m_start until m_stop",
        f"{_MASS}; {_CONTROL}",
        check,
    )


def tank_delivery() -> Law:
    """Return: each outlet gets what it asks, all the same share when the water above the heel does not suffice."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, dt = seen.parameter, seen.step_s
        streams = seen.streams("outlets")
        n = min(len(streams), len(seen.places["demands"].slots))
        above = np.maximum(seen.before("water_kg") - p("heel_frac") * p("capacity_kg"), 0.0) / dt
        above = np.where(seen.before("temperature_k") < _FREEZING_K, 0.0, above)
        digits = 4.0 * ROUNDING * seen.before("water_kg") / dt  # of the water above the heel

        def flow(read: Reader) -> FloatArray:
            wanted = sum((np.maximum(read("demands", k), 0.0) for k in range(n)), seen.nothing)
            lack = np.maximum(wanted - above, 0.0)
            share = np.where(lack > 0.0, above / np.where(wanted > 0.0, wanted, 1.0), 1.0)
            found = _short_law(seen, lack, wanted)
            for k, one in enumerate(streams):
                given = np.maximum(read("demands", k), 0.0) * share if k < n else 0.0
                found = np.fmax(found, equal(one.mass, given, rel=1.0e-9, abs_=digits))
            return found

        yield _either(seen, flow)

    return Law(
        "tank-delivery",
        "each outlet of a tank gets what it asks, or an equal share of the water above the heel; frozen, none",
        "m_i = m_i,asked min(1, (m - m_heel) / (dt sum m_asked)); d short = asked - given",
        _CONTROL,
        check,
    )


def tank_heat() -> Law:
    """Return: a tank's temperature is that of its enthalpy; it loses to the air; frost is kept off."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, dt = seen.parameter, seen.step_s
        T0, T1, pressure = seen.before("temperature_k"), seen.after("temperature_k"), p("pressure_pa")
        yield equal(seen.after("energy_j") / seen.after("water_kg"), liquid_enthalpy(pressure, T1), 0.0, 300.0)
        before = seen.before("energy_j") / seen.before("water_kg")
        streams = seen.streams("outlets")
        for one in streams:
            runs = one.mass > 0.0
            found = one.enthalpy_w / np.where(runs, one.mass, 1.0)
            yield equal(found, before, where=runs)
            yield equal(one.temperature_k, T0, where=runs)
        gain = sum((one.water for one in seen.streams("inlets")), seen.nothing)
        gain = gain - sum((one.water for one in streams), seen.nothing)
        mass = np.maximum(seen.before("water_kg") + gain * dt, 1.0e-9)
        x = p("loss_conductance_w_per_k") * dt / (mass * _CAPACITY_J_PER_KG_K)
        mean = np.where(x > 1.0e-6, -np.expm1(-x) / np.maximum(x, 1.0e-6), 1.0)
        wanted = p("loss_conductance_w_per_k") * (T0 - seen.at("ambient_temperature")) * mean
        yield equal(seen.at("heat_loss"), wanted, rel=2.0e-3, abs_=1.0e-9)
        power, most = seen.at("power"), p("heater_power_w")
        yield at_most(power, most)
        yield at_most(T1, p("frost_temperature_k"), rel=0.0, abs_=0.1, where=power > 0.0)
        yield at_least(T1, p("frost_temperature_k"), rel=0.0, abs_=0.1, where=power < most * (1.0 - 1.0e-9))

    return Law(
        "tank-heat",
        "a tank's temperature is that of its enthalpy, it loses to the air, its heater keeps frost off",
        "E = m h(p, T); Q = K (T - T_air) (1 - exp(-x)) / x, x = K dt / (m cp); P > 0 only at the frost temperature",
        f"{_FIRST}; IAPWS SR1-86(1992) and {_KELL}",
        check,
    )
