"""Functions over arrays in two compiled forms: on one thread, and on all."""

from __future__ import annotations

import os
import threading
import types
from collections.abc import Callable
from typing import Any, TypeVar, cast

from h2plant.core.jit import IS_JIT_DISABLED, compiled_form, has_threads, mark, with_front

_Function = TypeVar("_Function", bound=Callable[..., Any])

_thread_pool = threading.Lock()
_is_forked = False


def _note_fork() -> None:
    global _is_forked, _thread_pool
    _is_forked, _thread_pool = True, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)


def batch_kernel(parallel_from: int, counted: int = 0) -> Callable[[_Function], _Function]:
    """Compile a function over arrays, which may allocate its result, in a serial and a parallel form.

    The function's loop runs over ``prange``. Called from Python it takes the parallel form from a length on, if
    there is more than one core and no other thread is in a parallel form just then (a pool of threads serves one
    caller at a time; after a fork it serves none). Called from compiled code it is the serial form: who calls
    it there may run in threads already. The parallel form is compiled on first use (seconds), then kept.

    Parameters
    ----------
    parallel_from
        Least length of an array from which threads pay.
    counted
        Which argument's length counts.
    """

    def compile_both(function: _Function) -> _Function:
        mark(function)
        if IS_JIT_DISABLED:
            return function
        serial = compiled_form(function, _nrt=True)
        # a function of its own: another digest, so another place in the cache folder
        twin = types.FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
        twin.__module__, twin.__qualname__ = function.__module__, f"{function.__qualname__}_parallel"
        parallel = compiled_form(twin, _nrt=True, parallel=True)

        def chosen(*arguments: Any) -> Any:
            is_long = len(arguments) > counted and len(arguments[counted]) >= parallel_from
            if is_long and not _is_forked and has_threads():
                pool = _thread_pool
                if pool.acquire(blocking=False):
                    try:
                        return forms.parallel(*arguments)
                    finally:
                        pool.release()
            return forms.serial(*arguments)

        forms: Any = with_front(function, serial, chosen)
        forms.serial, forms.parallel, forms.parallel_from = serial, parallel, parallel_from
        return cast(_Function, forms)

    return compile_both
