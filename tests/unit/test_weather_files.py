"""Weather files of known formats: first and last value, step, clock and place, as each format's own documents say."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from h2plant.config.series_reader import load_series, read_series
from h2plant.config.tables.axis import show_time, time_axis
from h2plant.config.tables.read import read_table
from h2plant.config.tables.table import Place, Table
from h2plant.config.weather import far_away, fed_columns
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.series_spec import Description, SeriesSpec
from tests.series_spec import series_spec

HEADS = Path(__file__).parents[1] / "data" / "formats"
K = 273.15


def read(file: Path) -> tuple[Table, list[Finding]]:
    findings: list[Finding] = []
    table = read_table(file, findings)
    assert table is not None, findings
    return table, findings


def series(file: Path, name: str, start: datetime, hours: float, **said: object) -> np.ndarray:
    spec = series_spec(name, file=file, **{"mode": "hold", **said})
    return load_series({name: spec}, start, hours * 3600.0)[name].values


# first stamp (begin of its interval) in UTC, step, zone, series, first and last value in SI: read off the file by eye
EPW, TMY3 = "EPW (AMSTERDAM, IWEC Data)", "TMY3 (GREENSBORO PIEDMONT TRIAD INT)"
SRW = "SAM wind resource (.srw)"
EXPECTED = [
    ("amsterdam.epw", EPW, "1994-12-31T23:00Z", 3600, "Etc/GMT-1", "temp_air_degc", 5.2 + K, 6.9 + K),
    ("amsterdam.epw", EPW, "1994-12-31T23:00Z", 3600, "Etc/GMT-1", "ghi_w_per_m2", 0.0, 74.0),
    ("tmy3.csv", TMY3, "1988-01-01T19:00Z", 3600, "Etc/GMT+5", "temp_air_degc", 10 + K, 4.6 + K),
    ("tmy3.csv", TMY3, "1988-01-01T19:00Z", 3600, "Etc/GMT+5", "pressure_air_pa", 99300, 98400),
    ("pvgis_hourly.csv", "PVGIS hourly", "2016-01-01T04:10Z", 3600, "UTC", "poa_w_per_m2", 0.0, 31.5 + 15.75 + 0.63),
    ("pvgis_hourly.csv", "PVGIS hourly", "2016-01-01T04:10Z", 3600, "UTC", "temp_air_degc", 3.5 + K, 1.75 + K),
    ("pvgis_power.csv", "PVGIS hourly", "2020-06-01T10:55Z", 3600, "UTC", "pv_power_pu", 0.1, 0.8),
    ("pvgis_power.csv", "PVGIS hourly", "2020-06-01T10:55Z", 3600, "UTC", "ghi_w_per_m2", 300.0, 650.7),
    ("pvgis_tmy.csv", "PVGIS typical year", "2018-01-31T18:00Z", 3600, "UTC", "relative_humidity_frac", 0.9438, 0.835),
    ("nsrdb_psm4.csv", "NSRDB", "2022-01-01T07:30Z", 3600, "Etc/GMT+7", "pressure_air_pa", 83000, 82100),
    ("sam_tmy.csv", "SAM CSV (TMY3)", "1994-01-31T14:30Z", 3600, "offset", "temp_air_degc", 7.5 + K, 7.25 + K),
    ("wy.srw", SRW, "2013-01-01T07:00Z", 3600, "Etc/GMT+7", "wind_speed_80m_m_per_s", 10.665, 9.765),
    ("wtk.csv", "WIND Toolkit", "2014-01-01T06:00Z", 3600, "Etc/GMT+6", "wind_speed_100m_m_per_s", 6.0, 6.9),
    ("ninja_wind.csv", "renewables.ninja", "2019-01-01T00:00Z", 3600, "UTC", "wind_power_pu", 0.5, 0.725),
    ("ninja_wind.csv", "renewables.ninja", "2019-01-01T00:00Z", 3600, "UTC", "wind_speed_100m_m_per_s", 8.0, 10.25),
    ("ninja_pv_saved.csv", "renewables.ninja", "2014-02-03T20:00Z", 3600, "UTC", "pv_power_pu", 0.0, 0.912),
    ("openmeteo.csv", "Open-Meteo", "2023-01-01T00:30Z", 3600, "offset", "wind_speed_10m_m_per_s", 1.0, 1.9),
    ("openmeteo.csv", "Open-Meteo", "2023-01-01T00:30Z", 3600, "offset", "temp_air_degc", 8.5 + K, 17.5 + K),
]  # fmt: skip


@pytest.mark.parametrize(("name", "taken_for", "first", "step_s", "zone", "series_name", "begin", "end"), EXPECTED)
def test_a_head_is_read_as_it_is(name, taken_for, first, step_s, zone, series_name, begin, end):
    table, findings = read(HEADS / name)
    axis = time_axis(table, Description(), "Europe/Amsterdam", findings)
    assert axis is not None and not findings, findings
    assert (table.taken_for, show_time(axis.first_s), axis.resolution_s, axis.zone) == (taken_for, first, step_s, zone)
    assert series_name in fed_columns(table)
    start = datetime.fromtimestamp(axis.first_s, UTC)
    year = {"year": table.stamps.local_s[0].astype("datetime64[s]").item().year} if axis.is_typical else {}
    column = fed_columns(table)[series_name]
    values = series(HEADS / name, series_name, start, axis.n * step_s / 3600.0, column=column, **year)
    assert (values[0], values[axis.n - 1]) == (pytest.approx(begin), pytest.approx(end))


def test_places_are_those_of_the_preamble():
    places = {file.name: read(file)[0].place for file in HEADS.iterdir() if file.suffix in (".epw", ".csv", ".srw")}
    assert places["amsterdam.epw"] == Place(52.30, 4.77, -2.0)
    assert places["tmy3.csv"] == Place(36.1, -79.95, 273.0)
    assert places["pvgis_hourly.csv"] == Place(45.0, 8.0, 250.0)
    assert places["openmeteo.csv"] == Place(28.611, 77.209, 216.0)
    assert places["nsrdb_psm4.csv"] == Place(40.05, -105.22, 1600.0)
    assert places["wy.srw"] == Place(41.1, -104.9, 2088.0)
    assert places["ninja_wind.csv"] == Place(52.3, 4.9)
    assert places["nsrdb_psm3_2017.csv"] is None


def test_distance_of_amsterdam_and_rotterdam():
    """Schiphol to Rotterdam airport: 45.2 km by the great circle; to Maastricht airport 165 km."""
    schiphol = Place(52.3, 4.77)
    assert far_away(schiphol, 51.957, 4.437) is None
    assert far_away(schiphol, 50.916, 5.777) == pytest.approx(168.4, abs=0.5)
    assert far_away(None, 0.0, 0.0) is None


# Against pvlib -------------------------------------------------------------------------------------------------------
def test_epw_as_pvlib_reads_it():
    iotools = pytest.importorskip("pvlib.iotools")
    theirs, _ = iotools.read_epw(HEADS / "amsterdam.epw")
    table, findings = read(HEADS / "amsterdam.epw")
    axis = time_axis(table, Description(), "UTC", findings)
    assert axis is not None
    assert theirs.index[0].timestamp() == axis.first_s and len(theirs) == axis.n
    for column, name in (("Dry Bulb Temperature", "temp_air"), ("Global Horizontal Radiation", "ghi")):
        assert sum(map(float, table.text(column))) == pytest.approx(theirs[name].sum())


def test_tmy3_as_pvlib_reads_it():
    iotools = pytest.importorskip("pvlib.iotools")
    theirs, _ = iotools.read_tmy3(HEADS / "tmy3.csv", map_variables=False)
    table, findings = read(HEADS / "tmy3.csv")
    axis = time_axis(table, Description(), "UTC", findings)
    assert axis is not None
    assert [t.timestamp() - 3600 for t in theirs.index[[0, -1]]] == [axis.first_s, axis.first_s + 9 * 3600]  # they end
    assert sum(map(float, table.text("Dry-bulb (C)"))) == pytest.approx(theirs["Dry-bulb (C)"].sum())


def test_psm4_as_pvlib_reads_it():
    iotools = pytest.importorskip("pvlib.iotools")
    theirs, _ = iotools.read_nsrdb_psm4(HEADS / "nsrdb_psm4.csv", map_variables=False)
    table, findings = read(HEADS / "nsrdb_psm4.csv")
    axis = time_axis(table, Description(), "UTC", findings)
    assert axis is not None and theirs.index[0].timestamp() == axis.first_s
    for column in ("Temperature", "GHI", "Pressure", "Wind Speed"):
        assert sum(map(float, table.text(column))) == pytest.approx(theirs[column].sum())


def test_pvgis_as_pvlib_reads_it():
    iotools = pytest.importorskip("pvlib.iotools")
    theirs, _ = iotools.read_pvgis_hourly(HEADS / "pvgis_power.csv", pvgis_format="csv", map_variables=False)
    table, findings = read(HEADS / "pvgis_power.csv")
    axis = time_axis(table, Description(), "UTC", findings)
    assert axis is not None and theirs.index[0].timestamp() == axis.first_s
    assert sum(map(float, table.text("P"))) == pytest.approx(theirs["P"].sum())


# What is missing or broken -------------------------------------------------------------------------------------------
def test_markers_are_empty_cells_with_a_note():
    table, _ = read(HEADS / "amsterdam.epw")
    assert table.text("Atmospheric Station Pressure")[3] == "" and table.text("Wind Speed")[5] == ""
    assert "1 in 'Atmospheric Station Pressure' (999999), 1 in 'Wind Speed' (999.0)" in table.notes[0]
    start = datetime(2023, 1, 1, tzinfo=UTC)
    with pytest.raises(PlantError, match="missing-value"):
        series(HEADS / "amsterdam.epw", "pressure_air_pa", start, 9)
    spec = series_spec("pressure_air_pa", file=HEADS / "amsterdam.epw", mode="linear", is_filled=True)
    filled = load_series({"pressure_air_pa": spec}, start, 9 * 3600.0)["pressure_air_pa"]
    assert filled.at(3 * 3600.0) == pytest.approx((100000 + 99900) / 2)  # of 04:00 local time, which is 03:00 UTC


def test_rows_behind_a_footer_are_passed_over_with_a_note():
    table, _ = read(HEADS / "pvgis_hourly.csv")
    assert table.n_rows == 8
    assert table.notes[0] == "2 rows behind the footer (line 19) passed over, the first in line 29"


def test_a_last_line_that_is_cut_off_is_passed_over_with_a_note(tmp_path):
    text = (HEADS / "nsrdb_psm4.csv").read_text()
    file = tmp_path / "cut.csv"
    file.write_text(text[: text.rindex(",8")])  # within the last row
    table, _ = read(file)
    assert table.n_rows == 9 and table.notes == ("line 13 is cut off and was passed over",)


@pytest.mark.parametrize(
    ("name", "old", "new", "id", "line"),
    [
        ("pvgis_tmy.csv", "20180131:2000,", "2018013x:2000,", "bad-time", 21),
        ("pvgis_tmy.csv", "20180131:2000,", "20180132:2000,", "bad-time", 21),
        ("pvgis_hourly.csv", "20160101:0510,0.0,", "20160101:0510,", "ragged-row", 11),
        ("amsterdam.epw", "1995,1,1,4,60", "1995,1,1,25,60", "bad-time", 12),
        ("amsterdam.epw", ",1.0,-2.0", ",,-2.0", "empty-file", 1),
        ("tmy3.csv", "01/01/1988,18:00", "13/01/1988,18:00", "bad-time", 6),
        ("tmy3.csv", ",-5.0,", ",,", "bad-time", 1),
        ("nsrdb_psm4.csv", "2022,1,1,4,30", "2022,1,1,4,75", "bad-time", 8),
        ("wy.srw", "\n50,50,50,50,80,80,80,80", "\n50,50,50,50,80", "ragged-row", 5),
        ("openmeteo.csv", ",19800,", ",,", "bad-time", 2),
    ],
)
def test_a_broken_file_is_a_finding_with_its_line(tmp_path, name, old, new, id, line):
    text = (HEADS / name).read_text()
    assert old in text
    file = tmp_path / name
    file.write_text(text.replace(old, new))
    findings: list[Finding] = []
    assert read_table(file, findings) is None
    assert [(f.id, f.line) for f in findings] == [(id, line)]


def test_two_files_joined_end_at_the_second_header(tmp_path):
    file = tmp_path / "two.epw"
    file.write_text((HEADS / "amsterdam.epw").read_text() * 2)
    table, _ = read(file)
    assert table.n_rows == 10 and "10 rows behind the footer (line 19) passed over" in table.notes[0]


@pytest.mark.parametrize("name", ["amsterdam.epw", "nsrdb_psm4.csv", "pvgis_tmy.csv", "openmeteo.csv", "wy.srw"])
def test_a_file_that_a_spreadsheet_saved_with_semicolons_is_the_same(tmp_path, name):
    rows = (HEADS / name).read_text().splitlines()
    file = tmp_path / f"{name}.gz"
    file.write_bytes(gzip.compress("\r\n".join(row.replace(",", ";").replace(".", ",") for row in rows).encode()))
    ours, theirs = read(file)[0], read(HEADS / name)[0]
    assert ours.taken_for[:6] == theirs.taken_for[:6] and ours.quantities.keys() == theirs.quantities.keys()
    assert ours.place == theirs.place
    assert ours.stamps is not None and theirs.stamps is not None
    assert (ours.stamps.local_s == theirs.stamps.local_s).all() and ours.stamps.zones == theirs.stamps.zones
    for column in theirs.quantities:
        assert [cell.replace(",", ".") for cell in ours.text(column)] == theirs.text(column)


def test_units_are_those_that_the_file_says(tmp_path):
    text = (HEADS / "nsrdb_psm4.csv").read_text().replace("c,mbar,Degrees,m/s", "k,pa,Degrees,km/h")
    file = tmp_path / "units.csv"
    file.write_text(text)
    table, _ = read(file)
    units = {quantity.name: quantity.unit for quantity in table.quantities.values()}
    assert (units["temp_air"], units["pressure_air"], units["wind_speed"]) == ("k", "pa", "km_per_h")


def test_the_zone_of_an_nsrdb_file_without_its_preamble_is_asked_for():
    spec = SeriesSpec("temp_air_degc", file=HEADS / "nsrdb_psm3_2017.csv")
    _, found = read_series({spec.name: spec}, datetime(2017, 1, 1, 18, tzinfo=UTC), 3600, timezone="Europe/Amsterdam")
    assert [f.id for f in found] == ["ambiguous-zone"]
    values = series(spec.file, spec.name, datetime(2017, 1, 1, 18, tzinfo=UTC), 2, timezone="Etc/GMT+7")
    assert values[0] == pytest.approx(K - 8.4)


def test_a_srw_file_of_the_toolkit_asks_for_its_zone(tmp_path):
    """There a 1 stands where SAM's own files have the zone."""
    file = tmp_path / "1.srw"
    file.write_text((HEADS / "wy.srw").read_text().replace("2088,-7,8760", "Not Available,1,8760"))
    table, findings = read(file)
    assert time_axis(table, Description(), "America/Denver", findings) is None
    assert [f.id for f in findings] == ["ambiguous-zone"]


# Times ---------------------------------------------------------------------------------------------------------------
def test_instants_behind_the_hour_stand_for_that_hour_too():
    """A run may begin at the hour whose image was taken at ten past; lines join the instants themselves."""
    start = datetime(2016, 1, 1, 4, tzinfo=UTC)
    one = load_series({"t_degc": SeriesSpec("t_degc", file=HEADS / "pvgis_hourly.csv", column="T2m", mode="linear")},
                      start, 3 * 3600)["t_degc"]  # fmt: skip
    assert one.at(0.0) == pytest.approx(3.5 + K) and one.at(600.0) == pytest.approx(3.5 + K)
    assert one.at(600.0 + 1800.0) == pytest.approx(3.375 + K)
    assert "first-value" in [note.id for note in one.notes]
    with pytest.raises(PlantError, match="series-too-short"):
        series(HEADS / "pvgis_hourly.csv", "temp_air_degc", datetime(2016, 1, 1, 3, tzinfo=UTC), 3)


def test_means_of_the_hour_before_begin_with_that_hour():
    """Open-Meteo: radiation is "the average of the preceding hour"."""
    values = series(HEADS / "openmeteo.csv", "ghi_w_per_m2", datetime(2023, 1, 1, 0, 30, tzinfo=UTC), 8)
    assert values[:3].tolist() == [50.0, 100.0, 150.0]  # 06:00 to 07:00 local time: the row of 07:00
    with pytest.raises(PlantError, match="missing-value"):  # of the hour behind the last row nothing is known
        series(HEADS / "openmeteo.csv", "ghi_w_per_m2", datetime(2023, 1, 1, 0, 30, tzinfo=UTC), 10)


def test_a_typical_year_is_that_of_the_run():
    start = datetime(2023, 1, 31, 20, tzinfo=UTC)
    spec = SeriesSpec("temp_air_degc", file=HEADS / "pvgis_tmy.csv", mode="linear")
    one = load_series({spec.name: spec}, start, 6 * 3600)[spec.name]
    assert one.values[:5] == pytest.approx([2.3 + K, 2.2 + K, 2.1 + K, 2.0 + K, 4.0 + K])  # into February, of 2007
    assert "a typical year, taken for 2023 of which the file holds a part" in one.notes[0].what


def test_a_part_of_a_typical_year_does_not_start_over():
    """A week of January stood for March, and its hours of the day drifted."""
    spec = SeriesSpec("temp_air_degc", file=HEADS / "amsterdam.epw", mode="linear")
    with pytest.raises(PlantError, match="series-too-short"):
        load_series({spec.name: spec}, datetime(2023, 3, 1, tzinfo=UTC), 3600)


def test_a_typical_year_with_year_stands_for_that_year_only():
    how = {"file": HEADS / "pvgis_tmy.csv", "year": 2021}
    values = series(name="temp_air_degc", start=datetime(2021, 1, 31, 18, tzinfo=UTC), hours=3, **how)
    assert values[0] == pytest.approx(2.5 + K)
    with pytest.raises(PlantError, match="series-too-short"):
        series(name="temp_air_degc", start=datetime(2022, 1, 31, 18, tzinfo=UTC), hours=3, **how)
    again = series(name="temp_air_degc", start=datetime(2021, 1, 31, 17, tzinfo=UTC), hours=1, is_repeated=True, **how)
    assert again[1] == pytest.approx(2.5 + K)


def typical_year(file: Path) -> Path:
    """Write a typical year of PVGIS whose temperature, degC, is the two hundredth part of the hour of the year."""
    lines = (HEADS / "pvgis_tmy.csv").read_text().splitlines()
    begin = np.datetime64("2007-01-01T00", "h")
    stamps = np.datetime_as_string(begin + np.arange(8760))
    months = [2001 + int(stamp[5:7]) for stamp in stamps]
    rows = [
        f"{year}{stamp[5:7]}{stamp[8:10]}:{stamp[11:13]}00,{k / 200:.3f},50,0,0,0,300,1,0,99000"
        for k, (stamp, year) in enumerate(zip(stamps, months, strict=True))
    ]
    file.write_text("\n".join([*lines[:18], *rows, *lines[28:]]))
    return file


def test_a_whole_typical_year_is_read_and_starts_over(tmp_path):
    file = typical_year(tmp_path / "tmy.csv")
    values = series(file, "temp_air_degc", datetime(2022, 12, 31, 22, tzinfo=UTC), 4)
    assert values[:4] == pytest.approx([43.79 + K, 43.795 + K, K, 0.005 + K])


def test_files_are_read_again_once_they_change(tmp_path):
    file = tmp_path / "weather.csv"
    text = (HEADS / "nsrdb_psm4.csv").read_text()
    file.write_text(text)
    assert read(file)[0].text("Temperature")[0] == "-3.5"
    file.write_text(text.replace("-3.5", "-4.5", 1))
    assert read(file)[0].text("Temperature")[0] == "-4.5"


def test_the_last_mean_of_a_night_is_zero(tmp_path):
    """Of 23:00 to 24:00 of the second day nothing is said; the hour before is dark, and so was it the day before."""
    rows = [f"2023-01-{1 + k // 24:02d}T{k % 24:02d}:00,{100.0 if 8 < k % 24 < 17 else 0.0}" for k in range(48)]
    head = (HEADS / "openmeteo.csv").read_text().replace("19800", "0").splitlines()[:3]
    file = tmp_path / "om.csv"
    file.write_text("\n".join([*head, "time,shortwave_radiation (W/m²)", *rows]) + "\n")
    values = series(file, "ghi_w_per_m2", datetime(2023, 1, 1, tzinfo=UTC), 48)
    assert values[7:9].tolist() == [0.0, 100.0] and values[47] == 0.0


def test_an_epw_file_of_a_real_year_is_of_that_year(tmp_path):
    file = tmp_path / "amy.epw"
    file.write_text((HEADS / "amsterdam.epw").read_text().replace("IWEC Data", "AMY").replace("AMSTERDAM", "COVENTRY"))
    table, findings = read(file)
    axis = time_axis(table, Description(), "UTC", findings)
    assert axis is not None and not axis.is_typical
    assert read(HEADS / "amsterdam.epw")[0].stamps.is_typical


def test_a_typical_year_without_29_february_is_read_in_a_leap_year(tmp_path):
    """The hour 58 * 24 - 1 of the year is the last of 27 February."""
    file = typical_year(tmp_path / "tmy.csv")
    values = series(file, "temp_air_degc", datetime(2024, 2, 27, 23, tzinfo=UTC), 2)
    assert values[:2] == pytest.approx([(58 * 24 - 1) / 200 + K, 58 * 24 / 200 + K])


def test_lines_go_through_the_stamp_of_what_was_read_then_and_the_middle_of_a_mean():
    """EPW: dry bulb is read when the hour ends, radiation is the sum of the hour before (its data dictionary)."""
    rows = (HEADS / "amsterdam.epw").read_text(encoding="latin-1").splitlines()[8:]
    temperatures = [float(row.split(",")[6]) for row in rows]
    radiation = [float(row.split(",")[13]) for row in rows]
    start = datetime(1994, 12, 31, 23, tzinfo=UTC)
    specs = {
        name: series_spec(name, file=HEADS / "amsterdam.epw", mode="linear", year=1995)
        for name in ("temp_air_degc", "ghi_w_per_m2")
    }
    loaded = load_series(specs, start, len(rows) * 3600.0)
    for i in range(len(rows) - 1):
        assert loaded["temp_air_degc"].at((i + 1) * 3600.0) == pytest.approx(temperatures[i] + K)
        assert loaded["ghi_w_per_m2"].at((i + 0.5) * 3600.0) == pytest.approx(radiation[i])


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("amsterdam.epw", ",1.0,", ",-11.0,"), ("tmy3.csv", ",-5.0,", ",5.0,")],
)
def test_a_clock_that_is_not_of_the_place_is_found(tmp_path, name, old, new):
    first, rest = (HEADS / name).read_text(encoding="latin-1").split("\n", 1)
    assert old in first
    file = tmp_path / name
    file.write_text(first.replace(old, new) + "\n" + rest, encoding="latin-1")
    findings: list[Finding] = []
    table = read_table(file, findings)
    assert table is None and [f.id for f in findings] == ["zone-conflict"]


@pytest.mark.parametrize("fields", ["1-5,7-", "1-16,18-"])
def test_a_field_of_epw_that_is_missing_is_found(tmp_path, fields):
    """Fields have no names: without one, the next ones stood in its place, sky cover for wind."""
    kept = [int(end) for part in fields.split(",") for end in part.split("-") if end]
    lines = (HEADS / "amsterdam.epw").read_text(encoding="latin-1").splitlines()
    rows = [",".join(c for k, c in enumerate(row.split(","), 1) if k <= kept[1] or k >= kept[2]) for row in lines[8:]]
    file = tmp_path / "a.epw"
    file.write_text("\n".join([*lines[:8], *rows]) + "\n", encoding="latin-1")
    findings: list[Finding] = []
    table = read_table(file, findings)
    assert table is None and [f.id for f in findings] == ["ragged-row"]


@pytest.mark.parametrize(("n", "is_whole"), [(17520, True), (17568, True), (9000, False)])
def test_srw_of_half_hours_in_a_leap_year(tmp_path, n, is_whole):
    lines = (HEADS / "wy.srw").read_text().splitlines()
    site = lines[0].split(",")
    site[4], site[9] = "2012", str(n)
    file = tmp_path / "a.srw"
    file.write_text("\n".join([",".join(site), *lines[1:5], *[lines[5]] * n]) + "\n")
    findings: list[Finding] = []
    table = read_table(file, findings)
    if not is_whole:
        assert table is None and [f.id for f in findings] == ["ambiguous-time"]
        return
    assert table.stamps.local_s[-1] == np.datetime64("2012-12-31T23:30", "s").astype(np.int64)
    march = int(np.searchsorted(table.stamps.local_s, np.datetime64("2012-03-01", "s").astype(np.int64)))
    assert march == (59 if n == 17520 else 60) * 48
