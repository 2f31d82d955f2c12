"""Columns of a log as a chart needs them: few values, no extreme lost, only what is asked for read from the file."""

from __future__ import annotations

import datetime
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from h2plant.core.real_path import real_path
from h2plant.report.page.charts import extremes
from h2plant.results.folder import ResultsError, require_whole
from h2plant.simulation.program import FloatArray

OVERVIEW_POINTS = 2400
"""Most values of a whole column."""

WINDOW_POINTS = 2400
"""Most values of the range that is looked at."""

CACHE_BYTES = 200_000_000
"""Most bytes of columns that are kept in memory, over all runs."""

MOST_OVERVIEWS = 2000
"""Most whole columns of which the thinned values are kept (about 40 kB each)."""


class ColumnCache:
    """Pieces of columns that were read, the latest used kept up to a number of bytes; for several threads."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most = most_bytes
        self._pieces: OrderedDict[tuple[str, str, int], FloatArray] = OrderedDict()
        self._overviews: OrderedDict[tuple[str, str], tuple[npt.NDArray[np.intp], FloatArray]] = OrderedDict()
        self._lock = threading.Lock()
        self.n_bytes = 0

    def piece(self, key: tuple[str, str, int]) -> FloatArray | None:
        """Return a piece (file, column, row group), or None."""
        with self._lock:
            found = self._pieces.get(key)
            if found is not None:
                self._pieces.move_to_end(key)
            return found

    def keep(self, key: tuple[str, str, int], values: FloatArray) -> None:
        """Keep a piece; the pieces not used for the longest time go."""
        with self._lock:
            if key not in self._pieces:
                self._pieces[key] = values
                self.n_bytes += values.nbytes
            while self.n_bytes > self._most and len(self._pieces) > 1:
                self.n_bytes -= self._pieces.popitem(last=False)[1].nbytes

    def overview(self, key: tuple[str, str]) -> tuple[npt.NDArray[np.intp], FloatArray] | None:
        """Return rows and values of a whole column, thinned; None if they are not kept."""
        with self._lock:
            found = self._overviews.get(key)
            if found is not None:
                self._overviews.move_to_end(key)
            return found

    def keep_overview(self, key: tuple[str, str], rows: npt.NDArray[np.intp], values: FloatArray) -> None:
        """Keep rows and values of a whole column, thinned."""
        with self._lock:
            self._overviews[key] = rows, values
            while len(self._overviews) > MOST_OVERVIEWS:
                self._overviews.popitem(last=False)


@dataclass(frozen=True)
class View:
    """A column as a chart shows it.

    Parameters
    ----------
    rows
        Rows of the log, ascending: finely within the range looked at, coarsely around it.
    values
        The column there, SI.
    begin, end
        The range looked at, rows of the log: from ``begin`` up to, not including, ``end``.
    n_shown
        How many values of the range are among ``rows``.
    least, mean, greatest
        Over all values of the range, not only those shown; NaN where none is finite.
    """

    rows: npt.NDArray[np.intp]
    values: FloatArray
    begin: int
    end: int
    n_shown: int
    least: float
    mean: float
    greatest: float


class Log:
    """The log of a run, read by column and row group.

    Parameters
    ----------
    folder
        Folder of the run.
    cache
        Where pieces that were read are kept.

    Raises
    ------
    ResultsError
        The log is damaged or has no time.
    """

    def __init__(self, folder: Path, cache: ColumnCache) -> None:
        self.folder = folder
        self._cache = cache
        self._lock = threading.Lock()  # one reader of the file at a time
        path = folder / "log.parquet"
        require_whole(folder)
        try:
            about = path.stat()
            self.key = f"{real_path(path)}:{about.st_mtime_ns}:{about.st_size}"
            self._file = pq.ParquetFile(path)
            schema = self._file.schema_arrow
            sizes = [self._file.metadata.row_group(k).num_rows for k in range(self._file.metadata.num_row_groups)]
            self._edges = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
            first = self._file.read_row_groups([0], ["time"]).column(0).to_numpy() if sizes else np.zeros(0)
        except (pa.ArrowException, OSError, UnicodeError, KeyError) as error:
            raise self._damaged(error) from None
        self.n_rows = int(self._edges[-1])
        meta = {name: schema.field(name).metadata or {} for name in schema.names if name != "time"}
        self.columns = list(meta)
        self.units = {name: m.get(b"unit", b"").decode() for name, m in meta.items()}
        self.descriptions = {name: m.get(b"description", b"").decode() for name, m in meta.items()}
        self._is_end = {name for name, m in meta.items() if m.get(b"timing", b"") == b"end"}
        times = np.asarray(first).astype("datetime64[s]").astype(np.int64) if first.size else np.zeros(1, np.int64)
        self.start_s = int(times[0])
        self.interval_s = int(times[1] - times[0]) if times.size > 1 else 3600

    def _damaged(self, error: Exception, column: str = "") -> ResultsError:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        where = f" in column '{column}'" if column else ""
        return ResultsError(f"{self.folder.name}: damaged log{where} ({first}); run it again")

    def is_end(self, name: str) -> bool:
        """Whether a column's values stand at the end of their intervals; else they are means over them."""
        return name in self._is_end

    def milliseconds(self, name: str, rows: npt.NDArray[np.intp]) -> FloatArray:
        """Return the times at which values of some rows of a column are drawn, ms since 1970."""
        shift = 1 if self.is_end(name) else 0
        return np.asarray((self.start_s + (rows + shift) * self.interval_s) * 1000.0)

    def span(self) -> tuple[float, float]:
        """Return start and end of the log, ms since 1970."""
        return self.start_s * 1000.0, (self.start_s + self.n_rows * self.interval_s) * 1000.0

    def rows_within(self, begin_ms: float | None, end_ms: float | None) -> tuple[int, int]:
        """Return the rows whose intervals touch a range of time: from the first up to, not including, the second."""
        per_row = self.interval_s * 1000.0
        first, last = 0, self.n_rows
        if begin_ms is not None:
            first = int(np.clip(np.floor((begin_ms - self.start_s * 1000.0) / per_row), 0, self.n_rows))
        if end_ms is not None:
            last = int(np.clip(np.ceil((end_ms - self.start_s * 1000.0) / per_row), first, self.n_rows))
        return first, last

    def values(self, name: str, begin: int = 0, end: int | None = None) -> FloatArray:
        """Return rows of a column; only the row groups that hold them are read.

        Raises
        ------
        ResultsError
            There is no such column, or the file is damaged there.
        """
        if name not in self.units:
            raise ResultsError(f"{self.folder.name}: the log has no column '{name}'")
        stop = self.n_rows if end is None else end
        if stop <= begin:
            return np.zeros(0)
        first = int(np.searchsorted(self._edges, begin, side="right")) - 1
        last = int(np.searchsorted(self._edges, stop, side="left")) - 1
        whole = [self._piece(name, group) for group in range(first, last + 1)]
        offset = int(self._edges[first])
        joined = whole[0] if len(whole) == 1 else np.concatenate(whole)
        return joined[begin - offset : stop - offset]

    def _piece(self, name: str, group: int) -> FloatArray:
        key = (self.key, name, group)
        kept = self._cache.piece(key)
        if kept is not None:
            return kept
        try:
            with self._lock:
                column = self._file.read_row_groups([group], [name], use_threads=False).column(0)
        except (pa.ArrowException, OSError, UnicodeError) as error:
            raise self._damaged(error, name) from None
        values = np.asarray(column.to_numpy(), dtype=np.float64)
        self._cache.keep(key, values)
        return values

    def overview(self, name: str) -> tuple[npt.NDArray[np.intp], FloatArray]:
        """Return rows and values of a whole column, thinned to the least and the greatest of each piece."""
        kept = self._cache.overview((self.key, name))
        if kept is None:
            values = self.values(name)
            rows = extremes(values, OVERVIEW_POINTS)
            kept = rows, values[rows]
            self._cache.keep_overview((self.key, name), *kept)
        return kept

    def view(
        self, name: str, begin_ms: float | None = None, end_ms: float | None = None, n_points: int = WINDOW_POINTS
    ) -> View:
        """Return a column for a chart: the whole thinned, and in its midst the range looked at as finely as it takes.

        Parameters
        ----------
        name
            The column.
        begin_ms, end_ms
            Range looked at, ms since 1970; all if None.
        n_points
            Most values of the range.

        Raises
        ------
        ResultsError
            There is no such column, or the file is damaged there.
        """
        begin, end = self.rows_within(begin_ms, end_ms)
        around, coarse = self.overview(name)
        values = self.values(name, begin, end)
        if (begin, end, n_points) == (0, self.n_rows, OVERVIEW_POINTS):
            kept = around
        else:
            kept = extremes(values, n_points) if values.size else np.zeros(0, dtype=np.intp)
        before, after = around < begin, around >= end
        rows = np.concatenate([around[before], kept + begin, around[after]])
        shown = np.concatenate([coarse[before], values[kept], coarse[after]])
        finite = values[np.isfinite(values)]
        figures = (finite.min(), finite.mean(), finite.max()) if finite.size else (np.nan, np.nan, np.nan)
        return View(rows, shown, begin, end, kept.size, *(float(value) for value in figures))


class Logs:
    """The logs that were opened last; for several threads."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._cache = ColumnCache()
        self._open: OrderedDict[Path, Log] = OrderedDict()
        self._lock = threading.Lock()

    def log(self, folder: Path) -> Log:
        """Return the log of a run; one that was replaced since is opened anew.

        Raises
        ------
        ResultsError
            It cannot be read.
        """
        path = folder / "log.parquet"
        with self._lock:
            known = self._open.get(folder)
            if known is not None:
                try:
                    about = path.stat()
                except OSError as error:
                    raise ResultsError(f"{folder.name}: the log is gone ({error.strerror})") from None
                if known.key == f"{real_path(path)}:{about.st_mtime_ns}:{about.st_size}":
                    self._open.move_to_end(folder)
                    return known
            log = self._open[folder] = Log(folder, self._cache)
            self._open.move_to_end(folder)
            while len(self._open) > self._most:
                self._open.popitem(last=False)
            return log


def instant(milliseconds: str) -> datetime.datetime:
    """Return an instant, UTC, from ms since 1970 as an address has them.

    Raises
    ------
    ResultsError
        It is none.
    """
    try:
        return datetime.datetime.fromtimestamp(float(milliseconds) / 1000.0, datetime.UTC)
    except (ValueError, OverflowError, OSError):
        raise ResultsError(f"'{milliseconds[:40]}' is no instant; give milliseconds since 1970") from None
