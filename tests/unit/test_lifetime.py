"""Runs over the years of a life: the state goes on, stacks are replaced and paid for, memory and folders."""

from __future__ import annotations

import csv
import itertools
import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from h2plant.cli import app
from h2plant.components import KIND_BY_NAME
from h2plant.config.scenario import Scenario, changed_scenario, load_scenario
from h2plant.economics.life import Life, mean_year, renewed_as_run
from h2plant.economics.plant_cost import Equipment, plant_cost
from h2plant.economics.year import Year
from h2plant.plant.finding import PlantError
from h2plant.results import Results
from h2plant.results.folder import ResultsError
from h2plant.session.execution import execute
from h2plant.session.years import execute_years, input_spans

pytestmark = pytest.mark.long

# wears out in some 2300 hours at full current: in the second year
WORN = {"stack.degradation_v_per_s": 2.6e-8}


def _scenario(**changes: object) -> Scenario:
    scenario = changed_scenario(load_scenario("minimal"), 8760.0, step_s=600, overrides=WORN)
    return replace(scenario, log_every_s=24 * 3600, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return execute_years(_scenario(), 3, out=tmp_path_factory.mktemp("life") / "run")


def _rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "years.csv").read_text(encoding="utf-8").splitlines()))


def test_first_year_is_the_run_of_a_year(life: Path, tmp_path: Path) -> None:
    alone, first = execute(_scenario(), out=tmp_path / "alone"), Results(life / "year_01")
    for name in ("stack.temperature_k", "stack.degradation_v", "tank.pressure_pa"):
        np.testing.assert_array_equal(alone[name], first[name])
    a, b = alone.summary["key_figures"], first.summary["key_figures"]
    assert a == b


def test_state_goes_on_and_stacks_age(life: Path) -> None:
    years = [Results(life / f"year_{n:02}") for n in (1, 2, 3)]
    for before, after in itertools.pairwise(years):
        assert after.time[0] == before.time[0]  # the input year again
        assert after["stack.running_h"][0] >= before["stack.running_h"][-1]
        gap = abs(after["tank.pressure_pa"][0] - before["tank.pressure_pa"][-1])
        assert gap < 0.5 * np.ptp(before["tank.pressure_pa"])
    for year in years:
        assert year.summary["residuals"]["worst_relative"] < 1e-9


def test_worn_stacks_are_replaced_and_paid_for(life: Path) -> None:
    rows = _rows(life)
    years = [Results(life / f"year_{n:02}") for n in (1, 2, 3)]
    replaced = [int(row["replacements_pem"]) for row in rows]
    assert sum(replaced) == years[-1]["stack.n_replacements"][-1] >= 1
    assert [row["replaced"] for row in rows] == ["stack" if n == 1 else "" for n in replaced]
    worn_out = [sum(code == 11 for code in year.events["code"].to_pylist()) for year in years]
    assert worn_out == replaced
    summary = json.loads((life / "summary.json").read_text(encoding="utf-8"))
    parts = summary["economics"]["capital"]["parts"]
    (stack,) = (p for p in parts if p["component"] == "stack" and p["part"] == "stack")
    seen = [n for n, count in enumerate(replaced, 1) if count]
    assert stack["replacement_years"][: len(seen)] == seen
    assert stack["life_years"] == pytest.approx(3.0 / (sum(replaced) + float(rows[-1]["wear_pem_frac"])), rel=1e-6)
    flow = list(csv.DictReader((life / "cash_flow.csv").read_text(encoding="utf-8").splitlines()))
    made = [float(row["hydrogen_made_kg"]) for row in rows]
    assert [float(row["hydrogen_kg"]) for row in flow[1:4]] == pytest.approx(made, rel=1e-9)
    assert float(flow[4]["hydrogen_kg"]) == pytest.approx(sum(made) / 3.0, rel=1e-9)
    assert [float(row["replacements_eur"]) > 0.0 for row in flow[1:4]] == [n > 0 for n in replaced]


def test_sums_of_a_year_are_of_that_year(life: Path) -> None:
    rows = _rows(life)
    years = [Results(life / f"year_{n:02}") for n in (1, 2, 3)]
    for row, year in zip(rows, years, strict=True):
        assert float(row["import_mwh"]) == pytest.approx(year["grid.import_w"].mean() * 8760.0 / 1e6, rel=1e-9)
    all_starts = years[-1]["stack.n_starts"][-1]
    assert sum(float(row["starts_pem"]) for row in rows) == pytest.approx(all_starts)


def test_input_years_are_taken_in_turn(tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    stamps = np.arange(np.datetime64("2023-01-01T00"), np.datetime64("2025-01-01T01"))
    lines = [f"{t}:00Z,{20 if str(t) < '2024' else 400},10" for t in stamps]
    lines[365 * 24 + 5] = "2024-01-01T05:00Z,,10"
    prices.write_text("time,price_eur_per_mwh,temp_air_degc\n" + "\n".join(lines), encoding="utf-8")
    scenario = tmp_path / "years.yaml"
    text = "h2plant: 1\nname: years\nplant: minimal\nstart: 2023-01-01\nhours: 8760\nstep_s: 3600\nlog_every_h: 24\n"
    text += "series:\n  price_eur_per_mwh: {file: prices.csv, fill: interpolate}\n  temp_air_degc: {file: prices.csv}\n"
    scenario.write_text(text, encoding="utf-8")
    folder = execute_years(load_scenario(scenario), 3, (2023, 2024), tmp_path / "out")
    assert [float(row["hours"]) for row in _rows(folder)] == [8760.0, 8784.0, 8760.0]
    assert Results(folder / "year_02").time[-1] == np.datetime64("2024-12-31T00")
    made = [float(row["hydrogen_made_kg"]) for row in _rows(folder)]
    assert made[0] > 0.0
    assert made[1] < 1e-6 * made[0]  # too dear to make any
    assert made[2] == pytest.approx(made[0], rel=0.02)
    gap, leap = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["provenance"]["notes"]
    assert "1 missing value in 1 gap of at most 1 h" in gap and "2024-01-01T05:00Z to 2024-01-01T06:00Z" in gap
    assert "[leap-year]" in leap and "the year from 2024-01-01 is a leap year and is run with its 8784 h" in leap
    with pytest.raises(PlantError, match=r"in 2025: .* h are missing, from 2025-01-01T01:00Z on"):
        execute_years(load_scenario(scenario), 3, (2023, 2025), tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_the_spans_of_input_years_are_those_of_the_calendar() -> None:
    def hours(scenario: Scenario, *years: int) -> list[float]:
        return [span.hours for span in input_spans(scenario, years)]

    base = _scenario()
    assert hours(base, 2023, 2024, 2100) == [8760.0, 8784.0, 8760.0]  # 2100 is no leap year
    assert hours(replace(base, hours=8784.0), 2023, 2024) == [8760.0, 8784.0]
    assert hours(replace(base, hours=8770.0), 2024) == [8770.0]
    march = replace(base, start=datetime(2023, 3, 1, tzinfo=UTC))
    assert hours(march, 2023, 2024) == [8784.0, 8760.0]  # from March 2023 on there is 29 February 2024
    with pytest.raises(PlantError, match="29 February"):
        input_spans(replace(base, start=datetime(2024, 2, 29, tzinfo=UTC)), (2023,))


@pytest.mark.parametrize(
    ("changes", "years", "message"),
    [
        ({"hours": 24.0}, 2, "by the year"),
        ({}, 0, "0 years are no life"),
        ({"log_every_s": 1200}, 2, "by the hour at the finest"),
    ],
)
def test_what_is_no_life_is_said(changes: dict[str, object], years: int, message: str, tmp_path: Path) -> None:
    with pytest.raises(PlantError, match=message):
        execute_years(replace(_scenario(), **changes), years, out=tmp_path / "x")  # type: ignore[arg-type]


def test_a_foreign_folder_is_left_alone_and_an_old_life_replaced(life: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(ResultsError, match="other things than results"):
        execute_years(_scenario(), 1, out=folder)
    assert [p.name for p in folder.iterdir()] == ["letter.txt"]
    assert {p.name for p in life.iterdir()} == {
        *("year_01", "year_02", "year_03", "summary.json"),
        *("years.csv", "plant.yaml", "scenario.json", "cash_flow.csv", "SHA256SUMS"),
    }
    assert not list(life.parent.glob(".*"))


def test_interrupted_life_keeps_what_was_done(tmp_path: Path) -> None:
    n_of_a_year = 8760 * 6

    def stop(steps: int) -> None:
        import os
        import signal

        if steps > 1.5 * n_of_a_year:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as error:
        execute_years(_scenario(), 3, out=tmp_path / "cut", on_progress=_once(stop))
    folder = error.value.folder  # type: ignore[attr-defined]
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert not summary["is_complete"]
    hours = [row["hours"] for row in summary["years"]]
    assert hours[0] == 8760.0
    assert 0.4 * 8760.0 < hours[1] < 0.7 * 8760.0
    assert len(Results(folder / "year_02")) == math.ceil(hours[1] / 24.0)


def _once(act: object) -> object:
    state = {"done": False}

    def report(steps: int) -> None:
        if not state["done"] and steps > 1.5 * 8760 * 6:
            state["done"] = True
            act(steps)  # type: ignore[operator]

    return report


def test_command_prints_the_years(tmp_path: Path) -> None:
    arguments = ["run", "minimal", "--hours", "8760", "--step-s", "3600", "--years", "2", "--out", str(tmp_path / "o")]
    ran = CliRunner().invoke(app, [*arguments, "--log-every", "24h"])
    assert ran.exit_code == 0, ran.output
    assert "2 years" in ran.output
    assert "replacements, PEM" in ran.output
    for wrong in (["--input-years", "soon"], ["--engine", "baseline"]):
        assert CliRunner().invoke(app, [*arguments, *wrong]).exit_code == 2
    assert CliRunner().invoke(app, ["run", "minimal", "--input-years", "2023"]).exit_code == 2


def test_renewals_go_on_after_the_run_by_the_life_that_it_showed() -> None:
    """Seven years simulated, renewed in the fourth, life of 3.6 years: then in the years 8, 11, 15, 18 of 20."""
    stack = Equipment("pem_stack", {"rated_power_w": 5.0e6}, KIND_BY_NAME["pem_stack"].costs)
    plant = plant_cost({"stack": stack}, 20)
    run = Life((Year({}),) * 7, {"stack": (4,)}, {"stack": 3.6})
    renewed = renewed_as_run(plant, run, 20, 1.0)
    stack, loop = renewed.items
    assert stack.replacement_years == (4, 8, 11, 15, 18)
    assert stack.residual_frac == pytest.approx((5 + 1) - 20 / 3.6)
    assert loop == plant.items[1]


def test_mean_of_years() -> None:
    mean = mean_year([Year({"a": 2.0, "b": 4.0}, sold_kg=1.0), Year({"a": 4.0}, sold_kg=3.0)])
    assert mean.made_kg == {"a": 3.0, "b": 2.0}
    assert mean.sold_kg == 2.0
    with pytest.raises(ValueError, match="no year"):
        mean_year([])
