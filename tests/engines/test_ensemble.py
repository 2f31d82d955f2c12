"""Many programs side by side give what each gives alone, bit for bit; one that fails stops no other."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.session.ensemble import Member, run_ensemble
from h2plant.session.session import make_engine, prepare
from h2plant.simulation.engine import SimulationFailure
from h2plant.simulation.program import WRITTEN, Program, copy_program

N_STEPS = 240


@pytest.fixture(scope="module")
def lowered() -> Program:
    """The minimal plant over some hours, not yet begun."""
    return prepare(changed_scenario(load_scenario("minimal_day"), hours=N_STEPS / 60.0))[1]


def changed(program: Program, k: int) -> Program:
    """A copy with another tank and another stack."""
    copy = copy_program(program)
    copy.arrays.memory[copy.field_index["tank.initial_pressure_pa"]] *= 1.0 + 0.05 * k
    copy.arrays.memory[copy.field_index["stack.rated_power_w"]] *= 1.0 - 0.03 * k
    return copy


def state(program: Program) -> dict[str, bytes]:
    a = program.arrays
    return {name: getattr(a, name).tobytes() for name in WRITTEN if name not in ("log", "event_marks", "event_sizes")}


@pytest.mark.parametrize("n_threads", [1, 2])
def test_ensemble_equals_one_after_the_other_bit_for_bit(lowered: Program, n_threads: int) -> None:
    alone, alone_rows = [], []
    for k in range(5):
        engine = make_engine("optimized", changed(lowered, k))
        engine.begin()
        rows: list[bytes] = []
        engine.run(N_STEPS, lambda log, _events, rows=rows: rows.append(log.tobytes()))
        alone.append(state(engine.program))
        alone_rows.append(b"".join(rows))
    together_rows: dict[int, bytes] = dict.fromkeys(range(5), b"")

    def keep(index: int, log: np.ndarray, _events: object) -> None:
        together_rows[index] += log.tobytes()

    members = list(run_ensemble((changed(lowered, k) for k in range(5)), n_threads, N_STEPS, keep))
    assert sorted(m.index for m in members) == [0, 1, 2, 3, 4]
    for m in members:
        assert m.error is None and m.program is not None and m.ledger is not None
        assert state(m.program) == alone[m.index]
        assert together_rows[m.index] == alone_rows[m.index]
        assert np.abs(m.ledger.plant_residual).max() < 1e-9
    assert len({s["totals"] for s in alone}) == 5, "the members must differ, or the test shows nothing"


def test_a_copy_shares_what_is_read_and_owns_what_is_written(lowered: Program) -> None:
    before = state(lowered)
    copy = copy_program(lowered)
    for name, array in copy.arrays._asdict().items():
        is_shared = array.size > 0 and np.shares_memory(array, getattr(lowered.arrays, name))
        assert is_shared == (name not in WRITTEN and array.size > 0), name
    for table, original in zip(copy.tables, lowered.tables, strict=True):
        assert table.size == original.size
        assert table.size == 0 or np.shares_memory(table, copy.arrays.memory)
        assert table.tobytes() == original.tobytes()
    engine = make_engine("optimized", copy)
    engine.begin()
    engine.run(10)
    assert state(lowered) == before
    assert state(copy) != before


def test_a_copy_in_the_midst_of_a_run_goes_on_from_there(lowered: Program) -> None:
    engine = make_engine("optimized", copy_program(lowered))
    engine.begin()
    engine.run(N_STEPS // 2)
    (member,) = run_ensemble([copy_program(engine.program)], 1, N_STEPS // 2)
    engine.run(N_STEPS // 2)
    assert member.program is not None and member.n_steps == N_STEPS
    assert member.program.arrays.memory.tobytes() == engine.program.arrays.memory.tobytes()


@pytest.mark.parametrize("n_threads", [1, 2])
def test_what_fails_says_so_and_the_others_finish(lowered: Program, n_threads: int) -> None:
    def unmade() -> Program:
        raise LookupError("no such plant")

    def outside_the_tables() -> Program:
        program = copy_program(lowered)
        values = lowered.arrays.series_values.copy()
        values[:] = np.nan
        program.arrays = program.arrays._replace(series_values=values)
        return program

    twice = copy_program(lowered)
    given = [unmade, copy_program(lowered), outside_the_tables, twice, twice, lambda: copy_program(lowered)]
    members = {m.index: m for m in run_ensemble(given, n_threads, N_STEPS)}
    assert isinstance(members[0].error, LookupError) and members[0].program is None
    assert isinstance(members[2].error, SimulationFailure) and members[2].n_steps < N_STEPS
    assert members[2].ledger is not None
    refused = [m for m in (members[3], members[4]) if m.error is not None]
    assert len(refused) == 1 and "given twice" in str(refused[0].error)
    good = [m for m in members.values() if m.error is None]
    assert len(good) == 3 and all(m.n_steps == N_STEPS for m in good)
    assert len({m.program.arrays.totals.tobytes() for m in good if m.program}) == 1


def test_no_more_members_are_held_than_asked_for(lowered: Program) -> None:
    made, lock = 0, threading.Lock()

    def factories() -> Iterator[object]:
        def make() -> Program:
            nonlocal made
            with lock:
                made += 1
            return copy_program(lowered)

        while True:
            yield make

    ensemble = run_ensemble(factories(), 2, 10, n_held=3)  # type: ignore[arg-type]
    for taken, member in enumerate(ensemble, 1):
        assert isinstance(member, Member)
        assert made - taken <= 3
        if taken == 20:
            break
    ensemble.close()  # type: ignore[attr-defined]
    assert made <= 23
    assert not [t for t in threading.enumerate() if t.name.startswith("h2plant-member")]


@pytest.mark.parametrize("counts", [(0, 1, None), (1, -1, None), (1, 1, 0)])
def test_counts_are_checked_at_once(counts: tuple[int, int, int | None]) -> None:
    n_threads, n_steps, n_held = counts
    with pytest.raises(ValueError, match="must be 1 or more"):
        run_ensemble([], n_threads, n_steps, n_held=n_held)
