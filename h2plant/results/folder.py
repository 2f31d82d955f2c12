"""The folder of a run: log, events, ledger and summary, written as the run goes and given their name when it ends."""

from __future__ import annotations

import contextlib
import datetime
import errno
import json
import math
import os
import re
import shutil
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from h2plant.core.error import UserError, reason_of
from h2plant.core.reservation import reserve, reserve_next
from h2plant.core.status import STATUS_TEXT
from h2plant.core.whole_file import whole_file
from h2plant.plant.graph import BLOCKS, CODE
from h2plant.results.checksums import HAS_SUMS, SUMS, Damage, add_sum, damages, write_sums
from h2plant.results.ledger import EMPTY_LEDGER, ITEMS, Ledger
from h2plant.results.version import FORMAT
from h2plant.simulation.engine import Event
from h2plant.simulation.program import Column, FloatArray

ACCURACY_REPORT, ACCURACY_DATA = "ACCURACY_VALIDATION.md", "accuracy.json"
SENSITIVITY = "sensitivity.json"
STEPS, AUDIT = "steps.npz", "audit.json"
"""Single steps that a run kept, and what their full audit found."""
PROFILE_REPORT, PROFILE_DATA, PROFILE_CALLS = "profile.md", "profile.json", "profile.prof"
BESIDE = frozenset((SENSITIVITY, AUDIT, ACCURACY_REPORT, ACCURACY_DATA, PROFILE_REPORT, PROFILE_DATA, PROFILE_CALLS))
"""What commands write beside the results of a run; it may be removed."""
PARTS = BESIDE | {
    *("log.parquet", "events.parquet", "ledger.parquet", "summary.json"),
    *("plant.yaml", CODE, BLOCKS, "scenario.json", "cash_flow.csv", STEPS, SUMS),
}
"""What a results folder holds; a folder with anything else in it is never replaced."""

YEARS_TABLE = "years.csv"
"""Table of the years of a life; each year's results lie in a folder ``year_01``, ``year_02`` and so on beside it."""

_LIFE_PART = re.compile(rf"{re.escape(YEARS_TABLE)}|{re.escape(SUMS)}|year_\d+(-report\.html)?")

_TIMING = {
    "mean": "mean over the interval that starts at 'time'",
    "end": "value at the end of the interval that starts at 'time'",
}


class ResultsError(UserError):
    """A results folder that cannot be read or written; the text says what to do."""


def require_writable(folder: Path) -> None:
    """Raise a ResultsError if results cannot be written to a folder, or if it holds something else."""
    target = folder.resolve()
    try:
        _refuse_foreign(target, folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rmdir(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
    except OSError as error:
        raise _explain(error, folder) from None


@contextlib.contextmanager
def reserved(out: Path | str | None, name: str, is_held: bool = False) -> Iterator[Path]:
    """Give the folder that a run shall write, held for it alone until the block ends.

    Parameters
    ----------
    out
        The folder; default: ``results/<name>-<n>``, n above that of every such folder and of every run under way.
    name
        Name of the run.
    is_held
        Whether the caller holds the name of the folder already.

    Raises
    ------
    ResultsError
        Another run is writing the folder, it holds something else, or it cannot be written.
    """
    folder = Path("results") / f"{name}-1" if out is None else Path(out)
    if is_held:
        require_writable(folder)
        yield folder
        return
    try:
        held = reserve_next(folder.parent, name) if out is None else reserve(folder)
    except OSError as error:
        raise _explain(error, folder) from None
    if held is None:
        raise ResultsError(
            f"{folder}: another run is writing this folder; wait until it ends, or choose another folder with --out"
        )
    with held as folder:
        require_writable(folder)  # now, and not after minutes of compiling
        yield folder


def write_beside(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a report, one of ``PARTS``, into a results folder, whole or not at all; returns its path.

    Raises
    ------
    ResultsError
        It cannot be written.
    """
    try:
        with whole_file(folder / name) as partial:
            partial.write_bytes(content if isinstance(content, bytes) else content.encode())
        add_sum(folder, name)
    except OSError as error:
        raise _explain(error, folder) from None
    return folder / name


def damages_of(folder: Path) -> list[Damage]:
    """Return the files of results that are not what was written; none where there are no checksums."""
    return damages(folder, PARTS - {SUMS}, BESIDE)


def require_whole(folder: Path) -> None:
    """Raise a ResultsError if a file of results is not what was written; results without checksums pass.

    Where they had some, ``warnings_of`` says that they are lost (see ``lost_sums``).

    What has passed is not read again until it changes.
    """
    try:
        seen = tuple(
            (entry.name, *_stamp(entry.stat())) for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)
        )
        if _whole.get(folder.resolve()) == seen:
            return
    except OSError as error:
        raise ResultsError(f"{folder}: cannot be read ({error.strerror or error})") from None
    found = damages_of(folder)
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise ResultsError(
            f"{folder}: damaged results: {found[0].file.name} {found[0].what}{more}; run it again, or take a "
            f"copy of it ('h2plant verify {folder}' shows all)"
        )
    if len(_whole) >= _MOST_KNOWN:
        _whole.clear()
    _whole[folder.resolve()] = seen


_whole: dict[Path, tuple[tuple[str | int, ...], ...]] = {}
"""Folders whose files are what was written, with the name, size and time of each file then."""
_MOST_KNOWN = 2000


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def write_out(out: Path, write: Callable[[Path], object]) -> Path:
    """Write a file that the user named, whole or not at all; returns its path.

    Parameters
    ----------
    out
        The file; one that is there is replaced in one move.
    write
        Writes the content to the path it is given.

    Raises
    ------
    ResultsError
        It cannot be written.
    """
    try:
        if out.is_dir():
            raise ResultsError(f"{out}: a folder stands where a file is needed; choose another file with --out")
        with whole_file(out) as partial:
            write(partial)
    except OSError as error:
        raise ResultsError(
            f"{out}: cannot be written ({error.strerror or error}); choose another file with --out"
        ) from None
    return out


def _schema(columns: Sequence[Column]) -> pa.Schema:
    fields = [
        pa.field(
            "time", pa.timestamp("s", tz="UTC"), metadata={"unit": "UTC", "description": "start of the log interval"}
        )
    ]
    for c in columns:
        meta = {"unit": c.unit, "description": f"{c.doc}; {_TIMING[c.timing]}", "timing": c.timing}
        fields.append(pa.field(c.name, pa.float64(), metadata=meta))
    return pa.schema(fields)


LEAST_GROUP_ROWS = 64
GROUP_BYTES_PER_ROOT = 2000.0
"""Bytes of a row group over the root of the bytes of the log. What Parquet remembers of each group until the end (3 MB
for 2,300 columns) goes down with the size of a group: 25 MB for 160 MB (a year of hours), 200 MB for 10 GB (of
minutes) need least memory in all."""
_POOL = {"memory_pool": pa.system_memory_pool()}
"""For writers: it gives back what it frees, unlike Arrow's own, which takes some 10 MB at once."""


class _PackedEvents:
    """Events in 48 bytes each instead of 250: a year has 12,000, and they stay until the end."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._whole = array("q")  # component, code, first and last step
        self._real = array("d")  # amount, peak

    def extend(self, events: Iterable[Event]) -> None:
        """Add events."""
        for event in events:
            place = self._places.setdefault(event.component, len(self._places))
            self._whole.extend((place, event.code, event.first_step, event.last_step))
            self._real.extend((event.amount, event.peak))

    def unpacked(self) -> list[Event]:
        """Return them in the order in which they came."""
        ids = list(self._places)
        whole, real = iter(self._whole), iter(self._real)
        rows = zip(whole, whole, whole, whole, real, real, strict=True)
        return [Event(ids[place], *numbers) for place, *numbers in rows]


class LogWriter:
    """Streams log rows to Parquet in a folder that appears, whole, under its name only at ``commit``.

    Parameters
    ----------
    folder
        Where the results shall appear. Results that lie there already are replaced at the end, in one move; a file,
        or a folder that holds anything but results, is refused.
    columns, start, interval_s
        The log's columns, the start of its first interval, and the length of an interval.
    n_rows
        How many rows to expect.

    Raises
    ------
    ResultsError
        The folder cannot be written, or holds something else.
    """

    def __init__(
        self, folder: Path, columns: Sequence[Column], start: datetime.datetime, interval_s: float, n_rows: int
    ) -> None:
        self.folder = folder
        self._is_kept = False
        self._target = folder.resolve()
        self._start_s = int(start.timestamp())
        self._interval_s = interval_s
        self._rows = 0
        self._schema = _schema(columns)
        self._events = _PackedEvents()
        row_bytes = 8 * len(columns)
        capacity = math.ceil(GROUP_BYTES_PER_ROOT * math.sqrt(n_rows * row_bytes) / row_bytes)
        # one row per column, so that Arrow takes columns as they lie
        self._gathered = np.empty((len(columns), min(max(capacity, LEAST_GROUP_ROWS), max(n_rows, 1))))
        self._n_gathered = 0
        _refuse_foreign(self._target, folder)
        try:
            parent = self._target.parent
            parent.mkdir(parents=True, exist_ok=True)
            self.partial = Path(tempfile.mkdtemp(prefix=f".{self._target.name}.", suffix=".partial", dir=parent))
        except OSError as error:
            raise _explain(error, folder) from None
        try:
            os.chmod(self.partial, 0o755)
            self._parquet: pq.ParquetWriter | None = pq.ParquetWriter(
                self.partial / "log.parquet",
                self._schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=False,
                write_statistics=False,
                **_POOL,
            )
        except OSError as error:
            shutil.rmtree(self.partial, ignore_errors=True)
            raise _explain(error, folder) from None

    def write(self, rows: FloatArray, events: Sequence[Event]) -> None:
        """Append log rows, shape (n, n_columns), and events."""
        self._events.extend(events)
        done = 0
        while done < rows.shape[0]:
            n = min(rows.shape[0] - done, self._gathered.shape[1] - self._n_gathered)
            self._gathered[:, self._n_gathered : self._n_gathered + n] = rows[done : done + n].T
            self._n_gathered += n
            done += n
            if self._n_gathered == self._gathered.shape[1]:
                self._write_group()

    def _write_group(self) -> None:
        """Write the gathered rows as a row group."""
        n = self._n_gathered
        if n == 0 or self._parquet is None:
            return
        seconds = self._start_s + np.arange(self._rows, self._rows + n) * int(self._interval_s)
        arrays = [_numbers(seconds, _SECOND), *(_numbers(column) for column in self._gathered[:, :n])]
        try:
            self._parquet.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        except OSError as error:
            raise _explain(error, self.folder) from None
        self._rows += n
        self._n_gathered = 0

    def close_log(self) -> None:
        """Write the rows that are gathered, close the log and give back its memory; nothing may be added after it.

        Raises
        ------
        ResultsError
            They cannot be written.
        """
        if self._parquet is None:
            return
        self._write_group()
        self._gathered = np.empty((0, 0))
        self._parquet.close()
        self._parquet = None  # with what it remembers of each group

    def commit(
        self, ledger: Ledger, summary: dict[str, Any], sources: Mapping[str, str | bytes], step_s: float
    ) -> Path:
        """Write the rest and give the folder its name; returns it.

        What cannot be made of events and ledger is left empty, what cannot be written of the summary is left out; its
        ``missing`` says so. Where something else has come to stand under the name meanwhile, the results appear beside
        it.

        Raises
        ------
        ResultsError
            The disk is full or cannot be written: nothing is left; or the log cannot be closed: the text says where
            what was written lies.
        """
        missing: dict[str, str] = summary.setdefault("missing", {})
        try:
            self.close_log()
            events = _made("events", missing, _event_table, [], self._events.unpacked(), self._start_s, step_s)
            pq.write_table(events, self.partial / "events.parquet", **_POOL)
            ledger_table = _made("ledger", missing, _ledger_table, EMPTY_LEDGER, ledger)
            pq.write_table(ledger_table, self.partial / "ledger.parquet", **_POOL)
            for name, content in sources.items():
                (self.partial / name).write_bytes(content if isinstance(content, bytes) else content.encode())
            self._move_aside(missing)
            (self.partial / "summary.json").write_text(_summary_text(summary), encoding="utf-8")
            write_sums(self.partial, os.listdir(self.partial))
            _give_name(self.partial, self._target)
        except ResultsError:
            self.abandon()
            raise
        except OSError as error:
            self.abandon()
            raise _explain(error, self.folder) from None
        except Exception as error:
            self._is_kept = True
            raise ResultsError(
                f"{self.folder}: not whole ({reason_of(error)}); what was written is in {self.partial}"
            ) from error
        return self.folder

    def _move_aside(self, missing: dict[str, str]) -> None:
        """Take another name where something that is no results has come to stand under this one."""
        try:
            _refuse_foreign(self._target, self.folder)
        except ResultsError as error:
            numbered = re.fullmatch(r"(.*)-(\d+)", self.folder.name)
            name, n = (numbered[1], int(numbered[2])) if numbered else (self.folder.name, 1)
            while self._target.exists():
                n += 1
                self.folder = self.folder.with_name(f"{name}-{n}")
                self._target = self.folder.resolve()
            missing["the folder's name"] = str(error)

    def abandon(self) -> None:
        """Remove what was written so far."""
        if self._is_kept:
            return
        if self._parquet is not None:
            with contextlib.suppress(OSError):
                self._parquet.close()
            self._parquet.is_open = False  # else it would try again, on a full disk in vain, when it is collected
        shutil.rmtree(self.partial, ignore_errors=True)


class LifeFolder:
    """The folder of a run over several years: appears, whole, under its name only at ``commit``.

    Until then, or ``abandon``, its name is held for this run alone.

    Parameters
    ----------
    out, name
        The folder, and the name of the run; see ``reserved``.

    Raises
    ------
    ResultsError
        Another run is writing the folder, it cannot be written, or it holds something else.
    """

    def __init__(self, out: Path | str | None, name: str) -> None:
        self._held = contextlib.ExitStack()
        self.folder = folder = self._held.enter_context(reserved(out, name))
        self._target = folder.resolve()
        parent = self._target.parent
        try:
            self.partial = Path(tempfile.mkdtemp(prefix=f".{self._target.name}.", suffix=".partial", dir=parent))
            os.chmod(self.partial, 0o755)
        except OSError as error:
            self._held.close()
            raise _explain(error, folder) from None

    def year(self, number: int) -> Path:
        """Return the folder of a year, the first being 1."""
        return self.partial / f"year_{number:02}"

    def commit(self, summary: dict[str, Any], sources: dict[str, str]) -> Path:
        """Write what is not of one year alone and give the folder its name; returns it."""
        try:
            for name, text in {**sources, "summary.json": _summary_text(summary)}.items():
                (self.partial / name).write_text(text, encoding="utf-8")
            write_sums(self.partial, (name for name in os.listdir(self.partial) if (self.partial / name).is_file()))
            _refuse_foreign(self._target, self.folder)
            _give_name(self.partial, self._target)
        except OSError as error:
            self.abandon()
            raise _explain(error, self.folder) from None
        self._held.close()
        return self.folder

    def abandon(self) -> None:
        """Remove what was written so far."""
        shutil.rmtree(self.partial, ignore_errors=True)
        self._held.close()


def _made(part: str, missing: dict[str, str], make: Callable[..., pa.Table], empty: Any, *given: Any) -> pa.Table:
    """Return a table; where it cannot be made, an empty one, and the reason is noted."""
    try:
        return make(*given)
    except OSError:
        raise
    except Exception as error:
        missing[part] = reason_of(error)
        return make(empty, *given[1:])


def _summary_text(summary: dict[str, Any]) -> str:
    try:
        return _json_text(summary)
    except (TypeError, ValueError, RecursionError):
        missing = summary.setdefault("missing", {})
        kept = {}
        for key, value in summary.items():
            try:
                _json_text({key: value})
            except (TypeError, ValueError, RecursionError) as error:
                missing[str(key)] = reason_of(error)
            else:
                kept[key] = value
        return _json_text({**kept, "missing": missing})


def _json_text(summary: dict[str, Any]) -> str:
    whole = {"format": FORMAT, HAS_SUMS: True, **_json_values(summary)}
    return json.dumps(whole, indent=1, allow_nan=False, default=str) + "\n"


def _refuse_foreign(target: Path, folder: Path) -> None:
    """Raise if something stands at the target that is not results: replacing it would lose it."""
    if not target.exists():
        return
    if not target.is_dir():
        raise ResultsError(f"{folder}: a file stands where a folder is needed; choose another folder with --out")
    others = sorted(name for name in set(os.listdir(target)) - PARTS if not _LIFE_PART.fullmatch(name))
    if others:
        raise ResultsError(
            f"{folder}: the folder holds other things than results ('{others[0]}'"
            + (f" and {len(others) - 1} more" if len(others) > 1 else "")
            + ") and is left as it is; choose a new folder with --out"
        )


def _json_values(value: Any) -> Any:
    """Return a summary with null for what is not finite: JSON knows no NaN."""
    if isinstance(value, dict):
        return {key: _json_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_values(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _give_name(partial: Path, folder: Path) -> None:
    """Rename the finished folder; a folder of that name from before is replaced, never mixed with."""
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".old", dir=folder.parent))
        os.replace(folder, old / "old")
        try:
            os.replace(partial, folder)
        except OSError:
            os.replace(old / "old", folder)
            raise
        finally:
            shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(partial, folder)


def _explain(error: OSError, folder: Path) -> ResultsError:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return ResultsError(f"{folder}: the disk is full; free some space or choose another folder with --out")
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return ResultsError(f"{folder}: not writable; choose another folder with --out")
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return ResultsError(f"{folder}: a file stands where a folder is needed; choose another folder with --out")
    why = error.strerror or str(error)
    return ResultsError(f"{folder}: cannot write results ({why}); choose another folder with --out")


_SECOND = pa.timestamp("s", tz="UTC")


# ``pa.array`` and ``pa.table`` would load pandas wherever it is installed: 35 MB
def _numbers(values: Any, kind: pa.DataType | None = None) -> pa.Array:
    """Return numbers of eight bytes as an Arrow array (default: float64)."""
    kind = kind or pa.float64()
    array = np.ascontiguousarray(values, dtype=np.float64 if kind == pa.float64() else np.int64)
    return pa.Array.from_buffers(kind, array.size, [None, pa.py_buffer(array)])


def _texts(values: Sequence[str]) -> pa.Array:
    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded)))


def _table(columns: dict[str, pa.Array]) -> pa.Table:
    return pa.Table.from_arrays(list(columns.values()), names=list(columns))


def _event_table(events: Sequence[Event], start_s: int, step_s: float) -> pa.Table:
    def at(step: int) -> int:
        return int(start_s + step * step_s)

    return _table(
        {
            "component": _texts([e.component for e in events]),
            "code": _numbers([e.code for e in events], pa.int64()),
            "what": _texts([STATUS_TEXT.get(e.code, f"status {e.code}") for e in events]),
            "start": _numbers([at(e.first_step) for e in events], _SECOND),
            "end": _numbers([at(e.last_step + 1) for e in events], _SECOND),
            "amount": _numbers([e.amount for e in events]),
            "peak": _numbers([e.peak for e in events]),
        }
    )


def _ledger_table(ledger: Ledger) -> pa.Table:
    columns = {"component": _texts(ledger.component_ids)}
    for name in ("inflow", "outflow", "reacted", "stored_before", "stored_after"):
        values = getattr(ledger, name)
        for k, item in enumerate(ITEMS):
            columns[f"{name}_{item}"] = _numbers(values[:, k])
    relative = ledger.relative_residual
    for k, item in enumerate(ITEMS[:5]):
        columns[f"relative_residual_{item.rsplit('_', 1)[0]}"] = _numbers(relative[:, k])
    boundary = {"in": ledger.boundary_in.tolist(), "out": ledger.boundary_out.tolist()}
    meta = {"boundary": json.dumps(boundary), "plant_residual": json.dumps(ledger.plant_residual.tolist())}
    return _table(columns).replace_schema_metadata(meta)
