"""The ways back when the compiled engine is in doubt: the baseline engine, and the loop without the compiler."""

import numpy as np
import pytest

from h2plant.measure.accuracy.deviation import TARGET_FRAC, column_scale
from h2plant.results import Results
from h2plant.simulation.program import Column
from tests.command import h2plant, process

RUN = ("run", "minimal", "--hours", 1, "--start", "2023-07-03", "--log-every", "1min", "--quiet", "--out")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> Results:
    folder = tmp_path_factory.mktemp("rollback") / "out"
    assert h2plant(*RUN, folder).exit_code == 0
    return Results(folder)


@pytest.mark.parametrize("way", ["baseline", "no compiler"])
def test_an_hour_by_a_way_back_gives_the_same(way, compiled, tmp_path):
    folder = tmp_path / "out"
    if way == "baseline":
        answer = h2plant(*RUN, folder, "--engine", "baseline")
    else:
        answer = process(*RUN, folder, H2PLANT_DISABLE_JIT="1")
    assert answer.exit_code == 0, answer
    found = Results(folder)
    assert found.columns == compiled.columns and len(found) == len(compiled) == 60
    expected = np.array([compiled[name] for name in compiled.columns])
    log = np.array([found[name] for name in found.columns])
    units = [Column(name, compiled.units[name], "", "mean") for name in compiled.columns]
    error = np.abs(log - expected).max(axis=1) / column_scale(units, expected.min(axis=1), expected.max(axis=1))
    worst = int(error.argmax())
    assert error[worst] < TARGET_FRAC, (compiled.columns[worst], error[worst])
    made = compiled.summary["key_figures"]["hydrogen_made_kg"]
    assert made > 1.0
    assert found.summary["key_figures"]["hydrogen_made_kg"] == pytest.approx(made, rel=1e-6)
    assert found.summary["engine"] == ("baseline" if way == "baseline" else "optimized")
