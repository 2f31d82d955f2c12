"""Kill runs with -9 at random moments, and let them go on: they must give what an undisturbed run gives.

``python -m benchmarks.kills --kills 50 --seed 0`` runs a plant once undisturbed and without checkpoints. Then it starts
the same run with checkpoints, again and again, kills it at a random moment, and lets what is left of it go on by
``h2plant.session.resume``, which may be killed too, until there are results. Log, events, ledger and single steps must
be the same files, bit for bit, and states, totals and key figures the same numbers. ``--years 2`` does the same with a
life. Checkpoints are so frequent that every other kill hits one that is being written.

``--fill DIR``, a small file system of its own, as ``mount -t tmpfs -o size=8M none DIR`` makes one, is filled up before
the run but for a random rest: the run ends as its disk is full, and goes on when there is room again.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from h2plant.config.scenario import Scenario, changed_scenario, load_scenario
from h2plant.results import folder
from h2plant.results.folder import ResultsError
from h2plant.results.leftover import CHECKPOINT, is_finished, partials_of, resumable_of
from h2plant.results.results import Results
from h2plant.session.execution import execute
from h2plant.session.resume import resume
from h2plant.session.session import Session
from h2plant.session.years import execute_years

FILES = ("log.parquet", "events.parquet", "ledger.parquet", "steps.npz", "cash_flow.csv", "plant.yaml")
FIGURES = ("key_figures", "economics", "residuals", "audit", "served", "is_complete", "hours", "not_valid", "missing")
CARRIED_BYTES = (0.0, 5.0e4, 8.0e6)
"""Rows of the log that a checkpoint has in itself: all in segments, some, none."""
_ENDED, _FULL = 0, 7
LONGEST_S = 300.0


def child(work: Callable[[], object], errors: Path) -> int:
    """Start work in a process of its own; returns its number. What it fails with is written to a file."""
    number = os.fork()
    if number:
        return number
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
        work()
        code = _ENDED
    except ResultsError as error:
        code = _FULL if "disk is full" in str(error) else 1
        errors.write_text(str(error), encoding="utf-8")
    except BaseException:
        errors.write_text(traceback.format_exc(), encoding="utf-8")
    finally:
        os._exit(code)


def wait(number: int, kill_after_s: float | None = None) -> int:
    """Wait for a process; kill it after a time. Returns its exit code, or the negative number of the signal."""
    end = time.monotonic() + (LONGEST_S if kill_after_s is None else kill_after_s)
    while time.monotonic() < end:
        found, status = os.waitpid(number, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)
    if kill_after_s is None:
        raise TimeoutError("a run took more than five minutes")
    return -signal.SIGKILL


def differences(found: Path, expected: Path, n_years: int) -> list[str]:
    """Return what differs between the results of two runs, or lives."""
    places = [f"year_{n:02}" for n in range(1, n_years + 1)] or ["."]
    names = [name for name in FILES if n_years == 0 or name not in ("cash_flow.csv", "plant.yaml")]
    differ = [
        f"{place}/{name}"
        for place in places
        for name in names
        if (found / place / name).read_bytes() != (expected / place / name).read_bytes()
    ]
    for place in places:
        ours, theirs = (Results(root / place).summary for root in (found, expected))
        differ += [f"{place}/summary.json: {part}" for part in FIGURES if ours.get(part) != theirs.get(part)]
    if n_years:
        differ += [f for f in ("years.csv", "cash_flow.csv") if (found / f).read_bytes() != (expected / f).read_bytes()]
    return differ


class Kills:
    """Kills runs of a scenario and counts what becomes of them."""

    def __init__(self, scenario: Scenario, root: Path, every_s: float, n_years: int, seed: int) -> None:
        self.scenario = scenario
        self.root = root
        self.every_s = every_s
        self.n_years = n_years
        self.draw = np.random.default_rng(seed)
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.expected = root / "expected"
        self.errors = root / "errors.txt"
        Session(scenario).step(1)  # loads what is compiled, for all processes
        self._require(wait(child(lambda: self._start(self.expected, None), self.errors)))
        began = time.monotonic()
        self._require(wait(child(lambda: self._start(root / "timed", every_s), self.errors)))
        self.took_s = time.monotonic() - began
        self._compare("timed")

    @staticmethod
    def _require(code: int) -> None:
        if code != _ENDED:
            raise RuntimeError("the undisturbed run failed")

    def _start(self, out: Path, every_s: float | None) -> None:
        how: dict[str, Any] = {"checkpoint_every_s": every_s, "audit_steps": 40}
        if self.n_years:
            execute_years(self.scenario, self.n_years, (), out, **how)
        else:
            execute(self.scenario, out=out, **how)

    @property
    def n_killed(self) -> int:
        """Processes killed so far."""
        return self.counts["killed"] + self.counts["killed when going on"]

    def kill(self, number: int, full: Path | None) -> None:
        """Run until there are results, killed at random moments; or on a disk that is full."""
        name = f"killed-{number}"
        folder.CARRIED_BYTES = float(self.draw.choice(CARRIED_BYTES))
        out = (full or self.root) / name
        filler = None if full is None else _fill(full, int(self.draw.integers(20, 600)))
        while not out.exists():
            can_go_on = resumable_of(out) is not None
            work = (lambda: resume(out)) if can_go_on else (lambda: self._start(out, self.every_s))
            after_s = None if full else float(self.draw.uniform(0.0, 1.1 * self.took_s))
            code = wait(child(work, self.errors), after_s)
            if code == -signal.SIGKILL:
                self.counts["killed" if not can_go_on else "killed when going on"] += 1
                self._look(out)
            elif code == _FULL:
                self.counts["disk full"] += 1
                assert filler is not None and not out.exists()
                self.counts["disk full, can go on"] += resumable_of(out) is not None
                filler.unlink()
                filler = None
            elif code != _ENDED:
                self.wrong.append(f"{name}: {self.errors.read_text(encoding='utf-8')}")
                return
            self.counts["went on"] += can_go_on
        self._compare(name, out)
        if filler is not None:
            filler.unlink()
        for left in partials_of(out):
            self.wrong.append(f"{name}: left {left.name}")
        shutil.rmtree(out)

    def _look(self, out: Path) -> None:
        """Count in what state the kill met the run."""
        for partial in partials_of(out):
            if any((partial / CHECKPOINT).glob(".*.partial")):
                self.counts["of them while a checkpoint was written"] += 1
            elif is_finished(partial):
                self.counts["of them before the results had their name"] += 1
            elif resumable_of(out) is None:
                self.counts["of them before the first checkpoint"] += 1

    def _compare(self, name: str, out: Path | None = None) -> None:
        found = differences(out or self.root / name, self.expected, self.n_years)
        self.wrong += [f"{name}: {one}" for one in found]
        self.counts["compared"] += 1


def _fill(disk: Path, left_kb: int) -> Path:
    """Fill a file system but for a rest; returns the file that fills it."""
    filler = disk / "filler"
    free = os.statvfs(disk)
    n = max(0, free.f_bavail * free.f_frsize - left_kb * 1000)
    with filler.open("wb") as stream:
        for _ in range(n // 100_000):
            stream.write(bytes(100_000))
    return filler


def main() -> int:
    """Kill runs, print the counts, and return 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plant", default="minimal")
    parser.add_argument("--hours", type=float, default=480.0)
    parser.add_argument("--step-s", type=int, default=60)
    parser.add_argument("--every-h", type=float, default=7.0)
    parser.add_argument("--years", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], help="component.parameter=value")
    parser.add_argument("--fill", type=Path, help="a small file system to be filled up")
    given = parser.parse_args()
    changes = dict(item.split("=", 1) for item in given.set)
    scenario = changed_scenario(
        load_scenario(given.plant), hours=given.hours, step_s=given.step_s, overrides=changes or None
    )
    os.environ["H2PLANT_HISTORY"] = "off"
    with tempfile.TemporaryDirectory() as root:
        kills = Kills(scenario, Path(root), 3600.0 * given.every_h, given.years, given.seed)
        number = 0
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):  # what was counted until then is printed
            while (number if given.fill else kills.n_killed) < given.kills:
                kills.kill(number, given.fill)
                number += 1
    for what, n in kills.counts.items():
        print(f"{what}: {n}")
    print(f"wrong: {len(kills.wrong)}")
    for line in kills.wrong:
        print(f"  {line}")
    return 1 if kills.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
