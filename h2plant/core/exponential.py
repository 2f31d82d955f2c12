"""Exponentials that are inlined into the compiled kernels that ask for them every step.

The C library's takes 10 ns, and a call in the middle of a kernel makes the compiler put all that it holds in registers
aside. Both agree to the last digits (``tests/unit/test_exponential.py``). Plain Python and a device take the library's.
"""

import math

from h2plant.core.argument_reduction import less_ln2
from h2plant.core.jit import compiled_as, leaf
from h2plant.core.power_of_two import power_of_two

_LOG2_E = 1.4426950408889634
_SERIES_END = 0.35
"""A little more than ln 2 / 2: beyond it a power of two is taken out."""
_LARGEST = 700.0
"""Beyond it the result is 0 or infinite: exp(-700) is 1e-304."""


@leaf
def _series(r):
    """Return exp(r) - 1 for abs(r) <= 0.35 to rounding: the series to r^13, whose next term is 1e-17 of it."""
    r2 = r * r
    r4 = r2 * r2
    low = (1.0 / 2.0 + r * (1.0 / 6.0)) + r2 * (1.0 / 24.0 + r * (1.0 / 120.0))
    middle = (1.0 / 720.0 + r * (1.0 / 5040.0)) + r2 * (1.0 / 40320.0 + r * (1.0 / 362880.0))
    high = (1.0 / 3628800.0 + r * (1.0 / 39916800.0)) + r2 * (1.0 / 479001600.0 + r * (1.0 / 6227020800.0))
    return r + r2 * (low + r4 * (middle + r4 * high))


@leaf
def _exponential(x):
    """Return exp(x); 0 below -700, infinite above 700."""
    if not (abs(x) < _LARGEST):
        return 0.0 if x < 0.0 else x * math.inf
    k = math.floor(x * _LOG2_E + 0.5)
    return (1.0 + _series(less_ln2(x, float(k)))) * power_of_two(k)


@leaf
def _exponential_less_one(x):
    """Return exp(x) - 1, to the last digits also where x is small."""
    if abs(x) <= _SERIES_END:
        return _series(x)
    return _exponential(x) - 1.0


@compiled_as(_exponential)
def exponential(x):
    """Return exp(x)."""
    return math.exp(x)


@compiled_as(_exponential_less_one)
def exponential_less_one(x):
    """Return exp(x) - 1."""
    return math.expm1(x)
