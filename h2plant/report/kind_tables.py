"""Tables of the kinds of components, from their declarations, for the terminal."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from h2plant.core.constants import J_PER_MWH
from h2plant.core.declare import Field, Kind, default_text
from h2plant.core.user_code import UserCodeError
from h2plant.laws.of_kind import laws_of
from h2plant.plant.fault import WAYS, ways
from h2plant.plant.finding import Finding, PlantError


def print_kinds(console: Console, kinds: Mapping[str, Kind]) -> None:
    """Print name, group and purpose of every kind, and of those from outside where they come from."""
    table = Table("kind", "group", "what it is")
    broken: list[UserCodeError] = []
    for group, _, name, text in sorted(_rows(kinds, broken)):
        table.add_row(name, group, text)
    console.print(table)
    for error in broken:
        console.print(f"note: {error}", markup=False)


def _rows(kinds: Mapping[str, Kind], broken: list[UserCodeError]) -> Iterator[tuple[str, int, str, str]]:
    """Yield (group, place, name, text) of each kind; what an installed package brings may be broken."""
    for place, name in enumerate(kinds):
        try:
            kind = kinds[name]
        except UserCodeError as error:
            broken.append(error)
            continue
        where = "" if kind.source is None else f" ({kind.source.label})"
        yield kind.group, place, name, f"{kind.doc}{where}"


def _bounds(field: Field) -> str:
    if field.choices:  # its meaning lists them
        return ""
    low = "" if field.ge is None else f"{field.ge:g} <= "
    high = "" if field.le is None else f" <= {field.le:g}"
    return f"{low}x{high}" if low or high else ""


_USUAL = {"EUR/J": ("EUR/MWh", J_PER_MWH), "kg/J": ("t/MWh", 1e-3 * J_PER_MWH)}
"""Units in which people think, where a default in SI says nothing."""


def _usual(field: Field) -> str:
    """Return the default of a parameter once more, in the unit in which it is usually given."""
    if field.role != "parameter" or field.default is None or field.unit not in _USUAL or field.list_key:
        return ""
    unit, factor = _USUAL[field.unit]
    return f" ({field.default * factor:.6g} {unit})"


FIELD_HEADINGS = ("field", "role", "unit", "default", "bounds", "meaning")
_WIDE = 120
"""Width of a terminal from which each property has a column of its own."""

PORT_HEADINGS = ("port", "medium", "direction", "links", "meaning")


def field_rows(kind: Kind) -> list[tuple[str, ...]]:
    """Return a row for each field of a kind, under ``FIELD_HEADINGS``; default and bounds in the field's unit."""
    rows: list[tuple[str, ...]] = []
    for f in kind.fields:
        default = default_text(f) if f.role == "parameter" else ""
        name, doc = f.name, f.doc
        if f.list_key:
            points = kind.lists[f.list_key]
            if f is not points[0]:
                continue
            name, doc = f.list_key, f"{doc.rpartition(', point ')[0]}; a list of up to {len(points)} numbers"
            values = [p.default or 0.0 for p in points]
            n = 1 + max((i for i in range(1, len(points)) if values[i] != values[i - 1]), default=0)  # then it repeats
            default = ", ".join(f"{value:g}" for value in values[:n])
        if f.published is not None:
            doc = f"{doc}; published {f.published.low:g} to {f.published.high:g} ({f.published.source})"
        rows.append((name, f.role, "" if f.choices else f.unit, default + _usual(f), _bounds(f), doc))
    return rows


def port_rows(kind: Kind) -> list[tuple[str, ...]]:
    """Return a row for each port of a kind, under ``PORT_HEADINGS``."""
    rows: list[tuple[str, ...]] = []
    for p in kind.ports:
        links = "many" if p.is_multi else "one"
        if p.is_required:
            links += ", required"
        if p.default:
            links += f", else {_in_words(p.default, p.is_multi)}"
        rows.append((p.name, p.medium, p.direction, links, p.doc))
    return rows


FAULT_HEADINGS = ("fault", "comes by", "meaning")


def fault_rows(kind: Kind) -> list[tuple[str, ...]]:
    """Return a row for each way in which components of a kind can fail, under ``FAULT_HEADINGS``."""
    return [(way, by, WAYS[way]) for way, by in ways(kind).items()]


LAW_HEADINGS = ("law", "equation", "source", "says")


def law_rows(kind: Kind) -> list[tuple[str, ...]]:
    """Return a row for each law by which a run is audited at components of a kind, under ``LAW_HEADINGS``."""
    return [(law.id, law.equation, law.source, law.text) for law in laws_of(kind)]


def _in_words(default: str, is_multi: bool) -> str:
    """Return what an open port reads, as ``Port.default`` says it."""
    where, _, name = default.partition(".")
    if where == "role":
        role, _, port = name.partition(".")
        return f"the {port} of {'each' if is_multi else 'the only'} {role.lower()}"
    words = {
        "power.own": "power drawn from the buses for its line",
        "power.others": "power drawn from the buses by all others",
        "power.carried": "that of each converter directly behind it",
        "power.trips": "that of each component whose trip stops all lines",
        "power.unit_trips": "that of each converter above its units",
        "power.line_trips": "that of each converter above all its units",
        "power.above": "that of each converter above it",
        "plan.lines": "the plans of its lines",
    }
    return words.get(default, default)


def print_kind(console: Console, name: str, kinds: Mapping[str, Kind]) -> None:
    """Print a kind's parameters, states, outputs and ports; PlantError if there is no such kind."""
    kind = kinds.get(name)
    if kind is None:
        near = difflib.get_close_matches(name, kinds, 3)
        remedy = f"did you mean {', '.join(near)}?" if near else "`h2plant kinds` lists all kinds"
        remedy += " (for a kind of your own add `--plant my_plant.yaml`)"
        raise PlantError([Finding("unknown-kind", name, f"there is no kind {name!r}", remedy)])
    console.print(f"[bold]{kind.name}[/]: {kind.doc}")
    if kind.source is not None:
        console.print(f"from {kind.source.label}", markup=False)
    tables: tuple[tuple[str, Sequence[str], Sequence[Sequence[str]]], ...] = (
        ("fields", FIELD_HEADINGS, field_rows(kind)),
        ("ports", PORT_HEADINGS, port_rows(kind)),
        *((("faults", FAULT_HEADINGS, fault_rows(kind)),) if ways(kind) else ()),
        *((("laws", LAW_HEADINGS, law_rows(kind)),) if laws_of(kind) else ()),
    )
    for title, headings, rows in tables:
        table = Table(title=title, title_justify="left")
        # names are never cut: they are there to be copied
        table.add_column(headings[0], no_wrap=True)
        if console.width < _WIDE:
            table.add_column(headings[-1], overflow="fold")
            for own_name, *properties, meaning in rows:
                given = zip(headings[1:], properties, strict=False)
                between = "\n  " if headings is LAW_HEADINGS else ", "  # equations have commas of their own
                properties_text = between.join(f"default {v}" if h == "default" else v for h, v in given if v)
                table.add_row(own_name, f"{meaning}\n  {properties_text}")
        else:
            for heading in headings[1:]:
                table.add_column(heading, overflow="fold")
            for row in rows:
                table.add_row(*row)
        console.print(table)


def print_mapping(console: Console, mapping: Mapping[str, Any]) -> None:
    """Print names and values, one a row; of a mapping of mappings each one."""
    table = Table("item", show_header=False)
    table.add_column("value", overflow="fold")
    for name, value in mapping.items():
        if isinstance(value, Mapping):
            for inner, item in value.items():
                table.add_row(f"{name}: {inner}", _one_line(item))
        else:
            table.add_row(str(name), _one_line(value))
    console.print(table)


def _one_line(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_one_line(item)}" for name, item in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
