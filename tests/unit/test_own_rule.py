"""A rule of the user's own: both engines run it alike, and what is wrong with it is told."""

from pathlib import Path

import numpy as np
import pytest

from h2plant.config.bundled import PLANTS
from h2plant.config.load import load_plant
from h2plant.config.own_rule import code_at, own_step, read_rule
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.core.user_code import CompileError
from h2plant.plant.finding import PlantError
from h2plant.session.execution import execute
from h2plant.session.session import make_engine, prepare
from h2plant.simulation.engine import SimulationFailure
from h2plant.simulation.program import Program
from tests.command import process

pytestmark = pytest.mark.long

TEMPLATE = PLANTS / "templates" / "my_rule.py"


def _plant(folder: Path, rule: str, code: str = "") -> Path:
    """Write the smallest plant with a rule of its own."""
    if code:
        (folder / "rule.py").write_text(code, encoding="utf-8")
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    assert "kind: price_threshold}" in text
    file = folder / "plant.yaml"
    file.write_text(text.replace("kind: price_threshold}", f"kind: user_rule, file: '{rule}'}}"), encoding="utf-8")
    return file


def _run(file: Path, engine: str, hours: float) -> Program:
    _, program = prepare(changed_scenario(load_scenario(file), hours))
    running = make_engine(engine, program)
    running.begin()
    running.run(round(hours * 60))
    return program


def test_template_runs_alike_compiled_and_plain(tmp_path: Path) -> None:
    file = _plant(tmp_path, "rule.py:decide", TEMPLATE.read_text(encoding="utf-8"))
    compiled, plain = (_run(file, engine, 0.5) for engine in ("optimized", "baseline"))
    for i in range(16):
        name = f"rule.memory_{i}"
        assert compiled.value(name) == pytest.approx(plain.value(name), rel=1e-9), name
    assert compiled.value("rule.memory_0") != 0.0
    assert compiled.value("line.setpoint_w") == pytest.approx(plain.value("line.setpoint_w"))


def test_a_report_runs_no_rule_that_nobody_asked_for(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    code = f"import pathlib\npathlib.Path({str(ran)!r}).touch()\n\ndef decide():\n    return 0.0, 1.0e6\n"
    folder = execute(
        changed_scenario(load_scenario(_plant(tmp_path, "rule.py:decide", code)), 24.0), out=tmp_path / "run"
    ).folder
    assert ran.exists()
    one_after_another = """
import pathlib, sys
from h2plant.cli import main
ran, page, *words = sys.argv[1:]
for more in [], ["--minutes"], ["--allow-code"]:
    pathlib.Path(ran).unlink(missing_ok=True)
    try:
        main(["report", *words, "--out", page, *more])
    except SystemExit as end:
        assert not end.code
    message = "the plant runs Python code; if you trust it, give --allow-code"
    print(pathlib.Path(ran).exists(), message in pathlib.Path(page).read_text(encoding="utf-8"))
"""
    answer = process(ran, tmp_path / "page.html", folder, code=one_after_another)
    assert answer.exit_code == 0, answer
    found = [line for line in answer.stdout.splitlines() if line.startswith(("True", "False"))]
    assert found == ["False True", "False True", "True False"]


def test_rule_gets_what_it_names_and_its_limits_hold(tmp_path: Path) -> None:
    code = (
        "def twice(x):\n    return 2.0 * x\n\n"
        "def decide(memory, time_s, price_eur_per_mwh, pem_power_w):\n"
        "    memory[3] = twice(time_s)\n    memory[4] = price_eur_per_mwh\n    return 0.0, twice(pem_power_w)\n"
    )
    program = _run(_plant(tmp_path, "rule.py:decide", code), "optimized", 1.0)
    assert program.value("rule.memory_3") == 2.0 * 59 * 60.0
    assert program.value("rule.memory_4") == pytest.approx(program.arrays.series_values[0] * 3.6e9)
    assert program.value("line.setpoint_w") == pytest.approx(1.1e6)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return 0.0, memory[1] / memory[2]", r"not finite in step 0 .*rule\.py:2: ZeroDivisionError: float division"),
        ("return memory[16], 0.0", r"raised an error in step 0 .*rule\.py:2: IndexError"),
        (
            "memory[0] += 1.0\n    if memory[0] > 2.5 and wind_w < 1.0:\n        raise ValueError\n    return 0.0, 0.0",
            r"raised an error in step 2 .*rule\.py:4: ValueError",
        ),
    ],
)
def test_rule_that_fails_stops_the_run_and_its_line_is_told(tmp_path: Path, body: str, message: str) -> None:
    file = _plant(tmp_path, "rule.py:decide", f"def decide(wind_w, memory):\n    {body}\n")
    if IS_JIT_DISABLED:
        message = message.replace(
            "not finite", "raised an error"
        )  # plain Python warns or raises where compiled code gives NaN
    with pytest.raises(SimulationFailure, match=f"rule: .*{message}"):
        _run(file, "optimized", 0.1)


def test_baseline_tells_what_was_raised(tmp_path: Path) -> None:
    file = _plant(tmp_path, "rule.py:decide", "def decide(wind_w):\n    return 0.0, 1.0 / wind_w\n")
    with pytest.raises(SimulationFailure, match=r"rule\.py:2: ZeroDivisionError"):
        _run(file, "baseline", 0.1)


@pytest.mark.skipif(IS_JIT_DISABLED, reason="nothing is compiled")
@pytest.mark.parametrize(
    ("body", "line", "message"),
    [("x = wind_w\n    return open('x'), x", 3, "open"), ("return wind_w", 1, "'request_w' must return two numbers")],
)
def test_rule_that_cannot_be_compiled_is_told_with_its_line(tmp_path: Path, body: str, line: int, message: str) -> None:
    file = _plant(tmp_path, "rule.py:decide", f"def decide(wind_w):\n    {body}\n")
    with pytest.raises(CompileError, match=rf"rule\.py:{line}: \[cannot-compile\].*{message}"):
        _run(file, "optimized", 0.1)


@pytest.mark.parametrize(
    ("rule", "code", "id", "message"),
    [
        ("other.py:decide", "", "no-such-file", "other.py"),
        ("rule.py:decode", "def decide(wind_w):\n    return 0.0, 0.0\n", "no-such-function", "'decide'"),
        ("rule.py", "", "bad-rule", "my_rule.py:decide"),
        ("rule.py:decide", "def decide(line_mw):\n    return 0.0, 0.0\n", "wrong-signature", "'line_w'"),
        ("rule.py:decide", "def decide(*a):\n    return 0.0, 0.0\n", "wrong-signature", "plain arguments"),
        ("rule.py:decide", "def decide(:\n", "bad-python", "rule.py:1"),
        (
            "rule.py:decide",
            "def decide(line_power_w):\n    x = line_power_w[0]\n",
            "no-request",
            "'request_w[0] = 1.0e6'",
        ),
    ],
)
def test_wrong_rules_are_findings(tmp_path: Path, rule: str, code: str, id: str, message: str) -> None:
    with pytest.raises(PlantError) as raised:
        load_plant(_plant(tmp_path, rule, code))
    (finding,) = raised.value.findings
    assert finding.id == id
    assert finding.line > 0
    assert message in str(finding)


def test_error_while_the_file_is_read_is_told(tmp_path: Path) -> None:
    code = "import math\nlimit = math.sqrt(-1)\ndef decide(wind_w):\n    return 0.0, 0.0\n"
    with pytest.raises(PlantError, match=r"rule\.py:2: \[bad-python\]"):
        prepare(changed_scenario(load_scenario(_plant(tmp_path, "rule.py:decide", code)), 1.0))


def test_changed_rule_changes_the_digest(tmp_path: Path) -> None:
    digests = []
    for power in (1.0, 2.0):
        code = f"def decide(wind_w):\n    return 0.0, {power}\n"
        digests.append(load_plant(_plant(tmp_path, "rule.py:decide", code)).digest)
    assert np.unique(digests).size == 2


@pytest.mark.parametrize(
    "behind",
    [
        "del decide",
        "decide = None",
        "decide = lambda request_w, foo: None",
        "import functools\ndecide = functools.cache(decide)",
    ],
)
def test_a_rule_that_its_file_takes_away_is_told_with_its_line(tmp_path: Path, behind: str) -> None:
    (tmp_path / "rule.py").write_text(f"\ndef decide(request_w):\n    request_w[0] = 1.0\n{behind}\n", encoding="utf-8")
    rule = read_rule("rule.py:decide", lambda name: code_at(name, tmp_path))
    with pytest.raises(PlantError, match=r"rule.py:2: \[no-such-function\] 'decide' is not this function any more"):
        own_step(rule)
