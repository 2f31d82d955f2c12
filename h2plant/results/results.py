"""Results of a run: named columns with units, ledger, events, summary; in memory or in a folder."""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from h2plant.core.error import first_line
from h2plant.core.regular_file import LARGEST_TABLE_BYTES, FileError, read_regular
from h2plant.core.whole_file import whole_file
from h2plant.results.checksums import lost_sums
from h2plant.results.folder import ResultsError, require_whole
from h2plant.results.shape import EVENTS, LEDGER, LOG, SUMMARY, column_problem, problem_of, table_problem
from h2plant.results.table import results_html
from h2plant.results.version import FormatError, in_todays_form, require_readable
from h2plant.results.warning import LOST, warnings_of
from h2plant.simulation.program import FloatArray


class Results:
    """What a run gave; read from a folder, columns on demand.

    ``results["component.field"]`` is a float64 array, one value per log interval; ``units``,
    ``descriptions`` and ``time`` tell the rest. ``events`` and ``ledger`` are pyarrow tables, ``summary`` a dict.
    """

    def __init__(self, folder: Path | str, is_fresh: bool = False) -> None:
        self.folder = Path(folder)
        if not self.folder.is_dir():
            what = "is a file, not a results folder" if self.folder.exists() else "there is no such folder"
            raise ResultsError(f"{self.folder}: {what}; give the folder that a run wrote")
        for part in ("summary.json", "log.parquet", "events.parquet", "ledger.parquet"):
            if not (self.folder / part).is_file():
                remedy = "give the folder that a run wrote"
                raise ResultsError(f"{self.folder}: not a results folder ({part} is missing); {remedy}")
        if not is_fresh:  # what this process just wrote is what it wrote
            require_whole(self.folder)
        try:
            self.summary: dict[str, Any] = json.loads(read_regular(self.folder / "summary.json", LARGEST_TABLE_BYTES))
            require_readable(self.summary)
            self._refuse(problem_of(self.summary, SUMMARY, "summary.json"))
            self.summary = in_todays_form(self.summary)
            if lost := lost_sums(self.folder, self.summary):
                self.summary[LOST] = lost
            if not is_fresh:  # what this process just wrote is read when first asked for
                _ = self.events, self.ledger, self._file
        except FormatError as error:
            raise ResultsError(f"{self.folder}: {error}") from None
        except (FileError, ValueError, RecursionError, pa.ArrowException, OSError) as error:
            raise self._damaged(error) from None

    @functools.cached_property
    def events(self) -> pa.Table:
        """What components reported."""
        return self._table("events.parquet", EVENTS)

    @functools.cached_property
    def ledger(self) -> pa.Table:
        """The balances by component."""
        return self._table("ledger.parquet", LEDGER)

    def _table(self, part: str, shape: Any) -> pa.Table:
        # not pq.read_table: it loads all of Arrow's data set machinery, 20 MB
        table: pa.Table = pq.ParquetFile(self.folder / part).read()
        self._refuse(table_problem(table, shape, part))
        return table

    @functools.cached_property
    def _file(self) -> Any:
        file = pq.ParquetFile(self.folder / "log.parquet")
        self._refuse(column_problem(file.schema_arrow, LOG, "log.parquet"))
        return file

    @property
    def log_file(self) -> Any:
        """The log as an open Parquet file, for whoever reads it group by group."""
        return self._file

    @functools.cached_property
    def _schema(self) -> pa.Schema:
        return self._file.schema_arrow

    @functools.cached_property
    def columns(self) -> list[str]:
        """Names of the logged columns."""
        return [name for name in self._schema.names if name != "time"]

    @functools.cached_property
    def units(self) -> dict[str, str]:
        """Unit of each column."""
        return {n: _meta(self._schema, n, "unit") for n in self.columns}

    @functools.cached_property
    def descriptions(self) -> dict[str, str]:
        """Meaning of each column."""
        return {n: _meta(self._schema, n, "description") for n in self.columns}

    @functools.cached_property
    def timing(self) -> dict[str, str]:
        """What each column's values say about time: 'mean' over the log interval, or value at its 'end'."""
        return {n: _meta(self._schema, n, "timing") for n in self.columns}

    def _damaged(self, error: Exception) -> ResultsError:
        return ResultsError(f"{self.folder}: damaged results ({first_line(error)}); run it again")

    def _refuse(self, problem: str) -> None:
        """Raise a ResultsError if there is a problem."""
        if problem:
            raise ResultsError(f"{self.folder}: damaged results ({problem}); run it again")

    def _read(self, names: Sequence[str] | None) -> pa.Table:
        """Read columns; a wrong name is a KeyError that suggests others, damage a ResultsError."""
        for name in names or ():
            if name != "time" and name not in self.units:
                near = difflib.get_close_matches(name, self.columns, 4)
                raise KeyError(f"no column {name!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))
        try:
            return self._file.read(names)
        except (pa.ArrowException, OSError, UnicodeError) as error:
            raise self._damaged(error) from None

    def __getitem__(self, name: str) -> FloatArray:
        return np.asarray(self._read([name]).column(0).to_numpy(), dtype=np.float64)

    def __contains__(self, name: object) -> bool:
        return name in self.units

    def __len__(self) -> int:
        return int(self._file.metadata.num_rows)

    @property
    def warnings(self) -> list[str]:
        """What must be known before the figures are used: why they are not valid, what of them is missing."""
        return [f"{what}: {why}" for what, why in warnings_of(self.summary)]

    def __repr__(self) -> str:
        warned = "".join(f", {text}" for text in self.warnings[:1])
        return f"Results({str(self.folder)!r}, {len(self.columns)} columns x {len(self)} rows{warned})"

    def _repr_html_(self) -> str:
        """Return the run as a notebook shows it: key figures with units, columns by component, how to go on."""
        return results_html(self.folder, self.summary, self.columns, len(self), self.event_counts())

    def describe(self, part: str = "") -> pa.Table:
        """Return what the columns mean: name, unit, description with timing, and range over the run.

        Parameters
        ----------
        part
            Only columns whose name contains this, such as ``'stack.'`` or ``'temperature'``.
        """
        names = [name for name in self.columns if part in name]
        log = self._read(names) if names else None
        columns = () if log is None else log.columns
        values = [np.asarray(column.to_numpy(), dtype=np.float64) for column in columns]
        with np.errstate(over="ignore"):  # values near the largest of all have no mean but an infinite one
            means = [float(v.mean()) if v.size else float("nan") for v in values]
        return pa.table(
            {
                "column": pa.array(names, pa.string()),
                "unit": pa.array([self.units[n] for n in names], pa.string()),
                "min": pa.array([float(v.min(initial=np.inf)) for v in values], pa.float64()),
                "mean": pa.array(means, pa.float64()),
                "max": pa.array([float(v.max(initial=-np.inf)) for v in values], pa.float64()),
                "description": pa.array([self.descriptions[n] for n in names], pa.string()),
            }
        )

    def event_counts(self) -> list[tuple[str, str, int, float]]:
        """Return (component, what, times, hours) of all events, those with the most hours first."""
        counts: dict[tuple[str, str], tuple[int, float]] = {}
        what = (self.events.column(name).to_pylist() for name in ("component", "what"))
        start, end = (self.events.column(name).to_numpy() for name in ("start", "end"))
        took_h = (end - start) / np.timedelta64(1, "h")  # as numbers: damaged times leave all calendars
        for key, one_h in zip(zip(*what, strict=True), took_h.tolist(), strict=True):
            times, hours = counts.get(key, (0, 0.0))
            counts[key] = (times + 1, hours + one_h)
        rows = [(*key, *value) for key, value in counts.items()]
        return sorted(rows, key=lambda r: -r[3])

    @property
    def time(self) -> np.ndarray[Any, np.dtype[np.datetime64]]:
        """Start of each log interval, UTC, datetime64[s]."""
        return np.asarray(self._read(["time"]).column(0).to_numpy()).astype("datetime64[s]")

    def to_arrow(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the log, or some of its columns, as an Arrow table."""
        return self._read(None if columns is None else ["time", *columns])

    def to_pandas(self, columns: Sequence[str] | None = None) -> Any:
        """Return the log as a pandas DataFrame indexed by time (needs pandas: ``pip install h2plant[pandas]``)."""
        try:
            import pandas  # noqa: F401
        except ImportError:
            raise ResultsError("to_pandas needs pandas: pip install 'h2plant[pandas]', or use to_arrow()") from None
        return self.to_arrow(columns).to_pandas().set_index("time")

    def to_parquet(self, path: Path | str) -> Path:
        """Write the log to one Parquet file, whole or not at all; units and descriptions travel in the schema."""
        target = Path(path)
        try:
            with whole_file(target) as partial:
                pq.write_table(self.to_arrow(), partial)
        except OSError as error:
            raise ResultsError(
                f"{target}: cannot be written ({error.strerror or error}); choose another path"
            ) from None
        return target


def _meta(schema: pa.Schema, name: str, key: str) -> str:
    meta = schema.field(name).metadata or {}
    return str(meta.get(key.encode(), b"").decode(errors="replace"))
