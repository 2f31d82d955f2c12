"""Names of folders, each held by one run at a time: across threads and processes, and let go when its holder dies.

The name is held by a lock of the system on a file ``.NAME.lock`` beside the folder. The system lets go of it with the
process, however that ends, so that what a killed run leaves never blocks another. Where a file system knows no such
locks, the file itself holds the name: what a killed run leaves there keeps its name until somebody deletes the file.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
from pathlib import Path

from h2plant.core.real_path import real_path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_NO_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK)


class Reservation:
    """A folder's name, held until ``release`` or the end of the process; made by ``reserve`` and ``reserve_next``.

    Attributes
    ----------
    folder
        The folder; whoever holds the name makes it.
    descriptor
        The open lock file. A process started with it (``pass_fds``) holds the name as well.
    """

    def __init__(self, folder: Path, file: Path, descriptor: int) -> None:
        self.folder = folder
        self.descriptor = descriptor
        self._file = file
        self._is_held = True

    def release(self) -> None:
        """Let go of the name."""
        if not self._is_held:
            return
        self._is_held = False
        with contextlib.suppress(OSError):  # first, so that nobody locks a file that is about to go
            self._file.unlink()
        os.close(self.descriptor)

    def __enter__(self) -> Path:
        return self.folder

    def __exit__(self, *_: object) -> None:
        self.release()


def lock_file(folder: Path) -> Path:
    """Return the file whose lock holds the name of a folder."""
    target = real_path(folder)
    return target.with_name(f".{target.name}.lock")


def reserve(folder: Path) -> Reservation | None:
    """Return the name of a folder, held; None if somebody else holds it.

    Folders above it are made.

    Raises
    ------
    OSError
        The lock file cannot be written.
    """
    file = lock_file(folder)
    file.parent.mkdir(parents=True, exist_ok=True)
    while True:
        is_new = True
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            is_new = False
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if not _is_locked(descriptor, is_new):
                os.close(descriptor)
                return None
            if _is_same(descriptor, file):
                return Reservation(folder, file, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # its holder deleted it meanwhile: the lock holds nothing


def is_held(folder: Path) -> bool:
    """Whether somebody holds the name of a folder, as far as can be seen without writing anything."""
    try:
        descriptor = os.open(lock_file(folder), os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _is_locked(descriptor, is_new=False)
    except OSError:
        return False
    finally:
        os.close(descriptor)


def reserve_next(root: Path, name: str) -> Reservation:
    """Return ``root/name-n``, held: n is above that of every such folder, name that is held, and unfinished run.

    Raises
    ------
    OSError
        The lock file cannot be written.
    """
    root.mkdir(parents=True, exist_ok=True)
    pattern = re.compile(rf"{re.escape(name)}-(\d+)|\.{re.escape(name)}-(\d+)\.(lock|[a-z0-9_]{{8}}\.partial)")
    matches = (pattern.fullmatch(entry) for entry in os.listdir(root))
    n = 1 + max((int(match[1] or match[2]) for match in matches if match), default=0)
    while True:
        held = reserve(root / f"{name}-{n}")
        if held is not None:
            if not held.folder.exists():
                return held
            held.release()  # another run took the number, and ended, since the names were listed
        n += 1


def _is_locked(descriptor: int, is_new: bool) -> bool:
    """Lock an open file; False if somebody else has."""
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return is_new
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True


def _is_same(descriptor: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(file))
    except FileNotFoundError:
        return False


__all__ = ["Reservation", "is_held", "lock_file", "reserve", "reserve_next"]
