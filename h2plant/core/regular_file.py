"""Opens files that a user names: regular files alone, and no more of them than a bound.

A device, a FIFO or a socket is refused before it is opened: reading one may wait for ever or never end.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from h2plant.core.error import UserError

BOUND_VARIABLE = "H2PLANT_MAX_FILE_MB"
"""Environment variable that takes the place of every bound on the size of a file, in MB of 1e6 bytes."""

LARGEST_TEXT_BYTES = 32_000_000
"""Bound on text that people write: plants, scenarios, studies, rules; a year of minutes under ``values:`` has 8 MB."""

LARGEST_TABLE_BYTES = 256_000_000
"""Bound on a table, unpacked: 18 years of minutes with a time and a number a row (27 bytes)."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO (named pipe)"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_NONBLOCK", 0)  # where a FIFO takes the file's place in between, opening does not wait
)


class FileError(UserError):
    """A user's file that is not read: ``id`` of the finding, what is wrong and how to mend it."""

    def __init__(self, id: str, what: str, remedy: str) -> None:
        self.id, self.what, self.remedy = id, what, remedy
        super().__init__(f"{what}; {remedy}")


def bound_bytes(default_bytes: int) -> int:
    """Return the bound on a size: that of ``H2PLANT_MAX_FILE_MB`` where it is set.

    Raises
    ------
    FileError
        The variable is no number above zero.
    """
    text = os.environ.get(BOUND_VARIABLE, "").strip()
    if not text:
        return default_bytes
    try:
        bound = float(text) * 1e6
        if 0.0 < bound < 1e18:
            return int(bound)
    except ValueError:
        pass
    remedy = f"set it to a number of MB above zero, such as {BOUND_VARIABLE}=1000, or unset it"
    raise FileError("bad-environment", f"the environment variable {BOUND_VARIABLE} is '{text}'", remedy)


def size_text(n_bytes: float) -> str:
    """Return a size for people, such as '1.5 MB'."""
    factor, unit = next(
        (pair for pair in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")) if n_bytes >= pair[0]), (1.0, "bytes")
    )
    return f"{n_bytes / factor:.3g} {unit}" if factor > 1.0 else f"{n_bytes:.0f} bytes"


def too_large(size: str, limit_bytes: float, what_else: str = "shorten it, or split it") -> FileError:
    """Return the error of a file beyond its bound; ``size`` says how large it is, such as 'is 3 GB large'."""
    remedy = f"{what_else}; if it is meant so and memory suffices, raise the bound: {BOUND_VARIABLE}=<MB>"
    return FileError("too-large", f"{size}, the bound is {size_text(limit_bytes)}", remedy)


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading; links are followed.

    Raises
    ------
    FileError
        There is no such file, it is not a regular file, or it may not be read.
    """
    try:
        _refuse_irregular(os.stat(path))
        handle = os.open(path, _FLAGS)
    except FileNotFoundError:
        what = "there is no such file"
        remedy = "check the path; within a file it counts from that file"
        if path.is_symlink():
            what, remedy = f"is a link to '{os.readlink(path)}', which is not there", "mend the link, or name the file"
        raise FileError("no-such-file", what, remedy) from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or str(error)
        if getattr(error, "errno", None) == errno.ELOOP:
            raise FileError("no-such-file", "is a link that leads back to itself", "name the file itself") from None
        raise FileError("no-such-file", f"cannot be read: {reason}", "check the path and its permissions") from None
    stream = os.fdopen(handle, "rb")
    try:
        _refuse_irregular(os.fstat(handle))
    except FileError:
        stream.close()
        raise
    return stream


def _refuse_irregular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "no regular file")
        raise FileError("not-a-file", f"is {kind}, wanted a file", "name a regular file, or a link to one")


def read_regular(path: Path, largest_bytes: int = LARGEST_TEXT_BYTES) -> bytes:
    """Return what is in a file.

    Parameters
    ----------
    path
        The file; links are followed.
    largest_bytes
        Bound on its size, bytes; ``H2PLANT_MAX_FILE_MB`` takes its place where it is set.

    Raises
    ------
    FileError
        There is no such file, it is not a regular file, may not be read, or is larger than the bound.
    """
    bound = bound_bytes(largest_bytes)
    with open_regular(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > bound:
            raise too_large(f"is {size_text(size)} large", bound)
        try:
            raw = stream.read(bound + 1)  # it may grow, and those of /proc say that they are empty
        except OSError as error:
            what = f"cannot be read: {error.strerror or error}"
            raise FileError("unreadable-file", what, "check that the file is whole and its disk at hand") from None
    if len(raw) > bound:
        raise too_large("has no end", bound)
    return raw
