"""What is measured: one function per benchmark, each giving figures with their targets."""

from __future__ import annotations

import functools
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from benchmarks import elementary, reading
from h2plant.config.scenario import changed_scenario, load_scenario, load_scenario_plant
from h2plant.core.jit import PACKAGE_ROOT
from h2plant.measure.bench.figures import loop_s, n_steps, run_command, timed, year
from h2plant.measure.measured import Measured
from h2plant.measure.profile.loop_timing import ProfilingEngine
from h2plant.session.session import ProgramRun, prepare


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


SHARED = ("grid", "bus", "rule")
"""What a plant has once: one rule of dispatch spends the power of all sources."""


def copied_plant(copies: int) -> dict[str, Any]:
    """Return the minimal plant several times over in one file, on one grid connection and under one rule."""
    text = (PACKAGE_ROOT / "plants" / "minimal.yaml").read_text(encoding="utf-8")
    head, links = text.split("\nlinks:\n")  # a link such as `[a.b, c.d] -> e.f` is no plain YAML
    source: dict[str, Any] = yaml.safe_load(head)
    components = source["components"]
    components["grid"]["import_limit_mw"] *= copies
    plant: dict[str, Any] = {**source, "name": f"minimal_{copies}", "components": {}, "links": []}
    for copy in range(copies):
        plant["components"] |= {_copied(name, copy): what for name, what in components.items()}
        found = [_renamed(line.strip()[2:], copy) for line in links.splitlines() if line.strip()]
        # the rule reads the level of one storage, the bus is joined to the grid once
        plant["links"] += [link for link in found if copy == 0 or not _is_of_shared(link)]
    return plant


def _copied(name: str, copy: int) -> str:
    return name if name in SHARED else f"{name}_{copy}"


def _is_of_shared(link: str) -> bool:
    source, target = link.split(" -> ")
    return target.startswith(("bus.grid", "rule.storage_level")) or source.startswith("grid.")


def _renamed(link: str, copy: int) -> str:
    def rename(end: str) -> str:
        component, port = end.strip().split(".")
        return f"{_copied(component, copy)}.{port}"

    def side(text: str) -> str:
        text = text.strip()
        if text.startswith("["):
            return "[" + ", ".join(rename(end) for end in text[1:-1].split(",")) + "]"
        return rename(text)

    source, target = link.split("->")
    return f"{side(source)} -> {side(target)}"


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
    yield Measured("cold, peak memory of the run's own process", cold.performance["peak_memory_mb"], "MB", 300.0)
    yield Measured("cold, of the largest process: one that compiles", cold.peak_mb, "MB")


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
    "reading": reading.reading,
    "elementary_kernels": elementary.elementary_kernels,
    "thermal_steps": elementary.thermal_steps,
    "parallel_kernels": elementary.parallel_kernels,
}
