"""Units that do the same side by side, and units that stand in a row: what a diagram draws as one."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from h2plant.core.role import Role
from h2plant.plant.graph import Plant
from h2plant.report.page.run_data import OUTSIDE, FlowLink


@dataclass(frozen=True)
class Group:
    """Parallel units: their ids, and the name under which they are shown; their kind, and what it is to the plant."""

    name: str
    members: tuple[str, ...]
    kind: str
    role: Role | None = None


def parallel_groups(plant: Plant, links: Iterable[FlowLink]) -> dict[str, Group]:
    """Return the group of every component.

    Components whose ids differ in a number only, of one kind, whose links lead from and to the same groups, are one
    group: ``pem_1`` to ``pem_5``, but not the stages of a compressor, which lead to each other.
    """
    stems: dict[str, tuple[str, str]] = {}
    for id_, component in plant.components.items():
        stem = re.sub(r"_?\d+$", "", id_)
        stems[id_] = (stem or id_, component.kind.name)
    label: dict[str, tuple[str, str]] = dict(stems)
    links = list(links)
    while True:
        seen: dict[tuple[str, str], dict[str, set[tuple[str, ...]]]] = {}
        for id_ in plant.components:
            seen.setdefault(label[id_], {})[id_] = set()
        for link in links:
            for here, port, there, other_port in (
                (link.source, link.source_port, link.target, link.target_port),
                (link.target, link.target_port, link.source, link.source_port),
            ):
                if here != OUTSIDE:
                    end = label.get(there, (OUTSIDE, ""))
                    seen[label[here]][here].add((port, other_port, *end))
        split = [
            members
            for own, members in seen.items()
            if len(members) > 1
            and (
                any(signature != next(iter(members.values())) for signature in members.values())
                or any(tuple(end[2:]) == own for signature in members.values() for end in signature)
            )
        ]
        if not split:
            break
        for members in split:
            for id_ in members:
                label[id_] = (id_, "")
    groups: dict[str, Group] = {}
    for members in seen.values():
        ids = tuple(members)
        name = ids[0] if len(ids) == 1 else f"{stems[ids[0]][0]} ({len(ids)})"
        kind = plant.components[ids[0]].kind
        group = Group(name, ids, kind.name, kind.role)
        groups |= dict.fromkeys(ids, group)
    return groups


def _main_ports(plant: Plant, id_: str) -> tuple[str, str] | None:
    """Return the one stream inlet of a component and its first stream outlet; None where there are more inlets."""
    ports = plant.components[id_].kind.ports
    inlets = [p.name for p in ports if p.medium == "stream" and p.direction == "in"]
    outlets = [p.name for p in ports if p.medium == "stream" and p.direction == "out"]
    return (inlets[0], outlets[0]) if len(inlets) == 1 and outlets else None


LONGEST_CHAIN = 16
"""Most groups in a row that are drawn as one card."""


def chains(plant: Plant, groups: Mapping[str, Group], links: Iterable[FlowLink]) -> list[list[Group]]:
    """Return the groups, those in a row that a stream passes one after the other taken together.

    A row goes on where the main outlet of one leads to the next and to nothing else, and nothing else leads in. Stores,
    electrolysers and splitters begin a row of their own.
    """
    after: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for link in links:
        if link.medium != "stream" or OUTSIDE in (link.source, link.target):
            continue
        source, target = groups[link.source], groups[link.target]
        before.setdefault(target.name, set()).add(source.name)
        ends = _main_ports(plant, link.source)
        if ends is not None and ends[1] == link.source_port:
            after.setdefault(source.name, set()).add(target.name)
    by_name = {group.name: group for group in groups.values()}
    alone = {name for name, group in by_name.items() if group.role is not None and group.role.stands_alone}
    follower = {
        name: next(iter(targets))
        for name, targets in after.items()
        if len(targets) == 1
        and before[next(iter(targets))] == {name}
        and not {name, *targets} & alone
        and _main_ports(plant, by_name[next(iter(targets))].members[0]) is not None
        and next(iter(targets)) != name
    }
    followed = set(follower.values())
    rows: list[list[Group]] = []
    placed: set[str] = set()
    for first in [*(name for name in by_name if name not in followed), *by_name]:
        row: list[Group] = []
        name: str | None = first
        while name is not None and name not in placed:
            placed.add(name)
            row.append(by_name[name])
            name = follower.get(name)
        n_parts = math.ceil(len(row) / LONGEST_CHAIN)
        cuts = [round(k * len(row) / n_parts) for k in range(n_parts + 1)] if row else [0]
        rows += [row[begin:end] for begin, end in itertools.pairwise(cuts)]
    return rows
