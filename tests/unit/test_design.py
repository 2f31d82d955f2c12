"""`h2plant design`: plants that it writes check, run, and serve their customers; what makes no plant is refused."""

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import h2plant
from h2plant.cli import design as command
from h2plant.config.blocks.block_file import built_in_blocks
from h2plant.config.design import TECHNOLOGIES, Wish, write_design
from h2plant.config.scenario import load_scenario
from h2plant.session.session import load_run
from h2plant.studies.search.goal import load_optimize
from tests.command import assert_refused
from tests.command import h2plant as run_command

FLAGS = ("--technology", "alkaline", "--power-mw", 20, "--pv-mw", 25, "--wind-mw", 20, "--demand-kg-per-day", 500)


def missed_kg(results: h2plant.Results) -> float:
    return float(results["customer.missed_kg"][-1])


@pytest.mark.parametrize("technology", TECHNOLOGIES)
def test_every_combination_checks(tmp_path: Path, technology: str) -> None:
    n_written = 0
    for pv, wind, battery, grid, demand in itertools.product((0.0, 1.0), repeat=5):
        has_power = pv + wind + grid > 0.0 and (grid > 0.0 or technology != "soec")
        wish = Wish(
            technology, 20.0, 25.0 * pv, 20.0 * wind, 5.0 * battery, None, None if grid else 0.0, 500.0 * demand
        )
        out = tmp_path / f"{pv:g}{wind:g}{battery:g}{grid:g}{demand:g}.yaml"
        if not has_power:
            with pytest.raises(h2plant.PlantError, match="no-power"):
                write_design(wish, out)
            assert not out.exists()
            continue
        write_design(wish, out)
        n_written += 1
        loaded = load_run(load_scenario(str(out)))
        kinds = {component.kind.name for component in loaded.plant.components.values()}
        assert ("pv_array" in kinds, "wind_turbine" in kinds) == (pv > 0.0, wind > 0.0)
        assert ("battery" in kinds) == (battery > 0.0 or grid == 0.0)
        assert ("hydrogen_demand" in kinds, "demand_first" in kinds) == (demand > 0.0, demand > 0.0)
        assert ("truck_loading" in kinds) == (grid > 0.0 or demand == 0.0)
    assert n_written == (16 if technology == "soec" else 28)


@pytest.mark.parametrize("technology", TECHNOLOGIES)
def test_a_plant_on_the_grid_runs_and_serves_its_customer(tmp_path: Path, technology: str) -> None:
    out = tmp_path / "plant.yaml"
    write_design(Wish(technology, 20.0, pv_mw=25.0, demand_kg_per_day=500.0), out)
    # two dark days of winter, mean price 180 EUR/MWh
    results = h2plant.run(out, start="2023-01-20", hours=48, out=tmp_path / "out")
    assert missed_kg(results) < 0.1
    assert results.summary["key_figures"]["hydrogen_made_kg"] > 500.0
    assert not results.summary["not_valid"]
    assert results.summary["audit"]["n_broken"] == 0


@pytest.mark.parametrize("demand", [0.0, 500.0])
def test_a_plant_without_grid_runs_through_a_lull(tmp_path: Path, demand: float) -> None:
    out = tmp_path / "plant.yaml"
    write_design(Wish("pem", 20.0, wind_mw=20.0, grid_mw=0.0, demand_kg_per_day=demand), out)
    results = h2plant.run(out, start="2023-01-20", hours=48, out=tmp_path / "out")
    assert demand == 0.0 or missed_kg(results) < 0.1
    assert results.summary["key_figures"]["emergency_mwh"] == 0.0
    assert not results.summary["not_valid"]


def test_without_grid_power_becomes_hydrogen_whatever_it_would_cost_elsewhere(tmp_path: Path) -> None:
    """Two windy days above 100 EUR/MWh, the price of 6 EUR/kg: nobody would have bought their power."""
    out = tmp_path / "plant.yaml"
    found = write_design(Wish("pem", 1.0, wind_mw=2.0, grid_mw=0.0, demand_kg_per_day=150.0), out)
    assert any(remark.startswith("prices: 0, for without grid") for remark in found.remarks)
    results = h2plant.run(out, start="2023-01-18", hours=48, out=tmp_path / "out")
    assert results.summary["key_figures"]["capacity_factor_pem_frac"] > 0.7


def test_the_command_says_its_rules_and_what_comes_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run_command("design", *FLAGS, "--battery-mw", 5)
    assert answer.exit_code == 0, answer
    for part in (
        "storage: 6.3 t, 2 days of the demand and what the electrolysers make in 12 h",
        "weather: none given, so the bundled 'nl_2023'",
        "prices: none given, so the bundled 'nl_2023'",
        "plant.yaml: in order:",
        "h2plant run plant.yaml --start 2023-01-01 --hours 240",
        "h2plant optimize plant_sizes.yaml",
    ):
        assert part in answer.text, answer.text
    results = h2plant.run("plant.yaml", start="2023-04-01", hours=24, out=tmp_path / "out")
    assert missed_kg(results) < 0.1
    study = load_optimize("plant_sizes.yaml")
    assert {parameter.name for parameter in study.study.parameters} >= {"electrolysis_mw", "storage_t", "battery_mw"}


def test_what_stands_there_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plant_sizes.yaml").write_text("mine", encoding="utf-8")
    assert_refused(run_command("design", *FLAGS), "file-exists", "plant_sizes.yaml", "--force")
    assert not Path("plant.yaml").exists()
    assert run_command("design", *FLAGS, "--force").exit_code == 0
    assert Path("plant_sizes.yaml").read_text(encoding="utf-8") != "mine"


@pytest.mark.parametrize(
    ("flags", "parts"),
    [
        (("--technology", "alcaline"), ("unknown-technology", "did you mean 'alkaline'?")),
        (("--power-mw", "nan"), ("out-of-bounds", "--power-mw")),
        (("--power-mw", 1), ("make 471 kg a day at most", "--power-mw 1.2")),
        (("--pv-mw", -1), ("out-of-bounds", "--pv-mw")),
        (("--latitude", 52), ("--longitude", "give both")),
        (("--country", "Atlantis"), ("unknown-country", "h2plant countries")),
        (("--country", "AU"), ("far-away", "--weather FILE")),
        (("--price", "none.csv"), ("no-such-file", "neither a number nor a file")),
        (("--weather", "none.csv"), ("none.csv",)),
        (("--grid-mw", 0, "--pv-mw", 0, "--wind-mw", 0), ("nothing gives power",)),
        (("--battery-mwh", 5), ("--battery-mw",)),
        (("--out", "plant.txt"), ("bad-name", ".yaml")),
    ],
)
def test_what_makes_no_plant_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: tuple[object, ...], parts: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_refused(run_command("design", *FLAGS, *flags), *parts)
    assert not list(tmp_path.iterdir())


def test_weather_and_prices_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    rows = [f"2021-03-{1 + h // 24:02d}T{h % 24:02d}:00Z,{5 + h % 7},{8 + h % 5},60" for h in range(24 * 20)]
    text = "time,temp_air_degc,wind_speed_100m_m_per_s,price_eur_per_mwh\n" + "\n".join(rows) + "\n"
    Path("data/mine.csv").write_text(text, encoding="utf-8")
    flags = ("--technology", "pem", "--power-mw", 5, "--wind-mw", 10, "--country", "Spain", "--demand-kg-per-day", 200)
    own = ("--weather", "data/mine.csv", "--price", "data/mine.csv")
    assert_refused(run_command("design", *flags, *own), "give --latitude and --longitude")
    answer = run_command("design", *flags, *own, "--latitude", 39.5, "--longitude", -2.5, "--out", "south.yaml")
    assert answer.exit_code == 0, answer
    assert "none given" not in answer.text and "--start 2021-03-01" in answer.text
    plant = yaml.safe_load(Path("south.yaml").read_text(encoding="utf-8"))
    assert plant["timezone"] == "Europe/Madrid"
    assert plant["site"] == {"country": "ES", "latitude": 39.5, "longitude": -2.5}
    assert plant["series"] == {"weather": {"file": "data/mine.csv"}, "price_eur_per_mwh": {"file": "data/mine.csv"}}
    assert yaml.safe_load(Path("south_sizes.yaml").read_text(encoding="utf-8"))["hours"] == 480


def test_bundled_weather_and_prices_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    place = ("--country", "ES", "--latitude", "39.5", "--longitude", "-2.5")
    named = ("--weather", "iberia_synthetic", "--price", "es_2023_price")
    result = run_command("design", "--technology", "pem", "--power-mw", "5", "--pv-mw", "8", *place, *named)
    assert result.exit_code == 0, result
    assert "in order" in result.text
    plant = yaml.safe_load(Path("plant.yaml").read_text(encoding="utf-8"))
    assert plant["series"] == {"weather": {"file": "iberia_synthetic"}, "price_eur_per_mwh": {"file": "es_2023_price"}}
    looked = run_command("look", "es_2023_price")
    assert looked.exit_code == 0 and "price_eur_per_mwh: {file: es_2023_price}" in looked.text
    (tmp_path / "es_2023_price").write_text("a file of one's own", encoding="utf-8")  # is taken before what is bundled
    assert "2023-01-01" not in run_command("look", "es_2023_price").text


def test_it_asks_in_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert_refused(run_command("design"), "--technology pem --power-mw 10")
    answers: dict[str, Any] = {"electrolysers": "PEM", "their power": 4.0, "own wind": 8.0, "hydrogen that": 100.0}

    def answered(text: str, default: Any = None, **_: Any) -> Any:
        return next((value for start, value in answers.items() if text.startswith(start)), default)

    monkeypatch.setattr(command, "is_terminal", lambda: True)
    monkeypatch.setattr("typer.prompt", answered)
    monkeypatch.setattr("typer.confirm", lambda text, default: default)
    assert run_command("design", "--out", "asked.yaml").exit_code == 0
    text = Path("asked.yaml").read_text(encoding="utf-8")
    assert "{block: pem_train, power_mw: 4, n_stacks: 1," in text and "capacity_mw: 8}" in text
    assert "kg_per_day: 100," in text and "solar" not in text and "battery" not in text


def test_sizes_go_by_the_figures_of_the_blocks() -> None:
    for name, technology in TECHNOLOGIES.items():
        text = built_in_blocks()[f"{name}_train"].read_text(encoding="utf-8")
        flow = re.search(r"flow_kg_per_h: \{default: power_mw \* 1000 / ([0-9.]+),", text)
        unit = re.search(r"n_\w+: \{default: \"min\(52, max\(1, ceil\(power_mw / ([0-9.]+)\)\)\)\"", text)
        assert flow is not None and unit is not None
        assert (float(flow[1]), float(unit[1])) == (technology.kwh_per_kg, technology.unit_mw)


def test_a_name_with_spaces_and_another_folder(tmp_path: Path) -> None:
    weather = tmp_path / "my weather.csv"
    weather.write_text("time,temp_air_degc\n2023-01-01T00:00Z,5\n2023-01-02T00:00Z,5\n", encoding="utf-8")
    out = tmp_path / "my plants" / "first plant.yaml"
    write_design(Wish("pem", 5.0, latitude=52.0, longitude=4.0, weather=weather), out)
    plant = yaml.safe_load(out.read_text(encoding="utf-8"))
    assert plant["name"] == "first_plant"
    assert json.dumps(plant["series"]["weather"]) == '{"file": "../my weather.csv"}'
