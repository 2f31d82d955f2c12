"""``SimulationEngineOptimized``: the lowered plant in one compiled loop."""

from __future__ import annotations

import difflib
import types

import numpy as np

from h2plant.simulation import batch_states, loop
from h2plant.simulation.batch_states import BatchStates, LumpedComponent
from h2plant.simulation.calls import Calls, Kernels, begin_all, calls_of, content_all, kernels_of
from h2plant.simulation.engine import Engine
from h2plant.simulation.event import Watch
from h2plant.simulation.loop_forms import types_of
from h2plant.simulation.program import FAILED_CODE, LOG_ROW, N_EVENTS, FloatArray, IntArray, Program
from h2plant.simulation.warm_up import compile_missing, missing_kernels


class SimulationEngineOptimized(Engine):
    """Runs a program compiled: some seconds for a plant-year of minutes.

    The components of the plant are registered from the start. Bodies of one's own may be added with
    ``register_component``; they follow the plant, step by step, in the compiled loop.

    Parameters
    ----------
    program
        A lowered plant (``h2plant.simulation.lower.lower``).
    """

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._compiled: tuple[Calls, Kernels, Kernels] | None = None
        self.batch = BatchStates()
        self._kind_of = dict(zip(program.component_ids, program.component_kinds, strict=True))
        self._T_indices: dict[str, IntArray] = {}
        self._P_indices: dict[str, IntArray] = {}
        for component_id in program.component_ids:
            self.register_component(component_id)

    def register_component(self, component: str | LumpedComponent) -> None:
        """Enter a component into the maps from its id to its temperatures and pressures.

        Parameters
        ----------
        component
            The id of a component of the plant (all are entered from the start), or a body of one's own, which is
            then stepped after each step of the plant. Bodies are no part of log, ledger and snapshots.

        Raises
        ------
        ValueError
            The plant has no such component, the name is taken, or a flow names no column of the log.
        """
        if isinstance(component, LumpedComponent):
            name = component.component_id
            if name in self._T_indices:
                raise ValueError(f"{name}: there is a component of this name; take another")
            column = self.batch.add(component, self.program)
            self._T_indices[name] = np.array([column], dtype=np.int64)
            self._P_indices[name] = np.array([column] if component.volume_m3 > 0.0 else [], dtype=np.int64)
            return
        self._T_indices[component] = self._state_indices(component, "K")
        self._P_indices[component] = self._state_indices(component, "Pa")

    def _state_indices(self, component_id: str, unit: str) -> IntArray:
        """Return where in ``memory`` the states of a component of the plant with a unit are."""
        if component_id not in self._kind_of:
            near = ", ".join(difflib.get_close_matches(component_id, self._kind_of, 3))
            raise ValueError(
                f"the plant has no component {component_id!r}" + (f"; did you mean {near}?" if near else "")
            )
        fields = self.program.kinds[self._kind_of[component_id]].fields
        names = [f"{component_id}.{f.name}" for f in fields if f.role == "state" and f.unit == unit]
        return np.array([self.program.field_index[name] for name in names], dtype=np.int64)

    def temperatures_k(self, component_id: str) -> FloatArray:
        """Return the temperatures of a registered component as they are now, K, in the order of its declaration."""
        return self._states(component_id, self._T_indices, batch_states.TEMPERATURE)

    def pressures_pa(self, component_id: str) -> FloatArray:
        """Return the pressures of a registered component as they are now, Pa; none for a component without."""
        return self._states(component_id, self._P_indices, batch_states.PRESSURE)

    def efficiency_frac(self, component_id: str) -> float:
        """Return the efficiency of a registered body, 0 to 1; NaN for one that is no stack, and before a step."""
        if component_id in self._kind_of:
            raise ValueError(f"{component_id}: only bodies of one's own have an efficiency here; see the log's columns")
        return float(self._states(component_id, self._T_indices, batch_states.EFFICIENCY)[0])

    def _states(self, component_id: str, indices: dict[str, IntArray], row: int) -> FloatArray:
        if component_id not in indices:
            raise ValueError(f"no component {component_id!r} is registered")
        is_of_plant = component_id in self._kind_of
        values = self.program.arrays.memory if is_of_plant else self.batch.states[row]
        found: FloatArray = values[indices[component_id]]
        return found

    def batch_thermal(self, dt_s: float) -> None:
        """Step the temperatures of all registered bodies, as the loop does after each step of the plant."""
        batch_states.thermal_batch(self.batch.states, self.batch.inputs, self.batch.constants, dt_s)

    def batch_pressure(self, dt_s: float) -> None:
        """Step the pressures of all registered bodies."""
        batch_states.pressure_batch(self.batch.states, self.batch.inputs, self.batch.constants, dt_s)

    def batch_efficiency(self) -> None:
        """Set the efficiencies of all registered bodies from their temperatures and currents."""
        batch_states.efficiency_batch(self.batch.states, self.batch.inputs, self.batch.constants)

    def _kernels(self) -> tuple[Calls, Kernels, Kernels]:
        """Return the calls of the schedule, of ``begin`` and of ``content``; compiles first what was never compiled."""
        if self._compiled is None:
            program = self.program
            missing = missing_kernels(program)
            if missing:
                compile_missing(missing, types_of(program.arrays))
            self._compiled = calls_of(program), kernels_of(program, "begin"), kernels_of(program, "content")
        return self._compiled

    def begin(self) -> None:
        self.batch.begin()
        a = self.program.arrays
        kernels = self._kernels()[1]
        with self.may_hang():
            failed, code = begin_all(kernels, a.memory, a.props)
        if failed >= 0:
            raise self._failure(self.program.component_ids[failed], code)

    def advance(self, n_steps: int) -> int:
        calls = self._kernels()[0]
        if len(self.batch) == 0:
            return self._advance(calls, n_steps)
        p = self.program
        plant = (p.arrays, p.slot_columns, n_steps, p.step_s, self.steps_per_log)
        return int(batch_states.advance_with_batches(calls, *plant, *self.batch.arrays))

    def _advance(self, calls: Calls, n_steps: int) -> int:
        p = self.program
        return int(loop.advance(calls, p.arrays, p.slot_columns, n_steps, p.step_s, self.steps_per_log))

    def advance_watched(self, n_steps: int, watch: Watch) -> int:
        if len(self.batch):
            return super().advance_watched(n_steps, watch)
        p = self.program
        plant = (p.arrays, p.slot_columns, n_steps, p.step_s, self.steps_per_log)
        return int(loop.advance_watched(self._kernels()[0], *plant, watch))

    def step_simulation(self, t: int | None = None) -> int:
        """Do the steps up to and with number ``t``, from Python, for interactive and control use.

        ``for t in range(n): engine.step_simulation(t)`` does n steps. Log rows that nobody collects are overwritten;
        use ``run`` to keep them.

        Parameters
        ----------
        t
            Number of the last step to do; the first step of a run is 0. Without it: the next step.

        Returns
        -------
        Number of steps done since the start.

        Raises
        ------
        ValueError
            Step ``t`` was done before.
        SimulationFailure
            A component reported a fatal status or a value was not finite.
        """
        if t is not None and t < self.step_number:
            raise ValueError(f"step {t} is done: {self.step_number} steps were; only later ones can follow")
        last = self.step_number if t is None else t
        a = self.program.arrays
        while self.step_number <= last:
            a.counters[LOG_ROW] = 0
            a.counters[N_EVENTS] = 0
            pause = last + 1 if self.before_step is None else self.before_step(self.step_number)
            self.advance(min(last + 1 - self.step_number, pause))
            if a.counters[FAILED_CODE] != 0:
                raise self._failure(self._failed_component(), int(a.counters[FAILED_CODE]))
        return self.step_number

    def content(self) -> FloatArray:
        a = self.program.arrays
        held = np.zeros((self.program.n_components, 5))
        kernels = self._kernels()[2]
        with self.may_hang():
            content_all(kernels, a.memory, a.props, held)
        return self._require_content(held)

    def _ask_rule(self, component: str, bus: FloatArray) -> None:
        program = self.program
        if component not in self._kind_of:
            return
        kind = self._kind_of[component]
        rule = program.own_steps.get(kind)
        if rule is None or rule.plain is rule.kernel:
            return
        record = program.tables[kind][program.component_rows[program.component_ids.index(component)]]
        names = program.kinds[kind].dtype.names or ()
        read = types.SimpleNamespace(**{name: record[name].item() for name in names})
        rule.plain(read, bus.tolist(), None, program.step_s)

    def close_interval(self) -> None:
        loop.close_interval(self.program.arrays, self.program.slot_columns, self.program.step_s)

    def rows(self, kind_name: str) -> dict[str, int]:
        """Return the row of each component of a kind in that kind's table."""
        kind = next(i for i, k in enumerate(self.program.kinds) if k.name == kind_name)
        return {
            id_: row
            for id_, k, row in zip(
                self.program.component_ids, self.program.component_kinds, self.program.component_rows, strict=True
            )
            if k == kind
        }
