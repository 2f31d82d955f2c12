"""A number of each component of a role, and where it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from h2plant.core.role import Role

if TYPE_CHECKING:
    from h2plant.results.totals import Totals


class Reading(NamedTuple):
    """Where a number of a component is read.

    Attributes
    ----------
    source
        'port': sum over the run of a port's slot times the step, J, kg or EUR; 'field': a field at the end, of a
        counter what came to it in the run; 'now', 'before', 'change': a field at the end, at the start, and by how much
        it has changed; 'inflow', 'outflow', 'reacted', 'stored_after', 'stored_before': a column of the ledger;
        'drawn': electric energy that the component kept to itself, J.
    name
        Port or field.
    offset
        Offset of the slot in its port, or the column of the ledger.
    """

    source: str
    name: str = ""
    offset: int = 0


Combine = Callable[[Sequence[float]], float]
Of = tuple[int, tuple[Reading, ...], Combine]
"""Component, what is read of it, and how that makes one number."""


@dataclass(frozen=True)
class Quantity:
    """A number of each component of a role.

    Parameters
    ----------
    role
        Class of the role.
    readings
        What is read of a component of that role; nothing: it has no such number.
    combine
        How that makes one number; by default the sum.
    linked
        Attribute of the role that names a port: components where it is not linked have no such number.
    """

    role: type[Role]
    readings: Callable[[Any], Iterable[Reading]]
    combine: Combine = sum
    linked: str = ""

    def of_components(self, totals: Totals) -> Iterator[Of]:
        """Yield what is read of each component that has the number."""
        for i in totals.of_role(self.role):
            role = totals.roles[i]
            if self.linked and not totals.links_at(i, getattr(role, self.linked)):
                continue
            readings = tuple(self.readings(role))
            if readings:
                yield i, readings, self.combine
