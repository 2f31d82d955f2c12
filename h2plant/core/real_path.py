"""Where a path that a user named leads."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def real_path(path: Path) -> Path:
    """Return a path without links, as ``Path.resolve`` does; it need not exist.

    Raises
    ------
    OSError
        Links lead in a circle; it names the path. (``Path.resolve`` raises other errors, by version of Python.)
    """
    try:
        return path.resolve()
    except RuntimeError:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None


__all__ = ["real_path"]
