"""What a parameter of a study sets in plant, economics and series, and what a scenario changes in all."""

from __future__ import annotations

import fnmatch
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from h2plant.components.registry import at_hand
from h2plant.config.faults import FAULTS
from h2plant.config.parameter import read_parameter
from h2plant.config.site import SITE
from h2plant.config.yaml_source import Node
from h2plant.core.declare import Field
from h2plant.core.number import is_finite
from h2plant.core.sizing import SizeError, size_of, size_reason
from h2plant.core.units import Conversion, UnitError, match_parameter
from h2plant.economics.settings import Settings
from h2plant.plant.block import BlockParameter, BlockValue
from h2plant.plant.check import bound_finding, range_text
from h2plant.plant.finding import nearest
from h2plant.plant.graph import Plant
from h2plant.studies.study.parameter import Value

INPUT_YEAR = "input_year"
_SERIES_KEYS = ("scale", "shift")


@dataclass
class Changes:
    """What a scenario changes, in SI.

    Attributes
    ----------
    kinds
        Component -> name of its kind, where it is another than that of the plant.
    fields
        (component, field) -> value, with the sizes that follow from them (``follow``).
    given
        (component, field) of all that the scenario gives, among them what is as in the plant.
    series
        Name -> (factor, summand).
    year
        Calendar year of the inputs; None: the scenario's own.
    economics
        Dotted key -> value.
    blocks
        Path of a parameter of a block -> value in its unit; what follows from it is among ``fields``.
    structure
        Digest of components and links, where blocks bring others than the plant has.
    """

    kinds: dict[str, str] = field(default_factory=dict)
    fields: dict[tuple[str, str], float] = field(default_factory=dict)
    given: set[tuple[str, str]] = field(default_factory=set)
    series: dict[str, tuple[float, float]] = field(default_factory=dict)
    year: int | None = None
    economics: dict[str, Value] = field(default_factory=dict)
    blocks: dict[str, Value] = field(default_factory=dict)
    structure: str = ""

    @property
    def plant_variant(self) -> tuple[tuple[str, str], ...]:
        """The kinds in order, and the structure: scenarios that share them run on one variant of the plant."""
        of_blocks = (("", self.structure),) if self.structure else ()
        return (*of_blocks, *sorted(self.kinds.items()))

    def physics_digest(self) -> str:
        """Return the digest of what the run of a plant sees: scenarios that share it share their run."""
        series = sorted((k, v) for k, v in self.series.items() if v != (1.0, 0.0))
        seen = [sorted((*key, value) for key, value in self.fields.items()), series, self.year, self.plant_variant]
        return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


@dataclass(frozen=True)
class Problem:
    """What is wrong with a path or a value: id, what, remedy."""

    id: str
    what: str
    remedy: str


@dataclass(frozen=True)
class FieldTarget:
    """A parameter of one or several components."""

    key: str
    places: tuple[tuple[str, Field, Conversion], ...]
    plant: Plant
    is_scale: bool = False
    """Whether it is a multiple of what each component has (``component.parameter.scale``)."""

    @property
    def components(self) -> frozenset[str]:
        """Ids of the components."""
        return frozenset(component for component, _, _ in self.places)

    def apply(self, value: Value, changes: Changes) -> Problem | None:
        for component, declared, conversion in self.places:
            if self.is_scale:
                if isinstance(value, bool | str):
                    return Problem("wrong-type", f"'{component}.{self.key}.scale' is {value!r}", "give a number")
                si_value: float | None = value * self.plant.components[component].values[declared.name]
                assert si_value is not None
                if declared.is_whole and is_finite(si_value):
                    si_value = float(max(round(si_value), 1))
                if (wrong := bound_finding(declared, si_value)) is not None:
                    what = f"'{component}.{self.key}' times {value:g}, {wrong.partition(', ')[2]}"
                    allowed = range_text(declared, conversion.factor, conversion.offset)
                    return Problem("out-of-bounds", what, f"keep it within {allowed}")
            elif isinstance(value, bool | str) or declared.choices:
                kind = self.plant.components[component].kind
                problem, _, si_value = read_parameter(kind, self.key, Node(0, value))
                if problem is not None:
                    return Problem(*problem)
                assert si_value is not None
            else:
                si_value = value * conversion.factor + conversion.offset
                wrong = bound_finding(declared, si_value)
                if wrong is not None:
                    what = f"'{component}.{self.key}' is {value:g}, {wrong.partition(', ')[2]}"
                    allowed = range_text(declared, conversion.factor, conversion.offset)
                    return Problem("out-of-bounds", what, f"keep it within {allowed}")
            same = self.plant.components[component].values.get(declared.name) == si_value
            changes.given.add((component, declared.name))
            changes.fields.pop((component, declared.name), None)
            if not same:
                changes.fields[component, declared.name] = si_value
        return None


@dataclass(frozen=True)
class KindTarget:
    """The kind of one or several components, such as the rule of dispatch."""

    components: tuple[str, ...]
    plant: Plant

    def apply(self, value: Value, changes: Changes) -> Problem | None:
        for id_ in self.components:
            own, kinds = self.plant.components[id_].kind, self.plant.kinds
            if not isinstance(value, str) or value not in kinds:
                alike = [kind.name for kind in at_hand(kinds) if kind.group == own.group]
                return Problem("unknown-kind", f"'{id_}.kind' is {value!r}", nearest(str(value), alike))
            changes.kinds.pop(id_, None)
            if value != own.name:
                changes.kinds[id_] = value
        return None


@dataclass(frozen=True)
class BlockTarget:
    """A parameter of a block: all that follows from it moves with it."""

    path: str
    """Of the parameter, by its own name."""
    parameter: BlockParameter
    conversion: Conversion
    own: BlockValue
    is_scale: bool = False

    def apply(self, value: Value, changes: Changes) -> Problem | None:
        if isinstance(value, bool):
            value = float(value)
        if self.is_scale:
            if isinstance(value, str) or isinstance(self.own, str):
                return Problem("wrong-type", f"'{self.path}.scale' is {value!r}", "give a number")
            value = value * self.own
        elif not isinstance(value, str):
            value = value * self.conversion.factor + self.conversion.offset
        if not isinstance(value, str):
            value = float(f"{value:.12g}")
        fault = self.parameter.fault(value)
        if fault is not None:
            return Problem(fault[0], f"'{self.path}' {fault[1]}", fault[2])
        changes.blocks.pop(self.path, None)
        if value != self.own:
            changes.blocks[self.path] = value
        return None


@dataclass(frozen=True)
class FaultTarget:
    """A number of a fault, or the seed of all of them: the plant is read anew with it."""

    path: str

    def apply(self, value: Value, changes: Changes) -> Problem | None:
        if isinstance(value, bool):
            return Problem("wrong-type", f"'{self.path}' is {value!r}", "give a number")
        is_seed = self.path == f"{FAULTS}.seed"
        changes.blocks[self.path] = int(value) if is_seed and not isinstance(value, str) else value
        return None


@dataclass(frozen=True)
class EconomicsTarget:
    """A key under ``economics``; what values it takes is checked by the settings."""

    key: str

    def apply(self, value: Value, changes: Changes) -> Problem | None:
        changes.economics[self.key] = value
        return None


@dataclass(frozen=True)
class SeriesTarget:
    """Factor or summand of a series; ``factor`` brings a summand to SI."""

    name: str
    what: str
    factor: float

    def apply(self, value: Value, changes: Changes) -> Problem | None:
        if isinstance(value, bool | str):
            return Problem("wrong-type", f"'series.{self.name}.{self.what}' is {value!r}", "give a number")
        scale, shift = changes.series.get(self.name, (1.0, 0.0))
        changes.series[self.name] = (value, shift) if self.what == "scale" else (scale, value * self.factor)
        return None


@dataclass(frozen=True)
class YearTarget:
    """The calendar year of the inputs."""

    own_year: int

    def apply(self, value: Value, changes: Changes) -> Problem | None:
        if isinstance(value, bool | str) or not 1900 <= value <= 2200 or value != int(value):
            return Problem("out-of-bounds", f"'{INPUT_YEAR}' is {value!r}", "give calendar years, such as 2023")
        changes.year = None if int(value) == self.own_year else int(value)
        return None


@dataclass(frozen=True)
class NoTarget:
    """A number that only others hang on."""

    def apply(self, value: Value, changes: Changes) -> Problem | None:
        return None


def follow(changes: Changes, plant: Plant) -> tuple[str, Problem] | None:
    """Add the sizes that follow from what a scenario gives, where neither it nor the plant's file gives them.

    Returns
    -------
    tuple or None
        The component and what is wrong with a size of it.
    """
    for id_ in dict.fromkeys(component for component, _ in changes.given):
        one = plant.components[id_]
        rules = one.kind.size_rules
        values = one.values | {field: value for (component, field), value in changes.fields.items() if component == id_}
        given = {field for component, field in changes.given if component == id_}
        for declared in one.kind.parameters if rules else ():
            name = declared.name
            if name not in rules or name in one.given or name in given:
                continue
            try:
                size = size_of(one.kind, declared, values)
            except SizeError as error:
                return id_, Problem("no-size", f"'{id_}.{name}' follows: {error}", f"give '{id_}.{name}'")
            if (wrong := bound_finding(declared, size)) is not None:
                what = f"'{id_}.{name}' {wrong} ({size_reason(one.kind, name, values)})"
                return id_, Problem("out-of-bounds", what, f"give '{id_}.{name}' a value of its own")
            if size != one.values[name]:
                values[name] = changes.fields[id_, name] = size
    return None


Target = FieldTarget | KindTarget | BlockTarget | FaultTarget | EconomicsTarget | SeriesTarget | YearTarget | NoTarget


def find_target(path: str, plant: Plant, series: Iterable[str], own_year: int) -> Target | Problem:
    """Return what a path sets in a plant, or what is wrong with the path."""
    if not path:
        return NoTarget()
    if path == INPUT_YEAR:
        return YearTarget(own_year)
    head, _, rest = path.partition(".")
    if head == "economics":
        return _economics(rest)
    if head == "series":
        return _series(rest, plant, list(series))
    if head == FAULTS:
        return _fault(path, rest, plant)
    if head == SITE:
        remedy = "run the study once for each site ('set: {site.country: DE}'), or vary what hangs on it"
        return Problem("unknown-path", f"a study does not vary '{path}': the plant is read once", remedy)
    if plant.blocks:
        of_block = _of_block(path, plant)
        if of_block is not None:
            return of_block
        *above, rest = (path.removesuffix(".scale")).split(".")
        head = "_".join(above)
        rest += ".scale" if path.endswith(".scale") else ""
    matched = fnmatch.filter(plant.components, head)
    if not matched:
        known = [*plant.blocks, *plant.components, "economics", "series", INPUT_YEAR]
        if not rest:
            return Problem(
                "unknown-path", f"'{path}' is no path", f"write 'component.parameter'; {nearest(head, known)}"
            )
        return Problem("unknown-component", f"there is no component '{head}'", nearest(head, known))
    if rest == "kind":
        return KindTarget(tuple(matched), plant)
    places = []
    is_scale = rest.endswith(".scale")
    rest = rest.removesuffix(".scale")
    for component in matched:
        kind = plant.components[component].kind
        try:
            match = match_parameter(rest, kind.parameters)
        except UnitError as error:
            return Problem("unknown-unit", str(error), f"write {nearest(rest, error.allowed)}")
        if match is not None:
            places.append((component, *match))
    if not places:
        names = {f.name for c in matched for f in plant.components[c].kind.parameters}
        what = f"'{head}' has no parameter '{rest}'" if rest else f"'{path}' names no parameter"
        return Problem("unknown-parameter", what, nearest(rest, names))
    if is_scale and any(declared.choices or conversion.offset for _, declared, conversion in places):
        return Problem("unknown-path", f"a multiple of '{rest}' means nothing", f"write '{head}.{rest}'")
    return FieldTarget(rest, tuple(places), plant, is_scale)


def _of_block(path: str, plant: Plant) -> Target | Problem | None:
    """Return what a path sets in a block; None where its head is none."""
    is_scale = path.endswith(".scale")
    head, _, key = path.removesuffix(".scale").rpartition(".")
    use = plant.blocks.get(head)
    if use is None:
        return None
    try:
        found = use.parameter(key)
    except UnitError as error:
        return Problem("unknown-unit", str(error), f"write {nearest(key, error.allowed)}")
    if found is None:
        return Problem("unknown-parameter", f"'{head}' has no parameter '{key}'", nearest(key, use.parameters))
    parameter, conversion = found
    if is_scale and parameter.choices:
        return Problem("unknown-path", f"a multiple of '{key}' means nothing", f"write '{head}.{key}'")
    return BlockTarget(f"{head}.{parameter.name}", parameter, conversion, use.values[parameter.name], is_scale)


def _fault(path: str, rest: str, plant: Plant) -> Target | Problem:
    name, _, key = rest.partition(".")
    known = [fault.name for fault in plant.faults.of]
    if rest == "seed" and known:
        return FaultTarget(path)
    if name not in known:
        return Problem("unknown-fault", f"there is no fault '{name}'", nearest(name, known))
    if not key or key.endswith(".scale"):
        return Problem("unknown-path", f"'{path}' names no number of a fault", f"write '{FAULTS}.{name}.mtbf_h', say")
    return FaultTarget(path)


def _economics(key: str) -> Target | Problem:
    first = key.partition(".")[0]
    if first not in Settings.model_fields:
        return Problem("unknown-path", f"there is no key 'economics.{first}'", nearest(first, Settings.model_fields))
    return EconomicsTarget(key)


def _series(rest: str, plant: Plant, names: list[str]) -> Target | Problem:
    name, _, what = rest.rpartition(".")
    declared = [n for n in names if n in plant.series]
    if not name or what not in _SERIES_KEYS:
        remedy = f"write 'series.{rest if rest in declared else '<name>'}.scale' or '.shift'"
        return Problem("unknown-path", f"'series.{rest}' is nothing that can be varied", remedy)
    if name not in declared:
        return Problem("unknown-series", f"the plant reads no series '{name}'", nearest(name, declared))
    conversion = plant.series[name].si
    if what == "scale" and conversion.offset:
        remedy = f"write 'series.{name}.shift'"
        return Problem("unknown-path", f"'{name}' is a temperature, of which a multiple means nothing", remedy)
    return SeriesTarget(name, what, conversion.factor)


def changed_economics(economics: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """Return the economics of a plant with a scenario's changes, as a mapping of its own.

    Raises
    ------
    ValueError
        A key stands below one that holds a value.
    """
    changed: dict[str, Any] = json.loads(json.dumps(economics))
    for dotted, value in changes.economics.items():
        mapping = changed
        *above, last = dotted.split(".")
        for key in above:
            mapping = mapping.setdefault(key, {})
            if not isinstance(mapping, dict):
                raise ValueError(f"'economics.{dotted}': '{key}' holds a value, not a mapping")
        mapping[last] = value
    return changed
