"""Bounds of series by what they measure: what can be passes, what cannot is a finding with a question."""

import math
from datetime import UTC, datetime, timedelta

import pytest

import h2plant as package
from h2plant.components import KINDS
from h2plant.config.bundled import DATA, bundled_plants, bundled_scenarios
from h2plant.config.scenario import load_scenario
from h2plant.config.series import SeriesSpec
from h2plant.config.series_reader import load_series, read_series
from h2plant.config.starter import TEMPLATES
from h2plant.core.units import parse_unit_text
from h2plant.plant.finding import PlantError
from h2plant.plant.series_bounds import bounds_of
from h2plant.plant.series_spec import BUILT_IN_SERIES, series_unit
from tests.command import assert_refused, h2plant

START = datetime(2023, 1, 1, tzinfo=UTC)
STARTER = (TEMPLATES / "starter.yaml").read_text(encoding="utf-8").replace("@NAME@", "mine")
DAY = (TEMPLATES / "starter-day.yaml").read_text(encoding="utf-8").replace("@NAME@", "mine")


def values(name: str, *numbers: float, **spec: object) -> list[float]:
    one = SeriesSpec(name, values=numbers, resolution_s=3600, **spec)  # type: ignore[arg-type]
    return load_series({name: one}, START, 3600 * len(numbers))[name].values.tolist()


@pytest.mark.parametrize(
    ("name", "numbers", "question"),
    [
        ("wind_power_pu", (45, 60, 80), "percent? then say 'scale: 1/100'"),
        ("pv_power_pu", (0, 12, 99), "percent? then say 'scale: 1/100'"),
        ("humidity_frac", (45, 100, 80), "percent? then say 'scale: 1/100'"),
        ("wind_power_pu", (0.5, -999, 0.5), "a marker for missing values?"),
        ("wind_power_pu", (0.5, 9999, 0.5), "a marker for missing values?"),
        ("wind_power_pu", (0.5, 9.96921e36, 0.5), "a marker for missing values?"),  # netCDF's fill value
        ("wind_power_pu", (2100, 3400, 60), "another unit?"),
        ("temp_air_degc", (288, 290, 281), "kelvin? then say 'unit: k'"),
        ("temp_air_k", (12, -3, 25), "degrees Celsius? then say 'unit: degc'"),
        ("temp_air_degc", (68, 50, 41), "Fahrenheit"),
        ("temp_air_degc", (-12, 183, 95), "tenths of a degree? then say 'scale: 1/10'"),
        ("temp_air_degc", (12, -9999, 9), "a marker for missing values?"),
        ("temp_coolant_degc", (20, -3000, 20), "another unit?"),
        ("price_eur_per_mwh", (50, 120000, 50), "another unit?"),
        ("price_eur_per_mwh", (50, -999, 60), "a marker for missing values?"),
        ("own_power_mw", (12, -9999, 14), "a marker for missing values?"),
        ("demand_kg_per_h", (100, -999, 120), "a marker for missing values?"),
        ("ghi_w_per_m2", (0, 1.2e6, 2.4e6), "joules of an hour? then say 'scale: 1/3600'"),
        ("wind_speed_m_per_s", (3, 150, 50), "km/h? then say 'unit: km_per_h'"),
        ("grid_intensity_g_per_kwh", (374, 374000, 300), "another unit?"),
        ("grid_intensity_g_per_kwh", (374, -1, 300), "another unit?"),
        ("co2_price_eur_per_kg", (80, 85, 90), "another unit?"),
        ("supply_pressure_bar", (30, -1, 30), "another unit?"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_asked_about(name, numbers, question):
    with pytest.raises(PlantError) as error:
        values(name, *numbers)
    (found,) = error.value.findings
    assert found.id == "out-of-bounds" and question in found.remedy, str(found)
    assert found.where.startswith(f"series.{name}.values.")


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("wind_power_pu", (-0.01, 0.0, 1.05)),  # draw of a park in a lull; above the rating in a gale
        ("pv_power_pu", (0.0, 1.3, 0.8)),  # light reflected from clouds
        ("load_pu", (0.4, 1.0, 2.6)),  # by the mean
        ("battery_pu", (-1.0, 0.0, 1.0)),
        ("humidity_frac", (0.0, 1.003, 0.5)),
        ("temp_air_degc", (-67.7, 56.7, 0.0)),  # Oymyakon 1933, Death Valley 1913
        ("temp_steam_degc", (150, 300, 850)),
        ("approach_k", (-5, 0, 5)),
        ("price_eur_per_mwh", (-500, 0, 15000)),
        ("price_eur_per_mwh", (-9999, -8000, 9999)),  # both ends of the market between days
        ("price_eur_per_mwh", (-999, -800, 60)),
        ("own_power_kw", (-999, -900, 9999)),
        ("demand_kg_per_h", (0, 1, 9999)),
        ("ghi_w_per_m2", (-4, 0, 1800)),  # a pyranometer at night; beside clouds
        ("wind_speed_100m_m_per_s", (0, 113, 9)),  # Barrow Island 1996
        ("grid_intensity_g_per_kwh", (0, 374, 1200)),
        ("co2_price_eur_per_kg", (0, 0.08, 0.1)),
        ("runtime_h", (-999999, 0, 1e9)),
    ],
)
def test_what_can_be_passes(name, numbers):
    assert len(values(name, *numbers)) == 4


@pytest.mark.parametrize(
    ("name", "numbers", "mended", "expected"),
    [
        ("wind_power_pu", (45, 60), {"scale": 0.01}, 0.45),
        ("temp_air_degc", (288, 290), {"unit": "k"}, 288.0),
        ("temp_air_k", (12, -3), {"unit": "degc"}, 285.15),
        ("wind_speed_m_per_s", (3.6, 150), {"unit": "km_per_h"}, 1.0),
    ],
)
def test_the_remedy_mends_it(name, numbers, mended, expected):
    assert values(name, *numbers, **mended)[0] == pytest.approx(expected)


def test_bounds_hold_for_what_is_used_and_for_both_ends_of_a_line():
    wind = (0.5, 0.5, -999, 0.5)

    def load(hours: float, mode: str) -> None:
        one = SeriesSpec("wind_power_pu", values=wind, resolution_s=3600, mode=mode)  # type: ignore[arg-type]
        load_series({"wind_power_pu": one}, START, 3600 * hours)

    load(2, "hold")
    load(1, "linear")
    for hours, mode in ((3, "hold"), (2, "linear")):
        with pytest.raises(PlantError, match=r"values\.2: -999 pu at 2023-01-01T02:00Z"):
            load(hours, mode)


def test_a_file_names_the_line_the_time_and_how_many(tmp_path):
    file = tmp_path / "air.csv"
    rows = [f"{START + timedelta(hours=i):%Y-%m-%d %H:%M},{280 + i}" for i in range(6)]
    file.write_text("\n".join(["# weather", "time,t", *rows]) + "\n")
    one = SeriesSpec("temp_air_degc", file=file, column="t")
    _, findings = read_series({one.name: one}, START + timedelta(hours=2), 7200)
    (found,) = findings
    assert (found.file, found.line, found.where) == (file, 5, "series.temp_air_degc, column 't'")
    assert found.what.startswith("282 degc at 2023-01-01T02:00Z is not within -70 to 60 degc")
    assert found.what.endswith("2 of 2 values like this") and found.remedy == "kelvin? then say 'unit: k'"


def test_a_constant_is_checked_and_so_is_what_a_component_takes_for_air(tmp_path):
    with pytest.raises(PlantError, match="288 degc is not within"):
        load_series({"temp_air_degc": SeriesSpec("temp_air_degc", constant=288.0)}, START, 3600)
    name = "cellar_degc"
    load_series({name: SeriesSpec(name, constant=288.0)}, START, 3600)  # nobody knows what it is
    text = STARTER.replace("series:\n", f"series:\n  {name}: {{constant: 288}}\n", 1)
    (tmp_path / "mine.yaml").write_text(
        text.replace("links:\n", f"links:\n  - series.{name} -> tank.ambient_temperature\n", 1)
    )
    plant = package.load(tmp_path / "mine.yaml")
    with pytest.raises(PlantError, match=r"series\.cellar_degc: 288 degc is not within -70 to 60"):
        load_series(plant, START, 3600)


def test_findings_through_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(STARTER)
    (tmp_path / "day.yaml").write_text(DAY + "series:\n  temp_air_degc: {constant: 288}\n")
    line = (DAY + "series:\n").count("\n") + 1
    for command in ("check", "run"):
        answer = h2plant(command, "day.yaml")
        assert_refused(answer, f"day.yaml:{line}: [out-of-bounds] series.temp_air_degc", "kelvin?", "'unit: k'")
    assert not (tmp_path / "results").exists()


STUDY = """\
h2plant: 1
study: warmer
kind: sweep
scenario: minimal_day
hours: 1
design: {{kind: grid}}
parameters:
  - {{name: by, path: {path}, values: [{values}]}}
outputs: [hydrogen_made_kg]
"""


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [("series.temp_air_degc.shift", "-10, 10", "280"), ("series.price_eur_per_mwh.scale", "0.5, 2", "1e6")],
)
def test_a_study_keeps_series_within_their_bounds(tmp_path, path, good, bad):
    file = tmp_path / "study.yaml"
    file.write_text(STUDY.format(path=path, values=f"{good}, {bad}"))
    answer = h2plant("sweep", file, "--out", tmp_path / "out")
    assert_refused(
        answer, "study.yaml:8: [out-of-bounds] parameters.0: in scenario 3:", "beyond -", "narrow the values"
    )


@pytest.mark.parametrize("name", [*bundled_plants(), *bundled_scenarios()])
def test_bundled_plants_and_scenarios_are_within(name):
    scenario = load_scenario(name)
    plant = package.load(scenario.plant)
    hours = 8760.0 if name in bundled_plants() else scenario.hours
    _, findings = read_series(plant, scenario.start, hours * 3600, scenario.series)
    # plants with sun say that its hours are stamped at their end, and that the year's last hour is its first one
    assert {(finding.severity, finding.id) for finding in findings} <= {("note", "read-as"), ("note", "repeated")}


def test_bundled_year_is_within_and_may_be_scaled_as_the_bundled_studies_do():
    file = DATA / "nl_2023.csv.gz"
    names = ("price_eur_per_mwh", "wind_power_pu", "temp_air_degc", "ghi_w_per_m2", "wind_speed_100m_m_per_s")
    for name in names:
        bounds = bounds_of(name)
        assert bounds is not None
        numbers = load_series({name: SeriesSpec(name, file=file, column=name)}, START, 8760 * 3600)[name].values
        most = 1.15 if name == "wind_power_pu" else 2.5 if name == "price_eur_per_mwh" else 1.0
        assert bounds.low_si <= numbers.min() and most * numbers.max() <= bounds.high_si, name


def test_every_series_that_a_kind_reads_by_default_has_bounds():
    series = [p.default for k in KINDS for p in k.ports if p.default and p.default.startswith("series.")]
    defaults = {name.removeprefix("series.") for name in series} - set(BUILT_IN_SERIES)
    assert defaults == {"price_eur_per_mwh", "temp_air_degc", "wind_power_pu"}
    for name in defaults:
        bounds, unit = bounds_of(name), series_unit(name)
        assert bounds is not None and unit is not None
        assert math.isfinite(bounds.low_si) and bounds.low_si < bounds.high_si


def test_bounds_are_in_a_unit_of_their_quantity():
    units = {p.unit for k in KINDS for p in k.ports if p.medium == "signal" and p.direction == "in" and p.unit}
    for text in units:
        unit = parse_unit_text(text)
        if unit is None or unit.si in (
            "",
            "w_per_k",
            "s",
            "kg",
            "j",
        ):  # any, shares by name, what nobody gives as a series
            continue
        assert bounds_of(f"some_{unit.si}") is not None, text
