"""Plants that run together on the device: which can, their words, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from h2plant.core.bus import FIRST_FREE
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.cuda.carried import slots_not_carried
from h2plant.cuda.lanes import NO_WORD, SHARED_STRIDE, TILE, Dropped, Shape, Shared, constant_fields
from h2plant.cuda.wanted import Wanted, temperatures_and_pressures
from h2plant.simulation.calls import Kernels, begin_all, content_all, kernels_of
from h2plant.simulation.engine import SimulationFailure
from h2plant.simulation.program import COPY, IN_INTERVAL, STEP, FloatArray, IntArray, Program

_SAME = (
    "props", "schedule_kind", "schedule_row", "schedule_component", "emit_kind", "emit_row", "emit_component", "copies",
    "series_first", "series_count", "series_resolution_s", "series_offset_s", "series_is_linear", "series_slot",
)  # fmt: skip
"""The arrays that plants of one batch have in common; series may differ in their values."""


class Batch:
    """Programs of one structure, all at the same step.

    Parameters
    ----------
    first
        One of them, which has begun; it is not added.
    wanted
        What is to be kept of totals and fields; None: all but totals of temperatures and pressures of streams.
    """

    def __init__(self, first: Program, wanted: Wanted | None = None) -> None:
        a = first.arrays
        self.programs: list[Program] = []
        self.first_step = int(a.counters[STEP])
        self.step_s = first.step_s
        self.steps_per_log = max(1, round(first.log_every_s / first.step_s))
        self.kinds = tuple((k, first.kinds[k]) for k in sorted(set(first.component_kinds)))
        self.wanted = wanted
        self.dropped: Dropped = frozenset() if wanted is None else wanted.dropped
        self.summed_slots, self._not_summed = _slots(first)
        if wanted is not None:
            is_kept = np.isin(self.summed_slots, list(wanted.slots))
            self._not_summed = np.concatenate([self._not_summed, self.summed_slots[~is_kept]])
            self.summed_slots = self.summed_slots[is_kept]
        self._dropped_places = _places(first, self.dropped)
        self.shape = Shape(a.bus.size, a.memory.size, self.summed_slots.size)
        self._first = first
        self._memory = a.memory.copy()
        self._is_alike = np.ones(a.memory.size, dtype=np.bool_)
        self._kernels = {name: kernels_of(first, name) for name in ("begin", "content")}
        self._series: list[FloatArray] = []
        self._set_of_lane: list[int] = []

    def fits(self, program: Program) -> bool:
        """Tell whether a program can run beside those of the batch."""
        a, b = self._first.arrays, program.arrays
        if program.kinds != self._first.kinds:
            return False
        if (program.step_s, program.log_every_s) != (self._first.step_s, self._first.log_every_s):
            return False
        if int(b.counters[STEP]) != self.first_step or program.n_slots != self._first.n_slots:
            return False
        pairs = [(getattr(a, name), getattr(b, name)) for name in _SAME]
        pairs += zip(self._first.tables, program.tables, strict=True)
        if any(x is not y and x.shape != y.shape for x, y in pairs) or a.series_values.shape != b.series_values.shape:
            return False
        return all(x is y or np.array_equal(x, y) for x, y in pairs[: len(_SAME)])

    def _kernels_of(self, program: Program, name: str) -> Kernels:
        """Return the kernels of a program that fits: without plain Python's records, those of the first."""
        return kernels_of(program, name) if IS_JIT_DISABLED else self._kernels[name]

    def begin(self, program: Program) -> None:
        """Set the initial states of a program that fits.

        Raises
        ------
        SimulationFailure
            A component has none.
        """
        a = program.arrays
        failed, code = begin_all(self._kernels_of(program, "begin"), a.memory, a.props)
        if failed >= 0:
            raise SimulationFailure(program.component_ids[failed], 0, 0.0, code)

    def content(self, program: Program) -> FloatArray:
        """Return what each component of a program of the batch holds now: (n_components, 5), see ``Engine.content``."""
        held = np.zeros((program.n_components, 5))
        content_all(self._kernels_of(program, "content"), program.arrays.memory, program.arrays.props, held)
        return held

    def add(self, program: Program) -> None:
        """Take a program that fits and has begun."""
        self.programs.append(program)
        self._is_alike &= program.arrays.memory == self._memory
        values = program.arrays.series_values
        for k, known in enumerate(self._series):
            if known is values or np.array_equal(known, values):
                self._set_of_lane.append(k)
                return
        self._set_of_lane.append(len(self._series))
        self._series.append(values)

    def empty_slots(self, n_steps: int) -> list[int]:
        """Return the slots that need no word, as it seems from a run of the first plant; see ``carried``."""
        found = np.array(slots_not_carried(self._first, n_steps), dtype=np.int64)
        for program in self.programs:
            found = found[program.arrays.bus[found] == 0.0]
        return [int(slot) for slot in found]

    @property
    def n_tiles(self) -> int:
        """Number of tiles; the last may have lanes that nobody uses."""
        return -(-len(self.programs) // TILE)

    def shared(self, empty_slots: Sequence[int] = ()) -> Shared:
        """Return what all lanes read; ``empty_slots`` get no words."""
        a = self._first.arrays
        places = np.arange(a.bus.size, dtype=np.int32)
        places[list(empty_slots)] = NO_WORD
        return Shared(
            self._memory,
            places,
            a.props,
            *self._entries(a.schedule_kind, a.schedule_row, a.schedule_component),
            *self._entries(a.emit_kind, a.emit_row, a.emit_component),
            np.ascontiguousarray(a.copies),
            np.concatenate(self._series),
            a.series_first,
            a.series_count,
            a.series_resolution_s,
            a.series_offset_s,
            a.series_is_linear,
            a.series_slot,
            self.summed_slots,
        )

    def _entries(
        self, kinds: IntArray, rows: IntArray, components: IntArray
    ) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        memory_at = self._first.arrays.memory.ctypes.data
        records, strides = rows.copy(), np.full(rows.size, SHARED_STRIDE, dtype=np.int64)
        for i, (kind, row) in enumerate(zip(kinds.tolist(), rows.tolist(), strict=True)):
            if kind == COPY:
                continue
            records[i] = (self._first.tables[kind][row:].ctypes.data - memory_at) // 8
            constants = constant_fields(self._first.kinds[kind])
            names = self._first.kinds[kind].dtype.names or ()
            places = [int(records[i]) + k for k, name in enumerate(names) if name in constants]
            if not self._is_alike[places].all():
                strides[i] = TILE
        return kinds, records, components, strides

    def series_base(self) -> IntArray:
        """Return where each lane's set of series starts."""
        return np.array(self._set_of_lane, dtype=np.int64) * self._series[0].size

    def tiles(self, first: int, n: int) -> FloatArray:
        """Return the words of n tiles as they lie on the device, flat."""
        words = np.zeros((n, self.shape.n_words, TILE))
        for lane, program in enumerate(self.programs[first * TILE : (first + n) * TILE]):
            tile = words[lane // TILE, :, lane % TILE]
            tile[: self.shape.n_slots] = program.arrays.bus
            tile[self.shape.n_slots :][: self.shape.n_memory] = program.arrays.memory
        return words.reshape(-1)

    def take_back(
        self, first: int, words: FloatArray, is_whole: IntArray, n_steps: int
    ) -> Iterator[tuple[int, Program]]:
        """Write end states and totals into the programs of some tiles; what was not kept becomes NaN.

        Parameters
        ----------
        first
            Number of the first tile.
        words
            The tiles as they lie on the device, flat.
        is_whole
            Of each lane of the batch, whether it did all its steps; others keep the state that they began with.
        n_steps
            Steps done.

        Yields
        ------
        (lane, program) of each whole one, before it is written to and again after it was.
        """
        n_slots, n_memory, n_summed = self.shape
        tiles = words.reshape(-1, self.shape.n_words, TILE)
        for lane in range(first * TILE, min((first + tiles.shape[0]) * TILE, len(self.programs))):
            program = self.programs[lane]
            if is_whole[lane]:
                yield lane, program
                mine = tiles[lane // TILE - first, :, lane % TILE]
                a = program.arrays
                a.bus[:] = mine[:n_slots]
                a.memory[:] = mine[n_slots : n_slots + n_memory]
                sums, totals = mine[n_slots + n_memory :].reshape(2, n_summed)
                a.totals[self.summed_slots] += totals + sums * self.step_s
                a.totals[self._not_summed] = np.nan
                a.memory[self._dropped_places] = np.nan
                a.counters[STEP] += n_steps
            yield lane, program


def _places(program: Program, fields: Dropped) -> IntArray:
    """Return where in its memory a program has fields."""
    of_kind = zip(program.component_ids, program.component_kinds, strict=True)
    named = [(id_, program.kinds[k].name) for id_, k in of_kind]
    found = [program.field_index[f"{id_}.{f}"] for id_, kind in named for name, f in fields if name == kind]
    return np.array(sorted(found), dtype=np.int64)


def can_run(program: Program) -> str:
    """Return why a program cannot run on the device, or nothing if it can."""
    if program.own_steps:
        return "a rule of one's own runs on the processor only"
    if program.planning is not None:
        return "a plant that is planned ahead runs on the processor only"
    if program.arrays.counters[IN_INTERVAL] != 0:
        return "it stands in the midst of a log interval"
    return ""


def _slots(program: Program) -> tuple[IntArray, IntArray]:
    """Return the slots that something is written to, but for temperatures and pressures of streams; and those.

    What lies between is never written: room that lines up streams, what unlinked ports read.
    """
    written = {*program.slot_columns.tolist(), *program.arrays.copies[:, 1].tolist()}
    other = temperatures_and_pressures(program)
    engine = range(FIRST_FREE)
    return np.array(sorted(written - other), dtype=np.int64), np.array([*engine, *sorted(other)], dtype=np.int64)
