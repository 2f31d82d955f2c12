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

from h2plant.core import bus
from h2plant.core.bus import MOST_LINES
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import OwnStep
from h2plant.core.jit import IS_JIT_DISABLED, is_kernel, kernel, plain, python_function
from h2plant.core.real_path import real_path
from h2plant.core.regular_file import FileError, open_regular
from h2plant.core.status import RULE_NOT_FINITE, RULE_RAISED
from h2plant.core.user_code import UserCode, UserCodeError, UserFunction, place_of, read_code
from h2plant.dispatch import user_rule
from h2plant.dispatch.serve import auxiliary_power, begin_serving, end_serving, own_power, serve_request
from h2plant.plant.finding import Finding, PlantError, and_then, listing, nearest

ARGUMENTS = {
    "price_eur_per_mwh": "bus[c.price] / EUR_PER_MWH",
    "source_w": "source_w",
    "source_price_eur_per_mwh": "source_price_eur_per_mwh",
    "source_renewable_w": "source_renewable_w",
    "own_w": "own_power(c, bus)",
    "own_left_w": "left[0]",
    "storage_level_frac": "bus[c.storage_level]",
    "auxiliary_w": "auxiliary_power(c, bus)",
    "line_w": "line_w",
    "line_power_w": "line_power_w",
    "line_minimum_w": "line_minimum_w",
    "line_energy_j_per_kg": "line_energy_j_per_kg",
    "request_w": "request_w",
    "purchase_w": "left[1]",
    "time_s": "bus[TIME]",
    "dt_s": "dt",
    "memory": "memory",
}
"""What a rule may take, and where it comes from in the kernel."""

OLD_ARGUMENTS = {
    "wind_w": "own_power(c, bus)",
    "forecast_w": "forecast_power(c, bus)",
    "soec_w": "of_old_line(c.soec_line_number, line_w)",
    "pem_w": "of_old_line(c.pem_line_number, line_w)",
    "soec_power_w": "of_old_line(c.soec_line_number, line_power_w)",
    "pem_power_w": "of_old_line(c.pem_line_number, line_power_w)",
    "import_limit_w": "left[1]",
}
"""What rules for one SOEC and one PEM line took, which return (soec_w, pem_w): read until the release after 0.2."""

_STEP = """
def step(c, bus, props, dt):
    memory = {memory}
    {arrays}
    left = begin_serving(c, bus, dt)
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        line_w[i] = bus[line + SETPOINT]
        line_power_w[i] = bus[line + MAXIMUM]
        line_minimum_w[i] = bus[line + MINIMUM]
        line_energy_j_per_kg[i] = bus[line + SPECIFIC_ENERGY]
        request_w[i] = 0.0
    for i in range(c.n_available_power):
        source_w[i] = bus[c.available_power + i]
        source_price_eur_per_mwh[i] = bus[c.source_price + i] / EUR_PER_MWH if i < c.n_source_price else 0.0
        source_renewable_w[i] = bus[c.renewable_power + i] if i < c.n_renewable_power else source_w[i]
    try:
        {returned}decide({arguments})
    except Exception{how}
        return RULE_RAISED
    {keep}
    {request}
    for i in range(c.n_lines):
        if not request_w[i] - request_w[i] == 0.0:
            return RULE_NOT_FINITE
    purchase = left[1]
    for i in range(c.n_lines):
        left, purchase = serve_request(c, bus, dt, c.lines + i * LINE_WIDTH, left, purchase, request_w[i])
    return end_serving(c, bus, left)
"""
_OLD_REQUEST = """ask_old_line(c.soec_line_number, request_w, soec_w)
    ask_old_line(c.pem_line_number, request_w, pem_w)"""
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
    known = {**ARGUMENTS, **OLD_ARGUMENTS}
    wrong = [a.arg for a in (*found.posonlyargs, *found.args) if a.arg not in known]
    if wrong:
        what = f"'{function}' takes {listing(wrong)}, which no rule is given"
        raise UserCodeError("wrong-signature", what, and_then(nearest(wrong[0], ARGUMENTS), _takes()), code.file, line)
    names = [a.arg for a in (*found.posonlyargs, *found.args)]
    if "request_w" not in names and not _returns(functions[function]):
        what = f"'{function}' asks for nothing: it does not take 'request_w', and returns nothing"
        remedy = "take 'request_w' and write the power of each line there, as 'request_w[0] = 1.0e6'"
        raise UserCodeError("no-request", what, remedy, code.file, line)
    if "request_w" in names and not _writes(functions[function], "request_w"):
        what = f"'{function}' asks for nothing: it writes nothing into 'request_w'"
        remedy = "write the power of each line there, as 'request_w[0] = 1.0e6'"
        raise UserCodeError("no-request", what, remedy, code.file, line)
    return UserFunction(code, function)


def _returns(function: ast.FunctionDef) -> bool:
    """Whether a function returns anything, or does not end at all."""
    ahead: list[ast.AST] = list(function.body)
    while ahead:
        node = ahead.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.Return) and node.value is not None:
            return True
        ahead += ast.iter_child_nodes(node)
    return False


def _writes(function: ast.FunctionDef, name: str) -> bool:
    """Whether a function writes into an array that it takes, or hands it on to what may."""
    nodes = [node for statement in function.body for node in ast.walk(statement)]
    read = {id(node.value) for node in nodes if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)}
    return any(isinstance(node, ast.Name) and node.id == name and id(node) not in read for node in nodes)


def code_at(name: str, folder: Path) -> UserCode:
    """Read a user's file, by its path from a folder; ``UserCodeError`` if there is none or it is not Python."""
    file = folder / name
    if not file.exists():
        near = nearest(file.name, [f.name for f in file.parent.glob("*.py")])
        raise UserCodeError("no-such-file", f"there is no file '{name}' in '{folder}'", near, "")
    try:
        open_regular(file).close()
    except FileError as error:
        raise UserCodeError(error.id, f"'{name}' {error.what}", error.remedy, "") from None
    return read_code(real_path(file))


def _takes() -> str:
    return f"a rule takes any of {listing(list(ARGUMENTS))}, and writes the powers it wants into 'request_w'"


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
    names = list(inspect.signature(_as_defined(rule)).parameters)
    errors: list[str] = []
    decide = _marked(rule.code, rule.name)
    plain_step = _make(plain(decide, {}), names, rule, errors)
    if IS_JIT_DISABLED:
        return OwnStep(plain_step, user_rule.KIND.dtype, plain_step, errors, rule.code.label)
    step = _make(decide, names, rule, None)
    step.users_place = rule.code.file, python_function(decide).__code__.co_firstlineno
    return OwnStep(kernel(step), _dtype_with_array(), plain_step, errors, rule.code.label)


def _as_defined(rule: UserFunction) -> Callable[..., Any]:
    """Run the file of a rule and return its function; ``UserCodeError`` if it is no longer what the file defines."""
    found = getattr(rule.code.module(), rule.name, None)
    file = rule.code.file
    defined = next(
        node for node in reversed(ast.parse(rule.code.sources[0].text).body)
        if isinstance(node, ast.FunctionDef) and node.name == rule.name
    )  # fmt: skip
    function = found if inspect.isfunction(found) else python_function(found) if is_kernel(found) else None
    lines = range(min([defined.lineno, *(d.lineno for d in defined.decorator_list)]), defined.lineno + 1)
    code = getattr(function, "__code__", None)
    if function is None or code is None or code.co_filename != file or code.co_firstlineno not in lines:
        what = f"'{rule.name}' is not this function any more once the file was run: it is deleted, replaced or wrapped"
        remedy = f"define '{rule.name}' once, and leave it as it is"
        raise UserCodeError("no-such-function", what, remedy, file, lines[-1])
    return function


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

    called: list[Any] = [own_power, auxiliary_power, begin_serving, serve_request, end_serving]
    called += [user_rule.of_old_line, user_rule.ask_old_line, user_rule.forecast_power]
    memo: dict[Any, Any] = {}
    namespace: dict[str, Any] = {
        "__name__": __name__,
        "decide": decide,
        "note": note,
        **{python_function(f).__name__: plain(f, {}, memo) if is_plain else f for f in called},
        **{name: getattr(bus, name) for name in ("TIME", "LINE_WIDTH", "SETPOINT", "MAXIMUM", "MINIMUM")},
        "SPECIFIC_ENERGY": bus.SPECIFIC_ENERGY,
        "EUR_PER_MWH": EUR_PER_MWH,
        "RULE_RAISED": RULE_RAISED,
        "RULE_NOT_FINITE": RULE_NOT_FINITE,
    }
    is_old = "request_w" not in names
    n_of = {name: "c.n_available_power" if name.startswith("source_") else "c.n_lines" for name in user_rule.ARRAYS}
    source = _STEP.format(
        arguments=", ".join({**ARGUMENTS, **OLD_ARGUMENTS}[n] for n in names),
        memory=f"[{', '.join(_FIELDS)}]" if is_plain else "c.memory",
        arrays="\n    ".join(
            f"{name} = [0.0] * {n}" if is_plain else f"{name} = c.{name}[:{n}]" for name, n in n_of.items()
        ),
        returned="soec_w, pem_w = " if is_old else "",
        how=" as error:\n        note(error)" if is_plain else ":",
        keep=f"{', '.join(_FIELDS)} = memory" if is_plain else "pass",
        request=_OLD_REQUEST if is_old else "pass",
    )
    exec(compile(source, "step_of_a_rule", "exec"), namespace)
    # compiled code is found by this name: that of two rules is not the same
    namespace["step"].__qualname__ = f"step_{rule.code.digest[:16]}_{rule.name}"
    return namespace["step"]


def _dtype_with_array() -> np.dtype[Any]:
    """Return the layout of the kind's records with its memory, and what a rule takes of lines, as arrays."""
    plain_dtype = user_rule.KIND.dtype
    arrays = {"memory": user_rule.N_MEMORY, **dict.fromkeys(user_rule.ARRAYS, MOST_LINES)}
    rest = [(name, plain_dtype[name]) for name in (plain_dtype.names or ())[sum(arrays.values()) :]]
    return np.dtype([*((name, "f8", (n,)) for name, n in arrays.items()), *rest])
