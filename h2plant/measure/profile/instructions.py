"""The processor's counter, for compiled code."""

# mypy: allow-untyped-decorators

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from typing import Any

from h2plant.core.jit import IS_JIT_DISABLED, leaf
from h2plant.core.native_call import intrinsic_parts


def _make_clock() -> Callable[[], int]:
    """Return the fastest clock that compiled code can read: the processor's counter, in ticks of its own."""
    if IS_JIT_DISABLED:
        return time.perf_counter_ns
    ir, numba_types, intrinsic = intrinsic_parts()

    @intrinsic
    def ticks(typing_context: Any) -> Any:
        """Read the counter."""

        def code(_context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
            word = ir.IntType(64)
            if platform.machine().lower() in ("aarch64", "arm64"):
                read = ir.InlineAsm(ir.FunctionType(word, []), "mrs $0, cntvct_el0", "=r", side_effect=True)
            else:
                read = builder.module.declare_intrinsic("llvm.readcyclecounter", fnty=ir.FunctionType(word, []))
            return builder.call(read, [])

        return numba_types.int64(), code

    read: Any = ticks

    def read_clock() -> int:
        """Return the processor's counter."""
        return int(read())

    return leaf(read_clock)


read_clock = _make_clock()
