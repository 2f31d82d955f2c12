"""Compare the compiled loop of this checkout with that of the last release, in turn, in one run.

``python -m benchmarks.compare_release`` checks the last commit of ``benchmarks/releases.toml`` out into a folder of
its own, runs both on 90 days of that release's reference plant in pairs of processes, each pair in the other order
than the one before, and prints the median of the pairs' ratios of the loop's processor time with its interval. So the
programs are compared, whatever became of the bundled plant; today's is run beside it, and what a step of each takes is
printed. The interval lies
between two of the ratios in order, the k-th from below and from above, with the largest k for which it holds the
median with a probability of 95 % or more, whatever the ratios' distribution (that of the sign test: binomial, 1/2).

Exit code 1 if the upper end of the interval is beyond the threshold, after as many pairs again; 2 if there is nothing
to compare with. ``--short``, as `make test` calls it: three pairs of 30 days, too few for an interval. It takes medians
and fastest runs instead (what disturbs a machine for a while hardly ever disturbs the fastest), and nothing to
compare with is code 0.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
START = "2023-06-01"
HOURS = 2160.0
SHORT_HOURS = 720.0
PAIRS = 15
SHORT_PAIRS = 3
THRESHOLD_RATIO = 1.3
CONFIDENCE_FRAC = 0.95
RELEASES = "benchmarks/releases.toml"
PLANT = "h2plant/plants/dual_path.yaml"
"""The reference plant in a checkout: that of the release is what both run."""
TODAY_RUNS = 3
STEP_S = 60.0

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
    def ratios(self) -> list[float]:
        """Ratio of this checkout over the release in each pair, the lowest first."""
        return sorted(here / release for here, release in zip(self.here_s, self.release_s, strict=True))

    @property
    def ratio(self) -> float:
        """Median of the pairs' ratios."""
        return statistics.median(self.ratios)

    @property
    def ratio_of_fastest(self) -> float:
        """Fastest run of this checkout over that of the release."""
        return min(self.here_s) / min(self.release_s)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Ends of the interval of the median ratio; None with fewer pairs than one needs (six)."""
        k = interval_rank(len(self.here_s))
        return (self.ratios[k - 1], self.ratios[-k]) if k else None

    def is_slower(self, threshold: float) -> bool:
        """Whether this checkout may be slower than the threshold allows."""
        if self.interval is not None:
            return self.interval[1] > threshold
        return min(self.ratio, self.ratio_of_fastest) > threshold


def interval_rank(n_pairs: int) -> int:
    """Return k of the interval from the k-th lowest to the k-th highest of n ratios; 0: too few for one.

    It misses the median if fewer than k ratios lie on one side of it: twice the binomial probability of at most k - 1
    of n (Conover, Practical Nonparametric Statistics, 3rd ed. 1999, section 3.2).
    """
    k, outside = 0, 2.0 * 0.5**n_pairs
    while outside <= 1.0 - CONFIDENCE_FRAC:
        k += 1
        outside += 2.0 * math.comb(n_pairs, k) * 0.5**n_pairs
    return k


def _git(root: Path, *arguments: str) -> str:
    if shutil.which("git") is None:
        raise NothingToCompareError("git is not installed")
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise NothingToCompareError(f"git {arguments[0]}: {lines[-1]}")
    return done.stdout.strip()


def last_release(root: Path) -> tuple[str, str]:
    """Return version and commit of the last release.

    Raises
    ------
    NothingToCompareError
        Its commit is not in this clone, or this is no clone.
    """
    release = tomllib.loads((root / RELEASES).read_text(encoding="utf-8"))["release"][-1]
    version, commit = release["version"], release["commit"]
    try:
        top = _git(root, "rev-parse", "--show-toplevel")
    except NothingToCompareError as error:
        raise NothingToCompareError(f"this is no clone of the repository ({error}); `git clone` makes one") from None
    if Path(top).resolve() != root.resolve():
        raise NothingToCompareError(f"this folder is part of another repository, {top}; compare in a clone of its own")
    try:
        _git(root, "cat-file", "-e", f"{commit}^{{commit}}")
    except NothingToCompareError:
        is_shallow = _git(root, "rev-parse", "--is-shallow-repository") == "true"
        remedy = "this clone is shallow: `git fetch --unshallow`" if is_shallow else f"`git fetch origin {commit}`"
        raise NothingToCompareError(
            f"release {version}, commit {commit[:9]}, is not here; {remedy} brings it"
        ) from None
    return version, commit


@contextlib.contextmanager
def checked_out(root: Path, version: str, commit: str) -> Iterator[Path]:
    """Check a release out into a folder that goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="h2plant-release-") as folder:
        place = Path(folder) / version
        _git(root, "worktree", "add", "--detach", str(place), commit)
        try:
            yield place
        finally:
            with contextlib.suppress(NothingToCompareError):
                _git(root, "worktree", "remove", "--force", str(place))


def loop_seconds(root: Path, hours: float, plant: Path) -> float:
    """Run a plant with the package under a folder, in a process of its own; returns the loop's processor time, s."""
    with tempfile.TemporaryDirectory(prefix="h2plant-compare-") as folder:
        out = Path(folder) / "run"
        span = ["--start", START, "--hours", f"{hours:g}", "--log-every", "1h"]
        words = [str(root), "run", str(plant), *span, "--quiet", "--out", str(out)]
        environment = {**os.environ, "PYTHONPATH": str(root), "H2PLANT_HISTORY": "off", "H2PLANT_DISABLE_JIT": "0"}
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


def compare(measure: Callable[[Path], float], here: Path, release: Path, pairs: int) -> Comparison:
    """Measure both in pairs, the one that goes first changing from pair to pair."""
    times: dict[Path, list[float]] = {here: [], release: []}
    for k in range(pairs):
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
    parser.add_argument(
        "--hours", type=float, help=f"span to simulate, h (default: {HOURS:g}; with --short {SHORT_HOURS:g})"
    )
    parser.add_argument("--pairs", type=_count, help=f"pairs of runs (default: {PAIRS}; with --short {SHORT_PAIRS})")
    parser.add_argument("--threshold", type=float, default=THRESHOLD_RATIO, help="ratio to fail at (%(default)s)")
    parser.add_argument("--short", action="store_true", help="few pairs; nothing to compare with is no failure")
    options = parser.parse_args(arguments)
    options.hours = options.hours or (SHORT_HOURS if options.short else HOURS)
    options.pairs = options.pairs or (SHORT_PAIRS if options.short else PAIRS)
    try:
        version, commit = last_release(root)
        with checked_out(root, version, commit) as release:
            return _report(f"{version} ({commit[:9]})", root, release, options)
    except NothingToCompareError as reason:
        print(f"compared with no release: {reason}")
        return 0 if options.short else 2


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of pairs: write 1 or more")
    return int(text)


def _report(release_name: str, here: Path, release: Path, options: argparse.Namespace) -> int:
    plant = release / PLANT

    def measure(root: Path) -> float:
        return loop_seconds(root, options.hours, plant)

    try:
        loop_seconds(here, 1.0, plant)  # compiles what is missing
    except RuntimeError as error:
        print(f"this checkout does not run: {error}")
        return 1
    try:
        loop_seconds(release, 1.0, plant)
    except RuntimeError as error:
        raise NothingToCompareError(f"release {release_name} does not run here: {error}") from None
    found = compare(measure, here, release, options.pairs)
    if found.is_slower(options.threshold):  # once more, before an alarm
        print(f"{_found(found)} is beyond {options.threshold:g}: measuring once more")
        more = compare(measure, here, release, options.pairs)
        found = Comparison(found.here_s + more.here_s, found.release_s + more.release_s)
    ratios = found.ratios
    print(
        f"loop over {options.hours:g} h of that release's reference plant, processor time, "
        f"{len(ratios)} pairs of runs in turn"
    )
    here_s, release_s = statistics.median(found.here_s), statistics.median(found.release_s)
    print(f"medians: this checkout {here_s:.4f} s, release {release_name} {release_s:.4f} s")
    print(f"{_found(found)}; pairs {ratios[0]:.3f} to {ratios[-1]:.3f}, fastest {found.ratio_of_fastest:.3f}")
    is_slower = found.is_slower(options.threshold)
    print(f"{'slower than' if is_slower else 'within'} the threshold of {options.threshold:g}")
    loop_seconds(here, 1.0, here / PLANT)  # kinds that the release's plant does not use
    today_s = min(loop_seconds(here, options.hours, here / PLANT) for _ in range(min(options.pairs, TODAY_RUNS)))
    steps = options.hours * 3600.0 / STEP_S
    per_step = [f"{seconds / steps * 1e6:.2f}" for seconds in (today_s, min(found.here_s))]
    print(f"a step of today's reference plant takes {per_step[0]} us, of the release's {per_step[1]} us (fastest runs)")
    return int(is_slower)


def _found(found: Comparison) -> str:
    if found.interval is None:
        return f"median ratio {found.ratio:.3f} (fewer than six pairs: no interval)"
    low, high = found.interval
    return f"median ratio {found.ratio:.3f}, {100 * CONFIDENCE_FRAC:.0f} % interval {low:.3f} to {high:.3f} (sign test)"


if __name__ == "__main__":
    sys.exit(main())
