"""The engines on the minimal plant: against each other, again, in pieces, in threads, without a compiler."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.measure.validate import COLUMN_TARGET, TOTAL_TARGET, run_span
from h2plant.results.ledger import Bookkeeper, Ledger
from h2plant.session.session import load_run, make_engine
from h2plant.simulation import manager
from h2plant.simulation.engine import Engine, Event, restore, snapshot
from h2plant.simulation.lower import lower
from h2plant.simulation.program import FloatArray, Program

SCENARIO = changed_scenario(load_scenario("minimal_day"), hours=24.0)
LOADED = load_run(SCENARIO)
PLANT, SERIES = LOADED.plant, LOADED.series


def program_of(step_s: float = 60.0, log_every_s: float = 900.0) -> Program:
    return lower(PLANT, SERIES, step_s, log_every_s)


class Record:
    """Runs an engine and keeps all that it hands on."""

    def __init__(self, engine: Engine, buffer_bytes: int = 32_000_000) -> None:
        self.engine = engine
        self.rows: list[FloatArray] = []
        self.events: list[Event] = []
        self.buffer_bytes = buffer_bytes

    def run(self, n_steps: int) -> "Record":
        def keep(log: FloatArray, events: list[Event]) -> None:
            self.rows.append(log.copy())
            self.events.extend(events)

        self.engine.run(n_steps, keep, buffer_bytes=self.buffer_bytes)
        return self

    @property
    def log(self) -> FloatArray:
        return np.concatenate(self.rows)

    def bits(self) -> tuple[bytes, ...]:
        """Return everything that a run leaves, as bytes."""
        a = self.engine.program.arrays
        return tuple(x.tobytes() for x in (self.log, a.memory, a.bus, a.totals, a.status))


def begun(name: str, program: Program) -> Record:
    engine = make_engine(name, program)
    engine.begin()
    return Record(engine)


def booked(record: Record, n_steps: int) -> Ledger:
    bookkeeper = Bookkeeper(record.engine.program, record.engine.content())
    record.run(n_steps)
    return bookkeeper.close(record.engine.content())


@pytest.fixture(scope="module")
def whole() -> Record:
    """The first six hours in one go."""
    return begun("optimized", program_of()).run(360)


@pytest.mark.parametrize("step_s", [60.0, 10.0])
def test_compiled_and_plain_python_agree_on_the_same_tables(monkeypatch: pytest.MonkeyPatch, step_s: float) -> None:
    """120 steps, the start among them: every logged value to 2e-9 of the largest in its column.

    Compiled exponentials may differ from the library's in the last digit, and what is solved for has tolerances.
    At 10 s the hold-up of the stack keeps gas from step to step.
    """
    monkeypatch.setattr(manager, "REPLACEMENTS", {})
    monkeypatch.setattr(manager, "DIRECT", {})
    program = program_of(step_s, log_every_s=step_s)
    plain = manager.SimulationEngine(program)
    plain._props = program.arrays.props
    plain.begin()
    expected = Record(plain).run(120)
    found = begun("optimized", program_of(step_s, log_every_s=step_s)).run(120)
    assert found.log.shape == expected.log.shape == (120, len(program.columns))
    scale = np.maximum(np.abs(expected.log).max(axis=0), 1e-6)
    error = np.abs(found.log - expected.log).max(axis=0) / scale
    worst = int(error.argmax())
    assert error[worst] < 2e-9, program.columns[worst].name
    assert found.events == pytest.approx(expected.events)


@pytest.fixture(scope="module")
def day() -> FloatArray:
    """The log of the whole day, from which the ranges of the columns are taken."""
    return begun("optimized", program_of()).run(1440).log


@pytest.mark.parametrize(("first", "n_steps"), [(0, 150), (930, 60)], ids=["cold start", "evening stop"])
def test_optimised_against_baseline_on_equations_of_state(day: FloatArray, first: int, n_steps: int) -> None:
    """Columns within 0.1 % of their range over the day, totals within 0.01 %."""
    program = program_of()
    begun("optimized", program).run(first)
    start = snapshot(program)
    found = run_span(program, "optimized", n_steps, start)
    expected = run_span(program_of(), "baseline", n_steps, start)
    assert found.log.shape == expected.log.shape == (n_steps // 15, len(program.columns))
    span = np.ptp(day, axis=0)
    span = np.where(span > 1e-9 * np.abs(day).max(axis=0), span, np.inf)  # what is constant has no range
    names = [column.name for column in program.columns]
    is_remembered = [re.search(r"\.(held|known|suction)_", name) is not None for name in names]  # look-ups kept, slopes
    error = np.where(is_remembered, 0.0, np.abs(found.log - expected.log).max(axis=0) / span)
    worst = int(error.argmax())
    assert error[worst] < COLUMN_TARGET, names[worst]
    assert found.totals.keys() == expected.totals.keys()
    for name, value in expected.totals.items():
        assert found.totals[name] == pytest.approx(value, rel=TOTAL_TARGET, abs=1e-9), name
    assert expected.totals["hydrogen_made_kg"] > 1.0


def test_the_balances_of_the_baseline_close() -> None:
    ledger = booked(begun("baseline", program_of()), 30)
    assert ledger.worst_relative_residual < 1e-9


def test_the_plant_runs_in_these_hours(whole: Record) -> None:
    """What the other tests compare is not a plant at rest."""
    columns = [column.name for column in whole.engine.program.columns]
    made = whole.log[:, columns.index("stack.hydrogen.h2_kg_per_s")]
    assert (made > 0.001).any()
    assert np.ptp(whole.log, axis=0).astype(bool).mean() > 0.5


def test_the_same_run_twice_is_the_same_bit_for_bit(whole: Record) -> None:
    assert begun("optimized", program_of()).run(360).bits() == whole.bits()


def test_two_threads_at_once_change_no_bit(whole: Record) -> None:
    """Kernels release the interpreter's lock: nothing may be shared between programs."""
    records = [begun("optimized", program_of()) for _ in range(4)]
    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(lambda record: record.run(360), records):
            assert done.bits() == whole.bits()


@pytest.mark.parametrize("pieces", [[360], [15] * 24, [120, 15, 225], [345, 15]])
def test_pieces_give_the_same_bits_as_one_go(whole: Record, pieces: list[int]) -> None:
    record = begun("optimized", program_of())
    for n_steps in pieces:
        record.run(n_steps)
    assert record.bits() == whole.bits()


def test_a_small_log_buffer_loses_nothing(whole: Record) -> None:
    record = begun("optimized", program_of())
    record.buffer_bytes = 8 * 3 * len(record.engine.program.columns)
    assert record.run(360).bits() == whole.bits()
    assert len(record.rows) > 3


def test_single_steps_from_python_go_the_same_way(whole: Record) -> None:
    from h2plant.simulation.manager_optimized import SimulationEngineOptimized

    program = program_of()
    engine = SimulationEngineOptimized(program)
    engine.begin()
    assert engine.step_simulation(359) == 360
    assert program.arrays.memory.tobytes() == whole.engine.program.arrays.memory.tobytes()
    assert program.arrays.bus.tobytes() == whole.engine.program.arrays.bus.tobytes()


def test_a_snapshot_restores_bit_for_bit(whole: Record) -> None:
    """Run three hours, keep, go on; go back and go on again, in the same and in another program."""
    record = begun("optimized", program_of())
    record.run(180)
    kept = snapshot(record.engine.program)
    record.run(180)
    assert record.bits()[:3] == whole.bits()[:3]
    for program in (record.engine.program, program_of()):
        restore(program, kept)
        again = Record(make_engine("optimized", program)).run(180)
        assert again.log.tobytes() == whole.log[12:].tobytes()
        assert program.arrays.memory.tobytes() == whole.engine.program.arrays.memory.tobytes()
        assert again.engine.step_number == 360


def test_a_snapshot_holds_the_gas_on_its_way() -> None:
    """At steps of 10 s part of what the stack made is still held; going back leads on bit for bit."""
    record = begun("optimized", program_of(10.0))
    record.run(540)
    program = record.engine.program
    assert program.arrays.memory[program.field_index["stack.fuel_h2_kg"]] > 0.1
    kept = snapshot(program)
    record.run(180)
    after = program.arrays.memory.tobytes()
    restore(program, kept)
    again = Record(make_engine("optimized", program)).run(180)
    assert again.log.tobytes() == record.log[6:].tobytes()
    assert program.arrays.memory.tobytes() == after


def test_a_snapshot_is_a_copy() -> None:
    record = begun("optimized", program_of())
    kept = snapshot(record.engine.program)
    before = kept.memory.tobytes(), kept.bus.tobytes()
    record.run(60)
    assert (kept.memory.tobytes(), kept.bus.tobytes()) == before


@pytest.mark.parametrize(("step_s", "n_steps"), [(1, 3600), (10, 1440), (60, 1440), (900, 96), (3600, 24)])
def test_every_step_size_runs_and_balances(step_s: int, n_steps: int) -> None:
    record = begun("optimized", program_of(step_s, 3600.0))
    ledger = booked(record, n_steps)
    assert record.engine.step_number == n_steps
    relative = np.abs(ledger.relative_residual).max(axis=1)
    worst = int(relative.argmax())
    assert relative[worst] < 1e-9, ledger.component_ids[worst]
    assert np.abs(ledger.plant_residual).max() < 1e-9
    assert np.isfinite(record.log).all()
    assert len(record.log) == n_steps * step_s // 3600


def test_residuals_see_a_leak() -> None:
    """A kilogram that vanishes from the tank is found, in the right place: the balances can fail."""
    record = begun("optimized", program_of())
    program = record.engine.program
    bookkeeper = Bookkeeper(program, record.engine.content())
    record.run(60)
    content = record.engine.content()
    tank = program.component_ids.index("tank")
    content[tank, 0] -= 1.0
    ledger = bookkeeper.close(content)
    assert int(np.abs(ledger.relative_residual[:, 0]).argmax()) == tank
    assert ledger.residual[tank, 0] == pytest.approx(1.0, rel=1e-6)
    assert ledger.worst_relative_residual > 1e-6


def test_stopping_between_slices_keeps_what_was_done(whole: Record) -> None:
    record = begun("optimized", program_of())
    engine = record.engine

    def stop_halfway(done: int) -> None:
        engine.is_stop_requested = done >= 180

    rows: list[FloatArray] = []
    with pytest.raises(KeyboardInterrupt):
        engine.run(360, lambda log, _events: rows.append(log.copy()), stop_halfway)
    done = engine.step_number
    assert 180 <= done < 360
    assert np.concatenate(rows).tobytes() == whole.log[: done // 15].tobytes()


_WITHOUT_COMPILER = """
from tests.engines.test_engines import begun, program_of, booked
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.simulation import loop
assert IS_JIT_DISABLED and not hasattr(loop.advance, "py_func")
record = begun("optimized", program_of(log_every_s=60.0))
ledger = booked(record, 3)
assert ledger.worst_relative_residual < 1e-9
import sys
sys.stdout.write(record.log.tobytes().hex())
"""


def test_everything_runs_without_the_compiler() -> None:
    environment = {**os.environ, "H2PLANT_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_COMPILER],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = np.frombuffer(bytes.fromhex(done.stdout)).reshape(3, -1)
    expected = begun("optimized", program_of(log_every_s=60.0)).run(3).log
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(ValueError, match="no engine 'fast'; there are optimized, baseline"):
        make_engine("fast", program_of())
