"""One plant split over threads keeps every bit; the split gives each component to one thread, in a right order."""

import numpy as np
import pytest

from h2plant.config.scenario import load_scenario
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.measure.bench.scaling import component_costs, measure_one_plant, steps_before
from h2plant.measure.bench.split import meeting_ns, share_out, tick_ns
from h2plant.session.execution import changed_scenario, prepare

pytestmark = pytest.mark.skipif(IS_JIT_DISABLED, reason="threads that spin need compiled code")


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_shares_hold_every_entry_once_and_wait_for_what_they_read(n_threads: int) -> None:
    plant, program = prepare(changed_scenario(load_scenario("test_8hour"), hours=1))
    before = steps_before(plant, program)
    shares = share_out(program, [100.0] * program.n_components, before, n_threads, 50.0)
    schedule = program.arrays.schedule_component
    assert sorted(np.concatenate([s.entry for s in shares])) == list(range(schedule.size))
    seen = [{int(schedule[e]): i + 2 for i, e in enumerate(s.entry)} for s in shares]
    assert any(before.values())
    for thread, share in enumerate(shares):
        known = np.zeros(n_threads)
        for i, entry in enumerate(share.entry):
            known = np.maximum(known, share.needs[i])
            for earlier in before[int(schedule[entry])]:
                (other,) = [u for u in range(n_threads) if earlier in seen[u]]
                if other == thread:
                    assert seen[thread][earlier] < i + 2
                else:
                    assert known[other] >= seen[other][earlier]
        for u, position in zip(*np.nonzero(share.needs.T), strict=True):
            assert shares[u].is_awaited[share.needs[position, u] - 2]


def test_split_over_two_threads_gives_the_same_bits() -> None:
    plant, program = prepare(changed_scenario(load_scenario("minimal_day"), hours=2))
    one = measure_one_plant(plant, program, (1, 2, 64), 2, 60, 1)  # raises where a bit differs
    two, many = one.points
    assert two.is_measured and two.step_us > 0.0 and two.n_handed > 0
    assert not many.is_measured and np.isnan(many.step_us)
    assert 1.0 <= two.bound_speed_up <= many.bound_speed_up < 64.0
    assert 0.0 < one.critical_path_us and 1 < one.n_levels <= program.n_components


def test_costs_of_components_are_positive_and_meeting_takes_time() -> None:
    _, program = prepare(changed_scenario(load_scenario("minimal_day"), hours=1))
    costs, alone = component_costs(program, 60, tick_ns())
    assert len(costs) == program.n_components and sum(costs) > 0.0 and alone > 0.0
    assert 0.0 < meeting_ns(1, tick_ns(), 200) < 1e6
