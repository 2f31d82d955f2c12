"""The order in which components step: what gives before what takes, storages before all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from heapq import heappop, heappush

from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import SERIES, Component, Link, Plant, PortRef


def execution_order(plant: Plant) -> list[str]:
    """Return the order in which components step: each after those whose values it reads.

    Kahn's algorithm. Of several components that could be next, one of the kind just taken goes first, then the
    one that stands first in the file, so the order is the same every time.

    Parameters
    ----------
    plant
        A plant without findings.

    Returns
    -------
    list of str
        All component ids.

    Raises
    ------
    PlantError
        If there is a loop without storage.
    """
    order = list(plant.structure.order)
    if len(order) < len(plant.components):
        raise PlantError(list(loop_findings(plant, plant.links)))
    return order


def kahn_order(edges: Mapping[str, Mapping[str, Link]], kinds: Mapping[str, str]) -> Iterator[str]:
    """Yield components, whose kinds are given by name, in the order in which they step, as far as there is one."""
    ids = list(kinds)
    place = {id_: i for i, id_ in enumerate(ids)}
    n_waiting = dict.fromkeys(ids, 0)
    for readers in edges.values():
        for reader in readers:
            n_waiting[reader] += 1
    ready: dict[str, list[int]] = {kind: [] for kind in kinds.values()}  # heaps of places by kind
    for id_, n in n_waiting.items():
        if n == 0:
            ready[kinds[id_]].append(place[id_])  # in order, which is a heap
    of_last_kind: list[int] = []
    while of_last_kind or any(ready.values()):
        of_last_kind = of_last_kind or min((heap for heap in ready.values() if heap), key=lambda heap: heap[0])
        taken = ids[heappop(of_last_kind)]
        yield taken
        for reader in edges[taken]:
            n_waiting[reader] -= 1
            if n_waiting[reader] == 0:
                heappush(ready[kinds[reader]], place[reader])


def loop_findings(plant: Plant, links: Sequence[Link]) -> Iterator[Finding]:
    """Yield the loops in the order of calculation that run through nothing that remembers."""
    if len(links) == len(plant.links) and not plant.structure.has_loops:
        return
    by_default = (link for link in plant.default_links() if _is_known(plant, link.source, link.target))
    edges = step_edges(plant.components, (*links, *by_default))
    for group in strong_components(edges):
        loop = _shortest_loop(group, edges)
        lines = [edges[a][b].line for a, b in zip(loop, [*loop[1:], loop[0]], strict=True)]
        where = ", ".join(str(line) for line in dict.fromkeys(lines))
        what = f"each waits for the one before: {' -> '.join([*loop, loop[0]])} (links in lines {where})"
        if len(group) > len(loop):
            what += f"; {len(group)} components hang together in such loops"
        remedy = (
            "let the loop run through a component with storage (a tank, a buffer: its outlet is 'emitted') or "
            "through a signal that is read 'lagged'"
        )
        yield Finding("loop-without-storage", loop[0], what, remedy, plant.file, lines[0])


def _is_known(plant: Plant, *ends: PortRef) -> bool:
    """Whether a link that follows from others, which may be wrong, joins ports that there are."""
    kinds = {ref: plant.components[ref.component].kind for ref in ends if ref.component in plant.components}
    return all(ref.component == SERIES or (ref in kinds and ref.port in kinds[ref].port_by_name) for ref in ends)


def step_edges(components: Mapping[str, Component], links: Sequence[Link]) -> dict[str, dict[str, Link]]:
    """Return, for each component, those that read within the step what it writes in it, with the first link.

    A link to a port that is lagged in loops only (``Port.is_lagged_in_loops``) counts unless both its ends lie in one
    group of components that wait for each other: all such links within the group are then read from the last step.
    What is left of the group is part of it, so no further link can fall within a loop.
    """
    firm: list[tuple[str, str, Link]] = []
    yielding: list[tuple[str, str, Link]] = []
    for link in links:
        if link.is_series:
            continue
        if components[link.target.component].kind.port(link.target.port).medium == "line":  # offered, then answered
            firm.append((link.target.component, link.source.component, link))
            continue
        source = components[link.source.component].kind.port(link.source.port)
        target = components[link.target.component].kind.port(link.target.port)
        ends = (link.source.component, source), (link.target.component, target)
        (writer, written), (reader, read) = ends if source.is_writer else (ends[1], ends[0])
        if not written.is_emitted and not read.is_lagged:
            (yielding if read.is_lagged_in_loops else firm).append((writer, reader, link))
    group_of: dict[str, int] = {}
    if yielding:
        groups = strong_components(_joined_edges(components, [*firm, *yielding]))
        group_of = {id_: k for k, group in enumerate(groups) for id_ in group}
    kept = [(w, r, link) for w, r, link in yielding if w not in group_of or group_of[w] != group_of.get(r)]
    return _joined_edges(components, [*firm, *kept])


def _joined_edges(ids: Collection[str], edges: Sequence[tuple[str, str, Link]]) -> dict[str, dict[str, Link]]:
    """Return (writer, reader, link) by writer and reader, each with its first link in the plant's order."""
    joined: dict[str, dict[str, Link]] = {id_: {} for id_ in ids}
    for writer, reader, link in edges:
        joined[writer].setdefault(reader, link)
    return joined


def strong_components(edges: Mapping[str, Mapping[str, Link]]) -> list[list[str]]:
    """Return the groups of components that wait for each other (Tarjan 1972, without recursion)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    groups: list[list[str]] = []
    for root in edges:
        if root in number:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(edges[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, readers = work[-1]
            for reader in readers:
                if reader not in number:
                    number[reader] = low[reader] = len(number)
                    stack.append(reader)
                    on_stack.add(reader)
                    work.append((reader, iter(edges[reader])))
                    break
                if reader in on_stack:
                    low[node] = min(low[node], number[reader])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    group = stack[stack.index(node) :]
                    del stack[len(stack) - len(group) :]
                    on_stack.difference_update(group)
                    if len(group) > 1 or node in edges[node]:
                        groups.append(group)
    place = {id_: i for i, id_ in enumerate(edges)}
    return sorted((sorted(group, key=place.__getitem__) for group in groups), key=lambda g: place[g[0]])


def _shortest_loop(group: Sequence[str], edges: Mapping[str, Mapping[str, Link]]) -> list[str]:
    """Return a shortest loop through the group's first component, in the order of calculation."""
    start, inside = group[0], set(group)
    came_from: dict[str, str] = {}
    front = [start]
    while front:
        following: list[str] = []
        for node in front:
            for reader in edges[node]:
                if reader == start:
                    loop = [node]
                    while loop[-1] != start:
                        loop.append(came_from[loop[-1]])
                    return loop[::-1]
                if reader in inside and reader not in came_from:
                    came_from[reader] = node
                    following.append(reader)
        front = following
    raise AssertionError(f"{start} is in no loop")
