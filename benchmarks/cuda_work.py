"""What a step costs on the device: words read and written, floating-point operations, counted while it runs.

The loop of a lane runs in plain Python on words that count their reads and writes and on numbers that count what is
done with them. So branches, early ends and iterations are those of the run, not a guess from the code.
"""

from __future__ import annotations

import math
import types
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from h2plant.core.bus import STREAM_WIDTH
from h2plant.core.jit import plain
from h2plant.core.status import OK
from h2plant.cuda import loop
from h2plant.cuda.batch import Batch
from h2plant.cuda.lanes import TILE, BusWords, Shape, Words, constant_fields, dropped_of, make_view
from h2plant.cuda.wanted import Wanted
from h2plant.simulation.program import Program

INSTRUCTIONS = {"add": 1.0, "divide": 10.0, "sqrt": 10.0, "exp": 20.0, "log": 30.0, "pow": 70.0, "other": 20.0}
"""Double-precision instructions of one operation in CUDA's mathematics library, rounded (a sum, a product: 1)."""
_FUNCTIONS = {"exp": "exp", "expm1": "exp", "log": "log", "log1p": "log", "log10": "log", "sqrt": "sqrt", "pow": "pow"}


@dataclass(frozen=True)
class Work:
    """Means over the steps counted, of one plant.

    Attributes
    ----------
    reads, writes
        Accesses to the lane's own words.
    words_read, words_written
        Different words among them in a step: what must come from main memory and go back where no cache holds it.
    shared_reads
        Accesses to what all lanes share: constants, property tables, slot numbers, schedule.
    operations
        Operations by name (see ``INSTRUCTIONS``).
    parts
        Different words read and written, by what they hold: (part, kind of component) -> (words read, words written).
        A word of a link counts for the kind that touches it first; what only the loop touches has no kind.
    """

    reads: float
    writes: float
    words_read: float
    words_written: float
    shared_reads: float
    operations: dict[str, float]
    parts: dict[tuple[str, str], tuple[float, float]]

    @property
    def least_bytes(self) -> float:
        """Bytes between main memory and processor for one step if each word is fetched once."""
        return 8.0 * (self.words_read + self.words_written)

    @property
    def most_bytes(self) -> float:
        """The same if no access finds its word in a cache."""
        return 8.0 * (self.reads + self.writes)

    @property
    def instructions(self) -> float:
        """Double-precision instructions of one step."""
        return sum(INSTRUCTIONS[name] * n for name, n in self.operations.items())


class _Number(float):
    """A number that counts what is done with it."""

    count: ClassVar[Counter[str]] = Counter()

    def __neg__(self) -> _Number:
        return _Number(-float(self))

    def __abs__(self) -> _Number:
        return _Number(abs(float(self)))


def _counted(name: str, operation: str) -> Callable[[_Number, Any], Any]:
    of_float = getattr(float, operation)

    def method(self: _Number, other: Any) -> Any:
        _Number.count[name] += 1
        value = of_float(self, float(other))
        return _Number(value)

    return method


for _operation in ("add", "sub", "mul"):
    setattr(_Number, f"__{_operation}__", _counted("add", f"__{_operation}__"))
    setattr(_Number, f"__r{_operation}__", _counted("add", f"__r{_operation}__"))
for _operation in ("truediv", "rtruediv"):
    setattr(_Number, f"__{_operation}__", _counted("divide", f"__{_operation}__"))
_Number.__pow__ = _counted("pow", "__pow__")  # type: ignore[method-assign, assignment]


class _Mathematics(types.ModuleType):
    """``math`` that counts its calls."""

    def __getattr__(self, name: str) -> Any:
        function = getattr(math, name)
        if not callable(function):
            return function

        def called(*arguments: Any) -> Any:
            value = function(*arguments)
            if not isinstance(value, float):
                return value
            if name not in ("fabs", "copysign", "floor"):
                _Number.count[_FUNCTIONS.get(name, "other")] += 1
            return _Number(value)

        return called


class _CountedWords(Words):
    """A lane's words with all that was read and written, and the kind whose kernel touched a word first."""

    __slots__ = ()
    log: tuple[list[int], list[int]] = ([], [])
    kind = ""
    first_kind: ClassVar[dict[int, str]] = {}

    def __getitem__(self, index: int) -> float:
        self._note(0, index)
        return _Number(super().__getitem__(index))

    def __setitem__(self, index: int, value: float) -> None:
        self._note(1, index)
        super().__setitem__(index, value)

    def _note(self, is_written: int, index: int) -> None:
        place = self.first + int(index) * TILE
        self.log[is_written].append(place)
        self.first_kind.setdefault(place, _CountedWords.kind)


class _Table:
    """Shared numbers that count their reads."""

    n_reads = 0

    def __init__(self, values: Any) -> None:
        self.values = values

    def __getitem__(self, index: Any) -> Any:
        _Table.n_reads += 1
        value = self.values[index]
        return _Number(value) if isinstance(value, np.floating) else value


def count_work(
    program: Program,
    n_steps: int,
    is_every_constant_own: bool = False,
    wanted: Wanted | None = None,
    empty_slots: Sequence[int] = (),
) -> Work:
    """Count the work of a plant that has begun, over its next steps; the program is left as it is.

    Parameters
    ----------
    program
        A lowered plant, begun; not ``planned``, no rule of one's own.
    n_steps
        Steps to count.
    is_every_constant_own
        Count as if parameters of all components differed between the plants.
    wanted
        What is to be kept; None: everything.
    empty_slots
        Slots that get no words (``carried.slots_not_carried``).
    """
    batch = Batch(program, wanted)
    batch.add(program)
    shared, shape = batch.shared(empty_slots), batch.shape
    if is_every_constant_own:
        n, m = shared.step_stride.size, shared.emit_stride.size
        shared = shared._replace(step_stride=np.full(n, TILE), emit_stride=np.full(m, TILE))
    own = batch.tiles(0, 1)
    memo: dict[Callable[..., Any], Callable[..., Any]] = {}
    calls = [_choose(batch, name, memo) for name in ("step", "emit")]
    advance = plain(loop.advance_lane, {}, memo)
    for function in memo.values():
        if "math" in function.__globals__:
            function.__globals__["math"] = _Mathematics("math")
    parts = np.cumsum([0, shape.n_slots, shape.n_memory, shape.n_summed])
    words: list[Any] = [_CountedWords(own, int(k) * TILE) for k in parts]
    words[0] = BusWords(words[0], _Table(shared.places))
    part_of = _parts(program, shape)
    counted: Counter[tuple[str, str, int]] = Counter()
    _Number.count.clear()
    _Table.n_reads = 0
    totals = np.zeros(4)
    for k in range(n_steps):
        _CountedWords.log, _CountedWords.kind = ([], []), ""
        _CountedWords.first_kind.clear()
        tables = (_Table(shared.memory), _Table(shared.props))
        state = (*words, 0, batch.first_step + k, 1, batch.step_s, batch.steps_per_log)
        _, code, _ = advance(*calls, shared, *tables, *state)
        if code != OK:
            raise ValueError(f"{program.name}: fails in step {k}: nothing to count")
        read, written = _CountedWords.log
        totals += (len(read), len(written), len(set(read)), len(set(written)))
        for is_written, places in enumerate((set(read), set(written))):
            for p in places:
                part = part_of[p // TILE]
                kind = "" if part in ("sums", "totals") else _CountedWords.first_kind[p]
                counted[part, kind, is_written] += 1
    reads, writes, words_read, words_written = (totals / n_steps).tolist()
    operations = {name: n / n_steps for name, n in sorted(_Number.count.items())}
    by_part = {key[:2]: (counted[*key[:2], 0] / n_steps, counted[*key[:2], 1] / n_steps) for key in sorted(counted)}
    return Work(reads, writes, words_read, words_written, _Table.n_reads / n_steps, operations, by_part)


def mean_work(works: Sequence[Work]) -> Work:
    """Return the mean of several counts."""

    def mean(of_each: Sequence[Mapping[Any, float]]) -> dict[Any, float]:
        return {key: sum(each.get(key, 0.0) for each in of_each) / len(works) for key in set().union(*of_each)}

    read, written = (mean([{key: words[k] for key, words in w.parts.items()} for w in works]) for k in range(2))
    accesses = mean(
        [
            {"reads": w.reads, "writes": w.writes, "words_read": w.words_read, "words_written": w.words_written}
            | {"shared_reads": w.shared_reads}
            for w in works
        ]
    )
    operations = dict(sorted(mean([w.operations for w in works]).items()))
    parts = {key: (read[key], written[key]) for key in sorted(read)}
    return Work(**accesses, operations=operations, parts=parts)


def _parts(program: Program, shape: Shape) -> list[str]:
    """Return what each word of a lane holds."""
    bus = ["signals, series, engine"] * shape.n_slots
    for flow in program.flows:
        if flow.medium == "stream":
            bus[flow.slot : flow.slot + STREAM_WIDTH] = _OF_STREAM
        else:
            bus[flow.slot] = "power, heat, money"
    memory = ["memory of the calculation"] * shape.n_memory
    for id_, k in zip(program.component_ids, program.component_kinds, strict=True):
        for field in program.kinds[k].fields:
            memory[program.field_index[f"{id_}.{field.name}"]] = _OF_ROLE[field.role]
    return [*bus, *memory, *["sums"] * shape.n_summed, *["totals"] * shape.n_summed]


_OF_STREAM = [*["streams: flows of species"] * 5, *["streams: enthalpy, temperature, pressure"] * 3]
_OF_ROLE = {
    "parameter": "parameters of one's own",
    "state": "states",
    "output": "outputs",
    "memory": "memory of the calculation",
}


def _choose(batch: Batch, function_name: str, memo: dict[Callable[..., Any], Callable[..., Any]]) -> Callable[..., int]:
    """Return the function that calls a kernel of a kind by the kind's index, in plain Python."""
    having = [(k, kind) for k, kind in batch.kinds if getattr(kind, function_name) is not None]
    names = {k: kind.name for k, kind in batch.kinds}
    kernels = {k: plain(getattr(kind, function_name), {}, memo) for k, kind in having}
    views = {
        k: make_view(kind.name, kind.dtype, constant_fields(kind), dropped_of(kind, batch.dropped))
        for k, kind in having
    }

    def call(kind: int, memory: Any, shared: Any, record: int, stride: int, bus: Any, props: Any, dt: float) -> int:
        _CountedWords.kind = names[kind]
        return int(kernels[kind](views[kind](memory, shared, record, stride), bus, props, dt))

    return call
