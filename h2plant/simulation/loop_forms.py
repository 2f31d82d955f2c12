"""The compiled loop from the types of its arrays alone, so that another process may compile it into the cache."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from h2plant.simulation import loop
from h2plant.simulation.calls import Calls, Kernels, begin_all, content_all
from h2plant.simulation.event import close_event, copy_start
from h2plant.simulation.program import Arrays
from h2plant.simulation.step_keeper import make_watch

_LENGTH = 16
"""Of each dimension of the arrays that the loop is called with: longer than all that is written without a step."""


class ArrayType(NamedTuple):
    """What the compiler knows of an array."""

    dtype: str
    n_dimensions: int
    is_writeable: bool


def types_of(arrays: Arrays) -> tuple[ArrayType, ...]:
    """Return the types of a program's arrays."""
    return tuple(ArrayType(a.dtype.str, a.ndim, a.flags.writeable) for a in arrays)


def compile_loop(types: tuple[ArrayType, ...]) -> None:
    """Compile all that an engine calls from Python, or load it: it is called with nothing to do."""
    a = Arrays(*(_zeros(one) for one in types))
    none = np.zeros(0, dtype=np.int64)
    calls, kernels = Calls(none, none, none, none), Kernels(none, none, none)
    watch = make_watch(a, none, none, none)
    begin_all(kernels, a.memory, a.props)
    content_all(kernels, a.memory, a.props, np.zeros((0, 5)))
    loop.advance(calls, a, none, 0, 60.0, 1)
    loop.advance_watched(calls, a, none, 0, 60.0, 1, watch)
    copy_start(a, watch.start)
    loop.close_interval(a, none, 60.0)
    close_event(a, 0, 0)


def _zeros(one: ArrayType) -> Any:
    made = np.zeros((_LENGTH,) * one.n_dimensions, dtype=one.dtype)
    made.flags.writeable = one.is_writeable
    return made
