"""The runs of a folder: those that can be read, and those that cannot with the reason."""

from __future__ import annotations

import datetime
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from h2plant.core.real_path import real_path
from h2plant.report.page.headline import Card, head_cards
from h2plant.results import Results
from h2plant.results.folder import PARTS, ResultsError
from h2plant.results.served import Short, short_rows
from h2plant.results.warning import warnings_of

DEPTH = 3
"""How many folders deep runs are looked for: runs, years of a life, runs grouped by hand."""

MOST_FOLDERS = 20_000
"""Most folders that are looked at in one listing."""

FRESH_S = 1.0
"""How old a list may be that is shown to those who ask again and again, s."""

_RESULT_PARTS = PARTS - {"plant.yaml", "code.json", "blocks.json", "scenario.json", "cash_flow.csv"}

_Signature = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True)
class Run:
    """A folder of results as listed.

    Parameters
    ----------
    id
        Its path below the folder of runs, with ``/``; the name of the folder itself where that is the run.
    folder
        Where it lies.
    reason
        Why it cannot be read; empty for a run that can.
    changed_s
        When it was written, s since 1970.
    summary
        The summary; empty for a run that cannot be read.
    n_columns, n_rows
        Size of the log.
    stamp
        Another one for each time that it was written.
    """

    id: str
    folder: Path
    reason: str
    changed_s: float
    summary: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    n_columns: int = 0
    n_rows: int = 0
    stamp: object = field(default=None, compare=False, repr=False)

    @property
    def figures(self) -> dict[str, float | None]:
        """Key figures by name; empty where there are none."""
        return self.summary.get("key_figures") or {}

    @cached_property
    def cards(self) -> list[Card]:
        """The figures that matter most."""
        return head_cards(self.summary)

    @cached_property
    def short(self) -> list[Short]:
        """What was asked of it and not all given."""
        return short_rows(self.summary)

    @cached_property
    def warnings(self) -> list[tuple[str, str]]:
        """What whoever reads it must know first."""
        return warnings_of(self.summary)

    @cached_property
    def label(self) -> str:
        """Name of the run in lists of choice."""
        is_whole = self.summary.get("is_complete", True)
        label = f"{self.id} · {self.summary['scenario']}, {self.summary['hours']:,.4g} h"
        label += "" if is_whole else ", not complete"
        return label + "".join(f", {what}" for what, _ in self.warnings[:1])


class Catalogue:
    """The runs below a folder; a folder that has not changed is not read again.

    Parameters
    ----------
    root
        Folder of runs, or the folder of a single run. It need not exist.
    fresh_s
        How old a list may be, s. While one asker looks anew, the others get the list of before.
    """

    def __init__(self, root: Path, fresh_s: float = 0.0) -> None:
        self.root = root
        self._fresh_s = fresh_s
        self._known: dict[Path, tuple[_Signature, Run]] = {}
        self._listed: list[Run] = []
        self._looked_s = -float("inf")
        self._lock = threading.Lock()

    def runs(self) -> list[Run]:
        """Return all runs, those written last first."""
        if time.monotonic() - self._looked_s < self._fresh_s:
            return self._listed
        if not self._lock.acquire(blocking=self._fresh_s == 0.0 or self._looked_s < 0.0):
            return self._listed
        try:
            if time.monotonic() - self._looked_s >= self._fresh_s:
                self._listed = self._look()
                self._looked_s = time.monotonic()
            return self._listed
        finally:
            self._lock.release()

    def _look(self) -> list[Run]:
        """Look through the folders (the lock is held)."""
        found: dict[Path, tuple[_Signature, Run]] = {}
        for folder in _result_folders(self.root):
            signature = _signature(folder)
            known = self._known.get(folder)
            if known is None or known[0] != signature:
                known = (signature, inspect(folder, self._id(folder), signature))
            found[folder] = known
        self._known = found
        return sorted((run for _, run in found.values()), key=lambda run: (-run.changed_s, run.id))

    def run(self, id_: str) -> Run:
        """Return a run by its id, as it is now.

        Raises
        ------
        ResultsError
            There is none of that name (any more), or it cannot be read.
        """
        run = next((run for run in self.runs() if run.id == id_), None)
        known = None if run is None else self._known.get(run.folder)
        if known is None or known[0] != _signature(known[1].folder):  # it came, went or changed since
            with self._lock:
                self._listed = self._look()
                self._looked_s = time.monotonic()
            run = next((run for run in self._listed if run.id == id_), None)
        if run is None:
            raise ResultsError(f"there is no run '{id_}' in {self.root} any more; choose another")
        if run.reason:
            raise ResultsError(f"{id_}: {run.reason}")
        return run

    def _id(self, folder: Path) -> str:
        return real_path(folder).name if folder == self.root else folder.relative_to(self.root).as_posix()


def inspect(folder: Path, id_: str, stamp: object = None) -> Run:
    """Return a folder of results as listed; whatever is wrong with it becomes the reason.

    All that lists show of it is worked out here, so that what cannot be shown is a reason as well.
    """
    try:
        changed_s = (folder / "summary.json").stat().st_mtime
    except OSError:
        changed_s = _changed_s(folder)
    readable = id_.encode("utf-8", "replace").decode()
    if readable != id_ or not id_.isprintable():
        return Run(readable, folder, "its name has signs that cannot be shown; rename the folder", changed_s)
    try:
        results = Results(folder)
        reason = _reason(results)
        if not reason:
            run = Run(id_, folder, "", changed_s, results.summary, len(results.columns), len(results), stamp)
            _ = run.label, run.cards, run.short, run.warnings
            return run
    except ResultsError as error:
        reason = str(error).removeprefix(f"{folder}: ")
    except Exception as error:  # a folder can be broken in any way, and the others shall be listed all the same
        reason = f"cannot be read ({type(error).__name__}: {error})"
    return Run(id_, folder, reason, changed_s)


def _reason(results: Results) -> str:
    """Return what a run lacks that every part of the dashboard needs; empty if nothing."""
    summary = results.summary
    for key, kind in (("scenario", str), ("plant", str), ("start", str), ("hours", int | float)):
        if not isinstance(summary.get(key), kind):
            return f"summary.json does not say '{key}'; run it again"
    try:
        datetime.datetime.fromisoformat(summary["start"])
    except ValueError:
        return f"summary.json: the start '{summary['start']}' is not a time; run it again"
    if not isinstance(summary.get("key_figures") or {}, dict):
        return "summary.json: the key figures cannot be read; run it again"
    if "time" not in results._schema.names:
        return "the log has no column 'time'; run it again"
    return ""


def _result_folders(root: Path) -> Iterator[Path]:
    """Yield the folders that hold results or pieces of them, the root itself included."""
    pending, n_seen = [(root, 0)], 0
    while pending and n_seen < MOST_FOLDERS:
        folder, depth = pending.pop()
        n_seen += 1
        try:
            with os.scandir(folder) as entries:
                listed = [(entry.name, _is_folder(entry)) for entry in entries]
        except OSError:
            if folder != root:
                yield folder  # listed with the reason why it cannot be read
            continue
        names = {name for name, _ in listed}
        if names & _RESULT_PARTS and "years.csv" not in names:
            yield folder
        elif depth < DEPTH:
            pending += [(folder / name, depth + 1) for name, is_dir in listed if is_dir and not name.startswith(".")]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether something is a folder to be looked into: a link to a folder above it would lead in a ring."""
    try:
        if not entry.is_dir():
            return False
        if not entry.is_symlink():
            return True
        here = Path(os.path.realpath(os.path.dirname(entry.path)))
        return Path(os.path.realpath(entry.path)) not in (here, *here.parents)
    except OSError:
        return False


def stamps(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Return what tells whether anything in a folder has changed: name, size, time and place of each file.

    Raises
    ------
    OSError
        The folder cannot be read.
    """
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries]
    return tuple(sorted((name, about.st_size, about.st_mtime_ns, about.st_ino) for name, about in found))


def _signature(folder: Path) -> _Signature:
    """Return what tells whether a folder has changed: ``stamps`` of its parts; nothing where it cannot be read."""
    try:
        return tuple(stamp for stamp in stamps(folder) if stamp[0] in PARTS)
    except OSError:
        return ()


def _changed_s(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0
