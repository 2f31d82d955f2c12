"""A power of two from the bits of its exponent: one instruction in compiled code."""

# mypy: allow-untyped-decorators, no-warn-return-any

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h2plant.core.jit import IS_JIT_DISABLED, leaf
from h2plant.core.native_call import intrinsic_parts


def _make_power() -> Callable[[int], float]:
    """Return the function that gives a power of two, -1022 <= n <= 1023; compiled, from the bits of its exponent."""
    if IS_JIT_DISABLED:
        return lambda n: 2.0**n
    ir, numba_types, intrinsic = intrinsic_parts()

    @intrinsic
    def power(typing_context: Any, n: Any) -> Any:
        """Return 2^n."""

        def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            word = ir.IntType(64)
            bits = builder.shl(builder.add(arguments[0], ir.Constant(word, 1023)), ir.Constant(word, 52))
            return builder.bitcast(bits, ir.DoubleType())

        return numba_types.float64(numba_types.int64), code

    made: Any = power

    def power_of_two(n: int) -> float:
        """Return 2^n."""
        return made(n)

    return leaf(power_of_two)


power_of_two = _make_power()
