"""A few draws of plants and weathers: what ``check`` accepts runs and leaves nothing wrong (``make soak``: more)."""

import pytest

from benchmarks.soak import PLANTS, SORTS, draw

pytestmark = pytest.mark.long


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("sort", SORTS)
def test_drawn_plants_run(plant: str, sort: str) -> None:
    for number in range(3):
        outcome = draw(plant, sort, number, seed=7, hours=48.0)
        assert outcome.end in ("ran", "refused"), outcome
        assert outcome.end == "refused" or outcome.is_right, outcome


def test_a_draw_is_the_same_again() -> None:
    one, other = (draw("minimal", "near", 3, seed=1, hours=2.0) for _ in range(2))
    assert one._replace(seconds=0.0) == other._replace(seconds=0.0)
