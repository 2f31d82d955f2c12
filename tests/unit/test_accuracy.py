"""The comparison of the engines: what it compares, that it goes on where it was stopped, that it can miss its bar."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.measure.accuracy import comparison as comparing
from h2plant.measure.accuracy import stretch as stretches
from h2plant.measure.accuracy.comparison import FULL, SAMPLED, Comparison, compare
from h2plant.measure.accuracy.deviation import TARGET_FRAC, Deviation, column_scale
from h2plant.measure.accuracy.report import figure_rows, is_met, markdown
from h2plant.measure.accuracy.stretch import FAST, SLOW, Store, Stretch
from h2plant.results.figures import FIGURES
from h2plant.session.execution import run
from h2plant.simulation.program import Column
from tests.command import assert_refused, h2plant

pytestmark = pytest.mark.long

HOUR_S = 3600.0
SCENARIO = changed_scenario(load_scenario("minimal_day"), hours=4.0)


def full(folder: Path, **options) -> Comparison:
    return compare(SCENARIO, FULL, jobs=0, folder=folder, stretch_s=HOUR_S, **options)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Comparison:
    """Four hours of the smallest plant, hour by hour, each engine on its own."""
    return full(tmp_path_factory.mktemp("whole"))


def test_the_engines_agree_and_the_plant_ran(whole):
    assert is_met(whole)
    assert whole.n_steps == whole.n_steps_of_run == 240
    assert whole.deviation.n_rows == 16
    assert whole.figures[SLOW]["hydrogen_made_kg"] > 10.0
    assert 0.0 < whole.relative.max() < TARGET_FRAC  # tables are no equation of state: something differs


def test_figures_are_those_of_a_run(whole, tmp_path):
    """Added up over the stretches: hydrogen, energy, cost of hydrogen as a run's summary tells them."""
    for engine in (FAST, SLOW):
        figures = run("minimal_day", hours=4.0, engine=engine, out=tmp_path / engine).summary["key_figures"]
        assert figures.keys() == whole.figures[engine].keys()
        known = {name: value for name, value in figures.items() if value is not None}
        found = whole.figures[engine]
        assert {name: found[name] for name in known} == pytest.approx(known, rel=1e-9, abs=1e-9)
        assert all(found[name] is None for name in figures.keys() - known.keys())
    assert whole.figures[SLOW]["hydrogen_cost_eur_per_kg"] > 0.0


def test_stopped_between_stretches_it_goes_on_and_finds_the_same(whole, tmp_path, monkeypatch):
    class Stopped(BaseException):
        pass

    save, saved = Store.save, []

    def save_and_stop(self, stretch, found):
        save(self, stretch, found)
        saved.append(stretch.first_step)
        if len(saved) == 2:
            raise Stopped

    monkeypatch.setattr(Store, "save", save_and_stop)
    with pytest.raises(Stopped):
        full(tmp_path)
    assert saved == [0, 60]
    started = []
    again = full(tmp_path, on_start=lambda total, done: started.append((total, done)))
    assert started == [(240, 120)]
    assert saved == [0, 60, 120, 180]  # nothing twice
    assert again.figures == whole.figures
    for name in ("worst", "worst_row", "total", "n_beyond"):
        np.testing.assert_array_equal(getattr(again.deviation, name), getattr(whole.deviation, name))
    again.forget()
    assert not tmp_path.exists()


def test_a_damaged_file_is_done_again(whole, tmp_path):
    full(tmp_path)
    path = Store(tmp_path).path(Stretch(180, 60))
    path.write_bytes(path.read_bytes()[:1000])
    started = []
    again = full(tmp_path, on_start=lambda total, done: started.append((total, done)))
    assert started == [(240, 180)]
    assert again.figures == whole.figures


@pytest.mark.slow
def test_parallel_parts_start_from_the_optimised_engine(tmp_path):
    """In worker processes; the second part's baseline begins where the optimised engine was at that time."""
    found = compare(SCENARIO, FULL, jobs=2, folder=tmp_path, stretch_s=HOUR_S)
    assert is_met(found)
    assert [(start.hour, seconds) for start, seconds in found.starts] == [(0, 7200.0), (2, 7200.0)]
    text = markdown(found, SCENARIO, "h2plant run")
    assert "in 2 parallel parts" in text and "takes over the state of the optimised engine" in text


def test_days_are_sampled_evenly_over_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(comparing, "DAY_S", HOUR_S)
    found = compare(changed_scenario(SCENARIO, hours=6.0), SAMPLED, jobs=0, days=2, folder=tmp_path)
    assert [start.hour for start, _ in found.starts] == [2, 4]
    assert found.n_steps == 120 and found.deviation.n_rows == 8
    assert is_met(found)
    per_hour = 1.2 * found.figures[FAST]["import_mwh"]
    assert 0.0 < per_hour < 5.0  # of the two hours alone, not of all before


def test_another_input_has_another_folder():
    def folder(**changes):
        _, program = stretches.prepare(changed_scenario(SCENARIO, **changes))
        return comparing.checkpoint_folder(program, [(Stretch(0, 240),)])

    assert folder() == folder()
    assert folder() != folder(overrides={"grid.import_limit_mw": 9.0})
    assert folder() != folder(start="2023-07-04")


def columns(*units: str) -> list[Column]:
    return [Column(f"c{k}", unit, "", "mean") for k, unit in enumerate(units)]


def test_a_column_that_stands_still_is_compared_as_well():
    """Range 10 K; standing still at 300 K; nothing at all beside a flow of 2 kg/s; a unit of which there is nothing."""
    low, high = np.array([300.0, 300.0, 0.0, 0.0, 0.0]), np.array([310.0, 300.0, 0.0, 2.0, 0.0])
    scale = column_scale(columns("K", "K", "kg/s", "kg/s", "m3/s"), low, high)
    assert scale == pytest.approx([10.0, 3.0, 2e-9, 2.0, 1.0])
    fast = np.array([[305.0, 300.0, 0.0, 1.0, 0.0]])
    off = Deviation.of(fast, fast + [[0.0, 0.1, 1e-7, 0.0, 0.0]], scale, 7)
    assert (off.n_beyond > 0).tolist() == [False, True, True, False, False]
    assert off.worst_row.tolist() == [7] * 5


def test_what_is_not_finite_is_infinitely_far():
    fast = np.array([[1.0, np.inf], [1.0, 2.0]])
    found = Deviation.of(fast, np.array([[np.nan, np.inf], [1.0, 2.0]]), np.ones(2), 0)
    assert found.worst.tolist() == [np.inf, np.inf]


def test_merged_deviations_keep_the_worst_and_its_row():
    scale = np.ones(1)
    parts = [Deviation.of(np.zeros((2, 1)), np.array(rows), scale, first) for rows, first in _PARTS]
    whole = Deviation.merged(parts)
    assert (whole.worst.item(), whole.worst_row.item(), whole.n_rows, whole.n_beyond.item()) == (0.3, 3, 4, 3)
    assert whole.total.item() == pytest.approx(0.1 - 0.3 + 0.2)


_PARTS = [([[0.1], [0.0]], 0), ([[0.2], [-0.3]], 2)]


def test_a_miss_is_said(whole):
    figures = {**whole.figures, FAST: {**whole.figures[FAST], "hydrogen_made_kg": 1.002e1}}
    missed = replace(whole, figures=figures)
    assert not is_met(missed)
    row = next(row for row in figure_rows(missed) if row.name == "hydrogen_made_kg")
    assert row.relative > TARGET_FRAC
    text = markdown(missed, SCENARIO, "h2plant run")
    assert "| **verdict** | **MISSED** |" in text and text.count("**MISSED**") == 2
    worst = replace(whole, deviation=replace(whole.deviation, worst=whole.deviation.worst + 2e-3 * whole.scale))
    assert not is_met(worst)


def test_report_holds_all_that_was_asked(whole):
    text = markdown(whole, SCENARIO, "h2plant run minimal_day --validate-accuracy=full")
    for part in (FIGURES["hydrogen_made_kg"].label, FIGURES["hydrogen_cost_eur_per_kg"].label, "electricity used"):
        assert f"| {part} |" in text
    for heading in (
        "Temperatures, by component",
        "Pressures, by component",
        "The 10 worst columns",
        "Method",
        "Made with",
    ):
        assert f"## {heading}\n" in text
    assert "`stack.temperature_k`" in text and "| CoolProp |" in text and "--validate-accuracy=full" in text


@pytest.mark.parametrize(
    "words", [("--validate-accuracy",), ("--validate-accuracy=full",), ("--validate-accuracy", "full")]
)
def test_both_spellings_write_the_report_into_the_run_folder(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("H2PLANT_CACHE_DIR", "")
    asked = []

    def in_this_process(scenario, mode, *, jobs, **options):
        asked.append((mode, jobs))
        return compare(scenario, mode, jobs=0, folder=tmp_path / "kept", **options)

    monkeypatch.setattr("h2plant.measure.accuracy.report.compare", in_this_process)
    answer = h2plant("run", *words, "minimal_day", "--hours", 1, "--out", "out", "--jobs", 3)
    assert answer.exit_code == 0, answer
    assert asked == [(words[-1].rpartition("=")[2].replace("--validate-accuracy", "sampled"), 3)]
    assert "accuracy: all within the bar" in answer.text
    assert "**met**" in Path("out/ACCURACY_VALIDATION.md").read_text()
    assert json.loads(Path("out/accuracy.json").read_text())["is_met"] is True
    assert not (tmp_path / "kept").exists()
    assert h2plant("run", "minimal_day", "--hours", 1, "--out", "out", "--quiet").exit_code == 0  # may be replaced


def test_a_miss_is_exit_code_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("h2plant.measure.accuracy.report.validate_run", lambda *_: False)
    assert h2plant("run", "minimal_day", "--hours", 1, "--validate-accuracy", "--quiet").exit_code == 1


def test_a_wrong_mode_is_refused():
    assert_refused(h2plant("run", "minimal_day", "--validate-accuracy=most"), "--validate-accuracy", "full")
