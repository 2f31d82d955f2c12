"""Typical years repeated over others keep their days and hours; a series that is too short says from when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from h2plant.config.series_grid import Grid, repeated_places, whole_years
from h2plant.config.series_reader import load_series, read_series
from h2plant.plant.series_spec import SeriesSpec

HOUR_S = 3600


def _grid(first: datetime, end: datetime) -> Grid:
    n = round((end - first) / timedelta(hours=1))
    return Grid(round(first.timestamp()), HOUR_S, np.arange(float(n)))


def _day(year: int, month: int = 1, day: int = 1, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def _source(grid: Grid, wanted: datetime) -> datetime:
    """The instant in the grid whose value stands for another."""
    first = datetime.fromtimestamp(grid.first_s, UTC)
    index = np.array([round((wanted - first) / timedelta(hours=1))])
    return first + timedelta(hours=int(repeated_places(grid, index)[0]))


@pytest.mark.parametrize(
    ("wanted", "source"),
    [
        (_day(2023, 7, 3, 14), _day(2023, 7, 3, 14)),
        (_day(2024, 2, 28, 5), _day(2023, 2, 28, 5)),
        (_day(2024, 2, 29, 5), _day(2023, 2, 28, 5)),
        (_day(2024, 3, 1, 5), _day(2023, 3, 1, 5)),
        (_day(2024, 12, 31, 23), _day(2023, 12, 31, 23)),
        (_day(2048, 7, 3, 14), _day(2023, 7, 3, 14)),  # 25 years and seven leap days later
        (_day(2020, 2, 29, 5), _day(2023, 2, 28, 5)),
        (_day(1999, 12, 31, 23), _day(2023, 12, 31, 23)),
    ],
)
def test_a_common_year_is_repeated_by_the_calendar(wanted: datetime, source: datetime) -> None:
    assert _source(_grid(_day(2023), _day(2024)), wanted) == source


def test_a_leap_year_leaves_its_29th_out_in_common_years() -> None:
    grid = _grid(_day(2024), _day(2025))
    assert _source(grid, _day(2025, 2, 28, 7)) == _day(2024, 2, 28, 7)
    assert _source(grid, _day(2025, 3, 1, 7)) == _day(2024, 3, 1, 7)
    assert _source(grid, _day(2028, 2, 29, 7)) == _day(2024, 2, 29, 7)


def test_years_of_a_local_clock_and_several_years_are_whole() -> None:
    local = _grid(_day(2022, 12, 31, 23), _day(2023, 12, 31, 23))
    assert whole_years(local) == 1
    assert _source(local, _day(2024, 12, 31, 22)) == _day(2023, 12, 31, 22)
    two = _grid(_day(2021), _day(2023))
    assert whole_years(two) == 2
    assert [_source(two, _day(year, 8, 1, 9)).year for year in (2023, 2024, 2025)] == [2021, 2022, 2021]
    from_autumn = _grid(_day(2022, 10, 1), _day(2023, 10, 1))
    assert _source(from_autumn, _day(2024, 2, 29, 3)) == _day(2023, 2, 28, 3)
    assert _source(from_autumn, _day(2024, 9, 30, 3)) == _day(2023, 9, 30, 3)


def test_each_sample_of_25_years_has_its_day_and_hour() -> None:
    grid = _grid(_day(2023), _day(2024))
    index = np.arange(-3 * 8760, 25 * 8766, 7)
    wanted = np.datetime64("2023-01-01T00") + index
    source = np.datetime64("2023-01-01T00") + repeated_places(grid, index)
    assert (source.astype("datetime64[Y]") == np.datetime64("2023")).all()
    differ = wanted.astype(str).astype("U13")  # year-month-dayThour
    differ = np.char.replace(np.array([w[5:] for w in differ]), "02-29", "02-28")
    assert (differ == np.array([s[5:] for s in source.astype(str)])).all()


def test_what_is_no_whole_year_starts_over() -> None:
    grid = _grid(_day(2024), _day(2024, 12, 31))  # 8760 h of a leap year
    assert whole_years(grid) == 0
    assert _source(grid, _day(2024, 12, 31, 4)) == _day(2024, 1, 1, 4)


def _spec(repeat: bool) -> SeriesSpec:
    return SeriesSpec("demand_kg_per_s", values=(1.0,) * 48, resolution_s=HOUR_S, start=_day(2023), is_repeated=repeat)


@pytest.mark.parametrize(
    ("start", "hours", "missing"),
    [
        (_day(2023), 60, "12 h are missing, from 2023-01-03T00:00Z on"),
        (_day(2022, 12, 31, 20), 60, "12 h are missing, from 2022-12-31T20:00Z on"),  # 4 h before, 8 h behind
        (_day(2023, 1, 5), 2, "2 h are missing, from 2023-01-05T00:00Z on"),
        (_day(2022, 12, 1), 2, "2 h are missing, from 2022-12-01T00:00Z on"),
    ],
)
def test_a_series_that_is_too_short_says_from_when(start: datetime, hours: int, missing: str) -> None:
    _, (finding,) = read_series({"demand_kg_per_s": _spec(repeat=False)}, start, hours * HOUR_S)
    assert finding.id == "series-too-short" and missing in finding.what, finding


def test_what_is_repeated_by_the_calendar_is_noted() -> None:
    year = SeriesSpec(
        "demand_kg_per_s", values=(1.0,) * 365, resolution_s=86400, start=_day(2023), is_repeated=True, mode="hold"
    )
    found = load_series({"demand_kg_per_s": year}, _day(2024), 8784 * HOUR_S)["demand_kg_per_s"]
    assert "is repeated year after year by the calendar" in found.notes[0].what
    two_days = load_series({"demand_kg_per_s": _spec(repeat=True)}, _day(2024), 100)["demand_kg_per_s"]
    assert "starts over every 48 h" in two_days.notes[0].what
