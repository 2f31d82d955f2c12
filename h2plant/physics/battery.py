"""Lithium iron phosphate cells behind a converter: losses, limits of power, ageing by time and by cycles."""

import math

from h2plant.core.constants import GAS_CONSTANT_J_PER_MOL_K
from h2plant.core.exponential import exponential
from h2plant.core.jit import kernel, leaf

REFERENCE_K = 298.15
CALENDAR_PER_ROOT_S = 1.2571e-5
CALENDAR_J_PER_MOL = 17126.0


@leaf
def converter_input(output_w, rating_w, linear_frac, quadratic_frac):
    """Return the power, W, that a converter takes for an output, its loss without load left out.

    P_in = P + P_r (b x + c x^2), x = P / P_r: the law of ``electrical.converter_loss`` without its constant.
    """
    return output_w * (1.0 + linear_frac + quadratic_frac * output_w / rating_w)


@leaf
def converter_output(input_w, rating_w, linear_frac, quadratic_frac):
    """Return the power, W, that a converter gives from an input: the inverse of ``converter_input``.

    The root of c P^2 / P_r + (1 + b) P = P_in, in the form that holds for c = 0 as well.
    """
    one = 1.0 + linear_frac
    return 2.0 * input_w / (one + math.sqrt(one * one + 4.0 * quadratic_frac * input_w / rating_w))


@leaf
def rising(value, low, high):
    """Return 0 up to ``low``, 1 from ``high`` on, and a straight line between."""
    if value >= high:
        return 1.0
    if value <= low:
        return 0.0
    return (value - low) / (high - low)


@leaf
def calendar_rate(temperature_k, charge_frac):
    """Return the share of its capacity that a cell loses by the square root of time, 1/s^0.5.

    k = 1.2571e-5 exp(-17126 / R (1/T - 1/298.15)) (2.8575 (SoC - 0.5)^3 + 0.60225).
    Source: Naumann, Schimpe, Keil, Hesse and Jossen 2018, J. Energy Storage 17:153-169, doi
    10.1016/j.est.2018.01.019 (LiFePO4/graphite of 3 Ah). Range: 0 to 60 degC, any state of charge, 885 days.
    """
    arrhenius = exponential(-CALENDAR_J_PER_MOL / GAS_CONSTANT_J_PER_MOL_K * (1.0 / temperature_k - 1.0 / REFERENCE_K))
    off = charge_frac - 0.5
    return CALENDAR_PER_ROOT_S * arrhenius * (2.8575 * off * off * off + 0.60225)


@leaf
def cycle_rate(rate_per_h, depth_frac):
    """Return the share of its capacity that a cell loses by the square root of equivalent full cycles.

    k = 0.01 (0.0630 C + 0.0971) (4.0253 (DoD - 0.6)^3 + 1.0923).
    Source: Naumann, Spingler and Jossen 2020, J. Power Sources 451:227666, doi 10.1016/j.jpowsour.2019.227666 (the
    same cells). Range: 0.2 to 1 C, depths of 0.05 to 1, 40 degC, some 10,000 full cycles.
    """
    off = depth_frac - 0.6
    return 0.01 * (0.0630 * rate_per_h + 0.0971) * (4.0253 * off * off * off + 1.0923)


@kernel
def root_growth(lost_frac, rate, more):
    """Return the loss after ``more`` time, or cycles, at a rate that has changed, by virtual time.

    The time after which the loss of now would have come at the present rate, (q / k)^2, goes on from there:
    q' = k sqrt((q / k)^2 + dt) = sqrt(q^2 + k^2 dt).
    """
    return math.sqrt(lost_frac * lost_frac + rate * rate * more)
