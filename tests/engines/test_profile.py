"""The profile: it counts every call and changes nothing."""

import pytest

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.measure.profile.loop_timing import ProfilingEngine
from h2plant.session.session import make_engine, prepare

N_STEPS = 24 * 60
SCENARIO = changed_scenario(load_scenario("minimal_day"), hours=24.0)

pytestmark = pytest.mark.skipif(IS_JIT_DISABLED, reason="counts ticks of compiled code")


def test_profile_gives_the_same_results_bit_for_bit():
    _, program = prepare(SCENARIO)
    _, timed_program = prepare(SCENARIO)
    engine, timed = make_engine("optimized", program), ProfilingEngine(timed_program)
    for each in (engine, timed):
        each.begin()
        each.run(N_STEPS)
    assert timed_program.arrays.totals.tobytes() == program.arrays.totals.tobytes()
    assert timed_program.arrays.memory.tobytes() == program.arrays.memory.tobytes()


def test_profile_counts_every_call_and_shares_add_up():
    _, program = prepare(SCENARIO)
    engine = ProfilingEngine(program)
    engine.begin()
    engine.run(N_STEPS)
    shares = {share.name: share for share in engine.shares()}
    assert sum(share.frac for share in shares.values()) == pytest.approx(1.0)
    assert shares["liquid_separator"].calls == 2 * N_STEPS  # two drums in the minimal plant
    assert shares["pem_stack"].calls == shares["[series]"].calls == N_STEPS
    assert shares["gas_tank (emit)"].calls == N_STEPS
    assert shares["pem_stack"].ns_per_call > 0.0
