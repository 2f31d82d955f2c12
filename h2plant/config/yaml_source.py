"""YAML with the line of every key and value, and everything wrong with it as findings.

Scalars are read as YAML 1.2 reads them: ``1e6`` is a number, ``no`` and ``12:30`` and ``2023-01-01`` are text.
Anchors, aliases and merge keys (``<<``) work; a key written beside a merge key wins over a merged one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from h2plant.config import renamed
from h2plant.config.user_file import FileError, read_bytes
from h2plant.plant.finding import Finding

Scalar = str | int | float | bool | None

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE_TAG = "tag:yaml.org,2002:merge"
_MAX_DEPTH = 60
_MAX_SIZE = 1_000_000
_LONGEST_KEPT = 100_000
"""Longest text that is kept with what it was parsed to, characters."""
_LONGEST_INT = 300
"""Digits of a whole number that still is a number to those who calculate with it."""
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = {".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}
_BARE_LINK = re.compile(r"""^(\s*-\s+)(\[[^\]"']*\]\s*->[^#"']*?)(\s*(?:\s#.*)?)$""")


@dataclass(frozen=True)
class Entry:
    """A key of a mapping with its value; ``is_merged`` if it came through a merge key."""

    key: str
    line: int
    node: Node
    is_merged: bool = False


@dataclass(frozen=True)
class Node:
    """A value with its line: a scalar, ``items`` of a list, or ``entries`` of a mapping."""

    line: int
    value: Scalar = None
    items: tuple[Node, ...] | None = None
    entries: dict[str, Entry] | None = field(default=None, hash=False)
    text: str = field(default="", compare=False, repr=False)
    """The whole file as it was read, on its topmost node."""

    @property
    def kind(self) -> str:
        """What it is, in words for findings."""
        if self.entries is not None:
            return "a mapping"
        if self.items is not None:
            return "a list"
        if self.value is None:
            return "nothing"
        if isinstance(self.value, bool):
            return "true or false"
        return f"the text '{self.value}'" if isinstance(self.value, str) else f"the number {self.value}"

    @property
    def bare_kind(self) -> str:
        """What it is, in words that show nothing of what it holds."""
        return "a text" if isinstance(self.value, str) else self.kind

    def data(self) -> Any:
        """Return the value as plain dictionaries, lists and scalars."""
        if self.entries is not None:
            return {key: entry.node.data() for key, entry in self.entries.items()}
        if self.items is not None:
            return [item.data() for item in self.items]
        return self.value

    def line_at(self, path: tuple[str | int, ...]) -> int:
        """Return the line of what stands at a path of keys and indices, or of the nearest thing above it."""
        node, line = self, self.line
        for step in path:
            if node.entries is not None and isinstance(step, str) and step in node.entries:
                line, node = node.entries[step].line, node.entries[step].node
            elif node.items is not None and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
                line = node.line
            else:
                break
        return line

    @cached_property
    def lines(self) -> Mapping[str, int]:
        """The line of every key below, by dotted path."""
        return self._lines("")

    def _lines(self, prefix: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for key, entry in (self.entries or {}).items():
            found[prefix + key] = entry.line
            found.update(entry.node._lines(f"{prefix}{key}."))
        return found


def read_yaml(file: Path, findings: list[Finding], raw: bytes | None = None) -> Node | None:
    """Read a YAML file; a text that was parsed before, in a file of the same path, is not parsed again.

    Parameters
    ----------
    file
        The file; UTF-8.
    findings
        What is wrong is appended here.
    raw
        What is in the file, where it was read already.

    Returns
    -------
    Node or None
        The document, which is not to be changed; None where nothing could be read.
    """
    try:
        raw = read_bytes(file) if raw is None else raw
    except FileError as error:
        findings.append(Finding(error.id, "", error.what, error.remedy, file))
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        findings.append(Finding("wrong-encoding", "", what, "save the file with the encoding UTF-8", file, line))
        return None
    changes = name_changes(text, file)
    findings.extend(renamed.notes(changes, file))
    if changes or len(text) > _LONGEST_KEPT:
        node = parse_yaml(renamed.edited(text, changes), file, findings)
        return None if node is None else replace(node, text=text)
    node, found = _parsed(text, file)
    findings.extend(found)
    return node


@lru_cache(maxsize=64)
def _parsed(text: str, file: Path) -> tuple[Node | None, tuple[Finding, ...]]:
    findings: list[Finding] = []
    node = parse_yaml(text, file, findings)
    return None if node is None else replace(node, text=text), tuple(findings)


def name_changes(text: str, file: Path) -> list[renamed.Edit]:
    """Return what of a file's text is to be changed so that it has today's names; nothing of what is no YAML."""
    if not renamed.may_hold(text, renamed.RENAMED):
        return []
    root = composed(text)
    return [] if root is None else renamed.edits(text, root, file, renamed.RENAMED)


def composed(text: str) -> yaml.Node | None:
    """Return the nodes of a text with their places; None where it is no YAML, of which parsing says what is wrong."""
    try:
        quoted = _quote_bare_links(text)
        _refuse_depth(quoted)
        return yaml.compose(quoted, Loader=_LOADER)
    except (yaml.YAMLError, RecursionError, FileError):
        return None


def parse_yaml(text: str, file: Path, findings: list[Finding]) -> Node | None:
    """Parse the text of a YAML file; like ``read_yaml``."""
    text = _quote_bare_links(text)
    try:
        _refuse_depth(text)
        root = yaml.compose(text, Loader=_LOADER)
        if root is None:
            remedy = "write at least 'h2plant: 1', a name and components"
            findings.append(Finding("empty-file", "", "there is nothing in the file", remedy, file, 1))
            return None
        return _Constructor(file, findings).node(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        n_lines = text.count("\n", 0, len(text.rstrip())) + 1
        findings.append(_syntax_finding(error, text, file, min(mark.line + 1, n_lines) if mark else 0))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = f"character U+{error.character:04X} is not allowed in YAML"
        findings.append(Finding("yaml-syntax", "", what, "remove the control character", file, line))
    except yaml.YAMLError as error:  # the C parser gives its reader errors without class or mark
        what = f"not YAML: {' '.join(str(error).split())}"
        findings.append(Finding("yaml-syntax", "", what, "remove the characters that YAML does not allow", file, 0))
    except FileError as error:
        findings.append(Finding(error.id, "", error.what, error.remedy, file))
    except RecursionError:
        findings.append(
            Finding("yaml-syntax", "", "nested too deeply or aliases without end", "write flat mappings", file, 0)
        )
    return None


def _refuse_depth(text: str) -> None:
    # composing recurses, and in the C parser a million brackets would end the process; a node takes 1 kB
    depth = 0
    for n, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        if n > _MAX_SIZE:
            remedy = "keep long series in files of their own: 'file: prices.csv'"
            raise FileError("too-large", f"has more than {_MAX_SIZE:,} values", remedy)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise RecursionError


def _syntax_finding(error: yaml.MarkedYAMLError, text: str, file: Path, line: int) -> Finding:
    lines = text.splitlines()
    what = " ".join(part for part in (error.context, error.problem) if part)
    tabbed = next((n for n in (line, line - 1) if 0 < n <= len(lines) and "\t" in lines[n - 1]), 0)
    if tabbed:
        return Finding(
            "yaml-tab", "", "a tab where YAML wants spaces", "indent with spaces, never with tabs", file, tabbed
        )
    if "undefined alias" in what:
        remedy = "define the anchor ('&name') above the place that uses it ('*name')"
    elif "expected a single document" in what:
        remedy = "keep one plant or scenario per file, without a second '---'"
    else:
        remedy = "check indentation, colons, quotes and brackets in this line and the one above"
    return Finding("yaml-syntax", "", f"not YAML: {what}", remedy, file, line)


def _quote_bare_links(text: str) -> str:
    """Quote list items such as ``- [a.heat, b.heat] -> cooling.heat``, which YAML would take for a broken list.

    Only below the top-level key ``links``; lines keep their numbers.
    """
    lines = text.split("\n")
    is_in_links = False
    for i, line in enumerate(lines):
        if line[:1].strip() and line[0] not in "#-":
            is_in_links = line.startswith("links:")
        elif is_in_links and "->" in line:
            lines[i] = _BARE_LINK.sub(r"\1'\2'\3", line.rstrip("\r"))
    return "\n".join(lines)


class _Constructor:
    """Turns PyYAML's nodes into ours; each anchored node once, however often it is used."""

    def __init__(self, file: Path, findings: list[Finding]) -> None:
        self._file = file
        self._findings = findings
        self._done: dict[int, Node] = {}
        self._open: set[int] = set()
        self._size: dict[int, int] = {}  # with everything that aliases repeat

    def _find(self, id: str, what: str, remedy: str, line: int) -> None:
        self._findings.append(Finding(id, "", what, remedy, self._file, line))

    def node(self, raw: yaml.Node) -> Node:
        line = raw.start_mark.line + 1
        if id(raw) in self._done:
            return self._done[id(raw)]
        if id(raw) in self._open:
            self._find("yaml-alias", "an alias points at a node that contains it", "remove the circle", line)
            return Node(line)
        self._open.add(id(raw))
        if raw.tag.partition(":")[0] != "tag" or "python/" in raw.tag:
            self._find("yaml-tag", f"the tag '{raw.tag}' means nothing here", "remove the tag", line)
        if isinstance(raw, yaml.MappingNode):
            node = Node(line, entries=self._mapping(raw))
        elif isinstance(raw, yaml.SequenceNode):
            node = Node(line, items=tuple(self.node(item) for item in raw.value))
        else:
            node = Node(line, value=_scalar(raw))
        self._open.discard(id(raw))
        self._done[id(raw)] = node
        below = node.items if node.items is not None else [entry.node for entry in (node.entries or {}).values()]
        self._size[id(node)] = 1 + sum(self._size.get(id(child), 1) for child in below)
        if self._size[id(node)] > _MAX_SIZE:
            raise RecursionError
        return node

    def _mapping(self, raw: yaml.MappingNode) -> dict[str, Entry]:
        own: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        for key_node, value_node in raw.value:
            line = key_node.start_mark.line + 1
            if key_node.tag == _MERGE_TAG:
                self._merge(merged, value_node, line)
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self._find("yaml-key", "a key must be a single word", "write 'key: value'", line)
                continue
            key = str(key_node.value)
            if key in own:
                what = f"the key '{key}' stands twice in one mapping, first in line {own[key].line}"
                self._find("duplicate-key", what, "remove one of them", line)
                continue
            own[key] = Entry(key, line, self.node(value_node))
        return {**{key: entry for key, entry in merged.items() if key not in own}, **own}

    def _merge(self, merged: dict[str, Entry], value_node: yaml.Node, line: int) -> None:
        node = self.node(value_node)
        for source in node.items if node.items is not None else (node,):
            if source.entries is None:
                remedy = "merge a mapping: '<<: *anchor' or '<<: [*one, *two]'"
                self._find("yaml-merge", f"{source.kind} cannot be merged", remedy, line)
                continue
            for key, entry in source.entries.items():
                merged.setdefault(key, Entry(key, entry.line, entry.node, is_merged=True))


def _scalar(raw: yaml.Node) -> Scalar:
    is_quoted = isinstance(raw, yaml.ScalarNode) and raw.style in ("'", '"', "|", ">")
    return str(raw.value) if is_quoted else plain_scalar(str(raw.value))


def plain_scalar(text: str) -> Scalar:
    """Return what an unquoted text means: a number, true or false, nothing, or the text."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    lower = text.lower()
    if lower in ("true", "false"):
        return lower == "true"
    if _INT.fullmatch(text):
        return int(text) if len(text) <= _LONGEST_INT else float(text)  # which may be infinite, and is found so
    if _FLOAT.fullmatch(text):
        return float(text)
    return _SPECIAL.get(lower, text)
