"""The cache folder: compiled code and measured models, kept for later runs where nobody else can put anything.

Compiled code is executed, so a file is used only if it passes two checks. The folder and the file belong to this user
(or to root), and nobody else can write to them: that keeps others' code out. The file begins with the SHA-256 of its
name and content: that finds damage, and files that took one another's place. What fails a check counts as missing
and is made anew, with the same results.

Without a folder that passes, or that can be written, runs go on without keeping anything, and say so once. There is
no second place to fall back on: a folder of known name among everybody's temporary files is one that others can make
first.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

_OF_OTHERS = stat.S_IWGRP | stat.S_IWOTH
PARTIAL = ".partial"
"""How the name of a file ends that is being written, or was when its process was killed: nobody reads it."""
_DIGEST_BYTES = 32
# not through a link, and without waiting for whoever writes to a pipe of that name
_READ_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

_folders: dict[tuple[str, str], Path | None] = {}
_is_reported = False


class CacheFolderError(Exception):
    """The cache folder cannot be used; the text says why and what to do."""


def cache_root() -> Path:
    """Return where the cache folder is to be: ``$H2PLANT_CACHE_DIR``, or h2plant's among the user's caches.

    Raises
    ------
    CacheFolderError
        The user has no home.
    """
    configured = os.environ.get("H2PLANT_CACHE_DIR")
    if configured:
        return Path(configured)
    caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if caches.is_absolute():  # others are to be ignored (XDG Base Directory Specification)
        return caches / "h2plant"
    try:
        return Path.home() / ".cache" / "h2plant"
    except RuntimeError:
        raise CacheFolderError("there is no home folder") from None


def cache_folder(name: str) -> Path | None:
    """Return a folder of the cache folder, made if missing; None, and once a notice, where none can be trusted.

    Parameters
    ----------
    name
        Which one: what is kept in it.
    """
    folder: Path | None
    key = (name, repr([os.environ.get(v) for v in ("H2PLANT_CACHE_DIR", "XDG_CACHE_HOME", "HOME")]))
    if key not in _folders:
        try:
            folder = _private(_private(_tightened(cache_root())) / name, may_be_link=False)
        except CacheFolderError as reason:
            _report(str(reason))
            folder = None
        _folders[key] = folder
    return _folders[key]


def _tightened(root: Path) -> Path:
    """Return the cache folder; from the usual one, if it is this user's, the group's right to write is taken away.

    Version 0.1.0 made it with the user's mask, which on many systems lets the user's own group write. What others may
    have put there meanwhile does not pass the checks of each file.
    """
    if os.environ.get("H2PLANT_CACHE_DIR"):
        return root
    with contextlib.suppress(OSError):
        status = root.lstat()
        is_own = hasattr(os, "geteuid") and status.st_uid == os.geteuid() and stat.S_ISDIR(status.st_mode)
        if is_own and status.st_mode & _OF_OTHERS == stat.S_IWGRP:
            root.chmod(stat.S_IMODE(status.st_mode) & ~stat.S_IWGRP)
    return root


def _private(folder: Path, may_be_link: bool = True) -> Path:
    """Return a folder, made if missing, that nobody but this user can write to."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.stat() if may_be_link else folder.lstat()
    except OSError as error:
        what = "it is no folder" if isinstance(error, FileExistsError | NotADirectoryError) else error.strerror
        raise CacheFolderError(f"{folder}: {what}") from None
    fault = "" if stat.S_ISDIR(status.st_mode) else "it is no folder but a link"
    fault = fault or _fault(status)
    if fault:
        raise CacheFolderError(f"{folder}: {fault}")
    return folder


def _fault(status: os.stat_result) -> str:
    """Return why what stands there may be someone else's; nothing on Windows, where the profile's rights guard it."""
    if not hasattr(os, "geteuid"):
        return ""
    if status.st_uid not in (os.geteuid(), 0):
        return "it belongs to another user"
    if status.st_mode & _OF_OTHERS:
        return "other users can write to it (`chmod go-w` takes that away)"
    return ""


def _report(reason: str) -> None:
    """Say once, in the process that leads, why nothing is kept."""
    global _is_reported
    multiprocessing = sys.modules.get("multiprocessing")
    if not _is_reported and (multiprocessing is None or multiprocessing.parent_process() is None):
        print(f"compiled code is not kept, so every run compiles anew: {reason}", file=sys.stderr)
        print("  name a folder of your own in H2PLANT_CACHE_DIR; it is made if missing", file=sys.stderr)
    _is_reported = True


def _digest(file: Path, content: bytes) -> bytes:
    return hashlib.sha256(file.name.encode() + b"\0" + content).digest()


def read_kept(file: Path) -> bytes | None:
    """Return the content of a kept file; None if it is missing, damaged, or may be someone else's."""
    try:
        with open(file, "rb", opener=lambda path, flags: os.open(path, flags | _READ_FLAGS)) as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode) or _fault(status):
                return None
            whole = stream.read()
    except OSError:
        return None
    content = whole[_DIGEST_BYTES:]
    return content if whole[:_DIGEST_BYTES] == _digest(file, content) else None


def is_whole(file: Path) -> bool:
    """Tell whether a kept file would be read: it is whole, and nobody else's."""
    return read_kept(file) is not None


def write_kept(file: Path, content: bytes) -> None:
    """Write a file that ``read_kept`` reads; it appears whole or not at all.

    Raises
    ------
    OSError
        It cannot be written.
    """
    handle, partial = tempfile.mkstemp(prefix=f".{file.name}.", suffix=PARTIAL, dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(_digest(file, content) + content)
        os.replace(partial, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(partial)
        raise


def keep(file: Path, content: bytes) -> None:
    """Write like ``write_kept``; where that fails, say so once and go on."""
    try:
        write_kept(file, content)
    except OSError as error:
        _report(f"{file.parent}: {error.strerror or error}")


def can_keep(folder: Path | None) -> bool:
    """Tell whether a folder of the cache folder is there and can be written."""
    return folder is not None and os.access(folder, os.W_OK)


def kept_files(folder: Path | None) -> list[Path]:
    """Return what lies in a folder of the cache folder, whatever it is."""
    try:
        return [] if folder is None else [folder / name for name in os.listdir(folder)]
    except OSError:
        return []


def prune(folder: Path | None, most_bytes: int) -> None:
    """Remove the oldest files of a folder of the cache folder until it is below a size."""
    files = []
    for path in kept_files(folder):
        with contextlib.suppress(OSError):  # another process may prune as well
            status = path.lstat()
            files.append((status.st_mtime, status.st_size, path))
    size = sum(file[1] for file in files)
    for _, n_bytes, path in sorted(files):
        if size <= most_bytes:
            return
        with contextlib.suppress(OSError):
            path.unlink()
        size -= n_bytes


__all__ = [
    "PARTIAL",
    "CacheFolderError",
    "cache_folder",
    "cache_root",
    "can_keep",
    "is_whole",
    "keep",
    "kept_files",
    "prune",
    "read_kept",
    "write_kept",
]
