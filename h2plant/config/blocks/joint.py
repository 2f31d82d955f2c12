"""Joints: which open connectors of a plant join, and the links that come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from h2plant.config.blocks.connector import End
from h2plant.config.blocks.expansion import Blocks, Expansion
from h2plant.config.yaml_source import Entry
from h2plant.core.declare import Kind
from h2plant.core.user_code import UserCodeError
from h2plant.plant.finding import Finding, listing, nearest
from h2plant.plant.graph import Link, PortRef


class Joiner:
    """Joins the connectors of what stands in a plant."""

    def __init__(
        self,
        found: Expansion,
        blocks: Blocks,
        kinds: Mapping[str, Kind],
        file: Path,
        findings: list[Finding],
    ) -> None:
        self.found, self.blocks, self.kinds = found, blocks, kinds
        self.file, self.findings = file, findings
        self.entries: dict[str, Entry] = {}
        self.inner: list[Link] = []
        self.inner_targets: set[PortRef] = set()
        self.ends: dict[str, list[End]] = {}
        self.broken: set[str] = set()
        self.made: set[Link] = set()
        self.kind_of: dict[str, Kind | None] = {}
        self.taken: set[PortRef] = set()

    def find(self, id: str, where: str, what: str, remedy: str, line: int) -> None:
        self.findings.append(Finding(id, where, what, remedy, self.file, line))

    def find_change(self, id: str, path: str, what: str, remedy: str) -> None:
        self.findings.append(Finding(id, f"set {path}", what, remedy))

    def _kind(self, entry: Entry | None) -> Kind | None:
        name = entry.node.value if entry is not None else None
        try:
            return self.kinds[name] if isinstance(name, str) and name in self.kinds else None
        except UserCodeError:  # of an installed package: found where the component is read
            return None

    # --- joints

    def _join(
        self, ends: Sequence[End], earlier: Sequence[End], links: Sequence[Link], strict: bool = True
    ) -> list[tuple[End, End, int]]:
        """Return the joints of connectors that take with what gives before them, links of the file first."""
        joints: list[tuple[End, End, int]] = []
        for end in ends:
            if end.gives:
                end.n_joined += self._is_linked(end)
                continue
            explicit = [link for link in links if link.target == PortRef(end.owner, end.name)]
            for link in explicit:  # those with what stands behind are made at the end
                giver = next((g for g in earlier if PortRef(g.owner, g.name) == link.source), None)
                if giver is not None and giver.type is end.type:
                    giver.n_joined += 1
                    self.made.add(link)
                    joints.append((giver, end, link.line))
                end.n_joined += 1
            away = {(link.source.component, link.source.port) for link in links}
            if explicit or (self._is_linked(end) and not end.is_many) or not strict:
                continue
            if self.broken:
                end.n_joined += 1  # what it would join may be what has a finding
                continue
            fitting = [
                g for g in earlier if g.type is end.type and g.is_open and ((g.owner, g.name) not in away or g.is_many)
            ]
            single = [g for g in fitting if not g.is_many]
            if end.is_many and single:
                taken = single
            else:
                taken = [g for g in fitting if g.owner == fitting[-1].owner] if fitting else []
                if len(taken) > 1:
                    choices = listing([f"{g} -> {end}" for g in taken], "or")
                    what = f"takes {end.type.name}, and {listing([str(g) for g in taken])} both give it"
                    self.find("several-connectors", str(end), what, f"write one of the links {choices}", end.line)
                    end.n_joined += 1
                    continue
            if not taken and not end.is_optional and not self._is_linked(end):
                self._find_none(end, earlier)
            for giver in taken:
                giver.n_joined += 1
                end.n_joined += 1
                joints.append((giver, end, end.line))
        return joints

    def _find_none(self, end: End, earlier: Sequence[End]) -> None:
        if self.broken:
            return  # that may be what gives it
        given = sorted({g.type.name for g in earlier})
        what = f"takes {end.type.name} ({end.type.description}), and nothing before it gives any"
        remedy = f"write the link 'X.{end.type.name} -> {end}' with X what gives it"
        if end.type.name in given:
            others = [str(g) for g in earlier if g.type is end.type]
            what = f"takes {end.type.name}, and what gives it before it is taken: {listing(others)}"
            remedy = f"put another before it, or write '{others[-1]} -> {end}' and nothing else from there"
        else:
            remedy += ", or put a block that gives it above"
        self.find("no-connector", str(end), what, remedy, end.line)

    def _is_linked(self, end: End) -> bool:
        """Whether a port of its main wire has a link of the file, which wins."""
        return any(ref in self.taken for ref in end.wires[end.type.main])

    def _explicit(self, links: Sequence[Link], ids: Sequence[str]) -> list[tuple[End, End, int]]:
        """Return the joints that links make at connectors; those that are made already are left out."""
        joints = []
        for link in links:
            if link in self.made:
                continue
            source, target = self._side(link.source, True, link, ids), self._side(link.target, False, link, ids)
            if source is None or target is None:
                continue
            if source.type is not target.type:
                what = f"'{link.source}' gives {source.type.name}, '{link.target}' takes {target.type.name}"
                known = [str(end) for end in self._all if end.gives and end.type is target.type]
                remedy = (
                    f"link '{link.target}' to {listing(known, 'or') if known else f'what gives {target.type.name}'}"
                )
                self.find("wrong-connector", str(link), what, remedy, link.line)
                continue
            source.n_joined += 1
            joints.append((source, target, link.line))
        return joints

    @property
    def _all(self) -> list[End]:
        return [end for ends in self.ends.values() for end in ends]

    def _side(self, ref: PortRef, is_giver: bool, link: Link, ids: Sequence[str]) -> End | None:
        """Return the connector that a side of a link names; of a plain port one that is made for it."""
        if ref.component in self.broken:
            return None
        ends = [end for end in self.ends.get(ref.component, []) if end.gives is is_giver]
        named = next((end for end in ends if end.name == ref.port), None)
        if named is not None:
            return named
        if ref.component in ids:
            known = [end.name for end in ends]
            side = "gives" if is_giver else "takes"
            what = f"'{ref.component}' {side} nothing that is called '{ref.port}'"
            self.find("unknown-connector", str(link), what, nearest(ref.port, known), link.line)
            return None
        by_port = next((end for end in ends if ref in end.wires[end.type.main]), None)
        if by_port is not None:
            return by_port
        other = link.target if is_giver else link.source
        facing = next((e for e in self.ends.get(other.component, []) if e.name == other.port), None)
        if facing is None:
            return None
        wires = {facing.type.main: (ref,)}
        return End(ref.component, ref.port, facing.type, is_giver, wires, True, True, link.line)

    def _check_served(self, givers: Sequence[End]) -> None:
        """Find what is given and taken by nothing."""
        if self.broken:
            return
        for end in givers:
            if not end.type.is_served or end.is_many or end.n_joined or end.is_optional:
                continue
            what = f"gives {end.type.name}, and nothing behind it takes it"
            behind = list(self.ends)[list(self.ends).index(end.owner) + 1 :]
            takers = [e for id_ in behind for e in self.ends[id_] if not e.gives and e.type is end.type]
            takers += [e for e in self._all if not e.gives and e.type is end.type and e.is_many]
            target = next((str(e) for e in takers if e.is_many or not e.n_joined), f"X.{end.type.name}")
            remedy = f"put what takes it below, or write the link '{end} -> {target}'"
            self.find("nothing-takes", str(end), what, remedy, end.line)

    def _wire(self, joints: Sequence[tuple[End, End, int]], into: list[Link] | None = None) -> None:
        """Make the links of joints: one for each wire that both sides have."""
        into = self.found.joints if into is None else into
        linked = self.inner_targets if into is self.inner else {link.target for link in into}
        for giver, taker, line in joints:
            if giver.owner in self.broken or taker.owner in self.broken:
                continue
            for wire, is_forward in giver.type.wires.items():
                sides = giver.wires.get(wire, ()), taker.wires.get(wire, ())
                if wire in giver.type.strict and bool(sides[0]) != bool(sides[1]):
                    self._find_mismatch(giver, taker, wire, line)
                    continue
                sources, targets = sides if is_forward else sides[::-1]
                for source in sources:
                    for target in targets:
                        if (target in linked or target in self.taken) and not self._is_multi(target):
                            continue
                        into.append(Link(source, target, line))
                        linked.add(target)

    def _is_multi(self, ref: PortRef) -> bool:
        if ref.component not in self.kind_of:
            entry = self.entries.get(ref.component)
            if entry is None:  # of a block that is not expanded yet: to be asked again
                return False
            self.kind_of[ref.component] = self._kind((entry.node.entries or {}).get("kind"))
        kind = self.kind_of[ref.component]
        port = kind.port_by_name.get(ref.port) if kind is not None else None
        return port is not None and port.is_multi

    def _find_mismatch(self, giver: End, taker: End, wire: str, line: int) -> None:
        if giver.wires.get(wire):
            what = f"'{giver}' gives on {wire} alone, and '{taker}' takes what comes and asks for nothing"
            remedy = "put what draws behind it, such as a transfer with its own controller"
        else:
            what = f"'{taker}' draws on {wire}, and '{giver}' gives what it makes and cannot be asked"
            remedy = "put a store between them, such as a tank_park"
        self.find("unequal-connectors", f"{giver} -> {taker}", what, remedy, line)
