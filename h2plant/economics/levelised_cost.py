"""The capital recovery factor, with which the cost of hydrogen has a closed form."""

from __future__ import annotations

import math


def capital_recovery_factor(real_rate_frac: float, life_years: float) -> float:
    """Return the yearly payment per capital that repays it with interest over its life, at the end of each year.

    CRF = r (1 + r)^n / ((1 + r)^n - 1) = r / (1 - (1 + r)^-n); 1 / n without interest.

    Parameters
    ----------
    real_rate_frac
        Real discount rate r per year, > -1.
    life_years
        Years n over which the capital is recovered, > 0, not necessarily whole.

    Returns
    -------
    float
        Payment per year and unit of capital.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Source: Short, Packey and Holt 1995, A Manual for the Economic Evaluation of Energy Efficiency and Renewable
    Energy Technologies, NREL/TP-462-5173, section 4 (doi 10.2172/35391).
    """
    if not real_rate_frac > -1.0:
        raise ValueError(f"the real rate must be above -1, not {real_rate_frac}")
    if not life_years > 0.0:
        raise ValueError(f"the life must be above 0 years, not {life_years}")
    if real_rate_frac == 0.0:
        return 1.0 / life_years
    return real_rate_frac / -math.expm1(-life_years * math.log1p(real_rate_frac))
