"""``h2plant look``: facts, questions with what each answer would make of the file, and lines that read it."""

import gzip
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from h2plant.config.series_entry import parse_all_series
from h2plant.config.series_reader import load_series
from h2plant.config.tables import read
from h2plant.config.tables.look import N_PARTS, Look, look_at
from h2plant.config.tables.sheet import Sheet
from h2plant.config.tables.table import Flaws, Place, Quantity, Stamps, Table
from h2plant.config.yaml_source import read_yaml
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.series_spec import Description, series_unit
from tests.command import assert_refused, h2plant

START = datetime(2023, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(header: str, n: int, times: str = "%Y-%m-%d %H:%MZ", start: datetime = START, sign: str = ",") -> str:
    """A table whose first column holds hours and the others the number of the row."""
    width = header.count(sign)
    lines = (sign.join([f"{start + i * HOUR:{times}}", *[f"{i}.5"] * width]) for i in range(n))
    return "\n".join([header, *lines]) + "\n"


def pasted(found: Look, names: Collection[str] = ()) -> dict[str, tuple[int, float, float]]:
    """What the lines of a look read: step, s, first and last value in the unit of the name."""
    Path("entry.yaml").write_text("\n".join(["series:", *found.lines]) + "\n", encoding="utf-8")
    findings: list[Finding] = []
    node = read_yaml(Path("entry.yaml"), findings)
    assert node is not None and node.entries is not None
    specs = parse_all_series(node.entries["series"].node, Path("entry.yaml").resolve(), findings)
    assert not findings and found.first_s is not None and found.end_s is not None, findings
    start = datetime.fromtimestamp(found.first_s, UTC)
    specs = {name: replace(spec, mode="hold") for name, spec in specs.items()}  # each value from its begin on
    result = {}
    for name, one in load_series(specs, start, found.end_s - found.first_s, names=names or specs).items():
        unit = series_unit(name)
        assert unit is not None
        values = (one.values - unit.offset) / unit.factor
        n = (found.end_s - found.first_s) // one.resolution_s
        result[name] = (one.resolution_s, round(float(values[0]), 6), round(float(values[n - 1]), 6))
    return result


def answers(found: Look) -> list[tuple[str, str]]:
    (question,) = found.questions
    return [(answer.option, answer.consequence) for answer in question.answers]


# Files ---------------------------------------------------------------------------------------------------------------
def parquet(file: Path) -> None:
    pq.write_table(columns(), file)


def feather(file: Path) -> None:
    pa.feather.write_feather(columns(), str(file))


def columns() -> pa.Table:
    return pa.table({"time": [START + i * HOUR for i in range(4)], "temp_air_degc": [0.5, 1.5, 2.5, 3.5]})


def excel(file: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    page.append(["time_utc", "temp_air_degc"])
    for i in range(4):
        page.append([(START + i * HOUR).replace(tzinfo=None), i + 0.5])
    book.save(file)


def gzipped(file: Path) -> None:
    file.write_bytes(gzip.compress(rows("time_utc,temp_air_degc", 4).encode()))


@pytest.mark.parametrize(
    ("name", "write"),
    [("a.parquet", parquet), ("a.feather", feather), ("a.xlsx", excel), ("a.csv.gz", gzipped)],
)
def test_lines_of_every_kind_of_file_read_it(name, write):
    write(Path(name))
    found = look_at(Path(name))
    assert not found.questions and not found.findings
    assert (found.n_rows, found.steps[0].step_s, found.zone) == (4, 3600, "UTC")
    assert pasted(found) == {"temp_air_degc": (3600, 0.5, 3.5)}


def test_columns_feed_series_by_quantity_height_and_unit():
    header = "time_utc;T (°C);wind 10m [m/s];wind 100m [m/s];Luftdruck (hPa);Preis (ct/kWh);Regen (mm);Kurs (USD/MWh)"
    Path("a.csv").write_text(rows(header, 4, sign=";").replace("T (°C)", "Temp (°C)"), encoding="utf-8")
    found = look_at(Path("a.csv"))
    assert {one.name: one.series for one in found.columns if one.is_known} == {
        "Temp (°C)": "temp_air_degc",
        "wind 10m [m/s]": "wind_speed_10m_m_per_s",
        "wind 100m [m/s]": "wind_speed_100m_m_per_s",
        "Luftdruck (hPa)": "pressure_air_pa",
        "Preis (ct/kWh)": "price_eur_per_mwh",
    }
    # 0.5 hPa are 50 Pa, 0.5 ct/kWh are 5 EUR/MWh
    read = pasted(found)
    assert read["pressure_air_pa"] == (3600, 50.0, 350.0) and read["price_eur_per_mwh"] == (3600, 5.0, 35.0)
    assert read["wind_speed_100m_m_per_s"] == (3600, 0.5, 3.5)


def test_columns_of_one_quantity_are_told_apart_by_their_words():
    names = "Spain original [€/MWh];price_portugal_eur_per_mwh;Market price France (EUR/MWh);RRP (AUD/MWh);price"
    Path("a.csv").write_text(rows(f"time;{names}", 3, sign=";"), encoding="utf-8")
    shown = h2plant("look", "a.csv").text
    found = look_at(Path("a.csv"))
    assert [one.series for one in found.columns] == [
        *("price_spain_original_eur_per_mwh", "price_portugal_eur_per_mwh", "price_market_price_france_eur_per_mwh"),
        *("", ""),
    ]
    assert "not read in AUD/MWh" in shown and "does not say the unit of 'price'" in shown and "'RRP" not in shown


def test_a_format_says_place_quantities_and_clock(monkeypatch):
    def known(sheet: Sheet, how: Description, flaws: Flaws) -> Table:
        stamps = Stamps(["1", "2", "3"], np.array([3600, 7200, 10800]), None, ("Etc/GMT-1",), "the first line", "end")
        held = {"T2m": Quantity("temp_air", "degc", 2.0), "WS10m": Quantity("wind_speed", "m_per_s", 10.0)}
        values = {"T2m": np.array([1.0, 2.0, 3.0]), "WS10m": np.array([4.0, 5.0, 6.0])}
        return Table(
            sheet.file, values, np.array([3, 4, 5]), ",", "HOUSE", stamps, held,
            place=Place(45.0, -8.0, 250.0), notes=("footer passed",),
        )  # fmt: skip

    monkeypatch.setattr(read, "FORMATS", (known,))
    Path("a.csv").write_text("x,y\n1,2\n")
    found = look_at(Path("a.csv"))
    # hours that end at 01:00 to 03:00 of a clock an hour ahead
    assert (found.first_s, found.end_s, found.zone, found.at) == (-3600, 7200, "Etc/GMT-1", "end")
    assert (found.first_shown, found.end_shown) == ("1970-01-01 00:00", "1970-01-01 03:00")
    read_as = pasted(found)
    assert found.lines[0] == "  weather: {file: a.csv}" and "wind_speed_10m_m_per_s" in found.lines[1]
    assert (read_as["temp_air_degc"], read_as["wind_speed_10m_m_per_s"]) == ((3600, 1.0, 3.0), (3600, 4.0, 6.0))
    shown = h2plant("look", "a.csv")
    for part in (
        *("taken for HOUSE", "45 N, 8 W, 250 m above", "1969-12-31T23:00Z to 1970-01-01T02:00Z, 3 h"),
        *("UTC+1 (Etc/GMT-1): 1970-01-01 00:00 to", "stamps at the end", "footer passed", "T2m [°C]"),
    ):
        assert part in shown.text, part
    assert shown.exit_code == 0 and max(map(len, shown.stdout.splitlines())) <= 80


# Facts ---------------------------------------------------------------------------------------------------------------
def test_gaps_steps_missing_values_and_course():
    hours = [i for i in range(48) if not 10 <= i < 15 and i != 30]
    text = [f"2023-01-0{1 + i // 24}T{i % 24:02}:00Z,{'' if i == 3 else i},{i % 2}" for i in hours]
    quarters = [f"2023-01-03T{i // 4:02}:{i % 4 * 15:02}Z,48,{i % 2}" for i in range(8)]
    Path("a.csv").write_text("\n".join(["time,temp_air_degc,wind_power_pu", *text, *quarters]) + "\n")
    found = look_at(Path("a.csv"))
    first_s = int(START.timestamp())
    assert [(one.since_s - first_s, one.step_s) for one in found.steps] == [(0, 3600), (48 * 3600, 900)]
    assert [((g.begin_s - first_s) // 3600, (g.end_s - first_s) // 3600, g.line) for g in found.gaps] == [
        (10, 15, 12),
        (30, 31, 27),
    ]
    assert found.n_missing_rows == 6
    air, wind = found.columns
    assert (air.first, air.last, air.least, air.largest, air.n_missing) == (0.0, 48.0, 0.0, 48.0, 1)
    assert wind.n_missing == 0 and len(wind.course) == N_PARTS
    shown = h2plant("look", "a.csv").text
    assert "6 rows missing in 2 gaps, the longest 5 h from 2023-01-01T10:00Z on (line 12)" in shown
    assert "'max_gap_h: 5'" in shown and "1 h, from 2023-01-03T00:00Z on 15 min" in shown


def test_course_is_drawn_from_least_to_largest_and_blank_in_gaps():
    text = [f"2023-01-01T{i:02}:00Z,{i}" for i in range(24) if not 12 <= i < 15]
    Path("a.csv").write_text("\n".join(["time,temp_air_degc", *text]) + "\n")
    drawn = next(line for line in h2plant("look", "a.csv").stdout.splitlines() if "▁" in line)
    course = drawn[32:]
    assert course[0] == "▁" and course[-1] == "█" and len(course) <= N_PARTS
    assert list(course.replace(" ", "")) == sorted(course.replace(" ", ""))


def test_values_beyond_bounds_are_asked_for_at_their_line():
    lines = [f"2023-01-01 0{i}:00Z,{value}" for i, value in enumerate((285, 286, -999))]
    Path("a.csv").write_text("\n".join(["time,temp_air_degc", *lines]) + "\n")
    found = look_at(Path("a.csv"))
    (finding,) = found.findings
    assert (finding.id, finding.line) == ("out-of-bounds", 2) and "kelvin?" in finding.remedy
    assert_refused(h2plant("look", "a.csv"), "a.csv:2: [out-of-bounds] column 'temp_air_degc': 285 is not within -70")


# Questions -----------------------------------------------------------------------------------------------------------
def test_no_word_of_the_zone_is_asked_and_an_answer_settles_it():
    Path("a.csv").write_text(rows("time,price_eur_per_mwh", 4, "%Y-%m-%d %H:%M"))
    found = look_at(Path("a.csv"))
    assert answers(found) == [
        ("--timezone UTC", "2023-01-01T00:00Z to 2023-01-01T04:00Z"),
        ("--timezone Europe/Brussels", "2022-12-31T23:00Z to 2023-01-01T03:00Z"),
    ]
    assert h2plant("look", "a.csv").exit_code == 2
    settled = look_at(Path("a.csv"), Description(timezone="Europe/Brussels"))
    assert not settled.questions and pasted(settled) == {"price_eur_per_mwh": (3600, 0.5, 3.5)}
    assert "timezone: Europe/Brussels" in settled.lines[0]


def test_times_that_jump_with_summer_time_are_asked_where():
    # CEST ends on 29 October 2023 at 03:00, which is 01:00 UTC: the hour from 02:00 on comes twice
    shown = [f"2023-10-29 {h:02}:00" for h in (0, 1, 2, 2, 3, 4)]
    Path("a.csv").write_text("\n".join(["time,price_eur_per_mwh", *(f"{t},1" for t in shown)]) + "\n")
    found = look_at(Path("a.csv"))
    assert not found.findings and "jump with" in found.questions[0].text
    assert ("--timezone Europe/Brussels", "2023-10-28T22:00Z to 2023-10-29T04:00Z") in answers(found)


def test_day_or_month_first_is_asked_with_both_formats():
    Path("a.csv").write_text(rows("Date,price_eur_per_mwh", 3, "%m/%d/%Y %I:%M %p", datetime(2023, 3, 4, 9)))
    found = look_at(Path("a.csv"))
    assert answers(found) == [
        ('--time-format "%d/%m/%Y %I:%M %p"', "2023-04-03T09:00Z to 2023-04-03T12:00Z"),
        ('--time-format "%m/%d/%Y %I:%M %p"', "2023-03-04T09:00Z to 2023-03-04T12:00Z"),
    ]
    settled = look_at(Path("a.csv"), Description(time_format="%m/%d/%Y %I:%M %p", timezone="UTC"))
    assert pasted(settled) == {"price_eur_per_mwh": (3600, 0.5, 2.5)}


def test_rows_of_one_time_are_asked_for_by_what_tells_them_apart():
    lines = [f"{START + i * HOUR:%Y-%m-%d %H:%MZ},Sequence {k},{10 * k + i}" for i in range(4) for k in (1, 2)]
    Path("a.csv").write_text("\n".join(["time,Sequence,Price (EUR/MWh)", *lines]) + "\n")
    found = look_at(Path("a.csv"))
    assert answers(found) == [
        ('--filter "Sequence=Sequence 1"', "4 rows, one every 60 min, 'Price (EUR/MWh)' begins with 10"),
        ('--filter "Sequence=Sequence 2"', "4 rows, one every 60 min, 'Price (EUR/MWh)' begins with 20"),
    ]
    told = h2plant("look", "a.csv", "--filter", "Sequence=Sequence 2")
    assert told.exit_code == 0 and "filter: {Sequence: Sequence 2}" in told.text
    assert pasted(look_at(Path("a.csv"), Description(filter=(("Sequence", "Sequence 2"),)))) == {
        "price_eur_per_mwh": (3600, 20.0, 23.0)
    }


def test_sheets_are_asked_for_by_what_they_hold():
    import openpyxl

    book = openpyxl.Workbook()
    for page, name in ((book.active, "spot"), (book.create_sheet(), "wind farm")):
        page.title = name
        page.append(["time_utc", f"{name}_eur_per_mwh"])
        for i in range(3):
            page.append([datetime(2023, 1, 1, i), float(len(name))])
    book.save("a.xlsx")
    asked = answers(look_at(Path("a.xlsx")))
    assert [option for option, _ in asked] == ["--sheet spot", '--sheet "wind farm"']
    assert asked[1][1].startswith("3 rows of 2 columns") and asked[1][1].endswith("begins with 9")
    assert look_at(Path("a.xlsx"), Description(sheet="spot")).columns[0].first == 4.0


def test_decimals_or_thousands_are_asked_and_the_answer_goes_into_the_lines():
    Path("a.csv").write_text("time_utc;price_eur_per_mwh\n2023-01-01 00:00;1.012\n2023-01-01 01:00;2.345\n")
    found = look_at(Path("a.csv"))
    assert answers(found) == [("--decimal .", "'1.012' is 1.012"), ("--thousands .", "'1.012' is 1012")]
    assert np.isnan(found.columns[0].first)
    assert pasted(look_at(Path("a.csv"), Description(thousands="."))) == {"price_eur_per_mwh": (3600, 1012.0, 2345.0)}


# The command ---------------------------------------------------------------------------------------------------------
def test_a_plant_by_mistake_and_a_missing_file_are_told():
    Path("plant.yaml").write_text("h2plant: 1\n")
    assert_refused(h2plant("look", "plant.yaml"), "[not-a-table]", "h2plant check plant.yaml")
    assert_refused(h2plant("look", "none.csv"), "[no-such-file]")
    with pytest.raises(PlantError):
        look_at(Path("plant.yaml"))


def test_options_are_checked_as_entries_are():
    Path("a.csv").write_text(rows("time,price_eur_per_mwh", 3))
    for option, word, part in (
        ("--timezone", "Europe/Berlim", "Europe/Berlin"),
        ("--stamps", "begin", "start"),
        ("--decimal", ";", "choose from"),
        ("--time-format", "%H:%M", "no year"),
    ):
        assert_refused(h2plant("look", "a.csv", option, word), option, part)


def test_json_holds_all_facts():
    Path("a.csv").write_text(rows("time,price,temp_air_degc", 3))
    found = json.loads(h2plant("look", "a.csv", "--json").stdout)
    assert (found["n_rows"], found["zone"], found["questions"]) == (3, "UTC", [])
    assert [one["series"] for one in found["columns"]] == ["", "temp_air_degc"]
    assert found["columns"][1]["last"] == 2.5 and len(found["columns"][1]["course"]) == N_PARTS
    assert found["lines"] == ["  temp_air_degc: {file: a.csv}"]


def test_what_looks_like_yaml_stands_in_quotes_and_many_columns_are_listed():
    names: Sequence[str] = ["wind: a, b (m/s)", *(f"x{i}" for i in range(14))]
    Path("a b.csv").write_text(rows(";".join(["time", *names]), 3, sign=";"))
    found = look_at(Path("a b.csv"))
    assert pasted(found) == {"wind_speed_m_per_s": (3600, 0.5, 2.5)}
    shown = h2plant("look", "a b.csv").text
    assert "more columns of numbers (--all shows them): x0, x1" in shown
    assert "more columns" not in h2plant("look", "a b.csv", "--all").text


# Heads of real files -------------------------------------------------------------------------------------------------
HEADS = Path(__file__).parents[1] / "data" / "formats"


@pytest.mark.parametrize(
    ("name", "zone", "span", "steps", "column", "first", "last"),
    [
        # by hand from the first and the last line of each
        ("amsterdam.epw", "Etc/GMT-1", "1994-12-31T23 1995-01-01T09", [3600], "Dry Bulb Temperature", 5.2, 6.9),
        ("tmy3.csv", "Etc/GMT+5", "1988-01-01T19 1988-01-02T05", [3600], "Dry-bulb (C)", 10.0, 4.6),
        ("wtk.csv", "Etc/GMT+6", "2014-01-01T06 2014-01-01T16", [3600], "", 12.0, 7.5),
        ("ninja_wind.csv", "UTC", "2019-01-01T00 2019-01-01T10", [3600], "", 8.0, 10.25),
        ("entsoe_quarter_hours.csv", "Europe/Brussels", "2025-09-30T19 2025-09-30T23", [3600, 900], "", 21.5, 3.25),
        ("smard_zones.csv", "offset", "2020-10-24T23 2020-10-25T03", [3600], "price", 3.5, 3.0),
        ("nsrdb_psm3_2017.csv", "UTC", "2017-01-01T11 2017-01-01T16", [1800], "Temperature", -8.4, -3.9),
    ],
)
def test_head_of_a_real_file(name, zone, span, steps, column, first, last):
    found = look_at(HEADS / name)
    begin, end = (int(datetime.fromisoformat(f"{hour}:00+00:00").timestamp()) for hour in span.split())
    assert (found.zone, found.first_s, found.end_s, [one.step_s for one in found.steps]) == (zone, begin, end, steps)
    shown = [(one.first, one.last) for one in found.columns if column in ("", one.name)]
    assert (first, last) in shown and (column == "" or shown == [(first, last)])
    assert [one.id for one in found.questions] == (["ambiguous-zone"] if name.startswith("nsrdb") else [])


def test_lines_of_all_known_formats_read_their_files():
    for file in sorted(HEADS.iterdir()):
        found = look_at(file)
        if found.questions or found.first_s is None or not found.lines:
            continue
        if all(line.lstrip().startswith("#") for line in found.lines):
            continue
        whole = [one.series for one in found.columns if one.is_known and not one.n_missing]
        read_as = pasted(found, whole) if whole else {}
        for one in found.columns:
            if one.series in read_as and one.unit in ("degc", "m_per_s", "eur_per_mwh"):
                assert read_as[one.series][1] == pytest.approx(one.first, abs=1e-6), (file.name, one)
