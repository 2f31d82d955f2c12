"""The length of a step does not decide what a plant makes, nor how often its lines start."""

import pytest

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.results.totals import Totals
from h2plant.session.session import ProgramRun, load_run

HOURS = 4


def starts_and_made(step_s: int) -> tuple[list[float], float]:
    """Return the starts of all units of each line, and the hydrogen made, kg, in hours of falling wind."""
    scenario = changed_scenario(load_scenario("test_full_year"), float(HOURS), "2023-03-06", step_s)
    run = ProgramRun(load_run(scenario).program())
    run.begin()
    run.engine.run(HOURS * 3600 // step_s)
    lines = ("pem_line.n_starts", "soec_line.n_starts")
    return [run.program.value(name) for name in lines], Totals(run.program, run.ledger()).sum("made_kg")


@pytest.mark.parametrize("step_s", [1, 10])
def test_short_steps_start_no_unit_more_often(step_s: int) -> None:
    """What a line drew above its set point on its way down lowered it anew, each second more: twice the starts."""
    starts, made = starts_and_made(60)
    short_starts, short_made = starts_and_made(step_s)
    assert short_starts == starts
    assert short_made == pytest.approx(made, rel=0.02)  # a step's production is under way at the end
