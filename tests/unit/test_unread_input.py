"""Input that nothing reads is found, with the nearest name; what is done to input is said and kept."""

import json
from pathlib import Path

import pytest

import h2plant as package
from h2plant.config.bundled import bundled_plants
from h2plant.config.load import load_plant
from h2plant.config.starter import TEMPLATES
from tests.command import assert_refused, h2plant

pytestmark = pytest.mark.long

STARTER = (TEMPLATES / "starter.yaml").read_text(encoding="utf-8").replace("@NAME@", "mine")
HEAD = "h2plant: 1\nname: day\nplant: mine.yaml\nstart: 2023-07-03\nhours: 3\n"
FILLED = "series:\n  price_eur_per_mwh: {file: prices.csv, column: price, fill: interpolate}\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(STARTER)
    return tmp_path


def scenario(here: Path, text: str) -> None:
    (here / "day.yaml").write_text(HEAD + text)


@pytest.mark.parametrize(
    ("text", "line", "parts"),
    [
        ("series:\n  temp_ar_degc: {constant: 12}\n", 7, ("[unread-series] series.temp_ar_degc", "'temp_air_degc'")),
        ("series:\n  wind_power_pu: {constant: 1}\n", 7, ("[unread-series] series.wind_power_pu", "nothing in the")),
        (
            FILLED.replace("fill: interpolate", "max_gap_h: 5"),
            7,
            ("[unused-key]", "'max_gap_h'", "'fill: interpolate'"),
        ),
        ("set:\n  series.temp_air_degc: 12\n", 7, ("[bad-override]", "cannot change a series", "under 'series:'")),
    ],
)
def test_what_a_scenario_gives_for_nothing_is_refused(here, text, line, parts):
    (here / "prices.csv").write_text("time_utc,price\n2023-07-03 00:00,1\n2023-07-03 01:00,2\n")
    scenario(here, text)
    for command in ("check", "run"):
        assert_refused(h2plant(command, "day.yaml"), f"day.yaml:{line}: ", *parts)
    assert not (here / "results").exists()


def test_a_change_that_another_one_undoes_is_refused(here):
    answer = h2plant("run", "mine.yaml", "--set", "tank.n_vessels=3", "--set", "tank.n_vessels=5")
    assert_refused(answer, "--set", "'tank.n_vessels' is given twice", "keep one")
    answer = h2plant("run", "mine.yaml", "--set", "grid.import_limit_mw=5", "--set", "grid.import_limit_w=3")
    assert_refused(answer, "--set", "one parameter in two units", "'grid.import_limit_w'", "keep one")
    scenario(here, "set: {grid.import_limit_mw: 5, grid.import_limit_kw: 200}\n")
    assert_refused(h2plant("check", "day.yaml"), "[given-twice] set.grid.import_limit_kw", "'grid.import_limit_mw'")


def test_a_series_with_one_sign_for_two_things_is_refused(here):
    (here / "prices.csv").write_text("time;price\n2023-07-03 00:00;1\n2023-07-03 01:00;2\n")
    scenario(here, FILLED.replace("fill: interpolate", "decimal: '.', thousands: '.'"))
    assert_refused(h2plant("check", "day.yaml"), "day.yaml:7: [out-of-bounds]", "both decimals and thousands", "two")
    scenario(here, FILLED.replace("fill: interpolate", "thousands: ;"))
    assert_refused(h2plant("check", "day.yaml"), "day.yaml:7: [out-of-bounds]", "'.', ',', ' ' or")


UNREAD = "  other_eur_per_mwh: {constant: 3}\n  wind_power_pu: {constant: 0.5}\n"


def test_what_a_plant_declares_and_does_not_read_is_noted_and_the_plant_runs(here):
    (here / "mine.yaml").write_text(STARTER.replace("series:\n", f"series:\n{UNREAD}", 1))
    line = STARTER[: STARTER.index("\nseries:\n")].count("\n") + 3
    plant = package.load("mine.yaml")
    assert [(n.id, n.where, n.severity, n.line) for n in plant.notes] == [
        ("unread-series", "series.other_eur_per_mwh", "note", line),
        ("unread-series", "series.wind_power_pu", "note", line + 1),
    ]
    assert "did you mean 'price_eur_per_mwh'?" in plant.notes[0].remedy
    answer = h2plant("check", "mine.yaml")
    assert answer.exit_code == 0 and f"note: mine.yaml:{line}: [unread-series]" in answer.text, answer
    # a scenario may give what the plant declares
    scenario(here, "series:\n  wind_power_pu: {constant: 0.1}\n")
    assert "[unread-series] series.wind_power_pu" in h2plant("check", "day.yaml").text


def test_a_change_of_rule_may_leave_a_series_unread(here):
    text = "series:\n  extra_kg_per_s: {constant: 0}\n"
    scenario(here, text)
    assert_refused(h2plant("check", "day.yaml"), "[unread-series]")
    answer = h2plant("run", "day.yaml", "--hours", 1, "--set", "rule.kind=follow_wind", "--set", "line.line_power_mw=1")
    assert answer.exit_code == 0 and "note: day.yaml:7: [unread-series]" in answer.text, answer


@pytest.mark.parametrize("name", bundled_plants())
def test_bundled_plants_read_all_that_they_declare(name):
    assert load_plant(name).notes == ()


def test_what_was_filled_is_printed_and_kept(here):
    (here / "prices.csv").write_text(
        "time_utc,price\n2023-07-03 00:00,10\n2023-07-03 01:00,\n2023-07-03 02:00,30\n2023-07-03 03:00,40\n"
    )
    scenario(here, FILLED)
    text = (
        "prices.csv: [filled-gap] series.price_eur_per_mwh, column 'price': 1 missing value in 1 gap of at most 1 h, "
        "filled with the value before (mode: hold): 2023-07-03T01:00Z to 2023-07-03T02:00Z"
    )
    assert f"note: {text}" in h2plant("check", "day.yaml").text
    answer = h2plant("run", "day.yaml", "--out", "a")
    assert answer.exit_code == 0 and f"note: {text}" in answer.text, answer
    quiet = h2plant("run", "day.yaml", "--out", "b", "-q")
    assert (quiet.exit_code, quiet.stdout.strip()) == (0, "b")
    for folder in ("a", "b"):
        (note,) = json.loads((here / folder / "summary.json").read_text())["provenance"]["notes"]
        assert note.startswith(text)
    assert json.loads(h2plant("run", "day.yaml", "--out", "c", "--json").stdout)["provenance"]["notes"] == [note]


def test_a_study_says_what_was_filled_and_keeps_it(here):
    (here / "prices.csv").write_text("time_utc,price\n2023-07-03 00:00,10\n2023-07-03 01:00,\n2023-07-03 02:00,30\n")
    scenario(here, FILLED)
    (here / "study.yaml").write_text(
        "h2plant: 1\nstudy: s\nkind: sweep\nscenario: day.yaml\nhours: 2\ndesign: {kind: grid}\n"
        "parameters:\n  - {name: p, path: tank.initial_pressure_bar, values: [60]}\noutputs: [hydrogen_made_kg]\n"
    )
    answer = h2plant("sweep", "study.yaml", "--out", "out")
    assert answer.exit_code == 0 and "note: prices.csv: [filled-gap]" in answer.text, answer
    (note,) = json.loads((here / "out/provenance.json").read_text())["notes"]
    assert "1 missing value in 1 gap of at most 1 h" in note


def test_a_comparison_says_what_was_filled(here):
    (here / "prices.csv").write_text("time_utc,price\n2023-07-03 00:00,10\n2023-07-03 01:00,\n2023-07-03 02:00,30\n")
    scenario(here, FILLED)
    answer = h2plant("compare", "day.yaml", "--hours", 2, "--step-s", "3600,1800")
    assert answer.exit_code == 0 and answer.text.count("note: prices.csv: [filled-gap]") == 1, answer
