"""Reading, expanding, checking and lowering a plant of blocks: how much is called, and how that grows."""

import cProfile
import gc
import pstats
from pathlib import Path

from benchmarks.reading import BLOCKS
from h2plant.config.load import read_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.collector import paused_collection
from h2plant.session.session import load_run
from h2plant.simulation.lower import lower


def calls(path: Path, n_stacks: int) -> tuple[int, int]:
    """Return the components of the plant, and the calls that it takes the second time: the same on any machine."""
    series = load_run(changed_scenario(load_scenario(path), hours=24.0)).series
    for power_mw in (20.0, 21.0):
        profile = cProfile.Profile()
        with profile:
            plant, _ = read_plant(path, {"electrolysis.n_stacks": n_stacks, "electrolysis.power_mw": power_mw})
            assert plant is not None
            lower(plant, series, 60.0)
    return len(plant.components), pstats.Stats(profile).total_calls


def test_work_grows_with_the_components(tmp_path: Path) -> None:
    """`python -m benchmarks --only reading` takes the time."""
    path = tmp_path / "blocks.yaml"
    path.write_text(BLOCKS, encoding="utf-8")
    (few, of_few), (many, of_many) = calls(path, 25), calls(path, 52)
    assert many > 140
    assert of_many / many < 1200.0  # 1,150
    # stacks have more links than the rest, 1.06; a list looked through for each of its entries would double it
    assert of_many / of_few < 1.15 * many / few


def test_the_collector_is_held_off_and_comes_back() -> None:
    assert gc.isenabled()
    with paused_collection():
        assert not gc.isenabled()
        with paused_collection():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_digest_is_that_of_the_plant_as_read() -> None:
    """It is worked out when it is asked for, and changes with what decides the result alone."""
    plant, _ = read_plant("minimal")
    other, _ = read_plant("minimal", {"tank.n_vessels": 9.0})
    assert plant is not None and other is not None
    assert len(plant.digest) == 64 and plant.digest != other.digest
    again, _ = read_plant("minimal")
    assert again is not None and again.digest == plant.digest
