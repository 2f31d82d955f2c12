"""From the schedule of a plant to calls of compiled kernels, by address.

Each kernel of a kind is compiled on its own, for records of its kind, and the loop calls it through its address.
So the loop itself is small and knows no kinds, a plant compiles only the kinds that it uses, and kinds can be
compiled side by side (``warm_up``). Addresses belong to the process: they are no part of the ``Program``.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.declare import Kind
from h2plant.core.jit import IS_JIT_DISABLED, kernel, leaf, python_function
from h2plant.core.native_call import call_begin, call_content, call_kernel, compile_kernel
from h2plant.core.status import FATAL, OK
from h2plant.core.user_code import guarded
from h2plant.simulation.event import note_status
from h2plant.simulation.program import COPY, FAILED_CODE, IntArray, Program


class Calls(NamedTuple):
    """One entry per entry of ``Arrays.schedule_kind`` and ``Arrays.emit_kind``.

    Address of the kernel, and the place of its record in ``Arrays.memory``; for a copy of a signal: 0, and the
    row in ``Arrays.copies``. Without a compiler: the kernel itself, and the record.
    """

    step_kernel: Any
    step_record: Any
    emit_kernel: Any
    emit_record: Any


class Kernels(NamedTuple):
    """One entry per component that has the kernel in question: kernel and record as in ``Calls``."""

    component: IntArray
    kernel: Any
    record: Any


def calls_of(program: Program) -> Calls:
    """Return the calls of a program's schedule."""
    a = program.arrays
    return Calls(
        *_entries(program, "step", a.schedule_kind.tolist(), a.schedule_row.tolist()),
        *_entries(program, "emit", a.emit_kind.tolist(), a.emit_row.tolist()),
    )


def kernels_of(program: Program, function: str) -> Kernels:
    """Return the kernels ``begin`` or ``content`` of a program's components."""
    having = [i for i, k in enumerate(program.component_kinds) if getattr(program.kinds[k], function) is not None]
    kinds = [program.component_kinds[i] for i in having]
    rows = [program.component_rows[i] for i in having]
    return Kernels(np.array(having, dtype=np.int64), *_entries(program, function, kinds, rows))


def _entries(program: Program, function: str, kinds: list[int], rows: list[int]) -> tuple[Any, Any]:
    if IS_JIT_DISABLED:
        own = {k: step.plain for k, step in program.own_steps.items()} if function == "step" else {}
        plain = {k: own.get(k) or as_python(program, k, function) for k in set(kinds) - {COPY}}
        records = [row if k == COPY else program.tables[k][row] for k, row in zip(kinds, rows, strict=True)]
        return [plain.get(k) for k in kinds], records
    addresses = {k: 0 if k == COPY else _address(program, k, function) for k in set(kinds)}
    memory_at = program.arrays.memory.ctypes.data
    records = [
        row if k == COPY else (program.tables[k][row:].ctypes.data - memory_at) // 8
        for k, row in zip(kinds, rows, strict=True)
    ]
    return np.array([addresses[k] for k in kinds], dtype=np.int64), np.array(records, dtype=np.int64)


def _address(program: Program, kind_index: int, function: str) -> int:
    if function == "step" and kind_index in program.own_steps:
        own = program.own_steps[kind_index]
        return compile_kernel(own.kernel, function, own.dtype)
    return _kind_address(program.kinds[kind_index], function)


def as_python(program: Program, kind_index: int, function: str) -> Any:
    """Return a kernel as it is called without the compiler; one from outside notes what it raises."""
    kind = program.kinds[kind_index]
    kernel = getattr(kind, function)
    return kernel if kind.source is None else guarded(python_function(kernel), function, program.raised)


@functools.cache  # asking the compiler takes 0.2 ms for each kernel, also when it has it
def _kind_address(kind: Kind, function: str) -> int:
    return compile_kernel(getattr(kind, function), function, kind.dtype)


@kernel
def begin_all(kernels, memory, props):
    """Set the initial states of all components; returns the one that failed, or -1, and its status."""
    for i in range(kernels.component.size):
        code = call_begin(kernels.kernel[i], memory, kernels.record[i], props)
        if code != OK:
            return kernels.component[i], code
    return -1, OK


@kernel
def content_all(kernels, memory, props, content):
    """Write what each component holds, (n_components, 5)."""
    for i in range(kernels.component.size):
        held = call_content(kernels.kernel[i], memory, kernels.record[i], props)
        for j in range(5):
            content[kernels.component[i], j] = held[j]


@leaf
def step_all(calls, a, dt, step_number):
    """Step all components in the order of the schedule; returns the one that failed, or -1."""
    bus = a.bus
    for i in range(a.schedule_kind.size):
        record = calls.step_record[i]
        if a.schedule_kind[i] == COPY:
            bus[a.copies[record, 1]] = bus[a.copies[record, 0]]
            continue
        code = call_kernel(calls.step_kernel[i], a.memory, record, bus, a.props, dt)
        component = a.schedule_component[i]
        if code != OK or a.status[component] != OK:
            note_status(a, component, code, bus[EVENT_AMOUNT], step_number, dt)
            if code >= FATAL:
                a.counters[FAILED_CODE] = code
                return component
    return -1


@leaf
def emit_all(calls, a, dt, step_number):
    """Let all storages write what they hold; returns the component that failed, or -1."""
    bus = a.bus
    first_place = a.status.size - a.emit_kind.size
    for i in range(a.emit_kind.size):
        record = calls.emit_record[i]
        if a.emit_kind[i] == COPY:
            bus[a.copies[record, 1]] = bus[a.copies[record, 0]]
            continue
        code = call_kernel(calls.emit_kernel[i], a.memory, record, bus, a.props, dt)
        if code != OK or a.status[first_place + i] != OK:
            note_status(a, first_place + i, code, bus[EVENT_AMOUNT], step_number, dt)
            if code >= FATAL:
                a.counters[FAILED_CODE] = code
                return a.emit_component[i]
    return -1
