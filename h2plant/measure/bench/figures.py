"""What is measured: one function per benchmark, each giving figures with their bars.

Speed is the processor time of one thread (``time.thread_time``), so other work on the machine disturbs it less;
what is compared is taken in turn in one run.
"""

from __future__ import annotations

import functools
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from h2plant.config.scenario import Scenario, changed_scenario, load_scenario, load_scenario_plant
from h2plant.core.jit import PACKAGE_ROOT, kernel
from h2plant.measure.measured import Measured
from h2plant.measure.profile.loop_timing import ProfilingEngine
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


def speed_up() -> Iterator[Measured]:
    """Compare compiled and baseline engine on test_8hour, per step."""
    scenario = load_scenario("test_8hour")
    n = n_steps(scenario)
    fast = statistics.median(loop_s(prepare(scenario)[1], n) for _ in range(5))
    for n_slow in (5, n):  # the first time, CoolProp loads its fluids
        slow = ProgramRun(prepare(scenario)[1], "baseline")
        slow.begin()
        slow_s = timed(functools.partial(slow.engine.run, n_slow))
    yield Measured("compiled, per step", fast / n * 1e6, "us")
    yield Measured("baseline (plain Python, CoolProp), per step", slow_s / n * 1e6, "us")
    yield Measured("speed-up", slow_s / fast, "times", 1000.0, ">=")


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


def minutes() -> Iterator[Measured]:
    """Show the growth with minutes: the year once, twice and four times over."""
    scenario = load_scenario("test_full_year")
    plant = load_scenario_plant(scenario)
    repeated = {name: replace(spec, is_repeated=True) for name, spec in plant.series.items()}
    one = 0.0
    for years in (1, 2, 4):
        longer = replace(scenario, hours=scenario.hours * years, series=repeated)
        seconds = loop_s(prepare(longer)[1], n_steps(longer))
        one = one or seconds
        yield Measured(f"{years} years", seconds, "s")
        yield Measured(f"{years} years, over {years} times one year", seconds / years / one, "ratio", 1.15)


def components() -> Iterator[Measured]:
    """Show the growth with components: copies of the minimal plant side by side, a month."""
    first = 0.0
    for copies in (2, 3, 6, 12):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "copies.yaml"
            path.write_text(yaml.safe_dump(copied_plant(copies), sort_keys=False), encoding="utf-8")
            scenario = changed_scenario(load_scenario(path), hours=720.0, start="2023-06-01")
            _, program = prepare(scenario)
            ns = (
                statistics.median(loop_s(prepare(scenario)[1], n_steps(scenario)) for _ in range(3))
                / n_steps(scenario)
                / program.n_components
                * 1e9
            )
        first = first or ns
        yield Measured(f"{program.n_components} components, per component-step", ns, "ns")
        yield Measured(f"{program.n_components} components, over the smallest", ns / first, "ratio", 1.25)


def copied_plant(copies: int) -> dict[str, Any]:
    """Return the minimal plant several times over in one file."""
    text = (PACKAGE_ROOT / "plants" / "minimal.yaml").read_text(encoding="utf-8")
    head, links = text.split("\nlinks:\n")  # a link such as `[a.b, c.d] -> e.f` is no plain YAML
    source: dict[str, Any] = yaml.safe_load(head)
    plant: dict[str, Any] = {**source, "name": f"minimal_{copies}", "components": {}, "links": []}
    names = list(source["components"])
    for copy in range(copies):
        for name in names:
            plant["components"][f"{name}_{copy}"] = source["components"][name]
        plant["links"] += [_renamed(line.strip()[2:], copy) for line in links.splitlines() if line.strip()]
    return plant


def _renamed(link: str, copy: int) -> str:
    def rename(end: str) -> str:
        component, port = end.strip().split(".")
        return f"{component}_{copy}.{port}"

    def side(text: str) -> str:
        text = text.strip()
        if text.startswith("["):
            return "[" + ", ".join(rename(end) for end in text[1:-1].split(",")) + "]"
        return rename(text)

    source, target = link.split("->")
    return f"{side(source)} -> {side(target)}"


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


def command() -> Iterator[Measured]:
    """Time the whole command, warm and cold, and take its memory."""
    run_command(None, "test_full_year")  # whatever is missing compiles here
    warm = run_command(None, "test_full_year")
    yield Measured("warm `h2plant run test_full_year`", warm.wall_s, "s")
    yield Measured("beyond the loop", warm.wall_s - warm.performance["loop_s"], "s", 4.0)
    yield Measured("peak memory of the year", warm.peak_mb, "MB", 300.0)
    short = run_command(None, "test_8hour")
    yield Measured("test_8hour, loop", short.performance["loop_s"], "s", 1.0)
    yield Measured("test_8hour, whole command", short.wall_s, "s")
    with tempfile.TemporaryDirectory() as cache:
        cold = run_command(cache, "test_full_year")
    yield Measured("cold, beyond warm", cold.wall_s - warm.wall_s, "s", 90.0)
    yield Measured("cold, peak memory of the run's own process", cold.peak_mb, "MB")


def kinds() -> Iterator[Measured]:
    """List the ten costliest kinds of the year with their share of the loop."""
    scenario = load_scenario("test_full_year")
    _, program = prepare(scenario)
    engine = ProfilingEngine(program)
    engine.begin()
    engine.run(n_steps(scenario))
    for share in engine.shares()[:10]:
        yield Measured(f"{share.name}, {share.ns_per_call:.0f} ns a call", 100.0 * share.frac, "%")


BENCHMARKS: dict[str, Callable[[], Iterator[Measured]]] = {
    "speed_up": speed_up,
    "year": year,
    "minutes": minutes,
    "components": components,
    "command": command,
    "kinds": kinds,
}
