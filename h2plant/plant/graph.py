"""A plant as data: components, the links between their ports, and the series that drive it."""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from h2plant.components.registry import Kinds
from h2plant.core.battery_role import Battery
from h2plant.core.declare import Kind, Port
from h2plant.core.derived import Derived, Lack, derived_name
from h2plant.core.real_path import real_path
from h2plant.core.role import Control, Converter, LineControl, Maker, PowerBus, Process, Role
from h2plant.core.sizing import size_reason
from h2plant.core.user_code import UserCode, UserFunction, codes_to_json
from h2plant.plant.block import BlockUse
from h2plant.plant.digest import Digested
from h2plant.plant.fault import NO_FAULTS, Fault, Faults, FaultSeries
from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import SeriesSpec, plan_series
from h2plant.plant.site import NOWHERE, Site

if TYPE_CHECKING:
    from h2plant.plant.structure import Structure

_PACKAGE = Path(__file__).resolve().parents[1]

_RoleT = TypeVar("_RoleT", bound=Role)

CODE = "code.json"
"""File of results that keeps the user's code of a plant."""
BLOCKS = "blocks.json"
"""File of results that keeps the files of the blocks of a plant."""
SERIES = "series"
"""The source component of a link that brings a series to a signal port."""


@dataclass(frozen=True)
class Component:
    """A component: its id, its kind, and the values of all parameters of the kind, in SI, defaults included.

    ``function`` is the user's Python function of a kind that has one; ``label`` is what it is called in figures and
    pictures, where its file says so; ``given`` has the parameters that its file or a change gives, with their lines.
    """

    id: str
    kind: Kind
    values: dict[str, float]
    line: int = 0
    function: UserFunction | None = None
    label: str = ""
    given: Mapping[str, int] = field(default_factory=dict, compare=False)

    def size_reasons(self) -> dict[str, str]:
        """Return why each size that follows from others is as it is, by the parameter's name."""
        followed = [name for name in self.kind.size_rules if name not in self.given]
        return {name: size_reason(self.kind, name, self.values) for name in followed}


class PortRef(NamedTuple):
    """A port of a component, or a series (component ``series``, the series' name as port)."""

    component: str
    port: str

    def __str__(self) -> str:
        return f"{self.component}.{self.port}"


@dataclass(frozen=True)
class Link:
    """A link from an ``out`` port (or a series) to an ``in`` port.

    Links of a multi port keep the order in which they stand in the file. Paired multi ports (the i-th of
    ``demands`` belongs to the i-th of ``outlets``) are paired by that order.
    """

    source: PortRef
    target: PortRef
    line: int = 0
    is_made: bool = field(default=False, compare=False)
    """Whether it is none of the file, but was made for a fault."""

    @property
    def ends(self) -> tuple[PortRef, PortRef]:
        """Source and target."""
        return self.source, self.target

    @property
    def is_series(self) -> bool:
        """Whether the source is a series."""
        return self.source.component == SERIES

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"


@dataclass(frozen=True)
class DerivedSeries:
    """A series that is made for a component, and what of the plant's it is made from, or why it cannot be."""

    component: Component
    derived: Derived
    taken: tuple[str, ...] | Lack

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the series that it is made from; none where it cannot be made."""
        return () if isinstance(self.taken, Lack) else self.taken


@dataclass(frozen=True)
class Plant:
    """A plant as read: nothing in it is lowered yet.

    Parameters
    ----------
    name, description
        As written.
    components
        By id, in the order of the file.
    links
        In the order of the file, lists of ports spread out.
    series
        Declared series by name; the built-in calendar series need no declaration.
    economics
        The free mapping of the file, with what it takes from the site's country.
    file
        Where it was read from.
    digested
        What its digest goes by, as it was read; None: it has none.
    timezone
        IANA zone of the plant's clock (calendar series).
    site
        Where it stands, and which defaults it has from there; they are among the values and the economics.
    lines
        Line of every key of the file by dotted path, such as ``economics.capex.pem_eur``.
    text
        The file as it was read; it may be moved or changed while the plant runs.
    notes
        What is worth knowing of it and stops no run, such as series that nothing reads.
    kinds
        The kinds that its components can be of: those built in, and those that it brings.
    codes
        The user's code that it names, by the path as written: files of kinds, and of a rule of its own.
    blocks
        The blocks of which it is made, by id, those within others by dotted path.
    block_files
        The text of the files of these blocks, by name of the block, and of tables of prices, by name of the file.
    faults
        What fails, in what way and when; what brings it to the components is among components and links.
    """

    name: str
    components: dict[str, Component]
    links: tuple[Link, ...]
    series: dict[str, SeriesSpec]
    economics: dict[str, Any]
    file: Path
    digested: Digested | None = field(default=None, compare=False, repr=False)
    description: str = ""
    timezone: str = "UTC"
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    text: str = field(default="", compare=False, repr=False)
    notes: tuple[Finding, ...] = field(default=(), compare=False, repr=False)
    kinds: Mapping[str, Kind] = field(default_factory=Kinds, compare=False, repr=False)
    codes: Mapping[str, UserCode] = field(default_factory=dict, compare=False, repr=False)
    site: Site = NOWHERE
    blocks: Mapping[str, BlockUse] = field(default_factory=dict, compare=False, repr=False)
    block_files: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    faults: Faults = NO_FAULTS

    @property
    def digest(self) -> str:
        """SHA-256 over everything that decides the result as read: kinds, values, links, series, economics."""
        return "" if self.digested is None else self.digested.digest

    def read_files(self) -> dict[str, str]:
        """Return the SHA-256 of each file that it was read from, by its place from the plant's folder."""
        texts: dict[str | Path, str] = {self.file: self.text} if self.text else {}
        texts |= {name if "." in name else f"block {name}": text for name, text in self.block_files.items()}
        texts |= {Path(one.file): one.text for code in self.codes.values() for one in code.sources}
        found = {self.place_of(file): hashlib.sha256(text.encode()).hexdigest() for file, text in texts.items()}
        for files in () if self.digested is None else self.digested.series_files.values():
            found |= {self.place_of(file): digest for file, digest in files.items()}
        return found

    def place_of(self, file: Path | str) -> str:
        """Return where a file lies: from the plant's folder where it is within, by name where it came with h2plant."""
        if isinstance(file, str):
            return file
        whole = real_path(file)
        if whole.is_relative_to(_PACKAGE):
            return whole.name
        folder = real_path(self.file.parent)
        return whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else str(whole)

    def of_role(self, role: type[_RoleT]) -> dict[str, _RoleT]:
        """Return the roles of the components of a class of role, by id, in the order of the file."""
        return {c.id: c.kind.role for c in self.components.values() if isinstance(c.kind.role, role)}

    def files(self) -> dict[str, str]:
        """Return what results keep of a plant, as file name -> text: its file, its blocks, user's code."""
        return {
            "plant.yaml": self.text,
            **({CODE: codes_to_json(self.codes)} if self.codes else {}),
            **({BLOCKS: json.dumps(self.block_files, indent=1)} if self.block_files else {}),
        }

    def __repr__(self) -> str:
        counts = Counter(component.kind.name for component in self.components.values())
        kinds = textwrap.fill(", ".join(f"{n} {kind}" for kind, n in counts.items()), 100)
        parts = f"{len(self.components)} components, {len(self.links)} links, {len(self.series)} series"
        return f"<Plant {self.name!r}: {parts}>\n{textwrap.indent(kinds, '  ')}"

    def port(self, ref: PortRef) -> Port:
        """Return the declaration of a port; KeyError if there is none."""
        return self.components[ref.component].kind.port(ref.port)

    @cached_property
    def structure(self) -> Structure:
        """What follows of its ids, kinds and links alone; plants alike share it."""
        from h2plant.plant.structure import structure_of

        return structure_of(self.components, self.links)

    def links_at(self, component: str, port: str) -> tuple[Link, ...]:
        """Return the links that end at a port, in the order of the file."""
        return tuple(self.links[k] for k in self.structure.numbers.get(PortRef(component, port), ()))

    def link_name(self, link: Link) -> str:
        """Return the name of a link that is no signal, as its columns have it.

        It is that of its single end, the giving one first; that of both where many links may end at either.
        """
        for end in (link.source, link.target):
            if not self.port(end).is_multi:
                return str(end)
        return f"{link.source}-{link.target}"

    def default_links(self) -> tuple[Link, ...]:
        """Return the links that unlinked ``in`` ports have by declaration (``Port.default``)."""
        return self._default_links

    @cached_property
    def _default_links(self) -> tuple[Link, ...]:
        ends = self.structure.default_ends
        return tuple(Link(source, target, self.components[target.component].line) for source, target in ends)

    def used_series(self) -> tuple[str, ...]:
        """Return the names of all series that something reads, in order of first use."""
        return tuple(self.series_readers())

    def series_readers(self) -> dict[str, frozenset[str]]:
        """Return the names of the ports that read each series, in order of first use.

        What a derived series is made from comes before it, read by no port of its own.
        """
        of_file = [self.links[k] for k in self.structure.series_links]
        readers: dict[str, frozenset[str]] = {}
        for link in (*of_file, *(one for one in self.default_links() if one.is_series)):
            name = link.source.port
            one = self.derived_series.get(name)
            for source in () if one is None else one.sources:
                readers.setdefault(source, frozenset())
            readers[name] = readers.get(name, frozenset()) | {link.target.port}
        return readers

    @cached_property
    def fault_series(self) -> dict[str, tuple[str, tuple[tuple[Fault, FaultSeries], ...]]]:
        """The series that bring faults to components, by name: their unit, and the faults that they follow from."""
        found: dict[str, tuple[str, tuple[tuple[Fault, FaultSeries], ...]]] = {}
        of = self.faults.by_series()
        for link in self.links:
            if link.is_made and link.is_series:
                name = link.source.port
                faults = of.get(name, ())
                measured = next((f for f, _ in faults if f.port and name.startswith("bias_")), None)
                unit = "" if measured is None else self._measured_unit(measured)
                found[name] = unit, faults
        return found

    def _measured_unit(self, fault: Fault) -> str:
        component = self.components.get(fault.component)
        return "" if component is None else component.kind.port(fault.port).unit

    def _taken(self, component: Component, derived: Derived) -> tuple[str, ...] | Lack:
        try:
            return derived.takes(self.series, component.values, self.site.where)
        except Exception as error:
            if component.kind.source is None:
                raise
            what = (
                f"is made by the kind '{component.kind.name}', and its 'takes' raised {type(error).__name__}: {error}"
            )
            return Lack(what, f"mend it in {component.kind.source.label}")

    @cached_property
    def derived_series(self) -> dict[str, DerivedSeries]:
        """The series that can be made for its components, by name; what the plant declares itself is none of them."""
        found = {}
        for c in self.components.values():
            for one in c.kind.derived:
                name = derived_name(c.id, one.name)
                if name not in self.series:
                    found[name] = DerivedSeries(c, one, self._taken(c, one))
        return found


def find_defaults(
    components: Mapping[str, Component], links: tuple[Link, ...]
) -> Iterator[tuple[PortRef, Port, list[PortRef]]]:
    """Yield each unlinked port that has a default, with where that leads."""
    linked = {link.target for link in links}
    tree: PowerTree | None = None
    for component in components.values():
        ports = component.kind.ports
        for port in ports:
            target = PortRef(component.id, port.name)
            if port.default is None or port.direction != "in" or target in linked:
                continue
            if PortRef(component.id, port.paired_with) in linked and port.default.startswith("role."):
                continue  # what is linked by hand there has no partner here
            where, _, name = port.default.partition(".")
            if where == SERIES:
                sources = [PortRef(SERIES, name)]
            elif where == "derived":
                sources = [PortRef(SERIES, derived_name(component.id, name))]
            elif where == "plan":
                n = sum(link.target == PortRef(component.id, name) for link in links)
                sources = [PortRef(SERIES, plan_series(k)) for k in range(n)]
            elif where == "power":
                tree = tree or PowerTree(components, links)
                sources = tree.lines() if name == "lines" else getattr(tree, name)(component.id)
            else:
                is_paired = any(p.paired_with and port.name in (p.name, p.paired_with) for p in ports)
                sources = _ports_of_role(components, links, component.id, name, is_paired)
            yield target, port, sources


def _ports_of_role(
    components: Mapping[str, Component],
    links: tuple[Link, ...],
    reader: str,
    default: str,
    is_paired: bool,
) -> list[PortRef]:
    """Return the ports that components of a role name in an attribute of it, both as in 'Grid.available'.

    Components that name none are left out: a water tank has no level of hydrogen. Where places count (``is_paired``),
    none is returned then: the ports of one and the same component still stand at the same place.

    Of several, those that are linked to the reader by power; else those that are linked to a grid connection, if any.
    """
    role, _, attribute = default.partition(".")
    found = []
    for id_ in _meant(components, links, reader, role):
        name = getattr(components[id_].kind.role, attribute, "")
        if name:
            found.append(PortRef(id_, name))
        elif is_paired:
            return []
    return found


def _meant(components: Mapping[str, Component], links: tuple[Link, ...], reader: str, role: str) -> list[str]:
    found = [c.id for c in components.values() if role in _classes(c)]
    if role not in ("Grid", "PowerBus"):
        return found
    beside = _power_neighbours(components, links, reader)
    if any(id_ in beside for id_ in found):
        return [id_ for id_ in found if id_ in beside]
    if role == "Grid" and "PowerBus" in _classes(components[reader]):
        return []  # behind another bus, which keeps the limit
    grids = {c.id for c in components.values() if "Grid" in _classes(c)}
    first = [id_ for id_ in found if _power_neighbours(components, links, id_) & grids]
    return first if len(found) > 1 and first else found


def _classes(component: Component) -> frozenset[str]:
    role: Any = type(component.kind.role)
    return _class_names(role)


@lru_cache(maxsize=256)
def _class_names(role: type) -> frozenset[str]:
    return frozenset(cls.__name__ for cls in role.__mro__)


def _power_neighbours(components: Mapping[str, Component], links: tuple[Link, ...], id_: str) -> set[str]:
    """Return the components that give power to a component."""
    return {
        link.source.component
        for link in links
        if link.target.component == id_
        and link.source.component in components
        and _medium(components[link.source.component], link.source.port) == "power"
    }


class PowerTree:
    """Who draws power from the plant's buses, and for whom.

    A bus is the first component behind a grid connection, or behind no other supply, that serves several consumers.
    What a battery takes is no draw of it where a rule of dispatch commands it: the rule decides it after all others.
    """

    def __init__(self, components: Mapping[str, Component], links: tuple[Link, ...]) -> None:
        self._components = components
        self._links = links
        self._below: dict[str, list[PortRef]] = {}
        self._above: dict[str, list[str]] = {}
        self._signals: dict[str, list[str]] = {}
        fed: set[str] = set()
        self._ruled = _ruled_batteries(components, links)
        for link in links:
            source, target = components.get(link.source.component), components.get(link.target.component)
            if source is None or target is None:
                continue
            medium = _medium(source, link.source.port)
            if medium == "power" and not _writes(source, link.source.port):
                self._below.setdefault(source.id, []).append(link.target)
                self._above.setdefault(target.id, []).append(source.id)
                fed.add(target.id)
            elif medium in ("signal", "line"):
                self._signals.setdefault(source.id, []).append(target.id)
                if medium == "line":  # the rule answers by the same link
                    self._signals.setdefault(target.id, []).append(source.id)
        self._branches: list[PortRef] = []
        for id_ in self._below:
            if id_ not in fed:
                self._branches += self._consumers(id_)
        self._feeds = {branch: self._fed_by(branch.component) for branch in self._branches}

    def lines(self) -> list[PortRef]:
        """Return the consumers at the buses that feed electrolysers."""
        makers = {id_ for id_, c in self._components.items() if isinstance(c.kind.role, Maker)}
        return [branch for branch in self._branches if self._feeds[branch] & makers]

    def own(self, id_: str) -> list[PortRef]:
        """Return the consumers at the buses that feed what a component controls.

        Of a branch that feeds other electrolysers too, the consumers behind it that do not.
        """
        controlled = self.controlled(id_)
        branches = [branch for branch in self._branches if self._feeds[branch] & controlled]
        return [ref for branch in branches for ref in self._only(branch, controlled)]

    def _only(self, ref: PortRef, controlled: set[str]) -> list[PortRef]:
        """Return the consumers from one on that feed no electrolysers but those that are controlled."""
        fed = self._fed_by(ref.component)
        if not any(isinstance(self._components[id_].kind.role, Maker) for id_ in fed - controlled):
            return [ref]
        below = [b for b in self._below.get(ref.component, []) if self._fed_by(b.component) & controlled]
        return [only for b in below for only in self._only(b, controlled)]

    def others(self, id_: str) -> list[PortRef]:
        """Return all other consumers at the buses."""
        controlled = self.controlled(id_)
        branches = [branch for branch in self._branches if branch not in self._ruled]
        return [branch for branch in branches if not self._feeds[branch] & controlled]

    def carried(self, id_: str) -> list[PortRef]:
        """Return what converters directly behind a component leave to the emergency supply; buses have their own."""
        found: list[PortRef] = []
        for ref in dict.fromkeys(b.component for b in self._below.get(id_, [])):
            role = self._components[ref].kind.role
            if isinstance(role, Converter) and role.carried:
                found.append(PortRef(ref, role.carried))
            elif isinstance(role, Converter) and not isinstance(role, PowerBus):
                found += self.carried(ref)
        return found

    def trips(self, id_: str) -> list[PortRef]:
        """Return who tells a bus that its lines must rest: what all need, and converters that feed others too."""
        found = []
        for ref in self._fed_by(id_):
            role = self._components[ref].kind.role
            if isinstance(role, Converter) and role.tripped and not self._feeds_makers_alone(ref):
                found.append(PortRef(ref, role.tripped))
        for c in self._components.values():
            if isinstance(c.kind.role, Process) and c.kind.role.tripped:
                found.append(PortRef(c.id, c.kind.role.tripped))
        return sorted(found)

    def _feeds_makers_alone(self, id_: str) -> bool:
        roles = (self._components[ref].kind.role for ref in self._fed_by(id_))
        return all(isinstance(role, Maker | Converter) for role in roles)

    def unit_trips(self, id_: str) -> list[PortRef]:
        """Return who tells a line that one of its units has no power: converters above each alone, as many for each.

        Units with fewer of them name the nearest more often; none if one of the units has none.
        """
        shared = self.line_trips(id_)
        chains = [[ref for ref in chain if ref not in shared] for chain in self._chains(id_)]
        if not all(chains):
            return []
        depth = max(map(len, chains), default=0)
        return [ref for chain in chains for ref in (*chain, *[chain[0]] * (depth - len(chain)))]

    def line_trips(self, id_: str) -> list[PortRef]:
        """Return who tells a line that none of its units has power: the converters above all of them."""
        chains = self._chains(id_)
        return [ref for ref in chains[0] if all(ref in chain for chain in chains)] if chains else []

    def _chains(self, id_: str) -> list[list[PortRef]]:
        """Return the signals of the converters above each unit of a line."""
        role = self._components[id_].kind.role
        port = role.units if isinstance(role, LineControl) else ""
        units = [link.target.component for link in self._links if link.source == PortRef(id_, port)]
        return [self._converters_above(unit) for unit in units]

    def above(self, id_: str) -> list[PortRef]:
        """Return who tells a consumer that it has no power: the converters by which it is fed."""
        return self._converters_above(id_)

    def _converters_above(self, id_: str) -> list[PortRef]:
        """Return the signals of the converters by which a component is fed, the nearest first, up to its bus."""
        found: dict[PortRef, None] = {}
        front = list(self._above.get(id_, []))
        while front:
            above = front.pop(0)
            role = self._components[above].kind.role
            if isinstance(role, Converter) and role.tripped:
                found[PortRef(above, role.tripped)] = None
            if isinstance(role, Converter) and not isinstance(role, PowerBus):
                front += self._above.get(above, [])
        return list(found)

    def controlled(self, id_: str) -> set[str]:
        """Return the electrolysers that follow a component's signals, directly or over controllers."""
        found: set[str] = set()
        seen = {id_}
        front = [id_]
        while front:
            for reader in self._signals.get(front.pop(), []):
                role = self._components[reader].kind.role
                if isinstance(role, Maker):
                    found.add(reader)
                elif isinstance(role, Control) and reader not in seen:
                    seen.add(reader)
                    front.append(reader)
        return found

    def _consumers(self, id_: str) -> list[PortRef]:
        """Return the consumers of the first component from here on that serves several."""
        below = self._below.get(id_, [])
        return self._consumers(below[0].component) if len(below) == 1 and below[0].component in self._below else below

    def _fed_by(self, id_: str) -> set[str]:
        found, front = {id_}, [id_]
        while front:
            for ref in self._below.get(front.pop(), []):
                if ref.component not in found:
                    found.add(ref.component)
                    front.append(ref.component)
        return found


def _ruled_batteries(components: Mapping[str, Component], links: tuple[Link, ...]) -> set[PortRef]:
    """Return the ports by which batteries are charged that are given no set point by hand."""
    batteries = {c.id: c.kind.role for c in components.values() if isinstance(c.kind.role, Battery)}
    linked = {link.target for link in links} if batteries else set()
    return {
        PortRef(id_, role.charge) for id_, role in batteries.items() if PortRef(id_, role.direct_setpoint) not in linked
    }


def _medium(component: Component, port: str) -> str:
    found = component.kind.port_by_name.get(port)
    return "" if found is None else found.medium


def _writes(component: Component, port: str) -> bool:
    found = component.kind.port_by_name.get(port)
    return found is not None and found.is_writer
