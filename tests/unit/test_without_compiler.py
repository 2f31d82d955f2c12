"""Without the compiler: either variable switches it off, and a kernel's case then gives the same numbers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_CODE = """
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.simulation import calls
from h2plant.testing import run_case
from tests.cases.test_cases import CASES
assert IS_JIT_DISABLED
assert not hasattr(calls.begin_all, "py_func"), "compiled all the same"
for path in CASES:
    if path.parent.name in ("pem_stack--design-point", "water_tank--cooling-and-refill"):
        run_case(path).require_met()
        print(path.parent.name)
"""


@pytest.mark.parametrize("variable", ["H2PLANT_DISABLE_JIT", "NUMBA_DISABLE_JIT"])
def test_a_case_runs_without_the_compiler(variable: str) -> None:
    others = {k: v for k, v in os.environ.items() if not k.endswith("_DISABLE_JIT")}
    environment = {**others, variable: "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _CODE]
    answer = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, cwd=ROOT)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == ["pem_stack--design-point", "water_tank--cooling-and-refill"]
