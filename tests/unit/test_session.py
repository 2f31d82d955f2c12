"""A session in pieces, back and forth, and on: the same results as one run, bit for bit, on both engines."""

import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import h2plant
from h2plant import PlantError, Results, Session
from h2plant.config.load import load_plant
from h2plant.config.scenario import load_scenario
from h2plant.session.session import Loaded, load_run
from h2plant.simulation.engine import SimulationFailure
from tests.command import h2plant as command
from tests.folders import open_copy


def assert_same(found: Results, expected: Results) -> None:
    """Everything that is not of the time that a run took."""
    assert found.to_arrow().equals(expected.to_arrow())
    assert found.events.equals(expected.events) and found.ledger.equals(expected.ledger)
    for part in ("is_complete", "hours", "key_figures", "economics", "residuals", "planning", "not_valid", "missing"):
        ours, theirs = dict(found.summary), dict(expected.summary)
        for summary in (ours, theirs):
            summary["planning"] = {k: v for k, v in summary["planning"].items() if k != "solver_s"}
        assert ours[part] == theirs[part], part


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> Results:
    return h2plant.run("minimal_day", out=tmp_path_factory.mktemp("whole") / "r")


def test_pieces_leave_the_results_of_one_run(tmp_path, expected):
    """Pieces end in the midst of log intervals (900 s) and of events; results are written on the way too."""
    session = Session("minimal_day")
    for n_steps in (1, 7, 52, 340):
        session.step(n_steps)
    part = session.results(tmp_path / "part")
    assert not part.summary["is_complete"] and part.summary["stopped_by"] == "written after 6.66667 of 24 h"
    assert part.summary["hours"] == pytest.approx(400 / 60) and len(part) == 27 and part.warnings == []
    session.run()
    assert session.hours_done == 24.0
    assert_same(session.results(tmp_path / "r"), expected)


@pytest.mark.parametrize("n_before", [7, 60, 455])
def test_snapshot_leads_back_bit_for_bit(tmp_path, expected, n_before):
    session = Session("minimal_day")
    session.step(n_before)
    kept = session.snapshot()
    session.step(300)
    level = session.value("tank.level")
    session.run()
    session.restore(kept)
    assert session.step_number == n_before
    session.step(300)
    assert session.value("tank.level") == level
    session.run()
    assert_same(session.results(tmp_path / "back"), expected)
    another = Session("minimal_day")
    another.restore(kept)
    another.run()
    assert_same(another.results(tmp_path / "another"), expected)


def test_snapshot_leads_back_on_the_baseline_too(tmp_path):
    sessions = [Session("minimal_day", hours=0.5, engine="baseline") for _ in range(2)]
    sessions[0].run()
    whole = sessions[0].results(tmp_path / "whole")
    session = sessions[1]
    session.step(8)
    kept = session.snapshot()
    session.step(10)
    session.restore(kept)
    session.run()
    assert whole.summary["engine"] == "baseline" and len(whole) == 2
    assert_same(session.results(tmp_path / "back"), whole)


def test_snapshot_holds_the_plan(tmp_path):
    """From noon on the second of two days, planned before each: also in a session that has planned nothing yet."""
    pytest.importorskip("highspy")
    given = {"hours": 48, "set": {"rule.kind": "planned"}}
    session = Session("minimal_day", **given)
    session.step(36 * 60)
    kept = session.snapshot()
    assert kept.planning is not None
    session.run()
    whole = session.results(tmp_path / "whole")
    assert whole.summary["planning"]["n_plans"] > 1
    another = Session("minimal_day", **given)
    another.restore(kept)
    another.run()
    assert_same(another.results(tmp_path / "another"), whole)


def test_value_is_that_of_the_log(expected):
    session = Session("minimal_day", log_every_s=60)
    session.step(600)
    for name in ("tank.pressure_pa", "stack.hydrogen.h2_kg_per_s", "stack.temperature_k", "cooling.power_w"):
        index = [column.name for column in session.program.columns].index(name)
        assert session.value(name) == session._rows[-1][-1, index], name
    with pytest.raises(KeyError, match=r"no value 'tank\.presure_pa'; did you mean tank\.pressure_pa"):
        session.value("tank.presure_pa")
    with pytest.raises(KeyError):
        session.value("tank.inlets")  # where the port is on the bus is no number of the plant


def test_ledger_in_the_midst_of_an_interval_closes():
    session = Session("minimal_day")
    session.step(607)
    before = session.snapshot()
    assert session.ledger().worst_relative_residual < 1e-9
    totals = session.totals()
    used = totals.sum("used_j")
    whole = Session("minimal_day", hours=607 / 60)
    whole.run()
    assert used == pytest.approx(whole.totals().sum("used_j"), rel=1e-12) and used > 0.0
    assert session.economics().year == whole.economics().year
    session.step(100)
    assert totals.sum("used_j") == used < session.totals().sum("used_j")
    session.restore(before)
    assert session.economics().hours == pytest.approx(607 / 60)
    after = session.snapshot()
    for name, values in before.state.items():
        assert np.array_equal(values, after.state[name]), name


def test_what_does_not_fit_is_refused():
    session = Session("minimal_day", hours=2)
    with pytest.raises(ValueError, match="no time has passed"):
        session.economics()
    with pytest.raises(ValueError, match="121 steps: the scenario has 120 left"):
        session.step(121)
    session.step(7)
    for other in (
        Session("minimal_day", hours=2, set={"tank.max_pressure_bar": 105}),
        Session("minimal_day", step_s=30),
    ):
        with pytest.raises(ValueError, match="of another run"):
            other.restore(session.snapshot())
    finer = Session("minimal_day", hours=2, log_every_s=300)
    with pytest.raises(ValueError, match="in the midst of a log interval of another length"):
        finer.restore(session.snapshot())
    session.step(8)  # 900 s
    finer.restore(session.snapshot())
    finer.run()
    assert finer.step_number == 120
    with pytest.raises(ValueError, match="no engine 'fast'"):
        Session("minimal_day", engine="fast")


def test_failed_session_stands_still_and_leads_back(tmp_path, monkeypatch):
    session = Session("minimal_day", hours=2)
    session.step(30)
    kept = session.snapshot()
    session.program.arrays.bus[:] = np.nan
    session.program.arrays.memory[session.program.field_index["tank.pressure_pa"]] = np.nan
    with pytest.raises(SimulationFailure) as failure:
        session.run()
    with pytest.raises(SimulationFailure):
        session.step()
    results = session.results(tmp_path / "r")
    assert results.summary["stopped_by"] == str(failure.value) and results.summary["hours"] >= 0.5
    session.restore(kept)
    session.run()
    assert session.results(tmp_path / "again").summary["is_complete"]


def test_interrupt_leaves_the_session_whole(tmp_path, expected):
    session = Session("minimal_day")

    def interrupt(done: int) -> None:
        if done >= 500 and session.step_number < 600:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        session.run(on_progress=interrupt)
    assert 500 <= session.step_number < 1440
    session.run()
    assert_same(session.results(tmp_path / "r"), expected)


def test_public_names_and_plant_show_in_few_lines():
    assert dir(h2plant) == sorted(h2plant.__all__ + ["__version__"]) and h2plant.Session is Session
    shown = repr(load_plant("dual_path"))
    assert shown.startswith("<Plant 'dual_path': ") and " soec_module" in shown
    assert len(shown) < 1500 and len(shown.splitlines()) < 15
    assert repr(Session("minimal_day")) == (
        "Session('minimal_day', plant 'minimal', 0 of 1,440 steps of 60 s, optimized)"
    )


# --- a scenario that results keep


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> tuple[Path, Results]:
    """A run of a plant of one's own, with a series file beside it and one that the scenario gives."""
    folder = tmp_path_factory.mktemp("own")
    text = (Path(h2plant.__file__).parent / "plants" / "minimal.yaml").read_text(encoding="utf-8")
    text = text.replace("temp_air_degc: {file: nl_2023, mode: linear}", "temp_air_degc: {file: air.csv}")
    assert "air.csv" in text
    (folder / "plant.yaml").write_text(text, encoding="utf-8")
    hours = "".join(f"2023-07-03T{hour:02}:00Z,{15 + hour}\n" for hour in range(12))
    (folder / "air.csv").write_text(f"time,temp_air_degc\n{hours}", encoding="utf-8")
    (folder / "day.yaml").write_text(
        "h2plant: 1\nname: day\nplant: plant.yaml\nstart: 2023-07-03T00:00Z\nhours: 6\nlog_every_min: 15\n"
        "series:\n"
        "  price_eur_per_mwh: {values: [0, 90.5, 1.0e-5, 30], resolution_h: 2, start: 2023-07-03T00:00Z, mode: hold}\n"
        "set: {tank.max_pressure_bar: 105.5}\n",
        encoding="utf-8",
    )
    return folder, h2plant.run(folder / "day.yaml", out=folder / "r", set={"economics.tax_frac": 0.2})


def test_kept_scenario_runs_again(own, tmp_path):
    folder, results = own
    moved = tmp_path / "moved"
    open_copy(results.folder, moved)
    again = h2plant.run(moved / "scenario.json", out=tmp_path / "again")
    assert_same(again, results)
    kept, given = load_scenario(moved / "scenario.json"), load_scenario(folder / "day.yaml")
    for name in ("name", "start", "hours", "step_s", "log_every_s", "timezone", "description"):
        assert getattr(kept, name) == getattr(given, name), name
    assert kept.overrides == {"tank.max_pressure_bar": 105.5, "economics.tax_frac": 0.2}
    assert load_run(kept).plant.digest == results.summary["provenance"]["plant_digest"]
    third = h2plant.run(
        tmp_path / "again" / "scenario.json", hours=1, set={"tank.max_pressure_bar": 105}, out=tmp_path / "third"
    )
    assert third.summary["hours"] == 1.0 and third.summary["provenance"]["overrides"]["tank.max_pressure_bar"] == "105"


def test_kept_scenario_of_a_bundled_plant_is_the_scenario(expected, tmp_path):
    kept = load_scenario(expected.folder / "scenario.json")
    given = load_scenario("minimal_day")
    assert (kept.plant, kept.content()) == (given.plant, given.content())
    answer = command("run", expected.folder / "scenario.json", "--hours", 1, "--out", tmp_path / "r", "--quiet")
    assert answer.exit_code == 0


def test_changed_plant_of_a_kept_scenario_is_found(own, tmp_path):
    _, results = own
    moved = tmp_path / "moved"
    open_copy(results.folder, moved)
    text = (moved / "plant.yaml").read_text(encoding="utf-8")
    (moved / "plant.yaml").write_text(text.replace("initial_pressure_bar: 60", "initial_pressure_bar: 61"), "utf-8")
    with pytest.raises(PlantError, match=r"scenario\.json:\d+.*changed since the run") as refused:
        load_scenario(moved / "scenario.json")
    assert [f.id for f in refused.value.findings] == ["plant-changed"]
    content = json.loads((moved / "scenario.json").read_text(encoding="utf-8"))
    del content["plant_digest"]
    (moved / "scenario.json").write_text(json.dumps(content), encoding="utf-8")
    assert (
        load_run(load_scenario(moved / "scenario.json")).plant.components["tank"].values["initial_pressure_pa"] == 61e5
    )


def test_every_series_entry_is_read_as_it_was_written(tmp_path):
    """What ``scenario.json`` says of a series is the same series, whatever its source and settings."""
    (tmp_path / "p.csv").write_text("when;p\n" + "".join(f"2023-07-03 {h:02}:00;{h},5\n" for h in range(24)), "utf-8")
    (tmp_path / "day.yaml").write_text(
        "h2plant: 1\nname: day\nplant: minimal\nhours: 6\nstart: 2023-07-03T00:00Z\nseries:\n"
        "  price_eur_per_mwh: {file: ./p.csv, column: p, time_column: when, decimal: ',', timezone: Europe/Amsterdam,\n"
        "    stamps: end, repeat: true, fill: interpolate, max_gap_h: 2, scale: 0.1, unit: eur_per_kwh, mode: linear}\n"
        "  ambient_temperature_degc: {constant: 0}\n",
        encoding="utf-8",
    )
    given = load_scenario(tmp_path / "day.yaml")
    loaded = load_run(given) if _is_runnable(given) else None
    plant = load_plant("minimal") if loaded is None else loaded.plant
    target = tmp_path / "kept"
    target.mkdir()
    content = json.loads(given.to_json(plant))
    content.pop("plant_digest")
    (target / "scenario.json").write_text(json.dumps(content), encoding="utf-8")
    kept = load_scenario(target / "scenario.json")
    assert {n: s.content() for n, s in kept.series.items()} == {n: s.content() for n, s in given.series.items()}


def _is_runnable(scenario: object) -> bool:
    try:
        load_run(scenario)  # type: ignore[arg-type]
    except PlantError:
        return False
    return True


def test_scenario_of_the_last_release_says_what_to_do(tmp_path):
    """Series were kept as digests there: such a file is refused with its place; without series it loads."""
    release = Path(__file__).parents[1] / "data" / "v0.1.0"
    assert release.is_dir()
    old = {
        **{"h2plant": 1, "name": "d", "description": "", "plant": "minimal", "start": "2023-07-03T00:00:00+00:00"},
        **{"hours": 6.0, "step_s": 60, "log_every_s": 900, "timezone": None, "set": {}},
    }
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps({**old, "series": {}}), encoding="utf-8")
    assert load_scenario(file).start == datetime(2023, 7, 3, tzinfo=UTC)
    file.write_text(json.dumps({**old, "series": {"price_eur_per_mwh": ["price_eur_per_mwh", ""]}}), encoding="utf-8")
    with pytest.raises(PlantError, match=r"scenario\.json:1: \[wrong-type\] series\.price_eur_per_mwh"):
        load_scenario(file)


def test_loaded_plant_may_be_planned_by_somebody_else():
    loaded = load_run(load_scenario("minimal_day"))
    assert isinstance(loaded, Loaded) and loaded.program().planning is None and loaded.notes == []


def test_steps_and_snapshots_of_another_kind_are_refused():
    """A fraction of a step ended inside the engine, None ran to the end, and a later snapshot left a step too many."""
    session = h2plant.Session("minimal_day", hours=2)
    for wrong in (1.5, "3", None, float("nan")):
        with pytest.raises(TypeError):
            session.step(wrong)
    session.step(np.int64(10))
    assert session.step_number == 10
    kept = session.snapshot()
    for nothing in (None, "x", kept.state):
        with pytest.raises(ValueError, match="is no snapshot"):
            session.restore(nothing)
    short = h2plant.Session("minimal_day", hours=0.1)
    with pytest.raises(ValueError, match="from step 10, and this run ends after 6; give the session more hours"):
        short.restore(kept)
    short.run()
    assert short.step_number == 6
