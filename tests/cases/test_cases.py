"""Every case folder: published or analytic answers, compiled and as plain Python, balances asserted."""

from pathlib import Path

import pytest

from h2plant.testing import run_case

CASES = sorted(Path(__file__).parent.glob("*/case.yaml"))


@pytest.mark.parametrize("is_plain", [False, True], ids=["compiled", "plain"])
@pytest.mark.parametrize("path", CASES, ids=[p.parent.name for p in CASES])
def test_case(path: Path, is_plain: bool) -> None:
    run_case(path, is_plain=is_plain).require_met()
