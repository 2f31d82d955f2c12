"""Laws of an electrolyser from a supplier's table: the table itself, heat, gases, limits, times, wear."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from h2plant.core.law import BoolArray, FloatArray, Law, Seen, at_least, at_most, equal
from h2plant.core.law_constants import (
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)
from h2plant.laws.ageing import agrees
from h2plant.laws.electrolysis import added_enthalpy_w, added_kg_per_s
from h2plant.laws.reaction import WATER_FORMATION_J_PER_MOL
from h2plant.laws.water_properties import saturation_pressure

OFF, STANDBY, STARTING, RUNNING, TRIPPED = range(5)
_HOUR_S = 3600.0
_WATER_J_PER_KG = WATER_FORMATION_J_PER_MOL / MOLAR_MASS_H2O_KG_PER_MOL
_CP_WATER = 4181.0  # J/(kg K), 5 to 90 C (IAPWS-95)


def _points(seen: Seen) -> tuple[list[float], list[float]]:
    """Return loads and energies at the port, J/kg, of the table as it was given."""
    loads: list[float] = []
    energies: list[float] = []
    i = 1
    while f"table_load_{i}_frac" in seen.parameters:
        load, flow = seen.parameter(f"table_load_{i}_frac"), seen.parameter(f"table_hydrogen_{i}_kg_per_s")
        if not loads or load > loads[-1]:
            loads.append(load)
            by_energy = seen.parameter(f"table_energy_{i}_j_per_kg") * seen.parameter("conversion_frac")
            energies.append(seen.parameter("rated_power_w") * load / flow if flow > 0.0 else by_energy)
        i += 1
    return loads, energies


def _on(seen: Seen) -> FloatArray:
    """Return the share of the step in which hydrogen is made."""
    return np.asarray(seen.change("running_h") * _HOUR_S / seen.step_s)


def _is_on(seen: Seen) -> BoolArray:
    return np.asarray(seen.after("load_frac") > 0.0)


def _power_on_w(seen: Seen) -> FloatArray:
    """Return the power while hydrogen is made, W."""
    return np.asarray(seen.after("load_frac") * seen.parameter("rated_power_w") / np.maximum(_on(seen), 1e-12))


def _of_counter(seen: Seen) -> FloatArray:
    """Return how exact the share of the step is: hours are a counter that grows large."""
    return np.asarray(1e-7 + 1e-15 * seen.after("running_h") * _HOUR_S / seen.step_s)


def table() -> Law:
    """Return: hydrogen is that of the table at the load, less what wear costs."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        loads, energies = _points(seen)
        load = _power_on_w(seen) / seen.parameter("rated_power_w")
        renewed = seen.change("n_replacements") > 0.5
        started = seen.change("n_starts") * seen.parameter("growth_per_start_frac")
        worn = 1.0 + seen.before("energy_growth_frac") + started
        energy = np.interp(load, loads, energies) * worn
        where = _is_on(seen) & ~renewed
        yield equal(seen.after("energy_j_per_kg"), energy, rel=1e-4, where=where)
        made = seen.after("load_frac") * seen.parameter("rated_power_w") / energy
        yield equal(seen.after("hydrogen_made_kg_per_s"), made, rel=1e-4, where=where)
        yield equal(seen.after("hydrogen_made_kg_per_s"), 0.0, where=~_is_on(seen))

    return Law(
        "supplier-table",
        "hydrogen is made as the table says, between its points along a line, and less by wear",
        "m = P / (e(P / P_rated) (1 + growth))",
        "table of the component",
        check,
    )


def products() -> Law:
    """Return: what comes to the gases held is the hydrogen made, half as many moles of oxygen, and their vapour."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        made, feed = seen.after("hydrogen_made_kg_per_s"), seen.stream("water")
        o2 = made * 0.5 * MOLAR_MASS_O2_KG_PER_MOL / MOLAR_MASS_H2_KG_PER_MOL
        for side, item, wanted in (
            ("fuel", "h2", made), ("fuel", "o2", seen.nothing), ("fuel", "n2", seen.nothing),
            ("fuel", "liquid", seen.nothing), ("oxygen", "o2", o2 + feed.o2), ("oxygen", "h2", feed.h2),
            ("oxygen", "n2", feed.n2),
        ):  # fmt: skip
            rounding = seen.rounding(f"{side}_{item}_kg") / seen.step_s
            yield equal(added_kg_per_s(seen, side, item), wanted, rel=1e-8, abs_=rounding)
        moles = {"fuel": made / MOLAR_MASS_H2_KG_PER_MOL, "oxygen": o2 / MOLAR_MASS_O2_KG_PER_MOL}
        saturation = float(saturation_pressure(np.asarray(seen.parameter("outlet_temperature_k"))))
        for side, name in (("fuel", "hydrogen"), ("oxygen", "oxygen")):
            partial = seen.parameter(f"{name}_saturation_frac") * saturation
            vapour = moles[side] * partial / (seen.parameter(f"{name}_outlet_pressure_pa") - partial)
            rounding = seen.rounding(f"{side}_vapour_kg") / seen.step_s
            added = added_kg_per_s(seen, side, "vapour")
            yield equal(added, vapour * MOLAR_MASS_H2O_KG_PER_MOL, rel=2e-3, abs_=rounding + 1e-15)

    return Law(
        "table-products",
        "hydrogen leaves with half as many moles of oxygen, both with the vapour of their temperature and pressure",
        "O2 = M_O2 n / 2; x_w = phi p_sat(T) / p",
        "stoichiometry of H2O = H2 + 1/2 O2; Dalton 1805; IAPWS-95",
        check,
    )


def heat() -> Law:
    """Return: heat is what is left of the electricity; none goes to the cooling unless hydrogen is made."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        feed, step = seen.stream("water"), seen.step_s
        cooling = seen.change("heat_in_transit_j") / step + seen.at("heat")
        loss = seen.at("heat_loss")
        held_j_per_kg = _WATER_J_PER_KG + _CP_WATER * (seen.parameter("outlet_temperature_k") - 298.15)
        products = added_enthalpy_w(seen, "fuel", is_cold=True) + added_enthalpy_w(seen, "oxygen", is_cold=True)
        rest = seen.at("power") + feed.enthalpy_w - products - seen.change("water_kg") / step * held_j_per_kg
        # real gases and water against ideal ones: some kJ of each kilogram
        doubt = 3.0e5 * seen.after("hydrogen_made_kg_per_s") + 5.0e3 * feed.mass + 1e-3 * seen.at("power") + 1.0
        doubt = doubt + 5.0e3 * np.abs(seen.change("water_kg")) / step
        yield equal(cooling + loss, rest, rel=1e-3, abs_=doubt)
        yield at_least(cooling, 0.0, abs_=1e-6 + seen.rounding("heat_in_transit_j") / step)
        rounding = 1e-6 + seen.rounding("heat_in_transit_j") / step
        yield equal(cooling, 0.0, abs_=rounding, where=~_is_on(seen))
        to_cooling = (1.0 - seen.parameter("surroundings_frac")) * np.maximum(cooling + loss, 0.0)
        yield at_most(cooling, to_cooling, rel=1e-8, abs_=rounding)
        if seen.is_linked("cooling_conductance"):
            warmer = seen.parameter("outlet_temperature_k") - seen.at("coolant_temperature")
            most = seen.at("cooling_conductance") * seen.parameter("cooling_share_frac") * np.maximum(warmer, 0.0)
            yield at_most(cooling, most, rel=1e-6, abs_=rounding)
            wanted = np.minimum(to_cooling, most)
            yield equal(cooling, wanted, rel=1e-6, abs_=rounding, where=_is_on(seen))
        else:
            yield equal(cooling, to_cooling, rel=1e-6, abs_=rounding, where=_is_on(seen))

    return Law(
        "table-heat",
        "heat is the electricity less what the products carry; the cooling takes its share, as far as it can",
        "Q = P + H_in - H_out - d(H_water); Q_c <= U A (T - T_c)",
        "first law of thermodynamics; heats of formation by CODATA",
        check,
    )


def limits() -> Law:
    """Return: it draws what was asked, within its limits and ramp, and standby power besides."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, is_on = seen.parameter, _is_on(seen)
        asked, rated = seen.at("setpoint"), p("rated_power_w")
        on, power = _on(seen), _power_on_w(seen)
        doubt = _of_counter(seen)
        yield at_most(
            power,
            np.minimum(np.maximum(asked, p("min_load_frac") * rated), rated),
            abs_=(1e-6 + 2.0 * doubt) * rated,
            where=is_on,
        )
        yield at_most(p("min_load_frac") * rated * (1.0 - 1e-6), asked, rel=1e-9, where=is_on)
        yield at_least(power, p("min_load_frac") * rated, abs_=(1e-6 + 2.0 * doubt) * rated, where=is_on)
        mode = seen.after("mode")
        ready = (mode > STANDBY - 0.5) & (mode < RUNNING + 0.5)
        idle = np.where(ready, p("standby_power_w"), p("off_power_w")) * (1.0 - on)
        wanted = seen.after("load_frac") * rated + idle
        yield equal(seen.at("power"), wanted, abs_=(1e-6 + doubt) * max(rated, p("standby_power_w"), p("off_power_w")))
        ran_on = is_on & (seen.before("mode") == RUNNING)
        risen = seen.after("power_end_w") - seen.before("power_end_w")
        yield at_most(risen, p("ramp_w_per_s") * seen.step_s, rel=1e-9, abs_=1e-6, where=ran_on)
        reached = np.minimum(asked, rated)
        short = reached - seen.after("power_end_w")
        could = seen.before("power_end_w") + p("ramp_w_per_s") * seen.step_s >= reached
        yield equal(short, 0.0, abs_=1e-6 * rated, where=ran_on & could & (mode == RUNNING))

    return Law(
        "table-limits",
        "power is what was asked, within the limits and the ramp; standby takes its own",
        "P_min <= P <= min(P_asked, P_rated); dP <= r dt",
        "parameters of the component",
        check,
    )


def times() -> Law:
    """Return: starts take their time, a trip locks, and hydrogen is made only where it runs."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, before, after = seen.parameter, seen.before("mode"), seen.after("mode")
        is_on, step = _is_on(seen), seen.step_s
        yield agrees(is_on, seen.change("running_h") > 0.0)
        yield at_most(_on(seen), 1.0, abs_=1e-6 + _of_counter(seen))
        started = seen.change("n_starts") > 0.5
        yield agrees(started, is_on & (before != RUNNING), where=after != TRIPPED)
        # what is left of a start at the begin of the step passes without hydrogen
        left = np.where(before == STARTING, seen.before("timer_s"), 0.0)
        left = np.where(before == OFF, p("start_time_s"), left)
        left = np.where(before == STANDBY, p("hot_start_time_s"), left)
        yield equal(
            (1.0 - _on(seen)) * step,
            left,
            rel=1e-6,
            abs_=(1e-6 + _of_counter(seen)) * step,
            where=started & (after == RUNNING),
        )
        waits = np.maximum(left - step, 0.0)
        yield equal(seen.after("timer_s"), waits, abs_=1e-6, where=(after == STARTING) & (before != TRIPPED))
        yield agrees(seen.change("n_cold_starts") > 0.5, before == OFF, where=started & (before != STARTING))
        yield equal(seen.after("timer_s"), p("restart_delay_s"), where=(after == TRIPPED) & (before != TRIPPED))
        yield equal(
            seen.after("timer_s"),
            seen.before("timer_s") - step,
            abs_=1e-6,
            where=(after == TRIPPED) & (before == TRIPPED),
        )
        yield agrees(is_on, False, where=before == TRIPPED)
        yield agrees(seen.at("ready") > 0.5, after != TRIPPED)
        low = seen.after("water_kg") < p("water_trip_kg") * (1.0 - 1e-9)
        yield agrees(is_on, False, where=low & (seen.before("water_kg") < p("water_trip_kg") * (1.0 - 1e-9)))
        yield at_most(seen.after("water_kg"), p("water_capacity_kg"), rel=1e-9)
        yield equal(seen.at("hours"), seen.after("running_h"))
        yield equal(seen.at("starts"), seen.after("n_starts"))

    return Law(
        "table-times",
        "starts take the time of the data sheet, and a trip locks",
        "(1 - on) dt = t_start; d(hours) > 0 only where hydrogen is made",
        "parameters of the component",
        check,
    )


def wear() -> Law:
    """Return: the energy grows by hours and starts, until the stacks are replaced."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, new = seen.parameter, seen.change("n_replacements") > 0.5
        grown = p("growth_per_h") * seen.change("running_h") + p("growth_per_start_frac") * seen.change("n_starts")
        rounding = 1e-15 * (p("growth_per_h") * seen.after("running_h") + seen.before("energy_growth_frac"))
        yield equal(seen.change("energy_growth_frac"), grown, rel=1e-6, abs_=rounding + 1e-24, where=~new)
        end = p("end_of_life_growth_frac")
        yield at_least(seen.before("energy_growth_frac") + grown, end, rel=1e-6, where=new)

    return Law(
        "table-wear",
        "the energy per hydrogen grows with hours and starts, until the stacks are replaced",
        "d(growth) = g_h d(hours) + g_s d(starts)",
        "parameters of the component",
        check,
    )


def level() -> Law:
    """Return: water is asked for as it is used, and as the level lacks."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, made = seen.parameter, seen.after("hydrogen_made_kg_per_s")
        o2_vapour = added_kg_per_s(seen, "oxygen", "vapour")
        used = made * MOLAR_MASS_H2O_KG_PER_MOL / MOLAR_MASS_H2_KG_PER_MOL
        used = used + added_kg_per_s(seen, "fuel", "vapour") + o2_vapour
        lack = (p("water_setpoint_kg") - seen.after("water_kg")) / max(p("level_time_s"), 3.0 * seen.step_s)
        wanted = np.maximum(used + lack, 0.0)
        yield equal(seen.at("water_demand"), wanted, rel=1e-5, abs_=1e-9, where=seen.after("mode") != OFF)
        yield equal(seen.at("water_demand"), 0.0, where=seen.after("mode") == OFF)

    return Law(
        "table-water",
        "make-up water is asked for as it is used and as the level lacks",
        "m = m_used + (M_set - M) / tau",
        "parameters of the component",
        check,
    )


@functools.cache
def table_laws() -> tuple[Law, ...]:
    """Return all laws of an electrolyser from a table."""
    return table(), products(), heat(), limits(), times(), wear(), level()
