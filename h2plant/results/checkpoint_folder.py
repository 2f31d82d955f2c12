"""The folder of a run's checkpoints: the log so far in segments, where the run stood, and the checksums of both.

Beside them lie the files that the plant was read from. ``SHA256SUMS`` is written last and names what counts: the newest
state and the one before, and the segments that they go on from. What it does not name was being written when the run
was killed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from h2plant.core.regular_file import LARGEST_TABLE_BYTES, FileError, read_regular
from h2plant.core.whole_file import flush, whole_file
from h2plant.results.checksums import SUMS, read_sums, sum_of, write_known_sums
from h2plant.simulation.program import FloatArray

_COLUMNS_AT_ONCE = 200
"""Columns of a row group that are read at once: all of them together would take its memory twice."""
_STATE, _SEGMENT = "state-{:06}.packed", "log-{:06}.parquet"


class CheckpointFolder:
    """Writes checkpoints, and finds the newest that is whole.

    Parameters
    ----------
    folder
        Is made with the first checkpoint.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._sums: dict[str, str] = {}
        self._kept: list[tuple[str, tuple[str, ...]]] = []
        self._texts: tuple[str, ...] = ()
        self._n = 0

    @property
    def is_empty(self) -> bool:
        """Whether no checkpoint was written yet."""
        return not self._kept

    def add_segment(self, file: Path) -> str:
        """Take a closed part of the log into the folder; returns its name there.

        Raises
        ------
        OSError
            It cannot be moved or flushed.
        """
        self.folder.mkdir(exist_ok=True)
        name = self._next(_SEGMENT)
        flush(file)
        os.replace(file, self.folder / name)
        self._sums[name] = sum_of(self.folder / name)
        return name

    def write(self, state: Iterable[bytes | memoryview], segments: Sequence[str], texts: Mapping[str, str]) -> None:
        """Write where a run stands; the checkpoint before the last one goes.

        Parameters
        ----------
        state
            Where it stands, in pieces.
        segments
            The log so far.
        texts
            What the plant was read from, by name of file; written once.

        Raises
        ------
        OSError
            It cannot be written; the checkpoints before it stay.
        """
        self.folder.mkdir(exist_ok=True)
        if not self._texts:
            for name, text in texts.items():
                with whole_file(self.folder / name) as partial:
                    partial.write_text(text, encoding="utf-8")
                self._sums[name] = sum_of(self.folder / name)
            self._texts = tuple(texts)
        name = self._next(_STATE)
        with whole_file(self.folder / name) as partial, partial.open("wb") as stream:
            stream.writelines(state)
        self._sums[name] = sum_of(self.folder / name)
        kept = [*self._kept[-1:], (name, tuple(segments))]
        counts = {*self._texts, *(one for state_name, of in kept for one in (state_name, *of))}
        write_known_sums(self.folder, {one: self._sums[one] for one in counts})
        flush(self.folder.parent)
        self._kept = kept
        self._sums = {one: self._sums[one] for one in counts}
        self._clear()

    def take_over(self, name: str, segments: Sequence[str]) -> None:
        """Go on from a state that was found in the folder: what came after it, and what does not count, goes."""
        sums = read_sums(self.folder)
        assert isinstance(sums, dict)
        self._kept = [(name, tuple(segments))]
        self._texts = tuple(one for one in sums if not one.startswith(("state-", "log-")))
        counts = {name, *segments, *self._texts}
        self._sums = {one: sums[one] for one in counts}
        numbers = [int(one[one.index("-") + 1 : one.index(".")]) for one in (name, *segments)]
        self._n = max(numbers)
        write_known_sums(self.folder, self._sums)
        self._clear()

    def segment_rows(self, segments: Sequence[str]) -> Iterator[FloatArray]:
        """Yield the rows of segments of the log, shape (n_columns, n), a row group at a time."""
        for name in segments:
            with pq.ParquetFile(self.folder / name) as file:
                names = file.schema_arrow.names[1:]
                for k in range(file.num_row_groups):
                    rows = np.empty((len(names), file.metadata.row_group(k).num_rows))
                    for first in range(0, len(names), _COLUMNS_AT_ONCE):
                        some = names[first : first + _COLUMNS_AT_ONCE]
                        table = file.read_row_group(k, some, use_threads=False)
                        for column, values in enumerate(table.columns, first):
                            _fill(rows[column], values)
                    yield rows

    def remove(self) -> None:
        """Remove all checkpoints."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._kept = []

    def _next(self, form: str) -> str:
        self._n += 1
        return form.format(self._n)

    def _clear(self) -> None:
        for entry in os.listdir(self.folder):
            if entry not in self._sums and entry != SUMS:
                with contextlib.suppress(OSError):
                    (self.folder / entry).unlink()


def _fill(row: FloatArray, column: pa.ChunkedArray) -> None:
    """Copy a column; Arrow's own way to arrays would load pandas wherever it is installed: 35 MB."""
    done = 0
    for chunk in column.chunks:
        row[done : done + len(chunk)] = np.frombuffer(chunk.buffers()[1], np.float64, len(chunk), 8 * chunk.offset)
        done += len(chunk)


def states(folder: Path) -> Iterator[tuple[str, bytes | str]]:
    """Yield the states in a folder of checkpoints, the newest first: name and content, or what is wrong with it."""
    sums = read_sums(folder)
    if not isinstance(sums, dict):
        yield SUMS, sums or "is missing"
        return
    for name in sorted((one for one in sums if one.startswith("state-")), reverse=True):
        try:
            if sum_of(folder / name) != sums[name]:
                yield name, "is not what was written (its SHA-256 differs)"
            else:
                yield name, read_regular(folder / name, LARGEST_TABLE_BYTES)
        except (FileError, OSError) as error:
            yield name, f"cannot be read ({error})"


def damaged_segment(folder: Path, segments: Sequence[str]) -> str:
    """Return what is wrong with segments of a log; empty if they are what was written."""
    sums = read_sums(folder)
    for name in segments:
        try:
            if not isinstance(sums, dict) or sum_of(folder / name) != sums.get(name):
                return f"{name} is not what was written (its SHA-256 differs)"
            pq.read_schema(folder / name)
        except (pa.ArrowException, OSError, UnicodeError) as error:
            return f"{name} cannot be read ({error})"
    return ""
