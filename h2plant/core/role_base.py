"""What every role of a component has in common: what it owes, and the fields and ports that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from h2plant.core.served import Served


@dataclass(frozen=True)
class Role:
    """What a kind is to the plant, one of the classes below; ``served``: what it owes to those who ask it."""

    served: tuple[Served, ...] = field(default=(), kw_only=True)

    @property
    def owes(self) -> tuple[Served, ...]:
        """What it owes, with what follows from the role itself."""
        return self.served

    @property
    def place(self) -> str:
        """Part of the plant to which it belongs in pictures of its energy."""
        return "Gas processing"

    @property
    def stands_alone(self) -> bool:
        """Whether diagrams keep it apart from its neighbours."""
        return False

    def fields(self) -> Iterator[str]:
        """Yield every state, output or parameter that the role names."""
        yield from self._named("field")
        yield from self.counters()

    def counters(self) -> Iterator[str]:
        """Yield those of the fields that only ever add up: figures of a run or of a year are what came to them."""
        yield from self._named("counter")

    def ports(self) -> Iterator[str]:
        """Yield every port that the role names."""
        yield from self._named("port")

    def _named(self, what: str) -> Iterator[str]:
        for item in fields(self):
            if item.metadata.get("names") == what:
                value = getattr(self, item.name)
                yield from (v for v in ((value,) if isinstance(value, str) else value) if v)


def of_field(default: Any = "") -> Any:
    """Declare that an attribute of a role names fields of the kind: states, outputs, parameters."""
    return field(default=default, metadata={"names": "field"})


def of_counter(default: Any = "") -> Any:
    """Declare that an attribute of a role names counters of the kind."""
    return field(default=default, metadata={"names": "counter"})


def of_port(default: Any = "") -> Any:
    """Declare that an attribute of a role names ports of the kind."""
    return field(default=default, metadata={"names": "port"})


def technology_key(technology: str) -> str:
    """Return a technology as it stands in the names of figures: 'PV south' is ``pv_south``."""
    return re.sub(r"[^a-z0-9]+", "_", technology.lower()).strip("_")
