"""Laws of batteries: energy and heat of the cells, losses, limits of power, window, ageing by time and by cycles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from h2plant.core.battery_role import Battery
from h2plant.core.law import FloatArray, Law, Seen, at_least, at_most, equal, within
from h2plant.core.law_constants import GAS_CONSTANT_J_PER_MOL_K

_HOUR_S = 3600.0
_CELLS = "efficiencies of the cells, parameters of the component"
_SCHMIDT = "Schmidt and Sauer 1996, Sonnenenergie 4:43-47"
_NAUMANN_2018 = "Naumann et al. 2018, J. Energy Storage 17:153-169, equations of the capacity loss"
_NAUMANN_2020 = "Naumann et al. 2020, J. Power Sources 451:227666, equations of the capacity loss"


def _loss_w(seen: Seen, output_w: Any) -> FloatArray:
    """Return the loss of the converter at an output, its loss without load left out, W."""
    x = output_w / seen.parameter("power_w")
    found: FloatArray = seen.parameter("power_w") * (
        seen.parameter("linear_loss_frac") * x + seen.parameter("quadratic_loss_frac") * np.square(x)
    )
    return found


def _cell_side(seen: Seen) -> tuple[FloatArray, FloatArray]:
    """Return the direct current into and out of the cells, W, by what they keep and give up."""
    power = seen.after("cell_power_w")
    into = np.maximum(power, 0.0) / seen.parameter("charge_efficiency_frac")
    return into, np.maximum(-power, 0.0) * seen.parameter("discharge_efficiency_frac")


def _full_j(seen: Seen) -> FloatArray:
    """Return the energy of full cells at the start of the step, J."""
    found: FloatArray = seen.parameter("energy_j") * (1.0 - seen.before("lost_frac"))
    return found


def _self_discharge_w(seen: Seen) -> FloatArray:
    """Return the self-discharge, W, by the exact solution of dE/dt = P - k E."""
    k, dt = seen.parameter("self_discharge_per_s"), seen.step_s
    before, power = seen.before("stored_j"), seen.after("cell_power_w")
    if k == 0.0:
        return seen.nothing
    gone = -np.expm1(-k * dt)
    # lost = k int E dt, E(t) = E_0 e^(-kt) + P (1 - e^(-kt)) / k
    return np.asarray((before * gone + power * (dt - gone / k)) / dt)


def battery_energy() -> Law:
    """Return: the cells hold what they kept of their charge, less what they gave up and lost by themselves."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        held = seen.before("stored_j") + (seen.after("cell_power_w") - _self_discharge_w(seen)) * seen.step_s
        # charge goes with the lithium that is lost, but for cells that are renewed
        left = (1.0 - seen.after("lost_frac")) / (1.0 - seen.before("lost_frac"))
        held = held * np.where(seen.change("n_replacements") > 0.5, 1.0, left)
        # the share that is lost by itself is the small difference of large numbers in a short step
        gone = seen.parameter("self_discharge_per_s") * seen.before("stored_j") * seen.step_s
        yield equal(seen.after("stored_j"), held, rel=0.0, abs_=2.0 * seen.rounding("stored_j") + 1.0e-6 * gone)
        yield equal(seen.at("stored"), seen.after("stored_j"))

    return Law(
        "battery-energy",
        "the cells hold what they kept of their charge, less what they gave up and lost by themselves",
        "dE/dt = eta_c P_c - P_d / eta_d - k E - E dq/dt / (1 - q)",
        f"first law of thermodynamics; {_CELLS}",
        check,
    )


def battery_converter() -> Law:
    """Return: the converter loses what its coefficients say, one way and the other."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        into, out = _cell_side(seen)
        charge, discharge = seen.at("charge"), seen.at("discharge")
        yield equal(charge, into + _loss_w(seen, into))
        yield equal(out, discharge + _loss_w(seen, discharge))

    return Law(
        "battery-converter",
        "a battery's converter loses what its coefficients say, on the way in and on the way out",
        "P_in = P_out + P_r (b x + c x^2), x = P_out / P_r",
        _SCHMIDT,
        check,
    )


def _share_by_temperature(seen: Seen, from_: str, to: str) -> FloatArray:
    low, high = seen.parameter(from_), seen.parameter(to)
    temperature = seen.before("temperature_k")
    if high <= low:
        return np.where(temperature >= high, 1.0, 0.0)
    return np.clip((temperature - low) / (high - low), 0.0, 1.0)


def battery_limits() -> Law:
    """Return: power keeps to the rating, to the rates of the cells, and to what temperature and level allow."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, full = seen.parameter, _full_j(seen)
        into, _ = _cell_side(seen)
        charge, discharge = seen.at("charge"), seen.at("discharge")
        cool = 1.0 - _share_by_temperature(seen, "warm_k", "hot_k")
        level, taper, top = seen.before("stored_j") / full, p("taper_level_frac"), p("max_level_frac")
        left = np.clip((top - level) / (top - taper), 0.0, 1.0) if top > taper else np.where(level < top, 1.0, 0.0)
        share = np.minimum(np.minimum(left, cool), _share_by_temperature(seen, "frost_k", "cold_k"))
        yield at_most(into, p("power_w") * share, abs_=1.0e-9 * p("power_w"))
        yield at_most(into, p("max_charge_rate_per_h") * full / _HOUR_S)
        share = np.minimum(cool, _share_by_temperature(seen, "deep_frost_k", "frost_k"))
        yield at_most(discharge, p("power_w") * share, abs_=1.0e-9 * p("power_w"))
        yield at_most(-seen.after("cell_power_w"), p("max_discharge_rate_per_h") * full / _HOUR_S)
        left_w = p("power_w") * (1.0 - seen.at("outage"))
        yield at_most(charge, np.minimum(left_w, seen.after("charge_limit_w")))
        yield at_most(discharge, np.minimum(left_w, seen.after("discharge_limit_w")))

    return Law(
        "battery-limits",
        "a battery's power keeps to its rating, to the rates of its cells, and to what cold, heat and level allow",
        "P <= P_r x(T) x(SoC), P <= C E_full",
        "parameters of the component; no charge below 0 C: lithium plating",
        check,
    )


def battery_offer() -> Law:
    """Return: what a rule is offered is what the battery can, and what it asks for is what is done."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        is_ruled = not seen.is_linked("setpoint")
        charge, discharge = seen.after("charge_limit_w"), seen.after("discharge_limit_w")
        yield equal(seen.at("can_charge"), charge if is_ruled else 0.0)
        yield equal(seen.at("can_discharge"), discharge if is_ruled else 0.0)
        if is_ruled:
            share = np.clip(seen.at("share"), -1.0, 1.0)
            yield equal(seen.at("charge"), np.maximum(share, 0.0) * charge)
            yield equal(seen.at("discharge"), np.maximum(-share, 0.0) * discharge)
        else:
            wanted = seen.at("setpoint")
            yield equal(seen.at("charge"), np.minimum(np.maximum(wanted, 0.0), charge))
            yield equal(seen.at("discharge"), np.minimum(np.maximum(-wanted, 0.0), discharge))

    return Law(
        "battery-offer",
        "a battery offers what it can take and give, and does what it is asked for, as far as it can",
        "P = s P_can",
        "definition",
        check,
    )


def battery_level() -> Law:
    """Return: it charges up to the top of its window and discharges down to the bottom."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        full, stored, before = _full_j(seen), seen.after("stored_j"), seen.before("stored_j")
        left = seen.parameter("energy_j") * (1.0 - seen.after("lost_frac"))
        low, high = seen.parameter("min_level_frac") * np.minimum(full, left), seen.parameter("max_level_frac") * full
        rounding = 1.0e-9 * full
        yield at_least(stored, 0.0)
        yield at_most(stored, np.maximum(high, before), abs_=rounding)
        yield at_least(stored, low, abs_=rounding, where=seen.at("discharge") > 1.0e-9 * seen.parameter("power_w"))
        yield equal(seen.after("level_frac") * left, stored)
        yield equal(seen.at("level"), seen.after("level_frac"))

    return Law(
        "battery-window",
        "a battery charges up to the top of its window and discharges down to its bottom",
        "SoC_min <= SoC <= SoC_max",
        "parameters of the component",
        check,
    )


def battery_auxiliaries() -> Law:
    """Return: controls, heating, cooling and the idling converter draw what they need."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p = seen.parameter
        idle = np.where(seen.before("is_running") > 0.5, p("standby_loss_frac"), p("blocked_loss_frac"))
        heating, cooling = seen.after("heating_w"), seen.after("cooling_w")
        drawn = p("power_w") * (p("controls_frac") + idle) + heating + cooling / p("cooling_ratio")
        yield equal(seen.at("auxiliaries"), drawn)
        yield within(heating, 0.0, p("heater_frac") * p("power_w"))
        yield within(cooling, 0.0, p("cooling_frac") * p("power_w"))
        yield equal(np.minimum(heating, cooling), 0.0)
        # as warm as they would be at the end of the step without it, if they gave off what they did before
        after_k = seen.before("temperature_k") + (
            seen.at("ambient_temperature")
            + seen.before("cell_heat_w") * p("thermal_time_constant_s") / (p("specific_heat_per_k") * p("energy_j"))
            - seen.before("temperature_k")
        ) * -np.expm1(-seen.step_s / p("thermal_time_constant_s"))
        yield equal(heating, 0.0, where=after_k > p("heated_to_k") + 1.0e-6)
        yield equal(cooling, 0.0, where=after_k < p("cooled_to_k") - 1.0e-6)
        least = 1.0e-12 * p("power_w")
        yield at_least(heating, least * p("heater_frac"), where=after_k < p("heated_to_k") - 1e-3)
        yield at_least(cooling, least * p("cooling_frac"), where=after_k > p("cooled_to_k") + 1e-3)

    return Law(
        "battery-auxiliaries",
        "a battery draws for controls and idling, heats its cells when they are cold and cools them when they are warm",
        "P_aux = P_r (a_controls + a_idle) + Q_heat + Q_cool / COP",
        "parameters of the component",
        check,
    )


def battery_heat() -> Law:
    """Return: the cells warm by their losses, and what is not kept is given off."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, dt = seen.parameter, seen.step_s
        heat_capacity, time_s = p("specific_heat_per_k") * p("energy_j"), p("thermal_time_constant_s")
        before, after, air = seen.before("temperature_k"), seen.after("temperature_k"), seen.at("ambient_temperature")
        into, out = _cell_side(seen)
        made = into - out - seen.after("cell_power_w") + _self_discharge_w(seen)
        tiny = 1.0e-6 * p("self_discharge_per_s") * seen.before("stored_j") + 1.0e-9 * (into + out)
        tiny = tiny + 2.0 * seen.rounding("stored_j") / dt * p("self_discharge_per_s") * dt
        yield equal(seen.after("cell_heat_w"), made, abs_=tiny)
        source = made + seen.after("heating_w") - seen.after("cooling_w")
        final = air + source * time_s / heat_capacity
        yield equal(after, final + (before - final) * np.exp(-dt / time_s), rel=0.0, abs_=1.0e-6)
        kept = (seen.change("stored_j") + heat_capacity * (after - before)) / dt
        given_in = seen.at("charge") + seen.at("auxiliaries") - seen.at("discharge")
        rounding = (seen.rounding("stored_j") + heat_capacity * seen.rounding("temperature_k")) / dt
        yield equal(seen.at("heat_loss"), given_in - kept, abs_=2.0 * rounding + 1.0e-9 * np.abs(seen.at("charge")))

    return Law(
        "battery-heat",
        "the cells warm by their losses; what a battery takes and does not keep or give, it gives off as heat",
        "C dT/dt = Q_cells + Q_heat - Q_cool - G (T - T_air); Q_loss = P_c + P_aux - P_d - d(E + C T)/dt",
        "first law of thermodynamics",
        check,
    )


def battery_calendar() -> Law:
    """Return: capacity is lost with the square root of time, by virtual time."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        off = seen.after("level_frac") - 0.5
        warm = 17126.0 / GAS_CONSTANT_J_PER_MOL_K * (1.0 / 298.15 - 1.0 / seen.after("temperature_k"))
        k = 1.2571e-5 * np.exp(warm) * (0.60225 + 2.8575 * off**3)
        q, was = seen.after("calendar_loss_frac"), seen.before("calendar_loss_frac")
        rounding = 4.0e-16 * np.square(q)
        same = seen.change("n_replacements") < 0.5
        yield equal(q**2 - was**2, k**2 * seen.step_s, rel=1.0e-6, abs_=rounding, where=same)

    return Law(
        "battery-calendar",
        "cells lose capacity with the square root of time, faster when warm and full",
        "d(q^2) = k^2 dt, k = 1.2571e-5 exp(-17126 / R (1/T - 1/298.15)) (2.8575 (SoC - 0.5)^3 + 0.60225)",
        _NAUMANN_2018,
        check,
    )


def battery_cycles() -> Law:
    """Return: capacity is lost with the square root of full cycles, at the end of each half-cycle."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        full = _full_j(seen)
        moved = np.abs(seen.after("cell_power_w")) * seen.step_s / full
        rounding = seen.rounding("full_cycles")
        yield equal(seen.change("full_cycles"), 0.5 * moved, abs_=rounding)
        spent = np.where(moved > 0.0, seen.step_s / _HOUR_S, 0.0)
        yield equal(seen.change("running_h"), spent, abs_=seen.rounding("running_h"))
        level, band = seen.after("level_frac"), seen.parameter("cycle_band_frac")
        way, extreme = seen.before("direction"), seen.before("extreme_level_frac")
        turned = way * (extreme - level)
        ends = (way != 0.0) & (turned > band)
        total, time_s = seen.before("moved_frac") + moved, seen.before("moving_s") + spent * _HOUR_S
        depth = np.abs(extreme - seen.before("turn_level_frac"))
        rate_per_h = np.divide(total * _HOUR_S, time_s, out=np.zeros(seen.n), where=time_s > 0.0)
        k = (0.00063 * rate_per_h + 0.000971) * (1.0923 + 4.0253 * (depth - 0.6) ** 3)
        q, was = seen.after("cycle_loss_frac"), seen.before("cycle_loss_frac")
        same = seen.change("n_replacements") < 0.5
        clear = np.abs(turned - band) > 1.0e-12
        grown = np.where(ends, k**2 * 0.5 * total, 0.0)
        yield equal(q**2 - was**2, grown, rel=1.0e-6, abs_=4.0e-16 * q**2, where=same & clear)

    return Law(
        "battery-cycles",
        "cells lose capacity with the square root of full cycles, faster by deep and by fast ones",
        "d(q^2) = k^2 FEC, k = 0.01 (0.0630 C + 0.0971) (4.0253 (DoD - 0.6)^3 + 1.0923) at each turn",
        _NAUMANN_2020,
        check,
    )


def battery_wear() -> Law:
    """Return: both losses add up, and cells are renewed at the end of their life."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        both = seen.after("calendar_loss_frac") + seen.after("cycle_loss_frac")
        new, end = seen.change("n_replacements"), seen.parameter("end_of_life_loss_frac")
        yield equal(seen.after("lost_frac"), both)
        yield at_most(seen.after("lost_frac"), end)
        yield at_least(seen.change("lost_frac"), 0.0, where=new < 0.5)
        yield equal(seen.after("lost_frac"), 0.0, where=new > 0.5)
        yield equal(new, np.rint(new))

    return Law(
        "battery-wear",
        "losses by time and by cycles add up, and cells are renewed at the end of their life",
        "q = q_cal + q_cyc < q_end",
        "definition of wear",
        check,
    )


def battery_role(role: Battery) -> Law:
    """Return what holds of any battery: it takes or gives, no more than its rating, and holds nothing below zero."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        charge, discharge = seen.total(role.charge), seen.total(role.discharge)
        rated = seen.parameter(role.rated_power) if role.rated_power else np.inf
        yield within(charge, 0.0, rated)
        yield within(discharge, 0.0, rated)
        yield equal(np.minimum(charge, discharge), 0.0)
        if role.stored:
            yield at_least(seen.after(role.stored), 0.0)
            kept = seen.change(role.stored) / seen.step_s
            rounding = seen.rounding(role.stored) / seen.step_s
            yield at_most(kept, charge, abs_=rounding)
            yield at_most(discharge, -kept, abs_=rounding, where=discharge > 0.0)
        if role.level:
            yield within(seen.at(role.level), 0.0, 1.0)
        if role.auxiliaries:
            yield at_least(seen.total(role.auxiliaries), 0.0)

    return Law(
        "battery-signs",
        "a battery takes or gives, never more than its rating, and gives no more than it loses of its content",
        "0 <= P <= P_r, P_c P_d = 0, dE/dt <= P_c, P_d <= -dE/dt",
        "first law of thermodynamics",
        check,
    )
