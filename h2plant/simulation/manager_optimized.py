"""``SimulationEngineOptimized``: the lowered plant in one compiled loop."""

from __future__ import annotations

import numpy as np

from h2plant.components import KINDS
from h2plant.core.status import OUT_OF_RANGE
from h2plant.simulation import loop
from h2plant.simulation.calls import Calls, Kernels, begin_all, calls_of, content_all, kernels_of
from h2plant.simulation.engine import Engine, SimulationFailure
from h2plant.simulation.program import LOG_ROW, N_EVENTS, FloatArray, Program
from h2plant.simulation.warm_up import compile_missing, missing_kernels


class SimulationEngineOptimized(Engine):
    """Runs a program compiled: about a second for a plant-year of minutes.

    Parameters
    ----------
    program
        A lowered plant (``h2plant.plant.lower.lower``).
    """

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._compiled: tuple[Calls, Kernels, Kernels] | None = None

    def _kernels(self) -> tuple[Calls, Kernels, Kernels]:
        """Return the calls of the schedule, of ``begin`` and of ``content``; compiles first what was never compiled."""
        if self._compiled is None:
            program = self.program
            missing = missing_kernels(program)
            if missing:
                compile_missing(missing, self._compile_loop)
            self._compiled = calls_of(program), kernels_of(program, "begin"), kernels_of(program, "content")
        return self._compiled

    def _compile_loop(self) -> None:
        nothing = np.zeros(0, dtype=np.int64)
        self._advance(Calls(nothing, nothing, nothing, nothing), 0)

    def begin(self) -> None:
        a = self.program.arrays
        failed = begin_all(self._kernels()[1], a.memory, a.props)
        if failed >= 0:
            raise SimulationFailure(self.program.component_ids[failed], 0, 0.0, OUT_OF_RANGE)

    def advance(self, n_steps: int) -> int:
        return self._advance(self._kernels()[0], n_steps)

    def _advance(self, calls: Calls, n_steps: int) -> int:
        p = self.program
        return int(loop.advance(calls, p.arrays, p.slot_columns, n_steps, p.step_s, self.steps_per_log))

    def step_simulation(self, n_steps: int = 1) -> int:
        """Advance n steps from Python, for interactive and control use; returns the step number.

        Log rows that nobody collects are overwritten; use ``run`` to keep them.
        """
        for _ in range(n_steps):
            if self.before_step is not None:
                self.before_step(self.step_number)
            self.program.arrays.counters[LOG_ROW] = 0
            self.program.arrays.counters[N_EVENTS] = 0
            self.advance(1)
        return self.step_number

    def content(self) -> FloatArray:
        a = self.program.arrays
        held = np.zeros((self.program.n_components, 5))
        content_all(self._kernels()[2], a.memory, a.props, held)
        return held

    def close_interval(self) -> None:
        loop.close_interval(self.program.arrays, self.program.slot_columns, self.program.step_s)

    def rows(self, kind_name: str) -> dict[str, int]:
        """Return the row of each component of a kind in that kind's table."""
        kind = next(i for i, k in enumerate(KINDS) if k.name == kind_name)
        return {
            id_: row
            for id_, k, row in zip(
                self.program.component_ids, self.program.component_kinds, self.program.component_rows, strict=True
            )
            if k == kind
        }
