"""Adding some words to others at once: one vector instruction where the compiler would make one for each word."""

# mypy: allow-untyped-decorators, no-warn-return-any

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h2plant.core.jit import IS_JIT_DISABLED, compiled_as, leaf
from h2plant.core.native_call import intrinsic_parts

BLOCK = 4
"""Words that are added at once."""


def _make_add() -> Callable[[Any, int, Any, int], int]:
    """Return the compiled form of ``add_block``."""
    if IS_JIT_DISABLED:
        return lambda _sums, _at, _values, _first: 0
    ir, numba_types, intrinsic = intrinsic_parts()

    @intrinsic
    def add(typing_context: Any, sums: Any, at: Any, values: Any, first: Any) -> Any:
        """Add ``values[first : first + BLOCK]`` to ``sums[at : at + BLOCK]``."""

        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            def block(array: int, index: int) -> Any:
                words = context.make_array(signature.args[array])(context, builder, arguments[array]).data
                place = builder.gep(words, [arguments[index]])
                return builder.bitcast(place, ir.VectorType(ir.DoubleType(), BLOCK).as_pointer())

            to = block(0, 1)
            total = builder.fadd(builder.load(to, align=8), builder.load(block(2, 3), align=8))
            builder.store(total, to, align=8)
            return context.get_constant(numba_types.int64, 0)

        return numba_types.int64(sums, numba_types.int64, values, numba_types.int64), code

    made: Any = add

    def add_at_once(sums: Any, at: int, values: Any, first: int) -> int:
        """Add a block of words to others."""
        return made(sums, at, values, first)

    return leaf(add_at_once)


@compiled_as(_make_add())
def add_block(sums, at, values, first):
    """Add ``values[first : first + BLOCK]`` to ``sums[at : at + BLOCK]``; returns 0."""
    for i in range(BLOCK):
        sums[at + i] += values[first + i]
    return 0
