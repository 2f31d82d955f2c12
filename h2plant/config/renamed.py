"""Names that plant, scenario and study files had before: read for one release with a note, rewritten by ``migrate``.

``RENAMED`` is the one list of them. Reading and rewriting edit the same places of the text (``edits``), so that what
is read under an old name is what `h2plant migrate` writes under the new one. Comments and layout stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml

from h2plant.plant.finding import Finding

_MERGE_TAG = "tag:yaml.org,2002:merge"
_REF = re.compile(r"(?P<id>[A-Za-z0-9_*?\[\]!-]+)\.(?P<name>[A-Za-z][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class Renamed:
    """A name that was given up.

    Attributes
    ----------
    what
        What carries it: the key at the top of a file, a kind, a parameter, a port (or column) of a kind, a key figure.
    old, new
        Of a parameter the name up to its unit: ``rated_power`` stands for ``rated_power_mw`` and ``rated_power_kw``.
    since
        The release that knows the new name.
    of
        Kind of the parameter or port, as it is called now; of a key ``plant``, ``scenario`` or ``study``.
    """

    what: Literal["key", "kind", "parameter", "port", "figure"]
    old: str
    new: str
    since: str
    of: str = ""


RENAMED: tuple[Renamed, ...] = ()
"""Every name given up since 0.1.0; what is older than one release goes (docs/release.md). None so far."""


class Edit(NamedTuple):
    """A span of a line (columns from 0) that is to read ``new``; without a span it must be done by hand."""

    line: int
    start: int
    end: int
    entry: Renamed
    new: str


def edits(text: str, root: yaml.Node, file: Path | None, renamed: Sequence[Renamed]) -> list[Edit]:
    """Return what is to be changed in a text so that it has today's names, in order.

    Parameters
    ----------
    text
        The file.
    root
        The same, composed; lines and columns are those of ``text`` but in lists of links, which are read from it.
    file
        Where it stands: the plant of a scenario or study is found from there.
    renamed
        The names given up.
    """
    found = _Finder(text.split("\n"), file, renamed)
    found.document(root)
    return sorted(set(found.edits), key=lambda edit: edit[:3])


def edited(text: str, changes: Sequence[Edit]) -> str:
    """Return the text with the edits made that have a span."""
    lines = text.split("\n")
    for line, start, end, _, new in sorted(changes, key=lambda edit: edit[:3], reverse=True):
        if end > start:
            lines[line] = lines[line][:start] + new + lines[line][end:]
    return "\n".join(lines)


def notes(changes: Sequence[Edit], file: Path) -> Iterator[Finding]:
    """Yield a note for each edit, with its line."""
    for line, start, end, entry, new in changes:
        what = f"'{entry.old}' is called '{entry.new}' since {entry.since}"
        by_hand = f"write '{new}': this place is read by components of other kinds too, or spelled with escapes"
        remedy = f"'h2plant migrate {file}' rewrites it" if end > start else by_hand
        severity: Literal["error", "note"] = "note" if end > start else "error"
        yield Finding("renamed", entry.what, what, remedy, file, line + 1, severity)


def may_hold(text: str, renamed: Sequence[Renamed]) -> bool:
    """Tell whether one of the old names occurs at all."""
    return any(entry.old in text for entry in renamed)


class _Finder:
    """Walks a composed document and gathers edits."""

    def __init__(self, lines: list[str], file: Path | None, renamed: Sequence[Renamed]) -> None:
        self.lines, self.file, self.renamed = lines, file, renamed
        self.edits: list[Edit] = []

    def of(self, what: str, *, of: str = "") -> dict[str, Renamed]:
        return {entry.old: entry for entry in self.renamed if entry.what == what and entry.of == of}

    def put(self, node: yaml.Node, entry: Renamed, old: str, new: str, at: int = 0) -> None:
        """Replace ``old`` in a scalar, ``at`` characters from its start; by hand where it is not spelled so."""
        line, start = node.start_mark.line, node.start_mark.column + at
        start += getattr(node, "style", None) in ("'", '"')
        is_there = line < len(self.lines) and self.lines[line][start : start + len(old)] == old
        self.edits.append(Edit(line, start, start + len(old) if is_there else start, entry, new))

    def document(self, root: yaml.Node) -> None:
        top = dict(_pairs(root))
        top_kind = "plant" if "components" in top else "study" if "study" in top else "scenario"
        for key, entry in self.of("key", of=top_kind).items():
            if key in top:
                self.put(top[key][0], entry, key, entry.new)
                top.setdefault(entry.new, top[key])
        part = {key: value for key, (_, value) in top.items()}
        if top_kind == "plant":
            kinds = self.components(part.get("components"))
            self.links(part.get("links"), kinds)
            return
        kinds = _kinds_of_plant(part, self.file) if self.file is not None else {}
        kinds = {id_: self.of("kind")[kind].new if kind in self.of("kind") else kind for id_, kind in kinds.items()}
        for key, (key_node, value) in _pairs(part.get("set")):
            self.reference(key_node, key, kinds)
            if key.endswith(".kind"):
                self.kind(value)
        for path in _scalars(part.get("parameters")):
            self.reference(path, path.value, kinds)
        figures = self.of("figure")
        for output in _scalars(part.get("outputs")):
            if output.value in figures:
                self.put(output, figures[output.value], output.value, figures[output.value].new)
            self.reference(output, output.value, kinds)

    def kind(self, node: yaml.Node) -> str:
        """Rename a kind; returns its name today."""
        name = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
        entry = self.of("kind").get(name)
        if entry is None:
            return name
        self.put(node, entry, name, entry.new)
        return entry.new

    def components(self, part: yaml.Node | None) -> dict[str, str]:
        """Rename kinds and parameters; returns the kind of each component, as it is called today."""
        kinds = {}
        users: dict[int, tuple[yaml.Node, set[str]]] = {}  # mappings, those that are merged among them, and their kinds
        for id_, (_, node) in _pairs(part):
            below = list(_merged(node))
            named = next((value for m in below for key, (_, value) in _pairs(m, merge=False) if key == "kind"), None)
            if named is None:
                continue
            kinds[id_] = self.kind(named)
            for mapping in below:
                users.setdefault(id(mapping), (mapping, set()))[1].add(kinds[id_])
        for mapping, used_by in users.values():
            for key, (key_node, _) in _pairs(mapping, merge=False):
                self.parameter(key_node, key, 0, used_by, "parameter")
        return kinds

    def parameter(self, node: yaml.Node, name: str, at: int, kinds: set[str], *whats: str) -> None:
        """Rename a name that a parameter or port of some kinds has; by hand where only some of them gave it up."""
        hits = {kind: hit for kind in kinds for what in whats if (hit := self._hit(what, kind, name))}
        if not hits:
            return
        entry, new = next(iter(hits.values()))
        if len(hits) == len(kinds) and {found[1] for found in hits.values()} == {new}:
            self.put(node, entry, name, new, at)
        else:
            self.edits.append(Edit(node.start_mark.line, 0, 0, entry, new))

    def _hit(self, what: str, kind: str, name: str) -> tuple[Renamed, str] | None:
        for old, entry in self.of(what, of=kind).items():
            if name == old or (what == "parameter" and name.startswith(f"{old}_") and _is_unit(name[len(old) + 1 :])):
                return entry, entry.new + name[len(old) :]
        return None

    def reference(self, node: yaml.Node, text: str, kinds: dict[str, str]) -> None:
        """Rename in ``id.name`` or ``id.name.scale``; the id may be a pattern."""
        match = _REF.match(text)
        if match is not None:
            meant = {kind for id_, kind in kinds.items() if fnmatchcase(id_, match["id"])}
            self.parameter(node, match["name"], match.start("name"), meant, "parameter", "port")

    def links(self, part: yaml.Node | None, kinds: dict[str, str]) -> None:
        """Rename ports in the lines of links: ``[a.b, c.d] -> e.f`` is no YAML until it is quoted."""
        for item in _scalars(part):
            for number in range(item.start_mark.line, item.end_mark.line + 1):
                code = re.split(r"\s#", self.lines[number])[0] if number < len(self.lines) else ""
                for match in _REF.finditer(code):
                    for old, entry in self.of("port", of=kinds.get(match["id"], "")).items():
                        if match["name"] == old:
                            self.edits.append(Edit(number, match.start("name"), match.end("name"), entry, entry.new))


def _is_unit(text: str) -> bool:
    from h2plant.core.units import parse_unit

    return parse_unit(text) is not None


def _pairs(node: Any, merge: bool = True) -> Iterator[tuple[str, tuple[yaml.Node, yaml.Node]]]:
    """Yield key, and nodes of key and value, of a mapping; what is written before what is merged."""
    mappings = list(_merged(node)) if merge else [node]
    seen: set[str] = set()
    for mapping in mappings:
        for key, value in mapping.value if isinstance(mapping, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE_TAG and key.value not in seen:
                seen.add(key.value)
                yield key.value, (key, value)


def _merged(node: Any, seen: tuple[int, ...] = ()) -> Iterator[yaml.Node]:
    """Yield a mapping and those that it merges, nearest first."""
    if not isinstance(node, yaml.MappingNode) or id(node) in seen:
        return
    yield node
    for key, value in node.value:
        if key.tag == _MERGE_TAG:
            for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                yield from _merged(source, (*seen, id(node)))


def _scalars(node: Any, seen: tuple[int, ...] = ()) -> Iterator[yaml.ScalarNode]:
    """Yield all values below a node."""
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.CollectionNode) and id(node) not in seen:
        for item in node.value:
            yield from _scalars(item[1] if isinstance(item, tuple) else item, (*seen, id(node)))


def _kinds_of_plant(part: dict[str, yaml.Node], file: Path, depth: int = 2) -> dict[str, str]:
    """Return the kind, as written, of each component of the plant that a scenario or study names, if it can be read."""
    from h2plant.config.bundled import plant_file, scenario_file
    from h2plant.config.user_file import FileError, read_bytes
    from h2plant.config.yaml_source import composed

    named = part.get("plant" if "plant" in part else "scenario")
    if not isinstance(named, yaml.ScalarNode) or depth == 0:
        return {}
    path = file.parent / named.value
    found = plant_file(named.value, file.parent, []) if "plant" in part else scenario_file(named.value, [])
    target = path if path.is_file() else found
    try:
        root = composed(read_bytes(target).decode("utf-8-sig")) if target else None
    except (FileError, UnicodeDecodeError):
        return {}
    below = {key: value for key, (_, value) in _pairs(root)}
    if "components" not in below:
        return _kinds_of_plant(below, Path(target), depth - 1) if target else {}
    components = _pairs(below["components"])
    kinds = {id_: next((v for key, (_, v) in _pairs(node) if key == "kind"), None) for id_, (_, node) in components}
    return {id_: str(kind.value) for id_, kind in kinds.items() if kind is not None}
