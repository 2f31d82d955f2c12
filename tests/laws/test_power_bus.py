"""Laws of a bus: what is drawn is what named sources give, the grid's limit holds, the store closes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.components import power_bus
from h2plant.core.bus import ZERO
from h2plant.core.status import BLACKOUT, OK
from h2plant.testing import Rig

STEPS_S = st.floats(1.0, 3600.0)
POWER_W = st.floats(0.0, 20.0e6)
STEP = st.tuples(POWER_W, POWER_W, POWER_W, st.one_of(st.just(0.0), POWER_W))
LARGE = {"ride_through_j": 7.2e7, "ride_through_power_w": 1.0e6}
NO_LINES = {"supplies": 1, "consumers": 2, "line_load": 0}


@pytest.mark.parametrize("is_plain", [False, True], ids=["compiled", "plain"])
@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(STEP, min_size=1, max_size=12),
    dt=STEPS_S,
    capacity_j=st.one_of(st.just(0.0), st.floats(1.0e3, 1.0e10)),
    power_w=st.floats(0.0, 5.0e6),
    kept_frac=st.floats(0.5, 1.0),
)
def test_draws_equal_named_sources_within_the_limit(steps, dt, capacity_j, power_w, kept_frac, is_plain) -> None:
    parameters = {
        "ride_through_j": capacity_j,
        "ride_through_power_w": power_w,
        "ride_through_efficiency_frac": kept_frac,
    }
    rig = Rig(power_bus.KIND, parameters, {"supplies": 1, "consumers": 2, "line_load": 1}, is_plain)
    assert rig.field("stored_j") == capacity_j
    for supply, one, other, limit in steps:
        for port, value, link in (("supplies", supply, 0), ("consumers", one, 0), ("consumers", other, 1)):
            rig.set_signal(port, value, link)
        rig.set_signal("grid_limit", limit)
        rig.set_signal("line_load", other)
        before_j = rig.field("stored_j")
        status = rig.step(1, dt)
        grid, emergency = rig.signal("grid"), rig.signal("emergency")
        given_w, taken_w = rig.field("ride_through_given_w"), rig.field("ride_through_taken_w")
        largest = max(supply, one + other, limit, power_w, 1.0)
        assert supply + grid + emergency + given_w == pytest.approx(one + other + taken_w, abs=1e-9 * largest)
        assert grid <= limit and emergency >= 0.0 and min(given_w, taken_w) == 0.0
        assert max(given_w, taken_w) <= power_w * (1.0 + 1e-12)
        assert 0.0 <= rig.field("stored_j") <= capacity_j
        change_w = (rig.field("stored_j") - before_j) / dt
        assert change_w == pytest.approx(
            taken_w - given_w - rig.signal("heat_loss"), abs=1e-9 * max(power_w, capacity_j / dt, 1.0)
        )
        assert rig.signal("heat_loss") >= -1e-9 * max(power_w, capacity_j / dt, 1.0)
        if grid < -1e-9 * largest and taken_w < power_w * (1.0 - 1e-9):  # fed back: the store takes no more
            assert rig.field("stored_j") == capacity_j
        if emergency > 1e-6 * largest:  # the store gave all that it could
            assert status == BLACKOUT and grid == limit
            assert given_w == pytest.approx(power_w, rel=1e-9) or rig.field("stored_j") <= 1e-9 * capacity_j
    rig.assert_balanced()


def test_reserve_is_the_refill_and_margin_what_the_store_cannot_carry_beyond_the_plan() -> None:
    """A heater of 0.75 MW comes beside a plan of 3 MW; the store holds 36 MJ, 0.6 MW for a minute."""
    rig = Rig(power_bus.KIND, {**LARGE, "ride_through_j": 3.6e7, "ride_through_refill_s": 600.0}, NO_LINES)
    rig.set_signal("grid_limit", 10.0e6)
    for planned, load in ((1.0e6, 1.0e6), (3.0e6, 2.5e6), (3.0e6, 3.75e6)):
        rig.set_signal("planned_import", planned)
        rig.set_signal("consumers", load)
        rig.step()
        assert rig.signal("margin") == 0.0  # so far nothing came beyond the plan
    rig.set_signal("consumers", 3.0e6)
    rig.set_signal("planned_import", 3.0e6)
    rig.step()
    assert rig.signal("margin") == pytest.approx(0.75e6 - 0.6e6, rel=1e-9)
    rig.step(1439)
    assert rig.field("largest_lack_w") == pytest.approx(0.75e6 / 2.718281828, rel=2e-3)  # a day later
    rig.step()
    assert rig.signal("margin") == 0.0
    rig.put("stored_j", 0.0)
    rig.step()
    refill_w = 3.6e7 / 0.9 / 600.0
    assert rig.signal("reserve") == pytest.approx(refill_w, rel=1e-9)
    assert rig.signal("margin") == pytest.approx(0.75e6 / 2.718281828, rel=3e-3)


def test_rest_is_shed_while_the_store_falls_for_want_of_more_than_the_lines() -> None:
    rig = Rig(power_bus.KIND, LARGE, {**NO_LINES, "line_load": 1})
    rig.set_signal("grid_limit", 1.0e6)
    rig.set_signal("consumers", 1.5e6)  # a line
    rig.set_signal("line_load", 1.5e6)
    rig.set_signal("consumers", 0.2e6, 1)
    rig.step()
    assert rig.field("stored_j") == pytest.approx(72.0e6 - 42.0e6)  # below half, but it is the line that takes it
    rig.set_signal("consumers", 0.8e6)
    rig.set_signal("line_load", 0.8e6)
    rig.step()
    assert rig.signal("shed") == 0.0
    rig.set_signal("consumers", 0.0)
    rig.set_signal("line_load", 0.0)
    rig.put("stored_j", 60.0e6)
    rig.set_signal("consumers", 1.5e6, 1)
    rig.step()
    assert rig.field("stored_j") == pytest.approx(30.0e6) and rig.signal("shed") == 0.0
    rig.put("stored_j", 10.0e6)
    rig.set_signal("consumers", 0.5e6, 1)  # what rests has let go
    rig.step()
    assert rig.signal("shed") == 1.0
    status = rig.step()
    assert status == OK and rig.signal("shed") == 1.0  # until the store is half full
    rig.step(6)
    assert rig.signal("shed") == 0.0 and rig.field("n_blackouts") == 0.0


def test_lines_rest_after_a_blackout_until_the_restart_is_over_and_the_store_half_full() -> None:
    rig = Rig(power_bus.KIND, {**LARGE, "restart_s": 120.0, "ride_through_refill_s": 1200.0}, NO_LINES)
    rig.set_signal("planned_import", 1.0e12)
    rig.set_signal("grid_limit", 0.0)
    rig.set_signal("consumers", 5.0e6)
    assert rig.step() == BLACKOUT  # 1 MW from the store, 4 from the emergency supply
    assert rig.signal("emergency") == pytest.approx(4.0e6)
    rig.set_signal("grid_limit", 3.0e6)
    rig.set_signal("consumers", 0.1e6)
    rig.put("stored_j", 0.0)
    n = 0
    while rig.step() == BLACKOUT:
        n += 1
    assert n == 9  # ten minutes of the twenty that a refill takes, not two
    rig.step()
    assert rig.signal("reserve") < 1.0e6 and rig.field("n_blackouts") == 1.0


def test_rounding_is_no_blackout_and_an_unlinked_limit_is_none() -> None:
    rig = Rig(power_bus.KIND, {"ride_through_j": 0.0}, NO_LINES)
    rig.set_signal("grid_limit", 2.0e6)
    rig.set_signal("consumers", 2.0e6 * (1.0 + 1e-12))
    assert rig.step() == OK and rig.signal("emergency") == pytest.approx(2.0e-6, rel=0.1)
    rig.put("grid_limit", ZERO)
    rig.set_signal("consumers", 9.0e6)
    assert rig.step() == OK and rig.signal("grid") == 9.0e6
