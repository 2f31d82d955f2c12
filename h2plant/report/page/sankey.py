"""Sankey diagrams: what the links carried, summed up until a reader can follow it."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from h2plant.core.role import Converter, Grid, Maker, Offtake, PowerBus, Process, Source, Store
from h2plant.report.page.grouping import Group, parallel_groups
from h2plant.report.page.quantities import source_label
from h2plant.report.page.run_data import OUTSIDE, Carried, FlowLink, MissingData, RunData

Flows = dict[tuple[str, str], float]
"""(from, to) -> amount."""

SMALL = 0.004
"""Part of the largest flow below which flows are added up, or left out where they only go round."""


@dataclass(frozen=True)
class Sankey:
    """Nodes and flows between them; ``left_out`` is the sum of flows too small to be drawn."""

    flows: Flows
    left_out: float

    @property
    def nodes(self) -> list[str]:
        """Names in order of first use."""
        return list(dict.fromkeys(name for pair in self.flows for name in pair))


_BORDERS = {
    "sold": "Sold",
    "bought": "Bought",
    "vented": "Vented",
    "drained": "Drained",
    "surroundings": "Lost heat",
    "source": "Own source",
    "surplus": "Curtailed",
    "nothing": "No source",
}
"""What stands beyond an open port, where the port does not say more."""


def _outside(data: RunData, link: FlowLink) -> str:
    id_, name = (link.source, link.source_port) if link.target == OUTSIDE else (link.target, link.target_port)
    port = data.plant.components[id_].kind.port(name)
    return port.border_label or _BORDERS.get(port.border) or name.replace("_", " ").capitalize()


def energy(data: RunData) -> Sankey:
    """Return the energy of the run, MWh: electricity, heat, and streams counted from liquid water at 25 C."""
    flows: Flows = defaultdict(float)
    places = {id_: place(data, id_) for id_ in data.plant.components}
    grids = data.of_role(Grid)
    for link in data.links:
        j = data.carried(link).energy_j
        source = places[link.source] if link.source else _outside(data, link)
        target = places[link.target] if link.target else _outside(data, link)
        if link.medium == "power" and not grids.keys().isdisjoint((link.source, link.target)):
            continue
        _add(flows, source, target, j / 3.6e9)
    converters = data.of_role(Converter)
    bus = places[next(iter(converters))] if converters else "Consumers"

    def mwh(id_: str, column: str) -> float:
        name = f"{id_}.{column}"
        return float(data.column(name) @ data.weights_s) / 3.6e9 if name in data else 0.0

    for id_, grid in grids.items():
        imbalance = mwh(id_, grid.imbalance_column)
        for ends, amount in (
            (("Grid, bought", bus), mwh(id_, grid.import_column) - imbalance),
            (("Grid, imbalance", bus), imbalance),
            ((bus, "Grid, sold"), mwh(id_, grid.export_column)),
            ((bus, _BORDERS["surplus"]), mwh(id_, f"{grid.curtailed}.power_w")),
            ((_BORDERS["nothing"], bus), mwh(id_, f"{grid.unserved}.power_w")),
        ):
            _add(flows, *ends, amount)
    for id_, role in data.of_role(PowerBus).items():
        _add(flows, "Ride-through, given", places[id_], mwh(id_, role.given_column))
        _add(flows, places[id_], "Ride-through, taken", mwh(id_, role.taken_column) - _lost(data, id_))
    if data.plant.components and not flows:
        raise MissingData("no energy crossed any link")
    _net(flows)
    customers = {places[id_] for id_ in data.of_role(Offtake)}
    groups = {name: Group(name, (), "") for name in customers}
    _pass_through(flows, groups, SMALL * max(flows.values(), default=0.0))
    return _drawn(flows)


def _lost(data: RunData, id_: str) -> float:
    """Return the heat that a component lost, MWh."""
    links = (link for link in data.links if link.medium == "heat" and link.source == id_)
    return sum(data.carried(link).energy_j for link in links) / 3.6e9


def place(data: RunData, id_: str) -> str:
    """Return the part of the plant to which a component belongs: own sources by their label, else by its role."""
    role = data.plant.components[id_].kind.role
    if isinstance(role, Source):
        label = source_label(data, id_)
        return label[:1].upper() + label[1:]
    return role.place if role is not None else Process().place


def material(
    data: RunData, amount: Callable[[Carried], float], made: Mapping[str, float], stocked: Mapping[str, float]
) -> Sankey:
    """Return the way of a species through the plant, t.

    Parameters
    ----------
    data
        The run.
    amount
        What a link carried of it, kg.
    made
        What each component's reactions made of it (negative: used up), kg; from the ledger.
    stocked
        By how much each component's content grew over the run, kg; from the ledger.
    """
    groups = parallel_groups(data.plant, data.links)
    flows: Flows = defaultdict(float)
    for link in data.links:
        if link.medium == "stream":
            source = groups[link.source].name if link.source else _outside(data, link)
            target = groups[link.target].name if link.target else _outside(data, link)
            _add(flows, source, target, amount(data.carried(link)) / 1000.0)
    for id_, kg in made.items():
        if id_ in groups:
            if kg > 0.0:
                _add(flows, "Made", groups[id_].name, kg / 1000.0)
            else:
                _add(flows, groups[id_].name, "Used up in reactions", -kg / 1000.0)
    for id_, kg in stocked.items():
        if id_ in groups:
            ends = (groups[id_].name, "Added to stock") if kg > 0.0 else ("Taken from stock", groups[id_].name)
            _add(flows, *ends, abs(kg) / 1000.0)
    largest = max(flows.values(), default=0.0)
    if largest <= 0.0:
        raise MissingData("none of it flowed")
    _net(flows)
    _pass_through(flows, {group.name: group for group in groups.values()}, SMALL * largest)
    return _drawn(flows)


def _add(flows: Flows, source: str, target: str, amount: float) -> None:
    if source == target or amount == 0.0:
        return
    pair = (source, target) if amount > 0.0 else (target, source)
    flows[pair] = flows.get(pair, 0.0) + abs(amount)


def _net(flows: Flows) -> None:
    """Take out what only goes round: of every ring of flows the smallest, until there is none."""
    while True:
        ring = _ring(flows)
        if ring is None:
            return
        least = min(flows[pair] for pair in ring)
        for pair in ring:
            flows[pair] -= least
            if flows[pair] <= 0.0:
                del flows[pair]


def _ring(flows: Flows) -> list[tuple[str, str]] | None:
    after: dict[str, list[str]] = defaultdict(list)
    for source, target in flows:
        after[source].append(target)
    state: dict[str, int] = {}
    for start in list(after):
        if state.get(start):
            continue
        path: list[str] = []
        stack: list[tuple[str, int]] = [(start, 0)]
        while stack:
            node, k = stack.pop()
            if k == 0:
                state[node] = 1
                path.append(node)
            targets = after.get(node, [])
            if k == len(targets):
                state[node] = 2
                path.pop()
                continue
            stack.append((node, k + 1))
            target = targets[k]
            if state.get(target) == 1:
                ring = [*path[path.index(target) :], target]
                return list(itertools.pairwise(ring))
            if not state.get(target):
                stack.append((target, 0))
    return None


def _pass_through(flows: Flows, groups: Mapping[str, Group], small: float) -> None:
    """Leave out groups through which all but a small part flows from one place to one other.

    Stores and electrolysers stay.
    """
    while True:
        for name, group in groups.items():
            into = {pair: v for pair, v in flows.items() if pair[1] == name}
            out = {pair: v for pair, v in flows.items() if pair[0] == name}
            main_in = [pair for pair, v in into.items() if v > small]
            main_out = [pair for pair, v in out.items() if v > small]
            if isinstance(group.role, Store | Maker) or len(main_in) != 1 or len(main_out) != 1:
                continue
            source, target = main_in[0][0], main_out[0][1]
            amount = flows[main_out[0]]
            for pair in (*into, *out):
                if pair == main_in[0] or pair == main_out[0]:
                    continue
                _add(flows, pair[0] if pair[1] == name else source, pair[1] if pair[0] == name else target, flows[pair])
            for pair in (*into, *out):
                flows.pop(pair, None)
            _add(flows, source, target, amount)
            break
        else:
            return


def _drawn(flows: Flows) -> Sankey:
    largest = max(flows.values(), default=0.0)
    drawn = {pair: v for pair, v in flows.items() if v > SMALL * largest}
    return Sankey(drawn, sum(flows.values()) - sum(drawn.values()))
