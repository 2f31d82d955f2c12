"""A user's own dispatch rule: a function in a Python file, made into the step of the kind ``user_rule``.

The arguments of the function are looked up by their names, so that it takes what it needs and no more.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from h2plant.core.bus import TIME
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import OwnStep
from h2plant.core.jit import IS_JIT_DISABLED, compiled_form, kernel, mark, plain
from h2plant.core.status import RULE_NOT_FINITE, RULE_RAISED
from h2plant.dispatch import user_rule
from h2plant.dispatch.request import serve_request
from h2plant.dispatch.setpoints import auxiliary_power
from h2plant.plant.finding import Finding, PlantError, listing, nearest

ARGUMENTS = {
    "price_eur_per_mwh": "bus[c.price] / EUR_PER_MWH",
    "wind_w": "bus[c.available_power]",
    "forecast_w": "bus[c.forecast_power]",
    "storage_level_frac": "bus[c.storage_level]",
    "auxiliary_w": "auxiliary_power(c, bus)",
    "soec_w": "c.soec_setpoint_w",
    "pem_w": "c.pem_setpoint_w",
    "soec_power_w": "c.soec_power_w",
    "pem_power_w": "c.pem_power_w",
    "import_limit_w": "c.import_limit_w",
    "time_s": "bus[TIME]",
    "dt_s": "dt",
    "memory": "memory",
}
"""What a rule may take, and where it comes from in the kernel."""

_STEP = """
def step(c, bus, props, dt):
    memory = {memory}
    soec_w = 0.0
    pem_w = 0.0
    try:
        soec_w, pem_w = decide({arguments})
    except Exception{how}
        return RULE_RAISED
    {keep}
    if not (soec_w - soec_w == 0.0 and pem_w - pem_w == 0.0):
        return RULE_NOT_FINITE
    return serve_request(c, bus, dt, soec_w, pem_w, c.import_limit_w)
"""
_FIELDS = [f"c.memory_{i}" for i in range(user_rule.N_MEMORY)]


def find_rule(text: str, folder: Path) -> tuple[str, str, str, int] | None:
    """Return what is wrong with ``file.py:function``: (id, what, remedy, line of the Python file); None if nothing.

    Compiles nothing yet.
    """
    name, colon, function = text.rpartition(":")
    if not colon or not name.endswith(".py") or not function.isidentifier():
        return "bad-rule", f"'{text}' does not name a function", "write 'file: my_rule.py:decide'", 0
    file = folder / name
    if not file.is_file():
        near = nearest(name, [f.name for f in folder.glob("*.py")])
        return "no-such-file", f"there is no file '{name}' in '{folder}'", near, 0
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    except (SyntaxError, UnicodeDecodeError) as error:
        line = getattr(error, "lineno", None) or 0
        return "bad-python", f"{name}, line {line}: {getattr(error, 'msg', error)}", "mend the file", line
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if function not in functions:
        what = f"there is no function '{function}' in '{name}'"
        return "no-such-function", what, nearest(function, functions), 0
    found = functions[function].args
    line = functions[function].lineno
    if found.vararg or found.kwarg or found.kwonlyargs:
        return "wrong-signature", f"{name}, line {line}: '{function}' takes more than plain arguments", _takes(), line
    wrong = [a.arg for a in (*found.posonlyargs, *found.args) if a.arg not in ARGUMENTS]
    if wrong:
        what = f"{name}, line {line}: '{function}' takes {listing(wrong)}, which no rule is given"
        return "wrong-signature", what, f"{nearest(wrong[0], ARGUMENTS)}. {_takes()}", line
    return None


def _takes() -> str:
    return f"a rule takes any of {listing(list(ARGUMENTS))} and returns (soec_w, pem_w)"


def own_step(reference: str) -> OwnStep:
    """Return the step that calls a rule.

    Parameters
    ----------
    reference
        ``path/of/file.py:function``; ``find_rule`` found nothing wrong with it.

    Raises
    ------
    PlantError
        If the file cannot be executed.
    """
    content = Path(reference.rpartition(":")[0]).read_bytes()
    return _own_step(reference, hashlib.sha256(content).hexdigest())


@functools.cache
def _own_step(reference: str, digest: str) -> OwnStep:
    path, _, name = reference.rpartition(":")
    # a module of the package by name: compiled code is kept under the content of the file
    module = types.ModuleType(f"h2plant.own_rule_{digest[:16]}")
    module.__file__ = path
    sys.modules[module.__name__] = module
    try:
        exec(compile(Path(path).read_text(encoding="utf-8"), path, "exec"), vars(module))
    except Exception as error:
        line = next((f.tb_lineno for f in _frames(error.__traceback__) if f.tb_frame.f_code.co_filename == path), 0)
        what = f"stops while it is read: {type(error).__name__}: {error}"
        raise PlantError([Finding("bad-python", "", what, "mend the file", Path(path), line)]) from None
    own = {k: f for k, f in vars(module).items() if inspect.isfunction(f) and f.__module__ == module.__name__}
    decide = own[name]
    names = list(inspect.signature(decide).parameters)
    said: list[str] = []
    plain_step = _make(decide, names, module, said)
    if IS_JIT_DISABLED:
        return OwnStep(plain_step, user_rule.KIND.dtype, plain_step, said)
    for key, function in own.items():
        setattr(module, key, compiled_form(mark(function), boundscheck=True))
    step = _make(getattr(module, name), names, module, None)
    step.users_place = path, decide.__code__.co_firstlineno
    return OwnStep(kernel(step), _dtype_with_array(), plain_step, said)


def _frames(traceback: Any) -> list[types.TracebackType]:
    frames = []
    while traceback is not None:
        frames.append(traceback)
        traceback = traceback.tb_next
    return frames[::-1]


def _make(decide: Callable[..., Any], names: list[str], module: types.ModuleType, said: list[str] | None) -> Any:
    """Return a step that calls a rule with its arguments.

    With a list, the step is plain Python, with all that it calls, and writes there what the rule raised.
    """
    is_plain = said is not None

    def note(error: Exception) -> None:
        file = str(module.__file__)
        lines = [f.tb_lineno for f in _frames(error.__traceback__) if f.tb_frame.f_code.co_filename == file]
        assert said is not None
        said.append(f"{file}{f':{lines[0]}' if lines else ''}: {type(error).__name__}: {error}")

    namespace: dict[str, Any] = {
        "__name__": module.__name__,
        "decide": decide,
        "serve_request": plain(serve_request, {}) if is_plain else serve_request,
        "auxiliary_power": plain(auxiliary_power, {}) if is_plain else auxiliary_power,
        "note": note,
        "EUR_PER_MWH": EUR_PER_MWH,
        "RULE_RAISED": RULE_RAISED,
        "RULE_NOT_FINITE": RULE_NOT_FINITE,
        "TIME": TIME,
    }
    source = _STEP.format(
        arguments=", ".join(ARGUMENTS[n] for n in names),
        memory=f"[{', '.join(_FIELDS)}]" if is_plain else "c.memory",
        how=" as error:\n        note(error)" if is_plain else ":",
        keep=f"{', '.join(_FIELDS)} = memory" if is_plain else "pass",
    )
    exec(compile(source, "<step of a rule>", "exec"), namespace)
    return namespace["step"]


def _dtype_with_array() -> np.dtype[Any]:
    """Return the layout of the kind's records with its memory, which comes first, as one array."""
    plain_dtype = user_rule.KIND.dtype
    rest = [(name, plain_dtype[name]) for name in (plain_dtype.names or ())[user_rule.N_MEMORY :]]
    return np.dtype([("memory", "f8", (user_rule.N_MEMORY,)), *rest])
