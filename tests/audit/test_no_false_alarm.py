"""Laws say nothing against kinds as they are: in their cases and in plants, both engines, steps of any length."""

import pytest

from tests.audit.planting import CASES, audited, broken_in_case

NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir())


@pytest.mark.parametrize("is_plain", [False, True], ids=["compiled", "plain"])
@pytest.mark.parametrize("case", NAMES)
def test_cases(case, is_plain):
    assert broken_in_case(case, is_plain=is_plain) == {}


@pytest.mark.parametrize("step_s", [60, 900, 3600])
@pytest.mark.parametrize("plant", ["dual_path", "minimal"])
def test_bundled_plants(plant, step_s):
    found = audited(plant, engine="optimized", hours=48.0, step_s=step_s)
    assert found.broken == {}
    assert not found.faults
