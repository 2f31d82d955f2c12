"""A finished run is never thrown away, whatever fails after its loop."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import h2plant
from h2plant import Results
from h2plant.cli.report import make_report
from h2plant.components import KIND_BY_NAME
from h2plant.config.load import load_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.session.execution import execute
from h2plant.session.session import make_engine
from h2plant.simulation.engine import Engine
from h2plant.simulation.program import Program
from h2plant.studies.study.run import run_study
from tests.command import h2plant as command

pytestmark = pytest.mark.long


def _kept(folder: Path, missing: str, why: str) -> dict[str, Any]:
    """Assert that a folder holds a whole run whose summary says what is missing; returns the summary."""
    results = Results(folder)
    assert len(results) > 0 and results.ledger.num_rows > 0 and pq.read_table(folder / "events.parquet") is not None
    assert why in results.summary["missing"][missing], results.summary["missing"]
    assert any(text.startswith(f"missing: {missing}: ") for text in results.warnings)
    return results.summary


@pytest.fixture
def unpriced(monkeypatch):
    """A tank of which nobody says what it costs."""
    monkeypatch.setitem(KIND_BY_NAME, "gas_tank", replace(KIND_BY_NAME["gas_tank"], costs=None))


@pytest.mark.usefixtures("unpriced")
def test_run_without_a_cost_says_so_before_and_after(tmp_path):
    note = "components.tank: the cost of the kind 'gas_tank' is missing"
    assert note in command("check", "minimal_day").text
    answer = command("run", "minimal_day", "--hours", 6, "--out", tmp_path / "r")
    assert answer.exit_code == 0, answer
    assert note in answer.text and "the cost of 'tank' (kind gas_tank) is missing" in answer.text
    summary = Results(tmp_path / "r").summary
    assert summary["missing"] == {} and summary["key_figures"]["hydrogen_made_kg"] > 0.0
    for name in ("hydrogen_cost_eur_per_kg", "capex_eur", "net_present_value_eur"):
        assert summary["key_figures"][name] is None
        assert "economics.capex_eur" in summary["economics"]["reasons"][name]
    page = make_report(Results(tmp_path / "r")).read_text(encoding="utf-8")
    assert "(kind gas_tank) is missing" in page
    offer = ("--set", "economics.capex_eur={tank: 150000}")
    assert note not in command("check", "minimal_day", *offer).text


@pytest.mark.parametrize(
    ("part", "target"),
    [
        ("economics", "h2plant.session.session.appraise_run"),
        ("key figures", "h2plant.session.conclusion.summarise"),
        ("validity", "h2plant.session.conclusion.faults"),
        ("provenance", "h2plant.session.conclusion._provenance"),
        ("residuals", "h2plant.session.conclusion.residual_figures"),
        ("balances", "h2plant.results.ledger.Bookkeeper.close"),
        ("cash flow", "h2plant.economics.appraisal.Appraisal.cash_flow_csv"),
    ],
)
def test_whatever_fails_after_the_loop_costs_its_own_part_alone(tmp_path, monkeypatch, part, target):
    def fail(*_: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(target, fail)
    answer = command("run", "minimal_day", "--hours", 1, "--out", tmp_path / "r")
    assert answer.exit_code == 3, answer
    summary = _kept(tmp_path / "r", part, "ZeroDivisionError: planted")
    assert set(summary["missing"]) == {part} and summary["is_complete"]


@pytest.mark.parametrize(("part", "function"), [("events", "event_table"), ("ledger", "ledger_table")])
def test_table_that_cannot_be_made_is_empty_and_named(tmp_path, monkeypatch, part, function):
    from h2plant.results import folder as results_folder

    real = getattr(results_folder, function)

    def fail(given: Any, *more: Any) -> Any:
        if given not in ([], results_folder.EMPTY_LEDGER):
            raise ZeroDivisionError("planted")
        return real(given, *more)

    monkeypatch.setattr(results_folder, function, fail)
    answer = command("run", "minimal_day", "--hours", 4, "--out", tmp_path / "r")
    assert answer.exit_code == 3, answer
    results = Results(tmp_path / "r")
    assert results.summary["missing"] == {part: "ZeroDivisionError: planted"}
    assert len(results) == 16 and (results.events if part == "events" else results.ledger).num_rows == 0
    assert (results.ledger if part == "events" else results.events).num_rows > 0


def test_part_of_the_summary_that_cannot_be_written_is_left_out(tmp_path, monkeypatch):
    circle: dict[str, Any] = {}
    circle["again"] = circle
    monkeypatch.setattr("h2plant.session.conclusion._provenance", lambda *_: circle)
    answer = command("run", "minimal_day", "--hours", 1, "--out", tmp_path / "r")
    assert answer.exit_code == 3, answer
    summary = Results(tmp_path / "r").summary
    assert "provenance" not in summary and "provenance" in summary["missing"]
    assert summary["key_figures"]["hydrogen_made_kg"] >= 0.0


def test_results_appear_beside_what_took_their_name_meanwhile(tmp_path):
    out = tmp_path / "mine"

    def take(done: int) -> None:
        out.mkdir(exist_ok=True)
        (out / "thesis.txt").write_text("of somebody else", encoding="utf-8")

    results = h2plant.run("minimal_day", hours=1, out=out, on_progress=take)
    assert results.folder == tmp_path / "mine-2" and len(results) == 4
    assert "thesis.txt" in results.summary["missing"]["the folder's name"]
    assert (out / "thesis.txt").read_text(encoding="utf-8") == "of somebody else"


@pytest.mark.parametrize("function", ["_row", "_of_all"])
def test_years_are_kept_where_their_table_fails(tmp_path, monkeypatch, function):
    from h2plant.session import year_table
    from h2plant.session import years as lifetime

    def fail(*_: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(lifetime, "HOURS_OF_A_YEAR", (24.0, 24.0))
    monkeypatch.setattr(year_table if function == "_row" else lifetime, function, fail)
    scenario = changed_scenario(load_scenario("minimal_day"), log_every_s=3600)
    folder = lifetime.execute_years(scenario, 2, out=tmp_path / "life")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert "ZeroDivisionError: planted" in str(summary["missing"])
    assert Results(folder / "year_02").summary["key_figures"]["hydrogen_made_kg"] > 0.0


SWEEP_OF_MASS = """
h2plant: 1
study: mass
kind: sweep
scenario: minimal_day
hours: 4
parameters:
  - {name: load, path: line.line_power_mw, values: [0.5, 1.0]}
design: {kind: grid}
outputs: [OUTPUT]
full_logs: [2]
"""


@pytest.mark.parametrize(("output", "n_failed"), [("hydrogen_made_kg", 0), ("hydrogen_cost_eur_per_kg", 2)])
@pytest.mark.usefixtures("unpriced")
def test_study_fails_by_a_missing_cost_only_where_it_asks_for_it(tmp_path, output, n_failed):
    (tmp_path / "mass.yaml").write_text(SWEEP_OF_MASS.replace("OUTPUT", output), encoding="utf-8")
    run = run_study(tmp_path / "mass.yaml", tmp_path / "out")
    assert len(run.failed) == n_failed
    assert all("the cost of 'tank' (kind gas_tank) is missing" in o.reason for o in run.failed)
    assert not list((tmp_path / "out" / "runs").glob(".*.partial"))
    if not n_failed:
        whole = Results(tmp_path / "out" / "runs" / "scenario_00002")
        assert "'tank'" in whole.summary["economics"]["reasons"]["hydrogen_cost_eur_per_kg"]


def test_content_that_fails_costs_the_balances_alone(tmp_path):
    def broken(name: str, program: Program) -> Engine:
        engine = make_engine(name, program)
        content, calls = engine.content, []

        def held() -> np.ndarray:
            calls.append(1)
            if len(calls) > 1:
                raise FloatingPointError("planted")
            return content()

        engine.content = held  # type: ignore[method-assign]
        return engine

    results = execute(changed_scenario(load_scenario("minimal_day"), hours=1), out=tmp_path / "r", make=broken)
    summary = _kept(results.folder, "balances", "FloatingPointError: planted")
    assert summary["not_valid"] == [] and set(summary["missing"]) == {"balances"}
    page = make_report(results).read_text(encoding="utf-8")
    assert "balances: FloatingPointError: planted" in page


def test_plant_file_that_is_moved_meanwhile_is_kept_as_it_was_read(tmp_path):
    file = tmp_path / "plant.yaml"
    text = load_plant("minimal").text
    file.write_text(text, encoding="utf-8")

    def move(done: int) -> None:
        file.unlink(missing_ok=True)

    results = h2plant.run(file, hours=2, start="2023-07-03", out=tmp_path / "r", on_progress=move)
    assert not file.exists()
    assert (results.folder / "plant.yaml").read_text(encoding="utf-8") == text and not results.warnings


def test_a_tank_far_too_small_turns_away_what_comes(tmp_path):
    """v0.1.0: ``ValueError: the specific energy must be above 0``, and nothing was kept."""
    changes = ("--set", "tank.n_vessels=1", "--set", "tank.vessel_volume_m3=0.1")
    command("run", "minimal", "--hours", 6, "--step-s", 900, *changes, "--out", tmp_path / "r")
    summary = Results(tmp_path / "r").summary
    assert summary["is_complete"] and summary["missing"] == {}
    assert summary["residuals"]["worst_relative"] < 1e-9


def test_error_of_the_program_in_the_loop_keeps_what_was_done(tmp_path):
    def fail(done: int) -> None:
        if done >= 60:
            raise RuntimeError("planted")

    with pytest.raises(RuntimeError, match="planted") as error:
        h2plant.run("minimal_day", hours=4, out=tmp_path / "r", on_progress=fail)
    assert error.value.folder == tmp_path / "r"
    results = Results(tmp_path / "r")
    assert results.summary["stopped_by"] == "RuntimeError: planted" and not results.summary["is_complete"]
    assert results.summary["hours"] >= 1.0 and len(results) >= 4


def test_years_before_one_that_fails_are_kept(tmp_path, monkeypatch):
    from h2plant.session import years as lifetime

    real: Callable[..., Any] = lifetime._start_anew
    monkeypatch.setattr(lifetime, "HOURS_OF_A_YEAR", (24.0, 24.0))
    years = []

    def second(*given: Any) -> None:
        years.append(1)
        if len(years) == 2:
            raise h2plant.PlantError([])
        real(*given)

    monkeypatch.setattr(lifetime, "_start_anew", second)
    scenario = changed_scenario(load_scenario("minimal_day"), log_every_s=3600)
    with pytest.raises(h2plant.PlantError):
        lifetime.execute_years(scenario, 5, out=tmp_path / "life")
    summary = json.loads((tmp_path / "life" / "summary.json").read_text(encoding="utf-8"))
    assert len(summary["years"]) == 2 and not summary["is_complete"]
    assert Results(tmp_path / "life" / "year_02").summary["key_figures"]["hydrogen_made_kg"] > 0.0
