"""A few draws of plants and weathers: what ``check`` accepts runs and leaves nothing wrong (``make soak``: more)."""

import pytest

from benchmarks.soak import PLANTS, SORTS, Outcome, draw, warm_up
from h2plant.config.bundled import bundled_plants

pytestmark = pytest.mark.long


def test_all_bundled_plants_are_drawn() -> None:
    assert sorted(PLANTS) == bundled_plants()


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("sort", SORTS)
def test_drawn_plants_run(plant: str, sort: str) -> None:
    """A hundred of each, most of them for two hours: reading and checking a plant takes longer than that."""
    warm_up(plant)
    for number in range(100):
        outcome = draw(plant, sort, number, seed=7, hours=48.0 if number < 2 else 2.0)
        assert outcome.end in ("ran", "refused"), outcome
        assert outcome.is_right, outcome


def test_a_draw_is_the_same_again() -> None:
    warm_up("minimal")
    one, other = (draw("minimal", "near", 3, seed=1, hours=2.0) for _ in range(2))
    assert one._replace(seconds=0.0) == other._replace(seconds=0.0)


def test_only_refused_draws_are_forced() -> None:
    """A draw that check accepts is not run when draws are forced; one that it refuses is, and keeps what was found."""
    warm_up("minimal")
    for number in range(6):
        plain, forced = (draw("minimal", "wide", number, hours=2.0, is_forced=is_forced) for is_forced in (False, True))
        assert (plain.end == "refused") == bool(forced.findings)
        assert forced.end == "accepted" or (forced.findings == plain.findings and forced.named)


def test_what_misbehaves_is_told() -> None:
    well = Outcome("minimal", "near", 0, "ran", made_kg=1.0, named=("tank",), reported=("stack",))
    assert well.misbehaves == ""
    assert well._replace(end="stopped").misbehaves == "stopped"
    assert well._replace(broken=("faraday@stack",)).misbehaves == "not right"
    assert well._replace(trips=1).misbehaves == well._replace(solver_trips=1).misbehaves == "trips"
    assert well._replace(made_kg=0.0).misbehaves == "no hydrogen"
    assert well._replace(reported=("tank",)).misbehaves == "at its limits"
