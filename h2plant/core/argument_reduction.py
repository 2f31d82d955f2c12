"""A number less a whole multiple of ln 2, to its last digit in compiled code too: what exponentials begin with."""

# mypy: allow-untyped-decorators, no-warn-return-any

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h2plant.core.jit import IS_JIT_DISABLED, leaf
from h2plant.core.native_call import intrinsic_parts

_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""ln 2 in two parts: the first ends in zeros, so that a whole multiple of it is exact (Cody and Waite 1980)."""


def _make_less_ln2() -> Callable[[float, float], float]:
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


less_ln2 = _make_less_ln2()
