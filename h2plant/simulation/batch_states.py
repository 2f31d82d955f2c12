"""Own lumped bodies beside the plant: a temperature, a pressure, an efficiency each, stepped as batches.

They follow the plant and do not act on it: what flows into a body is a number or a column of the log, whose value
over the step just done it takes. The loop stays compiled; without such bodies it is the plant's own loop.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-untyped-decorators

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass

import numpy as np

from h2plant.core.jit import batch_loop
from h2plant.core.numba_ops_enhanced import batch_efficiency_updates, batch_pressure_updates, batch_thermal_updates
from h2plant.core.number import is_finite
from h2plant.physics.relaxation import linear_step
from h2plant.simulation.loop import advance
from h2plant.simulation.program import FloatArray, IntArray, Program

# rows of the states, of the inputs and of the constants; a column is a body
TEMPERATURE, PRESSURE, EFFICIENCY = 0, 1, 2
HEAT_IN, HEAT_OUT, AMBIENT, INFLOW, OUTFLOW, CURRENT = 0, 1, 2, 3, 4, 5
CAPACITY, CONDUCTANCE, GAS_CONSTANT, VOLUME, AREA = 0, 1, 2, 3, 4
N_STATES, N_INPUTS, N_CONSTANTS = 3, 6, 5
NOMINAL_K = 333.15
REFERENCE_FRAC = 0.65


@dataclass(frozen=True)
class LumpedComponent:
    """A body of one temperature beside the plant; with a volume it holds gas, with an area it is a stack.

    Attributes
    ----------
    component_id
        Its name; no component of the plant has it.
    heat_capacity_j_per_k
        Heat capacity, J/K.
    temperature_k, pressure_pa
        At the start, K and Pa.
    heat_in_w, heat_out_w, ambient_temperature_k, inflow_kg_per_s, outflow_kg_per_s, current_a
        Heat flows in W, surroundings in K, gas flows in kg/s, current in A: a number, or the name of a column of
        the log (``stack.heat_loss.heat_w``), whose value over the step it takes.
    loss_w_per_k
        Conductance to the surroundings, W/K.
    volume_m3, gas_constant_j_per_kg_k
        Volume of ideal gas in m3 (0: none) and its constant in J/(kg K) (hydrogen).
    stack_area_cm2
        Cell area of a stack, cm2 (0: none).

    Raises
    ------
    ValueError
        A number is not finite or outside what makes sense.
    """

    component_id: str
    heat_capacity_j_per_k: float
    temperature_k: float = 298.15
    heat_in_w: float | str = 0.0
    heat_out_w: float | str = 0.0
    loss_w_per_k: float = 0.0
    ambient_temperature_k: float | str = 298.15
    volume_m3: float = 0.0
    pressure_pa: float = 101325.0
    inflow_kg_per_s: float | str = 0.0
    outflow_kg_per_s: float | str = 0.0
    gas_constant_j_per_kg_k: float = 4124.5
    current_a: float | str = 0.0
    stack_area_cm2: float = 0.0

    def __post_init__(self) -> None:
        for name in ("heat_capacity_j_per_k", "temperature_k", "gas_constant_j_per_kg_k"):
            self._require(name, getattr(self, name) > 0.0, "must be above 0")
        for name in ("loss_w_per_k", "volume_m3", "pressure_pa", "stack_area_cm2"):
            self._require(name, getattr(self, name) >= 0.0, "must not be below 0")
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            self._require(name, isinstance(value, str) or is_finite(value), "must be finite")

    def _require(self, name: str, is_so: bool, text: str) -> None:
        if not is_so:
            raise ValueError(f"{self.component_id}: {name} {text}, not {getattr(self, name)}")

    @property
    def _inputs(self) -> tuple[float | str, ...]:
        """In the order of the rows of the inputs."""
        return (
            self.heat_in_w,
            self.heat_out_w,
            self.ambient_temperature_k,
            self.inflow_kg_per_s,
            self.outflow_kg_per_s,
            self.current_a,
        )

    @property
    def _constants(self) -> tuple[float, ...]:
        return (
            self.heat_capacity_j_per_k,
            self.loss_w_per_k,
            self.gas_constant_j_per_kg_k,
            self.volume_m3,
            self.stack_area_cm2,
        )


@batch_loop
def thermal_batch(states, inputs, constants, dt):
    """Step all temperatures by dt: the Euler step with the mean loss over the step, so exact for constant flows."""
    T = states[TEMPERATURE]
    loss_w = np.empty(T.size)
    for i in range(T.size):
        k = constants[CONDUCTANCE, i]
        per_c = 1.0 / constants[CAPACITY, i]
        source_w = inputs[HEAT_IN, i] - inputs[HEAT_OUT, i] + k * inputs[AMBIENT, i]
        _, mean_k = linear_step(T[i], source_w * per_c, k * per_c, dt)
        loss_w[i] = k * (mean_k - inputs[AMBIENT, i])
    end_k = batch_thermal_updates(T, dt, inputs[HEAT_IN], inputs[HEAT_OUT], loss_w, constants[CAPACITY], 0.0, math.inf)
    for i in range(T.size):  # an assignment of the whole takes seconds to compile
        T[i] = end_k[i]


@batch_loop
def pressure_batch(states, inputs, constants, dt):
    """Step all pressures by dt, at the temperatures as they are."""
    end_pa = batch_pressure_updates(
        states[PRESSURE],
        dt,
        inputs[INFLOW],
        inputs[OUTFLOW],
        constants[GAS_CONSTANT],
        states[TEMPERATURE],
        constants[VOLUME],
    )
    for i in range(end_pa.size):
        states[PRESSURE, i] = end_pa[i]


@batch_loop
def efficiency_batch(states, inputs, constants):
    """Set all efficiencies from temperature and current density; NaN without a stack."""
    density = np.zeros(states.shape[1])
    for i in range(density.size):
        if constants[AREA, i] > 0.0:
            density[i] = inputs[CURRENT, i] / constants[AREA, i]
    efficiency = batch_efficiency_updates(states[TEMPERATURE], density, 1.0, NOMINAL_K, REFERENCE_FRAC)
    for i in range(density.size):
        states[EFFICIENCY, i] = efficiency[i] if constants[AREA, i] > 0.0 else math.nan


@batch_loop
def read_links(inputs, links, bus, memory):
    """Take over from the plant what drives the bodies; links: row, column, 1 for memory or 0 for bus, index."""
    for k in range(links.shape[0]):
        source = memory if links[k, 2] == 1 else bus
        inputs[links[k, 0], links[k, 1]] = source[links[k, 3]]


@batch_loop
def advance_with_batches(calls, a, slot_columns, n_steps, dt, steps_per_log, states, inputs, constants, links):
    """Run n_steps as ``loop.advance`` does, and all bodies after each step; returns the number done."""
    for done in range(n_steps):
        if advance(calls, a, slot_columns, 1, dt, steps_per_log) == 0:
            return done
        read_links(inputs, links, a.bus, a.memory)
        thermal_batch(states, inputs, constants, dt)
        pressure_batch(states, inputs, constants, dt)
        efficiency_batch(states, inputs, constants)
    return n_steps


class BatchStates:
    """The bodies' states, inputs and constants as arrays, one column a body."""

    def __init__(self) -> None:
        self._components: list[LumpedComponent] = []
        self.states: FloatArray = np.zeros((N_STATES, 0))
        self.inputs: FloatArray = np.zeros((N_INPUTS, 0))
        self.constants: FloatArray = np.zeros((N_CONSTANTS, 0))
        self.links: IntArray = np.zeros((0, 4), dtype=np.int64)

    def __len__(self) -> int:
        return len(self._components)

    @property
    def arrays(self) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
        """What the compiled functions take."""
        return self.states, self.inputs, self.constants, self.links

    def add(self, component: LumpedComponent, program: Program) -> int:
        """Add a body; returns its column.

        Raises
        ------
        ValueError
            A flow names a column that the log does not have.
        """
        column = len(self._components)
        values, links = [], []
        for row, value in enumerate(component._inputs):
            if isinstance(value, str):
                links.append((row, column, *_place(program, value, component.component_id)))
            values.append(0.0 if isinstance(value, str) else value)
        start = [component.temperature_k, component.pressure_pa if component.volume_m3 > 0.0 else 0.0, math.nan]
        self.states = np.column_stack([self.states, start])
        self.inputs = np.column_stack([self.inputs, values])
        self.constants = np.column_stack([self.constants, component._constants])
        if links:
            self.links = np.concatenate([self.links, np.array(links, dtype=np.int64)])
        self._components.append(component)
        return column

    def begin(self) -> None:
        """Set all bodies to their start."""
        for column, component in enumerate(self._components):
            self.states[TEMPERATURE, column] = component.temperature_k
            self.states[PRESSURE, column] = component.pressure_pa if component.volume_m3 > 0.0 else 0.0
            self.states[EFFICIENCY, column] = math.nan


def _place(program: Program, name: str, component_id: str) -> tuple[int, int]:
    """Return (1 for memory or 0 for bus, index) of a column of the log."""
    names = [column.name for column in program.columns]
    if name not in names:
        near = difflib.get_close_matches(name, names, 3)
        text = f"; did you mean {', '.join(near)}?" if near else ""
        raise ValueError(f"{component_id}: the log has no column {name!r}{text}")
    k = names.index(name)
    places = [(0, int(i)) for i in program.slot_columns]
    places += [(1, int(i)) for i in (*program.arrays.output_index, *program.arrays.state_index)]
    return places[k]
