"""What was done to series is said once for a file, then what differs, and what a step takes of them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from h2plant.config.series import Series
from h2plant.config.series_notes import joined, series_manner, step_notes
from h2plant.config.series_reader import load_series
from h2plant.core.terminal import hanging
from h2plant.plant.finding import Finding
from tests.series_spec import series_spec

START = datetime(2023, 1, 1, tzinfo=UTC)
TEXT = "Export of the farm\ntime;Wind (km/h);Preis (ct/kWh);Luft (°C)\n" + "".join(
    f"2023-01-01 0{h}:00;{36 + h};{7.25 + h};{h}\n".replace(".", ",") for h in range(4)
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "farm.csv"
    found.write_text(TEXT, encoding="utf-8")
    return found


def told(file: Path, columns: dict[str, str], **more: object) -> tuple[dict[str, Series], list[Finding]]:
    specs = {name: series_spec(name, file=file, column=column, **more) for name, column in columns.items()}  # type: ignore[arg-type]
    series = load_series(specs, START, 3 * 3600)
    return series, joined(note for one in series.values() for note in one.notes)


def test_a_file_is_told_of_once_and_its_series_by_what_differs(file):
    columns = {
        "wind_speed_m_per_s": "Wind (km/h)",
        "price_eur_per_mwh": "Preis (ct/kWh)",
        "temp_air_degc": "Luft (°C)",
    }
    series, notes = told(file, columns)
    assert [(note.id, note.where, note.what) for note in notes] == [
        (
            "read-as",
            "",
            "line 1 before the header in line 2 passed over; times have no zone: taken as UTC",
        ),
        (
            "converted",
            "series.wind_speed_m_per_s",
            "column 'Wind (km/h)', converted from km/h to m_per_s",
        ),
        (
            "converted",
            "series.price_eur_per_mwh",
            "column 'Preis (ct/kWh)', converted from ct/kWh to eur_per_mwh",
        ),
    ]
    # 36 km/h are 10 m/s, 7.25 ct/kWh are 72.5 EUR/MWh
    assert series["wind_speed_m_per_s"].values[0] == pytest.approx(10.0)
    assert series["price_eur_per_mwh"].values[0] * 3.6e9 == pytest.approx(72.5)


def test_scale_zone_and_shifted_stamps_are_told(file):
    series, notes = told(
        file, {"temp_air_degc": "Luft (°C)"}, timezone="Etc/GMT+1", stamps="end", scale=0.5, mode="linear"
    )
    assert [(note.id, note.what) for note in notes] == [
        (
            "read-as",
            "line 1 before the header in line 2 passed over; times in Etc/GMT+1, as 'timezone:' says; stamps at the "
            "end of their interval: it begins 60 min before",
        ),
        ("converted", "column 'Luft (°C)', multiplied by 0.5, as 'scale:' says"),
        (
            "joined-means",
            "means of intervals, joined by lines through the middle of each, which do not keep the means",
        ),
    ]
    # the row of 01:00 an hour behind UTC ends at 02:00 UTC: its mean stands in the middle, at 01:30 UTC
    assert series["temp_air_degc"].at(5400.0) == pytest.approx(273.15 + 0.5)


def test_equal_notes_of_several_series_are_one():
    notes = [
        Finding("filled-gap", f"series.{name}, column '{name}'", "2 values", "nothing", Path("a.csv"), 0, "note")
        for name in ("a_pu", "b_pu", "c_pu")
    ]
    (one,) = joined([*notes, notes[0]])
    assert one.where == "series.a_pu, series.b_pu and series.c_pu"
    assert joined(notes[:1]) == notes[:1]


def test_series_finer_than_the_step_are_told_and_how_all_are_taken(tmp_path):
    file = tmp_path / "quarters.csv"
    rows = [f"2023-01-01 {i // 4:02}:{i % 4 * 15:02},{i}" for i in range(16)]
    file.write_text("\n".join(["time_utc,wind_power_pu,price_eur_per_mwh", *(f"{r},1" for r in rows)]) + "\n")
    specs = {
        "wind_power_pu": series_spec("wind_power_pu", file=file, mode="linear", scale=0.01),
        "price_eur_per_mwh": series_spec("price_eur_per_mwh", file=file),
        "demand_kg_per_h": series_spec("demand_kg_per_h", constant=4.0),
    }
    series = load_series(specs, START, 3 * 3600)
    assert not step_notes(series, 900.0)
    assert [(n.id, n.where) for n in step_notes(series, 3600.0)] == [
        ("averaged", "series.wind_power_pu"),
        ("averaged", "series.price_eur_per_mwh"),
    ]
    (note,) = joined(step_notes(series, 3600.0))
    assert note.what == "one value every 15 min, of which a step of 60 min takes the mean"
    assert series_manner(series) == [
        "wind_power_pu: one value every 15 min, joined by lines",
        "price_eur_per_mwh: one value every 15 min, each held to the next",
        "demand_kg_per_h: constant",
    ]


def test_notes_are_broken_at_spaces_and_hang():
    text = hanging("note: ", "word " * 30)
    assert max(map(len, text.splitlines())) <= 80 and text.splitlines()[1].startswith("      word")
