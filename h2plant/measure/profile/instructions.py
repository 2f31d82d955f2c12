"""Single instructions of the processor for compiled code: its counter, and a fence for threads that share memory."""

# mypy: allow-untyped-decorators

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from typing import Any

from h2plant.core.jit import IS_JIT_DISABLED, intrinsic_parts, leaf


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


def _make_fence() -> Callable[[], None]:
    """Return what keeps reads and writes of memory on their side of it, for threads that share it."""
    if IS_JIT_DISABLED:
        return lambda: None
    _, numba_types, intrinsic = intrinsic_parts()

    @intrinsic
    def fenced(typing_context: Any) -> Any:
        """Order memory."""

        def code(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
            builder.fence("acq_rel")  # no instruction on x86
            return context.get_dummy_value()

        return numba_types.void(), code

    order: Any = fenced

    def fence() -> None:
        """Keep what stands before from moving behind, and the other way round."""
        order()

    return leaf(fence)


fence = _make_fence()
