"""The steps that a run keeps: of each mode one, drawn by a seed, and the run is the same bit for bit."""

from dataclasses import replace

import numpy as np
import pytest

from h2plant import Session
from h2plant.audit.steps import read_steps, steps_of, to_bytes
from h2plant.simulation.step_keeper import StepKeeper, watched_fields


def ran(scenario="test_8hour", n_kept=0, **named):
    session = Session(scenario, **named)
    session.begin()
    session.keep_steps(n_kept)
    session.run()
    return session


@pytest.mark.parametrize(
    ("scenario", "engine", "hours"), [("dual_path", "optimized", 8.0), ("minimal_day", "baseline", 1.0)]
)
def test_the_run_is_the_same_bit_for_bit(scenario, engine, hours):
    bare, kept = (ran(scenario, n, engine=engine, hours=hours) for n in (0, 40))
    for name in ("memory", "bus", "totals", "status"):
        assert np.array_equal(getattr(bare.program.arrays, name), getattr(kept.program.arrays, name)), name
    assert bare._events == kept._events
    assert np.array_equal(np.vstack(bare._rows), np.vstack(kept._rows))


def test_a_step_is_kept_as_it_was():
    steps = steps_of(ran(n_kept=30).engine.keeper)
    assert steps.numbers[0] == 0
    again = Session("test_8hour")
    for row, number in enumerate(steps.numbers):
        again.step(int(number) - again.step_number)
        before = {name: again.program.value(name) for name in steps.fields}
        again.step()
        assert np.array_equal(steps.before[row], list(before.values()))
        assert np.array_equal(steps.after[row], [again.program.value(name) for name in steps.fields])
        assert np.array_equal(steps.slots[row], again.program.arrays.bus)


def test_each_mode_that_was_visited_is_among_them():
    # every step looked at, against those kept
    session = Session("test_8hour")
    session.begin()
    program = session.program
    watched = watched_fields(program)
    visited = set()
    while session.step_number < session.n_steps:
        session.step()
        visited |= {(name, program.value(name)) for name in watched}
        visited |= {(place, int(code)) for place, code in enumerate(program.arrays.status) if code}
    kept = ran(n_kept=30).engine.keeper
    assert not kept.missed
    steps = steps_of(kept)
    column = {name: k for k, name in enumerate(steps.fields)}
    found = {(name, float(value)) for name in watched for value in steps.after[:, column[name]]}
    assert {one for one in visited if isinstance(one[0], str)} <= found
    first = {}
    for event in session._events:
        first.setdefault((event.component, event.code), event.first_step)
    assert set(first.values()) <= set(steps.numbers.tolist())


def test_more_steps_are_kept_where_more_are_asked_for():
    few, many = (len(ran("minimal_day", n).engine.keeper.taken) for n in (40, 400))
    assert 30 <= few <= 80
    assert many > 300


def test_modes_beyond_the_bound_are_named(monkeypatch):
    keeper = ran("test_8hour", 1).engine.keeper
    assert isinstance(keeper, StepKeeper)
    assert len(keeper.taken) <= 12
    assert all(mode for _, mode in keeper.missed)
    assert keeper.missed


def test_the_file_gives_back_what_was_kept(tmp_path):
    steps = steps_of(ran(n_kept=20).engine.keeper)
    file = tmp_path / "steps.npz"
    file.write_bytes(to_bytes(steps))
    again = read_steps(file)
    for name in ("numbers", "slots_before", "slots", "before", "after"):
        assert np.array_equal(getattr(again, name), getattr(steps, name), equal_nan=True), name
    assert replace(again, **{n: None for n in ("numbers", "slots_before", "slots", "before", "after")}) == replace(
        steps, **{n: None for n in ("numbers", "slots_before", "slots", "before", "after")}
    )


@pytest.mark.parametrize("content", [b"", b"ARROW1", b"PAR1 nothing of this", b"\0" * 1000])
def test_a_file_that_holds_no_steps_is_refused(tmp_path, content):
    file = tmp_path / "steps.npz"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"steps\.npz.*run the scenario again"):
        read_steps(file)
