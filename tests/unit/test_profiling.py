"""A profiled run: its tables, its files, its look-ups."""

import inspect
import json
import pstats
from pathlib import Path

import numpy as np
import pytest

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core import properties
from h2plant.core.jit import IS_JIT_DISABLED, plain, python_function
from h2plant.core.lut_manager import LUTManager
from h2plant.measure.profile.lookups import _call, _nanoseconds, count_and_time
from h2plant.measure.profile.report import markdown
from h2plant.measure.profile.run import profiled
from h2plant.results import Results
from h2plant.session.execution import run
from h2plant.session.session import make_engine, prepare
from h2plant.simulation.engine import snapshot
from tests.command import h2plant, leftovers

pytestmark = pytest.mark.long

SCENARIO = changed_scenario(load_scenario("minimal_day"), hours=2.0)


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory) -> Path:
    """Two hours of the smallest plant, profiled by command; what it printed lies beside."""
    folder = tmp_path_factory.mktemp("profiled") / "out"
    answer = h2plant("run", "minimal_day", "--hours", 2, "--profile", "--out", folder)
    assert answer.exit_code == 0, answer
    folder.with_name("printed.txt").write_text(answer.text)
    return folder


@pytest.fixture(scope="module")
def data(run_folder) -> dict:
    return json.loads((run_folder / "profile.json").read_text())


def test_command_prints_the_consumers_and_keeps_the_files(run_folder):
    printed = run_folder.with_name("printed.txt").read_text()
    headings = ("of all: property look-ups", "sums and log", "dispatch", "peak memory", "Python side")
    for part in (*headings, "compressor_stage", "every 15 steps"):
        assert part in printed, part
    files = {path.name for path in run_folder.iterdir()}
    assert files >= {"profile.md", "profile.json", "profile.prof", "summary.json", "log.parquet"}
    assert leftovers(run_folder.parent) == []
    stats = pstats.Stats(str(run_folder / "profile.prof"))
    assert any(name == "execute" for _file, _line, name in stats.stats)
    assert "| compressor_stage |" in (run_folder / "profile.md").read_text()


def test_shares_add_up_and_results_are_those_of_any_run(run_folder, data, tmp_path):
    assert sum(kind["frac"] for kind in data["kinds"]) == pytest.approx(1.0, abs=1e-6)
    assert sum(group["frac"] for group in data["groups"]) == pytest.approx(1.0, abs=1e-6)
    assert {group["name"] for group in data["groups"]} >= {"components", "dispatch", "sums and log"}
    assert data["look_ups"]["frac"] > 0.0
    assert data["peak_memory_mb"] > 10.0
    plain = run("minimal_day", hours=2.0, out=tmp_path / "plain")
    assert Results(run_folder).summary["key_figures"] == plain.summary["key_figures"]


def test_look_ups_are_those_that_the_kernels_ask():
    """In an hour in which the stack runs; what is asked costs some nanoseconds."""
    _, program = prepare(SCENARIO)
    engine = make_engine("optimized", program)
    engine.begin()
    engine.run(60)
    running = snapshot(program)
    rows = {row.name: row for row in count_and_time(program, [running])}
    assert {row.n_steps for row in rows.values()} == {5}
    assert rows["gas_enthalpy"].per_step >= 1.0
    assert sum(row.per_step for row in rows.values()) > 5.0
    if not IS_JIT_DISABLED:
        assert all(0.5 < row.ns < 5000.0 for row in rows.values())


@pytest.mark.parametrize("name", [name for name in properties.__all__ if not name.startswith("FLUID_")])
def test_every_look_up_can_be_called_from_a_row_of_numbers(name):
    function = python_function(getattr(properties, name))
    values = {"fluid": 0.0, "temperature_k": 400.0, "pressure_pa": 2.0e5, "guess_k": 390.0, "guess_pa": 2.0e5}
    names = list(inspect.signature(function).parameters)[1:]
    row = np.array([[values.get(word, 1.0) for word in names]])
    call = _call(plain(function, {}), names[0] == "fluid", len(names))
    props = LUTManager().props
    assert python_function(call)(props, row, 0) is not None


@pytest.mark.parametrize("name", ["saturation_pressure", "gas_state", "each_gas_enthalpy_heat_capacity"])
def test_results_of_each_shape_are_timed(name):
    arguments = {"saturation_pressure": (350.0,), "gas_state": (0, 2e5, 350.0)}.get(name, (2e5, 350.0))
    assert _nanoseconds(getattr(properties, name), LUTManager().props, [arguments]) > 0.0


def test_the_baseline_is_profiled_too(tmp_path):
    results = profiled(changed_scenario(SCENARIO, hours=0.5), "baseline", tmp_path / "out")
    data = json.loads((results.folder / "profile.json").read_text())
    assert data["engine"] == "baseline" and not data["look_ups"]["is_estimated"]
    assert "compressor_stage" in {kind["name"] for kind in data["kinds"]}
    assert data["look_ups"]["per_step"] > 5.0


def test_a_first_run_says_that_its_memory_is_not_the_figure(data):
    assert "run it again" in markdown({**data, "is_first": True, "peak_memory_mb": 350.0})
    assert "300 MB, MISSED" in markdown({**data, "is_first": False, "peak_memory_mb": 350.0})
    assert "300 MB, met" in markdown({**data, "is_first": False, "peak_memory_mb": 290.0})
