"""What a run leaves that a component stopped: whole steps, balances that close, the component named."""

from pathlib import Path

import numpy as np
import pytest

from h2plant.core.status import RULE_NOT_FINITE, RULE_RAISED
from h2plant.session.session import Session
from h2plant.simulation.engine import SimulationFailure
from tests.own_rule import plant_with_rule


def _failing_at(folder: Path, time_s: float) -> Path:
    """Write the smallest plant with a rule that fails at a time."""
    body = f"if time_s >= {time_s}:\n        return 0.0, memory[1] / memory[2]\n    return 0.0, 1.0e6\n"
    return plant_with_rule(folder, f"def decide(time_s, memory):\n    {body}")


@pytest.mark.long
@pytest.mark.parametrize("engine", ["optimized", "baseline"])
@pytest.mark.parametrize(("time_s", "n_steps"), [(0.0, 0), (60.0, 1), (5000.0, 84)])
def test_a_stopped_run_ends_at_its_last_whole_step(tmp_path: Path, engine: str, time_s: float, n_steps: int) -> None:
    if engine == "baseline" and n_steps > 1:
        n_steps, time_s = 3, 180.0
    session = Session(_failing_at(tmp_path, time_s), hours=3, log_every_s=900, engine=engine)
    session.keep_steps(50)
    with pytest.raises(SimulationFailure) as failure:
        session.run()
    assert failure.value.component == "rule" and failure.value.code in (RULE_NOT_FINITE, RULE_RAISED)
    assert (failure.value.step, session.step_number) == (n_steps, n_steps)

    plain = Session(_failing_at(tmp_path, 1.0e9), hours=3, log_every_s=900, engine=engine)
    plain.step(n_steps)
    assert np.isfinite(session.program.arrays.memory).all() and np.isfinite(session.program.arrays.bus).all()
    for name, place in session.program.field_index.items():
        assert session.program.arrays.memory[place] == plain.program.arrays.memory[place], name

    results = session.results(tmp_path / "r")
    summary = results.summary
    assert not summary["is_complete"] and summary["hours"] == pytest.approx(n_steps / 60.0)
    assert summary["stopped_by"].startswith("rule: ")
    assert (summary["residuals"]["worst_relative"] < 1e-9 and not summary["missing"]) or n_steps == 0
    assert [fault for fault in summary["not_valid"] if fault["id"] != "store-drained"] == []
    assert all(np.isfinite(rows).all() for rows in session._rows)
    assert ("rule", n_steps) in {(str(c), int(s)) for c, s in zip(*_events(session), strict=True)}


def _events(session: Session) -> tuple[list[str], list[int]]:
    return [event.component for event in session._events], [event.first_step for event in session._events]
