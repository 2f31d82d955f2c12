"""Layered drawing of a graph: ranks from left to right, boxes of given heights, few crossings.

After Sugiyama, Tagawa, Toda 1981, 10.1109/TSMC.1981.4308636: rings are cut, nodes ranked by their longest way from a
start, edges over several ranks led through places of their own, ranks ordered by the barycentres of their neighbours,
and boxes moved towards them as far as there is room.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

Node = Hashable
Edge = tuple[Node, Node]

_SWEEPS = 12
_SETTLING = 40
_PLACE_HEIGHT = 10.0


@dataclass
class Layout:
    """Where boxes stand and edges pass.

    Attributes
    ----------
    rank
        Column of each node, from 0.
    top
        Upper edge of each node's box.
    way
        For each edge that goes on, the height at which it passes each rank between its ends; empty for neighbours.
    backward
        Edges that lead back.
    height
        Of the whole.
    """

    rank: dict[Node, int]
    top: dict[Node, float]
    way: dict[Edge, list[float]] = field(default_factory=dict)
    backward: list[Edge] = field(default_factory=list)
    height: float = 0.0


def layered(heights: Mapping[Node, float], edges: Sequence[Edge], gap: float = 24.0) -> Layout:
    """Return the layout of a graph.

    Parameters
    ----------
    heights
        Height of each node's box.
    edges
        From, to; each pair once, no loops.
    gap
        Least room between boxes of a rank.
    """
    edges = [edge for edge in dict.fromkeys(edges) if edge[0] != edge[1]]
    forward, backward = _without_rings(list(heights), edges)
    rank = _ranks(list(heights), forward)
    columns, size, parts = _with_places(heights, forward, rank)
    above, below = _neighbours(parts.values())
    for sweep in range(_SWEEPS):
        ahead = sweep % 2 == 0
        for column in columns if ahead else columns[::-1]:
            position = {node: k for c in columns for k, node in enumerate(c)}
            near = above if ahead else below
            mean = {n: _mean([position[m] for m in near[n]], position[n]) for n in column}
            column.sort(key=lambda n: mean[n])
    top = _settled(columns, size, above, below, gap)
    lowest = min(top.values(), default=0.0)
    top = {node: y - lowest for node, y in top.items()}
    height = max((top[n] + size[n] for n in top), default=0.0)
    way = {edge: [top[p] + size[p] / 2.0 for p in chain[1:-1]] for edge, chain in parts.items()}
    return Layout(rank, {n: top[n] for n in heights}, way, backward, height)


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _without_rings(nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[list[Edge], list[Edge]]:
    after: dict[Node, list[Node]] = defaultdict(list)
    entered = {b for _, b in edges}
    for a, b in edges:
        after[a].append(b)
    state: dict[Node, int] = {}
    back: set[Edge] = set()
    for start in [*(n for n in nodes if n not in entered), *nodes]:
        if start in state:
            continue
        state[start] = 1
        stack = [(start, iter(after[start]))]
        while stack:
            node, rest = stack[-1]
            for following in rest:
                if state.get(following) == 1:
                    back.add((node, following))
                elif following not in state:
                    state[following] = 1
                    stack.append((following, iter(after[following])))
                    break
            else:
                state[node] = 2
                stack.pop()
    return [e for e in edges if e not in back], [e for e in edges if e in back]


def _ranks(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[Node, int]:
    before: dict[Node, list[Node]] = defaultdict(list)
    after: dict[Node, list[Node]] = defaultdict(list)
    for a, b in edges:
        before[b].append(a)
        after[a].append(b)
    rank: dict[Node, int] = {}
    waiting = {n: len(before[n]) for n in nodes}
    ready = [n for n in nodes if not waiting[n]]
    order = []
    while ready:
        node = ready.pop(0)
        order.append(node)
        rank[node] = max((rank[m] + 1 for m in before[node]), default=0)
        for following in after[node]:
            waiting[following] -= 1
            if not waiting[following]:
                ready.append(following)
    for node in reversed(order):  # sources close to what they feed
        if after[node] and not before[node]:
            rank[node] = min(rank[m] for m in after[node]) - 1
    return rank


def _with_places(
    heights: Mapping[Node, float], edges: Sequence[Edge], rank: Mapping[Node, int]
) -> tuple[list[list[Node]], dict[Node, float], dict[Edge, list[Node]]]:
    columns: list[list[Node]] = [[] for _ in range(max(rank.values(), default=0) + 1)]
    size = dict(heights)
    for node in heights:
        columns[rank[node]].append(node)
    parts: dict[Edge, list[Node]] = {}
    for a, b in edges:
        chain: list[Node] = [a]
        for r in range(rank[a] + 1, rank[b]):
            place = ("place", a, b, r)
            columns[r].append(place)
            size[place] = _PLACE_HEIGHT
            chain.append(place)
        parts[a, b] = [*chain, b]
    return columns, size, parts


def _neighbours(ways: object) -> tuple[dict[Node, list[Node]], dict[Node, list[Node]]]:
    above: dict[Node, list[Node]] = defaultdict(list)
    below: dict[Node, list[Node]] = defaultdict(list)
    for way in ways:  # type: ignore[attr-defined]
        for a, b in itertools.pairwise(way):
            above[b].append(a)
            below[a].append(b)
    return above, below


def _settled(
    columns: Sequence[Sequence[Node]],
    size: Mapping[Node, float],
    above: Mapping[Node, list[Node]],
    below: Mapping[Node, list[Node]],
    gap: float,
) -> dict[Node, float]:
    top: dict[Node, float] = {}
    for column in columns:
        y = 0.0
        for node in column:
            top[node] = y
            y += size[node] + gap
    for round_ in range(_SETTLING):
        for column in columns if round_ % 2 == 0 else columns[::-1]:
            wanted = {}
            for n in column:
                near = [*above[n], *below[n]]
                wanted[n] = _mean([top[m] + size[m] / 2.0 for m in near], top[n] + size[n] / 2.0) - size[n] / 2.0
            _place(column, wanted, size, gap, top)
    return top


def _place(
    column: Sequence[Node], wanted: Mapping[Node, float], size: Mapping[Node, float], gap: float, top: dict[Node, float]
) -> None:
    """Place a rank as near to what is wanted as its order and gaps allow: blocks that touch move together."""
    blocks: list[tuple[list[Node], float, float]] = []  # nodes, height with gaps, place
    for node in column:
        nodes, height, place = [node], size[node], wanted[node]
        while blocks and blocks[-1][2] + blocks[-1][1] + gap > place:
            earlier, earlier_height, earlier_place = blocks.pop()
            n, m = len(earlier), len(nodes)
            shifted = place - earlier_height - gap
            place = (earlier_place * n + shifted * m) / (n + m)
            nodes, height = earlier + nodes, earlier_height + gap + height
        blocks.append((nodes, height, place))
    for nodes, _, place in blocks:
        y = place
        for node in nodes:
            top[node] = y
            y += size[node] + gap
