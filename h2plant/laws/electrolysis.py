"""Laws of electrolysis: charge against water split, voltage, heat, gas that crosses and gas that is held."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from h2plant.core.law import FloatArray, Law, Numbers, Row, Seen, SumLaw, Term, at_least, at_most, equal, sum_law
from h2plant.core.law_constants import (
    FARADAY_C_PER_MOL,
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)
from h2plant.core.role import Maker
from h2plant.laws.ageing import counted_starts, running_hours, wear_bounds
from h2plant.laws.reaction import (
    cold_enthalpy_w,
    hot_enthalpy_w,
    nernst_slope_v,
    pressed_enthalpy_w,
    reversible_voltage_of_steam,
    reversible_voltage_of_water,
)

CHARGE_C_PER_MOL = 2.0 * FARADAY_C_PER_MOL
"""Charge that splits a mole of water."""

GASES = ("h2", "o2", "n2", "vapour", "liquid")
_BOILING_K = 373.15
_THIN_GASES = math.log(99.0) + 0.5 * math.log(2000.0)  # steam over hydrogen, 1 bar over oxygen, at the very most
_LEAST_HELD_KG = 1.0e-9  # what is less leaves at once


# Of every maker of hydrogen ------------------------------------------------------------------------------------------
def maker_laws(role: Maker) -> tuple[Law, ...]:
    """Return the laws of an electrolyser of any kind."""
    laws: list[Law] = [rated_power(role), counted_starts(role)]
    if role.voltage and role.temperature:
        laws.append(least_voltage(role))
    if role.current or role.current_density:
        laws.append(running_hours(lambda seen: current_a(seen, role), role))
    if role.temperature:
        laws.append(least_work(role))
    if role.wear is not None:
        laws.append(wear_bounds(role))
    return tuple(laws)


def current_a(seen: Seen, role: Maker) -> FloatArray:
    """Return the mean current of a maker, A, or what is proportional to it."""
    if role.current:
        return seen.value(role.current)
    area = seen.parameter(role.cell_area) if role.cell_area else 1.0
    return seen.value(role.current_density) * area


def rated_power(role: Maker) -> Law:
    """Return: no maker draws more than it is rated for."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        power = sum((seen.total(port) for port in role.power), seen.nothing)
        yield at_most(power, seen.parameter(role.rated_power), rel=1e-6)
        for port in role.drawn:
            yield at_least(seen.total(port), 0.0)
        if role.heater:
            yield at_least(seen.value(role.heater), 0.0)
            yield at_most(seen.value(role.heater), power)

    return Law(
        "rated-power",
        "an electrolyser draws no more than its rating, and gives no power",
        "0 <= P <= P_rated",
        "rating of the component",
        check,
    )


def _least_voltage(seen: Seen, role: Maker) -> FloatArray:
    """Return the voltage below which no cell splits water at the warmer end of the step, whatever its gases."""
    T = np.maximum(seen.before_.get(role.temperature, seen.nothing), seen.value(role.temperature))
    of_water = reversible_voltage_of_water(np.minimum(T, _BOILING_K)) - 0.02  # oxygen thinned by vapour
    of_steam = reversible_voltage_of_steam(T) - nernst_slope_v(T) * _THIN_GASES
    return np.where(T < _BOILING_K, of_water, of_steam)


def least_voltage(role: Maker) -> Law:
    """Return: current flows only above the reversible voltage."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        yield at_least(seen.value(role.voltage), _least_voltage(seen, role), where=current_a(seen, role) > 0.0)

    return Law(
        "reversible-voltage",
        "no cell splits water below the reversible voltage",
        "V >= dG(T) / 2F, less what thin gases make of it",
        "second law of thermodynamics; CODATA and NIST-JANAF data",
        check,
    )


def least_work(role: Maker) -> Law:
    """Return: the electricity drawn is at least the free enthalpy of the water split."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        if "reacted_h2o_mol" in seen.after_:
            split = seen.change("reacted_h2o_mol") / seen.step_s
            drawn = sum((seen.total(port) for port in role.drawn), seen.nothing)
            yield at_least(split, 0.0)
            yield at_least(drawn, split * CHARGE_C_PER_MOL * _least_voltage(seen, role), rel=1e-6)

    return Law(
        "least-work",
        "splitting water takes at least its free enthalpy in electricity",
        "P >= n dG(T)",
        "second law of thermodynamics; CODATA and NIST-JANAF data",
        check,
    )


# Balances and held gas -----------------------------------------------------------------------------------------------
def electrolysis_balance(
    feeds: tuple[str, ...],
    h2: tuple[str, ...] = (),
    water: tuple[str, ...] = (),
    o2: tuple[str, ...] = (),
    vents: tuple[str, ...] = (),
) -> SumLaw:
    """Return: hydrogen and oxygen that leave or are held are those of the water split, and the water lacks it.

    ``feeds`` are the inlets, ``vents`` outlets besides those of the products; ``h2``, ``o2`` and ``water`` states, kg,
    of what else is held.
    """

    def row(item: str, kg_per_mol: float, held: tuple[str, ...]) -> Row:
        parts = ("vapour", "liquid") if item == "water" else (item,)
        terms = [Term(f"{port}.{item}") for port in ("hydrogen", "oxygen", *vents)]
        terms += [Term(f"{port}.{item}", -1.0) for port in feeds]
        terms += [Term(f"{side}_{part}_kg") for side in ("fuel", "oxygen") for part in parts]
        terms += [Term(name) for name in held]
        if kg_per_mol:
            terms.append(Term("reacted_h2o_mol", kg_per_mol))
        return Row(tuple(terms), rel=1.0e-6)

    return sum_law(
        "water-split",
        "hydrogen and oxygen that leave are those of the water that was split",
        "H2 = M_H2 n, O2 = M_O2 n / 2, H2O = -M_H2O n",
        "conservation of mass; stoichiometry of H2O = H2 + 1/2 O2",
        row("h2", -MOLAR_MASS_H2_KG_PER_MOL, h2),
        row("o2", -0.5 * MOLAR_MASS_O2_KG_PER_MOL, o2),
        row("n2", 0.0, ()),
        row("water", MOLAR_MASS_H2O_KG_PER_MOL, water),
    )


def hold_up(heat: str = "") -> Law:
    """Return: gas that is held, and heat, leave over the residence time, or over the step where that is longer."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        residence = max(seen.step_s, seen.parameter("gas_residence_time_s"))
        for port, side in (("hydrogen", "fuel"), ("oxygen", "oxygen")):
            stream = seen.stream(port)
            held = [seen.before(f"{side}_{item}_kg") for item in GASES]
            mass: FloatArray = sum(held, seen.nothing)
            share = np.where(mass < _LEAST_HELD_KG, 1.0 / seen.step_s, 1.0 / residence)
            yield equal(stream.h2, held[0] * share, rel=1e-8)
            yield equal(stream.mass, mass * share, rel=1e-8)
            yield equal(stream.enthalpy_w, seen.before(f"{side}_energy_j") * share, rel=1e-8)
            yield equal(stream.temperature_k, seen.before(f"{side}_temperature_k"), rel=1e-8, where=mass > 0.0)
        if heat:
            held_j = seen.before("heat_in_transit_j")
            share = np.where(held_j < 1.0, 1.0 / seen.step_s, 1.0 / residence)
            yield equal(seen.at(heat), held_j * share, rel=1e-8)

    return Law(
        "hold-up",
        "gas leaves as its residence time says, as it was held",
        "m_out = m_held / max(dt, tau)",
        "residence time of an ideally mixed volume",
        check,
    )


def added_kg_per_s(seen: Seen, side: str, item: str) -> FloatArray:
    """Return what came to the gas held on a side, ``fuel`` or ``oxygen``, kg/s."""
    stream = seen.stream("hydrogen" if side == "fuel" else "oxygen")
    return np.asarray(seen.change(f"{side}_{item}_kg") / seen.step_s + getattr(stream, item))


def added_enthalpy_w(seen: Seen, side: str, is_cold: bool = False) -> FloatArray:
    """Return the enthalpy that came with it, W, from masses, temperatures, pressures before, after, and of what left.

    ``is_cold``: of real gases of 250 to 373 K under pressure; otherwise of ideal gases and steam of 298 to 1200 K.
    """
    enthalpy = _cold_real_enthalpy if is_cold else _hot_ideal_enthalpy
    stream = seen.stream("hydrogen" if side == "fuel" else "oxygen")
    before, after = (
        enthalpy(
            tuple(get(f"{side}_{item}_kg") for item in GASES), get(f"{side}_temperature_k"), get(f"{side}_pressure_pa")
        )
        for get in (seen.before, seen.after)
    )
    left = enthalpy(tuple(getattr(stream, item) for item in GASES), stream.temperature_k, stream.pressure_pa)
    return np.asarray((after - before) / seen.step_s + left)


def _cold_real_enthalpy(flows: tuple[Numbers, ...], temperature_k: Numbers, pressure_pa: Numbers) -> Numbers:
    return cold_enthalpy_w(flows, temperature_k) + pressed_enthalpy_w(flows, temperature_k, pressure_pa)


def _hot_ideal_enthalpy(flows: tuple[Numbers, ...], temperature_k: Numbers, _pressure_pa: Numbers) -> Numbers:
    return hot_enthalpy_w(flows, temperature_k)
