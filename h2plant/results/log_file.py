"""The tables of a run in Parquet: the log, streamed in row groups as it comes; events and ledger at its end."""

from __future__ import annotations

import contextlib
import json
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from h2plant.core.status import STATUS_TEXT
from h2plant.results.ledger import ITEMS, Ledger
from h2plant.simulation.engine import Event
from h2plant.simulation.program import Column, FloatArray

_TIMING = {
    "mean": "mean over the interval that starts at 'time'",
    "end": "value at the end of the interval that starts at 'time'",
}


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
POOL = {"memory_pool": pa.system_memory_pool()}
"""For writers: it gives back what it frees, unlike Arrow's own, which takes some 10 MB at once."""


class PackedEvents:
    """Events in 48 bytes each instead of 250: a year has 12,000, and they stay until the end."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._whole = array("q")  # component, code
        self._real = array("d")  # first and last step, amount, peak

    def extend(self, events: Iterable[Event]) -> None:
        """Add events."""
        for event in events:
            place = self._places.setdefault(event.component, len(self._places))
            self._whole.extend((place, event.code))
            self._real.extend((event.first_step, event.last_step, event.amount, event.peak))

    def snapshot(self) -> dict[str, Any]:
        """Return them as arrays, for ``restore``."""
        whole, real = np.array(self._whole, dtype=np.int64), np.array(self._real, dtype=np.float64)
        return {"components": list(self._places), "whole": whole, "real": real}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Take the place of the events that others had."""
        self._places = {id_: place for place, id_ in enumerate(kept["components"])}
        self._whole, self._real = array("q", kept["whole"].tolist()), array("d", kept["real"].tolist())

    def reported(self, code: int) -> dict[str, tuple[float, float]]:
        """Return by component for how many steps it reported a status, and the largest amount of any."""
        ids, found = list(self._places), dict[str, tuple[float, float]]()
        for k in range(1, len(self._whole), 2):
            if self._whole[k] == code:
                first, last, _, peak = self._real[2 * k - 2 : 2 * k + 2]
                id_ = ids[self._whole[k - 1]]
                steps, most = found.get(id_, (0.0, 0.0))
                found[id_] = steps + last - first + 1.0, max(most, peak)
        return found

    def unpacked(self) -> list[Event]:
        """Return them in the order in which they came."""
        ids = list(self._places)
        whole, real = iter(self._whole), iter(self._real)
        rows = zip(whole, whole, real, real, real, real, strict=True)
        return [Event(ids[place], code, *numbers) for place, code, *numbers in rows]


class LogFile:
    """Gathers log rows and streams them to a Parquet file, a row group at a time.

    Parameters
    ----------
    file
        What is written.
    columns, start_s, interval_s
        The log's columns, the start of its first interval in s since 1970, and the length of an interval.
    n_rows
        How many rows to expect of the whole log, by which the size of a group goes.
    first_row
        Number of the first row in the whole log.

    Raises
    ------
    OSError
        It cannot be written; so do ``write`` and ``close``.
    """

    def __init__(
        self,
        file: Path,
        columns: Sequence[Column],
        start_s: int,
        interval_s: float,
        n_rows: int,
        first_row: int = 0,
    ) -> None:
        self.file = file
        self.rows = self._first_row = first_row
        self._start_s = start_s
        self._interval_s = interval_s
        self._schema = _schema(columns)
        row_bytes = 8 * len(columns)
        capacity = math.ceil(GROUP_BYTES_PER_ROOT * math.sqrt(n_rows * row_bytes) / row_bytes)
        # one row per column, so that Arrow takes columns as they lie
        self._gathered = np.empty((len(columns), min(max(capacity, LEAST_GROUP_ROWS), max(n_rows, 1))))
        self._n_gathered = 0
        self._failure: OSError | None = None
        self._parquet: pq.ParquetWriter | None = pq.ParquetWriter(
            file,
            self._schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=False,
            write_statistics=False,
            **POOL,
        )

    def write(self, columns: FloatArray) -> None:
        """Append rows, shape (n_columns, n)."""
        done, n_new = 0, columns.shape[1]
        while done < n_new:
            n = min(n_new - done, self._gathered.shape[1] - self._n_gathered)
            self._gathered[:, self._n_gathered : self._n_gathered + n] = columns[:, done : done + n]
            self._n_gathered += n
            done += n
            if self._n_gathered == self._gathered.shape[1]:
                self._write_group()

    def _write_group(self) -> None:
        """Write the gathered rows as a row group."""
        n = self._n_gathered
        if n == 0 or self._parquet is None:
            return
        seconds = self._start_s + np.arange(self.rows, self.rows + n) * int(self._interval_s)
        arrays = [_numbers(seconds, _SECOND), *(_numbers(column) for column in self._gathered[:, :n])]
        self._parquet.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self.rows += n
        self._n_gathered = 0

    @property
    def is_empty(self) -> bool:
        """Whether it was given no row yet."""
        return self._n_gathered == 0 and self.rows == self._first_row

    def gathered(self, most_bytes: float) -> FloatArray | None:
        """Return all rows it was given, shape (n_columns, n); None where some are written, or they are too many."""
        n = self._n_gathered
        if self.rows > self._first_row or 8.0 * self._gathered.shape[0] * n > most_bytes:
            return None
        return self._gathered[:, :n].copy()

    def close(self) -> None:
        """Write the rows that are gathered, close the file and give back its memory; nothing may be added after it.

        Where that fails once, as on a full disk, it fails again in the same way: Arrow would say that the file is
        closed.
        """
        if self._failure is not None:
            raise self._failure
        if self._parquet is None:
            return
        try:
            self._write_group()
            self._gathered = np.empty((0, 0))
            self._parquet.close()
        except OSError as error:
            self._failure = error
            raise
        self._parquet = None  # with what it remembers of each group

    def abandon(self) -> None:
        """Let go of the file, whatever is in it."""
        if self._parquet is not None:
            with contextlib.suppress(OSError, pa.ArrowException):
                self._parquet.close()
            self._parquet.is_open = False  # else it would try again, on a full disk in vain, when it is collected


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


def event_table(events: Sequence[Event], start_s: int, step_s: float) -> pa.Table:
    """Return events as a table; their times follow from the start of the run, s since 1970, and the step."""

    def at(step: float) -> int:
        return round(start_s + step * step_s)

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


def ledger_table(ledger: Ledger) -> pa.Table:
    """Return a ledger as a table, a row for each component; what crossed the plant's border is in its metadata."""
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
