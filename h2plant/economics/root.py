"""A root of a function of one number, between two bounds."""

from __future__ import annotations

from collections.abc import Callable

_MOST_STEPS = 200


def root(function: Callable[[float], float], low: float, high: float, tolerance: float = 1e-14) -> float:
    """Return where a continuous function is zero, by false position with the Illinois rule.

    Parameters
    ----------
    function
        With values of opposite sign at the bounds.
    low, high
        Bounds.
    tolerance
        Width of the bracket, relative to its place, at which the search ends.

    Returns
    -------
    float
        The root.

    Raises
    ------
    ValueError
        If the values at the bounds have the same sign.

    Notes
    -----
    Source: Dowell and Jarratt 1971, A modified regula falsi method, BIT 11:168 (doi 10.1007/BF01934364). A step that
    does not halve the bracket within three is replaced by a bisection.
    """
    a, b, f_a, f_b = low, high, function(low), function(high)
    if f_a == 0.0:
        return a
    if f_b == 0.0:
        return b
    if (f_a > 0.0) == (f_b > 0.0):
        raise ValueError(f"no change of sign between {low:g} and {high:g}")
    width = abs(b - a)
    for step in range(_MOST_STEPS):
        c = b - f_b * (b - a) / (f_b - f_a) if f_b != f_a else 0.5 * (a + b)
        if not min(a, b) < c < max(a, b):
            c = 0.5 * (a + b)
        if step % 3 == 2:
            if abs(b - a) > 0.5 * width:
                c = 0.5 * (a + b)
            width = abs(b - a)
        f_c = function(c)
        if f_c == 0.0 or abs(b - a) <= tolerance * max(abs(a), abs(b), 1e-300):
            return c
        if (f_c > 0.0) != (f_b > 0.0):
            a, f_a = b, f_b
        else:
            f_a *= 0.5
        b, f_b = c, f_c
    return b
