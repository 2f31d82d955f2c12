"""A lowered plant: plain arrays, no strings, ready for the compiled loop.

``Program`` is what ``plant.lower`` makes and what the engines run. All records of all kinds lie in one flat
float64 array (``memory``), of which the table of each kind is a view: a checkpoint is a copy of it, a
scenario a few changed numbers in it, and a logged state an index into it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from h2plant.core.declare import Kind, OwnStep
from h2plant.core.jit import IS_JIT_DISABLED

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
PlaceArray = npt.NDArray[np.uint64]
"""Indices without a sign: compiled code looks out for none from the end (a quarter of what sums of outputs take)."""

COPY = -1
"""Kind code of a schedule entry that copies a signal: (kind, row) = (COPY, index into ``copies``)."""

# columns of ``Arrays.event_marks`` and ``Arrays.event_sizes``
COMPONENT, CODE, FIRST_STEP, LAST_STEP = 0, 1, 2, 3
AMOUNT, PEAK = 0, 1

# counters of the loop, in ``Arrays.counters``
STEP = 0  # steps done since the start
N_EVENTS = 1  # events written to the buffer
LOG_ROW = 2  # rows written to the log buffer
IN_INTERVAL = 3  # steps done in the running log interval
FAILED_COMPONENT = 4  # component that stopped the run, or -1
FAILED_CODE = 5
N_OPENED = 6  # events that began
N_COUNTERS = 7


class Arrays(NamedTuple):
    """What the compiled loop reads and writes besides the tables.

    Shapes: n_slots bus slots, n_schedule entries, n_components, n_series, n_outputs and n_states logged.
    """

    bus: FloatArray
    memory: FloatArray
    props: FloatArray
    schedule_kind: IntArray
    schedule_row: IntArray
    schedule_component: IntArray
    emit_kind: IntArray
    emit_row: IntArray
    emit_component: IntArray
    copies: IntArray  # (n, 2): from slot, to slot
    series_values: FloatArray  # all series one after another
    series_first: IntArray  # index of the first sample of each
    series_count: IntArray
    series_resolution_s: FloatArray
    series_offset_s: FloatArray
    series_is_linear: IntArray
    series_slot: IntArray
    status: IntArray  # open event of each component's step, then of each entry of emit (0: none)
    event_first_step: IntArray
    event_amount: FloatArray
    event_peak: FloatArray
    event_marks: IntArray  # (n, 4) closed events: component, code, first and last step
    event_sizes: FloatArray  # (n, 2): amount integrated over time, peak
    counters: IntArray
    interval_sum: FloatArray  # bus summed over the running log interval
    totals: FloatArray  # bus summed over all finished intervals, times the step: kg, J, EUR
    output_index: PlaceArray  # indices into memory, logged as means
    output_block: PlaceArray  # first words of the blocks of memory (BLOCK words each) in which all of them lie
    output_place: PlaceArray  # where the sum of each is
    output_sum: FloatArray  # block after block
    state_index: IntArray  # indices into memory, logged as end values
    log: FloatArray  # (rows, n_slots + n_outputs + n_states)


class Column(NamedTuple):
    """A logged column: name, unit, meaning, and what its value says about time."""

    name: str
    unit: str
    doc: str
    timing: str  # 'mean' over the interval, or 'end' of it


class Flow(NamedTuple):
    """A link or an open port, for the ledger: first slot, medium, and the components at its ends (-1: outside)."""

    name: str
    medium: str
    slot: int
    source: int
    target: int


class Planning(Protocol):
    """Who plans ahead while a program runs."""

    def attend(self, engine: Any) -> Callable[[int], int]:
        """Return what an engine is to call before it goes on: takes the steps done, returns how many may follow."""

    def report(self) -> dict[str, Any]:
        """Return what was planned, for the summary."""

    def snapshot(self) -> Any:
        """Return where the plan stands, for ``restore``."""

    def restore(self, kept: Any) -> None:
        """Go back to where the plan stood."""


@dataclass
class Program:
    """A lowered plant with its initial state.

    Attributes
    ----------
    component_ids, component_kinds, component_rows
        One entry per component, in declaration order; kinds are indices into ``kinds``.
    kinds
        All built-in kinds, then those from outside that the plant uses.
    tables
        One structured array per kind, views into ``memory`` (empty for kinds the plant does not use).
    field_index
        ``'component.field'`` -> index into ``memory``.
    slot_index
        ``'component.port'`` -> first slot of the port's link (multi ports: of the first link).
    own_steps
        Index of a kind -> the step that takes the place of the kind's own.
    raised
        What kernels from outside raised, where they run as plain Python.
    planning
        Who plans ahead, for a plant whose dispatch is ``planned``.
    outage_costs
        What outages cost: (component, begin and end in s of the run, EUR each, EUR/s, if once in every year).
    """

    name: str
    step_s: float
    log_every_s: float
    component_ids: list[str]
    component_kinds: list[int]
    component_rows: list[int]
    kinds: tuple[Kind, ...]
    tables: tuple[npt.NDArray[Any], ...]
    arrays: Arrays
    columns: list[Column]
    flows: list[Flow]
    field_index: dict[str, int]
    slot_index: dict[str, int]
    n_slots: int
    slot_columns: IntArray  # slots that are logged, in column order
    notes: list[str] = field(default_factory=list)
    own_steps: dict[int, OwnStep] = field(default_factory=dict)
    raised: list[str] = field(default_factory=list)
    planning: Planning | None = None
    outage_costs: tuple[tuple[str, float, float, float, float, bool], ...] = ()

    def kind_of(self, component: int) -> Kind:
        """Return the kind of a component by its number."""
        return self.kinds[self.component_kinds[component]]

    @property
    def own_code(self) -> str:
        """The code of the user's own that runs with it, in words; empty where there is none."""
        rules = [f"the rule {one.file}" for one in self.own_steps.values()]
        kinds = {f"the kind {kind.name}" for kind in (self.kinds[k] for k in self.component_kinds) if kind.source}
        return " or ".join([*rules, *sorted(kinds)])

    @property
    def n_components(self) -> int:
        return len(self.component_ids)

    def value(self, name: str) -> float:
        """Return a field by ``component.field`` as it is now."""
        return float(self.arrays.memory[self.field_index[name]])


def line_zeros(n: int) -> FloatArray:
    """Return n zeros that begin with a line of the processor's cache (64 bytes), as streams on the bus suppose.

    Where memory happens to be given out 16 bytes off a line, every stream lies in two: 4 % of the loop.
    """
    room = np.zeros(n + 7)
    first = -(room.ctypes.data // 8) % 8
    return room[first : first + n]


def as_table(memory: FloatArray, dtype: np.dtype[Any], first: int, n: int) -> npt.NDArray[Any]:
    """Return n records of a kind as a view into the flat memory."""
    width = dtype.itemsize // 8
    view: npt.NDArray[Any] = memory[first : first + n * width].view(dtype)
    # plain Python reaches fields of a recarray as attributes, as compiled code does of any record
    return view.view(np.recarray) if IS_JIT_DISABLED else view


WRITTEN = (
    "bus", "memory", "status", "event_first_step", "event_amount", "event_peak", "event_marks", "event_sizes",
    "counters", "interval_sum", "totals", "output_sum", "log",
)  # fmt: skip
"""The arrays that a run writes; all others (tables of properties, series, schedule) are only read."""


def copy_program(program: Program) -> Program:
    """Return a program that runs on its own: what a run writes is copied, what it only reads is shared.

    A plant is lowered once and copied for each of many scenarios, which then change a few numbers
    (``copy.arrays.memory[copy.field_index["wind.capacity_w"]] = ...``) before they begin. The copy stands where
    the program stands: fresh, or in the midst of a run.

    Parameters
    ----------
    program
        A lowered plant; it is left as it is.

    Returns
    -------
    Program
        About 0.4 MB for the reference plant, of 1.8 MB in all; the log's buffer grows when it runs.

    Raises
    ------
    ValueError
        If the plant is planned ahead (kind ``planned``): the plan is written into the series, which would be shared.
    """
    if program.planning is not None:
        raise ValueError(f"{program.name}: a plant that is planned ahead cannot be copied: its plan is in its series")
    arrays = program.arrays._replace(**{name: getattr(program.arrays, name).copy() for name in WRITTEN})
    tables = []
    first = 0
    for table in program.tables:  # one after another in memory, as lowering laid them
        tables.append(as_table(arrays.memory, table.dtype, first, table.size))
        first += table.size * table.dtype.itemsize // 8
    return replace(program, arrays=arrays, tables=tuple(tables), notes=list(program.notes))
