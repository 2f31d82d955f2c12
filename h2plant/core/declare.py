"""Declarations from which everything about a kind of component follows.

Array layout, YAML schema, bounds, column names and units, docs tables and checkpoints all come from the
``Field`` and ``Port`` declarations of a ``Kind``; nothing is declared twice.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from h2plant.core.bus import LINE_WIDTH, STREAM_WIDTH
from h2plant.core.cost import CostFigure
from h2plant.core.derived import Derived
from h2plant.core.expression import Expression, read_expression
from h2plant.core.law import Law
from h2plant.core.role import Maker, Role, technology_key

FieldRole = Literal["parameter", "state", "output", "memory"]
Border = Literal["", "sold", "bought", "vented", "drained", "surroundings", "source", "surplus", "nothing"]
Medium = Literal["stream", "power", "heat", "money", "signal", "line"]
Direction = Literal["in", "out"]
_WIDTHS = {"stream": STREAM_WIDTH, "line": LINE_WIDTH}


class Published(NamedTuple):
    """Between which numbers a parameter is published, SI, and where: what its default is one choice of."""

    low: float
    high: float
    source: str


@dataclass(frozen=True)
class Field:
    """One number of a component, in SI inside; its name ends in its unit.

    Parameters have a default (or are required), bounds and a description. States are what the component
    remembers from step to step (logged: value at the end of the interval). Outputs are computed each step
    for information (logged: mean over the interval). Memory is kept from step to step for the sake of the
    calculation alone (constants worked out in ``begin``, expansions, starts of searches) and is not logged.
    """

    name: str
    unit: str
    role: FieldRole
    doc: str
    default: float | None = None
    ge: float | None = None
    le: float | None = None
    choices: tuple[str, ...] = ()
    """Words that a file gives for the values 0, 1, 2, ..."""
    is_counter: bool = False
    """Whether it only ever adds up: totals of a run then tell what came to it since they were opened."""
    site: tuple[str, ...] = ()
    """Figures of the site's country (``plant.country.QUANTITIES``) whose sum is its default where all are known."""
    site_with: str = ""
    """Port without a link to which that default changes nothing."""
    default_note: str = ""
    """What is to be known of the default itself, where it holds because no country says another."""
    is_whole: bool = False
    """Whether it is a number of pieces, of which there is no half."""
    size_from: str = ""
    """Expression of other parameters of the kind to which its default is in proportion (``core/sizing.py``)."""
    published: Published | None = None
    """Range that is published for it, where that is wide enough to decide what a plant costs."""
    list_key: str = ""
    """Key under which a file gives this parameter and its neighbours as a list (``parameter_list``)."""


@dataclass(frozen=True)
class Port:
    """A place where a link ends.

    Parameters
    ----------
    direction
        The way the medium flows, seen from the component.
    writes
        Whether this component sets the link's value. By default the side that the medium leaves; for power
        the consumer writes (it draws what it needs), so consumers say ``writes=True`` on their ``in`` port
        and suppliers ``writes=False`` on their ``out`` port.
    is_multi
        Any number of links may end here; the record then holds the first slot under the port's name and
        the number of links under ``n_<name>`` (slots are consecutive).
    is_lagged
        Reads the value of the step before: breaks the order of calculation (demand and level signals).
    is_lagged_in_loops
        Reads this step's value where the plant allows it, and that of the step before where waiting for it would
        close a loop: of each link for itself, and the same in every run of the plant.
    is_emitted
        Written by ``emit`` at the start of the step, from the state, before anything else runs.
    default
        What an unlinked input reads; without it: zero flow. ``series.temp_air_degc``: a series;
        ``role.Grid.available``: the ports that the role ``Grid`` names ``available``, of all components of that role
        (of the only one, if the port takes one link); ``power.own``, ``power.others``, ``power.lines``: the power
        drawn from the plant's buses by what the component controls, by all else, by all electrolysers
        (``plant.graph.PowerTree``); ``power.carried``, ``power.trips``, ``power.unit_trips``, ``power.line_trips``:
        what converters that have tripped tell, those directly behind, those that serve more than electrolysers, those
        above a unit alone, those above all units of a line, and by ``power.above`` those above the component itself
        (the same); ``plan.lines``: the plans of
        the lines that are linked at ``lines``; ``derived.name``: a series that is made before the run
        (``Kind.derived``).
    unit
        Unit of a signal in SI; ``1`` for none, ``any`` where every unit will do (weights).
    most_links
        So many links may end at a multi port; 0: any number.
    most_remedy
        What to do where there are more.
    gives
        Parameter whose value this signal has, where it is not 0.
    rests_below
        Parameter below whose value what comes here counts as 0.
    pressure
        Parameter of the pressure, Pa, that what leaves here has at most; of an inlet: that what comes
        must have, because it leaves at it.
    paired_with
        Another multi port of the component: the i-th links of both belong together, so both must have as many. An
        input that says more of what comes at another input may have none.
    border
        What stands beyond the port where it is not linked. Streams are ``sold``, ``bought``, ``vented`` or ``drained``;
        heat goes to the ``surroundings``. Power comes from a ``source`` (the wind, the public grid), is a ``surplus``
        (that nobody takes) or came from ``nothing`` (drawn, and no source gave it); a power port without a border must
        be linked, or the power it draws comes from nowhere.
    border_label
        What stands there in pictures, where that says more than the border: 'Turbines', 'Brine'.
    idle_without
        Parameters by which a port goes: while all of them are 0 a power port draws nothing, and a port that is
        required need not be linked.
    fault
        Fault that a plant's ``faults:`` brings to the component by this signal, linked for it: the share of it that is
        out of service, or of its surface that is fouled; 0 while it is sound.
    is_read_in_step
        Whether a kind that emits reads this lagged signal in ``step`` alone, where it may be of the same step.
    """

    name: str
    medium: Medium
    direction: Direction
    doc: str
    is_required: bool = False
    writes: bool | None = None
    is_multi: bool = False
    is_lagged: bool = False
    is_lagged_in_loops: bool = False
    is_emitted: bool = False
    default: str | None = None
    unit: str = ""
    most_links: int = 0
    most_remedy: str = ""
    gives: str = ""
    rests_below: str = ""
    pressure: str = ""
    paired_with: str = ""
    border: Border = ""
    border_label: str = ""
    idle_without: tuple[str, ...] = ()
    fault: Literal["", "outage", "fouling"] = ""
    is_read_in_step: bool = False

    @property
    def is_writer(self) -> bool:
        """Whether this end sets the value of the link."""
        return self.direction == "out" if self.writes is None else self.writes

    @property
    def width(self) -> int:
        """Number of bus slots of one link."""
        return _WIDTHS.get(self.medium, 1)


Step = Callable[..., int]


class OwnStep(NamedTuple):
    """The step of a kind whose rule the user wrote: compiled with the layout of its record, and as plain Python.

    ``errors`` holds what the latter raised, ``file`` is the name of the rule's file.
    """

    kernel: Step
    dtype: np.dtype[Any]
    plain: Step
    errors: list[str]
    file: str


class Contradiction(NamedTuple):
    """Parameters that cannot hold together: the one at fault, what is wrong with the numbers, and how to mend it."""

    name: str
    what: str
    remedy: str


class KindSource(Protocol):
    """Where a kind from outside came from."""

    @property
    def label(self) -> str:
        """A file's name, a package with its version, or 'registered'."""

    @property
    def digest(self) -> str:
        """SHA-256 of all that its results follow from."""


@dataclass(frozen=True)
class ReadOnly:
    """Parameters that are read only where another one has a value: those of trackers, those of one profile.

    Attributes
    ----------
    names
        Their names.
    by, value
        The other one, and its value.
    """

    names: tuple[str, ...]
    by: str
    value: float


@dataclass(frozen=True)
class Order:
    """Two parameters of which one must not be above the other, or the component cannot work.

    Attributes
    ----------
    lower, upper
        Their names.
    reason
        What goes wrong otherwise, in a few words.
    ratio
        The lower one times this is what must not be above the upper one.
    is_strict
        Whether they must differ.
    above
        Values of either up to this one mean something else (worked out, off), and nothing is compared.
    """

    lower: str
    upper: str
    reason: str
    ratio: float = 1.0
    is_strict: bool = False
    above: float = -math.inf

    def is_kept(self, values: Mapping[str, float]) -> bool:
        """Tell whether values of parameters keep to it."""
        low, high = values[self.lower], values[self.upper]
        if low <= self.above or high <= self.above:
            return True
        return low * self.ratio < high if self.is_strict else low * self.ratio <= high * (1.0 + 1.0e-12)


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of component: its declarations and its kernels.

    Parameters
    ----------
    step
        ``step(c, bus, props, dt) -> status``; advances record ``c`` by ``dt`` seconds: reads its input
        slots, writes its output slots and states.
    emit
        ``emit(c, bus, props, dt) -> status``; only for components with storage: writes the emitted ports
        from the state at the start of the step, before any ``step`` runs.
    begin
        ``begin(c, props) -> status``; once before the run: initial states from parameters.
    content
        ``content(c, props) -> (h2_kg, o2_kg, n2_kg, h2o_kg, energy_j)`` held by the component, from its
        states only; the ledger takes it before and after.
    function_key
        Key of the plant file that names a Python function, ``file.py:function``, whose kernel takes the place
        of ``step``; empty for kinds whose kernels all stand here.
    role
        What the kind is to the plant: figures, costs, plans and reports find it by its role.
    costs
        Installed cost of its parts; ``()``: it has no capital of its own; None: not known, which `check` reports.
    sizes
        ``sizes(parameters) -> sizes``: what its costs go by and its parameters do not say, SI.
    laws
        What must hold in every step, for the audit of a run: besides what follows from its role and its streams.
    orders
        Parameters that must not cross, which `check` tells.
    read_only
        Parameters that something else must go with, or nothing reads them, which `check` notes where they are given.
    contradictions
        ``contradictions(parameters)`` yields where parameters, SI, each within its bounds, cannot hold together.
    derived
        Series that are made for each of its components before the run.
    source
        Where it came from, set by the registry; None: built in.
    """

    name: str
    doc: str
    fields: tuple[Field, ...]
    ports: tuple[Port, ...]
    step: Step
    emit: Step | None = None
    begin: Step | None = None
    content: Callable[..., tuple[float, float, float, float, float]] | None = None
    group: str = "process"
    function_key: str = ""
    role: Role | None = None
    costs: tuple[CostFigure, ...] | None = None
    sizes: Callable[[Mapping[str, float]], Mapping[str, float]] | None = None
    laws: tuple[Law, ...] = ()
    orders: tuple[Order, ...] = ()
    read_only: tuple[ReadOnly, ...] = ()
    contradictions: Callable[[Mapping[str, float]], Iterable[Contradiction]] | None = None
    derived: tuple[Derived, ...] = ()
    source: KindSource | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for what, value, wanted in (
            ("fields", self.fields, Field),
            ("ports", self.ports, Port),
            ("laws", self.laws, Law),
            ("orders", self.orders, Order),
            ("read_only", self.read_only, ReadOnly),
            ("derived", self.derived, Derived),
        ):
            if not isinstance(value, tuple) or not all(isinstance(one, wanted) for one in value):
                raise ValueError(f"kind {self.name}: '{what}' must be a tuple of {wanted.__name__}, not {value!r:.60}")
        if self.role is not None and not isinstance(self.role, Role):
            raise ValueError(f"kind {self.name}: 'role' must be one of h2plant.core.role, not {self.role!r:.60}")
        made = {one.name for one in self.derived}
        unknown = {p.default for p in self.ports if p.default and p.default.startswith("derived.")}
        unknown -= {f"derived.{name}" for name in made}
        unknown |= {name for one in self.derived for name in one.parameters} - {f.name for f in self.parameters}
        if unknown:
            raise ValueError(
                f"kind {self.name}: a derived series or its port names what there is not: {sorted(unknown)}"
            )
        names = [f.name for f in self.fields] + [p.name for p in self.ports]
        named = {name for p in self.ports for name in (p.pressure, p.gives, p.rests_below) if name}
        unknown = named - {f.name for f in self.parameters}
        if unknown:
            raise ValueError(f"kind {self.name}: its ports name what is no parameter of it: {sorted(unknown)}")
        unknown = {name for order in self.orders for name in (order.lower, order.upper)}
        unknown |= {name for one in self.read_only for name in (*one.names, one.by)}
        unknown -= {f.name for f in self.fields if f.role == "parameter"}
        if unknown:
            raise ValueError(
                f"kind {self.name}: its orders or conditions name what is no parameter of it: {sorted(unknown)}"
            )
        doubled = {n for n in names if names.count(n) > 1}
        if doubled:
            raise ValueError(f"kind {self.name}: declared twice: {sorted(doubled)}")
        if self.role is not None:
            unknown = set(self.role.fields()) - {f.name for f in self.fields}
            unknown |= set(self.role.ports()) - {p.name for p in self.ports}
            owed = [one.medium for one in self.role.owes]
            if len(owed) > len(set(owed)):
                raise ValueError(f"kind {self.name}: its role owes one medium twice: {owed}")
            unknown |= {name for one in self.role.served for name in one.names} - set(names)
            if unknown:
                raise ValueError(f"kind {self.name}: its role names what it does not have: {sorted(unknown)}")

    @functools.cached_property
    def parameters(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.role == "parameter")

    @functools.cached_property
    def parameter_by_name(self) -> dict[str, Field]:
        """Its parameters by name."""
        return {f.name: f for f in self.parameters}

    @functools.cached_property
    def bounds(self) -> dict[str, tuple[float, float]]:
        """The numbers between which each parameter is in order whatever else: finite, and none for one of pieces."""
        most = sys.float_info.max
        return {
            f.name: (math.inf, -math.inf)
            if f.is_whole
            else (-most if f.ge is None else max(f.ge, -most), most if f.le is None else min(f.le, most))
            for f in self.parameters
        }

    @functools.cached_property
    def size_rules(self) -> dict[str, tuple[Expression, float]]:
        """What the sizes of ``size_from`` are in proportion to, with its value at the defaults, by name of the size."""
        defaults = {f.name: f.default for f in self.parameters if f.default is not None}
        found = {}
        for f in self.parameters:
            if f.size_from:
                rule = read_expression(f.size_from)
                found[f.name] = rule, rule.value(defaults)
        return found

    @functools.cached_property
    def lists(self) -> dict[str, tuple[Field, ...]]:
        """The parameters of each list that a file may give, by its key."""
        keys = dict.fromkeys(f.list_key for f in self.parameters if f.list_key)
        return {key: tuple(f for f in self.parameters if f.list_key == key) for key in keys}

    @functools.cached_property
    def field_by_name(self) -> dict[str, Field]:
        """Its fields by name."""
        return {f.name: f for f in self.fields}

    @functools.cached_property
    def port_by_name(self) -> dict[str, Port]:
        """Its ports by name."""
        return {p.name: p for p in self.ports}

    @functools.cached_property
    def dtype(self) -> np.dtype[Any]:
        """Record layout: every field 8 bytes wide, so that a table is also a row of a flat float64 array."""
        columns: list[tuple[str, str]] = [(f.name, "f8") for f in self.fields]
        for port in self.ports:
            columns.append((port.name, "i8"))
            if port.is_multi:
                columns.append((f"n_{port.name}", "i8"))
        return np.dtype(columns)

    def role_faults(self) -> Iterator[str]:
        """Yield what figures, costs and pages need of the kind's role and do not find there."""
        if self.role is None:
            yield "there is no role: figures and pages find a kind by it; 'role=Process()' where no other fits"
            return
        timed = (one.time for one in self.role.served if one.time)
        for name in dict.fromkeys((*self.role.counters(), *timed)):
            if not self.field(name).is_counter:
                yield f"its role counts by '{name}', which is no counter: 'counter(\"{name}\", ...)'"
        technology = getattr(self.role, "technology", "none")
        if not technology_key(technology)[:1].isalpha():
            yield f"'technology' of its role begins with no letter: {technology!r}"
        if not isinstance(self.role, Maker):
            return
        for name in ("power", "rated_power", "made"):
            if not getattr(self.role, name):
                yield f"its role does not say '{name}'"
        columns = {f"{p.name}.h2_kg_per_s" for p in self.ports if p.medium == "stream" and not p.is_multi}
        columns |= {f.name for f in self.fields if f.role == "output"}
        if self.role.made and self.role.made not in columns:
            yield f"'made' of its role, '{self.role.made}', is neither an output nor '<port>.h2_kg_per_s' of a stream"
        if self.role.current and not self.role.cell_area:
            yield "its role says 'current' without 'cell_area'"

    def field(self, name: str) -> Field:
        """Return a field by name; KeyError if there is none."""
        return self.field_by_name[name]

    def port(self, name: str) -> Port:
        """Return a port by name; KeyError if there is none."""
        return self.port_by_name[name]


def parameter(
    name: str,
    unit: str,
    doc: str,
    default: float | None = None,
    ge: float | None = None,
    le: float | None = None,
    *,
    site: tuple[str, ...] = (),
    site_with: str = "",
    default_note: str = "",
    is_whole: bool = False,
    size_from: str = "",
    published: Published | None = None,
) -> Field:
    """Declare a parameter; without a default it is required.

    ``site`` names the figures of the country where the plant stands whose sum goes before the default; with
    ``site_with``, a port, that is told only where something is linked there. ``default_note`` says what the default
    itself is. ``is_whole``: it counts pieces. ``size_from="rated_power_w"`` says that the default is that of the
    default rating, and that it grows in proportion where the plant gives another; any expression of the kind's
    parameters will do (``"rated_power_w / cell_area_m2"``). A size that the plant gives is taken as given.
    ``published`` is the range in which sources have it, told beside the default and by ``h2plant costs``.
    """
    return Field(
        *(name, unit, "parameter", doc, default, ge, le),
        site=site,
        site_with=site_with,
        default_note=default_note,
        is_whole=is_whole,
        size_from=size_from,
        published=published,
    )


def parameter_list(
    name: str, unit: str, doc: str, default: tuple[float, ...], n: int, ge: float | None = None, le: float | None = None
) -> tuple[Field, ...]:
    """Declare a column of a table: up to ``n`` numbers that a file gives as a list.

    ``name`` has a '#' where the number of a point stands: ``energy_#_j_per_kg`` is given as
    ``energy_kwh_per_kg: [60, 52, 53]``, which sets ``energy_1_j_per_kg`` and so on; each of them is a parameter that
    may be varied by itself. The points behind the last one given repeat it. All lists of a kind are columns of one
    table, and as long as each other where a file gives several; one number stands for all points.
    """
    key = name.replace("_#", "")
    padded = [*default, *[default[-1]] * (n - len(default))]
    return tuple(
        Field(
            name.replace("#", str(i + 1)), unit, "parameter", f"{doc}, point {i + 1}", padded[i], ge, le, list_key=key
        )
        for i in range(n)
    )


def choice(name: str, doc: str, choices: tuple[str, ...]) -> Field:
    """Declare a parameter that is one of some words, by default the first; kernels see its place among them."""
    return Field(name, "1", "parameter", f"{doc}: {', '.join(choices)}", 0.0, 0.0, len(choices) - 1.0, choices)


def default_text(field: Field) -> str:
    """Return the default of a parameter as tables show it."""
    if field.default is None:
        return "required"
    text = field.choices[int(field.default)] if field.choices else f"{field.default:g}"
    if field.size_from:
        text += f", in proportion to {field.size_from}"
    return f"{text}, or the site's" if field.site else text


def state(name: str, unit: str, doc: str, default: float = 0.0) -> Field:
    """Declare a state with its value before ``begin``."""
    return Field(name, unit, "state", doc, default)


def counter(name: str, unit: str, doc: str) -> Field:
    """Declare a state that starts at 0 and only ever adds up: energy, mass, hours, starts."""
    return Field(name, unit, "state", doc, 0.0, is_counter=True)


def memory(name: str, unit: str, doc: str, default: float = 0.0, is_counter: bool = False) -> Field:
    """Declare what the calculation keeps from step to step but nobody wants to see: not logged."""
    return Field(name, unit, "memory", doc, default, is_counter=is_counter)


def output(name: str, unit: str, doc: str) -> Field:
    """Declare a value that is computed each step for information."""
    return Field(name, unit, "output", doc, 0.0)
