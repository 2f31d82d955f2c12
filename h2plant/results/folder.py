"""The folder of a run: log, events, ledger and summary, written as the run goes and given their name when it ends."""

from __future__ import annotations

import contextlib
import datetime
import errno
import functools
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from h2plant.core.error import UserError, reason_of
from h2plant.core.real_path import real_path
from h2plant.core.reservation import reserve, reserve_next
from h2plant.core.whole_file import whole_file
from h2plant.plant.graph import BLOCKS, CODE
from h2plant.results.checkpoint_folder import CheckpointFolder
from h2plant.results.checksums import HAS_SUMS, SUMS, Damage, add_sum, damages, write_sums
from h2plant.results.ledger import EMPTY_LEDGER, Ledger
from h2plant.results.leftover import (
    CHECKPOINT,
    clear_stale,
    finish_move,
    give_name,
    is_of_run,
    is_own_name,
    leave_checkpoint,
    new_partial,
    remove_partial,
    spare,
)
from h2plant.results.log_file import POOL, LogFile, PackedEvents, event_table, ledger_table
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

CARRIED_BYTES = 8.0e6
"""Rows of the log up to which a checkpoint has them in itself; more are cut off as a segment, which costs more."""

YEARS_TABLE = "years.csv"
"""Table of the years of a life; each year's results lie in a folder ``year_01``, ``year_02`` and so on beside it."""

_LIFE_PART = re.compile(rf"{re.escape(YEARS_TABLE)}|{re.escape(SUMS)}|year_\d+(-report\.html)?")


class ResultsError(UserError):
    """A results folder that cannot be read or written; the text says what to do."""


class NotWritable(ResultsError):
    """A results folder that cannot be written; ``in_place`` says it where no other can be chosen."""

    def __init__(self, what: str, remedy: str = "") -> None:
        elsewhere = "choose another folder with --out"
        super().__init__(f"{what}; {remedy} or {elsewhere}" if remedy else f"{what}; {elsewhere}")
        self.in_place = f"{what}; {remedy or 'let it be written, or move it to where it can be'}"


def require_writable(folder: Path) -> None:
    """Raise a ResultsError if results cannot be written to a folder, or if it holds something else."""
    try:
        target = real_path(folder)
        _refuse_foreign(target, folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rmdir(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
    except OSError as error:
        raise _explain(error, folder) from None


def require_free_name(folder: Path) -> None:
    """Raise a ResultsError where a path has a name that the program gives to what lies beside results."""
    try:
        is_own = is_own_name(folder)
    except OSError as error:
        raise _explain(error, folder) from None
    if is_own:
        raise ResultsError(
            f"{folder}: names such as .NAME.lock, .NAME.replaced, .NAME.xxxxxxxx.partial and .NAME.xxxxxxxx.old are "
            "kept for what lies beside results, and is removed with them; choose another name"
        )


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
    require_free_name(folder)
    if is_held:
        _make_ready(folder)
        yield folder
        return
    try:
        held = reserve_next(folder.parent, name) if out is None else reserve(folder)
    except OSError as error:
        raise _explain(error, folder) from None
    if held is None:
        raise NotWritable(f"{folder}: another run is writing this folder", "wait until it ends,")
    with held as folder:
        _make_ready(folder)  # now, and not after minutes of compiling
        yield folder


def _make_ready(folder: Path) -> None:
    """Look whether results can be written, and clear away what a kill left; the caller holds the name."""
    require_writable(folder)
    try:
        finish_move(folder)
    except OSError as error:
        raise _explain(error, folder) from None
    clear_stale(folder)


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
        if _whole.get(real_path(folder)) == seen:
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
    _whole[real_path(folder)] = seen


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
    require_free_name(out)
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
    partial
        What a run of this name wrote before, to go on from a checkpoint in it.
    checkpoints
        Where checkpoints lie; default: within what the run writes.

    Raises
    ------
    ResultsError
        The folder cannot be written, or holds something else.
    """

    def __init__(
        self,
        folder: Path,
        columns: Sequence[Column],
        start: datetime.datetime,
        interval_s: float,
        n_rows: int,
        partial: Path | None = None,
        checkpoints: CheckpointFolder | None = None,
    ) -> None:
        self.folder = folder
        self._is_kept = False
        self._segments: list[str] = []
        self._target = real_path(folder)
        self._start_s = int(start.timestamp())
        self._events = PackedEvents()
        _refuse_foreign(self._target, folder)
        try:
            parent = self._target.parent
            parent.mkdir(parents=True, exist_ok=True)
            self.partial = new_partial(self._target) if partial is None else partial
        except OSError as error:
            raise _explain(error, folder) from None
        self.checkpoints = CheckpointFolder(self.partial / CHECKPOINT) if checkpoints is None else checkpoints
        file = self.partial / "log.parquet"
        self._new_log = functools.partial(LogFile, file, columns, self._start_s, interval_s, n_rows)
        try:
            self._log = self._new_log()
        except OSError as error:
            self._remove()
            raise _explain(error, folder) from None

    def write(self, rows: FloatArray, events: Sequence[Event]) -> None:
        """Append log rows, shape (n, n_columns), and events."""
        self._events.extend(events)
        try:
            self._log.write(rows.T)
        except OSError as error:
            raise _explain(error, self.folder) from None

    def close_log(self) -> None:
        """Write the rows that are gathered, close the log and give back its memory; nothing may be added after it.

        Raises
        ------
        ResultsError
            They cannot be written.
        """
        try:
            if self._segments:
                self._join_segments()
            self._log.close()
        except OSError as error:
            raise _explain(error, self.folder) from None

    def _cut_segment(self) -> None:
        """Close the log so far as a segment, which stays whatever happens to this process."""
        rows = self._log.rows
        if not self._log.is_empty:
            self._log.close()
            rows = self._log.rows
            self._segments.append(self.checkpoints.add_segment(self._log.file))
            self._log = self._new_log(rows)

    def _join_segments(self) -> None:
        """Write the log anew, in one, from its segments: the same file as if it never had been cut."""
        self._cut_segment()
        self._log.abandon()
        self._log = self._new_log()
        for columns in self.checkpoints.segment_rows(self._segments):
            self._log.write(columns)
        self._segments = []

    def snapshot(self) -> dict[str, Any]:
        """Return what was written so far, for ``restore``; rows of the log that are not in it are on the disk then.

        Raises
        ------
        ResultsError
            The disk is full or cannot be written.
        """
        tail = self._log.gathered(CARRIED_BYTES)
        if tail is None:
            try:
                self._cut_segment()
            except OSError as error:
                raise _explain(error, self.folder) from None
            tail = self._log.gathered(0.0)
        return {
            "rows": self._log.rows,
            "segments": list(self._segments),
            "tail": tail,
            "events": self._events.snapshot(),
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Go on from what another writer of the same run had written; its segments lie in ``checkpoints``."""
        self._log.abandon()
        self._segments = list(kept["segments"])
        try:
            self._log = self._new_log(kept["rows"])
            self._log.write(kept["tail"])
        except OSError as error:
            raise _explain(error, self.folder) from None
        self._events.restore(kept["events"])

    def reported(self, code: int) -> dict[str, tuple[float, float]]:
        """Return by component for how many steps it reported a status, and the largest amount, in events so far."""
        return self._events.reported(code)

    def commit(
        self,
        ledger: Ledger,
        summary: dict[str, Any],
        sources: Mapping[str, str | bytes],
        step_s: float,
        is_to_go_on: bool = False,
    ) -> Path:
        """Write the rest and give the folder its name; returns it.

        What cannot be made of events and ledger is left empty, what cannot be written of the summary is left out; its
        ``missing`` says so. Where something else has come to stand under the name meanwhile, the results appear beside
        it. Checkpoints go, unless the run is to go on from them.

        Raises
        ------
        ResultsError
            The disk is full or cannot be written: nothing is left; or the log cannot be closed: the text says where
            what was written lies.
        """
        missing: dict[str, str] = summary.setdefault("missing", {})
        try:
            self.close_log()
            events = _made("events", missing, event_table, [], self._events.unpacked(), self._start_s, step_s)
            pq.write_table(events, self.partial / "events.parquet", **POOL)
            balances = _made("ledger", missing, ledger_table, EMPTY_LEDGER, ledger)
            pq.write_table(balances, self.partial / "ledger.parquet", **POOL)
            for name, content in sources.items():
                (self.partial / name).write_bytes(content if isinstance(content, bytes) else content.encode())
            self._move_aside(missing)
            (self.partial / "summary.json").write_text(_summary_text(summary), encoding="utf-8")
            write_sums(self.partial, (path.name for path in self.partial.iterdir() if path.is_file()))
            leave_checkpoint(self.partial, self._target if is_to_go_on else None)
            give_name(self.partial, self._target)
        except ResultsError:
            self.abandon()
            raise
        except OSError as error:
            self.abandon()
            raise _explain(error, self.folder) from None
        except Exception as error:
            self._is_kept = True
            spare(self.partial)
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
                self._target = real_path(self.folder)
            missing["the folder's name"] = str(error)

    def abandon(self) -> None:
        """Remove what was written so far, but for checkpoints."""
        if self._is_kept:
            return
        self._log.abandon()
        self._remove()

    def _remove(self) -> None:
        remove_partial(self.partial)


class LifeFolder:
    """The folder of a run over several years: appears, whole, under its name only at ``commit``.

    Until then, or ``abandon``, its name is held for this run alone.

    Parameters
    ----------
    out, name
        The folder, and the name of the run; see ``reserved``.
    partial
        What a life of this name wrote before, to go on with it; the caller holds the name.

    Raises
    ------
    ResultsError
        Another run is writing the folder, it cannot be written, or it holds something else.
    """

    def __init__(self, out: Path | str | None, name: str, partial: Path | None = None) -> None:
        self._held = contextlib.ExitStack()
        self.folder = folder = self._held.enter_context(reserved(out, name, is_held=partial is not None))
        self._target = real_path(folder)
        try:
            self.partial = new_partial(self._target) if partial is None else partial
        except OSError as error:
            self._held.close()
            raise _explain(error, folder) from None

    def year(self, number: int) -> Path:
        """Return the folder of a year, the first being 1."""
        return self.partial / f"year_{number:02}"

    def take_years(self, n: int) -> None:
        """Take the first years over from the results under this name, where a life that was stopped left them there.

        Raises
        ------
        ResultsError
            They are not there, or not what was written.
        """
        try:
            for place in self.partial.iterdir():
                if is_of_run(place.name) or (place.name.startswith("year_") and int(place.name[5:]) > n):
                    shutil.rmtree(place)
            for number in range(1, n + 1):
                if not self.year(number).exists():
                    require_whole(self.folder / self.year(number).name)
                    shutil.copytree(self.folder / self.year(number).name, self.year(number))
                require_whole(self.year(number))
        except OSError as error:
            raise _explain(error, self.folder) from None

    def commit(self, summary: dict[str, Any], sources: dict[str, str], is_to_go_on: bool = False) -> Path:
        """Write what is not of one year alone and give the folder its name; returns it.

        Checkpoints go, unless the life is to go on from them.
        """
        try:
            for name, text in {**sources, "summary.json": _summary_text(summary)}.items():
                (self.partial / name).write_text(text, encoding="utf-8")
            write_sums(self.partial, (name for name in os.listdir(self.partial) if (self.partial / name).is_file()))
            _refuse_foreign(self._target, self.folder)
            leave_checkpoint(self.partial, self._target if is_to_go_on else None)
            give_name(self.partial, self._target)
        except OSError as error:
            self.abandon()
            raise _explain(error, self.folder) from None
        self._held.close()
        return self.folder

    def abandon(self) -> None:
        """Remove what was written so far, but for checkpoints."""
        remove_partial(self.partial)
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
        raise NotWritable(f"{folder}: a file stands where a folder is needed")
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


def _explain(error: OSError, folder: Path) -> NotWritable:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return NotWritable(f"{folder}: the disk is full", "free some space")
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return NotWritable(f"{folder}: not writable")
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return NotWritable(f"{folder}: a file stands where a folder is needed")
    why = error.strerror or str(error)
    return NotWritable(f"{folder}: cannot write results ({why})")
