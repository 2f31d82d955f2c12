"""Files that people write: plants, blocks, scenarios, faults, studies, tasks, own code, thresholds."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import yaml

from benchmarks.fuzz.change import changed_bytes, changed_text
from benchmarks.fuzz.sort import Read, Sort, changed_yaml, put
from h2plant.cli.application import check, kinds
from h2plant.cli.expand import expand
from h2plant.cli.migrate import migrate
from h2plant.cli.monitor import monitor
from h2plant.config.blocks.block_file import built_in_blocks
from h2plant.config.bundled import PLANTS
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.fitting.task_file import read_task
from h2plant.session.session import Session
from h2plant.studies.search.goal import load_optimize
from h2plant.studies.sensitivity import load_sensitivity
from h2plant.studies.study import load_study
from h2plant.studies.study.run import points_of

RUN_SHARE = 0.05
"""Of the plants and scenarios that are accepted, how many are run for some steps."""
HOURS = 1.0

STORM = """
h2plant: 1
name: storm
plant: minimal
start: 2023-01-01
hours: 240
step_s: 3600
faults:
  seed: 7
  storm: {component: grid, from: 2023-01-02T06:00, to: 2023-01-02T14:00}
  overhaul: {component: line, month: 1, day: 5, length_day: 2, cost_eur: 20000}
  rectifier: {component: rectifier, mtbf_h: 400, mttr_h: 24, cost_eur: 3000, cost_eur_per_h: 50}
  gauge: {component: tank, port: level, bias_frac: 0.1, from: 2023-01-03T00:00, to: 2023-01-04T00:00}
  dirt: {component: dry_cooler, fault: fouling, share_frac: 0.3, from_h: 3, to_h: 60}
"""
DAY = """
h2plant: 1
name: day
description: a day
plant: minimal
start: 2023-07-03T00:00+02:00
hours: 24
step_s: 60
log_every_min: 15
weather_years: [2023]
set: {tank.initial_pressure_bar: 80, line.price_limit_eur_per_mwh: 45}
economics: {real_rate_frac: 0.06, capex_eur: {stack: {value: 1.0e6}}}
series:
  temp_air_degc: {constant: -5}
  price_eur_per_mwh: {values: [40, 55, 70, 120, 90, 60], resolution_h: 4, mode: hold}
  mine_w: {file: nl_2023, column: wind_power_pu, scale: 1/100, fill: interpolate, repeat: true, unit: pu}
"""
TEN = """
h2plant: 1
name: ten
timezone: Europe/Amsterdam
site: {country: NL, latitude: 52.37, longitude: 4.90}
blocks: [%s.yaml]
series: {price_eur_per_mwh: {file: nl_2023}, wind_power_pu: {file: nl_2023}, temp_air_degc: {constant: 10}}
components:
  wind: {block: wind_park, capacity_mw: 15}
  grid: {block: grid, import_mw: 4, export_mw: 15}
  electrolysis: {block: pem_train, power_mw: 10, n_stacks: 4, price_limit_eur_per_mwh: 90, stack: {min_load_frac: 0.1}}
  compression: {block: compression, pressure_bar: 100}
  storage: {block: tank_park, capacity_t: 4}
  trailers: {block: trailer_station, price_eur_per_kg: 6}
  rule: {kind: price_threshold}
"""
TASK = """
h2plant: 1
plant: minimal
data: example_step.csv
parameters: [stack.heat_capacity_j_per_k, stack.loss_w_per_k]
columns: {stack.temperature_degc: stack.temperature_degc}
noise: {stack.temperature_k: 0.3}
skip_min: 2
"""
SWEEP = """
h2plant: 1
study: sizes
kind: sweep
scenario: minimal_day
hours: 2
design: {kind: grid}
parameters:
  - {name: size, path: stack.rated_power_mw, values: [0.8, 1.2]}
  - {name: limit, path: line.price_limit_eur_per_mwh, values: [20, 40, 60]}
  - {path: tank.n_vessels, expression: 4 * size}
outputs: [hydrogen_made_kg, {name: low, column: tank.pressure_bar, reduce: quantile, q: 0.05}]
"""
THRESHOLDS = b"""
[history]
enabled = true
[regression]
recent_runs = 3
baseline_runs = 20
spread_factor = 3.0
[metrics.loop_s]
worse_by_frac = 0.1
judged = true
"""


def accepted(file: Path, draw: random.Random, command: Any = check) -> Read:
    """Return what checks a plant or a scenario, and now and then runs it for an hour of its time."""
    is_run = draw.random() < RUN_SHARE

    def read() -> None:
        command(str(file))
        if is_run:
            scenario = load_scenario(file)
            Session(changed_scenario(scenario, hours=min(HOURS, scenario.hours))).run()

    return read


# plants --------------------------------------------------------------------------------------------------------------
def _plants(_: Path) -> list[bytes]:
    files = sorted(PLANTS.glob("*.yaml"))
    template = (PLANTS / "templates" / "starter.yaml").read_bytes().replace(b"@NAME@", b"starter")
    small = [(PLANTS / "minimal.yaml").read_bytes(), template] * 15
    return [*small, *(file.read_bytes() for file in files)]


def _plant(seeds: list[bytes], folder: Path, draw: random.Random) -> Read:
    file = put(folder / "plant.yaml", changed_yaml(draw.choice(seeds), draw))
    if draw.random() < 0.1:
        return lambda: migrate([file], check=draw.random() < 0.5)
    return accepted(file, draw)


# blocks --------------------------------------------------------------------------------------------------------------
def _blocks(_: Path) -> dict[str, bytes]:
    return {name: file.read_bytes() for name, file in built_in_blocks().items()}


def _block(seeds: dict[str, bytes], folder: Path, draw: random.Random) -> Read:
    name = draw.choice(
        ("wind_park", "grid", "pem_train", "compression", "tank_park", "trailer_station", "cooling_plant")
    )
    block = seeds[name].replace(f"block: {name}".encode(), f"block: my_{name}".encode())
    plant = (TEN % f"my_{name}").replace(f"block: {name}", f"block: my_{name}").encode()
    if draw.random() < 0.8:
        block = changed_yaml(block, draw)
    else:
        plant = changed_yaml(plant, draw)
    put(folder / f"my_{name}.yaml", block)
    file = put(folder / "plant.yaml", plant)
    if draw.random() < 0.2:
        return lambda: expand(str(file), None)
    return accepted(file, draw)


# scenarios, faults ---------------------------------------------------------------------------------------------------
def _scenarios(_: Path) -> list[bytes]:
    return [DAY.encode(), *(file.read_bytes() for file in sorted((PLANTS / "scenarios").glob("minimal*.yaml")))]


def _faults(_: Path) -> list[bytes]:
    return [STORM.encode()]


def _scenario(seeds: list[bytes], folder: Path, draw: random.Random) -> Read:
    return accepted(put(folder / "scenario.yaml", changed_yaml(draw.choice(seeds), draw)), draw)


# studies, tasks ------------------------------------------------------------------------------------------------------
_LOADERS = {"sweep": load_study, "optimize": load_optimize, "sensitivity": load_sensitivity}


def _studies(_: Path) -> list[tuple[str, bytes]]:
    found = [("sweep", SWEEP.encode())]
    for file in sorted((PLANTS / "studies").glob("*.yaml")):
        content = file.read_bytes()
        found.append((yaml.safe_load(content)["kind"], content))
    return found


def _study(seeds: list[tuple[str, bytes]], folder: Path, draw: random.Random) -> Read:
    kind, content = draw.choice(seeds)
    file = put(folder / "study.yaml", changed_yaml(content, draw))

    def read() -> None:
        loaded: Any = _LOADERS[kind](file)
        if kind == "sweep":
            points_of(loaded)

    return read


def _tasks(_: Path) -> bytes:
    return TASK.encode()


def _task(seed: bytes, folder: Path, draw: random.Random) -> Read:
    file = put(folder / "task.yaml", changed_yaml(seed, draw))
    return lambda: read_task(file)


# own code ------------------------------------------------------------------------------------------------------------
def _rules(_: Path) -> tuple[bytes, bytes]:
    rule = (PLANTS / "templates" / "my_rule.py").read_bytes()
    plant = (PLANTS / "minimal.yaml").read_bytes()
    return rule, plant.replace(b"rule: {kind: price_threshold}", b"rule: {kind: user_rule, file: my_rule.py:decide}")


def _rule(seeds: tuple[bytes, bytes], folder: Path, draw: random.Random) -> Read:
    rule, plant = seeds
    put(folder / "my_rule.py", _changed_code(rule, draw))
    file = put(folder / "plant.yaml", plant)
    return lambda: check(str(file))


def _kinds(_: Path) -> tuple[bytes, bytes]:
    kind = (PLANTS / "templates" / "kind.py.txt").read_bytes().replace(b"@NAME@", b"my_stack")
    plant = (PLANTS / "minimal.yaml").read_bytes()
    named = plant.replace(
        b"\ncomponents:\n", b"\nkinds: [my_stack.py]\ncomponents:\n  mine: {kind: my_stack, rated_power_mw: 2}\n"
    )
    return kind, named


def _kind(seeds: tuple[bytes, bytes], folder: Path, draw: random.Random) -> Read:
    kind, plant = seeds
    put(folder / "my_stack.py", _changed_code(kind, draw))
    file = put(folder / "plant.yaml", plant)
    return (lambda: check(str(file))) if draw.random() < 0.6 else (lambda: kinds("my_stack", str(file)))


def _changed_code(content: bytes, draw: random.Random) -> bytes:
    """Return Python with words, numbers and lines changed; no word gets in that does more than the template's."""
    return changed_text(content, draw) if draw.random() < 0.9 else changed_bytes(content, draw)


# configuration -------------------------------------------------------------------------------------------------------
def _toml(_: Path) -> bytes:
    return THRESHOLDS


def _configuration(seed: bytes, folder: Path, draw: random.Random) -> Read:
    changed = changed_text(seed, draw) if draw.random() < 0.8 else changed_bytes(seed, draw)
    file = put(folder / "monitor.toml", changed)
    return lambda: monitor(None, 10, file, None, None)


PLAIN = (
    Sort("plants", 7.0, _plants, _plant),
    Sort("blocks", 5.0, _blocks, _block),
    Sort("scenarios", 22.0, _scenarios, _scenario),
    Sort("faults", 14.0, _faults, _scenario),
    Sort("studies", 12.0, _studies, _study),
    Sort("calibrations", 7.0, _tasks, _task),
    Sort("rules", 4.0, _rules, _rule),
    Sort("kinds", 4.0, _kinds, _kind),
    Sort("configuration", 12.0, _toml, _configuration),
)
