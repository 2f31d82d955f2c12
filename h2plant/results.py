"""Results of a run: named columns with units, ledger, events, summary; in memory or in a folder."""

from __future__ import annotations

import datetime
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from h2plant.core.status import STATUS_TEXT
from h2plant.ledger import ITEMS, Ledger
from h2plant.simulation.engine import Event
from h2plant.simulation.program import Column, FloatArray

FORMAT = 1
_TIMING = {
    "mean": "mean over the interval that starts at 'time'",
    "end": "value at the end of the interval that starts at 'time'",
}


class ResultsError(Exception):
    """A results folder that cannot be read or written; the text says what to do."""


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


class LogWriter:
    """Streams log rows to Parquet in a folder that appears, whole, under its name only at ``commit``.

    Parameters
    ----------
    folder
        Where the results shall appear; must not exist yet (``overwrite`` replaces it at the end).
    columns, start, interval_s
        The log's columns, the start of its first interval, and the length of an interval.
    """

    def __init__(self, folder: Path, columns: Sequence[Column], start: datetime.datetime, interval_s: float) -> None:
        self.folder = folder
        self._start_s = int(start.timestamp())
        self._interval_s = interval_s
        self._rows = 0
        self._schema = _schema(columns)
        self._events: list[Event] = []
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            self.partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
            os.chmod(self.partial, 0o755)
            self._parquet = pq.ParquetWriter(
                self.partial / "log.parquet",
                self._schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=False,
                write_statistics=False,
            )
        except OSError as error:
            raise _explain(error, folder) from None

    def write(self, rows: FloatArray, events: Sequence[Event]) -> None:
        """Append log rows, shape (n, n_columns), and events."""
        self._events.extend(events)
        n = rows.shape[0]
        if n == 0:
            return
        seconds = self._start_s + np.arange(self._rows, self._rows + n) * int(self._interval_s)
        by_column = np.asfortranarray(rows)
        arrays = [pa.array(seconds.astype("datetime64[s]"), type=pa.timestamp("s", tz="UTC"))]
        arrays += [pa.array(by_column[:, k]) for k in range(by_column.shape[1])]
        try:
            self._parquet.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        except OSError as error:
            raise _explain(error, self.folder) from None
        self._rows += n

    def commit(self, ledger: Ledger, summary: dict[str, Any], sources: dict[str, str], step_s: float) -> Path:
        """Write the rest and give the folder its name; returns it."""
        try:
            self._parquet.close()
            pq.write_table(_event_table(self._events, self._start_s, step_s), self.partial / "events.parquet")
            pq.write_table(_ledger_table(ledger), self.partial / "ledger.parquet")
            for name, text in sources.items():
                (self.partial / name).write_text(text, encoding="utf-8")
            text = json.dumps({"format": FORMAT, **summary}, indent=1, allow_nan=True)
            (self.partial / "summary.json").write_text(text + "\n", encoding="utf-8")
            return _give_name(self.partial, self.folder)
        except OSError as error:
            self.abandon()
            raise _explain(error, self.folder) from None

    def abandon(self) -> None:
        """Remove what was written so far."""
        shutil.rmtree(self.partial, ignore_errors=True)


def _give_name(partial: Path, folder: Path) -> Path:
    """Rename the finished folder; a folder of that name from before is replaced, never mixed with."""
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".old", dir=folder.parent))
        os.replace(folder, old / "old")
        os.replace(partial, folder)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(partial, folder)
    return folder


def _explain(error: OSError, folder: Path) -> ResultsError:
    if error.errno == errno.ENOSPC:
        return ResultsError(f"{folder}: the disk is full; free some space or choose another folder with --out")
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return ResultsError(f"{folder}: not writable; choose another folder with --out")
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return ResultsError(f"{folder}: a file stands where a folder is needed; choose another folder with --out")
    return ResultsError(f"{folder}: cannot write results ({error.strerror}); choose another folder with --out")


def _event_table(events: Sequence[Event], start_s: int, step_s: float) -> pa.Table:
    def at(step: int) -> int:
        return int(start_s + step * step_s)

    return pa.table(
        {
            "component": pa.array([e.component for e in events], pa.string()),
            "code": pa.array([e.code for e in events], pa.int64()),
            "what": pa.array([STATUS_TEXT[e.code] for e in events], pa.string()),
            "start": pa.array([at(e.first_step) for e in events], pa.timestamp("s", tz="UTC")),
            "end": pa.array([at(e.last_step + 1) for e in events], pa.timestamp("s", tz="UTC")),
            "amount": pa.array([e.amount for e in events], pa.float64()),
            "peak": pa.array([e.peak for e in events], pa.float64()),
        }
    )


def _ledger_table(ledger: Ledger) -> pa.Table:
    columns: dict[str, Any] = {"component": pa.array(ledger.component_ids, pa.string())}
    for name in ("inflow", "outflow", "reacted", "stored_before", "stored_after"):
        values = getattr(ledger, name)
        for k, item in enumerate(ITEMS):
            columns[f"{name}_{item}"] = pa.array(values[:, k])
    relative = ledger.relative_residual
    for k, item in enumerate(ITEMS[:5]):
        columns[f"relative_residual_{item.rsplit('_', 1)[0]}"] = pa.array(relative[:, k])
    boundary = {"in": ledger.boundary_in.tolist(), "out": ledger.boundary_out.tolist()}
    meta = {"boundary": json.dumps(boundary), "plant_residual": json.dumps(ledger.plant_residual.tolist())}
    return pa.table(columns).replace_schema_metadata(meta)


class Results:
    """What a run gave; read from a folder, columns on demand.

    ``results["component.field"]`` is a float64 array, one value per log interval; ``units``,
    ``descriptions`` and ``time`` tell the rest. ``events`` and ``ledger`` are pyarrow tables, ``summary`` a dict.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        try:
            self.summary: dict[str, Any] = json.loads((self.folder / "summary.json").read_text(encoding="utf-8"))
            self._file = pq.ParquetFile(self.folder / "log.parquet")
            self.events: pa.Table = pq.read_table(self.folder / "events.parquet")
            self.ledger: pa.Table = pq.read_table(self.folder / "ledger.parquet")
        except FileNotFoundError as error:
            raise ResultsError(
                f"{self.folder}: not a results folder ({Path(error.filename).name} is missing)"
            ) from None
        except (json.JSONDecodeError, pa.ArrowInvalid, OSError) as error:
            raise ResultsError(f"{self.folder}: damaged results ({error}); run it again") from None
        if self.summary.get("format") != FORMAT:
            found = self.summary.get("format")
            raise ResultsError(f"{self.folder}: results of format {found}, this version reads {FORMAT}; run it again")
        schema = self._file.schema_arrow
        self.columns: list[str] = [name for name in schema.names if name != "time"]
        self.units: dict[str, str] = {n: _meta(schema, n, "unit") for n in self.columns}
        self.descriptions: dict[str, str] = {n: _meta(schema, n, "description") for n in self.columns}

    def __getitem__(self, name: str) -> FloatArray:
        if name not in self.units:
            import difflib

            near = difflib.get_close_matches(name, self.columns, 4)
            raise KeyError(f"no column {name!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))
        column = self._file.read([name]).column(0)
        return np.asarray(column.to_numpy(), dtype=np.float64)

    def __repr__(self) -> str:
        return f"Results({str(self.folder)!r}, {len(self.columns)} columns x {self._file.metadata.num_rows} rows)"

    def event_counts(self) -> list[tuple[str, str, int, float]]:
        """Return (component, what, times, hours) of all events, those with the most hours first."""
        counts: dict[tuple[str, str], tuple[int, float]] = {}
        for row in self.events.select(["component", "what", "start", "end"]).to_pylist():
            key = (row["component"], row["what"])
            times, hours = counts.get(key, (0, 0.0))
            counts[key] = (times + 1, hours + (row["end"] - row["start"]).total_seconds() / 3600.0)
        rows = [(*key, *value) for key, value in counts.items()]
        return sorted(rows, key=lambda r: -r[3])

    @property
    def time(self) -> np.ndarray[Any, np.dtype[np.datetime64]]:
        """Start of each log interval, UTC, datetime64[s]."""
        return np.asarray(self._file.read(["time"]).column(0).to_numpy())

    def to_arrow(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the log, or some of its columns, as an Arrow table."""
        return self._file.read(None if columns is None else ["time", *columns])

    def to_pandas(self, columns: Sequence[str] | None = None) -> Any:
        """Return the log as a pandas DataFrame indexed by time (needs pandas: ``pip install h2plant[pandas]``)."""
        try:
            import pandas  # noqa: F401
        except ImportError:
            raise ResultsError("to_pandas needs pandas: pip install 'h2plant[pandas]', or use to_arrow()") from None
        return self.to_arrow(columns).to_pandas().set_index("time")

    def to_parquet(self, path: Path | str) -> Path:
        """Write the log to one Parquet file; units and descriptions travel in the schema."""
        target = Path(path)
        pq.write_table(self.to_arrow(), target)
        return target


def _meta(schema: pa.Schema, name: str, key: str) -> str:
    meta = schema.field(name).metadata or {}
    return str(meta.get(key.encode(), b"").decode())
