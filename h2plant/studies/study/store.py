"""The store of a study: every finished scenario on disk at once, in one SQLite file that survives a kill.

Each scenario is a transaction of its own, written ahead and flushed (WAL, ``synchronous=FULL``), so that neither a
killed process nor a lost machine loses one that was finished, or leaves half of one. A second connection holds a lock
for as long as a sweep runs; the system lets it go with the process.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from h2plant.core.real_path import real_path
from h2plant.results.folder import ResultsError, require_free_name
from h2plant.studies.study.outcome import Outcome

STORE = "study.sqlite"
LOCK = ".lock.sqlite"
_FORMAT = "4"
_EARLIER = ("1", "2", "3")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS scenarios (
    number INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    "values" TEXT NOT NULL,
    reason TEXT NOT NULL,
    loop_s REAL NOT NULL,
    not_valid TEXT NOT NULL,
    violation REAL NOT NULL,
    note TEXT NOT NULL,
    checksum TEXT NOT NULL,
    finished TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
"""
_AFTER_VALUES = "reason, loop_s, not_valid, violation, note"
_MARKS = ", ".join("?" * 9)
_TEXTS = {
    "scenario": "the scenario (start, length, steps, series or fixed changes)",
    "parameters": "the parameters",
    "correlations": "the correlations",
    "design": "the design",
    "outputs": "the outputs",
    "objectives": "the objectives",
    "constraints": "the constraints",
    "search": "the search (sampler, batch or seed)",
    "full_logs": "the scenarios whose full logs are kept",
    "plant": "the plant, its economics or its series",
    "points": "the values drawn (another version of scipy or numpy draws others)",
    "code": "the code of h2plant",
}


class Store:
    """The finished scenarios of a study.

    Parameters
    ----------
    folder
        Where it lies; made if it is not there.
    digests
        Digest of each part that decides the results, by name.
    clear
        Removes what the folder holds: called once nobody else can be at work in it.

    Raises
    ------
    ResultsError
        The folder holds another study, another study runs in it, it cannot be written, or it is damaged.
    """

    def __init__(self, folder: Path, digests: Mapping[str, str], clear: Callable[[Path], None] | None = None) -> None:
        self.folder = folder
        self._digests = dict(digests)
        self._lock = _locked(folder)
        try:
            if clear is not None:
                clear(folder)
            with self._explained():
                self._db = sqlite3.connect(folder / STORE, isolation_level=None)
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=FULL")
                self._db.executescript(_SCHEMA)
            self._check()
        except BaseException:
            self.close()
            raise

    def _check(self) -> None:
        """Take the digests on first use; later refuse another study."""
        with self._explained():
            there = dict(self._db.execute("SELECT key, value FROM about"))
            if not there:
                rows = [("format", _FORMAT), *self._digests.items()]
                with self._transaction():
                    self._db.executemany("INSERT INTO about VALUES (?, ?)", rows)
                return
        if there.get("format") != _FORMAT:
            raise ResultsError(
                f"{self.folder}: of another version of h2plant; choose another folder with --out, or throw away what "
                "is there with --restart"
            )
        parts = [key for key in _TEXTS if there.get(key) != self._digests.get(key)]
        if parts:
            if parts != ["points"]:  # other values follow from another design
                parts = [key for key in parts if key != "points"]
            changed = [_TEXTS[key] for key in parts]
            raise ResultsError(
                f"{self.folder}: holds {self.n_done} scenarios of another study; what changed since: "
                f"{', '.join(changed)}; choose another folder with --out, or throw them away with --restart"
            )

    @property
    def n_done(self) -> int:
        """Number of finished scenarios, failed ones included."""
        with self._explained():
            return int(self._db.execute("SELECT count(*) FROM scenarios").fetchone()[0])

    def done(self) -> dict[int, str]:
        """Return the digest of every finished scenario by its number."""
        with self._explained():
            return dict(self._db.execute("SELECT number, digest FROM scenarios"))

    def add(self, outcome: Outcome, digest: str) -> None:
        """Put a finished scenario on disk; when this returns, it is there.

        Raises
        ------
        ResultsError
            The disk is full, or cannot be written; what was there before is whole.
        """
        row = (outcome.number, digest, json.dumps(outcome.values), *_after_values(outcome))
        columns = f'number, digest, "values", {_AFTER_VALUES}, checksum'
        with self._explained():
            self._db.execute(f"INSERT INTO scenarios ({columns}) VALUES ({_MARKS})", (*row, _checksum(row)))

    def outcomes(self) -> Iterator[Outcome]:
        """Yield the finished scenarios in the order of their numbers.

        Raises
        ------
        ResultsError
            One is not what was written.
        """
        sql = f'SELECT number, digest, "values", {_AFTER_VALUES}, checksum FROM scenarios ORDER BY number'
        with self._explained():
            for *row, checksum in self._db.execute(sql):
                if _checksum(row) != checksum:
                    what = f"damaged: scenario {row[0]} is not what was written"
                    raise ResultsError(f"{self.folder / STORE}: {what}; --restart begins anew")
                number, _, values, *others = row
                yield Outcome(number, json.loads(values), *others)

    def forget(self, numbers: Iterable[int]) -> None:
        """Remove scenarios, to run them again."""
        with self._explained(), self._transaction():
            self._db.executemany("DELETE FROM scenarios WHERE number = ?", [(n,) for n in numbers])

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _trouble(self.folder, error) from None

    def close(self) -> None:
        """Close the file; the next sweep may take it."""
        for connection in (getattr(self, "_db", None), self._lock):
            if connection is not None:
                with contextlib.suppress(sqlite3.Error):
                    connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _checksum(row: Sequence[Any]) -> str:
    """Return the SHA-256 of the row of a scenario; numbers count by all their digits."""
    return hashlib.sha256(repr(tuple(row)).encode()).hexdigest()


def _after_values(outcome: Outcome) -> tuple[str, float, str, float, str]:
    return outcome.reason, float(outcome.loop_s), outcome.not_valid, float(outcome.violation), outcome.note


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder of a study for as long as the block runs.

    Raises
    ------
    ResultsError
        Another study runs in it, or it cannot be written.
    """
    with contextlib.closing(_locked(folder)):
        yield


def _locked(folder: Path) -> sqlite3.Connection:
    """Return a connection that holds the folder of a study until it is closed."""
    require_free_name(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = error.strerror or str(error)
        raise ResultsError(f"{folder}: cannot be written ({what}); choose another folder with --out") from None
    try:
        lock = sqlite3.connect(folder / LOCK, timeout=0.0, isolation_level=None)
    except sqlite3.Error as error:
        raise _trouble(folder, error) from None
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        lock.close()
        if "not a database" in str(error):
            what = f"{folder / LOCK}: is not what h2plant writes there"
            raise ResultsError(f"{what}; remove it if no study runs in this folder") from None
        if "locked" not in str(error):
            raise _trouble(folder, error) from None
        remedy = "wait for it, or choose another folder with --out"
        raise ResultsError(f"{folder}: another study is running in this folder; {remedy}") from None
    return lock


def _trouble(folder: Path, error: sqlite3.Error) -> ResultsError:
    text = str(error)
    if "full" in text or "disk I/O error" in text:
        return ResultsError(
            f"{folder}: the disk is full or cannot be written ({text}); scenarios that were finished are "
            "kept: free some space, and the same command goes on where it stopped"
        )
    if "readonly" in text or "unable to open" in text:
        return ResultsError(f"{folder}: cannot be written; choose another folder with --out")
    return ResultsError(f"{folder / STORE}: damaged ({text}); --restart begins anew")


def damaged_scenarios(folder: Path) -> list[str]:
    """Return what is damaged in the store of a study, each in a sentence; a study may run meanwhile."""
    try:
        with contextlib.closing(sqlite3.connect(f"{real_path(folder / STORE).as_uri()}?mode=ro", uri=True)) as db:
            problems = [str(row[0]) for row in db.execute("PRAGMA integrity_check")]
            if problems != ["ok"]:
                return [f"{STORE}: {problem}" for problem in problems]
            about = dict(db.execute("SELECT key, value FROM about"))
            if about.get("format") in _EARLIER:
                return []  # of a version whose scenarios have no checksums: see ``has_checksums``
            if about.get("format") != _FORMAT:
                return [f"{STORE}: of a newer version of h2plant, or damaged"]
            sql = f'SELECT number, digest, "values", {_AFTER_VALUES}, checksum FROM scenarios'
            bad = [row[0] for *row, checksum in db.execute(sql) if _checksum(row) != checksum]
            return [f"{STORE}: scenario {number} is not what was written" for number in bad]
    except sqlite3.Error as error:
        return [f"{STORE}: cannot be read ({error})"]


def has_checksums(folder: Path) -> bool:
    """Whether each scenario in the store of a study has a checksum; those of earlier versions have none."""
    try:
        with contextlib.closing(sqlite3.connect(f"{real_path(folder / STORE).as_uri()}?mode=ro", uri=True)) as db:
            return dict(db.execute("SELECT key, value FROM about")).get("format") not in _EARLIER
    except sqlite3.Error:
        return True


def remove_store(folder: Path) -> None:
    """Remove the store of a study from a folder, and nothing else."""
    for name in (STORE, f"{STORE}-wal", f"{STORE}-shm"):
        (folder / name).unlink(missing_ok=True)


def has_store(folder: Path) -> bool:
    """Whether a study was run in a folder."""
    return (folder / STORE).is_file()
