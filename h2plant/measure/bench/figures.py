"""What the commands and the benchmarks measure alike: the year in the loop, and whole commands.

Speed is the processor time of one thread (``time.thread_time``), so other work on the machine disturbs it less;
what is compared is taken in turn in one run.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from h2plant.config.scenario import Scenario, load_scenario
from h2plant.core.jit import PACKAGE_ROOT, kernel
from h2plant.measure.measured import Measured
from h2plant.session.session import ProgramRun, prepare
from h2plant.simulation.program import Program


@kernel
def _exponentials(n: int) -> float:
    """Return the sum of n exponentials, one depending on the last."""
    x = 0.0
    for _ in range(n):
        x = math.exp(-0.5 * x)
    return x


def exp_ns() -> float:
    """Return the time of one exponential in a compiled loop, ns: median of seven."""
    n = 2_000_000
    _exponentials(10)
    return statistics.median(timed(lambda: _exponentials(n)) for _ in range(7)) / n * 1e9


def timed(action: Callable[[], object]) -> float:
    """Return the processor time of this thread in an action, s."""
    began = time.thread_time()
    action()
    return time.thread_time() - began


def loop_s(program: Program, n: int) -> float:
    """Return the processor time of n steps in the compiled loop, once compiled, log rows dropped."""
    run = ProgramRun(program)
    run.begin()
    return timed(lambda: run.engine.run(n))


def n_steps(scenario: Scenario) -> int:
    """Return the number of steps of a scenario."""
    return round(scenario.hours * 3600.0 / scenario.step_s)


def year(scenario: Scenario | None = None) -> Iterator[Measured]:
    """Time the year of the reference plant in the loop."""
    scenario = load_scenario("test_full_year") if scenario is None else scenario
    n = n_steps(scenario)
    exp_before = exp_ns()
    programs = [prepare(scenario)[1] for _ in range(3)]
    seconds = statistics.median(loop_s(program, n) for program in programs)
    one_exp = statistics.median([exp_before, exp_ns()])
    components = programs[0].n_components
    ns = seconds / n / components * 1e9
    yield Measured(f"processor time, {components} components x {n:,} steps", seconds, "s")
    yield Measured("the same per 100 components", seconds * 100.0 / components, "s", 6.0)
    yield Measured("per component-step", ns, "ns", 60.0)
    yield Measured("one exponential in a compiled loop", one_exp, "ns")
    yield Measured("component-step in exponentials", ns / one_exp, "exp")


# A process inherits the peak of the one that started it: a small one in between makes the figure the command's own.
WITH_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
took = resource.getrusage(resource.RUSAGE_CHILDREN)
print(took.ru_maxrss)
print(took.ru_utime + took.ru_stime)
"""


class CommandRun(NamedTuple):
    """A run of the command line in a process of its own."""

    wall_s: float
    processor_s: float
    peak_mb: float
    performance: dict[str, Any]


def run_command(cache: str | None, *arguments: str) -> CommandRun:
    """Run ``h2plant run`` with arguments in a process of its own, with another cache folder if one is given."""
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PACKAGE_ROOT.parent), *sys.path]))
        if cache is not None:
            environment["H2PLANT_CACHE_DIR"] = cache
        out = Path(folder) / "run"
        command = [sys.executable, "-P", "-m", "h2plant.cli", "run", *arguments, "--quiet", "--out", str(out)]
        began = time.perf_counter()
        started = [sys.executable, "-S", "-c", WITH_PEAK, *command]
        printed = subprocess.run(started, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout
        wall = time.perf_counter() - began
        peak, processor = (float(v) for v in printed.split())
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    mb = peak * (1e-6 if sys.platform == "darwin" else 1.024e-3)
    return CommandRun(wall, processor, mb, summary["performance"])
