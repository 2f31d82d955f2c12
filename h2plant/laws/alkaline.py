"""Laws of alkaline stacks: charge, voltage, heat, crossover, separators, wear, modes."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from h2plant.core.law import BoolArray, FloatArray, Law, Numbers, Seen, at_least, at_most, equal, within
from h2plant.core.law_constants import (
    GAS_CONSTANT_J_PER_MOL_K,
    MOL_PER_KG_H2,
    MOL_PER_KG_O2,
    MOLAR_MASS_H2O_KG_PER_MOL,
    STANDARD_TEMPERATURE_K,
)
from h2plant.laws.ageing import agrees
from h2plant.laws.alkaline_cell import Cell, rated_point
from h2plant.laws.electrolysis import CHARGE_C_PER_MOL, added_enthalpy_w, added_kg_per_s
from h2plant.laws.reaction import PRESSED_M3_PER_KG, WATER_FORMATION_J_PER_MOL, cold_enthalpy_w, pressed_enthalpy_w

OFF, STANDBY, STARTING, RUNNING, TRIPPED = range(5)

_CP_WATER = 4186.0  # J/(kg K), mean of 20 to 90 C (IAPWS-95)
_CP_KOH = (3120.0 - 0.7 * _CP_WATER) / 0.3  # lye of 30 % at 80 C: 3.12 kJ/(kg K) (Le Bideau et al. 2019)
_CP_H2, _CP_O2 = 14.31e3, 0.922e3  # J/(kg K), 300 to 350 K (NIST)
_WATER_J_PER_KG = WATER_FORMATION_J_PER_MOL / MOLAR_MASS_H2O_KG_PER_MOL
_LEAD_K = 3.0
"""A step's gases and voltage are those of its middle, at most this far from where it starts."""
_ATMOSPHERE_PA = 1.01325e5
_VOLTAGE_V = 1.0e-3  # by which two fits of the reversible voltage and of the vapour pressure may differ
_GASES = ("h2", "o2", "n2", "vapour", "liquid")


class Stack:
    """An alkaline stack as it was seen: rates while current flows, and what follows from its state, shape (n,)."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self.p = seen.parameter
        self.rated_w = self.p("rated_power_w")
        self.cell = Cell(*(self.p(name) for name in Cell._fields))
        flow_m3_per_s = self.p("lye_flow_m3_per_s_w") * self.rated_w
        self.pump_w = flow_m3_per_s * self.p("pump_pressure_pa") / self.p("pump_efficiency_frac")
        self.n_cells = seen.after("cells")
        self.area_m2 = self.n_cells * self.p("cell_area_m2")
        self.carry_m3_per_s = 0.5 * self.p("lye_mixed_frac") * flow_m3_per_s
        self.mean_current_a = seen.after("current_a")
        self.is_on = self.mean_current_a > 0.0
        self.density = np.where(self.is_on, seen.after("current_density_a_per_m2"), 0.0)
        self.is_alone = seen.step_s >= self.p("gas_residence_time_s")  # the gas held is that of this step alone

    @cached_property
    def sized_cells(self) -> float:
        """Cells in series: those given, or what the rated power takes at the rated current density."""
        if self.p("n_cells") > 0.0:
            return self.p("n_cells")
        j, cell = self.p("rated_current_density_a_per_m2"), self.cell
        voltage = float(cell.voltage(j, cell.temperature_setpoint_k, cell.pressure_setpoint_pa))
        return (self.rated_w - self.pump_w) / (j * voltage * self.p("cell_area_m2"))

    @cached_property
    def capacity_j_per_k(self) -> float:
        """Heat capacity without the water."""
        koh_kg = self.p("lye_kg_per_w") * self.p("koh_setpoint_frac") * self.rated_w
        return self.p("heat_capacity_j_per_k_w") * self.rated_w + koh_kg * _CP_KOH

    @cached_property
    def on(self) -> FloatArray:
        """Share of the step in which current flows."""
        return np.where(self.is_on, self.mean_current_a / (self.p("cell_area_m2") * np.maximum(self.density, 1e-30)), 0)

    @cached_property
    def lead_k(self) -> FloatArray:
        """How far the temperature of a step's middle may be from ``middle_k``, K."""
        seen = self.seen
        known = self.is_on & (seen.after("oxygen_vapour_kg") > 0.0) & self.is_alone
        capacity = self.capacity_j_per_k + _CP_WATER * seen.before("water_kg")
        return np.where(known, 0.0, np.minimum(0.5 * seen.step_s * self.rated_w / capacity + 0.05, _LEAD_K))

    @cached_property
    def middle_k(self) -> FloatArray:
        """Temperature of the gases made in the step, K."""
        seen = self.seen
        known = self.is_on & (seen.after("oxygen_vapour_kg") > 0.0) & self.is_alone
        return np.where(known, seen.after("oxygen_temperature_k"), seen.before("temperature_k"))

    @cached_property
    def split(self) -> FloatArray:
        """Water split while current flows, mol/s."""
        share = self.cell.share(self.density, self.middle_k)
        return np.asarray(share * self.density * self.area_m2 / CHARGE_C_PER_MOL)

    @cached_property
    def split_doubt(self) -> FloatArray:
        """How far it is uncertain, as a share, by the temperature."""
        one, other = (self.cell.share(self.density, self.middle_k + k * self.lead_k) for k in (-1.0, 1.0))
        return np.asarray(np.abs(one - other) / np.maximum(self.cell.share(self.density, self.middle_k), 1e-30))

    def crossing(self) -> tuple[FloatArray, FloatArray]:
        """Return hydrogen and oxygen that get to the other side while current flows, mol/s."""
        p, seen = self.p, self.seen
        gas_pa = seen.after("pressure_pa") - self.cell.vapour_pa(self.middle_k)
        splitting = self.split * CHARGE_C_PER_MOL / self.area_m2
        excess = p("supersaturation_pa") * (splitting / 1000.0) ** p("supersaturation_exponent")
        per_m = self.area_m2 / p("diaphragm_thickness_m")
        found = []
        for gas, most in (("h2", self.split), ("o2", 0.5 * self.split)):
            permeated = per_m * p(f"{gas}_permeability_mol_per_m_s_pa") * (gas_pa + excess)
            carried = self.carry_m3_per_s * p(f"{gas}_solubility_mol_per_m3_pa") * gas_pa
            found.append(np.minimum(permeated + carried, most))
        return found[0], found[1]

    @cached_property
    def is_let_off(self) -> BoolArray:
        """Whether the separators were let off in the step, without current."""
        seen = self.seen
        cold = (seen.after("mode") == STARTING) & (seen.change("cold_start_s") > 0.0)
        off = (seen.after("mode") == OFF) | (seen.before("mode") == TRIPPED)
        return np.asarray((off | cold) & ~self.is_on)

    def full_mol(self, temperature_k: Numbers, part: float) -> FloatArray:
        """Return the gas that a part of the separators' space holds at the set pressure, mol."""
        volume = self.p("separator_m3_per_w") * self.rated_w * part
        gas_pa = self.p("pressure_setpoint_pa") - self.cell.vapour_pa(temperature_k)
        return np.asarray(gas_pa * volume / (GAS_CONSTANT_J_PER_MOL_K * np.asarray(temperature_k)))

    def held_mol(self, side: str, at: str) -> FloatArray:
        """Return the gas in a separator, ``cathode`` or ``anode``, mol, ``before`` or ``after`` the step."""
        get = getattr(self.seen, at)
        return np.asarray(get(f"{side}_h2_kg") * MOL_PER_KG_H2 + get(f"{side}_o2_kg") * MOL_PER_KG_O2)

    def to_side(self, side: str, gas: str) -> FloatArray:
        """Return hydrogen or oxygen that came to the separator ``cathode`` or ``anode``, mol/s."""
        seen, kg_to_mol = self.seen, MOL_PER_KG_H2 if gas == "h2" else MOL_PER_KG_O2
        left = added_kg_per_s(seen, "fuel" if side == "cathode" else "oxygen", gas)
        left = left + getattr(seen.stream("vent"), gas) if side == "cathode" else left
        return np.asarray((seen.change(f"{side}_{gas}_kg") / seen.step_s + left) * kg_to_mol)


def stack_of(seen: Seen) -> Stack:
    """Return the stack that was seen; several laws in turn ask for the same."""
    return seen.once(Stack)


def stack_power() -> Law:
    """Return: power is voltage times current times cells, the pump's and the heater's."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, heater, pump = stack_of(seen), seen.after("heater_w"), seen.after("pump_w")
        electric = seen.after("cell_voltage_v") * stack.mean_current_a * stack.n_cells
        yield equal(seen.at("power"), electric + heater + pump, rel=1e-6, abs_=1e-6)
        yield equal(stack.n_cells, stack.sized_cells, rel=1e-3)
        yield at_most(heater, seen.parameter("heater_frac") * stack.rated_w)
        begins = (seen.after("mode") == STARTING) | (seen.change("n_starts") > 0.5)
        yield equal(pump, stack.pump_w * np.where(begins, 1.0, stack.on), rel=1e-6, abs_=1e-9 * stack.rated_w)
        while_on = electric + stack.pump_w * stack.on
        yield equal(seen.after("load_frac") * stack.rated_w, while_on, rel=1e-6, abs_=1e-6)

    return Law(
        "alkaline-power",
        "power is voltage times current times cells, with the lye pump's and the heater's",
        "P = N V I + V_lye dp / eta + P_heater",
        "Joule's law; work of a pump",
        check,
    )


def faraday() -> Law:
    """Return: water split is the share of the charge that does not pass the cells by."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, h2 = stack_of(seen), stack_of(seen).crossing()[0]
        net = seen.change("reacted_h2o_mol") / seen.step_s
        allowed = (1e-6 + stack.split_doubt) * stack.split * stack.on + seen.rounding("reacted_h2o_mol") / seen.step_s
        yield equal(net, stack.split * stack.on, rel=0.0, abs_=allowed)
        yield at_most(net, stack.mean_current_a * stack.n_cells / CHARGE_C_PER_MOL, rel=1e-6)
        share = stack.cell.share(stack.density, stack.middle_k)
        wanted = share * (1.0 - h2 / np.maximum(stack.split, 1e-30))
        shown = seen.after("faraday_efficiency_frac")
        yield equal(shown, wanted, abs_=2e-4 + stack.split_doubt, where=stack.is_on)
        yield within(shown, 0.0, 1.0)

    return Law(
        "faraday",
        "water split is charge over 2F, less the current that passes the cells by",
        "dn/dt = N I / 2F f2 j^2 / (f1 + j^2)",
        "Faraday's law of electrolysis; Ulleberg 2003; Sanchez et al. 2018",
        check,
    )


def crossover() -> Law:
    """Return: gas that permeates or is carried over is found on the other side, running and at rest."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, p, feed = stack_of(seen), seen.parameter, seen.stream("water")
        h2, o2 = stack.crossing()
        found = stack.to_side("anode", "h2") - feed.h2 * MOL_PER_KG_H2, stack.to_side("cathode", "o2")
        noise = [8e-16 * stack.held_mol(side, "before") / seen.step_s + 1e-15 for side in ("anode", "cathode")]
        rel = 3e-3 + 0.05 * stack.lead_k
        for over, came, rounding in zip((h2, o2), found, noise, strict=True):
            wanted = over * stack.on
            yield equal(came, wanted, rel=0.0, abs_=rel * wanted + rounding, where=stack.is_on)
        yield equal(found[0], 0.0, abs_=noise[0], where=stack.is_let_off)
        rests = ~stack.is_on & ~stack.is_let_off & (seen.after("mode") != TRIPPED)
        T, volume = seen.before("temperature_k"), p("separator_m3_per_w") * stack.rated_w
        for came, gas, side, part, rounding in (
            (found[0], "h2", "cathode", 2.0 / 3.0, noise[0]), (found[1], "o2", "anode", 1.0 / 3.0, noise[1]),
        ):  # fmt: skip
            per_mol = GAS_CONSTANT_J_PER_MOL_K * T / (volume * part) * p(f"{gas}_permeability_mol_per_m_s_pa")
            kg_to_mol = MOL_PER_KG_H2 if gas == "h2" else MOL_PER_KG_O2
            rate = per_mol * stack.area_m2 / p("diaphragm_thickness_m")
            ends = [rate * seen.before(f"{side}_{gas}_kg") * kg_to_mol]
            ends.append(ends[0] - rate * came * seen.step_s)
            yield within(came, ends[0], ends[1], rel=0.02, abs_=rounding, where=rests)

    return Law(
        "crossover",
        "gas permeates the diaphragm and is carried over by lye that mixes",
        "n = A K (p + p_s (j/j0)^m) / d + V_lye S p / 2",
        "Fick's and Henry's law; Haug et al. 2017, 10.1016/j.ijhydene.2017.05.031",
        check,
    )


def polarisation() -> Law:
    """Return: the voltage is that of the published equation, and above the one without current."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, voltage, p = stack_of(seen), seen.after("cell_voltage_v"), seen.parameter
        pressure = seen.after("pressure_pa")
        worn = seen.before("degradation_v") + _start_wear_v(stack)
        # between the ends of what its temperature may be the voltage may be lowest, or highest
        found = [stack.cell.voltage(stack.density, stack.middle_k + k * stack.lead_k, pressure) for k in (-1, 0, 1)]
        one, other = np.min(found, axis=0), np.max(found, axis=0)
        yield within(voltage - worn, one, other, rel=0.0, abs_=_VOLTAGE_V, where=stack.is_on)
        none = stack.cell.voltage(0.0, stack.middle_k + stack.lead_k, pressure)
        yield at_least(voltage, none, abs_=_VOLTAGE_V, where=stack.is_on)
        yield at_most(voltage, p("max_cell_voltage_v"), rel=1e-6, where=stack.is_on)
        # a trip before any current flows leaves the voltage at which it would have been
        yield equal(voltage, 0.0, where=~stack.is_on & (seen.after("mode") != TRIPPED))

    return Law(
        "alkaline-voltage",
        "the cell voltage is that of the published equation at its temperature, pressure and wear",
        "V = V_rev(T) + 3RT/4F ln((p - p_w)/p0) + (r1 + r2 T + d p) j + s lg((t1 + t2/T + t3/T^2) j + 1) + V_wear",
        "Ulleberg 2003, 10.1016/S0360-3199(02)00033-2; Sanchez et al. 2018; Balej 1985; CODATA",
        check,
    )


def _stored_j(seen: Seen, at: str) -> FloatArray:
    """Return the energy of stack, lye and separators, J, ``at`` before or after the step."""
    get = getattr(seen, at)
    T = get("temperature_k")
    rise = T - STANDARD_TEMPERATURE_K
    pressed = PRESSED_M3_PER_KG * seen.parameter("pressure_setpoint_pa")
    stored = stack_of(seen).capacity_j_per_k * rise
    stored = stored + get("water_kg") * (_WATER_J_PER_KG + pressed + _CP_WATER * rise)
    for gas, cp, mol_per_kg in (("h2", _CP_H2, MOL_PER_KG_H2), ("o2", _CP_O2, MOL_PER_KG_O2)):
        kg = get(f"cathode_{gas}_kg") + get(f"anode_{gas}_kg")
        stored = stored + kg * (cp * rise - mol_per_kg * GAS_CONSTANT_J_PER_MOL_K * T)
    return np.asarray(stored)


def _stored_doubt_j(seen: Seen) -> FloatArray:
    """Return how far the change of what is stored is uncertain, J, by the heat capacities, each on its own."""
    stack, T = stack_of(seen), seen.before("temperature_k")
    capacity = stack.capacity_j_per_k + _CP_WATER * seen.before("water_kg")
    doubt = 3e-4 * capacity * np.abs(seen.change("temperature_k")) + 5e2 * np.abs(seen.change("water_kg"))
    for gas, cp in (("h2", _CP_H2), ("o2", _CP_O2)):
        moved_kg = np.abs(seen.change(f"cathode_{gas}_kg")) + np.abs(seen.change(f"anode_{gas}_kg"))
        doubt = doubt + 1e-3 * cp * np.abs(T - STANDARD_TEMPERATURE_K) * moved_kg
    return np.asarray(doubt)


def _unlike_ideal_w(seen: Seen) -> FloatArray:
    """Return how far gases and vapour that move, or are held and change their pressure, are from what a law takes, W.

    Up to 100 J/mol, which counts where nothing else happens.
    """
    found = 100.0 * seen.stream("vent").dry_mol_per_s
    for side in ("fuel", "oxygen"):
        for gas, mol_per_kg in (("h2", MOL_PER_KG_H2), ("o2", MOL_PER_KG_O2)):
            found = found + 100.0 * np.abs(added_kg_per_s(seen, side, gas)) * mol_per_kg
        change = np.abs(seen.change(f"{side}_pressure_pa")) / np.maximum(seen.before(f"{side}_pressure_pa"), 1.0)
        dry_mol = sum(
            seen.before(f"{side}_{gas}_kg") * by for gas, by in (("h2", MOL_PER_KG_H2), ("o2", MOL_PER_KG_O2))
        )
        vapour_mol = seen.before(f"{side}_vapour_kg") / MOLAR_MASS_H2O_KG_PER_MOL
        found = found + np.minimum(change, 1.0) * (5.0 * dry_mol + 100.0 * vapour_mol) / seen.step_s
    return np.asarray(found)


def stack_heat() -> Law:
    """Return: power and feed end in the enthalpy of the gases, in cooling, loss and storage; by two ways.

    By the enthalpies that the streams carry, and by the heat of splitting water and heat capacities alone.
    """

    def check(seen: Seen) -> Iterator[FloatArray]:
        power, feed, loss, vent = seen.at("power"), seen.stream("water"), seen.at("heat_loss"), seen.stream("vent")
        stored = (_stored_j(seen, "after") - _stored_j(seen, "before")) / seen.step_s
        heat = seen.at("heat") + seen.change("heat_in_transit_j") / seen.step_s
        rest = power + feed.enthalpy_w - loss - heat - stored
        sides = (("hydrogen", "fuel"), ("oxygen", "oxygen"))
        drain = seen.stream("drain")
        carried = (
            vent.enthalpy_w
            + drain.enthalpy_w
            + sum(
                (seen.stream(port).enthalpy_w + seen.change(f"{side}_energy_j") / seen.step_s for port, side in sides),
                seen.nothing,
            )
        )
        size = power + np.abs(loss) + heat + 1e-3 * np.abs(carried)
        allowed = 0.01 + _stored_doubt_j(seen) / seen.step_s + 5e2 * drain.mass
        yield equal(rest, carried, rel=0.0, abs_=1e-3 * size + allowed)
        products = added_enthalpy_w(seen, "fuel", is_cold=True) + added_enthalpy_w(seen, "oxygen", is_cold=True)
        for stream in (vent, drain):
            masses = tuple(getattr(stream, item) for item in _GASES)
            products = products + cold_enthalpy_w(masses, stream.temperature_k)
            products = products + pressed_enthalpy_w(masses, stream.temperature_k, stream.pressure_pa)
        idle = np.where(stack_of(seen).is_on, 0.0, 4e-3 * np.abs(carried) + _unlike_ideal_w(seen))
        yield equal(rest, products, rel=0.0, abs_=1.5e-3 * size + allowed + idle)

    return Law(
        "alkaline-heat",
        "power above the thermoneutral voltage is heat: cooled away, lost, stored or carried by the products",
        "P + H_feed = H_H2 + H_O2 + H_vent + H_drain + Q + Q_loss + dE/dt, i.e. Q ~ N I (V - V_tn)",
        "first law of thermodynamics; enthalpies of formation by CODATA",
        check,
    )


def passive_loss() -> Law:
    """Return: what is lost to the surroundings is conductance times the excess temperature."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        k = seen.parameter("loss_w_per_k_w") * seen.parameter("rated_power_w")
        ends = [k * (get("temperature_k") - seen.at("ambient_temperature")) for get in (seen.before, seen.after)]
        yield within(seen.at("heat_loss"), ends[0], ends[1], abs_=1e-6 * k)

    return Law("passive-loss", "a stack loses heat by its conductance", "Q = K (T - T_a)", "Newton's law", check)


def stack_cooling() -> Law:
    """Return: the lye cooler takes heat only towards its coolant, and no more than its conductance passes."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p = seen.parameter
        heat = seen.at("heat") + seen.change("heat_in_transit_j") / seen.step_s
        warmest = np.maximum(seen.before("temperature_k"), seen.after("temperature_k"))
        conductance = seen.at("cooling_conductance") * p("cooling_share_frac")
        if not seen.is_linked("cooling_conductance"):
            conductance = seen.nothing + p("cooler_w_per_k_w") * p("rated_power_w")
        most = conductance * np.maximum(warmest - seen.at("coolant_temperature"), 0.0)
        slack = 1e-9 * seen.before("heat_in_transit_j") / seen.step_s + 1e-6
        yield at_most(heat, most, rel=1e-6, abs_=slack)
        yield at_least(heat, 0.0, abs_=slack)

    return Law(
        "lye-cooling",
        "the lye cooler takes no more heat than its conductance passes to a colder coolant",
        "0 <= Q <= K max(T - T_coolant, 0)",
        "second law of thermodynamics",
        check,
    )


def lye_level() -> Law:
    """Return: the lye asks for the water that it uses and lacks, and what leaves it is split or vapour over the lye."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, p, dt = stack_of(seen), seen.parameter, seen.step_s
        full_kg = p("lye_kg_per_w") * stack.rated_w * (1.0 - p("koh_setpoint_frac"))
        used = seen.stream("water").water - seen.change("water_kg") / dt
        lacking = (full_kg - seen.after("water_kg")) / max(p("level_time_s"), 3.0 * dt)
        is_level = seen.after("water_kg") < p("lye_full_frac") * full_kg * (1.0 - 1e-9)  # else lye spills
        wanted = np.where(seen.after("mode") == OFF, 0.0, np.maximum(used + lacking, 0.0))
        yield equal(seen.at("water_demand"), wanted, rel=1e-6, abs_=1e-12 * full_kg / dt, where=is_level)
        dry = (
            added_kg_per_s(seen, "oxygen", "h2") * MOL_PER_KG_H2 + added_kg_per_s(seen, "oxygen", "o2") * MOL_PER_KG_O2
        )
        vapour_pa, pressure = stack.cell.vapour_pa(stack.middle_k), p("pressure_setpoint_pa")
        vapour = dry * vapour_pa / (pressure - vapour_pa) * MOLAR_MASS_H2O_KG_PER_MOL
        alone = stack.is_alone & stack.is_on & (dry > 1e-9) & (seen.stream("water").n2 == 0.0)
        allowed = (5e-3 + 0.05 * stack.lead_k) * vapour
        yield equal(added_kg_per_s(seen, "oxygen", "vapour"), vapour, rel=0.0, abs_=allowed, where=alone)
        koh_kg = p("lye_kg_per_w") * stack.rated_w * p("koh_setpoint_frac")
        yield equal(seen.after("koh_frac"), koh_kg / (koh_kg + seen.after("water_kg")), rel=1e-6)

    return Law(
        "lye-level",
        "lye keeps its potash, asks for the water that it uses and lacks, and its gases are saturated over it",
        "m_asked = m_used + (m_set - m) / tau; n_vapour = n_dry p_w(T) / (p - p_w(T))",
        "conservation of mass; Dalton's law; Balej 1985; parameters of the component",
        check,
    )


def separator_gas() -> Law:
    """Return: separators hold what their pressure allows, and give off what they hold."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, p = stack_of(seen), seen.parameter
        T, shown = seen.before("temperature_k"), seen.after("pressure_pa")
        volume = p("separator_m3_per_w") * stack.rated_w * 2.0 / 3.0
        held = stack.held_mol("cathode", "before")
        ends = [
            np.clip(
                held * GAS_CONSTANT_J_PER_MOL_K * (T + k) / volume + stack.cell.vapour_pa(T + k),
                _ATMOSPHERE_PA,
                p("pressure_setpoint_pa"),
            )
            for k in (-_LEAD_K, _LEAD_K)
        ]
        # a cold stack that stands still keeps what it showed last
        yield within(shown, ends[0], ends[1], rel=2e-3, where=seen.after("mode") != OFF)
        for side, part, port in (("cathode", 2.0 / 3.0, "fuel"), ("anode", 1.0 / 3.0, "oxygen")):
            full = stack.full_mol(T - _LEAD_K, part)
            yield at_most(stack.held_mol(side, "after"), full, rel=3e-3)
            gone = [added_kg_per_s(seen, port, gas) for gas in ("h2", "o2")]
            mol = gone[0] * MOL_PER_KG_H2 + gone[1] * MOL_PER_KG_O2
            share = gone[0] * MOL_PER_KG_H2 / np.maximum(mol, 1e-30)
            shares = [
                get(f"{side}_h2_kg") * MOL_PER_KG_H2 / np.maximum(stack.held_mol(side, at), 1e-30)
                for at, get in (("before", seen.before), ("after", seen.after))
            ]
            fed = seen.stream("water").h2 + seen.stream("water").o2 > 0.0
            is_full = stack.held_mol(side, "before") > 0.98 * full
            yield within(share, shares[0], shares[1], rel=1e-6, abs_=1e-7, where=is_full & (mol > 1e-9) & ~fed)
        x = seen.after("anode_h2_kg") * MOL_PER_KG_H2 / np.maximum(stack.held_mol("anode", "after"), 1e-30)
        yield equal(seen.after("h2_in_o2_frac"), x, rel=1e-6, abs_=1e-12)
        vent = seen.stream("vent")
        yield equal(vent.mass, 0.0, where=~stack.is_let_off & (seen.after("mode") != TRIPPED))

    return Law(
        "separators",
        "both separators are at the pressure of the gas they hold, well mixed, and let off where the stack goes cold",
        "p = n R T / V + p_w <= p_set; x_out between x_start and x_end",
        "equation of state of the ideal gas; ideally mixed volume",
        check,
    )


def set_point() -> Law:
    """Return: power follows its set point at the ramp, within rated and smallest load, current and voltage."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, p = stack_of(seen), seen.parameter
        power = seen.after("cell_voltage_v") * stack.density * stack.area_m2 + stack.pump_w * stack.is_on
        rated, least = stack.rated_w, p("min_load_frac") * stack.rated_w
        wanted = np.minimum(seen.at("setpoint"), rated)
        is_running = stack.is_on & (seen.after("mode") == RUNNING)
        is_limited = stack.density >= p("max_current_density_a_per_m2") * (1.0 - 1e-9)
        is_limited |= seen.after("cell_voltage_v") >= p("max_cell_voltage_v") * (1.0 - 1e-6)
        # from the smallest load on, below which a stack was that its highest voltage or current held back
        first = np.where(seen.before("mode") == RUNNING, np.maximum(seen.before("power_end_w"), least), least)
        on_s, ramp = np.maximum(stack.on * seen.step_s, 1e-30), p("ramp_per_s") * rated
        rise = np.maximum(wanted - first, 0.0)
        reached = rise <= ramp * on_s
        mean = np.where(reached, wanted - 0.5 * rise * rise / (ramp * on_s), first + 0.5 * ramp * on_s)
        yield equal(power, mean, rel=1e-6, where=is_running & ~is_limited)
        yield at_most(power, mean, rel=1e-6, where=is_running)
        yield at_most(power, wanted, rel=1e-6, where=stack.is_on)
        yield at_least(power, least, rel=1e-6, where=is_running & ~is_limited)
        yield at_most(stack.density, p("max_current_density_a_per_m2"), where=stack.is_on)
        end = np.where(reached, wanted, first + ramp * on_s)
        yield equal(seen.after("power_end_w"), end, rel=1e-6, where=is_running & ~is_limited)

    return Law(
        "alkaline-set-point",
        "a stack takes the power that it is set to, at its ramp, between smallest load and rating",
        "P = P_set, dP/dt <= r, P_min <= P <= P_rated, j <= j_max, V <= V_max",
        "parameters of the component",
        check,
    )


def trips() -> Law:
    """Return: too much hydrogen in the oxygen, too warm a stack or too little water trips it, and a trip locks it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, p = stack_of(seen), seen.parameter
        mode, was = seen.after("mode"), seen.before("mode")
        is_running = mode == RUNNING
        full = stack.full_mol(seen.before("temperature_k") - _LEAD_K, 1.0 / 3.0)
        is_flushed = stack.held_mol("anode", "after") >= 0.51 * full
        x = seen.after("anode_h2_kg") * MOL_PER_KG_H2 / np.maximum(stack.held_mol("anode", "after"), 1e-30)
        yield at_most(x, p("h2_in_o2_trip_frac"), rel=1e-6, where=is_running & is_flushed)
        yield at_most(seen.after("temperature_k"), p("max_temperature_k"), where=is_running)
        full_kg = p("lye_kg_per_w") * stack.rated_w * (1.0 - p("koh_setpoint_frac"))
        yield at_least(seen.after("water_kg"), p("lye_trip_frac") * full_kg, where=is_running)
        yield agrees(stack.is_on, False, where=(mode < RUNNING) | (was == TRIPPED))
        yield agrees(seen.at("ready") > 0.5, mode != TRIPPED)

    return Law(
        "alkaline-trips",
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
        hours = stack.on * dt / 3600.0
        yield equal(seen.change("running_h"), hours, rel=1e-6, abs_=1e-11 + seen.rounding("running_h"))
        yield agrees(starts > 0.5, (mode == RUNNING) & (was != RUNNING), where=mode != TRIPPED)
        yield equal(seen.at("hours"), seen.after("running_h"))
        yield equal(seen.at("starts"), seen.after("n_starts"))
        begun = starts > 0.5
        for name, delay in (("start_time_s", was == OFF), ("hot_start_time_s", was == STANDBY)):
            is_at_once = begun & (mode == RUNNING) & delay & (seen.change("n_cold_starts") == (name == "start_time_s"))
            yield equal(stack.on * dt, dt - p(name), rel=1e-6, abs_=1e-6, where=is_at_once)
        yield equal(seen.change("n_cold_starts"), starts, where=was == OFF)
        spent = seen.change("cold_start_s") + seen.change("hot_start_s")
        # a start that ends in a trip is not recorded to its end
        rounding = seen.rounding("cold_start_s") + seen.rounding("hot_start_s")
        yield equal(spent, dt, rel=1e-6, abs_=rounding, where=(begun & (mode == RUNNING)) | (mode == STARTING))

    return Law(
        "alkaline-counters",
        "hours are the time with current, and every way into running is a start",
        "d(hours) = dt x share of the step with current; d(starts) = 1 where running begins",
        "definition of operating hours and starts",
        check,
    )


def _start_wear_v(stack: Stack) -> FloatArray:
    """Return the voltage that a start adds, with the reverse current of the stop before it."""
    seen, p = stack.seen, stack.p
    off_s = (1.0 - stack.on) * seen.step_s
    rested = 1.0 - (1.0 - seen.before("depolarised_frac")) * np.exp(-off_s / p("reverse_current_time_s"))
    per_start = p("degradation_per_start_v") + p("degradation_per_stop_v") * rested
    return np.asarray(seen.change("n_starts") * per_start)


def stack_wear() -> Law:
    """Return: voltage is gained by charge, by starts and by reverse current of stops, until the end of life."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        stack, p = stack_of(seen), seen.parameter
        density, voltage = rated_point(stack.cell, (stack.rated_w - stack.pump_w) / float(stack.area_m2[0]))
        gained = p("degradation_v_per_s") * stack.density / density * stack.on * seen.step_s + _start_wear_v(stack)
        kept = seen.change("n_replacements") < 0.5
        is_whole = (seen.change("n_starts") < 0.5) | (seen.after("mode") == RUNNING)
        allowed = 4e-16 * seen.before("degradation_v") * 8.0 + 1e-24
        yield equal(seen.change("degradation_v"), gained, rel=4e-3, abs_=allowed, where=kept & is_whole)
        life, loss = seen.after("end_of_life_v"), p("end_of_life_loss_frac")
        yield equal(life, voltage * loss / (1.0 - loss), rel=2e-3)
        yield at_least(seen.before("degradation_v") + gained, life, rel=1e-4, where=~kept)
        rested = 1.0 - (1.0 - seen.before("depolarised_frac")) * math.exp(-seen.step_s / p("reverse_current_time_s"))
        is_still = ~stack.is_on & (seen.change("n_starts") < 0.5) & (seen.before("mode") < RUNNING)
        yield equal(seen.after("depolarised_frac"), rested, rel=1e-6, abs_=2e-9, where=is_still)
        yield equal(
            seen.after("depolarised_frac"), 0.0, where=(seen.after("mode") == RUNNING) & (stack.on > 1.0 - 1e-9)
        )

    return Law(
        "alkaline-wear",
        "a stack gains voltage by charge, starts and the reverse current of stops, until its efficiency is down",
        "dV = k (j / j_rated) dt + (k_start + k_stop (1 - exp(-t_rest / tau))) d(starts); V_end = V_rated x / (1 - x)",
        "parameters of the component; reverse current: Uchino et al. 2018, 10.1007/s12678-017-0423-5",
        check,
    )


@functools.cache
def alkaline_laws() -> tuple[Law, ...]:
    """Return all laws of an alkaline stack."""
    return (
        stack_power(), faraday(), crossover(), polarisation(), stack_heat(), passive_loss(), stack_cooling(),
        lye_level(), separator_gas(), set_point(), trips(), counters(), stack_wear(),
    )  # fmt: skip
