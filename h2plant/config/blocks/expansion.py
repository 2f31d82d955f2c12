"""Blocks of a plant file to components and links: parameters, loops, joints of open connectors."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from h2plant.config.blocks.block_file import (
    BESIDE,
    BlockFile,
    Loop,
    Template,
    arithmetic,
    block_of_text,
    built_in_blocks,
    read_block,
)
from h2plant.config.blocks.connector import TYPES, End, ends_of_kind
from h2plant.config.parameter import matched
from h2plant.config.yaml_source import Entry, Node, Scalar, plain_scalar
from h2plant.core.declare import Kind
from h2plant.core.expression import Expression, ExpressionError
from h2plant.core.units import UnitError
from h2plant.core.user_code import UserCodeError
from h2plant.plant.block import BlockParameter, BlockUse, BlockValue, match_block_parameter
from h2plant.plant.finding import Finding, Place, listing, nearest
from h2plant.plant.graph import Link, PortRef

_SIDE = re.compile(r"\s*\[(.*)\]\s*", re.S)
_PART = re.compile(r"\s*([A-Za-z]\w*?)(_\*)?\.([A-Za-z]\w*)\s*")
_BRACES = re.compile(r"\{([^{}]*)\}")
_MOST_OF_A_LOOP = 1000
_DEEPEST = 8
_Values = dict[str, BlockValue]


@dataclass(frozen=True)
class Reason:
    """Why a parameter of a component of a block has its value: the arithmetic, and what went into it."""

    text: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        if self.text in self.values:
            return self.text
        given = ", ".join(
            f"{name} = {value:.6g}" if isinstance(value, int | float) else f"{name} = {value}"
            for name, value in self.values.items()
        )
        return f"{self.text}, {given}" if given else self.text


@dataclass
class Expansion:
    """A plant file's components and links without blocks.

    Attributes
    ----------
    components, links, overrides
        As a plant without blocks has them.
    uses
        The blocks by id; those within others by dotted path.
    files
        The blocks' files by name.
    reasons
        Why parameters have their values, by component and key.
    parameter_reasons
        Why parameters of blocks have theirs, by path of the block and name.
    joints
        The links that joined open connectors.
    written
        Overrides as they were written, by what they became.
    reached
        Overrides with a pattern that found a parameter of a block.
    is_whole
        Whether nothing was wrong.
    """

    components: Node | None
    links: list[Link]
    overrides: dict[str, str | float]
    uses: dict[str, BlockUse] = field(default_factory=dict)
    files: dict[str, BlockFile] = field(default_factory=dict)
    reasons: dict[str, dict[str, Reason]] = field(default_factory=dict)
    parameter_reasons: dict[str, dict[str, str]] = field(default_factory=dict)
    joints: list[Link] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    is_whole: bool = True


def has_blocks(components: Node | None) -> bool:
    """Whether a plant file names blocks among its components."""
    return any(
        "block" in (entry.node.entries or {})
        for entry in ((components.entries or {}) if components is not None else {}).values()
    )


@dataclass(frozen=True)
class Blocks:
    """The blocks that a plant file can name: those built in, its own, and those that results keep."""

    own: Mapping[str, BlockFile]
    kept: Mapping[str, str] | None = None

    def names(self) -> list[str]:
        """Return all names."""
        return [*built_in_blocks(), *self.own, *(self.kept or {})]

    def get(self, name: str) -> BlockFile | None:
        """Return a block; None if there is none of that name."""
        if self.kept is not None and name in self.kept:
            return block_of_text(name, self.kept[name])
        if name in self.own:
            return self.own[name]
        file = built_in_blocks().get(name)
        return None if file is None else read_block(file)


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
    worker.plant(components.entries or {}, list(links))
    found.is_whole = not any(f.severity == "error" for f in findings[n_before:])
    return found


@dataclass
class _Given:
    """What a parameter of a block is given: by the plant's file, or by a change."""

    value: Scalar
    line: int
    changed_by: str = ""
    reason: str = ""
    is_wrong: bool = False


class _Expander:
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
        self.ends: dict[str, list[End]] = {}
        self.broken: set[str] = set()
        self.made: set[Link] = set()
        self.kind_of: dict[str, Kind | None] = {}
        self.taken: set[PortRef] = set()

    def find(self, id: str, where: str, what: str, remedy: str, line: int) -> None:
        self.findings.append(Finding(id, where, what, remedy, self.file, line))

    def find_change(self, id: str, path: str, what: str, remedy: str) -> None:
        self.findings.append(Finding(id, f"set {path}", what, remedy))

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

    def _kind(self, entry: Entry | None) -> Kind | None:
        name = entry.node.value if entry is not None else None
        try:
            return self.kinds[name] if isinstance(name, str) and name in self.kinds else None
        except UserCodeError:  # of an installed package: found where the component is read
            return None

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
        self.found.files[block.name] = block
        self.found.uses[path] = BlockUse(block.name, block.parameters, of_block)
        scope: dict[str, object] = {**figures, **of_block}
        counts = self._components(id_, path, block, entry, scope, parts, further, (*within, block.name))
        if counts is None:
            self.broken.add(id_)
            return joints
        for name, end in own.items():
            connector = block.connectors[name]
            place = _place(entry.line, block, connector.line)
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
        place = _place(line, block, connector.line)
        return End(id_, connector_name, type_, connector.gives, wires, is_many, connector.is_optional, place)

    def _given(
        self,
        id_: str,
        path: str,
        block: BlockFile,
        entry: Entry,
        changes: Mapping[str, tuple[str, Scalar]],
        where: str,
    ) -> tuple[dict[str, _Given], dict[str, Entry], dict[str, dict[str, tuple[str, Scalar]]]]:
        """Return what a plant's file and changes give: to parameters, to components, and to blocks within the block."""
        given: dict[str, _Given] = {}
        parts: dict[str, Entry] = {}
        for item in (entry.node.entries or {}).values():
            if item.key in BESIDE:
                continue
            if item.node.entries is not None:
                if self._part_of(item.key, block) is None:
                    known = [*block.templates, *block.parameters]
                    what = f"the block '{block.name}' has no component '{item.key}'"
                    self.find("unknown-component", f"{where}.{item.key}", what, nearest(item.key, known), item.line)
                else:
                    parts[item.key] = item
                continue
            problem, parameter, value = _read(block, item.key, item.node)
            if problem is not None:
                self.find(problem[0], f"{where}.{item.key}", problem[1], problem[2], item.line)
            if parameter is None:
                continue
            if parameter.name in given:
                what = f"'{parameter.name}' is given twice, first in line {given[parameter.name].line}"
                self.find("given-twice", f"{where}.{item.key}", what, "keep one of them", item.line)
            if problem is not None:
                given[parameter.name] = _Given(None, item.line, is_wrong=True)
            else:
                reason = self.found.reasons.get(id_, {}).get(item.key)
                given[parameter.name] = _Given(value, item.line, reason="" if reason is None else str(reason))
        further: dict[str, dict[str, tuple[str, Scalar]]] = {}
        for rest, (written, scalar) in changes.items():
            is_pattern = written.startswith("?")
            head, _, key = rest.partition(".")
            if key:
                template = self._part_of(head, block)
                if template is not None and template.block is not None:
                    further.setdefault(head, {})[key] = written, scalar
                elif not is_pattern:
                    target = f"{id_}_{head}.{key}"
                    self.found.overrides[target] = scalar  # type: ignore[assignment]
                    self.found.written[target] = written
                continue
            problem, parameter, value = _read(block, rest, Node(0, scalar))
            if is_pattern and parameter is None:
                continue
            if problem is not None:
                self.find_change(problem[0], written.lstrip("?"), problem[1], problem[2])
            elif parameter is not None:
                given[parameter.name] = _Given(value, entry.line, written.lstrip("?"))
                if is_pattern:
                    self.found.reached.add(written[1:])
        return given, parts, further

    def _part_of(self, key: str, block: BlockFile) -> Template | None:
        """Return the template of a component of a block, that may be one of a loop."""
        if key in block.templates:
            return block.templates[key]
        head, _, number = key.rpartition("_")
        template = block.templates.get(head)
        is_one = number.isdecimal() or set(number) & set("*?[")
        return template if template is not None and template.loop is not None and is_one else None

    def _values(
        self,
        block: BlockFile,
        given: Mapping[str, _Given],
        figures: Mapping[str, float],
        entry: Entry,
        where: str,
        ends: Mapping[str, End],
        why: dict[str, str],
    ) -> dict[str, BlockValue] | None:
        """Return the values of all parameters of a block; None, with findings, where one has none."""
        values: dict[str, BlockValue] = {}
        is_whole = True
        for parameter in block.parameters.values():
            key = f"{where}.{parameter.name}"
            place = _place(entry.line, block, parameter.line)
            one = given.get(parameter.name)
            default = parameter.default
            if one is not None and one.is_wrong:
                is_whole = False  # it has a finding of its own
                continue
            if one is not None:
                value: object = one.value
                line = one.line
            elif isinstance(default, Expression):
                line = place
                unknown = [n for n in default.names if n not in values and n not in figures]
                broken = [n for n in unknown if "." not in n]
                if broken:
                    is_whole = False  # that one has a finding of its own
                    continue
                if unknown:
                    head = unknown[0].partition(".")[0]
                    is_whole = False
                    end = ends.get(head)
                    if self.broken or (end is not None and not end.n_joined and not end.is_optional):
                        continue  # that nothing joins it, or what would, has a finding of its own
                    what = f"'{parameter.name}' follows from '{unknown[0]}', and nothing that joins '{head}' says it"
                    remedy = f"give '{parameter.name}': {parameter.description}"
                    self.find("missing-parameter", where, what, remedy, place)
                    continue
                value = self._value(default, {**figures, **values}, key, place)
                if value is None:
                    is_whole = False
                    continue
            elif default is not None:
                value, line = default, place
            else:
                what = f"the parameter '{parameter.name}' is missing"
                self.find("missing-parameter", where, what, f"give '{parameter.name}': {parameter.description}", place)
                is_whole = False
                continue
            fault = parameter.fault(value)
            if fault is not None:
                is_whole = False
                if one is not None and one.changed_by:
                    self.find_change(fault[0], one.changed_by, fault[1], fault[2])
                else:
                    source = "" if one is not None else f", by its default '{_text_of(default)}'"
                    self.find(fault[0], key, f"{fault[1]}{source}", fault[2], line)
                continue
            if one is not None:
                why[parameter.name] = (
                    f"changed by '{one.changed_by}'" if one.changed_by else one.reason or _given_in(one.line)
                )
            elif isinstance(default, Expression):
                scope = {**figures, **values}
                why[parameter.name] = str(Reason(default.text, {name: scope[name] for name in sorted(default.names)}))
            else:
                why[parameter.name] = f"default of {block.file.name}:{parameter.line}"
            values[parameter.name] = value if isinstance(value, str) else float(value)  # type: ignore[arg-type]
        return values if is_whole else None

    def _value(self, expression: Expression, scope: Mapping[str, object], where: str, line: int) -> float | None:
        unknown = sorted(name for name in expression.names if name not in scope)
        if unknown:
            what = f"'{expression.text}' takes '{unknown[0]}', which is no parameter of the block"
            self.find("unknown-name", where, what, nearest(unknown[0], scope), line)
            return None
        try:
            return float(f"{expression.value(scope):.12g}")
        except ExpressionError as error:
            self.find("bad-expression", where, str(error), "change the parameters that go into it", line)
            return None

    def _range(self, loop: Loop, scope: Mapping[str, object], where: str, line: int) -> range | None:
        ends = [self._value(one, scope, f"{where}.for", line) for one in (loop.first, loop.last)]
        if ends[0] is None or ends[1] is None:
            return None
        first, last = ends[0], ends[1]
        if first != round(first) or last != round(last) or last - first > _MOST_OF_A_LOOP:
            what = f"the loop runs from {first:g} to {last:g}"
            remedy = f"let it run over whole numbers, {_MOST_OF_A_LOOP} at most"
            self.find("bad-loop", f"{where}.for", what, remedy, line)
            return None
        return range(round(first), round(last) + 1)

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
            place = _place(entry.line, block, template.line)
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
        entries = {named.key: Entry(named.key, _place(entry.line, block, named.line), named.node)}
        for item in template.beside.values():
            entries[item.key] = Entry(item.key, _place(entry.line, block, item.line), item.node)
        kind = self._kind(template.kind)
        for item in template.values.values():
            at = _place(entry.line, block, item.line)
            text = item.node.value
            node: Node | None = item.node
            if item.node.entries is None and isinstance(text, str) and not _is_word(item.key, text, kind):
                node = self._computed(item.key, text, scope, f"{where}.{item.key}", at, reasons)
            if node is not None:
                entries[item.key] = Entry(item.key, at, node)
        for part in of_plant:
            for item in (part.node.entries or {}).values():
                same = _same_parameter(item.key, kind) if kind is not None else item.key
                for key in [key for key in entries if kind is not None and _same_parameter(key, kind) == same]:
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
            place = _place(line, block, template.line)
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
        if len(sources) > 1 and len(targets) > 1:
            if len(sources) != len(targets) or "[" in text:
                what = f"{len(sources)} ports to {len(targets)} ports leave open which goes where"
                self.find("bad-link", where, what, "let both loops be as long, or write a line for each", line)
                return
            pairs = list(zip(sources, targets, strict=True))
        else:
            pairs = [(source, target) for source in sources for target in targets]
        inner = {f"{id_}_{name}" for name, template in block.templates.items() if template.block is not None}
        for source, target in pairs:
            link = Link(source, target, line)
            if source.component in inner or target.component in inner:
                self._wire(self._explicit([link], list(inner)), self.inner)
            else:
                self.inner.append(link)

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
        full = {link.target for link in into if not self._is_multi(link.target)} | {
            ref for ref in self.taken if not self._is_multi(ref)
        }
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
                        if target not in full:
                            into.append(Link(source, target, line))
                            if not self._is_multi(target):
                                full.add(target)

    def _is_multi(self, ref: PortRef) -> bool:
        if ref.component not in self.kind_of:
            entry = self.entries.get(ref.component)
            self.kind_of[ref.component] = (
                self._kind((entry.node.entries or {}).get("kind")) if entry is not None else None
            )
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


def _read(block: BlockFile, key: str, node: Node) -> tuple[tuple[str, str, str] | None, BlockParameter | None, Scalar]:
    """Return what is wrong with a parameter as given, the one it means, and its value in that one's unit."""
    try:
        found = match_block_parameter(key, block.parameters)
    except UnitError as error:
        return ("unknown-unit", str(error), f"write {listing(error.allowed, 'or')}"), None, None
    if found is None:
        what = f"the block '{block.name}' has no parameter '{key}'"
        if key in block.connectors:
            return (
                ("unknown-parameter", f"'{key}' is a connector of '{block.name}'", "join it under 'links:'"),
                None,
                None,
            )
        return ("unknown-parameter", what, nearest(key, [*block.parameters, *block.templates])), None, None
    parameter, conversion = found
    value = node.value
    if isinstance(value, bool) and parameter.name.startswith(("is_", "has_")):
        value = float(value)
    if node.items is not None or node.entries is not None:
        return (
            ("wrong-type", f"is {node.kind}, wanted a number", f"give a number: {parameter.description}"),
            parameter,
            None,
        )
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = float(f"{value * conversion.factor + conversion.offset:.12g}")
    fault = parameter.fault(value)
    return fault, parameter, None if fault is not None else value


def _same_parameter(key: str, kind: Kind) -> str:
    """Return the field that a key means, in whatever unit; the key itself where it means none."""
    try:
        match = matched(kind, key)
    except UnitError:
        return key
    return key if match is None else match[0].name


def _is_word(key: str, text: str, kind: Kind | None) -> bool:
    """Whether a text of a block's file is a word of a parameter, or the path of a function, and no arithmetic."""
    if kind is None:
        return False
    if key == kind.function_key:
        return True
    match = _same_parameter(key, kind)
    return match in kind.field_by_name and text in kind.field(match).choices


def _place(line: int, block: BlockFile, inside: int) -> Place:
    return Place(line, f"{block.file.name}:{inside}")


def _given_in(line: int) -> str:
    inside = getattr(line, "inside", "")
    return f"given in {inside}" if inside else f"given in line {line}"


def _text_of(default: object) -> str:
    return default.text if isinstance(default, Expression) else str(default)


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
