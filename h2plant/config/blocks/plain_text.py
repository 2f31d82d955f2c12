"""The plain plant that a plant file with blocks stands for, as text: every size with its reason as a comment."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from h2plant.config.blocks.expansion import Expansion
from h2plant.config.yaml_source import Entry, Node, Scalar, parse_yaml, plain_scalar
from h2plant.core.number import is_finite
from h2plant.plant.block import BlockUse
from h2plant.plant.finding import Finding
from h2plant.plant.graph import Link, Plant

_LEFT_OUT = ("components", "links", "blocks")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_. /-")


def plain_text(plant: Plant, expansion: Expansion) -> str:
    """Return the file of a plant without blocks.

    What stands in the file besides components, links and blocks stays as it is written, comments included. Read back
    beside the file, it gives the same plant.

    Parameters
    ----------
    plant
        A plant without findings.
    expansion
        What its file expanded to.
    """
    body = "\n".join([*_components(expansion), "", *_links(expansion.links), ""])
    text = f"{_head(plant)}\n\n{_kept(plant)}\n{body}"
    findings: list[Finding] = []
    if parse_yaml(text, Path("plant.yaml"), findings) is None or findings:  # what is kept may lean on what is not
        text = f"{_head(plant)}\n\n{_dumped(plant)}\n{body}"
    return text


def _head(plant: Plant) -> str:
    return f"# The plant of '{plant.file.name}' without blocks. Paths in it start from the folder of that file."


def _kept(plant: Plant) -> str:
    """Return the file's text without what is written anew."""
    lines = plant.text.split("\n")
    starts = sorted((line, key) for key, line in plant.lines.items() if "." not in key)
    if len({line for line, _ in starts}) < len(starts):  # keys that share a line
        return _dumped(plant)
    kept = lines[: starts[0][0] - 1]
    ends = [*(line for line, _ in starts[1:]), len(lines) + 1]
    for (line, key), end in zip(starts, ends, strict=True):
        part = lines[line - 1 : end - 1]
        if key in _LEFT_OUT:
            n = len(part)
            while n and (not part[n - 1].strip() or part[n - 1].startswith("#")):
                n -= 1
            part = part[n:]  # comments above the next key
        kept += part
    return "\n".join(kept).strip("\n")


def _dumped(plant: Plant) -> str:
    node = parse_yaml(plant.text, plant.file, [])
    data = {} if node is None or node.entries is None else node.data()
    kept = {key: value for key, value in data.items() if key not in _LEFT_OUT}
    return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True).strip("\n")


def _components(expansion: Expansion) -> Iterator[str]:
    yield "components:"
    uses = {path.replace(".", "_"): path for path in expansion.uses}
    entries = (expansion.components.entries or {}) if expansion.components is not None else {}
    told: set[str] = set()
    for id_, entry in entries.items():
        for owner in [owner for owner in uses if id_.startswith(f"{owner}_") and owner not in told]:
            told.add(owner)
            yield from _block_head(uses[owner], expansion.uses[uses[owner]], expansion.parameter_reasons[uses[owner]])
        yield from _component(id_, entry, expansion)


def _block_head(path: str, use: BlockUse, reasons: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield f"  # --- {path}: block {use.block}"
    for name, value in use.values.items():
        yield f"  #   {name} = {_scalar(value)}: {reasons[name]}"


def _component(id_: str, entry: Entry, expansion: Expansion) -> Iterator[str]:
    place = getattr(entry.line, "inside", "")
    reasons = expansion.reasons.get(id_, {})
    yield f"  {id_}:" + (f"  # {place}" if place else "")
    for item in (entry.node.entries or {}).values():
        why = f"  # {reasons[item.key]}" if item.key in reasons else ""
        if place and not why and item.key not in ("kind", "label") and not hasattr(item.line, "inside"):
            why = f"  # given in line {item.line}"
        yield f"    {item.key}: {_flow(item.node)}{why}"


def _links(links: list[Link]) -> Iterator[str]:
    yield "links:"
    before = None
    for link in links:
        inside = getattr(link.line, "inside", "")
        origin = f"{inside.rpartition(':')[0]}, for line {int(link.line)}" if inside else f"line {int(link.line)}"
        if origin != before:
            yield f"  # {origin}"
        before = origin
        yield f"  - {link}"


def _flow(node: Node) -> str:
    if node.entries is not None:
        return "{" + ", ".join(f"{json.dumps(key)}: {_flow(item.node)}" for key, item in node.entries.items()) + "}"
    if node.items is not None:
        return "[" + ", ".join(map(_flow, node.items)) + "]"
    return _scalar(node.value)


def _scalar(value: Scalar) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if not is_finite(value):
            return ".nan" if isinstance(value, float) and math.isnan(value) else ".inf" if value > 0 else "-.inf"
        return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else repr(value)
    is_plain = value and set(value) <= _PLAIN and value == value.strip() and value[0].isalpha()
    return value if is_plain and plain_scalar(value) == value else json.dumps(value)
