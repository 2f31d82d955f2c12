"""A calendar year of stamps at the ends of their intervals: its last interval is of no row."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from h2plant.config.bundled import DATA
from h2plant.config.load import load_plant
from h2plant.config.series import Series
from h2plant.config.series_reader import load_series, read_series
from h2plant.plant.finding import PlantError
from tests.block_plant import HEAD, block_plant
from tests.series_spec import series_spec

START, HOURS = datetime(2023, 1, 1, tzinfo=UTC), 8760
NAME = "ghi_w_per_m2"


def load(file: Path, n_hours: float, start: datetime = START, **keys: object) -> Series:
    spec = series_spec(NAME, file=file, **{"stamps": "end", **keys})
    return load_series({NAME: spec}, start, 3600 * n_hours)[NAME]


def write(folder: Path, n: int, first: datetime = START, minutes: int = 60, shown: timedelta = timedelta()) -> Path:
    rows = (f"{first + shown + timedelta(minutes=minutes * i):%Y-%m-%d %H:%M},{i % 1000}" for i in range(n))
    path = folder / "year.csv"
    path.write_text("\n".join([f"time,{NAME}", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("mode", ["hold", "linear"])
def test_the_bundled_year_covers_its_year(mode: str) -> None:
    """README's plant could not run the year: the hour from 23 to 24 h of 31 December is of no row."""
    year = load(DATA / "nl_2023.csv.gz", HOURS, mode=mode)
    again = load(DATA / "nl_2023.csv.gz", HOURS, mode=mode, is_repeated=True)
    np.testing.assert_array_equal(year.values, again.values)
    assert any(note.id == "year-end" and "2023-12-31T23:00Z" in note.what for note in year.notes)
    short = load(DATA / "nl_2023.csv.gz", HOURS - 1, mode=mode)
    assert not any(note.id == "year-end" for note in short.notes)


@pytest.mark.parametrize("minutes", [15, 60])
def test_the_last_interval_is_as_the_first(tmp_path: Path, minutes: int) -> None:
    n = HOURS * 60 // minutes
    year = load(write(tmp_path, n, minutes=minutes), HOURS, mode="hold", timezone="UTC")
    assert year.at(0.0) == 1.0  # the row of the first interval's end
    assert year.at(3600.0 * HOURS - 60.0 * minutes - 1.0) == (n - 1) % 1000
    assert year.at(3600.0 * HOURS - 1.0) == 0.0  # the first row


def test_a_year_of_a_clock_of_its_own(tmp_path: Path) -> None:
    """From midnight to 23 h by a clock an hour ahead of UTC: the run that it covers is that of its own year."""
    file = write(tmp_path, HOURS)
    start = START - timedelta(hours=1)
    assert load(file, HOURS, start, mode="hold", timezone="Etc/GMT-1").at(3600.0 * HOURS - 1.0) == 0.0
    with pytest.raises(PlantError, match="series-too-short"):
        load(file, HOURS, START, mode="hold", timezone="Etc/GMT-1")


@pytest.mark.parametrize(
    ("n", "first", "n_hours"),
    [
        (HOURS - 24, START, HOURS - 24),  # no year
        (HOURS, START + timedelta(days=31), HOURS),  # a year from February
        (HOURS, START, HOURS + 1),  # more than the interval that is lacking
    ],
)
def test_what_is_no_calendar_year_stays_too_short(tmp_path: Path, n: int, first: datetime, n_hours: int) -> None:
    with pytest.raises(PlantError, match="series-too-short"):
        load(write(tmp_path, n, first), n_hours, first, mode="hold", timezone="UTC")
    with pytest.raises(PlantError, match="series-too-short"):  # nor does a year of stamps at the begin lack anything
        load(write(tmp_path, n, first), n_hours + 1, first, mode="hold", timezone="UTC", stamps="start")


def test_a_plant_with_an_array_runs_the_bundled_year(tmp_path: Path) -> None:
    """The lines that README and `h2plant design` write."""
    path = block_plant(tmp_path, wind="{block: solar_park, capacity_mw: 5}")
    text = path.read_text(encoding="utf-8").replace(
        "  price_eur", f"  {NAME}: {{file: nl_2023, stamps: end}}\n  price_eur"
    )
    assert text.startswith(HEAD[:20])
    path.write_text(text, encoding="utf-8")
    _, findings = read_series(load_plant(path), START, 3600.0 * HOURS)
    assert [finding for finding in findings if finding.severity == "error"] == []
