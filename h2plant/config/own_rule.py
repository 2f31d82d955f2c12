"""A user's own dispatch rule: a function in a Python file, made into the step of the kind ``user_rule``.

The arguments of the function are looked up by their names, so that it takes what it needs and no more.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from h2plant.core.bus import TIME
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import OwnStep
from h2plant.core.jit import IS_JIT_DISABLED, kernel, plain, python_function
from h2plant.core.status import RULE_NOT_FINITE, RULE_RAISED
from h2plant.core.user_code import UserCode, UserCodeError, UserFunction, place_of, read_code
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


def read_rule(text: str, read: Callable[[str], UserCode]) -> UserFunction:
    """Return the function that ``file.py:function`` names, in a file that ``read`` reads; runs nothing yet.

    Raises
    ------
    UserCodeError
        What is wrong with it; without a line, it is the text that is wrong.
    """
    name, colon, function = text.rpartition(":")
    if not colon or not name.endswith(".py") or not function.isidentifier():
        what = f"'{text}' does not name a function"
        raise UserCodeError("bad-rule", what, "write 'file: my_rule.py:decide'", "")
    code = read(name)
    tree = ast.parse(code.sources[0].text)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if function not in functions:
        what = f"there is no function '{function}' in '{name}'"
        raise UserCodeError("no-such-function", what, nearest(function, functions), "")
    found = functions[function].args
    line = functions[function].lineno
    if found.vararg or found.kwarg or found.kwonlyargs:
        what = f"'{function}' takes more than plain arguments"
        raise UserCodeError("wrong-signature", what, _takes(), code.file, line)
    wrong = [a.arg for a in (*found.posonlyargs, *found.args) if a.arg not in ARGUMENTS]
    if wrong:
        what = f"'{function}' takes {listing(wrong)}, which no rule is given"
        raise UserCodeError("wrong-signature", what, f"{nearest(wrong[0], ARGUMENTS)}. {_takes()}", code.file, line)
    return UserFunction(code, function)


def code_at(name: str, folder: Path) -> UserCode:
    """Read a user's file, by its path from a folder; ``UserCodeError`` if there is none or it is not Python."""
    file = folder / name
    if not file.is_file():
        near = nearest(file.name, [f.name for f in file.parent.glob("*.py")])
        raise UserCodeError("no-such-file", f"there is no file '{name}' in '{folder}'", near, "")
    return read_code(file.resolve())


def _takes() -> str:
    return f"a rule takes any of {listing(list(ARGUMENTS))} and returns (soec_w, pem_w)"


def finding_of(error: UserCodeError, where: str, file: Path | None = None, line: int = 0) -> Finding:
    """Return what is wrong with a user's code as a finding, by default at the place that named the code."""
    place = (Path(error.file), error.line) if error.file else (file, line)
    return Finding(error.id, where, error.what, error.remedy, *place)


def own_step(rule: UserFunction) -> OwnStep:
    """Return the step that calls a rule; its file is run.

    Raises
    ------
    PlantError
        If the file stops with an error.
    """
    try:
        return _own_step(rule)
    except UserCodeError as error:
        raise PlantError([finding_of(error, "")]) from None


@functools.cache
def _own_step(rule: UserFunction) -> OwnStep:
    module = rule.code.module()
    names = list(inspect.signature(getattr(module, rule.name)).parameters)
    errors: list[str] = []
    decide = _marked(rule.code, rule.name)
    plain_step = _make(plain(decide, {}), names, rule, errors)
    if IS_JIT_DISABLED:
        return OwnStep(plain_step, user_rule.KIND.dtype, plain_step, errors)
    step = _make(decide, names, rule, None)
    step.users_place = rule.code.file, python_function(decide).__code__.co_firstlineno
    return OwnStep(kernel(step), _dtype_with_array(), plain_step, errors)


def _marked(code: UserCode, name: str) -> Any:
    """Make kernels of all functions in the files of a rule, which need no decorator; returns one of them."""
    modules = code.modules()
    made: dict[Any, Any] = {}
    for module in modules:
        for key, value in vars(module).copy().items():
            if inspect.isfunction(value) and value.__module__ in {one.__name__ for one in modules}:
                if value not in made:
                    made[value] = kernel(value)
                setattr(module, key, made[value])
    return getattr(modules[0], name)


def _make(decide: Callable[..., Any], names: list[str], rule: UserFunction, errors: list[str] | None) -> Any:
    """Return a step that calls a rule with its arguments.

    With a list, the step is plain Python, with all that it calls, and writes there what the rule raised.
    """
    is_plain = errors is not None

    def note(error: Exception) -> None:
        file, line = place_of(error, [source.file for source in rule.code.sources]) or (rule.code.file, 0)
        assert errors is not None
        errors.append(f"{file}{f':{line}' if line else ''}: {type(error).__name__}: {error}")

    namespace: dict[str, Any] = {
        "__name__": __name__,
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
    exec(compile(source, "step_of_a_rule", "exec"), namespace)
    # compiled code is found by this name: that of two rules is not the same
    namespace["step"].__qualname__ = f"step_{rule.code.digest[:16]}_{rule.name}"
    return namespace["step"]


def _dtype_with_array() -> np.dtype[Any]:
    """Return the layout of the kind's records with its memory, which comes first, as one array."""
    plain_dtype = user_rule.KIND.dtype
    rest = [(name, plain_dtype[name]) for name in (plain_dtype.names or ())[user_rule.N_MEMORY :]]
    return np.dtype([("memory", "f8", (user_rule.N_MEMORY,)), *rest])
