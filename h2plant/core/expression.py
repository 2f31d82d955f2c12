"""Arithmetic that ties one parameter to others: ``1.1 * stack.rated_power_mw + 0.5``."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.FloorDiv: operator.floordiv,
}
_UNARY: dict[type[ast.unaryop], Callable[[float], float]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": min, "max": max, "abs": abs, "sqrt": math.sqrt, "exp": math.exp, "log": math.log, "round": round,
    "floor": math.floor, "ceil": math.ceil,
}  # fmt: skip
_LONGEST = 500
_SHOWN = 120


class ExpressionError(ValueError):
    """An expression that cannot be read or has no value; the text says why."""


class _NoNumberError(ValueError):
    """A parameter that is no number."""


@dataclass(frozen=True)
class Expression:
    """An expression that was read; ``names`` are the parameters it takes."""

    text: str
    names: frozenset[str]
    _tree: ast.expr = field(repr=False, compare=False)

    def value(self, values: Mapping[str, object]) -> float:
        """Return its value.

        Raises
        ------
        ExpressionError
            Division by zero, the root of a negative number, a parameter that is a text, an infinite value.
        """
        try:
            found = float(_value(self._tree, values))
        except (ArithmeticError, ValueError, TypeError) as error:
            raise ExpressionError(f"'{_shown(self.text)}' has no value: {_why(error)}") from None
        if not math.isfinite(found):
            raise ExpressionError(f"'{_shown(self.text)}' is {found:g}")
        return found


def read_expression(text: str) -> Expression:
    """Read an expression of numbers, parameters, ``+ - * / // **``, brackets and a few functions.

    Raises
    ------
    ExpressionError
        It holds something else.
    """
    if len(text) > _LONGEST:
        what = f"'{_shown(text)}' has {len(text)} characters, and arithmetic {_LONGEST} at most"
        raise ExpressionError(what)
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        raise ExpressionError(f"'{text}' cannot be read as arithmetic") from None
    return Expression(text, frozenset(_names(tree, text)), tree)


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."


def _why(error: Exception) -> str:
    """Return in words of arithmetic why there is no value."""
    if isinstance(error, ZeroDivisionError):
        return "it divides by zero"
    if isinstance(error, OverflowError):
        return "it is too large to write as a number"
    if isinstance(error, _NoNumberError):
        return str(error)
    if isinstance(error, TypeError):
        return "it takes the root of a negative number, or a function has too few or too many values"
    return "it takes a root or logarithm of what has none"


def _names(node: ast.expr, text: str) -> set[str]:
    name = _dotted(node)
    if name is not None:
        return {name}
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _names(node.left, text) | _names(node.right, text)
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _names(node.operand, text)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id not in _FUNCTIONS:
            raise ExpressionError(f"there is no function '{node.func.id}'; there are {', '.join(_FUNCTIONS)}")
        return set().union(*(_names(argument, text) for argument in node.args))
    is_number = isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    if is_number and not isinstance(getattr(node, "value", None), bool):
        return set()
    raise ExpressionError(f"'{ast.unparse(node)}' in '{text}' is neither a number, a parameter nor arithmetic")


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        above = _dotted(node.value)
        return None if above is None else f"{above}.{node.attr}"
    return None


def _value(node: ast.expr, values: Mapping[str, object]) -> float:
    name = _dotted(node)
    if name is not None:
        given = values[name]
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise _NoNumberError(f"'{name}' is {given!r}, not a number")
        return float(given)
    if isinstance(node, ast.BinOp):
        return _BINARY[type(node.op)](_value(node.left, values), _value(node.right, values))
    if isinstance(node, ast.UnaryOp):
        return _UNARY[type(node.op)](_value(node.operand, values))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return float(_FUNCTIONS[node.func.id](*(_value(argument, values) for argument in node.args)))
    assert isinstance(node, ast.Constant)
    return float(str(node.value))
