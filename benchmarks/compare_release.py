"""Compare the compiled loop of this checkout with that of the last release, in turn, in one run.

``python -m benchmarks.compare_release`` checks the last tag ``vX.Y.Z`` out beside this one, runs both on 30 days of the
reference plant, one after the other and again, and prints the ratio of their medians with its spread. Exit code 1
if this checkout is slower than the threshold allows, by the medians and by the fastest runs: what disturbs a machine
for a while disturbs some runs of both, and hardly ever the fastest.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
START = "2023-06-01"
HOURS = 720.0
ROUNDS = 5
THRESHOLD_RATIO = 1.3

_TAG = re.compile(r"v(\d+)\.(\d+)\.(\d+)")

# What runs is asked of the command line, which stays the same from release to release, but for the place of the
# package, which is checked: another copy that is installed must not run in its stead.
_RUN = """
import pathlib, sys
import h2plant
if pathlib.Path(h2plant.__file__).resolve().parents[1] != pathlib.Path(sys.argv[1]).resolve():
    sys.exit(f"h2plant came from {h2plant.__file__}")
from h2plant.cli import main
main(sys.argv[2:])
"""


class NothingToCompareError(Exception):
    """There is no release to compare with; the text says why."""


class Comparison(NamedTuple):
    """Times of both, s, and what follows from them."""

    here_s: list[float]
    release_s: list[float]

    @property
    def ratio(self) -> float:
        """Median of this checkout over that of the release."""
        return statistics.median(self.here_s) / statistics.median(self.release_s)

    @property
    def ratio_of_fastest(self) -> float:
        """The same of the fastest runs."""
        return min(self.here_s) / min(self.release_s)

    @property
    def ratios(self) -> list[float]:
        """Ratios of runs that followed one another, the lowest first."""
        return sorted(here / release for here, release in zip(self.here_s, self.release_s, strict=True))

    def is_slower(self, threshold: float) -> bool:
        """Whether this checkout is slower than the threshold allows."""
        return min(self.ratio, self.ratio_of_fastest) > threshold


def _git(root: Path, *arguments: str) -> str:
    if shutil.which("git") is None:
        raise NothingToCompareError("git is not installed")
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise NothingToCompareError(f"git {arguments[0]}: {lines[-1]}")
    return done.stdout.strip()


def last_release(root: Path) -> str:
    """Return the tag of the last release that this checkout follows.

    Raises
    ------
    NothingToCompareError
        There is none.
    """
    if Path(_git(root, "rev-parse", "--show-toplevel")).resolve() != root.resolve():
        raise NothingToCompareError("this is no checkout of its own")
    tags = _git(root, "tag", "--list", "v*", "--merged", "HEAD").split()
    releases = [(tuple(int(part) for part in found.groups()), tag) for tag in tags if (found := _TAG.fullmatch(tag))]
    if not releases:
        is_shallow = _git(root, "rev-parse", "--is-shallow-repository") == "true"
        remedy = "; this clone is shallow: `git fetch --tags --unshallow` brings older ones" if is_shallow else ""
        raise NothingToCompareError(f"no release is tagged (vX.Y.Z) before this checkout{remedy}")
    return max(releases)[1]


@contextlib.contextmanager
def checked_out(root: Path, tag: str) -> Iterator[Path]:
    """Check a release out into a folder that goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="h2plant-release-") as folder:
        place = Path(folder) / tag
        _git(root, "worktree", "add", "--detach", str(place), tag)
        try:
            yield place
        finally:
            with contextlib.suppress(NothingToCompareError):
                _git(root, "worktree", "remove", "--force", str(place))


def loop_seconds(root: Path, hours: float) -> float:
    """Run the scenario with the package under a folder, in a process of its own; returns the loop's processor time."""
    with tempfile.TemporaryDirectory(prefix="h2plant-compare-") as folder:
        out = Path(folder) / "run"
        span = ["--start", START, "--hours", f"{hours:g}"]
        words = [str(root), "run", "test_full_year", *span, "--quiet", "--out", str(out)]
        environment = {**os.environ, "PYTHONPATH": str(root), "H2PLANT_HISTORY": "off"}
        done = subprocess.run(
            [sys.executable, "-c", _RUN, *words],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1])
        took = json.loads((out / "summary.json").read_text(encoding="utf-8"))["performance"]
    return float(took.get("loop_cpu_s", took["loop_s"]))


def compare(measure: Callable[[Path], float], here: Path, release: Path, rounds: int) -> Comparison:
    """Measure both in turn, ``rounds`` times, the one that goes first changing."""
    times: dict[Path, list[float]] = {here: [], release: []}
    for k in range(rounds):
        for root in (here, release) if k % 2 == 0 else (release, here):
            times[root].append(measure(root))
    return Comparison(times[here], times[release])


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Compare, print the ratio; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare_release",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--hours", type=float, default=HOURS, help="span to simulate, h (default: %(default)g)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each (default: %(default)s)")
    parser.add_argument("--threshold", type=float, default=THRESHOLD_RATIO, help="ratio to fail at (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        tag = last_release(root)
        with checked_out(root, tag) as release:
            return _report(tag, root, release, options)
    except NothingToCompareError as reason:
        print(f"compared with no release: {reason}")
        return 0


def _report(tag: str, here: Path, release: Path, options: argparse.Namespace) -> int:
    def measure(root: Path) -> float:
        return loop_seconds(root, options.hours)

    try:
        loop_seconds(here, 1.0)  # compiles what is missing
    except RuntimeError as error:
        print(f"this checkout does not run: {error}")
        return 1
    try:
        loop_seconds(release, 1.0)
    except RuntimeError as error:
        raise NothingToCompareError(f"release {tag} does not run here: {error}") from None
    found = compare(measure, here, release, options.rounds)
    if found.is_slower(options.threshold):  # once more, before an alarm
        print(f"ratio {found.ratio:.3f} is beyond {options.threshold:g}: measuring once more")
        more = compare(measure, here, release, options.rounds)
        found = Comparison(found.here_s + more.here_s, found.release_s + more.release_s)
    ratios = found.ratios
    print(f"loop over {options.hours:g} h of the reference plant, processor time, {len(ratios)} runs of each in turn")
    here_s, release_s = statistics.median(found.here_s), statistics.median(found.release_s)
    print(f"this checkout {here_s:.4f} s, release {tag} {release_s:.4f} s")
    print(f"ratio {found.ratio:.3f} (pairs {ratios[0]:.3f} to {ratios[-1]:.3f}, fastest {found.ratio_of_fastest:.3f})")
    is_slower = found.is_slower(options.threshold)
    print(f"{'slower than' if is_slower else 'within'} the threshold of {options.threshold:g}")
    return int(is_slower)


if __name__ == "__main__":
    sys.exit(main())
