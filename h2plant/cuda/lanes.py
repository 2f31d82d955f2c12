"""Where each plant's numbers lie on the device, and the views by which the step functions reach them.

A lane is one plant: one thread steps it. ``TILE`` lanes that run in step (a warp) share a tile of memory, in which
word ``w`` of lane ``l`` stands at ``w * TILE + l``. So the threads of a warp, which work on the same word of their
plants at the same time, read and write one contiguous piece of 256 bytes; the place of a field within its record is
a constant in the machine code; and one plant after another goes to the device and comes back as whole tiles.

The views here are those of plain Python, for the simulator; ``h2plant.cuda.jit`` has those of the device.
"""

from __future__ import annotations

import dis
import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from h2plant.core.bus import ZERO
from h2plant.core.declare import Kind
from h2plant.core.jit import is_kernel, python_function
from h2plant.simulation.program import FloatArray, IntArray

ShortArray = npt.NDArray[np.int32]
Dropped = frozenset[tuple[str, str]]
"""Fields that are not kept, as nothing reads them: (name of the kind, name of the field)."""

TILE = 32
"""Lanes in a tile: the threads of a warp."""
BLOCK = 64
"""Threads in a block: two warps."""
DONE, CODE, COMPONENT = 0, 1, 2
"""Columns of what became of a lane: steps done, status, component that failed or -1."""
SHARED_STRIDE = 1
"""Distance between constants of a record where all lanes have the same."""
MARK = 3
"""Slot of the bus that no plant uses: here a lane notes what must not be, ``NOT_A_NUMBER`` or ``UNEXPECTED_FLOW``."""
NOT_A_NUMBER = 1.0
"""Something that is not finite was written to the bus."""
UNEXPECTED_FLOW = 2.0
"""A flow was written to a slot that has no word, as its species was not to be expected there."""
NO_WORD = -1
"""Place of a slot that has no word in a lane: it reads as zero, as slot ``ZERO`` does."""
MISJUDGED = 999
"""Status of a lane with an unexpected flow: the plant is in order, and runs again with words for all slots."""


class Shared(NamedTuple):
    """What all lanes read and none writes.

    A schedule entry is the index of a kind (or ``COPY``), the place of its record in a lane's memory (or the row of
    ``copies``), the component, and the stride of the record's constants: ``SHARED_STRIDE`` where they are the same
    for all lanes and are read from ``memory`` here, ``TILE`` where each lane has its own.
    """

    memory: FloatArray  # of the first plant: slot numbers, and constants that all plants share
    places: ShortArray  # of the bus: the word of each slot, or ``NO_WORD``
    props: FloatArray
    step_kind: IntArray
    step_record: IntArray
    step_component: IntArray
    step_stride: IntArray
    emit_kind: IntArray
    emit_record: IntArray
    emit_component: IntArray
    emit_stride: IntArray
    copies: IntArray
    series_values: FloatArray  # all sets of series, one after another
    series_first: IntArray
    series_count: IntArray
    series_resolution_s: FloatArray
    series_offset_s: FloatArray
    series_is_linear: IntArray
    series_slot: IntArray
    summed_slots: IntArray  # slots of which totals are kept


class Shape(NamedTuple):
    """Words of a lane, in the order in which they lie: bus, memory, sums of the running interval, totals."""

    n_slots: int
    n_memory: int
    n_summed: int

    @property
    def n_words(self) -> int:
        """Words of a lane."""
        return self.n_slots + self.n_memory + 2 * self.n_summed


def _add_instructions(function: Callable[..., Any], found: set[tuple[str, Any]], seen: set[object]) -> None:
    source = python_function(function)
    if source in seen:
        return
    seen.add(source)
    found |= {(i.opname, i.argval) for i in dis.get_instructions(source.__code__) if i.opname.endswith(_OF_ATTRIBUTES)}
    named = [source.__globals__.get(name) for name in source.__code__.co_names]
    for value in (*named, *(cell.cell_contents for cell in source.__closure__ or ())):
        if is_kernel(value):
            _add_instructions(value, found, seen)


_OF_ATTRIBUTES = ("_ATTR", "_METHOD")


def _attributes(*functions: Callable[..., Any] | None) -> tuple[set[str], set[str]]:
    """Return the names of the attributes that functions write, and those that they read, with all that they call."""
    found: set[tuple[str, Any]] = set()
    seen: set[object] = set()
    for function in functions:
        if function is not None:
            _add_instructions(function, found, seen)
    written = {name for operation, name in found if operation == "STORE_ATTR"}
    return written, {name for operation, name in found if operation != "STORE_ATTR"}


@functools.cache
def constant_fields(kind: Kind) -> frozenset[str]:
    """Return the numbers of a kind's records that neither ``step`` nor ``emit`` writes, nor anything they call.

    Parameters, and what ``begin`` works out from them.
    """
    written, _ = _attributes(kind.step, kind.emit)
    return frozenset(name for name in numbers(kind.dtype) if name not in written)


@functools.cache
def unread_fields(kind: Kind) -> frozenset[str]:
    """Return the numbers of a kind's records that ``step`` or ``emit`` writes and nothing of the kind ever reads.

    Outputs for the log, mostly. A name counts as read wherever something that ``step``, ``emit`` or ``content`` calls
    reads an attribute of that name.
    """
    written, read = _attributes(kind.step, kind.emit, kind.content)
    return frozenset(name for name in numbers(kind.dtype) if name in written and name not in read)


def dropped_of(kind: Kind, dropped: Dropped) -> frozenset[str]:
    """Return the fields of a kind among those that are not kept."""
    return frozenset(field for name, field in dropped if name == kind.name)


def numbers(dtype: np.dtype[Any]) -> tuple[str, ...]:
    """Return the names of a record's floating-point fields; the others are slot numbers, alike for all lanes."""
    return tuple(name for name in dtype.names or () if dtype[name] == np.float64)


class Words:
    """A lane's words from some place on, as plain Python sees them."""

    __slots__ = ("array", "first")

    def __init__(self, array: npt.NDArray[Any], first: int) -> None:
        self.array, self.first = array, first

    def __getitem__(self, index: int) -> float:
        return float(self.array[self.first + int(index) * TILE])

    def __setitem__(self, index: int, value: float) -> None:
        self.array[self.first + int(index) * TILE] = value


class BusWords:
    """A lane's bus, as plain Python sees it: ``places`` says which of the lane's words a slot has."""

    __slots__ = ("places", "words")

    def __init__(self, words: Words, places: Any) -> None:
        self.words, self.places = words, places

    def __getitem__(self, index: int) -> float:
        return self.words[max(int(self.places[index]), ZERO)]

    def __setitem__(self, index: int, value: float) -> None:
        place = int(self.places[index])
        if place != NO_WORD:
            self.words[place] = value
            if not math.isfinite(value):
                self.words[MARK] = NOT_A_NUMBER
        elif value != 0.0:
            self.words[MARK] = UNEXPECTED_FLOW


class RecordView:
    """A record of a lane, as plain Python sees it; ``make_view`` gives the kind's own."""

    __slots__ = ("lane", "record", "shared", "stride")
    lane: Words
    record: int
    shared: Any
    stride: int
    places: dict[str, int]
    constants: frozenset[str]
    dropped: frozenset[str]
    is_number: dict[str, bool]

    def __init__(self, lane: Words, shared: npt.NDArray[Any], record: int, stride: int) -> None:
        for name, value in zip(RecordView.__slots__, (lane, int(record), shared, int(stride)), strict=True):
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        place = self.record + self.places[name]
        if not self.is_number[name]:
            return int(np.float64(self.shared[place]).view(np.int64))
        if name in self.constants and self.stride == SHARED_STRIDE:
            return self.shared[place]
        return self.lane[place]

    def __setattr__(self, name: str, value: float) -> None:
        if name not in self.dropped:
            self.lane[self.record + self.places[name]] = value


def make_view(
    kind_name: str, dtype: np.dtype[Any], constants: frozenset[str], dropped: frozenset[str]
) -> type[RecordView]:
    """Return the class of views of a kind's records: ``view(lane memory, shared memory, record, stride)``.

    ``constants`` are fields that no step writes; what is written to ``dropped`` ones is not kept.
    """
    names = dtype.names or ()
    is_number = {name: dtype[name] == np.float64 for name in names}
    body = {
        "__slots__": (),
        "places": {name: k for k, name in enumerate(names)},
        "constants": constants,
        "dropped": dropped,
        "is_number": is_number,
    }
    return type(f"RecordView_{kind_name}", (RecordView,), body)
