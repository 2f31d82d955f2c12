"""Intervals that a table writes out are as long as its rows, or found; so are times that there are not."""

import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from h2plant.config.load import read_plant
from h2plant.config.tables.axis import Axis, show_time, time_axis
from h2plant.config.tables.look import look_at
from h2plant.config.tables.read import read_table
from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import Description

BEGIN = datetime(2023, 1, 14)
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
Form = Callable[[datetime, datetime], str]


def dashed(begin: datetime, end: datetime) -> str:
    return f"{begin:%Y-%m-%d %H:%M} - {end:%Y-%m-%d %H:%M}"


def of_clock(begin: datetime, end: datetime) -> str:
    return f"{begin:%d.%m.%Y %H:%M} - {end:%H:%M}"


def iso(begin: datetime, end: datetime) -> str:
    return f"{begin:%Y-%m-%dT%H:%MZ}/{end:%Y-%m-%dT%H:%MZ}"


def slashed(begin: datetime, end: datetime) -> str:
    return f"{begin:%d/%m/%Y %H:%M} - {end:%d/%m/%Y %H:%M}"


FORMS = (dashed, of_clock, iso, slashed)


def read(tmp_path: Path, times: list[str], **how: object) -> tuple[Axis | None, list[Finding]]:
    file = tmp_path / "prices.csv"
    file.write_text("time,price_eur_per_mwh\n" + "".join(f"{t},{40 + k}\n" for k, t in enumerate(times)), "utf-8")
    findings: list[Finding] = []
    table = read_table(file, findings, Description(**how))  # type: ignore[arg-type]
    return (None if table is None else time_axis(table, Description(**how), "UTC", findings)), findings  # type: ignore[arg-type]


def rows(form: Form, length: timedelta, step: timedelta = HOUR, n: int = 30) -> list[str]:
    return [form(BEGIN + k * step, BEGIN + k * step + length) for k in range(n)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("length", [HOUR, HOUR - timedelta(minutes=1)])
def test_intervals_as_long_as_their_rows_are_read(tmp_path: Path, form: Form, length: timedelta) -> None:
    axis, findings = read(tmp_path, rows(form, length))
    assert not findings and axis is not None
    assert (show_time(axis.first_s), axis.resolution_s, axis.at) == ("2023-01-14T00:00Z", 3600, "start")


@pytest.mark.parametrize("form", FORMS)
def test_a_quarter_in_rows_of_an_hour_is_found(tmp_path: Path, form: Form) -> None:
    axis, findings = read(tmp_path, rows(form, QUARTER))
    assert axis is None and findings[0].id == "uneven-time" and findings[0].line == 2
    assert "lasts 15 min, and the row 60 min" in findings[0].what and "rows that are missing" in findings[0].remedy


@pytest.mark.parametrize("form", FORMS)
def test_one_wrong_end_is_found_in_its_line(tmp_path: Path, form: Form) -> None:
    times = rows(form, HOUR)
    times[7] = form(BEGIN + 7 * HOUR, BEGIN + 7 * HOUR + QUARTER)
    axis, findings = read(tmp_path, times)
    assert axis is None and [f.line for f in findings] == [9]


@pytest.mark.parametrize(("length", "says"), [(-HOUR, "ends before it begins"), (timedelta(0), "ends when it begins")])
@pytest.mark.parametrize("form", [dashed, iso, slashed])
def test_reversed_and_empty_intervals_are_found(tmp_path: Path, form: Form, length: timedelta, says: str) -> None:
    axis, findings = read(tmp_path, rows(form, length))
    assert axis is None and says in findings[0].what


def test_an_end_that_is_no_time_is_found(tmp_path: Path) -> None:
    times = rows(dashed, HOUR)
    times[3] = times[3].rpartition(" - ")[0] + " - 2023-13-45 00:00"
    axis, findings = read(tmp_path, times)
    assert axis is None and findings[0].line == 5 and "2023-13-45" in findings[0].what


@pytest.mark.parametrize(
    "form",
    [
        "{0:%Y-%m-%d} {0:%I:%M} {0:%p} - {1:%I:%M} {1:%p}",
        "{0:%Y-%m-%d %H:%M}+01:00 - {1:%H:%M}+01:00",
        "{0:%Y-%m-%dT%H:%MZ} - {1:%H:%MZ}",
        "{0:%d.%m.%Y %H:%M} - {1:%H:%M} Uhr",
        "{0:%d.%m.%Y %H:%M} - {1:%d.%m.%Y %H:%M} (CET/CEST)",
        "{0:%Y-%m-%d %H:%M:%S}.000 - {1:%H:%M:%S}.000",
    ],
)
def test_ends_in_other_forms_are_no_reason_to_refuse_a_table(tmp_path: Path, form: str) -> None:
    axis, findings = read(tmp_path, [form.format(BEGIN + k * HOUR, BEGIN + (k + 1) * HOUR) for k in range(48)])
    assert not findings and axis is not None and axis.resolution_s == 3600


def test_ends_with_a_date_only_where_the_day_ends_are_compared_each_by_itself(tmp_path: Path) -> None:
    def mixed(begin: datetime, end: datetime) -> str:
        return of_clock(begin, end) if begin.date() == end.date() else f"{begin:%d.%m.%Y %H:%M} - {end:%d.%m.%Y %H:%M}"

    times = rows(mixed, HOUR, n=48)
    axis, findings = read(tmp_path, times)
    assert not findings and axis is not None and axis.n == 48
    times[23] = times[23].replace("15.01.2023", "16.01.2023")
    times[30] = f"{times[30][:-5]}09:00"
    axis, findings = read(tmp_path, times)
    assert axis is None and [f.line for f in findings] == [25, 32]


@pytest.mark.parametrize("day", [datetime(2023, 3, 26), datetime(2023, 10, 29)])
@pytest.mark.parametrize("form", [dashed, of_clock, slashed])
def test_a_change_of_the_clock_is_no_other_length(tmp_path: Path, form: Form, day: datetime) -> None:
    zone = ZoneInfo("Europe/Berlin")
    first = (day - timedelta(hours=6)).replace(tzinfo=zone).astimezone(UTC)
    ends = [(first + k * HOUR).astimezone(zone) for k in range(31)]
    axis, findings = read(tmp_path, [form(a, b) for a, b in itertools.pairwise(ends)], timezone=zone.key)
    assert not findings and axis is not None and axis.n == 30


def test_gaps_and_a_change_of_resolution_are_no_wrong_ends(tmp_path: Path) -> None:
    times = rows(dashed, HOUR)
    del times[10:13]
    axis, findings = read(tmp_path, times)
    assert not findings and axis is not None and len(axis.gaps) == 1
    begin = BEGIN + 30 * HOUR
    later = [dashed(begin + k * QUARTER, begin + (k + 1) * QUARTER) for k in range(200)]
    axis, findings = read(tmp_path, [*rows(dashed, HOUR), *later])
    assert not findings and axis is not None and axis.resolution_s == 900


def test_days_and_months_by_their_last_day_are_read(tmp_path: Path) -> None:
    days = [
        f"{BEGIN + k * 24 * HOUR:%Y-%m-%d} - {BEGIN + (k + one) * 24 * HOUR:%Y-%m-%d}"
        for one in (1, 0)
        for k in range(9)
    ]
    for times in (days[:9], [f"2023-{m:02d}-01 - 2023-{m + 1:02d}-01" for m in range(1, 12)]):
        axis, findings = read(tmp_path, times)
        assert not findings and axis is not None and axis.n_intervals.size == len(times)
    months = [
        f"2023-{m:02d}-01 - 2023-{m:02d}-{d}" for m, d in enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1)
    ]
    axis, findings = read(tmp_path, months)
    assert not findings and axis is not None


# Times that there are not --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("times", "says", "remedy"),
    [
        (["2022-12-31T23:59:58Z", "2022-12-31T23:59:59Z", "2022-12-31T23:59:60Z"], "leap second", "take the row out"),
        (["1799-12-31T22:00Z", "1799-12-31T23:00Z"], "beyond the years 1800 to 2200", "correct the year"),
        (["9999-12-31T22:00Z", "9999-12-31T23:00Z"], "beyond the years 1800 to 2200", "correct the year"),
        (["31.12.0000 22:00", "31.12.0000 23:00"], "beyond the years 1800 to 2200", "correct the year"),
        (["2023-02-29 00:00", "2023-02-29 01:00"], "is a day that there is not", "correct the date"),
        (["2023-01-01 13:00 PM", "2023-01-01 02:00 PM"], "an hour 13 beside AM or PM", "from 1 to 12"),
        (["2023-01-01 00:00:00.5", "2023-01-01 01:00:00.5"], "fraction of a second", "round the times"),
    ],
)  # fmt: skip
def test_times_that_there_are_not_have_a_remedy(tmp_path: Path, times: list[str], says: str, remedy: str) -> None:
    axis, findings = read(tmp_path, times)
    assert axis is None and {f.id for f in findings} == {"bad-time"}
    assert says in findings[-1].what and remedy in findings[-1].remedy


@pytest.mark.parametrize("year", [1799, 2201, 9999, 99999])
def test_years_beyond_have_the_same_answer_in_columns_of_their_own(tmp_path: Path, year: int) -> None:
    file = tmp_path / "prices.csv"
    text = "".join(f"{year},1,1,{h},40\n" for h in range(24))
    file.write_text("year,month,day,hour,price_eur_per_mwh\n" + text, encoding="utf-8")
    findings: list[Finding] = []
    table = read_table(file, findings)
    assert table is not None and time_axis(table, Description(), "UTC", findings) is None
    assert "beyond the years 1800 to 2200" in findings[0].what and "correct the year" in findings[0].remedy


@pytest.mark.parametrize("hour", ["²", "9" * 5000, "1" + " " * 100_000 + "1", "٣٣", "-1", "1e400", "nan"])
def test_an_hour_that_is_none_is_a_finding_and_not_endless(tmp_path: Path, hour: str) -> None:
    file = tmp_path / "prices.csv"
    cells = [hour if k == 3 else str(k) for k in range(24)]
    file.write_text("date,hour,price_eur_per_mwh\n" + "".join(f"2023-01-14,{h},40\n" for h in cells), encoding="utf-8")
    findings: list[Finding] = []
    table = read_table(file, findings)
    assert table is not None and time_axis(table, Description(), "UTC", findings) is None
    assert findings[0].line == 5 and len(findings[0].what) < 700


@pytest.mark.parametrize(
    "endless", ["mez" + " " * 100_000 + "x", "a [" * 30_000, "_" * 100_000, "2023-01-01 - " * 8_000]
)
@pytest.mark.parametrize("row", ["before", "header"])
def test_endless_cells_before_the_rows_take_no_time(tmp_path: Path, endless: str, row: str) -> None:
    file = tmp_path / "prices.csv"
    head = f"{endless}\ntime;price_eur_per_mwh;note" if row == "before" else f"time;price_eur_per_mwh;{endless}"
    file.write_text("\n".join([head, *(f"2023-01-14 {h:02d}:00;40;a" for h in range(24)), ""]), encoding="utf-8")
    began = time.process_time()
    look_at(file)
    assert time.process_time() - began < 5.0


def test_a_zone_like_none_suggests_none(tmp_path: Path) -> None:
    plant = tmp_path / "plant.yaml"
    plant.write_text(
        "h2plant: 1\nname: mars\ntimezone: Mars/Olympus\ncomponents: {a: {kind: none}}\n", encoding="utf-8"
    )
    _, findings = read_plant(plant)
    remedy = next(f.remedy for f in findings if f.id == "unknown-timezone")
    assert "'Europe/Amsterdam'" in remedy and "Africa" not in remedy
    plant.write_text(plant.read_text(encoding="utf-8").replace("Mars/Olympus", "Europe/Berlinn"), encoding="utf-8")
    assert any("'Europe/Berlin'" in f.remedy for f in read_plant(plant)[1])
