"""The share of the loop's time that goes into property look-ups, estimated from their number and their cost.

Compiled look-ups are inlined into the kernels, so no clock can be put around them. They are counted where they can be
seen: the same kernels run as plain Python, on the same tables, for some minutes spread over the run. Each look-up
function is then timed in a compiled loop on arguments that were met there.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from h2plant.core import properties
from h2plant.core.jit import kernel, leaf, plain, python_function
from h2plant.simulation.engine import Snapshot, restore
from h2plant.simulation.manager import SimulationEngine
from h2plant.simulation.program import FloatArray, Program

STEPS_EACH = 5
_KEPT_ARGUMENTS = 200
_LOOKED_UP = 20_000
_REPEATS = 7


class LookUps(NamedTuple):
    """Look-ups of one function: number per step, time of one in ns, number of steps that were watched."""

    name: str
    per_step: float
    ns: float
    n_steps: int


class _Watched:
    """A look-up function that counts its calls and keeps some of their arguments."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.compiled = function
        self.n_calls = 0
        self.arguments: list[tuple[float, ...]] = []
        self._function = plain(function, {})

    def __call__(self, props: Any, *arguments: float) -> Any:
        self.n_calls += 1
        if len(self.arguments) < _KEPT_ARGUMENTS:
            self.arguments.append(arguments)
        elif self.n_calls % 7 == 0:  # so that those kept come from the whole run
            self.arguments[self.n_calls // 7 % _KEPT_ARGUMENTS] = arguments
        return self._function(props, *arguments)


class _Twin(SimulationEngine):
    """The kernels as plain Python on the tables of the compiled loop, with watched look-ups."""

    def __init__(self, program: Program, watched: dict[str, Callable[..., Any]]) -> None:
        super().__init__(program)
        memo: dict[Callable[..., Any], Callable[..., Any]] = {}
        self._props: Any = program.arrays.props
        self._step = [plain(kind.step, watched, memo) for kind in program.kinds]
        self._emit = [None if kind.emit is None else plain(kind.emit, watched, memo) for kind in program.kinds]


def count_and_time(program: Program, snapshots: Sequence[Snapshot]) -> list[LookUps]:
    """Count the look-ups of some steps from each snapshot and time each function.

    Parameters
    ----------
    program
        The lowered plant; its state is overwritten.
    snapshots
        States of the run, spread over it.
    """
    watched: dict[str, Callable[..., Any]] = {}
    for name in properties.__all__:
        if not name.startswith("FLUID_"):
            function = getattr(properties, name)
            source = python_function(function)
            watched[f"{source.__module__}.{source.__qualname__}"] = _Watched(function)
    n_steps = 0
    for kept in snapshots:
        restore(program, kept)
        twin = _Twin(program, watched)
        before = twin.step_number
        twin.run(STEPS_EACH)
        n_steps += twin.step_number - before
    rows = []
    for name, look_up in watched.items():
        assert isinstance(look_up, _Watched)
        if look_up.n_calls:
            ns = _nanoseconds(look_up.compiled, program.arrays.props, look_up.arguments)
            rows.append(LookUps(name.rpartition(".")[2], look_up.n_calls / n_steps, ns, n_steps))
    return sorted(rows, key=lambda row: -row.per_step * row.ns)


def _nanoseconds(function: Callable[..., Any], props: FloatArray, arguments: Sequence[tuple[float, ...]]) -> float:
    """Return the shortest time of one look-up, ns, in a compiled loop over arguments that were met."""
    values = np.array(arguments, dtype=np.float64)
    values = np.ascontiguousarray(np.tile(values, (max(1, _LOOKED_UP // len(values)), 1)))
    loop = look_up_loop(function, props, arguments[0])
    loop(props, values)  # compiles
    best = float("inf")
    for _ in range(_REPEATS):
        began = time.thread_time_ns()
        loop(props, values)
        best = min(best, float(time.thread_time_ns() - began))
    return best / len(values)


def look_up_loop(
    function: Callable[..., Any], props: FloatArray, arguments: Sequence[float]
) -> Callable[[FloatArray, FloatArray], float]:
    """Return a compiled loop over the rows of an array of arguments; its sum depends on all that is looked up.

    Parameters
    ----------
    function
        A look-up.
    props, arguments
        The tables, and arguments of one call: from its result the loop knows what it has to sum.
    """
    result = plain(function, {})(props, *arguments)
    names = list(inspect.signature(python_function(function)).parameters)[1:]
    call = _call(function, names[0] == "fluid", len(names))
    is_nested = isinstance(result, tuple) and isinstance(result[0], tuple)
    summed = _sum_of_sums if is_nested else _sum if isinstance(result, tuple) else _itself

    def loop(props: Any, x: Any) -> Any:
        total = 0.0
        for k in range(x.shape[0]):
            total += summed(call(props, x, k))  # type: ignore[no-untyped-call]
        return total

    return kernel(loop)


def _call(function: Callable[..., Any], has_fluid: bool, n: int) -> Callable[..., Any]:
    """Return a kernel that calls a look-up with the n arguments in row k of an array; fluids are whole numbers."""

    def one(props: Any, x: Any, k: int) -> Any:
        return function(props, x[k, 0])

    def two(props: Any, x: Any, k: int) -> Any:
        return function(props, x[k, 0], x[k, 1])

    def three(props: Any, x: Any, k: int) -> Any:
        return function(props, x[k, 0], x[k, 1], x[k, 2])

    def four(props: Any, x: Any, k: int) -> Any:
        return function(props, x[k, 0], x[k, 1], x[k, 2], x[k, 3])

    def five(props: Any, x: Any, k: int) -> Any:
        return function(props, x[k, 0], x[k, 1], x[k, 2], x[k, 3], x[k, 4])

    def fluid_and_two(props: Any, x: Any, k: int) -> Any:
        return function(props, int(x[k, 0]), x[k, 1], x[k, 2])

    def fluid_and_three(props: Any, x: Any, k: int) -> Any:
        return function(props, int(x[k, 0]), x[k, 1], x[k, 2], x[k, 3])

    def fluid_and_four(props: Any, x: Any, k: int) -> Any:
        return function(props, int(x[k, 0]), x[k, 1], x[k, 2], x[k, 3], x[k, 4])

    calls = (None, None, fluid_and_two, fluid_and_three, fluid_and_four) if has_fluid else (one, two, three, four, five)
    chosen = calls[n - 1]
    assert chosen is not None
    return leaf(chosen)


@leaf
def _itself(result):  # type: ignore[no-untyped-def]
    """Return a result of one number."""
    return result


@leaf
def _sum(result):  # type: ignore[no-untyped-def]
    """Return the sum of a result of several numbers."""
    total = 0.0
    for value in result:
        total += value
    return total


@leaf
def _sum_of_sums(result):  # type: ignore[no-untyped-def]
    """Return the sum of a result of several results of several numbers."""
    total = 0.0
    for values in result:
        for value in values:
            total += value
    return total
