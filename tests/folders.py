"""Folders of results for tests that change what is in them."""

import shutil
from pathlib import Path

from h2plant.results.checksums import HAS_SUMS, SUMS


def open_copy(source: Path, target: Path) -> Path:
    """Copy a folder without its checksums, like results of earlier versions: what is changed in it is read."""
    copy = Path(shutil.copytree(source, target, ignore=shutil.ignore_patterns(SUMS)))
    for file in copy.rglob("summary.json"):
        file.write_text(file.read_text(encoding="utf-8").replace(f' "{HAS_SUMS}": true,\n', "", 1), encoding="utf-8")
    return copy
