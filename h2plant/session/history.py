"""The history: one SQLite file in the user's data folder with a record of every run and benchmark.

A run never fails because of it: ``record_run`` and ``record_bench`` say in one line what went wrong. Writers wait for
each other, so none loses a record. Each record has a checksum: one that is not what was written is left out, and said.
A file whose pages are damaged is set aside under a new name, and a file of a newer version is refused.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import functools
import hashlib
import json
import os
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from h2plant.core.error import reason_of
from h2plant.core.real_path import real_path
from h2plant.plant.finding import Finding, PlantError
from h2plant.session.record import BenchFigure, Record, bench_record, run_record

if TYPE_CHECKING:
    import sqlite3

    from h2plant.config.scenario import Scenario

_Result = TypeVar("_Result")

FILE_NAME = "history.sqlite"
SETTINGS_NAME = "monitor.toml"
WAIT_S = 20.0
"""How long a writer waits for others before it gives up."""

_APPLICATION_ID = 0x6832706C  # 'h2pl', marks the file as ours
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE records (
        record_id TEXT PRIMARY KEY, finished_at TEXT NOT NULL, source TEXT NOT NULL, h2plant TEXT NOT NULL,
        scenario TEXT NOT NULL, scenario_digest TEXT NOT NULL, plant_digest TEXT NOT NULL,
        engine TEXT NOT NULL, is_compiled INTEGER NOT NULL, is_complete INTEGER NOT NULL,
        hours REAL, step_s REAL, n_components INTEGER, n_steps INTEGER,
        compile_s REAL, loop_s REAL, loop_cpu_s REAL, total_s REAL,
        ns_per_component_step REAL, peak_memory_mb REAL, lookup_hit_rate_frac REAL, accuracy_error_frac REAL,
        residual_component_frac REAL, residual_plant_frac REAL,
        python TEXT NOT NULL, numpy TEXT NOT NULL, numba TEXT NOT NULL, coolprop TEXT NOT NULL,
        cpu TEXT NOT NULL, n_cores INTEGER NOT NULL, system TEXT NOT NULL, figures TEXT NOT NULL
    );
    CREATE INDEX by_time ON records (finished_at);
    """,
    """
    ALTER TABLE records ADD COLUMN checksum TEXT;
    UPDATE records SET checksum = 'none: written by an earlier version'
    """,
)
"""Scripts that lead from each version of the file to the next; the version of a file is how many were run."""
_WITH_CHECKSUMS = 2
"""Version of the file from which each record has a checksum, or says that it was written without."""
_NO_CHECKSUM = "none: written by an earlier version"


def home() -> Path:
    """Return the folder of the history: ``$H2PLANT_HOME``, or h2plant's folder among the user's data."""
    configured = os.environ.get("H2PLANT_HOME")
    if configured:
        return Path(configured)
    try:
        Path.home()
    except RuntimeError:
        what, remedy = "there is no home folder to keep the history in", "name a folder in H2PLANT_HOME"
        raise PlantError([Finding("no-home", "", what, remedy)]) from None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "h2plant"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "h2plant"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "h2plant"


def history_file() -> Path:
    """Return where the history lies."""
    return home() / FILE_NAME


def is_on() -> bool:
    """Tell whether runs are recorded: not with ``H2PLANT_HISTORY=off`` or ``enabled = false`` in monitor.toml."""
    setting = os.environ.get("H2PLANT_HISTORY", "").strip().lower()
    if setting in ("off", "0", "false", "no"):
        return False
    if setting in ("on", "1", "true", "yes"):
        return True
    if setting:
        what = f"H2PLANT_HISTORY is '{setting}'"
        raise PlantError([Finding("bad-setting", "", what, "write on or off")])
    try:
        with (home() / SETTINGS_NAME).open("rb") as file:
            table = tomllib.load(file).get("history", {})
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError) as error:
        what = f"cannot be read: {error}"
        raise PlantError(
            [Finding("bad-toml", "", what, "`h2plant monitor` says what is wrong with it", home() / SETTINGS_NAME)]
        ) from None
    return not isinstance(table, dict) or table.get("enabled") is not False


def record_run(summary: Mapping[str, Any], scenario: Scenario) -> None:
    """Write the record of a run, if the history is on; what goes wrong is said on standard error and no more."""
    _record(lambda: run_record(summary, scenario), "run")


def record_bench(name: str, figures: Iterable[Any], total_s: float, version: str) -> None:
    """Write the record of a benchmark like ``record_run``; for the arguments see ``bench_record``."""
    _record(lambda: bench_record(name, figures, total_s, version), "benchmark")


def _record(make: Callable[[], Record], what: str) -> None:
    try:
        if is_on():
            append(make())
    except Exception as error:  # whatever it is, the run is done and its results are written
        print(f"this {what} is not in the history: {reason_of(error)}", file=sys.stderr)
        print("  H2PLANT_HISTORY=off switches the history off", file=sys.stderr)


def append(record: Record, file: Path | None = None) -> None:
    """Add a record.

    Raises
    ------
    PlantError
        The file was written by a newer version, or by another program, or cannot be written.
    OSError
        The folder cannot be made.
    """
    values = _row(record)
    marks = ", ".join("?" * len(values))
    statement = f"INSERT INTO records ({', '.join(values)}) VALUES ({marks})"

    def insert(connection: sqlite3.Connection) -> None:
        connection.execute(statement, tuple(values.values()))
        _seal(connection, record.record_id)

    _write(file or history_file(), insert)


_LATER_COLUMNS = ("lookup_hit_rate_frac", "accuracy_error_frac")


def amend(record_id: str, file: Path | None = None, **measured: float) -> bool:
    """Add to a record what was measured after the run; returns whether there is such a record.

    Parameters
    ----------
    record_id
        ``run_id`` of the run's summary, under ``provenance``.
    file
        The history (default: the user's).
    **measured
        ``lookup_hit_rate_frac``, ``accuracy_error_frac``, each in 1.
    """
    unknown = set(measured) - set(_LATER_COLUMNS)
    if unknown or not measured:
        raise TypeError(f"amend takes {' and '.join(_LATER_COLUMNS)}, not {', '.join(sorted(unknown)) or 'nothing'}")
    path = file or history_file()
    changes = ", ".join(f"{name} = ?" for name in measured)

    def update(connection: sqlite3.Connection) -> bool:
        found = connection.execute(f"SELECT {_names()}, checksum FROM records WHERE record_id = ?", (record_id,))
        for *row, checksum in found.fetchall():
            if not _is_as_written(row, checksum):
                raise _refusal("damaged-history", f"record {record_id} is not what was written", path)
            connection.execute(f"UPDATE records SET {changes} WHERE record_id = ?", (*measured.values(), record_id))
            if checksum != _NO_CHECKSUM:
                _seal(connection, record_id)
            return True
        return False

    return _write(path, update)


def _seal(connection: sqlite3.Connection, record_id: str) -> None:
    """Give a record its checksum: of what is read back of it, as SQLite has it."""
    row = connection.execute(f"SELECT {_names()} FROM records WHERE record_id = ?", (record_id,)).fetchone()
    connection.execute("UPDATE records SET checksum = ? WHERE record_id = ?", (_checksum(row), record_id))


def _checksum(row: Sequence[Any]) -> str:
    """Return the SHA-256 of a record; numbers count by all their digits.

    It is of all columns: a migration that adds one has to seal all records anew.
    """
    return hashlib.sha256(repr(tuple(row)).encode()).hexdigest()


def _is_as_written(row: Sequence[Any], checksum: Any) -> bool:
    """Whether a record is what was written, as far as that can be known: those of earlier versions do not say."""
    return checksum in (_NO_CHECKSUM, _checksum(row))


def read(file: Path | None = None) -> list[Record]:
    """Return all records, the oldest first; none where there is no history yet.

    A record that is not what was written is left out, and a line on standard error says so.

    Raises
    ------
    PlantError
        The file was written by a newer version, or by another program, or cannot be read.
    """
    path = file or history_file()
    if not path.is_file():
        return []

    def select(connection: sqlite3.Connection) -> list[Record]:
        rows = _rows(connection, path)
        sound = [row for row, checksum in rows if _is_as_written(row, checksum)]
        if len(sound) < len(rows):
            many = f"{len(rows) - len(sound)} of the {len(rows)} records of the history"
            print(f"{many} are not what was written, and left out; 'h2plant verify' names them", file=sys.stderr)
        found = [_from_row(row, path) for row in sound]
        return sorted(found, key=lambda record: (record.finished_at, record.record_id))

    return _guarded(path, select, lambda: [])


class Condition(NamedTuple):
    """How many records a history has, how many of them without checksum, and what is wrong with it."""

    n_records: int
    n_without: int
    problems: tuple[str, ...]


def condition(file: Path | None = None) -> Condition | None:
    """Return the condition of the history, which is left as it is; None where there is none yet."""
    import sqlite3

    path = file or history_file()
    if not path.is_file():
        return None
    try:
        with _connection(path, is_read_only=True) as connection:
            rows = _rows(connection, path)
    except sqlite3.Error as error:
        return Condition(0, 0, (f"cannot be read ({error})",))
    except PlantError as error:
        return Condition(0, 0, tuple(f"{finding.what}; {finding.remedy}" for finding in error.findings))
    at = _columns().index("record_id")
    bad = tuple(
        f"record {row[at]!s:.80} is not what was written" for row, sum_ in rows if not _is_as_written(row, sum_)
    )
    return Condition(len(rows), sum(checksum == _NO_CHECKSUM for _, checksum in rows), bad)


def _rows(connection: sqlite3.Connection, path: Path) -> list[tuple[tuple[Any, ...], Any]]:
    """Return the values of each record with its checksum; not by an index, which may be damaged by itself."""
    version = _version(connection, path)
    if version == 0:
        return []
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise _damage()
    checksum = "checksum" if version >= _WITH_CHECKSUMS else f"'{_NO_CHECKSUM}'"
    found = connection.execute(f"SELECT {_names()}, {checksum} FROM records NOT INDEXED")
    return [(tuple(row), sum_) for *row, sum_ in found]


@functools.cache
def _columns() -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(Record))


def _names() -> str:
    return ", ".join(_columns())


def _row(record: Record) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in _columns()}
    return {**values, "figures": json.dumps(record.figures)}


def _from_row(row: tuple[Any, ...], path: Path) -> Record:
    values = dict(zip(_columns(), row, strict=True))
    for field in dataclasses.fields(Record):
        value = values[field.name]
        kind = str if field.type in ("str", "Source") or field.name == "figures" else int | float
        is_unknown = value is None and "None" in str(field.type)
        is_time = field.name != "finished_at" or _is_time(value)
        if not (isinstance(value, kind) or is_unknown) or not is_time:
            raise _refusal("damaged-history", f"a record holds {str(value)[:40]!r} under '{field.name}'", path)
    flags = {name: bool(values[name]) for name in ("is_compiled", "is_complete")}
    try:
        figures = tuple(BenchFigure(*figure) for figure in json.loads(values["figures"]))
    except (ValueError, TypeError, RecursionError):
        what = f"a record holds {values['figures'][:40]!r} under 'figures'"
        raise _refusal("damaged-history", what, path) from None
    return Record(**{**values, **flags, "figures": figures})


def _is_time(value: Any) -> bool:
    try:
        return datetime.datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _write(path: Path, change: Callable[[sqlite3.Connection], _Result]) -> _Result:
    """Make a change in the file, which is made or brought up to date first, in one transaction."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def transaction(connection: sqlite3.Connection) -> _Result:
        connection.execute("BEGIN IMMEDIATE")  # waits here for other writers, and nowhere else
        try:
            for step in range(_version(connection, path), len(MIGRATIONS)):
                for statement in MIGRATIONS[step].split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {step + 1}")
                connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            result = change(connection)
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(Exception):  # the first error is the one to tell
                connection.execute("ROLLBACK")
            raise
        return result

    return _guarded(path, transaction, lambda: _once(path, transaction))


def _once(path: Path, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
    with _connection(path) as connection:
        return work(connection)


def _guarded(path: Path, work: Callable[[sqlite3.Connection], _Result], anew: Callable[[], _Result]) -> _Result:
    """Do work on the file; if it is damaged, set it aside, say so, and return what ``anew`` gives."""
    import sqlite3

    try:
        try:
            return _once(path, work)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            _set_aside(path, str(error))
            return anew()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:  # it has not the tables that we made
            raise _refusal("damaged-history", str(error), path) from None
        remedy = "check that the folder can be written and has space"
        raise PlantError([Finding("history-unusable", "", str(error), remedy, path)]) from None


def _refusal(id_: str, what: str, path: Path) -> PlantError:
    remedy = "it is damaged, or was changed by another program: move it away, and a new one begins"
    return PlantError([Finding(id_, "", what, remedy, path)])


@contextlib.contextmanager
def _connection(path: Path, wait_s: float = WAIT_S, is_read_only: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the file. No write-ahead log: it needs shared memory, which home folders on a network lack."""
    import sqlite3

    place = f"{real_path(path).as_uri()}?mode={'ro' if is_read_only else 'rwc'}"
    connection = sqlite3.connect(place, timeout=wait_s, isolation_level=None, uri=True)
    connection.text_factory = lambda content: content.decode("utf-8", "replace")  # what is damaged is no UTF-8 either
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
        yield connection
    finally:
        connection.close()


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the file, 0 if it is empty; refuse what is not ours or newer."""
    is_within = connection.in_transaction
    if not is_within:
        connection.execute("BEGIN")  # one state of the file for all four, whoever writes meanwhile
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        is_ours = connection.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION_ID
        names = {name for _, name, *_ in connection.execute("PRAGMA table_info(records)")}
        is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    finally:
        if not is_within and connection.in_transaction:
            connection.execute("ROLLBACK")
    if is_ours and (version >= 1, version >= _WITH_CHECKSUMS) != (bool(names), "checksum" in names):
        raise _refusal("damaged-history", f"has version {version}, and not the table of that version", path)
    if not is_ours and not is_empty:
        remedy = "move it away, or name another folder in H2PLANT_HOME"
        raise PlantError([Finding("foreign-history", "", "is no history of h2plant", remedy, path)])
    if version > len(MIGRATIONS):
        what = f"has version {version}, written by a newer h2plant; this one knows {len(MIGRATIONS)}"
        remedy = "update h2plant, or name another folder in H2PLANT_HOME"
        raise PlantError([Finding("newer-history", "", what, remedy, path)])
    return version


_SQLITE_CORRUPT, _SQLITE_NOTADB = 11, 26


def _damage() -> sqlite3.DatabaseError:
    import sqlite3

    error = sqlite3.DatabaseError("the check of its pages failed")
    error.sqlite_errorcode = _SQLITE_CORRUPT
    return error


def _is_damage(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in (_SQLITE_CORRUPT, _SQLITE_NOTADB)


def _set_aside(path: Path, reason: str) -> None:
    """Rename a damaged file, once, however many processes find it damaged at the same time."""
    # The lock is a database of its own: it works on all systems and goes with the process that holds it.
    with _connection(path.with_name("set-aside.lock")) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        if path.is_file() and not _is_sound(path):
            stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%S%fZ")
            aside = path.with_name(f"{path.stem}-damaged-{stamp}{path.suffix}")
            journal = path.with_name(f"{path.name}-journal")
            with contextlib.suppress(FileNotFoundError):  # else it would be played back into the new file
                journal.rename(aside.with_name(f"{aside.name}-journal"))
            path.rename(aside)
            message = f"the history was damaged ({reason}) and is set aside as {aside}; a new one begins"
            print(message, file=sys.stderr)
        lock.execute("ROLLBACK")


def _is_sound(path: Path) -> bool:
    import sqlite3

    try:
        with _connection(path) as connection:
            connection.execute("BEGIN IMMEDIATE")  # a writer at work would be one for whom it is sound
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        if _is_damage(error):
            return False
        raise
