"""The entry ``weather``: one file feeds all series that it has; what it lacks is a finding that lists what it has."""

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from h2plant.config.load import load_plant, read_plant
from h2plant.config.scenario import load_scenario, load_scenario_plant
from h2plant.config.series_reader import load_series
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import Plant

HEADS = Path(__file__).parents[1] / "data" / "formats"
MINIMAL = Path(__file__).parents[2] / "h2plant" / "plants" / "minimal.yaml"
TEMP = "  temp_air_degc: {file: nl_2023, mode: linear}\n"
START = datetime(2023, 1, 1, tzinfo=UTC)
K = 273.15


def write(folder: Path, series: str, more: str = "") -> Path:
    """Write the minimal plant with other series than that of the temperature, and one that reads irradiance."""
    for file in HEADS.iterdir():
        shutil.copy(file, folder)
    text = MINIMAL.read_text()
    assert TEMP in text
    file = folder / "plant.yaml"
    file.write_text(text.replace(TEMP, "".join(f"  {line}\n" for line in series.splitlines())) + more)
    return file


def temperature(plant: Plant, hours: float = 3) -> list[float]:
    one = load_series(plant, START, hours * 3600.0, names=["temp_air_degc"])["temp_air_degc"]
    return [one.at(hour * 3600.0) for hour in range(int(hours))]


def errors(file: Path) -> list[Finding]:
    return [f for f in read_plant(file)[1] if f.severity == "error"]


def test_a_weather_file_feeds_what_links_read(tmp_path):
    plant = load_plant(write(tmp_path, "weather: {file: amsterdam.epw}"))
    assert set(plant.series) == {"price_eur_per_mwh", "temp_air_degc"}
    assert temperature(plant)[0] == pytest.approx(5.2 + K)  # read at 1:00 in the zone UTC+1
    note = next(note for note in plant.notes if note.id == "weather")
    assert "feeds temp_air_degc (from 'Dry Bulb Temperature'), dew_point_degc, relative_humidity_frac" in note.what
    assert "wind_speed_m_per_s, wind_speed_10m_m_per_s; the plant reads 1 of them" in note.what
    assert not [note for note in plant.notes if note.id == "unread-series"]


@pytest.mark.parametrize(("latitude", "is_far"), [(52.3, False), (50.9, True)])
def test_weather_from_afar_is_noted(tmp_path, latitude, is_far):
    """The file is of Schiphol, 52.30 N 4.77 E; 1.4 degrees of latitude are 156 km."""
    file = write(tmp_path, "weather: {file: amsterdam.epw}")
    site = f"site: {{country: NL, latitude: {latitude}, longitude: 4.77}}"
    file.write_text(re.sub("(?m)^site: .*$", site, file.read_text()))
    plant = load_plant(file)
    assert [note.what.split(" km")[0][-3:] for note in plant.notes if note.id == "far-weather"] == ["156"] * is_far


def test_an_entry_of_its_own_wins(tmp_path):
    plant = load_plant(write(tmp_path, "temp_air_degc: {constant: 11}\nweather: {file: amsterdam.epw}"))
    assert temperature(plant)[0] == pytest.approx(11 + K)
    (note,) = (note for note in plant.notes if note.id == "weather")
    assert "the plant gives them itself: 'temp_air_degc' in line" in note.what


def test_a_link_to_what_the_file_lacks_lists_what_it_has(tmp_path):
    file = write(tmp_path, "weather: {file: wy.srw}", "  - series.ghi_w_per_m2 -> rule.price\n")
    found = errors(file)
    assert {f.id for f in found} == {"unknown-series"}
    assert "the weather file 'wy.srw' has temp_air_degc, temp_air_50m_degc, temp_air_80m_degc" in found[0].remedy
    assert "wind_speed_50m_m_per_s, wind_speed_80m_m_per_s" in found[0].remedy


def test_a_file_that_cannot_be_read_is_one_finding(tmp_path):
    found = errors(write(tmp_path, "weather: {file: nothing.epw}"))
    assert [(f.id, f.where) for f in found] == [("no-such-file", "series.weather")]
    file = write(tmp_path, "weather: {file: amsterdam.epw}")
    (tmp_path / "amsterdam.epw").write_text("LOCATION,X,-,NLD,IWEC Data,062400,52.30,4.77,?,-2.0\n")
    assert [f.id for f in errors(file)] == ["empty-file"]


def test_keys_of_numbers_mean_nothing_beside_weather(tmp_path):
    found = errors(write(tmp_path, "weather: {file: amsterdam.epw, constant: 3}"))
    assert [(f.id, f.where) for f in found] == [("unknown-key", "series.weather.constant")]


def test_columns_and_units_of_a_file_of_no_known_format(tmp_path):
    (tmp_path / "own.csv").write_text("time_utc,T2,RH\n2023-01-01T00:00Z,50,80.5\n2023-01-01T01:00Z,49,81.5\n")
    entry = "weather: {file: own.csv, columns: {temp_air_degc: T2, relative_humidity_frac: RH}"
    plant = load_plant(write(tmp_path, f'{entry}, units: {{T2: "°C", RH: "%"}}}}'))
    assert temperature(plant, 1)[0] == pytest.approx(50 + K)
    found = errors(write(tmp_path, f"{entry}, units: {{T2: bananas}}}}"))
    assert [f.id for f in found] == ["unknown-unit"] and "'bananas'" in found[0].what
    found = errors(write(tmp_path, f"{entry}, units: {{T2: m/s}}}}"))
    assert [f.id for f in found] == ["unknown-unit"]
    found = errors(write(tmp_path, "weather: {file: own.csv, columns: {temp_air_degc: T3}}"))
    assert [f.id for f in found] == ["no-such-column"]
    found = errors(write(tmp_path, "weather: {file: own.csv}"))
    assert [f.id for f in found] == ["which-column"] and "'T2' and 'RH'" in found[0].what


def test_columns_that_are_named_like_series_need_no_word(tmp_path):
    (tmp_path / "own.csv").write_text("time_utc,temp_air_degc\n2023-01-01T00:00Z,50\n2023-01-01T01:00Z,49\n")
    assert temperature(load_plant(write(tmp_path, "weather: {file: own.csv}")), 1)[0] == pytest.approx(50 + K)


def test_description_repeat_and_fill_hold_for_all_series_of_it(tmp_path):
    plant = load_plant(write(tmp_path, "weather: {file: amsterdam.epw, year: 2022, repeat: true, fill: interpolate}"))
    spec = plant.series["temp_air_degc"]
    assert (spec.how.year, spec.is_repeated, spec.is_filled) == (2022, True, True)


SCENARIO = "h2plant: 1\nname: s\nplant: plant.yaml\nstart: 2023-01-01\nhours: 3\nseries:\n  weather: {file: %s}\n"


@pytest.mark.parametrize("of_plant", ["temp_air_degc: {constant: 11}", "weather: {file: pvgis_tmy.csv}"])
def test_a_scenario_overrides_weather_and_the_series_that_it_feeds(tmp_path, of_plant):
    write(tmp_path, of_plant)
    (tmp_path / "s.yaml").write_text(SCENARIO % "amsterdam.epw")
    plant = load_scenario_plant(load_scenario(tmp_path / "s.yaml"))
    assert temperature(plant)[0] == pytest.approx(5.2 + K)
    assert [note.what[:20] for note in plant.notes if note.id == "weather"] == ["'amsterdam.epw' feed"]


def test_a_scenario_whose_weather_lacks_what_the_plants_had_is_found(tmp_path):
    write(tmp_path, "weather: {file: pvgis_tmy.csv}")
    (tmp_path / "s.yaml").write_text(SCENARIO % "ninja_wind.csv")
    with pytest.raises(PlantError, match=r"the weather file 'ninja_wind\.csv' has"):
        load_scenario_plant(load_scenario(tmp_path / "s.yaml"))


def test_a_run_keeps_its_weather_and_knows_when_it_changes(tmp_path):
    file = write(tmp_path, "weather: {file: pvgis_tmy.csv}")
    (tmp_path / "s.yaml").write_text(SCENARIO % "amsterdam.epw")
    scenario = load_scenario(tmp_path / "s.yaml")
    plant = load_scenario_plant(scenario)
    results = tmp_path / "results"
    results.mkdir()
    shutil.copy(file, results / "plant.yaml")
    (results / "scenario.json").write_text(scenario.to_json(plant))
    again = load_scenario_plant(load_scenario(results / "scenario.json"))
    assert again.digest == plant.digest and temperature(again) == temperature(plant)
    epw = tmp_path / "amsterdam.epw"
    epw.write_text(epw.read_text().replace(",4.7,", ",4.8,", 1))
    with pytest.raises(PlantError, match="plant-changed"):
        load_scenario(results / "scenario.json")
