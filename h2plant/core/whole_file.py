"""Files that appear whole or not at all: written beside their place, and moved there in one step."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a path to write to; when the block ends without an error, that file takes the target's place.

    A reader finds the old file or the new one, never half a file, and what was there stays if writing fails.
    Folders above the target are made.

    Raises
    ------
    OSError
        It cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent)
    partial = Path(name)
    try:
        os.close(handle)
        yield partial
        os.chmod(partial, 0o644)
        os.replace(partial, target)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


__all__ = ["whole_file"]
