"""The only module that sets Numba's flags: its decorators make kernels of plain Python functions.

Kernels are plain Python functions of scalars, records and flat arrays. ``kernel`` compiles them for the
CPU; ``plain`` gives the same function back as pure Python, with every kernel that it calls rebound
likewise, so that the baseline engine runs the very same physics without a compiler. Numba's private parts are reached
for in ``kernel_cache`` and ``native_call`` alone.
"""

from __future__ import annotations

import functools
import os
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from h2plant.core.kernel_cache import (
    cached,
    is_kernel,
    is_leaf,
    is_near,
    is_outside,
    kernel_digest,
    kernel_size,
    mark,
    python_function,
    with_front,
)

_Function = TypeVar("_Function", bound=Callable[..., Any])

PACKAGE_ROOT = Path(__file__).resolve().parent.parent


def _is_set(variable: str) -> bool:
    return os.environ.get(variable, "0").strip().lower() not in ("", "0", "false", "no")


IS_JIT_DISABLED = _is_set("H2PLANT_DISABLE_JIT") or _is_set("NUMBA_DISABLE_JIT")

# No 'nnan' or 'ninf': a look-up outside its range answers NaN, and that must survive until it is reported.
_FAST_MATH = {"contract", "arcp", "nsz", "reassoc"}
# Kernels never allocate, so counting references would be pure cost (up to 35 % of a look-up).
# 'forceinline' is said of every kernel: one that is first compiled for the sake of a leaf would inherit it from there.
_FLAGS: dict[str, Any] = {
    "error_model": "numpy",
    "fastmath": _FAST_MATH,
    "nogil": True,
    "_nrt": False,
    "boundscheck": False,
    "forceinline": False,
}


def compiled_form(function: Callable[..., Any], **extra: Any) -> Any:
    """Return a function compiled with this package's flags and ``extra`` ones, kept in the cache folder.

    What stands outside this package is compiled with checks of indices.
    """
    import numba

    is_near()  # before the first dispatcher: it settles where machine code is to lie
    flags = {**_FLAGS, **({"boundscheck": True} if is_outside(function) else {}), **extra}
    return cached(numba.njit(**flags)(function))


def kernel(function: _Function) -> _Function:
    """Mark a scalar function as a kernel and compile it (``H2PLANT_DISABLE_JIT=1`` leaves it as it is).

    It may stand in any file: in a file of yours that a plant names under ``kinds:``, and in others that it imports.
    """
    mark(function)
    if IS_JIT_DISABLED:
        return function
    compiled = compiled_form(function)
    return with_front(function, compiled, compiled) if function.__defaults__ else compiled


def leaf(function: _Function) -> _Function:
    """Mark and compile a small kernel that is inlined wherever it is called (up to 45 % faster look-ups)."""
    mark(function, "leaf")
    return function if IS_JIT_DISABLED else compiled_form(function, forceinline=True)


def shared(function: _Function) -> _Function:
    """Mark and compile a kernel of numbers and property tables that many call: one machine code, called by its name.

    For what is too long to be inlined. A copy in the machine code of each caller made that of a plant twice as long,
    and took longer to compile.
    """
    mark(function, "shared")
    return function if IS_JIT_DISABLED else compiled_form(function)


def compiled_as(other: Callable[..., Any]) -> Callable[[_Function], _Function]:
    """Return the decorator that marks a kernel for which compiled code takes another one, ``other``.

    Python, the baseline and a device run the function as it stands. Both must give the same numbers.
    """

    def front(function: _Function) -> _Function:
        mark(function, "leaf")
        if IS_JIT_DISABLED:
            return function
        forms: Any = with_front(function, other, function)
        forms.compiled_as = other
        return cast(_Function, forms)

    return front


def batch_loop(function: _Function) -> _Function:
    """Compile a function that calls batch kernels (with reference counts of the arrays, unlike kernels)."""
    mark(function)
    return function if IS_JIT_DISABLED else compiled_form(function, _nrt=True)


@functools.cache
def has_threads() -> bool:
    """Start the pool of threads and tell whether there is more than one.

    Threads that wait for work are told to sleep. OpenMP's own way is to spin: where other processes use the cores,
    a call of 5 us then takes 4 ms.
    """
    import numba

    before = os.environ.get("OMP_WAIT_POLICY")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when the pool's library is loaded
    try:
        return int(numba.get_num_threads()) > 1
    finally:
        if before is None:
            os.environ.pop("OMP_WAIT_POLICY", None)


if IS_JIT_DISABLED:
    prange = range
else:
    from numba import prange


def plain(
    function: Callable[..., Any],
    replacements: Mapping[str, Callable[..., Any]],
    _memo: dict[Callable[..., Any], Callable[..., Any]] | None = None,
) -> Callable[..., Any]:
    """Return a kernel as pure Python, with all kernels that it calls rebound to pure Python, recursively.

    Parameters
    ----------
    function
        Kernel, or a Python function that calls kernels.
    replacements
        Full name (``module.name``) of a kernel -> the function that stands in for it (property look-ups).
    """
    memo = {} if _memo is None else _memo
    source = python_function(function)
    if source in memo:
        return memo[source]
    stand_in = replacements.get(f"{source.__module__}.{source.__qualname__}")
    if stand_in is not None:
        memo[source] = stand_in
        return stand_in
    namespace = dict(source.__globals__)
    rebound = types.FunctionType(source.__code__, namespace, source.__name__, source.__defaults__, source.__closure__)
    memo[source] = rebound
    for name in source.__code__.co_names:
        value = source.__globals__.get(name)
        if is_kernel(value):
            namespace[name] = plain(value, replacements, memo)
    return rebound


__all__ = [
    "IS_JIT_DISABLED",
    "PACKAGE_ROOT",
    "batch_loop",
    "compiled_as",
    "compiled_form",
    "has_threads",
    "is_kernel",
    "is_leaf",
    "is_outside",
    "kernel",
    "kernel_digest",
    "kernel_size",
    "leaf",
    "mark",
    "plain",
    "prange",
    "python_function",
    "shared",
    "with_front",
]
