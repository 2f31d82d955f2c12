"""Laws of wind turbines: curve, momentum theory, storm stop, ramp, balance."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import FloatArray, Law, Row, Seen, SumLaw, Term, at_most, equal, sum_law, within
from h2plant.core.law_constants import GAS_CONSTANT_J_PER_MOL_K

CURVE_FIRST, CURVE_LAST = 3, 25
_STANDARD_KG_PER_M3 = 1.225
_AIR_KG_PER_MOL = 28.9644e-3
"""Dry air (ISO 2533)."""
_SLACK = 1.0e-9


def _density(seen: Seen) -> FloatArray:
    return np.asarray(
        seen.at("air_pressure") * _AIR_KG_PER_MOL / (GAS_CONSTANT_J_PER_MOL_K * seen.at("ambient_temperature"))
    )


def _curve(seen: Seen, speed: FloatArray) -> FloatArray:
    """Return the output at a speed at standard density; from a metre a second below the first point it rises to it."""
    at = np.arange(CURVE_FIRST - 1, CURVE_LAST + 1)
    frac = [0.0, *(seen.parameter(f"curve_{k}_frac") for k in range(CURVE_FIRST, CURVE_LAST + 1))]
    return np.asarray(np.interp(speed, at, np.asarray(frac, dtype=np.float64)))


def _induction(power_coefficient: FloatArray) -> FloatArray:
    """Solve 4 a (1 - a)^2 = C_p for a from 0 to 1/3, by halving."""
    low, high = np.zeros_like(power_coefficient), np.full_like(power_coefficient, 1.0 / 3.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        is_below = 4.0 * middle * (1.0 - middle) ** 2 < power_coefficient
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return np.asarray(0.5 * (low + high))


def _met(seen: Seen) -> FloatArray:
    """Return the speed that the curve is read at."""
    hub = np.maximum(seen.at("wind_speed"), 0.0)
    speed = np.cbrt(hub**3 * _density(seen) / _STANDARD_KG_PER_M3)
    deficit = seen.parameter("wake_deficit_frac")
    if deficit == 0.0:
        return np.asarray(speed)
    flux = 0.5 * _STANDARD_KG_PER_M3 * np.maximum(speed, 1.0e-9) ** 3
    coefficient = _curve(seen, speed) * seen.parameter("specific_rating_w_per_m2") / flux
    return np.asarray(speed * (1.0 - deficit * _induction(np.minimum(coefficient, 16.0 / 27.0)) * 3.0))


def _in_service(seen: Seen) -> FloatArray:
    rated = seen.parameter("capacity_w") * seen.parameter("availability_frac")
    return np.asarray(rated * (1.0 - seen.at("outage")))


def turbine_output() -> Law:
    """Return: turbines give what their curve says at the wind that they meet, less what is held back and lost."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, met = seen.parameter, _met(seen)
        # gas constants of air of two sources differ by 2e-5, speeds by a third of it, and wakes double that
        yield equal(seen.after("met_speed_m_per_s"), met, rel=5.0e-5, abs_=1.0e-6)
        output = np.where(seen.after("is_stopped") > 0.5, 0.0, _curve(seen, seen.after("met_speed_m_per_s")))
        rated = _in_service(seen)
        gross = output * rated - seen.after("held_back_w")
        yield equal(seen.at("generation"), gross, abs_=_SLACK * rated)
        yield equal(seen.at("power"), seen.at("generation") * (1.0 - p("electrical_loss_frac")))
        yield equal(seen.at("renewable_power"), seen.at("power"))
        yield within(seen.after("held_back_w"), 0.0, rated, abs_=_SLACK * rated)

    return Law(
        "turbine-output",
        "turbines give what their curve says at the wind that they meet, less what is held back and lost",
        "P = p(v) C a (1 - l), v = v_hub (rho/rho_0)^(1/3) (1 - 3 d a), 4 a (1 - a)^2 = C_p",
        "IEC 61400-12-1:2017, equations 12 and 15; momentum theory",
        check,
    )


def turbine_betz() -> Law:
    """Return: no rotor takes more of the wind than the limit of Betz."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        speed = np.cbrt(np.maximum(seen.at("wind_speed"), 0.0) ** 3 * _density(seen) / _STANDARD_KG_PER_M3)
        flux = 0.5 * _STANDARD_KG_PER_M3 * speed**3
        area = _in_service(seen) / seen.parameter("specific_rating_w_per_m2")
        # a turbine that falls back to a lull gives what the wind of its step gives, so the limit holds in each
        yield at_most(seen.at("generation"), 16.0 / 27.0 * flux * area, rel=1.0e-5)

    return Law(
        "turbine-betz",
        "no rotor takes more of the wind than 16/27 of its power",
        "P <= 16/27 rho A v^3 / 2",
        "Betz 1920, Zeitschrift fuer das gesamte Turbinenwesen 17:307",
        check,
        takes_arrays=True,
    )


def turbine_storm() -> Law:
    """Return: turbines stop at the cut-out speed and start again below the speed of restart."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, hub = seen.parameter, seen.at("wind_speed")
        stopped, was = seen.after("is_stopped") > 0.5, seen.before("is_stopped") > 0.5
        cut_out = p("cut_out_m_per_s")
        restart = np.minimum(p("restart_m_per_s"), cut_out)
        yield equal(stopped, True, where=hub >= cut_out)
        yield equal(stopped, False, where=hub < restart)
        yield equal(stopped, was, where=(hub >= restart) & (hub < cut_out))
        yield equal(seen.at("power"), 0.0, where=stopped)
        wanted = np.where(stopped, seen.step_s, 0.0)
        yield equal(seen.change("stopped_s"), wanted, abs_=seen.rounding("stopped_s"))

    return Law(
        "turbine-storm",
        "turbines stop at the cut-out speed, and start again below the speed of restart",
        "P = 0 from v >= v_out until v < v_restart",
        "hysteresis of the control; parameters of the kind",
        check,
        takes_arrays=True,
    )


def turbine_ramp() -> Law:
    """Return: the output rises no faster than its ramp, in a straight line."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        before, after = seen.before("output_frac"), seen.after("output_frac")
        most = seen.parameter("ramp_per_s") * seen.step_s
        rise = np.where(before < 0.0, 0.0, np.maximum(after - before, 0.0))
        yield at_most(rise, most, abs_=_SLACK)
        mean = seen.at("generation") / np.maximum(_in_service(seen), 1.0e-300)
        # a straight rise at full rate, and then level: the mean lacks the triangle above the rise
        yield equal(mean, after - 0.5 * rise**2 / most, abs_=_SLACK, where=_in_service(seen) > 0.0)

    return Law(
        "turbine-ramp",
        "the output rises no faster than its ramp, and its mean is that of the rise",
        "dp <= r dt, mean p = p_end - dp^2 / (2 r dt)",
        "parameters of the kind",
        check,
        takes_arrays=True,
    )


def turbine_balance() -> SumLaw:
    """Return: what turbines generate is what arrives at the meter and what cables lose; the meter counts it."""
    return sum_law(
        "turbine-balance",
        "what turbines generate is metered or lost in cables; the meter counts it",
        "P_gen = P + Q, E = int P dt",
        "first law of thermodynamics",
        Row((Term("generation"), Term("power", -1.0), Term("heat_loss", -1.0))),
        Row((Term("generated_j"), Term("power", -1.0))),
    )
