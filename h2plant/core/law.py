"""Laws: what must hold in every step of a component, whatever its kernels do; and what of a step they see.

A ``Law`` is a small function with its equation and its source. It reads ports, states and parameters by the names of
the declarations, and compares them by plain arithmetic or by CoolProp's equations of state. A kind names its laws
(``Kind.laws``); the laws stand in ``h2plant.laws``. Nothing here or there shares code with kernels.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from h2plant.core import bus
from h2plant.core.law_constants import (
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_N2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)

FloatArray = npt.NDArray[np.float64]
_Made = TypeVar("_Made")
BoolArray = npt.NDArray[np.bool_]
Numbers = FloatArray | BoolArray | npt.NDArray[np.floating[Any]] | float
ROUNDING = 4.0 * float(np.finfo(float).eps)
"""Share of a number that a few additions may be off by."""
_LEAST = 1.0e-280  # in place of an allowance of zero


class Flow:
    """A stream in each of n steps: arrays of shape (n,), kg/s, W, K, Pa.

    Attributes
    ----------
    values
        Shape (n, 8), in the order of ``core.bus.STREAM_COLUMNS``.
    """

    def __init__(self, values: FloatArray) -> None:
        self.values = values

    @property
    def h2(self) -> FloatArray:
        """Hydrogen, kg/s."""
        return self.values[:, bus.H2]

    @property
    def o2(self) -> FloatArray:
        """Oxygen, kg/s."""
        return self.values[:, bus.O2]

    @property
    def n2(self) -> FloatArray:
        """Nitrogen, kg/s."""
        return self.values[:, bus.N2]

    @property
    def vapour(self) -> FloatArray:
        """Water vapour, kg/s."""
        return self.values[:, bus.VAPOUR]

    @property
    def liquid(self) -> FloatArray:
        """Liquid water, kg/s."""
        return self.values[:, bus.LIQUID]

    @property
    def enthalpy_w(self) -> FloatArray:
        """Enthalpy flow with heats of formation, W."""
        return self.values[:, bus.ENTHALPY]

    @property
    def temperature_k(self) -> FloatArray:
        """Temperature, K."""
        return self.values[:, bus.TEMPERATURE]

    @property
    def pressure_pa(self) -> FloatArray:
        """Pressure, Pa."""
        return self.values[:, bus.PRESSURE]

    @property
    def water(self) -> FloatArray:
        """Vapour and liquid, kg/s."""
        return self.vapour + self.liquid

    @property
    def mass(self) -> FloatArray:
        """All species, kg/s."""
        return np.asarray(self.values[:, : bus.LIQUID + 1].sum(axis=1))

    @property
    def dry_mol_per_s(self) -> FloatArray:
        """Hydrogen, oxygen and nitrogen, mol/s."""
        return (
            self.h2 / MOLAR_MASS_H2_KG_PER_MOL + self.o2 / MOLAR_MASS_O2_KG_PER_MOL + self.n2 / MOLAR_MASS_N2_KG_PER_MOL
        )

    @property
    def vapour_mol_per_s(self) -> FloatArray:
        """Water vapour, mol/s."""
        return self.vapour / MOLAR_MASS_H2O_KG_PER_MOL


class Place(NamedTuple):
    """Where a port lies on the bus.

    Attributes
    ----------
    slots
        First slot of each of its links, that which the giving end writes; of a port that takes one link always one,
        also where the surroundings stand there.
    is_linked
        Whether another component or a series stands there.
    stream
        ``in`` or ``out`` if it carries a stream, else empty.
    fresh
        Slots of lagged signals that are of the same step where the component reads them: of series, of what emits, of
        what comes before it.
    """

    slots: tuple[int, ...]
    is_linked: bool
    stream: str = ""
    fresh: tuple[int, ...] = ()

    @property
    def shape(self) -> tuple[Any, ...]:
        """All but where it lies: components whose places have the same shapes are linked alike."""
        return len(self.slots), self.is_linked, self.stream, tuple(self.slots.index(slot) for slot in self.fresh)


@dataclass(frozen=True)
class Seen:
    """A component as it was seen in n steps, for its laws.

    Parameters
    ----------
    component, kind, role
        Its id, the name of its kind and its role.
    parameters
        Its parameters, SI; of several components seen together an array, shape (n,), where they differ.
    step_s
        Length of a step, s.
    places
        Where its ports lie in ``slots``.
    slots
        The bus after each step, shape (n, n_slots): means over the step.
    slots_before
        The bus before each step, where lagged signals still are what the component was asked.
    before_, after_
        Fields at the start and at the end of each step, shape (n,): states, counters, outputs.
    """

    component: str
    kind: str
    role: Any
    parameters: Mapping[str, Any]
    step_s: float
    places: Mapping[str, Place]
    slots: FloatArray
    slots_before: FloatArray
    before_: Mapping[str, FloatArray]
    after_: Mapping[str, FloatArray]
    made: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    """What ``once`` has made."""

    @property
    def n(self) -> int:
        """Number of steps."""
        return int(self.slots.shape[0])

    @property
    def nothing(self) -> FloatArray:
        """Zeros, shape (n,)."""
        return np.zeros(self.n)

    def part(self, first: int, n: int) -> Seen:
        """Return n rows of what was seen, from one on."""
        rows = slice(first, first + n)
        return replace(
            self,
            slots=self.slots[rows],
            slots_before=self.slots_before[rows],
            before_={name: values[rows] for name, values in self.before_.items()},
            after_={name: values[rows] for name, values in self.after_.items()},
            parameters={
                name: float(value[first]) if isinstance(value, np.ndarray) else value
                for name, value in self.parameters.items()
            },
            made={},
        )

    def once(self, make: Callable[[Seen], _Made]) -> _Made:
        """Return what several laws need of what was seen: made by a function or class when it is first asked for."""
        if make not in self.made:
            self.made[make] = make(self)
        found: _Made = self.made[make]
        return found

    def is_linked(self, port: str) -> bool:
        """Whether another component or a series stands at a port."""
        return self.places[port].is_linked

    def stream(self, port: str, link: int = 0) -> Flow:
        """Return the stream of a link."""
        slot = self.places[port].slots[link]
        return Flow(self.slots[:, slot : slot + bus.STREAM_WIDTH])

    def streams(self, port: str) -> list[Flow]:
        """Return the streams of all links of a multi port; of another port the one that it has."""
        return [self.stream(port, k) for k in range(len(self.places[port].slots))]

    def at(self, port: str, link: int = 0) -> FloatArray:
        """Return power, heat, money or signal of a link: W, EUR/s, or the unit of the signal; mean over the step."""
        found: FloatArray = self.slots[:, self.places[port].slots[link]]
        return found

    def asked(self, port: str, link: int = 0) -> FloatArray:
        """Return a lagged signal as the component read it: what it was at the end of the step before, or new."""
        place = self.places[port]
        slot = place.slots[link]
        found: FloatArray = (self.slots if slot in place.fresh else self.slots_before)[:, slot]
        return found

    def each(self, port: str) -> list[FloatArray]:
        """Return power, heat, money or signal of every link of a multi port."""
        return [self.at(port, k) for k in range(len(self.places[port].slots))]

    def total(self, port: str) -> FloatArray:
        """Return the sum over all links of a port of power, heat, money or a signal."""
        return sum(self.each(port), self.nothing)

    def parameter(self, name: str) -> float:
        """Return a parameter, SI."""
        value: float = self.parameters[name]
        return value

    def before(self, name: str) -> FloatArray:
        """Return a state or counter at the start of each step."""
        return self.before_[name]

    def after(self, name: str) -> FloatArray:
        """Return a state or counter at the end of each step, or an output of it."""
        return self.after_[name]

    def value(self, name: str) -> FloatArray:
        """Return what a role names: a state or output at the end of each step, or a parameter."""
        return self.after_[name] if name in self.after_ else self.nothing + self.parameters[name]

    def change(self, name: str) -> FloatArray:
        """Return what a state or counter changed by in each step."""
        return self.after_[name] - self.before_[name]

    def rounding(self, name: str) -> FloatArray:
        """Return how far rounding may put a state's change off: a step adds little to what years have summed up."""
        return ROUNDING * np.maximum(np.abs(self.before_[name]), np.abs(self.after_[name]))


@dataclass(frozen=True)
class Law:
    """What must hold in every step of a component.

    Parameters
    ----------
    id
        Short name, words joined by '-': ``faraday``.
    text
        What it says, in one line.
    equation
        Its equation, as text.
    source
        Where it stands: a law of nature by name, a paper, a standard.
    check
        Takes what was seen and yields arrays of shape (n,): the deviation from the law as a share of what is allowed,
        made by ``equal``, ``at_most`` and ``at_least``; above 1 the law is broken, NaN: it says nothing of that step.
    needs_equation_of_state
        Whether it asks CoolProp: then it is left to the full audit.
    takes_arrays
        Whether parameters may be arrays, shape (n,), too: then components of one kind that differ in them are checked
        in one go, which is quicker. A law that compares a parameter by ``if`` does not.
    """

    id: str
    text: str
    equation: str
    source: str
    check: Callable[[Seen], Iterable[FloatArray]]
    needs_equation_of_state: bool = False
    takes_arrays: bool = False


@dataclass(frozen=True)
class SumLaw(Law):
    """A law whose terms add up, so that it holds for sums over a run as for a step; made by ``sum_law``.

    Parameters
    ----------
    rows
        Takes a component's role, the names that it has and its links, and yields rows of terms.
    """

    rows: Callable[[Wired], Iterable[Row]] = lambda _: ()


class Term(NamedTuple):
    """A part of a row: factor × parameter × what a port or a counter comes to.

    Attributes
    ----------
    name
        A port (power, heat, money, signal: its value times the step; all links of it), ``port.h2``, ``port.mass`` or
        another item of a stream, or a counter (what came to it).
    factor
        A number.
    parameter
        A parameter by whose value it is multiplied as well; '' for none.
    """

    name: str
    factor: float = 1.0
    parameter: str = ""


class Row(NamedTuple):
    """Terms whose sum is zero, or at most zero; allowed is ``rel`` of the sum of their magnitudes, and rounding."""

    terms: tuple[Term, ...]
    is_equal: bool = True
    rel: float = 1.0e-9


class Wired(NamedTuple):
    """A component as its declarations and links have it: its role, its ports, and its counters and states by name."""

    role: Any
    places: Mapping[str, Place]
    fields: frozenset[str]

    def has(self, name: str) -> bool:
        """Whether the component has a port, or a counter or state, of a name."""
        return name in self.places or name in self.fields


STREAM_ITEMS: dict[str, tuple[int, ...]] = {
    "h2": (bus.H2,), "o2": (bus.O2,), "n2": (bus.N2,), "vapour": (bus.VAPOUR,), "liquid": (bus.LIQUID,),
    "water": (bus.VAPOUR, bus.LIQUID), "mass": (bus.H2, bus.O2, bus.N2, bus.VAPOUR, bus.LIQUID),
    "enthalpy": (bus.ENTHALPY,),
}  # fmt: skip
"""Items of a stream that a term may name, with their slots."""


def sum_law(id_: str, text: str, equation: str, source: str, *rows: Row) -> SumLaw:
    """Return a law of sums."""
    return sum_law_of(id_, text, equation, source, lambda _: rows)


def sum_law_of(id_: str, text: str, equation: str, source: str, rows: Callable[[Wired], Iterable[Row]]) -> SumLaw:
    """Return a law of sums whose rows follow from a component's role, its names and its links."""
    return SumLaw(id_, text, equation, source, functools.partial(_check_rows, rows), rows=rows)


def _check_rows(rows: Callable[[Wired], Iterable[Row]], seen: Seen) -> Iterator[FloatArray]:
    """Yield the deviations of a component's rows in single steps."""
    for row in rows(Wired(seen.role, seen.places, frozenset(seen.before_))):
        parts = [_term_at_steps(seen, term) for term in row.terms]
        total, magnitude = sum(parts, seen.nothing), sum((np.abs(part) for part in parts), seen.nothing)
        allowed = row.rel * magnitude
        for term in row.terms:
            if term.name in seen.before_ and term.name not in seen.places:
                allowed = allowed + abs(_factor(seen, term)) * seen.rounding(term.name)
        yield _share(np.abs(total) if row.is_equal else np.maximum(total, 0.0), allowed, True)


def _factor(seen: Seen, term: Term) -> float:
    return term.factor * (seen.parameter(term.parameter) if term.parameter else 1.0)


def _term_at_steps(seen: Seen, term: Term) -> FloatArray:
    factor = _factor(seen, term)
    port, _, item = term.name.partition(".")
    if port not in seen.places:
        return factor * seen.change(term.name)
    if not item:
        return factor * seen.step_s * seen.total(port)
    values: FloatArray = sum(
        (stream.values[:, slot] for stream in seen.streams(port) for slot in STREAM_ITEMS[item]), seen.nothing
    )
    return factor * seen.step_s * values


# What is allowed -----------------------------------------------------------------------------------------------------
def equal(left: Numbers, right: Numbers, rel: float = 1.0e-9, abs_: Numbers = 0.0, where: Any = True) -> FloatArray:
    """Return how far two numbers differ, as a share of ``rel`` of the larger and ``abs_``; NaN where not ``where``."""
    left, right = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
    allowed = rel * np.maximum(np.abs(left), np.abs(right)) + abs_
    return _share(np.abs(left - right), allowed, where)


def at_most(low: Numbers, high: Numbers, rel: float = 1.0e-9, abs_: Numbers = 0.0, where: Any = True) -> FloatArray:
    """Return by how much the first number exceeds the second, as a share of what is allowed; else 0."""
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    allowed = rel * np.maximum(np.abs(low), np.abs(high)) + abs_
    return _share(np.maximum(low - high, 0.0), allowed, where)


def at_least(high: Numbers, low: Numbers, rel: float = 1.0e-9, abs_: Numbers = 0.0, where: Any = True) -> FloatArray:
    """Return by how much the first number falls short of the second, as ``at_most`` does."""
    return at_most(low, high, rel, abs_, where)


def within(
    value: Numbers, one: Numbers, other: Numbers, rel: float = 1.0e-9, abs_: Numbers = 0.0, where: Any = True
) -> FloatArray:
    """Return by how much a number lies outside two others, whichever is the larger."""
    return np.fmax(
        at_most(value, np.maximum(one, other), rel, abs_, where),
        at_least(value, np.minimum(one, other), rel, abs_, where),
    )


def _share(deviation: FloatArray, allowed: FloatArray, where: Any) -> FloatArray:
    share = np.maximum(deviation, 0.0) / np.maximum(allowed, _LEAST)
    if not math.isfinite(share.sum()):  # what is no number breaks the law
        share = np.where(np.isfinite(deviation), share, np.inf)
    return share if where is True else np.where(where, share, np.nan)


# What a law says ------------------------------------------------------------------------------------------------------
class LawError(ValueError):
    """A law of a kind from outside that cannot be worked out; the text says which and why."""


def judged(law: Law, seen: Seen) -> tuple[int, float, int]:
    """Return how many numbers a law compared, the largest share of what it allows, and the row of that.

    Raises
    ------
    LawError
        The law's function raised, or gave what is no array of a number for each step.
    """
    try:
        shares = [np.asarray(share, dtype=float) for share in law.check(seen)]
        if not shares:
            return 0, 0.0, -1
        if any(share.shape != (seen.n,) for share in shares):
            shares = [np.broadcast_to(share, (seen.n,)) for share in shares]
    except (Exception, SystemExit) as error:
        what = f"{type(error).__name__}: {error}"
        raise LawError(f"the law '{law.id}' of '{seen.component}' (kind {seen.kind}) raised {what}") from error
    values = np.concatenate(shares)  # NaN: the law says nothing of that step
    n_checks = values.size - int(np.count_nonzero(np.isnan(values)))
    if not n_checks:
        return 0, 0.0, -1
    worst = float(np.fmax.reduce(values))
    return n_checks, worst, int(np.argmax(values == worst)) % seen.n
