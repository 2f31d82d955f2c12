"""Laws of photovoltaic arrays: cells are warmed by the sun, modules and inverters give what their equations say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import FloatArray, Law, Row, Seen, SumLaw, Term, at_most, equal, sum_law, within
from h2plant.core.law_constants import STANDARD_TEMPERATURE_K

_STANDARD_W_PER_M2 = 1000.0
_SUN_W_PER_M2 = 2000.0
"""More than the sun outside the atmosphere with what clouds and snow add on a plane (records: 1.8 kW/m2)."""
_HIGHEST_FRAC = 0.9637  # efficiency of the curve at full input, by which the rated efficiency scales it
_DOBOS = "Dobos 2014, PVWatts Version 5 Manual, NREL/TP-6A20-62641, equations 8, 11, 12"


def _sun(seen: Seen) -> FloatArray:
    return np.maximum(seen.at("irradiance"), 0.0)


def array_cells() -> Law:
    """Return: cells are warmer than the air by what sun and wind say."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        coefficient = seen.parameter("heat_loss_w_per_m2_k") + seen.parameter("wind_heat_loss_j_per_m3_k") * np.maximum(
            seen.at("wind_speed"), 0.0
        )
        cell = seen.after("cell_temperature_k")
        yield equal((cell - seen.at("ambient_temperature")) * coefficient, _sun(seen), abs_=1.0e-9 * cell * coefficient)

    return Law(
        "array-cells",
        "the heat that cells give to the air is the sun that they take",
        "(T_c - T_a) (U_0 + U_1 v) = G",
        "Faiman 2008, doi 10.1002/pip.813",
        check,
        takes_arrays=True,
    )


def _modules(seen: Seen, cell: FloatArray) -> FloatArray:
    """Return what the modules can give at a cell temperature and the age of the middle of each step, W."""
    p = seen.parameter
    age = 0.5 * (seen.before("age_s") + seen.after("age_s"))
    worn = np.clip(1.0 - p("degradation_per_s") * age, 0.0, None)
    warm = 1.0 + p("temperature_coefficient_per_k") * (cell - STANDARD_TEMPERATURE_K)
    return np.asarray(np.clip(p("capacity_w") * _sun(seen) / _STANDARD_W_PER_M2 * warm * worn, 0.0, None))


def array_power() -> Law:
    """Return: inverters make of the modules' power what their curve says, up to their rating; the rest is named."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p = seen.parameter
        rating = p("capacity_w") / p("dc_ac_ratio")
        full = rating / p("inverter_efficiency_frac")
        offered = _modules(seen, seen.after("cell_temperature_k")) * (1.0 - p("loss_frac"))
        taken = np.minimum(offered, full)
        z = taken / np.maximum(full, 1.0e-300)
        # efficiency of the curve, times input: 0 / 0 without sun is left out
        left = 1.0 - seen.at("outage")  # of modules and inverters alike
        power = left * rating * (-0.0162 * z * z - 0.0059 + 0.9858 * z) / _HIGHEST_FRAC
        offered, taken = left * offered, left * taken
        is_on, rounding = power > 0.0, 1.0e-9 * rating
        yield equal(seen.at("power"), np.where(is_on, power, 0.0), abs_=rounding)
        yield equal(seen.at("generation") * (1.0 - p("loss_frac")), np.where(is_on, taken, 0.0), abs_=1e3 * rounding)
        yield equal(seen.after("clipped_w"), np.where(is_on, offered - taken, 0.0), abs_=rounding)
        yield equal(seen.at("renewable_power"), seen.at("power"))

    return Law(
        "array-power",
        "an array gives what modules, losses and the inverters' curve say, up to the rating; the rest is named",
        "P_dc = P_0 G/G_0 (1 + gamma (T_c - T_0)) (1 - l), P = P_r (0.9858 z - 0.0162 z^2 - 0.0059) / 0.9637, z <= 1",
        _DOBOS,
        check,
        takes_arrays=True,
    )


def array_bound() -> Law:
    """Return: an array gives no more than its inverters' rating, and than its modules would as cold as the air."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, power = seen.parameter, seen.at("power")
        left = 1.0 - seen.at("outage")
        yield within(power, 0.0, left * p("capacity_w") / p("dc_ac_ratio"))
        yield at_most(power, left * _modules(seen, seen.at("ambient_temperature")) * (1.0 - p("loss_frac")))
        yield at_most(_sun(seen), _SUN_W_PER_M2)
        yield at_most(power, seen.at("generation"))

    return Law(
        "array-bound",
        "an array gives no more than its inverters are rated for, and than modules as cold as the air would",
        "0 <= P <= P_r, P <= P_0 G/G_0 (1 + gamma (T_a - T_0)) (1 - l), G <= 2 kW/m2",
        "first law of thermodynamics; rating of the inverters",
        check,
        takes_arrays=True,
    )


def array_balance() -> SumLaw:
    """Return: what modules give arrives as power or heat; the meter and the age count."""
    return sum_law(
        "array-balance",
        "what modules give is delivered or lost as heat; the meter counts it",
        "P_gen = P + Q, E = int P dt",
        "first law of thermodynamics",
        Row((Term("generation"), Term("power", -1.0), Term("heat_loss", -1.0))),
        Row((Term("generated_j"), Term("power", -1.0))),
    )
