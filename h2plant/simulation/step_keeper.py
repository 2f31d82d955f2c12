"""Keeps single steps of a run as they were, for its audit: drawn at random, and one of each mode of each component.

Modes are the statuses that a component reports (its events) and the values of the fields that ``watched_fields`` names.
A step of a mode is found after it was made: the program then goes back to a state that it kept, at most ``STRETCH``
steps ago, and makes them again, bit for bit, with a stop before that step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from h2plant.core.role import LineControl, Maker
from h2plant.core.status import OK, STATUS_TEXT
from h2plant.simulation.event import Start, Watch
from h2plant.simulation.program import STEP, Arrays, FloatArray, IntArray, Program

if TYPE_CHECKING:
    from h2plant.simulation.engine import Engine

N_KEPT = 200
"""Steps that a run keeps where nobody says otherwise: three in four of them drawn, the others of modes."""
_MOST_MODES = 62  # bits of a mode's mark
_SEEN = ("last", "seen", "codes_seen", "counts")
"""What a watch remembers from one slice to the next; its notes are taken at the end of each, its start is made anew."""


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


def make_watch(arrays: Arrays, places: IntArray, drawn: IntArray, fields: IntArray) -> Watch:
    """Return a watch over the fields at some places in memory that has seen nothing and keeps the drawn steps."""
    start = Start(**{name: np.empty_like(getattr(arrays, name)) for name in Start._fields})
    notes, counts = np.zeros((_MOST_MODES * places.size, 2), dtype=np.int64), np.zeros(4, dtype=np.int64)
    seen, codes = np.zeros_like(places), np.full_like(arrays.status, 1 << OK)
    kept = np.empty((drawn.size, 2 * (arrays.bus.size + fields.size)))
    return Watch(places, np.full(places.size, np.nan), seen, codes, notes, counts, start, drawn, fields, kept)


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
        The steps kept so far, each a row; see ``matrices``.
    widths
        Numbers of the bus before and after a step, and of the fields before and after it.
    missed
        (component, mode) of which no step was kept.
    """

    def __init__(self, program: Program, n_steps: int, fields: IntArray, n_kept: int = N_KEPT, seed: int = 0) -> None:
        self.program = program
        self._fields = fields
        self.taken: dict[int, FloatArray] = {}
        self.widths = (program.n_slots, program.n_slots, fields.size, fields.size)
        self.missed: list[tuple[int, str]] = []
        first = int(program.arrays.counters[STEP])
        drawn = np.random.default_rng(seed).choice(n_steps, min(n_steps, max(3 * n_kept // 4, 1)), replace=False)
        self._drawn = np.unique(np.append(drawn, 0)) + first
        self._most = 2 * n_kept
        watched = watched_fields(program)
        self._of_field = [(component, name) for name, component in watched.items()]
        places = np.array([program.field_index[name] for name in watched], dtype=np.int64)
        self._watch = make_watch(program.arrays, places, self._drawn, fields)
        self._before = [np.empty_like(values) for values in self._watch.start[:2]]
        self._codes: set[tuple[int, int]] = set()

    def advance(self, engine: Engine, n_steps: int) -> int:
        """Run up to n_steps; returns the number done, as ``Engine.advance``."""
        end = engine.step_number + n_steps
        self._watch.counts[3] = np.searchsorted(self._drawn, engine.step_number)
        while engine.step_number < end:
            asked, first = end - engine.step_number, int(self._watch.counts[3])
            made = engine.advance_watched(asked, self._watch)
            is_stopped = made < asked and not self._watch.counts[1]
            modes = self._new_modes()
            for row in range(first, int(self._watch.counts[3])):
                self.taken[int(self._drawn[row])] = self._watch.kept[row]
            if is_stopped:  # the step after the last one made failed, or has no room in the log: nothing to keep of it
                break
            if not modes or engine.step_number - 1 in self.taken:
                continue
            if len(self.taken) < self._most:
                self._take_again(engine)
            else:
                self.missed += modes
        return engine.step_number + n_steps - end

    def forget(self, number: int) -> None:
        """Drop the steps from a number on, to which the program was put back; those drawn are kept anew."""
        self.taken = {kept: one for kept, one in self.taken.items() if kept < number}

    def snapshot(self) -> dict[str, Any]:
        """Return what was kept and seen so far, for ``restore``."""
        watch, taken = self._watch, sorted(self.taken)
        return {
            "numbers": np.array(taken, dtype=np.int64),
            "taken": np.array([self.taken[number] for number in taken]),
            "missed": list(self.missed),
            "codes": set(self._codes),
            **{name: getattr(watch, name).copy() for name in _SEEN},
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Go on from what a keeper of the same run kept and saw; steps that were drawn before are passed over."""
        self.taken = dict(zip(kept["numbers"].tolist(), kept["taken"], strict=True))
        self.missed, self._codes = list(kept["missed"]), set(kept["codes"])
        for name in _SEEN:
            getattr(self._watch, name)[:] = kept[name]

    def _take_again(self, engine: Engine) -> None:
        """Keep the step just made: go back to the start that the watch kept and make what followed again."""
        last = engine.step_number - 1
        first = int(self._watch.start.counters[STEP])
        if first == last:
            self._take(last, self._watch.start)
            return
        a = self.program.arrays
        for name, values in zip(Start._fields, self._watch.start, strict=True):
            getattr(a, name)[:] = values
        engine.take_over()
        engine.advance(last - first)
        for values, now in zip(self._before, (a.bus, a.memory), strict=True):
            values[:] = now
        engine.advance(1)
        self._take(last, self._before)

    def _take(self, number: int, before: Sequence[Any]) -> None:
        a = self.program.arrays
        # as it is: packing would take ten times as long as all else that is done for a step, to spare 8 MB in all
        self.taken[number] = np.concatenate((before[0], a.bus, before[1][self._fields], a.memory[self._fields]))

    def matrices(self) -> tuple[IntArray, list[FloatArray]]:
        """Return the numbers of the steps, and bus before and after and fields before and after each, rows in order.

        Columns lie in one piece, as laws read them.
        """
        numbers = sorted(self.taken)
        found = [np.empty((len(numbers), width), order="F") for width in self.widths]
        ends = np.cumsum(self.widths)[:-1]
        for row, number in enumerate(numbers):
            for matrix, part in zip(found, np.split(self.taken[number], ends), strict=True):
                matrix[row] = part
        return np.array(numbers, dtype=np.int64), found

    def _new_modes(self) -> list[tuple[int, str]]:
        """Return (component, mode) of the modes first seen in the step just made."""
        a, watch = self.program.arrays, self._watch
        if not watch.counts[1]:
            return []
        modes: list[tuple[int, str]] = []
        n_components = a.status.size - a.emit_component.size
        for place in np.flatnonzero(a.status != OK).tolist():
            component = place if place < n_components else int(a.emit_component[place - n_components])
            code = int(a.status[place])
            if (component, code) not in self._codes:
                self._codes.add((component, code))
                modes.append((component, STATUS_TEXT.get(code, f"status {code}")))
        for which, mode in watch.notes[: int(watch.counts[0])].tolist():
            component, name = self._of_field[which]
            modes.append((component, f"{name.rpartition('.')[2]} {mode}"))
        watch.counts[:2] = 0
        return modes
