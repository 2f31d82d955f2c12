"""The plants that benchmarks write are plants that can be run."""

from pathlib import Path

import yaml

from benchmarks.figures import copied_plant
from h2plant.config.load import load_plant


def test_copies_of_the_minimal_plant_are_a_plant(tmp_path: Path) -> None:
    file = tmp_path / "copies.yaml"
    file.write_text(yaml.safe_dump(copied_plant(3), sort_keys=False), encoding="utf-8")
    plant = load_plant(file)
    assert len(plant.components) == 3 + 3 * 13
