"""Exponentials that are inlined into the compiled kernels that ask for them every step.

The C library's takes 10 ns, and a call in the middle of a kernel makes the compiler put all that it holds in registers
aside. Both agree to the last digits (``tests/unit/test_exponential.py``). Plain Python and a device take the library's.
"""

# mypy: allow-untyped-decorators, no-warn-return-any

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from h2plant.core.jit import IS_JIT_DISABLED, compiled_as, leaf
from h2plant.core.native_call import intrinsic_parts
from h2plant.core.power_of_two import power_of_two

_LOG2_E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""ln 2 in two parts: the first ends in zeros, so that a whole multiple of it is exact (Cody and Waite 1980)."""
_SERIES_END = 0.35
"""A little more than ln 2 / 2: beyond it a power of two is taken out."""
_LARGEST = 700.0
"""Beyond it the result is 0 or infinite: exp(-700) is 1e-304."""


def _make_rest() -> Callable[[float, float], float]:
    """Return the function that takes k times ln 2 off a number.

    Kernels may be regrouped, which would make one product of the two parts and lose what they are two for (206 units in
    the last digit at 700): fused multiply-adds are not taken apart.
    """
    if IS_JIT_DISABLED:
        return lambda x, k: (x - k * _LN2_HIGH) - k * _LN2_LOW
    ir, numba_types, intrinsic = intrinsic_parts()

    @intrinsic
    def rest(typing_context: Any, x: Any, k: Any) -> Any:
        """Return x - k ln 2."""

        def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            left, whole = arguments
            for part in (_LN2_HIGH, _LN2_LOW):
                left = builder.fma(whole, ir.Constant(ir.DoubleType(), -part), left)
            return left

        return numba_types.float64(numba_types.float64, numba_types.float64), code

    made: Any = rest

    def less_ln2(x: float, k: float) -> float:
        """Return x - k ln 2."""
        return made(x, k)

    return leaf(less_ln2)


_less_ln2 = _make_rest()


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
    return (1.0 + _series(_less_ln2(x, float(k)))) * power_of_two(k)


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
