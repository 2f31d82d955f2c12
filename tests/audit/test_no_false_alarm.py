"""Laws say nothing against plants as they are, both engines, steps of any length; cases check theirs themselves."""

from pathlib import Path

import numpy as np
import pytest

from tests.audit.planting import Found, audited
from tests.laws.test_power_served import RULES, random_plant

FEW, MANY = 12, 200
"""Random plants of each change, and of `make validate`."""


def assert_no_alarm(found: Found, of: str) -> None:
    assert found.broken == {}, of
    assert not [fault for fault in found.faults if fault.id == "law-broken"], of


@pytest.mark.parametrize(("step_s", "hours"), [(1, 0.5), (60, 48.0), (900, 96.0), (3600, 240.0)])
@pytest.mark.parametrize("plant", ["dual_path", "minimal"])
def test_bundled_plants(plant, step_s, hours):
    assert_no_alarm(audited(plant, engine="optimized", hours=hours, step_s=step_s), plant)


@pytest.mark.parametrize(("plant", "hours"), [("dual_path", 0.2), ("minimal", 3.0)])
def test_baseline_engine(plant, hours):
    assert_no_alarm(audited(plant, hours=hours), plant)


def drawn(seed: int, folder: Path) -> Found:
    """Return the audit of a random small plant, or of the reference plant at another time under another rule."""
    draw = np.random.default_rng(seed + 1000)
    if seed % 3:
        file, how = random_plant(seed, folder)
        return audited(file, engine="optimized", **how)
    changes = {
        "dispatch.kind": str(draw.choice(RULES)),
        "grid.import_limit_mw": float(draw.choice([1.0, 8.0, 30.0])),
        "wind.capacity_mw": float(draw.uniform(5.0, 60.0)),
    }
    step_s = int(draw.choice([10, 60, 300, 900, 3600]))
    start = f"2023-{draw.integers(4, 11):02d}-{draw.integers(1, 28):02d}"
    return audited("dual_path", engine="optimized", hours=24.0, step_s=step_s, start=start, **changes)


@pytest.mark.long
def test_random_plants(tmp_path):
    for seed in range(FEW):
        assert_no_alarm(drawn(seed, tmp_path), f"seed {seed}")


@pytest.mark.slow
def test_two_hundred_random_plants(tmp_path):
    for seed in range(FEW, MANY):
        assert_no_alarm(drawn(seed, tmp_path), f"seed {seed}")
