"""What kind of value stands where in a results folder: damaged or foreign values die here, and in no page or table."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from h2plant.core.number import is_finite

REST = "*"
"""Stands for all keys that are not named."""


class Leaf(NamedTuple):
    """A value: what it must be, in words and as a test."""

    wording: str
    is_so: Callable[[Any], bool]
    schema: Mapping[str, Any] = {}


Shape = Leaf | Mapping[str, "Shape"]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and is_finite(value)


def _is_instant(value: Any) -> bool:
    try:
        return datetime.datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _is_law(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("law"), str):
        return False
    at = value.get("broken_at")
    is_named = isinstance(at, list) and all(isinstance(one, str) for one in at)
    numbers = (value.get("n_checks"), value.get("step", 0), value.get("worst_share") or 0.0)
    return is_named and all(map(_is_number, numbers)) and {"component", "worst_share"} <= set(value)


def _is_fault(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("text"), str)


def _is_way(value: Any) -> bool:
    texts = ("component", "port", "what")
    is_named = isinstance(value, dict) and all(isinstance(value.get(name), str) for name in texts)
    return is_named and _is_number(value.get("kg"))


NUMBER = Leaf("a number", _is_number, {"type": "number"})
HOURS = Leaf(
    "hours, 0 to 1e7",
    lambda value: _is_number(value) and 0.0 <= value <= 1e7,
    {"type": "number", "minimum": 0, "maximum": 1e7},
)
COUNT = Leaf(
    "a whole number above 0",
    lambda value: isinstance(value, int) and 0 < value < 10_000,
    {"type": "integer", "minimum": 1},
)
TEXT = Leaf("text", lambda value: isinstance(value, str), {"type": "string"})
FLAG = Leaf("true or false", lambda value: isinstance(value, bool), {"type": "boolean"})
INSTANT = Leaf("a time with its zone", _is_instant, {"type": "string", "format": "date-time"})
LIST = Leaf("a list", lambda value: isinstance(value, list), {"type": "array"})
MAP = Leaf("a mapping", lambda value: isinstance(value, dict), {"type": "object"})
WAYS = Leaf(
    "a list of ways of hydrogen",
    lambda value: isinstance(value, list) and all(map(_is_way, value)),
    {"type": "array", "items": {"type": "object", "required": ["component", "port", "what", "kg"]}},
)
FAULTS = Leaf(
    "a list of faults",
    lambda value: isinstance(value, list) and all(map(_is_fault, value)),
    {"type": "array", "items": {"type": "object", "required": ["text"]}},
)
LAWS = Leaf(
    "a list of laws",
    lambda value: isinstance(value, list) and all(map(_is_law, value)),
    {"type": "array", "items": {"type": "object", "required": ["law", "n_checks", "broken_at", "worst_share"]}},
)

LABEL: dict[str, Shape] = {
    **dict.fromkeys(("id", "name", "boundary", "source"), TEXT),
    "is_met": FLAG,
    REST: NUMBER,
}
"""What a label of low emissions says, in the summary of a run."""

SUMMARY: dict[str, Shape] = {
    "has_checksums": FLAG,
    "scenario": TEXT,
    "plant": TEXT,
    "engine": TEXT,
    "is_complete": FLAG,
    "stopped_by": TEXT,
    "not_valid": FAULTS,
    "missing": {REST: TEXT},
    "start": INSTANT,
    "hours": HOURS,
    "step_s": NUMBER,
    "key_figures": {REST: NUMBER},
    "figures": {REST: {REST: TEXT}},
    "served": {"plant": {REST: {"most_short": TEXT}}, "components": {REST: {REST: {REST: NUMBER}}}},
    "not_delivered": {"made_kg": NUMBER, "delivered_kg": NUMBER, "ways": WAYS},
    "faults": {
        "declared": LIST,
        "spans": LIST,
        "components": {REST: {"hours_out": HOURS, "availability_frac": NUMBER}},
        "hours_out": NUMBER,
        "cost_eur": NUMBER,
    },
    "economics": {
        "hydrogen_cost_eur_per_kg": {REST: NUMBER},
        "by_kind_of_cost_eur_per_kg": {REST: NUMBER},
        "by_kind_of_component_eur_per_kg": {REST: NUMBER},
        "per_kg": {
            REST: {
                "by_kind_of_cost_eur_per_kg": {REST: NUMBER},
                "by_kind_of_component_eur_per_kg": {REST: NUMBER},
                REST: NUMBER,
            }
        },
        "price_eur_per_kg": NUMBER,
        "start_price_eur_per_kg": NUMBER,
        "debt": {REST: NUMBER},
        "assumptions": {"hydrogen_basis": TEXT, REST: NUMBER},
        "scaled_from_hours": NUMBER,
        "scaled": {"by_ratio": NUMBER, "figures": LIST, "note": TEXT},
        "carbon": {"labels": {REST: LABEL}, "renewable_ports": LIST, "is_below_limit": FLAG, REST: NUMBER},
        "revenue_by_origin": {"certified_by": TEXT, REST: NUMBER},
        "stock": {"text": TEXT, REST: NUMBER},
        "subsidies": {
            "cost_before_eur_per_kg": {REST: NUMBER},
            "grant_eur": NUMBER,
            "terms": LIST,
            "text": TEXT,
            "by_year_eur": {REST: LIST},
            "present_value_eur": {REST: NUMBER},
        },
        "reasons": {REST: TEXT},
        "not_valid": TEXT,
    },
    "site": {
        "country": TEXT,
        "latitude": NUMBER,
        "longitude": NUMBER,
        "elevation_m": NUMBER,
        "taken": MAP,
        "assumed": MAP,
    },
    "audit": {"is_full": FLAG, "missed": LIST, "laws": LAWS, REST: NUMBER},
    "residuals": {"worst_component": TEXT, "worst_relative": NUMBER, "plant_relative": {REST: NUMBER}},
    "performance": {REST: NUMBER},
    "provenance": {"command": TEXT, "overrides": MAP, "series_digests": MAP, "read": MAP, "notes": LIST},
}
"""The summary of a run: a key that is not named may hold anything, and ``null`` may stand anywhere."""

YEAR: dict[str, Shape] = {
    "year": COUNT,
    "start": TEXT,
    "hours": HOURS,
    "replaced": {REST: NUMBER},
    "wear": {REST: {"sort": TEXT, "column": TEXT, "at_end_frac": NUMBER}},
    REST: NUMBER,
}
"""A year of a life, in its summary."""

SCENARIO: dict[str, Shape] = {"set": MAP, "log_every_s": NUMBER}

_is_text, _is_real, _is_whole, _is_time = (
    Leaf("text", lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind)),
    Leaf("numbers", lambda kind: pa.types.is_floating(kind) or pa.types.is_integer(kind)),
    Leaf("whole numbers", pa.types.is_integer),
    Leaf("times", pa.types.is_timestamp),
)
LOG: dict[str, Leaf] = {"time": _is_time, REST: _is_real}
EVENTS: dict[str, Leaf] = {"component": _is_text, "what": _is_text, "code": _is_whole, "start": _is_time,
                           "end": _is_time, "peak": _is_real, REST: _is_real}  # fmt: skip
LEDGER: dict[str, Leaf] = {"component": _is_text, REST: _is_real}


def problem_of(value: Any, shape: Shape, where: str) -> str:
    """Return what is wrong with a value that was read, ``null`` aside; empty if nothing.

    Parameters
    ----------
    value
        The value.
    shape
        What it should be.
    where
        What it is called: a file, then the keys that lead to it.
    """
    if value is None:
        return ""
    if isinstance(shape, Leaf):
        return "" if shape.is_so(value) else f"{where}: {_short(value)} is not {shape.wording}"
    if not isinstance(value, dict):
        return f"{where}: {_short(value)} is not {MAP.wording}"
    for key, item in value.items():
        of_key = shape.get(key, shape.get(REST))
        if of_key is not None:
            problem = problem_of(item, of_key, f"{where}: {key}")
            if problem:
                return problem
    return ""


def schema_of(shape: Shape) -> dict[str, Any]:
    """Return the JSON schema of a shape; ``null`` may stand anywhere."""
    if isinstance(shape, Leaf):
        return {"anyOf": [dict(shape.schema), {"type": "null"}]}
    named = {key: schema_of(of) for key, of in shape.items() if key != REST}
    found: dict[str, Any] = {"type": ["object", "null"], "properties": named}
    if REST in shape:
        found["additionalProperties"] = schema_of(shape[REST])
    return found


def column_problem(schema: pa.Schema, kinds: Mapping[str, Leaf], file: str) -> str:
    """Return what is wrong with the columns of a table; empty if nothing."""
    if len(set(schema.names)) < len(schema.names):
        doubled = next(name for name in schema.names if schema.names.count(name) > 1)
        return f"{file}: the column '{doubled}' is there more than once"
    for name in kinds:
        if name != REST and name not in schema.names:
            return f"{file}: there is no column '{name}'"
    for field in schema:
        kind = kinds.get(field.name, kinds[REST])
        if not kind.is_so(field.type):
            return f"{file}: the column '{field.name}' holds no {kind.wording}"
    return ""


def table_problem(table: pa.Table, kinds: Mapping[str, Leaf], file: str) -> str:
    """Return what is wrong with a table that was read; empty if nothing."""
    problem = column_problem(table.schema, kinds, file)
    if problem:
        return problem
    gap = next((name for name in table.column_names if table.column(name).null_count), None)
    return "" if gap is None else f"{file}: the column '{gap}' has gaps"


def _short(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 40 else f"{text[:39]}…"
