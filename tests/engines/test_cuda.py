"""Plants on a CUDA device: in the simulator as on the processor, and compiled for a device that is not there."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.cuda_assembly import assemble, find_ptxas
from benchmarks.cuda_work import count_work
from h2plant.components import KINDS
from h2plant.config.scenario import load_scenario
from h2plant.cuda import presence
from h2plant.cuda.batch import Batch
from h2plant.cuda.lanes import SHARED_STRIDE, TILE, constant_fields
from h2plant.plant.finding import PlantError
from h2plant.session.session import prepare
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from h2plant.simulation.program import Program, copy_program
from h2plant.studies.study import load_study
from h2plant.studies.study.prepared import PreparedStudy

# Four plants in the simulator and on the processor: as they are, one parameter changed, prices of their own, and one
# whose first price is not a number, which fails. Prints the largest relative differences.
SIMULATED = """
import json
import numpy as np
from h2plant.components import KINDS
from h2plant.config.scenario import load_scenario
from h2plant.cuda import jit
from h2plant.cuda.batch import Batch
from h2plant.cuda.run import run_on_device
from h2plant.session.ensemble import run_ensemble
from h2plant.session.session import prepare
from h2plant.simulation.program import copy_program

N_STEPS = 62  # a whole log interval and the beginning of another
assert jit.IS_SIMULATED
program = prepare(load_scenario("minimal_day"))[1]

def changed(n):
    copy = copy_program(program)
    if n == 1:
        copy.arrays.memory[copy.field_index["stack.heat_capacity_j_per_k"]] *= 1.1
    if n >= 2:
        values = copy.arrays.series_values + (1.0e-9 if n == 2 else 0.0)
        if n == 3:
            values[:] = np.nan
        copy.arrays = copy.arrays._replace(series_values=values)
    return copy

factories = [lambda n=n: changed(n) for n in range(4)]
cores = sorted(run_ensemble(factories, 2, N_STEPS), key=lambda member: member.index)
device = sorted(run_on_device(factories, N_STEPS, n_lanes=4), key=lambda member: member.index)
alone = list(run_on_device([changed(1)], N_STEPS))[0]
states = [program.field_index[f"{c}.{f.name}"] for c, k in zip(program.component_ids, program.component_kinds)
          for f in KINDS[k].fields if f.role in ("state", "output")]
slots = Batch(program).summed_slots

def difference(a, b):
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(a), 1e-12)))

rows = [
    {
        "states": difference(a.program.arrays.memory[states], b.program.arrays.memory[states]),
        "totals": difference(a.program.arrays.totals[slots], b.program.arrays.totals[slots]),
        "residual": b.ledger.worst_relative_residual,
        "steps": [a.n_steps, b.n_steps],
        "errors": [str(a.error), str(b.error)],
    }
    for a, b in zip(cores, device, strict=True)
]
apart = difference(device[0].program.arrays.totals[slots], device[1].program.arrays.totals[slots])
same = difference(device[1].program.arrays.totals[slots], alone.program.arrays.totals[slots])
print(json.dumps({"rows": rows, "apart": apart, "same": same}))
"""


def _python(code: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, env=variables, check=False
    )


def _begun(name: str) -> Program:
    program = prepare(load_scenario(name))[1]
    SimulationEngineOptimized(program).begin()
    return program


def test_the_simulator_agrees_with_the_processor() -> None:
    ran = _python(SIMULATED, NUMBA_ENABLE_CUDASIM="1")
    assert ran.returncode == 0, ran.stderr[-3000:]
    reported = json.loads(ran.stdout.splitlines()[-1])
    for row in reported["rows"][:3]:
        assert row["errors"] == ["None", "None"] and row["steps"] == [62, 62]
        assert row["states"] < 1e-9 and row["totals"] < 1e-9 and row["residual"] < 1e-9
    # what failed says so as on the processor, in the same step
    failed = reported["rows"][3]
    assert failed["errors"][0] == failed["errors"][1] != "None" and failed["steps"][0] == failed["steps"][1]
    # lanes have numbers of their own, and neighbours do not matter
    assert reported["apart"] > 1e-6 and reported["same"] == 0.0


@pytest.mark.slow
def test_kinds_compile_for_a_device_that_is_not_there() -> None:
    from h2plant.cuda import jit

    names = ("wind_farm", "gas_cooler", "gas_tank")  # nothing, look-ups, look-ups and an emit with iterations
    ptx = jit.compile_ptx(tuple((k, kind) for k, kind in enumerate(KINDS) if kind.name in names), (9, 0))
    assert ".target sm_90" in ptx and ptx.count(".entry") == 1
    assert ".extern .func" not in ptx  # every call was resolved: nothing of the processor's code is asked for
    ptxas = find_ptxas()
    assert ptxas is not None, "the extra cuda brings ptxas"
    assembled = assemble(ptx, ptxas)
    assert 0 < assembled.registers <= 255 and assembled.stack_bytes < 4096


STUDY = """h2plant: 1
study: trial
kind: sweep
scenario: minimal_day
start: 2023-07-03
hours: 0.5
parameters:
  - {path: stack.rated_power_mw, values: [0.6, 1.2]}
design: {kind: grid}
outputs: [hydrogen_made_kg, hydrogen_cost_eur_per_kg, specific_energy_kwh_per_kg]
"""

SWEPT = """
import json, sys
from h2plant.studies.study.run import run_study
from h2plant.studies.backends.select import make_backend
print(json.dumps([[o.values for o in run_study(sys.argv[1], sys.argv[2] + name, backend=make_backend(name)).outcomes
                  ] for name in ("threads", "cuda")]))
"""


def test_a_sweep_runs_on_the_device_as_in_threads(tmp_path: Path) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text(STUDY, encoding="utf-8")
    ran = _python(SWEPT, str(file), str(tmp_path / "out_"), NUMBA_ENABLE_CUDASIM="1")
    assert ran.returncode == 0, ran.stderr[-3000:]
    threads, device = json.loads(ran.stdout.splitlines()[-1])
    assert len(threads) == len(device) == 2
    for a, b in zip(threads, device, strict=True):
        for name in ("hydrogen_made_kg", "hydrogen_cost_eur_per_kg", "specific_energy_kwh_per_kg"):
            assert b[name] == pytest.approx(a[name], rel=1e-9)


def test_a_study_that_reads_columns_is_refused(tmp_path: Path) -> None:
    from h2plant.studies.backends.cuda import CudaBackend

    file = tmp_path / "trial.yaml"
    file.write_text(STUDY.replace("specific_energy_kwh_per_kg]", "{column: tank.pressure_bar, reduce: mean}]"))
    backend = object.__new__(CudaBackend)  # without asking for a device
    with pytest.raises(PlantError, match="a device keeps no log"):
        backend.outcomes(PreparedStudy(load_study(file)), [])


@pytest.mark.slow
def test_all_kinds_compile_and_assemble() -> None:
    from h2plant.cuda import jit

    ptxas = find_ptxas()
    assert ptxas is not None
    for capability in ((8, 0), (9, 0)):
        assembled = assemble(jit.compile_ptx(tuple(enumerate(KINDS)), capability), ptxas)
        assert assembled.registers <= 255 and assembled.stack_bytes < 16_384


@pytest.mark.slow
def test_benchmark_says_what_it_can_without_a_device(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from benchmarks import cuda as benchmark
    from h2plant.cuda import jit

    if jit.device_problem() == "":
        pytest.skip("there is a device")
    monkeypatch.setattr(sys, "argv", ["benchmarks.cuda", "--scenario", "test_8hour"])
    assert benchmark.main() == 0
    printed = capsys.readouterr().out
    assert "compiled to PTX" in printed and "registers a thread" in printed and "not measured on a device" in printed


def test_without_a_device_a_clear_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    from h2plant.cuda import jit
    from h2plant.cuda.run import run_on_device

    if jit.device_problem() == "":
        pytest.skip("there is a device")
    with pytest.raises(PlantError) as raised:
        run_on_device([], 10)
    assert "no-cuda-device" in str(raised.value) and "--backend threads" in str(raised.value)
    assert len(str(raised.value).splitlines()) == 2
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "numba_cuda" else find_spec(name))
    with pytest.raises(PlantError, match="no-numba-cuda") as raised:
        presence.require()
    assert "pip install 'h2plant[cuda]'" in str(raised.value)


def test_what_counts_as_constant_never_changes_in_a_run() -> None:
    program = _begun("test_8hour")
    before = program.arrays.memory.copy()
    SimulationEngineOptimized(program).run(480)
    changed = program.arrays.memory != before
    n_constant, n_parameters = 0, 0
    for component, kind in zip(program.component_ids, program.component_kinds, strict=True):
        constants = constant_fields(KINDS[kind])
        assert {f.name for f in KINDS[kind].parameters} <= constants
        places = [program.field_index[f"{component}.{name}"] for name in sorted(constants)]
        assert not changed[places].any(), component
        n_constant += len(places)
        n_parameters += len(KINDS[kind].parameters)
    assert n_constant > n_parameters and changed.any()  # what ``begin`` works out is among them


def test_a_batch_gives_back_what_it_took() -> None:
    program = _begun("minimal_day")
    other = copy_program(program)
    other.arrays.memory[other.field_index["stack.heat_capacity_j_per_k"]] *= 2.0
    batch = Batch(program)
    for k in range(TILE + 3):
        assert batch.fits(other)
        batch.add(copy_program(other if k % 2 else program))
    assert batch.n_tiles == 2
    strides = dict(zip(batch.shared().step_component.tolist(), batch.shared().step_stride.tolist(), strict=True))
    assert strides.pop(program.component_ids.index("stack")) == TILE  # its parameters differ: every lane reads its own
    assert set(strides.values()) == {SHARED_STRIDE}
    expected = [p.arrays.memory.copy() for p in batch.programs]
    words = batch.tiles(0, 2).reshape(2, batch.shape.n_words, TILE)
    words[0, batch.shape.n_words - 1, 5] = 7.0  # the last total of lane 5
    whole = np.array([k != 6 for k in range(TILE + 3)])
    for _, p in batch.take_back(0, words.reshape(-1), whole.astype(np.int64), 9):
        assert p is not None
    for k, p in enumerate(batch.programs):
        assert np.array_equal(p.arrays.memory, expected[k]) and p.arrays.counters[0] == (9 if k != 6 else 0)
    assert batch.programs[5].arrays.totals[batch.summed_slots[-1]] == 7.0
    assert not batch.fits(_begun("test_8hour"))


def test_work_is_counted_as_it_is_done() -> None:
    program = _begun("minimal_day")
    before = program.arrays.memory.copy()
    work = count_work(program, 3)
    own = count_work(program, 3, is_every_constant_own=True)
    n_words = program.arrays.memory.size + 3 * program.arrays.bus.size
    assert 0 < work.words_written <= work.writes and work.words_written < n_words
    assert own.words_read > work.words_read and own.shared_reads < work.shared_reads  # constants of one's own
    assert own.operations == work.operations and work.operations["add"] > program.arrays.bus.size
    assert np.array_equal(before, program.arrays.memory)
