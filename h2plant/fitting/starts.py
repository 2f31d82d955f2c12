"""Where searches start besides the parameters as they are: points that fill the neighbourhood evenly."""

from __future__ import annotations

import math

import numpy as np

from h2plant.simulation.program import FloatArray

_BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
_LOG_REACH = math.log(100.0)
"""A parameter whose logarithm is fitted may lie two decades away."""
_REACH = math.log(4.0)
"""Others may be a quarter to four times what they are."""
_REACH_OF_ZERO = 3.0


def spread(u: FloatArray, is_log: list[bool], low: FloatArray, high: FloatArray, n: int) -> list[FloatArray]:
    """Return inner numbers around a start, each of shape (p,): the same ones for the same start (Halton 1960).

    Parameters
    ----------
    u
        The start, inner numbers: logarithms, or shares of the parameter's scale.
    is_log
        Which are logarithms.
    low, high
        Bounds, inner numbers.
    n
        How many.
    """
    found = []
    for i in range(1, n + 1):
        point = np.empty_like(u)
        for k, start in enumerate(u):
            side = 2.0 * _digits(i, _BASES[k % len(_BASES)]) - 1.0
            if is_log[k]:
                point[k] = start + side * _LOG_REACH
            elif start != 0.0:
                point[k] = start * math.exp(side * _REACH)
            else:
                ends = max(low[k], -_REACH_OF_ZERO), min(high[k], _REACH_OF_ZERO)
                point[k] = ends[0] + 0.5 * (side + 1.0) * (ends[1] - ends[0])
        found.append(np.minimum(np.maximum(point, low), high))
    return found


def _digits(i: int, base: int) -> float:
    """Return a number of 0 to 1: the digits of a counter, mirrored at the point."""
    share, value = 1.0, 0.0
    while i:
        share /= base
        i, digit = divmod(i, base)
        value += digit * share
    return value
