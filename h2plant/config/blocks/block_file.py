"""Files of blocks: what is in one, each thing with its line, and everything wrong with it as findings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from h2plant.config.blocks.connector import TYPES
from h2plant.config.bundled import PACKAGE
from h2plant.config.schema import BlockParameterShape, BlockShape, validate
from h2plant.config.user_file import FileError, read_bytes
from h2plant.config.yaml_source import Entry, Node, parse_yaml, read_yaml
from h2plant.core.expression import Expression, ExpressionError, read_expression
from h2plant.plant.block import BlockParameter
from h2plant.plant.finding import Finding, listing, nearest

BLOCKS = PACKAGE / "blocks"
"""Where the built-in blocks lie."""
BESIDE = ("kind", "block", "for", "label", "description")
"""What stands beside a component's parameters in the file of a block."""
ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LOOP = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s+in\s+(.+?)\s*\.\.\s*(.+?)\s*")


@dataclass(frozen=True)
class Loop:
    """``for: i in first..last``."""

    name: str
    first: Expression
    last: Expression


@dataclass(frozen=True)
class BlockConnector:
    """A place at which a block joins others: the ports of each of its wires, and figures that it says of them."""

    name: str
    line: int
    type: str
    gives: bool
    wires: Mapping[str, tuple[str, ...]]
    figures: Mapping[str, tuple[int, Expression]]
    is_optional: bool


@dataclass(frozen=True)
class Template:
    """A component of a block, or another block within it; ``values``: what is given for it, as written."""

    id: str
    line: int
    kind: Entry | None
    block: Entry | None
    loop: Loop | None
    values: Mapping[str, Entry]
    beside: Mapping[str, Entry]


@dataclass(frozen=True)
class LinkTemplate:
    """A link within a block."""

    text: str
    line: int
    loop: Loop | None


@dataclass(frozen=True)
class BlockFile:
    """A block as its file has it."""

    name: str
    file: Path
    text: str
    description: str = ""
    parameters: Mapping[str, BlockParameter] = field(default_factory=dict)
    connectors: Mapping[str, BlockConnector] = field(default_factory=dict)
    templates: Mapping[str, Template] = field(default_factory=dict)
    links: Sequence[LinkTemplate] = ()
    findings: Sequence[Finding] = ()
    """What is wrong with it; errors all."""

    @cached_property
    def blocks_within(self) -> tuple[str, ...]:
        """Its components that are blocks themselves."""
        return tuple(name for name, template in self.templates.items() if template.block is not None)

    @cached_property
    def unread(self) -> list[BlockParameter]:
        """Its parameters that no default, component, connector or link of it takes."""
        texts = [p.default.text for p in self.parameters.values() if isinstance(p.default, Expression)]
        texts += [str(item.node.data()) for t in self.templates.values() for item in t.values.values()]
        texts += [link.text for link in self.links]
        for connector in self.connectors.values():
            texts += [expression.text for _, expression in connector.figures.values()]
            texts += [text for wires in connector.wires.values() for text in wires]
        looped: list[Template | LinkTemplate] = [*self.templates.values(), *self.links]
        loops = [one.loop for one in looped if one.loop is not None]
        texts += [end.text for loop in loops for end in (loop.first, loop.last)]
        read = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", " ".join(texts)))
        return [p for p in self.parameters.values() if p.name not in read]


@lru_cache(maxsize=4096)
def arithmetic(text: str) -> Expression:
    """Return an expression, each text read once; ``ExpressionError`` if it is none."""
    return read_expression(text)


@lru_cache(maxsize=1)
def built_in_blocks() -> Mapping[str, Path]:
    """Return the files of the built-in blocks by name."""
    return {file.stem: file for file in sorted(BLOCKS.glob("*.yaml"))}


def read_block(file: Path) -> BlockFile:
    """Read the file of a block; it is parsed again only where what is in it has changed."""
    try:
        if file.parent == BLOCKS:
            return _read_built_in(file, file.stat().st_mtime_ns)
        return _read_once(file, read_bytes(file))
    except (OSError, FileError):
        return _read_file(file)


@lru_cache(maxsize=64)
def _read_built_in(file: Path, changed_ns: int) -> BlockFile:
    return _read_file(file)


@lru_cache(maxsize=64)
def _read_once(file: Path, raw: bytes) -> BlockFile:
    return _read_file(file, raw)


def _read_file(file: Path, raw: bytes | None = None) -> BlockFile:
    findings: list[Finding] = []
    node = read_yaml(file, findings, raw)
    findings = [f for f in findings if f.severity == "error"]
    if node is None:
        return BlockFile(file.stem, file, "", findings=findings)
    return _Reader(file, node, node.text, findings).block()


@lru_cache(maxsize=256)
def block_of_text(name: str, text: str) -> BlockFile:
    """Read a block that results keep."""
    file, findings = Path(f"{name}.yaml"), list[Finding]()
    node = parse_yaml(text, file, findings)
    if node is None:
        return BlockFile(name, file, text, findings=findings)
    return _Reader(file, node, text, findings).block()


class _Reader:
    def __init__(self, file: Path, node: Node, text: str, findings: list[Finding]) -> None:
        self.file, self.node, self.text, self.findings = file, node, text, findings

    def find(self, id: str, where: str, what: str, remedy: str, line: int) -> None:
        self.findings.append(Finding(id, where, what, remedy, self.file, line))

    def block(self) -> BlockFile:
        shape = validate(BlockShape, self.node, self.file, self.findings)
        name = shape.block if shape is not None else self.file.stem
        if name != self.file.stem:
            what = f"the block is called '{name}' and its file '{self.file.name}'"
            self.find("bad-block", "block", what, f"call the file '{name}.yaml'", self.node.line_at(("block",)))
        if not ID.fullmatch(name):
            remedy = "start with a letter from a to z, go on with such letters, digits and '_'"
            self.find("bad-block", "block", f"'{name}' cannot be the name of a block", remedy, self.node.line)
        self.parameters = self._parameters()
        connectors, templates = self._connectors(), self._templates()
        for clash in sorted(set(templates) & set(self.parameters)):
            what = f"'{clash}' is a parameter and a component"
            self.find("name-taken", f"components.{clash}", what, "give one another name", templates[clash].line)
        return BlockFile(
            name,
            self.file,
            self.text,
            shape.description.strip() if shape is not None else "",
            self.parameters,
            connectors,
            templates,
            tuple(self._links()),
            tuple(self.findings),
        )

    def _part(self, key: str) -> Mapping[str, Entry]:
        entry = (self.node.entries or {}).get(key)
        return (entry.node.entries or {}) if entry is not None else {}

    def _expression(self, text: object, where: str, line: int) -> Expression | None:
        try:
            return arithmetic(str(text))
        except ExpressionError as error:
            self.find("bad-expression", where, str(error), "write arithmetic over parameters: '1.1 * power_mw'", line)
            return None

    def _parameters(self) -> dict[str, BlockParameter]:
        found: dict[str, BlockParameter] = {}
        connectors = self._part("connectors")
        for entry in self._part("parameters").values():
            where = f"parameters.{entry.key}"
            node = entry.node
            if node.entries is None and node.items is None and node.value is not None:  # its default alone
                node = Node(node.line, entries={"default": Entry("default", node.line, node)})
            shape = validate(BlockParameterShape, node, self.file, self.findings, where)
            if not ID.fullmatch(entry.key) or entry.key in BESIDE:
                remedy = f"start with a letter from a to z; {', '.join(BESIDE)} are taken"
                self.find("bad-id", where, f"'{entry.key}' cannot be the name of a parameter", remedy, entry.line)
                continue
            if shape is None:
                continue
            if shape.min is not None and shape.max is not None and shape.min > shape.max:
                what = f"'min' is {shape.min:g}, above 'max', {shape.max:g}"
                self.find("limits-crossed", where, what, "swap them", entry.line)
                continue
            default: Any = shape.default
            if isinstance(default, bool):
                default = float(default)
            if isinstance(default, str) and not shape.choices:
                default = self._expression(default, where, entry.line)
                if default is None:
                    continue
                for name in sorted(default.names):
                    head = name.partition(".")[0]
                    if name in found or (head in connectors and "." in name):
                        continue
                    later = name in self._part("parameters")
                    what = f"'{name}' comes later in the file" if later else f"there is no parameter '{name}'"
                    remedy = "put what it hangs on above it" if later else nearest(name, found)
                    self.find("unknown-name", where, what, remedy, entry.line)
            parameter = BlockParameter(
                *(entry.key, shape.description, default, shape.min, shape.max, tuple(shape.choices), shape.integer),
                entry.line,
            )
            if default is not None and not isinstance(default, Expression):
                fault = parameter.fault(default)
                if fault is not None:
                    self.find(fault[0], f"{where}.default", fault[1], fault[2], entry.line)
            found[entry.key] = parameter
        return found

    def _connectors(self) -> dict[str, BlockConnector]:
        found: dict[str, BlockConnector] = {}
        for entry in self._part("connectors").values():
            where, given = f"connectors.{entry.key}", entry.node.entries
            sides = [side for side in ("gives", "takes") if side in (given or {})]
            if given is None or len(sides) != 1:
                what = f"is {entry.node.kind}" if given is None else "says not whether it gives or takes"
                remedy = "write '{takes: hydrogen, stream: mixer.inlets}'"
                self.find("bad-connector", where, what, remedy, entry.line)
                continue
            side = given[sides[0]]
            type_ = TYPES.get(str(side.node.value))
            if type_ is None:
                what = f"there is no type of connector '{side.node.value}'"
                self.find("unknown-connector-type", where, what, nearest(str(side.node.value), TYPES), side.line)
                continue
            wires: dict[str, tuple[str, ...]] = {}
            figures: dict[str, tuple[int, Expression]] = {}
            for key, one in given.items():
                if key in (sides[0], "optional", "description"):
                    continue
                if key in type_.figures:
                    expression = self._expression(one.node.value, f"{where}.{key}", one.line)
                    if expression is not None:
                        figures[key] = one.line, expression
                elif key in type_.wires:
                    items = one.node.items if one.node.items is not None else (one.node,)
                    wires[key] = tuple(str(item.value) for item in items)
                    if not items:
                        what = "names no port"
                        self.find("bad-connector", f"{where}.{key}", what, "write 'component.port'", one.line)
                    for text in wires[key]:
                        if not re.fullmatch(r"[A-Za-z]\w*(_\*|\{[^{}]*\})?\.\w+", text):
                            remedy = "write 'component.port'"
                            self.find("bad-connector", f"{where}.{key}", f"'{text}' is no port", remedy, one.line)
                else:
                    known = [*type_.wires, *type_.figures, "optional", "description"]
                    what = f"a connector of the type '{type_.name}' has no '{key}'"
                    self.find("unknown-key", f"{where}.{key}", what, nearest(key, known), one.line)
            if not wires.get(type_.main, ("",)):
                continue  # that has a finding of its own
            if type_.main not in wires:
                what = f"does not say which port its '{type_.main}' is"
                self.find("bad-connector", where, what, f"add '{type_.main}: component.port'", entry.line)
                continue
            optional = given.get("optional")
            is_optional = optional is not None and optional.node.value is True
            found[entry.key] = BlockConnector(
                entry.key, entry.line, type_.name, sides[0] == "gives", wires, figures, is_optional
            )
        return found

    def _loop(self, entry: Entry | None, where: str) -> Loop | None:
        if entry is None:
            return None
        match = _LOOP.fullmatch(str(entry.node.value))
        if match is None:
            what = f"'{entry.node.value}' cannot be read"
            self.find("bad-loop", f"{where}.for", what, "write 'for: i in 1..n_stacks'", entry.line)
            return None
        first, last = (self._expression(text, f"{where}.for", entry.line) for text in match.groups()[1:])
        if match[1] in self.parameters:
            what = f"the loop counts '{match[1]}', and a parameter of the block is called so"
            self.find("name-taken", f"{where}.for", what, "give the loop another letter", entry.line)
            return None
        return None if first is None or last is None else Loop(match[1], first, last)

    def _templates(self) -> dict[str, Template]:
        found: dict[str, Template] = {}
        for entry in self._part("components").values():
            where, given = f"components.{entry.key}", entry.node.entries
            if not ID.fullmatch(entry.key):
                remedy = "start with a letter from a to z, go on with such letters, digits and '_'"
                self.find("bad-id", where, f"'{entry.key}' cannot be the id of a component", remedy, entry.line)
                continue
            named = [key for key in ("kind", "block") if key in (given or {})]
            if given is None or len(named) != 1:
                what = f"is {entry.node.kind}" if given is None else f"has {listing(named) if named else 'no kind'}"
                self.find("missing-key", where, what, "write '{kind: ..., ...}' or '{block: ..., ...}'", entry.line)
                continue
            values = {key: one for key, one in given.items() if key not in BESIDE}
            beside = {key: one for key, one in given.items() if key in ("label", "description")}
            loop = self._loop(given.get("for"), where)
            found[entry.key] = Template(
                entry.key, entry.line, given.get("kind"), given.get("block"), loop, values, beside
            )
        return found

    def _links(self) -> Iterator[LinkTemplate]:
        entry = (self.node.entries or {}).get("links")
        for k, item in enumerate((entry.node.items or ()) if entry is not None else ()):
            where, loop, text = f"links.{k}", None, item.value
            if item.entries is not None and set(item.entries) == {"for", "link"}:
                loop = self._loop(item.entries["for"], where)
                text = item.entries["link"].node.value
            if not isinstance(text, str) or text.count("->") != 1:
                remedy = "write 'component.port -> component.port', or '{for: i in 1..n, link: a_{i}.x -> b_{i}.y}'"
                self.find("bad-link", where, f"is {item.kind}, which cannot be read as a link", remedy, item.line)
                continue
            yield LinkTemplate(text, item.line, loop)
