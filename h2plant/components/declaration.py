"""What may be wrong with the declaration of a kind from outside, told before anything is run."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from h2plant.core.cost import CostFigure
from h2plant.core.declare import Field, Kind, Port
from h2plant.core.law import STREAM_ITEMS, Place, Row, SumLaw, Term, Wired
from h2plant.core.sizing import size_faults
from h2plant.core.units import parse_unit_text, split_name

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 64
_DEFAULT = re.compile(
    r"series\.\w+|role\.\w+\.\w+|power\.(own|others|lines|carried|trips|unit_trips|line_trips|above)|plan\.lines|derived\.\w+"
)
_BARE = re.compile(r"_(frac|ratio|pu|number|index|exponent|pct)$|^(n|is|has)_")
_FIELD_ROLES = ("parameter", "state", "output", "memory")
_TAKEN = ("kind", "label", "description")
_BORDERS = {
    "stream": ("sold", "bought", "vented", "drained"),
    "heat": ("surroundings",),
    "power": ("source", "surplus", "nothing"),
    "money": (),
    "signal": (),
    "line": (),
}


def declaration_faults(kind: Kind) -> Iterator[str]:
    """Yield what is wrong with the declaration of a kind: names, units, bounds, ports, role, costs."""
    if not _is_name(kind.name):
        yield _bad_name(kind.name)
    if not _is_text(kind.doc):
        yield "'doc' says nothing"
    if not _is_text(kind.group):
        yield "'group' is no text"
    if not isinstance(kind.function_key, str):
        yield "'function_key' is no text"
    for field in kind.fields:
        yield from _faults_of_field(field)
    yield from size_faults(kind)
    for port in kind.ports:
        yield from _faults_of_port(port, kind)
    yield from list(_faults_of_role(kind)) or kind.role_faults()
    yield from _faults_of_costs(kind)
    yield from _faults_of_laws(kind)
    yield from _faults_of_derived(kind)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None and len(name) <= _LONGEST


def _bad_name(name: object) -> str:
    return f"the name '{str(name)[:_LONGEST]}' is not made of at most {_LONGEST} small letters, digits and '_'"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return not math.isnan(value)
    except OverflowError:  # of an integer beyond all floats
        return False


def _is_unit(unit: object) -> bool:
    return isinstance(unit, str) and (unit == "1" or parse_unit_text(unit) is not None)


def _faults_of_field(field: Field) -> Iterator[str]:
    if not _is_name(field.name):
        yield _bad_name(field.name)
        return
    if field.name in _TAKEN:
        yield f"the name '{field.name}' is a key that every component has"
    if not _is_text(field.doc):
        yield f"'{field.name}' has no description"
    if field.unit in ("", "-"):
        yield f"'{field.name}' needs a unit ('1' for none)"
    elif not _is_unit(field.unit):
        yield f"'{field.name}' has a unit that is not known: {field.unit!r}"
    if field.role not in _FIELD_ROLES:
        yield f"'{field.name}' is none of {', '.join(_FIELD_ROLES)}"
        return
    for what, value in (("the default", field.default), ("a bound", field.ge), ("a bound", field.le)):
        if value is not None and not _is_number(value):
            yield f"{what} of '{field.name}' is no number: {value!r}"
            return
    if field.default is not None and math.isinf(field.default):
        yield f"the default of '{field.name}' is not finite"
    if field.role != "parameter":
        return
    if field.ge is None and field.le is None:
        yield f"'{field.name}' has no bounds"
    low, high = (-math.inf if field.ge is None else field.ge), (math.inf if field.le is None else field.le)
    if not low <= high:
        yield f"the lowest value of '{field.name}' is above its highest"
    if field.default is not None and not low <= field.default <= high:
        yield f"the default of '{field.name}' is out of its bounds"
    published = field.published
    if published is not None:
        is_range = isinstance(published, tuple) and len(published) == 3 and all(_is_number(v) for v in published[:2])
        if not is_range or not published[0] <= published[1] or not _is_text(published[2]):
            yield f"what is published of '{field.name}' is not 'Published(lowest, highest, \"where\")'"
        elif field.default is None or not published[0] <= field.default <= published[1]:
            yield f"the default of '{field.name}' is out of the range that is published"
    if field.unit == "1" and not field.choices and not _BARE.search(field.name):
        yield f"'{field.name}' has no unit; name it ..._frac, ..._ratio, n_... or is_..."


def _faults_of_port(port: Port, kind: Kind) -> Iterator[str]:
    if not _is_name(port.name):
        yield _bad_name(port.name)
        return
    if not isinstance(port.medium, str) or port.medium not in _BORDERS:
        yield f"the port '{port.name}' carries {port.medium!r}, not one of {', '.join(_BORDERS)}"
        return
    if port.direction not in ("in", "out"):
        yield f"the port '{port.name}' leads {port.direction!r}, neither 'in' nor 'out'"
    if port.medium == "signal" and port.unit in ("", "-"):
        yield f"the signal port '{port.name}' needs a unit ('1' for none)"
    elif port.unit not in ("", "any") and not _is_unit(port.unit):
        yield f"the port '{port.name}' has a unit that is not known: {port.unit!r}"
    if not _is_text(port.doc):
        yield f"the port '{port.name}' has no description"
    if port.border and port.border not in _BORDERS[port.medium]:
        allowed = ", ".join(_BORDERS[port.medium]) or "none"
        yield f"the border of the port '{port.name}' is {port.border!r}; a port for {port.medium} may have: {allowed}"
    if port.default is not None and not (isinstance(port.default, str) and _DEFAULT.fullmatch(port.default)):
        yield f"the default of the port '{port.name}' is no series, such as 'series.temp_air_degc', nor that of a role"
    multi = {other.name for other in kind.ports if other.is_multi}
    if port.fault and (port.medium, port.direction, port.unit) != ("signal", "in", "1"):
        yield f"the port '{port.name}' brings a fault: it must be a signal in without a unit"
    if port.paired_with and not (port.name in multi and port.paired_with in list(multi)):
        yield f"the port '{port.name}' is paired with '{port.paired_with}': both must be ports of many links"
    names = {*(field.name for field in kind.fields), *(other.name for other in kind.ports)}
    if port.is_multi and f"n_{port.name}" in names:
        yield f"the name 'n_{port.name}' is that of the number of links at '{port.name}'"
    if not isinstance(port.idle_without, tuple | list):
        yield f"'idle_without' of the port '{port.name}' is no tuple of names: {port.idle_without!r}"
        return
    unknown = [name for name in port.idle_without if name not in [field.name for field in kind.parameters]]
    if unknown:
        yield f"the port '{port.name}' is idle without {unknown}, which are no parameters"


def _words(annotation: str) -> tuple[str, ...]:
    """Return the words that an attribute of a role may be; none where it is not one of some words."""
    match = re.fullmatch(r"Literal\[(.*)\]", annotation)
    return ast.literal_eval(f"({match[1]},)") if match else ()


def _faults_of_role(kind: Kind) -> Iterator[str]:
    role = kind.role
    if role is None:
        return
    for item in fields(role):
        value = getattr(role, item.name)
        words = _words(str(item.type))
        if words and value not in words:
            yield f"'{item.name}' of its role is {value!r}, not one of {', '.join(map(repr, words))}"
        elif item.type == "str" and not isinstance(value, str):
            yield f"'{item.name}' of its role is no text: {value!r}"


def _faults_of_costs(kind: Kind) -> Iterator[str]:
    if kind.costs is None:
        return
    if not isinstance(kind.costs, tuple) or not all(isinstance(one, CostFigure) for one in kind.costs):
        yield "'costs' is no tuple of cost(...)"
        return
    if kind.sizes is not None and (fault := _fault_of_sizes(kind.sizes, kind)):
        yield fault
    for figure in kind.costs:
        yield from _faults_of_figure(figure)


def _fault_of_sizes(sizes: Callable[..., Any], kind: Kind) -> str:
    """Return what is wrong with the sizes of a kind at its defaults."""
    parameters = {f.name: f.default if f.default is not None else f.ge or f.le or 1.0 for f in kind.parameters}
    try:
        found = sizes(parameters)
    except Exception as error:
        return f"'sizes' cannot be worked out at the defaults: {type(error).__name__}: {error}"
    is_sound = isinstance(found, Mapping) and all(_is_number(value) for value in found.values())
    return "" if is_sound else "'sizes' gives no mapping of names to numbers"


def _faults_of_figure(figure: CostFigure) -> Iterator[str]:
    what = f"the cost of '{figure.part}'"
    if not _is_text(figure.part) or not _is_text(figure.source):
        yield f"{what} needs a part and a source, each a text"
    if not isinstance(figure.size_parameters, tuple) or not all(map(_is_text, figure.size_parameters)):
        yield f"{what} goes by {figure.size_parameters!r}; write a tuple of names"
    for name, lowest in (
        *((name, 0.0) for name in ("reference_size", "life_years", "life_h", "installation_ratio")),
        *((name, -math.inf) for name in ("exponent", "price_year")),
    ):
        if not (_is_number(value := getattr(figure, name)) and value > lowest):
            yield f"'{name}' of {what} is {value!r}, wanted a number{' above 0' if lowest == 0.0 else ''}"
    for name in ("reference_cost", "fixed_cost_frac", "end_of_life_loss_frac"):
        if not (_is_number(value := getattr(figure, name)) and 0.0 <= value < math.inf):
            yield f"'{name}' of {what} is {value!r}, wanted a number not below 0"
    ratios = (figure.low_ratio, figure.high_ratio)
    if not all(_is_number(one) for one in ratios) or not ratios[0] <= 1.0 <= ratios[1]:
        yield f"the range of {what} does not hold the cost itself: low_ratio <= 1 <= high_ratio"


def _faults_of_laws(kind: Kind) -> Iterator[str]:
    if bad := [law.id for law in kind.laws if not _is_text(law.id)]:
        yield f"the name of a law is no text: {bad[0]!r}"
        return
    ids = [law.id for law in kind.laws]
    yield from (f"two laws are called '{id_}'" for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1}))
    names = {f.name for f in kind.fields if f.role != "parameter"}
    wired = Wired(kind.role, {port.name: Place((), False) for port in kind.ports}, frozenset(names))
    parameters = {f.name for f in kind.parameters}
    for law in kind.laws:
        for what, text in (("text", law.text), ("equation", law.equation), ("source", law.source)):
            if not _is_text(text):
                yield f"the law '{law.id}' has no {what}"
        if not isinstance(law, SumLaw):
            continue
        try:
            rows = list(law.rows(wired))
        except Exception as error:
            yield f"the rows of the law '{law.id}' raised {type(error).__name__}: {error}"
            continue
        if not all(map(_is_row, rows)):
            yield f"a row of the law '{law.id}' is no 'Row((Term(\"port\"), ...))', a comma behind a single term too"
            continue
        terms = [term for row in rows for term in row.terms]
        for term in terms:
            port, _, item = term.name.partition(".")
            if not wired.has(port) or (item and item not in STREAM_ITEMS):
                yield f"the law '{law.id}' names '{term.name}', which is no port, item of a stream, state or counter"
            if term.parameter and term.parameter not in parameters:
                yield f"the law '{law.id}' names the parameter '{term.parameter}', which there is none of"


def _is_row(row: object) -> bool:
    """Whether a row of a law is made of terms: names, numbers and parameters."""
    if not isinstance(row, Row) or not isinstance(row.terms, tuple | list) or not _is_number(row.rel):
        return False
    return all(
        isinstance(one, Term) and _is_text(one.name) and _is_number(one.factor) and isinstance(one.parameter, str)
        for one in row.terms
    )


def _faults_of_derived(kind: Kind) -> Iterator[str]:
    names = [one.name for one in kind.derived]
    yield from (f"two derived series are called '{name}'" for name in sorted({n for n in names if names.count(n) > 1}))
    units = {port.default: port.unit for port in kind.ports if port.medium == "signal"}
    for one in kind.derived:
        unit = split_name(one.name)[1] if _is_name(one.name) else None
        if unit is None or unit.factor != 1.0 or unit.offset != 0.0:
            yield f"the derived series '{one.name}' does not end in an SI unit, as 'hub_wind_speed_m_per_s' does"
            continue
        if not (callable(one.takes) and callable(one.make)):
            yield f"'takes' and 'make' of the derived series '{one.name}' are functions"
        text = units.get(f"derived.{one.name}", "any")
        read = parse_unit_text(text) if isinstance(text, str) else None
        if read is not None and read.dimension != unit.dimension:
            yield f"the port that reads the derived series '{one.name}' is in another unit"
