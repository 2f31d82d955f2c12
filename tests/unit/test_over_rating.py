"""What a run says of converters that carried more than their rating: for how long, and how hot they got."""

from types import SimpleNamespace

import numpy as np
import pytest

import h2plant
from h2plant.components import KIND_BY_NAME
from h2plant.results.over_rating import over_ratings

LIMITS = {"winding_rise_k": 23.0, "oil_limit_k": 378.15, "hot_spot_limit_k": 413.15}


def _notes(load, oil_k, over_min):
    columns = {"t.load_frac": np.array(load), "t.oil_temperature_k": np.array(oil_k)}
    program = SimpleNamespace(
        component_ids=("t",), log_every_s=900, step_s=60, value=lambda name: LIMITS[name.partition(".")[2]]
    )
    totals = SimpleNamespace(program=program, roles=(KIND_BY_NAME["transformer"].role,), of_role=lambda role: [0])
    reported = {"t": (over_min, 6e4)} if over_min else {}
    return over_ratings(totals, reported, lambda names: [columns[name] for name in names])


def test_transformer_at_106_percent_is_told_with_its_oil_and_hot_spot():
    """23 K at rating to the power 1.6 (IEC 60076-7): at 1.06 times 25.2 K above oil of 74.9 degC."""
    (note,) = _notes([0.9, 1.06, 1.06, 1.0], [330.0, 345.0, 348.05, 340.0], 30.0)
    assert 23.0 * 1.06**1.6 == pytest.approx(25.25, abs=0.01)
    assert note.startswith(
        "[over-rating] t: carried more than its rating for 0.50 h, by 60 kW at most; in the log of 15 min, which hides "
        "shorter peaks, its oil came to 75 degC, and it trips at 105; the hot spot to 100 degC, and it trips at 140"
    )


def test_nothing_is_told_within_the_rating():
    assert _notes([0.0, 1.0], [300.0, 370.0], 0.0) == []


def test_a_run_tells_of_a_rectifier_above_its_rating(tmp_path):
    run = h2plant.run("minimal", hours=3, set={"rectifier.rating_mw": 0.96}, out=tmp_path / "r", audit_steps=0)
    notes = [note for note in run.summary["provenance"]["notes"] if note.startswith("[over-rating]")]
    assert (
        len(notes) == 1 and notes[0].startswith("[over-rating] rectifier: carried more") and "its heat sink" in notes[0]
    )
    assert not run.summary["missing"]
