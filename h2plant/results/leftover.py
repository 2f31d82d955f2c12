"""What lies hidden beside results: of runs under way or killed, and what the last run of a name replaced.

Beside ``NAME`` there may be ``.NAME.lock`` (held by a run), ``.NAME.xxxxxxxx.partial`` (what a run has written so far),
``.NAME.replaced`` (the results that the last run of this name replaced) and ``.NAME.xxxxxxxx.old``: what is moved
aside for a moment, with ``old`` in it what is about to go, else what is about to become ``.NAME.replaced``.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from h2plant.core.real_path import real_path
from h2plant.core.reservation import is_held
from h2plant.core.whole_file import flush
from h2plant.results.checksums import SUMS

CHECKPOINT = "checkpoint"
"""Folder in what a run has written so far, from which ``h2plant resume`` goes on."""

_PARTIAL, _OLD, _REPLACED = "partial", "old", "replaced"
_SPARED = "spared"
_SUMMARY = "summary.json"
_LEFT = "left"
"""File with the checkpoint of a run that was stopped: the digest of the summary of the results that it left."""
_NAME = re.compile(r"\.(?P<name>.+?)(\.[a-z0-9_]{8}\.(?P<what>partial|old)|\.(?P<replaced>replaced))")


_OWN = re.compile(r"\.(?P<name>.+?)\.(lock|replaced|[a-z0-9_]{8}\.(partial|old))")
"""Names that the program gives to what lies beside results; nobody else may."""


class Leftover(NamedTuple):
    """Something hidden beside results: what it is, the folder that it is of, its size, and what may be done with it."""

    place: Path
    what: str
    folder: Path
    n_bytes: int
    command: str


def new_partial(folder: Path) -> Path:
    """Return a new folder in which a run is written before it gets its name.

    Raises
    ------
    OSError
        It cannot be made.
    """
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=f".{_PARTIAL}", dir=folder.parent))
    os.chmod(partial, 0o755)
    return partial


def partials_of(folder: Path) -> list[Path]:
    """Return what runs of a name wrote and never finished, the newest first; of one under way too."""
    target = real_path(folder)
    found = [place for place, of, what in _hidden(target.parent) if of == target.name and what == _PARTIAL]
    return sorted(found, key=lambda place: place.stat().st_mtime, reverse=True)


def resumable_of(folder: Path) -> Path | None:
    """Return what a run of a name wrote from which it can go on, or that only lacks its name; else None."""
    return next((place for place in partials_of(folder) if has_checkpoint(place) or is_finished(place)), None)


def is_of_run(name: str) -> bool:
    """Whether this is the name of what a run wrote before it got its name, or replaced."""
    return _NAME.fullmatch(name) is not None


def is_own_name(folder: Path) -> bool:
    """Whether a path leads to, or through, a name that the program keeps for what lies beside results."""
    return any(_OWN.fullmatch(part) for part in (*folder.parts, real_path(folder).name))


def has_checkpoint(partial: Path) -> bool:
    """Whether what a run wrote has a checkpoint that was written whole."""
    return (partial / CHECKPOINT / SUMS).is_file()


def lacks_sums(folder: Path) -> bool:
    """Whether a folder is one of checkpoints of which none was written whole, and no run is writing it."""
    of_run = _NAME.fullmatch(folder.parent.name)
    if folder.name != CHECKPOINT or of_run is None or os.path.lexists(folder / SUMS):
        return False
    return not is_held(folder.parent.with_name(of_run["name"]))


def is_finished(partial: Path) -> bool:
    """Whether a run wrote all of its results, and did not come to give them their name."""
    return (partial / SUMS).is_file() and (partial / _SUMMARY).is_file()


def remove_partial(partial: Path) -> None:
    """Remove what a run wrote; one that can go on from a checkpoint keeps that, and of a life the years before it."""
    if not has_checkpoint(partial):
        shutil.rmtree(partial, ignore_errors=True)
        return
    for place in partial.iterdir():
        if place.is_file() or _NAME.fullmatch(place.name):
            shutil.rmtree(place, ignore_errors=True) if place.is_dir() else place.unlink(missing_ok=True)


def leave_checkpoint(partial: Path, folder: Path | None) -> None:
    """Take the checkpoints out of finished results: beside the folder of that name, to go on from; or away.

    Raises
    ------
    OSError
        They cannot be moved.
    """
    checkpoints = partial / CHECKPOINT
    if folder is not None and has_checkpoint(partial):
        (checkpoints / _LEFT).write_text(_mark(partial), encoding="utf-8")
        os.replace(checkpoints, new_partial(folder) / CHECKPOINT)
        flush(folder.parent)
    elif checkpoints.exists():
        shutil.rmtree(checkpoints)


def is_overtaken(partial: Path, folder: Path) -> bool:
    """Whether the results of a name are newer than what a run of it wrote, and not what that run itself left."""
    try:
        newer_s = (folder / _SUMMARY).stat().st_mtime_ns
        left = partial / CHECKPOINT / _LEFT
        if left.is_file() and left.read_text(encoding="utf-8") == _mark(folder):
            return False
        own = partial / _SUMMARY if is_finished(partial) else partial / CHECKPOINT / SUMS
        return newer_s > own.stat().st_mtime_ns
    except FileNotFoundError:
        return False


def _mark(results: Path) -> str:
    return hashlib.sha256((results / _SUMMARY).read_bytes()).hexdigest()


def spare(partial: Path) -> None:
    """Let what a run wrote lie where it is, whatever run takes its name: its user was told of it."""
    with contextlib.suppress(OSError):
        (partial / _SPARED).touch()


def clear_stale(folder: Path) -> None:
    """Remove what killed runs of a name left from which none can go on; the caller holds the name."""
    for place in partials_of(folder):
        if not (has_checkpoint(place) or is_finished(place) or (place / _SPARED).exists()):
            shutil.rmtree(place, ignore_errors=True)


def give_name(partial: Path, folder: Path) -> None:
    """Give results their name, once all of them are on the disk; what had it before is kept beside them.

    Raises
    ------
    OSError
        They cannot be flushed or moved; what was there stays.
    """
    for path in partial.iterdir():
        flush(path)
    flush(partial)
    if folder.exists():
        kept = _replaced(folder)
        with _out_of_the_way(kept):
            os.replace(folder, kept)
            try:
                os.replace(partial, folder)
            except OSError:
                os.replace(kept, folder)
                raise
            flush(folder.parent)
    else:
        os.replace(partial, folder)
        flush(folder.parent)


@contextlib.contextmanager
def _out_of_the_way(place: Path) -> Iterator[None]:
    """Move what lies somewhere aside; it goes when the block has ended, or comes back where it failed."""
    if not place.exists():
        yield
        return
    aside = Path(tempfile.mkdtemp(prefix=place.name.removesuffix(_REPLACED), suffix=f".{_OLD}", dir=place.parent))
    os.replace(place, aside / _OLD)
    try:
        yield
    except BaseException:
        if not place.exists():
            os.replace(aside / _OLD, place)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def has_replaced(folder: Path) -> bool:
    """Whether the results that a folder replaced are still there."""
    return _replaced(folder).is_dir()


def finish_move(folder: Path) -> bool:
    """Bring to its end what ``bring_back`` or ``give_name`` began and a kill cut short; the caller holds the name.

    Returns
    -------
    bool
        Whether a ``bring_back`` was ended: the older results have the name now.

    Raises
    ------
    OSError
        Something cannot be moved.
    """
    target, is_ended = real_path(folder), False
    kept = _replaced(target)
    for place, of, what in _hidden(target.parent):
        if of != target.name or what != _OLD:
            continue
        if _is_newer(place):
            if not target.exists() and kept.exists():
                os.replace(kept, target)
            if not kept.exists():
                os.replace(place, kept if target.exists() else target)
                is_ended = kept.exists()
        else:
            if (place / _OLD).is_dir() and not kept.exists():
                os.replace(place / _OLD, kept)
            with contextlib.suppress(OSError):  # not empty: what is in it stays
                os.rmdir(place)
        flush(target.parent)
    return is_ended


def bring_back(folder: Path) -> None:
    """Let results and those that they replaced change places; the caller holds the name.

    Wherever it is killed, ``finish_move`` does the rest.

    Raises
    ------
    OSError
        They cannot be moved.
    """
    target = real_path(folder)
    kept = _replaced(target)
    if not target.exists():
        os.replace(kept, target)
        flush(target.parent)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=f".{_OLD}", dir=target.parent))
    os.rmdir(aside)
    os.replace(target, aside)
    os.replace(kept, target)
    os.replace(aside, kept)
    flush(target.parent)


def _replaced(folder: Path) -> Path:
    target = real_path(folder)
    return target.with_name(f".{target.name}.{_REPLACED}")


def leftovers(root: Path) -> list[Leftover]:
    """Return what lies hidden beside the results in a folder, but for what a run under way holds."""
    found = []
    for place, name, what in sorted(_hidden(root)):
        folder = root / name
        if is_held(folder):
            continue
        command, text = "", "left by a run that was killed"
        if what == _OLD and _is_newer(place):
            command, text = f"h2plant undo {folder}", "results that an undo had in hand when it was killed"
        elif what == _OLD and _holds_results(place):
            text = "results that were replaced before those that were replaced last"
            if not _replaced(folder).exists():
                command = f"h2plant undo {folder}"
        elif what == _REPLACED:
            command, text = f"h2plant undo {folder}", "results that were replaced"
        elif what == _PARTIAL and is_finished(place):
            command, text = f"h2plant resume {folder}", "a finished run without its name"
        elif what == _PARTIAL and has_checkpoint(place):
            command, text = f"h2plant resume {folder}", "a run that can go on"
        elif _holds_results(place):
            text = "left by a run that was killed, with results in it"
        found.append(Leftover(place, text, folder, _size(place), command))
    return found


def _is_newer(aside: Path) -> bool:
    """Whether something moved aside is results that ``bring_back`` is about to keep, and not what is about to go."""
    return any(entry.name != _OLD for entry in aside.iterdir())


def _holds_results(place: Path) -> bool:
    """Whether whole results lie in a hidden folder, or are it."""
    return any(is_finished(one) for one in (place, *place.iterdir()))


def _hidden(root: Path) -> list[tuple[Path, str, str]]:
    """Return the hidden folders of results in a folder: place, name of the results, what it is."""
    found = []
    for entry in os.scandir(root) if root.is_dir() else ():
        match = _NAME.fullmatch(entry.name)
        if match and entry.is_dir(follow_symlinks=False):
            found.append((Path(entry.path), match["name"], match["what"] or _REPLACED))
    return found


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
