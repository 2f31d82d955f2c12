"""A rule of the user's own that does not come back: a command that is stopped ends all the same."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from h2plant.core import hang
from tests.command import ROOT
from tests.own_rule import plant_with_rule

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")]

_COMMAND = """
import sys, threading, time
from h2plant.core import hang
from h2plant.cli import main
hang.PATIENCE_S = 1.0

def tell():
    while not any(one.steps() == 10 for one in list(hang._running.values())):
        time.sleep(0.02)
    print("hangs", file=sys.stderr, flush=True)

threading.Thread(target=tell, daemon=True).start()
main(sys.argv[1:])
"""


_ENDLESS = """
def decide(memory, request_w, time_s):
    request_w[0] = 0.0
    while time_s >= 600.0:
        memory[0] += 1.0
"""


def _started(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            _COMMAND,
            "run",
            str(plant_with_rule(folder, _ENDLESS)),
            "--out",
            str(folder / "r"),
            *words,
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("engine", "signals"),
    [
        ("optimized", [signal.SIGINT]),
        pytest.param("optimized", [signal.SIGTERM, signal.SIGTERM], marks=pytest.mark.slow),
        pytest.param("baseline", [signal.SIGTERM], marks=pytest.mark.slow),
        pytest.param("baseline", [signal.SIGINT, signal.SIGINT], marks=pytest.mark.slow),
    ],
)
def test_a_rule_without_end_is_ended(tmp_path: Path, engine: str, signals: list[signal.Signals]) -> None:
    with _started(tmp_path, "--hours", "1", "--engine", engine, "--quiet") as running:
        assert running.stderr is not None and running.stderr.readline() == "hangs\n"
        began = time.monotonic()
        for number in signals:
            running.send_signal(number)
            time.sleep(0.3)
        _, told = running.communicate(timeout=60.0)
    assert running.returncode == 130, told
    assert time.monotonic() - began < 30.0  # at once, on an idle machine
    is_heard = engine == "baseline" and len(signals) > 1  # plain Python ends it by itself, and tidies up
    first, *more = told.splitlines()
    if is_heard:
        assert first == "interrupted; nothing was written" and "no checkpoint to go on from yet" in more[0]
    else:
        lost = "interrupted; the rule rule.py did not come back, so the process ends and its present run is lost"
        assert (first, more) == (lost, [])
    assert not (tmp_path / "r").exists()


def test_code_that_goes_on_is_left_alone_and_what_stands_is_found() -> None:
    steps = {"slow": 0, "stuck": 7}
    slow, stuck = (hang._Running(name, lambda name=name: steps[name]) for name in steps)
    hang._running.update({-1: slow, -2: stuck})
    try:
        since: dict[hang._Running, tuple[int, float]] = {}
        for now in range(20):
            steps["slow"] += now % 3 == 0
            since = hang._standing(since, float(now))
        assert {one.what: now - began for one, (_, began) in since.items()} == {"slow": 1.0, "stuck": 19.0}
    finally:
        del hang._running[-1], hang._running[-2]
