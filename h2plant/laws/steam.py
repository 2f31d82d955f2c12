"""Laws of a steam generator: its drum boils, and what it takes and gives."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.bus import STREAM_WIDTH
from h2plant.core.law import FloatArray, Flow, Law, Row, Seen, SumLaw, Term, at_least, at_most, equal, sum_law, within
from h2plant.laws.heat import loss_within
from h2plant.laws.protection import unpowered
from h2plant.laws.state_equations import TRIPLE_K
from h2plant.laws.water_properties import (
    FORMATION_J_PER_KG,
    saturated_enthalpies,
    saturation_pressure,
    saturation_temperature,
    water_enthalpy,
)

_FIRST = "first law of thermodynamics"
_SR1_86 = "IAPWS SR1-86(1992), Wagner and Pruss, J. Phys. Chem. Ref. Data 22 (1993) 783, DOI 10.1063/1.555926"


def drum_saturation() -> Law:
    """Return: water boils in a drum: its pressure is the saturation pressure, its steam is of that pressure."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        steam = seen.stream("steam")
        after_k = seen.after("temperature_k")
        cold = after_k < TRIPLE_K  # a frozen drum: equations for supercooled water differ by 0.2 % at 243 K
        yield equal(seen.after("pressure_pa"), saturation_pressure(after_k), rel=1.0e-3, where=~cold)
        yield equal(seen.after("pressure_pa"), saturation_pressure(after_k), rel=1.0e-2, where=cold)
        flows = steam.vapour > 0.0
        superheat = seen.parameter("superheat_k")
        yield equal(steam.temperature_k, seen.before("temperature_k") + superheat, rel=0.0, abs_=0.01, where=flows)
        yield equal(steam.pressure_pa, seen.before("pressure_pa"), rel=1.0e-6, where=flows)
        yield equal(steam.mass, steam.vapour)

    return Law(
        "drum-saturation",
        "water in a drum boils: pressure and temperature lie on the saturation line, its steam is dry",
        "ln(p / p_c) = (T_c / T) sum a_i (1 - T / T_c)^k_i",
        _SR1_86,
        check,
    )


def steam_heat() -> Law:
    """Return: steam carries the enthalpy of dry saturated steam and that of its superheat."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        steam, T = seen.stream("steam"), seen.before("temperature_k")
        flows = (steam.vapour > 0.0) & (T < 500.0)
        boiling, dry = saturated_enthalpies(T)
        superheat = seen.parameter("superheat_k")
        found = steam.enthalpy_w / np.where(steam.vapour > 0.0, steam.vapour, 1.0)
        # heat capacity of steam near saturation up to 26 bar: 1.85 to 3.3 kJ/(kg K)
        yield within(found, dry + 1.85e3 * superheat, dry + 3.3e3 * superheat, rel=0.0, abs_=4.0e3, where=flows)
        # given above its feed, or above boiling water where that carries steam: what the counter says
        slot = seen.places["water"].slots[0]
        earlier = Flow(seen.slots_before[:, slot : slot + STREAM_WIDTH])
        known = (earlier.water > 0.0) & (earlier.mass <= earlier.water)
        counted, rounding = seen.change("given_j") / seen.step_s, 1.0e-9 * seen.after("given_j") / seen.step_s
        fed = earlier.enthalpy_w / np.where(earlier.water > 0.0, earlier.water, 1.0)
        lift = found - np.minimum(fed, boiling)  # feed that is steam in part brings no more than boiling water
        # before its first feed it takes water of 25 C
        shares = (
            equal(counted, steam.vapour * one, rel=2.0e-3, abs_=rounding, where=flows & known)
            for one in (lift, found - FORMATION_J_PER_KG)
        )
        yield np.fmin(*shares)

    return Law(
        "steam-heat",
        "steam carries the enthalpy of dry saturated steam and of its superheat; heat given is that above its feed",
        "h = h''(T) + cp dT; h'' = alpha + T / rho'' dp/dT; Q = m (h - h_feed)",
        _SR1_86,
        check,
    )


def steam_heat_exact() -> Law:
    """Return: steam carries the enthalpy of IAPWS-95 at its temperature and pressure."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        steam, superheat = seen.stream("steam"), seen.parameter("superheat_k")
        flows = (steam.vapour > 0.0) & (superheat > 0.5)
        if flows.any():
            at = np.flatnonzero(flows)
            wanted = seen.nothing
            wanted[at] = water_enthalpy(steam.pressure_pa[at], steam.temperature_k[at])
            found = steam.enthalpy_w / np.where(flows, steam.vapour, 1.0)
            yield equal(found, wanted, rel=0.0, abs_=3.0e3, where=flows)

    return Law(
        "steam-enthalpy",
        "superheated steam carries the enthalpy of its temperature and pressure",
        "h = h(p, T)",
        "IAPWS-95, Wagner and Pruss, J. Phys. Chem. Ref. Data 31 (2002) 387, DOI 10.1063/1.1461829, in CoolProp",
        check,
        needs_equation_of_state=True,
    )


def drum_balance() -> Law:
    """Return: heat of a drum's water and metal changes by what comes and goes."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, dt = seen.parameter, seen.step_s
        T0, T1 = seen.before("temperature_k"), seen.after("temperature_k")
        boiling, _ = saturated_enthalpies(np.concatenate((T0, T1)))
        boiling = boiling - FORMATION_J_PER_KG
        stored = seen.after("water_kg") * boiling[seen.n :] - seen.before("water_kg") * boiling[: seen.n]
        stored = (stored + p("metal_heat_capacity_j_per_k") * (T1 - T0)) / dt
        flows = [seen.stream("water"), seen.stream("steam"), seen.stream("relief")]
        feed, steam, relief = (one.enthalpy_w - FORMATION_J_PER_KG * one.water for one in flows)
        parts = [feed, seen.total("heat"), seen.at("power"), -seen.at("heat_loss"), -steam, -relief]
        throughput = sum((np.abs(part) for part in parts), np.abs(stored))
        # the equation for boiling water is up to 60 J/kg off where the level changes, and 1.6 J/kg by kelvin (IAPWS-95)
        bent = 1.6 * seen.after("water_kg") * np.abs(T1 - T0) / dt
        yield equal(stored, sum(parts, seen.nothing), rel=0.0, abs_=1.0e-3 * throughput + bent + 1.0e-3)

    return Law(
        "drum-balance",
        "heat in a drum's water and metal changes by feed, heat and power less steam, relief and loss",
        "d(m h' + C T)/dt = H_feed + Q + P - Q_loss - H_steam - H_relief; h' = alpha + T / rho' dp/dT",
        f"{_FIRST}; {_SR1_86}",
        check,
    )


def drum_loss() -> Law:
    """Return: a drum loses by its difference to the surroundings, and what its heater does not give to the water."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, power = seen.parameter, seen.at("power")
        loss = seen.at("heat_loss") - power * (1.0 - p("heater_efficiency_frac"))
        k = p("loss_conductance_w_per_k")
        T0, T1 = seen.before("temperature_k"), seen.after("temperature_k")
        # heat that a nearly dry drum cannot blow off as steam is led past it
        is_dry = seen.after("water_kg") <= 0.501 * p("water_min_kg")
        slack = 0.2 * k * np.abs(T1 - T0)  # the mean is that of an estimate of the step
        share = loss_within(seen, loss, slack + 1.0e-9 * power)
        yield np.where(is_dry, np.nan, share)

    return Law(
        "drum-loss",
        "a drum loses by its difference to the surroundings and what its heater loses",
        "Q_loss = K (T - T_ambient) + (1 - eta) P",
        _FIRST,
        check,
    )


def drum_control() -> Law:
    """Return: a heater holds the set pressure as far as it reaches, warms no faster than allowed, never runs dry."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, power, dt = seen.parameter, seen.at("power"), seen.step_s
        T0, T1 = seen.before("temperature_k"), seen.after("temperature_k")
        most, works = np.where(unpowered(seen), 0.0, p("heater_power_max_w")), power > 0.0
        feed, steam, relief = seen.stream("water"), seen.stream("steam"), seen.stream("relief")
        yield at_most(power, most)
        water = seen.before("water_kg") + (feed.water - steam.water) * dt
        low = 0.5 * p("water_min_kg")
        yield equal(power, 0.0, where=water < low * (1.0 - 1.0e-9))
        goal = np.minimum(saturation_temperature(p("pressure_set_pa")), T0 + p("heating_rate_k_per_s") * dt)
        yield at_most(T1, goal, rel=0.0, abs_=0.05, where=works)
        can = (power < most * (1.0 - 1.0e-9)) & (water > low * (1.0 + 1.0e-9))
        yield at_least(T1, goal, rel=0.0, abs_=0.05, where=can)
        limit = p("pressure_relief_pa")
        yield at_most(seen.after("pressure_pa"), limit, rel=1.0e-3)
        yield at_least(seen.after("pressure_pa"), limit, rel=1.0e-3, where=relief.vapour > 0.0)
        full = p("water_max_kg")
        yield at_least(seen.after("water_kg"), full, where=relief.liquid > 0.0)
        yield at_most(seen.after("water_kg"), full)
        refill = (p("water_set_kg") - seen.after("water_kg")) / max(p("level_time_s"), 4.0 * dt)
        wanted = np.clip(steam.vapour + refill, 0.0, p("feed_max_kg_per_s"))
        rounding = 1.0e-12 * seen.after("water_kg") / dt
        yield equal(seen.at("water_demand"), wanted, rel=1.0e-6, abs_=rounding)

    return Law(
        "drum-control",
        "a drum's heater holds its pressure as far as it reaches; it blows off at its limit and spills when full",
        "P <= P_max; T <= T_sat(p_set), dT/dt <= rate while heating; p <= p_relief, equal while steam is blown off",
        f"control of the component, by its parameters; {_SR1_86}",
        check,
    )


def drum_water() -> SumLaw:
    """Return: water of a drum changes by what comes and goes."""
    return sum_law(
        "drum-water",
        "water in a drum changes by feed less steam and relief",
        "dm = feed - steam - relief",
        "conservation of mass",
        Row(
            (Term("water_kg"), Term("water.water", -1.0), Term("steam.water"), Term("relief.water")),
            rel=1.0e-6,  # of a state of tonnes, a trickle is but its last digits
        ),
    )


def steam_served() -> Law:
    """Return: a drum gives the steam that is asked of it, while it has water, pressure and heat for it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, steam, dt = seen.parameter, seen.stream("steam"), seen.step_s
        slots = seen.places["demands"].slots
        asked = sum((seen.asked("demands", k) for k in range(len(slots))), seen.nothing)
        pressure, lowest = seen.before("pressure_pa"), p("pressure_min_pa")
        yield equal(seen.after("asked_kg_per_s"), asked)
        yield at_most(steam.vapour, np.maximum(asked, 0.0))
        yield equal(steam.vapour, 0.0, where=pressure < lowest * (1.0 - 1.0e-6))
        above = seen.before("water_kg") - p("water_min_kg")
        yield at_most(steam.vapour * dt, np.maximum(above, 0.0), rel=1.0e-9)
        # enough of all: half of the way up to the set pressure, water, and power with the heat recovered before
        is_up = pressure > 0.5 * (p("pressure_set_pa") + lowest) * (1.0 + 1.0e-6)
        heat = p("heater_power_max_w") * p("heater_efficiency_frac") + seen.before("recovered_w")
        has_heat = heat > asked * 2.85e6
        yield equal(steam.vapour, asked, where=is_up & (above > asked * dt * (1.0 + 1.0e-9)) & has_heat & (asked > 0.0))
        # what lacks is counted as heat, 1.5 to 3.5 MJ/kg
        lack = np.where(asked > steam.vapour * (1.0 + 2.0e-9), asked - steam.vapour, 0.0) * dt
        rounding = 1.0e-12 * seen.after("short_j")
        yield within(seen.change("short_j"), 1.5e6 * lack, 3.5e6 * lack, rel=1.0e-6, abs_=rounding)
        wanted = np.where(lack > 1.0e-3 * asked * dt, dt, 0.0)
        clear = np.abs(lack - 1.0e-3 * asked * dt) > 1.0e-9 * asked * dt
        yield equal(seen.change("short_s"), wanted, rel=1.0e-6, where=clear)

    return Law(
        "steam-served",
        "a drum gives the steam asked of it while it has water, pressure and heat, and counts what lacks",
        "m = m_asked; m = 0 below the lowest pressure; m dt <= water above the low level",
        "demand and delivery: declarations of the component",
        check,
    )
