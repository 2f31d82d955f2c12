"""A parameter of a component as a file or a change gives it: its field, its value in SI, or what is wrong with it."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import replace
from weakref import WeakKeyDictionary

from h2plant.config.yaml_source import Node, Scalar, plain_scalar
from h2plant.core.declare import Field, Kind
from h2plant.core.number import within_floats
from h2plant.core.units import Conversion, UnitError, in_unit_of, match_parameter
from h2plant.plant.check import bound_finding, range_text
from h2plant.plant.finding import listing, nearest

KEYS_BESIDE_PARAMETERS = ("kind", "label", "description")
"""What stands beside a component's parameters."""

LOOP_IN_PLANT = "loops stand in the files of blocks, and a plant file has none"
LOOP_REMEDY = "write a block with the loop, and 'block: ...' here, or one component each ('h2plant blocks' shows some)"

_Problem = tuple[str, str, str]  # id, what, remedy
_MOST_KEPT = 1000
_MATCHED: WeakKeyDictionary[Kind, dict[str, tuple[Field, Conversion] | None]] = WeakKeyDictionary()


def read_parameter(kind: Kind, key: str, node: Node) -> tuple[_Problem | None, Field | None, float | None]:
    """Return what is wrong with a parameter as written, the field it means, and its value in SI."""
    try:
        match = matched(kind, key)
    except UnitError as error:
        meant = next((f for f in kind.parameters if f.name in error.allowed), None)
        return ("unknown-unit", str(error), f"write {listing(error.allowed, 'or')}"), meant, None
    if match is None:
        if any(f.name == key for f in kind.fields):
            role = kind.field(key).role
            what, remedy = f"'{key}' is a {role} of '{kind.name}', not a parameter", "leave it out; it is computed"
        elif any(p.name == key for p in kind.ports):
            what, remedy = f"'{key}' is a port of '{kind.name}', not a parameter", "connect it under 'links:'"
        elif key == "for":
            what, remedy = LOOP_IN_PLANT, LOOP_REMEDY
        else:
            what = f"the kind '{kind.name}' has no parameter '{key}'"
            remedy = nearest(key, [*in_unit_of(key, kind.parameters), *KEYS_BESIDE_PARAMETERS])
        return ("unknown-parameter", what, remedy), None, None
    field, conversion = match
    value = _number(node.value, field)
    if value is None:
        return ("wrong-type", f"is {node.kind}, wanted {_wanted(field)}", _type_remedy(key, node, field)), field, None
    si_value = value * conversion.factor + conversion.offset
    if bound_finding(field, si_value) is not None:
        problem = "out-of-bounds", _bound_text(key, value, field, conversion), f"choose {_range(field, conversion)}"
        return problem, field, None
    return None, field, si_value


def matched(kind: Kind, key: str) -> tuple[Field, Conversion] | None:
    """Return the field that a key means, as ``match_parameter``; of each kind, each key is looked for once."""
    of_kind = _MATCHED.setdefault(kind, {})
    if key not in of_kind:
        if len(of_kind) > _MOST_KEPT:
            of_kind.clear()
        of_kind[key] = match_parameter(key, kind.parameters)
    return of_kind[key]


def read_list(kind: Kind, key: str, node: Node) -> tuple[_Problem | None, int, list[tuple[Field, float]]] | None:
    """Return what is wrong with a list as written, the line of that, and its parameters with their values in SI.

    None: the key names no list of the kind. The points behind the last one given repeat it.
    """
    by_key = {name: replace(fields[0], name=name, list_key="") for name, fields in kind.lists.items()}
    try:
        match = match_parameter(key, tuple(by_key.values()))
    except UnitError as error:
        return ("unknown-unit", str(error), f"write {listing(error.allowed, 'or')}"), node.line, []
    if match is None:
        return None
    field, conversion = match
    points = kind.lists[field.name]
    items = [node] if node.items is None else list(node.items)
    if not 0 < len(items) <= len(points):
        what = f"is a list of {len(items)} numbers, wanted 1 to {len(points)}"
        return (
            ("wrong-length", what, f"give at most {len(points)} points; between them the line is straight"),
            node.line,
            [],
        )
    found = []
    for i, item in enumerate(items):
        value = _number(item.value, field)
        if value is None:
            problem = "wrong-type", f"number {i + 1} of the list is {item.kind}, wanted a number", "give numbers alone"
            return problem, item.line, []
        si_value = value * conversion.factor + conversion.offset
        if bound_finding(field, si_value) is not None:
            what = f"number {i + 1} of the list: {_bound_text(key, value, field, conversion)}"
            return ("out-of-bounds", what, f"choose {_range(field, conversion)}"), item.line, []
        found.append(si_value)
    return None, node.line, list(zip(points, [*found, *[found[-1]] * (len(points) - len(found))], strict=True))


def _number(value: Scalar, field: Field) -> float | None:
    if field.choices:
        return float(field.choices.index(value)) if isinstance(value, str) and value in field.choices else None
    if isinstance(value, bool):
        return float(value) if _is_flag(field) else None
    if isinstance(value, float):
        return value
    # a whole number beyond all floats is beyond all bounds
    return float(within_floats(value)) if isinstance(value, int) else None


def _is_flag(field: Field) -> bool:
    return field.name.startswith(("is_", "has_"))


def _wanted(field: Field) -> str:
    if field.choices:
        return listing(field.choices, "or")
    return "true or false" if _is_flag(field) else "a number"


def _type_remedy(key: str, node: Node, field: Field) -> str:
    if isinstance(node.value, str) and re.fullmatch(r"[-+]?[0-9]+,[0-9]+", node.value):
        return f"write the decimal sign as a point: '{key}: {node.value.replace(',', '.')}'"
    if isinstance(node.value, str) and plain_scalar(node.value) != node.value and not field.choices:
        return "remove the quotes"
    return f"give {_wanted(field)}: {field.doc}"


def _bound_text(key: str, value: float, field: Field, conversion: Conversion) -> str:
    wrong = bound_finding(field, value * conversion.factor + conversion.offset) or ""
    return f"'{key}' is {value:g}, {wrong.partition(', ')[2]}"


def _range(field: Field, conversion: Conversion) -> str:
    return range_text(field, conversion.factor, conversion.offset)


_WILD = frozenset("*?[")


def is_named(component: str, pattern: str) -> bool:
    """Tell whether a component is the one that is named, or one of those that a pattern names."""
    if component == pattern:
        return True
    return not _WILD.isdisjoint(pattern) and fnmatch.fnmatchcase(component, pattern)
