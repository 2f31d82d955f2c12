"""Every case folder: published or analytic answers, compiled and as plain Python, balances asserted."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from h2plant.components import KINDS
from h2plant.core.declare import Kind
from tests.cases.answers import CASES, run_case


def check_case(path: Path, is_plain: bool, kinds: Sequence[Kind] = KINDS) -> None:
    """Assert all that a case says."""
    case = run_case(path, is_plain, kinds)
    assert path.parent.name.split("--")[0] == case.kind.name
    for run, expected, status in case.statuses:
        assert status == expected, f"run {run}: status {status}"
    for answer in case.answers:
        assert abs(answer.share) <= 1.0, answer
    case.rig.assert_balanced(case.balance)


@pytest.mark.parametrize("is_plain", [False, True], ids=["compiled", "plain"])
@pytest.mark.parametrize("path", CASES, ids=[p.parent.name for p in CASES])
def test_case(path: Path, is_plain: bool) -> None:
    check_case(path, is_plain)
