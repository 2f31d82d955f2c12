"""Files and requests that are wrong in every way: read, or refused with a sentence (``make soak`` takes 100,000)."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.fuzz.campaign import Fuzz, numbers_of
from benchmarks.fuzz.outcome import outcome_of
from benchmarks.fuzz.sort import Sort
from benchmarks.fuzz.sorts import SORTS
from h2plant.core.error import UserError

pytestmark = pytest.mark.long

INPUTS = int(os.environ.get("H2PLANT_INPUTS", "2000"))
SEED = 20


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzz]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("H2PLANT_HISTORY", "off")
        patch.setenv("H2PLANT_HOME", str(tmp_path_factory.mktemp("home")))  # without the runs of other tests
        yield Fuzz(tmp_path_factory.mktemp("fuzz"), SEED)


def test_there_are_as_many_inputs_as_were_asked_for() -> None:
    assert sum(n for _, n in numbers_of(INPUTS)) >= 0.99 * INPUTS


@pytest.mark.parametrize(("sort", "n"), numbers_of(INPUTS), ids=[sort.name for sort in SORTS])
def test_what_is_wrong_is_refused_with_a_sentence(fuzz: Fuzz, sort: Sort, n: int) -> None:
    found = [fuzz.outcome(sort, number) for number in range(n)]
    # memory is what the whole process ever had, other tests in it included
    assert [one for one in found if not one.is_good and one.end != "large"] == []
    ends = Counter(one.end for one in found)
    assert ends["refused"] > 0.1 * n  # the changes break something,
    assert ends["read"] > 0.02 * n  # and not everything


FOUND = (
    *((0, "scenarios", number) for number in (9376, 11122)),
    *((0, "studies", number) for number in (1138, 4493)),
    *((0, "series", number) for number in (3326, 6657, 8460, 8738, 10128)),
    *((0, "results", number) for number in (405, 2590)),
    *((1, "series", number) for number in (669, 4101, 5572, 8006)),
    (1, "results", 26),
    (2, "series", 5265),
    (2, "results", 1582),
    (3, "blocks", 1120),
    *((3, "series", number) for number in (7037, 9837)),
    *((4, "blocks", number) for number in (2352, 2372)),
    (4, "results", 2980),
    (7, "kinds", 1743),
)
"""Seed, sort and number of the cases that runs of 100,000 found wrong."""


@pytest.mark.parametrize(("seed", "name", "number"), FOUND)
def test_what_was_found_is_told_in_a_sentence(fuzz: Fuzz, tmp_path: Path, seed: int, name: str, number: int) -> None:
    sort = next(sort for sort in SORTS if sort.name == name)
    one = Fuzz(tmp_path, seed).outcome(sort, number)
    assert one.is_good or one.end == "large", one


def test_a_case_is_the_same_again(fuzz: Fuzz) -> None:
    for sort in SORTS:
        one, other = (fuzz.outcome(sort, 3)._replace(seconds=0.0) for _ in range(2))
        assert one == other


def test_what_may_not_be_is_told(tmp_path: Path) -> None:
    def raise_(error: BaseException) -> None:
        raise error

    def end_of(error: BaseException) -> str:
        return outcome_of("any", 0, lambda: raise_(error)).end

    assert outcome_of("any", 0, lambda: None).end == "read"
    assert end_of(UserError("mend it")) == "refused"
    assert end_of(FileNotFoundError(2, "no such file", "a")) == "refused"
    assert (
        end_of(KeyError("a"))
        == end_of(RecursionError())
        == end_of(AssertionError())
        == end_of(MemoryError())
        == "failed"
    )
    assert end_of(UserError("")) == "failed"  # without a word
    lost = ValueError("in the midst of a run")
    lost.folder = tmp_path  # type: ignore[attr-defined]
    assert end_of(lost) == "failed"  # said in a line, and a fault of the program all the same
    assert outcome_of("any", 0, lambda: print("Traceback (most recent call last)")).end == "failed"
