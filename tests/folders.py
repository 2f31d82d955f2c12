"""Folders of results for tests that change what is in them."""

import shutil
from pathlib import Path

from h2plant.results.checksums import SUMS


def open_copy(source: Path, target: Path) -> Path:
    """Copy a folder without its checksums, like results of earlier versions: what is changed in it is read."""
    return Path(shutil.copytree(source, target, ignore=shutil.ignore_patterns(SUMS)))
