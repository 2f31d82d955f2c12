"""Every case folder: published or analytic answers, compiled and as plain Python, balances asserted."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from h2plant.components import KINDS
from tests.rig import Rig

FOLDER = Path(__file__).parent
CASES = sorted(FOLDER.glob("*/case.yaml"))
ITEMS = {"h2": 0, "o2": 1, "n2": 2, "vapour": 3, "liquid": 4, "enthalpy": 5, "temperature_k": 6, "pressure_pa": 7}


def _set(rig: Rig, target: str, value: Any) -> None:
    port, _, link = target.partition(".")
    if isinstance(value, dict):
        rig.set_stream(port, link=int(link or 0), **{k: float(v) for k, v in value.items()})
    else:
        rig.set_signal(port, float(value), link=int(link or 0))


@pytest.mark.parametrize("is_plain", [False, True], ids=["compiled", "plain"])
@pytest.mark.parametrize("path", CASES, ids=[p.parent.name for p in CASES])
def test_case(path: Path, is_plain: bool) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert case["source"]
    kind = next(k for k in KINDS if k.name == case["kind"])
    assert path.parent.name.split("--")[0] == kind.name
    rig = Rig(kind, {k: float(v) for k, v in case.get("parameters", {}).items()}, case.get("links"), is_plain)
    n_expected = 0
    for number, run in enumerate(case["runs"]):
        for target, value in (run.get("set") or {}).items():
            _set(rig, target, value)
        status = rig.step(int(run.get("steps", 1)), float(run.get("step_s", 60)))
        if "status" in run:
            assert status == run["status"], f"run {number}: status {status}"
        for expected in run.get("expect", []):
            n_expected += 1
            if "field" in expected:
                got = rig.field(expected["field"])
            elif "item" in expected:
                got = float(rig.stream(expected["port"], int(expected.get("link", 0)))[ITEMS[expected["item"]]])
            else:
                got = rig.signal(expected["port"], int(expected.get("link", 0)))
            tolerance = float(expected.get("abs", 0.0)) + float(expected.get("rel", 0.0)) * abs(
                float(expected["value"])
            )
            assert tolerance > 0.0, f"{path}: an expected value needs 'rel' or 'abs'"
            assert abs(got - float(expected["value"])) <= tolerance, f"run {number}: {expected} but got {got!r}"
    assert n_expected > 0
    rig.assert_balanced(float(case.get("balance", 1e-9)))
