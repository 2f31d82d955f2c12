"""What a sort of inputs is: its seeds, and how one of them is changed and read."""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.fuzz.change import as_json, changed_bytes, changed_text, changed_tree

Read = Callable[[], object]
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class Sort:
    """Inputs of one sort.

    Attributes
    ----------
    name
        What it is called.
    share
        How many of all inputs are of it, beside the others.
    prepare
        Returns what its cases are made of, in a folder of its own; called once in a process.
    case
        Writes a case into an empty folder and returns what reads it.
    """

    name: str
    share: float
    prepare: Callable[[Path], Any]
    case: Callable[[Any, Path, random.Random], Read]


_LINK = re.compile(rb"^(\s*- )(\[.*->.*?)(\s+#.*)?$", re.M)


@functools.cache
def _tree(content: bytes) -> Any:
    return yaml.safe_load(_LINK.sub(rb"\1'\2'", content))  # what stands in a link is no YAML


def changed_yaml(content: bytes, draw: random.Random) -> bytes:
    """Return a YAML file with its values, its text or its bytes changed."""
    what = draw.random()
    if what < 0.55:
        tree = changed_tree(_tree(content), draw)
        if draw.random() < 0.2:
            return as_json(tree)
        try:
            text = yaml.dump(
                tree, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, default_flow_style=draw.random() < 0.3
            )
        except (ValueError, RecursionError):
            return as_json(tree)
        return text.encode("utf-8", "surrogatepass")
    return changed_text(content, draw) if what < 0.9 else changed_bytes(content, draw)


def put(file: Path, content: bytes) -> Path:
    """Write a file, its folders with it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file
