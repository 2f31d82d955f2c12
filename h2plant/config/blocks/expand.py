"""Blocks of a plant file to components and links: parameters, loops, joints of open connectors."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from h2plant.config.blocks.block_file import (
    BlockFile,
    Loop,
    Template,
    arithmetic,
    built_in_blocks,
    read_block,
)
from h2plant.config.blocks.connector import TYPES, End, ends_of_kind
from h2plant.config.blocks.expansion import Blocks, Expansion, Reason
from h2plant.config.blocks.value import Evaluator, place_in, same_parameter
from h2plant.config.parameter import LOOP_IN_PLANT, LOOP_REMEDY
from h2plant.config.yaml_source import Entry, Node, Scalar, plain_scalar
from h2plant.core.declare import Kind
from h2plant.core.expression import ExpressionError
from h2plant.plant.block import BlockUse
from h2plant.plant.finding import Finding, nearest
from h2plant.plant.graph import Link, PortRef

_SIDE = re.compile(r"\s*\[(.*)\]\s*", re.S)
_PART = re.compile(r"\s*([A-Za-z]\w*?)(_\*)?\.([A-Za-z]\w*)\s*")
_BRACES = re.compile(r"\{([^{}]*)\}")
_DEEPEST = 8
MOST_COMPONENTS = 10_000
"""So many components and blocks come of the blocks of a plant at most."""
MOST_LINKS = 10 * MOST_COMPONENTS
"""So many links come of them at most."""


class _TooManyError(Exception):
    """More would come of the blocks than anybody means; it has a finding."""


def has_blocks(components: Node | None) -> bool:
    """Whether a plant file names blocks among its components."""
    return any(
        "block" in (entry.node.entries or {})
        for entry in ((components.entries or {}) if components is not None else {}).values()
    )


def own_blocks(
    part: Node | None, file: Path, folder: Path, kinds: Mapping[str, Kind], findings: list[Finding], is_kept: bool
) -> dict[str, BlockFile]:
    """Return the blocks of the files that a plant names under ``blocks:``; what is wrong is appended."""
    found: dict[str, BlockFile] = {}
    built_in = built_in_blocks()
    for k, item in enumerate((part.items or ()) if part is not None else ()):
        where, text = f"blocks.{k}", item.value
        if not isinstance(text, str) or not text.endswith((".yaml", ".yml")):
            what = f"'{text}' is no YAML file" if isinstance(text, str) else f"is {item.kind}, wanted a file"
            findings.append(Finding("bad-block-file", where, what, "write 'blocks: [my_block.yaml]'", file, item.line))
            continue
        if is_kept:
            continue
        block = read_block(folder / text)
        findings += block.findings
        taken = (
            "a built-in block" if block.name in built_in else "a kind" if block.name in kinds
            else "another block" if block.name in found else ""
        )  # fmt: skip
        if taken:
            what = f"the block of '{text}' is called '{block.name}', as {taken} is"
            findings.append(Finding("name-taken", where, what, "give it a name of its own", file, item.line))
        found.setdefault(block.name, block)
    return found


def expand(
    components: Node | None,
    links: Sequence[Link],
    overrides: Mapping[str, str | float],
    blocks: Blocks,
    kinds: Mapping[str, Kind],
    file: Path,
    findings: list[Finding],
) -> Expansion:
    """Return a plant file's components and links with every block expanded and every open connector joined.

    Parameters
    ----------
    components, links
        Of the file; a link may end at a connector of a block.
    overrides
        Changes, of which those of a block's parameters are taken up, and dotted paths are joined to ids.
    blocks, kinds
        What the file can name.
    file
        The plant's file, for findings.
    findings
        What is wrong is appended here.
    """
    found = Expansion(components, list(links), dict(overrides))
    if components is None or not has_blocks(components):
        return found
    n_before = len(findings)
    worker = _Expander(found, blocks, kinds, file, findings)
    try:
        worker.plant(components.entries or {}, list(links))
    except _TooManyError:
        found.components, found.links = Node(0, entries={}), []
    found.is_whole = not any(f.severity == "error" for f in findings[n_before:])
    return found


class _Expander(Evaluator):
    """Expands the blocks of one plant file."""

    def __init__(
        self, found: Expansion, blocks: Blocks, kinds: Mapping[str, Kind], file: Path, findings: list[Finding]
    ) -> None:
        super().__init__(found, blocks, kinds, file, findings)
        self.n_components = self.n_links = 0
        self.deep: set[tuple[str, ...]] = set()  # circles that have a finding

    # --- the plant's file

    def plant(self, entries: Mapping[str, Entry], links: list[Link]) -> None:
        """Expand the components of a plant file."""
        ids = [id_ for id_, entry in entries.items() if "block" in (entry.node.entries or {})]
        changes = self._changes(ids)
        self.taken = {ref for link in links for ref in link.ends if ref.component not in ids}
        of_connectors = [link for link in links if any(ref.component in ids for ref in link.ends)]
        plain = [link for link in links if link not in of_connectors]
        joints: list[tuple[End, End, int]] = []
        earlier: list[End] = []
        for id_, entry in entries.items():
            if id_ not in ids:
                self._add(id_, entry)
                kind = self._kind((entry.node.entries or {}).get("kind"))
                ends = list(ends_of_kind(id_, kind, entry.line)) if kind is not None else []
                self.ends[id_] = ends
                joints += self._join(ends, earlier, of_connectors)
            else:
                ends = []
                joints += self._block(id_, id_, entry, changes.get(id_, {}), earlier, of_connectors, (), ends)
                self.ends[id_] = ends
            earlier += [end for end in ends if end.gives]
        joints += self._explicit(of_connectors, ids)
        self._check_served(earlier)
        self._wire(joints)
        self.found.links = [*self.inner, *plain, *self.found.joints]
        self.found.components = Node(0, entries=self.entries)

    def _add(self, id_: str, entry: Entry) -> None:
        if id_ in self.entries:
            what = f"there is a component '{id_}' already, in line {self.entries[id_].line}"
            self.find("id-taken", f"components.{id_}", what, "give one of them another id", entry.line)
            return
        self.entries[id_] = entry

    def _changes(self, ids: Sequence[str]) -> dict[str, dict[str, tuple[str, Scalar]]]:
        """Return the changes that go into blocks, by id: path within the block -> path as written, value."""
        within: dict[str, dict[str, tuple[str, Scalar]]] = {}
        kept: dict[str, str | float] = {}
        for path, value in self.found.overrides.items():
            head, _, rest = path.partition(".")
            scalar = plain_scalar(value) if isinstance(value, str) else value
            if head in ids and rest:
                within.setdefault(head, {})[rest] = path, scalar
                continue
            kept[path] = value
            if "*" in head or "?" in head or "[" in head:
                for id_ in fnmatch.filter(ids, head):
                    within.setdefault(id_, {})[rest] = f"?{path}", scalar
        self.found.overrides = kept
        return within

    # --- one block

    def _block(
        self,
        id_: str,
        path: str,
        entry: Entry,
        changes: Mapping[str, tuple[str, Scalar]],
        earlier: Sequence[End],
        links: Sequence[Link],
        within: tuple[str, ...],
        ends: list[End],
    ) -> list[tuple[End, End, int]]:
        """Expand a block; its connectors are appended to ``ends``. Returns its joints with what stands before it."""
        where, named = f"components.{path}", (entry.node.entries or {})["block"]
        if not within:
            for key in ("kind", "for"):
                if key in (entry.node.entries or {}):
                    what = "is a kind or a block, not both" if key == "kind" else LOOP_IN_PLANT
                    remedy = "keep 'kind' or 'block'" if key == "kind" else LOOP_REMEDY
                    self.find("bad-component", f"{where}.{key}", what, remedy, (entry.node.entries or {})[key].line)
        block = self._named(named, where, within)
        if block is None:
            self.broken.add(id_)
            return []
        own = {name: self._end(id_, connector_name=name, block=block, line=entry.line) for name in block.connectors}
        joints = self._join([end for end in own.values() if not end.gives], earlier, links, strict=not within)
        figures: dict[str, float] = {}
        for name, end in own.items():
            partners = [giver for giver, taker, _ in joints if taker is end]
            for figure in end.type.figures:
                values = [p.figures[figure] for p in partners if figure in p.figures]
                if values and len(values) == len(partners):
                    figures[f"{name}.{figure}"] = sum(values) if figure in end.type.sums else min(values)
        given, parts, further = self._given(id_, path, block, entry, changes, where)
        why = self.found.parameter_reasons.setdefault(path, {})
        of_block = self._values(block, given, figures, entry, where, own, why)
        if of_block is None:
            self.broken.add(id_)
            return joints
        if block.name not in self.found.files:
            for one in block.unread:
                what = f"nothing in the block '{block.name}' takes its parameter '{one.name}'"
                remedy = "remove it, or write it where it is meant"
                at = f"parameters.{one.name}"
                self.findings.append(Finding("unread-parameter", at, what, remedy, block.file, one.line, "note"))
        self.found.files[block.name] = block
        self.found.uses[path] = BlockUse(block.name, block.parameters, of_block)
        scope: dict[str, object] = {**figures, **of_block}
        counts = self._components(id_, path, block, entry, scope, parts, further, (*within, block.name))
        if counts is None:
            self.broken.add(id_)
            return joints
        for name, end in own.items():
            connector = block.connectors[name]
            place = place_in(entry.line, block, connector.line)
            wires: dict[str, tuple[PortRef, ...]] = {}
            for wire, texts in connector.wires.items():
                ports = [self._numbered(text, scope, f"{where}.{name}.{wire}", place) for text in texts]
                wires[wire] = tuple(ref for text in ports for ref in _spread(id_, text, counts))
            end.wires = wires
            if end.gives:
                end.n_joined += self._is_linked(end)
            end.figures = {
                figure: value
                for figure, (line, expression) in connector.figures.items()
                if (value := self._value(expression, scope, f"{where}.{name}.{figure}", place)) is not None
            }
        self._links(id_, block, counts, scope, entry.line)
        ends += own.values()
        return joints

    def _named(self, named: Entry, where: str, within: tuple[str, ...]) -> BlockFile | None:
        name = named.node.value
        block = self.blocks.get(name) if isinstance(name, str) else None
        if block is None:
            what = f"there is no block '{name}'" if isinstance(name, str) else f"the block is {named.node.kind}"
            remedy = nearest(str(name), self.blocks.names())
            if isinstance(name, str) and name in self.kinds:
                remedy = f"'{name}' is a kind: write 'kind: {name}'"
            self.find("unknown-block", where, what, remedy, named.line)
            return None
        if name in within or len(within) >= _DEEPEST:
            circle = " -> ".join([*within, str(name)])
            what = f"the block '{name}' contains itself: {circle}" if name in within else f"too deep: {circle}"
            if (*within, str(name)) not in self.deep:
                self.deep.add((*within, str(name)))
                self.find("cyclic-block", where, what, "remove one of these from the other's file", named.line)
            return None
        if block.findings:
            seen = set(self.findings)
            self.findings += [f for f in block.findings if f not in seen]
            return None
        return block

    def _end(self, id_: str, connector_name: str, block: BlockFile, line: int) -> End:
        connector = block.connectors[connector_name]
        type_ = TYPES[connector.type]
        wires = {
            wire: tuple(PortRef(f"{id_}_{text.partition('.')[0]}", text.partition(".")[2]) for text in texts)
            for wire, texts in connector.wires.items()
        }
        first = connector.wires[type_.main][0]
        component, _, name = first.partition(".")
        template = block.templates.get(_BRACES.sub("*", component).removesuffix("_*"))
        kind = self._kind(template.kind) if template is not None else None
        port = next((p for p in kind.ports if p.name == name), None) if kind is not None else None
        is_many = port is not None and (port.is_multi or (connector.gives and port.medium == "signal"))
        place = place_in(line, block, connector.line)
        return End(id_, connector_name, type_, connector.gives, wires, is_many, connector.is_optional, place)

    # --- components of a block

    def _components(
        self,
        id_: str,
        path: str,
        block: BlockFile,
        entry: Entry,
        scope: dict[str, object],
        parts: Mapping[str, Entry],
        further: Mapping[str, dict[str, tuple[str, Scalar]]],
        within: tuple[str, ...],
    ) -> dict[str, range | None] | None:
        """Add the components of a block; returns the range of each loop, None for single ones."""
        counts: dict[str, range | None] = {}
        where = f"components.{path}"
        used: set[str] = set()
        for template in block.templates.values():
            place = place_in(entry.line, block, template.line)
            numbers = (
                None if template.loop is None else self._range(template.loop, scope, f"{where}.{template.id}", place)
            )
            if template.loop is not None and numbers is None:
                return None
            if template.loop is not None and not numbers:
                what = f"'for: {template.loop.name} in {_loop_text(template.loop)}' makes none of '{template.id}'"
                self.find("empty-loop", f"{where}.{template.id}", what, "let the last be the first or more", place)
                return None
            counts[template.id] = numbers
            self._count_components(1 if numbers is None else len(numbers), f"{where}.{template.id}", place)
            alike: dict[tuple[str, ...], tuple[Node, dict[str, Reason]]] = {}  # of a loop, those that do not hang on it
            for number in [None] if numbers is None else numbers:
                own = template.id if number is None else f"{template.id}_{number}"
                at = scope if number is None else {**scope, template.loop.name: float(number)}  # type: ignore[union-attr]
                of_plant = [parts[key] for key in parts if key in (template.id, own) or fnmatch.fnmatchcase(own, key)]
                used |= {one.key for one in of_plant}
                parts_given = tuple(one.key for one in of_plant)
                if parts_given in alike:
                    node, reasons = alike[parts_given]
                else:
                    node, reasons = self._node(f"{where}.{own}", template, block, entry, at, of_plant, place)
                    loop = template.loop.name if template.loop is not None else ""
                    if not any(loop in reason.values for reason in reasons.values()):
                        alike[parts_given] = node, reasons
                made = Entry(f"{id_}_{own}", place, node)
                self.found.reasons[made.key] = reasons
                if template.block is None:
                    self._add(made.key, made)
                    continue
                inner: list[End] = []
                changes: dict[str, tuple[str, Scalar]] = {}
                for key, of_key in further.items():
                    if fnmatch.fnmatchcase(own, key) or key == template.id:
                        changes |= of_key
                self._block(made.key, f"{path}.{own}", made, changes, (), (), within, inner)
                self.ends[made.key] = inner
        for key in set(parts) - used:
            what = f"the block '{block.name}' has no component '{key}' with these parameters"
            self.find("unknown-component", f"{where}.{key}", what, nearest(key, block.templates), parts[key].line)
        return counts

    def _count_components(self, n: int, where: str, line: int) -> None:
        """Count what is about to be made; more than anybody means ends the expansion with a finding."""
        self.n_components += n
        if self.n_components > MOST_COMPONENTS:
            what = f"the blocks of the plant make more than {MOST_COMPONENTS:,} components"
            remedy = "lower what loops run over, or how often blocks stand within one another"
            self.find("too-many-components", where, what, remedy, line)
            raise _TooManyError

    def _count_links(self, n: int, where: str, line: int) -> None:
        """Count links that are about to be made, likewise."""
        self.n_links += n
        if self.n_links > MOST_LINKS:
            what = f"the blocks of the plant make more than {MOST_LINKS:,} links"
            self.find("too-many-links", where, what, "lower what loops run over", line)
            raise _TooManyError

    def _node(
        self,
        where: str,
        template: Template,
        block: BlockFile,
        entry: Entry,
        scope: Mapping[str, object],
        of_plant: Sequence[Entry],
        place: int,
    ) -> tuple[Node, dict[str, Reason]]:
        """Return a component of a block as a plant file would have it, and why its parameters have their values."""
        reasons: dict[str, Reason] = {}
        named = template.kind or template.block
        assert named is not None
        entries = {named.key: Entry(named.key, place_in(entry.line, block, named.line), named.node)}
        for item in template.beside.values():
            entries[item.key] = Entry(item.key, place_in(entry.line, block, item.line), item.node)
        kind = self._kind(template.kind)
        for item in template.values.values():
            at = place_in(entry.line, block, item.line)
            text = item.node.value
            node: Node | None = item.node
            if item.node.entries is None and isinstance(text, str) and not _is_word(item.key, text, kind):
                node = self._computed(item.key, text, scope, f"{where}.{item.key}", at, reasons)
            if node is not None:
                entries[item.key] = Entry(item.key, at, node)
        for part in of_plant:
            for item in (part.node.entries or {}).values():
                same = same_parameter(item.key, kind) if kind is not None else item.key
                for key in [key for key in entries if kind is not None and same_parameter(key, kind) == same]:
                    del entries[key]
                    reasons.pop(key, None)
                entries[item.key] = item
        return Node(place, entries=entries), reasons

    def _computed(
        self, key: str, text: str, scope: Mapping[str, object], where: str, line: int, reasons: dict[str, Reason]
    ) -> Node | None:
        """Return the value of a parameter that a block's file gives by arithmetic."""
        if text in scope and isinstance(scope[text], str):  # a word that is passed on
            reasons[key] = Reason(text, {})
            return Node(line, value=str(scope[text]))
        try:
            expression = arithmetic(text)
        except ExpressionError as error:
            self.find("bad-expression", where, str(error), "write arithmetic over the block's parameters", line)
            return None
        value = self._value(expression, scope, where, line)
        if value is None:
            return None
        reasons[key] = Reason(text, {name: scope[name] for name in sorted(expression.names)})
        return Node(line, value=value)

    # --- links of a block

    def _links(
        self, id_: str, block: BlockFile, counts: Mapping[str, range | None], scope: Mapping[str, object], line: int
    ) -> None:
        for k, template in enumerate(block.links):
            place = place_in(line, block, template.line)
            where = f"components.{id_}.links.{k}"
            numbers: range | None = range(1)
            if template.loop is not None:
                numbers = self._range(template.loop, scope, where, place)
            for number in numbers or ():
                at = scope if template.loop is None else {**scope, template.loop.name: float(number)}
                self._link(id_, self._numbered(template.text, at, where, place), block, counts, where, place)

    def _numbered(self, text: str, scope: Mapping[str, object], where: str, line: int) -> str:
        """Return a text with the values of the arithmetic that stands in braces."""
        return _BRACES.sub(lambda match: self._number(match[1], scope, where, line), text) if "{" in text else text

    def _number(self, text: str, scope: Mapping[str, object], where: str, line: int) -> str:
        try:
            value = self._value(arithmetic(text), scope, where, line)
        except ExpressionError as error:
            self.find("bad-expression", where, str(error), "write arithmetic: '{i + 1}'", line)
            return "0"
        return f"{value or 0.0:g}"

    def _link(
        self, id_: str, text: str, block: BlockFile, counts: Mapping[str, range | None], where: str, line: int
    ) -> None:
        left, _, right = text.partition("->")
        sides = []
        for side in (left, right):
            refs = _refs(id_, side, counts)
            if not refs:
                what = f"'{text}' cannot be read as a link"
                remedy = "write 'component.port -> component.port'; '_*' stands for all of a loop"
                self.find("bad-link", where, what, remedy, line)
                return
            sides.append(refs)
        sources, targets = sides
        self._count_links(max(len(sources), len(targets)), where, line)
        if len(sources) > 1 and len(targets) > 1:
            if len(sources) != len(targets) or "[" in text:
                what = f"{len(sources)} ports to {len(targets)} ports leave open which goes where"
                self.find("bad-link", where, what, "let both loops be as long, or write a line for each", line)
                return
            pairs = list(zip(sources, targets, strict=True))
        else:
            pairs = [(source, target) for source in sources for target in targets]
        inner = {f"{id_}_{name}" for name in block.blocks_within}
        for source, target in pairs:
            link = Link(source, target, line)
            if source.component in inner or target.component in inner:
                self._wire(self._explicit([link], list(inner)), self.inner)
            else:
                self.inner.append(link)
                self.inner_targets.add(target)


def _is_word(key: str, text: str, kind: Kind | None) -> bool:
    """Whether a text of a block's file is a word of a parameter, or the path of a function, and no arithmetic."""
    if kind is None:
        return False
    if kind.function_key and key == kind.function_key:
        return True
    match = same_parameter(key, kind)
    return match in kind.field_by_name and text in kind.field(match).choices


def _loop_text(loop: Loop) -> str:
    return f"{loop.first.text}..{loop.last.text}"


def _spread(id_: str, text: str, counts: Mapping[str, range | None]) -> list[PortRef]:
    """Return the ports that ``component.port`` or ``component_*.port`` names in a block; none if it cannot be read."""
    match = _PART.fullmatch(text)
    if match is None:
        return []
    name, star, port = match.groups()
    if not star:
        return [PortRef(f"{id_}_{name}", port)]
    numbers = counts.get(name)
    return [PortRef(f"{id_}_{name}_{k}", port) for k in numbers] if numbers is not None else []


def _refs(id_: str, side: str, counts: Mapping[str, range | None]) -> list[PortRef]:
    inner = _SIDE.fullmatch(side)
    parts = inner[1].split(",") if inner is not None else [side]
    found = [_spread(id_, part, counts) for part in parts]
    return [ref for refs in found for ref in refs] if all(found) else []
