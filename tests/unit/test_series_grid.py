"""Series of several resolutions, and gaps: what holds, what is a line, what cannot be told and is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from h2plant.config.series import Series
from h2plant.config.series_reader import load_series
from h2plant.plant.finding import PlantError
from tests.series_spec import series_spec

pytestmark = pytest.mark.long

START = datetime(2023, 1, 1, tzinfo=UTC)
PRICE = "price_eur_per_mwh"
J = 3.6e9  # J in a MWh


def minutes(steps: list[int]) -> list[int]:
    """Stamps after the start, from the steps between them, min."""
    return np.concatenate(([0], np.cumsum(steps))).tolist()


def write(tmp_path: Path, stamps: list[int], values: list[object], form: str = "csv") -> Path:
    times = [START + timedelta(minutes=m) for m in stamps]
    file = tmp_path / f"prices.{form}"
    if form == "parquet":
        pq.write_table(pa.table({"time_utc": times, PRICE: values}), file)
    else:
        rows = (f"{t:%Y-%m-%d %H:%M},{'' if v is None else v}" for t, v in zip(times, values, strict=True))
        file.write_text("\n".join([f"time_utc,{PRICE}", *rows]) + "\n")
    return file


def load(file: Path, n_minutes: float, mode: str = "hold", **spec: object) -> Series:
    one = series_spec(PRICE, file=file, column=PRICE, mode=mode, **spec)  # type: ignore[arg-type]
    return load_series({PRICE: one}, START, n_minutes * 60)[PRICE]


def quarters(series: Series, n: int) -> list[float]:
    return [round(series.at(900 * i) * J, 6) for i in range(n)]


HOURS_THEN_QUARTERS = minutes([60, 60, 15, 15, 15, 15])
VALUES = [0, 100, 50, 51, 52, 53, 54]


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("is_filled", [False, True])
def test_hours_that_become_quarter_hours_hold(tmp_path, form, is_filled):
    series = load(write(tmp_path, HOURS_THEN_QUARTERS, VALUES, form), 195, is_filled=is_filled)
    assert quarters(series, 13) == [0, 0, 0, 0, 100, 100, 100, 100, 50, 51, 52, 53, 54]
    assert [note.id for note in series.notes] == ["resolution-change"]
    assert "rows last 60 min, then 15 min from 2023-01-01T02:00Z on" in series.notes[0].what


def test_hours_that_become_quarter_hours_are_joined_by_lines(tmp_path):
    series = load(write(tmp_path, HOURS_THEN_QUARTERS, VALUES), 195, "linear")
    assert quarters(series, 10) == [0, 25, 50, 75, 100, 87.5, 75, 62.5, 50, 51]


def test_quarter_hours_that_become_hours_hold_to_the_end_of_the_last(tmp_path):
    file = write(tmp_path, minutes([15, 15, 15, 15, 60, 60]), [1, 2, 3, 4, 5, 6, 7])
    assert quarters(load(file, 240), 16) == [1, 2, 3, 4, *[5] * 4, *[6] * 4, *[7] * 4]
    assert quarters(load(file, 240, "linear"), 16)[3:] == [4, 5, 5.25, 5.5, 5.75, 6, 6.25, 6.5, 6.75, 7, 7, 7, 7]
    with pytest.raises(PlantError, match="series-too-short"):
        load(file, 255)


def test_stamps_at_the_end_of_rows_of_two_resolutions(tmp_path):
    # the hour up to 00:00 is missing from the span: the file begins at 23:00 of the day before
    file = write(tmp_path, HOURS_THEN_QUARTERS, VALUES)
    assert quarters(load(file, 180, stamps="end"), 12) == [100, 100, 100, 100, 50, 50, 50, 50, 51, 52, 53, 54]


def test_twenty_and_thirty_minutes_meet_on_ten(tmp_path):
    series = load(write(tmp_path, minutes([20, 20, 20, 30, 30]), [1, 2, 3, 4, 5, 6]), 150)
    assert series.resolution_s == 600
    assert [round(series.at(600 * i) * J) for i in range(15)] == [1, 1, 2, 2, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6]


def test_one_longer_step_is_a_gap_and_no_resolution(tmp_path):
    file = write(tmp_path, minutes([15, 15, 60, 15, 15, 15]), [1, 2, 3, 4, 5, 6, 7])
    with pytest.raises(PlantError) as error:
        load(file, 90)
    found = error.value.findings[0]
    assert (found.id, found.line) == ("gap", 5) and "3 rows missing" in found.what
    assert "holding the value before" in found.remedy
    series = load(file, 135, is_filled=True)
    assert quarters(series, 9) == [1, 2, 3, 3, 3, 3, 4, 5, 6]
    assert series.notes[0].what == (
        "3 missing values in 1 gap of at most 0.75 h, filled with the value before (mode: hold): "
        "2023-01-01T00:45Z to 2023-01-01T01:30Z"
    )
    assert quarters(load(file, 135, "linear", is_filled=True), 9) == [1, 2, 3, 3.25, 3.5, 3.75, 4, 5, 6]


def test_every_other_row_missing_for_hours_is_a_gap_and_for_a_day_a_resolution(tmp_path):
    def file(n: int) -> Path:
        steps = [15] * 60 + [30] * n + [15] * 60
        return write(tmp_path, minutes(steps), list(range(len(steps) + 1)))

    with pytest.raises(PlantError) as error:
        load(file(6), 60 * 16)
    assert {f.id for f in error.value.findings} == {"gap"}
    series = load(file(48), 60 * 15 + 60 * 24 + 60)
    assert quarters(series, 64) == [*range(60), 60, 60, 61, 61]
    assert len(series.notes) == 1 and "then 30 min from 2023-01-01T15:00Z on, 15 min from" in series.notes[0].what


def test_gap_among_the_coarser_rows(tmp_path):
    file = write(tmp_path, minutes([60, 60, 120, 60, 60, *[15] * 8]), [0, 1, 2, 4, 5, *range(6, 15)])
    with pytest.raises(PlantError) as error:
        load(file, 240)
    assert [(f.id, f.line, f.what[:14]) for f in error.value.findings] == [("gap", 5, "1 rows missing")]
    assert quarters(load(file, 300, is_filled=True), 20)[8:18] == [2] * 8 + [4] * 2
    assert quarters(load(file, 300, "linear", is_filled=True), 20)[8:17] == [2, 2.25, 2.5, 2.75, 3, 3.25, 3.5, 3.75, 4]


def test_empty_cell_among_the_coarser_rows(tmp_path):
    file = write(tmp_path, HOURS_THEN_QUARTERS, [0, None, *VALUES[2:]])
    with pytest.raises(PlantError) as error:
        load(file, 90)
    assert [(f.id, f.line) for f in error.value.findings] == [("missing-value", 3)]
    assert quarters(load(file, 150, is_filled=True), 9) == [0] * 8 + [50]
    assert quarters(load(file, 150, "linear", is_filled=True), 9) == [6.25 * i for i in range(9)]


def test_a_gap_beyond_the_run_does_not_matter(tmp_path):
    file = write(tmp_path, minutes([60, 60, 120, 60]), [0, 1, 2, 4, 5])
    assert quarters(load(file, 180), 12) == [0] * 4 + [1] * 4 + [2] * 4
    with pytest.raises(PlantError, match="gap"):
        load(file, 180, "linear")  # the last line leads into the gap
    with pytest.raises(PlantError, match="gap"):
        load(file, 181)


def test_step_that_fits_no_resolution_is_refused(tmp_path):
    file = write(tmp_path, minutes([60, 60, 60, 20, 15, 15]), list(range(7)))
    with pytest.raises(PlantError) as error:
        load(file, 60)
    assert [(f.id, f.line) for f in error.value.findings] == [("uneven-time", 6)]


def test_notes_are_of_the_span_alone(tmp_path):
    file = write(tmp_path, minutes([60] * 9), [0, 1, 2, 3, 4, 5, None, None, 8, 9])
    assert load(file, 300, is_filled=True).notes == ()
    assert "2023-01-01T06:00Z to 2023-01-01T08:00Z" in load(file, 600, is_filled=True).notes[0].what


def test_repetition_is_noted_where_it_acts(tmp_path):
    file = write(tmp_path, minutes([60] * 3), [0, 1, 2, 3])
    assert load(file, 240, is_repeated=True).notes == ()
    note = load(file, 300, is_repeated=True).notes[0]
    assert (note.id, note.severity) == ("repeated", "note") and "starts over every 4 h" in note.what


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.sampled_from([1, 5, 10, 15, 20, 30, 60]),
    second=st.sampled_from([1, 5, 10, 15, 20, 30, 60]),
    n=st.tuples(st.integers(2, 6), st.integers(2, 6)),
    data=st.data(),
)
def test_any_two_resolutions_are_read_as_written(tmp_path, first, second, n, data):
    """Under ``hold`` the last stamp's value, under ``linear`` the line between stamps, at every instant."""
    stamps = minutes([first] * n[0] + [second] * n[1])
    values = data.draw(st.lists(st.integers(-50, 500), min_size=len(stamps), max_size=len(stamps)))
    file = write(tmp_path, stamps, list(values))
    hold, line = load(file, stamps[-1] + second), load(file, stamps[-1] + second, "linear")
    for at in np.arange(0.0, stamps[-1], 0.5):
        i = int(np.searchsorted(stamps, at, side="right")) - 1
        assert hold.at(at * 60) * J == pytest.approx(values[i], abs=1e-9)
        assert line.at(at * 60) * J == pytest.approx(np.interp(at, stamps, values), abs=1e-9)
