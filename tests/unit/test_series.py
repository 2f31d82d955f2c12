"""Series files: what is read, and what is said of everything that cannot be."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from h2plant.config.bundled import DATA
from h2plant.config.series import Series, SeriesSpec
from h2plant.config.series_reader import load_series, read_series
from h2plant.plant.finding import PlantError
from tests.series_spec import series_spec

START = datetime(2023, 1, 1, tzinfo=UTC)
HOURS = [f"2023-01-01T{h:02d}:00Z" for h in range(6)]


def csv(tmp_path: Path, text: str, name: str = "air.csv") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def table(times: list[str], values: list[object], header: str = "time_utc,temp_air_degc") -> str:
    return "\n".join([header, *(f"{t},{v}" for t, v in zip(times, values, strict=True))]) + "\n"


def load(
    file: Path, hours: float = 2.0, start: datetime = START, name: str = "temp_air_degc", **spec: object
) -> Series:
    full = {"column": name, "mode": "linear", **spec}
    return load_series({name: series_spec(name, file=file, **full)}, start, hours * 3600)[name]  # type: ignore[arg-type]


def test_csv_is_read_cut_and_converted(tmp_path):
    file = csv(tmp_path, table(HOURS, [10, 11, 12, 13, 14, 15]))
    series = load(file, 1.0, START + timedelta(minutes=90))
    assert (series.name, series.unit, series.resolution_s, series.offset_s) == ("temp_air_k", "K", 3600, 1800)
    assert series.values.tolist() == [284.15, 285.15, 286.15]
    assert series.at(0.0) == pytest.approx(284.65) and series.at(3600.0) == pytest.approx(285.65)


def test_last_value_is_held_to_the_end_of_its_interval(tmp_path):
    series = load(csv(tmp_path, table(HOURS, [10, 11, 12, 13, 14, 15])), 6.0)
    assert len(series.values) == 7
    assert series.at(5.5 * 3600) == series.at(5 * 3600) == 288.15


@pytest.mark.parametrize(
    "text",
    [
        table(HOURS, [1.5, 2.5, 3.5, 4, 5, 6]),
        "\ufeff" + table(HOURS, ["1.5", " 2.5 ", "3.5", "4", "5", "6"]),
        "# made by hand\n\n" + table(HOURS, [1.5, 2.5, 3.5, 4, 5, 6]) + "\n\n",
        table(HOURS, [1.5, 2.5, 3.5, 4, 5, 6]).replace("\n", "\r\n"),
        table(HOURS, ["1,5", "2,5", "3,5", "4", "5.0", "6"]).replace("Z,", "Z;").replace("utc,", "utc;"),
        table(HOURS, [1.5, 2.5, 3.5, 4, 5, 6]).replace(",", "\t"),
        table(HOURS, [1.5, 2.5, 3.5, 4, 5, 6]).replace("Z,", "+00:00,"),
        table(HOURS, [1.5, 2.5, 3.5, 4, 5, 6]).replace("Z,", ",").replace("T", " "),
        table(HOURS, [1.5, 2.5, 3.5, 4, 5, 6], "Timestamp,temp_air_degc"),
        table([h.replace("T0", "T1").replace("Z", "+10:00") for h in HOURS], [1.5, 2.5, 3.5, 4, 5, 6]),
        table(HOURS, ['"1.5"', 2.5, 3.5, 4, 5, 6]),
    ],
)
def test_dialects_of_csv(tmp_path, text):
    assert load(csv(tmp_path, text)).values.tolist() == [274.65, 275.65, 276.65]


def test_gzip_and_parquet_read_like_csv(tmp_path):
    values = [1.5, 2.5, 3.5, 4.0, 5.0, 6.0]
    zipped = tmp_path / "air.csv.gz"
    zipped.write_bytes(gzip.compress(table(HOURS, values).encode()))
    stamps = [datetime.fromisoformat(h) for h in HOURS]
    aware, naive, text = tmp_path / "aware.parquet", tmp_path / "naive.parquet", tmp_path / "text.parquet"
    pq.write_table(pa.table({"time": pa.array(stamps, pa.timestamp("ns", "UTC")), "temp_air_degc": values}), aware)
    pq.write_table(pa.table({"time": [s.replace(tzinfo=None) for s in stamps], "temp_air_degc": values}), naive)
    pq.write_table(pa.table({"time": HOURS, "temp_air_degc": pa.array(values, pa.float32())}), text)
    expected = load(csv(tmp_path, table(HOURS, values))).values.tolist()
    for file in (zipped, aware, naive, text):
        assert load(file).values.tolist() == expected, file


def test_quarter_hours_and_minutes_are_detected(tmp_path):
    for minutes in (1, 15, 30):
        times = [(START + timedelta(minutes=minutes * i)).isoformat() for i in range(61)]
        series = load(csv(tmp_path, table(times, list(range(61)))), 1.0)
        assert series.resolution_s == 60 * minutes
        assert len(series.values) == 60 // minutes + 1


def test_stamps_at_the_end_of_the_interval(tmp_path):
    file = csv(tmp_path, table(HOURS[1:], [10, 11, 12, 13, 14]))
    assert load(file, stamps="end").at(0.0) == 283.15


def test_unit_follows_the_column_or_is_stated(tmp_path):
    file = csv(tmp_path, table(HOURS, [36] * 6, "time,cost_eur_per_kwh"))
    name = "price_eur_per_mwh"
    assert load(file, name=name, column="cost_eur_per_kwh").values[0] == pytest.approx(36 / 3.6e6)
    file = csv(tmp_path, table(HOURS, [36] * 6, "time,spot"))
    assert load(file, name=name, column="spot").values[0] == pytest.approx(36 / 3.6e9)
    assert load(file, name=name, column="spot", unit="eur_per_kwh", scale=2.0).values[0] == pytest.approx(72 / 3.6e6)
    assert load(file, name=name, column="spot").name == "price_eur_per_j"


def amsterdam(first: datetime, n: int, minutes: int = 60) -> list[str]:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Europe/Amsterdam")
    stamps = [(first + timedelta(minutes=minutes * i)).astimezone(zone) for i in range(n)]
    return [stamp.replace(tzinfo=None).isoformat(" ") for stamp in stamps]


@pytest.mark.parametrize("minutes", [15, 60])
@pytest.mark.parametrize("change", [datetime(2023, 3, 25, 22, tzinfo=UTC), datetime(2023, 10, 28, 22, tzinfo=UTC)])
def test_local_times_over_the_clock_change(tmp_path, change, minutes):
    n = 8 * 60 // minutes
    file = csv(tmp_path, table(amsterdam(change, n, minutes), list(range(n)), "time,temp_air_degc"))
    series = load(file, 8.0, change, timezone="Europe/Amsterdam")
    assert series.values.tolist() == [*(273.15 + i for i in range(n)), 273.15 + n - 1]


BAD = [
    (table(HOURS[:2] + HOURS[3:], [1, 2, 4, 5, 6]), {}, "gap", 4, "1 rows missing between", "'fill: interpolate'"),
    (table(HOURS, [1, 2, "", 4, 5, 6]), {}, "missing-value", 4, "empty or not a number", "'fill: interpolate'"),
    (table(HOURS, [1, "NaN", 3, 4, 5, 6]), {}, "missing-value", 3, "empty or not a number", "'fill: interpolate'"),
    (
        table([*HOURS[:3], *HOURS[2:]], [1, 2, 3, 3, 4, 5, 6]),
        {},
        "duplicate-time",
        5,
        "same time as in line 4",
        "one row",
    ),
    (table([HOURS[0], HOURS[2], HOURS[1], *HOURS[3:]], [1] * 6), {}, "unordered-time", 4, "before", "sort the rows"),
    (table(HOURS, [1, 2, "three", 4, 5, 6]), {}, "not-a-number", 4, "'three'", "plain numbers"),
    (table(HOURS, [1, 2, "inf", 4, 5, 6]), {}, "not-a-number", 4, "'inf'", "plain numbers"),
    (table(HOURS, [1, 2, "1 000", 4, 5, 6]), {}, "not-a-number", 4, "'1 000'", "thousands"),
    ("", {}, "empty-file", 1, "no header", "write a header"),
    ("time,temp_air_degc\n", {}, "empty-file", 1, "no rows", "two rows"),
    (table(HOURS[:1], [1]), {}, "empty-file", 2, "only one row", "'constant:'"),
    (table(HOURS, [1] * 6, "time,temp_air"), {}, "no-such-column", 1, "no column 'temp_air_degc'", "'temp_air'"),
    (
        table(list("abcdef"), [1] * 6, "when,temp_air_degc"),
        {},
        "no-time-column",
        1,
        "named like a time",
        "'time_column:'",
    ),
    (table(HOURS, [1] * 6), {"time_column": "tme_utc"}, "no-such-column", 1, "'tme_utc'", "'time_utc'"),
    (table(HOURS, [1] * 6, "time,time"), {}, "duplicate-column", 1, "more than once", "rename"),
    (table(["01.01.2023 00:00", *HOURS[1:]], [1] * 6), {}, "bad-time", 2, "'01.01.2023 00:00'", "ISO 8601"),
    (table([HOURS[0][:-1] + ":00.5Z", *HOURS[1:]], [1] * 6), {}, "bad-time", 2, "fraction", "round the times"),
    (table(HOURS, [1, 2, "3,5", 4, 5, 6]), {}, "ragged-row", 4, "3 cells where the header has 2", "';'"),
    (
        table([HOURS[0], HOURS[1], "2023-01-01T02:30Z", *HOURS[3:]], [1] * 6),
        {},
        "uneven-time",
        4,
        "90 minutes",
        "60 min",
    ),
    (
        table(["2023-01-01T00:00Z", "2023-01-01T01:30Z"], [1, 2]),
        {},
        "resolution",
        3,
        "90 minutes",
        "1 to 60 minutes",
    ),
    (table(["2023-01-01T00:00:00", "2023-01-01T00:00:30"], [1, 2]), {}, "resolution", 3, "0.5 minutes", "1 to 60"),
    (table(HOURS, [1, 2, '"3', 4, 5, 6]), {}, "open-quote", 4, "is not closed", "close the quote"),
    (table(HOURS, ["", 2, 3, 4, 5, 6]), {"is_filled": True}, "gap", 2, "at the begin", "complete the file"),
    (table(HOURS, [1, "", "", "", "", 6]), {"is_filled": True}, "gap", 3, "4 h are missing", "'max_gap_h'"),
]


@pytest.mark.parametrize(("text", "spec", "id", "line", "what", "remedy"), BAD)
def test_bad_file(tmp_path, text, spec, id, line, what, remedy):
    file = csv(tmp_path, text)
    with pytest.raises(PlantError) as error:
        load(file, **spec)
    found = error.value.findings[0]
    assert (found.id, found.file, found.line) == (id, file, line), str(found)
    assert what in found.what and remedy in found.remedy, str(found)


def test_time_the_clock_skips_is_refused(tmp_path):
    times = [f"2023-03-26 0{h}:00" for h in range(5)]
    file = csv(tmp_path, table(times, [1] * 5, "time,temp_air_degc"))
    with pytest.raises(PlantError) as error:
        load(file, timezone="Europe/Amsterdam")
    found = error.value.findings[0]
    assert (found.id, found.file, found.line) == ("nonexistent-time", file, 4)
    assert "the clock skips it" in found.what and "Etc/GMT-1" in found.remedy


@pytest.mark.parametrize(
    ("name", "raw", "id", "line", "remedy"),
    [
        ("a.csv", b"time,temp_air_degc\n2023-01-01T00:00Z,\x81\n", "wrong-encoding", 2, "UTF-8"),
        ("a.csv", "time,temp_air_degc\n".encode("utf-16")[:-1], "wrong-encoding", 0, "UTF-8"),
        ("a.csv.gz", b"time,temp_air_degc\n", "empty-file", 1, "two rows"),  # packed or not, by what is in it
        ("a.csv", b"time,temp_air_degc\n2023\x00\x00\x00\x00,1\n", "wrong-encoding", 1, "UTF-8"),
        ("a.csv.gz", gzip.compress(b"time,temp_air_degc\n" * 50, mtime=0)[:-12], "unreadable-file", 0, "whole"),
        ("a.parquet", b"time,temp_air_degc\n", "unreadable-file", 0, "whole"),
    ],
)
def test_unreadable_file(tmp_path, name, raw, id, line, remedy):
    file = tmp_path / name
    file.write_bytes(raw)
    with pytest.raises(PlantError) as error:
        load(file)
    found = error.value.findings[0]
    assert (found.id, found.file, found.line) == (id, file, line), str(found)
    assert remedy in found.remedy


def test_flaws_of_parquet_name_the_row(tmp_path):
    file = tmp_path / "a.parquet"
    stamps = [datetime.fromisoformat(h) for h in HOURS]
    pq.write_table(pa.table({"time": stamps, "temp_air_degc": [1.0, None, 3.0, float("inf"), 5.0, 6.0]}), file)
    with pytest.raises(PlantError) as error:
        load(file)
    assert (error.value.findings[0].id, error.value.findings[0].line) == ("not-a-number", 4)
    pq.write_table(pa.table({"time": stamps, "temp_air_degc": [1.0, None, 3.0, 4.0, 5.0, 6.0]}), file)
    with pytest.raises(PlantError) as error:
        load(file)
    assert (error.value.findings[0].id, error.value.findings[0].line) == ("missing-value", 2)
    pq.write_table(pa.table({"time": [1, 2], "temp_air_degc": ["a", "b"]}), file)
    with pytest.raises(PlantError) as error:
        load(file)
    assert {f.id for f in error.value.findings} == {"bad-time", "not-a-number"}


def test_vanished_file_is_a_finding(tmp_path):
    with pytest.raises(PlantError, match="no such file"):
        load(tmp_path / "gone.csv")


def test_many_flaws_of_one_kind_are_counted(tmp_path):
    file = csv(tmp_path, table(HOURS * 1, ["x"] * 6))
    with pytest.raises(PlantError) as error:
        load(file)
    assert len(error.value.findings) == 6
    assert "and 1 more of this kind" in error.value.findings[-1].what


def test_short_gaps_are_filled_on_request_and_noted(tmp_path):
    file = csv(tmp_path, table([*HOURS[:2], *HOURS[3:]], [1, 2, "", 5, 6]))
    series = load(file, 5.0, is_filled=True)
    assert series.values.tolist() == pytest.approx([274.15, 275.15, 276.15, 277.15, 278.15, 279.15])
    assert [(n.id, n.severity) for n in series.notes] == [("filled-gap", "note")]
    assert "2 missing values in 1 gap of at most 2 h" in series.notes[0].what


def test_too_short_series_tells_both_spans(tmp_path):
    file = csv(tmp_path, table(HOURS, [1] * 6))
    spec = SeriesSpec("temp_air_degc", file=file, declared_in=Path("plant.yaml"), line=7)
    for start, hours in ((START, 6.5), (START - timedelta(hours=1), 1.0)):
        with pytest.raises(PlantError) as error:
            load_series({"temp_air_degc": spec}, start, hours * 3600)
        found = error.value.findings[0]
        assert (found.id, found.file, found.line) == ("series-too-short", Path("plant.yaml"), 7)
        assert "covers 2023-01-01T00:00Z to 2023-01-01T06:00Z, wanted 20" in found.what
        assert "'repeat: true'" in found.remedy


def test_repeated_series_starts_over(tmp_path):
    file = csv(tmp_path, table(HOURS, [0, 1, 2, 3, 4, 5]))
    series = load(file, 8.0, START + timedelta(hours=4), is_repeated=True)
    assert (series.values - 273.15).round(9).tolist() == [4, 5, 0, 1, 2, 3, 4, 5, 0]


def test_constant_and_inline_values():
    specs = {
        "temp_air_degc": SeriesSpec("temp_air_degc", constant=15.0),
        "wind_power_pu": SeriesSpec("wind_power_pu", values=(3.0, 5.0), resolution_s=1800, scale=0.1),
    }
    loaded = load_series(specs, START + timedelta(seconds=7), 3600)
    assert loaded["temp_air_degc"].at(0.0) == loaded["temp_air_degc"].at(3600.0) == 288.15
    wind = loaded["wind_power_pu"]
    assert (wind.offset_s, wind.at(0.0), wind.at(1799.0), wind.at(1800.0)) == (0, pytest.approx(0.3), 0.3 + 5e-17, 0.5)
    with pytest.raises(PlantError, match="series-too-short"):
        load_series(specs, START, 3601)


def test_scenario_series_win():
    own = {"temp_air_degc": SeriesSpec("temp_air_degc", constant=15.0)}
    other = {"temp_air_degc": SeriesSpec("temp_air_degc", constant=-5.0)}
    assert load_series(own, START, 60, other)["temp_air_degc"].values[0] == 268.15


def test_unknown_series_suggests_the_nearest():
    own = {"temp_air_degc": SeriesSpec("temp_air_degc", constant=15.0)}
    _, findings = read_series(own, START, 60, names=["temp_air_degK"])
    assert findings[0].id == "unknown-series" and "'temp_air_degc'" in findings[0].remedy


def test_hour_of_week_follows_the_wall_clock():
    # 1 January 2023 was a Sunday: hour 144 of the week; the clock went forward on Sunday 26 March at 01:00 UTC
    def hours(start: datetime, zone: str, n_hours: float = 4.0) -> Series:
        return load_series({}, start, n_hours * 3600, timezone=zone, names=["calendar_hour_of_week"])[
            "calendar_hour_of_week"
        ]

    assert hours(START, "UTC").values[:5].tolist() == [144.0, 144.25, 144.5, 144.75, 145.0]
    assert hours(START, "Europe/Amsterdam").values[0] == 145.0
    shifted = hours(START + timedelta(seconds=1000), "UTC")
    assert (shifted.offset_s, shifted.values[0], shifted.at(0.0)) == (100, 144.25, 144.25)
    spring = hours(datetime(2023, 3, 26, 0, tzinfo=UTC), "Europe/Amsterdam")
    assert spring.values[::4].tolist() == [145.0, 147.0, 148.0, 149.0, 150.0]
    autumn = hours(datetime(2023, 10, 28, 23, tzinfo=UTC), "Europe/Amsterdam")
    assert autumn.values[::4].tolist() == [145.0, 146.0, 146.0, 147.0, 148.0]
    week = hours(START, "UTC", 8 * 24)
    assert week.values.min() == 0.0 and week.values.max() == 167.75


def test_bundled_year_is_whole():
    # figures of the published series: mean and range of the NL day-ahead auction 2023, capacity factor of the turbine
    file = DATA / "nl_2023.csv.gz"
    names = ("price_eur_per_mwh", "wind_power_pu", "temp_air_degc", "ghi_w_per_m2", "wind_speed_100m_m_per_s")
    specs = {n: series_spec(n, file=file, column=n, mode="hold") for n in names}
    loaded = load_series(specs, START, 8760 * 3600)
    price = loaded["price_eur_per_mwh"].values[:8760] * 3.6e9
    assert len(loaded["price_eur_per_mwh"].values) == 8761
    assert (price.mean(), price.min(), price.max()) == pytest.approx((95.82, -500.0, 463.77), abs=5e-3)
    assert int((price < 0).sum()) == 315
    assert loaded["wind_power_pu"].values[:8760].mean() == pytest.approx(0.471, abs=5e-4)
    assert all(np.isfinite(series.values).all() for series in loaded.values())


@pytest.mark.parametrize(("stamps", "first"), [("middle", "2023-01-01T00:30Z"), ("end", "2023-01-01T01:00Z")])
def test_means_are_joined_through_the_middle_of_their_intervals(tmp_path, stamps, first):
    begin = datetime.fromisoformat(first)
    times = [(begin + timedelta(hours=i)).strftime("%Y-%m-%dT%H:%MZ") for i in range(4)]
    file = csv(tmp_path, table(times, [10, 20, 40, 40]))
    series = load(file, 4.0, stamps=stamps)
    shown = [round(series.at(60.0 * minute) - 273.15, 9) for minute in (0, 30, 60, 90, 120, 150, 240)]
    assert shown == [10, 10, 15, 20, 30, 40, 40]
    half = load(file, 2.0, START + timedelta(minutes=45), stamps=stamps)
    assert [round(half.at(60.0 * minute) - 273.15, 9) for minute in (0, 15, 45)] == [12.5, 15, 20]
    assert 0 <= half.offset_s < half.resolution_s
