"""What follows of a plant's ids, kinds and links alone, found once for all plants alike: those of a study, mostly."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from h2plant.core.declare import Port
from h2plant.plant.graph import Component, Link, PortRef, find_defaults
from h2plant.plant.order import kahn_order, step_edges, strong_components

Ends = tuple[PortRef, PortRef]
_MOST_KEPT = 8
"""Structures that are kept for plants to come."""


class Structure:
    """Components with their kinds, and links between their ports; made by ``structure_of`` alone.

    It holds those of the first plant that had it: values and lines of another's differ, and nothing here tells them.
    """

    def __init__(self, components: Mapping[str, Component], links: tuple[Link, ...]) -> None:
        self._components, self._links = components, links
        self.ids = list(components)
        self.kinds = [c.kind for c in components.values()]
        self.ends: list[Ends] = [link.ends for link in links]
        self.passed: set[str] = set()
        """Checks that go by the structure alone, and found nothing."""

    def __reduce__(self) -> tuple[Any, ...]:
        return structure_of, (self._components, self._links)

    def is_of(self, ids: list[str], kinds: list[Any], ends: list[Ends]) -> bool:
        """Whether components of these ids and kinds, and links between these ports, have this structure."""
        return self.ids == ids and self.ends == ends and all(map(operator.is_, self.kinds, kinds))

    @cached_property
    def numbers(self) -> dict[PortRef, tuple[int, ...]]:
        """The links that end at each port, by their numbers in the order of the file."""
        found: dict[PortRef, list[int]] = {}
        for k, ends in enumerate(self.ends):
            for ref in dict.fromkeys(ends):
                found.setdefault(ref, []).append(k)
        return {ref: tuple(numbers) for ref, numbers in found.items()}

    @cached_property
    def series_links(self) -> tuple[int, ...]:
        """The links that bring series, by their numbers."""
        return tuple(k for k, link in enumerate(self._links) if link.is_series)

    @cached_property
    def defaults(self) -> tuple[tuple[PortRef, Port, list[PortRef]], ...]:
        """Unlinked ports that have a default, each with where that leads."""
        return tuple(find_defaults(self._components, self._links))

    @cached_property
    def default_ends(self) -> tuple[Ends, ...]:
        """The links that unlinked ports have by declaration."""
        return tuple(
            (source, target)
            for target, port, sources in self.defaults
            if port.is_multi or len(sources) == 1
            for source in sources
        )

    @cached_property
    def open_required(self) -> tuple[tuple[str, Port], ...]:
        """Required ports without a link or a default that leads somewhere, with their components."""
        by_default = {target for target, port, sources in self.defaults if sources}
        return tuple(
            (id_, port)
            for id_, kind in zip(self.ids, self.kinds, strict=True)
            for port in kind.ports
            if port.is_required and (ref := PortRef(id_, port.name)) not in self.numbers and ref not in by_default
        )

    @cached_property
    def open_power(self) -> tuple[tuple[str, Port], ...]:
        """Ports without a link that write a power which does not end outside the plant, with their components."""
        return tuple(
            (id_, port)
            for id_, kind in zip(self.ids, self.kinds, strict=True)
            for port in kind.ports
            if port.medium == "power" and port.is_writer and not port.border
            if PortRef(id_, port.name) not in self.numbers
        )

    @cached_property
    def streams(self) -> dict[PortRef, list[str]]:
        """The components to which streams go, by the port that they come from."""
        found: dict[PortRef, list[str]] = {}
        kinds = dict(zip(self.ids, self.kinds, strict=True))
        for source, target in self.ends:
            kind = kinds.get(source.component)
            port = kind.port_by_name.get(source.port) if kind is not None else None
            if port is not None and port.medium == "stream" and target.component in kinds:
                found.setdefault(source, []).append(target.component)
        return found

    @cached_property
    def asking(self) -> tuple[int, ...]:
        """The links whose source says what it asks for, and whose target rests below something, by their numbers."""
        kinds = dict(zip(self.ids, self.kinds, strict=True))
        return tuple(
            k
            for k, (source, target) in enumerate(self.ends)
            if source.component in kinds and target.component in kinds
            if kinds[source.component].port_by_name[source.port].gives
            if kinds[target.component].port_by_name[target.port].rests_below
        )

    @cached_property
    def _edges(self) -> dict[str, dict[str, Link]]:
        by_default = (Link(*ends) for ends in self.default_ends)
        return step_edges(self._components, (*self._links, *by_default))

    @cached_property
    def has_loops(self) -> bool:
        """Whether components wait for each other, with nothing between that remembers."""
        return bool(strong_components(self._edges))

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The order in which components step; it ends where there is a loop."""
        return tuple(kahn_order(self._edges, {c.id: c.kind.name for c in self._components.values()}))


_last: tuple[object, object, Structure | None] = (None, None, None)
_kept: tuple[Structure, ...] = ()
"""The last ones, the latest first."""


def structure_of(components: Mapping[str, Component], links: tuple[Link, ...]) -> Structure:
    """Return the structure of components and links: the same one for all that have it."""
    global _last, _kept
    of_components, of_links, found = _last
    if found is not None and of_components is components and of_links is links:
        return found
    ids, kinds, ends = list(components), [c.kind for c in components.values()], [link.ends for link in links]
    kept = _kept
    found = next((one for one in kept if one.is_of(ids, kinds, ends)), None)
    if found is None:
        found = Structure(components, links)
    _kept = (found, *[one for one in kept if one is not found][: _MOST_KEPT - 1])
    _last = components, links, found
    return found
