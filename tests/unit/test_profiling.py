"""A profiled run: its tables, its files, its look-ups."""

import json
import pstats
from pathlib import Path

import pytest

from h2plant.config.scenario import load_scenario
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.execution import changed_scenario, make_engine, prepare, run
from h2plant.profiling.lookups import count_and_time
from h2plant.profiling.run import profiled
from h2plant.simulation.engine import snapshot
from tests.command import h2plant, leftovers

SCENARIO = changed_scenario(load_scenario("minimal_day"), hours=2.0)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_command_prints_the_consumers_and_keeps_the_files(here):
    answer = h2plant("run", "minimal_day", "--hours", 2, "--profile", "--out", "out")
    assert answer.exit_code == 0, answer
    for part in (
        "of all: property look-ups",
        "sums and log",
        "dispatch",
        "compressor_stage",
        "peak memory",
        "Python side",
    ):
        assert part in answer.text, part
    assert "every 15 steps" in answer.text
    files = {path.name for path in Path("out").iterdir()}
    assert files >= {"profile.md", "profile.json", "profile.prof", "summary.json", "log.parquet"}
    assert leftovers(here) == []
    stats = pstats.Stats("out/profile.prof")
    assert any(name == "execute" for _file, _line, name in stats.stats)
    assert "| compressor_stage |" in Path("out/profile.md").read_text()


def test_shares_add_up_and_results_are_those_of_any_run(here):
    results = profiled(SCENARIO, out=here / "out")
    data = json.loads((here / "out/profile.json").read_text())
    assert sum(kind["frac"] for kind in data["kinds"]) == pytest.approx(1.0, abs=1e-6)
    assert sum(group["frac"] for group in data["groups"]) == pytest.approx(1.0, abs=1e-6)
    assert {group["name"] for group in data["groups"]} >= {"components", "dispatch", "sums and log"}
    assert data["look_ups"]["frac"] > 0.0
    assert data["peak_memory_mb"] > 10.0
    plain = run("minimal_day", hours=2.0, out=here / "plain")
    assert results.summary["key_figures"] == plain.summary["key_figures"]


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


def test_the_baseline_is_profiled_too(here):
    results = profiled(changed_scenario(SCENARIO, hours=0.5), "baseline", here / "out")
    data = json.loads((results.folder / "profile.json").read_text())
    assert data["engine"] == "baseline" and not data["look_ups"]["is_estimated"]
    assert "compressor_stage" in {kind["name"] for kind in data["kinds"]}
    assert data["look_ups"]["per_step"] > 5.0


def test_a_first_run_says_that_its_memory_is_not_the_figure(here, monkeypatch):
    monkeypatch.setattr("h2plant.profiling.run.is_cached", lambda _f: False)
    monkeypatch.setattr("h2plant.profiling.run.IS_JIT_DISABLED", False)
    profiled(SCENARIO, out=here / "out")
    assert "run it again" in (here / "out/profile.md").read_text()
