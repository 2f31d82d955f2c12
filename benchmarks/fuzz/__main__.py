"""Change files and requests at random and see what is made of them: a part of ``make soak``."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.fuzz.campaign import Fuzz, campaign, numbers_of
from benchmarks.fuzz.outcome import Outcome, peak_mb
from benchmarks.fuzz.sort import Sort
from benchmarks.fuzz.sorts import SORTS

_ENDS = ("read", "refused", "caught", "failed", "hung", "large", "crashed")


def main(arguments: list[str] | None = None) -> int:
    """Draw, read, print the counts; exit code 1 where something came out wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=str(__doc__))
    parser.add_argument("--inputs", type=int, default=100_000, help="of all sorts together")
    parser.add_argument("--sort", choices=[sort.name for sort in SORTS])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="one case, by its number: its folder stays and is printed")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    given = parser.parse_args(arguments)
    sorts = [sort for sort in SORTS if given.sort in (None, sort.name)]
    if given.only is not None:
        return _one(sorts[0], given.only, given.seed)
    is_wrong = False
    header = ("inputs", *_ENDS)
    print(f"{'':16}" + "".join(f"{name:>9}" for name in header) + "   longest, s")
    for sort, n in numbers_of(given.inputs, sorts):
        found = campaign(sort, n, given.seed, given.processes)
        is_wrong |= _print(sort.name, found)
    return int(is_wrong)


def _print(name: str, found: list[Outcome]) -> bool:
    ends = Counter(one.end for one in found)
    counts = (len(found), *(ends[end] for end in _ENDS))
    longest = max((one.seconds for one in found), default=0.0)
    print(f"{name:16}" + "".join(f"{count:>9,}" for count in counts) + f"{longest:>13.2f}")
    alike: defaultdict[str, list[int]] = defaultdict(list)
    for one in found:
        if not one.is_good:
            alike[f"{one.end}: {one.text}"].append(one.number)
    for text, numbers in sorted(alike.items(), key=lambda item: -len(item[1])):
        print(f"  {len(numbers)} x {text}: {', '.join(map(str, sorted(numbers)[:4]))}")
    sys.stdout.flush()
    return bool(alike)


def _one(sort: Sort, number: int, seed: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="h2plant-fuzz-"))
    one = Fuzz(folder, seed).outcome(sort, number)
    print(f"{one}\n{folder / 'case'}; {peak_mb():.0f} MB")
    return int(not one.is_good)


if __name__ == "__main__":
    sys.exit(main())
