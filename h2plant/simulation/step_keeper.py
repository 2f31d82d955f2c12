"""Keeps single steps of a run as they were, for its audit: drawn at random, and one of each mode of each component.

Modes are the statuses that a component reports (its events) and the values of the fields that ``watched_fields`` names.
A step of a mode is found after it was made: the program then goes back to the start of the chunk, at most ``CHUNK``
steps ago, and makes them again, bit for bit, with a stop at that step.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from h2plant.core.role import LineControl, Maker
from h2plant.core.status import OK, STATUS_TEXT
from h2plant.simulation.program import CODE, COMPONENT, FIRST_STEP, N_EVENTS, STEP, FloatArray, IntArray, Program

if TYPE_CHECKING:
    from h2plant.simulation.engine import Engine

N_KEPT = 200
"""Steps that a run keeps where nobody says otherwise: three in four of them drawn, the others of modes."""
CHUNK = 480
_MOST_MODES = 62  # bits of a mode's mark
_WRITTEN = (
    *("bus", "memory", "status", "event_first_step", "event_amount", "event_peak", "counters"),
    *("interval_sum", "totals", "output_sum"),
)


class Watch(NamedTuple):
    """Fields whose values are modes.

    Attributes
    ----------
    places
        Where they are in memory, shape (n,).
    seen
        Values seen so far, a bit each, shape (n,).
    notes
        (field, value, step) of each value when it was first seen, shape (62 n, 3).
    n_notes
        Number of notes, shape (1,).
    """

    places: IntArray
    seen: IntArray
    notes: IntArray
    n_notes: IntArray


def watched_fields(program: Program) -> dict[str, int]:
    """Return the fields whose values are modes, ``component.field`` -> component."""
    found = {}
    for i, id_ in enumerate(program.component_ids):
        kind = program.kind_of(i)
        role = kind.role
        named = {role.mode} if isinstance(role, Maker) else {role.is_on} if isinstance(role, LineControl) else set()
        for f in kind.fields:
            if (
                f.role == "state"
                and f.unit == "1"
                and (f.name in named or f.name == "mode" or f.name.startswith("is_"))
            ):
                found[f"{id_}.{f.name}"] = i
    return found


def make_watch(places: IntArray) -> Watch:
    """Return a watch that has seen nothing."""
    n = places.size
    zeros = np.zeros(n, dtype=np.int64)
    return Watch(places, zeros, np.zeros((_MOST_MODES * n, 3), dtype=np.int64), np.zeros(1, dtype=np.int64))


class StepKeeper:
    """Runs a program's steps for an engine and keeps some of them.

    Parameters
    ----------
    program
        What runs.
    n_steps
        Steps of the run.
    fields
        What is kept besides the bus, as places in memory.
    n_kept
        Steps to keep, three in four of them drawn; more where the modes of the plant need more, twice that at most.
    seed
        Seed of the draw.

    Attributes
    ----------
    taken
        The steps kept so far, packed; see ``matrices``.
    widths
        Numbers of the bus before and after a step, and of the fields before and after it.
    missed
        (component, mode) of which no step was kept.
    """

    def __init__(self, program: Program, n_steps: int, fields: IntArray, n_kept: int = N_KEPT, seed: int = 0) -> None:
        self.program = program
        self._fields = fields
        self.taken: dict[int, bytes] = {}
        self.widths = (program.n_slots, program.n_slots, fields.size, fields.size)
        # made once: arrays of this size would leave holes in memory that are not given back
        self._start = [np.empty_like(getattr(program.arrays, name)) for name in _WRITTEN]
        self._before = [np.empty_like(values) for values in self._start[:2]]
        self._row = np.empty(sum(self.widths))
        self.missed: list[tuple[int, str]] = []
        first = int(program.arrays.counters[STEP])
        drawn = np.random.default_rng(seed).choice(n_steps, min(n_steps, max(3 * n_kept // 4, 1)), replace=False)
        self._drawn = sorted({first, *(int(number) + first for number in drawn)}, reverse=True)
        self._all_drawn = tuple(self._drawn)
        self._most = 2 * n_kept
        watched = watched_fields(program)
        self._of_field = [(component, name) for name, component in watched.items()]
        self._watch = make_watch(np.array([program.field_index[name] for name in watched], dtype=np.int64))
        self._codes: set[tuple[int, int]] = set()

    def advance(self, engine: Engine, n_steps: int) -> int:
        """Run up to n_steps; returns the number done, as ``Engine.advance``."""
        done = 0
        while done < n_steps:
            number = engine.step_number
            while self._drawn and self._drawn[-1] < number:
                self._drawn.pop()
            is_drawn = bool(self._drawn) and self._drawn[-1] == number
            wanted = 1 if is_drawn else min(CHUNK, n_steps - done)
            if not is_drawn and self._drawn:
                wanted = min(wanted, self._drawn[-1] - number)
            made = self._chunk(engine, wanted, is_drawn)
            done += made
            if made < wanted:
                break
        return done

    def forget(self, number: int) -> None:
        """Drop the steps from a number on, to which the program was put back; they are drawn anew."""
        self.taken = {kept: one for kept, one in self.taken.items() if kept < number}
        self._drawn = [drawn for drawn in self._all_drawn if drawn >= number]

    def _chunk(self, engine: Engine, n_steps: int, is_drawn: bool) -> int:
        """Run a chunk, again where a mode appeared in it; a single step that was drawn is kept."""
        a = self.program.arrays
        number, n_events = engine.step_number, int(a.counters[N_EVENTS])
        self._copy_to(self._start)
        n_notes = int(self._watch.n_notes[0])
        made = engine.advance_watched(n_steps, self._watch)
        steps = self._of_new_modes(number, n_events, n_notes)
        if is_drawn and made:
            self._take(number, self._start)
        elif steps and engine.goes_back:
            for name, values in zip(_WRITTEN, self._start, strict=True):
                getattr(a, name)[:] = values
            engine.take_over()
            for step in sorted(step for step in steps if number <= step < number + made):
                engine.advance(step - engine.step_number)
                self._copy_to(self._before)
                engine.advance(1)
                self._take(step, self._before)
            engine.advance(number + made - engine.step_number)
        return made

    def _copy_to(self, kept: list[Any]) -> None:
        """Copy the first of the arrays that a run writes, as many as there is room for."""
        for name, values in zip(_WRITTEN, kept, strict=False):
            values[:] = getattr(self.program.arrays, name)

    def _take(self, number: int, before: list[Any]) -> None:
        a = self.program.arrays
        kept = (before[0], a.bus, before[1][self._fields], a.memory[self._fields])
        np.concatenate(kept, out=self._row)
        self.taken[number] = zlib.compress(self._row.data, 1)  # 0.4 ms, a quarter of the memory

    def matrices(self) -> tuple[IntArray, list[FloatArray]]:
        """Return the numbers of the steps, and bus before and after and fields before and after each, rows in order.

        Columns lie in one piece, as laws read them.
        """
        numbers = sorted(self.taken)
        found = [np.empty((len(numbers), width), order="F") for width in self.widths]
        ends = np.cumsum(self.widths)[:-1]
        for row, number in enumerate(numbers):
            parts = np.split(np.frombuffer(zlib.decompress(self.taken[number])), ends)
            for matrix, part in zip(found, parts, strict=True):
                matrix[row] = part
        return np.array(numbers, dtype=np.int64), found

    def _of_new_modes(self, number: int, n_events: int, n_notes: int) -> set[int]:
        """Return the steps in which a mode was first seen since a step."""
        a = self.program.arrays
        modes: list[tuple[int, int, str]] = []  # component, step, mode
        marks = a.event_marks[n_events : a.counters[N_EVENTS]]
        found = [(int(m[COMPONENT]), int(m[CODE]), int(m[FIRST_STEP])) for m in marks]
        n_components = a.status.size - a.emit_component.size
        for place in np.flatnonzero(a.status != OK).tolist():
            component = place if place < n_components else int(a.emit_component[place - n_components])
            found.append((component, int(a.status[place]), int(a.event_first_step[place])))
        for component, code, first in found:
            if (component, code) not in self._codes:
                self._codes.add((component, code))
                modes.append((component, max(first, number), STATUS_TEXT.get(code, f"status {code}")))
        for which, mode, step in self._watch.notes[n_notes : int(self._watch.n_notes[0])].tolist():
            component, name = self._of_field[which]
            modes.append((component, step, f"{name.rpartition('.')[2]} {mode}"))
        if len(self.taken) >= self._most:
            self.missed += [(component, mode) for component, _, mode in modes]
            return set()
        return {step for _, step, _ in modes}
