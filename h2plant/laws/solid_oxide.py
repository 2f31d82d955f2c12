"""Laws of solid oxide electrolyser modules: charge, voltage, heat of the hot box, modes."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from functools import cached_property

import numpy as np

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
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_N2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
    STANDARD_PRESSURE_PA,
)
from h2plant.laws.ageing import agrees
from h2plant.laws.electrolysis import CHARGE_C_PER_MOL, added_enthalpy_w
from h2plant.laws.reaction import mean_heat_capacity, nernst_slope_v, reversible_voltage_of_steam

OFF, HEATING, STANDBY, RUNNING, COOLING, TRIPPED = range(6)

_GAS_PATH_K = 673.15  # a colder box is bypassed by gas
_DEW_K = 423.15  # outlet gas stays above


def _slack_k(step_s: float) -> float:
    """Return how far the mean temperature of a step may lie outside its ends, K: it is found by iteration."""
    return 0.2 + 3.8 * min(step_s / 3600.0, 1.0)


class Module:
    """A module as it was seen, shape (n,)."""

    def __init__(self, seen: Seen) -> None:
        self.seen, self.p = seen, seen.parameter
        self.current_a = seen.after("current_a")
        self.is_on = self.current_a > 0.0
        self.mode, self.was = seen.after("mode"), seen.before("mode")
        self.steam, self.sweep = seen.stream("steam"), seen.stream("sweep")
        self.stack_w = self.p("n_cells") * seen.after("voltage_v") * self.current_a

    @cached_property
    def split(self) -> FloatArray:
        """Water split, mol/s."""
        return np.asarray(self.current_a * (self.p("n_cells") / CHARGE_C_PER_MOL))

    @cached_property
    def steam_mol_per_s(self) -> FloatArray:
        """Steam that comes, mol/s."""
        return np.asarray(self.steam.water / MOLAR_MASS_H2O_KG_PER_MOL)

    @cached_property
    def has_gas(self) -> BoolArray:
        """Whether gas comes."""
        return np.asarray(self.steam.mass + self.sweep.mass > 0.0)

    @cached_property
    def is_free(self) -> BoolArray:
        """Whether neither steam nor voltage nor temperature holds its current."""
        seen, p = self.seen, self.p
        return np.asarray(
            (seen.after("utilisation_frac") < p("utilisation_max_frac") * (1.0 - 1e-6))
            & (seen.after("voltage_v") < p("voltage_max_v") * (1.0 - 1e-6))
            & (seen.before("temperature_k") <= p("temperature_limit_k"))
            & self.is_on
        )

    @cached_property
    def is_through(self) -> BoolArray:
        """Whether gas comes and goes through the hot box, not past it."""
        mode = self.mode
        is_warm = (self.seen.before("temperature_k") >= _GAS_PATH_K) & (mode != OFF) & (mode != COOLING)
        return np.asarray(self.has_gas & is_warm)

    def nernst(self) -> FloatArray:
        """Return the mean of the Nernst terms along the channel, in units of RT/2F."""
        p = self.p
        h2 = self.steam.h2 / MOLAR_MASS_H2_KG_PER_MOL
        water = np.maximum(self.steam_mol_per_s, 1e-30)
        first = np.where(h2 > 0.0, np.maximum(p("inlet_hydrogen_frac"), h2 / (h2 + water)), p("inlet_hydrogen_frac"))
        last = np.clip(first + (1.0 - first) * self.split / water, first, 1.0 - 1e-12)
        wide = last - first > 1e-3
        rise = np.where(wide, last - first, 1.0)
        middle = 0.5 * (first + last)
        mixing = [x * np.log(x) + (1.0 - x) * np.log1p(-x) for x in (first, last)]
        mean = np.where(wide, (mixing[1] - mixing[0]) / rise, np.log(middle / (1.0 - middle)))
        oxygen = np.log(p("outlet_pressure_pa") / STANDARD_PRESSURE_PA) + self._oxygen_log()
        return np.asarray(mean + 0.5 * oxygen)

    def _oxygen_log(self) -> FloatArray:
        """Return the mean of ln(x_O2) in the sweep, with the oxygen of the step before."""
        o2, n2 = self.sweep.o2 / MOLAR_MASS_O2_KG_PER_MOL, self.sweep.n2 / MOLAR_MASS_N2_KG_PER_MOL
        made = 0.5 * self.p("n_cells") / CHARGE_C_PER_MOL * self.seen.before("current_a")
        gas = o2 + n2
        last = np.maximum((o2 + made) / np.maximum(gas + made, 1e-30), 1e-3)
        first = np.where(o2 > 0.0, o2 / np.maximum(gas, 1e-30), last)
        return np.where(gas > 0.0, 0.5 * np.log(last * np.maximum(first, 1e-30)), 0.0)

    def resistance_ohm(self, temperature_k: FloatArray) -> FloatArray:
        """Return the resistance of a cell, ohm."""
        p = self.p
        layers = p("asr_ohm_m2") * np.exp(p("asr_activation_k") * (1.0 / temperature_k - 1.0 / p("asr_temperature_k")))
        zirconia = p("electrolyte_thickness_m") * 1.07e-4 * np.exp(7237.0 / temperature_k)
        return np.asarray((layers + zirconia) * (1.0 + self.seen.before("asr_growth_frac")) / p("cell_area_m2"))


def module_of(seen: Seen) -> Module:
    """Return the module that was seen; several laws in turn ask for the same."""
    return seen.once(Module)


def module_power() -> Law:
    """Return: power is that of stacks, heater and parasitic loads, by the mode."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        module, p = module_of(seen), seen.parameter
        power, heater, mode = seen.at("power"), seen.at("heater_power"), module.mode
        yield equal(seen.after("stack_power_w"), module.stack_w)
        runs = mode == RUNNING
        all_w = (module.stack_w + heater + p("parasitic_fixed_w")) / (1.0 - p("parasitic_frac"))
        yield equal(power + heater, all_w, where=runs)
        yield at_most(power + heater, p("power_max_w"), rel=1e-5, where=runs)
        warm = (mode == HEATING) | (mode == STANDBY) | (mode == TRIPPED)
        yield equal(power, p("parasitic_fixed_w"), where=warm)
        yield equal(power, 0.0, where=(mode == OFF) | (mode == COOLING))
        yield at_least(heater, 0.0)
        yield at_most(heater, p("heater_power_max_w"), where=runs | warm)
        yield equal(heater, 0.0, where=mode == TRIPPED)
        yield equal(module.stack_w, 0.0, where=~runs)

    return Law(
        "module-power",
        "power is voltage times current times cells, with heater and parasitic loads",
        "P = (N V I + P_heater + P_0) / (1 - k) where it runs, P_0 while it is warm",
        "Joule's law; parameters of the component",
        check,
    )


def faraday() -> Law:
    """Return: water split follows from the current, and no more steam is split than comes."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        module, p = module_of(seen), seen.parameter
        yield equal(seen.change("reacted_h2o_mol"), module.split * seen.step_s, rel=1e-6)
        yield equal(seen.after("hydrogen_made_kg_per_s"), module.split * MOLAR_MASS_H2_KG_PER_MOL)
        yield equal(seen.after("current_density_a_per_m2") * p("cell_area_m2"), module.current_a)
        share = seen.after("utilisation_frac")
        yield equal(share * module.steam_mol_per_s, module.split, where=module.is_on)
        yield at_most(share, min(p("utilisation_max_frac"), 1.0), rel=1e-6)

    return Law(
        "steam-split",
        "water split is charge over 2F, and a part of the steam that comes",
        "dn/dt = N I / 2F = U n_steam, U <= U_max < 1",
        "Faraday's law of electrolysis; conservation of mass",
        check,
    )


def cell_voltage() -> Law:
    """Return: the voltage is the mean Nernst voltage along the channel and that of the resistance; never below it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        module, voltage = module_of(seen), seen.after("voltage_v")
        terms = module.nernst()
        slack_v = 6e-4 + 2e-3 * _slack_k(seen.step_s)
        ends = []
        for T in (seen.before("temperature_k"), seen.after("temperature_k")):
            reversible = reversible_voltage_of_steam(T) + nernst_slope_v(T) * terms
            ends.append((reversible, reversible + module.resistance_ohm(T) * module.current_a))
        yield within(voltage, ends[0][1], ends[1][1], rel=0.0, abs_=slack_v, where=module.is_on)
        yield at_least(voltage, np.minimum(ends[0][0], ends[1][0]), rel=0.0, abs_=5e-4, where=module.is_on)
        yield at_most(voltage, seen.parameter("voltage_max_v"), rel=1e-6)
        # without steam a module that runs shows its voltage at rest
        yield equal(voltage, 0.0, where=module.mode != RUNNING)

    return Law(
        "solid-oxide-voltage",
        "the cell voltage is the mean Nernst voltage along the channel and current times resistance",
        "V = E(T) + RT/2F <ln x/(1-x)> + RT/4F ln p_O2 + j ASR(T) (1 + growth)",
        "Nernst equation, NIST-JANAF; O'Brien et al. 2005, 10.1115/1.2179435",
        check,
    )


def box_balance() -> SumLaw:
    """Return: power and gas end in gas, loss and the warmth of the hot box."""
    gases = [Term(f"{port}.enthalpy") for port in ("hydrogen", "oxygen")]
    gases += [Term(f"{port}.enthalpy", -1.0) for port in ("steam", "sweep")]
    held = [Term("fuel_energy_j"), Term("oxygen_energy_j"), Term("temperature_k", 1.0, "heat_capacity_j_per_k")]
    electric = [Term("power", -1.0), Term("heater_power", -1.0), Term("heat_loss")]
    return sum_law(
        "hot-box-balance",
        "power and steam end in gas, in loss and in the warmth of the hot box",
        "P + P_heater + H_in = H_out + Q_loss + C dT/dt",
        "first law of thermodynamics",
        Row((*electric, *gases, *held), rel=1.0e-7),
    )


def box_heat() -> Law:
    """Return: the same by the heat of splitting steam and heat capacities of the gases alone."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        module = module_of(seen)
        brought = module.steam.enthalpy_w + module.sweep.enthalpy_w
        stored = seen.parameter("heat_capacity_j_per_k") * seen.change("temperature_k") / seen.step_s
        electric = seen.at("power") + seen.at("heater_power")
        rest = electric - seen.at("heat_loss") - stored + brought
        products = added_enthalpy_w(seen, "fuel") + added_enthalpy_w(seen, "oxygen")
        out = [seen.stream(port) for port in ("hydrogen", "oxygen")]
        moles = sum((one.dry_mol_per_s + one.vapour_mol_per_s for one in out), seen.nothing)
        fuel = seen.before("fuel_vapour_kg") / MOLAR_MASS_H2O_KG_PER_MOL
        drift = np.abs(seen.change("fuel_temperature_k")) / np.maximum(seen.before("fuel_temperature_k"), _DEW_K)
        moles = moles + 20.0 * drift * fuel / seen.step_s  # of what is held by its change of temperature
        moles = moles + module.steam_mol_per_s + module.sweep.dry_mol_per_s + module.steam.dry_mol_per_s
        held = sum((seen.before(f"{side}_energy_j") for side in ("fuel", "oxygen")), seen.nothing)
        real = 60.0 + 5e-4 * seen.parameter("outlet_pressure_pa")  # J/mol, steam is no ideal gas
        allowed = 3e-3 * module.stack_w + real * moles + 1e-4 * electric + 1e-4 * np.abs(held) / seen.step_s + 1e-3
        yield equal(rest, products, rel=0.0, abs_=allowed, where=module.is_through | ~module.has_gas)

    return Law(
        "thermoneutral-heat",
        "power above the thermoneutral voltage is heat of the box, below it the box cools",
        "N I (V - V_tn) + P_heater + sum n (h_in - h_out) = Q_loss + C dT/dt",
        "first law of thermodynamics; NIST-JANAF enthalpies (Chase 1998)",
        check,
    )


def box_loss() -> Law:
    """Return: the hot box loses heat by its conductance, and the parasitic loads are lost."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        module, k = module_of(seen), seen.parameter("loss_conductance_w_per_k")
        loss = seen.at("heat_loss") - (seen.at("power") - module.stack_w)
        ambient = seen.at("ambient_temperature")
        ends = [k * (get("temperature_k") - ambient) for get in (seen.before, seen.after)]
        is_led = (module.mode == COOLING) | ((module.mode == OFF) & (module.was != OFF))  # purge air takes heat as well
        yield within(loss, ends[0], ends[1], rel=1e-6, abs_=_slack_k(seen.step_s) * k, where=~is_led)
        yield at_least(loss, np.minimum(*ends), rel=1e-6, abs_=_slack_k(seen.step_s) * k)

    return Law(
        "hot-box-loss",
        "the hot box loses heat by its conductance, and all that the parasitic loads draw",
        "Q_loss = K (T - T_ambient) + P_parasitic",
        "Newton's law of cooling; first law of thermodynamics",
        check,
    )


def box_control() -> Law:
    """Return: the heater warms no faster than its rate, current flows only in its range, outlet gas is no hotter."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        module, p = module_of(seen), seen.parameter
        change, T = seen.change("temperature_k"), seen.before("temperature_k")
        most = p("heating_rate_k_per_s") * seen.step_s
        yield at_most(change, most, rel=1e-6, abs_=1e-9, where=(module.mode == HEATING) & ~module.has_gas)
        yield at_least(change, -most, rel=1e-6, abs_=1e-9, where=module.mode == COOLING)
        yield at_least(T, p("temperature_run_min_k"), where=module.is_on)
        yield at_most(T, p("temperature_trip_k"), where=module.is_on)
        yield agrees(module.mode == RUNNING, True, where=module.is_on)
        yield agrees(seen.at("ready") > 0.5, module.mode != TRIPPED)

    return Law(
        "hot-box-control",
        "the box warms at its rate, and current flows only between its limits of temperature",
        "|dT/dt| <= r; T_min <= T < T_trip where I > 0",
        "parameters of the component",
        check,
    )


def _mol_per_s_times_cp(flow: Flow) -> FloatArray:
    parts = (
        ("h2", flow.h2 / MOLAR_MASS_H2_KG_PER_MOL),
        ("o2", flow.o2 / MOLAR_MASS_O2_KG_PER_MOL),
        ("n2", flow.n2 / MOLAR_MASS_N2_KG_PER_MOL),
        ("vapour", flow.water / MOLAR_MASS_H2O_KG_PER_MOL),
    )
    return sum((mol * _cp(name) for name, mol in parts), np.zeros(flow.values.shape[0]))


@functools.cache
def _cp(name: str) -> float:
    return mean_heat_capacity(name)


def recuperator() -> Law:
    """Return: outlet gas is cooled by the inlets as the recuperator can, and no further than they can take."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        module, p = module_of(seen), seen.parameter
        inlet = [_mol_per_s_times_cp(flow) for flow in (module.steam, module.sweep)]
        c = np.maximum(inlet[0] + inlet[1], 1e-30)
        T_in = (inlet[0] * module.steam.temperature_k + inlet[1] * module.sweep.temperature_k) / c
        made = _cp("h2") + 0.5 * _cp("o2") - _cp("vapour")
        bound = c / (c + seen.before("utilisation_frac") * module.steam_mol_per_s * made)
        eta = np.minimum(p("recuperation_frac"), bound)
        doubt = np.where(bound < 1.03 * p("recuperation_frac"), 0.03, 0.0)
        spread = np.where(inlet[1] > 0.0, 0.02 * np.abs(module.steam.temperature_k - module.sweep.temperature_k), 0.0)
        ends = []
        for T in (seen.before("temperature_k"), seen.after("temperature_k")):
            ends.append(T - eta * (T - T_in))
        is_dry = np.minimum(*ends) > _DEW_K + 5.0  # else the outlet is held above its dew point
        hottest = np.maximum(seen.before("temperature_k"), seen.after("temperature_k"))
        if seen.step_s >= p("gas_residence_time_s"):
            for side, flow in (("fuel", module.steam.mass), ("oxygen", module.split + module.sweep.mass)):
                out = seen.after(f"{side}_temperature_k")
                yield within(
                    out,
                    ends[0],
                    ends[1],
                    rel=0.0,
                    abs_=_slack_k(seen.step_s) + 0.1 + spread + doubt * np.abs(hottest - T_in),
                    where=module.is_through & is_dry & (flow > 0.0),
                )

    return Law(
        "internal-recuperator",
        "outlet gas leaves between box and inlet as the recuperator cools it",
        "T_out = T - e (T - T_in), e at most the ratio of heat capacity rates",
        "definition of effectiveness; second law of thermodynamics; NIST-JANAF",
        check,
    )


def set_point() -> Law:
    """Return: power follows its set point at the ramp, and asks for the steam that its current needs."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        module, p = module_of(seen), seen.parameter
        total = seen.at("power") + seen.at("heater_power")
        asked, least = seen.at("setpoint"), p("power_min_w")
        wanted = np.where(asked < least, 0.0, np.minimum(asked, p("power_max_w")))
        runs, load = module.mode == RUNNING, seen.after("load_w")
        first = np.maximum(np.where(module.was == RUNNING, seen.before("load_w"), least), least)
        target, most = np.maximum(wanted, least), p("ramp_w_per_s") * seen.step_s
        gap = target - first
        reached = np.abs(gap) <= most
        end = np.where(reached, target, first + np.sign(gap) * most)
        mean = np.where(reached, target - 0.5 * gap * np.abs(gap) / most, 0.5 * (first + end))
        floor = (module.stack_w + p("parasitic_fixed_w")) / (1.0 - p("parasitic_frac"))
        yield at_most(total, np.maximum(mean, np.where(module.is_on, 0.0, floor)), rel=2e-6, where=runs & module.is_on)
        reached_end = (load >= end * (1.0 - 1e-9)) & module.is_free
        yield at_least(total, mean, rel=2e-6, where=runs & reached_end)
        yield at_most(load, end, rel=1e-9, where=runs)
        yield equal(load, 0.0, where=~runs)

    return Law(
        "module-set-point",
        "a module takes the power that it is set to, at its ramp",
        "P = P_set, |dP/dt| <= r, P_min <= P <= P_max",
        "parameters of the component",
        check,
    )


def steam_demand() -> Law:
    """Return: a module at a steady load asks for the steam that its current splits, over the share to be split."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        module, p = module_of(seen), seen.parameter
        needs = module.split * MOLAR_MASS_H2O_KG_PER_MOL / p("target_utilisation_frac")
        load, asked = seen.after("load_w"), np.minimum(seen.at("setpoint"), p("power_max_w"))
        total = seen.at("power") + seen.at("heater_power")
        steady = (module.mode == RUNNING) & module.is_on & (load == asked) & (np.abs(total - asked) <= 1e-9 * asked)
        yield equal(seen.at("steam_demand"), needs, rel=1e-6, where=steady & module.is_free)
        rest = (module.mode == OFF) | (module.mode == HEATING) | (module.mode == COOLING) | (module.mode == TRIPPED)
        yield equal(seen.at("steam_demand"), 0.0, where=rest)
        yield at_least(seen.at("steam_demand"), 0.0)

    return Law(
        "steam-demand",
        "a module asks for the steam that its current splits, over the share to be split",
        "m_steam = M_H2O N I / (2F U_target)",
        "Faraday's law of electrolysis; definition of steam utilisation",
        check,
    )


def counters() -> Law:
    """Return: hours are the steps with current, starts the ways into running, cycles the ways out of the cold."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        module, dt = module_of(seen), seen.step_s
        yield equal(seen.change("running_h"), np.where(module.is_on, dt / 3600.0, 0.0), rel=1e-6, abs_=1e-11)
        is_idle = ~module.is_on & (seen.before("temperature_k") >= seen.parameter("temperature_run_min_k"))
        yield equal(seen.change("idle_hot_h"), np.where(is_idle, dt / 3600.0, 0.0), rel=1e-6, abs_=1e-11)
        yield agrees(seen.change("n_starts") > 0.5, (module.mode == RUNNING) & (module.was != RUNNING))
        yield agrees(seen.change("n_thermal_cycles") > 0.5, (module.was == OFF) & (module.mode == HEATING))
        yield equal(seen.at("hours"), seen.after("running_h"))
        yield equal(seen.at("starts"), seen.after("n_starts"))
        spent = seen.change("cold_start_s") + seen.change("hot_start_s")
        is_starting = (module.mode == HEATING) & (module.was != RUNNING) & (seen.at("setpoint") > 0.0)
        asks = seen.at("setpoint") >= seen.parameter("power_min_w")
        yield equal(seen.change("cold_start_s"), dt, rel=1e-6, where=(module.was == OFF) & (module.mode == HEATING))
        yield equal(spent, 0.0, where=~asks & (module.mode != RUNNING))
        warms = (module.was == OFF) & is_starting & asks
        used = (seen.at("power") + seen.at("heater_power")) * dt
        yield equal(seen.change("cold_start_j"), used, rel=1e-6, where=warms)

    return Law(
        "module-counters",
        "hours are the time with current, idle hours the time hot without; every way into running is a start, every way"
        " out of the cold a cycle",
        "d(hours) = dt where I > 0; d(idle hours) = dt where I = 0 and T >= T_run; d(starts) = 1 where running begins; "
        "d(cycles) = 1 where heating begins cold",
        "definition of operating hours, starts and thermal cycles",
        check,
    )


@functools.cache
def solid_oxide_laws() -> tuple[Law, ...]:
    """Return all laws of a solid oxide module, those of ageing and held gas apart."""
    return (
        module_power(), faraday(), cell_voltage(), box_balance(), box_heat(), box_loss(), box_control(), recuperator(),
        set_point(), steam_demand(), counters(),
    )  # fmt: skip
