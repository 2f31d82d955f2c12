"""Years of weather and prices in turn: P50, P90, how sure the mean is; a file for each year."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from h2plant.audit.years import spread
from h2plant.cli import app
from h2plant.config.scenario import load_scenario, load_scenario_plant
from h2plant.economics.appraisal import appraise
from h2plant.economics.life import Life
from h2plant.economics.settings import Settings
from h2plant.plant.finding import PlantError
from h2plant.report.page.life import write_life_report
from h2plant.results.weather_years import FEW_YEARS, FIGURES, Spread, rows_of, weather_years
from tests.unit.test_appraisal import PLANT, YEAR

pytestmark = pytest.mark.long


def test_spread_by_hand() -> None:
    """Ten values 1 to 10: between the worst, 1, and the next, at 0.1 x 9 = 0.9 of the way; s = sqrt(82.5 / 9)."""
    values = [3.0, 1.0, 2.0, 10.0, 9.0, 4.0, 8.0, 7.0, 5.0, 6.0]
    more, cost = Spread.of(values, True), Spread.of(values, False)
    assert (more.p50, more.p90) == pytest.approx((5.5, 1.9))
    assert (cost.p50, cost.p90) == pytest.approx((5.5, 9.1))
    assert more.mean == 5.5 and more.standard_deviation == pytest.approx(math.sqrt(82.5 / 9.0))
    assert more.standard_error == pytest.approx(math.sqrt(82.5 / 9.0 / 10.0))
    for found, is_cost in ((more, False), (cost, True)):
        assert spread(np.array(values), is_cost) == pytest.approx(vars(found), rel=1e-12)


def scaled(by: float) -> object:
    return replace(YEAR, made_kg={"stack": 4.0e5 * by}, sold_kg=3.9e5 * by, hydrogen_revenue_eur=3.9e6 * by)


def test_each_year_is_appraised_as_if_all_were_like_it() -> None:
    years = tuple(scaled(by) for by in (1.0, 1.2, 0.9, 1.1))
    life = Life(years, {"stack": (9,)}, {"stack": 9.5})
    found = weather_years([2021, 2022, 2023, 2021], life, PLANT, Settings())
    assert list(found["by_year"]) == ["2021", "2022", "2023"] and found["n_years"] == 3
    assert found["by_year"]["2021"]["hydrogen_made_kg"] == pytest.approx(4.2e5)  # the mean of 1.0 and 1.1
    alike = Life((years[1],), life.renewals, life.lives_years)
    one = appraise(PLANT, Settings(), years[1], life=alike)
    assert found["by_year"]["2022"]["net_present_value_eur"] == one.net_present_value_eur
    assert found["by_year"]["2022"]["hydrogen_cost_after_tax_eur_per_kg"] == one.made.break_even
    made, cost, value = (found["figures"][n] for n in ("hydrogen_made_kg", "hydrogen_cost_eur_per_kg",
                                                       "net_present_value_eur"))  # fmt: skip
    assert made["p90"] < made["p50"] and value["p90"] < value["p50"] and cost["p90"] > cost["p50"]
    assert made["p90"] == pytest.approx(3.6e5 + 0.2 * (4.2e5 - 3.6e5))
    assert found["n_years"] < FEW_YEARS and "3 years: P90 lies between the worst" in found["note"]
    assert [id_ for id_, _ in rows_of(found)] == list(FIGURES)


def test_a_year_without_hydrogen_has_no_cost_and_says_so() -> None:
    years = (scaled(1.0), scaled(0.0))
    found = weather_years([2021, 2022], Life(years, {}, {}), PLANT, Settings())
    assert found["figures"]["hydrogen_made_kg"] is not None and found["figures"]["hydrogen_cost_eur_per_kg"] is None
    assert found["reasons"]["hydrogen_cost_eur_per_kg"] == "there is none in 2022"
    void = weather_years([2021, 2022], Life((scaled(1.0),) * 2, {}, {}), PLANT, Settings(), "power without a source")
    assert void["reasons"]["net_present_value_eur"] == "power without a source"


def test_one_year_of_weather_has_no_spread() -> None:
    assert weather_years([2023, 2023], Life((YEAR, YEAR), {}, {}), PLANT, Settings()) == {}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Write prices of 2023 and 2024, a file each, and a scenario that takes them in turn."""
    for year, price in ((2023, 20), (2024, 45)):
        stamps = np.arange(np.datetime64(f"{year}-01-01T00"), np.datetime64(f"{year + 1}-01-01T00"))
        rows = "\n".join(f"{stamp}:00Z,{price},10" for stamp in stamps)
        (tmp_path / f"prices_{year}.csv").write_text(
            f"time,price_eur_per_mwh,temp_air_degc\n{rows}\n", encoding="utf-8"
        )
    text = "h2plant: 1\nname: turns\nplant: minimal\nstart: 2023-01-01\nhours: 8760\nstep_s: 3600\nlog_every_h: 24\n"
    text += "timezone: UTC\nweather_years: [2023, 2024]\nset: {economics.debt_frac: 0.5, economics.wacc_real: 0.05}\n"
    text += "series:\n  price_eur_per_mwh: {file: 'prices_{year}.csv'}\n  temp_air_degc: {file: 'prices_{year}.csv'}\n"
    (tmp_path / "turns.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_files_by_year_are_taken_in_turn_and_told(files: Path) -> None:
    out = files / "out"
    ran = CliRunner().invoke(app, ["run", str(files / "turns.yaml"), "--years", "2", "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    assert "2 years of weather, each for itself" in ran.output and "P90 lies between the worst" in ran.output
    assert "debt service cover" in ran.output
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert [row["start"] for row in summary["years"]] == ["2023-01-01", "2024-01-01"]
    by_year = summary["weather_years"]["by_year"]
    for row in summary["years"]:
        assert by_year[row["start"][:4]]["hydrogen_made_kg"] == pytest.approx(
            row["hydrogen_made_kg"] * 8760.0 / row["hours"]
        )
    assert by_year["2024"]["hydrogen_cost_eur_per_kg"] > by_year["2023"]["hydrogen_cost_eur_per_kg"]
    page = write_life_report(out, files / "page.html").read_text(encoding="utf-8")
    assert "Good and bad years" in page and "Cover of the debt by year" in page
    kept = load_scenario(out / "scenario.json")
    assert kept.weather_years == (2023, 2024)
    assert load_scenario_plant(kept).digest == load_scenario_plant(load_scenario(files / "turns.yaml")).digest


def test_one_run_says_that_it_takes_no_years_in_turn(files: Path) -> None:
    call = ["run", str(files / "turns.yaml"), "--hours", "2", "--out"]
    ran = CliRunner().invoke(app, [*call, str(files / "one")])
    assert ran.exit_code == 0 and "'weather_years' means nothing without --years" in ran.output
    assert "weather_years" not in CliRunner().invoke(app, [*call, str(files / "two"), "-q"]).output


def test_a_file_of_a_year_that_is_not_there_is_found(files: Path) -> None:
    (files / "prices_2024.csv").unlink()
    ran = CliRunner().invoke(app, ["run", str(files / "turns.yaml"), "--years", "2", "--out", str(files / "out")])
    assert ran.exit_code == 2 and "prices_2024.csv" in ran.output.replace("\n", "")
    (files / "prices_2023.csv").unlink()
    with pytest.raises(PlantError, match="with a year in the place of"):
        load_scenario(files / "turns.yaml")
