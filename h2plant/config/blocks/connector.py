"""Connectors: where pieces of a plant join, by type; each type has its wires."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from h2plant.core.declare import Kind
from h2plant.core.role import Dispatch, Offtake, Source, Store
from h2plant.core.role_reconverter import Reconverter
from h2plant.plant.graph import PortRef


@dataclass(frozen=True)
class ConnectorType:
    """A type of connector.

    Parameters
    ----------
    name, description
        What it is called, and what flows.
    wires
        Each wire, with whether it leads from the side that gives to the side that takes.
    main
        The wire that makes the joint.
    strict
        Wires that both sides have, or neither.
    figures
        What the side that gives says of itself in numbers; of several that give, ``sums`` add up and others are the
        smallest.
    is_served
        Whether what gives it must be taken.
    """

    name: str
    description: str
    wires: Mapping[str, bool]
    main: str
    strict: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    is_served: bool = False


TYPES: dict[str, ConnectorType] = {
    one.name: one
    for one in (
        ConnectorType(
            "hydrogen",
            "a stream; a demand back, level and pressure",
            {"stream": True, "demand": False, "level": True, "pressure": False},
            "stream",
            ("demand",),
            ("flow_kg_per_h", "pressure_bar"),
            ("flow_kg_per_h",),
            is_served=True,
        ),
        ConnectorType(
            "power", "electricity, and what comes back", {"power": True, "back": False}, "power", is_served=True
        ),
        ConnectorType("water", "a stream, a demand back", {"stream": True, "demand": False}, "stream", ("demand",)),
        ConnectorType(
            "cooling", "the temperature of the coolant, heat back", {"temperature": True, "heat": False}, "temperature"
        ),
        ConnectorType(
            "heat", "heat, the temperature of what takes it back", {"heat": True, "temperature": False}, "heat"
        ),
        ConnectorType("oxygen", "a stream", {"stream": True}, "stream"),
        ConnectorType("line", "an electrolyser line, for the rule of dispatch", {"line": True}, "line", is_served=True),
        ConnectorType("level", "the filling of the storage, for the rule of dispatch", {"level": True}, "level"),
    )
}
"""The types of connectors by name."""


@dataclass
class End:
    """A connector of a block or component that stands in a plant.

    Parameters
    ----------
    owner, name
        Id of the block or component, and name of the connector there.
    type
        Its type.
    gives
        Whether it gives; else it takes.
    wires
        Ports of each wire.
    is_many
        Whether any number may join at its main wire.
    is_optional
        Whether it may stay alone.
    line
        Its place.
    figures
        What it says of itself in numbers.
    n_joined
        How many join here so far.
    """

    owner: str
    name: str
    type: ConnectorType
    gives: bool
    wires: Mapping[str, tuple[PortRef, ...]]
    is_many: bool
    is_optional: bool
    line: int
    figures: Mapping[str, float] = field(default_factory=dict)
    n_joined: int = 0

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"

    @property
    def is_open(self) -> bool:
        """Whether another may join here."""
        return self.is_many or not self.n_joined


def ends_of_kind(id_: str, kind: Kind, line: int) -> Iterator[End]:
    """Yield the connectors of a component that stands in a plant by itself; they follow from its role."""
    role = kind.role
    if isinstance(role, Source):
        yield _end(id_, kind, line, "power", True, {"power": role.power})
    elif isinstance(role, Store) and role.medium == "hydrogen" and role.demands:
        into = {"stream": "inlets", "pressure": "pressure"}
        if {"inlets", "pressure"} <= {p.name for p in kind.ports}:
            yield _end(id_, kind, line, "hydrogen", False, into, "inlet")
        out = {"stream": role.outlets, "demand": role.demands, "level": role.level}
        yield _end(id_, kind, line, "hydrogen", True, out)
        yield _end(id_, kind, line, "level", True, {"level": role.level})
    elif isinstance(role, Offtake) and role.demand:
        level = {"level": "storage_level"} if any(p.name == "storage_level" for p in kind.ports) else {}
        yield _end(id_, kind, line, "hydrogen", False, {"stream": role.inlet, "demand": role.demand, **level})
    elif isinstance(role, Reconverter):
        yield _end(id_, kind, line, "hydrogen", False, {"stream": role.hydrogen, "demand": role.demand})
        yield _end(id_, kind, line, "power", True, {"power": role.power})
    elif isinstance(role, Dispatch):
        yield _end(id_, kind, line, "line", False, {"line": role.lines})
        if any(p.name == "storage_level" for p in kind.ports):
            yield _end(id_, kind, line, "level", False, {"level": "storage_level"})


def _end(id_: str, kind: Kind, line: int, type_: str, gives: bool, wires: Mapping[str, str], name: str = "") -> End:
    type_of = TYPES[type_]
    port = kind.port(wires[type_of.main])
    is_many = port.is_multi or (gives and port.medium == "signal")
    refs = {wire: (PortRef(id_, name),) for wire, name in wires.items()}
    return End(id_, name or type_, type_of, gives, refs, is_many, True, line)
