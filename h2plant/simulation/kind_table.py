"""From the list of kinds to the compiled chain that calls their kernels.

A new kind is one line in the list of kinds; this module writes the ``if`` chain over kinds from that list
(once per version of the sources, beside the compiled code in the cache folder) and imports it. The text
depends on the kinds only, never on a plant, so no plant ever compiles anything.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from h2plant.components import KINDS
from h2plant.core.declare import Kind
from h2plant.core.jit import cache_folder, python_function

_HEADER = '''"""Written by h2plant.simulation.kind_table from the list of kinds."""
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.jit import kernel, leaf
from h2plant.core.status import FATAL, OK
from h2plant.simulation.event import note_status
from h2plant.simulation.program import FAILED_CODE
'''


def _import_line(kind: Kind, function: str) -> str:
    kernel = getattr(kind, function)
    module = python_function(kernel).__module__
    name = python_function(kernel).__qualname__
    return f"from {module} import {name} as {function}_{kind.name}\n"


def source() -> str:
    """Return the text of the module with ``step_all``, ``emit_all``, ``begin_all`` and ``content_all``."""
    text = _HEADER
    for kind in KINDS:
        for function in ("step", "emit", "begin", "content"):
            if getattr(kind, function) is not None:
                text += _import_line(kind, function)
    text += """

@leaf
def step_all(tables, a, dt, step_number):
    bus = a.bus
    props = a.props
    for i in range(a.schedule_kind.size):
        kind = a.schedule_kind[i]
        row = a.schedule_row[i]
        code = OK
"""
    for index, kind in enumerate(KINDS):
        word = "if" if index == 0 else "elif"
        text += f"        {word} kind == {index}:\n"
        text += f"            code = step_{kind.name}(tables[{index}][row], bus, props, dt)\n"
    text += """        else:
            bus[a.copies[row, 1]] = bus[a.copies[row, 0]]
            continue
        component = a.schedule_component[i]
        if code != OK or a.status[component] != OK:
            note_status(a, component, code, bus[EVENT_AMOUNT], step_number, dt)
            if code >= FATAL:
                a.counters[FAILED_CODE] = code
                return component
    return -1


@leaf
def emit_all(tables, a, dt):
    bus = a.bus
    props = a.props
    for i in range(a.emit_kind.size):
        kind = a.emit_kind[i]
        row = a.emit_row[i]
"""
    emitting = [(i, k) for i, k in enumerate(KINDS) if k.emit is not None]
    for n, (index, kind) in enumerate(emitting):
        text += f"        {'if' if n == 0 else 'elif'} kind == {index}:\n"
        text += f"            code = emit_{kind.name}(tables[{index}][row], bus, props, dt)\n"
        text += "            if code >= FATAL:\n"
        text += "                a.counters[FAILED_CODE] = code\n"
        text += "                return a.emit_component[i]\n"
    text += """        else:
            bus[a.copies[row, 1]] = bus[a.copies[row, 0]]
    return -1


@kernel
def begin_all(tables, kinds, rows, props):
    for i in range(kinds.size):
        kind = kinds[i]
        row = rows[i]
        code = OK
"""
    for n, (index, kind) in enumerate((i, k) for i, k in enumerate(KINDS) if k.begin is not None):
        text += f"        {'if' if n == 0 else 'elif'} kind == {index}:\n"
        text += f"            code = begin_{kind.name}(tables[{index}][row], props)\n"
    text += """        if code != OK:
            return i
    return -1


@kernel
def content_all(tables, kinds, rows, props, content):
    for i in range(kinds.size):
        kind = kinds[i]
        row = rows[i]
        held = (0.0, 0.0, 0.0, 0.0, 0.0)
"""
    for n, (index, kind) in enumerate((i, k) for i, k in enumerate(KINDS) if k.content is not None):
        text += f"        {'if' if n == 0 else 'elif'} kind == {index}:\n"
        text += f"            held = content_{kind.name}(tables[{index}][row], props)\n"
    text += """        for j in range(5):
            content[i, j] = held[j]
"""
    return text


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".py.tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)


def _load() -> ModuleType:
    name = "h2plant.simulation.kind_chain"
    path = cache_folder() / "kind_chain.py"
    _write(path, source())
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_chain = _load()
step_all = _chain.step_all
emit_all = _chain.emit_all
begin_all = _chain.begin_all
content_all = _chain.content_all
