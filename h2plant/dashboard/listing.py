"""The runs of a folder: those that can be read, and those that cannot with the reason."""

from __future__ import annotations

import datetime
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from h2plant.results import Results
from h2plant.results.folder import PARTS, ResultsError

DEPTH = 3
"""How many folders deep runs are looked for: runs, years of a life, runs grouped by hand."""

MOST_FOLDERS = 20_000
"""Most folders that are looked at in one listing."""

_RESULT_PARTS = PARTS - {"plant.yaml", "code.json", "blocks.json", "scenario.json", "cash_flow.csv"}

_Signature = tuple[tuple[str, int, int], ...]


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
    """

    id: str
    folder: Path
    reason: str
    changed_s: float
    summary: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    n_columns: int = 0
    n_rows: int = 0

    @property
    def figures(self) -> dict[str, float | None]:
        """Key figures by name; empty where there are none."""
        return self.summary.get("key_figures") or {}


class Catalogue:
    """The runs below a folder; a folder that has not changed is not read again.

    Parameters
    ----------
    root
        Folder of runs, or the folder of a single run. It need not exist.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[Path, tuple[_Signature, Run]] = {}
        self._lock = threading.Lock()

    def runs(self) -> list[Run]:
        """Return all runs, those written last first."""
        with self._lock:
            found: dict[Path, tuple[_Signature, Run]] = {}
            for folder in _result_folders(self.root):
                signature = _signature(folder)
                known = self._known.get(folder)
                if known is None or known[0] != signature:
                    known = (signature, inspect(folder, self._id(folder)))
                found[folder] = known
            self._known = found
            return sorted((run for _, run in found.values()), key=lambda run: (-run.changed_s, run.id))

    def run(self, id_: str) -> Run:
        """Return a run by its id.

        Raises
        ------
        ResultsError
            There is none of that name (any more), or it cannot be read.
        """
        run = next((run for run in self.runs() if run.id == id_), None)
        if run is None:
            raise ResultsError(f"there is no run '{id_}' in {self.root} any more; choose another")
        if run.reason:
            raise ResultsError(f"{id_}: {run.reason}")
        return run

    def _id(self, folder: Path) -> str:
        return folder.resolve().name if folder == self.root else folder.relative_to(self.root).as_posix()


def inspect(folder: Path, id_: str) -> Run:
    """Return a folder of results as listed; whatever is wrong with it becomes the reason."""
    try:
        changed_s = (folder / "summary.json").stat().st_mtime
    except OSError:
        changed_s = _changed_s(folder)
    try:
        results = Results(folder)
        reason = _reason(results)
        if not reason:
            return Run(id_, folder, "", changed_s, results.summary, len(results.columns), len(results))
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
                listed = [(entry.name, entry.is_dir()) for entry in entries]
        except OSError:
            if folder != root:
                yield folder  # listed with the reason why it cannot be read
            continue
        names = {name for name, _ in listed}
        if names & _RESULT_PARTS and "years.csv" not in names:
            yield folder
        elif depth < DEPTH:
            pending += [(folder / name, depth + 1) for name, is_dir in listed if is_dir and not name.startswith(".")]


def _signature(folder: Path) -> _Signature:
    """Return what tells whether a folder has changed: name, time and size of each of its parts."""
    found = []
    for name in sorted(_RESULT_PARTS):
        try:
            about = (folder / name).stat()
        except OSError:
            continue
        found.append((name, about.st_mtime_ns, about.st_size))
    return tuple(found)


def _changed_s(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0
