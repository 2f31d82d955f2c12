"""Laws say nothing against plants as they are, both engines, steps of any length; cases check theirs themselves."""

import pytest

from tests.audit.planting import audited


@pytest.mark.parametrize("step_s", [60, 900, 3600])
@pytest.mark.parametrize("plant", ["dual_path", "minimal"])
def test_bundled_plants(plant, step_s):
    found = audited(plant, engine="optimized", hours=48.0, step_s=step_s)
    assert found.broken == {}
    assert not found.faults
