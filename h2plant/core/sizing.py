"""Sizes that follow from the rating: parameters that a plant leaves out, and whose default is in proportion to others.

A parameter declared with ``size_from="rated_power_w"`` has, where the plant does not give it, the value

    size = default * (size_from / size_from at the defaults)

so at the default rating it is its default to the last bit. Counts (``n_...``) are whole, rounded upwards. Sizes are
found in the order of their declaration; what an expression names is what the plant gives, what followed before, or its
default.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from h2plant.core.declare import Contradiction, Field, Kind
from h2plant.core.expression import ExpressionError, read_expression
from h2plant.core.units import to_reporting_unit

_DAY_H = 24.0
_WHOLE = 1.0e-9  # a count this little above a whole number is that number


class SizeError(ValueError):
    """A size that cannot be found; ``name`` is its parameter."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


def size_of(kind: Kind, field: Field, values: Mapping[str, float]) -> float:
    """Return the size of a parameter that follows from others, SI.

    Parameters
    ----------
    values
        Parameters of the kind by name, SI, with those that its ``size_from`` names.

    Raises
    ------
    SizeError
        The expression has no value.
    """
    assert field.default is not None
    rule, at_default = kind.size_rules[field.name]
    try:
        ratio = rule.value(values) / at_default
    except ExpressionError as error:
        raise SizeError(field.name, str(error)) from None
    size = field.default * ratio
    if field.name.startswith("n_") and ratio > 0.0:
        return max(float(math.ceil(size - _WHOLE * max(size, 1.0))), 1.0)
    return size


def empty_window(values: Mapping[str, float], start: str, end: str) -> Iterator[Contradiction]:
    """Yield where a window of the day, over midnight where it ends before it starts, has no hour."""
    if values[start] % _DAY_H == values[end] % _DAY_H and values[end] <= values[start]:
        what = f"the day starts at {values[start]:g} and ends at {values[end]:g} h: no hour of it is left"
        yield Contradiction(end, what, f"give {start}: 0 and {end}: 24 for all day, or an hour between")


def with_sizes(kind: Kind, given: Mapping[str, float]) -> dict[str, float]:
    """Return the parameters that are given with those that have a default or follow; required ones may lack.

    Raises
    ------
    SizeError
        A size has no value.
    """
    defaults = {f.name: f.default for f in kind.parameters if f.default is not None}
    values = {**defaults, **given}
    for field in kind.parameters:
        if field.size_from and field.name not in given:
            values[field.name] = size_of(kind, field, values)
    return values


def size_reason(kind: Kind, name: str, values: Mapping[str, float]) -> str:
    """Return what a size follows from: 'in proportion to rated_power_w: rated_power_kw 20000, and n_cells 135 at 1000'.

    Parameters
    ----------
    values
        All parameters of the kind by name, SI.
    """
    field = kind.field(name)
    named = [f for f in kind.parameters if f.name in kind.size_rules[name][0].names]
    assert field.default is not None
    now = listing([as_reported(f, values[f.name]) for f in named])
    then = listing([as_reported(f, f.default or 0.0).rpartition(" ")[2] for f in named])
    return f"in proportion to {field.size_from}: {now}, and {as_reported(field, field.default)} at {then}"


def as_reported(field: Field, value: float) -> str:
    """Return a parameter with its value, in the unit of reports: 'rated_power_kw 20000'."""
    shown = to_reporting_unit(field.name, field.unit)
    return f"{shown.name} {value * shown.factor + shown.offset:.6g}"


def listing(texts: Sequence[str]) -> str:
    """Return texts joined by commas and 'and'."""
    return " and ".join(part for part in (", ".join(texts[:-1]), texts[-1]) if part)


def size_faults(kind: Kind) -> Iterator[str]:
    """Yield what is wrong with the ``size_from`` of the parameters of a kind."""
    later = {f.name for f in kind.parameters if f.size_from}
    defaults = {f.name: f.default for f in kind.parameters if f.default is not None}
    for field in kind.parameters:
        if not field.size_from:
            continue
        what = f"'size_from' of '{field.name}'"
        if field.default is None or field.choices:
            yield f"{what} needs a default, that at the default rating, of a number"
            continue
        try:
            rule = read_expression(field.size_from)
        except ExpressionError as error:
            yield f"{what}: {error}"
            continue
        unknown = sorted(rule.names - set(defaults))
        if unknown:
            yield f"{what} names {', '.join(unknown)}: no parameters with a default"
        elif rule.names & later:
            yield f"{what} names {', '.join(sorted(rule.names & later))}, which follow as well: declare them before it"
        else:
            try:
                if not rule.value(defaults) > 0.0:
                    yield f"{what} is not above 0 at the defaults"
            except ExpressionError as error:
                yield f"{what}: {error}"
        later.discard(field.name)
