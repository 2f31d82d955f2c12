"""Files that appear whole or not at all: written beside their place, flushed to the disk, and moved in one step."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

is_flushed = True
"""Whether files are flushed to the disk. Tests set it to False: thousands of files at some milliseconds each."""


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk: they outlast a power cut.

    Raises
    ------
    OSError
        The disk is full or does not answer.
    """
    if not is_flushed:
        return
    is_folder = path.is_dir()
    if is_folder and os.name == "nt":  # folders cannot be opened there
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    except OSError:
        if not is_folder:  # some file systems know no such thing of folders
            raise
    finally:
        os.close(handle)


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a path to write to; when the block ends without an error, that file takes the target's place.

    A reader finds the old file or the new one, never half a file, and what was there stays if writing fails: also
    after a power cut, since the file is on the disk before it takes the name. Folders above the target are made.

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
        flush(partial)
        os.replace(partial, target)
        flush(target.parent)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


__all__ = ["flush", "whole_file"]
