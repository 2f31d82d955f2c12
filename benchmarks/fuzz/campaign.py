"""Makes cases of all sorts, in folders that go away, and collects what comes of them."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from benchmarks.fuzz.outcome import Outcome, outcome_of
from benchmarks.fuzz.sort import Sort
from benchmarks.fuzz.sorts import SORTS

_SLICE = 400
_PATIENCE_S = 60.0
"""How long nothing may be heard of a process that computes, s: of its own time, for others may load the machine."""
_MOST_PATIENCE_S = 600.0
"""The same of one that waits, s of the clock."""
_FORK = multiprocessing.get_context("fork")


class Fuzz:
    """Makes cases and reads them, in a folder that goes away.

    Parameters
    ----------
    folder
        Where seeds and cases lie.
    seed
        Of all draws: a case is the same for the same seed, sort and number.
    """

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self._folder, self._seed = folder, seed
        self._seeds: dict[str, Any] = {}
        self.last = folder / "case"

    def outcome(self, sort: Sort, number: int) -> Outcome:
        """Make a case, read it and return what came of it."""
        if sort.name not in self._seeds:
            place = self._folder / "seeds" / sort.name
            place.mkdir(parents=True)
            self._seeds[sort.name] = sort.prepare(place)
        draw = random.Random(f"{self._seed}/{sort.name}/{number}")
        shutil.rmtree(self.last, ignore_errors=True)
        self.last.mkdir()
        before = os.getcwd()
        try:
            read = sort.case(self._seeds[sort.name], self.last, draw)
            os.chdir(self.last)
            return outcome_of(sort.name, number, read)
        finally:
            os.chdir(before)


def numbers_of(n: int, sorts: Sequence[Sort] = SORTS) -> list[tuple[Sort, int]]:
    """Return how many of so many inputs are of each sort: at least one."""
    whole = sum(sort.share for sort in sorts)
    return [(sort, max(1, round(n * sort.share / whole))) for sort in sorts]


def campaign(sort: Sort, n: int, seed: int, n_processes: int) -> list[Outcome]:
    """Return what came of so many cases of a sort, in processes that are started anew where one ends or hangs."""
    waiting = [range(first, min(first + _SLICE, n)) for first in range(0, n, _SLICE)][::-1]
    at_work: dict[Connection, _Worker] = {}
    found: list[Outcome] = []
    while waiting or at_work:
        while waiting and len(at_work) < n_processes:
            worker = _Worker(sort.name, waiting.pop(), seed)
            at_work[worker.connection] = worker
        ready = wait(list(at_work), timeout=1.0)
        for connection in [one for one in at_work if one in ready or at_work[one].is_late]:
            worker = at_work[connection]
            outcome = worker.taken() if connection in ready else worker.ended("hung", "does not answer")
            if outcome is not None:
                found.append(outcome)
            if worker.is_over:
                worker.end()
                del at_work[connection]
                if worker.left:
                    waiting.append(worker.left)
    return sorted(found, key=lambda one: one.number)


class _Worker:
    """A process that makes the cases of a slice, and what it has left to do."""

    def __init__(self, name: str, numbers: range, seed: int) -> None:
        self.name, self.left, self.is_over = name, numbers, False
        self.connection, other = _FORK.Pipe(duplex=False)
        self._process = _FORK.Process(target=_work, args=(name, numbers, seed, other))
        self._process.start()
        other.close()
        import psutil

        self._about = psutil.Process(self._process.pid)
        self._hear()

    def _hear(self) -> None:
        self._heard, self._computed = time.monotonic(), self._computing_s()

    def _computing_s(self) -> float:
        import psutil

        try:
            times = self._about.cpu_times()
        except psutil.Error:  # it has just ended, which its pipe tells
            return 0.0
        return float(times.user + times.system)

    @property
    def is_late(self) -> bool:
        """Whether nothing was heard of it for a minute of computing."""
        silent_s = time.monotonic() - self._heard
        return silent_s > _PATIENCE_S and (
            silent_s > _MOST_PATIENCE_S or self._computing_s() - self._computed > _PATIENCE_S
        )

    def taken(self) -> Outcome | None:
        """Return what it tells; None where it ended as it should."""
        try:
            outcome: Outcome = self.connection.recv()
        except EOFError:
            self._process.join()
            self.is_over = True
            return self.ended("crashed", f"exit code {self._process.exitcode}") if self.left else None
        self._hear()
        self.left = self.left[1:]
        return outcome

    def ended(self, end: str, text: str) -> Outcome:
        """Return what is to be said of the case at which it ended; the cases after it are left."""
        outcome = Outcome(self.name, self.left[0], end, text)
        self.left = self.left[1:]
        self.is_over = True
        return outcome

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def _work(name: str, numbers: range, seed: int, connection: Connection) -> None:
    sort = next(one for one in SORTS if one.name == name)
    with open(os.devnull, "w") as nowhere:  # what Arrow says before it ends the process
        os.dup2(nowhere.fileno(), 2)
    for outcome in outcomes(sort, numbers, seed):
        connection.send(outcome)
    connection.close()


def outcomes(sort: Sort, numbers: Sequence[int], seed: int) -> Iterator[Outcome]:
    """Yield what came of cases of a sort."""
    os.environ["H2PLANT_HISTORY"] = "off"
    with tempfile.TemporaryDirectory(prefix="h2plant-fuzz-") as folder:
        os.environ["H2PLANT_HOME"] = str(Path(folder) / "home")
        fuzz = Fuzz(Path(folder), seed)
        for number in numbers:
            yield fuzz.outcome(sort, number)
