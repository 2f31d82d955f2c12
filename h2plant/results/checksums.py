"""Checksums of what a run or a study wrote: whether a file is still what it was, before its numbers are used.

They lie in ``SHA256SUMS`` in the folder itself, as ``sha256sum`` has them, so ``sha256sum -c SHA256SUMS`` checks them
too. A flipped bit in a compressed column mostly reads back as another number: nothing in the file would show it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from h2plant.core.regular_file import LARGEST_TABLE_BYTES, FileError, open_regular, read_regular
from h2plant.core.whole_file import whole_file

SUMS = "SHA256SUMS"
HAS_SUMS = "has_checksums"
"""Key of what a run or a study writes of itself: that checksums were written beside it."""
_LINE = re.compile(r"([0-9a-f]{64})  ([^/\x00]+)")
_MOST_BYTES = 1_000_000


class Damage(NamedTuple):
    """A file that is not what was written, and why."""

    file: Path
    what: str


def sum_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_sums(folder: Path, names: Iterable[str]) -> None:
    """Write the checksums of files of a folder, in place of those that were there.

    Raises
    ------
    OSError
        A file cannot be read, or the checksums cannot be written.
    """
    write_known_sums(folder, {name: sum_of(folder / name) for name in names})


def add_sum(folder: Path, name: str) -> None:
    """Add the checksum of a file that was written into a folder; nothing where the folder has none.

    Raises
    ------
    OSError
        It cannot be read or written.
    """
    sums = read_sums(folder)
    if isinstance(sums, dict):
        write_known_sums(folder, {**sums, name: sum_of(folder / name)})


def write_known_sums(folder: Path, sums: Mapping[str, str]) -> None:
    """Write checksums by name, as ``write_sums`` does, of files whose checksums are known.

    Raises
    ------
    OSError
        They cannot be written.
    """
    text = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
    with whole_file(folder / SUMS) as partial:
        partial.write_text(text, encoding="utf-8")


def read_sums(folder: Path) -> dict[str, str] | str | None:
    """Return checksum by name; what is wrong with them; None where the folder has none."""
    file = folder / SUMS
    try:
        if not file.is_file():
            return _instead_of(file) if os.path.lexists(file) else None
        with file.open("rb") as stream:
            text = stream.read(_MOST_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return f"cannot be read ({error})"
    lines = text.split("\n")
    matches = [_LINE.fullmatch(line) for line in lines[:-1]]
    if lines[-1] or not all(matches):
        return "is damaged"
    sums = {match[2]: match[1] for match in matches if match}
    return sums if len(sums) == len(matches) else "is damaged"


def has_sums(folder: Path) -> bool:
    """Whether a folder has checksums; what an earlier version wrote has none."""
    return os.path.lexists(folder / SUMS)


def lost_sums(folder: Path, said: Mapping[str, Any]) -> str:
    """Return what is to be said of a folder whose checksums are gone; empty if they are there or never were.

    Parameters
    ----------
    folder
        Results, a life, or a study.
    said
        What it says of itself: ``summary.json``, ``provenance.json`` of a study.
    """
    if has_sums(folder) or said.get(HAS_SUMS) is not True:
        return ""
    return f"{SUMS} is missing: whether these are the numbers that were written cannot be known"


def lost_sums_of(folder: Path, name: str) -> tuple[str, ...]:
    """Return what ``lost_sums`` says by the file in which a folder speaks of itself, or that it cannot be read."""
    if has_sums(folder) or not (folder / name).exists():
        return ()
    try:
        said = json.loads(read_regular(folder / name, LARGEST_TABLE_BYTES))
    except (FileError, ValueError, OSError, RecursionError):
        return (f"{name} cannot be read, and {SUMS} is missing",)
    if not isinstance(said, dict):
        return (f"{name} cannot be read, and {SUMS} is missing",)
    lost = lost_sums(folder, said)
    return (lost,) if lost else ()


def _instead_of(file: Path) -> str:
    """Return what stands in the place of a file: nothing, or something else than a file."""
    if not os.path.lexists(file):
        return "is missing"
    try:
        open_regular(file).close()
    except FileError as error:
        return error.what
    return "is no file"


def unlisted(folder: Path) -> list[str]:
    """Return the names of what lies in a folder and is in no line of its checksums, folders aside."""
    sums = read_sums(folder)
    if not isinstance(sums, dict):
        return []
    with os.scandir(folder) as entries:
        return sorted(one.name for one in entries if one.name not in {*sums, SUMS} and not one.is_dir())


def damages(folder: Path, needed: Iterable[str] = (), optional: Collection[str] = ()) -> list[Damage]:
    """Return the files of a folder that are not what was written; none where it has no checksums.

    Parameters
    ----------
    folder
        Results, a life, or a study.
    needed
        Names that must have a checksum where they are there: so that no line can be missing unseen.
    optional
        Names that may be gone.
    """
    sums = read_sums(folder)
    if sums is None:
        return []
    if isinstance(sums, str):
        return [Damage(folder / SUMS, sums)]
    found = []
    for name, was in sorted(sums.items()):
        file = folder / name
        try:
            if not os.path.lexists(file) and name in optional:
                continue
            if not file.is_file():
                found.append(Damage(file, _instead_of(file)))
            elif sum_of(file) != was:
                found.append(Damage(file, "is not what was written (its SHA-256 differs)"))
        except OSError as error:
            found.append(Damage(file, f"cannot be read ({error.strerror or error})"))
    for name in sorted(set(needed) - set(sums)):
        if os.path.lexists(folder / name):
            found.append(Damage(folder / name, f"has no checksum in {SUMS}, which is damaged or from elsewhere"))
    return found
