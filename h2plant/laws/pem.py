"""Laws of proton exchange membrane stacks: charge, voltage, heat, crossover, wear, modes."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from h2plant.core.law import FloatArray, Law, Seen, at_least, at_most, equal, within
from h2plant.core.law_constants import (
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
    STANDARD_TEMPERATURE_K,
)
from h2plant.laws.ageing import agrees
from h2plant.laws.electrolysis import added_enthalpy_w, added_kg_per_s
from h2plant.laws.pem_seen import CP_LOOP, LEAD_K, R_H2, rated_point, stack_of
from h2plant.laws.reaction import WATER_FORMATION_J_PER_MOL, cold_enthalpy_w

OFF, STANDBY, STARTING, RUNNING, TRIPPED = range(5)

_CP_H2 = 14.31e3  # J/(kg K), 300 to 350 K (NIST)
_WATER_J_PER_KG = WATER_FORMATION_J_PER_MOL / MOLAR_MASS_H2O_KG_PER_MOL
_WATER_M3_PER_KG = 1.05e-3
_CO_VOLUME_M3_PER_KG = 8.0e-3  # hydrogen at 320 K: dh/dp = B - T dB/dT, B = 15 cm3/mol (NIST)


def stack_power() -> Law:
    """Return: power is voltage times current times cells, and the heater's."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, heater = stack_of(seen), seen.after("heater_w")
        electric = seen.after("cell_voltage_v") * stack.mean_current_a * seen.parameter("n_cells")
        yield equal(seen.at("power"), electric + heater, rel=1e-7, abs_=1e-6)
        yield at_most(heater, seen.parameter("heater_power_w"))
        yield equal(seen.after("load_frac") * seen.parameter("rated_power_w"), electric, rel=1e-7)

    return Law(
        "stack-power",
        "power is voltage times current times cells, with the heater's",
        "P = N V I + P_heater",
        "Joule's law",
        check,
    )


def faraday() -> Law:
    """Return: water split follows from the current, less what recombines of the gas that crosses."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack = stack_of(seen)
        h2, _, burnt, reduced, doubt = stack.crossing()
        net = seen.change("reacted_h2o_mol") / seen.step_s
        wanted = (stack.split - burnt - reduced) * stack.on
        allowed = 1e-6 * stack.split + (2e-3 * (burnt + reduced) + doubt) * stack.on
        yield equal(net, wanted, rel=0.0, abs_=allowed)
        _, kept, let_off, lost_doubt = stack.returned(h2, reduced)
        wanted = 1.0 - (h2 + reduced + kept + let_off) / np.maximum(stack.split, 1e-30)
        yield equal(
            seen.after("faraday_efficiency_frac"),
            wanted,
            abs_=2e-4 + (doubt + lost_doubt) / np.maximum(stack.split, 1e-30),
            where=stack.is_on,
        )

    return Law(
        "faraday",
        "water split is charge over 2F, less what recombines of the gas that crosses",
        "dn/dt = N I / 2F - n_burnt - n_reduced",
        "Faraday's law of electrolysis; permeabilities of Schalenbach et al. 2013, 10.1016/j.ijhydene.2013.09.013",
        check,
    )


def crossover() -> Law:
    """Return: gas that crosses the membrane is found in the other gas, and in the figure that trips the stack."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, feed = stack_of(seen), seen.stream("water")
        h2, o2, burnt, reduced, doubt = stack.crossing()
        _, kept, _, with_water = stack.returned(h2, reduced)
        is_full = stack.on > 1.0 - 1e-9  # without current the cathode leaks as well
        found_h2 = (added_kg_per_s(seen, "oxygen", "h2") - feed.h2) / MOLAR_MASS_H2_KG_PER_MOL
        found_o2 = (added_kg_per_s(seen, "oxygen", "o2") - feed.o2) / MOLAR_MASS_O2_KG_PER_MOL
        allowed = doubt + 1e-9 * stack.split
        wanted = h2 - burnt + kept
        yield equal(found_h2, wanted, rel=2e-3, abs_=allowed + np.minimum(with_water, kept), where=is_full)
        yield equal(found_o2, 0.5 * (stack.split - burnt) - o2, rel=1e-4, abs_=allowed, where=is_full)
        trace = added_kg_per_s(seen, "fuel", "o2") / MOLAR_MASS_O2_KG_PER_MOL
        yield equal(trace, (o2 - 0.5 * reduced) * stack.on, rel=2e-3, abs_=allowed)
        shown = seen.after("h2_in_o2_frac")
        yield equal(shown, found_h2 / np.maximum(found_h2 + found_o2, 1e-30), rel=1e-5, abs_=1e-9, where=is_full)

    return Law(
        "crossover",
        "hydrogen that crosses the membrane, or comes with water, is in the oxygen, less what a catalyst burns",
        "n_H2 = A (K_d (p_H2 + 24 j) + K_p (p_c - p_a)) / d, n_O2 = A K_O2 (p_O2 + 28 j) / d, K by Arrhenius",
        "Schalenbach et al. 2013, 10.1016/j.ijhydene.2013.09.013; Trinke 2016, 10.1149/07514.1081ecst; Tjarks 2017",
        check,
    )


def idle_leak() -> Law:
    """Return: a cathode without current leaks to the anode, as long as it stands above it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, p = stack_of(seen), seen.parameter
        T = seen.before("temperature_k") + np.array([[-LEAD_K], [LEAD_K]])
        per_kg, per_m = R_H2 * T / p("cathode_volume_m3"), stack.area_m2 / p("membrane_thickness_m")
        permeability = (p("h2_diffusion_mol_per_m_s_pa") + p("h2_convection_mol_per_m_s_pa")) * stack.permeability(T)
        rate = permeability * per_m * MOLAR_MASS_H2_KG_PER_MOL
        over = [
            np.maximum(held * per_kg - p("anode_pressure_pa"), 0.0) * rate * seen.step_s
            for held in (seen.before("cathode_h2_kg"), seen.after("cathode_h2_kg"))
        ]
        is_idle = ~stack.is_on & (over[0][0] > 1e5 * rate[0] * seen.step_s)
        is_idle &= p("cathode_pressure_setpoint_pa") - p("anode_pressure_pa") > 1e5  # it is held at its set point
        lost = -seen.change("cathode_h2_kg")
        yield within(lost, over[0][1], over[1][0], rel=1e-3, where=is_idle)
        found = (added_kg_per_s(seen, "oxygen", "h2") - seen.stream("water").h2) * seen.step_s
        yield equal(found, lost, rel=1e-6, where=~stack.is_on & (lost > 1e-9))

    return Law(
        "idle-leak",
        "a cathode under pressure leaks hydrogen to the anode while no current flows",
        "dm/dt = -A (K_d + K_p) (p_c - p_a) / d",
        "Schalenbach et al. 2013, 10.1016/j.ijhydene.2013.09.013",
        check,
    )


def polarisation() -> Law:
    """Return: the voltage is that of the polarisation curve, and above the reversible one."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, voltage = stack_of(seen), seen.after("cell_voltage_v")
        pressure = seen.after("cathode_pressure_pa")
        worn = seen.before("degradation_v") + seen.change("n_starts") * seen.parameter("degradation_per_start_v")
        one, other = (
            stack.curve.voltage(stack.density, stack.middle_k + lead, pressure)
            for lead in (-stack.lead_k, stack.lead_k)
        )
        yield within(voltage - worn, one, other, rel=0.0, abs_=stack.curve.doubt_v(stack.middle_k), where=stack.is_on)
        yield at_least(voltage, stack.curve.voltage(0.0, stack.middle_k + stack.lead_k, pressure), where=stack.is_on)
        # a trip before any current flows leaves the voltage at which it would have been
        yield equal(voltage, 0.0, where=~stack.is_on & (seen.after("mode") != TRIPPED))

    return Law(
        "pem-voltage",
        "the cell voltage is that of the polarisation curve at its temperature, pressures and wear",
        "V = V_rev(T) + RT/4F ln(p_H2^2 p_O2 / p0^3) + b ln(1 + j/j0) + (d/sigma + R_el) j + V_wear",
        "Tjarks 2017 (SimSES, 10.1016/j.est.2021.103743); Springer et al. 1991, 10.1149/1.2085971; CODATA",
        check,
    )


def _stored_j(seen: Seen, at: str) -> FloatArray:
    """Return the energy of stack, loop and cathode gas, J, ``at`` before or after the step."""
    get = getattr(seen, at)
    rise, h2 = get("temperature_k") - STANDARD_TEMPERATURE_K, get("cathode_h2_kg")
    water_j = get("water_kg") * (_WATER_J_PER_KG + CP_LOOP * rise)
    gas_j = h2 * (_CP_H2 * rise - R_H2 * get("temperature_k"))
    return np.asarray(seen.parameter("heat_capacity_j_per_k") * rise + water_j + gas_j)


def stack_heat() -> Law:
    """Return: power and feed end in the enthalpy of the gases, in cooling, loss and storage; by two ways.

    By the enthalpies that the streams carry, and by the heat of splitting water and heat capacities alone.
    """

    def check(seen: Seen) -> Iterator[FloatArray]:
        power, feed, loss = seen.at("power"), seen.stream("water"), seen.at("heat_loss")
        stored = (_stored_j(seen, "after") - _stored_j(seen, "before")) / seen.step_s
        heat = seen.at("heat") + seen.change("heat_in_transit_j") / seen.step_s
        rest = power + feed.enthalpy_w - loss - heat - stored
        carried = sum(
            (
                seen.stream(port).enthalpy_w + seen.change(f"{side}_energy_j") / seen.step_s
                for port, side in (("hydrogen", "fuel"), ("oxygen", "oxygen"))
            ),
            seen.nothing,
        )
        vent = seen.stream("vent")
        carried = carried + vent.enthalpy_w
        size = power + np.abs(loss) + heat + 1e-3 * np.abs(carried)
        # heat capacities and formation at 1 bar leave out v p of liquid, and b p of hydrogen held at another pressure
        moved_kg = np.maximum(np.abs(seen.change("water_kg")), feed.water * seen.step_s)  # a full loop spills its feed
        water_j = (1e3 + _WATER_M3_PER_KG * seen.parameter("anode_pressure_pa")) * moved_kg
        squeezed_j = np.abs(seen.change("fuel_pressure_pa")) * (
            _CO_VOLUME_M3_PER_KG * seen.before("fuel_h2_kg") + _WATER_M3_PER_KG * seen.before("fuel_liquid_kg")
        )
        gas_j = 3e3 * np.abs(seen.change("cathode_h2_kg"))  # heat capacity of hydrogen at 270 to 360 K
        slack = 0.01 + (water_j + gas_j) / seen.step_s
        yield equal(rest, carried, rel=0.0, abs_=1e-3 * size + slack)
        products = added_enthalpy_w(seen, "fuel", is_cold=True) + added_enthalpy_w(seen, "oxygen", is_cold=True)
        products = products + cold_enthalpy_w((vent.h2, 0.0, 0.0, 0.0, 0.0), vent.temperature_k)
        idle = np.where(stack_of(seen).is_on, 0.0, 2e-3 * np.abs(carried))  # vapour is no ideal gas
        yield equal(rest, products, rel=0.0, abs_=1.5e-3 * size + idle + slack + squeezed_j / seen.step_s)

    return Law(
        "stack-heat",
        "power above the thermoneutral voltage is heat: cooled away, lost, stored or carried by the products",
        "P + H_feed = H_H2 + H_O2 + Q + Q_loss + dE/dt, i.e. Q ~ N I (V - V_tn)",
        "first law of thermodynamics; enthalpies of formation by CODATA",
        check,
    )


def passive_loss() -> Law:
    """Return: what is lost to the surroundings is conductance times the excess temperature."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        k, ambient = seen.parameter("loss_w_per_k"), seen.at("ambient_temperature")
        ends = [k * (get("temperature_k") - ambient) for get in (seen.before, seen.after)]
        yield within(seen.at("heat_loss"), ends[0], ends[1], abs_=1e-6 * k)

    return Law(
        "passive-loss",
        "a stack loses heat by its conductance",
        "Q = K (T - T_ambient)",
        "Newton's law of cooling",
        check,
    )


def stack_cooling() -> Law:
    """Return: the cooler takes heat only towards its coolant, and no more than its conductance passes."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        heat = seen.at("heat") + seen.change("heat_in_transit_j") / seen.step_s
        warmest = np.maximum(seen.before("temperature_k"), seen.after("temperature_k"))
        conductance = seen.at("cooling_conductance") * seen.parameter("cooling_share_frac")
        most = conductance * np.maximum(warmest - seen.at("coolant_temperature"), 0.0)
        slack = 1e-9 * seen.before("heat_in_transit_j") / seen.step_s + 1e-6
        yield at_most(heat, most, rel=1e-6, abs_=slack)
        yield at_least(heat, 0.0, abs_=slack)

    return Law(
        "stack-cooling",
        "the cooler takes no more heat than its conductance passes to a colder coolant",
        "0 <= Q <= K max(T - T_coolant, 0)",
        "second law of thermodynamics",
        check,
    )


def water_loop() -> Law:
    """Return: protons drag water to the cathode, and what is used up and lacks is asked for."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, p, dt = stack_of(seen), seen.parameter, seen.step_s
        h2, _, _, reduced, doubt = stack.crossing()
        back, _, let_off, with_gas = stack.returned(h2, reduced)
        wet = 2.0 * p("drag_ratio") * stack.split + reduced
        carried = (wet - back) * stack.on * MOLAR_MASS_H2O_KG_PER_MOL
        found = added_kg_per_s(seen, "fuel", "vapour") + added_kg_per_s(seen, "fuel", "liquid")
        allowed = 1e-12 + (doubt + 2e-3 * reduced + with_gas) * MOLAR_MASS_H2O_KG_PER_MOL
        yield equal(found, carried, rel=1e-6, abs_=allowed)
        gas = let_off * stack.on
        found = seen.stream("vent").h2 / MOLAR_MASS_H2_KG_PER_MOL
        yield equal(found, gas, rel=0.0, abs_=1e-12 + 5e-3 * gas + with_gas)
        used = seen.stream("water").water - seen.change("water_kg") / dt
        lacking = (p("water_setpoint_kg") - seen.after("water_kg")) / max(p("level_time_s"), 3.0 * dt)
        is_level = seen.after("water_kg") < p("water_capacity_kg") * (1.0 - 1e-9)  # else water spills
        wanted = np.where(seen.after("mode") == OFF, 0.0, np.maximum(used + lacking, 0.0))
        yield equal(seen.at("water_demand"), wanted, rel=1e-6, abs_=1e-12 * p("water_setpoint_kg"), where=is_level)

    return Law(
        "water-drag",
        "protons drag water to the cathode, its separator gives it back, and the loop asks for what it uses and lacks",
        "n_H2O = 2 k_drag N I / 2F; n_back = x (n_H2O - n_vapour); m_asked = m_used + (m_set - m) / tau",
        "electro-osmotic drag; Henry's law; parameters of the component",
        check,
    )


def saturated_gases() -> Law:
    """Return: the gases leave at the stack's temperature, saturated."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, T = stack_of(seen), seen.before("temperature_k")
        # water that spills over as it came cools the oxygen that it leaves with
        spills = seen.after("oxygen_liquid_kg") > 0.5 * seen.parameter("water_capacity_kg")
        is_alone = (seen.step_s >= seen.parameter("gas_residence_time_s")) & ~spills
        for side in ("fuel", "oxygen"):
            yield equal(
                seen.after(f"{side}_temperature_k"), T, rel=0.0, abs_=LEAD_K + 0.05, where=stack.is_on & is_alone
            )
        dry = sum(
            (added_kg_per_s(seen, "oxygen", item) / mass for item, mass in
             (("h2", MOLAR_MASS_H2_KG_PER_MOL), ("o2", MOLAR_MASS_O2_KG_PER_MOL))),
            seen.nothing,
        )  # fmt: skip
        p_sat, anode = stack.saturation_pa, seen.parameter("anode_pressure_pa")
        wanted = dry * p_sat / (anode - p_sat) * MOLAR_MASS_H2O_KG_PER_MOL
        yield equal(
            added_kg_per_s(seen, "oxygen", "vapour"),
            wanted,
            rel=2e-3,
            where=is_alone & stack.is_on & (seen.stream("water").n2 == 0.0),
        )

    return Law(
        "saturated-gases",
        "the gases leave at the temperature of the stack, the oxygen saturated with vapour",
        "n_vapour = n_dry p_sat(T) / (p - p_sat(T))",
        "Dalton's law; Wagner and Pruss 1993, 10.1063/1.555926",
        check,
    )


def cathode_pressure() -> Law:
    """Return: the cathode's pressure is that of the hydrogen held, between the anode's and its set point."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, shown = seen.parameter, seen.after("cathode_pressure_pa")
        per_kg = R_H2 / p("cathode_volume_m3")
        T, held = seen.before("temperature_k"), seen.before("cathode_h2_kg")
        limits = p("anode_pressure_pa"), p("cathode_pressure_setpoint_pa")
        one, other = (np.clip(held * per_kg * (T + lead), *limits) for lead in (-LEAD_K, LEAD_K))
        # a cold stack that stands still keeps what it showed last
        yield within(shown, one, other, rel=1e-3, where=seen.after("mode") != OFF)
        most = p("cathode_pressure_setpoint_pa") / (per_kg * (T - LEAD_K))
        yield at_most(seen.after("cathode_h2_kg"), np.maximum(most, held), rel=1e-3)

    return Law(
        "cathode-pressure",
        "the cathode's pressure is that of its hydrogen, and never above its set point",
        "p_c = m R T / V, p_a <= p_c <= p_set",
        "equation of state of the ideal gas",
        check,
    )


def set_point() -> Law:
    """Return: power follows its set point at the ramp, within rated and smallest load."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, p = stack_of(seen), seen.parameter
        power = seen.after("cell_voltage_v") * stack.density * stack.area_m2
        rated, least = p("rated_power_w"), p("min_load_frac") * p("rated_power_w")
        wanted = np.minimum(seen.at("setpoint"), rated)
        is_running = stack.is_on & (seen.after("mode") == RUNNING)
        is_limited = stack.density >= p("max_current_density_a_per_m2") * (1.0 - 1e-9)
        # from the smallest load on, below which a stack was that its highest voltage or current held back
        first = np.where(seen.before("mode") == RUNNING, np.maximum(seen.before("power_end_w"), least), least)
        on_s, ramp = np.maximum(stack.on * seen.step_s, 1e-30), p("ramp_w_per_s")
        rise = np.maximum(wanted - first, 0.0)
        reached = rise <= ramp * on_s
        mean = np.where(reached, wanted - 0.5 * rise * rise / (ramp * on_s), first + 0.5 * ramp * on_s)
        yield equal(power, mean, rel=1e-6, where=is_running & ~is_limited)
        yield at_most(power, mean, rel=1e-6, where=is_running)
        yield at_most(power, np.minimum(wanted, rated), rel=1e-6, where=stack.is_on)
        yield at_least(power, least, rel=1e-6, where=is_running & ~is_limited)
        yield at_most(stack.density, p("max_current_density_a_per_m2"), where=stack.is_on)
        end = np.where(reached, wanted, first + ramp * on_s)
        yield equal(seen.after("power_end_w"), end, rel=1e-6, where=is_running & ~is_limited)

    return Law(
        "set-point",
        "a stack takes the power that it is set to, at its ramp, between smallest load and rating",
        "P = P_set, dP/dt <= r, P_min <= P <= P_rated",
        "parameters of the component",
        check,
    )


def trips() -> Law:
    """Return: too much hydrogen in the oxygen, too warm a stack or too little water trips it, and a trip locks it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, p = stack_of(seen), seen.parameter
        mode, was, feed = seen.after("mode"), seen.before("mode"), seen.stream("water")
        is_running = mode == RUNNING
        h2 = (added_kg_per_s(seen, "oxygen", "h2") - feed.h2) / MOLAR_MASS_H2_KG_PER_MOL
        o2 = (added_kg_per_s(seen, "oxygen", "o2") - feed.o2) / MOLAR_MASS_O2_KG_PER_MOL
        is_full = is_running & (stack.on > 1.0 - 1e-9)
        yield at_most(h2, p("h2_in_o2_trip_frac") * (h2 + o2), rel=1e-6, where=is_full)
        yield at_most(seen.after("temperature_k"), p("max_temperature_k"), where=is_running)
        yield at_least(seen.after("water_kg"), p("water_trip_kg"), where=is_running)
        yield agrees(stack.is_on, False, where=(mode < RUNNING) | (was == TRIPPED))
        yield agrees(seen.at("ready") > 0.5, mode != TRIPPED)

    return Law(
        "stack-trips",
        "a stack trips on hydrogen in oxygen, heat or want of water, and then rests",
        "x_H2 <= x_trip, T <= T_max, m_water >= m_trip where it runs; I = 0 where it does not",
        "parameters of the component; lower explosion limit of hydrogen in oxygen, 4 %",
        check,
    )


def counters() -> Law:
    """Return: hours are the time with current, starts the ways into running, and both are shown."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, p, dt = stack_of(seen), seen.parameter, seen.step_s
        mode, was, starts = seen.after("mode"), seen.before("mode"), seen.change("n_starts")
        yield equal(seen.change("running_h"), stack.on * dt / 3600.0, rel=1e-6, abs_=1e-11)
        yield agrees(starts > 0.5, (mode == RUNNING) & (was != RUNNING), where=mode != TRIPPED)
        yield equal(seen.at("hours"), seen.after("running_h"))
        yield equal(seen.at("starts"), seen.after("n_starts"))
        begun = starts > 0.5
        for name, delay in (("start_time_s", was == OFF), ("hot_start_time_s", was == STANDBY)):
            yield equal(stack.on * dt, dt - p(name), rel=1e-6, abs_=1e-6, where=begun & (mode == RUNNING) & delay)
        yield equal(seen.change("n_cold_starts"), starts, where=was == OFF)
        yield equal(seen.change("n_cold_starts"), 0.0, where=was == STANDBY)
        spent = seen.change("cold_start_s") + seen.change("hot_start_s")
        # a start that ends in a trip is not recorded to its end
        yield equal(spent, dt, rel=1e-6, where=(begun & (mode == RUNNING)) | (mode == STARTING))

    return Law(
        "stack-counters",
        "hours are the time with current, and every way into running is a start",
        "d(hours) = dt x share of the step with current; d(starts) = 1 where running begins",
        "definition of operating hours and starts",
        check,
    )


def stack_wear() -> Law:
    """Return: voltage is gained in proportion to charge and with every start, and the end of life is as given."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, p = stack_of(seen), seen.parameter
        density, voltage = rated_point(stack.curve, p("rated_power_w") / stack.area_m2)
        gained = p("degradation_v_per_s") * stack.density / density * stack.on * seen.step_s
        gained = gained + p("degradation_per_start_v") * seen.change("n_starts")
        doubt = float(stack.curve.doubt_v(np.asarray(p("temperature_setpoint_k")))) / voltage
        kept = seen.change("n_replacements") < 0.5
        allowed = 4e-16 * seen.before("degradation_v") * 8.0 + 1e-24
        yield equal(seen.change("degradation_v"), gained, rel=4e-3 + doubt, abs_=allowed, where=kept)
        life, loss = seen.after("end_of_life_v"), p("end_of_life_loss_frac")
        yield equal(life, voltage * loss / (1.0 - loss), rel=2e-3 + doubt)
        yield at_least(seen.before("degradation_v") + gained, life, rel=1e-4, where=~kept)

    return Law(
        "stack-wear",
        "a stack gains voltage by charge and by starts, until its efficiency is down by a given share",
        "dV = k (j / j_rated) dt + k_start d(starts); V_end = V_rated x / (1 - x)",
        "parameters of the component; polarisation curve of Tjarks 2017",
        check,
    )


@functools.cache
def pem_laws() -> tuple[Law, ...]:
    """Return all laws of a PEM stack."""
    return (
        stack_power(), faraday(), crossover(), idle_leak(), polarisation(), stack_heat(), passive_loss(),
        stack_cooling(), water_loop(), saturated_gases(), cathode_pressure(), set_point(), trips(), counters(),
        stack_wear(),
    )  # fmt: skip
