"""``SimulationEngine``, the baseline: plain Python, one component after another, CoolProp's equations of state.

It runs the very same kernels as the compiled engine, as Python functions, with every property look-up rebound
to CoolProp and every held expansion to the solution itself (``physics.direct``): nothing is remembered from one
question to the next. Slow and trusted: accuracy and speed-up are measured against it, and it is what to fall back to.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np

from h2plant.core.bus import EVENT_AMOUNT, TIME
from h2plant.core.declare import Kind
from h2plant.core.jit import plain
from h2plant.core.properties.reference import REPLACEMENTS
from h2plant.core.status import FATAL, OK, OUT_OF_RANGE
from h2plant.core.user_code import guarded
from h2plant.physics.held.direct import DIRECT
from h2plant.simulation import loop
from h2plant.simulation.engine import Engine
from h2plant.simulation.event import note_status
from h2plant.simulation.program import (
    COPY,
    FAILED_CODE,
    FAILED_COMPONENT,
    IN_INTERVAL,
    LOG_ROW,
    N_EVENTS,
    STEP,
    FloatArray,
    Program,
)


class SimulationEngine(Engine):
    """Runs a program as plain Python objects on reference equations of state.

    Parameters
    ----------
    program
        A lowered plant; its state (also one taken over from the optimised engine) is where this one starts.
    """

    longest_slice = 60

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._props = None  # the stand-ins ask CoolProp and look at no table
        memo: dict[Callable[..., Any], Callable[..., Any]] = {}

        def of(kind: Kind, name: str) -> Callable[..., Any] | None:
            function = getattr(kind, name)
            if function is None:
                return None
            made = plain(function, {**REPLACEMENTS, **DIRECT}, memo)
            return made if kind.source is None else guarded(made, name, program.raised)

        own, kinds = program.own_steps, program.kinds
        self._step = [own[k].plain if k in own else of(kind, "step") for k, kind in enumerate(kinds)]
        self._emit, self._begin, self._content = ([of(kind, f) for kind in kinds] for f in ("emit", "begin", "content"))
        self._put_series = plain(loop.put_series, {}, memo)
        self._close_interval = plain(loop.close_interval, {}, memo)
        self._note_status = plain(note_status, {}, memo)
        self._objects: list[types.SimpleNamespace] = []
        self._bus: list[float] = []
        self._outputs = [
            (component, field.name)
            for component, kind in enumerate(program.component_kinds)
            for field in program.kinds[kind].fields
            if field.role == "output"
        ]
        self.take_over()

    def take_over(self) -> None:
        """Read the state of all components from the program's memory."""
        program = self.program
        self._bus = [float(v) for v in program.arrays.bus]
        self._objects = []
        for kind, row in zip(program.component_kinds, program.component_rows, strict=True):
            record = program.tables[kind][row]
            names = program.kinds[kind].dtype.names or ()
            self._objects.append(types.SimpleNamespace(**{name: record[name].item() for name in names}))

    def hand_back(self) -> None:
        """Write the state of all components to the program's memory."""
        program = self.program
        program.arrays.bus[:] = self._bus
        for component, (kind, row) in enumerate(zip(program.component_kinds, program.component_rows, strict=True)):
            for name, value in vars(self._objects[component]).items():
                program.tables[kind][name][row] = value

    def begin(self) -> None:
        for component, kind in enumerate(self.program.component_kinds):
            function = self._begin[kind]
            code = OK if function is None else function(self._objects[component], self._props)
            if code != OK:
                raise self._failure(self.program.component_ids[component], code)
        self.hand_back()

    def advance(self, n_steps: int) -> int:
        a = self.program.arrays._replace(bus=self._bus)  # type: ignore[arg-type]  # a list: faster item by item
        dt = self.program.step_s
        room_for_events = a.event_marks.shape[0] - 2 * a.status.size
        for done in range(n_steps):
            if a.counters[LOG_ROW] >= a.log.shape[0] or a.counters[N_EVENTS] > room_for_events:
                self.hand_back()
                return done
            step_number = int(a.counters[STEP])
            self._bus[TIME] = step_number * dt
            self._put_series(a, step_number * dt, dt)
            failed = self._one_step(a, dt, step_number)
            sums = np.array(self._bus)
            if failed >= 0 or not np.isfinite(sums).all():
                a.counters[FAILED_COMPONENT] = failed
                if failed < 0:
                    a.counters[FAILED_CODE] = OUT_OF_RANGE
                self.hand_back()
                return done
            a.interval_sum[:] += sums
            a.output_sum[a.output_place] += [getattr(self._objects[c], name) for c, name in self._outputs]
            a.counters[STEP] = step_number + 1
            a.counters[IN_INTERVAL] += 1
            if a.counters[IN_INTERVAL] >= self.steps_per_log:
                self.close_interval()
        self.hand_back()
        return n_steps

    def _one_step(self, a: Any, dt: float, step_number: int) -> int:
        bus = self._bus
        places = range(self.program.n_components, a.status.size)
        schedules = (
            (self._emit, a.emit_kind, a.emit_row, a.emit_component.tolist(), places),
            (self._step, a.schedule_kind, a.schedule_row, *[a.schedule_component.tolist()] * 2),
        )
        for functions, kinds, rows, components, at in schedules:
            entries = zip(kinds.tolist(), rows.tolist(), components, at, strict=True)
            for kind, row, component, place in entries:
                if kind == COPY:
                    bus[a.copies[row, 1]] = bus[a.copies[row, 0]]
                    continue
                function = functions[kind]
                assert function is not None
                code = function(self._objects[component], bus, self._props, dt)
                if code != OK or a.status[place] != OK:
                    self._note_status(a, place, code, bus[EVENT_AMOUNT], step_number, dt)
                if code >= FATAL:
                    a.counters[FAILED_CODE] = code
                    return int(component)
        return -1

    def content(self) -> FloatArray:
        held = np.zeros((self.program.n_components, 5))
        for component, kind in enumerate(self.program.component_kinds):
            function = self._content[kind]
            if function is not None:
                held[component] = function(self._objects[component], self._props)
        return self._require_content(held)

    def close_interval(self) -> None:
        self.hand_back()
        self._close_interval(self.program.arrays, self.program.slot_columns, self.program.step_s)
