"""Files that were read to another value than they tell, one of each kind: what they tell now, or what is asked."""

from datetime import UTC, datetime, timedelta

import pytest

from h2plant.config.series_reader import read_series
from tests.command import h2plant as h2plant_command
from tests.series_spec import series_spec


def read(tmp_path, text, start, name="price_eur_per_mwh", n=3, step_h=1.0, plant="UTC", **entry):
    """Return the numbers of the first intervals from a start in UTC on, in the unit of the series, and finding ids."""
    file = tmp_path / "a.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    spec = series_spec(name, **{"file": file, "mode": "hold", **entry})
    begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
    loaded, findings = read_series({name: spec}, begin, n * step_h * 3600, timezone=plant)
    if name not in loaded:
        return [f.id for f in findings if f.severity == "error"]
    one = loaded[name]
    si = spec.si
    return [round((one.at(k * step_h * 3600) - si.offset) / si.factor, 6) for k in range(n)]


def hourly(header, first, n=4, form="%Y-%m-%d %H:%M", step_h=1.0, sign=","):
    """Return a table of the numbers 1, 2, 3 ..."""
    begin = datetime.fromisoformat(first)
    times = [begin + timedelta(hours=step_h * k) for k in range(n)]
    return "\n".join([header, *(f"{time.strftime(form)}{sign}{k + 1}" for k, time in enumerate(times))]) + "\n"


@pytest.mark.parametrize(
    ("says", "start"),
    [
        ("HourUTC", "2023-07-01T00:00"),
        ("Time (GMT/BST)", "2023-06-30T23:00"),
        ("Time UTC+5:30", "2023-06-30T18:30"),
        ("Time UTC\u22125", "2023-07-01T05:00"),
        ("Time (UTC+1/UTC+2)", "2023-06-30T22:00"),
        ("Time (EST/EDT)", "2023-07-01T04:00"),
        ("time [Europe/Berlin]", "2023-06-30T22:00"),
    ],
)
def test_clock_that_a_name_says(tmp_path, says, start):
    text = hourly(f"{says},price_eur_per_mwh", "2023-07-01T00:00")
    assert read(tmp_path, text, start) == [1, 2, 3]


@pytest.mark.parametrize("says", ["Time (IST)", "Time (CST)", "Local time", "Time (UTC+5:20)", "Zeit (CET)"])
def test_clock_that_is_asked_for(tmp_path, says):
    text = hourly(f"{says},price_eur_per_mwh", "2023-07-01T00:00")
    assert read(tmp_path, text, "2023-07-01T00:00") == ["ambiguous-zone"]
    assert read(tmp_path, text, "2023-06-30T22:00", timezone="Europe/Berlin") == [1, 2, 3]


def test_local_time_is_that_of_the_plant(tmp_path):
    text = hourly("Local time,price_eur_per_mwh", "2023-07-01T00:00")
    assert read(tmp_path, text, "2023-06-30T22:00", plant="Europe/Berlin") == [1, 2, 3]


def test_clock_before_the_header(tmp_path):
    text = "Station 12\nTime zone: MEZ\nmade 2023-01-05 12:00 UTC\n\n" + hourly(
        "Zeit;price_eur_per_mwh", "2023-01-01", sign=";"
    )
    assert read(tmp_path, text, "2022-12-31T23:00") == [1, 2, 3]
    assert read(tmp_path, text, "2022-12-31T23:00", timezone="UTC") == ["zone-conflict"]


def test_utc_counts_of_two_columns_of_times(tmp_path):
    rows = [f"2023-07-01 {k + 2:02}:00,2023-07-01 {k:02}:00,{k + 1}" for k in range(4)]
    text = "\n".join(["HourDK,HourUTC,price_eur_per_mwh", *rows])
    assert read(tmp_path, text, "2023-07-01T00:00") == [1, 2, 3]
    assert read(tmp_path, text.replace("HourUTC", "Made"), "2023-07-01T00:00") == ["which-column"]


def test_clock_change_two_days_before_the_file(tmp_path):
    text = hourly("time,price_eur_per_mwh", "2023-03-28T00:15")
    assert read(tmp_path, text, "2023-03-27T22:15", timezone="Europe/Berlin") == [1, 2, 3]


def test_hour_that_the_clock_shows_twice_and_the_file_once(tmp_path):
    text = hourly("time,price_eur_per_mwh", "2023-10-29T00:00", n=8)
    assert read(tmp_path, text, "2023-10-28T22:00", timezone="Europe/Berlin") == ["ambiguous-time"]


@pytest.mark.parametrize("first", ["2023-03-26T00:00", "2023-10-29T00:00"])
def test_no_jump_at_a_clock_change_may_be_winter_time_all_year(tmp_path, first):
    text = hourly("time,price_eur_per_mwh", first, n=8)
    assert read(tmp_path, text, first, plant="Europe/Berlin") == [1, 2, 3]  # nobody says the clock: UTC, with a note
    winter = text.replace("time", "Zeit (MEZ)")
    assert read(tmp_path, winter, (datetime.fromisoformat(first) - timedelta(hours=1)).isoformat()) == [1, 2, 3]


def test_days_do_not_tell_winter_time_from_local_time(tmp_path):
    text = hourly("Zeit (MEZ),price_eur_per_mwh", "2023-03-24", step_h=24, n=6)
    assert read(tmp_path, text, "2023-03-23T23:00", step_h=24) == ["ambiguous-zone"]


@pytest.mark.parametrize(
    ("name", "column", "factor"),
    [
        ("wind_speed_m_per_s", "Wind, km/h", 1 / 3.6),
        ("wind_speed_m_per_s", "Wind in km h-1", 1 / 3.6),
        ("ghi_w_per_m2", "GHI [W/cm²]", 1e4),
        ("ghi_w_per_m2", "GHI (kJ/m²h)", 1 / 3.6),
        ("ghi_w_per_m2", "GHI kJ/(h·m²)", 1 / 3.6),
        ("ghi_w_per_m2", "GHI (Wh/m²)", 1),
        ("price_eur_per_mwh", "Preis (Cent / kWh)", 10),
        ("price_eur_per_mwh", "price_ct_kwh", 10),
        ("price_eur_per_mwh", "Price Euro/kWh", 1000),
        ("pressure_air_bar", "Pressure_mb", 1e-3),
        ("wind_power_pu", "Wind %", 0.01),
    ],
)
def test_unit_behind_a_name(tmp_path, name, column, factor):
    text = hourly(f"time;{column}", "2023-01-01", sign=";", n=4)
    if "cm²" in column:
        text = (
            text.replace(";1\n", ";0.01\n")
            .replace(";2\n", ";0.02\n")
            .replace(";3\n", ";0.03\n")
            .replace(";4\n", ";0.04\n")
        )
        factor /= 100
    assert read(tmp_path, text, "2023-01-01", name, column=column) == pytest.approx([factor * k for k in (1, 2, 3)])


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("wind_speed_m_per_s", "Wind (kt)"),
        ("wind_speed_m_per_s", "Wind knots"),
        ("temp_air_degc", "Temperature in °F"),
        ("temp_air_degc", "Air temperature, 1/10 °C"),
        ("ghi_w_per_m2", "GHI_BTU/ft²h"),
        ("ghi_w_per_m2", "GHI (J/cm²)"),
        ("price_eur_per_mwh", "SpotPriceHUF"),
        ("price_eur_per_mwh", "Price (c/kWh)"),
    ],
)
def test_unit_that_is_not_ours(tmp_path, name, column):
    assert read(tmp_path, hourly(f"time;{column}", "2023-01-01", sign=";"), "2023-01-01", name, column=column) == [
        "unknown-unit"
    ]


def test_energies_of_quarter_hours_are_no_mean_power(tmp_path):
    text = hourly("time,GHI (Wh/m²)", "2023-01-01", step_h=0.25)
    assert read(tmp_path, text, "2023-01-01", "ghi_w_per_m2", step_h=0.25, column="GHI (Wh/m²)") == ["unknown-unit"]


def test_newest_first(tmp_path):
    head, *rows = hourly("time_utc,price_eur_per_mwh", "2023-01-01", n=6).splitlines()
    assert read(tmp_path, "\n".join([head, *rows[::-1]]), "2023-01-01") == [1, 2, 3]
    rows[2], rows[3] = rows[3], rows[2]
    assert read(tmp_path, "\n".join([head, *rows[::-1]]), "2023-01-01") == ["unordered-time"]


def test_first_days_of_months_or_first_days_of_the_year(tmp_path):
    text = hourly("time_utc,price_eur_per_mwh", "2023-01-01", n=9, form="%m/%d/%Y", step_h=24)
    assert read(tmp_path, text, "2023-01-01", step_h=24) == ["ambiguous-time"]
    text = hourly("time_utc,price_eur_per_mwh", "2023-01-01", n=72, form="%m/%d/%Y %H:%M")
    assert read(tmp_path, text, "2023-01-01") == [1, 2, 3]


def test_months_end_where_the_next_begins(tmp_path):
    text = "time_utc,price_eur_per_mwh\n2020-03-01,1\n2020-04-01,2\n2020-05-01,3\n"
    assert read(tmp_path, text, "2020-02-01", n=2, step_h=28 * 24, stamps="end") == [1, 1]
    assert read(tmp_path, text, "2020-01-30", n=2, stamps="end") == ["series-too-short"]
    short = "time_utc,price_eur_per_mwh\n2022-12-01,1\n2023-01-01,2\n2023-02-01,3\n"
    assert read(tmp_path, short, "2023-02-28T23:00", n=1) == [3]
    assert read(tmp_path, short, "2023-03-01", n=1) == ["series-too-short"]
    middle = "time_utc,price_eur_per_mwh\n2023-01-16,1\n2023-02-14,2\n2023-03-16,3\n2023-04-15,3\n"
    assert read(tmp_path, middle, "2023-02-01", stamps="middle") == ["resolution"]


def test_days_that_there_are_not(tmp_path):
    text = "year,month,day,hour,price_eur_per_mwh\n2023,2,28,23,1\n2023,2,29,0,2\n2023,2,29,1,3\n"
    assert read(tmp_path, text, "2023-02-28T23:00") == ["bad-time"]
    text = "time,price_eur_per_mwh\n2023-365,1\n2023-366,2\n2024-002,3\n"
    assert read(tmp_path, text, "2023-12-31", time_format="%Y-%j", step_h=24) == ["bad-time"]


def test_intervals_begin_where_they_begin(tmp_path):
    rows = [f"2023-01-01 {k:02}:00 - 2023-01-01 {k + 1:02}:00,{k + 1}" for k in range(4)]
    text = "\n".join(["time_utc,price_eur_per_mwh", *rows])
    assert read(tmp_path, text, "2023-01-01") == [1, 2, 3]
    assert read(tmp_path, text, "2023-01-01", stamps="end") == ["stamps-conflict"]


def test_line_ends_of_old_macintoshes(tmp_path):
    text = hourly("time_utc;price_eur_per_mwh", "2023-01-01", sign=";").replace("\n", "\r")
    assert read(tmp_path, text, "2023-01-01") == [1, 2, 3]


def test_markers_among_lines_between_months(tmp_path):
    text = "time_utc,price_eur_per_mwh\n2024-03-01,-9999\n2024-04-01,1290.7\n2024-05-01,-9999\n2024-06-01,3\n"
    assert read(tmp_path, text, "2024-03-01", n=2, step_h=744, mode="linear") == ["out-of-bounds"]


def test_days_of_odd_length_follow_clock_changes_only(tmp_path):
    rows = ["2023-03-24 00:00", "2023-03-25 00:00", "2023-03-26 00:00", "2023-03-26 23:00", "2023-03-28 00:00"]
    text = "\n".join(["time_utc,price_eur_per_mwh", *(f"{row},{k}" for k, row in enumerate(rows))])
    assert set(read(tmp_path, text, "2023-03-24", step_h=24)) == {"uneven-time"}


def test_times_of_no_zone_that_jump_as_clocks_do_are_asked(tmp_path):
    """Berlin's clock, in a plant of UTC: read as UTC, the summer was two hours late."""
    text = hourly("time,price_eur_per_mwh", "2023-03-25T22:00", n=12).replace("2023-03-26 02:00,", "x,")
    rows = [line for line in text.splitlines() if not line.startswith("x,")]
    assert len(rows) == 12
    assert read(tmp_path, "\n".join(rows) + "\n", "2023-03-25T22:00") == ["ambiguous-zone"]


@pytest.mark.parametrize("stamp", ["Z", "+00:00"])
def test_a_zone_beside_times_with_another_offset_is_a_conflict(tmp_path, stamp):
    text = f"time,price_eur_per_mwh\n2023-01-01T00:00{stamp},1\n2023-01-01T01:00{stamp},2\n"
    assert read(tmp_path, text, "2023-01-01T00:00", timezone="Europe/Berlin") == ["zone-conflict"]


def test_a_total_behind_the_hours_is_no_hour(tmp_path):
    text = hourly("time_utc,price_eur_per_mwh", "2023-07-03T00:00", n=24) + "2023-07-04,300\n"
    assert read(tmp_path, text, "2023-07-03T21:00") == ["bad-time"]
    bare = text.replace("2023-07-03 00:00", "2023-07-03")  # midnights without their time, as R writes them
    assert read(tmp_path, bare, "2023-07-03T22:00") == [23, 24, 300]


def test_underscores_make_no_number(tmp_path):
    text = "time_utc,price_eur_per_mwh\n2023-07-03 00:00,1\n2023-07-03 01:00,1_0\n2023-07-03 02:00,2\n"
    assert read(tmp_path, text, "2023-07-03T00:00") == ["not-a-number"]


def test_one_spoilt_cell_does_not_hide_its_column(tmp_path):
    text = hourly("time_utc,Preis [EUR/MWh]", "2023-07-03T00:00", n=24).replace(",13\n", ",13*\n")
    assert read(tmp_path, text, "2023-07-03T00:00", column="Preis [EUR/MWh]") == ["not-a-number"]
    assert read(tmp_path, text, "2023-07-03T00:00") in (["not-a-number"], ["no-such-column"])


def test_columns_that_were_joined_to_times_are_noted(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("date,hour,price_eur_per_mwh\n2023-01-01,0,1\n2023-01-01,1,2\n2023-01-01,2,3\n")
    spec = series_spec("price_eur_per_mwh", file=file, mode="hold")
    _, findings = read_series({spec.name: spec}, datetime(2023, 1, 1, tzinfo=UTC), 3 * 3600.0)
    assert "date and hour from the columns 'date' and 'hour'" in findings[0].what


@pytest.mark.parametrize("entry", [{}, {"decimal": ","}])
def test_decimal_commas_that_part_cells_are_found(tmp_path, entry):
    """Read to the integer part: the unit in the header made as many cells of it as the decimals of the rows."""
    text = "time_utc,price,EUR/MWh\n2023-07-03 00:00,12,5\n2023-07-03 01:00,13,5\n2023-07-03 02:00,14,5\n"
    assert read(tmp_path, text, "2023-07-03T00:00", column="price", **entry) == ["ambiguous-number"]


def test_a_zone_of_several_meanings_in_a_line_before_the_header_is_asked(tmp_path):
    # IST is the time of India, of Israel and of Ireland in summer
    text = "Station 12\nAll times in IST\n\n" + hourly("time,price_eur_per_mwh", "2023-03-26T00:00")
    assert read(tmp_path, text, "2023-03-26T00:00") == ["ambiguous-zone"]


def test_a_zone_behind_the_word_hour_counts(tmp_path):
    rows = [f"2023\t3\t11\t{k}\t{k + 1}" for k in range(24)]
    text = "\n".join(["Year\tMonth\tDay\tHour - EPT\tPrice", *rows]) + "\n"
    assert read(tmp_path, text, "2023-03-11T05:00", column="Price") == [1, 2, 3]


@pytest.mark.parametrize(
    ("offset", "is_read"), [("+01:00", True), ("+14:00", True), ("+15:00", False), ("+01:60", False)]
)
def test_offsets_that_no_clock_has_are_no_times(tmp_path, offset, is_read):
    """Clocks are 12 h behind UTC to 14 h ahead of it (Line Islands), in whole quarter hours."""
    file = tmp_path / "prices.csv"
    rows = "".join(f"2023-01-{1 + h // 24:02d} {h % 24:02d}:00{offset},{h}\n" for h in range(48))
    file.write_text(f"time,price_eur_per_mwh\n{rows}", encoding="utf-8")
    answer = h2plant_command("look", file)
    assert (answer.exit_code == 0) == is_read, answer.text
    assert is_read or "bad-time" in answer.text
